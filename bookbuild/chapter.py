"""What can be read of a chapter, and of its exercise: each fact in one place, from the notebook, by one parser.

A :class:`Chapter` is read once from ``chapters/NN_name.ipynb``; an :class:`Exercise` from a notebook of tasks, source or
student edition. Everybody who wants a number, a title, hours, questions, claims or tasks asks here. Nothing here knows
Sphinx: a page's name ("chapters/05_inequality") is all that it takes from there.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from . import prose
from .markup import plain, slug

DOCNAME = re.compile(r"(?:^|/)chapters/(\d+)_([a-z_]+)$")
_QUESTION = re.compile(r"^>\s*\*\*Check yourself\b(?:[^\n]*\n>)*?[^\n]*<details\b", re.MULTILINE)
_TASK = re.compile(r"^## (\d+\.\d+) (.+?) \((\d[\d +]*) points?(?:, (core|further))?(?:,[^)]*)?\)\s*$", re.MULTILINE)


def number_of(docname: str) -> int | None:
    """5 for ``chapters/05_inequality``; ``None`` for a page that is no chapter."""
    match = DOCNAME.search(docname)
    return int(match[1]) if match else None


def title_of(markdown: str) -> str:
    """The first heading of the first order; empty where there is none."""
    match = re.search(r"^# (.+)$", markdown, re.MULTILINE)
    return match[1].strip() if match else ""


# ---- hours, as an author writes them

_NUMERALS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_WORDS = {word: i for i, word in enumerate(_NUMERALS)}
_AMOUNT = re.compile(
    rf"(?P<n>\d+(?:\.\d+)?½?|½|\b(?:(?:{'|'.join(_WORDS)})(?: and a half)?|half an|an)\b)"
    r"\s*(?P<unit>hours?\b|minutes?\b|min\b|h\b)?",
    re.IGNORECASE,
)
_HALVES = re.compile(rf"\b({'|'.join(_WORDS)}) and a half\b", re.IGNORECASE)
_RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:to|–|-)\s*(\d+(?:\.\d+)?)")


def _number(text: str) -> float:
    whole, half, _ = text.lower().partition(" and a half")
    if whole in _WORDS:
        return _WORDS[whole] + 0.5 * bool(half)
    text = whole
    if text in ("half an", "½"):
        return 0.5
    return 1 if text == "an" else float(text.rstrip("½")) + 0.5 * text.endswith("½")


def hours(text: str) -> tuple[float, float] | None:
    """Hours to read and hours to solve, from "about 2 hours to read and try, and 5 for the exercise".

    A range counts as its middle; a number without a unit has that of its neighbour. ``None`` where two amounts are not
    to be found.
    """
    text = _RANGE.sub(lambda m: f"{(float(m[1]) + float(m[2])) / 2:g}", text)
    found = [(_number(m["n"]), (m["unit"] or "").lower()) for m in _AMOUNT.finditer(text)]
    units = [unit for _, unit in found if unit]
    if len(found) < 2 or not units:
        return None
    out = [n / 60 if (unit or units[0]).startswith("m") else n for n, unit in found[:2]]
    return out[0], out[1]


def duration(text: str) -> str:
    """The first amount of time in a text, in the author's words ("3½ hours"); empty where there is none."""
    return next((m[0] for m in _AMOUNT.finditer(text) if m["unit"]), "")


def core_hours(text: str) -> float | None:
    """Hours that the core tasks take, from "Tasks marked *core* carry half of the points and take about three hours".

    "four and a half hours" counts as 4.5; ``None`` where the sentence, or an amount of time in it, is missing.
    """
    sentence = re.search(r"Tasks marked \*core\*(.*?)(?:[:;.]\s|\Z)", text, re.DOTALL)
    words = sentence[1].partition(" take")[2] if sentence else ""
    words = _HALVES.sub(lambda m: f"{_WORDS[m[1].lower()]}.5", words)
    found = next((m for m in _AMOUNT.finditer(words) if m["unit"]), None)
    if found is None:
        return None
    return _number(found["n"]) / (60 if found["unit"].lower().startswith("m") else 1)


