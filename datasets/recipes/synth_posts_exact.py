"""Synthetic: how many people a number of mobile posts can bring within five kilometres at best, solved exactly.

The optimum needs an integer program, which a browser should not have to run for a chart; so it is solved here, with scipy, and
kept. The people are those of the invented region who live more than 10 km by road from a health centre (the world of 30%); a
post may stand in any douar and covers the settlements within 5 km by road.

``python datasets/recipes/synth_posts_exact.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import write
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack
from synth_region_settlements import distances, region

SEED = 20251001  # of the region: nothing is drawn here
POSTS = range(5, 61, 5)
FAR, REACH = 10, 5  # km by road: beyond the first one is far, within the second a post covers


def make() -> pd.DataFrame:
    """One row a number of posts; columns as in ``datapackage.json``."""
    settlements, centres = region()
    x, y, road = (settlements[name].to_numpy() for name in ("x_km", "y_km", "detour_30"))
    rural, pop = settlements["rural"].to_numpy(), settlements["pop"].to_numpy()
    nearest = distances(x, y, centres["x"].to_numpy(), centres["y"].to_numpy()).min(axis=1) * road
    far = rural & (nearest > FAR)
    within = distances(x[far], y[far], x[rural], y[rural]) * road[far][:, None] <= REACH
    n, m = within.shape
    count = np.append(np.ones(m), np.zeros(n))
    covered = []
    for posts in POSTS:
        found = milp(
            np.append(np.zeros(m), -pop[far].astype(float)),
            integrality=count,
            bounds=Bounds(0, 1),
            constraints=[
                LinearConstraint(hstack([-csr_array(within.astype(float)), eye_array(n)]), -np.inf, 0),
                LinearConstraint(count[None, :], 0, posts),
            ],
            options={"mip_rel_gap": 0},
        )
        covered.append(int(pop[far][within[:, found.x[:m] > 0.5].any(axis=1)].sum()))
    return pd.DataFrame({"posts": list(POSTS), "covered": covered})


if __name__ == "__main__":
    write(make, "synth_posts_exact")
