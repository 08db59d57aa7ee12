"""Chapter 12's methods against numbers that others published, against libraries, against other ways to the same result, and by
properties."""

from itertools import combinations, permutations
from math import inf, isnan, log, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from integrated_care import load
from integrated_care.boundaries import (
    best_size,
    cond_entropy,
    cost_per_head,
    coterminosity,
    entropy,
    exact_merge,
    feasible,
    greedy_merge,
    group_of,
    minimax_regret,
    neighbours_on_grid,
    overlap,
    required_cut,
    variation_of_information,
    voice,
)

maps = settings(max_examples=60, deadline=None, derandomize=True)
labels = st.lists(st.tuples(*[st.integers(0, 4)] * 3, st.integers(0, 9)), min_size=1, max_size=25)
tables = st.lists(st.lists(st.integers(0, 20), min_size=3, max_size=3), min_size=1, max_size=5)

COVER_THOMAS = np.array([[4, 2, 1, 1], [2, 4, 1, 1], [2, 2, 2, 2], [8, 0, 0, 0]])  # example 2.2.1, in 32nds
# two maps of the same areas, the homogeneity, completeness and V that scikit-learn's suite asserts, and VI in igraph's nats
PAIRS = [
    ("000111", "000122", (1.00, 0.69, 0.81), 0.318257),
    ("001122", "001111", (0.58, 1.00, 0.73), 0.462098),
    ("000111", "010122", (0.67, 0.42, 0.52), 0.867563),
    ("11111122222233333", "11112122223133322", None, 1.348024),
]


# --- two maps of the same people --------------------------------------------------------------------------------------


def test_entropies_of_cover_and_thomas():
    """Cover and Thomas, Elements of Information Theory, example 2.2.1: 11/8 and 13/8 bits, 27/8 together."""
    assert cond_entropy(COVER_THOMAS) == pytest.approx(11 / 8)
    assert cond_entropy(COVER_THOMAS.T) == pytest.approx(13 / 8)
    assert entropy(COVER_THOMAS) == pytest.approx(27 / 8)
    assert [entropy(COVER_THOMAS.sum(axis=axis)) for axis in (0, 1)] == pytest.approx([7 / 4, 2])


def test_the_toy_of_the_chapter():
    toy = np.array([[0.5, 0], [0.2, 0.3]])
    assert cond_entropy(toy) == pytest.approx(0.485475, abs=1e-6)
    assert cond_entropy(toy.T) == pytest.approx(0.604184, abs=1e-6)
    assert cond_entropy(toy) + cond_entropy(toy.T) == pytest.approx(1.089659, abs=1e-6)


@pytest.mark.parametrize(("a", "b", "asserted", "nats"), PAIRS)
def test_two_maps_against_scikit_learn_and_igraph(a, b, asserted, nats):
    a, b = list(a), list(b)
    table = overlap(a, b)
    ours = [
        1 - cond_entropy(table.T) / entropy(table.sum(axis=1)),
        1 - cond_entropy(table) / entropy(table.sum(axis=0)),
    ]
    theirs = metrics.homogeneity_completeness_v_measure(a, b)
    assert ours == pytest.approx(theirs[:2], abs=1e-12)
    if asserted:
        assert [*ours, 2 * ours[0] * ours[1] / sum(ours)] == pytest.approx(asserted, abs=0.005)
    assert variation_of_information(a, b) * log(2) == pytest.approx(nats, abs=1e-6)


def test_mutual_information_of_scikit_learn_is_in_nats():
    a, b, *_ = PAIRS[3]
    table = overlap(list(a), list(b))
    bits = entropy(table.sum(axis=0)) - cond_entropy(table)
    assert bits * log(2) == pytest.approx(0.41022, abs=5e-6)  # scikit-learn's suite
    assert bits == pytest.approx(0.5918, abs=5e-5)


