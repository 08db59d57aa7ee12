"""No number of a chapter's prose is typed: it is computed where it stands, or it is the number of a named claim.

An author types ``{{npv[2]:.2f}}``. :func:`gather` makes the span ``<span data-glue="npv[2]:.2f">…</span>`` of it and one
cell, the notebook's last, that publishes each place with :func:`integrated_care.numbers`; when the notebook has run,
:func:`fill` writes the values into the spans. So text and computation are proved against each other without executing
anything, and the cell is proved by nbval.

What a place may be: at most 40 characters (longer: give it a name in the cell that computes it), with a name in it (a
bare constant is a typed number), whose names one cell each has bound (else its value at the end may be another).

What may stand in the prose as it is: whole numbers up to twelve without a unit, years, days of a month, and numbers in
code, formulas, links, citations and headings' ordinals. Everything else is a problem, reported with notebook, cell and
line, and (as a Sphinx warning under ``-W``) it fails the build.
"""

import ast
import builtins
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import nbformat

from integrated_care.prose import GLUE_MIME

NUMBERS = "numbers"  # the id of the generated cell
LONGEST = 40
SPAN = re.compile(r'(<span data-glue="([^"]*)">)(.*?)(</span>)', re.DOTALL)
# What an author types, and before it what looks alike: code and formulas.
_TYPED = re.compile(r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|\{\{([^{}\n]+)\}\}", re.DOTALL)
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
        r"^# [^\n]*$",  # the title, which the plan of the course gives
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


# ---- from what an author types to what a reader sees


def gather(nb: nbformat.NotebookNode) -> None:
    """Turn each ``{{place}}`` of the Markdown into a span, and write the cell that publishes all places, in place."""
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = _TYPED.sub(lambda m: f'<span data-glue="{m[1]}">?</span>' if m[1] else m[0], cell.source)
    nb.cells = [cell for cell in nb.cells if cell.id != NUMBERS]
    if source := _numbers_cell(nb):
        cell = nbformat.v4.new_code_cell(source, id=NUMBERS, metadata={"tags": ["remove-cell"]})
        nb.cells.append(cell)


def places(nb: nbformat.NotebookNode) -> list[str]:
    """What the prose of a notebook says, sorted, each once."""
    return sorted(
        {found[2] for cell in nb.cells if cell.cell_type == "markdown" for found in SPAN.finditer(cell.source)}
    )


def _numbers_cell(nb: nbformat.NotebookNode) -> str:
    lines = "".join(f'    "{place}",\n' for place in places(nb))
    return f"numbers(\n{lines})" if lines else ""


def published(nb: nbformat.NotebookNode) -> dict[str, str]:
    """What the last cell of an executed notebook computed for its prose: place -> text."""
    outputs = next((cell.get("outputs", []) for cell in nb.cells if cell.id == NUMBERS), [])
    return {place: text for output in outputs for place, text in output.get("data", {}).get(GLUE_MIME, {}).items()}


def fill(nb: nbformat.NotebookNode) -> None:
    """Write the published values into the spans of the Markdown cells."""
    values = published(nb)
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = SPAN.sub(lambda m: m[1] + values[m[2]] + m[4], cell.source)


# ---- what can be wrong with a place


def read_names(place: str) -> set[str]:
    """The names of the notebook that a place reads; ``SyntaxError`` where it is no part of an f-string."""
    nodes = list(ast.walk(ast.parse(f'f"{{{place}}}"', mode="eval")))
    own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return {node.id for node in nodes if isinstance(node, ast.Name)} - own - set(dir(builtins))


def bound_names(source: str) -> set[str]:
    """The names that a cell binds when it runs: assigned, defined, imported, or left by a loop."""
    found: set[str] = set()
    todo: list[ast.AST] = list(ast.parse(source).body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
            continue
        if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        todo += ast.iter_child_nodes(node)
    return found


def _faults(place: str, binders: dict[str, list[str]]) -> Iterator[str]:
    """What is wrong with a place; ``binders`` is name -> the ids of the cells that bind it."""
    if len(place) > LONGEST:
        yield f"{place!r} has {len(place)} characters: give it a name in the cell that computes it"
    if set(place) & set('<>"&|`'):
        yield f"""{place!r}: the characters < > " & | ` cannot stand in it"""
    try:
        names = read_names(place)
    except SyntaxError:
        yield f"{place!r} is not an expression with an optional format"
        return
    if not names:
        yield f"{place!r} is a constant: give the number a name in a cell that readers see"
    for name in sorted(names):
        if len(cells := binders.get(name, [])) > 1:
            yield f"{place!r} reads {name!r}, which the cells {', '.join(map(repr, cells))} all bind: rename one"


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
    """Typed numbers, unknown claim ids, places that cannot be trusted, and spans that say something else."""
    found, values, binders = [], published(nb), {}
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    for cell in code:
        for name in bound_names(cell.source):
            binders.setdefault(name, []).append(cell.id)
    last = next((cell.source for cell in code if cell.id == NUMBERS), "")
    if last != _numbers_cell(nb):
        found.append(Problem(NUMBERS, 1, "it does not publish what the prose says; run make notebooks"))
    told: set[str] = set()
    for cell in nb.cells:
        if cell.cell_type != "markdown":
            continue
        lines = cell.source.split("\n")
        named = [CLAIM.findall(line) for line in lines]
        for number, ids in enumerate(named, start=1):
            found += [Problem(cell.id, number, f"claim {i} is not in claims.csv") for i in ids if i not in known]
        unread = _TYPED.sub(_blank, cell.source)
        if (place := unread.find("{{")) >= 0:
            line = cell.source.count("\n", 0, place) + 1
            found.append(
                Problem(cell.id, line, "{{ opens a place that has braces in it: give its value a name in a cell")
            )
        for match in SPAN.finditer(cell.source):
            line = cell.source.count("\n", 0, match.start()) + 1
            if match[2] not in told:
                told.add(match[2])
                found += [Problem(cell.id, line, fault) for fault in _faults(match[2], binders)]
            if match[3] != values.get(match[2]):
                said = f"{match[2]!r} reads {match[3]!r} but is {values.get(match[2])!r}; run make notebooks"
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
                hint = "write {{the expression}} that computes it, or name the claim that carries it"
                found.append(Problem(cell.id, number, f"the number {token!r} is typed: {hint}"))
    return found
