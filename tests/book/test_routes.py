"""The page *Ways through the book*: honest hours, what chapters take from one another, and how far the book has come."""

import ast
import json
import re
from graphlib import TopologicalSorter
from html import unescape

import pytest

from bookbuild import chapter, plan, routes
from bookbuild.markup import slug

from .conftest import CHAPTERS, ROOT

NAMES = {int(name.split("/")[1][:2]): name.split("/")[1].removesuffix(".html") for name in CHAPTERS}
ROWS = plan.prerequisites(ROOT)
PAGE = f"{routes.PAGE}.html"


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def source(number: int) -> str:
    """All cells of a chapter and of its exercise, code and text."""
    paths = [ROOT / f"chapters/{NAMES[number]}.ipynb", ROOT / f"exercises/{NAMES[number]}/{NAMES[number]}.ipynb"]
    cells = [cell for path in paths for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    return "\n\n".join("".join(cell["source"]) for cell in cells)


@pytest.fixture(scope="module")
def page(book) -> str:
    return (book / PAGE).read_text(encoding="utf-8").split("<article")[1].split("</article>")[0]


# ---- hours


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("Tasks marked *core* carry half of the points and take about three hours: begin there", 3),
        ("Tasks marked *core* carry 38 of the 63 points and take about four and a half hours: begin", 4.5),
        ("Tasks marked *core* carry half and take, with the memo, about 40 minutes: begin there", pytest.approx(2 / 3)),
        ("It takes about 7 hours. Tasks marked *core* carry half of the points; begin there", None),
        ("It takes about 7 hours.", None),
    ],
)
def test_the_hours_of_the_core_are_read_as_an_author_writes_them(text, core):
    assert chapter.core_hours(text) == core


@pytest.mark.parametrize("number", NAMES)
def test_the_core_of_an_exercise_takes_less_than_the_whole(number):
    exercise = chapter.Exercise.read(ROOT / f"exercises/{NAMES[number]}/{NAMES[number]}.ipynb")
    assert exercise.core is not None, "the first cell does not say how long the tasks marked core take"
    _, solve = chapter.read(ROOT / f"chapters/{NAMES[number]}.ipynb").hours
    assert solve / 4 <= exercise.core < solve


def stated(number: int) -> tuple[float, float]:
    """Hours of a chapter, all tasks and core tasks, by another way than the page's: the numbers of two sentences."""
    if number not in NAMES:
        known = plan.PLAN[number]
        return known.read + known.solve, known.read + known.solve
    text = source(number).replace("½", ".5")
    read, solve = map(
        float, re.search(r"about ([\d.]+) hours to read and try, and ([\d.]+) for the exercise", text).groups()
    )
    sentence = re.search(r"Tasks marked \*core\*[^:]*? take[^:]*?about ([^:]+?) hours:", text)[1]
    core = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}[sentence.split()[0]] + 0.5 * (
        "and a half" in sentence
    )
    return read + solve, read + core


@pytest.mark.parametrize("route", [r for r in plan.ROUTES if not r.more], ids=lambda route: slug(route.name))
def test_a_route_states_the_sum_of_its_chapters(page, route):
    whole, core = map(sum, zip(*map(stated, route.chapters), strict=True))
    section = words(page.split(f'id="{slug(route.name)}"')[1].split("</section>")[0])
    assert f"{whole:.0f} hours with every task, {core:.0f} hours with the core tasks only" in section
    for number in route.chapters:
        assert re.search(rf"\b{number} {re.escape(words(plan.PLAN[number].title)[:12])}", section), number
    assert core < whole and route.leaves in section


def test_there_are_five_routes_and_each_begins_with_chapter_1():
    assert len(plan.ROUTES) == 5
    assert all(route.chapters[0] == 1 for route in plan.ROUTES)


# ---- what chapters take from one another


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.chapter} from {row.needs}")
def test_a_prerequisite_is_real(row):
    assert row.chapter != row.needs and {row.chapter, row.needs} <= set(plan.PLAN)
    if row.needs in NAMES:
        headings = re.findall(r"^##+ (.+)$", source(row.needs), re.MULTILINE)
        assert row.section in headings, f"chapter {row.needs} has no section {row.section!r}"
        assert row.through.lower() in source(row.needs).lower()
    if row.chapter in NAMES:
        assert row.through.lower() in source(row.chapter).lower(), f"chapter {row.chapter} does not use {row.through!r}"


def test_what_a_chapter_builds_on_never_goes_in_a_circle():
    graph: dict[int, set[int]] = {}
    for row in ROWS:
        if row.link == routes.BUILDS:
            graph.setdefault(row.chapter, set()).add(row.needs)
    assert graph and list(TopologicalSorter(graph).static_order())