def test_variation_of_information_of_scikit_image():
    """scikit-image, test_segmentation_metrics.py: (1 2 3 4) and (1 1 8 8) are one bit apart, all of it one way."""
    table = overlap([1, 2, 3, 4], [1, 1, 8, 8])
    assert (cond_entropy(table), cond_entropy(table.T)) == (0, 1)
    assert variation_of_information([1, 2, 3, 4], [1, 1, 8, 8]) == 1


@maps
@given(labels)
def test_variation_of_information_is_a_metric(rows):
    a, b, c, people = zip(*rows, strict=True)
    if not sum(people):
        assert isnan(variation_of_information(a, b, people))
        return
    ab, ba, bc, ac = (variation_of_information(*pair, people) for pair in ((a, b), (b, a), (b, c), (a, c)))
    assert ab == pytest.approx(ba, abs=1e-12)
    assert ac <= ab + bc + 1e-9
    assert variation_of_information(a, ["xyzuv"[unit] for unit in a], people) == 0
    together = {(i, j) for i, j in combinations(range(len(a)), 2) if a[i] == a[j] and people[i] and people[j]}
    other = {(i, j) for i, j in combinations(range(len(a)), 2) if b[i] == b[j] and people[i] and people[j]}
    assert (ab < 1e-9) == (together == other)  # 0 only where the maps agree


@maps
@given(labels)
def test_variation_of_information_is_both_conditional_entropies(rows):
    a, b, _, people = zip(*rows, strict=True)
    table = overlap(a, b, people)
    expected = cond_entropy(table) + cond_entropy(table.T)
    assert variation_of_information(a, b, people) == pytest.approx(expected, abs=1e-12, nan_ok=True)
    repeated = [np.repeat(units, people) for units in (a, b)]
    assert variation_of_information(*repeated) == pytest.approx(expected, abs=1e-12, nan_ok=True)


@maps
@given(labels, st.integers(0, 24))
def test_an_area_that_is_cut_in_two_changes_nothing(rows, which):
    rows = [list(row) for row in rows]
    rows[which % len(rows)][3] += 2
    a, b, _, people = zip(*rows, strict=True)
    i = which % len(rows)
    halves = [[*units, units[i]] for units in (a, b)]
    shared = [*people, people[i] - 1]
    shared[i] = 1
    assert variation_of_information(*halves, shared) == pytest.approx(variation_of_information(a, b, people), abs=1e-12)


def test_overlap_adds_the_people_up_and_orders_the_names():
    table = overlap(pd.Series(["y", "x", "y"], index=[5, 5, 0]), ["p", "q", "p"], [1, 2, 4])
    assert (list(table.index), list(table.columns)) == (["x", "y"], ["p", "q"])
    assert table.to_numpy().tolist() == [[0, 2], [5, 0]]
    region = load("synth_region_maps")
    expected = region.pivot_table(index="council", columns="board", values="people", aggfunc="sum", fill_value=0)
    assert (overlap(region["council"], region["board"], region["people"]) == expected).all(axis=None)


@maps
@given(tables)
def test_whole_councils_are_those_that_leave_nothing_open(table):
    table = np.array(table)
    found = coterminosity(table, sliver=0)
    if not table.sum():
        assert isnan(found["la_whole"]) and isnan(found["mutual"]) and isnan(cond_entropy(table))
        return
    assert 0 <= found["mutual"] <= found["la_whole"] <= 1
    assert (found["la_whole"] == 1) == (cond_entropy(table) == 0)


@maps
@given(tables)
def test_coterminosity_does_not_see_that_a_whole_council_was_split(table):
    table = 2 * np.array([*table, [8, 0, 0]])
    split = np.vstack([table[:-1], [[3, 0, 0], [13, 0, 0]]])
    assert coterminosity(split) == pytest.approx(coterminosity(table))


