"""The book as one tagged PDF, set by Chromium from one print edition.

Chromium is the engine because it is the only free one that sets MathML, draws SVG as vectors, and writes tags,
alternative texts and an outline. What it lacks is page numbers in a table of contents (``target-counter``), so the
edition is set twice: a draft without drawings says on which page each place falls, the second PDF prints that.
"""

import contextlib
import datetime
import html
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pikepdf
from bs4 import BeautifulSoup

from ..imprint import Imprint, subtitle
from . import lighter
from .assets import css_with_fonts, own_css
from .pages import Page, new, papers, preface, prefix_ids, spell_out

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

# The shell opens no window, of whose menus and buttons a Chromium would take care for each page of a test.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
MOST_PASSES = 4
# Where a link gives its page number too: the class around it, and what stands before the number.
NUMBERED = {"ic-to-answers": ", page ", "ic-where": ", "}
COLUMN = 150  # mm, as in print.css
# A table that is wider than the column is set tighter; nothing else knows how wide a table will be.
TIGHTEN = """() => {
  for (const frame of document.querySelectorAll(".ic-table")) {
    if (frame.scrollWidth > frame.clientWidth + 1) frame.classList.add("ic-tight");
  }
}"""
# Page numbers where the edition refers to places; in a draft, when none is known, as wide as a number, and no drawing.
UNKNOWN = "000"
NUMBER = """([pages, unknown]) => {
  for (const span of document.querySelectorAll("[data-number-of]")) span.textContent = pages[span.dataset.numberOf] ?? unknown;
  document.documentElement.classList.toggle("ic-draft", !Object.keys(pages).length);
}"""
# Without it letters stand on whole pixels of a screen, on paper too.
NO_HINTING = "--font-render-hinting=none"


class NoBrowser(Exception):
    """There is no Chromium to set the PDF with."""


@dataclass
class Edition:
    """The one page that is printed; ``places`` are the ids whose page numbers it prints."""

    soup: BeautifulSoup
    places: set[str]


def _id(page: Page, anchor: str = "") -> str:
    return f"{page.slug}--{anchor}" if anchor else page.slug


def _string(text: str) -> str:
    """A CSS string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def _running(pages: list[tuple[str, str]], imprint: Imprint) -> str:
    """For each page of the book, paper with its title at the head: Chromium has no ``string-set``."""
    rules = []
    for name, title in pages:
        head = f"@top-left {{ content: {_string(title)} }} @top-right {{ content: {_string(imprint.name)} }}"
        foot = f"@bottom-left {{ content: {_string(imprint.edition)} }} @bottom-right {{ content: counter(page) }}"
        rules.append(f"@page {name} {{ {head} {foot} }}\n.paper-{name} {{ page: {name} }}")
    return "\n".join(rules)


def compose(landing: Page, pages: list[Page], static: Path, imprint: Imprint) -> Edition:
    """The print edition: title page, imprint, contents, the book in order."""
    for page in [landing, *pages]:
        spell_out(page)
        _join_up(page, pages)
    names = [("ic-front", imprint.name), *((f"ic-{page.slug}", page.title) for page in pages)]
    css = "\n".join([css_with_fonts(static), own_css("print.css"), _running(names, imprint)])
    out = BeautifulSoup("<!DOCTYPE html><html><head></head><body></body></html>", "html5lib")
    out.html["lang"], out.html["data-theme"] = "en", "light"
    out.head.append(out.new_tag("meta", charset="utf-8"))
    title = out.new_tag("title")
    title.string = imprint.name
    style = out.new_tag("style")
    style.string = css
    out.head.extend([title, style])
    out.body["class"] = "ic-paper"
    for part in (_title_page(landing, imprint), _contents(pages)):
        out.body.extend(list(BeautifulSoup(part, "html5lib").body.contents))
    about = new(landing, "section", id="preface", class_="ic-leaf paper-ic-front")
    about.append(new(landing, "h1", "About this book"))
    about.extend(preface(landing))
    out.body.append(about)
    for page in pages:
        section = new(page, "section", id=page.slug, class_=f"ic-leaf paper-ic-{page.slug}")
        if page.chapter:
            section.append(new(page, "p", f"Chapter {page.chapter}", class_="ic-kicker"))
        section.extend(list(page.article.contents))
        out.body.append(section)
    for drawing in out.select("svg"):
        lighter.simplify(drawing)
    places = {span["data-number-of"] for span in out.select("[data-number-of]")}
    return Edition(out, places)


def _join_up(page: Page, pages: list[Page]) -> None:
    """One document has each id once: prefix them with the page's name, and turn links into links within it."""
    slugs = {other.name: other.slug for other in [page, *pages]}
    prefix_ids(page, lambda anchor: _id(page, anchor))
    for link in page.article.select("a[data-page]"):
        slug, anchor = slugs[link.attrs.pop("data-page")], link.attrs.pop("data-anchor")
        link["href"] = f"#{slug}--{anchor}" if anchor else f"#{slug}"
        for place, words in NUMBERED.items():
            if link.find_parent(class_=place):
                number = new(page, "span")
                number["data-number-of"] = link["href"][1:]
                link.extend([words, number])


