"""Which error a failed test names: the message of its assertion, as the instructor wrote it.

What a test says is read from the instructor's source, never from a student's notebook: an output only tells *which* line of
a test failed. So what a student wrote cannot get into a list of errors, neither text nor HTML; values that a message was
filled with are left out (``…``); and two students who failed at one line met one error, whatever their numbers were.

An exception of a student's own is none of ours, also where it is an AssertionError with our words: it was not raised in one
of our cells.
"""

import ast
import builtins
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from classroom.book import NAMED
from classroom.leaks import Markers
from classroom.model import Json
from classroom.neutral import ANSI, text_of

GAP = "…"  # for a value that a message was filled with
LONGEST = 300  # characters of an error's name
# "12", "-20", "1,000", "0.75", "1e-12", "2 / 3" is two; not the 0 of a name like abs0
NUMBER = re.compile(r"(?<![\w.])[-−+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?(?![\w])")
RULES = re.compile(r"\s*\((?:the rules are in|see) task [\d.]+\)", re.IGNORECASE)
# Frames of a traceback as IPython 8 and 9, 8.0 and 7 write them, and where an arrow points in the lines below.
FRAME = re.compile(r"(?:Cell In|Input In) ?\[(\d+)\](?:, line (\d+))?|<ipython-input-(\d+)-[0-9a-f]+>(?::(\d+))?")
ARROW = re.compile(r"^-+> *(\d+)\b", re.MULTILINE)
ENDED = re.compile(r"\s*It (?:stopped with|raised) …\.?")  # the last words of a message: the exception, as it was
RAISED = re.compile(r"stopped with (\w+)")
UNWRITTEN = "NotImplementedError"
TIME = ("CellTimeoutError", "CellTimeout", "TimeoutError")
# Names of exceptions that a page may show: a class of a student's own could be called anything.
EXCEPTIONS = {
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
}
EXCEPTIONS |= {
    "LinAlgError",
    "UFuncTypeError",
    "AxisError",
    "NetworkXError",
    "NodeNotFound",
    "NetworkXNoPath",
    "InvalidIndexError",
}


class Seen(StrEnum):
    """Where an error came to light."""

    VISIBLE = "visible test"
    HIDDEN = "hidden test"
    OWN = "the answer itself"


@dataclass(frozen=True, order=True)
class Error:
    """An error by name, what showed it, and the section of the book that the message names (chapter 0: none)."""

    text: str
    seen: Seen
    chapter: int = 0
    section: str = ""

    @property
    def key(self) -> tuple[str, Seen]:
        """The same for two errors that differ in numbers only."""
        return NUMBER.sub("#", self.text), self.seen


STOPPED = "The code stopped with {}."
OUT_OF_TIME = Error("The code ran out of time.", Seen.OWN)
STRANGE = Error("The code stopped with an exception that is not Python's.", Seen.OWN)
SILENT = Error(
    "Points were lost without a message: the test gives a part of them, or something was printed as a warning.",
    Seen.OWN,
)
NOT_WRITTEN = Error("A part of it is still to be written.", Seen.OWN)


@dataclass(frozen=True)
class Claim:
    """A line of a cell that can fail: the lines it spans, what it says, and a pattern that its message fits."""

    first: int
    last: int
    error: Error
    pattern: re.Pattern[str] | None = None


