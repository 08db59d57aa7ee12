"""The charts of chapter 12; above all, that sliders and menus draw what the methods compute (read back by :mod:`svg`)."""

import re

import numpy as np
import pandas as pd
import pytest
from svg import data_of, drawn, fills, lines, words

from integrated_care import boundaries, charts, load
from integrated_care.drawings import boundaries as draw

WIDTH, HEIGHT = charts.WIDTH, charts.HEIGHT
MAPS = {"board": "boards", "council": "councils", "authority_b": "second later map"}
BITS = {"first": 0.25, "second": 2.5}
STORY_OF_FRIMLEY = (
    "Cut into, thousand people: east Berkshire 493; north east Hampshire 176; Surrey Heath and Farnham 144"
)
START = {"redraw": 8, "saving": 6, "reached": 0.5, "setup": 2}


def of_boards():
    names = ("england_icb_tiles", "icb_leadership_teams_2025_26", "england_icb_2026", "england_icb_borders")
    return [load(name) for name in names]


def of_board(name: str) -> list[dict[str, str]]:
    return [{"board": name}]


def broken(svg) -> str:
    """What is written on several lines, in one."""
    return " ".join(node.text for node in svg.iter() if node.tag.endswith("tspan") and node.text)


def every_way() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "groups": [3, 2, 1],
            "names": ["a | b | c", "a + b | c", "a + b + c"],
            "pounds": [17.0, 15.0, 16.0],
            "whole": [0.5, 0.75, 1.0],
            "smallest": [0.4e6, 1.2e6, 3.0e6],
            "step": [0, np.nan, 1],
            "mark": ["today", "", ""],
        }
    )


# --- sliders and menus ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fixed", "each", "layers"), [(4, 10, 1), (10, 2, 4), (0.25, 16, 2), (6, 8, 0.4)])
def test_the_curve_and_its_best_size_are_those_of_the_method(fixed, each, layers):
    svg = drawn(draw.size(4, 10, 1), fixed=fixed, each=each, layers=layers)
    (curve,) = lines(svg)
    cost = boundaries.cost_per_head(draw.SIZES * 1e6, fixed * 1e6, each, layers / 1e6)
    seen = cost < 29.9
    million, pounds = curve[:, 0] / WIDTH * 5, (1 - curve[:, 1] / HEIGHT) * 30
    assert million[seen] == pytest.approx(draw.SIZES[seen], abs=2e-3)
    assert pounds[seen] == pytest.approx(cost[seen], abs=2e-3)
    best = boundaries.best_size(fixed * 1e6, layers / 1e6)
    lowest = boundaries.cost_per_head(best, fixed * 1e6, each, layers / 1e6)
    assert f"N* = {best / 1e6:.2f} million, £{lowest:.2f} per head" in words(svg)


@pytest.mark.parametrize(
    ("fixed", "layers", "said"), [(4, 0, "the larger the cheaper: no best size"), (0, 0, "any size costs the same")]
)
def test_where_there_is_no_best_size_the_chart_says_so(fixed, layers, said):
    assert said in words(drawn(draw.size(4, 10, 1), fixed=fixed, layers=layers))


def test_each_allowance_is_a_dot():
    allowances = pd.DataFrame({"name": ["p", "q"], "million": [1, 2], "pounds": [14, 15]})
    assert len(fills(drawn(draw.size(4, 10, 1, allowances)), "symbol")) == 2
    assert "2 dots, the real allowances, lie between 14.00 and 15.00" in draw.say_size(4, 10, 1, allowances)
    assert "dots" not in draw.say_size(4, 10, 1)


@pytest.mark.parametrize(
    "at", [START, START | {"redraw": 0}, START | {"redraw": 4, "setup": 11, "reached": 0.3}, START | {"saving": 0}]
)
def test_the_regrets_are_those_of_the_method(at):
    svg = drawn(draw.regret(BITS, 2, **START), **at)
    seen = words(svg)
    costs = draw.regret_costs(BITS, 2, **at)
    action, regret = boundaries.minimax_regret(costs)
    numbers = [word for word in seen if re.fullmatch(r"-?\d+\.\d", word)]
    assert sorted(map(float, numbers[: regret.size])) == pytest.approx(sorted(regret.to_numpy().ravel()), abs=0.051)
    assert f"{regret.loc[action].max():.1f} smallest" in broken(svg)
    assert sorted(word for word in seen if word.startswith("costs")) == sorted(
        f"costs {c:.1f}" for c in costs.to_numpy().ravel()
    )


