"""Answers to exercise 5, *The most deprived fifth*: right in many ways, and wrong in the ways of students."""

import numpy as np
import pandas as pd

from . import BOUNDARY, CONSTANT, EDGE, MISCONCEPTION, MUTATES, Bank, Sample

BANK = Bank(__file__)

GAPS = BANK.task("gaps")


@GAPS.right("a loop over the two times")
def gaps(poor0, rich0, poor1, rich1):
    out = {}
    for time, (poor, rich) in enumerate([(poor0, rich0), (poor1, rich1)]):
        out[f"abs{time}"] = poor - rich
        try:
            out[f"ratio{time}"] = poor / rich
        except ZeroDivisionError:
            out[f"ratio{time}"] = float("nan")
    step = out["abs1"] - out["abs0"]
    turn = out["ratio1"] - out["ratio0"]
    up_down = step > 1e-12 and turn < -1e-12
    down_up = step < -1e-12 and turn > 1e-12
    out["diverge"] = up_down or down_up
    return out


@GAPS.right("numpy arrays and signs")
def gaps(poor0, rich0, poor1, rich1):
    poor, rich = np.array([poor0, poor1], dtype=float), np.array([rich0, rich1], dtype=float)
    gap = poor - rich
    ratio = np.divide(poor, rich, out=np.full(2, np.nan), where=rich != 0)
    directions = np.sign(np.round([gap[1] - gap[0], ratio[1] - ratio[0]], 12))
    return {
        "abs0": gap[0],
        "abs1": gap[1],
        "ratio0": ratio[0],
        "ratio1": ratio[1],
        "diverge": bool(directions.prod() == -1),
    }


@GAPS.right("a pandas table, with the warning that 0 / 0 prints")
def gaps(poor0, rich0, poor1, rich1):
    t = pd.DataFrame({"poor": [poor0, poor1], "rich": [rich0, rich1]}, dtype=float)
    t["abs"] = t["poor"] - t["rich"]
    t["ratio"] = np.where(t["rich"] == 0, np.nan, t["poor"].to_numpy() / t["rich"].to_numpy())
    moves = t[["abs", "ratio"]].diff().iloc[1].round(12)
    return {
        **{f"{kind}{i}": t.loc[i, kind] for kind in ("abs", "ratio") for i in (0, 1)},
        "diverge": set(np.sign(moves)) == {-1.0, 1.0},
    }


@GAPS.wrong(
    "a rising ratio is all that counts",
    MISCONCEPTION,
    loses="diverge",
    says="the absolute gap rises from 5 to 8, the ratio falls",
)
def gaps(poor0, rich0, poor1, rich1):
    ratio0 = poor0 / rich0 if rich0 else float("nan")
    ratio1 = poor1 / rich1 if rich1 else float("nan")
    return {
        "abs0": poor0 - rich0,
        "abs1": poor1 - rich1,
        "ratio0": ratio0,
        "ratio1": ratio1,
        "diverge": ratio1 > ratio0,
    }


@GAPS.wrong("rich over poor", MISCONCEPTION, says="take poor over rich")
def gaps(poor0, rich0, poor1, rich1):
    ratio0, ratio1 = rich0 / poor0, rich1 / poor1
    abs0, abs1 = poor0 - rich0, poor1 - rich1
    opposite = (abs1 - abs0) * (ratio1 - ratio0) < 0
    return {"abs0": abs0, "abs1": abs1, "ratio0": ratio0, "ratio1": ratio1, "diverge": opposite}


@GAPS.wrong("the size of the gap, without its sign", MISCONCEPTION, says="You dropped the sign")
def gaps(poor0, rich0, poor1, rich1):
    ratio0 = poor0 / rich0 if rich0 else float("nan")
    ratio1 = poor1 / rich1 if rich1 else float("nan")
    abs0, abs1 = abs(poor0 - rich0), abs(poor1 - rich1)
    opposite = (abs1 - abs0) * (ratio1 - ratio0) < 0
    return {"abs0": abs0, "abs1": abs1, "ratio0": ratio0, "ratio1": ratio1, "diverge": opposite}


@GAPS.wrong("standing still counts as a move", BOUNDARY, loses="diverge", says="what stands still does not diverge")
def gaps(poor0, rich0, poor1, rich1):
    ratio0 = poor0 / rich0 if rich0 else float("nan")
    ratio1 = poor1 / rich1 if rich1 else float("nan")
    abs0, abs1 = poor0 - rich0, poor1 - rich1
    opposite = (abs1 - abs0) * (ratio1 - ratio0) <= 0
    return {"abs0": abs0, "abs1": abs1, "ratio0": ratio0, "ratio1": ratio1, "diverge": opposite}


@GAPS.wrong("infinity for a rich rate of 0", EDGE, loses="tests", says="return nan, not infinity")
def gaps(poor0, rich0, poor1, rich1):
    ratio0 = poor0 / rich0 if rich0 else float("inf")
    ratio1 = poor1 / rich1 if rich1 else float("inf")
    abs0, abs1 = poor0 - rich0, poor1 - rich1
    opposite = round(abs1 - abs0, 12) * round(ratio1 - ratio0, 12) < 0
    return {"abs0": abs0, "abs1": abs1, "ratio0": ratio0, "ratio1": ratio1, "diverge": opposite}


@GAPS.wrong("a division by 0", EDGE, loses="tests", says="you divide by it; return nan for that ratio")
def gaps(poor0, rich0, poor1, rich1):
    ratio0, ratio1 = poor0 / rich0, poor1 / rich1
    abs0, abs1 = poor0 - rich0, poor1 - rich1
    opposite = round(abs1 - abs0, 12) * round(ratio1 - ratio0, 12) < 0
    return {"abs0": abs0, "abs1": abs1, "ratio0": ratio0, "ratio1": ratio1, "diverge": opposite}


GAPS.slip(
    "only a falling absolute gap is looked at",
    MISCONCEPTION,
    of="standing still counts as a move",
    change={"(abs1 - abs0) * (ratio1 - ratio0) <= 0": "abs1 - abs0 < -1e-12 and ratio1 - ratio0 > 1e-12"},
    loses="diverge",
    says="The other way round counts too",
)


@GAPS.wrong("rounding noise counts as a move", BOUNDARY, loses="diverge", says="a move of less than 1e-12 is none")
def gaps(poor0, rich0, poor1, rich1):
    ratio0 = poor0 / rich0 if rich0 else float("nan")
    ratio1 = poor1 / rich1 if rich1 else float("nan")
    abs0, abs1 = poor0 - rich0, poor1 - rich1
    opposite = (abs1 - abs0) * (ratio1 - ratio0) < 0
    return {"abs0": abs0, "abs1": abs1, "ratio0": ratio0, "ratio1": ratio1, "diverge": opposite}


@GAPS.wrong("the worked example typed in", CONSTANT, says="Both gaps fall")
def gaps(poor0, rich0, poor1, rich1):
    return {"abs0": 20, "abs1": 16, "ratio0": 2, "ratio1": 3, "diverge": True}


@GAPS.wrong(
    "a ratio that is nan does not rise, so it falls", EDGE, loses="tests", says="a ratio that is nan has no direction"
)
def gaps(poor0, rich0, poor1, rich1):
    ratio0 = poor0 / rich0 if rich0 else float("nan")
    ratio1 = poor1 / rich1 if rich1 else float("nan")
    out = {"abs0": poor0 - rich0, "abs1": poor1 - rich1, "ratio0": ratio0, "ratio1": ratio1}
    step, turn = out["abs1"] - out["abs0"], ratio1 - ratio0
    out["diverge"] = (step > 1e-12 and turn < -1e-12) or (step < -1e-12 and not turn < 1e-12)
    return out


GAPS.slip(
    "small moves taken for none",
    BOUNDARY,
    of="a loop over the two times",
    change={"step > 1e-12": "step > 1e-9", "step < -1e-12": "step < -1e-9"},
    loses="diverge",
    says="which is more than 1e-12",
)


GAPS.slip(
    "standing still counts as a fall",
    BOUNDARY,
    of="a rising ratio is all that counts",
    change={'"diverge": ratio1 > ratio0': '"diverge": (poor1 - rich1 > poor0 - rich0) != (ratio1 > ratio0)'},
    says="The ratio stays at 3, but for rounding noise",
)


@GAPS.wrong("nan falls into the last branch", EDGE, loses="tests", says="a ratio that is nan has no direction")
def gaps(poor0, rich0, poor1, rich1):
    def ratio(a, b):
        if abs(b) < 1e-12:
            return np.nan
        return a / b

    abs0, abs1 = poor0 - rich0, poor1 - rich1
    ratio0, ratio1 = ratio(poor0, rich0), ratio(poor1, rich1)
    if abs(abs1 - abs0) < 1e-12 or abs(ratio1 - ratio0) < 1e-12:
        diverge = False
    elif abs1 > abs0:
        diverge = not ratio1 > ratio0
    else:
        diverge = not ratio1 < ratio0
    return {"abs0": abs0, "abs1": abs1, "ratio0": ratio0, "ratio1": ratio1, "diverge": diverge}


GAPS.slip(
    "the direction of a gap taken from its size",
    MISCONCEPTION,
    of="a loop over the two times",
    change={'step = out["abs1"] - out["abs0"]': 'step = abs(out["abs1"]) - abs(out["abs0"])'},
    loses="diverge",
    says="Keep the sign",
)


SII = BANK.task("sii")


@SII.right("a loop, person by person in thought")
def sii(rate, pop, deprivation):
    groups = [(d, p, r) for r, p, d in zip(rate, pop, deprivation) if p > 0]
    total = sum(p for _, p, _ in groups)
    people = {}
    for d, p, _ in groups:
        people[d] = people.get(d, 0) + p
    if len(people) < 2:
        return float("nan")
    rank, before = {}, 0
    for d in sorted(people, reverse=True):
        rank[d] = (before + people[d] / 2) / total
        before += people[d]
    mean_x = sum(p * rank[d] for d, p, _ in groups) / total
    mean_y = sum(p * r for _, p, r in groups) / total
    sxy = sum(p * (rank[d] - mean_x) * (r - mean_y) for d, p, r in groups)
    sxx = sum(p * (rank[d] - mean_x) ** 2 for d, p, _ in groups)
    return -sxy / sxx


@SII.right("a pandas groupby, then np.polyfit with square roots")
def sii(rate, pop, deprivation):
    t = pd.DataFrame({"rate": list(rate), "pop": list(pop), "dep": list(deprivation)})
    t = t[t["pop"] > 0]
    if t["dep"].nunique() < 2:
        return np.nan
    t = t.assign(deaths=t["rate"] * t["pop"])
    by = t.groupby("dep")[["pop", "deaths"]].sum().sort_index(ascending=False)
    rank = (by["pop"].cumsum() - by["pop"] / 2) / by["pop"].sum()
    slope, intercept = np.polyfit(rank, by["deaths"] / by["pop"], 1, w=np.sqrt(by["pop"]))
    return intercept - (intercept + slope)


@SII.right("a matrix: who is below whom, and the normal equations")
def sii(rate, pop, deprivation):
    y, w, d = (np.array(v, dtype=float) for v in (rate, pop, deprivation))
    keep = w != 0
    y, w, d = y[keep], w[keep], d[keep]
    if len(set(d)) < 2:
        return np.nan
    worse, same = d[None, :] > d[:, None], d[None, :] == d[:, None]
    x = np.column_stack([np.ones(len(y)), (worse @ w + same @ w / 2) / w.sum()])
    a, b = np.linalg.solve(x.T @ (w[:, None] * x), x.T @ (w * y))
    return float(-b)


def mean(values, people):
    return sum(v * n for v, n in zip(values, people)) / sum(people)


def ends(rank, rate, people):
    """The height of the fitted line at rank 0 and at rank 1."""
    x, y = mean(rank, people), mean(rate, people)
    spread = mean([(r - x) ** 2 for r in rank], people)
    slope = mean([(r - x) * (v - y) for r, v in zip(rank, rate)], people) / spread
    return y - slope * x, y + slope * (1 - x)


