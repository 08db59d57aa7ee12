"""The methods of chapter 6, held against outside numbers, other ways to compute them and what must be true of them."""

import doctest
import json
import time
from itertools import combinations
from math import inf, isnan, nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

from integrated_care import access as methods
from integrated_care import load
from integrated_care.access import (
    apportion,
    calibrate_detour,
    cover_by_group,
    cover_frontier,
    e2sfca,
    floating_catchment,
    greedy_cover,
    greedy_p_median,
    mclp,
    p_median,
    p_median_cost,
    pairwise_km,
    random_cover,
    share_beyond,
    two_sfca,
    two_sfca_at,
)

FIXTURES = Path(__file__).parent / "fixtures"
many = settings(max_examples=50, deadline=None, derandomize=True)
counts = st.integers(0, 60)
quarters = st.integers(0, 160).map(lambda k: k / 4)  # exact in binary, so that a place on a boundary is on it


@st.composite
def regions(draw, most=7):
    """Supply, people and distances of a small region."""
    n, m = draw(st.integers(1, most)), draw(st.integers(1, 5))
    supply = draw(st.lists(counts, min_size=m, max_size=m))
    pop = draw(st.lists(counts, min_size=n, max_size=n))
    d = draw(st.lists(st.lists(quarters, min_size=m, max_size=m), min_size=n, max_size=n))
    return supply, pop, np.array(d)


def test_examples_in_the_docstrings():
    result = doctest.testmod(methods)
    assert result.attempted > 16 and result.failed == 0


# --- how far ----------------------------------------------------------------------------------------------------------


def grid(n: int = 5) -> np.ndarray:
    return np.array([(x, y) for x in range(n) for y in range(n)], dtype=float)


def test_distances_on_a_grid_and_of_nobody():
    assert pairwise_km([(0, 0)], [(3, 4), (-5, 12)]).tolist() == [[5, 13]]
    assert pairwise_km([(0, 0), (1, 1)], []).shape == (2, 0) and pairwise_km([], [(0, 0)]).shape == (0, 1)
    d = pairwise_km(grid(), grid())
    assert (d == d.T).all() and (np.diag(d) == 0).all()


def test_beyond_is_more_than_the_cut_and_counts_people():
    assert share_beyond([10, 30, 60], [9, 10, 10.5]) == 0.6
    assert share_beyond([10, 30, 60], [9, 10, inf]) == 0.6
    assert share_beyond([1, 1], [6, 4], cut=5) == 0.5
    assert isnan(share_beyond([0, 0], [1, 20])) and isnan(share_beyond([], []))


def test_the_detour_is_the_step_at_which_a_sort_finds_it():
    """The share jumps at cut / distance, so the factor is the one of the settlement that tips the sorted cumulative share."""
    rng = np.random.default_rng(6)
    pop, km = rng.integers(1, 400, 80), rng.uniform(0.5, 9, 80)
    for target in (0.05, 0.3, 0.62, 0.99):
        steps = np.sort(10 / km)
        reached = [pop[10 / km <= step].sum() / pop.sum() for step in steps]
        exact = steps[np.argmax(np.array(reached) >= target)]
        found = calibrate_detour(pop, km, target)
        assert 0 <= found - exact <= 1e-5
        assert share_beyond(pop, found * km) >= target > share_beyond(pop, (found - 2e-6) * km)


def test_a_detour_that_is_not_needed_or_not_enough():
    assert calibrate_detour([1, 1], [12, 3], target=0.5) == 1
    assert calibrate_detour([1, 1], [12, 3], target=0) == 1
    assert isnan(calibrate_detour([0], [5], target=0.5))
    with pytest.raises(ValueError, match=r"target: 0.6 is not reached even at a factor of 100"):
        calibrate_detour([1, 1], [12, 0.1], target=0.6)
    assert 1 < calibrate_detour([1, 1], [12, 0.11], target=0.6) < 100


# --- 2SFCA ------------------------------------------------------------------------------------------------------------

