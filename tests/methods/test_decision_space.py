"""The methods of chapter 4, held against outside numbers, brute force and what must be true of them."""

import doctest
import time
from math import inf, isnan, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar

from integrated_care import decision_space as methods
from integrated_care import load
from integrated_care.decision_space import (
    activity,
    autonomy_gap,
    break_even_transfer,
    capacity_threshold,
    catastrophic,
    check_grid,
    concentration_of_headcount,
    cost_effort,
    decision_bounds,
    decision_space,
    efficient_activity,
    headcounts,
    npv,
    optimal_price,
    ppp_npv,
    weighted_headcount,
    welfare,
)

many = settings(max_examples=60, deadline=None, derandomize=True)
positive, share = st.floats(0.1, 10), st.floats(0, 1)
needs = st.lists(st.floats(-10, 10).map(lambda x: round(x, 3)), min_size=1, max_size=12)


def close(value, **how):
    return pytest.approx(value, **({"rel": 1e-9, "abs": 1e-9} | how), nan_ok=True)


def test_examples_in_the_docstrings():
    result = doctest.testmod(methods)
    assert result.attempted > 15 and result.failed == 0


# --- who is protected -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("second", [0.30, 0.25, 0.38])
def test_published_lecture_case(second):
    """Financial risk protection, Global Health Policy (Coursera): 60%, 13%, 22%; a first share of .45, two that add to .50."""
    shares = [0.45, second, 0.50 - second, 0.08, 0.02]
    got = catastrophic(np.multiply(shares, 700), [700] * 5)
    assert got == close({"headcount": 0.60, "overshoot": 0.13, "mean_positive_overshoot": 0.13 / 0.60})
    assert round(100 * got["mean_positive_overshoot"]) == 22


# Headcount, overshoot and mean positive overshoot in per cent, at 5, 10, 15 and 20% of income: all, then the poorest fifth
BHOJANI = [
    (27.5, 3.4, 12.4), (16.0, 2.5, 15.6), (10.1, 2.0, 19.8), (7.9, 1.7, 21.5),
    (38.1, 6.7, 17.6), (23.1, 5.3, 22.9), (14.2, 4.4, 31.0), (11.0, 3.8, 34.5),
]  # fmt: skip


@pytest.mark.parametrize(("headcount", "overshoot", "positive"), BHOJANI)
def test_published_table_of_bangalore(headcount, overshoot, positive):
    """Bhojani et al. (2012), BMC Public Health 12:990, table 3: households made to have the first two give the third."""
    beyond = overshoot / headcount  # every case is beyond a threshold of 10% by this much
    cases = round(10 * headcount)
    got = catastrophic([0.1 + beyond] * cases + [0.0] * (1000 - cases), [1.0] * 1000)
    assert got["headcount"] == close(headcount / 100)
    assert got["overshoot"] == close(overshoot / 100)
    # its overshoot is printed to one decimal of a per cent
    assert 100 * got["mean_positive_overshoot"] == pytest.approx(positive, abs=100 * 0.05 / headcount + 0.05)


@many
@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 0.1, 0.25, 0.4]))
def test_catastrophic_by_a_loop(seed, threshold):
    rng = np.random.default_rng(seed)
    spent, w = rng.integers(1, 50, 30) * 10, rng.integers(0, 4, 30)
    paid = np.round(spent * rng.choice([0, 0.1, 0.25, 0.4, 0.7, 0.05], 30), 6)
    people = cases = over = 0
    for oop, consumption, weight in zip(paid, spent, w, strict=True):
        people += weight
        if round(oop / consumption, 12) > threshold:
            cases += weight
            over += weight * (oop / consumption - threshold)
    assume(people > 0)
    got = catastrophic(paid, spent, threshold, w)
    assert (got["headcount"], got["overshoot"]) == close((cases / people, over / people))
    assert got["mean_positive_overshoot"] == close(over / cases if cases else nan)


@many
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 1000))
def test_catastrophic_ignores_currency_order_and_the_scale_of_weights(seed, rate):
    rng = np.random.default_rng(seed)
    spent = rng.uniform(1, 10, 20)
    paid, w = spent * rng.uniform(0, 0.4, 20), rng.uniform(0.1, 3, 20)
    first, order = catastrophic(paid, spent, w=w), rng.permutation(20)
    assert catastrophic(paid * rate, spent * rate, w=w * 7) == close(first)
    assert catastrophic(paid[order], spent[order], w=w[order]) == close(first)
    assert catastrophic(np.repeat(paid, 2), np.repeat(spent, 2)) == close(catastrophic(paid, spent))