def time_line(markdown: str) -> str:
    """What follows **Time:** in a chapter's Markdown, up to the next bold label; empty where nothing does."""
    match = re.search(r"\*\*Time:?\*\*:?(.*?)(?:\*\*|\n\s*>?\s*\n|\Z)", markdown, re.DOTALL)
    return " ".join(match[1].replace(">", " ").split()) if match else ""


# ---- a chapter


@dataclass(frozen=True)
class Chapter:
    """A chapter's notebook, as far as other pages speak of it."""

    number: int
    name: str  # "05_inequality", which is the name of its exercise, too
    cells: tuple[str, ...]  # its Markdown, cell by cell

    @property
    def docname(self) -> str:
        return f"chapters/{self.name}"

    @cached_property
    def markdown(self) -> str:
        """The Markdown cells as one text."""
        return "\n\n".join(self.cells)

    @cached_property
    def title(self) -> str:
        return title_of(self.markdown)

    @cached_property
    def hours(self) -> tuple[float, float] | None:
        """Hours to read and to solve that its box *In this chapter* states; ``None`` where it states none."""
        return hours(time_line(self.markdown))

    @cached_property
    def questions(self) -> int:
        """How many questions *Check yourself* with answers it asks."""
        return len(_QUESTION.findall(self.markdown))

    @cached_property
    def claims(self) -> frozenset[str]:
        """The ids of the papers' claims that it names."""
        return frozenset(prose.CLAIM.findall(self.markdown))

    @cached_property
    def door(self) -> str | None:
        """The heading under which its exercise is opened; empty without a heading, ``None`` without a link."""
        cell = next((cell for cell in self.cells if f"release/{self.name}/" in cell), None)
        heading = cell and re.search(r"^##+ (.+)$", cell, re.MULTILINE)
        return None if cell is None else heading[1] if heading else ""


