"""Synthetic: who came to an invented counter on 40 mornings, in pairs that differ in their language alone.

What the table is built to show: what a clerk's preference does, with nothing else in the way. Each patient who shares the clerk's
language has a twin who does not, with the same time of arrival and the same severity; on every second morning the twin stands
first in the list. Who does not share it is called in words that they do not follow, and gives up sooner.

``python datasets/recipes/synth_queue.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import uniforms, write

SEED = 19801010
MORNINGS, PAIRS = 40, 14
OPEN = 240  # minutes
PATIENCE = {1: 110, 0: 65}  # minutes, on average: with a shared language, and without
LEAST = 20


def make() -> pd.DataFrame:
    """One row a patient; columns as in ``datapackage.json``."""
    rows = []
    for day in range(1, MORNINGS + 1):
        u = uniforms(SEED + day, 4, PAIRS)
        arrival = np.sort(np.floor(u[0] * OPEN)).astype(int)
        severity = 1 + np.floor(5 * u[1] ** 1.4).astype(int)
        for i in range(PAIRS):
            twins = [(1, u[2, i]), (0, u[3, i])]
            for match, luck in twins if (day + i) % 2 else twins[::-1]:
                patience = LEAST + round(float(-np.log(luck)) * (PATIENCE[match] - LEAST))
                rows.append((day, int(arrival[i]), int(severity[i]), match, patience))
    table = pd.DataFrame(rows, columns=["day", "arrival", "severity", "match", "patience"])
    table.insert(0, "patient", [f"Q{i:04d}" for i in range(1, len(table) + 1)])
    return table


if __name__ == "__main__":
    write(make, "synth_queue")
