"""The methods of chapter 3, held against outside numbers, other libraries and what must be true of them."""

import doctest
import json
import time
from itertools import pairwise
from math import inf, isnan, nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import chi2_contingency, norm
from statsmodels.stats.proportion import proportions_chisquare

from integrated_care import load
from integrated_care import variation as methods
from integrated_care.variation import (
    expected_flips,
    funnel,
    heaping_index,
    league,
    moving_ranges,
    multitask,
    p_limits,
    p_prime_limits,
    rag,
    rag_flips,
    signals,
    stable_flip_rate,
    xmr,
    xmr_rows,
)

CHARTS = json.loads((Path(__file__).parent / "fixtures" / "control_charts.json").read_text(encoding="utf-8"))
# The same examples on every run; enough to find each fault that was planted, few enough to stay quick.
many = settings(max_examples=40, deadline=None, derandomize=True)
# Tenths, so that no point lies within rounding of a line unless it lies on it.
tenths = st.integers(-400, 400).map(lambda k: k / 10)
series = st.lists(st.one_of(tenths, st.just(nan)), min_size=2, max_size=25)


def close(value, **how):
    return pytest.approx(value, **({"rel": 1e-9, "abs": 1e-9} | how), nan_ok=True)


def test_examples_in_the_docstrings():
    result = doctest.testmod(methods)
    assert result.attempted > 14 and result.failed == 0


# --- XmR --------------------------------------------------------------------------------------------------------------


def test_xmr_of_the_nist_handbook():
    """NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2, flow rate; printed with 3/1.128, here with 2.66."""
    flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    mean, low, high = xmr(flow)
    assert mean == close(50.81)
    assert moving_ranges(flow).mean() == pytest.approx(1.8778, abs=5e-5)
    half = 55.8041 - 50.81
    assert (high - mean, mean - low) == pytest.approx((half, half), rel=1e-3)
    assert (low, high) == pytest.approx((45.8151, 55.8049), abs=5e-5)


def test_xmr_of_montgomery_with_frozen_limits():
    """Montgomery, table 6.7, as qicharts2 0.8.1 has it: limits of the first 20 weeks, applied to 40."""
    weeks = CHARTS["xmr_cost_weeks"]
    mean, low, high = xmr(weeks["x"], baseline=20)
    assert mean == close(weeks["mean"])
    assert moving_ranges(weeks["x"][:20]).mean() == close(weeks["mr_bar"])
    assert (low, high) == close((weeks["lcl_2.66"], weeks["ucl_2.66"]))
    assert (low, high) == pytest.approx((weeks["lcl_1.128"], weeks["ucl_1.128"]), abs=1e-3 * (high - mean))
    found = signals(weeks["x"], mean, low, high)
    assert np.flatnonzero(found["beyond"]).tolist() == weeks["beyond_0based"]
    # no point lies on the line, so the longest run is that of qicharts2, too
    longest = [run for run in range(1, 41) if signals(weeks["x"], mean, low, high, run)["run"].any()]
    assert max(longest) == weeks["longest_run"]


def test_the_chart_of_all_weeks_hides_what_the_frozen_one_shows():
    """Limits that are worked out anew widen with the special cause: the reason for a baseline."""
    weeks = CHARTS["xmr_cost_weeks"]["x"]
    frozen, anew = xmr(weeks, baseline=20), xmr(weeks)
    assert anew[2] > frozen[2]


def test_the_limits_are_not_three_standard_deviations():
    wild = [10, 30, 10, 30, 10, 30]
    assert xmr(wild)[2] == close(20 + 2.66 * 20)
    slow = [10, 10, 10, 30, 30, 30]
    assert xmr(slow)[2] == close(20 + 2.66 * 4)
    assert np.std(wild) == np.std(slow)


