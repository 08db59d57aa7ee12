"""The methods of chapter 11, held against outside numbers, other libraries and what must be true of them."""

import doctest
import time
from math import inf, isnan, nan

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from linearmodels.panel import PanelOLS
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq
from scipy.special import lambertw
from scipy.stats import chi2, poisson
from statsmodels.stats.rates import confint_poisson

from integrated_care import load
from integrated_care import reform as methods
from integrated_care.reform import (
    breakeven_gain,
    breakeven_years,
    capability,
    cost_definitions,
    erlang_c,
    intervals,
    level_changes,
    mean_capability,
    payback_year,
    rate_ci,
    redundancy_path,
    steady_capability,
    two_way_slope,
    wait_minutes,
    wait_or_go,
)

# The same examples on every run; enough to find each fault that was planted, few enough to stay quick.
many = settings(max_examples=40, deadline=None, derandomize=True)
shares, years = st.floats(0, 1), st.floats(0.1, 20)
MODEL = st.floats(0.02, 0.9), st.floats(0.2, 10), st.floats(0, 4)  # loss, recovery time, pause


def close(value, **how):
    return pytest.approx(value, **({"rel": 1e-9, "abs": 1e-9} | how), nan_ok=True)


def test_examples_in_the_docstrings():
    result = doctest.testmod(methods)
    assert result.attempted > 12 and result.failed == 0


# --- how often --------------------------------------------------------------------------------------------------------


def test_reorganisations_of_the_english_nhs():
    gaps = intervals(load("nhs_reorganisations")["start_year"])
    assert gaps.tolist() == [26, 8, 9, 5, 6, 4, 7, 9, 4]
    assert np.median(gaps) == 7
    assert gaps.mean() == close(78 / 9)
    assert rate_ci(9, 78) == close((9 / 78, 0.0528, 0.2190), abs=5e-5)
    assert rate_ci(10, 78)[1:] == close((0.0615, 0.2358), abs=5e-5)


# 95% limits of a count, from the tables that descend from Garwood (1936)
GARWOOD = {0: (0, 3.689), 1: (0.0253, 5.572), 2: (0.242, 7.225), 5: (1.623, 11.668), 10: (4.795, 18.390)}


@pytest.mark.parametrize(("n", "limits"), GARWOOD.items())
def test_published_limits_of_a_poisson_count(n, limits):
    assert rate_ci(n, 1)[1:] == pytest.approx(limits, abs=6e-4)


@many
@given(st.integers(0, 60), years, st.floats(0.5, 0.99))
def test_exact_interval_is_that_of_statsmodels_and_scipy(n, watched, level):
    rate, low, high = rate_ci(n, watched, level)
    assert (low, high) == close(confint_poisson(n, watched, method="exact-c", alpha=1 - level), rel=1e-7)
    tail = (1 - level) / 2
    assert poisson.cdf(n, high * watched) == close(tail, rel=1e-7)
    assert n == 0 or poisson.sf(n - 1, low * watched) == close(tail, rel=1e-7)
    assert low <= rate <= high


@pytest.mark.parametrize("n", [0, 1, 2, 9, 40, 500, 20_000])
@pytest.mark.parametrize("level", [0.01, 0.5, 0.95, 1 - 1e-6])
def test_exact_interval_is_that_of_chi_square_quantiles(n, level):
    tail = (1 - level) / 2
    expected = (chi2.ppf(tail, 2 * n) / 2 if n else 0, chi2.isf(tail, 2 * n + 2) / 2)
    assert rate_ci(n, 1, level)[1:] == close(expected, rel=1e-9, abs=0)


@many
@given(st.lists(st.integers(1900, 2050), max_size=12), st.randoms())
def test_intervals_add_up_and_ignore_the_order(when, shuffle):
    gaps = intervals(when)
    assert len(gaps) == max(len(when) - 1, 0)
    assert gaps.sum() == (max(when) - min(when) if when else 0)
    other = list(when)
    shuffle.shuffle(other)
    assert intervals(other).tolist() == gaps.tolist()


# --- capability -------------------------------------------------------------------------------------------------------


