"""Methods of chapter 14, *From pilot to nation, from England to Morocco*: when a roll-out can teach, and what to carry away.

Conventions, the same in every function
---------------------------------------
* A **panel** ``df`` has the columns of chapter 10: ``unit``, ``time`` (a number), ``outcome`` and ``start``, the first time with
  the programme, missing where it never comes. A unit has the programme at every time from its start on.
* A **cohort** is all the units with one start. Its **event time** is ``e = time - start``: 0 at the start, -1 just before.
* In a **stepped wedge** the total standard deviation of the outcome is 1; ``icc`` is the share of its variance that lies between
  regions, ``effect`` is in standard deviations. Power is that of one tail at 2.5%.
* **Scores** lie between 0 and 1, larger is better. **Weights** are at least 0 and sum to 1 over the criteria.
* A **rank** is 1 plus the number of those that are strictly better, so equals share the better rank.
* **Probabilities and shares** must sum to 1: they are refused otherwise, never rescaled.
* What is undefined is nan, never 0; ``ValueError`` names the argument at fault. Nothing that is passed in is changed.
"""

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from math import fsum, inf, isnan, nan, sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .arguments import (
    column,
    finite,
    has_columns,
    numbers,
    one_of,
    plain,
    refuse,
    refuse_negative,
    refuse_rows,
    say,
    within,
)
from .guard import refuse_while_grading

refuse_while_grading(__name__)

__all__ = [
    "Power",
    "aggregate",
    "att_gt",
    "bacon",
    "ess",
    "event_study",
    "go_live",
    "regrets",
    "robust",
    "rollout_plan",
    "scale01",
    "simplex_weights",
    "smaa",
    "sw_design",
    "sw_power",
    "sw_variance",
    "transport",
    "triangular",
    "twfe",
    "twfe_weights",
]

MONTHS = 3  # from the month of the first board to the start: the rule of the decree
LEVEL = 0.05  # of the test of a stepped wedge, both tails
_ONE = 1e-6  # how far a sum of shares may lie from 1
_BLOCK = 1 << 15  # weights that `smaa` ranks at once: what a processor's cache holds


# --- dates ------------------------------------------------------------------------------------------------------------


