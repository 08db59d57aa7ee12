"""The charts of chapter 6; above all, that sliders and menus draw what the methods compute (read back by :mod:`svg`)."""

import re

import numpy as np
import pandas as pd
import pytest
from svg import data_of, drawn, fills, lines, words

from integrated_care import access, charts, load
from integrated_care.drawings import access as draw

WIDTH, HEIGHT = charts.WIDTH, charts.HEIGHT
BLUE, RED, GREY = (charts.colour(role) for role in ("blue", "vermillion", "neutral"))

COMMUNES = pd.DataFrame(
    {
        "name": ["Aa", "Bb", "Cc", "Dd"],
        "province": "P",
        "mean": [12.0, 10.0, 4.0, 11.0],
        "median": [11.0, 12.0, 3.0, 8.0],
        "people": [100, 200, 300, 400],
    }
)
# Two douars on a line with a health centre at 0, and a town.
SETTLEMENTS = pd.DataFrame(
    {
        "settlement": ["S1", "S2", "S3"],
        "district": "D1",
        "rural": [True, True, False],
        "x_km": [6.0, 12.0, 50.0],
        "y_km": [0.0, 0.0, 0.0],
        "terrain": [1, 3, 1],
        "pop": [300, 100, 1000],
        "detour_25": [1.5, 1.5, 1.5],
        "detour_30": [2.0, 2.0, 2.0],
    }
)
CENTRE = pd.DataFrame({"x_km": [0.0], "y_km": [0.0]})


def of_region(**values: float | str):
    return drawn(draw.region(draw.ways(SETTLEMENTS, CENTRE), CENTRE, 10), **values)


def shares(text: str) -> list[float]:
    return [float(part) for part in re.findall(r"(\d+\.\d)%", text)]


# --- sliders and menus ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [4, 8, 10, 11, 12])
def test_the_shares_of_communes_are_those_of_the_method(cut):
    (said,) = [text for text in words(drawn(draw.communes(COMMUNES, 10), cut=cut)) if "median " in text]
    expected = [100 * access.share_beyond(COMMUNES["people"], COMMUNES[by], cut) for by in ("mean", "median")]
    assert shares(said) == pytest.approx(expected, abs=0.051)


def test_a_commune_is_coloured_by_which_of_its_numbers_is_beyond():
    roles = ["vermillion", "purple", "blue", "orange"]
    assert fills(drawn(draw.communes(COMMUNES, 10)), "symbol") == [charts.colour(role) for role in roles]


def test_a_way_is_longer_by_road_and_on_foot():
    ways = draw.ways(SETTLEMENTS, CENTRE)
    assert ways["straight"].tolist() == [6, 12, 50] and ways["road_25"].tolist() == [9, 18, 75]
    assert ways["road_30"].tolist() == [12, 24, 100]
    # 12 km of straight line in the mountains: 14.4 km of path at 3 km an hour are 4.8 hours, 24 km on the flat.
    assert ways["on_foot"].tolist() == pytest.approx([7.2, 24, 60])


@pytest.mark.parametrize("measure", draw.MEASURES)
@pytest.mark.parametrize("far", [5, 6, 12, 20])
def test_the_map_counts_the_people_beyond_by_each_measure(measure, far):
    svg = of_region(measure=measure, far=far)
    (said,) = [text for text in words(svg) if "Rural people" in text]
    rural = draw.ways(SETTLEMENTS, CENTRE).iloc[:2]
    beyond = rural[draw.MEASURES[measure]] > far
    assert shares(said) == pytest.approx(
        [100 * access.share_beyond(rural["pop"], rural[draw.MEASURES[measure]], far)], abs=0.051
    )
    dots = fills(svg, "symbol")[:3]
    assert dots == [RED if one else BLUE for one in beyond] + [GREY]


def rows() -> pd.DataFrame:
    scores = {10: pd.Series([0.0, 0.5, 2.0]), 20: pd.Series([1.0, 0.5, 2.0])}
    return draw.reach_rows(scores, SETTLEMENTS, top=2.4, step=0.1)


@pytest.mark.parametrize("d0", [10, 20])
def test_the_curves_are_shares_of_people_with_at_most_so_many(d0):
    svg = drawn(draw.reach(rows(), 0.77, 10), d0=d0)
    rural, urban = (1 - line[:, 1] / HEIGHT for line in lines(svg))
    grid = np.round(np.arange(0, 2.41, 0.1), 6)
    score = np.array([0.0, 0.5] if d0 == 10 else [1.0, 0.5])
    assert rural == pytest.approx([np.array([300, 100])[score <= at].sum() / 400 for at in grid], abs=1e-3)
    assert urban == pytest.approx((grid >= 2).astype(float), abs=1e-3)
    (said,) = [text for text in words(svg) if "no doctor" in text]
    assert f"within {d0} km" in said and shares(said) == [75.0 if d0 == 10 else 0.0]


GREEDY, EXACT = np.array([40.0, 60, 70, 75]), pd.DataFrame({"posts": [2, 4], "covered": [62, 75]})
LOT = np.array([[10.0, 20, 30, 40], [0, 10, 10, 20]])


