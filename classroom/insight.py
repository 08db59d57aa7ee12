"""What a class did not understand, counted: for each task how it went and which named errors how many students met.

Marks come from the gradebook, errors from the messages of the tests that failed in ``autograded/``
(:mod:`classroom.misconceptions`). A student counts once for an error, however many tests of a task show it. Each test cell
stops at its first failure, so a count is of those who met the error at least there.

Nobody is named and no number tells on a few: a count of one to four students is "fewer than 5", one that leaves one to four
out is "more than" what is left, and errors that fewer than five met are folded into one line. Only ``students`` lifts that.
"""

import ast
import contextlib
import csv
import io
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import BaseCell, Comment, Grade, Gradebook, MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.api import Notebook as NotebookRow
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.orm import Query

from classroom.course import KINDS_TABLE, folder, home, open_course, open_gradebook, silent
from classroom.export import harmless
from classroom.itemanalysis import Estimate, alpha, item_total, students_for_alpha
from classroom.leaks import Markers
from classroom.misconceptions import GAP, NOT_WRITTEN, NUMBER, Error, Seen, TestCell, told
from classroom.model import CannotGrade, Fate, Json, Trouble
from classroom.neutral import text_of
from classroom.outcomes import Outcomes
from classroom.tasks import Criterion, by_criterion, outline

FEW = 5  # a number of students below this would tell on them
WIDTH = 0.2  # of the interval of alpha, from end to end, from which on we call it known
UNKNOWN = Estimate()
LINES, WIDEST = 12, 100  # of an example


class Mark(NamedTuple):
    """What a cell earned, whether it waits for a person, and whether a person gave it."""

    score: float | None = None
    waits: bool = True
    given: bool = False


Marks = dict[tuple[str, str], Mark]  # by notebook and cell


@dataclass(frozen=True)
class Task:
    """A task of an assignment: its title, its kind of misconception ("" if the course gives none) and its cells.

    ``tests`` maps test cells to points, ``answers`` the cells for answers to what was handed out in them, ``written`` the
    cells that a person marks to points. ``order`` is all of them as they stand.
    """

    notebook: str
    title: str
    kind: str = ""
    order: tuple[str, ...] = ()
    tests: Mapping[str, float] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, float] = field(default_factory=dict)
    rubric: tuple[Criterion, ...] = ()

    @property
    def points(self) -> float:
        """The most that its tests can give."""
        return sum(self.tests.values())

    @property
    def label(self) -> str:
        """Its number in the exercise, or else the beginning of its title."""
        number = re.match(r"\d+(?:\.\d+)*(?=\.?\s)", self.title)
        return number[0] if number else self.title if len(self.title) <= 18 else f"{self.title[:17]}…"


@dataclass(frozen=True)
class Met:
    """An error, the students who met it, and one typical answer that it came from ("" for none)."""

    error: Error
    students: tuple[str, ...]
    example: str = ""


@dataclass
class Item:
    """How a task went, among the students whose marks in it are known.

    ``known`` are those students, ``mean`` is in points, ``difficulty`` the share of the points that was earned, ``together``
    the corrected item–total correlation.
    """

    task: Task
    known: list[str] = field(default_factory=list)
    attempted: list[str] = field(default_factory=list)
    full: list[str] = field(default_factory=list)
    mean: float = math.nan
    difficulty: float = math.nan
    together: Estimate = UNKNOWN
    errors: list[Met] = field(default_factory=list)

    @property
    def stuck(self) -> list[str]:
        """Who tried and lost points."""
        return [student for student in self.attempted if student not in set(self.full)]


@dataclass
class Written:
    """How a task that a person marks went: who has a person's marks, who waits, who left it empty, and each line of its
    rubric that comments mark.
    """

    task: Task
    cell: str
    points: float
    marks: dict[str, float] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    lines: dict[Criterion, dict[str, float]] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        return float(np.mean([*self.marks.values()])) if len(self.marks) else math.nan


@dataclass
class Insight:
    """An assignment: who handed in, how each task went, what its marks can be relied on for, what needed repair.

    ``complete`` counts the students of whom every test has marks; on them rest ``reliability`` and the correlations.
    ``enough`` is the class from which on the interval of such an alpha is no wider than :data:`WIDTH` (0: unknown).
    ``lost`` counts notebooks that are not in ``autograded/``.
    """

    name: str
    title: str  # of its first notebook
    students: dict[str, str]  # id -> name, of all who handed in
    items: list[Item]
    written: list[Written]
    reliability: Estimate
    complete: int
    right_or_wrong: bool
    enough: int
    fates: Counter
    repairs: dict[str, list[str]]
    lost: int = 0


