"""Answers to exercise 7, *The 30% that may not be there*: right in many ways, and wrong in the ways of students."""

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from . import BOUNDARY, CONSTANT, EDGE, MISCONCEPTION, MUTATES, Bank, Sample

BANK = Bank(__file__)

CAPTURE = BANK.task("capture")


@CAPTURE.right("a groupby over the scores")
def capture(score, y, top):
    if top <= 0 or top > 1:
        raise ValueError("top")
    data = pd.DataFrame({"s": np.asarray(score, dtype=float), "y": np.asarray(y, dtype=float)})
    total = data["y"].sum()
    if total == 0:
        return (float("nan"), float("nan"))
    blocks = data.groupby("s")["y"].agg(["size", "sum"]).sort_index(ascending=False)
    before = blocks["size"].cumsum() - blocks["size"]
    taken = (top * len(data) - before).clip(lower=0)
    taken = np.minimum(taken, blocks["size"])
    found = (blocks["sum"] * taken / blocks["size"]).sum() / total
    return (found, found / top)


@CAPTURE.right("each person's share by ranks")
def capture(score, y, top):
    if not (0 < top <= 1):
        raise ValueError(f"top {top}")
    s = np.asarray(score, dtype=float)
    y = np.asarray(y, dtype=float)
    if y.sum() == 0:
        return np.nan, np.nan
    order = np.sort(s)
    above = len(s) - np.searchsorted(order, s, side="right")
    tied = np.searchsorted(order, s, side="right") - np.searchsorted(order, s, side="left")
    part = np.clip((top * len(s) - above) / tied, 0, 1)
    value = (part * y).sum() / y.sum()
    return value, value / top


@CAPTURE.wrong("the first of those who tie", MISCONCEPTION, says="took the first of them in the file")
def capture(score, y, top):
    if not (0 < top <= 1):
        raise ValueError("top")
    data = pd.DataFrame({"s": np.asarray(score, dtype=float), "y": np.asarray(y, dtype=float)})
    if data["y"].sum() == 0:
        return np.nan, np.nan
    data = data.sort_values("s", ascending=False, kind="stable")
    found = data["y"].head(int(top * len(data))).sum() / data["y"].sum()
    return found, found / top


@CAPTURE.wrong("the mean of the events", MISCONCEPTION, says="should be (0.60, 1.20)")
def capture(score, y, top):
    if not (0 < top <= 1):
        raise ValueError("top")
    s, y = np.asarray(score, dtype=float), np.asarray(y, dtype=float)
    if y.sum() == 0:
        return np.nan, np.nan
    edge = np.quantile(s, 1 - top)
    return y[s >= edge].mean(), y[s >= edge].mean() / y.mean()


CAPTURE.slip(
    "whole people only",
    BOUNDARY,
    of="each person's share by ranks",
    change={"(top * len(s) - above)": "(int(top * len(s)) - above)"},
    says="taken by one half",
)

CAPTURE.slip(
    "no part of the first person",
    BOUNDARY,
    of="each person's share by ranks",
    change={"(top * len(s) - above)": "(max(1, top * len(s)) - above)"},
    loses="edges",
    says="Room for half a person",
)

CAPTURE.slip(
    "0 where there is no event",
    EDGE,
    of="each person's share by ranks",
    change={"return np.nan, np.nan": "return 0.0, 0.0"},
    loses="edges",
    says="capture and lift are nan",
)


@CAPTURE.wrong("takes any top", EDGE, loses="edges", says="raise ValueError")
def capture(score, y, top):
    s, y = np.asarray(score, dtype=float), np.asarray(y, dtype=float)
    if y.sum() == 0:
        return np.nan, np.nan
    room, found = top * len(s), 0.0
    for level in np.unique(s)[::-1]:
        here = s == level
        part = min(1, max(0, room / here.sum()))
        found += part * y[here].sum()
        room -= here.sum()
    return found / y.sum(), found / y.sum() / top if top else 0


@CAPTURE.wrong("sorts the scores in place", MUTATES, loses="tests", says="work on a copy")
def capture(score, y, top):
    if not (0 < top <= 1):
        raise ValueError("top")
    s, y = np.array(score, dtype=float), np.asarray(y, dtype=float)
    if isinstance(score, np.ndarray):
        score.sort()
    if y.sum() == 0:
        return np.nan, np.nan
    order = np.sort(s)
    above = len(s) - np.searchsorted(order, s, side="right")
    tied = np.searchsorted(order, s, side="right") - np.searchsorted(order, s, side="left")
    value = (np.clip((top * len(s) - above) / tied, 0, 1) * y).sum() / y.sum()
    return value, value / top


CAPTURE.slip(
    "not everybody",
    BOUNDARY,
    of="each person's share by ranks",
    change={"(0 < top <= 1)": "(0 < top < 1)"},
    says="top=1",
)

CAPTURE.slip(
    "events without their decimals",
    EDGE,
    of="each person's share by ranks",
    change={"y = np.asarray(y, dtype=float)": "y = np.asarray(y).astype(int)"},
    loses="tests",
    says="Events may have decimals",
)

CAPTURE.slip(
    "scores without their decimals",
    EDGE,
    of="each person's share by ranks",
    change={"s = np.asarray(score, dtype=float)": "s = np.asarray(score).astype(int)"},
    loses="tests",
    says="1e-9 and 2e-9 are not equal",
)


@CAPTURE.wrong("the broken place goes by the file", EDGE, says="half a place that the two who tie share")
def capture(score, y, top):
    if top <= 0 or top > 1:
        raise ValueError("top")
    score = np.asarray(score, dtype=float)
    y = np.asarray(y, dtype=float)
    total = y.sum()
    if total == 0:
        return np.nan, np.nan
    room = top * len(y)
    whole = int(room)
    order = np.argsort(-score, kind="stable")
    found = 0.0
    if whole > 0:
        edge = score[order[whole - 1]]
        above = score > edge
        same = score == edge
        found = y[above].sum() + (whole - above.sum()) / same.sum() * y[same].sum()
    if whole < len(y):
        found += (room - whole) * y[order[whole]]
    return found / total, found / total / top


@CAPTURE.wrong("scores that are close tie", BOUNDARY, loses="tests", says="Compare without a tolerance")
def capture(score, y, top):
    if not 0 < top <= 1:
        raise ValueError("top")
    score = np.asarray(score, dtype=float)
    y = np.asarray(y, dtype=float)
    if y.sum() == 0:
        return float("nan"), float("nan")
    room = top * len(y)
    edge = np.sort(score)[::-1][int(np.ceil(room)) - 1]  # score of the last who is taken
    tie = np.isclose(score, edge)
    above = (score > edge) & ~tie
    found = y[above].sum() + (room - above.sum()) / tie.sum() * y[tie].sum()
    c = found / y.sum()
    return c, c / top


@CAPTURE.wrong("the worked example typed in", CONSTANT, says="Events may have decimals")
def capture(score, y, top):
    return 0.6, 1.2


AUC = BANK.task("auc")


@AUC.right("ranks of pandas")
def auc(score, y):
    y = np.asarray(y, dtype=float)
    if ((y != 0) & (y != 1)).any():
        raise ValueError("y")
    n1, n0 = y.sum(), (1 - y).sum()
    if n1 == 0 or n0 == 0:
        return float("nan")
    ranks = pd.Series(np.asarray(score, dtype=float)).rank().to_numpy()
    return (ranks[y == 1].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)


