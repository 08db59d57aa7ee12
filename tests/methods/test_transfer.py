"""The methods of chapter 14, held against outside numbers, other ways to compute them and what must be true of them."""

import doctest
import json
from itertools import pairwise
from math import inf, isnan, nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrated_care import load
from integrated_care import transfer as methods
from integrated_care.transfer import (
    aggregate,
    att_gt,
    bacon,
    ess,
    event_study,
    go_live,
    regrets,
    robust,
    rollout_plan,
    scale01,
    simplex_weights,
    smaa,
    sw_design,
    sw_power,
    sw_variance,
    transport,
    triangular,
    twfe,
    twfe_weights,
)
from integrated_care.trust import staged_effects

FIXTURES = Path(__file__).parent / "fixtures"
EXPECTED = json.loads((FIXTURES / "transfer_expected.json").read_text(encoding="utf-8"))
DRUGS = json.loads((FIXTURES / "smaa_antidepressants.json").read_text(encoding="utf-8"))
# The same examples on every run; enough to find each fault that was planted, few enough to stay quick.
many = settings(max_examples=30, deadline=None, derandomize=True)


def test_examples_in_the_docstrings():
    result = doctest.testmod(methods)
    assert result.attempted > 14 and result.failed == 0


def units_of(name: str) -> pd.DataFrame:
    """A panel of as many equal units as each cohort has."""
    means = pd.read_csv(FIXTURES / f"{name}_cohort_means.csv")
    each = means.loc[means.index.repeat(means["n_units"])].reset_index(drop=True).rename_axis("unit").reset_index()
    long = each.melt(["unit", "first_treat", "n_units"], var_name="time", value_name="outcome")
    return long.assign(time=long["time"].astype(int), start=long["first_treat"].where(long["first_treat"] > 0))


@pytest.fixture(scope="module")
def mpdta() -> pd.DataFrame:
    return units_of("mpdta")


@pytest.fixture(scope="module")
def castle() -> pd.DataFrame:
    return units_of("castle")


def panel(starts: dict, effect, times=range(1, 7), noise: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """Units with the given starts (nan: never); ``effect(unit, e)`` is added from the start on."""
    rng = np.random.default_rng(seed)
    rows = [
        (unit, t, 3.0 * len(unit) + 0.5 * t + (effect(unit, t - g) if t >= g else 0) + noise * rng.normal(), g)
        for unit, g in starts.items()
        for t in times
    ]
    return pd.DataFrame(rows, columns=["unit", "time", "outcome", "start"])


# --- dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("board", "start"),
    [
        ("2025-07-28", "2025-10-01"),  # the first group, as it happened; "+ 90 days" gives 26 October
        ("2025-12-15", "2026-03-01"),
        ("2026-01-31", "2026-04-01"),
        ("2025-11-15", "2026-02-01"),
        ("2025-07-01", "2025-10-01"),
        ("2026-11-30", "2027-02-01"),
        ("2024-02-29", "2024-05-01"),
    ],
)
def test_go_live_is_pandas_three_beginnings_of_a_month_later(board, start):
    assert go_live(board) == pd.Timestamp(start)
    assert go_live(pd.Timestamp(board + " 23:59").to_pydatetime()) == pd.Timestamp(board) + pd.offsets.MonthBegin(3)


def test_go_live_of_the_first_group_is_the_date_that_was_reported():
    dates = load("reform_timeline").query("country == 'Morocco'").set_index("event")["date"]
    board = dates[dates.index.str.startswith("First board of the Tanger")].item()
    begin = dates[dates.index.str.contains("GST starts")].item()
    assert go_live(board) == pd.Timestamp(begin)


def test_go_live_of_nothing_and_of_no_day():
    assert go_live(None) is pd.NaT and go_live(pd.NaT) is pd.NaT
    with pytest.raises(ValueError, match="first_board: 'soon' is no day"):
        go_live("soon")


# --- group-time effects -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("control", ["never", "notyet"])
@pytest.mark.parametrize("base", ["varying", "universal"])
def test_att_gt_of_mpdta(mpdta, control, base):
    found = att_gt(mpdta, control, base)
    cells = {f"{g:.0f},{t:.0f}": value for g, t, value in found[["start", "time", "att"]].to_numpy()}
    assert cells == pytest.approx(EXPECTED["mpdta"][f"{control}_{base}"], abs=1e-6)


