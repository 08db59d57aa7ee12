"""The book as an EPUB 3: the pages of the site as XHTML, charts as SVG with their descriptions, formulas as MathML.

Sphinx's own builder for e-books knows neither the MathML nor the SVG that stand in our pages (it declares neither, which
epubcheck refuses), and would set every page a second time. So the package is put together here, from the same pages as
the PDF; epubcheck is the judge, in the tests.
"""

import datetime
import html
import re
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path

import vl_convert
from bs4 import Tag
from bs4.formatter import HTMLFormatter

from integrated_care.charts import COLOURS

from .. import social
from ..drawing import use_fonts
from ..imprint import Imprint
from .assets import own_css
from .pages import Page, new, papers, preface, spell_out

FONTS = ["source-sans-3-latin-400-normal", "source-sans-3-latin-600-normal", "source-sans-3-latin-400-italic",
         "source-serif-4-latin-600-normal", "stix-two-math-subset"]  # fmt: skip
_VOID = {"br", "hr", "img", "input", "meta", "link", "col", "wbr", "source"}


class _Xhtml(HTMLFormatter):
    """XML: void elements are closed, and "&nbsp;" is a character."""

    def __init__(self) -> None:
        super().__init__(entity_substitution=lambda text: html.escape(text, quote=False), void_element_close_prefix="/")

    def attributes(self, tag: Tag):
        return ((k, "" if v is None else v) for k, v in sorted(tag.attrs.items()) if not k.startswith("data-"))


XHTML = _Xhtml()


@dataclass
class Leaf:
    """One file of the book: its name, its title, the XHTML of its body, and what it must declare."""

    name: str
    title: str
    body: str
    kind: str = "bodymatter"
    chapter: bool = False

    @property
    def properties(self) -> str:
        found = [name for name in ("svg", "math") if re.search(rf"<{name}\b", self.body)]
        return " ".join("mathml" if name == "math" else name for name in found)


def _literal_colours(svg: str) -> str:
    """Colours as themselves: many readers of e-books know no CSS variables."""
    return re.sub(r"var\(--c-([a-z0-9-]+)\)", lambda m: COLOURS[m[1]][0] if m[1] in COLOURS else m[0], svg)


def _draw(page: Page, drawing: Tag) -> None:
    """Give a chart a paper of its own, so that it can be read where the reader's page is dark."""
    ground = new(page, "rect", width="100%", height="100%", fill="#ffffff")
    ink = COLOURS["text"][0]
    drawing.insert(0, ground)
    drawing.attrs.pop("class", None)
    drawing["fill"] = drawing.get("fill", ink)
    title = new(page, "title")
    title.string = drawing.get("aria-label", "")
    drawing.insert(0, title)


def _file(name: str) -> str:
    return f"{name.replace('/', '-')}.xhtml"


def _lead(link: Tag, here: str) -> None:
    """Make a link within the edition lead to the file of its page; ``here`` is the page that it stands on."""
    target, anchor = link.attrs.pop("data-page"), link.attrs.pop("data-anchor")
    file = _file(target) if target != here or not anchor else ""
    link["href"] = file + (f"#{anchor}" if anchor else "")


def _finish(page: Page) -> None:
    """What an e-book needs beyond what paper needs."""
    spell_out(page)
    for drawing in page.article.select("svg[role=img]"):
        _draw(page, drawing)
    for link in page.article.select("a[data-page]"):
        _lead(link, page.name)
    for tag in page.article.find_all(True):
        for key in ("align", "valign", "border", "colwidth"):
            tag.attrs.pop(key, None)
        if tag.name == "section" and not tag.contents:
            tag.decompose()
    for math in page.article.select("math"):
        math["xmlns"] = "http://www.w3.org/1998/Math/MathML"
    for svg in page.article.select("svg"):
        svg["xmlns"] = "http://www.w3.org/2000/svg"
        if svg.select_one("[xlink\\:href]"):
            svg["xmlns:xlink"] = "http://www.w3.org/1999/xlink"


def _body(page: Page) -> str:
    return _literal_colours(
        "".join(child.decode(formatter=XHTML) if isinstance(child, Tag) else "" for child in page.article)
    )


