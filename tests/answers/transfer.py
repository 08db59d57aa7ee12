"""Answers to exercise 14, *From pilot to nation*: right in many ways, and wrong in the ways of students."""

import datetime
import itertools
import math

import numpy as np
import pandas as pd

from . import BOUNDARY, CONSTANT, EDGE, MISCONCEPTION, MUTATES, Bank, Sample

BANK = Bank(__file__)

# --- 14.1 -------------------------------------------------------------------------------------------------------------

LIVE = BANK.task("go_live")


@LIVE.right("month by month")
def go_live(first_board):
    day = pd.Timestamp(first_board)
    if day is pd.NaT:
        return pd.NaT
    year, month = day.year, day.month
    for _ in range(3):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    return pd.Timestamp(year, month, 1)


@LIVE.right("pandas' months")
def go_live(first_board):
    if pd.isna(first_board):
        return pd.NaT
    return (pd.Timestamp(first_board).to_period("M") + 3).to_timestamp()


@LIVE.right("an offset, and the hour taken off")
def go_live(first_board):
    if first_board is None or first_board is pd.NaT:
        return pd.NaT
    start = pd.Timestamp(first_board).normalize().replace(day=1)
    return start + pd.DateOffset(months=3)


LIVE.slip(
    "the second month after",
    MISCONCEPTION,
    of="month by month",
    change={"range(3)": "range(2)"},
    says="so October is the third",
)
LIVE.slip(
    "the fourth month after",
    BOUNDARY,
    of="pandas' months",
    change={"+ 3)": "+ 4)"},
    says="October is the third",
)
LIVE.slip(
    "the hour stays",
    EDGE,
    of="an offset, and the hour taken off",
    change={".normalize()": ""},
    loses="tests",
    says="without an hour",
)
LIVE.slip(
    "the day of the meeting stays",
    MISCONCEPTION,
    of="an offset, and the hour taken off",
    change={".replace(day=1)": ""},
    loses="tests",
    says="not the day of the meeting",
)
LIVE.slip(
    "nothing for no meeting",
    EDGE,
    of="month by month",
    change={"    if day is pd.NaT:\n        return pd.NaT\n": "    if day is pd.NaT:\n        return None\n"},
    loses="edges",
    says="pd.NaT, not None",
)


@LIVE.wrong("ninety days", MISCONCEPTION, says="Three months are not 90 days")
def go_live(first_board):
    if pd.isna(first_board):
        return pd.NaT
    return pd.Timestamp(first_board) + pd.Timedelta(days=90)


@LIVE.wrong("a month 13", BOUNDARY, says="is there a month 0 or 13?")
def go_live(first_board):
    if pd.isna(first_board):
        return pd.NaT
    day = pd.Timestamp(first_board)
    return pd.Timestamp(day.year, day.month + 3, 1)


@LIVE.wrong("the rest of twelve", BOUNDARY, says="is there a month 0 or 13?")
def go_live(first_board):
    if pd.isna(first_board):
        return pd.NaT
    day = pd.Timestamp(first_board)
    year = day.year + (1 if day.month + 3 > 12 else 0)
    return pd.Timestamp(year, (day.month + 3) % 12, 1)


@LIVE.wrong(
    "the first of a month counts for the month before", BOUNDARY, loses="edges", says="like any other day of July"
)
def go_live(first_board):
    if pd.isna(first_board):
        return pd.NaT
    eve = pd.Timestamp(first_board).normalize() - pd.Timedelta(days=1)
    return (eve.to_period("M") + 3).to_timestamp()


