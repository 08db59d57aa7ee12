"""Synthetic: the stays of 1,500 invented patients in one hospital, 1,200 of whom are in the register ``synth_gp``.

Names stand in Arabic or in one of several Latin spellings; some birthdays are turned round or set to 1 January, some people
have moved. How people and records are made stands in ``people.py``.

``python datasets/recipes/synth_hospital.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import pandas as pd
from draws import write
from people import people

SEED = 20260801  # that of synth_gp: the same people


def make() -> pd.DataFrame:
    """One row a patient; columns as in ``datapackage.json``."""
    return people(SEED)[1]


if __name__ == "__main__":
    write(make, "synth_hospital")
