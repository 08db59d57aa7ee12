"""Synthetic: twelve invented regions in twenty-four months, three of them small, one of them truly low.

What the table is built to show: in a league table the first and the last places go to the small regions, although nothing is
the matter there, and the one region with a cause stands among the others. The rates of the other eleven differ a little, as
those of real places do, so that the funnel is overdispersed. Chapter 3 tells at its end which region is which.

``python datasets/recipes/synth_region_quality.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import normal, uniforms, write

SEED = 1207
MONTHS = [f"{2024 + (i + 10) // 12}-{(i + 10) % 12 + 1:02d}" for i in range(24)]  # November 2024 to October 2026
WOMEN = [310, 14, 180, 260, 95, 9, 220, 150, 400, 12, 130, 200]  # referred in a month, about, R01 to R12
USUAL, SPREAD = 0.82, 0.012  # the usual share, and how much regions differ in truth
LOW = {"R08": -0.075}  # the one region with a cause


def make() -> pd.DataFrame:
    """One row a region and month; columns as in ``datapackage.json``."""
    regions = [f"R{i:02d}" for i in range(1, len(WOMEN) + 1)]
    truth = USUAL + SPREAD * normal(uniforms(SEED, len(regions)))
    u = uniforms(SEED + 1, 2, len(regions), len(MONTHS))
    rows = []
    for r, region in enumerate(regions):
        rate = truth[r] + LOW.get(region, 0.0)
        for i, month in enumerate(MONTHS):
            den = int(WOMEN[r] * (0.8 + 0.4 * u[0, r, i]))
            num = den * rate + np.sqrt(den * rate * (1 - rate)) * float(normal(u[1, r, i]))
            rows.append((region, month, int(np.clip(np.round(num), 0, den)), den))
    return pd.DataFrame(rows, columns=["region", "month", "num", "den"])


if __name__ == "__main__":
    write(make, "synth_region_quality")
