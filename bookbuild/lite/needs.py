"""Which modules a piece of code needs, looking through the modules of our own package that it imports.

Two use it, and it imports nothing but the standard library for that reason:

* the build, to tell each notebook's page which packages it has to fetch (``needs``);
* the kernel in the browser, which imports it at startup: a cell that says ``from integrated_care import networks`` then has
  networkx before it runs, and a student who never needs scipy never fetches its 19 MB.
"""

import ast
import sys
from pathlib import Path


def imported(source: str) -> set[str]:
    """The dotted names that a source imports; ``from a import b`` counts as ``a`` and ``a.b``."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _file(package: Path, name: str) -> Path | None:
    """The file of a module of ``package``, by its dotted name."""
    path = package.joinpath(*name.split(".")[1:])
    return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()), None)


def _absolute(source: str, name: str, is_package: bool) -> set[str]:
    """What a module of the package imports, its relative imports spelled out."""
    names = imported(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = name.split(".")
            base = parts[: len(parts) - node.level + is_package]
            base += node.module.split(".") if node.module else []
            names |= {".".join([*base, *more]) for more in ([], *([alias.name] for alias in node.names))}
    return names


def needs(source: str, package: Path) -> set[str]:
    """Every top-level module that ``source`` needs, through the modules of ``package`` as well.

    Raises ``SyntaxError`` when the source is not Python.
    """
    waiting, seen = imported(source), set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        if name.split(".")[0] != package.name:
            continue
        for ancestor in (name.rsplit(".", n)[0] for n in range(name.count(".") + 1)):
            path = _file(package, ancestor)
            if path:
                waiting |= _absolute(path.read_text(encoding="utf-8"), ancestor, path.stem == "__init__") - seen
    return {name.split(".")[0] for name in seen}


def _in_the_browser() -> None:
    """Have the kernel fetch what the modules that a cell imports need, before the cell runs."""
    from importlib.util import find_spec

    from IPython import get_ipython
    from pyodide_kernel import kernel

    load = kernel._load_packages_from_imports

    async def load_all(code: str) -> None:
        spec = find_spec("integrated_care")
        try:
            names = needs(code, Path(spec.submodule_search_locations[0]))
        except (SyntaxError, AttributeError):  # the cell will say so itself; or the package is gone
            names = set()
        await load("\n".join([f"import {name}" for name in sorted(names)]) if names else code)

    kernel._load_packages_from_imports = load_all
    get_ipython().Completer.use_jedi = False  # it is not fetched; IPython's own completion works without


if sys.platform == "emscripten" and "pyodide_kernel" in sys.modules:
    _in_the_browser()
