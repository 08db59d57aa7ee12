"""Each task of the course has one kind of misconception: ``exercises/kinds.csv``, which ``classroom insight`` counts by."""

import csv
from collections import Counter

import nbformat
import pytest
from harness import ROOT

from classroom.leaks import Markers
from classroom.tasks import outline

NOTEBOOKS = sorted(ROOT.glob("exercises/*/*.ipynb"))
with (ROOT / "exercises" / "kinds.csv").open(encoding="utf-8", newline="") as table:
    ROWS = list(csv.DictReader(table))


def marked_by_tests(path) -> dict[str, str]:
    """First cell -> title of each task that has tests."""
    cells = nbformat.read(path, as_version=4).cells
    roles = {cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader for cell in cells if "nbgrader" in cell.metadata}
    return {
        task.cells[0]: task.title
        for task in outline(cells, Markers(())).tasks
        if any(roles[cell].get("grade") and not roles[cell].get("solution") for cell in task.cells)
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_task_has_exactly_one_kind(path):
    tasks = marked_by_tests(path)
    assert len(tasks) >= 8
    given = Counter(row["task"] for row in ROWS if row["assignment"] == path.stem)
    wrong = {name: title for name, title in tasks.items() if given[name] != 1}
    assert not wrong, f"exercises/kinds.csv must have one row for each of {wrong}"
    assert not given.keys() - tasks.keys(), (
        "rows of tasks that are not there, or named after another than the first cell"
    )


def test_the_table_names_assignments_that_are_there_and_kinds_that_come_back():
    assert {row["assignment"] for row in ROWS} == {path.stem for path in NOTEBOOKS}
    over = {kind: {row["assignment"] for row in ROWS if row["kind"] == kind} for kind in {row["kind"] for row in ROWS}}
    alone = {kind for kind, assignments in over.items() if len(assignments) < 2}
    assert alone <= {"mutation"}, f"a kind of one exercise cannot come back: {alone}"
    assert not [row for row in ROWS if row["kind"] != row["kind"].strip() or not row["kind"]]
