"""How long the charts of chapter 3 take for very many series, beside a loop over pandas Series.

Run with ``make bench``. Time is measured and printed, never asserted: a slow machine fails nothing. The aim: limits, signals and
funnels of 10,000 series of 120 months, each in one call.
"""

import numpy as np
import pandas as pd
import pytest

from integrated_care.variation import funnel, signals, xmr

SERIES, MONTHS = 10_000, 120
LOOPED = 500  # series that the loop gets; its time is then twenty times less than for all


@pytest.fixture(scope="module")
def shares() -> np.ndarray:
    """Monthly shares, a row a series; one month in fifty is missing."""
    rng = np.random.default_rng(3)
    x = rng.normal(0.92, 0.02, (SERIES, MONTHS))
    return np.where(rng.random(x.shape) < 0.02, np.nan, x)


@pytest.fixture(scope="module")
def counts() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    den = rng.integers(50, 500, (SERIES, MONTHS))
    return rng.binomial(den, 0.92), den


def test_limits_and_signals_of_ten_thousand_series(benchmark, shares):
    found = benchmark(lambda: signals(shares, *xmr(shares)))
    assert found["run"].shape == (SERIES, MONTHS)


def test_the_same_by_a_loop_over_pandas(benchmark, shares):
    def chart(x: pd.Series) -> pd.DataFrame:
        mean, half = x.mean(), 2.66 * x.diff().abs().mean()
        side = np.sign(x - mean)
        piece = side.ne(side.shift()).cumsum()
        run = (side.groupby(piece).transform("size") >= 8) & side.ne(0) & side.notna()
        return pd.DataFrame({"beyond": (x - mean).abs() > half, "run": run})

    def loop() -> list[pd.DataFrame]:
        return [chart(pd.Series(row)) for row in shares[:LOOPED]]

    found = benchmark.pedantic(loop, rounds=2)
    ours = signals(shares[:LOOPED], *xmr(shares[:LOOPED]))
    assert (np.array([f["beyond"] for f in found]) == ours["beyond"]).all()
    assert (np.array([f["run"] for f in found]) == ours["run"]).all()
    print(f"\nthe loop took {LOOPED} of {SERIES:,} series: multiply by {SERIES // LOOPED}")


def test_ten_thousand_funnels(benchmark, counts):
    found = benchmark(funnel, *counts)
    assert found["phi"].shape == (SERIES,)


def test_the_same_funnels_by_a_loop_over_pandas(benchmark, counts):
    def chart(num: pd.Series, den: pd.Series) -> tuple[float, pd.Series]:
        centre = num.sum() / den.sum()
        z = (num / den - centre) / np.sqrt(centre * (1 - centre) / den)
        phi = (z**2).mean()
        return phi, z.abs() > 3 * np.sqrt(max(phi, 1))

    def loop() -> list[tuple[float, pd.Series]]:
        return [chart(pd.Series(n), pd.Series(d)) for n, d in zip(counts[0][:LOOPED], counts[1][:LOOPED], strict=True)]

    found = benchmark.pedantic(loop, rounds=2)
    assert np.allclose([phi for phi, _ in found], funnel(*counts)["phi"][:LOOPED])
