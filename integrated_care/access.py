"""Methods of chapter 6, *Ten kilometres*: how far is care, who is within reach of how much of it, and where do new posts go?

Conventions, the same in every function
---------------------------------------
* **Rows are settlements, columns are facilities** (or candidate sites). A matrix ``d`` holds the way from the settlement of its
  row to the facility of its column, in any unit (km, minutes) that the cut-off shares; infinity where there is no way.
* **Within is at most, beyond is more than:** a settlement at exactly the cut-off is within. Distances compare as they stand.
* People and doctors are counts, not negative; what is reached is in doctors for each person. Shares are fractions.
* Rows go **by position**, whatever the index says. A result with one value for each settlement is a Series if ``pop`` was one.
* A facility that reaches nobody adds nothing, and a settlement that reaches no facility has access 0, not nan: its share of
  the supply is known, and it is nothing. What is undefined (a share of nobody) is nan.
* Sites are positions, from 0. Equal candidates: the lowest position. Nothing that is passed in is changed.
* ``ValueError`` names the argument and the value at fault.

Only :func:`mclp` and :func:`p_median` need scipy, and take it when they are called. In the browser, import scipy in a cell first.
"""

import importlib
from collections.abc import Sequence
from fractions import Fraction
from math import nan
from types import ModuleType

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .arguments import column, like, refuse, refuse_negative, within
from .guard import refuse_while_grading

refuse_while_grading(__name__)


def _scipy() -> tuple[ModuleType, ModuleType]:
    """scipy's optimize and sparse. No import statement: with one, a browser would fetch 19 MB for whoever opens the chapter."""
    return importlib.import_module("scipy.optimize"), importlib.import_module("scipy.sparse")


__all__ = [
    "apportion",
    "calibrate_detour",
    "cover_by_group",
    "cover_frontier",
    "e2sfca",
    "floating_catchment",
    "greedy_cover",
    "greedy_p_median",
    "mclp",
    "p_median",
    "p_median_cost",
    "pairwise_km",
    "random_cover",
    "share_beyond",
    "two_sfca",
    "two_sfca_at",
]

BLOCK = 2_000_000  # distances that two_sfca_at holds at once


# --- how far ----------------------------------------------------------------------------------------------------------


def pairwise_km(a: ArrayLike, b: ArrayLike) -> np.ndarray:
    """Straight-line distances from each point of ``a`` to each point of ``b``.

    Parameters
    ----------
    a, b
        One row for each point: x and y, in km. An empty list is no point.

    Returns
    -------
    array
        One row for each point of ``a``, one column for each point of ``b``.

    Raises
    ------
    ValueError
        If a row does not hold two finite numbers.

    Examples
    --------
    >>> pairwise_km([(0, 0), (3, 0)], [(0, 4)]).tolist()
    [[4.0], [5.0]]
    """
    a, b = _points("a", a), _points("b", b)
    return np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])


def share_beyond(pop: ArrayLike, nearest_km: ArrayLike, cut: float = 10) -> float:
    """The share of people who live beyond a distance: *more* than ``cut`` from the nearest facility.

    Parameters
    ----------
    pop
        People of each settlement.
    nearest_km
        How far each settlement is from its nearest facility; infinity where there is none.
    cut
        The distance, in the unit of ``nearest_km``.

    Returns
    -------
    float
        From 0 to 1; nan if there are no people.

    Raises
    ------
    ValueError
        If a value is missing or negative, or the lengths differ.

    Examples
    --------
    >>> share_beyond([900, 50, 50], [2, 10, 14])
    0.05
    """
    pop, far = _counts("pop", pop), _way("nearest_km", nearest_km, 1)
    _same_rows("nearest_km", far, pop)
    within("cut", cut, 0)
    total = pop.sum()
    return float(pop[far > cut].sum() / total) if total else nan