A = [20, 20, 20, 20, 40, 20, 20, 40, 20, 20, 40]
B = [40, 40, 40, 20, 20, 40, 40, 20, 40, 40, 20]


@pytest.mark.parametrize("d0", [30, 20])
def test_luo_and_wang_figure_3(d0):
    """Luo & Wang (2003), Environment and Planning B 30:865, figure 3: eleven places, two doctors; at 20 the boundary counts."""
    access = two_sfca([1, 1], [1] * 11, np.column_stack([A, B]), d0)
    assert access == pytest.approx([0.125, 0.125, 0.125, 0.375, 0.25, 0.125, 0.125, 0.25, 0.125, 0.125, 0.25])
    assert access.sum() == pytest.approx(2)
    assert not two_sfca([1, 1], [1] * 11, np.column_stack([A, B]), 19.99).any()


def test_a_unit_grid_as_pysal_access_has_it():
    """PySAL access 1.1.10, two_stage_fca on a 5 x 5 grid with itself, catchment 1: with `<` every value would be 1."""
    found = two_sfca(np.ones(25), np.ones(25), pairwise_km(grid(), grid()), 1).reshape(5, 5)
    assert found[0, :3] == pytest.approx([0.83333, 1.03333, 0.95], abs=1e-5)
    assert (found[1, 1], found[2, 2]) == pytest.approx((1.1, 1.0))


@pytest.mark.parametrize(("d0", "expected"), [(10, 5), (0.9, 1)])
def test_five_places_of_a_grid(d0, expected):
    """PySAL access (541de01), test_floating_catchment_area.py: all of the supply within reach, or a place's own only."""
    people = grid()[[0, 6, 12, 18, 24]]
    assert two_sfca(np.ones(25), np.ones(5), pairwise_km(people, grid()), d0) == pytest.approx(np.full(5, expected))


def test_a_doctor_whom_two_places_share():
    """miserman/catchment (65e4d73), test-catchment_ratio.R."""
    access = two_sfca([5, 10], [5, 10, 50], [(5, 55), (35, 15), (40, 25)], 30)
    assert access == pytest.approx([1, 1 / 6, 1 / 6])


@pytest.mark.parametrize(
    ("to", "back", "expected"),
    [
        (40, 40, (0.3314441, 0.5798281, 7.2864182)),
        (20, 40, (0.4353402, 0.6837242, 5.7279766)),
        (40, 20, (0.3310719, 0.5778578, 7.2999919)),
    ],
)
def test_weights_by_distance_and_ways_that_differ(to, back, expected):
    """PySAL access, test_hospital_example.py, gravity(1, -1), cut 61; rows are origins. The demand of step 1 comes from rows."""
    d = np.array([[1, 80, to], [80, 1, to], [back, back, 1]], dtype=float)
    found = floating_catchment([15, 20, 100], [100, 50, 10], np.where(d <= 61, 1 / d, 0))
    assert found == pytest.approx(expected, abs=1e-6)


D = [(4, 12, 31), (10, 9, 22), (15, 20, 10), (28, 33, 18), (60, 45, 50)]
POP, SUPPLY = [100, 50, 200, 80, 40], [10, 6, 12]


def test_enhanced_2sfca_as_pysal_access_has_it():
    """PySAL access 1.1.10, enhanced_two_stage_fca with a step function."""
    found = e2sfca(SUPPLY, POP, D, [10, 20, 30], [1, 0.68, 0.22])
    assert found == pytest.approx([0.04900107, 0.06650737, 0.08367565, 0.03799242, 0], abs=1e-8)
    assert (found * POP).sum() == pytest.approx(28)
    plain = two_sfca(SUPPLY, POP, D, 20)  # there the place out of reach is nan; here it is 0, as in its own E2SFCA
    assert plain == pytest.approx([0.04571429, 0.04571429, 0.08857143, 0.04285714, 0], abs=1e-8)