@pytest.mark.parametrize(
    ("cell", "printed"),
    [
        ("2004,2004", -0.0105),
        ("2004,2007", -0.1008),
        ("2006,2007", -0.0412),
        ("2007,2007", -0.0261),
        ("2007,2004", 0.0305),
    ],
)
def test_att_gt_as_the_package_prints_it(mpdta, cell, printed):
    found = att_gt(mpdta, "never", "varying")
    row = found["start"].astype(int).astype(str) + "," + found["time"].astype(int).astype(str) == cell
    assert found.loc[row, "att"].item() == pytest.approx(printed, abs=5e-5)


@pytest.mark.parametrize("control", ["never", "notyet"])
@pytest.mark.parametrize("how", ["simple", "group", "dynamic", "calendar"])
def test_aggregates_of_mpdta(mpdta, control, how):
    assert aggregate(att_gt(mpdta, control), how) == pytest.approx(
        EXPECTED["mpdta"]["aggregates"][control][how], abs=1e-6
    )


def test_equal_weights_over_the_cells_are_another_number(mpdta):
    post = att_gt(mpdta, "never").query("time >= start")
    assert post["att"].mean() == pytest.approx(-0.0558, abs=5e-5)
    assert aggregate(att_gt(mpdta, "never")) == pytest.approx(-0.0400, abs=5e-5)


@pytest.mark.parametrize("control", ["never", "notyet"])
def test_event_study_of_mpdta(mpdta, control):
    found = event_study(att_gt(mpdta, control), 4).set_index("e")
    for e, value in EXPECTED["mpdta"]["event_study_universal"][control].items():
        assert found["est"][int(e)] == pytest.approx(value, abs=1e-6)
        assert found["n_cohorts"][int(e)] == EXPECTED["mpdta"]["n_cohorts_by_event_time"][e]
    assert isnan(found["est"][4]) and found["n_cohorts"][4] == 0
    assert found.index[found["balanced"]].tolist() == [-1, 0]


def test_without_never_treated_units_the_last_cohort_has_no_effect(mpdta):
    some = mpdta[mpdta["start"].notna()]
    found = att_gt(some, base="varying")
    cells = {f"{g:.0f},{t:.0f}": v for g, t, v in found.query("start < 2007")[["start", "time", "att"]].to_numpy()}
    assert cells == pytest.approx(EXPECTED["mpdta_without_never"], abs=1e-6)
    assert found.query("start == 2007 and time >= start").empty and found["time"].max() == 2006
    assert att_gt(some, "never").empty and isnan(aggregate(att_gt(some, "never")))


def test_always_treated_units_change_nothing(mpdta):
    """bcallaway11/did#266: their presence once deleted the control cohort."""
    early = mpdta[mpdta["start"] == 2004].assign(start=2003, unit=lambda t: t["unit"] + 10_000, outcome=99.0)
    for control in ("never", "notyet"):
        pd.testing.assert_frame_equal(att_gt(pd.concat([mpdta, early]), control), att_gt(mpdta, control))


def test_att_gt_is_chapter_10s_method_from_the_start_on(mpdta):
    ours = att_gt(mpdta).query("time >= start").reset_index(drop=True)
    theirs = staged_effects(mpdta)
    assert ours[["start", "time", "units", "controls"]].to_numpy().tolist() == (
        theirs[["start", "time", "units", "controls"]].to_numpy().tolist()
    )
    assert ours["att"].to_numpy() == pytest.approx(theirs["effect"].to_numpy(), abs=1e-12)


@many
@given(
    starts=st.lists(st.sampled_from([2, 3, 5, nan]), min_size=2, max_size=8),
    seed=st.integers(0, 99),
    shift=st.integers(-5, 5),
)
def test_att_gt_ignores_order_units_and_common_trends(starts, seed, shift):
    df = panel({f"{'u' * (i + 1)}": g for i, g in enumerate(starts)}, lambda u, e: e + 1, noise=1, seed=seed)
    found = att_gt(df)
    mixed = df.sample(frac=1, random_state=seed).assign(outcome=lambda t: t["outcome"] + shift * t["time"] ** 2)
    pd.testing.assert_frame_equal(att_gt(mixed), found, atol=1e-9)
    twice = pd.concat([df, df.assign(unit=df["unit"] + "'")])
    assert att_gt(twice)["att"].to_numpy() == pytest.approx(found["att"].to_numpy(), abs=1e-9)


def test_att_gt_finds_what_was_planted():
    df = panel({"a": 2, "bb": 4, "ccc": nan}, lambda u, e: (2 if u == "a" else 5) * (e + 1))
    post = att_gt(df).query("time >= start")
    assert post["att"].tolist() == pytest.approx([2, 4, 6, 8, 10, 5, 10, 15])
    assert aggregate(att_gt(df)) == pytest.approx(60 / 8)


