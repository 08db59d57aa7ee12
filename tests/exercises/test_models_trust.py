"""The model answers and the library were written separately: on random inputs they agree."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from harness import Exercise, outcome, same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrated_care import trust as methods

function = Exercise("trust").function
models = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

seeds = st.integers(0, 2**32 - 1)
GAMES = [(3, 0, 1, 1), (2, 0, 1, 1), (4, 0, 3, 3), (7, 0, 4, 1), (5, 1, 4, 2)]


@models
@given(st.floats(-1, 60), st.floats(-0.1, 1.4), st.integers(-1, 60), st.integers(-1, 60))
def test_weekly_contacts(hours, admin, visit, travel):
    asked = (hours, admin, visit, travel)
    assert same(outcome(function("weekly_contacts"), *asked), outcome(methods.weekly_contacts, *asked))


@models
@given(st.integers(-5, 10**18), st.integers(-2, 400))
def test_chws_needed(people, clients):
    asked = (people, clients)
    ours, theirs = outcome(function("chws_needed"), *asked), outcome(methods.chws_needed, *asked)
    assert ours == theirs  # whole numbers, to the last digit


@models
@given(seeds, st.integers(1, 5), st.integers(0, 40), st.sampled_from(["float", "Int64", "boolean"]))
def test_cascade(seed, steps, people, kind):
    rng = np.random.default_rng(seed)
    values = np.where(rng.random((people, steps)) < 0.1, np.nan, rng.random((people, steps)) < rng.random())
    table = pd.DataFrame(values, columns=list("edcba")[:steps]).astype(kind)
    ours, most, weakest = function("cascade")(table, list(table.columns))
    theirs = methods.cascade(table, list(table.columns))
    for name in ("people", "retained", "conditional", "lost"):
        assert same(ours[name].astype(float), theirs.table[name].astype(float)), name
    assert list(ours.index) == list(theirs.table.index) and (most, weakest) == (theirs.most_lost, theirs.weakest)


def panel(seed: int) -> pd.DataFrame:
    """Units with starts before, within and after some years, which may leave gaps."""
    rng = np.random.default_rng(seed)
    times = np.sort(rng.choice(9, int(rng.integers(2, 6)), replace=False))
    starts = rng.choice([0.0, 2, 3, 5, 7, np.nan], int(rng.integers(1, 9)))
    rows = [(u, t, rng.normal(), s) for u, s in enumerate(starts) for t in times]
    df = pd.DataFrame(rows, columns=["unit", "time", "outcome", "start"])
    return df.sample(frac=1, random_state=seed % 2**31).astype({"start": "Int64" if seed % 2 else "float"})


@models
@given(seeds)
def test_did_staged(seed):
    assert same(outcome(function("did_staged"), panel(seed)), outcome(methods.did_staged, panel(seed)))


@models
@given(seeds, st.floats(-0.1, 1.1), st.floats(-0.2, 4), st.floats(-0.2, 4), st.integers(0, 20))
def test_trust_path(seed, lam, a0, b0, months):
    events = pd.DataFrame(np.random.default_rng(seed).integers(0, 4, (months, 2)), columns=["broken", "kept"])
    asked = (events, lam, a0, b0)
    assert same(outcome(function("trust_path"), *asked), outcome(methods.trust_path, *asked))


@models
@given(*[st.integers(-5, 9)] * 4)
def test_tipping_point(R, S, T, P):
    asked = (R, S, T, P)
    assert same(outcome(function("tipping_point"), *asked), outcome(methods.tipping_point, *asked))


@pytest.mark.parametrize(
    ("payoffs", "rule"), [((1, 0, 2, 3), "R > T"), ((6, 9, 5, 7), "T >= P"), ((5, 4, 3, 2), "P > S")]
)
def test_both_name_the_first_inequality_that_fails(payoffs, rule):
    for tip in (function("tipping_point"), methods.tipping_point):
        with pytest.raises(ValueError, match=rule):
            tip(*payoffs)


@models
@given(seeds, st.sampled_from(GAMES), st.sampled_from([0.0, 0.2, 1.0]))
def test_simulate_hunt(seed, payoffs, eps):
    graph = nx.gnp_random_graph(14, 0.25, seed=seed % 2**31)
    rng = np.random.default_rng(seed)
    graph = nx.relabel_nodes(graph, dict(zip(graph, rng.permutation(14).tolist(), strict=True)))
    coop = [v for v in graph if rng.random() < 0.5]
    asked = (graph, coop, payoffs, 7, eps, seed)
    assert same(function("simulate_hunt")(*asked), methods.simulate_hunt(*asked))


@models
@given(seeds, st.integers(0, 40), st.integers(0, 1))
def test_km_and_its_median(seed, n, longer):
    rng = np.random.default_rng(seed)
    time, event = rng.integers(0, 15, n), rng.integers(0, 2, n + longer)
    ours, theirs = outcome(function("km"), time, event), outcome(methods.km, time, event)
    if longer:
        assert isinstance(ours, str) and isinstance(theirs, str)
        return
    assert all(same(ours[name].astype(float), theirs[name].astype(float)) for name in ours)
    assert same(function("median_close")(time, event), methods.median_close(time, event))


@models
@given(seeds, st.sampled_from([-3, -0.5, 0, 0.5, 1, 4]), st.sampled_from([3, 10]))
def test_discretion_gap(seed, b, service):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 18))
    columns = {"arrival": rng.integers(0, 50, n), "severity": rng.integers(1, 4, n), "match": rng.integers(0, 2, n)}
    queue = pd.DataFrame(columns, index=rng.permutation(n) // 2)
    assert same(function("discretion_gap")(queue, b, service), methods.discretion_gap(queue, b, service))