def test_no_moving_range_crosses_a_gap():
    assert moving_ranges([1, 2, nan, 50, 51]) == close([1, nan, nan, 1])
    mean, _, high = xmr([1, 2, nan, 50, 51])
    assert (mean, high - mean) == close((26, 2.66))
    assert xmr([1, nan, 5, nan, 9]) == close((5, nan, nan))
    assert xmr([7]) == close((7, nan, nan))
    assert xmr([]) == close((nan, nan, nan))
    assert xmr([nan, nan]) == close((nan, nan, nan))
    assert xmr([5, 5, 5]) == close((5, 5, 5))


@many
@given(series, st.sampled_from([0.25, 2.0, 8.0, 1024.0]), st.integers(-3000, 3000))
def test_signals_do_not_change_when_the_series_is_shifted_or_scaled(x, scale, shift):
    x = np.array(x)
    before, after = signals(x, *xmr(x), run=5), signals(scale * x + shift, *xmr(scale * x + shift), run=5)
    assert before["beyond"].tolist() == after["beyond"].tolist()
    assert before["run"].tolist() == after["run"].tolist()
    mirrored = signals(-x, *xmr(-x), run=5)
    assert (before["beyond"] == mirrored["beyond"]).all() and (before["run"] == mirrored["run"]).all()
    assert xmr(scale * x + shift) == close(tuple(scale * limit + shift for limit in xmr(x)), rel=1e-9, abs=1e-6)


@many
@given(series)
def test_a_series_in_reverse_has_the_same_limits_and_its_signals_in_reverse(x):
    forward, back = signals(x, *xmr(x), run=4), signals(x[::-1], *xmr(x[::-1]), run=4)
    assert xmr(x[::-1]) == close(xmr(x))
    assert all(forward[rule].tolist() == back[rule].tolist()[::-1] for rule in ("beyond", "run"))


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_the_unit_of_a_series_decides_nothing(scale):
    """A margin for rounding that did not grow with the series would swallow a small one whole."""
    x = scale * np.array([1, 2, 1, 2, 1, 2, 30])
    assert np.flatnonzero(signals(x, *xmr(x[:-1]))["beyond"]).tolist() == [6]


# --- runs and points --------------------------------------------------------------------------------------------------

# NHSRplotthedots (050b07d), test-ptd_calculate_point_type.R: seven on one side, joined with part-of-seven
RULES = [
    ([1] * 6, []),
    ([1] * 6 + [-1], []),
    ([1] * 8 + [-1], list(range(8))),
    ([-1] * 8 + [1], list(range(8))),
]


@pytest.mark.parametrize(("sides", "flagged"), RULES)
def test_runs_of_seven_are_those_of_plot_the_dots(sides, flagged):
    assert np.flatnonzero(signals(sides, 0, -9, 9, run=7)["run"]).tolist() == flagged


def test_runs_at_the_ends_on_the_line_and_round_a_gap():
    def run(x):
        return "".join(".R"[int(flag)] for flag in signals(x, 0, -9, 9, run=3)["run"])

    assert run([-1, 1, 1, 1]) == ".RRR"
    assert run([1, 1, 0, 1, 1]) == "....."  # a point on the line breaks a run
    assert run([1, 1, nan, 1]) == "...."
    assert run([1, 1, 1, -1, -1, -1]) == "RRRRRR"
    assert run([1, -1, 1, -1]) == "...."
    assert run([]) == ""


@pytest.mark.parametrize(("name", "longest"), [("p_varying_n", 5), ("c_chart", 8)])
def test_longest_runs_of_qicharts2_where_no_point_lies_on_its_line(name, longest):
    chart = CHARTS[name]
    if name == "c_chart":
        x, centre = np.delete(np.array(chart["x"], float), chart["excluded_0based"]), chart["cl"]
    else:
        found = p_limits(chart["num"], chart["den"])
        x, centre = found["p"], found["cl"]
    assert max(run for run in range(1, 30) if signals(x, centre, nan, nan, run)["run"].any()) == longest


