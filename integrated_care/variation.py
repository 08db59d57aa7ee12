"""Methods of chapter 3, *Assurance or improvement?*: is it a signal, who stands out, and what does a target reward?

Conventions, the same in every function
---------------------------------------
* A series runs along the **last axis**: one number a month for one ward, one row a ward for many. A table with the months in
  its rows is passed as ``table.T``. What is said of one series holds for each row of many, in one call.
* A missing month is nan. It belongs to no mean, breaks a run, and no moving range crosses it.
* A point **on** a limit is not beyond it, and a point on the centre line is on neither side. Two numbers count as equal if
  they agree to twelve digits.
* Shares and rates are fractions (0.95, not 95), but where nothing is counted any unit will do.
* What is undefined is nan, never 0. A result for one series of numbers is a float; otherwise it is an array.
* ``ValueError`` names the argument and the value at fault. Nothing that is passed in is changed.

scipy is not imported: in a browser it would be 19 MB more to fetch.
"""

from math import erf, nan, sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .arguments import NOISE, finite, numbers, plain, refuse, within
from .guard import refuse_while_grading

refuse_while_grading(__name__)

__all__ = [
    "WIDTH",
    "expected_flips",
    "funnel",
    "heaping_index",
    "league",
    "moving_ranges",
    "multitask",
    "p_limits",
    "p_prime_limits",
    "rag",
    "rag_flips",
    "signals",
    "stable_flip_rate",
    "xmr",
    "xmr_rows",
]

D2 = 1.128  # the mean range of two draws from a normal law, in its standard deviations
WIDTH = 2.66  # 3 / D2, rounded as practitioners do: from the mean to a limit, in mean moving ranges
GREEN, AMBER, RED, NONE = "green", "amber", "red", "none"


# --- one measure in time ----------------------------------------------------------------------------------------------


def moving_ranges(x: ArrayLike) -> np.ndarray:
    """How far each month is from the month before, without a sign.

    Parameters
    ----------
    x
        One number a month.

    Returns
    -------
    array
        One value less than ``x``; nan on both sides of a missing month.

    Raises
    ------
    ValueError
        If ``x`` is one number, or a value is infinite.

    Examples
    --------
    >>> moving_ranges([10, 12, 11, 13, 12]).tolist()
    [2.0, 1.0, 2.0, 1.0]
    """
    return np.abs(np.diff(_series(x=x)[0]))


def xmr(x: ArrayLike, baseline: int | None = None) -> tuple[float | np.ndarray, ...]:
    """Mean and limits of an XmR chart: mean -/+ 2.66 times the mean moving range.

    Parameters
    ----------
    x
        One number a month: a share, a count, a time.
    baseline
        How many months, the first ones, the mean and the limits are taken from; all of them if it is left out. Limits that
        are worked out anew each month widen with the very change that they should show.

    Returns
    -------
    (mean, lcl, ucl)
        In the unit of ``x``. The limits are nan where no two months are neighbours, the mean where there is no month.
        They are not clipped: those of a share may lie below 0 or above 1.

    Raises
    ------
    ValueError
        If ``x`` is one number, a value is infinite, or ``baseline`` is not a whole number from 1 on.

    Examples
    --------
    >>> [round(limit, 2) for limit in xmr([10, 12, 11, 13, 12])]
    [11.6, 7.61, 15.59]

    Source: Wheeler (2000), *Understanding Variation*. The median of the moving ranges, or 3/1.128 = 2.6596 in place of 2.66,
    are used elsewhere.
    """
    (x,) = _series(x=x)
    if baseline is not None:
        refuse("baseline", baseline, baseline != int(baseline) or baseline < 1, "is not a whole number from 1 on")
        x = x[..., : int(baseline)]
    mean = _mean(x)
    half = WIDTH * _mean(np.abs(np.diff(x)))
    return plain(mean), plain(mean - half), plain(mean + half)


