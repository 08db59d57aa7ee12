"""What the built site holds for the browser, and that nothing in it is for instructors only."""

import json
import os
import re
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pytest

import integrated_care
from bookbuild.lite import make
from bookbuild.lite.needs import needs
from classroom.course import open_course
from classroom.leaks import Search, find_leaks
from classroom.needles import Needles
from classroom.release import secrets_of

from .student import code_cells

ROOT = make.ROOT


@pytest.fixture(scope="module")
def lite(book):
    return book / "lite"


@pytest.fixture(scope="module")
def options(lite):
    page = (lite / "notebooks" / "index.html").read_text(encoding="utf-8")
    return json.loads(page.split('id="ic-options" type="application/json">')[1].split("</script>")[0])


def expected() -> set[str]:
    chapters = {f"chapters/{path.name}" for path in ROOT.glob("chapters/*.ipynb")}
    return chapters | {
        f"exercises/{p.stem}/{p.name}" for p in ROOT.glob("exercises/*/*.ipynb") if p.stem == p.parent.name
    }


def test_every_chapter_exercise_and_table_is_there(lite, options):
    assert set(options["notebooks"]) == expected()
    for name, entry in options["notebooks"].items():
        notebook = nbformat.read(lite / "files" / name, as_version=4)
        assert notebook.metadata[make.STAMP] == {"notebook": name, "edition": entry["edition"]}
        assert entry["edition"].startswith(f"{integrated_care.__version__}-")
    listed = json.loads((lite / "api/contents/datasets/all.json").read_text(encoding="utf-8"))["content"]
    assert {path.name for path in ROOT.glob("datasets/*.csv")} <= {entry["name"] for entry in listed}


def test_no_output_is_stored_in_lines(lite, options):
    """JupyterLite reads the file as it is, and shows the lines of a list with commas between them."""
    for name in options["notebooks"]:
        for cell in json.loads((lite / "files" / name).read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                values = [output.get("text", ""), *output.get("data", {}).values()]
                assert not [value for value in values if isinstance(value, list)], f"{name}, {cell['id']}"


def test_each_notebook_says_which_packages_it_needs(options):
    # scipy's 19 MB are for the cell that a student writes with it: no notebook brings it to a first visit.
    known = {"altair", "numpy", "pandas", "networkx", "IPython"}
    for name, entry in options["notebooks"].items():
        assert {"numpy", "pandas"} <= set(entry["imports"]) <= known, name
        code = "\n".join(cell.source for cell in code_cells(ROOT / name))
        draws = re.search(r"^\s*(?:import|from) .*\b(?:altair|charts|drawings)\b", code, re.MULTILINE)
        assert ("altair" in entry["imports"]) == bool(draws), name


def test_each_chapter_and_each_exercise_has_three_ways_in(book):
    for path in ROOT.glob("chapters/*.ipynb"):
        page = (book / "chapters" / f"{path.stem}.html").read_text(encoding="utf-8")
        wanted = [f"chapters/{path.name}"]
        if (ROOT / "exercises" / path.stem).is_dir():
            wanted.append(f"exercises/{path.stem}/{path.name}")
            assert '<div class="ic-exercise"' in page
        for notebook in wanted:
            assert f"lite/notebooks/index.html?path={notebook}" in page
            assert f"/student?urlpath=lab/tree/{notebook}" in page
        assert f'_sources/chapters/{path.name}" title' in page


def test_the_wheel_holds_the_library_and_the_tables_and_nothing_for_instructors(lite):
    (path,) = (lite / "wheels").glob("*/integrated_care-*.whl")
    assert path.name == f"integrated_care-{integrated_care.__version__}-py3-none-any.whl"
    names = zipfile.ZipFile(path).namelist()
    roots = {name.split("/")[0].split("-")[0] for name in names}
    assert roots == {"integrated_care", "integrated_care_kernel.py"}
    assert "integrated_care/_datasets/datapackage.json" in names and not [n for n in names if "recipes" in n]


def test_the_students_library_depends_on_what_the_course_does():
    ours, theirs = (
        tomllib.loads((ROOT / path).read_text(encoding="utf-8"))["project"]
        for path in ("pyproject.toml", "student/pyproject.toml")
    )
    assert ours["dependencies"] == theirs["dependencies"]
    assert ours["requires-python"] == theirs["requires-python"]


def test_building_again_changes_nothing(book):
    assert not make.make(book)


def test_a_folder_without_a_book_is_refused(tmp_path):
    with pytest.raises(make.LiteProblem, match="run make book"):
        make.make(tmp_path)
    assert make.main([str(tmp_path)]) == 1


def test_the_mirror_has_the_sizes_that_the_page_tells():
    if not (mirror := os.environ.get("PYODIDE_MIRROR")):
        pytest.skip("PYODIDE_MIRROR is not set")
    sizes = json.loads((ROOT / "bookbuild/lite/sizes.json").read_text(encoding="utf-8"))
    lock = json.loads((Path(mirror) / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, (_, size) in sizes.items():
        file = lock[name]["file_name"] if name in lock else name
        assert (Path(mirror) / file).stat().st_size == pytest.approx(size, abs=1000), name


# ---- what must not be there


@pytest.mark.timeout(1200)
def test_no_file_of_the_site_holds_a_model_answer_a_hidden_test_or_a_sample_reflection(book):
    """The check of ``classroom release``, over every byte of what is published."""
    secrets = secrets_of(open_course(ROOT))
    assert len(secrets) > 200
    files = {p.relative_to(book).as_posix(): p for p in book.rglob("*") if p.is_file()}
    # JupyterLite's own program, byte for byte as its package ships it, is nobody's place for an answer.
    theirs = tuple(f"lite/{folder}/" for folder in ("build", "extensions", "doc"))
    search, known = Search(secrets), set()
    for name, path in files.items():
        if not name.startswith(theirs):
            data = path.read_bytes()
            search.file(name, b"" if data in known else data)  # a table lies there twice: the second time only its name
            known.add(data)
    assert not search.leaks, "\n".join(map(str, search.leaks[:20]))
    needles = Needles([secret.text for secret in secrets])
    plain = {
        name: path.read_bytes()
        for name, path in files.items()
        if name.startswith(theirs) and path.suffix in (".js", ".json")
    }
    assert plain and not [name for name, data in plain.items() if needles.within(b"".join(data.split()))]


def test_the_check_would_see_an_answer():
    secrets = secrets_of(open_course(ROOT))
    notebook = next(ROOT.glob("exercises/*/*.ipynb"))
    assert find_leaks({"lite/files/chapters/x.ipynb": notebook.read_bytes()}, secrets)


# ---- the parts


def test_needs_looks_through_the_package(tmp_path):
    package = tmp_path / "ours"
    (package / "drawings").mkdir(parents=True)
    files = {
        "__init__.py": "from .data import load\n",
        "data.py": "import pandas as pd\n",
        "nets.py": "import networkx\nfrom .data import load\nfrom . import late\n",
        "late.py": "def f():\n    from scipy import stats\n",
        "drawings/__init__.py": "",
        "drawings/nets.py": "from ..nets import x\nimport altair\n",
    }
    for name, text in files.items():
        (package / name).write_text(text)
    assert needs("import numpy", package) == {"numpy"}
    assert needs("from ours import load", package) == {"ours", "pandas"}
    assert needs("from ours import nets", package) == {"ours", "pandas", "networkx", "scipy"}
    assert needs("from ours.drawings import nets", package) == {"ours", "pandas", "networkx", "scipy", "altair"}
    with pytest.raises(SyntaxError):
        needs("def", package)
