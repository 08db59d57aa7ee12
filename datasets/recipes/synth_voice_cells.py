"""Synthetic: 200,000 persons of no real place in 32 cells, and which of them answered a text message.

The margins are those of Morocco's census of 2024 (area, reading, age, use of an Amazigh language); the outcome, "needed
care in the last year and did not get it", and who answers, are invented. What the table is built to show:

* those who lack care are fewer among those who answer, in every cell, so that weights mend only a part;
* 50,000 answers then tell less than 400 persons drawn at random.

``python datasets/recipes/synth_voice_cells.py`` rewrites the CSV. Its targets are in ``datasets/datapackage.json``.
"""

from itertools import product

import numpy as np
import pandas as pd
from draws import expit, normal, solve, uniforms, write

SEED = 20240901
PEOPLE = 200_000
ANSWERS = 50_000
URBAN = 0.628  # municipal population 2024, morocco_regions_census
CANNOT_READ = {"urban": 0.171, "rural": 0.380}  # aged 10 and over, morocco_regions_census; here of all
AMAZIGH = {"urban": 0.199, "rural": 0.333}  # uses an Amazigh language, HCP, claim A44
SIXTY = 0.188  # of those aged 15 and over, morocco_regions_census
UNMET = 0.30

LEVELS = {
    "area": ["urban", "rural"],
    "sex": ["woman", "man"],
    "age": ["under_60", "60_plus"],
    "reads": ["yes", "no"],
    "amazigh": ["no", "yes"],
}


def share_out(total: int, share: np.ndarray) -> np.ndarray:
    """Whole numbers that add to ``total``, in proportion to ``share`` (largest remainders, ties to the earlier)."""
    exact = total * share / share.sum()
    whole = np.floor(exact).astype("int64")
    whole[np.argsort(-(exact - whole), kind="stable")[: total - whole.sum()]] += 1
    return whole


def traits(cells: pd.DataFrame) -> pd.DataFrame:
    """0 or 1 for each trait that the models below speak of."""
    named = {"rural": ("area", "rural"), "woman": ("sex", "woman"), "old": ("age", "60_plus")}
    named |= {"cannot_read": ("reads", "no"), "amazigh": ("amazigh", "yes")}
    return pd.DataFrame({trait: (cells[column] == level).astype(float) for trait, (column, level) in named.items()})


def make() -> pd.DataFrame:
    """One row a cell; columns as in ``datapackage.json``."""
    u = uniforms(SEED, 2, 32)
    cells = pd.DataFrame(list(product(*LEVELS.values())), columns=list(LEVELS))
    x = traits(cells)

    def level(lean: np.ndarray, target: float, weight: np.ndarray) -> np.ndarray:
        """Probabilities with the given log odds beside a constant, whose weighted mean is the target."""
        start = solve(lambda a: float(np.average(expit(a + lean), weights=weight)), target, -12, 12)
        return expit(start + lean)

    share = np.where(x["rural"] == 1, 1 - URBAN, URBAN) * 0.5 * np.where(x["old"] == 1, SIXTY, 1 - SIXTY)
    for column, trait, lean, targets in (
        ("reads", "cannot_read", 1.0 * x["woman"] + 1.3 * x["old"], CANNOT_READ),
        ("amazigh", "amazigh", 0.35 * x["cannot_read"] + 0.2 * x["old"], AMAZIGH),
    ):
        first = LEVELS[column][0]
        for area, target in targets.items():
            here = (cells["area"] == area).to_numpy()
            one = here & (cells[column] == first).to_numpy() if column == "reads" else here
            chance = np.zeros(32)
            chance[here] = level(
                lean[here].to_numpy(), target, share[here] if column == "amazigh" else one[here] * share[here]
            )
            share = np.where(here, share * np.where(x[trait] == 1, chance, 1 - chance), share)
    people = share_out(PEOPLE, share)

    lean = 0.85 * x["rural"] + 0.65 * x["cannot_read"] + 0.45 * x["amazigh"] + 0.25 * x["woman"] + 0.20 * x["old"]
    unmet = np.rint(people * level((lean + 0.10 * normal(u[0])).to_numpy(), UNMET, people)).astype("int64")

    # Who answers: those with a telephone at hand, who read the language of the message, and, in every cell, rather those
    # who got the care that the message asks about.
    lean = -0.20 * x["rural"] - 0.55 * x["cannot_read"] - 0.10 * x["amazigh"] - 0.4 * x["old"] - 0.05 * x["woman"]
    lean = (lean + 0.05 * normal(u[1])).to_numpy()
    both = np.concatenate([unmet, people - unmet])
    chance = level(np.concatenate([lean - 0.16, lean]), ANSWERS / PEOPLE, both)
    answered = share_out(ANSWERS, both * chance)
    return cells.assign(people=people, unmet=unmet, sms_answers=answered[:32] + answered[32:], sms_unmet=answered[:32])


def persons() -> pd.DataFrame:
    """The 200,000 persons, one row each: their cell and whether their need was unmet."""
    cells = make()
    rows = np.repeat(np.arange(len(cells)), cells["people"])
    within = np.arange(len(rows)) - np.repeat(np.cumsum(cells["people"]) - cells["people"], cells["people"])
    out = cells.loc[rows, list(LEVELS)].reset_index(drop=True)
    return out.assign(unmet=(np.asarray(within) < cells["unmet"].to_numpy()[rows]).astype("int64"))


if __name__ == "__main__":
    write(make, "synth_voice_cells")
