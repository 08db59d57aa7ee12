"""Methods of chapter 13, *Sustained investment*: what money is worth, when prevention pays, who bears a cap, who waits for a bed.

Conventions, the same in every function
---------------------------------------
* Money keeps the unit that comes in. A **deflator** is a price index on any base; ``real_terms`` says in which year's prices.
* Financial years are labels such as "2015-16"; a Series is matched with another by label, a list by position.
* The model of prevention and cure counts **people** (per 1,000) in three stocks: H healthy, R at risk, I ill. A fourth stock, P,
  is effective prevention: money that has begun to work. Rates are per person and year, time is in years. In each step all flows
  are computed from the *old* stocks. ``prevention_share`` is the part of the budget that goes to prevention, from 0 to 1.
* Shares, rates of discount and probabilities are fractions. Cuts and costs are positive.
* What is undefined is nan, what never ends is inf.
* ``ValueError`` names the argument and the value at fault. Nothing that is passed in is changed.

The model of prevention and cure is an assumption of this book, not an estimate; it is in the spirit of Homer and Hirsch (2006),
doi:10.2105/AJPH.2005.062059. scipy is not imported: in a browser it would be 19 MB more to fetch.
"""

from collections.abc import Callable, Mapping
from math import exp, inf, log, nan
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .arguments import column, columns, finite, one_of, refuse, refuse_negative, refuse_rows, say, within
from .guard import refuse_while_grading

refuse_while_grading(__name__)

from .inequality import concentration_index  # noqa: E402  (below, so that the refusal names this module)

__all__ = [
    "DEFAULTS",
    "beds_blocked",
    "best_shares",
    "better_from",
    "chosen_share",
    "fit_two_part",
    "ill_paths",
    "mean_up_to",
    "per_person",
    "person_years_ill",
    "private_cost",
    "psa",
    "qalys",
    "real_terms",
    "regressivity",
    "restore_gap",
    "share_above",
    "share_spent_by_tenth",
    "simulate_health",
    "steady_state",
    "stock_flow",
    "time_in_system",
]

# Assumed, all of them: rates a year, a budget of 100, money that works after a delay of five years, and the stocks at the start.
DEFAULTS = {
    "rho": 0.06,  # healthy people who come to be at risk
    "eta": 0.05,  # people at risk who become healthy again by themselves
    "phi": 0.05,  # people at risk who fall ill where nothing prevents it
    "psi": 0.35,  # how strongly prevention lowers that rate
    "kappa": 0.45,  # ill people who recover, if cure had money without end
    "c50": 60.0,  # the money for cure at which half of that is reached
    "nu": 0.06,  # ill people who die; as many are born healthy
    "delay": 5.0,  # years until money for prevention works, on average
    "budget": 100.0,
    "growth": 0.0,  # of the budget, in real terms
    "H": 700.0,
    "R": 220.0,
    "I": 80.0,
    "P": 10.0,
}
STOCKS = ("H", "R", "I", "P")


# --- what money is worth ----------------------------------------------------------------------------------------------


def real_terms(cash: pd.Series, deflator: pd.Series, base: object) -> pd.Series:
    """Amounts of several years in the prices of one year.

    ``cash * deflator[base] / deflator[year]``.

    Parameters
    ----------
    cash
        Amounts, with the year of each as its label. A year may stand there twice (an original and a revised amount).
    deflator
        Price index, year -> value above 0, on any base.
    base
        The year in whose prices the result is.

    Returns
    -------
    Series
        In the order and with the labels of ``cash``; nan where the amount is missing.

    Raises
    ------
    ValueError
        If ``base`` or a year of ``cash`` is not in the deflator, or the deflator holds a year twice or a value not above 0.

    Examples
    --------
    >>> real_terms(pd.Series({"1998-99": 7.4}), pd.Series({"1998-99": 91.031, "2003-04": 102.789}), "2003-04").round(2).item()
    8.36

    Source: HM Treasury, GDP deflators at market prices, and money GDP: user guide, annex A.
    """
    index = _by_year("deflator", deflator)
    if base not in index.index:
        raise ValueError(f"base: {say(base)} is not a year of the deflator")
    money = column("cash", _series("cash", cash))
    return pd.Series(money * index[base] / _matched("cash", cash, "deflator", index), index=cash.index, name=cash.name)


