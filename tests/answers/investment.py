"""Answers to exercise 13, *Sustained investment*: right in many ways, and wrong in the ways of students."""

import numpy as np
import pandas as pd

from . import BOUNDARY, CONSTANT, EDGE, MISCONCEPTION, MUTATES, Bank, Sample

BANK = Bank(__file__)

# --- 13.1 -------------------------------------------------------------------------------------------------------------

REAL = BANK.task("real_terms")


def data(series):
    return {label: float(value) for label, value in zip(series.index, series.tolist())}


def check(years, table):
    missing = [y for y in years if y not in table]
    if missing:
        raise ValueError("no index for " + str(missing))


@REAL.right("a dict, and two helpers", using=[data, check])
def real_terms(cash, deflator, base):
    index = data(deflator)
    check([base] + list(cash.index), index)
    rows = []
    for year, value in zip(cash.index, cash):
        if pd.isna(value):
            rows.append(float("nan"))
        else:
            rows.append(float(value) * index[base] / index[year])
    return pd.Series(rows, index=cash.index, dtype=float)


@REAL.right("a loop over the rows")
def real_terms(cash, deflator, base):
    if base not in deflator.index:
        raise ValueError("no base")
    out = []
    for i in range(len(cash)):
        year = cash.index[i]
        if year not in deflator.index:
            raise ValueError("no such year")
        value = cash.iloc[i]
        out.append(float("nan") if pd.isna(value) else float(value) * deflator[base] / deflator[year])
    return pd.Series(out, index=cash.index, dtype=float)


@REAL.right("a map of the labels")
def real_terms(cash, deflator, base):
    index = cash.index.map(deflator.to_dict())
    if base not in deflator or pd.isna(index).any():
        raise ValueError("a year without a price")
    return cash.astype(float) / np.asarray(index, dtype=float) * deflator[base]


@REAL.right("reindex, and a check of what came out")
def real_terms(cash, deflator, base):
    prices = deflator.reindex(cash.index)
    if prices.isnull().sum() > 0 or base not in list(deflator.index):
        raise ValueError
    return pd.Series(cash.astype("float64").values / prices.values * deflator.loc[base], cash.index)


REAL.slip(
    "upside down",
    MISCONCEPTION,
    of="a loop over the rows",
    change={"* deflator[base] / deflator[year]": "* deflator[year] / deflator[base]"},
    says="The ratio is upside down",
)
REAL.slip(
    "a missing amount is 0",
    EDGE,
    of="a loop over the rows",
    change={'float("nan") if': "0.0 if"},
    says="is missing: nan in its row",
)
REAL.slip(
    "the base is not asked for",
    EDGE,
    of="a loop over the rows",
    change={'    if base not in deflator.index:\n        raise ValueError("no base")\n': ""},
    says="raise ValueError, not KeyError",
)
REAL.slip(
    "sorted by year",
    BOUNDARY,
    of="a loop over the rows",
    change={"index=cash.index, dtype=float)": "index=cash.index, dtype=float).sort_index()"},
    says="Keep the labels of cash in their order",
)


@REAL.wrong("pandas aligns by itself", BOUNDARY, says="do not belong to the result")
def real_terms(cash, deflator, base):
    if base not in deflator.index or not set(cash.index) <= set(deflator.index):
        raise ValueError("a year is missing")
    return cash.astype(float) * deflator[base] / deflator


@REAL.wrong("rows are paired by position", MISCONCEPTION, says="You paired rows by position")
def real_terms(cash, deflator, base):
    if base not in deflator.index or not set(cash.index) <= set(deflator.index):
        raise ValueError("a year is missing")
    return pd.Series(cash.astype(float).values * deflator[base] / deflator.values[: len(cash)], cash.index)


@REAL.wrong("a year once only", EDGE, says="2015 stands twice in cash")
def real_terms(cash, deflator, base):
    if base not in deflator.index or not set(cash.index) <= set(deflator.index):
        raise ValueError("a year is missing")
    once = cash[~cash.index.duplicated()].astype(float)
    return once * deflator[base] / deflator[once.index]


@REAL.wrong("leaves what is missing as it is", EDGE, says="turn cash into floats")
def real_terms(cash, deflator, base):
    if base not in deflator.index or not set(cash.index) <= set(deflator.index):
        raise ValueError("a year is missing")
    ratio = pd.Series((deflator[base] / deflator[cash.index]).values, index=cash.index)
    return cash * ratio


@REAL.wrong("writes into cash", MUTATES, says="changed what was passed in")
def real_terms(cash, deflator, base):
    if base not in deflator.index or not set(cash.index) <= set(deflator.index):
        raise ValueError("a year is missing")
    result = cash.astype(float) * (deflator[base] / deflator[cash.index]).values
    cash[:] = 0
    return result


@REAL.wrong("the worked example typed in", CONSTANT, says="both rows stay")
def real_terms(cash, deflator, base):
    return pd.Series([112.5, 125.0], index=[2016, 2015])


REAL.slip(
    "rounded to pence",
    BOUNDARY,
    of="a loop over the rows",
    change={
        "float(value) * deflator[base] / deflator[year])": "round(float(value) * deflator[base] / deflator[year], 2))"
    },
    says="round nothing",
)
REAL.slip(
    "a missing amount may be of any year",
    EDGE,
    of="a loop over the rows",
    change={
        "        if year not in deflator.index:": "        if year not in deflator.index and not pd.isna(cash.iloc[i]):"
    },
    says="A year that the deflator does not have: raise ValueError",
)


@REAL.wrong("only the span of the years is asked", EDGE, says="lies between two years of the deflator")
def real_terms(cash, deflator, base):
    first, last = deflator.index.min(), deflator.index.max()
    for y in list(cash.index) + [base]:
        if y < first or y > last:
            raise ValueError("not in the deflator")
    own = deflator.reindex(cash.index)
    return pd.Series(
        cash.astype(float).to_numpy() * deflator.reindex([base]).iloc[0] / own.to_numpy(dtype=float), index=cash.index
    )


PERSON = BANK.task("per_person")


@PERSON.right("a loop over the years")
def per_person(amount, pop):
    result = {}
    for year, value in amount.items():
        if year not in pop.index:
            raise ValueError(year)
        result[year] = value / pop[year]
    return pd.Series(result)


@PERSON.right("a map of the labels")
def per_person(amount, pop):
    if not amount.index.isin(pop.index).all():
        raise ValueError("nobody lived then")
    return amount / amount.index.map(pop)


PERSON.slip(
    "people over money",
    MISCONCEPTION,
    of="a loop over the years",
    change={"value / pop[year]": "pop[year] / value"},
    says="Worked example: 6 and 5",
)
PERSON.slip(
    "a year without people is left out",
    EDGE,
    of="a loop over the years",
    change={"raise ValueError(year)": "continue"},
    says="2019 is not in pop: raise ValueError",
)
PERSON.slip(
    "pandas' own error",
    EDGE,
    of="a loop over the years",
    change={"        if year not in pop.index:\n            raise ValueError(year)\n": ""},
    says="raise ValueError, not KeyError",
)
PERSON.slip(
    "in the order of time",
    BOUNDARY,
    of="a loop over the years",
    change={"pd.Series(result)": "pd.Series(result).sort_index()"},
    says="Keep the labels of amount in their order",
)
PERSON.slip(
    "rounded to pounds and pence",
    BOUNDARY,
    of="a loop over the years",
    change={"value / pop[year]": "round(value / pop[year], 1)"},
    says="round nothing",
)


@PERSON.wrong("pandas aligns by itself", BOUNDARY, says="2017 stands in pop only")
def per_person(amount, pop):
    if not amount.index.isin(pop.index).all():
        raise ValueError("nobody lived then")
    return amount / pop


@PERSON.wrong("rows are paired by position", MISCONCEPTION, says="You paired rows by position")
def per_person(amount, pop):
    if not amount.index.isin(pop.index).all():
        raise ValueError("nobody lived then")
    return pd.Series(amount.values / pop.values[: len(amount)], index=amount.index)


@PERSON.wrong("the worked example typed in", CONSTANT, says="nan in its row, never 0")
def per_person(amount, pop):
    return pd.Series([6.0, 5.0], index=[2016, 2015])


@PERSON.wrong("writes into amount", MUTATES, says="changed what was passed in")
def per_person(amount, pop):
    if not amount.index.isin(pop.index).all():
        raise ValueError("nobody lived then")
    result = amount / pop.loc[amount.index]
    amount[:] = 0
    return result


PERSON.slip(
    "a missing amount is 0",
    EDGE,
    of="a map of the labels",
    change={"return amount / ": "return amount.fillna(0) / "},
    says="nan in its row, never 0",
)


@PERSON.wrong("only the span of the years is asked", EDGE, says="lies between two years of pop")
def per_person(amount, pop):
    if max(amount.index) > max(pop.index) or min(amount.index) < min(pop.index):
        raise ValueError("not in pop")
    return amount / pop.reindex(amount.index)