@AUC.right("counts of each score from the lowest up")
def auc(score, y):
    rows = {}
    for s, event in zip(list(score), list(y)):
        if event not in (0, 1):
            raise ValueError("only 0 and 1")
        none, some = rows.get(s, (0, 0))
        rows[s] = (none + (event == 0), some + (event == 1))
    n0 = sum(none for none, some in rows.values())
    n1 = sum(some for none, some in rows.values())
    if n0 * n1 == 0:
        return np.nan
    good, below = 0, 0
    for s in sorted(rows):
        none, some = rows[s]
        good += some * (below + none / 2)
        below += none
    return good / (n0 * n1)


@AUC.right("the difference of the mean ranks", using=["from scipy.stats import rankdata"])
def auc(score, y):
    score, y = np.asarray(score, dtype=float), np.asarray(y, dtype=float)
    if ((y != 0) & (y != 1)).any():
        raise ValueError("y: 0 or 1")
    n, n1 = len(y), y.sum()
    if n1 in (0, n):
        return np.nan
    rank = rankdata(score)
    return (rank[y == 1].mean() - rank[y == 0].mean()) / n + 0.5


AUC.slip(
    "ties count nothing",
    MISCONCEPTION,
    of="counts of each score from the lowest up",
    change={"(below + none / 2)": "below"},
    says="counted the pair that ties as 0",
)

AUC.slip(
    "ties count whole",
    BOUNDARY,
    of="counts of each score from the lowest up",
    change={"(below + none / 2)": "(below + none)"},
    says="counts one half",
)

AUC.slip(
    "turned round",
    MISCONCEPTION,
    of="ranks of pandas",
    change={"ranks[y == 1].sum() - n1 * (n1 + 1) / 2": "ranks[y == 0].sum() - n0 * (n0 + 1) / 2"},
    loses="tests",
    says="turned round",
)

AUC.slip(
    "never below one half",
    MISCONCEPTION,
    of="ranks of pandas",
    change={"return (ranks": "return max(0.5, (ranks", "/ (n1 * n0)": "/ (n1 * n0))"},
    loses="tests",
    says="do not turn the score round",
)

AUC.slip(
    "one half where there is no pair",
    EDGE,
    of="ranks of pandas",
    change={'return float("nan")': "return 0.5"},
    loses="edges",
    says="so the AUC is nan",
)

AUC.slip(
    "takes any y",
    EDGE,
    of="ranks of pandas",
    change={'raise ValueError("y")': "y = (y > 0).astype(float)"},
    loses="edges",
    says="raise ValueError",
)


@AUC.wrong("writes into y", MUTATES, loses="tests", says="work on a copy")
def auc(score, y):
    values = np.array(list(y), dtype=float)
    if ((values != 0) & (values != 1)).any():
        raise ValueError("y")
    if isinstance(y, list):
        y.sort()
    n1, n0 = values.sum(), (1 - values).sum()
    if n1 == 0 or n0 == 0:
        return np.nan
    ranks = pd.Series(np.array(list(score), dtype=float)).rank().to_numpy()
    return (ranks[values == 1].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)


AUC.slip(
    "pairs are counted, not shared",
    MISCONCEPTION,
    of="ranks of pandas",
    change={" / (n1 * n0)": ""},
    says="divide by the number of all pairs",
)

AUC.slip(
    "looks for two kinds among nobody",
    EDGE,
    of="ranks of pandas",
    change={"n1 == 0 or n0 == 0": "min(y) == max(y)"},
    loses="edges",
    says="auc([], []), which the text names",
)

AUC.slip(
    "scores rounded to four decimals",
    BOUNDARY,
    of="ranks of pandas",
    change={"pd.Series(np.asarray(score, dtype=float))": "pd.Series(np.asarray(score, dtype=float).round(4))"},
    loses="tests",
    says="Neither round",
)


@AUC.wrong("the worked example typed in", CONSTANT, says="the AUC is 0")
def auc(score, y):
    return 0.875


RTM = BANK.task("expected_rtm")


@RTM.right("a weight between the count and the mean")
def expected_rtm(y, mu, k):
    if y < 0 or not mu > 0 or not k > 0:
        raise ValueError("bad input")
    w = 1 if np.isinf(k) else k / (k + mu)
    rate = w * mu + (1 - w) * y
    change = (rate - y) / y if y else float("nan")
    return (rate, change)


@RTM.right("the formula times mu")
def expected_rtm(y, mu, k):
    if y < 0:
        raise ValueError("y")
    if mu <= 0 or k <= 0:
        raise ValueError("mu and k")
    if k == np.inf:
        rate = mu
    else:
        rate = mu * (k + y) / (k + mu)
    if y == 0:
        return rate, np.nan
    return rate, rate / y - 1


RTM.slip(
    "scale in place of the mean",
    MISCONCEPTION,
    of="the formula times mu",
    change={"mu * (k + y) / (k + mu)": "(k + y) / (1 / mu + 1)"},
    says="it is k / mu + 1",
)

RTM.slip(
    "everybody at the mean",
    MISCONCEPTION,
    of="the formula times mu",
    change={"mu * (k + y) / (k + mu)": "mu"},
    says="their own two events count, too",
)

RTM.slip(
    "a difference, not a relative change",
    MISCONCEPTION,
    of="the formula times mu",
    change={"rate / y - 1": "rate - y"},
    says="the change is relative",
)

RTM.slip(
    "no change where there was no event",
    EDGE,
    of="the formula times mu",
    change={"return rate, np.nan": "return rate, 0.0"},
    loses="edges",
    says="nan, not 0.0",
)

RTM.slip(
    "both nan where there was no event",
    EDGE,
    of="the formula times mu",
    change={"return rate, np.nan": "return np.nan, np.nan"},
    says="has a rate, too",
)

RTM.slip(
    "less than one event is none",
    BOUNDARY,
    of="the formula times mu",
    change={"if y == 0:": "if y < 1:"},
    loses="edges",
    says="is an event",
)

RTM.slip(
    "the formula for an infinite k",
    EDGE,
    of="the formula times mu",
    change={"if k == np.inf:": "if k == -1:"},
    loses="edges",
    says="With an infinite k",
)

RTM.slip(
    "a mean of 0 goes through",
    BOUNDARY,
    of="the formula times mu",
    change={"mu <= 0": "mu < 0"},
    loses="edges",
    says="raise ValueError",
)

RTM.slip(
    "never a rise",
    MISCONCEPTION,
    of="the formula times mu",
    change={"rate / y - 1": "min(0, rate / y - 1)"},
    says="a rise to 1.3333",
)


RTM.slip(
    "any shape",
    EDGE,
    of="the formula times mu",
    change={"mu <= 0 or k <= 0": "mu <= 0"},
    loses="edges",
    says="raise ValueError",
)

RTM.slip(
    "events without their decimals",
    EDGE,
    of="the formula times mu",
    change={'raise ValueError("y")\n': 'raise ValueError("y")\n    y = int(y)\n'},
    says="Events may have decimals",
)


@RTM.wrong("an infinite k before the count of 0", EDGE, loses="edges", says="which the text names")
def expected_rtm(y, mu, k):
    if y < 0 or mu <= 0 or k <= 0:
        raise ValueError("not allowed")
    if k == float("inf"):
        return mu, mu / y - 1
    rate = (k + y) / (k / mu + 1)
    if y == 0:
        return rate, float("nan")
    return rate, rate / y - 1