def per_person(amount: pd.Series, pop: pd.Series) -> pd.Series:
    """Amounts of several years divided by the people of each year, matched by label.

    Raises
    ------
    ValueError
        If a year of ``amount`` is not in ``pop``, or ``pop`` holds a year twice or a value not above 0.

    Examples
    --------
    >>> per_person(pd.Series({2015: 300.0, 2016: 310.0}), pd.Series({2016: 62.0, 2015: 60.0})).tolist()
    [5.0, 5.0]
    """
    people = _by_year("pop", pop)
    money = column("amount", _series("amount", amount))
    return pd.Series(money / _matched("amount", amount, "pop", people), index=amount.index, name=amount.name)


def restore_gap(
    cash: pd.Series, deflator: pd.Series, target_year: object, year: object, pop: pd.Series | None = None
) -> float:
    """What is missing in one year to be worth what an earlier year's amount was worth, per person if ``pop`` is given.

    ``max(cash[target_year] * deflator[year] / deflator[target_year] * pop[year] / pop[target_year] - cash[year], 0)``.

    Parameters
    ----------
    cash, deflator, pop
        Year -> amount, price index, people. Without ``pop`` the total is to be restored, not the amount per person.
    target_year, year
        The year whose worth is wanted, and the year in which (and in whose prices) it is to be paid.

    Returns
    -------
    float
        In the prices of ``year``; 0 where the target is reached already.

    Raises
    ------
    ValueError
        If one of the two years is missing from a Series or stands in it twice, or a value is not above 0.

    Examples
    --------
    >>> cash, prices, people = (pd.Series(v, index=[1, 2]) for v in ([400, 440], [80, 100], [50, 55]))
    >>> restore_gap(cash, prices, 1, 2), restore_gap(cash, prices, 1, 2, people)
    (60.0, 110.0)
    """
    level = {}
    for name, values in {"cash": cash, "deflator": deflator, "pop": pop}.items():
        if values is None:
            continue
        ours = _series(name, values)
        for wanted in (target_year, year):
            times = int((ours.index == wanted).sum())
            if times != 1:
                raise ValueError(f"{name}: {say(wanted)} stands there {times} times, where one row is needed")
        ours = _by_year(name, ours[[target_year, year]] if target_year != year else ours[[year]])
        level[name] = (ours[target_year], ours[year])
    then, now = level["cash"]
    wanted = then
    for name in ("deflator", "pop"):
        if name in level:
            before, after = level[name]
            wanted = wanted * after / before
    return float(max(wanted - now, 0.0))


def _series(name: str, values: object) -> pd.Series:
    if not isinstance(values, pd.Series):
        raise ValueError(f"{name}: needs a Series with years as labels, not {type(values).__name__}")
    return values


def _by_year(name: str, values: object) -> pd.Series:
    """A Series of positive numbers whose labels are unique."""
    ours = _series(name, values)
    if not ours.index.is_unique:
        raise ValueError(f"{name}: {say(ours.index[ours.index.duplicated()][0])} stands there twice")
    numbers = column(name, ours)
    refuse_rows(name, numbers, ~(numbers > 0), "is not above 0")
    return pd.Series(numbers, index=ours.index)


def _matched(name: str, wanted: pd.Series, other: str, values: pd.Series) -> np.ndarray:
    """The value of each label of ``wanted``."""
    missing = ~wanted.index.isin(values.index)
    if missing.any():
        raise ValueError(f"{name}: {say(wanted.index[missing][0])} is not a year of {other}")
    return values.reindex(wanted.index).to_numpy()


# --- stocks and flows -------------------------------------------------------------------------------------------------