def test_a_point_on_a_limit_is_not_beyond_it():
    """0.1 + 0.2 is not 0.3 in binary: a limit that is reached by arithmetic is still reached, not passed."""
    assert not signals([0.1 + 0.2, -(0.1 + 0.2)], 0, -0.3, 0.3)["beyond"].any()
    assert signals([0.30001], 0, -0.3, 0.3)["beyond"].all()


def test_two_points_near_opposite_limits_are_two_matters():
    """NHSRplotthedots#143: a rule about one side must look at the side."""
    assert not signals([2.9, -2.9, 2.9], 0, -3, 3, run=2)["run"].any()


def test_one_huge_month_is_neither_dropped_nor_forgotten():
    """NHSRplotthedots#152: some programs screen outliers; here every month is in the mean and in the ranges."""
    x = [10, 11, 10, 11, 10, 500, 10, 11, 10, 11]
    assert xmr(x)[0] == close(np.mean(x)) and xmr(x)[2] - xmr(x)[0] == close(2.66 * np.abs(np.diff(x)).mean())


def test_limits_may_change_from_point_to_point_and_from_series_to_series():
    x = np.array([[1.0, 5, 9], [1, 5, 9]])
    by_series = signals(x, [5, 5], [2, 0], [8, 10])["beyond"]
    assert by_series.tolist() == [[True, False, True], [False, False, False]]
    by_point = signals(x[0], 5, [0, 6, 0], [10, 10, 8])["beyond"]
    assert by_point.tolist() == [False, True, True]
    assert not signals([1, 50], 5, nan, nan)["beyond"].any()


@many
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(2, 40))
def test_many_series_in_one_call_are_each_by_itself(seed, units, months):
    rng = np.random.default_rng(seed)
    x = np.where(rng.random((units, months)) < 0.9, rng.integers(0, 12, (units, months)) / 2.0, nan)
    together = xmr(x)
    found = signals(x, *together, run=4)
    for i, row in enumerate(x):
        assert [limit[i] for limit in together] == close(list(xmr(row)))
        alone = signals(row, *xmr(row), run=4)
        assert all(found[rule][i].tolist() == alone[rule].tolist() for rule in alone)


@many
@given(series, st.integers(1, 6))
def test_runs_are_those_of_a_loop(x, run):
    """A second way: cut the series where the side changes, and flag pieces that are long enough."""
    cl = xmr(x)[0]
    assume(not isnan(cl))
    sides = [0 if isnan(v) or abs(v - cl) < 1e-9 else (1 if v > cl else -1) for v in x]
    flagged, start = [False] * len(x), 0
    for i in range(1, len(x) + 1):
        if i == len(x) or sides[i] != sides[start]:
            if sides[start] and i - start >= run:
                flagged[start:i] = [True] * (i - start)
            start = i
    assert signals(x, cl, nan, nan, run)["run"].tolist() == flagged


def test_the_long_form_has_the_chart_of_every_unit():
    table = pd.DataFrame(
        [[10, 12, 11, nan, 13], [1, 1, 1, 1, 6.0]], index=["a", "b"], columns=["m1", "m2", "m3", "m4", "m5"]
    )
    rows = xmr_rows(table, run=4)
    assert rows["unit"].tolist() == ["a"] * 5 + ["b"] * 5 and rows["month"].tolist() == list(table.columns) * 2
    for unit, part in rows.groupby("unit"):
        alone = xmr(table.loc[unit])
        assert part[["cl", "lcl", "ucl"]].iloc[0].tolist() == close(list(alone))
        assert part["value"].tolist() == close(table.loc[unit].tolist())
    flagged = {
        rule: rows.loc[rows[rule], ["unit", "month"]].to_numpy().tolist() for rule in ("run", "beyond", "signal")
    }
    assert flagged["run"] == [["b", month] for month in table.columns[:4]]
    assert flagged["beyond"] == [["b", "m5"]] and flagged["signal"] == flagged["run"] + flagged["beyond"]


# --- counts -----------------------------------------------------------------------------------------------------------