def test_reference_path():
    path = capability([0, 1, 2.5, 4], [0, 1], 0.35, 3, 1.5)
    assert path == close([0.65, 0.4225, 0.4225, 1 - 0.5775 * np.exp(-0.5)])


MEANS = {2: 0.237, 3: 0.484, 5: 0.687, 7: 0.776, 9: 0.825, 12: 0.869, 17: 0.907, 26: 0.939}


@pytest.mark.parametrize(("interval", "mean"), MEANS.items())
def test_mean_capability_of_the_curriculum(interval, mean):
    assert mean_capability(interval, 0.35, 3, 1.5) == pytest.approx(mean, abs=5e-4)


def test_steady_capability_of_the_curriculum():
    assert steady_capability(5, 0.35, 3, 1.5) == pytest.approx(0.863, abs=5e-4)


@settings(many, max_examples=15)
@given(st.lists(st.floats(0, 12).map(lambda t: round(t, 2)), max_size=5), shares, *MODEL)
def test_path_is_that_of_a_general_solver(events, c0, delta, tau, pause):
    times = np.linspace(0, 15, 7)
    level, now, free, seen = c0, 0.0, 0.0, {}
    for stop in sorted({*events, *times}):
        if stop > max(now, free):
            start = max(now, free)
            level = solve_ivp(lambda _, c: (1 - c) / tau, (start, stop), [level], rtol=1e-9, atol=1e-11).y[0, -1]
        now = stop
        if stop in events:
            level, free = level * (1 - delta), stop + pause
        seen[stop] = level
    assert capability(times, events, delta, tau, pause, c0) == close([seen[t] for t in times], abs=1e-6)


@settings(many, max_examples=20)
@given(st.floats(0.5, 20), st.floats(0.1, 0.9), *MODEL[1:])
def test_many_cycles_end_in_the_steady_one(interval, delta, tau, pause):
    assume(interval - pause > 0.3 * tau or interval < pause)
    events = np.arange(160) * interval
    path = capability([events[-1] - 1e-9 * interval, events[-1]], events, delta, tau, pause)
    steady = steady_capability(interval, delta, tau, pause)
    assert path == close([steady, (1 - delta) * steady], abs=1e-6)
    steps = events[-2] + (np.arange(40_000) + 0.5) / 40_000 * interval
    mean = capability(steps, events, delta, tau, pause).mean()
    assert mean_capability(interval, delta, tau, pause) == close(mean, abs=1e-5)


@many
@given(
    st.lists(st.floats(0, 20), max_size=6),
    st.lists(st.floats(0, 30), min_size=1, max_size=6),
    st.floats(0.1, 12),
    *MODEL,
)
def test_unit_of_time_and_order_do_not_matter(events, times, unit, delta, tau, pause):
    path = capability(times, events, delta, tau, pause)
    assert ((path >= 0) & (path <= 1)).all()
    assert capability(times[::-1], [*events[::-1], *events], delta, tau, pause) == close(path[::-1])
    scaled = capability(np.multiply(times, unit), np.multiply(events, unit), delta, tau * unit, pause * unit)
    assume(not set(np.round(times, 9)) & set(np.round(events, 9)))  # a rounding may swap a time and its event
    assert scaled == close(path, abs=1e-7)


def test_draws_are_rows():
    delta, tau = np.array([0.2, 0.5, 0.35]), np.array([2.0, 5, 3])
    rows = capability([0, 1, 9], [0, 4], delta, tau, 1.5)
    assert rows.shape == (3, 3)
    for row, d, t in zip(rows, delta, tau, strict=True):
        assert capability([0, 1, 9], [0, 4], d, t, 1.5) == close(row)
    assert mean_capability(7, delta, tau, 1.5) == close(
        [mean_capability(7, d, t, 1.5) for d, t in zip(delta, tau, strict=True)]
    )


def test_limits_of_the_cycle():
    assert (
        steady_capability([1, 1.5], 0.35, 3, 1.5).tolist() == mean_capability([1, 1.5], 0.35, 3, 1.5).tolist() == [0, 0]
    )
    assert steady_capability([1, 9], 0, 3, 1.5).tolist() == mean_capability([1, 9], 0, 3, 1.5).tolist() == [1, 1]
    assert mean_capability(1e6, 0.35, 3, 1.5) == pytest.approx(1, abs=1e-5)


