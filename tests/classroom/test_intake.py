"""Intake: honest work is as stock nbgrader leaves it, innocent faults are mended and named, the rest is refused."""

import copy
import json
import logging
import os
import random
import shutil
import socket
import sys
import time
from pathlib import Path

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbconvert.exporters import NotebookExporter
from nbgrader import utils
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    OverwriteCells,
    OverwriteKernelspec,
)
from traitlets.config import Config

from classroom import assignment as assignments
from classroom.commands import is_python
from classroom.course import open_course
from classroom.intake import UNFORESEEN, intake, mend
from classroom.model import Accepted, Assignment, Notebook, Refused
from classroom.submission import REFUSED_BY_COLLECT, bad_path, read_folder

sys.path.insert(0, str(Path(__file__).parent))
from test_assignment import make_course

ANSWERS = {
    "area": 'def area(a, b):\n    """The area of a rectangle."""\n    return a * b',
    "perimeter": 'def perimeter(a, b):\n    """The perimeter of a rectangle."""\n    return 2 * (a + b)',
    "number": "answer = 42",
    "more": "more = 43",
    "essay": "Because.",
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def ps1(course):
    return assignments.load(course, "ps1")


@pytest.fixture
def solved(ps1):
    """The student edition with every answer written in and run, as JupyterLab saves it."""
    nb = copy.deepcopy(ps1.notebooks["shapes"].release)
    for cell in nb["cells"]:
        cell["source"] = ANSWERS.get(grade_id(cell), cell["source"])
        if cell["cell_type"] == "code":
            cell["execution_count"] = 3
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["hello\n"]}]
    return nb


def grade_id(cell):
    found = cell["metadata"].get("nbgrader")
    return found.get("grade_id", "") if isinstance(found, dict) else ""


def cell(nb, name):
    """The cell with a grade id, or with a cell id."""
    return next(c for c in nb["cells"] if name in (grade_id(c), c.get("id")))


def at(nb, name):
    return nb["cells"].index(cell(nb, name))


def data(nb, **how):
    return json.dumps(nb, **how).encode()


def take(ps1, nb, **how):
    """Takes a notebook in that must be accepted: (notebook, repairs)."""
    found = intake(ps1, {"shapes.ipynb": nb if isinstance(nb, bytes) else data(nb, **how)})
    assert isinstance(found, Accepted), found
    nbformat.validate(found.notebooks["shapes"])
    return found.notebooks["shapes"], list(found.repairs)


def refused(ps1, files):
    found = intake(ps1, files if isinstance(files, dict) else {"shapes.ipynb": files})
    assert isinstance(found, Refused), found
    assert not found.reason.startswith(UNFORESEEN)
    return found


def strip(nb, *, ids=False):
    """A round trip through an editor that knows no metadata."""
    for c in nb["cells"]:
        c["metadata"] = {}
        if ids:
            c.pop("id", None)
    return nb


def roles(nb):
    """What can be marked: grade id -> the text of the cell."""
    return {grade_id(c): c["source"] for c in nb["cells"] if grade_id(c)}


def stock(course, nb, name="shapes", ps="ps1"):
    """The notebook after nbgrader's own sanitising."""
    exporter = NotebookExporter(config=Config({"Exporter": {"default_preprocessors": []}}))
    for step in (ClearOutput, DeduplicateIds, OverwriteKernelspec, OverwriteCells, CheckCellMetadata):
        exporter.register_preprocessor(step, enabled=True)
    resources = {"nbgrader": {"notebook": name, "assignment": ps, "student": "s", "db_url": course.db_url}}
    text, _ = exporter.from_notebook_node(nbformat.reads(json.dumps(nb), as_version=4), resources)
    return json.loads(nbformat.writes(nbformat.reads(text, as_version=4), split_lines=False))


def same(mine, theirs, *, ids=True):
    mine, theirs = json.loads(json.dumps(mine)), json.loads(json.dumps(theirs))
    for nb in (mine, theirs):
        nb.pop("nbformat_minor")
        for c in nb["cells"]:
            c["source"] = "".join(c["source"])
            if not ids:
                c.pop("id", None)
    assert mine == theirs


# ---------------------------------------------------------------- honest work: as stock nbgrader leaves it


def test_honest_work_is_what_stock_nbgrader_makes_of_it(course, ps1, solved):
    mine, repairs = take(ps1, solved)
    same(mine, stock(course, solved))
    assert repairs == []


def test_unanswered_work_is_what_stock_nbgrader_makes_of_it(course, ps1):
    untouched = ps1.notebooks["shapes"].release
    mine, repairs = take(ps1, untouched)
    same(mine, stock(course, untouched))
    assert repairs == []
    # nbgrader sees by this that nothing was written.
    essay = nbformat.from_dict(cell(mine, "essay"))
    assert utils.determine_grade(essay) == (0, 5)


def test_own_cells_moved_cells_and_edited_texts_are_what_stock_nbgrader_makes_of_them(course, ps1, solved):
    cells = solved["cells"]
    cells.insert(4, nbformat.v4.new_code_cell("helper = 1", id="helper"))
    cells.append(nbformat.v4.new_raw_cell("raw", id="raw"))
    cell(solved, "area-text")["source"] = "my notes"
    cells.append(cells.pop(at(solved, "perimeter")))
    cell(solved, "helper")["metadata"] = {"tags": ["mine"], "collapsed": True}
    mine, repairs = take(ps1, solved)
    same(mine, stock(course, solved))
    assert repairs == []


