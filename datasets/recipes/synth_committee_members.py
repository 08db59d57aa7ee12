"""Synthetic: who spoke, and for how long, in 36 meetings of three local health committees of no real place.

Fourteen members a committee, twelve meetings, one row a member and meeting, also for those who said nothing. What the
table is built to show: the resident members, and most of all the women among them who use an Amazigh language, are in
the room and hardly speak.

``python datasets/recipes/synth_committee_members.py`` rewrites the CSV. Its targets are in ``datasets/datapackage.json``.
"""

import numpy as np
import pandas as pd
from draws import normal, poisson, solve, uniforms, write

SEED = 20240904
COMMITTEES = ["A", "B", "C"]
MEETINGS = 12  # of each committee
TURNS = 2_600  # in all

# role, gender, language spoken at home, pull: log of how often this member takes the floor
MEMBERS = [
    ("official", "man", "darija", 1.5),
    ("official", "man", "darija", 0.9),
    ("official", "woman", "darija", 0.7),
    ("professional", "man", "darija", 1.0),
    ("professional", "woman", "darija", 0.8),
    ("professional", "woman", "amazigh", 0.5),
    ("councillor", "man", "darija", 0.8),
    ("councillor", "man", "amazigh", 0.3),
    ("association", "man", "darija", 0.3),
    ("association", "woman", "darija", 0.0),
    ("resident", "man", "darija", -0.6),
    ("resident", "man", "amazigh", -1.2),
    ("resident", "woman", "darija", -1.6),
    ("resident", "woman", "amazigh", -4.6),
]
MINUTES = {"official": 2.2, "professional": 1.6, "councillor": 1.5, "association": 1.2, "resident": 0.9}  # a turn


def make() -> pd.DataFrame:
    """One row a member and meeting; columns as in ``datapackage.json``."""
    rows = [
        (f"{committee}{meeting:02d}", f"{committee}-{number:02d}", *member)
        for committee in COMMITTEES
        for meeting in range(1, MEETINGS + 1)
        for number, member in enumerate(MEMBERS, start=1)
    ]
    out = pd.DataFrame(rows, columns=["meeting", "member", "role", "gender", "language", "pull"])
    u = uniforms(SEED, 3, len(out))
    by_member = 0.25 * normal(uniforms(SEED + 1, len(COMMITTEES) * len(MEMBERS)))
    who = pd.factorize(out["member"])[0]
    pull = np.exp(out["pull"].to_numpy() + by_member[who] + 0.35 * normal(u[0]))

    # The level at which the turns of all meetings add to the number wanted: each count rises with it.
    scale = solve(lambda a: float(poisson(u[1], a * pull).sum()), TURNS, 0.1, 20.0)
    turns = poisson(u[1], scale * pull)
    length = out["role"].map(MINUTES).to_numpy() * np.exp(0.30 * normal(u[2]))
    return out.drop(columns="pull").assign(turns=turns, minutes=np.round(turns * length, 1))


if __name__ == "__main__":
    write(make, "synth_committee_members")
