"""Synthetic: what an invented region promised to six invented provinces in 18 months, and what became of it.

What the table is built to show: a workshop makes promises, and what these are worth depends on what becomes of them. In three
provinces most of what was promised in workshops is kept, in three others most of it is not. No workshop is held after month
12, and what was promised by letter goes on as before.

``python datasets/recipes/synth_workshops.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import poisson, uniforms, write

SEED = 20250728
MONTHS, LAST_WORKSHOP = 18, 12
KEPT_BY_LETTER = 0.5
# province -> share of what was promised in workshops that is kept
PROVINCES = {"P1": 0.85, "P2": 0.85, "P3": 0.85, "P4": 0.25, "P5": 0.25, "P6": 0.25}
BY_LETTER, IN_WORKSHOP = 0.5, 1.6  # promises that fall due in a month, on average


def make() -> pd.DataFrame:
    """One row a province, month and way of promising; columns as in ``datapackage.json``."""
    rows = []
    for p, (province, kept_in_workshop) in enumerate(PROVINCES.items()):
        for w, (way, mean, kept) in enumerate(
            (("letter", BY_LETTER, KEPT_BY_LETTER), ("workshop", IN_WORKSHOP, kept_in_workshop))
        ):
            u = uniforms(SEED + 10 * p + w, 2, MONTHS)
            due = poisson(u[0], np.full(MONTHS, mean))
            if way == "workshop":
                due[LAST_WORKSHOP:] = 0
            # The share that is kept is kept as closely as whole promises allow; luck decides only the order.
            done = np.diff(np.floor(np.cumsum(due) * kept + u[1, 0]), prepend=np.floor(u[1, 0])).astype(int)
            rows += [(province, m + 1, way, int(done[m]), int(due[m] - done[m])) for m in range(MONTHS)]
    return pd.DataFrame(rows, columns=["province", "month", "way", "kept", "broken"])


if __name__ == "__main__":
    write(make, "synth_workshops")
