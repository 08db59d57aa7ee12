"""Chromium opens what instructors and students open, with hostile notebooks behind it: no script runs.

nbgrader's own formgrader serves one side, files the other. A control shows that the same notebook, left as it is, runs.
"""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import hostile
import nbformat
import pytest
import tiny
from axe_playwright_python.sync_playwright import Axe
from nbgrader.api import Gradebook
from playwright.sync_api import BrowserContext, Page

from classroom import feedback as fb
from classroom.book import Book
from classroom.grade import grade_assignment
from classroom.leaks import Markers
from classroom.neutral import neutralise
from classroom.tasks import outline

LOADED = "document.querySelector('#roots_score')?.placeholder == '1'"  # the formgrader has filled the scores in
EVIL = "<script>window.hacked='file';fetch('/hacked?file')</script>"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A graded class in which "eve" handed in everything hostile, and "raw" the same, which nobody made safe."""
    course = tiny.make_course(tmp_path_factory.mktemp("course"))
    for student in ("eve", "raw"):
        tiny.submit(course, student, tiny.ANSWERS["half"])
    grade_assignment(course, tiny.NAME, pool=tiny.Plain(), progress=False)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        grade = gradebook.find_comment("essay", tiny.NOTEBOOK, tiny.NAME, "eve")
        grade.manual_comment = hostile.HTML["onerror"]
        gradebook.db.commit()
    for student in ("eve", "raw"):
        path = autograded(course, student)
        path.chmod(0o644)
        graded, bad = nbformat.read(path, as_version=4), hostile.notebook()
        if student == "raw":  # some pieces only break the page
            bad.cells = [cell for cell in bad.cells if "attachment:" not in cell.source]
        graded.cells += bad.cells
        graded.metadata.update(bad.metadata)
        if student == "raw":
            graded.metadata.pop("language_info")
        nbformat.write(neutralise(graded) if student == "eve" else graded, path)
        (path.parent / "evil.html").write_text(EVIL)
    return course


def autograded(course, student: str) -> Path:
    return Path(course.root, "autograded", student, tiny.NAME, f"{tiny.NOTEBOOK}.ipynb")


class Watched:
    """A page, with all that a script could do there: run, ask, open a window, fetch."""

    def __init__(self, context: BrowserContext, serve: str = "") -> None:
        self.did: list[str] = []
        # Every frame reports at once, before it goes anywhere else.
        context.expose_binding("reported", lambda source, what: self.did.append(f"script {what}"))
        context.add_init_script("Object.defineProperty(window, 'hacked', {set: what => reported(what)})")
        self.page: Page = context.new_page()
        self.page.on("dialog", lambda dialog: (self.did.append("dialog"), dialog.dismiss()))
        self.page.on("popup", lambda popup: self.did.append(f"popup {popup.url}"))
        self.page.on("request", lambda request: self.asked(request.url))
        # Only the server under test answers; MathJax and the rest of the world do not exist.
        self.page.route(
            "**/*", lambda route: route.continue_() if route.request.url.startswith(serve) else route.abort()
        )

    def asked(self, url: str) -> None:
        if "hacked" in url and not url.startswith("data:"):
            self.did.append(f"request {url}")

    def provoke(self) -> None:
        """Do what a reader might do: open, hover, focus and click everything that the notebook put there."""
        before = self.page.url
        self.page.evaluate(
            """() => {
                for (const one of document.querySelectorAll("main *, #notebook *")) {
                    if (one.closest(".panel-heading, .panel-footer")) continue;  // the formgrader's own
                    if (one.tagName == "DETAILS") one.open = true;
                    for (const kind of ["mouseover", "mouseenter", "pointerdown"])
                        one.dispatchEvent(new MouseEvent(kind, {bubbles: true}));
                    if (one.focus) one.focus();
                    if (!/^(https?|mailto):/.test(one.getAttribute("href") || "")) one.click?.();
                }
            }"""
        )
        self.page.wait_for_timeout(500)
        if self.page.url.partition("#")[0] != before.partition("#")[0]:
            self.did.append(f"left for {self.page.url}")


@pytest.fixture
def watch(browser):
    contexts = []

    def open_(serve: str, **options) -> Watched:
        contexts.append(browser.new_context(**options))
        return Watched(contexts[-1], serve)

    yield open_
    for context in contexts:
        context.close()


# --------------------------------------------------------------------------------------------------------- formgrader


@pytest.fixture(scope="module")
def formgrader(course, tmp_path_factory) -> Iterator[str]:
    """nbgrader's formgrader, as a Jupyter server on localhost; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("jupyter")
    env = os.environ | {"JUPYTER_CONFIG_DIR": str(home), "JUPYTER_DATA_DIR": str(home), "IPYTHONDIR": str(home)}
    command = [
        *(sys.executable, "-m", "jupyter_server", "--ip=127.0.0.1", f"--port={port}", "--port-retries=0"),
        *("--allow-root", "--no-browser", "--IdentityProvider.token=", "--ServerApp.password="),
        "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
        f"--ServerApp.root_dir={course.root}",
    ]
    log = (home / "log").open("w")
    server = subprocess.Popen(command, cwd=course.root, env=env, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/formgrader/manage_assignments", timeout=5).read()
                break
            assert server.poll() is None, (home / "log").read_text()
            time.sleep(0.25)
        else:
            pytest.fail(f"the formgrader did not start in a minute:\n{(home / 'log').read_text()[-3000:]}")
        yield address
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def submission(course, student: str) -> str:
    with Gradebook(course.db_url, course.course_id) as gradebook:
        return gradebook.find_submission_notebook(tiny.NOTEBOOK, tiny.NAME, student).id


def test_control_the_formgrader_runs_what_is_left_as_it_is(course, formgrader, watch):
    watched = watch(formgrader)
    answer = watched.page.goto(f"{formgrader}/formgrader/submissions/{submission(course, 'raw')}/")
    assert answer.ok, answer.text()[-2000:]
    watched.page.wait_for_timeout(500)
    ran = {one for one in watched.did if one.startswith("script ")}
    assert len(ran) > 3, f"if nothing runs here, this file proves nothing: {watched.did}"


def test_the_formgrader_runs_nothing_of_a_neutral_notebook(course, formgrader, watch):
    watched = watch(formgrader)
    address = f"{formgrader}/formgrader/submissions/{submission(course, 'eve')}/"
    assert watched.page.goto(address).ok
    watched.page.wait_for_function(LOADED)
    assert "kept" in watched.page.inner_text("#notebook")
    watched.provoke()
    assert not watched.did


def test_the_formgrader_still_marks_a_neutral_notebook(course, formgrader, watch):
    """Scores are where they were: the cells kept their names."""
    watched = watch(formgrader)
    watched.page.goto(f"{formgrader}/formgrader/submissions/{submission(course, 'eve')}/")
    watched.page.wait_for_function(LOADED)
    watched.page.fill("#essay", "4")
    watched.page.press("#essay", "Tab")
    watched.page.wait_for_function(
        "document.querySelector('#essay').closest('.nbgrader_cell').querySelector('.score-saved')"
    )
    for _ in range(40):
        with Gradebook(course.db_url, course.course_id) as gradebook:
            if gradebook.find_grade("essay", tiny.NOTEBOOK, tiny.NAME, "eve").manual_score == 4:
                break
        time.sleep(0.25)
    else:
        pytest.fail("the mark that was typed in did not arrive")


@pytest.mark.parametrize(
    "place", ["manage_assignments", "gradebook", "manage_students", f"gradebook/{tiny.NAME}/{tiny.NOTEBOOK}"]
)
def test_the_lists_of_the_formgrader_run_nothing(formgrader, watch, place):
    watched = watch(formgrader)
    assert watched.page.goto(f"{formgrader}/formgrader/{place}").ok
    watched.page.wait_for_timeout(500)
    assert not watched.did


# ------------------------------------------------------------------------------------------------------------ feedback


@pytest.fixture(scope="module")
def pages(course) -> dict[str, Path]:
    """Feedback pages, also of the notebook that nobody made safe before."""
    return {one.student: one.path for one in fb.feedback(course, tiny.NAME)}


@pytest.mark.parametrize("student", ["eve", "raw"])
def test_feedback_runs_nothing(pages, watch, student):
    watched = watch("file://")
    watched.page.goto(pages[student].as_uri())
    assert "Feedback: week1" in watched.page.title() and "kept" in watched.page.inner_text("main")
    watched.provoke()
    assert not watched.did


def test_feedback_is_dead_without_its_policy_too(pages, watch, tmp_path):
    """Two locks: the page is also opened with the Content-Security-Policy taken out."""
    html = pages["raw"].read_text(encoding="utf-8")
    bare = tmp_path / "bare.html"
    bare.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html), encoding="utf-8")
    watched = watch("file://")
    watched.page.goto(bare.as_uri())
    watched.provoke()
    assert not watched.did


