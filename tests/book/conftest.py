"""The built book, served on localhost, and a Chromium that may talk to nobody else."""

import contextlib
import functools
import http.server
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, Route

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "chapters/05_inequality.html"  # where a test needs words or numbers of one chapter
# Every page, as _toc.yml lists them; test_the_list_of_pages_is_whole holds this against what was built.
_LISTED = re.findall(r"^\s*(?:- file|root): (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"), re.MULTILINE)
PAGES = [f"{name}.html" for name in [*_LISTED, "search"]]
CHAPTERS = [name for name in PAGES if name.startswith("chapters/")]
STRICT = ["-W", "-n", "--keep-going", "-q"]


def build(source: Path, output: Path) -> subprocess.CompletedProcess[str]:
    """Build a book strictly, as ``make book`` does."""
    program = Path(sys.executable).with_name("jupyter-book")
    command = [str(program), "build", *STRICT, str(source), "--path-output", str(output)]
    return subprocess.run(command, cwd=source, capture_output=True, text=True)


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built book: the one that ``make test`` builds meanwhile and names in IC_BOOK_HTML, else one built now."""
    if code := os.environ.get("IC_BOOK_MADE"):
        while not Path(code).exists():
            time.sleep(0.2)
        if Path(code).read_text() != "0":
            pytest.fail(f"make book failed:\n{Path(code).with_name('log').read_text('utf-8', 'replace')[-3000:]}")
    if named := os.environ.get("IC_BOOK_HTML"):
        assert (Path(named) / "index.html").exists(), f"IC_BOOK_HTML={named} holds no built book; run make book"
        return Path(named)
    output = tmp_path_factory.mktemp("book")
    done = build(ROOT, output)
    assert done.returncode == 0, f"the book does not build:\n{done.stderr[-3000:]}"
    html = output / "_build" / "html"
    subprocess.run([sys.executable, "-m", "bookbuild.lite", str(html)], cwd=ROOT, check=True)
    return html


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def copyfile(self, source, outputfile) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the page was left before it was whole
            super().copyfile(source, outputfile)


@pytest.fixture(scope="session")
def site(book: Path) -> Iterator[str]:
    """The address of the built book on localhost, ending in a slash."""
    handler = functools.partial(_Quiet, directory=str(book))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@dataclass
class Reader:
    """A page, and what it did: where it asked, what it got, what it complained of."""

    page: Page
    site: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)

    def open(self, name: str) -> "Reader":
        self.page.goto(self.site + name)
        return self

    def walk(self) -> "Reader":
        """Scroll from top to bottom as a reader does, until each chart that can come alive has."""
        self.page.mouse.move(5, 5)
        for chart in self.page.locator(".ic-chart:has(.ic-spec)").all():
            deadline = time.monotonic() + 30
            while not chart.get_attribute("data-state"):
                # Again and again: what stands above is laid out only now, and moves the chart away.
                chart.evaluate("chart => chart.scrollIntoView({ block: 'center' })")
                self.page.wait_for_timeout(60)
                assert time.monotonic() < deadline, f"{chart.get_attribute('id')} does not come alive"
        return self


@contextlib.contextmanager
def reading(browser: Browser, site: str) -> Iterator[Callable[..., Reader]]:
    """``read(name, width=…, dark=…, scripts=…)`` opens a page; every request to another host is refused and noted."""
    opened = []

    def reader(
        name: str, *, width: int = 1280, height: int = 900, dark: bool = False, scripts: bool = True, **context
    ) -> Reader:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            **context,
        )
        opened.append(context)
        it = Reader(context.new_page(), site)

        def guard(route: Route) -> None:
            if route.request.url.startswith((site, "data:", "blob:")):
                route.continue_()
            else:
                it.foreign.append(route.request.url)
                route.abort()

        context.route("**/*", guard)
        it.page.on(
            "console", lambda message: message.type in ("error", "warning") and it.complaints.append(message.text)
        )
        it.page.on("pageerror", lambda error: it.complaints.append(str(error)))
        it.page.on("response", lambda response: it.responses.append(response))
        return it.open(name)

    yield reader
    for context in opened:
        context.close()


@pytest.fixture
def read(browser: Browser, site: str) -> Iterator[Callable[..., Reader]]:
    with reading(browser, site) as reader:
        yield reader


def names(book: Path) -> list[str]:
    """Every page of the book; not the old addresses that lead on to one, nor ``lite/``, which has tests of its own."""
    found = (path for path in book.rglob("*.html") if path.relative_to(book).parts[0] not in ("_static", "lite"))
    return sorted(p.relative_to(book).as_posix() for p in found if 'http-equiv="refresh"' not in p.read_text("utf-8"))
