"""The plan of the course, and what each page shows of it: parts, routes, hours, the list of chapters, the contents.

The plan (``PARTS``, ``ROUTES``) names all fourteen chapters, written or not, with the question that each one asks. What
can be known from a chapter that is in the tree is read from it: its title, and the hours that its box *In this chapter*
states. So a chapter that lands, or leaves, changes the landing page and the contents by itself.

    {chapter-list}   every chapter: number, title, question, hours; those not yet written say so
    {course-routes}  ways through the book, with their hours and what of them can be read today
    {start-here}     the link that a first reader should take
    {exercise-list}  the exercises that can be downloaded
"""

import html
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

from . import boxes
from .places import CHAPTER, chapter_number, warn


class Planned(NamedTuple):
    """A chapter of the plan; ``read`` and ``solve`` are hours, until the chapter itself says better."""

    title: str
    question: str
    read: float
    solve: float


PARTS: dict[str, dict[int, Planned]] = {
    "Orientation": {
        1: Planned(
            "Reading a policy argument as data",
            "Which sentences of a paper can be checked, and against what?",
            2,
            3,
        ),
    },
    "Governance": {
        2: Planned(
            "Who answers to whom?", "Who may direct, fund and inspect whom, and what if one of them goes?", 3, 3
        ),
        3: Planned("Assurance or improvement?", "Does this month’s number call for action, or for patience?", 3, 4),
        4: Planned("Who decides, who pays?", "What should a region decide by itself, and who bears the cost?", 3, 4),
    },
    "Population health": {
        5: Planned(
            "The most deprived fifth", "Which gap should a board act on, when each measure picks another?", 4, 4
        ),
        6: Planned("Ten kilometres", "How far away is care, and where should the next clinic open?", 3, 4),
        7: Planned(
            "The 30% that may not be there",
            "Did a programme keep people out of hospital, or would they have stayed out anyway?",
            4,
            4,
        ),
        8: Planned("Joining the records", "When are two records one person, and who is lost if we guess?", 3, 4),
    },
    "Co-production": {
        9: Planned("Whose voice?", "Who sits on the panel, who is missing, and can weights mend it?", 3, 4),
        10: Planned(
            "Trust, health workers and discretion",
            "What makes a health worker trusted, and what makes one stay?",
            3,
            4,
        ),
    },
    "Reform instability": {
        11: Planned("The price of reorganising", "What does a reorganisation cost, and when does it pay?", 4, 4),
        12: Planned("Redrawing the map", "What is gained, and what lost, when boards merge?", 3, 4),
        13: Planned("Sustained investment", "What does steady money buy that money in bursts does not?", 4, 4),
    },
    "Capstone": {
        14: Planned(
            "From pilot to nation, from England to Morocco",
            "What can be carried from one place to another, and what must be built anew?",
            4,
            6,
        ),
    },
}
PLAN = {number: chapter for chapters in PARTS.values() for number, chapter in chapters.items()}
PART_OF = {number: part for part, chapters in PARTS.items() for number in chapters}


class Route(NamedTuple):
    name: str
    whom: str
    chapters: list[int]


ROUTES = [
    Route("Full course", "A term of twelve weeks: every chapter and the capstone.", list(PLAN)),
    Route(
        "Health policy",
        "For those who write or read policy: governance, evidence, reform.",
        [1, 2, 4, 5, 7, 9, 11, 13, 14],
    ),
    Route("Short course", "One chapter of each part: the argument from end to end.", [1, 5, 7, 11, 14]),
    Route("Morocco clinic", "For teams who build Morocco’s Territorial Health Groups.", [1, 2, 4, 6, 9, 10, 14]),
]

_NUMERALS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_WORDS = {word: i for i, word in enumerate(_NUMERALS)}
_AMOUNT = re.compile(
    rf"(?P<n>\d+(?:\.\d+)?½?|½|\b(?:{'|'.join(_WORDS)}|half an|an)\b)\s*(?P<unit>hours?\b|minutes?\b|min\b|h\b)?",
    re.IGNORECASE,
)


