"""Methods of chapter 11, *The price of reorganising*: how often, at what loss, at what cost, and when does it pay?

Conventions, the same in every function
---------------------------------------
* Times, intervals and pauses are in **years**; waits are in **minutes**; money is in the unit that comes in.
* Capability is a fraction of what is possible, from 0 to 1. ``delta`` is the fraction of it that one reform takes away,
  ``pause`` the years in which nothing recovers, ``tau`` the recovery time: after ``pause + tau`` years 63% of what was
  missing is back.
* Shares, gains and rates of discount are fractions (0.1 = 10%). A saving is positive, a cost is a positive number that
  is taken away.
* What is undefined is nan; what never happens is inf.
* Numbers, arrays and Series of parameters are broadcast against each other as numpy does. A result for numbers is a float.
* ``ValueError`` names the argument and the value at fault. Nothing that is passed in is changed.

scipy is not imported: in a browser it would be 19 MB more to fetch. What it would give is worked out here and compared with it
in the tests.

The model of capability is an assumption of this book, not an estimate; it is in the spirit of the literature on
capability traps (Repenning & Sterman 2001, doi:10.2307/41166101; Rahmandad & Repenning 2016, doi:10.1002/smj.2354).
"""

from collections.abc import Callable
from math import inf, isfinite, nan

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .arguments import NOISE, finite, has_columns, refuse, within
from .guard import refuse_while_grading

refuse_while_grading(__name__)

__all__ = [
    "breakeven_gain",
    "breakeven_years",
    "capability",
    "cost_definitions",
    "erlang_c",
    "intervals",
    "level_changes",
    "mean_capability",
    "payback_year",
    "rate_ci",
    "redundancy_path",
    "steady_capability",
    "two_way_slope",
    "wait_minutes",
    "wait_or_go",
]


# --- how often --------------------------------------------------------------------------------------------------------


def intervals(years: ArrayLike) -> np.ndarray:
    """Years between one event and the next.

    Parameters
    ----------
    years
        When the events happened, in any order. Two events in one year are 0 years apart.

    Returns
    -------
    array
        One value less than ``years``, in order of time; empty for one event or none.

    Raises
    ------
    ValueError
        If a year is not a finite number.

    Examples
    --------
    >>> intervals([1982, 1948, 1974]).tolist()
    [26.0, 8.0]
    """
    (when,) = finite(years=years)
    return np.diff(np.sort(when.ravel()))


def rate_ci(n: int, years: float, level: float = 0.95) -> tuple[float, float, float]:
    """Rate of events a year with its exact Poisson interval.

    Parameters
    ----------
    n
        Events counted, a whole number.
    years
        Time watched.
    level
        Confidence, between 0 and 1.

    Returns
    -------
    (rate, low, high)
        Events per year. ``low`` is 0 where nothing was counted.

    Raises
    ------
    ValueError
        If ``n`` is negative or not whole, ``years`` not above 0, or ``level`` not between 0 and 1.

    Examples
    --------
    >>> [round(x, 4) for x in rate_ci(9, 78)]
    [0.1154, 0.0528, 0.219]

    Source: Garwood (1936), doi:10.1093/biomet/28.3-4.437: chi-square quantiles with 2n and 2n + 2 degrees of freedom.
    """
    within("n", n, 0)
    refuse("n", n, n != int(n), "is not a whole number of events")
    within("years", years, 0, open_low=True)
    within("level", level, 0, 1, open_low=True, open_high=True)
    tail, n = (1 - level) / 2, int(n)
    # The means with which so many events or more, and so few or fewer, would each come with probability `tail`.
    low = _where_falling(lambda mean: -_poisson(range(n, 2 * n + 100), mean), -tail, n) if n else 0.0
    high = _where_falling(lambda mean: _poisson(range(n + 1), mean), tail, n + 1)
    return n / years, low / years, high / years


def _poisson(counts: range, mean: float) -> float:
    """The probability of these successive counts under a Poisson law; beyond ``2 n + 100`` it is nil below mean ``n``."""
    steps = np.log(mean) - np.log(np.arange(1, counts.stop))
    terms = np.concatenate([[0.0], np.cumsum(steps)])[counts.start :] - mean
    return float(np.exp(terms).sum())


