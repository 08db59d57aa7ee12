"""The model answers and the library were written separately: on random inputs they agree."""

import ast
import tomllib

import numpy as np
import pandas as pd
from answers import ROOT
from harness import Exercise, outcome, same, visible
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrated_care import linkage as methods

exercise = Exercise("linkage")
function = exercise.function
models = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

seeds, share = st.integers(0, 2**32 - 1), st.floats(0, 1)


def records(seed: int, rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    letters = np.array(["p", "q", "r", None], dtype=object)
    table = {name: letters[rng.integers(0, 4, rows)] for name in "xyz"}
    return pd.DataFrame(table, index=rng.integers(0, 3, rows))


@models
@given(st.text(max_size=10) | st.sampled_from(["عبد الله", "Anna  Amal", "أُمّ", "Ward 77", None, float("nan")]))
def test_normalise(name):
    assert function("normalise")(name, methods.ARABIC) == methods.normalise(name)


@models
@given(seeds, st.integers(0, 9))
def test_patterns(seed, rows):
    pairs = pd.concat(
        [records(seed + k, rows).add_suffix(f"_{side}").reset_index(drop=True) for k, side in enumerate("ab")], axis=1
    )
    ours, theirs = function("patterns")(pairs, ["z", "x"]), methods.patterns(pairs, ["z", "x"])
    assert ours.shape == theirs.shape and same(ours, theirs)


@models
@given(st.lists(st.tuples(share, share), min_size=1, max_size=6))
def test_match_weights(chances):
    m, u = zip(*chances, strict=True)
    assert same(function("match_weights")(m, u), methods.match_weights(m, u))


@models
@given(seeds, st.integers(1, 5), st.integers(0, 40))
def test_em_fs(seed, fields, iters):
    rng = np.random.default_rng(seed)
    seen = rng.choice([0, 1, np.nan], (12, fields), p=[0.4, 0.4, 0.2])
    init = (rng.uniform(0.05, 0.95), rng.random(fields), rng.random(fields) if seed % 7 else np.full(fields, 0.3))
    init = (init[0], init[2], init[2]) if seed % 5 == 0 else init
    counts = rng.integers(1, 50, 12)
    ours = outcome(function("em_fs"), seen, counts, iters, init)
    theirs = outcome(lambda: methods.em_fs(seen, counts, iters, init=init))
    if isinstance(ours, str) or isinstance(theirs, str):
        assert ours == theirs
    else:
        assert all(same(one, two, 1e-7) for one, two in zip(ours, theirs, strict=True))


@models
@given(seeds)
def test_maturity(seed):
    rng = np.random.default_rng(seed)
    grid = [(s, o, c) for s in "CAB" for o in ("gp", "social_care", "acute") for c in "xy"]
    df = pd.DataFrame(grid, columns=["system", "organisation", "content"]).sample(frac=0.8, random_state=seed % 2**31)
    df["coverage"] = np.where(rng.random(len(df)) < 0.3, np.nan, rng.choice([0, 0.5, 0.9], len(df)))
    weights = {o: float(rng.integers(0, 3)) for o in ("gp", "social_care", "acute")}
    ours, theirs = function("maturity")(df, weights), methods.maturity(df, weights)
    assert list(ours[0].index) == list(theirs[0].index) and same(ours[0], theirs[0]) and same(ours[1], theirs[1])


@models
@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from("cab")), min_size=1, max_size=12), st.booleans()
)
def test_linkage_quality(rows, grouped):
    pred, truth, group = zip(*rows, strict=True)
    group = group if grouped else None
    ours, theirs = function("linkage_quality")(pred, truth, group), methods.linkage_quality(pred, truth, group)
    assert list(ours.index) == list(theirs.index) and list(ours) == list(theirs) and same(ours, theirs)


@models
@given(*[st.just(0.0) | st.floats(0.01, 1)] * 4)
def test_linked_ratio(poor, rich, found_poor, found_rich):
    asked = (20 * poor, 20 * rich), (found_poor, found_rich)
    assert same(function("linked_ratio")(*asked), methods.linked_ratio(*asked))


@models
@given(seeds, st.integers(0, 8), st.integers(0, 8), st.sampled_from([["x"], ["y", "z"]]))
def test_blocking(seed, rows_a, rows_b, keys):
    rng = np.random.default_rng(seed)
    a, b = records(seed, rows_a), records(seed + 1, rows_b)
    truth = [(int(rng.integers(rows_a)), int(rng.integers(rows_b))) for _ in range(3)] if rows_a and rows_b else []
    assert same(function("blocking")(a, b, keys, truth), methods.blocking(a, b, keys, truth))


@models
@given(seeds, st.integers(1, 6), st.integers(1, 5))
def test_synthetic_control(seed, units, before):
    rng = np.random.default_rng(seed)
    Y = pd.DataFrame(rng.normal(10, 3, (before + 2, units)), columns=list("tabcdef")[:units])
    ours, theirs = (
        outcome(function("synthetic_control"), Y, "t", before),
        outcome(methods.synthetic_control, Y, "t", before),
    )
    if isinstance(theirs, str):
        assert ours == theirs == "refused"
    else:
        early = slice(0, before)
        assert same((ours[1][early] ** 2).sum(), (theirs[1][early] ** 2).sum(), 1e-5)
    if units > 2 and before > units:  # otherwise a perfect fit and its noise decide
        assert same(function("placebo_p")(Y, "t", before), methods.placebo_p(Y, "t", before))


# --- another draw of the people, which only the hidden tests hold -------------------------------------------------------


def test_the_hidden_patterns_are_another_draw_of_the_generator(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "datasets" / "recipes")
    register, stays = __import__("people").people(77)

    def fields(t: pd.DataFrame) -> pd.DataFrame:
        names = {name: t[name].map(methods.skeleton) for name in ("given", "family")}
        return pd.DataFrame(names | {"day": t["born"].str[5:], "number": t["id_number"].replace("", None)})

    found, counts = methods.count_patterns(fields(register), fields(stays), ["given", "family", "day", "number"])
    rows = ["".join("-" if np.isnan(x) else str(int(x)) for x in row) for row in found]
    assert drawn() == dict(zip(rows, counts.tolist(), strict=True))


def test_what_the_student_has_holds_neither_that_draw_nor_the_generator():
    source = "".join(cell.source for cell in exercise.notebook.cells)
    for count in ("4856046", "854581"):
        assert count in source and count not in visible(source)
    course = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["classroom"]
    carried = {path for pattern in course["include"] for path in ROOT.glob(pattern.split(" -> ")[0])}
    carried -= {path for pattern in course.get("exclude", ()) for path in ROOT.glob(pattern)}
    assert ROOT / "datasets" / "synth_gp.csv" in carried and ROOT / "datasets" / "recipes" / "people.py" not in carried


def drawn() -> dict[str, int]:
    """The literal in the hidden tests: pattern -> count."""
    body = exercise.blocks["em_fs"].tests["em_fs_missing_tests"]
    for node in ast.walk(ast.parse(body)):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "drawn":
            return ast.literal_eval(node.value)
    raise AssertionError("there is no such draw")