def _number(text: str) -> float:
    text = text.lower()
    if text in _WORDS:
        return _WORDS[text]
    if text in ("half an", "½"):
        return 0.5
    return 1 if text == "an" else float(text.rstrip("½")) + 0.5 * text.endswith("½")


def hours(text: str) -> tuple[float, float] | None:
    """Hours to read and hours to solve, from "about 2 hours to read and try, and 5 for the exercise".

    A range counts as its middle; a number without a unit has that of its neighbour. ``None`` where two amounts are not
    to be found.
    """
    text = re.sub(
        r"(\d+(?:\.\d+)?)\s*(?:to|–|-)\s*(\d+(?:\.\d+)?)", lambda m: f"{(float(m[1]) + float(m[2])) / 2:g}", text
    )
    found = [(_number(m["n"]), (m["unit"] or "").lower()) for m in _AMOUNT.finditer(text)]
    units = [unit for _, unit in found if unit]
    if len(found) < 2 or not units:
        return None
    out = [n / 60 if (unit or units[0]).startswith("m") else n for n, unit in found[:2]]
    return out[0], out[1]


def say(amount: float) -> str:
    """1.5 -> "1½ h"; 0.7 -> "40 min", to the nearest five."""
    if amount < 1:
        return f"{max(5, 5 * round(amount * 12))} min"
    half = round(amount * 2) / 2
    return f"{half:g} h" if half == int(half) else f"{int(half)}½ h"


class Chapter(NamedTuple):
    """What a page shows of one chapter; ``docname`` is ``None`` while it is not written."""

    number: int
    part: str
    title: str
    question: str
    read: float
    solve: float
    docname: str | None


@lru_cache(maxsize=64)
def _markdown(path: Path, changed: float) -> str:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def markdown(env: BuildEnvironment, docname: str) -> str:
    """The Markdown cells of a chapter as one text; empty for a page that is no notebook."""
    path = Path(env.doc2path(docname))
    return _markdown(path, path.stat().st_mtime) if path.suffix == ".ipynb" else ""


def time_line(text: str) -> str:
    """What follows **Time:** in a chapter's Markdown, up to the next bold label; empty where nothing does."""
    match = re.search(r"\*\*Time:?\*\*:?(.*?)(?:\*\*|\n\s*>?\s*\n|\Z)", text, re.DOTALL)
    return " ".join(match[1].replace(">", " ").split()) if match else ""


def chapters(env: BuildEnvironment) -> dict[int, Chapter]:
    """Number -> chapter, in order: all that are planned, and any other that is in the tree."""
    found = {n: Chapter(n, PART_OF[n], *planned, None) for n, planned in PLAN.items()}
    for docname in env.found_docs:
        number = chapter_number(docname)
        if number is None:
            continue
        text = markdown(env, docname)
        title = re.search(r"^# (.+)$", text, re.MULTILINE)
        known = found.get(number) or Chapter(number, "Further chapters", docname, "", 0, 0, None)
        read, solve = hours(time_line(text)) or (known.read, known.solve)
        found[number] = known._replace(
            title=title[1].strip() if title else known.title, read=read, solve=solve, docname=docname
        )
    return dict(sorted(found.items()))


class CheckTime(SphinxTransform):
    """Warn of a box *In this chapter* whose time cannot be read: the landing page needs it."""

    default_priority = 505  # after the boxes are made

    def apply(self, **_: Any) -> None:
        for note in self.document.findall(boxes.box):
            if "ic-box-aims" in note["classes"] and hours(time_line(markdown(self.env, self.env.docname))) is None:
                form = "**Time:** about 2 hours to read and try, and 5 for the exercise."
                warn(self.env, note, f"the box 'In this chapter' states no time; write, for example, {form!r}")


# ---- what a page shows


def _link(env: BuildEnvironment, docname: str, text: str) -> nodes.Node:
    return addnodes.pending_xref(
        "",
        nodes.inline("", text),
        refdomain="std",
        reftype="doc",
        reftarget=f"/{docname}",
        refexplicit=True,
        refdoc=env.docname,
        refwarn=True,
    )


