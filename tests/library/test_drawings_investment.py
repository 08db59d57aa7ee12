"""The charts of chapter 13; above all, that their sliders draw what the methods compute."""

from math import inf

import numpy as np
import pandas as pd
import pytest
from svg import data_of, drawn, lines, words

from integrated_care import charts, load
from integrated_care import investment as methods
from integrated_care.drawings import investment as draw

WIDTH, HEIGHT = charts.WIDTH, charts.HEIGHT
TODAY, PLAN = {"cap": inf, "lower": 14.25, "upper": 23.25}, {"cap": 86, "lower": 20, "upper": 100}


def bars(svg) -> list[str]:
    """What stands on the bars: whole per cents."""
    return [text for text in words(svg) if text.endswith("%")]


AXIS = [f"{tens}%" for tens in range(0, 70, 10)]


# --- the sliders ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "delay"), [(0.2, 5), (0.4, 10), (0.0, 2), (0.05, 5), (0.1, 2), (0.4, 3)])
def test_the_curve_is_that_of_the_model(share, delay):
    svg = drawn(draw.paths(0.05, 0.2, 5, election=5), prevent=share, wait=delay)
    (line,) = lines(svg)
    start = methods.steady_state(prevention_share=0.05)
    run = methods.simulate_health({**start, "delay": float(delay)}, share)
    change = (run["I"] - start["I"]).iloc[::4].to_numpy()
    assert line[:, 0] / WIDTH * 30 == pytest.approx(np.arange(31), abs=1e-3)
    assert 6 - line[:, 1] / HEIGHT * 12 == pytest.approx(change, abs=2e-3)
    year = methods.better_from(run["t"], (run["I"] - start["I"]).round(6))
    told = "nothing changes" if share == 0.05 else f"fewer ill from year {year:g} on"
    told = "more ill in all of these years" if share == 0 else told
    assert told in words(svg)


@pytest.mark.parametrize("psi", [0.1, 0.2, 0.35, 0.6])
def test_the_best_shares_are_those_of_the_model(psi):
    table = draw.best_by_horizon(0.05, [0.1, 0.2, 0.35, 0.6])
    start = {"psi": psi, **methods.steady_state({"psi": psi}, 0.05)}
    rows = table[np.isclose(table["psi"], psi)].set_index("horizon")["share"]
    assert rows[[5, 12]].tolist() == [methods.chosen_share(h, start) for h in (5, 12)]
    grid = draw.best_by_horizon(0.05, np.round(np.arange(0.1, 0.61, 0.05), 2))
    svg = drawn(draw.horizons(grid, psi=0.35, election=5), psi=psi)
    assert bars(svg)[-4:] == [f"{rows[h]:.0%}" for h in (5, 10, 20, 30)]
    (line,) = lines(svg)
    assert (1 - line[-1, 1] / HEIGHT) * 0.62 == pytest.approx(rows[30], abs=1e-3)


@pytest.mark.parametrize(
    "rule", [{}, {"cap": 36}, {"cap": 300}, {"upper": 20, "lower": 50}, {"cap": 20, "lower": 14, "upper": 200}]
)
def test_the_bars_of_care_are_those_of_the_rule(rule):
    people = load("synth_care_costs")
    svg = drawn(draw.care(people, PLAN, TODAY, hotel=10), **rule)
    at = PLAN | rule
    data = draw.lives(people)
    paid = methods.private_cost(
        data["cost"], data["wealth"], at["cap"], at["lower"], max(at["upper"], at["lower"]), hotel=10
    )
    sums = data.assign(paid=paid).groupby("tenth")[["paid", "wealth"]].sum().query("wealth > 0")
    assert [b for b in bars(svg) if b not in AXIS] == [
        f"{share:.0%}" for share in sums["paid"] / sums["wealth"] if f"{share:.0%}" not in AXIS
    ]


def test_a_few_lives_stand_for_many():
    people = load("synth_care_costs")
    data = draw.lives(people)
    assert len(data) == 1000 and data["wealth"].mean() == pytest.approx(people["wealth_gbp_k"].mean(), rel=0.001)
    for rule in (TODAY, PLAN):
        whole = methods.share_spent_by_tenth(
            methods.private_cost(people["cost_gbp_k"], people["wealth_gbp_k"], **rule), people["wealth_gbp_k"]
        )
        few = draw.care_shares(people, rule)
        assert few.to_numpy() == pytest.approx(whole.to_numpy(), abs=0.012, nan_ok=True)


