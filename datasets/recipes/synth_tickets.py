"""Synthetic: 3,000 questions and complaints that people left with an invented health service in one year.

What the table is built to show: time to an answer must count what is still open. In the box few items are ever closed, and
those few quickly, so the mean of the closed ones makes the box look best. Items that come late in the year are seen for a
short time only.

``python datasets/recipes/synth_tickets.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import uniforms, write

SEED = 20230914
TICKETS, YEAR = 3000, 365
# channel -> (share of items, share that anybody will ever take up, days to an answer on average once taken up)
CHANNELS = {
    "worker": (0.25, 0.93, 32),
    "phone": (0.30, 0.85, 48),
    "counter": (0.25, 0.72, 60),
    "box": (0.20, 0.36, 24),
}
OTHER_LANGUAGE = {"worker": 1.1, "phone": 1.9, "counter": 1.6, "box": 1.5}  # times as long
SHARED = 0.7  # of items, in a language of whoever must answer


def make() -> pd.DataFrame:
    """One row an item; columns as in ``datapackage.json``."""
    u = uniforms(SEED, 5, TICKETS)
    names, ends = list(CHANNELS), np.cumsum([share for share, _, _ in CHANNELS.values()])
    channel = np.array(names)[np.minimum(np.searchsorted(ends, u[0]), len(names) - 1)]
    shared = u[1] < SHARED
    opened = np.floor(u[2] * YEAR).astype(int)
    taken = u[3] < np.array([CHANNELS[c][1] for c in channel])
    slower = np.where(shared, 1.0, [OTHER_LANGUAGE[c] for c in channel])
    days = np.ceil(-np.log(u[4]) * np.array([CHANNELS[c][2] for c in channel]) * slower).astype(int)
    seen = YEAR - opened
    closed = taken & (days <= seen)
    table = pd.DataFrame(
        {
            "channel": channel,
            "language": np.where(shared, "shared", "other"),
            "opened": opened,
            "days": np.where(closed, days, seen),
            "closed": closed.astype(int),
        }
    )
    table = table.sort_values("opened", kind="stable").reset_index(drop=True)
    table.insert(0, "ticket", [f"T{i:04d}" for i in range(1, TICKETS + 1)])
    return table


if __name__ == "__main__":
    write(make, "synth_tickets")