def test_a_scratch_copy_of_a_test_without_metadata_stays_an_ordinary_cell(course, ps1, solved):
    solved["cells"].append(nbformat.v4.new_code_cell(cell(solved, "area_tests")["source"], id="copied"))
    mine, repairs = take(ps1, solved)
    same(mine, stock(course, solved))
    assert repairs == []


def lab_44(nb):
    nb["nbformat_minor"] = 4
    for c in nb["cells"]:
        del c["id"]
    return nb


def jupyterlite(nb):
    nb["metadata"]["kernelspec"] = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    nb["metadata"]["language_info"] = {
        "codemirror_mode": {"name": "python", "version": 3},
        "file_extension": ".py",
        "name": "python",
        "version": "3.12.7",
    }
    for c in nb["cells"]:
        c["metadata"]["trusted"] = True
    return nb


def colab(nb):
    nb["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nb["nbformat_minor"] = 0
    for c in nb["cells"]:
        c["metadata"] |= {"id": c.pop("id")}
        if c["cell_type"] == "code":
            c["metadata"] |= {"outputId": "7a1c", "colab": {"base_uri": "https://localhost:8080/"}}
    return nb


def vs_code(nb):
    nb["metadata"]["kernelspec"] = {"name": "python3", "display_name": ".venv", "language": "python"}
    nb["metadata"]["language_info"] = {"name": "python", "version": "3.12.1", "nbconvert_exporter": "python"}
    for c in nb["cells"]:
        c["metadata"]["vscode"] = {"languageId": "python"}
    return nb


def huge_outputs(nb):
    cell(nb, "try-it")["outputs"][0]["text"] = "x" * 20_000_000
    return nb


def source_lists(nb):
    for c in nb["cells"]:
        c["source"] = c["source"].splitlines(keepends=True)
    return nb


@pytest.mark.parametrize("editor", [lab_44, jupyterlite, colab, vs_code, huge_outputs, source_lists])
def test_notebooks_of_other_editors_need_no_repair(course, ps1, solved, editor):
    nb = editor(solved)
    mine, repairs = take(ps1, nb)
    same(mine, stock(course, nb), ids="id" in nb["cells"][0])
    assert repairs == []


@pytest.mark.parametrize("edited", ["setup", "area_tests", "drawing"])
def test_an_edited_locked_cell_is_put_back_as_stock_does(course, ps1, solved, edited):
    cell(solved, edited)["source"] = "print('mine')"
    mine, repairs = take(ps1, solved)
    same(mine, stock(course, solved))
    assert repairs == [f"'{edited}': a locked cell was edited; its text was put back"]


def test_changed_points_and_cell_type_are_put_back_as_stock_does(course, ps1, solved):
    cell(solved, "area_tests")["metadata"]["nbgrader"]["points"] = 100
    cell(solved, "number")["cell_type"] = "raw"
    for key in ("outputs", "execution_count"):
        del cell(solved, "number")[key]
    mine, repairs = take(ps1, solved)
    same(mine, stock(course, solved))
    assert sorted(repairs) == ["'area_tests': settings put back: points", "'number': made code again, from raw"]


@pytest.mark.parametrize("wanted", [{"execute": "kernel"}, None, "kernel"])
def test_how_a_notebook_runs_is_not_the_students_to_say(ps1, solved, wanted):
    solved["metadata"] |= {"classroom": wanted, "language_info": {"name": "R"}}
    mine, _ = take(ps1, solved)
    released = ps1.notebooks["shapes"].source["metadata"]
    assert mine["metadata"].get("classroom") == released.get("classroom")
    assert is_python(mine)


def test_a_tag_does_not_switch_a_locked_cell_off(ps1, solved):
    cell(solved, "area_tests")["metadata"]["tags"] = ["skip-execution"]
    mine, _ = take(ps1, solved)
    assert "skip-execution" not in cell(mine, "area_tests")["metadata"].get("tags", [])


def test_a_test_cell_declared_ungraded_is_graded(ps1, solved):
    cell(solved, "area_tests")["metadata"]["nbgrader"] |= {"grade": False, "solution": True, "locked": False}
    mine, repairs = take(ps1, solved)
    assert cell(mine, "area_tests") == {**cell(ps1.notebooks["shapes"].source, "area_tests"), "outputs": []}
    assert repairs == ["'area_tests': settings put back: grade, locked, solution"]


def test_the_course_of_this_repository_needs_no_repair(tmp_path, monkeypatch):
    """The real exercise, generated as stock does, comes through as stock nbgrader leaves it."""
    root = Path(__file__).resolve().parents[2]
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    name = sorted(path.name for path in (root / "exercises").iterdir())[0]
    shutil.copytree(root / "exercises" / name, tmp_path / "exercises" / name)
    course = open_course(tmp_path)
    course.assignment_id = name
    converter = GenerateAssignment(coursedir=course, config=course.config)
    converter.log.setLevel(logging.ERROR)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    converter.start()
    real = assignments.load(course, name)
    nb = copy.deepcopy(real.notebooks[name].release)
    for c in nb["cells"]:
        if (c["metadata"].get("nbgrader") or {}).get("solution"):
            c["source"] += "\n# my answer"
    found = intake(real, {f"{name}.ipynb": data(nb)})
    assert found.repairs == ()
    same(found.notebooks[name], stock(course, nb, name, name))
    # Stripped of everything but code and text, it is recognised cell by cell.
    again = intake(real, {f"{name}.ipynb": data(strip(copy.deepcopy(nb), ids=True))})
    assert roles(again.notebooks[name]) == roles(found.notebooks[name])
    start = time.process_time()
    intake(real, {f"{name}.ipynb": data(nb)})
    assert time.process_time() - start < 0.2


# ---------------------------------------------------------------- innocent faults: mended, and named


def test_duplicated_answer_the_one_that_was_worked_on_counts(ps1, solved):
    worked = cell(solved, "area")
    stub = cell(ps1.notebooks["shapes"].release, "area")
    solved["cells"].insert(at(solved, "area") + 1, {**stub, "id": "copy", "outputs": [], "execution_count": None})
    mine, repairs = take(ps1, solved)
    assert roles(mine)["area"] == worked["source"]
    assert "copy" not in [c["id"] for c in mine["cells"]]  # run last, the stub would undo the answer
    assert repairs == ["2 cells were 'area': the one that was worked on counts"]


def test_duplicated_answers_the_last_counts_and_the_other_stays(ps1, solved):
    solved["cells"].insert(at(solved, "area"), {**cell(solved, "area"), "source": "first_try = 1", "id": "first"})
    mine, repairs = take(ps1, solved)
    assert roles(mine)["area"] == ANSWERS["area"]
    assert cell(mine, "first")["source"] == "first_try = 1"
    assert "nbgrader" not in cell(mine, "first")["metadata"]
    assert repairs == ["2 cells were 'area': the last counts"]


def test_duplicated_test_the_one_as_released_counts(ps1, solved):
    copied = {**cell(solved, "area_tests"), "source": "area(2, 3)  # let me see", "id": "copied"}
    solved["cells"].append(copied)
    mine, repairs = take(ps1, solved)
    assert at(mine, "area_tests") == at(solved, "area_tests")
    assert cell(mine, "copied")["source"] == copied["source"]
    assert repairs == ["2 cells were 'area_tests': the one that is as released counts"]


def test_a_whole_notebook_pasted_twice(ps1, solved):
    first = copy.deepcopy(ps1.notebooks["shapes"].release["cells"])
    solved["cells"] = first + [{**c, "id": f"{c['id']}-2"} for c in solved["cells"]]
    mine, _ = take(ps1, solved)
    assert {k: v for k, v in roles(mine).items() if k in ANSWERS} == ANSWERS
    ids = [grade_id(c) for c in mine["cells"] if grade_id(c)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("schema", [0, 1, 2, 99, "three", None, {"deep": [1]}, True])
def test_metadata_of_another_schema(ps1, solved, schema):
    clean, _ = take(ps1, solved)
    for c in solved["cells"]:
        if grade_id(c) and grade_id(c) != "scratch":
            c["metadata"]["nbgrader"] = {"grade_id": grade_id(c), "schema_version": schema, "grade": True}
    mine, repairs = take(ps1, solved)
    same(mine, clean)
    assert len(repairs) == 1 and repairs[0].startswith("nbgrader metadata of schema ")


def test_stripped_metadata_cells_are_found_by_their_ids(ps1, solved):
    for name in ("area", "number", "essay"):
        cell(solved, name)["source"] += " # and more"
    clean, _ = take(ps1, solved)
    mine, repairs = take(ps1, strip(solved))
    assert roles(mine) == {k: v for k, v in roles(clean).items() if k != "scratch"}
    assert cell(mine, "area_tests")["metadata"]["editable"] is False
    assert repairs == ["nbgrader metadata was missing; cells were recognised: 12 by cell id"]


def test_stripped_metadata_in_colab_cells_are_found_by_the_ids_it_keeps_elsewhere(ps1, solved):
    for c in colab(solved)["cells"]:
        c["metadata"].pop("nbgrader", None)
        c["source"] = "pass" if c["source"] in ANSWERS.values() else c["source"]
    mine, repairs = take(ps1, solved)
    assert roles(mine)["number"] == "pass"
    assert repairs == ["nbgrader metadata was missing; cells were recognised: 12 by cell id"]


def test_stripped_metadata_and_ids_cells_are_found_by_text_and_place(ps1, solved):
    clean, _ = take(ps1, solved)
    mine, repairs = take(ps1, strip(solved, ids=True))
    assert roles(mine) == roles(clean)
    assert repairs == ["nbgrader metadata was missing; cells were recognised: 9 by text, 3 by place"]


def test_stripped_metadata_with_scratch_cells_in_between(ps1, solved):
    clean, _ = take(ps1, solved)
    strip(solved, ids=True)
    for position in (12, 9, 3):
        solved["cells"].insert(position, nbformat.v4.new_code_cell("x = 1"))
        del solved["cells"][position]["id"]
    mine, _ = take(ps1, solved)
    mine, clean = roles(mine), roles(clean)
    assert mine["area"] == clean["area"] and mine["perimeter"] == clean["perimeter"]
    assert {k: mine[k] for k in mine if "tests" in k} == {k: clean[k] for k in clean if "tests" in k}


@pytest.mark.parametrize("junk", [[], "text", 7, {}, {"grade_id": ["area"]}, {"grade_id": None}])
def test_one_cell_with_broken_metadata(ps1, solved, junk):
    clean, _ = take(ps1, solved)
    cell(solved, "area")["metadata"]["nbgrader"] = junk
    mine, repairs = take(ps1, solved)
    same(mine, clean)
    assert repairs == ["nbgrader metadata was missing; cells were recognised: 1 by cell id"]


def test_a_grade_id_that_was_misspelt(ps1, solved):
    clean, _ = take(ps1, solved)
    cell(solved, "area")["metadata"]["nbgrader"]["grade_id"] = "aera"
    mine, repairs = take(ps1, solved)
    same(mine, clean)
    assert repairs == ["nbgrader metadata was missing; cells were recognised: 1 by cell id"]


def test_an_unknown_grade_id_on_an_extra_cell_is_an_ordinary_cell(ps1, solved):
    other = {"grade_id": "q9", "schema_version": 3, "grade": True, "points": 9, "solution": False, "locked": True}
    extra = nbformat.v4.new_code_cell("1", id="extra", metadata={"nbgrader": other})
    solved["cells"].append(extra)
    mine, repairs = take(ps1, solved)
    assert cell(mine, "extra")["metadata"] == {}
    assert repairs == ["the id 'q9' is not in this assignment: not graded"]


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize(("one", "two"), [("area_tests", "perimeter_tests"), ("area", "perimeter")])
def test_swapped_grade_ids(ps1, solved, one, two, ids):
    clean, _ = take(ps1, solved)
    if not ids:
        lab_44(solved)
    a, b = cell(solved, one), cell(solved, two)
    a["metadata"], b["metadata"] = b["metadata"], a["metadata"]
    mine, repairs = take(ps1, solved)
    assert [grade_id(c) for c in mine["cells"]] == [grade_id(c) for c in clean["cells"]]
    assert roles(mine) == roles(clean)
    assert len(repairs) == 2 and all("ids swapped" in note for note in repairs)


def test_answers_without_names_of_their_own_swapped(ps1, solved):
    clean, _ = take(ps1, solved)
    a, b = cell(solved, "essay"), cell(solved, "drawing")
    a["metadata"]["nbgrader"], b["metadata"]["nbgrader"] = b["metadata"]["nbgrader"], a["metadata"]["nbgrader"]
    mine, _ = take(ps1, solved)
    assert roles(mine)["drawing"] == roles(clean)["drawing"]  # a locked text can always be put back


@pytest.mark.parametrize("name", ["setup", "area_tests", "area_edges", "more_tests", "drawing"])
def test_a_deleted_locked_cell_is_put_back_in_its_place(ps1, solved, name):
    clean, _ = take(ps1, solved)
    del solved["cells"][at(solved, name)]
    mine, repairs = take(ps1, solved)
    same(mine, clean)
    assert repairs == [f"the cell '{name}' was deleted: put back"]


def test_all_test_cells_deleted(ps1, solved):
    clean, _ = take(ps1, solved)
    solved["cells"] = [c for c in solved["cells"] if not c["metadata"].get("nbgrader", {}).get("grade")]
    mine, repairs = take(ps1, solved)
    order = [grade_id(c) for c in mine["cells"] if grade_id(c)]
    assert order == [grade_id(c) for c in clean["cells"] if grade_id(c)]
    assert len(repairs) == 6


def test_a_deleted_answer_is_put_back_as_the_stub_and_said(ps1, solved):
    del solved["cells"][at(solved, "area")]
    del solved["cells"][at(solved, "essay")]
    mine, repairs = take(ps1, solved)
    released = ps1.notebooks["shapes"].release
    assert cell(mine, "area")["source"] == cell(released, "area")["source"]
    assert at(mine, "area") == at(released, "area")
    assert utils.determine_grade(nbformat.from_dict(cell(mine, "essay"))) == (0, 5)
    assert repairs == [
        "the cell 'area' was deleted: put back, unanswered",
        "the cell 'essay' was deleted: put back, unanswered",
    ]


def test_a_deleted_answer_that_was_written_into_another_cell_is_not_undone(ps1, solved):
    area = solved["cells"].pop(at(solved, "area"))
    cell(solved, "perimeter")["source"] = area["source"] + "\n\n" + cell(solved, "perimeter")["source"]
    solved["cells"].insert(2, solved["cells"].pop(at(solved, "perimeter")))
    mine, repairs = take(ps1, solved)
    assert "area" not in roles(mine)
    assert repairs == ["the cell 'area' was deleted; cell 3 has its answer"]


def test_an_answer_retyped_in_a_new_cell_is_recognised(ps1, solved):
    solved["cells"][at(solved, "area")] = nbformat.v4.new_code_cell("def area(x, y):\n    return x * y", id="new")
    mine, repairs = take(ps1, solved)
    assert roles(mine)["area"] == "def area(x, y):\n    return x * y"
    assert repairs == ["nbgrader metadata was missing; cells were recognised: 1 by text"]


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8-sig", "UTF-8 with a byte order mark"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16-LE"),
        ("utf-32", "UTF-32"),
        ("cp1252", "Windows-1252"),
        ("latin-1", "Latin-1"),
    ],
)
def test_encodings(ps1, solved, encoding, named):
    cell(solved, "essay")["source"] = "Parce que là-bas, déjà"
    if encoding == "latin-1":
        cell(solved, "essay")["source"] += "\x81"  # what Windows-1252 does not have
    clean, _ = take(ps1, solved)
    mine, repairs = take(ps1, json.dumps(solved, ensure_ascii=False).encode(encoding))
    same(mine, clean)
    assert repairs == [f"the file was written in {named}, not in UTF-8"]


