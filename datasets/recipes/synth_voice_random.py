"""Synthetic: 400 persons drawn at random, without replacement, from the 200,000 of ``synth_voice_cells``.

``python datasets/recipes/synth_voice_random.py`` rewrites the CSV. Its targets are in ``datasets/datapackage.json``.
"""

import numpy as np
import pandas as pd
from draws import uniforms, write
from synth_voice_cells import persons

SEED = 20240903
DRAWN = 400


def make() -> pd.DataFrame:
    """One row a person; columns as in ``datapackage.json``."""
    everybody = persons()
    chosen = np.argsort(uniforms(SEED, len(everybody)), kind="stable")[:DRAWN]
    drawn = everybody.iloc[chosen].reset_index(drop=True)
    drawn.insert(0, "respondent", [f"R{i:03d}" for i in range(1, DRAWN + 1)])
    return drawn


if __name__ == "__main__":
    write(make, "synth_voice_random")