def _where_falling(function: Callable[[float], float], target: float, high: float) -> float:
    """Where a falling function of numbers from 0 on has this value, by halving."""
    while function(high) > target:
        high *= 2
    low = 0.0
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if function(middle) > target else (low, middle)
    return high


# --- what it does to capability ---------------------------------------------------------------------------------------


def capability(
    times: ArrayLike, events: ArrayLike, delta: ArrayLike, tau: ArrayLike, pause: ArrayLike, c0: ArrayLike = 1.0
) -> np.ndarray:
    """Capability at given times, when each reform takes a share of it away: the exact path, without time steps.

    At an event C falls to (1 - delta) C. It then stands still for ``pause`` years and recovers by dC/dt = (1 - C) / tau,
    until the next event, which starts the pause anew.

    Parameters
    ----------
    times
        Years at which capability is wanted, 0 or later, in any order. At the time of an event: just after the fall.
    events
        Years of the reforms, 0 or later, in any order; several at one time (to twelve decimals) count once.
    delta, tau, pause, c0
        Numbers, or one value for each of N draws. ``c0`` is the capability at time 0, from which it recovers without a
        pause until the first event.

    Returns
    -------
    array
        As long as ``times``; N rows of that length where any parameter has N values.

    Raises
    ------
    ValueError
        If a time is negative, ``delta`` or ``c0`` is not between 0 and 1, ``tau`` not above 0, or ``pause`` negative.

    Examples
    --------
    >>> capability([0, 1, 2.5, 4], events=[0, 1], delta=0.35, tau=3, pause=1.5).round(4).tolist()
    [0.65, 0.4225, 0.4225, 0.6497]
    """
    when, reforms = finite(times=times, events=events)
    delta, tau, pause, c0 = _parameters(delta, tau, pause, c0)
    when, reforms = np.round(when.ravel(), 12), np.unique(np.round(reforms, 12))  # 0.1 * 3 and 0.3 are one time
    for name, values in {"times": when, "events": reforms}.items():
        refuse(name, values, values < 0, "is before year 0")
    shape = np.broadcast_shapes(delta.shape, tau.shape, pause.shape, c0.shape)
    delta, tau, pause, level = (np.broadcast_to(p, shape)[..., None] for p in (delta, tau, pause, c0))
    path = np.empty((*shape, len(when)))
    starts, ends = np.concatenate([[0.0], reforms]), np.concatenate([reforms, [inf]])
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if i:
            level = level * (1 - delta)
        still = pause if i else 0.0

        def grown(t: np.ndarray, level=level, start=start, still=still) -> np.ndarray:
            return 1 - (1 - level) * np.exp(np.minimum(start + still - t, 0) / tau)

        inside = (when >= start) & (when < end)
        path[..., inside] = grown(when[inside])
        if isfinite(end):
            level = grown(np.array([end]))
    return path


def steady_capability(interval: ArrayLike, delta: ArrayLike, tau: ArrayLike, pause: ArrayLike) -> float | np.ndarray:
    """Capability just before each reform, once reforms have come every ``interval`` years for long.

    c* = (1 - e) / (1 - (1 - delta) e), with e = exp(-(interval - pause) / tau), or 1 where the pause is longer.

    Returns
    -------
    float or array
        Between 0 and 1. 0 where the next reform comes before the pause ends; 1 where a reform costs nothing.

    Raises
    ------
    ValueError
        If ``interval`` is not above 0, or a parameter is outside its range (see :func:`capability`).

    Examples
    --------
    >>> round(steady_capability(5, delta=0.35, tau=3, pause=1.5), 3)
    0.863
    """
    return _plain(_steady(*_cycle(interval, delta, tau, pause)))


