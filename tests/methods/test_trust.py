"""The methods of chapter 10, held against outside numbers, other libraries and what must be true of them."""

import doctest
import time
from itertools import pairwise
from math import inf, isnan, nan

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from integrated_care import load
from integrated_care import trust as methods
from integrated_care.trust import (
    basin,
    cascade,
    cascade_of_counts,
    chws_needed,
    did_interval,
    did_staged,
    discretion_gap,
    km,
    log_rank,
    median_close,
    serve,
    simulate_hunt,
    staged_effects,
    still_open,
    tipping_point,
    trust_path,
    villages_per_month,
    weekly_contacts,
)

# The same examples on every run; enough to find each fault that was planted, few enough to stay quick.
many = settings(max_examples=40, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32 - 1)


def close(value, **how):
    return pytest.approx(value, **({"rel": 1e-9, "abs": 1e-9} | how), nan_ok=True)


def test_examples_in_the_docstrings():
    result = doctest.testmod(methods)
    assert result.attempted > 18 and result.failed == 0


# --- the cascade ------------------------------------------------------------------------------------------------------


def test_the_cascade_of_hiv_care_in_the_united_states():
    """Gardner et al. (2011), Clinical Infectious Diseases 52:793, figure: two kinds of largest drop, and they differ."""
    people = [1_106_400, 874_056, 655_542, 437_028, 349_622, 262_217, 209_773]
    steps = ["diagnosed", "linked", "retained", "needs therapy", "on therapy", "suppressed"]
    found = cascade_of_counts(people, steps)
    assert found.table["conditional"].round(4).tolist() == [0.79, 0.75, 0.6667, 0.80, 0.75, 0.80]
    assert found.table["retained"].round(2).tolist() == [0.79, 0.59, 0.40, 0.32, 0.24, 0.19]
    assert found.table["lost"]["diagnosed"] == 232_344
    assert (found.most_lost, found.weakest) == ("diagnosed", "retained")


def test_ninety_ninety_ninety():
    """UNAIDS: three steps of 90% leave 73%."""
    found = cascade_of_counts([1000, 900, 810, 729], ["known", "treated", "suppressed"])
    assert found.table["retained"].round(2).tolist() == [0.9, 0.81, 0.73]
    assert found.weakest == "known"  # of equals the first


def test_a_cascade_is_not_rebuilt_from_rounded_shares():
    """UNAIDS for the end of 2019 (PLOS Medicine 2021): 81%, 82% and 88% were published beside 59%; their product is 58.4%."""
    assert round(0.81 * 0.82 * 0.88, 3) == 0.584


def test_a_step_without_the_one_before_it_is_not_in_the_cascade():
    women = pd.DataFrame({"visit": [1, 0, 1, None], "birth": [1, 1, 0, 1], "after": [0, 1, 1, 1]})
    found = cascade(women, ["visit", "birth", "after"])
    assert found.table["people"].tolist() == [2, 1, 0]
    assert found.table["conditional"].tolist() == [0.5, 0.5, 0.0]
    assert found.table["lost"].tolist() == [2, 1, 1]
    assert (found.most_lost, found.weakest) == ("visit", "after")


def test_after_nobody_is_left_a_share_of_them_is_nan():
    none = cascade(pd.DataFrame({"a": [0, 0], "b": [1, 1]}), ["a", "b"])
    assert none.table["conditional"].tolist() == close([0, nan]) and none.weakest == "a"
    empty = cascade(pd.DataFrame({"a": [], "b": []}), ["a", "b"])
    assert empty.table["retained"].isna().all() and empty.most_lost is None and empty.weakest is None


def test_what_is_no_cascade():
    table = pd.DataFrame({"a": [1, 2]})
    for steps, said in (([], "steps: there is none"), (["a", "a"], "'a' stands there twice"), (["b"], "no column 'b'")):
        with pytest.raises(ValueError, match=said):
            cascade(table, steps)
    with pytest.raises(ValueError, match="2 in row 1 is neither 0 nor 1"):
        cascade(table, ["a"])
    with pytest.raises(ValueError, match="11 in row 0 is more than there were before"):
        cascade_of_counts([10, 11], ["a"])