# --- 13.2 -------------------------------------------------------------------------------------------------------------

GAP = BANK.task("restore_gap")


@GAP.right("checks first, then the formula")
def restore_gap(cash, deflator, target_year, year, pop=None):
    for series in [cash, deflator] + ([] if pop is None else [pop]):
        for wanted in (target_year, year):
            if (series.index == wanted).sum() != 1:
                raise ValueError(f"{wanted} must stand once")
    needed = cash[target_year] * deflator[year] / deflator[target_year]
    if pop is not None:
        needed = needed * pop[year] / pop[target_year]
    return max(needed - cash[year], 0)


@GAP.right("counts by value_counts")
def restore_gap(cash, deflator, target_year, year, pop=None):
    tables = {"cash": cash, "deflator": deflator}
    if pop is not None:
        tables["pop"] = pop
    for name in tables:
        counts = tables[name].index.value_counts()
        if counts.get(target_year, 0) != 1 or counts.get(year, 0) != 1:
            raise ValueError(name)
    level = cash.loc[target_year] / deflator.loc[target_year]
    if pop is None:
        wanted = level * deflator.loc[year]
    else:
        wanted = level / pop.loc[target_year] * pop.loc[year] * deflator.loc[year]
    gap = wanted - cash.loc[year]
    return gap if gap > 0 else 0.0


GAP.slip(
    "people are forgotten",
    MISCONCEPTION,
    of="checks first, then the formula",
    change={"needed * pop[year] / pop[target_year]": "needed"},
    loses="tests",
    says="You left out the people",
)
GAP.slip(
    "prices are forgotten",
    MISCONCEPTION,
    of="checks first, then the formula",
    change={"cash[target_year] * deflator[year] / deflator[target_year]": "cash[target_year]"},
    says="You left out the prices",
)
GAP.slip(
    "in the prices of the target year",
    MISCONCEPTION,
    of="checks first, then the formula",
    change={
        "return max(needed - cash[year], 0)": "return max(needed - cash[year], 0) * deflator[target_year] / deflator[year]"
    },
    says="in the prices of year 1",
)
GAP.slip(
    "below 0 where enough is paid",
    BOUNDARY,
    of="checks first, then the formula",
    change={"max(needed - cash[year], 0)": "needed - cash[year]"},
    loses="tests",
    says="the gap is 0, not -50",
)
GAP.slip(
    "takes the first of two rows",
    EDGE,
    of="checks first, then the formula",
    change={
        "    needed = cash": "    cash, deflator = (s[~s.index.duplicated()] for s in (cash, deflator))\n    needed = cash",
        "!= 1": "< 1",
    },
    loses="edges",
    says="year 2 stands twice in cash: raise ValueError",
)
GAP.slip(
    "pop is not checked",
    EDGE,
    of="checks first, then the formula",
    change={"[cash, deflator] + ([] if pop is None else [pop])": "[cash, deflator]"},
    loses="edges",
    says="pop has year 1 only: raise ValueError, not KeyError",
)
GAP.slip(
    "refuses any year that stands twice",
    EDGE,
    of="checks first, then the formula",
    change={"(series.index == wanted).sum() != 1": "wanted not in series.index or not series.index.is_unique"},
    loses="edges",
    says="nobody asked for it",
)
GAP.slip(
    "only cash may not stand twice",
    EDGE,
    of="checks first, then the formula",
    change={
        "(series.index == wanted).sum() != 1": "wanted not in series.index or (series is cash and sum(cash.index == wanted) > 1)",
        "    needed = cash": "    deflator = deflator[~deflator.index.duplicated()]\n    needed = cash",
    },
    loses="edges",
    says="year 2 stands twice in the deflator",
)
GAP.slip(
    "what is needed in all",
    BOUNDARY,
    of="checks first, then the formula",
    change={"max(needed - cash[year], 0)": "needed"},
    says="take away what is paid already",
)


@GAP.wrong("drops rows of the deflator in place", MUTATES, loses="tests", says="changed a Series that was passed in")
def restore_gap(cash, deflator, target_year, year, pop=None):
    for series in [cash, deflator] + ([] if pop is None else [pop]):
        for wanted in (target_year, year):
            if (series.index == wanted).sum() != 1:
                raise ValueError(f"{wanted} must stand once")
    needed = cash[target_year] * deflator[year] / deflator[target_year]
    if pop is not None:
        needed = needed * pop[year] / pop[target_year]
    deflator.drop(index=target_year, inplace=True)
    return max(needed - cash[year], 0)


@GAP.wrong("the worked example typed in", CONSTANT, says="Without pop: 60")
def restore_gap(cash, deflator, target_year, year, pop=None):
    return 110.0


@GAP.wrong("only one of the years may not stand twice", EDGE, loses="edges", says="year 1 stands twice in cash")
def restore_gap(cash, deflator, target_year, year, pop=None):
    data = [cash, deflator] + ([] if pop is None else [pop])
    for s in data:
        if target_year not in s.index or (s.index == year).sum() != 1:
            raise ValueError("year")
    pick = lambda s, y: float(s[s.index == y].iloc[0])
    need = pick(cash, target_year)
    for s in data[1:]:
        need *= pick(s, year) / pick(s, target_year)
    return max(need - pick(cash, year), 0)


# --- 13.3 -------------------------------------------------------------------------------------------------------------

RUN = BANK.task("simulate_health")


@RUN.right("a list of dicts")
def simulate_health(params, prevention_share, years, dt=0.25):
    q = dict(params)
    state = {name: q[name] for name in ["H", "R", "I", "P"]}
    spent, cure = prevention_share * q["budget"], (1 - prevention_share) * q["budget"]
    rows = [{"t": 0, **state}]
    for k in range(int(round(years / dt))):
        old = dict(state)
        onset = q["rho"] * old["H"]
        back = q["eta"] * old["R"]
        falls = q["phi"] * np.exp(-q["psi"] * 10 * old["P"] / max(old["R"], 1e-9)) * old["R"]
        heals = q["kappa"] * cure / (cure + q["c50"]) * old["I"]
        dies = q["nu"] * old["I"]
        state["H"] = old["H"] + dt * (back + dies - onset)
        state["R"] = old["R"] + dt * (onset + heals - back - falls)
        state["I"] = old["I"] + dt * (falls - heals - dies)
        state["P"] = old["P"] + dt * (spent - old["P"]) / q["delay"]
        rows.append({"t": (k + 1) * dt, **state})
    return pd.DataFrame(rows)


@RUN.right("arrays that are filled")
def simulate_health(params, prevention_share, years, dt=0.25):
    from math import exp

    n = round(years / dt) + 1
    H, R, I, P = (np.full(n, params[name], dtype=float) for name in "HRIP")
    c = (1 - prevention_share) * params["budget"]
    for k in range(1, n):
        h, r, i, p = H[k - 1], R[k - 1], I[k - 1], P[k - 1]
        ill = params["phi"] * exp(-params["psi"] * 10 * p / max(r, 1e-9)) * r
        well = params["kappa"] * c / (c + params["c50"]) * i
        H[k] = h + dt * (params["eta"] * r + params["nu"] * i - params["rho"] * h)
        R[k] = r + dt * (params["rho"] * h + well - params["eta"] * r - ill)
        I[k] = i + dt * (ill - well - params["nu"] * i)
        P[k] = p + dt * (prevention_share * params["budget"] - p) / params["delay"]
    return pd.DataFrame({"t": dt * np.arange(n), "H": H, "R": R, "I": I, "P": P})


for _name, _kind, _change, _loses, _says in (
    (
        "recovered people are healthy",
        MISCONCEPTION,
        {
            "(back + dies - onset)": "(back + dies + heals - onset)",
            "(onset + heals - back - falls)": "(onset - back - falls)",
        },
        "tests",
        "go back to being at risk",
    ),
    (
        "without the step",
        BOUNDARY,
        {"+ dt * (back + dies - onset)": "+ (back + dies - onset)"},
        "tests edges",
        "You left out the step",
    ),
    ("nobody is born", BOUNDARY, {"(back + dies - onset)": "(back - onset)"}, "tests edges", "Births are missing"),
    (
        "prevention without a delay",
        MISCONCEPTION,
        {' / q["delay"]': ""},
        "tests edges",
        "Prevention comes with a delay",
    ),
    ("divides by nobody", EDGE, {'max(old["R"], 1e-9)': 'old["R"]'}, "edges", "divide by max(R, 1e-9)"),
    (
        "the number of steps is cut off",
        BOUNDARY,
        {"int(round(years / dt))": "int(years / dt)"},
        "edges",
        "round the number of steps",
    ),
    (
        "without the start",
        BOUNDARY,
        {'rows = [{"t": 0, **state}]': "rows = []"},
        "tests edges",
        "the rows of time 0 and 0.5",
    ),
    (
        "times are steps",
        BOUNDARY,
        {'"t": (k + 1) * dt': '"t": k + 1'},
        "tests edges",
        "times are in years, not in steps",
    ),
    (
        "cure gets the money for prevention",
        MISCONCEPTION,
        {"(1 - prevention_share) *": "prevention_share *"},
        "tests edges",
        "about 56.8 are ill",
    ),
    ("without the ten", BOUNDARY, {"* 10 * old": "* old"}, "tests edges", "10 P / R in the exponent"),
    ("a plus in the exponent", BOUNDARY, {"np.exp(-q": "np.exp(q"}, "tests edges", "in the exponent"),
    (
        "a budget of 100, whatever comes",
        EDGE,
        {"q = dict(params)": 'q = {**params, "budget": 100}'},
        "tests",
        "is budget read from params?",
    ),
    ("a delay of 5, whatever comes", EDGE, {'q["delay"]': "5"}, "tests", "delay one and a half times as large"),
):
    RUN.slip(_name, _kind, of="a list of dicts", change=_change, loses=_loses, says=_says)
