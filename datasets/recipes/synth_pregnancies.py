"""Synthetic: 12,000 pregnancies in 56 invented communes over eight quarters, while health workers arrive in stages.

What the table is built to show: a cascade whose largest loss of women and whose weakest step are not the same one; distance
and language at each step; and a programme that starts first where roads are short, so that both easy comparisons (before and
after, with and without) mislead. The share of rural births in a facility is the one reported for Morocco; the effect of the
workers is five points in each quarter with them, and is planted.

``python datasets/recipes/synth_pregnancies.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import expit, normal, solve, uniforms, write

SEED = 20220611
WOMEN, COMMUNES, QUARTERS = 12_000, 56, 8
STARTS = [3, 5, 7, 0]  # first quarter with workers of each fourth of the communes; 0: not within these quarters
FACILITY = 0.734  # rural births in a facility, without workers
EFFECT = 0.05
TREND = 0.006  # a quarter, everywhere


def make() -> pd.DataFrame:
    """One row a pregnancy; columns as in ``datapackage.json``."""
    u = uniforms(SEED, 2, COMMUNES)
    v = uniforms(SEED + 1, 8, WOMEN)
    km = np.round(np.exp(1.9 + 0.6 * normal(u[0])), 1)
    near = np.argsort(np.argsort(km + 2.5 * normal(u[1]), kind="stable"), kind="stable")  # rank: near ones mostly first
    start = np.array(STARTS)[near * len(STARTS) // COMMUNES]
    commune = np.minimum((v[0] * COMMUNES).astype(int), COMMUNES - 1)
    quarter = 1 + np.minimum((v[1] * QUARTERS).astype(int), QUARTERS - 1)
    match = v[2] < 0.72
    workers = (start[commune] > 0) & (quarter >= start[commune])
    pull = -0.25 * (np.log(km[commune]) - 1.9) + 0.35 * (match - 0.72)  # what all steps share: road and language
    pull = pull + 0.35 * normal(v[3])
    base = solve(lambda x: float(expit(x + 1.6 * pull).mean()), FACILITY, -3, 5)
    shift = TREND * (quarter - 4.5) + EFFECT * workers
    share = expit(base + 1.6 * pull) + shift
    birth = v[4] < share
    anc1 = v[5] < expit(2.35 + 1.4 * pull)
    anc4 = anc1 & (v[6] < expit(0.62 + 1.5 * pull))
    pnc = v[7] < np.where(birth, expit(0.30 + 1.5 * pull), expit(-1.6 + pull))
    order = np.lexsort((np.arange(WOMEN), commune, quarter))
    begun = pd.array(np.where(start > 0, start, 0), dtype="Int64")
    begun[start == 0] = pd.NA
    table = pd.DataFrame(
        {
            "commune": [f"M{1 + c:02d}" for c in commune],
            "km": km[commune],
            "start": begun[commune],
            "quarter": quarter,
            "language_match": match.astype(int),
            "anc1": anc1.astype(int),
            "anc4": anc4.astype(int),
            "facility_birth": birth.astype(int),
            "pnc": pnc.astype(int),
        }
    )
    table = table.iloc[order].reset_index(drop=True)
    table.insert(0, "woman", [f"W{i:05d}" for i in range(1, WOMEN + 1)])
    return table


if __name__ == "__main__":
    write(make, "synth_pregnancies")
