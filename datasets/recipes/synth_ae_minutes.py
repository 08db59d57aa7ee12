"""Synthetic: 50,000 visits to an invented emergency department, by minutes until the patient left, with a heap before 240.

What the table is built to show: where a target counts who has left within four hours, some who would have left soon after
leave just before (or are written down so). Of the visits in the two hours after 240 minutes some, the more the nearer, are put
into the twenty minutes before it, more of them the nearer to 240; they are six in a hundred of all visits.

``python datasets/recipes/synth_ae_minutes.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import normal, uniforms, write

SEED = 240
VISITS, CUT = 50_000, 240
MOVED, AFTER, BEFORE = 0.77, 120, 20  # share moved of those who would leave at 240; minutes from which, and to which
MEDIAN, SPREAD, LONGEST = 150, 0.55, 719  # of a lognormal wait, in minutes


def make() -> pd.DataFrame:
    """One row a minute; columns as in ``datapackage.json``."""
    u = uniforms(SEED, 3, VISITS)
    wait = MEDIAN * np.exp(SPREAD * normal(u[0]))
    late = np.flatnonzero((wait >= CUT) & (u[1] < MOVED * (1 - (wait - CUT) / AFTER)))
    wait[late] = CUT - BEFORE * (1 - np.sqrt(u[2][late]))  # the density rises straight towards the cut
    minute = np.minimum(np.floor(np.round(wait, 6)), LONGEST).astype(int)
    minute[late] = np.minimum(minute[late], CUT - 1)
    return pd.DataFrame({"minute": np.arange(LONGEST + 1), "patients": np.bincount(minute, minlength=LONGEST + 1)})


if __name__ == "__main__":
    write(make, "synth_ae_minutes")
