"""The page *Claims*: every claim of the two source papers, what was checked, and where the book works with it."""

import contextlib
import html
from collections import Counter
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from . import prose
from .chapter import Chapter, Exercise, NotAnExercise
from .markup import slug
from .plan import written

PAGE = "pages/claims"
PAPERS = {
    "BJ2025": ("Baalla and Jellouli (2025)", "baalla2025"),
    "LP2026": ("Lalani and Peters (2026)", "lalani2026"),
}
VERDICTS = {
    "confirmed": "a source that we could read says the same, within rounding",
    "holds with a definition": "right once a definition, a year or a scope is stated; the note states it",
    "not confirmed": "we could open no source that settles it; this says nothing about whether it is right",
    "differs from source": "a source that we could read gives something else; the note gives both",
    "overtaken": "reasonable when written; a later decision or event changed the position",
    "argument": "a judgement, a recommendation, a forecast or a theory, not a claim of fact",
}
KINDS = ("figure", "fact", "mechanism", "critique", "recommendation")


class Door(NamedTuple):
    """A task of an exercise: its title, and the place in the book from which the exercise is opened."""

    title: str
    docname: str
    anchor: str


def known(env: BuildEnvironment) -> dict[str, dict[str, str]]:
    """id -> row of ``datasets/claims.csv``; empty when the book has no such table."""
    path = Path(env.srcdir) / "datasets" / "claims.csv"
    if not path.exists():
        return {}
    if env.temp_data.get("docname"):  # while a page is being read
        env.note_dependency(str(path))
    return prose.claims(Path(env.srcdir))


def badge(verdict: str) -> nodes.inline:
    """A verdict as a coloured word."""
    return nodes.inline("", verdict, classes=["ic-badge", "ic-verdict", f"ic-verdict-{slug(verdict)}"])


def _chapters(env: BuildEnvironment) -> list[Chapter]:
    """The chapters in the tree; a page that asks is made anew when one of them changes."""
    found = written(env)
    for chapter in found:
        env.note_dependency(str(env.doc2path(chapter.docname)))
    return found


def uses(env: BuildEnvironment) -> dict[str, list[str]]:
    """Claim id -> the chapters (docnames) whose Markdown names it."""
    found: dict[str, list[str]] = {}
    for chapter in _chapters(env):
        for claim in sorted(chapter.claims):
            found.setdefault(claim, []).append(chapter.docname)
    return found


def doors(env: BuildEnvironment) -> dict[str, Door]:
    """Number -> each task that a reader of the book can open: those of the exercises that the chapters link to."""
    found = {}
    for chapter in _chapters(env):
        path = Path(env.srcdir) / "exercises" / chapter.name / f"{chapter.name}.ipynb"
        if chapter.door is None or not path.exists():
            continue
        env.note_dependency(str(path))
        with contextlib.suppress(NotAnExercise):  # the chapter's own link tells
            for task in Exercise.read(path).tasks:
                found[task.number] = Door(task.title, chapter.docname, slug(chapter.door))
    return found


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"


def _select(name: str, label: str, options: dict[str, str]) -> str:
    rows = "".join(f'<option value="{html.escape(v)}">{html.escape(text)}</option>' for v, text in options.items())
    return (
        f'<p><label for="claims-{name}">{label}</label>'
        f'<select id="claims-{name}" name="{name}"><option value="">all</option>{rows}</select></p>'
    )


def _form(n: int, chapters: dict[str, str]) -> str:
    """The search box and the filters. They wait, hidden, for the script that makes them work.

    The value of an option is a class of the entries that it lets through.
    """
    selects = [
        _select("paper", "Paper", {f"ic-of-{seed.lower()}": name for seed, (name, _) in PAPERS.items()}),
        _select("kind", "Kind", {f"ic-kind-{kind}": kind for kind in KINDS}),
        _select("verdict", "Verdict", {f"ic-says-{slug(verdict)}": verdict for verdict in VERDICTS}),
        _select("chapter", "Chapter", {f"ic-in-{slug(doc)}": title for doc, title in chapters.items()}),
    ]
    return (
        '<form class="ic-filter" role="search" aria-label="Search and filter the claims" hidden>'
        '<p class="ic-filter-words"><label for="claims-q">Words, or the number of a claim</label>'
        f'<input type="search" id="claims-q" name="q" autocomplete="off" spellcheck="false"></p>{"".join(selects)}'
        f'<p class="ic-filter-foot"><output class="ic-count" role="status" data-all="{n}">All {n} claims</output>'
        '<button type="reset" class="ic-button">Show all</button></p></form>'
    )