def test_p_chart_of_equal_counts():
    """Montgomery, example 7.1, and NIST 6.3.3.2: 30 samples of 50; qicharts2 ex_7.1_5.rds without two of them."""
    chart = CHARTS["p_constant_n"]
    num, den = np.array(chart["num"], float), np.full(30, 50.0)
    every = p_limits(num, den)
    assert (every["cl"][0], every["lcl"][0], every["ucl"][0]) == pytest.approx((0.2313, 0.0524, 0.4102), abs=5e-5)
    beyond = (every["p"] > every["ucl"]) | (every["p"] < every["lcl"])
    assert np.flatnonzero(beyond).tolist() == chart["all30"]["beyond_0based"]
    kept = np.delete(num, chart["all30"]["beyond_0based"])
    rest = p_limits(kept, den[:28])
    expected = chart["without_14_22"]
    assert (rest["cl"][0], rest["lcl"][0], rest["ucl"][0]) == close(
        [expected[k] for k in ("p", "lcl", "ucl")], rel=1e-12
    )


def test_p_chart_of_varying_counts():
    """Montgomery, table 7.4, as qicharts2 0.8.1 has it (tbl_7.4_1.rds)."""
    chart = CHARTS["p_varying_n"]
    found = p_limits(chart["num"], chart["den"])
    assert found["cl"] == close(np.full(25, chart["p"]), rel=1e-12)
    for name in ("lcl", "ucl"):
        assert found[name] == close(np.array(chart[name]), rel=1e-12)
    beyond = signals(found["p"], found["cl"], found["lcl"], found["ucl"])["beyond"]
    assert np.flatnonzero(beyond).tolist() == chart["beyond_0based"]
    assert found["cl"][0] != pytest.approx(np.mean(found["p"]), abs=1e-4)  # not the mean of the shares


def test_huge_counts_need_another_chart():
    """Mohammed et al. 2013, weekly visits of the English NHS, as in qicharts2: the published case for p′ or XmR."""
    weeks = CHARTS["nhs_accidents"]
    plain, wide = p_limits(weeks["num"], weeks["den"]), p_prime_limits(weeks["num"], weeks["den"])
    assert plain["cl"][0] == close(weeks["p"])

    def outside(chart):
        return int(signals(chart["p"], chart["cl"], chart["lcl"], chart["ucl"])["beyond"].sum())

    assert (outside(plain), outside(wide)) == (weeks["beyond_p_chart_3s"], weeks["beyond_p_prime"])
    assert wide["sigma_z"][0] == close(weeks["sigma_z_laney"])
    across = funnel(weeks["num"], weeks["den"])
    assert across["phi"] == close(weeks["phi"])
    assert int(across["outside_phi"].sum()) == weeks["beyond_after_sqrt_phi"]


def test_english_boards_month_by_month():
    """corrections of the curriculum: a p-chart flags 85% of the months of real boards, an XmR chart a quarter."""
    table = load("england_icb_ae_monthly")
    wide = {
        name: table.pivot(index="icb_name", columns="month", values=name)
        for name in ("total_attendances", "attendances_over_4hours")
    }
    months = pd.period_range("2022-04", "2025-07", freq="M").astype(str)
    den = wide["total_attendances"].reindex(columns=months)
    num = den - wide["attendances_over_4hours"].reindex(columns=months)
    plain = p_limits(num, den)
    beyond = signals(plain["p"], plain["cl"], plain["lcl"], plain["ucl"])["beyond"]
    assert (int(beyond.sum()), int(den.count().sum())) == (1358, 1596)
    assert int(signals(num / den, *xmr(num / den))["beyond"].sum()) == 404
    # Limits across the gap of two months would be others.
    assert xmr((num / den).iloc[0])[2] != close(xmr((num / den).iloc[0].dropna())[2], rel=1e-6)


