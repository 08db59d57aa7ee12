"""Stock ``nbgrader autograde`` with SandboxedExecute gives the marks, comments and outputs that it gives with Execute."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import kernels
import nbformat
import pytest
import tiny
from course import hand_in, nbgrader, release
from harness import ROOT
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from traitlets.config import Config

from classroom import preprocess, sandbox
from classroom.course import open_course
from classroom.grade import grade_assignment
from classroom.preprocess import SandboxedExecute
from classroom.resolve import decide
from classroom.sandbox import SandboxUnavailable

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux"),
]
WITH = f"""
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute
from classroom.preprocess import SandboxedExecute
steps = Autograde.autograde_preprocessors.default()
steps[steps.index(Execute)] = SandboxedExecute
c.Autograde.autograde_preprocessors = steps
c.SandboxedExecute.warm = ["numpy", "pandas", "altair", "integrated_care", "integrated_care.charts"]
c.SandboxedExecute.read = [{str(ROOT / "datasets")!r}]
"""
STUDENTS = ("amal", "driss", "hamza", "jack")  # all right; misconceptions; nothing written; a syntax error


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The same class graded twice: by a kernel, and by us."""
    kernels.warm()
    stock, ours = tmp_path_factory.mktemp("stock"), tmp_path_factory.mktemp("ours") / "course"
    course = release(stock, "inequality")
    course.students = [student for student in course.students if student.name in STUDENTS]
    for student in course.students:
        hand_in(course, student)
    shutil.copytree(stock, ours)
    with (stock / "nbgrader_config.py").open("a") as config:
        config.write("c.Autograde.pop('autograde_preprocessors', None)\n")
    with (ours / "nbgrader_config.py").open("a") as config:
        config.write(WITH)
    for root in (stock, ours):
        nbgrader(root, "autograde", course.assignment)
    return stock, ours, course.assignment


def recorded(root, assignment):
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        for student in STUDENTS:
            book = gradebook.find_submission_notebook(assignment, assignment, student)
            for grade in sorted(book.grades, key=lambda grade: grade.name):
                yield student, grade.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade
            for comment in sorted(book.comments, key=lambda comment: comment.name):
                yield student, comment.name, comment.auto_comment, comment.manual_comment


def test_every_grade_and_comment_is_the_same(both):
    stock, ours, assignment = both
    expected = list(recorded(stock, assignment))
    assert len(expected) > 100
    assert list(recorded(ours, assignment)) == expected


def test_every_output_is_the_same(both):
    stock, ours, assignment = both
    compared = 0
    for student in STUDENTS:
        path = Path("autograded", student, assignment, f"{assignment}.ipynb")
        theirs, mine = (nbformat.read(root / path, as_version=4) for root in (stock, ours))
        assert [cell.source for cell in theirs.cells] == [cell.source for cell in mine.cells]
        for one, other in zip(theirs.cells, mine.cells, strict=True):
            assert plain(one) == plain(other), f"{student}: {one.source[:60]}"
            compared += bool(one.get("outputs"))
        assert theirs.metadata == mine.metadata
    assert compared > 40


def plain(cell):
    """Outputs without the names of temporary files and where Python is installed."""
    text = json.dumps([dict(output) for output in cell.get("outputs", [])])
    text = re.sub(r"ipykernel_\d+/\d+\.py|\d{6,}\.py", "cell.py", text)
    text = re.sub(r"[~/][\w./-]*?/(lib/python3|integrated_care)", r"/\1", text)
    return cell.get("execution_count"), json.loads(text)


def test_it_is_stock_execute_with_more_traits():
    from nbgrader.preprocessors import Execute

    assert issubclass(SandboxedExecute, Execute)
    config = Config()
    config.Execute.timeout = 7  # what a course has set for Execute holds
    config.SandboxedExecute.memory = 123 << 20
    config.SandboxedExecute.read = ["/data"]
    jail, limits, unsafe = SandboxedExecute.settings(config)
    assert (limits.cell_seconds, limits.memory, jail.read, unsafe) == (7.0, 123 << 20, ("/data",), False)


def notebook(*sources):
    role = {"grade": True, "solution": False, "locked": True, "points": 1, "schema_version": 3, "grade_id": "t"}
    cells = [new_code_cell(source) for source in sources]
    cells.append(new_code_cell("assert abs(f()) == 1", metadata={"nbgrader": role}))
    return new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})


@pytest.fixture
def step():
    return SandboxedExecute(warm=[], timeout=10)


