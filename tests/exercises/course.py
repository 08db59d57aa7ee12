"""A demo class, made from the answer bank and put through stock nbgrader from the command line."""

import csv
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import harness
import nbformat
import warm
from answers import BOUNDARY, CONSTANT, EDGE, MISCONCEPTION, MUTATES, Right, Sample, Task, Wrong


@dataclass
class Student:
    """What one student hands in: an answer for each function that was tried, and perhaps a reflection."""

    name: str
    answers: dict[str, Right | Wrong | str] = field(default_factory=dict)
    reflection: Sample | None = None
    deletes: tuple[str, ...] = ()  # grade ids of cells that this student removed from the notebook

    def expected(self, tasks: tuple[Task, ...]) -> dict[str, float]:
        """Test cell -> the points that this student must get."""
        points = {}
        for task in tasks:
            answer = self.answers.get(task.function, task.stub)
            lost = tuple(task.points) if isinstance(answer, str) else getattr(answer, "loses", ())
            points |= {cell: 0 if cell in lost else most for cell, most in task.points.items()}
        return points


def demo_class(bank: ModuleType) -> list[Student]:
    """Nine students: right in two ways, wrong in many; one stops half way, one does nothing."""
    tasks: tuple[Task, ...] = bank.TASKS
    weak, adequate, strong = bank.SAMPLES

    def of_kind(task: Task, *kinds: str) -> Wrong:
        """The task's first wrong answer of the first kind that it has."""
        return next(wrong for kind in (*kinds, EDGE) for wrong in task.wrong if wrong.kind == kind)

    def each(choose: Callable[[Task], Right | Wrong]) -> dict[str, Right | Wrong | str]:
        return {task.function: choose(task) for task in tasks}

    broken = each(lambda task: task.right[0]) | {tasks[1].function: "def unfinished(:\n    return"}
    return [
        Student("amal", each(lambda task: task.right[0]), strong),
        Student("bilal", each(lambda task: task.right[1]), adequate),
        Student("driss", each(lambda task: of_kind(task, MISCONCEPTION))),
        Student("emma", each(lambda task: of_kind(task, BOUNDARY))),
        Student("farid", each(lambda task: task.right[1] if tasks.index(task) % 2 else of_kind(task, MUTATES)), weak),
        Student("grace", {task.function: task.right[0] for task in tasks[: len(tasks) // 2]}),
        Student("hamza"),  # hands in the student edition as it is
        Student("ines", each(lambda task: of_kind(task, CONSTANT))),
        # A syntax error in one cell, and a test cell deleted from the notebook.
        Student("jack", broken, deletes=(next(iter(tasks[2].points)),)),
    ]


@dataclass
class Course:
    """A graded course: where it is, who was in it, and what nbgrader recorded."""

    exercise: harness.Exercise
    bank: ModuleType
    root: Path
    students: list[Student]
    scores: dict[str, dict[str, float | None]]  # student -> grade id -> points that the tests gave
    exported: dict[str, dict[str, str]]  # student -> row of grades.csv

    @property
    def assignment(self) -> str:
        return self.exercise.assignment

    @property
    def release(self) -> Path:
        return self.root / "release" / self.assignment / f"{self.assignment}.ipynb"

    def file(self, step: str, student: str, suffix: str = "ipynb") -> Path:
        return self.root / step / student / self.assignment / f"{self.assignment}.{suffix}"


def nbgrader(root: Path, *arguments: str) -> str:
    """Run a stock nbgrader command at the root of a course, and give its log; raises with it if the command fails."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("NBGRADER_")}
    # nbgrader calls alembic from PATH; the course's packages may not be installed; nobody's own settings count.
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", "")])
    env["PYTHONPATH"] = os.pathsep.join([str(harness.ROOT), env.get("PYTHONPATH", "")])
    env["JUPYTER_CONFIG_DIR"] = env["IPYTHONDIR"] = str(root / "settings")
    code, log = warm.nbgrader(root, env, arguments)
    if code:
        raise RuntimeError(f"nbgrader {' '.join(arguments)} ended with {code}:\n{log}")
    return log


def hand_in(course: Course, student: Student) -> None:
    """Write the student's notebook: the release with the answers in the solution cells."""
    nb = nbformat.read(course.release, as_version=4)
    nb.cells = [cell for cell in nb.cells if harness.grade_id(cell) not in student.deletes]
    for cell in nb.cells:
        answer = student.answers.get(harness.grade_id(cell))
        if answer is not None:
            cell.source = answer if isinstance(answer, str) else answer.source
        elif harness.grade_id(cell) == "reflection" and student.reflection:
            cell.source = student.reflection.text
    path = course.file("submitted", student.name)
    path.parent.mkdir(parents=True)
    nbformat.write(nb, path)


def release(root: Path, name: str) -> Course:
    """A copy of the course with the student edition of one exercise; nobody is in it yet."""
    exercise, bank = harness.Exercise(name), harness.bank(name)
    shutil.copy(harness.ROOT / "nbgrader_config.py", root)
    shutil.copytree(exercise.path.parent, root / "exercises" / exercise.assignment)
    nbgrader(root, "generate_assignment", exercise.assignment)
    return Course(exercise, bank, root, demo_class(bank), {}, {})


def grade(root: Path, name: str) -> Course:
    """Release, hand in, autograde, mark the reflections, give feedback and export: every step of a real course."""
    from nbgrader.api import Gradebook

    course = release(root, name)
    assignment = course.assignment
    for student in course.students:
        hand_in(course, student)
    nbgrader(root, "autograde", assignment)

    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        for student in course.students:
            notebook = gradebook.find_submission_notebook(assignment, assignment, student.name)
            course.scores[student.name] = {grade.name: grade.auto_score for grade in notebook.grades}
            if student.reflection:
                grade = gradebook.find_grade("reflection", assignment, assignment, student.name)
                grade.manual_score, grade.needs_manual_grade = student.reflection.total, False
                comment = gradebook.find_comment("reflection", assignment, assignment, student.name)
                comment.manual_comment = "; ".join(reason for _, reason in student.reflection.marks.values())
        gradebook.db.commit()

    nbgrader(root, "generate_feedback", assignment)
    nbgrader(root, "export")
    with open(root / "grades.csv", encoding="utf-8", newline="") as file:
        course.exported = {row["student_id"]: row for row in csv.DictReader(file)}
    return course
