"""The PDF: tags, outline, page numbers, drawings, and that nothing runs off the page."""

import ctypes
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pikepdf
import pypdfium2
import pytest
from bs4 import BeautifulSoup, Tag

from bookbuild.imprint import imprint
from bookbuild.paper import lighter, pages, pdf

from .conftest import ROOT

MM = 72 / 25.4
SIDE, TOP, FOOT = 30 * MM, 25 * MM, 24 * MM  # the margins of print.css
SLACK = 1.5  # pt: italics and "f" lean a little out of their box


def squeezed(text: str) -> str:
    """Text without spaces, hyphens of line ends and ligatures, in which lines may be broken anywhere."""
    for ligature, letters in {"ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl"}.items():
        text = text.replace(ligature, letters)
    return re.sub(r"[\s\u00ad\u200b\ufffe\x02]+", "", text)


class Made(NamedTuple):
    path: Path
    file: pikepdf.Pdf
    texts: list[str]  # of each page
    site: list[Tag]  # the articles of the built pages that it was made from, in order
    titles: list[str]


@pytest.fixture(scope="module")
def made(book, tmp_path_factory) -> Iterator[Made]:
    about = imprint(ROOT)
    landing, rest = pages.edition(ROOT, book)
    titles = [page.title for page in rest]
    site = [pages.read(book, page.name).article for page in rest]
    path = pdf.make(landing, rest, book / "_static", about, tmp_path_factory.mktemp("paper"))
    with pikepdf.open(path) as file:
        yield Made(path, file, read(path).texts, site, titles)