@many
@given(seeds, st.integers(1, 5), st.integers(1, 60))
def test_a_cascade_by_a_loop_over_persons(seed, steps, people):
    rng = np.random.default_rng(seed)
    values = np.where(rng.random((people, steps)) < 0.1, nan, rng.random((people, steps)) < 0.7)
    table = pd.DataFrame(values, columns=list("abcde")[:steps])
    kinds = (table, table.astype("Int64"), table.astype("boolean"), table.sample(frac=1, random_state=seed % 2**31))
    expected = [sum(all(row[: k + 1] == 1) for row in values) for k in range(steps)]
    for kind in kinds:
        before = kind.copy()
        found = cascade(kind, list(table.columns)).table
        assert found["people"].tolist() == expected
        pd.testing.assert_frame_equal(kind, before)
    assert found["retained"].tolist() == close(found["conditional"].fillna(0).cumprod().tolist())


# --- hours ------------------------------------------------------------------------------------------------------------


def test_contacts_are_whole_and_nothing_is_left_beyond_all_papers():
    assert weekly_contacts(24, 0.25, 25, 35) == 18 and weekly_contacts(24, 1, 25, 35) == 0
    assert weekly_contacts(24, 1.5, 25, 35) == 0 and weekly_contacts(0, 0, 1, 1) == 0
    # 60 * 15 * (1 - 0.55) / 45 is 9, and 8.999… in floats
    assert weekly_contacts(15, 0.55, 15, 30) == 9 and weekly_contacts(25, 0.55, 20, 5) == 27
    assert weekly_contacts([24, 24], 0.25, 25, [35, 5]).tolist() == [18, 36]
    for bad, said in (((-1, 0, 1, 1), "hours: -1"), ((1, -0.1, 1, 1), "admin"), ((1, 0, 0, 0), "are none")):
        with pytest.raises(ValueError, match=said):
            weekly_contacts(*bad)


def test_half_the_road_is_more_than_half_as_many_papers():
    """Where the road is most of the day, papers are not what stands in the way: the chapter's point about travel."""
    assert weekly_contacts(24, 0.25, 25, 17.5) > weekly_contacts(24, 0.125, 25, 35)


def test_the_pilot_and_the_country():
    """Curriculum: 285,000 clients need 1,000 workers; 30% of the rural population, 4,115,467, would need 14,441."""
    assert chws_needed(285_000, 285) == 1000 and chws_needed(4_115_467, 285) == 14_441
    assert chws_needed(0, 285) == 0 and chws_needed(1, 285) == 1
    assert chws_needed(3 * 10**17 + 1, 3) == 10**17 + 1  # no float on the way
    for bad in ((-1, 285), (10, 0), (10.5, 2), (10, 2.5), (nan, 2)):
        with pytest.raises(ValueError, match=r"^(population|clients_per_chw): "):
            chws_needed(*bad)


def test_villages_follow_from_trips():
    assert villages_per_month(18, 6) == close(13) and villages_per_month(0, 6) == 0
    with pytest.raises(ValueError, match="per_trip: 0 is not above 0"):
        villages_per_month(18, 0)


# --- a programme in stages --------------------------------------------------------------------------------------------

# Mean log teen employment of four cohorts, and how many counties each has: the sample of the R package did.
COHORTS = {
    2004: (20, [6.17969683, 6.10656356, 6.05945209, 6.02670435, 6.08538799]),
    2006: (40, [6.57399363, 6.51788372, 6.52794133, 6.55743457, 6.54304097]),
    2007: (131, [5.8429065, 5.81078313, 5.82086567, 5.8238664, 5.82004825]),
}
NEVER = (309, [5.65463002, 5.592, 5.60480843, 5.63889628, 5.66113254])


def panel(*, never: bool) -> pd.DataFrame:
    cohorts = {**COHORTS, nan: NEVER} if never else COHORTS
    rows = [
        (f"{start}-{i}", 2003 + t, mean, start)
        for start, (size, means) in cohorts.items()
        for i in range(size)
        for t, mean in enumerate(means)
    ]
    return pd.DataFrame(rows, columns=["unit", "time", "outcome", "start"])


def effects(df: pd.DataFrame) -> dict:
    return {(g, t): e for g, t, e in staged_effects(df)[["start", "time", "effect"]].itertuples(index=False)}


def test_minimum_wages_with_counties_not_yet_treated():
    """Callaway and Sant'Anna (2021), sample of the R package did; csdid 0.4.3 with controls not yet treated."""
    found = effects(panel(never=True))
    printed = {
        (2004, 2004): -0.019372, (2004, 2005): -0.078319, (2004, 2006): -0.136274, (2004, 2007): -0.100811,
        (2006, 2006): 0.004661, (2006, 2007): -0.041224, (2007, 2007): -0.026054,
    }  # fmt: skip
    assert found == close(printed, abs=1e-6)
    assert did_staged(panel(never=True)) == pytest.approx(-0.039764, abs=1e-6)  # csdid, "simple"


