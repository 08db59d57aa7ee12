"""Methods of chapter 4, *Who decides, who pays?*: who is protected from the cost of care, who may decide, and who bears risk?

Conventions, the same in every function
---------------------------------------
* Spending is counted over one period and in one currency; a **share** is out-of-pocket payments over consumption, and a
  payment is **catastrophic** when its share is *above* the threshold. Two numbers that differ by less than 1e-12 are equal.
* ``w`` counts what a row stands for: households (default 1 each) or, with the size of the household, persons. A row of
  weight 0 stands for nobody and is not looked at. Ranks run from 0, the poorest person, to 1; who ties shares one rank.
* A level of decision space is 0 (no choice), 1 (within limits, or with somebody's consent) or 2 (own choice). A cell that is
  missing was not read: it is left out and never taken for 0.
* Welfare is a loss, so it is 0 or below, and is summed over regions. Variances are those of the population.
* Costs are positive; the first of a stream falls now and is not discounted. Rates, risks and shares are fractions.
* What is undefined is nan, what never happens is inf. Numbers and arrays of parameters are broadcast as numpy does, and a
  result for numbers is a float.
* ``ValueError`` names the argument and the value at fault. Nothing that is passed in is changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import inf, nan

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .arguments import (
    NOISE,
    column,
    columns,
    finite,
    has_columns,
    one_of,
    refuse,
    refuse_negative,
    refuse_rows,
    say,
    within,
)
from .guard import refuse_while_grading

refuse_while_grading(__name__)

from .inequality import concentration_index  # noqa: E402  (below, so that the refusal names this module)

__all__ = [
    "LEVELS",
    "TIERS",
    "activity",
    "autonomy_gap",
    "break_even_transfer",
    "capacity_threshold",
    "catastrophic",
    "check_grid",
    "concentration_of_headcount",
    "cost_effort",
    "decision_bounds",
    "decision_space",
    "efficient_activity",
    "headcounts",
    "npv",
    "optimal_price",
    "ppp_npv",
    "weighted_headcount",
    "welfare",
]

# The tiers of the table ``decision_space``, from the top down, and the levels that a cell may have.
TIERS = ("state", "regional_council", "gst", "establishment")
LEVELS = (0, 1, 2)


# --- who is protected -------------------------------------------------------------------------------------------------


def catastrophic(
    oop: ArrayLike, consumption: ArrayLike, threshold: float = 0.10, w: ArrayLike | None = None
) -> dict[str, float]:
    """Catastrophic spending: how many, how far beyond the threshold, and how far on average among those who are.

    Parameters
    ----------
    oop
        Out-of-pocket payments of each household, not negative; a part of its consumption.
    consumption
        Consumption of each household in the same period and currency, above 0. For another denominator (income, what is
        left after food), pass that.
    threshold
        A share of consumption, 0 or more.
    w
        What each row counts: survey weights, persons; default 1.

    Returns
    -------
    dict
        ``headcount``: share of rows above the threshold. ``overshoot``: what payments exceed the threshold by, as a share
        of consumption, averaged over *everybody*. ``mean_positive_overshoot``: the same averaged over those above it,
        overshoot / headcount; nan where there is nobody. All nan if a value is missing or no row has weight.

    Raises
    ------
    ValueError
        If payments or weights are negative, consumption is not above 0, or the threshold is not 0 or more.

    Examples
    --------
    >>> got = catastrophic(oop=[45, 30, 20, 5, 0], consumption=[100, 100, 100, 100, 100])
    >>> {name: round(value, 4) for name, value in got.items()}
    {'headcount': 0.6, 'overshoot': 0.13, 'mean_positive_overshoot': 0.2167}

    Source: Wagstaff & van Doorslaer (2003), doi:10.1002/hec.776; O'Donnell et al. (2008), chapter 18,
    doi:10.1596/978-0-8213-6933-3.
    """
    share, weight = _shares(oop, consumption, w)
    within("threshold", threshold, 0)
    total = weight.sum()
    if not total > 0 or np.isnan(total):
        return dict.fromkeys(("headcount", "overshoot", "mean_positive_overshoot"), nan)
    share -= threshold
    above = share > NOISE
    missing = np.isnan(share).any()
    np.multiply(share, above, out=share)
    cases = float(weight @ above) / total
    over = float(weight @ share) / total
    if missing:
        cases = over = nan
    return {
        "headcount": float(cases),
        "overshoot": float(over),
        "mean_positive_overshoot": float(over / cases) if cases > 0 else nan,
    }


def concentration_of_headcount(
    oop: ArrayLike, consumption: ArrayLike, size: ArrayLike, threshold: float = 0.10, w: ArrayLike | None = None
) -> float:
    """Concentration index of catastrophic spending over consumption per head: among whom do the cases pile up?

    Parameters
    ----------
    oop, consumption, threshold
        As in :func:`catastrophic`.
    size
        Persons in each household, above 0: persons are ranked and counted, by consumption per head.
    w
        Households that each row stands for; default 1.

    Returns
    -------
    float
        Below 0 where poorer people live in catastrophic households more often, above 0 where richer ones do. nan where
        there is no case, nobody, or a value is missing. With a mean of H it lies between -(1 - H) and 1 - H.

    Raises
    ------
    ValueError
        As :func:`catastrophic`, and if a size is not above 0.

    Examples
    --------
    >>> round(concentration_of_headcount([2, 0, 6, 0], [10, 20, 30, 40], size=[1, 1, 1, 1]), 4)
    -0.25

    Source: Wagstaff & van Doorslaer (2003), doi:10.1002/hec.776; bounds: Wagstaff (2005), doi:10.1002/hec.953.
    """
    persons = column("size", size)
    weight = np.ones(len(persons)) if w is None else column("w", w, len(persons))
    refuse_negative(w=weight)
    refuse_rows("size", persons, (persons <= 0) & (weight != 0), "is not above 0")
    counted = weight * persons
    share, kept = _shares(oop, consumption, counted)
    within("threshold", threshold, 0)
    if np.isnan(share).any():
        return nan
    spent = column("consumption", consumption)
    here = counted != 0
    return concentration_index(share - threshold > NOISE, spent[here] / persons[here], kept)


def weighted_headcount(headcount: ArrayLike, index: ArrayLike) -> float | np.ndarray:
    """Headcount in which the poorest person counts twice, the richest not at all: H (1 - C).

    Parameters
    ----------
    headcount
        H, a share of persons; ``index``: its concentration index, between -1 and 1.

    Returns
    -------
    float or array
        Above the headcount where the cases pile up among the poor.

    Raises
    ------
    ValueError
        If ``headcount`` is not a share, or ``index`` not between -1 and 1.

    Examples
    --------
    >>> weighted_headcount(0.5, -0.25)
    0.625

    Source: Wagstaff & van Doorslaer (2003), doi:10.1002/hec.776.
    """
    share, concentration = finite(headcount=headcount, index=index)
    refuse("headcount", share, (share < 0) | (share > 1), "is not a share between 0 and 1")
    refuse("index", concentration, abs(concentration) > 1, "is not between -1 and 1")
    return _plain(share * (1 - concentration))


def headcounts(
    households: pd.DataFrame, groups: Mapping[str, ArrayLike], thresholds: Sequence[float] = (0.1,)
) -> pd.DataFrame:
    """Headcount of each group at each threshold, of what households paid and of the whole bill of the same care.

    The second says what the *same* use of care would have cost without insurance. It is no forecast: without insurance
    people would use less care.

    Parameters
    ----------
    households
        Columns ``oop``, ``bill`` and ``consumption``; a row counts as one household.
    groups
        What to group by -> the group of each row.
    thresholds
        Shares of consumption.

    Returns
    -------
    DataFrame
        One row for each ``by``, ``group`` and ``threshold``: ``households``, and the headcounts ``paid`` and ``whole_bill``.

    Raises
    ------
    ValueError
        As :func:`catastrophic`; if a column is not there, or ``groups`` have another number of rows.

    Examples
    --------
    >>> table = pd.DataFrame({"oop": [5, 20], "bill": [15, 20], "consumption": [100, 100]})
    >>> headcounts(table, {"area": ["town", "town"]})[["paid", "whole_bill"]].values.tolist()
    [[0.5, 1.0]]
    """
    has_columns("households", households, ("oop", "bill", "consumption"))
    rows = []
    for by, names in groups.items():
        names = np.asarray(names)
        if len(names) != len(households):
            raise ValueError(f"groups: {by!r} has {len(names)} rows, where {len(households)} are needed")
        for group in pd.unique(names):
            some = households[names == group]
            for threshold in thresholds:
                cases = [catastrophic(some[c], some["consumption"], threshold)["headcount"] for c in ("oop", "bill")]
                rows.append((by, group, threshold, len(some), *cases))
    return pd.DataFrame(rows, columns=["by", "group", "threshold", "households", "paid", "whole_bill"])


def _shares(oop: ArrayLike, consumption: ArrayLike, w: ArrayLike | None) -> tuple[np.ndarray, np.ndarray]:
    """Payments over consumption, a new array, and the weights, of the rows that stand for somebody."""
    given = {"oop": oop, "consumption": consumption}
    (paid, spent, *rest), _ = columns(given if w is None else {**given, "w": w})
    weight = rest[0] if rest else np.ones(len(paid))
    refuse_negative(w=weight)
    keep = weight != 0
    if not keep.all():
        refuse_rows("oop", paid, (paid < 0) & keep, "is negative")
        refuse_rows("consumption", spent, (spent <= 0) & keep, "is not above 0")
        paid, spent, weight = paid[keep], spent[keep], weight[keep]
    else:
        refuse_negative(oop=paid)
        refuse_rows("consumption", spent, spent <= 0, "is not above 0")
    return paid / spent, weight


# --- who may decide ---------------------------------------------------------------------------------------------------


def check_grid(grid: pd.DataFrame, tiers: Iterable[str] | None = TIERS) -> pd.DataFrame:
    """A coded grid, if every cell of it makes sense: who may decide what.

    Parameters
    ----------
    grid
        One row for each ``function`` and ``tier``; levels in ``de_jure`` and ``de_facto``, missing where nothing was read.
    tiers
        The tiers that there are; None for any.

    Returns
    -------
    DataFrame
        The grid that was passed in, unchanged.

    Raises
    ------
    ValueError
        If a column is not there; naming row (from 0) and field, if a tier is unknown, a level is not between 0 and 2, or a
        function and tier stand twice.

    Examples
    --------
    >>> check_grid(pd.DataFrame({"function": ["staff"], "tier": ["gst"], "de_jure": [3], "de_facto": [0]}))
    Traceback (most recent call last):
    ValueError: grid: 3 in row 0, field 'de_jure', is not a level from 0 to 2
    """
    has_columns("grid", grid, ("function", "tier", "de_jure", "de_facto"))
    if tiers is not None:
        known = list(tiers)
        for row, tier in enumerate(grid["tier"]):
            if tier not in known:
                raise ValueError(
                    f"grid: {say(tier)} in row {row}, field 'tier', is none of {', '.join(map(say, known))}"
                )
    twice = grid.duplicated(["function", "tier"]).to_numpy()
    if twice.any():
        row = int(np.argmax(twice))
        function, tier = grid["function"].iloc[row], grid["tier"].iloc[row]
        raise ValueError(f"grid: {say(function)} of {say(tier)} in row {row}, field 'function', stands twice")
    for field in ("de_jure", "de_facto"):
        _levels(grid, field)
    return grid


def _levels(grid: pd.DataFrame, field: str) -> np.ndarray:
    """The levels of one column as floats, nan where nothing was read; a level outside 0 to 2 is named with its row."""
    values = pd.to_numeric(grid[field], errors="coerce").to_numpy(dtype=float, na_value=nan)
    wrong = (values < LEVELS[0]) | (values > LEVELS[-1]) | (np.isnan(values) & grid[field].notna().to_numpy())
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"grid: {say(grid[field].iloc[row])} in row {row}, field {field!r}, is not a level from 0 to 2"
        )
    return values


def _tier(
    grid: pd.DataFrame, tier: str, weights: Mapping[str, float] | None, field: str
) -> tuple[np.ndarray, np.ndarray]:
    """Levels and weights of the functions of one tier."""
    check_grid(grid, None)
    one_of("column", field, ("de_jure", "de_facto"))
    one_of("tier", tier, pd.unique(grid["tier"]))
    rows = grid[(grid["tier"] == tier).to_numpy()]
    if weights is None:
        return _levels(rows, field), np.ones(len(rows))
    for function in rows["function"]:
        if function not in weights:
            raise ValueError(f"weights: there is no weight for {say(function)}")
    (weight,) = finite(weights=[weights[function] for function in rows["function"]])
    refuse("weights", weight, weight < 0, "is negative")
    return _levels(rows, field), weight


def decision_space(
    grid: pd.DataFrame, tier: str, weights: Mapping[str, float] | None = None, column: str = "de_jure"
) -> float:
    """Decision space of a tier: the mean of its levels, over the functions whose level is known.

    Parameters
    ----------
    grid
        As in :func:`check_grid`, with tiers of any name.
    tier
        One of the grid's tiers.
    weights
        Function -> weight, not negative; default 1 each. The weights of missing cells go to the others in proportion.
    column
        ``"de_jure"``, in law, or ``"de_facto"``, in practice.

    Returns
    -------
    float
        Between 0 and 2; nan where no level is known, or those that are have weight 0. How much the missing cells could
        change it: :func:`decision_bounds`.

    Raises
    ------
    ValueError
        As :func:`check_grid`; if tier or column is unknown, or a weight is missing or negative.

    Examples
    --------
    >>> grid = pd.DataFrame({"function": ["staff", "budget", "map"], "tier": "gst", "de_jure": [None, 1, 2], "de_facto": 0})
    >>> decision_space(grid, "gst"), decision_space(grid, "gst", {"staff": 5, "budget": 3, "map": 1})
    (1.5, 1.25)

    Source: the idea is that of Bossert (1998), doi:10.1016/S0277-9536(98)00234-2; the mean is ours.
    """
    level, weight = _tier(grid, tier, weights, column)
    known = ~np.isnan(level)
    total = weight[known].sum()
    return float(weight[known] @ level[known] / total) if total > 0 else nan


def decision_bounds(
    grid: pd.DataFrame,
    tier: str,
    weights: Mapping[str, float] | None = None,
    column: str = "de_jure",
    most: float = LEVELS[-1],
) -> tuple[float, float]:
    """The lowest and the highest that :func:`decision_space` could be, whatever the missing cells hold.

    Parameters
    ----------
    grid, tier, weights, column
        As in :func:`decision_space`.
    most
        The highest level that a missing cell of this tier can have: 1 for a body under oversight.

    Returns
    -------
    (low, high)
        With every missing cell at 0 and at ``most``; nan where all weights are 0. Nothing else is assumed of what is missing.

    Raises
    ------
    ValueError
        As :func:`decision_space`, and if ``most`` is no level.

    Examples
    --------
    >>> grid = pd.DataFrame({"function": ["staff", "budget"], "tier": "gst", "de_jure": [None, 1], "de_facto": 0})
    >>> decision_bounds(grid, "gst")
    (0.5, 1.5)
    >>> decision_bounds(grid, "gst", most=1)
    (0.5, 1.0)

    Source: the idea of bounds for what is missing is that of Manski (1990), American Economic Review 80(2), pages 319 to 323.
    """
    if most not in LEVELS:
        raise ValueError(f"most: {most!r} is no level; the levels are {', '.join(map(str, LEVELS))}")
    level, weight = _tier(grid, tier, weights, column)
    total = weight.sum()
    if not total > 0:
        return nan, nan
    low, high = (float(weight @ np.where(np.isnan(level), end, level) / total) for end in (LEVELS[0], most))
    return low, high


def autonomy_gap(grid: pd.DataFrame) -> pd.Series:
    """How much more choice each tier has in law than in practice, over the functions for which both are known.

    Parameters
    ----------
    grid
        As in :func:`check_grid`, with tiers of any name.

    Returns
    -------
    Series
        Tier -> mean of de jure minus de facto, the largest first, ties by name. nan, and last, for a tier without a function
        of which both are known. Below 0 where a tier does more than the law gives it.

    Raises
    ------
    ValueError
        As :func:`check_grid`.

    Examples
    --------
    >>> grid = pd.DataFrame({"function": ["staff", "map", "staff"], "tier": ["gst", "gst", "state"],
    ...                      "de_jure": [1, None, 1], "de_facto": [0, 1, 2]})
    >>> autonomy_gap(grid).to_dict()
    {'gst': 1.0, 'state': -1.0}
    """
    check_grid(grid, None)
    tier = grid["tier"].to_numpy()
    gap = pd.Series(_levels(grid, "de_jure") - _levels(grid, "de_facto"), name="gap").groupby(tier).mean()
    table = pd.DataFrame({"gap": gap.round(12), "tier": gap.index})
    order = table.sort_values(["gap", "tier"], ascending=[False, True]).index
    return gap.reindex(order).rename_axis("tier")


# --- centre or regions ------------------------------------------------------------------------------------------------


def welfare(theta: ArrayLike, capacity: ArrayLike, kappa: float, spill: float) -> tuple[float, float]:
    """Welfare if the centre sets one service for all regions, and if each region sets its own.

    The centre gives every region the mean need: the loss is the squared distance to each region's own, summed. A region
    knows its need but misses it by ``kappa (1 - capacity)``, and each adds ``spill`` for what it does to its neighbours.

    Parameters
    ----------
    theta
        What each region needs, in any unit; each region counts once.
    capacity
        Capacity of the regions between 0 and 1: one number, or one for each.
    kappa
        By how much a region without any capacity misses its need, in the unit of ``theta``; 0 or more.
    spill
        Loss of each region from the spillover of others, in squared units; 0 or more.

    Returns
    -------
    (centre, regions)
        Two sums, 0 or below; the larger is better.

    Raises
    ------
    ValueError
        If there is no region, a number is missing or out of range, or ``capacity`` has another number of rows.

    Examples
    --------
    >>> welfare([1, 2, 4, 5], capacity=0.5, kappa=2, spill=0.5)
    (-10.0, -6.0)

    Source: after Oates (1972), Fiscal Federalism; the form is this book's.
    """
    need = _regions(theta)
    (skill,) = finite(capacity=capacity)
    if skill.ndim and skill.shape != need.shape:
        raise ValueError(f"capacity: has {skill.size} values, where 1 or {need.size} are needed")
    refuse("capacity", skill, (skill < 0) | (skill > 1), "is not between 0 and 1")
    within("kappa", kappa, 0)
    within("spill", spill, 0)
    centre = -float(((need - need.mean()) ** 2).sum())
    missed = np.broadcast_to(kappa * (1 - skill), need.shape)
    return centre, -float((missed**2).sum() + spill * need.size)


def capacity_threshold(theta: ArrayLike, kappa: ArrayLike, spill: ArrayLike) -> float | np.ndarray:
    """The capacity from which regions, all alike in it, do better than the centre: C* = 1 - sqrt((Var - s) / kappa²).

    Parameters
    ----------
    theta, kappa, spill
        As in :func:`welfare`; ``kappa`` and ``spill`` may be arrays.

    Returns
    -------
    float or array
        Between 0 and 1. 0: regions do better whatever their capacity. 1: they never do, because the spillover outweighs
        the spread of needs (``spill >= Var``).

    Raises
    ------
    ValueError
        As :func:`welfare`.

    Examples
    --------
    >>> round(capacity_threshold([1, 2, 4, 5], kappa=2, spill=0.5), 4)
    0.2929
    """
    need = _regions(theta)
    miss, over = finite(kappa=kappa, spill=spill)
    for name, values in {"kappa": miss, "spill": over}.items():
        refuse(name, values, values < 0, "is negative")
    left = need.var() - over
    with np.errstate(divide="ignore", invalid="ignore"):
        threshold = 1 - np.sqrt(np.maximum(left, 0)) / miss
    return _plain(np.where(left <= NOISE, 1.0, np.where(miss == 0, 0.0, np.clip(threshold, 0, 1))))


def _regions(theta: ArrayLike) -> np.ndarray:
    (need,) = finite(theta=theta)
    if need.ndim != 1 or not need.size:
        raise ValueError(f"theta: needs one value a region, but its shape is {need.shape}")
    return need


# --- what a payment buys ----------------------------------------------------------------------------------------------


def activity(a: ArrayLike, b: ArrayLike, c: ArrayLike, beta: ArrayLike, r: ArrayLike) -> float | np.ndarray:
    """How much a provider does who is paid ``r`` for each act: q = (a + (r - c) / beta) / b, and never below 0.

    The provider gains (r - c) q and cares for the patient's benefit, a q - b q² / 2, with weight ``beta``.

    Parameters
    ----------
    a, b
        Benefit of the first act to the patient, and how fast it falls with each one; ``b`` above 0.
    c
        Cost of an act, 0 or more.
    beta
        Weight of the patient's benefit, above 0 and at most 1 (1: as much as money).
    r
        Price of an act: ``r`` above ``c`` is a fee with a profit, 0 pays nothing for each act (capitation).

    Returns
    -------
    float or array
        Acts.

    Raises
    ------
    ValueError
        If ``b`` or ``beta`` is not above 0, ``beta`` above 1, or ``c`` or ``r`` negative.

    Examples
    --------
    >>> [activity(10, 1, 4, 0.5, r) for r in (6, 0, 2)]
    [14.0, 2.0, 6.0]

    Source: Ellis & McGuire (1986), doi:10.1016/0167-6296(86)90002-0.
    """
    first, fall, cost, weight, price = finite(a=a, b=b, c=c, beta=beta, r=r)
    _payment(cost, weight)
    refuse("b", fall, fall <= 0, "is not above 0")
    refuse("r", price, price < 0, "is negative")
    return _plain(np.maximum((first + (price - cost) / weight) / fall, 0.0))


def efficient_activity(a: ArrayLike, b: ArrayLike, c: ArrayLike) -> float | np.ndarray:
    """How much should be done: until one more act helps the patient by no more than it costs, (a - c) / b, and never below 0.

    Raises ``ValueError`` as :func:`activity`.

    >>> efficient_activity(10, 1, 4)
    6.0
    """
    first, fall, cost = finite(a=a, b=b, c=c)
    refuse("b", fall, fall <= 0, "is not above 0")
    refuse("c", cost, cost < 0, "is negative")
    return _plain(np.maximum((first - cost) / fall, 0.0))


def optimal_price(c: ArrayLike, beta: ArrayLike) -> float | np.ndarray:
    """The price of an act at which a provider does what is efficient: r* = c (1 - beta), the *share* 1 - beta of its cost.

    Raises ``ValueError`` as :func:`activity`.

    >>> optimal_price(4, 0.5)
    2.0
    """
    cost, weight = finite(c=c, beta=beta)
    _payment(cost, weight)
    return _plain(cost * (1 - weight))


def _payment(cost: np.ndarray, weight: np.ndarray) -> None:
    refuse("c", cost, cost < 0, "is negative")
    refuse("beta", weight, (weight <= 0) | (weight > 1), "is not above 0 and at most 1")


# --- who bears the risk -----------------------------------------------------------------------------------------------


def npv(flows: ArrayLike, rate: ArrayLike) -> float | np.ndarray:
    """Present value of a stream along its last axis; the first falls now and is not discounted (a spreadsheet's NPV does).

    Raises ``ValueError`` if there is no flow, one is missing, or ``rate`` is not above -1.

    >>> round(npv([-15000, 1500, 2500, 3500, 4500, 6000], 0.05), 4)
    122.8949
    """
    stream, yearly = finite(flows=flows, rate=rate)
    if not stream.ndim or not stream.shape[-1]:
        raise ValueError(f"flows: needs one value a year, but its shape is {stream.shape}")
    refuse("rate", yearly, yearly <= -1, "is not above -1")
    return _plain((stream * (1 + yearly[..., None]) ** -np.arange(stream.shape[-1], dtype=float)).sum(axis=-1))


def ppp_npv(
    public: ArrayLike,
    ppp: ArrayLike,
    rate: ArrayLike,
    p_overrun: ArrayLike,
    overrun: ArrayLike,
    transferred: ArrayLike,
) -> float | np.ndarray:
    """What a public-private partnership saves the State, risk included: NPV(public) - NPV(partnership).

    The expected overrun is ``p_overrun * overrun`` of the *public* stream, in each year: the risk is the project's. If the
    State builds, it bears all of it; in a partnership it bears what is not ``transferred``.

    Parameters
    ----------
    public, ppp
        Yearly costs to the State, positive, along the last axis; of the same horizon.
    rate
        Yearly rate of discount; the first year is not discounted.
    p_overrun, overrun, transferred
        Probability of an overrun, its size as a share of the public cost, and the share of that risk which the partner
        bears.

    Returns
    -------
    float or array
        Above 0 where the partnership is cheaper, in the unit of the costs.

    Raises
    ------
    ValueError
        If the horizons differ, ``rate`` is not above -1, a probability or share is not between 0 and 1, or ``overrun`` is
        negative.

    Examples
    --------
    >>> round(ppp_npv([100] * 3, [108] * 3, 0.035, p_overrun=0.4, overrun=0.5, transferred=0.75), 4)
    20.2979
    """
    own, partner, risk = _streams(public, ppp, rate, p_overrun, overrun)
    (borne,) = finite(transferred=transferred)
    refuse("transferred", borne, (borne < 0) | (borne > 1), "is not a share between 0 and 1")
    return _plain(np.asarray(own - partner + risk * borne * own))


def break_even_transfer(
    public: ArrayLike, ppp: ArrayLike, rate: ArrayLike, p_overrun: ArrayLike, overrun: ArrayLike
) -> float | np.ndarray:
    """Share of the risk that a partner must really bear for the partnership to cost no more than building oneself.

    Parameters
    ----------
    public, ppp, rate, p_overrun, overrun
        As in :func:`ppp_npv`; the public stream must be worth more than 0.

    Returns
    -------
    float or array
        Between 0 and 1; 0 where the partnership is cheaper without any transfer, inf where not even all of the risk is
        enough.

    Raises
    ------
    ValueError
        As :func:`ppp_npv`.

    Examples
    --------
    >>> round(break_even_transfer([100] * 3, [108] * 3, 0.035, p_overrun=0.4, overrun=0.5), 4)
    0.4
    """
    own, partner, risk = _streams(public, ppp, rate, p_overrun, overrun)
    refuse("public", own, np.asarray(own) <= 0, "is the present value of the public stream, which is not above 0")
    extra = np.asarray(partner - own)
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = extra / (risk * own)
    return _plain(np.where(extra <= 0, 0.0, np.where(needed > 1 + NOISE, inf, needed)))


def _streams(
    public: ArrayLike, ppp: ArrayLike, rate: ArrayLike, p_overrun: ArrayLike, overrun: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Present values of the two streams, and the expected overrun as a share of the public one."""
    own, partner, chance, size = finite(public=public, ppp=ppp, p_overrun=p_overrun, overrun=overrun)
    if own.shape[-1:] != partner.shape[-1:]:
        raise ValueError(f"ppp: has {partner.shape[-1]} years, but public has {own.shape[-1]}")
    refuse("p_overrun", chance, (chance < 0) | (chance > 1), "is not a probability between 0 and 1")
    refuse("overrun", size, size < 0, "is negative")
    return np.asarray(npv(own, rate)), np.asarray(npv(partner, rate)), chance * size


def cost_effort(delta: ArrayLike) -> dict[str, float | np.ndarray]:
    """How hard a cost is cut, where a cut saves 2 sqrt(e) and costs 2 delta sqrt(e) of a quality no contract can hold.

    Parameters
    ----------
    delta
        Harm to quality for each unit saved, 0 or more.

    Returns
    -------
    dict
        ``efficient``: (1 - delta)², 0 from delta = 1 on, because the cut then harms more than it saves. ``private``: 1, since the
        owner keeps all that is saved and bears none of the harm. ``public``: a quarter of the efficient effort, because
        an employee who cannot be replaced gets half of what both gain. Equal bargaining is assumed.

    Raises
    ------
    ValueError
        If ``delta`` is negative.

    Examples
    --------
    >>> cost_effort(0.5)
    {'efficient': 0.25, 'private': 1.0, 'public': 0.0625}

    Source: Hart, Shleifer & Vishny (1997), doi:10.1162/003355300555448, with their lambda = 1.
    """
    (harm,) = finite(delta=delta)
    refuse("delta", harm, harm < 0, "is negative")
    worth = np.maximum(1 - harm, 0.0)
    return {
        "efficient": _plain(worth**2),
        "private": _plain(np.ones_like(harm)),
        "public": _plain((worth / 2) ** 2),
    }


def _plain(values: np.ndarray) -> float | np.ndarray:
    return values.item() if np.ndim(values) == 0 else values