def test_months_that_count_nobody():
    found = p_limits([8, 0, 9, nan], [10, 0, 10, 10])
    for name in ("p", "cl", "lcl", "ucl"):
        assert np.isnan(found[name]).tolist() == [False, True, False, True], name
    assert found["cl"][0] == close(17 / 20)
    nobody = p_limits([0, 0], [0, 0])
    assert all(np.isnan(nobody[name]).all() for name in nobody)
    assert p_limits([0, 1], [1, 1])["lcl"] == close([0, 0])
    assert isnan(p_prime_limits([3], [10])["sigma_z"][0])
    assert (p_prime_limits([3, 3], [10, 10])["lcl"] == 0.3).all()


# --- red, amber, green ------------------------------------------------------------------------------------------------


def test_colours_at_their_edges():
    assert rag([95, 94.9, 93, 92.9, nan], 95, 2).tolist() == ["green", "amber", "amber", "red", "none"]
    assert rag([5, 5.1, 7, 7.1], 5, 2, lower_is_better=True).tolist() == ["green", "amber", "amber", "red"]
    assert rag([0.1 + 0.2], 0.3, 0).tolist() == ["green"]
    assert rag([0.1 + 0.2], 0.3, 0, lower_is_better=True).tolist() == ["green"]
    assert rag([4.999], 5, 0).tolist() == ["red"]  # without a tolerance nothing is amber


@many
@given(st.lists(tenths, min_size=2, max_size=30), tenths, st.integers(0, 30).map(lambda k: k / 10))
def test_colours_and_flips_of_a_mirrored_series(x, target, tol):
    mirrored = [-v for v in x]
    assert rag(x, target, tol).tolist() == rag(mirrored, -target, tol, lower_is_better=True).tolist()
    colours = rag(x, target, tol)
    assert rag_flips(x, target, tol) == sum(a != b for a, b in pairwise(colours))
    assert rag_flips(x[::-1], target, tol) == rag_flips(x, target, tol)


def test_a_missing_month_is_no_flip():
    assert rag_flips([95, nan, 90, 95], 95, 1) == 1
    assert rag_flips([95], 95, 1) == 0
    assert rag_flips([[95, 90, 95], [95, 95, 95]], 95, 1).tolist() == [2, 0]


def test_flips_of_a_stable_process():
    """Derived: 12 (1 - the sum of squared shares); 7.30 a year at the target, and the same if everything is doubled."""
    assert expected_flips(95, 1, 95, 1) == pytest.approx(7.2997, abs=5e-5)
    assert expected_flips(96, 1, 95, 1) == pytest.approx(3.2778, abs=5e-5)
    assert expected_flips(95, 2, 95, 2) == close(expected_flips(95, 1, 95, 1))
    assert expected_flips(95, 0, 95, 1) == 0
    assert expected_flips([95, 96], 1, 95, 1) == close([expected_flips(95, 1, 95, 1), expected_flips(96, 1, 95, 1)])


@pytest.mark.parametrize(("mu", "tol"), [(95, 1), (96, 1), (94, 0), (93.5, 2)])
def test_drawn_flips_are_the_expected_ones(mu, tol):
    shares = np.diff(norm.cdf([-inf, 95 - tol, 95, inf], mu, 1))
    assert expected_flips(mu, 1, 95, tol) == close(12 * (1 - (shares**2).sum()))
    assert stable_flip_rate(mu, 1, 95, tol, n=200_000, seed=4) == pytest.approx(expected_flips(mu, 1, 95, tol), abs=0.1)