# --- two-way fixed effects --------------------------------------------------------------------------------------------


def test_twfe_of_mpdta_and_castle(mpdta, castle):
    assert twfe(mpdta) == pytest.approx(EXPECTED["mpdta"]["twfe"], abs=1e-6)
    assert twfe(castle) == pytest.approx(EXPECTED["castle"]["twfe"], abs=1e-6)


def test_twfe_is_the_regression_with_dummies(mpdta):
    on = (mpdta["time"] >= mpdta["start"]).astype(float)
    design = np.column_stack([on, *(pd.get_dummies(mpdta[key], dtype=float) for key in ("unit", "time"))])
    slope = np.linalg.lstsq(design, mpdta["outcome"].to_numpy(), rcond=None)[0][0]
    assert twfe(mpdta) == pytest.approx(slope, abs=1e-9)


def test_one_cell_of_a_famous_table_has_a_negative_weight(mpdta):
    weights = twfe_weights(mpdta)
    assert weights["weight"].sum() == pytest.approx(1)
    below = weights[weights["weight"] < 0]
    assert below[["start", "time"]].to_numpy().tolist() == [[2004, 2007]]
    assert below["weight"].item() == pytest.approx(-0.011, abs=5e-4)


def test_twfe_is_the_weighted_effects_where_trends_are_parallel():
    effects = {"a": [1, 4, 9, 16, 25], "bb": [3, 5, 8], "ccc": [2]}
    df = panel({"a": 2, "bb": 4, "ccc": 6, "dddd": nan}, lambda u, e: effects[u][int(e)])
    weights = twfe_weights(df)
    names = {2: "a", 4: "bb", 6: "ccc"}
    planted = [effects[names[g]][int(t - g)] for g, t in weights[["start", "time"]].to_numpy()]
    assert twfe(df) == pytest.approx((weights["weight"] * planted).sum())


def test_bacon_of_castle(castle):
    parts = bacon(castle)
    assert len(parts) == 25 and parts["weight"].sum() == pytest.approx(1)
    assert (parts["weight"] * parts["estimate"]).sum() == pytest.approx(twfe(castle), abs=1e-12)
    names = {"earlier v later": "Earlier vs Later Treated", "later v earlier": "Later vs Earlier Treated"}
    for kind, rows in parts.groupby("kind"):
        theirs = EXPECTED["castle"]["by_kind"][names.get(kind, "Treated vs Untreated")]
        assert rows["weight"].sum() == pytest.approx(theirs["weight"], abs=1e-6)
        assert np.average(rows["estimate"], weights=rows["weight"]) == pytest.approx(theirs["avg"], abs=1e-6)


def test_bacon_weights_of_three_units():
    """Goodman-Bacon (2021), figure 2, and test_bacon_weights.R: 100 periods, starts 34, 85 and never; any outcome."""
    df = panel({"a": 34, "bb": 85, "ccc": nan}, lambda u, e: e, times=range(1, 101), noise=1, seed=3)
    parts = bacon(df).set_index(["treated", "control"])["weight"]
    wanted = {(34, inf): 0.365, (85, inf): 0.222, (34, 85): 0.278, (85, 34): 0.135}
    assert {pair: round(parts[pair], 3) for pair in wanted} == wanted and len(parts) == 4


@many
@given(starts=st.lists(st.sampled_from([1, 2, 3, 5, 9, nan]), min_size=2, max_size=7), seed=st.integers(0, 99))
def test_bacon_adds_up_to_twfe(starts, seed):
    df = panel({f"{'u' * (i + 1)}": g for i, g in enumerate(starts)}, lambda u, e: e, noise=1, seed=seed)
    parts, slope = bacon(df), twfe(df)
    if isnan(slope):
        assert parts.empty
    else:
        assert (parts["weight"] * parts["estimate"]).sum() == pytest.approx(slope, abs=1e-9)


@pytest.mark.parametrize("starts", [{"a": 3, "bb": 3}, {"a": nan, "bb": nan}, {"a": 1, "bb": nan}])
def test_twfe_of_a_big_bang_is_not_a_number(starts):
    assert isnan(twfe(panel(starts, lambda u, e: 5)))


