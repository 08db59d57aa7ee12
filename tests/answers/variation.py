"""Answers to exercise 3, *Assurance or improvement?*: right in many ways, and wrong in the ways of students."""

import numpy as np
import pandas as pd

from . import BOUNDARY, CONSTANT, EDGE, MISCONCEPTION, MUTATES, Bank, Sample

BANK = Bank(__file__)

XMR = BANK.task("xmr")


@XMR.right("a loop over the months")
def xmr(x):
    months = list(x)
    known = [value for value in months if value == value]
    ranges = []
    for before, now in zip(months, months[1:]):
        if before == before and now == now:
            ranges.append(abs(now - before))
    mean = sum(known) / len(known) if known else float("nan")
    half = 2.66 * sum(ranges) / len(ranges) if ranges else float("nan")
    return mean, mean - half, mean + half


@XMR.right("a pandas Series and 3 over 1.128")
def xmr(x):
    series = pd.Series(list(x), dtype=float)
    mean = series.mean()
    mr = series.diff().abs().mean()
    return (mean, mean - 3 * mr / 1.128, mean + 3 * mr / 1.128)


@XMR.right("numpy means that skip nan")
def xmr(x):
    x = np.asarray(x, dtype=float)
    mean = np.nanmean(x) if x.size else np.nan
    moves = np.abs(np.diff(x))
    half = 2.66 * np.nanmean(moves) if moves.size else np.nan
    return mean, mean - half, mean + half


@XMR.wrong("three standard deviations of a sample", MISCONCEPTION, says="use 2.66 mean moving ranges")
def xmr(x):
    series = pd.Series(list(x), dtype=float)
    return series.mean(), series.mean() - 3 * series.std(), series.mean() + 3 * series.std()


@XMR.wrong("three standard deviations of a population", MISCONCEPTION, says="the very change that one looks for")
def xmr(x):
    x = np.array(x, dtype=float)
    mean, sd = np.nanmean(x), np.nanstd(x)
    return mean, mean - 3 * sd, mean + 3 * sd


@XMR.wrong("ranges with their sign", MISCONCEPTION, says="Moving ranges have no sign")
def xmr(x):
    series = pd.Series(list(x), dtype=float)
    half = 2.66 * series.diff().mean()
    return series.mean(), series.mean() - half, series.mean() + half


@XMR.wrong("divides by the months", BOUNDARY, says="four moving ranges")
def xmr(x):
    x = np.array(x, dtype=float)
    mean = np.nanmean(x)
    half = 2.66 * np.nansum(np.abs(np.diff(x))) / len(x)
    return mean, mean - half, mean + half


XMR.slip(
    "drops the missing month first",
    EDGE,
    of="a pandas Series and 3 over 1.128",
    change={"dtype=float)": "dtype=float).dropna()"},
    loses="edges",
    says="crossed the gap",
)

XMR.slip(
    "no limits, no mean",
    EDGE,
    of="numpy means that skip nan",
    change={"np.nanmean(x) if x.size else np.nan": "x.mean()"},
    loses="edges",
    says="the mean is that of the others",
)

XMR.slip(
    "limits of width 0 where no range is known",
    EDGE,
    of="a loop over the months",
    change={'len(ranges) if ranges else float("nan")': "len(ranges) if ranges else 0.0"},
    loses="edges",
    says="both limits are nan",
)

XMR.slip(
    "no limit above 100",
    EDGE,
    of="a loop over the months",
    change={"return mean, mean - half, mean + half": "return mean, mean - half, min(mean + half, 100)"},
    loses="tests",
    says="seven times as large",
)


XMR.slip(
    "clips below 0 only",
    EDGE,
    of="a loop over the months",
    change={"return mean, mean - half": "return mean, 0.0 if mean - half < 0 else mean - half"},
    loses="tests",
    says="not clipped at 0",
)


@XMR.wrong("two ranges less for each missing month", EDGE, loses="edges", says="takes one moving range with it")
def xmr(x):
    x = np.asarray(x, dtype=float)
    missing = int(np.isnan(x).sum())
    mean = np.nanmean(x)
    count = len(x) - 1 - 2 * missing
    if count <= 0:
        return (mean, np.nan, np.nan)
    average = np.nansum(np.abs(np.diff(x))) / count
    return (mean, mean - 2.66 * average, mean + 2.66 * average)


@XMR.wrong("sorts the months in place", MUTATES, loses="tests", says="work on a copy")
def xmr(x):
    series = pd.Series(list(x), dtype=float)
    half = 2.66 * series.diff().abs().mean()
    if isinstance(x, list):
        x.sort()
    return series.mean(), series.mean() - half, series.mean() + half


@XMR.wrong("fills the gap in the array that came in", MUTATES, loses="tests", says="work on a copy")
def xmr(x):
    if isinstance(x, np.ndarray):
        x += 0.001
    series = pd.Series(list(x), dtype=float)
    half = 2.66 * series.diff().abs().mean()
    return series.mean(), series.mean() - half, series.mean() + half


@XMR.wrong("the worked example typed in", CONSTANT, says="should be about (4, -19.94, 27.94)")
def xmr(x):
    return (11.6, 7.61, 15.59)


P_LIMITS = BANK.task("p_limits")


@P_LIMITS.right("a loop over the months")
def p_limits(num, den):
    num, den = list(num), list(den)
    for a, b in zip(num, den):
        if a < 0 or a > b:
            raise ValueError(f"{a} of {b}")
    counted = sum(b for b in den if b > 0)
    cl = sum(num) / counted if counted else float("nan")
    rows = []
    for a, b in zip(num, den):
        if b == 0:
            rows.append({"p": np.nan, "cl": np.nan, "lcl": np.nan, "ucl": np.nan})
            continue
        s = (cl * (1 - cl) / b) ** 0.5
        rows.append({"p": a / b, "cl": cl, "lcl": max(0, cl - 3 * s), "ucl": min(1, cl + 3 * s)})
    return pd.DataFrame(rows, columns=["p", "cl", "lcl", "ucl"])


@P_LIMITS.right("columns of a DataFrame")
def p_limits(num, den):
    t = pd.DataFrame({"num": np.asarray(num, dtype=float), "den": np.asarray(den, dtype=float)})
    if (t["num"] < 0).any() or (t["num"] > t["den"]).any():
        raise ValueError("num")
    t = t.mask(t["den"] == 0)
    t["p"] = t["num"] / t["den"]
    t["cl"] = t["num"].sum() / t["den"].sum() if t["den"].notna().any() else np.nan
    t.loc[t["den"].isna(), "cl"] = np.nan
    s = np.sqrt(t["cl"] * (1 - t["cl"]) / t["den"])
    t["lcl"] = (t["cl"] - 3 * s).clip(lower=0)
    t["ucl"] = (t["cl"] + 3 * s).clip(upper=1)
    return t[["p", "cl", "lcl", "ucl"]]