def test_drawn_flips_repeat_with_their_seed():
    first, again, other = (stable_flip_rate(95, 1, 95, 1, n=60, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    assert stable_flip_rate(95, 0, 95, 1, n=60, seed=1) == 0


# --- funnels ----------------------------------------------------------------------------------------------------------


def test_phi_is_the_chi_square_of_equal_shares():
    """statsmodels 0.15, test_proportion.py, after R's prop.test: chi-square 11.11938768628861 of four shares."""
    num, den = [73, 90, 114, 75], [86, 93, 136, 82]
    assert 4 * funnel(num, den)["phi"] == close(11.11938768628861, rel=1e-12)
    assert funnel(num, den)["phi"] == pytest.approx(2.7798469216, abs=5e-11)
    assert 4 * funnel(num, den)["phi"] == close(proportions_chisquare(num, den)[0])


def test_the_fourth_patient_group_of_fleiss():
    """Fleiss 1981, p. 139, as in R's prop.test: chi-square 12.6; outside before, and inside after."""
    found = funnel([83, 90, 129, 70], [86, 93, 136, 82])
    assert 4 * found["phi"] == pytest.approx(12.600411, abs=5e-7)
    assert found["z"] == pytest.approx([1.0723, 1.2194, 0.5522, -3.1079], abs=5e-5)
    assert found["outside"].tolist() == [False, False, False, True]
    assert not found["outside_phi"].any()


@many
@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), min_size=2, max_size=12))
def test_phi_is_that_of_scipy(pairs):
    num, den = np.array([a for a, _ in pairs]), np.array([a + b for a, b in pairs])
    assert len(pairs) * funnel(num, den)["phi"] == close(chi2_contingency([num, den - num], correction=False)[0])


def test_limits_of_public_health_england():
    """PHEindicatormethods 2.1.0, testdata_funnel_*: per cent at three sizes; their "3s" is 99.8%, z = 3.090232."""
    centre = 10325813.8504 / 12804440
    printed = {
        1.959964: [(56.154344, 100), (77.475765, 83.809131), (80.408963, 80.875933)],
        3.090232: [(42.032590, 100), (75.649608, 85.635287), (80.274317, 81.010578)],
    }
    den = np.array([10, 598, 110_000, 1e12])  # the last unit holds the centre
    for z, limits in printed.items():
        found = funnel(centre * den, den, z=z)
        assert 100 * np.column_stack([found["lcl"], found["ucl"]])[:3] == pytest.approx(np.array(limits), abs=5e-6)
    ours = funnel(centre * den, den)
    assert 100 * ours["lcl"][:3] == pytest.approx([43.159967, 75.795395, 80.285066], abs=5e-6)


def test_a_funnel_of_one_month_of_english_boards():
    """Before the variation between boards is allowed for nearly all are outside, after it none."""
    month = load("england_icb_ae_monthly").query("month == '2025-07'")
    found = funnel(month["total_attendances"] - month["attendances_over_4hours"], month["total_attendances"])
    assert found["phi"] == pytest.approx(474.7, abs=0.05)
    assert (int(found["outside"].sum()), int(found["outside_phi"].sum())) == (36, 0)


def test_funnels_at_their_limits():
    calm = funnel([50, 51], [100, 100])
    assert calm["phi"] < 1 and (calm["lcl"] == calm["lcl_phi"]).all()  # never narrower
    sure = funnel([10, 20], [10, 20])
    assert isnan(sure["phi"]) and sure["cl"] == 1 and not sure["outside"].any() and not sure["outside_phi"].any()
    assert sure["lcl"] == close([1, 1])
    gap = funnel([5, 0, 9], [10, 0, 10])
    assert np.isnan(gap["p"]).tolist() == [False, True, False] and not gap["outside"][1]
    assert gap["phi"] == close(funnel([5, 9], [10, 10])["phi"])  # a unit that counted nobody is not among them
    both = funnel([[5, 9], [5, 5]], [[10, 10], [10, 10]])
    assert both["phi"] == close([funnel([5, 9], [10, 10])["phi"], 0]) and both["cl"].shape == (2,)


@many
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=12), st.integers(0, 2**16))
def test_the_order_of_units_decides_nothing(pairs, seed):
    num, den = np.array([a for a, _ in pairs]), np.array([a + b for a, b in pairs])
    order = np.random.default_rng(seed).permutation(len(pairs))
    found, mixed = funnel(num, den), funnel(num[order], den[order])
    assert (mixed["phi"], mixed["cl"]) == close((found["phi"], found["cl"]))
    assert found["outside_phi"][order].tolist() == mixed["outside_phi"].tolist()
    failed = funnel(den - num, den)  # counting the others turns the funnel upside down
    assert failed["phi"] == close(found["phi"]) and failed["outside"].tolist() == found["outside"].tolist()