def test_a_byte_order_mark_before_another_encoding(ps1, solved):
    cell(solved, "essay")["source"] = "déjà"
    mine, _ = take(ps1, b"\xef\xbb\xbf" + json.dumps(solved, ensure_ascii=False).encode("latin-1"))
    assert roles(mine)["essay"] == "déjà"


def test_line_ends_of_windows(ps1, solved):
    clean, _ = take(ps1, solved)
    for c in solved["cells"]:
        c["source"] = c["source"].replace("\n", "\r\n")
    mine, repairs = take(ps1, json.dumps(solved, indent=1).replace("\n", "\r\n").encode())
    same(mine, clean)
    assert repairs == ["line ends of another system were replaced"]


def test_format_3(ps1, solved):
    clean, _ = take(ps1, solved)
    old = json.loads(nbformat.writes(nbformat.from_dict(solved), version=3))
    old["worksheets"][0]["cells"].append(
        {"cell_type": "heading", "level": 2, "source": ["The", " end"], "metadata": {}}
    )
    mine, repairs = take(ps1, old)
    assert mine["cells"].pop()["source"] == "## The end"
    assert roles(mine) == roles(clean)
    assert [c["cell_type"] for c in mine["cells"]] == [c["cell_type"] for c in clean["cells"]]
    assert repairs == ["the notebook was in the old format 3"]