def test_a_sliver_is_removed_before_both_questions():
    # 0.4% of the second council lies in the first board: without it, all agrees
    table = [[600, 0], [4, 996]]
    assert coterminosity(table) == {"la_whole": 1.0, "mutual": 1.0}
    assert coterminosity(table, sliver=0) == pytest.approx({"la_whole": 600 / 1600, "mutual": 0})
    assert coterminosity([[600, 0], [5, 995]]) == pytest.approx({"la_whole": 600 / 1600, "mutual": 0})  # exactly 0.5%
    # measured against the council, not against the board or everybody
    assert coterminosity([[60, 40], [0, 100_000]])["la_whole"] == pytest.approx(100_000 / 100_100)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: cond_entropy([1, 2]), "overlap: needs rows and columns"),
        (lambda: cond_entropy([[1, -2]]), "overlap: -2 is negative"),
        (lambda: cond_entropy([[1, nan]]), "overlap: nan is not finite"),
        (lambda: coterminosity([[1, 2]], sliver=1), "sliver: 1 is not"),
        (lambda: entropy([3, -1]), "people: -1 is negative"),
        (lambda: overlap(["x"], ["p", "q"]), "b: has 2 rows, but a has 1"),
        (lambda: overlap(["x", None], ["p", "q"]), "a: the unit in row 1 is missing"),
        (lambda: overlap(["x", "y"], ["p", "q"], [1, -2]), "people: -2 in row 1 is negative"),
        (lambda: variation_of_information(["x"], ["p"], [nan]), "people: nan is missing"),
        (lambda: variation_of_information(["x"], ["p"], ["many"]), "people: not a column of numbers"),
    ],
)
def test_maps_that_make_no_sense_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_where_nobody_lives_nothing_is_defined():
    assert isnan(entropy([0, 0])) and isnan(cond_entropy([[0, 0]]))
    assert isnan(variation_of_information(["x"], ["p"], [0])) and isnan(variation_of_information([], []))
    assert overlap([], []).shape == (0, 0)


# --- what a size costs ------------------------------------------------------------------------------------------------


def test_best_size_is_the_economic_order_quantity():
    """A textbook exercise: demand 40,000, 125 an order, 2.50 to hold one: orders of 2,000."""
    demand, order, holding = 40_000, 125, 2.50
    size = best_size(order * demand, holding / 2)
    assert size == pytest.approx(2000)
    assert order * demand / size == pytest.approx(holding / 2 * size) == pytest.approx(2500)
    lowest = cost_per_head(size, order * demand, 0, holding / 2)
    assert cost_per_head(1.5 * size, order * demand, 0, holding / 2) / lowest == pytest.approx(13 / 12)


@maps
@given(st.floats(1e3, 1e8), st.floats(1e-8, 1e-3), st.floats(0, 50), st.floats(0.2, 5))
def test_no_other_size_costs_less(F, theta, v, factor):
    best = best_size(F, theta)
    assert cost_per_head(best, F, v, theta) <= cost_per_head(factor * best, F, v, theta) * (1 + 1e-12)
    assert F / best == pytest.approx(theta * best)


def test_sizes_at_the_edge():
    assert best_size(5e6, 0) == inf and best_size(0, 1e-6) == 0 and isnan(best_size(0, 0))
    assert best_size([4e6, 1e6], 1e-6).tolist() == pytest.approx([2e6, 1e6])
    assert cost_per_head([1e6, 2e6], 4e6, 11, 1e-6).tolist() == [16, 15]


