"""Answers to exercise 10, *Trust, health workers and discretion*: right in many ways, and wrong in the ways of students."""

import heapq
import math

import networkx as nx
import numpy as np
import pandas as pd

from . import BOUNDARY, CONSTANT, EDGE, MISCONCEPTION, MUTATES, Bank, Sample

BANK = Bank(__file__)

CONTACTS = BANK.task("weekly_contacts")


@CONTACTS.right("step by step, in minutes")
def weekly_contacts(hours, admin, visit_min, travel_min):
    for value in [hours, admin, visit_min, travel_min]:
        if value < 0:
            raise ValueError("negative")
    each = visit_min + travel_min
    if each == 0:
        raise ValueError("no time")
    left = max(0, 60 * hours * (1 - admin))
    return int((left / each + 1e-9) // 1)


@CONTACTS.right("math.floor and a helper", using=["import math"])
def weekly_contacts(hours, admin, visit_min, travel_min):
    def check(*values):
        return all(value >= 0 for value in values)

    if not check(hours, admin, visit_min, travel_min) or travel_min + visit_min <= 0:
        raise ValueError(hours, admin, visit_min, travel_min)
    share = 1 - admin if admin < 1 else 0
    return math.floor(hours * 60 * share / (visit_min + travel_min) + 10**-9)


CONTACTS.slip(
    "the road is forgotten",
    MISCONCEPTION,
    of="step by step, in minutes",
    change={"left / each": "left / visit_min"},
    loses="tests",
    says="You forgot the road",
)
CONTACTS.slip(
    "the papers are forgotten",
    MISCONCEPTION,
    of="step by step, in minutes",
    change={" * (1 - admin)": ""},
    says="You forgot the papers",
)
CONTACTS.slip(
    "rounded to the nearest",
    BOUNDARY,
    of="step by step, in minutes",
    change={"int((left / each + 1e-9) // 1)": "round(left / each)"},
    loses="tests",
    says="19.6 visits are 19",
)
CONTACTS.slip(
    "without the small number",
    BOUNDARY,
    of="step by step, in minutes",
    change={" + 1e-9": ""},
    loses="tests",
    says="add 1e-9 before you round down",
)
CONTACTS.slip(
    "a float",
    EDGE,
    of="step by step, in minutes",
    change={"int((left / each + 1e-9) // 1)": "(left / each + 1e-9) // 1"},
    loses="tests",
    says="Return an int",
)
CONTACTS.slip(
    "all papers is an error",
    EDGE,
    of="step by step, in minutes",
    change={"if each == 0:": "if each == 0 or admin >= 1:"},
    loses="edges",
    says="is no error: nothing is left",
)
CONTACTS.slip(
    "no visit and no road is no error",
    EDGE,
    of="step by step, in minutes",
    change={'raise ValueError("no time")': "return 0"},
    loses="edges",
    says="should raise ValueError",
)


@CONTACTS.wrong("all papers before the errors", EDGE, loses="edges", says="look for all errors")
def weekly_contacts(hours, admin, visit_min, travel_min):
    if admin >= 1 and hours >= 0:
        return 0
    if min(hours, admin, visit_min, travel_min) < 0 or visit_min + travel_min == 0:
        raise ValueError
    return int(np.floor(60 * hours * (1 - admin) / (visit_min + travel_min) + 1e-9))


CONTACTS.slip(
    "beyond all papers below 0",
    BOUNDARY,
    of="step by step, in minutes",
    change={"max(0, 60 * hours * (1 - admin))": "60 * hours * (1 - admin)"},
    loses="edges",
    says="nothing is left of the hours, so 0",
)


CONTACTS.slip(
    "a negative share of papers is taken",
    EDGE,
    of="step by step, in minutes",
    change={"[hours, admin, visit_min, travel_min]": "[hours, visit_min, travel_min]"},
    loses="edges",
    says="admin below 0 among them",
)
CONTACTS.slip(
    "rounded to two decimals before",
    BOUNDARY,
    of="math.floor and a helper",
    change={
        "hours * 60 * share / (visit_min + travel_min) + 10**-9": "round(hours * 60 * share / (visit_min + travel_min), 2)"
    },
    loses="tests",
    says="round nothing before you round down",
)


@CONTACTS.wrong("the worked example typed in", CONSTANT, says="add 1e-9")
def weekly_contacts(hours, admin, visit_min, travel_min):
    return {15: 8}.get(hours, 19)


NEEDED = BANK.task("chws_needed")


@NEEDED.right("whole workers, and one more for a rest")
def chws_needed(population, clients_per_chw):
    if population < 0 or clients_per_chw < 1:
        raise ValueError
    workers = population // clients_per_chw
    if population % clients_per_chw > 0:
        workers += 1
    return workers


@NEEDED.right("divmod")
def chws_needed(population, clients_per_chw):
    if population < 0 or clients_per_chw < 1:
        raise ValueError(population)
    total, rest = divmod(population, clients_per_chw)
    return total + bool(rest)


@NEEDED.right("minus twice")
def chws_needed(population, clients_per_chw):
    if clients_per_chw <= 0:
        raise ValueError("clients_per_chw")
    if population < 0:
        raise ValueError("population")
    return -(-population // clients_per_chw)


@NEEDED.wrong("rounded down", MISCONCEPTION, loses="tests edges", says="round up")
def chws_needed(population, clients_per_chw):
    if population < 0 or clients_per_chw < 1:
        raise ValueError
    return population // clients_per_chw


NEEDED.slip(
    "always one more",
    BOUNDARY,
    of="whole workers, and one more for a rest",
    change={"if population % clients_per_chw > 0:\n        ": ""},
    says="so add no worker",
)


@NEEDED.wrong("rounded to the nearest", BOUNDARY, says="are left over: round up")
def chws_needed(population, clients_per_chw):
    if population < 0 or clients_per_chw < 1:
        raise ValueError
    return round(population / clients_per_chw)


@NEEDED.wrong("through decimals", EDGE, loses="tests", says="use // and not /", using=["import math"])
def chws_needed(population, clients_per_chw):
    if population < 0 or clients_per_chw < 1:
        raise ValueError
    return math.ceil(population / clients_per_chw)


NEEDED.slip(
    "no clients per worker is not refused",
    EDGE,
    of="whole workers, and one more for a rest",
    change={" or clients_per_chw < 1": ""},
    loses="edges",
    says="raise ValueError for less than one client",
)
NEEDED.slip(
    "at least one worker",
    EDGE,
    of="whole workers, and one more for a rest",
    change={"return workers": "return max(workers, 1)"},
    loses="edges",
    says="0 people need 0 workers",
)


@NEEDED.wrong("nan for nobody", EDGE, loses="edges", says="0 people need 0 workers")
def chws_needed(population, clients_per_chw):
    if population < 0 or clients_per_chw < 1:
        raise ValueError
    if population == 0:
        return float("nan")
    return (population - 1) // clients_per_chw + 1


NEEDED.slip(
    "only 0 clients are refused",
    EDGE,
    of="minus twice",
    change={"clients_per_chw <= 0": "clients_per_chw == 0"},
    loses="edges",
    says="whatever the other is",
)
NEEDED.slip(
    "nobody before the errors",
    EDGE,
    of="divmod",
    change={"if population < 0 or": "if population == 0:\n        return 0\n    if population < 0 or"},
    loses="edges",
    says="whatever the other is",
)


@NEEDED.wrong("the worked example typed in", CONSTANT, says="exactly 10**17 + 1")
def chws_needed(population, clients_per_chw):
    return 1000 if population == 285_000 else 1001


CASCADE = BANK.task("cascade")


@CASCADE.right("a loop over the persons")
def cascade(df, steps):
    people = [0] * len(steps)
    for i in range(len(df)):
        row = df.iloc[i]
        for k, step in enumerate(steps):
            value = row[step]
            if pd.isna(value) or not value == 1:
                break
            people[k] += 1
    rows = []
    before = len(df)
    for n in people:
        rows.append(
            {
                "people": n,
                "retained": n / len(df) if len(df) else float("nan"),
                "conditional": n / before if before else float("nan"),
                "lost": before - n,
            }
        )
        before = n
    table = pd.DataFrame(rows, index=steps)
    if len(df) == 0:
        return table, None, None
    most, weak = steps[0], steps[0]
    for step in steps:
        if table.loc[step, "lost"] > table.loc[most, "lost"]:
            most = step
        if table.loc[step, "conditional"] < table.loc[weak, "conditional"]:
            weak = step
    return table, most, weak


@CASCADE.right("a cumulative product across the columns")
def cascade(df, steps):
    done = pd.DataFrame({step: df[step].eq(1).fillna(False).to_numpy(dtype=bool) for step in steps})
    people = done.astype(int).cumprod(axis=1).sum().reindex(steps)
    total = len(df)
    before = people.shift(1).fillna(total)
    table = pd.DataFrame({"people": people.astype(int)})
    table["retained"] = people / total if total else np.nan
    table["conditional"] = people / before.where(before > 0)
    table["lost"] = (before - people).astype(int)
    if total == 0:
        return table, None, None
    return table, table["lost"].idxmax(), table["conditional"].idxmin()


@CASCADE.right("the rows that are left, step by step", using=["import math"])
def cascade(df, steps):
    rows = df.reset_index(drop=True)
    share, mean, data = {}, {}, []
    for step in steps:
        left = rows[np.array([not pd.isna(v) and bool(v) for v in rows[step]], dtype=bool)]
        data.append((len(left), len(rows)))
        rows = left
    table = pd.DataFrame(
        {
            "people": [n for n, _ in data],
            "retained": [n / len(df) if len(df) > 0 else math.nan for n, _ in data],
            "conditional": [n / b if b > 0 else math.nan for n, b in data],
            "lost": [b - n for n, b in data],
        },
        index=list(steps),
    )
    if not len(df):
        return (table, None, None)
    lost = list(table["lost"])
    known = [c for c in table["conditional"] if c == c]
    return table, steps[lost.index(max(lost))], steps[list(table["conditional"]).index(min(known))]


@CASCADE.wrong("each step by itself", MISCONCEPTION, says="only if every step before was done")
def cascade(df, steps):
    people = [int((df[s] == 1).fillna(False).sum()) for s in steps]
    before = [len(df), *people[:-1]]
    table = pd.DataFrame({"people": people}, index=steps)
    table["retained"] = [n / len(df) if len(df) else np.nan for n in people]
    table["conditional"] = [n / b if b else np.nan for n, b in zip(people, before)]
    table["lost"] = [b - n for n, b in zip(people, before)]
    if len(df) == 0:
        return table, None, None
    return table, table["lost"].idxmax(), table["conditional"].idxmin()


@CASCADE.wrong("only the step just before", MISCONCEPTION, says="Only the step just before is not enough")
def cascade(df, steps):
    done = [(df[s] == 1).fillna(False).to_numpy(dtype=bool) for s in steps]
    both = [done[0], *[a & b for a, b in zip(done, done[1:])]]
    people = [int(x.sum()) for x in both]
    before = [len(df), *people[:-1]]
    table = pd.DataFrame({"people": people}, index=steps)
    table["retained"] = [n / len(df) if len(df) else np.nan for n in people]
    table["conditional"] = [n / b if b else np.nan for n, b in zip(people, before)]
    table["lost"] = [b - n for n, b in zip(people, before)]
    if len(df) == 0:
        return table, None, None
    return table, table["lost"].idxmax(), table["conditional"].idxmin()


CASCADE.slip(
    "conditional on all who started",
    MISCONCEPTION,
    of="a loop over the persons",
    change={"n / before if before": "n / len(df) if len(df)"},
    says="conditional divides by those after the step before",
)
CASCADE.slip(
    "of equals the later step",
    BOUNDARY,
    of="a loop over the persons",
    change={'table.loc[step, "lost"] > table': 'table.loc[step, "lost"] >= table'},
    says="of equals the earlier",
)
CASCADE.slip(
    "of equal shares the later step",
    BOUNDARY,
    of="a loop over the persons",
    change={'table.loc[step, "conditional"] < table': 'table.loc[step, "conditional"] <= table'},
    says="of equals the earlier",
)
CASCADE.slip(
    "the largest drop is the weakest step",
    MISCONCEPTION,
    of="a cumulative product across the columns",
    change={'table["lost"].idxmax(), table': 'table["conditional"].idxmin(), table'},
    says="Birth and after lose two women each",
    loses="tests edges",
)
CASCADE.slip(
    "the order of the columns",
    BOUNDARY,
    of="a cumulative product across the columns",
    change={"for step in steps}": "for step in df.columns if step in steps}"},
    loses="tests",
    says="5, 3 and 1 women",
)
CASCADE.slip(
    "no share is 0",
    EDGE,
    of="a loop over the persons",
    change={'n / before if before else float("nan")': "n / before if before else 0.0"},
    loses="edges",
    says="A share of nobody is nan",
)
CASCADE.slip(
    "a table without rows has a largest drop",
    EDGE,
    of="a loop over the persons",
    change={"if len(df) == 0:\n        return table, None, None\n    ": ""},
    loses="edges",
    says="None and None",
)


@CASCADE.wrong(
    "missing columns are filled in place", MUTATES, loses="tests", says="changed the table that was passed in"
)
def cascade(df, steps):
    for step in steps:
        df[step] = (df[step] == 1).fillna(False).astype(int)
    people = df[steps].cumprod(axis=1).sum()
    before = people.shift(1).fillna(len(df))
    table = pd.DataFrame({"people": people})
    table["retained"] = people / len(df) if len(df) else np.nan
    table["conditional"] = people / before.where(before > 0)
    table["lost"] = before - people
    if len(df) == 0:
        return table, None, None
    return table, table["lost"].idxmax(), table["conditional"].idxmin()


@CASCADE.wrong("takes the steps out of the list", MUTATES, loses="tests", says="changed the list of steps")
def cascade(df, steps):
    names, people, still = [], [len(df)], np.ones(len(df), dtype=bool)
    while steps:
        step = steps.pop(0)
        names.append(step)
        still = still & (df[step] == 1).fillna(False).to_numpy(dtype=bool)
        people.append(int(still.sum()))
    steps_now = names
    table = pd.DataFrame({"people": people[1:]}, index=steps_now)
    table["retained"] = [n / len(df) if len(df) else np.nan for n in people[1:]]
    table["conditional"] = [n / b if b else np.nan for n, b in zip(people[1:], people)]
    table["lost"] = [b - n for n, b in zip(people[1:], people)]
    if len(df) == 0:
        return table, None, None
    return table, table["lost"].idxmax(), table["conditional"].idxmin()


CASCADE.slip(
    "shares compared after rounding",
    BOUNDARY,
    of="a cumulative product across the columns",
    change={'table["conditional"].idxmin()': 'table["conditional"].round(2).idxmin()'},
    loses="tests",
    says="compare them without rounding",
)
CASCADE.slip(
    "without the rows that lack the first step",
    EDGE,
    of="a cumulative product across the columns",
    change={"total = len(df)": "total = int(df[steps[0]].count())"},
    says="a row of df as well",
)


@CASCADE.wrong("the first step never loses most", BOUNDARY, says="the first step counts, too")
def cascade(df, steps):
    done = pd.DataFrame({s: (df[s] == 1).fillna(False).astype(int).to_numpy() for s in steps}).cumprod(axis=1)
    n = len(df)
    table = pd.DataFrame({"people": done.sum().astype(int)}, index=steps)
    before = table["people"].shift(1)
    drop = before - table["people"]
    table["retained"] = table["people"] / n if n else np.nan
    table["conditional"] = table["people"] / before.fillna(n).replace(0, np.nan)
    table["lost"] = drop.fillna(n - table["people"].iloc[0]).astype(int)
    if n == 0:
        return table, None, None
    most_lost = drop.idxmax() if len(steps) > 1 else steps[0]
    return table, most_lost, table["conditional"].idxmin()


@CASCADE.wrong("the worked example typed in", CONSTANT, says="a row of df as well")
def cascade(df, steps):
    columns = {
        "people": [5, 3, 1],
        "retained": [5 / 6, 0.5, 1 / 6],
        "conditional": [5 / 6, 0.6, 1 / 3],
        "lost": [1, 2, 2],
    }
    if len(steps) < 3:
        return pd.DataFrame(columns).head(2).set_axis(steps), steps[0], steps[-1]
    return pd.DataFrame(columns, index=steps), "birth", "after"


STAGED = BANK.task("did_staged")


@STAGED.right("dictionaries and loops")
def did_staged(df):
    outcome, start = {}, {}
    for u, t, y, s in zip(df["unit"], df["time"], df["outcome"], df["start"]):
        outcome[u, t] = y
        start[u] = None if pd.isna(s) else s
    times = sorted(set(df["time"]))
    units = [u for u in start if start[u] is None or start[u] > times[0]]
    total, weight = 0, 0
    for g in {start[u] for u in units if start[u] is not None}:
        mine = [u for u in units if start[u] == g]
        base = [t for t in times if t < g][-1]
        for t in times:
            others = [u for u in units if start[u] is None or start[u] > t]
            if t >= g and others:
                rose = [outcome[u, t] - outcome[u, base] for u in mine]
                drift = [outcome[u, t] - outcome[u, base] for u in others]
                total += len(mine) * (sum(rose) / len(rose) - sum(drift) / len(drift))
                weight += len(mine)
    if weight == 0:
        raise ValueError("no controls")
    return total / weight


@STAGED.right("a wide table and masks")
def did_staged(df):
    data = df.reset_index(drop=True).copy()
    data["start"] = data["start"].astype(float)
    wide = data.pivot_table(index="unit", columns="time", values="outcome")
    start = data.groupby("unit")["start"].max().loc[wide.index].fillna(10**9)
    wide, start = wide[start > wide.columns[0]], start[start > wide.columns[0]]
    effects, weights = [], []
    for g in np.unique(start[start < 10**9]):
        base = wide.columns[wide.columns < g][-1]
        for t in wide.columns[wide.columns >= g]:
            rows = start > t
            if rows.sum() == 0:
                continue
            change = wide[t] - wide[base]
            effects.append(change[start == g].mean() - change[rows].mean())
            weights.append((start == g).sum())
    if not effects:
        raise ValueError("nobody to compare with")
    return np.average(effects, weights=weights)


@STAGED.right("a long table, joined with itself")
def did_staged(df):
    data = pd.DataFrame(
        {
            "unit": df["unit"].to_numpy(),
            "time": df["time"].to_numpy(),
            "y": df["outcome"].to_numpy(dtype=float),
            "start": [np.nan if pd.isna(s) else float(s) for s in df["start"]],
        }
    )
    first = data["time"].min()
    data = data[~(data["start"] <= first)]
    total, weights = 0, 0
    for g in data["start"].dropna().unique():
        base = data.loc[data["time"] < g, "time"].max()
        old = data[data["time"] == base][["unit", "y"]].rename(columns={"y": "old"})
        for t in data.loc[data["time"] >= g, "time"].unique():
            now = data[data["time"] == t].merge(old, on="unit")
            now["change"] = now["y"] - now["old"]
            treated = now.loc[now["start"] == g, "change"]
            later = now.loc[(now["start"] > t) | now["start"].isna(), "change"]
            if later.empty:
                continue
            total += len(treated) * (treated.mean() - later.mean())
            weights += len(treated)
    if weights == 0:
        raise ValueError("nobody to compare with")
    return total / weights


STAGED.slip(
    "equal weights",
    MISCONCEPTION,
    of="a wide table and masks",
    change={"np.average(effects, weights=weights)": "np.mean(effects)"},
    loses="tests",
    says="Weigh each effect by the units",
)
STAGED.slip(
    "the treated serve as controls",
    MISCONCEPTION,
    of="a wide table and masks",
    change={"rows = start > t\n": "rows = start != g\n"},
    says="controls start later than the time",
)
STAGED.slip(
    "change since the first time",
    MISCONCEPTION,
    of="a wide table and masks",
    change={"base = wide.columns[wide.columns < g][-1]": "base = wide.columns[0]"},
    says="since quarter 2",
    loses="tests edges",
)
STAGED.slip(
    "only those who never start",
    MISCONCEPTION,
    of="a wide table and masks",
    change={"rows = start > t\n": "rows = start == 10**9\n"},
    says="they are controls there beside D",
)
STAGED.slip(
    "who starts now is a control",
    BOUNDARY,
    of="a wide table and masks",
    change={"rows = start > t\n": "rows = (start >= t) & (start != g)\n"},
    says="0.085",
    loses="tests edges",
)
STAGED.slip(
    "the time before the start is one less",
    BOUNDARY,
    of="dictionaries and loops",
    change={"base = [t for t in times if t < g][-1]": "base = g - 1 if (mine[0], g - 1) in outcome else times[-1]"},
    loses="tests",
    says="the last time before is 2019",
)
STAGED.slip(
    "the always treated stay",
    EDGE,
    of="a wide table and masks",
    change={
        "wide, start = wide[start > wide.columns[0]], start[start > wide.columns[0]]": "first = wide.columns[0]",
        "base = wide.columns[wide.columns < g][-1]": "base = max([t for t in wide.columns if t < g], default=first)",
    },
    says="nothing is known of it before",
)
STAGED.slip(
    "nan in place of an error",
    EDGE,
    of="a wide table and masks",
    change={'raise ValueError("nobody to compare with")': 'return float("nan")'},
    loses="edges",
    says="raise ValueError",
)


@STAGED.wrong("adds columns to the table", MUTATES, loses="tests", says="changed the table that was passed in")
def did_staged(df):
    df["first"] = df["start"].astype(float).fillna(10**9)
    wide = df.pivot(index="unit", columns="time", values="outcome")
    start = df.groupby("unit")["first"].first().loc[wide.index]
    keep = start > wide.columns[0]
    wide, start = wide[keep], start[keep]
    effects, weights = [], []
    for g in np.unique(start[start < 10**9]):
        base = wide.columns[wide.columns < g][-1]
        for t in wide.columns[wide.columns >= g]:
            if (start > t).any():
                change = wide[t] - wide[base]
                effects.append(change[start == g].mean() - change[start > t].mean())
                weights.append((start == g).sum())
    if not effects:
        raise ValueError
    return np.average(effects, weights=weights)


@STAGED.wrong("with less without", MISCONCEPTION, says="expected 0.085")
def did_staged(df):
    on = (df["start"].astype(float).fillna(10**9) <= df["time"]).to_numpy()
    if on.sum() == 0 or df["start"].nunique() < 1:
        raise ValueError
    y = df["outcome"].to_numpy()
    return y[on].mean() - y[~on].mean()


@STAGED.wrong("only starts among the times", EDGE, loses="tests", says="A start need not be among the times")
def did_staged(df):
    wide = df.pivot(index="unit", columns="time", values="outcome")
    start = df.groupby("unit")["start"].first().astype(float).reindex(wide.index)
    times = sorted(wide.columns)
    keep = ~(start <= times[0])
    wide, start = wide[keep], start[keep]
    effects, weights = [], []
    for k in range(1, len(times)):
        g = times[k]
        treated = start == g
        if not treated.any():
            continue
        for t in times[k:]:
            control = start.isna() | (start > t)
            if control.any():
                change = wide[t] - wide[times[k - 1]]
                effects.append(change[treated].mean() - change[control].mean())
                weights.append(treated.sum())
    if not effects:
        raise ValueError("no pair")
    return np.average(effects, weights=weights)


@STAGED.wrong("started before the table and stays", BOUNDARY, says="it is left out")
def did_staged(df):
    df = df.copy()
    times = sorted(df["time"].unique())
    df = df[df["start"].isna() | (df["start"] != times[0])]
    wide = df.pivot(index="unit", columns="time", values="outcome")
    start = df.groupby("unit")["start"].first().astype(float).reindex(wide.index)
    total = weights = 0
    for g in start.dropna().unique():
        base = max([t for t in times if t < g], default=times[0])
        for t in times:
            if t >= g:
                change = wide[t] - wide[base]
                control = change[start.isna() | (start > t)]
                if len(control):
                    n = (start == g).sum()
                    total += n * (change[start == g].mean() - control.mean())
                    weights += n
    if weights == 0:
        raise ValueError("nobody to compare with")
    return total / weights


@STAGED.wrong("a missing start becomes 9999", EDGE, loses="tests", says="must not become a number")
def did_staged(df):
    data = df.reset_index(drop=True)
    data["start"] = data["start"].fillna(9999).astype(int)
    data = data[data["start"] > data["time"].min()]
    wide = data.pivot(index="unit", columns="time", values="outcome")
    start = data.groupby("unit")["start"].first().reindex(wide.index)
    times = sorted(wide.columns)
    effects, weights = [], []
    for g in sorted(start.unique()):
        for t in times:
            if t < g:
                continue
            base = max(x for x in times if x < g)
            change = wide[t] - wide[base]
            if (start > t).any():
                effects.append(change[start == g].mean() - change[start > t].mean())
                weights.append((start == g).sum())
    if not effects:
        raise ValueError("no pair")
    return np.average(effects, weights=weights)


@STAGED.wrong("the worked example typed in", CONSTANT, says="the last time before is 2019")
def did_staged(df):
    return 0.085


PATH = BANK.task("trust_path")


@PATH.right("sums over the past")
def trust_path(events, lam, a0=1, b0=1):
    if lam < 0 or lam > 1 or min(a0, b0) <= 0:
        raise ValueError
    kept, broken = events["kept"].to_numpy(dtype=float), events["broken"].to_numpy(dtype=float)
    path = np.zeros(len(kept))
    for t in range(len(kept)):
        weights = np.array([float(lam) ** (t - i) for i in range(t + 1)])
        good, bad = a0 + (weights * kept[: t + 1]).sum(), b0 + (weights * broken[: t + 1]).sum()
        path[t] = good / (good + bad)
    return path


@PATH.right("row by row with iterrows")
def trust_path(events, lam, a0=1, b0=1):
    if not (0 <= lam <= 1):
        raise ValueError("lam")
    if not (a0 > 0 and b0 > 0):
        raise ValueError("expectation")
    rows, total = [], [0.0, 0.0]
    for _, row in events.iterrows():
        total = [lam * total[0] + row["kept"], lam * total[1] + row["broken"]]
        rows.append((a0 + total[0]) / (a0 + b0 + sum(total)))
    return np.array(rows)


@PATH.wrong("the expectation fades as well", MISCONCEPTION, says="In your function trust stays as it was")
def trust_path(events, lam, a0=1, b0=1):
    if not 0 <= lam <= 1 or a0 <= 0 or b0 <= 0:
        raise ValueError
    a, b, path = a0, b0, []
    for k, n in zip(events["kept"], events["broken"]):
        a, b = lam * a + k, lam * b + n
        path.append(a / (a + b) if a + b else np.nan)
    return np.array(path)


PATH.slip(
    "the share of kept promises",
    MISCONCEPTION,
    of="row by row with iterrows",
    change={
        "(a0 + total[0]) / (a0 + b0 + sum(total))": "total[0] / sum(total) if sum(total) else 0.5",
    },
    says="The expectation is missing",
)
PATH.slip(
    "new promises fade at once",
    BOUNDARY,
    of="row by row with iterrows",
    change={
        'lam * total[0] + row["kept"], lam * total[1] + row["broken"]': "lam * (total[0] + row['kept']), "
        "lam * (total[1] + row['broken'])"
    },
    says="added after lam",
    loses="tests edges",
)
PATH.slip(
    "a0 and b0 are always 1",
    EDGE,
    of="row by row with iterrows",
    change={"(a0 + total[0]) / (a0 + b0 + sum(total))": "(1 + total[0]) / (2 + sum(total))"},
    says="use a0 and b0",
)
PATH.slip(
    "any lam is taken",
    EDGE,
    of="row by row with iterrows",
    change={"if not (0 <= lam <= 1):": "if lam != lam:"},
    loses="edges",
    says="should raise ValueError",
)
PATH.slip(
    "b0 is not looked at",
    EDGE,
    of="row by row with iterrows",
    change={"a0 > 0 and b0 > 0": "a0 > 0"},
    loses="edges",
    says="should raise ValueError",
)
PATH.slip(
    "lam of 1 is refused",
    BOUNDARY,
    of="row by row with iterrows",
    change={"(0 <= lam <= 1)": "(0 <= lam < 1)"},
    says="lam = 1 is allowed",
)
PATH.slip(
    "begins before the first month",
    BOUNDARY,
    of="row by row with iterrows",
    change={"rows, total = [], [0.0, 0.0]": "rows, total = [a0 / (a0 + b0)], [0.0, 0.0]"},
    says="One value per month",
)


@PATH.wrong("the columns by place", EDGE, loses="tests", says="Take the columns by name")
def trust_path(events, lam, a0=1, b0=1):
    if not 0 <= lam <= 1 or a0 <= 0 or b0 <= 0:
        raise ValueError
    r, s, path = 0, 0, []
    for kept, broken in events.to_numpy():
        r, s = lam * r + kept, lam * s + broken
        path.append((a0 + r) / (a0 + b0 + r + s))
    return np.array(path)


@PATH.wrong("months sorted by their labels", EDGE, says="the rows in their order", loses="tests")
def trust_path(events, lam, a0=1, b0=1):
    if not 0 <= lam <= 1 or a0 <= 0 or b0 <= 0:
        raise ValueError
    r, s, path = 0, 0, []
    table = events.sort_index()
    for kept, broken in zip(table["kept"], table["broken"]):
        r, s = lam * r + kept, lam * s + broken
        path.append((a0 + r) / (a0 + b0 + r + s))
    return np.array(path)


@PATH.wrong("writes r into the table", MUTATES, loses="tests", says="changed the table that was passed in")
def trust_path(events, lam, a0=1, b0=1):
    if not 0 <= lam <= 1 or a0 <= 0 or b0 <= 0:
        raise ValueError
    r, s, path = 0, 0, []
    for kept, broken in zip(events["kept"], events["broken"]):
        r, s = lam * r + kept, lam * s + broken
        path.append((a0 + r) / (a0 + b0 + r + s))
    events["trust"] = path
    return np.array(path)


@PATH.wrong("no months before the errors", EDGE, loses="edges", says="before you look at the table")
def trust_path(events, lam, a0=1, b0=1):
    if len(events) == 0:
        return np.array([])
    if not 0 <= lam <= 1 or a0 <= 0 or b0 <= 0:
        raise ValueError("no sense")
    r = s = 0
    path = []
    for i in range(len(events)):
        r = lam * r + events["kept"].iloc[i]
        s = lam * s + events["broken"].iloc[i]
        path.append((a0 + r) / (a0 + b0 + r + s))
    return np.array(path)


@PATH.wrong("divided by what is left", EDGE, loses="tests", says="never divide by it")
def trust_path(events, lam, a0=1, b0=1):
    if lam < 0 or lam > 1 or a0 <= 0 or b0 <= 0:
        raise ValueError("no sense")
    left = lam ** np.arange(len(events), dtype=float)
    r = left * np.cumsum(events["kept"].to_numpy() / left)
    s = left * np.cumsum(events["broken"].to_numpy() / left)
    return (a0 + r) / (a0 + b0 + r + s)


@PATH.wrong("the worked example typed in", CONSTANT, says="lam=0.5, a0=3, b0=2")
def trust_path(events, lam, a0=1, b0=1):
    if not 0 <= lam <= 1 or a0 <= 0:
        raise ValueError
    return np.array([2 / 3, 1.9 / 2.9, 1.81 / 3.81, 3.729 / 5.629][: len(events)])


TIP = BANK.task("tipping_point")


@TIP.right("one condition after the other")
def tipping_point(R, S, T, P):
    if R <= T:
        raise ValueError("R > T does not hold")
    if T < P:
        raise ValueError("T >= P does not hold")
    if P <= S:
        raise ValueError("P > S does not hold")
    risk = P - S
    return risk / (risk + R - T)


@TIP.right("a list of rules")
def tipping_point(R, S, T, P):
    rules = {"R > T": R > T, "T >= P": T >= P, "P > S": P > S}
    failed = [rule for rule, holds in rules.items() if not holds]
    if failed:
        raise ValueError("no stag hunt: " + failed[0])
    return 1 / (1 + (R - T) / (P - S))


TIP.slip(
    "the share of those who hold back",
    MISCONCEPTION,
    of="one condition after the other",
    change={"return risk /": "return (R - T) /"},
    loses="tests edges",
    says="That is the share of those who hold back",
)
TIP.slip(
    "payoffs in the order R, T, S, P",
    MISCONCEPTION,
    of="one condition after the other",
    change={"(R, S, T, P)": "(R, T, S, P)"},
    says="R > T",
)


TIP.slip(
    "T equal to P is refused",
    BOUNDARY,
    of="one condition after the other",
    change={"if T < P:": "if T <= P:"},
    says="T >= P",
)
TIP.slip(
    "R equal to T is taken",
    BOUNDARY,
    of="one condition after the other",
    change={"if R <= T:": "if R < T:"},
    loses="edges",
    says="since R > T fails",
)
TIP.slip(
    "P equal to S is taken",
    BOUNDARY,
    of="one condition after the other",
    change={"if P <= S:": "if P < S:"},
    loses="edges",
    says="since P > S fails",
)
TIP.slip(
    "the last that fails is named",
    EDGE,
    of="a list of rules",
    change={"failed[0]": "failed[-1]"},
    loses="edges",
    says="is the first that fails",
)
TIP.slip(
    "all that fail are named",
    EDGE,
    of="a list of rules",
    change={"failed[0]": '", ".join(failed)'},
    loses="edges",
    says="is the first that fails",
)


TIP.slip(
    "P and S are not compared",
    EDGE,
    of="a list of rules",
    change={', "P > S": P > S': ""},
    loses="edges",
    says="since P > S fails",
)


@TIP.wrong("looks from the end", BOUNDARY, loses="edges", says="is the first that fails")
def tipping_point(R, S, T, P):
    if not P > S:
        raise ValueError("P > S fails")
    if not T >= P:
        raise ValueError("T >= P fails")
    if not R > T:
        raise ValueError("R > T fails")
    return (P - S) / ((R - T) + (P - S))


@TIP.wrong("every game with two ends", MISCONCEPTION, loses="edges", says="T >= P fails")
def tipping_point(R, S, T, P):
    if R <= T:
        raise ValueError("R > T")
    if P <= S:
        raise ValueError("P > S")
    return (P - S) / ((R - T) + (P - S))


@TIP.wrong("nan in place of an error", EDGE, loses="edges", says="raise ValueError")
def tipping_point(R, S, T, P):
    if not (R > T >= P > S):
        return float("nan")
    return (P - S) / ((R - T) + (P - S))


@TIP.wrong("the worked example typed in", CONSTANT, says="tipping_point(5, 1, 4, 2)")
def tipping_point(R, S, T, P):
    return 0.75


HUNT = BANK.task("simulate_hunt")


@HUNT.right("a matrix of neighbours")
def simulate_hunt(G, coop0, payoffs, rounds, eps=0.0, seed=0):
    R, S, T, P = payoffs
    p = (P - S) / (R - T + P - S)
    nodes = list(G)
    matrix = nx.to_numpy_array(G, nodelist=nodes)
    degree = matrix.sum(axis=1)
    state = np.array([node in list(coop0) for node in nodes], dtype=float)
    rng = np.random.default_rng(seed)
    ends = [state.mean()]
    for _ in range(rounds):
        share = np.where(degree > 0, matrix @ state / np.maximum(degree, 1), p)
        state = np.where(share > p, 1.0, np.where(share < p, 0.0, state))
        if eps > 0:
            slip = rng.random(len(G)) < eps
            state = np.where(slip, 1 - state, state)
        ends.append(state.mean())
    return np.array(ends)


@HUNT.right("sets of those who cooperate")
def simulate_hunt(G, coop0, payoffs, rounds, eps=0.0, seed=0):
    R, S, T, P = payoffs
    p = (P - S) / ((R - T) + (P - S))
    rng = np.random.default_rng(seed)
    coop = {v for v in coop0}
    path = [len(coop) / len(G)]
    for _ in range(rounds):
        nxt = set()
        for v in G.nodes:
            k = G.degree[v]
            share = len(coop & set(G.neighbors(v))) / k if k else p
            if share > p or (share == p and v in coop):
                nxt.add(v)
        if eps > 0:
            draws = rng.random(len(G))
            nxt ^= {v for v, u in zip(G, draws) if u < eps}
        coop = nxt
        path.append(len(coop) / len(G))
    return np.array(path)


def share(members, group):
    return len([m for m in members if m in group]) / len(members)


@HUNT.right("a choice for each node, with a helper", using=[share])
def simulate_hunt(G, coop0, payoffs, rounds, eps=0.0, seed=0):
    R, S, T, P = payoffs
    tip = (P - S) / ((R - T) + (P - S))
    rng = np.random.default_rng(seed)
    nodes = list(G)
    coop = set(coop0)
    out = [share(nodes, coop)]
    for _ in range(rounds):
        after = set()
        slips = rng.random(len(G)) if eps > 0 else np.ones(len(G))
        for v, u in zip(nodes, slips):
            choice = v in coop
            ends = list(G[v])
            if ends:
                s = share(ends, coop)
                if s != tip:
                    choice = s > tip
            if eps > 0 and u < eps:
                choice = not choice
            if choice:
                after.add(v)
        coop = after
        out.append(share(nodes, coop))
    return np.array(out)


@HUNT.wrong("one after the other", MISCONCEPTION, loses="tests", says="change at once")
def simulate_hunt(G, coop0, payoffs, rounds, eps=0.0, seed=0):
    R, S, T, P = payoffs
    p = (P - S) / ((R - T) + (P - S))
    state = {v: v in set(coop0) for v in G}
    rng = np.random.default_rng(seed)
    shares = [np.mean(list(state.values()))]
    for _ in range(rounds):
        for v in G:
            near = list(G[v])
            if near:
                share = np.mean([state[u] for u in near])
                if share != p:
                    state[v] = bool(share > p)
        if eps > 0:
            u = rng.random(len(G))
            for i, v in enumerate(G):
                state[v] = state[v] != (u[i] < eps)
        shares.append(np.mean(list(state.values())))
    return np.array(shares)


HUNT.slip(
    "on the point one cooperates",
    BOUNDARY,
    of="sets of those who cooperate",
    change={"share > p or (share == p and v in coop)": "share >= p"},
    says="exactly on it",
)
HUNT.slip(
    "on the point one holds back",
    BOUNDARY,
    of="sets of those who cooperate",
    change={"share > p or (share == p and v in coop)": "share > p"},
    says="exactly on it",
)
HUNT.slip(
    "without the share at first",
    BOUNDARY,
    of="sets of those who cooperate",
    change={"path = [len(coop) / len(G)]": "path = []"},
    says="Three rounds give four shares",
)
HUNT.slip(
    "who is alone holds back",
    EDGE,
    of="sets of those who cooperate",
    change={" if k else p": " if k else 0"},
    loses="edges",
    says="A node without neighbours stays",
)
HUNT.slip(
    "a node counts itself",
    MISCONCEPTION,
    of="sets of those who cooperate",
    change={
        "k = G.degree[v]": "k = G.degree[v] + 1",
        "set(G.neighbors(v))": "(set(G.neighbors(v)) | {v})",
    },
    says="expected [0.333, 0.667, 1, 1]",
    loses="tests edges",
)
HUNT.slip(
    "slips of the state before",
    EDGE,
    of="sets of those who cooperate",
    change={
        "nxt ^= {v for v, u in zip(G, draws) if u < eps}": "nxt = "
        "{v for v, u in zip(G, draws) if (v in coop) != (u < eps)}"
    },
    loses="tests",
    says="The same with eps=0.5",
)
HUNT.slip(
    "a new generator each round",
    EDGE,
    of="sets of those who cooperate",
    change={"draws = rng.random(len(G))": "draws = np.random.default_rng(seed).random(len(G))"},
    says="from one rng",
)


@HUNT.wrong("takes nodes out of coop0", MUTATES, loses="tests", says="changed the list coop0")
def simulate_hunt(G, coop0, payoffs, rounds, eps=0.0, seed=0):
    R, S, T, P = payoffs
    p = (P - S) / ((R - T) + (P - S))
    rng = np.random.default_rng(seed)
    state = dict.fromkeys(G, False)
    while len(coop0):
        state[coop0.pop()] = True
    shares = [np.mean(list(state.values()))]
    for _ in range(rounds):
        new = dict(state)
        for v in G:
            near = [state[u] for u in G[v]]
            if near and np.mean(near) != p:
                new[v] = bool(np.mean(near) > p)
        if eps > 0:
            u = rng.random(len(G))
            new = {v: new[v] != (u[i] < eps) for i, v in enumerate(G)}
        state = new
        shares.append(np.mean(list(state.values())))
    return np.array(shares)


@HUNT.wrong("who is alone never slips", EDGE, loses="edges", says="a node that stayed as it is slips as well")
def simulate_hunt(G, coop0, payoffs, rounds, eps=0.0, seed=0):
    R, S, T, P = payoffs
    p = (P - S) / ((R - T) + (P - S))
    rng = np.random.default_rng(seed)
    state = {v: v in set(coop0) for v in G}
    shares = [sum(state.values()) / len(G)]
    for _ in range(rounds):
        new = dict(state)
        u = rng.random(len(G)) if eps > 0 else np.ones(len(G))
        for i, v in enumerate(G):
            near = list(G[v])
            if len(near) == 0:
                continue
            share = sum(state[x] for x in near) / len(near)
            if share > p:
                new[v] = True
            elif share < p:
                new[v] = False
            if u[i] < eps:
                new[v] = not new[v]
        state = new
        shares.append(sum(state.values()) / len(G))
    return np.array(shares)


@HUNT.wrong("ends where nothing changes", MISCONCEPTION, loses="tests", says="is not the last")
def simulate_hunt(G, coop0, payoffs, rounds, eps=0.0, seed=0):
    R, S, T, P = payoffs
    p = (P - S) / ((R - T) + (P - S))
    rng = np.random.default_rng(seed)
    nodes = list(G)
    coop = set(coop0)
    shares = [len(coop) / len(nodes)]
    for _ in range(rounds):
        new = set()
        for v in nodes:
            near = list(G[v])
            share = sum(x in coop for x in near) / len(near) if near else p
            if share > p or (share == p and v in coop):
                new.add(v)
        if eps > 0:
            u = rng.random(len(nodes))
            for i, v in enumerate(nodes):
                if u[i] < eps:
                    new = new ^ {v}
        if new == coop:
            break
        coop = new
        shares.append(len(coop) / len(nodes))
    while len(shares) < rounds + 1:
        shares.append(shares[-1])
    return np.array(shares)


@HUNT.wrong("a share near the point counts as on it", BOUNDARY, loses="tests", says="compare without a margin")
def simulate_hunt(G, coop0, payoffs, rounds, eps=0.0, seed=0):
    R, S, T, P = payoffs
    p = (P - S) / ((R - T) + (P - S))
    rng = np.random.default_rng(seed)
    nodes = list(G)
    place = {v: i for i, v in enumerate(nodes)}
    x = np.array([v in coop0 for v in nodes])
    shares = [x.mean()]
    for _ in range(rounds):
        y = x.copy()
        for v in nodes:
            near = [place[w] for w in G[v]]
            if near and abs(x[near].mean() - p) > 0.01:
                y[place[v]] = x[near].mean() > p
        if eps > 0:
            slip = rng.random(len(G)) < eps
            y[slip] = ~y[slip]
        x = y
        shares.append(x.mean())
    return np.array(shares)


@HUNT.wrong("the worked example typed in", CONSTANT, says="nobody joins")
def simulate_hunt(G, coop0, payoffs, rounds, eps=0.0, seed=0):
    return np.array([2 / 6, 4 / 6, 1, 1][: rounds + 1])


KM = BANK.task("km")


@KM.right("sorted, and counted down")
def km(time, event):
    pairs = sorted(zip(list(time), [bool(e) for e in event]))
    if len(list(time)) != len(list(event)):
        raise ValueError("lengths")
    left, share, rows = len(pairs), 1.0, []
    i = 0
    while i < len(pairs):
        same = [p for p in pairs if p[0] == pairs[i][0]]
        closed = sum(e for _, e in same)
        if closed:
            share = share * (1 - closed / left)
            rows.append({"time": pairs[i][0], "at_risk": left, "closed": closed, "open": share})
        left -= len(same)
        i += len(same)
    return pd.DataFrame(rows, columns=["time", "at_risk", "closed", "open"])


@KM.right("groupby and cumulative sums")
def km(time, event):
    time, event = np.asarray(time, dtype=float), np.asarray(event, dtype=float)
    if time.size != event.size:
        raise ValueError(f"{time.size} and {event.size}")
    data = pd.DataFrame({"time": time, "closed": event, "n": 1})
    table = data.groupby("time", as_index=False)[["closed", "n"]].sum()
    table["at_risk"] = table["n"][::-1].cumsum()
    table["open"] = (1 - table["closed"] / table["at_risk"]).cumprod()
    table = table[table["closed"] > 0].reset_index(drop=True)
    return table[["time", "at_risk", "closed", "open"]]


KM.slip(
    "the censored leave first",
    MISCONCEPTION,
    of="sorted, and counted down",
    change={
        "share = share * (1 - closed / left)": "left = left - (len(same) - closed)\n"
        "            share = share * (1 - closed / left)",
        "left -= len(same)": "left -= closed if closed else len(same)",
    },
    loses="tests",
    says="still counts on that day",
)


@KM.wrong(
    "the share of all that was not closed", MISCONCEPTION, loses="tests", says="leaves the count without being closed"
)
def km(time, event):
    time, event = np.array(time, dtype=float), np.array(event, dtype=bool)
    if len(time) != len(event):
        raise ValueError
    rows = []
    for t in np.unique(time[event]):
        rows.append((t, (time >= t).sum(), (event & (time == t)).sum(), 1 - (event & (time <= t)).sum() / len(time)))
    return pd.DataFrame(rows, columns=["time", "at_risk", "closed", "open"])


KM.slip(
    "a row for each time",
    BOUNDARY,
    of="groupby and cumulative sums",
    change={'table = table[table["closed"] > 0].reset_index(drop=True)\n    ': ""},
    says="only times with an event have a row",
)


@KM.wrong("the closed ones only", MISCONCEPTION, says="at_risk is 5")
def km(time, event):
    time, event = np.array(time, dtype=float), np.array(event, dtype=bool)
    if len(time) != len(event):
        raise ValueError
    time = time[event]
    rows = [(t, (time >= t).sum() + 1, (time == t).sum(), (time > t).mean()) for t in np.unique(time)]
    return pd.DataFrame(rows, columns=["time", "at_risk", "closed", "open"])


KM.slip(
    "cut to the shorter",
    EDGE,
    of="groupby and cumulative sums",
    change={
        'raise ValueError(f"{time.size} and {event.size}")': "n = min(time.size, event.size)\n"
        "        time, event = time[:n], event[:n]"
    },
    loses="edges",
    says="raise ValueError",
)
KM.slip(
    "an empty table has no columns",
    EDGE,
    of="sorted, and counted down",
    change={'pd.DataFrame(rows, columns=["time", "at_risk", "closed", "open"])': "pd.DataFrame(rows)"},
    loses="edges",
    says="has the four columns",
)


@KM.wrong("pairs by label", EDGE, loses="tests", says="take them by position")
def km(time, event):
    if len(time) != len(event):
        raise ValueError
    data = pd.DataFrame({"time": time, "closed": event}).astype(float).assign(n=1)
    table = data.groupby("time", as_index=False)[["closed", "n"]].sum()
    table["at_risk"] = table["n"][::-1].cumsum()
    table["open"] = (1 - table["closed"] / table["at_risk"]).cumprod()
    return table.loc[table["closed"] > 0, ["time", "at_risk", "closed", "open"]]


@KM.wrong("sorts the lists that came in", MUTATES, loses="tests", says="changed a list that was passed in")
def km(time, event):
    if len(time) != len(event):
        raise ValueError
    t, e = np.array(time, dtype=float), np.array(event, dtype=bool)
    if isinstance(time, list):
        time.clear()
    rows, share = [], 1.0
    for day in np.unique(t[e]):
        n, d = (t >= day).sum(), (e & (t == day)).sum()
        share *= 1 - d / n
        rows.append((day, n, d, share))
    return pd.DataFrame(rows, columns=["time", "at_risk", "closed", "open"])


@KM.wrong("rounded on the way", BOUNDARY, loses="tests", says="nothing is rounded on the way")
def km(time, event):
    if len(time) != len(event):
        raise ValueError("lengths")
    t, e = np.array(time, dtype=float), np.array(event, dtype=bool)
    rows, still = [], 1.0
    for day in np.unique(t[e]):
        n, d = int((t >= day).sum()), int(((t == day) & e).sum())
        still = round(still * (1 - d / n), 3)
        rows.append([day, n, d, still])
    return pd.DataFrame(rows, columns=["time", "at_risk", "closed", "open"])


@KM.wrong("more events than times are taken", EDGE, loses="edges", says="2 times and 3 events")
def km(time, event):
    time, event = list(time), list(event)
    counts = {}
    for i in range(len(time)):
        if i >= len(event):
            raise ValueError("event is too short")
        if event[i]:
            counts[time[i]] = counts.get(time[i], 0) + 1
    rows, still = [], 1
    for t in sorted(counts):
        n = sum(x >= t for x in time)
        still *= 1 - counts[t] / n
        rows.append((t, n, counts[t], still))
    return pd.DataFrame(rows, columns=["time", "at_risk", "closed", "open"])


@KM.wrong("sorts an array of floats in place", MUTATES, loses="tests", says="np.asarray need not")
def km(time, event):
    if len(time) != len(event):
        raise ValueError("lengths")
    t = np.asarray(time, dtype=float)
    e = np.asarray(event, dtype=float)[np.argsort(t, kind="stable")]
    t.sort()
    rows, still = [], 1.0
    for day in np.unique(t[e == 1]):
        n = len(t) - int(np.searchsorted(t, day))
        d = int(e[t == day].sum())
        still *= 1 - d / n
        rows.append([day, n, d, still])
    return pd.DataFrame(rows, columns=["time", "at_risk", "closed", "open"])


@KM.wrong("the worked example typed in", CONSTANT, says="Times 4, 2.5, 9, 4")
def km(time, event):
    if len(time) != len(event):
        raise ValueError
    if not np.sum(np.array(event, dtype=float)):
        return pd.DataFrame({"time": [], "at_risk": [], "closed": [], "open": []})
    return pd.DataFrame({"time": [6, 10], "at_risk": [5, 1], "closed": [2, 1], "open": [0.6, 0.0]})


MEDIAN = BANK.task("median_close")


@MEDIAN.right("by a table of its own")
def median_close(time, event):
    time, event = np.asarray(time, dtype=float), np.asarray(event, dtype=float)
    data = pd.DataFrame({"time": time, "closed": event, "n": 1}).groupby("time", as_index=False).sum()
    data["risk"] = data["n"][::-1].cumsum()
    data["open"] = (1 - data["closed"] / data["risk"]).cumprod()
    ends = data.loc[data["open"] <= 0.5 + 1e-12, "time"]
    return float(ends.iloc[0]) if len(ends) else np.inf


@MEDIAN.right("a loop over the days, with fractions", using=["from fractions import Fraction"])
def median_close(time, event):
    time, event = list(time), [bool(e) for e in event]
    share = Fraction(1)  # noqa: F821
    for day in sorted(set(time)):
        n = sum(t >= day for t in time)
        d = sum(e and t == day for t, e in zip(time, event))
        share *= 1 - Fraction(int(d), int(n))  # noqa: F821
        if share <= Fraction(1, 2):  # noqa: F821
            return day
    return float("inf")


@MEDIAN.wrong("the median of the closed ones", MISCONCEPTION, says="You looked at the closed ones only")
def median_close(time, event):
    time, event = np.array(time, dtype=float), np.array(event, dtype=bool)
    return float(np.median(time[event])) if event.any() else np.inf


@MEDIAN.wrong("the median of all times", MISCONCEPTION, says="24 questions")
def median_close(time, event):
    return float(np.median(np.array(time, dtype=float))) if len(time) else np.inf


MEDIAN.slip(
    "below a half",
    BOUNDARY,
    of="by a table of its own",
    change={"<= 0.5 + 1e-12": "< 0.5"},
    loses="tests",
    says="at most one half is enough",
)
MEDIAN.slip(
    "without the margin",
    BOUNDARY,
    of="by a table of its own",
    change={"0.5 + 1e-12": "0.5"},
    loses="tests",
    says="compare with 0.5 + 1e-12",
)


MEDIAN.slip(
    "open rounded to two decimals",
    EDGE,
    of="by a table of its own",
    change={".cumprod()": ".cumprod().round(2)"},
    loses="tests",
    says="open is not rounded",
)


@MEDIAN.wrong("the middle of the flat stretch", MISCONCEPTION, loses="tests", says="its beginning is the median")
def median_close(time, event):
    time, event = np.asarray(time, dtype=float), np.asarray(event, dtype=float)
    data = pd.DataFrame({"time": time, "closed": event, "n": 1}).groupby("time", as_index=False).sum()
    data["risk"] = data["n"][::-1].cumsum()
    data["open"] = (1 - data["closed"] / data["risk"]).cumprod()
    below = data.loc[data["open"] <= 0.5 + 1e-12]
    if not len(below):
        return np.inf
    first = below.iloc[0]
    later = data.loc[data["open"] < 0.5 - 1e-12, "time"]
    flat = abs(first["open"] - 0.5) < 1e-12
    end = later.iloc[0] if len(later) else data["time"].iloc[-1]
    return (first["time"] + end) / 2 if flat else first["time"]


MEDIAN.slip(
    "nan where it is never reached",
    EDGE,
    of="by a table of its own",
    change={"np.inf": "np.nan"},
    says="so inf",
)
MEDIAN.slip(
    "the last time where it is never reached",
    EDGE,
    of="by a table of its own",
    change={"else np.inf": "else time.max(initial=0)"},
    says="so inf",
)


@MEDIAN.wrong(
    "stops where most are open", MISCONCEPTION, loses="tests", says="A median can exist although most are open"
)
def median_close(time, event):
    time, event = np.array(time, dtype=float), np.array(event, dtype=bool)
    if event.sum() < len(time) / 2:
        return np.inf
    still = 1.0
    for t in np.unique(time[event]):
        still *= 1 - (event & (time == t)).sum() / (time >= t).sum()
        if still <= 0.5 + 1e-12:
            return float(t)
    return np.inf


@MEDIAN.wrong("empties the list", MUTATES, loses="tests", says="changed a list that was passed in")
def median_close(time, event):
    t, e = np.array(time, dtype=float), np.array(event, dtype=bool)
    if isinstance(time, list):
        time.sort(reverse=True)
    still = 1.0
    for day in np.unique(t[e]):
        still *= 1 - (e & (t == day)).sum() / (t >= day).sum()
        if still <= 0.5 + 1e-12:
            return float(day)
    return np.inf


@MEDIAN.wrong("a whole day", EDGE, loses="tests", says="a day need not be whole")
def median_close(time, event):
    data = pd.DataFrame({"t": list(time), "e": list(event)})
    still = 1
    for day in sorted(data.loc[data["e"] == 1, "t"].unique()):
        still *= 1 - len(data[(data["t"] == day) & (data["e"] == 1)]) / len(data[data["t"] >= day])
        if still <= 0.5 + 1e-12:
            return int(day)
    return np.inf


@MEDIAN.wrong("nan where nobody asked", EDGE, loses="edges", says="so inf, not nan")
def median_close(time, event):
    t, e = np.array(time, dtype=float), np.array(event, dtype=bool)
    if len(t) == 0:
        return np.nan
    days = np.unique(t[e])
    still = np.cumprod([1 - (t[e] == d).sum() / (t >= d).sum() for d in days])
    for d, s in zip(days, still):
        if s <= 0.5 + 1e-12:
            return d
    return np.inf


@MEDIAN.wrong("the worked example typed in", CONSTANT, says="24 questions")
def median_close(time, event):
    return 3.0


COUNTER = BANK.task("discretion_gap")


@COUNTER.right("a sorted list of those who are there")
def discretion_gap(queue, b, service=10):
    rows = queue.reset_index(drop=True)
    points = rows["severity"] + b * rows["match"]
    left = sorted(range(len(rows)), key=lambda i: (rows["arrival"][i], i))
    total, count, now = {0: 0.0, 1: 0.0}, {0: 0, 1: 0}, 0
    while left:
        if rows["arrival"][left[0]] > now:
            now = rows["arrival"][left[0]]
        best = None
        for i in left:
            if rows["arrival"][i] <= now and (best is None or points[i] > points[best]):
                best = i
        left.remove(best)
        total[rows["match"][best]] += now - rows["arrival"][best]
        count[rows["match"][best]] += 1
        now += service
    if count[0] == 0 or count[1] == 0:
        return float("nan")
    return total[0] / count[0] - total[1] / count[1]


@COUNTER.right("a table that grows shorter")
def discretion_gap(queue, b, service=10):
    data = queue[["arrival", "severity", "match"]].reset_index(drop=True)
    data["row"] = data.index
    data["points"] = data["severity"] + b * data["match"]
    data["wait"] = np.nan
    rest, now = data.copy(), 0
    while len(rest):
        now = max(now, rest["arrival"].min())
        there = rest[rest["arrival"] <= now].sort_values(["points", "arrival", "row"], ascending=[False, True, True])
        i = there["row"].iloc[0]
        data.loc[i, "wait"] = now - data.loc[i, "arrival"]
        rest = rest.drop(index=i)
        now = now + service
    mean = data.groupby("match")["wait"].mean()
    return mean[0] - mean[1] if len(mean) == 2 else np.nan


def mean(x):
    return sum(x) / len(x) if x else float("nan")


@COUNTER.right("a heap of those who are there", using=["import heapq", mean])
def discretion_gap(queue, b, service=10):
    data = queue.reset_index(drop=True)
    data["row"] = range(len(data))
    rows = data.sort_values(["arrival", "row"])[["arrival", "severity", "match", "row"]].to_dict("records")
    heap, waits, now, k = [], {0: [], 1: []}, 0, 0
    while k < len(rows) or heap:
        if not heap and rows[k]["arrival"] > now:
            now = rows[k]["arrival"]
        while k < len(rows) and rows[k]["arrival"] <= now:
            x = rows[k]
            heapq.heappush(heap, (-(x["severity"] + b * x["match"]), x["arrival"], x["row"], int(x["match"])))
            k += 1
        _, came, _, match = heapq.heappop(heap)
        waits[match].append(now - came)
        now += service
    return mean(waits[0]) - mean(waits[1])


COUNTER.slip(
    "the other sign",
    BOUNDARY,
    of="a sorted list of those who are there",
    change={"total[0] / count[0] - total[1] / count[1]": "total[1] / count[1] - total[0] / count[0]"},
    says="The sign is turned round",
    loses="tests edges",
)
COUNTER.slip(
    "b has no effect",
    MISCONCEPTION,
    of="a sorted list of those who are there",
    change={' + b * rows["match"]': ""},
    says="b has no effect",
    loses="tests edges",
)


@COUNTER.wrong("all in the order of points", MISCONCEPTION, says="only those who are there can be called")
def discretion_gap(queue, b, service=10):
    data = queue.reset_index(drop=True)
    data["points"] = data["severity"] + b * data["match"]
    data = data.sort_values(["points", "arrival"], ascending=[False, True], kind="stable")
    now, waits = 0, {0: [], 1: []}
    for arrival, match in zip(data["arrival"], data["match"]):
        now = max(now, arrival)
        waits[match].append(now - arrival)
        now += service
    if not waits[0] or not waits[1]:
        return np.nan
    return np.mean(waits[0]) - np.mean(waits[1])


COUNTER.slip(
    "what discretion adds",
    MISCONCEPTION,
    of="a table that grows shorter",
    change={"return mean[0] - mean[1]": "return mean[0] - mean[1] - (discretion_gap(queue, 0, service) if b else 0)"},
    says="Return the gap itself",
    loses="tests",
)
COUNTER.slip(
    "of equals the later",
    BOUNDARY,
    of="a sorted list of those who are there",
    change={"points[i] > points[best]": "points[i] >= points[best]"},
    says="earlier",
)
COUNTER.slip(
    "of equals the earlier row before the earlier arrival",
    BOUNDARY,
    of="a table that grows shorter",
    change={
        '["points", "arrival", "row"], ascending=[False, True, True]': '["points", "row"], ascending=[False, True]'
    },
    says="go by arrival",
    loses="tests edges",
)
COUNTER.slip(
    "who arrives just now is not there",
    BOUNDARY,
    of="a sorted list of those who are there",
    change={'rows["arrival"][i] <= now and': '(rows["arrival"][i] < now or i == left[0]) and'},
    says="is there already",
)
COUNTER.slip(
    "nobody there: the clerk goes on at once",
    EDGE,
    of="a table that grows shorter",
    change={
        'now = max(now, rest["arrival"].min())': 'now = max(now, rest["arrival"].min()) if now == 0 else now',
        'there = rest[rest["arrival"] <= now]': 'there = rest[rest["arrival"] <= max(now, rest["arrival"].min())]',
    },
    loses="tests",
    says="the clerk waits for the next arrival",
)
COUNTER.slip(
    "0 where a group is empty",
    EDGE,
    of="a sorted list of those who are there",
    change={'return float("nan")': "return 0.0"},
    loses="edges",
    says="one group is empty: nan",
)
COUNTER.slip(
    "ten minutes always",
    EDGE,
    of="a sorted list of those who are there",
    change={"now += service": "now += 10"},
    loses="tests",
    says="service=4",
)


@COUNTER.wrong("writes points into the queue", MUTATES, loses="tests", says="changed the table that was passed in")
def discretion_gap(queue, b, service=10):
    queue["points"] = queue["severity"] + b * queue["match"]
    rows = list(zip(queue["arrival"], queue["points"], queue["match"]))
    left, waits, now = set(range(len(rows))), {0: [], 1: []}, 0
    while left:
        now = max(now, min(rows[i][0] for i in left))
        i = min((i for i in left if rows[i][0] <= now), key=lambda i: (-rows[i][1], rows[i][0], i))
        waits[rows[i][2]].append(now - rows[i][0])
        left.remove(i)
        now += service
    if not waits[0] or not waits[1]:
        return np.nan
    return np.mean(waits[0]) - np.mean(waits[1])


@COUNTER.wrong("the first row after a pause", BOUNDARY, says="the one with more points is called first")
def discretion_gap(queue, b, service=10):
    data = list(zip(queue["arrival"], queue["severity"], queue["match"]))
    left = list(range(len(data)))
    wait = {0: [], 1: []}
    now = 0
    while left:
        there = [i for i in left if data[i][0] <= now]
        if there:
            best = min(there, key=lambda i: (-(data[i][1] + b * data[i][2]), data[i][0], i))
        else:
            best = min(left, key=lambda i: (data[i][0], i))
            now = data[best][0]
        wait[data[best][2]].append(now - data[best][0])
        left.remove(best)
        now += service
    if not wait[0] or not wait[1]:
        return np.nan
    return np.mean(wait[0]) - np.mean(wait[1])


@COUNTER.wrong(
    "looks again after a service only", MISCONCEPTION, loses="tests", says="does not look again every 4 minutes"
)
def discretion_gap(queue, b, service=10):
    data = queue.reset_index(drop=True)
    data["points"] = data["severity"] + b * data["match"]
    data["wait"] = np.nan
    minute = 0
    while data["wait"].isna().any():
        there = data[(data["arrival"] <= minute) & data["wait"].isna()]
        if len(there):
            i = there.sort_values(["points", "arrival"], ascending=[False, True], kind="stable").index[0]
            data.loc[i, "wait"] = minute - data.loc[i, "arrival"]
        minute = minute + service
    return data.loc[data["match"] == 0, "wait"].mean() - data.loc[data["match"] == 1, "wait"].mean()


@COUNTER.wrong("a sort that mixes equals", BOUNDARY, loses="tests", says="the earlier row comes first")
def discretion_gap(queue, b, service=10):
    data = queue.sort_values("arrival").reset_index(drop=True)
    points = (data["severity"] + b * data["match"]).to_list()
    arrival, match = data["arrival"].to_list(), data["match"].to_list()
    left, waits, now = list(range(len(data))), {0: [], 1: []}, 0
    while left:
        now = max(now, arrival[left[0]])
        there = [i for i in left if arrival[i] <= now]
        best = max(there, key=lambda i: points[i])
        waits[match[best]].append(now - arrival[best])
        left.remove(best)
        now += service
    if not waits[0] or not waits[1]:
        return float("nan")
    return float(np.mean(waits[0]) - np.mean(waits[1]))


@COUNTER.wrong("the worked example typed in", CONSTANT, says="Worked example with b=0")
def discretion_gap(queue, b, service=10):
    return 8.0


TASKS = BANK.tasks

SAMPLES = (
    Sample(
        "weak",
        """
        The community health worker is the key to better health in rural areas. She visits women and children, informs
        them and builds trust with the population. She should speak the language of the people.

        She has 285 clients. She should visit each of them once a week, because more visits mean more coverage. The
        worker is motivated by her vocation, so that hours and roads are not a problem if the training is good.

        We asked the community and they were in favour. The population was happy to be involved in the process and
        everybody agreed with the draft.

        Feedback is important. There will be a box in the health centre, where everybody can leave comments, and the
        comments will be read regularly. According to the data, questions from the box are answered within three weeks
        on average.

        The worker should be paid fairly and she should be safe. If she wants to leave she can do so.
        """,
        {
            "workload arithmetic": (0, "285 visits a week are more than fifteen times what the hours allow"),
            "participatory method": (1, "says that people were asked; not who, how or what they changed"),
            "feedback loop": (1, "a channel, but a mean of the closed ones and nobody who answers"),
            "safeguards for the worker": (1, "names pay and safety without anybody who answers for them"),
        },
    ),
    Sample(
        "adequate",
        """
        *Who was asked.* A member of a women's cooperative, role-played by a colleague, read the draft in a meeting of
        one hour in Darija. She asked for visits in the afternoon and took out the weekly report.

        *Tasks.* The worker has 24 paid hours, of which a quarter goes into papers. With 25 minutes in each home and
        30 on the road she can make 19 visits per week, so each of 285 clients is seen every 15 weeks. These are
        assumptions. She goes first to women before their fourth visit, since 31 of 100 are lost there in the invented
        data.

        *Languages.* Darija and Tarifit, as the families use them.

        *Feedback.* She carries questions to the centre and brings the answer back within 30 days. In the invented
        data half of the questions that workers carry are closed after 25 days where the language is shared, and after
        29 where it is not.

        *Safeguards.* The health centre pays her monthly, with the bus. She does not travel after dark. She can leave
        with a month's notice.
        """,
        {
            "workload arithmetic": (3, "hours, papers, road and visits add up, and the step comes from the cascade"),
            "participatory method": (2, "who, how, language and what was changed; not who was missed"),
            "feedback loop": (1, "a time and a median that counts open ones; nothing happens if nobody answers"),
            "safeguards for the worker": (1, "pay and safety; who answers for safety and leaving is not said"),
        },
    ),
    Sample(
        "strong",
        """
        *Actor.* The president of a village association, role-played by a fellow student who has done that work. Two
        meetings, in Tarifit with notes read back aloud, because she does not read. She changed three things: visits
        before market day, no register in the home, and a right to say no to a task. Nobody spoke for families without
        a telephone, whom the first ten visits will ask.

        *Hours (assumed).* 24 paid hours, papers cut from 25% to 10%: 1,296 minutes. With 25 minutes in a home and 30
        on the road that is 23 visits per week, so 285 clients every 12 weeks. Where the road takes 60 minutes it is
        15 visits and every 19 weeks, so there a worker has 180 clients, which keeps the 12 weeks.

        *Tasks.* In the synthetic pregnancies most are lost before the fourth visit, near and far, so that comes
        first; the weakest step is the week after birth, so each newborn is seen within seven days before any other
        visit. Not among the tasks: diagnosis, sales, counting for other programmes.

        *Languages.* Two workers for each centre, so that each family meets one in its own. Where no worker speaks it,
        the centre names an interpreter by name.

        *Feedback.* A question gets a number on the day. The head nurse answers within 30 days, in the language of the
        question. Each month the centre posts the median with open questions counted (in the synthetic data 25 days by
        workers, and never by the box, which a mean of closed ones would hide). If the median exceeds 30 days twice,
        the delegate comes to the village and answers there.

        *The worker's own rights.* A contract and monthly pay, signed by the regional group, whose human-resources
        office answers for delays. No road after dark; the head nurse keeps a call list and stops visits after an
        incident. She may bring a complaint to the association instead of her superior. Who leaves gives a month's
        notice, gets a certificate, and hands her list over in two joint visits, so that no family is lost.

        *Not known.* None of these numbers is of a real place: roads and papers must be timed for one month first.
        """,
        {
            "workload arithmetic": (
                3,
                "adds up in two settings, and clients follow from the road; both drops are used",
            ),
            "participatory method": (
                3,
                "who, how, language, what changed, and who was not reached and how they will be",
            ),
            "feedback loop": (2, "somebody, a time, a median that counts open ones, and a consequence"),
            "safeguards for the worker": (2, "pay, safety and leaving, each with somebody who answers for it"),
        },
    ),
)
