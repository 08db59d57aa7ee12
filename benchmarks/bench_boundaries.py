"""How long it takes to compare two maps of England's small areas, and to merge a country's councils, beside plain ways.

Run with ``make bench``. Time is measured and printed, never asserted. The aims: overlap and variation of information of 33,755
areas on maps of 42 and 36 units below 0.1 s, and a greedy merger of 153 units below 1 s.
"""

import numpy as np
import pandas as pd
import pytest

from integrated_care.boundaries import (
    cond_entropy,
    coterminosity,
    exact_merge,
    greedy_merge,
    neighbours_on_grid,
    overlap,
    variation_of_information,
)

AREAS, OLD, NEW = 33_755, 42, 36


@pytest.fixture(scope="module")
def areas() -> pd.DataFrame:
    """Two maps of small areas that agree for four areas in five, with names as long as codes are."""
    rng = np.random.default_rng(12)
    old = rng.integers(0, OLD, AREAS)
    new = np.where(rng.random(AREAS) < 0.8, old % NEW, rng.integers(0, NEW, AREAS))
    names = {"old": [f"E540000{i:02d}" for i in old], "new": [f"E540001{i:02d}" for i in new]}
    return pd.DataFrame(names).assign(people=rng.integers(1000, 3000, AREAS))


@pytest.fixture(scope="module")
def councils() -> tuple[dict, dict]:
    """153 units on a grid of 17 by 9."""
    cells = pd.DataFrame([(x, y) for x in range(17) for y in range(9)], columns=["col", "row"])
    cells["unit"] = [f"U{i:03d}" for i in range(len(cells))]
    people = np.random.default_rng(12).integers(100_000, 900_000, len(cells))
    return dict(zip(cells["unit"], people.tolist(), strict=True)), neighbours_on_grid(cells, "unit")


def test_two_maps_of_all_small_areas(benchmark, areas):
    def measures() -> tuple[float, float, dict]:
        table = overlap(areas["old"], areas["new"], areas["people"])
        return (
            variation_of_information(areas["old"], areas["new"], areas["people"]),
            cond_entropy(table),
            coterminosity(table),
        )

    found, split, _ = benchmark(measures)
    assert 0 < split < found


def test_the_same_by_a_pivot_table(benchmark, areas):
    def measures() -> float:
        table = areas.pivot_table(index="old", columns="new", values="people", aggfunc="sum", fill_value=0).to_numpy()
        p = table / table.sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            bits = p * (np.log2(p.sum(axis=1, keepdims=True) / p) + np.log2(p.sum(axis=0, keepdims=True) / p))
        return float(np.nansum(bits))

    found = benchmark(measures)
    assert found == pytest.approx(variation_of_information(areas["old"], areas["new"], areas["people"]))


@pytest.mark.parametrize("k", [40, 5])
def test_a_greedy_merger_of_153_units(benchmark, councils, k):
    people, near = councils
    found = benchmark(lambda: greedy_merge(people, near, k, lambda group: sum(people[name] for name in group) ** 2))
    assert len(found) == k


def test_all_splits_of_twelve_units(benchmark, councils):
    """The reference for small maps: 12 units in 3 groups, which is 86,526 ways."""
    people, near = councils
    some = list(people)[:4] + list(people)[9:13] + list(people)[18:22]
    near = {name: near[name] & set(some) for name in some}
    people = {name: people[name] for name in some}
    found = benchmark.pedantic(
        lambda: exact_merge(people, near, 3, lambda group: sum(people[n] for n in group) ** 2), rounds=2
    )
    assert sum(map(len, found)) == 12