def calibrate_detour(pop: ArrayLike, straight_km: ArrayLike, target: float, cut: float = 10) -> float:
    """By what one factor straight lines must be stretched so that a given share of people lives beyond the cut.

    Parameters
    ----------
    pop, straight_km
        As in :func:`share_beyond`, with straight-line distances.
    target
        The share to be reached, from 0 to 1.
    cut
        The distance.

    Returns
    -------
    float
        The least factor from 1 to 100 whose share is ``target`` or more, at most 0.000001 too high. The share moves in
        steps, one for each settlement, so it may exceed the target. nan if there are no people.

    Raises
    ------
    ValueError
        As :func:`share_beyond`; or if ``target`` is no share, or is not reached at a factor of 100.

    Examples
    --------
    >>> round(calibrate_detour([900, 50, 50], [2, 8, 14], target=0.1), 4)
    1.25
    """
    within("target", target, 0, 1)
    low, high = 1.0, 100.0
    far = _way("straight_km", straight_km, 1)
    first = share_beyond(pop, far, cut)
    if np.isnan(first):
        return nan
    if first >= target:
        return low
    refuse("target", target, share_beyond(pop, high * far, cut) < target, "is not reached even at a factor of 100")
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (low, middle) if share_beyond(pop, middle * far, cut) >= target else (middle, high)
    return high


# --- how much is within reach -----------------------------------------------------------------------------------------


def two_sfca(supply: ArrayLike, pop: ArrayLike, d: ArrayLike, d0: float) -> np.ndarray | pd.Series:
    """Two-step floating catchment area (2SFCA): supply for each person within reach.

    Step 1 divides the supply of each facility by the people within ``d0`` of it. Step 2 adds, for each settlement, these
    ratios of the facilities within ``d0``.

    Parameters
    ----------
    supply
        Doctors (or beds, hours) of each facility.
    pop
        People of each settlement.
    d
        One row for each settlement, one column for each facility.
    d0
        The catchment: how far people go.

    Returns
    -------
    array or Series
        One value for each settlement, in supply for each person. Weighted by people, they add up to the supply that
        anybody reaches.

    Raises
    ------
    ValueError
        If the shape of ``d`` does not fit, or a value is missing or negative.

    Examples
    --------
    >>> two_sfca([2, 3], [100, 50, 50], [[5, 20], [8, 9], [30, 4]], d0=10).round(4).tolist()
    [0.0133, 0.0433, 0.03]

    Source: Luo & Wang (2003), doi:10.1068/b29120.
    """
    within("d0", d0, 0)
    return _catch("d", supply, pop, _way("d", d, 2) <= d0)


def e2sfca(
    supply: ArrayLike, pop: ArrayLike, d: ArrayLike, bands: Sequence[float], weights: Sequence[float]
) -> np.ndarray | pd.Series:
    """Enhanced 2SFCA: what is nearer counts for more, in both steps.

    Parameters
    ----------
    supply, pop, d
        As in :func:`two_sfca`.
    bands
        Where each band ends, rising: 10, 20, 30 are the bands up to 10, above 10 and up to 20, above 20 and up to 30.
    weights
        One weight for each band. What lies beyond the last band counts for nothing.

    Returns
    -------
    array or Series
        As :func:`two_sfca`, which it equals with one band of weight 1.

    Raises
    ------
    ValueError
        As :func:`two_sfca`; or if the bands do not rise, or there are more or fewer weights than bands.

    Examples
    --------
    >>> e2sfca([2], [100, 50], [[5], [15]], bands=[10, 20], weights=[1, 0.5]).tolist()
    [0.016, 0.008]

    Source: Luo & Qi (2009), doi:10.1016/j.healthplace.2009.06.002.
    """
    d = _way("d", d, 2)
    bands, weights = column("bands", bands), _counts("weights", weights)
    if len(bands) != len(weights):
        raise ValueError(f"weights: has {len(weights)} values, where {len(bands)} bands need one each")
    refuse("bands", bands[1:], np.diff(bands) <= 0, "is not above the band before it")
    refuse("bands", bands, bands < 0, "is negative")
    return _catch("d", supply, pop, np.append(weights, 0.0)[np.searchsorted(bands, d, side="left")])


