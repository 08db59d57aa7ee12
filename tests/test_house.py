"""The rules of the house that a machine can check: who imports whom, and what is not in the repository."""

import ast
import re
import subprocess
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from bookbuild.plan import PLAN
from integrated_care.charts import in_words

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


# What a chapter called NN_name needs besides its notebook, in the order in which one writes it.
ROOMS = {
    "integrated_care/{name}.py": "its methods",
    "tests/methods/test_{name}.py": "tests of the methods, against numbers of others",
    "integrated_care/drawings/{name}.py": "its charts",
    "tests/library/test_drawings_{name}.py": "tests of the charts",
    "exercises/{NN_name}/{NN_name}.ipynb": "its exercise",
    "tests/answers/{name}.py": "the answer bank of the exercise",
    "tests/exercises/test_models_{name}.py": "model answers against methods",
    "pages/plans/{NN_name}.md": "its class plan",
}


def missing_rooms(root: Path) -> list[str]:
    """What chapters and exercises lack, a sentence each that names the file."""
    contents = (root / "_toc.yml").read_text(encoding="utf-8")
    readme = (root / "README.md").read_text(encoding="utf-8")
    chapters = sorted(path.stem for path in root.glob("chapters/*.ipynb"))
    lacking = []
    for chapter in chapters:
        number, name = int(chapter[:2]), chapter[3:]
        for room, what in ROOMS.items():
            path = room.format(name=name, NN_name=chapter)
            if not (root / path).exists():
                lacking.append(f"{path} ({what}) is missing")
        for page in (f"chapters/{chapter}", f"pages/plans/{chapter}"):
            if f"- file: {page}\n" not in contents:
                lacking.append(f"_toc.yml does not name {page}")
        if not re.search(rf"^\| \*\*{number}, ", readme, re.MULTILINE):
            lacking.append(f"README.md has no row for chapter {number}")
    for exercise in sorted(path.stem for path in root.glob("exercises/*/*.ipynb")):
        if exercise not in chapters:
            bank = f"tests/answers/{exercise[3:]}.py"
            lacking += [f"{exercise} is an exercise without a chapter"]
            lacking += [] if (root / bank).exists() else [f"{bank} ({ROOMS['tests/answers/{name}.py']}) is missing"]
    return lacking


def test_one_name_in_every_room():
    assert missing_rooms(ROOT) == []


def test_the_readme_counts_the_chapters():
    """ "This release holds five complete chapters of fourteen", and a row for each."""
    number = len(list(ROOT.glob("chapters/*.ipynb")))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^\| \*\*\d+, ", readme, re.MULTILINE)) == number
    assert f"holds {in_words(number)} complete chapters of {in_words(len(PLAN))}" in readme


@pytest.mark.parametrize("room", [*ROOMS, "_toc.yml", "README.md"])
def test_a_room_that_a_chapter_lacks_is_named(tmp_path, room):
    pages = "- file: chapters/03_variation\n- file: pages/plans/03_variation\n"
    listed = {"_toc.yml": pages, "README.md": "| **3, Variation** | what varies |\n"}
    for path in ["chapters/{NN_name}.ipynb", *ROOMS, *listed]:
        file = tmp_path / path.format(name="variation", NN_name="03_variation")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(listed.get(path, ""))
    assert missing_rooms(tmp_path) == []
    lost = tmp_path / room.format(name="variation", NN_name="03_variation")
    lost.write_text("") if room in listed else lost.unlink()
    found = missing_rooms(tmp_path)
    assert found and all(lost.relative_to(tmp_path).as_posix() in said for said in found)


def test_an_exercise_without_chapter_and_bank_is_named(tmp_path):
    (tmp_path / "exercises" / "03_variation").mkdir(parents=True)
    for path in ("exercises/03_variation/03_variation.ipynb", "_toc.yml", "README.md"):
        (tmp_path / path).write_text("")
    said = "\n".join(missing_rooms(tmp_path))
    assert "03_variation is an exercise without a chapter" in said and "tests/answers/variation.py" in said


def rooms(package: str) -> dict[str, set[str]]:
    """Module -> the modules of its own package that it imports, wherever the import stands."""
    files = {path.stem: path for path in (ROOT / package).glob("*.py") if path.stem != "__init__"}
    graph = {}
    for name, path in files.items():
        found = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.removeprefix(f"{package}.") for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                if module in (".", package):
                    found |= {alias.name for alias in node.names}
                elif module.startswith((".", f"{package}.")):
                    found.add(re.split(r"\.", module.removeprefix(package).lstrip("."))[0])
        graph[name] = found & set(files)
    return graph


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_run_in_no_circle(package):
    """What two modules want of each other belongs in a third, below both."""
    graph = rooms(package)
    assert sum(map(len, graph.values())) >= 5
    TopologicalSorter(graph).prepare()  # a CycleError names the circle


def test_nobody_imports_the_worker():
    """It is a program beside student code, not a library of the grader."""
    assert not [name for name, found in rooms("classroom").items() if "worker" in found]


def test_quick_runs_what_belongs_to_one_chapter_and_names_those_that_there_are():
    from tests import quick

    files = quick.selected("05_inequality")
    assert {"chapters/05_inequality.ipynb", "tests/methods/test_inequality.py"} <= set(files)
    assert all((ROOT / path).exists() for path in [*files, *quick.SHARED])
    with pytest.raises(ValueError, match=r"NAME=05_wealth: there is no chapters/05_wealth\.ipynb; .* 01_claims"):
        quick.selected("05_wealth")
    about = re.compile("networks|reform")
    kept = [
        "tests/test_house.py::test_x[reform]",
        "tests/methods/test_claims.py::test_reform",
        "tests/test_house.py::test_y",
    ]
    assert [quick._leave_out(nodeid, about) for nodeid in kept] == [True, False, False]
