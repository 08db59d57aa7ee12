"""How long and how much memory the measures of catastrophic spending take at more than the size of a country.

Run with ``make bench``. Time and memory are measured and printed, never asserted: a slow machine fails nothing. The aim: ten
million households with weights in under 2 seconds and under 1 GB beyond the columns. A pandas user's way stands beside it.
"""

import numpy as np
import pandas as pd
import pytest
from memory import peak_memory

from integrated_care.decision_space import catastrophic, concentration_of_headcount

HOUSEHOLDS = 10_000_000


@pytest.fixture(scope="module")
def households() -> dict[str, np.ndarray]:
    """Synthetic: payments, consumption and survey weights."""
    rng = np.random.default_rng(4)
    spent = rng.lognormal(10, 0.6, HOUSEHOLDS)
    return {"oop": spent * rng.beta(1, 15, HOUSEHOLDS), "consumption": spent, "w": rng.uniform(0.2, 5, HOUSEHOLDS)}


def by_pandas(oop: np.ndarray, consumption: np.ndarray, w: np.ndarray) -> dict[str, float]:
    """The same three numbers as one would write them with a table."""
    table = pd.DataFrame({"share": oop / consumption, "w": w})
    table["case"] = table["share"] > 0.1
    table["over"] = (table["share"] - 0.1).where(table["case"], 0)
    cases, over = (table[c].mul(table["w"]).sum() / table["w"].sum() for c in ("case", "over"))
    return {"headcount": cases, "overshoot": over, "mean_positive_overshoot": over / cases}


def test_catastrophic_spending_of_ten_million_households(benchmark, households):
    got = benchmark.pedantic(catastrophic, kwargs=households, rounds=5)
    peak = peak_memory(lambda: catastrophic(**households))
    benchmark.extra_info["peak_gb"] = peak
    print(f"\ncatastrophic spending of {HOUSEHOLDS:,} households: {peak:.2f} GB at the peak beyond the columns")
    assert got == pytest.approx(by_pandas(**households))


def test_the_same_by_pandas(benchmark, households):
    assert benchmark.pedantic(by_pandas, kwargs=households, rounds=3)["headcount"] > 0


def test_concentration_of_ten_million_households(benchmark, households):
    size = np.random.default_rng(5).integers(1, 9, HOUSEHOLDS).astype(float)
    index = benchmark.pedantic(concentration_of_headcount, kwargs={**households, "size": size}, rounds=2)
    peak = peak_memory(lambda: concentration_of_headcount(**households, size=size))
    print(
        f"\nconcentration of the headcount of {HOUSEHOLDS:,} households: {peak:.2f} GB at the peak beyond the columns"
    )
    assert -1 < index < 1