P_LIMITS.slip(
    "the mean of the shares",
    MISCONCEPTION,
    of="columns of a DataFrame",
    change={'t["num"].sum() / t["den"].sum() if': 't["p"].mean() if'},
    loses="tests",
    says="mean of the two shares",
)

P_LIMITS.slip(
    "one standard deviation for all months",
    MISCONCEPTION,
    of="columns of a DataFrame",
    change={'(1 - t["cl"]) / t["den"])': '(1 - t["cl"]) / t["den"].mean())'},
    loses="tests",
    says="each month has its own den",
)

P_LIMITS.slip(
    "two standard deviations",
    BOUNDARY,
    of="a loop over the months",
    change={"cl - 3 * s": "cl - 2 * s", "cl + 3 * s": "cl + 2 * s"},
    says="should have",
)

P_LIMITS.slip(
    "limits are not clipped",
    BOUNDARY,
    of="columns of a DataFrame",
    change={".clip(upper=1)": "", ".clip(lower=0)": ""},
    loses="tests",
    says="clip ucl",
)

P_LIMITS.slip(
    "clipped above only",
    BOUNDARY,
    of="columns of a DataFrame",
    change={".clip(lower=0)": ""},
    loses="tests",
    says="lcl 0 in each row",
)

P_LIMITS.slip(
    "drops the month that counted nobody",
    EDGE,
    of="columns of a DataFrame",
    change={'t = t.mask(t["den"] == 0)': 't = t[t["den"] > 0].reset_index(drop=True)'},
    loses="edges",
    says="keep the month",
)

P_LIMITS.slip(
    "keeps the centre in a month that counted nobody",
    EDGE,
    of="columns of a DataFrame",
    change={'    t.loc[t["den"].isna(), "cl"] = np.nan\n': ""},
    loses="edges",
    says="four times nan",
)

P_LIMITS.slip(
    "more cases than people are let through",
    EDGE,
    of="a loop over the months",
    change={"if a < 0 or a > b:": "if a < 0:"},
    loses="edges",
    says="should raise ValueError",
)


P_LIMITS.slip(
    "fewer cases than none are let through",
    EDGE,
    of="a loop over the months",
    change={"if a < 0 or a > b:": "if a > b:"},
    loses="edges",
    says="num is below 0 or above den",
)


@P_LIMITS.wrong("only the totals are checked", EDGE, loses="edges", says="num is below 0 or above den")
def p_limits(num, den):
    num, den = [float(v) for v in num], [float(v) for v in den]
    cases, total = sum(num), sum(den)
    if cases < 0 or cases > total:
        raise ValueError("num must lie between 0 and den")
    rows = []
    for a, b in zip(num, den):
        if b == 0:
            rows.append([np.nan] * 4)
        else:
            cl = cases / total
            sd = (cl * (1 - cl) / b) ** 0.5
            rows.append([a / b, cl, max(0, cl - 3 * sd), min(1, cl + 3 * sd)])
    return pd.DataFrame(rows, columns=["p", "cl", "lcl", "ucl"], dtype=float)


@P_LIMITS.wrong("months without people go unchecked", EDGE, loses="edges", says="num is below 0 or above den")
def p_limits(num, den):
    num, den = np.asarray(num, dtype=float), np.asarray(den, dtype=float)
    counted = den > 0
    a, b = num[counted], den[counted]
    if (a < 0).any() or (a > b).any():
        raise ValueError("num must lie between 0 and den")
    table = pd.DataFrame(np.nan, index=range(len(num)), columns=["p", "cl", "lcl", "ucl"])
    if len(b):
        cl = a.sum() / b.sum()
        sd = np.sqrt(cl * (1 - cl) / b)
        table.loc[counted, "p"] = a / b
        table.loc[counted, "cl"] = cl
        table.loc[counted, "lcl"] = np.clip(cl - 3 * sd, 0, 1)
        table.loc[counted, "ucl"] = np.clip(cl + 3 * sd, 0, 1)
    return table


@P_LIMITS.wrong("Series matched by their labels", EDGE, loses="tests", says="take them by position")
def p_limits(num, den):
    num, den = pd.Series(num, dtype=float), pd.Series(den, dtype=float)
    if num.index.has_duplicates:
        num = num.groupby(level=0).first()
    num = num.reindex(den.index)
    if (num < 0).any() or (num > den).any():
        raise ValueError("num")
    den = den.where(den > 0)
    cl = (num.where(den.notna()).sum() / den.sum() if den.notna().any() else np.nan) * den / den
    s = np.sqrt(cl * (1 - cl) / den)
    return pd.DataFrame({"p": num / den, "cl": cl, "lcl": (cl - 3 * s).clip(0), "ucl": (cl + 3 * s).clip(upper=1)})


@P_LIMITS.wrong("puts nan into the counts", MUTATES, loses="tests", says="work on a copy")
def p_limits(num, den):
    num = np.asarray(num, dtype=float)
    if (num < 0).any() or (num > np.asarray(den)).any():
        raise ValueError("num")
    if isinstance(den, np.ndarray) and den.dtype == float:
        den[den == 0] = np.nan
    den = np.where(np.asarray(den, dtype=float) > 0, np.asarray(den, dtype=float), np.nan)
    some = ~np.isnan(den)
    cl = np.where(some, num[some].sum() / den[some].sum() if some.any() else np.nan, np.nan)
    s = np.sqrt(cl * (1 - cl) / den)
    return pd.DataFrame({"p": num / den, "cl": cl, "lcl": np.clip(cl - 3 * s, 0, 1), "ucl": np.clip(cl + 3 * s, 0, 1)})


@P_LIMITS.wrong("the worked example typed in", CONSTANT, says="Three months came in")
def p_limits(num, den):
    return pd.DataFrame({"p": [0.8, 0.9], "cl": [53 / 60] * 2, "lcl": [0.578784, 0.747135], "ucl": [1.0, 1.0]})


SIGNALS = BANK.task("signals")


@SIGNALS.right("a loop with a counter")
def signals(x, cl, lcl, ucl, run=8):
    x = [float(value) for value in x]
    n = len(x)

    def line(value):
        return [float(value)] * n if np.ndim(value) == 0 else [float(v) for v in value]

    centre, low, high = line(cl), line(lcl), line(ucl)
    beyond, sides = [], []
    for value, c, lo, hi in zip(x, centre, low, high):
        beyond.append(value > hi + 1e-12 or value < lo - 1e-12)
        sides.append("above" if value > c + 1e-12 else "below" if value < c - 1e-12 else None)
    in_run = [False] * n
    for i in range(n):
        length = 0
        while i + length < n and sides[i] is not None and sides[i + length] == sides[i]:
            length += 1
        if length >= run:
            for j in range(i, i + length):
                in_run[j] = True
    return {"beyond": beyond, "run": in_run}