def test_costs_of_acting_now_and_later():
    costs = draw.regret_costs(BITS, 2, **START)
    assert costs.loc["merge now"].tolist() == [2, 20]
    assert costs.loc["cluster"].tolist() == [2 + 2 * 6 * 0.5] * 2
    assert costs.loc["wait"].tolist() == [12, 12]


@pytest.mark.parametrize(("first", "second"), [("board", "council"), ("council", "board"), ("board", "authority_b")])
def test_the_bits_above_the_region_are_those_of_the_methods(first, second):
    areas = load("synth_region_maps")
    svg = drawn(draw.region(areas, MAPS, "board", "board"), map_lines=MAPS[first], map_colours=MAPS[second])
    said = broken(svg)
    table = boundaries.overlap(areas[first], areas[second], areas["people"])
    apart = boundaries.variation_of_information(areas[first], areas[second], areas["people"])
    found = [float(number) for number in re.findall(r"\d+\.\d+", said)]
    expected = [boundaries.cond_entropy(table), boundaries.cond_entropy(table.T), apart]
    assert found == pytest.approx(expected, abs=0.0051)


def test_the_region_shows_each_area_with_the_letters_of_its_unit():
    areas = load("synth_region_maps")
    svg = drawn(draw.region(areas, MAPS, "board", "council"))
    letters = [word for word in words(svg) if len(word) <= 2]
    assert letters == [name[0] for name in areas["council"]]
    assert len(set(fills(svg, "rect")) - {"#ffffff"}) == len(draw.UNITS)


def test_a_thick_line_stands_wherever_two_areas_differ_and_nowhere_else():
    areas = pd.DataFrame({"col": [1, 2, 1, 2], "row": [1, 1, 2, 2], "people": 1, "unit": ["p", "q", "p", "p"]})
    edges = draw._edges(areas, {"unit": "map"})
    along = {
        "x": edges["x1"].eq(edges["x2"]) & edges["x1"].isin([0, 2]),
        "y": edges["y1"].eq(edges["y2"]) & edges["y1"].isin([0, 2]),
    }
    inside = edges[~(along["x"] | along["y"])]
    drawn_edges = set(inside[["x1", "x2", "y1", "y2"]].itertuples(index=False, name=None))
    assert drawn_edges == {(1, 1, 0, 1), (1, 2, 1, 1)}
    assert len(edges) == 8 + 2  # and the edge of the region


def test_the_words_of_the_region_name_what_is_cut():
    said = draw.say_region(load("synth_region_maps"), MAPS, "board", "council")
    for name in ("Midshire (Birch 47.7%, Hazel 52.3%)", "Overdale", "Quayside", "Netherby"):
        assert name in said
    assert "Redmoor" not in said
    same = draw.say_region(load("synth_region_maps"), MAPS, "board", "board")
    assert "The lines cut none of them" in same and "Sum: 0.00" in same


def test_letters_of_units():
    assert [draw._letters(name) for name in ("Alder", "Kingsford and Overdale", "South-west")] == ["A", "KO", "SW"]


# --- the boards of 2024 -----------------------------------------------------------------------------------------------


def test_tiles_have_the_colour_of_what_became_of_the_board():
    svg = drawn(draw.fates(*of_boards(), first="Frimley"))
    count = pd.Series(fills(svg, "rect")).value_counts()
    for kind, expected in {"dissolved": 12, "enlarged": 1, "shared": 18, "alone": 11}.items():
        assert count[charts.colour(draw.FATES[kind][1])] == expected, kind


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "Frimley",
            [STORY_OF_FRIMLEY],
        ),
        (
            "Sussex",
            [
                "Team of 2025/26: with Surrey Heartlands",
                "Since 1 April 2026: Surrey and Sussex",
            ],
        ),
        ("West Yorkshire", ["Team of 2025/26: its own", "Borders: 5, of which gone: none"]),
    ],
)
def test_the_story_is_that_of_the_board_that_is_chosen(name, told):
    svg = drawn(draw.fates(*of_boards(), first="Frimley"), board_told=of_board(name))
    seen = broken(svg)
    assert all(line in seen for line in told)
    assert seen.count("Since 1 April") == 1
    assert draw.say_fates(*of_boards(), first=name).count("dissolved in 2026") >= 1


