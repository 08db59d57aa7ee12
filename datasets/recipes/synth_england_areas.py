"""Synthetic: 3,000 small areas in 42 ICB-like regions. No area and no region is a real place.

What the table is built to show:

* the most deprived fifth of the people is not the most deprived fifth of the areas, nor a fifth of every region;
* half of the income-deprived people live outside it;
* premature deaths are few in each area, so small areas fill both ends of a league table, and a zero is mostly luck.

``python datasets/recipes/synth_england_areas.py`` rewrites the CSV. Its targets are in ``datasets/datapackage.json``.
"""

import numpy as np
import pandas as pd
from draws import expit, normal, poisson, solve, uniforms, write

SEED = 20200505
AREAS = 3_000
REGIONS = 42
COAST = "ICB-17"  # the region whose deprived people live in pockets along its coast
COAST_CORE20 = 0.128  # the real share of Suffolk and North East Essex on IMD 2025, in england_icb_profile
INCOME_DEPRIVED = 0.13  # of all people
IN_CORE20 = 0.50  # of income-deprived people
ADMISSIONS = 0.10  # emergency admissions per person and year
DEATHS = 0.0015  # premature, preventable deaths per person and year


def core20(score: np.ndarray, pop: np.ndarray) -> np.ndarray:
    """True for areas whose midpoint lies in the most deprived 20% of people (ties: the earlier area first)."""
    order = np.argsort(-score, kind="stable")
    midpoint = np.empty(len(pop))
    midpoint[order] = (np.cumsum(pop[order]) - pop[order] / 2) / pop.sum()
    return midpoint <= 0.20 + 1e-12


def _coastal_shift(score: np.ndarray, region: np.ndarray, pop: np.ndarray) -> np.ndarray:
    """Rescale the scores of the coastal region until its Core20 share is COAST_CORE20."""
    here = region == COAST

    def shifted(x: float) -> np.ndarray:
        return np.where(here, score * np.exp(x), score)

    def share(x: float) -> float:
        flag = core20(shifted(x), pop)
        return float(pop[here & flag].sum() / pop[here].sum())

    return shifted(solve(share, COAST_CORE20, -2, 2))


def make() -> pd.DataFrame:
    """One row an area, sorted by area; columns as in ``datapackage.json``."""
    u = uniforms(SEED, 12, AREAS)
    by_region = uniforms(SEED + 1, 3, REGIONS)

    # Regions of unequal size and unequal deprivation (evenly spread quantiles, so that no region is a caricature).
    labels = np.array([f"ICB-{i:02d}" for i in range(1, REGIONS + 1)])
    weight = np.where(labels == COAST, 1.6, np.exp(0.45 * normal(by_region[0])))
    number = np.searchsorted(np.cumsum(weight) / weight.sum(), np.sort(u[0]), side="right")
    region = labels[number]
    region_level = normal((np.argsort(np.argsort(by_region[1])) + 0.5) / REGIONS)
    coastal_share = np.where(labels == COAST, 0.60, np.where(by_region[2] < 0.45, 0.16, 0.0))
    coastal = u[1] < coastal_share[number]

    # Deprivation: right-skewed, part between regions, part within; worse on the coast.
    level = 0.27 * region_level[number] + 0.60 * normal(u[2]) + 0.30 * coastal
    pop = np.clip(np.rint(1_690 * np.exp(0.17 * normal(u[3]) + 0.015 * level)), 1_000, 3_000).astype("int64")
    score = _coastal_shift(18.0 * np.exp(level), region, pop)
    score = np.round(np.clip(score, 0.5, 92.0), 3)
    rank = np.empty(AREAS, dtype="int64")
    rank[np.argsort(-score, kind="stable")] = np.arange(AREAS)
    decile = rank * 10 // AREAS + 1  # tenths of areas, 1 = most deprived, as the English indices count them
    core = core20(score, pop)

    # Income deprivation: solve the slope for the share in Core20, and for each slope the level.
    relative = np.log(score / 18.0)
    noise = 0.25 * normal(u[4]) + 0.32 * coastal  # by the sea more people are poor than the score says

    def deprived(slope: float) -> np.ndarray:
        def mean(intercept: float) -> float:
            return float(np.average(expit(intercept + slope * relative + noise), weights=pop))

        return expit(solve(mean, INCOME_DEPRIVED, -8, 2) + slope * relative + noise)

    def in_core20(slope: float) -> float:
        people = deprived(slope) * pop
        return float(people[core].sum() / people.sum())

    income = deprived(solve(in_core20, IN_CORE20, 0.1, 4.0))

    # Older people live in less deprived places, and by the sea.
    aged_65_plus = np.clip(0.185 - 0.025 * relative + 0.05 * coastal + 0.03 * normal(u[5]), 0.04, 0.45)

    # Emergency admissions: expected from age alone, observed also from deprivation.
    expected = pop * (0.06 + 0.24 * aged_65_plus)
    expected *= ADMISSIONS * pop.sum() / expected.sum()
    ratio = np.exp(0.315 * relative + 0.10 * normal(u[6]))
    ratio *= expected.sum() / (expected * ratio).sum()
    admissions = poisson(u[7], expected * ratio)

    # High blood pressure: commoner with age and deprivation, but found less often where people are deprived.
    hypertension = np.clip(0.10 + 0.75 * aged_65_plus + 0.03 * relative, 0.02, 0.6)
    found = expit(0.75 - 0.35 * relative + 0.20 * normal(u[8]))
    detected = poisson(u[9], pop * hypertension * found)

    # Premature deaths: few an area, and truly different between areas.
    risk = np.exp(0.60 * relative + 0.18 * normal(u[10]))
    risk *= DEATHS * pop.sum() / (pop * risk).sum()
    deaths = poisson(u[11], pop * risk)

    return pd.DataFrame(
        {
            "area": [f"A{i:04d}" for i in range(1, AREAS + 1)],
            "icb_like": region,
            "coastal": coastal.astype("int64"),
            "pop": pop,
            "imd_score": score,
            "imd_decile": decile,
            "income_deprived_pct": np.round(100 * income, 1),
            "emerg_adm": admissions,
            "expected_adm": np.round(expected, 1),
            "hyp_detected": detected,
            "prev_mortality": deaths,
        }
    )


if __name__ == "__main__":
    write(make, "synth_england_areas")
