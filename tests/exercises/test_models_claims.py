"""The model answers and the library were written separately: on random inputs they agree."""

import math

import pandas as pd
import pytest
from harness import Exercise, bank, outcome, same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrated_care import claims, load

EXERCISE = Exercise("claims")
function = EXERCISE.function
models = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


numbers = st.integers(0, 30) | st.floats(0, 9).map(lambda x: round(x, 2))


@models
@given(st.lists(st.tuples(numbers, st.integers(-1, 9)), min_size=1, max_size=5))
def test_density_per_1000(rows):
    n, people = map(list, zip(*rows, strict=True))
    for given_n, given_people in ((n, people), (n[0], people[0]), (n, people[0])):
        ours = outcome(function("density_per_1000"), given_n, given_people)
        assert same(ours, outcome(claims.density_per_1000, given_n, given_people))


@models
@given(st.dictionaries(st.text(max_size=2), numbers | st.none(), min_size=1), numbers | st.none())
def test_reconcile(parts, reported):
    assert same(function("reconcile")(parts, reported), claims.reconcile(parts, reported))


fields = st.fixed_dictionaries(
    {},
    optional={
        "year": st.sampled_from([2020, 2021, None]), "geography": st.sampled_from(["Fes", "Leeds"]),
        "sector": st.sampled_from(["public", float("nan")]), "unit": st.just("per 1,000"),
        "headcount": st.sampled_from([True, False, pd.NA]), "value": numbers,
    },
)  # fmt: skip


@models
@given(fields, fields)
def test_comparability(a, b):
    assert function("comparability")(a, b) == claims.comparability(a, b)
    assert function("comparability")(a, a) == claims.comparability(a, a)


@models
@given(st.lists(st.integers(0, 12), min_size=6, max_size=6), st.sampled_from([(4,), (5,), (4, 5), ()]))
def test_real_change(given_numbers, without):
    inputs = [None if i in without else number for i, number in enumerate(given_numbers)]
    assert same(outcome(function("real_change"), *inputs), outcome(claims.real_change, *inputs))


above = st.integers(1, 12)
candidate = st.tuples(above, above, above, above, above, above) | st.tuples(
    above, above, above, above, st.none(), st.none()
)


@models
@given(st.dictionaries(st.text("ab", max_size=2), candidate), st.integers(-20, 40), st.integers(0, 30))
def test_explain_claim(candidates, claimed, tol):
    ours = function("explain_claim")(claimed / 20, candidates, tol / 20)
    assert ours == claims.explain_claim(claimed / 20, candidates, tol / 20)


ends = st.integers(-6, 6)


@models
@given(st.lists(st.tuples(ends, ends), min_size=1, max_size=4))
def test_interval_product(pairs):
    assert same(outcome(function("interval_product"), *pairs), outcome(claims.interval_product, *pairs))


@models
@given(st.integers(-1, 50), st.tuples(st.integers(-1, 11), st.integers(-1, 11)))
def test_people_beyond(pop, tenths):
    share = tuple(tenth / 10 for tenth in tenths)
    assert same(outcome(function("people_beyond"), pop, share), outcome(claims.people_beyond, pop, share))


@st.composite
def papers(draw):
    """A few claims of two papers and their references, with gaps, brackets and works in press."""
    refs = [
        (seed, ref, draw(st.sampled_from([2010, 2015, 2020, None, "in press"])))
        for seed in "PQ"
        for ref in draw(st.sets(st.sampled_from([1, 2, 3, 12])))
    ]
    cited = st.sampled_from(["1", "(2)", "1,2", " 3, 12", "12", "", None])
    rows = [
        (f"c{i}", draw(st.sampled_from("PQ")), draw(cited), draw(st.sampled_from([2009, 2015, 2016, 2021, None])))
        for i in range(draw(st.integers(0, 6)))
    ]
    return (
        pd.DataFrame(rows, columns=["id", "seed", "cited_ref", "event_year_end"]),
        pd.DataFrame(refs, columns=["seed", "ref", "ref_year"]),
    )


@models
@given(papers())
def test_anachronisms(tables):
    rows, refs = tables
    if len(refs):  # an empty list of references has no types
        theirs = claims.anachronisms(rows, refs)
        assert function("anachronisms")(rows, refs) == theirs
        for answer in next(task for task in bank("claims").TASKS if task.function == "anachronisms").right:
            assert function("anachronisms", answer.source)(rows, refs) == theirs


@models
@given(st.integers(0, 50), st.integers(0, 9) | st.none())
def test_implied_package(total, n):
    theirs = claims.implied_package(total, math.nan if n is None else n)
    assert same(function("implied_package")(total, n), theirs)


@models
@given(st.integers(0, 9), st.integers(0, 9), st.booleans())
def test_attribution_share(part, whole, nested):
    ours = outcome(function("attribution_share"), part, whole, nested)
    assert same(ours, outcome(claims.attribution_share, part, whole, nested))


@models
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy")), max_size=12))
def test_status_table(pairs):
    rows = pd.DataFrame(pairs, columns=["kind", "check_status"])
    ours = function("status_table")(rows, ["b", "c", "a"], ["z", "y", "x"])
    theirs = claims.status_table(rows, ["b", "c", "a"], ["z", "y", "x"])
    for mine, other in zip(ours, theirs, strict=True):
        assert list(mine.index) == list(other.index) and list(mine.columns) == list(other.columns)
        assert same(mine.to_numpy(float), other.to_numpy(float))


def test_the_two_papers():
    tables = load("claims"), load("seed_references")
    assert function("anachronisms")(*tables) == claims.anachronisms(*tables)


@pytest.mark.parametrize("factor", [1, 2])
def test_the_comparison_can_fail(factor):
    assert same(function("real_change")(100, 110, 100, 125 * factor), claims.real_change(100, 110, 100, 125)) == (
        factor == 1
    )


def test_each_task_names_the_claims_that_list_it():
    """The page of claims links a claim to the tasks that its row names: each of them must speak of it."""
    texts, number = {}, None
    for cell in EXERCISE.notebook.cells:
        if cell.cell_type == "markdown":
            if cell.source.startswith("## 1."):
                number = cell.source.split()[1]
            texts[number] = texts.get(number, "") + cell.source
    for row in load("claims").itertuples():
        for task in str(row.exercises).split(";"):
            if task in texts and task != "1.10":
                assert row.id in texts[task], f"claim {row.id} lists task {task}, whose text does not name it"
