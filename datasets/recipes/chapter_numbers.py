"""Numbers of the earlier chapters, as the chapters themselves computed and stored them, for the last one to compare.

``python datasets/recipes/chapter_numbers.py`` rewrites the CSV from the notebooks; a test holds the two together, so that a
number that changes in its chapter changes in the last one, too. Nothing is typed here but where a number stands.
"""

import html
import json
import re
from pathlib import Path

import pandas as pd
from draws import write

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
SPAN = re.compile(r'<span data-glue="([^"]+)">([^<]*)</span>')
# key -> chapter and expression there, and what the number is
WANTED = {
    "grant": (
        "01",
        "person_after:.0f",
        "per cent that England's public health grant has lost per person since 2015-16, in real terms",
    ),
    "heirs": (
        "02",
        "info_ties_after",
        "lines of information on what patients say that remain after Healthwatch, as coded",
    ),
    "lines": ("02", "asks.size()", "lines of information on what patients say before, as coded"),
    "to_rabat": ("02", "len(to_rabat)", "lines from the Territorial Health Group to Rabat, as coded"),
    "flips": ("03", "seven:.1f", "times a year that a colour flips in a process that never changes"),
    "family": (
        "04",
        "share['family']:.0%",
        "share of a year's consumption that one operation takes from an insured family (invented)",
    ),
    "water": (
        "05",
        "fifth_water:.0%",
        "share of people without a tap who live in the least literate fifth of the communes of the pilot region",
    ),
    "straight": ("06", "straight:.0%", "share of rural people beyond ten kilometres, straight line (invented region)"),
    "road": ("06", "road:.0%", "the same by road"),
    "left": ("06", "left_share:.0%", "share of those who are far who stay so after forty posts (invented region)"),
    "fall": ("07", "-fall_a:.0%", "fall in admissions that a team without any effect reports (invented cohort)"),
    "missed": (
        "08",
        "missed['by weights', 'Rural women']:.1%",
        "share of rural women whose records weights fail to join (invented records)",
    ),
    "missed_number": ("08", "missed['by number', 'Rural women']:.1%", "the same by number alone"),
    "resident": (
        "09",
        "found['adoption']['resident']:.0%",
        "share of residents' proposals that are adopted (invented minutes)",
    ),
    "councillor": (
        "09",
        "found['adoption']['councillor']:.0%",
        "share of councillors' proposals that are adopted (invented minutes)",
    ),
    "workers": ("10", "100 * effect:.1f", "percentage points that health workers add (invented places)"),
    "years": ("11", "np.median(gaps):.0f", "median years for which England's structures have stood"),
    "gain": ("11", "same:.0%", "lasting gain that a reform needs to pay within that time (a model)"),
    "seat_before": ("12", "before:,.0f", "residents per seat before the boards merge (invented region)"),
    "seat_after": ("12", "after:,.0f", "residents per seat after it (invented region)"),
    "burst": (
        "13",
        "gain_burst / gain_kept:.0%",
        "part of the gain of steady money that five years of it earn (a model)",
    ),
}


def make() -> pd.DataFrame:
    """One row a number; columns as in ``datapackage.json``. ``KeyError`` for a number that its chapter no longer prints."""
    printed = {}
    for path in sorted(CHAPTERS.glob("[0-9][0-9]_*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        printed |= {(path.stem[:2], html.unescape(place)): shown for place, shown in SPAN.findall(text)}
    rows = [
        (key, f"ch{chapter}", place, printed[chapter, place], what) for key, (chapter, place, what) in WANTED.items()
    ]
    return pd.DataFrame(rows, columns=["key", "chapter", "expression", "shown", "what"])


if __name__ == "__main__":
    write(make, "chapter_numbers")