@SII.right("helpers called mean and ends", using=(mean, ends))
def sii(rate, pop, deprivation):
    rows = [row for row in zip(rate, pop, deprivation) if row[1] > 0]
    if len({d for _, _, d in rows}) < 2:
        return float("nan")
    total = sum(n for _, n, _ in rows)
    worse = [sum(n for _, n, other in rows if other > d) for _, _, d in rows]
    alike = [sum(n for _, n, other in rows if other == d) for _, _, d in rows]
    rank = [(before + same / 2) / total for before, same in zip(worse, alike)]
    lo, hi = ends(rank, [r for r, _, _ in rows], [n for _, n, _ in rows])
    return lo - hi


@SII.wrong("ranks groups, not people", MISCONCEPTION, loses="tests", says="You ranked groups, not people")
def sii(rate, pop, deprivation):
    t = pd.DataFrame({"rate": list(rate), "pop": list(pop), "dep": list(deprivation)})
    t = t[t["pop"] > 0]
    if t["dep"].nunique() < 2:
        return np.nan
    rank = (t["dep"].rank(ascending=False) - 0.5) / len(t)
    slope = np.polyfit(rank, t["rate"], 1, w=np.sqrt(t["pop"]))[0]
    return -slope


@SII.wrong("the slope itself, with its sign", MISCONCEPTION, says="The sign is turned round")
def sii(rate, pop, deprivation):
    y, w, d = (np.array(v, dtype=float) for v in (rate, pop, deprivation))
    y, w, d = y[w > 0], w[w > 0], d[w > 0]
    if len(set(d)) < 2:
        return np.nan
    x = np.array([(w[d > one].sum() + w[d == one].sum() / 2) / w.sum() for one in d])
    return np.polyfit(x, y, 1, w=np.sqrt(w))[0]


@SII.wrong("the gap between the end groups", MISCONCEPTION, says="That is the gap between the end groups")
def sii(rate, pop, deprivation):
    t = pd.DataFrame({"rate": list(rate), "dep": list(deprivation)}).sort_values("dep")
    return t["rate"].iloc[-1] - t["rate"].iloc[0]


@SII.wrong("people ranked, but the line drawn through groups", MISCONCEPTION, says="fitted the line through groups")
def sii(rate, pop, deprivation):
    y, w, d = (np.array(v, dtype=float) for v in (rate, pop, deprivation))
    y, w, d = y[w > 0], w[w > 0], d[w > 0]
    if len(set(d)) < 2:
        return np.nan
    x = np.array([(w[d > one].sum() + w[d == one].sum() / 2) / w.sum() for one in d])
    return -np.polyfit(x, y, 1)[0]


SII.slip(
    "np.polyfit with the weights themselves",
    BOUNDARY,
    of="people ranked, but the line drawn through groups",
    change={"x, y, 1": "x, y, 1, w=w"},
    says="give it w=np.sqrt(pop)",
)


@SII.wrong(
    "the end of each group's share, not its middle",
    BOUNDARY,
    loses="tests",
    says="You placed each group at the end of its share",
)
def sii(rate, pop, deprivation):
    y, w, d = (np.array(v, dtype=float) for v in (rate, pop, deprivation))
    y, w, d = y[w > 0], w[w > 0], d[w > 0]
    if len(set(d)) < 2:
        return np.nan
    x = np.array([w[d >= one].sum() / w.sum() for one in d])
    return -np.polyfit(x, y, 1, w=np.sqrt(w))[0]


@SII.wrong("the rows taken as sorted", EDGE, says="do not trust the order of the rows")
def sii(rate, pop, deprivation):
    y, w = np.array(rate, dtype=float), np.array(pop, dtype=float)
    y, w = y[w > 0], w[w > 0]
    x = (np.cumsum(w) - w / 2) / w.sum()
    return -np.polyfit(x, y, 1, w=np.sqrt(w))[0]


@SII.wrong(
    "ties ranked one after the other", EDGE, loses="edges", says="Groups that tie in deprivation must share one rank"
)
def sii(rate, pop, deprivation):
    t = pd.DataFrame({"rate": list(rate), "pop": list(pop), "dep": list(deprivation)})
    t = t[t["pop"] > 0].sort_values("dep", ascending=False, kind="stable")
    rank = (t["pop"].cumsum() - t["pop"] / 2) / t["pop"].sum()
    slope = np.polyfit(rank, t["rate"], 1, w=np.sqrt(t["pop"]))[0]
    return -slope


@SII.wrong("an empty group spoils the fit", EDGE, loses="edges", says="drop groups with pop 0 first")
def sii(rate, pop, deprivation):
    y, w, d = (np.array(v, dtype=float) for v in (rate, pop, deprivation))
    if len(set(d)) < 2:
        return np.nan
    x = np.array([(w[d > one].sum() + w[d == one].sum() / 2) / w.sum() for one in d])
    x, y = x - np.average(x, weights=w), y - np.average(y, weights=w)
    return -(w * x * y).sum() / (w * x * x).sum()


@SII.wrong("the population turned into shares in place", MUTATES, loses="edges", says="changed its input pop")
def sii(rate, pop, deprivation):
    y, w, d = np.asarray(rate, dtype=float), np.asarray(pop, dtype=float), np.asarray(deprivation)
    w /= w.sum()
    keep = w > 0
    y, w, d = y[keep], w[keep], d[keep]
    if len(set(d)) < 2:
        return np.nan
    x = np.array([w[d > one].sum() + w[d == one].sum() / 2 for one in d])
    return -np.polyfit(x, y, 1, w=np.sqrt(w))[0]


@SII.wrong(
    "empty groups kept if they hold a number", EDGE, loses="edges", says="Only one level of deprivation has people"
)
def sii(rate, pop, deprivation):
    t = pd.DataFrame({"rate": list(rate), "pop": list(pop), "dep": list(deprivation)}).dropna()
    if t["dep"].nunique() < 2:
        return np.nan
    level = t.groupby("dep")["pop"].sum().iloc[::-1]
    rank = t["dep"].map((level.cumsum() - level / 2) / level.sum())
    return -np.polyfit(rank, t["rate"], 1, w=np.sqrt(t["pop"]))[0]


@SII.wrong("the worked example typed in", CONSTANT, says="Five equal groups, 50 down to 10: expected 50")
def sii(rate, pop, deprivation):
    return 80 / 3


@SII.wrong("Series matched by their labels", EDGE, loses="tests", says="take them by position")
def sii(rate, pop, deprivation):
    t = pd.DataFrame({name: pd.Series(v) for name, v in (("rate", rate), ("pop", pop), ("dep", deprivation))})
    t = t[t["pop"] > 0]
    if t["dep"].nunique() < 2:
        return np.nan
    level = t.groupby("dep")["pop"].sum().iloc[::-1]
    rank = t["dep"].map((level.cumsum() - level / 2) / level.sum())
    x = rank - (rank * t["pop"]).sum() / t["pop"].sum()
    return -(t["pop"] * x * t["rate"]).sum() / (t["pop"] * x**2).sum()


@SII.wrong(
    "levels counted before empty groups are dropped",
    EDGE,
    loses="edges",
    says="Only one level of deprivation has people",
)
def sii(rate, pop, deprivation):
    rate, pop, deprivation = np.array(rate, dtype=float), np.array(pop, dtype=float), np.array(deprivation, dtype=float)
    if len(set(deprivation)) == 1:
        return np.nan
    keep = pop > 0
    rate, pop, deprivation = rate[keep], pop[keep], deprivation[keep]
    share = pop / pop.sum()
    rank = np.array([share[deprivation > d].sum() + share[deprivation == d].sum() / 2 for d in deprivation])
    slope, top = np.polyfit(rank, rate, 1, w=np.sqrt(pop))
    return -slope


@SII.wrong("the mean of tied ranks", EDGE, loses="edges", says="Ties of 1 and 3 people")
def sii(rate, pop, deprivation):
    df = pd.DataFrame({"rate": np.array(rate), "pop": np.array(pop), "deprivation": np.array(deprivation)})
    df = df[df["pop"] > 0].sort_values("deprivation", ascending=False)
    if df["deprivation"].nunique() < 2:
        return float("nan")
    share = df["pop"] / df["pop"].sum()
    df["rank"] = share.cumsum() - share / 2
    df["rank"] = df.groupby("deprivation")["rank"].transform("mean")
    slope, top = np.polyfit(df["rank"], df["rate"], 1, w=np.sqrt(df["pop"]))
    return -slope


RII = BANK.task("rii")


@RII.right("the slope and the mean: the line is at the mean at rank one half")
def rii(rate, pop, deprivation):
    y, w, d = (np.array(v, dtype=float) for v in (rate, pop, deprivation))
    y, w, d = y[w > 0], w[w > 0], d[w > 0]
    if len(np.unique(d)) < 2:
        return np.nan
    x = np.array([(w[d > one].sum() + w[d == one].sum() / 2) / w.sum() for one in d]) - 0.5
    mean = np.average(y, weights=w)
    half = np.sum(w * x * y) / np.sum(w * x * x) / 2
    most, least = mean - half, mean + half
    return most / least if min(most, least) > 1e-9 * max(most, least) else np.nan


@RII.right("least squares on rows multiplied by the root of their weight")
def rii(rate, pop, deprivation):
    t = pd.DataFrame({"rate": list(rate), "pop": list(pop), "dep": list(deprivation)}).query("pop > 0")
    if t["dep"].nunique() < 2:
        return float("nan")
    level = t.groupby("dep")["pop"].sum().iloc[::-1]
    rank = t["dep"].map((level.cumsum() - level / 2) / level.sum())
    root = np.sqrt(t["pop"].to_numpy(dtype=float))
    design = np.column_stack([np.ones(len(t)), rank]) * root[:, None]
    most, slope = np.linalg.lstsq(design, t["rate"].to_numpy() * root, rcond=None)[0]
    least = most + slope
    if most < 1e-9 * least or least < 1e-9 * most:
        return float("nan")
    return most / least


def middle_ranks(w, d):
    ranks = []
    for i in range(len(d)):
        above = sum(w[j] for j in range(len(d)) if d[j] > d[i])
        level = sum(w[j] for j in range(len(d)) if d[j] == d[i])
        ranks.append((above + level / 2) / sum(w))
    return ranks


@RII.right("a helper for the ranks, and np.cov with frequency-like weights", using=[middle_ranks])
def rii(rate, pop, deprivation):
    rows = [row for row in zip(rate, pop, deprivation) if row[1] > 0]
    y, w, d = (list(column) for column in zip(*rows))
    if max(d) == min(d):
        return float("nan")
    x = middle_ranks(w, d)
    c = np.cov(x, y, aweights=w, ddof=0)
    b = c[0, 1] / c[0, 0]
    a = np.average(y, weights=w) - b * np.average(x, weights=w)
    return a / (a + b) if a > 0 and a + b > 0 and 1e-9 < a / (a + b) < 1e9 else float("nan")


@RII.wrong("Pamuk's index: the slope index over the mean", MISCONCEPTION, says="That is SII over the mean (Pamuk)")
def rii(rate, pop, deprivation):
    y, w, d = (np.array(v, dtype=float) for v in (rate, pop, deprivation))
    y, w, d = y[w > 0], w[w > 0], d[w > 0]
    if len(set(d)) < 2:
        return np.nan
    x = np.array([(w[d > one].sum() + w[d == one].sum() / 2) / w.sum() for one in d])
    return -np.polyfit(x, y, 1, w=np.sqrt(w))[0] / np.average(y, weights=w)


@RII.wrong("ranks groups, not people", MISCONCEPTION, says="You ranked groups, not people")
def rii(rate, pop, deprivation):
    t = pd.DataFrame({"rate": list(rate), "pop": list(pop), "dep": list(deprivation)})
    t = t[t["pop"] > 0]
    if t["dep"].nunique() < 2:
        return np.nan
    rank = (t["dep"].rank(ascending=False) - 0.5) / len(t)
    slope, most = np.polyfit(rank, t["rate"], 1, w=np.sqrt(t["pop"]))
    least = most + slope
    return most / least if most > 0 and least > 0 else np.nan


