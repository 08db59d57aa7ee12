"""Answers to exercise 4, *Who decides, who pays?*: right in many ways, and wrong in the ways of students."""

import numpy as np
import pandas as pd

from . import BOUNDARY, CONSTANT, EDGE, MISCONCEPTION, MUTATES, Bank, Sample

BANK = Bank(__file__)

SPACE = BANK.task("decision_space")


@SPACE.right("a loop over the rows")
def decision_space(df, tier, weights=None, column="de_jure"):
    top = bottom = 0
    for i in range(len(df)):
        row = df.iloc[i]
        if row["tier"] != tier or pd.isna(row[column]):
            continue
        weight = 1 if weights is None else weights[row["function"]]
        top += weight * row[column]
        bottom += weight
    return float("nan") if bottom == 0 else top / bottom


@SPACE.right("drops what is missing, then numpy's average")
def decision_space(df, tier, weights=None, column="de_jure"):
    rows = df.loc[df["tier"].values == tier, ["function", column]].dropna()
    w = np.ones(len(rows)) if weights is None else rows["function"].map(weights).astype(float).values
    if w.sum() == 0:
        return np.nan
    return np.average(rows[column].astype(float).values, weights=w)


@SPACE.right("a masked array")
def decision_space(df, tier, weights=None, column="de_jure"):
    rows = df.reset_index(drop=True).query("tier == @tier")
    level = np.ma.masked_invalid(rows[column].astype(float))
    weight = rows["function"].map(lambda f: 1.0 if weights is None else weights[f])
    mean = np.ma.average(level, weights=weight) if len(rows) else np.ma.masked
    return np.nan if mean is np.ma.masked else float(mean)


@SPACE.wrong("what was not read is a 0", MISCONCEPTION, says="what was not read is left out")
def decision_space(df, tier, weights=None, column="de_jure"):
    rows = df[(df["tier"] == tier).to_numpy()]
    level = rows[column].astype(float).fillna(0).to_numpy()
    w = np.array([1.0 if weights is None else weights[f] for f in rows["function"]])
    return (w * level).sum() / w.sum() if w.sum() > 0 else np.nan


@SPACE.wrong("divides by all weights", MISCONCEPTION, loses="tests", says="You divided by all weights")
def decision_space(df, tier, weights=None, column="de_jure"):
    rows = df[(df["tier"] == tier).to_numpy()]
    level = rows[column].astype(float)
    if weights is None:
        return level.mean() if len(rows) else np.nan
    w = rows["function"].map(weights)
    known = level.notna()
    if w[known].sum() == 0:
        return np.nan
    return (w * level).sum() / w.sum()


@SPACE.wrong("always the law", EDGE, says="use the argument column")
def decision_space(df, tier, weights=None, column="de_jure"):
    rows = df[(df["tier"] == tier).to_numpy()].dropna(subset=["de_jure"])
    w = np.array([1.0 if weights is None else weights[f] for f in rows["function"]])
    return (w * rows["de_jure"].astype(float).to_numpy()).sum() / w.sum() if w.sum() > 0 else np.nan


SPACE.slip(
    "0 where nothing is known",
    EDGE,
    of="a loop over the rows",
    change={'float("nan")': "0.0"},
    loses="edges",
    says='that is nan, and not "no choice"',
)
SPACE.slip(
    "every tier",
    BOUNDARY,
    of="a loop over the rows",
    change={'row["tier"] != tier or ': ""},
    says="only the rows of the tier count",
)
SPACE.slip(
    "the weights are forgotten",
    BOUNDARY,
    of="a loop over the rows",
    change={'1 if weights is None else weights[row["function"]]': "1"},
    says="The weights have no effect",
)


@SPACE.wrong("fills the table that came in", MUTATES, loses="tests", says="changed the table that was passed in")
def decision_space(df, tier, weights=None, column="de_jure"):
    df["w"] = 1.0 if weights is None else df["function"].map(weights).astype(float)
    rows = df[(df["tier"] == tier).to_numpy()].dropna(subset=[column])
    if rows["w"].sum() == 0:
        return np.nan
    return (rows["w"] * rows[column].astype(float)).sum() / rows["w"].sum()


@SPACE.wrong("the worked example typed in", CONSTANT, says="The weights have no effect")
def decision_space(df, tier, weights=None, column="de_jure"):
    return 1.0


@SPACE.wrong("pandas' NA where nothing is known", EDGE, loses="edges", says="you returned pandas' NA")
def decision_space(df, tier, weights=None, column="de_jure"):
    rows = df[(df["tier"] == tier).to_numpy()].reset_index(drop=True)
    if weights is None:
        return rows[column].mean()
    w = rows["function"].map(weights)[rows[column].notna()]
    return (rows[column].dropna() * w).sum() / w.sum() if w.sum() > 0 else np.nan


@SPACE.wrong("the plain mean where all weights are 0", EDGE, loses="edges", says="not the plain mean, either")
def decision_space(df, tier, weights=None, column="de_jure"):
    rows = df[df["tier"] == tier].dropna(subset=[column])
    if len(rows) == 0:
        return np.nan
    level = rows[column].astype(float).to_numpy()
    if weights is None:
        return level.mean()
    w = np.array([weights[f] for f in rows["function"]], dtype=float)
    if w.sum() == 0:
        return level.mean()
    return (level * w).sum() / w.sum()


@SPACE.wrong("known in law decides for practice", MISCONCEPTION, loses="tests", says="you took what is known in law")
def decision_space(df, tier, weights=None, column="de_jure"):
    rows = df[df["tier"] == tier]
    if weights is None:
        return rows[column].astype(float).mean()
    w = rows["function"].map(weights).to_numpy(dtype=float)
    known = rows["de_jure"].notna().to_numpy()
    level = rows[column].astype(float).fillna(0).to_numpy()
    total = w[known].sum()
    if total == 0:
        return np.nan
    return (level * w)[known].sum() / total


GAP = BANK.task("autonomy_gap")


@GAP.right("a loop over the tiers")
def autonomy_gap(df):
    rows = list(zip(df["tier"], df["de_jure"], df["de_facto"]))
    gaps = {}
    for tier in set(df["tier"]):
        found = [float(j) - float(f) for t, j, f in rows if t == tier and pd.notna(j) and pd.notna(f)]
        gaps[tier] = sum(found) / len(found) if found else float("nan")
    known = sorted((t for t in gaps if gaps[t] == gaps[t]), key=lambda t: (-round(gaps[t], 10), t))
    unknown = sorted(t for t in gaps if gaps[t] != gaps[t])
    return pd.Series({t: gaps[t] for t in known + unknown}, dtype=float)


