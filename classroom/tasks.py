"""The tasks of a notebook as a reader knows them: by their own titles, with the cells that earn their points.

nbgrader knows cells by ids (``gaps_diverge_tests``), which mean nothing to a student. A task is what stands below a
heading: its text, the cells for answers, the tests. In a notebook without headings it is called after its function.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from classroom.leaks import Markers, squeeze
from classroom.matching import DEFINES
from classroom.model import Json
from classroom.neutral import GAP, text_of

HEADING = re.compile(r"(#{1,6})[ \t]+([^\n]{1,300})")
LINES, TEXT = 300, 20_000  # of a cell, and characters of a task's text, that are looked at: students write them, too
WORTH = re.compile(r"\s*[\[(]([^\[\]()]*\b(?:points?|pts?|marks?)\b[^\[\]()]*)[\])]\s*$", re.IGNORECASE)
FURTHER = re.compile(r"\b(?:further|optional|bonus|extra)\b", re.IGNORECASE)
LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")


@dataclass(frozen=True)
class Criterion:
    """A line of the rubric by which a person marks: its name, its points, and what earns all of them."""

    name: str
    points: float
    wanted: str = ""


@dataclass
class Task:
    """A task: its title, whether a course can do without it (``further``), its rubric, and the ids of its cells."""

    title: str
    further: bool = False
    rubric: tuple[Criterion, ...] = ()
    cells: list[str] = field(default_factory=list)


@dataclass
class Outline:
    """The tasks of a notebook in their order. ``headings`` maps each heading to its task, None if it has none."""

    title: str = ""
    tasks: list[Task] = field(default_factory=list)
    of: dict[str, int] = field(default_factory=dict)  # grade id -> number of the task
    headings: dict[str, int | None] = field(default_factory=dict)
    given: frozenset[str] = frozenset()  # what was handed out, cell by cell, without white space

    def was_given(self, source: str) -> bool:
        """Whether a cell says what was handed out, to the letter."""
        return squeeze(source.replace(GAP, "")) in self.given


def outline(cells: Sequence[Json], markers: Markers, given: bool = False) -> Outline:
    """The tasks of a notebook. ``given``: it is the instructor's, so its cells are what was handed out.

    What ``markers`` fence off (mark schemes) is not read.
    """
    made = Outline()
    known: list[str] = []
    heading, text, task = "", "", None
    for cell in cells:
        source, role = text_of(cell.get("source")), _role(cell)
        public = "\n".join(markers.split(source)[0])
        answer = bool(role.get("solution"))
        if cell["cell_type"] == "markdown" and not answer:
            if found := first_heading(public):
                level, words = found
                if level == 1 and not made.title and not made.tasks and not heading:
                    made.title = plain(words)
                else:
                    heading, text, task = words, "", None
                    made.headings.setdefault(plain(words), None)
            text = f"{text}\n{public}"[:TEXT]
            if task is not None and heading:
                made.tasks[task].rubric = made.tasks[task].rubric or rubric(text)
        if not answer:
            known.append(squeeze(public))
        name = role.get("grade_id")
        if not name or name in made.of or not (answer or role.get("grade") or role.get("task")):
            continue
        if task is None or (not heading and (answer or role.get("task"))):
            task = len(made.tasks)
            if heading:
                made.headings[plain(heading)] = task
                made.tasks.append(Task(plain(heading), _further(heading), rubric(text)))
            else:
                functions = DEFINES.findall(source) if cell["cell_type"] == "code" and not role.get("grade") else []
                made.tasks.append(Task(", ".join(f"{one}()" for one in functions) or f"Part {task + 1}"))
        made.tasks[task].cells.append(name)
        made.of[name] = task
    if given:
        made.given = frozenset(known)
    return made


def outline_of(folders: Sequence[Path], notebook: str, markers: Markers) -> Outline | None:
    """The outline of the instructor's notebook, from the first of the folders that has it; None if none has."""
    for folder in folders:
        try:
            cells = json.loads((folder / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
            return outline(cells, markers, given=True)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return None


def _role(cell: Json) -> Mapping[str, object]:
    role = cell.get("metadata", {}).get("nbgrader")
    return role if isinstance(role, Mapping) else {}


def first_heading(text: str) -> tuple[int, str] | None:
    """Level and words of the first heading in a text, code aside."""
    code = False
    for line in text.split("\n", LINES)[:LINES]:
        if line.startswith(("```", "~~~")):
            code = not code
        elif not code and (found := HEADING.match(line)) and (words := found[2].strip(" \t#")):
            return len(found[1]), words
    return None


def plain(heading: str) -> str:
    """The words of a heading without Markdown, and without what it says of points."""
    words = LINK.sub(r"\1", WORTH.sub("", heading))
    return " ".join(re.sub(r"[*`]+|(?<!\w)_+|_+(?!\w)|<[^<>]*>", "", words).split())


def _further(heading: str) -> bool:
    found = WORTH.search(heading)
    return bool(found and FURTHER.search(found[1]))


# --------------------------------------------------------------------------------------------------------------- rubric


def rubric(text: str) -> tuple[Criterion, ...]:
    """The rubric in a task's text: a table with a column of points, a criterion before it, and what earns them last."""
    for head, *rows in _tables(text):
        at = next((i for i, cell in enumerate(head) if re.fullmatch(r"points?|marks?", cell, re.IGNORECASE)), 0)
        lines = [row for row in rows if len(row) == len(head)]
        if at and lines and all(re.fullmatch(r"\d+(?:[.,]\d+)?", row[at]) for row in lines):
            last = len(head) - 1
            return tuple(
                Criterion(plain(row[0]), _number(row[at]), plain(row[last]) if last > at else "") for row in lines
            )
    return ()


def _tables(text: str) -> Iterator[list[list[str]]]:
    rows: list[list[str]] = []
    for line in [*text.split("\n"), ""]:
        if line.lstrip().startswith("|"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
            if not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
                rows.append(cells)
        elif rows:
            yield rows
            rows = []


def _number(text: str) -> float:
    return float(text.replace(",", "."))


MARK = re.compile(
    r"\W{0,3}?[:|=–—-]?\s*(\d+(?:[.,]\d+)?)(?:\s*(?:/|of|out of)\s*\d+(?:[.,]\d+)?)?(?:\s*(?:points?|pts?|marks?))?"
    r"(?:\s*[:;.,|–—-]+\s*|\s+|$)(.*)",
    re.IGNORECASE,
)


def by_criterion(comment: str, lines: Sequence[Criterion]) -> tuple[dict[str, tuple[float, str]], str]:
    """What a comment says by lines of the rubric, {criterion: (points, reason)}, and the rest of it.

    Such a line begins with the criterion and its points: "ecological limit: 1 of 2. Reads persons off areas". What has
    more points than the rubric gives is no such line.
    """
    found: dict[str, tuple[float, str]] = {}
    rest = []
    for line in comment.split("\n"):
        words = line.strip().lstrip("-*•| ").replace("**", "")
        for one in lines:
            mark = MARK.fullmatch(words[len(one.name) :]) if words.casefold().startswith(one.name.casefold()) else None
            if mark and one.name not in found and _number(mark[1]) <= one.points:
                found[one.name] = _number(mark[1]), mark[2].strip()
                break
        else:
            rest.append(line)
    return found, "\n".join(rest).strip()