@RTM.wrong("the worked example typed in", CONSTANT, says="so a rise to 1.3333")
def expected_rtm(y, mu, k):
    return 1.25, -0.375


CHANGES = BANK.task("changes")


@CHANGES.right("a loop over the people")
def changes(before, after, mu, k):
    was = expected = now = 0.0
    for b, a in zip(list(before), list(after)):
        was += b
        now += a
        expected += (k + b) / (k / mu + 1)
    naive = now / was - 1 if was else float("nan")
    adjusted = now / expected - 1 if expected else float("nan")
    return naive, adjusted


@CHANGES.right("means, and the sum of the formula")
def changes(before, after, mu, k):
    b, a = np.array(before, dtype=float), np.array(after, dtype=float)
    if len(b) == 0:
        return np.nan, np.nan
    naive = a.mean() / b.mean() - 1 if b.mean() > 0 else np.nan
    return naive, a.mean() / ((k + b.mean()) / (k / mu + 1)) - 1


@CHANGES.wrong("the mean of the people's changes", MISCONCEPTION, loses="tests", says="sum first, then divide")
def changes(before, after, mu, k):
    b, a = np.array(before, dtype=float), np.array(after, dtype=float)
    if len(b) == 0:
        return np.nan, np.nan
    some = b > 0
    naive = (a[some] / b[some] - 1).mean() if some.any() else np.nan
    return naive, a.sum() / ((k + b) / (k / mu + 1)).sum() - 1


CHANGES.slip(
    "expected of those with an event only",
    MISCONCEPTION,
    of="a loop over the people",
    change={"expected += (k + b) / (k / mu + 1)": "expected += (k + b) / (k / mu + 1) if b else 0"},
    says="is expected to have some, too",
)


CHANGES.slip(
    "a fall is positive",
    BOUNDARY,
    of="a loop over the people",
    change={"now / was - 1": "1 - now / was"},
    says="A fall is negative",
)

CHANGES.slip(
    "the formula of the whole group",
    BOUNDARY,
    of="a loop over the people",
    change={"adjusted = now / expected": "expected = (k + was) / (k / mu + 1)\n    adjusted = now / expected"},
    says="is expected to have some, too",
)

CHANGES.slip(
    "0 where nobody had an event",
    EDGE,
    of="a loop over the people",
    change={'now / was - 1 if was else float("nan")': "now / was - 1 if was else 0.0"},
    loses="edges",
    says="naive is nan",
)

CHANGES.slip(
    "both nan where nobody had an event",
    EDGE,
    of="a loop over the people",
    change={"adjusted = now / expected - 1 if expected": "adjusted = now / expected - 1 if was"},
    loses="edges",
    says="adjusted is 0",
)


@CHANGES.wrong("adds k to the counts in place", MUTATES, loses="tests", says="work on a copy")
def changes(before, after, mu, k):
    b, a = np.array(list(before), dtype=float), np.array(list(after), dtype=float)
    if isinstance(before, list):
        before.sort()
    if len(b) == 0:
        return np.nan, np.nan
    naive = a.sum() / b.sum() - 1 if b.sum() > 0 else np.nan
    return naive, a.sum() / ((k + b) / (k / mu + 1)).sum() - 1


CHANGES.slip(
    "something is always expected",
    EDGE,
    of="a loop over the people",
    change={'now / expected - 1 if expected else float("nan")': "now / expected - 1"},
    loses="edges",
    says="changes([], [], 1, 1), which the text names",
)

CHANGES.slip(
    "never a rise",
    MISCONCEPTION,
    of="a loop over the people",
    change={"now / was - 1 if was": "-abs(now / was - 1) if was"},
    says="is a rise",
)

CHANGES.slip(
    "events without their decimals",
    EDGE,
    of="means, and the sum of the formula",
    change={"np.array(before, dtype=float)": "np.array(before).astype(int)"},
    loses="tests",
    says="Events may have decimals",
)


@CHANGES.wrong("puts what is expected into the array", MUTATES, loses="tests", says="work on a copy")
def changes(before, after, mu, k):
    before = np.asarray(before, dtype=float)
    after = np.asarray(after, dtype=float)
    if len(before) == 0:
        return np.nan, np.nan
    naive = after.sum() / before.sum() - 1 if before.sum() > 0 else np.nan
    before += k
    before /= k / mu + 1  # now what is expected
    adjusted = after.sum() / before.sum() - 1
    return naive, adjusted


@CHANGES.wrong("the worked example typed in", CONSTANT, says="(-0.6, -0.3333)")
def changes(before, after, mu, k):
    return -0.25, 0.0


DID = BANK.task("did")


@DID.right("a table of sums and weights")
def did(before, after, treated, cluster, n_boot=1000, seed=0):
    data = pd.DataFrame(
        {
            "b": np.asarray(before, dtype=float),
            "a": np.asarray(after, dtype=float),
            "t": np.asarray(treated, dtype=int),
            "c": np.asarray(cluster),
        }
    )
    if data["c"].nunique() < 2 or data["t"].nunique() < 2:
        raise ValueError("clusters or groups")
    sums = data.groupby(["c", "t"])[["a", "b"]].sum().unstack(fill_value=0).to_numpy(dtype=float)
    weights = np.random.default_rng(seed).multinomial(len(sums), [1 / len(sums)] * len(sums), size=n_boot)
    a0, a1, b0, b1 = (weights @ sums).T
    with np.errstate(all="ignore"):
        draws = np.where(b0 > 0, (a1 / b1) / (a0 / b0) - 1, np.nan)
        total = sums.sum(axis=0)
        estimate = (total[1] / total[3]) / (total[0] / total[2]) - 1 if total[2] > 0 else np.nan
    draws = draws[np.isfinite(draws)]
    if not np.isfinite(estimate):
        estimate = np.nan
    if len(draws) == 0:
        return estimate, np.nan, np.nan
    return estimate, np.quantile(draws, 0.025), np.quantile(draws, 0.975)


@DID.right("whole rows of the practices, drawn by their labels")
def did(before, after, treated, cluster, n_boot=1000, seed=0):
    b, a = np.array(list(before), dtype=float), np.array(list(after), dtype=float)
    t, c = np.array(list(treated), dtype=float), np.array(list(cluster))
    names = sorted(set(c.tolist()))
    if len(names) == 1 or t.min() == t.max():
        raise ValueError("needs two clusters and two groups")
    rows = {name: np.flatnonzero(c == name) for name in names}

    def ratio(of):
        one, other = of[t[of] == 1], of[t[of] == 0]
        if b[one].sum() == 0 or b[other].sum() == 0 or a[other].sum() == 0:
            return float("nan")
        return a[one].sum() / b[one].sum() / (a[other].sum() / b[other].sum()) - 1

    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(n_boot):
        picked = rng.integers(0, len(names), len(names))
        draws.append(ratio(np.concatenate([rows[names[i]] for i in picked])))
    draws = np.array(draws)
    draws = draws[~np.isnan(draws)]
    low, high = np.quantile(draws, [0.025, 0.975]) if len(draws) else (np.nan, np.nan)
    return ratio(np.arange(len(b))), low, high


def rate(sums):
    ta, tb, oa, ob = sums
    if tb == 0 or ob == 0 or oa == 0:
        return None
    return (ta / tb) / (oa / ob) - 1