class _OfCourse(SphinxDirective):
    def known(self) -> dict[int, Chapter]:
        """The chapters; the page is made anew when one changes, lands or leaves."""
        for docname in self.env.found_docs:
            if CHAPTER.search(docname):
                self.env.note_dependency(str(self.env.doc2path(docname)))
        self.env.note_dependency(str(Path(self.env.srcdir) / "_toc.yml"))
        return chapters(self.env)


class ChapterList(_OfCourse):
    """``{chapter-list}``: one entry a chapter, under the names of the parts."""

    def run(self) -> list[nodes.Node]:
        out = nodes.container(classes=["ic-chapters"])
        part = None
        for chapter in self.known().values():
            if chapter.part != part:
                part = chapter.part
                group = nodes.container(classes=["ic-part"])
                group += nodes.paragraph("", part, classes=["ic-part-name"])
                entries = nodes.bullet_list()
                group += entries
                out += group
            entries += nodes.list_item("", *self._entry(chapter), classes=["" if chapter.docname else "ic-unwritten"])
        return [out]

    def _entry(self, chapter: Chapter) -> list[nodes.Node]:
        head = nodes.paragraph(classes=["ic-chapter-name"])
        head += [nodes.inline("", str(chapter.number), classes=["ic-no"]), nodes.Text(" ")]
        head += _link(self.env, chapter.docname, chapter.title) if chapter.docname else nodes.inline("", chapter.title)
        below = nodes.paragraph("", chapter.question, classes=["ic-chapter-question"])
        time = f"{say(chapter.read)} to read, {say(chapter.solve)} to solve"
        words = time if chapter.docname else f"not yet written; planned: {time}"
        return [head, below, nodes.paragraph("", words[0].upper() + words[1:] + ".", classes=["ic-chapter-time"])]


class Routes(_OfCourse):
    """``{course-routes}``: the ways through the book."""

    def run(self) -> list[nodes.Node]:
        known = self.known()
        out = nodes.bullet_list(classes=["ic-routes"])
        for route in ROUTES:
            mine = [known[n] for n in route.chapters]
            steps = nodes.paragraph(classes=["ic-steps"])
            for i, chapter in enumerate(mine):
                steps += nodes.Text(", " if i else "Chapters ")
                number = str(chapter.number)
                steps += _link(self.env, chapter.docname, number) if chapter.docname else nodes.Text(number)
            ready = sum(chapter.docname is not None for chapter in mine)
            steps += nodes.Text(
                ". All are written." if ready == len(mine) else f". Written so far: {ready} of {len(mine)}."
            )
            amount = f"{sum(chapter.read + chapter.solve for chapter in mine):.0f} hours"
            out += nodes.list_item("", self._name(route.name, amount), nodes.paragraph("", route.whom), steps)
        start = "Begin with the question that you have today" if known[1].docname is None else "Begin with chapter 1"
        words = nodes.paragraph("", f"{start}; each chapter stands on its own.")
        out += nodes.list_item("", self._name("By yourself", "your own hours"), words)
        return [out]

    @staticmethod
    def _name(name: str, amount: str) -> nodes.paragraph:
        hours = nodes.inline("", amount, classes=["ic-route-hours"])
        return nodes.paragraph("", "", nodes.Text(f"{name} "), hours, classes=["ic-route-name"])


class StartHere(_OfCourse):
    """``{start-here}``: a link to the first chapter that is written, and how many are."""

    def run(self) -> list[nodes.Node]:
        written = [chapter for chapter in self.known().values() if chapter.docname]
        if not written:
            return [nodes.paragraph("", "No chapter is written yet.")]
        first = written[0]
        link = nodes.paragraph(classes=["ic-start"])
        link += _link(self.env, first.docname, f"Start with chapter {first.number}, {first.title}")
        words = "All fourteen chapters can be read."
        if len(written) < len(PLAN):
            listed = ", ".join(str(c.number) for c in written)
            words = f"Of fourteen chapters, {len(written)} can be read today: {listed}."
            if len(written) == 1:
                words = f"Of fourteen chapters, one can be read today: {listed}."
        return [link, nodes.paragraph("", words, classes=["ic-muted"])]


