"""The methods of chapter 5, held against outside numbers, other libraries and what must be true of them."""

import csv
import doctest
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from inequality.gini import Gini
from scipy.stats import rankdata

import integrated_care
from integrated_care import inequality as methods
from integrated_care.inequality import (
    concentration_curve,
    concentration_index,
    core20,
    decompose_concentration,
    erreygers_index,
    gaps,
    outer_fifths,
    relative_index,
    ridit_ranks,
    shrink_rates,
    slope_index,
    targeting,
)

FIXTURES = Path(__file__).parent / "fixtures"
DECILES = "england_hle_by_deprivation_decile_male_2015_17"

# The same examples on every run; enough to find each fault that was planted, few enough to stay quick.
many = settings(max_examples=40, deadline=None, derandomize=True)


def close(value, **how):
    return pytest.approx(value, **({"rel": 1e-9, "abs": 1e-9} | how), nan_ok=True)


# --- outside numbers: WHO healthequal ---------------------------------------------------------------------------------


# The values are published to eight digits, of which seven hold (single precision).
SINGLE = 2e-7


def who(case: str) -> tuple[pd.DataFrame, dict[str, float]]:
    inputs = pd.read_csv(FIXTURES / "healthequal_inputs.csv")
    expected = pd.read_csv(FIXTURES / "healthequal_expected.csv").set_index(["case", "measure"])["published_value"]
    return inputs[inputs["case"] == case], expected[case].to_dict()


def test_who_concentration_indices():
    groups, published = who("ordered")
    columns = {"y": groups["estimate"], "rank_var": groups["subgroup"], "w": groups["population"]}
    index = concentration_index(**columns)
    mean = np.average(groups["estimate"], weights=groups["population"])
    assert index == pytest.approx(published["rci"], rel=SINGLE)
    assert index * mean == pytest.approx(published["aci"], rel=SINGLE)
    # The absolute index is Erreygers' without its factor 4 and its range.
    assert erreygers_index(lo=0, hi=100, **columns) * 100 / 4 == pytest.approx(published["aci"], rel=SINGLE)


def test_who_slope_and_relative_index_of_a_logit_fit():
    groups, published = who("ordered")
    people = groups["population"]
    # Their recipe: whole people, and the population once more as a weight; least minus most.
    how = {"model": "logit", "weights": people**2, "sign": "analyst"}
    columns = ((groups["estimate"] / 100 * people).round() / people, people, -groups["subgroup"])
    assert 100 * slope_index(*columns, **how) == pytest.approx(published["sii"], rel=SINGLE)
    assert relative_index(*columns, **how) == pytest.approx(published["rii"], rel=SINGLE)


def test_who_slope_index_is_not_the_straight_line():
    groups, _ = who("ordered")
    columns = (groups["estimate"], groups["population"], -groups["subgroup"])
    assert slope_index(*columns, sign="analyst") == pytest.approx(46.254, abs=5e-4)
    assert relative_index(*columns, sign="analyst") == pytest.approx(3.5558, abs=5e-5)


def test_who_measures_outside_these_methods_are_named():
    """A measure that is added to the fixture has to be tested above or listed here."""
    covered = {("ordered", measure) for measure in ("aci", "rci", "sii", "rii")}
    attributable = {(case, measure) for case in ("ordered", "nonordered") for measure in ("par", "paf")}
    spread_of_unordered_groups = {
        ("nonordered", measure)
        for measure in ["bgv", "bgsd", "ti_x1000", "mld_x1000"]
        + [f"{name}_{weighting}" for name in ("idis", "mdm", "mdb", "mdr") for weighting in ("unweighted", "weighted")]
    }
    with open(FIXTURES / "healthequal_expected.csv", encoding="utf-8", newline="") as rows:
        measures = {(row["case"], row["measure"]) for row in csv.DictReader(rows)}
    assert measures == covered | attributable | spread_of_unordered_groups


# --- outside numbers: ONS ---------------------------------------------------------------------------------------------

ONS = [  # column, printed by ONS (analysts' sign), course sign, RII
    ("healthy_life_expectancy_years", 19.1, -19.08, 0.737),
    ("life_expectancy_years", 9.4, -9.40, 0.888),
    ("years_in_poorer_health", None, 9.67, None),
]


@pytest.mark.parametrize(("column", "printed", "course", "ratio"), ONS)
def test_ons_slope_indices_of_men_2015_17(column, printed, course, ratio):
    deciles = integrated_care.load(DECILES)
    columns = (deciles[column], np.ones(10), -deciles["imd2015_decile"])  # deciles hold equal numbers of areas
    assert slope_index(*columns) == pytest.approx(course, abs=0.005)
    if printed is not None:
        assert slope_index(*columns, sign="analyst") == pytest.approx(printed, abs=0.05)
        assert relative_index(*columns) == pytest.approx(ratio, abs=0.0005)


# --- hand cases --------------------------------------------------------------------------------------


def test_five_equal_quintiles():
    rates, people, deprivation = [50, 40, 30, 20, 10], [1, 1, 1, 1, 1], [5, 4, 3, 2, 1]
    assert slope_index(rates, people, deprivation) == close(50)
    assert relative_index(rates, people, deprivation) == close(11)
    assert concentration_index(rates, [1, 2, 3, 4, 5]) == close(-4 / 15)
    assert ridit_ranks(people, deprivation) == close([0.1, 0.3, 0.5, 0.7, 0.9])


def test_quintiles_of_unequal_size():
    rates, people, deprivation = [50, 40, 30, 20, 10], [100, 300, 200, 300, 100], [5, 4, 3, 2, 1]
    assert slope_index(rates, people, deprivation) == close(550 / 13)  # 42.31
    assert relative_index(rates, people, deprivation) == close(133 / 23)  # 5.783
    assert ridit_ranks(people, deprivation) == close([0.05, 0.25, 0.5, 0.75, 0.95])


def test_four_small_areas():
    table = shrink_rates([2, 0, 8, 5], [100, 50, 1000, 200], details=True)
    assert table["mean"].tolist() == close([15 / 1350] * 4)
    assert table["weight"].tolist() == pytest.approx([0.1066, 0.0563, 0.5439, 0.1926], abs=5e-5)
    assert table["shrunk"].tolist() == pytest.approx([0.012058, 0.010486, 0.009419, 0.013786], abs=5e-7)


