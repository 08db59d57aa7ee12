"""The teacher's edition in the book's type and colours: on a desk, on a phone, on paper. What is in it: tests/classroom."""

from pathlib import Path

import pypdfium2
import pytest

from classroom import teacher
from classroom.course import open_course

from . import axe
from .conftest import ROOT

ONE = "05_inequality"


@pytest.fixture(scope="module")
def edition(book, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("teacher") / "edition"
    teacher.make(open_course(ROOT), [ONE], out, book / "_static")
    return out


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_everybody_can_read_it(edition, browser, scheme, width):
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True).new_page()
    for name in (f"{ONE}-marking", ONE):
        page.goto((edition / f"{name}.html").as_uri())
        page.evaluate("[...document.querySelectorAll('details')].slice(0, 12).forEach((one) => one.open = true)")
        assert axe.violations(page, only_colours=scheme == "dark") == [], name
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert "Source Sans 3" in page.evaluate("getComputedStyle(document.body).fontFamily")
    page.context.close()


def test_the_sheets_fill_two_pages_and_what_is_folded_away_is_printed(edition, browser, tmp_path):
    page = browser.new_context(offline=True).new_page()
    texts = []
    for name in (f"{ONE}-marking", ONE):
        page.goto((edition / f"{name}.html").as_uri())
        page.pdf(path=tmp_path / "paper.pdf", prefer_css_page_size=True)
        paper = pypdfium2.PdfDocument(tmp_path / "paper.pdf")
        texts.append([sheet.get_textpage().get_text_bounded() for sheet in paper])
    assert len(texts[0]) == 2, "a sheet for a paper and one for the class"
    assert "def _gaps_tests" in "".join(texts[1])
    page.context.close()