def mean_capability(interval: ArrayLike, delta: ArrayLike, tau: ArrayLike, pause: ArrayLike) -> float | np.ndarray:
    """Mean capability over one whole cycle, once reforms have come every ``interval`` years for long.

    [c (interval - r) + r - (1 - c) tau (1 - e)] / interval, with c = (1 - delta) c*, the level after the fall,
    r = interval - pause and c* and e as in :func:`steady_capability`.

    Returns
    -------
    float or array
        Between 0 and 1; 0 and 1 in the same cases as :func:`steady_capability`.

    Raises
    ------
    ValueError
        As :func:`steady_capability`.

    Examples
    --------
    >>> [round(mean_capability(T, delta=0.35, tau=3, pause=1.5), 3) for T in (3, 7, 17)]
    [0.484, 0.776, 0.907]
    """
    interval, delta, tau, pause = _cycle(interval, delta, tau, pause)
    area = _area(interval, (1 - delta) * _steady(interval, delta, tau, pause), tau, pause)
    return _plain(np.where(delta == 0, 1.0, area / interval))


def breakeven_years(gain: ArrayLike, delta: ArrayLike, tau: ArrayLike, pause: ArrayLike) -> float | np.ndarray:
    """Years after one reform until its permanent gain has made good what the disruption cost.

    Performance is (1 + gain) C, with C = 1 before the reform at year 0 and no other reform after it; it is compared with
    1 for ever, undiscounted. The answer is the last t at which the two have added up to the same; year 0 does not count.

    Parameters
    ----------
    gain
        Permanent proportional gain, as a fraction. Negative for a reform that does harm.
    delta, tau, pause
        As in :func:`capability`.

    Returns
    -------
    float or array
        Years; inf where the gain is 0 or less; 0.0 where the gain outweighs the loss at once:
        gain >= delta / (1 - delta).

    Raises
    ------
    ValueError
        If ``gain`` is not finite, or a parameter is outside its range (see :func:`capability`).

    Examples
    --------
    >>> [round(breakeven_years(g, delta=0.35, tau=3, pause=1.5), 1) for g in (0.05, 0.1, 0.2)]
    [33.1, 17.3, 8.9]

    The last root of u - a + b exp(-u) = 0, where u = x / tau and x counts years after the pause. The left side is convex and
    above 0 at u = a, so Newton's steps from there come down to the root and never pass it.
    """
    (gain,) = finite(gain=gain)
    delta, tau, pause, _ = _parameters(delta, tau, pause, 1.0)
    gain, delta, tau, pause = np.broadcast_arrays(gain, delta, tau, pause)
    with np.errstate(all="ignore"):
        at_once = (1 + gain) * (1 - delta) >= 1 - NOISE
        fall = pause * ((1 + gain) * (1 - delta) - 1)
        depth = (1 + gain) * delta * tau
        a, b = (depth - fall) / (gain * tau), depth / (gain * tau)
        u, before = a, np.full_like(a, inf)
        while (u < before).any():
            u, before = np.fmin(u, u - (u - a + b * np.exp(-u)) / (1 - b * np.exp(-u))), u
        years = pause + tau * u
    return _plain(np.where(gain <= 0, inf, np.where(at_once, 0.0, years)))


def breakeven_gain(years: ArrayLike, delta: ArrayLike, tau: ArrayLike, pause: ArrayLike) -> float | np.ndarray:
    """Permanent gain that a reform needs to have paid after so many years: the other way round than :func:`breakeven_years`.

    Parameters
    ----------
    years
        Years after the reform by which it is to have paid.
    delta, tau, pause
        As in :func:`capability`.

    Returns
    -------
    float or array
        The gain, as a fraction: years divided by the integral of C over them, less 1. inf where nothing is left of
        capability in that time.

    Raises
    ------
    ValueError
        If ``years`` is not above 0, or a parameter is outside its range (see :func:`capability`).

    Examples
    --------
    >>> [round(breakeven_gain(T, delta=0.35, tau=3, pause=1.5), 3) for T in (4, 7)]
    [0.388, 0.252]
    """
    years, delta, tau, pause = _cycle(years, delta, tau, pause, "years")
    with np.errstate(divide="ignore"):
        return _plain(years / _area(years, 1 - delta, tau, pause) - 1)


# --- what it costs ----------------------------------------------------------------------------------------------------