def tree(node: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    """Every element of the tags below a node."""
    kids = node.get("/K")
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from tree(kid)


def starts(made: Made) -> dict[str, tuple[int, float]]:
    """Title -> page (from 1) and height on it, of each entry of the outline's first level."""
    number = {page.obj.objgen: i for i, page in enumerate(made.file.pages, start=1)}
    found = {}
    with made.file.open_outline() as outline:
        for item in outline.root:
            target = item.destination if item.destination is not None else item.action.D
            found[item.title] = (number[target[0].objgen], float(target[3]))
    return found


def test_it_says_what_it_is(made):
    about, root = imprint(ROOT), made.file.Root
    assert str(made.file.docinfo.Title) == about.name
    assert about.authors[0] in str(made.file.docinfo.Author)
    assert str(root.Lang) == "en"
    assert root.ViewerPreferences.DisplayDocTitle
    assert str(made.file.docinfo.CreationDate).startswith(f"D:{about.date:%Y%m%d}"), (
        "the day of the release, not of today"
    )
    with made.file.open_metadata() as meta:
        assert meta["dc:title"] == about.name


def test_it_is_tagged(made):
    assert made.file.Root.MarkInfo.Marked
    kinds = [str(element.S) for element in tree(made.file.Root.StructTreeRoot)]
    assert kinds.count("/H1") >= len(made.titles)
    for kind in ("/P", "/L", "/LI", "/Table", "/TR", "/TH", "/TD", "/Figure", "/Link"):
        assert kind in kinds, kind


def test_no_heading_is_tagged_on_two_pages(made):
    for element in tree(made.file.Root.StructTreeRoot):
        if re.fullmatch(r"/H[1-6]", str(element.S)):
            pages_of = {kid.Pg.objgen for kid in tree(element) if "/Pg" in kid}
            for part in [element, *tree(element)]:
                kids = part.get("/K")
                for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
                    if isinstance(kid, pikepdf.Dictionary) and "/MCID" in kid:
                        pages_of.add(kid.Pg.objgen)
            assert len(pages_of) == 1, (str(element.S), pages_of)


def test_the_outline_is_the_contents(made):
    assert list(starts(made)) == ["Contents", "About this book", *made.titles]


def test_the_contents_give_the_page_that_each_part_begins_on(made):
    begin = starts(made)
    first, last = begin["Contents"][0], begin["About this book"][0]
    contents = squeezed("".join(made.texts[first - 1 : last - 1]))
    for title in made.titles:
        assert re.search(rf"{re.escape(squeezed(title))}{begin[title][0]}(?!\d)", contents), title


def test_each_chapter_starts_at_the_head_of_a_page_and_is_named_on_all_its_pages(made):
    begin = starts(made)
    height = 841.9
    for title, after in zip(made.titles, [*made.titles[1:], None], strict=True):
        page, top = begin[title]
        assert top > height - TOP - 60, (title, top)
        for number in range(page, begin[after][0] if after else len(made.texts) + 1):
            text = squeezed(made.texts[number - 1])
            assert squeezed(title) in text, (title, number)
            assert squeezed(imprint(ROOT).edition) in text, number
            assert re.search(rf"\b{number}\b", made.texts[number - 1]), number


class Read(NamedTuple):
    texts: list[str]  # of each page
    outside: list[tuple[int, str, float, float]]  # page, glyph, its left and right edge; below the foot, too
    heights: Counter[float]  # of glyphs


@cache
def read(path: Path) -> Read:
    """All that is asked of a page, once: what takes pdfium its time is to open one."""
    texts, outside, heights = [], [], Counter()
    edges, loose = [ctypes.c_double() for _ in range(4)], pypdfium2.raw.FS_RECTF()
    left, right, low, _ = edges
    places, whole = [ctypes.byref(edge) for edge in edges], ctypes.byref(loose)
    for number, page in enumerate(pypdfium2.PdfDocument(path), start=1):
        text, (width, _) = page.get_textpage(), page.get_size()
        texts.append(text.get_text_bounded())
        least, most = SIDE - SLACK, width - SIDE + SLACK
        for i in range(text.count_chars()):
            assert pypdfium2.raw.FPDFText_GetCharBox(text.raw, i, *places)
            if right.value <= left.value:
                continue  # a space
            assert pypdfium2.raw.FPDFText_GetLooseCharBox(text.raw, i, whole)
            heights[round(loose.top - loose.bottom, 1)] += 1
            if left.value < least or right.value > most or low.value < 10 * MM:
                outside.append((number, text.get_text_range(i, 1), left.value, right.value))
    return Read(texts, outside, heights)


def overhang(path: Path) -> list[tuple[int, str, float, float]]:
    """The glyphs that run off the page."""
    return read(path).outside


def test_nothing_runs_off_the_page(made):
    assert not overhang(made.path)


LINE = 1.219  # the height of a letter's box in the book's font, in sizes of the font


def size_of_text(path: Path) -> float:
    """The size in pt of running text: the largest that more than a twentieth of the letters have.

    Chromium sets everything smaller when something is too wide for the page.
    """
    heights = read(path).heights
    return max(height for height, count in heights.items() if count > 0.05 * heights.total()) / LINE


def test_the_text_was_not_made_smaller_to_fit(made):
    assert size_of_text(made.path) == pytest.approx(10.75, rel=0.02)


def test_the_check_finds_a_line_that_runs_off_the_page(tmp_path):
    source = tmp_path / "page.html"
    style = "@page { size: A4; margin: 25mm 30mm }"
    source.write_text(f"<style>{style}</style><p>short</p><pre style='overflow: visible'>{'long ' * 30}</pre>")
    with pdf.laid_out(source) as page:
        pdf.print_page(page, tmp_path / "page.pdf")
    assert overhang(tmp_path / "page.pdf") or size_of_text(tmp_path / "page.pdf") < 10


def test_every_chart_is_there_as_a_drawing_with_its_description(made):
    figures = [element for element in tree(made.file.Root.StructTreeRoot) if str(element.S) == "/Figure"]
    said = [" ".join(str(figure.get("/Alt", "")).split()) for figure in figures]
    charts = [chart for page in made.site for chart in page.select(".ic-chart")]
    assert charts
    text = squeezed("".join(made.texts))
    for chart in charts:
        wanted = " ".join(chart.select_one("svg")["aria-label"].split())
        assert wanted in said, chart["id"]
        assert squeezed(chart.select_one(".ic-fig-title").get_text()) in text, chart["id"]
        # vega keeps labels that would overlap, and hides them
        for word in chart.select(".ic-frame > svg:first-child text:not([opacity='0'])"):
            assert squeezed(word.get_text()) in text, (chart["id"], word)


INLINE_IMAGE = rb"(?:^|\s)BI\s"


def contents(page: pikepdf.Page) -> list[pikepdf.Stream]:
    """What draws a page; the tiles of a repeated background are not among it."""
    found = page.obj.Contents
    return list(found) if isinstance(found, pikepdf.Array) else [found]


def drawings(resources: pikepdf.Dictionary, seen: set[tuple[int, int]]) -> Iterator[pikepdf.Stream]:
    """Each picture and each form that a page or a form draws, once in a file."""
    for drawn in (resources.get("/XObject") or {}).values():
        if drawn.objgen not in seen:
            seen.add(drawn.objgen)
            yield drawn
            yield from drawings(drawn.get("/Resources") or {}, seen)


def painted(page: pikepdf.Page) -> int:
    """How many lines and areas a page draws."""
    return sum(len(re.findall(rb"^(?:f|S|B)\*?$", part.read_bytes(), re.MULTILINE)) for part in contents(page))


def test_no_drawing_became_pixels(made):
    forms = set()
    for number, page in enumerate(made.file.pages, start=1):
        assert not re.search(INLINE_IMAGE, b"\n".join(part.read_bytes() for part in contents(page))), number
        for form in drawings(page.resources, forms):
            assert form.Subtype == "/Form", number
            assert not re.search(INLINE_IMAGE, form.read_bytes()), number
    marks = sum(len(page.select(".ic-frame > svg:first-child :is(circle, line)")) for page in made.site)
    assert sum(map(painted, made.file.pages)) > marks > 5000


def test_all_code_that_the_page_shows_is_there_whole(made):
    text = squeezed("".join(made.texts))
    for page in made.site:
        for code in page.select(".cell_input pre, .cell_output pre"):
            if code.find_parent("details"):
                continue
            for line in code.get_text().splitlines():
                assert squeezed(as_read(line)) in text, line


def as_read(line: str) -> str:
    """A line as pdfium reads it: an Arabic word from the left; what follows the first one is mirrored, and left out here."""
    before, word = re.match(r"([^\u0600-\u06ff]*)([\u0600-\u06ff]*)", line).groups()
    return before + word[::-1] if word else line


def test_replies_to_questions_stand_at_the_end_and_not_beside_the_question(made):
    text = squeezed("".join(made.texts))
    questions = [options for page in made.site for options in page.select(".ic-options")]
    assert questions
    for options in questions:
        for reply in options.select("details > p"):
            where = [m.start() for m in re.finditer(re.escape(squeezed(reply.get_text())), text)]
            assert len(where) == 1
            assert where[0] > text.index(squeezed("Answers to Check yourself"), text.index(squeezed("About this book")))
    assert "Showthecode" not in text and "Describethechart" not in text


def test_the_letters_of_all_its_fonts_are_inside(made):
    bare = []
    for page in made.file.pages:
        for name, font in (page.resources.get("/Font") or {}).items():
            parts = font.get("/DescendantFonts", [font])
            if str(font.Subtype) != "/Type3" and not any(
                key in part.get("/FontDescriptor", {})
                for part in parts
                for key in ("/FontFile", "/FontFile2", "/FontFile3")
            ):
                bare.append(name)
    assert not bare


def test_formulas_are_set_with_the_books_own_letters(made):
    fonts = {
        str(f.BaseFont)
        for page in made.file.pages
        for f in (page.resources.get("/Font") or {}).values()
        if "/BaseFont" in f
    }
    assert any("STIX" in font for font in fonts), fonts


def test_arabic_is_drawn_with_letters(made):
    """A machine without an Arabic font prints boxes, which are no text."""
    wanted = sum(len(re.findall(r"[\u0621-\u064a]", page.get_text())) for page in made.site)
    drawn = len(re.findall(r"[\u0621-\u064a\ufb50-\ufdff\ufe70-\ufefc]", "".join(made.texts)))
    assert wanted > 100
    assert drawn > 0.8 * wanted, (
        "install a font with Arabic letters, as Debian's fonts-dejavu-core; ligatures count once"
    )


def test_links_lead_to_other_sites_or_within_the_file(made):
    for page in made.file.pages:
        for note in page.get("/Annots", []):
            if str(note.get("/Subtype")) == "/Link" and "/A" in note and "/URI" in note.A:
                assert re.match(r"https?://", str(note.A.URI)), str(note.A.URI)


# ---- weight

PROMISED = 10_000_000  # bytes, for a reader on a slow line
HEAVIEST = 90_000  # bytes that draw one page: one that has more holds a drawing that Chromium writes at length


def test_it_stays_well_below_ten_megabytes(made):
    size = made.path.stat().st_size
    assert size < 0.8 * PROMISED, f"{size / 1e6:.1f} MB: what grew? (test_no_page_is_heavy names the page)"


def test_no_page_is_heavy(made):
    weights = {
        number: sum(len(part.read_raw_bytes()) for part in contents(page))
        for number, page in enumerate(made.file.pages, start=1)
    }
    assert not {number: weight for number, weight in weights.items() if weight > HEAVIEST}


def test_nothing_is_drawn_again_and_again_beyond_the_edges_of_pages(made):
    """What a style sheet moves by a transform stood on each page of the PDF: 23,000 dots that nobody saw."""
    begin = starts(made)
    dotted = range(begin["Contents"][0], begin["About this book"][0])
    drawn = {number: painted(page) for number, page in enumerate(made.file.pages, start=1) if number not in dotted}
    assert not {number: count for number, count in drawn.items() if count > 3000}


DRAWN = """<!DOCTYPE html><meta charset="utf-8"><style>@page { size: A4; margin: 25mm 30mm } svg { display: block }</style>
<p style="font: 14px sans-serif">AVATAR, Type: “Tiny offices” (fi, ffl) — To wait 1.11 × 7; <b>We, Yes.</b> عربي 12</p>
<svg width="400" height="200" viewBox="0 0 400 200" fill="none"><g>
<circle cx="40" cy="40" r="30" fill="#0072b2"></circle><circle cx="60" cy="60" r="30" fill="#d55e00" opacity="0.5"></circle>
<circle cx="140.5" cy="60" r="42.3" stroke="#009e73" stroke-width="3"></circle>
<circle cx="250" cy="60" r="40" fill="#e69f00" stroke="#000" stroke-width="8" opacity="0.4"></circle>
<line x1="10" y1="150" x2="390" y2="170" stroke="#000" stroke-width="2" stroke-dasharray="1,0"></line>
<line x1="10" y1="160" x2="390" y2="180" stroke="#000" stroke-width="2" stroke-dasharray="6,4" opacity="0.6"></line>
<path d="M320,30h60v60h-60Z" fill="#cc79a7" opacity="0.3"></path><text x="320" y="70" fill="#000" opacity="0.7">Text</text>
</g></svg>"""


@pytest.fixture(scope="module")
def twice(tmp_path_factory) -> tuple[Path, Path]:
    """A page as Chromium prints it, and the same made light."""
    folder = tmp_path_factory.mktemp("twice")
    soup = BeautifulSoup(DRAWN, "html.parser")
    lighter.simplify(soup.svg)
    plain, light = folder / "plain.pdf", folder / "light.pdf"
    for target, text in ((plain, DRAWN), (light, str(soup))):
        source = target.with_suffix(".html")
        source.write_text(text, encoding="utf-8")
        with pdf.laid_out(source) as page:
            pdf.print_page(page, target)
    with pikepdf.open(light, allow_overwriting_input=True) as file:
        lighter.lighten(file)
        file.save(light)
    return plain, light


def test_a_lighter_page_has_its_letters_where_they_were(twice):
    found = []
    for path in twice:
        text = pypdfium2.PdfDocument(path)[0].get_textpage()
        found.append([(text.get_text_range(i, 1), text.get_charbox(i)) for i in range(text.count_chars())])
    assert [letter for letter, _ in found[0]] == [letter for letter, _ in found[1]]
    assert len(found[0]) > 60
    for (letter, was), (_, box) in zip(*found, strict=True):
        assert box == pytest.approx(was, abs=0.05), letter  # pt


def test_a_lighter_page_looks_the_same(twice):
    was, now = (pypdfium2.PdfDocument(path)[0].render(scale=2).to_numpy().astype(int) for path in twice)
    apart = abs(was - now).max(axis=2)
    assert (was < 250).any(axis=2).sum() > 20_000, "there is something to see"
    assert (apart > 60).sum() == 0 and apart.mean() < 0.02


def test_a_lighter_page_says_in_a_third_what_chromium_says_at_length(twice):
    heavy, light = (
        next(len(b"".join(part.read_bytes() for part in contents(page))) for page in pikepdf.open(path).pages)
        for path in twice
    )
    assert light < heavy / 3


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ('<line stroke-dasharray="1,0" stroke="#000"/>', {"stroke": "#000"}),
        ('<line stroke-dasharray="4,2"/>', {"stroke-dasharray": "4,2"}),
        ('<path fill="#000" opacity="0.5"/>', {"fill": "#000", "fill-opacity": "0.5"}),
        (
            '<path fill="none" stroke="#000" opacity="0.5"/>',
            {"fill": "none", "stroke": "#000", "stroke-opacity": "0.5"},
        ),
        ('<path fill="#000" stroke="#fff" opacity="0.5"/>', {"fill": "#000", "stroke": "#fff", "opacity": "0.5"}),
        ('<path fill="#000" fill-opacity="0.5" opacity="0.5"/>', {"fill": "#000", "fill-opacity": "0.25"}),
        ('<circle cx="1" cy="1" r="5"/>', {"cx": "1", "cy": "1", "r": "5"}),
    ],
)
def test_a_mark_becomes_lighter_only_where_it_looks_the_same(given, wanted):
    """The last is a circle whose looks a style sheet gives."""
    svg = BeautifulSoup(f"<svg>{given}</svg>", "html.parser").svg
    lighter.simplify(svg)
    assert svg.find(True).attrs == wanted