def test_a_payment_at_the_threshold_is_not_above_it():
    assert catastrophic([10, 30, 0.3], [100, 300, 3])["headcount"] == 0
    assert catastrophic([10.001], [100])["headcount"] == 1
    assert catastrophic([0.1 + 0.2], [3.0])["headcount"] == 0  # 0.30000000000000004
    assert catastrophic([1, 2, 0], [10, 10, 10], 0) == close(
        {"headcount": 2 / 3, "overshoot": 0.1, "mean_positive_overshoot": 0.15}
    )


def test_households_and_persons_are_two_counts():
    paid, spent, size = [20, 0, 0], [100, 100, 100], [6, 2, 2]
    assert catastrophic(paid, spent)["headcount"] == close(1 / 3)
    assert catastrophic(paid, spent, w=size)["headcount"] == close(0.6)


def test_what_is_undefined_is_nan():
    everything = {"headcount": nan, "overshoot": nan, "mean_positive_overshoot": nan}
    assert catastrophic([], []) == close(everything)
    assert catastrophic([1], [10], w=[0]) == close(everything)
    assert catastrophic([1, nan], [10, 10]) == close(everything)
    assert catastrophic([1, 2], pd.Series([10, None], dtype="Int64")) == close(everything)
    assert catastrophic([1, 2], [10, 10], w=[1, nan]) == close(everything)
    got = catastrophic([1, 0], [100, 100])
    assert got["headcount"] == got["overshoot"] == 0 and isnan(got["mean_positive_overshoot"])


def test_a_row_of_weight_0_is_not_looked_at():
    assert catastrophic([20, -5, 3], [100, 0, nan], w=[1, 0, 0])["headcount"] == 1
    assert concentration_of_headcount([2, 0, 9], [10, 20, 0], [1, 1, 0], w=[1, 1, 0]) == close(-0.5)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: catastrophic([1, 2], [10, 0]), "consumption: 0 in row 1 is not above 0"),
        (lambda: catastrophic([1, 2], [10, -3]), "consumption: -3 in row 1 is not above 0"),
        (lambda: catastrophic([1, -2], [10, 10]), "oop: -2 in row 1 is negative"),
        (lambda: catastrophic([1, -2], [10, 10], w=[0, 1]), "oop: -2 in row 1 is negative"),
        (lambda: catastrophic([1, 2], [0, 0], w=[0, 1]), "consumption: 0 in row 1 is not above 0"),
        (lambda: catastrophic([1], [10], w=[-1]), "w: -1 in row 0 is negative"),
        (lambda: catastrophic([1], [10, 20]), "consumption: has 2 rows, but oop has 1"),
        (lambda: catastrophic([1], [10], -0.1), "threshold: -0.1 is not a finite number at least 0"),
        (lambda: catastrophic([1], [inf]), "consumption: inf in row 0 is not finite"),
        (lambda: catastrophic(["a"], [1]), "oop: not a column of numbers"),
        (lambda: concentration_of_headcount([1], [10], [0]), "size: 0 in row 0 is not above 0"),
        (lambda: concentration_of_headcount([1], [10], [1], w=[1, 2]), "w: has 2 rows, where 1 are needed"),
        (lambda: weighted_headcount(1.2, 0), "headcount: 1.2 is not a share between 0 and 1"),
        (lambda: weighted_headcount(0.2, -2), "index: -2 is not between -1 and 1"),
    ],
)
def test_bad_households_are_refused(call, says):
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        call()


def test_ties_share_one_rank_whatever_the_order_of_rows():
    """Mid-rank, as van Ourti (2004) and Stata's conindex; in the order of the file the index would be -.10 or +.02."""
    per_head, size, case = [10, 20, 20, 30, 50], np.array([2, 1, 3, 2, 2]), np.array([1, 1, 0, 0, 1])
    spent = per_head * size
    assert concentration_of_headcount(0.2 * spent * case, spent, size) == close(-0.04)
    swapped = [0, 2, 1, 3, 4]
    assert concentration_of_headcount((0.2 * spent * case)[swapped], spent[swapped], size[swapped]) == close(-0.04)
    # twice the area between the diagonal and the curve, with the tied block as one segment
    people, cases = np.array([0, 0.2, 0.6, 0.8, 1]), np.array([0, 2, 3, 3, 5]) / 5
    assert 1 - np.sum(np.diff(people) * (cases[1:] + cases[:-1])) == close(-0.04)