# --- break-even -------------------------------------------------------------------------------------------------------


def test_break_even_of_the_curriculum():
    assert breakeven_years([0.05, 0.1, 0.2], 0.35, 3, 1.5) == pytest.approx([33.1, 17.3, 8.9], abs=0.05)
    for within, gain in ((7, 0.252), (4, 0.388)):
        assert breakeven_gain(within, 0.35, 3, 1.5) == pytest.approx(gain, abs=5e-4)
        root = brentq(lambda g: breakeven_years(g, 0.35, 3, 1.5) - within, 0.1, 0.5)  # noqa: B023
        assert breakeven_gain(within, 0.35, 3, 1.5) == close(root)


def balance(t, gain, delta, tau, pause):
    """Sum of the differences up to t, by numerical integration of the path."""
    points = [pause] if 0 < pause < t else None
    area, _ = quad(
        lambda s: (1 + gain) * capability([s], [0], delta, tau, pause)[0] - 1, 0, t, points=points, limit=200
    )
    return area


@many
@given(st.floats(0.01, 0.8), *MODEL)
def test_gains_and_losses_add_up_to_nothing_there(gain, delta, tau, pause):
    at = breakeven_years(gain, delta, tau, pause)
    if gain >= delta / (1 - delta):
        assert at == 0
        return
    assert at >= pause
    assume(at > 0.05)
    assert balance(at, gain, delta, tau, pause) == pytest.approx(0, abs=1e-6 * (1 + at))
    assert balance(1.01 * at + 0.01, gain, delta, tau, pause) > 0
    assert balance(pause + 0.9 * (at - pause) + 1e-9, gain, delta, tau, pause) < 1e-9


@many
@given(st.floats(0.01, 0.8), *MODEL)
def test_break_even_is_the_last_root_by_lamberts_function(gain, delta, tau, pause):
    """Corless et al. (1996), doi:10.1007/BF02124750: u - a + b exp(-u) = 0 has its last root at u = a + W(-b exp(-a))."""
    assume(gain < 0.99 * delta / (1 - delta))
    depth = (1 + gain) * delta * tau
    fall = pause * ((1 + gain) * (1 - delta) - 1)
    a, b = (depth - fall) / (gain * tau), depth / (gain * tau)
    root = a + lambertw(-b * np.exp(-a)).real
    assert breakeven_years(gain, delta, tau, pause) == close(pause + tau * root, rel=1e-7)


@many
@given(st.floats(0.05, 60), *MODEL)
def test_the_gain_for_a_span_pays_in_that_span(within, delta, tau, pause):
    gain = breakeven_gain(within, delta, tau, pause)
    assert gain > 0
    if within <= pause:  # nothing has come back yet: only a gain that outweighs the loss at once will do
        assert gain == close(delta / (1 - delta))
    elif gain < 0.99 * delta / (1 - delta):
        assert breakeven_years(gain, delta, tau, pause) == close(within, rel=1e-6)


def test_break_even_at_its_limits():
    assert breakeven_gain(1, 1, 3, 1.5) == inf
    assert breakeven_gain([1, 100], 0, 3, 1.5).tolist() == [0, 0]
    assert breakeven_years([-0.1, 0], 0.35, 3, 1.5).tolist() == [inf, inf]
    assert breakeven_years(0, 0, 3, 1.5) == inf
    assert breakeven_years([0.35 / 0.65, 0.6], 0.35, 3, 1.5).tolist() == [0, 0]
    assert breakeven_years(0.25, 0.2, 3, 1.5) == 0  # 1.25 x 0.8 = 1, but for noise
    assert breakeven_years(0.1, 0, 3, 1.5) == 0
    assert breakeven_years(0.1, 0.35, 3, 0) == pytest.approx(11.281, abs=5e-4)
    assert 0 < breakeven_years(0.25, 0.2001, 3, 0) < 0.02
    assert breakeven_years(3.0, 1, 2, 1) == pytest.approx(brentq(lambda t: balance(t, 3, 1, 2, 1), 2, 20), abs=1e-6)


# --- money ------------------------------------------------------------------------------------------------------------