def test_the_roll_out_of_the_chapter():
    df = load("synth_gst_panel").rename(
        columns={"province": "unit", "month": "time", "go_live": "start", "referral_completed": "outcome"}
    )
    seen = df[df["time"] < df["start"].max()]
    truth = seen.loc[seen["time"] >= seen["start"], "true_effect"].mean()
    assert twfe(seen) < 0.8 * truth and abs(aggregate(att_gt(df)) - truth) < 0.1 * truth
    assert twfe_weights(seen)["weight"].min() < 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="start"), "df: there is no column 'start'"),
        (lambda t: t.iloc[:-1], "df: unit 'bb' has no time 6"),
        (lambda t: pd.concat([t, t.tail(1)]), "df: unit 'bb' has time 6 twice"),
        (lambda t: t.assign(start=t["start"].where(t["time"] < 6, 4)), "has more than one start"),
        (lambda t: t.assign(outcome=t["outcome"].where(t["time"] < 6)), "df['outcome']: nan in row 5 is missing"),
        (lambda t: t.iloc[:0], "df: has no row"),
        (lambda t: t.assign(unit=t["unit"].where(t["unit"] == "a")), "df['unit']: is missing in a row"),
    ],
)
@pytest.mark.parametrize("method", [twfe, twfe_weights, bacon, att_gt])
def test_panels_that_make_no_sense(method, change, message):
    df = panel({"a": 3, "bb": nan}, lambda u, e: 1)
    with pytest.raises(ValueError) as told:
        method(change(df))
    assert message in str(told.value)


def test_a_panel_may_hold_nullable_columns_and_is_not_changed():
    df = panel({"a": 3, "bb": 5, "ccc": nan}, lambda u, e: 1).astype({"outcome": "Float64", "start": "Int64"})
    before = df.copy()
    assert att_gt(df)["att"].notna().all() and twfe(df) == pytest.approx(1)
    pd.testing.assert_frame_equal(df, before)


def test_words_that_nobody_knows(mpdta):
    with pytest.raises(ValueError, match="control: 'all' is none of"):
        att_gt(mpdta, "all")
    with pytest.raises(ValueError, match="base: 'g-1' is none of"):
        att_gt(mpdta, base="g-1")
    with pytest.raises(ValueError, match="how: 'mean' is none of"):
        aggregate(att_gt(mpdta), "mean")
    with pytest.raises(ValueError, match="window: 0 is not"):
        event_study(att_gt(mpdta), 0)


# --- stepped wedge ----------------------------------------------------------------------------------------------------


def by_gls(design: np.ndarray, sigma2: float, tau2: float) -> float:
    """The variance of the effect by generalised least squares: effects of periods, and a random one for each region."""
    periods = design.shape[1]
    inverse = np.linalg.inv(sigma2 * np.eye(periods) + tau2)
    information = sum(
        np.column_stack([np.eye(periods), row]).T @ inverse @ np.column_stack([np.eye(periods), row]) for row in design
    )
    return float(np.linalg.inv(information)[-1, -1])


@pytest.mark.parametrize(
    ("regions", "steps", "baseline", "always"), [(12, 4, 1, 0), (12, 5, 1, 0), (12, 1, 1, 1), (7, 3, 2, 2)]
)
@pytest.mark.parametrize("tau2", [0.0, 0.05, 2.0])
def test_hussey_and_hughes_is_generalised_least_squares(regions, steps, baseline, always, tau2):
    design = sw_design(regions, steps, baseline, always)
    assert sw_variance(design, 0.004, tau2) == pytest.approx(by_gls(design, 0.004, tau2), rel=1e-9)


@pytest.mark.parametrize(
    ("steps", "variance", "power"),
    [(4, 0.001043, 0.872), (6, 0.000705, 0.964), (5, 0.0008475, None)],
)
def test_the_course_case(steps, variance, power):
    found = sw_power(12, steps, 200, 0.05, 0.1)
    assert found.variance == pytest.approx(variance, abs=6e-7)
    assert power is None or found.power == pytest.approx(power, abs=5e-4)


def test_the_standard_deviation_is_the_total_one():
    """The inputs of clusterPower's tests; a package that reads "SD" as the one within clusters finds 0.8214."""
    assert sw_power(16, 4, 20, 0.05, 5 / 20).power == pytest.approx(0.8403, abs=5e-5)


def test_a_big_bang_cannot_be_told_from_time():
    found = sw_power(12, 1, 200, 0.05, 0.1)
    assert found.variance == inf and found.power == pytest.approx(0.025, abs=1e-9)
    assert sw_power(12, 4, 200, 0.05, 0.0).power == pytest.approx(0.025, abs=1e-9)
    beside = sw_power(12, 1, 200, 0.05, 0.1, always=1)  # one region is ahead: all rests on it
    assert beside.variance == pytest.approx(0.009914, abs=1e-6) and beside.power == pytest.approx(0.170, abs=5e-4)


