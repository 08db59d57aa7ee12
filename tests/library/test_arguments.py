"""How arguments are read and refused: one form of message, and no way round the guard."""

import doctest
import os
import subprocess
import sys
from math import inf, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrated_care import arguments
from integrated_care.arguments import (
    column,
    columns,
    finite,
    has_columns,
    like,
    numbers,
    one_of,
    refuse,
    refuse_negative,
    refuse_rows,
    say,
    shared_index,
    within,
)

many = settings(max_examples=60, deadline=None, derandomize=True)
amounts = st.floats(allow_infinity=False)  # nan among them


def message(call) -> str | None:
    """What a call is refused with, None where it is not."""
    try:
        call()
    except ValueError as refused:
        return str(refused)
    return None


# --- reading ----------------------------------------------------------------------------------------------------------


@many
@given(st.lists(amounts), amounts)
def test_numbers_keep_their_values_and_their_shape(values, one):
    a, b, c = numbers(a=values, b=one, c=[values, values])
    assert (a.shape, b.shape, c.shape) == ((len(values),), (), (2, len(values)))
    assert a.dtype == b.dtype == float
    np.testing.assert_array_equal(a, np.array(values, dtype=float))
    np.testing.assert_array_equal(c, np.array([values, values], dtype=float))


@many
@given(st.lists(amounts, min_size=1), st.data())
def test_infinity_is_no_number_and_missing_may_be_none(values, data):
    at = data.draw(st.integers(0, len(values) - 1))
    for wrong in (inf, -inf):
        broken = [*values[:at], wrong, *values[at + 1 :]]
        assert message(lambda broken=broken: numbers(x=1, y=broken)) == f"y: {wrong} is not finite"
        assert message(lambda broken=broken: column("y", broken)) == f"y: {wrong} in row {at} is not finite"
    expected = "y: nan is not finite" if np.isnan(values).any() else None
    assert message(lambda: finite(x=1, y=values)) == expected


@pytest.mark.parametrize("missing", [None, nan, pd.NA])
def test_every_kind_of_missing_value_is_nan(missing):
    read = column("x", pd.Series([1, missing], dtype="Int64"))
    assert read[0] == 1 and np.isnan(read[1])


def test_what_is_no_number_is_named():
    assert message(lambda: numbers(delta="soon")).startswith("delta: not a number or a column of numbers (")
    assert message(lambda: column("w", ["x"])).startswith("w: not a column of numbers (")
    assert message(lambda: column("w", [[1, 2]])) == "w: needs one value a row, but its shape is (1, 2)"
    assert message(lambda: column("w", 3)) == "w: needs one value a row, but its shape is ()"
    assert message(lambda: column("w", [1, 2], rows=3)) == "w: has 2 rows, where 3 are needed"
    assert message(lambda: columns({"a": [1], "b": [1, 2]})) == "b: has 2 rows, but a has 1"


@many
@given(st.lists(amounts, max_size=5), st.booleans(), st.booleans())
def test_columns_come_back_with_the_index_of_the_series_among_them(values, one, other):
    index = pd.Index([f"place {i}" for i in range(len(values))])
    series = pd.Series(values, index=index, dtype=float)
    (a, b), shared = columns({"a": series if one else values, "b": series if other else values})
    np.testing.assert_array_equal(a, b)
    assert shared is None if not (one or other) else shared.equals(index)
    out = like(a, shared, "double")
    if one or other:
        pd.testing.assert_series_equal(out, series.rename("double"))
    else:
        assert out is a


def test_series_of_other_rows_are_refused():
    here, there = pd.Series([1, 2], index=["a", "b"]), pd.Series([1, 2], index=["b", "a"])
    says = "c: its index is not that of b; align the two, or pass .to_numpy()"
    assert message(lambda: columns({"a": [1, 2], "b": here, "c": there})) == says
    assert shared_index({"a": 3, "b": here, "c": here}).equals(here.index)
    assert shared_index({"a": 3}) is None


# --- refusing ---------------------------------------------------------------------------------------------------------


@many
@given(st.lists(st.integers(-5, 5)))
def test_a_refusal_names_the_first_bad_value_and_its_row(values):
    array = np.array(values, dtype=float)
    row = next((i for i, value in enumerate(values) if value < 0), None)
    calls = {
        "in row {row} is negative": lambda: refuse_negative(v=np.ones(3), w=array),
        "in row {row} is low": lambda: refuse_rows("w", array, array < 0, "is low"),
        "is low": lambda: refuse("w", array, array < 0, "is low"),
    }
    for because, call in calls.items():
        assert message(call) == (None if row is None else f"w: {values[row]} {because.format(row=row)}")


def test_a_number_and_a_table_of_numbers_can_be_refused():
    assert message(lambda: refuse("k", -0.5, True, "is negative")) == "k: -0.5 is negative"
    assert message(lambda: refuse("k", 3, False, "is negative")) is None
    assert message(lambda: refuse("k", [[1, 2], [3, 4]], [[False, False], [True, True]], "is large")) == "k: 3 is large"


@many
@given(st.one_of(st.integers(-2, 6), st.sampled_from([nan, inf, -inf])), st.booleans(), st.booleans())
def test_a_number_is_within_its_limits_or_refused(value, open_low, open_high):
    inside = (value > 0 or (value == 0 and not open_low)) and (value < 4 or (value == 4 and not open_high))
    says = message(lambda: within("x", value, 0, 4, open_low=open_low, open_high=open_high))
    assert (says is None) == inside
    if not inside:
        low, high = ("above" if open_low else "at least"), ("below" if open_high else "at most")
        assert says == f"x: {value} is not a finite number {low} 0 and {high} 4"


def test_a_limit_that_is_not_there_is_not_told():
    assert message(lambda: within("x", -1, 0)) == "x: -1 is not a finite number at least 0"
    assert message(lambda: within("x", 9, high=3, open_high=True)) == "x: 9 is not a finite number below 3"
    assert message(lambda: within("x", nan)) == "x: nan is not a finite number"


def test_only_what_is_known_goes_through():
    assert message(lambda: one_of("mode", "dark", ("light", "dark"))) is None
    assert message(lambda: one_of("rung", np.int64(9), range(1, 4))) == "rung: 9 is none of 1, 2, 3"
    assert message(lambda: one_of("status", None, {"all": 1, "formal": 2})) == "status: None is none of 'all', 'formal'"
    assert message(lambda: one_of("kind", pd.NA, pd.Series(["a", "b"]).unique())) == "kind: <NA> is none of 'a', 'b'"


def test_a_missing_column_is_named():
    table = pd.DataFrame({"unit": [1], "y": [2]})
    assert message(lambda: has_columns("table", table, ["y", "unit"])) is None
    assert message(lambda: has_columns("table", table, ("y", "z"))) == "table: there is no column 'z'"


def test_a_label_is_said_as_a_person_would_type_it():
    assert [say(label) for label in (np.int64(1), "a", ("r", "n"), None)] == ["1", "'a'", "('r', 'n')", "None"]


# --- the module -------------------------------------------------------------------------------------------------------


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(arguments)
    assert result.attempted >= 6
    assert result.failed == 0


def test_it_is_open_while_grading_and_brings_no_method_along():
    """Charts and tables need it then; it must not be a way to the methods."""
    code = """
import sys
import integrated_care.arguments, integrated_care.charts
ours = {name for name in sys.modules if name.startswith("integrated_care")}
assert ours == {f"integrated_care{name}" for name in ("", ".arguments", ".charts", ".datasets", ".prose")}, ours
"""
    environment = os.environ | {"NBGRADER_EXECUTION": "autograde"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