def test_an_area_without_people_takes_no_part_in_the_mean_or_the_variance():
    with_it = shrink_rates([2, 0, 8, 0, 5], [100, 50, 1000, 0, 200], details=True)
    without = shrink_rates([2, 0, 8, 5], [100, 50, 1000, 200], details=True)
    assert with_it.drop(index=3)["shrunk"].tolist() == close(without["shrunk"].tolist())
    assert with_it.loc[3, ["weight", "shrunk"]].tolist() == close([0, 15 / 1350])
    assert np.isnan(with_it.loc[3, "raw"])


def test_gaps_that_move_apart_and_gaps_that_do_not():
    assert gaps(50, 20, 30, 10) == {"abs0": 30.0, "abs1": 20.0, "ratio0": 2.5, "ratio1": 3.0, "diverge": True}
    assert gaps(50, 20, 60, 20)["diverge"] is False  # both widen
    assert gaps(60, 20, 50, 20)["diverge"] is False  # both narrow
    assert gaps(0.3, 0.1, 0.5, 0.3)["diverge"] is False  # 0.2 and 0.2: the difference is rounding noise
    assert gaps(60, 80, 74, 92)["diverge"] is False  # the good things of life: years, coverage
    assert gaps(50, 60, 5, 10)["diverge"] is True


def test_gaps_with_a_ratio_that_is_undefined():
    out = gaps(50, 0, 30, 10)
    assert out["abs0"] == 50
    assert np.isnan(out["ratio0"])
    assert out["diverge"] is False


def test_gaps_of_columns():
    frame = pd.DataFrame({"p0": [50, 1], "r0": [20, 0], "p1": [30, 1], "r1": [10, 1]}, index=["a", "b"])
    out = pd.DataFrame(gaps(*(frame[name] for name in frame)))
    assert out.index.tolist() == ["a", "b"]
    assert out.loc["a"].tolist() == [30.0, 20.0, 2.5, 3.0, True]
    assert np.isnan(out.loc["b", "ratio0"])
    assert out["diverge"].tolist() == [True, False]


def test_core20_counts_people_and_asks_for_the_middle_of_the_area_on_the_edge():
    assert core20([10, 10, 80], [70, 60, 5]).tolist() == [True, True, False]
    assert core20([10, 10, 80], [5, 60, 70]).tolist() == [False, False, False]  # middle of the first: 0.40
    assert core20([1000, 1000, 1000, 1000, 1000], [1, 2, 3, 4, 5]).tolist() == [False] * 4 + [True]
    assert core20([40, 60], [2, 1]).tolist() == [True, False]  # middle exactly at 0.20
    assert core20([40.1, 59.9], [2, 1]).tolist() == [False, False]
    assert core20([3, 3, 3, 1], [4, 3, 2, 1], share=0.75).tolist() == [True, True, True, False]  # middle at 0.75
    assert core20([1, 1], [2, 1], share=0).tolist() == [False, False]
    assert core20([1, 1], [2, 1], share=1).tolist() == [True, True]


def test_core20_boundary_is_free_of_rounding_noise():
    # 0.1 + 0.1 + 0.1 + 0.05 is 0.35000000000000003 in floating point.
    assert core20([0.1] * 10, range(10, 0, -1), share=0.35).sum() == 4


def test_core20_breaks_ties_by_label_then_by_position():
    same = [9, 9, 9, 9, 9]
    by_label = core20(pd.Series([1] * 5, list("edcba")), pd.Series(same, list("edcba")))
    assert by_label.to_dict() == {"a": True, "b": False, "c": False, "d": False, "e": False}
    assert core20([1] * 5, same).tolist() == [True, False, False, False, False]
    # One Series is enough to know the labels; a label that occurs twice goes by position.
    assert core20([1] * 5, pd.Series(same, [2, 2, 1, 1, 3])).tolist() == [False, False, True, False, False]


def test_core20_is_national_not_a_fifth_of_every_region_nor_of_the_areas():
    people = np.array([100, 100, 300, 500, 1000])
    assert core20(people, [50, 40, 30, 20, 10]).tolist() == [True, True, True, False, False]


def test_targeting_by_hand():
    # Flagged and deprived 30, flagged only 10, deprived only 20, neither 40.
    out = targeting([1, 1, 0, 0], [1, 0, 1, 0], [30, 10, 20, 40])
    assert out == close({"sensitivity": 0.6, "ppv": 0.75, "leakage": 0.25, "undercoverage": 0.4})
    assert targeting([True, True, False, False], [True, False, True, True])["sensitivity"] == close(1 / 3)


def test_targeting_of_nobody_is_undefined():
    nobody_flagged = targeting([0, 0], [1, 0])
    assert nobody_flagged == close({"sensitivity": 0, "ppv": np.nan, "leakage": np.nan, "undercoverage": 1})
    none_deprived = targeting([1, 0], [0, 0])
    assert none_deprived == close({"sensitivity": np.nan, "ppv": 0, "leakage": 1, "undercoverage": np.nan})
    assert all(np.isnan(value) for value in targeting([], []).values())


def test_a_decomposition_by_hand():
    # y = 1 + 2x exactly, so x explains all of it: CI(y) = (2 * mean x / mean y) * CI(x).
    df = pd.DataFrame({"y": [1, 3, 1, 3, 5], "x": [0, 1, 0, 1, 2], "wealth": [1, 2, 3, 4, 5]})
    table = decompose_concentration(df, "y", ["x"], "wealth")
    assert table.index.tolist() == ["x", "residual"]
    assert table.columns.tolist() == ["beta", "mean", "ci_k", "contribution", "pct"]
    assert table.loc["x"].tolist() == close([2, 0.8, 0.4, 16 / 65, 100])
    assert table.loc["residual", ["contribution", "pct"]].tolist() == close([0, 0])
    assert concentration_index(df["y"], df["wealth"]) == close(16 / 65)


# --- other libraries --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    """Sixty groups with ties, weights and factors that go together. Made up."""
    rng = np.random.default_rng(20)
    wealth = rng.normal(size=60).round(1)
    rural = (wealth + rng.normal(size=60) < 0).astype(int)
    return pd.DataFrame(
        {
            "wealth": wealth,
            "rural": rural,
            "school": rng.integers(0, 6, 60) + wealth.round(),
            "stunting": 0.2 + 0.1 * rural - 0.03 * wealth + 0.05 * rng.random(60),
            "people": rng.integers(20, 400, 60),
        }
    )


def ridits(frame: pd.DataFrame) -> np.ndarray:
    """Mid-ranks of every single person, then one of each group: slow, plain and independent."""
    everybody = np.repeat(np.arange(len(frame)), frame["people"])
    ranks = (rankdata(frame["wealth"].to_numpy()[everybody]) - 0.5) / len(everybody)
    return pd.Series(ranks).groupby(everybody).first().to_numpy()


