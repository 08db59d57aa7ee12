"""An nbgrader course as nbgrader itself finds it: its settings, its folders, its gradebook."""

import contextlib
import logging
import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from nbgrader.api import Gradebook, InvalidEntry
from nbgrader.api import app_log as nbgraders
from nbgrader.apps import NbGrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError

from classroom.model import CannotGrade
from classroom.submission import printable

KINDS_TABLE = "kinds.csv"  # beside the assignments: assignment, task (its first cell), kind of misconception


def find_programs() -> None:
    """Puts this Python's programs on PATH: nbgrader calls alembic from there to number a new gradebook."""
    here = str(Path(sys.executable).parent)
    if here not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", "")])


def open_course(root: Path | str = ".") -> CourseDirectory:
    """The course below ``root``, configured as nbgrader is when it runs there, from whatever folder we run.

    ``.config`` of what comes back is the whole configuration (``nbgrader_config.py`` and Jupyter's own).
    """
    folder = str(Path(root).resolve())
    app = NbGrader()
    app.log_level = logging.ERROR
    app.load_cwd_config = False
    app.initialize([], root=folder)
    # A new one, because initialize() makes its own before it has read the course's file.
    return CourseDirectory(parent=app, root=folder)


def folder(course: CourseDirectory, step: str, assignment: str, student: str = ".") -> Path:
    """Where nbgrader keeps an assignment in "source", "release", "submitted", "autograded" or "feedback"."""
    return Path(course.format_path(getattr(course, f"{step}_directory"), student, assignment))


def home(course: CourseDirectory, step: str) -> Path:
    """Where nbgrader keeps all of a step: what is said of a whole class names this."""
    return folder(course, step, "any").parent


def shown_path(path: Path) -> str:
    """A place for a message, as far as it exists: from the current folder, if it lies below that, or else whole."""
    while not os.path.lexists(path) and path != path.parent:
        path = path.parent
    with contextlib.suppress(ValueError):
        path = path.relative_to(Path.cwd())
    return printable(str(path), 5_000)


@contextlib.contextmanager
def open_gradebook(course: CourseDirectory) -> Iterator[Gradebook]:
    """nbgrader's gradebook of a course. Raises CannotGrade when the database cannot be used, then or later."""
    find_programs()
    _not_empty(course.db_url)
    try:
        gradebook = Gradebook(course.db_url, course.course_id)
    except Exception as error:
        raise unusable(course.db_url, error) from error
    with gradebook:
        try:
            _of_this_version(gradebook, course.db_url)
            yield gradebook
        except (DBAPIError, InvalidEntry) as error:
            if cause := of_the_course(error):
                raise unusable(course.db_url, cause) from error
            raise


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Keeps nbgrader's gradebook from logging, traceback and all, what it then raises."""
    before, nbgraders.disabled = nbgraders.disabled, True
    try:
        yield
    finally:
        nbgraders.disabled = before


def _not_empty(url: str) -> None:
    """An empty file would be taken for a new gradebook, and all marks in it for lost."""
    place = _place(url)
    if os.path.isfile(place) and not os.path.getsize(place):
        raise unusable(url, "the file is empty")


def _of_this_version(gradebook: Gradebook, url: str) -> None:
    """nbgrader itself does not look before it reads or writes what it cannot know."""
    if inspect(gradebook.engine).has_table("alembic_version"):
        found = set(gradebook.db.execute(text("SELECT version_num FROM alembic_version")).scalars())
        gradebook.db.rollback()  # hold no lock on it
        if found and not found & (known := _versions()):
            of, now = (", ".join(sorted(map(str, some))) for some in (found, known))
            raise unusable(url, f"its tables are of version {of}, not {now}")


@cache
def _versions() -> frozenset[str]:
    """The version of the tables that this nbgrader makes: the revision after which no other one comes."""
    revisions, before = set(), set()
    for path in Path(ALEMBIC_DIR, "versions").glob("*.py"):
        said = dict(
            re.findall(r"^(revision|down_revision) = ['\"](\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        )
        revisions.add(said["revision"])
        before.add(said.get("down_revision"))
    return frozenset(revisions - before)


WAIT = "another program (a formgrader, another grader) is writing to it; wait until it has done"
BACKUP = "put a backup of it in its place"
ALLOW = "it and its folder must be open to reading and writing"
# What a database says -> what to do.
REMEDIES = {
    r"locked|deadlock|could not obtain lock": WAIT,
    r"malformed|not a database|file is encrypted": f"it is damaged, or no gradebook at all; {BACKUP}",
    r"file is empty": f"{BACKUP}, or delete it to begin anew",
    r"readonly|unable to open|disk I/O|permission denied": ALLOW,
    r"disk is full|No space left|could not extend": "make room on that disk",
    r"no such (table|column)|has no column|does not exist|of version": (
        "another version of nbgrader made it; back it up, then run nbgrader db upgrade"
    ),
}
REACH = "see that it is there and can be reached"


def unusable(url: str, error: Exception | str) -> CannotGrade:
    """That the gradebook cannot be used, for an exception of the database's or other words."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig
    reason = error if isinstance(error, str) else brief(error)
    todo = next((todo for words, todo in REMEDIES.items() if re.search(words, reason, re.IGNORECASE)), REACH)
    return CannotGrade(
        f"the gradebook {_place(url)} cannot be used ({reason}): {todo}, then run the same command again"
    )


def _place(url: str) -> str:
    """The file of a gradebook, or the address of its server without a password."""
    try:
        found = make_url(url)
    except ArgumentError:
        return url.rsplit("@", 1)[-1]
    if found.get_backend_name() == "sqlite":
        return found.database or url
    return found.render_as_string(hide_password=True)


def of_the_course(error: BaseException | None) -> DBAPIError | None:
    """The trouble with the gradebook as a whole that an exception came from, if that is what it came from.

    nbgrader turns whatever a database says while it adds something into InvalidEntry. What a database has against the
    data themselves, such as a student's name, is no trouble of the course's.
    """
    while error is not None:
        if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError | DataError):
            return error
        error = error.__cause__ or error.__context__
    return None


def brief(error: BaseException) -> str:
    """An exception in one line, for a message."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