def stock_flow(
    start: Mapping[str, ArrayLike],
    change: Callable[[Mapping[str, np.ndarray], float], Mapping[str, ArrayLike]],
    years: float,
    dt: float,
) -> dict[str, np.ndarray]:
    """Follow stocks through time by Euler's method: every flow from the old stocks, then all stocks at once.

    Parameters
    ----------
    start
        Stock -> its level at time 0, a number or an array of N levels.
    change
        Takes the stocks and the time, gives what each stock changes by in a year (stocks that are left out do not change).
    years, dt
        How long, and how long a step is; a whole number of steps.

    Returns
    -------
    dict
        "t" and each stock: arrays of ``years / dt + 1`` times; a stock of N levels has N columns.

    Raises
    ------
    ValueError
        If ``dt`` is not above 0, or ``years`` is negative or no whole number of steps.

    Examples
    --------
    >>> cup = stock_flow({"T": 180}, lambda s, t: {"T": (70 - s["T"]) / 10}, years=1, dt=0.5)
    >>> cup["T"].tolist()
    [180.0, 174.5, 169.275]
    """
    steps = _steps(years, dt)
    stocks = {name: np.asarray(level, dtype=float) for name, level in start.items()}
    rates = change(stocks, 0.0)
    shape = np.broadcast_shapes(*(np.shape(a) for a in (*stocks.values(), *rates.values())))
    paths = {name: np.empty((steps + 1, *shape)) for name in stocks}
    for name, level in stocks.items():
        paths[name][0] = level
    for k in range(steps):
        old = {name: path[k] for name, path in paths.items()}
        rates = change(old, k * dt) if k else rates
        for name, path in paths.items():
            path[k + 1] = path[k] + dt * rates[name] if name in rates else path[k]
    return {"t": np.arange(steps + 1) * dt, **paths}


def _steps(years: float, dt: float) -> int:
    within("dt", dt, 0, open_low=True)
    within("years", years, 0)
    steps = round(years / dt)
    refuse("years", years, abs(steps * dt - years) > 1e-9, f"is no whole number of steps of {dt:g}")
    return steps


def simulate_health(
    params: Mapping[str, float] | None = None, prevention_share: float = 0.05, years: float = 30, dt: float = 0.25
) -> pd.DataFrame:
    """People healthy, at risk and ill over the years, when a budget is divided between prevention and cure.

    Flows a year, with B = budget (1 + growth)^t and C = (1 - prevention_share) B:

    ====================  =======================================  ==================
    onset                 rho H                                    H to R
    reversal              eta R                                    R to H
    progression           phi exp(-psi 10 P / R) R                 R to I
    recovery              kappa C / (C + c50) I                    I to R
    deaths and births     nu I                                     I to H
    prevention            (prevention_share B - P) / delay         into P
    ====================  =======================================  ==================

    Parameters
    ----------
    params
        What differs from :data:`DEFAULTS`: rates, money, and the stocks at the start.
    prevention_share
        Part of the budget for prevention, from 0 to 1.
    years, dt
        How long, and the length of a step.

    Returns
    -------
    DataFrame
        ``t``, ``H``, ``R``, ``I``, ``P``, a row a step from 0 to ``years``. H + R + I stays what it was.

    Raises
    ------
    ValueError
        If a parameter is unknown, negative or not one number (``growth``: not above -1), ``delay`` or ``c50`` is not above 0,
        the share is not between 0 and 1, or a step is so long that more would flow out of a stock than is in it.

    Examples
    --------
    >>> run = simulate_health(prevention_share=0.05, years=10)
    >>> run.loc[run["t"].isin([0, 2, 5, 10]), "I"].round(1).tolist()
    [80.0, 56.8, 49.2, 54.0]
    """
    ours = _params(params)
    for name, value in ours.items():
        if value.ndim:
            raise ValueError(f"params: {name} has the shape {value.shape}; for many sets use ill_paths()")
    within("prevention_share", prevention_share, 0, 1)
    return pd.DataFrame(_run(ours, np.asarray(float(prevention_share)), years, dt))


def ill_paths(
    params: Mapping[str, ArrayLike] | None = None,
    prevention_share: ArrayLike = 0.05,
    years: float = 30,
    dt: float = 0.25,
) -> np.ndarray:
    """Ill people over the years for many sets of parameters or many shares at once: as :func:`simulate_health`, of which only I.

    Parameters
    ----------
    params, prevention_share
        Numbers, or columns of N values: broadcast against each other.

    Returns
    -------
    array
        ``years / dt + 1`` rows; N columns where anything has N values.

    Examples
    --------
    >>> ill_paths(prevention_share=[0.05, 0.30], years=10)[-1].round(1).tolist()
    [54.0, 50.9]
    """
    (share,) = finite(prevention_share=prevention_share)
    refuse("prevention_share", share, (share < 0) | (share > 1), "is not between 0 and 1")
    return _run(_params(params), share, years, dt)["I"]


