"""The answers of the banks get the same marks and the same messages from tests beside them and from tests in a process of
their own. Each run looks at one mixture of the exercises whose answers use most kinds of values; CLASSROOM_WHOLE_BANK=1 looks at
every answer to every exercise, which takes half an hour.
"""

import json
import os
import sys
from itertools import cycle

import nbformat
import pytest
from harness import BANKS, NOTEBOOKS, ROOT, Exercise, bank

from classroom.assignment import supplements
from classroom.commands import exports
from classroom.course import open_course
from classroom.execute import Pool
from classroom.judging import in_words, tried
from classroom.matching import asks
from classroom.model import Assignment, Job, Limits, Notebook
from classroom.preprocess import SandboxedExecute

WHOLE = bool(os.environ.get("CLASSROOM_WHOLE_BANK"))
# Graphs, functions that are called back; tables and text; weights; arrays and errors; a plan by lot.
SOME = ("networks", "inequality", "participation", "linkage", "transfer")
pytestmark = [
    pytest.mark.timeout(3600 if WHOLE else 300),
    pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux"),
]


@pytest.fixture(scope="module")
def pool():
    with Pool(1, jail=SandboxedExecute.settings(open_course(ROOT).config)[0]) as pool:
        yield pool


def mixtures(name):
    """Notebooks that together hold every answer to every task: grade id -> answer. The first: one wrong answer to each."""
    tasks = bank(name).TASKS
    answers = {task.function: [wrong.source for wrong in task.wrong] for task in tasks}
    for task in tasks:
        answers[task.function] += [task.stub.source, *(right.source for right in task.right)]
    for place in range(max(map(len, answers.values()))):
        yield {
            function: next(source for at, source in enumerate(cycle(some)) if at == place)
            for function, some in answers.items()
        }


def judged(ran):
    """What the tests gave: of an error what a student reads, of all else the whole."""
    found = {}
    for cell in ran.notebook.cells:
        role = cell.metadata.get("nbgrader") or {}
        if role.get("grade") and role.get("locked"):
            facts = [{**output, "traceback": "", "execution_count": 0} for output in cell.get("outputs", ())]
            found[role["grade_id"]] = facts
    return found


def elsewhere(book, asked, most=8):
    """What tests beside the answers give in other interpreters, each of which has an order of sets of its own."""
    for _ in range(most):
        with Pool(1, jail=SandboxedExecute.settings(open_course(ROOT).config)[0]) as pool:
            yield judged(pool.one(Job("again", book, asks=asked)))


@pytest.mark.parametrize("name", BANKS if WHOLE else SOME)
def test_answers_get_the_same_from_both_ways(name, pool):
    source = json.loads(json.dumps(nbformat.read(NOTEBOOKS[name], as_version=4)))
    names, lost = exports(source), 0
    asked = asks(source)
    for number, answers in enumerate(mixtures(name)):
        if number and not WHOLE:
            break
        book = json.loads(json.dumps(source))
        for cell in book["cells"]:
            cell["source"] = answers.get(cell["metadata"].get("nbgrader", {}).get("grade_id"), cell["source"])
        one, two = pool.one(Job("one", book, asks=asked)), pool.one(Job("two", book, asks=asked, exports=names))
        beside, alone = judged(one), judged(two)
        for test in [test for test in beside if beside[test] != alone[test]]:
            # An answer that draws anew, or a test that goes through a set: in another interpreter it says something else.
            assert any(other[test] == alone[test] for other in elsewhere(book, asked)), f"{test}: {alone[test]}"
        assert (one.ended, two.ended, two.tampering, two.uncarried) == ("finished", "finished", (), {})
        lost += sum(any(output["output_type"] == "error" for output in outputs) for outputs in alone.values())
    assert lost > 5


@pytest.mark.parametrize("name", BANKS if WHOLE else SOME[1:2])
def test_every_test_of_an_exercise_is_judged_apart(name, pool):
    stem = NOTEBOOKS[name].stem
    source = json.loads(json.dumps(nbformat.read(NOTEBOOKS[name], as_version=4)))
    notebook = Notebook(stem, source, source)
    assignment = Assignment(stem, {stem: notebook}, supplements(open_course(ROOT), stem))
    (line,) = in_words(notebook, tried(assignment, notebook, source, Limits(), lambda jobs: map(pool.one, jobs)))
    points, tests = Exercise(name).points, sum(len(task.points) for task in bank(name).TASKS)
    said = f"{tests} of {tests} test cells ({points} of {points} points) are judged apart from the answers"
    assert line == f"{stem}: {said}"
