"""How long the bootstrap and the matching of chapter 7 take for 60,000 persons, beside pandas and a library.

Run with ``make bench``. Time is measured and printed, never asserted: a slow machine fails nothing. The aim: a bootstrap of
practices, 1,000 draws on 60,000 persons, in under 5 seconds.
"""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from memory import peak_memory

from integrated_care import load
from integrated_care.evaluation import did, match, selection_score

DRAWS, LOOPED = 1000, 20  # draws; and those that the loop gets


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return load("synth_cohort")


def test_cluster_bootstrap_of_sixty_thousand_persons(benchmark, people):
    columns = [people[name] for name in ("y0", "y1", "visited", "practice")]
    found = benchmark(did, *columns, DRAWS)
    print(
        f"\n{DRAWS:,} draws of {len(people):,} persons: {peak_memory(lambda: did(*columns, DRAWS)):.3f} GB at the peak"
    )
    assert found["low"] < found["estimate"] < found["high"]


def test_cluster_bootstrap_of_five_hundred_practices(benchmark, people):
    """As many clusters as a large region has practices."""
    practice = np.random.default_rng(7).integers(0, 500, len(people))
    found = benchmark(did, people["y0"], people["y1"], people["visited"], practice, DRAWS)
    assert found["se"] > 0


def test_the_same_by_a_groupby_in_each_draw(benchmark, people):
    rows = dict(list(people.groupby("practice")))
    labels = sorted(rows)

    def loop() -> list[float]:
        draws = []
        for pick in np.random.default_rng(0).integers(0, len(labels), (LOOPED, len(labels))):
            drawn = pd.concat([rows[labels[i]] for i in pick])
            mean = drawn.groupby("visited")[["y0", "y1"]].mean()
            ratio = mean["y1"] / mean["y0"]
            draws.append(ratio[1] / ratio[0] - 1)
        return draws

    found = benchmark.pedantic(loop, rounds=2)
    assert np.quantile(found, 0.5) == pytest.approx(
        did(*(people[n] for n in ("y0", "y1", "visited", "practice")))["estimate"], abs=0.02
    )
    print(f"\nthe loop took {LOOPED} of {DRAWS:,} draws: multiply by {DRAWS // LOOPED}")


def test_the_same_by_a_poisson_regression_with_clustered_errors(benchmark, people):
    """statsmodels: the same estimate, and a standard error by a formula in place of a bootstrap."""
    long = pd.concat([people[["visited", "practice"]].assign(y=people[f"y{post}"], post=post) for post in (0, 1)])

    def fit() -> float:
        model = smf.poisson("y ~ post * visited", long)
        result = model.fit(disp=0, cov_type="cluster", cov_kwds={"groups": long["practice"]})
        return float(np.expm1(result.params["post:visited"]))

    found = benchmark.pedantic(fit, rounds=2)
    assert found == pytest.approx(did(*(people[n] for n in ("y0", "y1", "visited", "practice")))["estimate"], abs=1e-4)


def test_matching_2500_among_60000(benchmark, people):
    score = selection_score(people["y0"], people["efi"], 0.47)
    pairs = benchmark(match, people["id"], score, people["visited"], 0.05)
    assert pairs["control"].is_unique
