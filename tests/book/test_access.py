"""The book for readers with a small screen, a keyboard, a screen reader: in a real browser, page by page."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from . import axe
from .conftest import CHAPTER, CHAPTERS, SEEN, Reader, reading

# ---- narrow


@pytest.fixture(scope="module")
def narrow(browser, site, request) -> Iterator[Reader]:
    """A page at 320 px: one visit for all that is asked of it."""
    with reading(browser, site) as read:
        yield read(request.param, width=320, height=640)


@pytest.mark.parametrize("narrow", CHAPTERS, indirect=True)
def test_what_scrolls_by_itself_can_be_reached_by_keyboard(narrow):
    assert narrow.page.locator("pre").count()
    narrow.page.wait_for_function(f"({axe.UNREACHABLE})() === 0", timeout=20_000)


@pytest.mark.parametrize("narrow", SEEN, indirect=True)
def test_no_page_scrolls_sideways_at_320_px(narrow):
    assert narrow.walk().page.evaluate("document.scrollingElement.scrollWidth") <= 320


@pytest.mark.parametrize("name", SEEN)
def test_no_page_scrolls_sideways_at_320_px_without_scripts(read, name):
    page = read(name, width=320, height=640, scripts=False).page
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320


@pytest.mark.parametrize("width", [390, 1280])
def test_a_jump_to_a_place_stays_on_it_while_the_page_is_laid_out(read, width):
    page = read(CHAPTER, width=width).page
    for place in ("now-you", "fig-core20-chart", "claim-the-inequalities-are-stark"):
        page.evaluate(f"location.hash = '{place}'")
        page.wait_for_timeout(1200)
        top = page.locator(f"#{place}").bounding_box()["y"]
        assert 0 <= top <= 130, (place, top)


def test_who_has_moved_on_is_not_pulled_back_when_the_page_is_complete(read):
    reader = read("index.html", width=390)
    held = []
    reader.page.context.route("**/vega.js*", lambda route: held.append(route))  # the page's load waits for it
    reader.page.goto(f"{reader.site}{CHAPTER}#fig-core20-chart", wait_until="domcontentloaded")
    reader.page.wait_for_timeout(1500)
    reader.page.mouse.move(100, 300)
    reader.page.mouse.wheel(0, 3000)
    reader.page.wait_for_timeout(300)
    there = reader.page.evaluate("scrollY")
    for route in held:
        route.fallback()
    reader.page.wait_for_load_state("load")
    reader.page.wait_for_timeout(1000)
    assert abs(reader.page.evaluate("scrollY") - there) < 600
    top = reader.page.locator("#fig-core20-chart").bounding_box()["y"]
    assert not 0 <= top <= 130


@pytest.mark.parametrize("name", SEEN)
def test_a_page_at_200_per_cent_scrolls_one_way_only_and_hides_nothing(read, name):
    """1280 px at 200% is 640 px; and text alone may be twice as large (WCAG 1.4.4)."""
    page = read(name, width=640, height=450).page
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 640
    before = page.evaluate("parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)")
    page.add_style_tag(content="html { font-size: 212.5% !important; }")
    after = page.evaluate("parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)")
    assert after >= 1.7 * before, "text has a size that does not follow the reader's"
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 640


# ---- accessible


def test_axe_finds_as_much_as_if_it_took_its_time(read):
    page = axe.prepare(read(CHAPTER, width=390).walk().page)
    page.add_style_tag(
        content="p, th, a, svg text { color: #999; opacity: 0.9 } a { text-decoration: none !important }"
    )
    found = axe.violations(page)
    assert {"color-contrast", "link-in-text-block"} <= {rule["id"] for rule in found}
    assert found == axe.violations(page, script=AXE_SCRIPT)


def test_a_reader_who_wants_no_motion_gets_none(read):
    page = read(CHAPTER, reduced_motion="reduce").page
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
