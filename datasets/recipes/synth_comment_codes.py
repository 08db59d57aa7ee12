"""Synthetic: 2,000 short comments on how people were involved, each coded by two readers, of no real place.

Each reader put each comment on a rung of Arnstein's ladder. One row a combination of theme and the two codes, with the
number of comments. What the table is built to show: the readers differ often, and mostly by one rung, so that kappa is
moderate and weighted kappa high.

``python datasets/recipes/synth_comment_codes.py`` rewrites the CSV. Its targets are in ``datasets/datapackage.json``.
"""

import numpy as np
import pandas as pd
from draws import uniforms, write

SEED = 20240906
COMMENTS = 2_000
THEMES = {"distance": 0.22, "waiting": 0.30, "language": 0.18, "respect": 0.17, "cost": 0.13}
TRUE_RUNG = [0.07, 0.09, 0.22, 0.30, 0.16, 0.10, 0.05, 0.01]  # rungs 1 to 8
SLIP = [0.03, 0.13, 0.70, 0.11, 0.03]  # a reader is so far off: -2, -1, 0, +1, +2


def _pick(u: np.ndarray, share: list[float]) -> np.ndarray:
    return np.searchsorted(np.cumsum(share)[:-1], u, side="right")


def make() -> pd.DataFrame:
    """One row a theme and pair of codes that occurs; columns as in ``datapackage.json``."""
    u = uniforms(SEED, 4, COMMENTS)
    rung = _pick(u[0], TRUE_RUNG) + 1
    codes = pd.DataFrame(
        {
            "theme": np.array(list(THEMES))[_pick(u[1], list(THEMES.values()))],
            "rung_a": np.clip(rung + _pick(u[2], SLIP) - 2, 1, 8),
            "rung_b": np.clip(rung + _pick(u[3], SLIP) - 2, 1, 8),
        }
    )
    return codes.groupby(["theme", "rung_a", "rung_b"]).size().rename("comments").reset_index()


if __name__ == "__main__":
    write(make, "synth_comment_codes")
