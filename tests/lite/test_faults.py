"""What goes wrong on a student's side, and what the page then says: each note tells what happened and how to save the work."""

import re

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe

from bookbuild.lite.make import ROOT, STAMP

CHAPTER = f"chapters/{sorted(path.stem for path in ROOT.glob('chapters/*.ipynb'))[0]}.ipynb"
EMPTY_DISK = """
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (...given) {
  if (window.icFull) throw new DOMException("The disk is full.", "QuotaExceededError");
  return put.apply(this, given);
};
"""


@pytest.fixture
def altered(host, book, tmp_path):
    """``altered(change)``: from now on the site has another service worker: ``change`` of the text that it has."""
    new = tmp_path / "html"
    (new / "lite").mkdir(parents=True)
    for path in (book / "lite").iterdir():
        (new / "lite" / path.name).symlink_to(path)
    worker = new / "lite" / "service-worker.js"
    text = worker.read_text(encoding="utf-8")
    worker.unlink()
    old = host.folder

    def alter(change):
        worker.write_text(change(text), encoding="utf-8")
        host.folder = new

    yield alter
    host.folder = old


def write_something(student) -> None:
    student.page.evaluate(
        "window.jupyterapp.shell.currentWidget.content.model.cells.get(1).sharedModel.setSource('print(\"mine\")')"
    )


def holds_mine(path) -> bool:
    return is_mine(nbformat.read(path, as_version=4))


def is_mine(notebook) -> bool:
    return any(cell["source"] == 'print("mine")' for cell in notebook["cells"])


def test_a_connection_lost_while_python_loads(enrol, cdn, tmp_path):
    if not cdn:
        pytest.skip("needs the mirror: the real CDN cannot be cut")
    cdn.cut_after["pyodide.asm.wasm"] = 500_000
    try:
        student = enrol().open(CHAPTER)
        said = student.until_note("lost")
    finally:
        cdn.cut_after.clear()
    assert "connection was lost" in said and "what you write is kept" in said
    assert "cells cannot run" in student.says
    write_something(student)
    assert holds_mine(student.download(tmp_path / "x.ipynb"))
    # The connection is back: the work is saved first, and Python arrives.
    student.page.get_by_role("button", name="Try again").click()
    student.until_ready()
    assert is_mine(student.notebook())


def test_python_that_arrives_after_all_is_said_to_be_there(enrol, cdn):
    if not cdn:
        pytest.skip("needs the mirror: the real CDN cannot be cut")
    (pandas,) = cdn.folder.glob("pandas-*.whl")
    cdn.cut_after[pandas.name] = 500_000
    try:
        student = enrol().open(CHAPTER).until_read()
        student.until_note("lost")
    finally:
        cdn.cut_after.clear()
    student.until_ready()
    assert not {"lost", "soon"} & set(student.notes())
    (outputs,) = student.run(["import pandas; print(len(pandas.DataFrame()))"])
    assert outputs[-1]["text"] == "0\n"


def test_a_cdn_that_never_answers_keeps_nobody_from_reading(enrol, cdn):
    """As behind a firewall that drops what it does not like."""
    if not cdn:
        pytest.skip("needs the mirror: the real CDN answers")
    cdn.silent.add("pyodide-lock.json")
    try:
        student = enrol().open(CHAPTER)
        student.wait("() => !document.getElementById('ic-wait')", seconds=60)
        assert "connection was lost" in student.until_note("lost")
    finally:
        cdn.silent.clear()


@pytest.mark.parametrize("rate", [250_000, 0])  # so that Python comes after the notebook, and before
def test_a_line_that_stalls_is_told(enrol, host, cdn, rate):
    if not cdn:
        pytest.skip("needs the mirror: the real CDN does not stall")
    host.rate = rate
    cdn.silent.add("python_stdlib.zip")
    try:
        student = enrol().open(CHAPTER).until_read()
        host.rate = 0
        assert "Nothing has arrived" in student.until_note("late", 120)
    finally:
        host.rate = 0
        cdn.silent.clear()
    student.until_ready()
    assert "late" not in student.notes()


def test_no_connection_to_the_cdn_at_all(enrol, cdn):
    if not cdn:
        pytest.skip("needs the mirror: the real CDN cannot be cut")
    cdn.down = True
    try:
        student = enrol().open(CHAPTER).until_read()
        assert "connection was lost" in student.until_note("lost")
        assert student.page.locator(".jp-Notebook .jp-Cell").count() > 3  # it can be read all the same
    finally:
        cdn.down = False
    # The next visit finds JupyterLite in this browser. That it comes at once says nothing of the line: the notebook goes first.
    student.asked.clear()
    student.open(CHAPTER).until_ready()
    order = [student.first_asked(part) for part in (f"lite/files/{CHAPTER}", "start-python.js")]
    assert order == sorted(order)


