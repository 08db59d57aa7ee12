"""The page *Glossary*: each term with its plain definition, in English, French and Arabic.

An author links to a term with an ordinary link, ``[integrated care board](../pages/glossary.md#icb)``; MyST checks the
anchor. The anchor is the term without its brackets (``integrated-care-board``) or, where there is one, the abbreviation
in the brackets (``icb``).
"""

import csv
import html
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .markup import slug

_ARABIC = re.compile(r"([\u0600-\u06ff](?:[\u0600-\u06ff\s]*[\u0600-\u06ff])?)")
_BRACKETS = re.compile(r"\s*\(([^)]*)\)")


def anchors(term: str) -> list[str]:
    """The anchors of a term: "Integrated care board (ICB)" -> ["integrated-care-board", "icb"]."""
    found = [slug(_BRACKETS.sub("", term))]
    found += [slug(inner) for inner in _BRACKETS.findall(term) if len(inner) <= 12 and inner.upper() == inner]
    return [anchor for anchor in dict.fromkeys(found) if anchor]


class Glossary(SphinxDirective):
    """``{course-glossary}``: one entry a term, in alphabetical order."""

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / "datasets" / "glossary.csv"
        self.env.note_dependency(str(path))
        with open(path, encoding="utf-8", newline="") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: row["term_en"].lower())
        out: list[nodes.Node] = []
        taken: set[str] = set()
        slugs = self.env.temp_data.setdefault("bookbuild_slugs", {})
        letter = ""
        for row in rows:
            first = row["term_en"][0].upper()
            if first.isalpha() and first != letter:
                letter = first
                section = nodes.section(ids=[f"letter-{letter.lower()}"], names=[], classes=["ic-letter"])
                section += nodes.title("", letter)
                out.append(section)
            ids = [a for a in anchors(row["term_en"]) if a not in taken]
            taken.update(ids)
            slugs.update({a: (0, a, row["term_en"]) for a in ids})
            (out[-1] if out else out).append(self._entry(row, ids))
        return out

    @staticmethod
    def _entry(row: dict[str, str], ids: list[str]) -> nodes.container:
        entry = nodes.container(ids=ids, classes=["ic-term"])
        entry += nodes.paragraph("", row["term_en"], classes=["ic-term-name"])
        entry += nodes.paragraph("", "", *_mixed(row["definition_en"]))
        other = nodes.paragraph(classes=["ic-term-other"])
        if row["term_fr"]:
            other += nodes.raw("", f'<span lang="fr">{html.escape(row["term_fr"])}</span>', format="html")
        if row["term_ar"]:
            other += _arabic(row["term_ar"])
        if other.children:
            entry += other
        if row.get("note"):
            entry += nodes.paragraph("", "", *_mixed(row["note"]), classes=["ic-muted"])
        return entry


def _arabic(text: str) -> nodes.raw:
    return nodes.raw("", f'<span lang="ar" dir="rtl">{html.escape(text)}</span>', format="html")


def _mixed(text: str) -> list[nodes.Node]:
    """English with Arabic words in it, each marked as what it is."""
    pieces = _ARABIC.split(text)
    return [_arabic(piece) if i % 2 else nodes.Text(piece) for i, piece in enumerate(pieces) if piece]


def _keep_slugs(app: Sphinx, doctree: nodes.document) -> None:
    """Tell MyST which anchors the page has, so that it can check links to them."""
    slugs: dict[str, Any] = app.env.temp_data.pop("bookbuild_slugs", {})
    if slugs:
        app.env.metadata[app.env.docname].setdefault("myst_slugs", {}).update(slugs)


def setup(app: Sphinx) -> None:
    app.add_directive("course-glossary", Glossary)
    app.connect("doctree-read", _keep_slugs)
