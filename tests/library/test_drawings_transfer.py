"""The charts of chapter 14; above all, that sliders, menus and the triangle draw what the methods compute (:mod:`svg`)."""

import re

import numpy as np
import pandas as pd
import pytest
from svg import data_of, drawn, fills, lines, words

from integrated_care import charts, transfer
from integrated_care.drawings import transfer as draw

GROUPS = {"does": ["good"], "needs": ["cheap", "light"], "survives": ["lasting"]}
SCORES = pd.DataFrame(
    {
        "good": [0.9, 0.5, 0.2, 0.1],
        "cheap": [0.1, 0.8, 0.3, 0.0],
        "light": [0.3, 0.6, 0.9, 0.1],
        "lasting": [0.2, 0.4, 0.8, 0.0],
    },
    index=["Workers", "Charts", "Law", "Nothing"],
)
AMONG = {"all": list(SCORES.index), "some": ["Workers", "Law"]}
WORTH = pd.DataFrame({"alike": [0.8, 0.6, 0.3], "lasting only": [0.2, 0.5, 0.9]}, index=["Workers", "Charts", "Law"])
KEPT = pd.DataFrame({"none": 1.0, "cut": [0.3, 0.9, 1.0], "end": [0.0, 0.1, 1.0]}, index=WORTH.index)
SHOCKS = {"cut": "a budget cut", "end": "the body ends"}
START = ("cut", "alike", 0.3)


def at(w1: float, w2: float) -> list[dict[str, float]]:
    return [{"w1": w1, "w2": w2}]


def order(w1: float, w2: float, titles: list[str]) -> list[str]:
    corners = draw.corner_scores(SCORES, GROUPS).loc[titles]
    score = w1 * corners["does"] + w2 * corners["needs"] + (1 - w1 - w2) * corners["survives"]
    return score.sort_values(ascending=False).index.tolist()


# --- stepped wedge ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "effect", "people"),
    [(4, 0.1, 200), (1, 0.3, 500), (5, 0.1, 100), (2, 0.0, 300)],
)
def test_the_power_of_the_staircase_is_that_of_the_method(steps, effect, people):
    svg = drawn(draw.wedge(12, 200, 0.05, 0.1, 4), steps=steps, effect=effect, people=people)
    power = transfer.sw_power(12, steps, people, 0.05, effect).power
    shown = [
        word for word in words(svg) if word.endswith("%") and word not in {"0%", "20%", "40%", "60%", "80%", "100%"}
    ]
    assert f"{power:.0%}" in words(svg) and len(shown) <= 1


@pytest.mark.parametrize("steps", [1, 5, 12])
def test_the_staircase_is_the_design_of_the_method(steps):
    svg = drawn(draw.wedge(12, 200, 0.05, 0.1, 4), steps=steps)
    cells = fills(svg, "rect")
    assert cells.count(charts.colour("blue")) >= transfer.sw_design(12, steps).sum()
    # The bars are rectangles, too: one is blue, the chosen one.
    assert cells.count(charts.colour("blue")) == transfer.sw_design(12, steps).sum() + 1
    assert cells.count(charts.colour("grid")) == (1 - transfer.sw_design(12, steps)).sum()


def test_the_words_of_the_staircase_name_powers_and_groups():
    said = draw.say_wedge(12, 200, 0.05, 0.1, 5)
    assert "5 steps of 3, 3, 2, 2, 2" in said and "1 2.5%" in said
    assert f"5 {transfer.sw_power(12, 5, 200, 0.05, 0.1).power:.1%}" in said


# --- triangle ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [(0.9, 0.05), (0.05, 0.9), (0.2, 0.1)])
@pytest.mark.parametrize("name", AMONG)
def test_ranks_follow_the_weights(weights, name):
    svg = drawn(draw.triangle(SCORES, GROUPS, AMONG, (0.3, 0.3)), weights=at(*weights), practices=name)
    listed = [node for node in svg.iter() if node.tag.endswith("text") and node.text in AMONG[name]]
    ranks = order(*weights, AMONG[name])
    assert {node.text for node in listed} == set(ranks)
    bars = {word for word in words(svg) if word.isdigit()}
    assert bars == {str(rank) for rank in range(1, len(ranks) + 1)}
    height = {
        node.text: float(re.findall(r"[-\d.]+", node.get("transform"))[1]) for node in rows_below(svg, AMONG[name])
    }
    assert sorted(height, key=height.get) == ranks