def test_files_beside_the_notebook_are_copied_and_links_are_not(step, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_text("1")
    (tmp_path / "secret").symlink_to("/etc/passwd")
    (tmp_path / "out").symlink_to("/etc")
    source = "import os\nprint(sorted(os.listdir('.')), os.listdir('data'))\nopen('new', 'w').write('x')"
    done, _ = step.preprocess(notebook(source), {"metadata": {"path": str(tmp_path)}})
    assert done.cells[0].outputs[0].text == "['data'] ['x.csv']\n"
    assert not (tmp_path / "new").exists()


def test_tampering_is_logged_and_shown_to_the_instructor(step, tmp_path, caplog):
    step.log.propagate = True
    resources = {
        "metadata": {"path": str(tmp_path)},
        "nbgrader": {"student": "eve", "assignment": "ps1", "notebook": "p1"},
    }
    cheat = "import builtins\nbuiltins.abs = lambda x: 1\ndef f(): return 5"
    done, _ = step.preprocess(notebook(cheat), resources)
    shown = done.cells[-1].outputs
    assert "builtins.abs was replaced" in shown[0].text
    assert shown[-1].ename == "AssertionError"


@pytest.fixture
def tiny_course(tmp_path):
    """The tiny course, configured as the recipe in the module's docstring says."""
    course = tiny.make_course(tmp_path / "tiny")
    config = Path(course.root, "nbgrader_config.py")
    config.write_text(config.read_text() + WITH + "c.SandboxedExecute.warm = []\n")
    return open_course(course.root)


def autograde(course):
    """nbgrader autograde; its log if it failed for somebody, else ""."""
    try:
        nbgrader(Path(course.root), "autograde", tiny.NAME)
    except RuntimeError as failed:
        return str(failed)
    return ""


SECRET = "=== BEGIN MARK SCHEME ==="


def put_file(folder, source):
    (folder / "notes.txt").symlink_to(source / "tiny.ipynb")


def put_folder(folder, source):
    (folder / "data").symlink_to(source)


def put_notebook(folder, source):
    (folder / "tiny.ipynb").unlink()
    (folder / "tiny.ipynb").symlink_to(source / "tiny.ipynb")


def put_pipe(folder, source):
    os.mkfifo(folder / "pipe")


def put_hard_link(folder, source):
    os.link(source / "tiny.ipynb", folder / "notes.txt")


def put_submission(folder, source):
    folder.symlink_to(folder.rename(folder.parents[1] / f"elsewhere-{folder.name}"))


def put_student(folder, source):
    put_submission(folder.parent, source)


def test_a_link_in_a_submission_is_refused_before_it_is_copied(tiny_course):
    source = Path(tiny_course.root, "source", tiny.NAME).resolve()
    tiny.submit(tiny_course, "amy", tiny.ANSWERS["right"])
    odd = (put_file, put_folder, put_notebook, put_pipe, put_hard_link, put_submission, put_student)
    for number, put in enumerate(odd):
        put(tiny.submit(tiny_course, f"eve{number}", tiny.ANSWERS["right"]), source)
    log = autograde(tiny_course)
    autograded = Path(tiny_course.root, "autograded")
    for number in range(len(odd)):
        assert re.search(rf"submitted/eve{number}.*(link|pipe).*Take it out, or collect the submission again", log)
        assert not (autograded / f"eve{number}" / tiny.NAME).exists()
    assert (autograded / "amy" / tiny.NAME / "tiny.ipynb").is_file()
    assert not any(SECRET in path.read_text() for path in autograded.rglob("*") if path.is_file())
    assert tiny.rows(tiny_course).keys() == {"amy"}


FORGED = """
import json, os, struct
def double(x):
    text = json.dumps([[["ok", 1, None], [[42]], []], [], []]).encode()
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, struct.pack('<II', len(text) + 4, len(text)) + text)
        except OSError:
            pass
    return 2 * x
"""


def test_marks_are_held_as_in_classroom_grade(tiny_course, tmp_path):
    search = {**tiny.ANSWERS["right"], "by_hand": "import gc\ngc.get_objects()\ntotal = 7"}
    tiny.submit(tiny_course, "amy", tiny.ANSWERS["right"])
    tiny.submit(tiny_course, "bob", {**tiny.ANSWERS["right"], "roots": "import os\nos._exit(0)"})
    tiny.submit(tiny_course, "eve", {**tiny.ANSWERS["right"], "double": FORGED})
    tiny.submit(tiny_course, "sue", search)
    tiny.submit(tiny_course, "max", {**tiny.ANSWERS["right"], "by_hand": "from math import *\nsum = 0\ntotal = 7"})
    ours = tiny.copy_course(tiny_course, tmp_path / "ours")
    assert not autograde(tiny_course)
    grade_assignment(ours, tiny.NAME, workers=1, progress=False)
    expected = tiny.rows(ours)
    assert tiny.rows(tiny_course) == expected
    held = {who: [key[1] for key, row in one.items() if key[0] == "grade" and row[-1]] for who, one in expected.items()}
    by_hand = {"by_hand", "drawing", "essay"}
    assert set(held["amy"]) == set(held["max"]) == by_hand
    assert set(held["sue"]) == by_hand  # there is no test to be found where she looks
    assert set(held["eve"]) == by_hand | {"double_tests", "roots_score", "total_tests"}
    assert set(held["bob"]) == by_hand | {"roots_score", "total_tests"}


ESSAY = (
    "Two numbers give two answers: the gap says that we should turn to the old towns first, the ratio to the villages."
)
ALL_BUT_ESSAY = {name: text for name, text in tiny.ANSWERS["right"].items() if name != "essay"}


def beside(course, student, answers, **files):
    """Hands in answers, and other files (``__`` stands for a dot): bytes, or answers in the released notebook."""
    folder = tiny.submit(course, student, answers)
    for name, what in files.items():
        data = what if isinstance(what, bytes) else nbformat.writes(tiny.answered(tiny.released(course), what)).encode()
        (folder / name.replace("__", ".")).write_bytes(data)


def test_work_in_a_second_notebook_holds_the_marks_as_in_classroom_grade(tiny_course, tmp_path):
    """All of them where it may be the one to grade, those of an answer that may stand in it, none where it adds nothing."""
    right, half = tiny.ANSWERS["right"], tiny.ANSWERS["half"]
    text = nbformat.writes(new_notebook(cells=[nbformat.v4.new_markdown_cell(ESSAY)])).encode()
    beside(tiny_course, "amy", {}, tiny_final__ipynb=right)
    beside(tiny_course, "bob", ALL_BUT_ESSAY, essay__ipynb=text)
    beside(tiny_course, "cleo", right, tiny_old__ipynb=half)
    beside(tiny_course, "dan", {}, tiny_final__ipynb=right)
    beside(tiny_course, "eve", half, tiny_final__ipynb=right)
    beside(tiny_course, "fay", right, refused_by_collect__txt=b"")
    (Path(tiny_course.root) / "submitted/fay/week1/refused_by_collect.txt").rename(
        Path(tiny_course.root) / "submitted/fay/week1/refused-by-collect.txt"
    )
    decide(tiny_course, tiny.NAME, "dan", stands=True)
    decide(tiny_course, tiny.NAME, "eve", notebook="tiny_final.ipynb")
    ours = tiny.copy_course(tiny_course, tmp_path / "ours")
    said = nbgrader(Path(tiny_course.root), "autograde", tiny.NAME)
    grade_assignment(ours, tiny.NAME, workers=1, progress=False)

    def held(course) -> dict[str, set[str]]:
        rows = tiny.rows(course)
        return {who: {key[1] for key, row in one.items() if key[0] == "grade" and row[3]} for who, one in rows.items()}

    every, by_hand = held(tiny_course)["amy"], {"drawing", "by_hand"}
    assert every == {"double_tests", "roots_score", "by_hand", "essay", "drawing", "total_tests"}
    expected = {
        **held(ours),
        "eve": every,
        "fay": every,
    }  # what a person chose, or collect left out, only a person can judge
    assert held(tiny_course) == expected
    assert (expected["bob"], expected["cleo"], expected["dan"]) == (
        by_hand | {"essay"},
        by_hand | {"essay"},
        {"drawing"},
    )
    for words in (
        "tiny: 2 notebooks could be the one to grade: 'tiny.ipynb' earns 0 of 5 by its tests, 'tiny_final.ipynb' earns 5 and",
        "leave the one that counts in submitted/amy/week1, as tiny.ipynb",
        "as handed out: essay; cell 1 of 'essay.ipynb' (“Two numbers",
        "'tiny_final.ipynb' was chosen as tiny.ipynb, which nbgrader autograde cannot know: run classroom grade",
        "refused-by-collect.txt: a part of the submission was refused",
    ):
        assert words in said, said
    page = nbformat.read(Path(tiny_course.root, "autograded/amy/week1/tiny.ipynb"), as_version=4)
    shown = [output.get("text", "") for cell in page.cells for output in cell.get("outputs", ())]
    assert any("held back until you have looked" in text and "tiny_final.ipynb" in text for text in shown)


def test_an_answer_is_not_switched_off_by_a_tag(step, tmp_path, caplog):
    step.log.propagate = True
    caplog.set_level("WARNING", step.log.name)  # a course that another test opened may have set it higher
    tagged = notebook("f = lambda: 1", "1")
    tagged.cells[0].metadata = {"tags": ["skip-execution", "mine"], "nbgrader": {"solution": True, "grade_id": "f"}}
    done, _ = step.preprocess(tagged, {"metadata": {"path": str(tmp_path)}})
    assert not done.cells[-1].outputs
    assert "'f' was tagged skip-execution; it is run all the same" in caplog.text
    assert done.cells[0].metadata.tags == ["mine"]


def test_without_walls_it_refuses(monkeypatch, step, tmp_path):
    monkeypatch.setattr(sandbox, "_probe", lambda how: {})
    monkeypatch.setattr(sandbox, "_found", {})
    monkeypatch.setattr(preprocess, "_open", {})
    with pytest.raises(SandboxUnavailable):
        step.preprocess(notebook("f = 1"), {"metadata": {"path": str(tmp_path)}})
