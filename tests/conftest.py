"""For every test: the programs of the environment that runs it, and a Chromium for those that open pages."""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# nbgrader calls alembic by name.
os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", "")


@contextlib.contextmanager
def chromium() -> Iterator:
    """The Chromium of this machine, without a window; stops with a sentence that says what to do where there is none."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
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