RUN.slip(
    "steps into the dict that came in",
    MUTATES,
    of="a list of dicts",
    change={
        "q = dict(params)": "q = params",
        "    return pd.DataFrame(rows)": "    params.update(state)\n    return pd.DataFrame(rows)",
    },
    says="changed the dict that was passed in",
)


@RUN.wrong("one stock after the other", MISCONCEPTION, loses="tests edges", says="keep them until all four are done")
def simulate_health(params, prevention_share, years, dt=0.25):
    q = params
    h, r, i, p = (float(q[name]) for name in "HRIP")
    spent, cure = prevention_share * q["budget"], (1 - prevention_share) * q["budget"]
    cured = q["kappa"] * cure / (cure + q["c50"])
    rows = [(0.0, h, r, i, p)]
    for k in range(round(years / dt)):
        h = h + dt * (q["eta"] * r + q["nu"] * i - q["rho"] * h)
        falls = q["phi"] * np.exp(-q["psi"] * 10 * p / max(r, 1e-9)) * r
        r = r + dt * (q["rho"] * h + cured * i - q["eta"] * r - falls)
        i = i + dt * (q["phi"] * np.exp(-q["psi"] * 10 * p / max(r, 1e-9)) * r - cured * i - q["nu"] * i)
        p = p + dt * (spent - p) / q["delay"]
        rows.append(((k + 1) * dt, h, r, i, p))
    return pd.DataFrame(rows, columns=["t", "H", "R", "I", "P"])


@RUN.wrong("the worked example typed in", CONSTANT, says="is budget read from params?")
def simulate_health(params, prevention_share, years, dt=0.25):
    return pd.DataFrame({"t": [0, 0.5], "H": [600, 605], "R": [300, 252.5], "I": [100, 142.5], "P": [10, 14]})


@RUN.wrong("prevention moves first", MISCONCEPTION, loses="tests edges", says="The new P, 14, stands in your exponent")
def simulate_health(params, prevention_share, years, dt=0.25):
    p = dict(params)
    H, R, I, P = p["H"], p["R"], p["I"], p["P"]
    C = (1 - prevention_share) * p["budget"]
    rows = [[0, H, R, I, P]]
    for k in range(1, round(years / dt) + 1):
        P = P + dt * (prevention_share * p["budget"] - P) / p["delay"]
        on, rev = p["rho"] * H, p["eta"] * R
        prog = p["phi"] * np.exp(-p["psi"] * 10 * P / max(R, 1e-9)) * R
        rec, die = p["kappa"] * C / (C + p["c50"]) * I, p["nu"] * I
        H, R, I = H + dt * (rev + die - on), R + dt * (on + rec - rev - prog), I + dt * (prog - rec - die)
        rows.append([k * dt, H, R, I, P])
    return pd.DataFrame(rows, columns=["t", "H", "R", "I", "P"])


# --- 13.4 -------------------------------------------------------------------------------------------------------------

QALYS = BANK.task("qalys")


@QALYS.right("arrays at least one long")
def qalys(money, cost_per_qaly):
    m, c = np.atleast_1d(np.array(money, float)), np.atleast_1d(np.array(cost_per_qaly, float))
    if min(c) <= 0 or min(m) < 0:
        raise ValueError("no")
    bought = m / c
    return bought if np.ndim(money) or np.ndim(cost_per_qaly) else bought[0]


@QALYS.right("a loop where lists came in")
def qalys(money, cost_per_qaly):
    if np.ndim(money) == 0 and np.ndim(cost_per_qaly) == 0:
        if cost_per_qaly <= 0 or money < 0:
            raise ValueError("makes no sense")
        return money / cost_per_qaly
    n = len(money) if np.ndim(money) else len(cost_per_qaly)
    ms = list(money) if np.ndim(money) else [money] * n
    cs = list(cost_per_qaly) if np.ndim(cost_per_qaly) else [cost_per_qaly] * n
    return np.array([qalys(m, c) for m, c in zip(ms, cs, strict=True)])


QALYS.slip(
    "upside down",
    MISCONCEPTION,
    of="arrays at least one long",
    change={"m / c": "c / m"},
    says="That is the cost over the money",
)
QALYS.slip(
    "a cost of 0 is let through",
    BOUNDARY,
    of="a loop where lists came in",
    change={"cost_per_qaly <= 0": "cost_per_qaly < 0"},
    says="raise ValueError before you divide",
)
QALYS.slip(
    "all must be bad to be refused",
    EDGE,
    of="arrays at least one long",
    change={"min(c) <= 0 or min(m) < 0": "max(c) <= 0 or max(m) < 0"},
    says="even where one of several is at fault",
)
QALYS.slip(
    "money is not checked",
    EDGE,
    of="arrays at least one long",
    change={" or min(m) < 0": ""},
    says="qalys(-1, 4) makes no sense",
)
QALYS.slip(
    "whole years only",
    BOUNDARY,
    of="arrays at least one long",
    change={"bought = m / c": "bought = np.round(m / c, 1)"},
    says="round nothing",
)


@QALYS.wrong("a list comes back", BOUNDARY, says="so an array of 2 must come out")
def qalys(money, cost_per_qaly):
    if np.min(cost_per_qaly) <= 0 or np.min(money) < 0:
        raise ValueError("no")
    bought = np.asarray(money) / np.asarray(cost_per_qaly)
    return bought.tolist()


@QALYS.wrong("the worked example typed in", CONSTANT, says="paired by position")
def qalys(money, cost_per_qaly):
    return np.array([250.0, 125.0]) if np.ndim(money) or np.ndim(cost_per_qaly) and cost_per_qaly == [4, 8] else 250.0


@QALYS.wrong("sorts the list that came in", MUTATES, says="should be 250 and 125")
def qalys(money, cost_per_qaly):
    if isinstance(cost_per_qaly, list):
        cost_per_qaly.sort(reverse=True)
    if np.min(cost_per_qaly) <= 0 or np.min(money) < 0:
        raise ValueError("no")
    return np.asarray(money, float) / np.asarray(cost_per_qaly, float)


QALYS.slip(
    "no money is refused",
    BOUNDARY,
    of="arrays at least one long",
    change={"min(m) < 0": "min(m) <= 0"},
    says="an amount of 0 makes sense",
)


@QALYS.wrong("a list of amounts at one cost stops", EDGE, says="A list of amounts at one cost is allowed")
def qalys(money, cost_per_qaly):
    m, c = np.asarray(money, dtype=float), np.asarray(cost_per_qaly, dtype=float)
    if (m < 0).any() or (c <= 0).any():
        raise ValueError("no sense")
    if np.ndim(cost_per_qaly) == 0:
        return float(m / c)
    return m / c


@QALYS.wrong("a list of one becomes a number", EDGE, says="an array of 1 must come out")
def qalys(money, cost_per_qaly):
    m, c = np.atleast_1d(np.asarray(money, dtype=float)), np.atleast_1d(np.asarray(cost_per_qaly, dtype=float))
    if (m < 0).any() or (c <= 0).any():
        raise ValueError("no sense")
    out = m / c
    return float(out[0]) if len(out) == 1 else out


PSA = BANK.task("psa")


@PSA.right("quantiles of a Series")
def psa(money, mean, se, n, seed):
    draws = pd.Series(np.random.default_rng(seed).normal(mean, se, n))
    good = draws[draws > 0]
    years = money / good
    return {
        "median": years.median(),
        "low": years.quantile(0.025),
        "high": years.quantile(0.975),
        "dropped": int((draws <= 0).sum()),
    }


@PSA.right("lists and numpy's percentile")
def psa(money, mean, se, n, seed):
    rng = np.random.default_rng(seed)
    drawn = rng.normal(mean, se, n)
    years = [money / x for x in drawn if x > 0]
    if not years:
        return {"median": np.nan, "low": np.nan, "high": np.nan, "dropped": n}
    low, high = np.percentile(years, [2.5, 97.5])
    return {"median": np.median(years), "low": low, "high": high, "dropped": n - len(years)}


