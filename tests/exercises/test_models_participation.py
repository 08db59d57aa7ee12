"""The model answers of exercise 9 and the library's methods were written separately: on random inputs they agree."""

import numpy as np
import pandas as pd
import pytest
from harness import Exercise, outcome, same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrated_care import participation

function = Exercise("participation").function
models = settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


weights = st.lists(st.integers(-1, 6) | st.floats(0, 9).map(lambda x: round(x, 2)), max_size=15)


@models
@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=20), st.lists(st.integers(1, 9), min_size=3, max_size=3))
def test_representation(sample, people):
    pop = pd.Series(people, index=list("cab"))
    ours, theirs = outcome(function("representation"), sample, pop), outcome(participation.representation, sample, pop)
    if "d" in sample:
        assert ours == theirs == "refused"
    else:
        assert list(ours.index) == list(theirs.index)
        assert same(ours[["ratio", "log2"]], theirs[["ratio", "log2"]])


@models
@given(st.integers(0, 10_000), st.integers(1, 25), st.sampled_from([["a"], ["a", "b"]]))
def test_poststratify(seed, n, cells):
    draw = np.random.default_rng(seed)
    df = pd.DataFrame({"a": draw.integers(0, 2, n), "b": draw.integers(0, 2, n), "y": draw.integers(0, 9, n)})
    df.index = draw.permutation(n)
    totals = pd.DataFrame({"a": [0, 0, 1, 1], "b": [0, 1, 0, 1], "people": draw.integers(0, 4, 4)})
    totals = totals.groupby(cells)["people"].sum()
    if not totals.sum():
        return
    ours = outcome(function("poststratify"), df, cells, totals, "y")
    theirs = outcome(participation.poststratify, df, cells, totals, "y")
    if theirs == "refused":
        assert ours == "refused"
    else:
        assert same(ours[0], theirs[0]) and same(ours[1], theirs[1])
        assert list(ours[1].index) == list(theirs[1].index)


@models
@given(st.integers(0, 10_000), st.integers(4, 60), st.sampled_from([1, 1000, 1.2]))
def test_rake(seed, n, total):
    draw = np.random.default_rng(seed)
    df = pd.DataFrame({name: draw.integers(0, k, n) for name, k in (("a", 2), ("b", 3))}, index=draw.permutation(n))
    margins = {name: pd.Series(draw.dirichlet([6] * k)) * total for name, k in (("a", 2), ("b", 3))}
    if total == 1.2:  # shares and counts mixed
        margins["b"] /= total
    ours = outcome(function("rake"), df, margins, 1e-10, 300)
    theirs = outcome(participation.rake, df, margins, 1e-10, 300)
    if theirs == "refused":
        assert ours == "refused"
    else:
        assert same(ours[0], theirs[0], 1e-6)
        assert list(ours[0].index) == list(theirs[0].index)
    assert (theirs == "refused") or total != 1.2


@models
@given(weights)
def test_kish(w):
    assert same(outcome(function("kish"), w), outcome(participation.kish, w))


@models
@given(weights, st.sampled_from([1, 1.96]))
def test_weighted_ci(w, z):
    y = [k % 3 for k in range(len(w))]
    ours, theirs = outcome(function("weighted_ci"), y, w, z), outcome(participation.weighted_interval, y, w, z)
    assert same(ours, theirs)


@models
@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from("xyz")), min_size=1, max_size=20))
def test_voice_gini(rows):
    minutes, role = zip(*rows, strict=True)
    ours, theirs = function("voice_gini")(minutes, role), participation.voice_gini(minutes, role)
    assert same(ours[0], theirs[0])
    assert list(ours[1].index) == list(theirs[1].index)
    assert same(ours[1][["members", "minutes"]], theirs[1][["members", "minutes"]])


@models
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_tokenism(seed, n):
    draw, rows = np.random.default_rng(seed), []
    for meeting in range(n):
        rung, made = int(draw.integers(1, 9)), int(draw.integers(0, 13))
        rows += [(meeting, rung, "xyz"[int(draw.integers(3))], float(draw.random() < 0.1)) for _ in range(made)]
        if not made:
            rows.append((meeting, rung, None, np.nan))
    df = pd.DataFrame(rows, columns=["meeting", "rung", "proposer", "adopted"]).sample(frac=1, random_state=seed)
    ours, theirs = function("tokenism")(df), participation.tokenism(df)
    assert same(
        [ours[name] for name in ("partnership", "tokenistic")], [theirs[name] for name in ("partnership", "tokenistic")]
    )
    assert list(ours["adoption"].index) == list(theirs["adoption"].index)
    assert same(ours["adoption"], theirs["adoption"])


@models
@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=20),
    st.sampled_from([None, "linear", "quadratic", "cubic"]),
    st.sampled_from([None, range(1, 6), [1, 2, 3, 4], [5, 3, 1, 2, 4]]),
)
def test_kappa(pairs, weights, categories):
    a, b = zip(*pairs, strict=True)
    ours = outcome(function("kappa"), a, b, weights, categories)
    theirs = outcome(participation.kappa, a, b, weights, categories)
    assert same(ours, theirs)


@models
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=20))
def test_ddc(rows):
    r, y = zip(*rows, strict=True)
    assert same(function("ddc")(r, y), participation.data_defect_correlation(r, y))


@models
@given(st.sampled_from([-0.2, 0, 0.01, 0.25, 1, 1.5]), st.sampled_from([-0.3, 0, 0.005, 1]))
def test_n_eff_ddc(f, rho):
    ours, theirs = outcome(function("n_eff_ddc"), f, rho), outcome(participation.effective_size, f, rho)
    assert same(ours, theirs)


@pytest.mark.parametrize("factor", [1, 1.001])
def test_the_comparison_can_fail(factor):
    ours, theirs = function("kish")([1, 1, 2]), participation.kish([1, 1, 2])
    assert same([factor * value for value in ours], theirs) == (factor == 1)
