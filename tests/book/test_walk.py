"""What holds for each page when a reader has gone through it from top to bottom, at a desk or with a phone.

To draw the charts of a page as they are reached takes far longer than to look at it; so one walk serves all that is asked of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Response

from . import axe, measure
from .conftest import CHAPTERS, SEEN, Reader, reading

SIZES = {"desk": (1280, 900), "phone": (390, 844)}
WALKS = [(name, size) for name in SEEN for size in SIZES]
FIRST_VIEW_KB, FIRST_VIEW_FILES, ALL_KB = 250, 10, 900


WATCH = """() => { window.shifts = []; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.push({
    by: entry.value, at: Math.round(scrollY),
    what: entry.sources.map(({ node, previousRect: was, currentRect: is }) =>
      `${node?.id || node?.className || node?.nodeName} from ${was.y} to ${is.y}`) });
}).observe({ type: "layout-shift", buffered: true }); }"""


@dataclass
class Walk:
    name: str
    size: str
    reader: Reader
    first: list[Response]  # before the reader moved
    everything: list[Response]  # with all charts


@pytest.fixture(scope="module")
def walk(browser, site, request) -> Iterator[Walk]:
    name, size = request.param
    width, height = SIZES[size]
    with reading(browser, site) as read:
        reader = read(name, width=width, height=height)
        reader.page.evaluate(WATCH)
        if size == "phone":
            reader.page.wait_for_load_state("networkidle")
        first = [*reader.responses]
        reader.walk()
        yield Walk(name, size, reader, first, [*reader.responses])


def through(walks: list[tuple[str, str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("walk", walks, indirect=True, ids="-".join)


@through(WALKS)
def test_no_error_and_nobody_else_is_asked(walk):
    assert not walk.reader.foreign
    assert not walk.reader.complaints


def _sizes(responses: list[Response]) -> dict[str, float]:
    """Address -> kB."""
    found = {}
    for response in responses:
        name = re.sub(r"^\w+://[^/]+/", "", response.url)
        found[name] = measure.packed(name, response.body()) / 1000
    return found


@through([(name, size) for name, size in WALKS if name in CHAPTERS and size == "phone"])
def test_a_chapter_is_light(walk, capsys):
    first, everything = _sizes(walk.first), _sizes(walk.everything)
    with capsys.disabled():
        for when, sizes in (("before scrolling", first), ("with all charts", everything)):
            print(f"\n  {walk.name}, {when}: {sum(sizes.values()):.0f} kB in {len(sizes)} files", end="")
        print()
        for file, size in sorted(everything.items(), key=lambda item: -item[1]):
            print(f"    {size:7.1f} kB  {file}")
    assert sum(first.values()) <= FIRST_VIEW_KB
    assert len(first) <= FIRST_VIEW_FILES
    assert sum(everything.values()) <= ALL_KB


@through([(name, size) for name, size in WALKS if name in CHAPTERS and size == "phone"])
def test_nothing_moves_as_the_page_loads_or_as_charts_come_alive(walk):
    page = walk.reader.page
    page.wait_for_timeout(200)
    shifts = page.evaluate("window.shifts")
    total = sum(shift["by"] for shift in shifts)
    # 0.1 is called good; before the reader moves, test_weight wants 0.01
    assert total < 0.05, max(shifts, key=lambda shift: shift["by"])


def told(violations: list[dict]) -> str:
    return "\n".join(
        f"{rule['id']}: {rule['help']}\n   " + "\n   ".join(node["html"][:160] for node in rule["nodes"][:3])
        for rule in violations
    )


@through(WALKS)
def test_axe_finds_nothing(walk):
    page = axe.prepare(walk.reader.page)
    assert told(axe.violations(page)) == ""
    if walk.size == "desk":
        # What is said of structure in light holds in dark; only the colours differ, and all of them are variables.
        page.emulate_media(color_scheme="dark")
        assert told(axe.violations(page, only_colours=True)) == ""
