"""The model answers and the library were written separately: on random inputs they agree."""

import numpy as np
import pandas as pd
import pytest
from harness import Exercise, outcome, same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrated_care import boundaries

EXERCISE = Exercise("boundaries")
function = EXERCISE.function
models = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.sampled_from([0, 0, 1, 3, 200, 995]), min_size=width, max_size=width), min_size=1, max_size=5
    )
)
areas = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("uvw"), st.integers(0, 9)), max_size=20)


@st.composite
def maps(draw):
    """People and borders of up to six boards, some of them islands; whole numbers, so that equal costs are equal."""
    names = draw(st.permutations("abcdef"))[: draw(st.integers(1, 6))]
    near = {name: [] for name in names}
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            if draw(st.booleans()):
                near[a].append(b)
                near[b].append(a)
    return {name: draw(st.integers(0, 9)) for name in names}, near


@models
@given(tables, st.sampled_from([0, 0.005, 0.25]))
def test_coterminosity(table, sliver):
    ours, theirs = function("coterminosity")(table, sliver), boundaries.coterminosity(table, sliver)
    assert all(same(ours[name], theirs[name]) for name in theirs)


@models
@given(tables)
def test_cond_entropy(table):
    assert same(function("cond_entropy")(table), boundaries.cond_entropy(table))


@models
@given(st.integers(-2, 5_000_000), st.sampled_from([0, 1e6, 4e6]), st.floats(0, 20), st.sampled_from([0, 1e-7, 1e-6]))
def test_costs_and_sizes(N, F, v, theta):
    ours, theirs = (outcome(make, N, F, v, theta) for make in (function("cost_per_head"), boundaries.cost_per_head))
    assert same(ours, theirs)
    assert same(function("best_size")(F, theta), boundaries.best_size(F, theta))


@models
@given(st.floats(1, 60), st.floats(1, 60))
def test_required_cut(current, target):
    assert same(function("required_cut")(current, target), boundaries.required_cut(current, target))
    assert same(function("required_cut")(current), boundaries.required_cut(current))


@models
@given(maps(), st.data(), st.integers(0, 30))
def test_feasible(drawn, data, floor):
    people, near = drawn
    group = data.draw(st.lists(st.sampled_from(sorted(people)), max_size=6))
    assert function("feasible")(group, people, near, floor) == boundaries.feasible(group, people, near, floor)


@models
@given(maps(), st.integers(0, 7), st.integers(0, 12), st.sampled_from(["square", "size", "none"]))
def test_greedy_merge(drawn, k, floor, kind):
    people, near = drawn

    def cost(group):
        served = sum(people[name] for name in group)
        return {"square": served**2, "size": -(len(group) ** 2), "none": 0}[kind]

    ours, theirs = (
        outcome(make, people, near, k, cost, floor) for make in (function("greedy_merge"), boundaries.greedy_merge)
    )
    assert ours == theirs


@models
@given(areas, st.booleans())
def test_variation_of_information(rows, weighted):
    a, b, people = ([row[i] for row in rows] for i in range(3))
    given_people = people if weighted else None
    ours, theirs = (
        make(a, b, given_people) for make in (function("variation_of_information"), boundaries.variation_of_information)
    )
    assert ours == pytest.approx(theirs, abs=1e-9, nan_ok=True)


@models
@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(0, 3), st.sampled_from("xyz"), st.booleans()), min_size=1, max_size=5
    ),
    st.data(),
)
def test_voice(rows, data):
    people, seats, becomes = ({f"b{i}": row[j] for i, row in enumerate(rows)} for j in range(3))
    new_seats = {name: data.draw(st.integers(0, 5)) for name in "xyz"}
    ties = data.draw(st.lists(st.tuples(st.sampled_from("uv"), st.sampled_from(sorted(people))), max_size=6))
    ours, theirs = (make(people, seats, ties, becomes, new_seats) for make in (function("voice"), boundaries.voice))
    assert all(same(ours[name], theirs[name]) for name in theirs)


@models
@given(st.lists(st.lists(st.integers(-9, 9), min_size=3, max_size=3), min_size=1, max_size=5))
def test_minimax_regret(rows):
    costs = pd.DataFrame(rows, index=[f"act{i}" for i in range(len(rows))][::-1], columns=list("uvw"))
    ours, theirs = (make(costs) for make in (function("minimax_regret"), boundaries.minimax_regret))
    assert ours[0] == theirs[0]
    assert np.allclose(ours[1], theirs[1])