@dataclass(frozen=True)
class Privacy:
    """What of a number of students may be shown; all of it if they are named anyway."""

    named: bool = False

    def few(self, count: int) -> bool:
        return not self.named and 0 < count < FEW

    def count(self, count: int, of: int | None = None) -> str:
        """A number of students in words or figures: "fewer than 5" for one to four, "more than 49" for 51 of 54."""
        if self.few(count):
            return f"fewer than {FEW}"
        if of is not None and self.few(of - count):
            return f"more than {of - FEW}" if of > FEW else f"of {of}, nearly all"
        return str(count)

    def mean(self, value: float, students: int) -> float:
        """A mean of so many; nan if that would tell on a few."""
        return math.nan if self.few(students) else value


# ------------------------------------------------------------------------------------------------------------ assignment


def kinds_of(course: CourseDirectory, name: str) -> dict[str, str]:
    """The kind of misconception of each task of an assignment, by the grade id of its first cell."""
    path = home(course, "source") / KINDS_TABLE
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as table:
        return {row["task"]: row["kind"] for row in csv.DictReader(table) if row.get("assignment") == name}


def _assignment(gradebook: Gradebook, name: str) -> AssignmentRow:
    try:
        with silent():
            return gradebook.find_assignment(name)
    except MissingEntry:
        there = ", ".join(one.name for one in gradebook.assignments)
        raise Trouble(
            f"the gradebook has no assignment called {name!r}; it has {there or 'none'}. Is it the gradebook of this course?"
        ) from None


def tasks_of(
    course: CourseDirectory, row: AssignmentRow, markers: Markers
) -> tuple[str, list[Task], dict[str, dict[str, TestCell]]]:
    """The title of an assignment, its tasks, and its locked code cells by notebook and grade id, as the gradebook has them."""
    title, kinds, tasks, ours = "", kinds_of(course, row.name), [], {}
    for notebook in row.notebooks:
        stored = {cell.name: cell.source or "" for cell in notebook.source_cells}
        cells, roles = _handed_out(course, row.name, notebook.name), {}
        for cell in cells:
            role = cell["metadata"].get("nbgrader") or {}
            if role.get("grade_id") in stored:
                roles[role["grade_id"]] = role | {"type": cell["cell_type"]}
        if stored and not roles:
            raise Trouble(
                f"the gradebook's {row.name!r} has other cells than {notebook.name}.ipynb of this course: it is of another one"
            )
        ours[notebook.name] = {
            name: TestCell(stored[name], markers)
            for name, role in roles.items()
            if role["type"] == "code" and not role.get("solution")
        }
        found = outline(cells, markers, given=True)
        title = title or found.title
        for one in found.tasks:
            mine = {name: roles[name] for name in one.cells if name in roles}
            points = {name: float(role.get("points") or 0) for name, role in mine.items()}
            tests = {
                n: points[n]
                for n, r in mine.items()
                if r.get("grade") and not r.get("solution") and r["type"] == "code"
            }
            by_hand = {n: points[n] for n, r in mine.items() if (r.get("grade") and r.get("solution")) or r.get("task")}
            answers = {n: stored[n] for n, r in mine.items() if r.get("solution")}
            if tests or by_hand:
                kind = next((kinds[name] for name in mine if name in kinds), "")
                tasks.append(Task(notebook.name, one.title, kind, tuple(mine), tests, answers, by_hand, one.rubric))
    return title, tasks, ours


def _handed_out(course: CourseDirectory, name: str, notebook: str) -> list[Json]:
    """The cells of a notebook as students got it, or as the instructor wrote it: its headings are in no gradebook."""
    for step in ("release", "source"):
        path = folder(course, step, name) / f"{notebook}.ipynb"
        if path.is_file():
            try:
                return _cells(path)
            except (ValueError, KeyError, TypeError) as why:
                raise Trouble(f"{path} is no notebook: {why}") from None
    places = " nor in ".join(str(folder(course, step, name)) for step in ("release", "source"))
    raise Trouble(
        f"{notebook}.ipynb, which names the tasks, is neither in {places}; run: nbgrader generate_assignment {name}"
    )


def _cells(path: Path) -> list[Json]:
    cells = json.loads(path.read_bytes())["cells"]
    for cell in cells:
        cell["source"] = text_of(cell["source"])
    return cells