def steady_state(params: Mapping[str, float] | None = None, prevention_share: float = 0.05) -> dict[str, float]:
    """The stocks at which nothing changes any more, with as many people as ``params`` start with.

    For a start that hides nothing: whatever happens after a change of policy then comes from that change.

    Returns
    -------
    dict
        ``H``, ``R``, ``I`` and ``P``, to be merged into ``params``. The budget is taken as it is at time 0.

    Raises
    ------
    ValueError
        As :func:`simulate_health`; or if no stock empties into another (all of eta, phi and nu, or rho, are 0).

    Examples
    --------
    >>> {name: round(level, 1) for name, level in steady_state(prevention_share=0.05).items()}
    {'H': 460.7, 'R': 471.6, 'I': 67.7, 'P': 5.0}
    """
    ours = {name: float(value) for name, value in _params(params).items()}
    within("prevention_share", prevention_share, 0, 1)
    people = ours["H"] + ours["R"] + ours["I"]
    prevention, cure = prevention_share * ours["budget"], (1 - prevention_share) * ours["budget"]
    out = ours["kappa"] * cure / (cure + ours["c50"]) + ours["nu"]
    for name, value in {"rho": ours["rho"], "nu": out}.items():
        refuse("params", value, value <= 0, f"for {name}: there is no steady state without this flow")

    def others(at_risk: float) -> tuple[float, float]:
        ill = ours["phi"] * exp(-10 * ours["psi"] * prevention / max(at_risk, 1e-9)) * at_risk / out
        return (ours["eta"] * at_risk + ours["nu"] * ill) / ours["rho"], ill

    low, high = 0.0, people  # both others grow with R, so the sum meets the number of people once
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if middle + sum(others(middle)) > people else (middle, high)
    healthy, ill = others(low)
    return {"H": healthy, "R": low, "I": ill, "P": prevention}


def better_from(t: ArrayLike, change: ArrayLike) -> float:
    """The time from which a change stays below 0: from when on fewer are ill, for good.

    Parameters
    ----------
    t
        Times, in order.
    change
        Ill people under a policy less those under another, at these times.

    Returns
    -------
    float
        The first time after the last one at which the change is 0 or more; inf if it is so at the end.

    Examples
    --------
    >>> better_from([0, 1, 2, 3], [0, 2, -1, -2]), better_from([0, 1], [0, 2])
    (2.0, inf)
    """
    (when, size), _ = columns({"t": t, "change": change})
    refuse_rows("t", when, np.diff(when, prepend=-inf) <= 0, "is not later than the one before")
    if np.isnan(size).any():
        return nan
    bad = np.flatnonzero(size >= 0)
    after = bad[-1] + 1 if len(bad) else 0
    return float(when[after]) if after < len(when) else inf


def person_years_ill(
    horizon: float,
    prevention_share: ArrayLike = 0.05,
    params: Mapping[str, ArrayLike] | None = None,
    r: float = 0.0,
    dt: float = 0.25,
) -> float | np.ndarray:
    """Years that people spend ill until a horizon: dt times the sum of I *after* each step, discounted at (1 + r)^-t.

    Returns
    -------
    float or array
        Per 1,000 people; 0 for a horizon of 0.

    Raises
    ------
    ValueError
        As :func:`ill_paths`, and if ``r`` is not above -1.

    Examples
    --------
    >>> round(person_years_ill(5), 1)
    283.4
    """
    within("r", r, -1, open_low=True)
    ill = ill_paths(params, prevention_share, horizon, dt)[1:]
    total = _discounted(ill, r, dt).sum(axis=0)
    return total.item() if total.ndim == 0 else total


