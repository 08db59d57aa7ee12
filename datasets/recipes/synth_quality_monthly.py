"""Synthetic: eight wards of an invented hospital, month by month, with four causes planted among them.

What the table is built to show: a ward can be red without any cause and green with one. ``rate`` gives each ward the share of
observations that are taken on time; the number taken in a month is drawn, so that a ward without a cause moves by chance
alone. The causes are listed in ``PLANTED``; chapter 3 tells them at its end. The seed was chosen so that the ward of the
charge nurse (W4), which has no cause, is red in its last two months, as in the chapter's scene.

``python datasets/recipes/synth_quality_monthly.py`` rewrites the CSV (targets: ``datasets/datapackage.json``).
"""

import numpy as np
import pandas as pd
from draws import normal, uniforms, write

SEED = 2714
MONTHS = [f"{2023 + (i + 10) // 12}-{(i + 10) % 12 + 1:02d}" for i in range(36)]  # November 2023 to October 2026
STEADY = {"W1": 0.945, "W2": 0.895, "W3": 0.930, "W4": 0.912, "W5": 0.938, "W6": 0.967, "W7": 0.912, "W8": 0.925}
SETS = {"W1": 420, "W2": 380, "W3": 510, "W4": 450, "W5": 400, "W6": 470, "W7": 440, "W8": 360}  # due in a month, about
# ward -> (first month from 0, last month, change of the share)
PLANTED = {
    "W2": (24, 35, 0.035),  # better, after a project of the quality group
    "W5": (18, 18, -0.075),  # one month of sickness among the staff
    "W6": (27, 35, -0.022),  # worse, and green all the same
    "W8": (29, 29, 0.065),  # forms were lost: three quarters of the sets are missing, most of them late ones
}
LOST = 0.25  # of the sets of W8, what was counted in that month


def make() -> pd.DataFrame:
    """One row a ward and month; columns as in ``datapackage.json``."""
    u = uniforms(SEED, 2, len(STEADY), len(MONTHS))
    rows = []
    for w, (ward, steady) in enumerate(STEADY.items()):
        for i, month in enumerate(MONTHS):
            first, last, change = PLANTED.get(ward, (0, -1, 0.0))
            inside = first <= i <= last
            rate = steady + (change if inside else 0.0)
            due = SETS[ward] * (0.92 + 0.16 * u[0, w, i])
            den = int(due * (LOST if ward == "W8" and inside else 1.0))
            num = den * rate + np.sqrt(den * rate * (1 - rate)) * float(normal(u[1, w, i]))
            rows.append((ward, month, int(np.clip(np.round(num), 0, den)), den))
    return pd.DataFrame(rows, columns=["ward", "month", "num", "den"])


if __name__ == "__main__":
    write(make, "synth_quality_monthly")
