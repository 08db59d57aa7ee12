"""What a class did not understand: counted by hand, folded where few students stand behind a number, safe to open."""

import csv
import io
import json
import re
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest
import tiny
from nbgrader.api import Gradebook

from classroom import cli
from classroom.book import Book
from classroom.course import open_course
from classroom.grade import grade_assignment
from classroom.insight import Privacy, apart, as_csv, by_kind, coming_back, insight, of_all
from classroom.insightpage import course_headlines, course_page, headlines, page
from classroom.misconceptions import Seen
from classroom.model import Trouble
from classroom.neutral import offences

HALF = """\
def _half_tests():
    read = 'Chapter 5, "A gap has two sizes" (the rules are in task 1.1)'
    got = half(8)
    assert got != 16, f'You doubled 8: divide by 2. {read}'
    assert got == 4, f'Half of 8 is 4, not {got}. {read}'
    ### BEGIN HIDDEN TESTS
    assert half(6) == 3, f'Half of 6 is 3, not {half(6)}. {read}'
    assert half(0) == 0, f'half() changed its input x: work on a copy. {read}'
    ### END HIDDEN TESTS
_half_tests()"""
EDGES = "assert half(10) == 5, f'Half of 10 is 5, not {half(10)}.'\nassert half(20) == 10, f'Half of 20 is 10, not {half(20)}.'"
THIRD = "assert third(9) == 3, 'Divide by 3 <b>once</b>.'\nassert third(0) == 0, 'third() changed its input y: work on a copy.'"
RUBRIC = "| criterion | points | full marks for |\n|---|---|---|\n| a clear claim | 3 | one sentence |\n| a source | 2 | cited |"
ADA = "# by Ada Lovelace\ndef half(x):\n    '''Ada's own.'''\n    return 2 * x  # a lovelace idea"


def cells() -> list[tuple]:
    test = {"grade": True, "locked": True}
    return [
        ("markdown", "# Exercise 1: Parts"),
        ("code", "import math", "setup", {"locked": True}),
        ("markdown", "## 1.1 A half (3 points, core)"),
        (
            "code",
            "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION",
            "half",
            {"solution": True},
        ),
        ("code", HALF, "half_tests", {"points": 2, **test}),
        ("code", EDGES, "half_edges_tests", {"points": 1, **test}),
        ("markdown", "## 1.2 A third (2 points, further)"),
        (
            "code",
            "def third(x):\n    ### BEGIN SOLUTION\n    return x / 3\n    ### END SOLUTION",
            "third",
            {"solution": True},
        ),
        ("code", THIRD, "third_tests", {"points": 2, **test}),
        ("markdown", f"## 1.3 What for? (5 points)\n\n{RUBRIC}"),
        ("markdown", "YOUR ANSWER", "essay", {"grade": True, "solution": True, "points": 5}),
    ]


def handed_in(half: str, third: str = "def third(x):\n    return x / 3") -> dict[str, str]:
    return {"half": half, "third": third, "essay": "Because."}