def redundancy_path(cost: float, saving: float, ramp: ArrayLike, rehire: float, discount: float) -> np.ndarray:
    """Cumulative net present value of a redundancy programme, year by year.

    NPV_t = -cost + sum over k = 0 … t of saving (1 - rehire) ramp_k / (1 + discount)^k.

    Parameters
    ----------
    cost
        One-off cost at the start, a positive number.
    saving
        Saving a year when all posts have gone and nobody is taken back.
    ramp
        Share of the saving that is reached in each year, the first being year 0; its length is the horizon.
    rehire
        Share of the saving lost because people, or others for the same work, are taken on again.
    discount
        Yearly rate, as a fraction; year 0 is not discounted.

    Returns
    -------
    array
        One value a year, in the unit of ``cost``.

    Raises
    ------
    ValueError
        If ``cost`` or ``saving`` is negative, a share is not between 0 and 1, or ``discount`` is not above -1.

    Examples
    --------
    >>> redundancy_path(1.0, 1.0, [0.25, 1, 1], rehire=0.22, discount=0.035).round(3).tolist()
    [-0.805, -0.051, 0.677]
    """
    (ramp,) = finite(ramp=ramp)
    within("cost", cost, 0)
    within("saving", saving, 0)
    refuse("ramp", ramp, (ramp < 0) | (ramp > 1), "is not a share between 0 and 1")
    within("rehire", rehire, 0, 1)
    within("discount", discount, -1, open_low=True)
    yearly = saving * (1 - rehire) * ramp.ravel() / (1 + discount) ** np.arange(ramp.size)
    return np.cumsum(yearly) - cost


def payback_year(path: ArrayLike) -> float:
    """The first year in which a cumulative path is no longer negative; inf if it never is within its length.

    >>> payback_year([-0.805, -0.051, 0.677])
    2.0
    """
    (path,) = finite(path=path)
    paid = np.flatnonzero(path.ravel() >= -NOISE * np.abs(path).max(initial=0))
    return float(paid[0]) if paid.size else inf


# definition -> (measure of the cost, measure of the count, scope of both, period); rows of nhs_exit_packages
_ALL = "all DH-group/NHS exit packages"
DEFINITIONS = {
    "attributed": ("redundancy_attributed_to_reform", "redundancies_attributed_n", "to 31 Mar 2013"),
    "all_packages": ("exit_packages_cost", "exit_packages_n", "2010-11 to 2012-13"),
    "ex_ante": ("impact_assessment_transition_cost", None, "ex ante 2011"),
    "later_2014": ("exit_packages_cost", "exit_packages_n", "2010-11 to 2013-14"),
    "later_2016": ("exit_packages_cost_later", None, "2010-11 to 2015-16"),
}


def cost_definitions(table: pd.DataFrame) -> pd.DataFrame:
    """What "the redundancy cost of the reform" can mean, one definition a row, each with its own count of people.

    Parameters
    ----------
    table
        ``nhs_exit_packages``: the columns ``measure``, ``value``, ``period``; costs in millions of pounds.

    Returns
    -------
    DataFrame
        Index ``definition``: attributed, all_packages, ex_ante, later_2014, later_2016. Columns: ``cost_gbp_m``; ``n``,
        people or packages of the same scope and period (nan where none is published); ``gbp_per_head``; ``share``, the
        cost over that of all packages 2010-13 (nan for ex_ante, a forecast of something else).

    Raises
    ------
    ValueError
        If a row that a definition needs is missing or stands twice.

    Examples
    --------
    >>> from integrated_care import load
    >>> cost_definitions(load("nhs_exit_packages"))["gbp_per_head"].round().tolist()
    [43095.0, 43348.0, nan, 41334.0, nan]
    """

    def cell(measure: str | None, period: str) -> float:
        if measure is None:
            return nan
        rows = table.loc[(table["measure"] == measure) & (table["period"] == period), "value"]
        if len(rows) != 1:
            raise ValueError(f"table: {len(rows)} rows with measure {measure!r} and period {period!r}, 1 needed")
        return float(rows.iloc[0])

    found = {
        name: {"cost_gbp_m": cell(cost, period), "n": cell(count, period)}
        for name, (cost, count, period) in DEFINITIONS.items()
    }
    out = pd.DataFrame.from_dict(found, orient="index").rename_axis("definition")
    out["gbp_per_head"] = 1e6 * out["cost_gbp_m"] / out["n"]
    out["share"] = out["cost_gbp_m"] / out.loc["all_packages", "cost_gbp_m"]
    out.loc["ex_ante", "share"] = nan
    return out