@SIGNALS.right("pieces by pandas")
def signals(x, cl, lcl, ucl, run=8):
    s = pd.Series(np.asarray(x, dtype=float))
    d = (s - np.asarray(cl, dtype=float)).round(12)
    side = np.sign(d).fillna(0)
    piece = (side != side.shift()).cumsum()
    long = piece.map(piece.value_counts()) >= run
    above = (s - np.asarray(ucl, dtype=float)).round(12) > 0
    below = (s - np.asarray(lcl, dtype=float)).round(12) < 0
    return {"beyond": (above | below).to_numpy(), "run": (long & (side != 0)).to_numpy()}


SIGNALS.slip(
    "flags a run from its last month only",
    MISCONCEPTION,
    of="a loop with a counter",
    change={"for j in range(i, i + length):": "for j in range(i + run - 1, i + length):"},
    says="Every month of a run",
)

SIGNALS.slip(
    "a point on a limit is beyond it",
    BOUNDARY,
    of="pieces by pandas",
    change={".round(12) > 0\n": ".round(12) >= 0\n", ".round(12) < 0\n": ".round(12) <= 0\n"},
    says="a point on a limit is not beyond it",
)

SIGNALS.slip(
    "more than run months",
    BOUNDARY,
    of="pieces by pandas",
    change={">= run": "> run"},
    says="run should be",
)

SIGNALS.slip(
    "skips months on the line",
    EDGE,
    of="pieces by pandas",
    change={".fillna(0)": ".replace(0, np.nan).ffill().fillna(0)"},
    loses="edges",
    says="breaks the run",
)

SIGNALS.slip(
    "months on the line are a side of their own",
    EDGE,
    of="pieces by pandas",
    change={"(long & (side != 0))": "long"},
    loses="edges",
    says="so run is False for each",
)

SIGNALS.slip(
    "only high months are signals",
    MISCONCEPTION,
    of="pieces by pandas",
    change={"(above | below)": "above"},
    says="beyond should be",
)

SIGNALS.slip(
    "noise decides",
    EDGE,
    of="a loop with a counter",
    change={"value > hi + 1e-12": "value > hi", "value < lo - 1e-12": "value < lo"},
    loses="edges",
    says="lie on their mean and on their limits up to noise",
)

SIGNALS.slip(
    "the run at the end is forgotten",
    EDGE,
    of="a loop with a counter",
    change={"if length >= run:": "if length >= run and i + length < n:"},
    says="are one run of four",
)


@SIGNALS.right("walks to both ends of a stretch")
def signals(x, cl, lcl, ucl, run=8):
    data = [float(v) for v in list(x)]
    n = len(data)

    def each(value):
        try:
            value = list(value)
        except TypeError:
            value = [value] * n
        return [float(v) for v in value]

    def above(a, b):
        return a - b >= 1e-12

    cl, lcl, ucl = each(cl), each(lcl), each(ucl)
    beyond = [above(data[i], ucl[i]) or above(lcl[i], data[i]) for i in range(n)]
    sides = []
    for i in range(n):
        if above(data[i], cl[i]):
            sides.append("up")
        elif above(cl[i], data[i]):
            sides.append("down")
        else:
            sides.append("none")
    result = []
    for i in range(n):
        left = i
        while left > 0 and sides[left - 1] == sides[i]:
            left -= 1
        right = i
        while right < n - 1 and sides[right + 1] == sides[i]:
            right += 1
        result.append(sides[i] != "none" and right - left + 1 >= run)
    return {"beyond": beyond, "run": result}


@SIGNALS.wrong("a run begins one month late", EDGE, says="run should be")
def signals(x, cl, lcl, ucl, run=8):
    x = np.asarray(x, dtype=float)
    n = len(x)
    cl, lcl, ucl = (
        np.full(n, v, dtype=float) if np.ndim(v) == 0 else np.asarray(v, dtype=float) for v in (cl, lcl, ucl)
    )
    beyond = (x - ucl >= 1e-12) | (lcl - x >= 1e-12)
    gap = x - cl
    side = np.where(np.isnan(gap) | (np.abs(gap) < 1e-12), 0, np.sign(gap))
    flags = [False] * n
    months = []
    for i in range(n):
        if i > 0 and side[i] != side[i - 1]:
            months = []  # a new side: begin again
            continue
        if side[i] != 0:
            months.append(i)
        if len(months) >= run:
            for j in months:
                flags[j] = True
    return {"beyond": beyond, "run": flags}


@SIGNALS.wrong("what is not inside is beyond", EDGE, loses="edges", says="A missing month is beyond nothing")
def signals(x, cl, lcl, ucl, run=8):
    x = np.asarray(x, dtype=float)
    inside = (x > np.asarray(lcl, dtype=float) - 1e-12) & (x < np.asarray(ucl, dtype=float) + 1e-12)
    gap = x - np.asarray(cl, dtype=float)
    side = pd.Series(np.sign(np.where(np.abs(gap) < 1e-12, 0, gap))).fillna(0)
    block = (side != side.shift()).cumsum()
    size = side.groupby(block).transform("size")
    return {"beyond": (~inside).tolist(), "run": ((side != 0) & (size >= run)).tolist()}


@SIGNALS.wrong("only the first centre line is read", EDGE, loses="tests", says="lies below its own line")
def signals(x, cl, lcl, ucl, run=8):
    x = [float(v) for v in list(x)]
    n = len(x)
    lows = [float(lcl)] * n if np.isscalar(lcl) else [float(v) for v in list(lcl)]
    highs = [float(ucl)] * n if np.isscalar(ucl) else [float(v) for v in list(ucl)]
    if not np.isscalar(cl):
        cl = list(cl)[0] if n else 0
    beyond = [x[i] >= highs[i] + 1e-12 or x[i] <= lows[i] - 1e-12 for i in range(n)]
    side = [0] * n
    for i in range(n):
        if x[i] >= cl + 1e-12:
            side[i] = 1
        if x[i] <= cl - 1e-12:
            side[i] = -1
    flags = [False] * n
    for i in range(n - run + 1):
        window = side[i : i + run]
        if abs(sum(window)) == run:
            flags[i : i + run] = [True] * run
    return {"beyond": beyond, "run": flags}


@SIGNALS.wrong("any side will do for a run", MISCONCEPTION, says="lies on one side")
def signals(x, cl, lcl, ucl, run=8):
    s = pd.Series(np.asarray(x, dtype=float))
    off = (s - np.asarray(cl, dtype=float)).abs() > 1e-12
    piece = (off != off.shift()).cumsum()
    beyond = (s > np.asarray(ucl) + 1e-12) | (s < np.asarray(lcl) - 1e-12)
    return {"beyond": beyond.tolist(), "run": (off & (piece.map(piece.value_counts()) >= run)).tolist()}