def test_minimum_wages_without_the_never_treated():
    """csdid 0.4.3, design of did#41: the last cohort is the control, and its own year is lost."""
    printed = {
        (2004, 2004): -0.035399, (2004, 2005): -0.092587, (2004, 2006): -0.133952, (2006, 2006): 0.026493,
    }  # fmt: skip
    assert effects(panel(never=False)) == close(printed, abs=1e-6)


def test_who_had_it_from_the_beginning_changes_nothing():
    """did#266."""
    df = panel(never=True)
    always = pd.DataFrame([(f"x{t}", t, 9.0, s) for s in (1990, 2003) for t in range(2003, 2008)], columns=df.columns)
    always["unit"] = "x" + always["start"].astype(str)
    assert effects(pd.concat([df, always])) == close(effects(df))


@many
@given(seeds)
def test_what_a_programme_adds_is_found_whatever_the_levels_and_the_common_course(seed):
    rng = np.random.default_rng(seed)
    starts = rng.permutation([2.0, 3, 3, 5, nan, nan])
    course, level = rng.normal(size=6), rng.normal(size=6)
    rows = [
        (u, t, level[u] + course[t] + 0.05 * (t >= starts[u]), starts[u]) for u in range(6) for t in range(6)
    ]  # nan is never reached
    df = pd.DataFrame(rows, columns=["unit", "time", "outcome", "start"])
    before = df.copy()
    shuffled = df.sample(frac=1, random_state=seed % 2**31)
    assert did_staged(df) == close(0.05) and did_staged(shuffled) == close(0.05)
    assert did_staged(shuffled.assign(start=shuffled["start"].astype("Int64"))) == close(0.05)
    assert df.equals(before)


def test_starts_weigh_by_their_units():
    rows = [(u, t, 0.0, s) for u, s in (("a", 2), ("b", 3), ("c", 3), ("d", nan)) for t in (1, 2, 3)]
    df = pd.DataFrame(rows, columns=["unit", "time", "outcome", "start"])
    df.loc[(df["unit"] == "a") & (df["time"] >= 2), "outcome"] = 0.3
    table = staged_effects(df)
    assert table["units"].tolist() == [1, 1, 2] and table["controls"].tolist() == [3, 1, 1]
    assert did_staged(df) == close((0.3 + 0.3 + 2 * 0) / 4)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.assign(start=2.0), "nobody is left to compare with"),
        (lambda d: d.assign(start=nan), "nobody is left to compare with"),
        (lambda d: d.drop(columns="start"), "there is no column 'start'"),
        (lambda d: pd.concat([d, d.tail(1)]), "unit 'b' has time 2 twice"),
        (lambda d: d.head(3), "unit 'b' has no time 2"),
        (lambda d: d.assign(outcome=[0.5, nan, 0.5, 0.5]), "nan in row 1 is missing"),
        (lambda d: d.assign(start=[2, 1, nan, nan]), "unit 'a' has 2 starts"),
    ],
)
def test_a_panel_that_cannot_be_compared(change, said):
    rows = [("a", 1, 0.5, 2), ("a", 2, 0.6, 2), ("b", 1, 0.5, nan), ("b", 2, 0.5, nan)]
    with pytest.raises(ValueError, match=said):
        did_staged(change(pd.DataFrame(rows, columns=["unit", "time", "outcome", "start"])))


def test_the_interval_draws_units_and_holds_the_estimate():
    rng = np.random.default_rng(4)
    rows = [
        (u, t, rng.normal(0.7, 0.05) + 0.1 * (t >= s), s)
        for u, s in enumerate(np.repeat([2.0, 3, nan], 12))
        for t in range(4)
    ]
    df = pd.DataFrame(rows, columns=["unit", "time", "outcome", "start"])
    low, high = did_interval(df, draws=400, seed=1)
    assert low < did_staged(df) < high and 0.02 < high - low < 0.2
    assert did_interval(df, draws=400, seed=1) == (low, high) and did_interval(df, draws=400, seed=2) != (low, high)
    narrow = did_interval(df, level=0.5, draws=400, seed=1)
    assert low < narrow[0] < narrow[1] < high
    # Each unit twice over: the spread of the mean falls by the square root of two.
    twice = pd.concat([df, df.assign(unit=df["unit"] + 100)])
    assert np.diff(did_interval(twice, draws=400, seed=1)) == pytest.approx((high - low) / np.sqrt(2), rel=0.15)