def test_power_does_not_fall_without_bound_as_regions_differ():
    design = sw_design(12, 4)
    assert sw_variance(design, 0.005, 0) == pytest.approx(0.000667, abs=1e-6)
    assert sw_variance(design, 0.005, 1e9) == pytest.approx(0.001111, abs=1e-6)


def test_earlier_steps_take_the_regions_that_are_left_over():
    starts = sw_design(12, 5).sum(axis=1)
    assert [int((starts == k).sum()) for k in range(5, 0, -1)] == [3, 3, 2, 2, 2]
    assert (sw_design(4, 2, always=2)[:2] == 1).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sw_power(12, 13, 200, 0.05, 0.1), "steps: 13 is more than the 12 regions"),
        (lambda: sw_power(12, 0, 200, 0.05, 0.1), "steps: 0"),
        (lambda: sw_power(12, 4, 0, 0.05, 0.1), "n: 0"),
        (lambda: sw_power(12, 4, 200, 1, 0.1), "icc: 1"),
        (lambda: sw_power(12, 4, 200, -0.1, 0.1), "icc: -0.1"),
        (lambda: sw_power(12, 2.5, 200, 0.05, 0.1), "steps: 2.5 is no whole number"),
        (lambda: sw_power(12, 4, 200, 0.05, nan), "effect: nan"),
        (lambda: sw_variance([[0, 2]], 1, 1), "design: 2 is neither 0 nor 1"),
        (lambda: sw_variance([0, 1], 1, 1), "design: needs a row a region"),
        (lambda: sw_variance([[0, 1]], 0, 1), "sigma2: 0"),
    ],
)
def test_designs_that_make_no_sense(call, message):
    with pytest.raises(ValueError) as told:
        call()
    assert message in str(told.value)


@many
@given(
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    steps=st.integers(1, 5),
    seed=st.integers(0, 50),
    ahead=st.booleans(),
)
def test_a_plan_is_balanced(sizes, steps, seed, ahead):
    strata = {f"{'abcd'[k]}{i}": "abcd"[k] for k, size in enumerate(sizes) for i in range(size)}
    regions = [*strata, "pilot"] if ahead else list(strata)
    strata["pilot"] = "a"
    steps = min(steps, len(regions) - ahead)
    plan = rollout_plan(regions, steps, strata, seed, "pilot" if ahead else None)
    assert plan.index.tolist() == regions and (not ahead or plan["pilot"] == 0)
    free = plan.drop("pilot", errors="ignore")
    assert free.isin(range(1, steps + 1)).all()
    for part in [free, *(rows for _, rows in free.groupby(pd.Series(strata)))]:
        counts = part.value_counts().reindex(range(1, steps + 1), fill_value=0)
        assert counts.max() - counts.min() <= 1
    counts = free.value_counts().reindex(range(1, steps + 1), fill_value=0)
    assert all(a >= b for a, b in pairwise(counts))  # earlier steps take what is left over


def test_a_plan_is_drawn_anew_by_each_seed_and_gives_each_region_each_step():
    regions = [f"R{i}" for i in range(12)]
    strata = {region: i % 3 for i, region in enumerate(regions)}
    plans = pd.DataFrame([rollout_plan(regions, 4, strata, seed) for seed in range(2000)])
    assert plans.iloc[0].equals(rollout_plan(regions, 4, strata, 0))
    shares = plans.apply(lambda steps: steps.value_counts(normalize=True)).to_numpy()
    assert shares == pytest.approx(0.25, abs=0.045)


@pytest.mark.parametrize(
    ("regions", "steps", "first", "message"),
    [
        (["a", "a"], 1, None, "regions: 'a' comes twice"),
        (["a", "z"], 1, None, "strata: there is none for 'z'"),
        (["a", "b"], 1, "c", "first: 'c' is none of"),
        (["a", "b"], 2, "a", "steps: 2 is more than the 1 regions"),
    ],
)
def test_plans_that_make_no_sense(regions, steps, first, message):
    with pytest.raises(ValueError) as told:
        rollout_plan(regions, steps, {"a": 1, "b": 1}, 0, first)
    assert message in str(told.value)


# --- many criteria ----------------------------------------------------------------------------------------------------


