"""Synthetic: 6,000 children under five, of no real place, with the stunting of Morocco's 2018 survey.

What the table is built to show: stunting falls with household wealth, so its concentration index is negative; wealth
itself, sanitation and the mother's schooling each carry a good part of it, distance to care and rural residence little.

``python datasets/recipes/synth_morocco_children.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import expit, logistic, normal, uniforms, write

SEED = 20180510
CHILDREN = 6_000
RURAL, URBAN, ALL = 0.205, 0.104, 0.151  # stunted, ENPSF 2018 (in morocco_urban_rural_health)


def make() -> pd.DataFrame:
    """One row a child; columns as in ``datapackage.json``."""
    u = uniforms(SEED, 6, CHILDREN)
    rural = np.zeros(CHILDREN, dtype="int64")
    rural[np.argsort(u[0], kind="stable")[: round(CHILDREN * (ALL - URBAN) / (RURAL - URBAN))]] = 1

    wealth = np.where(rural, -0.60, 0.52) + 0.83 * normal(u[1])
    school = np.clip(np.rint(6.0 + 2.6 * wealth - 1.2 * rural + 3.2 * normal(u[2])), 0, 17).astype("int64")
    sanitation = (u[3] < expit(1.3 + 1.1 * wealth - 0.7 * rural)).astype("int64")
    distance = np.round(np.clip(np.where(rural, 5.2, 1.3) * np.exp(0.6 * normal(u[4]) - 0.10 * wealth), 0.1, 45.0), 1)

    # The most at risk are stunted, as many as the survey found among rural and among urban children.
    risk = -0.30 * wealth - 0.45 * sanitation - 0.05 * school + 0.01 * distance + logistic(u[5])
    stunted = np.zeros(CHILDREN, dtype="int64")
    for place, share in ((1, RURAL), (0, URBAN)):
        here = np.flatnonzero(rural == place)
        stunted[here[np.argsort(-risk[here], kind="stable")[: round(share * len(here))]]] = 1

    return pd.DataFrame(
        {
            "child": [f"C{i:04d}" for i in range(1, CHILDREN + 1)],
            "wealth_score": np.round(wealth, 3),
            "rural": rural,
            "sanitation": sanitation,
            "mother_school": school,
            "distance_km": distance,
            "stunted": stunted,
        }
    )


if __name__ == "__main__":
    write(make, "synth_morocco_children")