def test_cuts_that_the_press_printed():
    """Healthcare Leader (2025): from 49 and just under 21 pounds to 18.76; 31% for two boards together is 27.19."""
    assert required_cut([49, 21, 27.19]).round(3).tolist() == [0.617, 0.107, 0.31]
    assert required_cut(18.76) == 0 == required_cut(10)
    assert required_cut(20, target=10) == 0.5


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: cost_per_head(0, 1, 1, 1), "N: 0 is not above 0"),
        (lambda: cost_per_head(1, -1, 1, 1), "F: -1 is negative"),
        (lambda: cost_per_head(1, 1, 1, nan), "theta: nan is not finite"),
        (lambda: best_size(1, -2), "theta: -2 is negative"),
        (lambda: required_cut(0), "current: 0 is not above 0"),
        (lambda: required_cut(20, target=-1), "target: -1 is not"),
    ],
)
def test_sizes_that_make_no_sense_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# --- whom to merge ----------------------------------------------------------------------------------------------------

# Duque, Anselin and Rey (2012), figure 2: nine areas of a grid, row by row
ATTRIBUTE = dict(enumerate([350.2, 400.5, 430.8, 490.4, 410.9, 450.4, 560.1, 500.7, 498.6]))
NINE = dict(enumerate([30, 25, 31, 28, 32, 30, 35, 27, 33]))
GRID = neighbours_on_grid(
    pd.DataFrame({"col": [0, 1, 2] * 3, "row": np.repeat([0, 1, 2], 3), "area": range(9)}), "area"
)


def spread(group):
    return sum(abs(ATTRIBUTE[i] - ATTRIBUTE[j]) for i, j in combinations(group, 2))


def test_the_best_split_of_duque_anselin_and_rey():
    """At least 120 people in a group (pysal/region, test_exact.py): areas 0 1 2 4 5 with 148 and 3 6 7 8 with 123; 672.6."""
    found = exact_merge(NINE, GRID, 2, spread, min_people=120)
    assert found == [(0, 1, 2, 4, 5), (3, 6, 7, 8)]
    assert [sum(NINE[i] for i in group) for group in found] == [148, 123]
    assert sum(spread(group) for group in found) == pytest.approx(672.6)
    assert greedy_merge(NINE, GRID, 2, spread) == found  # which the walk also finds here
    with pytest.raises(ValueError, match="k: 2 groups that hang together and have 136 people each cannot be made"):
        exact_merge(NINE, GRID, 2, spread, min_people=136)
    with pytest.raises(ValueError, match="min_people: 136 is more than the 123 people"):
        greedy_merge(NINE, GRID, 2, spread, min_people=136)
    with pytest.raises(ValueError, match="3 groups"):
        exact_merge(NINE, GRID, 3, spread, min_people=120)


def test_nine_splits_of_that_map_are_feasible():
    """Of all 255 ways to cut nine areas in two, nine give both halves 120 people and keep them in one piece."""
    count = 0
    for size in range(1, 9):
        for half in combinations(range(9), size):
            if 0 in half:
                rest = set(range(9)) - set(half)
                count += all(feasible(group, NINE, GRID, 120)[0] for group in (half, rest))
    assert count == 9


def test_the_smallest_map_of_pysal():
    """pysal/region, tests/data.py: a grid of four, alike in rows, at least two a group."""
    four = neighbours_on_grid(pd.DataFrame({"col": [0, 1, 0, 1], "row": [0, 0, 1, 1], "area": range(4)}), "area")
    alike = {0: 0, 1: 0, 2: 1, 3: 1}

    def differ(group):
        return sum(abs(alike[i] - alike[j]) for i, j in combinations(group, 2))

    assert greedy_merge(dict.fromkeys(range(4), 1), four, 2, differ, 2) == [(0, 1), (2, 3)]
    assert exact_merge(dict.fromkeys(range(4), 1), four, 2, differ, 2) == [(0, 1), (2, 3)]