def signals(x: ArrayLike, cl: ArrayLike, lcl: ArrayLike, ucl: ArrayLike, run: int = 8) -> dict[str, np.ndarray]:
    """Which points of a chart are signals, by two rules.

    Parameters
    ----------
    x
        One number a month.
    cl, lcl, ucl
        Centre line and limits: a number, one for each series, or one for each point.
    run
        So many points in a row on one side of the centre line make a run. Programmes teach six, seven or eight.

    Returns
    -------
    dict
        Two arrays of booleans in the shape of ``x``. ``beyond``: above ``ucl`` or below ``lcl``. ``run``: every point of
        a run, not only its last. A missing month and a limit that is nan give no signal.

    Raises
    ------
    ValueError
        If ``x`` is one number, ``run`` is not a whole number from 1 on, or the shapes do not fit.

    Examples
    --------
    >>> found = signals([5, 5, 5, 1, 9], cl=4, lcl=2, ucl=9, run=3)
    >>> found["beyond"].tolist(), found["run"].tolist()
    ([False, False, False, True, False], [True, True, True, False, False])

    A point on the line breaks a run, as in NHS England's *Making Data Count* (package NHSRplotthedots); some packages skip it.
    """
    (x,) = _series(x=x)
    refuse("run", run, run != int(run) or run < 1, "is not a whole number from 1 on")
    cl, lcl, ucl = (_beside(name, limit, x) for name, limit in {"cl": cl, "lcl": lcl, "ucl": ucl}.items())
    beyond = (_side(x, ucl) > 0) | (_side(x, lcl) < 0)
    return {"beyond": beyond, "run": _run_lengths(_side(x, cl)) >= run}


def p_limits(num: ArrayLike, den: ArrayLike, z: float = 3) -> dict[str, np.ndarray]:
    """The p-chart: limits for a share whose counts vary as those of a coin do, wider where fewer are counted.

    Parameters
    ----------
    num, den
        Cases, and those among whom they were counted, month by month.
    z
        Half-width in standard deviations.

    Returns
    -------
    dict
        ``p``, ``cl``, ``lcl``, ``ucl``, arrays in the shape of ``num``; ``pd.DataFrame(p_limits(num, den))`` makes a table.
        ``cl`` is all cases over all counted, not the mean of the shares. Limits are clipped to 0 and 1. All four are nan in
        a month that counted nobody, or is missing; such a month does not enter ``cl``.

    Raises
    ------
    ValueError
        If a count is negative, ``num`` exceeds ``den``, the shapes differ, or ``z`` is not above 0.

    Examples
    --------
    >>> chart = p_limits([8, 9, 0], [10, 10, 0])
    >>> chart["p"].tolist(), chart["cl"].tolist(), chart["lcl"].round(4).tolist()
    ([0.8, 0.9, nan], [0.85, 0.85, nan], [0.5113, 0.5113, nan])

    Source: Montgomery, *Introduction to Statistical Quality Control*, chapter 7.
    """
    p, cl, sd, _, _ = _binomial(num, den, z)
    return {"p": p, "cl": cl, "lcl": np.clip(cl - z * sd, 0, 1), "ucl": np.clip(cl + z * sd, 0, 1)}


def p_prime_limits(num: ArrayLike, den: ArrayLike, z: float = 3) -> dict[str, np.ndarray]:
    """Laney's p′-chart: the p-chart with its limits widened to the variation that the months show.

    Arguments, errors and columns as in :func:`p_limits`, and ``sigma_z``, the factor by which the limits are widened: the
    mean moving range of the standardised shares, over 1.128. It is nan (and so are the limits) where no two months are
    neighbours, and may be below 1.

    Examples
    --------
    >>> chart = p_prime_limits([800, 900, 820, 880], [1000] * 4)
    >>> chart["sigma_z"].round(2).tolist(), chart["lcl"].round(3).tolist()
    ([6.28, 6.28, 6.28, 6.28], [0.637, 0.637, 0.637, 0.637])

    Source: Laney (2002), doi:10.1081/QEN-120003555.
    """
    p, cl, sd, score, _ = _binomial(num, den, z)
    wider = _mean(np.abs(np.diff(score)))[..., None] / D2 * np.where(np.isnan(p), nan, 1.0)
    half = z * sd * wider
    return {"p": p, "cl": cl, "lcl": np.clip(cl - half, 0, 1), "ucl": np.clip(cl + half, 0, 1), "sigma_z": wider}


