"""The model answers and the library were written separately: on random inputs they agree."""

import numpy as np
import pandas as pd
import pytest
from harness import Exercise, outcome, same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrated_care import load, variation

EXERCISE = Exercise("variation")
function = EXERCISE.function
models = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

# Tenths, so that no month lies within rounding of a line unless it lies on it.
tenths = st.integers(-300, 300).map(lambda k: k / 10)
months = st.lists(st.one_of(tenths, st.just(np.nan)), max_size=25)
pairs = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=12)
power, gamma = st.just(0) | st.floats(0, 2), st.just(0) | st.floats(0, 0.95)


@models
@given(months)
def test_xmr(x):
    assert same(function("xmr")(x), variation.xmr(x))


@models
@given(pairs)
def test_p_limits(rows):
    num, den = [a for a, _ in rows], [a + b for a, b in rows]
    ours, theirs = function("p_limits")(num, den), variation.p_limits(num, den)
    assert list(ours.columns) == list(theirs)
    assert all(same(ours[name], theirs[name]) for name in theirs)


@models
@given(months, st.integers(1, 9), st.booleans())
def test_signals(x, run, by_month):
    lines = variation.xmr(x)
    if by_month:
        lines = [np.full(len(x), line) for line in lines]
    ours, theirs = function("signals")(x, *lines, run), variation.signals(x, *lines, run)
    assert all(list(ours[rule]) == theirs[rule].tolist() for rule in ("beyond", "run"))


@models
@given(months, tenths, st.integers(-2, 20).map(lambda k: k / 10), st.booleans())
def test_rag_and_its_flips(x, target, tol, low):
    for name in ("rag", "rag_flips"):
        ours, theirs = (
            outcome(function(name), x, target, abs(tol), low),
            getattr(variation, name)(x, target, abs(tol), low),
        )
        assert list(np.atleast_1d(ours)) == list(np.atleast_1d(theirs)), name
    assert outcome(function("rag"), x, target, -1, low) == "refused"


@models
@given(st.floats(90, 99), st.just(0) | st.floats(0.1, 3), st.floats(0, 3), st.integers(2, 300), st.integers(0, 99))
def test_stable_flip_rate(mu, sd, tol, n, seed):
    given_numbers = (mu, sd, 95, tol, n, seed)
    assert same(function("stable_flip_rate")(*given_numbers), variation.stable_flip_rate(*given_numbers))


@models
@given(pairs, st.floats(1, 4))
def test_funnel(rows, z):
    num, den = [a for a, _ in rows], [a + b for a, b in rows]
    if not sum(den):
        return  # the task says that somebody was counted
    ours, theirs = function("funnel")(num, den, z), variation.funnel(num, den, z)
    for name in ours:
        assert same(ours[name], theirs[name]), name


@models
@given(power, power, gamma)
def test_multitask(b, m, g):
    assert same(function("multitask")(b, m, g), variation.multitask(b, m, g))


@models
@given(st.lists(st.integers(200, 280) | st.just(np.nan), max_size=60), st.integers(1, 20))
def test_heaping_index(minutes, w):
    assert same(function("heaping_index")(minutes, 240, w), variation.heaping_index(minutes, 240, w))


def test_what_is_refused_is_refused_by_both():
    for name, given_numbers in {
        "p_limits": ([3], [2]),
        "rag": ([1], 1, -1),
        "stable_flip_rate": (95, -1, 95, 1, 10, 0),
        "multitask": (1, 1, 1),
        "heaping_index": ([1], 240, 0),
    }.items():
        assert outcome(function(name), *given_numbers) == "refused", name
        assert outcome(getattr(variation, name), *given_numbers) == "refused", name


def test_the_real_boards():
    table = load("england_icb_ae_monthly")
    share = table.assign(share=1 - table["attendances_over_4hours"] / table["total_attendances"])
    wide = share.pivot(index="icb_name", columns="month", values="share")
    wide = wide.reindex(columns=pd.period_range("2022-04", "2025-07", freq="M").astype(str))
    limits = variation.xmr(wide)
    found = variation.signals(wide, *limits)
    for i, x in enumerate(wide.to_numpy()):
        assert same(function("xmr")(x), [limit[i] for limit in limits])
        ours = function("signals")(x, *(limit[i] for limit in limits))
        assert all(list(ours[rule]) == found[rule][i].tolist() for rule in ours)


@pytest.mark.parametrize("factor", [0.99, 1.01])
def test_the_comparison_can_fail(factor):
    """What proves agreement must see a difference of a hundredth."""
    assert not same(function("xmr")([1, 2, 4]), [factor * limit for limit in variation.xmr([1, 2, 4])])


def test_each_task_names_the_claims_that_list_it():
    """The page of claims links a claim to the tasks that its row names: each of them must speak of it."""
    texts = {}
    for cell in EXERCISE.notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## 3."):
            texts[cell.source.split()[1]] = cell.source
    listed = [(row.id, task) for row in load("claims").itertuples() for task in str(row.exercises).split(";")]
    ours = [(claim, task) for claim, task in listed if task in texts]
    assert len(ours) >= 9
    assert [pair for pair in ours if pair[0] not in texts[pair[1]]] == []
