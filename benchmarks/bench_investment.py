"""How long the model of prevention takes for many sets of assumptions, and the cap on care costs for a million people.

Run with ``make bench``. Time and memory are measured and printed, never asserted: a slow machine fails nothing. The aim: 10,000
sets over 30 years in under 1 second, and a million people in under 1 second. One set after another stands beside the first.
"""

import numpy as np
import pytest
from memory import peak_memory

from integrated_care.investment import fit_two_part, ill_paths, private_cost, share_spent_by_tenth, simulate_health

SETS, PEOPLE = 10_000, 1_000_000


@pytest.fixture(scope="module")
def sets() -> dict[str, np.ndarray]:
    """Assumptions drawn from the ranges that the chapter names."""
    rng = np.random.default_rng(13)
    return {"psi": rng.uniform(0.1, 0.6, SETS), "delay": rng.uniform(2, 10, SETS)}


@pytest.fixture(scope="module")
def people() -> tuple[np.ndarray, np.ndarray]:
    """Synthetic: what care costs and what people own, in thousands of pounds."""
    rng = np.random.default_rng(14)
    mu, sigma = fit_two_part(0.25, 0.75, 50, 0.9, 100)
    cost = np.where(rng.random(PEOPLE) < 0.25, 0.0, rng.lognormal(mu, sigma, PEOPLE))
    return cost, rng.lognormal(np.log(150), 1.1, PEOPLE)


def test_ten_thousand_sets_over_thirty_years(benchmark, sets):
    ill = benchmark.pedantic(ill_paths, args=(sets, 0.2), rounds=5)
    peak = peak_memory(lambda: ill_paths(sets, 0.2))
    print(f"\n{SETS:,} sets of assumptions over 30 years: {peak:.2f} GB at the peak")
    first = {name: values[0] for name, values in sets.items()}
    assert ill[:, 0] == pytest.approx(simulate_health(first, 0.2)["I"].to_numpy())


def test_one_hundred_of_them_one_after_another(benchmark, sets):
    def each() -> list[float]:
        return [simulate_health({k: v[i] for k, v in sets.items()}, 0.2)["I"].iloc[-1] for i in range(100)]

    assert len(benchmark.pedantic(each, rounds=1)) == 100


def test_a_cap_for_a_million_people(benchmark, people):
    cost, wealth = people

    def spent():
        return share_spent_by_tenth(private_cost(cost, wealth, 86, 20, 100, hotel=10), wealth)

    share = benchmark.pedantic(spent, rounds=5)
    print(f"\na cap for {PEOPLE:,} people: {peak_memory(spent):.2f} GB at the peak beyond the columns")
    assert share.between(0, 1).all()
