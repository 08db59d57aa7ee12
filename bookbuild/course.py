"""What the pages show of the course (:mod:`plan`): routes, hours, the list of chapters, the contents.

{chapter-list}   every chapter: number, title, question, hours; those not yet written say so
{course-routes}  ways through the book, with their hours and what of them can be read today
{start-here}     the link that a first reader should take
{exercise-list}  the exercises that can be downloaded
"""

import html
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

from . import boxes
from .chapter import DOCNAME, number_of, read
from .places import warn
from .plan import PLAN, ROUTES, Entry, entries, say, standing, written


class CheckTime(SphinxTransform):
    """Warn of a box *In this chapter* whose time cannot be read: the landing page needs it."""

    default_priority = 505  # after the boxes are made

    def apply(self, **_: Any) -> None:
        for note in self.document.findall(boxes.box):
            if "ic-box-aims" in note["classes"] and self._hours() is None:
                form = "**Time:** about 2 hours to read and try, and 5 for the exercise."
                warn(self.env, note, f"the box 'In this chapter' states no time; write, for example, {form!r}")

    def _hours(self) -> tuple[float, float] | None:
        path = Path(self.env.doc2path(self.env.docname))
        return read(path).hours if number_of(self.env.docname) else None


# ---- what a page shows


def link(env: BuildEnvironment, docname: str, text: str) -> nodes.Node:
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


class OfCourse(SphinxDirective):
    def known(self) -> dict[int, Entry]:
        """The chapters; the page is made anew when one changes, lands or leaves."""
        for docname in self.env.found_docs:
            if DOCNAME.search(docname):
                self.env.note_dependency(str(self.env.doc2path(docname)))
                name = docname.split("/")[-1]
                self.env.note_dependency(str(Path(self.env.srcdir) / "exercises" / name / f"{name}.ipynb"))
        self.env.note_dependency(str(Path(self.env.srcdir) / "_toc.yml"))
        return entries(self.env)


class ChapterList(OfCourse):
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

    def _entry(self, chapter: Entry) -> list[nodes.Node]:
        head = nodes.paragraph(classes=["ic-chapter-name"])
        head += [nodes.inline("", str(chapter.number), classes=["ic-no"]), nodes.Text(" ")]
        head += link(self.env, chapter.docname, chapter.title) if chapter.docname else nodes.inline("", chapter.title)
        below = nodes.paragraph("", chapter.question, classes=["ic-chapter-question"])
        time = f"{say(chapter.read)} to read, {say(chapter.solve)} to solve"
        words = time if chapter.docname else f"not yet written; planned: {time}"
        return [head, below, nodes.paragraph("", words[0].upper() + words[1:] + ".", classes=["ic-chapter-time"])]


class Routes(OfCourse):
    """``{course-routes}``: the ways through the book."""

    def run(self) -> list[nodes.Node]:
        known = self.known()
        out = nodes.bullet_list(classes=["ic-routes"])
        for route in ROUTES:
            mine = [known[n] for n in route.chapters]
            steps = nodes.paragraph(classes=["ic-steps"])
            for i, chapter in enumerate(mine):
                steps += nodes.Text(", " if i else "Chapter " if len(mine) == 1 else "Chapters ")
                number = str(chapter.number)
                steps += link(self.env, chapter.docname, number) if chapter.docname else nodes.Text(number)
            ready = sum(chapter.docname is not None for chapter in mine)
            all_of_it = "." if route.more else ". All are written."
            steps += nodes.Text(all_of_it if ready == len(mine) else f". Written so far: {ready} of {len(mine)}.")
            hours = sum(chapter.read + chapter.solve for chapter in mine)
            amount = f"{hours:.0f} hours" + (" to begin with" if route.more else "")
            out += nodes.list_item("", self._name(route.name, amount), nodes.paragraph("", route.whom), steps)
        return [out]

    @staticmethod
    def _name(name: str, amount: str) -> nodes.paragraph:
        hours = nodes.inline("", amount, classes=["ic-route-hours"])
        return nodes.paragraph("", "", nodes.Text(f"{name} "), hours, classes=["ic-route-name"])


class StartHere(OfCourse):
    """``{start-here}``: a link to the first chapter that is written, and how many are."""

    def run(self) -> list[nodes.Node]:
        ready = [chapter for chapter in self.known().values() if chapter.docname]
        if not ready:
            return [nodes.paragraph("", "No chapter is written yet.")]
        first = ready[0]
        start = nodes.paragraph(classes=["ic-start"])
        start += link(self.env, first.docname, f"Start with chapter {first.number}, {first.title}")
        words = standing({chapter.number for chapter in ready})
        return [nodes.paragraph("", words, classes=["ic-standing"]), start]


class ExerciseList(OfCourse):
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
    number = number_of(docname)
    words = title.astext() if title is not None else docname
    if number and words.startswith(f"{number} · "):
        return f'<span class="ic-no">{number}</span> {html.escape(words.removeprefix(f"{number} · "))}'
    return html.escape(words)


def contents(app: Sphinx, pagename: str) -> str:
    """The contents of the book: the captions of ``_toc.yml``, the chapters under the names of their parts."""
    env, known, out = app.env, entries(app.env), []
    questions = {chapter.docname: chapter.questions for chapter in written(env)}
    root = app.config.root_doc
    for toctree in env.get_doctree(root).findall(addnodes.toctree):
        groups: dict[str, list[str]] = {}
        for _, docname in toctree["entries"]:
            if docname not in env.titles:
                continue
            number = number_of(docname)
            group = known[number].part if number in known else toctree.get("caption") or ""
            groups.setdefault(group, []).append(docname)
        for caption, docnames in groups.items():
            lines = []
            for docname in docnames:
                here = docname == pagename
                address = "#" if here else app.builder.get_relative_uri(pagename, docname)
                css = ' class="current" aria-current="page"' if here else ""
                asked = questions.get(docname)
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
    number = number_of(pagename)
    if number is None:
        return
    known = entries(app.env)
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