def xmr_rows(table: pd.DataFrame, run: int = 8) -> pd.DataFrame:
    """An XmR chart of every unit, in the long form that a drawing or a count of signals wants.

    Parameters
    ----------
    table
        One row a unit, one column a month, in order; nan where a month is missing.
    run
        As in :func:`signals`.

    Returns
    -------
    DataFrame
        One row for each ``unit`` and ``month``: ``value``, ``cl``, ``lcl``, ``ucl``, the booleans ``beyond`` and ``run``, and
        ``signal``, True where either is. Missing months stay, as nan.

    Raises
    ------
    ValueError
        As :func:`xmr` and :func:`signals`.

    Examples
    --------
    >>> rows = xmr_rows(pd.DataFrame([[10, 12, 11, 13, 30]], index=["ward"], columns=list("abcde")))
    >>> rows.loc[rows["signal"], ["unit", "month"]].to_numpy().tolist()
    [['ward', 'e']]
    """
    values = _series(table=table)[0]
    limits = xmr(values)
    found = signals(values, *limits, run)
    rows = {"unit": np.repeat(table.index, table.shape[1]), "month": np.tile(table.columns, len(table))}
    rows["value"] = values.ravel()
    for name, limit in zip(("cl", "lcl", "ucl"), limits, strict=True):
        rows[name] = np.repeat(limit, table.shape[1])
    for name, flags in found.items():
        rows[name] = flags.ravel()
    return pd.DataFrame(rows).assign(signal=lambda t: t["beyond"] | t["run"])


# --- red, amber, green ------------------------------------------------------------------------------------------------


def rag(x: ArrayLike, target: float, tol: float, lower_is_better: bool = False) -> np.ndarray:
    """The colour of each month against a target.

    Parameters
    ----------
    x
        Numbers; where one is missing the colour is "none".
    target
        From here on it is green.
    tol
        How far short of the target it is still amber; not negative.
    lower_is_better
        True where green is at or below the target, and amber at most ``tol`` above it.

    Returns
    -------
    array
        "green", "amber", "red" or "none", in the shape of ``x``.

    Raises
    ------
    ValueError
        If ``tol`` is negative, or ``target`` or ``tol`` is not finite.

    Examples
    --------
    >>> rag([95, 94, 92, None], target=95, tol=2).tolist()
    ['green', 'amber', 'red', 'none']
    """
    (x,) = numbers(x=x)
    within("target", target)
    within("tol", tol, 0)
    sign = -1 if lower_is_better else 1
    green = _side(sign * x, np.asarray(sign * target)) >= 0
    amber = _side(sign * x, np.asarray(sign * target - tol)) >= 0
    return np.select([np.isnan(x), green, amber], [NONE, GREEN, AMBER], RED)


def rag_flips(x: ArrayLike, target: float, tol: float, lower_is_better: bool = False) -> int | np.ndarray:
    """How often the colour changes from one month to the next; a missing month has no colour to change from or to.

    Arguments and errors as in :func:`rag`; ``x`` is a series, or many.

    Examples
    --------
    >>> rag_flips([95, 94, 92, 96], target=95, tol=2)
    3
    """
    _series(x=x)
    colour = rag(x, target, tol, lower_is_better)
    before, after = colour[..., :-1], colour[..., 1:]
    flips = ((before != after) & (before != NONE) & (after != NONE)).sum(axis=-1)
    return flips if flips.ndim else int(flips)


