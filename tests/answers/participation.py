"""Answers to exercise 9, *Whose voice?*: right in many ways, and wrong in the ways of students."""

import numpy as np
import pandas as pd

from . import BOUNDARY, CONSTANT, EDGE, MISCONCEPTION, MUTATES, Bank, Sample

BANK = Bank(__file__)

REPRESENTATION = BANK.task("representation")


@REPRESENTATION.right("a loop over the groups")
def representation(sample, pop):
    sample = list(sample)
    for one in sample:
        if one not in pop.index:
            raise ValueError(f"group {one} is unknown")
    rows = []
    for group, people in pop.items():
        ratio = (sample.count(group) / len(sample)) / (people / sum(pop))
        rows.append({"ratio": ratio, "log2": np.log2(ratio) if ratio > 0 else -np.inf})
    return pd.DataFrame(rows, index=pop.index)


@REPRESENTATION.right("a categorical and value_counts")
def representation(sample, pop):
    labels = pd.Categorical(list(sample), categories=list(pop.index))
    if (labels.codes < 0).any():
        raise ValueError("a respondent's group is not in pop")
    share = np.bincount(labels.codes, minlength=len(pop)) / len(labels)
    out = pop.to_frame("people").astype(float)
    out["ratio"] = share / (out["people"] / out["people"].sum())
    with np.errstate(divide="ignore"):
        out["log2"] = np.log2(out["ratio"])
    return out[["ratio", "log2"]]


@REPRESENTATION.wrong("population share over sample share", MISCONCEPTION, says="turn it round")
def representation(sample, pop):
    if not set(sample) <= set(pop.index):
        raise ValueError("unknown group")
    share = pd.Series(list(sample)).value_counts(normalize=True).reindex(pop.index, fill_value=0)
    ratio = (pop / pop.sum()) / share
    return pd.DataFrame({"ratio": ratio, "log2": np.log2(ratio)})


@REPRESENTATION.wrong("respondents for each person", MISCONCEPTION, says="You divided counts")
def representation(sample, pop):
    if not set(sample) <= set(pop.index):
        raise ValueError("unknown group")
    counts = pd.Series(list(sample)).value_counts().reindex(pop.index, fill_value=0)
    ratio = counts / pop
    return pd.DataFrame({"ratio": ratio, "log2": np.log2(ratio)})


@REPRESENTATION.wrong("the natural logarithm", BOUNDARY, loses="tests", says="take np.log2")
def representation(sample, pop):
    if not set(sample) <= set(pop.index):
        raise ValueError("unknown group")
    share = pd.Series(list(sample)).value_counts(normalize=True).reindex(pop.index, fill_value=0)
    ratio = share / (pop / pop.sum())
    return pd.DataFrame({"ratio": ratio, "log2": np.log(ratio)})


@REPRESENTATION.wrong("groups without respondents drop out", EDGE, loses="edges", says="Group b is missing")
def representation(sample, pop):
    if not set(sample) <= set(pop.index):
        raise ValueError("unknown group")
    share = pd.Series(list(sample)).value_counts(normalize=True)
    ratio = (share / (pop / pop.sum())).reindex([g for g in pop.index if g in share.index])
    return pd.DataFrame({"ratio": ratio, "log2": np.log2(ratio)})


@REPRESENTATION.wrong(
    "a respondent from nowhere is dropped in silence", EDGE, loses="edges", says="Dropping it in silence"
)
def representation(sample, pop):
    share = pd.Series(list(sample)).value_counts(normalize=True).reindex(pop.index, fill_value=0)
    ratio = share / (pop / pop.sum())
    return pd.DataFrame({"ratio": ratio, "log2": np.log2(ratio)})


@REPRESENTATION.wrong("nan where nobody answered", EDGE, loses="edges", says="its ratio should be 0")
def representation(sample, pop):
    if not set(sample) <= set(pop.index):
        raise ValueError("unknown group")
    share = pd.Series(list(sample)).value_counts(normalize=True).reindex(pop.index)
    ratio = share / (pop / pop.sum())
    return pd.DataFrame({"ratio": ratio, "log2": np.log2(ratio)})


@REPRESENTATION.wrong("the population turned into shares in place", MUTATES, says="changed the Series pop")
def representation(sample, pop):
    if not set(sample) <= set(pop.index):
        raise ValueError("unknown group")
    share = pd.Series(list(sample)).value_counts(normalize=True).reindex(pop.index, fill_value=0)
    total = pop.sum()
    for group in list(pop.index):
        pop[group] = pop[group] / total if pop.dtype == float else pop[group]
    ratio = share / (pop / pop.sum())
    pop.iloc[0] = 0
    return pd.DataFrame({"ratio": ratio, "log2": np.log2(ratio)})


@REPRESENTATION.wrong("the worked example typed in", CONSTANT, says="Three of four respondents in b")
def representation(sample, pop):
    return pd.DataFrame({"ratio": [2, 1 / 3], "log2": [1, np.log2(1 / 3)]}, index=["town", "village"])


@REPRESENTATION.wrong("rows by the number of respondents", EDGE, says="in the order of pop")
def representation(sample, pop):
    count = pd.Series(list(sample)).value_counts()
    for g in count.index:
        if g not in pop.index:
            raise ValueError(f"group {g} is not in pop")
    for g in pop.index:
        if g not in count.index:
            count[g] = 0
    share = count / count.sum()
    people = pop / pop.sum()
    ratio = pd.Series({g: share[g] / people[g] for g in count.index})
    return pd.DataFrame({"ratio": ratio, "log2": np.log2(ratio)})


POSTSTRATIFY = BANK.task("poststratify")


@POSTSTRATIFY.right("a groupby and a merge of counts")
def poststratify(df, cells, totals, y):
    n = df.groupby(cells).size()
    if len(cells) == 1:
        n.index = n.index.get_level_values(0)
    if not n.index.isin(totals.index).all():
        raise ValueError("a respondent's cell is not in totals")
    needed = totals[totals > 0].index
    for cell in needed:
        if cell not in n.index:
            raise ValueError(f"nobody answered in {cell}")
    per_person = totals.reindex(n.index) / n
    keys = df[cells[0]] if len(cells) == 1 else pd.MultiIndex.from_frame(df[cells])
    w = pd.Series(per_person.reindex(keys).to_numpy(dtype=float), index=df.index)
    return float(np.average(df[y], weights=w)), w


@POSTSTRATIFY.right("a loop over the cells, with masks")
def poststratify(df, cells, totals, y):
    weights = np.full(len(df), np.nan)
    estimate = 0.0
    for cell, people in totals.items():
        values = cell if isinstance(cell, tuple) else (cell,)
        mask = np.ones(len(df), dtype=bool)
        for name, value in zip(cells, values):
            mask &= (df[name] == value).to_numpy()
        if not mask.any():
            if people > 0:
                raise ValueError("empty cell: " + ", ".join(map(str, values)))
            continue
        weights[mask] = people / mask.sum()
        estimate += people / totals.sum() * df[y].to_numpy()[mask].mean()
    if np.isnan(weights).any():
        raise ValueError("some respondents are in no cell of totals")
    return estimate, pd.Series(weights, index=df.index)


def rows(df, cells):
    """the cell of each row, always as a tuple"""
    return list(zip(*[list(df[c]) for c in cells]))


def check(data, total):
    answered = set(data)
    for cell in total:
        if total[cell] > 0 and cell not in answered:
            raise ValueError("nobody answered in the cell " + " / ".join(str(v) for v in cell))
    for cell in answered:
        if cell not in total:
            raise ValueError("no total for the cell " + " / ".join(str(v) for v in cell))


def mean(values, weights=None):
    if weights is None:
        weights = [1] * len(values)
    return sum(v * w for v, w in zip(values, weights)) / sum(weights)


@POSTSTRATIFY.right("helpers called rows, check and mean", using=[rows, check, mean])
def poststratify(df, cells, totals, y):
    data = rows(df, cells)
    total = {}
    for key, people in totals.items():
        total[key if isinstance(key, tuple) else (key,)] = people
    check(data, total)
    n = {}
    for cell in data:
        n[cell] = n.get(cell, 0) + 1
    weights = [total[cell] / n[cell] for cell in data]
    return mean([float(v) for v in df[y]], weights), pd.Series(weights, index=df.index, dtype=float)


@POSTSTRATIFY.wrong("the mean of the cell means", MISCONCEPTION, says="the mean of the two cell means")
def poststratify(df, cells, totals, y):
    labels = pd.Series(list(zip(*(df[c] for c in cells))), index=df.index)
    people = {k if isinstance(k, tuple) else (k,): v for k, v in totals.items()}
    n = labels.value_counts().to_dict()
    for k, v in people.items():
        if v > 0 and k not in n:
            raise ValueError(f"empty {k}")
    for k in n:
        if k not in people:
            raise ValueError(f"unknown {k}")
    w = labels.map(lambda k: people[k] / n[k]).astype(float)
    return df.groupby(cells)[y].mean().mean(), w


@POSTSTRATIFY.wrong("the people of the cell as weight", MISCONCEPTION, says="divide by the respondents in it")
def poststratify(df, cells, totals, y):
    labels = pd.Series(list(zip(*(df[c] for c in cells))), index=df.index)
    people = {k if isinstance(k, tuple) else (k,): v for k, v in totals.items()}
    for k, v in people.items():
        if v > 0 and k not in set(labels):
            raise ValueError(f"empty {k}")
    for k in set(labels):
        if k not in people:
            raise ValueError(f"unknown {k}")
    w = labels.map(people).astype(float)
    mean = sum(v * df[y][labels == k].mean() for k, v in people.items() if v > 0) / sum(people.values())
    return mean, w


@POSTSTRATIFY.wrong("an empty cell is passed over", EDGE, loses="edges", says="no weight makes nobody speak")
def poststratify(df, cells, totals, y):
    labels = pd.Series(list(zip(*(df[c] for c in cells))), index=df.index)
    people = {k if isinstance(k, tuple) else (k,): v for k, v in totals.items()}
    n = labels.value_counts().to_dict()
    for k in n:
        if k not in people:
            raise ValueError(f"unknown {k}")
    w = labels.map(lambda k: people[k] / n[k]).astype(float)
    return (w * df[y]).sum() / w.sum(), w