@GAP.right("a new column, groupby, two sorts")
def autonomy_gap(df):
    table = df.reset_index(drop=True).assign(gap=lambda d: d["de_jure"].astype(float) - d["de_facto"].astype(float))
    mean = table.groupby("tier")["gap"].mean()
    return mean.sort_index().round(12).sort_values(ascending=False, kind="stable", na_position="last")


@GAP.right("two wide tables")
def autonomy_gap(df):
    data = df.copy()
    law = data.pivot(index="tier", columns="function", values="de_jure").astype(float)
    practice = data.pivot(index="tier", columns="function", values="de_facto").astype(float)
    gap = (law - practice).mean(axis=1)
    table = pd.DataFrame({"gap": gap.to_numpy(), "tier": list(gap.index)})
    table = table.sort_values(["gap", "tier"], ascending=[False, True], na_position="last")
    return pd.Series(table["gap"].to_numpy(), index=table["tier"].to_numpy())


@GAP.wrong("a missing level is a 0", MISCONCEPTION, says="You counted a missing level as 0")
def autonomy_gap(df):
    gap = df["de_jure"].astype(float).fillna(0) - df["de_facto"].astype(float).fillna(0)
    mean = pd.Series(gap.to_numpy()).groupby(df["tier"].to_numpy()).mean()
    return mean.sort_index().sort_values(ascending=False, kind="stable")


@GAP.wrong("a difference of two means", MISCONCEPTION, loses="tests", says="difference of two means")
def autonomy_gap(df):
    means = df.assign(de_jure=df["de_jure"].astype(float), de_facto=df["de_facto"].astype(float))
    means = means.groupby("tier")[["de_jure", "de_facto"]].mean()
    gap = (means["de_jure"] - means["de_facto"]).round(12)
    return gap.sort_index().sort_values(ascending=False, kind="stable")


@GAP.wrong("without its sign", MISCONCEPTION, loses="tests", says="The sign is lost")
def autonomy_gap(df):
    gap = (df["de_jure"].astype(float) - df["de_facto"].astype(float)).abs()
    mean = pd.Series(gap.to_numpy()).groupby(df["tier"].to_numpy()).mean().round(12)
    return mean.sort_index().sort_values(ascending=False, kind="stable")


@GAP.wrong("the smallest first", BOUNDARY, says="The largest gap comes first")
def autonomy_gap(df):
    gap = df["de_jure"].astype(float) - df["de_facto"].astype(float)
    mean = pd.Series(gap.to_numpy()).groupby(df["tier"].to_numpy()).mean().round(12)
    return mean.sort_index().sort_values(kind="stable", na_position="first")


GAP.slip(
    "ties as they come",
    BOUNDARY,
    of="a new column, groupby, two sorts",
    change={'groupby("tier")': 'groupby("tier", sort=False)', ".sort_index()": ""},
    says="by name",
)
GAP.slip(
    "a tier without a match is dropped",
    EDGE,
    of="a new column, groupby, two sorts",
    change={"mean.sort_index()": "mean.dropna().sort_index()"},
    loses="edges",
    says="keep it in the result",
)
GAP.slip(
    "nan comes first",
    EDGE,
    of="a new column, groupby, two sorts",
    change={'na_position="last"': 'na_position="first"'},
    says="comes last",
)


@GAP.wrong("writes into the table", MUTATES, loses="tests", says="changed the table that was passed in")
def autonomy_gap(df):
    df["gap"] = df["de_jure"].astype(float) - df["de_facto"].astype(float)
    mean = df.groupby("tier")["gap"].mean().round(12)
    return mean.sort_index().sort_values(ascending=False, kind="stable")


@GAP.wrong("the worked example typed in", CONSTANT, says="north first")
def autonomy_gap(df):
    return pd.Series({"group": 1.0, "state": -0.5, "hospital": np.nan})


@GAP.wrong("tiers without a match as they come", EDGE, loses="edges", says="come last, by name")
def autonomy_gap(df):
    both = df.dropna(subset=["de_jure", "de_facto"])
    gaps = (both["de_jure"] - both["de_facto"]).astype(float).groupby(both["tier"].to_numpy()).mean()
    gaps = gaps.sort_index().sort_values(ascending=False, kind="stable")
    rest = [t for t in df["tier"].unique() if t not in gaps.index]
    return gaps.reindex(list(gaps.index) + rest)


@GAP.wrong("rounded to two decimals", EDGE, loses="tests", says="round nothing")
def autonomy_gap(df):
    gap = (df["de_jure"].astype(float) - df["de_facto"].astype(float)).to_numpy()
    mean = pd.Series(gap).groupby(df["tier"].to_numpy()).mean().round(2)
    return mean.sort_index().sort_values(ascending=False, kind="stable", na_position="last")


@GAP.wrong("in order of size without sign", MISCONCEPTION, loses="tests", says="a gap below 0 comes after 0")
def autonomy_gap(df):
    gap = (df["de_jure"].astype(float) - df["de_facto"].astype(float)).to_numpy()
    mean = pd.Series(gap).groupby(df["tier"].to_numpy()).mean().sort_index()
    order = mean.abs().sort_values(ascending=False, kind="stable", na_position="last").index
    return mean.loc[order]


WELFARE = BANK.task("welfare")


@WELFARE.right("a loop over the regions")
def welfare(theta, capacity, kappa, spill):
    theta = list(theta)
    if np.ndim(capacity) == 0:
        capacity = [capacity] * len(theta)
    capacity = list(capacity)
    if len(capacity) != len(theta):
        raise ValueError("capacity")
    mean = sum(theta) / len(theta)
    centre = regions = 0.0
    for need, skill in zip(theta, capacity):
        centre -= (mean - need) ** 2
        regions -= (kappa * (1 - skill)) ** 2 + spill
    return centre, regions


@WELFARE.right("variance times the number of regions")
def welfare(theta, capacity, kappa, spill):
    theta = np.array(theta, dtype=float)
    n = theta.size
    skill = np.array(capacity, dtype=float)
    if skill.shape not in ((), (n,)):
        raise ValueError(f"{skill.shape} capacities for {n} regions")
    return -n * theta.var(), -n * (kappa**2 * np.mean((1 - skill) ** 2) + spill)


@WELFARE.wrong("means in place of sums", MISCONCEPTION, loses="tests", says="return the sum")
def welfare(theta, capacity, kappa, spill):
    theta = np.array(theta, dtype=float)
    skill = np.array(capacity, dtype=float)
    if skill.shape not in ((), (theta.size,)):
        raise ValueError("capacity")
    return -theta.var(), -(kappa**2 * np.mean((1 - skill) ** 2) + spill)