def test_scale01_of_the_smaa_package():
    """smaa 0.3-2, tests/pvf.R."""
    assert scale01([0.35, -0.15, 0.1], -0.15, 0.35).tolist() == pytest.approx([1, 0, 0.5])
    assert scale01([50, 75, 100], 50, 100, "low").tolist() == [1, 0.5, 0]
    assert scale01([0.38, -0.20, nan], -0.15, 0.35)[:2].tolist() == [1, 0]
    assert isnan(scale01(nan, 0, 1)) and isinstance(scale01(3, 0, 10), float)
    for lo, hi in ((1, 1), (2, 1)):
        with pytest.raises(ValueError, match="hi: 1 is not"):
            scale01(1, lo, hi)
    with pytest.raises(ValueError, match="better: 'up' is none of"):
        scale01(1, 0, 1, "up")


def test_triangular_draws_have_the_moments_of_the_textbook():
    """Mean (a + b + c) / 3; variance (a2 + b2 + c2 - ab - ac - bc) / 18; the share below the mode is (c - a) / (b - a)."""
    a, c, b = 1.0, 3.0, 9.0
    drawn = triangular([a, 2], [c, 2], [b, 2], 100_000, seed=3)
    assert drawn.shape == (100_000, 2) and (drawn[:, 1] == 2).all()
    assert drawn[:, 0].mean() == pytest.approx((a + b + c) / 3, abs=0.02)
    assert drawn[:, 0].var() == pytest.approx((a * a + b * b + c * c - a * b - a * c - b * c) / 18, rel=0.02)
    assert (drawn[:, 0] < c).mean() == pytest.approx((c - a) / (b - a), abs=0.005)
    assert a <= drawn[:, 0].min() and drawn[:, 0].max() <= b
    for wrong, message in (
        (([1], [0], [2]), "mode: 0 is not between"),
        (([1], [1, 2], [2]), "mode: low, mode and high have"),
    ):
        with pytest.raises(ValueError, match=message):
            triangular(*wrong, 10, 0)


def test_weights_are_uniform_on_the_simplex_and_not_normalised_uniforms():
    """Each weight is beta(1, k - 1), so its mean of squares is 2 / (k (k + 1))."""
    weights = simplex_weights(200_000, 4, seed=4)
    assert weights.sum(axis=1) == pytest.approx(1) and (weights >= 0).all()
    assert (weights**2).mean(axis=0) == pytest.approx(2 / 20, abs=1e-3)
    assert (weights > 0.5).mean(axis=0) == pytest.approx(0.5**3, abs=4e-3)
    assert simplex_weights(3, 1, 0).tolist() == [[1], [1], [1]]
    with pytest.raises(ValueError, match="k: 0 is not"):
        simplex_weights(1, 0, 0)


def test_three_quarters_and_not_five_sixths():
    """JSMAA, testCorrectResults; the volumes are ours. The commonest wrong way to draw weights gives 5/6."""
    scores = [[1, 0, 1], [0, 1, 0]]
    found = smaa(scores, simplex_weights(200_000, 3, seed=1))
    assert found["acceptability"][:, 0] == pytest.approx([3 / 4, 1 / 4], abs=0.004)
    assert found["central"] == pytest.approx(np.array([[7 / 18, 2 / 9, 7 / 18], [1 / 6, 2 / 3, 1 / 6]]), abs=0.004)
    u = np.random.default_rng(1).random((200_000, 3))
    wrong = smaa(scores, u / u.sum(axis=1, keepdims=True))
    assert wrong["acceptability"][0, 0] == pytest.approx(5 / 6, abs=0.004)


def test_a_compromise_wins_in_the_middle_alone():
    found = smaa([[1, 0], [0, 1], [0.6, 0.6]], simplex_weights(200_000, 2, seed=2))
    assert found["acceptability"][:, 0] == pytest.approx([0.4, 0.4, 0.2], abs=0.004)


def test_a_dominated_alternative_has_no_central_weight():
    """smaa 0.3-2, tests/nacw.R."""
    third = np.full((10, 3), 1 / 3)
    found = smaa([[1, 1, 1], [0, 0, 0]], third)
    assert found["acceptability"].tolist() == [[1, 0], [0, 1]] and found["confidence"][0] == 1
    assert (
        found["central"][0] == pytest.approx(1 / 3)
        and np.isnan(found["central"][1]).all()
        and isnan(found["confidence"][1])
    )