@POSTSTRATIFY.wrong(
    "any empty cell is refused", BOUNDARY, loses="edges", says="Refuse only empty cells that hold people"
)
def poststratify(df, cells, totals, y):
    labels = pd.Series(list(zip(*(df[c] for c in cells))), index=df.index)
    people = {k if isinstance(k, tuple) else (k,): v for k, v in totals.items()}
    n = labels.value_counts().to_dict()
    for k in set(people) | set(n):
        if k not in n or k not in people:
            raise ValueError(f"cell {k}")
    w = labels.map(lambda k: people[k] / n[k]).astype(float)
    return (w * df[y]).sum() / w.sum(), w


@POSTSTRATIFY.wrong(
    "looks for empty columns, not cells, and names nothing", EDGE, loses="edges", says="should name the empty cell"
)
def poststratify(df, cells, totals, y):
    labels = pd.Series(list(zip(*(df[c] for c in cells))), index=df.index)
    people = {k if isinstance(k, tuple) else (k,): v for k, v in totals.items()}
    for place, name in enumerate(cells):
        if not {k[place] for k, v in people.items() if v > 0} <= set(df[name]):
            raise ValueError("an empty cell")
    n = labels.value_counts().to_dict()
    for k in n:
        if k not in people:
            raise ValueError(f"unknown {k}")
    w = labels.map(lambda k: people[k] / n[k]).astype(float)
    return (w * df[y]).sum() / w.sum(), w


@POSTSTRATIFY.wrong("only the first column counts", EDGE, says="the weights should be 20, 20, 20, 10, 30")
def poststratify(df, cells, totals, y):
    people = totals.groupby(level=0).sum()
    n = df[cells[0]].value_counts()
    for k, v in people.items():
        if v > 0 and k not in n:
            raise ValueError(f"empty {k}")
    for k in n.index:
        if k not in people:
            raise ValueError(f"unknown {k}")
    w = df[cells[0]].map(people / n).astype(float)
    return (w * df[y]).sum() / people.sum(), w


@POSTSTRATIFY.wrong("a weight column is written into df", MUTATES, loses="edges", says="changed the table df")
def poststratify(df, cells, totals, y):
    labels = pd.Series(list(zip(*(df[c] for c in cells))), index=df.index)
    people = {k if isinstance(k, tuple) else (k,): v for k, v in totals.items()}
    n = labels.value_counts().to_dict()
    for k, v in people.items():
        if v > 0 and k not in n:
            raise ValueError(f"empty {k}")
    for k in n:
        if k not in people:
            raise ValueError(f"unknown {k}")
    df["weight"] = labels.map(lambda k: people[k] / n[k]).astype(float)
    return (df["weight"] * df[y]).sum() / df["weight"].sum(), df["weight"].copy()


@POSTSTRATIFY.wrong("the worked example typed in", CONSTANT, says="Raise ValueError")
def poststratify(df, cells, totals, y):
    return 0.8, pd.Series([10, 10, 10, 35, 35], index=[9, 8, 7, 6, 5])


@POSTSTRATIFY.wrong("each weight stored under its label", EDGE, loses="tests", says="with labels that repeat")
def poststratify(df, cells, totals, y):
    labels = list(zip(*(df[c] for c in cells)))
    people = {k if isinstance(k, tuple) else (k,): v for k, v in totals.items()}
    for k, v in people.items():
        if v > 0 and k not in labels:
            raise ValueError(f"empty {k}")
    if not set(labels) <= set(people):
        raise ValueError("unknown cell")
    w = pd.Series(0.0, index=df.index)
    for name, k in zip(df.index, labels):
        w[name] = people[k] / labels.count(k)
    return np.average(df[y], weights=w), w


@POSTSTRATIFY.wrong("unknown cells weigh nan", EDGE, loses="edges", says="cell is not in totals: raise ValueError")
def poststratify(df, cells, totals, y):
    keys = df[cells[0]].tolist() if len(cells) == 1 else list(zip(*[df[c] for c in cells]))
    n = pd.Series(keys).value_counts().to_dict()
    for cell, people in totals.items():
        if people > 0 and cell not in n:
            raise ValueError(f"nobody answered in {cell}")
    people = dict(totals.items())
    w = np.array([people.get(k, np.nan) / n[k] for k in keys])
    v = df[y].to_numpy(dtype=float)
    mean = np.nansum(w * v) / np.nansum(w)
    return mean, pd.Series(w, index=df.index)


@POSTSTRATIFY.wrong("cells without people dropped first", EDGE, loses="edges", says="do not refuse its respondent")
def poststratify(df, cells, totals, y):
    totals = totals[totals > 0]
    keys = df[cells[0]].tolist() if len(cells) == 1 else list(zip(*[df[c] for c in cells]))
    count = {}
    for k in keys:
        count[k] = count.get(k, 0) + 1
    people = totals.to_dict()
    empty = [cell for cell in people if cell not in count]
    if empty:
        raise ValueError(f"no respondent in {empty}")
    unknown = [k for k in count if k not in people]
    if unknown:
        raise ValueError(f"{unknown} is not in totals")
    w = np.array([people[k] / count[k] for k in keys])
    return np.average(df[y].to_numpy(dtype=float), weights=w), pd.Series(w, index=df.index)


RAKE = BANK.task("rake")


@RAKE.right("arrays of codes and bincount")
def rake(df, margins, tol=1e-8, maxit=500):
    sums = [m.sum() for m in margins.values()]
    if any(abs(s - 1) > 1e-6 for s in sums) and max(sums) - min(sums) > 1e-6 * max(sums):
        raise ValueError("different sums")
    for name, m in margins.items():
        if set(df[name]) != set(m.index):
            raise ValueError("categories differ")
    targets = {name: m / m.sum() for name, m in margins.items()}

    codes = {name: t.index.get_indexer(df[name]) for name, t in targets.items()}
    w = np.ones(len(df))
    for cycle in range(1, maxit + 1):
        for name, t in targets.items():
            now = np.bincount(codes[name], weights=w, minlength=len(t)) / w.sum()
            w = w * (t.to_numpy() / now)[codes[name]]
        worst = 0
        for name, t in targets.items():
            now = np.bincount(codes[name], weights=w, minlength=len(t)) / w.sum()
            worst = max(worst, np.abs(now - t.to_numpy()).max())
        if worst <= tol:
            return pd.Series(w / w.mean(), index=df.index), cycle
    raise ValueError("it does not converge")


@RAKE.right("a loop over the categories with masks")
def rake(df, margins, tol=1e-8, maxit=500):
    totals = {name: float(margin.sum()) for name, margin in margins.items()}
    shares = all(abs(total - 1) <= 1e-6 for total in totals.values())
    if not shares and max(totals.values()) - min(totals.values()) > 1e-6 * max(totals.values()):
        raise ValueError(f"margins add to {totals}")
    steps = []
    for name, margin in margins.items():
        if not df[name].isin(margin.index).all():
            raise ValueError(f"a category of {name} is not in its margin")
        for category, people in margin.items():
            mask = (df[name] == category).to_numpy()
            if not mask.any():
                raise ValueError(f"nobody in {name} = {category}")
            steps.append((name, mask, people / totals[name]))
    weight = np.full(len(df), 1.0)
    cycles = 0
    while cycles < maxit:
        cycles += 1
        for mine in margins:
            total = weight.sum()
            factor = np.ones(len(df))
            for name, mask, share in steps:
                if name == mine:
                    factor[mask] = share / (weight[mask].sum() / total)
            weight = weight * factor
        if max(abs(weight[mask].sum() / weight.sum() - share) for _, mask, share in steps) <= tol:
            return pd.Series(weight / weight.mean(), index=df.index), cycles
    raise ValueError("no convergence")


def total(margin):
    return float(sum(margin))


def shares(margins):
    sums = [total(m) for m in margins.values()]
    if any(abs(s - 1) > 1e-6 for s in sums):
        check = [abs(s - sums[0]) <= sums[0] / 1e6 for s in sums]
        if not all(check):
            raise ValueError(f"margins add to {sums}: neither shares nor equal counts")
    return {name: {c: people / total(m) for c, people in m.items()} for name, m in margins.items()}


def held(w, labels):
    """share of the weights by category"""
    data = {}
    for value, label in zip(w, labels):
        data[label] = data.get(label, 0) + value
    everything = sum(w)
    return {label: data[label] / everything for label in data}


@RAKE.right("helpers called total, shares and held", using=[total, shares, held])
def rake(df, margins, tol=1e-8, maxit=500):
    target = shares(margins)
    rows = {name: list(df[name]) for name in target}
    for name in target:
        if set(rows[name]) != set(target[name]):
            odd = set(rows[name]) ^ set(target[name])
            raise ValueError(f"{name}: {odd} is only in the sample or only in the margin")
    w = [1.0] * len(df)
    iterations = 0
    while iterations < maxit:
        iterations += 1
        for name in target:
            now = held(w, rows[name])
            w = [v * target[name][c] / now[c] for v, c in zip(w, rows[name])]
        worst = 0
        for name in target:
            now = held(w, rows[name])
            worst = max([worst] + [abs(now[c] - target[name][c]) for c in target[name]])
        if worst <= tol:
            mean = sum(w) / len(w)
            return pd.Series([v / mean for v in w], index=df.index, dtype=float), iterations
    raise ValueError(f"no convergence in {maxit} cycles")


@RAKE.wrong("one cycle is enough", MISCONCEPTION, says="You stopped after one cycle")
def rake(df, margins, tol=1e-8, maxit=500):
    sums = [m.sum() for m in margins.values()]
    if any(abs(s - 1) > 1e-6 for s in sums) and max(sums) - min(sums) > 1e-6 * max(sums):
        raise ValueError("different sums")
    for name, m in margins.items():
        if set(df[name]) != set(m.index):
            raise ValueError("categories differ")
    targets = {name: m / m.sum() for name, m in margins.items()}

    w = pd.Series(1.0, index=df.index)
    for name, t in targets.items():
        now = w.groupby(df[name].to_numpy()).sum() / w.sum()
        w = w * df[name].map(t / now).to_numpy()
    return w / w.mean(), 1


