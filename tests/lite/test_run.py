"""Every chapter, every released exercise and the whole answer bank, in the browser's Python, with the site as it is published.

One page and one start of Python serve them all; between two notebooks all names are forgotten.
"""

import inspect
import json
import sys
from collections.abc import Iterator

import pytest
from compat.seen import seen

from bookbuild.lite.needs import imported
from bookbuild.notebooks import ROOT

from .student import Student, code_cells, outcome

sys.path.insert(0, str(ROOT / "tests" / "exercises"))
import harness

LIBRARIES = {"scipy", "networkx"}  # what a cell fetches when it imports a part of them
CHAPTERS = sorted(path.stem for path in ROOT.glob("chapters/*.ipynb"))
MARK = "\n".join(
    ["import contextlib, io, json, sys, warnings", "from collections.abc import Callable"]
    + [inspect.getsource(part) for part in (harness._print_warning, harness._run, harness.verdicts)]
)


@pytest.fixture(scope="module")
def at_work(enrol) -> Iterator[Student]:
    """A student whose Python is ready; any notebook's page will do."""
    student = enrol().open(f"chapters/{CHAPTERS[0]}.ipynb").until_read().until_ready()
    # Nobody looks at the page from here on. To draw it (a ring turns as long as Python works) takes a tenth of the time.
    student.page.add_style_tag(content="body { display: none }")
    yield student


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_gives_in_the_browser_what_the_book_shows(at_work, book, name):
    at_work.fresh()
    cells = code_cells(book / "lite" / "files" / "chapters" / f"{name}.ipynb")
    for cell, outputs in zip(cells, at_work.run([cell.source for cell in cells]), strict=True):
        assert [seen(output) for output in outputs] == [seen(output) for output in cell.outputs], f"cell {cell.id!r}"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", harness.NOTEBOOKS)
def test_a_released_exercise_runs_and_each_stub_says_what_to_write(at_work, book, name):
    bank, file = harness.bank(name), harness.NOTEBOOKS[name].relative_to(ROOT)
    at_work.fresh()
    cells = code_cells(book / "lite" / "files" / file)
    # A coloured traceback of each stub takes nine tenths of the time; what is compared is the error and its message.
    at_work.run(["%xmode Minimal"])
    ran = at_work.run([cell.source for cell in cells])
    failed = {
        harness.grade_id(cell) or cell.id: outcome({"outputs": outputs})
        for cell, outputs in zip(cells, ran, strict=True)
        if outcome({"outputs": outputs})
    }
    stubs = {cell: f"NotImplementedError: {task.stub.says}" for task in bank.TASKS for cell in task.points}
    assert {cell: said.replace("<class '", "").replace("'>", "") for cell, said in failed.items()} == stubs


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("name", harness.NOTEBOOKS)
def test_answers_get_the_same_marks_and_messages_in_the_browser(at_work, name):
    """Right answers pass hidden tests, too; wrong ones lose the same cells, with the messages that a student sees."""
    bank, exercise = harness.bank(name), harness.Exercise(name)
    jobs = []  # (label, answer, only_visible, test cells)
    for task in bank.TASKS:
        tests = exercise.blocks[task.function].tests
        for answer in task.right:
            jobs.append((f"{task.function}, {answer.name}", task.function, answer.source, False, tests))
        for answer in task.wrong:
            shown = {cell: harness.visible(source) for cell, source in tests.items()}
            jobs.append((f"{task.function}, {answer.name}", task.function, answer.source, True, shown))
    # What a right answer earns outside, every point, test_bank.py says.
    native = [
        exercise.mark(function, source, only_visible=True) if visible else dict.fromkeys(tests)
        for _, function, source, visible, tests in jobs
    ]
    at_work.fresh()
    # A cell's imports are fetched before it runs; these answers run as text within one cell.
    parts = imported(exercise.setup).union(*(imported(source) for _, _, source, *_ in jobs))
    wanted = {name.partition(".")[0] for name in parts} & LIBRARIES
    at_work.run([f"import {name}" for name in sorted(wanted)])
    todo = json.dumps([(source, tests) for _, _, source, _, tests in jobs])
    program = (
        f"{MARK}\nfrom IPython.display import display\n"
        f"found = [verdicts({exercise.setup!r}, answer, tests, display) for answer, tests in json.loads({todo!r})]\n"
        "print(json.dumps(found))"
    )
    (outputs,) = at_work.run([program])
    assert not outcome({"outputs": outputs}), outcome({"outputs": outputs})
    text = "".join(output["text"] for output in outputs if output.get("name") == "stdout")
    found = json.loads(text.strip().splitlines()[-1])
    lost = {True: "what the student sees", False: "a right answer"}
    for (label, *_, visible, _), here, there in zip(jobs, native, found, strict=True):
        passed = [{cell: said is None for cell, said in marks.items()} for marks in (here, there)]
        assert passed[0] == passed[1], f"{label} ({lost[visible]}): outside {here}, in the browser {there}"
        if not visible:
            assert all(said is None for said in there.values()), f"{label}: {there}"


def test_a_module_fetches_what_it_imports_before_the_cell_runs(at_work):
    """scipy and networkx come only when a cell needs them, also through a module of the course's own package."""
    source = "from importlib.util import find_spec\nprint(bool(find_spec('{0}')))"
    at_work.fresh()
    at_work.run(["needs = ast = Path = kernel = None"])  # whatever a student calls things
    (outputs,) = at_work.run(["import networkx, scipy.stats\nprint(networkx.__name__, scipy.__name__)"])
    assert outputs[0].get("text") == "networkx scipy\n", outputs
    (outputs,) = at_work.run([source.format("jedi")])
    assert outputs[0]["text"] == "False\n"


def test_only_the_site_and_the_cdn_were_asked(at_work):
    from bookbuild.lite.make import CDN

    foreign = [url for url in at_work.asked if not url.startswith((at_work.site, CDN, "blob:", "data:"))]
    assert not foreign