def test_one_draw_is_the_estimate_of_the_units_drawn():
    df = panel(never=True).query("unit.str.endswith('-0') or unit.str.endswith('-1')")
    df = df.assign(outcome=df["outcome"] + np.arange(len(df)) % 7 / 100)
    units = np.sort(df["unit"].unique())
    drawn = np.random.default_rng(5).integers(0, len(units), (1, len(units)))[0]
    copies = [df[df["unit"] == units[u]].assign(unit=f"copy {i}") for i, u in enumerate(drawn)]
    expected = did_staged(pd.concat(copies))
    assert did_interval(df, draws=1, seed=5) == close((expected, expected))


# --- how long a question stays open -----------------------------------------------------------------------------------

# Freireich et al. (1963), weeks in remission: 6-MP (events, then censored) and placebo (all events).
MP_TIME = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
MP_EVENT = [1] * 9 + [0] * 12
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_freireich_6_mp():
    """Freireich et al. (1963), as in every textbook of survival; standard errors by Greenwood."""
    table = km(MP_TIME, MP_EVENT)
    assert table["time"].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert table["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    printed = [0.857143, 0.806723, 0.752941, 0.690196, 0.627451, 0.537815, 0.448179]
    assert table["open"].tolist() == pytest.approx(printed, abs=5e-7)
    assert table["se"].round(4).tolist() == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert median_close(MP_TIME, MP_EVENT) == 23
    assert still_open(MP_TIME, MP_EVENT, [0, 6, 35]) == close([1, table["open"][0], table["open"][6]])
    assert isnan(still_open(MP_TIME, MP_EVENT, 36))


def test_freireich_placebo_is_the_share_still_waiting():
    table = km(PLACEBO, [1] * 21).set_index("time")["open"]
    assert (table[5], table[8]) == pytest.approx((0.571429, 0.380952), abs=5e-7) and table[23] == 0
    assert median_close(PLACEBO, [1] * 21) == 8
    assert all(share == close(np.mean(np.array(PLACEBO) > t)) for t, share in table.items())


def test_log_rank_of_freireich():
    """Printed in textbooks and asserted by lifelines (test_statistics.py): 16.79."""
    both = [*MP_TIME, *PLACEBO], [*MP_EVENT, *[1] * 21], ["6-MP"] * 21 + ["placebo"] * 21
    chi2, p = log_rank(*both)
    assert chi2 == pytest.approx(16.79, abs=5e-3) and p < 1e-4
    assert (chi2, p) == close(survdiff(np.array(both[0]), np.array(both[1]), np.array(both[2])))
    # A censored time beyond the last event may move without any effect.
    moved = [25 if t == 35 else t for t in both[0]]
    assert log_rank(moved, *both[1:])[0] == close(chi2)


def test_miller_maintained_and_not():
    """Miller (1981), R's survival::aml."""
    time, event = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]
    printed = [0.909091, 0.818182, 0.715909, 0.613636, 0.490909, 0.368182, 0.184091]
    assert km(time, event)["open"].tolist() == pytest.approx(printed, abs=5e-7) and median_close(time, event) == 31
    time, event = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]
    table = km(time, event).set_index("time")["open"]
    assert table[[8, 12, 23]].tolist() == pytest.approx([0.666667, 0.583333, 0.486111], abs=5e-7) and table[45] == 0
    assert median_close(time, event) == 23


def test_a_median_on_a_flat_stretch_is_its_beginning():
    """PSIAIMS/CAMIS: R answers 102.5, SAS nothing; here the first time at or below a half, 87."""
    time = [54, 75, 77, 84, 87, 92, 103, 105, 112, 118]
    assert km(time, [1] * 5 + [0] * 5)["open"].iloc[-1] == 0.5 and median_close(time, [1] * 5 + [0] * 5) == 87


def test_medians_that_lifelines_asserts():
    assert median_close([10, 20, 30, 40], [1, 1, 1, 0]) == 20
    assert median_close([1, 2, 2, 2, 2, 2, 2, 2, 2, 2], [1] + [0] * 9) == inf
    assert median_close([3, 4], [0, 0]) == inf and len(km([3, 4], [0, 0])) == 0
    assert median_close([], []) == inf


@pytest.mark.parametrize("n", range(2, 61, 2))
def test_the_median_does_not_hang_on_the_noise_of_a_product(n):
    """For n = 24, 28, 30 … the product of (1 - 1/k) ends a hair above a half."""
    assert median_close(np.arange(1, n + 1), np.ones(n)) == n / 2