RAKE.slip(
    "both ratios from the unweighted sample",
    MISCONCEPTION,
    of="one cycle is enough",
    change={"w.groupby(df[name].to_numpy()).sum() / w.sum()": "df[name].value_counts(normalize=True)"},
    says="use the shares of the weights as they are now",
)


@RAKE.wrong("weights that add to 1", BOUNDARY, loses="tests", says="they should have mean 1")
def rake(df, margins, tol=1e-8, maxit=500):
    sums = [m.sum() for m in margins.values()]
    if any(abs(s - 1) > 1e-6 for s in sums) and max(sums) - min(sums) > 1e-6 * max(sums):
        raise ValueError("different sums")
    for name, m in margins.items():
        if set(df[name]) != set(m.index):
            raise ValueError("categories differ")
    targets = {name: m / m.sum() for name, m in margins.items()}

    w = pd.Series(1.0, index=df.index)
    for cycle in range(1, maxit + 1):
        for name, t in targets.items():
            w = w * df[name].map(t / (w.groupby(df[name].to_numpy()).sum() / w.sum())).to_numpy()
        gaps = [(w.groupby(df[name].to_numpy()).sum() / w.sum() - t).abs().max() for name, t in targets.items()]
        if max(gaps) <= tol:
            return w / w.sum(), cycle
    raise ValueError("no convergence")


RAKE.slip(
    "no convergence is returned as if it were one",
    EDGE,
    of="weights that add to 1",
    change={"return w / w.sum(), cycle": "break", 'raise ValueError("no convergence")': "return w / w.mean(), cycle"},
    loses="refusals",
    says="after maxit cycles raise ValueError, and return nothing",
)


@RAKE.wrong("only shares are accepted", EDGE, says="Margins may be counts with equal sums")
def rake(df, margins, tol=1e-8, maxit=500):
    for name, m in margins.items():
        if abs(m.sum() - 1) > 1e-6:
            raise ValueError("a margin does not add to 1")
        if set(df[name]) != set(m.index):
            raise ValueError("categories differ")

    targets = dict(margins)
    w = pd.Series(1.0, index=df.index)
    for cycle in range(1, maxit + 1):
        for name, t in targets.items():
            w = w * df[name].map(t / (w.groupby(df[name].to_numpy()).sum() / w.sum())).to_numpy()
        gaps = [(w.groupby(df[name].to_numpy()).sum() / w.sum() - t).abs().max() for name, t in targets.items()]
        if max(gaps) <= max(tol, 1e-6):
            return w / w.mean(), cycle
    raise ValueError("no convergence")


@RAKE.wrong(
    "each margin is made into shares, whatever it adds to",
    EDGE,
    loses="refusals",
    says="One margin adds to 100 people and the other to 110",
)
def rake(df, margins, tol=1e-8, maxit=500):
    for name, m in margins.items():
        if set(df[name]) != set(m.index):
            raise ValueError("categories differ")
    targets = {name: m / m.sum() for name, m in margins.items()}

    w = pd.Series(1.0, index=df.index)
    for cycle in range(1, maxit + 1):
        for name, t in targets.items():
            w = w * df[name].map(t / (w.groupby(df[name].to_numpy()).sum() / w.sum())).to_numpy()
        gaps = [(w.groupby(df[name].to_numpy()).sum() / w.sum() - t).abs().max() for name, t in targets.items()]
        if max(gaps) <= tol:
            return w / w.mean(), cycle
    raise ValueError("no convergence")


@RAKE.wrong("a category that nobody has is passed over", EDGE, loses="refusals", says="Nobody answered for the nomads")
def rake(df, margins, tol=1e-8, maxit=500):
    sums = [m.sum() for m in margins.values()]
    if any(abs(s - 1) > 1e-6 for s in sums) and max(sums) - min(sums) > 1e-6 * max(sums):
        raise ValueError("different sums")
    targets = {}
    for name, m in margins.items():
        if not df[name].isin(m.index).all():
            raise ValueError("unknown category")
        m = m[m.index.isin(df[name])]
        targets[name] = m / m.sum()

    w = pd.Series(1.0, index=df.index)
    for cycle in range(1, maxit + 1):
        for name, t in targets.items():
            w = w * df[name].map(t / (w.groupby(df[name].to_numpy()).sum() / w.sum())).to_numpy()
        gaps = [(w.groupby(df[name].to_numpy()).sum() / w.sum() - t).abs().max() for name, t in targets.items()]
        if max(gaps) <= tol:
            return w / w.mean(), cycle
    raise ValueError("no convergence")


@RAKE.wrong("always all the cycles", BOUNDARY, loses="refusals", says="iterations should be 1")
def rake(df, margins, tol=1e-8, maxit=500):
    sums = [m.sum() for m in margins.values()]
    if any(abs(s - 1) > 1e-6 for s in sums) and max(sums) - min(sums) > 1e-6 * max(sums):
        raise ValueError("different sums")
    for name, m in margins.items():
        if set(df[name]) != set(m.index):
            raise ValueError("categories differ")
    targets = {name: m / m.sum() for name, m in margins.items()}

    codes = {name: t.index.get_indexer(df[name]) for name, t in targets.items()}
    w = np.ones(len(df))
    for cycle in range(maxit):
        for name, t in targets.items():
            w = w * (t.to_numpy() / (np.bincount(codes[name], weights=w) / w.sum()))[codes[name]]
    for name, t in targets.items():
        if np.abs(np.bincount(codes[name], weights=w) / w.sum() - t.to_numpy()).max() > tol:
            raise ValueError("no convergence")
    return pd.Series(w / w.mean(), index=df.index), maxit


@RAKE.wrong("the weights are written into df", MUTATES, loses="refusals", says="put no columns into it")
def rake(df, margins, tol=1e-8, maxit=500):
    sums = [m.sum() for m in margins.values()]
    if any(abs(s - 1) > 1e-6 for s in sums) and max(sums) - min(sums) > 1e-6 * max(sums):
        raise ValueError("different sums")
    for name, m in margins.items():
        if set(df[name]) != set(m.index):
            raise ValueError("categories differ")
    targets = {name: m / m.sum() for name, m in margins.items()}

    df["weight"] = 1.0
    for cycle in range(1, maxit + 1):
        for name, t in targets.items():
            now = df.groupby(name)["weight"].sum() / df["weight"].sum()
            df["weight"] = df["weight"] * df[name].map(t / now)
        gaps = [(df.groupby(name)["weight"].sum() / df["weight"].sum() - t).abs().max() for name, t in targets.items()]
        if max(gaps) <= tol:
            return df["weight"] / df["weight"].mean(), cycle
    raise ValueError("no convergence")


@RAKE.wrong("the worked example typed in", CONSTANT, says="One margin: the weights should be")
def rake(df, margins, tol=1e-8, maxit=500):
    return pd.Series([1, 1, 0.4, 1.6], index=[3, 5, 7, 9]), 20


RAKE.slip(
    "stops only below tol",
    BOUNDARY,
    of="arrays of codes and bincount",
    change={"worst <= tol": "worst < tol"},
    loses="refusals",
    says="which is at most tol = 0",
)

RAKE.slip(
    "counts that must agree to the last person",
    BOUNDARY,
    of="arrays of codes and bincount",
    change={"> 1e-6 * max(sums)": "> 1e-6"},
    loses="refusals",
    says="agree within one millionth",
)


@RAKE.wrong(
    "respondents outside their margin weigh nan",
    EDGE,
    loses="refusals",
    says="A respondent is r, which the margin lacks",
)
def rake(df, margins, tol=1e-8, maxit=500):
    rows = df.reset_index(drop=True)
    sums = [m.sum() for m in margins.values()]
    if not all(abs(s - 1) <= 1e-6 for s in sums) and any(abs(s - sums[0]) > 1e-6 * sums[0] for s in sums):
        raise ValueError("the margins do not add to the same number")
    goal = {c: m / m.sum() for c, m in margins.items()}
    for c in goal:
        if not set(goal[c].index) <= set(rows[c]):
            raise ValueError("a category has no respondent")
    w = pd.Series(1.0, index=rows.index)
    for cycle in range(1, maxit + 1):
        for c, g in goal.items():
            share = w.groupby(rows[c]).sum() / w.sum()
            w = w * rows[c].map(g / share)
        worst = max(((w.groupby(rows[c]).sum() / w.sum() - g).abs().max()) for c, g in goal.items())
        if worst <= tol:
            w = w / w.mean()
            w.index = df.index
            return w, cycle
    raise ValueError("no convergence")


RAKE.slip(
    "cycles counted from 0",
    BOUNDARY,
    of="arrays of codes and bincount",
    change={"range(1, maxit + 1)": "range(maxit)"},
    loses="refusals",
    says="which counts: iterations should be 1, not 0",
)


KISH = BANK.task("kish")


@KISH.right("a plain loop")
def kish(w):
    n = total = squares = 0
    for x in w:
        if x < 0:
            raise ValueError(f"weight {x}")
        if x > 0:
            n, total, squares = n + 1, total + x, squares + x * x
    if n == 0:
        return float("nan"), float("nan")
    return n * squares / total**2, total**2 / squares


@KISH.right("one plus the squared coefficient of variation")
def kish(w):
    w = pd.Series(list(w), dtype=float)
    if (w < 0).any():
        raise ValueError("negative weight")
    w = w[w != 0]
    if w.empty:
        return np.nan, np.nan
    deff = 1 + w.var(ddof=0) / w.mean() ** 2
    return deff, len(w) / deff


@KISH.right("weights of 0 left out first")
def kish(w):
    w = np.asarray(w, dtype=float)
    if (w < 0).any():
        raise ValueError("negative")
    w = w[w > 0]
    if not len(w):
        return np.nan, np.nan
    deff = len(w) * (w**2).sum() / w.sum() ** 2
    return deff, len(w) / deff


KISH.slip(
    "without the factor n",
    MISCONCEPTION,
    of="weights of 0 left out first",
    change={"len(w) * (w**2).sum()": "(w**2).sum()", "len(w) / deff": "1 / deff"},
    says="You forgot the factor n",
)