def test_a_package_that_only_a_cell_needs_is_told_and_so_is_its_loss(enrol, cdn):
    if not cdn:
        pytest.skip("needs the mirror: the real CDN cannot be cut")
    student = enrol().open(CHAPTER).until_read().until_ready()
    (scipy,) = cdn.folder.glob("scipy-*.whl")
    for spoil, mend in (
        (lambda: cdn.unavailable.add(scipy.name), cdn.unavailable.clear),
        (lambda: cdn.cut_after.update({scipy.name: 500_000}), cdn.cut_after.clear),
    ):
        spoil()
        try:
            (outputs,) = student.run(["import scipy.stats"])
        finally:
            mend()
        assert outputs[-1]["output_type"] == "error"
        assert "lost while scipy was being fetched" in student.until_note("lost scipy", 60)
        student.page.evaluate("""document.querySelector('[data-kind="lost scipy"]').remove()""")
    # The connection is back, and slow.
    cdn.rate = 8e6
    try:
        student.page.evaluate(
            """void (window.icRun = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
                 .requestExecute({ code: "import scipy.stats" }).done)"""
        )
        student.wait("() => /^Fetching .*scipy .*MB\\), once/.test(document.getElementById('ic-says').textContent)")
        student.page.evaluate("void window.jupyterapp.commands.execute('notebook:run-cell')")
        assert student.page.evaluate("async () => (await window.icRun).content.status") == "ok"
    finally:
        cdn.rate = 0
    student.until_ready()
    assert not {"lost scipy", "soon"} & set(student.notes())


def test_a_connection_lost_while_the_notebook_itself_loads(enrol, host, book):
    core = next((book / "lite" / "build").glob("jlab_core.*.js")).name
    host.cut_after[core] = 1000
    try:
        student = enrol().open(CHAPTER)
        assert "while the notebook was being fetched" in student.until_note("lost")
        assert student.page.get_by_role("button", name="Try again").is_visible()
    finally:
        host.cut_after.clear()


def test_full_storage_is_told_and_the_work_can_be_downloaded(enrol, tmp_path):
    student = enrol()
    student.context.add_init_script(EMPTY_DISK)
    student.open(CHAPTER).until_read()
    student.page.evaluate("window.icFull = true")
    write_something(student)
    student.save()
    said = student.until_note("unsaved")
    assert "could not be stored" in said and "Download it now" in said
    # JupyterLab opens a dialog of its own; the button of the strip lies above it.
    assert holds_mine(student.download(tmp_path / "x.ipynb"))


def test_storage_that_is_full_from_the_start(enrol, tmp_path):
    student = enrol()
    student.context.add_init_script(EMPTY_DISK + "window.icFull = true;")
    assert "storage is full" in student.open(CHAPTER).until_note("storage")
    student.until_read()
    write_something(student)
    assert holds_mine(student.download(tmp_path / "x.ipynb"))


def test_blocked_storage_is_told_before_anything_is_written(enrol):
    student = enrol()
    student.context.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('blocked', 'SecurityError'); };"
    )
    said = student.open(CHAPTER).until_note("storage")
    assert "private window, or storage is blocked" in said and "download it before" in said


def test_python_that_does_not_start_is_told(enrol):
    """As on a phone with too little memory."""
    student = enrol()
    student.context.route("**/start-python.js", lambda route: route.fulfill(body="throw new Error('out of memory')"))
    # The service worker would answer in place of the route.
    student.context.add_init_script("delete Navigator.prototype.serviceWorker;")
    said = student.open(CHAPTER).until_note("lost", 120)
    assert "could not be started in this browser" in said and "what you write is kept" in said


def test_a_window_without_service_worker_still_runs_python(enrol):
    """As in a private window of Firefox."""
    student = enrol()
    student.context.add_init_script("delete Navigator.prototype.serviceWorker;")
    student.open(CHAPTER)
    assert "private window" in student.until_note("storage")
    student.until_read().until_ready()
    (outputs,) = student.run(["import integrated_care; print(len(integrated_care.names()) > 5)"])
    assert outputs[0]["text"] == "True\n"