def test_a_tie_counts_the_event_first():
    assert km([6, 6], [1, 0])["open"].tolist() == [0.5] and km([6, 6], [0, 1])["open"].tolist() == [0.5]


@many
@given(seeds, st.integers(1, 40))
def test_the_curve_is_that_of_statsmodels(seed, n):
    rng = np.random.default_rng(seed)
    time, event = rng.integers(1, 12, n), rng.integers(0, 2, n)
    ours = km(time, event)
    if not event.any():
        assert ours.empty
        return
    theirs = SurvfuncRight(time, event)
    assert ours["time"].tolist() == theirs.surv_times.tolist()
    assert ours["open"].tolist() == close(theirs.surv_prob.tolist())
    assert ours["at_risk"].tolist() == theirs.n_risk.tolist()
    alive = ours["open"] > 0
    assert ours.loc[alive, "se"].tolist() == close(theirs.surv_prob_se[alive].tolist())
    assert ours.loc[~alive, ["se", "low", "high"]].isna().all(axis=None)
    assert ((ours["low"] <= ours["open"]) & (ours["open"] <= ours["high"]))[alive].all()
    order = rng.permutation(n)
    pd.testing.assert_frame_equal(km(time[order], event[order]), ours)
    # Another unit of time moves the times only.
    assert km(7 * time, event)["open"].tolist() == close(ours["open"].tolist())


def test_limits_are_those_of_the_log_log_scale():
    """lifelines 0.30.3 (its default, exponential Greenwood) on the 6-MP arm at week 10: 0.503 to 0.889."""
    row = km(MP_TIME, MP_EVENT).set_index("time").loc[10]
    assert (row["low"], row["high"]) == pytest.approx((0.503200, 0.889362), abs=2e-6)


def test_tickets_that_make_no_sense():
    for weeks, event, said in (
        ([-1, 2], [1, 1], "time: -1 in row 0 is negative"),
        ([1, nan], [1, 1], "time: nan in row 1 is missing"),
        ([1, 2], [1, 2], "event: 2 in row 1 is neither 0 nor 1"),
        ([1, 2], [1, nan], "event: nan in row 1"),
        ([1, 2], [1], "event: has 1 rows, but time has 2"),
    ):
        with pytest.raises(ValueError, match=said):
            km(weeks, event)
    with pytest.raises(ValueError, match="group: has 1 labels"):
        log_rank([1, 2], [1, 1], ["a", "a"])


def test_rows_go_by_position():
    time = pd.Series([2, 3, 3, 5], index=[3, 2, 1, 0])
    assert median_close(time, pd.Series([1, 1, 0, 0], index=[0, 1, 2, 3])) == 3


# --- trust ------------------------------------------------------------------------------------------------------------


def test_seven_kept_and_one_broken():
    """Jøsang and Ismail (2002), figure 1: Beta(8, 2), whatever the order."""
    events = [(1, 0)] * 7 + [(0, 1)]
    assert trust_path(events, 1)[-1] == close(0.8)
    assert trust_path(events[::-1], 1)[-1] == close(0.8) and trust_path([(7, 1)], 1)[-1] == close(0.8)


def test_nothing_but_the_last_month():
    """The same paper: with a rate of 0 only the last event is remembered."""
    assert trust_path([(0, 1), (5, 5), (1, 0)], 0)[-1] == close(2 / 3)
    assert trust_path([(1, 0), (5, 5), (0, 1)], 0)[-1] == close(1 / 3)


def test_even_a_perfect_record_never_earns_full_trust():
    """Geometric limit: r tends to 1 / (1 - 0.9) = 10, so trust to 11/12."""
    path = trust_path([(1, 0)] * 200, 0.9)
    assert path[-1] == close(11 / 12) and (np.diff(path[:60]) > 0).all()


def test_silence_fades_to_the_expectation_before():
    printed = [0.666667, 0.655172, 0.644128, 0.633565, 0.623508, 0.613973]
    assert trust_path([(1, 0)] + [(0, 0)] * 5, 0.9) == pytest.approx(printed, abs=5e-7)
    assert trust_path([(0, 3)] + [(0, 0)] * 400, 0.9)[-1] == close(0.5)
    assert trust_path([(0, 3)] + [(0, 0)] * 400, 0.9, a0=3, b0=1)[-1] == close(0.75)
    assert trust_path([(1, 0)] + [(0, 0)] * 5, 1)[-1] == close(2 / 3)  # without fading, silence changes nothing