def rows_below(svg, titles):
    """The names that stand on the bars: what is written of a title other than in the legend."""
    nodes = [
        node
        for node in svg.iter()
        if node.tag.endswith("text") and node.text in titles and node.get("font-size") == "12.5px"
    ]
    assert len(nodes) == len(titles)
    return nodes


def test_weights_beyond_the_triangle_are_brought_back():
    """Two sliders can ask for more than 1 in all; the second one gives way."""
    chart = draw.triangle(SCORES, GROUPS, AMONG, (0.3, 0.3))
    assert words(drawn(chart, weights=at(0.8, 0.9))) == words(drawn(chart, weights=at(0.8, 0.2)))


def test_each_dot_has_the_colour_of_who_is_first_there():
    dots = draw._winners(draw.corner_scores(SCORES, GROUPS))
    assert len(dots) == (draw.FINE + 1) * (draw.FINE + 2) / 2
    for row in dots.sample(30, random_state=1).itertuples():
        assert row.title == order(row.w1, row.w2, AMONG["all"])[0]
    top = dots.loc[dots["w1"].eq(1), ["x", "y"]].to_numpy().ravel()
    assert top == pytest.approx([0.5, 3**0.5 / 2])
    left, right = (
        dots.loc[rows, ["x", "y"]].to_numpy().ravel()
        for rows in (dots["w2"].eq(1), dots["w1"].eq(0) & dots["w2"].eq(0))
    )
    assert left == pytest.approx([0, 0]) and right == pytest.approx([1, 0])


def test_the_triangle_can_be_dragged_and_moved_by_keyboard():
    spec = draw.triangle(SCORES, GROUPS, AMONG, (0.3, 0.3)).to_dict()
    (chosen,) = (param for param in spec["params"] if param["name"] == "weights")
    assert "pointermove" in chosen["select"]["on"] and chosen["select"]["nearest"]
    assert [bind["input"] for bind in chosen["bind"].values()] == ["range", "range"]
    assert [bind["name"] for bind in chosen["bind"].values()] == ["Weight of “does”: ", "Weight of “needs”: "]


def test_the_words_of_the_triangle_name_the_first_three_at_each_corner():
    said = draw.say_triangle(SCORES, GROUPS, AMONG, (0.2, 0.5))
    assert f"all, all weight on “does”: {', '.join(order(1, 0, AMONG['all'])[:3])}." in said
    assert f"some, at the ring: {', '.join(order(0.2, 0.5, AMONG['some']))}." in said


# --- shocks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shock", SHOCKS)
@pytest.mark.parametrize("way", WORTH)
@pytest.mark.parametrize("chance", [0.3, 0.85])
def test_the_first_choice_is_that_of_the_highest_expectation(shock, way, chance):
    svg = drawn(draw.survivors(WORTH, KEPT, SHOCKS, START), shock=SHOCKS[shock], weighing=way, chance=chance)
    value = KEPT[["none", shock]].mul(WORTH[way], axis=0)
    first = transfer.robust(value, {"none": 1 - chance, shock: chance})["expected"]
    mean = value.loc[first] @ [1 - chance, chance]
    assert f"first: {first}, {mean:.2f}" in words(svg)


def test_each_practice_is_a_line_from_no_shock_to_a_certain_one():
    svg = drawn(draw.survivors(WORTH, KEPT, SHOCKS, START), chance=0.9)
    ends = [(1 - path[[0, -1], 1] / charts.HEIGHT) * 0.9 for path in lines(svg)]
    wanted = [(WORTH.loc[t, "alike"], WORTH.loc[t, "alike"] * KEPT.loc[t, "cut"]) for t in WORTH.index]
    for pair in wanted:
        assert any(end == pytest.approx(pair, abs=2e-3) for end in ends)
    assert len(ends) == len(wanted) + 1  # and the first once more


