import altair as alt
import numpy as np
import pandas as pd
import pytest

from integrated_care import charts, inequality
from integrated_care.drawings import inequality as draw


def data_of(chart: alt.TopLevelMixin) -> list[list[dict]]:
    return list(charts.render({**chart.to_dict(), "description": "d"})[charts.MIME]["datasets"].values())


@pytest.fixture
def provinces() -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Five provinces of 100 people; at the second time, the second has lost half of them."""
    levels = pd.DataFrame({"2014": [50.0, 40, 30, 20, 10], "2024": [30.0, 35, 20, 15, 4]})
    return {"Homes without water": levels}, pd.DataFrame({"2014": [100] * 5, "2024": [100, 50, 100, 100, 100]})


def test_the_words_of_the_gap_chart_are_its_numbers(provinces):
    said = draw.say_gap_change(inequality.outer_fifths(*provinces, deprivation=[5, 4, 3, 2, 1], years=[2014, 2024]))
    assert said == (
        "Homes without water: most deprived fifth from 50.0 to 30.0 per cent, least deprived fifth from 10.0 to 4.0; "
        "the gap goes from 40.0 to 26.0 points, the ratio from 5.0 to 7.5."
    )


def test_the_gap_chart_writes_both_gaps(provinces):
    spec = draw.gap_change(
        inequality.outer_fifths(*provinces, deprivation=[5, 4, 3, 2, 1], years=[2014, 2024]), ["Homes without water"]
    )
    gaps = {row["gap"] for rows in data_of(spec) for row in rows if "gap" in row}
    assert gaps == {"40.0 points|5.0 times", "26.0 points|7.5 times"}


def test_the_line_of_the_slope_chart_has_the_slope_index_between_its_ends():
    rate, pop, deprivation = [10.0, 40, 20, 30], [300, 200, 400, 100], [1, 4, 2, 3]
    rows = data_of(draw.slope(rate, pop, deprivation, unit="Rate"))
    (ends,) = [sorted(r, key=lambda p: p["rank"]) for r in rows if "fit" in r[0]]
    (steps,) = [r for r in rows if "left" in r[0]]
    assert ends[0]["fit"] - ends[1]["fit"] == pytest.approx(inequality.slope_index(rate, pop, deprivation), abs=1e-3)
    assert np.mean([e["fit"] for e in ends]) == pytest.approx(np.average(rate, weights=pop), abs=1e-3)
    assert [(s["left"], s["right"], s["rate"]) for s in steps] == [
        (0, 0.2, 40),
        (0.2, 0.3, 30),
        (0.3, 0.7, 20),
        (0.7, 1, 10),
    ]


def test_the_curves_are_the_methods_own():
    curve = inequality.concentration_curve([4, 3, 2, 1], [1, 2, 3, 4])
    rows = [
        r for rows in data_of(draw.curves({"Meals": curve}, people="p", outcome="o")) for r in rows if "outcome" in r
    ]
    assert [(r["population"], r["share"]) for r in rows] == [(0, 0), (0.25, 0.4), (0.5, 0.7), (0.75, 0.9), (1, 1)]


def test_the_slider_of_the_targeting_chart_spans_the_table():
    table = pd.DataFrame({"share": [0.1, 0.2, 0.3], "sensitivity": [0.3, 0.5, 0.6], "ppv": [0.5, 0.4, 0.3]})
    (param,) = [p for p in draw.targeting(table).to_dict()["params"] if p["name"] == "target"]
    assert {k: param["bind"][k] for k in ("min", "max", "step")} == {"min": 0.1, "max": 0.3, "step": 0.1}


def test_the_shrinkage_chart_ends_where_the_method_says():
    obs, n = [2, 0, 8, 5], [100, 50, 1000, 200]
    (rows,) = [r for r in data_of(draw.shrinkage(obs, n, unit="u")) if "shrunk" in r[0]]
    # Marshall's rates of this example, per 1,000
    assert [r["shrunk"] for r in rows] == pytest.approx([12.058, 10.486, 9.419, 13.786], abs=1e-3)
    assert [r["raw"] for r in rows] == pytest.approx([20, 0, 8, 25])


def test_bars_of_contributions_keep_their_order_and_names():
    parts = pd.DataFrame({"pct": [60.0, -5, 45]}, index=["wealth", "rural", "residual"])
    labels = {"wealth": "Wealth", "rural": "Rural", "residual": "Rest"}
    rows = data_of(draw.contributions(parts, labels))[0]
    assert [(r["factor"], r["pct"]) for r in rows] == [("Wealth", 60), ("Rural", -5), ("Rest", 45)]


def test_a_tenth_has_its_years_in_poorer_health():
    rows = data_of(draw.lives([1, 2], [50.0, 60], [70.0, 75]))[0]
    assert [r["poorer"] for r in rows] == [20, 15]


# --- the charts in words ----------------------------------------------------------------------------------------------


def test_the_words_of_the_lives_are_their_ends():
    assert draw.say_lives([1, 2], [50.04, 60], [70, 75.26]) == (
        "Tenth 1: good health to 50.0, life to 70.0. Tenth 2: good health to 60.0, life to 75.3."
    )


def test_the_words_of_the_slope_are_its_ends_and_the_line():
    rate, pop, deprivation = [10.0, 20, 30], [1, 1, 1], [3, 2, 1]
    assert draw.say_slope(rate, pop, deprivation, unit="years", group="third") == (
        "Three short bars rise from 10.0 years in the most deprived third to 30.0 in the least deprived. "
        "A straight line fitted through them rises by 30.0 years."
    )
    said = draw.say_slope(rate, pop, deprivation[::-1], unit="cases", group="third")
    assert "Three short bars fall from 30.0 cases" in said and "falls by 30.0 cases" in said


def test_the_words_of_the_curves_are_read_off_at_the_share():
    curve = inequality.concentration_curve([4, 3, 2, 1], [1, 2, 3, 4])
    level = inequality.concentration_curve([1, 1], [1, 2])
    assert draw.say_curves({"No Tap": curve, "None": level}) == "no tap, 32%; none, 20%."
    assert draw.say_curves({"No Tap": curve}, share=0.5) == "no tap, 70%."


def test_the_words_of_the_contributions_are_its_bars():
    parts = pd.DataFrame({"pct": [60.4, -5, 44.6]}, index=["wealth", "rural", "residual"])
    labels = {"wealth": "Wealth", "rural": "Rural", "residual": "Rest"}
    assert draw.say_contributions(parts, labels) == (
        "Horizontal bars, per cent of the concentration index: Wealth 60; Rural -5; Rest 45."
    )


def test_the_words_of_targeting_are_the_rows_passed():
    table = pd.DataFrame({"share": [0.1, 0.2], "sensitivity": [0.3, 0.5], "ppv": [0.5, 0.4]})
    assert draw.say_targeting(table) == (
        "Two lines against the share of the population in the target areas. "
        "At 10%: 30% of deprived people reached, 50% of people in the target deprived. "
        "At 20%: 50% of deprived people reached, 40% of people in the target deprived."
    )


def test_the_words_of_shrinkage_are_the_ranges_of_its_points():
    assert draw.say_shrinkage([2, 0, 8, 5], [100, 50, 1000, 200], events="deaths") == (
        "4 points, one an area. Raw rates run from 0.0 to 25.0 deaths per 1,000. "
        "Smoothed, all are pulled towards the mean of 11.1 and run from 9.4 to 13.8."
    )
