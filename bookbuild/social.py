"""Pictures made of our own drawings: the preview that a shared link shows, and the cover of the e-book.

Each is an SVG made of boxes and text, drawn by vl-convert with the book's font when the book is built.
"""

import html
import re
import textwrap

from integrated_care.charts import COLOURS

from .drawing import DRAWN_WITH
from .imprint import Imprint, subtitle

BLUE, RED, INK, SOFT = (COLOURS[role][0] for role in ("blue", "vermillion", "text", "muted"))
BARS = (24, 18, 14, 10, 7)  # the mark of the book: five bars, the first picked out


def mark(x: float, y: float, size: float) -> str:
    """The mark of the book, ``size`` px high, with its top left corner at a place."""
    unit, out = size / BARS[0], []
    for i, height in enumerate(BARS):
        place = f'x="{x + i * 6.4 * unit:.1f}" y="{y + (BARS[0] - height) * unit:.1f}"'
        out.append(f'<rect {place} width="{4.4 * unit:.1f}" height="{height * unit:.1f}" fill="{BLUE if i else RED}"/>')
    return "".join(out)


def lines(
    text: str, x: float, y: float, size: float, width: int, weight: int = 400, fill: str = INK, most: int = 4
) -> str:
    """Text in lines of at most ``width`` characters, the first baseline at ``y``."""
    rows = textwrap.wrap(text, width)
    if len(rows) > most:
        rows = [*rows[: most - 1], rows[most - 1].rstrip(".,;: ") + " …"]
    return "".join(
        f'<text x="{x:g}" y="{y + i * size * 1.18:.1f}" font-family="{DRAWN_WITH}" font-size="{size:g}" font-weight="{weight}" '
        f'fill="{fill}">{html.escape(row)}</text>'
        for i, row in enumerate(rows)
    )


def cover(imprint: Imprint) -> str:
    """The cover of the e-book, 1600 px wide and 2400 px high, as SVG."""
    parts = [
        '<rect width="1600" height="2400" fill="#ffffff"/>',
        lines(imprint.name, 140, 420, 150, 16, 600),
        lines(subtitle(imprint), 140, 960, 62, 38, fill=SOFT),
        mark(140, 1240, 760),
        lines(" · ".join(imprint.authors), 140, 2200, 46, 60, 600),
        lines(imprint.edition, 140, 2270, 42, 60, fill=SOFT),
    ]
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="2400" viewBox="0 0 1600 2400">{"".join(parts)}</svg>'


def preview(imprint: Imprint, title: str, kicker: str = "", drawing: str = "") -> str:
    """The picture of a shared link, 1200 px wide and 630 px high, as SVG; ``drawing`` is an SVG to stand at the right."""
    wide, chart = 30, ""
    if drawing:
        wide = 15
        chart = _fit(drawing, 545, 60, 615, 500)
    parts = [
        '<rect width="1200" height="630" fill="#ffffff"/>',
        f'<rect width="1200" height="14" fill="{RED}"/>',
        lines(kicker, 70, 124, 34, 60, fill=SOFT),
        lines(title, 70, 210 if kicker else 190, 58 if drawing else 72, wide, 600, most=4),
        chart,
        mark(70, 520, 56),
        lines(imprint.name, 160, 565, 32, 50, 600),
    ]
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" viewBox="0 0 1200 630">{"".join(parts)}</svg>'


def _fit(drawing: str, x: float, y: float, width: float, height: float) -> str:
    """A drawing scaled into a frame."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing)
    inner = drawing[drawing.index(">") + 1 : drawing.rindex("</svg>")]
    w, h = float(box[1]), float(box[2])
    scale = min(width / w, height / h)
    place = f"translate({x + (width - w * scale) / 2:.1f},{y + (height - h * scale) / 2:.1f}) scale({scale:.4f})"
    return f'<g transform="{place}" font-family="{DRAWN_WITH}">{inner}</g>'


def touch_icon() -> str:
    """The icon on a phone's home screen, 180 px square, as SVG."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="180" height="180" viewBox="0 0 180 180">'
        f'<rect width="180" height="180" fill="#ffffff"/>{mark(29, 41, 98)}</svg>'
    )