def test_the_concentration_of_a_published_grouped_case():
    """WHO healthequal 1.0.1, ordered case: groups of people with a rate; 0/1 households that have it give the same index."""
    people, rate = [78, 91, 162, 103, 105], [20, 30, 40, 50, 60]
    size, spent, paid = [], [], []
    for i, (n, per_cent) in enumerate(zip(people, rate, strict=True), start=1):
        for is_case, weight in ((1, n * per_cent / 100), (0, n * (1 - per_cent / 100))):
            size.append(weight)
            spent.append(i * weight)
            paid.append(0.2 * i * weight * is_case)
    assert concentration_of_headcount(paid, spent, size) == pytest.approx(0.1777686, abs=3e-7)
    assert catastrophic(paid, spent, w=size)["headcount"] == pytest.approx(0.412244898, abs=1e-9)


@many
@given(st.integers(0, 2**32 - 1))
def test_the_index_stays_within_its_bounds_and_gives_the_weighted_headcount(seed):
    rng = np.random.default_rng(seed)
    size, per_head = rng.integers(1, 9, 40), rng.integers(1, 20, 40)
    case = rng.random(40) < rng.random()
    assume(case.any())
    spent = size * per_head
    got = concentration_of_headcount(0.3 * spent * case, spent, size)
    mean = np.average(case, weights=size)
    assert abs(got) <= 1 - mean + 1e-12
    # H (1 - C) is the mean of the case over persons with weight 2 (1 - rank)
    rank = np.array([(size[per_head < x].sum() + size[per_head == x].sum() / 2) / size.sum() for x in per_head])
    assert weighted_headcount(mean, got) == close(np.sum(2 * (1 - rank) * case * size) / size.sum())


def test_nobody_and_everybody():
    assert isnan(concentration_of_headcount([0, 0], [10, 20], [1, 2]))
    assert isnan(concentration_of_headcount([1, nan], [10, 20], [1, 2]))
    assert concentration_of_headcount([5, 10], [10, 20], [1, 2]) == close(0)


def test_headcounts_of_the_whole_bill_are_never_lower():
    households = load("synth_households_ma")
    got = headcounts(households, {"regime": households["regime"], "area": households["area"]}, [0.05, 0.1, 0.25])
    assert (got["whole_bill"] >= got["paid"]).all() and len(got) == 3 * (6 + 2)
    some = got.query("by == 'area' and threshold == 0.1").set_index("group")
    rural = households[households["area"] == "rural"]
    assert some["paid"]["rural"] == close((rural["oop"] / rural["consumption"] > 0.1).mean())
    assert some["households"].sum() == len(households)
    with pytest.raises(ValueError, match="groups: 'area' has 1 rows, where 5000 are needed"):
        headcounts(households, {"area": ["x"]})
    with pytest.raises(ValueError, match="households: there is no column 'bill'"):
        headcounts(households.drop(columns="bill"), {})


# --- who may decide ---------------------------------------------------------------------------------------------------


def grid(**changed) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "function": ["staff", "budget", "map", "staff", "budget"],
            "tier": ["gst", "gst", "gst", "state", "state"],
            "de_jure": [np.nan, 1, 2, 2, 1],
            "de_facto": [0, 0, 2, 2, 2],
        }
        | changed
    )


def test_a_mean_over_what_was_read_is_numpys_masked_average():
    weights = {"staff": 5, "budget": 3, "map": 1}
    level = np.ma.masked_invalid([np.nan, 1, 2])
    assert decision_space(grid(), "gst") == close(np.ma.average(level))
    assert decision_space(grid(), "gst", weights) == close(np.ma.average(level, weights=[5, 3, 1]))
    assert decision_space(grid(), "gst", column="de_facto") == close(2 / 3)
    assert decision_bounds(grid(), "gst") == close((1.0, 5 / 3))
    assert decision_bounds(grid(), "gst", weights) == close((5 / 9, 15 / 9))
    assert decision_bounds(grid(), "state") == close((1.5, 1.5))
    assert decision_bounds(grid(), "gst", most=1) == close((1.0, 4 / 3))  # a missing cell that can be 1 at most


