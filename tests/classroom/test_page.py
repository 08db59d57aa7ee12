"""The student's page: what stands first, what each task says, where its links lead, what is folded, what is not shown."""

import html as htmllib
import json
import re
from pathlib import Path

import pytest
from docutils.nodes import make_id

from classroom import book as books
from classroom import page as pages
from classroom import tasks as outlines
from classroom.book import Book
from classroom.leaks import Markers
from classroom.model import Trouble
from classroom.neutral import neutralise
from classroom.page import page
from classroom.results import Result, Results
from integrated_care.charts import COLOURS

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = sorted(ROOT.glob("exercises/*/*.ipynb"))
MARKERS = Markers((("mark scheme", "BEGIN MARK", "END MARK"),))
RUBRIC = """| criterion | points | full marks for |
|---|---|---|
| **one** reason | 3 | says why |
| a limit | 2 | says `what not` |"""
UNWRITTEN = ("NotImplementedError", "write ratio() first")
SECTION = 'Chapter 5, "A gap has two sizes"'


def cell(kind: str, source: str, grade_id: str = "", *errors: tuple[str, str], **role):
    metadata = {"nbgrader": {"grade_id": grade_id, "schema_version": 3, **role}} if grade_id else {}
    made = {"cell_type": kind, "id": (grade_id or "text").replace("_", "-"), "metadata": metadata, "source": source}
    if kind == "code":
        made["execution_count"] = 1
        made["outputs"] = [{"output_type": "error", "ename": e, "evalue": m, "traceback": []} for e, m in errors]
    return made


def handed_in(**said: tuple[str, str]) -> dict:
    """A notebook of four tasks; ``said``: the error in a cell, by its grade id."""

    def test(name: str):
        return cell("code", f"assert {name}(1)", f"{name}_tests", *([said[name]] if name in said else []), grade=True)

    def answer(name: str):
        return cell("code", f"def {name}(x):\n    return x", name, solution=True)

    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            cell("markdown", "# Exercise 5: Gaps\n\nHow to work."),
            cell("code", "import math"),
            cell("markdown", "## 5.1 Two `gaps` (3 points, core)\n\nWrite it.\n\n### Think of\n\nzero"),
            *(answer("gap"), test("gap")),
            cell("markdown", "## 5.2 The *slope* (4 points, further)"),
            *(answer("slope"), test("slope"), test("edge")),
            cell("markdown", "## 5.3 The ratio (1 point, core)"),
            *(answer("ratio"), test("ratio")),
            cell("markdown", f"## 5.4 Advise (5 points, core, marked by a person)\n\n{RUBRIC}"),
            cell("markdown", "My advice.", "advice", grade=True, solution=True),
            cell("markdown", "## Afterwards\n\nRest."),
        ],
    }


def results(**cells: Result) -> Results:
    full = {"gap_tests": 3, "slope_tests": 2, "edge_tests": 2, "ratio_tests": 1, "advice": 5}
    earned = {name: cells.get(name.removesuffix("_tests"), Result(most, most)) for name, most in full.items()}
    return Results("gaps", "gaps", sum(one.score or 0 for one in earned.values()), 13, cells=earned)


def made(notebook: dict, earned: Results, **more) -> str:
    return page(neutralise(notebook), earned, **more)


def words(html: str) -> str:
    """What a reader reads, folded or not."""
    return " ".join(
        htmllib.unescape(re.sub(r"<style>.*?</style>|<title>.*?</title>|<[^<>]*>", " ", html, flags=re.S)).split()
    )


def part(html: str, begin: str, end: str) -> str:
    """What stands between two pieces of a page, without the rest of a tag in which the first one ends."""
    found = html.partition(begin)[2].partition(end)[0]
    return re.sub(r"^[^<>]*>", "", found)


# ----------------------------------------------------------------------------------------------------------- what to do next


@pytest.fixture
def book(tmp_path) -> Book:
    chapters = tmp_path / "chapters"
    chapters.mkdir()
    text = [
        "# The most deprived fifth\n\n## Measure: a gap has two sizes\n",
        "\n## What we say\n\n### Whom we say it to\n\n## Mechanism: we say\n",
    ]
    cells = [{"cell_type": "markdown", "source": text}, {"cell_type": "code", "source": "## no heading"}]
    (chapters / "05_inequality.ipynb").write_text(json.dumps({"cells": cells}))
    (chapters / "06_broken.ipynb").write_text("{")
    return Book.of(tmp_path, "https://example.org/book")