KISH.slip(
    "the variance of a sample",
    MISCONCEPTION,
    of="weights of 0 left out first",
    change={
        "deff = len(w) * (w**2).sum() / w.sum() ** 2": (
            "spread = w.var(ddof=1) if len(w) > 1 else 0\n    deff = 1 + spread / w.mean() ** 2"
        )
    },
    says="divide the variance by n",
)

KISH.slip(
    "weights of 0 are counted",
    BOUNDARY,
    of="weights of 0 left out first",
    change={"w = w[w > 0]\n    if not len(w)": "if w.sum() == 0"},
    loses="edges",
    says="You counted the weight of 0 in n",
)

KISH.slip(
    "nobody has a design effect of 1",
    EDGE,
    of="weights of 0 left out first",
    change={"np.nan, np.nan": "1.0, 0.0"},
    loses="edges",
    says="both are undefined: nan",
)


def n_eff(w):
    return w.sum() ** 2 / (w @ w)


@KISH.right("a helper called n_eff", using=(n_eff,))
def kish(w):
    w = np.array([float(x) for x in w])
    if any(w < 0):
        raise ValueError("a weight is negative")
    w = w[w > 0]
    return (len(w) / n_eff(w), n_eff(w)) if len(w) else (np.nan, np.nan)


@KISH.wrong("a negative weight goes through", EDGE, loses="edges", says="A negative weight makes no sense")
def kish(w):
    w = np.asarray(w, dtype=float)
    w = w[w > 0]
    if not len(w):
        return np.nan, np.nan
    deff = len(w) * (w**2).sum() / w.sum() ** 2
    return deff, len(w) / deff


@KISH.wrong("the weights are scaled in place", MUTATES, loses="edges", says="changed its input w")
def kish(w):
    w = np.asarray(w, dtype=float)
    if (w < 0).any():
        raise ValueError("negative")
    if not w.any():
        return np.nan, np.nan
    w /= w.sum()
    used = w[w > 0]
    n_eff = 1 / (used**2).sum()
    return len(used) / n_eff, n_eff


@KISH.wrong("the worked example typed in", CONSTANT, says="Equal weights cost nothing")
def kish(w):
    return 1.125, 3 / 1.125


KISH.slip(
    "small weights taken for 0",
    BOUNDARY,
    of="weights of 0 left out first",
    change={"w = w[w > 0]": "w = w[~np.isclose(w, 0)]"},
    loses="tests",
    says="whatever np.isclose says",
)

KISH.slip(
    "an effective size of 0 for nobody",
    EDGE,
    of="weights of 0 left out first",
    change={"np.nan, np.nan": "np.nan, 0.0"},
    loses="edges",
    says="both are undefined: nan",
)


WEIGHTED_CI = BANK.task("weighted_ci")


@WEIGHTED_CI.right("a plain loop")
def weighted_ci(y, w, z=1.96):
    pairs = list(zip(y, w))
    if any(b < 0 for _, b in pairs):
        raise ValueError("negative weight")
    pairs = [(a, b) for a, b in pairs if b != 0]
    nan = float("nan")
    if not pairs:
        return nan, nan, nan
    total = sum(b for _, b in pairs)
    mean = sum(a * b for a, b in pairs) / total
    n = len(pairs)
    if n < 2:
        return mean, nan, nan
    error = (n / (n - 1) * sum((b * (a - mean)) ** 2 for a, b in pairs)) ** 0.5 / total
    return mean, mean - z * error, mean + z * error


@WEIGHTED_CI.right("the variance of the linearised values")
def weighted_ci(y, w, z=1.96):
    t = pd.DataFrame({"y": list(y), "w": list(w)}, dtype=float)
    if (t["w"] < 0).any():
        raise ValueError("negative weight")
    t = t[t["w"] > 0]
    mean = np.average(t["y"], weights=t["w"]) if len(t) else np.nan
    values = t["w"] * (t["y"] - mean) / t["w"].sum()
    error = np.sqrt(len(t) * values.var(ddof=1))  # nan for fewer than two rows
    return mean, mean - z * error, mean + z * error


@WEIGHTED_CI.right("persons of weight 0 left out first")
def weighted_ci(y, w, z=1.96):
    y, w = np.asarray(y, dtype=float), np.asarray(w, dtype=float)
    if (w < 0).any():
        raise ValueError("negative")
    y, w = y[w > 0], w[w > 0]
    if len(w) == 0:
        return np.nan, np.nan, np.nan
    mean = np.average(y, weights=w)
    if len(w) == 1:
        return mean, np.nan, np.nan
    error = np.sqrt(len(w) / (len(w) - 1) * (w**2 * (y - mean) ** 2).sum()) / w.sum()
    return mean, mean - z * error, mean + z * error


WEIGHTED_CI.slip(
    "the standard error of an unweighted share",
    MISCONCEPTION,
    of="persons of weight 0 left out first",
    change={
        "(len(w) / (len(w) - 1) * (w**2 * (y - mean) ** 2).sum()) / w.sum()": "(max(mean * (1 - mean), 0) / len(w))"
    },
    loses="tests",
    says="the weights must come in",
)

WEIGHTED_CI.slip(
    "the unweighted mean",
    MISCONCEPTION,
    of="persons of weight 0 left out first",
    change={"np.average(y, weights=w)": "y.mean()"},
    loses="tests",
    says="That is the unweighted mean",
)

WEIGHTED_CI.slip(
    "without n / (n - 1)",
    BOUNDARY,
    of="persons of weight 0 left out first",
    change={"len(w) / (len(w) - 1) * (w**2": "(w**2"},
    loses="tests",
    says="You left out the factor n / (n - 1)",
)


@WEIGHTED_CI.wrong("an interval of no width for one person", EDGE, loses="edges", says="has a mean and no interval")
def weighted_ci(y, w, z=1.96):
    y, w = np.asarray(y, dtype=float), np.asarray(w, dtype=float)
    if (w < 0).any():
        raise ValueError("negative")
    y, w = y[w > 0], w[w > 0]
    if len(w) == 0:
        return np.nan, np.nan, np.nan
    mean = np.average(y, weights=w)
    error = np.sqrt(len(w) / max(len(w) - 1, 1) * (w**2 * (y - mean) ** 2).sum()) / w.sum()
    return mean, mean - z * error, mean + z * error


@WEIGHTED_CI.wrong("rows of weight 0 are counted", EDGE, loses="edges", says="it does not count in n")
def weighted_ci(y, w, z=1.96):
    y, w = np.asarray(y, dtype=float), np.asarray(w, dtype=float)
    if (w < 0).any():
        raise ValueError("negative")
    n, total = len(w), w.sum()
    if total == 0:
        return np.nan, np.nan, np.nan
    mean = (w * y).sum() / total
    if n == 1:
        return mean, np.nan, np.nan
    error = np.sqrt(n / (n - 1) * (w**2 * (y - mean) ** 2).sum()) / total
    return mean, mean - z * error, mean + z * error


WEIGHTED_CI.slip(
    "cut off at 0 and 1",
    BOUNDARY,
    of="persons of weight 0 left out first",
    change={"mean - z * error, mean + z * error": "max(mean - z * error, 0), min(mean + z * error, 1)"},
    loses="tests",
    says="AssertionError",
)


@WEIGHTED_CI.wrong("the weights are scaled in place", MUTATES, loses="edges", says="changed its input")
def weighted_ci(y, w, z=1.96):
    y, w = np.asarray(y, dtype=float), np.asarray(w, dtype=float)
    if (w < 0).any():
        raise ValueError("negative")
    if not w.any():
        return np.nan, np.nan, np.nan
    w /= w.sum()
    n = (w > 0).sum()
    mean = (w * y).sum()
    if n == 1:
        return mean, np.nan, np.nan
    error = np.sqrt(n / (n - 1) * (w**2 * (y - mean) ** 2).sum())
    return mean, mean - z * error, mean + z * error


@WEIGHTED_CI.wrong("the worked example typed in", CONSTANT, says="z is the number of standard errors")
def weighted_ci(y, w, z=1.96):
    return 0.6, -0.0272, 1.2272


WEIGHTED_CI.slip(
    "a negative weight left out",
    EDGE,
    of="persons of weight 0 left out first",
    change={'    if (w < 0).any():\n        raise ValueError("negative")\n': ""},
    loses="edges",
    says="A negative weight makes no sense",
)

WEIGHTED_CI.slip(
    "z forgotten",
    BOUNDARY,
    of="persons of weight 0 left out first",
    change={"mean - z * error, mean + z * error": "mean - 1.96 * error, mean + 1.96 * error"},
    loses="tests",
    says="z is the number of standard errors",
)


VOICE_GINI = BANK.task("voice_gini")


@VOICE_GINI.right("two loops and a dictionary")
def voice_gini(minutes, role):
    x, roles = [float(m) for m in minutes], list(role)
    total, n = sum(x), len(x)
    rows = {}
    for r in sorted(set(roles)):
        mine = [m for m, s in zip(x, roles) if s == r]
        rows[r] = {"members": len(mine) / n, "minutes": sum(mine) / total if total else float("nan")}
    table = pd.DataFrame.from_dict(rows, orient="index")
    if not total:
        return float("nan"), table
    gaps = 0
    for a in x:
        for b in x:
            gaps += abs(a - b)
    return gaps / (2 * n * n * total / n), table


@VOICE_GINI.right("sorted times and ranks")
def voice_gini(minutes, role):
    x = pd.Series(np.array(minutes, dtype=float))
    roles = pd.Series(np.array(role, dtype=object))
    table = pd.DataFrame({"members": roles.value_counts(normalize=True).sort_index()})
    with np.errstate(invalid="ignore"):
        table["minutes"] = x.groupby(roles).sum() / (x.sum() if x.sum() > 0 else np.nan)
    if x.sum() == 0:
        return np.nan, table
    s, n = np.sort(x), len(x)
    return 1 + 1 / n - 2 * (np.cumsum(s).sum()) / (n * s.sum()), table


def share(values, total):
    return sum(values) / total if total else np.nan