def _tables(page: Page) -> Leaf | None:
    """The data behind the charts of a page, at the back of the book; each chart links to its own."""
    if not page.data:
        return None
    name, parts, last = f"{page.slug}-data", [], ""
    for table in page.data:
        chart = table.attrs.pop("data-chart")
        for link in table.select("a[data-page]"):
            _lead(link, name)
        figure = page.article.find(id=chart)
        number = figure.select_one(".ic-fig-number")
        label = number.get_text(strip=True) if number else "Chart"
        if chart != last:
            to = new(page, "p", class_="ic-source")
            to.append(new(page, "a", f"The data of {label}", href=f"{_file(name)}#{chart}", id=f"from-{chart}"))
            figure.append(to)
            back = f'<a href="{_file(page.name)}#{chart}">{html.escape(label)}</a>'
            parts.append(f'<h2 id="{html.escape(chart)}">{back}</h2>')
            last = chart
        parts.append(table.decode(formatter=XHTML))
    title = f"The data of the charts: {page.title}"
    return Leaf(name, title, f"<section><h1>{html.escape(title)}</h1>{''.join(parts)}</section>", "backmatter")


def _wrap(title: str, body: str, kind: str = "") -> str:
    """A whole XHTML file."""
    given = f' epub:type="{kind}"' if kind else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">\n'
        f'<head><title>{html.escape(title)}</title><link rel="stylesheet" type="text/css" href="book.css"/></head>\n'
        f"<body{given}>{body}</body></html>\n"
    )


def _nav(leaves: list[Leaf], pages: dict[str, Page], imprint: Imprint) -> str:
    lines = []
    for leaf in leaves:
        if leaf.name == "cover":
            continue
        inner = ""
        if leaf.chapter:
            heads = [
                (h.get("id") or h.parent.get("id"), " ".join(h.get_text().split()))
                for h in pages[leaf.name].article.select("section > h2")
            ]
            items = "".join(f'<li><a href="{_file(leaf.name)}#{i}">{html.escape(t)}</a></li>' for i, t in heads if i)
            inner = f"<ol>{items}</ol>" if items else ""
        lines.append(f'<li><a href="{_file(leaf.name)}">{html.escape(leaf.title)}</a>{inner}</li>')
    first = next((leaf for leaf in leaves if leaf.kind == "bodymatter"), leaves[0])
    return _wrap(
        imprint.name,
        f'<nav epub:type="toc" role="doc-toc" id="toc"><h1>Contents</h1><ol>{"".join(lines)}</ol></nav>'
        '<nav epub:type="landmarks" hidden=""><h2>Landmarks</h2><ol>'
        '<li><a epub:type="cover" href="cover.xhtml">Cover</a></li><li><a epub:type="toc" href="nav.xhtml#toc">Contents</a></li>'
        f'<li><a epub:type="bodymatter" href="{_file(first.name)}">Start</a></li></ol></nav>',
    )


_ACCESS = [
    ("schema:accessMode", "textual"),
    ("schema:accessMode", "visual"),
    ("schema:accessModeSufficient", "textual"),
    ("schema:accessModeSufficient", "textual,visual"),
    *(
        ("schema:accessibilityFeature", feature)
        for feature in ("alternativeText", "MathML", "structuralNavigation", "tableOfContents", "readingOrder",
                        "displayTransformability", "ARIA")
    ),
    ("schema:accessibilityHazard", "none"),
    (
        "schema:accessibilitySummary",
        "Every chart has a description in words and its data as a table at the back. Formulas are MathML. Questions are "
        "lettered lists with linked answers. Not yet tried by readers with disabilities.",
    ),
]  # fmt: skip