def test_marks_and_what_to_do_stand_before_everything_else(book):
    said = {"gap": ("AssertionError", f"You took rich over poor. {SECTION} (task 5.1)"), "ratio": UNWRITTEN}
    lost = {"gap": Result(0, 3), "ratio": Result(0, 1), "edge": Result(1.5, 2), "advice": Result(None, 5, waits=True)}
    html = made(handed_in(**said), results(**lost), book=book)
    order = ["<h1>Exercise 5: Gaps</h1>", '<p class="total">', "What to do next", "Task by task", "Your notebook"]
    assert sorted(order, key=html.index) == order
    todo = words(part(html, '<h2 id="next">What to do next</h2>', "</section>"))
    link = 'Read Chapter 5, "A gap has two sizes" , then what the test says below.'
    assert todo == (
        f"5.1 Two gaps : 3 points lost. {link} 5.2 The slope : 0.5 points lost. Not begun yet (1 point): 5.3 The ratio . "
        "A person has still to mark 5.4 Advise (5 points): you need do nothing."
    )


def test_tasks_that_a_course_can_do_without_come_after_the_others():
    said = dict.fromkeys(("gap", "slope", "ratio"), ("AssertionError", "no"))
    html = made(handed_in(**said), results(gap=Result(2, 3), slope=Result(0, 2), edge=Result(0, 2), ratio=Result(0, 1)))
    todo = words(part(html, "What to do next</h2>", "</section>"))
    assert todo.index("5.1") < todo.index("5.3") < todo.index("5.2")


@pytest.mark.parametrize(
    "lost, line",
    [
        ({}, "Nothing: every point is yours."),
        ({"advice": Result(5, 5, "Well done.")}, "Read the comment on 5.4 Advise ."),
        ({"advice": Result(3, 5, "Why?")}, "5.4 Advise : 2 points lost. Read the comment below."),
        ({"advice": Result(0, 5, "No response.")}, "Not begun yet (5 points): 5.4 Advise ."),
    ],
)
def test_what_to_do_is_one_sentence_where_one_is_enough(lost, line):
    html = made(handed_in(), results(**lost))
    assert words(part(html, "What to do next</h2>", "</section>")) == line


def test_a_notebook_in_which_nothing_was_graded_says_so():
    html = made(handed_in(), Results("gaps", "gaps", 0, 0))
    assert "No part of this notebook has been graded" in words(html) and "Task by task" not in html
    assert "My advice." in html


def test_code_that_python_cannot_read_is_where_to_begin():
    notebook = handed_in(gap=("NameError", "name 'gap' is not defined"))
    notebook["cells"][3]["outputs"] = [
        {"output_type": "error", "ename": "SyntaxError", "evalue": "invalid syntax (line 2)", "traceback": []}
    ]
    html = made(notebook, results(gap=Result(0, 3)))
    assert "Python cannot read the code (SyntaxError), so begin there." in words(html)
    task = words(part(html, '<section class="task some" id="task-0"', "</section>"))
    assert task.index("SyntaxError : invalid syntax (line 2)") < task.index("NameError : name 'gap' is not defined")


# ------------------------------------------------------------------------------------------------------------ task by task


def test_each_task_goes_by_its_own_title_and_says_once_what_went_wrong():
    twice = ("AssertionError", "Mind the <b>sign</b>.")
    html = made(handed_in(slope=twice, edge=twice), results(slope=Result(0, 2), edge=Result(1, 2)))
    task = part(html, '<section class="task some" id="task-1"', "</section>")
    assert words(task) == "5.2 The slope 1 of 4 points Mind the <b>sign</b>. Your work on this task"
    assert "Mind the &lt;b&gt;sign&lt;/b&gt;." in task
    assert "5.1 Two gaps 3 of 3 points" in words(html)


def test_no_id_of_a_cell_stands_before_the_reader():
    said = dict.fromkeys(("gap", "slope", "edge", "ratio"), ("AssertionError", "no"))
    html = made(handed_in(**said), results(**{name: Result(0, 2) for name in (*said, "advice")}))
    assert not re.findall(r"\w+_tests", words(html)) and 'data-cell="gap_tests"' in html


def test_without_headings_a_task_is_called_after_its_function():
    notebook = handed_in(gap=("AssertionError", "no"))
    notebook["cells"] = [
        one for one in notebook["cells"] if one["cell_type"] == "code" or "nbgrader" in one["metadata"]
    ]
    text = words(made(notebook, results(gap=Result(0, 3))))
    assert "gap() : 3 points lost" in text and "slope() 4 of 4 points" in text and "Part 4 5 of 5 points" in text