def test_ranks_are_those_of_single_persons(sample):
    assert ridit_ranks(sample["people"], -sample["wealth"]).tolist() == close(ridits(sample).tolist())


def test_slope_and_relative_index_against_statsmodels_wls(sample):
    fit = sm.WLS(sample["stunting"], sm.add_constant(ridits(sample)), weights=sample["people"]).fit()
    most, least = fit.predict([[1, 0], [1, 1]])
    columns = (sample["stunting"], sample["people"], -sample["wealth"])
    assert slope_index(*columns) == close(most - least)
    assert relative_index(*columns) == close(most / least)


def test_logit_indices_against_statsmodels_glm(sample):
    design = sm.add_constant(ridits(sample))
    glm = sm.GLM(sample["stunting"], design, family=sm.families.Binomial(), var_weights=sample["people"])
    most, least = glm.fit(tol=1e-14).predict([[1, 0], [1, 1]])
    columns = (sample["stunting"], sample["people"], -sample["wealth"])
    assert slope_index(*columns, model="logit") == close(most - least)
    assert relative_index(*columns, model="logit") == close(most / least)


def test_weights_of_the_fit_against_statsmodels(sample):
    precision = 1 / (0.01 + 0.1 * np.arange(60) % 7) ** 2
    fit = sm.WLS(sample["stunting"], sm.add_constant(ridits(sample)), weights=precision).fit()
    most, least = fit.predict([[1, 0], [1, 1]])
    columns = (sample["stunting"], sample["people"], -sample["wealth"])
    assert slope_index(*columns, weights=precision) == close(most - least)
    assert slope_index(*columns, weights=precision) != close(slope_index(*columns))


def test_concentration_index_against_numpy_cov(sample):
    y, rank, people = sample["stunting"], ridits(sample), sample["people"]
    covariance = np.cov(y, rank, aweights=people, ddof=0)[0, 1]
    index = concentration_index(y, sample["wealth"], people)
    assert index == close(2 * covariance / np.average(y, weights=people))
    unweighted = np.cov(y, (rankdata(sample["wealth"]) - 0.5) / 60, ddof=0)[0, 1]
    assert concentration_index(y, sample["wealth"]) == close(2 * unweighted / y.mean())


def test_concentration_index_against_the_gini_coefficient_of_pysal(sample):
    y, people = sample["stunting"].to_numpy(), sample["people"].to_numpy()
    assert concentration_index(y, y) == close(Gini(y).g)
    # PySAL takes no weights: give it one row for each person, all of whom tie within their group.
    assert concentration_index(y, y, people) == close(Gini(np.repeat(y, people)).g)


def test_decomposition_against_statsmodels(sample):
    factors = ["rural", "school", "wealth"]
    table = decompose_concentration(sample, "stunting", factors, "wealth", "people")
    fit = sm.WLS(sample["stunting"], sm.add_constant(sample[factors]), weights=sample["people"]).fit()
    assert table.loc[factors, "beta"].tolist() == close(fit.params[factors].tolist())
    mean = np.average(sample["stunting"], weights=sample["people"])
    for name in factors:
        ci = concentration_index(sample[name], sample["wealth"], sample["people"])
        share = np.average(sample[name], weights=sample["people"])
        assert table.loc[name, "mean"] == close(share)
        assert table.loc[name, "ci_k"] == close(ci)
        assert table.loc[name, "contribution"] == close(fit.params[name] * share * ci / mean)
    residual = np.cov(fit.resid, ridits(sample), aweights=sample["people"], ddof=0)[0, 1]
    assert table.loc["residual", "contribution"] == close(2 * residual / mean)


# --- properties -------------------------------------------------------------------------------------------------------


@st.composite
def tables(draw, least: int = 3) -> pd.DataFrame:
    """Groups with ties and a zero here and there, but people in at least two ranks."""
    size = draw(st.integers(least, 9))

    def column(values):
        return draw(st.lists(values, min_size=size, max_size=size))

    frame = pd.DataFrame(
        {
            "rate": column(st.integers(1, 1000).map(lambda v: v / 10)),
            "pop": column(st.integers(0, 40).map(float)),
            "rank": column(st.integers(0, 6)),
            "x": column(st.integers(-5, 5).map(float)),
        },
        index=[f"area {i}" for i in range(size)],
    )
    assume(frame.loc[frame["pop"] > 0, "rank"].nunique() > 1)
    return frame


def indices(frame: pd.DataFrame) -> dict[str, float]:
    """Every index that is one number, of a table of groups."""
    gradient = (frame["rate"], frame["pop"], -frame["rank"])
    persons = {"rank_var": frame["rank"], "w": frame["pop"]}
    deprived = frame["rate"] > 50
    return {
        "slope": slope_index(*gradient),
        "relative": relative_index(*gradient),
        "logit": slope_index(frame["rate"] / 200, *gradient[1:], model="logit"),
        "concentration": concentration_index(frame["rate"], **persons),
        "erreygers": erreygers_index(frame["rate"], 0, 100, **persons),
        **targeting(frame["rank"] < 2, deprived, frame["pop"]),
    }


@many
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(frame, random):
    order = random.sample(range(len(frame)), len(frame))
    mixed = frame.iloc[order]
    assert indices(mixed) == close(indices(frame), rel=1e-6)
    for function in (ridit_ranks, core20):
        pd.testing.assert_series_equal(
            function(mixed["pop"], -mixed["rank"]).loc[frame.index], function(frame["pop"], -frame["rank"])
        )
    events = frame["rate"].where(frame["pop"] > 0, 0)
    shrunk, again = shrink_rates(events, frame["pop"]), shrink_rates(events.iloc[order], mixed["pop"])
    pd.testing.assert_series_equal(again.loc[frame.index], shrunk)


@many
@given(tables(), st.sampled_from([0.001, 0.5, 3, 1e6]))
def test_counting_people_in_thousands_changes_nothing(frame, unit):
    scaled = frame.assign(pop=frame["pop"] * unit)
    assert indices(scaled) == close(indices(frame), rel=1e-6)
    assert core20(scaled["pop"], -frame["rank"]).equals(core20(frame["pop"], -frame["rank"]))


