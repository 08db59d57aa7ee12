"""Marks for the learning platform: exporter plug-ins for ``nbgrader export``, and for ``classroom export --to``.

    nbgrader export --exporter=classroom.export.MoodleExporter --to=marks.csv --assignment="['05_inequality']"

A mark is exported when every part of the submission has been marked and nothing waits for a person. Otherwise its cell
is empty: no platform takes that for a zero. (nbgrader's own exporter writes 0.0 for a student who handed in nothing and
for one whose file could not be read.) What was left empty, and why, is logged, and is a column of the plain CSV.

The platform's own table, as it was downloaded, is filled in if it is given (``worksheet``): see
:mod:`classroom.worksheet`, where the formats are told.

No cell starts like a formula: a student called ``=HYPERLINK(...)`` stays text in a spreadsheet.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student
from nbgrader.plugins import ExportPlugin
from sqlalchemy.engine import make_url
from traitlets import Bool, Dict, Unicode

from classroom.course import open_gradebook
from classroom.disk import write_file
from classroom.model import Outcome, Trouble
from classroom.outcomes import FLAGGED, OUTCOMES, Outcomes
from classroom.platforms import Platform
from classroom.roster import students_in
from classroom.sources import Sources
from classroom.submission import printable
from classroom.worksheet import Kept, Worksheet, known_as


@dataclass(frozen=True)
class Mark:
    """One student's result in one assignment. ``score`` is None where there is no mark; ``status`` says why."""

    student: Student
    assignment: Assignment
    score: float | None
    status: str
    raw: float | None = None
    penalty: float | None = None
    timestamp: str = ""
    number: str = ""  # the platform's, under which the submission was collected
    local: str = ""  # when that was, as a clock where the platform is showed it
    inside: float | None = None  # the points of tests that ran where the answers ran, if the grader said so


