"""Synthetic: what the shared care records of 42 invented systems hold, by organisation and group of content.

What it is built to show: every system has a record ("live"), and few hold what a paramedic or a social worker needs. The five
groups of content are those of the guidance; every share is invented, and no row stands for a real system.

``python datasets/recipes/synth_shcr_maturity.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import expit, logistic, normal, uniforms, write

SEED = 20260802
SYSTEMS = 42
# organisation -> its usual coverage, on the scale of the logit
ORGANISATIONS = {
    "gp": 2.2,
    "acute": 1.2,
    "mental_health": 0.3,
    "community": 0.2,
    "ambulance": -0.3,
    "social_care": -0.62,
}
CONTENT = {
    "medications_allergies": 0.5,
    "diagnoses": 0.3,
    "tests": 0.1,
    "care_plans": -0.6,
    "discharge_summaries": -0.3,
}
NOT_REPORTED = 0.02


def make() -> pd.DataFrame:
    """One row for each system, organisation and group of content."""
    shape = (SYSTEMS, len(ORGANISATIONS), len(CONTENT))
    u = uniforms(SEED, 3, *shape)
    system = 0.9 * normal(u[0, :, 0, 0])[:, None, None]
    organisation = np.array(list(ORGANISATIONS.values()))[:, None] + 0.6 * normal(u[0, :, :, 1])[:, :, None]
    logit = system + organisation + np.array(list(CONTENT.values())) + 0.25 * logistic(u[1])
    coverage = np.where(u[2] < NOT_REPORTED, np.nan, np.round(expit(logit), 2))
    rows = pd.MultiIndex.from_product(
        [[f"S{s:02d}" for s in range(1, SYSTEMS + 1)], ORGANISATIONS, CONTENT],
        names=["system", "organisation", "content"],
    ).to_frame(index=False)
    return rows.assign(coverage=coverage.ravel())


if __name__ == "__main__":
    write(make, "synth_shcr_maturity")