@lru_cache(maxsize=64)
def _markdown_cells(path: Path, changed: float) -> tuple[str, ...]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return tuple("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def markdown_cells(path: Path) -> tuple[str, ...]:
    """The Markdown cells of a notebook; they are read again only when the file has changed."""
    return _markdown_cells(path, path.stat().st_mtime)


def read(path: Path) -> Chapter:
    """The chapter that a file holds (``ValueError`` for a file of another name); no cells where it is no notebook."""
    number = number_of(path.with_suffix("").as_posix())
    if number is None:
        raise ValueError(f"path: {path} is no chapter; a chapter is chapters/NN_name.ipynb")
    return Chapter(number, path.stem, markdown_cells(path) if path.suffix == ".ipynb" else ())


# ---- what another page can point at in a chapter


class Spot(NamedTuple):
    """A place in a chapter: its anchor on the built page, and its words without markup."""

    anchor: str
    words: str


@dataclass(frozen=True)
class Spots:
    """What a teacher points at in a chapter. A box is known by the id of the cell that it stands in.

    sections   heading -> place, for headings of the second and third order
    charts     id of the cell -> place; the words are the chart's title
    checks     id of the cell -> place of its box *Check yourself*; the words are the question
    tries      id of the cell -> place of its box *Try it*
    needs      what a reader should know before, from the box *In this chapter*; empty where it says nothing
    """

    sections: Mapping[str, Spot]
    charts: Mapping[str, Spot]
    checks: Mapping[str, Spot]
    tries: Mapping[str, Spot]
    needs: str


_HEADING = re.compile(r"^###? (.+)$", re.MULTILINE)
_BOX = re.compile(r"^> \*\*(Check yourself|Try it)\.?\*\*\.?\s*(.+)$", re.MULTILINE)
_NEEDS = re.compile(r"\*\*You need:?\*\*:?\s*(.+?\.)(?:\s|$)")


def caption(spec: Mapping[str, Any]) -> tuple[str, str]:
    """Title and subtitle of a chart as plain text: what ``charts.finish`` left in ``usermeta``, else the spec's own."""
    meta, title = spec.get("usermeta") or {}, spec.get("title") or ""
    if meta.get("title"):
        return meta["title"], meta.get("subtitle") or ""
    text, below = (title.get("text", ""), title.get("subtitle", "")) if isinstance(title, dict) else (title, "")
    return tuple(" ".join(t) if isinstance(t, list) else str(t) for t in (text, below))


@lru_cache(maxsize=64)
def _spots(path: Path, changed: float) -> Spots:
    sections, charts, boxes, needs = {}, {}, {"Check yourself": {}, "Try it": {}}, ""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            for heading in _HEADING.findall(source):
                sections[plain(heading)] = Spot(slug(plain(heading)), plain(heading))
            for kind, words in _BOX.findall(source):
                known = boxes[kind]
                known[cell["id"]] = Spot(
                    f"{'check' if kind == 'Check yourself' else 'try'}-{len(known) + 1}", plain(words)
                )
            if match := _NEEDS.search(source):
                needs = plain(match[1])
        for output in cell.get("outputs", ()):
            for kind, spec in output.get("data", {}).items():
                if kind.startswith("application/vnd.vegalite"):
                    charts[cell["id"]] = Spot(f"fig-{cell['id']}", caption(spec)[0])
    return Spots(sections, charts, boxes["Check yourself"], boxes["Try it"], needs)


def spots(path: Path) -> Spots:
    """The places of a chapter; they are read again only when the notebook has changed."""
    return _spots(path, path.stat().st_mtime)


# ---- its exercise


class NotAnExercise(ValueError):
    """A notebook without what an exercise needs; the text says what is missing."""


class Task(NamedTuple):
    number: str  # "5.1"
    title: str
    points: int
    part: str = ""  # "core" or "further"; empty where the heading says neither


@dataclass(frozen=True)
class Exercise:
    """What a student wants to know before starting, read from the headings of the notebook."""

    title: str
    time: str  # "5 hours"; empty where the notebook does not say
    tasks: tuple[Task, ...]
    core: float | None = None  # hours of the core tasks; ``None`` where the notebook does not say

    @classmethod
    def read(cls, path: Path) -> "Exercise":
        """Read a source or a student edition; ``NotAnExercise`` says what its headings lack."""
        cells = markdown_cells(path)
        if not cells or not cells[0].startswith("# "):
            raise NotAnExercise("its first cell does not start with a title, such as '# Exercise 5: …'")
        tasks = tuple(
            Task(number, title, sum(map(int, points.split("+"))), part)
            for cell in cells
            for number, title, points, part in _TASK.findall(cell)
        )
        if not tasks:
            raise NotAnExercise("it has no task: a heading such as '## 5.1 Two gaps (3 points)'")
        return cls(title_of(cells[0]), duration(cells[0]), tasks, core_hours(cells[0]))

    @property
    def hours(self) -> dict[str, float]:
        """Hours of the parts "core" and "further"; empty where the notebook does not say both."""
        whole = hours(f"{self.time}, {self.time}") if self.time else None
        return {"core": self.core, "further": whole[0] - self.core} if whole and self.core is not None else {}

    def points(self, part: str | None = None) -> int:
        """The points of all tasks, or of the part "core" or "further"."""
        return sum(task.points for task in self.tasks if part in (None, task.part))


_FENCE = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)


def solutions(path: Path) -> dict[str, list[str]]:
    """Number of a task -> its model answers, a cell each, from the source of an exercise.

    Only a book that says on every page that it is not for publishing shows them.
    """
    found: dict[str, list[str]] = {}
    number = ""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        text, role = "".join(cell["source"]), cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "markdown" and (heading := _TASK.search(text)):
            number = heading[1]
        elif cell["cell_type"] == "code" and role.get("solution") and number:
            found.setdefault(number, []).append(_FENCE.sub("", text).strip())
    return found