@RII.wrong("least over most", MISCONCEPTION, says="The ratio is upside down")
def rii(rate, pop, deprivation):
    y, w, d = (np.array(v, dtype=float) for v in (rate, pop, deprivation))
    y, w, d = y[w > 0], w[w > 0], d[w > 0]
    if len(set(d)) < 2:
        return np.nan
    x = np.array([(w[d > one].sum() + w[d == one].sum() / 2) / w.sum() for one in d])
    slope, most = np.polyfit(x, y, 1, w=np.sqrt(w))
    least = most + slope
    return least / most if most > 0 and least > 0 else np.nan


@RII.wrong("only the least deprived end is looked at", BOUNDARY, loses="edges", says="Look at both ends")
def rii(rate, pop, deprivation):
    y, w, d = (np.array(v, dtype=float) for v in (rate, pop, deprivation))
    y, w, d = y[w > 0], w[w > 0], d[w > 0]
    if len(set(d)) < 2:
        return np.nan
    x = np.array([(w[d > one].sum() + w[d == one].sum() / 2) / w.sum() for one in d])
    slope, most = np.polyfit(x, y, 1, w=np.sqrt(w))
    return most / (most + slope) if most + slope > 1e-9 * most else np.nan


RII.slip(
    "a ratio to a negative prediction",
    EDGE,
    of="only the least deprived end is looked at",
    change={"(most + slope) if most + slope > 1e-9 * most else np.nan": "(most + slope)"},
    loses="edges",
    says="a ratio to it means nothing, so nan",
)


@RII.wrong("the population turned into shares in place", MUTATES, loses="edges", says="changed its input pop")
def rii(rate, pop, deprivation):
    y, w, d = np.asarray(rate, dtype=float), np.asarray(pop, dtype=float), np.asarray(deprivation)
    w /= w.sum()
    keep = w > 0
    y, w, d = y[keep], w[keep], d[keep]
    if len(set(d)) < 2:
        return np.nan
    x = np.array([w[d > one].sum() + w[d == one].sum() / 2 for one in d])
    slope, most = np.polyfit(x, y, 1, w=np.sqrt(w))
    return most / (most + slope) if min(most, most + slope) > 1e-9 * max(most, most + slope) else np.nan


@RII.wrong(
    "an end that is 0 but for rounding noise",
    BOUNDARY,
    loses="edges",
    says="the line ends at 0 but for rounding noise",
)
def rii(rate, pop, deprivation):
    rows = [row for row in zip(rate, pop, deprivation) if row[1] > 0]
    if len({d for _, _, d in rows}) < 2:
        return float("nan")
    people = sum(p for _, p, _ in rows)
    x = [sum(p * ((e > d) + (e == d) / 2) for _, p, e in rows) / people for _, _, d in rows]
    mean = sum(y * p for y, p, _ in rows) / people
    sxy = sum(p * (r - 0.5) * (y - mean) for r, (y, p, _) in zip(x, rows))
    slope = sxy / sum(p * (r - 0.5) ** 2 for r, (_, p, _) in zip(x, rows))
    most = mean - slope / 2
    least = most + slope
    return most / least if most > 0 and least > 0 else float("nan")


@RII.wrong("the worked example typed in", CONSTANT, says="below 0")
def rii(rate, pop, deprivation):
    return 11.0


RII.slip(
    "small ends taken for 0",
    BOUNDARY,
    of="the slope and the mean: the line is at the mean at rank one half",
    change={"> 1e-9 * max(most, least) else": "> 1e-8 else"},
    loses="edges",
    says="an eleventh of the other end and so not 0",
)


RII.slip(
    "one bound for rates of every size",
    BOUNDARY,
    of="the slope and the mean: the line is at the mean at rank one half",
    change={"> 1e-9 * max(most, least) else": "> 1e-12 else"},
    loses="edges",
    says="the line ends at 0 but for rounding noise",
)


@RII.wrong("ties ranked one after the other", EDGE, loses="edges", says="Two groups tie and share rank 0.25")
def rii(rate, pop, deprivation):
    df = pd.DataFrame({"rate": np.array(rate), "pop": np.array(pop), "dep": np.array(deprivation)})
    df = df[df["pop"] > 0].sort_values("dep", ascending=False)
    if df["dep"].nunique() < 2:
        return np.nan
    share = df["pop"] / df["pop"].sum()
    rank = share.cumsum() - share / 2
    slope, top = np.polyfit(rank, df["rate"], 1, w=np.sqrt(df["pop"]))
    bottom = top + slope
    if min(top, bottom) < 1e-9 * max(top, bottom):
        return np.nan
    return top / bottom


CONCENTRATION = BANK.task("concentration_index")


@CONCENTRATION.right("one minus twice the area below the concentration curve")
def concentration_index(y, rank_var, w=None):
    t = pd.DataFrame({"y": list(y), "x": list(rank_var)})
    t["w"] = 1 if w is None else list(w)
    t["total"] = t["w"] * t["y"]
    t = t.groupby("x")[["w", "total"]].sum()
    if t["w"].sum() == 0 or abs(t["total"].sum() / t["w"].sum()) < 1e-12:
        return np.nan
    people = np.append(0, t["w"].cumsum() / t["w"].sum())
    share = np.append(0, t["total"].cumsum() / t["total"].sum())
    return 1 - np.sum(np.diff(people) * (share[1:] + share[:-1]))


@CONCENTRATION.right("np.cov, told to divide by n and given weights")
def concentration_index(y, rank_var, w=None):
    y, x = np.array(y, dtype=float), np.array(rank_var, dtype=float)
    w = np.ones(y.size) if w is None else np.array(w, dtype=float)
    y, x, w = y[w > 0], x[w > 0], w[w > 0]
    values, place = np.unique(x, return_inverse=True)
    size = np.array([w[place == i].sum() for i in range(len(values))])
    r = ((size.cumsum() - size / 2) / size.sum())[place]
    mean = (w * y).sum() / w.sum() if w.size else 0
    if abs(mean) < 1e-12:
        return np.nan
    return 2 / mean * np.cov(y, r, aweights=w, ddof=0)[0, 1]


@CONCENTRATION.right("a plain loop down the queue")
def concentration_index(y, rank_var, w=None):
    w = [1] * len(y) if w is None else list(w)
    rows = sorted(zip(rank_var, y, w), key=lambda row: row[0])
    total = sum(weight for _, _, weight in rows)
    if total == 0:
        return float("nan")
    mean = sum(value * weight for _, value, weight in rows) / total
    if abs(mean) < 1e-12:
        return float("nan")
    covariance, before, i = 0.0, 0.0, 0
    while i < len(rows):
        j = i
        while j < len(rows) and rows[j][0] == rows[i][0]:
            j += 1
        size = sum(row[2] for row in rows[i:j])
        rank = (before + size / 2) / total
        covariance += sum(row[2] * (row[1] - mean) * (rank - 0.5) for row in rows[i:j]) / total
        before += size
        i = j
    return 2 * covariance / mean