WELFARE.slip(
    "the spillover once",
    MISCONCEPTION,
    of="a loop over the regions",
    change={" ** 2 + spill": " ** 2", "return centre, regions": "return centre, regions - spill"},
    loses="tests",
    says="for each region, not once",
)
WELFARE.slip(
    "capacity in place of what is lacking",
    MISCONCEPTION,
    of="a loop over the regions",
    change={"(1 - skill)": "skill"},
    loses="tests",
    says="C in place of 1 - C",
)
WELFARE.slip(
    "losses without a minus",
    BOUNDARY,
    of="a loop over the regions",
    change={"centre -=": "centre +=", "regions -=": "regions +="},
    says="A loss is negative",
)
WELFARE.slip(
    "kappa not squared",
    BOUNDARY,
    of="a loop over the regions",
    change={"(kappa * (1 - skill)) ** 2": "kappa * (1 - skill) ** 2"},
    says="kappa is squared",
)


@WELFARE.wrong("numpy stretches what does not fit", EDGE, loses="edges", says="numpy would stretch one")
def welfare(theta, capacity, kappa, spill):
    theta, skill = np.array(theta, dtype=float), np.array(capacity, dtype=float)
    missed = kappa * (1 - np.broadcast_to(skill, theta.shape))
    return -((theta - theta.mean()) ** 2).sum(), -(missed**2 + spill).sum()


@WELFARE.wrong("centres the needs in place", MUTATES, loses="edges", says="changed its inputs")
def welfare(theta, capacity, kappa, spill):
    skill = np.array(capacity, dtype=float)
    if skill.shape not in ((), (len(theta),)):
        raise ValueError("capacity")
    need = np.asarray(theta) if isinstance(theta, np.ndarray) else np.array(theta, dtype=float)
    need -= need.mean()
    return -(need**2).sum(), -(kappa**2 * (1 - np.broadcast_to(skill, need.shape)) ** 2 + spill).sum()


@WELFARE.wrong("the worked example typed in", CONSTANT, says="Capacities 1, 1, 0, 0")
def welfare(theta, capacity, kappa, spill):
    return -10.0, -11.0


@WELFARE.wrong("only a list is checked", EDGE, loses="edges", says="3 capacities (ndarray) for four regions")
def welfare(theta, capacity, kappa, spill):
    if isinstance(capacity, list) and len(capacity) != len(theta):
        raise ValueError("lengths")
    theta = np.array(theta, dtype=float)
    if isinstance(capacity, (int, float)):
        capacity = [capacity] * len(theta)
    c = np.array(capacity, dtype=float)
    return -((theta.mean() - theta) ** 2).sum(), -((kappa * (1 - c)) ** 2 + spill).sum()


@WELFARE.wrong("only too few are refused", EDGE, loses="edges", says="5 capacities (list) for four regions")
def welfare(theta, capacity, kappa, spill):
    theta = list(theta)
    n = len(theta)
    mean = sum(theta) / n
    c = [capacity] * n if np.isscalar(capacity) else list(capacity)
    if len(c) < n:
        raise ValueError("not enough capacities")
    return -sum((mean - t) ** 2 for t in theta), -sum(kappa**2 * (1 - x) ** 2 + spill for _, x in zip(theta, c))


@WELFARE.wrong("one number for one region", MISCONCEPTION, loses="tests", says="That is the loss of one region")
def welfare(theta, capacity, kappa, spill):
    theta, skill = np.array(theta, dtype=float), np.array(capacity, dtype=float)
    if skill.shape not in ((), theta.shape):
        raise ValueError("capacity")
    return -((theta - theta.mean()) ** 2).sum(), -(kappa**2 * (1 - skill) ** 2 + spill).sum()


THRESHOLD = BANK.task("capacity_threshold")


@THRESHOLD.right("a loop for the variance")
def capacity_threshold(theta, kappa, spill):
    needs = [float(x) for x in theta]
    mean = sum(needs) / len(needs)
    variance = sum((x - mean) ** 2 for x in needs) / len(needs)
    if spill > variance - 1e-12:
        return 1.0
    if kappa == 0:
        return 0.0
    star = 1 - np.sqrt((variance - spill) / kappa**2)
    return star if star > 0 else 0.0


@THRESHOLD.right("clips at the end")
def capacity_threshold(theta, kappa, spill):
    left = pd.Series(np.array(theta, dtype=float)).var(ddof=0) - spill
    if left < 1e-12:
        left = 0
    if left > 0 and kappa == 0:
        return 0
    root = 0 if left == 0 else np.sqrt(left) / kappa
    return np.clip(1 - root, 0, 1)


THRESHOLD.slip(
    "the variance of a sample",
    MISCONCEPTION,
    of="clips at the end",
    change={"ddof=0": "ddof=1"},
    says="variance of a sample",
)
THRESHOLD.slip(
    "the spillover is left out",
    MISCONCEPTION,
    of="a loop for the variance",
    change={"(variance - spill) / kappa": "variance / kappa"},
    loses="tests",
    says="You left out the spillover",
)
THRESHOLD.slip(
    "the spillover is added",
    MISCONCEPTION,
    of="a loop for the variance",
    change={"(variance - spill) / kappa": "(variance + spill) / kappa"},
    loses="tests",
    says="not added",
)
THRESHOLD.slip(
    "not taken from 1",
    BOUNDARY,
    of="a loop for the variance",
    change={"1 - np.sqrt": "np.sqrt"},
    says="1 minus the root",
)
THRESHOLD.slip(
    "no root",
    BOUNDARY,
    of="a loop for the variance",
    change={"np.sqrt((variance - spill) / kappa**2)": "(variance - spill) / kappa**2"},
    loses="tests",
    says="Take the square root",
)
THRESHOLD.slip(
    "below 0",
    EDGE,
    of="a loop for the variance",
    change={"star if star > 0 else 0.0": "star"},
    loses="edges",
    says="below 0: return 0.0",
)


@THRESHOLD.wrong("kappa comes first", EDGE, loses="edges", says="rule 1 comes first")
def capacity_threshold(theta, kappa, spill):
    left = np.var(np.array(theta, dtype=float)) - spill
    if kappa == 0:
        return 0.0
    if left < 1e-12:
        return 1.0
    return max(0.0, 1 - np.sqrt(left / kappa**2))


THRESHOLD.slip(
    "equal is not at least",
    EDGE,
    of="a loop for the variance",
    change={"spill > variance - 1e-12": "spill > variance + 1e-12"},
    loses="edges",
    says="the variance is 0 within the tolerance",
)


@THRESHOLD.wrong("nan where there is no root", EDGE, loses="edges", says="regions never do better, so 1.0, not nan")
def capacity_threshold(theta, kappa, spill):
    left = np.var(np.array(theta, dtype=float)) - spill
    return max(0.0, 1 - np.sqrt(left) / kappa) if left >= 0 else float("nan")