class TestCell:
    """A test cell, or another locked cell, as the instructor wrote it."""

    __test__ = False  # pytest, this is no test

    def __init__(self, source: str, markers: Markers) -> None:
        self.source = source
        self._hidden = frozenset(number for _, number, _ in markers.hidden().split(source)[1])

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """What can fail in the cell, innermost last; nothing for a cell that is no plain Python."""
        try:
            tree = ast.parse(self.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ()
        return tuple(sorted(self._found(tree), key=lambda one: (one.first, -one.last)))

    def _found(self, tree: ast.AST) -> Iterator[Claim]:
        constants = _constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Assert):
                said = node.msg
            elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                said = node.exc.args[0]
            else:
                continue
            parts = list(_parts(said, constants)) if said is not None else []
            if any(isinstance(part, str) and part.strip() for part in parts):
                text = "".join(GAP if part is None else part for part in parts)
                pattern = "".join(".*" if part is None else re.escape(part) for part in parts)
                yield Claim(
                    node.lineno, node.end_lineno, self._error(text, node.lineno), re.compile(pattern, re.DOTALL)
                )
            elif isinstance(node, ast.Assert):  # it says nothing: its own words name it
                yield Claim(node.lineno, node.end_lineno, self._error(ast.unparse(node), node.lineno))

    def _error(self, text: str, line: int) -> Error:
        seen = Seen.HIDDEN if line in self._hidden else Seen.VISIBLE
        named = NAMED.search(text)
        if named:
            text = text[: named.start()] + text[named.end() :]
        text = " ".join(ENDED.sub("", RULES.sub("", text)).split()).removesuffix("Read").strip()
        text = re.sub(r"…(?:\s*…)+", GAP, re.sub(r"\s+([,;:]|\.(?!\.))", r"\1", text))
        if len(text) > LONGEST:
            text = text[:LONGEST].rsplit(" ", 1)[0] + f" {GAP}"
        return Error(text, seen, int(named[1]) if named else 0, named[2] if named else "")

    def at(self, line: int) -> Error | None:
        """What failed at a line; a line that says nothing itself (a call that checks) is named by its own words."""
        inside = [one for one in self.claims if one.first <= line <= one.last]
        if inside:
            return inside[-1].error
        lines = self.source.split("\n")
        return (
            self._error(lines[line - 1].strip(), line) if 0 < line <= len(lines) and lines[line - 1].strip() else None
        )

    def saying(self, message: str) -> Error | None:
        """What says such a message, where no traceback tells the line."""
        message = message.strip()
        fits = (one.error for one in self.claims if one.pattern and one.pattern.fullmatch(message))
        silent = (one.error for one in self.claims if not one.pattern and not message)
        return next(fits, None) or next(silent, None)


def _constants(tree: ast.AST) -> dict[str, str]:
    """Names of a cell that stand for one text only, such as ``read``."""
    found: dict[str, set[str | None]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.setdefault(node.id, set())
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = node.value.value if isinstance(node.value, ast.Constant) else None
            found.setdefault(node.targets[0].id, set()).add(value if isinstance(value, str) else None)
    return {name: text for name, (text, *more) in ((n, tuple(v)) for n, v in found.items() if v) if not more and text}


def _parts(node: ast.expr, constants: Mapping[str, str]) -> Iterator[str | None]:
    """A message in pieces; None for each that is only known when the test runs."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and node.id in constants:
        yield constants[node.id]
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from _parts(part, constants)
    elif isinstance(node, ast.FormattedValue) and node.conversion == -1 and node.format_spec is None:
        yield from _parts(node.value, constants)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _parts(node.left, constants)
        yield from _parts(node.right, constants)
    else:
        yield None


def told(cell: Json, ours: Mapping[str, TestCell], counts: Mapping[int, str]) -> Error | None:
    """The error that a test cell which ran tells, None if the answer was never written.

    ``ours`` are the instructor's locked cells by grade id. ``counts`` says which cell has an execution count: its grade
    id, "" for one without.
    """
    outputs = cell.get("outputs") or []
    failed = next((one for one in outputs if isinstance(one, Mapping) and one.get("output_type") == "error"), None)
    if failed is None:
        return SILENT
    name, message = text_of(failed.get("ename")), ANSI.sub("", text_of(failed.get("evalue")))
    if name == UNWRITTEN:
        return None
    test = ours.get(cell["metadata"]["nbgrader"]["grade_id"])
    if name == "AssertionError" and test:
        # A helper of the tests may put any exception of the answer into a sentence.
        named = RAISED.search(message)
        count, line = _last_frame(failed.get("traceback"))
        if count:
            raised = ours.get(counts.get(count, ""))
            if raised and raised is not test and named and named[1] in EXCEPTIONS:
                return Error(STOPPED.format(named[1]), Seen.OWN)
            if raised and line and (found := raised.at(line)):
                return found
        elif found := next((error for one in (test, *ours.values()) if (error := one.saying(message))), None):
            return found
    if name in TIME:
        return OUT_OF_TIME
    return Error(STOPPED.format(name), Seen.OWN) if name in EXCEPTIONS else STRANGE


def _last_frame(traceback: Any) -> tuple[int, int]:
    """Execution count and line of the last cell in a traceback; zeros if it names none."""
    lines: Sequence[Any] = traceback if isinstance(traceback, list) else ()
    text = "\n".join(ANSI.sub("", line) for line in lines if isinstance(line, str))
    frames = list(FRAME.finditer(text))
    if not frames:
        return 0, 0
    last = frames[-1]
    arrow = ARROW.search(text, last.end())
    line = last[2] or last[4] or (arrow[1] if arrow else "0")
    return int(last[1] or last[3]), int(line)