class ExerciseList(_OfCourse):
    """``{exercise-list}``: a download for each chapter that is written and has an exercise."""

    def run(self) -> list[nodes.Node]:
        root, line = Path(self.env.srcdir), nodes.paragraph(classes=["ic-exercises"])
        for chapter in self.known().values():
            name = (chapter.docname or "").split("/")[-1]
            if not name or not (root / "exercises" / name / f"{name}.ipynb").exists():
                continue
            line += nodes.Text(", " if line.children else "Download the exercise of chapter ")
            # bookbuild/exercises.py turns this into the address of the student edition
            line += addnodes.pending_xref(
                "",
                nodes.inline("", str(chapter.number)),
                refdomain="",
                reftype="myst",
                reftarget=f"release/{name}/{name}.ipynb",
                refdoc=self.env.docname,
                refexplicit=True,
            )
        if not line.children:
            line += nodes.Text("No exercise can be downloaded yet.")
        return [line]


# ---- what the frame of every page shows


def _title(env: BuildEnvironment, docname: str) -> str:
    title = env.titles.get(docname)
    number = chapter_number(docname)
    words = title.astext() if title is not None else docname
    if number and words.startswith(f"{number} · "):
        return f'<span class="ic-no">{number}</span> {html.escape(words.removeprefix(f"{number} · "))}'
    return html.escape(words)


def contents(app: Sphinx, pagename: str) -> str:
    """The contents of the book: the captions of ``_toc.yml``, the chapters under the names of their parts."""
    from . import checks

    env, known, out = app.env, chapters(app.env), []
    root = app.config.root_doc
    for toctree in env.get_doctree(root).findall(addnodes.toctree):
        groups: dict[str, list[str]] = {}
        for _, docname in toctree["entries"]:
            if docname not in env.titles:
                continue
            number = chapter_number(docname)
            group = known[number].part if number in known else toctree.get("caption") or ""
            groups.setdefault(group, []).append(docname)
        for caption, docnames in groups.items():
            lines = []
            for docname in docnames:
                here = docname == pagename
                address = "#" if here else app.builder.get_relative_uri(pagename, docname)
                css = ' class="current" aria-current="page"' if here else ""
                asked = checks.count(env, docname)
                key = f' data-page="{html.escape(docname)}" data-questions="{asked}"' if asked else ""
                lines.append(f'<li><a{css} href="{address}"{key}>{_title(env, docname)}</a></li>')
            if caption:
                out.append(f'<p class="caption">{html.escape(caption)}</p>')
            out.append(f"<ul>{''.join(lines)}</ul>")
    return "\n".join(out)


def strip(here: int, written: set[int]) -> str:
    """Fourteen small bars, as in the mark of the book: the page's own in colour, those not written as outlines."""
    bars = []
    for number in PLAN:
        css = "here" if number == here else "" if number in written else "none"
        bars.append(f'<path class="{css}" d="M{(number - 1) * 9} 0h5v12h-5z"/>')
    width = (len(PLAN) - 1) * 9 + 5
    return f'<svg class="ic-strip" viewBox="0 0 {width} 12" width="{width}" height="12" aria-hidden="true">{"".join(bars)}</svg>'


def _page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    context["contents"] = contents(app, pagename)
    number = chapter_number(pagename)
    if number is None:
        return
    known = chapters(app.env)
    chapter = known[number]
    context["kicker"] = {
        "part": chapter.part,
        "read": say(chapter.read),
        "solve": say(chapter.solve),
        "strip": strip(number, {n for n, c in known.items() if c.docname}),
    }


def setup(app: Sphinx) -> None:
    app.add_directive("chapter-list", ChapterList)
    app.add_directive("course-routes", Routes)
    app.add_directive("start-here", StartHere)
    app.add_directive("exercise-list", ExerciseList)
    app.add_transform(CheckTime)
    app.connect("html-page-context", _page)