@many
@given(regions(), quarters)
def test_supply_that_anybody_reaches_is_conserved(region, d0):
    supply, pop, d = region
    access = two_sfca(supply, pop, d, d0)
    reached = ((d <= d0) & (np.array(pop) > 0)[:, None]).any(axis=0)
    assert (access * pop).sum() == pytest.approx(np.array(supply)[reached].sum())
    assert not access[(d > d0).all(axis=1)].any()


@many
@given(regions(), quarters)
def test_one_band_of_weight_one_is_2sfca(region, d0):
    supply, pop, d = region
    assert e2sfca(supply, pop, d, [d0], [1]) == pytest.approx(two_sfca(supply, pop, d, d0))
    assert e2sfca(supply, pop, d, [d0], [0.5]) == pytest.approx(two_sfca(supply, pop, d, d0))  # a common factor cancels


@many
@given(regions(), quarters)
def test_order_and_units_change_nothing(region, d0):
    supply, pop, d = region
    access = two_sfca(supply, pop, d, d0)
    assert two_sfca(supply[::-1], pop[::-1], d[::-1, ::-1], d0)[::-1] == pytest.approx(access)
    assert two_sfca(supply, pop, 4 * d, 4 * d0) == pytest.approx(access)
    assert two_sfca(np.multiply(3, supply), pop, d, d0) == pytest.approx(3 * access)
    assert two_sfca(supply, np.multiply(2, pop), d, d0) == pytest.approx(access / 2)


@many
@given(st.integers(1, 40), st.integers(1, 20), st.integers(1, 300), st.integers(1, 99))
def test_in_blocks_it_is_the_same(n, m, block, seed):
    rng = np.random.default_rng(seed)
    places, sites = rng.integers(0, 40, (n, 2)), rng.integers(0, 40, (m, 2))
    supply, pop, detour = rng.integers(0, 9, m), rng.integers(0, 99, n), rng.integers(2, 9, n) / 4
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(methods, "BLOCK", block)
        found = two_sfca_at(supply, pop, places, sites, 10, detour)
    assert found == pytest.approx(two_sfca(supply, pop, pairwise_km(places, sites) * detour[:, None], 10))


def test_a_detour_of_nothing_reaches_everything():
    assert two_sfca_at([4], [1, 1], [(0, 0), (900, 0)], [(0, 0)], 1, [0, 0]).tolist() == [2, 2]


def test_a_series_keeps_its_index_and_its_rows_go_by_position():
    pop = pd.Series([100, 50, 200, 80, 40], index=[7, 7, 0, 1, 2], dtype="Int64")
    found = two_sfca(pd.Series(SUPPLY, index=list("cab")), pop, pd.DataFrame(D), 20)
    assert list(found.index) == [7, 7, 0, 1, 2] and found.name == "access"
    assert found.to_numpy() == pytest.approx(two_sfca(SUPPLY, POP, D, 20))
    assert list(two_sfca_at([1], pop.iloc[:1], [(0, 0)], [(0, 0)], 1).index) == [7]


# --- p-median ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pmed1() -> tuple[np.ndarray, dict]:
    """OR-Library pmed1 (Beasley 1985): where an edge comes twice, the last value counts."""
    data = json.loads((FIXTURES / "pmed1.json").read_text(encoding="utf-8"))
    last = {(min(i, j), max(i, j)): cost for i, j, cost in data["edges"]}
    rows, columns = np.array(list(last)).T - 1
    graph = coo_array((list(last.values()), (rows, columns)), shape=(100, 100)).tocsr()
    return shortest_path(graph, directed=False), data


def test_pmed1_exactly_and_greedily(pmed1):
    d, data = pmed1
    w = np.ones(100)
    sites, cost = p_median(w, d, 5)
    assert (cost, p_median_cost(w, d, sites), data["optimum"]) == pytest.approx((5819, 5819, 5819))
    greedy = greedy_p_median(w, d, 5)
    assert [site + 1 for site in greedy] == data["greedy"]["sites_1based"]
    assert p_median_cost(w, d, greedy) == data["greedy"]["cost"] == 5891
    assert p_median_cost(w, d, greedy[:1]) == data["one_median"]["cost"]