def test_the_policy_holds_if_a_script_gets_into_the_page(pages, watch, tmp_path):
    """The other lock: everything hostile, pasted raw below the policy."""
    html = pages["eve"].read_text(encoding="utf-8")
    live = "".join(part for name, part in hostile.HTML.items() if name not in ("unclosed", "comment", "refresh"))
    page = tmp_path / "live.html"
    page.write_text(html.replace("</main>", f"</main>{live}"), encoding="utf-8")
    watched = watch("file://")
    watched.page.goto(page.as_uri())
    watched.page.wait_for_timeout(500)
    assert not [one for one in watched.did if one.startswith(("script", "dialog", "popup"))]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_feedback_is_accessible_and_fits_a_phone(course, watch, tmp_path, scheme):
    tiny.submit(course, "ann", tiny.ANSWERS["noisy"])
    grade_assignment(course, tiny.NAME, pool=tiny.Plain(), progress=False, students=["ann"])
    (page,) = [one.path for one in fb.feedback(course, tiny.NAME, ["ann"])]
    watched = watch("file://", viewport={"width": 360, "height": 740}, color_scheme=scheme, bypass_csp=True)
    watched.page.goto(page.as_uri())
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 360
    watched.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    report = Axe().run(watched.page)
    assert not report.response["violations"], report.generate_report()


