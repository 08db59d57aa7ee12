"""Author-year citations in round brackets, (Mackenbach and Kunst, 1997), and the bibliography as a plain list.

Sphinx gives each entry the role ``doc-biblioentry``, which ARIA has withdrawn, and a label that author-year citations
do not need.
"""

from dataclasses import dataclass, field
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle


def _round() -> BracketStyle:
    return BracketStyle(left="(", right=")", sep="; ")


@dataclass
class RoundAuthorYear(AuthorYearReferenceStyle):
    """The reference style ``author_year_round`` of ``_config.yml``."""

    bracket_parenthetical: BracketStyle = field(default_factory=_round)
    bracket_textual: BracketStyle = field(default_factory=_round)
    bracket_year: BracketStyle = field(default_factory=_round)


def _beside(node: nodes.citation, step: int) -> bool:
    """Whether the neighbour of an entry is an entry too."""
    place = node.parent.index(node) + step
    return 0 <= place < len(node.parent) and isinstance(node.parent[place], nodes.citation)


def _visit_entry(translator: Any, node: nodes.citation) -> None:
    if not _beside(node, -1):
        translator.body.append('<ul class="ic-references">\n')
    translator.body.append(translator.starttag(node, "li", ""))
    node.children = [child for child in node.children if not isinstance(child, nodes.label)]


def _depart_entry(translator: Any, node: nodes.citation) -> None:
    translator.body.append("</li>\n" if _beside(node, 1) else "</li>\n</ul>\n")


def setup(app: Sphinx) -> None:
    app.add_node(nodes.citation, override=True, html=(_visit_entry, _depart_entry))
    register_plugin("sphinxcontrib.bibtex.style.referencing", "author_year_round", RoundAuthorYear)