def floating_catchment(supply: ArrayLike, pop: ArrayLike, weight: ArrayLike) -> np.ndarray | pd.Series:
    """Floating catchment with any weights: those of :func:`two_sfca` are 0 and 1, those of a gravity model fall with distance.

    ``weight`` has a row for each settlement and a column for each facility; 0 is out of reach. The rest as in
    :func:`two_sfca`.

    Examples
    --------
    >>> floating_catchment([2], [100, 50], [[1], [0.5]]).tolist()
    [0.016, 0.008]
    """
    weight = _way("weight", weight, 2)
    refuse("weight", weight, np.isinf(weight), "is not finite")
    return _catch("weight", supply, pop, weight)


def two_sfca_at(
    supply: ArrayLike, pop: ArrayLike, places: ArrayLike, sites: ArrayLike, d0: float, detour: ArrayLike = 1
) -> np.ndarray | pd.Series:
    """:func:`two_sfca` from coordinates, without ever holding the whole matrix: for a hundred thousand settlements.

    Parameters
    ----------
    supply, pop, d0
        As in :func:`two_sfca`.
    places, sites
        x and y of each settlement and of each facility, as in :func:`pairwise_km`.
    detour
        What a straight line is multiplied by: one number, or one for each settlement.

    Returns
    -------
    array or Series
        As :func:`two_sfca`.

    Raises
    ------
    ValueError
        As :func:`two_sfca` and :func:`pairwise_km`.

    Examples
    --------
    >>> two_sfca_at([2], [100, 50], [(0, 0), (0, 9)], [(0, 1)], d0=10, detour=[1, 1.5]).tolist()
    [0.02, 0.0]
    """
    index = pop.index if isinstance(pop, pd.Series) else None
    supply, pop = _counts("supply", supply), _counts("pop", pop)
    places, sites = _points("places", places), _points("sites", sites)
    _same_rows("places", places, pop)
    _same_rows("sites", sites, supply)
    within("d0", d0, 0)
    detour = np.asarray(detour, dtype=float)
    stretch = np.full(len(pop), float(detour)) if detour.ndim == 0 else _counts("detour", detour)
    _same_rows("detour", stretch, pop)
    # A site within reach lies within reach on the x axis as well, so in each block only a stretch of the sorted sites counts.
    order, by_x = np.argsort(sites[:, 0], kind="stable"), np.argsort(places[:, 0], kind="stable")
    sites, people = sites[order], pop[by_x]
    places, stretch = places[by_x], stretch[by_x]
    reached = np.zeros(len(supply))
    found: list[tuple[slice, slice, np.ndarray]] = []
    step = max(1, BLOCK // max(1, len(sites)))
    for start in range(0, len(places), step):
        rows = slice(start, start + step)
        part, factor = places[rows], stretch[rows]
        reach = d0 / factor[factor > 0].min() if (factor > 0).all() else np.inf
        near = slice(
            int(np.searchsorted(sites[:, 0], part[0, 0] - 1.000001 * reach)),
            int(np.searchsorted(sites[:, 0], part[-1, 0] + 1.000001 * reach, side="right")),
        )
        inside = pairwise_km(part, sites[near]) * factor[:, None] <= d0
        reached[near] += people[rows] @ inside
        found.append((rows, near, np.packbits(inside, axis=1)))  # a bit for each pair
    ratio = _ratio(supply[order], reached)
    access = np.empty(len(places))
    for rows, near, bits in found:
        access[by_x[rows]] = np.unpackbits(bits, axis=1, count=near.stop - near.start) @ ratio[near]
    return like(access, index, "access")


# --- where to put posts -----------------------------------------------------------------------------------------------


def p_median_cost(w: ArrayLike, d: ArrayLike, sites: Sequence[int]) -> float:
    """People times the way to the nearest of the chosen sites, added up.

    Parameters
    ----------
    w
        People (or births) of each settlement.
    d
        One row for each settlement, one column for each candidate.
    sites
        Positions of the chosen candidates.

    Returns
    -------
    float
        In person-km; divided by the people it is their mean way. Infinity without a site, if there are people.

    Raises
    ------
    ValueError
        As :func:`two_sfca`; or if a site is no column of ``d``.

    Examples
    --------
    >>> p_median_cost([10, 20, 5], [[0, 4], [3, 1], [8, 2]], [1])
    70.0
    """
    w, d = _counts("w", w), _way("d", d, 2)
    _same_rows("d", d, w)
    chosen = np.asarray(sites, dtype=int).reshape(-1)
    refuse("sites", chosen, (chosen < 0) | (chosen >= d.shape[1]), "is no column of d")
    return _person_km(w, d[:, chosen].min(axis=1, initial=np.inf))


def greedy_p_median(w: ArrayLike, d: ArrayLike, p: int) -> list[int]:
    """Sites one after the other, each the one that lowers :func:`p_median_cost` the most.

    Parameters
    ----------
    w, d
        As in :func:`p_median_cost`.
    p
        How many sites; all of them if there are no more.

    Returns
    -------
    list of int
        In the order of choice. Not always the best set: see :func:`p_median`.

    Raises
    ------
    ValueError
        As :func:`p_median_cost`; or if ``p`` is not a whole number from 0 on.

    Examples
    --------
    >>> greedy_p_median([10, 20, 5], [[0, 4], [3, 1], [8, 2]], 1)
    [1]

    Source: Hakimi (1964), doi:10.1287/opre.12.3.450, for the problem.
    """
    w, d, p = _counts("w", w), _way("d", d, 2), _count("p", p)
    _same_rows("d", d, w)
    chosen: list[int] = []
    so_far = np.full(len(w), np.inf)
    while len(chosen) < min(p, d.shape[1]):
        costs = [_person_km(w, np.minimum(so_far, way)) for way in d.T]
        for site in chosen:
            costs[site] = nan
        best = int(np.nanargmin(costs))
        chosen.append(best)
        so_far = np.minimum(so_far, d[:, best])
    return chosen


def p_median(w: ArrayLike, d: ArrayLike, p: int) -> tuple[list[int], float]:
    """The best ``p`` sites for :func:`p_median_cost`, exactly, by integer programming (scipy).

    Arguments and errors as in :func:`greedy_p_median`; every way must be finite.

    Returns
    -------
    (sites, cost)
        Sites in rising order; where several sets are best, one of them.

    Examples
    --------
    >>> p_median([10, 20, 5], [[0, 4], [3, 1], [8, 2]], 2)
    ([0, 1], 30.0)
    """
    optimize, sparse = _scipy()
    w, d, p = _counts("w", w), _way("d", d, 2), _count("p", p)
    _same_rows("d", d, w)
    refuse("d", d, np.isinf(d), "is not finite")
    n, m = d.shape
    if p >= m:
        return list(range(m)), p_median_cost(w, d, list(range(m)))
    refuse("p", p, p == 0, "leaves everybody without a site")
    # Unknowns: m sites, then n x m shares of a settlement that go to a site.
    once = sparse.hstack([sparse.csr_array((n, m)), sparse.kron(sparse.eye_array(n), np.ones((1, m)))])
    only_open = sparse.hstack([-sparse.kron(np.ones((n, 1)), sparse.eye_array(m)), sparse.eye_array(n * m)])
    count = np.append(np.ones(m), np.zeros(n * m))
    found = optimize.milp(
        np.append(np.zeros(m), (w[:, None] * d).ravel()),
        integrality=count,
        bounds=optimize.Bounds(0, 1),
        constraints=[
            optimize.LinearConstraint(once, 1, 1),
            optimize.LinearConstraint(only_open, -np.inf, 0),
            optimize.LinearConstraint(count[None, :], p, p),
        ],
        options={"mip_rel_gap": 0},
    )
    sites = _solved(found, m)
    return sites, p_median_cost(w, d, sites)


def greedy_cover(w: ArrayLike, cover: ArrayLike, p: int) -> tuple[list[int], np.ndarray]:
    """Sites one after the other, each the one that covers the most people not yet covered.

    Parameters
    ----------
    w
        People of each settlement.
    cover
        One row for each settlement, one column for each candidate: True where the candidate covers the settlement.
    p
        How many sites at most.

    Returns
    -------
    (sites, covered)
        Sites in the order of choice, and the people covered after each; fewer than ``p`` if nobody is left to cover.

    Raises
    ------
    ValueError
        If the shape of ``cover`` does not fit, a weight is missing or negative, or ``p`` is not a whole number from 0 on.

    Examples
    --------
    >>> sites, covered = greedy_cover([4, 3, 3, 2], [[1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], 2)
    >>> sites, covered.tolist()
    ([0, 1], [7.0, 10.0])

    Source: Church & ReVelle (1974), doi:10.1007/BF01942293.
    """
    w, cover, p = _counts("w", w), _covers(w, cover), _count("p", p)
    sites: list[int] = []
    covered: list[float] = []
    left = w.copy()
    while len(sites) < p:
        gain = left @ cover
        if not len(gain) or gain.max() <= 0:
            break
        best = int(np.argmax(gain))
        sites.append(best)
        left[cover[:, best]] = 0.0
        covered.append(float(w[cover[:, sites].any(axis=1)].sum()))
    return sites, np.array(covered)


def random_cover(w: ArrayLike, cover: ArrayLike, p: int, draws: int, seed: int) -> np.ndarray:
    """People covered after each of ``p`` sites drawn by lot: one row for each draw.

    Arguments and errors as in :func:`greedy_cover`.

    Examples
    --------
    >>> random_cover([4, 3], [[1, 0], [0, 1]], p=2, draws=3, seed=1)[:, -1].tolist()
    [7.0, 7.0, 7.0]
    """
    w, cover, p = _counts("w", w), _covers(w, cover), _count("p", p)
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(_count("draws", draws)):
        order = rng.permutation(cover.shape[1])[:p]
        rows.append(w @ np.logical_or.accumulate(cover[:, order], axis=1))
    return np.array(rows).reshape(len(rows), min(p, cover.shape[1]))


def mclp(w: ArrayLike, cover: ArrayLike, p: int) -> tuple[list[int], float]:
    """The maximal covering location problem (MCLP): the most people that ``p`` sites can cover, exactly (scipy).

    Arguments and errors as in :func:`greedy_cover`.

    Returns
    -------
    (sites, covered)
        At most ``p`` sites in rising order, and the people whom they cover, counted from the sites and not taken from the
        solver. Where several sets are best, one of them.

    Examples
    --------
    >>> mclp([6, 4, 3, 3], [[1, 0, 1], [1, 1, 0], [0, 1, 0], [0, 0, 1]], 2)
    ([1, 2], 16.0)

    Source: Church & ReVelle (1974), doi:10.1007/BF01942293.
    """
    optimize, sparse = _scipy()
    w, cover, p = _counts("w", w), _covers(w, cover), _count("p", p)
    n, m = cover.shape
    reachable = cover.any(axis=1) & (w > 0)
    if not reachable.any() or p == 0:
        return [], 0.0
    # Unknowns: m sites (whole), then for each settlement whether it is covered, which is at most the sites that cover it.
    rows, people = sparse.csr_array(cover[reachable].astype(float)), w[reachable]
    n = len(people)
    count = np.append(np.ones(m), np.zeros(n))
    found = optimize.milp(
        np.append(np.zeros(m), -people),
        integrality=count,
        bounds=optimize.Bounds(0, 1),
        constraints=[
            optimize.LinearConstraint(sparse.hstack([-rows, sparse.eye_array(n)]), -np.inf, 0),
            optimize.LinearConstraint(count[None, :], 0, p),
        ],
        options={"mip_rel_gap": 0},
    )
    sites = _solved(found, m)
    return sites, float(w[cover[:, sites].any(axis=1)].sum())


def cover_by_group(
    w: ArrayLike, cover: ArrayLike, group: ArrayLike, home: ArrayLike, total: int, minimum: int = 0
) -> tuple[list[int], pd.Series]:
    """Posts shared among districts first, and placed within each district second.

    Parameters
    ----------
    w, cover
        As in :func:`greedy_cover`.
    group
        The district of each settlement.
    home
        The district of each candidate.
    total, minimum
        As in :func:`apportion`; the need of a district is its people in ``w``.

    Returns
    -------
    (sites, posts)
        Sites, district by district and each as :func:`greedy_cover` chooses them for the people whom the sites before it
        have left; and the posts that each district was given. A post for which a district has nobody left is not used.

    Raises
    ------
    ValueError
        As :func:`greedy_cover` and :func:`apportion`.
    """
    w, cover = _counts("w", w), _covers(w, cover)
    group, home = np.asarray(group), np.asarray(home)
    _same_rows("group", group, w)
    if len(home) != cover.shape[1]:
        raise ValueError(f"home: has {len(home)} values, where {cover.shape[1]} candidates need one each")
    names = sorted(set(group) | set(home))
    posts = apportion(total, [w[group == name].sum() for name in names], minimum)
    sites: list[int] = []
    for name, count in zip(names, posts, strict=True):
        here = np.flatnonzero(home == name)
        left = np.where((group == name) & ~cover[:, sites].any(axis=1), w, 0.0)
        sites += [int(here[site]) for site in greedy_cover(left, cover[:, here], count)[0]]
    return sites, pd.Series(posts, index=names, name="posts")


def cover_frontier(
    w: ArrayLike, km: ArrayLike, cover: ArrayLike, p: int, powers: Sequence[float], far: float
) -> pd.DataFrame:
    """From the most people to the farthest first: plans that count a person the more, the farther away the person lives.

    Parameters
    ----------
    w, cover, p
        As in :func:`greedy_cover`.
    km
        How far each settlement is from care today.
    powers
        A person counts ``km`` to this power: 0 counts heads, 1 counts kilometres, more looks at the farthest.
    far
        Beyond it (more than) a settlement is one of the farthest.

    Returns
    -------
    DataFrame
        One row for each power: ``power``, ``covered`` (people), ``far_covered`` (the share covered of the people beyond
        ``far``; nan if there are none) and ``sites``, chosen by :func:`greedy_cover`.

    Raises
    ------
    ValueError
        As :func:`greedy_cover`; or if a distance of somebody is infinite, or a power is negative.

    Examples
    --------
    >>> plans = cover_frontier([6, 5], [10, 20], [[1, 0], [0, 1]], 1, powers=[0, 1], far=15)
    >>> plans[["covered", "far_covered"]].to_numpy().tolist()
    [[6.0, 0.0], [5.0, 1.0]]
    """
    w, cover = _counts("w", w), _covers(_counts("w", w), cover)
    km, powers = _counts("km", km), _counts("powers", powers)
    _same_rows("km", km, w)
    beyond = w[km > far].sum()
    rows = []
    for power in powers:
        sites, _ = greedy_cover(w * km**power, cover, p)
        reached = np.where(cover[:, sites].any(axis=1), w, 0.0)
        share = reached[km > far].sum() / beyond if beyond else nan
        rows.append({"power": power, "covered": reached.sum(), "far_covered": share, "sites": sites})
    return pd.DataFrame(rows)


def apportion(total: int, need: ArrayLike, minimum: int = 0) -> list[int]:
    """Whole posts in proportion to need, by the method of largest remainders (Hamilton's).

    Parameters
    ----------
    total
        Posts to give out.
    need
        Need of each place, from 0 on. If it is 0 everywhere, all places count as equal.
    minimum
        Posts that every place is given first; the rest is shared by need.

    Returns
    -------
    list of int
        Posts of each place, which add up to ``total``. Equal remainders: the earlier place.

    Raises
    ------
    ValueError
        If ``total`` or ``minimum`` is not a whole number from 0 on, there is no place, or the minimum takes more than there is.

    Examples
    --------
    >>> apportion(100, [5117, 4400, 162, 161, 160])
    [51, 44, 2, 2, 1]

    Source: Balinski & Young (1975), doi:10.1080/00029890.1975.11993911, who show what is wrong with it: with one post more,
    a place may lose one.
    """
    total, minimum, need = _count("total", total), _count("minimum", minimum), _counts("need", need)
    refuse("need", 0, len(need) == 0, "places cannot share anything")
    rest = total - minimum * len(need)
    refuse("total", total, rest < 0, f"is less than the minimum of {minimum} for {len(need)} places")
    # Fractions: remainders that are equal are equal exactly.
    shares = [Fraction(float(value)) for value in need] if need.any() else [Fraction(1)] * len(need)
    quotas = [rest * share / sum(shares) for share in shares]
    whole = [int(quota) for quota in quotas]
    largest = sorted(range(len(need)), key=lambda i: (whole[i] - quotas[i], i))
    for i in largest[: rest - sum(whole)]:
        whole[i] += 1
    return [minimum + posts for posts in whole]


# --- shared -----------------------------------------------------------------------------------------------------------


def _points(name: str, values: ArrayLike) -> np.ndarray:
    try:
        points = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: not a table of numbers ({error})") from None
    if not points.size:
        return points.reshape(0, 2)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"{name}: needs x and y in each row, but its shape is {points.shape}")
    refuse(name, points, ~np.isfinite(points), "is not finite")
    return points


