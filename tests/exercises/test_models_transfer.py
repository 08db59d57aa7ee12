"""The model answers and the library were written separately: on random inputs they agree."""

import numpy as np
import pandas as pd
import pytest
from harness import Exercise, outcome, same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrated_care import transfer as methods

function = Exercise("transfer").function
models = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

seeds = st.integers(0, 2**32 - 1)


@models
@given(st.datetimes(), st.booleans())
def test_go_live(moment, as_text):
    moment = moment.replace(year=1900 + moment.year % 200, tzinfo=None)
    asked = str(moment) if as_text else moment
    assert function("go_live")(asked) == methods.go_live(asked)


@pytest.mark.parametrize("nothing", [None, pd.NaT])
def test_no_meeting(nothing):
    assert function("go_live")(nothing) is methods.go_live(nothing) is pd.NaT


def panel(seed: int) -> pd.DataFrame:
    """Units with starts before, within and after some times without a gap."""
    rng = np.random.default_rng(seed)
    times = int(rng.integers(0, 3000)) + np.arange(int(rng.integers(2, 6)))
    starts = rng.choice([*(times[0] + np.arange(-1, 7)), np.nan], int(rng.integers(2, 9)))
    rows = [(u, t, rng.normal(), s) for u, s in enumerate(starts) for t in times]
    df = pd.DataFrame(rows, columns=["unit", "time", "outcome", "start"])
    return df.sample(frac=1, random_state=seed % 2**31).astype({"start": "Int64" if seed % 2 else "float"})


@models
@given(seeds, st.sampled_from(["notyet", "never", "others"]), st.integers(1, 5))
def test_staged(seed, control, window):
    df = panel(seed)
    assert same(function("twfe")(df), methods.twfe(df))
    ours, theirs = (outcome(f, df, control) for f in (function("att_gt"), methods.att_gt))
    if control == "others":
        assert ours == theirs == "refused"
        return
    assert list(ours.columns) == list(theirs.columns)[:4]
    assert same(ours.to_numpy(float), theirs[list(ours.columns)].to_numpy(float))
    assert same(function("aggregate")(ours), methods.aggregate(theirs))
    if len(ours):
        study, other = (f(ours, window) for f in (function("event_study"), methods.event_study))
        assert list(study.columns) == list(other.columns)
        assert same(study.to_numpy(float), other.to_numpy(float))


@models
@given(
    st.integers(-1, 14),
    st.integers(-1, 8),
    st.integers(0, 300),
    st.floats(-0.1, 1),
    st.floats(-1, 1),
    st.integers(-1, 3),
)
def test_sw_power(regions, steps, n, icc, effect, baseline):
    asked = (regions, steps, n, icc, effect, baseline)
    ours, theirs = (outcome(f, *asked) for f in (function("sw_power"), methods.sw_power))
    if isinstance(ours, str) or isinstance(theirs, str):
        assert ours == theirs
    else:
        assert same(ours[0], theirs[0])
        assert same(ours[1], theirs[1], 1e-4)  # 1.96, and the quantile that it is short for


