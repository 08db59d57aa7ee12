"""Feedback pages that give nothing away and run nothing.

What a student handed in is hostile until shown otherwise, and what the grader ran knows the hidden tests. So:

* ``conceal`` takes the instructor's regions out of a graded notebook: hidden tests and mark schemes from the cells,
  each traceback (which would show them) down to its exception's name and message, output that repeats a hidden line.
* ``neutralise`` (see :mod:`classroom.neutral`) makes it safe to open in any viewer, nbgrader's formgrader too.
* ``page`` (see :mod:`classroom.page`) writes one self-contained HTML file without scripts, under a
  Content-Security-Policy that forbids them.

``classroom feedback`` does all three. So do nbgrader's own commands and the formgrader, if ``nbgrader_config.py`` says::

    c.HTMLExporter.preprocessors = ["classroom.feedback.Neutralise"]  # what the formgrader shows
    c.GenerateFeedback.exporter_class = "classroom.feedback.FeedbackExporter"
"""

import copy
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import Exporter
from nbformat.notebooknode import NotebookNode
from nbgrader.api import MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import DBAPIError
from traitlets import default

from classroom.book import Book
from classroom.course import folder, home, open_course, open_gradebook
from classroom.disk import write_file, writing
from classroom.leaks import Markers, Search, Secret, squeeze
from classroom.model import Json, Trouble
from classroom.neutral import Neutralise as Neutralise  # by this name it stands in instructors' configurations
from classroom.neutral import neutralise, text_of
from classroom.outcomes import Outcomes
from classroom.page import page
from classroom.platforms import Platform
from classroom.release import EPOCH
from classroom.results import Result, Results, results_of
from classroom.roster import roster_of
from classroom.sources import Sources
from classroom.tasks import Outline, outline_of
from classroom.worksheet import Worksheet, known_as, moodle_folders

# ---------------------------------------------------------------------------------------------------------- concealment

WITHHELD = "(not shown: this output repeats a hidden test)"
ECHO = 12  # characters without white space; a shorter line of output may equal a hidden one by chance
INSTEAD = "# (hidden tests ran here)"


def conceal(notebook: Json, markers: Markers) -> Json:
    """A copy of a graded notebook without what students may not see: hidden tests, mark schemes, and their echoes.

    An error keeps its name and message and loses its traceback. A line of output that holds a line of a hidden test
    goes; output that still holds one, packed or split, goes as a whole. (What student code has scrambled by a method of
    its own cannot be recognised; what helps there is a sandbox that shows it no test source.)
    """
    notebook = copy.deepcopy(notebook)
    secrets: dict[str, Secret] = {}
    for cell in notebook["cells"]:
        cell["source"] = text_of(cell["source"])
        public, fenced_off = markers.split(cell["source"])
        if not fenced_off:
            continue
        for what, _, line in fenced_off:
            text = squeeze(line)
            if len(text) >= ECHO:
                secrets[text] = Secret(what, text)
        note = [INSTEAD] if cell["cell_type"] == "code" else []
        cell["source"] = "\n".join([*public, *note]).rstrip("\n")
    # What stands in the open part of another cell is no secret.
    in_the_open = "\n".join(squeeze(line) for cell in notebook["cells"] for line in cell["source"].split("\n"))
    hidden = [secret for text, secret in secrets.items() if text not in in_the_open]
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [_concealed(output, hidden) for output in cell.get("outputs", [])]
    return notebook


def _leaks(text: str, hidden: Sequence[Secret]) -> bool:
    search = Search(hidden)
    search.file("", text.encode("utf-8", "surrogatepass"))
    return bool(search.leaks)


def _without(text: str, hidden: Sequence[Secret]) -> str:
    """Text without the lines that hold a hidden one; all of it withheld if that does not help."""

    def echoes(line: str) -> bool:
        squeezed = squeeze(line)
        return len(squeezed) >= ECHO and any(secret.text in squeezed for secret in hidden)

    left = "\n".join(line for line in text.split("\n") if not echoes(line))
    return WITHHELD if _leaks(left, hidden) else left


def _concealed(output: Json, hidden: Sequence[Secret]) -> Json:
    output = dict(output)
    kind = output.get("output_type")
    if kind == "error":
        name, message = (_without(text_of(output.get(part)), hidden) for part in ("ename", "evalue"))
        output |= {"ename": name, "evalue": message, "traceback": [f"{name}: {message}" if message else name]}
    elif kind == "stream":
        output["text"] = _without(text_of(output.get("text")), hidden)
    elif kind in ("display_data", "execute_result"):
        data = {}
        for mime, value in dict(output.get("data") or {}).items():
            plain = text_of(value) if isinstance(value, str | list) else repr(value)
            data[mime] = value if not hidden or not _leaks(plain, hidden) else None
        kept = {mime: value for mime, value in data.items() if value is not None}
        output["data"] = kept if len(kept) == len(data) else {"text/plain": WITHHELD}
    return output


# ------------------------------------------------------------------------------------------------------------- exporter