def chosen_share(
    horizon: float,
    params: Mapping[str, float] | None = None,
    grid: ArrayLike | None = None,
    r: float = 0.0,
    dt: float = 0.25,
) -> float:
    """The share of prevention with the fewest years ill until a horizon: what somebody chooses who looks no further.

    Parameters
    ----------
    horizon
        Years that count.
    grid
        The shares to choose from; default 0, 0.01 … 0.60.

    Returns
    -------
    float
        The smallest of the best shares.

    Raises
    ------
    ValueError
        As :func:`person_years_ill`, or if the grid is empty.

    Examples
    --------
    >>> [chosen_share(years) for years in (5, 10, 30)]
    [0.0, 0.19, 0.41]

    Source: the argument is that of the political business cycle, Nordhaus (1975), doi:10.2307/2296528.
    """
    shares = _grid(grid)
    return float(shares[np.argmin(person_years_ill(horizon, shares, params, r, dt))])


def best_shares(
    horizons: ArrayLike,
    params: Mapping[str, float] | None = None,
    grid: ArrayLike | None = None,
    r: float = 0.0,
    dt: float = 0.25,
) -> pd.Series:
    """:func:`chosen_share` for many horizons at the price of the longest one: horizon -> share."""
    shares = _grid(grid)
    (when,) = finite(horizons=horizons)
    when = np.atleast_1d(when)
    within("r", r, -1, open_low=True)
    steps = [_steps(float(h), dt) for h in when]
    ill = ill_paths(params, shares, max(when, default=0.0), dt)[1:]
    total = np.vstack([np.zeros(len(shares)), np.cumsum(_discounted(ill, r, dt), axis=0)])
    return pd.Series(shares[np.argmin(total[steps], axis=1)], index=pd.Index(when, name="horizon"), name="share")


def _grid(grid: ArrayLike | None) -> np.ndarray:
    shares = np.unique(column("grid", np.arange(61) / 100 if grid is None else grid))
    if not len(shares):
        raise ValueError("grid: is empty, so there is no share to choose")
    return shares


def _discounted(ill: np.ndarray, r: float, dt: float) -> np.ndarray:
    weight = dt * (1 + r) ** -(dt * np.arange(1, len(ill) + 1))
    return ill * weight.reshape(-1, *[1] * (ill.ndim - 1))


def _params(params: Mapping[str, ArrayLike] | None) -> dict[str, np.ndarray]:
    for name in params or {}:
        one_of("params", name, DEFAULTS)
    ours = dict(zip(DEFAULTS, finite(**{**DEFAULTS, **(params or {})}), strict=True))
    for name, value in ours.items():
        if name == "growth":
            refuse(name, value, value <= -1, "is not above -1")
        elif name in ("delay", "c50"):
            refuse(name, value, value <= 0, "is not above 0")
        else:
            refuse(name, value, value < 0, "is negative")
    return ours


def _run(p: Mapping[str, np.ndarray], share: np.ndarray, years: float, dt: float) -> dict[str, np.ndarray]:
    _steps(years, dt)
    for out in (p["rho"], p["eta"] + p["phi"], p["kappa"] + p["nu"], 1 / p["delay"]):
        refuse(
            "dt", np.broadcast_to(dt, out.shape), dt * out > 1, "is too long a step: more would flow out than is there"
        )
    grown = bool(np.any(p["growth"]))

    def spent(t: float) -> tuple[np.ndarray, np.ndarray]:
        budget = p["budget"] * (1 + p["growth"]) ** t
        cure = (1 - share) * budget
        return share * budget, p["kappa"] * cure / (cure + p["c50"])

    still = spent(0.0)
    psi10, delay = -10 * p["psi"], p["delay"]

    def change(s: Mapping[str, np.ndarray], t: float) -> dict[str, np.ndarray]:
        prevention, cured = spent(t) if grown else still
        onset, reversal, deaths = p["rho"] * s["H"], p["eta"] * s["R"], p["nu"] * s["I"]
        progression = p["phi"] * np.exp(psi10 * s["P"] / np.maximum(s["R"], 1e-9)) * s["R"]
        recovery = cured * s["I"]
        return {
            "H": reversal + deaths - onset,
            "R": onset + recovery - reversal - progression,
            "I": progression - recovery - deaths,
            "P": (prevention - s["P"]) / delay,
        }

    return stock_flow({name: p[name] for name in STOCKS}, change, years, dt)


# --- what a pound buys, and where it was cut --------------------------------------------------------------------------