def test_published_arithmetic_of_the_audit_office():
    money = load("nhs_exit_packages").set_index(["measure", "period"])["value"].droplevel("period")
    assert money["redundancies_attributed_n"] * money["average_payout"] / 1e6 == pytest.approx(435.0, abs=0.05)
    assert money["re_employed_n"] * money["average_payout"] / 1e6 == pytest.approx(94.8, abs=0.05)  # "£95m"
    assert 1e6 * money["plan2025_cost"] / money["plan2025_posts"] == pytest.approx(55_556, abs=0.5)
    others = ["it", "estates", "departmental", "ccgs", "other"]  # the written statement of 18 July 2013 adds six parts
    parts = [money["redundancy_attributed_to_reform"], *(money[f"transition_cost_{name}"] for name in others)]
    assert sum(parts) == money["transition_cost_total"] == 1096


def test_four_meanings_of_one_sum():
    table = cost_definitions(load("nhs_exit_packages"))
    assert table.index.tolist() == ["attributed", "all_packages", "ex_ante", "later_2014", "later_2016"]
    assert table["cost_gbp_m"].tolist() == [435, 1391, 1400, 1588, 1950]
    assert table["n"].tolist() == close([10_094, 32_089, nan, 38_419, nan])
    assert table["gbp_per_head"].round().tolist() == close([43_095, 43_348, nan, 41_334, nan])
    assert table["share"].tolist() == close([0.313, 1, nan, 1.142, 1.402], abs=5e-4)


def test_each_definition_takes_its_own_rows():
    table = load("nhs_exit_packages")
    expected = cost_definitions(table)
    pd.testing.assert_frame_equal(cost_definitions(table.sample(frac=1, random_state=1)), expected)
    for i in table.index:  # a changed row moves what it is part of, and nothing else
        other = cost_definitions(table.assign(value=table["value"].where(table.index != i, table["value"] * 3)))
        read = ["cost_gbp_m", "n"]
        assert (other[read].fillna(-1) != expected[read].fillna(-1)).any(axis=1).sum() <= 1
    with pytest.raises(ValueError, match="0 rows with measure 'redundancies_attributed_n'"):
        cost_definitions(table[table["measure"] != "redundancies_attributed_n"])


def test_the_plan_of_2025():
    path = redundancy_path(1, 1, [0.25, 1, 1], 0.22, 0.035)
    assert path == pytest.approx([-0.805, -0.051, 0.677], abs=5e-4)
    assert payback_year(path) == 2
    assert payback_year(redundancy_path(1, 1, [1, 1], 0, 0)) == 0
    assert payback_year(redundancy_path(1, 1, [1] * 50, 1, 0)) == inf
    assert payback_year([]) == inf


@many
@given(
    st.floats(0, 10), st.floats(0, 10), st.lists(shares, max_size=8), shares, st.floats(-0.5, 1), st.floats(0.1, 100)
)
def test_redundancy_money_is_linear(cost, saving, ramp, rehire, discount, unit):
    path = redundancy_path(cost, saving, ramp, rehire, discount)
    assert len(path) == len(ramp)
    assert redundancy_path(unit * cost, unit * saving, ramp, rehire, discount) == close(unit * path, rel=1e-7, abs=1e-6)
    assert (np.diff(path) >= -1e-9).all()
    assert redundancy_path(cost, saving, ramp, 1, discount) == close(np.full(len(ramp), -float(cost)))


# --- queues -----------------------------------------------------------------------------------------------------------


def test_erlang_c_as_others_print_it():
    # documentation of pyworkforce 0.1.0 (PyPI): 100 calls of 3 minutes in half an hour, 14 positions
    assert erlang_c(14, 100 / 30 * 3) == pytest.approx(0.1741319335950498, rel=1e-12)
    assert erlang_c(10, 6) == pytest.approx(0.10, abs=0.005)  # read off a textbook's curve: "about 0.10"
    assert erlang_c(3, 2) == close(4 / 9)  # by hand


WAITS = {0.10: 2.48, 0.15: 4.09, 0.20: 7.31, 0.25: 15.27, 0.28: 28.04, 0.30: 50.01}