for _name, _kind, _change, _says in (
    ("the mean of the ratios", MISCONCEPTION, {"np.median(years)": "np.mean(years)"}, "That is a mean"),
    ("an interval of 90 per cent", BOUNDARY, {"[2.5, 97.5]": "[5, 95]"}, "low 16.540"),
    ("low and high are swapped", BOUNDARY, {"low, high =": "high, low ="}, "the wrong way round"),
    ("nothing is counted", EDGE, {"n - len(years)": "0"}, "drop and count them"),
    (
        "0 where no draw is left",
        EDGE,
        {'"median": np.nan, "low": np.nan, "high": np.nan': '"median": 0, "low": 0, "high": 0'},
        "All 10 draws are below 0",
    ),
    ("another seed", EDGE, {"default_rng(seed)": "default_rng(0)"}, "Did you draw with"),
):
    PSA.slip(_name, _kind, of="lists and numpy's percentile", change=_change, says=_says)


@PSA.wrong("keeps draws below 0", MISCONCEPTION, says="Some draws are 0 or below: drop")
def psa(money, mean, se, n, seed):
    drawn = np.random.default_rng(seed).normal(mean, se, n)
    median, low, high = np.percentile(money / drawn, [50, 2.5, 97.5])
    return {"median": median, "low": low, "high": high, "dropped": 0}


@PSA.wrong("percentiles of the cost, before the drop", BOUNDARY, says="percentiles of all draws")
def psa(money, mean, se, n, seed):
    drawn = np.random.default_rng(seed).normal(mean, se, n)
    left = drawn[drawn > 0]
    low, high = money / np.percentile(drawn, 97.5), money / np.percentile(drawn, 2.5)
    return {"median": np.median(money / left), "low": low, "high": high, "dropped": n - len(left)}


@PSA.wrong("draws again until all are above 0", EDGE, says="Some draws are 0 or below")
def psa(money, mean, se, n, seed):
    rng, left = np.random.default_rng(seed), []
    for _ in range(100 * n):
        draw = rng.normal(mean, se)
        if draw > 0:
            left.append(money / draw)
        if len(left) == n:
            break
    median, low, high = np.percentile(left, [50, 2.5, 97.5]) if left else [np.nan] * 3
    return {"median": median, "low": low, "high": high, "dropped": 0}


@PSA.wrong("the worked example typed in", CONSTANT, says="With se 0 all draws are 4")
def psa(money, mean, se, n, seed):
    return {"median": 44.7558, "low": 16.5404, "high": 693.941, "dropped": 328}


PSA.slip(
    "a draw of exactly 0 is kept",
    BOUNDARY,
    of="quantiles of a Series",
    change={"draws[draws > 0]": "draws[draws >= 0]", "(draws <= 0)": "(draws < 0)"},
    says="Draws of exactly 0 are dropped, too",
)
PSA.slip(
    "money over the median cost",
    BOUNDARY,
    of="quantiles of a Series",
    change={"years.median()": "money / good.median()"},
    says="the money over the median cost",
)
PSA.slip(
    "rounded as in the example",
    BOUNDARY,
    of="lists and numpy's percentile",
    change={'"median": np.median(years)': '"median": round(np.median(years), 3)'},
    says="round nothing",
)


# --- 13.5 -------------------------------------------------------------------------------------------------------------

CUTS = BANK.task("regressivity")


def mean(values, weights):
    return sum(v * w for v, w in zip(values, weights)) / sum(weights)


def rank(x, xs, weights):
    less = sum(w for v, w in zip(xs, weights) if v < x)
    same = sum(w for v, w in zip(xs, weights) if v == x)
    return (less + same / 2) / sum(weights)


@CUTS.right("two helpers called mean and rank", using=[mean, rank])
def regressivity(cut, deprivation, pop):
    cut, deprivation, pop = [[float(v) for v in x] for x in (cut, deprivation, pop)]
    x_bar, y_bar = mean(deprivation, pop), mean(cut, pop)
    top = bottom = gini = 0
    for y, x, w in zip(cut, deprivation, pop):
        top += w * (x - x_bar) * (y - y_bar)
        bottom += w * (x - x_bar) ** 2
        gini += w * (y - y_bar) * (rank(x, deprivation, pop) - 0.5)
    slope = float("nan") if len(set(deprivation)) == 1 else top / bottom
    index = float("nan") if y_bar == 0 else 2 * gini / sum(pop) / y_bar
    return {"slope": slope, "index": index}


@CUTS.right("loops and sums")
def regressivity(cut, deprivation, pop):
    y, x, w = list(cut), list(deprivation), list(pop)
    total = sum(w)
    xbar = sum(a * b for a, b in zip(w, x, strict=True)) / total
    ybar = sum(a * b for a, b in zip(w, y, strict=True)) / total
    top = bottom = cov = 0
    for i in range(len(y)):
        top += w[i] * (x[i] - xbar) * (y[i] - ybar)
        bottom += w[i] * (x[i] - xbar) ** 2
        rank = sum(w[j] for j in range(len(y)) if x[j] < x[i]) / total
        rank += sum(w[j] for j in range(len(y)) if x[j] == x[i]) / total / 2
        cov += w[i] * (y[i] - ybar) * (rank - 0.5)
    slope = top / bottom if bottom > 0 else float("nan")
    index = 2 / ybar * cov / total if ybar != 0 else float("nan")
    return {"slope": slope, "index": index}


@CUTS.right("a table, grouped by deprivation")
def regressivity(cut, deprivation, pop):
    frame = pd.DataFrame({"y": np.array(cut, float), "x": np.array(deprivation, float), "w": np.array(pop, float)})
    groups = frame.groupby("x")["w"].sum()
    middle = (groups.cumsum() - groups / 2) / groups.sum()
    rank = frame["x"].map(middle)
    ybar = np.average(frame["y"], weights=frame["w"])
    slope = np.nan
    if len(groups) > 1:
        xbar = np.average(frame["x"], weights=frame["w"])
        slope = (frame["w"] * (frame["x"] - xbar) * (frame["y"] - ybar)).sum()
        slope = slope / (frame["w"] * (frame["x"] - xbar) ** 2).sum()
    index = np.nan
    if ybar != 0:
        index = 2 / ybar * np.average((frame["y"] - ybar) * (rank - 0.5), weights=frame["w"])
    return {"slope": slope, "index": index}


for _name, _kind, _change, _loses, _says in (
    (
        "ranked from the most deprived",
        MISCONCEPTION,
        {"x[j] < x[i]": "x[j] > x[i]"},
        "tests",
        "The ranks run the wrong way",
    ),
    (
        "at the end of its people",
        BOUNDARY,
        {"/ total / 2": "/ total"},
        "tests",
        "each area stands at the middle of its people",
    ),
    (
        "only its own people in the middle",
        BOUNDARY,
        {"if x[j] == x[i]": "if j == i"},
        "tests",
        "the ranks are 0.25, 0.75 and 0.75",
    ),
    (
        "0 where all are equally deprived",
        EDGE,
        {'bottom > 0 else float("nan")': "bottom > 0 else 0.0"},
        "edges",
        "the slope is nan, not 0",
    ),
    (
        "0 where the cuts add up to 0",
        EDGE,
        {'ybar != 0 else float("nan")': "ybar != 0 else 0.0"},
        "edges",
        "the index is nan, not 0",
    ),
    ("without the two", BOUNDARY, {"2 / ybar * cov": "1 / ybar * cov"}, "tests", "the index is 0.4, not 0.2"),
    ("not over the mean", MISCONCEPTION, {"2 / ybar * cov": "2 * cov"}, "tests", "the index is 0.4"),
):
    CUTS.slip(_name, _kind, of="loops and sums", change=_change, loses=_loses, says=_says)


@CUTS.wrong("counts areas", MISCONCEPTION, loses="tests", says="You counted areas, not people")
def regressivity(cut, deprivation, pop):
    y, x = np.array(cut, float), np.array(deprivation, float)
    slope = np.nan if x.min() == x.max() else np.cov(x, y, ddof=0)[0, 1] / x.var()
    rank = (pd.Series(x).rank() - 0.5) / len(x)
    index = (
        np.nan if y.mean() == 0 or (np.asarray(pop) @ y) == 0 else 2 / y.mean() * np.mean((y - y.mean()) * (rank - 0.5))
    )
    return {"slope": slope, "index": index}


@CUTS.wrong("pandas aligns the labels", BOUNDARY, loses="tests", says="pair by position")
def regressivity(cut, deprivation, pop):
    y, x, w = pd.Series(cut), pd.Series(deprivation), pd.Series(pop)
    n = w.sum()
    xbar, ybar = (w * x).sum() / n, (w * y).sum() / n
    rank = pd.Series([w[x < x[i]].sum() / n + w[x == x[i]].sum() / n / 2 for i in x.index], index=x.index)
    slope = np.nan if x.nunique() == 1 else (w * (x - xbar) * (y - ybar)).sum() / (w * (x - xbar) ** 2).sum()
    return {"slope": slope, "index": np.nan if ybar == 0 else 2 / ybar * (w * (y - ybar) * (rank - 0.5)).sum() / n}


