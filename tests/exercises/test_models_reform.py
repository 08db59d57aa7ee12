"""The model answers and the library were written separately: on random inputs they agree."""

import numpy as np
import pandas as pd
import pytest
from harness import Exercise, same
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from integrated_care import load, reform

function = Exercise("reform").function
models = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

loss = st.just(0) | st.just(1) | st.floats(0.02, 0.95)
recovery, pause, share = st.floats(0.3, 10), st.just(0) | st.floats(0.1, 4), st.floats(0, 1)
when = st.floats(0, 20).map(lambda t: round(t, 1))


@models
@given(st.lists(st.integers(1900, 2050), max_size=10))
def test_intervals(years):
    assert list(function("intervals")(years)) == list(reform.intervals(years))


@models
@given(st.integers(0, 50), st.floats(0.1, 100), st.floats(0.1, 0.99))
def test_rate_ci(n, years, level):
    assert same(function("rate_ci")(n, years, level), reform.rate_ci(n, years, level)[1:])


@models
@given(st.lists(when, max_size=6), st.lists(when, max_size=6), loss, recovery, pause, share)
def test_capability(times, events, delta, tau, d, c0):
    ours = function("capability")(times, events, delta, tau, d, c0)
    assert same(ours, reform.capability(times, events, delta, tau, d, c0))


@models
@given(st.floats(0.1, 30), loss, recovery, pause)
def test_steady_and_mean(interval, delta, tau, d):
    for name, method in (("steady_capability", reform.steady_capability), ("mean_capability", reform.mean_capability)):
        assert same(function(name)(interval, delta, tau, d), method(interval, delta, tau, d)), name


@models
@given(st.floats(-0.2, 1), loss, recovery, pause)
def test_breakeven_years(gain, delta, tau, d):
    assume(gain <= 0 or (gain > 1e-3 and abs((1 + gain) * (1 - delta) - 1) > 1e-6))
    ours = function("breakeven_years")(gain, delta, tau, d)
    assert same(ours, reform.breakeven_years(gain, delta, tau, d), 1e-6)


@models
@given(st.floats(0, 10), st.floats(0, 10), st.lists(share, max_size=8), share, st.floats(-0.3, 1))
def test_redundancy_path(cost, saving, ramp, rehire, discount):
    ours = function("redundancy_path")(cost, saving, ramp, rehire, discount)
    assert same(ours, reform.redundancy_path(cost, saving, ramp, rehire, discount))


@models
@given(st.integers(0, 2**32 - 1))
def test_cost_definitions(seed):
    table = load("nhs_exit_packages").sample(frac=1, random_state=seed)
    table = table.assign(value=table["value"] * np.random.default_rng(seed).uniform(0.5, 2, len(table)))
    ours, theirs = function("cost_definitions")(table), reform.cost_definitions(table)
    assert list(ours.index) == list(theirs.index)
    assert all(same(ours[column], theirs[column]) for column in theirs)


@models
@given(st.integers(1, 60), st.floats(0, 1.3))
def test_erlang_c(servers, busy):
    assert same(function("erlang_c")(servers, busy * servers), reform.erlang_c(servers, busy * servers))


@models
@given(st.integers(1, 12), st.floats(0.5, 8), st.floats(0, 40), st.floats(0, 0.95))
def test_wait_minutes(servers, mu, lam, admin):
    assume(abs(lam - servers * mu * (1 - admin)) > 1e-6)
    assert same(function("wait_minutes")(servers, mu, lam, admin), reform.wait_minutes(servers, mu, lam, admin), 1e-6)


money = st.integers(0, 100)


@models
@given(
    st.sampled_from([0, 0.2, 0.5, 0.7, 1]),
    money,
    money,
    money,
    st.sampled_from([0, 0.3, 0.5, 0.9, 1]),
    st.floats(0, 0.3),
)
def test_wait_or_go(p, high, less, cost, accuracy, discount):
    ours = function("wait_or_go")(p, high, high - less, cost, accuracy, discount)
    theirs = reform.wait_or_go(p, high, high - less, cost, accuracy, discount)
    assert all(same(ours[name], theirs[name]) for name in ("now", "wait", "option_value"))
    assert ours["better"] == theirs["better"]


@models
@given(st.integers(0, 2**32 - 1), st.integers(2, 8), st.integers(2, 5))
def test_within(seed, units, times):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame([(u, t) for u in range(units) for t in range(times)], columns=["u", "t"])
    rows = rows.assign(x=rng.integers(0, 9, len(rows)), y=rng.normal(size=len(rows)))[rng.random(len(rows)) < 0.8]
    ours, theirs = function("within")(rows, "y", "x", "u", "t"), reform.two_way_slope(rows, "y", "x", "u", "t")
    assert (ours["n"], ours["units"]) == (theirs["n"], theirs["units"])
    assert same(ours["slope"], theirs["slope"], 1e-6)
    if not np.isnan(theirs["se"]):  # the exercise leaves open what happens where too few rows are left
        assert same(ours["se"], theirs["se"], 1e-6)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_comparison_can_fail(sign):
    ours = function("mean_capability")(7, 0.35, 3, 1.5)
    assert same(sign * ours, reform.mean_capability(7, 0.35, 3, 1.5)) == (sign == 1)