def _title_page(landing: Page, imprint: Imprint) -> str:
    e = html.escape
    picture = landing.article.select_one(".ic-opening svg")
    where = f'<p>Published at <a href="{e(imprint.address)}">{e(imprint.address)}</a>.</p>' if imprint.address else ""
    return f"""
<section class="ic-title-page"><p class="ic-book-title">{e(imprint.name)}</p><p class="ic-book-sub">{e(subtitle(imprint))}</p>
<div class="ic-cover-picture">{picture or ""}</div>
<p class="ic-book-author">{e(" · ".join(imprint.authors))}</p><p class="ic-book-edition">{e(imprint.edition)}</p></section>
<section class="ic-imprint"><p class="ic-imprint-title">{e(imprint.name)}</p>
<p>{e(imprint.edition)}. Text under CC BY 4.0, code under MIT, tables under the licences of their publishers.</p>{where}
<p><strong>Cite as.</strong> {e(imprint.citation())}</p>
<p><strong>The two papers that it works through.</strong></p>{papers(imprint)}
<p><strong>This edition.</strong> It is made from the same files as the site. Charts that move on the screen stand still here.
The code that the site folds away, and the tables behind the charts, are in the site, in its offline copy and in the
notebooks. Replies to the questions <em>Check yourself</em> stand at the end of each chapter. The file is tagged for screen
readers, and each chart has a description.</p></section>"""


def _sections(page: Page) -> list[tuple[str, str]]:
    """Words and place of each section of a page."""
    found = (
        (heading, heading.parent.get("id") or heading.get("id")) for heading in page.article.select("section > h2")
    )
    return [(" ".join(heading.get_text().split()), place) for heading, place in found if place]


def _contents(pages: list[Page]) -> str:
    """Chapters with their sections, then what there is to look up. A section that every chapter has is not listed."""
    chapters = [page for page in pages if page.chapter]
    often = Counter(words for page in chapters for words, _ in _sections(page))
    in_all = {words for words, count in often.items() if len(chapters) > 2 and count == len(chapters)}
    lines, caption = [], ""
    for page in pages:
        if page.caption != caption:
            caption = page.caption
            lines.append(f'<p class="ic-toc-part">{html.escape(caption)}</p>')
        lines.append(_line(page.title, page.slug, "ic-toc-page"))
        if page.chapter:
            lines += [_line(words, place, "ic-toc-section") for words, place in _sections(page) if words not in in_all]
    return f'<nav class="ic-toc paper-ic-front" id="contents" aria-label="Contents"><h1>Contents</h1>{"".join(lines)}</nav>'


def _line(words: str, target: str, css: str) -> str:
    dots = '<span class="ic-dots" aria-hidden="true"></span>'
    number = f'<span class="ic-toc-number" data-number-of="{html.escape(target)}"></span>'
    return f'<p class="{css}"><a href="#{html.escape(target)}"><span>{html.escape(words)}</span>{dots}{number}</a></p>'


# ---- setting


def find_chromium() -> str | None:
    """The path of an installed Chromium; ``None`` lets Playwright use its own, if it has one."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


@contextlib.contextmanager
def laid_out(path: Path) -> Iterator["Tab"]:
    """An HTML file opened by Chromium as it will stand on paper; nothing may be fetched from anywhere."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu", NO_HINTING]
            )
        except Error as error:
            raise NoBrowser("making the PDF needs Chromium: run make chromium") from error
        page = browser.new_context(offline=True).new_page()
        page.goto(path.resolve().as_uri())
        page.emulate_media(media="print", color_scheme="light")
        page.set_viewport_size({"width": round(COLUMN * 96 / 25.4), "height": 1000})
        page.evaluate(TIGHTEN)
        yield page
        browser.close()


