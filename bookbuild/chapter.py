"""What can be read of a chapter, and of its exercise: each fact in one place, from the notebook, by one parser.

A :class:`Chapter` is read once from ``chapters/NN_name.ipynb``; an :class:`Exercise` from a notebook of tasks, source or
student edition. Everybody who wants a number, a title, hours, questions, claims or tasks asks here. Nothing here knows
Sphinx: a page's name ("chapters/05_inequality") is all that it takes from there.
"""

import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from . import prose

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
    rf"(?P<n>\d+(?:\.\d+)?½?|½|\b(?:{'|'.join(_WORDS)}|half an|an)\b)\s*(?P<unit>hours?\b|minutes?\b|min\b|h\b)?",
    re.IGNORECASE,
)
_HALVES = re.compile(rf"\b({'|'.join(_WORDS)}) and a half\b", re.IGNORECASE)
_RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:to|–|-)\s*(\d+(?:\.\d+)?)")


def _number(text: str) -> float:
    text = text.lower()
    if text in _WORDS:
        return _WORDS[text]
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

    def points(self, part: str | None = None) -> int:
        """The points of all tasks, or of the part "core" or "further"."""
        return sum(task.points for task in self.tasks if part in (None, task.part))