def test_a_future_minor_format(ps1, solved):
    clean, _ = take(ps1, solved)
    solved["nbformat_minor"], solved["novelty"] = 99, {}
    for c in solved["cells"]:
        c["novelty"] = 1
    mine, repairs = take(ps1, solved)
    same(mine, clean)
    assert repairs == []


def test_a_missing_format_version(ps1, solved):
    del solved["nbformat"], solved["nbformat_minor"]
    _, repairs = take(ps1, solved)
    assert repairs == ["the version of the notebook format was missing"]


def test_invalid_metadata_is_replaced(ps1, solved):
    solved["metadata"]["language_info"] = 7
    cell(solved, "area")["metadata"]["tags"] = "not a list"
    cell(solved, "title")["metadata"]["name"] = ["x"]
    mine, repairs = take(ps1, solved)
    assert cell(mine, "area")["metadata"]["nbgrader"]["grade_id"] == "area"
    assert mine["metadata"]["language_info"] == {"name": "python"}
    assert repairs == ["metadata that no notebook may have was removed"]


@pytest.mark.parametrize("bad", ["", "a b", "x" * 65, 7, None, "title"])
def test_bad_and_double_cell_ids_are_replaced(ps1, solved, bad):
    cell(solved, "area")["id"] = bad
    mine, _ = take(ps1, solved)
    assert mine == take(ps1, solved)[0]  # by counting, not by chance
    assert roles(mine)["area"] == ANSWERS["area"]


