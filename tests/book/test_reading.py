"""The book as a reader meets it, in a real browser: charts, light and dark, without scripts."""

import pytest

from .conftest import CHAPTER, PAGES, names


def test_the_list_of_pages_is_whole(book):
    assert sorted(PAGES) == names(book)


# ---- charts


def test_charts_are_pictures_first_and_come_alive_when_reached(read):
    reader = read(CHAPTER)
    page = reader.page
    page.wait_for_load_state("networkidle")
    charts = page.locator(".ic-chart")
    assert charts.count() >= 5
    assert page.locator(".ic-chart .ic-frame > svg").count() >= charts.count()
    assert page.locator(".ic-chart[data-state]").count() == 0, "nothing is drawn for a reader who has not moved"
    assert not [r.url for r in reader.responses if "vega" in r.url]
    reader.walk()
    live = page.locator(".ic-chart:has(.ic-spec)")
    assert live.count() >= 3
    assert page.locator('.ic-chart[data-state="live"]').count() == live.count()
    for chart in live.all():
        drawn, frame = chart.locator(".ic-live svg"), chart.locator(".ic-frame")
        assert drawn.is_visible()
        assert drawn.get_attribute("aria-label") == chart.locator(".ic-frame > svg").first.get_attribute("aria-label")
        assert abs(drawn.bounding_box()["width"] - frame.bounding_box()["width"]) < 8, chart.get_attribute("id")


def test_each_chart_is_described_and_has_its_data(read):
    page = read(CHAPTER).page
    for chart in page.locator(".ic-chart").all():
        name = chart.get_attribute("id")
        label = chart.locator(".ic-frame > svg").first.get_attribute("aria-label")
        assert len(label) >= 40, name
        describe, data = chart.locator("summary").all()
        describe.click()
        assert chart.locator("details[open] p").first.inner_text() == label, name
        data.click()
        assert chart.locator("details[open] tbody tr").count() >= 2, name
        assert chart.locator("details[open] thead th").count() >= 2, name


def test_a_chart_stays_a_picture_when_the_library_does_not_come(read):
    reader = read("index.html")
    reader.page.context.route("**/vega.js*", lambda route: route.abort())
    reader.open(CHAPTER).walk()
    charts = reader.page.locator(".ic-chart:has(.ic-spec)")
    assert reader.page.locator('.ic-chart[data-state="still"]').count() == charts.count()
    for chart in charts.all():
        assert chart.locator(".ic-frame > svg >> visible=true").count() == 1
        for inputs in chart.locator(".ic-inputs").all():
            assert "did not load" in inputs.text_content()  # the text says "Move the slider"


def test_one_request_that_fails_costs_one_chart(read):
    reader = read("index.html")
    left = [1]

    def once(route):
        if left and left.pop():
            route.abort()
        else:
            route.fallback()

    reader.page.context.route("**/vega.js*", once)
    reader.open(CHAPTER).walk()
    assert reader.page.locator('.ic-chart[data-state="still"]').count() >= 1
    assert reader.page.locator('.ic-chart[data-state="live"]').count() >= 3


def test_a_slider_is_named_and_moves_the_chart_by_keyboard(read):
    page = read(CHAPTER).walk().page
    slider = page.get_by_role("slider").first
    assert slider.evaluate("e => e.labels[0].innerText.trim()")
    chart = page.locator(".ic-chart:has(input[type=range])").first
    slider.focus()
    before = chart.locator(".ic-live svg").inner_html()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    changed = "([chart, before]) => chart.querySelector('.ic-live svg').innerHTML !== before"
    page.wait_for_function(changed, arg=[chart.element_handle(), before])


def test_charts_follow_the_width(read):
    page = read(CHAPTER, width=1000).walk().page
    page.set_viewport_size({"width": 400, "height": 900})
    page.wait_for_timeout(800)
    for chart in page.locator('.ic-chart[data-state="live"]').all():
        drawn, frame = chart.locator(".ic-live svg").bounding_box(), chart.locator(".ic-frame").bounding_box()
        assert drawn["width"] <= frame["width"] + 1.5, chart.get_attribute("id")