def test_nothing_read_is_nan_and_bounds_say_all_is_possible():
    none = grid(de_jure=[None] * 3 + [2, 1])
    assert isnan(decision_space(none, "gst")) and decision_bounds(none, "gst") == (0, 2)
    assert isnan(decision_space(grid(), "gst", {"staff": 5, "budget": 0, "map": 0}))
    assert decision_bounds(grid(), "gst", dict.fromkeys(["staff", "budget", "map"], 0)) == close((nan, nan))


@many
@given(st.lists(st.sampled_from([0, 1, 2, None]), min_size=1, max_size=10), st.integers(0, 2**32 - 1))
def test_whatever_the_missing_cells_hold_the_mean_lies_in_the_bounds(levels, seed):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"function": range(len(levels)), "tier": "x", "de_jure": levels, "de_facto": 0})
    filled = table.assign(de_jure=[rng.integers(0, 3) if level is None else level for level in levels])
    weights = {f: rng.uniform(0.1, 2) for f in table["function"]}
    low, high = decision_bounds(table, "x", weights)
    assert low - 1e-12 <= decision_space(filled, "x", weights) <= high + 1e-12
    shuffled = table.sample(frac=1, random_state=seed % 1000)
    assert decision_space(shuffled, "x", weights) == close(decision_space(table, "x", weights))


def test_gaps_over_what_is_known_twice():
    got = autonomy_gap(grid())
    assert got.to_dict() == close({"gst": 0.5, "state": -0.5}) and list(got.index) == ["gst", "state"]
    tied = pd.DataFrame(
        {"function": "staff", "tier": ["b", "a", "d", "c"], "de_jure": [1, 1, None, 2], "de_facto": [0, 0, 1, 0]}
    )
    assert list(autonomy_gap(tied).index) == ["c", "a", "b", "d"]
    assert isnan(autonomy_gap(tied)["d"])
    nullable = grid().astype({"de_jure": "Int64", "de_facto": "Int64"})
    assert autonomy_gap(nullable).to_dict() == close(autonomy_gap(grid()).to_dict())


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (
            lambda: check_grid(grid(tier=["gst", "village", "gst", "state", "state"])),
            "grid: 'village' in row 1, field 'tier', is none of 'state', 'regional_council', 'gst', 'establishment'",
        ),
        (
            lambda: decision_space(grid(de_jure=[0, 1, 2, 2, 3]), "gst"),
            "grid: 3 in row 4, field 'de_jure', is not a level",
        ),
        (lambda: autonomy_gap(grid(de_facto=[0, -1, 2, 2, 2])), "grid: -1 in row 1, field 'de_facto', is not a level"),
        (
            lambda: check_grid(grid(de_jure=[0, "wide", 2, 2, 1])),
            "grid: 'wide' in row 1, field 'de_jure', is not a level",
        ),
        (
            lambda: check_grid(grid(function=["map", "budget", "map", "staff", "budget"])),
            "grid: 'map' of 'gst' in row 2, field 'function', stands twice",
        ),
        (lambda: check_grid(grid().drop(columns="tier")), "grid: there is no column 'tier'"),
        (lambda: decision_space(grid(), "wilaya"), "tier: 'wilaya' is none of 'gst', 'state'"),
        (lambda: decision_space(grid(), "gst", column="law"), "column: 'law' is none of 'de_jure', 'de_facto'"),
        (lambda: decision_space(grid(), "gst", {"staff": 1, "map": 1}), "weights: there is no weight for 'budget'"),
        (lambda: decision_bounds(grid(), "gst", {"staff": 1, "map": 1, "budget": -1}), "weights: -1 is negative"),
        (lambda: decision_bounds(grid(), "gst", most=3), "most: 3 is no level"),
    ],
)
def test_a_bad_grid_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_the_books_grid_is_sound_and_says_what_was_not_read():
    table = check_grid(load("decision_space"))
    assert len(table) == 4 * 10 and not table.duplicated(["function", "tier"]).any()
    read = table["de_jure"].notna()
    assert (table["article"].notna() == read).all() and (table["document"].notna() == read).all()
    assumed = table["de_facto"].notna()
    assert (table["de_facto_status"].eq("assumed") == assumed).all() and (table["practice"].notna() == assumed).all()
    assert table.loc[table["function"] == "revenue", "de_jure"].isna().all()  # claim A59: the clause was not opened
    oversight = table["tier"].isin(["gst", "establishment"]) & read
    assert table.loc[oversight, "de_jure"].max() <= 1  # under State oversight