def test_places_in_a_league():
    table = pd.DataFrame({"2019": [9, 8, 5, 5], "2020": [8, 9, nan, 5]}, index=list("abcd"))
    found = league(table)
    assert found["best"].tolist() == [1, 1, 3, 3] and found["worst"].tolist() == [2, 2, 3, 3]
    assert found["first"].tolist() == [1, 2, 3, 3] and found["last"].tolist() == close([2, 1, nan, 3])
    index = load("england_icb_health_index_2015_2021").pivot(index="icb_name", columns="year", values="overall_score")
    places = league(index)
    assert places["moved"].max() == 14 and (places["signals"] > 0).sum() == 4


# --- effort -----------------------------------------------------------------------------------------------------------

# Holmström and Milgrom's first-order conditions; bounded optimum of scipy 1.17
EFFORTS = [
    ((1, 0.5, 0.4), (0.95238, 0.11905)),
    ((1.5, 0.5, 0.4), (1.5, 0)),
    ((0.1, 1, 0.4), (0, 1)),
    ((0.7, 0.7, 0.3), (0.53846, 0.53846)),
    ((1, 1, 0), (1, 1)),
]


@pytest.mark.parametrize(("given", "efforts"), EFFORTS)
def test_efforts(given, efforts):
    assert multitask(*given) == pytest.approx(efforts, abs=1e-5)


@many
@given(st.floats(0, 2), st.floats(0, 2), st.floats(0, 0.95))
def test_efforts_are_the_best_that_can_be_chosen(b, m, gamma):
    def loss(e):
        return -(b * e[0] + m * e[1] - e[0] ** 2 / 2 - e[1] ** 2 / 2 - gamma * e[0] * e[1])

    ours = multitask(b, m, gamma)
    found = minimize(loss, [0.5, 0.5], bounds=[(0, None)] * 2, options={"ftol": 1e-14})
    assert loss(ours) <= found.fun + 1e-9
    assert multitask(m, b, gamma) == close(ours[::-1])  # the names of the two efforts decide nothing


def test_corners_begin_where_they_are_said_to():
    assert multitask(0.5 / 0.4, 0.5, 0.4) == close((1.25, 0))
    assert multitask(1.2, 0.5, 0.4)[1] > 0
    assert multitask(0, 0, 0.4) == (0, 0) and multitask(3, 0.2, 0) == (3, close(0.2))
    many_b = multitask(np.array([0.1, 1, 2]), 0.5, 0.4)
    assert many_b[0].shape == (3,) and many_b[1] == close(np.array([multitask(b, 0.5, 0.4)[1] for b in (0.1, 1, 2)]))


# --- heaps ------------------------------------------------------------------------------------------------------------


@many
@given(st.integers(1, 30), st.integers(0, 30), st.integers(100, 400))
def test_heaps_of_known_size(each, more, cut):
    """Derived: uniform minutes give 1; k more in the window of u give (u + k) / u."""
    minutes = np.repeat(np.arange(cut - 60, cut + 60), each)
    assert heaping_index(minutes, cut) == 1
    heaped = np.r_[minutes, np.full(more, cut - 1)]
    assert heaping_index(heaped, cut) == close((5 * each + more) / (5 * each))
    assert heaping_index(heaped + 33, cut + 33) == close(heaping_index(heaped, cut))


def test_edges_of_the_windows():
    assert heaping_index([240, 241, 239], 240, 5) == close(1)  # exactly 240 is in the upper window
    assert heaping_index([235, 234], 240, 5) == close(2)
    assert heaping_index([230, 229.9, 238], 240, 5) == close(2)
    assert heaping_index([244.9, 245, 238], 240, 5) == close(2)
    assert isnan(heaping_index([238, 239])) and isnan(heaping_index([]))
    assert heaping_index([232, nan, 241]) == 0


