"""Synthetic: 40,000 persons who live in the areas of ``synth_england_areas``. No person is real.

What the table is built to show:

* the ecological error: the place raises the risk of an emergency admission a lot, the person's own poverty only a
  little; read from areas alone, the effect of being income-deprived looks several times as large as it is;
* half of the income-deprived persons live outside the most deprived fifth, and some groups reach them better.

The groups are kinds of groups that NHS England names as PLUS groups; their sizes and risks here are invented.

``python datasets/recipes/synth_england_persons.py`` rewrites the CSV. Its targets are in ``datasets/datapackage.json``.
"""

import numpy as np
import pandas as pd
import synth_england_areas
from draws import expit, normal, solve, uniforms, write

SEED = 20200506
PERSONS = 40_000
ADMITTED = 0.08  # of persons, at least once in the year
LONG_TERM_CONDITION = 0.30  # of persons


def _largest_remainder(shares: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers that add to ``total``, as close to ``shares`` as can be (ties: the earlier first)."""
    exact = shares / shares.sum() * total
    whole = np.floor(exact).astype("int64")
    most_short = np.argsort(-np.round(exact - whole, 9), kind="stable")
    whole[most_short[: total - whole.sum()]] += 1
    return whole


def _risk(part: np.ndarray, mean: float) -> np.ndarray:
    """Probabilities with log odds ``part`` plus the constant that gives them this mean."""
    return expit(part + solve(lambda constant: float(expit(part + constant).mean()), mean, -12, 12))


def make() -> pd.DataFrame:
    """One row a person, sorted by area; every column but ``area`` is 0 or 1."""
    areas = synth_england_areas.make()
    home = np.repeat(np.arange(len(areas)), _largest_remainder(areas["pop"].to_numpy(float), PERSONS))
    here = areas.iloc[home].reset_index(drop=True)
    u = uniforms(SEED, 8, PERSONS)

    place = np.log(here["imd_score"].to_numpy() / 18.0)  # 0 = a typical area, larger = more deprived
    coast = here["coastal"].to_numpy()
    income = u[0] < here["income_deprived_pct"].to_numpy() / 100
    older = u[1] < _risk(-0.20 * place + 0.35 * coast - 0.35 * income, 0.185)

    # Membership of groups: they overlap, and they hold the income-deprived in very different shares.
    migrant = u[2] < np.where(income, 0.085, 0.013) * np.where(older, 0.2, 1.2)
    city = normal(uniforms(SEED + 1, synth_england_areas.REGIONS))[here["icb_like"].str[4:].astype(int) - 1]
    ethnic = u[3] < _risk(0.8 * city + 0.25 * place + 2.2 * migrant + 0.35 * income - 0.9 * older - 0.8 * coast, 0.18)
    homeless = u[4] < np.where(income, 0.026, 0.0012) * np.where(migrant, 2.0, 1.0) * np.where(older, 0.3, 1.1)

    # Health: the place counts for more than the person's own income.
    condition = u[5] < _risk(1.7 * older + 0.15 * place + 0.15 * income + 0.8 * homeless, LONG_TERM_CONDITION)
    admission = u[6] < _risk(
        0.34 * place + 0.08 * income + 0.75 * older + 0.80 * condition + 1.2 * homeless + 0.1 * migrant, ADMITTED
    )

    flags = {
        "income_deprived": income,
        "aged_65_plus": older,
        "long_term_condition": condition,
        "emergency_admission": admission,
        "coastal_resident": coast,
        "homeless": homeless,
        "minority_ethnic": ethnic,
        "vulnerable_migrant": migrant,
    }
    return pd.DataFrame({"area": here["area"]} | {name: flag.astype("int64") for name, flag in flags.items()})


if __name__ == "__main__":
    write(make, "synth_england_persons")
