"""The charts of chapter 11; above all, that the sliders draw what the methods compute.

The spec is handed to vega with other values of its parameters (:mod:`svg`); the coordinates of what it draws are turned into
years and capability by the scales of the chart.
"""

import re

import numpy as np
import pandas as pd
import pytest
from svg import data_of, drawn, lines, words

from integrated_care import charts, load, reform
from integrated_care.drawings import reform as draw

WIDTH, HEIGHT = charts.WIDTH, charts.HEIGHT
SETTINGS = [
    {},
    {"loss": 0.2, "recovery": 2, "pause": 0.5, "interval": 4, "gain": 0.15},
    {"loss": 0.5, "recovery": 5, "pause": 2.5, "interval": 12, "gain": 0.3},
    {"loss": 0.6, "recovery": 1, "pause": 4, "interval": 3, "gain": 0.4},  # the next reform comes within the pause
    {"loss": 0.0, "recovery": 3, "pause": 2, "interval": 2, "gain": 0.05},  # nothing is lost
    {"loss": 0.25, "recovery": 8, "pause": 0, "interval": 20, "gain": 0.01},
]


def settings_of(changed: dict) -> dict:
    return {name: value for name, (*_, value) in draw.SLIDERS.items()} | changed


# --- the sliders ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", SETTINGS)
def test_the_saw_tooth_is_that_of_the_method(changed):
    at = settings_of(changed)
    asked = {name: at[name] for name in ("interval", "loss", "recovery", "pause")}
    svg = drawn(draw.sawtooth(), **asked)
    _, line = lines(svg)
    years, level = line[:, 0] / WIDTH * 50, (1 - line[:, 1] / HEIGHT) * 1.1
    assert len(line) == 501
    times = np.round(np.arange(501) / 10, 10)
    assert years == pytest.approx(times, abs=2e-3)
    events = np.arange(0, 51, at["interval"])
    path = reform.capability(times, events, at["loss"], at["recovery"], at["pause"])
    assert level == pytest.approx(path, abs=1e-4)
    mean = reform.mean_capability(at["interval"], at["loss"], at["recovery"], at["pause"])
    assert f"mean, in the long run: {mean:.2f}" in words(svg)


@pytest.mark.parametrize("changed", SETTINGS)
def test_the_break_even_curve_is_that_of_the_method(changed):
    at = settings_of(changed)
    asked = {name: at[name] for name in ("gain", "loss", "recovery", "pause")}
    svg = drawn(draw.breakeven(7), **asked)
    gains = np.round(np.arange(1, 41) / 100, 2)
    years = reform.breakeven_years(gains, at["loss"], at["recovery"], at["pause"])
    shown = years <= 40
    _, line = lines(svg)
    assert line[:, 0] / WIDTH * 0.4 == pytest.approx(gains[shown], abs=1e-4)
    assert (1 - line[:, 1] / HEIGHT) * 40 == pytest.approx(years[shown], abs=2e-3)
    chosen = reform.breakeven_years(at["gain"], at["loss"], at["recovery"], at["pause"])
    assert ("more than 40 years" if chosen > 40 else f"{chosen:.1f} years") in words(svg)


@pytest.mark.parametrize(("rehire", "first_year"), [(0.22, 0.25), (0.5, 0), (1, 1), (0, 1)])
def test_the_cash_line_is_that_of_the_method(rehire, first_year):
    svg = drawn(draw.redundancies(1, 1, 0.035), rehire=rehire, first_year=first_year)
    path = reform.redundancy_path(1, 1, [first_year, 1, 1, 1, 1, 1], rehire, 0.035)
    *fan, line = lines(svg)
    assert len(fan) == 5
    assert (1 - line[:, 1] / HEIGHT) * 5.8 - 1.2 == pytest.approx(path, abs=1e-3)
    none_lost = reform.redundancy_path(1, 1, [first_year, 1, 1, 1, 1, 1], 0, 0.035)
    assert min(abs((1 - f[:, 1] / HEIGHT) * 5.8 - 1.2 - none_lost).max() for f in fan) < 1e-3