@SIGNALS.wrong("fills missing months in place", MUTATES, says="work on a copy")
def signals(x, cl, lcl, ucl, run=8):
    filled = x
    for i in range(len(filled)):
        if filled[i] != filled[i]:
            filled[i] = cl if np.ndim(cl) == 0 else cl[i]
    s = pd.Series(np.asarray(filled, dtype=float))
    side = np.sign((s - np.asarray(cl, dtype=float)).round(12))
    piece = (side != side.shift()).cumsum()
    beyond = (s > np.asarray(ucl) + 1e-12) | (s < np.asarray(lcl) - 1e-12)
    return {"beyond": beyond.tolist(), "run": ((side != 0) & (piece.map(piece.value_counts()) >= run)).tolist()}


@SIGNALS.wrong("the worked example typed in", CONSTANT, says="compare each month with its own limit")
def signals(x, cl, lcl, ucl, run=8):
    return {"beyond": [False, False, False, True, False], "run": [True, True, True, False, False]}


RAG = BANK.task("rag")


@RAG.right("numpy select")
def rag(x, target, tol, lower_is_better=False):
    if tol < 0:
        raise ValueError("tol")
    x = np.asarray(x, dtype=float)
    short = (x - target if lower_is_better else target - x).round(12)
    return np.select([np.isnan(x), short <= 0, short <= tol], ["none", "green", "amber"], "red")


def colour(gap, tol):
    if gap != gap:
        return "none"
    return "green" if gap < 1e-12 else "amber" if gap < tol + 1e-12 else "red"


@RAG.right("a comprehension over a helper called colour", using=[colour])
def rag(x, target, tol, lower_is_better=False):
    if tol < 0:
        raise ValueError("tol is below 0")
    sign = 1 if lower_is_better else -1
    return [colour(sign * (value - target), tol) for value in x]


@RAG.wrong("amber on both sides of the target", MISCONCEPTION, says="at the target it is green")
def rag(x, target, tol, lower_is_better=False):
    if tol < 0:
        raise ValueError("tol")
    out = []
    for value in x:
        gap = (value - target) * (-1 if lower_is_better else 1)
        out.append("none" if value != value else "green" if gap > tol else "amber" if gap >= -tol - 1e-12 else "red")
    return out


@RAG.wrong("forgets that lower can be better", MISCONCEPTION, says="3 is better than 5")
def rag(x, target, tol, lower_is_better=False):
    if tol < 0:
        raise ValueError("tol")
    short = (target - np.asarray(x, dtype=float)).round(12)
    return np.select([np.isnan(short), short <= 0, short <= tol], ["none", "green", "amber"], "red")


RAG.slip(
    "red at the end of the tolerance",
    BOUNDARY,
    of="numpy select",
    change={"short <= tol]": "short < tol]"},
    says="still amber",
)

RAG.slip(
    "amber at the target",
    BOUNDARY,
    of="numpy select",
    change={"short <= 0,": "short < 0,"},
    says="at the target it is green",
)

RAG.slip(
    "a missing month is red",
    EDGE,
    of="numpy select",
    change={'"none", "green"': '"red", "green"'},
    says='the colour "none"',
)

RAG.slip(
    "noise decides",
    EDGE,
    of="numpy select",
    change={".round(12)": ""},
    says="short of 0.8 by 0.1 up to noise",
)

RAG.slip(
    "a tolerance below 0 is let through",
    EDGE,
    of="numpy select",
    change={"if tol < 0:": "if False:"},
    says="raise ValueError",
)


@RAG.wrong("numpy isclose at the edges", EDGE, says="np.isclose has a wider tolerance")
def rag(x, target, tol, lower_is_better=False):
    if tol < 0:
        raise ValueError("tol below 0")
    x = np.asarray(x, dtype=float)
    if lower_is_better:
        x, target = -x, -target
    green = (x > target) | np.isclose(x, target)
    amber = (x > target - tol) | np.isclose(x, target - tol)
    return np.where(np.isnan(x), "none", np.where(green, "green", np.where(amber, "amber", "red")))


@RAG.wrong("asks for missing months on one branch", EDGE, using=[colour], says="with lower_is_better=True, too")
def rag(x, target, tol, lower_is_better=False):
    if tol < 0:
        raise ValueError("tol below 0")
    if not lower_is_better:
        return [colour(target - v, tol) for v in x]
    colours = []
    for v in x:
        if v < target + 1e-12:
            colours.append("green")
        elif v < target + tol + 1e-12:
            colours.append("amber")
        else:
            colours.append("red")
    return colours


@RAG.wrong("fills missing months in place", MUTATES, says="work on a copy")
def rag(x, target, tol, lower_is_better=False):
    if tol < 0:
        raise ValueError("tol")
    gone = np.isnan(np.array(x, dtype=float))
    if isinstance(x, np.ndarray):
        x[gone] = target
    short = np.asarray(x, dtype=float) - target
    short = (short if lower_is_better else -short).round(12)
    return np.select([gone, short <= 0, short <= tol], ["none", "green", "amber"], "red")


@RAG.wrong("the worked example typed in", CONSTANT, says="With lower_is_better=True")
def rag(x, target, tol, lower_is_better=False):
    return ["green", "amber", "amber", "red"]


RAG_FLIPS = BANK.task("rag_flips")


@RAG_FLIPS.right("levels by numpy")
def rag_flips(x, target, tol, lower_is_better=False):
    x = np.asarray(x, dtype=float)
    gap = (x - target if lower_is_better else target - x).round(12)
    level = np.where(gap <= 0, 0.0, np.where(gap <= tol, 1.0, 2.0))
    level[np.isnan(x)] = np.nan
    step = np.diff(level)
    return int((step[~np.isnan(step)] != 0).sum())


def mean(value, target, tol, low):  # a name that no released cell may take
    gap = value - target if low else target - value
    if value != value:
        return None
    return "G" if gap < 1e-12 else "A" if gap < tol + 1e-12 else "R"


@RAG_FLIPS.right("by a helper of an odd name", using=[mean])
def rag_flips(x, target, tol, lower_is_better=False):
    colours = [mean(value, target, tol, lower_is_better) for value in x]
    return sum(1 for a, b in zip(colours, colours[1:]) if a and b and a != b)


@RAG_FLIPS.wrong("counts months that are not green", MISCONCEPTION, says="changes")
def rag_flips(x, target, tol, lower_is_better=False):
    x = np.asarray(x, dtype=float)
    return int((x > target).sum() if lower_is_better else (x < target).sum())


