"""What a worker is to run, as the grader and the worker both see it: the plan of a notebook, compiled cells, messages.

Nothing here runs student code, and nothing here needs Linux.
"""

import ast
import builtins
import json
import os
import re
import struct
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

GRACE = 2.0  # seconds that an interrupted cell may take to end
PATIENCE = 3.0  # times its limit by the clock that a cell or a submission may take if it stood in line for a processor
OUTPUTS = 1_000  # of a cell, not counting what it prints: a page with more is of no use to anybody
MARK = "\N{SYMBOL FOR RECORD SEPARATOR}what a student's function gave"
GIVEN = "\N{SYMBOL FOR RECORD SEPARATOR}the meaning that was given to "  # and a name


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


SURROGATES = re.compile("[\ud800-\udfff]")


def without_surrogates(value: Any) -> Any:
    """JSON as it was, with U+FFFD for each lone surrogate: no file, database or page takes half a character."""
    text = json.dumps(value, ensure_ascii=False)
    return json.loads(SURROGATES.sub("\ufffd", text)) if SURROGATES.search(text) else value


# -- what to run ---------------------------------------------------------------------------------------------------------

PLACEHOLDER = "pass"  # stands in a notebook for a cell whose text is not for the process that gets it


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

    What a name stands for in a locked cell is not left to the notebook around it: builtins, and what earlier locked
    cells imported or defined, become constants of the code. A student may call a variable ``max`` or import everything
    of numpy; the tests go on with the ``max`` that they were written for. Only the names that the assignment asks for
    (``asks``), and those that the cell binds itself, are looked up as ever.

    ``known`` remembers commands from one submission to the next.
    """

    def __init__(
        self, shell: Any, canaries: Any, known: dict[Any, dict[str, Any]], asks: frozenset[str] = frozenset()
    ) -> None:
        self.shell, self.canaries, self.known, self.asks = shell, canaries, known, asks
        self.bound: set[str] = set()
        self.exposed: set[str] = set()

    def command(self, index: int, number: int, kind: str, cell: dict[str, Any]) -> dict[str, Any]:
        """The command for one cell; a locked cell that is no Python is handed to the shell, which says so."""
        source = cell["source"]
        student = {"cell": index, "number": number, "kind": "student", "source": source}
        if kind == "student":
            return student
        question = index, number, kind, source, frozenset(self.bound), frozenset(self.exposed), self.asks
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
        self.exposed = set(command["exposed"])
        return command

    def _locked(self, index: int, number: int, kind: str, cell: dict[str, Any]) -> dict[str, Any]:
        source = self.shell.transform_cell(cell["source"])
        self.shell._last_input_line = (
            ""  # IPython's prefilter keeps the last line that it saw; student code could read it
        )
        name = self.shell.compile.get_code_name(cell["source"], source, number)
        tree = ast.parse(source, name)
        last = tree.body[-1] if tree.body else None
        quiet = self.shell.displayhook.semicolon_at_end_of_expression(source)
        message = isinstance(last, ast.Expr) and (
            isinstance(last.value, ast.JoinedStr)
            or (isinstance(last.value, ast.Constant) and isinstance(last.value.value, str))
        )
        names = _loaded(tree)
        mentions = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        known = set(vars(builtins))
        rebound, stars = _rebound(tree)
        given = set() if stars else {n for n in names & (known | self.bound) - self.asks - rebound if n[:1] != "_"}
        given.discard("super")  # the compiler looks for this very word
        own = 2 * _stands_in_a_function(tree) if kind == "test" else 0
        binds = _binds(tree.body[: len(tree.body) - own])
        # What student code can turn while it is called: by the test itself, or through a function of a locked cell.
        scopes = [tree] if kind == "test" else [node for node in ast.walk(tree) if isinstance(node, _SCOPES)]
        inner = {n for node in scopes for n in _loaded(node)}
        exposed = self.exposed | (inner & (known | self.bound | binds) - given - self.asks)
        canaries = []
        if kind == "test":
            texts = map(ast.parse, self.canaries(tree))
            canaries = [compile(_Give(given).visit(text), "<canary>", "exec", dont_inherit=True) for text in texts]
            _Look(names - known - self.bound).visit(tree)
        bare = [self._code(node, name, node is last) for node in tree.body] if given & self.bound else []
        _Give(given).visit(tree)
        return {
            "cell": index,
            "number": number,
            "kind": kind,
            "source": source,
            "raw": cell["source"],
            "file": name,
            "codes": [self._code(node, name, node is last) for node in tree.body],
            "own": own,  # so many of the last codes bind names of their own
            "bare": bare,  # without constants, should an earlier locked cell have failed to give a name its meaning
            "final": not quiet,
            "message": message,
            "names": sorted(names - self.asks),
            "mentions": sorted(mentions),
            "builtins": sorted(names & known),
            "given": sorted(given),
            "given_as": GIVEN,
            "exposed": sorted(exposed),
            "binds": sorted(binds),
            "stars": sorted(stars),
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


class _Give(ast.NodeTransformer):
    """Puts a mark in the place of each of these names; the interpreter swaps it for what the name was given to mean."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.names:
            return node
        return ast.copy_location(ast.Constant(GIVEN + node.id), node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if not isinstance(node.value, ast.Name):  # the compiler would take the mark for text and cut a piece out of it
            node.value = self.visit(node.value)
        node.slice = self.visit(node.slice)
        return node

    def visit_MatchClass(self, node: ast.MatchClass) -> ast.MatchClass:
        """A pattern's class must stay a name."""
        node.patterns, node.kwd_patterns = (list(map(self.visit, some)) for some in (node.patterns, node.kwd_patterns))
        return node


_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def _loaded(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _rebound(tree: ast.AST) -> tuple[set[str], set[str]]:
    """The names that code binds or deletes anywhere, be it in an inner scope, and the modules of which it imports all."""
    names, stars = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            stars.add(node.module or "")
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            names |= set(node.names)
        else:  # functions, classes, arguments, caught errors, patterns
            names |= {getattr(node, field, None) for field in ("name", "arg", "rest")}
    return names, stars


def _binds(statements: list[ast.stmt]) -> set[str]:
    """The names that a locked cell defines for good: imports, functions, classes."""
    names = set()
    for node in statements:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
    return names - {"*"}


# -- two processes -------------------------------------------------------------------------------------------------------


_SHELLS = {
    "display",
    "get_ipython",
    "exit",
    "quit",
    "In",
    "Out",
    "_",
    "__",
    "___",
    "_dh",
    "_ih",
    "_oh",
    "__name__",
    "__file__",
}


def exports(source: dict[str, Any]) -> frozenset[str]:
    """The names that tests may ask a student for: what the cells for answers bind in the instructor's notebook, and what
    no locked cell gives a meaning although one of them mentions it."""
    answers, mentioned, bound = set(), set(), {*vars(builtins), *_SHELLS}
    for _, kind, cell in plan(source):
        lines = ["" if line.lstrip()[:1] in ("%", "!") else line for line in cell["source"].splitlines()]
        try:
            tree = ast.parse("\n".join(lines))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        if kind == "student":
            answers |= _binds(tree.body)
            answers |= {n.id for n in _outside(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        else:
            mentioned |= _loaded(tree)
            bound |= _rebound(tree)[0]
    return frozenset(answers | (mentioned - bound))


def imports(source: dict[str, Any]) -> dict[str, str]:
    """What the cells of a notebook that are no locked ones import, by the name that it gets: ``{"np": "import numpy as np"}``.

    Many courses have their tests rely upon imports that stand in a cell of nobody's. The examiner makes them for itself, as
    the instructor wrote them.
    """
    found = {}
    for _, kind, cell in plan(source):
        try:
            tree = ast.parse(cell["source"])
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in tree.body if kind == "student" else ():
            if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module and not node.level):
                for alias in node.names:
                    one = type(node)(**{**vars(node), "names": [alias]})
                    found |= dict.fromkeys(
                        _binds([one]) if node.__dict__.get("module") != "__future__" else (), ast.unparse(one)
                    )
    return found


def inside(source: dict[str, Any]) -> frozenset[str]:
    """The grade ids of the tests that the instructor wants run where the answers run."""
    marks = (cell["metadata"] for cell in source["cells"])
    chosen = (mark for mark in marks if (mark.get("classroom") or {}).get("judged") == "inside")
    return frozenset(str(mark.get("nbgrader", {}).get("grade_id")) for mark in chosen)


def _outside(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a cell that do not lie in a function or a class."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, (*_SCOPES, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            yield node
            yield from _outside(node)


def apart(notebook: dict[str, Any], inside: frozenset[str]) -> frozenset[int]:
    """The test cells that are judged apart, by place; ``inside`` are the others' grade ids."""
    return frozenset(index for index, name in test_cells(notebook) if name not in inside)


def test_cells(notebook: dict[str, Any]) -> list[tuple[int, str]]:
    """The test cells that run: where, and their grade ids. A student's notebook may hold one twice."""
    cells = ((index, cell["metadata"]["nbgrader"]) for index, kind, cell in plan(notebook) if kind == "test")
    return [(index, str(role.get("grade_id"))) for index, role in cells]


def halves(
    notebook: dict[str, Any], inside: frozenset[str], imports: str = ""
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The notebook for the student's process, without the tests that are judged apart, and for the examiner's, without
    what a student wrote, where the first such cell holds ``imports``. Every cell keeps its place."""
    left, right = apart(notebook, inside), {index: kind for index, kind, _ in plan(notebook)}

    def without(gone: Callable[[int], bool]) -> dict[str, Any]:
        cells = []
        for index, cell in enumerate(notebook["cells"]):
            bare = {"cell_type": cell["cell_type"], "source": "", "metadata": {}}
            if gone(index):
                bare["source"] = PLACEHOLDER
                mark = cell["metadata"].get("nbgrader") or {}
                bare["metadata"] = {
                    "nbgrader": {key: mark[key] for key in ("grade", "locked", "solution") if key in mark}
                }
            cells.append(bare if gone(index) or index not in right else cell)
        return {**notebook, "cells": cells}

    theirs = [index for index, kind in right.items() if kind == "student" or (kind == "test" and index not in left)]
    tests = without(theirs.__contains__)
    if imports and (free := [index for index in theirs if right[index] == "student"]):
        role = {"grade": False, "locked": True, "solution": False}
        tests["cells"][free[0]] = {"cell_type": "code", "source": imports, "metadata": {"nbgrader": role}}
    return without(left.__contains__), tests
