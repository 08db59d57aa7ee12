"""The model answers and the library were written separately: on random inputs they agree."""

import numpy as np
import pandas as pd
import pytest
from harness import Exercise, outcome, same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrated_care import investment as methods

function = Exercise("investment").function
models = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

seeds, share = st.integers(0, 2**32 - 1), st.floats(0, 1)
WHOLE = {name: value for name, value in methods.DEFAULTS.items() if name != "growth"}


@models
@given(seeds, st.integers(0, 6), st.sampled_from([2001, 2003, 2010]))
def test_money(seed, rows, base):
    rng = np.random.default_rng(seed)
    years = rng.permutation(np.arange(2000, 2006))
    prices = pd.Series(rng.uniform(50, 150, 6), years)
    cash = pd.Series(np.where(rng.random(rows) < 0.2, np.nan, rng.uniform(1, 9, rows)), rng.choice(years, rows))
    ours, theirs = (outcome(f, cash, prices, base) for f in (function("real_terms"), methods.real_terms))
    assert same(ours, theirs)
    if base == 2010:
        assert ours == "refused"
    else:
        assert list(ours.index) == list(cash.index)
    once = cash[~cash.index.duplicated()].fillna(1)
    fewer = prices[: 4 + seed % 3]
    assert same(outcome(function("per_person"), once, fewer), outcome(methods.per_person, once, fewer))


@models
@given(seeds, st.booleans(), st.sampled_from([0, 1, 2, 7]), st.sampled_from([0, 1, 2]))
def test_restore_gap(seed, counted, target, year):
    rng = np.random.default_rng(seed)
    cash, prices, people = (pd.Series(rng.uniform(1, 9, 4), rng.choice(4, 4, replace=bool(seed % 2))) for _ in range(3))
    asked = (cash, prices, target, year, people if counted else None)
    assert same(outcome(function("restore_gap"), *asked), outcome(methods.restore_gap, *asked))


@models
@given(
    share,
    st.dictionaries(st.sampled_from(sorted(WHOLE)), st.floats(0.5, 1.5), max_size=5),
    st.sampled_from([0.25, 0.5]),
)
def test_simulate_health(s, factors, dt):
    params = {name: value * factors.get(name, 1) for name, value in WHOLE.items()}
    ours, theirs = (f(params, s, 6, dt) for f in (function("simulate_health"), methods.simulate_health))
    assert list(ours.columns) == list(theirs.columns) and same(ours.to_numpy(), theirs.to_numpy())


@models
@given(
    st.lists(st.floats(-1, 9), min_size=2, max_size=2),
    st.lists(st.floats(-1, 9), min_size=2, max_size=2),
    st.booleans(),
)
def test_qalys(money, price, alone):
    asked = (money[0], price[0]) if alone else (money, price)
    assert same(outcome(function("qalys"), *asked), outcome(methods.qalys, *asked))


@models
@given(st.floats(1, 9), st.floats(0.5, 9), st.just(0) | st.floats(0.1, 9), st.integers(1, 300), st.integers(0, 99))
def test_psa(money, mean, se, n, seed):
    ours, theirs = (f(money, mean, se, n, seed) for f in (function("psa"), methods.psa))
    assert set(ours) == set(theirs)
    for name in theirs:
        assert same(ours[name], theirs[name])


@models
@given(seeds, st.integers(1, 9), st.booleans())
def test_regressivity(seed, n, tied):
    rng = np.random.default_rng(seed)
    cut, pop = rng.uniform(-1, 9, n), rng.integers(1, 9, n)
    poor = rng.integers(0, 3, n) if tied else rng.uniform(0, 50, n)
    ours, theirs = (f(cut, poor, pop) for f in (function("regressivity"), methods.regressivity))
    for name in ("slope", "index"):
        assert same(ours[name], theirs[name])


@models
@given(st.floats(-0.1, 0.5), st.floats(0, 1), st.floats(-1, 50), st.floats(0, 1), st.floats(0, 99))
def test_fit_two_part(p0, q1, v1, q2, v2):
    asked = (p0, q1, v1, q2, v2)
    assert same(outcome(function("fit_two_part"), *asked), outcome(methods.fit_two_part, *asked))


@models
@given(seeds, st.just(np.inf) | st.floats(0, 90), st.floats(0, 50), st.floats(-5, 60), st.floats(0, 30), share)
def test_care(seed, cap, lower, more, hotel, taper):
    rng = np.random.default_rng(seed)
    cost, wealth = rng.choice([0, 20.0, 50, 120], 15), rng.choice([0, 10.0, 30, 90, 400], 15)
    asked = (cost, wealth, cap, lower, max(lower + more, 0), hotel, taper)
    ours, theirs = outcome(function("private_cost"), *asked), outcome(methods.private_cost, *asked)
    assert same(ours, theirs)
    if not isinstance(theirs, str):
        assert same(function("share_spent_by_tenth")(ours, wealth), methods.share_spent_by_tenth(theirs, wealth))


@models
@given(
    st.integers(0, 30), st.just(0.0) | st.floats(0, 0.2), st.floats(0.1, 0.6), st.permutations([0, 0.05, 0.1, 0.2, 0.4])
)
def test_chosen_share(steps, r, psi, grid):
    horizon, params = steps / 4, {"psi": psi}
    ill = pd.DataFrame(methods.ill_paths(params, grid, 8), columns=grid)
    ours = function("chosen_share")(ill, horizon, r)
    theirs = methods.chosen_share(horizon, params, grid, r)
    years = methods.person_years_ill(horizon, [ours, theirs], params, r)
    assert ours == theirs or abs(years[0] - years[1]) < 1e-9  # sums of floats in another order
    assert outcome(function("chosen_share"), ill, 8.25, r) == "refused"


def test_of_equal_shares_the_smallest_in_both():
    ill = pd.DataFrame({0.3: [1.0, 1.0], 0.1: [1.0, 1.0]})
    assert function("chosen_share")(ill, 0.25) == 0.1
    assert methods.chosen_share(0, grid=[0.3, 0.1]) == 0.1


@pytest.mark.parametrize("asked", [(8, 5), (0, 5), (-1, 5), (5, -1), (2.5, 0.3)])
def test_beds(asked):
    assert same(outcome(function("beds_blocked"), *asked), outcome(methods.beds_blocked, *asked))


@models
@given(
    st.lists(st.integers(-1, 9), min_size=3, max_size=3),
    st.lists(st.integers(-1, 9), min_size=3, max_size=3),
    st.booleans(),
)
def test_time_in_system(arrivals, capacity, alone):
    asked = (arrivals[0], capacity[0]) if alone else (arrivals, capacity)
    assert same(outcome(function("time_in_system"), *asked), outcome(methods.time_in_system, *asked))
