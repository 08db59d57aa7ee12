"""Methods of chapter 1, *Reading a policy argument as data*: what was measured, against what, and would the source know?

Conventions, the same in every function
---------------------------------------
* Shares and changes are fractions with a sign: 0.054 is a rise of 5.4 per cent, -0.26 a fall of 26 per cent.
* Amounts of money keep the unit that they came in. A price index may have any base: only its ratio counts.
* An interval is a pair ``(lo, hi)`` of numbers with ``lo <= hi``. Intervals say what is possible, not how likely it is.
* What is undefined is nan, never 0, and so is what a missing number leaves unknown.
* ``ValueError`` names the argument and the value at fault. Nothing that is passed in is changed.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .arguments import NOISE, like, numbers, one_of, refuse, shared_index
from .guard import refuse_while_grading

refuse_while_grading(__name__)

__all__ = [
    "FIELDS",
    "KINDS",
    "STORIES",
    "VERDICTS",
    "anachronisms",
    "attribution_share",
    "comparability",
    "definitions",
    "density_per_1000",
    "explain_claim",
    "implied_package",
    "interval_product",
    "newest_cited",
    "people_beyond",
    "real_change",
    "reconcile",
    "status_table",
    "stories",
]

# What two numbers must share before one is set beside the other, in the order in which differences are listed.
FIELDS = ("year", "geography", "sector", "unit", "headcount")
KINDS = ("figure", "fact", "mechanism", "critique", "recommendation")
VERDICTS = (
    "confirmed",
    "holds with a definition",
    "not confirmed",
    "differs from source",
    "overtaken",
    "argument",
)
STORIES = ("cash", "real terms", "real terms, per person")  # three ways to tell one change of an amount of money

Interval = tuple[float, float]


# --- ratios and sums --------------------------------------------------------------------------------------------------


def density_per_1000(n: ArrayLike, population: ArrayLike) -> float | np.ndarray | pd.Series:
    """How many there are for each thousand people.

    Parameters
    ----------
    n
        Counts, for example of doctors: a number or a column.
    population
        People: a number or a column as long as ``n``. Above 0.

    Returns
    -------
    float, array or Series
        Per 1,000 people. A number for numbers, a Series if a Series came in, otherwise an array.

    Raises
    ------
    ValueError
        If a population is not above 0, a count is negative, one is infinite, or two Series have different indexes.

    Examples
    --------
    >>> density_per_1000(28, 10_000)
    2.8
    """
    counts, people = numbers(n=n, population=population)  # as floats: whole numbers may overflow
    refuse("n", counts, counts < 0, "is negative")
    refuse("population", people, people <= 0, "is not above 0")
    index = shared_index({"n": n, "population": population})
    density = 1000 * counts / people
    return density.item() if density.ndim == 0 else like(density, index)


class Reconciliation(NamedTuple):
    """What :func:`reconcile` gives."""

    sum: float
    diff: float
    pct_diff: float


def reconcile(parts: Mapping[str, float], reported: float) -> Reconciliation:
    """Do the parts of a printed table add up to its printed total?

    Parameters
    ----------
    parts
        Name -> value of each part.
    reported
        The total as printed.

    Returns
    -------
    Reconciliation
        ``sum`` of the parts; ``diff`` = sum - reported; ``pct_diff`` = 100 diff / reported, in per cent. All nan where a
        part or the total is missing; ``pct_diff`` nan where the total is 0.

    Raises
    ------
    ValueError
        If there are no parts.

    Examples
    --------
    >>> reconcile({"urban": 60, "rural": 45}, reported=100)
    Reconciliation(sum=105.0, diff=5.0, pct_diff=5.0)
    """
    if not parts:
        raise ValueError("parts: there is none to add")
    values = [float("nan") if pd.isna(value) else float(value) for value in parts.values()]
    total, reported = math.fsum(values), float("nan") if pd.isna(reported) else float(reported)
    diff = total - reported
    if math.isnan(diff):
        return Reconciliation(math.nan, math.nan, math.nan)
    return Reconciliation(total, diff, 100 * diff / reported if reported else math.nan)


def comparability(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """The fields in which two published numbers differ, so that a reader knows what stands between them.

    Parameters
    ----------
    a, b
        What is known of each number: any of ``year``, ``geography``, ``sector``, ``unit``, ``headcount`` (True for heads,
        False for full-time equivalents). A field that is absent, None or nan is unknown. Others, such as ``value``, are
        not compared.

    Returns
    -------
    list of str
        The fields that differ, in the order of :data:`FIELDS`. Unknown differs from everything, also from unknown: two
        numbers without a year may be of two years.

    Examples
    --------
    >>> comparability({"value": 3, "year": 2021, "unit": "per 1,000"}, {"value": 4, "year": 2021, "unit": "per 10,000"})
    ['geography', 'sector', 'unit', 'headcount']
    """
    return [
        field
        for field in FIELDS
        if pd.isna(a.get(field)) or pd.isna(b.get(field)) or bool(a.get(field) != b.get(field))
    ]


# --- money of another year --------------------------------------------------------------------------------------------


def real_change(
    cash0: ArrayLike,
    cash1: ArrayLike,
    deflator0: ArrayLike,
    deflator1: ArrayLike,
    pop0: ArrayLike | None = None,
    pop1: ArrayLike | None = None,
) -> float | np.ndarray:
    """Change of an amount of money in real terms, per person if two populations are given.

    ``(cash1 / cash0) / ((deflator1 / deflator0) (pop1 / pop0)) - 1``. With equal deflators it is the change in cash.

    Parameters
    ----------
    cash0, cash1
        Amounts at the start and at the end, in one unit: numbers, or columns of one length.
    deflator0, deflator1
        Price index at the start and at the end, on one base (any base).
    pop0, pop1
        People at the start and at the end: both or neither.

    Returns
    -------
    float or array
        The change as a fraction; a fall is negative.

    Raises
    ------
    ValueError
        If a start amount, a price index or a population is not above 0, if the end amount is negative, if one is
        infinite, or if only one population is given.

    Examples
    --------
    >>> round(real_change(100, 110, 100, 125), 3)
    -0.12
    >>> round(real_change(100, 110, 100, 125, 50, 55), 3)
    -0.2

    Source: HM Treasury, GDP deflators at market prices: how to use them; the ratio form does not depend on the base.
    """
    if (pop0 is None) != (pop1 is None):
        raise ValueError(f"pop0: {pop0!r}, pop1: {pop1!r}; give both populations or neither")
    people = {"pop0": 1, "pop1": 1} if pop0 is None else {"pop0": pop0, "pop1": pop1}
    c0, c1, d0, d1, p0, p1 = numbers(cash0=cash0, cash1=cash1, deflator0=deflator0, deflator1=deflator1, **people)
    for name, values in {"cash0": c0, "deflator0": d0, "deflator1": d1, "pop0": p0, "pop1": p1}.items():
        refuse(name, values, values <= 0, "is not above 0")
    refuse("cash1", c1, c1 < 0, "is negative")
    change = np.asarray((c1 / c0) / ((d1 / d0) * (p1 / p0)) - 1)
    return change.item() if change.ndim == 0 else change


def definitions(
    starts: Mapping[str, tuple[str, float]],
    ends: Mapping[str, tuple[str, float]],
    deflator: pd.Series,
    population: pd.Series,
) -> pd.DataFrame:
    """Every change that an honest writer could mean: each start with each end, in four terms.

    Parameters
    ----------
    starts, ends
        Label -> (financial year such as "2015-16", amount in cash).
    deflator
        Price index by financial year.
    population
        People by calendar year; a financial year takes the mid-year in which it begins.

    Returns
    -------
    DataFrame
        One row for each start, end and ``terms`` ("cash", "cash per person", "real", "real per person"), with the
        ``change`` as a fraction and the six numbers that :func:`real_change` made it from (``cash0`` to ``pop1``; those
        that the terms leave out are 1).

    Raises
    ------
    KeyError
        If a year has no deflator or no population.
    """
    rows = []
    for start, (year0, cash0) in starts.items():
        for end, (year1, cash1) in ends.items():
            for terms in ("cash", "cash per person", "real", "real per person"):
                prices = (deflator[year0], deflator[year1]) if terms.startswith("real") else (1, 1)
                people = (population[int(year0[:4])], population[int(year1[:4])]) if "person" in terms else (1, 1)
                given = (cash0, cash1, *prices, *people)
                rows.append((start, end, terms, real_change(*given), *map(float, given)))
    names = ["start", "end", "terms", "change", "cash0", "cash1", "deflator0", "deflator1", "pop0", "pop1"]
    return pd.DataFrame(rows, columns=names)


def stories(
    grant: pd.Series, starts: Mapping[str, tuple[str, float]], deflator: pd.Series, population: pd.Series
) -> pd.DataFrame:
    """One amount of money told three ways, year by year from each start: index 100 in the first year.

    Parameters
    ----------
    grant
        Cash by financial year, such as "2016-17"; years up to the start's own are left out.
    starts
        Label -> (financial year, amount in cash).
    deflator, population
        As in :func:`definitions`.

    Returns
    -------
    DataFrame
        One row for each ``start``, ``story`` (see :data:`STORIES`) and financial ``year``, with the ``index``.

    Raises
    ------
    KeyError
        If a year has no deflator or no population.

    Examples
    --------
    >>> prices, people = pd.Series({"2015-16": 80, "2016-17": 100}), pd.Series({2015: 50, 2016: 55})
    >>> told = stories(pd.Series({"2016-17": 110}), {"after the cut": ("2015-16", 100)}, prices, people)
    >>> told.query("year == '2016-17'")["index"].round(9).tolist()
    [110.0, 88.0, 80.0]
    """
    terms = dict(zip(STORIES, ("cash", "real", "real per person"), strict=True))
    rows = []
    for start, first in starts.items():
        ends = {first[0]: first} | {year: (year, cash) for year, cash in grant.items() if year > first[0]}
        found = definitions({start: first}, ends, deflator, population).set_index(["terms", "end"])["change"]
        rows += [(start, end, name, 100 * (1 + found[term, end])) for name, term in terms.items() for end in ends]
    return pd.DataFrame(rows, columns=["start", "year", "story", "index"])


def explain_claim(claimed: float, candidates: Mapping[str, Sequence[float | None]], tol: float = 0.01) -> list[str]:
    """Which definitions reproduce a published change?

    Parameters
    ----------
    claimed
        The published change as a signed fraction: a fall of 26 per cent is -0.26.
    candidates
        Name -> (cash0, cash1, deflator0, deflator1, pop0, pop1), as :func:`real_change` takes them; None for both
        populations means not per person.
    tol
        Largest distance that still counts, as a fraction; a distance of exactly ``tol`` counts.

    Returns
    -------
    list of str
        Names within ``tol``, the nearest first; names at equal distances (to twelve decimals) in alphabetical order.

    Raises
    ------
    ValueError
        If ``tol`` is negative, or as :func:`real_change`.

    Examples
    --------
    >>> explain_claim(-0.12, {"real": (100, 110, 100, 125, None, None), "cash": (100, 110, 1, 1, None, None)})
    ['real']
    """
    refuse("tol", tol, tol < 0, "is negative")
    distance = {name: round(abs(real_change(*given) - claimed), 12) for name, given in candidates.items()}
    return sorted((name for name in distance if distance[name] <= tol + NOISE), key=lambda name: (distance[name], name))


# --- numbers with an edge ---------------------------------------------------------------------------------------------


def interval_product(*intervals: Interval) -> Interval:
    """The smallest and the largest product when each factor may lie anywhere in its interval.

    Parameters
    ----------
    *intervals
        Pairs (lo, hi), of any sign; at least one.

    Returns
    -------
    (lo, hi)
        Floats.

    Raises
    ------
    ValueError
        If there is no interval, or one has lo > hi or a nan.

    Examples
    --------
    >>> interval_product((2, 3), (-1, 4))
    (-3.0, 12.0)

    Source: Moore, Interval Analysis (1966): the extremes lie at the corners.
    """
    if not intervals:
        raise ValueError("intervals: there is none")
    low, high = 1.0, 1.0
    for interval in intervals:
        lo, hi = map(float, interval)
        if not lo <= hi:
            raise ValueError(f"intervals: {tuple(interval)} has a lower end that is not at or below its upper end")
        corners = (low * lo, low * hi, high * lo, high * hi)
        low, high = min(corners), max(corners)
    return low, high


def people_beyond(pop: float, share: Interval) -> Interval:
    """How many people lie beyond a limit when their share is known only as an interval.

    Parameters
    ----------
    pop
        People. Not negative.
    share
        (lo, hi), fractions between 0 and 1.

    Returns
    -------
    (lo, hi)
        Persons, as floats: not rounded.

    Raises
    ------
    ValueError
        If ``pop`` is negative or ``share`` leaves 0 to 1.

    Examples
    --------
    >>> people_beyond(2000, (0.25, 0.3))
    (500.0, 600.0)
    """
    lo, hi = map(float, share)
    if math.isnan(pop):
        return math.nan, math.nan
    refuse("pop", pop, pop < 0, "is negative")
    if not 0 <= lo <= hi <= 1:
        raise ValueError(f"share: {tuple(share)} is not an interval of fractions between 0 and 1")
    return interval_product((pop, pop), (lo, hi))


# --- could the source know? -------------------------------------------------------------------------------------------


def references_of(cited: object) -> list[int]:
    """The reference numbers in a cell such as ``"2,3"`` or ``"(8)"``; empty where nothing is cited.

    >>> references_of("16,17"), references_of("(1)"), references_of(float("nan"))
    ([16, 17], [1], [])
    """
    return [] if pd.isna(cited) else [int(number) for number in re.findall(r"\d+", str(cited))]


def newest_cited(claims: pd.DataFrame, refs: pd.DataFrame) -> pd.DataFrame:
    """The year of the newest work that a dated claim cites, beside the year of its event.

    Parameters
    ----------
    claims
        With ``id``, ``seed``, ``cited_ref`` (such as "2,3" or "(8)", missing where nothing is cited) and
        ``event_year_end`` (missing where the claim is not dated).
    refs
        With ``seed``, ``ref`` and ``ref_year`` (missing, or text that is no number, where the year is unknown). The same
        number means another work in another paper.

    Returns
    -------
    DataFrame
        ``id``, ``cited`` and ``event`` (years), in the order of ``claims``. A claim that is not dated, cites nothing, or
        cites only works of unknown year or outside the list, is not among them.

    Examples
    --------
    >>> claims = pd.DataFrame({"id": ["a"], "seed": ["P"], "cited_ref": ["1,2"], "event_year_end": [2021]})
    >>> newest_cited(claims, pd.DataFrame({"seed": ["P", "P"], "ref": [1, 2], "ref_year": [2015, 2019]}))
      id  cited  event
    0  a   2019   2021
    """
    years = pd.to_numeric(refs["ref_year"], errors="coerce")
    year_of = dict(zip(zip(refs["seed"], refs["ref"].astype(int), strict=True), years, strict=True))
    found = []
    for claim in claims[["id", "seed", "cited_ref", "event_year_end"]].itertuples(index=False):
        known = [year_of.get((claim.seed, ref), math.nan) for ref in references_of(claim.cited_ref)]
        known = [int(year) for year in known if not pd.isna(year)]
        if known and not pd.isna(claim.event_year_end):
            found.append((claim.id, max(known), int(claim.event_year_end)))
    return pd.DataFrame(found, columns=["id", "cited", "event"])


def anachronisms(claims: pd.DataFrame, refs: pd.DataFrame) -> list[str]:
    """Claims whose newest cited work is older than the event that they speak of.

    A flag is a question, not a verdict: the work may announce a date that lay ahead, or belong to another sentence.

    Parameters
    ----------
    claims, refs
        As in :func:`newest_cited`.

    Returns
    -------
    list of str
        Ids, in the order of ``claims``, of those that :func:`newest_cited` knows. One work that is new enough clears a
        claim.
    """
    dated = newest_cited(claims, refs)
    return dated.loc[dated["cited"] < dated["event"], "id"].tolist()


# --- part of what? ----------------------------------------------------------------------------------------------------


def implied_package(total: float, n: float) -> float:
    """The mean payment that a total and a number imply, in the unit of ``total``; nan where ``n`` is 0, or one is missing.

    Raises
    ------
    ValueError
        If ``total`` or ``n`` is negative.

    Examples
    --------
    >>> implied_package(1_000_000, 40)
    25000.0
    """
    if pd.isna(total) or pd.isna(n):
        return math.nan
    refuse("total", total, total < 0, "is negative")
    refuse("n", n, n < 0, "is negative")
    return math.nan if n == 0 else total / n


def attribution_share(part: float, whole: float, nested: bool = True) -> float:
    """The share of a whole that a part makes up, where the one is truly a part of the other.

    Parameters
    ----------
    part, whole
        Amounts in one unit. Not negative.
    nested
        Whether everything in ``part`` is counted in ``whole``: same kind of payment, same bodies, no longer a period.

    Returns
    -------
    float
        A fraction; nan where the scopes are not nested or the whole is 0.

    Raises
    ------
    ValueError
        If an amount is negative, or a nested part exceeds its whole.

    Examples
    --------
    >>> attribution_share(435, 1391, nested=False), round(attribution_share(435, 1391), 3)
    (nan, 0.313)
    """
    refuse("part", part, part < 0, "is negative")
    refuse("whole", whole, whole < 0, "is negative")
    if not nested:
        return math.nan
    refuse("part", part, part > whole, f"exceeds whole = {whole:.15g}: then it is not a part of it")
    return part / whole if whole else math.nan


# --- counting verdicts ------------------------------------------------------------------------------------------------


def status_table(
    claims: pd.DataFrame, kinds: Sequence[str] = KINDS, statuses: Sequence[str] = VERDICTS
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """How many claims of each kind have each verdict, and what share of their kind that is.

    Parameters
    ----------
    claims
        With ``kind`` and ``check_status``, one row a claim.
    kinds, statuses
        Rows and columns of the result, in order; a category that nobody has is still there.

    Returns
    -------
    (counts, shares)
        Two frames, kind x verdict: integers, and fractions that add to 1 in each row (nan for a kind without claims).

    Raises
    ------
    ValueError
        If a claim has a kind or verdict that is not on the list, or none.
    """
    for column, known in {"kind": kinds, "check_status": statuses}.items():
        for value in claims[column].unique():
            one_of(column, value, known)
    counts = pd.crosstab(claims["kind"], claims["check_status"])
    counts = counts.reindex(index=list(kinds), columns=list(statuses), fill_value=0).astype(int)
    counts.index.name, counts.columns.name = "kind", "check_status"
    total = counts.sum(axis=1)
    return counts, counts.div(total.where(total > 0), axis=0)