def test_safari_forgets_and_the_page_says_so(enrol):
    """After seven days without a visit, whatever a page has stored: https://webkit.org/blog/10218."""
    agent = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15"
    student = enrol(user_agent=agent).open(CHAPTER).until_ready()
    assert "seven days: download it" in student.says


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("chapters/99_renamed.ipynb", "could not be opened"),
        ("chapters/100%25.ipynb", "could not be opened"),
        ("", "Open a notebook from its page in the book"),
    ],
)
def test_a_notebook_that_is_not_there(enrol, path, says):
    student = enrol().open(path)
    student.wait("(says) => document.getElementById('ic-says').textContent.includes(says)", says, seconds=60)
    if path:
        assert "may have another name now" in student.until_note("lost")
        assert student.page.get_by_role("button", name="Back to the book").is_visible()


# ---- what the notebook can do without, and what never answers

NEVER = "() => new Promise(() => {})"


def no_database(which: str) -> str:
    """A script after which databases whose ``name`` fulfils ``which`` are never opened."""
    never = f"function (name, ...more) {{ return {which} ? {{}} : open.call(this, name, ...more); }}"
    return f"const open = IDBFactory.prototype.open; IDBFactory.prototype.open = {never};"


def opens(student) -> None:
    """The notebook can be read, although something never answers; the patience is that of a machine with much to do."""
    student.wait("() => !document.getElementById('ic-wait')", seconds=90)


@pytest.mark.parametrize("file", ["service-worker.js", "jupyterlite-service-worker.js"])
def test_a_service_worker_that_never_comes_keeps_nobody_from_reading(enrol, host, file):
    host.silent.add(file)
    try:
        student = enrol().open(CHAPTER)
        opens(student)
        said = student.notes()["copy"]
        assert "without a connection it does not open" in said and "You can read, run and save" in said
        student.until_ready()
        write_something(student)
        assert student.run(["print(6 * 7)"])[0][0]["text"] == "42\n"
    finally:
        host.silent.clear()
    student.wait("() => !document.querySelector('[data-kind=copy]')", seconds=90)  # it came after all


def test_a_service_worker_that_is_not_there_is_told(enrol, host):
    host.unavailable.add("service-worker.js")
    try:
        student = enrol().open(CHAPTER)
        opens(student)
        assert "copy" in student.notes()
    finally:
        host.unavailable.clear()


@pytest.mark.parametrize(
    ("stub", "kind"),
    [
        (f"ServiceWorkerContainer.prototype.register = {NEVER};", "copy"),
        (f"CacheStorage.prototype.keys = {NEVER};", "copy"),
        (f"CacheStorage.prototype.match = CacheStorage.prototype.open = {NEVER};", ""),
        (f"Object.defineProperty(ServiceWorkerContainer.prototype, 'ready', {{ get: {NEVER} }});", ""),
        (f"StorageManager.prototype.persist = StorageManager.prototype.estimate = {NEVER};", ""),
        (no_database("name === 'ic-probe'"), "storage"),
    ],
    ids=["register", "keys", "match", "ready", "persist", "database"],
)
def test_what_the_browser_never_settles_keeps_nobody_from_reading(enrol, stub, kind):
    student = enrol()
    student.context.add_init_script(f"{{ {stub} }}")
    opens(student.open(CHAPTER))
    # A note that only a busy machine brought goes by itself.
    told = "(kinds) => [...document.querySelectorAll('.ic-note')].map((note) => note.dataset.kind).join() === kinds"
    student.wait(told, kind, seconds=60)


def test_storage_that_never_answers_is_told_before_anything_is_written(enrol, tmp_path):
    """The notebook itself waits for it, so as not to hide earlier work behind a fresh copy."""
    student = enrol()
    student.context.add_init_script(f"{{ {no_database('true')} IDBFactory.prototype.databases = {NEVER}; }}")
    student.open(CHAPTER)
    assert "does not answer" in student.until_note("storage", 60)
    assert "You can wait, or try again" in student.until_note("late", 120)
    assert student.page.get_by_role("button", name="Try again").is_visible()
    # What it holds cannot be had; that is said, and the notebook as published comes.
    with student.page.expect_download(timeout=60_000):
        student.page.get_by_role("button", name="Download my work").click()
    assert "as it was published" in student.until_note("unsaved")


@pytest.mark.parametrize("file", ["en.json", "all_federated.json"])
def test_what_jupyterlite_can_do_without_keeps_nobody_from_reading(enrol, host, file):
    host.silent.add(file)
    try:
        student = enrol().open(CHAPTER)
        opens(student)
        student.until_ready()
        assert not student.notes()
    finally:
        host.silent.clear()


@pytest.mark.parametrize("file", ["start.js", "bundle.js"])
def test_a_part_of_the_page_that_never_comes_is_told(enrol, host, file):
    host.silent.add(file)
    try:
        student = enrol().open(CHAPTER, until="commit")
        student.wait(
            """() => /not arrived|Nothing has arrived/.test(document.querySelector("#ic-strip").textContent)""",
            seconds=90,
        )
    finally:
        host.silent.clear()
    opens(student)
    assert "late" not in student.notes()