def test_lone_surrogates_infinities_and_abysses_do_not_reach_the_gradebook(ps1, solved):
    cell(solved, "essay")["source"] = "\ud83d alone"
    cell(solved, "area")["metadata"]["\udc00"] = {"x": float("inf"), "y": float("nan"), "z": "\udfff"}
    deep = []
    for _ in range(400):
        deep = [deep]
    cell(solved, "title")["metadata"]["deep"] = deep
    mine, _ = take(ps1, solved)
    json.dumps(mine, allow_nan=False, ensure_ascii=False).encode()
    assert cell(mine, "essay")["source"] == "\ufffd alone"
    assert json.dumps(cell(mine, "title")).count("[") < 60


@pytest.mark.parametrize(
    "name",
    [
        "shapes (1).ipynb",
        "shapes-Copy1.ipynb",
        "Copy of Shapes.ipynb",
        "Shapes.IPYNB",
        "anything at all.ipynb",
        "shapes.ipynb.txt",
        "shapes.ipynb.json",
        "shapes.json",
        "homework/shapes.ipynb",
        "été.ipynb",
    ],
)
def test_wrong_file_name(ps1, solved, name):
    found = intake(ps1, {name: data(solved), "notes.txt": b"x"})
    assert found.repairs == (f"the file was called {name!r}",)
    assert roles(found.notebooks["shapes"])["area"] == ANSWERS["area"]
    assert set(found.files) == {"notes.txt", "data/sides.csv"}


def test_the_right_name_is_taken_whatever_else_there_is(ps1, solved):
    found = intake(ps1, {"scratch.ipynb": b"{}", "shapes.ipynb": data(solved), "shapes (1).ipynb": b""})
    assert found.repairs == ("'scratch.ipynb' was not graded", "'shapes (1).ipynb' was not graded")


def test_the_same_file_twice_is_one_candidate(ps1, solved):
    found = intake(ps1, {"shapes (1).ipynb": data(solved), "shapes (2).ipynb": data(solved)})
    assert found.repairs == ("the file was called 'shapes (1).ipynb'", "'shapes (2).ipynb' was not graded")