def harmless(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula; None becomes an empty cell, numbers lose a trailing ``.0``."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, Kept) or value == "-":
        return value
    text = str(value).replace("\0", "")
    # Spreadsheets skip white space in front of a formula, and some read the wide forms of the signs too.
    formula = text.lstrip().startswith(tuple("=+-@＝＋－＠")) or text.startswith(("\t", "\r", "\n"))
    text = re.sub(r"([;\t|]\s*)(?=[=+\-@＝＋－＠])", r"\1'", text)  # where ; separates cells
    return f"'{text}" if formula else text


class _Exporter(ExportPlugin):
    """What the three formats share: whose mark counts, and writing the file."""

    provisional = Bool(
        False, help="Also export marks of submissions of which a part (an essay) still waits for a person."
    ).tag(config=True)
    reviewed = Bool(
        False,
        help="Also export marks of submissions that the grader flagged, if nothing in them waits for a person now.",
    ).tag(config=True)
    outcomes_folder = Unicode(
        "", help=f"Folder of {OUTCOMES}; by default that of an SQLite gradebook, or else the current one."
    ).tag(config=True)

    filename = "marks.csv"
    encoding = "utf-8"
    platform = Platform.PLAIN  # whose numbers of students the table needs

    def _folder(self, gradebook: Gradebook) -> Path:
        if self.outcomes_folder:
            return Path(self.outcomes_folder)
        url = make_url(str(gradebook.engine.url))
        local = url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:"
        return Path(url.database).resolve().parent if local else Path.cwd()

    def _assignments(self, gradebook: Gradebook) -> list[Assignment]:
        """The assignments asked for, or all. ValueError for one that the gradebook does not have."""
        known = {assignment.name: assignment for assignment in gradebook.assignments}
        wanted = [str(name) for name in self.assignment] or list(known)
        if strange := [name for name in wanted if name not in known]:
            raise ValueError(f"no assignment {strange[0]!r} in the gradebook; there are: {', '.join(known) or 'none'}")
        return [known[name] for name in wanted]

    def _students(self, gradebook: Gradebook) -> list[Student]:
        wanted = {str(name) for name in self.student}
        return [student for student in gradebook.students if not wanted or student.id in wanted]

    def mark(self, gradebook: Gradebook, assignment: Assignment, student: Student, outcome: Outcome | None) -> Mark:
        """The mark of one student, or the reason why there is none. ``outcome`` is the grader's, None if unknown."""
        flagged = outcome is not None and (outcome.fate in FLAGGED or bool(outcome.tampering))
        why = "; ".join([outcome.fate, *outcome.notes]) if flagged else ""
        try:
            submission = gradebook.find_submission(assignment.name, student.id)
        except MissingEntry:
            return Mark(student, assignment, None, why or "no submission was graded")
        grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
        raw, penalty = float(submission.score or 0), float(submission.late_submission_penalty or 0)
        inside = outcome.inside if outcome else None
        when = submission.timestamp.isoformat(sep=" ", timespec="seconds") if submission.timestamp else ""
        unmarked = [grade.name for grade in grades if grade.auto_score is None and grade.manual_score is None]
        waiting = [grade.name for grade in grades if grade.needs_manual_grade]
        status = ""
        if not grades:
            status = "nothing in it was graded"
        elif flagged and not (self.reviewed and not waiting and not unmarked):
            status = why
        elif set(unmarked) - set(waiting):
            status = f"not marked: {', '.join(sorted(set(unmarked) - set(waiting)))}"
        elif waiting and not self.provisional:
            status = f"waits for a person: {', '.join(sorted(waiting))}"
        if status:
            return Mark(student, assignment, None, status, timestamp=when, inside=inside)
        note = outcome.fate.value if outcome else "graded"
        if waiting:
            note = f"provisional; waits for a person: {', '.join(waiting)}"
        return Mark(student, assignment, max(0.0, raw - penalty), note, raw, penalty, when, inside=inside)

    def marks(self, gradebook: Gradebook) -> list[list[Mark]]:
        """The marks, one row a student and one column an assignment."""
        stored = Outcomes(self._folder(gradebook)).read()
        outcomes = {key: entry.outcome for key, entry in stored.items()}
        assignments = self._assignments(gradebook)
        kept = Sources(self._folder(gradebook))
        sources = {one.name: kept.of(one.name) for one in assignments}

        def mark(student: Student, one: Assignment) -> Mark:
            found = self.mark(gradebook, one, student, outcomes.get((one.name, student.id)))
            source = sources[one.name].get(student.id)
            if source is None or source.platform != self.platform.value:
                return found
            return replace(found, number=source.number, local=source.local)

        return [[mark(student, one) for one in assignments] for student in self._students(gradebook)]

    def rows(self, assignments: Sequence[Assignment], marks: Sequence[Sequence[Mark]]) -> Iterator[list[Any]]:
        """The lines of the file, headings first."""
        raise NotImplementedError

    def table(self, gradebook: Gradebook, marks: Sequence[Sequence[Mark]]) -> Iterator[Sequence[Any]]:
        """The lines of the file: of one made anew, or of the platform's own with the marks in it."""
        yield from self.rows(self._assignments(gradebook), marks)

    advice = ""  # on what was written last: where it goes, what Moodle or Canvas does with it

    def export(self, gradebook: Gradebook) -> None:
        """Write the file (``--to``), all of it or nothing, and log which marks were left empty and why."""
        target = Path(self.to or self.filename)
        marks = self.marks(gradebook)
        lines = [[harmless(cell) for cell in row] for row in self.table(gradebook, marks)]
        table = io.StringIO(newline="")
        csv.writer(table, lineterminator="\r\n").writerows(lines)
        write_file(target, table.getvalue().encode(self.encoding), 0o640)  # marks are personal
        every = [mark for row in marks for mark in row]
        self.log.info("Exported %d marks to %s", sum(mark.score is not None for mark in every), target)
        for (name, reason), count in sorted(
            Counter((m.assignment.name, re.split("[:;]", m.status)[0]) for m in every if m.score is None).items()
        ):
            self.log.warning("%s: %d left empty (%s)", name, count, reason)


class _Filled(_Exporter):
    """An exporter that can fill in the platform's own table."""

    worksheet = Unicode("", help="The platform's own table, as downloaded: it is filled in.").tag(config=True)
    column = Unicode("", help="The heading of its column for marks, if that is not found by itself.").tag(config=True)

    def table(self, gradebook: Gradebook, marks: Sequence[Sequence[Mark]]) -> Iterator[Sequence[Any]]:
        if not self.worksheet:
            yield from super().table(gradebook, marks)
            return
        assignments = self._assignments(gradebook)
        if len(assignments) != 1:
            names = ", ".join(one.name for one in assignments)
            raise Trouble(
                f"a worksheet is about one assignment: say which, with --assignment: {names or 'there is none'}"
            )
        (assignment,) = assignments
        path, most = Path(self.worksheet), float(assignment.max_score)
        sources = Sources(self._folder(gradebook)).of(assignment.name)
        students = known_as(students_in(gradebook), sources)
        try:
            sheet = Worksheet.read(path.read_bytes(), students, self.platform, assignment.name, self.column)
        except OSError as why:
            raise Trouble(f"the worksheet {path} cannot be read: {why.strerror}") from None
        except Trouble as why:
            raise Trouble(f"{path.name}: {why}") from None
        if sheet.maximum is not None and abs(sheet.maximum - most) > 0.005:
            raise Trouble(
                f"{path.name}: {self.platform.value} gives at most {sheet.maximum:g} points, {assignment.name} has {most:g}; "
                f"a mark would mean something else there. Make them the same in {self.platform.value}, and download it again"
            )
        wanted = {row[0].student.id: row[0].score for row in marks}
        if left := sheet.without(wanted):
            self.log.warning("%d marks are in no row of %s: %s", len(left), path.name, printable(", ".join(left)))
        yield from self.chosen(sheet, sheet.filled(wanted))

    def chosen(self, sheet: Worksheet, rows: Iterator[list[Any]]) -> Iterator[Sequence[Any]]:
        """The columns that go back."""
        yield from rows


class MoodleExporter(_Filled):
    """A filled grading worksheet for an assignment of Moodle's (*Upload grading worksheet*), with participants' numbers.

    It is Moodle's own, if ``worksheet`` names it, with its columns and in its language; or one in English for those
    whose number ``collect`` kept, without a column of comments: one that is there would replace those in Moodle.

    For several assignments, or where no number is known, a CSV for *Grades, Import, CSV file*: map "ID number" or "Email
    address", and each assignment's column. In all of them an empty cell leaves Moodle's grade as it is.
    """

    filename = "moodle.csv"
    platform = Platform.MOODLE

    def table(self, gradebook: Gradebook, marks: Sequence[Sequence[Mark]]) -> Iterator[Sequence[Any]]:
        numbered = [row[0] for row in marks if len(row) == 1 and row[0].number]
        self.encoding = "utf-8-sig" if self.worksheet or numbered else "utf-8"  # as Moodle writes worksheets
        self.advice = WORKSHEET if self.worksheet or numbered else GRADES
        if self.worksheet or not numbered:
            yield from super().table(gradebook, marks)
            return
        if left := [row[0] for row in marks if not row[0].number and row[0].score is not None]:
            names = printable(", ".join(mark.student.id for mark in left))
            self.log.warning("%d marks are left out, for want of a participant's number: %s", len(left), names)
        yield ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed",
               "Last modified (submission)", "Last modified (grade)"]  # fmt: skip
        for mark in numbered:
            who, most = mark.student, float(mark.assignment.max_score)
            name = " ".join(part for part in (who.first_name, who.last_name) if part) or who.id
            yield [f"Participant {mark.number}", name, who.email, "Submitted for grading", mark.score, most, "Yes",
                   _in_words(mark.local or mark.timestamp), "-"]  # fmt: skip

    def rows(self, assignments: Sequence[Assignment], marks: Sequence[Sequence[Mark]]) -> Iterator[list[Any]]:
        yield ["ID number", "Email address", "First name", "Last name", *(one.name for one in assignments)]
        for row in marks:
            if row:
                who = row[0].student
                yield [who.id, who.email, who.first_name, who.last_name, *(mark.score for mark in row)]


