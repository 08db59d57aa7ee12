"""What a worker is to run, as the grader and the worker both see it: the plan of a notebook, compiled cells, messages.

Nothing here runs student code, and nothing here needs Linux.
"""

import ast
import builtins
import os
import struct
import types
import warnings
from typing import Any

GRACE = 2.0  # seconds that an interrupted cell may take to end
MARK = "\N{SYMBOL FOR RECORD SEPARATOR}what a student's function gave"


# -- messages between grader and worker ----------------------------------------------------------------------------------


def read_frame(descriptor: int) -> bytes | None:
    """One length-prefixed message, or None at the end."""
    head = _read_exactly(descriptor, 4)
    return None if head is None else _read_exactly(descriptor, struct.unpack("<I", head)[0])


def _read_exactly(descriptor: int, size: int) -> bytes | None:
    pieces = []
    while size:
        piece = os.read(descriptor, min(size, 1 << 20))
        if not piece:
            return None
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def write_frame(descriptor: int, message: bytes) -> None:
    """Write one length-prefixed message."""
    data = memoryview(struct.pack("<I", len(message)) + message)
    while data:
        data = data[os.write(descriptor, data) :]


# -- what to run ---------------------------------------------------------------------------------------------------------


def is_python(notebook: dict[str, Any]) -> bool:
    """Whether our interpreter can stand in for the notebook's kernel; its metadata may ask for a kernel."""
    metadata = notebook.get("metadata", {})
    if metadata.get("classroom", {}).get("execute") == "kernel":
        return False
    spec, language = metadata.get("kernelspec", {}), metadata.get("language_info", {}).get("name")
    name = spec.get("language") or language or spec.get("name") or "python"
    return name.lower().startswith("python")


def plan(notebook: dict[str, Any]) -> list[tuple[int, str, dict[str, Any]]]:
    """The cells to run, as (index, kind, cell); kind is "student", "locked" or "test"."""
    cells = []
    for index, cell in enumerate(notebook["cells"]):
        source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        skip = "skip-execution" in cell.get("metadata", {}).get("tags", [])
        if cell["cell_type"] != "code" or not source.strip() or skip:
            continue
        mark = cell["metadata"].get("nbgrader") or {}
        kind = "student"
        if not mark.get("solution"):
            kind = "test" if mark.get("grade") else "locked" if mark.get("locked") else "student"
        cells.append((index, kind, {**cell, "source": source}))
    return cells


class Compiler:
    """Turns locked cells into commands that hold code, before student code runs, in a process where it never runs.

    ``known`` remembers them from one submission to the next.
    """

    def __init__(self, shell: Any, canaries: Any, known: dict[Any, dict[str, Any]]) -> None:
        self.shell, self.canaries, self.known = shell, canaries, known
        self.bound: set[str] = set()

    def command(self, index: int, number: int, kind: str, cell: dict[str, Any]) -> dict[str, Any]:
        """The command for one cell; a locked cell that is no Python is handed to the shell, which says so."""
        source = cell["source"]
        student = {"cell": index, "number": number, "kind": "student", "source": source}
        if kind == "student":
            return student
        question = index, number, kind, source, frozenset(self.bound)
        if question not in self.known:
            if len(self.known) > 1000:
                self.known.clear()
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    self.known[question] = self._locked(index, number, kind, cell)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return student
        command = self.known[question]
        self.bound |= set(command["binds"])
        return command

    def _locked(self, index: int, number: int, kind: str, cell: dict[str, Any]) -> dict[str, Any]:
        source = self.shell.transform_cell(cell["source"])
        name = self.shell.compile.get_code_name(cell["source"], source, number)
        tree = ast.parse(source, name)
        last = tree.body[-1] if tree.body else None
        quiet = self.shell.displayhook.semicolon_at_end_of_expression(source)
        message = isinstance(last, ast.Expr) and (
            isinstance(last.value, ast.JoinedStr)
            or (isinstance(last.value, ast.Constant) and isinstance(last.value.value, str))
        )
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        known = set(vars(builtins))
        canaries, own = [], 0
        if kind == "test":
            own = 2 * _stands_in_a_function(tree)
            canaries = [compile(text, "<canary>", "exec", dont_inherit=True) for text in self.canaries(tree)]
            _Look(names - known - self.bound).visit(tree)
        binds = _binds(tree.body[: len(tree.body) - own])
        return {
            "cell": index,
            "number": number,
            "kind": kind,
            "source": source,
            "raw": cell["source"],
            "codes": [self._code(node, name, node is last) for node in tree.body],
            "own": own,  # so many of the last codes bind names of their own
            "final": not quiet,
            "message": message,
            "names": sorted(names),
            "builtins": sorted(names & known),
            "binds": sorted(binds),
            "canaries": canaries,
            "mark": MARK,
        }

    def _code(self, node: ast.stmt, name: str, last: bool) -> types.CodeType:
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        if last and isinstance(node, ast.Expr):
            return compile(ast.Expression(node.value), name, "eval", flags=flags, dont_inherit=True)
        return compile(ast.Module([node], []), name, "exec", flags=flags, dont_inherit=True)


class _Look(ast.NodeTransformer):
    """Puts a look at the value round each call of a student's function; the interpreter swaps the mark for a function."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if not (isinstance(node.func, ast.Name) and node.func.id in self.names):
            return node
        call = ast.Call(ast.Constant(MARK), [node], [])
        ast.copy_location(call.func, node)
        return ast.copy_location(call, node)


def _stands_in_a_function(tree: ast.Module) -> bool:
    """Whether a test ends in a function of its own and the call of it: ``def _check(): …`` and ``_check()``."""
    match tree.body:
        case [*_, ast.FunctionDef(name=name), ast.Expr(ast.Call(ast.Name(called), [], []))]:
            return name == called and name.startswith("_")
    return False


def _binds(statements: list[ast.stmt]) -> set[str]:
    """The names that a locked cell defines for good: imports, functions, classes."""
    names = set()
    for node in statements:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
    return names - {"*"}