def expected_flips(mu: ArrayLike, sd: ArrayLike, target: ArrayLike, tol: ArrayLike) -> float | np.ndarray:
    """Changes of colour a year in a process that never changes: 12 (1 - the sum of the squared shares of the colours).

    Parameters
    ----------
    mu, sd
        Mean and standard deviation of the months, which are normal and do not depend on each other.
    target, tol
        As in :func:`rag`, in the unit of ``mu``. Arrays are broadcast against each other.

    Returns
    -------
    float or array
        From 0 to 8 flips a year; 0 where nothing varies.

    Raises
    ------
    ValueError
        If ``sd`` or ``tol`` is negative, or an argument is not finite.

    Examples
    --------
    >>> round(expected_flips(mu=95, sd=1, target=95, tol=1), 2), round(expected_flips(96, 1, 95, 1), 2)
    (7.3, 3.28)
    """
    mu, sd, target, tol = finite(mu=mu, sd=sd, target=target, tol=tol)
    for name, values in {"sd": sd, "tol": tol}.items():
        refuse(name, values, values < 0, "is negative")
    with np.errstate(divide="ignore", invalid="ignore"):
        below_green, below_amber = _share_below((target - mu) / sd), _share_below((target - tol - mu) / sd)
    shares = [1 - below_green, below_green - below_amber, below_amber]
    return plain(np.where(sd > 0, 12 * (1 - sum(share**2 for share in shares)), 0.0))


def stable_flip_rate(mu: float, sd: float, target: float, tol: float, n: int, seed: int) -> float:
    """The same as :func:`expected_flips`, by drawing ``n`` months: 12 times the flips over the ``n - 1`` steps.

    Raises
    ------
    ValueError
        If ``sd`` or ``tol`` is negative, an argument is not finite, or ``n`` is not a whole number from 2 on.

    Examples
    --------
    >>> stable_flip_rate(95, 0, target=95, tol=1, n=120, seed=3)
    0.0
    """
    within("mu", mu)
    within("sd", sd, 0)
    refuse("n", n, n != int(n) or n < 2, "is not a whole number from 2 on")
    months = np.random.default_rng(seed).normal(mu, sd, int(n))
    return 12 * rag_flips(months, target, tol) / (int(n) - 1)


# --- many units at one time -------------------------------------------------------------------------------------------


def funnel(num: ArrayLike, den: ArrayLike, z: float = 3) -> dict[str, float | np.ndarray]:
    """Control limits round the common share, before and after the variation between units is allowed for.

    Parameters
    ----------
    num, den
        Cases, and those among whom they were counted, unit by unit along the last axis.
    z
        Half-width in standard deviations; Public Health England's "3s" limits use 3.0902.

    Returns
    -------
    dict
        ``p``, ``z`` (how many standard deviations from the centre), ``lcl``, ``ucl``, ``lcl_phi``, ``ucl_phi`` (the limits,
        clipped to 0 and 1, before and after), ``outside``, ``outside_phi`` (booleans), each in the shape of ``num``; and,
        one for each funnel, ``cl`` (all cases over all counted) and ``phi``, the mean of the squared ``z``. The second
        limits are the square root of ``phi`` times wider where ``phi`` exceeds 1, and the first ones otherwise. A unit
        that counted nobody is nan and outside nothing; ``phi`` is nan where ``cl`` is 0 or 1.

    Raises
    ------
    ValueError
        As :func:`p_limits`.

    Examples
    --------
    >>> found = funnel([83, 90, 129, 70], [86, 93, 136, 82])
    >>> round(found["phi"], 2), found["outside"].tolist(), found["outside_phi"].tolist()
    (3.15, [False, False, False, True], [False, False, False, False])

    Source: Spiegelhalter (2005), doi:10.1002/sim.1970, multiplicative overdispersion. He pulls in (winsorises) the most
    extreme z before the mean, and tests whether phi is large; neither is done here.
    """
    p, cl, sd, score, centre = _binomial(num, den, z)
    phi = _mean(score**2)
    wider = np.sqrt(np.where(phi > 1, phi, 1.0))[..., None]
    both = {"": np.ones_like(wider), "_phi": wider}
    found: dict[str, float | np.ndarray] = {"p": p, "z": score, "cl": plain(centre), "phi": plain(phi)}
    for suffix, factor in both.items():
        found[f"lcl{suffix}"] = np.clip(cl - z * factor * sd, 0, 1)
        found[f"ucl{suffix}"] = np.clip(cl + z * factor * sd, 0, 1)
        found[f"outside{suffix}"] = _side(np.abs(score), z * factor) > 0
    return found