@many
@given(tables(), st.sampled_from([0.001, 12, 1e5]))
def test_the_unit_of_the_outcome(frame, unit):
    gradient = (frame["pop"], -frame["rank"])
    assert slope_index(frame["rate"] * unit, *gradient) == close(unit * slope_index(frame["rate"], *gradient))
    assert slope_index(frame["rate"] + unit, *gradient) == close(slope_index(frame["rate"], *gradient), abs=1e-6)
    assert relative_index(frame["rate"] * unit, *gradient) == close(relative_index(frame["rate"], *gradient), rel=1e-6)
    persons = (frame["rank"], frame["pop"])
    assert concentration_index(frame["rate"] * unit, *persons) == close(concentration_index(frame["rate"], *persons))
    assert erreygers_index(frame["rate"] * unit, 0, 100 * unit, *persons) == close(
        erreygers_index(frame["rate"], 0, 100, *persons)
    )


@many
@given(tables(), st.integers(0, 8))
def test_a_group_split_into_equal_halves_changes_nothing(frame, which):
    name = frame.index[which % len(frame)]
    halved = frame.assign(pop=frame["pop"].where(frame.index != name, frame["pop"] / 2))
    split = pd.concat([halved, halved.loc[[name]].rename({name: "other half"})])
    assert indices(split) == close(indices(frame), rel=1e-6)


@many
@given(tables())
def test_only_the_order_of_the_rank_variable_counts(frame):
    # 0 and 1 stay 0 and 1, so that even the flag "rank below 2" is the same.
    assert indices(frame.assign(rank=frame["rank"] ** 3)) == close(indices(frame), rel=1e-6)


@many
@given(tables())
def test_turning_the_rank_round_turns_the_signs_round(frame):
    ahead, back = frame, frame.assign(rank=-frame["rank"])
    for name in ("slope", "concentration", "erreygers", "logit"):
        assert indices(back)[name] == close(-indices(ahead)[name], rel=1e-6)
    assert indices(back)["relative"] == close(1 / indices(ahead)["relative"], rel=1e-6)


@many
@given(tables())
def test_the_analysts_sign(frame):
    for model, rate in (("linear", frame["rate"]), ("logit", frame["rate"] / 200)):
        columns = (rate, frame["pop"], -frame["rank"])
        course = slope_index(*columns, model=model)
        assert slope_index(*columns, sign="analyst", model=model) == close(-course)
        assert relative_index(*columns, sign="analyst", model=model) == close(1 / relative_index(*columns, model=model))


@many
@given(tables())
def test_slope_and_relative_index_agree_on_the_two_ends(frame):
    columns = (frame["rate"], frame["pop"], -frame["rank"])
    difference, ratio = slope_index(*columns), relative_index(*columns)
    mean = np.average(frame["rate"], weights=frame["pop"])
    if np.isnan(ratio):  # an end at 0 or below: the ends lie half the slope to either side of the mean
        rank = ridit_ranks(*columns[1:])
        middle = np.average(rank, weights=frame["pop"])
        assert middle == close(0.5)
        assert mean - abs(difference) / 2 <= 1e-9
    else:
        assert difference == close(2 * mean * (ratio - 1) / (ratio + 1), rel=1e-6)


@many
@given(tables())
def test_ranks_have_mean_one_half_and_follow_deprivation(frame):
    ranks = ridit_ranks(frame["pop"], -frame["rank"])
    assert np.average(ranks, weights=frame["pop"]) == close(0.5)
    assert ranks.between(0, 1).all()
    assert (ranks[frame["pop"] > 0].groupby(frame["rank"]).nunique() == 1).all()
    assert ranks.groupby(frame["rank"]).first().is_monotonic_increasing


@many
@given(tables())
def test_erreygers_index_counts_the_ill_and_the_well_alike(frame):
    persons = (0, 100, frame["rank"], frame["pop"])
    assert erreygers_index(100 - frame["rate"], *persons) == close(-erreygers_index(frame["rate"], *persons))
    index, mean = concentration_index(frame["rate"], *persons[2:]), np.average(frame["rate"], weights=frame["pop"])
    assert erreygers_index(frame["rate"], *persons) == close(4 * mean * index / 100)
    assert abs(erreygers_index(frame["rate"] > 50, 0, 1, *persons[2:])) <= 1 + 1e-12


@many
@given(tables())
def test_the_curve_encloses_the_index(frame):
    curve = concentration_curve(frame["rate"], frame["rank"], frame["pop"])
    people, outcome = curve["population_share"].to_numpy(), curve["outcome_share"].to_numpy()
    area = np.sum(np.diff(people) * (outcome[1:] + outcome[:-1]) / 2)
    assert 1 - 2 * area == close(concentration_index(frame["rate"], frame["rank"], frame["pop"]))
    assert curve.iloc[0].tolist() == [0, 0]
    assert curve.iloc[-1].tolist() == [1, 1]
    assert len(curve) == 1 + frame.loc[frame["pop"] > 0, "rank"].nunique()
    assert (np.diff(people) > 0).all()
    assert (np.diff(outcome) > 0).all()


@many
@given(tables(least=5))
def test_contributions_add_up_to_the_index(frame):
    frame = frame.assign(level=7.0)
    lived_in = frame[frame["pop"] > 0]
    assume(np.linalg.matrix_rank(np.column_stack([np.ones(len(lived_in)), lived_in[["rank", "x"]]])) == 3)
    table = decompose_concentration(frame, "rate", ["x", "level", "rank"], "rank", "pop")
    index = concentration_index(frame["rate"], frame["rank"], frame["pop"])
    assert table["contribution"].sum() == pytest.approx(index, abs=1e-9)
    assert table["pct"].sum() == pytest.approx(100) or abs(index) < 1e-9
    assert table.loc["level", ["mean", "ci_k", "contribution"]].tolist() == close([7, 0, 0])
    assert np.isnan(table.loc["level", "beta"])
    # Factors that explain the outcome exactly leave nothing over.
    exact = frame.assign(rate=10 + frame["x"] + frame["rank"])
    assert decompose_concentration(exact, "rate", ["x", "rank"], "rank", "pop").loc[
        "residual", "contribution"
    ] == close(0)


@many
@given(tables(), st.sampled_from([0.05, 0.2, 0.5, 0.9]))
def test_core20_misses_its_share_by_half_an_area_at_most(frame, share):
    people, score = frame["pop"], -frame["rank"]
    inside = core20(people, score, share=share)
    ordered = frame.assign(inside=inside, score=score).sort_index().sort_values("score", ascending=False, kind="stable")
    assert ordered["inside"].is_monotonic_decreasing  # no gap in the order
    ends = ordered["pop"].cumsum()
    edge = ordered["pop"][(ends - ordered["pop"] <= share * people.sum()) & (share * people.sum() <= ends)]
    assert abs(people[inside].sum() - share * people.sum()) <= edge.max() / 2 + 1e-9


