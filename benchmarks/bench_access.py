"""How long the methods of chapter 6 take for a whole country, beside the library that a professional would use.

Run with ``make bench``. Time and memory are measured and printed, never asserted: a slow machine fails nothing. The aims: 2SFCA
for 100,000 settlements and 3,000 facilities in under 10 seconds and 2 GB, and the exact covering problem of the region of the
course (960 settlements, 318 candidates, 40 posts). PySAL's ``access`` is measured where it is installed, on a size whose pairs it
can hold; it is given the pairs within reach, while ours looks for them.
"""

import numpy as np
import pandas as pd
import pytest
from memory import peak_memory

from integrated_care import load
from integrated_care.access import greedy_cover, mclp, pairwise_km, two_sfca, two_sfca_at

SETTLEMENTS, FACILITIES, REACH = 100_000, 3_000, 20
SMALL = 5_000, 500  # what a table of pairs can hold


def country(settlements: int, facilities: int) -> tuple[np.ndarray, ...]:
    """Supply, people, and where they are, on a square of 700 km."""
    rng = np.random.default_rng(6)
    places, sites = (np.round(rng.random((n, 2)) * 700, 2) for n in (settlements, facilities))
    return rng.integers(0, 9, facilities), rng.integers(20, 2000, settlements), places, sites


def test_a_country(benchmark):
    given = country(SETTLEMENTS, FACILITIES)
    access = benchmark.pedantic(two_sfca_at, (*given, REACH), {"detour": 1.4}, rounds=3)
    assert access.shape == (SETTLEMENTS,)


def test_the_memory_of_a_country():
    given = country(SETTLEMENTS, FACILITIES)
    peak = peak_memory(lambda: two_sfca_at(*given, REACH, 1.4))
    print(f"\nmost memory held at once: {peak:.2f} GB")


def test_the_same_on_a_size_that_a_table_of_pairs_can_hold(benchmark):
    given = country(*SMALL)
    benchmark.pedantic(two_sfca_at, (*given, REACH), rounds=3)


def test_the_same_by_pysal_access(benchmark):
    fca = pytest.importorskip("access.fca", reason="PySAL access is not installed")
    supply, pop, places, sites = country(*SMALL)
    d = pairwise_km(places, sites)
    rows, columns = np.nonzero(d <= REACH)
    cost = pd.DataFrame({"origin": rows, "dest": columns, "cost": d[rows, columns]})
    demand, doctors = pd.DataFrame({"pop": pop}), pd.DataFrame({"supply": supply})
    demand.index.name, doctors.index.name = "origin", "dest"

    def pysal() -> pd.Series:
        return fca.two_stage_fca(
            demand_df=demand, supply_df=doctors, cost_df=cost, max_cost=REACH, demand_index="origin", demand_name="pop",
            supply_index="dest", supply_name="supply", cost_origin="origin", cost_dest="dest", cost_name="cost",
        )  # fmt: skip

    found = benchmark.pedantic(pysal, rounds=3)
    ours = pd.Series(two_sfca(supply, pop, d, REACH))
    assert np.allclose(found.reindex(ours.index).fillna(0), ours)


def region() -> tuple[np.ndarray, np.ndarray]:
    places, sites = load("synth_region_settlements"), load("synth_facilities")
    where = ["x_km", "y_km"]
    return places["pop"].to_numpy(), pairwise_km(places[where], sites[where]) <= 5


def test_forty_posts_exactly(benchmark):
    w, cover = region()
    sites, covered = benchmark.pedantic(mclp, (w, cover, 40), rounds=3)
    assert len(sites) <= 40 and covered >= greedy_cover(w, cover, 40)[1][-1]


def test_forty_posts_greedily(benchmark):
    w, cover = region()
    sites, _ = benchmark(greedy_cover, w, cover, 40)
    assert len(sites) == 40
