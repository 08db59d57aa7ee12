"""The slides of a built chapter, chosen by rule.

In the order of the page: the scene, what one will learn, then each *Definition*, chart, *Worked example* and *Solved task*
(sentence by sentence, then its code), *Check yourself* (the question as a poll, the answers on the next slide), the key
points in each language that they are written in, and the homework. A chart is the picture that the page has, with its
title, and one question to ask the room (:func:`question`); what the page says under *What to see* is the speaker's note.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from string import ascii_uppercase

from bs4 import BeautifulSoup, NavigableString, Tag

from ..chapter import Exercise
from ..paper.pages import Page
from ..plan import PLAN, say

# What only the page can use, by class.
PAGE_ONLY = {"headerlink", "ic-more", "ic-code", "ic-narrow", "ic-inputs", "ic-screen"}
STEPPED = {"ic-box-example": "Worked example", "ic-box-solved": "Solved task"}
# How many characters a slide may hold in large and in middle type; what is longer is set small.
LARGE, MIDDLE = 420, 800
# Questions for a chart about which the text asks none. The first two are asked once a chapter, where they fit.
INVENTED = "These data were made up. What may we learn from them, and what not?"
MOVES = "In the book this chart can be changed. What would you change first, and what do you expect?"
ALWAYS = (
    "Which part of the picture carries the title, and what would make you doubt it?",
    "Say what you see in one sentence, with a number from the picture.",
    "What is not in the picture that you would have to know before you decide?",
    "What would the picture look like if the title were wrong?",
    "Who would like to show this picture, and who would object to it?",
)
# A sentence that points back to one that is not on the slide.
_POINTS_BACK = re.compile(
    r"^(?:\W|<[^>]*>)*(?:\w+\W+){0,2}(?:it|that|they|this|these|those|such|other)\b", re.IGNORECASE
)
_END = re.compile(r"(?:(?<=[.?!])|(?<=[.?!][”\")]))(?<!e\.g\.)(?<!i\.e\.)\s+(?=[A-Z0-9“\"(−-])")


@dataclass
class Slide:
    """One slide, its heading and its body as HTML; ``kind`` is a class."""

    kind: str
    title: str
    body: str
    kicker: str = ""  # the heading of the section that it is taken from
    notes: str = ""  # for the speaker
    lang: str = ""
    large: bool = True  # whether its words may be set large

    @property
    def size(self) -> str:
        """The class of its type: the more words, the smaller."""
        words = len(BeautifulSoup(self.body, "html.parser").get_text()) if self.large else MIDDLE + 1
        return "ic-large" if words <= LARGE else "ic-middle" if words <= MIDDLE else "ic-small"


@dataclass
class _Reading:
    """What has been read of a chapter while its slides are chosen."""

    section: str = ""
    asked: list[str] = field(default_factory=list)  # the text's own questions since the last chart
    spent: list[str] = field(default_factory=list)  # the questions of ours that have been put
    charts: int = 0
    polls: int = 0


def slides(page: Page, exercise: Exercise | None) -> list[Slide]:
    """The slides of a chapter, from its built page and its exercise; the page is changed."""
    _free(page.article)
    blocks = list(_blocks(page.article))
    out, reading = [_title(page)], _Reading()
    scene = _scene(blocks)
    out += [Slide("scene", "The scene", "".join(map(str, scene)))] if scene else []
    for place, (section, block) in enumerate(blocks):
        reading.section = section
        if block not in scene:
            out += _slides_of(block, [after for _, after in blocks[place + 1 :]], reading, page.chapter)
    out += _key_points(page)
    out += [_homework(page, exercise)] if exercise else []
    return out


def _free(article: Tag) -> None:
    """Take out what only the page can use: links within the book, places, and what is folded away below charts and cells."""
    for tag in article.find_all(lambda tag: tag.name == "script" or not PAGE_ONLY.isdisjoint(tag.get("class") or ())):
        if not tag.decomposed:
            tag.decompose()
    for tag in article.find_all(lambda tag: tag.has_attr("id") or tag.name == "a"):
        if tag.name == "a" and not re.match(r"https?:", tag.get("href", "")):
            tag.unwrap()
        elif tag.has_attr("id") and tag.find_parent("svg") is None:
            del tag["id"]


def _blocks(article: Tag) -> Iterator[tuple[str, Tag]]:
    """(heading of its section, element) for each element of the text, in order; sections are opened, boxes are not."""
    section = ""
    for element in article.find_all(True):
        if element.name in ("h2", "h3"):
            section = _text(element)
        elif element.name != "section" and element.parent.name in ("section", "article"):
            yield section, element


def _text(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


def _has(tag: Tag, css: str) -> bool:
    return css in (tag.get("class") or [])


# ---- one kind after the other


def _title(page: Page) -> Slide:
    number, _, words = page.title.partition(" · ")
    asks = PLAN[page.chapter].question if page.chapter in PLAN else ""
    body = f'<p class="ic-slide-asks">{html.escape(asks)}</p>' if asks else ""
    return Slide("title", html.escape(words or page.title), body, kicker=f"Chapter {number}" if words else "")


def _scene(blocks: list[tuple[str, Tag]]) -> list[Tag]:
    """The paragraphs with which a chapter opens."""
    found = []
    for _, block in blocks:
        if block.name in ("h1", "h2"):
            continue
        if block.name != "p":
            break
        found.append(block)
    return found


def _slides_of(block: Tag, after: list[Tag], reading: _Reading, chapter: int | None) -> Iterator[Slide]:
    for figure in block.select(".ic-chart"):
        reading.charts += 1
        opens = PLAN[chapter].question if reading.charts == 1 and chapter in PLAN else ""
        near = [box for box in after[:2] if _has(box, "ic-box-see") or _has(box, "ic-box-try")]
        yield _chart(figure, near, reading, opens)
        reading.asked = []
    if block.name == "p":
        reading.asked += _questions(block)
    elif _has(block, "ic-box-aims"):
        lists = "".join(str(part) for part in block.find_all("ul", recursive=False))
        yield Slide("aims", "In this chapter", f"<p>You will</p>{lists}")
    elif _has(block, "ic-box-definition"):
        yield Slide("definition", "Definition", _without_label(block), reading.section)
    elif kind := next((css for css in STEPPED if _has(block, css)), None):
        yield from _example(block, after, STEPPED[kind], reading.section)
    elif _has(block, "ic-box-check") and block.select_one(".ic-options details") is not None:
        reading.polls += 1
        yield from _poll(block, reading.polls, reading.section)


def _without_label(box: Tag) -> str:
    return "".join(
        str(child) for child in box.children if not (isinstance(child, Tag) and _has(child, "ic-box-label"))
    ).strip()


def _questions(tag: Tag) -> list[str]:
    """The sentences of a paragraph that ask, as HTML."""
    return [sentence for sentence in sentences(tag) if re.search(r"\?[”\")]*(?:</\w+>)*$", sentence)]


def question(reading: _Reading, near: list[Tag], figure: Tag, opens: str) -> str:
    """The one question to ask before a chart is read, as HTML.

    The chapter's own where it opens; else the last that the text asks before the chart, or the first that a box right
    below it asks (*What to see*, *Try it*); else one of ours, each once before any comes again.
    """
    asked = [*reversed(reading.asked), *(q for box in near for p in box.find_all("p") for q in _questions(p))]
    asked = [re.sub(r"^(?:But|And|So) (\w)", lambda m: m[1].upper(), q) for q in asked]
    asked = [q for q in asked if len(q.split()) > 3 and not _POINTS_BACK.match(q)]
    if opens or asked:
        return html.escape(opens) or asked[0]
    fitting = [INVENTED] if figure.select_one(".ic-synthetic") is not None else []
    fitting += [MOVES] if "--inputs:0" not in (figure.get("style") or "--inputs:0") else []
    fitting = [q for q in fitting if q not in reading.spent]
    ours = fitting[0] if fitting else min(ALWAYS, key=reading.spent.count)
    reading.spent.append(ours)
    return ours


def _chart(figure: Tag, near: list[Tag], reading: _Reading, opens: str) -> Slide:
    asks = question(reading, near, figure, opens)
    see = next((_without_label(box) for box in near if _has(box, "ic-box-see")), "")
    title, below = figure.select_one(".ic-fig-title"), figure.select_one(".ic-fig-sub")
    words = "".join(map(str, title.contents))
    drawing, source = figure.select_one("svg.ic-wide, svg.ic-only"), figure.select_one(".ic-source")
    sub = f'<p class="ic-fig-sub">{"".join(map(str, below.contents))}</p>' if below is not None else ""
    # The height that is free shrinks a picture that is tall; its own width and height would not let it grow.
    del drawing["width"], drawing["height"]
    picture = f'<div class="ic-slide-picture">{drawing}</div>'
    body = f'{sub}{picture}{source or ""}<p class="ic-slide-asks">{asks}</p>'
    return Slide("chart", words, body, reading.section, see, large=False)


def sentences(paragraph: Tag) -> list[str]:
    """The sentences of a paragraph, each as HTML; mark-up is never cut."""
    out, current = [], ""
    for child in paragraph.children:
        if not isinstance(child, NavigableString):
            current += str(child)
            continue
        *ended, rest = _END.split(str(child))
        for piece in ended:
            out.append((current + html.escape(piece, quote=False)).strip())
            current = ""
        # A sentence that ended in a tag or at the very edge of it goes on only if more of it follows.
        current += html.escape(rest, quote=False)
    return [*out, current.strip()] if current.strip() else out


def _example(box: Tag, after: list[Tag], name: str, section: str) -> Iterator[Slide]:
    """An example sentence by sentence, each at a key; then, on slides of their own, its cells: the code, then what it gives."""
    steps: list[str] = []
    for child in box.find_all(True, recursive=False):
        if _has(child, "ic-box-label"):
            continue
        steps += [f"<p>{one}</p>" for one in sentences(child)] if child.name == "p" else [str(child)]
    first, *more = steps
    body = first + "".join(f'<div class="fragment">{step}</div>' for step in more)
    yield Slide("example", name, body, section)
    for cell in after:
        if not _has(cell, "cell") or cell.select_one(".ic-chart") is not None:
            break
        code, given = cell.select_one(".cell_input"), cell.select_one(".cell_output")
        if code is not None:
            shown = f'<div class="fragment">{given}</div>' if given is not None and _text(given) else ""
            yield Slide("code", f"{name}, in code", f"{code}{shown}", section, large=False)


def _poll(box: Tag, number: int, section: str) -> Iterator[Slide]:
    """A question with its lettered options; on the next slide the same, with what is said of each."""
    frame = box.select_one(".ic-options")
    asks = "".join(str(p) for p in box.find_all(["p", "ul", "ol", "div"], recursive=False)
                   if not _has(p, "ic-box-label") and p is not frame)  # fmt: skip
    plain, told = [], []
    for letter, details in zip(ascii_uppercase, frame.find_all("details", recursive=False), strict=False):
        summary = details.find("summary").extract()
        option = "".join(map(str, summary.contents)).strip()
        reply = "".join(map(str, details.contents)).strip()
        right = details.get("data-verdict") == "right"
        mark = f'<span class="ic-letter" aria-hidden="true">{letter}</span>'
        plain.append(f"<li>{mark}<div>{option}</div></li>")
        css = ' class="ic-is-right"' if right else ""
        told.append(f"<li{css}>{mark}<div><strong>{option}</strong>{reply}</div></li>")
    if len(plain) < 2:  # an answer to look up
        yield Slide("poll", f"Check yourself {number}", asks, section)
        yield Slide("answers", f"Check yourself {number}: the answer", "".join(told), section)
        return
    options = '<ol class="ic-poll" type="A">{}</ol>'
    yield Slide("poll", f"Check yourself {number}", asks + options.format("".join(plain)), section)
    yield Slide("answers", f"Check yourself {number}: the answers", options.format("".join(told)), section)


def _key_points(page: Page) -> Iterator[Slide]:
    heading = next((h for h in page.article.find_all("h2") if _text(h) == "Key points"), None)
    if heading is None:
        return
    section = heading.parent
    first = section.find(["ol", "ul"], recursive=False)
    if first is not None:
        yield Slide("points", "Key points", str(first))
    for details in section.find_all("details", recursive=False):
        if again := details.find(["ol", "ul"]):
            yield Slide("points", html.escape(_text(details.find("summary"))), str(again), lang=details.get("lang", ""))


def _homework(page: Page, exercise: Exercise) -> Slide:
    """The tasks, core ones first, with points and hours."""
    columns = []
    for part in sorted({task.part for task in exercise.tasks}):
        tasks = [task for task in exercise.tasks if task.part == part]
        facts = [f"{exercise.points(part) if part else exercise.points()} points"]
        facts += [f"about {say(exercise.hours[part])}"] if part in exercise.hours else []
        items = "".join(
            f'<li><span class="ic-no">{task.number}</span> {html.escape(task.title)} '
            f'<span class="ic-muted">{task.points} points</span></li>'
            for task in tasks
        )
        name = part.capitalize() if part else "Tasks"
        columns.append(f'<div><h3>{name}: {", ".join(facts)}</h3><ul class="ic-tasks">{items}</ul></div>')
    time = f"<p>All of it: {exercise.points()} points" + (f", about {exercise.time}" if exercise.time else "") + ".</p>"
    body = f'{time}<div class="ic-columns">{"".join(columns)}</div>'
    return Slide("homework", f"Homework: exercise {page.chapter}", body)