# ---- light and dark

CONTRAST = """chart => {
  const parse = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = (rgb) => rgb.map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const words = [...chart.querySelectorAll(":is(.role-axis-label, .role-legend-label) text")];
  const text = words.find((word) => word.checkVisibility());
  const pair = [getComputedStyle(text).fill, getComputedStyle(document.body).backgroundColor].map(parse).map(light);
  return [getComputedStyle(text).fill, (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05)];
}"""


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_charts_belong_to_the_page_in_light_and_dark(read, scripts):
    fills = {}
    for dark in (False, True):
        reader = read(CHAPTER, dark=dark, scripts=scripts)
        if scripts:
            reader.walk()
        for chart in reader.page.locator(".ic-chart").all():
            name = chart.get_attribute("id")
            fill, contrast = chart.evaluate(CONTRAST)
            assert contrast >= 4.5, (name, fill)
            assert fills.setdefault(name, fill) != fill or not dark, f"{name} is drawn alike in light and dark"


def test_the_reader_chooses_light_or_dark_and_it_stays(read):
    reader = read(CHAPTER)
    page = reader.page
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.get_by_role("button", name="Dark colours").click()
    dark = page.evaluate(background)
    assert dark != light
    reader.open("pages/glossary.html")
    assert page.evaluate(background) == dark
    page.get_by_role("button", name="Light colours").click()
    assert page.evaluate(background) == light


# ---- without scripts


def test_everything_is_there_without_scripts(read):
    page = read(CHAPTER, scripts=False).page
    for chart in page.locator(".ic-chart").all():
        picture = chart.locator(".ic-frame > svg >> visible=true")
        assert picture.count() == 1
        assert picture.bounding_box()["height"] > 100
        assert picture.get_attribute("role") == "img"
    for formula in page.locator("math").all():
        assert formula.bounding_box()["width"] > 2
    answer = page.locator(".ic-options details").first
    assert not answer.locator("p").first.is_visible()
    answer.locator("summary").click()
    assert answer.locator("p").first.is_visible()
    assert "?" not in page.locator("[data-glue]").all_inner_texts()


def test_the_contents_open_without_scripts_on_a_phone(read):
    page = read(CHAPTER, width=390, scripts=False).page
    contents = page.get_by_role("navigation", name="Contents of the book")
    assert not contents.is_visible()
    page.get_by_role("link", name="Contents", exact=True).click()
    assert contents.get_by_role("link", name="Glossary").is_visible()
    contents.get_by_role("link", name="Close").click()
    assert not contents.is_visible()


def test_the_contents_open_and_close_by_keyboard_on_a_phone(read):
    page = read(CHAPTER, width=390).page
    button = page.get_by_role("button", name="Contents")
    button.focus()
    page.keyboard.press("Enter")
    contents = page.get_by_role("navigation", name="Contents of the book")
    assert contents.is_visible()
    assert button.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert not contents.is_visible()
    assert page.evaluate("document.activeElement.className").endswith("ic-menu")
    # The button that closes it is one, too; and whoever tabs on does not walk behind it unseen.
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    assert not contents.is_visible()
    page.keyboard.press("Enter")
    contents.get_by_role("link").last.focus()
    page.keyboard.press("Tab")
    assert not contents.is_visible()
    assert button.get_attribute("aria-expanded") == "false"


@pytest.mark.parametrize("way", ["click", "Escape"])
def test_contents_that_opened_before_the_script_came_can_be_closed(read, way):
    page = read(f"{CHAPTER}#contents", width=390).page
    contents = page.get_by_role("navigation", name="Contents of the book")
    assert contents.is_visible()
    if way == "click":
        contents.get_by_text("Close").click()
    else:
        page.keyboard.press("Escape")
    page.wait_for_timeout(100)
    assert not contents.is_visible()


def test_without_scripts_no_control_is_offered_that_needs_them(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + CHAPTER)
    assert not page.locator(".ic-theme").is_visible()
    assert not page.locator(".ic-search").is_visible()
    context.close()
