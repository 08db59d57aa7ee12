"""Notebooks that are safe to open: what a student handed in is hostile until shown otherwise.

``neutralise`` makes a notebook safe for every viewer, nbgrader's formgrader too: HTML through nh3 (an allow-list),
Markdown so that raw HTML shows as text, only passive kinds of output, only the metadata that nbgrader needs. What would
keep a viewer busy for minutes (5,000 times ``\\begin{a}``, a table of one column too many) is shown as it was typed.
"""

import base64
import binascii
import contextlib
import math
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any, TypeVar

import nbformat
import nh3
from mistune.plugins.table import table_in_quote
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.filters.strings import strip_files_prefix
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from pygments.token import STANDARD_TYPES

from classroom.model import Json

LONGEST = 50_000  # characters of Markdown or code that are formatted; more is shown as plain text
SHORT = 4_000  # characters of code that need no look beforehand: no pattern of a lexer is that slow
MOST_TAGS = 16_000  # in one output: time to parse grows with the square of the depth, and 100,000 take half a minute
MOST_LOOKED_AT = 20_000_000  # characters, by strip_files_prefix in one text: a fifth of a second
MOST_ESCAPES = 5_000  # in one text: nbconvert copies all that follows for each change of colour
FOR_ONE, FOR_ALL = 2.0, 10.0  # seconds of work that one text of a notebook is worth, and all of them


# ------------------------------------------------------------------------------------------------------------- patience

T = TypeVar("T")


class TooLong(BaseException):
    """Work that takes too long ends here. Not an Exception: nothing on the way may catch it."""


class Patience:
    """Gives up on texts that take the programs behind a page too long: their patterns go back and forth without an end.

    Seconds are those of the processor, so that a busy machine changes nothing. In another thread than the main one, or
    on Windows, nothing is cut short; what comes after the notebook's seconds have been used up is left all the same.
    A search or substitution with one regular expression is not cut short either where each single try is quick.
    """

    def __init__(self) -> None:
        self.left = FOR_ALL

    def __call__(self, work: Callable[..., T], *arguments: Any) -> T | None:
        """What ``work`` gives, or None if it takes too long."""
        if self.left <= 0:
            return None
        began = time.thread_time()
        try:
            with _stopped_after(min(FOR_ONE, self.left)):
                return work(*arguments)
        except TooLong:
            return None
        finally:
            self.left -= time.thread_time() - began


class _Bell:
    """Whether work is to be stopped, and whether it may be stopped here and now."""

    armed = held = rung = False

    def ring(self, *_: Any) -> None:
        self.rung = self.armed
        if self.armed and not self.held:
            raise TooLong

    def hold(self, work: Callable[..., T], *arguments: Any) -> T:
        """Does this without a break: nh3 would swallow TooLong in one of our filters, and let the attribute pass."""
        self.held = True
        try:
            made = work(*arguments)
        finally:
            self.held = False
        if self.rung:
            raise TooLong
        return made


_bell = _Bell()


@contextlib.contextmanager
def _stopped_after(seconds: float) -> Iterator[None]:
    """Raises TooLong in what stands inside, also within one match of a regular expression."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "ITIMER_VIRTUAL"):
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _bell.ring)
    _bell.armed = True
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        _bell.armed = _bell.rung = False
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


# ----------------------------------------------------------------------------------------------------------- allow-list

_TAGS = """
    a abbr b bdi bdo blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption
    figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub summary
    sup table tbody td tfoot th thead time tr tt u ul var wbr