@many
@given(seeds, st.floats(0, 1), st.floats(0.1, 5), st.floats(0.1, 5))
def test_trust_is_a_sum_over_the_past(seed, lam, a0, b0):
    events = np.random.default_rng(seed).integers(0, 4, (12, 2))
    path = trust_path(pd.DataFrame(events, columns=["kept", "broken"], index=range(12, 0, -1)), lam, a0, b0)
    for t in range(12):
        weights = lam ** np.arange(t, -1, -1.0)
        r, s = weights @ events[: t + 1]
        assert path[t] == close((a0 + r) / (a0 + b0 + r + s))


def test_promises_that_make_no_sense():
    for events, lam, said in (
        ([(1, -1)], 0.9, "broken: -1 in row 0 is negative"),
        ([(1, 0)], 1.1, "lam: 1.1"),
        ([(1, nan)], 0.9, "events: nan is not finite"),
        ([1, 2], 0.9, "needs two columns"),
        (pd.DataFrame({"kept": [1]}), 0.9, "no column 'broken'"),
    ):
        with pytest.raises(ValueError, match=said):
            trust_path(events, lam)
    with pytest.raises(ValueError, match="a0: 0 "):
        trust_path([(1, 0)], 0.9, a0=0)
    assert trust_path([], 0.9).tolist() == []


# --- the stag hunt ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payoffs", "p"),
    [
        ((4, 0, 3, 3), 0.75),  # Skyrms (2004)
        ((9, 0, 8, 7), 0.875),  # Aumann (1990)
        ((2, 0, 1, 1), 0.5),
        ((3, 0, 1, 1), 1 / 3),
        ((80, 10, 50, 50), 4 / 7),
        ((4, 0, 3, 2), 2 / 3),  # QuantEcon.py, test_brd.py: holding back is risk-dominant, so above a half
    ],
)
def test_printed_stag_hunts(payoffs, p):
    assert tipping_point(*payoffs) == close(p)
    assert tipping_point(*[7 + 3 * x for x in payoffs]) == close(p)  # another unit and zero


@pytest.mark.parametrize(
    ("payoffs", "said"),
    [
        ((4, 0, 2, 3), "T >= P fails: 2 is below 3"),
        ((3, 0, 3, 1), "R > T fails: 3 is not above 3"),
        ((4, 3, 3, 3), "P > S fails: 3 is not above 3"),
        ((9, 7, 0, 8), "T >= P fails"),
        ((nan, 0, 3, 3), "R: nan"),
    ],
)
def test_what_is_no_stag_hunt(payoffs, said):
    with pytest.raises(ValueError, match=said):
        tipping_point(*payoffs)


def automaton(rule: int, state: list[int], rounds: int) -> list[list[int]]:
    """An elementary cellular automaton on a ring, by Wolfram's numbering."""
    path, n = [state], len(state)
    for _ in range(rounds):
        s = path[-1]
        path.append([(rule >> (4 * s[i - 1] + 2 * s[i] + s[(i + 1) % n])) & 1 for i in range(n)])
    return path


@pytest.mark.parametrize(("payoffs", "rule"), [((3, 0, 1, 1), 250), ((2, 0, 1, 1), 232), ((4, 0, 3, 3), 160)])
@pytest.mark.parametrize("n", [4, 12, 31])
def test_on_a_ring_the_hunt_is_a_cellular_automaton(payoffs, rule, n):
    """Left or right (p* below a half), majority with oneself (p* of a half), left and right (above)."""
    state = np.random.default_rng(n).integers(0, 2, n).tolist()
    coop = [i for i, s in enumerate(state) if s]
    found = simulate_hunt(nx.cycle_graph(n), coop, payoffs, 20)
    assert found == close([np.mean(s) for s in automaton(rule, state, 20)])


def test_two_neighbours_gain_exactly_two_a_round():
    """All look at the same round before: mesa#806 is what happens otherwise."""
    found = simulate_hunt(nx.cycle_graph(12), [5, 6], (3, 0, 1, 1), 6) * 12
    assert found == close([2, 4, 6, 8, 10, 12, 12])


def test_one_alone_on_an_even_ring_alternates_for_ever():
    found = simulate_hunt(nx.cycle_graph(8), [0], (3, 0, 1, 1), 9) * 8
    assert found[4:] == close([4] * 6)
    assert simulate_hunt(nx.cycle_graph(4), [0, 2], (4, 0, 3, 3), 5) == close([0.5] * 6)


def test_all_and_nobody_stay():
    graph = nx.barbell_graph(4, 1)
    for coop, share in ((graph.nodes, 1.0), ([], 0.0)):
        assert (simulate_hunt(graph, coop, (4, 0, 3, 3), 5) == share).all()


