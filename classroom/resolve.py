"""Questions that submissions leave open, and what a person decides: the command ``classroom resolve``."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from classroom.assignment import load
from classroom.course import home, shown_path
from classroom.decisions import Decisions
from classroom.grade import submitted
from classroom.intake import fitting, is_disguised, is_notebook
from classroom.model import Assignment, Decision, Fate, Refused, Trouble
from classroom.outcomes import Outcomes
from classroom.submission import printable, read_submission


def questions(course: CourseDirectory, name: str, student: str | None = None) -> Iterator[str]:
    """What the last run left open, student by student, and what to do about it."""
    for one, entry in sorted(Outcomes(Path(course.root)).of(name).items()):
        outcome = entry.outcome
        asks = outcome.found or any("classroom resolve" in note for note in outcome.notes)
        if outcome.fate is Fate.ATTENTION and student in (None, one) and asks:
            yield f"{printable(one)}:"
            yield from (f"  {printable(note, 1000)}" for note in outcome.notes)


def decide(course: CourseDirectory, name: str, student: str, notebook: str | None = None, stands: bool = False) -> str:
    """Keeps a decision about a student's submission: which file is the notebook, or that the marks stand; neither: none.

    Returns what was decided, in a sentence. Raises Trouble if there is nothing to decide about.
    """
    assignment, folders = load(course, name), submitted(course, name)
    if student not in folders:
        place = shown_path(home(course, "submitted"))
        raise Trouble(f"{printable(student)} handed in nothing for {name}; see {place}")
    files = read_submission(folders[student], student)
    if isinstance(files, Refused):
        raise Trouble(f"the submission of {printable(student)} cannot be read: {files.file}: {files.reason}")
    decisions = Decisions(Path(course.root))
    decision, what = Decision(), "no decision holds any more"
    if notebook:
        notebooks = decisions.of(name, student, files).notebooks
        decision = Decision({**notebooks, which(assignment, files, notebook): notebook})
        what = f"{printable(notebook)!r} is the notebook to grade"
    elif stands:
        decision = Decision(decisions.of(name, student, files).notebooks, True)
        what = "what else was handed in is no answer, the marks stand"
    decisions.add(name, student, files, decision)
    return f"{printable(student)}: {what}. To go by it, run: classroom grade {name}"


def which(assignment: Assignment, files: Mapping[str, bytes], path: str) -> str:
    """The notebook of the assignment that a file of a submission can be graded as. Raises Trouble if there is none."""
    there = [name for name in sorted(files) if is_notebook(name) or is_disguised(name, files[name])]
    if path not in there:
        known = ", ".join(repr(printable(name)) for name in there[:10])
        raise Trouble(f"the submission has no notebook {printable(path)!r}; it has: {known or 'none'}")
    unfit = {name: fitting(notebook, [path], files)[1] for name, notebook in assignment.notebooks.items()}
    fit = [name for name in unfit if not unfit[name]]
    if not fit:
        raise Trouble(f"{printable(path)!r} cannot be graded: {next(iter(unfit.values()))[path]}")
    return next((name for name in fit if Path(path).name.startswith(name)), fit[0])
