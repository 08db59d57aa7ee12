"""The model answers and the library were written separately: on random inputs they agree."""

import numpy as np
import pytest
from harness import Exercise, outcome, same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrated_care import access, load

EXERCISE = Exercise("access")
function = EXERCISE.function
models = settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

# Quarters are exact in binary, so a settlement on a boundary lies on it.
quarters = st.integers(0, 120).map(lambda k: k / 4)
way = quarters | st.just(np.inf)
counts = st.integers(0, 40)


@st.composite
def regions(draw, ways=way):
    """Supply, people and ways of a small region."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    supply = draw(st.lists(counts, min_size=m, max_size=m))
    pop = draw(st.lists(counts, min_size=n, max_size=n))
    return supply, pop, draw(st.lists(st.lists(ways, min_size=m, max_size=m), min_size=n, max_size=n))


points = st.lists(st.tuples(quarters, quarters), max_size=6)


@models
@given(points, points)
def test_pairwise_km(a, b):
    ours, theirs = function("pairwise_km")(a, b), access.pairwise_km(a, b)
    assert ours.shape == theirs.shape and np.allclose(ours, theirs)


@models
@given(st.lists(st.tuples(counts, way), max_size=8), quarters)
def test_share_beyond(rows, cut):
    pop, km = [n for n, _ in rows], [d for _, d in rows]
    assert same(function("share_beyond")(pop, km, cut), access.share_beyond(pop, km, cut))


@models
@given(
    st.lists(st.tuples(counts, quarters), min_size=1, max_size=8), st.sampled_from([0, 0.25, 0.5, 0.75, 1]), quarters
)
def test_calibrate_detour(rows, target, cut):
    pop, km = [n for n, _ in rows], [d for _, d in rows]
    if not sum(pop):
        return  # the task says that there are people
    ours, theirs = (outcome(f, pop, km, target, cut) for f in (function("calibrate_detour"), access.calibrate_detour))
    assert ours == theirs or same(ours, theirs)


@models
@given(regions(), quarters)
def test_two_sfca(region, d0):
    assert np.allclose(function("two_sfca")(*region, d0), access.two_sfca(*region, d0))


@models
@given(regions(), st.lists(st.tuples(quarters, st.sampled_from([0, 0.25, 0.5, 1])), min_size=1, max_size=4))
def test_e2sfca(region, rows):
    bands = sorted({end for end, _ in rows})
    weights = [weight for _, weight in rows][: len(bands)]
    assert np.allclose(function("e2sfca")(*region, bands, weights), access.e2sfca(*region, bands, weights))


@models
@given(regions(quarters), st.integers(0, 6))
def test_p_median(region, p):
    _, w, d = region
    sites = function("greedy_p_median")(w, d, p)
    assert sites == access.greedy_p_median(w, d, p)
    if sites:
        assert same(function("p_median_cost")(w, d, sites), access.p_median_cost(w, d, sites))


@models
@given(regions(), quarters, st.integers(0, 6))
def test_mclp(region, d0, p):
    _, w, d = region
    cover = np.array(d) <= d0
    sites, covered = function("mclp")(w, cover, p)
    assert len(sites) <= p and covered == np.array(w)[cover[:, sites].any(axis=1)].sum()
    assert covered == pytest.approx(access.mclp(w, cover, p)[1])


@models
@given(st.integers(0, 90), st.lists(counts, min_size=1, max_size=8), st.integers(0, 5))
def test_apportion(total, need, minimum):
    ours, theirs = (outcome(f, total, need, minimum) for f in (function("apportion"), access.apportion))
    assert ours == theirs


def test_what_is_refused_is_refused_by_both():
    for name, given_numbers in {
        "calibrate_detour": ([1, 1], [12, 0], 0.75),
        "e2sfca": ([3], [10], [[2]], [5, 9], [1]),
        "apportion": (3, [1, 1], 2),
    }.items():
        assert outcome(function(name), *given_numbers) == "refused", name
        assert outcome(getattr(access, name), *given_numbers) == "refused", name


def test_the_region_of_the_course():
    places, facilities = load("synth_region_settlements"), load("synth_facilities")
    where = ["x_km", "y_km"]
    d = function("pairwise_km")(places[where], facilities[where])
    assert np.allclose(d, access.pairwise_km(places[where], facilities[where]))
    for call in (
        lambda f: f("two_sfca")(facilities["doctors"], places["pop"], d, 20),
        lambda f: f("e2sfca")(facilities["doctors"], places["pop"], d, [10, 20, 30], [1, 0.68, 0.22]),
    ):
        assert np.allclose(call(function), call(lambda name: getattr(access, name)))