@THRESHOLD.wrong("centres the needs in place", MUTATES, loses="edges", says="changed its input")
def capacity_threshold(theta, kappa, spill):
    need = theta if isinstance(theta, np.ndarray) else np.array(theta, dtype=float)
    need -= need.mean()
    left = (need**2).mean() - spill
    if left <= 1e-12:
        return 1.0
    return 0.0 if kappa == 0 else max(0.0, 1 - left**0.5 / kappa)


@THRESHOLD.wrong("sorts the needs in place", MUTATES, loses="edges", says="changed its input")
def capacity_threshold(theta, kappa, spill):
    if isinstance(theta, np.ndarray):
        theta.sort()
    left = np.var(np.array(theta, dtype=float)) - spill
    if left <= 1e-12:
        return 1.0
    return 0.0 if kappa == 0 else max(0.0, 1 - left**0.5 / kappa)


@THRESHOLD.wrong("the worked example typed in", CONSTANT, says="regions never do better")
def capacity_threshold(theta, kappa, spill):
    return 1 - 0.5**0.5


THRESHOLD.slip(
    "the noise of a variance decides",
    EDGE,
    of="a loop for the variance",
    change={"spill > variance - 1e-12": "spill >= variance"},
    loses="edges",
    says="the variance is 0 within the tolerance",
)


THRESHOLD.slip(
    "divides by a kappa of 0",
    EDGE,
    of="a loop for the variance",
    change={"    if kappa == 0:\n        return 0.0\n": ""},
    loses="edges",
    says="regions never miss (rule 2)",
)


ACTIVITY = BANK.task("activity")


@ACTIVITY.right("the profit first")
def activity(a, b, c, beta, r):
    if beta <= 0 or beta > 1:
        raise ValueError("beta")
    profit = r - c
    acts = (beta * a + profit) / (beta * b)
    return acts if acts > 0 else 0


@ACTIVITY.right("numpy's maximum")
def activity(a, b, c, beta, r):
    if not (0 < beta and beta <= 1):
        raise ValueError(f"beta = {beta}")
    return float(np.maximum(0, a / b + (r - c) / (beta * b)))


ACTIVITY.slip(
    "times beta",
    MISCONCEPTION,
    of="numpy's maximum",
    change={"(r - c) / (beta * b)": "(r - c) * beta / b"},
    says="do not multiply",
)


@ACTIVITY.wrong("beta is left out", MISCONCEPTION, says="divide r - c by it")
def activity(a, b, c, beta, r):
    if not 0 < beta <= 1:
        raise ValueError("beta")
    return max(0.0, (a + (r - c)) / b)


@ACTIVITY.wrong("the cost is left out", MISCONCEPTION, says="Take the cost away")
def activity(a, b, c, beta, r):
    if not 0 < beta <= 1:
        raise ValueError("beta")
    return max(0.0, (a + r / beta) / b)


@ACTIVITY.wrong("the slope is left out", BOUNDARY, loses="tests edges", says="Divide by b")
def activity(a, b, c, beta, r):
    if not 0 < beta <= 1:
        raise ValueError("beta")
    return max(0.0, a + (r - c) / beta)


ACTIVITY.slip(
    "fewer than no acts",
    EDGE,
    of="the profit first",
    change={"acts if acts > 0 else 0": "acts"},
    loses="edges",
    says="never below 0",
)


ACTIVITY.slip(
    "a beta of 1 is refused",
    EDGE,
    of="the profit first",
    change={"beta > 1": "beta >= 1"},
    loses="edges",
    says="beta = 1 is allowed",
)


@ACTIVITY.wrong("a beta above 1 goes through", EDGE, loses="edges", says="beta = 2 goes through")
def activity(a, b, c, beta, r):
    if beta <= 0:
        raise ValueError("beta")
    return max(0, (a + (r - c) / beta) / b)


@ACTIVITY.wrong("divides by 0", EDGE, loses="edges", says="raise ValueError before you divide")
def activity(a, b, c, beta, r):
    return max(0, (a + (r - c) / beta) / b)


@ACTIVITY.wrong("the worked example typed in", CONSTANT, says="do 3 acts")
def activity(a, b, c, beta, r):
    return 10 if r else 0


@ACTIVITY.wrong("whole acts", MISCONCEPTION, loses="tests edges", says="acts need not be whole")
def activity(a, b, c, beta, r):
    if beta <= 0 or beta > 1:
        raise ValueError("beta")
    return max(0, int(round((a + (r - c) / beta) / b, 9)))


PRICE = BANK.task("optimal_price")


@PRICE.right("what the provider bears is taken away")
def optimal_price(c, beta):
    if beta <= 0 or beta > 1:
        raise ValueError("beta")
    return c - beta * c


@PRICE.right("the share, then the price")
def optimal_price(c, beta):
    share = 1 - beta
    if not 0 <= share < 1:
        raise ValueError(f"beta = {beta}")
    return share * c


@PRICE.wrong("the share", MISCONCEPTION, says="That is the share")
def optimal_price(c, beta):
    if not 0 < beta <= 1:
        raise ValueError("beta")
    return 1 - beta


@PRICE.wrong("what the provider bears", MISCONCEPTION, says="the price is the rest")
def optimal_price(c, beta):
    if not 0 < beta <= 1:
        raise ValueError("beta")
    return c * beta


@PRICE.wrong("the whole cost", MISCONCEPTION, says="multiply by 1 - beta")
def optimal_price(c, beta):
    if not 0 < beta <= 1:
        raise ValueError("beta")
    return c


@PRICE.wrong("a beta of 0 goes through", EDGE, loses="edges", says="beta = 0 goes through")
def optimal_price(c, beta):
    if beta < 0 or beta > 1:
        raise ValueError("beta")
    return c * (1 - beta)


@PRICE.wrong("every beta goes through", BOUNDARY, loses="edges", says="raise ValueError")
def optimal_price(c, beta):
    return c * (1 - beta)


@PRICE.wrong("the worked example typed in", CONSTANT, says="no price is needed")
def optimal_price(c, beta):
    if not 0 < beta <= 1:
        raise ValueError("beta")
    return 4.5


@PRICE.wrong("a beta above 1 costs 0", EDGE, loses="edges", says="beta = 2 goes through")
def optimal_price(c, beta):
    if beta <= 0:
        raise ValueError("beta must be above 0")
    return max(0, c * (1 - beta))


PPP = BANK.task("ppp_npv")


