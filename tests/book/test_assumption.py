"""The box *Assumption*: one line that stays in view with the model's charts, and never in the way."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from .conftest import reading

REFORM = "chapters/11_reform.html"
BOX = ".ic-box-assumption"
# A laptop, a small phone, and the laptop at 200% zoom.
SCREENS = [(1280, 900), (320, 640), (640, 400)]
RECTS = """() => {
  const rect = (e) => {
    const { top, bottom, left, right } = e.getBoundingClientRect();
    return { top, bottom, left, right };
  };
  const top = document.querySelector(".ic-top"), fixed = getComputedStyle(top).position === "sticky";
  return { box: rect(document.querySelector(".ic-box-assumption")), header: fixed ? rect(top).bottom : 0 };
}"""


@pytest.fixture(scope="module")
def page(browser, site, request) -> Iterator[Page]:
    """The chapter on a screen, walked through once for all that is asked of it there."""
    width, height = request.param
    with reading(browser, site) as read:
        yield read(REFORM, width=width, height=height).walk().page


def on(*screens: tuple[int, int]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", screens, indirect=True, ids=lambda screen: f"{screen[0]}-{screen[1]}")


def model_charts(page):
    return page.locator(f"section:has(> {BOX}) .ic-chart").all()


@on(*SCREENS)
def test_it_stays_in_view_with_every_chart_of_the_model(page):
    width, height = page.viewport_size["width"], page.viewport_size["height"]
    charts = model_charts(page)
    assert len(charts) == 2
    for chart in charts:
        for place in ("start", "center", "end"):
            chart.evaluate(f"e => e.scrollIntoView({{ block: '{place}', behavior: 'instant' }})")
            page.wait_for_timeout(60)
            seen = page.evaluate(RECTS)
            box = seen["box"]
            assert box["top"] >= seen["header"] - 1.5, "below the bar on top, not under it"
            assert box["bottom"] <= height
            assert box["left"] >= 0 and box["right"] <= width + 0.5
            assert box["bottom"] - box["top"] <= max(0.13 * height, 48), "small"
    page.locator("h2", has_text="Now you").evaluate("e => e.scrollIntoView({ behavior: 'instant' })")
    page.wait_for_timeout(60)
    assert page.evaluate(RECTS)["box"]["bottom"] < 0, "gone with its section"


@on(*SCREENS)
def test_what_is_jumped_to_or_focused_lands_below_it(page):
    inside = f"section:has(> {BOX})"
    for heading in page.locator(f"{inside} h3").all():
        section = heading.evaluate("e => e.parentElement.id")
        page.evaluate(
            "id => { document.documentElement.style.scrollBehavior = 'auto'; location.hash = ''; location.hash = id; }",
            section,
        )
        page.wait_for_timeout(80)
        assert heading.bounding_box()["y"] >= page.evaluate(RECTS)["box"]["bottom"] - 1, section
    stops = page.locator(f"{inside} :is(input, summary, a)").all()
    assert len(stops) >= 10
    page.locator(f"{inside} summary").last.focus()
    for _ in range(25):  # backwards: the browser scrolls up just so far that the focus is on the screen
        page.keyboard.press("Shift+Tab")
        page.wait_for_timeout(40)
        focused = page.evaluate(
            f"""() => {{ const e = document.activeElement, r = e.getBoundingClientRect();
                 return e.closest("{inside}") && !e.closest("{BOX}") ? [r.top, r.bottom] : null; }}"""
        )
        if focused:
            assert focused[1] > page.evaluate(RECTS)["box"]["bottom"] + 1, "the focus is not hidden by it"


@on((320, 640))
def test_it_is_opaque_and_in_front(page):
    model_charts(page)[0].evaluate("e => e.scrollIntoView({ block: 'start', behavior: 'instant' })")
    page.wait_for_timeout(60)
    box = page.evaluate(RECTS)["box"]
    top_most = page.evaluate(
        f"([x, y]) => !!document.elementFromPoint(x, y).closest('{BOX}')",
        [(box["left"] + box["right"]) / 2, (box["top"] + box["bottom"]) / 2],
    )
    assert top_most
    background = page.locator(BOX).evaluate("e => getComputedStyle(e).backgroundColor")
    assert not background.startswith("rgba") and "/" not in background and background != "transparent"


def test_without_scripts_and_on_paper_it_is_a_plain_note(read):
    still = read(REFORM, scripts=False).page
    assert still.locator(BOX).get_attribute("role") == "note"
    assert still.locator(BOX).inner_text().startswith("Assumption")
    paper = read(REFORM).page
    paper.emulate_media(media="print")
    assert paper.locator(BOX).evaluate("e => getComputedStyle(e).position") == "static"
