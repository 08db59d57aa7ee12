"""Synthetic: four-hour breaches of 40 invented hospital trusts over 32 quarters, one of which begins to share data.

What it is built to show: a synthetic control, the fan of placebos, and a donor that must not be one, because it began to
share data, too. The true effect is set near the mean that Zhang et al. (2023) printed for real trusts; nothing else is real.

``python datasets/recipes/synth_hie_panel.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import normal, uniforms, write

SEED = 20260803
TRUSTS, QUARTERS = 40, 32
EFFECT = -2.27  # percentage points, from the quarter in which a trust begins to share
SHARES_FROM = {"T01": 21, "T02": 25, "T17": 23}


def make() -> pd.DataFrame:
    """One row for each trust and quarter; columns as in ``datapackage.json``."""
    u = uniforms(SEED, 3, TRUSTS, QUARTERS)
    quarter = np.arange(1, QUARTERS + 1)
    level = 9 + 2.5 * normal(u[0, :, 0])
    rise, winter, crowd = (scale * normal(u[0, :, k]) for k, scale in ((1, 0.06), (2, 0.4), (3, 0.8)))
    for trust, high in (
        (0, 10.0),
        (1, 10.2),
        (16, 9.8),
    ):  # the three that share are much alike, and like some of the others
        level[trust], rise[trust], winter[trust], crowd[trust] = high, 0.02, 0.1, 0.2
    shocks = np.cumsum(0.4 * normal(u[1, 0]))
    season = np.cos(2 * np.pi * quarter / 4)
    breach = (
        level[:, None] + (0.08 + rise)[:, None] * quarter + (1.2 + winter)[:, None] * season + crowd[:, None] * shocks
    )
    breach = breach + 0.25 * normal(u[2])
    start = np.array([SHARES_FROM.get(f"T{t:02d}", QUARTERS + 1) for t in range(1, TRUSTS + 1)])
    breach = breach + EFFECT * (quarter >= start[:, None])
    rows = pd.MultiIndex.from_product(
        [[f"T{t:02d}" for t in range(1, TRUSTS + 1)], quarter], names=["trust", "quarter"]
    ).to_frame(index=False)
    return rows.assign(
        breach_pct=np.round(breach, 2).ravel(), shares_from=rows["trust"].map(SHARES_FROM).astype("Int64")
    )


if __name__ == "__main__":
    write(make, "synth_hie_panel")