# --- centre or regions ------------------------------------------------------------------------------------------------


def test_the_curriculums_case_and_a_root_finder():
    theta = [1, 2, 4, 5]
    assert welfare(theta, 0.5, 2, 0.5) == close((-10, -6))
    star = capacity_threshold(theta, 2, 0.5)
    assert star == close(1 - np.sqrt(0.5))
    assert star == close(brentq(lambda c: np.subtract(*welfare(theta, c, 2, 0.5)), 0, 1, xtol=1e-14))
    assert star != pytest.approx(0.158, abs=0.01)  # what the variance of a sample would give


@many
@given(needs, share, positive, st.floats(0, 20))
def test_regions_do_better_just_above_the_threshold_and_worse_just_below(theta, capacity, kappa, spill):
    star = capacity_threshold(theta, kappa, spill)
    centre, regions = welfare(theta, capacity, kappa, spill)
    assert 0 <= star <= 1
    if abs(capacity - star) > 1e-6 and np.var(theta) - spill > 1e-9:
        assert (regions > centre) == (capacity > star)
    if spill >= np.var(theta):
        assert star == 1 and regions <= centre + 1e-9
    assert capacity_threshold(np.add(theta, 3), kappa, spill) == close(star, abs=1e-6)
    assert capacity_threshold(np.multiply(theta, 2), 2 * kappa, 4 * spill) == close(star, abs=1e-6)


def test_edges_of_the_threshold():
    assert capacity_threshold([1, 2, 4, 5], 2, 2.5) == 1  # spillover as large as the spread
    assert capacity_threshold([1, 2, 4, 5], 0, 0.5) == 0  # regions never miss
    assert capacity_threshold([1, 2, 4, 5], 0, 3) == 1
    assert capacity_threshold([1, 2, 4, 5], 1, 0) == 0  # sqrt(2.5) > 1: whatever their capacity
    assert capacity_threshold([3], 2, 0) == 1 and capacity_threshold([0.1, 0.1, 0.1], 1, 0) == 1  # all alike
    assert capacity_threshold([1, 2, 4, 5], [2, 0], [0.5, 0.5]).tolist() == close([1 - np.sqrt(0.5), 0])


def test_each_region_may_have_its_own_capacity():
    assert welfare([1, 2, 4, 5], [1, 1, 0, 0], 2, 0.5) == close((-10, -2 * 4 - 2))
    assert welfare([1, 2, 4, 5], pd.Series([0.5] * 4, index=[3, 1, 0, 9]), 2, 0.5) == close((-10, -6))


# --- what a payment buys ----------------------------------------------------------------------------------------------


@many
@given(st.floats(0, 20), positive, st.floats(0, 10), st.floats(0.05, 1), st.floats(0, 12))
def test_activity_is_what_a_provider_would_choose(a, b, c, beta, r):
    """Brute force: the largest of (r - c) q + beta (a q - b q² / 2) over q."""
    got = activity(a, b, c, beta, r)
    most = (a + 12 / 0.05) / b + 1
    found = minimize_scalar(
        lambda q: -((r - c) * q + beta * (a * q - b * q * q / 2)), bounds=(0, most), method="bounded"
    )
    worth = (r - c) * got + beta * (a * got - b * got * got / 2)
    assert worth >= -found.fun - 1e-9 and got == pytest.approx(found.x, abs=1e-2)
    assert activity(a, b, c, beta, optimal_price(c, beta)) == close(efficient_activity(a, b, c))


def test_the_three_ways_of_paying():
    assert activity(10, 1, 4, 0.5, [6, 0, 2]).tolist() == [14, 2, 6]
    assert (efficient_activity(10, 1, 4), optimal_price(4, 0.5), optimal_price(4, 1)) == (6, 2, 0)
    assert activity(10, 1, 4, 0.25, 0) == 0 and efficient_activity(2, 1, 4) == 0  # never below 0


# --- who bears the risk -----------------------------------------------------------------------------------------------

