"""How long the model of chapter 11 takes for very many draws of its parameters.

Run with ``make bench``. Time and memory are measured and printed, never asserted: a slow machine fails nothing. The aim:
capability for 100,000 draws of the parameters over 50 years in under 2 seconds.
"""

import tracemalloc

import numpy as np
import pytest

from integrated_care.reform import breakeven_years, capability

DRAWS, YEARS = 100_000, 50


@pytest.fixture(scope="module")
def draws() -> dict[str, np.ndarray]:
    """Losses, recovery times and pauses within the ranges of the chapter."""
    rng = np.random.default_rng(11)
    return {
        "delta": rng.uniform(0.2, 0.5, DRAWS),
        "tau": rng.uniform(2, 5, DRAWS),
        "pause": rng.uniform(0, 2.5, DRAWS),
    }


def test_capability_of_a_hundred_thousand_draws(benchmark, draws):
    times, events = np.arange(YEARS + 1), np.arange(0, YEARS + 1, 7)
    path = benchmark.pedantic(capability, args=(times, events), kwargs=draws, rounds=5)
    tracemalloc.start()
    capability(times, events, **draws)
    peak = tracemalloc.get_traced_memory()[1] / 1e9
    tracemalloc.stop()
    benchmark.extra_info["peak_gb"] = peak
    print(f"\ncapability of {DRAWS:,} draws over {YEARS} years: {peak:.2f} GB at the peak")
    assert path.shape == (DRAWS, YEARS + 1)


def test_breakeven_of_a_hundred_thousand_draws(benchmark, draws):
    years = benchmark(breakeven_years, 0.1, **draws)
    assert (years > 0).all()