def go_live(first_board: object) -> pd.Timestamp:
    """The day on which a Territorial Health Group starts: the first day of the third month after that of its first board.

    Parameters
    ----------
    first_board
        A day, as text or as a date; the hour says nothing.

    Returns
    -------
    pandas.Timestamp
        ``NaT`` if the day is missing.

    Raises
    ------
    ValueError
        If it is no day.

    Examples
    --------
    >>> print(go_live("2025-07-28").date(), go_live("2025-12-15").date())
    2025-10-01 2026-03-01
    """
    try:
        day = pd.Timestamp(first_board)
    except (TypeError, ValueError):
        raise ValueError(f"first_board: {say(first_board)} is no day") from None
    if pd.isna(day):
        return pd.NaT
    months = day.year * 12 + day.month - 1 + MONTHS
    return pd.Timestamp(months // 12, months % 12 + 1, 1)


# --- staggered adoption -----------------------------------------------------------------------------------------------


def twfe(df: pd.DataFrame) -> float:
    """The slope on treatment in a regression with an effect for each unit and each time (two-way fixed effects).

    Parameters
    ----------
    df
        A balanced panel: each unit once at each time.

    Returns
    -------
    float
        In units of the outcome; nan where treatment does not vary within units and times, as when all start at once.

    Raises
    ------
    ValueError
        If a column is missing, a unit lacks a time, has it twice or has two starts, or an outcome is missing.

    Examples
    --------
    >>> rows = [("a", 1, 5, 2), ("a", 2, 9, 2), ("b", 1, 4, None), ("b", 2, 5, None)]
    >>> twfe(pd.DataFrame(rows, columns=["unit", "time", "outcome", "start"]))
    3.0

    Source: Goodman-Bacon (2021), doi:10.1016/j.jeconom.2021.03.014.
    """
    y, times, start = _panel(df)
    means, starts, units = _cohorts(y, start)
    left = _residual(starts, units, times)
    total = (units[:, None] * left**2).sum()
    return float((units[:, None] * left * means).sum() / total) if _varies(starts, times) else nan


def twfe_weights(df: pd.DataFrame) -> pd.DataFrame:
    """How much each cohort's effect at each time counts in :func:`twfe`, if untreated outcomes run in parallel.

    Returns one row for each cohort and time from its start on: ``start``, ``time`` and ``weight``. The weights sum to 1 and
    may be negative: such a cell pulls the estimate down by having a large effect.

    Source: de Chaisemartin and D'Haultfoeuille (2020), doi:10.1257/aer.20181169.
    """
    y, times, start = _panel(df)
    _, starts, units = _cohorts(y, start)
    left = units[:, None] * _residual(starts, units, times)
    on = times >= starts[:, None]
    weight = left[on] / left[on].sum() if _varies(starts, times) else np.full(on.sum(), nan)
    which, when = np.nonzero(on)
    return pd.DataFrame({"start": starts[which], "time": times[when], "weight": weight})


def bacon(df: pd.DataFrame) -> pd.DataFrame:
    """The comparisons of two cohorts of which :func:`twfe` is the weighted mean.

    Returns
    -------
    DataFrame
        One row a comparison: the start of the ``treated`` cohort, that of the ``control`` (inf: never), ``kind``, ``weight``
        (they sum to 1) and ``estimate``, the difference of differences of the two. The kinds are "treated v never", "earlier v
        later" (the later one before its own start) and "later v earlier" (the earlier one after its start: a control that is
        itself treated).

    Raises
    ------
    ValueError
        As :func:`twfe`.

    Source: Goodman-Bacon (2021), doi:10.1016/j.jeconom.2021.03.014, equations 10a to 10g.
    """
    y, times, start = _panel(df)
    means, starts, units = _cohorts(y, start)
    share, on = units / units.sum(), (times >= starts[:, None]).mean(axis=1)
    rows = []
    for a, b in combinations(range(len(starts)), 2):  # a starts before b
        pair, gap = share[a] * share[b], on[a] - on[b]
        before, after = times < starts[a], times >= starts[b]
        between = ~before & ~after
        kind = "treated v never" if on[b] == 0 else "earlier v later"
        rows.append((a, b, kind, pair * gap * (1 - on[a]), before, between))
        rows.append((b, a, "later v earlier", pair * gap * on[b], between, after))
    rows = [
        (a, b, kind, weight, _did(means[a], means[b], *periods)) for a, b, kind, weight, *periods in rows if weight > 0
    ]
    table = pd.DataFrame(rows, columns=["treated", "control", "kind", "weight", "estimate"])
    table[["treated", "control"]] = starts[table[["treated", "control"]].to_numpy(dtype=int)]
    return table.assign(weight=table["weight"] / table["weight"].sum())


def att_gt(df: pd.DataFrame, control: str = "notyet", base: str = "universal") -> pd.DataFrame:
    """The effect in each cohort at each time: its change since a base time, less that of units without the programme.

    Parameters
    ----------
    df
        A balanced panel. Units that have the programme from the first time on are left out: nothing is known of them before.
    control
        "notyet": units that start later than both the time and the base, and those that never do. "never": those alone that
        do not start within the data.
    base
        "universal": the last time before the start, for every time. "varying": before the start, the time just before.

    Returns
    -------
    DataFrame
        One row a cohort and time, in order: ``start``, ``time``, ``att`` (units of the outcome), ``units`` in the cohort and
        ``controls``. The base itself stands in it with 0 if it is universal. Without a control there is no row, so where
        everybody starts in the end the last cohort has no effect.

    Raises
    ------
    ValueError
        As :func:`twfe`, or if ``control`` or ``base`` is another word.

    Examples
    --------
    >>> rows = [("a", 1, 5, 2), ("a", 2, 9, 2), ("b", 1, 4, None), ("b", 2, 5, None)]
    >>> found = att_gt(pd.DataFrame(rows, columns=["unit", "time", "outcome", "start"]))
    >>> found[["time", "att"]].to_numpy().tolist()
    [[1.0, 0.0], [2.0, 3.0]]

    Source: Callaway and Sant'Anna (2021), doi:10.1016/j.jeconom.2020.12.001, without covariates.
    """
    one_of("control", control, ["notyet", "never"])
    one_of("base", base, ["universal", "varying"])
    y, times, start = _panel(df)
    means, starts, units = _cohorts(y, start)
    rows = []
    for own in np.flatnonzero((starts > times[0]) & (starts <= times[-1])):
        last = int((times < starts[own]).sum()) - 1  # where the last time before the start stands
        for t in range(base == "varying", len(times)):
            since = t - 1 if base == "varying" and t <= last else last
            bar = times[-1] if control == "never" else times[max(t, since)]
            others = (starts > bar) & (starts != starts[own])
            if others.any():
                change = means[:, t] - means[:, since]
                beside = float((units * change)[others].sum() / units[others].sum())
                rows.append((starts[own], times[t], change[own] - beside, units[own], units[others].sum()))
    return pd.DataFrame(rows, columns=["start", "time", "att", "units", "controls"])


def aggregate(att: pd.DataFrame, how: str = "simple") -> float:
    """One number from the table of :func:`att_gt`: the mean of the effects from each start on.

    Parameters
    ----------
    att
        ``start``, ``time``, ``att`` and ``units``, a row a cohort and time.
    how
        "simple": each cell weighted with the units of its cohort. "group": the mean of each cohort first. "dynamic": the mean at
        each event time first, each counts the same. "calendar": the mean at each time first, each counts the same.

    Returns
    -------
    float
        nan if no cohort has an effect.

    Raises
    ------
    ValueError
        If a column is missing or ``how`` is another word.

    Source: Callaway and Sant'Anna (2021), section 3.
    """
    has_columns("att", att, ["start", "time", "att", "units"])
    one_of("how", how, ["simple", "group", "dynamic", "calendar"])
    post = att[att["time"] >= att["start"]]
    if post.empty:
        return nan
    if how == "simple":
        return float(_mean(post))
    by = {"group": post["start"], "dynamic": post["time"] - post["start"], "calendar": post["time"]}[how]
    parts = [(_mean(rows), rows["units"].iloc[0] if how == "group" else 1) for _, rows in post.groupby(by.rename("by"))]
    return float(sum(value * weight for value, weight in parts) / sum(weight for _, weight in parts))


def event_study(att: pd.DataFrame, window: int) -> pd.DataFrame:
    """Effects by the time since the start: the table of :func:`att_gt` with a universal base, averaged over cohorts.

    Parameters
    ----------
    att
        ``start``, ``time``, ``att`` and ``units``, a row a cohort and time.
    window
        Event times -window to window are given; at least 1.

    Returns
    -------
    DataFrame
        ``e``, ``est`` (mean weighted with units; nan where no cohort was seen), ``n_cohorts`` and ``balanced``: whether all the
        cohorts of the table are in it. Where they are not, a step of the line may be other cohorts, not growth.

    Raises
    ------
    ValueError
        If a column is missing or ``window`` is no whole number from 1 on.
    """
    has_columns("att", att, ["start", "time", "att", "units"])
    _whole("window", window, 1)
    e, cohorts = att["time"] - att["start"], att["start"].nunique()
    rows = []
    for at in range(-window, window + 1):
        cells = att[e == at]
        rows.append((at, _mean(cells) if len(cells) else nan, len(cells), cohorts > 0 and len(cells) == cohorts))
    return pd.DataFrame(rows, columns=["e", "est", "n_cohorts", "balanced"])


# --- stepped wedge ----------------------------------------------------------------------------------------------------


class Power(NamedTuple):
    """What :func:`sw_power` gives: the variance of the estimate (in squared standard deviations) and the power."""

    variance: float
    power: float


def sw_design(regions: int, steps: int, baseline: int = 1, always: int = 0) -> np.ndarray:
    """Who has the programme when: 1 or 0, a row a region and a column a period, ``baseline`` periods and one a step.

    The regions start in ``steps`` groups of near-equal size; the earlier steps take those that are left over (12 in 5 steps:
    3, 3, 2, 2, 2). ``always`` of the regions have the programme from the first period on and stand first.

    Raises
    ------
    ValueError
        If a number is not whole, there are more steps than regions that can start, or no period at all.

    Examples
    --------
    >>> sw_design(3, 2).tolist()
    [[0, 1, 1], [0, 1, 1], [0, 0, 1]]
    """
    _whole("regions", regions, 1)
    _whole("always", always, 0)
    _whole("steps", steps, 1)
    _whole("baseline", baseline, 0)
    free = regions - always
    refuse("steps", steps, steps > free, f"is more than the {free} regions that can start")
    step = np.sort(np.arange(free) % steps)
    first = np.concatenate([np.full(always, -baseline), step])
    return (np.arange(-baseline, steps) >= first[:, None]).astype(int)


def sw_variance(design: ArrayLike, sigma2: float, tau2: float) -> float:
    """The variance of the effect in a stepped wedge, each region measured once in each period.

    Parameters
    ----------
    design
        1 where a region has the programme, a row a region and a column a period.
    sigma2, tau2
        Variance of one region's mean in one period, and between regions.

    Returns
    -------
    float
        Infinite where the programme cannot be told from time: all regions start at once.

    Raises
    ------
    ValueError
        If the design holds anything but 0 and 1, ``sigma2`` is not above 0 or ``tau2`` is negative.

    Source: Hussey and Hughes (2007), doi:10.1016/j.cct.2006.05.007, equation 8.
    """
    (x,) = finite(design=design)
    if x.ndim != 2 or not x.size:
        raise ValueError(f"design: needs a row a region and a column a period, but its shape is {x.shape}")
    refuse("design", x, (x != 0) & (x != 1), "is neither 0 nor 1")
    within("sigma2", sigma2, 0, open_low=True)
    within("tau2", tau2, 0)
    i, t = x.shape
    u, w, v = x.sum(), (x.sum(axis=0) ** 2).sum(), (x.sum(axis=1) ** 2).sum()
    below = (i * u - w) * sigma2 + (u**2 + i * t * u - t * w - i * v) * tau2  # whole numbers: exactly 0 or well above
    return float(i * sigma2 * (sigma2 + t * tau2) / below) if below > 0 else inf


def sw_power(regions: int, steps: int, n: int, icc: float, effect: float, baseline: int = 1, always: int = 0) -> Power:
    """The power of a stepped wedge: the chance that an effect of this size shows.

    Parameters
    ----------
    regions, steps, baseline, always
        As for :func:`sw_design`.
    n
        People measured per region and period.
    icc
        Share of the variance between regions, at least 0 and below 1.
    effect
        In total standard deviations of the outcome.

    Returns
    -------
    Power
        ``variance``, infinite for a design that can tell nothing, and ``power``: 0.025 then.

    Raises
    ------
    ValueError
        If a number makes no sense.

    Examples
    --------
    >>> variance, power = sw_power(12, 4, 200, 0.05, 0.1)
    >>> f"{variance:.6f} {power:.3f}", sw_power(12, 1, 200, 0.05, 0.1).variance
    ('0.001043 0.872', inf)

    Source: Hussey and Hughes (2007), with sigma2 = (1 - icc) / n and tau2 = icc.
    """
    _whole("n", n, 1)
    within("icc", icc, 0, 1, open_high=True)
    within("effect", effect)
    variance = sw_variance(sw_design(regions, steps, baseline, always), (1 - icc) / n, icc)
    normal = NormalDist()
    return Power(variance, normal.cdf(abs(effect) / sqrt(variance) - normal.inv_cdf(1 - LEVEL / 2)))


def rollout_plan(
    regions: Sequence[Hashable],
    steps: int,
    strata: Mapping[Hashable, Hashable],
    seed: int,
    first: Hashable | None = None,
) -> pd.Series:
    """Draw the step at which each region starts, so that no step is all of one kind.

    Parameters
    ----------
    regions
        Names, each once.
    steps
        How many steps.
    strata
        Region -> its kind (a group of regions with a like capacity).
    seed
        Of the draw.
    first
        A region that has started already: it gets step 0 and is in no draw.

    Returns
    -------
    Series
        Region -> step, in the order of ``regions``. The number of regions differs by at most 1 between steps, overall and
        within each kind; the earlier steps take those that are left over.

    Raises
    ------
    ValueError
        If a region comes twice or has no kind, ``first`` is not among them, or there are more steps than regions to start.
    """
    regions = list(regions)
    for region in regions:
        if regions.count(region) > 1:
            raise ValueError(f"regions: {say(region)} comes twice")
        if region not in strata:
            raise ValueError(f"strata: there is none for {say(region)}")
    if first is not None:
        one_of("first", first, regions)
    free = [region for region in regions if first is None or region != first]
    _whole("steps", steps, 1)
    refuse("steps", steps, steps > len(free), f"is more than the {len(free)} regions that can start")
    rng = np.random.default_rng(seed)
    kinds = list(dict.fromkeys(strata[region] for region in free))
    row = []
    for kind in rng.permutation(len(kinds)):  # kind after kind, each shuffled, dealt out like cards
        members = [region for region in free if strata[region] == kinds[kind]]
        row += [members[i] for i in rng.permutation(len(members))]
    step = {region: place % steps + 1 for place, region in enumerate(row)}
    return pd.Series([step.get(region, 0) for region in regions], index=regions, name="step", dtype="int64")


# --- many criteria ----------------------------------------------------------------------------------------------------


def scale01(x: ArrayLike, lo: float, hi: float, better: str = "high") -> float | np.ndarray:
    """A measurement as a score: 0 at the worse end of a range and 1 at the better one, straight in between, cut beyond.

    Parameters
    ----------
    x
        A number or numbers; nan stays nan.
    lo, hi
        The ends of the range, ``lo`` below ``hi``.
    better
        "high" or "low".

    Raises
    ------
    ValueError
        If ``hi`` is not above ``lo``, or ``better`` is another word.

    Examples
    --------
    >>> scale01([0.35, -0.15, 0.1], -0.15, 0.35).tolist(), scale01(50, 50, 100, "low")
    ([1.0, 0.0, 0.5], 1.0)
    """
    one_of("better", better, ["high", "low"])
    (x,) = numbers(x=x)
    within("lo", lo)
    within("hi", hi, lo, open_low=True)
    up = np.clip((x - lo) / (hi - lo), 0, 1)
    return plain(up if better == "high" else 1 - up)


def triangular(low: ArrayLike, mode: ArrayLike, high: ArrayLike, n: int, seed: int) -> np.ndarray:
    """``n`` draws of marks of which the lowest, the likeliest and the highest are known (triangular distributions).

    Parameters
    ----------
    low, mode, high
        Of one shape; ``low`` at most ``mode`` at most ``high``.

    Returns
    -------
    array
        One axis more than ``low``: the draws come first.

    Raises
    ------
    ValueError
        If shapes differ, a number is missing, the three are not in order or ``n`` is no whole number from 1 on.

    Source: Kotz and van Dorp (2004), *Beyond Beta*, chapter 1 (the quantile function).
    """
    low, mode, high = finite(low=low, mode=mode, high=high)
    if not low.shape == mode.shape == high.shape:
        raise ValueError(f"mode: low, mode and high have the shapes {low.shape}, {mode.shape} and {high.shape}")
    refuse("mode", mode, (mode < low) | (mode > high), "is not between low and high")
    _whole("n", n, 1)
    u = np.random.default_rng(seed).random((int(n), *low.shape))
    rises = u * (high - low) <= mode - low
    left = low + np.sqrt(u * (high - low) * (mode - low))
    return np.where(rises, left, high - np.sqrt((1 - u) * (high - low) * (high - mode)))


def simplex_weights(n: int, k: int, seed: int) -> np.ndarray:
    """``n`` sets of weights of ``k`` criteria, drawn so that each possible set is as likely as any other.

    Independent exponential draws divided by their sum are uniform on the simplex; uniform draws divided by theirs are not.

    Raises
    ------
    ValueError
        If ``n`` or ``k`` is no whole number from 1 on.

    Source: Devroye (1986), *Non-Uniform Random Variate Generation*, chapter XI, theorem 4.1.
    """
    _whole("n", n, 1)
    _whole("k", k, 1)
    draws = np.random.default_rng(seed).standard_exponential((int(n), int(k)))
    return draws / draws.sum(axis=1, keepdims=True)


def smaa(samples: ArrayLike, weights: ArrayLike) -> dict[str, np.ndarray]:
    """Which alternative ranks where, over all the weights that people might hold (stochastic multicriteria acceptability).

    Parameters
    ----------
    samples
        Scores of the alternatives, ``samples[draw, alternative, criterion]``; one draw may come without its axis.
    weights
        ``weights[draw, criterion]``, at least 0, each row with the sum 1. Row i meets draw i of the scores; where there are more
        weights than draws, the draws begin again.

    Returns
    -------
    dict
        ``acceptability[a, r]``: share of the weights under which alternative a has rank r + 1. ``central[a]``: mean of the
        weights under which a is first, nan if it never is. ``confidence[a]``: share of the draws of the scores in which a is
        first under its central weights, nan if it never is.

    Raises
    ------
    ValueError
        If shapes do not fit, a score lies outside 0 to 1, a weight is negative or a row of them does not sum to 1.

    Examples
    --------
    >>> found = smaa([[1, 0, 1], [0, 1, 0]], simplex_weights(100_000, 3, seed=1))
    >>> found["acceptability"][:, 0].round(2).tolist()  # exactly 3/4 and 1/4
    [0.75, 0.25]

    Source: Lahdelma and Salminen (2001), doi:10.1287/opre.49.3.444.11220.
    """
    scores, weights = finite(samples=samples, weights=weights)
    scores = scores[None] if scores.ndim == 2 else scores
    if scores.ndim != 3 or not scores.size:
        raise ValueError(f"samples: needs a draw, an alternative and a criterion, but its shape is {scores.shape}")
    if weights.ndim != 2 or weights.shape[1] != scores.shape[2] or not len(weights):
        raise ValueError(f"weights: needs {scores.shape[2]} criteria a row, but its shape is {weights.shape}")
    refuse("samples", scores, (scores < 0) | (scores > 1), "is not between 0 and 1")
    refuse("weights", weights, weights < 0, "is negative")
    refuse("weights", weights.sum(axis=1), np.abs(weights.sum(axis=1) - 1) > _ONE, "is the sum of a row, not 1")
    draws, alternatives, criteria = scores.shape
    turned = np.ascontiguousarray(scores.transpose(2, 1, 0))  # a row of draws for each criterion and alternative
    repeated = np.tile(turned, max(1, min(_BLOCK, len(weights)) // draws))
    seen, central = np.zeros((alternatives, alternatives)), np.zeros((alternatives, criteria))
    at = 0
    while at < len(weights):
        begin = at % repeated.shape[2]
        some = weights[at : at + min(_BLOCK, repeated.shape[2] - begin)]
        for a, rank in enumerate(_ranks(repeated[:, :, begin : begin + len(some)], some)):
            seen[a] += np.bincount(rank, minlength=alternatives)
            central[a] += (rank == 0).astype(float) @ some
        at += len(some)
    first = seen[:, 0]
    with np.errstate(invalid="ignore"):
        central = np.where(first[:, None] > 0, central / first[:, None], nan)
    confidence = [
        float((_ranks(turned, central[a : a + 1])[a] == 0).mean()) if first[a] else nan for a in range(alternatives)
    ]
    return {"acceptability": seen / len(weights), "central": central, "confidence": np.array(confidence)}


# --- carrying an effect to another place ------------------------------------------------------------------------------


def transport(
    effect_by_stratum: Mapping[Hashable, float],
    source_p: Mapping[Hashable, float],
    target_p: Mapping[Hashable, float],
) -> dict[str, float | list]:
    """An effect that was measured in one place, averaged with the shares of another.

    Parameters
    ----------
    effect_by_stratum
        Stratum -> effect where it was measured; missing or left out where it was not.
    source_p, target_p
        Stratum -> share of the people, there and here; each sums to 1. A stratum that is left out has none.

    Returns
    -------
    dict
        ``source`` and ``target``, the mean effect there and here, and ``missing``, the strata in which people live here but
        nobody was measured there, in order. ``target`` is nan if there are any: no weight can stand for them.

    Raises
    ------
    ValueError
        If a share is negative or missing, or shares do not sum to 1.

    Examples
    --------
    >>> transport({"town": 6, "village": 2}, {"town": 0.75, "village": 0.25}, {"town": 0.25, "village": 0.75})
    {'source': 5.0, 'target': 3.0, 'missing': []}

    Source: Pearl and Bareinboim (2014), doi:10.1214/14-STS486; Degtiar and Rose (2023),
    doi:10.1146/annurev-statistics-042522-103837.
    """
    effect = {stratum: float(nan if pd.isna(value) else value) for stratum, value in dict(effect_by_stratum).items()}
    there, here = _shares("source_p", source_p), _shares("target_p", target_p)

    def known(stratum: Hashable) -> bool:
        return there.get(stratum, 0) > 0 and not isnan(effect.get(stratum, nan))

    missing = sorted(stratum for stratum, share in here.items() if share > 0 and not known(stratum))
    source = fsum(share * effect.get(stratum, nan) for stratum, share in there.items() if share > 0)
    target = nan if missing else fsum(share * effect[stratum] for stratum, share in here.items() if share > 0)
    return {"source": float(source), "target": float(target), "missing": missing}


def ess(w: ArrayLike) -> float:
    """How many equally weighted people the weighted ones are worth: the square of the sum over the sum of squares.

    Parameters
    ----------
    w
        Weights, at least 0; not all 0.

    Returns
    -------
    float
        Between 1 and the number of weights above 0; the same if all are multiplied by a constant.

    Raises
    ------
    ValueError
        If there are none, one is negative or missing, or all are 0.

    Examples
    --------
    >>> ess([1, 1, 1, 1]), round(ess([0, 1, 2, 3]), 3)
    (4.0, 2.571)

    Source: Kish (1965), *Survey Sampling*, section 11.7.
    """
    w = column("w", w)
    refuse_rows("w", w, np.isnan(w), "is missing")
    refuse_negative(w=w)
    if not w.any():
        raise ValueError("w: needs at least one weight above 0")
    w = w / w.max()
    return float(w.sum() ** 2 / (w**2).sum())


# --- shocks -----------------------------------------------------------------------------------------------------------


def regrets(value: pd.DataFrame) -> pd.DataFrame:
    """What each choice falls short of the best choice of that shock: 0 for the best, larger is worse.

    Source: Savage (1951), doi:10.1080/01621459.1951.10500768.
    """
    worth = finite(value=value)[0]
    if worth.ndim != 2 or not worth.size:
        raise ValueError(f"value: needs a row a choice and a column a shock, but its shape is {worth.shape}")
    return pd.DataFrame(worth.max(axis=0) - worth, index=value.index, columns=value.columns)


def robust(value: pd.DataFrame, prob: Mapping[Hashable, float]) -> dict[str, Hashable]:
    """What three rules choose when nobody knows which shock will come.

    Parameters
    ----------
    value
        What each choice (a row) is worth after each shock (a column); larger is better.
    prob
        Shock -> probability, one for each column; they sum to 1.

    Returns
    -------
    dict
        Names: ``expected``, the highest mean; ``maximin``, the highest worst case; ``regret``, the lowest worst shortfall from
        the best choice of each shock. Equal ones stand by name.

    Raises
    ------
    ValueError
        If a value is missing, a name comes twice, or the probabilities do not name each shock, are negative or do not sum to 1.

    Examples
    --------
    >>> value = pd.DataFrame({"falls": [-4, -2, 3], "stays": [4, 3, 2], "rises": [12, 8, 1]}, index=["stocks", "bonds", "money"])
    >>> robust(value, {"falls": 1 / 3, "stays": 1 / 3, "rises": 1 / 3})
    {'expected': 'stocks', 'maximin': 'money', 'regret': 'bonds'}
    """
    short = regrets(value)
    for axis, names in (("choice", value.index), ("shock", value.columns)):
        if names.has_duplicates:
            raise ValueError(f"value: the {axis} {say(names[names.duplicated()][0])} comes twice")
    chance = _shares("prob", prob)
    for shock in [*value.columns, *chance]:
        if shock not in chance:
            raise ValueError(f"prob: there is none for {say(shock)}")
        if shock not in value.columns:
            raise ValueError(f"prob: {say(shock)} is no column of value")
    names = sorted(value.index)
    worth, short = value.astype(float).loc[names], short.loc[names]
    mean = sum(worth[shock] * chance[shock] for shock in value.columns)
    found = {"expected": mean, "maximin": worth.min(axis=1), "regret": -short.max(axis=1)}
    return {rule: names[int(np.argmax(points))] for rule, points in found.items()}


# --- shared -----------------------------------------------------------------------------------------------------------


def _panel(df: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes (a row a unit, a column a time), the times in order, and the start of each unit (inf: never)."""
    has_columns("df", df, ["unit", "time", "outcome", "start"])
    time = column("df['time']", df["time"].to_numpy())
    outcome = column("df['outcome']", df["outcome"].astype("Float64").to_numpy(dtype=float, na_value=nan))
    start = df["start"].astype("Float64").to_numpy(dtype=float, na_value=inf)
    start = np.where(np.isnan(start), inf, start)
    refuse_rows("df['time']", time, np.isnan(time), "is missing")
    refuse_rows("df['outcome']", outcome, np.isnan(outcome), "is missing")
    if not len(df):
        raise ValueError("df: has no row")
    unit, names = pd.factorize(df["unit"])
    when, times = pd.factorize(time, sort=True)
    if (unit < 0).any():
        raise ValueError("df['unit']: is missing in a row")
    seen = np.bincount(unit * len(times) + when, minlength=len(names) * len(times))
    for wrong, words in ((seen > 1, "has time {:g} twice"), (seen == 0, "has no time {:g}")):
        if wrong.any():
            u, t = divmod(int(np.argmax(wrong)), len(times))
            raise ValueError(f"df: unit {say(names[u])} {words.format(times[t])}")
    place = np.empty(len(df), dtype=np.intp)
    place[unit * len(times) + when] = np.arange(len(df))
    starts = start[place].reshape(len(names), len(times))
    mixed = (starts != starts[:, :1]).any(axis=1)
    if mixed.any():
        raise ValueError(f"df['start']: unit {say(names[int(np.argmax(mixed))])} has more than one start")
    return outcome[place].reshape(starts.shape), times, starts[:, 0]


def _cohorts(y: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean outcomes (a row a cohort, a column a time), the starts in order and how many units each has."""
    starts = np.unique(start)
    means = np.stack([y[start == g].mean(axis=0) for g in starts])
    return means, starts, np.array([int((start == g).sum()) for g in starts])


def _varies(starts: np.ndarray, times: np.ndarray) -> bool:
    """Whether treatment differs between two cohorts at one time and between two times for one of them, beyond a sum of both."""
    on = times >= starts[:, None]
    return bool((on != on[0]).any() and (on != on[:, :1]).any())


def _residual(starts: np.ndarray, units: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Treatment, a row a cohort and a column a time, less its means within units and within times."""
    on = (times >= starts[:, None]).astype(float)
    share = units / units.sum()
    return on - on.mean(axis=1, keepdims=True) - share @ on + share @ on.mean(axis=1)


def _did(treated: np.ndarray, control: np.ndarray, before: np.ndarray, after: np.ndarray) -> float:
    """The change of one path of means from some times to others, less that of another path."""
    if not (before.any() and after.any()):
        return nan
    return float((treated - control)[after].mean() - (treated - control)[before].mean())


def _mean(cells: pd.DataFrame) -> float:
    """The mean effect of some cells, weighted with the units of their cohorts."""
    return float(np.average(cells["att"], weights=cells["units"].astype(float)))


def _whole(name: str, value: float, low: int) -> None:
    """Refuse what is no whole number from ``low`` on."""
    within(name, value, low)
    refuse(name, value, value % 1 != 0, "is no whole number")


def _ranks(scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """How many alternatives are strictly better, for ``scores[criterion, alternative, draw]``.

    The sum runs criterion by criterion, so that equal alternatives get equal values to the last bit, and tie.
    """
    value = sum(of_criterion * weights[:, k] for k, of_criterion in enumerate(scores))
    rank = np.zeros(value.shape, dtype=np.int8 if len(value) < 128 else np.intp)
    for one in value:
        rank += one > value
    return rank


def _shares(name: str, shares: Mapping[Hashable, float]) -> dict[Hashable, float]:
    """Shares by name, refused where one is missing or negative or their sum is not 1."""
    read = {label: float(nan if pd.isna(value) else value) for label, value in dict(shares).items()}
    for label, value in read.items():
        if not 0 <= value < inf:
            raise ValueError(f"{name}: {value:.15g} for {say(label)} is not a number at least 0")
    if abs(sum(read.values()) - 1) > _ONE:
        raise ValueError(f"{name}: the sum is {sum(read.values()):.15g}, not 1")
    return read