def test_a_map_in_pieces_gives_an_error_and_never_a_group_in_pieces():
    """After spopt's test_modify_components: a row of five cells, a gap, and a block."""
    row, block = [(0, y) for y in range(5)], [(x, y) for x in range(2, 6) for y in range(5)]
    cells = pd.DataFrame(row + block, columns=["col", "row"])
    cells["area"] = range(len(cells))
    near, people = neighbours_on_grid(cells, "area"), dict.fromkeys(range(len(cells)), 1)
    with pytest.raises(ValueError, match="k: 1 groups cannot be made, the map is in 2 pieces"):
        greedy_merge(people, near, 1, len)
    with pytest.raises(ValueError, match="min_people: 6 is more than the 5 people"):
        greedy_merge(people, near, 2, len, min_people=6)
    assert [len(group) for group in greedy_merge(people, near, 2, len, min_people=5)] == [5, 20]


def test_an_island_stands_alone_if_it_is_large_enough():
    people, near = {"isle": 3, "x": 2, "y": 2}, {"x": {"y"}, "y": {"x"}, "isle": set()}
    assert greedy_merge(people, near, 2, len, min_people=3) == [("isle",), ("x", "y")]
    assert feasible(["isle"], people, near, 3) == (True, "ok")
    assert feasible(["isle"], people, near, 4) == (False, "too small")
    with pytest.raises(ValueError, match="min_people: 4"):
        greedy_merge(people, near, 2, len, min_people=4)


def test_a_group_is_refused_for_the_first_reason_that_holds():
    people, near = {"a": 6, "b": 5, "c": 9}, {"a": ["b"], "b": ["a", "c"], "c": ["b"]}
    assert feasible([], people, near, 1) == (False, "empty")
    assert feasible(["a", "c"], people, near, 100) == (False, "in pieces")
    assert feasible(["a", "b"], people, near, 11) == (True, "ok")  # just enough
    assert feasible(["a", "b"], people, near, 11.5) == (False, "too small")
    assert feasible(["a", "a", "b"], people, near, 12) == (False, "too small")  # a name counts once
    assert feasible(pd.Index(["b"]), pd.Series(people), near, 5) == (True, "ok")


def test_ties_go_by_label_whatever_the_order_of_the_input():
    near = {"d": ["c"], "c": ["b", "d"], "b": ["a", "c"], "a": ["b"]}
    for order in permutations("abcd"):
        people = dict.fromkeys(order, 1)
        assert greedy_merge(people, {n: near[n] for n in order}, 2, lambda group: len(group) ** 2) == [
            ("a", "b"),
            ("c", "d"),
        ]
        assert greedy_merge(people, near, 3, lambda group: 0) == [("a", "b"), ("c",), ("d",)]
        assert greedy_merge(people, near, 2, lambda group: 0) == [("a", "b", "c"), ("d",)]  # (a, b) is still called a


def test_greedy_compares_what_a_join_adds_and_not_what_it_costs():
    near = {"a": ["b"], "b": ["a", "c"], "c": ["b", "d"], "d": ["c"]}
    price = {("a",): 90, ("b",): 90, ("a", "b"): 100, ("b", "c"): 99, ("c", "d"): 5}
    assert greedy_merge(dict.fromkeys("abcd", 1), near, 3, lambda group: price.get(group, 1)) == [
        ("a", "b"),
        ("c",),
        ("d",),
    ]


@st.composite
def small_maps(draw):
    width = draw(st.integers(2, 3))
    cells = pd.DataFrame([(x, y) for x in range(width) for y in range(2)], columns=["col", "row"])
    cells["area"] = range(len(cells))
    people = dict(enumerate(draw(st.lists(st.integers(1, 20), min_size=len(cells), max_size=len(cells)))))
    return people, neighbours_on_grid(cells, "area"), draw(st.integers(1, len(cells)))


@maps
@given(small_maps(), st.sampled_from([0, 1, 5, 12]))
def test_greedy_is_feasible_and_never_cheaper_than_the_best(drawn, floor):
    people, near, k = drawn

    def cost(group):
        return sum(people[name] for name in group) ** 2

    try:
        best = exact_merge(people, near, k, cost, floor)
    except ValueError:
        with pytest.raises(ValueError, match="min_people"):  # what no way makes, the walk does not make
            greedy_merge(people, near, k, cost, floor)
        return
    assert len(best) == k
    try:
        made = greedy_merge(people, near, k, cost, floor)
    except ValueError:
        return  # the walk ended in a group that is too small, as its docstring says that it may
    assert sorted(name for group in made for name in group) == sorted(people)
    assert all(feasible(group, people, near, floor)[0] for group in made)
    assert len(made) == k
    assert sum(map(cost, made)) >= sum(map(cost, best)) - 1e-9