def test_ties_loops_and_strangers():
    graph = nx.MultiDiGraph([("a", "b"), ("b", "a"), ("a", "a"), ("a", "c")])
    graph.add_node("alone")
    # Simple and undirected: a has b and c, and b has a alone. On p* of a half, a stays as it is, and so does who is alone.
    assert simulate_hunt(graph, ["b", "alone"], (2, 0, 1, 1), 1) == close([0.5, 0.25])
    assert simulate_hunt(graph, ["a", "b"], (2, 0, 1, 1), 1)[1] == close(0.75)
    assert simulate_hunt(graph, ["a"], (2, 0, 1, 1), 1) == close([0.25, 0.5])  # the loop is no neighbour
    with pytest.raises(ValueError, match="coop0: 'z' is no node of G"):
        simulate_hunt(graph, ["z"], (2, 0, 1, 1), 1)
    with pytest.raises(ValueError, match="rounds"):
        simulate_hunt(graph, [], (2, 0, 1, 1), -1)
    assert np.isnan(simulate_hunt(nx.Graph(), [], (2, 0, 1, 1), 2)).all()


def test_slips_are_drawn_in_the_order_of_the_nodes():
    graph, rng = nx.cycle_graph(["d", "a", "c", "b"]), np.random.default_rng(7)
    found = simulate_hunt(graph, ["d", "a"], (3, 0, 1, 1), 3, eps=0.3, seed=7)
    state, nodes, shares = dict.fromkeys(graph, 0) | {"d": 1, "a": 1}, list(graph), [0.5]
    for _ in range(3):
        nearby = {v: np.mean([state[u] for u in graph[v]]) for v in nodes}
        answer = {v: int(nearby[v] > 1 / 3) for v in nodes}
        slips = rng.random(4) < 0.3
        state = {v: 1 - answer[v] if slip else answer[v] for v, slip in zip(nodes, slips, strict=True)}
        shares.append(np.mean(list(state.values())))
    assert found == close(shares)
    assert (simulate_hunt(graph, [], (3, 0, 1, 1), 2, eps=1, seed=0) == [0, 1, 0]).all()


@many
@given(seeds, st.sampled_from([(3, 0, 1, 1), (2, 0, 1, 1), (4, 0, 3, 3)]))
def test_the_hunt_by_a_loop_over_nodes(seed, payoffs):
    rng = np.random.default_rng(seed)
    graph = nx.gnp_random_graph(15, 0.25, seed=seed % 2**31)
    state = {v: int(rng.random() < 0.5) for v in graph}
    found = simulate_hunt(graph, [v for v in graph if state[v]], payoffs, 6)
    (R, S, T, P), shares = payoffs, [np.mean(list(state.values()))]
    for _ in range(6):
        new = {}
        for v in graph:
            coop, k = sum(state[u] for u in graph[v]), graph.degree(v)
            gain = coop * R + (k - coop) * S - coop * T - (k - coop) * P  # whole numbers, so exact
            new[v] = state[v] if gain == 0 else int(gain > 0)
        state = new
        shares.append(np.mean(list(state.values())))
    assert found == close(shares)


def test_basins_rise_with_the_start():
    graph = nx.watts_strogatz_graph(60, 6, 0.1, seed=1)
    table = basin(graph, (2, 0, 1, 1), [0, 0.2, 0.5, 0.8, 1], draws=8, seed=3)
    assert len(table) == 40 and table.groupby("start")["end"].mean()[[0, 1]].tolist() == [0, 1]
    for _, draw in table.groupby("draw"):
        assert all(a <= b for a, b in pairwise(draw.sort_values("start")["end"]))
    complete = basin(nx.complete_graph(100), (2, 0, 1, 1), [0.45, 0.55], draws=3).groupby("start")["end"].mean()
    assert complete.tolist() == [0, 1]


# --- discretion -------------------------------------------------------------------------------------------------------


def one_clerk(queue: pd.DataFrame, b: float, service: float, leave: bool = False) -> list[float]:
    """The rule minute by minute, for whole minutes."""
    rows = queue.reset_index(drop=True).to_dict("records")
    waits, free = [nan] * len(rows), 0
    waiting = set(range(len(rows)))
    for now in range(int(queue["arrival"].max()) + len(rows) * int(service) + 1):
        if leave:
            waiting = {i for i in waiting if now - rows[i]["arrival"] <= rows[i]["patience"]}
        here = [i for i in waiting if rows[i]["arrival"] <= now]
        if now >= free and here:
            chosen = min(here, key=lambda i: (-rows[i]["severity"] - b * rows[i]["match"], rows[i]["arrival"], i))
            waits[chosen] = now - rows[chosen]["arrival"]
            waiting.remove(chosen)
            free = now + service
    return waits