class FeedbackExporter(Exporter):
    """The page for stock ``nbgrader generate_feedback``, which has put scores and comments into the notebook."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        given = resources.get("nbgrader", {})
        cells = {}
        for cell in nb.cells:
            role = cell.metadata.get("nbgrader", {})
            if "score" in role or role.get("comment"):
                score, most = role.get("score"), role.get("points") if "score" in role else None
                cells[role["grade_id"]] = Result(score, most, role.get("comment") or "")
        results = Results(
            given.get("assignment", ""),
            given.get("notebook", ""),
            given.get("score", 0.0) + given.get("late_penalty", 0.0),  # GetGrades has taken it off
            given.get("max_score", 0.0),
            given.get("late_penalty", 0.0),
            cells,
        )
        markers, course = Markers.of(self.config).hidden(), CourseDirectory(config=self.config)
        tasks = _outline(course, results.assignment, results.notebook, markers)
        safe = neutralise(conceal(nb, markers))
        return page(safe, results, tasks=tasks, book=Book.of(Path(course.root))), resources


def _outline(course: CourseDirectory, name: str, notebook: str, markers: Markers) -> Outline | None:
    """The tasks of an assignment's notebook, from the instructor's edition or from what students were given."""
    return outline_of([folder(course, step, name) for step in ("source", "release")], notebook, markers)


# -------------------------------------------------------------------------------------------------------------- command


@dataclass(frozen=True)
class Feedback:
    """One page that was written, or why it was not (``problem``)."""

    student: str
    notebook: str
    path: Path | None = None
    problem: str = ""


def feedback(
    course: CourseDirectory | Path | str,
    name: str,
    students: Iterable[str] = (),
    lang: str = "en",
    book: str = "",
) -> Iterator[Feedback]:
    """Write ``feedback/STUDENT/NAME/NOTEBOOK.html`` for each submission in the gradebook, or for ``students`` only.

    ``book`` is the address of the book whose sections the tests name (see :class:`classroom.book.Book`).

    Yields as it goes, one item a notebook. A page that cannot be made becomes a problem of that student's and leaves
    the others alone. LookupError if the gradebook has no such assignment, Trouble if it or the disk cannot be used.
    """
    course = course if isinstance(course, CourseDirectory) else open_course(course)
    markers, wanted = Markers.of(course.config).hidden(), set(students)
    outcomes = Outcomes(Path(course.root)).of(name)
    chapters, tasks = Book.of(Path(course.root), book), dict[str, Outline | None]()
    with open_gradebook(course) as gradebook:
        try:
            gradebook.find_assignment(name)
        except MissingEntry:
            raise LookupError(f"the gradebook has no assignment {name!r}") from None
        for submission in sorted(gradebook.assignment_submissions(name), key=lambda one: one.student_id):
            if wanted and submission.student_id not in wanted:
                continue
            for notebook in submission.notebooks:
                student = submission.student_id
                source = folder(course, "autograded", name, student) / f"{notebook.name}.ipynb"
                target = folder(course, "feedback", name, student) / f"{notebook.name}.html"
                if not source.is_file() or source.is_symlink():
                    yield Feedback(student, notebook.name, problem=f"{notebook.name}.ipynb was not graded")
                    continue
                try:
                    graded = nbformat.read(source, as_version=4)
                    results, found = results_of(submission, notebook), ()
                    if student in outcomes and submission.needs_manual_grade:
                        found = outcomes[student].outcome.found
                    if notebook.name not in tasks:
                        tasks[notebook.name] = _outline(course, name, notebook.name, markers)
                    safe = neutralise(conceal(graded, markers))
                    html = page(safe, results, lang, found, tasks[notebook.name], chapters)
                    with writing(home(course, "feedback")):
                        target.parent.mkdir(parents=True, exist_ok=True)
                        write_file(target, html.encode("utf-8", "replace"), 0o644)
                except (Trouble, DBAPIError):  # of the course, not of a student's
                    raise
                except Exception as why:
                    yield Feedback(student, notebook.name, problem=f"{type(why).__name__}: {why}")
                else:
                    yield Feedback(student, notebook.name, target)


def pack(
    course: CourseDirectory, name: str, made: Sequence[Feedback], target: Path, worksheet: Path | None = None
) -> list[str]:
    """Writes the zip that Moodle's *Upload multiple feedback files in a zip* takes; the students who could not be in it.

    Each page lies in the folder of the download that the submission was collected from; for anybody else ``worksheet``,
    Moodle's grading worksheet, may know the number (see :mod:`classroom.worksheet`). Raises Trouble if nobody's is known.
    """
    sources = Sources(Path(course.root)).of(name)
    sheet = None
    if worksheet:
        try:
            sheet = Worksheet.read(worksheet.read_bytes(), known_as(roster_of(course), sources), Platform.MOODLE)
        except OSError as why:
            raise Trouble(f"the worksheet {worksheet} cannot be read: {why.strerror}") from None
        except Trouble as why:
            raise Trouble(f"{worksheet.name}: {why}") from None
    pages = [one for one in made if one.path]
    folders = moodle_folders({one.student for one in pages}, sources, sheet)
    if pages and not folders:
        raise Trouble(
            "no participant's number of Moodle's is known, so no page would find its student: collect Moodle's own "
            "download, or give its grading worksheet with --worksheet"
        )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in pages:
            if one.path and one.student in folders:
                entry = zipfile.ZipInfo(f"{folders[one.student]}/{one.path.name}", EPOCH)
                entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o100644 << 16, 3
                archive.writestr(entry, one.path.read_bytes())
    write_file(target, packed.getvalue(), 0o640)  # marks are personal
    return sorted({one.student for one in pages} - set(folders))
