"""Synthetic: 60,000 people of 65 and over in 90 practices, five years of their emergency events, and two invented teams. No
person, practice or team is real.

What the table is built to show: two teams report the same fall of 30% in those whom they visit, although one of them changes
nothing and the other prevents one event in twenty; the rest is regression to the mean, made by the rule that chose the people.

The generator, in full:

* A person's rate (events per year) is gamma with mean 0.45 and shape 0.6, and stays the same for five years. It is multiplied by
  a factor of the practice (log-normal, SD 0.1) and one of the practice in that year (log-normal, SD 0.03).
* The frailty index (eFI) is log-normal with median 0.13 and SD 0.5 on the log scale, cut at 0.75. Its normal score has the
  correlation 0.7 with the normal score of the rate (not with the rate itself). Age and deprivation follow eFI and rate loosely.
* Events are Poisson. Of a person's rate 6% are fractures; no team can prevent one.
* Practices belong in turn to team A, to team B and to nobody. A team ranks the people of its practices by
  ``w * z(y0) + (1 - w) * z(efi)`` (z: distance from the mean of all 60,000, in standard deviations), w being its weight on the
  last year's use, picks the first 2,941 (ties: the lower number first) and visits the 2,500 who agree; who agrees is chance.
* From then on team A changes nothing, and team B takes 5% off the events of the people it visits.

``python datasets/recipes/synth_cohort.py`` rewrites the CSV. Its targets are in ``datasets/datapackage.json``.
"""

import numpy as np
import pandas as pd
from draws import normal, poisson, uniforms, write
from scipy.special import gammaincinv, ndtr

SEED = 13
PERSONS, PRACTICES = 60_000, 90
MEAN, SHAPE = 0.45, 0.6  # of a person's rate
EFI_RATE = 0.7  # correlation of the normal scores of eFI and rate
FRACTURES = 0.06  # of a person's rate
YEARS = ["y_minus2", "y_minus1", "y0", "y1", "y2"]
WEIGHTS = {"A": 0.47, "B": 0.37}  # on the last year's use, in a team's rule
EFFECTS = {"A": 0.0, "B": -0.05}  # what a team truly does to the events of the people it visits
PICKED, VISITED = 2941, 2500  # 15% of those picked refuse


def make() -> pd.DataFrame:
    """One row a person; columns as in ``datapackage.json``."""
    u = uniforms(SEED, 6, PERSONS)
    practice = (PRACTICES * u[0]).astype("int64")
    rate_score = normal(u[1])
    frailty = EFI_RATE * rate_score + np.sqrt(1 - EFI_RATE**2) * normal(u[2])
    efi = np.round(np.minimum(np.exp(np.log(0.13) + 0.5 * frailty), 0.75), 2)
    older = ndtr(0.45 * frailty + np.sqrt(1 - 0.45**2) * normal(u[3]))
    age = np.minimum(65 - np.floor(8 * np.log1p(-older)), 104).astype("int64")
    poorer = ndtr(0.15 * rate_score + np.sqrt(1 - 0.15**2) * normal(u[4]))
    imd = 5 - np.minimum((5 * poorer).astype("int64"), 4)

    places = normal(uniforms(SEED + 1, 1 + len(YEARS), PRACTICES))
    rate = gammaincinv(SHAPE, u[1]) * MEAN / SHAPE * np.exp(0.1 * places[0])[practice]
    table = pd.DataFrame(
        {"id": np.arange(1, PERSONS + 1), "practice": practice + 1, "age": age, "imd": imd, "efi": efi}
    )
    table["team"] = np.array(["A", "B", "none"])[practice % 3]
    table["picked"] = table["visited"] = 0

    draws = uniforms(SEED + 2, 2 * len(YEARS), PERSONS)
    for i, year in enumerate(YEARS):
        if year == "y1":
            _choose(table, u[5])
        now = rate * np.exp(0.03 * places[1 + i])[practice]
        prevented = (
            table["team"].map(EFFECTS).fillna(0).to_numpy() * table["visited"].to_numpy() * (year in ("y1", "y2"))
        )
        fractures = poisson(draws[2 * i], FRACTURES * now)
        table[year] = fractures + poisson(draws[2 * i + 1], now * (1 - FRACTURES + prevented))
        if year in ("y0", "y1"):
            table[f"fractures{year[1]}"] = fractures
    first = ["id", "practice", "team", "age", "imd", "efi", *YEARS]
    return table[[*first, "fractures0", "fractures1", "picked", "visited"]]


def _choose(table: pd.DataFrame, u: np.ndarray) -> None:
    """Fill ``picked`` and ``visited`` by each team's rule, and by chance."""
    use, efi = ((table[name] - table[name].mean()) / table[name].std(ddof=0) for name in ("y0", "efi"))
    for team, weight in WEIGHTS.items():
        score = (weight * use + (1 - weight) * efi)[table["team"] == team].round(9)
        picked = score.sort_values(ascending=False, kind="stable").index[:PICKED]
        visited = picked[np.argsort(u[picked], kind="stable")[:VISITED]]
        table.loc[picked, "picked"] = 1
        table.loc[visited, "visited"] = 1


if __name__ == "__main__":
    write(make, "synth_cohort")
