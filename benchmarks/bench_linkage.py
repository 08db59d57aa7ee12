"""How long joining takes: EM on ten million pairs, and a million candidate pairs scored, beside ``recordlinkage``.

Run with ``make bench``. Time is measured and printed, never asserted: a slow machine fails nothing. The aims: EM on ten million
pairs, which are pattern counts by then, under one second; a million candidate pairs under two. ``recordlinkage`` is not in the
locked requirements: ``pip install recordlinkage`` first, or that one is skipped.
"""

import numpy as np
import pandas as pd
import pytest

from integrated_care.linkage import compare, count_patterns, em_fs, match_weights, pair_weights

FIELDS = ["given", "family", "year", "day", "commune", "number"]
SIZES = [20, 160, 90, 336, 40, 100_000]
PAIRS = 1_000_000
M, U = [0.93, 0.98, 0.97, 0.95, 0.92, 0.98], [1 / size for size in SIZES]


def people(seed: int, rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = {name: rng.integers(0, size, rows).astype(str) for name, size in zip(FIELDS, SIZES, strict=True)}
    return pd.DataFrame(table, dtype=object).mask(rng.random((rows, len(FIELDS))) < 0.05)


@pytest.fixture(scope="module")
def two() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Five thousand records beside two thousand: ten million pairs, of which 1,500 are one person."""
    a, b = people(1, 5000), people(2, 2000)
    b.iloc[:1500] = a.iloc[:1500].where(np.random.default_rng(3).random((1500, len(FIELDS))) < M, b.iloc[:1500])
    return a, b


@pytest.fixture(scope="module")
def pairs() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    return rng.integers(0, 5000, PAIRS), rng.integers(0, 2000, PAIRS)


def test_ten_million_pairs_counted(benchmark, two):
    found, counts = benchmark.pedantic(count_patterns, (*two, FIELDS), rounds=2)
    assert counts.sum() == 10_000_000 and len(found) <= 3 ** len(FIELDS)


def test_em_on_ten_million_pairs(benchmark, two):
    found, counts = count_patterns(*two, FIELDS)
    lam, m, _, path = benchmark(lambda: em_fs(found, counts, 200, init=(0.001, [0.9] * 6, [0.1] * 6)))
    assert lam * 1e7 == pytest.approx(1500, rel=0.05) and m == pytest.approx(M, abs=0.03)
    assert (np.diff(path) > -1e-3).all()


def test_a_million_pairs_scored(benchmark, two, pairs):
    weights = match_weights(M, U)
    found = benchmark(lambda: pair_weights(compare(*two, FIELDS, *pairs), weights))
    assert found.shape == (PAIRS,)


def test_the_same_million_by_recordlinkage(benchmark, two, pairs):
    recordlinkage = pytest.importorskip("recordlinkage")
    comparison = recordlinkage.Compare()
    for field in FIELDS:
        comparison.exact(field, field, label=field, missing_value=np.nan)
    index = pd.MultiIndex.from_arrays(pairs)
    weights = match_weights(M, U)

    def score() -> np.ndarray:
        return pair_weights(comparison.compute(index, *two).to_numpy(), weights)

    found = benchmark.pedantic(score, rounds=1)
    assert found == pytest.approx(pair_weights(compare(*two, FIELDS, *pairs), weights))
