"""Stock nbgrader, from the command line, on a demo class: every mark is the expected one.

Slow (about 6 s a student), so one graded course serves every test of this file: run in parallel, keep the file on one
worker (``--dist loadfile``).
"""

import html
import json
import re

import nbformat
import pytest
from answers import Wrong
from course import grade
from harness import NOTEBOOKS, grade_id

from classroom.insight import insight
from classroom.misconceptions import Seen

pytestmark = [pytest.mark.xdist_group("nbgrader"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module", params=NOTEBOOKS)
def course(request, tmp_path_factory):
    return grade(tmp_path_factory.mktemp("course"), request.param)


def test_every_mark_of_every_student(course):
    assert len(course.students) >= 8
    for student in course.students:
        scores = course.scores[student.name]
        assert {cell: points for cell, points in scores.items() if cell != "reflection"} == student.expected(
            course.bank.TASKS
        ), student.name


def test_the_class_is_a_mixed_one(course):
    totals = sorted(sum(student.expected(course.bank.TASKS).values()) for student in course.students)
    assert totals[0] == 0
    assert totals[-1] == course.exercise.points
    assert len(set(totals)) >= 5


def test_a_reflection_waits_for_a_person_unless_nothing_was_written(course):
    for student in course.students:
        assert course.scores[student.name]["reflection"] == (None if student.reflection else 0)


def test_exported_totals(course):
    assert set(course.exported) == {student.name for student in course.students}
    for student in course.students:
        row = course.exported[student.name]
        reflection = student.reflection.total if student.reflection else 0
        assert float(row["score"]) == sum(student.expected(course.bank.TASKS).values()) + reflection, student.name
        assert float(row["max_score"]) == course.exercise.points + sum(course.exercise.manual.values())


def words(page: str) -> str:
    """What a page says: without its tags, and with one space between words."""
    return " ".join(html.unescape(re.sub(r"</?[a-z][^<>]*>", " ", page)).split())


def test_feedback_says_what_went_wrong(course):
    seen = 0
    for student in course.students:
        graded = nbformat.read(course.file("autograded", student.name), as_version=4)
        page = words(course.file("feedback", student.name, "html").read_text(encoding="utf-8"))
        said = {
            grade_id(cell): next((o.evalue for o in cell.outputs if o.output_type == "error"), None)
            for cell in graded.cells
            if cell.cell_type == "code"
        }
        for task in course.bank.TASKS:
            answer = student.answers.get(task.function, task.stub)
            if isinstance(answer, Wrong):
                messages = [said[cell] for cell in answer.loses]
                assert all(messages), f"{student.name}, {answer.name}: a cell failed without a message"
                assert any(answer.says in message for message in messages), f"{student.name}, {answer.name}: {messages}"
                assert all(words(message) in page for message in messages)
                seen += 1
        if student.reflection:
            assert all(words(reason) in page for _, reason in student.reflection.marks.values())
    assert seen >= 40


def test_insight_names_who_met_which_error(course):
    """On what stock nbgrader wrote: everyone who lost points to a wrong answer, with words of a message that they read."""
    found = insight(course.root, course.assignment, students=True)
    assert found.lost == 0 and not found.fates and len(found.students) == len(course.students)
    tasks = {cell: task for task in course.bank.TASKS for cell in task.points}
    seen = 0
    for student in course.students:
        cells = json.loads(course.file("autograded", student.name).read_text(encoding="utf-8"))["cells"]
        said = {c["metadata"].get("nbgrader", {}).get("grade_id"): _letters(_messages(c)) for c in cells}
        for item in found.items:
            met = [one.error for one in item.errors if student.name in one.students]
            lost = [cell for cell in item.task.tests if course.scores[student.name][cell] < item.task.tests[cell]]
            wrote = [cell for cell in lost if not isinstance(student.answers.get(tasks[cell].function, ""), str)]
            if wrote or not lost:
                assert bool(met) == bool(lost), f"{item.task.title}, {student.name}: {met}"
            for error in met:
                told = re.sub(r"\s*\([^()]*\)$", "", error.text)  # a remark that follows the name of a section
                words = [_letters(part) for part in told.split("…") if len(part) > 8]
                named = any(part in said[cell] for part in words for cell in lost)
                assert named or error.seen is Seen.OWN, f"{item.task.title}, {student.name}: {error}"
                seen += named
    assert seen >= 40


def _letters(text: str) -> str:
    """Without numbers and signs: two messages that differ in these only are one error, shown in the words of the first."""
    return re.sub(r"[\W\d_]+", "", text)


def _messages(cell) -> str:
    return " ".join("".join(o["evalue"]) for o in cell.get("outputs", ()) if o["output_type"] == "error")


def test_a_deleted_test_cell_came_back(course):
    student = next(student for student in course.students if student.deletes)
    graded = nbformat.read(course.file("autograded", student.name), as_version=4)
    assert set(student.deletes) <= {grade_id(cell) for cell in graded.cells}
