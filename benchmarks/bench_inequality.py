"""How long and how much memory the methods of chapter 5 take at the size of a country.

Run with ``make bench``. Time and memory are measured and printed, never asserted: a slow machine fails nothing. The
aim: the concentration index of ten million persons in under 3 seconds and under 1 GB beyond the three columns.
"""

import numpy as np
import pytest
from memory import peak_memory

from integrated_care.inequality import concentration_index, core20, slope_index

PERSONS = 10_000_000
AREAS = 33_755  # the small areas (LSOAs) of England, 2021


@pytest.fixture(scope="module")
def persons() -> dict[str, np.ndarray]:
    """Synthetic: an outcome, incomes to the nearest ten (so that many tie) and survey weights."""
    rng = np.random.default_rng(5)
    return {
        "y": rng.gamma(2.0, 1.0, PERSONS),
        "rank_var": np.round(rng.lognormal(10, 0.6, PERSONS), -1),
        "w": rng.uniform(0.2, 5.0, PERSONS),
    }


@pytest.fixture(scope="module")
def areas() -> dict[str, np.ndarray]:
    """Synthetic: rates, people and deprivation scores of as many areas as England has."""
    rng = np.random.default_rng(5)
    score = rng.gamma(2.0, 10.0, AREAS)
    return {"rate": 0.05 + score / 1000, "pop": rng.integers(1000, 3000, AREAS), "deprivation": score}


def test_concentration_index_of_ten_million_persons(benchmark, persons):
    index = benchmark.pedantic(concentration_index, kwargs=persons, rounds=5)
    peak = peak_memory(lambda: concentration_index(**persons))
    benchmark.extra_info["peak_gb"] = peak
    print(f"\nconcentration index of {PERSONS:,} persons, many tied: {peak:.2f} GB at the peak beyond the columns")
    assert -1 < index < 1


def test_concentration_index_of_ten_million_different_ranks(benchmark, persons):
    """The worst case for the ranking: nobody ties."""
    columns = {**persons, "rank_var": np.random.default_rng(6).normal(size=PERSONS)}
    index = benchmark.pedantic(concentration_index, kwargs=columns, rounds=3)
    peak = peak_memory(lambda: concentration_index(**columns))
    benchmark.extra_info["peak_gb"] = peak
    print(f"\nconcentration index of {PERSONS:,} persons, none tied: {peak:.2f} GB at the peak beyond the columns")
    assert -1 < index < 1


def test_slope_index_of_every_small_area(benchmark, areas):
    assert benchmark(slope_index, **areas) > 0


def test_core20_of_every_small_area(benchmark, areas):
    assert benchmark(core20, areas["pop"], areas["deprivation"]).any()