def test_what_is_kept_serves_where_the_line_swallows_what_is_asked(enrol, host):
    lasting, host.cache = host.cache, "no-store"  # the browser's own cache would hide what the worker lacks
    student = enrol().open(CHAPTER).until_read()
    student.open(CHAPTER).until_read()  # the first visit asks for the page itself before the worker is there
    host.deaf = True
    try:
        student.open(CHAPTER, until="commit").until_read()
    finally:
        host.deaf, host.cache = False, lasting


def test_a_service_worker_whose_storage_never_answers_fetches(enrol, altered):
    never = """
        const opening = caches.open.bind(caches);
        caches.open = (name) => (name.startsWith("ic ") ? new Promise(() => {}) : opening(name));
    """
    altered(lambda text: f"{never}\n{text}")
    opens(enrol().open(CHAPTER))


def test_the_list_of_files_opens(enrol, host):
    """JupyterLite's logo leads there; hosts redirect from the folder without a slash."""
    student = enrol().open(CHAPTER).until_read()
    student.page.goto(f"{student.site}lite/tree")
    assert student.page.url.endswith("/tree/index.html") or student.page.url.endswith("/tree/")
    student.page.get_by_text("chapters").first.wait_for(timeout=60_000)


def test_the_notebook_opens_without_a_connection_after_new_releases(enrol, host, altered):
    """The visit after a release is answered by the old service worker; the new one must not throw away what it kept."""
    lasting, host.cache = host.cache, "no-store"  # the browser's own cache would hide what the worker lacks
    student = enrol().open(CHAPTER).until_read().until_ready()
    try:
        for build in ("00000000000a", "00000000000b"):
            student.open(CHAPTER).until_read()
            altered(lambda text, build=build: re.sub("site [0-9a-f]{12}", f"site {build}", text))
            student.open(CHAPTER).until_read()
            # The old worker has answered; now the new one takes over, and lets go of what is two releases old.
            student.page.wait_for_timeout(4000)
        host.down = True
        student.open(CHAPTER).until_read()
    finally:
        host.down, host.cache = False, lasting


@pytest.mark.parametrize("lacks", ["WebAssembly", "BigInt64Array"])
def test_an_old_browser_is_told_what_to_do(enrol, lacks):
    student = enrol()
    student.context.add_init_script(f"delete window.{lacks}; window.{lacks} = undefined;")
    page = student.open(CHAPTER).page
    page.wait_for_selector("#ic-old:visible")
    assert "too old to run Python" in page.locator("#ic-old").inner_text()
    assert page.get_by_role("link", name="Download this notebook").get_attribute("href") == f"../files/{CHAPTER}"
    assert not Axe().run(page).response["violations"]


def test_without_scripts_the_page_says_so(enrol):
    page = enrol(java_script_enabled=False).open(CHAPTER).page
    assert "needs JavaScript" in page.locator("noscript").inner_text()


def test_a_copy_of_an_older_edition_opens_and_says_so(enrol, tmp_path):
    student = enrol().open(CHAPTER).until_read()
    assert "edition" not in student.notes()
    student.page.evaluate(
        "([key, old]) => window.jupyterapp.shell.currentWidget.content.model.sharedModel.setMetadata(key, old)",
        [STAMP, {"notebook": CHAPTER, "edition": "0.0.9-00000000"}],
    )
    write_something(student)
    student.save()
    student.wait("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    student.open(CHAPTER).until_read()
    said = student.until_note("edition")
    assert "older edition of this notebook (0.0.9-00000000)" in said
    # Start the current one: the old copy stays beside it.
    student.page.get_by_role("button", name="Start the current edition").click()
    student.page.wait_for_event("load")
    student.until_read()
    assert "edition" not in student.notes()
    assert not is_mine(student.notebook())
    # The copy can be opened from there, is handed in under the notebook's own name, and leads back.
    assert "-my-copy-1.ipynb" in student.notes()["aside"]
    student.page.get_by_role("button", name="Open your copy").click()
    student.page.wait_for_url("**my-copy-1.ipynb")
    assert "older edition" in student.until_read().until_note("edition")
    assert is_mine(student.notebook())
    assert holds_mine(student.download(tmp_path / "x.ipynb"))
    student.page.get_by_role("button", name="Open the current edition").click()
    student.page.wait_for_url(f"**{CHAPTER.split('/')[1]}")
    student.until_read()
    assert not {"edition", "aside"} & set(student.notes())
    assert not is_mine(student.notebook())