# ----------------------------------------------------------------------------------------------------------------- class


def insight(course: CourseDirectory | Path | str, name: str, students: bool = False, examples: bool = False) -> Insight:
    """How an assignment went, from the gradebook and ``autograded/``.

    ``students``: also for fewer than five of them. ``examples``: with a typical answer to each error. Trouble, in a
    sentence that says what is missing, where there is nothing to count.
    """
    course = course if isinstance(course, CourseDirectory) else open_course(course)
    markers = Markers.of(course.config)
    with open_gradebook(course) as gradebook:
        row = _assignment(gradebook, name)
        title, tasks, ours = tasks_of(course, row, markers)
        names = {one.id: " ".join(filter(None, (one.first_name, one.last_name))) for one in gradebook.students}
        handed = _of(gradebook.db.query(SubmittedAssignment.student_id), row).all()
        marks = _marks(gradebook, row)
        comments = _comments(gradebook, row) if any(task.rubric for task in tasks) else {}
    there = {student: names.get(student, "") for (student,) in sorted(handed)}
    _enough(name, there, marks, students)
    graded = _Graded(course, name, there, tasks, ours, marks, examples and set(names) | set(names.values()))
    items = [graded.item(task) for task in tasks if task.points]
    complete = [student for student in there if all(student in graded.scores[id(item.task)] for item in items)]
    table = np.array([[graded.scores[id(item.task)][student] for item in items] for student in complete])
    table = table.reshape(len(complete), len(items))
    for item, together in zip(items, item_total(table), strict=True):
        item.together = together
    reliability = alpha(table)
    known = reliability.known and reliability.value < 1 - 1e-9
    entries = Outcomes(Path(course.root)).of(name)
    repairs: dict[str, list[str]] = defaultdict(list)
    for student, entry in entries.items():
        if entry.outcome.fate is Fate.REPAIRED:
            for note in dict.fromkeys(map(_plain_note, entry.outcome.notes)):
                repairs[note].append(student)
    return Insight(
        name,
        title,
        there,
        items,
        list(_written(tasks, there, marks, comments)),
        reliability,
        len(complete),
        bool(items)
        and all(score in (0, item.task.points) for row in table for score, item in zip(row, items, strict=True)),
        students_for_alpha(reliability.value, len(items), WIDTH) if known else 0,
        Counter(entry.outcome.fate for entry in entries.values()),
        dict(sorted(repairs.items(), key=lambda one: (-len(one[1]), one[0]))),
        graded.lost,
    )


def _enough(name: str, there: Mapping[str, str], marks: Mapping[str, Marks], students: bool) -> None:
    """Trouble unless there is something to count, of a class that is large enough to stay anonymous."""
    if not there:
        raise Trouble(
            f"nobody's work for {name!r} is in the gradebook yet; collect it, then run: classroom grade {name}"
        )
    if not any(score is not None for cells in marks.values() for score, *_ in cells.values()):
        raise Trouble(f"no part of {name!r} has marks yet; run: classroom grade {name}")
    if len(there) < FEW and not students:
        raise Trouble(
            f"only {len(there)} handed in {name!r}: numbers about fewer than {FEW} would tell on them. "
            "With --students you get the page all the same."
        )


def _of(query: Query, row: AssignmentRow) -> Query:
    return query.filter(SubmittedAssignment.assignment_id == row.id)