def test_titles_are_the_instructors_whatever_a_student_made_of_the_headings():
    theirs = outlines.outline(handed_in()["cells"], MARKERS, given=True)
    notebook = handed_in(gap=("AssertionError", "no"))
    notebook["cells"][2]["source"] = "## My notes (99 points)"
    notebook["cells"].insert(3, cell("markdown", "# Look here"))
    html = made(notebook, results(gap=Result(0, 3)), tasks=theirs)
    assert "5.1 Two gaps 0 of 3 points" in words(html) and "<h3>Look here</h3>" in html
    assert list(folds(html)) == FOLDS


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)
def test_every_graded_cell_of_this_course_has_a_task_with_a_number(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    found = outlines.outline(cells, Markers(()), given=True)
    graded = [one["metadata"]["nbgrader"] for one in cells if one["metadata"].get("nbgrader", {}).get("grade")]
    assert found.title.startswith("Exercise ") and all(role["grade_id"] in found.of for role in graded)
    assert all(re.match(r"\d+\.\d+ \S", task.title) and not task.title.endswith(")") for task in found.tasks)
    most = 25 if "14_" in path.stem else 10  # the last chapter asks for a brief
    assert [sum(line.points for line in task.rubric) for task in found.tasks if task.rubric] == [most]
    assert {task.further for task in found.tasks} == {True, False}


def test_a_mark_scheme_is_not_read_for_titles_or_rubrics():
    text = f"## Advise\n=== BEGIN MARK SCHEME ===\n## The answer\n{RUBRIC}\n=== END MARK SCHEME ==="
    found = outlines.outline(
        [cell("markdown", text), cell("markdown", "", "advice", grade=True, solution=True)], MARKERS
    )
    assert [(task.title, task.rubric) for task in found.tasks] == [("Advise", ())]


# ---------------------------------------------------------------------------------------------------------- by the rubric


def test_a_comment_that_goes_by_the_rubric_is_laid_out_by_it():
    comment = "- **One reason**: 2 of 3. Says *why*, late\na limit – 1.5/2\nA clear <b>text</b>."
    html = made(handed_in(), results(advice=Result(3.5, 5, comment)))
    table = words(part(html, 'aria-label="Marks by criterion"', "</table>"))
    assert table == "Criterion Points Why one reason 2 of 3 Says *why*, late a limit 1.5 of 2"
    assert "Comment A clear text ." in words(part(html, "</table>", "Your notebook"))


def test_half_marked_says_which_line_has_no_mark_and_no_line_gets_too_much():
    html = made(handed_in(), results(advice=Result(3, 5, "one reason: 3\na limit: 7 of 2")))
    text = words(part(html, 'aria-label="Marks by criterion"', "Your notebook"))
    assert "one reason 3 of 3" in text and "a limit – of 2 nothing was said of this line" in text
    assert "a limit: 7 of 2" in text, "nothing of a comment is lost"


def test_without_marks_by_line_the_rubric_says_what_earns_them():
    for earned in (Result(3, 5, "Well argued."), Result(None, 5, waits=True)):
        html = made(handed_in(), results(advice=earned))
        fold = part(html, '<details class="small">', "</details>")
        assert "By what it is marked" in fold and "one reason 3 says why a limit 2 says what not" in words(fold)


def test_a_table_whose_points_are_not_those_of_the_task_is_no_rubric():
    html = made(handed_in(), results(advice=Result(3, 6, "one reason: 3")))
    assert "Marks by criterion" not in html and "one reason: 3" in words(html)


# ------------------------------------------------------------------------------------------------------------------- links


def test_a_section_is_found_by_its_title_or_what_follows_the_colon(book):
    place = "https://example.org/book/chapters/05_inequality.html#measure-a-gap-has-two-sizes"
    assert [book.find(5, title) for title in ("A gap has two sizes", "Measure: a gap has two sizes", "two sizes")] == [
        place
    ] * 3
    assert book.find(5, "Whom we say it to").endswith("#whom-we-say-it-to")
    assert book.find(5, "we say").endswith("#mechanism-we-say"), "not the one that only ends so"
    assert [
        book.find(*wrong) for wrong in ((6, "A gap has two sizes"), (5, "sizes of a gap"), (5, "that we say"), (5, ""))
    ] == [""] * 4


def test_where_there_is_no_such_section_or_no_address_the_words_stay(book, tmp_path, monkeypatch):
    monkeypatch.delenv("BOOK_URL", raising=False)
    message = f'See {SECTION}; chapter 7, "Not <there>".'
    notebook, lost = handed_in(gap=("AssertionError", message)), results(gap=Result(0, 3))
    assert (
        made(notebook, lost, book=book).count("https://example.org") == 3
    )  # to begin with, in the task, in the notebook
    for other in (Book(), Book.of(tmp_path), Book.of(tmp_path / "chapters", "https://example.org")):
        html = made(notebook, lost, book=other)
        assert "https://example.org" not in html and f"See {SECTION}; chapter 7" in words(html)


def test_no_message_of_a_student_leads_elsewhere(book):
    evil = 'chapter 5, "a gap has two sizes" <a href="https://evil.example">x</a> chapter 5, "//evil.example/"'
    html = made(handed_in(gap=("AssertionError", evil)), results(gap=Result(0, 3)), book=book)
    assert {part(one, '"', '"') for one in re.findall(r"<a href=[^>]*", html) if "#" not in one[9:11]} == {
        "https://example.org/book/chapters/05_inequality.html#measure-a-gap-has-two-sizes"
    }


def test_the_address_of_the_book(tmp_path, monkeypatch):
    monkeypatch.delenv("BOOK_URL", raising=False)
    (tmp_path / "_config.yml").write_text("html:\n  # a comment\n  baseurl: 'https://a.example/b/'\n")
    assert Book.of(tmp_path).address == "https://a.example/b/"
    monkeypatch.setenv("BOOK_URL", "https://c.example")
    assert (
        Book.of(tmp_path).address == "https://c.example/"
        and Book.of(tmp_path, "http://d.example").address == "http://d.example/"
    )
    for wrong in ("example.org", "javascript:alert(1)", 'https://a.example/"><script>', "https://a.example/?x=1"):
        with pytest.raises(Trouble, match="no address of a book"):
            Book.of(tmp_path, wrong)


def test_every_section_that_a_test_of_this_course_names_is_in_its_chapter():
    book, named = Book.of(ROOT, "https://example.org/"), 0
    for path in EXERCISES:
        for source in ("".join(one["source"]) for one in json.loads(path.read_text(encoding="utf-8"))["cells"]):
            for found in books.NAMED.finditer(source.replace("\\", "")):
                assert book.find(int(found[1]), found[2]), found[0]
                named += 1
    assert named > 200


def test_anchors_are_those_of_docutils():
    """Which Jupyter Book writes."""
    titles = [title for path in ROOT.glob("chapters/*.ipynb") for title in books._headings(path)]
    assert len(titles) > 150
    for title in (*titles, "1 % of Été’s “board’s” x_1 (2nd)!", "A–B"):
        assert books.anchor(title) == make_id(title)


# --------------------------------------------------------------------------------------------------------------- notebook


FOLDS = ["Before the tasks", "5.1 Two gaps", "5.2 The slope", "5.3 The ratio", "5.4 Advise", "More of the notebook"]


def folds(html: str) -> dict[str, bool]:
    """The folds of the notebook, and which of them are open."""
    found = re.findall(r'<details class="fold[^"]*"[^>]*?( open)?><summary>([^<:]*)', html)
    return {title.strip(): bool(opened) for opened, title in found}


def test_the_notebook_is_open_where_it_failed_and_folded_where_all_is_well_or_nothing_was_written():
    said = {"gap": ("AssertionError", "no"), "ratio": UNWRITTEN}
    html = made(handed_in(**said), results(gap=Result(1, 3), ratio=Result(0, 1)))
    assert folds(html) == dict.fromkeys(FOLDS, False) | {"5.1 Two gaps": True}
    assert "def gap(x):" in words(html) and "import math" in words(html)


def test_what_was_handed_out_is_folded_and_what_a_student_wrote_is_not():
    theirs = outlines.outline(handed_in()["cells"], MARKERS, given=True)
    notebook = handed_in(gap=("AssertionError", "no"))
    notebook["cells"].insert(4, cell("markdown", "My own thoughts."))
    html = made(notebook, results(gap=Result(0, 3)), tasks=theirs)
    work = part(html, 'id="work-0"', '<details class="fold')
    given = part(work, '<details><summary class="quiet">The text of the task</summary>', "</details>")
    assert "Write it." in given and "My own thoughts." in re.sub(r"<details>.*?</details>", "", work, flags=re.S)


def test_a_long_message_is_cut_in_the_list_and_whole_in_the_notebook():
    long = "x " * 2_000 + "the end"
    html = made(handed_in(gap=("AssertionError", long)), results(gap=Result(0, 3)))
    first, last = html.split("<h2>Your notebook</h2>")
    assert "the end" not in first and "all of it stands in the notebook below" in first and "the end" in last


def test_headings_of_a_notebook_stay_below_those_of_the_page():
    html = made(handed_in(), results())
    assert len(re.findall(r"<h1\b", html)) == 1 and "<h3>Exercise 5: Gaps</h3>" in html and "<h4>Think of</h4>" in html


def test_the_colours_are_those_of_the_book():
    named = {"text": "text", "page": "page", "quiet": "muted", "line": "grid", "edge": "neutral"}
    css = (ROOT / "bookbuild/assets/css/1-base.css").read_text(encoding="utf-8")
    for number, style in enumerate((pages.LIGHT, pages.DARK)):
        mine = dict(re.findall(r"--(\w+): (#\w+);", style))
        assert {name: mine[name] for name in named} == {name: COLOURS[role][number] for name, role in named.items()}
        theirs = dict(re.findall(r"--(tint|link|accent): (#\w+);", css.split("color-scheme: light dark")[number]))
        assert (mine["soft"], mine["link"], mine["bad"]) == (theirs["tint"], theirs["link"], theirs["accent"])