@many
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 500)), min_size=1, max_size=9))
def test_a_shrunk_rate_lies_between_its_own_and_the_overall_rate(areas):
    obs, n = np.array([(min(o, k), k) for o, k in areas]).T
    assume(n.sum() > 0)
    table = shrink_rates(obs, n, details=True)
    overall = obs.sum() / n.sum()
    assert table["mean"].tolist() == close([overall] * len(n))
    assert table["weight"].between(0, 1).all()
    some = table[n > 0]
    assert (some["shrunk"] >= np.minimum(some["raw"], overall) - 1e-12).all()
    assert (some["shrunk"] <= np.maximum(some["raw"], overall) + 1e-12).all()
    assert table["shrunk"][n == 0].tolist() == close([overall] * int((n == 0).sum()))
    assert some["weight"].iloc[np.argsort(n[n > 0], kind="stable")].is_monotonic_increasing
    assert np.array_equal(shrink_rates(obs, n), table["shrunk"])


@many
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 9)), min_size=1, max_size=12))
def test_targeting_counts_the_people_in_both_groups_once(rows):
    flag, deprived, w = map(np.array, zip(*rows, strict=True))
    out = targeting(flag, deprived, w)
    both = w[flag & deprived].sum()
    assert np.nan_to_num(out["sensitivity"]) * w[deprived].sum() == close(both)
    assert np.nan_to_num(out["ppv"]) * w[flag].sum() == close(both)
    assert out["leakage"] == close(1 - out["ppv"])
    assert out["undercoverage"] == close(1 - out["sensitivity"])
    assert np.isnan(out["ppv"]) == (w[flag].sum() == 0)
    assert np.isnan(out["sensitivity"]) == (w[deprived].sum() == 0)


rates = st.integers(1, 99).map(float)


@many
@given(rates, rates, rates, rates)
def test_gaps_run_backwards_and_in_another_unit(poor0, rich0, poor1, rich1):
    ahead, back = gaps(poor0, rich0, poor1, rich1), gaps(poor1, rich1, poor0, rich0)
    assert (ahead["abs0"], ahead["ratio0"]) == (back["abs1"], back["ratio1"])
    assert ahead["diverge"] is back["diverge"]
    assert gaps(poor0 / 4, rich0 / 4, poor1 / 4, rich1 / 4)["diverge"] is ahead["diverge"]


# --- edges ------------------------------------------------------------------------------------------------------------


def test_a_group_without_people_is_dropped_whatever_else_it_holds():
    rates, people, deprivation = [50, 40, 30, 20, 10], [1, 1, 1, 1, 1], [5, 4, 3, 2, 1]
    with_it = ([50, 40, np.nan, 30, 20, 10], [1, 1, 0, 1, 1, 1], [5, 4, 9, 3, 2, 1])
    assert slope_index(*with_it) == close(slope_index(rates, people, deprivation))
    assert relative_index(*with_it) == close(11)
    assert concentration_index(with_it[0], -np.array(with_it[2]), with_it[1]) == close(-4 / 15)
    assert erreygers_index([1, 7, 0], 0, 1, [1, 2, 3], [1, 0, 1]) == close(-1)
    assert slope_index([0.5, 7, 0.5], [1, 0, 1], [3, 2, 1], model="logit") == close(0)
    df = pd.DataFrame({"y": [1.0, 2.0, np.nan], "x": [0, 1, 9], "wealth": [1, 2, 3], "people": [1, 1, 0]})
    assert decompose_concentration(df, "y", ["x"], "wealth", "people").loc["x", "pct"] == close(100)


def test_ties_share_one_rank():
    assert ridit_ranks([1, 1, 2], [7, 7, 1]).tolist() == close([0.25, 0.25, 0.75])
    assert ridit_ranks([1, 2, 1], [1, 7, 7]).tolist() == close([0.875, 0.375, 0.375])
    assert concentration_index([1, 5, 2], [1, 1, 2]) == close(concentration_index([5, 1, 2], [1, 1, 2]))
    assert concentration_curve([1, 5, 2], [1, 1, 2])["outcome_share"].tolist() == close([0, 0.75, 1])
    assert concentration_curve([1, 5, 2], [3, 3, 3])["population_share"].tolist() == [0, 1]


def test_an_outcome_that_is_the_same_for_all():
    y, rank = [0.1] * 7, range(7)
    assert slope_index(y, np.ones(7), rank) == close(0)
    assert relative_index(y, np.ones(7), rank) == close(1)
    assert concentration_index(y, rank, [0.1, 0.7, 3, 2, 5, 1, 1]) == close(0)
    assert erreygers_index(y, 0, 1, rank) == close(0)
    table = decompose_concentration(pd.DataFrame({"y": y, "x": [0, 1, 0, 1, 1, 0, 0], "r": rank}), "y", ["x"], "r")
    assert table["contribution"].tolist() == close([0, 0])
    assert table["pct"].isna().all()


def test_an_outcome_that_is_zero_for_all():
    y, rank = [0, 0, 0], [1, 2, 3]
    assert slope_index(y, [1, 1, 1], rank) == 0
    assert np.isnan(relative_index(y, [1, 1, 1], rank))
    assert np.isnan(slope_index(y, [1, 1, 1], rank, model="logit"))  # its logits are infinite
    assert np.isnan(concentration_index(y, rank))
    assert erreygers_index(y, 0, 1, rank) == 0
    assert concentration_curve(y, rank).iloc[0].tolist() == [0, 0]
    assert concentration_curve(y, rank).iloc[1:].isna().all(axis=None)
    table = decompose_concentration(pd.DataFrame({"y": y, "x": [0, 1, 0], "r": rank}), "y", ["x"], "r")
    assert table["beta"].iloc[0] == close(0)
    assert table[["contribution", "pct"]].isna().all(axis=None)


def test_outcomes_that_cancel_but_for_rounding_noise_have_no_index():
    assert np.isnan(concentration_index([0.1, 0.2, -0.3], [1, 2, 3]))