def test_waits_of_the_curriculum():
    assert wait_minutes(10, 3, 20, list(WAITS)) == pytest.approx(list(WAITS.values()), abs=5e-3)


@many
@given(st.integers(1, 30), st.floats(0.01, 0.97))
def test_erlang_c_is_the_tail_of_a_birth_and_death_process(servers, busy):
    load_ = busy * servers
    up, down = load_, np.minimum(np.arange(1, 3000), servers)
    weights = np.concatenate([[0.0], np.cumsum(np.log(up / down))])
    chance = np.exp(weights - weights.max())
    chance /= chance.sum()
    assert erlang_c(servers, load_) == close(chance[servers:].sum(), rel=1e-6)
    queue = (np.arange(3000)[servers:] - servers) @ chance[servers:]
    # Little: patients in the queue = arrivals an hour x hours of waiting
    assert wait_minutes(servers, 1, load_) / 60 * load_ == close(queue, rel=1e-5)


@many
@given(st.integers(1, 12), st.floats(0.5, 8), st.floats(0, 30), st.floats(0, 0.9))
def test_administration_is_a_slower_clinician(servers, mu, lam, admin):
    assert wait_minutes(servers, mu, lam, admin) == close(wait_minutes(servers, mu * (1 - admin), lam), rel=1e-6)
    assert wait_minutes(servers, mu, lam, admin) >= wait_minutes(servers, mu, lam) - 1e-9


def test_queues_at_their_limits():
    assert erlang_c(3, [0, 3, 5]).tolist() == [0, 1, 1]
    assert wait_minutes(4, 4, 8, [0.5, 0.6, 1]).tolist() == [inf, inf, inf]
    assert wait_minutes(4, 4, 0, 0.2) == 0
    assert erlang_c(500, 450) == pytest.approx(erlang_c(500, 450.0001), rel=1e-3)
    assert 0 < erlang_c(500, 450) < 0.05


# --- now or later -----------------------------------------------------------------------------------------------------


def test_reference_option():
    found = wait_or_go(0.5, 100, -50, 10, 0.8, 0.05)
    assert found["now"] == close(15)
    assert found["wait"] == pytest.approx(28.571, abs=5e-4)
    assert found["option_value"] == pytest.approx(13.571, abs=5e-4)
    assert found["better"] == "wait"


@many
@given(shares, st.floats(0, 100), st.floats(-100, 0), st.floats(0, 50), shares, st.floats(0, 0.3))
def test_option_values(p, high, low, cost, accuracy, discount):
    found = wait_or_go(p, high, low, cost, accuracy, discount)
    assert found["wait"] >= 0
    assert found["wait"] == close(wait_or_go(p, high, low, cost, 1 - accuracy, discount)["wait"])  # read in reverse
    assert wait_or_go(p, high, low, cost, 0.5, discount)["option_value"] <= 1e-9  # a signal that says nothing
    perfect = wait_or_go(p, high, low, cost, 1, discount)
    assert perfect["wait"] == close((p * max(high - cost, 0) + (1 - p) * max(low - cost, 0)) / (1 + discount))
    assert found["wait"] <= perfect["wait"] + 1e-9


def test_words_of_the_decision():
    assert wait_or_go(0.5, 100, -50, 10, 0.5, 0.05)["better"] == "now"
    assert wait_or_go(0.1, 20, -80, 20, 0.5, 0.05)["better"] == "neither"
    assert wait_or_go(0.5, 60, -40, 10, 0.5, 0)["better"] == "neither"
    assert wait_or_go(0.9, 100, 50, 10, 0.6, 0)["better"] == "now"
    assert wait_or_go(1, 100, -50, 10, 1, 0.05)["wait"] == close(90 / 1.05)


# --- panels and series ------------------------------------------------------------------------------------------------

Y = "within_four_hours_pct"
# pyfixest 0.60.0: feols("within_four_hours_pct ~ x | trust + year", vcov={"CRV1": "trust"}); all rows, then the rows whose
# number times 7 ends in 0 to 6.
PYFIXEST = [
    ("managers_pct", False, 0.06799656242719948, 0.23748097016449482, 903),
    ("management_quality", False, 1.5044499326892944, 0.1629002299943489, 903),
    ("managers_pct", True, 0.09765846953367699, 0.2647928187800584, 632),
    ("management_quality", True, 1.348283670438036, 0.21185527959107314, 632),
]


