"""The charts of chapter 4; above all, that sliders and menus draw what the methods compute."""

import altair as alt
import numpy as np
import pandas as pd
import pytest
from svg import drawn, lines, words

from integrated_care import charts, load
from integrated_care import decision_space as methods
from integrated_care.drawings import decision_space as draw

WIDTH, HEIGHT = charts.WIDTH, charts.HEIGHT


def data_of(chart: alt.TopLevelMixin) -> list[list[dict]]:
    return list(charts.render({**chart.to_dict(), "description": "d"})[charts.MIME]["datasets"].values())


def params(chart: alt.TopLevelMixin) -> dict[str, dict]:
    return {param["name"]: param for param in chart.to_dict()["params"] if "bind" in param}


def fills(svg, mark: str) -> list[str]:
    """The fill of each drawn mark of a kind, in order."""
    groups = [g for g in svg.iter() if mark in g.get("class", "").split()]
    return [path.get("fill") for g in groups for path in g.iter() if path.tag.endswith("path")]


# --- centre or regions ------------------------------------------------------------------------------------------------

THETA = [1, 2, 4, 5]


@pytest.mark.parametrize(
    ("kappa", "spill", "spread"), [(2, 0.5, 1), (1.5, 0, 1), (4, 1, 0.5), (3, 2.6, 1), (0, 0.5, 1), (2, 0.5, 2)]
)
def test_the_threshold_is_that_of_the_method(kappa, spill, spread):
    svg = drawn(draw.threshold(THETA, 2, 0.5), kappa=kappa, spill=spill, spread=spread)
    centre, regions = lines(svg)
    theta = np.multiply(THETA, spread)
    capacity = regions[:, 0] / WIDTH
    assert capacity == pytest.approx(np.arange(101) / 100, abs=1e-4)
    expected = [methods.welfare(theta, c, kappa, spill) for c in np.arange(101) / 100]
    shown = np.clip(np.array(expected) / 4, -6, 0)  # of the mean region, inside the axis
    assert -centre[:, 1] / HEIGHT * 6 == pytest.approx(shown[:, 0], abs=2e-3)
    assert -regions[:, 1] / HEIGHT * 6 == pytest.approx(shown[:, 1], abs=2e-3)
    star = methods.capacity_threshold(theta, kappa, spill)
    said = "the centre, always" if star >= 1 else "the regions, always" if star <= 0 else f"C* = {star:.2f}"
    assert said in words(svg)


def test_the_words_of_the_threshold_are_the_methods():
    said = draw.say_threshold(THETA, 2, 0.5)
    assert "centre at -2.50" in said and "from -4.50 without capacity to -0.50 with all of it" in said
    assert "a capacity of 0.29" in said and "at 0.82, with twice the spread at 0.00" in said


# --- payment ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fee", "belief"), [(6, 0.5), (4, 1), (8, 0.2), (5, 0.85)])
def test_the_three_ways_of_paying_are_those_of_the_method(fee, belief):
    drawn_lines = lines(drawn(draw.payment(10, 1, 4, 6, 0.5), fee=fee, belief=belief))
    beta = np.round(np.arange(10, 101) / 100, 2)
    prices = {draw.FEE: fee, draw.CAPITATION: 0, draw.BLEND: methods.optimal_price(4, belief)}
    expected = {way: np.clip(methods.activity(10, 1, 4, beta, price), 0, 20) for way, price in prices.items()}
    assert len(drawn_lines) == 3
    for line, way in zip(drawn_lines, [draw.FEE, draw.CAPITATION, draw.BLEND], strict=True):
        assert 0.1 + line[:, 0] / WIDTH * 1.15 == pytest.approx(beta, abs=2e-4)
        assert (1 - line[:, 1] / HEIGHT) * 20 == pytest.approx(expected[way], abs=2e-3), way
    at = np.argmin(abs(beta - belief))
    assert expected[draw.BLEND][at] == pytest.approx(methods.efficient_activity(10, 1, 4))


def test_the_words_of_the_payment_are_the_methods():
    said = draw.say_payment(10, 1, 4, 6, 0.5)
    assert "Fee for each act: 16.7 at 0.3, 14.0 at 0.5, 12.0 at 1." in said
    assert "Blend: 3.3 at 0.3, 6.0 at 0.5, 8.0 at 1." in said and "efficient number, 6, is dashed" in said