def qalys(money: ArrayLike, cost_per_qaly: ArrayLike) -> float | np.ndarray:
    """Quality-adjusted life years that an amount buys: money over cost per QALY.

    Raises
    ------
    ValueError
        If the amount is negative or the cost per QALY not above 0.

    Examples
    --------
    >>> round(qalys(1e9, 3_800)), round(qalys(1e9, 13_500))
    (263158, 74074)
    """
    amount, price = finite(money=money, cost_per_qaly=cost_per_qaly)
    refuse("money", amount, amount < 0, "is negative")
    refuse("cost_per_qaly", price, price <= 0, "is not above 0")
    bought = np.asarray(amount / price)
    return bought.item() if bought.ndim == 0 else bought


def psa(money: float, mean: float, se: float, n: int = 10_000, seed: int = 0) -> dict[str, float]:
    """QALYs for an amount when the cost per QALY is uncertain: a probabilistic sensitivity analysis.

    The cost per QALY is drawn n times from a normal distribution; draws that are not above 0 are dropped and counted. A ratio
    has a long tail, so the median is given, not the mean.

    Returns
    -------
    dict
        ``median``, ``low`` and ``high`` (the 2.5th and 97.5th percentile of the QALYs), ``dropped`` (a count). nan if all were.

    Raises
    ------
    ValueError
        If ``money`` or ``se`` is negative, ``mean`` not above 0, or ``n`` no whole number from 1.

    Examples
    --------
    >>> psa(1_000, mean=10, se=0)
    {'median': 100.0, 'low': 100.0, 'high': 100.0, 'dropped': 0}
    """
    within("money", money, 0)
    within("mean", mean, 0, open_low=True)
    within("se", se, 0)
    within("n", n, 1)
    refuse("n", n, n != int(n), "is not a whole number of draws")
    cost = np.random.default_rng(seed).normal(mean, se, int(n))
    kept = cost[cost > 0]
    low, median, high = np.percentile(money / kept, [2.5, 50, 97.5]) if len(kept) else (nan, nan, nan)
    return {"median": float(median), "low": float(low), "high": float(high), "dropped": int(n) - len(kept)}


def regressivity(cut: ArrayLike, deprivation: ArrayLike, pop: ArrayLike) -> dict[str, float]:
    """Whether those who had least lost most: how cuts per person go with deprivation.

    Parameters
    ----------
    cut
        Loss per person of each area; a gain is negative.
    deprivation
        Larger = more deprived.
    pop
        People of each area.

    Returns
    -------
    dict
        ``slope``: more loss per point of deprivation, by least squares weighted with people; nan where deprivation does not vary.
        ``index``: concentration index of the cuts over people ranked from the least to the most deprived, so above 0 where
        cuts fell on the deprived; 0 for equal cuts, nan where the cuts add up to 0. Both nan if a value is missing or
        there is nobody.

    Raises
    ------
    ValueError
        If the columns differ in length or index, or people are negative.

    Examples
    --------
    >>> got = regressivity(cut=[10, 20, 30], deprivation=[5, 15, 25], pop=[100, 100, 100])
    >>> {name: round(value, 3) for name, value in got.items()}
    {'slope': 1.0, 'index': 0.222}

    Source: O'Donnell et al. (2008), chapter 8, doi:10.1596/978-0-8213-6933-3.
    """
    (loss, rank, people), _ = columns({"cut": cut, "deprivation": deprivation, "pop": pop})
    refuse_negative(pop=people)
    if np.isnan(loss + rank + people).any() or not people.sum() > 0:
        return {"slope": nan, "index": nan}
    loss, rank, people = (a[people > 0] for a in (loss, rank, people))
    away = rank - np.average(rank, weights=people)
    spread = float(people @ away**2)
    varies = rank.min() < rank.max()
    if loss.min() == loss.max():
        return {"slope": 0.0 if varies else nan, "index": 0.0 if loss[0] else nan}
    slope = float(people @ (away * loss)) / spread if varies else nan
    return {"slope": slope, "index": concentration_index(loss, rank, people)}


# --- who bears the cost of care ---------------------------------------------------------------------------------------


