"""How long the methods of chapter 14 take for a country of units, and for very many weights.

Run with ``make bench``. Time and memory are measured and printed, never asserted: a slow machine fails nothing. The aims:
group-time effects of 100,000 units in 20 periods in under 2 seconds, and the ranks of 12 practices under a million sets of
weights in under 2 seconds. Beside them stand the usual loops: a mean by pandas for each cell, a sort for each weight.
"""

import numpy as np
import pandas as pd
import pytest
from memory import peak_memory

from integrated_care.transfer import aggregate, att_gt, simplex_weights, smaa, twfe

UNITS, PERIODS, STARTS = 100_000, 20, [5, 8, 11, 14, 17, np.nan]
WEIGHTS, DRAWS, PRACTICES, CRITERIA = 1_000_000, 1_000, 12, 8


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    """Synthetic: the effect grows by one in each period after the start."""
    rng = np.random.default_rng(14)
    start = np.repeat(rng.choice(STARTS, UNITS), PERIODS)
    time = np.tile(np.arange(1, PERIODS + 1), UNITS)
    effect = np.where(time >= start, time - start + 1, 0)
    outcome = rng.normal(size=UNITS * PERIODS) + effect
    unit = np.repeat(np.arange(UNITS), PERIODS)
    return pd.DataFrame({"unit": unit, "time": time, "outcome": outcome, "start": start})


@pytest.fixture(scope="module")
def judged() -> tuple[np.ndarray, np.ndarray]:
    """Synthetic: scores of the practices in each draw, and weights."""
    return np.random.default_rng(15).random((DRAWS, PRACTICES, CRITERIA)), simplex_weights(WEIGHTS, CRITERIA, seed=16)


def cell_by_cell(panel: pd.DataFrame) -> list[float]:
    """The same effects from the start on as one writes them first: filter, mean and subtract for each cell."""
    found = []
    for g in STARTS[:-1]:
        for t in range(int(g), PERIODS + 1):
            means = [
                panel[who & (panel["time"] == when)]["outcome"].mean()
                for who in (panel["start"] == g, ~(panel["start"] <= t))
                for when in (t, g - 1)
            ]
            found.append(means[0] - means[1] - means[2] + means[3])
    return found


def test_group_time_effects_of_a_hundred_thousand_units(benchmark, panel):
    effects = benchmark.pedantic(att_gt, args=(panel,), rounds=3)
    peak = peak_memory(lambda: att_gt(panel))
    print(f"\ngroup-time effects of {UNITS:,} units in {PERIODS} periods: {peak:.2f} GB at the peak beyond the panel")
    assert aggregate(effects) == pytest.approx(sum(sum(range(1, 22 - g)) for g in (5, 8, 11, 14, 17)) / 50, rel=0.02)


def test_group_time_effects_cell_by_cell(benchmark, panel):
    found = benchmark.pedantic(cell_by_cell, args=(panel,), rounds=1)
    post = att_gt(panel).query("time >= start")
    assert found == pytest.approx(post["att"].tolist())


def test_two_way_effects_of_a_hundred_thousand_units(benchmark, panel):
    assert benchmark.pedantic(twfe, args=(panel,), rounds=3) > 0


def test_ranks_under_a_million_weights(benchmark, judged):
    found = benchmark.pedantic(smaa, args=judged, rounds=3)
    peak = peak_memory(lambda: smaa(*judged))
    print(f"\nranks of {PRACTICES} practices under {WEIGHTS:,} weights: {peak:.2f} GB at the peak beyond the weights")
    assert found["acceptability"].sum(axis=1) == pytest.approx(1)


def test_ranks_by_sorting_each_weight(benchmark, judged):
    """A fiftieth of the weights, one after the other."""
    scores, weights = judged

    def ranks() -> np.ndarray:
        count = np.zeros((PRACTICES, PRACTICES))
        for i, w in enumerate(weights[: WEIGHTS // 50]):
            count[np.argsort(-(scores[i % DRAWS] @ w)), np.arange(PRACTICES)] += 1
        return count / (WEIGHTS // 50)

    found = benchmark.pedantic(ranks, rounds=1)
    assert found == pytest.approx(smaa(scores, weights)["acceptability"], abs=0.02)