def league(scores: pd.DataFrame) -> pd.DataFrame:
    """The places of units in a league table that is made anew each year.

    Parameters
    ----------
    scores
        One row a unit, one column a year; larger = better.

    Returns
    -------
    DataFrame
        Indexed as ``scores``: ``best`` and ``worst`` place over the years (1 = highest score; units that tie share the
        better place), ``moved`` (places between the two), ``signals`` (years beyond the limits of the unit's own
        :func:`xmr`), ``first`` and ``last`` place. A year without a score gives no place.

    Raises
    ------
    ValueError
        If a score is no number or infinite.

    Examples
    --------
    >>> table = pd.DataFrame({"2020": [9, 8, 5], "2021": [8, 9, 5]}, index=["a", "b", "c"])
    >>> league(table)[["best", "worst", "moved"]].to_numpy().tolist()
    [[1.0, 2.0, 1.0], [1.0, 2.0, 1.0], [3.0, 3.0, 0.0]]
    """
    values = pd.DataFrame(_series(scores=scores)[0], index=scores.index, columns=scores.columns)
    place = values.rank(ascending=False, method="min")
    found = pd.DataFrame({"best": place.min(axis=1), "worst": place.max(axis=1)})
    found["moved"] = found["worst"] - found["best"]
    found["signals"] = signals(values, *xmr(values))["beyond"].sum(axis=1)
    return found.assign(first=place.iloc[:, 0], last=place.iloc[:, -1])


# --- what a target rewards --------------------------------------------------------------------------------------------