@DID.right("a dictionary of four sums, drawn by choice", using=[rate])
def did(before, after, treated, cluster, n_boot=1000, seed=0):
    data = {}
    kinds = set()
    for b, a, t, c in zip(list(before), list(after), list(treated), list(cluster)):
        row = data.setdefault(c, [0.0, 0.0, 0.0, 0.0])
        kinds.add(int(t))
        if t == 1:
            row[0] += float(a)
            row[1] += float(b)
        else:
            row[2] += float(a)
            row[3] += float(b)
    if len(data) < 2 or len(kinds) < 2:
        raise ValueError("two practices and two kinds of people are needed")
    rows = list(data.values())
    estimate = rate([sum(r[j] for r in rows) for j in range(4)])
    rng = np.random.default_rng(seed)
    draws = []
    for i in range(n_boot):
        total = [0.0] * 4
        for pick in rng.choice(len(rows), size=len(rows), replace=True):
            for j in range(4):
                total[j] += rows[pick][j]
        one = rate(total)
        if one is not None:
            draws.append(one)
    nan = float("nan")
    return (
        nan if estimate is None else estimate,
        float(np.quantile(draws, 0.025)) if draws else nan,
        float(np.quantile(draws, 0.975)) if draws else nan,
    )


DID.slip(
    "the difference of relative changes",
    MISCONCEPTION,
    of="whole rows of the practices, drawn by their labels",
    change={
        "a[one].sum() / b[one].sum() / (a[other].sum() / b[other].sum()) - 1": (
            "a[one].sum() / b[one].sum() - a[other].sum() / b[other].sum()"
        )
    },
    says="difference of the two relative changes",
)

DID.slip(
    "before and after",
    MISCONCEPTION,
    of="whole rows of the practices, drawn by their labels",
    change={" / (a[other].sum() / b[other].sum()) - 1": " - 1"},
    says="is before and after",
)

DID.slip(
    "draws persons",
    MISCONCEPTION,
    of="whole rows of the practices, drawn by their labels",
    change={
        "rng.integers(0, len(names), len(names))": "rng.integers(0, len(b), len(b))",
        "np.concatenate([rows[names[i]] for i in picked])": "picked",
    },
    loses="interval",
    says="draw whole practices",
)

DID.slip(
    "draws without replacement",
    MISCONCEPTION,
    of="whole rows of the practices, drawn by their labels",
    change={"rng.integers(0, len(names), len(names))": "rng.permutation(len(names))"},
    loses="interval",
    says="should lie between low and high",
)

DID.slip(
    "treated and others drawn apart",
    BOUNDARY,
    of="whole rows of the practices, drawn by their labels",
    change={
        "        draws.append(ratio(np.concatenate([rows[names[i]] for i in picked])))\n": (
            "        again = rng.integers(0, len(names), len(names))\n"
            "        one = np.concatenate([rows[names[i]] for i in picked])\n"
            "        two = np.concatenate([rows[names[i]] for i in again])\n"
            "        draws.append(ratio(np.concatenate([one[t[one] == 1], two[t[two] == 0]])))\n"
        )
    },
    loses="interval",
    says="brings all of its people",
)

DID.slip(
    "the middle half",
    BOUNDARY,
    of="whole rows of the practices, drawn by their labels",
    change={"[0.025, 0.975]": "[0.25, 0.75]"},
    loses="interval",
    says="wide",
)

DID.slip(
    "keeps draws that are nan",
    EDGE,
    of="whole rows of the practices, drawn by their labels",
    change={"draws = draws[~np.isnan(draws)]\n": "pass\n"},
    loses="interval",
    says="leave these draws out",
)

DID.slip(
    "a generator without a seed",
    EDGE,
    of="whole rows of the practices, drawn by their labels",
    change={"default_rng(seed)": "default_rng()"},
    loses="interval",
    says="The same seed",
)

DID.slip(
    "one practice will do",
    EDGE,
    of="whole rows of the practices, drawn by their labels",
    change={"len(names) == 1 or ": ""},
    loses="tests",
    says="raise ValueError",
)

DID.slip(
    "-1 where others have nothing",
    EDGE,
    of="whole rows of the practices, drawn by their labels",
    change={'return float("nan")': "return -1.0"},
    says="one must divide by it",
)


@DID.wrong("means over practices", MISCONCEPTION, says="sum over all people")
def did(before, after, treated, cluster, n_boot=1000, seed=0):
    data = pd.DataFrame({"b": list(before), "a": list(after), "t": list(treated), "c": list(cluster)}).astype(
        {"b": float, "a": float, "t": int}
    )
    if data["c"].nunique() < 2 or data["t"].nunique() < 2:
        raise ValueError("clusters or groups")
    means = data.groupby(["t", "c"])[["a", "b"]].mean().groupby("t").mean()
    ratio = means["a"] / means["b"]
    return ratio[1] / ratio[0] - 1, np.nan, np.nan


@DID.wrong("clears the events of the others", MUTATES, loses="tests", says="work on a copy")
def did(before, after, treated, cluster, n_boot=1000, seed=0):
    b, a = np.array(list(before), dtype=float), np.array(list(after), dtype=float)
    t, c = np.array(list(treated), dtype=float), np.array(list(cluster))
    if isinstance(treated, list):
        treated.sort()
    names, code = np.unique(c, return_inverse=True)
    if len(names) < 2 or t.min() == t.max():
        raise ValueError("needs two clusters and two groups")
    sums = np.array([np.bincount(code, v, len(names)) for v in (a * t, b * t, a * (1 - t), b * (1 - t))]).T
    picks = np.random.default_rng(seed).integers(0, len(names), (n_boot, len(names)))
    with np.errstate(all="ignore"):
        a1, b1, a0, b0 = np.vstack([sums.sum(axis=0), sums[picks].sum(axis=1)]).T
        values = np.where((b1 > 0) & (b0 > 0) & (a0 > 0), a1 / b1 / (a0 / b0) - 1, np.nan)
    draws = values[1:][~np.isnan(values[1:])]
    low, high = np.quantile(draws, [0.025, 0.975]) if len(draws) else (np.nan, np.nan)
    return values[0], low, high


DID.slip(
    "the middle nine tenths",
    BOUNDARY,
    of="whole rows of the practices, drawn by their labels",
    change={"[0.025, 0.975]": "[0.05, 0.95]"},
    loses="interval",
    says="0.05 and 0.95 would leave",
)

DID.slip(
    "undefined draws count as 0",
    EDGE,
    of="whole rows of the practices, drawn by their labels",
    change={"draws = draws[~np.isnan(draws)]\n": "draws = np.nan_to_num(draws)\n"},
    says="low and high are nan",
)

DID.slip(
    "the estimate and two standard deviations",
    MISCONCEPTION,
    of="whole rows of the practices, drawn by their labels",
    change={"np.quantile(draws, [0.025, 0.975])": "ratio(np.arange(len(b))) + draws.std() * np.array([-1.96, 1.96])"},
    loses="interval",
    says="quantiles of the draws",
)

DID.slip(
    "divides by the others although they have none",
    EDGE,
    of="whole rows of the practices, drawn by their labels",
    change={" or a[other].sum() == 0": ""},
    loses="tests",
    says="one must divide by it",
)

