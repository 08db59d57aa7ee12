"""Portable quotations become boxes, and names in the text become links.

In a notebook a box is a quotation that starts with a bold label, which reads well in JupyterLab and Colab:

    > **What to see.** The lines cross in 2011.
    > **Claim A28.** Core20 is the most deprived fifth of the population.

Here it becomes a styled note; *Assumption* is one short line that stays in view while its section is on the screen.
A label that is on no list, or a claim that is not in ``datasets/claims.csv``, is a warning with file and cell. The
options of *Check yourself* are ``<details>`` inside the quotation, which work without scripts and by keyboard. In
chapters, each claim id in running text links to the page *Claims*, and each data set's name in code type links to the
*Data dictionary*.
"""

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from . import claims, dictionary
from .chapter import DOCNAME
from .places import warn

LABELS = {
    "In this chapter": "aims",
    "What to see": "see",
    "Definition": "definition",
    "Worked example": "example",
    "Solved task": "solved",
    "Synthetic data": "synthetic",
    "Try it": "try",
    "Check yourself": "check",
    "In practice": "practice",
    "State of the world": "world",
    "Assumption": "assumption",
    "Claim": "claim",
}
_LABEL = re.compile(r"(?P<label>[A-Z][^.:?!]*?)(?: (?P<id>[AB]\d{2}))?(?P<rest>(?: on [^.:]+)?)[.:?]\s*\Z")


class box(nodes.General, nodes.Element):
    """A box: a note with a name of its own, so that a screen reader announces it."""


def _bold_start(quote: nodes.block_quote) -> nodes.strong | None:
    """The bold words that a quotation starts with, if they look like a label."""
    paragraph = quote.children[0] if quote.children else None
    if not isinstance(paragraph, nodes.paragraph):
        return None
    strong = next((child for child in paragraph.children if child.astext()), None)  # MyST puts an empty text first
    return strong if isinstance(strong, nodes.strong) and _LABEL.match(strong.astext()) else None


def page_link(env: Any, to_doc: str, anchor: str, text: str, css: str) -> addnodes.pending_xref:
    """A link within the book that the post-transform :class:`Resolve` turns into an address."""
    node = addnodes.pending_xref(
        "", reftype="bookbuild", refdomain="", refdoc=env.docname, reftarget=to_doc, anchor=anchor, refwarn=True
    )
    node += nodes.inline("", text, classes=[css])
    return node


class Boxes(SphinxTransform):
    """Quotations with a bold label -> boxes."""

    default_priority = 500

    def apply(self, **_: Any) -> None:
        known, tries = claims.known(self.env), 0
        for quote in list(self.document.findall(nodes.block_quote)):
            strong = _bold_start(quote)
            if strong is None:
                continue
            match = _LABEL.match(strong.astext())
            label, claim = match["label"], match["id"]
            if label not in LABELS or (label == "Claim") != bool(claim):
                names = ", ".join(sorted(set(LABELS) - {"Claim"})) + " and Claim A28 (any id)"
                warn(self.env, strong, f"the box label {strong.astext()!r} is not known; the labels are {names}")
                continue
            note = box(classes=["ic-box", f"ic-box-{LABELS[label]}"], label=strong.astext().rstrip(".:? "))
            if label == "Try it":  # a place that a class plan leads to
                tries += 1
                note["ids"].append(f"try-{tries}")
                note["names"] = []
            note.line = strong.line or strong.parent.line or quote.line  # for messages
            title = nodes.paragraph(classes=["ic-box-label"])
            if claim:
                if claim not in known:
                    warn(self.env, strong, f"claim {claim} is not in datasets/claims.csv")
                    title += nodes.Text(f"Claim {claim}")
                else:
                    title += page_link(self.env, claims.PAGE, f"claim-{claim}", f"Claim {claim}", "ic-claim-link")
                    title += claims.badge(known[claim]["check_status"])
            else:
                title += nodes.Text(label + match["rest"])
            paragraph = strong.parent
            del paragraph.children[: paragraph.index(strong) + 1]
            if paragraph.children and isinstance(paragraph.children[0], nodes.Text):
                paragraph.replace(paragraph.children[0], nodes.Text(paragraph.children[0].astext().lstrip()))
            if not paragraph.astext().strip():
                quote.remove(paragraph)
            note += title
            note.extend(quote.children)
            quote.replace_self(note)
            self._frame_options(note)

    @staticmethod
    def _frame_options(note: box) -> None:
        """Put the ``<details>`` of a box into one frame, so that they are set as answers to choose from."""
        options, depth = [], 0
        for node in list(note.children):
            raw = node.astext() if isinstance(node, nodes.raw) else ""
            opens = len(re.findall(r"<details\b", raw, re.IGNORECASE))
            if opens or depth:
                options.append(node)
            depth += opens - len(re.findall(r"</details>", raw, re.IGNORECASE))
        if not options or depth:
            return  # none, or one that is not closed: leave the box as its author wrote it
        frame = nodes.container(classes=["ic-options"])
        note.insert(note.index(options[0]), frame)
        for node in options:
            note.remove(node)
            frame += node


