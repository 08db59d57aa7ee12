"""Feedback pages: what a student sees, what no student may see, and notebooks that run nothing."""

import base64
import copy
import hashlib
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import hostile
import nbformat
import pytest
import tiny
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.strings import strip_files_prefix
from nbgrader.api import Gradebook
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from classroom import feedback as fb
from classroom import neutral
from classroom.grade import grade_assignment
from classroom.leaks import Markers, Search
from classroom.neutral import (
    GAP,
    HARMLESS,
    LONGEST,
    clean,
    fenced,
    is_fenced,
    neutral_markdown,
    neutralise,
    offences,
    render,
)
from classroom.release import secrets_of

ROOT = Path(__file__).resolve().parents[2]
MARKERS = Markers(
    (("hidden test", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"), ("mark scheme", "BEGIN MARK", "END MARK"))
)
TEST = (
    "assert double(2) == 4, 'twice 2 is 4'\n### BEGIN HIDDEN TESTS\nassert double(-1) == -2, 'mind the sign'\n"
    "secret_number = double(1234.5)\n### END HIDDEN TESTS"
)
LINE = "secret_number = double(1234.5)"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A graded class; the essay and the drawing of "right" have been marked by hand, with a comment."""
    course = tiny.make_course(tmp_path_factory.mktemp("course"))
    for student, answers in tiny.ANSWERS.items():
        tiny.submit(course, student, answers)
    # Seen from inside, a traceback shows the source; this one prints what it can get.
    peek = "import sys\ndef double(x):\n    print(LINES)\n    return 2 * x\nLINES = 'x'"
    tiny.submit(course, "peek", {"double": peek})
    grade_assignment(course, tiny.NAME, pool=tiny.Plain(), progress=False)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for cell, score in {"essay": 4.5, "drawing": 3, "by_hand": 4}.items():
            grade = gradebook.find_grade(cell, tiny.NOTEBOOK, tiny.NAME, "right")
            grade.manual_score, grade.needs_manual_grade = score, False
        comment = gradebook.find_comment("essay", tiny.NOTEBOOK, tiny.NAME, "right")
        comment.manual_comment = "Well *said*. <script>alert(1)</script>"
        gradebook.db.commit()
    return course


@pytest.fixture
def course(made, tmp_path):
    return tiny.copy_course(made, tmp_path / "course")


def pages(course, *students) -> dict[str, str]:
    made = list(fb.feedback(course, tiny.NAME, students))
    assert not [one.problem for one in made if one.problem]
    for one in made:
        assert one.path == Path(course.root, "feedback", one.student, tiny.NAME, f"{tiny.NOTEBOOK}.html")
    return {one.student: one.path.read_text(encoding="utf-8") for one in made}


def cell(kind: str = "code", source: str = "", **parts):
    return (
        {"cell_type": kind, "id": "x", "metadata": {}, "source": source}
        | ({"outputs": []} if kind == "code" else {})
        | parts
    )


def book(*cells):
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}


def stream(text: str):
    return {"output_type": "stream", "name": "stdout", "text": text}


# --------------------------------------------------------------------------------------------------------- concealment


def test_hidden_tests_go_and_the_rest_stays():
    given_ = book(
        cell(source=TEST), cell("markdown", "Task\n=== BEGIN MARK SCHEME ===\nfive points\n=== END MARK SCHEME ===")
    )
    before = copy.deepcopy(given_)
    test, task = fb.conceal(given_, MARKERS)["cells"]
    assert (
        test["source"] == "assert double(2) == 4, 'twice 2 is 4'\n# (hidden tests ran here)"
        and task["source"] == "Task"
    )
    assert given_ == before, "the notebook that came in is not touched"


def test_a_test_in_a_function_is_whole_without_its_hidden_part():
    inner = "\n".join(f"    {line}" for line in TEST.split("\n"))
    error = {"output_type": "error", "ename": "AssertionError", "evalue": "mind the sign", "traceback": [LINE, "x"]}
    given_ = book(cell(source=f"def _double():\n{inner}\n\n\n_double()", outputs=[error, stream(f"   {LINE}\nseen")]))
    (test,) = fb.conceal(given_, MARKERS)["cells"]
    said = "def _double():\n    assert double(2) == 4, 'twice 2 is 4'\n\n\n_double()\n# (hidden tests ran here)"
    assert test["source"] == said
    assert test["outputs"] == [error | {"traceback": ["AssertionError: mind the sign"]}, stream("seen")]


def test_a_region_that_is_not_closed_is_hidden_to_its_end():
    (test,) = fb.conceal(book(cell(source=TEST.replace("### END HIDDEN TESTS", ""))), MARKERS)["cells"]
    assert LINE not in test["source"]


def test_a_traceback_becomes_a_message():
    error = {
        "output_type": "error",
        "ename": "AssertionError",
        "evalue": "mind the sign",
        "traceback": [f"\x1b[0m--> 3 {LINE}", "x"],
    }
    (test,) = fb.conceal(book(cell(source=TEST, outputs=[error])), MARKERS)["cells"]
    assert test["outputs"] == [error | {"traceback": ["AssertionError: mind the sign"]}]


@pytest.mark.parametrize(
    "echo",
    [
        stream(f"before\n  {LINE}\nafter"),
        stream(f"cell.py:4: UserWarning: careful\n  {LINE}\n"),
        stream(base64.b64encode(TEST.encode()).decode()),
        stream(json.dumps({"In": TEST})),
        stream(LINE.replace(" ", "\n")),
        {"output_type": "error", "ename": "E", "evalue": f"see {LINE}", "traceback": []},
        {"output_type": "error", "ename": LINE, "evalue": "", "traceback": []},
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": f"<pre><b>{LINE}</b></pre>", "text/plain": "x"}},
        {"output_type": "execute_result", "metadata": {}, "execution_count": 1, "data": {"text/plain": repr(TEST)}},
        {"output_type": "display_data", "metadata": {}, "data": {"application/json": {"a": [TEST]}}},
    ],
)  # fmt: skip
def test_output_that_repeats_a_hidden_test_is_withheld(echo):
    for place in (0, 1):  # in the test cell, and in a student's own cell
        cells = [cell(source=TEST), cell(source="print(In)")]
        cells[place]["outputs"] = [echo, stream("honest work")]
        text = json.dumps(fb.conceal(book(*cells), MARKERS))
        assert "1234.5" not in text and base64.b64encode(TEST.encode()).decode()[8:40] not in text
        assert "honest work" in text
    if "before" in str(echo):
        assert "before" in text and "after" in text, "only the line goes"


# ----------------------------------------------------------------------------------------------------- neutral notebooks


def formgrader_page(notebook, **config) -> str:
    """The page that nbgrader's formgrader makes of a notebook."""
    where = [handlers.template_path]
    exporter = HTMLExporter(
        template_name="formgrade", extra_template_basedirs=where, exclude_anchor_links=True, **config
    )
    resources = {"base_url": "", "index": 0, "total": 1, "submission_id": "s", "notebook_id": "n", "assignment_id": "a"}
    return exporter.from_notebook_node(notebook, resources=resources | {"student": "x", "notebook_path": ""})[0]


def body(html: str) -> str:
    """The part of a formgrader page that comes from the notebook."""
    return html.partition('id="notebook-container"')[2].partition('<div class="help">')[0]


LIVE = re.compile(
    r"<(script|iframe|object|embed|svg|form|input|style|link|meta|base|video)\b|<[^>]*\son\w+\s*=|javascript:", re.I
)


def test_the_formgrader_would_run_what_we_hold_here():
    """The control: without us, the page is live."""
    live = hostile.notebook()
    live.cells = [cell for cell in live.cells if "attachment:missing" not in cell.source]  # it only breaks the page
    assert LIVE.search(body(formgrader_page(live)))


def as_configured(notebook) -> str:
    """What the formgrader makes of any notebook, with one line in nbgrader_config.py."""
    config = Config()
    config.HTMLExporter.preprocessors = ["classroom.feedback.Neutralise"]
    return formgrader_page(notebook, config=config)


PAGES = {
    "written neutral": lambda: formgrader_page(neutralise(hostile.notebook())),
    "shown neutral": lambda: as_configured(hostile.notebook()),
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_neutral_notebook_is_dead_in_the_formgrader(page):
    bare = nbformat.v4.new_notebook()
    role = {"grade": True, "solution": True, "grade_id": "x", "points": 1}
    for make in (nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell):
        bare.cells.append(make("# x", metadata={"nbgrader": role}))
    html = body(page())
    assert not set(offences(html)) - set(offences(body(formgrader_page(bare))))
    assert "<b>kept</b>" in html


def test_neutral_notebooks_are_valid_and_stay_as_they_are():
    once = neutralise(hostile.notebook())
    nbformat.validate(once)
    assert neutralise(once) == once
    assert isinstance(once, nbformat.NotebookNode) and type(neutralise(json.loads(json.dumps(once)))) is dict


@pytest.mark.parametrize("path", sorted(ROOT.glob("exercises/*/*.ipynb")), ids=lambda path: path.stem)
def test_honest_work_is_not_touched(path):
    honest = nbformat.read(path, as_version=4)
    before = copy.deepcopy(honest)
    neutral = neutralise(honest)
    assert honest == before
    assert [(c.id, c.cell_type, c.source) for c in neutral.cells] == [
        (c.id, c.cell_type, c.source) for c in honest.cells
    ]
    assert [c.metadata.get("nbgrader") for c in neutral.cells] == [c.metadata.get("nbgrader") for c in honest.cells]
    assert neutral.metadata.kernelspec == honest.metadata.kernelspec


@pytest.mark.parametrize(
    "text",
    [
        "a < b and b > c, so $a<b$, `x<y` and List<int>",
        "see <https://www.example.org/a-b/c.html> or [here](https://example.org/?a=1&b=2 'title')",
        "H<sub>2</sub>O<br>\n\n<details open><summary>More</summary>\n\ntext\n\n</details>",
        "<table>\n<tr><td colspan=\"2\" align=\"right\">1</td></tr>\n</table>",
        "| a | b |\n|:--|--:|\n| 1 | 2 |\n\n```python\nif a < b: print('<b>')\n```\n\n# Heading\n\n1. one\n2. two",
        "![plot](plot.png)",
    ],
)  # fmt: skip
def test_harmless_markdown_reads_as_before(text):
    neutral = neutral_markdown(text)
    assert neutral.replace(GAP, "") == text and not offences(render(neutral))
    if "List<int>" not in text and "'<b>'" not in text:
        assert neutral == text


@pytest.mark.parametrize("name", hostile.MARKDOWN)
def test_hostile_markdown_keeps_its_words(name):
    """Nothing is lost of what a student wrote: it shows as text."""
    text = hostile.MARKDOWN[name]
    neutral = neutral_markdown(text)
    assert not offences(render(neutral)) or len(text) > LONGEST
    assert text in neutral.replace(GAP, "")


PIECES = [
    *(
        "<",
        ">",
        '"',
        "'",
        "`",
        "```",
        "$",
        "$$",
        "|",
        "\\",
        " ",
        "    ",
        "\n",
        "\n\n",
        "\n---\n",
        "x",
        "\x00",
        GAP,
        "&lt;",
        "&#60;",
    ),
    *(
        "<script>",
        "</script>",
        "<img src=x onerror=hit()>",
        "<svg onload=hit()>",
        "<a href=",
        "onerror=",
        "<!--",
        "-->",
        "<div>",
    ),
    *(
        "javascript:",
        "data:text/html,",
        "](",
        "[",
        "![",
        "]:",
        "<b>",
        "</b>",
        "<https://a/",
        "<details open>",
        "mermaid\n",
    ),
]


@pytest.mark.parametrize(
    "text", [*hostile.HTML.values(), *hostile.MARKDOWN.values()], ids=[*hostile.HTML, *hostile.MARKDOWN]
)
def test_no_tag_is_left_for_any_renderer(text):
    """Whatever a viewer takes for code or for text: an HTML parser opens no tag at "<" and a gap."""
    neutral = neutralise(book(cell("markdown", text), cell("raw", text)))
    for one in neutral["cells"]:
        assert one["cell_type"] == "markdown"
        assert not re.search(r"<[A-Za-z/!?]", HARMLESS.sub("", one["source"]))


def test_a_page_cannot_be_dressed_up_as_the_formgrader():
    """Its scripts find their buttons and fields by class, id and data."""
    dressed = (
        '<b class="btn full-credit score k" id="essay" name="x" data-link="y" data-toggle="z" style="color:red">a</b>'
    )
    assert clean(dressed) == '<b class="k">a</b>'


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=14).map("".join))
def test_no_markdown_gets_through(text):
    assert not offences(render(neutral_markdown(text)))
    assert not offences(clean(text)) and not offences(clean(render(text)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)
IDS = ["a", "a-1", "cell-1", "cell-2"]
OUTPUT = st.fixed_dictionaries(
    {"output_type": st.sampled_from(["stream", "error", "display_data", "execute_result", "?"]), "data": JSON},
    optional={
        "text": JSON,
        "metadata": JSON,
        "ename": JSON,
        "evalue": JSON,
        "traceback": JSON,
        "execution_count": JSON,
    },
)
CELL = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw", "?"]), "source": JSON},
    optional={
        "metadata": JSON | st.fixed_dictionaries({"nbgrader": JSON, "tags": JSON}),
        "id": JSON,
        "attachments": JSON,
    }
    | {"outputs": st.lists(OUTPUT, max_size=3) | JSON, "execution_count": JSON},
)


@example({"cells": [{"cell_type": "code", "source": "", "execution_count": -1}], "metadata": None})
@settings(max_examples=150, deadline=None)
@given(st.fixed_dictionaries({"cells": st.lists(CELL, max_size=4), "metadata": JSON}))
def test_whatever_comes_in_a_valid_notebook_comes_out(notebook):
    neutral = neutralise(notebook)
    nbformat.validate(nbformat.from_dict(neutral))
    assert len({cell["id"] for cell in neutral["cells"]}) == len(neutral["cells"])
    fb.page(neutral, fb.Results("a", "a", 0, 1))


def test_deep_html_does_not_stop_the_grader():
    assert "too many" in clean("<div>" * 100_000)


SLOW = {
    "environments": "\\begin{a}" * 5_400,
    "environments on lines": "\\begin{a}\n" * 4_900,
    "display math": "\\\\[" * 16_000,
    "inline math": "\\\\( $" * 9_000,
    "dollars": "$ a $$ b \\$" * 4_500,
    "table": "_|a|\n|-|\n" * 5_500,
    "table in a quotation": "> '|a|\n> |-|\n" * 3_000,
    "brackets": "[" * 49_000,
    "links": "[a]([b](<" * 5_000,
    "definitions": "[a]: b\n" * 7_000,
    "emphasis": "*a **b _c " * 4_900,
    "lists": "".join(f"{' ' * depth}- a\n" for depth in range(300)),
    "quotations": "> " * 20_000,
    "backticks": "` `` " * 9_000,
    "html": "".join(f"<b title={number}>" for number in range(4_000)),
    "lines": "\n" * 49_000 + "1",
    "full stops": "a" + "." * 49_000,
    "names of characters": '"\\N{' * 12_000,
    "colours": "\x1b[1m" * 400_000,
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW)
def test_no_text_keeps_a_page_waiting(monkeypatch, text):
    """In any place where a student can put it, several times, on our pages and on the formgrader's."""
    monkeypatch.setattr(neutral, "FOR_ONE", 0.2)
    monkeypatch.setattr(neutral, "FOR_ALL", 0.5)
    cells = []
    for number in range(3):
        mine = f"{number}{text}"
        kinds = dict.fromkeys(("text/plain", "text/markdown", "text/latex", "text/html"), mine)
        shown = [{"output_type": "display_data", "data": kinds, "metadata": {}}, stream(mine)]
        shown += [{"output_type": "error", "ename": "E", "evalue": mine, "traceback": [mine]}]
        cells += [cell("code", mine if len(mine) < 60_000 else "1", outputs=shown, execution_count=1)]
        cells += [cell("markdown", mine), cell("raw", mine)]
        cells[-2]["metadata"] = {
            "nbgrader": {"grade_id": f"essay{number}", "grade": True, "solution": True, "points": 1}
        }
    notebook = nbformat.from_dict(book(*cells))
    began = time.thread_time()  # not that of threads which other tests left behind
    graded = neutralise(fb.conceal(notebook, MARKERS))
    results = {f"essay{number}": fb.Result(1, 1, f"{text}{number}") for number in range(3)}
    page = fb.page(graded, fb.Results("a", "a", 3, 3, cells=results))
    formgrader_page(graded)
    assert time.thread_time() - began < 8
    assert page.count("essay2")


ROW = "[" * 49_000


@pytest.mark.parametrize("text", [ROW, fenced(ROW), f"![x](attachment:gone) {ROW}", "[a](b " * 8_000], ids=len)
def test_no_row_of_brackets_is_looked_through_from_each_of_them(text):
    """Whatever seconds a text is worth: nothing cuts nbconvert's strip_files_prefix short."""
    began = time.thread_time()
    once = neutral_markdown(text)
    strip_files_prefix(render(once))  # as the formgrader does whenever the page is opened
    assert time.thread_time() - began < 4
    assert once.replace("\n", "").strip("`") == text.replace("\n", "").strip("`")
    assert neutral_markdown(once) == once


def test_a_text_that_is_not_formatted_reads_as_it_was_typed(monkeypatch):
    monkeypatch.setattr(neutral, "FOR_ONE", 0.3)
    essay = "\\begin{a}" * 5_400 + "\nThe **slope**"
    one, other = neutralise(book(cell("markdown", essay), cell("markdown", "Still *formatted*.")))["cells"]
    assert essay in one["source"] and is_fenced(one["source"]) and other["source"] == "Still *formatted*."
    assert neutralise(book(one))["cells"][0]["source"] == one["source"]
    page = fb.page(book(one, other), fb.Results("a", "a", 0, 1))
    assert "The **slope**" in page and "<em>formatted</em>" in page


def test_long_honest_texts_are_formatted_and_coloured():
    essay = "\n\n".join(
        f"## Part {n}\n\nThe *slope* is $b_{n}$, see [1](https://example.org).\n\n| a |\n|---|\n| {n} |"
        for n in range(400)
    )
    code = "\n".join(f"def part{n}(rows):\n    return [row['x'] * {n} for row in rows]  # a line" for n in range(500))
    given = book(cell("markdown", essay), cell("code", code, execution_count=1))
    assert len(essay) > 25_000 and len(code) > 25_000
    assert [one["source"] for one in neutralise(given)["cells"]] == [essay, code]
    page = fb.page(neutralise(given), fb.Results("a", "a", 0, 1))
    assert page.count("<em>slope</em>") == 400 and '<span class="k">' in page


# ------------------------------------------------------------------------------------------------------------------ pages


def test_every_student_gets_a_page_with_scores_comments_and_messages(course):
    found = pages(course)
    assert set(found) == {*tiny.ANSWERS, "peek"}
    right, half = found["right"], found["half"]
    assert '<p class="total">16.5 of 17 points</p>' in right and "4.5 of 5 points, with a comment" in right
    assert "Well <em>said</em>." in right and "alert(1)" not in right
    assert "0 of 2 points" in half and "to be marked by a person (3 points)" in half
    assert '<p class="total">1 of 17 points so far; 1 part waits for a person</p>' in half
    assert "AssertionError" in half, "the name stands in where a test has no message"
    assert "Two is the double of one." in right and "Traceback" not in "".join(found.values())


def test_no_page_gives_a_hidden_test_or_a_mark_scheme_away(course):
    hidden = [secret for secret in secrets_of(course) if secret.label.startswith(("hidden", "mark"))]
    assert hidden
    search = Search(hidden)
    for student, html in pages(course).items():
        search.file(f"{student}.html", html.encode())
        assert "BEGIN" not in html and "double(-1)" not in re.sub(r"<[^>]*>", "", html)
    assert not search.leaks


def test_pages_stand_alone_and_forbid_scripts(course):
    for html in pages(course).values():
        style = re.search(r"<style>(.*?)</style>", html, re.S)[1]
        allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
        assert (
            policy
            == f"default-src 'none'; img-src data:; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"
        )
        assert html.index("Content-Security-Policy") < html.index("<style>")
        assert '<html lang="en">' in html and "width=device-width" in html
        assert not re.search(r"<script|<link|src=\"(?!data:)|@import|url\(", html)


def test_one_broken_notebook_leaves_the_others_alone(course):
    Path(course.root, "autograded", "half", tiny.NAME, f"{tiny.NOTEBOOK}.ipynb").chmod(0o644)
    Path(course.root, "autograded", "half", tiny.NAME, f"{tiny.NOTEBOOK}.ipynb").write_text("{")
    Path(course.root, "autograded", "noisy", tiny.NAME, f"{tiny.NOTEBOOK}.ipynb").unlink()
    made = {one.student: one for one in fb.feedback(course, tiny.NAME)}
    assert made["half"].problem and made["noisy"].problem == "tiny.ipynb was not graded"
    assert all(made[name].path for name in ("right", "stub", "peek"))


def test_only_the_students_asked_for_and_again_the_same(course):
    assert set(pages(course, "right")) == {"right"} and pages(course, "right") == pages(course, "right")
    with pytest.raises(LookupError, match="no assignment 'week2'"):
        list(fb.feedback(course, "week2"))


def test_tables_stand_in_quotations_too():
    text = "> **Example.** See:\n>\n> | a | b |\n> |---|--:|\n> | 1 | 2 |\n"
    html = fb.page(book(cell("markdown", text)), fb.Results("a", "a", 0, 1))
    assert "<blockquote>" in html and "<td>1</td>" in html


def test_late_marks_say_so(course):
    with Gradebook(course.db_url, course.course_id) as gradebook:
        gradebook.find_submission(tiny.NAME, "right").notebooks[0].late_submission_penalty = 2
        gradebook.db.commit()
    html = pages(course, "right")["right"]
    assert "14.5 of 17 points" in html and "2 points were taken off for lateness" in html


def test_stock_generate_feedback_takes_the_exporter(course):
    config = Path(course.root, "nbgrader_config.py")
    config.write_text(
        config.read_text() + "c.GenerateFeedback.exporter_class = 'classroom.feedback.FeedbackExporter'\n"
    )
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", tiny.NAME, "--student", "right"]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    html = Path(course.root, "feedback", "right", tiny.NAME, f"{tiny.NOTEBOOK}.html").read_text(encoding="utf-8")
    assert "16.5 of 17 points" in html and "double(-1)" not in html and "Well <em>said</em>." in html