# --- partners ---------------------------------------------------------------------------------------------------------

PROJECTS = load("synth_ppp_projects")


@pytest.mark.parametrize("really", [0, 0.5, 0.75, 1])
def test_the_count_of_cheaper_partners_is_that_of_the_method(really):
    saved = [
        methods.ppp_npv(p["public"], p["ppp"], 0.05, p["p_overrun"].iloc[0], p["overrun"].iloc[0], really)
        for _, p in PROJECTS.groupby("project")
    ]
    svg = drawn(draw.partners(PROJECTS, 0.05, 1), really=really)
    assert f"partner cheaper in {np.sum(np.array(saved) > 0)} of 30" in words(svg)
    bars = [fill for fill in fills(svg, "mark-rect") if fill in (charts.colour("blue"), charts.colour("vermillion"))]
    assert bars.count(charts.colour("blue")) == np.sum(np.array(saved) > 0)
    assert f"{really:.0%} of the risk: {np.sum(np.array(saved) > 0)}." in draw.say_partners(PROJECTS, 0.05, [really])


def test_a_saving_is_a_share_of_the_public_cost():
    table = draw.savings(PROJECTS, 0.05).set_index("project")
    one = PROJECTS[PROJECTS["project"] == "P11"]
    terms = one["p_overrun"].iloc[0], one["overrun"].iloc[0]
    expected = methods.ppp_npv(one["public"], one["ppp"], 0.05, *terms, 0.4) / methods.npv(one["public"], 0.05)
    assert table["base"]["P11"] + 0.4 * table["risk"]["P11"] == pytest.approx(expected)


def test_the_projects_stand_in_order_of_what_they_could_save():
    order = draw.partners(PROJECTS, 0.05, 1).to_dict()["layer"][0]["encoding"]["y"]["sort"]
    table = draw.savings(PROJECTS, 0.05).set_index("project").loc[order]
    assert (table["base"] + table["risk"]).is_monotonic_decreasing


# --- who is protected -------------------------------------------------------------------------------------------------

TABLE = pd.DataFrame(
    {
        "by": ["regime"] * 4 + ["area"] * 2,
        "group": ["none", "none", "tadamon", "tadamon", "rural", "rural"],
        "threshold": [0.1, 0.2] * 3,
        "households": [10, 10, 20, 20, 30, 30],
        "paid": [0.14, 0.05, 0.17, 0.06, 0.13, 0.04],
        "whole_bill": [0.14, 0.05, 0.29, 0.11, 0.28, 0.12],
    }
)
MENUS = {"regime": "insurance", "area": "town or country"}
LABELS = {"none": "no insurance", "tadamon": "AMO Tadamon", "rural": "rural"}


@pytest.mark.parametrize(
    ("by", "cut", "shown", "names"),
    [
        ("insurance", 0.1, ["14%", "17%"], ["no insurance", "AMO Tadamon"]),
        ("insurance", 0.2, ["5%", "6%"], ["no insurance", "AMO Tadamon"]),
        ("town or country", 0.2, ["4%"], ["rural"]),
    ],
)
def test_menu_and_slider_choose_the_headcounts(by, cut, shown, names):
    svg = drawn(draw.protection(TABLE, MENUS, LABELS, 0.1), by=by, cut=cut)
    texts = words(svg)
    assert [text for text in texts if text.endswith("%")][-len(shown) :] == shown
    assert [text for text in texts if text in LABELS.values()] == names


def test_the_words_of_the_protection_are_its_dots():
    chart = draw.protection(TABLE, MENUS, LABELS, 0.1)
    assert params(chart)["by"]["value"] == "insurance" and params(chart)["cut"]["value"] == 0.1
    said = draw.say_protection(TABLE, "regime", LABELS, 0.1)
    assert "exceed 10% of consumption" in said and "AMO Tadamon: 17% paid, 29% of the whole bill." in said
    assert "rural" not in said


# --- who may decide ---------------------------------------------------------------------------------------------------

