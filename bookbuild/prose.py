"""No number of a chapter's prose is typed: it is published by a cell, or it is the number of a named claim.

What may stand in the prose as it is: whole numbers up to twelve without a unit, years, days of a month, and numbers in
code, formulas, links, citations and headings' ordinals. Everything else is a problem, reported with notebook, cell and
line, and (as a Sphinx warning under ``-W``) it fails the build.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import nbformat

from .notebooks import SPAN, glued

CLAIM = re.compile(r"\b([AB]\d{2})\b")
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# Order matters: the longer constructions go first.
_NOT_PROSE = [
    re.compile(pattern, re.DOTALL | re.MULTILINE)
    for pattern in (
        r"```.*?```",
        r"<!--.*?-->",
        SPAN.pattern,
        r"\$\$.*?\$\$",
        r"\$[^$\n]+\$",
        r"\{[a-z:]+\}`[^`]*`",
        r"`[^`\n]*`",
        r"\]\([^)]*\)",
        r"<[^>]+>",
        r"^\s*(?:>\s*)?\d+[.)]\s",  # the ordinal of a list item
        rf"\b\d{{1,2}} (?:{MONTHS})\b",
        r"\b(?:19|20)\d\d(?:[–/-]\d{2,4})?\b",  # a year or a span of years
        r"\bper 1(?:00)?,000\b",
        r"Core20PLUS5|Core20|Law 08-22|WCAG 2\.\d",
        r"\b[AB]\d{2}\b",
        r"\b[Cc]hapters? \d+(?:(?:, | and |–)\d+)*",
    )
]
_NUMBER = re.compile(
    r"(?<![\w.])[−+-]?\d[\d,.\u202f]*\d*(?:\s?(?:%|per cent|percentage points?|years?|million|billion))?"
)


class Problem(NamedTuple):
    cell: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"cell {self.cell!r}, line {self.line}: {self.text}"


def claims(root: Path) -> dict[str, dict[str, str]]:
    """The claims of the two source papers: id -> row of ``datasets/claims.csv``."""
    with open(root / "datasets" / "claims.csv", encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def typed_numbers(markdown: str) -> Iterator[tuple[int, str]]:
    """Line (from 1) and text of each number that the prose of a Markdown cell types out."""
    for pattern in _NOT_PROSE:
        markdown = pattern.sub(_blank, markdown)
    for number, line in enumerate(markdown.split("\n"), start=1):
        for match in _NUMBER.finditer(line):
            token = match[0].strip().rstrip(".,")
            if not (token.isdigit() and int(token) <= 12):
                yield number, token


def _of_claim(token: str, row: dict[str, str]) -> bool:
    """Whether a number is the one that the claim's row carries (its value, its words, or the note on its check)."""
    digits = re.sub(r"[^\d.]", "", token.replace(",", "")).rstrip(".")
    said = " ".join(row[field] for field in ("number", "paraphrase", "check_note")).replace(",", "")
    return bool(digits) and re.search(rf"(?<![\d.]){re.escape(digits)}(?![\d])", said) is not None


def problems(nb: nbformat.NotebookNode, known: dict[str, dict[str, str]]) -> list[Problem]:
    """Typed numbers, unknown claim ids, and spans whose text is not what the cells published."""
    found, values = [], glued(nb)
    for cell in nb.cells:
        if cell.cell_type != "markdown":
            continue
        lines = cell.source.split("\n")
        named = [CLAIM.findall(line) for line in lines]
        for number, ids in enumerate(named, start=1):
            found += [Problem(cell.id, number, f"claim {i} is not in claims.csv") for i in ids if i not in known]
        for match in SPAN.finditer(cell.source):
            line = cell.source.count("\n", 0, match.start()) + 1
            if match[2] not in values:
                found.append(Problem(cell.id, line, f"no cell publishes {match[2]!r}"))
            elif match[3] != values[match[2]]:
                said = f"{match[2]!r} reads {match[3]!r} but the cells give {values[match[2]]!r}; run make notebooks"
                found.append(Problem(cell.id, line, said))
        for number, token in typed_numbers(cell.source):
            # A claim vouches for a number on its own line and in the paragraph (or box) around it.
            first = last = number - 1
            while first > 0 and lines[first - 1].strip(" >"):
                first -= 1
            while last + 1 < len(lines) and lines[last + 1].strip(" >"):
                last += 1
            ids = [i for line in named[first : last + 1] for i in line if i in known]
            if not any(_of_claim(token, known[i]) for i in ids):
                hint = "compute it and publish it with glue(), or name the claim that carries it"
                found.append(Problem(cell.id, number, f"the number {token!r} is typed: {hint}"))
    return found