def test_litter_of_editors_is_no_candidate(ps1, solved):
    litter = [".ipynb_checkpoints/shapes-checkpoint.ipynb", "__MACOSX/._shapes.ipynb", "._x.ipynb", ".DS_Store"]
    found = intake(ps1, {"my.ipynb": data(solved), **dict.fromkeys(litter, b"junk")})
    assert found.repairs == ("the file was called 'my.ipynb'",)
    assert set(found.files) == {"data/sides.csv"}


def test_files_of_the_assignment_are_laid_over_the_students(ps1, solved):
    found = intake(ps1, {"shapes.ipynb": data(solved), "data/sides.csv": b"a,b\n0,0\n", "helper.py": b"x = 1"})
    assert dict(found.files) == {"data/sides.csv": b"a,b\n2,3\n", "helper.py": b"x = 1"}


def test_files_that_cannot_lie_side_by_side(ps1, solved):
    found = intake(ps1, {"shapes.ipynb": data(solved), "data": b"", "x": b"", "x/y": b"", "data/sides.csv/z": b""})
    assert set(found.files) == {"data/sides.csv", "x/y"}
    assert [note.split()[0] for note in found.repairs] == ["'data'", "'data/sides.csv/z'", "'x'"]


def test_an_assignment_with_two_notebooks(tmp_path, solved):
    two = assignments.load(make_course(tmp_path, ("circles", "shapes")), "ps1")
    found = intake(two, {"circles.ipynb": data(solved), "Shapes (2).ipynb": data(solved)})
    assert set(found.notebooks) == {"circles", "shapes"}
    assert found.repairs == ("shapes: the file was called 'Shapes (2).ipynb'",)
    assert refused(two, {"circles.ipynb": data(solved)}) == Refused(
        "shapes.ipynb", "there is no notebook called shapes.ipynb; there is: circles.ipynb"
    )


@pytest.mark.parametrize("there", [True, False])
def test_a_notebook_in_which_nothing_is_graded(ps1, solved, there):
    text = {"cells": [solved["cells"][0]], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    two = Assignment("ps1", {"readme": Notebook("readme", text, text), **ps1.notebooks})
    found = intake(two, {"shapes.ipynb": data(solved)} | ({"readme.ipynb": data(text)} if there else {}))
    assert list(found.notebooks) == (["readme", "shapes"] if there else ["shapes"]) and found.repairs == ()
    assert list(intake(two, {"shapes.ipynb": data(solved), "scratch.ipynb": b""}).notebooks) == ["shapes"]
    assert set(intake(two, {"any.ipynb": data(solved), "readme.ipynb": data(text)}).notebooks) == set(two.notebooks)


# ---------------------------------------------------------------- refused, with the file and the reason


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\0\0", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"my answer is 42", "not JSON"),
        (b"print('hello')\n", "not JSON"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"%PDF-1.7 rest", "a PDF"),
        (b"\n<!DOCTYPE html><p>", "a web page"),
        (b"\xff\xfe\x00", "claims to be UTF-16"),
        (b"[1, 2]", "not a notebook"),
        (b"null", "not a notebook"),
        (b"{}", "not a notebook"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"9" * 5_000, "thousands of digits"),
        (b'{"nbformat": 9, "cells": []}', "format 9 is not known"),
        (b'{"nbformat": 2, "worksheets": []}', "format 2 is not known"),
        (b'{"nbformat": true, "cells": []}', "format True is not known"),
        (b'{"nbformat": [4], "cells": []}', "not a notebook"),
        (b'{"nbformat": 4}', "no list of cells"),
        (b'{"nbformat": 4, "cells": {}}', "no list of cells"),
        (b'{"nbformat": 4, "cells": []}', "has no cells"),
        (b'{"nbformat": 4, "cells": [7]}', "cell 1 is neither code nor text"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "video"}]}', "cell 1 is neither code nor text"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 7}]}', "text of cell 1 cannot be read"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["a", 7]}]}', "text of cell 1 cannot be read"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "0 of the 5 cells for answers"),
        (b'{"nbformat": 3, "worksheets": 7}', "damaged"),
        (b'{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "heading", "level": 1e999}]}]}', "damaged"),
        (b'{"nbformat": 4, "cells": [' + b'{"cell_type": "code"},' * 6_000 + b"{}]}", "6001 cells"),
        (b'{"nbformat": 4, "x": [' + b"[]," * 6_000_000 + b"[]]}", "million values"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_no_notebook_at_all(ps1, content, words):
    start = time.process_time()
    found = refused(ps1, content)
    assert found.file == "shapes.ipynb"
    assert words in found.reason
    assert time.process_time() - start < 5


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_file(ps1, solved, share):
    whole = data(solved, indent=1)
    assert "breaks off" in refused(ps1, whole[: int(len(whole) * share)]).reason


def test_stripped_metadata_and_nothing_that_matches_is_never_silently_null(ps1):
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"x = {i}") for i in range(17)])
    assert "is it the right one?" in refused(ps1, data(other)).reason
    empty = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("") for i in range(17)])
    assert "is it the right one?" in refused(ps1, data(empty)).reason


def test_the_notebook_of_another_assignment_that_shares_an_id(ps1, solved):
    solved["cells"] = [c for c in solved["cells"] if grade_id(c) in ("setup", "number", "")][:3]
    for c in solved["cells"]:
        c["id"] = "other-" + c["id"]
    found = refused(ps1, data(solved))
    assert "0 of the 5 cells" in found.reason or "1 of the 5 cells" in found.reason


