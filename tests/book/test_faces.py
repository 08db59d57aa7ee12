"""Whatever comes late, a page is set in the book's own letters or in their stand-ins, never in both side by side."""

import contextlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, TimeoutError

from bookbuild import theme

from . import measure
from .conftest import CHAPTER, CHAPTERS

SIZES = {"phone": measure.PHONE, "desk": {"viewport": {"width": 1280, "height": 900}}}
# bits a second, and milliseconds of a round trip: broadband, a middling and an ordinary phone's line, and a poor one
LINES = {"fast": (20e6, 20), "middling": (5e6, 60), "ordinary": (1.6e6, 150), "slow": (400e3, 400)}
LATE = 1.5  # seconds: long after the page is painted

# Marks each element that holds text of its own which the Latin faces can set, and whose first family is ours or a stand-in.
MARK = """(latin) => {
  const sheet = document.head.appendChild(document.createElement("style"));
  sheet.textContent = "* { content-visibility: visible !important; }"; // all of the page, also what is far below
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const beyond = new Set();
  for (let node; (node = walker.nextNode()); ) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue;
    if (!/^"?(Source|Sans stand-in|Serif stand-in)/.test(getComputedStyle(element).fontFamily)) continue;
    // Chromium counts what the children of an element hold, too: code is set in another face.
    if (!new RegExp(latin, "u").test(node.data) || element.querySelector("code")) beyond.add(element);
    const box = document.createRange();
    box.selectNodeContents(node);
    const { top, bottom } = box.getBoundingClientRect();
    element.dataset.seen = bottom > 0 && top < innerHeight ? "first" : element.dataset.seen ?? "below";
  }
  for (const element of beyond) delete element.dataset.seen;
}"""


def latin() -> str:
    """A regular expression of what the Latin faces hold, from their ranges in the style sheet."""
    face = next(line for line in theme.style_sheet().splitlines() if "sans-3-latin-400-normal" in line)
    ranges = re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", face)
    return "^[" + "".join(rf"\u{{{first}}}-\u{{{last or first}}}" for first, last in ranges) + "]*$"


def faces(talk: CDPSession, page: Page, where: str) -> Counter[str]:
    """PostScript name -> letters that Chromium really set in it, in ``where``: "first" is the first screen, "below" the rest."""
    page.evaluate(MARK, latin())
    for domain in ("DOM", "CSS"):
        talk.send(f"{domain}.enable")
    root = talk.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    found: Counter[str] = Counter()
    query = {"nodeId": root, "selector": f"[data-seen={where}]"}
    for node in talk.send("DOM.querySelectorAll", query)["nodeIds"]:
        for font in talk.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]:
            found[font.get("postScriptName") or font["familyName"]] += int(font["glyphCount"])
    return found


def kinds(found: Counter[str]) -> set[str]:
    return {"ours" if name.startswith("Source") else "stand-in" for name in found}


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., tuple[Page, CDPSession]]]:
    """``visit(address, size, line)``: a first visit, with an empty cache; the page once it is loaded."""
    opened = []

    def once(address: str, size: str, line: str | None, options: dict[str, Any]) -> tuple[Page, CDPSession]:
        opened.append(browser.new_context(**SIZES[size], **options))
        page = opened[-1].new_page()
        page.add_init_script(measure.OBSERVE)
        talk = opened[-1].new_cdp_session(page)
        if line:
            bits, latency = LINES[line]
            talk.send("Network.enable")
            speed = {"downloadThroughput": bits / 8, "uploadThroughput": bits / 16}
            talk.send("Network.emulateNetworkConditions", {"offline": False, "latency": latency, **speed})
        page.goto(address, timeout=40_000)
        return page, talk

    def new(address: str, size: str = "desk", line: str | None = None, **options: Any) -> tuple[Page, CDPSession]:
        for _ in range(3):
            with contextlib.suppress(TimeoutError):  # with other browsers busy, Chromium's slow line may stall
                return once(address, size, line, options)
        return once(address, size, line, options)

    yield new
    for context in opened:
        context.close()


def settle(page: Page, late: float = 0) -> None:
    """Give what comes late its chance to change the page."""
    page.wait_for_timeout(late * 1000 + 500)


@pytest.mark.parametrize("late", [*([name] for name in theme.FACES), list(theme.FACES)])
def test_a_face_that_comes_late_leaves_no_page_in_two_faces(visit, book: Path, late):
    with measure.serve(book, dict.fromkeys(late, LATE)) as site:
        page, talk = visit(site + CHAPTER)
        settle(page, LATE)
        assert page.evaluate("window.seen.shift") < 0.01
        found = faces(talk, page, "first") + faces(talk, page, "below")
        assert len(kinds(found)) == 1, found


# One chapter over every line, and every chapter over those on which the faces come about when the page does.
VISITS = {(CHAPTER, size, line) for size in SIZES for line in LINES}
VISITS |= {(name, size, line) for name in CHAPTERS for size, line in [("desk", "middling"), ("phone", "ordinary")]}


@pytest.mark.parametrize(("name", "size", "line"), sorted(VISITS))
def test_a_first_visit_shows_all_faces_or_none(visit, book: Path, name, size, line):
    with measure.serve(book) as site:
        page, talk = visit(site + name, size, line)
        settle(page)
        assert page.evaluate("window.seen.shift") < 0.01
        found = faces(talk, page, "first")
        assert len(kinds(found)) == 1, found


def test_a_visit_with_what_is_kept_is_set_in_our_letters(visit, book: Path):
    """On a busy machine even what is kept may come too late now and then; but not time after time."""
    with measure.serve(book) as site:
        page, talk = visit(site + CHAPTER)
        for _ in range(10):
            settle(page)
            found = faces(talk, page, "first") + faces(talk, page, "below")
            if kinds(found) == {"ours"}:
                break
            page.reload()
        assert {name.split("-")[0] for name in found} == {"SourceSans3ExtraLight", "SourceSerif4"}, found
        assert any(name.endswith("Italic") for name in found), "an italic of ours, none that the browser slants"


@pytest.mark.parametrize("late", [[], *([name] for name in theme.FACES)])
def test_without_scripts_too(visit, book: Path, late):
    with measure.serve(book, dict.fromkeys(late, LATE)) as site:
        page, talk = visit(site + CHAPTER, java_script_enabled=False)
        settle(page, LATE if late else 0)
        found = faces(talk, page, "first") + faces(talk, page, "below")
        assert len(kinds(found)) == 1, found
