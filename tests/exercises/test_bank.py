"""Every answer of the bank goes through the real test cells: right ones earn all points, wrong ones learn why not."""

import re

import pytest
from answers import BOUNDARY, CONSTANT, EDGE, KINDS, MISCONCEPTION, STUB, Answers, source_of
from harness import BANKS, NOTEBOOKS, Exercise, bank, outcome, same

EXERCISES = {name: Exercise(name) for name in BANKS}
TASKS = [(name, task) for name in BANKS for task in bank(name).TASKS]
RIGHT = [(name, task, answer) for name, task in TASKS for answer in task.right]
WRONG = [(name, task, answer) for name, task in TASKS for answer in (task.stub, *task.wrong)]


def label(value: object) -> str:
    return getattr(value, "function", None) or getattr(value, "name", None) or str(value)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_exercise_has_an_answer_bank(name):
    assert bank(name).TASKS


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name, task, answer", RIGHT, ids=label)
def test_a_right_answer_earns_every_point(name, task, answer):
    failed = {cell: said for cell, said in EXERCISES[name].mark(task.function, answer.source).items() if said}
    assert failed == {}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name, task", TASKS, ids=label)
def test_the_model_answer_earns_every_point(name, task):
    model = EXERCISES[name].blocks[task.function].model
    failed = {cell: said for cell, said in EXERCISES[name].mark(task.function, model).items() if said}
    assert failed == {}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name, task, answer", WRONG, ids=label)
def test_a_wrong_answer_loses_its_points_and_reads_why(name, task, answer):
    failed = {cell: said for cell, said in EXERCISES[name].mark(task.function, answer.source).items() if said}
    assert tuple(failed) == answer.loses
    assert any(answer.says in said for said in failed.values()), f"none of them says {answer.says!r}: {failed}"
    if answer.kind == STUB:
        assert set(failed.values()) == {f"NotImplementedError: {answer.says}"}
    else:  # a sentence of ours, not a traceback of Python's
        assert all(said.startswith("AssertionError: ") for said in failed.values()), failed


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name, task, answer", [row for row in WRONG if row[2].kind == MISCONCEPTION], ids=label)
def test_a_mistaken_idea_shows_before_handing_in(name, task, answer):
    """Points are all or nothing, so green must not hide that the idea of the task was missed."""
    seen = EXERCISES[name].mark(task.function, answer.source, only_visible=True).values()
    assert any(seen), "no visible test fails"


@pytest.mark.parametrize("name, task", TASKS, ids=label)
def test_the_bank_is_rich_enough(name, task):
    assert len({answer.name for answer in task.answers}) == len(task.answers)
    assert len(task.right) >= 2
    assert len(task.wrong) >= 4
    assert {wrong.kind for wrong in task.wrong} >= {MISCONCEPTION, BOUNDARY, EDGE, CONSTANT} <= set(KINDS)
    sources = [answer.source for answer in task.answers] + [EXERCISES[name].blocks[task.function].model]
    assert len(set(sources)) == len(sources)
    # Each test cell is seen to fail for more than the stub, and some wrong answer still earns it.
    for cell in task.points:
        assert any(cell in wrong.loses for wrong in task.wrong), f"nothing but the stub fails {cell}"
    if len(task.points) > 1:
        assert any(len(wrong.loses) < len(task.points) for wrong in task.wrong), "no wrong answer earns partial credit"


@pytest.mark.parametrize("name", BANKS)
def test_every_function_has_answers_and_the_samples_fit_the_rubric(name):
    chapter, exercise = bank(name), EXERCISES[name]
    assert [task.function for task in chapter.TASKS] == list(exercise.blocks)
    assert sum(exercise.criteria.values()) == sum(exercise.manual.values())
    assert [sample.name for sample in chapter.SAMPLES] == ["weak", "adequate", "strong"]
    totals = [sample.total for sample in chapter.SAMPLES]
    assert totals == sorted(set(totals))
    for sample in chapter.SAMPLES:
        assert list(sample.marks) == list(exercise.criteria)
        for criterion, points in exercise.criteria.items():
            assert 0 <= sample.marks[criterion][0] <= points
            assert sample.marks[criterion][1]