DID.slip(
    "one kind of people will do",
    EDGE,
    of="whole rows of the practices, drawn by their labels",
    change={" or t.min() == t.max()": ""},
    loses="tests",
    says="only one kind of people",
)

DID.slip(
    "one seed for all",
    EDGE,
    of="whole rows of the practices, drawn by their labels",
    change={"default_rng(seed)": "default_rng(0)"},
    loses="interval",
    says="hand seed to the generator",
)

DID.slip(
    "always a thousand draws",
    EDGE,
    of="whole rows of the practices, drawn by their labels",
    change={"range(n_boot)": "range(1000)"},
    loses="interval",
    says="as many draws as n_boot says",
)


@DID.wrong("a practice is what its first person is", MISCONCEPTION, loses="interval", says="brings all of its people")
def did(before, after, treated, cluster, n_boot=1000, seed=0):
    data = pd.DataFrame(
        {
            "b": np.asarray(before, dtype=float),
            "a": np.asarray(after, dtype=float),
            "t": np.asarray(treated, dtype=int),
            "c": np.asarray(cluster),
        }
    )
    if data["c"].nunique() < 2 or data["t"].nunique() < 2:
        raise ValueError("one practice or one kind")

    def ratio(frame):
        x, o = frame[frame["t"] == 1], frame[frame["t"] == 0]
        if x["b"].sum() == 0 or o["b"].sum() == 0 or o["a"].sum() == 0:
            return np.nan
        return (x["a"].sum() / x["b"].sum()) / (o["a"].sum() / o["b"].sum()) - 1

    practices = data.groupby("c").agg({"b": "sum", "a": "sum", "t": "first"}).to_numpy()
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(n_boot):
        p = practices[rng.integers(0, len(practices), len(practices))]
        x, o = p[p[:, 2] == 1], p[p[:, 2] == 0]
        if x[:, 0].sum() > 0 and o[:, 0].sum() > 0 and o[:, 1].sum() > 0:
            draws.append((x[:, 1].sum() / x[:, 0].sum()) / (o[:, 1].sum() / o[:, 0].sum()) - 1)
    if not draws:
        return ratio(data), np.nan, np.nan
    return ratio(data), np.quantile(draws, 0.025), np.quantile(draws, 0.975)


@DID.wrong("the worked example typed in", CONSTANT, says="by position")
def did(before, after, treated, cluster, n_boot=1000, seed=0):
    return -0.22222222, -0.3, -0.1


MATCH = BANK.task("match")


@MATCH.right("two sorted tables")
def match(id, score, treated, caliper=None):
    data = pd.DataFrame(
        {"id": np.asarray(id), "score": np.asarray(score, dtype=float), "treated": np.asarray(treated, dtype=int)}
    )
    limit = float("inf") if caliper is None else caliper * data["score"].std(ddof=0)
    left = data[data["treated"] == 0].sort_values("id")
    pairs = []
    for row in data[data["treated"] == 1].sort_values(["score", "id"], ascending=[False, True]).itertuples():
        if left.empty:
            break
        gap = (left["score"] - row.score).abs()
        place = gap.to_numpy().argmin()
        if gap.iloc[place] <= limit:
            pairs.append((row.id, left["id"].iloc[place]))
            left = left.drop(left.index[place])
    return pairs


@MATCH.right("a loop with a set of those who are taken")
def match(id, score, treated, caliper=None):
    ids, scores, groups = list(id), [float(s) for s in score], list(treated)
    width = np.std(scores) if scores else 0
    taken, pairs = set(), []
    going = sorted([(-scores[i], ids[i], i) for i in range(len(ids)) if groups[i] == 1])
    for minus, name, i in going:
        best = None
        for j in range(len(ids)):
            if groups[j] == 1 or ids[j] in taken:
                continue
            candidate = (abs(scores[j] + minus), ids[j])
            if best is None or candidate < best:
                best = candidate
        if best is not None and (caliper is None or best[0] <= caliper * width):
            taken.add(best[1])
            pairs.append((name, best[1]))
    return pairs


MATCH.slip(
    "with replacement",
    MISCONCEPTION,
    of="a loop with a set of those who are taken",
    change={"taken.add(best[1])": "pass"},
    loses="tests",
    says="was used twice",
)

MATCH.slip(
    "in the order of the file",
    MISCONCEPTION,
    of="a loop with a set of those who are taken",
    change={
        "sorted([(-scores[i], ids[i], i) for i in range(len(ids)) if groups[i] == 1])": (
            "[(-scores[i], ids[i], i) for i in range(len(ids)) if groups[i] == 1]"
        )
    },
    loses="tests",
    says="the highest score goes first",
)


MATCH.slip(
    "nearer than the caliper",
    BOUNDARY,
    of="a loop with a set of those who are taken",
    change={"best[0] <= caliper * width": "best[0] < caliper * width"},
    says="only equal scores are paired",
)

MATCH.slip(
    "a caliper of 0 is none",
    EDGE,
    of="a loop with a set of those who are taken",
    change={"(caliper is None or": "(not caliper or"},
    says="With caliper=0",
)

MATCH.slip(
    "the first of two at one distance",
    EDGE,
    of="two sorted tables",
    change={'data[data["treated"] == 0].sort_values("id")': 'data[data["treated"] == 0].sort_values("score")'},
    says="lower id at one distance",
)

MATCH.slip(
    "uses up a control that was too far",
    EDGE,
    of="a loop with a set of those who are taken",
    change={
        "            taken.add(best[1])\n": "",
        "        if best is not None and": (
            "        if best is not None:\n            taken.add(best[1])\n        if best is not None and"
        ),
    },
    says="nobody is used up",
)


@MATCH.wrong("takes the ids out of the list", MUTATES, says="work on a copy")
def match(id, score, treated, caliper=None):
    people = sorted(zip(list(id), list(score), list(treated)), key=lambda p: (-float(p[1]), p[0]))
    width = np.std([float(s) for s in score]) if len(people) else 0
    if isinstance(id, list):
        id.sort()
    free, pairs = [(i, float(s)) for i, s, t in people if t == 0], []
    for i, s, t in people:
        if t == 1 and free:
            best = min(free, key=lambda p: (abs(p[1] - float(s)), p[0]))
            if caliper is None or abs(best[1] - float(s)) <= caliper * width:
                free.remove(best)
                pairs.append((i, best[0]))
    return pairs


MATCH.slip(
    "the sample's standard deviation",
    BOUNDARY,
    of="two sorted tables",
    change={".std(ddof=0)": ".std()"},
    says="The sample SD",
)

MATCH.slip(
    "of two at one distance the first in the file",
    EDGE,
    of="a loop with a set of those who are taken",
    change={"candidate < best:": "candidate[0] < best[0]:"},
    says="not the first in the file",
)

MATCH.slip(
    "the caliper in units of the score",
    MISCONCEPTION,
    of="a loop with a set of those who are taken",
    change={"caliper * width": "caliper"},
    says="not units of the score",
)

MATCH.slip(
    "scores without their decimals",
    EDGE,
    of="a loop with a set of those who are taken",
    change={"[float(s) for s in score]": "[int(s) for s in score]"},
    says="0.8 is nearer",
)

MATCH.slip(
    "no pair where nobody differs",
    EDGE,
    of="a loop with a set of those who are taken",
    change={"if best is not None and (": "if best is not None and (width or caliper is None) and ("},
    says="so the SD is 0",
)