"""
TAGS = set(_TAGS.split())
# What a tag takes with it when it goes: text inside these was never meant to be read.
SWALLOWED = {"script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math", "title", "textarea"}
CLASSES = {"dataframe", "highlight", "num"} | {name for name in STANDARD_TYPES.values() if name}
NUMBER = re.compile(r"\d{1,4}%?")
PATTERNS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "*": {
        "title": re.compile(r"[^\0]{0,500}"),
        "lang": re.compile(r"[A-Za-z-]{1,20}"),
        "dir": re.compile(r"ltr|rtl|auto"),
        "align": re.compile(r"left|right|center|justify"),
        "style": re.compile(r"text-align: ?(left|right|center|justify);?"),
    },
    "a": {"href": re.compile(r"https?://[^\s<>\"'`\\]{1,2000}|mailto:[\w.+@?=&%-]{1,200}|#[\w.:%-]{0,200}")},
    "img": {
        "src": re.compile(
            r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*|attachment:[^\s<>\"'`\\]{1,200}"
            r"|(?!.*\.\.)[\w][\w./ %-]{0,200}"
        ),
        "alt": re.compile(r"[^\0]{0,1000}"),
        "width": NUMBER,
        "height": NUMBER,
    },
    "ol": {"start": NUMBER, "type": re.compile("[1aAiI]"), "reversed": re.compile("(reversed)?")},
    "li": {"value": NUMBER},
    "details": {"open": re.compile("(open)?")},
    "td": {"colspan": NUMBER, "rowspan": NUMBER},
    "th": {"colspan": NUMBER, "rowspan": NUMBER, "scope": re.compile("(row|col)(group)?")},
    "col": {"span": NUMBER},
    "colgroup": {"span": NUMBER},
    "table": {"border": NUMBER},
    "time": {"datetime": re.compile(r"[\w:.+-]{1,40}")},
}


def allowed(tag: str, attribute: str, value: str) -> str | None:
    """The value that an attribute may keep, or None. There is no way in but through ``PATTERNS`` and ``CLASSES``."""
    if attribute == "class":
        return " ".join(name for name in value.split() if name in CLASSES) or None
    pattern = PATTERNS.get(tag, {}).get(attribute) or PATTERNS["*"].get(attribute)
    return value if pattern and pattern.fullmatch(value.strip()) else None


_CLEANER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=SWALLOWED,
    attributes={"*": {"class", *PATTERNS["*"]}} | {tag: set(kinds) for tag, kinds in PATTERNS.items() if tag != "*"},
    attribute_filter=allowed,
    url_schemes={"http", "https", "mailto", "data", "attachment"},
    filter_style_properties={"text-align"},
    strip_comments=True,
    link_rel="noopener noreferrer nofollow",
)


def clean(html: str) -> str:
    """HTML with nothing in it but text, tables, links and pictures that carry their own data."""
    tags = html.count("<")
    if tags > MOST_TAGS:
        return f"<p>(not shown: {tags} tags are too many for a page)</p>"
    return _bell.hold(_CLEANER.clean, html)


class _Offences(HTMLParser):
    """Collects what in a page is not on the allow-list."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: Sequence[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.found.append(tag)
        for name, value in attributes:
            # nbconvert's own: an anchor for each heading, the classes of its code blocks and of that anchor.
            own = name == "class" or (name == "id" and re.fullmatch("h[1-6]", tag))
            if not own and allowed(tag, name, value or "") is None:
                self.found.append(f"{tag} {name}")

    def handle_decl(self, declaration: str) -> None:
        self.found.append("declaration")

    handle_pi = unknown_decl = handle_comment = handle_decl


def offences(html: str) -> list[str]:
    """The tags and attributes of ``html`` that the allow-list does not have."""
    parser = _Offences()
    parser.feed(html)
    parser.close()
    return parser.found


# ------------------------------------------------------------------------------------------------------------- markdown

# Inside Markdown these stay HTML: no attributes, or only such as cannot do anything.
_PLAIN = "|".join(sorted(TAGS - {"a", "img"}, key=len, reverse=True))
_ATTRIBUTE = r"""\s+(?:align|colspan|rowspan|scope|start|title|lang|open)(?:="[\w .,:%()+-]*")?"""
HARMLESS = re.compile(
    rf"</(?:{_PLAIN}|a)\s*>|<(?:{_PLAIN})(?:{_ATTRIBUTE})*\s*/?>|<https?://[\w.-]+(?:/[\w./%#~-]*)?>|<[\w.+-]+@[\w.-]+>"
)
TAG = re.compile(r"<(?=[A-Za-z/!?])")
LINK = re.compile(r"(!?)\[([^\[\]]*)\]\(\s*<?([^()\s<>]*)")
BRACKETS = 50  # in a line of what is shown as typed: for each one, nbconvert looks through the rest of the line
GAP = "\u200b"  # zero width: "<" followed by it opens no tag in any renderer, in code or out of it, and looks the same


