"""Synthetic: 5,000 households, none of them real, with what care costs them and what insurance takes off the bill.

What the table is built to show: coverage is not protection, and neither is it nothing. Insurance pays part of a bill, never
all of it; those without insurance meet smaller bills because they stay away. How many people each regime covers, how many
live in towns, how many households spend more than a tenth of their consumption on care, and more than 40% of what is left
after food, is as published for Morocco; what ties these to each other is invented.

``python datasets/recipes/synth_households_ma.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import normal, poisson, solve, uniforms, write

SEED = 20221201
HOUSEHOLDS = 5000
SIZE, URBAN = 3.97, 0.651  # people a household, census of 2024; share of households in towns (there they are smaller)
# regime -> (share of people, where its people tend to stand in living standards, share of a bill that it pays on average)
REGIMES = {
    "tadamon": (0.299, -0.75, 0.38),
    "none": (0.131, -0.15, 0.0),
    "self_employed": (0.109, 0.0, 0.42),
    "achamil": (0.008, 0.1, 0.42),
    "private_employees": (0.244, 0.3, 0.5),
    "outside_cnss": (0.209, 0.8, 0.55),
}
OVER_A_TENTH = 0.128  # households whose payments exceed a tenth of consumption
SPREAD = 1.0  # standard deviation of the logarithm of a bill
STAYS_AWAY = -0.4  # what being without insurance takes off the logarithm of a bill


def make() -> pd.DataFrame:
    """One row a household; columns as in ``datapackage.json``."""
    u = uniforms(SEED, 7, HOUSEHOLDS)
    urban = u[0] < URBAN
    size = np.clip(1 + poisson(u[1], np.where(urban, SIZE - 1.15, SIZE - 0.75)), 1, 12)
    per_head = np.exp(9.75 + 0.55 * normal(u[2]) + np.where(urban, 0.14, -0.24))
    consumption = np.round(size * per_head, -2)
    regime = _regimes(np.log(consumption / size), size, normal(u[3]))
    paid = np.array([REGIMES[name][2] for name in regime])
    paid = np.clip(paid + 0.16 * normal(u[4]), 0, 0.9) * (regime != "none")
    relative = SPREAD * normal(u[5]) - 0.12 * (np.log(per_head) - 9.75) + 0.1 * ~urban
    relative = relative + np.where(regime == "none", STAYS_AWAY, 0.0)
    level = solve(lambda x: np.mean((1 - paid) * np.exp(x + relative) > 0.1), OVER_A_TENTH, -6, 0)
    bill = np.round(np.clip(consumption * np.exp(level + relative), 0, 0.85 * consumption), -1)
    oop = np.round(bill * (1 - paid), -1)
    food = np.clip(0.42 - 0.09 * (np.log(per_head) - 9.75) + 0.05 * normal(u[6]), 0.15, 0.7)
    food = np.round(np.minimum(food * (consumption - oop), consumption - oop), -1)
    return pd.DataFrame(
        {
            "household": [f"H{i:04d}" for i in range(1, HOUSEHOLDS + 1)],
            "area": np.where(urban, "urban", "rural"),
            "size": size,
            "regime": regime,
            "consumption": consumption.astype("int64"),
            "food": food.astype("int64"),
            "bill": bill.astype("int64"),
            "oop": oop.astype("int64"),
        }
    )


def _regimes(level: np.ndarray, size: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Regimes by living standard and luck, in turn from the poorest on, each filled up to its share of people."""
    score = (level - level.mean()) / level.std() + 1.1 * noise
    order = np.argsort(score, kind="stable")
    people = (np.cumsum(size[order]) - size[order] / 2) / size.sum()
    names = sorted(REGIMES, key=lambda name: REGIMES[name][1])
    ends = np.cumsum([REGIMES[name][0] for name in names])
    regime = np.empty(len(size), dtype=object)
    regime[order] = np.array(names, dtype=object)[np.minimum(np.searchsorted(ends, people), len(names) - 1)]
    return regime


if __name__ == "__main__":
    write(make, "synth_households_ma")
