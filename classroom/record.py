"""Writes marks into nbgrader's gradebook, graded notebooks into ``autograded/``, and what became of each student.

One process writes: it opens the gradebook once for the whole class and commits once or twice a student. What a cell
earns is nbgrader's own affair: its ``SaveAutoGrades`` runs over each notebook, with the rows of one submission at hand
in place of a query and a commit for each cell.

Nothing is lost when the power goes. For each student the order is: rows committed, notebooks swapped in, outcome
appended. A student without an outcome is graded again from the start, and each step may be repeated.

What is trusted: of all that a worker sends back only the outputs and execution counts are used. Cells, sources, points
and checksums are those that intake restored.

What is held back: a submission that was tampered with keeps the scores its tests gave, but every one of them needs a
person (``needs_manual_grade``), who finds the signs in the outcome. The same holds for what a notebook lost because it
was stopped, for what a cell without an answer lost while its answer may stand elsewhere, and for all of a notebook while
another one may be the one to grade. A submission that was refused has no rows at all: no exporter can take it for a zero.
"""

import contextlib
import copy
import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4.rwbase import rejoin_lines, split_lines, strip_transient
from nbgrader import utils
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.api import Notebook as NotebookRow
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, Execute, SaveAutoGrades
from sqlalchemy.exc import DBAPIError

from classroom.course import CannotGrade, brief, folder, home, of_the_course, open_gradebook, silent, unusable
from classroom.disk import lay_out, put_in_place, sweep, writing
from classroom.displaced import SKIP
from classroom.marks import earned, no_score
from classroom.model import Accepted, Assignment, Fate, Json, Outcome, Ran, Refused, Trouble
from classroom.outcomes import Outcomes
from classroom.submission import printable

try:
    import fcntl
except ImportError:  # Windows: one grader at a time is then the instructor's care
    fcntl = None

LOCK = ".classroom.lock"
ATTEMPTS = 3  # to write to a gradebook that another program holds; SQLite itself waits 5 s each time
HELD = "Held back: a person looks at this submission before its marks count."
LOOKING = "We found what may be your answer in another place, and are looking at it."
SPARED = "This cell was not run: what you wrote above it counts."
UNCARRIED = "the test failed, and got something that cannot be carried to the examiner ({}); look whether it is right"
EARLIER = "the marks in the gradebook are those of an earlier submission; they are held back"


class Doubtful(Exception):
    """A worker sent back something that cannot have come from running the notebook it was given."""


# --- from a worker's notebook to rows ---------------------------------------------------------------------------------


def graft(accepted: Json, ran: Json) -> NotebookNode:
    """The accepted notebook with the outputs and execution counts of the notebook that ran, and nothing else of it.

    Raises Doubtful when the two differ in more than that: a test without outputs earns full marks, so which outputs
    belong to which cell is not to be guessed at.
    """
    given, seen = accepted["cells"], ran.get("cells")
    if not isinstance(seen, list) or len(seen) != len(given):
        raise Doubtful("the notebook came back from the worker with other cells than it was sent with")
    cells = []
    for before, after in zip(given, seen, strict=True):
        if not isinstance(after, dict) or any(
            _joined(before.get(part)) != _joined(after.get(part)) for part in ("cell_type", "id", "source")
        ):
            raise Doubtful("a cell came back from the worker altered")
        cell = dict(before)
        if cell["cell_type"] == "code":
            cell |= {"outputs": after.get("outputs"), "execution_count": after.get("execution_count")}
        cells.append(cell)
    notebook = nbformat.from_dict({**accepted, "cells": cells})
    try:
        notebook = rejoin_lines(notebook)
        nbformat.validate(notebook)
    except Exception as error:
        raise Doubtful(f"the outputs that came back from the worker are not a notebook's: {brief(error)}") from error
    return notebook


def as_json(notebook: NotebookNode) -> str:
    """What nbformat writes of a notebook, but a line for each cell: unindented, json is ten times as fast."""
    notebook = strip_transient(split_lines(copy.deepcopy(notebook)))
    cells = ",\n".join(json.dumps(cell, ensure_ascii=False) for cell in notebook.cells)
    rest = json.dumps({key: value for key, value in notebook.items() if key != "cells"}, ensure_ascii=False)
    return f'{{"cells": [\n{cells}\n],\n{rest[1:]}\n'


