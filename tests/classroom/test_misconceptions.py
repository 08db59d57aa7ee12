"""Which error a failed test names: by the line that failed, in the words of the instructor's source."""

import pytest

from classroom.leaks import Markers
from classroom.misconceptions import OUT_OF_TIME, SILENT, STRANGE, Error, Seen, TestCell, told

MARKERS = Markers((("model answer", "A", "B"), ("hidden test", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS")))
SETUP = """\
def _answer(when, function, *inputs):
    try:
        return function(*inputs)
    except Exception as error:
        raise AssertionError(f"{when}: {function.__name__}() stopped with {type(error).__name__}: {error}") from None"""
TEST = """\
def _tests():
    read = 'Chapter 5, "A gap has two sizes" (the rules are in task 5.1)'
    got = half(8)
    assert got != 16, f'You doubled 8: divide by 2, as in f(8, ...). {read}'
    assert (
        got == 4
    ), f'Half of 8 is 4, not {got}. {read}'
    assert half(0) == 0
    try:
        half(None)
    except TypeError as error:
        raise AssertionError(f'None is nan. It stopped with {error!r}. {read}')
    check(half(1), 0.5)
    ### BEGIN HIDDEN TESTS
    assert half(6) == 3, 'Half of ' + f'{6} is 3.' + ' Mind ' + str(got)
    ### END HIDDEN TESTS
_tests()"""
OURS = {"setup": TestCell(SETUP, MARKERS), "half_tests": TestCell(TEST, MARKERS)}
COUNTS = {1: "setup", 2: "half", 3: "half_tests"}
GAP = (5, "A gap has two sizes")
WRONG_HALF = Error("Half of 8 is 4, not ….", Seen.VISIBLE, *GAP)


def failed(name: str, message: str, *frames: tuple[int, int], traceback: list[str] | None = None) -> dict:
    """A test cell that ended in an exception, raised in the last of the frames (execution count, line)."""
    lines = [f"\x1b[36mCell \x1b[39mIn[{count}], line {line}, in f()\n----> {line} code" for count, line in frames]
    lines = [line.replace("Cell \x1b[39mIn", "Cell In") for line in lines] if traceback is None else traceback
    output = {"output_type": "error", "ename": name, "evalue": message, "traceback": lines}
    return {"metadata": {"nbgrader": {"grade_id": "half_tests"}}, "outputs": [output]}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (4, Error("You doubled 8: divide by 2, as in f(8, ...).", Seen.VISIBLE, *GAP)),
        (6, WRONG_HALF),
        (8, Error("assert half(0) == 0", Seen.VISIBLE)),  # it says nothing, so its own words do
        (12, Error("None is nan.", Seen.VISIBLE, *GAP)),
        (13, Error("check(half(1), 0.5)", Seen.VISIBLE)),
        (15, Error("Half of … is 3. Mind …", Seen.HIDDEN)),
    ],
)
def test_a_line_that_fails_says_which_error(line, expected):
    assert told(failed("AssertionError", "whatever", (3, 17), (3, line)), OURS, COUNTS) == expected


def test_without_a_traceback_the_message_says_which():
    """As after something that drops tracebacks; values with line ends and signs of patterns fit, too."""
    said = 'Half of 8 is 4, not [1.*\n2]. Chapter 5, "A gap has two sizes" (the rules are in task 5.1)'
    assert told(failed("AssertionError", said), OURS, COUNTS) == WRONG_HALF
    assert told(failed("AssertionError", ""), OURS, COUNTS) == Error("assert half(0) == 0", Seen.VISIBLE)
    assert told(failed("AssertionError", "You know nothing"), OURS, COUNTS).seen is Seen.OWN


FORMATS = {
    "IPython 9": ["Cell In[3], line 17\n---> 17 _tests()", "Cell In[3], line 6, in _tests()\n----> 6     got == 4"],
    "IPython 8.0": [
        "Input In [3], in <cell line: 17>()\n---> 17 _tests()",
        "Input In [3], in _tests()\n      5 (\n----> 6 got",
    ],
    "IPython 7": [
        "<ipython-input-3-0a1b2c> in <module>\n---> 17 _tests()",
        "<ipython-input-3-0a1b2c> in _tests()\n----> 6 got",
    ],
    "colours": [
        "\x1b[1;32mCell In[3], line 17\x1b[0m\n",
        "Cell \x1b[0mIn[3], line 6, in _tests()".replace("\x1b[0m", ""),
    ],
}


@pytest.mark.parametrize("form", FORMATS)
def test_tracebacks_of_every_ipython_are_read(form):
    assert told(failed("AssertionError", "x", traceback=FORMATS[form]), OURS, COUNTS) == WRONG_HALF


def test_what_a_student_raises_is_not_ours_whatever_it_says():
    """With our words, as our exception, out of the student's cell or of one that nbgrader does not know."""
    said = "Half of 8 is 4, not 5. Chapter 5"
    for counts in (COUNTS, {1: "setup", 3: "half_tests"}, {1: "setup", 2: "", 3: "half_tests"}):
        error = told(failed("AssertionError", said, (3, 17), (3, 3), (2, 6)), OURS, counts)
        assert error == Error("The code stopped with AssertionError.", Seen.OWN)


def test_a_helpers_sentence_about_an_exception_names_the_exception():
    said = "The worked example: half() stopped with TypeError: unsupported operand."
    found = told(failed("AssertionError", said, (3, 17), (3, 3), (1, 5)), OURS, COUNTS)
    assert found == Error("The code stopped with TypeError.", Seen.OWN)
    strange = told(failed("AssertionError", "When: half() stopped with <b>Ada</b>: x", (3, 17), (1, 5)), OURS, COUNTS)
    assert "Ada" not in strange.text


def test_other_exceptions_have_no_words_of_a_students_own():
    assert (
        told(failed("NameError", "name 'ada' is not defined", (2, 1)), OURS, COUNTS).text
        == "The code stopped with NameError."
    )
    assert told(failed("<script>Ada</script>", "boo", (2, 1)), OURS, COUNTS) == STRANGE
    assert told(failed("CellTimeoutError", "", (2, 1)), OURS, COUNTS) == OUT_OF_TIME
    assert told(failed("NotImplementedError", "write half() first", (2, 1)), OURS, COUNTS) is None
    assert told({"metadata": {"nbgrader": {"grade_id": "half_tests"}}, "outputs": []}, OURS, COUNTS) == SILENT


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("expected 20, got -3", "expected 7, got 0.25", True),
        ("Areas of 1,000 people", "Areas of 12 people", True),
        ("noise below 1e-12", "noise below 1e-9", True),
        ("abs0 is wrong", "abs1 is wrong", False),  # names of entries
        ("take 2", "take two", False),
    ],
)
def test_two_errors_that_differ_in_numbers_only_are_one(one, other, same):
    assert (Error(one, Seen.VISIBLE).key == Error(other, Seen.VISIBLE).key) is same
    assert Error(one, Seen.VISIBLE).key != Error(one, Seen.HIDDEN).key


def test_a_cell_that_is_no_python_names_its_lines():
    magic = TestCell("%%time\nassert half(8) == 4, 'no'", MARKERS)
    assert magic.at(2) == Error("assert half(8) == 4, 'no'", Seen.VISIBLE)
    assert magic.at(9) is None and magic.saying("no") is None
