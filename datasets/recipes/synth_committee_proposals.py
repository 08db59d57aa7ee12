"""Synthetic: what became of the proposals made in the 36 meetings of ``synth_committee_members``, of no real place.

Each meeting has a rung on Arnstein's ladder. One row a proposal; a meeting without proposals has one row that says so.
What the table is built to show: high attendance and many proposals go together with next to no adoption on the middle
rungs, and it is the residents' proposals that are not adopted.

``python datasets/recipes/synth_committee_proposals.py`` rewrites the CSV. Its targets are in ``datasets/datapackage.json``.
"""

import numpy as np
import pandas as pd
from draws import uniforms, write
from synth_committee_members import COMMITTEES, MEETINGS

SEED = 20240905
RUNGS = np.repeat(np.arange(1, 8), [2, 3, 8, 11, 6, 4, 2])  # of the 36 meetings: most inform or consult
LISTENS = {1: 0.0, 2: 0.05, 3: 0.10, 4: 0.20, 5: 0.30, 6: 0.60, 7: 0.75}  # mean chance that a proposal is adopted
PROPOSERS = ["professional", "professional", "councillor", "association", "association", "resident", "resident"]
EAR = {"professional": 1.8, "councillor": 1.6, "association": 0.8, "resident": 0.35}  # times that chance


def make() -> pd.DataFrame:
    """One row a proposal, or a meeting without any; columns as in ``datapackage.json``."""
    names = [f"{committee}{meeting:02d}" for committee in COMMITTEES for meeting in range(1, MEETINGS + 1)]
    u = uniforms(SEED, 3, len(names))
    rung = RUNGS[np.argsort(u[0], kind="stable")]
    made = np.where(u[1] < 0.10, 0, 3 + (u[1] * 53).astype("int64") % 7)
    rows = []
    for i, name in enumerate(names):
        draw = uniforms(SEED + 1 + i, 2, 12)
        closed = u[2][i] < 0.45 and rung[i] <= 5  # some meetings were decided before they began
        for j in range(made[i]):
            proposer = PROPOSERS[int(draw[0][j] * len(PROPOSERS))]
            chance = 0.0 if closed else min(0.95, LISTENS[int(rung[i])] * EAR[proposer])
            rows.append((name, int(rung[i]), proposer, int(draw[1][j] < chance)))
        if not made[i]:
            rows.append((name, int(rung[i]), None, None))
    out = pd.DataFrame(rows, columns=["meeting", "rung", "proposer", "adopted"])
    out["adopted"] = out["adopted"].astype("Int64")
    out.insert(0, "proposal", [f"M{i:03d}" for i in range(1, len(out) + 1)])
    return out


if __name__ == "__main__":
    write(make, "synth_committee_proposals")