@LIVE.wrong("a date", EDGE, says="must return a pd.Timestamp", using=["import datetime"])
def go_live(first_board):
    if pd.isna(first_board):
        return None
    day = pd.Timestamp(first_board)
    months = day.year * 12 + day.month - 1 + 3
    return datetime.date(months // 12, months % 12 + 1, 1)


@LIVE.wrong("texts only", EDGE, says="reads texts, dates and Timestamps")
def go_live(first_board):
    if first_board is None:
        return pd.NaT
    year, month = int(first_board[:4]), int(first_board[5:7])
    return pd.Timestamp(year + (month + 2) // 12, (month + 2) % 12 + 1, 1)


LIVE.slip(
    "a late hour makes the next day",
    EDGE,
    of="an offset, and the hour taken off",
    change={".normalize()": '.round("D")'},
    loses="tests",
    says="23:59:00 gives 2026-06-01",
)


@LIVE.wrong("the year turns in September", BOUNDARY, loses="tests edges", says="gives 2025-12-01, not 2026-12-01")
def go_live(first_board):
    if first_board is None or pd.isna(first_board):
        return pd.NaT
    day = pd.Timestamp(first_board)
    year = day.year + 1 if day.month >= 9 else day.year
    return pd.Timestamp(year, (day.month + 2) % 12 + 1, 1)


@LIVE.wrong("the worked example typed in", CONSTANT, says="gives 2026-03-01")
def go_live(first_board):
    return pd.Timestamp("2025-10-01")


# --- 14.2 -------------------------------------------------------------------------------------------------------------

TWFE = BANK.task("twfe")


@TWFE.right("means by groupby")
def twfe(df):
    d = df.reset_index(drop=True).copy()
    d["start"] = d["start"].astype("Float64").to_numpy(dtype=float, na_value=np.inf)
    d["D"] = (d["time"] >= d["start"]).astype(float)
    d["rest"] = (
        d["D"] - d.groupby("unit")["D"].transform("mean") - d.groupby("time")["D"].transform("mean") + d["D"].mean()
    )
    below = (d["rest"] ** 2).sum()
    if below < 1e-9:
        return np.nan
    return (d["rest"] * d["outcome"]).sum() / below


@TWFE.right("a regression with a column for each unit and time")
def twfe(df):
    start = (
        pd.to_numeric(df["start"].astype(float).fillna(10**6)).to_numpy()
        if df["start"].isna().any()
        else df["start"].to_numpy(float)
    )
    d = (df["time"].to_numpy(float) >= start).astype(float)
    levels = [np.ones(len(df))]
    for column in ("unit", "time"):
        for value in df[column].unique()[1:]:
            levels.append((df[column] == value).to_numpy(float))
    levels = np.column_stack(levels)
    rest = d - levels @ np.linalg.lstsq(levels, d, rcond=None)[0]
    if (rest**2).sum() < 1e-9:
        return float("nan")
    return float(rest @ df["outcome"].to_numpy(float) / (rest**2).sum())


@TWFE.right("loops and dicts")
def twfe(df):
    units, times = list(df["unit"].unique()), list(df["time"].unique())
    y, d = {}, {}
    for row in df.itertuples():
        y[row.unit, row.time] = float(row.outcome)
        d[row.unit, row.time] = 0.0 if pd.isna(row.start) else float(row.time >= row.start)
    of_unit = {u: sum(d[u, t] for t in times) / len(times) for u in units}
    of_time = {t: sum(d[u, t] for u in units) / len(units) for t in times}
    of_all = sum(d.values()) / len(d)
    above = below = 0.0
    for u in units:
        for t in times:
            r = d[u, t] - of_unit[u] - of_time[t] + of_all
            above += r * y[u, t]
            below += r * r
    return above / below if below >= 1e-9 else float("nan")


TWFE.slip(
    "levels of units only",
    MISCONCEPTION,
    of="loops and dicts",
    change={"- of_time[t] + of_all": ""},
    says="take those of the times out, too",
)
TWFE.slip(
    "levels of times only",
    MISCONCEPTION,
    of="loops and dicts",
    change={"- of_unit[u] - of_time[t] + of_all": "- of_time[t]"},
    says="take those of the units out, too",
)
TWFE.slip(
    "the mean of all is forgotten",
    BOUNDARY,
    of="loops and dicts",
    change={" + of_all": ""},
    says="Worked example: -4 / 3",
)
TWFE.slip(
    "begins one time later",
    BOUNDARY,
    of="loops and dicts",
    change={"row.time >= row.start": "row.time > row.start"},
    says="Worked example: -4 / 3",
)
TWFE.slip(
    "divides by nothing",
    EDGE,
    of="loops and dicts",
    change={'above / below if below >= 1e-9 else float("nan")': 'above / below if below else float("nan")'},
    says="nan",
)
TWFE.slip(
    "0 where nothing is left",
    EDGE,
    of="loops and dicts",
    change={'float("nan")': "0.0"},
    says="so nan, not 0.0",
)
TWFE.slip(
    "rounded to two decimals",
    BOUNDARY,
    of="loops and dicts",
    change={"return above / below if": "return round(above / below, 2) if"},
    says="Worked example: -4 / 3",
)


TWFE.slip(
    "a start of 0 means never",
    EDGE,
    of="loops and dicts",
    change={"0.0 if pd.isna(row.start)": "0.0 if pd.isna(row.start) or row.start <= 0"},
    says="they are times like any other",
)
TWFE.slip(
    "nan where there is no effect",
    EDGE,
    of="loops and dicts",
    change={"if below >= 1e-9": "if abs(above) >= 1e-9"},
    says="nan is for nothing to compare",
)


@TWFE.wrong("who has it against who has not", MISCONCEPTION, says="each unit and each time has a level of its own")
def twfe(df):
    treated = np.array([not pd.isna(g) and t >= g for t, g in zip(df["time"], df["start"])])
    y = df["outcome"].to_numpy(float)
    return y[treated].mean() - y[~treated].mean() if treated.any() else np.nan


@TWFE.wrong("units from the beginning on are left out", EDGE, says="A began before the first year")
def twfe(df):
    df = df[df["start"].isna() | (df["start"] > df["time"].min())]
    units, times = list(df["unit"].unique()), list(df["time"].unique())
    y = df.set_index(["unit", "time"])["outcome"]
    start = {row.unit: (10**6 if pd.isna(row.start) else row.start) for row in df.itertuples()}
    D = np.array([[float(t >= start[u]) for t in times] for u in units])
    R = D - D.mean(1, keepdims=True) - D.mean(0) + D.mean()
    if (R**2).sum() < 1e-9:
        return np.nan
    return sum(R[i, k] * y[u, t] for i, u in enumerate(units) for k, t in enumerate(times)) / (R**2).sum()


@TWFE.wrong("sorts the table in place", MUTATES, says="changed the table that was passed in")
def twfe(df):
    df["start"] = df["start"].astype("Float64").to_numpy(dtype=float, na_value=np.inf)
    df["D"] = (df["time"] >= df["start"]).astype(float)
    rest = (
        df["D"] - df.groupby("unit")["D"].transform("mean") - df.groupby("time")["D"].transform("mean") + df["D"].mean()
    )
    below = (rest.to_numpy() ** 2).sum()
    return np.nan if below < 1e-9 else (rest.to_numpy() * df["outcome"].to_numpy()).sum() / below


@TWFE.wrong("rows are taken as they come", EDGE, says="in another order, start of type Int64")
def twfe(df):
    n = df["unit"].nunique()
    y = df["outcome"].to_numpy(float).reshape(n, -1)
    time = df["time"].to_numpy(float).reshape(n, -1)
    start = df["start"].astype("Float64").to_numpy(dtype=float, na_value=np.inf).reshape(n, -1)
    D = (time >= start).astype(float)
    R = D - D.mean(axis=1, keepdims=True) - D.mean(axis=0) + D.mean()
    return float("nan") if (R**2).sum() < 1e-9 else (R * y).sum() / (R**2).sum()


@TWFE.wrong("pandas' missing value stops it", EDGE, says="start of type Int64: it stopped with")
def twfe(df):
    y = df.pivot(index="unit", columns="time", values="outcome")
    start = df.groupby("unit")["start"].first()
    D = np.array([[1.0 if bool(t >= start[u]) else 0.0 for t in y.columns] for u in y.index])
    R = D - D.mean(axis=1, keepdims=True) - D.mean(axis=0) + D.mean()
    return float("nan") if (R**2).sum() < 1e-9 else float((R * y.to_numpy(float)).sum() / (R**2).sum())


@TWFE.wrong("the worked example typed in", CONSTANT, says="A unit that never begins")
def twfe(df):
    return -4 / 3


ATT = BANK.task("att_gt")


@ATT.right("loops over cohorts, times and units")
def att_gt(df, control="notyet"):
    if control != "notyet" and control != "never":
        raise ValueError(control)
    y, start = {}, {}
    for row in df.itertuples():
        y[row.unit, int(row.time)] = float(row.outcome)
        start[row.unit] = None if pd.isna(row.start) else int(row.start)
    times = sorted({t for _, t in y})
    rows = []
    for g in sorted({g for g in start.values() if g is not None}):
        if g not in times or g - 1 not in times:
            continue
        own = [u for u in start if start[u] == g]
        for t in times:
            if control == "never":
                others = [u for u in start if start[u] is None or start[u] > times[-1]]
            else:
                others = [u for u in start if start[u] is None or (start[u] > max(t, g - 1) and start[u] != g)]
            if not others:
                continue
            rise = sum(y[u, t] - y[u, g - 1] for u in own) / len(own)
            other = sum(y[u, t] - y[u, g - 1] for u in others) / len(others)
            rows.append({"start": g, "time": t, "att": rise - other, "units": len(own)})
    return pd.DataFrame(rows, columns=["start", "time", "att", "units"])


@ATT.right("means of cohorts, weighted")
def att_gt(df, control="notyet"):
    if control not in {"notyet", "never"}:
        raise ValueError("control")
    d = df.copy()
    d["start"] = d["start"].astype("Float64").to_numpy(dtype=float, na_value=np.inf)
    mean = d.groupby(["start", "time"])["outcome"].mean().unstack()
    size = d.groupby("start")["unit"].nunique()
    out = []
    for g in mean.index:
        if g not in mean.columns or g - 1 not in mean.columns:
            continue
        for t in mean.columns:
            latest = mean.columns.max() if control == "never" else max(t, g - 1)
            late = [h for h in mean.index if h > latest and h != g]
            if len(late) == 0:
                continue
            change = mean[t] - mean[g - 1]
            weights = size[late]
            out.append([int(g), int(t), change[g] - (change[late] * weights).sum() / weights.sum(), int(size[g])])
    return pd.DataFrame(out, columns=["start", "time", "att", "units"])


ATT.right("loops, and a helper called mean")(
    """
    def mean(values):
        return sum(values) / len(values)


    def att_gt(df, control="notyet"):
        if control != "notyet" and control != "never":
            raise ValueError(control)
        y, begin = {}, {}
        for u, t, out, s in zip(df["unit"], df["time"], df["outcome"], df["start"]):
            y[u, int(t)] = float(out)
            begin[u] = float("inf") if pd.isna(s) else float(s)
        times = sorted({t for u, t in y})
        rows = []
        for g in sorted(set(begin.values())):
            if g == float("inf") or g not in times or g - 1 not in times:
                continue
            g = int(g)
            own = [u for u in begin if begin[u] == g]
            for t in times:
                if control == "never":
                    rest = [u for u in begin if begin[u] > max(times)]
                else:
                    rest = [u for u in begin if begin[u] > max(t, g - 1) and u not in own]
                if rest:
                    gain = mean([y[u, t] - y[u, g - 1] for u in own])
                    trend = mean([y[u, t] - y[u, g - 1] for u in rest])
                    rows.append({"start": g, "time": t, "att": gain - trend, "units": len(own)})
        return pd.DataFrame(rows, columns=["start", "time", "att", "units"])
    """
)


for _name, _kind, _change, _loses, _says in (
    ("only who never begins", MISCONCEPTION, {'if control == "never":': "if True:"}, "", "B and C begin later than 2"),
    (
        "the cohort is its own control",
        MISCONCEPTION,
        {" and start[u] != g": ""},
        "",
        "The cohort itself is among its controls",
    ),
    (
        "controls are asked at t only",
        MISCONCEPTION,
        {"max(t, g - 1)": "t"},
        "",
        "A begins at 2, so it is no control of cohort 3",
    ),
    (
        "who begins at t is a control",
        BOUNDARY,
        {"start[u] > max": "start[u] >= max"},
        "",
        "B and C have the programme at 3",
    ),
    (
        "everybody else is a control",
        MISCONCEPTION,
        {"start[u] > max(t, g - 1) and start[u] != g": "start[u] != g"},
        "",
        "B and C have the programme at 3",
    ),
    (
        "from the start on only",
        BOUNDARY,
        {"        for t in times:": "        for t in [t for t in times if t >= g]:"},
        "",
        "also those before the start",
    ),
    (
        "without the base",
        BOUNDARY,
        {"            if not others:": "            if not others or t == g - 1:"},
        "",
        "make six rows",
    ),
    (
        "before the start, from the time before",
        MISCONCEPTION,
        {
            "rise = sum(y[u, t] - y[u, g - 1]": "rise = sum(y[u, t] - y[u, g - 1 if t >= g - 1 else t + 1]",
            "other = sum(y[u, t] - y[u, g - 1]": "other = sum(y[u, t] - y[u, g - 1 if t >= g - 1 else t + 1]",
            "rows.append({": "sign = 1 if t >= g - 1 else -1\n            rows.append({",
            '"att": rise - other': '"att": sign * (rise - other)',
        },
        "",
        "B is 20 - 21",
    ),
    (
        "since the first time",
        MISCONCEPTION,
        {
            "rise = sum(y[u, t] - y[u, g - 1]": "rise = sum(y[u, t] - y[u, times[0]]",
            "other = sum(y[u, t] - y[u, g - 1]": "other = sum(y[u, t] - y[u, times[0]]",
        },
        "",
        "runs since g - 1 = 2",
    ),
    (
        "nan where nobody is left",
        EDGE,
        {
            "            if not others:\n                continue\n": "",
            "/ len(others)": '/ len(others) if others else float("nan")',
        },
        "edges",
        "is left out, and not nan",
    ),
    (
        "another word is the usual one",
        EDGE,
        {'    if control != "notyet" and control != "never":\n        raise ValueError(control)\n': ""},
        "edges",
        'for "later" raise ValueError',
    ),
    (
        "the last time makes a cohort",
        EDGE,
        {"g not in times or g - 1 not in times": "g - 1 not in times"},
        "edges",
        "begin after the last time, so they make no cohort",
    ),
    (
        "who begins after the last time is no control",
        EDGE,
        {"start[u] is None or start[u] > times[-1]]": "start[u] is None]"},
        "edges",
        "do not begin within the table",
    ),
    (
        "the number of controls",
        BOUNDARY,
        {'"units": len(own)': '"units": len(others)'},
        "tests",
        "units is how many units the cohort has",
    ),
    (
        "without columns where nothing is left",
        EDGE,
        {'pd.DataFrame(rows, columns=["start", "time", "att", "units"])': "pd.DataFrame(rows)"},
        "edges",
        "also without a row",
    ),
    (
        "times first",
        BOUNDARY,
        {'"units"])': '"units"]).sort_values(["time", "start"])'},
        "",
        "Sort the rows by start, then by time",
    ),
):
    ATT.slip(_name, _kind, of="loops over cohorts, times and units", change=_change, loses=_loses, says=_says)
ATT.slip(
    "cohorts count once each among the controls",
    BOUNDARY,
    of="means of cohorts, weighted",
    change={"(change[late] * weights).sum() / weights.sum()": "change[late].mean()"},
    loses="tests",
    says="cohort 2 at 2 and 3 gives 3 and 6",
)
ATT.slip(
    "writes floats into the table",
    MUTATES,
    of="means of cohorts, weighted",
    change={"d = df.copy()": "d = df"},
    loses="tests",
    says="changed the table that was passed in",
)


ATT.slip(
    "the last row has the last time",
    BOUNDARY,
    of="loops over cohorts, times and units",
    change={"start[u] > times[-1]": "start[u] > row.time"},
    loses="edges",
    says="the last time is the largest",
)
ATT.slip(
    "the word is read in the loop",
    EDGE,
    of="loops over cohorts, times and units",
    change={
        '    if control != "notyet" and control != "never":\n        raise ValueError(control)\n': "",
        "            else:\n": '            elif control != "notyet":\n                raise ValueError\n            else:\n',
    },
    loses="edges",
    says="raises ValueError also where nobody begins",
)
ATT.slip(
    "times are counted from 1",
    MISCONCEPTION,
    of="loops over cohorts, times and units",
    change={"y[row.unit, int(row.time)]": 'y[row.unit, int(row.time - df["time"].min() + 1)]'},
    says="instead of 1, 2 and 3",
)


@ATT.wrong("the worked example typed in", CONSTANT, says="With control=")
def att_gt(df, control="notyet"):
    rows = [(2, 1, 0.0, 1), (2, 2, 3.0, 1), (2, 3, 6.0, 1), (3, 1, 1.5, 2), (3, 2, 0.0, 2), (3, 3, 4.0, 2)]
    return pd.DataFrame(rows, columns=["start", "time", "att", "units"])


AGG = BANK.task("aggregate")


@AGG.right("a loop over the rows")
def aggregate(att):
    above, below = 0.0, 0.0
    for row in att.itertuples():
        if row.time >= row.start:
            above += row.units * row.att
            below += row.units
    return above / below if below else float("nan")


@AGG.right("numpy's average")
def aggregate(att):
    after = (att["time"] >= att["start"]).to_numpy(dtype=bool)
    if not after.any():
        return np.nan
    return np.average(att["att"].to_numpy(dtype=float)[after], weights=att["units"].to_numpy(dtype=float)[after])


for _name, _kind, _change, _says in (
    (
        "each row counts once",
        MISCONCEPTION,
        {"row.units * row.att": "row.att", "below += row.units": "below += 1"},
        "Weigh each row by its units",
    ),
    (
        "all rows count",
        MISCONCEPTION,
        {"        if row.time >= row.start:": "        if True:"},
        "Only rows from the start on count",
    ),
    ("after the start only", BOUNDARY, {"row.time >= row.start": "row.time > row.start"}, "time at or after start"),
    ("a sum", BOUNDARY, {"above / below if below": "above if below"}, "Worked example: 4.25"),
    ("0 where nothing is left", EDGE, {'float("nan")': "0.0"}, "nan, not 0.0"),
    ("divides by nothing", EDGE, {' if below else float("nan")': ""}, "nan, before you divide"),
    ("rounded", BOUNDARY, {"return above / below if": "return round(above / below, 2) if"}, "131, 20 and 40 units"),
    (
        "an effect of 0 is left out",
        EDGE,
        {"if row.time >= row.start:": "if row.time >= row.start and row.att:"},
        "An effect of 0 is an effect: 0 and 4",
    ),
    ("nan where the effects add up to 0", EDGE, {"if below else": "if above else"}, "nan is for no row at all"),
):
    AGG.slip(_name, _kind, of="a loop over the rows", change=_change, says=_says)


@AGG.wrong("a mean of the cohorts' means", MISCONCEPTION, says="a mean of the means of the cohorts")
def aggregate(att):
    after = att[att["time"] >= att["start"]]
    if len(after) == 0:
        return np.nan
    by = after.groupby("start").agg(att=("att", "mean"), units=("units", "first"))
    return (by["att"] * by["units"]).sum() / by["units"].sum()


@AGG.wrong("sorts and trims the table", MUTATES, says="changed the table that was passed in")
def aggregate(att):
    att.sort_values(["time", "start"], inplace=True)
    after = att[att["time"] >= att["start"]]
    return (after["att"] * after["units"]).sum() / after["units"].sum() if len(after) else np.nan


@AGG.wrong("the first rows are before the start", EDGE, says="The same rows in another order")
def aggregate(att):
    a, n = att["att"].to_numpy(float), att["units"].to_numpy(float)
    e = (att["time"] - att["start"]).to_numpy()
    first = {g: int(np.argmax((att["start"] == g).to_numpy())) for g in att["start"].unique()}
    keep = np.array([k != first[g] and e[k] >= 0 for k, g in enumerate(att["start"])], dtype=bool)
    return (a[keep] * n[keep]).sum() / n[keep].sum() if keep.any() else np.nan


@AGG.wrong("the worked example typed in", CONSTANT, says="No row from the start on")
def aggregate(att):
    return 4.25


# --- 14.3 -------------------------------------------------------------------------------------------------------------

STUDY = BANK.task("event_study")


@STUDY.right("a loop over rows of dicts")
def event_study(att, window):
    cohorts = set(att["start"])
    rows = []
    for e in range(-window, window + 1):
        weights, total, seen = 0.0, 0.0, 0
        for row in att.itertuples():
            if row.time - row.start == e:
                weights += row.units
                total += row.units * row.att
                seen += 1
        if e == -1:
            rows.append({"e": e, "est": 0.0, "n_cohorts": len(cohorts), "balanced": True})
        else:
            est = total / weights if seen else float("nan")
            rows.append({"e": e, "est": est, "n_cohorts": seen, "balanced": seen == len(cohorts)})
    return pd.DataFrame(rows)


@STUDY.right("groupby and reindex")
def event_study(att, window):
    d = att.assign(e=att["time"] - att["start"], product=att["att"] * att["units"])
    by = d.groupby("e").agg(product=("product", "sum"), units=("units", "sum"), n=("start", "nunique"))
    by = by.reindex(range(-window, window + 1))
    out = pd.DataFrame(
        {
            "e": by.index,
            "est": (by["product"] / by["units"]).to_numpy(),
            "n_cohorts": by["n"].fillna(0).astype(int).to_numpy(),
        }
    )
    out.loc[out["e"] == -1, "est"] = 0.0
    out.loc[out["e"] == -1, "n_cohorts"] = att["start"].nunique()
    out["balanced"] = out["n_cohorts"] == att["start"].nunique()
    return out


for _name, _kind, _change, _loses, _says in (
    (
        "each cohort counts once",
        MISCONCEPTION,
        {"weights += row.units": "weights += 1", "total += row.units * row.att": "total += row.att"},
        "",
        "Weigh each cohort by its units",
    ),
    ("sums", BOUNDARY, {"est = total / weights if seen": "est = total if seen"}, "", "a mean, not a sum"),
    (
        "from the time of the start less",
        BOUNDARY,
        {"row.time - row.start == e": "row.start - row.time == e"},
        "",
        "1.5, 0 and 6",
    ),
    ("0 where nobody is", EDGE, {'float("nan")': "0.0"}, "", "nan, not 0.0"),
    ("the window ends before its end", BOUNDARY, {"window + 1": "window"}, "", "One row for each e"),
    ("starts at the reference", BOUNDARY, {"range(-window, ": "range(-1, "}, "", "One row for each e"),
    (
        "the reference counts its rows",
        EDGE,
        {'"n_cohorts": len(cohorts), "balanced": True': '"n_cohorts": seen, "balanced": seen == len(cohorts)'},
        "edges",
        "both cohorts count",
    ),
    ("the reference is not set", EDGE, {"if e == -1:": "if False:"}, "edges", "e = -1 is the reference"),
    (
        "only cohorts of the window",
        EDGE,
        {'cohorts = set(att["start"])': 'cohorts = set(att["start"][(att["time"] - att["start"]).abs() <= window])'},
        "edges",
        "it still is a cohort",
    ),
    (
        "balanced means somebody",
        MISCONCEPTION,
        {"seen == len(cohorts)": "seen > 0"},
        "",
        "balanced is True at e = -1 and 0 only",
    ),
    ("units are counted", BOUNDARY, {"seen += 1": "seen += row.units"}, "", "cohorts"),
    ("rounded", BOUNDARY, {"est = total / weights if": "est = round(total / weights, 2) if"}, "tests", "1.7456"),
    (
        "equal effects are one cohort",
        EDGE,
        {
            "weights, total, seen = 0.0, 0.0, 0": "weights, total, seen, found = 0.0, 0.0, 0, set()",
            "seen += 1": "found.add(row.att)\n                seen = len(found)",
        },
        "tests",
        "have a row for e = -4 to 4",
    ),
    (
        "an effect of 0 is left out",
        EDGE,
        {"if row.time - row.start == e:": "if row.time - row.start == e and row.att:"},
        "tests",
        "An effect of 0 is an effect: at e = 0",
    ),
):
    STUDY.slip(_name, _kind, of="a loop over rows of dicts", change=_change, loses=_loses, says=_says)


@STUDY.wrong("a column in the table", MUTATES, loses="tests", says="changed the table that was passed in")
def event_study(att, window):
    att["e"] = att["time"] - att["start"]
    rows, all_of = [], att["start"].nunique()
    for e in range(-window, window + 1):
        part = att[att["e"] == e]
        n = all_of if e == -1 else len(part)
        est = 0.0 if e == -1 else (np.average(part["att"], weights=part["units"]) if n else np.nan)
        rows.append((e, est, n, n == all_of))
    return pd.DataFrame(rows, columns=["e", "est", "n_cohorts", "balanced"])


@STUDY.wrong("only times that are there", EDGE, says="One row for each e")
def event_study(att, window):
    rows, all_of = [], att["start"].nunique()
    for e, part in att.groupby(att["time"].to_numpy() - att["start"].to_numpy()):
        if abs(e) <= window:
            n = all_of if e == -1 else len(part)
            rows.append((e, 0.0 if e == -1 else np.average(part["att"], weights=part["units"]), n, n == all_of))
    return pd.DataFrame(rows, columns=["e", "est", "n_cohorts", "balanced"])


@STUDY.wrong("weights of the whole table", MISCONCEPTION, says="each e has its own weights")
def event_study(att, window):
    size = att.drop_duplicates("start").set_index("start")["units"]
    rows = []
    for e in range(-window, window + 1):
        part = att[(att["time"] - att["start"]).to_numpy() == e]
        n = len(size) if e == -1 else len(part)
        est = 0.0 if e == -1 else ((part["att"] * part["units"]).sum() / size.sum() if n else np.nan)
        rows.append((e, est, n, n == len(size)))
    return pd.DataFrame(rows, columns=["e", "est", "n_cohorts", "balanced"])


@STUDY.wrong("the worked example typed in", CONSTANT, says="in this order, not")
def event_study(att, window):
    est = [1.5, 0.0, 4.5, 6.0, np.nan]
    return pd.DataFrame(
        {
            "e": [-2, -1, 0, 1, 2],
            "est": est,
            "n_cohorts": [1, 2, 2, 1, 0],
            "balanced": [False, True, True, False, False],
        }
    )


# --- 14.4 -------------------------------------------------------------------------------------------------------------

POWER = BANK.task("sw_power")


@POWER.right("a matrix of zeros and ones")
def sw_power(regions, steps, n, icc, effect, baseline=1):
    from statistics import NormalDist

    if steps < 1 or steps > regions or n < 1 or icc < 0 or icc >= 1 or baseline < 0:
        raise ValueError("no such plan")
    T = steps + baseline
    X = np.zeros((regions, T))
    region = 0
    for step in range(steps):
        size = regions // steps
        if step < regions % steps:
            size = size + 1
        X[region : region + size, baseline + step :] = 1
        region = region + size
    sigma2 = (1 - icc) / n
    tau2 = icc
    U = X.sum()
    W = (X.sum(axis=0) ** 2).sum()
    V = (X.sum(axis=1) ** 2).sum()
    I = regions
    below = (I * U - W) * sigma2 + (U**2 + I * T * U - T * W - I * V) * tau2
    if below == 0:
        return np.inf, 0.025
    variance = I * sigma2 * (sigma2 + T * tau2) / below
    return variance, NormalDist().cdf(abs(effect) / np.sqrt(variance) - 1.96)


@POWER.right("counts of periods, and the error function", using=["import itertools\nimport math"])
def sw_power(regions, steps, n, icc, effect, baseline=1):
    if not 1 <= steps <= regions or n < 1 or not 0 <= icc < 1 or baseline < 0:
        raise ValueError("argument")
    sizes = [len(part) for part in np.array_split(range(regions), steps)]
    periods = [steps - k for k in range(steps)]
    total = steps + baseline
    U = sum(size * p for size, p in zip(sizes, periods))
    V = sum(size * p * p for size, p in zip(sizes, periods))
    W = sum(begun**2 for begun in itertools.accumulate(sizes))
    s, t = (1 - icc) / n, icc
    if len(sizes) == 1:
        return math.inf, 0.025
    var = (
        regions
        * s
        * (s + total * t)
        / ((regions * U - W) * s + (U * U + regions * total * U - total * W - regions * V) * t)
    )
    z = abs(effect) / math.sqrt(var) - 1.959964
    return var, 0.5 * (1 + math.erf(z / math.sqrt(2)))


for _name, _kind, _change, _loses, _says in (
    (
        "1 within regions",
        MISCONCEPTION,
        {"sigma2 = (1 - icc) / n": "sigma2 = 1 / n", "tau2 = icc\n": "tau2 = icc / (1 - icc)\n"},
        "tests",
        "standard deviation within regions as 1",
    ),
    (
        "the baseline is no period",
        MISCONCEPTION,
        {"I * T * U - T * W": "I * steps * U - steps * W", "sigma2 + T * tau2": "sigma2 + steps * tau2"},
        "tests",
        "There are steps + baseline periods",
    ),
    (
        "periods and regions exchanged",
        BOUNDARY,
        {"W = (X.sum(axis=0)": "W = (X.sum(axis=1)", "V = (X.sum(axis=1)": "V = (X.sum(axis=0)"},
        "tests edges",
        "the wrong way round",
    ),
    (
        "the standard error",
        BOUNDARY,
        {"    return variance, NormalDist": "    return np.sqrt(variance), NormalDist"},
        "tests",
        "That is the standard error",
    ),
    (
        "the sign of the effect counts",
        EDGE,
        {"abs(effect)": "effect"},
        "tests",
        "An effect of -1 is as large as one of 1",
    ),
    ("on one side", MISCONCEPTION, {"- 1.96)": "- 1.645)"}, "tests edges", "not 1.645"),
    ("without the 1.96", MISCONCEPTION, {" - 1.96)": ")"}, "tests edges", "Take 1.96 off before you ask"),
    (
        "nan where all begin at once",
        EDGE,
        {"return np.inf, 0.025": "return np.nan, 0.025"},
        "edges",
        "the variance is inf, not nan",
    ),
    ("no power at all", EDGE, {"return np.inf, 0.025": "return np.inf, 0.0"}, "edges", "the power is 0.025, not 0.0"),
    (
        "an icc of 1",
        EDGE,
        {"icc >= 1": "icc > 1", "sigma2 = (1 - icc) / n": "sigma2 = max(1 - icc, 1e-9) / n"},
        "edges",
        "an icc of 1: raise ValueError",
    ),
    (
        "more steps than regions",
        EDGE,
        {" or steps > regions": ""},
        "edges",
        "more steps than regions: raise ValueError",
    ),
    (
        "the baseline is not checked",
        EDGE,
        {" or baseline < 0": "", "T = steps + baseline": "baseline = max(baseline, 0)\n    T = steps + baseline"},
        "edges",
        "a baseline below 0: raise ValueError",
    ),
    ("needs a baseline", BOUNDARY, {"baseline < 0": "baseline < 1"}, "tests edges", "stopped with"),
    (
        "always one period before",
        EDGE,
        {"T = steps + baseline": "baseline = 1\n    T = steps + baseline"},
        "tests",
        "The worked example with baseline=2",
    ),
    (
        "steps in the middle take one more",
        BOUNDARY,
        {"step < regions % steps": "step in range(steps // 2, steps // 2 + regions % steps)"},
        "tests",
        "12 regions in 5 steps",
    ),
    (
        "the rest into the last step",
        BOUNDARY,
        {"step < regions % steps": "step == steps - 1", "size = size + 1": "size = regions - region"},
        "tests",
        "the rest does not all go into the last",
    ),
    (
        "full steps until nobody is left",
        BOUNDARY,
        {"size = regions // steps": "size = -(-regions // steps)", "step < regions % steps": "False"},
        "tests",
        "12 regions in 5 steps",
    ),
    (
        "cut at multiples rounded up",
        BOUNDARY,
        {
            "size = regions // steps": "size = -(-regions * (step + 1) // steps) - region",
            "step < regions % steps": "False",
        },
        "tests",
        "12 regions in 5 steps",
    ),
    (
        "the variance is rounded",
        BOUNDARY,
        {"I * sigma2 * (sigma2 + T * tau2) / below": "round(I * sigma2 * (sigma2 + T * tau2) / below, 5)"},
        "tests",
        "12 regions in 4 steps",
    ),
):
    POWER.slip(_name, _kind, of="a matrix of zeros and ones", change=_change, loses=_loses, says=_says)
POWER.slip(
    "divides by nothing",
    EDGE,
    of="counts of periods, and the error function",
    change={"    if len(sizes) == 1:\n        return math.inf, 0.025\n": ""},
    loses="edges",
    says="before you divide",
)


@POWER.wrong("the worked example typed in", CONSTANT, says="5 regions in 3 steps")
def sw_power(regions, steps, n, icc, effect, baseline=1):
    return 0.14, 0.76196


# --- 14.5 -------------------------------------------------------------------------------------------------------------

PLAN = BANK.task("rollout_plan")


@PLAN.right("shuffled lists, and a wheel of steps", using=["import itertools"])
def rollout_plan(regions, steps, strata, seed, first=None):
    if steps < 1 or len(regions) != len(set(regions)):
        raise ValueError("steps or regions")
    if first is not None and first not in regions:
        raise ValueError(first)
    rng = np.random.default_rng(seed)
    groups = {}
    for name in regions:
        if name == first:
            continue
        if name not in strata:
            raise ValueError(name)
        groups.setdefault(strata[name], []).append(name)
    result = {name: 0 for name in regions}
    wheel = itertools.cycle(range(1, steps + 1))
    for stratum in groups:
        members = list(groups[stratum])
        rng.shuffle(members)
        for name in members:
            result[name] = next(wheel)
    return pd.Series(result)


@PLAN.right("one shuffle, and a stable sort by stratum")
def rollout_plan(regions, steps, strata, seed, first=None):
    names = [str(r) for r in regions]
    table = dict(strata)
    others = [r for r in names if r != first]
    if steps <= 0 or len(set(names)) < len(names) or not all(r in table for r in others):
        raise ValueError("no plan")
    if not (first is None or first in names):
        raise ValueError("first is not a region")
    shuffled = [others[k] for k in np.random.default_rng(seed).permutation(len(others))]
    shuffled.sort(key=lambda r: table[r])
    out = pd.Series(0, index=names)
    out[shuffled] = np.arange(len(shuffled)) % steps + 1
    return out


@PLAN.right("many exchanges within strata", using=["import itertools"])
def rollout_plan(regions, steps, strata, seed, first=None):
    others = [r for r in regions if r != first]
    if steps < 1 or len(set(regions)) < len(regions) or (first is not None and len(others) == len(regions)):
        raise ValueError("no")
    kind = dict(strata)
    if any(r not in kind for r in others):
        raise ValueError("no stratum")
    rng = np.random.default_rng(seed)
    left = sorted(others, key=lambda r: (kind[r], rng.random()))
    plan = {r: i % steps + 1 for i, r in enumerate(left)}
    for _ in range(200):  # exchanges within strata keep all counts
        for a, b in itertools.combinations(others, 2):
            if kind[a] == kind[b] and rng.random() < 0.5:
                plan[a], plan[b] = plan[b], plan[a]
    return pd.Series([plan.get(r, 0) for r in regions], index=list(regions))


@PLAN.right("a table, sorted by stratum and draw")
def rollout_plan(regions, steps, strata, seed, first=None):
    data = pd.DataFrame({"name": list(regions)})
    if steps < 1 or data["name"].duplicated().any():
        raise ValueError("steps below 1 or a region twice")
    if first is not None and first not in set(data["name"]):
        raise ValueError("first is unknown")
    rest = data[data["name"] != first].copy() if first is not None else data.copy()
    rest["stratum"] = rest["name"].map(dict(strata))
    if rest["stratum"].isna().any():
        raise ValueError("a region without stratum")
    rng = np.random.default_rng(seed)
    rest["draw"] = rng.random(len(rest))
    rest = rest.sort_values(["stratum", "draw"])
    rest["step"] = np.arange(len(rest)) % steps + 1
    return rest.set_index("name")["step"].reindex(list(regions)).fillna(0).astype(int)


for _name, _kind, _change, _loses, _says in (
    (
        "starts anew at each stratum",
        MISCONCEPTION,
        {
            "    for stratum in groups:": "    for stratum in groups:\n        wheel = itertools.cycle(range(1, steps + 1))"
        },
        "tests edges",
        "do not start anew at each stratum",
    ),
    (
        "as they stand in the list",
        MISCONCEPTION,
        {"        rng.shuffle(members)\n": ""},
        "tests",
        "chance decides within each stratum",
    ),
    (
        "another plan at each call",
        BOUNDARY,
        {
            "default_rng(seed)": "default_rng([seed, next(calls)])",
            "def rollout_plan(": "calls = iter(range(10**6))\n\n\ndef rollout_plan(",
        },
        "tests",
        "The same seed gives the same plan",
    ),
    ("steps from 0", BOUNDARY, {"range(1, steps + 1)": "range(steps)"}, "tests edges", "Steps run from 1 to"),
    (
        "steps from the last",
        BOUNDARY,
        {"range(1, steps + 1)": "range(steps, 0, -1)"},
        "tests edges",
        "the earlier ones take one more",
    ),
    (
        "a region twice",
        EDGE,
        {" or len(regions) != len(set(regions))": ""},
        "edges",
        "A stands twice: raise ValueError",
    ),
    (
        "first needs not be there",
        EDGE,
        {"    if first is not None and first not in regions:\n        raise ValueError(first)\n": ""},
        "edges",
        "N is first, and not among the regions",
    ),
    (
        "no stratum is one, too",
        EDGE,
        {
            "        if name not in strata:\n            raise ValueError(name)\n": "",
            "strata[name], []": "strata.get(name), []",
        },
        "edges",
        "N has no stratum: raise ValueError",
    ),
    (
        "first needs a stratum",
        EDGE,
        {
            "        if name == first:\n            continue\n        if name": "        if name",
            "raise ValueError(name)\n": "raise ValueError(name)\n        if name == first:\n            continue\n",
        },
        "edges",
        "stopped with ValueError",
    ),
    ("a step 0", EDGE, {"if steps < 1 or": "steps = max(steps, 1)\n    if"}, "edges", "no step: raise ValueError"),
    (
        "first is dealt a step",
        MISCONCEPTION,
        {"if name == first:": "if name == first and False:"},
        "tests edges",
        "has begun already: step 0",
    ),
    (
        "first may stand twice",
        EDGE,
        {
            "len(regions) != len(set(regions))": "len(regions) - regions.count(first) != len(set(regions) - {first})",
        },
        "edges",
        "first stands twice: raise ValueError",
    ),
    (
        "first is in the strata only",
        EDGE,
        {"first not in regions:": "first not in regions and first not in strata:"},
        "edges",
        "C is first, has a stratum",
    ),
    (
        "takes first out of the dict",
        MUTATES,
        {"    groups = {}": "    if isinstance(strata, dict):\n        strata.pop(first, None)\n    groups = {}"},
        "tests edges",
        "leave first out of a dict of your own",
    ),
):
    PLAN.slip(_name, _kind, of="shuffled lists, and a wheel of steps", change=_change, loses=_loses, says=_says)


@PLAN.wrong(
    "one shuffle, whatever the stratum", MISCONCEPTION, loses="tests", says="regions in the steps, and they may differ"
)
def rollout_plan(regions, steps, strata, seed, first=None):
    others = [r for r in regions if r != first]
    if steps < 1 or len(set(regions)) < len(regions) or (first is not None and first not in regions):
        raise ValueError("no")
    if any(r not in strata for r in others):
        raise ValueError("no stratum")
    order = np.random.default_rng(seed).permutation(len(others))
    plan = {others[k]: i % steps + 1 for i, k in enumerate(order)}
    return pd.Series([plan.get(r, 0) for r in regions], index=list(regions))


@PLAN.wrong("a list of its own order", BOUNDARY, says="The index is the regions in their order")
def rollout_plan(regions, steps, strata, seed, first=None):
    others = [r for r in regions if r != first]
    if steps < 1 or len(set(regions)) < len(regions) or (first is not None and first not in regions):
        raise ValueError("no")
    if any(r not in strata for r in others):
        raise ValueError("no stratum")
    order = [others[k] for k in np.random.default_rng(seed).permutation(len(others))]
    order.sort(key=lambda r: strata[r])
    plan = {r: i % steps + 1 for i, r in enumerate(order)}
    return pd.Series(plan if first is None else {first: 0} | plan).iloc[::-1]


PLAN.slip(
    "shuffles the list that came in",
    MUTATES,
    of="shuffled lists, and a wheel of steps",
    change={"    groups = {}": "    rng.shuffle(regions)\n    groups = {}"},
    loses="tests",
    says="rollout_plan() changed what was passed in",
)


@PLAN.wrong("one plan typed in", CONSTANT, says="chance decides within each stratum")
def rollout_plan(regions, steps, strata, seed, first=None):
    return pd.Series([1, 2, 3, 1, 2, 3, 1], index=list("ABCDEFG"))


# --- 14.6 -------------------------------------------------------------------------------------------------------------

SCALE = BANK.task("scale01")


@SCALE.right("a loop where a list came in")
def scale01(x, lo, hi, better="high"):
    if hi <= lo:
        raise ValueError("hi must be above lo")
    if better != "high" and better != "low":
        raise ValueError(better)
    if np.ndim(x) > 0:
        return np.array([scale01(one, lo, hi, better) for one in x])
    if pd.isna(x):
        return float("nan")
    share = min(max((x - lo) / (hi - lo), 0), 1)
    return 1 - share if better == "low" else share


@SCALE.right("the ends exchanged for a cost")
def scale01(x, lo, hi, better="high"):
    if not hi > lo or better not in ["high", "low"]:
        raise ValueError("scale")
    worst, best = (lo, hi) if better == "high" else (hi, lo)
    values = np.array(x, dtype=float)
    out = (values - worst) / (best - worst)
    out = np.minimum(np.maximum(out, 0), 1)
    return out if values.ndim else out.item()


for _name, _kind, _change, _says in (
    (
        "better is not read",
        MISCONCEPTION,
        {'1 - share if better == "low" else share': "share"},
        'With better="low" the lowest is best',
    ),
    ("not clipped", BOUNDARY, {"min(max((x - lo) / (hi - lo), 0), 1)": "(x - lo) / (hi - lo)"}, "it stays at 0"),
    (
        "not clipped below",
        BOUNDARY,
        {"min(max((x - lo) / (hi - lo), 0), 1)": "min((x - lo) / (hi - lo), 1)"},
        "lie outside",
    ),
    ("over the upper end", MISCONCEPTION, {"(x - lo) / (hi - lo)": "(x - lo) / hi"}, "take lo off above and below"),
    ("equal ends stop it", EDGE, {"if hi <= lo:": "if hi < lo:"}, "before you divide"),
    (
        "ends are exchanged",
        EDGE,
        {"    if hi <= lo:\n": "    lo, hi = min(lo, hi), max(lo, hi)\n    if hi <= lo:\n"},
        "makes no sense: raise ValueError",
    ),
    (
        "another word means high",
        EDGE,
        {'    if better != "high" and better != "low":\n        raise ValueError(better)\n': ""},
        "makes no sense: raise ValueError",
    ),
    ("rounded", BOUNDARY, {"(x - lo) / (hi - lo), 0)": "round((x - lo) / (hi - lo), 3), 0)"}, "round nothing"),
    ("missing is 0", EDGE, {'return float("nan")': "return 0.0"}, "0.25 and nan by position"),
):
    SCALE.slip(_name, _kind, of="a loop where a list came in", change=_change, says=_says)


@SCALE.wrong("turned round before it is clipped", MISCONCEPTION, says="clip first, and turn round only then")
def scale01(x, lo, hi, better="high"):
    if not hi > lo or better not in ["high", "low"]:
        raise ValueError("scale")
    out = (np.array(x, dtype=float) - lo) / (hi - lo)
    if better == "low":
        out = np.abs(1 - out)
        out = np.where(np.array(x, dtype=float) > hi, 1 - np.clip(1 - np.clip(out, 0, 1), 0, 0), out)
    out = np.clip(out, 0, 1)
    return out if np.ndim(x) else float(out)


@SCALE.wrong("equal ends give 0", EDGE, says="makes no sense: raise ValueError")
def scale01(x, lo, hi, better="high"):
    if lo > hi or better not in ["high", "low"]:
        raise ValueError("scale")
    out = np.clip((np.array(x, dtype=float) - lo) / (hi - lo), 0, 1) if hi > lo else np.zeros(np.shape(x))
    out = out if better == "high" else 1 - out
    return out if np.ndim(x) else float(out)


@SCALE.wrong("a list comes back", BOUNDARY, says="so an array of 4 must come out")
def scale01(x, lo, hi, better="high"):
    if not hi > lo or better not in ["high", "low"]:
        raise ValueError("scale")
    out = np.clip((np.array(x, dtype=float) - lo) / (hi - lo), 0, 1)
    return (out if better == "high" else 1 - out).tolist()


@SCALE.wrong("a list of one becomes a number", EDGE, says="an array of 1 must come out")
def scale01(x, lo, hi, better="high"):
    if not hi > lo or better not in ["high", "low"]:
        raise ValueError("scale")
    out = np.clip((np.array(x, dtype=float) - lo) / (hi - lo), 0, 1)
    out = out if better == "high" else 1 - out
    return out.item() if out.size == 1 else out


@SCALE.wrong("writes into the array", MUTATES, says="changed an array that was passed in")
def scale01(x, lo, hi, better="high"):
    if not hi > lo or better not in ["high", "low"]:
        raise ValueError("scale")
    out = np.asarray(x, dtype=float)
    out -= lo
    out /= hi - lo
    np.clip(out, 0, 1, out=out)
    out = out if better == "high" else 1 - out
    return out if np.ndim(x) else float(out)


@SCALE.wrong("a missing number alone is 1", EDGE, says="A missing number alone stays nan")
def scale01(x, lo, hi, better="high"):
    if hi <= lo or better not in ("high", "low"):
        raise ValueError("scale")
    if np.ndim(x) == 0:
        y = max(0, min(1, (x - lo) / (hi - lo)))
    else:
        y = np.clip((np.array(x, dtype=float) - lo) / (hi - lo), 0, 1)
    return 1 - y if better == "low" else y


@SCALE.wrong("a missing cost is 0", EDGE, says='nan stays nan with better="low"')
def scale01(x, lo, hi, better="high"):
    if hi <= lo:
        raise ValueError("hi must be above lo")
    x = np.array(x, dtype=float)
    if better == "high":
        y = np.clip((x - lo) / (hi - lo), 0, 1)
    elif better == "low":
        y = np.fmin(np.fmax((hi - x) / (hi - lo), 0), 1)
    else:
        raise ValueError("better")
    return y if y.ndim else float(y)


@SCALE.wrong("the worked example typed in", CONSTANT, says="1 and 0, not")
def scale01(x, lo, hi, better="high"):
    return np.array([1, 0.5, 0, 0]) if np.ndim(x) else 0.5


# --- 14.7 -------------------------------------------------------------------------------------------------------------

WEIGHTS = BANK.task("simplex_weights")


@WEIGHTS.right("dirichlet")
def simplex_weights(n, k, seed):
    return np.random.default_rng(seed).dirichlet(np.ones(k), n)


@WEIGHTS.right("the gaps between sorted cuts")
def simplex_weights(n, k, seed):
    cuts = np.sort(np.random.default_rng(seed).random((n, k - 1)), axis=1)
    ends = np.hstack([np.zeros((n, 1)), cuts, np.ones((n, 1))])
    return np.diff(ends, axis=1)


@WEIGHTS.right("logarithms, row by row", using=["import math"])
def simplex_weights(n, k, seed):
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        parts = [-math.log(1 - rng.random()) for _ in range(k)]
        rows.append([part / sum(parts) for part in parts])
    return np.array(rows)


WEIGHTS.slip(
    "another draw at each call",
    BOUNDARY,
    of="dirichlet",
    change={"default_rng(seed)": "default_rng()"},
    says="The same seed gives the same rows",
)
WEIGHTS.slip(
    "one seed for all",
    EDGE,
    of="dirichlet",
    change={"default_rng(seed)": "default_rng(14)"},
    says="Another seed gives other rows",
)
WEIGHTS.slip(
    "crowded at the corners",
    MISCONCEPTION,
    of="dirichlet",
    change={"np.ones(k)": "np.full(k, 0.5)"},
    says="in about 0.75 of the rows",
)
WEIGHTS.slip(
    "one row too many",
    BOUNDARY,
    of="dirichlet",
    change={"np.ones(k), n)": "np.ones(k), n + 1)"},
    says="must return an array of",
)
WEIGHTS.slip(
    "criteria are rows",
    BOUNDARY,
    of="dirichlet",
    change={"np.ones(k), n)": "np.ones(k), n).T"},
    says="must return an array of",
)
WEIGHTS.slip(
    "the last weight is left out",
    EDGE,
    of="the gaps between sorted cuts",
    change={"cuts, np.ones((n, 1))]": "cuts, cuts[:, -1:] if k > 1 else np.ones((n, 1))]"},
    says="adds up to 1",
)
WEIGHTS.slip(
    "cuts are not sorted",
    MISCONCEPTION,
    of="the gaps between sorted cuts",
    change={
        "np.sort(np.random.default_rng(seed).random((n, k - 1)), axis=1)": "np.random.default_rng(seed).random((n, k - 1))"
    },
    says="Each row is 0 or more",
)


WEIGHTS.slip(
    "a seed of 0 is none",
    EDGE,
    of="dirichlet",
    change={"default_rng(seed)": "default_rng(seed or None)"},
    says="0 is a seed like any other",
)
WEIGHTS.slip(
    "one row comes flat",
    EDGE,
    of="dirichlet",
    change={"np.ones(k), n)": "np.ones(k), n if n > 1 else None)"},
    says="must return an array of 1 rows",
)


@WEIGHTS.wrong("uniform draws over their sum", MISCONCEPTION, says="crowd in the middle")
def simplex_weights(n, k, seed):
    draws = np.random.default_rng(seed).random((n, k))
    return draws / draws.sum(axis=1, keepdims=True)


@WEIGHTS.wrong("each takes of what is left", MISCONCEPTION, says="no column comes before the others")
def simplex_weights(n, k, seed):
    rng, left, out = np.random.default_rng(seed), np.ones(n), []
    for _ in range(k - 1):
        out.append(left * rng.random(n))
        left = left - out[-1]
    return np.column_stack([*out, left])


WEIGHTS.slip(
    "pieces broken off, then shuffled",
    MISCONCEPTION,
    of="each takes of what is left",
    change={"np.column_stack([*out, left])": "rng.permuted(np.column_stack([*out, left]), axis=1)"},
    says="even if they are shuffled",
)


@WEIGHTS.wrong("right for three weights only", MISCONCEPTION, says="Of two weights, the first")
def simplex_weights(n, k, seed):
    rng = np.random.default_rng(seed)
    rest, columns = np.ones(n), []
    for j in range(k - 1):
        part = 1 - np.sqrt(rng.random(n)) if j < k - 2 or k == 2 else rng.random(n)
        columns.append(rest * part)
        rest = rest * (1 - part)
    return np.column_stack(columns + [rest])


@WEIGHTS.wrong("draws of its own", MISCONCEPTION, says="Another seed gives other rows")
def simplex_weights(n, k, seed):
    rng = np.random.default_rng(1)
    return rng.dirichlet(np.ones(k), n)


@WEIGHTS.wrong("equal weights", CONSTANT, says="in about 0.75 of the rows")
def simplex_weights(n, k, seed):
    return np.full((n, k), 1 / k)


SMAA = BANK.task("smaa")


@SMAA.right("draw by draw")
def smaa(samples, weights):
    draws, count, criteria = len(samples), len(samples[0]), len(weights[0])

    def score(d, i, w):
        total = 0.0
        for j in range(criteria):
            total += w[j] * samples[d][i][j]
        return total

    table = np.zeros((count, count))
    firsts = [[] for _ in range(count)]
    for d in range(draws):
        values = [score(d, i, weights[d]) for i in range(count)]
        for i in range(count):
            rank = sum(1 for v in values if v > values[i])
            table[i, rank] += 1
            if rank == 0:
                firsts[i].append(list(weights[d]))
    central, sure = [], []
    for i in range(count):
        if not firsts[i]:
            central.append([np.nan] * criteria)
            sure.append(np.nan)
            continue
        middle = np.mean(firsts[i], axis=0)
        won = 0
        for d in range(draws):
            values = [score(d, k, middle) for k in range(count)]
            won += values[i] == max(values)
        central.append(list(middle))
        sure.append(won / draws)
    return {"acceptability": table / draws, "central": np.array(central), "confidence": np.array(sure)}


@SMAA.right("pandas' ranks")
def smaa(samples, weights):
    s, w = np.array(samples, dtype=float), np.array(weights, dtype=float)
    value = pd.DataFrame([s[d] @ w[d] for d in range(len(s))])
    rank = value.rank(axis=1, method="min", ascending=False).astype(int)
    count = s.shape[1]
    acc = np.array([[(rank[i] == r).mean() for r in range(1, count + 1)] for i in range(count)])
    central = np.array(
        [
            w[(rank[i] == 1).to_numpy()].mean(axis=0) if (rank[i] == 1).any() else np.full(s.shape[2], np.nan)
            for i in range(count)
        ]
    )
    confidence = []
    for i in range(count):
        again = pd.DataFrame(s @ central[i])
        confidence.append(
            np.nan if np.isnan(central[i, 0]) else (again.rank(axis=1, method="min", ascending=False)[i] == 1).mean()
        )
    return {"acceptability": acc, "central": central, "confidence": np.array(confidence)}


@SMAA.right("arrays of comparisons")
def smaa(samples, weights):
    s, w = np.asarray(samples, float), np.asarray(weights, float)
    v = (s * w[:, None, :]).sum(axis=2)
    n = v.shape[1]
    better = np.zeros(v.shape, dtype=int)
    for i in range(n):
        better[:, i] = (v > v[:, [i]]).sum(axis=1)
    acc = np.zeros((n, n))
    for r in range(n):
        acc[:, r] = (better == r).mean(axis=0)
    first = (better == 0).astype(float)
    with np.errstate(invalid="ignore"):
        central = first.T @ w / first.sum(axis=0)[:, None]
    sure = np.full(n, np.nan)
    for i in np.flatnonzero(first.any(axis=0)):
        u = (s * central[i]).sum(axis=2)
        sure[i] = (u[:, i] == u.max(axis=1)).mean()
    return {"acceptability": acc, "central": central, "confidence": sure}


SMAA.right("lists, and a helper called rank")(
    """
    def rank(values):
        return [1 + sum(other > value for other in values) for value in values]


    def smaa(samples, weights):
        samples = np.asarray(samples, dtype=float).tolist()
        weights = np.asarray(weights, dtype=float).tolist()
        draws, count, k = len(samples), len(samples[0]), len(weights[0])

        def value(row, w):
            return sum(a * b for a, b in zip(row, w))

        ranks = [rank([value(row, w) for row in sample]) for sample, w in zip(samples, weights)]
        acceptability = np.zeros((count, count))
        for r in ranks:
            for i in range(count):
                acceptability[i, r[i] - 1] += 1
        acceptability /= draws
        central, confidence = np.full((count, k), np.nan), np.full(count, np.nan)
        for i in range(count):
            rows = [w for w, r in zip(weights, ranks) if r[i] == 1]
            if not rows:
                continue
            c = [sum(column) / len(rows) for column in zip(*rows)]
            central[i] = c
            wins = 0
            for sample in samples:
                values = [value(row, c) for row in sample]
                wins += rank(values)[i] == 1
            confidence[i] = wins / draws
        return {"acceptability": acceptability, "central": central, "confidence": confidence}
    """
)


@SMAA.right("central weights made to add up to 1")
def smaa(samples, weights):
    samples, weights = np.asarray(samples, dtype=float), np.asarray(weights, dtype=float)
    draws, count, criteria = samples.shape
    value = np.einsum("dij,dj->di", samples, weights)
    rank = 1 + (value[:, None, :] > value[:, :, None]).sum(axis=2)
    acceptability = np.column_stack([(rank == r).mean(axis=0) for r in range(1, count + 1)])
    central, confidence = np.full((count, criteria), np.nan), np.full(count, np.nan)
    for i in range(count):
        top = rank[:, i] == 1
        if top.any():
            central[i] = weights[top].mean(axis=0) / weights[top].mean(axis=0).sum()
            v = samples @ central[i]
            confidence[i] = (v[:, i] >= v.max(axis=1)).mean()
    return {"acceptability": acceptability, "central": central, "confidence": confidence}


for _name, _kind, _change, _loses, _says in (
    (
        "counts",
        BOUNDARY,
        {'"acceptability": table / draws': '"acceptability": table'},
        "tests",
        "Shares of the draws, not counts",
    ),
    (
        "from the worst",
        MISCONCEPTION,
        {"if v > values[i])": "if v < values[i])"},
        "tests central",
        "Rank 1 is the best",
    ),
    (
        "equal ones share the worse rank",
        BOUNDARY,
        {"rank = sum(1 for v in values if v > values[i])": "rank = sum(1 for v in values if v >= values[i]) - 1"},
        "tests central",
        "share the better rank, not the worse",
    ),
    (
        "weights of the first draw",
        MISCONCEPTION,
        {"score(d, i, weights[d])": "score(d, i, weights[0])"},
        "tests central",
        "rank 1 in half",
    ),
    (
        "all draws make the central weights",
        MISCONCEPTION,
        {"np.mean(firsts[i], axis=0)": "np.mean(weights, axis=0)"},
        "central",
        "That is a mean of all draws, or one draw alone",
    ),
    (
        "over all draws",
        BOUNDARY,
        {"np.mean(firsts[i], axis=0)": "np.sum(firsts[i], axis=0) / draws"},
        "central",
        "divide by 2, not by 4",
    ),
    (
        "the last draw only",
        EDGE,
        {"np.mean(firsts[i], axis=0)": "np.array(firsts[i][-1])"},
        "central",
        "or one draw alone",
    ),
    (
        "0 for who is never first",
        EDGE,
        {
            "central.append([np.nan] * criteria)": "central.append([0.0] * criteria)",
            "sure.append(np.nan)": "sure.append(0.0)",
        },
        "central",
        "B is never first",
    ),
    (
        "confidence is the first rank",
        MISCONCEPTION,
        {"sure.append(won / draws)": "sure.append(table[i, 0] / draws)"},
        "central",
        "That is how often each is first with the drawn weights",
    ),
    (
        "confidence without equal ones",
        BOUNDARY,
        {"won += values[i] == max(values)": "won += values[i] > max(v for k, v in enumerate(values) if k != i)"},
        "central",
        "shares rank 1 in draw 3",
    ),
    ("a tolerance", BOUNDARY, {"if v > values[i])": "if v > values[i] + 0.01)"}, "", "without a tolerance"),
    ("nobody may be missing", EDGE, {"        if not firsts[i]:": "        if False:"}, "", "is somebody never first"),
    (
        "the next rank is not free",
        BOUNDARY,
        {"rank = sum(1 for v in values if v > values[i])": "rank = len({v for v in values if v > values[i]})"},
        "tests",
        "the third has rank 3, not 2",
    ),
    (
        "ranks after rounding",
        BOUNDARY,
        {"        return total\n": "        return round(total, 6)\n"},
        "tests",
        "do not round",
    ),
    (
        "nobody is first with 0",
        EDGE,
        {"if rank == 0:": "if rank == 0 and values[i] > 0:"},
        "central",
        "both score 0, and share rank 1",
    ),
):
    SMAA.slip(_name, _kind, of="draw by draw", change=_change, loses=_loses, says=_says)


@SMAA.wrong("only one is first", MISCONCEPTION, says="argmax or a sort sees only one of them")
def smaa(samples, weights):
    s, w = np.asarray(samples, float), np.asarray(weights, float)
    v = np.einsum("dij,dj->di", s, w)
    order = np.argsort(-v, axis=1, kind="stable")
    n = v.shape[1]
    acc = np.array([[(order[:, r] == i).mean() for r in range(n)] for i in range(n)])
    central, sure = np.full((n, w.shape[1]), np.nan), np.full(n, np.nan)
    for i in range(n):
        first = order[:, 0] == i
        if first.any():
            central[i] = w[first].mean(axis=0)
            sure[i] = ((s @ central[i]).argmax(axis=1) == i).mean()
    return {"acceptability": acc, "central": central, "confidence": sure}


@SMAA.wrong(
    "confidence among the draws that were won", MISCONCEPTION, loses="central", says="All four draws of samples count"
)
def smaa(samples, weights):
    s, w = np.asarray(samples, float), np.asarray(weights, float)
    v = np.einsum("dij,dj->di", s, w)
    rank = (v[:, None, :] > v[:, :, None]).sum(axis=2)
    n = v.shape[1]
    acc = np.array([[(rank[:, i] == r).mean() for r in range(n)] for i in range(n)])
    central, sure = np.full((n, w.shape[1]), np.nan), np.full(n, np.nan)
    for i in range(n):
        won = rank[:, i] == 0
        if won.any():
            central[i] = w[won].mean(axis=0)
            u = s[won] @ central[i]
            sure[i] = (u[:, i] >= u.max(axis=1)).mean()
    return {"acceptability": acc, "central": central, "confidence": sure}


@SMAA.wrong("weights are doubled in place", MUTATES, says="changed an array that was passed in")
def smaa(samples, weights):
    s, w = np.asarray(samples, float), np.asarray(weights, float)
    v = np.einsum("dij,dj->di", s, w)
    rank = (v[:, None, :] > v[:, :, None]).sum(axis=2)
    n = v.shape[1]
    acc = np.array([[(rank[:, i] == r).mean() for r in range(n)] for i in range(n)])
    central, sure = np.full((n, w.shape[1]), np.nan), np.full(n, np.nan)
    for i in range(n):
        won = rank[:, i] == 0
        if won.any():
            central[i] = w[won].mean(axis=0)
            u = s @ central[i]
            sure[i] = (u[:, i] >= u.max(axis=1)).mean()
    w *= 2
    return {"acceptability": acc, "central": central, "confidence": sure}


@SMAA.wrong("arrays only", EDGE, says="smaa() stopped with")
def smaa(samples, weights):
    v = (samples * weights[:, None, :]).sum(axis=2)
    rank = (v[:, None, :] > v[:, :, None]).sum(axis=2)
    n = v.shape[1]
    acc = np.array([[(rank[:, i] == r).mean() for r in range(n)] for i in range(n)])
    central, sure = np.full((n, weights.shape[1]), np.nan), np.full(n, np.nan)
    for i in range(n):
        won = rank[:, i] == 0
        if won.any():
            central[i] = weights[won].mean(axis=0)
            u = samples @ central[i]
            sure[i] = (u[:, i] >= u.max(axis=1)).mean()
    return {"acceptability": acc, "central": central, "confidence": sure}


@SMAA.wrong("the worked example typed in", CONSTANT, says="acceptability has a row for each alternative")
def smaa(samples, weights):
    return {
        "acceptability": np.array([[0.5, 0.5, 0], [0.5, 0.5, 0], [0.5, 0.25, 0.25]]),
        "central": np.array([[0.625, 0.375], [0.375, 0.625], [0.5, 0.5]]),
        "confidence": np.array([0.75, 0.75, 0.5]),
    }


# --- 14.8 -------------------------------------------------------------------------------------------------------------

CARRY = BANK.task("transport")


@CARRY.right("loops over dicts", using=["import math"])
def transport(effect_by_stratum, source_p, target_p):
    effect, source, target = dict(effect_by_stratum), dict(source_p), dict(target_p)
    for shares in (source, target):
        total = 0.0
        for share in shares.values():
            if share < 0:
                raise ValueError("below 0")
            total += share
        if abs(total - 1) >= 1e-6:
            raise ValueError("does not add up to 1")
    missing = []
    for s in sorted(target):
        there = source.get(s, 0) > 0 and s in effect and not math.isnan(effect[s])
        if target[s] > 0 and not there:
            missing.append(s)
    of_source = 0.0
    for s in source:
        if source[s] > 0:
            of_source += source[s] * effect.get(s, math.nan)
    of_target = 0.0
    for s in target:
        if target[s] > 0 and s not in missing:
            of_target += target[s] * effect[s]
    return {"source": of_source, "target": math.nan if missing else of_target, "missing": missing}


@CARRY.right("Series on one index")
def transport(effect_by_stratum, source_p, target_p):
    table = pd.DataFrame(
        {k: pd.Series(v, dtype=float) for k, v in (("e", effect_by_stratum), ("s", source_p), ("t", target_p))}
    )
    table[["s", "t"]] = table[["s", "t"]].fillna(0)
    sums = table[["s", "t"]].sum()
    if (table[["s", "t"]] < 0).any().any() or not ((sums - 1).abs() < 1e-6).all():
        raise ValueError(sums)
    unknown = table["e"].isna() | (table["s"] <= 0)
    missing = sorted(table.index[(table["t"] > 0) & unknown])
    ours, theirs = table[table["s"] > 0], table[table["t"] > 0]
    target = float("nan") if len(missing) else (theirs["t"] * theirs["e"]).sum()
    return {"source": (ours["s"] * ours["e"]).sum(skipna=False), "target": target, "missing": missing}


CARRY.right("a helper called check")(
    """
    def check(shares):
        total = 0
        for share in shares.values():
            if share < 0:
                raise ValueError("a share below 0")
            total += share
        if not abs(total - 1) < 1e-6:
            raise ValueError("shares do not add up to 1")


    def transport(effect_by_stratum, source_p, target_p):
        effects = {k: v for k, v in effect_by_stratum.items() if not pd.isna(v)}
        here, there = dict(source_p.items()), dict(target_p.items())
        check(here)
        check(there)
        source = target = 0.0
        missing = []
        for name in here:
            if here[name] > 0:
                source += here[name] * effects.get(name, np.nan)
        for name in there:
            if there[name] > 0:
                if name not in effects or name not in here or here[name] == 0:
                    missing.append(name)
                else:
                    target += there[name] * effects[name]
        return {"source": source, "missing": sorted(missing), "target": np.nan if missing else target}
    """
)


for _name, _kind, _change, _loses, _says in (
    (
        "the shares of the source",
        MISCONCEPTION,
        {"of_target += target[s] * effect[s]": "of_target += source[s] * effect[s]"},
        "",
        "The shares of the target count for the target",
    ),
    (
        "what is missing is left out",
        MISCONCEPTION,
        {"math.nan if missing else of_target": "of_target"},
        "",
        "Nothing is known of 20% of the target",
    ),
    (
        "a plain mean",
        MISCONCEPTION,
        {"of_target += target[s] * effect[s]": "of_target += effect[s] / len(target)"},
        "",
        "The shares of the target count for the target",
    ),
    (
        "a share of 0 is missing, too",
        BOUNDARY,
        {"if target[s] > 0 and not there": "if not there"},
        "edges",
        "missing is empty",
    ),
    (
        "nobody of it was there",
        EDGE,
        {"there = source.get(s, 0) > 0 and s in effect": "there = s in effect"},
        "edges",
        "Nobody of the coast was in the source",
    ),
    (
        "a stratum of the source without an effect",
        EDGE,
        {"effect.get(s, math.nan)": "effect.get(s, 0)"},
        "edges",
        "No effect of b is known",
    ),
    ("in the order of the target", BOUNDARY, {"in sorted(target):": "in target:"}, "tests", "missing is sorted"),
    (
        "sums are not checked",
        EDGE,
        {'        if abs(total - 1) >= 1e-6:\n            raise ValueError("does not add up to 1")\n': ""},
        "edges",
        "since they are 0 or more and add up to 1",
    ),
    ("exactly 1", BOUNDARY, {"abs(total - 1) >= 1e-6": "total != 1"}, "edges", "stopped with ValueError"),
    (
        "below 0 is let through",
        EDGE,
        {"if share < 0:": "if share < -1:"},
        "edges",
        "since they are 0 or more and add up to 1",
    ),
    (
        "a sum below 1 is let through",
        BOUNDARY,
        {"abs(total - 1) >= 1e-6": "total > 1 + 1e-6"},
        "edges",
        "since they are 0 or more and add up to 1",
    ),
    (
        "rounded",
        BOUNDARY,
        {"math.nan if missing else of_target": "math.nan if missing else round(of_target, 2)"},
        "tests",
        "round nothing",
    ),
    ("a known zero", EDGE, {"and not math.isnan(effect[s])": ""}, "edges", "The effect in the hills is nan"),
    (
        "nearly 1 by numpy's measure",
        BOUNDARY,
        {"abs(total - 1) >= 1e-6": "not np.isclose(total, 1)"},
        "edges",
        "since they are 0 or more",
    ),
    (
        "only the source is read for shares below 0",
        EDGE,
        {"if share < 0:": "if share < 0 and shares is source:"},
        "edges",
        "since they are 0 or more",
    ),
):
    CARRY.slip(_name, _kind, of="loops over dicts", change=_change, loses=_loses, says=_says)


@CARRY.wrong("by position", MISCONCEPTION, loses="tests", says="You paired shares by position")
def transport(effect_by_stratum, source_p, target_p):
    effect, source, target = dict(effect_by_stratum), dict(source_p), dict(target_p)
    for shares in (source, target):
        if min(shares.values(), default=0) < 0 or abs(sum(shares.values()) - 1) >= 1e-6:
            raise ValueError("shares")
    known = {s for s in effect if effect[s] == effect[s] and source.get(s, 0) > 0}
    missing = sorted(s for s in target if target[s] > 0 and s not in known)
    found = sum(p * e for p, e in zip(target.values(), effect.values()) if p > 0)
    ours = sum(p * effect.get(s, float("nan")) for s, p in source.items() if p > 0)
    return {"source": ours, "target": float("nan") if missing else found, "missing": missing}


@CARRY.wrong("fills the shares that came in", MUTATES, says="transport() changed what was passed in")
def transport(effect_by_stratum, source_p, target_p):
    for shares in (source_p, target_p):
        if min(dict(shares).values(), default=0) < 0 or abs(sum(dict(shares).values()) - 1) >= 1e-6:
            raise ValueError("shares")
    effect = dict(effect_by_stratum)
    missing = sorted(s for s, p in target_p.items() if p > 0 and (source_p.get(s, 0) <= 0 or pd.isna(effect.get(s))))
    ours = sum(p * effect.get(s, float("nan")) for s, p in source_p.items() if p > 0)
    theirs = float("nan") if missing else sum(p * effect[s] for s, p in target_p.items() if p > 0)
    for s in list(effect_by_stratum.keys()):
        source_p[s] = source_p.get(s, 0)
        effect_by_stratum[s] = 0
    return {"source": ours, "target": theirs, "missing": missing}


@CARRY.wrong("the worked example typed in", CONSTANT, says="The source has nobody of the stratum rural")
def transport(effect_by_stratum, source_p, target_p):
    return {"source": 0.0, "target": 0.1, "missing": []}


ESS = BANK.task("ess")


@ESS.right("sums of Python")
def ess(w):
    w = [float(x) for x in w]
    if not w or min(w) < 0 or max(w) == 0:
        raise ValueError("weights")
    return sum(w) ** 2 / sum(x * x for x in w)


@ESS.right("by the design effect")
def ess(w):
    w = np.array(w, dtype=float)
    if w.size == 0 or np.any(w < 0) or w.sum() == 0:
        raise ValueError("weights")
    deff = w.size * (w @ w) / w.sum() ** 2
    return w.size / deff


for _name, _kind, _change, _says in (
    (
        "upside down",
        MISCONCEPTION,
        {"sum(w) ** 2 / sum(x * x for x in w)": "sum(x * x for x in w) / sum(w) ** 2"},
        "That is upside down",
    ),
    (
        "the sum of the weights",
        MISCONCEPTION,
        {"sum(w) ** 2 / sum(x * x for x in w)": "sum(w)"},
        "which is no number of people",
    ),
    (
        "how many weigh something",
        MISCONCEPTION,
        {"sum(w) ** 2 / sum(x * x for x in w)": "float(len([x for x in w if x]))"},
        "36 / 14",
    ),
    ("the sum is not squared", BOUNDARY, {"sum(w) ** 2 /": "sum(w) /"}, "36 / 14"),
    (
        "no weights at all",
        EDGE,
        {
            "not w or min(w) < 0": "min(w, default=0) < 0",
            "max(w) == 0": "(len(w) and max(w) == 0)",
            "return sum": "return 0.0 if not w else sum",
        },
        "ess([]) makes no sense",
    ),
    ("below 0 is let through", EDGE, {" or min(w) < 0": ""}, "ess([2, -1]) makes no sense"),
    ("all 0 stops it", EDGE, {" or max(w) == 0": ""}, "before you divide"),
    ("small weights count as 0", EDGE, {"max(w) == 0": "max(w) < 1e-8"}, "weights may be of any scale"),
    (
        "only a sum below the greatest is read",
        EDGE,
        {"min(w) < 0": "sum(w) < max(w)"},
        "ess([1, 2, -1e-09]) makes no sense",
    ),
):
    ESS.slip(_name, _kind, of="sums of Python", change=_change, says=_says)
ESS.slip(
    "rounded to one decimal",
    BOUNDARY,
    of="sums of Python",
    change={"return sum(w) ** 2 / sum(x * x for x in w)": "return round(sum(w) ** 2 / sum(x * x for x in w), 1)"},
    says="36 / 14",
)


@ESS.wrong("divides the weights in place", MUTATES, says="ess() changed an array that was passed in")
def ess(w):
    w = np.asarray(w, dtype=float)
    if w.size == 0 or np.any(w < 0) or w.sum() == 0:
        raise ValueError("weights")
    w /= w.sum()
    return 1 / (w @ w)


@ESS.wrong("squares in whole numbers", EDGE, says="make floats of them")
def ess(w):
    w = np.asarray(w)
    if w.size == 0 or (w < 0).any() or not (w > 0).any():
        raise ValueError("weights are 0 or more, and not all 0")
    return float(w.sum() ** 2 / (w**2).sum())


@ESS.wrong("the worked example typed in", CONSTANT, says="Four equal weights")
def ess(w):
    return 18 / 7


# --- 14.9 -------------------------------------------------------------------------------------------------------------

ROBUST = BANK.task("robust")


@ROBUST.right("loops over names")
def robust(value, prob):
    prob = dict(prob)
    shocks = list(value.columns)
    if sorted(prob) != sorted(shocks):
        raise ValueError("shocks")
    total = sum(prob.values())
    if min(prob.values()) < 0 or abs(total - 1) >= 1e-6:
        raise ValueError("probabilities")
    names = sorted(value.index)
    best = {s: max(value.loc[name, s] for name in names) for s in shocks}
    mean, low, regret = {}, {}, {}
    for name in names:
        mean[name] = sum(prob[s] * value.loc[name, s] for s in shocks)
        low[name] = min(value.loc[name, s] for s in shocks)
        regret[name] = max(best[s] - value.loc[name, s] for s in shocks)
    return {
        "expected": max(names, key=lambda name: mean[name]),
        "maximin": max(names, key=lambda name: low[name]),
        "regret": min(names, key=lambda name: regret[name]),
    }


@ROBUST.right("matrices, and the first of the best")
def robust(value, prob):
    p = pd.Series(prob, dtype=float)
    if len(p) != value.shape[1] or not p.index.isin(value.columns).all() or p.lt(0).any() or abs(p.sum() - 1) >= 1e-6:
        raise ValueError("prob")
    v = value.sort_index()[list(p.index)]
    m = v.to_numpy(dtype=float)
    regret = (m.max(axis=0) - m).max(axis=1)
    pick = lambda scores: v.index[int(np.argmax(scores))]
    return {"expected": pick(m @ p.to_numpy()), "maximin": pick(m.min(axis=1)), "regret": pick(-regret)}


@ROBUST.right("sorted without regard to capitals")
def robust(value, prob):
    prob = dict(prob)
    if set(prob) != set(value.columns):
        raise ValueError("the shocks differ")
    p = np.array([float(prob[c]) for c in value.columns])
    if not (p >= 0).all() or not abs(p.sum() - 1) < 1e-6:
        raise ValueError("bad probabilities")
    table = value.astype(float).sort_index(key=lambda names: names.str.lower())
    v, names = table.to_numpy(), list(table.index)
    regret = (v.max(axis=0) - v).max(axis=1)
    return {
        "expected": names[int(np.argmax(v @ p))],
        "maximin": names[int(np.argmax(v.min(axis=1)))],
        "regret": names[int(np.argmin(regret))],
    }


for _name, _kind, _change, _loses, _says in (
    ("the best of the best", MISCONCEPTION, {"low[name] = min(": "low[name] = max("}, "tests", "not for the greatest"),
    (
        "the best of the practice itself",
        MISCONCEPTION,
        {
            "max(best[s] - value.loc[name, s] for s in shocks)": "max(value.loc[name].max() - value.loc[name, s] for s in shocks)"
        },
        "tests edges",
        "The regret is the best worth under the shock less the own worth",
    ),
    (
        "regrets are added",
        MISCONCEPTION,
        {"regret[name] = max(": "regret[name] = sum("},
        "tests",
        "not the sum of the regrets",
    ),
    (
        "the greatest regret wins",
        MISCONCEPTION,
        {'"regret": min(': '"regret": max('},
        "tests edges",
        "the smallest of the greatest regrets wins",
    ),
    (
        "regrets by probability",
        MISCONCEPTION,
        {
            "max(best[s] - value.loc[name, s] for s in shocks)": "max(prob[s] * (best[s] - value.loc[name, s]) for s in shocks)"
        },
        "tests",
        "The probabilities do not count for maximin and regret",
    ),
    (
        "an impossible shock is left out",
        BOUNDARY,
        {"min(value.loc[name, s] for s in shocks)": "min(value.loc[name, s] for s in shocks if prob[s] > 0)"},
        "tests",
        "although its probability is 0",
    ),
    (
        "equal ones by position",
        BOUNDARY,
        {"names = sorted(value.index)": "names = list(value.index)"},
        "tests",
        "the first in alphabetical order",
    ),
    ("sums are not checked", EDGE, {" or abs(total - 1) >= 1e-6": ""}, "edges", "a sum of 0.9: raise ValueError"),
    ("exactly 1", BOUNDARY, {"abs(total - 1) >= 1e-6": "total != 1"}, "edges", "and counts as 1: no error"),
    (
        "below 0 is let through",
        EDGE,
        {"min(prob.values()) < 0 or ": ""},
        "edges",
        "a probability below 0: raise ValueError",
    ),
    (
        "pandas' own error",
        EDGE,
        {'    if sorted(prob) != sorted(shocks):\n        raise ValueError("shocks")\n': ""},
        "edges",
        "no probability for cut: raise ValueError, not KeyError",
    ),
    (
        "a shock too many is let through",
        EDGE,
        {"sorted(prob) != sorted(shocks)": "not set(shocks) <= set(prob)"},
        "edges",
        "a shock that the table does not have: raise ValueError",
    ),
    (
        "near ones are equal",
        BOUNDARY,
        {
            "sum(prob[s] * value.loc[name, s] for s in shocks)": "round(sum(prob[s] * value.loc[name, s] for s in shocks), 1)"
        },
        "edges",
        "without a tolerance",
    ),
    (
        "worths, not names",
        BOUNDARY,
        {'"maximin": max(names, key=lambda name: low[name])': '"maximin": max(low.values())'},
        "tests edges",
        "Each entry is the name of a practice",
    ),
):
    ROBUST.slip(_name, _kind, of="loops over names", change=_change, loses=_loses, says=_says)
ROBUST.slip(
    "rounded before it is compared",
    BOUNDARY,
    of="matrices, and the first of the best",
    change={"m = v.to_numpy(dtype=float)": "m = v.to_numpy(dtype=float).round(6)"},
    loses="edges",
    says="without rounding",
)
ROBUST.slip(
    "nearly 1 by numpy's measure",
    BOUNDARY,
    of="loops over names",
    change={"abs(total - 1) >= 1e-6": "not np.isclose(total, 1)"},
    loses="edges",
    says="a sum of 0.99999: raise ValueError",
)


@ROBUST.wrong("probabilities by position", MISCONCEPTION, loses="tests", says="You paired probabilities by position")
def robust(value, prob):
    p = pd.Series(prob, dtype=float)
    if len(p) != value.shape[1] or not p.index.isin(value.columns).all() or p.lt(0).any() or abs(p.sum() - 1) >= 1e-6:
        raise ValueError("prob")
    v = value.sort_index().astype(float)
    return {
        "expected": (v * p.to_numpy()).sum(axis=1).idxmax(),
        "maximin": v.min(axis=1).idxmax(),
        "regret": (v.max() - v).max(axis=1).idxmin(),
    }


@ROBUST.wrong("regrets in place", MUTATES, loses="tests", says="changed what was passed in")
def robust(value, prob):
    p = pd.Series(prob, dtype=float)
    if set(p.index) != set(value.columns) or p.lt(0).any() or abs(p.sum() - 1) >= 1e-6:
        raise ValueError("prob")
    value.sort_index(inplace=True)
    v = value.astype(float)
    return {
        "expected": (v * p).sum(axis=1).idxmax(),
        "maximin": v.min(axis=1).idxmax(),
        "regret": (v.max() - v).max(axis=1).idxmin(),
    }


@ROBUST.wrong("the worked example typed in", CONSTANT, says="Almost sure that nothing happens")
def robust(value, prob):
    return {"expected": "stocks", "maximin": "money market", "regret": "bonds"}


TASKS = BANK.tasks
SAMPLES = (
    Sample(
        "weak",
        """
        England's Integrated Care Systems are a compelling model for Morocco. They have 42 boards, they work together
        with everybody, and a team in London reduced admissions by 30%. The pilot in Tanger-Tetouan-Al Hoceima has
        already shown that the model works in Morocco, too, because it began on time and its first board was a success.

        My table shows that board papers with control charts are the best practice, with 72%. This proves
        that Morocco needs them. The second best are community health workers, with 14%, so they are not
        so important. The effect of the groups is 4.9 points, as the data show, and in all of Morocco this would be
        more than a million patients.

        All twelve groups should begin as soon as possible, since the power is larger when more regions take part.
        After a year the Ministry can compare the regions that began early with those that began late. If the early
        ones are better, the reform has worked. People in villages will gain most, because they have least.

        I recommend that Morocco takes the whole model from England, that it spends more on digital systems, and that
        it trains everybody. This should be done soon, and all who are concerned should be involved.
        """,
        {
            "evidence audit": (1, "one claim (30%) without its id, taken as it stands; invented data read as Morocco"),
            "design of an evaluation": (0, "compares early with late, and takes a pilot that began for one that works"),
            "equity and voice": (1, "villages are named, without a number, a reason or anybody who was asked"),
            "robustness to instability": (0, "no shock; 72% of weights taken for a proof"),
            "recommendations": (1, "three, with no owner, no date and no rule for when to stop"),
        },
    ),
    Sample(
        "adequate",
        """
        **Take two practices, and not the organisation.** The first paper calls England's systems a compelling model
        (A78), the second a politically contingent one (B52). Both can be right, since the first speaks of functions
        and the second of what carries them. The plan to expand in three to five years (A76) was overtaken in December
        2025, when eleven decrees were adopted on one day. The 30% of the London team (B32) could not be confirmed, so I do not
        use it.

        *Figure 1, the ranks.* Under all weights, board papers with control charts come first in 72% of the draws and
        health workers as staff of the group in 14%; a share of the money for the most deprived fifth is among the
        first three in 59%. The scores are the authors' judgement, so this says what follows from them and no more.

        *Figure 2, the roll-out.* In the invented roll-out two-way fixed effects give 2.0 points, and the comparison
        with regions that have not begun yet gives 4.9, because the first compares late regions with early ones that
        are still improving. If all twelve regions begin at once the power is 2.5%, and in four steps it is 87%. The
        eleven regions should therefore begin in four steps, in an order that is drawn within groups of like capacity.

        *Who might lose.* Carried from the donor, where most people live in towns and read, to a population of which
        half live in villages, the invented effect falls from 7.5 to 5.3 points. So villages need something else,
        which health workers can be.

        *If things change.* With a probability of 60% that nothing happens, control charts are chosen by all three
        rules. If equity counts half, the share for the most deprived fifth has the greatest mean instead.

        **Recommendations.** (1) The board of each group receives control charts from January 2027. (2) The Ministry
        draws the order of the roll-out. (3) Health workers become staff of the groups, if there is money.
        """,
        {
            "evidence audit": (
                4,
                "four claims with ids and verdicts, judged and invented data named; not what was looked for",
            ),
            "design of an evaluation": (
                4,
                "both estimates with the reason, steps and power; not what to do if all begin at once",
            ),
            "equity and voice": (2, "who gains less, with a number; nobody was asked, and no stratum is unknown"),
            "robustness to instability": (
                3,
                "three rules and a second set of weights; no shock is named, nothing would reverse it",
            ),
            "recommendations": (2, "three, of which one has a date and two an owner; no rule for when to stop"),
        },
    ),
    Sample(
        "strong",
        """
        **Take functions that need no organisation: papers that separate signals from noise, and money that follows
        deprivation, each on trial. Leave the structures.**

        *What the two papers claim, and what this book found.* The first calls England's systems a compelling model
        (A78). For it speaks that its advice to set evaluation frameworks (A75) still holds. The second speaks of
        foundations and not of form (B54) because the model is politically contingent (B52); for it speaks one count
        of at least ten reorganisations in twenty years. Three to five years of expansion (A76) were overtaken by
        eleven decrees on one day. That a team reduced admissions by 30% (B32) could be neither confirmed nor doubted,
        as its source could not be opened. I looked for an evaluation of the pilot, and for the boards of the other
        groups beyond the first two, and found neither. My ranks rest on the authors' judgement and my effects on
        invented data: they show how a choice depends on assumptions, and no size for Morocco.

        *Figure 1, twelve practices under all weights.* Control charts come first in 72% of the draws, health workers
        as staff in 14% and money for the most deprived fifth in 9%. Under its own central weights the last is first
        in 54% of the draws, and so it is the choice of whoever cares for equity, though not a sure one.

        *What survives a shock.* I took 60% for no shock, and shared the rest among a new minister, a cut and an
        abolition. With all criteria alike the three rules agree on the charts, which keep 70% of their worth even
        where the body is abolished. If equity counts half, mean and regret choose the deprived fifth, and the worst
        case chooses a law that lets the structure stand. I would turn to that law first if abolition became likelier
        than all else.

        *Figure 2, can we learn from the roll-out?* In the invented panel two-way fixed effects give 2.0 points and
        cohorts against regions not yet begun 4.9. The first is too low because regions that began early, and still
        improve, serve as controls for the late. And regions with more capacity began first, so that even 4.9 needs
        the assumption that all would have moved alike. With 200 people per region and month, an ICC of 0.05 and an
        effect of 0.1 SD, four steps have a power of 87% and six of 96%, but one step 2.5%: whatever changed at that
        date would pass for the reform. Where a decree starts all groups at once, let a *practice* come in steps,
        drawn within strata of capacity, with the pilot first.

        *Equity and voice.* The donor's people are mostly townspeople who read. Carried to a population with half in
        villages the effect falls from 7.5 to 5.3 points, and 4,000 people then tell as much as 1,477. Of villagers
        who do not read the donor had 85, with an effect of 0 and a standard error of 9.8: we do not know. They should
        be asked in Tarifit or Darija, by health workers and not by a form, before the second step. If they lose, the
        step waits. The regional board decides, with a local committee whose reasons are minuted.

        **Recommendations.**
        1. *Control charts* in all board papers. Owner: the group's director. From 1 March 2027; one analyst. Stop if
        after twelve months fewer than half of the decisions cite a signal.
        2. *A tenth of new money by deprivation*, in four steps. Owner: the Ministry's regional directorate. First
        step July 2027; no new money. Stop if the gap between the poorest fifth and the rest has not narrowed after
        two steps.
        3. *No new structure before 2029*. Owner: the Ministry, by its own order. Review in December 2028. Give it up
        if two groups cannot fill their boards.

        *What would change my mind.* A published evaluation of the pilot, or scores by those who use the
        services that put the charts below the third rank.
        """,
        {
            "evidence audit": (
                5,
                "five claims with ids and what was found, what was not, and what is judged or invented",
            ),
            "design of an evaluation": (
                5,
                "why two estimates differ, what 4.9 still assumes, steps with power, and what to do in a big bang",
            ),
            "equity and voice": (
                5,
                "who gains less, the stratum that is not known, who is asked, in which language, who decides",
            ),
            "robustness to instability": (
                5,
                "shocks named, three rules, two sets of weights, and what reverses the choice",
            ),
            "recommendations": (
                4,
                "owner, date, need and stop rule for each; the first rule counts citations, which can be met on paper",
            ),
        },
    ),
)