def _counts(name: str, values: ArrayLike) -> np.ndarray:
    """People, doctors or weights: one finite value a row, from 0 on."""
    counts = column(name, values)
    refuse(name, counts, np.isnan(counts), "is not a finite number")
    refuse_negative(**{name: counts})
    return counts


def _way(name: str, values: ArrayLike, ndim: int) -> np.ndarray:
    """Distances or times: not negative, not missing; infinity is no way."""
    try:
        way = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: not a table of numbers ({error})") from None
    if way.ndim != ndim:
        raise ValueError(
            f"{name}: needs {'one value a row' if ndim == 1 else 'rows and columns'}, not shape {way.shape}"
        )
    refuse(name, way, ~(way >= 0), "is not a number from 0 on")
    return way


def _covers(w: np.ndarray, cover: ArrayLike) -> np.ndarray:
    cover = np.asarray(cover)
    if cover.ndim != 2:
        raise ValueError(f"cover: needs rows and columns, not shape {cover.shape}")
    refuse("cover", cover, ~np.isin(cover, (0, 1)), "is neither True nor False")
    _same_rows("cover", cover, w)
    return cover.astype(bool)


def _count(name: str, value: int) -> int:
    within(name, value, 0)
    refuse(name, value, value != int(value), "is not a whole number from 0 on")
    return int(value)