# --- who queues -------------------------------------------------------------------------------------------------------


def erlang_c(servers: int, load: ArrayLike) -> float | np.ndarray:
    """Erlang's C formula: the probability that somebody who arrives has to wait.

    Parameters
    ----------
    servers
        Clinicians (or lines, or beds) at work, a whole number of at least 1.
    load
        Work offered, in servers: arrivals per hour over services per hour of one server.

    Returns
    -------
    float or array
        Probability; 1 where the load is as large as the number of servers or larger.

    Raises
    ------
    ValueError
        If ``servers`` is not a whole number of at least 1, or ``load`` is negative.

    Examples
    --------
    >>> round(erlang_c(2, 1.0), 4)
    0.3333

    Source: Erlang (1917); computed by the recursion for Erlang's B formula, which does not overflow.
    """
    within("servers", servers, 1)
    refuse("servers", servers, servers != int(servers), "is not a whole number")
    (load,) = finite(load=load)
    refuse("load", load, load < 0, "is negative")
    blocked = np.ones_like(load)
    for k in range(1, int(servers) + 1):
        blocked = load * blocked / (k + load * blocked)
    busy = np.minimum(load / servers, 1)
    return _plain(np.where(load >= servers * (1 - NOISE), 1.0, blocked / (1 - busy * (1 - blocked))))


def wait_minutes(servers: int, mu: float, lam: ArrayLike, admin: ArrayLike = 0.0) -> float | np.ndarray:
    """Mean wait in the queue of an M/M/c system whose servers spend a share of their time on administration.

    Parameters
    ----------
    servers
        Clinicians at work.
    mu
        Patients that one clinician sees in an hour without any administration.
    lam
        Patients who arrive in an hour.
    admin
        Share of every clinician's time that is not for patients.

    Returns
    -------
    float or array
        Minutes before care begins, care itself not counted. inf where patients arrive as fast as they can be seen, or
        faster.

    Raises
    ------
    ValueError
        If ``mu`` is not above 0, ``lam`` is negative, ``admin`` is not between 0 and 1, or ``servers`` is not a whole
        number of at least 1.

    Examples
    --------
    >>> wait_minutes(10, mu=3, lam=20, admin=[0.10, 0.20, 0.30]).round(2).tolist()
    [2.48, 7.31, 50.01]
    """
    within("mu", mu, 0, open_low=True)
    lam, admin = finite(lam=lam, admin=admin)
    refuse("lam", lam, lam < 0, "is negative")
    refuse("admin", admin, (admin < 0) | (admin > 1), "is not a share between 0 and 1")
    lam, rate = np.broadcast_arrays(lam, mu * (1 - admin))
    with np.errstate(divide="ignore", invalid="ignore"):
        load = np.where(rate > 0, lam / rate, inf)
        spare = servers * rate - lam
        stable = load < servers * (1 - NOISE)
        wait = np.where(stable, 60 * erlang_c(servers, np.where(stable, load, 0.0)) / spare, inf)
    return _plain(wait)


# --- now or later -----------------------------------------------------------------------------------------------------


