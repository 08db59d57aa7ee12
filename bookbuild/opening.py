"""The picture of the landing page: ten bars from a table of the book, the most deprived fifth picked out."""

import csv
import html
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

TABLE = "england_hle_by_deprivation_decile_male_2015_17"
WIDTH, HEIGHT, BAR, FOOT = 400, 300, 30, 24  # px


def picture(values: list[float]) -> str:
    """An SVG of ten bars that stand on zero; the first two tenths, a fifth, in their own colour."""
    step, scale = WIDTH / len(values), (HEIGHT - FOOT - 26) / max(values)
    bars = []
    for i, value in enumerate(values):
        height, x = value * scale, i * step + (step - BAR) / 2
        top = HEIGHT - FOOT - height
        role = "vermillion" if i < 2 else "blue"
        place = f'x="{x:g}" y="{top:.1f}" width="{BAR}" height="{height:.1f}"'
        bars.append(f'<rect {place} rx="2" fill="var(--c-{role})"/>')
        if i in (0, len(values) - 1):
            bars.append(f'<text x="{x + BAR / 2:g}" y="{top - 8:.1f}" text-anchor="middle">{value:.1f}</text>')
    words = [(step / 2 - BAR / 2, "start", "most deprived"), (WIDTH - step / 2 + BAR / 2, "end", "least deprived")]
    bars += [f'<text x="{x:g}" y="{HEIGHT - 6}" text-anchor="{a}">{text}</text>' for x, a, text in words]
    label = (
        "Ten bars, from the most to the least deprived tenth of England's areas: years in good health that a man could "
        "expect. " + ", ".join(f"{value:.1f}" for value in values) + "."
    )
    return (
        f'<svg role="img" aria-label="{html.escape(label, quote=True)}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" xmlns="http://www.w3.org/2000/svg">{"".join(bars)}</svg>'
    )


class Opening(SphinxDirective):
    """``{opening-picture}``: the bars, with the words of the directive as their caption."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / "datasets" / f"{TABLE}.csv"
        self.env.note_dependency(str(path))
        with open(path, encoding="utf-8", newline="") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: int(row["imd2015_decile"]))
        values = [float(row["healthy_life_expectancy_years"]) for row in rows]
        out = nodes.container(classes=["ic-opening"])
        out += nodes.raw("", picture(values), format="html")
        self.state.nested_parse(self.content, self.content_offset, out)
        return [out]


def setup(app: Sphinx) -> None:
    app.add_directive("opening-picture", Opening)
