"""Author-year citations in round brackets, (Mackenbach and Kunst, 1997), and the bibliography as a plain list.

A notebook cites by an ordinary link, ``[(Freeman, 1978)](../pages/bibliography.md#freeman1978)`` or ``[Freeman (1978)](…)``, so
that it reads in JupyterLab and in the browser as it does in the book; several keys are parted by commas. Here the link
becomes sphinxcontrib-bibtex's own citation. What stands in the notebook must be what bibtex makes of it.

Sphinx gives each entry the role ``doc-biblioentry``, which ARIA has withdrawn, and a label that author-year citations
do not need.
"""

from dataclasses import dataclass, field
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinxcontrib.bibtex.citation_target import parse_citation_targets
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.roles import CitationRef
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

from .cards import BIBLIOGRAPHY

log = logging.getLogger(__name__)


def _round() -> BracketStyle:
    return BracketStyle(left="(", right=")", sep="; ")


@dataclass
class RoundAuthorYear(AuthorYearReferenceStyle):
    """The reference style ``author_year_round`` of ``_config.yml``."""

    bracket_parenthetical: BracketStyle = field(default_factory=_round)
    bracket_textual: BracketStyle = field(default_factory=_round)
    bracket_year: BracketStyle = field(default_factory=_round)


class CitationLinks(SphinxTransform):
    """Links to an entry of the bibliography -> citations."""

    default_priority = 520

    def apply(self, **_: Any) -> None:
        for link in list(self.document.findall(addnodes.pending_xref)):
            keys = link.get("reftargetid")
            if link.get("reftarget") != BIBLIOGRAPHY or not keys:
                continue
            written = link.astext()
            citation = addnodes.pending_xref(
                "",
                nodes.inline(written, written),
                refdomain="cite",
                reftype="p" if written.startswith("(") else "t",
                reftarget=keys,
                refdoc=self.env.docname,
                refwarn=True,
                refexplicit=False,
            )
            citation.source, citation.line = link.source, link.line
            link.replace_self(citation)
            self.document.note_explicit_target(citation, citation)
            refs = self.env.get_domain("cite").citation_refs
            refs.append(
                CitationRef(citation["ids"][0], self.env.docname, link.line or 0, list(parse_citation_targets(keys)))
            )
            _written(self.env).setdefault(self.env.docname, {})[citation["ids"][0]] = written


def _written(env: Any) -> dict[str, dict[str, str]]:
    """Page -> id of a citation -> the words of its link in the notebook."""
    if not hasattr(env, "bookbuild_citations"):
        env.bookbuild_citations = {}
    return env.bookbuild_citations


def _forget(_: Sphinx, env: Any, docname: str) -> None:
    _written(env).pop(docname, None)


def _check(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """The words of each link are those of the citation."""
    written = _written(app.env).get(docname, {})
    for citation in doctree.findall(nodes.inline):
        if "bibtex-citation" in citation["classes"]:
            words = written.get((citation["ids"] or [""])[0])
            if words is not None and words != citation.astext():
                message = f"a citation is written {words!r}; it should read {citation.astext()!r}"
                log.warning(message, location=docname, type="bookbuild")


def _beside(node: nodes.citation, step: int) -> bool:
    """Whether the neighbour of an entry is an entry too."""
    place = node.parent.index(node) + step
    return 0 <= place < len(node.parent) and isinstance(node.parent[place], nodes.citation)


def _visit_entry(translator: Any, node: nodes.citation) -> None:
    if not _beside(node, -1):
        translator.body.append('<ul class="ic-references">\n')
    # Beside bibtex's own anchor, which may change, the key: links from a notebook in the browser lead there.
    citations = translator.builder.env.get_domain("cite").citations
    keys = [citation.key for citation in citations if citation.citation_id in node["ids"]]
    translator.body.append(translator.starttag(node, "li", "", ids=keys))
    node.children = [child for child in node.children if not isinstance(child, nodes.label)]


def _depart_entry(translator: Any, node: nodes.citation) -> None:
    translator.body.append("</li>\n" if _beside(node, 1) else "</li>\n</ul>\n")


def setup(app: Sphinx) -> None:
    app.add_node(nodes.citation, override=True, html=(_visit_entry, _depart_entry))
    app.add_transform(CitationLinks)
    app.connect("env-purge-doc", _forget)
    app.connect("doctree-resolved", _check, priority=900)
    register_plugin("sphinxcontrib.bibtex.style.referencing", "author_year_round", RoundAuthorYear)
