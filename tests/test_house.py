"""The rules of the house that a machine can check: who imports whom, and what is not in the repository."""

import ast
import re
import subprocess
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = {"integrated_care", "bookbuild", "classroom", "tests"}
MAY_IMPORT = {
    "integrated_care": {"integrated_care"},
    "bookbuild": {"bookbuild", "integrated_care"},
    "classroom": {"classroom"},
}
NOTEBOOK_IMPORTS = {"integrated_care", "numpy", "pandas", "scipy", "networkx", "altair"}


def imported(source: str) -> set[str]:
    """The top-level packages that a piece of Python imports (relative imports are within the package)."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_packages_import_only_whom_they_may(package):
    files = list((ROOT / package).rglob("*.py"))
    assert files
    for path in files:
        strangers = imported(path.read_text(encoding="utf-8")) & OURS - MAY_IMPORT[package]
        assert not strangers, f"{path.relative_to(ROOT)} imports {strangers}"


def notebooks() -> list[Path]:
    return sorted(ROOT.glob("chapters/*.ipynb")) + sorted(ROOT.glob("exercises/*/*.ipynb"))


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.parent.name + "/" + path.name)
def test_notebooks_import_only_what_runs_in_the_browser(path):
    import nbformat

    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            import sys

            strangers = imported(cell.source) - NOTEBOOK_IMPORTS - set(sys.stdlib_module_names)
            assert not strangers, f"{path.name}, cell {cell.id!r} imports {strangers}"


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


def test_no_machine_paths_or_registry_hosts():
    # Spelt in pieces, so that this file does not find itself.
    forbidden = re.compile(
        "|".join(["/ro" + "ot/", "/wo" + "rk/", "/opt/py" + "pi", r"/home/\w+/", "\\.\\./sha" + "red"])
    )
    for path in tracked():
        if path.suffix in {".woff2", ".png"} or path.relative_to(ROOT).as_posix() == ".ci/run":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            assert not forbidden.search(line), f"{path.relative_to(ROOT)}, line {number}: {line.strip()[:100]}"


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    public = set(re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE))
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert {"help", "book", "serve", "test", "notebooks", "release", "lint"} <= public
    assert {line.split()[1] for line in shown.splitlines()} == public


def test_classroom_imports_run_one_way_and_nobody_imports_the_worker():
    """Imports inside functions count too. A worker is a program beside student code, not a library of the grader."""
    files = {path.stem: path for path in (ROOT / "classroom").glob("*.py")}
    imports = {}
    for name, path in files.items():
        found = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.removeprefix("classroom.") for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                if module in (".", "classroom"):
                    found |= {alias.name for alias in node.names}
                elif module.startswith((".", "classroom.")):
                    found.add(module.rpartition(".")[2])
        imports[name] = found & files.keys()
    assert not [name for name, found in imports.items() if "worker" in found]
    TopologicalSorter(imports).prepare()  # a CycleError names the circle