@pytest.mark.parametrize(
    ("files", "file", "words"),
    [
        ({}, "shapes.ipynb", "the submission is empty"),
        ({"timestamp.txt": b"x"}, "shapes.ipynb", "no notebook called shapes.ipynb; there is: timestamp.txt"),
        ({"all.zip": b"PK"}, "shapes.ipynb", "only an archive that was not opened: all.zip"),
        ({"a.ipynb": b"1", "b.ipynb": b"2"}, "a.ipynb", "more than one file could be the notebook: a.ipynb, b.ipynb"),
        (
            {"shapes (1).ipynb": b"1", "shapes (2).ipynb": b"2"},
            "shapes (1).ipynb",
            "more than one file could be the notebook",
        ),
        ({"x/shapes.ipynb": b"1", "y/shapes.ipynb": b"2"}, "x/shapes.ipynb", "more than one file"),
        ({"data.json": b"{}"}, "shapes.ipynb", "no notebook"),
        (
            {REFUSED_BY_COLLECT: b"data.lnk\tthis is a symbolic link\nmore\tthings", "shapes.ipynb": b""},
            "data.lnk",
            "this is a symbolic link",
        ),
        ({REFUSED_BY_COLLECT: b""}, REFUSED_BY_COLLECT, "a part of the submission was refused"),
    ],
)
def test_no_single_notebook(ps1, files, file, words):
    found = refused(ps1, files)
    assert (found.file, words in found.reason) == (file, True), found


@pytest.mark.parametrize(
    "path",
    ["../shapes.ipynb", "/etc/passwd", "C:x", "a//b", "a/./b", "a\\b", "a\0b", "a\nb", "x" * 256, "d/" * 9 + "x", ""],
)
def test_path_tricks(ps1, solved, path):
    assert bad_path(path)
    assert refused(ps1, {"shapes.ipynb": data(solved), path: b""}).reason == bad_path(path)


@pytest.mark.parametrize("path", ["a/b.txt", "Screenshot 3.00.00\u202fPM.png", "été ☕.csv", "..x", "a..b"])
def test_ordinary_paths(path):
    assert bad_path(path) is None


# ---------------------------------------------------------------- folders


