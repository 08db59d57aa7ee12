"""Pictures made of our own drawings: the preview that a shared link shows, and the cover of the e-book.

Each is an SVG made of boxes and text, drawn by vl-convert with the book's font when the book is built.
"""

import html
import textwrap

from integrated_care.charts import COLOURS

from .drawing import DRAWN_WITH
from .imprint import Imprint

BLUE, RED, INK, SOFT = (COLOURS[role][0] for role in ("blue", "vermillion", "text", "muted"))
BARS = (24, 18, 14, 10, 7)  # the mark of the book: five bars, the first picked out


def mark(x: float, y: float, size: float) -> str:
    """The mark of the book, ``size`` px high, with its top left corner at a place."""
    unit, out = size / BARS[0], []
    for i, height in enumerate(BARS):
        place = f'x="{x + i * 6.4 * unit:.1f}" y="{y + (BARS[0] - height) * unit:.1f}"'
        out.append(f'<rect {place} width="{4.4 * unit:.1f}" height="{height * unit:.1f}" fill="{BLUE if i else RED}"/>')
    return "".join(out)


def lines(text: str, x: float, y: float, size: float, width: int, weight: int = 400, fill: str = INK, most: int = 4) -> str:
    """Text in lines of at most ``width`` characters, the first baseline at ``y``."""
    rows = textwrap.wrap(text, width)
    if len(rows) > most:
        rows = [*rows[: most - 1], rows[most - 1].rstrip(".,;: ") + " …"]
    return "".join(
        f'<text x="{x:g}" y="{y + i * size * 1.18:.1f}" font-family="{DRAWN_WITH}" font-size="{size:g}" font-weight="{weight}" '
        f'fill="{fill}">{html.escape(row)}</text>'
        for i, row in enumerate(rows)
    )


def cover(_landing, imprint: Imprint) -> str:
    """The cover of the e-book, 1600 px wide and 2400 px high, as SVG."""
    name, _, subtitle = imprint.title.partition(":")
    subtitle = subtitle.strip()[:1].upper() + subtitle.strip()[1:]
    parts = [
        '<rect width="1600" height="2400" fill="#ffffff"/>',
        lines(name, 140, 420, 150, 16, 600),
        lines(subtitle, 140, 960, 62, 38, fill=SOFT),
        mark(140, 1240, 760),
        lines(" · ".join(imprint.authors), 140, 2200, 46, 60, 600),
        lines(imprint.edition, 140, 2270, 42, 60, fill=SOFT),
    ]
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="2400" viewBox="0 0 1600 2400">{"".join(parts)}</svg>'


def preview(imprint: Imprint, title: str, kicker: str = "") -> str:
    """The picture of a shared link, 1200 px wide and 630 px high, as SVG."""
    parts = [
        '<rect width="1200" height="630" fill="#ffffff"/>',
        f'<rect width="1200" height="14" fill="{RED}"/>',
        lines(kicker, 80, 130, 34, 60, fill=SOFT),
        lines(title, 80, 230, 78, 26, 600, most=3),
        mark(80, 500, 62),
        lines(imprint.name, 180, 548, 36, 50, 600),
    ]
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" viewBox="0 0 1200 630">{"".join(parts)}</svg>'
