"""The model answers of one assignment, for its students, once nobody can hand them in any more.

They get a notebook with the model answers and the tests that they had. Hidden tests stay hidden: the next class has the
same, and their messages are in each student's feedback already. Sample papers and mark schemes are the teacher's.
"""

import datetime
import json
import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbgrader.api import MissingEntry
from nbgrader.coursedir import CourseDirectory

from classroom.course import home, open_gradebook
from classroom.disk import write_file, writing
from classroom.leaks import Markers, find_leaks, squeeze
from classroom.model import Json, Trouble
from classroom.release import Leaked, Settings, mend_links, secrets_of

MODEL = "model answer"  # what classroom.leaks calls it
WRITTEN = "*Your own words stand here: a written answer has no model.*"


def release_solutions(course: CourseDirectory, name: str, out: Path, *, now: bool = False) -> list[Path]:
    """Write ``out/NOTEBOOK-solutions.ipynb`` for each notebook of an assignment; their paths.

    Trouble before the due date (``now`` does not look at it), and where something would get out that is no model answer
    of this assignment: nothing is written then.
    """
    sources = sorted((home(course, "source") / name).glob("*.ipynb"))
    if not sources:
        raise FileNotFoundError(f"no assignment {name!r} in {home(course, 'source')}")
    if not now:
        _wait(course, name)
    markers, files, answers = Markers.of(course.config), {}, []
    for path in sources:
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            answers += [squeeze(line) for what, line in lines(cell.source, markers) if what == MODEL]
        made = (json.dumps(solution(notebook, markers), indent=1, ensure_ascii=False) + "\n").encode()
        place = f"exercises/{name}/{path.stem}-solutions.ipynb"
        files[f"{path.stem}-solutions.ipynb"] = mend_links(place, made, set(), {}, os.environ.get("BOOK_URL", ""))
    # Lines that a bank or another exercise has in common with these answers are no secrets any more.
    told = "\n".join(answers)
    mine = f"{MODEL} of {name}/"
    secrets = [one for one in secrets_of(course, Settings.of(Path(course.root))) if not one.label.startswith(mine)]
    if leaks := find_leaks(files, [one for one in secrets if one.text not in told]):
        raise Leaked(leaks)
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    for file, data in files.items():
        write_file(out / file, data)
    return [out / file for file in files]


def _wait(course: CourseDirectory, name: str) -> None:
    """Trouble until the due date in the gradebook has passed, and with it the longest extension."""
    with open_gradebook(course) as gradebook:
        try:
            due = gradebook.find_assignment(name).duedate
        except MissingEntry:
            due = None
        late = [one.extension for one in gradebook.assignment_submissions(name) if one.extension] if due else []
    if due is None:
        raise Trouble(
            f"the gradebook knows no due date of {name}, so nobody knows whether students may still hand in: set one in "
            "the formgrader, or say --now"
        )
    last = due + max(late, default=datetime.timedelta())
    if (
        datetime.datetime.now(datetime.UTC).replace(tzinfo=None) < last
    ):  # nbgrader's dates are in UTC, without saying so
        longer = f", {last - due} more with the longest extension" if late else ""
        raise Trouble(
            f"{name} can be handed in until {last:%d %B %Y, %H:%M} UTC{longer}: its solutions wait for that, or say --now"
        )


def solution(notebook: Json, markers: Markers) -> Json:
    """A notebook of model answers: without hidden tests and mark schemes, and no assignment any more."""
    cells = []
    for cell in notebook["cells"]:
        role, source = cell["metadata"].get("nbgrader", {}), "".join(cell["source"])
        code = cell["cell_type"] == "code"
        if role.get("solution") and not code:
            source = WRITTEN
        else:
            source = "\n".join(line for what, line in lines(source, markers) if what in ("", MODEL)).strip("\n")
        made = {"cell_type": cell["cell_type"], "id": cell.get("id", ""), "metadata": {}, "source": source}
        made |= {"outputs": [], "execution_count": None} if code else {}
        made |= {"attachments": cell["attachments"]} if cell.get("attachments") else {}
        cells.append(made)
    metadata = {key: value for key, value in notebook["metadata"].items() if key in ("kernelspec", "language_info")}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def lines(source: str, markers: Markers) -> Iterator[tuple[str, str]]:
    """(what fences it off, line) for each line of a cell, "" for an open one; without the fences themselves."""
    fenced = {number: what for what, number, _ in markers.split(source)[1]}
    fences = [word for _, begin, end in markers.regions for word in (begin, end)]
    for number, line in enumerate(source.split("\n"), start=1):
        if not any(word in line for word in fences):
            yield fenced.get(number, ""), line


def unfenced(source: str, markers: Markers) -> str:
    """A cell without the lines that fence its regions off."""
    return "\n".join(line for _, line in lines(source, markers)).strip()
