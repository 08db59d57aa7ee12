"""Runs answers through the test cells of an exercise source, in this process and by nbgrader's rules."""

import contextlib
import importlib
import io
import re
import sys
import warnings
from collections.abc import Callable
from types import ModuleType

import nbformat
import numpy as np
from answers import NOTEBOOKS, ROOT, blocks
from IPython.display import display

BANKS = sorted(path.stem for path in (ROOT / "tests" / "answers").glob("*.py") if path.stem != "__init__")


def bank(name: str) -> ModuleType:
    """The answers to an exercise; FileNotFoundError where nobody has written any."""
    if name not in BANKS:
        raise FileNotFoundError(f"exercises/{NOTEBOOKS[name].stem} has no answers: tests/answers/{name}.py is missing")
    return importlib.import_module(f"answers.{name}")


def grade_id(cell: nbformat.NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


class Exercise:
    """The source notebook of an exercise, by the name that it has in every room: "inequality"."""

    def __init__(self, name: str):
        self.path = NOTEBOOKS[name]
        self.assignment = self.path.stem
        self.notebook = nbformat.read(self.path, as_version=4)
        self.blocks = blocks(self.notebook.cells)
        self.setup, self.manual = "", {}
        for cell in self.notebook.cells:
            role = cell.metadata.get("nbgrader")
            if role and role.grade and role.solution:
                self.manual[role.grade_id] = role.points
            elif role and not role.grade and not role.solution:
                self.setup += cell.source + "\n"

    @property
    def points(self) -> int:
        """What the tests give in all; a person's marks are in ``manual``."""
        return sum(sum(block.points.values()) for block in self.blocks.values())

    @property
    def criteria(self) -> dict[str, int]:
        """The rubric of the reflection: criterion -> points."""
        rubric = next(cell.source for cell in self.notebook.cells if cell.id == "reflection-text")
        return {row[1]: int(row[2]) for row in re.finditer(r"^\| ([^|]+) \| (\d+) \|", rubric, re.MULTILINE)}

    def function(self, name: str, answer: str | None = None) -> Callable:
        """A function of the exercise, to call: its model answer, or another solution cell."""
        namespace: dict = {}
        exec(self.setup, namespace)
        exec(answer or self.blocks[name].model, namespace)
        return namespace[name]

    def mark(self, function: str, answer: str, *, only_visible: bool = False) -> dict[str, str | None]:
        """Each test cell of a function -> None where the answer passes, otherwise what the student reads.

        ``only_visible`` runs the tests that the student has, without the hidden ones.

        As in nbgrader, a cell fails when it raises, and also when anything is printed to stderr while it runs.
        """
        block = self.blocks[function]
        tests = {name: visible(source) if only_visible else source for name, source in block.tests.items()}
        try:
            return verdicts(self.setup, answer, tests, display)
        except RuntimeError as error:
            raise RuntimeError(f"{self.path.name}: {error}") from None


def verdicts(setup: str, answer: str, tests: dict[str, str], display: Callable) -> dict[str, str | None]:
    """The rules of :meth:`Exercise.mark`. With the two functions below, it runs in the browser's Python, too."""
    namespace, found = {"__name__": "__main__", "display": display}, {}
    with warnings.catch_warnings():
        warnings.showwarning = _print_warning  # pytest would keep warnings to itself
        if failed := _run(setup, namespace):
            raise RuntimeError(f"the setup cell failed: {failed}")
        broken = _run(answer, namespace)
        for name, source in tests.items():
            found[name] = broken or _run(source, namespace)
    return found


def _print_warning(message, category, filename, lineno, file=None, line=None) -> None:
    print(warnings.formatwarning(message, category, filename, lineno, line), file=sys.stderr)


def _run(source: str, namespace: dict) -> str | None:
    """Execute a cell; None if it ends well, otherwise the error as the student reads it."""
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed), contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(compile(source, "<cell>", "exec"), namespace)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return f"printed to stderr: {printed.getvalue()}" if printed.getvalue() else None


def outcome(call: Callable, *inputs: object) -> object:
    """What a call gives, or "refused" where it raises ValueError."""
    try:
        return call(*inputs)
    except ValueError:
        return "refused"


def same(ours: object, theirs: object, tolerance: float = 1e-9) -> bool:
    """Whether two outcomes agree: numbers within the tolerance, nan with nan, "refused" with nothing else."""
    if isinstance(ours, str) or isinstance(theirs, str):
        return isinstance(ours, str) and isinstance(theirs, str)
    return np.allclose(ours, theirs, rtol=tolerance, atol=tolerance, equal_nan=True)


def visible(source: str) -> str:
    """A test cell without its hidden tests."""
    return re.sub(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", "", source, flags=re.DOTALL)


def hidden(source: str) -> list[str]:
    """The lines of a test cell that no student may see."""
    inside, lines = False, []
    for line in source.split("\n"):
        if "BEGIN HIDDEN TESTS" in line or "END HIDDEN TESTS" in line:
            inside = "BEGIN" in line
        elif inside and line.strip():
            lines.append(line)
    return lines


def solution(source: str) -> list[str]:
    """The lines of a solution cell that no student may see."""
    inside, lines = False, []
    for line in source.split("\n"):
        if re.search("(BEGIN|END) SOLUTION", line):
            inside = "BEGIN" in line
        elif inside and line.strip():
            lines.append(line)
    return lines