def print_page(page: "Tab", target: Path, draft: bool = False) -> None:
    """Let Chromium print a page; a draft has neither tags nor an outline."""
    page.pdf(path=str(target), tagged=not draft, outline=not draft, prefer_css_page_size=True, print_background=True)


def places(path: Path) -> dict[str, int]:
    """id -> page (from 1) of each place that a link of a PDF leads to."""
    with pikepdf.open(path) as pdf:
        number = {page.obj.objgen: i for i, page in enumerate(pdf.pages, start=1)}
        named = pdf.Root.get("/Dests") or {}
        found = {}
        for name, target in named.items():
            array = target.D if isinstance(target, pikepdf.Dictionary) else target
            found[str(name).removeprefix("/")] = number[array[0].objgen]
        if "/Names" in pdf.Root and "/Dests" in pdf.Root.Names:
            for name, target in pikepdf.NameTree(pdf.Root.Names.Dests).items():
                array = target.D if isinstance(target, pikepdf.Dictionary) else target
                found[str(name)] = number[array[0].objgen]
        return found


def headings(edition: Edition) -> list[str]:
    """The words of each heading, in order."""
    return [" ".join(h.get_text().split()) for h in edition.soup.select("h1, h2, h3, h4, h5, h6")]


def entitle(pdf: pikepdf.Pdf, titles: list[str]) -> None:
    """Give the entries of the outline the words of the headings; Chromium drops the spaces where a heading's line ends."""
    with pdf.open_outline() as outline:

        def walk(items: list[pikepdf.OutlineItem]) -> Iterator[pikepdf.OutlineItem]:
            for item in items:
                yield item
                yield from walk(item.children)

        entries = list(walk(outline.root))
        if len(entries) != len(titles):
            raise ValueError(f"the PDF's outline has {len(entries)} entries, the edition {len(titles)} headings")
        for entry, title in zip(entries, titles, strict=True):
            entry.title = title
        for part in outline.root:
            part.is_closed = True


def finish(path: Path, imprint: Imprint, titles: list[str]) -> None:
    """Make a PDF light, and let it say of itself title, authors, language, dates of the release, the words of its outline."""
    day = datetime.datetime.combine(imprint.date, datetime.time(), datetime.UTC)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        stamp = day.strftime("D:%Y%m%d000000Z")
        about = {"Title": imprint.name, "Author": "; ".join(imprint.authors), "Subject": imprint.edition,
                 "Keywords": ", ".join(imprint.keywords), "CreationDate": stamp, "ModDate": stamp}  # fmt: skip
        for key, value in about.items():
            pdf.docinfo[f"/{key}"] = value
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
            meta.load_from_docinfo(pdf.docinfo)
            meta["dc:language"] = {"en"}
            meta["dc:rights"] = "Text CC BY 4.0, code MIT"
        entitle(pdf, titles)
        lighter.lighten(pdf)
        pdf.Root.Lang = pikepdf.String("en")
        pdf.Root.PageMode = pikepdf.Name.UseOutlines
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate, linearize=True, deterministic_id=True)


def make(landing: Page, pages: list[Page], static: Path, imprint: Imprint, folder: Path) -> Path:
    """Write the PDF into a folder and give its path."""
    edition = compose(landing, pages, static, imprint)
    folder.mkdir(parents=True, exist_ok=True)
    source, target = folder / "print-edition.html", folder / f"{imprint.file_name}.pdf"
    source.write_text(str(edition.soup), encoding="utf-8")
    numbers: dict[str, int] = {}
    with laid_out(source) as page:
        for _ in range(
            MOST_PASSES
        ):  # a number that grows by a digit may move a line; the second pass is nearly always right
            page.evaluate(NUMBER, [numbers, UNKNOWN])
            print_page(page, target, draft=not numbers)
            found = {name: number for name, number in places(target).items() if name in edition.places}
            if found == numbers:
                break
            numbers = found
    if lost := edition.places - set(numbers):
        raise ValueError(f"the PDF has no place for {json.dumps(sorted(lost)[:3])}")
    finish(target, imprint, headings(edition))
    return target
