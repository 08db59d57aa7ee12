"""The model answers and the library were written separately: on random inputs they agree."""

import numpy as np
import pandas as pd
import pytest
from harness import Exercise, outcome, same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrated_care import decision_space as methods

function = Exercise("decision_space").function
models = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

seeds, share = st.integers(0, 2**32 - 1), st.floats(0, 1)
needs = st.lists(st.floats(-9, 9).map(lambda x: round(x, 2)), min_size=1, max_size=12)


def grid(seed: int) -> pd.DataFrame:
    """A grid of three tiers and five functions, with holes."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame([(f, t) for f in "abcde" for t in ("x", "y", "z")], columns=["function", "tier"])
    for column in ("de_jure", "de_facto"):
        rows[column] = pd.array([None if rng.random() < 0.4 else int(rng.integers(0, 3)) for _ in rows.index], "Int64")
    return rows.sample(frac=0.8, random_state=seed % 2**31)


@models
@given(seeds, st.sampled_from(["de_jure", "de_facto"]), st.booleans())
def test_decision_space(seed, column, weighted):
    table, rng = grid(seed), np.random.default_rng(seed)
    weights = {f: float(rng.integers(0, 4)) for f in "abcde"} if weighted else None
    for tier in table["tier"].unique():
        ours = function("decision_space")(table, tier, weights, column)
        assert same(ours, methods.decision_space(table, tier, weights, column))


@models
@given(seeds)
def test_autonomy_gap(seed):
    ours, theirs = function("autonomy_gap")(grid(seed)), methods.autonomy_gap(grid(seed))
    assert list(ours.index) == list(theirs.index) and same(ours, theirs)


@models
@given(needs, st.lists(share, min_size=12, max_size=12), st.booleans(), st.floats(0, 5), st.floats(0, 5))
def test_welfare(theta, capacity, each, kappa, spill):
    capacity = capacity[: len(theta)] if each else capacity[0]
    assert same(function("welfare")(theta, capacity, kappa, spill), methods.welfare(theta, capacity, kappa, spill))


def test_capacities_that_do_not_fit():
    for capacity in ([0.5], [0.5] * 3):
        assert outcome(function("welfare"), [1, 2], capacity, 1, 0) == "refused"
        assert outcome(methods.welfare, [1, 2], capacity, 1, 0) == "refused"


@models
@given(needs, st.just(0) | st.floats(0.1, 5), st.just(0) | st.floats(0, 30))
def test_capacity_threshold(theta, kappa, spill):
    assert same(function("capacity_threshold")(theta, kappa, spill), methods.capacity_threshold(theta, kappa, spill))


@models
@given(st.floats(0, 20), st.floats(0.1, 9), st.floats(0, 9), st.floats(-0.2, 1.3), st.floats(0, 9))
def test_payment(a, b, c, beta, r):
    assert same(outcome(function("activity"), a, b, c, beta, r), outcome(methods.activity, a, b, c, beta, r))
    assert same(outcome(function("optimal_price"), c, beta), outcome(methods.optimal_price, c, beta))


@models
@given(seeds, st.integers(1, 9), st.integers(0, 1), st.floats(-0.1, 0.5), share, share, share)
def test_ppp_npv(seed, years, longer, rate, p, size, borne):
    rng = np.random.default_rng(seed)
    public, ppp = rng.uniform(0, 100, years), rng.uniform(0, 100, years + longer)
    asked = (public, ppp, rate, p, size, borne)
    assert same(outcome(function("ppp_npv"), *asked), outcome(methods.ppp_npv, *asked))


@models
@given(st.floats(-0.5, 3))
def test_cost_effort(delta):
    ours, theirs = outcome(function("cost_effort"), delta), outcome(methods.cost_effort, delta)
    assert (ours == "refused") == (theirs == "refused") == (delta < 0)
    assert delta < 0 or all(same(ours[who], theirs[who]) for who in theirs)


def homes(seed: int) -> pd.DataFrame:
    """Households, many of them at a threshold of 0.1 or tied in consumption per head."""
    rng = np.random.default_rng(seed)
    size, per_head = rng.integers(1, 8, 25), rng.integers(1, 9, 25) * 100
    share = rng.choice([0, 0.05, 0.1, 0.2, 0.4], 25, p=rng.dirichlet(np.ones(5)))
    return pd.DataFrame({"consumption": size * per_head, "oop": size * per_head * share, "size": size})


@models
@given(seeds, st.sampled_from([0, 0.1, 0.25]))
def test_catastrophic(seed, threshold):
    table = homes(seed)
    for w in ("size", None):
        ours = function("catastrophic")(table, threshold, w)
        theirs = methods.catastrophic(table["oop"], table["consumption"], threshold, None if w is None else table[w])
        assert all(same(ours[name], theirs[name]) for name in theirs)


@pytest.mark.parametrize(("column", "value"), [("consumption", 0), ("consumption", -1), ("oop", -1)])
def test_households_that_make_no_sense(column, value):
    table = homes(1).assign(**{column: value})
    assert outcome(function("catastrophic"), table) == "refused"
    assert outcome(methods.catastrophic, table["oop"], table["consumption"]) == "refused"


@models
@given(seeds, st.sampled_from([0.1, 0.25]), st.sampled_from([1, 0.07]))
def test_concentration_of_headcount(seed, threshold, money):
    table = homes(seed)
    # With decimals, equal consumptions per head may differ by noise: both take them as computed.
    table[["consumption", "oop"]] *= money
    ours = function("concentration_of_headcount")(table, threshold)
    theirs = methods.concentration_of_headcount(table["oop"], table["consumption"], table["size"], threshold)
    assert same(ours, theirs)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_comparison_can_fail(sign):
    ours = function("capacity_threshold")([1, 2, 4, 5], 2, 0.5)
    assert same(sign * ours, methods.capacity_threshold([1, 2, 4, 5], 2, 0.5)) == (sign == 1)
