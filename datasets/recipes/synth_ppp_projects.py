"""Synthetic: 30 projects, none of them real, each built by the State or by a private partner, over ten years.

What the table is built to show: on paper a partner costs more, because private finance does, and becomes the cheaper way
only through the risk that it takes over. All numbers are invented.

``python datasets/recipes/synth_ppp_projects.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import normal, uniforms, write

SEED = 20200114
PROJECTS, YEARS = 30, 10
RATE = 0.05  # at which the partner's price is set against the public cost


def make() -> pd.DataFrame:
    """One row a project and year; columns as in ``datapackage.json``."""
    u = uniforms(SEED, 6, PROJECTS)
    build = np.round(np.exp(5.3 + 0.6 * normal(u[0])))
    run = np.round(build * (0.06 + 0.06 * u[1]), 1)
    premium = 0.03 + 0.13 * u[2]
    year = np.arange(YEARS + 1)
    public = np.where(year < 2, np.where(year == 0, 0.6, 0.4) * build[:, None], run[:, None])
    public = np.round(public, 1)
    discount = (1 + RATE) ** -year
    fee = (1 + premium) * (public @ discount) / discount[2:].sum()
    ppp = np.round(np.where(year < 2, 0.0, fee[:, None]), 1)
    table = {
        "project": np.repeat([f"P{i:02d}" for i in range(1, PROJECTS + 1)], YEARS + 1),
        "year": np.tile(year, PROJECTS),
        "public": public.ravel(),
        "ppp": ppp.ravel(),
    }
    for name, values in {
        "p_overrun": np.round(0.3 + 0.4 * u[3], 2),
        "overrun": np.round(0.15 + 0.4 * u[4], 2),
        "transferred_stated": np.round(0.6 + 0.4 * u[5], 2),
    }.items():
        table[name] = np.repeat(values, YEARS + 1)
    return pd.DataFrame(table)


if __name__ == "__main__":
    write(make, "synth_ppp_projects")