@models
@given(seeds, st.integers(0, 9), st.integers(1, 12), st.booleans())
def test_rollout_plan(seed, steps, regions, begun):
    """Chance may differ; how many regions of each stratum a step has may not differ by more than 1, in either."""
    names = [f"region {k}" for k in range(regions)]
    strata = dict(zip(names, np.random.default_rng(seed).choice(["low", "middle", "high"], regions), strict=True))
    first = names[regions // 2] if begun else None
    free = [name for name in names if name != first]
    for rollout_plan in (function("rollout_plan"), methods.rollout_plan):
        plan = outcome(rollout_plan, names, steps, strata, seed % 1000, first)
        if not 1 <= steps <= len(free):
            assert isinstance(plan, str) or steps > len(free)
            continue
        assert list(plan.index) == names and (first is None or plan[first] == 0)
        for group in (free, *([name for name in free if strata[name] == kind] for kind in set(strata.values()))):
            count = plan[group].value_counts().reindex(range(1, steps + 1), fill_value=0)
            assert count.max() - count.min() <= 1 and count.sum() == len(group)
        assert plan[free].value_counts().reindex(range(1, steps + 1)).is_monotonic_decreasing
        assert plan.equals(rollout_plan(names, steps, strata, seed % 1000, first))


@models
@given(
    st.lists(st.floats(-9, 9) | st.just(np.nan), min_size=1, max_size=4),
    st.floats(-5, 5),
    st.floats(-1, 5),
    st.sampled_from(["high", "low", "more"]),
    st.booleans(),
)
def test_scale01(x, lo, width, better, alone):
    asked = (x[0] if alone else x, lo, lo + width, better)
    assert same(outcome(function("scale01"), *asked), outcome(methods.scale01, *asked))


@pytest.mark.parametrize("k", [1, 2, 5])
def test_simplex_weights(k):
    """Other draws, perhaps, and the same law: sorted, no quantile of a weight lies far from that of the other's."""
    ours, theirs = (f(4000, k, seed) for seed, f in enumerate((function("simplex_weights"), methods.simplex_weights)))
    assert ours.shape == theirs.shape and same(ours.sum(axis=1), 1) and (ours >= 0).all()
    assert np.abs(np.sort(ours, axis=0) - np.sort(theirs, axis=0)).max() < 0.1
    levels = np.linspace(0.05, 0.95, 19)
    assert np.abs(np.quantile(ours, levels, axis=0) - np.quantile(theirs, levels, axis=0)).max() < 0.03


@models
@given(seeds, st.integers(1, 12), st.integers(1, 5), st.integers(1, 4), st.booleans())
def test_smaa(seed, draws, alternatives, criteria, tied):
    rng = np.random.default_rng(seed)
    samples = (
        rng.integers(0, 3, (draws, alternatives, criteria)) / 2 if tied else rng.random((draws, alternatives, criteria))
    )
    # A single criterion in each draw: exact, so that equal values are equal in every way to sum.
    weights = np.eye(criteria)[rng.integers(0, criteria, draws)] if tied else rng.dirichlet(np.ones(criteria), draws)
    ours, theirs = (f(samples, weights) for f in (function("smaa"), methods.smaa))
    assert set(ours) == set(theirs)
    for name in ("acceptability", "central") if tied else theirs:
        assert same(ours[name], theirs[name]), name


@models
@given(seeds, st.booleans())
def test_transport(seed, wrong):
    rng = np.random.default_rng(seed)
    names = list("abcde")

    def shares():
        some = rng.choice(names, int(rng.integers(1, 5)), replace=False)
        part = rng.integers(0, 4, len(some)).astype(float)
        part[0] += 1
        return dict(
            zip(some.tolist(), (part / part.sum() * (0.9 if wrong and rng.random() < 0.5 else 1)).tolist(), strict=True)
        )

    effect = {name: float(rng.normal()) if rng.random() < 0.8 else np.nan for name in names if rng.random() < 0.9}
    asked = (effect, shares(), pd.Series(shares()))
    ours, theirs = (outcome(f, *asked) for f in (function("transport"), methods.transport))
    if isinstance(ours, str) or isinstance(theirs, str):
        assert ours == theirs
    else:
        assert ours["missing"] == theirs["missing"]
        assert same([ours["source"], ours["target"]], [theirs["source"], theirs["target"]])


@models
@given(st.lists(st.integers(-1, 9), max_size=6))
def test_ess(w):
    assert same(outcome(function("ess"), w), outcome(methods.ess, w))


@models
@given(seeds, st.integers(1, 5), st.integers(1, 4), st.sampled_from([1, 0.9]), st.booleans())
def test_robust(seed, practices, shocks, total, more):
    rng = np.random.default_rng(seed)
    names = rng.permutation(list("vwxyz"))[:practices]
    value = pd.DataFrame(rng.integers(-3, 4, (practices, shocks)), index=names, columns=list("abcd")[:shocks])
    # Halves, quarters and eighths: equal means are equal in every way to sum.
    parts = [0.5, 0.25, 0.125, 0.125][: shocks - 1]
    prob = dict(zip(rng.permutation(value.columns), [*parts, total - sum(parts)], strict=True)) | (
        {"flood": 0.0} if more else {}
    )
    assert outcome(function("robust"), value, prob) == outcome(methods.robust, value, prob)
