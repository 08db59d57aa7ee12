"""Synthetic: 129 hospital trusts in seven years, none of them real, to show what fixed effects take away.

What the table is built to show: trusts that are well run have more managers, better management and shorter waits, so the
share of managers goes with the waits across trusts. Within a trust, from year to year, more managers change nothing and
better management helps. The true effects are 0 and 1.5.

``python datasets/recipes/synth_trust_panel.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import normal, uniforms, write

SEED = 20130401
TRUSTS, YEARS = 129, range(2012, 2019)
SLIDE = [0.0, -0.6, -1.6, -3.4, -5.0, -5.8, -6.8]  # points lost by all trusts, year by year
EFFECT_OF_QUANTITY, EFFECT_OF_QUALITY = 0.0, 1.5  # points for one point of managers, for one point of the score


def make() -> pd.DataFrame:
    """One row a trust and year; columns as in ``datapackage.json``."""
    well_run = normal(uniforms(SEED, TRUSTS))[:, None]
    u = normal(uniforms(SEED + 1, 4, TRUSTS, len(YEARS)))
    managers = 2.0 + 0.30 * well_run + 0.04 * np.arange(len(YEARS)) + 0.20 * u[0]
    quality = 3.0 + 0.35 * well_run + 0.25 * u[1]
    waits = 93.0 + 2.0 * well_run + np.array(SLIDE) + 1.2 * u[2]
    waits = waits + EFFECT_OF_QUANTITY * (managers - 2) + EFFECT_OF_QUALITY * (quality - 3)
    return pd.DataFrame(
        {
            "trust": np.repeat([f"T{i:03d}" for i in range(1, TRUSTS + 1)], len(YEARS)),
            "year": np.tile(list(YEARS), TRUSTS),
            "managers_pct": np.round(np.clip(managers, 0.3, None), 2).ravel(),
            "management_quality": np.round(np.clip(quality, 1, 5), 2).ravel(),
            "within_four_hours_pct": np.round(np.clip(waits, 0, 100), 1).ravel(),
        }
    )


if __name__ == "__main__":
    write(make, "synth_trust_panel")