def test_a_folder_is_read(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_bytes(b"1")
    (tmp_path / "a.ipynb").write_bytes(b"2")
    (tmp_path / ".ipynb_checkpoints").symlink_to("/etc")  # not looked at, hence not followed
    assert read_folder(tmp_path) == {"a.ipynb": b"2", "data/x.csv": b"1"}


def symlink(folder):
    (folder / "odd").symlink_to("/etc/passwd")


def broken_symlink(folder):
    (folder / "odd").symlink_to("nowhere")


def symlink_to_folder(folder):
    (folder / "odd").symlink_to("/etc")


def hard_link(folder):
    (folder.parent / "secret").write_text("x")
    os.link(folder.parent / "secret", folder / "odd")


def fifo(folder):
    os.mkfifo(folder / "odd")


def unix_socket(folder):
    here = os.getcwd()
    os.chdir(folder)  # the path of a socket may not be long
    try:
        socket.socket(socket.AF_UNIX).bind("odd")
    finally:
        os.chdir(here)


def device(folder):
    try:
        os.mknod(folder / "odd", 0o600 | 0o020000, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root can make a device")


def sparse(folder):
    with open(folder / "odd", "wb") as file:
        file.truncate(2**40)


def control_character(folder):
    (folder / "odd\x1b[2J").write_text("x")


def no_text(folder):
    (folder / os.fsdecode(b"odd\xff")).write_text("x")


@pytest.mark.parametrize(
    ("trick", "words"),
    [
        (symlink, "a symbolic link"),
        (broken_symlink, "a symbolic link"),
        (symlink_to_folder, "a symbolic link"),
        (hard_link, "a hard link"),
        (fifo, "a named pipe"),
        (unix_socket, "a socket"),
        (device, "a device"),
        (sparse, "larger than 100 MB"),
        (control_character, "characters that no file should have"),
        (no_text, "characters that no file should have"),
    ],
)
def test_tricks_in_a_folder(tmp_path, trick, words):
    folder = tmp_path / "submission"
    (folder / "deeper").mkdir(parents=True)
    (folder / "shapes.ipynb").write_text("x")
    trick(folder / "deeper")
    found = read_folder(folder)
    assert isinstance(found, Refused)
    assert found.file.startswith("deeper/odd") and found.file.isprintable()
    assert words in found.reason


def test_too_many_files_and_folders(tmp_path):
    (tmp_path / "many").mkdir()
    for i in range(1001):
        (tmp_path / "many" / str(i)).touch()
    assert read_folder(tmp_path) == Refused("many/", "there are more than 1000 files")
    deep = tmp_path / "deep"
    (deep / "/".join("123456789")).mkdir(parents=True)
    assert "nested" in read_folder(deep).reason


def test_a_submission_too_large_in_sum(tmp_path, monkeypatch):
    monkeypatch.setattr("classroom.submission.FOLDER_BYTES", 25)
    for name in "abc":
        (tmp_path / name).write_bytes(b"x" * 10)
    assert read_folder(tmp_path) == Refused("c", "the submission is larger than 0 MB")


def test_the_folder_itself_may_be_no_link(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    assert read_folder(tmp_path / "folder") == {}
    assert isinstance(read_folder(tmp_path / "link"), Refused)
    assert isinstance(read_folder(f"{tmp_path}/link/"), Refused)
    assert isinstance(read_folder(tmp_path / "nowhere"), Refused)


# ---------------------------------------------------------------- whatever the bytes


def outcome(ps1, files):
    """Every submission ends with exactly one of two outcomes, soon, and nothing comes as a surprise to the code."""
    start = time.process_time()
    found = intake(ps1, files)
    assert time.process_time() - start < 5
    if isinstance(found, Refused):
        assert found.reason and not found.reason.startswith(UNFORESEEN), found
        assert found.file.isprintable() and found.reason.isprintable()
    else:
        assert isinstance(found, Accepted)
        json.dumps(found.notebooks["shapes"], allow_nan=False, ensure_ascii=False).encode()
        nbformat.validate(found.notebooks["shapes"])
        due = [grade_id(c) for c in ps1.notebooks["shapes"].source["cells"] if assignments.graded(c)]
        ids = [grade_id(c) for c in found.notebooks["shapes"]["cells"] if grade_id(c)]
        assert len(ids) == len(set(ids))
        assert {name for name in due if "tests" in name or "edges" in name} <= set(ids)
    return found


quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
text = st.text(st.characters(), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@quick
@given(content=st.binary(max_size=400), name=text)
def test_any_bytes_under_any_name(ps1, content, name):
    outcome(ps1, {"shapes.ipynb": content})
    outcome(ps1, {name: content, "x.ipynb": b""})


@quick
@given(files=st.dictionaries(st.text("a./\\-\n", max_size=8) | st.just("shapes.ipynb"), st.binary(max_size=9)))
def test_any_folder(ps1, files):
    outcome(ps1, files)


@quick
@given(value=values, major=st.sampled_from([3, 4, 4.0, None]))
def test_any_json(ps1, value, major):
    outcome(ps1, {"shapes.ipynb": data(value)})
    outcome(ps1, {"shapes.ipynb": data({"nbformat": major, "cells": value, "worksheets": value, "metadata": value})})


cells = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw", "heading", "html"])},
    optional={
        "source": text | st.lists(text, max_size=3) | values,
        "input": text,
        "metadata": st.dictionaries(st.sampled_from(["nbgrader", "tags", "id", "name", "x"]), values, max_size=3)
        | values,
        "id": text | values,
        "attachments": values,
        "outputs": values,
        "level": values,
    },
)


@quick
@given(strange=st.lists(cells, max_size=5), keep=st.integers(0, 18), seed=st.integers(0, 99), metadata=values)
def test_any_cells_among_the_released(ps1, strange, keep, seed, metadata):
    mixed = [*ps1.notebooks["shapes"].release["cells"][:keep], *strange]
    random.Random(seed).shuffle(mixed)
    outcome(ps1, {"shapes.ipynb": data({"nbformat": 4, "nbformat_minor": 5, "cells": mixed, "metadata": metadata})})
    outcome(ps1, {"shapes.ipynb": data({"nbformat": 3, "worksheets": [{"cells": mixed}], "metadata": metadata})})


@quick
@given(changes=st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=6), cut=st.integers(0, 10))
def test_any_damage_to_the_released_file(ps1, changes, cut):
    whole = bytearray(data(ps1.notebooks["shapes"].release))
    for position, byte in changes:
        whole[position % len(whole)] = byte
    outcome(ps1, {"shapes.ipynb": bytes(whole[: len(whole) - cut])})


@quick
@given(seed=st.integers(0), drop=st.sets(st.integers(0, 17)), again=st.lists(st.integers(0, 17), max_size=5))
def test_any_order_loss_and_copies_of_cells(ps1, seed, drop, again):
    released = ps1.notebooks["shapes"].release["cells"]
    some = [c for i, c in enumerate(released) if i not in drop] + [released[i] for i in again]
    random.Random(seed).shuffle(some)
    outcome(ps1, {"shapes.ipynb": data({"nbformat": 4, "nbformat_minor": 5, "cells": some, "metadata": {}})})


def test_a_large_and_hostile_notebook_is_done_with_soon(ps1, solved):
    line = "\n".join(f"def area{i}(): pass" for i in range(150))
    more = [{"cell_type": "code", "source": line, "metadata": {"nbgrader": {"grade_id": f"x{i}"}}} for i in range(4900)]
    solved["cells"] = [c for c in solved["cells"] if grade_id(c) in ("area", "number")] + more
    start = time.process_time()
    _, repairs = take(ps1, solved)
    assert len(repairs) == 51 and repairs[-1].endswith(" more")
    assert time.process_time() - start < 20


def test_the_same_bytes_give_the_same_notebook(ps1, solved):
    content = data(strip(solved, ids=True))
    assert mend(ps1.notebooks["shapes"], content) == mend(ps1.notebooks["shapes"], content)


def test_intake_changes_none_of_its_arguments(ps1, solved):
    before = copy.deepcopy(ps1)
    del solved["cells"][at(solved, "area_tests")]
    found = intake(ps1, {"shapes.ipynb": data(strip(solved))})
    for c in found.notebooks["shapes"]["cells"]:
        c["metadata"].get("nbgrader", {}).clear()
    assert ps1 == before