def test_a_line_that_leaves_the_positive_range_has_no_ratio():
    assert slope_index([10, 0, 0], [1, 1, 1], [3, 2, 1]) == close(15)
    assert np.isnan(relative_index([10, 0, 0], [1, 1, 1], [3, 2, 1]))
    assert np.isnan(relative_index([10, 0, 0], [1, 1, 1], [1, 2, 3], sign="analyst"))
    assert np.isnan(relative_index([-3, -2, -1], [1, 1, 1], [3, 2, 1]))
    assert np.isnan(relative_index([5, 1], [1, 1], [2, 1], model="linear"))  # 7 and -1
    assert np.isnan(relative_index([3, 1], [1, 1], [2, 1]))  # 4 and 0
    assert np.isnan(relative_index([3 * 0.7, 0.7], [1, 1], [2, 1]))  # 2.8 and 0, which comes out as 4e-16


def test_no_gradient_without_two_ranks():
    for people, deprivation in (([1, 1, 1], [2, 2, 2]), ([5, 0, 0], [1, 2, 3]), ([0, 0, 0], [1, 2, 3])):
        assert np.isnan(slope_index([0.1, 0.2, 0.3], people, deprivation))
        assert np.isnan(relative_index([0.1, 0.2, 0.3], people, deprivation))
        assert np.isnan(slope_index([0.1, 0.2, 0.3], people, deprivation, model="logit"))
    assert np.isnan(slope_index([0.1, 0.2], [1, 1], [2, 1], weights=[1, 0]))


def test_a_logit_that_separates_has_no_finite_fit():
    assert np.isnan(slope_index([1, 1, 0, 0], [9, 9, 9, 9], [4, 3, 2, 1], model="logit"))
    assert np.isnan(relative_index([1, 1, 0, 0], [9, 9, 9, 9], [4, 3, 2, 1], model="logit"))


def test_no_rows_at_all():
    assert np.isnan(slope_index([], [], []))
    assert np.isnan(concentration_index([], []))
    assert np.isnan(erreygers_index([], 0, 1, []))
    assert len(ridit_ranks([], [])) == len(core20([], [])) == len(shrink_rates([], [])) == 0
    assert concentration_curve([], []).iloc[0].tolist() == [0, 0]
    empty = pd.DataFrame({"y": [], "x": [], "r": []})
    assert decompose_concentration(empty, "y", ["x"], "r").isna().all(axis=None)


def test_small_areas_that_differ_by_chance_alone_all_get_the_mean():
    obs, n = [9, 10, 11, 0], [1000, 1000, 1000, 0]
    table = shrink_rates(obs, n, details=True)
    assert table["weight"].tolist() == [0] * 4
    assert table["shrunk"].tolist() == close([0.01] * 4)


def test_small_areas_without_events_and_without_people():
    assert shrink_rates([0, 0], [10, 20]).tolist() == [0, 0]
    assert np.isnan(shrink_rates([0, 0], [0, 0])).all()


def test_a_constant_factor_does_no_harm():
    df = pd.DataFrame({"y": [1, 2, 4, 3], "x": [0, 1, 1, 0], "one": 1, "none": 0, "wealth": [1, 2, 3, 4]})
    table = decompose_concentration(df, "y", ["one", "x", "none"], "wealth")
    alone = decompose_concentration(df, "y", ["x"], "wealth")
    pd.testing.assert_frame_equal(table.loc[["x", "residual"]], alone)
    assert table.loc[["one", "none"], "beta"].isna().all()
    assert table.loc[["one", "none"], ["ci_k", "contribution"]].to_numpy().tolist() == [[0, 0], [0, 0]]


def test_a_factor_of_mean_zero_still_contributes():
    df = pd.DataFrame({"x": [-2.0, -1, 1, 2], "wealth": [1, 2, 3, 4]})
    table = decompose_concentration(df.assign(y=10 + df["x"]), "y", ["x"], "wealth")
    assert np.isnan(table.loc["x", "ci_k"])
    assert table.loc["x", "contribution"] == close(concentration_index(10 + df["x"], df["wealth"]))


def test_a_decomposition_without_factors_is_all_residual():
    df = pd.DataFrame({"y": [1, 2, 4], "wealth": [1, 2, 3]})
    table = decompose_concentration(df, "y", [], "wealth")
    assert table.loc["residual", ["contribution", "pct"]].tolist() == close(
        [concentration_index([1, 2, 4], [1, 2, 3]), 100]
    )


# --- what comes in, what goes out -------------------------------------------------------------------------------------

CALLS = {  # each function with its columns; every one of them may come as list, array or Series
    "gaps": (gaps, {"poor0": [50, 1], "rich0": [20, 1], "poor1": [30, 1], "rich1": [10, 1]}),
    "ridit_ranks": (ridit_ranks, {"pop": [1, 2, 3], "deprivation": [3, 2, 1]}),
    "slope_index": (slope_index, {"rate": [3, 2, 1], "pop": [1, 2, 3], "deprivation": [3, 2, 1], "weights": [1, 1, 2]}),
    "relative_index": (relative_index, {"rate": [9, 8, 7], "pop": [1, 2, 3], "deprivation": [3, 2, 1]}),
    "concentration_index": (concentration_index, {"y": [3, 2, 1], "rank_var": [1, 2, 3], "w": [1, 2, 3]}),
    "erreygers_index": (
        lambda **columns: erreygers_index(lo=0, hi=4, **columns),
        {"y": [3, 2, 1], "rank_var": [1, 2, 3], "w": [1, 2, 3]},
    ),
    "concentration_curve": (concentration_curve, {"y": [3, 2, 1], "rank_var": [1, 2, 3], "w": [1, 2, 3]}),
    "core20": (core20, {"pop": [1, 2, 3], "imd_score": [3, 2, 1]}),
    "targeting": (targeting, {"flag": [1, 0, 1], "deprived": [1, 1, 0], "w": [1, 2, 3]}),
    "shrink_rates": (shrink_rates, {"obs": [1, 5, 2], "n": [10, 20, 30]}),
}
each_call = pytest.mark.parametrize(("function", "columns"), CALLS.values(), ids=CALLS)
each_column = pytest.mark.parametrize(
    ("function", "columns", "name"), [(f, c, name) for f, c in CALLS.values() for name in c]
)


def flat(result) -> np.ndarray:
    if isinstance(result, dict):
        result = list(result.values())
    return np.asarray(result, dtype=float).ravel()


def test_every_public_function_is_called_here():
    public = {name for name in methods.__all__ if callable(getattr(methods, name))}
    assert {*CALLS, "decompose_concentration", "outer_fifths"} == public