def test_the_words_of_the_shocks_name_who_leads():
    said = draw.say_survivors(WORTH, KEPT, SHOCKS, START)
    assert "alike, a budget cut: Workers, Charts, Charts." in said
    assert "lasting only, the body ends: Law, Law, Law." in said


# --- the others -------------------------------------------------------------------------------------------------------


def steps_of_a_plan() -> pd.DataFrame:
    days = pd.to_datetime(["2025-11-08", "2027-11-08", "2025-10-01"])
    ends = pd.to_datetime(["2027-11-08", "2030-11-08", "2025-10-01"])
    return pd.DataFrame(
        {
            "what": ["advised", "advised", "happened"],
            "start": days,
            "end": ends,
            "words": ["one", "others", "it starts"],
        }
    )


def test_the_plan_shows_each_step_and_says_when():
    assert {"one", "others", "it starts", "advised", "happened"} <= set(words(drawn(draw.plan(steps_of_a_plan()))))
    said = draw.say_plan(steps_of_a_plan())
    assert said.startswith("Advised: one (November 2025 to November 2027); others")
    assert said.endswith("Happened: it starts (October 2025).")


def parts() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "treated": [2.0, 4.0],
            "control": [4.0, 2.0],
            "kind": ["earlier v later", "later v earlier"],
            "weight": [0.75, 0.25],
            "estimate": [3.0, -1.0],
        }
    )


def test_each_comparison_is_a_mark_of_its_kind():
    svg = drawn(draw.comparisons(parts(), 2.0, 3.5))
    symbols = fills(svg, "symbol")
    assert (
        symbols.count(charts.colour("blue")) == symbols.count(charts.colour("vermillion")) == 2
    )  # one each, and the legend
    assert {"regression: 2.00", "planted: 3.50"} <= set(words(svg))
    said = draw.say_comparisons(parts(), 2.0, 3.5)
    assert "later v earlier: 1 pairs with 25% of the weight, on average -1.00 points" in said


def test_the_event_study_stands_beside_the_planted_effect():
    study = pd.DataFrame(
        {
            "e": [-1, 0, 1, 2],
            "est": [0, 1, 2, np.nan],
            "n_cohorts": [2, 2, 1, 0],
            "balanced": [True, True, False, False],
        }
    )
    truth = pd.DataFrame({"e": range(6), "effect": np.arange(6) * 1.0})
    svg = drawn(draw.exposure(study, truth, 0.5))
    assert {"two-way regression: 0.50", "planted"} <= set(words(svg))
    assert sorted(len(path) for path in lines(svg)) == [3, 6]
    assert "month 0: 1.0, planted 0.0; month 1: 2.0, planted 1.0" in draw.say_exposure(study, truth, 0.5)


def test_ranks_stand_by_their_mean():
    shares = np.array([[0.05, 0.15, 0.8], [0.9, 0.06, 0.04], [0.05, 0.79, 0.16]])
    svg = drawn(draw.acceptability(shares, ["c", "a", "b"]))
    assert [word for word in words(svg) if word in "abc"] == ["a", "b", "c"]
    assert {"90", "80", "79"} <= set(words(svg)) and "5" not in words(svg)
    assert draw.say_acceptability(shares, ["c", "a", "b"]).endswith(
        "first: a 90.0%; b 5.0%; c 5.0%. At the foot: c, last under 80%."
    )


def test_carried_effects_are_not_named():
    places = pd.DataFrame({"rural": [0.6, 0.1], "effect": [4.0, 8.0], "low": [0.0, 5.0], "high": [8.0, 11.0]})
    svg = drawn(draw.carried(places, 7.5))
    assert "measured: 7.5" in words(svg) and len(fills(svg, "symbol")) == 2
    assert "10% in villages: 8.0 (5.0 to 11.0); 60% in villages: 4.0 (0.0 to 8.0)" in draw.say_carried(places, 7.5)
    assert set(data_of(draw.carried(places.assign(name="real"), 7.5))[0][0]) <= {
        "effect",
        "rural",
        "low",
        "high",
        "words",
    }