def _line(label: str, *content: nodes.Node | str, css: str = "") -> nodes.paragraph:
    line = nodes.paragraph(classes=[css] if css else [])
    if label:
        line += [nodes.inline("", f"{label} ", classes=["ic-field"])]
    line += [nodes.Text(part) if isinstance(part, str) else part for part in content]
    return line


class Claims(SphinxDirective):
    """``{claims}``: a summary, then one entry a claim with the anchor ``claim-A28``."""

    def run(self) -> list[nodes.Node]:
        rows, where, open_tasks = known(self.env), uses(self.env), doors(self.env)
        counts = Counter(row["check_status"] for row in rows.values())
        legend = nodes.definition_list(classes=["ic-verdicts"])
        for verdict, meaning in VERDICTS.items():
            term = nodes.term("", "", badge(verdict), nodes.Text(f" {counts[verdict]}"))
            definition = nodes.definition("", nodes.paragraph("", meaning[0].upper() + meaning[1:] + "."))
            legend += nodes.definition_list_item("", term, definition)
        if strange := sorted(set(counts) - set(VERDICTS)):
            raise self.error(f"datasets/claims.csv has verdicts that this book does not know: {', '.join(strange)}")
        titles = {c.docname: f"{c.number} · {c.title or c.docname}" for c in _chapters(self.env)}
        used = {docname for docnames in where.values() for docname in docnames}
        form = _form(len(rows), {docname: title for docname, title in titles.items() if docname in used})
        out: list[nodes.Node] = [legend, nodes.raw("", form, format="html")]
        for seed, (name, _) in PAPERS.items():
            section = nodes.section(ids=[f"claims-{seed.lower()}"], names=[])
            section += nodes.title("", name)
            mine = [row for row in rows.values() if row["seed"] == seed]
            for i, (heading, group) in enumerate(groupby(mine, key=lambda row: row["section"])):
                part = nodes.section(ids=[f"claims-{seed.lower()}-{i + 1}"], names=[])
                part += nodes.title("", heading)
                part += [self._entry(row, where, open_tasks) for row in group]
                section += part
            out.append(section)
        return out

    def _entry(self, row: dict[str, str], where: dict[str, list[str]], doors: dict[str, Door]) -> nodes.container:
        chapters = where.get(row["id"], [])
        entry = nodes.container(ids=[f"claim-{row['id']}"], classes=["ic-claim"])
        entry["classes"] += [f"ic-of-{row['seed'].lower()}", f"ic-kind-{row['kind']}"]
        entry["classes"] += [f"ic-says-{slug(row['check_status'])}", *(f"ic-in-{slug(doc)}" for doc in chapters)]
        head = nodes.paragraph(classes=["ic-claim-head"])
        anchor = nodes.reference("", row["id"], refuri=f"#claim-{row['id']}", classes=["ic-claim-id"])
        head += [anchor, nodes.Text(" "), badge(row["check_status"]), nodes.Text(" ")]
        head += nodes.inline("", row["kind"], classes=["ic-muted"])
        entry += [head, nodes.paragraph("", row["paraphrase"], classes=["ic-claim-text"])]
        if row["check_note"]:
            entry += _line("Note.", row["check_note"])
        if row["check_sources"]:
            entry += _line("Read.", row["check_sources"], css="ic-claim-sources")
        checked = f"Checked {_day(row['checked'])}. " if row.get("checked") else ""
        last = _line("", f"{checked}Confidence in our verdict: {row['confidence']}.", css="ic-muted")
        links = [self._link("doc", f"/{docname}", refdomain="std", refexplicit=False) for docname in chapters]
        last += self._listed(" Worked with in ", links)
        open_tasks = [(number, doors[number]) for number in row["exercises"].split(";") if number in doors]
        links = [
            self._link("bookbuild", task.docname, f"{number} {task.title}", refdomain="", anchor=task.anchor)
            for number, task in open_tasks
        ]
        last += self._listed(". Task " if len(links) == 1 else ". Tasks ", links)
        if chapters and not links:
            last += nodes.Text(".")
        entry += last
        return entry

    def _link(self, kind: str, target: str, text: str = "", **more: str | bool) -> addnodes.pending_xref:
        link = addnodes.pending_xref("", reftype=kind, reftarget=target, refdoc=self.env.docname, refwarn=True, **more)
        link += nodes.inline("", text)
        return link

    @staticmethod
    def _listed(before: str, links: list[nodes.Node]) -> list[nodes.Node]:
        """Nodes with ", " between and words before; none for none."""
        return [part for i, link in enumerate(links) for part in (nodes.Text(", " if i else before), link)]


def setup(app: Sphinx) -> None:
    app.add_directive("claims", Claims)