WORKSHEET = (
    "Upload it in the assignment (Upload grading worksheet), before the pages: Moodle passes over a grade that it thinks "
    "newer, unless you tick the box for that."
)
GRADES = (
    "Import it under Grades, Import, CSV file. For the assignment's own worksheet, give the one that Moodle lets you "
    "download, with --worksheet."
)


def _in_words(when: str) -> str:
    """A time as Moodle writes it, "Friday, 20 November 2026, 10:00 AM"; "-" if it is not known."""
    if not when:
        return "-"
    at = datetime.fromisoformat(when)
    return f"{at:%A}, {at.day} {at:%B %Y}, {at:%I:%M %p}"


class CanvasExporter(_Filled):
    """A CSV for Canvas's *Grades, Import*: columns about the student, then one for each assignment.

    Canvas knows a student by its own number (nbgrader's ``lms_user_id``, or the one in the download that was collected),
    by the SIS id or by the login. It knows an assignment by a number in brackets, which ``assignment_ids`` gives;
    without it, Canvas asks which assignment is meant. Canvas's own export of the gradebook, if ``worksheet`` names it,
    tells both: what comes out are its columns about students and that of the assignment, so that no other mark changes.
    """

    filename = "canvas.csv"
    platform = Platform.CANVAS
    assignment_ids = Dict(help='Canvas\'s numbers of assignments, such as {"05_inequality": 1234}.').tag(config=True)
    section = Unicode("", help="What goes into the column Section.").tag(config=True)
    advice = "Import it in the gradebook (Import). Canvas shows what would change before it changes anything."

    def rows(self, assignments: Sequence[Assignment], marks: Sequence[Sequence[Mark]]) -> Iterator[list[Any]]:
        numbered = [
            f"{a.name} ({self.assignment_ids[a.name]})" if a.name in self.assignment_ids else a.name
            for a in assignments
        ]
        yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *numbered]
        yield ["    Points Possible", "", "", "", "", *(float(one.max_score) for one in assignments)]
        for row in marks:
            if row:
                who = row[0].student
                name = ", ".join(part for part in (who.last_name, who.first_name) if part) or who.id
                number = who.lms_user_id or next((mark.number for mark in row if mark.number), "")
                yield [name, number, "", who.id, self.section, *(mark.score for mark in row)]

    def chosen(self, sheet: Worksheet, rows: Iterator[list[Any]]) -> Iterator[Sequence[Any]]:
        """The columns about students, up to the section, and the one that was filled in."""
        headings = [cell.strip() for cell in sheet.rows[sheet.head]]
        about = headings.index("Section") + 1 if "Section" in headings else min(5, sheet.column)
        for row in rows:
            yield [*row[:about], row[sheet.column]]


