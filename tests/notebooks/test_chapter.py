"""What is read of a chapter and of its exercise, from their notebooks."""

import contextlib
import os
import subprocess
import types
from pathlib import Path

import nbformat
import pytest
from sphinx.errors import ConfigError

from bookbuild import chapter, exercises


def notebook(path, *texts):
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("about 2 hours to read and try, and 5 for the exercise.", (2, 5)),
        ("3 to 4 hours to read, 4 hours to solve", (3.5, 4)),
        ("90 minutes to read and 3 hours for the exercise", (1.5, 3)),
        ("two hours to read, half an hour to solve", (2, 0.5)),
        ("2½ hours and 4½ hours", (2.5, 4.5)),
        ("an hour to read and 3 for the exercise", (1, 3)),
        ("two hours to read, and 3½ to solve", (2, 3.5)),
        ("8 hours, three and a half hours", (8, 3.5)),
        ("a while", None),
        ("2 hours", None),
        ("", None),
    ],
)
def test_hours_are_read_from_the_words_of_an_author(text, expected):
    assert chapter.hours(text) == expected


def test_the_time_of_a_box_ends_where_the_next_label_begins():
    text = (
        "> **In this chapter.** You will\n>\n> **Time:** about 2 hours,\n> and 5 to solve. **You need:** 12 apples.\n"
    )
    assert chapter.time_line(text) == "about 2 hours, and 5 to solve."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("In nine tasks of 46 points. It takes about 3½ hours.", "3½ hours"),
        ("It takes about 90 minutes, or two hours.", "90 minutes"),
        ("Nine tasks.", ""),
    ],
)
def test_a_duration_is_the_first_number_with_a_unit(text, said):
    assert chapter.duration(text) == said


def test_a_chapter_is_read_from_its_notebook(tmp_path):
    path = notebook(
        tmp_path / "chapters" / "03_variation.ipynb",
        "# Assurance?\n\nClaims A28 and B01, and A28 again.",
        "> **In this chapter.** You will\n>\n> **Time:** about 2½ hours to read, and 4 to solve.",
        "> **Check yourself.** Which?\n>\n> <details><summary>This</summary>\n>\n> Yes.\n>\n> </details>",
        "## Now you\n\n[Open](../release/03_variation/03_variation.ipynb)",
    )
    found = chapter.read(path)
    assert (found.number, found.name, found.docname) == (3, "03_variation", "chapters/03_variation")
    assert (found.title, found.hours, found.questions, found.door) == ("Assurance?", (2.5, 4), 1, "Now you")
    assert found.claims == {"A28", "B01"}


def test_a_changed_notebook_is_read_again(tmp_path):
    path = notebook(tmp_path / "chapters" / "03_variation.ipynb", "# Before")
    assert chapter.read(path).title == "Before"
    notebook(path, "# After")
    os.utime(path, (1, 1))
    assert chapter.read(path).title == "After"


def test_what_an_unfinished_chapter_lacks_is_empty(tmp_path):
    found = chapter.read(notebook(tmp_path / "chapters" / "03_variation.ipynb", "Nothing yet."))
    assert (found.title, found.hours, found.questions, found.door) == ("", None, 0, None)
    assert chapter.read(tmp_path / "chapters" / "03_variation.md").cells == ()
    with pytest.raises(ValueError, match=r"index\.ipynb is no chapter"):
        chapter.read(tmp_path / "index.ipynb")


def test_an_exercise_is_described_by_its_headings(tmp_path):
    found = chapter.Exercise.read(
        notebook(
            tmp_path / "a.ipynb",
            "# Exercise 9: X\n\nIt takes about 5 hours.",
            "## 9.1 A (4 + 2 points)",
            "## 9.2 B (1 point, marked by a person)",
        )
    )
    assert found.tasks == (("9.1", "A", 6, ""), ("9.2", "B", 1, ""))
    (panel,) = exercises.panel(found, "")
    assert "2 tasks, 7 points, about 5 hours" in panel.astext()
    (panel,) = exercises.panel(chapter.Exercise("<script>", "", (chapter.Task("1.1", "<script>", 1),)), "")
    assert "<script" not in panel.astext()


def test_solutions_are_folded_below_their_tasks_where_they_are_wanted(tmp_path):
    path = notebook(tmp_path / "a.ipynb", "# Exercise 9: X", "## 9.1 A (1 point)", "## 9.2 B (1 point)")
    book = nbformat.read(path, as_version=4)
    role = {"nbgrader": {"solution": True, "grade": False}}
    body = "def a():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
    book.cells.insert(2, nbformat.v4.new_code_cell(body, metadata=role))
    book.cells.insert(3, nbformat.v4.new_code_cell("assert a() == 1", metadata={"nbgrader": {"grade": True}}))
    nbformat.write(book, path)
    answers = chapter.solutions(path)
    assert answers == {"9.1": ["def a():\n    return 1"]}
    before, code, after = exercises.panel(chapter.Exercise.read(path), "", answers)
    assert before.astext().endswith("<summary>Solution of 9.1</summary>") and code.astext() == "def a():\n    return 1"
    assert after.astext().startswith("</details></li><li><span>9.2</span>") and "Solution" not in after.astext()


@pytest.mark.parametrize(
    ("wanted", "address", "refused"), [("yes", "https://x.org/", True), ("yes", "", False), ("", "x", False)]
)
def test_a_book_with_solutions_is_refused_an_address(monkeypatch, wanted, address, refused):
    monkeypatch.setenv("BOOK_SOLUTIONS", wanted)
    monkeypatch.setenv("BOOK_URL", address)
    config = types.SimpleNamespace(html_baseurl="")
    with pytest.raises(ConfigError, match="not for publishing") if refused else contextlib.nullcontext():
        exercises._with_solutions(None, config)
    assert config.bookbuild_solutions == (wanted == "yes")


def test_make_builds_a_book_with_solutions_elsewhere():
    """So that nobody publishes it in place of the other, which it leaves as it is."""
    root = Path(exercises.__file__).resolve().parents[1]
    said = {
        wanted: subprocess.run(["make", "-n", "book", *wanted], cwd=root, capture_output=True, text=True).stdout
        for wanted in ((), ("SOLUTIONS=yes",))
    }
    assert "_build/html" in said[()] and "with-solutions" not in said[()]
    assert (
        "--path-output _build/with-solutions" in said["SOLUTIONS=yes",] and " _build/html" not in said["SOLUTIONS=yes",]
    )


def test_the_panel_tells_core_tasks_from_further_ones(tmp_path):
    tasks = [
        "## 9.1 A (4 + 2 points, core)",
        "## 9.2 B (3 points, further)",
        "## 9.3 C (5 points, core, marked by a person)",
    ]
    found = chapter.Exercise.read(notebook(tmp_path / "a.ipynb", "# Exercise 9: X", *tasks))
    assert [task.part for task in found.tasks] == ["core", "further", "core"]
    assert (found.points(), found.points("core"), found.points("further")) == (14, 11, 3)
    panel = exercises.panel(found, "")
    (panel,) = (node.astext() for node in panel)
    assert "3 tasks, 14 points (core: 11)" in panel and "<span>3 points, further</span>" in panel


@pytest.mark.parametrize(("text", "lacks"), [("Hello", "title"), ("# Exercise 9: X", "no task")])
def test_a_notebook_that_is_no_exercise_says_what_it_lacks(tmp_path, text, lacks):
    with pytest.raises(chapter.NotAnExercise, match=lacks):
        chapter.Exercise.read(notebook(tmp_path / "x.ipynb", text))