@RAG_FLIPS.wrong("only changes for the worse", MISCONCEPTION, says="the colour")
def rag_flips(x, target, tol, lower_is_better=False):
    x = np.asarray(x, dtype=float)
    gap = (x - target if lower_is_better else target - x).round(12)
    level = np.where(gap <= 0, 0.0, np.where(gap <= tol, 1.0, 2.0))
    level[np.isnan(x)] = np.nan
    step = np.diff(level)
    return int((step > 0).sum()) + (1 if len(x) > 30 else 0)


@RAG_FLIPS.wrong("drops missing months first", EDGE, says="changed neither into nor out of")
def rag_flips(x, target, tol, lower_is_better=False):
    x = np.asarray(x, dtype=float)
    x = x[~np.isnan(x)]
    gap = (x - target if lower_is_better else target - x).round(12)
    level = np.where(gap <= 0, 0, np.where(gap <= tol, 1, 2))
    return int((np.diff(level) != 0).sum())


def paint(x, target, tol, low):
    return ["none" if v != v else colour(v - target if low else target - v, tol) for v in x]


@RAG_FLIPS.wrong("stops where there is no month", EDGE, using=[colour, paint], says="stopped with IndexError")
def rag_flips(x, target, tol, lower_is_better=False):
    colours = paint(x, target, tol, lower_is_better)
    before, flips = colours[0], 0
    for now in colours[1:]:
        if now != before and "none" not in (now, before):
            flips += 1
        before = now
    return flips


@RAG_FLIPS.wrong("two off for each missing month", EDGE, using=[colour, paint], says="should be 1, not 0")
def rag_flips(x, target, tol, lower_is_better=False):
    colours = pd.Series(paint(x, target, tol, lower_is_better), dtype=object)
    flips = int((colours != colours.shift()).iloc[1:].sum())
    return max(0, flips - 2 * int((colours == "none").sum()))


@RAG_FLIPS.wrong("bridges two missing months", EDGE, using=[colour, paint], says="should be 0, not 1")
def rag_flips(x, target, tol, lower_is_better=False):
    flips, gap, last = 0, 0, None
    for now in paint(x, target, tol, lower_is_better):
        if now == "none":
            gap += 1
            continue
        if last is not None and gap != 1 and now != last:
            flips += 1
        last, gap = now, 0
    return flips


RAG_FLIPS.slip(
    "the first month counts as a change",
    BOUNDARY,
    of="levels by numpy",
    change={"!= 0).sum())": "!= 0).sum()) + 1"},
    says="should be 3",
)

RAG_FLIPS.slip(
    "red at the end of the tolerance",
    BOUNDARY,
    of="levels by numpy",
    change={"gap <= tol": "gap < tol"},
    says="red, amber, green, amber",
)


@RAG_FLIPS.wrong("rounds the months in place", MUTATES, says="work on a copy")
def rag_flips(x, target, tol, lower_is_better=False):
    if isinstance(x, np.ndarray):
        x[:] = x.round(6)
    x = np.asarray(x, dtype=float)
    gap = (x - target if lower_is_better else target - x).round(12)
    level = np.where(gap <= 0, 0.0, np.where(gap <= tol, 1.0, 2.0))
    level[np.isnan(x)] = np.nan
    step = np.diff(level)
    return int((step[~np.isnan(step)] != 0).sum())


@RAG_FLIPS.wrong("the worked example typed in", CONSTANT, says="changes twice")
def rag_flips(x, target, tol, lower_is_better=False):
    return 3


FLIP_RATE = BANK.task("stable_flip_rate")


@FLIP_RATE.right("a loop over the draws")
def stable_flip_rate(mu, sd, target, tol, n, seed):
    if n < 2 or sd < 0 or tol < 0:
        raise ValueError("n, sd or tol")
    rng = np.random.default_rng(seed)
    colours = []
    for _ in range(n):
        value = mu + sd * rng.standard_normal()
        colours.append("g" if value >= target else "a" if value >= target - tol else "r")
    flips = sum(a != b for a, b in zip(colours, colours[1:]))
    return flips / (n - 1) * 12


@FLIP_RATE.right("pandas cut")
def stable_flip_rate(mu, sd, target, tol, n, seed):
    if sd < 0:
        raise ValueError("sd")
    if tol < 0:
        raise ValueError("tol")
    if n < 2:
        raise ValueError("n")
    months = pd.Series(np.random.default_rng(seed).normal(mu, sd, size=n))
    colour = 1 * (months >= target) + 1 * (months >= target - tol)
    return 12 * float((colour.diff().dropna() != 0).mean())


@FLIP_RATE.wrong("green against the rest", MISCONCEPTION, loses="tests", says="amber and red are two colours")
def stable_flip_rate(mu, sd, target, tol, n, seed):
    if sd < 0 or tol < 0 or n < 2:
        raise ValueError("no")
    green = np.random.default_rng(seed).normal(mu, sd, n) >= target
    return 12 * (green[1:] != green[:-1]).sum() / (n - 1)


FLIP_RATE.slip(
    "all changes, not per year",
    MISCONCEPTION,
    of="a loop over the draws",
    change={"flips / (n - 1) * 12": "flips"},
    says="per year is wanted",
)

FLIP_RATE.slip(
    "per step",
    MISCONCEPTION,
    of="a loop over the draws",
    change={"/ (n - 1) * 12": "/ (n - 1)"},
    says="a year has twelve steps",
)

FLIP_RATE.slip(
    "divides by the months",
    BOUNDARY,
    of="a loop over the draws",
    change={"/ (n - 1) * 12": "/ n * 12"},
    says="divide by n - 1",
)

FLIP_RATE.slip(
    "the seed is not used",
    EDGE,
    of="a loop over the draws",
    change={"default_rng(seed)": "default_rng(7)"},
    says="Another seed should give another draw",
)

FLIP_RATE.slip(
    "one month is let through",
    EDGE,
    of="pandas cut",
    change={"if n < 2:": "if n < 1:"},
    loses="edges",
    says="n below 2",
)


FLIP_RATE.slip(
    "a tolerance below 0 is let through",
    EDGE,
    of="a loop over the draws",
    change={"if n < 2 or sd < 0 or tol < 0:": "if n < 2 or sd < 0:"},
    loses="edges",
    says="sd or tol is below 0",
)

FLIP_RATE.slip(
    "the variance is drawn with",
    MISCONCEPTION,
    of="pandas cut",
    change={"normal(mu, sd, size=n)": "normal(mu, sd**2, size=n)"},
    loses="tests",
    says="sd is the standard deviation, not the variance",
)

FLIP_RATE.slip(
    "months rounded to one decimal",
    EDGE,
    of="pandas cut",
    change={"normal(mu, sd, size=n))": "normal(mu, sd, size=n).round(1))"},
    loses="tests",
    says="months",
)


