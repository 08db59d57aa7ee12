"""An nbgrader course as nbgrader itself finds it: its settings, its folders, its gradebook."""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGrader
from nbgrader.coursedir import CourseDirectory

from classroom.model import Trouble


class CannotGrade(Trouble):
    """The course, not a submission, stands in the way: says what to do about it."""


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


@contextlib.contextmanager
def open_gradebook(course: CourseDirectory) -> Iterator[Gradebook]:
    """nbgrader's gradebook of a course. Raises CannotGrade when the database cannot be used."""
    find_programs()
    try:
        gradebook = Gradebook(course.db_url, course.course_id)
    except Exception as error:
        raise unusable(course.db_url, error) from error
    with gradebook:
        yield gradebook


def unusable(url: str, error: Exception) -> CannotGrade:
    """That the gradebook cannot be used, for an exception of the database's."""
    place = url.rsplit("@", 1)[-1]  # never print a password
    return CannotGrade(
        f"The gradebook {place} cannot be used ({brief(error)}). If nbgrader was upgraded: back the gradebook up, "
        "then run nbgrader db upgrade. If a formgrader or another grader is writing, wait and run this again."
    )


def brief(error: BaseException) -> str:
    """An exception in one line, for a message."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
