"""Synthetic: a register of 4,000 invented people, as a general practice or a health centre would keep it.

What it is built to show, with ``synth_hospital``: who lacks a national number is lost when records are joined by number, and
those who lack it are poorer, rural and more often women. How people and records are made stands in ``people.py``.

``python datasets/recipes/synth_gp.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import pandas as pd
from draws import write
from people import people

SEED = 20260801


def make() -> pd.DataFrame:
    """One row a person in the register; columns as in ``datapackage.json``."""
    return people(SEED)[0]


if __name__ == "__main__":
    write(make, "synth_gp")