def fit_two_part(p0: float, q1: float, v1: float, q2: float, v2: float) -> tuple[float, float]:
    """Parameters of a lognormal for those who have costs at all, from two quantiles of everybody.

    Parameters
    ----------
    p0
        Share of people without any cost.
    q1, v1, q2, v2
        A share ``q1`` of all people (those without costs among them) has at most ``v1``, a share ``q2`` at most ``v2``.

    Returns
    -------
    (mu, sigma)
        Of the logarithm of the cost, among those who have one.

    Raises
    ------
    ValueError
        If not 0 <= p0 < q1 < q2 < 1, or not 0 < v1 < v2.

    Examples
    --------
    >>> [round(x, 4) for x in fit_two_part(0.25, 0.5, 20, 0.9, 100)]
    [3.4454, 1.0441]
    """
    within("p0", p0, 0, 1, open_high=True)
    within("q1", q1, p0, 1, open_low=True, open_high=True)
    within("q2", q2, q1, 1, open_low=True, open_high=True)
    within("v1", v1, 0, open_low=True)
    within("v2", v2, v1, open_low=True)
    z1, z2 = (NormalDist().inv_cdf((q - p0) / (1 - p0)) for q in (q1, q2))
    sigma = log(v2 / v1) / (z2 - z1)
    return log(v1) - sigma * z1, sigma


def share_above(value: float, p0: float, mu: float, sigma: float) -> float:
    """Share of all people whose cost is above a value, in the model of :func:`fit_two_part`.

    Examples
    --------
    >>> round(share_above(35, 0.25, *fit_two_part(0.25, 0.75, 50, 0.9, 100)), 4)
    0.3509
    """
    _two_part(value, p0, sigma)
    if value in (0, inf):
        return 0.0 if value else 1 - p0
    return (1 - p0) * NormalDist().cdf((mu - log(value)) / sigma)


def mean_up_to(cap: float, p0: float, mu: float, sigma: float) -> float:
    """Mean over all people of the cost or the cap, whichever is less: what people bear themselves under a cap.

    ``cap=inf`` gives the mean cost.

    Examples
    --------
    >>> round(mean_up_to(inf, 0.25, 3.4454, 1.0441), 1)
    40.6
    """
    _two_part(cap, p0, sigma)
    whole = exp(mu + sigma**2 / 2)
    if cap in (0, inf):
        return (1 - p0) * whole if cap else 0.0
    z = (log(cap) - mu) / sigma
    return (1 - p0) * (whole * NormalDist().cdf(z - sigma) + cap * NormalDist().cdf(-z))


def _two_part(value: float, p0: float, sigma: float) -> None:
    refuse("value", value, not value >= 0, "is not 0 or more")
    within("p0", p0, 0, 1)
    within("sigma", sigma, 0, open_low=True)


def private_cost(
    cost: ArrayLike,
    wealth: ArrayLike,
    cap: float,
    lower: float,
    upper: float,
    hotel: float = 0.0,
    taper: float = 0.4,
) -> float | np.ndarray:
    """What a person pays for care out of what they own, under a cap and a means test: a rule for a whole life, not a month.

    ``min(min(cost, cap) + hotel, max(wealth - upper, 0) + taper * max(min(wealth, upper) - lower, 0))``, where the hotel costs
    fall on those only who have costs of care. The State pays the rest. Income is left out.

    Parameters
    ----------
    cost, wealth
        Of each person, 0 or more, in one unit of money and in the prices of one year.
    cap
        The most that anybody pays for *care*; inf for no cap.
    lower, upper
        Capital limits. What lies below the lower one is safe; of what lies between the two a share ``taper`` may be asked for;
        what lies above the upper one counts in full.
    hotel
        Board and lodging of those who need care, which no cap covers.
    taper
        From 0 to 1; 0.4 is about two years at a fifth of these assets each.

    Returns
    -------
    float or array
        Never more than what a person owns above the lower limit.

    Raises
    ------
    ValueError
        If a number is negative or missing, ``upper`` below ``lower``, or ``taper`` not between 0 and 1.

    Examples
    --------
    >>> private_cost(cost=[120, 120, 20], wealth=[200, 50, 10], cap=35, lower=15, upper=100).tolist()
    [35.0, 14.0, 0.0]
    """
    bill, own = finite(cost=cost, wealth=wealth)
    for name, values in {"cost": bill, "wealth": own}.items():
        refuse(name, values, values < 0, "is negative")
    refuse("cap", cap, not cap >= 0, "is not 0 or more")
    within("lower", lower, 0)
    within("upper", upper, lower)
    within("hotel", hotel, 0)
    within("taper", taper, 0, 1)
    asked = np.minimum(bill, cap) + hotel * (bill > 0)
    counted = np.maximum(own - upper, 0) + taper * np.maximum(np.minimum(own, upper) - lower, 0)
    paid = np.minimum(asked, counted)
    return paid.item() if paid.ndim == 0 else paid