def test_the_harness_can_say_no():
    """The other tests mean something only if marking sees a wrong sign, and reads stderr as nbgrader does."""
    exercise = Exercise("inequality")
    model = exercise.blocks["sii"].model
    assert all(exercise.mark("sii", model.replace("return -np.sum", "return np.sum")).values())
    noisy = model.replace("### BEGIN SOLUTION", "import sys\n    print('!', file=sys.stderr)")
    assert all("printed to stderr" in said for said in exercise.mark("sii", noisy).values())
    assert same(outcome(int, "one"), "refused") and same([1, float("nan")], [1, float("nan")])
    assert not same(1, "refused") and not same("refused", 1) and not same(1, 1.001)


def test_a_warning_costs_nothing_thanks_to_the_setup_cell():
    exercise = Exercise("inequality")
    warns = (
        "def targeting(flag, deprived, w=None):\n    np.divide(0.0, [0.0])\n    return _targeting(flag, deprived, w)"
    )
    answer = exercise.blocks["targeting"].model.replace("def targeting", "def _targeting") + "\n\n\n" + warns
    assert not any(exercise.mark("targeting", answer).values())
    exercise.setup = exercise.setup.replace('warnings.simplefilter("ignore")', "pass")
    assert any("RuntimeWarning" in (said or "") for said in exercise.mark("targeting", answer).values())


def test_the_text_of_an_answer_is_what_a_student_writes():
    answers = Answers("double", {"double_tests": 2, "double_edges_tests": 1})

    def twice(x):
        return 2 * x

    @answers.right("by a helper", using=["STEP = 1", twice])
    def double(x):
        return twice(x)

    @answers.wrong(
        "squared",
        EDGE,
        loses="edges",
        says="3 is not 2",
    )
    def double(x):  # noqa: F811
        return x**2

    answers.right("a lambda")("double = lambda x: 2 * x")
    assert [right.source for right in answers.task.right] == [
        "STEP = 1\n\n\ndef twice(x):\n    return 2 * x\n\n\ndef double(x):\n    return twice(x)",
        "double = lambda x: 2 * x",
    ]
    assert answers.task.wrong[0].source.endswith("\n    return x**2")
    assert "@" not in answers.task.wrong[0].source
    assert answers.task.wrong[0].loses == ("double_edges_tests",)
    assert source_of(double) == answers.task.wrong[0].source


def test_a_slip_changes_what_stands_exactly_once():
    answers = Answers("double", {"double_tests": 2, "double_edges_tests": 1})
    answers.right("a sum")("def double(x):\n    return x + x")
    slip = {"name": "a product", "kind": EDGE, "of": "a sum", "says": "no"}
    answers.slip(**slip, change={"x + x": "x * x", "double(x)": "double(x, y=1)"})
    assert answers.task.wrong[0].source == "def double(x, y=1):\n    return x * x"
    assert answers.task.wrong[0].loses == ("double_tests", "double_edges_tests")
    for change, why in [
        ({"x +": "x -", "x": "y"}, "double, 'a product': 'x' stands 3 times in 'a sum'"),
        ({"x - x": "0"}, "double, 'a product': 'x - x' stands 0 times in 'a sum'"),
        ({"x + x": "0", "+ x": "- x"}, "double, 'a product': two of the texts to change overlap"),
    ]:
        with pytest.raises(ValueError, match=re.escape(why)):
            answers.slip(**slip, change=change)
    with pytest.raises(ValueError, match="no answer called 'a quotient' is written out above"):
        answers.slip(**slip | {"of": "a quotient"}, change={"x + x": "x / x"})
    with pytest.raises(ValueError, match="double, 'a product' loses 'limits', not one of tests, edges"):
        answers.slip(**slip, change={"x + x": "0"}, loses="tests limits")
    assert len(answers.task.wrong) == 1
