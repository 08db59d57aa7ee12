"""How heavy a page of the built book is, and how long a slow phone waits for it."""

import contextlib
import functools
import gzip
import http.server
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, TimeoutError

PACKED = {".woff2", ".png", ".pdf", ".epub", ".zip"}  # what no server would compress again
# "Slow 4G" and a phone a quarter as fast as this machine.
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
CPU = 4

OBSERVE = """
  window.seen = { shift: 0, largest: 0 };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.seen.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.seen.largest = entry.startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });
"""
TIMES = """() => ({
  paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
  largest: window.seen.largest,
  load: performance.getEntriesByType("navigation")[0].loadEventEnd,
  shift: window.seen.shift,
})"""


class Wait(NamedTuple):
    """Seconds to the first paint, the largest paint and the load event; and how much moved (CLS)."""

    paint: float
    largest: float
    load: float
    shift: float


def packed(name: str, body: bytes) -> int:
    """Bytes of a file as a server that compresses would send it."""
    return len(body) if Path(name.split("?")[0]).suffix in PACKED else len(gzip.compress(body, 6))


class _Compressing(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open, as everywhere

    def __init__(self, *given, late: Mapping[str, float], **options) -> None:
        self.late = late
        super().__init__(*given, **options)

    def log_message(self, *_: object) -> None:
        pass

    def handle(self) -> None:
        with contextlib.suppress(ConnectionResetError):  # the browser was closed
            super().handle()

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if not path.is_file():
            return self.send_error(404)
        body, headers = path.read_bytes(), {}
        if path.suffix not in PACKED:
            body, headers = gzip.compress(body, 6), {"Content-Encoding": "gzip"}
        time.sleep(self.late.get(path.name, 0))
        self.send_response(200)
        for key, value in {"Content-Type": self.guess_type(path), "Content-Length": str(len(body)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(body)


@contextlib.contextmanager
def serve(book: Path, late: Mapping[str, float] | None = None) -> Iterator[str]:
    """The address of a book served as the web would: compressed, over connections that stay open.

    ``late``: file name -> seconds that its answer waits.
    """
    handler = functools.partial(_Compressing, directory=str(book), late=late or {})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


def on_a_slow_phone(
    browser: Browser, address: str, times: int = 3, enough: Callable[[Wait], bool] = lambda _: False
) -> Wait:
    """The best of several first visits: other work on the machine can only make one slower.

    ``enough``: whether the best so far is good enough to make no further visit; a slowed phone costs seconds of a busy one.
    """
    found, best = [], None
    while len(found) < times and not (best and enough(best)):
        context = browser.new_context(**PHONE)
        page = context.new_page()
        page.add_init_script(OBSERVE)
        talk = context.new_cdp_session(page)
        talk.send("Network.enable")
        talk.send("Network.emulateNetworkConditions", LINE)
        talk.send("Emulation.setCPUThrottlingRate", {"rate": CPU})
        try:
            page.goto(address, wait_until="load")
            page.wait_for_timeout(300)
            seen = page.evaluate(TIMES)
            found.append(Wait(seen["paint"] / 1000, seen["largest"] / 1000, seen["load"] / 1000, seen["shift"]))
        except TimeoutError:  # the slowest of all visits: with a second browser busy, Chromium's slow line may stall
            found.append(Wait(math.inf, math.inf, math.inf, 0.0))
        context.close()
        best = Wait(*(min((v for v in values if v > 0), default=0.0) for values in zip(*found, strict=True)))
        best = best._replace(shift=max(wait.shift for wait in found))
    return best