def gini(x):
    n, total = len(x), sum(x)
    ordered = sorted(x)
    weighted = sum((2 * i - n + 1) * v for i, v in enumerate(ordered))
    return weighted / (n * total) if total else np.nan


@VOICE_GINI.right("helpers called share and gini", using=(share, gini))
def voice_gini(minutes, role):
    x, who = [float(m) for m in minutes], list(role)
    rows = {
        r: (who.count(r) / len(who), share([m for m, s in zip(x, who) if s == r], sum(x))) for r in sorted(set(who))
    }
    return gini(x), pd.DataFrame.from_dict(rows, orient="index", columns=["members", "minutes"])


@VOICE_GINI.wrong("the silent are left out", MISCONCEPTION, loses="tests", says="those with 0 minutes count")
def voice_gini(minutes, role):
    x, roles = np.asarray(minutes, dtype=float), np.asarray(list(role), dtype=object)
    total = x.sum()
    by = pd.DataFrame({"r": roles, "x": x}).groupby("r")["x"]
    time = by.sum() / total if total > 0 else by.sum() * np.nan
    table = pd.DataFrame({"members": by.size() / len(x), "minutes": time})
    x = x[x > 0]
    gini = np.abs(x[:, None] - x).sum() / (2 * len(x) * x.sum()) if len(x) else np.nan
    return gini, table


@VOICE_GINI.wrong("corrected for small samples", MISCONCEPTION, loses="tests", says="no correction")
def voice_gini(minutes, role):
    x = np.asarray(minutes, dtype=float)
    total, n = x.sum(), len(x)
    by = pd.DataFrame({"r": list(role), "x": x}).groupby("r")["x"]
    time = by.sum() / total if total > 0 else by.sum() * np.nan
    gini = np.abs(x[:, None] - x).sum() / (2 * (n - 1) * total) if total > 0 else np.nan
    return gini, pd.DataFrame({"members": by.size() / n, "minutes": time})


@VOICE_GINI.wrong("each pair counted once too often", BOUNDARY, loses="tests", says="You forgot the 2")
def voice_gini(minutes, role):
    x = np.asarray(minutes, dtype=float)
    total, n = x.sum(), len(x)
    by = pd.DataFrame({"r": list(role), "x": x}).groupby("r")["x"]
    time = by.sum() / total if total > 0 else by.sum() * np.nan
    gini = np.abs(x[:, None] - x).sum() / (n * total) if total > 0 else np.nan
    return gini, pd.DataFrame({"members": by.size() / n, "minutes": time})


@VOICE_GINI.wrong("minutes in place of shares", MISCONCEPTION, loses="roles", says="give shares of all speaking time")
def voice_gini(minutes, role):
    x = np.asarray(minutes, dtype=float)
    total, n = x.sum(), len(x)
    by = pd.DataFrame({"r": list(role), "x": x}).groupby("r")["x"]
    gini = np.abs(x[:, None] - x).sum() / (2 * n * total) if total > 0 else np.nan
    return gini, pd.DataFrame({"members": by.size() / n, "minutes": by.sum()})


@VOICE_GINI.wrong(
    "perfect equality where nobody spoke",
    EDGE,
    loses="roles",
    says="Nobody spoke: the Gini and the shares of the time are nan",
)
def voice_gini(minutes, role):
    x = np.asarray(minutes, dtype=float)
    total, n = x.sum(), len(x)
    by = pd.DataFrame({"r": list(role), "x": x}).groupby("r")["x"]
    gini = np.abs(x[:, None] - x).sum() / (2 * n * total) if total > 0 else 0.0
    time = by.sum() / total if total > 0 else by.sum()
    return gini, pd.DataFrame({"members": by.size() / n, "minutes": time})


@VOICE_GINI.wrong("silent roles drop out of the table", EDGE, loses="roles", says="they stay in the table")
def voice_gini(minutes, role):
    x = np.asarray(minutes, dtype=float)
    total, n = x.sum(), len(x)
    gini = np.abs(x[:, None] - x).sum() / (2 * n * total) if total > 0 else np.nan
    table = pd.DataFrame({"r": list(role), "x": x})
    by = table.groupby("r")["x"]
    out = pd.DataFrame({"members": by.size() / n, "minutes": by.sum() / total if total > 0 else by.sum() * np.nan})
    return gini, out[out["minutes"] != 0]


@VOICE_GINI.wrong("the times are sorted in place", MUTATES, loses="roles", says="sort a copy")
def voice_gini(minutes, role):
    by = pd.DataFrame({"r": list(role), "x": np.array(minutes, dtype=float)}).groupby("r")["x"]
    total, n = by.sum().sum(), len(minutes)
    table = pd.DataFrame({"members": by.size() / n, "minutes": by.sum() / total if total > 0 else by.sum() * np.nan})
    if total == 0:
        return np.nan, table
    x = minutes if isinstance(minutes, np.ndarray) else np.array(minutes, dtype=float)
    x.sort()
    return 1 + 1 / n - 2 * np.cumsum(x).sum() / (n * total), table


@VOICE_GINI.wrong("the worked example typed in", CONSTANT, says="If all speak as long, the Gini is 0")
def voice_gini(minutes, role):
    table = pd.DataFrame({"members": [0.25, 0.25, 0.5], "minutes": [0.375, 0.5, 0.125]})
    return 0.4375, table.set_axis(["doctor", "official", "resident"])


@VOICE_GINI.wrong(
    "the formula for sorted times, unsorted", EDGE, loses="tests", says="do not trust the order of the members"
)
def voice_gini(minutes, role):
    x = np.array(minutes, dtype=float)
    n = len(x)
    df = pd.DataFrame({"minutes": x, "role": list(role)})
    table = df.groupby("role").agg(members=("minutes", "size"), minutes=("minutes", "sum"))
    table["members"] /= n
    if x.sum() == 0:
        table["minutes"] = np.nan
        return np.nan, table
    table["minutes"] /= x.sum()
    i = np.arange(1, n + 1)
    gini = ((2 * i - n - 1) * x).sum() / (n * x.sum())
    return gini, table


@VOICE_GINI.wrong("no members where nobody spoke", EDGE, loses="roles", says="Nobody spoke, but there are members")
def voice_gini(minutes, role):
    x, role = list(minutes), list(role)
    n, total = len(x), sum(x)
    names = sorted(set(role))
    if total == 0:
        return np.nan, pd.DataFrame(np.nan, index=names, columns=["members", "minutes"])
    gini = sum(abs(a - b) for a in x for b in x) / (2 * n * total)
    members = [role.count(r) / n for r in names]
    time = [sum(a for a, b in zip(x, role) if b == r) / total for r in names]
    return gini, pd.DataFrame({"members": members, "minutes": time}, index=names)


TOKENISM = BANK.task("tokenism")


@TOKENISM.right("a loop over the meetings")
def tokenism(df):
    high = show = count = 0
    for _, rows in df.groupby("meeting"):
        rung, adopted = rows["rung"].iloc[0], rows["adopted"].dropna()
        count += 1
        high += rung >= 6
        show += rung in (3, 4, 5) and len(adopted) > 0 and adopted.sum() / len(adopted) < 0.10
    rates = {}
    for who in sorted(df["proposer"].dropna().unique()):
        mine = df.loc[df["proposer"] == who, "adopted"]
        rates[who] = float(mine.sum()) / len(mine)
    return {"partnership": high / count, "tokenistic": show / count, "adoption": pd.Series(rates)}


@TOKENISM.right("two pivots")
def tokenism(df):
    rung = df.groupby("meeting")["rung"].max()
    floor = df.dropna(subset=["proposer"]).astype({"adopted": float})
    rate = floor.groupby("meeting")["adopted"].mean().reindex(rung.index)
    show = (rung >= 3) & (rung <= 5) & (rate < 0.10)
    adoption = floor.pivot_table(index="proposer", values="adopted", aggfunc="mean")["adopted"]
    return {"partnership": (rung > 5).mean(), "tokenistic": show.mean(), "adoption": adoption.sort_index()}


def share(part, total):
    return part / total if total else float("nan")


@TOKENISM.right("whole numbers in place of a rate", using=[share])
def tokenism(df):
    data = list(zip(df["meeting"], df["rung"], df["proposer"], df["adopted"]))
    meetings = []
    for m, rung, who, yes in data:
        if m not in meetings:
            meetings.append(m)
    high, token = 0, 0
    for name in meetings:
        rows = [row for row in data if row[0] == name]
        rung = rows[0][1]
        votes = [row[3] for row in rows if pd.notna(row[2])]
        if rung >= 6:
            high += 1
        # less than a tenth, in whole numbers: 10 adopted < made
        if rung in (3, 4, 5) and len(votes) > 0 and 10 * sum(int(v) for v in votes) < len(votes):
            token += 1
    adoption = {}
    for who in sorted({row[2] for row in data if pd.notna(row[2])}):
        mine = [int(row[3]) for row in data if pd.notna(row[2]) and row[2] == who]
        adoption[who] = sum(mine) / len(mine)
    return {
        "partnership": share(high, len(meetings)),
        "tokenistic": share(token, len(meetings)),
        "adoption": pd.Series(adoption, dtype=float),
    }


@TOKENISM.wrong("proposals are counted, not meetings", MISCONCEPTION, loses="tests", says="each meeting counts once")
def tokenism(df):
    rate = df.groupby("meeting")["adopted"].transform(lambda a: a.astype(float).mean())
    made = df.dropna(subset=["proposer"])
    return {
        "partnership": (df["rung"] >= 6).mean(),
        "tokenistic": (df["rung"].between(3, 5) & (rate < 0.1)).mean(),
        "adoption": made["adopted"].astype(float).groupby(made["proposer"]).mean(),
    }


@TOKENISM.wrong("a rung is a verdict", MISCONCEPTION, loses="tests", says="A rung alone is not a verdict")
def tokenism(df):
    rung = df.groupby("meeting")["rung"].first()
    made = df.dropna(subset=["proposer"])
    return {
        "partnership": (rung >= 6).mean(),
        "tokenistic": rung.between(3, 5).mean(),
        "adoption": made["adopted"].astype(float).groupby(made["proposer"]).mean(),
    }


