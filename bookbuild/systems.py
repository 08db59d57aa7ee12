"""The page *Where each system is worked with*, made from ``datasets/systems.csv``, the chapters and the exercises.

{systems}   a section for each system of the papers: chapters, the very section, tasks, tables and claims
"""

import csv
import re
from itertools import groupby
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from . import claims, dictionary
from .chapter import Chapter
from .course import OfCourse, link
from .markup import slug
from .plan import Entry, written
from .routes import section_link

PAGE = "pages/systems"
Row = dict[str, str]


def rows(root: Path) -> list[Row]:
    """The table, a row for each system and chapter; none in a book without one."""
    path = root / "datasets" / "systems.csv"
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def parts(row: Row, field: str) -> list[str]:
    """The values of a field that holds several."""
    return [value for value in row[field].split(";") if value]


def heading(chapter: Chapter, row: Row) -> str:
    """The heading under which a chapter works with a system.

    The row names it; where it does not, it is the first heading below which one of the row's claims is named. Empty
    where there is none.
    """
    if row["section"]:
        return row["section"]
    named = re.compile("|".join(rf"\b{name}\b" for name in parts(row, "claims")) or r"(?!)")
    last = ""
    for piece in re.split(r"^(?=##+ )", chapter.markdown, flags=re.MULTILINE):
        title = re.match(r"##+ (.+)", piece)
        last = title[1].strip() if title else last
        if last and named.search(piece):
            return last
    return ""


class Systems(OfCourse):
    """``{systems}``: one section a system, in the order of the table."""

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.srcdir)
        self.env.note_dependency(str(root / "datasets" / "systems.csv"))
        known, chapters = self.known(), {one.number: one for one in written(self.env)}
        doors = claims.doors(self.env)
        out: list[nodes.Node] = []
        for system, group in groupby(rows(root), key=lambda row: row["system"]):
            section = nodes.section(ids=[slug(system)], names=[], classes=["ic-system"])
            section += nodes.title("", system)
            items = nodes.bullet_list()
            for row in group:
                number = int(row["chapter"])
                items += nodes.list_item("", self._row(row, known[number], chapters.get(number), doors))
            section += items
            out.append(section)
        return out

    def _row(self, row: Row, entry: Entry, chapter: Chapter | None, doors: dict[str, claims.Door]) -> nodes.paragraph:
        line = nodes.paragraph()
        if chapter is None:
            line += nodes.Text(f"Chapter {entry.number}, {entry.title}: {row['work']}. The chapter is not yet written.")
            return line
        line += [link(self.env, chapter.docname, f"Chapter {entry.number}"), nodes.Text(", ")]
        place = heading(chapter, row)
        line += section_link(self.env, chapter.docname, place) if place else nodes.Text(entry.title)
        line += nodes.Text(f"{'' if place.endswith('?') else ':'} {row['work']}.")
        numbers = [number for number in parts(row, "tasks") if number in doors]
        links = [self._to(doors[n].docname, doors[n].anchor, f"{n} {doors[n].title}") for n in numbers]
        line += self._listed("Task" if len(links) == 1 else "Tasks", links)
        line += self._listed("Data", [self._table(name) for name in parts(row, "tables")])
        names = parts(row, "claims")
        links = [self._to(claims.PAGE, f"claim-{name}", name, "ic-claim-link") for name in names]
        line += self._listed("Claim" if len(links) == 1 else "Claims", links)
        return line

    def _to(self, docname: str, anchor: str, words: str, css: str = "") -> addnodes.pending_xref:
        node = section_link(self.env, docname, anchor, words)
        node["anchor"] = anchor  # claims keep their capital letter
        if css:
            node.children[0]["classes"].append(css)
        return node

    def _table(self, name: str) -> addnodes.pending_xref:
        node = self._to(dictionary.PAGE, name, name)
        node.children = []
        node += nodes.literal("", name)
        return node

    @staticmethod
    def _listed(label: str, links: list[addnodes.pending_xref]) -> list[nodes.Node]:
        if not links:
            return []
        out: list[nodes.Node] = [nodes.Text(" "), nodes.inline("", f"{label}: ", classes=["ic-field"])]
        for i, one in enumerate(links):
            out += [nodes.Text("; " if i else ""), one]
        return [*out, nodes.Text(".")]


def setup(app: Sphinx) -> None:
    app.add_directive("systems", Systems)
