"""The charts of chapter 7; above all, that sliders and the menu draw what the methods compute (read back by :mod:`svg`)."""

import re

import numpy as np
import pandas as pd
import pytest
from svg import data_of, drawn, fills, lines, words

from integrated_care import charts, evaluation, load
from integrated_care.drawings import evaluation as draw

WIDTH, HEIGHT = charts.WIDTH, charts.HEIGHT
RED, GREY = charts.colour("vermillion"), charts.colour("neutral")
MEANS = pd.DataFrame({"y0": [2.0, 1.6], "y1": [1.4, 1.2]}, index=["Team A", "Team B"])
NEXT = pd.Series([0.26, 0.7, 1.2, 1.6], index=[0, 1, 2, 3])
FOUND = pd.DataFrame(
    {
        "comparison": ["before and after", "same rule", "same rule"],
        "team": ["Team A", "Team A", "Team B"],
        "estimate": [-0.3, 0.01, -0.08],
        "low": [np.nan, -0.05, -0.14],
        "high": [np.nan, 0.07, -0.02],
    }
)
ROWS = pd.DataFrame(
    [
        ["everyone else", draw.VISITED, 1.3, 1.3, 2.0, 1.4, 1.4],
        ["everyone else", draw.OTHERS, 0.5, 0.5, 0.5, 0.5, 0.5],
        ["same rule", draw.VISITED, 1.3, 1.3, 1.9, 1.3, 1.4],
        ["same rule", draw.OTHERS, 1.2, 1.4, 1.9, 1.4, 1.3],
    ],
    columns=["comparison", "group", *draw.YEARS],
)
ESTIMATES = {"everyone else": -0.3, "same rule": -0.07}


@pytest.fixture(scope="module")
def others() -> pd.DataFrame:
    return load("synth_cohort").query("team == 'none'").head(4000)


@pytest.fixture(scope="module")
def listed() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    return pd.DataFrame({"risk": rng.gamma(2, 0.7, 120).round(4), "benefit": rng.normal(0.1, 0.08, 120).round(4)})


# --- sliders and the menu ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.5, 1.0])
def test_the_rule_picks_whom_the_score_puts_first(others, weight):
    svg = drawn(draw.selection(others, 300, 0.5), weight=weight)
    score = evaluation.selection_score(others["y0"], others["efi"], weight)
    picked = others.assign(score=score.round(12)).sort_values(["score", "id"], ascending=[False, True]).head(300)
    expected = picked[list(draw.YEARS)].mean()
    written = [float(text) for text in words(svg) if re.fullmatch(r"\d\.\d\d", text)]
    assert written == pytest.approx(expected.tolist(), abs=0.0051)
    change = picked["y1"].sum() / picked["y0"].sum() - 1
    assert f"{change:.0%}".replace("-", "−") in words(svg)
    path = lines(svg)[0]
    assert path[:, 0] == pytest.approx([(year + 2.3) / 4.6 * WIDTH for year in draw.YEARS.values()], abs=0.01)
    top = np.ceil(2 * draw.selection_rows(others, 300)["y0"].max()) / 2
    assert (1 - path[:, 1] / 200) * top == pytest.approx(expected.tolist(), abs=1e-3)


@pytest.mark.parametrize("counts", [0.0, 0.4, 1.0])
def test_the_chosen_are_those_of_the_method(listed, counts):
    svg = drawn(draw.places(listed, 25, 0), counts=counts)
    score = listed["risk"] * ((1 - counts) * listed["benefit"].mean() + counts * listed["benefit"])
    chosen = score.rank(ascending=False, method="first") <= 25
    chosen &= score > 0
    dots = [fill for fill in fills(svg, "symbol") if fill in (RED, GREY)]
    assert dots.count(RED) - 1 == chosen.sum()  # one more in the legend
    (said,) = [text for text in words(svg) if "averted per year" in text]
    averted = (listed["risk"] * listed["benefit"])[chosen].sum()
    assert float(said.split()[-1]) == pytest.approx(averted, abs=0.051)
    found = evaluation.choose_by_benefit(range(120), listed["risk"], listed["benefit"], 25)
    if counts in (0, 1):
        assert averted == pytest.approx(found["averted" if counts else "averted_by_risk"])


@pytest.mark.parametrize(("unit", "team"), [(2000, 1.8), (500, 1.8), (4000, 0.5)])
def test_the_value_is_that_of_the_method(unit, team):
    chart = draw.worth(2500, 1.34, 2000, 1.8e6, {"a small effect": 0.05})
    svg = drawn(chart, unit=unit, team=team)
    (line,) = lines(svg)
    seen = 4 - 8 * line[:, 1] / HEIGHT
    values = evaluation.net_value(2500, 1.34, np.linspace(0, 0.4, 41), unit, team * 1e6) / 1e6
    assert seen == pytest.approx(np.clip(values, -4, 4), abs=1e-3)
    even = evaluation.break_even_effect(2500, 1.34, unit, team * 1e6)
    (said,) = [text for text in words(svg) if "pays from" in text]
    assert said == ("pays from never" if even > 1 else f"pays from {even:.0%}")
    assert "a small effect" in words(svg)