@FLIP_RATE.wrong("the formula in place of a draw", CONSTANT, says="another draw")
def stable_flip_rate(mu, sd, target, tol, n, seed):
    from scipy.stats import norm

    if sd < 0 or tol < 0 or n < 2:
        raise ValueError("no")
    if sd == 0:
        return 0.0
    share = np.diff(norm.cdf([-np.inf, target - tol, target, np.inf], mu, sd))
    return 12 * (1 - (share**2).sum())


@FLIP_RATE.wrong("the worked example typed in", CONSTANT, says="another draw")
def stable_flip_rate(mu, sd, target, tol, n, seed):
    return 7.30


FUNNEL = BANK.task("funnel")


@FUNNEL.right("a loop over the places")
def funnel(num, den, z=3):
    pairs = [(float(a), float(b)) for a, b in zip(num, den)]
    counted = [(a, b) for a, b in pairs if b > 0]
    centre = sum(a for a, _ in counted) / sum(b for _, b in counted)
    var = centre * (1 - centre)
    phi = sum((a / b - centre) ** 2 / (var / b) for a, b in counted) / len(counted) if var > 0 else float("nan")
    out = {"cl": centre, "phi": phi}
    for tail, wide in (("", 1.0), ("_phi", phi**0.5 if phi > 1 else 1.0)):
        low, high, outside = [], [], []
        for a, b in pairs:
            if b == 0:
                low.append(float("nan"))
                high.append(float("nan"))
                outside.append(False)
                continue
            half = z * wide * (var / b) ** 0.5
            low.append(max(0.0, centre - half))
            high.append(min(1.0, centre + half))
            outside.append(abs(a / b - centre) > half + 1e-12)
        out["lcl" + tail], out["ucl" + tail], out["outside" + tail] = low, high, outside
    return out


@FUNNEL.right("columns of a DataFrame")
def funnel(num, den, z=3):
    t = pd.DataFrame({"num": np.asarray(num, dtype=float), "den": np.asarray(den, dtype=float)})
    t["den"] = t["den"].where(t["den"] > 0)
    cl = t["num"].sum() / t["den"].sum()
    t["p"], t["s"] = t["num"] / t["den"], np.sqrt(cl * (1 - cl) / t["den"])
    phi = (((t["p"] - cl) / t["s"]) ** 2).mean() if 0 < cl < 1 else np.nan
    wide = np.sqrt(phi) if phi > 1 else 1
    half, half_phi = z * t["s"], z * wide * t["s"]
    return {
        "cl": cl,
        "phi": phi,
        "lcl": (cl - half).clip(0, 1).to_numpy(),
        "ucl": (cl + half).clip(0, 1).to_numpy(),
        "outside": ((t["p"] - cl).abs() > half + 1e-12).to_numpy(),
        "lcl_phi": (cl - half_phi).clip(0, 1).to_numpy(),
        "ucl_phi": (cl + half_phi).clip(0, 1).to_numpy(),
        "outside_phi": ((t["p"] - cl).abs() > half_phi + 1e-12).to_numpy(),
    }


FUNNEL.slip(
    "the mean of the shares is the centre",
    MISCONCEPTION,
    of="columns of a DataFrame",
    change={'cl = t["num"].sum() / t["den"].sum()': 'cl = (t["num"] / t["den"]).mean()'},
    loses="tests",
    says="all cases over all counted",
)

FUNNEL.slip(
    "wider by phi and not by its root",
    MISCONCEPTION,
    of="columns of a DataFrame",
    change={"np.sqrt(phi) if phi > 1": "phi if phi > 1"},
    loses="tests",
    says="square root of phi",
)

FUNNEL.slip(
    "the sum in place of the mean",
    MISCONCEPTION,
    of="columns of a DataFrame",
    change={"** 2).mean() if": "** 2).sum() if"},
    loses="tests",
    says="you have their sum",
)

FUNNEL.slip(
    "divides by one place less",
    BOUNDARY,
    of="a loop over the places",
    change={"for a, b in counted) / len(counted) if": "for a, b in counted) / (len(counted) - 1) if"},
    loses="tests",
    says="divide by 4, not by 3",
)

FUNNEL.slip(
    "z is always 3",
    BOUNDARY,
    of="columns of a DataFrame",
    change={'half, half_phi = z * t["s"], z * wide': 'half, half_phi = 3 * t["s"], 3 * wide'},
    loses="tests",
    says="With z=2",
)

FUNNEL.slip(
    "narrower where phi is below 1",
    EDGE,
    of="columns of a DataFrame",
    change={"np.sqrt(phi) if phi > 1 else 1": "np.sqrt(phi)"},
    loses="edges",
    says="never make them narrower",
)

FUNNEL.slip(
    "an empty place counts in the mean",
    EDGE,
    of="a loop over the places",
    change={"for a, b in counted) / len(counted) if": "for a, b in counted) / len(pairs) if"},
    loses="edges",
    says="not among the places of the mean",
)

FUNNEL.slip(
    "phi is 0 where nothing can vary",
    EDGE,
    of="a loop over the places",
    change={'if var > 0 else float("nan")': "if var > 0 else 0.0"},
    loses="edges",
    says="phi is undefined",
)


FUNNEL.slip(
    "z is always 3 in the wider limits",
    BOUNDARY,
    of="columns of a DataFrame",
    change={'t["s"], z * wide': 't["s"], 3 * wide'},
    loses="tests",
    says="yours are 3 times",
)

FUNNEL.slip(
    "only low places are outside",
    BOUNDARY,
    of="columns of a DataFrame",
    change={
        '((t["p"] - cl).abs() > half + 1e-12)': '(t["p"] - cl < -half - 1e-12)',
        '((t["p"] - cl).abs() > half_phi + 1e-12)': '(t["p"] - cl < -half_phi - 1e-12)',
    },
    loses="tests",
    says="above its limit",
)


@FUNNEL.wrong("puts nan into the counts", MUTATES, loses="tests", says="work on a copy")
def funnel(num, den, z=3):
    if isinstance(den, np.ndarray):
        den = den.astype(float, copy=False)
        den[den == 0] = np.nan
    num, den = np.asarray(num, dtype=float), np.asarray(den, dtype=float)
    den = np.where(den > 0, den, np.nan)
    some = ~np.isnan(den)
    cl = num[some].sum() / den[some].sum()
    p, s = num / den, np.sqrt(cl * (1 - cl) / den)
    phi = np.nanmean(((p - cl) / s) ** 2) if 0 < cl < 1 else np.nan
    out = {"cl": cl, "phi": phi}
    for tail, wide in (("", 1), ("_phi", np.sqrt(phi) if phi > 1 else 1)):
        half = z * wide * s
        out["lcl" + tail], out["ucl" + tail] = np.clip(cl - half, 0, 1), np.clip(cl + half, 0, 1)
        out["outside" + tail] = np.abs(p - cl) > half + 1e-12
    return out


