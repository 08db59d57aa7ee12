"""TeX formulas become MathML when the book is built: no script, nothing to download, readable by a screen reader."""

import html
import re
from functools import lru_cache
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.math import get_node_equation_number

from .places import warn

# latex2mathml passes a command that it does not know through as text.
_UNKNOWN = re.compile(r"<m[ion][^>]*>\\([A-Za-z]+)</m[ion]>")


class BadFormula(ValueError):
    """A formula that cannot be shown; the text says why."""


@lru_cache(maxsize=4096)
def mathml(tex: str, display: str = "inline") -> str:
    """MathML of a TeX formula; ``display`` is "inline" or "block". Raises :class:`BadFormula`."""
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", tex):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            break
    if depth:
        raise BadFormula("its braces do not match")
    try:
        out = convert(tex, display=display)
    except Exception as error:  # latex2mathml has a class for each mistake, without a common parent
        raise BadFormula(f"{type(error).__name__} {error}".strip()) from error
    if unknown := _UNKNOWN.search(out):
        raise BadFormula(f"the command \\{unknown[1]} is unknown")
    return out


class Check(SphinxTransform):
    """Warn, with file and cell, of each formula that cannot be shown."""

    default_priority = 600

    def apply(self, **_: Any) -> None:
        for node in self.document.findall(lambda n: isinstance(n, nodes.math | nodes.math_block)):
            tex = node.astext()
            try:
                mathml(tex)
            except BadFormula as error:
                short = tex if len(tex) < 60 else tex[:57] + "…"
                warn(self.env, node, f"the formula {short!r} cannot be shown: {error}")


def _show(node: nodes.Element, display: str) -> str:
    try:
        return mathml(node.astext(), display)
    except BadFormula:  # Check has said so
        return f"<code>{html.escape(node.astext())}</code>"


def _inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(_show(node, "inline"))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.math_block) -> None:
    number = ""
    if node.get("number"):
        number = f'<span class="eqno">({get_node_equation_number(translator, node)})</span>'
    anchor = f' id="{node["ids"][0]}"' if node["ids"] else ""
    translator.body.append(f'<div class="ic-math"{anchor}>{_show(node, "block")}{number}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    app.add_transform(Check)
    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_block, None))