@CUTS.wrong("sorts the lists that came in", MUTATES, loses="tests", says="changed a list that was passed in")
def regressivity(cut, deprivation, pop):
    y, x, w = (np.array(a, float) for a in (cut, deprivation, pop))
    if isinstance(pop, list):
        pop.sort()
    n = w.sum()
    xbar, ybar = w @ x / n, w @ y / n
    rank = np.array([w[x < v].sum() + w[x == v].sum() / 2 for v in x]) / n
    slope = np.nan if x.min() == x.max() else w @ ((x - xbar) * (y - ybar)) / (w @ (x - xbar) ** 2)
    return {"slope": slope, "index": np.nan if ybar == 0 else 2 / ybar * (w @ ((y - ybar) * (rank - 0.5))) / n}


@CUTS.wrong("the worked example typed in", CONSTANT, says="Cuts of 8, 4 and -6")
def regressivity(cut, deprivation, pop):
    return {"slope": 2.3125, "index": 0.4}


@CUTS.wrong("asks whether the plain sum is 0", BOUNDARY, loses="edges", says="the index is nan")
def regressivity(cut, deprivation, pop):
    y, x, w = (np.asarray(v, dtype=float) for v in (cut, deprivation, pop))
    ym, xm = np.average(y, weights=w), np.average(x, weights=w)
    slope = np.nan if x.min() == x.max() else (w * (x - xm) * (y - ym)).sum() / (w * (x - xm) ** 2).sum()
    rank = np.array([w[x < v].sum() + w[x == v].sum() / 2 for v in x]) / w.sum()
    if y.sum() == 0:
        return {"slope": slope, "index": np.nan}
    return {"slope": slope, "index": 2 / ym * (w * (y - ym) * (rank - 0.5)).sum() / w.sum()}


@CUTS.wrong(
    "equally deprived areas get the mean of their ranks", BOUNDARY, loses="tests", says="both have the rank 0.75"
)
def regressivity(cut, deprivation, pop):
    d = pd.DataFrame({"y": np.asarray(cut, float), "x": np.asarray(deprivation, float), "w": np.asarray(pop, float)})
    d = d.sort_values("x", kind="stable")
    xm, ym = np.average(d.x, weights=d.w), np.average(d.y, weights=d.w)
    d["rank"] = (d.w.cumsum() - d.w / 2) / d.w.sum()
    d["rank"] = d.groupby("x")["rank"].transform("mean")
    slope = np.nan if d.x.nunique() == 1 else (d.w * (d.x - xm) * (d.y - ym)).sum() / (d.w * (d.x - xm) ** 2).sum()
    index = np.nan if ym == 0 else 2 / ym * (d.w * (d.y - ym) * (d["rank"] - 0.5)).sum() / d.w.sum()
    return {"slope": slope, "index": index}


# --- 13.6 -------------------------------------------------------------------------------------------------------------

FIT = BANK.task("fit_two_part")


@FIT.right("scipy's quantiles")
def fit_two_part(p0, q1, v1, q2, v2):
    from math import log

    from scipy.stats import norm

    ok = p0 >= 0 and q1 > p0 and q2 > q1 and q2 < 1 and v1 > 0 and v2 > v1
    if not ok:
        raise ValueError("not a distribution")
    z1 = norm.ppf((q1 - p0) / (1 - p0))
    z2 = norm.ppf((q2 - p0) / (1 - p0))
    sigma = (log(v2) - log(v1)) / (z2 - z1)
    return log(v1) - sigma * z1, sigma


@FIT.right("two equations in two unknowns")
def fit_two_part(p0, q1, v1, q2, v2):
    import statistics

    if min(p0, v1) < 0 or v1 == 0 or not p0 < q1 < q2 < 1 or v2 <= v1:
        raise ValueError("no fit")
    z = [statistics.NormalDist().inv_cdf((q - p0) / (1 - p0)) for q in (q1, q2)]
    mu, sigma = np.linalg.solve([[1, z[0]], [1, z[1]]], np.log([v1, v2]))
    return float(mu), float(sigma)


for _name, _kind, _change, _loses, _says in (
    (
        "those without costs are forgotten",
        MISCONCEPTION,
        {"(q1 - p0) / (1 - p0)": "q1", "(q2 - p0) / (1 - p0)": "q2"},
        "tests",
        "You forgot those without costs",
    ),
    (
        "not rescaled",
        BOUNDARY,
        {"(q1 - p0) / (1 - p0)": "q1 - p0", "(q2 - p0) / (1 - p0)": "q2 - p0"},
        "tests",
        "Worked example",
    ),
    (
        "sigma first",
        BOUNDARY,
        {"return log(v1) - sigma * z1, sigma": "return sigma, log(v1) - sigma * z1"},
        "tests",
        "mu comes first",
    ),
    (
        "mu as a cost",
        MISCONCEPTION,
        {"return log(v1) - sigma * z1, sigma": "return np.exp(log(v1) - sigma * z1), sigma"},
        "tests",
        "not of the cost: no exp",
    ),
    ("q1 may be p0", EDGE, {"q1 > p0": "q1 >= p0"}, "edges", "q1 is p0: raise ValueError"),
    ("v2 may be v1", EDGE, {"v2 > v1": "v2 >= v1"}, "edges", "v2 is v1: raise ValueError"),
    (
        "the values are not checked",
        EDGE,
        {" and v1 > 0 and v2 > v1": " and v1 > 0 and v2 != v1"},
        "edges",
        "v2 is below v1: raise ValueError",
    ),
    ("a share below 0 is let through", BOUNDARY, {"p0 >= 0 and ": ""}, "edges", "p0 is below 0: raise ValueError"),
    ("q2 of 1 is let through", BOUNDARY, {"q2 < 1": "q2 <= 1"}, "edges", "q2 is 1: raise ValueError"),
):
    FIT.slip(_name, _kind, of="scipy's quantiles", change=_change, loses=_loses, says=_says)


@FIT.wrong("the worked example typed in", CONSTANT, says="p0 of 0")
def fit_two_part(p0, q1, v1, q2, v2):
    return 3.44544, 1.04407


@FIT.wrong("the points may come in any order", EDGE, loses="edges", says="q2 is below q1: raise ValueError")
def fit_two_part(p0, q1, v1, q2, v2):
    from scipy.stats import norm

    (q1, v1), (q2, v2) = sorted([(q1, v1), (q2, v2)])
    if not (0 <= p0 < q1 < q2 < 1) or v1 <= 0 or v1 == v2:
        raise ValueError("no fit")
    z1, z2 = norm.ppf((np.array([q1, q2]) - p0) / (1 - p0))
    sigma = np.log(v2 / v1) / (z2 - z1)
    return np.log(v1) - sigma * z1, sigma


@FIT.wrong("a value of 0 is let through", BOUNDARY, loses="edges", says="v1 is 0: raise ValueError")
def fit_two_part(p0, q1, v1, q2, v2):
    from scipy.stats import norm

    if not (0 <= p0 < q1 < q2 < 1) or v1 >= v2:
        raise ValueError("order")
    z1, z2 = norm.ppf((q1 - p0) / (1 - p0)), norm.ppf((q2 - p0) / (1 - p0))
    sigma = (np.log(v2) - np.log(v1)) / (z2 - z1)
    return np.log(v1) - sigma * z1, sigma


# --- 13.7 -------------------------------------------------------------------------------------------------------------

PAYS = BANK.task("private_cost")


@PAYS.right("a loop over the people")
def private_cost(cost, wealth, cap, lower, upper, hotel=0.0, taper=0.4):
    if upper < lower:
        raise ValueError("limits")
    paid = []
    for x, w in zip(cost, wealth, strict=True):
        bill = min(x, cap) + hotel if x > 0 else 0
        counted = max(w - upper, 0) + taper * max(min(w, upper) - lower, 0)
        paid.append(min(bill, counted))
    return np.array(paid, dtype=float)


@PAYS.right("pandas' clip")
def private_cost(cost, wealth, cap, lower, upper, hotel=0.0, taper=0.4):
    if lower > upper:
        raise ValueError("limits")
    x, w = pd.Series(list(cost), dtype=float), pd.Series(list(wealth), dtype=float)
    bill = (x.clip(upper=cap) + hotel).where(x > 0, 0)
    counted = (w - upper).clip(lower=0) + taper * (w.clip(upper=upper) - lower).clip(lower=0)
    return np.minimum(bill, counted).to_numpy()


