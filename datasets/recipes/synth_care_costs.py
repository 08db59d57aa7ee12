"""Synthetic: 10,000 people aged 65, none of them real, with what they own and what their care will cost until they die.

What the table is built to show: costs of care are nothing for some and ruin for a few. Two shares are as the Dilnot Commission
printed them, one in four above 50,000 pounds and one in ten above 100,000; that a quarter has no cost, that costs are lognormal
above that, what people own, and that wealth and cost have nothing to do with each other, is invented.

``python datasets/recipes/synth_care_costs.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import normal, uniforms, write

SEED = 20110704
PEOPLE = 10_000
NO_COST, ABOVE_50, ABOVE_100 = 0.25, 0.25, 0.10  # shares of people; the first is an assumption
NOTHING, MEDIAN, SPREAD = (
    0.12,
    150.0,
    1.1,
)  # own nothing; wealth of the others: median in GBP thousand, sd of its logarithm


def make() -> pd.DataFrame:
    """One row a person; columns as in ``datapackage.json``."""
    ranks = np.argsort(np.argsort(uniforms(SEED, 2, PEOPLE), axis=1), axis=1)
    cost_at, wealth_at = (ranks + 0.5) / PEOPLE  # every quantile once, in an order drawn at random
    z50, z100 = normal(1 - np.array([ABOVE_50, ABOVE_100]) / (1 - NO_COST))
    sigma = np.log(2) / (z100 - z50)
    mu = np.log(50) - sigma * z50
    costly = np.clip((cost_at - NO_COST) / (1 - NO_COST), 1e-9, None)
    owning = np.clip((wealth_at - NOTHING) / (1 - NOTHING), 1e-9, None)
    cost = np.where(cost_at > NO_COST, np.exp(mu + sigma * normal(costly)), 0.0)
    wealth = np.where(wealth_at > NOTHING, MEDIAN * np.exp(SPREAD * normal(owning)), 0.0)
    return pd.DataFrame(
        {
            "person": [f"P{i:05d}" for i in range(1, PEOPLE + 1)],
            "wealth_gbp_k": np.round(wealth, 1),
            "cost_gbp_k": np.round(cost, 1),
        }
    )


if __name__ == "__main__":
    write(make, "synth_care_costs")