@pytest.mark.parametrize("n", [1, 2, 4])
def test_the_slider_reads_the_curves_of_posts(n):
    (said,) = [
        text
        for text in words(drawn(draw.posts(GREEDY, EXACT, LOT, 100, 2), n=n))
        if "one after" in text and ":" in text
    ]
    assert said.startswith(f"{n} posts:") and shares(said) == [GREEDY[n - 1], LOT[:, n - 1].mean()]


def test_the_curves_of_posts_are_the_lot_and_the_greedy_choice():
    by_lot, greedy = (0.7 * (1 - line[:, 1] / HEIGHT) for line in lines(drawn(draw.posts(GREEDY, EXACT, LOT, 100, 2))))
    assert greedy == pytest.approx(GREEDY / 100, abs=0.051) and greedy[:2] == pytest.approx([0.4, 0.6], abs=1e-3)
    assert by_lot == pytest.approx(LOT.mean(axis=0) / 100, abs=1e-3)


PLANS = pd.DataFrame(
    {
        "power": [0.0, 1.0, 4.0],
        "covered": [90.0, 80, 40],
        "far_covered": [0.2, 0.5, 0.9],
        "sites": [[0], [0, 1], [1, 2]],
    }
)
SITES = pd.DataFrame({"x_km": [10.0, 60, 90], "y_km": [10.0, 20, 30]}, index=[5, 5, 9])


@pytest.mark.parametrize(("first", "placed"), [(0, 1), (1, 2), (4, 2)])
def test_the_map_shows_the_posts_of_the_plan_that_is_brushed(first, placed):
    chart = draw.frontier(PLANS, SITES, SETTLEMENTS, first)
    colours = fills(drawn(chart), "symbol")
    assert colours[:3] == [RED if power == first else GREY for power in PLANS["power"]]
    assert colours.count(RED) == 1 + placed


def test_every_slider_starts_inside_its_range():
    made = [
        draw.communes(COMMUNES, 10),
        draw.region(draw.ways(SETTLEMENTS, CENTRE), CENTRE, 10),
        draw.reach(rows(), 0.77, 10),
        draw.posts(GREEDY, EXACT, LOT, 100, 2),
    ]
    bound = [param for chart in made for param in chart.to_dict()["params"] if "min" in param.get("bind", {})]
    assert len(bound) == 4
    for param in bound:
        assert param["bind"]["min"] <= param["value"] <= param["bind"]["max"]


LISTS = pd.DataFrame(
    {
        "settlement": ["S1", "S2", "S3", "S4"],
        "kept_by": ["midwife", "midwife", "health_worker", "midwife"],
        "expected": [10, 20, 40, 0],
        "missed": [1, 12, 30, 0],
        "km": [2.0, 8.0, 15.0, 4.0],
        "river": [False, True, False, False],
    }
)


def test_a_douar_without_births_has_no_dot_and_the_river_has_its_colour():
    (dots,) = [found for found in data_of(draw.lists(LISTS, 10)) if len(found) > 1]
    assert [(row["settlement"], row["share"]) for row in dots] == [("S1", 0.1), ("S2", 0.6), ("S3", 0.75)]
    assert fills(drawn(draw.lists(LISTS, 10)), "symbol")[:3] == [BLUE, RED, BLUE]


# --- the charts in words ----------------------------------------------------------------------------------------------


def test_the_words_of_the_maps_and_communes_are_their_shares():
    said = draw.say_communes(COMMUNES, 10)
    assert "50.0% of rural people live in communes whose mean is beyond 10 km, 30.0% in communes" in said
    assert "The largest mean is 12.0 km, in Aa, where the median is 11.0." in said
    said = draw.say_region(draw.ways(SETTLEMENTS, CENTRE))
    assert "straight line: 100% beyond 5 km, 25% beyond 10 km." in said
    assert "by road, the world of 30%: 100% beyond 5 km, 100% beyond 10 km." in said


def test_the_words_of_the_curves_are_what_they_draw():
    said = draw.say_reach(rows(), 0.77, 10)
    assert "75% of rural people have none." in said and "live 100% of rural and 0% of urban people" in said
    assert "at 10 km 75% of rural people have none, at 20 km 0%." in said
    said = draw.say_posts(GREEDY, EXACT, LOT, 100, 2)
    assert "2 posts cover 60.0% if they are chosen one after the other, 62.0% at best, and 15.0% by lot" in said
    assert "never more than 2.0 points above" in said


def test_the_words_of_plans_and_lists_are_their_numbers():
    assert "power 1: 80 people, 50% of the farthest;" in draw.say_frontier(PLANS, 1)
    said = draw.say_lists(LISTS, 10)
    assert "Beyond 10 km by road it is 75% of 40 women, within it 43% of 30." in said
    assert "1 douars behind the river lie within 10 km and stand far above the others there: 60%." in said


def test_the_chapters_own_tables_can_be_drawn():
    settlements, facilities = load("synth_region_settlements"), load("synth_facilities")
    centres = facilities[facilities["kind"] == "health_centre"]
    svg = drawn(draw.region(draw.ways(settlements, centres), centres, 10, "by road, the world of 30%"))
    assert "Rural people beyond 10 km, by road, the world of 30%: 30.0%" in words(svg)
    assert len(fills(svg, "symbol")) >= 960 + 295