def _package(leaves: list[Leaf], files: dict[str, str], imprint: Imprint) -> str:
    e = html.escape
    stamp = datetime.datetime.combine(imprint.date, datetime.time()).strftime("%Y-%m-%dT%H:%M:%SZ")
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{imprint.address or imprint.title}#{imprint.version}")
    meta = [
        f'<dc:identifier id="id">urn:uuid:{identity}</dc:identifier>',
        f"<dc:title>{e(imprint.title)}</dc:title><dc:language>en</dc:language>",
        *(f"<dc:creator>{e(author)}</dc:creator>" for author in imprint.authors),
        f"<dc:date>{imprint.date.isoformat()}</dc:date><dc:rights>Text CC BY 4.0, code MIT</dc:rights>",
        f"<dc:description>{e(imprint.title)}. {e(imprint.edition)}.</dc:description>",
        *(f"<dc:subject>{e(word)}</dc:subject>" for word in imprint.keywords),
        *(f"<dc:source>{e(paper.address)}</dc:source>" for paper in imprint.papers),
        f'<meta property="dcterms:modified">{stamp}</meta>',
        *(f'<meta property="{name}">{e(value)}</meta>' for name, value in _ACCESS),
        '<meta name="cover" content="cover-image"/>',
    ]
    items = ['<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>']
    for number, leaf in enumerate(leaves):
        given = f' properties="{leaf.properties}"' if leaf.properties else ""
        items.append(f'<item id="p{number}" href="{_file(leaf.name)}" media-type="application/xhtml+xml"{given}/>')
    for number, (name, kind) in enumerate(files.items()):
        cover = ' properties="cover-image"' if name == "cover.png" else ""
        key = "cover-image" if cover else f"f{number}"
        items.append(f'<item id="{key}" href="{name}" media-type="{kind}"{cover}/>')
    spine = "".join(f'<itemref idref="p{number}"/>' for number in range(len(leaves)))
    spine = spine.replace('<itemref idref="p0"/>', '<itemref idref="p0"/><itemref idref="nav"/>')
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">\n'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{"".join(meta)}</metadata>\n'
        f"<manifest>{''.join(items)}</manifest>\n<spine>{spine}</spine>\n</package>\n"
    )


_CONTAINER = (
    '<?xml version="1.0" encoding="utf-8"?>\n<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>\n'
)


def make(landing: Page, pages: list[Page], static: Path, imprint: Imprint, folder: Path) -> Path:
    """Write the EPUB into a folder and give its path."""
    use_fonts(folder / "fonts")
    cover = vl_convert.svg_to_png(social.cover(imprint), scale=1)
    alt = f"Cover: {imprint.title}. {imprint.edition}."
    leaves = [
        Leaf(
            "cover", "Cover", f'<p class="ic-cover"><img src="cover.png" alt="{html.escape(alt)}"/></p>', "frontmatter"
        )
    ]
    leaves.append(Leaf("about", "About this book", _about(landing, imprint), "frontmatter"))
    back = []
    for page in pages:
        tables = _tables(page)
        _finish(page)
        leaves.append(Leaf(page.name, page.title, _body(page), chapter=page.chapter is not None))
        if tables:
            back.append(tables)
    leaves += back
    static_files: dict[str, tuple[str, bytes]] = {
        "book.css": ("text/css", own_css("epub.css").encode()),
        "cover.png": ("image/png", cover),
    }
    for font in FONTS:
        static_files[f"fonts/{font}.woff2"] = ("font/woff2", (static / "fonts" / f"{font}.woff2").read_bytes())
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{imprint.file_name}.epub"
    by_name = {page.name: page for page in pages}
    when = (*imprint.date.timetuple()[:3], 0, 0, 0)
    with zipfile.ZipFile(target, "w") as book:

        def put(name: str, content: str | bytes, how: int = zipfile.ZIP_DEFLATED) -> None:
            entry = zipfile.ZipInfo(name, when)
            entry.compress_type, entry.external_attr = how, 0o644 << 16
            book.writestr(entry, content)

        put("mimetype", "application/epub+zip", zipfile.ZIP_STORED)  # first, and not compressed
        put("META-INF/container.xml", _CONTAINER)
        put("book/package.opf", _package(leaves, {n: kind for n, (kind, _) in static_files.items()}, imprint))
        put("book/nav.xhtml", _nav(leaves, by_name, imprint))
        for leaf in leaves:
            put(f"book/{_file(leaf.name)}", _wrap(leaf.title, leaf.body, "chapter" if leaf.chapter else leaf.kind))
        for name, (_, content) in static_files.items():
            put(f"book/{name}", content)
    return target


def _about(landing: Page, imprint: Imprint) -> str:
    _finish(landing)
    words = _literal_colours("".join(part.decode(formatter=XHTML) for part in preface(landing)))
    e = html.escape
    return (
        f"<section><h1>About this book</h1>{words}<h2>Imprint</h2><p>{e(imprint.edition)}. Text under CC BY 4.0, code under "
        f"MIT, tables under the licences of their publishers.</p><p>Cite as: {e(imprint.citation())}</p>"
        f"{papers(imprint)}</section>"
    )
