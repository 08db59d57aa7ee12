"""For every test: the programs of the environment that runs it, and a Chromium for those that open pages."""

import contextlib
import gc
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import kernels
import pytest

# nbgrader calls alembic by name.
os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", "")


# Files that take long begin, so that none of them is left to one worker at the end; what they take grows with the chapters.
# The first four read no book, which is being built meanwhile.
LONGEST = [
    "tests/exercises/test_nbgrader.py",
    "tests/classroom/test_displaced.py",
    "tests/exercises/test_bank.py",
    "tests/classroom/test_apart.py",
    "tests/lite/test_run.py",
    "tests/book/test_walk.py",
    "tests/book/test_paper.py",
    "tests/book/test_access.py",
    "tests/book/test_faces.py",
    "tests/book/test_weight.py",
    "tests/classroom/test_power_cut.py",
    "tests/classroom/test_attacks.py",
    "tests/book/test_epub.py",
    "tests/exercises/test_release.py",
    "tests/classroom/test_feedback.py",
    "tests/classroom/test_grade.py",
    "tests/classroom/test_course_trouble.py",
    "tests/classroom/test_execute.py",
]


def pytest_collection_finish() -> None:
    """Twelve thousand tests stay to the end: nobody need look again and again whether they are garbage."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--make-book", action="store_true", help="run make book beside the first tests")


def pytest_configure(config: pytest.Config) -> None:
    """With ``--make-book`` the book is built while tests run that do not read it; those that do wait (see ``book``)."""
    config.pluginmanager.register(Kernels())
    if not config.getoption("--make-book") or hasattr(config, "workerinput"):
        return
    folder = Path(tempfile.mkdtemp(prefix="make-book-"))
    os.environ["IC_BOOK_MADE"] = str(folder / "code")  # workers inherit it
    with (folder / "log").open("wb") as log:
        made = subprocess.Popen(["make", "book"], cwd=config.rootpath, stdout=log, stderr=log)
    config.add_cleanup(lambda: (made.terminate(), shutil.rmtree(folder, ignore_errors=True)))

    def tell() -> None:
        code = made.wait()
        (folder / "code.part").write_text(str(code))
        (folder / "code.part").rename(folder / "code")

    threading.Thread(target=tell, daemon=True).start()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order of files; within one, the tests stay as they stand."""
    root = Path(__file__).resolve().parent.parent
    if gone := [name for name in LONGEST if not (root / name).exists()]:
        raise pytest.UsageError(f"tests/conftest.py begins with files that are not there: {', '.join(gone)}")
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


class Kernels:
    """A plugin, since notebooks stand beside this folder and its hooks are not for them: those that nbval runs are forked."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if item.path.suffix == ".ipynb":
            kernels.warm()


@contextlib.contextmanager
def chromium() -> Iterator:
    """The Chromium of this machine, without a window; stops with a sentence that says what to do where there is none."""
    from playwright.sync_api import sync_playwright

    from bookbuild.paper.pdf import find_chromium

    found = find_chromium()
    with sync_playwright() as playwright:
        if not found and not Path(playwright.chromium.executable_path).exists():
            pytest.fail(
                "The browser tests need Chromium: install the package 'chromium' or run 'playwright install chromium'."
            )
        opened = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


# One a module: while it is open, Playwright's event loop is the running one, which other tests of this process may not meet.
@pytest.fixture(scope="module")
def browser() -> Iterator:
    with chromium() as opened:
        yield opened
