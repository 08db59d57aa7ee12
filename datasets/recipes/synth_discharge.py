"""Synthetic: half a year of patients of an invented hospital who were well enough to leave, and when they could.

What the table is built to show: Little's law, and that a few long waits hold more beds than many short ones. All of it is
invented.

``python datasets/recipes/synth_discharge.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import normal, poisson, uniforms, write

SEED = 1961
DAYS, PER_DAY, HOMES = 182, 8.0, 0.3  # how long, how many become ready each day, share of them who need a care home
WAIT = {"care_home": 11.0, "own_home": 3.0}  # mean days


def make() -> pd.DataFrame:
    """One row a patient; columns as in ``datapackage.json``."""
    ready = np.repeat(np.arange(DAYS), poisson(uniforms(SEED, DAYS), np.full(DAYS, PER_DAY)))
    u = uniforms(SEED + 1, 2, len(ready))
    to = np.where(u[0] < HOMES, "care_home", "own_home")
    mean = np.where(to == "care_home", WAIT["care_home"], WAIT["own_home"])
    wait = np.round(mean * np.exp(0.7 * normal(u[1]) - 0.245)).astype("int64")
    return pd.DataFrame(
        {
            "patient": [f"D{i:04d}" for i in range(1, len(ready) + 1)],
            "to": to,
            "ready_day": ready,
            "left_day": ready + wait,
        }
    )


if __name__ == "__main__":
    write(make, "synth_discharge")