def multitask(b: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> tuple[float | np.ndarray, float | np.ndarray]:
    """Effort on what is measured and on what is not, by somebody who is rewarded for the first and cares for the second.

    They choose e1, e2 >= 0 so that b e1 + m e2 - e1²/2 - e2²/2 - gamma e1 e2 is largest.

    Parameters
    ----------
    b
        Power of the incentive: the reward for a unit of measured effort; not negative.
    m
        Motivation: the worth of a unit of unmeasured effort to whoever makes it; not negative.
    gamma
        How much one effort makes the other harder, from 0 to below 1. Arrays are broadcast against each other.

    Returns
    -------
    (e1, e2)
        Measured and unmeasured effort. Inside, e1 = (b - gamma m) / (1 - gamma²), and e2 likewise; at the corners,
        (b, 0) from b = m / gamma on, and (0, m) from m = b / gamma on.

    Raises
    ------
    ValueError
        If ``b`` or ``m`` is negative, or ``gamma`` is not from 0 to below 1.

    Examples
    --------
    >>> [round(effort, 3) for effort in multitask(1, 0.5, 0.4)], multitask(1.5, 0.5, 0.4)
    ([0.952, 0.119], (1.5, 0.0))

    Source: after Holmström & Milgrom (1991), doi:10.1093/jleo/7.special_issue.24, in its simplest form.
    """
    b, m, gamma = np.broadcast_arrays(*finite(b=b, m=m, gamma=gamma))
    for name, values in {"b": b, "m": m, "gamma": gamma}.items():
        refuse(name, values, values < 0, "is negative")
    refuse("gamma", gamma, gamma >= 1, "is not below 1")
    inside1, inside2 = ((own - gamma * other) / (1 - gamma**2) for own, other in ((b, m), (m, b)))
    e1 = np.where(inside2 <= 0, b, np.maximum(inside1, 0))
    e2 = np.where(inside1 <= 0, m, np.maximum(inside2, 0))
    return plain(e1), plain(e2)


def heaping_index(minutes: ArrayLike, cut: float = 240, w: float = 5) -> float:
    """How much fuller the last minutes before a target are than those on both sides of them.

    Parameters
    ----------
    minutes
        Waiting times. A missing one is left out.
    cut
        The target. A wait of exactly ``cut`` belongs to the window above it: a rule for binning, since 240 minutes are
        still within four hours.
    w
        Width of a window, above 0.

    Returns
    -------
    float
        Waits in [cut - w, cut), over the mean of those in [cut - 2 w, cut - w) and in [cut, cut + w). 1 where nothing
        heaps; nan where both neighbours are empty.

    Raises
    ------
    ValueError
        If a wait is negative or infinite, or ``w`` is not above 0.

    Examples
    --------
    >>> heaping_index([231, 234, 236, 238, 239, 239, 240, 244])
    2.0
    """
    (minutes,) = numbers(minutes=minutes)
    refuse("minutes", minutes, minutes < 0, "is negative")
    within("cut", cut)
    within("w", w, 0, open_low=True)
    before, heap, after = (
        int(((_side(minutes, cut + low * w) >= 0) & (_side(minutes, cut + (low + 1) * w) < 0)).sum())
        for low in (-2, -1, 0)
    )
    return heap / ((before + after) / 2) if before + after else nan


# --- shared -----------------------------------------------------------------------------------------------------------


def _series(**named: ArrayLike) -> list[np.ndarray]:
    arrays = numbers(**named)
    for name, array in zip(named, arrays, strict=True):
        if not array.ndim:
            raise ValueError(f"{name}: needs one value a month, but is one number")
    return arrays


def _mean(x: np.ndarray) -> np.ndarray:
    """Mean along the last axis of what is not missing; nan where nothing is left."""
    known = ~np.isnan(x)
    count = known.sum(axis=-1)
    return np.where(known, x, 0.0).sum(axis=-1) / np.where(count, count, nan)


def _side(x: np.ndarray, line: np.ndarray) -> np.ndarray:
    """1 above the line, -1 below, 0 on it, to twelve digits, or where either is missing."""
    gap, noise = x - line, NOISE * np.maximum(np.abs(x), np.abs(line))
    return (gap > noise).astype(np.int8) - (gap < -noise).astype(np.int8)


def _beside(name: str, limit: ArrayLike, x: np.ndarray) -> np.ndarray:
    """A limit in a shape that goes with the series: a number, one for each series, or one for each point."""
    (limit,) = numbers(**{name: limit})
    if limit.ndim == x.ndim - 1:
        limit = limit[..., None]
    try:
        return np.broadcast_to(limit, x.shape)
    except ValueError:
        raise ValueError(f"{name}: its shape {limit.shape} does not go with x, {x.shape}") from None


def _run_lengths(side: np.ndarray) -> np.ndarray:
    """How long the run is that each point belongs to; 0 for a point on neither side."""
    side = np.ascontiguousarray(np.moveaxis(side, -1, 0))
    length = np.zeros(side.shape, dtype=np.int32)
    so_far = np.zeros(side.shape[1:], dtype=np.int32)
    for t, now in enumerate(side):
        goes_on = now == side[t - 1] if t else np.zeros(now.shape, dtype=bool)
        so_far = np.where(now == 0, 0, np.where(goes_on, so_far + 1, 1))
        length[t] = so_far
    for t in range(len(side) - 2, -1, -1):
        length[t] = np.where((side[t] != 0) & (side[t] == side[t + 1]), length[t + 1], length[t])
    return np.moveaxis(length, 0, -1)


def _binomial(num: ArrayLike, den: ArrayLike, z: float) -> tuple[np.ndarray, ...]:
    """Shares, their common share, its standard deviation at each size, the standardised shares, and the common share once.

    The first four are nan where nobody was counted; a standardised share also where nothing can vary.
    """
    num, den = _series(num=num, den=den)
    within("z", z, 0, open_low=True)
    if num.shape != den.shape:
        raise ValueError(f"den: its shape {den.shape} is not that of num, {num.shape}")
    for name, values in {"num": num, "den": den}.items():
        refuse(name, values, values < 0, "is negative")
    refuse("num", num, num > den, "is more than den")
    counted = (den > 0) & ~np.isnan(num)
    num, den = np.where(counted, num, nan), np.where(counted, den, nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = counted.sum(axis=-1)
        centre = np.where(total, np.nansum(num, axis=-1) / np.nansum(den, axis=-1), nan)
        p, cl = num / den, np.where(counted, centre[..., None], nan)
        sd = np.sqrt(cl * (1 - cl) / den)
        return p, cl, sd, np.where(sd > 0, (p - cl) / sd, nan), centre


_share_below = np.vectorize(lambda z: (1 + erf(z / sqrt(2))) / 2, otypes=[float])  # of a standard normal law