# ---- links, without Chromium


def leaf(body: str, name: str = "chapters/05_inequality") -> pages.Page:
    soup = BeautifulSoup(f"<article><section>{body}</section></article>", "html5lib")
    return pages.Page(name, "Title", soup.article)


@pytest.mark.parametrize(
    ("address", "wanted"),
    [("", None), ("https://example.org/book/", "https://example.org/book/exercises/05_inequality.ipynb")],
)
def test_a_link_to_what_only_the_site_has_becomes_absolute_or_plain_text(address, wanted):
    page = leaf('<p>Now <a href="../exercises/05_inequality.ipynb">take it</a>.</p>')
    pages.settle(page, page.article.a, {}, address)
    link = page.article.a
    assert (link["href"] if link else None) == wanted
    assert page.article.get_text() == "Now take it."


def test_a_question_gets_ids_that_the_page_does_not_have_yet():
    options = '<div class="ic-options"><details><summary>One</summary><p>No.</p></details></div>'
    page = leaf(f'<div id="choices-1">taken</div><h1>T</h1>{options}')
    pages.clean(page)
    ids = [tag["id"] for tag in page.article.select("[id]")]
    assert len(ids) == len(set(ids)) == 4
    assert page.article.select_one(".ic-to-answers a")["href"][1:] in ids
    assert page.article.select_one(".ic-answer").get_text(" ", strip=True) == "Question 1 A No."


def test_an_address_is_printed_where_the_words_do_not_give_it():
    page = leaf('<a href="https://example.org/a">here</a> <a href="https://doi.org/10.1/x">doi:10.1/x</a>')
    for link in page.article.select("a"):
        pages.settle(page, link, {}, "")
    pages.spell_out(page)
    assert page.article.get_text() == "here (example.org/a) doi:10.1/x"


@pytest.mark.parametrize("name", ["chapters/14_transfer", "pages/routes"])
def test_a_page_is_read_as_a_browser_reads_it(book, name):
    """Also the names in drawings, as viewBox and clipPath, which XML would not know in small letters."""
    whole = BeautifulSoup((book / f"{name}.html").read_text("utf-8"), "html5lib").article
    for unread in whole.select("script, .ic-narrow, h1 .headerlink"):
        unread.decompose()
    read_fast = pages.read(book, name).article
    assert "viewBox" in str(read_fast)
    assert [str(child) for child in read_fast.children if str(child).strip()] == [
        str(child) for child in whole.children if str(child).strip()
    ]


def test_a_page_that_was_not_built_is_named(tmp_path):
    with pytest.raises(pages.Unfit, match=r"index\.html is not there: run make book"):
        pages.edition(ROOT, tmp_path)
