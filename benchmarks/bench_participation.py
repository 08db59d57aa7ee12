"""How long and how much memory raking takes at the size of a city. Run with ``make bench``; nothing is asserted about time.

The aim: 200,000 persons on four margins in under a second.
"""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from integrated_care.participation import rake

PERSONS = 200_000
CATEGORIES = {"area": 2, "age": 6, "school": 4, "region": 12}


@pytest.fixture(scope="module")
def city() -> tuple[pd.DataFrame, dict[str, dict]]:
    """Synthetic: persons with four traits, and margins that differ from theirs."""
    rng = np.random.default_rng(9)
    persons = pd.DataFrame({name: rng.integers(0, k, PERSONS) for name, k in CATEGORIES.items()})
    return persons, {name: dict(enumerate(rng.dirichlet([4] * k))) for name, k in CATEGORIES.items()}


def test_raking_a_city_on_four_margins(benchmark, city):
    weights, cycles = benchmark(rake, *city)
    tracemalloc.start()
    rake(*city)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    print(f"\n{PERSONS:,} persons, {len(CATEGORIES)} margins: {cycles} cycles, {peak:.0f} MB at the peak")
    assert np.isclose(weights.mean(), 1)