@MATCH.wrong("the worked example typed in", CONSTANT, says="only pairs within 3.11")
def match(id, score, treated, caliper=None):
    return [(1, 3), (2, 4)]


SMD = BANK.task("smd")


@SMD.right("variances by hand")
def smd(x1, x0, kept1=None, kept0=None):
    def mean(values):
        values = [float(v) for v in values]
        return sum(values) / len(values) if values else float("nan")

    def variance(values):
        centre = mean(values)
        return mean([(float(v) - centre) ** 2 for v in values])

    below = ((variance(x1) + variance(x0)) / 2) ** 0.5
    if len(set(x1)) < 2 and len(set(x0)) < 2:
        return float("nan")
    if kept1 is not None:
        x1 = kept1
    if kept0 is not None:
        x0 = kept0
    return (mean(x1) - mean(x0)) / below


@SMD.right("pandas with ddof=0")
def smd(x1, x0, kept1=None, kept0=None):
    a, b = pd.Series(list(x1), dtype=float), pd.Series(list(x0), dtype=float)
    s = np.sqrt(a.var(ddof=0) / 2 + b.var(ddof=0) / 2)
    if kept1 is not None:
        a = pd.Series(list(kept1), dtype=float)
    if kept0 is not None:
        b = pd.Series(list(kept0), dtype=float)
    if s < 1e-12:
        return np.nan
    return (a.mean() - b.mean()) / s


def mean(values):
    return sum(values) / len(values)


def variance(values):
    if min(values) == max(values):
        return 0.0
    m = mean(values)
    return mean([(v - m) ** 2 for v in values])


@SMD.right("a variance that asks whether the values are equal", using=[mean, variance])
def smd(x1, x0, kept1=None, kept0=None):
    if kept1 is None:
        kept1 = x1
    if kept0 is None:
        kept0 = x0
    x1, x0, kept1, kept0 = [[float(v) for v in column] for column in (x1, x0, kept1, kept0)]
    if not x1 or not x0 or not kept1 or not kept0:
        return float("nan")
    spread = ((variance(x1) + variance(x0)) / 2) ** 0.5
    if spread == 0:
        return float("nan")
    return (mean(kept1) - mean(kept0)) / spread


SMD.slip(
    "sample variances",
    BOUNDARY,
    of="pandas with ddof=0",
    change={"a.var(ddof=0) / 2": "a.var() / 2", "b.var(ddof=0) / 2": "b.var() / 2"},
    says="You used sample variances",
)

SMD.slip(
    "a plain difference",
    MISCONCEPTION,
    of="pandas with ddof=0",
    change={"(a.mean() - b.mean()) / s": "a.mean() - b.mean()"},
    says="plain difference",
)

SMD.slip(
    "the spread of those kept",
    MISCONCEPTION,
    of="pandas with ddof=0",
    change={
        "    s = np.sqrt(a.var(ddof=0) / 2 + b.var(ddof=0) / 2)\n": "",
        "    if s < 1e-12:": "    s = np.sqrt(a.var(ddof=0) / 2 + b.var(ddof=0) / 2)\n    if s < 1e-12:",
    },
    says="the spread is still 5",
)

SMD.slip(
    "a pooled variance that counts people",
    BOUNDARY,
    of="pandas with ddof=0",
    change={
        "np.sqrt(a.var(ddof=0) / 2 + b.var(ddof=0) / 2)": (
            "np.sqrt((len(a) * a.var(ddof=0) + len(b) * b.var(ddof=0)) / (len(a) + len(b)))"
        )
    },
    says="both variances count one half",
)

SMD.slip(
    "0 where nobody varies",
    EDGE,
    of="pandas with ddof=0",
    change={"return np.nan": "return 0.0"},
    says="Neither group varies",
)

SMD.slip(
    "an empty list is not given",
    EDGE,
    of="pandas with ddof=0",
    change={
        "if kept1 is not None:": "if kept1 is not None and len(kept1):",
        "if kept0 is not None:": "if kept0 is not None and len(kept0):",
    },
    says="an empty list is given",
)


@SMD.wrong("sorts what it gets", MUTATES, says="work on a copy")
def smd(x1, x0, kept1=None, kept0=None):
    a, b = np.array(list(x1), dtype=float), np.array(list(x0), dtype=float)
    if isinstance(x1, list):
        x1.sort()
    s = np.sqrt((a.var() + b.var()) / 2)
    a = a if kept1 is None else np.array(list(kept1), dtype=float)
    b = b if kept0 is None else np.array(list(kept0), dtype=float)
    return (a.mean() - b.mean()) / s if s > 1e-9 and len(a) and len(b) else np.nan


SMD.slip(
    "nan where one group does not vary",
    MISCONCEPTION,
    of="pandas with ddof=0",
    change={"if s < 1e-12:": "if pd.Series(list(x1)).nunique() < 2 or pd.Series(list(x0)).nunique() < 2:"},
    says="One of the two groups varies",
)

SMD.slip(
    "one of those kept is not enough",
    EDGE,
    of="pandas with ddof=0",
    change={
        "if kept1 is not None:": "if kept1 is not None and kept0 is not None:",
        "if kept0 is not None:": "if kept1 is not None and kept0 is not None:",
    },
    says="counts by itself",
)

SMD.slip(
    "a variance of noise",
    EDGE,
    of="pandas with ddof=0",
    change={"if s < 1e-12:": "if s == 0:"},
    says="so compare the values",
)

SMD.slip(
    "a difference without a sign",
    MISCONCEPTION,
    of="pandas with ddof=0",
    change={"(a.mean() - b.mean()) / s": "abs(a.mean() - b.mean()) / s"},
    says="has a sign",
)

SMD.slip(
    "covariates without their decimals",
    EDGE,
    of="pandas with ddof=0",
    change={"a, b = pd.Series(list(x1), dtype=float)": "a, b = pd.Series(list(x1)).astype(int)"},
    says="about 1.3923",
)


@SMD.wrong("the worked example typed in", CONSTANT, says="has a sign")
def smd(x1, x0, kept1=None, kept0=None):
    return 2.0


CONTROL = BANK.task("negative_control")


@CONTROL.right("a pandas Series without nan")
def negative_control(estimate, draws):
    known = pd.Series(list(draws), dtype=float).dropna()
    se = known.std(ddof=0)
    if len(known) < 2 or se == 0 or estimate != estimate or known.nunique() == 1:
        return "unknown"
    if abs(estimate) < 2 * se:
        return "silent"
    return "alarm"


@CONTROL.right("numpy that skips nan")
def negative_control(estimate, draws):
    draws = np.array(draws, dtype=float)
    if (~np.isnan(draws)).sum() < 2 or np.isnan(estimate) or np.nanmax(draws) - np.nanmin(draws) == 0:
        return "unknown"
    return "alarm" if estimate**2 >= 4 * np.nanvar(draws) else "silent"


CONTROL.slip(
    "one standard error",
    MISCONCEPTION,
    of="a pandas Series without nan",
    change={"< 2 * se": "< se"},
    loses="tests",
    says="one standard error is not two",
)

CONTROL.slip(
    "falls only",
    MISCONCEPTION,
    of="a pandas Series without nan",
    change={"abs(estimate) < 2 * se": "estimate < 2 * se"},
    says="on the side of a fall",
)

CONTROL.slip(
    "more than two",
    BOUNDARY,
    of="a pandas Series without nan",
    change={"< 2 * se": "<= 2 * se"},
    loses="edges",
    says="at least two",
)

