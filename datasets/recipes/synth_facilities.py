"""Synthetic: the 318 facilities of the invented region, and the doctors who work there.

What the table is built to show: a building is not a doctor. There are as many health centres, hospitals and doctors as
published for the pilot group, and as few doctors in health centres, so that many a rural centre has none.

``python datasets/recipes/synth_facilities.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import normal, uniforms, write
from synth_region_settlements import largest_remainder, region

SEED = 20251002
HOSPITALS = 22  # beside the university hospital
# Doctors of 2024, from the ministry's ratios by province (table morocco_tta_provinces_supply_2024).
ALL, PUBLIC, IN_CENTRES = 3097, 1590, 246
UNIVERSITY = 340  # of the public ones; invented
URBAN_CENTRES = 150  # of those in health centres; invented


def make() -> pd.DataFrame:
    """One row a facility; columns as in ``datapackage.json``."""
    settlements, centres = region()
    towns = settlements.loc[~settlements["rural"]].sort_values(["pop", "settlement"], ascending=[False, True])
    seats = towns.iloc[[0, *range(HOSPITALS)]]  # the largest town has both
    shift = uniforms(SEED, 2, len(seats)) - 0.5
    hospitals = pd.DataFrame(
        {
            "settlement": seats["settlement"].to_numpy(),
            "kind": ["university_hospital"] + ["hospital"] * HOSPITALS,
            "x_km": np.round(seats["x_km"].to_numpy() + shift[0], 2),
            "y_km": np.round(seats["y_km"].to_numpy() + shift[1], 2),
            "doctors": [
                UNIVERSITY,
                *largest_remainder(PUBLIC - IN_CENTRES - UNIVERSITY, np.sqrt(seats["pop"].to_numpy()[1:])),
            ],
        }
    )
    home = settlements.iloc[centres["row"]].reset_index(drop=True)
    rural = home["rural"].to_numpy()
    wish = np.exp(1.1 * normal(uniforms(SEED + 1, len(home)))) * np.where(home["terrain"] == 3, 0.35, 1.0)
    doctors = np.zeros(len(home), dtype="int64")
    doctors[~rural] = 1 + largest_remainder(URBAN_CENTRES - int((~rural).sum()), wish[~rural])
    doctors[rural] = largest_remainder(IN_CENTRES - URBAN_CENTRES, wish[rural])
    posts = pd.DataFrame(
        {
            "settlement": home["settlement"],
            "kind": "health_centre",
            "x_km": centres["x"],
            "y_km": centres["y"],
            "doctors": doctors,
        }
    )
    table = pd.concat([hospitals, posts], ignore_index=True)
    people = table["settlement"].map(settlements.set_index("settlement")["pop"]).to_numpy(dtype=float)
    urban = ~table["settlement"].map(settlements.set_index("settlement")["rural"]).to_numpy(dtype=bool)
    # Practices stand in towns, more in large ones, beside the facilities that are there.
    here = table.groupby("settlement")["settlement"].transform("size").to_numpy()
    table["private_doctors"] = largest_remainder(ALL - PUBLIC, np.where(urban, people**1.05 / here, 0.0))
    table.insert(0, "facility", [f"F{i:03d}" for i in range(1, len(table) + 1)])
    return table


if __name__ == "__main__":
    write(make, "synth_facilities")