def wait_or_go(p: float, high: float, low: float, cost: float, accuracy: float, discount: float) -> dict:
    """Reform now, or run a pilot for a year and then decide?

    Parameters
    ----------
    p
        Probability that the reform is worth ``high``; otherwise it is worth ``low``.
    high, low, cost
        Value in the good and in the bad case, and what the reform costs, in one unit. ``low`` may be negative.
    accuracy
        Probability that the pilot says "good" when it is good, and "bad" when it is bad. 0.5 = it says nothing.
    discount
        Yearly rate at which what comes after the pilot is worth less, as a fraction.

    Returns
    -------
    dict
        ``now``: expected value of reforming at once. ``wait``: of deciding after the pilot, and of not reforming where
        that is better. ``option_value``: wait - max(now, 0), the value of keeping the decision open. ``better``: "wait"
        where that is positive, otherwise "now", or "neither" where reforming at once has no positive value either.

    Raises
    ------
    ValueError
        If ``p`` or ``accuracy`` is not between 0 and 1, ``high`` is below ``low``, or ``discount`` is not above -1.

    Examples
    --------
    >>> {k: v if k == "better" else round(v, 3) for k, v in wait_or_go(0.5, 100, -50, 10, 0.8, 0.05).items()}
    {'now': 15.0, 'wait': 28.571, 'option_value': 13.571, 'better': 'wait'}

    Source: Dixit & Pindyck (1994), Investment under Uncertainty, chapter 2.
    """
    for name, value in {"p": p, "accuracy": accuracy}.items():
        within(name, value, 0, 1)
    within("discount", discount, -1, open_low=True)
    for name, value in {"high": high, "low": low, "cost": cost}.items():
        within(name, value)
    refuse("high", high, high < low, f"is below low = {low:.15g}")
    now = p * high + (1 - p) * low - cost
    wait = 0.0
    for says_when_good, says_when_bad in ((accuracy, 1 - accuracy), (1 - accuracy, accuracy)):
        # probability of the signal times what is then expected: no division by a signal that never comes
        wait += max(0.0, p * says_when_good * (high - cost) + (1 - p) * says_when_bad * (low - cost))
    wait /= 1 + discount
    option = wait - max(now, 0.0)
    noise = NOISE * max(abs(high), abs(low), abs(cost))  # whatever the unit of money
    better = "wait" if option > noise else "now" if now > noise else "neither"
    return {"now": float(now), "wait": float(wait), "option_value": float(option), "better": better}


# --- what the record can show -----------------------------------------------------------------------------------------


def two_way_slope(table: pd.DataFrame, y: str, x: str, unit: str, time: str) -> dict:
    """Slope of ``y`` on ``x`` within units and within times, with a standard error clustered by unit.

    Units seen once are dropped: they say nothing about change. Unit and time effects are then taken out exactly, in
    unbalanced panels too.

    Parameters
    ----------
    table
        One row a unit and time; rows with a missing value are dropped.
    y, x, unit, time
        Names of its columns.

    Returns
    -------
    dict
        ``slope``; ``se``, clustered by unit, times G / (G - 1) · (N - 1) / (N - k), where k counts the slope and the
        time effects (unit effects lie within the clusters); ``n`` rows and ``units`` used. slope and se are nan where x
        does not vary within units and times, se where there are fewer than two units.

    Raises
    ------
    ValueError
        If a column is missing, or a unit stands twice at one time.

    Source: Cameron & Miller (2015), doi:10.3368/jhr.50.2.317.
    """
    has_columns("table", table, (y, x, unit, time))
    rows = table[[y, x, unit, time]].dropna()
    if rows.duplicated([unit, time]).any():
        twice = rows.loc[rows.duplicated([unit, time]), [unit, time]].iloc[0].tolist()
        raise ValueError(f"table: unit {twice[0]!r} stands twice at time {twice[1]!r}")
    rows = rows[rows.groupby(unit)[y].transform("size") > 1]
    units, unit_code = np.unique(rows[unit], return_inverse=True)
    times, time_code = np.unique(rows[time], return_inverse=True)
    n, g = len(rows), len(units)
    out = {"slope": nan, "se": nan, "n": n, "units": g}
    if not n:
        return out
    both = rows[[y, x]].to_numpy(float)
    left = _within_units_and_times(both, unit_code, time_code)
    y_left, x_left = left[:, 0], left[:, 1]
    spread = x_left @ x_left
    apart = both[:, 1] - both[:, 1].mean()
    rounding = n * (NOISE * np.abs(both[:, 1]).max()) ** 2  # a constant may seem to vary in its last digits
    if not spread > max(NOISE * (apart @ apart), rounding):
        return out
    out["slope"] = float(x_left @ y_left / spread)
    free = n - 1 - len(times)
    if g > 1 and free > 0:
        scores = np.bincount(unit_code, weights=x_left * (y_left - out["slope"] * x_left))
        small_sample = g / (g - 1) * (n - 1) / free
        out["se"] = float(np.sqrt(small_sample * scores @ scores) / spread)
    return out