class CsvExporter(_Exporter):
    """nbgrader's columns, in proper CSV, with two more: the points of tests that ran where the answers run (see
    :mod:`classroom.judging`; empty if ``classroom grade`` did not grade it), and why a mark is empty.
    """

    filename = "grades.csv"

    def rows(self, assignments: Sequence[Assignment], marks: Sequence[Sequence[Mark]]) -> Iterator[list[Any]]:
        who = ["student_id", "last_name", "first_name", "email"]
        scores = ["raw_score", "late_submission_penalty", "score", "max_score", "judged_inside"]
        yield ["assignment", "duedate", "timestamp", *who, *scores, "status"]
        for number, one in enumerate(assignments):
            for row in marks:
                mark, who = row[number], row[number].student
                yield [
                    *(one.name, one.duedate, mark.timestamp, who.id, who.last_name, who.first_name, who.email),
                    *(mark.raw, mark.penalty, mark.score, float(one.max_score), mark.inside, mark.status),
                ]


EXPORTERS = {"moodle": MoodleExporter, "canvas": CanvasExporter, "csv": CsvExporter}


def export(course: Any, to: str, path: Path | str = "", assignments: Sequence[str] = (), **options: Any) -> Path:
    """Write the marks of a course (a CourseDirectory) for "moodle", "canvas" or "csv"; the path of the file."""
    return exported(course, to, path, assignments, **options)[0]


def exported(
    course: Any, to: str, path: Path | str = "", assignments: Sequence[str] = (), **options: Any
) -> tuple[Path, str]:
    """The same, and where the file goes on the platform."""
    if to not in EXPORTERS:
        raise ValueError(f"no format called {to!r}; there are: {', '.join(EXPORTERS)}")
    plugin = EXPORTERS[to](config=course.config, to=str(path), assignment=list(assignments), **options)
    with open_gradebook(course) as gradebook:
        plugin.export(gradebook)
    return Path(plugin.to or plugin.filename), plugin.advice