@pytest.fixture(scope="module")
def san_francisco() -> pd.DataFrame:
    """205 tracts and 16 candidate stores, network metres (spopt, tests/data, BSD-3)."""
    return pd.read_csv(FIXTURES / "sf_distances_m.csv")


def test_p_median_of_san_francisco(san_francisco):
    """spopt (493a58a), test_p_median.py, TestRealWorldLocate: mean distance 2982.12686 m at s11, s12, s15, s2."""
    d, w = san_francisco.drop(columns="pop"), san_francisco["pop"]
    sites, cost = p_median(w, d, 4)
    assert cost / w.sum() == pytest.approx(2982.1268579890657, abs=1e-3)
    assert {d.columns[site] for site in sites} == {"s11", "s12", "s15", "s2"}
    assert p_median_cost(w, d, greedy_p_median(w, d, 4)) / w.sum() == pytest.approx(3200.51, abs=5e-3)


@many
@given(regions(), st.integers(1, 4))
def test_the_best_sites_are_those_of_a_search_over_all(region, p):
    _, w, d = region
    least = min(p_median_cost(w, d, sites) for sites in combinations(range(d.shape[1]), min(p, d.shape[1])))
    sites, cost = p_median(w, d, p)
    assert cost == pytest.approx(least) and len(sites) == min(p, d.shape[1])
    chosen = greedy_p_median(w, d, p)
    assert chosen[0] == int(np.argmin(np.array(w) @ d))
    assert p_median_cost(w, d, chosen) >= least - 1e-9
    assert sorted(greedy_p_median(w, d, 9)) == list(range(d.shape[1]))


def test_cost_without_a_site_and_of_nobody():
    assert p_median_cost([3], [[1, 2]], []) == inf
    assert p_median_cost([0, 2], [[inf], [3]], [0]) == 6
    assert greedy_p_median([1, 1], [[1, 1], [1, 1]], 1) == [0] and greedy_p_median([1], [[4, 4]], 0) == []


# --- covering ---------------------------------------------------------------------------------------------------------


def test_covering_san_francisco(san_francisco):
    """spopt, test_mclp.py: within 5,000 m four stores cover 184 of 205 tracts; the people are ours, from the same table."""
    w, cover = san_francisco["pop"], san_francisco.drop(columns="pop") <= 5000
    best = {p: mclp(w, cover, p)[1] for p in (3, 4, 5, 6, 7)}
    assert best == {3: 791_499, 4: 875_247, 5: 927_402, 6: 941_462, 7: 950_428}
    assert greedy_cover(w, cover, 7)[1].tolist()[2:] == [788_863, 872_611, 910_944, 928_898, 946_147]
    sites, covered = mclp(w, cover, 4)
    tracts = cover.to_numpy()[:, sites].any(axis=1)
    assert tracts.sum() == 184 and 100 * tracts.mean() == pytest.approx(89.7561, abs=5e-5)
    assert 100 * covered / w.sum() == pytest.approx(91.6381, abs=5e-5)  # people, not tracts


@many
@given(regions(), quarters, st.integers(0, 4))
def test_the_most_people_are_those_of_a_search_over_all(region, d0, p):
    _, w, d = region
    cover = d <= d0
    sites, covered = mclp(w, cover, p)
    most = max(
        (
            float(np.array(w)[cover[:, list(some)].any(axis=1)].sum())
            for some in combinations(range(d.shape[1]), min(p, d.shape[1]))
        ),
        default=0.0,
    )
    assert covered == most and len(sites) <= p
    assert covered == np.array(w)[cover[:, sites].any(axis=1)].sum()
    greedy, so_far = greedy_cover(w, cover, p)
    assert len(greedy) == len(so_far) <= p
    # Submodular: greedy keeps at least 1 - 1/e of what is possible.
    assert most >= (so_far[-1] if len(so_far) else 0) >= (1 - 1 / np.e) * most - 1e-9


