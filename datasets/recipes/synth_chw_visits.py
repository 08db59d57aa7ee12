"""Synthetic: what 240 community health workers did in each month of a year, none of them real.

What the table is built to show: the day of a worker goes into three things, and where homes lie far apart most of it goes
into the road. The size of the programme (regions, provinces, rural centres, clients for each worker) is that of Morocco's
pilot as it was reported; hours, papers, roads and visits are invented. The places are numbered and stand for no real one.

``python datasets/recipes/synth_chw_visits.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import normal, uniforms, write

SEED = 20220407
WORKERS, CENTRES, PROVINCES, REGIONS = 240, 56, 14, 3
MONTHS = range(1, 13)
CLIENTS = 285
HOURS = 104  # a month, about 24 a week
PAPERS = 0.25  # of the hours: registers, meetings, reports
VISIT = 25  # minutes


def make() -> pd.DataFrame:
    """One row a worker and month; columns as in ``datapackage.json``."""
    u = uniforms(SEED, 3, WORKERS)
    v = uniforms(SEED + 1, 3, WORKERS, len(MONTHS))
    centre = np.arange(WORKERS) % CENTRES
    province = centre % PROVINCES
    road = np.exp(3.05 + 0.55 * normal(u[0]))  # minutes to the next home
    clients = np.round(CLIENTS + 30 * normal(u[1])).astype(int)
    hours = np.round(HOURS + 6 * normal(v[0]), 1)
    papers = np.clip(PAPERS + 0.05 * normal(u[2])[:, None] + 0.03 * normal(v[1]), 0.05, 0.6)
    left = 60 * hours * (1 - papers)
    each = road[:, None] * (1 + 0.1 * normal(v[2]).clip(-2, 2))
    visits = np.floor(left / (VISIT + each)).astype(int)
    travel = np.round(visits * each).astype(int)
    table = {
        "worker": [f"H{i:03d}" for i in range(1, WORKERS + 1)],
        "region": [f"R{1 + p % REGIONS}" for p in province],
        "province": [f"P{1 + p:02d}" for p in province],
        "centre": [f"C{1 + c:02d}" for c in centre],
        "clients": clients,
    }
    rows = {name: np.repeat(values, len(MONTHS)) for name, values in table.items()}
    rows["month"] = np.tile(list(MONTHS), WORKERS)
    rows["hours"] = hours.ravel()
    rows["admin_min"] = np.round(60 * hours * papers).astype(int).ravel()
    rows["travel_min"] = travel.ravel()
    rows["visits"] = visits.ravel()
    return pd.DataFrame(rows)


if __name__ == "__main__":
    write(make, "synth_chw_visits")