def panel(gaps: bool) -> pd.DataFrame:
    table = load("synth_trust_panel")
    return table[[i * 7 % 10 < 7 for i in range(len(table))]] if gaps else table


@pytest.mark.parametrize(("x", "gaps", "slope", "se", "n"), PYFIXEST)
def test_two_way_slope_is_that_of_pyfixest(x, gaps, slope, se, n):
    found = two_way_slope(panel(gaps), Y, x, "trust", "year")
    assert (found["slope"], found["se"], found["n"]) == pytest.approx((slope, se, n), rel=1e-6)


@pytest.mark.parametrize("gaps", [False, True])
def test_two_way_slope_is_that_of_linearmodels(gaps):
    rows = panel(gaps)
    ours = two_way_slope(rows, Y, "management_quality", "trust", "year")
    indexed = rows.set_index(["trust", "year"])
    fit = PanelOLS(indexed[Y], indexed[["management_quality"]], entity_effects=True, time_effects=True).fit(
        cov_type="clustered", cluster_entity=True, group_debias=True
    )
    assert ours["slope"] == close(fit.params.iloc[0], rel=1e-8)
    # linearmodels counts the trusts as parameters, too; they lie within the clusters, so we do not
    all_effects, ours_k = 1 + rows["trust"].nunique() + rows["year"].nunique() - 1, 1 + rows["year"].nunique()
    rescaled = fit.std_errors.iloc[0] * np.sqrt((len(rows) - all_effects) / (len(rows) - ours_k))
    assert ours["se"] == close(rescaled, rel=1e-7)


def test_two_way_slope_is_that_of_dummies():
    rows = panel(True)
    fit = smf.ols(f"{Y} ~ managers_pct + C(trust) + C(year)", rows).fit()
    assert two_way_slope(rows, Y, "managers_pct", "trust", "year")["slope"] == close(
        fit.params["managers_pct"], rel=1e-7
    )


@settings(many, max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(2, 8), st.integers(2, 6))
def test_what_units_and_times_add_leaves_the_slope_alone(seed, units, times):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame([(u, t) for u in range(units) for t in range(times)], columns=["u", "t"])
    rows = rows.assign(x=rng.normal(size=len(rows)), y=rng.normal(size=len(rows)))
    rows = rows[rng.random(len(rows)) < 0.8]
    before = rows.copy()
    found = two_way_slope(rows, "y", "x", "u", "t")
    assume(not isnan(found["slope"]) and abs(found["slope"]) < 100)
    shifted = rows.assign(y=rows["y"] + 10 * rows["u"] - 7 * rows["t"] ** 2)
    assert two_way_slope(shifted.sample(frac=1, random_state=1), "y", "x", "u", "t")["slope"] == close(
        found["slope"], rel=1e-5, abs=1e-5
    )
    pd.testing.assert_frame_equal(rows, before)


@pytest.mark.parametrize("waves", [40, 150, 300])
def test_two_way_slope_in_a_rotating_panel_is_that_of_dummies(waves):
    """Each unit is seen in two waves only: sweeping means by turns would need thousands of turns."""
    rng = np.random.default_rng(waves)
    rows = pd.DataFrame(
        [(f"{w}.{k}", w + s) for w in range(waves - 1) for k in range(3) for s in (0, 1)], columns=["u", "t"]
    )
    rows["x"] = rng.normal(size=len(rows)) + 0.3 * rows["t"]
    rows["y"] = 2 * rows["x"] + rng.normal(size=len(rows)) + 0.5 * rows["t"]
    dummies = pd.get_dummies(rows[["u", "t"]].astype(str)).to_numpy(float)
    expected = np.linalg.lstsq(np.column_stack([rows["x"], dummies]), rows["y"], rcond=None)[0][0]
    assert two_way_slope(rows, "y", "x", "u", "t")["slope"] == close(expected, rel=1e-8)