@PPP.right("a loop over the years")
def ppp_npv(public, ppp, rate, p_overrun, overrun, transferred):
    public, ppp = list(public), list(ppp)
    if len(public) != len(ppp):
        raise ValueError("horizons differ")
    saved, factor = 0.0, 1.0
    for own, partner in zip(public, ppp):
        risk = p_overrun * overrun * own
        saved += ((own + risk) - (partner + (1 - transferred) * risk)) * factor
        factor /= 1 + rate
    return saved


@PPP.right("two present values")
def ppp_npv(public, ppp, rate, p_overrun, overrun, transferred):
    def npv(stream):
        return sum(x / (1 + rate) ** t for t, x in enumerate(stream))

    if len(public) != len(ppp):
        raise ValueError("horizons differ")
    own = npv(public)
    risk = own * p_overrun * overrun
    return own + risk - npv(ppp) - risk * (1 - transferred)


@PPP.right("the risk that goes to the partner")
def ppp_npv(public, ppp, rate, p_overrun, overrun, transferred):
    own, partner = np.array(public, float), np.array(ppp, float)
    if own.shape != partner.shape:
        raise ValueError("horizons differ")
    return ((own - partner + p_overrun * overrun * transferred * own) / (1 + rate) ** np.arange(own.size)).sum()


PPP.slip(
    "the risk of what the partner is paid",
    MISCONCEPTION,
    of="two present values",
    change={"risk * (1 - transferred)": "npv(ppp) * p_overrun * overrun * (1 - transferred)"},
    loses="tests",
    says="The retained risk is a share of the public cost",
)
PPP.slip(
    "discounts the first year",
    MISCONCEPTION,
    of="two present values",
    change={"enumerate(stream)": "enumerate(stream, start=1)"},
    says="as a spreadsheet does",
)
PPP.slip(
    "keeps what is transferred",
    MISCONCEPTION,
    of="two present values",
    change={"(1 - transferred)": "transferred"},
    loses="tests edges",
    says="1 - transferred",
)
PPP.slip(
    "partnership minus public",
    BOUNDARY,
    of="a loop over the years",
    change={"return saved": "return -saved"},
    says="The sign is turned round",
)
PPP.slip(
    "nothing is discounted",
    BOUNDARY,
    of="a loop over the years",
    change={"factor /= 1 + rate": "factor /= 1"},
    says="Nothing is discounted",
)
PPP.slip(
    "stops at the shorter stream",
    EDGE,
    of="a loop over the years",
    change={"if len(public) != len(ppp):": "if not public:"},
    loses="edges",
    says="cannot be compared",
)


PPP.slip(
    "the risk of the first year, every year",
    EDGE,
    of="a loop over the years",
    change={"risk = p_overrun * overrun * own": "risk = p_overrun * overrun * public[0]"},
    says="the whole overrun falls now",
)


@PPP.wrong("numpy stretches a single year", EDGE, loses="edges", says="numpy would stretch a single one")
def ppp_npv(public, ppp, rate, p_overrun, overrun, transferred):
    own, partner = np.array(public, float), np.array(ppp, float)
    yearly = own - partner + p_overrun * overrun * transferred * own
    return (yearly / (1 + rate) ** np.arange(yearly.size)).sum()


@PPP.wrong("adds the risk in place", MUTATES, loses="edges", says="changed its inputs")
def ppp_npv(public, ppp, rate, p_overrun, overrun, transferred):
    if len(public) != len(ppp):
        raise ValueError("horizons differ")
    own = public if isinstance(public, np.ndarray) else np.array(public, float)
    own *= 1 + p_overrun * overrun * transferred
    return ((own - np.array(ppp, float)) / (1 + rate) ** np.arange(own.size)).sum()


@PPP.wrong("the worked example typed in", CONSTANT, says="300 now and nothing later")
def ppp_npv(public, ppp, rate, p_overrun, overrun, transferred):
    return 20.29785


@PPP.wrong("only a shorter partnership is refused", EDGE, loses="edges", says="2 and 3 years cannot be compared")
def ppp_npv(public, ppp, rate, p_overrun, overrun, transferred):
    public, ppp = list(public), list(ppp)
    if len(ppp) < len(public):
        raise ValueError("years are missing")
    saved = 0
    for t, (own, fee) in enumerate(zip(public, ppp)):
        risk = p_overrun * overrun * own
        saved += (own + risk - fee - (1 - transferred) * risk) / (1 + rate) ** t
    return saved


@PPP.wrong("what stays is spread evenly", MISCONCEPTION, loses="tests", says="the whole overrun falls now")
def ppp_npv(public, ppp, rate, p_overrun, overrun, transferred):
    public, ppp = np.array(public, dtype=float), np.array(ppp, dtype=float)
    if len(public) != len(ppp):
        raise ValueError("lengths")
    d = (1 + rate) ** -np.arange(len(public), dtype=float)
    expected = p_overrun * overrun
    alone = (public * (1 + expected) * d).sum()
    partner = ((ppp + (1 - transferred) * expected * public.mean()) * d).sum()
    return alone - partner


EFFORT = BANK.task("cost_effort")


@EFFORT.right("two branches")
def cost_effort(delta):
    if delta < 0:
        raise ValueError("delta")
    if delta >= 1:
        return {"efficient": 0, "private": 1, "public": 0}
    return {"efficient": (1 - delta) ** 2, "private": 1, "public": (1 - delta) ** 2 / 4}


@EFFORT.right("numpy's clip")
def cost_effort(delta):
    if not delta >= 0:
        raise ValueError(delta)
    left = np.clip(1 - delta, 0, None)
    return dict(zip(["efficient", "private", "public"], [left * left, 1.0, 0.25 * left * left]))


EFFORT.slip(
    "not squared",
    MISCONCEPTION,
    of="two branches",
    change={'"efficient": (1 - delta) ** 2': '"efficient": (1 - delta)'},
    loses="tests",
    says="Square it",
)


@EFFORT.wrong("the owner bears the harm", MISCONCEPTION, says="bears no harm to quality")
def cost_effort(delta):
    if delta < 0:
        raise ValueError("delta")
    left = max(0, 1 - delta)
    return {"efficient": left**2, "private": left**2, "public": left**2 / 4}


EFFORT.slip(
    "half of the effort",
    MISCONCEPTION,
    of="two branches",
    change={"(1 - delta) ** 2 / 4": "(1 - delta) ** 2 / 2"},
    loses="tests",
    says="halve before you square",
)
EFFORT.slip(
    "halves the harm",
    BOUNDARY,
    of="two branches",
    change={"(1 - delta) ** 2 / 4": "(1 - delta / 2) ** 2"},
    loses="tests",
    says="Halve 1 - delta",
)


@EFFORT.wrong("rises again above 1", EDGE, loses="edges", says="the square rises again")
def cost_effort(delta):
    if delta < 0:
        raise ValueError("delta")
    return {"efficient": (1 - delta) ** 2, "private": 1, "public": ((1 - delta) / 2) ** 2}


