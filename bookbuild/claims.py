"""The page *Claims*: every claim of the two source papers, what was checked, and where the book works with it."""

import json
import re
from collections import Counter
from itertools import groupby
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from . import prose

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
    css = "ic-verdict-" + re.sub(r"[^a-z]+", "-", verdict.lower())
    return nodes.inline("", verdict, classes=["ic-badge", "ic-verdict", css])


def uses(env: BuildEnvironment) -> dict[str, list[str]]:
    """Claim id -> the chapters (docnames) whose Markdown names it."""
    found: dict[str, list[str]] = {}
    for docname in sorted(d for d in env.found_docs if d.startswith("chapters/")):
        path = Path(env.doc2path(docname))
        env.note_dependency(str(path))
        if path.suffix != ".ipynb":
            continue
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        for claim in sorted(set(prose.CLAIM.findall(text))):
            found.setdefault(claim, []).append(docname)
    return found


def _line(label: str, *content: nodes.Node | str, css: str = "") -> nodes.paragraph:
    line = nodes.paragraph(classes=[css] if css else [])
    if label:
        line += [nodes.inline("", f"{label} ", classes=["ic-field"])]
    line += [nodes.Text(part) if isinstance(part, str) else part for part in content]
    return line


class Claims(SphinxDirective):
    """``{claims}``: a summary, then one entry a claim with the anchor ``claim-A28``."""

    def run(self) -> list[nodes.Node]:
        rows, where = known(self.env), uses(self.env)
        counts = Counter(row["check_status"] for row in rows.values())
        legend = nodes.definition_list(classes=["ic-verdicts"])
        for verdict, meaning in VERDICTS.items():
            term = nodes.term("", "", badge(verdict), nodes.Text(f" {counts[verdict]}"))
            definition = nodes.definition("", nodes.paragraph("", meaning[0].upper() + meaning[1:] + "."))
            legend += nodes.definition_list_item("", term, definition)
        if strange := sorted(set(counts) - set(VERDICTS)):
            raise self.error(f"datasets/claims.csv has verdicts that this book does not know: {', '.join(strange)}")
        out: list[nodes.Node] = [legend]
        for seed, (name, _) in PAPERS.items():
            section = nodes.section(ids=[f"claims-{seed.lower()}"], names=[])
            section += nodes.title("", name)
            mine = [row for row in rows.values() if row["seed"] == seed]
            for i, (heading, group) in enumerate(groupby(mine, key=lambda row: row["section"])):
                part = nodes.section(ids=[f"claims-{seed.lower()}-{i + 1}"], names=[])
                part += nodes.title("", heading)
                part += [self._entry(row, where) for row in group]
                section += part
            out.append(section)
        return out

    def _entry(self, row: dict[str, str], where: dict[str, list[str]]) -> nodes.container:
        entry = nodes.container(ids=[f"claim-{row['id']}"], classes=["ic-claim"])
        head = nodes.paragraph(classes=["ic-claim-head"])
        anchor = nodes.reference("", row["id"], refuri=f"#claim-{row['id']}", classes=["ic-claim-id"])
        head += [anchor, nodes.Text(" "), badge(row["check_status"]), nodes.Text(" ")]
        head += nodes.inline("", row["kind"], classes=["ic-muted"])
        entry += [head, nodes.paragraph("", row["paraphrase"], classes=["ic-claim-text"])]
        if row["check_note"]:
            entry += _line("Note.", row["check_note"])
        if row["check_sources"]:
            entry += _line("Read.", row["check_sources"], css="ic-claim-sources")
        last = _line("", f"Confidence in our verdict: {row['confidence']}.", css="ic-muted")
        for i, docname in enumerate(where.get(row["id"], [])):
            link = addnodes.pending_xref(
                "",
                nodes.inline(),
                refdomain="std",
                reftype="doc",
                reftarget=f"/{docname}",
                refexplicit=False,
                refdoc=self.env.docname,
                refwarn=True,
            )
            last += [nodes.Text(" Worked with in " if not i else ", "), link]
        entry += last
        return entry


def setup(app: Sphinx) -> None:
    app.add_directive("claims", Claims)