def test_two_way_slope_does_not_depend_on_unit_or_level():
    rng = np.random.default_rng(3)
    rows = pd.DataFrame([(u, t) for u in range(10) for t in range(4)], columns=["u", "t"])
    rows = rows.assign(x=rng.normal(size=40), y=rng.normal(size=40))
    plain = two_way_slope(rows, "y", "x", "u", "t")["slope"]
    for scale, level in ((1, 1e6), (1e-7, 0), (1e7, 1e9)):
        assert two_way_slope(rows.assign(x=scale * rows["x"] + level), "y", "x", "u", "t")["slope"] == close(
            plain / scale, rel=1e-5
        )
    # nothing is left of x: every row has an effect of its own
    chain = pd.DataFrame({"u": np.repeat(np.arange(50), 2)}).assign(t=lambda table: table["u"] + np.tile([0, 1], 50))
    chain = chain.assign(x=rng.normal(size=100), y=rng.normal(size=100))
    assert isnan(two_way_slope(chain, "y", "x", "u", "t")["slope"])
    assert isnan(two_way_slope(rows.assign(x=0.1), "y", "x", "u", "t")["slope"])


@pytest.mark.parametrize("unit", [1, 1e6, 1e-6])
def test_the_unit_of_money_decides_nothing(unit):
    assert wait_or_go(0.64, 82 * unit, 48 * unit, 18 * unit, 0.9, 0)["better"] == "now"  # reform after either signal
    assert payback_year(redundancy_path(0.49 * unit, 0.7 * unit, [1, 1], 0.3, 0)) == 0


def test_sums_of_decimals_are_the_times_and_loads_that_they_stand_for():
    assert capability([1], [0.3, 0.1 * 3], 0.35, 3, 1.5) == close(0.65)
    assert capability([0.3], [0.1 * 3], 0.35, 3, 1.5) == close(0.65)
    assert wait_minutes(10, 3, 24, 0.2) == wait_minutes(1, 3, 2.4, 0.2) == inf


def test_two_way_slope_at_its_limits():
    rows = pd.DataFrame({"u": [1, 1, 2, 2, 3], "t": [1, 2, 1, 2, 2], "x": [0, 2, 1, 1, 9], "y": [1, 6, 4, 5, 99.0]})
    found = two_way_slope(rows, "y", "x", "u", "t")
    assert (found["slope"], found["n"], found["units"]) == (close(2.0), 4, 2)
    flat = two_way_slope(rows.assign(x=[1, 2, 4, 5, 0]), "y", "x", "u", "t")
    assert isnan(flat["slope"]) and isnan(flat["se"])
    nobody = two_way_slope(rows.iloc[[0, 2]], "y", "x", "u", "t")
    assert nobody["n"] == 0 and isnan(nobody["slope"])
    missing = two_way_slope(rows.assign(y=[1, 6, 4, 5, nan]), "y", "x", "u", "t")
    assert missing["slope"] == close(2.0)
    with pytest.raises(ValueError, match="unit 1 stands twice at time 1"):
        two_way_slope(pd.concat([rows, rows.head(1)]), "y", "x", "u", "t")
    with pytest.raises(ValueError, match="no column 'z'"):
        two_way_slope(rows, "z", "x", "u", "t")


@many
@given(st.integers(0, 2**32 - 1), st.integers(2, 12), st.integers(0, 20))
def test_jump_is_the_coefficient_of_a_segmented_regression(seed, window, extra):
    series = np.random.default_rng(seed).normal(size=2 * window + extra)
    jumps = level_changes(series, window)
    assert np.flatnonzero(~np.isnan(jumps)).tolist() == list(range(window, len(series) - window + 1))
    piece = pd.DataFrame({"y": series[: 2 * window], "t": np.arange(-window, window)})
    piece["after"] = (piece["t"] >= 0).astype(int)
    if window > 2:
        fit = smf.ols("y ~ t * after", piece).fit()
        assert jumps[window] == close(fit.params["after"], abs=1e-8)
    tilted = level_changes(series + 3 * np.arange(len(series)) + 5, window)
    assert tilted == close(jumps, abs=1e-7)


def test_a_gap_in_a_series_makes_its_neighbours_unknown():
    jumps = level_changes([1, 2, 3, nan, 5, 6, 7, 8, 9], 2)
    assert np.isnan(jumps[:6]).all() and jumps[6] == close(0)