ROOT = Path(__file__).resolve().parents[2]
# Words of headings that stand on two lines.
BROKEN = """() => {
    const broken = [];
    for (const one of document.querySelectorAll("h1, h2, h3, h4, th, .marks, summary")) {
        const texts = document.createTreeWalker(one, NodeFilter.SHOW_TEXT), range = document.createRange();
        for (let text; (text = texts.nextNode()); )
            for (const word of text.data.matchAll(/[\\p{L}\\d]+/gu)) {
                range.setStart(text, word.index);
                range.setEnd(text, word.index + word[0].length);
                if (new Set([...range.getClientRects()].map(rect => rect.top)).size > 1) broken.push(word[0]);
            }
    }
    return broken;
}"""


@pytest.fixture(scope="module")
def of_this_course(tmp_path_factory) -> Path:
    """The page of somebody who failed two tasks of exercise 5, left out one, and has half a reflection marked."""
    notebook = nbformat.read(ROOT / "exercises/05_inequality/05_inequality.ipynb", as_version=4)
    hidden = Markers.of(tiny.open_course(ROOT).config).hidden()
    tasks = outline(notebook.cells, hidden, given=True)
    cells = {}
    for cell in notebook.cells:
        role = cell.metadata.get("nbgrader", {})
        if role.get("grade"):
            task, points = tasks.of[role["grade_id"]], float(role["points"])
            cells[role["grade_id"]] = fb.Result(0.0 if task < 3 else points, points)
            name, said = (
                ("AssertionError", 'No. Chapter 5, "A gap has two sizes"') if task < 2 else ("NotImplementedError", "")
            )
            if task < 3:
                cell.outputs = [nbformat.v4.new_output("error", ename=name, evalue=f"{said} {'x' * 99}", traceback=[])]
    cells["reflection"] = fb.Result(
        4.0, 10.0, "correct index reading: 3 of 3. Well read\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    results = fb.Results("05_inequality", "05_inequality", 30, 62, cells=cells)
    book = Book.of(ROOT, "https://example.org/book/")
    html = fb.page(neutralise(fb.conceal(notebook, hidden)), results, tasks=tasks, book=book)
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.mark.parametrize("width, scheme", [(390, "dark"), (1280, "light")])
def test_a_page_of_this_course_fits_phone_desk_and_paper(of_this_course, watch, width, scheme):
    watched = watch("file://", viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page = watched.page
    page.goto(of_this_course.as_uri())
    todo = page.locator("#next").bounding_box()
    assert todo["y"] < 400, "what to do next is on the first screen"
    assert page.locator(".next a[href^='https://example.org/book/chapters/05_']").count() == 2
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    shown = "[...document.querySelectorAll('details')].filter(one => one.checkVisibility()).map(one => one.open)"
    assert page.evaluate(shown) == [True] * 3, "on paper: what failed, and half a reflection"
    page.emulate_media(media="screen")
    for opened in (False, True):
        if opened:
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(BROKEN) == []
    report = Axe().run(page)
    assert not report.response["violations"], report.generate_report()