GRID = pd.DataFrame(
    {
        "function": ["staff", "map", "staff", "map"],
        "tier": ["gst", "gst", "state", "state"],
        "de_jure": pd.array([None, 1, 2, 0], dtype="Int64"),
        "de_facto": pd.array([0, None, 2, 2], dtype="Int64"),
        "document": pd.array([None, "Law A", "Law B", "Law B"], dtype="string"),
        "article": pd.array([None, "4", "1", "2"], dtype="string"),
        "reading": pd.array(["not opened", "draws it", "pays", "has no say"], dtype="string"),
        "practice": pd.array(["none seen", None, "pays", "decides"], dtype="string"),
    }
)
FUNCTIONS, TIERS = {"staff": "Staff", "map": "Health map"}, {"gst": "GST", "state": "State"}


def test_a_cell_that_was_not_read_is_a_question_mark_and_never_0():
    law = words(drawn(draw.space(GRID, FUNCTIONS, TIERS)))
    practice = words(drawn(draw.space(GRID, FUNCTIONS, TIERS), which=draw.PRACTICE))
    legend = ["0", "1", "2"]
    cells = [sorted(text for text in drawn_words if text in ("?", "0", "1", "2")) for drawn_words in (law, practice)]
    assert cells[0] == sorted(["?", "1", "2", "0", *legend])
    assert cells[1] == sorted(["0", "?", "2", "2", *legend])


def test_a_cell_says_its_evidence():
    (rows,) = data_of(draw.space(GRID, FUNCTIONS, TIERS))
    assert [row["why_law"] for row in rows] == [
        "not opened",
        "Law A, art. 4: draws it",
        "Law B, art. 1: pays",
        "Law B, art. 2: has no say",
    ]
    assert [row["why_practice"] for row in rows] == ["none seen", "Nothing is assumed", "pays", "decides"]


def test_the_words_of_the_grid_are_its_cells():
    assert draw.say_space(GRID, FUNCTIONS, TIERS) == (
        "A grid of 2 functions and 2 tiers, choice in law from 0 (none) to 2 (own). GST: health map 1. State: staff 2, "
        "health map 0. The other 1 of 4 cells hold a question mark. A menu changes to practice, which is assumed."
    )
    nothing = GRID.assign(de_jure=pd.array([None, None, 2, 0], dtype="Int64"))
    assert "GST: no cell could be read." in draw.say_space(nothing, FUNCTIONS, TIERS)


# --- who pays ---------------------------------------------------------------------------------------------------------

SERIES = pd.DataFrame(
    {"country": ["Here"] * 3 + ["There"] * 3, "year": [2000, 2001, 2002] * 2, "value": [50, 60, 43.0115, 9, 8, 8.9]}
)
ACCOUNTS = pd.DataFrame({"year": [2001, 2002], "value": [45.6, 38.0]})


def test_the_shares_end_at_their_names_and_the_accounts_stand_beside_them():
    svg = drawn(draw.out_of_pocket(SERIES, ACCOUNTS, "Here"))
    assert {"Here", "There", "ministry: 45.6", "ministry: 38"} <= set(words(svg))
    there, here = lines(svg)
    assert (1 - here[:, 1] / HEIGHT) * 70 == pytest.approx([50, 60, 43.0115], abs=1e-3)
    assert (1 - there[:, 1] / HEIGHT) * 70 == pytest.approx([9, 8, 8.9], abs=1e-3)


def test_the_words_of_the_shares_are_its_lines():
    assert draw.say_out_of_pocket(SERIES, ACCOUNTS, "Here") == (
        "Lines from 2000 to 2002, per cent. Here starts at 50.0, is highest in 2001 with 60.0 and ends at 43.0. At the end: "
        "Here 43.0, There 8.9. Two points mark the ministry's own accounts: 45.6 in 2001 and 38 in 2002."
    )


def test_every_slider_starts_inside_its_range():
    table = draw.protection(TABLE, MENUS, LABELS, 0.1)
    for chart in (
        draw.threshold(THETA, 2, 0.5),
        draw.payment(10, 1, 4, 6, 0.5),
        draw.partners(PROJECTS, 0.05, 1),
        table,
    ):
        sliders = [param for param in params(chart).values() if "min" in param["bind"]]
        assert sliders
        for param in sliders:
            assert param["bind"]["min"] <= param["value"] <= param["bind"]["max"]