@TOKENISM.wrong(
    "a tenth counts as less than a tenth",
    BOUNDARY,
    loses="tests",
    says="exactly a tenth, which is not less than a tenth",
)
def tokenism(df):
    t = df.groupby("meeting").agg(rung=("rung", "first"), rate=("adopted", "mean"))
    made = df.dropna(subset=["proposer"])
    return {
        "partnership": (t["rung"] >= 6).mean(),
        "tokenistic": (t["rung"].between(3, 5) & (t["rate"] <= 0.10)).mean(),
        "adoption": made["adopted"].astype(float).groupby(made["proposer"]).mean(),
    }


@TOKENISM.wrong(
    "no proposals count as none adopted", EDGE, loses="tests", says="M4 has no proposals, so no adoption rate"
)
def tokenism(df):
    none = df.assign(adopted=df["adopted"].astype(float).fillna(0))
    t = none.groupby("meeting").agg(rung=("rung", "first"), rate=("adopted", "mean"))
    made = df.dropna(subset=["proposer"])
    return {
        "partnership": (t["rung"] >= 6).mean(),
        "tokenistic": (t["rung"].between(3, 5) & (t["rate"] < 0.10)).mean(),
        "adoption": made["adopted"].astype(float).groupby(made["proposer"]).mean(),
    }


@TOKENISM.wrong("meetings without proposals are dropped", EDGE, loses="tests", says="it counts among all meetings")
def tokenism(df):
    df = df.dropna(subset=["proposer"])
    t = df.groupby("meeting").agg(rung=("rung", "first"), rate=("adopted", "mean"))
    return {
        "partnership": (t["rung"] >= 6).mean(),
        "tokenistic": (t["rung"].between(3, 5) & (t["rate"] < 0.10)).mean(),
        "adoption": df["adopted"].astype(float).groupby(df["proposer"]).mean(),
    }


@TOKENISM.wrong("adopted over all rows", MISCONCEPTION, loses="adoption", says="Divide by the proposals of that role")
def tokenism(df):
    t = df.groupby("meeting").agg(rung=("rung", "first"), rate=("adopted", "mean"))
    made = df.dropna(subset=["proposer"])
    made = made.assign(adopted=made["adopted"].astype(float))
    return {
        "partnership": (t["rung"] >= 6).mean(),
        "tokenistic": (t["rung"].between(3, 5) & (t["rate"] < 0.10)).mean(),
        "adoption": made.groupby("proposer")["adopted"].sum() / len(df),
    }


@TOKENISM.wrong("missing values filled in place", MUTATES, says="changed the table df")
def tokenism(df):
    t = df.groupby("meeting").agg(rung=("rung", "first"), rate=("adopted", "mean"))
    made = df[df["adopted"].notna()]
    adoption = made["adopted"].astype(float).groupby(made["proposer"]).mean()
    df["adopted"] = df["adopted"].fillna(0)
    return {
        "partnership": (t["rung"] >= 6).mean(),
        "tokenistic": (t["rung"].between(3, 5) & (t["rate"] < 0.10)).mean(),
        "adoption": adoption,
    }


@TOKENISM.wrong("the worked example typed in", CONSTANT, says="Only meeting b")
def tokenism(df):
    return {"partnership": 0.25, "tokenistic": 0.25, "adoption": pd.Series({"doctor": 1.0, "resident": 1 / 3})}


TOKENISM.slip(
    "adoption averaged over meetings",
    MISCONCEPTION,
    of="two pivots",
    change={
        "adoption = floor.pivot_table": (
            'floor = floor.groupby(["meeting", "proposer"], as_index=False)["adopted"].mean()\n    adoption = floor.pivot_table'
        )
    },
    loses="adoption",
    says="You took the mean over meetings",
)


@TOKENISM.wrong("every rung below partnership", BOUNDARY, loses="tests", says="rungs 2 and 6 are outside")
def tokenism(df):
    df = df.reset_index(drop=True)
    made = df[df["proposer"].notna()]
    meetings = df.drop_duplicates("meeting").set_index("meeting")["rung"]
    rate = made.groupby("meeting")["adopted"].mean().reindex(meetings.index)
    return {
        "partnership": (meetings >= 6).sum() / len(meetings),
        "tokenistic": ((meetings < 6) & (rate < 0.10)).sum() / len(meetings),
        "adoption": made.groupby("proposer")["adopted"].mean().sort_index(),
    }


@TOKENISM.wrong("nothing adopted at all", BOUNDARY, loses="tests", says="Only meeting b (rung 5, 1 of 11)")
def tokenism(df):
    made = df[df["proposer"].notna()].reset_index(drop=True)
    names = df["meeting"].unique()
    high = token = 0
    for name in names:
        rung = df.loc[(df["meeting"] == name).to_numpy(), "rung"].iloc[0]
        votes = made.loc[made["meeting"] == name, "adopted"]
        high += rung >= 6
        token += rung in (3, 4, 5) and len(votes) > 0 and votes.sum() == 0
    adoption = made.groupby("proposer")["adopted"].mean()
    return {"partnership": high / len(names), "tokenistic": token / len(names), "adoption": adoption}


KAPPA = BANK.task("kappa")


@KAPPA.right("a table of pairs and an outer product")
def kappa(a, b, weights=None, categories=None):
    a, b = list(a), list(b)
    scale = sorted({*a, *b}) if categories is None else list(categories)
    if any(code not in scale for code in a + b):
        raise ValueError("a code is not in categories")
    k = len(scale)
    table = np.zeros((k, k))
    for one, two in zip(a, b):
        table[scale.index(one), scale.index(two)] += 1 / len(a)
    i, j = np.indices((k, k))
    if weights is None:
        cost = (i != j).astype(float)
    elif weights == "linear":
        cost = abs(i - j) / max(k - 1, 1)
    elif weights == "quadratic":
        cost = (i - j) ** 2 / max(k - 1, 1) ** 2
    else:
        raise ValueError("weights?")
    expected = (cost * np.outer(table.sum(1), table.sum(0))).sum()
    return float("nan") if expected == 0 else 1 - (cost * table).sum() / expected


@KAPPA.right("every code of one reader against every code of the other")
def kappa(a, b, weights=None, categories=None):
    scale = list(categories) if categories is not None else sorted(set(a).union(b))
    try:
        x, y = (np.array([scale.index(code) for code in codes]) for codes in (a, b))
    except ValueError:
        raise ValueError("a code is not in categories") from None
    powers = {None: 0, "linear": 1, "quadratic": 2}
    if weights not in powers:
        raise ValueError(f"weights {weights}")

    def cost(gap):
        return (gap != 0).astype(float) if weights is None else np.abs(gap.astype(float)) ** powers[weights]

    chance = cost(np.subtract.outer(x, y)).mean()
    return np.nan if chance == 0 else 1 - cost(x - y).mean() / chance


@KAPPA.wrong("raw agreement", MISCONCEPTION, says="That is the raw agreement")
def kappa(a, b, weights=None, categories=None):
    scale = list(categories) if categories is not None else sorted(set(a) | set(b))
    if not set(a) | set(b) <= set(scale) or weights not in (None, "linear", "quadratic"):
        raise ValueError("refused")
    x, y = (np.array([scale.index(c) for c in codes]) for codes in (a, b))
    gap = np.abs(x - y) / max(len(scale) - 1, 1)
    return 1 - ((gap > 0) if weights is None else gap).mean()


@KAPPA.wrong("chance is one in k", MISCONCEPTION, says="You took chance agreement as 1 / k")
def kappa(a, b, weights=None, categories=None):
    scale = list(categories) if categories is not None else sorted(set(a) | set(b))
    if not set(a) | set(b) <= set(scale) or weights not in (None, "linear", "quadratic"):
        raise ValueError("refused")
    k = len(scale)
    x, y = (np.array([scale.index(c) for c in codes]) for codes in (a, b))
    gaps = np.abs(np.subtract.outer(np.arange(k), np.arange(k))).astype(float)
    cost = (gaps > 0) * 1.0 if weights is None else gaps ** (1 if weights == "linear" else 2)
    return np.nan if cost.mean() == 0 else 1 - cost[x, y].mean() / cost.mean()


@KAPPA.wrong("the readers are pooled", MISCONCEPTION, says="You pooled the two readers")
def kappa(a, b, weights=None, categories=None):
    scale = list(categories) if categories is not None else sorted(set(a) | set(b))
    if not set(a) | set(b) <= set(scale) or weights not in (None, "linear", "quadratic"):
        raise ValueError("refused")
    k = len(scale)
    x, y = (np.array([scale.index(c) for c in codes]) for codes in (a, b))
    gaps = np.abs(np.subtract.outer(np.arange(k), np.arange(k))).astype(float)
    cost = (gaps > 0) * 1.0 if weights is None else gaps ** (1 if weights == "linear" else 2)
    share = np.bincount(np.concatenate([x, y]), minlength=k) / (2 * len(x))
    expected = share @ cost @ share
    return np.nan if expected == 0 else 1 - cost[x, y].mean() / expected


@KAPPA.wrong("the weights are ignored", MISCONCEPTION, loses="weights", says="near misses should count less")
def kappa(a, b, weights=None, categories=None):
    a, b = list(a), list(b)
    if weights not in (None, "linear", "quadratic"):
        raise ValueError("weights")
    if categories is not None and not set(a) | set(b) <= set(categories):
        raise ValueError("code")
    agree = np.mean([x == y for x, y in zip(a, b)])
    chance = sum(a.count(c) * b.count(c) for c in set(a)) / len(a) ** 2
    return np.nan if chance == 1 else (agree - chance) / (1 - chance)


@KAPPA.wrong(
    "codes that nobody used fall out of the scale",
    MISCONCEPTION,
    loses="weights",
    says="count the places on the whole scale",
)
def kappa(a, b, weights=None, categories=None):
    if categories is not None and not set(a) | set(b) <= set(categories):
        raise ValueError("code")
    if weights not in (None, "linear", "quadratic"):
        raise ValueError("weights")
    order = list(categories) if categories is not None else sorted(set(a) | set(b))
    scale = [code for code in order if code in set(a) | set(b)]
    k = len(scale)
    x, y = (np.array([scale.index(c) for c in codes]) for codes in (a, b))
    gaps = np.abs(np.subtract.outer(np.arange(k), np.arange(k))).astype(float)
    cost = (gaps > 0) * 1.0 if weights is None else gaps ** (1 if weights == "linear" else 2)
    expected = (np.bincount(x, minlength=k) / len(x)) @ cost @ (np.bincount(y, minlength=k) / len(y))
    return np.nan if expected == 0 else 1 - cost[x, y].mean() / expected