def test_the_greedy_walk_can_be_beaten():
    people = {"a": 1, "b": 2, "c": 2, "d": 4}
    near = {"a": ["b"], "b": ["a", "c"], "c": ["b", "d"], "d": ["c"]}
    price = {("a", "b"): 9, ("b", "c"): 1, ("c", "d"): 9, ("a", "b", "c"): 90, ("b", "c", "d"): 99}

    def cost(group):
        return price.get(group, 0)

    greedy, best = (make(people, near, 2, cost) for make in (greedy_merge, exact_merge))
    assert greedy == [("a", "b", "c"), ("d",)]
    assert best == [("a", "b"), ("c", "d")]


@pytest.mark.parametrize("make", [greedy_merge, exact_merge])
def test_merges_that_make_no_sense_are_refused(make):
    people, near = {"a": 1, "b": 1}, {"a": ["b"], "b": ["a"]}
    for k in (0, 3, 1.5):
        with pytest.raises(ValueError, match=f"k: {k} is no whole number from 1 to 2"):
            make(people, near, k, len)
    with pytest.raises(ValueError, match="neighbours: 'a' borders 'b', but not the other way round"):
        make(people, {"a": ["b"], "b": []}, 1, len)
    with pytest.raises(ValueError, match="neighbours: 'c' is not there"):
        make(people, {"a": ["c"], "b": []}, 1, len)
    with pytest.raises(ValueError, match="people: -1 is negative"):
        make({"a": -1, "b": 1}, near, 1, len)


def test_other_arguments_that_make_no_sense():
    with pytest.raises(ValueError, match="group: 'z' is not there"):
        feasible(["z"], {"a": 1}, {"a": []})
    with pytest.raises(ValueError, match="13 units are more than the 12"):
        exact_merge(dict.fromkeys(range(13), 1), {}, 13, len)
    with pytest.raises(ValueError, match="areas: there is no column 'board'"):
        neighbours_on_grid(pd.DataFrame({"col": [1], "row": [1]}), "board")
    with pytest.raises(ValueError, match="two rows have the same col and row"):
        neighbours_on_grid(pd.DataFrame({"col": [1, 1], "row": [1, 1], "board": ["p", "q"]}), "board")
    with pytest.raises(ValueError, match="'a' stands in two groups"):
        group_of([("a", "b"), ("a",)])


def test_nothing_that_goes_in_is_changed():
    people, near = pd.Series({"b": 1.0, "a": 2.0}), {"a": ["b"], "b": ["a"]}
    greedy_merge(people, near, 1, len), exact_merge(people, near, 1, len), feasible(["a"], people, near)
    assert people.to_dict() == {"b": 1, "a": 2} and list(people.index) == ["b", "a"]
    assert near == {"a": ["b"], "b": ["a"]}
    table = pd.DataFrame([[600.0, 0], [4, 996]])
    before = table.copy()
    coterminosity(table), cond_entropy(table)
    assert table.equals(before)
    cells = table.to_numpy(copy=True)
    coterminosity(cells), cond_entropy(cells), entropy(cells)
    assert (cells == before.to_numpy()).all()


# --- voice and regret -------------------------------------------------------------------------------------------------