def test_the_menu_shows_the_comparison_that_is_chosen():
    chart = draw.years(ROWS, ESTIMATES, "everyone else")
    for against, estimate in ESTIMATES.items():
        svg = drawn(chart, against=against)
        assert f"difference-in-differences: −{-estimate:.0%}" in words(svg)
        rows = ROWS[ROWS["comparison"] == against].set_index("group")
        paths = lines(svg)
        assert len(paths) == 2
        top = chart.to_dict()["layer"][2]["encoding"]["y"]["scale"]["domain"][1]
        seen = np.array([(1 - path[:, 1] / HEIGHT) * top for path in paths])
        expected = rows[list(draw.YEARS)].to_numpy()
        assert seen[seen[:, 0].argsort()] == pytest.approx(expected[expected[:, 0].argsort()], abs=1e-3)


def test_a_slider_that_moves_moves_the_drawing(others):
    first, second = (lines(drawn(draw.selection(others, 300, 0.5), weight=weight))[0] for weight in (0.0, 1.0))
    assert np.abs(first - second).max() > 10


def test_every_slider_starts_inside_its_range(others, listed):
    made = (draw.selection(others, 300, 0.5), draw.places(listed, 20, 0), draw.worth(2500, 1.3, 2000, 1.8e6, {}))
    for chart in made:
        bound = [param for param in chart.to_dict()["params"] if param.get("bind", {}).get("input") == "range"]
        assert bound
        for param in bound:
            assert param["bind"]["min"] <= param["value"] <= param["bind"]["max"]


# --- the other charts -------------------------------------------------------------------------------------------------


def test_the_bars_are_the_means_and_say_the_fall():
    svg = drawn(draw.before_after(MEANS))
    assert {"2.00", "1.40 (−30%)", "1.60", "1.20 (−25%)"} <= set(words(svg))
    assert fills(svg, "rect").count(charts.colour("blue")) == 2


def test_the_line_is_the_posterior_rate():
    svg = drawn(draw.regression(NEXT, 0.45, 0.6))
    same, line = lines(svg)
    assert (1 - line[:, 1] / HEIGHT) * 3 == pytest.approx(
        evaluation.posterior_rate(np.linspace(0, 3, 41), 0.45, 0.6), abs=1e-3
    )
    assert (1 - same[:, 1] / HEIGHT) == pytest.approx(same[:, 0] / WIDTH, abs=1e-3)
    assert {"if nothing changed", "expected by the formula"} <= set(words(svg))


def test_each_comparison_has_its_estimate_and_its_interval_where_one_is_known():
    chart = draw.comparisons(FOUND)
    svg = drawn(chart)
    assert {"before and after", "same rule", "Team A", "Team B"} <= set(words(svg))
    (rows,) = [rows for rows in data_of(chart) if len(rows) == 3]
    assert [row["estimate"] for row in rows] == FOUND["estimate"].tolist()
    rules = [g for g in svg.iter() if "mark-rule" in g.get("class", "").split()]
    spans = [line for g in rules for line in g.iter() if line.tag.endswith("line") and line.get("stroke-width") == "3"]
    assert len(spans) == 2


# --- the charts in words ----------------------------------------------------------------------------------------------


def test_the_words_are_what_the_charts_show(others, listed):
    assert "Team A, first year of visits: 1.40 (−30%)." in draw.say_before_after(MEANS)
    assert "1 last year, 0.70 next year (expected 0.69)" in draw.say_regression(NEXT, 0.45, 0.6)
    written = [text for text in words(drawn(draw.selection(others, 300, 0.5))) if re.fullmatch(r"\d\.\d\d", text)]
    assert ", ".join(written) in draw.say_selection(others, 300, 0.5)
    assert "Team B, same rule: -8.0% (-14.0% to -2.0%)." in draw.say_comparisons(FOUND)
    assert "Team A, before and after: -30.0%. " in draw.say_comparisons(FOUND)
    said = draw.say_years(ROWS, ESTIMATES, "same rule")
    assert "Visited: 1.30, 1.30, 1.90, 1.30, 1.40. Compared with: 1.20, 1.40, 1.90, 1.40, 1.30." in said
    assert "everyone else: -30%; same rule: -7%" in said
    found = evaluation.choose_by_benefit(range(120), listed["risk"], listed["benefit"], 25)
    assert f"by risk they avert {found['averted_by_risk']:.1f} events" in draw.say_places(listed, 25)
    assert f"what a visit averts {found['averted']:.1f};" in draw.say_places(listed, 25)
    said = draw.say_worth(2500, 1.34, 2000, 1.8e6, {"a small effect": 0.05})
    assert "it pays from 27% on; a small effect (5%): -1.5." in said