@FUNNEL.wrong("the worked example typed in", CONSTANT, says="the last place alone is outside")
def funnel(num, den, z=3):
    return {
        "cl": 352 / 397,
        "phi": 2.7798469,
        "lcl": [0.784094, 0.788029, 0.805097, 0.781623],
        "ucl": [0.989202, 0.985266, 0.968199, 0.991673],
        "outside": [False] * 4,
        "lcl_phi": [0.71566, 0.722221, 0.750678, 0.71154],
        "ucl_phi": [1, 1, 1, 1],
        "outside_phi": [False] * 4,
    }


MULTITASK = BANK.task("multitask")


@MULTITASK.right("inside first, then the corners")
def multitask(b, m, gamma):
    if b < 0 or m < 0 or gamma < 0 or gamma >= 1:
        raise ValueError("b, m or gamma")
    e1 = (b - gamma * m) / (1 - gamma**2)
    e2 = (m - gamma * b) / (1 - gamma**2)
    if e2 < 0:
        return (b, 0)
    if e1 < 0:
        return (0, m)
    return (e1, e2)


@MULTITASK.right("best answers in turn")
def multitask(b, m, gamma):
    if min(b, m, gamma) < 0 or gamma >= 1:
        raise ValueError("no")
    e1, e2 = float(b), float(m)
    for _ in range(20000):
        before = (e1, e2)
        e1 = max(0.0, b - gamma * e2)
        e2 = max(0.0, m - gamma * e1)
        if (e1, e2) == before:
            break
    return e1, e2


MULTITASK.slip(
    "no corners",
    MISCONCEPTION,
    of="inside first, then the corners",
    change={"    if e2 < 0:\n        return (b, 0)\n    if e1 < 0:\n        return (0, m)\n": ""},
    says="An effort cannot be negative",
)

MULTITASK.slip(
    "efforts cut at 0, the other left as it was",
    MISCONCEPTION,
    of="inside first, then the corners",
    change={"return (b, 0)": "return (e1, 0)", "return (0, m)": "return (0, e2)"},
    says="nothing hinders e1 any more",
)

MULTITASK.slip(
    "the efforts exchanged",
    MISCONCEPTION,
    of="inside first, then the corners",
    change={"return (e1, e2)": "return (e2, e1)"},
    says="have changed places",
)

MULTITASK.slip(
    "gamma without its square",
    BOUNDARY,
    of="inside first, then the corners",
    change={"(b - gamma * m) / (1 - gamma**2)": "b - gamma * m", "(m - gamma * b) / (1 - gamma**2)": "m - gamma * b"},
    says="1 - gamma squared",
)

MULTITASK.slip(
    "one corner forgotten",
    EDGE,
    of="inside first, then the corners",
    change={"    if e1 < 0:\n        return (0, m)\n": ""},
    loses="corners",
    says="the other corner",
)

MULTITASK.slip(
    "gamma of 1 is let through",
    EDGE,
    of="best answers in turn",
    change={"gamma >= 1": "gamma > 1"},
    loses="corners",
    says="makes no sense",
)

MULTITASK.slip(
    "a negative gamma is let through",
    EDGE,
    of="inside first, then the corners",
    change={"gamma < 0 or gamma >= 1": "gamma >= 1"},
    loses="corners",
    says="makes no sense",
)


@MULTITASK.wrong("efforts of 0 are refused", EDGE, loses="corners", says="stopped with ValueError")
def multitask(b, m, gamma):
    if b <= 0 or m <= 0:
        raise ValueError("b and m must be positive")
    if not 0 <= gamma < 1:
        raise ValueError("gamma must be from 0 to below 1")
    e1, e2 = np.linalg.solve(np.array([[1, gamma], [gamma, 1]]), np.array([b, m]))
    if e2 <= 0:
        e1, e2 = b, 0
    elif e1 <= 0:
        e1, e2 = 0, m
    return (float(e1), float(e2))


@MULTITASK.wrong("divides by gamma to find the corner", EDGE, loses="corners", says="stopped with ZeroDivisionError")
def multitask(b, m, gamma):
    if b < 0 or m < 0 or gamma < 0 or gamma >= 1:
        raise ValueError("no")
    if b >= m / gamma:
        return b, 0
    if m >= b / gamma:
        return 0, m
    return (b - gamma * m) / (1 - gamma**2), (m - gamma * b) / (1 - gamma**2)


@MULTITASK.wrong("the worked examples typed in", CONSTANT, says="the other corner")
def multitask(b, m, gamma):
    return (1.5, 0) if b == 1.5 else (0.95238, 0.11905)


HEAPING = BANK.task("heaping_index")


@HEAPING.right("a histogram with edges")
def heaping_index(minutes, cut=240, w=5):
    if not w > 0:
        raise ValueError("w")
    x = np.asarray(minutes, dtype=float)
    x = x[~np.isnan(x)]
    bins = np.floor((x - cut) / w + 1e-12)
    before, heap, after = ((bins == k).sum() for k in (-2, -1, 0))
    if before + after == 0:
        return float("nan")
    return heap / ((before + after) / 2)


@HEAPING.right("a loop over the waits")
def heaping_index(minutes, cut=240, w=5):
    if w <= 0:
        raise ValueError(f"w = {w}")
    heap = beside = 0
    for wait in minutes:
        wait = wait + 1e-12
        if cut - w <= wait < cut:
            heap += 1
        elif cut - 2 * w <= wait < cut - w or cut <= wait < cut + w:
            beside += 1
    return 2 * heap / beside if beside else np.nan


HEAPING.slip(
    "over the sum of the neighbours",
    MISCONCEPTION,
    of="a loop over the waits",
    change={"return 2 * heap / beside": "return heap / beside"},
    says="mean of the two neighbours",
)

HEAPING.slip(
    "exactly the target belongs below",
    BOUNDARY,
    of="a loop over the waits",
    change={"if cut - w <= wait < cut:": "if cut - w <= wait <= cut + 1e-12:"},
    loses="tests",
    says="belongs to the window above",
)

HEAPING.slip(
    "neighbours twice as wide",
    BOUNDARY,
    of="a loop over the waits",
    change={"cut - 2 * w <= wait < cut - w": "cut - 3 * w <= wait < cut - w"},
    loses="tests",
    says="so 3 / 2 = 1.5",
)

HEAPING.slip(
    "an empty neighbour is left out of the mean",
    EDGE,
    of="a histogram with edges",
    change={"return heap / ((before + after) / 2)": "return heap / np.mean([k for k in (before, after) if k])"},
    loses="edges",
    says="(2 + 0) / 2 = 1",
)

HEAPING.slip(
    "0 where nothing can be compared",
    EDGE,
    of="a loop over the waits",
    change={"if beside else np.nan": "if beside else 0.0"},
    loses="edges",
    says="so nan, not",
)