CONTROL.slip(
    "the sample's standard deviation",
    BOUNDARY,
    of="a pandas Series without nan",
    change={"known.std(ddof=0)": "known.std()"},
    says="population SD",
)

CONTROL.slip(
    "silent where nothing varies",
    EDGE,
    of="a pandas Series without nan",
    change={"or se == 0 or estimate != estimate or known.nunique() == 1": "or estimate != estimate"},
    loses="edges",
    says='"unknown"',
)

CONTROL.slip(
    "an estimate of nan is alarming",
    EDGE,
    of="a pandas Series without nan",
    change={"estimate != estimate or ": ""},
    loses="edges",
    says="An estimate that is nan",
)


@CONTROL.wrong("fills the gaps in place", MUTATES, loses="tests", says="work on a copy")
def negative_control(estimate, draws):
    known = np.array([d for d in draws if d == d], dtype=float)
    if isinstance(draws, np.ndarray):
        draws[np.isnan(draws)] = 0
    if len(known) < 2 or known.std() < 1e-12 or estimate != estimate:
        return "unknown"
    return "alarm" if abs(estimate) >= 2 * known.std() else "silent"


CONTROL.slip(
    "draws without counting those known",
    EDGE,
    of="numpy that skips nan",
    change={"(~np.isnan(draws)).sum() < 2": "len(draws) < 2"},
    loses="edges",
    says="No draw is known",
)


@CONTROL.wrong("a standard error of noise", EDGE, loses="edges", says="so compare the values")
def negative_control(estimate, draws):
    draws = np.asarray(draws, dtype=float)
    known = draws[~np.isnan(draws)]
    if len(known) < 2 or np.isnan(estimate):
        return "unknown"
    se = np.std(known)
    if se == 0:
        return "unknown"
    if abs(estimate) >= 2 * se:
        return "alarm"
    return "silent"


@CONTROL.wrong("an estimate of nan is silent", EDGE, loses="edges", says="An estimate that is nan")
def negative_control(estimate, draws):
    known = pd.Series(np.asarray(draws, dtype=float)).dropna()
    if known.nunique() < 2:
        return "unknown"
    se = np.std(known.to_numpy())
    if abs(estimate) >= 2 * se:
        return "alarm"
    return "silent"


@CONTROL.wrong("nan stays among the draws", MISCONCEPTION, says="a list that holds nan is nan")
def negative_control(estimate, draws):
    if np.isnan(estimate):
        return "unknown"
    if len(draws) < 2:
        return "unknown"
    se = np.std(draws)
    if se == 0:
        return "unknown"
    if abs(estimate) >= 2 * se:
        return "alarm"
    return "silent"


@CONTROL.wrong("the worked example typed in", CONSTANT, says="further from 0")
def negative_control(estimate, draws):
    return "silent"


VALUE = BANK.task("net_value")


@VALUE.right("step by step")
def net_value(n, base, effect, unit_cost, team_cost):
    for number in (n, base, unit_cost, team_cost):
        if number < 0:
            raise ValueError("negative")
    if effect > 1:
        raise ValueError("effect")
    events = n * base
    saved = events * effect * unit_cost
    if events * unit_cost == 0:
        return saved - team_cost, (0 if team_cost == 0 else np.inf)
    return saved - team_cost, team_cost / (events * unit_cost)


@VALUE.right("division that may fail")
def net_value(n, base, effect, unit_cost, team_cost):
    if n < 0 or base < 0 or unit_cost < 0 or team_cost < 0 or effect > 1:
        raise ValueError("out of range")
    value = n * base * effect * unit_cost - team_cost
    if team_cost == 0:
        return value, 0.0
    try:
        return value, team_cost / (n * base * unit_cost)
    except ZeroDivisionError:
        return value, float("inf")


VALUE.slip(
    "what is saved is the value",
    MISCONCEPTION,
    of="division that may fail",
    change={"* effect * unit_cost - team_cost": "* effect * unit_cost"},
    says="is what is saved",
)

VALUE.slip(
    "people in place of events",
    MISCONCEPTION,
    of="division that may fail",
    change={"team_cost / (n * base * unit_cost)": "team_cost / (n * unit_cost)"},
    says="200 events, not 100 people",
)

VALUE.slip(
    "clipped at 1",
    BOUNDARY,
    of="division that may fail",
    change={"team_cost / (n * base * unit_cost)": "min(1, team_cost / (n * base * unit_cost))"},
    loses="tests",
    says="not clipped at 1",
)


VALUE.slip(
    "nan where nothing can be averted",
    EDGE,
    of="division that may fail",
    change={'float("inf")': 'float("nan")'},
    loses="edges",
    says="nothing can be averted",
)

VALUE.slip(
    "infinite although the team is free",
    EDGE,
    of="step by step",
    change={"(0 if team_cost == 0 else np.inf)": "np.inf"},
    loses="edges",
    says="has nothing to earn",
)

VALUE.slip(
    "any effect",
    EDGE,
    of="division that may fail",
    change={" or effect > 1": ""},
    loses="edges",
    says="is above 1",
)


VALUE.slip(
    "an effect below 1",
    BOUNDARY,
    of="division that may fail",
    change={"effect > 1": "effect >= 1"},
    says="net_value(100, 2, 1, 500, 12000)",
)

VALUE.slip(
    "looks at the base alone",
    EDGE,
    of="step by step",
    change={"if events * unit_cost == 0:": "if base == 0:"},
    loses="edges",
    says="which the text names",
)

VALUE.slip(
    "no team doubles the events",
    BOUNDARY,
    of="division that may fail",
    change={"effect > 1": "abs(effect) > 1"},
    loses="tests",
    says="net_value(100, 1, -1.5, 100, 0)",
)

VALUE.slip(
    "a team may earn money",
    EDGE,
    of="division that may fail",
    change={" or team_cost < 0": ""},
    loses="edges",
    says="something is negative",
)


@VALUE.wrong("the worked example typed in", CONSTANT, says="not clipped at 1")
def net_value(n, base, effect, unit_cost, team_cost):
    return -2000, 0.12


CHOOSE = BANK.task("choose_by_benefit")


@CHOOSE.right("a table sorted twice")
def choose_by_benefit(id, risk, benefit, n):
    data = pd.DataFrame(
        {"id": np.asarray(id), "risk": np.asarray(risk, dtype=float), "benefit": np.asarray(benefit, dtype=float)}
    )
    data["averted"] = data["risk"] * data["benefit"]
    best = data[data["averted"] > 0].sort_values(["averted", "id"], ascending=[False, True]).head(n)
    highest = data.sort_values(["risk", "id"], ascending=[False, True]).head(n)
    return best["id"].tolist(), best["averted"].sum(), highest["averted"].sum()


@CHOOSE.right("numpy's lexsort")
def choose_by_benefit(id, risk, benefit, n):
    ids = np.array(list(id), dtype=int)
    r, b = np.array(list(risk), dtype=float), np.array(list(benefit), dtype=float)
    gain = r * b
    order = [i for i in np.lexsort((ids, -gain)) if gain[i] > 0][:n]
    top = np.lexsort((ids, -r))[:n]
    return [int(ids[i]) for i in order], float(gain[order].sum()) if order else 0.0, float(gain[top].sum())


def rank(people, column):
    return sorted(people, key=lambda p: (-p[column], p[0]))