@many
@given(seeds, st.sampled_from([-2, -0.5, 0, 0.5, 1, 5]), st.booleans())
def test_the_counter_minute_by_minute(seed, b, leave):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 14))
    queue = pd.DataFrame(
        {
            "arrival": rng.integers(0, 40, n),
            "severity": rng.integers(1, 4, n),
            "match": rng.integers(0, 2, n),
            "patience": rng.integers(0, 40, n),
        },
        index=rng.permutation(n),
    )
    before = queue.copy()
    assert serve(queue, b, 6, leave).tolist() == close(one_clerk(queue, b, 6, leave))
    assert queue.equals(before)


@many
@given(seeds)
def test_who_is_called_first_moves_waits_about_and_never_their_mean(seed):
    """Kleinrock's conservation law, for equal service times and nobody who leaves."""
    rng = np.random.default_rng(seed)
    columns = {"arrival": rng.integers(0, 60, 20), "severity": rng.integers(1, 5, 20), "match": rng.integers(0, 2, 20)}
    queue = pd.DataFrame(columns)
    assert [serve(queue, b, 5).mean() for b in (-3, 0.5, 5)] == close([serve(queue, 0, 5).mean()] * 3)


def test_same_code_other_sign():
    """Twins who differ in language alone: what the one sign takes, the other gives."""
    rng = np.random.default_rng(3)
    once = pd.DataFrame({"arrival": np.sort(rng.integers(0, 120, 20)), "severity": rng.integers(1, 4, 20)})
    queue = pd.concat([once.assign(match=1), once.assign(match=0)]).sort_values("arrival", kind="stable")
    mirror = queue.assign(match=1 - queue["match"])
    favour, help_ = discretion_gap(queue, 1), discretion_gap(queue, -1)
    assert favour > discretion_gap(queue, 0) > help_
    # Named the other way round, the same sign does the opposite.
    assert discretion_gap(mirror, -1) == close(-favour, abs=1e-9)


def test_gaps_grow_with_what_a_language_is_worth():
    queue = load("synth_queue")
    gaps = [np.mean([discretion_gap(day, b, 8) for _, day in queue.groupby("day")]) for b in (-1, -0.5, 0, 0.5, 1)]
    assert all(a < b for a, b in pairwise(gaps)) and abs(gaps[2]) < 0.5


def test_an_empty_group_has_no_gap():
    queue = pd.DataFrame({"arrival": [0, 1], "severity": [1, 1], "match": [1, 1]})
    assert isnan(discretion_gap(queue, 1)) and isnan(discretion_gap(queue.head(0), 1))


def test_mornings_do_not_wait_for_each_other():
    day = pd.DataFrame({"arrival": [0, 1], "severity": [1, 1], "match": [1, 0]})
    two = pd.concat([day.assign(day=1), day.assign(day=2)], ignore_index=True)
    assert serve(two, 0).tolist() == [0, 9, 0, 9]
    assert serve(two.drop(columns="day"), 0).tolist() == [0, 19, 10, 29]


def test_queues_that_make_no_sense():
    queue = pd.DataFrame({"arrival": [0, 1], "severity": [1, 1], "match": [1, 2]})
    for change, said in (
        ({}, "queue\\['match'\\]: 2 in row 1 is neither 0 nor 1"),
        ({"match": 1, "arrival": [nan, 1]}, "arrival'\\]: nan in row 0 is missing"),
    ):
        with pytest.raises(ValueError, match=said):
            serve(queue.assign(**change), 0)
    with pytest.raises(ValueError, match="no column 'patience'"):
        serve(queue.assign(match=1), 0, leave=True)
    with pytest.raises(ValueError, match="service: 0"):
        serve(queue.assign(match=1), 0, service=0)


# --- all of them ------------------------------------------------------------------------------------------------------


def test_large_inputs_take_no_minutes():
    """A loop over tickets or neighbours would take many times as long; the margin is wide, so that no slow machine fails."""
    rng = np.random.default_rng(1)
    weeks, event = rng.exponential(40, 200_000), rng.random(200_000) < 0.7
    graph = nx.random_regular_graph(8, 2000, seed=1)
    coop = [v for v in graph if v % 3]
    began = time.perf_counter()
    km(weeks, event)
    simulate_hunt(graph, coop, (2, 0, 1, 1), 100)
    assert time.perf_counter() - began < 5