def test_a_single_win_and_nine_of_ten():
    """smaa 0.3-2, tests/nacw.R and tests/pwi.R."""
    samples = np.array([[[1, 1], [0, 0]]] * 10)
    samples[3] = samples[3][::-1]
    weights = simplex_weights(10, 2, seed=5)
    found = smaa(samples, weights)
    assert found["acceptability"][:, 0].tolist() == [0.9, 0.1]
    assert found["central"][1] == pytest.approx(weights[3])
    assert found["confidence"].tolist() == [0.9, 0.1]


def test_equals_share_the_better_rank():
    """JSMAA, testEqualRanks: rows of the acceptabilities sum to 1, columns need not."""
    rng = np.random.default_rng(0)
    twins = np.repeat(rng.random((50, 1, 7)), 12, axis=1)
    found = smaa(twins, simplex_weights(5000, 7, seed=0))
    assert (found["acceptability"][:, 0] == 1).all() and found["central"] == pytest.approx(1 / 7, abs=0.01)
    assert (found["confidence"] == 1).all()


def drug_scores(draws: int, seed: int) -> np.ndarray:
    """Four drugs on six criteria as JSMAA has them: straight between the ends of the 1.96-SD intervals."""
    rng = np.random.default_rng(seed)
    criteria = [(np.array(DRUGS["efficacy_lognormal_log_mean_sd"]), np.exp, "high")]
    criteria += [(np.array(pairs), lambda x: x, "low") for pairs in DRUGS["normal_mean_sd"].values()]
    columns = []
    for pairs, back, better in criteria:
        mean, sd = pairs.T
        lo, hi = back(mean - 1.96 * sd).min(), back(mean + 1.96 * sd).max()
        columns.append(scale01(back(mean + sd * rng.normal(size=(draws, 4))), lo, hi, better))
    return np.stack(columns, axis=2)


def test_smaa_of_four_antidepressants():
    draws = 100_000
    found = smaa(drug_scores(draws, 7), simplex_weights(draws, 6, seed=8))
    asserted = DRUGS["asserted"]
    assert found["acceptability"] == pytest.approx(np.array(asserted["rank_acceptability_tol_0.02"]), abs=0.02)
    assert found["central"] == pytest.approx(np.array(asserted["central_weights_tol_0.02"]["values"]), abs=0.02)
    assert found["confidence"] == pytest.approx(np.array(asserted["confidence_tol_0.03"]), abs=0.03)


@pytest.mark.parametrize("draws", [1, 3, 7, 40_000])
def test_smaa_is_what_a_loop_over_the_draws_counts(draws):
    scores = np.random.default_rng(draws).integers(0, 5, (draws, 5, 3)) / 4
    weights = simplex_weights(40_000, 3, seed=draws)
    value = np.einsum("nak,nk->na", scores[np.arange(len(weights)) % draws], weights)
    rank = (value[:, None, :] > value[:, :, None] + 1e-12).sum(axis=2)
    wanted = np.stack([(rank == r).mean(axis=0) for r in range(5)], axis=1)
    found = smaa(scores, weights)
    assert found["acceptability"] == pytest.approx(wanted, abs=1e-3)
    assert found["acceptability"].sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize(
    ("samples", "weights", "message"),
    [
        ([[1, 0], [0, 1.5]], [[0.5, 0.5]], "samples: 1.5 is not between 0 and 1"),
        ([[1, 0], [0, nan]], [[0.5, 0.5]], "samples: nan is not finite"),
        ([[1, 0], [0, 1]], [[0.5, 0.6]], "weights: 1.1 is the sum of a row"),
        ([[1, 0], [0, 1]], [[1.5, -0.5]], "weights: -0.5 is negative"),
        ([[1, 0], [0, 1]], [[1.0]], "weights: needs 2 criteria a row"),
        ([1, 0], [[0.5, 0.5]], "samples: needs a draw, an alternative and a criterion"),
    ],
)
def test_scores_and_weights_that_make_no_sense(samples, weights, message):
    with pytest.raises(ValueError) as told:
        smaa(samples, weights)
    assert message in str(told.value)


# --- carrying an effect -----------------------------------------------------------------------------------------------


def test_transport_of_the_twenty_people_of_what_if():
    """Hernan and Robins, table 4.1: a mean of 0 hides +0.2 for women and -0.2 for men."""
    effect, half = {"women": 0.2, "men": -0.2}, {"women": 0.5, "men": 0.5}
    for target, wanted in ({"women": 1.0}, 0.2), ({"women": 0.75, "men": 0.25}, 0.1), ({"men": 1.0}, -0.2):
        found = transport(effect, half, target)
        assert found["source"] == 0 and found["target"] == pytest.approx(wanted) and found["missing"] == []