EFFORT.slip(
    "a negative harm goes through",
    EDGE,
    of="two branches",
    change={"if delta < 0:": "if delta < -1:"},
    loses="edges",
    says="delta below 0: raise ValueError",
)


@EFFORT.wrong("the worked example typed in", CONSTANT, says="nobody who bears the harm")
def cost_effort(delta):
    return {"efficient": 0.25, "private": 1, "public": 0.0625}


@EFFORT.wrong("the private owner stops as well", MISCONCEPTION, loses="edges", says="goes on, so 1")
def cost_effort(delta):
    if delta < 0:
        raise ValueError("delta is below 0")
    if delta >= 1:
        return {"efficient": 0, "private": 0, "public": 0}
    return {"efficient": (1 - delta) ** 2, "private": 1, "public": ((1 - delta) / 2) ** 2}


HIT = BANK.task("catastrophic")


@HIT.right("a loop over the households")
def catastrophic(df, threshold=0.10, w="size"):
    people = cases = beyond = 0
    for i in range(len(df)):
        row = df.iloc[i]
        if row["consumption"] <= 0 or row["oop"] < 0:
            raise ValueError(f"row {i}")
        weight = 1 if w is None else row[w]
        over = row["oop"] / row["consumption"] - threshold
        people += weight
        if over > 1e-12:
            cases += weight
            beyond += weight * over
    return {
        "headcount": cases / people,
        "overshoot": beyond / people,
        "mean_positive_overshoot": beyond / cases if cases else np.nan,
    }


@HIT.right("columns of a copy")
def catastrophic(df, threshold=0.10, w="size"):
    if (df["consumption"] <= 0).any() or df["oop"].lt(0).any():
        raise ValueError("consumption or oop")
    t = df.reset_index(drop=True)
    t = t.assign(weight=1.0 if w is None else t[w], over=(t["oop"] / t["consumption"] - threshold).round(12))
    t["case"] = t["over"] > 0
    hit = t[t["case"]]
    head, over = np.average(t["case"], weights=t["weight"]), (hit["over"] * hit["weight"]).sum() / t["weight"].sum()
    return {"headcount": head, "overshoot": over, "mean_positive_overshoot": over / head if head else float("nan")}


@HIT.right("lists, and entries in another order")
def catastrophic(df, threshold=0.10, w="size"):
    rows = list(zip(df["oop"], df["consumption"], [1] * len(df) if w is None else df[w]))
    if any(oop < 0 or spent <= 0 for oop, spent, _ in rows):
        raise ValueError("a payment below 0, or nothing consumed")
    over = [(n, oop / spent - threshold) for oop, spent, n in rows if oop / spent - threshold > 1e-12]
    everybody, hit = sum(n for _, _, n in rows), sum(n for n, _ in over)
    beyond = sum(n * x for n, x in over)
    return {
        "mean_positive_overshoot": beyond / hit if hit else float("nan"),
        "overshoot": beyond / everybody,
        "headcount": hit / everybody,
    }


HIT.slip(
    "equal counts as above",
    BOUNDARY,
    of="a loop over the households",
    change={"over > 1e-12": "over >= -1e-12"},
    says="equal to the threshold is not above it",
)
HIT.slip(
    "households in place of persons",
    MISCONCEPTION,
    of="a loop over the households",
    change={"1 if w is None else row[w]": "1"},
    says="You counted households",
)
HIT.slip(
    "averaged over those above",
    MISCONCEPTION,
    of="a loop over the households",
    change={'"overshoot": beyond / people,': '"overshoot": beyond / cases if cases else 0.0,'},
    loses="tests",
    says="the second is over everybody",
)
HIT.slip(
    "the whole share",
    MISCONCEPTION,
    of="a loop over the households",
    change={"beyond += weight * over": "beyond += weight * (over + threshold)"},
    loses="tests",
    says="what lies beyond the threshold",
)
HIT.slip(
    "those below make good for those above",
    MISCONCEPTION,
    of="a loop over the households",
    change={"            beyond += weight * over": "        beyond += weight * over"},
    says="do not make good",
)
HIT.slip(
    "0 over nobody",
    EDGE,
    of="a loop over the households",
    change={"if cases else np.nan": "if cases else 0.0"},
    loses="edges",
    says="the mean over nobody is nan",
)
HIT.slip(
    "a consumption of 0 goes through",
    EDGE,
    of="columns of a copy",
    change={'(df["consumption"] <= 0).any()': '(df["consumption"] < 0).any()'},
    loses="edges",
    says="makes no sense: raise ValueError",
)
HIT.slip(
    "a negative payment goes through",
    EDGE,
    of="columns of a copy",
    change={' or df["oop"].lt(0).any()': ""},
    loses="edges",
    says="makes no sense: raise ValueError",
)


HIT.slip(
    "always the column size",
    EDGE,
    of="a loop over the households",
    change={"row[w]": 'row["size"]'},
    loses="tests",
    says="w names the column, or is None",
)


@HIT.wrong("noise counts as above", EDGE, loses="edges", says="equal is not above")
def catastrophic(df, threshold=0.10, w="size"):
    if (df["consumption"] <= 0).any() or (df["oop"] < 0).any():
        raise ValueError("consumption or oop")
    share = (df["oop"] / df["consumption"]).to_numpy()
    weight = np.ones(len(df)) if w is None else df[w].to_numpy()
    case = share > threshold
    head = (weight * case).sum() / weight.sum()
    over = (weight * case * (share - threshold)).sum() / weight.sum()
    return {"headcount": head, "overshoot": over, "mean_positive_overshoot": over / head if head > 0 else np.nan}


@HIT.wrong("new columns in the table", MUTATES, loses="tests", says="changed the table that was passed in")
def catastrophic(df, threshold=0.10, w="size"):
    if (df["consumption"] <= 0).any() or (df["oop"] < 0).any():
        raise ValueError("consumption or oop")
    df["over"] = (df["oop"] / df["consumption"] - threshold).round(12).clip(lower=0)
    weight = np.ones(len(df)) if w is None else df[w].to_numpy()
    head = np.average(df["over"] > 0, weights=weight)
    over = np.average(df["over"], weights=weight)
    return {"headcount": head, "overshoot": over, "mean_positive_overshoot": over / head if head > 0 else np.nan}


@HIT.wrong("the worked example typed in", CONSTANT, says="w=None counts each household as 1")
def catastrophic(df, threshold=0.10, w="size"):
    return {"headcount": 6 / 13, "overshoot": 0.7 / 13, "mean_positive_overshoot": 0.7 / 6}


INDEX = BANK.task("concentration_of_headcount")


