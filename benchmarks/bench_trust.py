"""How long closing times and hunts take at the size of a country, beside lifelines where it is installed.

Run with ``make bench``. Time is measured and printed, never asserted: a slow machine fails nothing. The aims: Kaplan-Meier with
its limits for a million tickets in half a second; the hunt on 10,000 nodes, 100 rounds, in two seconds.
lifelines is not among the locked requirements; ``pip install lifelines`` first to compare.
"""

import networkx as nx
import numpy as np
import pytest

from integrated_care.trust import km, simulate_hunt

TICKETS, NODES, ROUNDS = 1_000_000, 10_000, 100


@pytest.fixture(scope="module", params=["whole days", "any time"])
def tickets(request) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(10)
    time = rng.exponential(40, TICKETS)
    return (np.ceil(time) if request.param == "whole days" else time), rng.random(TICKETS) < 0.7


def test_a_million_tickets(benchmark, tickets):
    table = benchmark.pedantic(km, tickets, rounds=5, warmup_rounds=1)
    assert table["low"].notna().sum() >= len(table) - 1


def test_the_same_by_lifelines(benchmark, tickets):
    lifelines = pytest.importorskip("lifelines")
    fitted = benchmark.pedantic(lambda: lifelines.KaplanMeierFitter().fit(*tickets), rounds=2)
    ours = km(*tickets)
    theirs = fitted.survival_function_.iloc[:, 0].loc[ours["time"]]
    assert np.allclose(ours["open"], theirs, atol=1e-9)


def test_a_hunt_on_ten_thousand_nodes(benchmark):
    graph = nx.watts_strogatz_graph(NODES, 8, 0.1, seed=1)
    coop = np.flatnonzero(np.random.default_rng(2).random(NODES) < 0.5).tolist()
    shares = benchmark.pedantic(simulate_hunt, (graph, coop, (2, 0, 1, 1), ROUNDS, 0.01), rounds=3)
    assert len(shares) == ROUNDS + 1