@CONCENTRATION.wrong("np.cov as it comes, divided by n - 1", MISCONCEPTION, says="You divided the covariance by n - 1")
def concentration_index(y, rank_var, w=None):
    y = np.array(y, dtype=float)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    x = np.array(rank_var)
    r = np.array([(w[x < one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    mean = np.average(y, weights=w)
    return np.nan if abs(mean) < 1e-12 else 2 * np.cov(y, r, aweights=w)[0, 1] / mean


@CONCENTRATION.wrong("ranked from the richest", MISCONCEPTION, says="rank from the poorest (0) to the richest (1)")
def concentration_index(y, rank_var, w=None):
    y = np.array(y, dtype=float)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    x = np.array(rank_var)
    r = np.array([(w[x > one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    mean = np.average(y, weights=w)
    return np.nan if abs(mean) < 1e-12 else 2 * np.average((y - mean) * r, weights=w) / mean


@CONCENTRATION.wrong(
    "weights in the covariance, but rows ranked", MISCONCEPTION, loses="edges", says="ranked rows, not people"
)
def concentration_index(y, rank_var, w=None):
    y = np.array(y, dtype=float)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    r = (pd.Series(rank_var).rank().to_numpy() - 0.5) / len(y)
    mean = np.average(y, weights=w)
    if abs(mean) < 1e-12:
        return np.nan
    return 2 * (np.average(y * r, weights=w) - mean * np.average(r, weights=w)) / mean


@CONCENTRATION.wrong(
    "the values of the rank variable in place of ranks", MISCONCEPTION, says="use ranks, not the values"
)
def concentration_index(y, rank_var, w=None):
    y, x = np.array(y, dtype=float), np.array(rank_var, dtype=float)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    r = (x - 0.5) / len(x)
    mean = np.average(y, weights=w)
    if abs(mean) < 1e-12:
        return np.nan
    return 2 * (np.average(y * r, weights=w) - mean * np.average(r, weights=w)) / mean


@CONCENTRATION.wrong("the 2 forgotten", BOUNDARY, says="The 2 is missing")
def concentration_index(y, rank_var, w=None):
    y = np.array(y, dtype=float)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    x = np.array(rank_var)
    r = np.array([(w[x < one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    mean = np.average(y, weights=w)
    return np.nan if abs(mean) < 1e-12 else np.average((y - mean) * r, weights=w) / mean


@CONCENTRATION.wrong("ties ranked one after the other", EDGE, loses="edges", says="People who tie must share one rank")
def concentration_index(y, rank_var, w=None):
    t = pd.DataFrame({"y": list(y), "x": list(rank_var)})
    t["w"] = 1.0 if w is None else list(w)
    t = t[t["w"] > 0].sort_values("x", kind="stable")
    if t.empty:
        return np.nan
    r = (t["w"].cumsum() - t["w"] / 2) / t["w"].sum()
    mean = np.average(t["y"], weights=t["w"])
    return np.nan if abs(mean) < 1e-12 else 2 * np.average((t["y"] - mean) * r, weights=t["w"]) / mean


@CONCENTRATION.wrong("0 for a mean of 0", EDGE, loses="edges", says="the index is undefined: nan")
def concentration_index(y, rank_var, w=None):
    y = np.array(y, dtype=float)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    x = np.array(rank_var)
    r = np.array([(w[x < one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    mean = np.average(y, weights=w)
    return 0.0 if abs(mean) < 1e-12 else 2 * np.average((y - mean) * r, weights=w) / mean


@CONCENTRATION.wrong("the outcome centred in place", MUTATES, loses="edges", says="changed its input y")
def concentration_index(y, rank_var, w=None):
    y = np.asarray(y, dtype=float)
    w = np.ones(len(y)) if w is None else np.asarray(w, dtype=float)
    if not w.any():
        return np.nan
    x = np.asarray(rank_var)
    r = np.array([(w[x < one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    mean = np.average(y, weights=w)
    if abs(mean) < 1e-12:
        return np.nan
    y -= mean
    return 2 * np.average(y * r, weights=w) / mean


@CONCENTRATION.wrong(
    "the mean compared with 0 to the last digit", BOUNDARY, loses="edges", says="the mean is 0 but for rounding noise"
)
def concentration_index(y, rank_var, w=None):
    y = np.array(y, dtype=float)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    if not w.sum():
        return np.nan
    x = np.array(rank_var)
    r = np.array([(w[x < one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    mean = np.average(y, weights=w)
    return np.nan if mean == 0 else 2 * np.average((y - mean) * r, weights=w) / mean


@CONCENTRATION.wrong("weights that are all 0", EDGE, loses="edges", says="All weights are 0: nobody is left")
def concentration_index(y, rank_var, w=None):
    y = np.array(y, dtype=float)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    x = np.array(rank_var)
    r = np.array([(w[x < one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    mean = np.average(y, weights=w)
    return np.nan if abs(mean) < 1e-12 else 2 * np.average((y - mean) * r, weights=w) / mean


@CONCENTRATION.wrong("the visible examples typed in", CONSTANT, says="The richest of three has everything")
def concentration_index(y, rank_var, w=None):
    return 0.0 if len(set(y)) == 1 else -8 / 30


@CONCENTRATION.wrong("ranked in the order of the rows", EDGE, loses="tests", says="do not trust the order of the rows")
def concentration_index(y, rank_var, w=None):
    df = pd.DataFrame({"y": np.array(y, dtype=float), "v": np.array(rank_var, dtype=float)})
    df["w"] = 1.0 if w is None else np.array(w, dtype=float)
    df = df[df["w"] > 0]
    if df.empty:
        return np.nan
    people = df.groupby("v", sort=False)["w"].sum()
    rank = (people.cumsum() - people / 2) / people.sum()
    r = df["v"].map(rank)
    mu = np.average(df["y"], weights=df["w"])
    if abs(mu) < 1e-12:
        return np.nan
    return 2 * np.average((df["y"] - mu) * (r - 0.5), weights=df["w"]) / mu


ERREYGERS = BANK.task("erreygers")


@ERREYGERS.right("through a concentration index of one's own")
def erreygers(y, lo, hi, rank_var, w=None):
    if not hi > lo:
        raise ValueError("hi must be larger than lo")
    y, x = np.array(y, dtype=float), np.array(rank_var)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    y, x, w = y[w != 0], x[w != 0], w[w != 0]
    if len(y) == 0:
        return np.nan
    if min(y) < lo or max(y) > hi:
        raise ValueError("y is outside the limits")
    mean = np.average(y, weights=w)
    if mean == 0:
        return 0.0
    r = np.array([(w[x < one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    c = 2 / mean * np.average((y - mean) * (r - 0.5), weights=w)
    return 4 * mean / (hi - lo) * c


@ERREYGERS.right("pandas, on an outcome rescaled to 0 to 1")
def erreygers(y, lo, hi, rank_var, w=None):
    t = pd.DataFrame({"y": list(y), "x": list(rank_var)})
    t["w"] = 1.0 if w is None else list(w)
    t = t[t["w"] > 0]
    if hi <= lo:
        raise ValueError(f"hi={hi}")
    if not t["y"].between(lo, hi).all():
        raise ValueError("y")
    if t.empty:
        return float("nan")
    t = t.assign(y=(t["y"] - lo) / (hi - lo))
    by = t.groupby("x")["w"].sum()
    t["r"] = t["x"].map((by.cumsum() - by / 2) / by.sum())
    share = t["w"] / t["w"].sum()
    return 8 * (share * t["y"] * (t["r"] - 0.5)).sum()


@ERREYGERS.right("a loop")
def erreygers(y, lo, hi, rank_var, w=None):
    w = [1] * len(y) if w is None else w
    if hi <= lo or any(weight and not lo <= value <= hi for value, weight in zip(y, w)):
        raise ValueError("limits")
    total = sum(w)
    if not total:
        return float("nan")
    people = {}
    for x, weight in zip(rank_var, w):
        people[x] = people.get(x, 0) + weight
    rank, before = {}, 0
    for x in sorted(people):
        rank[x] = (before + people[x] / 2) / total
        before += people[x]
    covariance = sum(weight * value * (rank[x] - 0.5) for value, x, weight in zip(y, rank_var, w)) / total
    return 8 * covariance / (hi - lo)


def weights(y, w):
    return [1] * len(list(y)) if w is None else list(w)


def covariance(y, rank_var, w):
    """Mean of y, and the covariance of y with the rank of people; None if there is nobody."""
    data = [(v, a, p) for v, a, p in zip(y, rank_var, w) if p > 0]
    if not data:
        return None
    total = sum(p for v, a, p in data)
    mu = sum(p * v for v, a, p in data) / total
    levels = {}
    for v, a, p in data:
        people, burden = levels.get(a, (0, 0))
        levels[a] = (people + p, burden + p * (v - mu))
    below, cov = 0, 0
    for a in sorted(levels):
        people, burden = levels[a]
        r = (below + people / 2) / total
        cov += burden * (r - 0.5)
        below += people
    return mu, cov / total


def check(y, lo, hi, w):
    if hi <= lo:
        raise ValueError(f"hi = {hi} must be larger than lo = {lo}")
    for v, p in zip(y, w):
        if p > 0 and not lo <= v <= hi:
            raise ValueError(f"y = {v} lies outside {lo} to {hi}")


@ERREYGERS.right("helpers called weights, covariance and check", using=[weights, covariance, check])
def erreygers(y, lo, hi, rank_var, w=None):
    w = weights(y, w)
    check(y, lo, hi, w)
    found = covariance(y, rank_var, w)
    if found is None:
        return float("nan")
    return 8 * found[1] / (hi - lo)


@ERREYGERS.wrong("Wagstaff's correction", MISCONCEPTION, says="That is Wagstaff's correction")
def erreygers(y, lo, hi, rank_var, w=None):
    if hi <= lo or min(y) < lo or max(y) > hi:
        raise ValueError("limits")
    y, x = np.array(y, dtype=float), np.array(rank_var)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    r = np.array([(w[x < one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    mean = np.average(y, weights=w)
    return 2 * np.average((y - mean) * r, weights=w) / mean / (1 - mean)


ERREYGERS.slip(
    "the concentration index as it is",
    MISCONCEPTION,
    of="Wagstaff's correction",
    change={"mean / (1 - mean)": "mean"},
    says="That is the concentration index itself",
)


@ERREYGERS.wrong("the range that was seen", MISCONCEPTION, says="You divided by the range that was seen")
def erreygers(y, lo, hi, rank_var, w=None):
    if hi <= lo or min(y) < lo or max(y) > hi:
        raise ValueError("limits")
    y, x = np.array(y, dtype=float), np.array(rank_var)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    r = np.array([(w[x < one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    return 8 * np.average((y - np.average(y, weights=w)) * r, weights=w) / (y.max() - y.min())


@ERREYGERS.wrong("limits of equal size let through", BOUNDARY, says="with lo = 0 and hi = 0: raise ValueError")
def erreygers(y, lo, hi, rank_var, w=None):
    if hi < lo or min(y) < lo or max(y) > hi:
        raise ValueError("limits")
    y, x = np.array(y, dtype=float), np.array(rank_var)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    r = np.array([(w[x < one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    return 8 * np.average((y - np.average(y, weights=w)) * r, weights=w) / np.float64(hi - lo)


@ERREYGERS.wrong("an impossible outcome let through", EDGE, says="y = 2 lies outside lo = 0 and hi = 1")
def erreygers(y, lo, hi, rank_var, w=None):
    if hi <= lo:
        raise ValueError("limits")
    y, x = np.array(y, dtype=float), np.array(rank_var)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    r = np.array([(w[x < one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    return 8 * np.average((y - np.average(y, weights=w)) * r, weights=w) / (hi - lo)


@ERREYGERS.wrong("through an index that nobody's outcome makes undefined", EDGE, says="C is nan, but E is 0")
def erreygers(y, lo, hi, rank_var, w=None):
    if hi <= lo or min(y) < lo or max(y) > hi:
        raise ValueError("limits")
    y, x = np.array(y, dtype=float), np.array(rank_var)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    r = np.array([(w[x < one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    mean = np.average(y, weights=w)
    c = 2 * np.average((y - mean) * r, weights=w) / mean
    return 4 * mean * c / (hi - lo)


@ERREYGERS.wrong("the outcome rescaled in place", MUTATES, says="changed its input y")
def erreygers(y, lo, hi, rank_var, w=None):
    y, x = np.asarray(y), np.asarray(rank_var)
    if hi <= lo or y.min() < lo or y.max() > hi:
        raise ValueError("limits")
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    r = np.array([(w[x < one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    y *= 8
    return np.average((y - np.average(y, weights=w)) * r, weights=w) / (hi - lo)


@ERREYGERS.wrong("no limit looked at", EDGE, says="hi = 0 is not larger than lo = 1")
def erreygers(y, lo, hi, rank_var, w=None):
    y, x = np.array(y, dtype=float), np.array(rank_var)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    r = np.array([(w[x < one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    return 8 * np.average((y - np.average(y, weights=w)) * r, weights=w) / (hi - lo)


@ERREYGERS.wrong("an impossible outcome of nobody refused", EDGE, says="drop it before you look at the limits")
def erreygers(y, lo, hi, rank_var, w=None):
    if hi <= lo or min(y) < lo or max(y) > hi:
        raise ValueError("limits")
    y, x = np.array(y, dtype=float), np.array(rank_var)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    r = np.array([(w[x < one].sum() + w[x == one].sum() / 2) / w.sum() for one in x])
    return 8 * np.average((y - np.average(y, weights=w)) * r, weights=w) / (hi - lo)


@ERREYGERS.wrong("the worked example typed in", CONSTANT, says="expected -0.32")
def erreygers(y, lo, hi, rank_var, w=None):
    if hi <= lo:
        raise ValueError("limits")
    return -0.96


@ERREYGERS.wrong("the weights turned into shares in place", MUTATES, says="changed its input rank_var or w")
def erreygers(y, lo, hi, rank_var, w=None):
    y, better_off = np.asarray(y, dtype=float), np.asarray(rank_var)
    w = np.ones(len(y)) if w is None else w
    kept = np.asarray(w, dtype=float) > 0
    if hi <= lo or (y[kept] < lo).any() or (y[kept] > hi).any():
        raise ValueError("limits")
    if isinstance(w, np.ndarray):
        w /= w.sum()
    y, better_off, w = y[kept], better_off[kept], np.asarray(w, dtype=float)[kept]
    rank = np.array([w[better_off < one].sum() + w[better_off == one].sum() / 2 for one in better_off]) / w.sum()
    return 8 * np.average((y - np.average(y, weights=w)) * rank, weights=w) / (hi - lo)


def _cov(y, rank_var, w):
    share = w / w.sum()
    r = np.array([share[rank_var < v].sum() + share[rank_var == v].sum() / 2 for v in rank_var])
    mu = (share * y).sum()
    return (share * (y - mu) * (r - 0.5)).sum()


@ERREYGERS.wrong("0 also where nobody is left", EDGE, says="All weights are 0: nobody is left", using=[_cov])
def erreygers(y, lo, hi, rank_var, w=None):
    if hi <= lo:
        raise ValueError("hi must be larger than lo")
    y, rank_var = np.array(y, dtype=float), np.array(rank_var, dtype=float)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    y, rank_var, w = y[w > 0], rank_var[w > 0], w[w > 0]
    if (y < lo).any() or (y > hi).any():
        raise ValueError("y outside lo to hi")
    if y.sum() == 0:  # nobody has the outcome: C is nan but E is 0
        return 0.0
    return 8 * _cov(y, rank_var, w) / (hi - lo)


@ERREYGERS.wrong("only the upper limit looked at", EDGE, says="with lo = 0 and hi = 1: raise ValueError", using=[_cov])
def erreygers(y, lo, hi, rank_var, w=None):
    if hi <= lo:
        raise ValueError("hi must be larger than lo")
    y, rank_var = np.array(y, dtype=float), np.array(rank_var, dtype=float)
    w = np.ones(len(y)) if w is None else np.array(w, dtype=float)
    y, rank_var, w = y[w > 0], rank_var[w > 0], w[w > 0]
    if len(y) == 0:
        return np.nan
    if max(y) > hi:
        raise ValueError("y is larger than hi")
    return 8 * _cov(y, rank_var, w) / (hi - lo)


DECOMPOSE = BANK.task("decompose_ci")


@DECOMPOSE.right("a loop over the factors, with np.cov")
def decompose_ci(df, y, factors, rank_var):
    r = (df[rank_var].rank() - 0.5) / len(df)
    mu = df[y].mean() if abs(df[y].mean()) > 1e-12 else np.nan
    X = np.column_stack([np.ones(len(df))] + [df[f] for f in factors])
    coef, *_ = np.linalg.lstsq(X, df[y], rcond=None)
    total = 2 * np.cov(df[y], r, ddof=0)[0, 1] / mu
    rows = []
    for k, f in enumerate(factors):
        c = 2 * np.cov(df[f], r, ddof=0)[0, 1]
        mean = df[f].mean()
        rows.append([coef[k + 1], mean, c / mean if abs(mean) > 1e-12 else np.nan, coef[k + 1] * c / mu])
    e = df[y] - X @ coef
    rows.append([np.nan, np.nan, np.nan, 2 * np.cov(e, r, ddof=0)[0, 1] / mu])
    columns = ["beta", "mean", "ci_k", "contribution"]
    out = pd.DataFrame(rows, index=list(factors) + ["residual"], columns=columns)
    out["pct"] = 100 * out["contribution"] / total if abs(total) >= 1e-12 else np.nan
    return out


@DECOMPOSE.right("centred columns and the pseudo-inverse")
def decompose_ci(df, y, factors, rank_var):
    data = df[[y, *factors]].astype(float)
    n, mu = len(data), data[y].mean() if abs(data[y].mean()) > 1e-12 else np.nan
    x = (data[factors] - data[factors].mean()).to_numpy()
    v = (data[y] - mu).to_numpy()
    beta = np.linalg.pinv(x) @ v
    position = df[rank_var].to_numpy()
    below = (position[None, :] < position[:, None]).sum(axis=1)
    level = (position[None, :] == position[:, None]).sum(axis=1)
    r = (below + level / 2) / n - 0.5
    gc = 2 * x.T @ r / n
    table = pd.DataFrame({"beta": beta, "mean": data[factors].mean()}, index=factors)
    table["ci_k"] = np.where(np.abs(table["mean"]) < 1e-12, np.nan, gc / table["mean"])
    table["contribution"] = beta * gc / mu
    table.loc["residual", "contribution"] = 2 * (v - x @ beta) @ r / n / mu
    ci = 2 * v @ r / n / mu
    table["pct"] = 100 * table["contribution"] / (ci if abs(ci) > 1e-12 else np.nan)
    return table


@DECOMPOSE.right("a dict of rows; the residual from what the factors leave")
def decompose_ci(df, y, factors, rank_var):
    r = df[rank_var].rank(method="average").sub(0.5).div(len(df))
    half = r - r.mean()
    mu = df[y].mean() if abs(df[y].mean()) > 1e-12 else np.nan
    ci = 2 * (df[y] * half).mean() / mu
    design = df[factors].assign(_one=1.0)
    fit = np.linalg.lstsq(design.to_numpy(dtype=float), df[y].to_numpy(dtype=float), rcond=None)
    beta = dict(zip(design.columns, fit[0]))
    rows = {}
    for f in factors:
        mean = df[f].mean()
        spread = 0.0 if df[f].nunique() == 1 else 2 * (df[f] * half).mean()
        own = spread / mean if abs(mean) > 1e-12 else np.nan
        rows[f] = {"beta": beta[f], "mean": mean, "ci_k": own, "contribution": beta[f] * spread / mu}
    explained = sum(row["contribution"] for row in rows.values())
    rows["residual"] = {"contribution": ci - explained}
    out = pd.DataFrame.from_dict(rows, orient="index", columns=["beta", "mean", "ci_k", "contribution"])
    out["pct"] = out["contribution"].map(lambda c: 100 * c / ci if abs(ci) > 1e-12 else np.nan)
    return out


@DECOMPOSE.right("a table made column by column")
def decompose_ci(df, y, factors, rank_var):
    r = (df[rank_var].rank() - 0.5) / len(df)
    mu = df[y].mean() if abs(df[y].mean()) > 1e-12 else np.nan
    X = np.column_stack([np.ones(len(df)), df[factors]])
    coef = np.linalg.lstsq(X, df[y], rcond=None)[0]
    out = pd.DataFrame({"beta": coef[1:], "mean": df[factors].mean()}, index=factors)
    gc = np.array([2 * np.cov(df[f], r, ddof=0)[0, 1] for f in factors])
    out["ci_k"] = gc / out["mean"].where(out["mean"].abs() > 1e-12)
    out["contribution"] = out["beta"] * gc / mu
    out.loc["residual", "contribution"] = 2 * np.cov(df[y] - X @ coef, r, ddof=0)[0, 1] / mu
    total = out["contribution"].sum()
    out["pct"] = 100 * out["contribution"] / total if abs(total) > 1e-12 else np.nan
    return out


def mean(values, weights=None):
    if weights is None:
        weights = [1] * len(values)
    return sum(v * w for v, w in zip(values, weights)) / sum(weights)


def rank(values):
    """Rank of people, ties share one."""
    n = len(values)
    count = {}
    for v in values:
        count[v] = count.get(v, 0) + 1
    before, place = 0, {}
    for v in sorted(count):
        place[v] = (before + count[v] / 2) / n
        before += count[v]
    return [place[v] for v in values]


def cov(values, r):
    m = mean(values)
    return mean([(v - m) * (q - 0.5) for v, q in zip(values, r)])


def divide(a, b):
    return float("nan") if abs(b) < 1e-12 else a / b


@DECOMPOSE.right("lists alone, with a helper that divides", using=[mean, rank, cov, divide])
def decompose_ci(df, y, factors, rank_var):
    out = [float(v) for v in df[y]]
    r = rank([float(v) for v in df[rank_var]])
    x = {f: [float(v) for v in df[f]] for f in factors}
    data = np.array([[1.0] + [x[f][i] for f in factors] for i in range(len(out))])
    beta = np.linalg.lstsq(data, np.array(out), rcond=None)[0].tolist()
    residual = [o - sum(b * v for b, v in zip(beta, row)) for o, row in zip(out, data.tolist())]
    mu = mean(out)
    total = divide(2 * cov(out, r), mu)
    table = {"beta": [], "mean": [], "ci_k": [], "contribution": [], "pct": []}
    for f, b in zip(factors, beta[1:]):
        table["beta"].append(b)
        table["mean"].append(mean(x[f]))
        table["ci_k"].append(divide(2 * cov(x[f], r), mean(x[f])))
        table["contribution"].append(divide(b * 2 * cov(x[f], r), mu))
    for column in ("beta", "mean", "ci_k"):
        table[column].append(float("nan"))
    table["contribution"].append(divide(2 * cov(residual, r), mu))
    for part in table["contribution"]:
        table["pct"].append(float("nan") if total != total else 100 * divide(part, total))
    return pd.DataFrame(table, index=[*factors, "residual"])


@DECOMPOSE.wrong(
    "a regression for each factor alone", MISCONCEPTION, loses="table parts", says="put all factors into one regression"
)
def decompose_ci(df, y, factors, rank_var):
    r = (df[rank_var].rank() - 0.5) / len(df)
    mu = df[y].mean() if abs(df[y].mean()) > 1e-12 else np.nan
    total = 2 * np.cov(df[y], r, ddof=0)[0, 1] / mu
    rows, explained = [], 0
    for f in factors:
        gc = 2 * np.cov(df[f], r, ddof=0)[0, 1]
        variance = np.var(df[f])
        beta = np.cov(df[f], df[y], ddof=0)[0, 1] / variance if variance else 0
        part = beta * gc / mu
        explained += part
        mean = df[f].mean()
        rows.append([beta, mean, gc / mean if abs(mean) > 1e-12 else np.nan, part])
    rows.append([np.nan, np.nan, np.nan, total - explained])
    out = pd.DataFrame(rows, index=[*factors, "residual"], columns=["beta", "mean", "ci_k", "contribution"])
    out["pct"] = 100 * out["contribution"] / total if abs(total) > 1e-12 else np.nan
    return out


@DECOMPOSE.wrong("no intercept", MISCONCEPTION, loses="table parts", says="The regression has no intercept")
def decompose_ci(df, y, factors, rank_var):
    r = (df[rank_var].rank() - 0.5) / len(df)
    mu, X = df[y].mean(), df[factors].to_numpy(dtype=float)
    mu = mu if abs(mu) > 1e-12 else np.nan
    beta = np.linalg.lstsq(X, df[y].to_numpy(dtype=float), rcond=None)[0]
    gc = np.array([2 * np.cov(df[f], r, ddof=0)[0, 1] for f in factors])
    mean = df[factors].mean().to_numpy()
    rest = 2 * np.cov(df[y] - X @ beta, r, ddof=0)[0, 1] / mu
    part = np.append(beta * gc / mu, rest)
    own = gc / np.where(np.abs(mean) < 1e-12, np.nan, mean)
    total = part.sum()
    return pd.DataFrame(
        {
            "beta": np.append(beta, np.nan),
            "mean": np.append(mean, np.nan),
            "ci_k": np.append(own, np.nan),
            "contribution": part,
            "pct": 100 * part / total if abs(total) > 1e-12 else np.nan,
        },
        index=[*factors, "residual"],
    )


@DECOMPOSE.wrong(
    "beta times ci_k, without the means",
    MISCONCEPTION,
    loses="parts edges",
    says="the mean of the factor over the mean of y is missing",
)
def decompose_ci(df, y, factors, rank_var):
    r = (df[rank_var].rank() - 0.5) / len(df)
    mu = df[y].mean() if abs(df[y].mean()) > 1e-12 else np.nan
    X = np.column_stack([np.ones(len(df)), df[factors]])
    coef = np.linalg.lstsq(X, df[y], rcond=None)[0]
    total = 2 * np.cov(df[y], r, ddof=0)[0, 1] / mu
    out = pd.DataFrame({"beta": coef[1:], "mean": df[factors].mean()}, index=factors)
    out["ci_k"] = [2 * np.cov(df[f], r, ddof=0)[0, 1] / (df[f].mean() or np.nan) for f in factors]
    out["contribution"] = out["beta"] * out["ci_k"]
    out.loc["residual", "contribution"] = total - out["contribution"].sum()
    out["pct"] = 100 * out["contribution"] / total if abs(total) > 1e-12 else np.nan
    return out


DECOMPOSE.slip(
    "np.cov as it comes, divided by n - 1",
    BOUNDARY,
    of="a table made column by column",
    change={"df[f], r, ddof=0": "df[f], r", "coef, r, ddof=0": "coef, r"},
    says="You divided the covariance by n - 1",
)

DECOMPOSE.slip(
    "shares in place of per cent",
    BOUNDARY,
    of="a table made column by column",
    change={'100 * out["contribution"]': 'out["contribution"]'},
    loses="parts",
    says="pct is per cent",
)

DECOMPOSE.slip(
    "beta × mean × ci_k: a mean of 0 loses the contribution",
    EDGE,
    of="a table made column by column",
    change={"gc / mu": 'out["mean"] * out["ci_k"] / mu'},
    loses="edges",
    says="A factor of mean 0 has no ci_k but does contribute",
)

DECOMPOSE.slip(
    "the normal equations, which a constant factor stops",
    EDGE,
    of="a table made column by column",
    change={"lstsq(X, df[y], rcond=None)[0]": "solve(X.T @ X, X.T @ df[y])"},
    loses="edges",
    says="use np.linalg.lstsq",
)

DECOMPOSE.slip(
    "the rank left in the table as a new column",
    MUTATES,
    of="a table made column by column",
    change={"r = (df": 'df["r"] = (df', "df[f], r,": 'df[f], df["r"],', "coef, r,": 'coef, df["r"],'},
    loses="edges",
    says="changed the table df that was passed in",
)

DECOMPOSE.slip(
    "per cent without their signs",
    MISCONCEPTION,
    of="a table made column by column",
    change={'out["contribution"] / total': '(out["contribution"] / total).abs()'},
    loses="parts",
    says="pct keeps its sign",
)

DECOMPOSE.slip(
    "a mean compared with 0 to the last digit",
    BOUNDARY,
    of="a table made column by column",
    change={'where(out["mean"].abs() > 1e-12)': "replace(0, np.nan)"},
    loses="edges",
    says="its mean is 0 but for rounding noise",
)


@DECOMPOSE.wrong("the worked example typed in", CONSTANT, says="Keep the factors in the order given")
def decompose_ci(df, y, factors, rank_var):
    return pd.DataFrame(
        {
            "beta": [-0.5, np.nan],
            "mean": [0.5, np.nan],
            "ci_k": [0.5, np.nan],
            "contribution": [-1 / 6, -1 / 12],
            "pct": [200 / 3, 100 / 3],
        },
        index=["toilet", "residual"],
    )


DECOMPOSE.slip(
    "the residual added to the caller's list",
    MUTATES,
    of="a loop over the factors, with np.cov",
    change={
        "    columns = [": '    factors.append("residual")\n    columns = [',
        'list(factors) + ["residual"]': "factors",
    },
    loses="edges",
    says="changed the list of factors",
)


DECOMPOSE.slip(
    "per cent of an index that is noise",
    BOUNDARY,
    of="a loop over the factors, with np.cov",
    change={"if abs(total) >= 1e-12 else": "if total != 0 else"},
    loses="edges",
    says="the index is 0 but for rounding noise",
)


DECOMPOSE.slip(
    "ties ranked one after the other",
    EDGE,
    of="a loop over the factors, with np.cov",
    change={"df[rank_var].rank()": "df[rank_var].argsort(kind='stable').argsort() + 1"},
    loses="table",
    says="People who tie share one rank",
)


CORE20 = BANK.task("core20")


@CORE20.right("a loop down the list")
def core20(pop, imd_score):
    order = sorted(pop.index, key=lambda area: (-imd_score[area], area))
    total, before, inside = pop.sum(), 0, {}
    for area in order:
        inside[area] = bool((before + pop[area] / 2) / total <= 0.20 + 1e-12)
        before += pop[area]
    return pd.Series([inside[area] for area in pop.index], index=pop.index)


@CORE20.right("numpy's lexsort")
def core20(pop, imd_score):
    names = np.argsort(np.argsort(pop.index.to_numpy()))
    order = np.lexsort([names, -imd_score.to_numpy()])
    share = pop.to_numpy()[order] / pop.sum()
    flags = np.zeros(len(pop), dtype=bool)
    flags[order] = np.cumsum(share) - share / 2 <= 0.20 + 1e-12
    return pd.Series(flags, index=pop.index)


@CORE20.right("a groupby for the scores, ties by name within them")
def core20(pop, imd_score):
    table = pd.DataFrame({"area": pop.index, "pop": pop.to_numpy(), "score": imd_score.to_numpy()})
    table = table.sort_values(["score", "area"], ascending=[False, True])
    levels = table.groupby("score", sort=False)["pop"].sum()
    above = table["score"].map(levels.cumsum() - levels)
    before = above + table.groupby("score")["pop"].cumsum() - table["pop"]
    table["in"] = (before + table["pop"] / 2) / table["pop"].sum() < 0.20 + 1e-12
    return table.set_index("area")["in"].loc[pop.index].rename_axis(pop.index.name)


@CORE20.wrong("a fifth of the areas", MISCONCEPTION, says="You took a fifth of the areas")
def core20(pop, imd_score):
    order = imd_score.sort_index().sort_values(ascending=False, kind="stable").index
    return pd.Series(pop.index.isin(order[: len(pop) // 5]), index=pop.index)


@CORE20.wrong("a small score taken as deprived", MISCONCEPTION, says="a larger score means more deprived")
def core20(pop, imd_score):
    t = pd.DataFrame({"pop": pop, "s": imd_score}).sort_index().sort_values("s", kind="stable")
    middle = (t["pop"].cumsum() - t["pop"] / 2) / t["pop"].sum()
    return (middle <= 0.20 + 1e-12).reindex(pop.index)


@CORE20.wrong(
    "the area across the line left out", BOUNDARY, loses="tests", says="You left out the area that lies across the line"
)
def core20(pop, imd_score):
    t = pd.DataFrame({"pop": pop, "s": imd_score}).sort_index()
    t = t.sort_values("s", ascending=False, kind="stable")
    return (t["pop"].cumsum() / t["pop"].sum() <= 0.20 + 1e-12).reindex(pop.index)


@CORE20.wrong("filled up until a fifth is reached", BOUNDARY, loses="tests", says="Filling up to 20% is another rule")
def core20(pop, imd_score):
    t = pd.DataFrame({"pop": pop, "s": imd_score}).sort_index()
    t = t.sort_values("s", ascending=False, kind="stable")
    before = (t["pop"].cumsum() - t["pop"]) / t["pop"].sum()
    return (before < 0.20).reindex(pop.index)


@CORE20.wrong("a middle of exactly 0.20 left out", BOUNDARY, loses="tests", says="exactly 0.20, which is in")
def core20(pop, imd_score):
    t = pd.DataFrame({"pop": pop, "s": imd_score}).sort_index()
    t = t.sort_values("s", ascending=False, kind="stable")
    return ((t["pop"].cumsum() - t["pop"] / 2) / t["pop"].sum() < 0.20).reindex(pop.index)


@CORE20.wrong("rounding noise decides", BOUNDARY, loses="tests", says="compare with 0.20 + 1e-12")
def core20(pop, imd_score):
    t = pd.DataFrame({"pop": pop, "s": imd_score}).sort_index()
    t = t.sort_values("s", ascending=False, kind="stable")
    share = t["pop"] / t["pop"].sum()
    return (share.cumsum() - share / 2 <= 0.20).reindex(pop.index)


@CORE20.wrong("ties by the order of the rows", EDGE, loses="order", says="a comes first by name")
def core20(pop, imd_score):
    t = pd.DataFrame({"pop": pop, "s": imd_score}).sort_values("s", ascending=False, kind="stable")
    middle = (t["pop"].cumsum() - t["pop"] / 2) / t["pop"].sum()
    return (middle <= 0.20 + 1e-12).reindex(pop.index)


@CORE20.wrong(
    "the answer left in sorted order", EDGE, loses="order", says="The answer must keep the order of the input"
)
def core20(pop, imd_score):
    t = pd.DataFrame({"pop": pop, "s": imd_score}).sort_index()
    t = t.sort_values("s", ascending=False, kind="stable")
    middle = (t["pop"].cumsum() - t["pop"] / 2) / t["pop"].sum()
    return middle <= 0.20 + 1e-12


@CORE20.wrong("the population turned into shares in place", MUTATES, loses="order", says="changed its inputs")
def core20(pop, imd_score):
    pop /= pop.sum()
    t = pd.DataFrame({"share": pop, "s": imd_score}).sort_index()
    t = t.sort_values("s", ascending=False, kind="stable")
    return (t["share"].cumsum() - t["share"] / 2 <= 0.20 + 1e-12).reindex(pop.index)


@CORE20.wrong("the worked example typed in", CONSTANT, says="one flag for each area")
def core20(pop, imd_score):
    return pd.Series([False, True, True, False, True], index=list("ABCDE"))


@CORE20.wrong("equal scores share a middle", EDGE, loses="order", says="Areas that tie do not share a place here")
def core20(pop, imd_score):
    share = pop / pop.sum()
    flags = []
    for area in pop.index:
        before = share[imd_score > imd_score[area]].sum()
        own = share[imd_score == imd_score[area]].sum()
        flags.append(before + own / 2 <= 0.20 + 1e-12)
    return pd.Series(flags, index=pop.index)


TARGETING = BANK.task("targeting")


@TARGETING.right("four sums in a loop")
def targeting(flag, deprived, w=None):
    w = [1] * len(flag) if w is None else w
    both = flagged = poor = 0
    for f, d, weight in zip(flag, deprived, w):
        flagged += weight if f else 0
        poor += weight if d else 0
        both += weight if f and d else 0

    def share(part, whole):
        return part / whole if whole else float("nan")

    return {
        "sensitivity": share(both, poor),
        "ppv": share(both, flagged),
        "leakage": share(flagged - both, flagged),
        "undercoverage": share(poor - both, poor),
    }


@TARGETING.right("numpy products, and the warning that 0 / 0 prints")
def targeting(flag, deprived, w=None):
    f, d = np.array(flag, dtype=float), np.array(deprived, dtype=float)
    w = np.ones_like(f) if w is None else np.array(w, dtype=float)
    sensitivity = (w * f * d).sum() / (w * d).sum()
    ppv = (w * f * d).sum() / (w * f).sum()
    return dict(sensitivity=sensitivity, ppv=ppv, leakage=1 - ppv, undercoverage=1 - sensitivity)


@TARGETING.right("a pandas pivot of weights")
def targeting(flag, deprived, w=None):
    t = pd.DataFrame({"f": np.asarray(flag, dtype=bool), "d": np.asarray(deprived, dtype=bool)})
    t["w"] = 1.0 if w is None else np.asarray(w, dtype=float)
    cell = (
        t.groupby(["f", "d"])["w"]
        .sum()
        .reindex(pd.MultiIndex.from_product([[True, False], [True, False]]), fill_value=0.0)
    )
    hit, false_alarm, missed = cell[(True, True)], cell[(True, False)], cell[(False, True)]
    poor, reached = hit + missed or np.nan, hit + false_alarm or np.nan
    return {
        "sensitivity": hit / poor,
        "ppv": hit / reached,
        "leakage": false_alarm / reached,
        "undercoverage": missed / poor,
    }


@TARGETING.wrong("sensitivity and ppv swapped", MISCONCEPTION, says="You swapped sensitivity and ppv")
def targeting(flag, deprived, w=None):
    f, d = np.array(flag, dtype=float), np.array(deprived, dtype=float)
    w = np.ones_like(f) if w is None else np.array(w, dtype=float)
    sensitivity = (w * f * d).sum() / (w * f).sum()
    ppv = (w * f * d).sum() / (w * d).sum()
    return dict(sensitivity=sensitivity, ppv=ppv, leakage=1 - ppv, undercoverage=1 - sensitivity)


@TARGETING.wrong(
    "leakage as a share of the not deprived",
    MISCONCEPTION,
    says="You took leakage as a share of all who are not deprived",
)
def targeting(flag, deprived, w=None):
    f, d = np.array(flag, dtype=float), np.array(deprived, dtype=float)
    w = np.ones_like(f) if w is None else np.array(w, dtype=float)
    sensitivity = (w * f * d).sum() / (w * d).sum()
    ppv = (w * f * d).sum() / (w * f).sum()
    leakage = (w * f * (1 - d)).sum() / (w * (1 - d)).sum()
    return dict(sensitivity=sensitivity, ppv=ppv, leakage=leakage, undercoverage=1 - sensitivity)


@TARGETING.wrong("rows counted, weights ignored", MISCONCEPTION, says="The weights have no effect")
def targeting(flag, deprived, w=None):
    f, d = np.array(flag, dtype=float), np.array(deprived, dtype=float)
    sensitivity, ppv = (f * d).sum() / d.sum(), (f * d).sum() / f.sum()
    return dict(sensitivity=sensitivity, ppv=ppv, leakage=1 - ppv, undercoverage=1 - sensitivity)


TARGETING.slip(
    "leakage as a share of everybody",
    BOUNDARY,
    of="leakage as a share of the not deprived",
    change={"(w * (1 - d))": "w"},
    says="it is a share of the flagged",
)


@TARGETING.wrong("0 for a share of nobody", EDGE, loses="edges", says="a share of nobody: nan, not 0.0")
def targeting(flag, deprived, w=None):
    f, d = np.array(flag, dtype=float), np.array(deprived, dtype=float)
    w = np.ones_like(f) if w is None else np.array(w, dtype=float)
    both, poor, flagged = (w * f * d).sum(), (w * d).sum(), (w * f).sum()
    sensitivity = both / poor if poor else 0.0
    ppv = both / flagged if flagged else 0.0
    return dict(sensitivity=sensitivity, ppv=ppv, leakage=1 - ppv, undercoverage=1 - sensitivity)


@TARGETING.wrong("everything undefined when nobody is deprived", EDGE, loses="edges", says="they are not undefined")
def targeting(flag, deprived, w=None):
    f, d = np.array(flag, dtype=float), np.array(deprived, dtype=float)
    w = np.ones_like(f) if w is None else np.array(w, dtype=float)
    if (w * d).sum() == 0 or (w * f).sum() == 0:
        return dict.fromkeys(["sensitivity", "ppv", "leakage", "undercoverage"], np.nan)
    sensitivity = (w * f * d).sum() / (w * d).sum()
    ppv = (w * f * d).sum() / (w * f).sum()
    return dict(sensitivity=sensitivity, ppv=ppv, leakage=1 - ppv, undercoverage=1 - sensitivity)


@TARGETING.wrong("a division by 0", EDGE, loses="edges", says="you divide by 0; a share of nobody is nan")
def targeting(flag, deprived, w=None):
    w = [1] * len(flag) if w is None else list(w)
    both = sum(weight for f, d, weight in zip(flag, deprived, w) if f and d)
    sensitivity = both / sum(weight for d, weight in zip(deprived, w) if d)
    ppv = both / sum(weight for f, weight in zip(flag, w) if f)
    return dict(sensitivity=sensitivity, ppv=ppv, leakage=1 - ppv, undercoverage=1 - sensitivity)


@TARGETING.wrong("the opposite of 1 and 0 with ~", EDGE, says="turn flags into booleans first")
def targeting(flag, deprived, w=None):
    f, d = np.asarray(flag), np.asarray(deprived)
    w = np.ones(len(f)) if w is None else np.asarray(w, dtype=float)
    sensitivity, ppv = (w * (f & d)).sum() / (w * d).sum(), (w * (f & d)).sum() / (w * f).sum()
    leakage = (w * (f & ~d)).sum() / (w * f).sum()
    undercoverage = (w * ~f * d).sum() / (w * d).sum()
    return dict(sensitivity=sensitivity, ppv=ppv, leakage=leakage, undercoverage=undercoverage)


@TARGETING.wrong("the weights turned into shares in place", MUTATES, loses="edges", says="changed its input w")
def targeting(flag, deprived, w=None):
    f, d = np.array(flag, dtype=float), np.array(deprived, dtype=float)
    w = np.ones_like(f) if w is None else np.asarray(w, dtype=float)
    w /= w.sum()
    sensitivity = (w * f * d).sum() / (w * d).sum()
    ppv = (w * f * d).sum() / (w * f).sum()
    return dict(sensitivity=sensitivity, ppv=ppv, leakage=1 - ppv, undercoverage=1 - sensitivity)


@TARGETING.wrong("1 and 0 taken as the positions of rows", EDGE, says="pick rows by position")
def targeting(flag, deprived, w=None):
    f, d = np.asarray(flag), np.asarray(deprived)
    w = np.ones(len(f)) if w is None else np.asarray(w, dtype=float)
    both, poor, flagged = w[f & d].sum(), w[d].sum(), w[f].sum()
    sensitivity, ppv = both / poor if poor else np.nan, both / flagged if flagged else np.nan
    return dict(sensitivity=sensitivity, ppv=ppv, leakage=1 - ppv, undercoverage=1 - sensitivity)


@TARGETING.wrong("the worked example typed in", CONSTANT, says="so sensitivity is a share of nobody: nan")
def targeting(flag, deprived, w=None):
    return {"sensitivity": 1 / 2, "ppv": 1 / 3, "leakage": 2 / 3, "undercoverage": 1 / 2}


@TARGETING.wrong("Series matched by their labels", EDGE, loses="tests", says="take the rows by position")
def targeting(flag, deprived, w=None):
    flag, deprived = pd.Series(flag).astype(bool), pd.Series(deprived).astype(bool)
    w = pd.Series(1.0, index=flag.index) if w is None else pd.Series(w, dtype=float)
    both = w[flag & deprived].sum()
    sensitivity = both / w[deprived].sum() if w[deprived].sum() > 0 else np.nan
    ppv = both / w[flag].sum() if w[flag].sum() > 0 else np.nan
    return {"sensitivity": sensitivity, "ppv": ppv, "leakage": 1 - ppv, "undercoverage": 1 - sensitivity}


@TARGETING.wrong("rows of weight 0 counted as persons", EDGE, loses="edges", says="The only deprived row has weight 0")
def targeting(flag, deprived, w=None):
    flag, deprived = np.array(flag, dtype=bool), np.array(deprived, dtype=bool)
    w = np.ones(len(flag)) if w is None else np.array(w, dtype=float)
    sensitivity, ppv = np.nan, np.nan
    if deprived.any():
        sensitivity = np.average(flag[deprived], weights=w[deprived])
    if flag.any():
        ppv = np.average(deprived[flag], weights=w[flag])
    return {"sensitivity": sensitivity, "ppv": ppv, "leakage": 1 - ppv, "undercoverage": 1 - sensitivity}


@TARGETING.wrong("nobody flagged, so nobody found", EDGE, loses="edges", says="so ppv is a share of nobody")
def targeting(flag, deprived, w=None):
    flag, deprived = np.array(flag, dtype=bool), np.array(deprived, dtype=bool)
    w = np.ones(len(flag)) if w is None else np.array(w, dtype=float)
    both = w[flag & deprived].sum()
    poor, flagged = w[deprived].sum(), w[flag].sum()
    sensitivity = both / poor if poor > 0 else np.nan
    ppv = both / flagged if flagged > 0 else 0
    return {"sensitivity": sensitivity, "ppv": ppv, "leakage": 1 - ppv, "undercoverage": 1 - sensitivity}


EB_RATES = BANK.task("eb_rates")


@EB_RATES.right("a loop over the areas")
def eb_rates(obs, n):
    obs, n = list(obs), list(n)
    areas = [(o, p) for o, p in zip(obs, n) if p > 0]
    people = sum(p for _, p in areas)
    if people == 0:
        return np.array([float("nan")] * len(n))
    m = sum(o for o, _ in areas) / people
    variance = sum(p * (o / p - m) ** 2 for o, p in areas) / people
    a = max(0, variance - m * len(areas) / people)
    rates = []
    for o, p in zip(obs, n):
        if p == 0 or a == 0:
            rates.append(m)
        else:
            own = a / (a + m / p)
            rates.append(own * o / p + (1 - own) * m)
    return np.array(rates)


@EB_RATES.right("a pandas table, returned as a Series")
def eb_rates(obs, n):
    t = pd.DataFrame({"o": list(obs), "n": list(n)}, dtype=float)
    lived_in = t[t["n"] > 0]
    m = lived_in["o"].sum() / lived_in["n"].sum() if len(lived_in) else np.nan
    r = lived_in["o"] / lived_in["n"]
    between = ((r - m) ** 2 * lived_in["n"]).sum() / lived_in["n"].sum() - m / lived_in["n"].mean()
    if not between > 0:
        return pd.Series(m, index=t.index)
    weight = between / (between + m / lived_in["n"])
    return (m + weight * (r - m)).reindex(t.index).fillna(m)


@EB_RATES.right("numpy, with the warnings that 0 / 0 prints")
def eb_rates(obs, n):
    o, n = np.array(obs, dtype=float), np.array(n, dtype=float)
    m = o[n > 0].sum() / n.sum()
    r = np.where(n > 0, o / n, m)
    a = max((n * (r - m) ** 2).sum() / n.sum() - m * np.count_nonzero(n) / n.sum(), 0)
    w = np.nan_to_num(a * n / (a * n + m))
    return m + w * (r - m)


@EB_RATES.right("a mask of the areas where people live")
def eb_rates(obs, n):
    o, n = np.array(obs, dtype=float), np.array(n, dtype=float)
    lived_in = n > 0
    if not lived_in.any():
        return np.full(len(n), np.nan)
    m, people, r = o[lived_in].sum() / n.sum(), n[lived_in], o[lived_in] / n[lived_in]
    a = max(0, np.average((r - m) ** 2, weights=people) - m / people.mean())
    out = np.full(len(n), m)
    if a > 0:
        out[lived_in] = m + a / (a + m / people) * (r - m)
    return out


@EB_RATES.wrong(
    "every area counts the same in the variance",
    MISCONCEPTION,
    loses="tests",
    says="Every area counted the same in the variance",
)
def eb_rates(obs, n):
    o, n = np.array(obs, dtype=float), np.array(n, dtype=float)
    lived_in = n > 0
    if not lived_in.any():
        return np.full(len(n), np.nan)
    m = o[lived_in].sum() / n.sum()
    r = np.divide(o, n, out=np.full(len(n), m), where=lived_in)
    a = max(0, np.mean((r[lived_in] - m) ** 2) - m / n[lived_in].mean())
    w = a * n / (a * n + m) if a > 0 else 0
    return m + w * (r - m)


EB_RATES.slip(
    "drawn towards the mean of the rates",
    MISCONCEPTION,
    of="a mask of the areas where people live",
    change={
        "m, people, r = o[lived_in].sum() / n.sum()": "r = o[lived_in] / n[lived_in]\n    m, people = r.mean()",
        ", o[lived_in] / n[lived_in]": "",
    },
    says="draw towards events / people of all",
)

EB_RATES.slip(
    "the weight turned round",
    MISCONCEPTION,
    of="a mask of the areas where people live",
    change={
        "out[lived_in] = m + a / (a + m / people) * (r - m)": (
            "own = a / (a + m / people)\n        out[lived_in] = own * m + (1 - own) * r"
        )
    },
    loses="tests",
    says="The weight is turned round",
)


@EB_RATES.wrong(
    "the variance divided by the number of areas less one", BOUNDARY, loses="tests", says="divide by the people"
)
def eb_rates(obs, n):
    o, n = np.array(obs, dtype=float), np.array(n, dtype=float)
    lived_in = n > 0
    if not lived_in.any():
        return np.full(len(n), np.nan)
    m, people, r = o[lived_in].sum() / n.sum(), n[lived_in], o[lived_in] / n[lived_in]
    k = len(people)
    variance = np.average((r - m) ** 2, weights=people) * k / max(k - 1, 1)
    a = max(0, variance - m / people.mean())
    out = np.full(len(n), m)
    if a > 0:
        out[lived_in] = m + a / (a + m / people) * (r - m)
    return out


EB_RATES.slip(
    "a negative variance kept",
    BOUNDARY,
    of="a mask of the areas where people live",
    change={
        "max(0, np.average((r - m) ** 2, weights=people) - m / people.mean())": (
            "np.average((r - m) ** 2, weights=people) - m / people.mean()"
        ),
        "if a > 0": "if m > 0",
    },
    loses="edges",
    says="both areas should get 20 / 250",
)


@EB_RATES.wrong("raw rates when the variance is 0", EDGE, loses="edges", says="A must not go below 0")
def eb_rates(obs, n):
    o, n = np.array(obs, dtype=float), np.array(n, dtype=float)
    lived_in = n > 0
    if not lived_in.any():
        return np.full(len(n), np.nan)
    m, people, r = o[lived_in].sum() / n.sum(), n[lived_in], o[lived_in] / n[lived_in]
    a = np.average((r - m) ** 2, weights=people) - m / people.mean()
    out = np.full(len(n), m)
    out[lived_in] = m + a / (a + m / people) * (r - m) if a > 0 else r
    return out


EB_RATES.slip(
    "an area without people counted in the mean size",
    EDGE,
    of="a mask of the areas where people live",
    change={"people.mean()": "n.mean()"},
    loses="edges",
    says="You counted the area without people in the mean size",
)


@EB_RATES.wrong("nan for an area without people", EDGE, loses="edges", says="gets the overall rate m, not nan")
def eb_rates(obs, n):
    o, n = np.array(obs, dtype=float), np.array(n, dtype=float)
    lived_in = n > 0
    out = np.full(len(n), np.nan)
    if lived_in.any():
        m, people, r = o[lived_in].sum() / n.sum(), n[lived_in], o[lived_in] / n[lived_in]
        a = max(0, np.average((r - m) ** 2, weights=people) - m / people.mean())
        out[lived_in] = m + (a / (a + m / people) if a > 0 else 0) * (r - m)
    return out


EB_RATES.slip(
    "0 / 0 when nothing happens anywhere",
    EDGE,
    of="a mask of the areas where people live",
    change={"if a > 0:\n        out[lived_in]": "out[lived_in]"},
    loses="edges",
    says="the weight is 0 / 0",
)


@EB_RATES.wrong("empty areas given one person in place", MUTATES, loses="edges", says="changed its inputs")
def eb_rates(obs, n):
    o, n = np.asarray(obs, dtype=float), np.asarray(n, dtype=float)
    empty = n == 0
    if empty.all():
        return np.full(len(n), np.nan)
    people, r = n[~empty], o[~empty] / n[~empty]
    m = o[~empty].sum() / people.sum()
    a = max(0, np.average((r - m) ** 2, weights=people) - m / people.mean())
    n[empty] = 1
    w = a * n / (a * n + m) if a > 0 else np.zeros(len(n))
    w[empty] = 0
    return m + w * (o / n - m)


@EB_RATES.wrong("the worked example typed in", CONSTANT, says="both areas should get 20 / 250")
def eb_rates(obs, n):
    return np.array([0.12, 0.28])


EB_RATES.slip(
    "events where nobody lives counted in the overall rate",
    EDGE,
    of="a mask of the areas where people live",
    change={"m, people, r = o[lived_in].sum()": "m, people, r = o.sum()"},
    loses="edges",
    says="The 4 events where nobody lives changed the rates",
)


EB_RATES.slip(
    "0 where nobody lives anywhere",
    EDGE,
    of="a mask of the areas where people live",
    change={"return np.full(len(n), np.nan)": "return np.zeros(len(n))"},
    loses="edges",
    says="Nobody lives anywhere: all rates are nan",
)


ADD_PLUS = BANK.task("add_plus")


@ADD_PLUS.right("sets of persons")
def add_plus(df, groups, budget):
    rows = range(len(df))

    def who(column):
        values = df[column].tolist()
        return {i for i in rows if values[i]}

    covered, poor = who("core20"), who("deprived")
    members = {g: who(g) for g in groups}
    chosen = []
    while members:
        new = {g: m - covered for g, m in members.items()}
        fits = [g for g in new if new[g] & poor and len(new[g]) <= budget]
        if not fits:
            break
        best = min(fits, key=lambda g: (-len(new[g] & poor) / len(new[g]), g))
        chosen.append(best)
        covered |= members.pop(best)
        budget -= len(new[best])
    return chosen


@ADD_PLUS.right("a copy of the table that shrinks to those not covered")
def add_plus(df, groups, budget):
    left = df[df["core20"] == 0].copy()
    names, chosen = sorted(groups), []
    while True:
        candidates = []
        for name in names:
            new = left[left[name] == 1]
            if name not in chosen and new["deprived"].sum() > 0 and len(new) <= budget:
                candidates.append((new["deprived"].mean(), name))
        if not candidates:
            return chosen
        top = max(value for value, _ in candidates)
        pick = next(name for value, name in candidates if value == top)
        chosen.append(pick)
        budget -= (left[pick] == 1).sum()
        left = left[left[pick] == 0]


@ADD_PLUS.right("numpy and recursion")
def add_plus(df, groups, budget, covered=None):
    covered = df["core20"].to_numpy().astype(bool) if covered is None else covered
    poor = df["deprived"].to_numpy().astype(bool)
    best = (0, None, None)
    for name in sorted(groups):
        new = df[name].to_numpy().astype(bool) & ~covered
        if new.sum() <= budget and (new & poor).any() and (new & poor).sum() / new.sum() > best[0]:
            best = ((new & poor).sum() / new.sum(), name, new)
    if best[1] is None:
        return []
    rest = [name for name in groups if name != best[1]]
    return [best[1]] + add_plus(df, rest, budget - best[2].sum(), covered | best[2])


@ADD_PLUS.right("the best so far in a tuple")
def add_plus(df, groups, budget):
    covered, poor = df["core20"].astype(bool), df["deprived"].astype(bool)
    chosen = []
    while True:
        best = None
        for g in sorted(set(groups) - set(chosen)):
            new = df[g].astype(bool) & ~covered
            gain, cost = (new & poor).sum(), new.sum()
            if gain > 0 and cost <= budget and (best is None or gain / cost > best[0]):
                best = gain / cost, cost, g, new
        if best is None:
            return chosen
        chosen.append(best[2])
        budget, covered = budget - best[1], covered | best[3]


@ADD_PLUS.wrong("a person in two groups counted twice", MISCONCEPTION, loses="tests", says="counted twice")
def add_plus(df, groups, budget):
    outside = df[df["core20"] == 0]
    cost = {g: (outside[g] == 1).sum() for g in groups}
    gain = {g: ((outside[g] == 1) & (outside["deprived"] == 1)).sum() for g in groups}
    chosen = []
    for g in sorted((g for g in groups if gain[g] > 0), key=lambda g: (-gain[g] / cost[g], g)):
        if cost[g] <= budget:
            chosen.append(g)
            budget -= cost[g]
    return chosen


ADD_PLUS.slip(
    "the group with the most deprived persons first",
    MISCONCEPTION,
    of="the best so far in a tuple",
    change={"gain / cost > best[0]": "gain > best[0]", "best = gain / cost": "best = gain"},
    loses="tests",
    says="compare gain per new person",
)

ADD_PLUS.slip(
    "stops at the first group that does not fit",
    MISCONCEPTION,
    of="the best so far in a tuple",
    change={" and cost <= budget": "", "if best is None:": "if best is None or best[1] > budget:"},
    says="pass it over",
)

ADD_PLUS.slip(
    "the last of the budget never spent",
    BOUNDARY,
    of="the best so far in a tuple",
    change={"cost <= budget": "cost < budget"},
    says="may cost all that is left",
)

ADD_PLUS.slip(
    "the whole group paid for, not the new persons",
    EDGE,
    of="the best so far in a tuple",
    change={
        "new.sum()": "df[g].sum()",
        "gain / cost > best[0]": "gain / new.sum() > best[0]",
        "best = gain / cost": "best = gain / new.sum()",
    },
    says="Only new persons cost",
)

ADD_PLUS.slip(
    "groups without a gain chosen too",
    EDGE,
    of="the best so far in a tuple",
    change={"if gain > 0": "if cost > 0"},
    loses="edges",
    says="a gain of 0 is never chosen",
)

ADD_PLUS.slip(
    "ties by the order of the list",
    EDGE,
    of="the best so far in a tuple",
    change={"sorted(set(groups) - set(chosen))": "[g for g in groups if g not in chosen]"},
    says="which stand by name",
)

ADD_PLUS.slip(
    "the list of groups emptied on the way",
    MUTATES,
    of="the best so far in a tuple",
    change={
        "while True:": "while True:\n        groups.sort()",
        "sorted(set(groups) - set(chosen))": "groups",
        "chosen.append": "groups.remove(best[2])\n        chosen.append",
    },
    loses="edges",
    says="changed the list of groups",
)

ADD_PLUS.slip(
    "ties by name, from the last to the first",
    EDGE,
    of="the best so far in a tuple",
    change={"sorted(set(groups) - set(chosen))": "sorted(set(groups) - set(chosen), reverse=True)"},
    says="which stand by name",
)


@ADD_PLUS.wrong("the worked example typed in", CONSTANT, says="A budget of 0 pays for nobody")
def add_plus(df, groups, budget):
    return ["homeless", "migrant"]


ADD_PLUS.slip(
    "Core20 forgotten",
    MISCONCEPTION,
    of="the best so far in a tuple",
    change={'df["core20"].astype(bool)': "pd.Series(False, index=df.index)"},
    says="covered from the start and cost nothing",
)


ADD_PLUS.slip(
    "the ratio rounded before it is compared",
    BOUNDARY,
    of="sets of persons",
    change={"(-len(new[g] & poor) / len(new[g]), g)": "(-round(len(new[g] & poor) / len(new[g]), 1), g)"},
    loses="tests",
    says="do not round before you compare",
)


@ADD_PLUS.wrong("deprived who are covered counted as gain", EDGE, says="Those in Core20 are covered already")
def add_plus(df, groups, budget):
    df = df.astype(bool).reset_index(drop=True)
    covered = df["core20"].copy()
    chosen = []
    while True:
        table = []
        for g in groups:
            if g in chosen:
                continue
            cost = (df[g] & ~covered).sum()
            gain = (df[g] & df["deprived"]).sum()
            if gain > 0 and 0 < cost <= budget:
                table.append((gain / cost, g, cost))
        if not table:
            return chosen
        table.sort(key=lambda row: (-row[0], row[1]))
        share, g, cost = table[0]
        chosen.append(g)
        budget = budget - cost
        covered = covered | df[g]


TASKS = BANK.tasks

# Numbers as the model answers compute them in the cells above the reflection.
SAMPLES = (
    Sample(
        "weak",
        """
        Inequality is a very important problem and the board should do something about it. The relative index
        of premature deaths is 4.19, which is much bigger than the relative index of emergency admissions,
        1.84. This proves that deaths are more unequal, so the board must target deaths, because every life
        counts. Deprived people die more because they live in deprived areas, as our data show.

        The board should work with all partners to raise awareness and improve access to care for everyone in
        the deprived areas, using a holistic and integrated approach. Community engagement will be key.
        Success will be monitored regularly with appropriate indicators, and the programme will be adapted if
        needed. If everybody works together, the gap will close.
        """,
        {
            "normative choice made explicit": (1, 'hints at a value, but "proves" hides that a choice was made'),
            "correct index reading": (1, "reads one index of two outcomes correctly; the two indices never disagree"),
            "ecological limit": (0, "reads persons off areas"),
            "action and metric": (0, "no action that somebody could do on Monday, no metric, no date"),
        },
    ),
    Sample(
        "adequate",
        """
        Our two outcomes rank differently by two indices. The slope index of emergency admissions is 59.0 per
        1,000 people a year, and that of premature deaths only 1.8 per 1,000. So from the most to the least
        deprived end of our population there are 59 more admissions, but fewer than 2 more deaths, for each
        1,000 people. By the relative index it is the other way round: 4.19 for deaths against 1.84 for
        admissions. At the deprived end, the risk of dying early is more than four times that at the other
        end.

        I recommend that the board target premature deaths. I think that a death is worse than an admission,
        and that nobody should have four times the risk of another because of where they live. The admissions
        matter as well, but a large part of them exists in every area.

        We must be careful, because these are figures for areas. Not everybody in a deprived area is deprived:
        in our table only 32% of persons in Core20 areas are on a low income, and half of all people on a low
        income live somewhere else.

        As an action, the board could offer blood pressure checks in the Core20 areas, because high blood
        pressure is found less often there (150 per 1,000 against 172) although it should be commoner. General
        practices would do them with pharmacies. We will look at the number of checks done each year and at
        the slope index of premature deaths.
        """,
        {
            "normative choice made explicit": (2, "states a reason, but not what another notion would choose"),
            "correct index reading": (3, "two indices that disagree, with unit and sign, both read correctly"),
            "ecological limit": (2, "says it, with its own number"),
            "action and metric": (1, "a doer, but a metric without a level or a date"),
        },
    ),
    Sample(
        "strong",
        """
        Madam Chair, you asked which inequality to target. Two honest numbers give two answers, so you must
        choose before you count.

        *By the slope index, emergency admissions.* Between the two ends of our population, from most to least
        deprived, the fitted rate differs by 59.0 admissions per 1,000 people a year; for premature deaths it
        differs by 1.8. *By the relative index, premature deaths.* The fitted death rate at the deprived end
        is 4.19 times that at the other end; for admissions it is 1.84 times. The concentration index sides
        with the second: -0.203 for deaths, -0.097 for admissions, negative because both pile up among the
        deprived. No index is mistaken. The slope index counts events and so favours what is common; the
        relative index compares risks and so favours what is unequal, however rare.

        The choice is therefore about values. If you hold that the board owes most where most harm can be
        removed, go by the slope index, and target admissions. If you hold that no neighbourhood should carry
        a multiple of another's risk of an early death, go by the relative index, and target deaths. I take
        the second view, because a death cannot be made good later and an admission mostly can. A board that
        weighs bed days, or that must show results within a year, would reasonably take the first, and I would
        not call it unfair.

        What these figures cannot say: they describe areas. In our persons table, 50% of people on a low
        income live outside Core20 areas, and 68% of those inside are not on a low income. A slope across
        areas is not the risk of a poor person. Whatever we do in Core20 areas alone misses every second
        person we mean.

        Action. High blood pressure is found in 150 per 1,000 people in the most deprived tenth against 172 in
        the least, although it should be commoner there. From April, community pharmacies in the twenty areas
        with the highest smoothed death rates, and the homeless health team wherever its patients sleep, offer
        checks without appointment; the director of public health answers for it. Metric: the slope index of
        detected high blood pressure, now -21.2 per 1,000. If it has not risen above -14 by March 2029, the
        programme has failed, and its money goes elsewhere. Deaths are too few to tell us in two years: I
        would report them smoothed, and promise nothing.
        """,
        {
            "normative choice made explicit": (3, "names both notions, chooses, and says what the other would choose"),
            "correct index reading": (3, "two indices that disagree, each read for what it answers"),
            "ecological limit": (2, "says what areas cannot say, with two numbers, and draws the consequence"),
            "action and metric": (2, "who, where, from when; a level and a date at which it has failed"),
        },
    ),
)