@INDEX.right("shares below and beside, person by person")
def concentration_of_headcount(df, threshold=0.10):
    t = df.reset_index(drop=True)
    per_head = (t["consumption"] / t["size"]).round(12)
    case = ((t["oop"] / t["consumption"]).round(12) > threshold).astype(float)
    people = t["size"].sum()
    mean = (case * t["size"]).sum() / people
    if mean == 0:
        return np.nan
    ordered = pd.DataFrame({"x": per_head, "n": t["size"]}).groupby("x")["n"].sum()
    below = ordered.cumsum() - ordered
    rank = per_head.map((below + ordered / 2) / people)
    return 2 / mean * ((t["size"] * case * rank).sum() / people - mean / 2)


@INDEX.right("the area under the curve")
def concentration_of_headcount(df, threshold=0.10):
    case = (df["oop"].to_numpy() / df["consumption"].to_numpy() - threshold) > 1e-12
    t = pd.DataFrame(
        {"x": np.round(df["consumption"].to_numpy() / df["size"].to_numpy(), 12), "n": df["size"].to_numpy()}
    )
    t["hit"] = t["n"] * case
    if not case.any():
        return float("nan")
    steps = t.groupby("x")[["n", "hit"]].sum()
    people, hit = steps["n"] / steps["n"].sum(), steps["hit"] / steps["hit"].sum()
    upto = hit.cumsum()
    return 1 - float((people * (2 * upto - hit)).sum())


@INDEX.right("a loop, and each person's rank by comparing")
def concentration_of_headcount(df, threshold=0.10):
    rows = list(zip(df["oop"], df["consumption"], df["size"]))
    total = sum(n for _, _, n in rows)
    head = sum(n for paid, spent, n in rows if paid / spent - threshold > 1e-12) / total
    if head == 0:
        return float("nan")
    cov = 0.0
    for paid, spent, n in rows:
        below = sum(m for _, s, m in rows if s / m < spent / n - 1e-12)
        beside = sum(m for _, s, m in rows if abs(s / m - spent / n) <= 1e-12)
        y = 1.0 if paid / spent - threshold > 1e-12 else 0.0
        cov += n * (y - head) * ((below + beside / 2) / total - 0.5) / total
    return 2 * cov / head


BY_PERSON = "shares below and beside, person by person"


@INDEX.wrong("ranks by the household's consumption", MISCONCEPTION, says="divide by its people first")
def concentration_of_headcount(df, threshold=0.10):
    t = df.reset_index(drop=True)
    case = ((t["oop"] / t["consumption"]).round(12) > threshold).astype(float)
    people = t["size"].sum()
    mean = (case * t["size"]).sum() / people
    if mean == 0:
        return np.nan
    ordered = t.groupby("consumption")["size"].sum()
    rank = t["consumption"].map((ordered.cumsum() - ordered / 2) / people)
    return 2 / mean * ((t["size"] * case * rank).sum() / people - mean / 2)


@INDEX.wrong("counts households", MISCONCEPTION, says="You counted households")
def concentration_of_headcount(df, threshold=0.10):
    t = df.reset_index(drop=True)
    case = ((t["oop"] / t["consumption"]).round(12) > threshold).astype(float)
    if case.sum() == 0:
        return np.nan
    rank = ((t["consumption"] / t["size"]).round(12).rank() - 0.5) / len(t)
    return 2 / case.mean() * (case * (rank - 0.5)).mean()


INDEX.slip(
    "from the richest",
    MISCONCEPTION,
    of=BY_PERSON,
    change={"return 2 / mean": "return -2 / mean"},
    says="rank from the poorest",
)
INDEX.slip(
    "without the 2",
    BOUNDARY,
    of=BY_PERSON,
    change={"return 2 / mean": "return 1 / mean"},
    says="The 2 is missing",
)
INDEX.slip(
    "not divided by the mean",
    MISCONCEPTION,
    of=BY_PERSON,
    change={"return 2 / mean": "return 2"},
    says="Divide by the mean",
)
INDEX.slip(
    "at the beginning of its share",
    BOUNDARY,
    of=BY_PERSON,
    change={"(below + ordered / 2)": "below"},
    says="take the middle",
)


INDEX.slip(
    "whole dirhams per head",
    EDGE,
    of=BY_PERSON,
    change={'(t["consumption"] / t["size"]).round(12)': '(t["consumption"] / t["size"]).round(0)'},
    loses="tests",
    says="nobody changes places",
)


@INDEX.wrong("ties in the order of rows", EDGE, says="must share one rank")
def concentration_of_headcount(df, threshold=0.10):
    t = df.reset_index(drop=True)
    t = t.assign(x=(t["consumption"] / t["size"]).round(12)).sort_values("x", kind="stable")
    case = ((t["oop"] / t["consumption"]).round(12) > threshold).astype(float)
    people = t["size"].sum()
    mean = (case * t["size"]).sum() / people
    if mean == 0:
        return np.nan
    rank = (t["size"].cumsum() - t["size"] / 2) / people
    return 2 / mean * ((t["size"] * case * rank).sum() / people - mean / 2)


INDEX.slip(
    "0 where there is no case",
    EDGE,
    of=BY_PERSON,
    change={"return np.nan": "return 0.0"},
    loses="edges",
    says="nothing to concentrate, so nan",
)


@INDEX.wrong("noise makes a case", EDGE, loses="edges", says="equal is not above, so the richest")
def concentration_of_headcount(df, threshold=0.10):
    t = df.reset_index(drop=True)
    per_head = (t["consumption"] / t["size"]).round(12)
    case = (t["oop"] / t["consumption"] > threshold).astype(float)
    people = t["size"].sum()
    mean = (case * t["size"]).sum() / people
    if mean == 0:
        return np.nan
    level = t["size"].groupby(per_head).sum()
    rank = per_head.map((level.cumsum() - level / 2) / people)
    return 2 / mean * ((t["size"] * case * rank).sum() / people - mean / 2)


@INDEX.wrong("sorts the table in place", MUTATES, loses="tests", says="changed the table that was passed in")
def concentration_of_headcount(df, threshold=0.10):
    df["x"] = (df["consumption"] / df["size"]).round(12)
    case = ((df["oop"] / df["consumption"]).round(12) > threshold).astype(float)
    people = df["size"].sum()
    mean = (case * df["size"]).sum() / people
    if mean == 0:
        return np.nan
    ordered = df.groupby("x")["size"].sum()
    rank = df["x"].map((ordered.cumsum() - ordered / 2) / people)
    return 2 / mean * ((df["size"] * case * rank).sum() / people - mean / 2)


@INDEX.wrong("the worked example typed in", CONSTANT, says="use the argument threshold")
def concentration_of_headcount(df, threshold=0.10):
    return -6 / 13 if len(df) == 4 else float("nan")


