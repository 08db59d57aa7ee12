"""The plan of the course and what the book shows of it: chapter openings, contents, the landing page."""

import json
import re
from html import unescape

import pytest

from bookbuild import chapter, plan

from .conftest import CHAPTERS, ROOT


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.parametrize(
    ("amount", "said"), [(2, "2 h"), (1.5, "1½ h"), (0.7, "40 min"), (0.02, "5 min"), (3.4, "3½ h")]
)
def test_an_amount_of_time_is_said_shortly(amount, said):
    assert plan.say(amount) == said


def test_the_plan_is_fourteen_chapters_in_six_parts_and_each_route_is_made_of_them():
    assert list(plan.PLAN) == list(range(1, 15))
    assert len(plan.PARTS) == 6
    for route in plan.ROUTES:
        assert route.chapters == sorted(set(route.chapters)) and set(route.chapters) <= set(plan.PLAN), route.name


def test_the_landing_page_names_every_chapter_and_says_which_are_not_written(book):
    text = (book / "index.html").read_text(encoding="utf-8")
    written = {int(name.split("/")[1][:2]) for name in CHAPTERS}
    items = re.findall(r"<li\b[^>]*>\s*<p class=\"ic-chapter-name\">.*?</li>", text, re.DOTALL)
    assert len(items) == len(set(plan.PLAN) | written)
    for item in items:
        number = int(re.search(r'class="ic-no">(\d+)<', item)[1])
        if number in plan.PLAN:
            assert plan.PLAN[number].question in words(item)
        assert ("Not yet written" in item) == (number not in written), item
        assert ("<a " in item) == (number in written), item
        assert re.search(r"\d½? h to read, \d+½? h to solve", words(item)) or "min" in item


def test_the_landing_page_shows_what_a_chapter_itself_says(book):
    text = words((book / "index.html").read_text(encoding="utf-8"))
    for name in CHAPTERS:
        cells = json.loads((ROOT / name.replace(".html", ".ipynb")).read_text(encoding="utf-8"))["cells"]
        source = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        title = re.search(r"^# (.+)$", source, re.MULTILINE)[1]
        read, solve = chapter.hours(chapter.time_line(source))
        assert re.search(
            rf"{re.escape(title)} .{{5,160}} {plan.say(read)} to read, {plan.say(solve)} to solve", text
        ), name


def test_the_landing_page_has_three_doors_and_the_routes_with_hours(book):
    text = words((book / "index.html").read_text(encoding="utf-8"))
    for door in ("Read", "Solve", "Teach"):
        assert f" {door} " in text
    for route in plan.ROUTES:
        assert re.search(
            rf"{route.name} \d+ hours (to begin with )?{re.escape(route.whom)} Chapters? {route.chapters[0]}\b", text
        ), route.name


def test_a_door_is_no_longer_than_a_card(read):
    """The panels of the exercises stand in their chapters, not in a door."""
    page = read("index.html").page
    doors = [door.bounding_box()["height"] for door in page.locator(".ic-door").all()]
    assert len(doors) == 3 and max(doors) < 320, doors
    assert page.locator(".ic-exercise").count() == 0


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_opens_with_its_part_number_and_times(book, name):
    text = (book / name).read_text(encoding="utf-8")
    number = int(name.split("/")[1][:2])
    kicker = words(text.split('class="ic-kicker"')[1].split("</div>")[0])
    assert f"{plan.PART_OF[number]} Chapter {number} of 14" in kicker
    assert re.search(r"(h|min) to read .*(h|min) to solve", kicker)


def test_the_contents_show_the_parts_of_written_chapters_in_order(book):
    text = (book / "pages/glossary.html").read_text(encoding="utf-8")
    nav = text.split('id="contents"')[1].split("</nav>")[0]
    captions = [words(c) for c in re.findall(r'<p class="caption">(.*?)</p>', nav)]
    written = sorted(int(name.split("/")[1][:2]) for name in CHAPTERS)
    expected = list(dict.fromkeys(plan.PART_OF[number] for number in written))
    assert [c for c in captions if c in plan.PARTS] == expected
    assert nav.count('aria-current="page"') == 1


def test_the_contents_stay_shallow(book):
    nav = (book / CHAPTERS[0]).read_text(encoding="utf-8").split('id="contents"')[1].split("</nav>")[0]
    main = nav.split('<p class="caption">')[2:]  # after "On this page"
    assert all("<ul><li><ul>" not in part.replace("\n", "") for part in main)