# --- refusals ---------------------------------------------------------------------------------------------------------

REFUSED = [
    (xmr, (5,), "x: needs one value a month"),
    (xmr, ([1, inf],), "x: inf is not finite"),
    (xmr, (["much"],), "x: not a number"),
    (xmr, ([1, 2], 0), "baseline: 0 is not a whole number from 1 on"),
    (moving_ranges, ([1, -inf],), "x: -inf is not finite"),
    (signals, ([1], 0, 0, 0, 0), "run: 0 is not a whole number from 1 on"),
    (signals, ([1], 0, 0, 0, 2.5), "run: 2.5 is not a whole number"),
    (signals, ([1, 2, 3], [0, 1], 0, 0), "cl: its shape (2,) does not go with x, (3,)"),
    (p_limits, ([1], [1, 2]), "den: its shape (2,) is not that of num, (1,)"),
    (p_limits, ([-1], [2]), "num: -1 is negative"),
    (p_limits, ([1], [-2]), "den: -2 is negative"),
    (p_limits, ([3], [2]), "num: 3 is more than den"),
    (p_prime_limits, ([1, 1], [2, 2], 0), "z: 0 is not a finite number above 0"),
    (funnel, ([3, 1], [2, 2]), "num: 3 is more than den"),
    (funnel, ([1], [2], nan), "z: nan is not a finite number above 0"),
    (rag, ([1], 1, -1), "tol: -1 is not a finite number at least 0"),
    (rag, ([1], nan, 1), "target: nan is not a finite number"),
    (rag_flips, (1, 1, 1), "x: needs one value a month"),
    (expected_flips, (95, -1, 95, 1), "sd: -1 is negative"),
    (expected_flips, (95, 1, 95, -1), "tol: -1 is negative"),
    (stable_flip_rate, (95, -1, 95, 1, 10, 0), "sd: -1 is not a finite number at least 0"),
    (stable_flip_rate, (95, 1, 95, 1, 1, 0), "n: 1 is not a whole number from 2 on"),
    (multitask, (-1, 1, 0.5), "b: -1 is negative"),
    (multitask, (1, -1, 0.5), "m: -1 is negative"),
    (multitask, (1, 1, 1), "gamma: 1 is not below 1"),
    (multitask, (1, 1, -0.1), "gamma: -0.1 is negative"),
    (heaping_index, ([-1],), "minutes: -1 is negative"),
    (heaping_index, ([1], 240, 0), "w: 0 is not a finite number above 0"),
    (league, (pd.DataFrame({"a": ["high"]}),), "scores: not a number"),
]


@pytest.mark.parametrize(("function", "arguments", "says"), REFUSED, ids=[f"{f.__name__}-{s}" for f, _, s in REFUSED])
def test_bad_input_is_named(function, arguments, says):
    with pytest.raises(ValueError) as refused:
        function(*arguments)
    assert str(refused.value).startswith(says)


def test_inputs_stay_as_they_were():
    x, den = np.array([3.0, nan, 5, 2]), np.array([9.0, 9, 9, 9])
    table = pd.DataFrame({"a": [1, 2], "b": [3, nan]})
    kept = x.copy(), den.copy(), table.copy()
    signals(x, *xmr(x))
    p_limits(x, den), p_prime_limits(x, den), funnel(x, den)
    rag(x, 4, 1), rag_flips(x, 4, 1), heaping_index(x)
    multitask(np.array([1.0]), x[:1], 0.2)
    league(table), xmr_rows(table)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip((x, den), kept[:2], strict=True))
    pd.testing.assert_frame_equal(table, kept[2])


def test_ten_thousand_series_take_no_time():
    """A tenth of a second on a laptop of 2024; the limit leaves room for a slow and busy machine."""
    x = np.random.default_rng(3).normal(size=(10_000, 120))
    start = time.perf_counter()
    found = signals(x, *xmr(x))
    assert found["run"].shape == x.shape
    assert time.perf_counter() - start < 5