for _name, _kind, _change, _loses, _says in (
    (
        "the cap covers the hotel",
        MISCONCEPTION,
        {"min(x, cap) + hotel": "min(x + hotel, cap)"},
        "",
        "The cap does not cover the hotel",
    ),
    (
        "all above the lower limit counts",
        MISCONCEPTION,
        {"taper * max(min(w, upper) - lower, 0)": "max(min(w, upper) - lower, 0)"},
        "",
        "by the part taper only",
    ),
    (
        "no means test",
        MISCONCEPTION,
        {"paid.append(min(bill, counted))": "paid.append(bill)"},
        "",
        "Nobody pays more than the means test counts",
    ),
    (
        "nothing between the limits",
        MISCONCEPTION,
        {" + taper * max(min(w, upper) - lower, 0)": ""},
        "",
        "What lies between the limits counts, too",
    ),
    (
        "below the lower limit it becomes negative",
        EDGE,
        {"max(min(w, upper) - lower, 0)": "(min(w, upper) - lower)"},
        "",
        "never below 0",
    ),
    ("a hotel without care", EDGE, {" if x > 0 else 0": ""}, "", "No care, no hotel"),
    (
        "equal limits are refused",
        BOUNDARY,
        {"if upper < lower": "if upper <= lower"},
        "edges",
        "Equal limits of 50 are allowed",
    ),
    (
        "limits are not checked",
        EDGE,
        {'    if upper < lower:\n        raise ValueError("limits")\n': ""},
        "edges",
        "upper below lower makes no sense",
    ),
    (
        "from 0, not from the lower limit",
        BOUNDARY,
        {"min(w, upper) - lower, 0": "(min(w, upper) if w > lower else 0), 0"},
        "",
        "Wealth up to the lower limit does not count",
    ),
    (
        "a taper of 0.4, whatever comes",
        EDGE,
        {"counted = max(w - upper, 0) + taper *": "counted = max(w - upper, 0) + 0.4 *"},
        "tests",
        "use the argument, not 0.4",
    ),
):
    PAYS.slip(_name, _kind, of="a loop over the people", change=_change, loses=_loses, says=_says)


@PAYS.wrong("pandas aligns the labels", BOUNDARY, loses="tests", says="pair by position")
def private_cost(cost, wealth, cap, lower, upper, hotel=0.0, taper=0.4):
    if lower > upper:
        raise ValueError("limits")
    x, w = pd.Series(cost, dtype=float), pd.Series(wealth, dtype=float)
    bill = (x.clip(upper=cap) + hotel).where(x > 0, 0)
    counted = (w - upper).clip(lower=0) + taper * (w.clip(upper=upper) - lower).clip(lower=0)
    return pd.concat([bill, counted], axis=1).min(axis=1).to_numpy()


@PAYS.wrong("caps the list that came in", MUTATES, loses="tests", says="changed a list that was passed in")
def private_cost(cost, wealth, cap, lower, upper, hotel=0.0, taper=0.4):
    if lower > upper:
        raise ValueError("limits")
    x, w = np.array(cost, float), np.array(wealth, float)
    if isinstance(cost, list):
        cost[:] = [min(c, cap) for c in cost]
    bill = np.where(x > 0, np.minimum(x, cap) + hotel, 0)
    return np.minimum(bill, np.maximum(w - upper, 0) + taper * np.maximum(np.minimum(w, upper) - lower, 0))


@PAYS.wrong("the worked example typed in", CONSTANT, says="cap=np.inf, hotel 0 and taper 0.4")
def private_cost(cost, wealth, cap, lower, upper, hotel=0.0, taper=0.4):
    typed = np.array([116.0, 80, 62, 20, 0, 0])
    return typed if len(cost) == 6 else typed[: len(cost)]


@PAYS.wrong("an array of whole numbers is filled", BOUNDARY, says="fill no array of whole numbers")
def private_cost(cost, wealth, cap, lower, upper, hotel=0.0, taper=0.4):
    if upper < lower:
        raise ValueError("limits")
    cost, wealth = np.array(cost), np.array(wealth)
    pays = np.zeros_like(cost)
    for i in range(len(cost)):
        bill = min(cost[i], cap) + hotel if cost[i] > 0 else 0
        test = max(wealth[i] - upper, 0) + taper * max(min(wealth[i], upper) - lower, 0)
        pays[i] = round(min(bill, test), 9)
    return pays


@PAYS.wrong("caps the array that came in", MUTATES, loses="tests", says="np.asarray is no copy")
def private_cost(cost, wealth, cap, lower, upper, hotel=0.0, taper=0.4):
    if upper < lower:
        raise ValueError("limits")
    c, w = np.asarray(cost, dtype=float), np.asarray(wealth, dtype=float)
    none = c == 0
    c[c > cap] = cap
    bill = c + hotel
    bill[none] = 0
    test = np.clip(w - upper, 0, None) + taper * np.clip(np.minimum(w, upper) - lower, 0, None)
    return np.minimum(bill, test)


TENTHS = BANK.task("share_spent_by_tenth")


@TENTHS.right("a loop over the sorted people")
def share_spent_by_tenth(paid, wealth):
    people = sorted(zip(list(wealth), list(paid), strict=True), key=lambda person: person[0])
    spent, own = [0.0] * 10, [0.0] * 10
    for k, (w, p) in enumerate(people):
        tenth = 10 * k // len(people)
        spent[tenth] += p
        own[tenth] += w
    shares = [s / o if o > 0 else float("nan") for s, o in zip(spent, own, strict=True)]
    return pd.Series(shares, index=range(1, 11))


@TENTHS.right("a stable sort of a table")
def share_spent_by_tenth(paid, wealth):
    table = pd.DataFrame({"paid": np.asarray(paid, float), "wealth": np.asarray(wealth, float)})
    table = table.sort_values("wealth", kind="mergesort").reset_index(drop=True)
    table["tenth"] = 10 * table.index // len(table) + 1
    sums = table.groupby("tenth")[["paid", "wealth"]].sum()
    share = (sums["paid"] / sums["wealth"].replace(0, np.nan)).reindex(range(1, 11))
    return share


for _name, _kind, _change, _loses, _says in (
    (
        "in the order of arrival",
        MISCONCEPTION,
        {
            "sorted(zip(": "list(zip(",
            ", key=lambda person: person[0])": ")",
        },
        "tests",
        "Sort by wealth first",
    ),
    (
        "equal wealth by what was paid",
        EDGE,
        {"key=lambda person: person[0]": "key=lambda person: (person[0], person[1])"},
        "tests",
        "a stable sort",
    ),
    ("0 where nothing is owned", EDGE, {'else float("nan")': "else 0.0"}, "", "are nan, not"),
    ("tenths from 0", BOUNDARY, {"range(1, 11)": "range(10)"}, "", "The index is 1 to 10"),
    (
        "tenths by whole people",
        BOUNDARY,
        {"10 * k // len(people)": "min(k // max(len(people) // 10, 1), 9)"},
        "",
        "belong to the tenths 1, 3, 6 and 8",
    ),
    (
        "from the richest",
        MISCONCEPTION,
        {"key=lambda person: person[0])": "key=lambda person: -person[0])"},
        "",
        "Sort by wealth first",
    ),
):
    TENTHS.slip(_name, _kind, of="a loop over the sorted people", change=_change, loses=_loses, says=_says)