def test_the_first_choice_can_stand_in_the_way():
    w, cover = [6, 4, 3, 3], np.array([[1, 0, 1], [1, 1, 0], [0, 1, 0], [0, 0, 1]])
    assert greedy_cover(w, cover, 2)[1].tolist() == [10, 13]
    assert mclp(w, cover, 2)[1] == 16


def test_random_posts_are_the_same_for_the_same_seed_and_never_beat_the_best():
    w, cover = np.arange(1, 9), np.eye(8, dtype=bool)
    drawn = random_cover(w, cover, 3, draws=200, seed=4)
    assert drawn.shape == (200, 3) and (drawn == random_cover(w, cover, 3, 200, 4)).all()
    assert (np.diff(drawn, axis=1) > 0).all() and drawn[:, -1].max() <= mclp(w, cover, 3)[1]
    assert drawn[:, 0].mean() == pytest.approx(w.mean(), abs=0.5)
    assert random_cover(w, cover, 20, 1, 1).shape == (1, 8)


def test_districts_share_first_and_place_second():
    w, group = [50, 40, 30, 20], ["a", "a", "b", "b"]
    sites, posts = cover_by_group(w, np.eye(4), group, group, total=2)
    assert (sites, posts.to_dict()) == ([0, 2], {"a": 1, "b": 1})
    sites, posts = cover_by_group(w, np.eye(4), group, group, total=3)
    assert (sorted(sites), posts.to_dict()) == ([0, 1, 2], {"a": 2, "b": 1})
    with pytest.raises(ValueError, match="total: 3 is less than the minimum of 2 for 2 places"):
        cover_by_group(w, np.eye(4), group, group, total=3, minimum=2)


def test_a_post_counts_nobody_whom_the_one_before_covers():
    cover = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1]])
    sites, _ = cover_by_group([9, 1, 2], cover, ["a", "b", "b"], ["a", "b", "b"], total=2, minimum=1)
    assert sites == [0, 2]  # site 1 would cover the first settlement again


def test_the_frontier_gives_up_heads_for_kilometres():
    w, km = np.array([60, 50, 10]), np.array([11, 12, 30])
    plans = cover_frontier(w, km, np.eye(3), 1, powers=[0, 1, 4], far=20)
    assert plans["sites"].tolist() == [[0], [0], [2]]
    assert plans["covered"].tolist() == [60, 60, 10] and plans["far_covered"].tolist() == [0, 0, 1]
    assert cover_frontier(w, km, np.eye(3), 1, [0], far=40)["far_covered"].isna().all()


# --- apportionment ----------------------------------------------------------------------------------------------------

STATES_1790 = [
    630560, 475327, 432879, 353523, 331589, 278514, 236841, 206236, 179570, 141822, 85533, 70835, 68705, 68446, 55540,
]  # fmt: skip


def test_the_vetoed_bill_of_1792():
    """COMAP, For All Practical Purposes, 10th edition, table 14.5; with 105 seats the rule gives Virginia 18, Delaware 2."""
    assert apportion(120, STATES_1790) == [21, 16, 14, 12, 11, 9, 8, 7, 6, 5, 3, 2, 2, 2, 2]
    seats = apportion(105, STATES_1790)
    assert (seats[0], seats[-1]) == (18, 2)


@pytest.mark.parametrize(
    ("total", "need", "expected"),
    [
        (100, [5117, 4400, 162, 161, 160], [51, 44, 2, 2, 1]),  # Balinski & Young 1975, example 1
        (26, [9061, 7179, 5259, 3319, 1182], [9, 7, 5, 4, 1]),  # the same, example 2
        (12, [14, 28, 7, 35], [2, 4, 1, 5]),  # package apportionment 1.0, test_methods.py, and the next three
        (6, [0, 14, 28, 0, 0], [0, 2, 4, 0, 0]),
        (3, [10, 9, 8, 8, 11, 12], [1, 0, 0, 0, 1, 1]),
        (2, [2, 1, 1, 2, 2], [1, 0, 0, 1, 0]),
    ],
)
def test_largest_remainders_that_others_printed(total, need, expected):
    assert apportion(total, need) == expected


