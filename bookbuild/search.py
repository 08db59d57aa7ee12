"""Search that leads to the very place: a section, a figure, a term, a claim or a table, not only to a page.

Sphinx's own search names pages, fetches each page that it found to show a line of it, and does not find "systeme" for
"système". So each page is cut into records when it is written (headings, text, captions, descriptions and data of charts,
tables, code; not the drawings), and the page *Search* looks through them with MiniSearch (``assets/search``), a small
library that ranks, finds beginnings of words and forgives a slip. One file with all records is loaded by that page
only, as a script, so that search works from a folder on disk too.
"""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from . import take, uses
from .chapter import number_of
from .theme import ASSETS, write

SOURCES = ASSETS / "search"
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_BLOCK = {"p", "li", "td", "th", "tr", "div", "section", "figure", "summary", "details", "caption", "pre", "dt", "dd"}
_DRAWING = re.compile(r"<svg\b.*?</svg>|<script\b.*?</script>|<style\b.*?</style>", re.DOTALL)
_FIGURE = re.compile(r"[−-]?[\d.,]+%?")
_CLAIM = re.compile(r"claim-[AB]\d{2}$")
Record = dict[str, str]


class _Cutter(HTMLParser):
    """Cuts a page into records: a section, figure, term or claim each, with the text that stands in no smaller one."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[dict[str, Any]] = []
        self._open: list[tuple[str, dict[str, Any] | None, str]] = []  # (tag, record it began, what else it fills)
        self._current: list[dict[str, Any]] = []
        self._mute = 0

    def _kind(self, tag: str, given: dict[str, str | None]) -> str | None:
        css = (given.get("class") or "").split()
        if not given.get("id"):
            return None
        if tag == "figure":
            return "figure"
        if "ic-term" in css:
            return "term"
        if _CLAIM.match(given["id"] or ""):
            return "claim"
        return "section" if tag == "section" else None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        css = (given.get("class") or "").split()
        if tag in _BLOCK or tag == "br":
            self.handle_data(" ")
        if tag in _VOID:
            return
        if self._mute or "headerlink" in css:
            self._mute += 1
            self._open.append((tag, None, ""))
            return
        record, kind = None, self._kind(tag, given)
        if kind:
            record = {"id": given["id"], "kind": kind, "title": "", "text": "", "other": ""}
            self.records.append(record)
            self._current.append(record)
        fills = ""
        if re.fullmatch(r"h[1-6]", tag) or {"ic-fig-title", "ic-term-name"} & set(css):
            fills = "title"
        elif "lang" in given:
            fills = "other"  # a name in another language
            self.handle_data(" ")
        self._open.append((tag, record, fills))

    def handle_endtag(self, tag: str) -> None:
        if tag not in {name for name, _, _ in self._open}:
            return
        while self._open:
            name, record, _ = self._open.pop()
            if self._mute:
                self._mute -= 1
            if record is not None:
                self._current.remove(record)
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._mute and self._current:
            fills = {what for _, _, what in self._open}
            record = self._current[-1]
            record["title" if "title" in fills else "text"] += data
            if "other" in fills:
                record["other"] += data + " "


def cut(body: str) -> list[Record]:
    """The records of the HTML of a page, in its order."""
    cutter = _Cutter()
    cutter.feed(_DRAWING.sub(" ", take.PLACE.sub(" ", body)))  # files to take along are filled in later, or not at all
    cutter.close()
    found = []
    for record in cutter.records:
        title, text = (" ".join(record[key].split()) for key in ("title", "text"))
        if record["kind"] == "figure":
            text = " ".join(word for word in text.split() if not _FIGURE.fullmatch(word))  # nobody looks for 51.7
        if record["kind"] == "claim" and not title:
            title = f"Claim {record['id'].removeprefix('claim-')}"
        if title or text:
            other = " ".join(record["other"].split())
            found.append({"id": record["id"], "kind": record["kind"], "title": title, "text": text, "other": other})
    return found


def _folder(app: Sphinx) -> Path:
    return Path(app.doctreedir) / "search"


def _keep(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    if doctree is None or app.builder.format != "html":
        return
    page = {"url": app.builder.get_target_uri(pagename), "records": cut(context.get("body", ""))}
    write(_folder(app) / f"{pagename.replace('/', '--')}.json", json.dumps(page, ensure_ascii=False))


def _pages(app: Sphinx) -> Iterator[dict[str, Any]]:
    """What was kept of each page of the book, chapters first."""
    docnames = sorted(set(app.env.all_docs) - {uses.PAGE}, key=lambda d: (number_of(d) is None, number_of(d) or 0, d))
    for docname in docnames:
        path = _folder(app) / f"{docname.replace('/', '--')}.json"
        if path.exists():
            yield json.loads(path.read_text(encoding="utf-8"))


def records(app: Sphinx) -> list[Record]:
    """All records: address (u), title of the page (p), own title (t), kind (k), text (x), names in other languages (o)."""
    found = []
    for page in _pages(app):
        name = page["records"][0]["title"] if page["records"] else page["url"]
        for i, record in enumerate(page["records"]):
            address = page["url"] + (f"#{record['id']}" if i else "")
            title = record["title"] if i else ""
            own = {"u": address, "p": name, "t": title, "k": record["kind"], "x": record["text"], "o": record["other"]}
            found.append({key: value for key, value in own.items() if value})
    return found


def _publish(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    text = json.dumps(records(app), ensure_ascii=False, separators=(",", ":"))
    write(static / "search-records.js", f"window.icRecords = {text};\n")
    library = (SOURCES / "minisearch.js").read_text(encoding="utf-8")
    notice, rest = library.split("\n", 1)
    rest = re.sub(r"^[ \t]*/\*\*.*?\*/\s*?\n", "", rest, flags=re.DOTALL | re.MULTILINE)
    write(static / "search.js", f"{notice}\n{rest}\n{(SOURCES / 'search.js').read_text(encoding='utf-8')}")


def _without_sphinx(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.builder.search = False  # no second index, and no scripts that go with it


def _search_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    yield "search", {}, "search.html"


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", _without_sphinx)
    app.connect("html-page-context", _keep, priority=650)
    app.connect("html-collect-pages", _search_page)
    app.connect("build-finished", _publish)