def _joined(source: Any) -> Any:
    return "".join(source) if isinstance(source, list) and all(isinstance(line, str) for line in source) else source


class Question(NamedTuple):
    """What a submission leaves open, as the instructor and as the student is told."""

    name: str  # of the notebook
    note: str
    told: str


class OneSubmission:
    """What nbgrader's SaveAutoGrades asks of a gradebook, answered from the rows of one submission."""

    def __init__(self, grades: Mapping[tuple[str, str], Grade], comments: Mapping[tuple[str, str], Comment]) -> None:
        self.grades, self.comments = grades, comments
        self.db = self

    def find_grade(self, cell: str, notebook: str, assignment: str, student: str) -> Grade:
        return self.grades[notebook, cell]

    def find_comment(self, cell: str, notebook: str, assignment: str, student: str) -> Comment:
        return self.comments[notebook, cell]

    def commit(self) -> None:
        """The recorder commits, once for all cells."""


# --- the single writer ------------------------------------------------------------------------------------------------


class Recorder:
    """The one writer of a course's gradebook, outcomes and ``autograded/`` folder, for one assignment.

    Use it as a context manager: it holds a lock on the course, so that a second grader says so in place of mixing its
    work in.
    """

    def __init__(self, course: CourseDirectory, assignment: Assignment) -> None:
        self.coursedir = course
        self.assignment = assignment
        self.converter = Autograde(coursedir=course, parent=course)  # holds the configured steps
        self.outcomes = Outcomes(Path(course.root))
        self._steps = [step(parent=self.converter) for step in self.converter.autograde_preprocessors]
        for step in self._steps:
            if isinstance(step, AssignLatePenalties):
                step.init_plugin()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.enter_context(_only_grader(Path(self.coursedir.root)))
            self.gradebook = stack.enter_context(open_gradebook(self.coursedir))
            try:
                self.gradebook.find_assignment(self.assignment.name)
            except MissingEntry:
                raise CannotGrade(
                    f"The gradebook has no assignment {self.assignment.name!r}. Run: "
                    f"nbgrader generate_assignment {self.assignment.name}"
                ) from None
            self.outcomes.tidy()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: Any) -> bool | None:
        try:
            with contextlib.suppress(*((Trouble, DBAPIError) if any(error) else ())):  # the first trouble is told
                self.gradebook.db.rollback()
                self.outcomes.tidy()
        except BaseException as another:
            self._stack.__exit__(type(another), another, another.__traceback__)
            raise
        return self._stack.__exit__(*error)

    # What is there

    def students(self) -> set[str]:
        """Everyone in the gradebook."""
        return {student.id for student in self.gradebook.students}

    def standing(self) -> dict[str, str]:
        """Students whose submission is in the gradebook, with the due date that holds for each ("" for none)."""
        db, due = self.gradebook.db, self.gradebook.find_assignment(self.assignment.name).duedate
        rows = db.query(SubmittedAssignment.student_id, SubmittedAssignment.extension)
        found = rows.join(SubmittedAssignment.assignment).filter_by(name=self.assignment.name).all()
        return {student: str((due and extension and due + extension) or due or "") for student, extension in found}

    def due(self) -> str:
        """The due date of the assignment, "" for none."""
        return str(self.gradebook.find_assignment(self.assignment.name).duedate or "")

    def folder(self, student: str) -> Path:
        """Where the graded notebooks of a student are."""
        return folder(self.coursedir, "autograded", self.assignment.name, student)

    def reviewed(self, student: str) -> bool:
        """Whether a submission is in the gradebook and nothing in it waits for a person."""
        try:
            return not self.gradebook.find_submission(self.assignment.name, student).needs_manual_grade
        except MissingEntry:
            return False

    # What is written

    def record(
        self,
        student: str,
        accepted: Accepted,
        ran: Mapping[str, Ran],
        *,
        timestamp: datetime | None = None,
        unsure: str = "",
        digest: str = "",
    ) -> Outcome:
        """Writes the marks of one student, whose notebooks ran as ``ran`` says (by notebook name).

        ``unsure`` is a reason, beyond those in ``ran``, to hold the marks back. Whatever goes wrong with this one
        submission becomes an outcome; only what is no student's doing raises: a gradebook that cannot be used
        (CannotGrade), a disk that takes nothing more (CannotWrite).
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                outcome = self._record(student, accepted, ran, timestamp, unsure)
            except Doubtful as error:
                return self.refuse(student, Refused("", str(error)), tampering=(str(error),), digest=digest)
            except Trouble:  # the disk's
                raise
            except Exception as error:
                with contextlib.suppress(DBAPIError):
                    self.gradebook.db.rollback()
                if cause := of_the_course(error):  # most often a formgrader that is writing too
                    if attempt < ATTEMPTS:
                        continue
                    raise unusable(self.coursedir.db_url, cause) from error
                return self.refuse(student, Refused("", f"its marks could not be recorded ({brief(error)})"))
            else:
                break
        self.outcomes.add(self.assignment.name, outcome, digest)
        return outcome

    def refuse(self, student: str, refused: Refused, *, tampering: tuple[str, ...] = (), digest: str = "") -> Outcome:
        """Notes a submission that could not be graded. It gets no rows; marks of an earlier one are held back."""
        notes = (refused.reason,)
        db = self.gradebook.db
        try:
            self._enrol(student)
            submission = self.gradebook.find_submission(self.assignment.name, student)
        except MissingEntry:
            pass
        except Exception as error:  # a name that the database does not take
            if of_the_course(error):
                raise
            db.rollback()
            notes += (f"the student cannot be entered in the gradebook ({brief(error)})",)
        else:
            for grade in self._rows(Grade, submission).values():
                grade.needs_manual_grade = True
            db.commit()
            notes += (EARLIER,)
        outcome = Outcome(student, Fate.ATTENTION, notes, refused.file, tampering)
        self.outcomes.add(self.assignment.name, outcome, digest)
        return outcome

    def note(self, outcome: Outcome, digest: str = "") -> Outcome:
        """Stores an outcome that touches no marks."""
        self.outcomes.add(self.assignment.name, outcome, digest)
        return outcome

    def _enrol(self, student: str) -> None:
        if self.converter.create_student:
            try:
                self.gradebook.find_student(student)
            except MissingEntry:
                with silent():
                    self.gradebook.add_student(student)
        else:
            self.gradebook.find_student(student)

    def _record(
        self,
        student: str,
        accepted: Accepted,
        ran: Mapping[str, Ran],
        timestamp: datetime | None,
        unsure: str,
    ) -> Outcome:
        doubts = [unsure] if unsure else []
        graded = {name: graft(notebook, ran[name].notebook) for name, notebook in sorted(accepted.notebooks.items())}
        tampering = tuple(f"{name}: {sign}" for name in graded for sign in ran[name].tampering)
        try:
            self._enrol(student)
        except MissingEntry:
            raise LookupError("the student is not in the gradebook and Autograde.create_student is off") from None

        submission, new = self._submission(student, timestamp)
        try:
            grades, comments = self._rows(Grade, submission), self._rows(Comment, submission)
            with self.gradebook.db.no_autoflush:  # custom steps may use the gradebook themselves: hold no lock on it
                pages = {}
                for name, notebook in graded.items():
                    pages[name], more = self._mark(student, name, notebook, OneSubmission(grades, comments))
                    doubts += more
                    if ran[name].ended != "finished":
                        doubts.append(_ended(name, ran[name].ended))
                        points = _points(notebook)
                        hold(g for (at, cell), g in grades.items() if at == name and g.auto_score != points.get(cell))
                    for test, kinds in ran[name].uncarried.items():
                        doubts.append(f"{name}, {test!r}: {UNCARRIED.format(', '.join(kinds))}")
                        grade = grades.get((name, test))
                        hold([grade] if grade and grade.auto_score != grade.max_score else [])
            for name in self.assignment.notebooks:
                if name not in graded:
                    doubts.append(f"{name}.ipynb was not handed in; its tasks have no marks")
                    missing = [grade for (at, _), grade in grades.items() if at == name]
                    for grade in missing:
                        grade.auto_score = None
                    hold(missing)
            found = [
                *self._found(accepted, graded, grades, comments),
                *self._rivals(student, accepted, graded, ran, grades, comments),
            ]
            doubts += [one.note for one in found]
            if tampering or unsure:
                hold(grades.values(), comments.values() if tampering else ())
            self._penalties(student, submission)
            folder = self._lay_out(student, accepted, pages)
            self.gradebook.db.commit()
        except BaseException:
            with contextlib.suppress(DBAPIError):
                self.gradebook.db.rollback()
            sweep(self.folder(student))
            if new:  # rows without marks: an exporter would read them as zeros
                with contextlib.suppress(DBAPIError):
                    self.gradebook.remove_submission(self.assignment.name, student)
            raise
        with writing(home(self.coursedir, "autograded")):
            put_in_place(folder)

        seen = (f"{name}: {line}" for name in graded for line in ran[name].seen)
        notes = (*accepted.repairs, *seen)
        worth = [(name, _points(notebook)) for name, notebook in graded.items()]
        inside = sum(points.get(test, 0) for name, points in worth for test in ran[name].inside)
        if tampering or doubts:
            odd = (name for name in graded if ran[name].tampering or ran[name].ended != "finished")
            file = next((accepted.paths.get(name, f"{name}.ipynb") for name in odd), "") or next(
                (accepted.paths[one.name] for one in found), ""
            )
            told = tuple(dict.fromkeys(one.told for one in found))
            return Outcome(student, Fate.ATTENTION, (*doubts, *notes), file, tampering, told, inside)
        return Outcome(student, Fate.REPAIRED if accepted.repairs else Fate.GRADED, notes, inside=inside)

    def _found(
        self,
        accepted: Accepted,
        graded: Mapping[str, NotebookNode],
        grades: Mapping[tuple[str, str], Grade],
        comments: Mapping[tuple[str, str], Comment],
    ) -> Iterator[Question]:
        """Holds back what open answers cost while they may stand elsewhere."""
        for name, notebook in graded.items():
            for cell in notebook.cells:
                role = cell.metadata.get("nbgrader", {})
                comment = comments.get((name, role.get("grade_id")))
                if comment and role.get("solution") and SKIP in cell.metadata.get("tags", ()):
                    comment.auto_comment = SPARED
        for one in accepted.found:
            most = _points(graded[one.notebook])
            cost = {cell: grades[one.notebook, cell] for cell in one.costs if (one.notebook, cell) in grades}
            lost = {cell: grade for cell, grade in cost.items() if grade.auto_score != most.get(cell)}
            if not lost:
                continue
            hold(lost.values())
            _look(one.notebook, one.answers, grades, comments)
            cells = _listed(one.answers)
            yield Question(
                one.notebook,
                f"{cells} {'is' if len(one.answers) == 1 else 'are'} as handed out, and {one.where} may be the answer",
                f"We found {one.where} and are looking whether it is your answer to {cells}.",
            )

    def _rivals(
        self,
        student: str,
        accepted: Accepted,
        graded: Mapping[str, NotebookNode],
        ran: Mapping[str, Ran],
        grades: Mapping[tuple[str, str], Grade],
        comments: Mapping[tuple[str, str], Comment],
    ) -> Iterator[Question]:
        """Holds everything back while another notebook may be the one to grade, and says what each would earn."""
        for name in accepted.notebooks:
            asked = rivals(accepted, name, graded[name], ran)
            if not asked:
                continue
            for one in asked:
                _look(name, one.texts, grades, comments)
            hold(grade for (at, _), grade in grades.items() if at == name)
            yield Question(
                name,
                f"{which_of(accepted, name, graded[name], asked)}; say which: "
                f"classroom resolve {self.assignment.name} {shlex.quote(student)} --notebook FILE",
                f"We found more than one notebook, {_listed([accepted.paths[name], *(one.path for one in asked)])}, "
                "and are looking which of them counts.",
            )

    def _submission(self, student: str, timestamp: datetime | None) -> tuple[SubmittedAssignment, bool]:
        """The row of a submission, and whether it is new. As in nbgrader, no timestamp leaves an earlier one be."""
        try:
            submission = self.gradebook.find_submission(self.assignment.name, student)
        except MissingEntry:
            with silent(), self.gradebook.db.no_autoflush:  # SQLAlchemy would warn of nbgrader's half-made rows
                return self.gradebook.add_submission(self.assignment.name, student, timestamp=timestamp), True
        if timestamp is not None:
            submission.timestamp = timestamp
        return submission, False

    def _rows(self, table: type, submission: SubmittedAssignment) -> dict[tuple[str, str], Any]:
        """The submission's rows of Grade or Comment, by notebook and cell name."""
        query = (
            self.gradebook.db.query(NotebookRow.name, BaseCell.name, table)
            .join(SubmittedNotebook, SubmittedNotebook.id == table.notebook_id)
            .join(NotebookRow, NotebookRow.id == SubmittedNotebook.notebook_id)
            .join(BaseCell, BaseCell.id == table.cell_id)
            .filter(SubmittedNotebook.assignment_id == submission.id)
        )
        return {(notebook, cell): row for notebook, cell, row in query.all()}

    def _mark(self, student: str, name: str, notebook: NotebookNode, rows: OneSubmission) -> tuple[str, list[str]]:
        """Runs nbgrader's configured steps after execution. Returns the notebook's text and the scores withheld."""
        doubts: list[str] = []
        resources = {
            "unique_key": name,
            "output_files_dir": f"{name}_files",
            "nbgrader": {
                "student": student,
                "assignment": self.assignment.name,
                "notebook": name,
                "db_url": self.coursedir.db_url,
            },
        }
        for step in self._steps:
            if isinstance(step, Execute | AssignLatePenalties) or not step.enabled:
                continue
            if type(step) is CheckCellMetadata:
                continue  # intake saw to it, nothing since can change metadata, and it costs more than all else here
            if isinstance(step, SaveAutoGrades):
                step.gradebook = rows
                step.notebook_id, step.assignment_id, step.student_id = name, self.assignment.name, student
                for index, cell in enumerate(notebook.cells):
                    why = no_score(cell)
                    if why:
                        grade = rows.grades[name, cell.metadata.nbgrader["grade_id"]]
                        grade.auto_score, grade.needs_manual_grade = None, True
                        doubts.append(f"{name}: test cell {cell.metadata.nbgrader['grade_id']} {why}; it has no score")
                    else:
                        step.preprocess_cell(cell, resources, index)
            else:
                notebook, resources = step.preprocess(notebook, resources)
        return as_json(notebook), doubts

    def _penalties(self, student: str, submission: SubmittedAssignment) -> None:
        """Late penalties of every notebook, by the configured plug-in; as nbgrader's AssignLatePenalties gives them."""
        for step in self._steps:
            if isinstance(step, AssignLatePenalties) and step.enabled:
                late = submission.total_seconds_late
                for notebook in submission.notebooks:
                    notebook.late_submission_penalty = None
                    if late > 0:
                        self.gradebook.db.flush()
                        self.gradebook.db.refresh(notebook, ["score"])
                        penalty = step.plugin_inst.late_submission_penalty(student, notebook.score, late)
                        if penalty is not None:
                            notebook.late_submission_penalty = min(max(penalty, 0), notebook.score)

    def _lay_out(self, student: str, accepted: Accepted, pages: Mapping[str, str]) -> Path:
        """Makes ``autograded/STUDENT/NAME``, aside: the student's files, the assignment's, the notebooks."""
        files = {**accepted.files, **self.assignment.files}
        files |= {f"{name}.ipynb": text.encode() for name, text in pages.items()}
        folder = self.folder(student)
        with writing(home(self.coursedir, "autograded")):
            lay_out(folder, files, int(str(self.converter.permissions), 8), self.coursedir.groupshared)
        return folder