@CHOOSE.right("a loop that stops", using=[rank])
def choose_by_benefit(id, risk, benefit, n):
    people = [(int(i), float(r), float(r) * float(b)) for i, r, b in zip(list(id), list(risk), list(benefit))]
    chosen, averted = [], 0
    for person, _, gain in rank(people, 2):
        if gain <= 0 or len(chosen) == n:
            break
        chosen.append(person)
        averted += gain
    by_risk = sum(p[2] for p in rank(people, 1)[:n])
    return (chosen, averted, by_risk)


CHOOSE.slip(
    "by risk",
    MISCONCEPTION,
    of="a table sorted twice",
    change={
        'sort_values(["averted", "id"], ascending=[False, True]).head(n)': 'sort_values("risk", ascending=False).head(n)'
    },
    loses="tests",
    says="averts most for person 3",
)

CHOOSE.slip(
    "by benefit alone",
    MISCONCEPTION,
    of="a table sorted twice",
    change={'sort_values(["averted", "id"]': 'sort_values(["benefit", "id"]'},
    says="highest benefit, but little risk",
)

CHOOSE.slip(
    "those with nothing to gain stay in",
    BOUNDARY,
    of="a table sorted twice",
    change={'data[data["averted"] > 0]': 'data[data["averted"] >= 0]'},
    says="gain nothing",
)

CHOOSE.slip(
    "ties as they come",
    EDGE,
    of="numpy's lexsort",
    change={"np.lexsort((ids, -gain))": "np.argsort(-gain, kind='stable')"},
    loses="tests",
    says="the lower id",
)

CHOOSE.slip(
    "without harm in the ranking by risk",
    EDGE,
    of="a table sorted twice",
    change={"highest = data.sort_values": 'highest = data[data["averted"] > 0].sort_values'},
    says="By risk person 1",
)


@CHOOSE.wrong("sorts the ids that came in", MUTATES, loses="tests", says="work on a copy")
def choose_by_benefit(id, risk, benefit, n):
    rows = [(float(r) * float(b), i, float(r)) for i, r, b in zip(list(id), list(risk), list(benefit))]
    if isinstance(id, list):
        id.sort()
    best = sorted([row for row in rows if row[0] > 0], key=lambda row: (-row[0], row[1]))[:n]
    top = sorted(rows, key=lambda row: (-row[2], row[1]))[:n]
    return [row[1] for row in best], sum(row[0] for row in best), sum(row[0] for row in top)


CHOOSE.slip(
    "ties by risk as they come",
    EDGE,
    of="numpy's lexsort",
    change={"np.lexsort((ids, -r))": "np.argsort(-r, kind='stable')"},
    loses="tests",
    says="by risk both stand alike",
)

CHOOSE.slip(
    "ties by the higher risk",
    BOUNDARY,
    of="a table sorted twice",
    change={'["averted", "id"], ascending=[False, True]': '["averted", "risk", "id"], ascending=[False, False, True]'},
    loses="tests",
    says="the lower id",
)

CHOOSE.slip(
    "events averted rounded on the way",
    BOUNDARY,
    of="a table sorted twice",
    change={'data["risk"] * data["benefit"]': '(data["risk"] * data["benefit"]).round(2)'},
    loses="tests",
    says="Thirty people",
)

CHOOSE.slip(
    "by risk the higher id",
    EDGE,
    of="a table sorted twice",
    change={
        'sort_values(["risk", "id"], ascending=[False, True])': 'sort_values(["risk", "id"], ascending=[False, False])'
    },
    loses="tests",
    says="by risk both stand alike",
)


@CHOOSE.wrong("the worked example typed in", CONSTANT, says="highest benefit")
def choose_by_benefit(id, risk, benefit, n):
    return [3], 0.75, 0.0


TASKS = BANK.tasks

SAMPLES = (
    Sample(
        "weak",
        """
        (a) In 2024-25 the team did not reduce emergency visits by 30%, because the fall was regression to the mean. Teams like
        this one have no effect, as trials have shown.

        (b) We should do a randomised trial in the whole country. Half of the patients get the team and half do not. After one
        year the admissions are compared and if p is below 0.05 the team works. The data can be taken from the hospitals.
        This is the gold standard and everything else is biased. The outcome is emergency admissions, because they cost most.
        """,
        {
            "no causal verb without a design": (0, "says that the team failed, which nobody knows either"),
            "comparator and interval": (1, "a comparator, but no scale, no interval and no size"),
            "feasible data and ethics": (0, "neither who may link the data nor what patients lose"),
            "an outcome that patients define": (0, "admissions only, because they cost"),
        },
    ),
    Sample(
        "adequate",
        """
        (a) In 2024-25 the 2,500 patients of the team had 30% fewer emergency visits and admissions than in an earlier period.
        How they were picked and what the fall was compared with is not stated, so we cannot say how much of it is due to the
        team.

        (b) The rule by which the team picked patients is applied to practices of the same area where no team works. Each visited
        patient is matched with the nearest patient there by the score of that rule. The change of both groups is compared
        as a ratio of ratios, with an interval from a bootstrap of practices. With my function a rule that looks at last year's
        use by one half shows a fall of 38% without any team, so this matters. The years before should look alike in both groups,
        and fractures can serve as a negative control.

        The data are hospital records that exist. A data protection officer has to agree. Nobody loses anything, because
        the comparison uses records only. As an outcome for patients one could take days spent at home.
        """,
        {
            "no causal verb without a design": (3, "says what was seen and what is not known"),
            "comparator and interval": (2, "rule, scale and interval; nothing on how large the study must be"),
            "feasible data and ethics": (1, "records exist, but who may link them stays open"),
            "an outcome that patients define": (1, "days at home, without saying why patients would choose them"),
        },
    ),
    Sample(
        "strong",
        """
        (a) It is estimated that the 2,500 patients whom the team visited in 2024-25 had 30% fewer emergency visits and admissions
        than in a period that the source does not name. Patients are often picked after a bad year, and then a fall is to be
        expected without any team. Neither the rule nor a comparison is published, so the effect of the team is not known yet.

        (b) *A list and a lottery.* The team cannot begin everywhere at once. Its rule is therefore applied on one day in every
        practice, all whom it picks are written on one list, and lots decide in which practices the team begins. Those who
        wait are the comparison; they lose nothing, since there are no more nurses this year, and all are offered a visit in the
        second.

        *Estimate.* Ratio of ratios of events in the year after and the year before, by practice as drawn, whoever refuses;
        interval from draws of whole practices. In the course's table 2,500 people leave a standard error of about three points,
        so an effect of 5% needs about three times as many: three boroughs share one list. A check: fractures, and the two years
        before.

        *Data and law.* Practice and hospital records exist. The integrated care board's analysts link them under its approval,
        with a notice in each practice and a way to opt out; nobody outside sees a name.

        *What patients want.* Days at home and alive, counted from the same records, because eight of ten people whom a patient
        group would ask may well name it before admissions; the group is asked first and may change it.
        """,
        {
            "no causal verb without a design": (3, "what was seen, what is expected anyway, what is not known"),
            "comparator and interval": (3, "a drawn comparison, ratio of ratios, interval and size"),
            "feasible data and ethics": (2, "who links what, notice and opting out; nobody loses a visit"),
            "an outcome that patients define": (1, "days at home, and a group that is asked; its number is a guess"),
        },
    ),
)
