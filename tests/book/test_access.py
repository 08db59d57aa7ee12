"""The book for readers with a small screen, a keyboard, a screen reader: in a real browser, page by page."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from .conftest import CHAPTER, PAGES

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOUR_RULES = ["color-contrast", "link-in-text-block"]

# ---- narrow


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways_at_320_px(read, name, scripts):
    reader = read(name, width=320, height=640, scripts=scripts)
    if scripts:
        reader.walk()
    assert reader.page.evaluate("document.scrollingElement.scrollWidth") <= 320


def test_what_scrolls_by_itself_can_be_reached_by_keyboard(read):
    page = read(CHAPTER, width=320).page
    unreachable = page.evaluate(
        """[...document.querySelectorAll("pre, .ic-table, .ic-math")]
           .filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0).length"""
    )
    assert unreachable == 0


def test_nothing_moves_as_the_page_loads_or_as_charts_come_alive(read):
    reader = read(CHAPTER, width=390, height=844)
    page = reader.page
    page.evaluate(
        """() => { window.shift = 0; new PerformanceObserver((list) => {
             for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
           }).observe({ type: "layout-shift", buffered: true }); }"""
    )
    reader.walk()
    page.wait_for_timeout(200)
    assert page.evaluate("window.shift") < 0.05  # 0.1 is called good


# ---- accessible


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(read, name, dark):
    reader = read(name, dark=dark).walk()
    # All that is folded away, but of the charts' tables, which are alike, only two.
    reader.page.evaluate(
        """() => {
          const all = (what) => [...document.querySelectorAll(what)];
          const folded = [...all(".ic-options details, .ic-code"), ...all(".ic-more details").slice(0, 4)];
          for (const details of folded) details.open = true;
        }"""
    )
    # What is said of structure in light holds in dark; only the colours differ.
    only = {"type": "rule", "values": COLOUR_RULES} if dark else {"type": "tag", "values": WCAG}
    found = Axe().run(reader.page, options={"runOnly": only, "resultTypes": ["violations"]})
    told = [
        f"{rule['id']}: {rule['help']}\n   " + "\n   ".join(node["html"][:160] for node in rule["nodes"][:3])
        for rule in found.response["violations"]
    ]
    assert not told, "\n".join(told)


def test_a_reader_who_wants_no_motion_gets_none(read):
    page = read(CHAPTER, reduced_motion="reduce").page
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
