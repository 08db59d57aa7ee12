"""Synthetic: what a letter with a date changed in an invented place, the donor, by where people live and whether they read.

What the table is built to show: the letter helps most those who are most of the donor's people, in towns and able to read.
Where more live in villages and fewer read, the same letter does less on average, and rests on the few who were like them.

``python datasets/recipes/synth_donor_profile.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import uniforms, write

SEED = 1648
PEOPLE = 4000
ROWS = [
    ("town", True, 0.72, 9.0),
    ("town", False, 0.06, 5.0),
    ("village", True, 0.20, 4.0),
    ("village", False, 0.02, 0.0),
]
SPREAD = 90.0  # twice the standard deviation of a yes or no, in points: se = SPREAD / sqrt(people) for two halves


def make() -> pd.DataFrame:
    """One row a stratum; columns as in ``datapackage.json``."""
    share = np.array([row[2] for row in ROWS])
    drawn = np.searchsorted(np.cumsum(share)[:-1], uniforms(SEED, PEOPLE), side="right")
    people = np.array([(drawn == i).sum() for i in range(len(ROWS))])
    return pd.DataFrame(
        {
            "stratum": [f"{lives}, {'reads' if reads else 'does not read'}" for lives, reads, *_ in ROWS],
            "lives": [row[0] for row in ROWS],
            "reads": [row[1] for row in ROWS],
            "people": people.astype("int64"),
            "effect": [row[3] for row in ROWS],
            "se": np.round(SPREAD / np.sqrt(people), 1),
        }
    )


if __name__ == "__main__":
    write(make, "synth_donor_profile")