INDEX.slip(
    "nan where everybody is a case",
    EDGE,
    of=BY_PERSON,
    change={"if mean == 0": "if mean in (0, 1)"},
    loses="edges",
    says="Everybody is a case",
)


@INDEX.wrong("always a tenth", EDGE, loses="tests", says="use the argument threshold")
def concentration_of_headcount(df, threshold=0.10):
    data = pd.DataFrame({n: df[n].to_numpy(dtype=float) for n in ("oop", "consumption", "size")})
    data["y"] = (data["oop"] / data["consumption"] > 0.10 + 1e-12).astype(float)
    data["head"] = data["consumption"] / data["size"]
    data = data.sort_values("head").reset_index(drop=True)
    data["g"] = (data["head"].diff() >= 1e-12).cumsum()
    group = data.groupby("g")["size"].sum()
    r = data["g"].map((group.cumsum() - group / 2) / group.sum())
    n = data["size"].sum()
    mu = (data["size"] * data["y"]).sum() / n
    if mu == 0:
        return np.nan
    return 2 / mu * (data["size"] * (data["y"] - mu) * (r - 0.5)).sum() / n


@INDEX.wrong("the mean of the middles", EDGE, says="the middle of the part that they fill together")
def concentration_of_headcount(df, threshold=0.10):
    data = pd.DataFrame({n: df[n].to_numpy(dtype=float) for n in ("oop", "consumption", "size")})
    data["y"] = (data["oop"] / data["consumption"] > threshold + 1e-12).astype(float)
    data["head"] = data["consumption"] / data["size"]
    data = data.sort_values("head", kind="stable").reset_index(drop=True)
    n = data["size"].sum()
    data["middle"] = (data["size"].cumsum() - data["size"] / 2) / n
    data["g"] = (data["head"].diff() >= 1e-12).cumsum()
    r = data.groupby("g")["middle"].transform("mean")
    mu = (data["size"] * data["y"]).sum() / n
    if mu == 0:
        return np.nan
    return 2 / mu * (data["size"] * (data["y"] - mu) * (r - 0.5)).sum() / n


TASKS = BANK.tasks

SAMPLES = (
    Sample(
        "weak",
        """
        The Territorial Health Groups need more autonomy, because those who are near the patients know best what they
        need. Law 08-22 gives them a decision space of 0.6 out of 2, which is far too little.

        Now: budget, staff and revenue. The groups should keep all that they earn, because this motivates them, and
        they should hire whom they want. Later: purchasing and contracts with private partners, when the groups are
        ready. Never: oversight, because the State must always be able to control its money.

        The model shows that regions do better than the centre from a capacity of 0.27. Most regions have certainly
        more than that, so that devolution can start at once. Coverage is already 87%, so the poor are protected and
        no further rule is needed for them.

        The ministry should evaluate the reform regularly with suitable indicators and listen to patients and staff.
        """,
        {
            "link to the threshold": (1, "one result at one setting, taken for a finding; capacity is asserted"),
            "legal realism": (
                1,
                "names the oversight; gives the mean without its range, and no word on what was not read",
            ),
            "equity safeguard": (0, "takes coverage for protection"),
            "evaluability": (0, "no trigger, no date, nobody in charge"),
        },
    ),
    Sample(
        "adequate",
        """
        Now: the regional medical programme, the regional health map and the group's own budget. All three stand in the
        articles of law 08-22 that were read (arts 2 and 4), as choices within limits, since the group is under the
        oversight of the State. The director answers to the board for them once a year.

        Later: staff and purchasing. No article on either could be read, so the bill asks for them first. By my results the
        threshold is 0.27 with an error of 2 and a spillover of 0.5; with an error of 3 it is 0.51. These are
        assumptions. Staff passes to a group when nine tenths of its budget were spent as planned in two years.

        Never: the oversight itself.

        Equity: in the invented households, 16% of rural families under AMO Tadamon are above a tenth of their consumption. A
        group may not raise what patients pay while this share is above 15% in its region.

        The ministry measures both numbers each year. If a region keeps missing them, the power goes back.
        """,
        {
            "link to the threshold": (
                2,
                "own results at two settings, said to be assumptions; the trigger is not tied to them",
            ),
            "legal realism": (2, "articles and oversight named, unread ones asked for; no range, no word on revenue"),
            "equity safeguard": (2, "a rule with a headcount, its threshold and a limit, for rural families"),
            "evaluability": (1, "who and how often; no date, and nothing would show that the bill failed"),
        },
    ),
    Sample(
        "strong",
        """
        *What was read.* Of ten functions, five could be read for a group. Their mean is 0.6 of 2, but with the other five
        unread anything from 0.3 to 0.8 is possible, since a body under tutelle has a 1 at most. No article on revenue, staff,
        purchasing or contracts could be opened.
        Section 1 of this bill therefore obliges the ministry to publish, before 1 March, the article that rules each.

        *What the model says.* If a region without capacity errs by 2 and spills 0.5, regions do better from 0.27; at an error of
        1.5 from 0.02, at an error of 3 and a spillover of 2 from 0.73. Nobody has measured the error. So powers with little
        spillover pass first, and those whose error costs most pass last.

        *Now:* (1) the regional medical programme, (2) the regional health map, (3) moving money between chapters of the own
        budget, up to a tenth. All within arts 2 and 4 of law 08-22, under oversight and financial control, which stay. For each
        the director answers to the board in January; if the board refuses the account twice, the power returns to it.

        *Later:* (4) postings, when three in four posts were filled for a year, as the Court of Accounts counts them;
        (5) a share of fees, by blend and never by act alone, when activity and cost per act are published for two years.
        Both stand or fall with the articles of section 1.

        *Never:* setting what patients pay. It spills over most, since the sick would travel.

        *Safeguard.* A power pauses where, in a household survey, more than 15% of rural households, or more than 3%, pay
        above a tenth and above a quarter of consumption. Needed care that was not had is asked in the same survey, because
        whoever stays away looks protected. (In the invented data, Tadamon families in the country are at 16% and the
        uninsured at 15%, for that reason.)

        *Failure.* The Court of Accounts reports by October 2028. The bill has failed if no group has used power 3, or if
        the rural headcount has risen in half of the regions. It then lapses, unless Parliament renews it.
        """,
        {
            "link to the threshold": (3, "three settings, called assumptions, and used to order the powers"),
            "legal realism": (3, "range as well as mean, articles and limits, and a duty to publish what was not read"),
            "equity safeguard": (2, "two thresholds for rural households, and care that was not had"),
            "evaluability": (2, "who, when, at which value, and what shows that the bill failed"),
        },
    ),
)
