"""The model answers and the library were written separately: on random inputs they agree."""

import numpy as np
import pandas as pd
import pytest
from harness import Exercise, outcome, same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrated_care import evaluation, load

EXERCISE = Exercise("evaluation")
function = EXERCISE.function
models = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

# Eighths and whole numbers, so that ties and calipers are exact.
eighths = st.integers(0, 40).map(lambda k: k / 8)
people = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5), st.booleans(), st.integers(0, 4)), max_size=25)


def columns(rows):
    return [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []]


@models
@given(people, st.sampled_from([0.125, 0.25, 0.5, 1]))
def test_capture(rows, top):
    score, y, _, _ = columns(rows)
    assert same(function("capture")(score, y, top), evaluation.capture(score, y, top))


@models
@given(people)
def test_auc(rows):
    score, _, y, _ = columns(rows)
    assert same(function("auc")(score, [int(v) for v in y]), evaluation.auc(score, [int(v) for v in y]))


@models
@given(eighths, st.floats(0.1, 3), st.floats(0.1, 5) | st.just(np.inf))
def test_expected_rtm(y, mu, k):
    theirs = evaluation.posterior_rate(y, mu, k), evaluation.expected_rtm(y, mu, k)
    assert same(function("expected_rtm")(y, mu, k), theirs)


@models
@given(people, st.floats(0.1, 3), st.floats(0.1, 5))
def test_changes(rows, mu, k):
    before, after, _, _ = columns(rows)
    theirs = evaluation.naive_change(before, after), evaluation.rtm_adjusted(before, after, mu, k)
    assert same(function("changes")(before, after, mu, k), theirs)


@models
@given(people)
def test_did(rows):
    before, after, treated, cluster = columns(rows)
    given_columns = before, after, [int(t) for t in treated], cluster
    ours = outcome(lambda *given: function("did")(*given, n_boot=5)[0], *given_columns)
    theirs = outcome(lambda *given: evaluation.did(*given, n_boot=5)["estimate"], *given_columns)
    assert same(ours, theirs)


def test_the_interval_of_did():
    """Both draw from the same generator, in the same order: the intervals agree to the last digit."""
    table = load("synth_cohort").query("team != 'B'")
    given_columns = [table[name] for name in ("y0", "y1", "visited", "practice")]
    ours, theirs = function("did")(*given_columns, n_boot=300, seed=4), evaluation.did(*given_columns, 300, 4)
    assert same(ours, [theirs[name] for name in ("estimate", "low", "high")])


@models
@given(people, st.sampled_from([None, 0, 0.5, 2]))
def test_match(rows, caliper):
    score, _, treated, _ = columns(rows)
    ids = np.random.default_rng(len(rows)).permutation(len(rows)).tolist()
    given_columns = ids, score, [int(t) for t in treated]
    theirs = evaluation.match(*given_columns, caliper)
    assert function("match")(*given_columns, caliper) == list(zip(theirs["treated"], theirs["control"], strict=True))


@models
@given(people.filter(lambda rows: len({row[2] for row in rows}) == 2))
def test_smd(rows):
    x, score, treated, _ = (np.array(column) for column in columns(rows))
    ids, treated = np.arange(len(x)), treated.astype(int)
    pairs = evaluation.match(ids, score, treated, 0.5)
    for kept, chosen in (((), None), ((x[pairs["treated"].astype(int)], x[pairs["control"].astype(int)]), pairs)):
        theirs = evaluation.smd(pd.DataFrame({"x": x}), treated, ids, chosen)["x"]
        assert same(function("smd")(x[treated == 1], x[treated == 0], *kept), theirs)


def test_negative_control():
    table = load("synth_cohort").query("team != 'B'")
    given_columns = [table[name] for name in ("fractures0", "fractures1", "visited", "practice")]
    theirs = evaluation.negative_control(*given_columns, n_boot=200, seed=1)
    draws = [-theirs["se"], theirs["se"]]  # draws with that standard error
    assert function("negative_control")(theirs["estimate"], draws) == ("silent" if theirs["passes"] else "alarm")
    assert function("negative_control")(theirs["se"], draws) == "silent"


@models
@given(st.integers(0, 50), eighths, st.integers(-8, 8).map(lambda k: k / 8), st.integers(0, 900), st.integers(0, 9000))
def test_net_value(n, base, effect, unit_cost, team_cost):
    theirs = (
        evaluation.net_value(n, base, effect, unit_cost, team_cost),
        evaluation.break_even_effect(n, base, unit_cost, team_cost),
    )
    assert same(function("net_value")(n, base, effect, unit_cost, team_cost), theirs)


@models
@given(people, st.integers(0, 12))
def test_choose_by_benefit(rows, n):
    risk, benefit, _, _ = columns(rows)
    ids = np.random.default_rng(n).permutation(len(rows)).tolist()
    shares = [(b - 2) / 8 for b in benefit]
    chosen, averted, by_risk = function("choose_by_benefit")(ids, risk, shares, n)
    theirs = evaluation.choose_by_benefit(ids, risk, shares, n)
    assert chosen == theirs["ids"]
    assert same((averted, by_risk), (theirs["averted"], theirs["averted_by_risk"]))


@pytest.mark.parametrize(
    ("name", "theirs", "given_values"),
    [
        ("capture", "capture", ([1], [1], 0)),
        ("auc", "auc", ([1, 2], [0, 2])),
        ("expected_rtm", "expected_rtm", (-1, 1, 1)),
        ("did", "did", ([1, 1], [1, 1], [1, 0], ["p", "p"])),
        ("net_value", "net_value", (1, 1, 1.5, 1, 1)),
    ],
)
def test_what_is_refused_is_refused_by_both(name, theirs, given_values):
    assert outcome(function(name), *given_values) == "refused"
    assert outcome(getattr(evaluation, theirs), *given_values) == "refused"


@pytest.mark.parametrize("factor", [0.99, 1.01])
def test_the_comparison_can_fail(factor):
    """What proves agreement must see a difference of a hundredth."""
    assert not same(function("expected_rtm")(2, 0.5, 0.5), (factor * 1.25, -0.375))


def test_each_task_names_the_claims_that_list_it():
    """The page of claims links a claim to the tasks that its row names: each of them must speak of it."""
    texts = {}
    for cell in EXERCISE.notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## 7."):
            texts[cell.source.split()[1]] = cell.source
    listed = [(row.id, task) for row in load("claims").itertuples() for task in str(row.exercises).split(";")]
    ours = [(claim, task) for claim, task in listed if task in texts]
    assert len(ours) >= 10
    assert [pair for pair in ours if pair[0] not in texts[pair[1]]] == []