def _marks(gradebook: Gradebook, row: AssignmentRow) -> dict[str, Marks]:
    """The marks of each student, in one query."""
    query = (
        gradebook.db.query(
            SubmittedAssignment.student_id,
            NotebookRow.name,
            BaseCell.name,
            Grade.auto_score,
            Grade.manual_score,
            Grade.needs_manual_grade,
        )
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(NotebookRow, NotebookRow.id == SubmittedNotebook.notebook_id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
    )
    found: dict[str, Marks] = defaultdict(dict)
    for student, notebook, cell, auto, manual, waits in _of(query, row):
        # What nobody wrote gets its 0 from nbgrader; where a person must look, it has none.
        found[student][notebook, cell] = Mark(auto if manual is None else manual, bool(waits), manual is not None)
    return found


def _comments(gradebook: Gradebook, row: AssignmentRow) -> dict[tuple[str, str, str], str]:
    query = (
        gradebook.db.query(SubmittedAssignment.student_id, NotebookRow.name, BaseCell.name, Comment.manual_comment)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(NotebookRow, NotebookRow.id == SubmittedNotebook.notebook_id)
        .join(Comment, Comment.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Comment.cell_id)
    )
    return {(student, notebook, cell): text for student, notebook, cell, text in _of(query, row) if text}


def _written(
    tasks: Iterable[Task],
    there: Iterable[str],
    marks: Mapping[str, Marks],
    comments: Mapping[tuple[str, str, str], str],
) -> Iterator[Written]:
    there = list(there)
    for task in tasks:
        for cell, points in task.written.items():
            one = Written(task, cell, points, lines={line: {} for line in task.rubric})
            for student in there:
                mark = marks.get(student, {}).get((task.notebook, cell), Mark())
                if mark.score is None or mark.waits:
                    one.waiting.append(student)
                    continue
                if not mark.given:
                    one.empty.append(student)
                    continue
                one.marks[student] = mark.score
                said = by_criterion(comments.get((student, task.notebook, cell), ""), task.rubric)[0]
                for line in task.rubric:
                    if line.name in said:
                        one.lines[line][student] = said[line.name][0]
            yield one


def _plain_note(note: str) -> str:
    """What was mended, without the names of cells, files and numbers: the same for all whom it happened to."""
    note = re.sub(r"^[^\s:]+: (?=')", "", note)  # "notebook: 'cell': what"
    note = re.sub(r"'[^']*'|\"[^\"]*\"|\S+\.ipynb\b", GAP, note)
    return NUMBER.sub(GAP, note)


class _Graded:
    """The graded notebooks of a class, each read once: scores, who tried, who met which error."""

    def __init__(
        self,
        course: CourseDirectory,
        name: str,
        there: Iterable[str],
        tasks: Sequence[Task],
        ours: Mapping[str, Mapping[str, TestCell]],
        marks: Mapping[str, Marks],
        examples: set[str] | bool = False,
    ) -> None:
        self.there = list(there)
        self.lost = 0
        self.scores: dict[int, dict[str, float]] = {id(task): {} for task in tasks}
        self._attempted: dict[int, set[str]] = {id(task): set() for task in tasks}
        self._met: dict[int, dict[tuple, dict[str, Error]]] = {id(task): defaultdict(dict) for task in tasks}
        self._code: dict[int, dict[tuple, dict[str, str]]] = {id(task): defaultdict(dict) for task in tasks}
        self._examples, self._names = bool(examples), _words(examples or ())
        by_notebook: dict[str, list[Task]] = defaultdict(list)
        for task in tasks:
            by_notebook[task.notebook].append(task)
        for student in self.there:
            for notebook, some in by_notebook.items():
                path = folder(course, "autograded", name, student) / f"{notebook}.ipynb"
                cells: list[Json] = []
                if path.is_file() and not path.is_symlink():
                    with contextlib.suppress(ValueError, KeyError, TypeError, OSError):
                        cells = _cells(path)
                self.lost += not cells
                self._read(student, notebook, cells, some, ours[notebook], marks.get(student, {}))

    def _read(
        self,
        student: str,
        notebook: str,
        cells: Sequence[Json],
        tasks: Iterable[Task],
        ours: Mapping[str, TestCell],
        marks: Marks,
    ) -> None:
        own = {
            role["grade_id"]: cell for cell in cells if (role := cell["metadata"].get("nbgrader") or {}).get("grade_id")
        }
        counts = {
            cell["execution_count"]: (cell["metadata"].get("nbgrader") or {}).get("grade_id", "")
            for cell in cells
            if cell.get("execution_count")
        }
        for task in tasks:
            got = {cell: marks.get((notebook, cell), Mark()) for cell in task.tests}
            open_ = any(mark.score is None or mark.waits for mark in got.values())
            if not open_:
                self.scores[id(task)][student] = sum(mark.score for mark in got.values())
            changed = any(
                name in own and own[name]["source"].split() != source.split() for name, source in task.answers.items()
            )
            if changed or any(mark.score for mark in got.values()):
                self._attempted[id(task)].add(student)
            for cell, mark in got.items():
                if mark.score is None or mark.score >= task.tests[cell] or cell not in own:
                    continue
                error = told(own[cell], ours, counts) or (NOT_WRITTEN if changed else None)
                if error:
                    self._met[id(task)][error.key].setdefault(student, error)
                    if self._examples:
                        self._code[id(task)][error.key].setdefault(student, _answer(task, cell, own))

    def item(self, task: Task) -> Item:
        scores = self.scores[id(task)]
        known = [student for student in self.there if student in scores]
        values = np.array([scores[student] for student in known])
        return Item(
            task,
            known,
            [student for student in known if student in self._attempted[id(task)]],
            [student for student in known if scores[student] >= task.points],
            float(values.mean()) if known else math.nan,
            float(values.mean()) / task.points if known else math.nan,
            errors=self._errors(task, set(known)),
        )

    def _errors(self, task: Task, known: set[str]) -> list[Met]:
        found = []
        for key, those in self._met[id(task)].items():
            students = tuple(sorted(student for student in those if student in known))
            if students:
                # Of errors that differ in numbers only, the one that most students met names them all.
                name = Counter(those[student] for student in students).most_common(1)[0][0]
                code = self._code[id(task)].get(key, {})
                found.append(Met(name, students, _typical([code.get(one, "") for one in students], self._names)))
        return sorted(found, key=lambda one: (-len(one.students), not one.error.chapter, one.error))


# -------------------------------------------------------------------------------------------------------------- examples


def _answer(task: Task, test: str, own: Mapping[str, Json]) -> str:
    """The answer that a test looks at: the nearest one above it."""
    above = [name for name in task.order[: task.order.index(test)] if name in task.answers and name in own]
    return own[above[-1]]["source"] if above else ""


def _words(names: Iterable[str]) -> frozenset[str]:
    return frozenset(word for name in names for word in re.findall(r"\w{3,}", name.casefold()))


def _typical(answers: Iterable[str], names: frozenset[str]) -> str:
    """The answer that most gave, in Python's own layout: without comments and docstrings, shortened.

    "" where none is Python. One in which a word is a student's name or id is nobody's example.
    """
    plain = Counter(filter(None, map(_layout, answers)))
    for text, _ in sorted(plain.items(), key=lambda one: (-one[1], len(one[0]), one[0])):
        if not names & set(re.findall(r"[^\W_]{3,}|\w{3,}", text.casefold())):
            lines = [line if len(line) <= WIDEST else f"{line[:WIDEST]}{GAP}" for line in text.split("\n")]
            return "\n".join(lines if len(lines) <= LINES else [*lines[:LINES], GAP])
    return ""


def _layout(source: str) -> str:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(
            node, clean=False
        ):
            node.body = node.body[1:] or [ast.Pass()]
    try:
        return ast.unparse(tree)
    except (ValueError, RecursionError):
        return ""


# ------------------------------------------------------------------------------------------------- several assignments


def of_all(course: CourseDirectory | Path | str, students: bool = False) -> tuple[list[Insight], dict[str, str]]:
    """All assignments of a course that have something to count, and why each of the others has not.

    Trouble if none has.
    """
    course = course if isinstance(course, CourseDirectory) else open_course(course)
    with open_gradebook(course) as gradebook:
        names = sorted(one.name for one in gradebook.assignments)
    found, left = [], {}
    for name in names:
        try:
            found.append(insight(course, name, students))
        except CannotGrade:  # the gradebook as a whole
            raise
        except Trouble as why:
            left[name] = str(why)
    if not found:
        why = "\n".join(f"  {name}: {reason}" for name, reason in left.items()) or "  it has no assignments"
        raise Trouble(f"nothing in the gradebook can be counted:\n{why}")
    return found, left


@dataclass
class Kind:
    """A kind of misconception over a course: its tasks with their assignments, who lost points in one of them."""

    name: str
    items: list[tuple[str, Item]]
    stuck: list[str]
    earned: float  # share of all points of its tasks, mean over students and tasks

    @property
    def assignments(self) -> list[str]:
        return list(dict.fromkeys(name for name, _ in self.items))


def by_kind(course: Iterable[Insight]) -> list[Kind]:
    """The kinds of misconception of several assignments, those first that most students met in most assignments."""
    items: dict[str, list[tuple[str, Item]]] = defaultdict(list)
    for one in course:
        for item in one.items:
            if item.task.kind and item.known:
                items[item.task.kind].append((one.name, item))
    found = []
    for name, some in items.items():
        stuck = sorted({student for _, item in some for student in item.stuck})
        earned = sum(item.mean for _, item in some) / sum(item.task.points for _, item in some)
        found.append(Kind(name, some, stuck, earned))
    return sorted(found, key=lambda one: (-len(one.stuck), -len(one.assignments), one.name))


def coming_back(course: Iterable[Insight]) -> list[tuple[str, list[str], list[str]]]:
    """Messages that more than one task has, whatever its function is called: (message, tasks, students)."""
    found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for one in course:
        for item in one.items:
            for met in item.errors:
                if met.error.seen is not Seen.OWN:
                    text = NUMBER.sub(GAP, re.sub(r"\b\w+\(\)", f"{GAP}()", met.error.text))
                    text = re.sub(r"(its inputs?) [\w.…]+(?: or [\w.…]+)?", r"\1", text)
                    found[text][0].add(f"{one.name}: {item.task.label}")
                    found[text][1].update(met.students)
    several = [(text, sorted(tasks), sorted(who)) for text, (tasks, who) in found.items() if len(tasks) > 1]
    return sorted(several, key=lambda one: (-len(one[2]), one[0]))


# ------------------------------------------------------------------------------------------------------------------- csv

COLUMNS = (
    *("level", "assignment", "task", "kind", "text", "seen_in", "section", "students", "of", "attempted", "full_marks"),
    *("mean", "points", "difficulty", "item_total", "item_total_low", "item_total_high"),
)


def as_csv(course: Sequence[Insight], privacy: Privacy) -> bytes:
    """All numbers, one line each; ``level`` says of what. A number of students that would tell on a few is in words."""
    rows = [row for one in course for row in _rows(one, privacy)]
    for kind in by_kind(course) if len(course) > 1 else ():
        tasks = ", ".join(f"{name} {item.task.label}" for name, item in kind.items)
        students = privacy.count(len(kind.stuck))
        rows.append(
            {"level": "kind", "kind": kind.name, "text": tasks, "students": students, "difficulty": kind.earned}
        )
    table = io.StringIO(newline="")
    write = csv.DictWriter(table, COLUMNS, lineterminator="\r\n", restval="")
    write.writeheader()
    write.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return table.getvalue().encode()


def _cell(value: Any) -> str:
    return "" if isinstance(value, float) and math.isnan(value) else harmless(value)


def _rows(one: Insight, privacy: Privacy) -> Iterator[dict[str, Any]]:
    name, n = one.name, len(one.students)
    low, high = one.reliability.low, one.reliability.high
    measure = "KR-20" if one.right_or_wrong else "alpha"
    about = {"students": n, "of": one.complete, "item_total": one.reliability.value, "item_total_low": low}
    yield {"level": "assignment", "assignment": name, "text": measure, **about, "item_total_high": high}
    for item in one.items:
        of = len(item.known)
        yield {
            "level": "task",
            "assignment": name,
            "task": item.task.title,
            "kind": item.task.kind,
            "of": of,
            "attempted": privacy.count(len(item.attempted), of),
            "full_marks": privacy.count(len(item.full), of),
            "mean": privacy.mean(item.mean, of),
            "points": item.task.points,
            "difficulty": privacy.mean(item.difficulty, of),
            "item_total": item.together.value,
            "item_total_low": item.together.low,
            "item_total_high": item.together.high,
        }
        shown, rest = apart(item.errors, privacy)
        for met in shown:
            error = met.error
            section = f'Chapter {error.chapter}, "{error.section}"' if error.chapter else ""
            about = {"level": "error", "assignment": name, "task": item.task.title, "kind": item.task.kind}
            count = len(met.students)
            yield about | {"text": error.text, "seen_in": error.seen, "section": section, "students": count, "of": of}
        if rest:
            text = f"other errors, each of fewer than {FEW} students"
            about = {"level": "error", "assignment": name, "task": item.task.title, "kind": item.task.kind}
            yield about | {"text": text, "students": privacy.count(len(rest)), "of": of}
    for written in one.written:
        marked = len(written.marks)
        about = {"assignment": name, "task": written.task.title, "of": n}
        mean = privacy.mean(written.mean, marked)
        yield about | {"level": "written", "students": privacy.count(marked, n), "mean": mean, "points": written.points}
        for line, marks in written.lines.items():
            mean = privacy.mean(float(np.mean([*marks.values()])), len(marks)) if marks else math.nan
            count = privacy.count(len(marks), n)
            yield about | {"level": "rubric", "text": line.name, "students": count, "mean": mean, "points": line.points}
    for note, students in one.repairs.items():
        if not privacy.few(len(students)):
            yield {"level": "repair", "assignment": name, "text": note, "students": len(students)}


def apart(errors: Sequence[Met], privacy: Privacy) -> tuple[list[Met], list[str]]:
    """The errors that may be shown, and the students who met one of the others."""
    shown = [met for met in errors if not privacy.few(len(met.students))]
    return shown, sorted({student for met in errors if met not in shown for student in met.students})