def test_voice_by_hand():
    people, seats = {"p": 600, "q": 300, "r": 100}, {"p": 4, "q": 4, "r": 2}
    ties = [("x", "p"), ("x", "q"), ("y", "r"), ("y", "r")]
    found = voice(people, seats, ties, {"p": "new", "q": "new", "r": "R"}, {"new": 4, "R": 2})
    assert found == pytest.approx({"before": 100, "after": 1000 / 6, "cut": 2 / 3})
    # a board that only changes its name cuts nothing
    same = voice(people, seats, ties, {"p": "P", "q": "Q", "r": "R"}, {"P": 4, "Q": 4, "R": 2})
    assert same == pytest.approx({"before": 100, "after": 100, "cut": 0})


def test_voice_at_the_edge():
    one = voice({"p": 5}, {"p": 0}, [], {"p": "p"}, {"p": 0})
    assert one["before"] == inf == one["after"] and isnan(one["cut"])
    assert isnan(voice({"p": 0}, {"p": 0}, [], {"p": "p"}, {"p": 1})["before"])
    for bad, words in (
        ({"seats": {}}, "seats: 'p' is not there"),
        ({"partition": {}}, "partition: 'p' is not there"),
        ({"new_seats": {}}, "new_seats: 'n' is not there"),
        ({"dyads": [("x", "z")]}, "dyads: 'z' is not there"),
        ({"seats": {"p": -1}}, "seats: -1 is negative"),
    ):
        given = {"people": {"p": 5}, "seats": {"p": 1}, "dyads": [], "partition": {"p": "n"}, "new_seats": {"n": 1}}
        with pytest.raises(ValueError, match=words):
            voice(**given | bad)


INVESTOR = pd.DataFrame(  # returns, if rates rise, stay or fall
    [[-4, 4, 12], [-2, 3, 8], [3, 2, 1]], index=["stocks", "bonds", "money market"], columns=["rise", "stay", "fall"]
)


def test_regret_of_the_investor():
    """Wikipedia, Regret (decision theory): regrets 7 5 11, so bonds; whoever looks at the worst return takes the money market."""
    action, regret = minimax_regret(-INVESTOR)
    assert action == "bonds"
    assert regret.to_numpy().tolist() == [[7, 0, 0], [5, 1, 4], [0, 2, 11]]
    assert list(regret.index) == list(INVESTOR.index) and list(regret.columns) == list(INVESTOR.columns)
    assert (-INVESTOR).max(axis=1).idxmin() == "money market"


def test_regret_is_nowhere_negative_and_does_not_see_what_all_actions_pay():
    rng = np.random.default_rng(12)
    costs = pd.DataFrame(rng.normal(size=(4, 3)))
    action, regret = minimax_regret(costs)
    assert (regret.min() == 0).all()
    again, same = minimax_regret(costs.add([5, -2, 40]))
    assert again == action
    assert np.allclose(same, regret)
    assert minimax_regret(pd.DataFrame([[1, 0], [0, 1]], index=["later", "first"]))[0] == "later"  # ties: the first row


@pytest.mark.parametrize(
    ("costs", "words"), [([[1, nan]], "costs: nan is not finite"), ([], "leaves nothing to choose")]
)
def test_costs_that_make_no_sense_are_refused(costs, words):
    with pytest.raises(ValueError, match=words):
        minimax_regret(pd.DataFrame(costs))


# --- the map of 2026 --------------------------------------------------------------------------------------------------


def test_the_new_map_joins_more_than_it_splits():
    parts = load("england_icb_2026")
    table = overlap(parts["icb24_name"], parts["icb26_name"], parts["people"])
    split, joined = cond_entropy(table), cond_entropy(table.T)
    expected = sum(
        m * np.log2(board["people"].sum() / m) / parts["people"].sum()
        for _, board in parts.groupby("icb24_name")
        for m in board["people"]
    )
    assert split == pytest.approx(expected)
    assert 0 < split < joined
    assert set(table.index[(table > 0).sum(axis=1) > 1]) == {
        "Frimley",
        "Hertfordshire and West Essex",
        "Suffolk and North East Essex",
    }