@KAPPA.wrong("full agreement on one code is 1", EDGE, says="so kappa is nan")
def kappa(a, b, weights=None, categories=None):
    scale = list(categories) if categories is not None else sorted(set(a) | set(b))
    if not set(a) | set(b) <= set(scale) or weights not in (None, "linear", "quadratic"):
        raise ValueError("refused")
    k = len(scale)
    x, y = (np.array([scale.index(c) for c in codes]) for codes in (a, b))
    gaps = np.abs(np.subtract.outer(np.arange(k), np.arange(k))).astype(float)
    cost = (gaps > 0) * 1.0 if weights is None else gaps ** (1 if weights == "linear" else 2)
    expected = (np.bincount(x, minlength=k) / len(x)) @ cost @ (np.bincount(y, minlength=k) / len(y))
    return 1.0 if expected == 0 else 1 - cost[x, y].mean() / expected


@KAPPA.wrong("the root in place of the square", BOUNDARY, loses="weights", says="square |i - j| / (k - 1)")
def kappa(a, b, weights=None, categories=None):
    scale = list(categories) if categories is not None else sorted(set(a) | set(b))
    if not set(a) | set(b) <= set(scale) or weights not in (None, "linear", "quadratic"):
        raise ValueError("refused")
    k = len(scale)
    x, y = (np.array([scale.index(c) for c in codes]) for codes in (a, b))
    gaps = np.abs(np.subtract.outer(np.arange(k), np.arange(k))).astype(float)
    cost = (gaps > 0) * 1.0 if weights is None else gaps ** (1 if weights == "linear" else 0.5)
    expected = (np.bincount(x, minlength=k) / len(x)) @ cost @ (np.bincount(y, minlength=k) / len(y))
    return np.nan if expected == 0 else 1 - cost[x, y].mean() / expected


@KAPPA.wrong("the lists are sorted in place to find the scale", MUTATES, loses="tests", says="changed its input")
def kappa(a, b, weights=None, categories=None):
    one, two = list(a), list(b)
    if isinstance(a, list):
        a.sort()
    scale = list(categories) if categories is not None else sorted(set(one) | set(two))
    if not set(one) | set(two) <= set(scale) or weights not in (None, "linear", "quadratic"):
        raise ValueError("refused")
    k = len(scale)
    x, y = (np.array([scale.index(c) for c in codes]) for codes in (one, two))
    gaps = np.abs(np.subtract.outer(np.arange(k), np.arange(k))).astype(float)
    cost = (gaps > 0) * 1.0 if weights is None else gaps ** (1 if weights == "linear" else 2)
    expected = (np.bincount(x, minlength=k) / len(x)) @ cost @ (np.bincount(y, minlength=k) / len(y))
    return np.nan if expected == 0 else 1 - cost[x, y].mean() / expected


@KAPPA.wrong("the worked example typed in", CONSTANT, says="Full agreement on two codes")
def kappa(a, b, weights=None, categories=None):
    return 1 - 0.25 / 0.6875 if weights is None else 1 - 0.125 / 0.4375


@KAPPA.wrong("linear in place of quadratic", MISCONCEPTION, loses="weights", says="Quadratic kappa should be 0.8")
def kappa(a, b, weights=None, categories=None):
    a, b = list(a), list(b)
    scale = sorted({*a, *b}) if categories is None else list(categories)
    if not {*a, *b} <= set(scale) or weights not in (None, "linear", "quadratic"):
        raise ValueError("unknown code or weights")
    cost = [
        [abs(i - j) / max(len(scale) - 1, 1) if weights else float(i != j) for j in range(len(scale))]
        for i in range(len(scale))
    ]
    place = {code: i for i, code in enumerate(scale)}
    seen = np.mean([cost[place[p]][place[q]] for p, q in zip(a, b)])
    expected = np.mean([cost[place[p]][place[q]] for p in a for q in b])
    return 1 - seen / expected if expected else np.nan


@KAPPA.wrong("a scale of one code divides by 0", EDGE, loses="weights", says="A scale of one code: k - 1 is 0")
def kappa(a, b, weights=None, categories=None):
    a, b = list(a), list(b)
    scale = sorted({*a, *b}) if categories is None else list(categories)
    if not {*a, *b} <= set(scale) or weights not in (None, "linear", "quadratic"):
        raise ValueError("unknown code or weights")
    power = {"linear": 1, "quadratic": 2}.get(weights)

    def cost(p, q):
        return (abs(scale.index(p) - scale.index(q)) / (len(scale) - 1)) ** power if weights else float(p != q)

    expected = sum(a.count(p) * b.count(q) * cost(p, q) for p in set(a) for q in set(b)) / len(a) ** 2
    return 1 - np.mean([cost(p, q) for p, q in zip(a, b)]) / expected if expected else np.nan


@KAPPA.wrong("a scale of words sorted again", EDGE, loses="weights", says="categories has its order already")
def kappa(a, b, weights=None, categories=None):
    a, b = list(a), list(b)
    scale = sorted(set(a) | set(b)) if categories is None else sorted(categories)
    if set(a + b) - set(scale):
        raise ValueError("a code is not in categories")
    if weights not in (None, "linear", "quadratic"):
        raise ValueError("unknown weights")
    k = len(scale)
    if k == 1:
        return np.nan
    i = np.arange(k)
    d = np.abs(i[:, None] - i) / (k - 1)
    cost = {None: (d > 0) * 1.0, "linear": d, "quadratic": d**2}[weights]
    pa = np.array([a.count(c) / len(a) for c in scale])
    pb = np.array([b.count(c) / len(b) for c in scale])
    seen = np.mean([cost[scale.index(x), scale.index(y)] for x, y in zip(a, b)])
    expected = pa @ cost @ pb
    return np.nan if expected == 0 else 1 - seen / expected


KAPPA.slip(
    "any other weights are quadratic",
    EDGE,
    of="a scale of one code divides by 0",
    change={
        'not {*a, *b} <= set(scale) or weights not in (None, "linear", "quadratic")': "not {*a, *b} <= set(scale)",
        '{"linear": 1, "quadratic": 2}.get(weights)': '1 if weights == "linear" else 2',
        "(len(scale) - 1)": "max(len(scale) - 1, 1)",
    },
    loses="weights",
    says="is not known: raise ValueError",
)


@KAPPA.wrong("items outside the scale left out", EDGE, loses="weights", says="Code 9 is not in categories")
def kappa(a, b, weights=None, categories=None):
    if weights not in (None, "linear", "quadratic"):
        raise ValueError("weights must be None, linear or quadratic")
    a, b = list(a), list(b)
    if categories is None:
        categories = sorted(set(a + b))
    categories = list(categories)
    k = len(categories)
    table = pd.crosstab(pd.Series(a), pd.Series(b))
    table = table.reindex(index=categories, columns=categories, fill_value=0).to_numpy(dtype=float)
    table = table / table.sum()
    i = np.arange(k)
    d = np.abs(i[:, None] - i[None, :]) / max(k - 1, 1)
    cost = (d > 0).astype(float) if weights is None else d if weights == "linear" else d**2
    expected = (cost * np.outer(table.sum(axis=1), table.sum(axis=0))).sum()
    if expected == 0:
        return np.nan
    return 1 - (cost * table).sum() / expected


DDC = BANK.task("ddc")


@DDC.right("the identity, turned round")
def ddc(r, y):
    r, y = np.array(r, dtype=bool), np.array(y, dtype=float)
    f = r.mean()
    if f in (0, 1) or len(set(y)) == 1:
        return np.nan
    return (y[r].mean() - y.mean()) / (np.sqrt((1 - f) / f) * y.std())


@DDC.right("np.corrcoef, guarded")
def ddc(r, y):
    r, y = [float(v) for v in r], [float(v) for v in y]
    if len(set(r)) < 2 or len(set(y)) < 2:
        return float("nan")
    return np.corrcoef(r, y)[0, 1]


@DDC.wrong("the error of the mean", MISCONCEPTION, says="That is the error of the mean")
def ddc(r, y):
    r, y = np.array(r, dtype=bool), np.array(y, dtype=float)
    if r.all() or not r.any() or len(set(y)) == 1:
        return np.nan
    return y[r].mean() - y.mean()


@DDC.wrong("without the share who answered", MISCONCEPTION, says="You left out")
def ddc(r, y):
    r, y = np.array(r, dtype=bool), np.array(y, dtype=float)
    if r.all() or not r.any() or len(set(y)) == 1:
        return np.nan
    return (y[r].mean() - y.mean()) / y.std()


@DDC.wrong("a covariance for a sample over deviations of a population", BOUNDARY, says="divide by N everywhere")
def ddc(r, y):
    r, y = np.array(r, dtype=float), np.array(y, dtype=float)
    if len(set(r)) < 2 or len(set(y)) < 2:
        return np.nan
    return np.mean((r - r.mean()) * (y - y.mean())) / (r.std(ddof=1) * y.std(ddof=1))


@DDC.wrong("the size without the sign", MISCONCEPTION, loses="tests", says="with its sign")
def ddc(r, y):
    r, y = np.array(r, dtype=float), np.array(y, dtype=float)
    if len(set(r)) < 2 or len(set(y)) < 2:
        return np.nan
    return abs(np.corrcoef(r, y)[0, 1])


@DDC.wrong("no correlation where nothing varies", EDGE, loses="edges", says="r does not vary")
def ddc(r, y):
    r, y = np.array(r, dtype=float), np.array(y, dtype=float)
    if len(set(r)) < 2 or len(set(y)) < 2:
        return 0.0
    return np.corrcoef(r, y)[0, 1]