NPV = [
    # numpy-financial 1.0.0, test_financial.py (test_npv, test_npv_decimal); its manual; NumPy 1.10 to 1.17 (Gitman)
    (0.05, [-15000, 1500, 2500, 3500, 4500, 6000], 122.894854950942692),
    (0.08, [-40000, 5000, 8000, 12000, 30000], 3065.22267),
    (0.281, [-100, 39, 59, 55, 20], -0.00847859163845488),
    # the same streams in apache/poi #256, ebradyjobory/finance.js #20 and marksweston/finance #44, first flow now
    (0.08, [-1000, 500, 300, 800], 355.2304018697),
    (0.10, [-500000, 200000, 300000, 200000], 80015.0263),
    (0.045, [1, 2, 3], 5.661065),
]


@pytest.mark.parametrize(("rate", "flows", "value"), NPV)
def test_published_present_values(rate, flows, value):
    assert npv(flows, rate) == pytest.approx(value, rel=2e-7, abs=1e-12)
    assert ppp_npv(flows, np.zeros(len(flows)), rate, 0, 0.5, 0.5) == pytest.approx(value, rel=2e-7, abs=1e-12)
    # what a spreadsheet's NPV gives is smaller by one year
    assert npv([0, *flows], rate) == close(npv(flows, rate) / (1 + rate))


GREEN_BOOK = {1: 0.9662, 2: 0.9335, 3: 0.9019, 5: 0.8420, 10: 0.7089, 20: 0.5026, 30: 0.3563}


@pytest.mark.parametrize(("year", "factor"), GREEN_BOOK.items())
def test_discount_factors_of_the_green_book(year, factor):
    """HM Treasury, The Green Book, table of discount factors at 3.5%."""
    assert round(npv([0] * year + [1], 0.035), 4) == factor


def test_the_risk_is_a_share_of_the_public_stream():
    streams = {"public": [100] * 3, "ppp": [108] * 3, "rate": 0.035, "p_overrun": 0.4, "overrun": 0.5}
    assert ppp_npv(**streams, transferred=0.75) == close(20.2979, abs=5e-5)
    assert ppp_npv(**streams, transferred=0) == close(-23.1976, abs=5e-5)
    assert ppp_npv(**streams, transferred=0.75) != pytest.approx(19.1380, abs=1e-3)  # the partner's own stream
    assert break_even_transfer(**streams) == close(0.4)
    assert ppp_npv(**streams, transferred=0.4) == close(0, abs=1e-9)


@many
@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=8),
    st.floats(-0.1, 0.5), share, share, share,
)  # fmt: skip
def test_present_values_by_a_loop(streams, rate, p, size, borne):
    total = 0.0
    for year, (public, ppp) in enumerate(streams):
        risk = p * size * public
        total += ((public + risk) - (ppp + (1 - borne) * risk)) / (1 + rate) ** year
    public, ppp = zip(*streams, strict=True)
    assert ppp_npv(public, ppp, rate, p, size, borne) == close(total, rel=1e-9, abs=1e-7)


@many
@given(st.floats(80, 200), st.floats(0.1, 1), st.floats(0.1, 1))
def test_at_the_break_even_transfer_the_two_ways_cost_the_same(fee, p, size):
    needed = break_even_transfer([100, 100], [fee, fee], 0.05, p, size)
    if needed == 0:
        assert ppp_npv([100, 100], [fee, fee], 0.05, p, size, 0) >= -1e-9
    elif needed == inf:
        assert ppp_npv([100, 100], [fee, fee], 0.05, p, size, 1) < 1e-9
    else:
        assert ppp_npv([100, 100], [fee, fee], 0.05, p, size, min(needed, 1)) == close(0, abs=1e-7)


def test_many_projects_in_one_call():
    projects = load("synth_ppp_projects")
    wide = {name: projects.pivot(index="project", columns="year", values=name) for name in ("public", "ppp")}
    terms = projects.groupby("project")[["p_overrun", "overrun", "transferred_stated"]].first()
    got = ppp_npv(wide["public"], wide["ppp"], 0.05, *(terms[c] for c in terms))
    one = projects[projects["project"] == "P07"]
    alone = ppp_npv(one["public"], one["ppp"], 0.05, *(terms.loc["P07", c] for c in terms))
    assert got.shape == (30,) and got[6] == close(alone)


def test_no_discount_and_no_risk():
    assert ppp_npv([1, 2], [2, 2], 0, 0.5, 0.2, 1) == close(-1 + 0.3)
    assert break_even_transfer([100], [101], 0.05, 0, 0.5) == inf
    assert break_even_transfer([100], [100], 0.05, 0, 0.5) == 0


