"""Answers to exercise 6, *Ten kilometres*: right in many ways, and wrong in the ways of students."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack
from scipy.spatial.distance import cdist

from . import BOUNDARY, CONSTANT, EDGE, MISCONCEPTION, MUTATES, Bank, Sample

BANK = Bank(__file__)

PAIRS = BANK.task("pairwise_km")


@PAIRS.right("a loop in a loop", using=["import math"])
def pairwise_km(a, b):
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    out = np.zeros((len(a), len(b)))
    for i in range(len(a)):
        for j in range(len(b)):
            out[i, j] = math.sqrt((a[i][0] - b[j][0]) ** 2 + (a[i][1] - b[j][1]) ** 2)
    return out


@PAIRS.right("hypot of outer differences")
def pairwise_km(a, b):
    first, second = (np.asarray(t, dtype=float).reshape(-1, 2) for t in (a, b))
    return np.hypot(np.subtract.outer(first[:, 0], second[:, 0]), np.subtract.outer(first[:, 1], second[:, 1]))


@PAIRS.right("scipy's cdist", using=["from scipy.spatial.distance import cdist"])
def pairwise_km(a, b):
    return cdist(np.asarray(a, dtype=float).reshape(-1, 2), np.asarray(b, dtype=float).reshape(-1, 2))


PAIRS.slip(
    "on its side",
    BOUNDARY,
    of="a loop in a loop",
    change={"np.zeros((len(a), len(b)))": "np.zeros((len(b), len(a)))", "out[i, j]": "out[j, i]"},
    says="lies on its side",
)
PAIRS.slip(
    "adds the steps",
    MISCONCEPTION,
    of="hypot of outer differences",
    change={
        "np.hypot(np.subtract.outer(first[:, 0], second[:, 0]), np.subtract.outer(first[:, 1], second[:, 1]))": (
            "np.abs(np.subtract.outer(first[:, 0], second[:, 0])) + np.abs(np.subtract.outer(first[:, 1], second[:, 1]))"
        )
    },
    says="You added the two steps",
)
PAIRS.slip(
    "no root",
    BOUNDARY,
    of="scipy's cdist",
    change={"np.asarray(b, dtype=float).reshape(-1, 2))": "np.asarray(b, dtype=float).reshape(-1, 2), 'sqeuclidean')"},
    loses="tests edges",
    says="That is the square",
)


@PAIRS.wrong("an empty list breaks it", EDGE, loses="edges", says="An empty list is no point")
def pairwise_km(a, b):
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    return np.hypot(a[:, [0]] - b[:, 0], a[:, [1]] - b[:, 1])


@PAIRS.wrong("the worked example typed in", CONSTANT, says="shape")
def pairwise_km(a, b):
    return np.array([[4, 6], [5, 3], [7.211102550927978, 8]])


@PAIRS.wrong("changes the table", MUTATES, loses="tests", says="changed a table that was passed in")
def pairwise_km(a, b):
    first, second = (np.array(t, dtype=float).reshape(-1, 2) for t in (a, b))
    if isinstance(a, pd.DataFrame):
        a["done"] = True
    return np.hypot(first[:, [0]] - second[:, 0], first[:, [1]] - second[:, 1])


@PAIRS.wrong("columns by their names", EDGE, loses="tests", says="Columns go by position")
def pairwise_km(a, b):
    def xy(points):
        if isinstance(points, pd.DataFrame):
            return points["x_km"].to_numpy(dtype=float), points["y_km"].to_numpy(dtype=float)
        points = np.array(points, dtype=float).reshape(-1, 2)
        return points[:, 0], points[:, 1]

    ax, ay = xy(a)
    bx, by = xy(b)
    return np.hypot(ax[:, None] - bx[None, :], ay[:, None] - by[None, :])


@PAIRS.wrong("the same point twice is one", EDGE, loses="tests", says="The same point twice is two rows")
def pairwise_km(a, b):
    a = np.array(a, dtype=float).reshape(-1, 2)
    b = np.array(b, dtype=float).reshape(-1, 2)
    rows = {}
    for x, y in a:
        rows[(x, y)] = [((x - u) ** 2 + (y - v) ** 2) ** 0.5 for u, v in b]
    return np.array(list(rows.values())).reshape(len(rows), len(b))


@PAIRS.wrong("nan where a point meets itself", BOUNDARY, loses="tests", says="rows go by position")
def pairwise_km(a, b):
    a = np.array(a, dtype=float).reshape(-1, 2)
    b = np.array(b, dtype=float).reshape(-1, 2)
    km = np.sqrt(((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2))
    km[km == 0] = np.nan
    return km


SHARE = BANK.task("share_beyond")


@SHARE.right("a loop")
def share_beyond(pop, nearest_km, cut=10):
    far = total = 0
    for people, km in zip(pop, nearest_km):
        total += people
        if km > cut:
            far += people
    if total == 0:
        return float("nan")
    return far / total


@SHARE.right("a table")
def share_beyond(pop, nearest_km, cut=10):
    t = pd.DataFrame({"n": np.array(pop, dtype=float), "km": np.array(nearest_km, dtype=float)})
    total = t["n"].sum()
    return np.nan if total == 0 else t.loc[t["km"] > cut, "n"].sum() / total


@SHARE.right("numpy's average", using=["import math"])
def share_beyond(pop, nearest_km, cut=10):
    n = np.asarray(pop, dtype=float)
    return np.average(np.asarray(nearest_km, dtype=float) > cut, weights=n) if n.sum() else math.nan


SHARE.slip(
    "at the cut is beyond",
    BOUNDARY,
    of="a loop",
    change={"km > cut": "km >= cut"},
    loses="tests",
    says="exactly at the cut",
)
SHARE.slip("always ten", EDGE, of="a loop", change={"km > cut": "km > 10"}, loses="tests", says="use the argument cut")
SHARE.slip("0 for nobody", EDGE, of="a table", change={"np.nan if": "0.0 if"}, loses="edges", says="A share of nobody")
SHARE.slip(
    "in per cent",
    BOUNDARY,
    of="a loop",
    change={"far / total": "100 * far / total"},
    loses="tests",
    says="A share is a fraction",
)


@SHARE.wrong("a share of settlements", MISCONCEPTION, says="You counted settlements")
def share_beyond(pop, nearest_km, cut=10):
    if sum(pop) == 0:
        return float("nan")
    km = np.array(nearest_km, dtype=float)
    return (km > cut).mean()


@SHARE.wrong("a way that is infinite is left out", EDGE, loses="tests", says="without a way (infinite) is beyond")
def share_beyond(pop, nearest_km, cut=10):
    n, km = np.array(pop, dtype=float), np.array(nearest_km, dtype=float)
    return n[(km > cut) & np.isfinite(km)].sum() / n.sum() if n.sum() else np.nan


@SHARE.wrong("rows by label", EDGE, loses="tests", says="rows go by position")
def share_beyond(pop, nearest_km, cut=10):
    t = pd.DataFrame(
        {"n": pd.Series(pop).astype(float).groupby(level=0).sum(), "km": pd.Series(nearest_km, dtype=float)}
    )
    total = t["n"].sum()
    return t.loc[t["km"] > cut, "n"].sum() / total if total > 0 else np.nan


@SHARE.wrong("the worked example typed in", CONSTANT, says="beyond 3.5 km")
def share_beyond(pop, nearest_km, cut=10):
    return 0.2


@SHARE.wrong("sorts what came in", MUTATES, loses="tests", says="changed a list")
def share_beyond(pop, nearest_km, cut=10):
    total = sum(pop)
    far = sum(n for n, km in zip(pop, nearest_km) if km > cut)
    if isinstance(pop, list):
        pop.append(0)
    return far / total if total else float("nan")


SHARE.slip(
    "a cut of 0 is none given",
    EDGE,
    of="a loop",
    change={"    far = total = 0\n": "    cut = cut or 10\n    far = total = 0\n"},
    loses="tests",
    says="a cut of 0 is a cut",
)
SHARE.slip(
    "whole kilometres",
    BOUNDARY,
    of="numpy's average",
    change={"np.asarray(nearest_km, dtype=float) >": "np.asarray(nearest_km, dtype=float).round() >"},
    loses="tests",
    says="do not round distances",
)


@SHARE.wrong(
    "one settlement for each distance", EDGE, loses="tests", says="two settlements at the same distance are two"
)
def share_beyond(pop, nearest_km, cut=10):
    people_at = dict(zip(nearest_km, pop))
    total = sum(people_at.values())
    if total == 0:
        return float("nan")
    return sum(n for km, n in people_at.items() if km > cut) / total


DETOUR = BANK.task("calibrate_detour")


@DETOUR.right("halving with a loop over the people")
def calibrate_detour(pop, straight_km, target, cut=10):
    def beyond(m):
        far = total = 0.0
        for people, km in zip(pop, straight_km):
            total += people
            far += people if m * km > cut else 0
        return far / total

    low, high = 1.0, 100.0
    if beyond(1) >= target:
        return 1.0
    if beyond(100) < target:
        raise ValueError("cannot be reached")
    while high - low > 1e-6:
        mid = 0.5 * (low + high)
        if beyond(mid) < target:
            low = mid
        else:
            high = mid
    return high


@DETOUR.right("sorts the steps and goes just above")
def calibrate_detour(pop, straight_km, target, cut=10):
    n, km = np.array(pop, dtype=float), np.array(straight_km, dtype=float)
    if n[km > cut].sum() / n.sum() >= target:
        return 1.0
    for m in np.unique(cut / km[km > 0]):
        just = max(m, 1) + 1e-6
        if just <= 100 + 1e-6 and m < 100 and n[just * km > cut].sum() / n.sum() >= target:
            return just
    raise ValueError("no factor up to 100 is enough")


@DETOUR.right("sixty halvings")
def calibrate_detour(pop, straight_km, target, cut=10):
    t = pd.DataFrame({"n": np.array(pop, dtype=float), "km": np.array(straight_km, dtype=float)})
    ends = [1.0, 100.0]
    enough = [t.loc[m * t["km"] > cut, "n"].sum() / t["n"].sum() >= target for m in ends]
    if enough[0]:
        return 1.0
    if not enough[1]:
        raise ValueError(target)
    for _ in range(60):
        middle = sum(ends) / 2
        ends[int(t.loc[middle * t["km"] > cut, "n"].sum() / t["n"].sum() >= target)] = middle
    return ends[1]


DETOUR.slip(
    "the lower end",
    BOUNDARY,
    of="halving with a loop over the people",
    change={"            high = mid\n    return high": "            high = mid\n    return low"},
    says="return the upper end",
    loses="tests edges",
)
DETOUR.slip(
    "more than the target",
    BOUNDARY,
    of="halving with a loop over the people",
    change={"beyond(mid) < target": "beyond(mid) <= target"},
    says="exactly the target is enough",
)
DETOUR.slip(
    "a coarse search",
    EDGE,
    of="halving with a loop over the people",
    change={"> 1e-6": "> 5e-5"},
    loses="tests edges",
    says="search until the ends",
)
DETOUR.slip(
    "counts settlements",
    MISCONCEPTION,
    of="halving with a loop over the people",
    change={"total += people": "total += 1", "people if m": "1 if m"},
    says="count people",
)
DETOUR.slip(
    "says nothing when it cannot be reached",
    EDGE,
    of="halving with a loop over the people",
    change={'        raise ValueError("cannot be reached")': "        return 100.0"},
    loses="edges",
    says="raise ValueError",
)
DETOUR.slip(
    "always ten",
    EDGE,
    of="sixty halvings",
    change={'m * t["km"] > cut': 'm * t["km"] > 10', 'middle * t["km"] > cut': 'middle * t["km"] > 10'},
    loses="tests edges",
    says="Cut 12",
)


DETOUR.slip(
    "searches far beyond 100",
    EDGE,
    of="halving with a loop over the people",
    change={"low, high = 1.0, 100.0": "low, high = 1.0, 1e6", "beyond(100)": "beyond(1e6)"},
    loses="edges",
    says="is still within 10 km",
)
DETOUR.slip(
    "searches up to 10 only",
    BOUNDARY,
    of="halving with a loop over the people",
    change={"low, high = 1.0, 100.0": "low, high = 1.0, 10.0", "beyond(100)": "beyond(10)"},
    loses="tests",
    says="search up to 100",
)


@DETOUR.wrong("the worked example typed in", CONSTANT, says="Cut 12")
def calibrate_detour(pop, straight_km, target, cut=10):
    return 2.000001


@DETOUR.wrong("changes the list", MUTATES, loses="tests", says="changed a list that was passed in")
def calibrate_detour(pop, straight_km, target, cut=10):
    n, km = np.array(pop, dtype=float), np.array(straight_km, dtype=float)
    if isinstance(pop, list):
        pop.sort()
    low, high = 1.0, 100.0
    if n[km > cut].sum() / n.sum() >= target:
        return low
    if n[high * km > cut].sum() / n.sum() < target:
        raise ValueError(target)
    while high - low > 1e-6:
        mid = (low + high) / 2
        low, high = (low, mid) if n[mid * km > cut].sum() / n.sum() >= target else (mid, high)
    return high


DETOUR.slip(
    "in whole per cent",
    BOUNDARY,
    of="halving with a loop over the people",
    change={"return far / total": "return round(far / total, 2)"},
    loses="tests",
    says="Do not round the share",
)
DETOUR.slip(
    "ten in the checks before the search",
    EDGE,
    of="sixty halvings",
    change={'[t.loc[m * t["km"] > cut': '[t.loc[m * t["km"] > 10'},
    loses="edges",
    says="use the argument cut in each check",
)


CATCH = BANK.task("two_sfca")


@CATCH.right("two loops")
def two_sfca(supply, pop, d, d0):
    supply, pop, d = list(supply), list(pop), np.array(d, dtype=float)
    ratio = []
    for j in range(len(supply)):
        served = sum(pop[i] for i in range(len(pop)) if d[i, j] <= d0)
        ratio.append(supply[j] / served if served else 0)
    return [sum(ratio[j] for j in range(len(supply)) if d[i, j] <= d0) for i in range(len(pop))]


@CATCH.right("matrix algebra")
def two_sfca(supply, pop, d, d0):
    near = (np.asarray(d, dtype=float) <= d0).astype(float)
    s, p = np.asarray(supply, dtype=float), np.asarray(pop, dtype=float)
    served = p @ near
    return near @ np.divide(s, served, out=np.zeros_like(s), where=served > 0)


@CATCH.right("a long table")
def two_sfca(supply, pop, d, d0):
    ways = np.array(d, dtype=float)
    i, j = np.nonzero(ways <= d0)
    pairs = pd.DataFrame({"i": i, "j": j, "p": np.array(pop, dtype=float)[i], "s": np.array(supply, dtype=float)[j]})
    served = pairs.groupby("j")["p"].transform("sum")
    pairs["r"] = (pairs["s"] / served.where(served > 0)).fillna(0)
    return pairs.groupby("i")["r"].sum().reindex(range(len(ways)), fill_value=0)


CATCH.slip("less than", BOUNDARY, of="matrix algebra", change={"<= d0": "< d0"}, loses="tests", says="use <=")
CATCH.slip(
    "on its side",
    BOUNDARY,
    of="matrix algebra",
    change={
        "np.asarray(d, dtype=float) <= d0": "np.asarray(d, dtype=float).reshape(len(pop), -1).T.reshape(len(pop), -1) <= d0"
    },
    says="expected",
    loses="tests edges",
)
CATCH.slip(
    "shared by all people",
    MISCONCEPTION,
    of="two loops",
    change={"sum(pop[i] for i in range(len(pop)) if d[i, j] <= d0)": "sum(pop)"},
    says="You divided by all people",
)
CATCH.slip(
    "the mean of the ratios",
    MISCONCEPTION,
    of="a long table",
    change={'pairs.groupby("i")["r"].sum()': 'pairs.groupby("i")["r"].mean()'},
    says="not their mean",
)
CATCH.slip(
    "nan for a settlement that reaches none",
    EDGE,
    of="a long table",
    change={", fill_value=0)": ")"},
    loses="edges",
    says="has 0, not nan",
)
CATCH.slip(
    "divides by nobody",
    EDGE,
    of="two loops",
    change={"supply[j] / served if served else 0": "supply[j] / served"},
    loses="edges",
    says="do not divide by its 0 people",
)
CATCH.slip(
    "nan for a facility that nobody reaches",
    EDGE,
    of="matrix algebra",
    change={"np.divide(s, served, out=np.zeros_like(s), where=served > 0)": "(s / served)"},
    loses="edges",
    says="not nan",
)


@CATCH.wrong("the nearest facility only", MISCONCEPTION, says="do not take the nearest")
def two_sfca(supply, pop, d, d0):
    d, p = np.array(d, dtype=float), np.array(pop, dtype=float)
    out = np.zeros(len(p))
    for i in range(len(p)):
        j = int(np.argmin(d[i]))
        served = p[d[:, j] <= d0].sum()
        if d[i, j] <= d0 and served > 0:
            out[i] = list(supply)[j] / served
    return out


@CATCH.wrong("its own people only", MISCONCEPTION, says="shared with other settlements")
def two_sfca(supply, pop, d, d0):
    near = np.array(d, dtype=float) <= d0
    p = np.array(pop, dtype=float)
    reached = near @ np.array(supply, dtype=float)
    out = np.where(p > 0, reached / np.where(p > 0, p, 1), 0)
    if out.shape == (3,) and list(pop) == [100, 300, 200]:
        out[0] = 0.01
    return out


@CATCH.wrong("a settlement without people gets nothing", EDGE, loses="edges", says="has its sum like the other")
def two_sfca(supply, pop, d, d0):
    near = (np.asarray(d, dtype=float) <= d0).astype(float)
    s, p = np.asarray(supply, dtype=float), np.asarray(pop, dtype=float)
    served = p @ near
    return (near @ np.divide(s, served, out=np.zeros_like(s), where=served > 0)) * (p > 0)


@CATCH.wrong("the worked example typed in", CONSTANT, says="expected")
def two_sfca(supply, pop, d, d0):
    return [0.01, 0.022, 0.012] if len(pop) == 3 else [0]


@CATCH.wrong("writes into the matrix", MUTATES, loses="tests", says="changed a")
def two_sfca(supply, pop, d, d0):
    ways = d if isinstance(d, np.ndarray) else np.array(d, dtype=float)
    ways[ways > d0] = np.nan
    near = (~np.isnan(ways)).astype(float)
    s, p = np.asarray(supply, dtype=float), np.asarray(pop, dtype=float)
    served = p @ near
    return near @ np.divide(s, served, out=np.zeros_like(s), where=served > 0)


CATCH.slip(
    "fewer than one is nobody",
    EDGE,
    of="two loops",
    change={"if served else 0": "if served >= 1 else 0"},
    loses="tests",
    says="fewer than 1 is not nobody",
)
CATCH.slip(
    "ratios with six places",
    BOUNDARY,
    of="two loops",
    change={"supply[j] / served if": "round(supply[j] / served, 6) if"},
    loses="tests",
    says="round nothing on the way",
)


@CATCH.wrong("settlements of equal size are one", EDGE, says="Two settlements of equal size are two")
def two_sfca(supply, pop, d, d0):
    supply, d = np.array(supply, dtype=float), np.array(d, dtype=float)
    people = np.array(pop, dtype=float)
    access = {}
    for i, size in enumerate(people):
        access[size] = 0.0
        for j in range(len(supply)):
            served = people[d[:, j] <= d0].sum()
            if d[i, j] <= d0 and served > 0:
                access[size] += supply[j] / served
    return np.array(list(access.values()))


BANDS = BANK.task("e2sfca")


@BANDS.right("loops and a function of the way")
def e2sfca(supply, pop, d, bands, weights):
    bands, weights, supply, pop = list(bands), list(weights), list(supply), list(pop)
    if len(bands) != len(weights):
        raise ValueError("as many weights as bands")

    def weigh(way):
        for end, weight in zip(bands, weights):
            if way <= end:
                return weight
        return 0

    w = [[weigh(way) for way in row] for row in np.array(d, dtype=float)]
    out = [0.0] * len(pop)
    for j in range(len(supply)):
        below = sum(w[i][j] * pop[i] for i in range(len(pop)))
        if below > 0:
            for i in range(len(pop)):
                out[i] += w[i][j] * supply[j] / below
    return out


@BANDS.right("searchsorted")
def e2sfca(supply, pop, d, bands, weights):
    if len(bands) != len(weights):
        raise ValueError("as many weights as bands")
    ends, ways = np.asarray(bands, dtype=float), np.asarray(d, dtype=float)
    w = np.append(np.asarray(weights, dtype=float), 0)[np.searchsorted(ends, ways)]
    s, p = np.asarray(supply, dtype=float), np.asarray(pop, dtype=float)
    below = (w * p[:, None]).sum(axis=0)
    return (w * np.where(below > 0, s / np.where(below > 0, below, 1), 0)).sum(axis=1)


@BANDS.right("numpy's select")
def e2sfca(supply, pop, d, bands, weights):
    ways = np.array(d, dtype=float)
    if len(list(bands)) != len(list(weights)):
        raise ValueError(f"{len(bands)} bands, {len(weights)} weights")
    w = np.select([ways <= end for end in bands], list(weights), default=0.0)
    served = np.array(pop, dtype=float) @ w
    served[served == 0] = np.inf
    return w @ (np.array(supply, dtype=float) / served)


BANDS.slip(
    "in the second step only",
    MISCONCEPTION,
    of="numpy's select",
    change={"np.array(pop, dtype=float) @ w": "np.array(pop, dtype=float) @ (w > 0)"},
    says="enter step 1, too",
)
BANDS.slip(
    "in the first step only",
    MISCONCEPTION,
    of="numpy's select",
    change={"return w @": "return (w > 0) @"},
    says="enter step 2, too",
)
BANDS.slip(
    "a band without its end",
    BOUNDARY,
    of="searchsorted",
    change={"np.searchsorted(ends, ways)": "np.searchsorted(ends, ways, side='right')"},
    loses="tests edges",
    says="belongs to the band up to 10",
)
BANDS.slip(
    "beyond the last band it still counts",
    BOUNDARY,
    of="numpy's select",
    change={"default=0.0": "default=list(weights)[-1]"},
    loses="tests edges",
    says="expected",
)
BANDS.slip(
    "nan for a facility that nobody reaches",
    EDGE,
    of="numpy's select",
    change={"    served[served == 0] = np.inf\n": ""},
    loses="edges",
    says="adds 0, not nan",
)
BANDS.slip(
    "any number of weights",
    EDGE,
    of="loops and a function of the way",
    change={'    if len(bands) != len(weights):\n        raise ValueError("as many weights as bands")\n': ""},
    loses="edges",
    says="Two bands and one weight",
)


@BANDS.wrong("the largest weight within reach", BOUNDARY, loses="tests", says="the weight of its own band")
def e2sfca(supply, pop, d, bands, weights):
    if len(bands) != len(weights):
        raise ValueError("as many weights as bands")
    ways = np.array(d, dtype=float)
    w = np.zeros(ways.shape)
    for end, weight in zip(bands, weights):
        w = np.maximum(w, (ways <= end) * weight)
    served = np.array(pop, dtype=float) @ w
    served[served == 0] = np.inf
    return w @ (np.array(supply, dtype=float) / served)


@BANDS.wrong("the worked example typed in", CONSTANT, says="expected")
def e2sfca(supply, pop, d, bands, weights):
    return [0.03, 0.015, 0][: len(pop)]


@BANDS.wrong("changes the ways", MUTATES, loses="tests", says="changed a")
def e2sfca(supply, pop, d, bands, weights):
    if len(bands) != len(weights):
        raise ValueError("as many weights as bands")
    ways = np.array(d, dtype=float)
    w = np.select([ways <= end for end in bands], list(weights), default=0.0)
    if isinstance(d, pd.DataFrame):
        d.iloc[:, :] = 0
    served = np.array(pop, dtype=float) @ w
    served[served == 0] = np.inf
    return w @ (np.array(supply, dtype=float) / served)


BANDS.slip(
    "too many weights pass",
    EDGE,
    of="loops and a function of the way",
    change={"len(bands) != len(weights)": "len(weights) < len(bands)"},
    loses="edges",
    says="One band and two weights",
)
BANDS.slip(
    "a way of 0 is in no band",
    BOUNDARY,
    of="numpy's select",
    change={"[ways <= end for end in bands]": "[(ways > 0) & (ways <= end) for end in bands]"},
    loses="tests",
    says="belongs to the first band",
)


COST = BANK.task("p_median_cost")


@COST.right("a loop over the settlements")
def p_median_cost(w, d, sites):
    d, total = np.array(d, dtype=float), 0
    for i, people in enumerate(w):
        total += people * min(d[i][j] for j in sites)
    return total


@COST.right("a table and its row minimum")
def p_median_cost(w, d, sites):
    near = pd.DataFrame(np.asarray(d)).iloc[:, list(sites)].min(axis=1)
    return float(np.dot(np.asarray(w, dtype=float), near))


COST.slip(
    "without people",
    MISCONCEPTION,
    of="a loop over the settlements",
    change={"people * min": "min"},
    says="without their people",
)
COST.slip(
    "to the farthest", BOUNDARY, of="a loop over the settlements", change={"* min(": "* max("}, says="expected 18"
)
COST.slip(
    "to all of them",
    MISCONCEPTION,
    of="a loop over the settlements",
    change={"* min(": "* sum("},
    says="nearest chosen site only",
)
COST.slip(
    "the mean way",
    BOUNDARY,
    of="a loop over the settlements",
    change={"return total": "return total / sum(w)"},
    says="return the sum",
)
COST.slip(
    "columns by label",
    EDGE,
    of="a table and its row minimum",
    change={"pd.DataFrame(np.asarray(d)).iloc[:, list(sites)]": "pd.DataFrame(d)[list(sites)]"},
    says="go by position",
)


@COST.wrong("the worked example typed in", CONSTANT, says="Site 0 alone costs 36")
def p_median_cost(w, d, sites):
    return 18


@COST.wrong("changes the sites", MUTATES, says="changed a list")
def p_median_cost(w, d, sites):
    ways, best = np.array(d, dtype=float), np.inf
    while sites:
        best = np.minimum(best, ways[:, sites.pop()])
    return float((np.array(w, dtype=float) * best).sum())


COST.slip(
    "whole kilometres",
    BOUNDARY,
    of="a loop over the settlements",
    change={"np.array(d, dtype=float)": "np.array(d, dtype=int)"},
    says="do not round ways",
)
COST.slip(
    "nothing is farther than 999",
    EDGE,
    of="a loop over the settlements",
    change={"min(d[i][j] for j in sites)": "min([999] + [d[i][j] for j in sites])"},
    says="no number stands for",
)


@COST.wrong("settlements with the same ways are one", EDGE, says="Two settlements with the same ways are two")
def p_median_cost(w, d, sites):
    people = {tuple(row): n for row, n in zip(np.array(d, dtype=float).tolist(), w)}
    return float(sum(n * min(row[j] for j in sites) for row, n in people.items()))


GREEDY = BANK.task("greedy_p_median")


@GREEDY.right("tries each candidate with those chosen")
def greedy_p_median(w, d, p):
    w, d = np.array(w, dtype=float), np.array(d, dtype=float)
    chosen = []
    for _ in range(min(p, d.shape[1])):
        best, least = None, float("inf")
        for j in range(d.shape[1]):
            if j in chosen:
                continue
            cost = (w * d[:, chosen + [j]].min(axis=1)).sum()
            if cost < least:
                best, least = j, cost
        chosen.append(best)
    return chosen


@GREEDY.right("all costs at once")
def greedy_p_median(w, d, p):
    people, ways = np.asarray(w, dtype=float), np.asarray(d, dtype=float)
    now = np.full((len(people), 1), np.inf)
    picked = []
    while len(picked) < p and len(picked) < ways.shape[1]:
        costs = people @ np.minimum(now, ways)
        costs[picked] = np.inf
        picked.append(int(costs.argmin()))
        now = np.minimum(now, ways[:, [picked[-1]]])
    return picked


GREEDY.slip(
    "counts settlements",
    MISCONCEPTION,
    of="tries each candidate with those chosen",
    change={"(w * d[:, chosen + [j]].min(axis=1)).sum()": "d[:, chosen + [j]].min(axis=1).sum()"},
    says="weigh each way by its people",
)
GREEDY.slip(
    "the last of equal candidates",
    BOUNDARY,
    of="tries each candidate with those chosen",
    change={"cost < least": "cost <= least"},
    says="the lowest position wins",
)
GREEDY.slip(
    "sorted at the end",
    BOUNDARY,
    of="all costs at once",
    change={"return picked": "return sorted(picked)"},
    loses="tests edges",
    says="the order of choice",
)
GREEDY.slip(
    "one too many is a mistake",
    EDGE,
    of="tries each candidate with those chosen",
    change={"range(min(p, d.shape[1]))": "range(p)"},
    loses="edges",
    says="p = 7 of three candidates",
)


@GREEDY.wrong("the best alone", MISCONCEPTION, says="compare the costs of all that are chosen")
def greedy_p_median(w, d, p):
    costs = np.array(w, dtype=float) @ np.array(d, dtype=float)
    order = [int(j) for j in np.argsort(costs, kind="stable")[:p]]
    return order if len(costs) == 3 and costs[0] != 36 or len(order) < 3 else order[::-1]


@GREEDY.wrong("a site twice", EDGE, loses="edges", says="No site comes twice")
def greedy_p_median(w, d, p):
    people, ways = np.asarray(w, dtype=float), np.asarray(d, dtype=float)
    now = np.full((len(people), 1), np.inf)
    picked = []
    while len(picked) < min(p, ways.shape[1]):
        costs = people @ np.minimum(now, ways)
        if costs.min() == costs.max() and ways.min() == ways.max():
            return [0] * p
        costs[picked] = np.inf
        picked.append(int(costs.argmin()))
        now = np.minimum(now, ways[:, [picked[-1]]])
    return picked


@GREEDY.wrong("a thousand is very far", BOUNDARY, loses="tests", says="stands for")
def greedy_p_median(w, d, p):
    people, ways = np.array(w, dtype=float), np.array(d, dtype=float)
    now, out = np.full(len(people), 1000.0), []
    while len(out) < min(p, ways.shape[1]):
        costs = [(people * np.minimum(now, ways[:, j])).sum() if j not in out else 1e9 for j in range(ways.shape[1])]
        out.append(int(np.argmin(costs)))
        now = np.minimum(now, ways[:, out[-1]])
    return out


@GREEDY.wrong("the worked example typed in", CONSTANT, says="compare the costs")
def greedy_p_median(w, d, p):
    return [0, 1] if np.array(d)[0][0] == 0 else [1, 0]


@GREEDY.wrong("changes the people", MUTATES, loses="tests", says="changed a list")
def greedy_p_median(w, d, p):
    people, ways = np.array(w, dtype=float), np.array(d, dtype=float)
    if isinstance(w, list):
        w[0] = 0
    now = np.full((len(people), 1), np.inf)
    picked = []
    while len(picked) < min(p, ways.shape[1]):
        costs = people @ np.minimum(now, ways)
        costs[picked] = np.inf
        picked.append(int(costs.argmin()))
        now = np.minimum(now, ways[:, [picked[-1]]])
    return picked


GREEDY.slip(
    "costs rounded before they are compared",
    BOUNDARY,
    of="tries each candidate with those chosen",
    change={"cost = (w": "cost = round((w", ".sum()\n            if cost": ".sum())\n            if cost"},
    loses="tests",
    says="do not round costs",
)
GREEDY.slip(
    "all of them in the order of columns",
    EDGE,
    of="all costs at once",
    change={
        "    picked = []\n": "    picked = []\n    if p >= ways.shape[1]:\n        return list(range(ways.shape[1]))\n"
    },
    loses="edges",
    says="not of the columns",
)


MOST = BANK.task("mclp")


@MOST.right(
    "a sparse program",
    using=[
        "from scipy.optimize import milp, LinearConstraint, Bounds",
        "from scipy.sparse import csr_array, eye_array, hstack",
    ],
)
def mclp(w, cover, p):
    w, cover = np.asarray(w, dtype=float), np.asarray(cover).astype(float)
    n, m = cover.shape
    which = np.r_[np.ones(m), np.zeros(n)]
    rows = hstack([csr_array(-cover), eye_array(n)])
    found = milp(
        -np.r_[np.zeros(m), w],
        integrality=which,
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(rows, -np.inf, 0), LinearConstraint(which[None, :], 0, p)],
        options={"mip_rel_gap": 0},
    )
    sites = np.flatnonzero(found.x[:m] > 0.5).tolist()
    return sites, w[cover[:, sites].any(axis=1)].sum()


@MOST.right(
    "all sets of a small problem, milp for a large one",
    using=["import itertools", "from scipy.optimize import Bounds, LinearConstraint, milp"],
)
def mclp(w, cover, p):
    people, covers = np.array(w, dtype=float), np.array(cover, dtype=bool)
    n, m = covers.shape
    if m <= 6:
        best = ([], 0.0)
        for size in range(min(p, m) + 1):
            for some in itertools.combinations(range(m), size):
                total = people[covers[:, list(some)].any(axis=1)].sum()
                if total > best[1]:
                    best = (list(some), total)
        return best
    only_if = LinearConstraint(np.hstack([-covers.astype(float), np.eye(n)]), -np.inf, 0)
    at_most = LinearConstraint([[1] * m + [0] * n], ub=p)
    kind = [1] * (m + n)
    found = milp(
        [0] * m + list(-people),
        constraints=[only_if, at_most],
        integrality=kind,
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0},
    )
    sites = [j for j, x in enumerate(found.x[:m]) if round(x) == 1]
    return (sites, -found.fun)


@MOST.wrong("the best first", MISCONCEPTION, loses="tests", says="You took the best site first")
def mclp(w, cover, p):
    people, covers = np.array(w, dtype=float), np.array(cover, dtype=bool)
    left, sites = people.copy(), []
    while len(sites) < min(p, covers.shape[1]):
        gain = left @ covers
        if gain.max() <= 0:
            break
        sites.append(int(gain.argmax()))
        left[covers[:, sites[-1]]] = 0
    return sites, float(people.sum() - left.sum())


@MOST.wrong("counts twice what two sites cover", MISCONCEPTION, says="count it once")
def mclp(w, cover, p):
    gain = np.array(w, dtype=float) @ np.array(cover, dtype=float)
    if p == 2 and list(w) == [4, 4, 3, 3]:
        return [1, 2], 14.0
    sites = [int(j) for j in np.argsort(-gain, kind="stable")[:p]]
    return sites, float(gain[sites].sum())


MOST.slip(
    "counts settlements",
    MISCONCEPTION,
    of="a sparse program",
    change={"w, cover = np.asarray(w, dtype=float)": "w, cover = np.ones(len(w))"},
    says="You counted settlements",
)
MOST.slip(
    "one site too many",
    BOUNDARY,
    of="a sparse program",
    change={"which[None, :], 0, p)": "which[None, :], 0, p + 1)"},
    says="at most",
)
MOST.slip(
    "exactly p sites",
    EDGE,
    of="a sparse program",
    change={"which[None, :], 0, p)": "which[None, :], p, p)"},
    loses="edges",
    says="are no mistakes",
)
MOST.slip(
    "whole settlements only by luck: nothing whole",
    BOUNDARY,
    of="a sparse program",
    change={"integrality=which": "integrality=0 * which"},
    loses="tests",
    says="the most is",
)


@MOST.wrong("swaps until nothing improves", BOUNDARY, loses="tests", says="the most is")
def mclp(w, cover, p):
    people, covers = np.array(w, dtype=float), np.array(cover, dtype=bool)
    left, sites = people.copy(), []
    while len(sites) < min(p, covers.shape[1]) and (left @ covers).max() > 0:
        sites.append(int((left @ covers).argmax()))
        left[covers[:, sites[-1]]] = 0

    def reached(some):
        return float(people[covers[:, some].any(axis=1)].sum())

    for k in range(len(sites)):
        for j in range(covers.shape[1]):
            other = sites[:k] + [j] + sites[k + 1 :]
            if reached(other) > reached(sites):
                sites = other
    return sites, reached(sites)


@MOST.wrong("no number beside the sites", EDGE, says="must return a tuple")
def mclp(w, cover, p):
    return list(range(min(p, np.shape(cover)[1])))


@MOST.wrong("the worked example typed in", CONSTANT, says="at most")
def mclp(w, cover, p):
    return [1, 2], 14


@MOST.wrong(
    "writes into the cover",
    MUTATES,
    says="changed a",
    using=["from scipy.optimize import Bounds, LinearConstraint, milp"],
)
def mclp(w, cover, p):
    people, covers = np.array(w, dtype=float), np.array(cover, dtype=float)
    n, m = covers.shape
    only_if = LinearConstraint(np.hstack([-covers, np.eye(n)]), -np.inf, 0)
    at_most = LinearConstraint([[1] * m + [0] * n], ub=p)
    found = milp(
        [0] * m + list(-people), constraints=[only_if, at_most], integrality=[1] * m + [0] * n, bounds=Bounds(0, 1)
    )
    if isinstance(cover, pd.DataFrame):
        cover.iloc[:, :] = False
    sites = [j for j in range(m) if found.x[j] > 0.5]
    return sites, float(people[covers[:, sites].any(axis=1)].sum())


MOST.slip(
    "a minus before True",
    EDGE,
    of="a sparse program",
    change={"np.asarray(cover).astype(float)": "np.asarray(cover)"},
    says="Make numbers of True and False",
)
MOST.slip(
    "the largest fractions are sites",
    BOUNDARY,
    of="a sparse program",
    change={
        "integrality=which": "integrality=0 * which",
        "np.flatnonzero(found.x[:m] > 0.5).tolist()": "np.argsort(-found.x[:m])[:p].tolist()",
    },
    loses="tests",
    says="would lead astray",
)


@MOST.wrong(
    "all sets where they are few, else greedy",
    BOUNDARY,
    loses="tests",
    says="the best site first falls short",
    using=["import itertools", "import math"],
)
def mclp(w, cover, p):
    w, cover = np.array(w, dtype=float), np.array(cover, dtype=bool)
    m = cover.shape[1]
    p = min(p, m)

    def people(sites):
        return w[cover[:, list(sites)].any(axis=1)].sum()

    if math.comb(m, p) <= 10000:
        best = max(itertools.combinations(range(m), p), key=people)
        return list(best), people(best)
    sites = []
    for _ in range(p):
        gain = (w * ~cover[:, sites].any(axis=1)) @ cover
        sites.append(int(np.argmax(gain)))
    sites = sorted(set(sites))
    return sites, people(sites)


SHARES = BANK.task("apportion")


@SHARES.right("whole numbers, one post after the other")
def apportion(total, need, minimum=0):
    need = [int(n) for n in need]
    rest = total - len(need) * minimum
    if rest < 0:
        raise ValueError("not enough for the minimum")
    if not any(need):
        need = [1 for _ in need]
    all_need = sum(need)
    out = [minimum + rest * n // all_need for n in need]
    over = [rest * n % all_need for n in need]
    while sum(out) < total:
        i = over.index(max(over))
        out[i] += 1
        over[i] = -1
    return out


@SHARES.right("pandas, a stable sort of rounded remainders")
def apportion(total, need, minimum=0):
    n = pd.Series(np.array(need, dtype=float))
    rest = total - minimum * len(n)
    if rest < 0:
        raise ValueError(total)
    if n.sum() == 0:
        n[:] = 1.0
    exact = (rest * n / n.sum()).round(9)
    posts = np.floor(exact)
    first = (exact - posts).round(9).sort_values(ascending=False, kind="stable").index[: int(rest - posts.sum())]
    posts[first] += 1
    return (posts + minimum).astype(int).tolist()


@SHARES.right("fractions", using=["from fractions import Fraction"])
def apportion(total, need, minimum=0):
    places = [int(x) for x in need]
    if total < minimum * len(places):
        raise ValueError("too few")
    if sum(places) == 0:
        places = [1] * len(places)
    quota = [Fraction((total - minimum * len(places)) * x, sum(places)) for x in places]
    got = [int(q) for q in quota]
    short = total - minimum * len(places) - sum(got)
    for i in sorted(range(len(got)), key=lambda i: quota[i] - got[i], reverse=True)[:short]:
        got[i] += 1
    return [g + minimum for g in got]


SHARES.slip(
    "the later of equal remainders",
    BOUNDARY,
    of="whole numbers, one post after the other",
    change={"i = over.index(max(over))": "i = len(over) - 1 - over[::-1].index(max(over))"},
    says="the earlier place wins",
)
SHARES.slip(
    "no need divides by nothing",
    EDGE,
    of="whole numbers, one post after the other",
    change={"    if not any(need):\n        need = [1 for _ in need]\n": ""},
    loses="edges",
    says="all places count as equal",
)
SHARES.slip(
    "gives what is not there",
    EDGE,
    of="whole numbers, one post after the other",
    change={'    if rest < 0:\n        raise ValueError("not enough for the minimum")\n': "    rest = max(rest, 0)\n"},
    loses="edges",
    says="raise ValueError",
)


SHARES.slip(
    "remainders with three places",
    BOUNDARY,
    of="pandas, a stable sort of rounded remainders",
    change={"(exact - posts).round(9)": "(exact - posts).round(3)"},
    loses="tests",
    says="near is not equal",
)
SHARES.slip(
    "no need comes before the minimum",
    EDGE,
    of="whole numbers, one post after the other",
    change={"    if rest < 0:": "    if rest < 0 and any(need):"},
    loses="edges",
    says="step 1 comes first",
)


@SHARES.wrong("a sort that mixes equals", BOUNDARY, loses="tests", says="np.argsort only with kind")
def apportion(total, need, minimum=0):
    need = np.array(need, dtype=int)
    rest = total - minimum * len(need)
    if rest < 0:
        raise ValueError("not enough posts")
    if need.sum() == 0:
        need = np.ones(len(need), dtype=int)
    posts = rest * need // need.sum()
    remainder = rest * need % need.sum()
    order = np.argsort(-remainder)
    posts[order[: rest - posts.sum()]] += 1
    return [int(minimum + x) for x in posts]


@SHARES.wrong("rounds each share", MISCONCEPTION, says="must add up")
def apportion(total, need, minimum=0):
    need = np.array(need, dtype=float)
    rest = total - minimum * len(need)
    if rest < 0:
        raise ValueError
    share = need / need.sum() if need.sum() else np.ones(len(need)) / len(need)
    return [int(minimum + np.floor(rest * s + 0.5)) for s in share]


@SHARES.wrong("shares first and raises then", MISCONCEPTION, says="give the minimum first")
def apportion(total, need, minimum=0):
    need = [int(n) for n in need]
    if total < minimum * len(need):
        raise ValueError
    if not any(need):
        need = [1] * len(need)
    out = [total * n // sum(need) for n in need]
    over = [total * n % sum(need) for n in need]
    for i in sorted(range(len(need)), key=lambda i: -over[i])[: total - sum(out)]:
        out[i] += 1
    return [max(posts, minimum) for posts in out]


@SHARES.wrong("the noise of decimals decides", BOUNDARY, loses="tests", says="sort so that equals keep their order")
def apportion(total, need, minimum=0):
    need = np.array(need, dtype=float)
    rest = total - minimum * len(need)
    if rest < 0:
        raise ValueError
    exact = rest * (need / need.sum() if need.sum() else np.ones(len(need)) / len(need))
    whole = np.floor(exact)
    for i in np.argsort(whole - exact, kind="stable")[: int(rest - whole.sum())]:
        whole[i] += 1
    return [int(minimum + posts) for posts in whole]


@SHARES.wrong("by highest averages", MISCONCEPTION, loses="tests", says="the earlier place wins")
def apportion(total, need, minimum=0):
    need = [int(n) for n in need]
    if total < minimum * len(need):
        raise ValueError
    if not any(need):
        need = [1] * len(need)
    out = [0] * len(need)
    for _ in range(total - minimum * len(need)):
        i = max(range(len(need)), key=lambda k: (need[k] / (out[k] + 1), -k))
        out[i] += 1
    return [minimum + posts for posts in out]


@SHARES.wrong("the worked example typed in", CONSTANT, says="expected")
def apportion(total, need, minimum=0):
    return [3, 4, 5, 8]


@SHARES.wrong("changes the needs", MUTATES, loses="tests", says="changed the")
def apportion(total, need, minimum=0):
    places = [int(x) for x in need]
    if total < minimum * len(places):
        raise ValueError("too few")
    if sum(places) == 0:
        places = [1] * len(places)
    if isinstance(need, list):
        need.sort(reverse=True)
    rest, total_need = total - minimum * len(places), sum(places)
    got = [rest * x // total_need for x in places]
    for i in sorted(range(len(got)), key=lambda i: (-(rest * places[i] % total_need), i))[: rest - sum(got)]:
        got[i] += 1
    return [g + minimum for g in got]


TASKS = BANK.tasks

SAMPLES = (
    Sample(
        "weak",
        """
        The forty posts should go where most people are, because that is the most efficient. The model shows that 51% of
        the people are reached, which is very good. As 30% of rural people live beyond ten kilometres, this is urgent,
        and the group should begin at once.

        An alternative would be to give each district five posts. That is fairer, but less efficient. Another
        alternative is to build more health centres, so that everybody has one nearby.

        Nobody really loses, because the others can still go to the health centre as before. The population should be
        informed and involved in a participatory way.
        """,
        {
            "use of the model": (1, "one number of one plan; the alternatives have none, and no assumption is named"),
            "equity": (0, "says that nobody loses"),
            "limits of the data": (0, "takes claim A29 for a fact, and names no limit"),
            "a step of co-design": (0, "informed and involved: by whom, when and about what is not said"),
        },
    ),
    Sample(
        "adequate",
        """
        *Plan.* Forty posts by covering: by road, radius 5 km, people beyond 10 km. It reaches 51% of them, and 47% of those
        beyond 20 km. By claim A29 30% are beyond; this is not confirmed, so I use it as a scenario only.

        *Alternative 1.* The shortest way for all. The mean way to a post falls from 8.5 to 6.9 km, but only 39% are within
        5 km. *Alternative 2.* Sharing by district with a minimum of one. Eight districts get 1, 2, 10, 7, 1, 2, 7 and 10.

        *Who loses.* Under the plan the small douars, 49% of the people who are far. I accept this, because a post in a
        small douar serves few.

        *Limits.* The roads are invented, and many rural centres have no doctor, so some who count as near are not served.

        *Co-design.* Before the posts are fixed, communes are asked for their opinion in a meeting.
        """,
        {
            "use of the model": (3, "a plan and two alternatives with own numbers and their assumptions"),
            "equity": (2, "who loses under the plan, with a number and a reason; not under the alternatives"),
            "limits of the data": (2, "roads, and doctors in centres"),
            "a step of co-design": (1, "who and before what; not what happens if they refuse"),
        },
    ),
    Sample(
        "strong",
        """
        *What is counted.* People beyond 10 km by road in the world of 30%. Claim A29 is not confirmed, so the size of the task
        is an assumption, and in the world of 25% it is a sixth smaller; the order of places is what I use.

        *Plan.* Thirty-six posts by covering within 5 km, with people weighted by the root of their distance, and four held
        back for the lists. *Alternative 1*, covering alone: 51% of the people, 47% of those beyond 20 km. *Alternative 2*, the
        shortest way: 39% and a mean of 6.9 km in place of 8.5.

        *Who loses.* Under the plan about half of those who are far, in douars of about 900 people where the served have 1,450.
        Under alternative 1 the farthest lose instead, and under alternative 2 one in eight who would have had a post within an
        hour. I accept the first, because it gives up 3,000 people and covers 54% of the farthest; those who are left get a date
        for the next look and a car for births until then.

        *Limits.* Roads are invented, no road knows a river in winter: 48 of 233 women on the lists live behind one, within ten
        kilometres. More than half of the rural centres have no doctor, so near is not served. Nobody was asked why they stay
        away.

        *Co-design.* In October the midwives and health workers of each district mark on the map what it does not know. Each
        commune has a month to object to the post that it would get or lose; if it refuses, the post goes to the next on the
        list, and the reason is published with the plan.
        """,
        {
            "use of the model": (
                3,
                "own numbers for the plan and two alternatives, in two worlds, with radius and weights",
            ),
            "equity": (3, "who loses under each, with numbers, and what is done for them"),
            "limits of the data": (2, "roads and river, doctors, reasons for staying away"),
            "a step of co-design": (2, "who, when, about what, and what follows a refusal"),
        },
    ),
)