# --- refusals ---------------------------------------------------------------------------------------------------------

REFUSED = [
    (intervals, ([1948, nan],), "years: nan is not finite"),
    (rate_ci, (2.5, 10), "n: 2.5 is not a whole number"),
    (rate_ci, (-1, 10), "n: -1 is not a finite number at least 0"),
    (rate_ci, (1, 0), "years: 0 is not a finite number above 0"),
    (rate_ci, (1, 10, 1), "level: 1 is not a finite number above 0 and below 1"),
    (capability, ([-1], [], 0.3, 2, 1), "times: -1 is before year 0"),
    (capability, ([1], [-2], 0.3, 2, 1), "events: -2 is before year 0"),
    (capability, ([1], [], [0.3, 1.2], 2, 1), "delta: 1.2 is not a share"),
    (capability, ([1], [], 0.3, 0, 1), "tau: 0 is not above 0"),
    (capability, ([1], [], 0.3, 2, -1), "pause: -1 is negative"),
    (capability, ([1], [], 0.3, 2, 1, 2), "c0: 2 is not a share"),
    (capability, (["soon"], [], 0.3, 2, 1), "times: not a number"),
    (steady_capability, (0, 0.3, 2, 1), "interval: 0 is not above 0"),
    (mean_capability, (5, -0.3, 2, 1), "delta: -0.3 is not a share"),
    (breakeven_years, (inf, 0.3, 2, 1), "gain: inf is not finite"),
    (breakeven_gain, (0, 0.3, 2, 1), "years: 0 is not above 0"),
    (redundancy_path, (-1, 1, [1], 0, 0), "cost: -1"),
    (redundancy_path, (1, 1, [1.5], 0, 0), "ramp: 1.5 is not a share"),
    (redundancy_path, (1, 1, [1], 2, 0), "rehire: 2"),
    (redundancy_path, (1, 1, [1], 0, -1), "discount: -1"),
    (erlang_c, (0, 1), "servers: 0"),
    (erlang_c, (1.5, 1), "servers: 1.5 is not a whole number"),
    (erlang_c, (2, -1), "load: -1 is negative"),
    (wait_minutes, (2, 0, 1), "mu: 0"),
    (wait_minutes, (2, 1, -1), "lam: -1 is negative"),
    (wait_minutes, (2, 1, 1, 1.1), "admin: 1.1 is not a share"),
    (wait_or_go, (2, 1, 0, 0, 0.5, 0), "p: 2"),
    (wait_or_go, (0.5, 1, 2, 0, 0.5, 0), "high: 1 is below low = 2"),
    (wait_or_go, (0.5, 1, 0, 0, 0.5, -1), "discount: -1"),
    (level_changes, ([1, 2, 3, 4], 1), "window: 1"),
    (level_changes, ([1, 2, 3, 4], 2.5), "window: 2.5 is not a whole number"),
]


@pytest.mark.parametrize(("function", "arguments", "says"), REFUSED, ids=[f"{f.__name__}-{s}" for f, _, s in REFUSED])
def test_bad_input_is_named(function, arguments, says):
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        function(*arguments)


def test_inputs_stay_as_they_were():
    times, events, delta = np.array([4.0, 1, 2]), np.array([1.0, 0, 1]), np.array([0.2, 0.4])
    kept = [a.copy() for a in (times, events, delta)]
    capability(times, events, delta, 3, 1.5)
    mean_capability(times, 0.3, 3, 1.5)
    breakeven_years(delta, delta, 3, 1.5)
    intervals(times)
    level_changes(np.r_[times, events], 2)
    assert all((a == b).all() for a, b in zip((times, events, delta), kept, strict=True))


def test_a_hundred_thousand_draws_take_seconds():
    """Half a second on a laptop of 2024; the limit leaves room for a slow and busy machine."""
    rng = np.random.default_rng(11)
    n = 100_000
    draws = rng.uniform(0.2, 0.5, n), rng.uniform(2, 5, n), rng.uniform(0, 2.5, n)
    start = time.perf_counter()
    path = capability(np.arange(51), np.arange(0, 51, 7), *draws)
    assert path.shape == (n, 51)
    assert time.perf_counter() - start < 10
