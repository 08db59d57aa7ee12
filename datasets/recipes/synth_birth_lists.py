"""Synthetic: the lists of a midwife and of a community health worker, in one valley of the invented region.

What the table is built to show: the answer of a model can be held against somebody who was there. How many women did not come
to give birth depends on the hours of walking, and in four douars on a river that no bridge crosses in winter, which stands in
no table of roads. Chapter 6 tells at its end what was planted.

``python datasets/recipes/synth_birth_lists.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import expit, normal, uniforms, write
from synth_region_settlements import distances, region

SEED = 20251003
HEART = (88.0, 30.0)  # km: the centre next to this point is the midwife's
DOUARS, WORKER = 48, 20  # on both lists, and on the health worker's, who walks to the farthest
PATH, SPEED = 1.2, np.array([5.0, 4.0, 3.0])  # km of path for each km of straight line, and km an hour by terrain
RIVER = 4  # douars behind it, near the centre
LEVEL, HOUR = -2.7, 0.75  # log odds of not coming: beside the centre, and for each hour of walking
WINTER = 1.9  # and behind the river


def make() -> pd.DataFrame:
    """One row a douar; columns as in ``datapackage.json``."""
    settlements, centres = region()
    to_heart = np.hypot(centres["x"] - HEART[0], centres["y"] - HEART[1])
    home = centres.loc[[to_heart.idxmin()]]
    x, y = settlements["x_km"].to_numpy(), settlements["y_km"].to_numpy()
    own = distances(x, y, home["x"].to_numpy(), home["y"].to_numpy())[:, 0]
    own = np.where(settlements["rural"], own, np.inf)
    rows = np.argsort(own, kind="stable")[:DOUARS]
    nearest = distances(x, y, centres["x"].to_numpy(), centres["y"].to_numpy()).min(axis=1)[rows]
    part = settlements.iloc[rows].reset_index(drop=True)
    hours = PATH * nearest / SPEED[part["terrain"] - 1]
    river = np.isin(np.arange(DOUARS), 3 + np.arange(RIVER))  # the fourth to the seventh nearest
    u = uniforms(SEED, DOUARS)
    chance = expit(LEVEL + HOUR * hours + WINTER * river)
    expected = part["births"].to_numpy()
    missed = expected * chance + np.sqrt(expected * chance * (1 - chance)) * normal(u)
    missed = np.clip(np.round(missed), 0, expected).astype("int64")
    return pd.DataFrame(
        {
            "settlement": part["settlement"],
            "kept_by": np.where(np.arange(DOUARS) < DOUARS - WORKER, "midwife", "health_worker"),
            "river": river,
            "expected": expected,
            "came": expected - missed,
        }
    )


if __name__ == "__main__":
    write(make, "synth_birth_lists")
