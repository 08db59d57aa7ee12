"""Synthetic: 1,200 volunteers of an online panel, out of the 200,000 persons of ``synth_voice_cells``.

They are more urban, read more and are younger than the population, and rather use no Amazigh language; and, at equal
traits, those who lack care join a little less. Weights on the census's margins mend the first and not the second.

``python datasets/recipes/synth_voice_panel.py`` rewrites the CSV. Its targets are in ``datasets/datapackage.json``.
"""

import numpy as np
import pandas as pd
from draws import uniforms, write
from synth_voice_cells import persons, traits

SEED = 20240902
PANEL = 1_200


def make() -> pd.DataFrame:
    """One row a volunteer; columns as in ``datapackage.json``."""
    everybody = persons()
    x = traits(everybody)
    lean = -0.9 * x["rural"] - 1.2 * x["cannot_read"] - 0.6 * x["amazigh"] - 0.7 * x["old"] - 0.15 * x["woman"]
    lean = (lean - 0.20 * everybody["unmet"]).to_numpy()
    # The first of so many waiting times: a draw without replacement, with chances as exp(lean).
    waiting = -np.log(uniforms(SEED, len(everybody))) / np.exp(lean)
    chosen = np.argsort(waiting, kind="stable")[:PANEL]
    panel = everybody.iloc[chosen].reset_index(drop=True)
    panel.insert(0, "respondent", [f"P{i:04d}" for i in range(1, PANEL + 1)])
    return panel


if __name__ == "__main__":
    write(make, "synth_voice_panel")
