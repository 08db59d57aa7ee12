"""The released assignment, as nbgrader sees it: student edition from ``release/``, tests from the gradebook.

``nbgrader generate_assignment`` is the only thing that makes an assignment. Whatever was written into ``source/`` (here
``exercises/``) since then does not count, exactly as it does not count for ``nbgrader autograde``.
"""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import MissingEntry
from nbgrader.api import Notebook as GradebookNotebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.nbgraderformat import MetadataValidator, SchemaTooNewError, SchemaTooOldError, ValidationError
from nbgrader.utils import find_all_files

from classroom.course import folder, open_gradebook
from classroom.model import Assignment, Json, Notebook, Trouble


class AssignmentError(Trouble):
    """The assignment cannot be graded as it stands; the message says what the instructor should do."""


def load(course: CourseDirectory, name: str) -> Assignment:
    """The assignment called ``name``. Raises AssignmentError if it was not generated, or only in part."""
    again = f"run: nbgrader generate_assignment {name} --force"
    release = folder(course, "release", name)
    notebooks = {}
    with open_gradebook(course) as gradebook:
        try:
            stored = gradebook.find_assignment(name).notebooks
        except MissingEntry:
            raise AssignmentError(f"the gradebook has no assignment called {name!r}; {again}") from None
        for entry in stored:
            path = release / f"{entry.name}.ipynb"
            if not path.is_file():
                raise AssignmentError(f"{path} is missing; {again}")
            try:
                notebooks[entry.name] = pair(entry, path.read_text(encoding="utf-8"))
            except ValueError as why:
                raise AssignmentError(f"{path} and the gradebook do not agree: {why}; {again}") from why
    if not notebooks:
        raise AssignmentError(f"the assignment {name!r} has no notebooks; {again}")
    return Assignment(name, notebooks, supplements(course, name))


def hashed(found: Any, files: Mapping[str, bytes]) -> Any:
    """A digest that has taken in files, by path, so that it sees where one ends."""
    for path, data in sorted(files.items()):
        found.update(json.dumps([path, len(data)]).encode() + data)
    return found


def pair(entry: GradebookNotebook, released: str) -> Notebook:
    """One notebook in both editions, from its entry in the gradebook and the text of its released file."""
    release: Json = nbformat.convert(nbformat.reads(released, as_version=4), 4)
    release.nbformat_minor = 5
    for number, cell in enumerate(release.cells):
        cell.setdefault("id", f"cell-{number}")  # a notebook of before 4.5 has none; the same each time, for digests
    try:
        MetadataValidator().validate_nb(release)
    except (ValidationError, SchemaTooOldError, SchemaTooNewError) as why:
        raise ValueError(f"nbgrader metadata: {why}") from why
    stored = {cell.name: cell for cell in entry.source_cells}
    source = copy.deepcopy(release)
    seen = set()
    for cell in source.cells:
        if not graded(cell):
            continue
        grade_id = cell.metadata.nbgrader.grade_id
        if grade_id not in stored:
            raise ValueError(f"the gradebook does not know the cell {grade_id!r}")
        seen.add(grade_id)
        cell.source = stored[grade_id].source
        cell.metadata.nbgrader.checksum = stored[grade_id].checksum
    if lost := sorted(stored.keys() - seen):
        raise ValueError(f"the released file lacks the cell {lost[0]!r}")
    if kernelspec := json.loads(entry.kernelspec or "null"):
        source.metadata.kernelspec = kernelspec
    return Notebook(entry.name, plain(source), plain(release))


def graded(cell: Json) -> bool:
    """Whether nbgrader has a hold on the cell: tests, answers, tasks, and cells that are only locked."""
    found = cell["metadata"].get("nbgrader", {})
    return any(found.get(hold) for hold in ("grade", "solution", "locked", "task"))


def supplements(course: CourseDirectory, name: str) -> dict[str, bytes]:
    """The files that nbgrader lays over every submission: those of the source folder that are not notebooks.

    The source folder is absent where only the release was handed on; then the release has the same files.
    """
    home = folder(course, "source", name)
    if not home.is_dir():
        home = folder(course, "release", name)
    students = set(course.config.get("Autograde", {}).get("exclude_overwriting", {}).get(name, ()))
    files = {}
    for found in find_all_files(str(home), [*course.ignore, "*.ipynb"]):
        path = Path(found).relative_to(home).as_posix()
        if path not in students:
            files[path] = Path(found).read_bytes()
    return files


def plain(notebook: Json) -> Json:
    """A notebook as dictionaries and lists only, so that it pickles and compares like any JSON."""
    return json.loads(json.dumps(notebook))
