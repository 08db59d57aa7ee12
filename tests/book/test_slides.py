"""The decks: what stands on which slide, that it is the page's own text, and that it works from a folder."""

import html
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest
from bs4 import BeautifulSoup

from bookbuild.chapter import Exercise
from bookbuild.imprint import imprint
from bookbuild.paper.pages import Page
from bookbuild.slides import deck, folder
from classroom.course import open_course
from classroom.needles import Needles
from classroom.release import secrets_of

from . import axe
from .conftest import CHAPTERS, ROOT

NAMES = [Path(name).stem for name in CHAPTERS]
ONE = "05_inequality"
SIZE = {"width": 1280, "height": 720}


@pytest.fixture(scope="module")
def decks(book, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("slides")
    assert [path.stem for path in folder.make(ROOT, book, imprint(ROOT), out)] == NAMES
    return out


@pytest.fixture(scope="module")
def soups(decks) -> dict[str, BeautifulSoup]:
    return {name: BeautifulSoup((decks / f"{name}.html").read_text("utf-8"), "html.parser") for name in NAMES}


def kinds(soup: BeautifulSoup) -> list[str]:
    return [section["class"][1].removeprefix("ic-slide-") for section in soup.select(".slides > section")]


def words(text: str) -> str:
    return re.sub(r"\s+", "", text)


# ---- what stands where


@pytest.mark.parametrize("name", NAMES)
def test_a_deck_has_all_of_its_chapter_in_its_order(book, soups, name):
    soup, found = soups[name], kinds(soups[name])
    page = folder.UNREAD.sub("", (book / "chapters" / f"{name}.html").read_text("utf-8"))
    assert found[:2] == ["title", "scene"] and found[-1] == "homework" and "points" in found[-3:]
    assert found.count("chart") == page.count('class="ic-chart"')
    assert found.count("definition") == page.count("ic-box-definition")
    assert found.count("example") == page.count("ic-box-example") + page.count("ic-box-solved") > 0
    assert found.count("poll") == found.count("answers") == page.count('class="ic-box ic-box-check"') > 0
    for poll, answers in zip(soup.select(".ic-slide-poll"), soup.select(".ic-slide-answers"), strict=True):
        assert poll.find_next_sibling("section") is answers
        assert not poll.select(".ic-told, .ic-is-right"), "the poll gives its answer away"
        assert len(poll.select("li")) == len(answers.select("li .ic-told")) >= 2
        assert len(answers.select(".ic-is-right .ic-right")) == len(answers.select(".ic-right")) >= 1
        for asked, told in zip(poll.select("li"), answers.select("li"), strict=True):
            assert words(told.get_text()).startswith(words(asked.get_text()))


@pytest.mark.parametrize("name", NAMES)
def test_each_chart_has_its_title_a_name_and_one_question(soups, name):
    charts = soups[name].select(".ic-slide-chart")
    asked = [chart.select_one(".ic-slide-asks").get_text() for chart in charts]
    for chart in charts:
        assert re.match(r"Figure \d+\.\d+ \w", chart.h2.get_text())
        (drawing,) = chart.select("svg[role=img]")
        assert len(drawing["aria-label"]) > 40 and "viewbox" in drawing.attrs
        assert len(chart.select(".ic-slide-asks")) == 1
    assert all("?" in one or one in deck.ALWAYS for one in asked)
    assert max(Counter(asked).values()) == 1, "a question is asked twice"


@pytest.mark.parametrize("name", NAMES)
def test_no_slide_says_what_its_page_does_not(book, soups, name):
    page = folder.UNREAD.sub("", (book / "chapters" / f"{name}.html").read_text("utf-8"))
    page = re.sub(r'<a class="headerlink".*?</a>', "", page)
    said, count = words(html.unescape(re.sub(r"<[^>]+>", "", page))), 0
    for part in soups[name].select(
        ":is(.ic-slide-scene, .ic-slide-aims, .ic-slide-definition, .ic-slide-example, .ic-slide-points, .ic-slide-answers)"
        " :is(p, li), .ic-slide-code pre, .ic-slide-chart h2, aside.notes p"
    ):
        if not part.select("p, li") and not part.select_one(".ic-letter"):
            count += 1
            assert words(part.get_text()) in said, part
    assert count > 30


@pytest.mark.parametrize("name", NAMES)
def test_the_homework_has_every_task_with_its_part_and_hours(soups, name):
    exercise = Exercise.read(ROOT / "exercises" / name / f"{name}.ipynb")
    core, further = soups[name].select(".ic-slide-homework .ic-columns > div")
    for column, part in ((core, "core"), (further, "further")):
        tasks = [task for task in exercise.tasks if task.part == part]
        assert [item.span.get_text() for item in column.select("li")] == [task.number for task in tasks]
        head = column.h3.get_text()
        assert head.startswith(f"{part.capitalize()}: {sum(task.points for task in tasks)} points, about ")
        assert re.search(r"about \d+½? h$", head) and 1 <= exercise.hours[part] <= 8
    assert sum(exercise.hours.values()) == pytest.approx(float(exercise.time.split()[0].replace("½", ".5")))


def test_the_sentences_of_an_example_are_cut_where_they_end():
    tag = BeautifulSoup(
        "<p>It is <b>2.5. Or</b> is it, e.g. 3? “No.” A &lt; B: 1 of <i>n</i>. (So.) End</p>", "html.parser"
    ).p
    assert deck.sentences(tag) == [
        "It is <b>2.5. Or</b> is it, e.g. 3?", "“No.”", "A &lt; B: 1 of <i>n</i>.", "(So.)", "End",
    ]  # fmt: skip


def test_a_chart_is_asked_what_the_text_asks_else_what_fits_it_and_nothing_twice():
    def asks(figure="", near="", asked=(), opens="", spent=()):
        reading = deck._Reading(asked=list(asked), spent=list(spent))
        soups = [BeautifulSoup(text, "html.parser") for text in (near, f"<figure {figure}")]
        return deck.question(reading, [soups[0]], soups[1].figure, opens)

    assert asks(opens="Who pays?", asked=["What is the rate of it?"]) == "Who pays?"
    assert asks(asked=["What is the rate?", "But who pays the rate?"]) == "Who pays the rate?"
    assert asks(asked=["Does it pay for itself?", "Is that so then?"], near="<p>Look. Who pays at last?</p>") == (
        "Who pays at last?"
    )
    made_up = 'style="--inputs:2"><i class="ic-synthetic">'
    assert asks(made_up) == deck.INVENTED and asks(made_up, spent=[deck.INVENTED]) == deck.MOVES
    assert asks('style="--inputs:0">', spent=[deck.ALWAYS[0]]) == deck.ALWAYS[1]
    assert asks(">", spent=deck.ALWAYS) == deck.ALWAYS[0]


def test_a_chapter_without_exercise_polls_or_points_still_has_a_deck():
    article = BeautifulSoup(
        "<article><section><h1>5 · A</h1><p>One.</p><h2>B</h2><p>Two?</p></section></article>", "lxml"
    )
    made = deck.slides(Page("chapters/05_a", "5 · A", article.article), None)
    assert [slide.kind for slide in made] == ["title", "scene"]


# ---- from a folder


def test_nothing_is_asked_of_anybody_and_nothing_leads_into_the_book(decks, soups):
    soups = soups | {"index": BeautifulSoup((decks / "index.html").read_text("utf-8"), "html.parser")}
    for name, soup in soups.items():
        for tag in soup.select("[src], link[href]"):
            assert (decks / (tag.get("src") or tag["href"])).is_file(), (name, tag)
        for link in soup.select("a[href]"):
            address = link["href"].partition("?")[0]
            assert address.startswith("https://") if name != "index" else (decks / address).is_file(), (name, link)
        ids = [tag["id"] for tag in soup.select("[id]")]
        assert len(ids) == len(set(ids)), name
    css = "".join(path.read_text("utf-8") for path in (decks / "_static").glob("*.css"))
    assert not re.findall(r"url\([\"']?(?!data:|#)", css)
    assert "MIT" in (decks / "_static" / "reveal.css").read_text("utf-8")[:200]
    assert "Permission is hereby granted" in (decks / "_static" / "reveal.LICENSE.txt").read_text("utf-8")


def test_no_deck_gives_an_answer_of_an_exercise_away(soups):
    secrets = secrets_of(open_course(ROOT))
    needles = Needles([secret.text for secret in secrets])
    for name, soup in soups.items():
        found = needles.within(words(str(soup))) + needles.within(words(soup.get_text()))
        assert not found, (name, secrets[found[0]].label)


OVERFLOW = """() => [...document.querySelectorAll(".slides > section")].filter((section) => {
  section.style.cssText = "display: block; position: absolute; width: 1280px; height: 720px !important;";
  const box = section.getBoundingClientRect(), parts = [...section.querySelectorAll(":scope > :not(.notes)")];
  const low = Math.max(...parts.map((part) => part.getBoundingClientRect().bottom)) - box.top;
  const out = low > 720 || section.scrollWidth > 1280;
  section.style.display = "none";
  return out;
}).map((section) => section.className + ": " + section.textContent.trim().slice(0, 60))"""


def test_every_slide_holds_what_is_on_it(decks, browser, tmp_path):
    page = browser.new_page(viewport=SIZE, java_script_enabled=True)
    for name in NAMES:
        text = (decks / f"{name}.html").read_text("utf-8")
        still = decks / "still.html"
        still.write_text(
            re.sub(r"<script.*?</script>", "", text).replace("<html ", '<html class="ic-moved" '), encoding="utf-8"
        )
        page.goto(still.as_uri())
        assert page.evaluate(OVERFLOW) == [], name
        still.unlink()
    page.close()


def test_a_deck_is_driven_by_keys_and_axe_finds_nothing(decks, browser):
    said: list[str] = []
    page = browser.new_context(viewport=SIZE, offline=True).new_page()
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((decks / f"{ONE}.html").as_uri())
    page.wait_for_function("window.Reveal?.isReady()")
    seen = kinds(BeautifulSoup(page.content(), "html.parser"))
    assert page.evaluate("Reveal.getTotalSlides()") == len(seen)
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == 1
    example = seen.index("example")
    page.evaluate(f"Reveal.slide({example})")
    steps = page.locator("section.present .fragment").count()
    assert steps >= 3 and page.locator("section.present .fragment.visible").count() == 0
    for _ in range(steps):
        page.keyboard.press("ArrowRight")
    assert page.locator("section.present .fragment.visible").count() == steps
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == example + 1
    for scheme in ("light", "dark"):
        for kind in sorted(set(seen)):
            page.evaluate(f"Reveal.slide({seen.index(kind)}, 0, 99)")
            assert axe.violations(page, only_colours=scheme == "dark") == [], (scheme, kind)
        before = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.keyboard.press("d")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    assert said == []
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["on a phone", "without scripts"])
def test_the_slides_stand_one_below_the_other(decks, browser, scripts):
    context = browser.new_context(
        viewport={"width": 390 if scripts else 1280, "height": 844}, offline=True, java_script_enabled=scripts
    )
    page = context.new_page()
    page.goto((decks / f"{ONE}.html").as_uri())
    tops = [box.bounding_box() for box in page.locator(".slides > section").all()]
    assert all(above["y"] + above["height"] <= below["y"] + 1 for above, below in pairwise(tops))
    assert page.locator(".fragment").last.is_visible() and page.locator("aside.notes").first.is_visible()
    if scripts:
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
        assert axe.violations(page) == []
    context.close()


def test_it_prints_one_slide_a_page(decks, browser, soups, tmp_path):
    page = browser.new_context(viewport=SIZE, offline=True).new_page()
    page.goto(f"{(decks / f'{ONE}.html').as_uri()}?print-pdf")
    page.wait_for_function("document.querySelectorAll('.pdf-page').length > 5 && Reveal.isReady()")
    page.pdf(path=tmp_path / "deck.pdf", prefer_css_page_size=True, print_background=True)
    printed = pypdfium2.PdfDocument(tmp_path / "deck.pdf")
    assert len(printed) == len(kinds(soups[ONE]))
    titles = [heading.get_text() for heading in soups[ONE].select(".slides > section :is(h1, h2)")]
    for sheet, title in zip(printed, titles, strict=True):
        assert words(title) in words(sheet.get_textpage().get_text_bounded())
    page.context.close()
