"""The page *Ways through the book*: routes with their hours, and what chapters take from one another as a map and a list.

{prerequisite-map}   chapters in a column, an arc from each to one that uses it; the same in words below
{route-plans}        a section for each route: chapters, hours, what is left out, what then has to be read all the same

Hours are those that chapters and exercises state themselves (:mod:`plan`), and arcs are rows of ``datasets/prerequisites.csv``.
"""

import html
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from .course import OfCourse, link
from .dictionary import table
from .markup import slug
from .plan import ROUTES, Entry, Prerequisite, Route, prerequisites, say

PAGE = "pages/routes"
BUILDS = "builds on"
SIZE, WIDE, NARROW = 15, 600, 300  # px: type, the drawing in the column, and on a phone
_ROW = {WIDE: 38, NARROW: 50}  # px from one chapter to the next
_ARCS = {WIDE: 190, NARROW: 92}  # px that the arcs may take


def hours(chapters: list[Entry]) -> tuple[float, float]:
    """Hours of some chapters: with all tasks, and with the core tasks only. Who states no core counts as a whole."""
    whole = sum(one.read + one.solve for one in chapters)
    return whole, sum(one.read + (one.solve if one.core is None else one.core) for one in chapters)


def spell(amount: float) -> str:
    """Whole hours, in words: 92.4 -> "92 hours"."""
    return f"{amount:.0f} hours"


def section_link(env: BuildEnvironment, docname: str, heading: str, words: str = "") -> addnodes.pending_xref:
    """A link to the very heading of a chapter; :mod:`boxes` makes the address."""
    node = addnodes.pending_xref(
        "", reftype="bookbuild", refdomain="", refdoc=env.docname, reftarget=docname, anchor=slug(heading), refwarn=True
    )
    node += nodes.inline("", words or heading)
    return node


# ---- the map


def _title(words: str, most: int) -> list[str]:
    """A title in one line, or in two of about the same length where it has more than ``most`` characters."""
    if len(words) <= most:
        return [words]
    spaces = [i for i, letter in enumerate(words) if letter == " "]
    middle = min(spaces, key=lambda i: abs(i - len(words) / 2))
    return [words[:middle], words[middle + 1 :]]


def picture(known: dict[int, Entry], rows: list[Prerequisite], width: int, label: str) -> str:
    """The map as SVG, ``width`` px wide (:data:`WIDE` or :data:`NARROW`): colours are left to the style sheet."""
    step, room = _ROW[width], _ARCS[width]
    place = {number: 26 + i * step for i, number in enumerate(known)}
    farthest = max((abs(place[row.chapter] - place[row.needs]) for row in rows), default=1)
    out = []
    for row in sorted(rows, key=lambda row: row.link == BUILDS):  # the strong ones on top
        start, end, x = place[row.needs], place[row.chapter], room - 15
        reach = 18 + (x * 4 / 3 - 26) * abs(end - start) / farthest
        css = "builds" if row.link == BUILDS else "meets"
        out.append(
            f'<path class="ic-{css}" d="M{x} {start}C{x - reach:.0f} {start} {x - reach:.0f} {end} {x - 5} {end}"/>'
        )
        out.append(f'<path class="ic-tip ic-{css}" d="M{x - 8} {end - 4}l8 4l-8 4z"/>')
    for number, y in place.items():
        css = ' class="ic-none"' if known[number].docname is None else ""
        out.append(f'<g{css}><circle cx="{room}" cy="{y}" r="13"/>')
        out.append(f'<text class="ic-count" x="{room}" y="{y + 5}" text-anchor="middle">{number}</text>')
        lines = _title(known[number].title, 60 if width == WIDE else 24)
        top = y + 5 - (len(lines) - 1) * 9
        for i, words in enumerate(lines):
            out.append(f'<text x="{room + 22}" y="{top + 18 * i}">{html.escape(words)}</text>')
        out.append("</g>")
    height = 52 + (len(place) - 1) * step
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-size="{SIZE}"'
    css = "ic-wide" if width == WIDE else "ic-narrow"
    spoken = html.escape(label, quote=True)
    return f'<svg class="{css}" role="img" aria-label="{spoken}" {size} xmlns="http://www.w3.org/2000/svg">{"".join(out)}</svg>'