def _within_units_and_times(values: np.ndarray, unit: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Columns without unit and time effects, exact for unbalanced panels: what a regression on all dummies leaves."""
    sizes = np.bincount(unit)

    def without_units(columns: np.ndarray) -> np.ndarray:
        sums = np.column_stack([np.bincount(unit, weights=column) for column in columns.T])
        return columns - (sums / sizes[:, None])[unit]

    left, dummies = without_units(values - values.mean(axis=0)), without_units(np.eye(time.max() + 1)[time])
    return left - dummies @ np.linalg.lstsq(dummies, left, rcond=None)[0]


def level_changes(values: ArrayLike, window: int) -> np.ndarray:
    """The jump at each point of a series: a line through the points before it against a line through those after.

    The simplest interrupted time series, run at every possible date, so that the jump at a date of interest can be
    compared with the jumps at dates when nothing special happened.

    Parameters
    ----------
    values
        A series at equal steps.
    window
        Points on each side, at least 2. The point itself belongs to the right side.

    Returns
    -------
    array
        As long as ``values``; right line minus left line, both read at that point; nan where a side is not complete or
        holds a missing value.

    Raises
    ------
    ValueError
        If ``window`` is not a whole number of at least 2.

    Examples
    --------
    >>> level_changes([1, 2, 3, 14, 15, 16], window=3).tolist()
    [nan, nan, nan, 10.0, nan, nan]

    Source: Lopez Bernal, Cummins & Gasparrini (2017), doi:10.1093/ije/dyw098.
    """
    within("window", window, 2)
    refuse("window", window, window != int(window), "is not a whole number of points")
    series, size = np.asarray(values, float).ravel(), int(window)
    jumps = np.full(len(series), nan)
    left = np.linalg.pinv(np.column_stack([np.ones(size), np.arange(-size, 0)]))[0]  # weights of the line's value at 0
    right = np.linalg.pinv(np.column_stack([np.ones(size), np.arange(size)]))[0]
    for i in range(size, len(series) - size + 1):
        jump = right @ series[i : i + size] - left @ series[i - size : i]
        jumps[i] = np.round(jump, 12)
    return jumps


# --- the model of capability -------------------------------------------------------------------------------------------


def _parameters(delta: ArrayLike, tau: ArrayLike, pause: ArrayLike, c0: ArrayLike) -> list[np.ndarray]:
    """The parameters of the model, each within its range."""
    delta, tau, pause, c0 = arrays = finite(delta=delta, tau=tau, pause=pause, c0=c0)
    for name, share in {"delta": delta, "c0": c0}.items():
        refuse(name, share, (share < 0) | (share > 1), "is not a share between 0 and 1")
    refuse("tau", tau, tau <= 0, "is not above 0")
    refuse("pause", pause, pause < 0, "is negative")
    return arrays


def _cycle(
    interval: ArrayLike, delta: ArrayLike, tau: ArrayLike, pause: ArrayLike, name: str = "interval"
) -> list[np.ndarray]:
    """A span of years, which the caller calls ``name``, and the parameters, broadcast to one shape."""
    (interval,) = finite(**{name: interval})
    refuse(name, interval, interval <= 0, "is not above 0")
    delta, tau, pause, _ = _parameters(delta, tau, pause, 1.0)
    return np.broadcast_arrays(interval, delta, tau, pause)


def _steady(interval: np.ndarray, delta: np.ndarray, tau: np.ndarray, pause: np.ndarray) -> np.ndarray:
    missing = np.exp(-np.maximum(interval - pause, 0) / tau)
    with np.errstate(invalid="ignore"):
        return np.where(delta == 0, 1.0, (1 - missing) / (1 - (1 - delta) * missing))


def _area(years: np.ndarray, low: np.ndarray, tau: np.ndarray, pause: np.ndarray) -> np.ndarray:
    """The integral of capability over the years after a reform that left ``low`` of it, with no other reform in them."""
    rest = np.maximum(years - pause, 0)
    return low * (years - rest) + rest + (1 - low) * tau * np.expm1(-rest / tau)


def _plain(values: np.ndarray) -> float | np.ndarray:
    return values.item() if values.ndim == 0 else values