def test_a_slider_that_moves_moves_the_drawing():
    """The comparisons above mean something only if other values draw another line."""
    (_, first), (_, second) = lines(drawn(draw.sawtooth())), lines(drawn(draw.sawtooth(), loss=0.2))
    assert np.abs(first - second).max() > 10


def test_every_slider_starts_inside_its_range():
    for chart in (draw.sawtooth(), draw.breakeven(7)):
        for param in chart.to_dict()["params"]:
            if "bind" in param:
                assert param["bind"]["min"] <= param["value"] <= param["bind"]["max"]


# --- the other charts -------------------------------------------------------------------------------------------------


def test_the_gaps_stand_between_the_bars():
    rows = [r for rows in data_of(draw.timeline([1948, 1974, 1982], ["a", "b", "c"])) for r in rows if "gap" in r]
    assert [(r["middle"], r["gap"]) for r in rows] == [(1961, 26), (1978, 8)]


def test_each_cost_has_its_words():
    labels = {name: name.upper() for name in reform.DEFINITIONS}
    rows = data_of(draw.costs(reform.cost_definitions(load("nhs_exit_packages")), labels))[0]
    assert [(r["label"], r["cost_gbp_m"]) for r in rows] == [
        ("ATTRIBUTED", 435), ("ALL_PACKAGES", 1391), ("EX_ANTE", 1400), ("LATER_2014", 1588), ("LATER_2016", 1950),
    ]  # fmt: skip


def test_the_wait_curve_stops_before_the_queue_never_ends():
    (rows,) = data_of(draw.waits(10, 3, 20))
    assert all(np.isfinite(r["minutes"]) for r in rows)
    assert {r["share"]: round(r["minutes"], 2) for r in rows if r["share"] in (0.1, 0.2, 0.3)} == {
        0.1: 2.48,
        0.2: 7.31,
        0.3: 50.01,
    }


def test_the_list_and_its_jumps_share_their_months():
    months = [f"{2010 + i // 12}-{i % 12 + 1:02d}" for i in range(60)]
    series = pd.DataFrame({"month": months, "million": np.arange(60) / 10.0, "reported": [i > 50 for i in range(60)]})
    jumps = reform.level_changes(series["million"] + (np.arange(60) >= 30), 12)
    chart = draw.waiting_list(series, jumps, {"2012-07": "Reform", "2014-10": "Last"})
    everything = [r for rows in data_of(chart) for r in rows]
    marked = {r["month"]: r["name"] for r in everything if r.get("name")}
    assert marked == {"2012-07": "Reform", "2014-10": "Last"}
    assert {round(r["jump"], 6) for r in everything if r["month"] == "2012-07"} == {1}


# --- the charts in words ----------------------------------------------------------------------------------------------


def test_the_words_of_the_time_line_are_its_years_and_gaps():
    assert draw.say_timeline([1948, 1974, 1982]) == (
        "A time line from 1948 to 1982. The National Health Service begins in 1948; reorganisations follow in 1974, 1982. "
        "The gaps are 26, 8 years."
    )


def test_the_words_of_the_costs_are_its_bars():
    table = pd.DataFrame({"cost_gbp_m": [435, 1391.4]}, index=["attributed", "all_packages"])
    assert draw.say_costs(table, {"attributed": "Some", "all_packages": "All"}) == (
        "Two bars, in millions of pounds. Some: 435. All: 1,391."
    )