def test_a_minimum_is_given_first_and_no_need_is_equal_need():
    """The curriculum's case: 20 posts, needs 10 6 3 1, two for each first, then the rest: 8 6 4 2, not 10 6 3 2 = 21."""
    assert apportion(20, [10, 6, 3, 1], 2) == [8, 6, 4, 2]
    assert apportion(7, [0, 0, 0]) == [3, 2, 2] and apportion(4, [0, 9], 2) == [2, 2] and apportion(0, [3, 1]) == [0, 0]


@many
@given(st.integers(0, 200), st.lists(counts, min_size=1, max_size=9), st.integers(0, 4))
def test_posts_add_up_and_stay_beside_their_quota(extra, need, minimum):
    total = extra + minimum * len(need)
    posts = apportion(total, need, minimum)
    assert sum(posts) == total and min(posts) >= minimum
    if sum(need):
        quotas = [minimum + extra * value / sum(need) for value in need]
        assert all(abs(post - quota) < 1 for post, quota in zip(posts, quotas, strict=True))


def test_one_post_more_can_cost_a_place_one():
    """The Alabama paradox, in the smallest case with three places."""
    need = [6, 6, 2]
    assert (apportion(10, need), apportion(11, need)) == ([4, 4, 2], [5, 5, 1])


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pairwise_km([(1, 2, 3)], [(0, 0)]), "a: needs x and y in each row, but its shape is (1, 3)"),
        (lambda: pairwise_km([(0, 0)], [(nan, 0)]), "b: nan is not finite"),
        (lambda: pairwise_km([("here", 0)], []), "a: not a table of numbers"),
        (lambda: share_beyond([1, 2], [1]), "nearest_km: has 1 rows, where 2 are needed"),
        (lambda: share_beyond([1, -2], [1, 1]), "pop: -2 in row 1 is negative"),
        (lambda: share_beyond([1, nan], [1, 1]), "pop: nan is not a finite number"),
        (lambda: share_beyond([1], [nan]), "nearest_km: nan is not a number from 0 on"),
        (lambda: share_beyond([1], [1], -1), "cut: -1 is not a finite number at least 0"),
        (lambda: calibrate_detour([1], [1], 1.5), "target: 1.5 is not a finite number at least 0 and at most 1"),
        (lambda: two_sfca([1, 1], [1], [[1]], 5), "d: its shape is (1, 1), where 1 rows (settlements) and 2 columns"),
        (lambda: two_sfca([1], [1], [[-1]], 5), "d: -1 is not a number from 0 on"),
        (lambda: two_sfca([1], [1], [1], 5), "d: needs rows and columns, not shape (1,)"),
        (lambda: two_sfca([1], [1], [["far"]], 5), "d: not a table of numbers"),
        (lambda: two_sfca([-1], [1], [[1]], 5), "supply: -1 in row 0 is negative"),
        (lambda: two_sfca([1], [1], [[1]], nan), "d0: nan is not a finite number at least 0"),
        (lambda: e2sfca([1], [1], [[1]], [10, 5], [1, 1]), "bands: 5 is not above the band before it"),
        (lambda: e2sfca([1], [1], [[1]], [10], [1, 1]), "weights: has 2 values, where 1 bands need one each"),
        (lambda: floating_catchment([1], [1], [[inf]]), "weight: inf is not finite"),
        (lambda: two_sfca_at([1], [1, 2], [(0, 0)], [(0, 0)], 5), "places: has 1 rows, where 2 are needed"),
        (lambda: p_median_cost([1], [[1]], [1]), "sites: 1 is no column of d"),
        (lambda: p_median_cost([1], [[1]], [-1]), "sites: -1 is no column of d"),
        (lambda: greedy_p_median([1], [[1]], 1.5), "p: 1.5 is not a whole number from 0 on"),
        (lambda: p_median([1], [[inf]], 1), "d: inf is not finite"),
        (lambda: p_median([1], [[1, 2]], 0), "p: 0 leaves everybody without a site"),
        (lambda: greedy_cover([1], [[2]], 1), "cover: 2 is neither True nor False"),
        (lambda: mclp([1, 1], [[1]], 1), "cover: has 1 rows, where 2 are needed"),
        (lambda: mclp([1], [[1]], -1), "p: -1 is not a finite number at least 0"),
        (lambda: apportion(3, [1, 1], 2), "total: 3 is less than the minimum of 2 for 2 places"),
        (lambda: apportion(2.5, [1]), "total: 2.5 is not a whole number from 0 on"),
        (lambda: apportion(3, []), "need: 0 places cannot share anything"),
        (lambda: apportion(3, [1, -1]), "need: -1 in row 1 is negative"),
        (lambda: cover_by_group([1], [[1]], ["a"], [], 1), "home: has 0 values, where 1 candidates need one each"),
        (lambda: cover_by_group([1], [[1]], ["a", "b"], ["a"], 1), "group: has 2 rows, where 1 are needed"),
        (lambda: cover_frontier([1], [inf], [[1]], 1, [0], 5), "km: inf in row 0 is not finite"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_name(call, message):
    with pytest.raises(ValueError) as error:
        call()
    assert message in str(error.value)


def test_more_sites_than_places_and_a_facility_that_nobody_reaches():
    assert p_median([1, 2], [[1, 5], [4, 2]], 9) == ([0, 1], 5.0)
    assert mclp([5], [[1, 1]], 9)[1] == 5 and mclp([5, 0], [[0], [1]], 1) == ([], 0.0)
    assert two_sfca([3, 8], [10, 0], [[2, 90], [3, 1]], 5).tolist() == [0.3, 0.3]
    assert two_sfca([3], [10, 4], [[2], [inf]], 5).tolist() == [0.3, 0.0]


def test_nothing_that_is_passed_in_is_changed():
    w, d = np.array([3.0, 2, 5]), np.array([[1.0, 4], [2, 2], [9, 0]])
    kept = w.copy(), d.copy()
    for call in (
        lambda: two_sfca([1, 2], w, d, 3),
        lambda: e2sfca([1, 2], w, d, [2, 4], [1, 0.5]),
        lambda: share_beyond(w, d[:, 0]),
        lambda: greedy_p_median(w, d, 2),
        lambda: greedy_cover(w, d <= 2, 2),
        lambda: random_cover(w, d <= 2, 2, 3, 1),
        lambda: mclp(w, d <= 2, 1),
        lambda: apportion(9, w),
        lambda: cover_frontier(w, d[:, 0], d <= 2, 1, [0, 1], 5),
    ):
        call()
    assert (w == kept[0]).all() and (d == kept[1]).all()


def test_the_region_of_the_course_is_solved_quickly():
    """960 settlements, 318 candidates, 40 sites: exact in seconds, and as good as the table that keeps the optimum."""
    places, sites = load("synth_region_settlements"), load("synth_facilities")
    where = ["x_km", "y_km"]
    cover = pairwise_km(places[where], sites[where]) <= 10
    start = time.perf_counter()
    found, covered = mclp(places["pop"], cover, 40)
    assert time.perf_counter() - start < 60 and len(found) <= 40
    assert covered >= greedy_cover(places["pop"], cover, 40)[1][-1]
    centres = sites[sites["kind"] == "health_centre"]
    road = places["detour_30"].to_numpy()
    far = places["rural"].to_numpy() & (pairwise_km(places[where], centres[where]).min(axis=1) * road > 10)
    rural = places[places["rural"]]
    reach = pairwise_km(places[where], rural[where]) * road[:, None] <= 5
    kept = load("synth_posts_exact").set_index("posts")["covered"]
    assert mclp(np.where(far, places["pop"], 0), reach, 40)[1] == kept[40]