class Links(SphinxTransform):
    """In chapters: claim ids and data set names -> links."""

    default_priority = 510
    _skip = (nodes.reference, nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw, nodes.title)
    _id = re.compile(r"\b[AB]\d{2}\b")

    def apply(self, **_: Any) -> None:
        if not DOCNAME.search(self.env.docname):
            return
        known, tables = claims.known(self.env), dictionary.names(self.env)
        for text in list(self.document.findall(nodes.Text)):
            if self._id.search(text) and not self._inside(text):
                self._link_claims(text, known)
        for literal in list(self.document.findall(nodes.literal)):
            if literal.astext() in tables and not isinstance(literal.parent, nodes.reference | addnodes.pending_xref):
                name = literal.astext()
                link = page_link(self.env, dictionary.PAGE, name, name, "ic-data-link")
                link.children = []
                literal.replace_self(link)
                link += literal

    def _inside(self, node: nodes.Node) -> bool:
        while node.parent is not None:
            node = node.parent
            if isinstance(node, (*self._skip, addnodes.pending_xref)):
                return True
        return False

    def _link_claims(self, text: nodes.Text, known: dict[str, dict[str, str]]) -> None:
        out, last, whole = [], 0, text.astext()
        for match in self._id.finditer(whole):
            if match[0] not in known:  # the check of the prose has warned
                continue
            out.append(nodes.Text(whole[last : match.start()]))
            out.append(page_link(self.env, claims.PAGE, f"claim-{match[0]}", match[0], "ic-claim-link"))
            last = match.end()
        if out:
            text.parent.replace(text, [*(n for n in out if n.astext()), nodes.Text(whole[last:])])


def _resolve(app: Sphinx, env: Any, node: addnodes.pending_xref, contnode: nodes.Node) -> nodes.Node | None:
    if node.get("reftype") != "bookbuild":
        return None
    if node["reftarget"] not in env.all_docs:
        return contnode  # a book without that page
    to = app.builder.get_relative_uri(node["refdoc"], node["reftarget"])
    return nodes.reference("", "", contnode, internal=True, refuri=f"{to}#{node['anchor']}")


def _visit_box(translator: Any, node: box) -> None:
    more = {"data-question": node["question"]} if "question" in node else {}
    translator.body.append(translator.starttag(node, "div", role="note", **{"aria-label": node["label"], **more}))


def _depart_box(translator: Any, node: box) -> None:
    translator.body.append("</div>\n")


def _pass(translator: Any, node: box) -> None:
    """Other formats print what a box holds; its label is a paragraph of its own."""


def setup(app: Sphinx) -> None:
    other = (_pass, _pass)
    app.add_node(box, html=(_visit_box, _depart_box), latex=other, text=other, man=other, texinfo=other)
    app.add_transform(Boxes)
    app.add_transform(Links)
    app.connect("missing-reference", _resolve)