def hold(grades: Iterable[Grade], comments: Iterable[Comment] = ()) -> None:
    """Holds marks back until a person has given them; the student is told in comments that say nothing else."""
    for grade in grades:
        grade.needs_manual_grade = True
    for comment in comments:
        if comment.auto_comment is None:
            comment.auto_comment = HELD


def _look(
    notebook: str,
    answers: Iterable[str],
    grades: Mapping[tuple[str, str], Grade],
    comments: Mapping[tuple[str, str], Comment],
) -> None:
    """Takes back the 0 and the comment that untouched cells got."""
    for cell in answers:
        if (notebook, cell) in grades:
            grades[notebook, cell].auto_score = None
        if (notebook, cell) in comments:
            comments[notebook, cell].auto_comment = LOOKING


class Weighed(NamedTuple):
    """A notebook that may be the one to grade: what it earns, in words, and the texts of its own that it has."""

    path: str
    earns: str
    texts: tuple[str, ...] = ()


def rivals(accepted: Accepted, name: str, graded: NotebookNode, ran: Mapping[str, Ran]) -> list[Weighed]:
    """The notebooks of a submission that may be the one to grade in place of ``graded``: by what they earn, once run."""
    asked, mine = [], _earned(graded)
    for label, rival in accepted.rivals.items():
        if rival.name != name:
            continue
        try:
            theirs = _earned(graft(rival.notebook, ran[label].notebook))
        except Doubtful:
            asked.append(Weighed(rival.path, "could not be run"))
            continue
        more = [cell for cell in theirs if theirs[cell] > mine.get(cell, 0)]
        if more or rival.texts or (rival.level and theirs != mine):
            words = [f"earns {sum(theirs.values()):g}"]
            words += [f"more for {_listed(more)}"] if more else []
            words += [f"has a text of its own for {_listed(rival.texts)}"] if rival.texts else []
            asked.append(Weighed(rival.path, " and ".join(words), rival.texts))
    return asked


