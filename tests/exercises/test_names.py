"""Released cells take no name from a student: a helper called ``mean`` or ``ends`` lives through every test and chart."""

import ast
import dis
import symtable
from collections import Counter
from types import CodeType

import nbformat
import pytest
from harness import ROOT
from IPython.display import display

NOTEBOOKS = sorted(ROOT.glob("exercises/*/*.ipynb"))
# What helpers are called in any exercise, beside what its own cells call their values.
LIKELY = {"mean", "share", "rows", "total", "rate", "gini", "ends", "n_eff", "check", "slope", "rank", "weights"}
BIND = {"STORE_NAME", "STORE_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"}  # instructions of the interpreter
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def solution(cell) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def symbols(source: str) -> symtable.SymbolTable:
    """What Python's compiler knows of the names of a cell: those of its top level, and of each scope below."""
    return symtable.symtable(source, "<cell>", "exec")


def taken(source: str, imports: bool = True) -> set[str]:
    """The names that a cell binds among those of the notebook, with or without those that it imports.

    Read from the instructions: since Python 3.12 the compiler's table counts the loop names of a comprehension, too.
    """
    code = compile(source, "<cell>", "exec")
    bound = Counter(step.argval for step in dis.get_instructions(code) if step.opname in BIND)
    if not imports:
        top = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
        bound -= Counter((name.asname or name.name).split(".")[0] for node in top for name in node.names)
    return set(bound).union(*map(made_global, code.co_consts))


def made_global(code: object) -> set[str]:
    """What a function declares global and binds; in a comprehension, what := binds."""
    if not isinstance(code, CodeType):
        return set()
    here = {step.argval for step in dis.get_instructions(code) if step.opname in BIND - {"STORE_NAME", "DELETE_NAME"}}
    return here.union(*map(made_global, code.co_consts))


def everywhere(table: symtable.SymbolTable) -> set[str]:
    """The names that are bound in a scope and in those below."""
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned()}
    return names.union(*map(everywhere, table.get_children()))


@each_notebook
def test_no_released_cell_takes_a_name_from_a_student(path):
    text = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown")
    for cell in code_cells(path):
        setup = cell.id == "setup"  # may import, and may define a helper that the text offers
        names = set() if solution(cell) else taken(cell.source, imports=not setup)
        names = {name for name in names if not name.startswith("_") and not (setup and f"`{name}(" in text)}
        assert names == set(), f"cell {cell.id!r}: put it into a function, def _{cell.id.replace('-', '_')}()"


@each_notebook
def test_a_test_keeps_its_names_in_a_function_called_as_the_cell(path):
    """So a traceback says which test it was, and even a helper called ``_check`` lives on."""
    for cell in code_cells(path):
        if not solution(cell) and cell.metadata.get("nbgrader", {}).get("grade"):
            assert taken(cell.source) == {f"_{cell.metadata.nbgrader.grade_id}"}


@pytest.mark.timeout(300)
@each_notebook
def test_a_students_helpers_live_through_every_cell(path):
    """They stand under every name that the released cells bind in any scope, before and after each of these cells."""
    setup, *cells = code_cells(path)
    namespace = {"__name__": "__main__", "display": display}
    exec(setup.source, namespace)
    names = LIKELY.union(*(everywhere(symbols(cell.source)) for cell in cells if not solution(cell)))
    names -= {*namespace, *(cell.metadata.nbgrader.grade_id for cell in cells if solution(cell))}
    helpers = {name: lambda *_, **__: "a student's" for name in names if not name.startswith("_")}
    assert len(helpers) > 60
    namespace |= helpers
    for cell in cells:
        exec(compile(cell.source, cell.id, "exec"), namespace)
        lost = [name for name, helper in helpers.items() if namespace.get(name) is not helper]
        assert lost == [], f"cell {cell.id!r}"


@pytest.mark.parametrize(
    "source",
    [
        *("x = 1", "x += 1", "x: int = 1", "(_a, [*x]) = 1, 2", "del x", "for x in []: pass", "_ = [x := 1 for _ in []]"),
        *("with open('f') as x: pass", "try: pass\nexcept ValueError as x: pass", "def x(): pass", "class x: pass"),
        *("match 1:\n    case {'a': [*x]}: pass", "match 1:\n    case int() as x: pass", "match 1:\n    case {**x}: pass"),
        *("if 1:\n    while 1: x = 1", "def _f():\n    global x\n    x = 1", "async def x(): pass", "import a as x\nx = 1"),
    ],
)  # fmt: skip
def test_every_way_to_bind_a_name_is_seen(source):
    assert taken(source, imports=False) - {"_", "_a", "_f"} == {"x"}


def test_what_binds_no_name_of_the_notebook_is_not_seen():
    assert taken("def _f(x):\n    y = x\n    import z\n_ = [x for x in []], lambda x: x\nx.y = x[0] = 1") == {"_f", "_"}
    assert taken("import a.b, c as d\nfrom e import f") == {"a", "d", "f"}
    assert taken("import a.b, c as d\nfrom e import f", imports=False) == set()