def test_the_words_of_the_model_are_where_its_sliders_start():
    """Chart and words start from the same values: what vega writes first stands in the words."""
    (mean,) = [re.search(r"run: ([\d.]+)", text)[1] for text in words(drawn(draw.sawtooth())) if "mean" in text]
    said = draw.say_sawtooth()
    assert f"its mean is {mean}." in said
    assert "a loss of 35 per cent, a recovery time of 3 years, a pause of 1.5 years and a reform every 7 years" in said
    assert "capability climbs to 0.94 before each reform and falls to 0.61" in said
    assert "every 3 years the mean is 0.48, every 17 years 0.91" in said
    (years,) = [text.split()[0] for text in words(drawn(draw.breakeven(7))) if re.fullmatch(r"[\d.]+ years", text)]
    said = draw.say_breakeven(7, [0.05, draw.FIRST["gain"]])
    assert f"Gain 5%: 33.1 years. Gain 10%: {years} years. A dashed line marks the median of 7 years." in said
    assert "at a loss of 35 per cent, a recovery time of 3 years and a pause of 1.5 years." in said


def test_the_words_of_the_cash_line_are_its_years():
    assert draw.say_redundancies(1, 2, 0.035, years=2) == (
        "Cumulative net cash by year after the start. With 22 per cent of the saving lost to re-employment and a quarter reached "
        "in year 0: year 0 -0.61, year 1 0.90, year 2 2.35 billion pounds. Two sliders change the share lost and the share "
        "reached in year 0."
    )
    bound = {p["name"]: p["value"] for p in draw.redundancies(1, 1, 0.035).to_dict()["params"] if "bind" in p}
    assert bound == {"rehire": 0.22, "first_year": 0.25}


def test_the_words_of_the_wait_curve_are_its_marks():
    assert draw.say_waits(10, 3, 20) == (
        "A curve that is flat at first and then turns up like a hockey stick. 10% of time on administration: 2.5 minutes. "
        "15% of time on administration: 4.1 minutes. 20% of time on administration: 7.3 minutes. "
        "25% of time on administration: 15.3 minutes. 30% of time on administration: 50.0 minutes."
    )


def test_the_words_of_the_list_are_its_course_and_its_jumps():
    months = [f"{2013 + i // 12}-{i % 12 + 1:02d}" for i in range(96)]
    million = np.concatenate([[3.0, 2.5], np.linspace(2.6, 6, 94)])
    series = pd.DataFrame({"month": months, "million": million, "reported": False})
    jumps = pd.Series(np.nan, index=months)
    jumps["2014-01"], jumps["2015-01"], jumps["2016-01"], jumps["2017-01"] = 0.1, -0.2, 0.3, -0.4
    at = {"2014-01": "First", "2015-01": "Second", "2020-12": "Third"}
    assert draw.say_waiting_list(series, jumps, at, judged=["2014-01", "2015-01"]) == (
        "The list falls from 3.0 million in January 2013 to about 2.5 million, rises from 2013 to 5.6 million in February 2020, "
        "dips in the first months of the pandemic, rises to 6.0 million and ends at 6.00 million in December 2020. "
        "Lines mark January 2014, January 2015 and December 2020. The jump is +0.10 million at January 2014 and -0.20 million "
        "at January 2015; 100% and 75% of all months have a jump as large or larger."
    )


def test_sliders_start_at_the_assumptions_of_the_chapter():
    at = {"loss": 0.2, "recovery": 2, "pause": 0.5}
    for chart, also in ((draw.sawtooth(**at), {}), (draw.breakeven(7, gain=0.2, **at), {"gain": 0.2})):
        bound = {p["name"]: p["value"] for p in chart.to_dict()["params"] if "bind" in p}
        assert bound.items() >= {**at, **also}.items()
    assert "loss of 20 per cent, a recovery time of 2 years, a pause of 0.5 years" in draw.say_sawtooth(**at)
    assert f"Gain 10%: {reform.breakeven_years(0.1, 0.2, 2, 0.5):.1f} years." in draw.say_breakeven(7, [0.1], **at)
    with pytest.raises(ValueError, match="at: 'los' is none of 'loss'"):
        draw.sawtooth(los=0.2)
    assert "With 50 per cent of the saving lost to re-employment and half reached" in draw.say_redundancies(
        1, 1, 0.035, rehire=0.5, first_year=0.5
    )