def which_of(accepted: Accepted, name: str, graded: NotebookNode, asked: Sequence[Weighed]) -> str:
    """How many notebooks could be the one to grade, and what each would earn."""
    mine, most = _earned(graded), _points(graded)
    each = ", ".join(f"{printable(one.path)!r} {one.earns}" for one in asked)
    return (
        f"{len(asked) + 1} notebooks could be the one to grade: {printable(accepted.paths[name])!r} earns "
        f"{sum(mine.values()):g} of {sum(most[cell] for cell in mine):g} by its tests, {each}"
    )


def _earned(notebook: NotebookNode) -> dict[str, float]:
    """What each test cell of a notebook that ran gives; nothing where a person must decide."""
    tests = [cell for cell in notebook.cells if utils.is_grade(cell) and not utils.is_solution(cell)]
    return {cell.metadata.nbgrader["grade_id"]: earned(cell) for cell in tests if cell.cell_type == "code"}


def _listed(names: Sequence[str], most: int = 3) -> str:
    """The first few names, quoted, and how many more there are."""
    shown = ", ".join(repr(printable(name)) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _points(notebook: NotebookNode) -> dict[str, float]:
    meta = (cell.metadata.nbgrader for cell in notebook.cells if utils.is_grade(cell))
    return {cell["grade_id"]: float(cell["points"]) for cell in meta}


ENDINGS = {
    "time": "ran out of time",
    "memory": "ran out of memory",
    "output": "printed more than is allowed",
    "processes": "started more processes than are allowed",
    "died": "ended its own interpreter",
}


def _ended(name: str, ended: str) -> str:
    return f"{name}.ipynb {ENDINGS.get(ended, f'stopped early ({ended})')}; what it lost by that has no final marks"


@contextlib.contextmanager
def _only_grader(root: Path) -> Iterator[None]:
    """Holds the course's lock; the system lets go of it when the process ends, however it ends."""
    with writing(root / LOCK):
        file = (root / LOCK).open("w")
    with file:
        if fcntl:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CannotGrade(f"Another grader is at work on {root}. Wait for it to end.") from None
        yield