HEAPING.slip(
    "a window of no width is let through",
    EDGE,
    of="a loop over the waits",
    change={"if w <= 0:": "if w < 0:"},
    loses="edges",
    says="makes no window",
)


HEAPING.slip(
    "noise decides at an end",
    EDGE,
    of="a loop over the waits",
    change={"        wait = wait + 1e-12\n": ""},
    loses="tests",
    says="compare up to noise",
)


@HEAPING.wrong("numpy closes the last bin", BOUNDARY, loses="tests", says="which does not include it")
def heaping_index(minutes, cut=240, w=5):
    if w <= 0:
        raise ValueError("w must be above 0")
    waits = np.asarray(minutes, dtype=float)
    waits = waits[~np.isnan(waits)]
    below, last, above = np.histogram(waits, bins=np.round([cut - 2 * w, cut - w, cut, cut + w], 9))[0]
    if below + above == 0:
        return np.nan
    return last / ((below + above) / 2)


@HEAPING.wrong("against the whole density", MISCONCEPTION, says="not")
def heaping_index(minutes, cut=240, w=5):
    if w <= 0:
        raise ValueError("w")
    x = np.asarray(minutes, dtype=float)
    x = x[~np.isnan(x)]
    if not len(x):
        return np.nan
    heap = ((x >= cut - w) & (x < cut)).mean() / w
    return heap / (1 / (x.max() - x.min() + 1))


@HEAPING.wrong("rounds the waits in place", MUTATES, loses="tests", says="work on a copy")
def heaping_index(minutes, cut=240, w=5):
    if w <= 0:
        raise ValueError("w")
    x = np.array(list(minutes), dtype=float) + 1e-12
    if isinstance(minutes, pd.Series):
        minutes += 1
    beside = (((x >= cut - 2 * w) & (x < cut - w)) | ((x >= cut) & (x < cut + w))).sum()
    return 2 * ((x >= cut - w) & (x < cut)).sum() / beside if beside else np.nan


@HEAPING.wrong("the worked example typed in", CONSTANT, says="so 3 / 2 = 1.5")
def heaping_index(minutes, cut=240, w=5):
    return 2.0


TASKS = BANK.tasks

SAMPLES = (
    Sample(
        "weak",
        """
        To the committee: Somerset has been red in April, May and June 2025, which is three months in a row and cannot be
        accepted. In July it became amber (77.5%), so the measures that were taken in June are beginning to work. The target
        is 78%, so we are still half a point short.

        Performance fell in December 2024 to 67.7% because of poor leadership over the winter. Compared with other boards
        Somerset is in the middle. The mean is 74.8%.

        We ask the director of the hospital to explain in writing why the target was missed three times and to present a
        recovery plan at the next meeting. Staff should be reminded that four hours is a standard for patients. If the board
        is red again in September, the matter will be escalated. We are confident that with more focus Somerset will be
        green by Christmas.
        """,
        {
            "variation read correctly": (1, "a mean, but no limits; tells stories about months that are none"),
            "a question for learning, not blame": (0, "asks for an explanation of chance, and names a culprit"),
            "assurance still discharged": (1, "escalates a colour; no floor, and nobody decides anything"),
            "clarity": (1, "short, but the reader does not learn what is usual"),
        },
    ),
    Sample(
        "adequate",
        """
        Somerset: visits that end within four hours, June 2023 to July 2025.

        The page of colours says red, red, red, amber. The control chart says something else. The mean is 74.8%, and the
        limits are 68.9% and 80.8%. April (71.3%), May (73.0%) and June (75.7%) lie inside them, and so does July (77.5%).
        There is no run of eight on one side. The colour changed eight times in these two years, although the process hardly
        did. One month of 24 is a signal: December 2024, with 67.7%, just below the lower limit.

        So the question for this group is not why April was red. It is: what was different in December 2024? A hypothesis is
        that beds were full with people who were ready to go home. The hospital and the council could look together at the
        discharges of that month.

        A second matter is that the mean lies below the target of 78%, so we shall be amber or red in most months whatever
        anybody says. To change this, one part of the process would have to change for a few months, for example the hour of
        the first ward round, and we would look at the chart afterwards.

        The board should be told if a month falls below 68.9%. The system quality group decides about the look at December.
        """,
        {
            "variation read correctly": (3, "mean, limits, no run, one signal; leaves the ordinary months alone"),
            "a question for learning, not blame": (
                1,
                "a fair question and a hypothesis, but no pattern would count",
            ),
            "assurance still discharged": (2, "a floor and who decides, but not by when or who reports"),
            "clarity": (1, "readable; what is asked of whom comes late"),
        },
    ),
    Sample(
        "strong",
        """
        *For decision in two minutes: (1) look at one month, December 2024; (2) let one change run for twelve weeks; (3) replace
        the colour by a floor.*

        **What the chart shows.** From June 2023 to July 2025 Somerset's share within four hours has a mean of 74.8% and limits
        of 68.9% and 80.8%. The three red months and the amber one after them (71.3, 73.0, 75.7 and 77.5%) are four ordinary
        months. One month in 24 is a signal, December 2024 with 67.7%. No eight months lie on one side of the mean. In the same
        time the colour changed eight times; a process that never changed, with this mean and a standard deviation of 2.2
        points (limits to limits over six, less a little), would do about five a year by my function, so the colours tell us
        little more than that the target lies near the mean.

        **What it cannot show.** The board's figure is modelled from its hospitals; two months are missing; winters depend on
        one another; and a mean below 78% is a fact about how the work is built, which no single month explains. I began in
        June 2023 because in some boards what is counted changed there.

        **The question.** In which hour of the day do patients pass four hours, and what are they waiting for? Nobody is asked
        to defend anything: the clerk, the bed manager and the social worker each bring a week of times. *Hypothesis:* most
        wait for a bed that is free on paper after 3 p.m. *Test:* on two wards the first discharge is planned for 10 a.m., for
        twelve weeks. *What would count:* six of the following eight weeks above the weekly mean would make us go on; eight in
        a row would make us call it a change. If neither comes, we stop and say so.

        **Assurance.** The floor is the lower limit. A month below 68.9%, or a run of eight below the mean, goes from the chair
        of this group to the board's quality committee within five working days, with the chart and the question. The limits
        stay frozen until the test ends. December 2024 is such a month: the medical director reports on it at the September
        meeting. Whether two wards may be changed is decided by their own nurses and the bed manager, today.
        """,
        {
            "variation read correctly": (
                3,
                "own mean, limits, signal and flips; what the chart cannot show, and why it begins in 2023",
            ),
            "a question for learning, not blame": (
                2,
                "one question, a hypothesis, a test with patterns that count and that stop it",
            ),
            "assurance still discharged": (3, "floor, who to whom within five days, who decides, limits frozen"),
            "clarity": (2, "the first two lines say what is asked"),
        },
    ),
)
