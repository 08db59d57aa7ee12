"""A chart stored in a notebook becomes a figure of the book.

The figure holds, in this order: number and title; the drawing as SVG (once for the column, once for a phone), which
needs no script; the source; the description and the data, folded away in a manner that works without scripts; and, for
a chart with something to explore, the spec, which ``assets/js/2-charts.js`` draws over the SVG when the reader comes to
it.

Registered in ``pyproject.toml`` under ``myst_nb.mime_renderers``.
"""

import html
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from integrated_care.charts import MIME
from integrated_care.prose import GLUE_MIME

from . import chartdata, drawing
from .chapter import caption, number_of
from .markup import json_in_html

log = logging.getLogger(__name__)


class ChartRenderer:
    """The plugin that myst-nb asks first about each stored output."""

    mime_priority_overrides: ClassVar = [("*", MIME, 1), ("*", GLUE_MIME, 0)]

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[nodes.Node] | None:
        """The nodes of an output, or ``None`` for a type that is not ours."""
        if data.mime_type == GLUE_MIME:
            return [nodes.raw("", "", format="silent")]  # it speaks through the prose; Prune takes it out
        if data.mime_type != MIME or inline:
            return None
        env, document = renderer.renderer.sphinx_env, renderer.renderer.document
        cell = renderer.renderer.nb_client.notebook.cells[data.cell_index].get("id", str(data.cell_index + 1))
        spec = data.content
        if not str(spec.get("description") or "").strip():
            log.warning(
                f"cell {cell!r}: this chart has no description; a reader who cannot see it needs one "
                "(end the chart with integrated_care.charts.finish)",
                location=env.docname,
                type="bookbuild",
            )
            return []
        number = document.attributes["charts"] = document.attributes.get("charts", 0) + 1
        chapter = number_of(env.docname)
        label = f"Figure {chapter}.{number}" if chapter else f"Figure {number}"
        name = f"fig-{cell}" if not data.output_index else f"fig-{cell}-{data.output_index + 1}"
        try:
            markup = figure(spec, name, label, Path(env.doctreedir) / "charts")
        except ValueError as error:  # vl-convert could not draw it
            reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
            log.warning(f"cell {cell!r}: this chart cannot be drawn: {reason}", location=env.docname, type="bookbuild")
            return []
        return [nodes.raw("", markup, format="html", classes=["ic-figure"])]


def figure(spec: drawing.Spec, name: str, label: str, cache_folder: Path) -> str:
    """The HTML of one chart. ``name`` is its id on the page, ``label`` its number, as "Figure 5.2"."""
    title, subtitle = caption(spec)
    meta = spec.get("usermeta") or {}
    description = " ".join(spec["description"].split())
    ready = drawing.prepare(spec)
    drawings = drawing.draw(ready, cache_folder)
    alt = html.escape(description, quote=True)
    classes = ["ic-wide", "ic-narrow"] if len(drawings) == 2 else ["ic-only"]
    pictures = "".join(
        drawing.inline(svg, f"{name}-{css}", alt, css) for svg, css in zip(drawings, classes, strict=True)
    )
    heights = [drawing.size(svg)[1] for svg in drawings]
    inputs = drawing.controls(spec)
    style = f"--h:{heights[0]:g}px;--hn:{heights[-1]:g}px;--inputs:{inputs}"
    data = chartdata.as_html(spec, title)
    if meta.get("synthetic"):
        subtitle = subtitle.removeprefix("Synthetic data.").strip()  # the badge says it
    badge = '<span class="ic-badge ic-synthetic">synthetic data</span> ' if meta.get("synthetic") else ""
    out = [
        f'<figure class="ic-chart" id="{name}" style="{style}">',
        f'<figcaption><p class="ic-fig-title"><span class="ic-fig-number">{label}</span> {html.escape(title)}</p>',
        f'<p class="ic-fig-sub">{badge}{html.escape(subtitle)}</p>' if subtitle or badge else "",
        "</figcaption>",
        f'<div class="ic-frame">{pictures}</div>',
        '<div class="ic-inputs"></div>' if inputs else "",
        f'<p class="ic-source">Source: {html.escape(meta["source"])}</p>' if meta.get("source") else "",
        '<div class="ic-more">',
        f"<details><summary>Describe the chart</summary><p>{html.escape(description)}</p></details>",
        f"<details><summary>Show the data as a table</summary>{data}</details>" if data else "",
        "</div>",
    ]
    if drawing.is_interactive(spec):
        ready.pop("usermeta", None)
        body = json_in_html(ready, separators=(",", ":"))
        out.append(f'<script type="application/json" class="ic-spec">{body}</script>')
    return "".join([*out, "</figure>"])


class Prune(SphinxPostTransform):
    """Take out the outputs that only published numbers for the prose, and the cells that are then empty."""

    default_priority = 6  # after myst-nb chose one type for each output (4)

    def run(self, **_: Any) -> None:
        for node in list(self.document.findall(nodes.raw)):
            if node.get("format") == "silent":
                self._remove(node)

    @staticmethod
    def _remove(node: nodes.Node) -> None:
        parent = node.parent
        parent.remove(node)
        while isinstance(parent, nodes.container) and not parent.children and parent.parent is not None:
            node, parent = parent, parent.parent
            parent.remove(node)


class FoldCode(SphinxPostTransform):
    """Code that a chapter hides (tag ``hide-input``) goes below what it made, behind a line that opens it.

    myst-nb's own wrapper puts it above and names the control "Toggle hidden content", which is not what it shows.
    """

    default_priority = 198  # before myst-nb's own (199)
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for cell in list(self.document.findall(nodes.container)):
            if cell.get("nb_element") != "cell_code" or cell.get("hide_mode") != "input" or not cell.children:
                continue
            code = cell.children[0]
            if code.get("nb_element") != "cell_code_source":
                continue
            del cell["hide_mode"]
            cell.remove(code)
            cell += [
                nodes.raw("", '<details class="ic-code"><summary>Show the code</summary>', format="html"),
                code,
                nodes.raw("", "</details>", format="html"),
            ]


def setup(app: Sphinx) -> None:
    app.add_post_transform(Prune)
    app.add_post_transform(FoldCode)