@TENTHS.wrong("the mean of everybody's share", MISCONCEPTION, says="Divide the sums")
def share_spent_by_tenth(paid, wealth):
    table = pd.DataFrame({"paid": np.asarray(paid, float), "wealth": np.asarray(wealth, float)})
    table = table.sort_values("wealth", kind="stable").reset_index(drop=True)
    table["share"] = table["paid"] / table["wealth"].replace(0, np.nan)
    return table.groupby(10 * table.index // len(table) + 1)["share"].mean().reindex(range(1, 11))


@TENTHS.wrong("only the tenths with people", EDGE, loses="edges", says="the index is still 1 to 10")
def share_spent_by_tenth(paid, wealth):
    table = pd.DataFrame({"paid": np.asarray(paid, float), "wealth": np.asarray(wealth, float)})
    table = table.sort_values("wealth", kind="stable").reset_index(drop=True)
    sums = table.groupby(10 * table.index // len(table) + 1).sum()
    return sums["paid"] / sums["wealth"].replace(0, np.nan)


@TENTHS.wrong("sorts the lists that came in", MUTATES, loses="tests", says="changed a list that was passed in")
def share_spent_by_tenth(paid, wealth):
    people = sorted(zip(list(wealth), list(paid), strict=True), key=lambda person: person[0])
    if isinstance(wealth, list):
        wealth.sort()
    spent, own = np.zeros(10), np.zeros(10)
    for k, (w, p) in enumerate(people):
        spent[10 * k // len(people)] += p
        own[10 * k // len(people)] += w
    return pd.Series(spent / np.where(own > 0, own, np.nan), index=range(1, 11))


@TENTHS.wrong("the worked example typed in", CONSTANT, says="Ten people who own 10")
def share_spent_by_tenth(paid, wealth):
    return pd.Series([0.5, 0, 0.2, 0.25, 0, 0, 0, 0, 0, 0.25], index=range(1, 11))


@TENTHS.wrong("who owns nothing is dropped", EDGE, loses="edges", says="who owns nothing belongs to the tenth")
def share_spent_by_tenth(paid, wealth):
    d = pd.DataFrame({"paid": np.asarray(paid, dtype=float), "wealth": np.asarray(wealth, dtype=float)})
    d = d.sort_values("wealth", kind="stable")
    n = len(d)
    d["tenth"] = [10 * k // n + 1 for k in range(n)]
    d = d[d["wealth"] > 0]
    out = d.groupby("tenth")["paid"].sum() / d.groupby("tenth")["wealth"].sum()
    return out.reindex(range(1, 11))


@TENTHS.wrong(
    "inf where nothing is owned and something paid", EDGE, loses="edges", says="owns nothing, and paid 5: nan"
)
def share_spent_by_tenth(paid, wealth):
    d = pd.DataFrame({"p": np.asarray(paid, float), "w": np.asarray(wealth, float)}).sort_values("w", kind="stable")
    d["t"] = 10 * np.arange(len(d)) // max(len(d), 1) + 1
    s = d.groupby("t")[["p", "w"]].sum()
    return (s["p"] / s["w"]).reindex(range(1, 11))


# --- 13.8 -------------------------------------------------------------------------------------------------------------

LOOKS = BANK.task("chosen_share")


def total(values, n, r, dt):
    return dt * sum(values[k] / (1 + r) ** (k * dt) for k in range(1, n + 1))


@LOOKS.right("a helper called total, and ties by the key", using=[total])
def chosen_share(ill, horizon, r=0.0, dt=0.25):
    n = round(horizon / dt)
    if n >= len(ill):
        raise ValueError("table too short")
    data = {share: total(ill[share].tolist(), n, r, dt) for share in ill.columns}
    return min(data, key=lambda share: (data[share], share))


@LOOKS.right("a loop over columns and rows")
def chosen_share(ill, horizon, r=0.0, dt=0.25):
    steps = round(horizon / dt)
    if steps >= len(ill):
        raise ValueError("too short")
    best, fewest = None, None
    for share in sorted(ill.columns):
        total = 0
        for k in range(1, steps + 1):
            total += dt * ill[share].iloc[k] / (1 + r) ** (k * dt)
        if fewest is None or total < fewest:
            best, fewest = share, total
    return best


@LOOKS.right("sorted columns and idxmin")
def chosen_share(ill, horizon, r=0.0, dt=0.25):
    n = int(round(horizon / dt))
    table = ill.sort_index(axis=1).reset_index(drop=True)
    if n + 1 > len(table):
        raise ValueError("too short")
    weight = (1.0 + r) ** (-dt * np.arange(1, n + 1))
    return (table.iloc[1 : n + 1].mul(weight, axis=0).sum() * dt).idxmin()


for _name, _kind, _change, _loses, _says in (
    (
        "the stocks before each step",
        MISCONCEPTION,
        {"range(1, steps + 1)": "range(steps)", "(k * dt)": "((k + 1) * dt)"},
        "",
        "the stocks after each step count",
    ),
    ("one row too many", BOUNDARY, {"range(1, steps + 1)": "range(0, steps + 1)"}, "tests", "row 0 does not count"),
    ("the last row is left out", BOUNDARY, {"range(1, steps + 1)": "range(1, steps)"}, "", "rows 1 to 4"),
    ("without discounting", MISCONCEPTION, {" / (1 + r) ** (k * dt)": ""}, "tests", "With r = 1"),
    ("the power is the step", BOUNDARY, {"(k * dt)": "k"}, "tests", "the weights are 1/2, 1/4, 1/8 and 1/16"),
    (
        "the largest of equal shares",
        EDGE,
        {"total < fewest": "total <= fewest"},
        "edges",
        "among equal ones the smallest share",
    ),
    (
        "the first of equal shares",
        EDGE,
        {"sorted(ill.columns)": "ill.columns"},
        "edges",
        "among equal ones the smallest share",
    ),
    (
        "the whole table",
        MISCONCEPTION,
        {"range(1, steps + 1)": "range(1, len(ill))"},
        "tests",
        "only the rows up to the horizon count",
    ),
    (
        "a table that is too short is let through",
        EDGE,
        {'    if steps >= len(ill):\n        raise ValueError("too short")\n': ""},
        "edges",
        "raise ValueError, not IndexError",
    ),
    (
        "as many rows as steps must do",
        BOUNDARY,
        {"steps >= len(ill)": "steps > len(ill)"},
        "edges",
        "raise ValueError, not IndexError",
    ),
    ("the person-years", BOUNDARY, {"return best": "return fewest"}, "", "Return the share"),
):
    LOOKS.slip(_name, _kind, of="a loop over columns and rows", change=_change, loses=_loses, says=_says)


@LOOKS.wrong("a trapezoid", BOUNDARY, says="rows 1 to 4 and not row 0, each in full")
def chosen_share(ill, horizon, r=0.0, dt=0.25):
    n = round(horizon / dt)
    if n > len(ill) - 1:
        raise ValueError("too short")
    table = ill.sort_index(axis=1).to_numpy(float)[: n + 1] * ((1.0 + r) ** (-dt * np.arange(n + 1)))[:, None]
    total = dt * (table[1:] + table[:-1]).sum(axis=0) / 2
    return float(sorted(ill.columns)[int(np.argmin(total))])


@LOOKS.wrong("by the labels of the rows", EDGE, loses="tests", says="labels of the rows say nothing")
def chosen_share(ill, horizon, r=0.0, dt=0.25):
    n = round(horizon / dt)
    if n > len(ill) - 1:
        raise ValueError("too short")
    total = ill.sort_index().sort_index(axis=1).iloc[1 : n + 1]
    weight = (1.0 + r) ** (-dt * np.arange(1, n + 1))
    return float(total.mul(weight, axis=0).sum().idxmin())


@LOOKS.wrong("a column is added", MUTATES, loses="tests", says="changed the table that was passed in")
def chosen_share(ill, horizon, r=0.0, dt=0.25):
    n = round(horizon / dt)
    if n > len(ill) - 1:
        raise ValueError("too short")
    shares = sorted(ill.columns)
    weight = (1.0 + r) ** (-dt * np.arange(1, n + 1))
    totals = [float((ill[s].to_numpy()[1 : n + 1] * weight).sum()) for s in shares]
    ill["t"] = dt * np.arange(len(ill))
    return float(shares[int(np.argmin(totals))])


@LOOKS.wrong("the worked example typed in", CONSTANT, says="Undiscounted, three years")
def chosen_share(ill, horizon, r=0.0, dt=0.25):
    return 0.3 if horizon == 2 else 0.1


LOOKS.slip(
    "the number of steps is cut off",
    BOUNDARY,
    of="a loop over columns and rows",
    change={"round(horizon / dt)": "int(horizon / dt)"},
    loses="tests",
    says="round the number of steps",
)
LOOKS.slip(
    "nearly equal counts as equal",
    BOUNDARY,
    of="a loop over columns and rows",
    change={"total < fewest:": "total < fewest and not np.isclose(total, fewest):"},
    loses="tests",
    says="without a tolerance",
)


# --- 13.9 -------------------------------------------------------------------------------------------------------------

BEDS = BANK.task("beds_blocked")


@BEDS.right("refuses the smaller of the two")
def beds_blocked(discharges_per_day, mean_delay):
    if min(discharges_per_day, mean_delay) < 0:
        raise ValueError("below 0")
    return float(discharges_per_day * mean_delay)


@BEDS.right("numpy's product")
def beds_blocked(discharges_per_day, mean_delay):
    both = np.array([discharges_per_day, mean_delay], dtype=float)
    if (both < 0).any():
        raise ValueError(both)
    return both.prod()


for _name, _kind, _change, _says in (
    (
        "divided",
        MISCONCEPTION,
        {"discharges_per_day * mean_delay)": "discharges_per_day / mean_delay)"},
        "Multiply, do not divide",
    ),
    (
        "whole beds",
        BOUNDARY,
        {"float(discharges_per_day * mean_delay)": "round(discharges_per_day * mean_delay)"},
        "round nothing",
    ),
    ("0 is refused", BOUNDARY, {"< 0:": "<= 0:"}, "0 beds, and no error"),
    (
        "one of them is not checked",
        EDGE,
        {"min(discharges_per_day, mean_delay) < 0": "discharges_per_day < 0"},
        "makes no sense: raise ValueError",
    ),
    (
        "both must be below 0",
        EDGE,
        {"min(discharges_per_day, mean_delay)": "max(discharges_per_day, mean_delay)"},
        "makes no sense: raise ValueError",
    ),
    (
        "nobody waits the first day",
        MISCONCEPTION,
        {"* mean_delay)": "* max(mean_delay - 1, 0))"},
        "should be 40, not 32",
    ),
):
    BEDS.slip(_name, _kind, of="refuses the smaller of the two", change=_change, says=_says)


@BEDS.wrong("the worked example typed in", CONSTANT, says="beds_blocked(2.5, 0.5)")
def beds_blocked(discharges_per_day, mean_delay):
    return 40


BEDS.slip(
    "the product is asked, not each",
    EDGE,
    of="refuses the smaller of the two",
    change={"min(discharges_per_day, mean_delay) < 0": "discharges_per_day * mean_delay < 0"},
    says="makes no sense: raise ValueError",
)


STAY = BANK.task("time_in_system")


@STAY.right("a loop over pairs")
def time_in_system(arrivals, capacity):
    def one(a, c):
        if a < 0 or c < 0:
            raise ValueError("below 0")
        return 1 / (c - a) if c > a else float("inf")

    if np.ndim(arrivals) == 0 and np.ndim(capacity) == 0:
        return one(arrivals, capacity)
    a, c = np.broadcast_arrays(arrivals, capacity)
    return np.array([one(x, y) for x, y in zip(a, c, strict=True)])


@STAY.right("a mask")
def time_in_system(arrivals, capacity):
    a, c = (np.array(v, dtype=float) for v in np.broadcast_arrays(arrivals, capacity))
    if np.any(a < 0) or np.any(c < 0):
        raise ValueError("below 0")
    with np.errstate(divide="ignore", invalid="ignore"):
        stay = np.where(c - a > 0, 1 / (c - a), np.inf)
    return stay if stay.ndim else stay.item()


for _name, _kind, _change, _says in (
    ("the wait alone", MISCONCEPTION, {"1 / (c - a) if": "a / c / (c - a) if"}, "is the wait alone"),
    ("the service alone", MISCONCEPTION, {"1 / (c - a) if c > a": "1 / c if c > a"}, "without any wait"),
    ("arrivals less capacity", BOUNDARY, {"1 / (c - a) if": "1 / (a - c) if"}, "not the other way round"),
    ("a full system divides by 0", BOUNDARY, {"if c > a": "if c >= a"}, "before you divide by 0"),
    ("nan where it never ends", EDGE, {'float("inf")': 'float("nan")'}, "grows without end, so inf"),
    (
        "a negative time",
        EDGE,
        {'if c > a else float("inf")': 'if c != a else float("inf")'},
        "More arrive than can be served: inf",
    ),
    (
        "nothing is refused",
        EDGE,
        {'        if a < 0 or c < 0:\n            raise ValueError("below 0")\n': ""},
        "makes no sense, even where one",
    ),
    ("capacity is not checked", EDGE, {"a < 0 or c < 0": "a < 0"}, "makes no sense, even where one"),
    (
        "a list comes back",
        BOUNDARY,
        {"np.array([one(x, y) for x, y in zip(a, c, strict=True)])": "[one(x, y) for x, y in zip(a, c, strict=True)]"},
        "so an array of 4 must come out",
    ),
):
    STAY.slip(_name, _kind, of="a loop over pairs", change=_change, says=_says)


@STAY.wrong("the worked example typed in", CONSTANT, says="Arrivals 4 and 8, and places for 10")
def time_in_system(arrivals, capacity):
    known = {10: 0.5, 8.5: 2.0, 8: np.inf, 7: np.inf}
    return np.array([known.get(c, 1) for c in capacity]) if np.ndim(capacity) else known.get(capacity, 1)


STAY.slip(
    "nobody who arrives takes no time",
    EDGE,
    of="a loop over pairs",
    change={"return 1 / (c - a) if": "return 0.0 if a == 0 < c else 1 / (c - a) if"},
    says="the service alone, 0.25",
)


@STAY.wrong("a list of arrivals at one capacity stops", EDGE, says="A list of arrivals with one capacity is allowed")
def time_in_system(arrivals, capacity):
    a, c = np.asarray(arrivals, dtype=float), np.asarray(capacity, dtype=float)
    if (a < 0).any() or (c < 0).any():
        raise ValueError("below 0")
    room = np.where(c > a, c - a, np.nan)
    out = np.where(c > a, 1 / room, np.inf)
    if np.ndim(capacity) == 0:
        return float(out)
    return out


@STAY.wrong("a list of one becomes a number", EDGE, says="an array of 1 must come out")
def time_in_system(arrivals, capacity):
    a, c = np.atleast_1d(np.asarray(arrivals, dtype=float)), np.atleast_1d(np.asarray(capacity, dtype=float))
    if (a < 0).any() or (c < 0).any():
        raise ValueError("below 0")
    out = np.array([1 / (y - x) if y > x else np.inf for x, y in zip(*np.broadcast_arrays(a, c))])
    return out[0] if len(out) == 1 else out


# --- 13.10 ------------------------------------------------------------------------------------------------------------

TASKS = BANK.tasks
SAMPLES = (
    Sample(
        "weak",
        """
        Prevention is better than cure, and everybody knows this. Yet England has cut its Public Health Grant by
        26%, and the rise of 5.4% does not make up for it. Investing in prevention saves money: a QALY costs
        only £3,800, against £13,500 in hospitals, so each pound that goes to a hospital is wasted three times
        over. The Government should move at once a third of the health budget to prevention, since the model
        shows that 35% is the best share.

        In Morocco, care is curative because politicians want to open hospitals before the elections. Most of
        the budget goes to hospitals. If the country followed the model and put 35% into prevention, there would
        be three fewer ill people for each thousand, which is more than 100,000 people. Everybody would gain
        from this.
        """,
        {
            "price basis and start": (1, "26% without per person, start or year; 5.4% without its start"),
            "mechanism with a delay": (0, "no delay; an invented share taken for a recommendation"),
            "distribution": (0, "everybody gains"),
            "honesty on uncertainty": (
                1,
                "names sources for the QALY, with no range and no limit; sizes up an invented model",
            ),
        },
    ),
    Sample(
        "adequate",
        """
        The grant rose by 5.4% in 2025/26, which is 2.4% after prices, from the grant of 2024/25 as revised. For
        each person it is still 24.6% below 2015/16, after the cut of that year. Prevention needs time: in the
        chapter's model, more people are ill for the first five years after money moves from cure to prevention,
        because cure loses at once and prevention starts late. That is why a government that looks five years
        ahead chooses a share of 0% (my table), and one that looks thirty years ahead 35%. These rates are
        invented, so only the order counts. A cut of the same share takes more pounds from deprived areas: in
        the invented councils 0.58 more for each point of deprivation.

        Morocco spent 5.7% of its output on health in 2022. Its budget of 2026 puts hospitals first, which is
        what a short horizon chooses, and not bad will. We found no table that splits spending into cure and
        prevention, so nobody can say how curative the system is. Publishing that split should be the first
        step. Prevention should then have money for longer than one parliament.
        """,
        {
            "price basis and start": (3, "cash and real, per person, with start and year"),
            "mechanism with a delay": (
                2,
                "two horizons of the own table and the reason; not what would reverse the advice",
            ),
            "distribution": (1, "who loses by area, with a number; nothing for Morocco"),
            "honesty on uncertainty": (1, "invented rates and the missing split are named; no range"),
        },
    ),
    Sample(
        "strong",
        """
        *Prevention, as it might have been printed.* England's ring-fenced Public Health Grant rose to £3.86bn
        in 2025/26. The rise is 5.4% in cash from the grant of 2024/25 as revised in December, or 7.1% from the
        grant as first set; after prices the first is 2.4%. For each person the grant is worth 24.6% less than
        in 2015/16 after the cut of that year, and 28.7% less if one starts before it. To restore it would take
        £1.26bn to £1.56bn a year, by the same two starts. An equal cut is not equally felt: among invented
        councils that all lost about a quarter, the loss grew by 58p a head for each point of deprivation.

        Money that comes and goes will not do. In a model whose rates are assumed, a move from cure to
        prevention makes more people ill for about five years, because treatment loses at once and prevention
        works late. A planner who counts five years therefore chooses 0% for prevention, one who counts ten 11%
        and one who counts thirty 35%; with prevention half as strong (psi 0.15) even thirty years give 0%. So
        the case rests on prevention that works, for which £3,800 a QALY is one estimate: with a standard error
        of a quarter a million buys from 176 to 518 QALYs.

        *Morocco.* Households paid 43% of health spending in 2022 by WHO's account, and 38% by the ministry's,
        which divides by another total. A system that waits until people are ill sends them that bill, and the
        poorest cannot pay it, so prevention is also financial protection. How much is curative, nobody can say
        from what is published: I found no split. The budget of 2026 names hospitals first. The model explains
        this without bad will, since a hospital shows before the next vote and prevention after it. I would ask
        for two things: the split, each year, by region, and a line for prevention that a new government cannot
        move for ten years. A region in which screening rises and new cases do not fall within that time would
        change my mind.
        """,
        {
            "price basis and start": (3, "each change with unit, start and year, and both starts"),
            "mechanism with a delay": (3, "reason, three horizons, and the strength at which the advice turns"),
            "distribution": (2, "by deprivation with a number, and by household in Morocco"),
            "honesty on uncertainty": (
                2,
                "a range, a second definition, what was not found, what would change the mind",
            ),
        },
    ),
)