def share_spent_by_tenth(paid: ArrayLike, wealth: ArrayLike) -> pd.Series:
    """What each tenth of people, from the poorest to the richest by wealth, pays as a share of what it owns.

    Parameters
    ----------
    paid, wealth
        Of each person, 0 or more. People of equal wealth stand in the order in which they come.

    Returns
    -------
    Series
        1 to 10 -> sum paid over sum owned; nan for a tenth that owns nothing, or in which nobody is.

    Raises
    ------
    ValueError
        If a value is negative or missing, or the two differ in length.

    Examples
    --------
    >>> share_spent_by_tenth([0, 5] * 5, [10, 20] * 5).round(2).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.25, 0.25, 0.25, 0.25, 0.25]
    """
    (spent, own), _ = columns({"paid": paid, "wealth": wealth})
    for name, values in {"paid": spent, "wealth": own}.items():
        refuse_rows(name, values, ~(values >= 0), "is negative or missing")
    n = len(own)
    tenth = np.empty(n, dtype=int)
    tenth[np.argsort(own, kind="stable")] = np.arange(n) * 10 // max(n, 1)
    paid_sum, own_sum = (np.bincount(tenth, weights=values, minlength=10) for values in (spent, own))
    share = np.divide(paid_sum, own_sum, out=np.full(10, nan), where=own_sum > 0)
    return pd.Series(share, index=pd.RangeIndex(1, 11, name="tenth"), name="share")


# --- who waits for a place --------------------------------------------------------------------------------------------


def beds_blocked(discharges_per_day: ArrayLike, mean_delay: ArrayLike) -> float | np.ndarray:
    """Beds that people hold who are well enough to leave: Little's law, L = lambda W.

    Parameters
    ----------
    discharges_per_day
        People who become ready to leave, a day.
    mean_delay
        Days from being ready to leaving, on average.

    Raises
    ------
    ValueError
        If one is negative or missing.

    Examples
    --------
    >>> beds_blocked(8, 5)
    40.0

    Source: Little (1961), doi:10.1287/opre.9.3.383.
    """
    flow, delay = finite(discharges_per_day=discharges_per_day, mean_delay=mean_delay)
    for name, values in {"discharges_per_day": flow, "mean_delay": delay}.items():
        refuse(name, values, values < 0, "is negative")
    held = np.asarray(flow * delay)
    return held.item() if held.ndim == 0 else held


def time_in_system(arrivals: ArrayLike, capacity: ArrayLike) -> float | np.ndarray:
    """Mean time from arriving to having been served, with one server and chance in both: 1 / (capacity - arrivals).

    The wait *and* the service: the wait alone is ``arrivals / capacity`` of it.

    Parameters
    ----------
    arrivals, capacity
        How many arrive, and how many could be served, in one unit of time.

    Returns
    -------
    float or array
        In that unit; inf where as many arrive as can be served, or more.

    Raises
    ------
    ValueError
        If one is negative or missing.

    Examples
    --------
    >>> round(time_in_system(1 / 4, 1 / 3), 9), time_in_system(8, 8)
    (12.0, inf)

    Source: the queue M/M/1.
    """
    flow, most = finite(arrivals=arrivals, capacity=capacity)
    for name, values in {"arrivals": flow, "capacity": most}.items():
        refuse(name, values, values < 0, "is negative")
    spare = np.asarray(most - flow)
    time = np.divide(1.0, spare, out=np.full(spare.shape, inf), where=spare > 0)
    return time.item() if time.ndim == 0 else time