RIGHT = "def half(x):\n    return x / 2"
CLASS = {
    # Six doubled; of them ada signed her work. Each gets other numbers in the edges' message.
    **{f"two{n}": handed_in(f"def half(x):\n    return 2 * x if x < 9 else {n}") for n in range(4)},
    "ada": handed_in(ADA),
    "two5": handed_in("def half(x):\n    return 2 * x"),
    # A rare slip that only the hidden test sees.
    "rare1": handed_in("def half(x):\n    return {8: 4, 10: 5, 20: 10}.get(x, 99)"),
    "rare2": handed_in("def half(x):\n    return {8: 4, 10: 5, 20: 10}.get(x, 98)"),
    # One who raises our words.
    "sly": handed_in("def half(x):\n    raise AssertionError('You doubled 8: divide by 2.')"),
    **{f"good{n}": handed_in(RIGHT) for n in range(5)},
    "evil": handed_in(RIGHT, "def third(x):\n    raise ValueError('<script>window.hacked = 1</script>')"),
    "late": {"half": RIGHT},  # never wrote the third
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A class of 16 with a rubric, kinds and a chapter; two essays are marked, one of them line by line."""
    root = tmp_path_factory.mktemp("made")
    source = root / "source" / tiny.NAME
    source.mkdir(parents=True)
    notebook = nbformat.v4.new_notebook(
        cells=[tiny.cell(kind, text, *role[:1], **(role[1] if role else {})) for kind, text, *role in cells()]
    )
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, source / f"{tiny.NOTEBOOK}.ipynb")
    (root / "source" / "kinds.csv").write_text(
        "assignment,task,kind\nweek1,half,denominators\nweek1,third,denominators\n"
    )
    (root / "nbgrader_config.py").write_text(tiny.CONFIG)
    chapters = root / "chapters"
    chapters.mkdir()
    chapter = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("## A gap has two sizes")])
    nbformat.write(chapter, chapters / "05_inequality.ipynb")
    course = open_course(root)
    tiny.generate(course)
    for student, answers in CLASS.items():
        tiny.submit(course, student, answers)
    grade_assignment(course, tiny.NAME, pool=tiny.Plain(), progress=False)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        gradebook.update_or_create_student("ada", first_name="Ada", last_name="Lovelace")
        gradebook.update_or_create_student("evil", first_name="<script>x</script>", last_name="Bobby")
        mark(gradebook, "good0", 4, "a clear claim: 3\nA source: 1 of 2, without a page")
        mark(gradebook, "good1", 2, "Well argued.")
        gradebook.db.commit()
    return course


def mark(gradebook, student: str, score: float, comment: str) -> None:
    grade = gradebook.find_grade("essay", tiny.NOTEBOOK, tiny.NAME, student)
    grade.manual_score, grade.needs_manual_grade = score, False
    gradebook.find_comment("essay", tiny.NOTEBOOK, tiny.NAME, student).manual_comment = comment


@pytest.fixture
def course(made, tmp_path):
    return tiny.copy_course(made, tmp_path / "course")


@pytest.fixture(scope="module")
def found(made):
    return insight(made, tiny.NAME, examples=True)


@pytest.fixture(scope="module")
def html(found):
    return page(found, Privacy())


@pytest.fixture(scope="module")
def named(found):
    return page(found, Privacy(True))


def errors(item) -> dict[tuple[str, str], set[str]]:
    return {(met.error.text, met.error.seen.value): set(met.students) for met in item.errors}


def table(found, privacy=Privacy()) -> list[dict[str, str]]:  # noqa: B008
    return list(csv.DictReader(io.StringIO(as_csv([found], privacy).decode())))


# --- counting ---------------------------------------------------------------------------------------------------------


def test_tasks_are_counted_as_by_hand(found):
    assert found.title == "Exercise 1: Parts" and len(found.students) == len(CLASS) == 16
    half, third = found.items
    assert (half.task.title, half.task.kind, half.task.points) == ("1.1 A half", "denominators", 3)
    # Seven lose everything, two the two points of the cell with the hidden test.
    assert (len(half.known), len(half.attempted), len(half.full)) == (16, 16, 7)
    assert half.mean == pytest.approx((7 * 3 + 2 * 1) / 16) and half.difficulty == pytest.approx(half.mean / 3)
    assert (len(third.known), len(third.attempted), len(third.full)) == (16, 15, 14)
    assert "late" not in third.attempted and set(third.stuck) == {"evil"}
    scores = np.array([[3, 2]] * 5 + [[3, 0]] * 2 + [[1, 2]] * 2 + [[0, 2]] * 7)
    expected = np.corrcoef(scores.T)[0, 1]
    assert half.together.value == pytest.approx(expected) and third.together.value == pytest.approx(expected)
    assert found.reliability.value == pytest.approx(2 * (1 - scores.var(axis=0).sum() / scores.sum(axis=1).var()))
    assert found.complete == 16 and found.enough > 16 and not found.right_or_wrong


def test_errors_are_named_once_for_each_student_and_numbers_do_not_part_them(found):
    doubled = {"two0", "two1", "two2", "two3", "ada", "two5"}
    assert errors(found.items[0]) == {
        ("You doubled 8: divide by 2.", "visible test"): doubled,
        ("Half of 10 is 5, not ….", "visible test"): doubled,  # of two lines and of many numbers
        ("Half of 6 is 3, not ….", "hidden test"): {"rare1", "rare2"},
        ("The code stopped with AssertionError.", "the answer itself"): {
            "sly"
        },  # with our words, but raised by the student
    }
    assert errors(found.items[1]) == {("The code stopped with ValueError.", "the answer itself"): {"evil"}}
    named = found.items[0].errors[0].error
    assert (named.chapter, named.section) == (5, "A gap has two sizes")


def test_marks_that_a_person_gave_or_holds_back_count_as_they_stand(course):
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for cell in ("half_tests", "half_edges_tests"):  # given all the same
            gradebook.find_grade(cell, tiny.NOTEBOOK, tiny.NAME, "two0").manual_score = {"half_tests": 2}.get(cell, 1)
            gradebook.find_grade(cell, tiny.NOTEBOOK, tiny.NAME, "two1").needs_manual_grade = True
        gradebook.db.commit()
    found = insight(course, tiny.NAME)
    half = found.items[0]
    assert len(half.known) == 15 and "two1" not in half.known and "two0" in half.full and found.complete == 15
    assert all(not {"two0", "two1"} & set(met.students) for met in half.errors)


def test_the_essay_by_line_of_its_rubric(found, html, named):
    (essay,) = found.written
    assert essay.marks == {"good0": 4, "good1": 2} and essay.empty == ["late"] and len(essay.waiting) == 13
    assert {line.name: marks for line, marks in essay.lines.items()} == {
        "a clear claim": {"good0": 3},
        "a source": {"good0": 1},
    }
    # Half-marked: no mean of two, and nothing about the one who left it empty.
    assert (
        "Fewer than 5 of 16 have a person’s marks. More than 11 wait: give" in html
        and "Fewer than 5 left it empty." in html
    )
    assert "2 of 16 have a person’s marks; their mean is 3.00 of 5 points. 13 wait" in named
    assert '<td class="num">3.00 of 3</td>' in named


def test_what_needed_repair_is_counted_without_names_of_cells(course):
    for student in ("good0", "good1", "good2", "good3", "good4"):
        path = tiny.submit(course, student, handed_in(RIGHT)) / f"{tiny.NOTEBOOK}.ipynb"
        notebook = json.loads(path.read_text())
        notebook["cells"] = [
            c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") != "third_tests"
        ]
        path.write_text(json.dumps(notebook))
    grade_assignment(course, tiny.NAME, pool=tiny.Plain(), progress=False)
    found = insight(course, tiny.NAME)
    assert [len(students) for students in found.repairs.values()] == [5]
    assert "third_tests" not in next(iter(found.repairs)) and "deleted" in next(iter(found.repairs))
    assert "11 graded, 5 graded after repair" in page(found, Privacy())


# --- privacy ----------------------------------------------------------------------------------------------------------


def test_nobody_is_named_and_few_are_not_counted(found, html):
    numbers = as_csv([found], Privacy()).decode()
    for student in CLASS:
        assert not re.search(rf"\b{student}\b", html + numbers), student
    assert "Lovelace" not in html and "Bobby" not in html
    rows = [row for row in table(found) if row["level"] == "error" and row["task"] == "1.1 A half"]
    assert [row["students"] for row in rows] == ["6", "6", "fewer than 5"]
    assert "hidden" not in "".join(row["seen_in"] for row in rows)  # what two met is folded
    tasks = [row for row in table(found) if row["level"] == "task"]
    # One left the third out: "15 of 16" would tell on that one.
    assert [row["attempted"] for row in tasks] == ["16", "more than 11"]
    assert [row["full_marks"] for row in tasks] == ["7", "more than 11"]


def test_a_number_is_in_words_where_it_would_tell_on_a_few():
    said = [Privacy().count(n, 20) for n in (0, 1, 4, 5, 15, 16, 19, 20)]
    assert said == ["0", *["fewer than 5"] * 2, "5", "15", *["more than 15"] * 2, "20"]
    assert [Privacy(True).count(n, 20) for n in (1, 19)] == ["1", "19"]
    assert np.isnan(Privacy().mean(2.5, 4)) and Privacy().mean(2.5, 5) == 2.5


def test_students_are_named_on_demand(found, named):
    assert "Ada Lovelace (ada), two0, two1, two2, two3, two5" in named and "keep this page to yourself" in named
    rows = {row["text"]: row for row in table(found, Privacy(True))}
    assert (
        rows["Half of 6 is 3, not …."]["students"] == "2" and rows["Half of 6 is 3, not …."]["seen_in"] == "hidden test"
    )


def test_an_example_is_what_most_wrote_without_comments_and_of_nobody_named_in_it(found, html, made):
    example = found.items[0].errors[0].example
    assert example == "def half(x):\n    return 2 * x"  # in Python's layout, ada's docstring and comments gone
    assert "A typical answer" in html
    assert all(not met.example for item in insight(made, tiny.NAME).items for met in item.errors)


def test_an_answer_that_names_a_student_is_nobodys_example(course):
    for student in ("two0", "two1", "two2", "two3", "two5"):
        tiny.submit(course, student, handed_in("def half(x):\n    lovelace_ada = 2\n    return lovelace_ada * x"))
    grade_assignment(course, tiny.NAME, pool=tiny.Plain(), progress=False)
    example = insight(course, tiny.NAME, examples=True).items[0].errors[0].example
    assert example == "def half(x):\n    return 2 * x"  # ada's own, which only her comments named


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_runs_nothing_and_shows_what_was_typed(html, named):
    for made in (html, named):
        assert "<script" not in made and "Divide by 3 <b>" not in made and "window.hacked" not in made
        body = re.sub(r"<svg.*?</svg>", "", made[made.index("<main>") : made.index("</main>")], flags=re.DOTALL)
        ours = {"section", "h2", "div", "p", "figure", "pre"}
        assert {one.split()[0] for one in offences(body.replace("<main>", ""))} <= ours
        assert not re.search(r"<[^>]*\s(on\w+|style|src)=", body)
    assert "&lt;script&gt;x&lt;/script&gt; Bobby (evil)" in named


def test_three_sentences_say_what_to_go_through(found, html):
    first, second, third = headlines(found, Privacy())
    assert first == (
        "Begin with <strong>task 1.1, A half</strong>: 9 of the 16 who tried it lost points, more than 4 of them by "
        "<q>You doubled 8: divide by 2</q>; go back to Chapter 5, <q>A gap has two sizes</q>."
    )
    assert second == "No other task stopped 5 students or more who tried it."
    assert third == "Best went task 1.2, A third: on average 88% of its points were earned."
    assert html.count("<li>", 0, html.index("Tasks at a glance")) == 3


def test_charts_are_drawn_in_the_pages_colours_with_a_description_and_a_table(html):
    drawn = re.findall(r'<svg role="img" aria-label="([^"]+)".*?</svg>', html, re.DOTALL)
    assert len(drawn) == 2 and drawn[0] == "Share of the points that was earned, by task: 1.1 48%; 1.2 88%."
    inner = "".join(re.findall(r"<svg.*?</svg>", html, re.DOTALL))
    assert "var(--blue)" in inner and not re.findall(r"#[0-9a-f]{6}\b", inner) and "font-family" not in inner
    assert "<caption>How each task went</caption>" in html and "0.88" in html


def test_a_section_is_a_link_where_the_book_is_published(found, html, made, monkeypatch):
    monkeypatch.delenv("BOOK_URL", raising=False)
    words = "Chapter 5, <q>A gap has two sizes</q>"
    place = "https://example.org/book/chapters/05_inequality.html#a-gap-has-two-sizes"
    linked = page(found, Privacy(), Book.of(Path(made.root), "https://example.org/book"))
    assert f'<a href="{place}">{words}</a>' in linked
    assert not Book.of(Path(made.root)).address and words in html and "<a " not in html


# --- bad input --------------------------------------------------------------------------------------------------------


def remove_submissions(course, *keep: str) -> None:
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for submission in gradebook.assignment_submissions(tiny.NAME):
            if submission.student_id not in keep:
                gradebook.remove_submission(tiny.NAME, submission.student_id)


def unmark(course) -> None:
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for submission in gradebook.assignment_submissions(tiny.NAME):
            for grade in submission.notebooks[0].grades:
                grade.auto_score = grade.manual_score = None
        gradebook.db.commit()


def other_cells(course) -> None:
    """The gradebook has an assignment of that name, but of another course."""
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for cell in gradebook.find_assignment(tiny.NAME).notebooks[0].source_cells:
            cell.name = f"other_{cell.name}"
        gradebook.db.commit()


def without_notebook(course) -> None:
    shutil.rmtree(Path(course.root, "release"))
    shutil.rmtree(Path(course.root, "source"))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (
            remove_submissions,
            "nobody's work for 'week1' is in the gradebook yet; collect it, then run: classroom grade week1",
        ),
        (unmark, "no part of 'week1' has marks yet; run: classroom grade week1"),
        (lambda course: remove_submissions(course, "ada"), "only 1 handed in 'week1'.*--students"),
        (other_cells, "the gradebook's 'week1' has other cells than tiny.ipynb of this course: it is of another one"),
        (
            without_notebook,
            "tiny.ipynb, which names the tasks, is neither in .* run: nbgrader generate_assignment week1",
        ),
    ],
)
def test_a_sentence_says_what_is_missing(course, spoil, says, capsys):
    spoil(course)
    with pytest.raises(Trouble, match=says):
        insight(course, tiny.NAME)
    assert cli.main(["--course", course.root, "insight", "--all"]) == cli.REFUSED
    assert re.search(says, capsys.readouterr().err)
    assert not Path(course.root, "insight").exists()


def test_an_assignment_that_is_not_there_names_those_that_are(course):
    with pytest.raises(
        Trouble, match=r"no assignment called 'week9'; it has week1\. Is it the gradebook of this course\?"
    ):
        insight(course, "week9")


def test_a_class_of_one_on_demand_has_no_empty_numbers(course):
    remove_submissions(course, "ada")
    found = insight(course, tiny.NAME, students=True)
    html = page(found, Privacy(True))
    assert not found.reliability.known and "KR-20 is not defined here" in html
    assert not re.search(r"\bnan\b", html)
    assert len(headlines(found, Privacy(True))) == 3 and "You doubled 8" in html


def test_without_graded_notebooks_marks_are_counted_and_nothing_is_named(course):
    shutil.rmtree(Path(course.root, "autograded"))
    found = insight(course, tiny.NAME)
    assert found.lost == 16 and found.items[0].mean == pytest.approx(23 / 16) and not found.items[0].errors
    assert "16 graded notebooks are not in autograded/, or cannot be read: marks count" in page(found, Privacy())


def test_a_course_that_is_not_this_one(tmp_path):
    """No headings, no chapters, no kinds, no record of outcomes: as stock nbgrader leaves it."""
    course = tiny.make_course(tmp_path)
    for number, answers in enumerate([*tiny.ANSWERS.values(), tiny.ANSWERS["half"]]):
        tiny.submit(course, f"s{number}", answers)
    grade_assignment(course, tiny.NAME, pool=tiny.Plain(), progress=False)
    Path(course.root, "classroom-outcomes.jsonl").unlink()
    found = insight(course, tiny.NAME)
    assert [item.task.title for item in found.items][:2] == ["double()", "roots()"]
    assert ("assert double(-1) == -2", "hidden test") in errors(found.items[0])
    html = page(found, Privacy())
    assert "graded by nbgrader itself" in html and "<a " not in html
    assert "no kinds" in course_headlines([found], by_kind([found]), Privacy())[0]


# --- over a course ----------------------------------------------------------------------------------------------------


def test_kinds_and_errors_that_come_back(found, made):
    (kind,) = by_kind([found])
    assert kind.name == "denominators" and len(kind.items) == 2 and len(kind.stuck) == 10
    assert kind.earned == pytest.approx((found.items[0].mean + found.items[1].mean) / 5)
    twice = insight(made, tiny.NAME)
    twice.name = "week2"
    again = {text: (tasks, len(who)) for text, tasks, who in coming_back([found, twice])}
    assert again["You doubled …: divide by …."] == (["week1: 1.1", "week2: 1.1"], 6)
    assert all("stopped" not in text for text in again)
    html = course_page([found, twice], Privacy())
    assert "Come back to <strong>denominators</strong>: 10 students" in html and "in week1, week2" in html
    assert len(course_headlines([found, twice], by_kind([found, twice]), Privacy())) == 3
    kinds = [
        row for row in csv.DictReader(io.StringIO(as_csv([found, twice], Privacy()).decode())) if row["level"] == "kind"
    ]
    assert [(row["kind"], row["students"]) for row in kinds] == [("denominators", "10")]


def test_all_assignments_with_marks_are_taken_and_the_others_told(course):
    with Gradebook(course.db_url, course.course_id) as gradebook:
        gradebook.add_assignment("week2")
    found, left = of_all(course)
    assert [one.name for one in found] == ["week1"] and "nobody's work for 'week2'" in left["week2"]


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_writes_a_page_and_a_table_for_nobody_else(course, capsys):
    assert cli.main(["--course", course.root, "insight", tiny.NAME, "--examples"]) == cli.DONE
    said = capsys.readouterr().out.split()
    assert [Path(line).name for line in said] == ["week1.html", "week1.csv"]
    for name in ("week1.html", "week1.csv"):
        assert Path(course.root, "insight", name).stat().st_mode & 0o777 == 0o640
    assert cli.main(["--course", course.root, "insight", "--all", "--out", f"{course.root}/over"]) == cli.DONE
    assert Path(course.root, "over", "all.html").is_file()
    assert cli.main(["--course", course.root, "insight"]) == cli.REFUSED
    assert "name one assignment, or say --all" in capsys.readouterr().err


def test_errors_are_parted_by_how_many_met_them(found):
    shown, rest = apart(found.items[0].errors, Privacy())
    assert [len(met.students) for met in shown] == [6, 6] and set(rest) == {"rare1", "rare2", "sly"}
    assert all(met.error.seen is Seen.VISIBLE for met in shown)