def render(text: str, attachments: Mapping[str, Any] | None = None, *, tables_everywhere: bool = False) -> str:
    """Markdown to HTML as nbconvert does it, if asked with tables in quotations too. The result is not safe."""
    renderer = IPythonRenderer(escape=False, attachments=dict(attachments or {}), exclude_anchor_links=True)
    markdown = MarkdownWithMath(renderer=renderer)
    if tables_everywhere:
        markdown.use(table_in_quote)
    return markdown.render(text)


def fenced(text: str) -> str:
    """Text as a Markdown code block, whatever runs of backticks it holds."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def is_fenced(text: str) -> bool:
    """Whether the text is one code block and nothing else, as :func:`fenced` makes them."""
    whole = re.fullmatch(r"(`{3,})\n(.*)\n\1", text, re.DOTALL)
    return bool(whole and whole[1] not in whole[2])


def _inert(text: str) -> str:
    tags = {match.start() for match in HARMLESS.finditer(text)}
    return TAG.sub(lambda match: match[0] if match.start() in tags else f"<{GAP}", text)


def _broken(text: str) -> str:
    """Text in which lines with very many brackets are broken; a second time changes nothing."""
    lines = []
    for line in text.split("\n"):
        pieces = line.split("[")
        parts = ("[".join(pieces[at : at + BRACKETS]) for at in range(0, len(pieces), BRACKETS))
        lines.append("[\n".join(parts).removesuffix("\n"))
    return "\n".join(lines)


def as_typed(text: str) -> str:
    """Markdown that shows the text as it was typed, and runs nothing."""
    text = _broken(_inert(text))
    return text if is_fenced(text) else fenced(text)


def _keeps_waiting(html: str) -> bool:
    """Whether nbconvert's strip_files_prefix, on which no :class:`Patience` can be had, takes long over this.

    For each bracket, it looks through the rest of the line.
    """
    return sum(line.count("[") * len(line) for line in html.split("\n")) > MOST_LOOKED_AT


@lru_cache(maxsize=4096)
def neutral_markdown(text: str, pictures: frozenset[str] = frozenset()) -> str:
    """Markdown that runs nothing in any viewer; text that is harmless comes back as it was.

    Raw HTML outside ``HARMLESS`` shows as text, and so does a link or picture whose address the allow-list does not
    have (``javascript:``, a file of the submission, a picture on somebody's server). If nbconvert still makes something
    of it that may not be, no link is left; if that is not enough, or it would take too long, all is shown as code.
    ``pictures`` are the names of the cell's attachments: nbconvert, and with it the formgrader, fails on any other.
    """

    def unlinked(match: re.Match[str]) -> str:
        tag, attribute = ("img", "src") if match[1] else ("a", "href")
        address = unescape(match[3])
        known = not address.startswith("attachment:") or address.removeprefix("attachment:") in pictures
        safe = known and allowed(tag, attribute, address) is not None
        return match[0] if safe else match[0].replace("](", f"]{GAP}(", 1)

    text = _inert(text)
    if len(text) > LONGEST:
        return as_typed(text)
    attached = {name: {"image/png": ""} for name in pictures}
    for version in (text, LINK.sub(unlinked, text), re.sub(r"\](?=[(:\[])", f"]{GAP}", text)):
        try:
            html = render(version, attached)
            if _keeps_waiting(html):
                return as_typed(text)
            if not offences(strip_files_prefix(html)):
                return version
        except Exception:  # the formgrader would stumble over it as well
            continue
    return fenced(_broken(text))


# ------------------------------------------------------------------------------------------------------------ notebooks

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|[\x00-\x08\x0b\x0c\x0e-\x1f]")
RASTER = {"image/png", "image/jpeg", "image/gif", "image/webp"}
SAFE_NAME = re.compile(r"[^<>\"'&\x00-\x1f]{1,256}")
SAFE_WORD = re.compile(r"[\w .+/;=-]{1,100}")


def text_of(value: Any) -> str:
    """A multi-line string of a notebook, as one string; anything else as an empty one."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _base64(value: Any) -> str | None:
    """The picture's data if it is base64 and nothing else, on one line."""
    packed = "".join(text_of(value).split())
    try:
        base64.b64decode(packed, validate=True)
    except binascii.Error:
        return None
    return packed


def _bundle(data: Mapping[str, Any], metadata: Any, patience: Patience) -> tuple[Json, Json]:
    """The passive kinds of an output's data, made safe, and the sizes from its metadata."""
    safe: Json = {}
    for kind, value in data.items():
        if kind in ("text/plain", "text/latex"):
            safe[kind] = _coloured(text_of(value))
        elif kind == "text/html":
            cleaned = patience(clean, text_of(value))
            safe[kind] = cleaned if cleaned is not None else "<p>(not shown: it would take too long)</p>"
        elif kind == "text/markdown":
            safe[kind] = patience(neutral_markdown, text_of(value)) or as_typed(text_of(value))
        elif kind in RASTER and (packed := _base64(value)) is not None:
            safe[kind] = packed
        elif kind == "image/svg+xml" and "text/html" not in data:
            # As a picture, an SVG cannot run its scripts or load anything.
            packed = base64.b64encode(text_of(value).encode("utf-8", "replace")).decode()
            alt = escape(text_of(data.get("text/plain", ""))[:500])
            safe["text/html"] = f'<img src="data:image/svg+xml;base64,{packed}" alt="{alt}">'
    if not safe and data:
        safe["text/plain"] = f"(an output that is not shown here: {', '.join(sorted(map(str, data)))[:200]})"
    sizes: Json = {}
    for kind, given in metadata.items() if isinstance(metadata, Mapping) else ():
        if kind in safe and isinstance(given, Mapping):
            kept = {side: size for side in ("width", "height") if (size := _whole(given.get(side))) is not None}
            if kept:
                sizes[kind] = kept
    return safe, sizes


def _coloured(text: str) -> str:
    """Text with the colours of a terminal, unless they change thousands of times."""
    return text if text.count("\x1b") <= MOST_ESCAPES else ANSI.sub("", text).replace("\x1b", "")


def _output(output: Mapping[str, Any], patience: Patience) -> Json | None:
    """One output made safe; None for a kind that no notebook has."""
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": _coloured(text_of(output.get("text")))}
    if kind == "error":
        lines = output.get("traceback")
        return {
            "output_type": "error",
            "ename": text_of(output.get("ename")),
            "evalue": text_of(output.get("evalue")),
            "traceback": [_coloured(line) for line in lines if isinstance(line, str)]
            if isinstance(lines, list)
            else [],
        }
    if kind in ("display_data", "execute_result"):
        data = output.get("data")
        safe, sizes = _bundle(data if isinstance(data, Mapping) else {}, output.get("metadata"), patience)
        made: Json = {"output_type": kind, "data": safe, "metadata": sizes}
        return made | {"execution_count": _whole(output.get("execution_count"))} if kind == "execute_result" else made
    return None


def _metadata(given: Any) -> Json:
    """The metadata of a cell that nbgrader and a viewer need, if they are what they should be."""
    given = given if isinstance(given, Mapping) else {}
    kept: Json = {
        name: given[name] for name in ("collapsed", "deletable", "editable") if isinstance(given.get(name), bool)
    }
    tags = given.get("tags")
    if isinstance(tags, list):
        kept["tags"] = [tag for tag in tags if isinstance(tag, str) and re.fullmatch(r"[\w-]{1,50}", tag)]
    role = given.get("nbgrader")
    if isinstance(role, Mapping) and SAFE_NAME.fullmatch(text_of(role.get("grade_id"))):
        safe: Json = {"grade_id": role["grade_id"]}
        for name, value in role.items():
            number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            flag = name in ("grade", "solution", "locked", "task", "remove") and isinstance(value, bool)
            word = name in ("checksum", "cell_type") and isinstance(value, str) and re.fullmatch(r"\w{1,64}", value)
            if flag or word or (name in ("points", "schema_version") and number):
                safe[name] = value
        kept["nbgrader"] = safe
    return kept


def _attachments(given: Any) -> Json:
    safe: Json = {}
    for name, kinds in given.items() if isinstance(given, Mapping) else ():
        if SAFE_NAME.fullmatch(name) and isinstance(kinds, Mapping):
            pictures = {k: packed for k, v in kinds.items() if k in RASTER and (packed := _base64(v)) is not None}
            if pictures:
                safe[name] = pictures
    return safe


def _cell(cell: Mapping[str, Any], number: int, patience: Patience) -> Json:
    kind, source = cell.get("cell_type"), text_of(cell.get("source"))
    name = text_of(cell.get("id"))
    safe: Json = {
        "id": name if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) else f"cell-{number}",
        "cell_type": "code" if kind == "code" else "markdown",
        "metadata": _metadata(cell.get("metadata")),
    }
    if kind == "code":
        outputs = cell.get("outputs")
        made = (
            [_output(one, patience) for one in outputs if isinstance(one, Mapping)] if isinstance(outputs, list) else []
        )
        count = _whole(cell.get("execution_count"))
        return safe | {"source": source, "execution_count": count, "outputs": [one for one in made if one]}
    if kind == "markdown":
        pictures = _attachments(cell.get("attachments"))
        text = patience(neutral_markdown, source, frozenset(pictures)) or as_typed(source)
        return safe | {"source": text} | ({"attachments": pictures} if pictures else {})
    # nbconvert puts a raw cell into the page as it is.
    return safe | {"source": fenced(_broken(TAG.sub(f"<{GAP}", source)))}