def test_a_menu_offers_every_board_and_a_click_chooses_one():
    spec = draw.fates(*of_boards(), first="Frimley").to_dict()
    (menu,) = spec["params"]
    assert menu["bind"]["input"] == "select" and len(menu["bind"]["options"]) == 42
    assert set(menu["select"]["fields"]).isdisjoint(menu["bind"])  # else Vega-Lite takes a property for the menu
    assert menu["select"]["on"] == "click"


def test_the_story_fits_below_the_tiles():
    told = draw._fates(*of_boards())
    lines = [sum(len(draw.textwrap.wrap(said, 56)) for said in row) for row in told[draw.STORY].to_numpy()]
    assert 17 * max(lines) <= draw.TILE * draw.ROOM


def test_the_frame_stands_round_the_whole_team():
    def frames(name):
        svg = drawn(draw.fates(*of_boards(), first="Frimley"), board_told=of_board(name))
        return sum(node.get("stroke-width") == "3" for node in svg.iter())

    assert frames("Lincolnshire") == 3  # with Derby and Derbyshire, and Nottingham and Nottinghamshire
    assert frames("Devon") == 2
    assert frames("Greater Manchester") == 1


def test_a_border_is_gone_where_both_sides_have_one_board_now():
    told = draw._fates(*of_boards()).set_index("board")
    assert "gone: Sussex" in told.loc["Surrey Heartlands", "border_line"]
    assert "Frimley" not in told.loc["Surrey Heartlands", "border_line"]  # most of Frimley went elsewhere
    parts, borders = load("england_icb_2026"), load("england_icb_borders")
    largest = parts.sort_values("people").groupby("icb24_code")["icb26_name"].last()
    gone = (borders["icb24_code_a"].map(largest) == borders["icb24_code_b"].map(largest)).sum()
    listed = told["border_line"].str.extract(r"gone: (.*)")[0].replace("none", np.nan).dropna()
    count = sum(sum(other in line for other in told.index if other in line) for line in listed.str.split("; "))
    assert count == 2 * gone


# --- every way to merge -----------------------------------------------------------------------------------------------


def test_ways_below_the_floor_are_pale():
    table = every_way()
    for floor, pale in ((0, 0), (1, 1), (1.6, 2)):
        svg = drawn(draw.ways(table), floor=floor)
        opacity = [node.get("opacity") for node in svg.iter() if node.get("aria-roledescription") == "point"]
        assert opacity.count("0.18") == pale, floor
    assert "today" in words(svg)
    assert len(lines(svg)[0]) == 2  # the walk: only the ways that stand in it


def test_the_words_about_the_ways():
    said = draw.say_ways(every_way())
    assert "3 points" in said and "2 of them with at least a million" in said
    assert "the cheapest costs 15.00 pounds per head and leaves 75%" in said
    assert "reaches 100% at 16.00 pounds" in said
    assert "today: 17.00 pounds, 50%" in said


def test_a_partition_in_one_line():
    assert draw.way([("a", "c"), ("b",)]) == "a + c | b"


@pytest.mark.parametrize("make", ["fates", "region", "size", "ways", "regret"])
def test_charts_stay_small_and_carry_no_frame_of_the_caller(make):
    table = every_way()
    chart = {
        "fates": lambda: draw.fates(*of_boards(), first="Frimley"),
        "region": lambda: draw.region(load("synth_region_maps"), MAPS, "board", "council"),
        "size": lambda: draw.size(4, 10, 1),
        "ways": lambda: draw.ways(table),
        "regret": lambda: draw.regret(BITS, 2, **START),
    }[make]()
    assert sum(len(rows) for rows in data_of(chart)) < 700
    assert table.equals(every_way())