@each_call
def test_lists_arrays_and_series_give_the_same(function, columns):
    plain = function(**columns)
    index = list("abc")[: len(next(iter(columns.values())))]
    arrays = function(**{name: np.array(values, dtype=np.float32) for name, values in columns.items()})
    series = function(**{name: pd.Series(values, index) for name, values in columns.items()})
    nullable = function(**{name: pd.Series(values, index, dtype="Int64") for name, values in columns.items()})
    for other in (arrays, series, nullable):
        assert flat(other).tolist() == close(flat(plain).tolist())
    if isinstance(plain, np.ndarray):
        assert isinstance(series, pd.Series)
        assert series.index.tolist() == index
        assert series.dtype == plain.dtype


@each_call
def test_nothing_passed_in_is_changed(function, columns):
    series = {name: pd.Series(values, dtype=float) for name, values in columns.items()}
    before = {name: values.copy() for name, values in series.items()}
    arrays = {name: np.array(values, dtype=float) for name, values in columns.items()}
    for array in arrays.values():
        array.flags.writeable = False
    function(**arrays)
    function(**series)
    for name, values in series.items():
        pd.testing.assert_series_equal(values, before[name])


@pytest.fixture
def provinces() -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Five provinces of 100 people; at the second time, the second has lost half of them."""
    levels = pd.DataFrame({"2014": [50.0, 40, 30, 20, 10], "2024": [30.0, 35, 20, 15, 4]})
    return {"Homes without water": levels}, pd.DataFrame({"2014": [100] * 5, "2024": [100, 50, 100, 100, 100]})


def test_outer_fifths_follow_the_same_places(provinces):
    change = outer_fifths(*provinces, deprivation=[5, 4, 3, 2, 1], years=[2014, 2024])
    got = change.set_index(["group", "year"])["value"].to_dict()
    assert got == {
        ("most deprived fifth", 2014): 50, ("most deprived fifth", 2024): 30,
        ("least deprived fifth", 2014): 10, ("least deprived fifth", 2024): 4,
    }  # fmt: skip


def test_outer_fifths_rank_by_what_they_are_told(provinces):
    change = outer_fifths(*provinces, deprivation=[1, 2, 3, 4, 5], years=[2014, 2024])
    assert change.set_index(["group", "year"])["value"]["most deprived fifth", 2014] == 10


def test_outer_fifths_weigh_places_by_their_people():
    levels = pd.DataFrame({"a": [60.0, 40, 20, 10], "b": [30.0, 20, 10, 5]})
    people = pd.DataFrame({"a": [50, 150, 600, 200], "b": [100, 300, 600, 200]})
    change = outer_fifths({"m": levels}, people, [9, 8, 2, 1], years=[1, 2]).set_index(["group", "year"])["value"]
    assert change["most deprived fifth", 1] == pytest.approx((60 * 50 + 40 * 150) / 200)
    assert change["most deprived fifth", 2] == pytest.approx((30 * 100 + 20 * 300) / 400)


def test_outer_fifths_nobody_counts_for_nothing_and_a_missing_level_is_unknown(provinces):
    (levels,), people = provinces[0].values(), provinces[1]
    levels, people = levels.copy(), people.copy()
    levels.iloc[0, 0], people.iloc[0, 0] = (
        np.nan,
        0,
    )  # nobody lived in the first province; the second was the first fifth
    levels.iloc[0, 1] = np.nan
    change = outer_fifths({"m": levels}, people, [5, 4, 3, 2, 1], years=[1, 2]).set_index(["group", "year"])["value"]
    assert change["most deprived fifth", 1] == 40
    assert np.isnan(change["most deprived fifth", 2])
    assert change["least deprived fifth", 2] == 4


def test_outer_fifths_of_two_large_areas_are_of_nobody():
    half = pd.DataFrame({"a": [50.0, 10], "b": [40.0, 5]})
    assert outer_fifths({"m": half}, pd.DataFrame({"a": [1, 1], "b": [1, 1]}), [2, 1], [1, 2])["value"].isna().all()


def test_outer_fifths_refuse_other_rows_and_negative_people(provinces):
    measures, people = provinces
    with pytest.raises(ValueError, match=r"^people: its index is not that of Homes without water"):
        outer_fifths(
            {name: table.set_axis(list("abcde")) for name, table in measures.items()}, people, [5, 4, 3, 2, 1], [1, 2]
        )
    with pytest.raises(ValueError, match=r"^people: has 5 rows, but m has 4"):
        outer_fifths({"m": measures["Homes without water"].head(4)}, people, [5, 4, 3, 2, 1], [1, 2])
    with pytest.raises(ValueError, match=r"^people: -1 in row 2 is negative"):
        outer_fifths(measures, people.assign(**{"2024": [1, 1, -1, 1, 1]}), [5, 4, 3, 2, 1], [1, 2])


def test_the_table_of_a_decomposition_is_not_changed(sample):
    before = sample.copy()
    decompose_concentration(sample, "stunting", ["rural", "school"], "wealth", "people")
    pd.testing.assert_frame_equal(sample, before)


@each_column
def test_lengths_must_agree(function, columns, name):
    with pytest.raises(ValueError, match=r"has 4 rows, but \w+ has|has [23] rows, but \w+ has 4"):
        function(**columns | {name: [1, 1, 1, 1]})


@each_column
def test_infinity_is_refused_by_name(function, columns, name):
    with pytest.raises(ValueError, match=rf"^{name}: inf in row 1 is not finite"):
        function(**columns | {name: [1, np.inf, *columns[name][2:]]})


@each_column
def test_text_is_refused_by_name(function, columns, name):
    with pytest.raises(ValueError, match=rf"^{name}: not a column of numbers .*'high'"):
        function(**columns | {name: ["high", *columns[name][1:]]})


@each_column
def test_a_table_in_place_of_a_column_is_refused_by_name(function, columns, name):
    with pytest.raises(ValueError, match=rf"^{name}: needs one value a row, but its shape is \(2, 2\)"):
        function(**columns | {name: [[1, 2], [3, 4]]})


@each_column
def test_series_of_other_rows_are_refused_by_name(function, columns, name):
    first, *others = columns
    size = len(columns[name])
    series = {key: pd.Series(values, range(size)) for key, values in columns.items()}
    moved = others[0] if name == first else name
    with pytest.raises(ValueError, match=rf"^{moved}: its index is not that of {first}"):
        function(**series | {moved: pd.Series(columns[moved], range(1, size + 1))})


NOT_NEGATIVE = {"poor0", "rich0", "poor1", "rich1", "pop", "w", "weights", "obs", "n"}


@each_column
def test_negative_people_are_refused_by_name(function, columns, name):
    if name in NOT_NEGATIVE:
        with pytest.raises(ValueError, match=rf"^{name}: -2 in row 1 is negative"):
            function(**columns | {name: [1, -2, *columns[name][2:]]})


@each_column
def test_a_missing_value_makes_the_result_nan_or_is_refused_by_name(function, columns, name):
    broken = columns | {name: [np.nan, *columns[name][1:]]}
    if function is core20 or name in ("flag", "deprived"):
        with pytest.raises(ValueError, match=rf"^{name}: nan in row 0"):
            function(**broken)
    elif function is gaps:
        out = function(**broken)
        when = name[-1]
        assert np.isnan(out[f"abs{when}"][0])
        assert np.isnan(out[f"ratio{when}"][0])
        assert not out["diverge"][0]
        assert out[f"abs{when}"][1] == 0
    elif function is concentration_curve:
        assert flat(function(**broken)).tolist() == close([0, 0, np.nan, np.nan])
    else:
        assert np.isnan(flat(function(**broken))).all()


def test_a_missing_value_may_be_one_of_pandas_own():
    assert np.isnan(concentration_index(pd.Series([1, None, 3], dtype="Int64"), [1, 2, 3]))
    assert np.isnan(slope_index([1, 2], [1, 1], pd.Series([True, None], dtype="boolean")))


@pytest.mark.parametrize("column", ["stunting", "rural", "wealth", "people"])
def test_a_missing_value_makes_a_decomposition_nan(sample, column):
    broken = sample.assign(**{column: sample[column].where(sample.index != 3)})
    table = decompose_concentration(broken, "stunting", ["rural", "school"], "wealth", "people")
    assert table.index.tolist() == ["rural", "school", "residual"]
    assert table.isna().all(axis=None)


REFUSED = [
    (lambda: slope_index([1, 2], [1, 1], [1, 2], sign="ons"), r"^sign: 'ons' is none of 'course', 'analyst'"),
    (lambda: relative_index([1, 2], [1, 1], [1, 2], sign=-1), r"^sign: -1 is none of"),
    (lambda: slope_index([1, 2], [1, 1], [1, 2], model="probit"), r"^model: 'probit' is none of 'linear', 'logit'"),
    (lambda: slope_index([0.5, 20], [1, 1], [1, 2], model="logit"), r"^rate: 20 in row 1 is not a share"),
    (lambda: slope_index([-0.5, 1], [1, 1], [1, 2], model="logit"), r"^rate: -0.5 in row 0 is not a share"),
    (lambda: erreygers_index([0, 1.5], 0, 1, [1, 2]), r"^y: 1.5 in row 1 is outside \[lo, hi\] = \[0, 1\]"),
    (lambda: erreygers_index([0, 1.0000001], 0, 1, [1, 2]), r"^y: 1.0000001 in row 1 is outside"),
    (lambda: erreygers_index([-1, 1], 0, 1, [1, 2]), r"^y: -1 in row 0 is outside"),
    (lambda: erreygers_index([0, 1], 1, 0, [1, 2]), r"^hi: 0 is not above lo = 1"),
    (lambda: erreygers_index([1, 1], 1, 1, [1, 2]), r"^hi: 1 is not above lo = 1"),
    (lambda: erreygers_index([0, 1], 0, np.inf, [1, 2]), r"^hi: inf in row 0 is not finite"),
    (lambda: erreygers_index([0, 1], np.nan, 1, [1, 2]), r"^hi: 1 is not above lo = nan"),
    (lambda: erreygers_index([0, 1], "none", 1, [1, 2]), r"^lo: not a column of numbers"),
    (lambda: core20([1, 1], [1, 2], share=20), r"^share: 20 is not between 0 and 1"),
    (lambda: core20([1, 1], [1, 2], share=-0.1), r"^share: -0.1 is not between 0 and 1"),
    (lambda: core20([1, 1], [1, 2], share=np.nan), r"^share: nan is not between 0 and 1"),
    (lambda: core20([0, 0], [1, 2]), r"^pop: adds up to 0"),
    (lambda: targeting([1, 2], [1, 0]), r"^flag: 2 in row 1 is neither"),
    (lambda: targeting([1, 0], [1, 0.5]), r"^deprived: 0.5 in row 1 is neither"),
    (lambda: shrink_rates([1, 3], [10, 0]), r"^obs: 3 in row 1 happened where n is 0"),
    (lambda: concentration_index(5, [1, 2]), r"^y: needs one value a row, but its shape is \(\)"),
    (lambda: gaps([1, 2], 1, [1, 2], 1), r"^rich0: needs one value a row"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_misuse_is_refused_with_the_argument_and_the_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()


REFUSED_NAMES = [
    ({"y": "height"}, r"^y: 'height' is not a column of df"),
    ({"rank_var": "income"}, r"^rank_var: 'income' is not a column of df"),
    ({"w": "weight"}, r"^w: 'weight' is not a column of df"),
    ({"factors": ["rural", "water"]}, r"^factors: 'water' is not a column of df"),
    ({"factors": "rural"}, r"^factors: 'rural' is one name; pass a list"),
    ({"factors": ["rural", "rural"]}, r"^factors: 'rural' would name two rows"),
    ({"factors": ["rural", "town"]}, r"^factors: 'town' is a linear combination of those before it"),
    ({"factors": ["rural", "place"]}, r"^place: not a column of numbers"),
    ({"factors": ["residual"]}, r"^factors: 'residual' would name two rows"),
    ({"w": "owed"}, r"^w, column 'owed': -1 in row 0 is negative"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED_NAMES)
def test_a_decomposition_refuses_by_name(sample, arguments, message):
    df = sample.assign(town=1 - sample["rural"], place="Azilal", residual=sample["school"], owed=-1)
    usual = {"df": df, "y": "stunting", "factors": ["rural"], "rank_var": "wealth", "w": "people"}
    with pytest.raises(ValueError, match=message):
        decompose_concentration(**usual | arguments)


def test_numbers_are_plain_floats():
    """A notebook would otherwise print np.float64(50.0)."""
    rates, people, rank = [0.5, 0.4, 0.1], [1, 1, 1], [3, 2, 1]
    for model in ("linear", "logit"):
        assert type(slope_index(rates, people, rank, model=model)) is float
        assert type(relative_index(rates, people, rank, model=model)) is float
    assert type(concentration_index(rates, rank)) is float
    assert type(erreygers_index(rates, 0, 1, rank)) is float
    assert {type(value) for value in targeting([1, 0, 1], [0, 1, 1], people).values()} == {float}
    assert {type(value) for value in gaps(*np.array([4.0, 3, 2, 1])).values()} == {float, bool}


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(methods)
    assert result.attempted >= 9
    assert result.failed == 0
