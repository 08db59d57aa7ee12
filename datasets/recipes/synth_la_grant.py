"""Synthetic: 152 local authorities, none of them real, with their public health grant per head in two years.

What the table is built to show: a cut that is the same in per cent takes more pounds from those who had more, and they had more
because they need more. The means over people are those of the real national grant; how it goes with deprivation is invented.

``python datasets/recipes/synth_la_grant.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import normal, uniforms, write

SEED = 2015
AREAS = 152
BEFORE, AFTER = (
    86.99,
    65.57,
)  # GBP per head in prices of 2025-26: the real grant of 2015-16 (after the cut) and of 2025-26


def make() -> pd.DataFrame:
    """One row an area; columns as in ``datapackage.json``."""
    u = uniforms(SEED, 4, AREAS)
    imd = np.round(8 + 34 * u[0] ** 1.2, 1)
    pop = np.round(387_000 * np.exp(0.55 * normal(u[1]) - 0.15), -2)
    before = np.exp(0.028 * imd + 0.16 * normal(u[2]))
    before = np.round(before * BEFORE / np.average(before, weights=pop), 2)
    kept = np.clip(1 + 0.035 * normal(u[3]), 0.9, 1.1)  # the same in per cent, but for chance
    after = np.round(before * kept * AFTER / np.average(before * kept, weights=pop), 2)
    return pd.DataFrame(
        {
            "area": [f"A{i:03d}" for i in range(1, AREAS + 1)],
            "imd_score": imd,
            "population": pop.astype("int64"),
            "per_head_2015_16": before,
            "per_head_2025_26": after,
        }
    )


if __name__ == "__main__":
    write(make, "synth_la_grant")