class Map(OfCourse):
    """``{prerequisite-map}``: the drawing, and a list that says the same."""

    def run(self) -> list[nodes.Node]:
        known, rows = self.known(), self.needed()
        strong = sum(row.link == BUILDS for row in rows)
        label = (
            f"The {len(known)} chapters in a column. {len(rows)} arcs lead from a chapter to one that uses an idea of it: "
            f"{strong} where it builds on the idea, {len(rows) - strong} where it meets it again. The list below says the same."
        )
        drawn = "".join(picture(known, rows, width, label) for width in (WIDE, NARROW))
        out = nodes.container(classes=["ic-map"])
        out += nodes.raw("", drawn, format="html")
        words = nodes.bullet_list(classes=["ic-needs"])
        for number, one in known.items():
            mine = [row for row in rows if row.chapter == number]
            if not mine:
                continue
            line = nodes.paragraph()
            line += (
                link(self.env, one.docname, f"{number} {one.title}")
                if one.docname
                else nodes.Text(f"{number} {one.title}")
            )
            for i, row in enumerate(sorted(mine, key=lambda row: row.link != BUILDS)):
                line += nodes.Text("; " if i else " ")
                line += [nodes.Text(f"{row.link} chapter {row.needs} ("), self.source(known, row), nodes.Text(")")]
            line += nodes.Text("." if one.docname else ". It is not yet written.")
            words += nodes.list_item("", line)
        alone = [str(n) for n in known if n != 1 and not any(row.chapter == n for row in rows)]
        if alone:
            text = f"Chapters {', '.join(alone[:-1])} and {alone[-1]}" if len(alone) > 1 else f"Chapter {alone[0]}"
            ask = "ask" if len(alone) > 1 else "asks"
            words += nodes.list_item("", nodes.paragraph("", f"{text} {ask} for chapter 1 only."))
        return [out, words]

    def needed(self) -> list[Prerequisite]:
        root = Path(self.env.srcdir)
        self.env.note_dependency(str(root / "datasets" / "prerequisites.csv"))
        return prerequisites(root)

    def source(self, known: dict[int, Entry], row: Prerequisite) -> nodes.Node:
        """The idea, as a link to the section that explains it."""
        docname = known[row.needs].docname
        return section_link(self.env, docname, row.section, row.idea) if docname else nodes.inline("", row.idea)


# ---- the routes


class Plans(Map):
    """``{route-plans}``: a section for each route."""

    def run(self) -> list[nodes.Node]:
        known, rows = self.known(), self.needed()
        return [self._section(route, known, rows) for route in ROUTES]

    def _section(self, route: Route, known: dict[int, Entry], rows: list[Prerequisite]) -> nodes.section:
        out = nodes.section(ids=[slug(route.name)], names=[])
        out += nodes.title("", route.name)
        out += nodes.paragraph("", route.whom)
        mine = [known[number] for number in route.chapters]
        whole, core = hours(mine)
        if route.more:
            others = [hours([one]) for number, one in known.items() if number not in route.chapters]
            least, most = min(short for _, short in others), max(long for long, _ in others)
            first = f"{spell(core)} with the core tasks of chapter 1, {spell(whole)} with all"
            text = f"{first}; each further chapter takes {spell(least)} to {spell(most)}."
        else:
            text = f"{spell(whole)} with every task, {spell(core)} with the core tasks only"
            unknown = " and ".join(str(one.number) for one in mine if one.core is None)
            text += f" (all tasks of chapter {unknown}, which is still to come)." if unknown else "."
        out += self._line("Hours:", text)
        out += table(["Chapter", "Read", "All tasks", "Core tasks"], [self._row(one) for one in mine], "ic-plan")
        out += self._line("What it leaves out:", route.leaves)
        skipped = [one for number, one in known.items() if number not in route.chapters]
        if skipped and not route.more:
            names = "; ".join(f"{one.number}, {one.title.rstrip('?')}" for one in skipped)
            out += self._line("Skipped:", f"{names}.")
            out += self._borrowed(route, known, rows)
        return out

    @staticmethod
    def _line(label: str, text: str) -> nodes.paragraph:
        return nodes.paragraph("", "", nodes.inline("", f"{label} ", classes=["ic-field"]), nodes.Text(text))

    def _row(self, one: Entry) -> list[nodes.Node | str]:
        words = f"{one.number} {one.title}"
        name = link(self.env, one.docname, words) if one.docname else nodes.inline("", f"{words} (planned)")
        return [name, say(one.read), say(one.solve), say(one.core) if one.core else "not yet known"]

    def _borrowed(self, route: Route, known: dict[int, Entry], rows: list[Prerequisite]) -> list[nodes.Node]:
        """Sections of chapters left out on which a chapter of the route builds."""
        own = set(route.chapters)
        needed = [r for r in rows if r.link == BUILDS and r.chapter in own and r.needs not in own]
        if not needed:
            return [self._line("Read all the same:", "nothing; no chapter here builds on one that is skipped.")]
        line = self._line("Read all the same:", "")
        for i, row in enumerate(needed):
            line += nodes.Text("; " if i else "")
            line += [
                nodes.Text(f"for chapter {row.chapter}, "),
                self.source(known, row),
                nodes.Text(f" in chapter {row.needs}"),
            ]
        line += nodes.Text(".")
        return [line]


def setup(app: Sphinx) -> None:
    app.add_directive("prerequisite-map", Map)
    app.add_directive("route-plans", Plans)
