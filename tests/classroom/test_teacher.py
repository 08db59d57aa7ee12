"""The teacher's edition: all that it owes, and that whatever stands in it would be found where students look."""

from pathlib import Path

import nbformat
import pytest
import tiny
from bs4 import BeautifulSoup

from classroom import cli, teacher
from classroom.course import open_course
from classroom.leaks import find_leaks
from classroom.model import Trouble
from classroom.release import secrets_of

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.name for path in (ROOT / "exercises").glob("[0-9]*_*"))
ONE = "05_inequality"
BANK = """
from types import SimpleNamespace as N
ASSIGNMENT = "week1"
TASKS = (
    N(function="double", points={"double_tests": 2}, right=(N(name="a sum", source="def double(x):\\n    return x + x"),),
      wrong=(N(name="four <b>", kind="constant", source="def double(x):\\n    return 4", loses=("double_tests",),
               says="twice 2"),)),
)
SAMPLES = (N(name="short", text="Two *is* it.", total=1, marks={"clear": (1, "says <two>")}),)
"""


@pytest.fixture
def course(tmp_path):
    made = tiny.make_course(tmp_path / "course")
    root = Path(made.root)
    (root / "answers").mkdir()
    (root / "answers" / "week1.py").write_text(BANK)
    return made


def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def words(tag) -> str:
    return " ".join(tag.get_text().split())


def rewrite(course, index: int, text: str) -> None:
    path = Path(course.root, "source", tiny.NAME, f"{tiny.NOTEBOOK}.ipynb")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(index, nbformat.v4.new_markdown_cell(text))
    nbformat.write(notebook, path)


def test_a_page_has_model_answers_tests_wrong_answers_and_marked_samples(course, tmp_path):
    rewrite(
        course,
        7,
        "## 1.2 An essay (5 points)\n\nWhy $n^2$?\n\n| criterion | points | for |\n|---|---|---|\n| clear | 5 | two |",
    )
    index, page, sheet = map(soup, teacher.make(course, [tiny.NAME], tmp_path / "out"))
    assert [link["href"] for link in index.select("main a")] == ["tiny.html", "tiny-marking.html"]
    assert all(
        teacher.WARNING in words(one) and one.select_one("meta[content=noindex]") for one in (index, page, sheet)
    )
    said = words(page)
    assert "return 2 * x" in said and "BEGIN SOLUTION" not in said and "BEGIN HIDDEN" not in said
    visible, hidden = page.select(".checks")[0].select("li")
    assert words(visible) == "visible twice 2 is 4 double(2) == 4"
    assert words(hidden).startswith("hidden") and "double(-1) == -2" in words(hidden)
    wrong = next(fold for fold in page.select("details") if "four" in words(fold.summary))
    assert words(wrong.summary) == "four <b> loses 2 of 2 points" and "return 4" in words(wrong)
    assert "Constant: the visible example was typed in. Fails double_tests." in words(wrong)
    assert "The student reads: “twice 2 is 4”" in words(wrong)
    assert "return x + x" in said and "secret" in said  # another right answer, and the mark scheme
    (sample,) = page.select(".sample")
    assert words(sample.h4) == "Sample paper, short: 1 of 8 points" and sample.select_one("em")
    assert [words(cell) for cell in sample.select("tbody :is(th, td)")] == ["clear", "1 of 5", "says <two>"]
    assert "17 points in all" in said and "total = double(3) + 1" in said
    assert page.select_one("msup"), "a formula is set"


def test_the_sheets_have_each_line_of_the_rubric_with_boxes_and_anchors(course, tmp_path):
    rewrite(
        course,
        7,
        "## 1.2 An essay (5 points)\n\n| criterion | points | for |\n|---|---|---|\n| clear | 2 | two |\n| short | 3 | x |",
    )
    *_, path = teacher.make(course, [tiny.NAME], tmp_path / "out")
    *_, one, many = soup(path).select(".sheet")
    assert [words(row.th) for row in one.select("tbody tr:not(.anchors)")] == ["clear two", "short x"]
    assert [len(cell.select("span")) for cell in one.select(".boxes")] == [3, 4]
    assert [words(row) for row in one.select(".anchors")] == ["short 1: says <two>."]
    assert [words(cell) for cell in many.select("thead th")] == [
        "Student", "clear (2)", "short (3)", "Total (8)", "To talk about",
    ]  # fmt: skip
    assert len(many.select("tbody tr")) == teacher.ROWS


def test_a_course_without_a_bank_gets_what_there_is_and_a_sentence(course, tmp_path):
    Path(course.root, "answers", "week1.py").unlink()
    _, path, *_ = teacher.make(course, [tiny.NAME], tmp_path / "out")
    assert "There is no answer bank" in words(soup(path)) and "return 2 * x" in words(soup(path))


def test_the_edition_has_a_folder_of_its_own(course, tmp_path, capsys):
    root = Path(course.root)
    for folder in (root / "release" / "teacher", root / "source"):
        with pytest.raises(Trouble, match="is in a folder of nbgrader's"):
            teacher.make(course, [tiny.NAME], folder)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("the book")
    with pytest.raises(Trouble, match="holds something else"):
        teacher.make(course, [tiny.NAME], tmp_path / "site")
    assert (tmp_path / "site" / "index.html").read_text() == "the book"
    with pytest.raises(Trouble, match=r"holds no book\.css"):
        teacher.make(course, [tiny.NAME], tmp_path / "out", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"no assignment 'week9'.* there are: week1"):
        teacher.make(course, ["week9"], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    for _ in range(2):  # its own folder is made anew
        assert cli.main(["--course", str(root), "teacher", "--out", str(tmp_path / "out")]) == 0
        assert "3 pages for the teacher alone" in capsys.readouterr().out
    assert cli.main(["--course", str(root), "teacher", "--out", str(tmp_path / "site")]) == 2


# ---- this course


@pytest.mark.parametrize("name", NAMES)
def test_each_exercise_is_read_whole(name):
    (exercise,) = teacher.read(open_course(ROOT), name)
    functions = [function for part in exercise.parts for function in part.functions]
    assert [function.name for function in functions] == [task.function for task in exercise.bank.tasks]
    assert all(function.tests and "SOLUTION" not in function.model for function in functions)
    (paper,) = [part for part in exercise.parts if part.paper]
    most = 25 if name.startswith("14_") else 10  # the last chapter asks for a brief
    assert sum(line.points for line in paper.rubric) == paper.most == most
    assert [sample.name for sample in exercise.bank.samples] == ["weak", "adequate", "strong"]
    assert exercise.points > 40 and "How to work" in exercise.opening


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("teacher") / "edition"
    teacher.make(open_course(ROOT), [ONE], out)
    return out


def test_whatever_stands_in_it_would_be_found_in_book_student_edition_or_browser(pages):
    """The site and the student edition are searched for these secrets, byte by byte: test_files.py, test_student_edition.py."""
    secrets = secrets_of(open_course(ROOT))
    for name, kinds in {
        f"{ONE}.html": ("model answer of", "hidden test of", "private file tests/answers/inequality.py"),
        f"{ONE}-marking.html": ("private file tests/answers/inequality.py",),
    }.items():
        labels = [leak.secret for leak in find_leaks({name: (pages / name).read_bytes()}, secrets)]
        for kind in kinds:
            assert sum(label.startswith(kind) for label in labels) >= 5, (name, kind)