@DDC.wrong("the noise of a constant is correlated", EDGE, loses="edges", says="whatever rounding makes of the variance")
def ddc(r, y):
    r, y = np.array(r, dtype=float), np.array(y, dtype=float)
    if r.std() == 0 or y.std() == 0:
        return np.nan
    return np.mean((r - r.mean()) * (y - y.mean())) / (r.std() * y.std())


@DDC.wrong("centred in place", MUTATES, loses="edges", says="changed its input")
def ddc(r, y):
    r, y = np.asarray(r, dtype=float), np.asarray(y, dtype=float)
    if len(set(r)) < 2 or len(set(y)) < 2:
        return np.nan
    x = r - r.mean()
    rho = x @ (y - y.mean()) / np.sqrt((x @ x) * ((y - y.mean()) @ (y - y.mean())))
    if isinstance(y, np.ndarray) and y.flags.writeable:
        y -= y.mean()
    return rho


@DDC.wrong("the worked example typed in", CONSTANT, says="the correlation is -1")
def ddc(r, y):
    return 2 / 3


@DDC.wrong("Series matched by their labels", EDGE, loses="edges", says="rows go by position, whatever the labels")
def ddc(r, y):
    r, y = pd.Series(r).astype(float), pd.Series(y).astype(float)
    if r.nunique() < 2 or y.nunique() < 2:
        return np.nan
    return r.corr(y)


@DDC.wrong("0 where everybody agrees", EDGE, loses="edges", says="All have the same y")
def ddc(r, y):
    r, y = np.array(r, dtype=float), np.array(y, dtype=float)
    f = r.mean()
    if f == 0 or f == 1:
        return np.nan
    error = y[r == 1].mean() - y.mean()
    if error == 0:
        return 0.0
    return error / (np.sqrt((1 - f) / f) * y.std())


@DDC.wrong("answers cut to whole numbers", EDGE, says="answers may be decimals")
def ddc(r, y):
    r = np.array(r).astype(int)
    y = np.array(y).astype(int)
    if len(set(r)) < 2 or len(set(y)) < 2:
        return float("nan")
    return np.corrcoef(r, y)[0, 1]


N_EFF = BANK.task("n_eff_ddc")


@N_EFF.right("numpy's division")
def n_eff_ddc(f, rho):
    if f <= 0 or f > 1:
        raise ValueError("f is a share")
    with np.errstate(divide="ignore"):
        return np.float64(1) / (np.float64(rho) ** 2 * (1 - f) / f)


@N_EFF.right("an exception caught")
def n_eff_ddc(f, rho):
    if not (f > 0 and f <= 1):
        raise ValueError(f"share {f}")
    odds_against = (1 - f) / f
    try:
        return 1 / (odds_against * rho * rho)
    except ZeroDivisionError:
        return float("inf")


@N_EFF.wrong("rho is not squared", MISCONCEPTION, loses="tests", says="divide by its square")
def n_eff_ddc(f, rho):
    if not 0 < f <= 1:
        raise ValueError("f")
    return np.inf if f == 1 or rho == 0 else f / (1 - f) / abs(rho)


@N_EFF.wrong("without 1 - f", MISCONCEPTION, loses="tests", says="You left out 1 - f")
def n_eff_ddc(f, rho):
    if not 0 < f <= 1:
        raise ValueError("f")
    return np.inf if f == 1 or rho == 0 else f / rho**2


@N_EFF.wrong("nan where nothing is wrong", EDGE, loses="edges", says="n_eff is infinity")
def n_eff_ddc(f, rho):
    if not 0 < f <= 1:
        raise ValueError("f")
    return np.nan if f == 1 or rho == 0 else f / (1 - f) / rho**2


@N_EFF.wrong("a division by 0", EDGE, loses="edges", says="you divide by 1 - f = 0")
def n_eff_ddc(f, rho):
    if not 0 < f <= 1:
        raise ValueError("f")
    return f / (1 - f) / rho**2


@N_EFF.wrong("f = 1 is refused", BOUNDARY, loses="edges", says="n_eff is infinity")
def n_eff_ddc(f, rho):
    if not 0 < f < 1:
        return np.nan
    return np.inf if rho == 0 else f / (1 - f) / rho**2


@N_EFF.wrong("any f goes through", EDGE, loses="edges", says="is no share of a population that answered")
def n_eff_ddc(f, rho):
    if f == 1 or rho == 0 or f == 0:
        return np.inf
    return f / (1 - f) / rho**2


@N_EFF.wrong("the worked example typed in", CONSTANT, says="n_eff should be 13,333")
def n_eff_ddc(f, rho):
    return 400 / 3


@N_EFF.wrong("rho = 0 divides by 0", EDGE, loses="edges", says="you divide by 0. Return infinity")
def n_eff_ddc(f, rho):
    if f <= 0 or f > 1:
        raise ValueError("f must be above 0 and at most 1")
    if f == 1:
        return np.inf
    return f / (1 - f) / rho**2


@N_EFF.wrong("a negative rho counts as none", EDGE, loses="tests", says="The sign of ρ does not matter")
def n_eff_ddc(f, rho):
    if f <= 0 or f > 1:
        raise ValueError("f must be above 0 and at most 1")
    if f == 1 or rho <= 0:
        return np.inf
    return f / (1 - f) / rho**2


TASKS = BANK.tasks

# Numbers as the model answers compute them in the cells above the reflection.
SAMPLES = (
    Sample(
        "weak",
        """
        The voice of patients is very important and must never be lost. I propose a Patient Experience Office
        of ten staff in the care board. It will work in partnership with all stakeholders and will be
        independent, because independence is a core value. It will reach everybody, and in particular
        vulnerable and marginalised groups, through an inclusive app and a large online panel. Our panel has
        1,200 members, which is a strong sample, and finds that 19% have unmet need, so services are mostly
        good. We will grow it to 50,000 so that it becomes fully representative.

        The office will make sure that voices are heard at the highest level. Its reports will go to the
        board, which will take them into account. There will be an annual report and regular monitoring with
        appropriate indicators. In case of reorganisation, the office will adapt to the new structures and
        continue its valuable work.
        """,
        {
            "independence and accountability": (
                0,
                "inside the board, appointed and paid by it, and called independent",
            ),
            "inclusion plan with measured targets": (
                1,
                "names no group and no target; a larger panel keeps the defect",
            ),
            "power over decisions": (0, "advice that is taken into account; no rung, no count of adoption"),
            "continuity under reorganisation": (0, "says that it will adapt, not what survives"),
        },
    ),
    Sample(
        "adequate",
        """
        I write for the pilot region of Morocco. I propose a regional house of patients with ten staff, run by
        an association that is chosen every four years by open tender. The region's council pays; the health
        group does not, because nobody should pay for their own critic. The house publishes its reports and
        answers questions in a public session once a year. The council can still cut the money, which is a risk
        that we accept.

        Inclusion. In the synthetic panel, people who cannot read have 0.22 of their fair share and rural people
        0.45, and raking moves unmet need from 19% to 28%. So the house will not rely on the internet. Four of
        the ten staff go to weekly markets and health centres and speak Tarifit or Darija; in Al Hoceima,
        where 53.6% use Tarifit, both. By the end of 2028 the representation ratio of rural women and of those
        who cannot read must be at least 0.8, measured against the census of 2024.

        Power. The house stands on rung 5 today; we want rung 6. Two of its people sit on the committee that
        plans services, with a vote. The share of its proposals that are adopted is printed each year; for
        residents in the synthetic meetings it is only 9%.

        Continuity. If the map changes, the association stays, because its contract is with the council and
        not with the health group.
        """,
        {
            "independence and accountability": (
                3,
                "who appoints, pays and can end it, to whom it answers, and the risk",
            ),
            "inclusion plan with measured targets": (
                2,
                "groups, means and a dated target for two of them; the language has no number to reach",
            ),
            "power over decisions": (2, "a rung, votes, and the count of adoption"),
            "continuity under reorganisation": (1, "the contract survives; data, staff and a change of council do not"),
        },
    ),
    Sample(
        "strong",
        """
        To the director who will sign this budget.

        *What we buy.* A Patients' Council for our care board's area, with ten staff, as a charity. Its trustees:
        four drawn by lot from a random sample of residents, three elected by local groups, two named by the
        councils. None by the board. Money: a grant of five years from the councils and the board together, paid
        quarterly to an endowment held by a community foundation, so that a single angry reader cannot stop it.
        It answers to a public assembly each autumn and to the councils' scrutiny committee. The price: it will
        be further from our data than a directorate of our own, and slower.

        *Who is missing, and by when.* On the synthetic data of the course, a panel of volunteers gives people
        who cannot read 0.22 of their share and rural people 0.45. Raking moves its estimate from 19% to 28%
        unmet need, and costs so much that 1,200 answers are worth 499; the truth is 30%. Weights will not save
        us, so we pay for presence: four link workers, two of them interpreters, and 400 random interviews a
        year, at home, in the person's language. Targets against the census, each by December 2028:
        representation of rural women 0.9; of people who read little English 0.8; of each main language other
        than English 0.8. If one is missed, the next year's interviews go there first.

        *Power.* Consulting is rung 4. In the synthetic meetings a third consult for show, and residents have
        29% of the seats, 2% of the time, and see 9% of their proposals adopted. So: two voting seats on the
        commissioning committee (rung 6); the right to a written answer in 20 days; minutes of speaking time;
        and a yearly table of proposals made and adopted, by who made them. Target: residents' adoption at
        least half of the officers' by 2029.

        *Continuity.* Boards here have a life of about a decade. What must outlive ours: the charity, which no
        merger ends; its archive and codebook, deposited with the county record office; staff contracts with
        the charity; and the grant, written into the councils' agreement so that a successor body inherits
        it. If the law gives all this to the board after all, the assembly and the table of adoption still
        stand, and we should keep them first.
        """,
        {
            "independence and accountability": (
                3,
                "appointment, money and end are in different hands; names the price",
            ),
            "inclusion plan with measured targets": (
                3,
                "groups, means, dated targets against the census, a consequence",
            ),
            "power over decisions": (2, "votes, a right to an answer, and adoption counted by proposer"),
            "continuity under reorganisation": (2, "what survives in law, data, people and money, and a second best"),
        },
    ),
)
