"""``classroom insight`` on a large class: 600 students × 21 test cells, whose tests failed at random.

    pytest benchmarks/bench_insight.py -p no:xdist -s           600 students (CLASSROOM_BENCH_INSIGHT=60 for fewer)

The gradebook and ``autograded/`` are made up from exercise 5: every student has 21 marks, and a graded notebook with the
tracebacks of the tests that failed. Measured: from the gradebook to the page and the CSV, in a process that has imported all.
"""

import json
import os
import random

from classroom.assignment import load
from classroom.course import find_programs, folder, open_course, open_gradebook
from classroom.demo import copy_course, members
from classroom.insight import Privacy, as_csv, insight
from classroom.insightpage import page
from classroom.leaks import Markers
from classroom.misconceptions import TestCell
from classroom.release import generate

NAME = "05_inequality"
STUDENTS = int(os.environ.get("CLASSROOM_BENCH_INSIGHT", "600"))
FAILS = 0.3


def graded(source: dict, fails: dict[str, int]) -> dict:
    """A graded notebook: all answers written, the test cells in ``fails`` stopped at a line."""
    cells = []
    for number, cell in enumerate(source["cells"], start=1):
        cell = dict(cell, execution_count=number, outputs=[]) if cell["cell_type"] == "code" else dict(cell)
        role = cell["metadata"].get("nbgrader", {})
        if role.get("solution"):
            cell["source"] += "\n# an answer"
        if role.get("grade_id") in fails:
            line = fails[role["grade_id"]]
            around = cell["source"].split("\n")[max(0, line - 5) : line + 5]
            frames = [f"Cell In[{number}], line 99\n", f"Cell In[{number}], line {line}, in tests()\n", *around]
            error = {"output_type": "error", "ename": "AssertionError", "evalue": "no", "traceback": frames}
            cell["outputs"] = [error]
        cells.append(cell)
    return {**source, "cells": cells}


def a_class(root, students: int):
    """A course of one assignment, graded."""
    find_programs()
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    copy_course(open_course(here), NAME, root)
    course = open_course(root)
    generate(course, NAME)
    notebook, rng = load(course, NAME).notebooks[NAME], random.Random(0)
    markers, points, lines = Markers.of(course.config), {}, {}
    for cell in notebook.source["cells"]:
        role = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "code" and role.get("grade"):
            points[role["grade_id"]] = role["points"]
            lines[role["grade_id"]] = [one.first for one in TestCell(cell["source"], markers).claims]
    with open_gradebook(course) as gradebook:
        for student, first, last, _ in members(students, rng):
            gradebook.update_or_create_student(student, first_name=first, last_name=last)
            with gradebook.db.no_autoflush:  # SQLAlchemy would warn of nbgrader's half-made rows
                submission = gradebook.add_submission(NAME, student)
            fails = {cell: rng.choice(lines[cell]) for cell in points if rng.random() < FAILS}
            for grade in submission.notebooks[0].grades:
                grade.auto_score = 0 if grade.name in fails else points.get(grade.name)
                grade.needs_manual_grade = grade.name not in points
            path = folder(course, "autograded", NAME, student) / f"{NAME}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(graded(notebook.source, fails), indent=1), encoding="utf-8")
        gradebook.db.commit()
    return course, len(points)


def test_insight(benchmark, tmp_path):
    course, cells = a_class(tmp_path, STUDENTS)

    def run():
        found = insight(course, NAME, examples=True)
        return found, page(found, Privacy()), as_csv([found], Privacy())

    found, html, numbers = benchmark.pedantic(run, rounds=3, warmup_rounds=1)
    errors = sum(len(item.errors) for item in found.items)
    seconds = f"{benchmark.stats.stats.min:.1f} to {benchmark.stats.stats.max:.1f} s"
    print(
        f"\n{len(found.students)} students × {cells} test cells, {errors} errors: {seconds}, page {len(html) / 1e3:.0f} kB"
    )
    assert len(found.students) == STUDENTS and errors > 100 and len(numbers) > 1000