def _quick_to_colour(source: str, metadata: Json, patience: Patience) -> bool:
    """Whether nbconvert colours this code in good time; it has no limit of its own."""
    if len(source) <= SHORT:
        return True
    language = metadata.get("language_info", {})
    lexer = language.get("pygments_lexer") or language.get("name")
    return len(source) <= LONGEST and patience(_colour, source, lexer) is not None


@lru_cache(maxsize=1024)
def _colour(source: str, lexer: str | None) -> int:
    return len(Highlight2HTML(pygments_lexer=lexer)(source))


def neutralise(notebook: Json) -> Json:
    """A copy of a graded notebook that runs nothing in any viewer and says the same.

    Code is kept to the letter. Harmless text, outputs and pictures are kept; scripts, styles, frames, forms, handlers,
    widgets, remote pictures and unknown metadata are not. Checksums stay what they were: call it after the marks have
    been determined, right before ``autograded/`` is written. Works on plain dictionaries and on nbformat's.
    """
    given = notebook.get("metadata")
    given = given if isinstance(given, Mapping) else {}
    metadata: Json = {}
    for part, names in {
        "kernelspec": ("name", "display_name", "language"),
        "language_info": ("name", "version", "mimetype", "file_extension", "pygments_lexer", "nbconvert_exporter"),
    }.items():
        if isinstance(given.get(part), Mapping):
            words = {name: given[part].get(name) for name in names}
            metadata[part] = {k: v for k, v in words.items() if isinstance(v, str) and SAFE_WORD.fullmatch(v)}
            if "name" not in metadata[part]:
                del metadata[part]
            elif part == "kernelspec":
                metadata[part].setdefault("display_name", metadata[part]["name"])
    patience = Patience()
    cells = [
        _cell(cell, n, patience) for n, cell in enumerate(notebook.get("cells") or []) if isinstance(cell, Mapping)
    ]
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    if sum(map(len, code)) > 10 * LONGEST or not all(_quick_to_colour(one, metadata, patience) for one in code):
        metadata["language_info"] = {"name": "text", **metadata.get("language_info", {}), "pygments_lexer": "text"}
    seen: set[str] = set()
    for cell in cells:
        first, copies = cell["id"][:50], 0
        while cell["id"] in seen:
            copies += 1
            cell["id"] = f"{first}-{copies}"
        seen.add(cell["id"])
    safe = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    return nbformat.from_dict(safe) if isinstance(notebook, NotebookNode) else safe


class Neutralise(NbGraderPreprocessor):
    """:func:`neutralise` as a step of nbconvert (``c.HTMLExporter.preprocessors``, which the formgrader uses)."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        return neutralise(nb), resources
