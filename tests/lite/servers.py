"""Two servers on localhost that answer as the real ones do, and count: the site's host, and Pyodide's CDN from a mirror.

Both compress what such hosts compress (text, scripts, WebAssembly) and set their cache headers, so that the bytes counted are
those that a student's connection carries, and a second visit finds in the browser's cache what it would find there.
"""

import email.utils
import gzip
import http.server
import mimetypes
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMPRESSED = {".html", ".js", ".mjs", ".css", ".json", ".ipynb", ".svg", ".csv", ".txt", ".wasm", ".md"}
TYPES = {
    ".ipynb": "application/json",
    ".js": "text/javascript",
    ".wasm": "application/wasm",
    ".whl": "application/octet-stream",
}


@cache
def _gzip(path: Path, _modified: int) -> bytes:
    return gzip.compress(path.read_bytes(), 6)


@dataclass
class Server:
    """A folder, served. ``sent`` lists (address, bytes of body as sent) since it was last cleared."""

    folder: Path
    prefix: str = "/"
    cache: str = "max-age=600"
    sent: list[tuple[str, int]] = field(default_factory=list)
    down: bool = False  # cut each connection: the network is gone
    cut_after: dict[str, int] = field(default_factory=dict)  # file name -> bytes after which the connection drops
    unavailable: set[str] = field(default_factory=set)  # file names that are answered with an error
    silent: set[str] = field(default_factory=set)  # file names that nobody answers as long as they are here
    deaf: bool = False  # answer nothing: a line that swallows what is asked
    rate: float = 0  # bytes a second; 0 is as fast as it goes
    port: int = 0

    @property
    def total(self) -> int:
        return sum(size for _, size in self.sent)

    def handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                if server.down:
                    self.close_connection = True
                    return
                where = unquote(urlsplit(self.path).path)
                path = server.folder / where.removeprefix(server.prefix).lstrip("/")
                if where.endswith("/"):
                    path /= "index.html"
                elif path.is_dir():  # as GitHub Pages does
                    self.send_response(301)
                    self.send_header("Location", f"{where}/")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                if not where.startswith(server.prefix) or not path.is_file() or path.name in server.unavailable:
                    self.send_response(503 if path.name in server.unavailable else 404)
                    self.send_header("Content-Length", "0")
                    self.send_header("Access-Control-Allow-Origin", "*")
                    self.end_headers()
                    return
                while server.deaf or path.name in server.silent:
                    time.sleep(0.2)
                status = path.stat()
                tag = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
                fresh = self.headers.get("If-None-Match") == tag
                packed = path.suffix in COMPRESSED
                body = b"" if fresh else _gzip(path, status.st_mtime_ns) if packed else path.read_bytes()
                self.send_response(304 if fresh else 200)
                kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
                self.send_header("Content-Type", kind)
                if packed and not fresh:
                    self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("ETag", tag)
                self.send_header("Last-Modified", email.utils.formatdate(status.st_mtime, usegmt=True))
                self.send_header("Cache-Control", server.cache)
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()
                server.sent.append((self.path, len(body)))
                try:
                    self._write(path.name, body)
                except OSError:  # the page was left before it was whole
                    self.close_connection = True

            def _write(self, name: str, body: bytes) -> None:
                limit = server.cut_after.get(name)
                if limit is not None:
                    self.wfile.write(body[:limit])
                    self.wfile.flush()
                    self.connection.close()
                    raise ConnectionAbortedError
                if not server.rate:
                    self.wfile.write(body)
                    return
                step = max(1024, int(server.rate / 20))
                for at in range(0, len(body), step):
                    self.wfile.write(body[at : at + step])
                    time.sleep(0.05)

        return Handler


class _Threads(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:  # a page that was closed is no news
        pass


@contextmanager
def running(server: Server, secure: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve until the end of the block."""
    http_server = _Threads(("127.0.0.1", 0), server.handler())
    if secure:
        # The handshake waits for the browser, so it belongs into the connection's own thread.
        http_server.socket = secure.wrap_socket(http_server.socket, server_side=True, do_handshake_on_connect=False)
    server.port = http_server.server_port
    threading.Thread(target=http_server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        http_server.shutdown()
        http_server.server_close()