DELTAS = [0, 0.25, 0.5, 0.9, 1, 1.5]


def test_how_hard_a_cost_is_cut():
    got = cost_effort(DELTAS)
    assert got["efficient"].tolist() == close([1, 0.5625, 0.25, 0.01, 0, 0])
    assert got["private"].tolist() == [1] * 6
    assert got["public"].tolist() == close(
        [0.25, 0.140625, 0.0625, 0.0025, 0, 0]
    )  # 0 at 1.5, where it would rise again


@pytest.mark.parametrize("delta", DELTAS)
def test_efforts_are_what_each_owner_would_choose(delta):
    effort = np.linspace(0, 1.5, 600_001)
    root = np.sqrt(effort)
    got = cost_effort(delta)
    for who, gain in {
        "efficient": 2 * root - 2 * delta * root - effort,
        "private": 2 * root - effort,
        "public": (2 * root - 2 * delta * root) / 2 - effort,
    }.items():
        assert got[who] == pytest.approx(effort[np.argmax(gain)], abs=1e-4), who


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: welfare([], 0.5, 1, 0), "theta: needs one value a region, but its shape is"),
        (lambda: welfare([1, 2], [0.5, 0.5, 0.5], 1, 0), "capacity: has 3 values, where 1 or 2 are needed"),
        (lambda: welfare([1, 2], 1.5, 1, 0), "capacity: 1.5 is not between 0 and 1"),
        (lambda: welfare([1, nan], 0.5, 1, 0), "theta: nan is not finite"),
        (lambda: welfare([1, 2], 0.5, -1, 0), "kappa: -1 is not a finite number at least 0"),
        (lambda: capacity_threshold([1, 2], 1, -0.1), "spill: -0.1 is negative"),
        (lambda: activity(10, 1, 4, 0, 2), "beta: 0 is not above 0 and at most 1"),
        (lambda: optimal_price(4, 1.2), "beta: 1.2 is not above 0 and at most 1"),
        (lambda: activity(10, 0, 4, 0.5, 2), "b: 0 is not above 0"),
        (lambda: activity(10, 1, 4, 0.5, -2), "r: -2 is negative"),
        (lambda: efficient_activity(10, 1, -4), "c: -4 is negative"),
        (lambda: ppp_npv([1, 2], [1, 2, 3], 0.05, 0, 0, 0), "ppp: has 3 years, but public has 2"),
        (lambda: ppp_npv([1], [1], -1, 0, 0, 0), "rate: -1 is not above -1"),
        (lambda: ppp_npv([1], [1], 0.05, 1.5, 0, 0), "p_overrun: 1.5 is not a probability"),
        (lambda: ppp_npv([1], [1], 0.05, 0.5, -0.1, 0), "overrun: -0.1 is negative"),
        (lambda: ppp_npv([1], [1], 0.05, 0.5, 0.1, 2), "transferred: 2 is not a share"),
        (lambda: npv([], 0.05), "flows: needs one value a year"),
        (lambda: break_even_transfer([0], [1], 0.05, 0.5, 0.1), "public: 0 is the present value"),
        (lambda: cost_effort(-0.1), "delta: -0.1 is negative"),
    ],
)
def test_what_makes_no_sense_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_nothing_that_is_passed_in_is_changed():
    paid, spent, size = np.array([2.0, 0, 6]), np.array([10.0, 20, 30]), np.array([1.0, 2, 3])
    kept = paid.copy(), spent.copy(), size.copy()
    catastrophic(paid, spent, 0.1, size)
    concentration_of_headcount(paid, spent, size)
    assert all(np.array_equal(now, before) for now, before in zip((paid, spent, size), kept, strict=True))
    table = load("decision_space")
    before = table.copy()
    autonomy_gap(table), decision_bounds(table, "gst")
    assert table.equals(before)


def test_a_country_of_households_in_one_call():
    """The speed that the benchmark measures, at a tenth of its size and with room for a busy machine."""
    rng = np.random.default_rng(4)
    spent = rng.lognormal(10, 0.6, 1_000_000)
    paid, w = spent * rng.beta(1, 15, 1_000_000), rng.uniform(0.2, 5, 1_000_000)
    started = time.perf_counter()
    got = catastrophic(paid, spent, 0.1, w)
    assert time.perf_counter() - started < 2
    assert 0.1 < got["headcount"] < 0.4