def _same_rows(name: str, array: np.ndarray, pop: np.ndarray) -> None:
    if len(array) != len(pop):
        raise ValueError(f"{name}: has {len(array)} rows, where {len(pop)} are needed")


def _catch(name: str, supply: ArrayLike, pop: ArrayLike, weight: np.ndarray) -> np.ndarray | pd.Series:
    """Both steps; ``name`` is the argument that the weights come from."""
    index = pop.index if isinstance(pop, pd.Series) else None
    supply, pop = _counts("supply", supply), _counts("pop", pop)
    if weight.shape != (len(pop), len(supply)):
        wanted = f"{len(pop)} rows (settlements) and {len(supply)} columns (facilities)"
        raise ValueError(f"{name}: its shape is {weight.shape}, where {wanted} are needed")
    weight = weight.astype(float)
    return like(weight @ _ratio(supply, pop @ weight), index, "access")


def _ratio(supply: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Supply for each person of a catchment; 0 where nobody is in it."""
    return np.divide(supply, people, out=np.zeros(len(supply)), where=people > 0)


def _person_km(w: np.ndarray, km: np.ndarray) -> float:
    """A settlement without people costs nothing, however far it is."""
    return float((w[w > 0] * km[w > 0]).sum())


def _solved(found, m: int) -> list[int]:
    if found.x is None:
        raise RuntimeError(f"the solver gave up: {found.message}")
    return [int(site) for site in np.flatnonzero(found.x[:m] > 0.5)]