def test_what_notebooks_and_modules_say_of_other_chapters_is_in_the_table():
    listed = {(row.chapter, row.needs) for row in ROWS}
    number_of = {name[3:]: number for number, name in NAMES.items()}
    for number in NAMES:
        if number > 1:  # chapter 1 announces others
            said = {int(n) for n in re.findall(r"\b[Cc]hapter (\d+)\b", source(number))} & set(NAMES) - {number}
            assert {(number, other) for other in said} <= listed
        tree = ast.parse((ROOT / f"integrated_care/{NAMES[number][3:]}.py").read_text(encoding="utf-8"))
        used = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level == 1}
        assert {(number, number_of[name]) for name in used & set(number_of)} <= listed, NAMES[number]


def test_the_map_is_told_in_words_and_the_list_leads_to_each_section(book, page):
    label = unescape(re.search(r'<svg class="ic-wide" role="img" aria-label="([^"]+)"', page)[1])
    strong = sum(row.link == "builds on" for row in ROWS)
    assert f"{len(ROWS)} arcs" in label and f"{strong} where it builds on" in label
    listed = page.split('class="ic-needs')[1].split("</ul>")[0]
    for row in ROWS:
        if row.needs in NAMES:
            address = f"../chapters/{NAMES[row.needs]}.html#{slug(row.section)}"
            assert f'href="{address}"' in listed, address
            assert f'id="{slug(row.section)}"' in (book / address[3:].split("#")[0]).read_text(encoding="utf-8")
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        assert svg.count("<circle") == len(plan.PLAN) and len(re.findall(r'class="ic-(?:builds|meets)"', svg)) == len(
            ROWS
        )


@pytest.mark.parametrize("route", plan.ROUTES, ids=lambda route: slug(route.name))
def test_a_route_says_what_must_be_read_of_a_chapter_that_it_skips(page, route):
    section = page.split(f'id="{slug(route.name)}"')[1].split("</section>")[0]
    for row in ROWS:
        if row.link == routes.BUILDS and row.chapter in route.chapters and row.needs not in route.chapters:
            assert slug(row.section) in section and f"for chapter {row.chapter}" in words(section), row


def test_the_map_can_be_read_at_every_width(read):
    page = read(PAGE).page
    for width in (320, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        (drawn,) = page.locator(".ic-map svg >> visible=true").all()
        found = drawn.evaluate(
            """svg => { const frame = svg.getBoundingClientRect(), scale = frame.width / svg.viewBox.baseVal.width;
              const boxes = [...svg.querySelectorAll("text:not(.ic-count)")].map((t) => t.getBoundingClientRect());
              return { px: scale * parseFloat(getComputedStyle(svg.querySelector("text:not(.ic-count)")).fontSize),
                right: frame.right - Math.max(...boxes.map((b) => b.right)), wide: innerWidth - frame.right,
                clash: boxes.some((a, i) => boxes.some((b, j) => j > i && a.bottom - 6 > b.top && b.bottom - 6 > a.top)) }; }"""
        )
        assert found["px"] >= 13 and found["right"] >= 0 and found["wide"] >= 0 and not found["clash"], (width, found)


def test_a_chapter_that_lands_is_drawn_as_one_that_is_there():
    planned = {n: plan.Entry(n, "", *one, None) for n, one in plan.PLAN.items()}
    there = {n: one._replace(docname=f"chapters/{n:02}_x") for n, one in planned.items()}
    before, after = (routes.picture(known, ROWS, routes.NARROW, "a map") for known in (planned, there))
    assert before.count("ic-none") == len(plan.PLAN) and "ic-none" not in after


# ---- how far the book has come


def test_how_far_the_book_has_come_is_said_for_any_number_of_chapters():
    assert plan.standing(range(1, 15)).startswith(f"{plan.COMPLETE}: 14 chapters")
    assert plan.standing(range(1, 14)) == (
        "13 chapters of 14 are complete, each with its exercise; chapter 14 is still to come."
    )
    assert "12 chapters of 14 are complete" in plan.standing([*range(1, 12), 13])
    assert "2 are still to come" in plan.standing([*range(1, 12), 13])


def test_the_first_view_says_how_far_the_book_has_come(read):
    page = read("index.html").page
    for width, height in ((390, 844), (768, 1024), (1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        said = page.get_by_text(plan.standing(NAMES), exact=True)
        box = said.bounding_box()
        assert box["y"] + box["height"] <= height, f"at {width} px a reader must scroll to see it"


def test_readme_citation_and_page_agree_on_the_chapters():
    words = f"{len(NAMES)} complete chapters of {len(plan.PLAN)}"
    for name in ("README.md", "CITATION.cff"):
        assert words in (ROOT / name).read_text(encoding="utf-8"), f"{name} should say {words!r}"
    assert f"({routes.PAGE}.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
