"""Synthetic: 75 provinces in 12 regions over 60 months, none of them real, as regional groups start one after the other.

What the table is built to show: the groups start in order of capacity, so the first are better from the beginning. What a
group changes grows for eighteen months, and further where there is more capacity. Without the groups all provinces would
move alike. So a regression with an effect for each province and month uses the first groups, which still improve, as the
comparison for the last ones, and falls short. The effect is planted: 0 at the start, about 8 points after eighteen months.

``python datasets/recipes/synth_gst_panel.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import normal, uniforms, write

SEED = 20251001
MONTHS = 60
PROVINCES = [8, 7, 7, 7, 6, 6, 6, 6, 6, 6, 5, 5]  # in each region, the one with most capacity first
GO_LIVE = [13, 19, 19, 25, 25, 31, 31, 31, 37, 37, 43, 43]  # the month in which each region's group starts
FULL, RAMP = 8.0, 18  # points of completed referrals, and months until they are reached


def make() -> pd.DataFrame:
    """One row a province and month; columns as in ``datapackage.json``."""
    region = np.repeat(np.arange(12), PROVINCES)
    provinces, month = len(region), np.arange(1, MONTHS + 1)
    u = normal(uniforms(SEED, 4, provinces))
    capacity = 1 - region / 11  # 1 for the first region, 0 for the last
    doctors = np.round(np.clip(0.35 + 0.55 * capacity + 0.06 * u[0], 0.15, None), 2)
    rural = np.round(np.clip(0.62 - 0.34 * capacity + 0.07 * u[1], 0.05, 0.95), 2)
    pop = np.round(480_000 * np.exp(0.35 * u[2]), -2).astype("int64")
    hospitals = np.clip(np.round(pop / 260_000 + 0.8 * capacity + 0.4 * u[3]), 1, None).astype("int64")

    live = np.array(GO_LIVE)[region]
    grown = np.clip((month - live[:, None]) / RAMP, 0, 1)
    effect = np.round(FULL * (0.8 + 0.4 * capacity)[:, None] * grown, 2)
    season = 0.10 * month + 1.2 * np.sin(2 * np.pi * month / 12)  # the same for all
    shock = 0.15 * normal(uniforms(SEED + 1, 12, MONTHS))[region]  # what a region's provinces share in a month
    noise = normal(uniforms(SEED + 2, 2, provinces, MONTHS))
    base = 46 + 12 * capacity + 3 * normal(uniforms(SEED + 3, provinces))
    referral = base[:, None] + season + effect + shock + 1.2 * noise[0]
    avoidable = 14 - 3 * capacity[:, None] - 0.01 * month - 0.05 * effect + 0.7 * noise[1]

    def each(values: np.ndarray) -> np.ndarray:
        return np.repeat(values, MONTHS)

    return pd.DataFrame(
        {
            "province": each(np.array([f"P{i:02d}" for i in range(1, provinces + 1)])),
            "region": each(np.array([f"R{i + 1:02d}" for i in region])),
            "month": np.tile(month, provinces),
            "go_live": each(live),
            "referral_completed": np.round(referral, 1).ravel(),
            "avoidable_adm": np.round(np.clip(avoidable, 0, None), 2).ravel(),
            "pop": each(pop),
            "hospitals": each(hospitals),
            "doctors_per_1000": each(doctors),
            "rural_share": each(rural),
            "true_effect": effect.ravel(),
        }
    )


if __name__ == "__main__":
    write(make, "synth_gst_panel")