@pytest.mark.parametrize(("ready", "places"), [(8, 8.5), (8, 11.5), (6, 6.1), (10, 10), (9, 8)])
def test_the_beds_are_those_of_the_queue(ready, places):
    svg = drawn(draw.queue(8, 8.5), ready=ready, open=places)
    each = methods.time_in_system(ready, places)
    told = f"{methods.beds_blocked(ready, each):.1f} beds, {each:.1f} days each" if each < inf else "grows without end"
    assert told in words(svg)
    (line,) = lines(svg)
    at = line[:, 0] / WIDTH * 10 + 4
    assert (1 - line[:, 1] / HEIGHT) * 40 == pytest.approx(ready / (at - ready), abs=0.02)


def test_every_slider_starts_inside_its_range():
    people = load("synth_care_costs").head(200)
    for chart in (draw.paths(0.05, 0.2, 5, 5), draw.care(people, PLAN | {"cap": inf}, TODAY), draw.queue(8, 8.5)):
        for param in chart.to_dict()["params"]:
            if "bind" in param:
                assert param["bind"]["min"] <= param["value"] <= param["bind"]["max"]


# --- the other charts -------------------------------------------------------------------------------------------------


def index_table() -> pd.DataFrame:
    return pd.DataFrame({"cash": [100, 111.3], "real": [100, 80.9], "each": [100, 75.4]}, index=["2015-16", "2025-26"])


NAMES = {"cash": "in cash", "real": "in real terms", "each": "in real terms, per person"}


def test_each_unit_of_the_grant_has_its_line():
    chart = draw.grant(index_table(), NAMES)
    rows = data_of(chart)[0]
    assert {r["name"]: round(r["index"], 1) for r in rows if r["year"] == "2025-26"} == {
        "in cash": 111.3, "in real terms": 80.9, "in real terms, per person": 75.4,
    }  # fmt: skip
    assert len(lines(drawn(chart))) == 3


def some_areas() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "area": list("abc"),
            "imd_score": [10, 20, 30],
            "population": [1, 2, 1],
            "pounds": [10.0, 20.0, 30.0],
            "share": 0.25,
        }
    )


def test_the_line_through_the_areas_is_the_weighted_slope():
    for how, ends in ((draw.POUNDS, [10, 30]), (draw.PER_CENT, [25, 25])):
        (line,) = lines(drawn(draw.cuts(some_areas()), how=how))
        assert (1 - line[:, 1] / HEIGHT) * 50 == pytest.approx(ends, abs=1e-3)


# --- the charts in words ----------------------------------------------------------------------------------------------


def test_the_words_of_the_grant_are_its_lines():
    assert draw.say_grant(index_table(), NAMES) == (
        "Lines from 2015-16 to 2025-26; the first year is 100. At the end, in cash: 111, lowest 100. in real terms: 81, "
        "lowest 81. in real terms, per person: 75, lowest 75."
    )


def test_the_words_of_the_model_are_where_its_sliders_start():
    said = draw.say_paths(0.05, 0.2, 5, election=5)
    assert "from 5% to 20% and prevention takes 5 years to work" in said
    start = methods.steady_state(prevention_share=0.05)
    run = methods.simulate_health(start, 0.2).set_index("t")["I"] - start["I"]
    assert f"year 1 {run[1]:+.1f}, year 2 {run[2]:+.1f}, year 5 {run[5]:+.1f}, year 10 {run[10]:+.1f}" in said
    assert "There are fewer ill from year 6 on." in said
    assert "There are more ill in all of these years." in draw.say_paths(0.05, 0.0, 5, election=5)
    table = draw.best_by_horizon(0.05, [0.35, 0.4])
    assert "at a strength of 0.35. 5 years: 0%. 10 years: 11%. 20 years: 29%. 30 years: 35%." in draw.say_horizons(
        table, 0.35, 5
    )


def test_the_words_of_the_cuts_are_both_views():
    assert draw.say_cuts(some_areas()) == (
        "3 areas as dots, by deprivation and loss, with a line through them. Counted as pounds per person, an area loses +1.00 "
        "for each point of deprivation, with a concentration index of +0.19. Counted as per cent of its grant, an area loses "
        "+0.00 for each point of deprivation, with a concentration index of +0.00. A menu changes the count."
    )


def test_the_words_of_care_are_its_bars():
    people = load("synth_care_costs")
    svg = drawn(draw.care(people, PLAN, TODAY))
    said = draw.say_care(people, PLAN, TODAY)
    shown = bars(svg)[-9:]
    for tenth, share in zip(range(2, 11), shown, strict=True):
        assert f"Tenth {tenth}: {share}, ticks" in said
    assert "Tenth 1:" not in said  # it owns nothing


def test_the_words_of_the_queue_are_its_curve():
    assert draw.say_queue(8, 8.5) == (
        "A curve that falls steeply from a wall at 8 places a day, as many as people become ready, and then flattens: 8.5 places "
        "16.0 beds, 8.8 places 10.0 beds, 10 places 4.0 beds, 12 places 2.0 beds. Two sliders change the people who become ready "
        "and the places that open."
    )
