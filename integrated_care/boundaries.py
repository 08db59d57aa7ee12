"""Methods of chapter 12, *Redrawing the map*: how far two maps agree, what a size costs, whom to merge, and when.

Conventions, the same in every function
---------------------------------------
* A **map** says of each small area which unit it belongs to: a column of names, one a small area. An **overlap** is the table
  of two maps: a row a unit of the first (the councils), a column a unit of the second (the boards), people in the cells.
* Uncertainty is in **bits** (logarithms to base 2). Divide nats by ln 2 = 0.693 to compare.
* Names are names: to call a unit otherwise changes no measure. Only which areas lie together counts.
* ``neighbours`` maps each unit to the units that it borders. It must hold each border from both sides.
* A **partition** is a list of groups, each a tuple of names in order, the list in the order of its groups.
* Money is in pounds, sizes are in people. What is undefined is nan, never 0; a seat that nobody has gives inf.
* ``ValueError`` names the argument and the value at fault. Nothing that is passed in is changed.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from math import inf, nan

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .arguments import column, finite, has_columns, plain, refuse, refuse_negative, say, within
from .guard import refuse_while_grading

refuse_while_grading(__name__)

__all__ = [
    "FLOOR",
    "MOST_UNITS",
    "SLIVER",
    "TARGET",
    "best_size",
    "cond_entropy",
    "cost_per_head",
    "coterminosity",
    "entropy",
    "every_merge",
    "exact_merge",
    "feasible",
    "greedy_merge",
    "group_of",
    "minimax_regret",
    "neighbours_on_grid",
    "overlap",
    "required_cut",
    "variation_of_information",
    "voice",
]

SLIVER = 0.005  # of a council's people: what lies in another board by less than this is an accident of the drawing
FLOOR = 1_000_000  # people whom a board must serve at least, in the redesign of 2025
TARGET = 18.76  # pounds per head that boards were asked to cost in May 2025, programme pay included
MOST_UNITS = 12  # that `exact_merge` splits in every possible way

Label = Hashable
Neighbours = Mapping[Label, Iterable[Label]]
Partition = list[tuple[Label, ...]]


# --- two maps of the same people --------------------------------------------------------------------------------------


def overlap(a: ArrayLike, b: ArrayLike, people: ArrayLike | None = None) -> pd.DataFrame:
    """How many people live in each unit of the first map and each of the second.

    Parameters
    ----------
    a, b
        The unit of each small area on the first and on the second map, by position.
    people
        People in each small area; 1 each if it is left out.

    Returns
    -------
    DataFrame
        A row a unit of ``a`` and a column a unit of ``b``, both in order; 0.0 where they do not meet.

    Raises
    ------
    ValueError
        If the lengths differ, a name is missing, or people are missing, negative or infinite.

    Examples
    --------
    >>> overlap(["x", "x", "y"], ["p", "q", "q"], [50, 20, 30]).to_numpy().tolist()
    [[50.0, 20.0], [0.0, 30.0]]
    """
    (rows, row_names), (columns, column_names), people = _two_maps(a, b, people)
    shape = len(row_names), len(column_names)
    cells = np.bincount(rows * shape[1] + columns, weights=people, minlength=shape[0] * shape[1])
    return pd.DataFrame(cells.reshape(shape), index=row_names, columns=column_names)


def entropy(people: ArrayLike) -> float:
    """Bits that it takes, on average, to name somebody's unit: the sum of p log2(1 / p).

    Parameters
    ----------
    people
        People in each unit, in any shape; they need not add to 1.

    Returns
    -------
    float
        0 if all live in one unit, log2(n) if they are spread evenly over n; nan where nobody lives.

    Raises
    ------
    ValueError
        If a number is missing, negative or infinite.

    Examples
    --------
    >>> entropy([1, 1, 1, 1]), entropy([5, 0])
    (2.0, 0.0)

    Source: Shannon (1948), doi:10.1002/j.1538-7305.1948.tb01338.x.
    """
    p = _cells(people=people).ravel()
    total = p.sum()
    if total == 0:
        return nan
    p = p[p > 0] / total
    return float(max(0.0, -(p * np.log2(p)).sum()))


def cond_entropy(overlap: ArrayLike) -> float:
    """H(column | row): bits that are still open about somebody's board when their council is known.

    Parameters
    ----------
    overlap
        People, a row a council and a column a board; they need not add to 1. Its transpose answers the other question.

    Returns
    -------
    float
        The sum of p_ij log2(p_i / p_ij), 0 where each council lies in one board; nan where nobody lives.

    Raises
    ------
    ValueError
        If ``overlap`` is no table of two dimensions, or a number is missing, negative or infinite.

    Examples
    --------
    >>> round(cond_entropy([[0.5, 0], [0.2, 0.3]]), 4), round(cond_entropy([[0.5, 0.2], [0, 0.3]]), 4)
    (0.4855, 0.6042)

    Source: Cover & Thomas (2006), *Elements of Information Theory*, chapter 2.
    """
    cells = _table(overlap)
    total = cells.sum()
    if total == 0:
        return nan
    rows = np.broadcast_to(cells.sum(axis=1, keepdims=True), cells.shape)
    some = cells > 0
    return float(max(0.0, (cells[some] * np.log2(rows[some] / cells[some])).sum() / total))


def variation_of_information(a: ArrayLike, b: ArrayLike, people: ArrayLike | None = None) -> float:
    """How far two maps are apart: H(b | a) + H(a | b), in bits.

    The first part is what the second map splits, the second part what it joins. It is 0 only where the two maps agree but for
    their names, it is symmetric, and a way round over a third map is never shorter.

    Parameters
    ----------
    a, b, people
        As :func:`overlap`.

    Returns
    -------
    float
        Bits; nan where nobody lives.

    Raises
    ------
    ValueError
        As :func:`overlap`.

    Examples
    --------
    >>> variation_of_information([1, 2, 3, 4], ["p", "p", "q", "q"])
    1.0
    >>> variation_of_information([1, 1, 2], ["q", "q", "p"])
    0.0

    Source: Meilă (2007), doi:10.1016/j.jmva.2006.11.013, who measures in nats.
    """
    (rows, _), (columns, column_names), people = _two_maps(a, b, people)
    if people.sum() == 0:
        return nan
    # only the cells that somebody lives in: two maps of 34,000 areas meet in few of all possible cells
    width = len(column_names)
    pair, at = np.unique(rows * width + columns, return_inverse=True)
    joint = np.bincount(at, weights=people)
    first = np.bincount(rows, weights=people)[pair // width]
    second = np.bincount(columns, weights=people)[pair % width]
    some = joint > 0
    bits = joint[some] * (np.log2(first[some] / joint[some]) + np.log2(second[some] / joint[some]))
    return float(max(0.0, bits.sum() / people.sum()))


def coterminosity(overlap: ArrayLike, sliver: float = SLIVER) -> dict[str, float]:
    """For what share of people the lines of councils and boards agree.

    Parameters
    ----------
    overlap
        People, a row a council (local authority, LA) and a column a board.
    sliver
        A cell that holds less than this share of its council's people is set to 0 before anything else is asked.

    Returns
    -------
    dict
        Shares of the people who are left. ``la_whole``: their council lies in one board. ``mutual``: and their board is a
        union of such councils. Both nan where nobody is left.

    Raises
    ------
    ValueError
        As :func:`cond_entropy`, or if ``sliver`` is not from 0 to below 1.

    Examples
    --------
    >>> coterminosity([[50, 0], [20, 30]])
    {'la_whole': 0.5, 'mutual': 0.0}
    >>> coterminosity([[60, 0, 0], [0, 999, 1]])
    {'la_whole': 1.0, 'mutual': 1.0}
    """
    cells = _table(overlap).copy()
    within("sliver", sliver, 0, 1, open_high=True)
    rows = cells.sum(axis=1, keepdims=True)
    cells[cells < sliver * rows] = 0.0
    total = cells.sum()
    if total == 0:
        return {"la_whole": nan, "mutual": nan}
    whole = (cells > 0).sum(axis=1) == 1
    made_of_whole = ~((cells > 0) & ~whole[:, None]).any(axis=0)
    kept = cells[whole]
    return {"la_whole": float(kept.sum() / total), "mutual": float(kept[:, made_of_whole].sum() / total)}


# --- what a size costs ------------------------------------------------------------------------------------------------


def cost_per_head(N: ArrayLike, F: ArrayLike, v: ArrayLike, theta: ArrayLike) -> float | np.ndarray:
    """What a board of N people costs to run, per head: F / N + v + theta N.

    Parameters
    ----------
    N
        People, above 0.
    F
        Pounds that any board costs, whatever its size (a chair, accounts, a building).
    v
        Pounds that each person adds.
    theta
        Pounds per head that each further person adds to everybody's cost: distance, layers, meetings. Arrays are broadcast.

    Returns
    -------
    float or array
        Pounds per head.

    Raises
    ------
    ValueError
        If ``N`` is not above 0, another argument is negative, or one is not finite.

    Examples
    --------
    >>> cost_per_head(2_000_000, F=4e6, v=11, theta=1e-6)
    15.0
    """
    N, F, v, theta = finite(N=N, F=F, v=v, theta=theta)
    refuse("N", N, N <= 0, "is not above 0")
    for name, values in {"F": F, "v": v, "theta": theta}.items():
        refuse(name, values, values < 0, "is negative")
    return plain(F / N + v + theta * N)


def best_size(F: ArrayLike, theta: ArrayLike) -> float | np.ndarray:
    """The size at which :func:`cost_per_head` is lowest: the square root of F / theta, at which F / N = theta N.

    Parameters
    ----------
    F, theta
        As :func:`cost_per_head`.

    Returns
    -------
    float or array
        People; inf where ``theta`` is 0, and nan where both are 0, because any size costs the same then.

    Raises
    ------
    ValueError
        If an argument is negative or not finite.

    Examples
    --------
    >>> best_size(4e6, 1e-6), best_size(4e6, 0)
    (2000000.0, inf)

    Source: the square root of Harris (1913) for the size of an order, to which this cost is equal.
    """
    F, theta = finite(F=F, theta=theta)
    for name, values in {"F": F, "theta": theta}.items():
        refuse(name, values, values < 0, "is negative")
    with np.errstate(divide="ignore", invalid="ignore"):
        return plain(np.sqrt(F / theta))


def required_cut(current: ArrayLike, target: float = TARGET) -> float | np.ndarray:
    """Which share of its cost a board must cut to come down to a target; 0 if it is there.

    Parameters
    ----------
    current
        Pounds per head today, above 0.
    target
        Pounds per head asked for; not negative.

    Returns
    -------
    float or array
        A fraction from 0 to 1.

    Raises
    ------
    ValueError
        If ``current`` is not above 0, ``target`` is negative, or one is not finite.

    Examples
    --------
    >>> round(required_cut(49), 3), round(required_cut(21), 3), required_cut(18)
    (0.617, 0.107, 0.0)
    """
    (current,) = finite(current=current)
    refuse("current", current, current <= 0, "is not above 0")
    within("target", target, 0)
    return plain(np.maximum(1 - target / current, 0.0))


# --- whom to merge ----------------------------------------------------------------------------------------------------


def neighbours_on_grid(areas: pd.DataFrame, by: str) -> dict[Label, set[Label]]:
    """Which units border each other, where areas are the cells of a grid.

    Parameters
    ----------
    areas
        One row an area, with its integer ``col`` and ``row`` and the unit that it belongs to.
    by
        The column that names the unit.

    Returns
    -------
    dict
        Unit -> the units of which a cell shares a side with one of its own, in order of the units. Corners do not count.

    Raises
    ------
    ValueError
        If a column is missing, or two areas have one place.

    Examples
    --------
    >>> cells = pd.DataFrame({"col": [1, 2, 2], "row": [1, 1, 2], "board": ["p", "q", "r"]})
    >>> {board: sorted(near) for board, near in neighbours_on_grid(cells, "board").items()}
    {'p': ['q'], 'q': ['p', 'r'], 'r': ['q']}
    """
    has_columns("areas", areas, ["col", "row", by])
    unit = dict(zip(zip(areas["col"], areas["row"], strict=True), areas[by], strict=True))
    if len(unit) < len(areas):
        raise ValueError("areas: two rows have the same col and row")
    near: dict[Label, set[Label]] = {name: set() for name in _ordered(set(unit.values()))}
    for (col, row), here in unit.items():
        for there in (unit.get((col + 1, row)), unit.get((col, row + 1))):
            if there is not None and there != here:
                near[here].add(there)
                near[there].add(here)
    return near


def feasible(
    group: Iterable[Label], people: Mapping[Label, float], neighbours: Neighbours, min_people: float = FLOOR
) -> tuple[bool, str]:
    """Whether some units may become one: they hang together, and enough people live in them.

    Parameters
    ----------
    group
        Names of units; a name that stands twice counts once.
    people
        Unit -> people (a dict or a Series).
    neighbours
        Unit -> the units that it borders.
    min_people
        So many people, or more, are enough.

    Returns
    -------
    (bool, str)
        True and "ok", or False and the first of "empty", "in pieces" and "too small" that holds.

    Raises
    ------
    ValueError
        If a unit is unknown, its people are missing or negative, or a border stands on one side only.

    Examples
    --------
    >>> people, near = {"a": 6e5, "b": 5e5, "c": 9e5}, {"a": ["b"], "b": ["a", "c"], "c": ["b"]}
    >>> feasible(["a", "b"], people, near), feasible(["a", "c"], people, near), feasible(["c"], people, near)
    ((True, 'ok'), (False, 'in pieces'), (False, 'too small'))
    """
    people, near = _units(people, neighbours)
    within("min_people", min_people, 0)
    group = set(group)
    for name in group:
        _known("group", name, people)
    if not group:
        return False, "empty"
    if not _hangs_together(group, near):
        return False, "in pieces"
    if sum(people[name] for name in group) < min_people:
        return False, "too small"
    return True, "ok"


def greedy_merge(
    people: Mapping[Label, float],
    neighbours: Neighbours,
    k: int,
    cost: Callable[[tuple[Label, ...]], float],
    min_people: float = 0,
) -> Partition:
    """Join units step by step, each time the two bordering groups that add least to the cost, until ``k`` are left.

    Parameters
    ----------
    people
        Unit -> people.
    neighbours
        Unit -> the units that it borders.
    k
        Groups wanted.
    cost
        What a group costs, given its names in order. The cost of a partition is the sum over its groups.
    min_people
        So many people must live in each group at the end.

    Returns
    -------
    list of tuples
        The partition. Of two joins that add the same, the one whose first group comes first in order of names wins, and then
        the one whose second group does.

    Raises
    ------
    ValueError
        If ``k`` is no whole number from 1 to the number of units, the map has more pieces than ``k``, a group is too small at
        the end, or as :func:`feasible`. That this walk ends in a group too small does not prove that none does better.

    Examples
    --------
    >>> near = {"a": ["b"], "b": ["a", "c"], "c": ["b", "d"], "d": ["c"]}
    >>> people = {"a": 1, "b": 1, "c": 5, "d": 5}
    >>> greedy_merge(people, near, 2, cost=lambda group: sum(people[name] for name in group) ** 2)
    [('a', 'b', 'c'), ('d',)]

    Source: the heuristic of Ward (1963), doi:10.1080/01621459.1963.10500845, among groups that border each other.
    """
    people, near = _units(people, neighbours)
    k = _groups_wanted(k, people)
    within("min_people", min_people, 0)
    place = {name: i for i, name in enumerate(_ordered(people))}
    groups: dict[Label, tuple[Label, ...]] = {name: (name,) for name in place}  # by the first name in order
    beside: dict[Label, set[Label]] = {name: set(near[name]) for name in place}
    worth = {name: float(cost(group)) for name, group in groups.items()}
    added: dict[tuple[Label, Label], tuple[float, tuple[Label, ...]]] = {}

    def look(a: Label, b: Label) -> None:
        both = tuple(sorted(groups[a] + groups[b], key=place.__getitem__))
        added[a, b] = float(cost(both)) - worth[a] - worth[b], both

    for a in place:
        for b in beside[a]:
            if place[a] < place[b]:
                look(a, b)
    while len(groups) > k:
        if not added:
            raise ValueError(f"k: {k} groups cannot be made, the map is in {len(groups)} pieces")
        (a, b), (_, both) = min(added.items(), key=lambda at: (at[1][0], place[at[0][0]], place[at[0][1]]))
        worth[a] = float(cost(both))
        groups[a] = both
        del groups[b], worth[b]
        beside[a] = (beside[a] | beside.pop(b)) - {a, b}
        for pair in [pair for pair in added if a in pair or b in pair]:
            del added[pair]
        for c in beside[a]:
            beside[c] = beside[c] - {b} | {a}
            look(*sorted((a, c), key=place.__getitem__))
    made = list(groups.values())
    for group in made:
        served = sum(people[name] for name in group)
        if served < min_people:
            raise ValueError(
                f"min_people: {min_people:.15g} is more than the {served:.15g} people of the group {group}"
            )
    return made


def exact_merge(
    people: Mapping[Label, float],
    neighbours: Neighbours,
    k: int,
    cost: Callable[[tuple[Label, ...]], float],
    min_people: float = 0,
) -> Partition:
    """The cheapest way to split the units into ``k`` groups that hang together, among all ways.

    Arguments as in :func:`greedy_merge`, for at most :data:`MOST_UNITS` units, because the ways grow too fast beyond. Of two
    that cost the same, the first in order of their groups is taken.

    Raises
    ------
    ValueError
        If there are more units, or no way at all, or as :func:`greedy_merge`.

    Examples
    --------
    >>> near = {"a": ["b"], "b": ["a", "c"], "c": ["b", "d"], "d": ["c"]}
    >>> people = {"a": 1, "b": 1, "c": 5, "d": 5}
    >>> exact_merge(people, near, 2, cost=lambda group: sum(people[name] for name in group) ** 2, min_people=2)
    [('a', 'b', 'c'), ('d',)]
    """
    within("min_people", min_people, 0)
    k = _groups_wanted(k, people)
    known: dict[tuple[Label, ...], float] = {}

    def price(group: tuple[Label, ...]) -> float:
        if group not in known:
            known[group] = float(cost(group)) if sum(people[name] for name in group) >= min_people else inf
        return known[group]

    best, least = None, inf
    for partition in every_merge(people, neighbours, k):
        total = sum(map(price, partition))
        if total < least:
            best, least = partition, total
    if best is None:
        raise ValueError(f"k: {k} groups that hang together and have {min_people:.15g} people each cannot be made")
    return best


def every_merge(people: Mapping[Label, float], neighbours: Neighbours, k: int | None = None) -> list[Partition]:
    """All ways to split units into groups that hang together: into ``k`` groups, or into any number of them.

    Parameters
    ----------
    people, neighbours
        As :func:`greedy_merge`, with at most :data:`MOST_UNITS` units.
    k
        Groups wanted; any number if it is left out.

    Returns
    -------
    list of partitions
        In order of their groups, for 1 group first; empty where there is no way.

    Raises
    ------
    ValueError
        As :func:`exact_merge`, but for the case without a way.

    Examples
    --------
    >>> every_merge({"a": 1, "b": 1, "c": 1}, {"a": ["b"], "b": ["a", "c"], "c": ["b"]}, 2)
    [[('a', 'b'), ('c',)], [('a',), ('b', 'c')]]
    """
    people, near = _units(people, neighbours)
    names = _ordered(people)
    if len(names) > MOST_UNITS:
        raise ValueError(f"people: {len(names)} units are more than the {MOST_UNITS} that can be split in every way")
    wanted = range(1, len(names) + 1) if k is None else [_groups_wanted(k, people)]
    known: dict[tuple[Label, ...], bool] = {}

    def hangs_together(group: tuple[Label, ...]) -> bool:
        if group not in known:
            known[group] = _hangs_together(set(group), near)
        return known[group]

    return [partition for k in wanted for partition in _partitions(names, k) if all(map(hangs_together, partition))]


def group_of(partition: Iterable[Iterable[Label]]) -> pd.Series:
    """A partition as a map: each unit with the first unit of its group, which is its group's name.

    >>> group_of([("a", "c"), ("b",)]).to_dict()
    {'a': 'a', 'c': 'a', 'b': 'b'}
    """
    found = {}
    for group in partition:
        first, *rest = group
        for name in (first, *rest):
            if name in found:
                raise ValueError(f"partition: {say(name)} stands in two groups")
            found[name] = first
    return pd.Series(found)


def voice(
    people: Mapping[Label, float],
    seats: Mapping[Label, float],
    dyads: Iterable[tuple[Label, Label]],
    partition: Mapping[Label, Label],
    new_seats: Mapping[Label, float],
) -> dict[str, float]:
    """What a redrawn map does to voice: residents per seat before and after, and the ties that end.

    Parameters
    ----------
    people, seats
        Board of today -> its people, and the seats in which somebody speaks for them.
    dyads
        Pairs (council, board) that work together; a pair that stands twice counts once.
    partition
        Board of today -> the board that it becomes.
    new_seats
        Board to come -> its seats.

    Returns
    -------
    dict
        ``before`` and ``after``: all people over all seats, inf where there is no seat, nan if there is nobody either. ``cut``:
        the share of ``dyads`` whose board is joined with another one, so that whoever sat at the other end is new; nan
        without dyads. A board that only changes its name cuts nothing.

    Raises
    ------
    ValueError
        If a board lacks people, seats or a new board, or a number is missing or negative.

    Examples
    --------
    >>> voice({"p": 600, "q": 400}, {"p": 5, "q": 5}, [("x", "p"), ("y", "q")], {"p": "pq", "q": "pq"}, {"pq": 5})
    {'before': 100.0, 'after': 200.0, 'cut': 1.0}
    """
    people = _by_name("people", people)
    seats, new_seats = _by_name("seats", seats), _by_name("new_seats", new_seats)
    partition = dict(partition)
    for name in people:
        _known("seats", name, seats)
        _known("partition", name, partition)
        _known("new_seats", partition[name], new_seats)
    becomes = [partition[name] for name in people]
    joined = {name for name in people if becomes.count(partition[name]) > 1}
    ties = set(dyads)
    for _, board in ties:
        _known("dyads", board, people)
    everybody = sum(people.values())
    return {
        "before": _per(everybody, sum(seats[name] for name in people)),
        "after": _per(everybody, sum(new_seats[name] for name in set(becomes))),
        "cut": sum(board in joined for _, board in ties) / len(ties) if ties else nan,
    }


# --- when to merge ----------------------------------------------------------------------------------------------------


def minimax_regret(costs: pd.DataFrame) -> tuple[Label, pd.DataFrame]:
    """The action whose worst regret is smallest, and the regrets.

    Parameters
    ----------
    costs
        A row an action, a column a state of the world that nobody chooses; what it costs, larger = worse.

    Returns
    -------
    (action, regret)
        ``regret`` has the shape of ``costs``: each cost less the lowest cost of its column, the best that one could have done
        had one known. Of two actions with the same worst regret the first row wins.

    Raises
    ------
    ValueError
        If there is no action or no state, or a cost is missing or infinite.

    Examples
    --------
    >>> table = pd.DataFrame({"stays": [0, 3], "moves": [9, 4]}, index=["now", "later"])
    >>> action, regret = minimax_regret(table)
    >>> action, regret.to_numpy().tolist()
    ('later', [[0.0, 5.0], [3.0, 0.0]])

    Source: Savage (1951), doi:10.1080/01621459.1951.10500768.
    """
    costs = pd.DataFrame(costs)
    (values,) = finite(costs=costs)
    if not values.size:
        raise ValueError(f"costs: its shape {values.shape} leaves nothing to choose")
    regret = pd.DataFrame(values - values.min(axis=0), index=costs.index, columns=costs.columns)
    return costs.index[int(regret.to_numpy().max(axis=1).argmin())], regret


# --- shared -----------------------------------------------------------------------------------------------------------


def _two_maps(
    a: ArrayLike, b: ArrayLike, people: ArrayLike | None
) -> tuple[tuple[np.ndarray, pd.Index], tuple[np.ndarray, pd.Index], np.ndarray]:
    """Each map as numbers and names in order, and the people of each area."""
    read = []
    for name, units in {"a": a, "b": b}.items():
        units = pd.Index(units)
        codes, names = units.factorize(sort=True)
        if (codes < 0).any():
            raise ValueError(f"{name}: the unit in row {int(np.argmax(codes < 0))} is missing")
        read.append((codes, names))
    first, second = read
    if len(first[0]) != len(second[0]):
        raise ValueError(f"b: has {len(second[0])} rows, but a has {len(first[0])}")
    counted = np.ones(len(first[0])) if people is None else column("people", people, len(first[0]))
    refuse("people", counted, np.isnan(counted), "is missing")
    refuse_negative(people=counted)
    return first, second, counted


def _cells(**named: ArrayLike) -> np.ndarray:
    (cells,) = finite(**named)
    ((name, _),) = named.items()
    refuse(name, cells, cells < 0, "is negative")
    return cells


def _table(overlap: ArrayLike) -> np.ndarray:
    cells = _cells(overlap=overlap)
    if cells.ndim != 2:
        raise ValueError(f"overlap: needs rows and columns, but its shape is {cells.shape}")
    return cells


def _per(people: float, seats: float) -> float:
    if seats:
        return people / seats
    return inf if people else nan


def _ordered(names: Iterable[Label]) -> list[Label]:
    """In order of the names, or as they came where they cannot be compared."""
    names = list(names)
    try:
        return sorted(names)
    except TypeError:
        return names


def _known(name: str, label: Label, known: Mapping[Label, object]) -> None:
    if label not in known:
        raise ValueError(f"{name}: {say(label)} is not there")


def _by_name(name: str, values: Mapping[Label, float]) -> dict[Label, float]:
    labels = list(values.keys())
    read = _cells(**{name: [values[label] for label in labels]})
    return dict(zip(labels, read.tolist(), strict=True))


def _units(people: Mapping[Label, float], neighbours: Neighbours) -> tuple[dict[Label, float], dict[Label, set[Label]]]:
    people = _by_name("people", people)
    near = {name: set(neighbours[name]) if name in neighbours else set() for name in people}
    for name, others in near.items():
        others.discard(name)
        for other in others:
            _known("neighbours", other, near)
            if name not in near[other]:
                raise ValueError(f"neighbours: {say(name)} borders {say(other)}, but not the other way round")
    return people, near


def _groups_wanted(k: int, people: Mapping[Label, float]) -> int:
    refuse("k", k, k != int(k) or not 1 <= k <= len(people), f"is no whole number from 1 to {len(people)}")
    return int(k)


def _hangs_together(group: set[Label], near: Mapping[Label, set[Label]]) -> bool:
    start = next(iter(group))
    reached, todo = {start}, [start]
    while todo:
        for other in near[todo.pop()] & group - reached:
            reached.add(other)
            todo.append(other)
    return reached == group


def _partitions(names: Sequence[Label], k: int) -> Iterator[Partition]:
    """All ways to split names into ``k`` groups, each once, in order of their groups."""

    def grow(i: int, groups: list[list[Label]]) -> Iterator[Partition]:
        left = len(names) - i
        if left == 0:
            yield [tuple(group) for group in groups]
            return
        if len(groups) + left > k:  # there is a name to spare for a group that exists
            for group in groups:
                group.append(names[i])
                yield from grow(i + 1, groups)
                group.pop()
        if len(groups) < k:
            groups.append([names[i]])
            yield from grow(i + 1, groups)
            groups.pop()

    yield from grow(0, [])
