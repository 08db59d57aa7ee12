"""The built site as a student meets it: a real Chromium, the site on localhost, Pyodide's CDN from a mirror.

The environment variable ``PYODIDE_MIRROR`` names the folder of the mirror. Without it the CDN is asked itself; whatever else
a page asks for is refused either way: no other name resolves.
"""

import os
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from book.conftest import book  # noqa: F401 (the fixture: the folder of the built site)
from playwright.sync_api import Browser, BrowserContext

from bookbuild.lite.make import CDN
from bookbuild.paper.pdf import find_chromium

from .servers import Server, running
from .student import Student

CDN_HOST = CDN.split("/")[2]
MIRROR = os.environ.get("PYODIDE_MIRROR")


@pytest.fixture(scope="module")
def host(book: Path) -> Iterator[Server]:  # noqa: F811
    """What serves the site."""
    with running(Server(book)) as server:
        yield server


@pytest.fixture(scope="module")
def cdn() -> Iterator[Server | None]:
    """What stands for Pyodide's CDN; None where the CDN itself is asked."""
    if not MIRROR:
        yield None
        return
    folder = Path(MIRROR)
    if not (folder / "pyodide-lock.json").is_file():
        pytest.fail(f"PYODIDE_MIRROR={MIRROR} holds no pyodide-lock.json: name the mirror of {CDN}, or unset it")
    import trustme

    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(CDN_HOST).configure_cert(secure)
    prefix = CDN.split(CDN_HOST)[1]
    server = Server(folder, prefix, "public, max-age=31536000, immutable")
    with running(server, secure):
        yield server


@pytest.fixture(scope="module")
def chromium(cdn: Server | None) -> Iterator[Browser]:
    """A Chromium for which only localhost and the CDN exist."""
    from playwright.sync_api import sync_playwright

    if cdn:
        names = f"MAP {CDN_HOST} 127.0.0.1:{cdn.port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    else:
        names = f"MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE {CDN_HOST}"
    arguments = ["--no-sandbox", "--disable-quic", "--disable-background-networking", f"--host-resolver-rules={names}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=[*arguments, "--ignore-certificate-errors"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def enrol(chromium: Browser, host: Server, cdn: Server | None) -> Iterator[Callable[..., Student]]:
    """``enrol(**options)`` gives a student with a fresh browser profile; the options are Playwright's for a context."""
    contexts: list[BrowserContext] = []

    def new(**options) -> Student:
        options = {"viewport": {"width": 1200, "height": 850}, "accept_downloads": True} | options
        contexts.append(chromium.new_context(**options))
        return Student(contexts[-1], f"http://127.0.0.1:{host.port}/", host, cdn)

    yield new
    for context in contexts:
        context.close()