def test_a_stratum_that_was_not_measured_is_listed_and_nothing_is_made_up():
    effect = pd.Series({"town": 6.0, "village": 2.0, "nomad": nan})
    there, here = {"town": 0.5, "village": 0.5, "isle": 0.0}, {"town": 0.4, "village": 0.4, "nomad": 0.1, "isle": 0.1}
    found = transport(effect, there, here)
    assert found["missing"] == ["isle", "nomad"] and isnan(found["target"]) and found["source"] == 4
    assert transport(effect, there, {"town": 1.0, "nomad": 0.0})["target"] == 6
    assert isnan(transport({"town": nan}, {"town": 1.0}, {"town": 1.0})["source"])


def test_the_target_share_of_a_stratum_without_people_in_the_source_is_not_carried():
    found = transport({"town": 6, "village": 2}, {"town": 1.0, "village": 0.0}, {"town": 0.5, "village": 0.5})
    assert found["missing"] == ["village"] and isnan(found["target"]) and found["source"] == 6


@pytest.mark.parametrize(
    ("there", "here", "message"),
    [
        ({"a": 0.9}, {"a": 1.0}, "source_p: the sum is 0.9, not 1"),
        ({"a": 1.0}, {"a": 50, "b": 50}, "target_p: the sum is 100, not 1"),
        ({"a": 1.5, "b": -0.5}, {"a": 1.0}, "source_p: -0.5 for 'b'"),
        ({"a": nan}, {"a": 1.0}, "source_p: nan for 'a'"),
    ],
)
def test_shares_that_make_no_sense(there, here, message):
    with pytest.raises(ValueError) as told:
        transport({"a": 1.0, "b": 1.0}, there, here)
    assert message in str(told.value)


def test_ess_of_the_balance_package():
    """balance (Meta), test_stats_and_plots: design effects 1.5555555555555556 and 1."""
    assert ess([0, 1, 2, 3]) == pytest.approx(4 / 1.5555555555555556) and ess([1, 1, 1, 1]) == 4
    assert ess(np.array([0, 1, 2, 3]) * 1e-200) == pytest.approx(18 / 7)
    for wrong, message in (
        ([], "at least one"),
        ([0, 0], "at least one"),
        ([1, -1], "negative"),
        ([1, nan], "missing"),
    ):
        with pytest.raises(ValueError, match=message):
            ess(wrong)


# --- shocks -----------------------------------------------------------------------------------------------------------

RATES = pd.DataFrame(
    {"rise": [-4, -2, 3], "same": [4, 3, 2], "fall": [12, 8, 1]}, index=["stocks", "bonds", "money market"]
)
THIRDS = {"rise": 1 / 3, "same": 1 / 3, "fall": 1 / 3}


def test_three_rules_and_three_answers():
    """Wikipedia, "Regret (decision theory)": interest rates rise, stay or fall."""
    assert robust(RATES, THIRDS) == {"expected": "stocks", "maximin": "money market", "regret": "bonds"}
    assert regrets(RATES).max(axis=1).to_dict() == {"stocks": 7, "bonds": 5, "money market": 11}


def test_equal_choices_stand_by_name_and_order_says_nothing():
    value = pd.DataFrame({"a": [1, 1], "b": [2, 2]}, index=["zeta", "alpha"])
    assert set(robust(value, {"a": 0.5, "b": 0.5}).values()) == {"alpha"}
    mixed = RATES.iloc[[2, 0, 1], [1, 2, 0]]
    assert robust(mixed, dict(reversed(THIRDS.items()))) == robust(RATES, THIRDS)


@pytest.mark.parametrize(
    ("value", "prob", "message"),
    [
        (RATES, {"rise": 0.5, "same": 0.4, "fall": 0.0}, "prob: the sum is 0.9, not 1"),
        (RATES, {"rise": 1.0}, "prob: there is none for 'same'"),
        (RATES, THIRDS | {"war": 0.0}, "prob: 'war' is no column"),
        (RATES.assign(same=nan), THIRDS, "value: nan is not finite"),
        (pd.concat([RATES, RATES]), THIRDS, "value: the choice 'stocks' comes twice"),
        (RATES.iloc[:0], THIRDS, "value: needs a row a choice"),
    ],
)
def test_choices_that_make_no_sense(value, prob, message):
    with pytest.raises(ValueError) as told:
        robust(value, prob)
    assert message in str(told.value)
