"""The charts of chapter 3; above all, that sliders and menus draw what the methods compute (read back by :mod:`svg`)."""

import re

import numpy as np
import pandas as pd
import pytest
from svg import data_of, drawn, fills, lines, words

from integrated_care import charts, load, variation
from integrated_care.drawings import variation as draw

WIDTH, HEIGHT = charts.WIDTH, charts.HEIGHT
BLUE, RED = charts.colour("blue"), charts.colour("vermillion")
SHARES = pd.DataFrame(
    [[0.95, 0.93, 0.90], [0.90, 0.95, 0.95]], index=["Ward 1", "Ward 2"], columns=["2026-08", "2026-09", "2026-10"]
)


def month_of_boards() -> pd.DataFrame:
    month = load("england_icb_ae_monthly").query("month == '2025-07'")
    within = month["total_attendances"] - month["attendances_over_4hours"]
    return pd.DataFrame({"unit": month["icb_name"], "num": within, "den": month["total_attendances"]})


def of_boards(**values: str):
    chart = draw.funnel(month_of_boards(), unit="board", among="Visits", share="Within four hours")
    return drawn(chart, **values)


# --- sliders and menus ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("target", "tol"), [(95, 1), (96.5, 0.5), (93, 2), (95, 0), (90, 3), (100, 0.25)])
def test_the_letters_and_the_flips_are_those_of_the_methods(target, tol):
    svg = drawn(draw.flips(95, 1, target=95, tol=1), target=target, tol=tol)
    draws = np.random.default_rng(3).normal(95, 1, 48).round(3)
    letters = [text for text in words(svg) if text in ("G", "A", "R")]
    assert letters == [colour[0].upper() for colour in variation.rag(draws, target, tol)]
    (said,) = [text for text in words(svg) if "per year" in text]
    seen, expected = re.findall(r"\d+\.\d+", said)
    assert float(seen) == pytest.approx(12 * variation.rag_flips(draws, target, tol) / 47, abs=0.051)
    assert float(expected) == pytest.approx(variation.expected_flips(95, 1, target, tol), abs=0.0051)


@pytest.mark.parametrize(
    ("power", "rival", "cares"), [(1, 0.4, 0.5), (1.5, 0.4, 0.5), (0.1, 0.8, 1), (0.5, 0, 0.2), (0, 0.6, 1)]
)
def test_the_efforts_are_those_of_the_method(power, rival, cares):
    svg = drawn(draw.effort(1, 0.5, 0.4), power=power, rival=rival, cares=cares)
    measured, unmeasured = ((1 - line[:, 1] / HEIGHT) * 2.2 for line in lines(svg))
    expected = variation.multitask(draw.POWERS, cares, rival)
    assert measured == pytest.approx(expected[0], abs=1e-3)
    assert unmeasured == pytest.approx(expected[1], abs=1e-3)
    chosen = [f"{effort:.2f}" for effort in variation.multitask(power, cares, rival)]
    assert [text for text in words(svg) if re.fullmatch(r"\d\.\d\d", text)] == chosen
    corner = [text for text in words(svg) if "corner" in text]
    assert corner == ([f"corner: b = m / γ = {cares / rival:.2f}"] if rival and cares / rival <= 2 else [])


def test_a_slider_that_moves_moves_the_drawing():
    """The comparisons above mean something only if other values draw another line."""
    first, second = (lines(drawn(draw.effort(1, 0.5, 0.4), rival=rival))[1] for rival in (0.4, 0.2))
    assert np.abs(first - second).max() > 10


def test_every_slider_starts_inside_its_range():
    for chart in (draw.flips(95, 1, 95, 1), draw.effort(1, 0.5, 0.4)):
        bound = [param for param in chart.to_dict()["params"] if param.get("bind", {}).get("input") == "range"]
        assert len(bound) >= 2
        for param in bound:
            assert param["bind"]["min"] <= param["value"] <= param["bind"]["max"]


@pytest.mark.parametrize(("limits", "suffix"), [(draw.CHANCE, ""), (draw.ALLOWED, "_phi")])
def test_the_funnel_and_its_switch_are_those_of_the_method(limits, suffix):
    svg, table = of_boards(limits=limits), month_of_boards()
    found = variation.funnel(table["num"], table["den"])
    outside = found[f"outside{suffix}"]
    assert f"{outside.sum()} of 42 boards outside the limits" in words(svg)
    dots = [fill for fill in fills(svg, "symbol") if fill in (BLUE, RED)]
    assert [fill == RED for fill in dots] == outside.tolist()


def test_the_curves_of_the_funnel_are_the_limits_of_the_method():
    table = month_of_boards()
    chart = draw.funnel(table, unit="board", among="Visits", share="Within four hours")
    bottom, top = chart.to_dict()["layer"][0]["encoding"]["y"]["scale"]["domain"]
    low, centre, high = (bottom + (1 - line[:, 1] / HEIGHT) * (top - bottom) for line in lines(drawn(chart)))
    cl = variation.funnel(table["num"], table["den"])["cl"]
    n = np.geomspace(0.8 * table["den"].min(), 1.25 * table["den"].max(), 80)
    half = 3 * np.sqrt(cl * (1 - cl) / n)
    assert (high, low) == (pytest.approx(cl + half, abs=1e-5), pytest.approx(cl - half, abs=1e-5))
    assert centre == pytest.approx(np.full(80, cl), abs=1e-5)


def test_the_wide_funnel_is_wider_by_the_root_of_phi():
    found = variation.funnel(month_of_boards()["num"], month_of_boards()["den"])
    widths = []
    for limits in (draw.CHANCE, draw.ALLOWED):
        low, _, high = lines(of_boards(limits=limits))
        widths.append(low[60, 1] - high[60, 1])
    assert widths[1] / widths[0] == pytest.approx(np.sqrt(found["phi"]), rel=1e-2)


def test_the_menu_of_boards_shows_the_chart_of_the_one_that_is_chosen():
    months = ["2025-01", "2025-02", "2025-03", "2025-04"]
    table = pd.DataFrame([[0.7, np.nan, 0.8, 0.75], [0.6, 0.61, 0.6, 0.62]], index=["Devon", "Kent"], columns=months)
    chart = draw.boards(variation.xmr_rows(table), first="Kent")
    for board, points in (("Kent", 4), ("Devon", 3)):
        svg = drawn(chart, board=board)
        assert len([fill for fill in fills(svg, "symbol") if fill in (BLUE, RED)]) == points
        low, high, centre, _ = lines(svg)[:4]
        levels = [0.5 + 0.5 * (1 - line[0, 1] / HEIGHT) for line in (centre, low, high)]
        assert levels == pytest.approx(list(variation.xmr(table.loc[board])), abs=1e-3)
    (menu,) = [param for param in chart.to_dict()["params"] if "bind" in param]
    assert (menu["value"], menu["bind"]["options"]) == ("Kent", ["Devon", "Kent"])


# --- the other charts -------------------------------------------------------------------------------------------------


def test_each_tile_has_the_letter_and_the_colour_of_its_month():
    svg = drawn(draw.sheet(SHARES, 0.92, 0.015))
    letters = [text for text in words(svg) if text in ("G", "A", "R")]
    assert letters == ["G", "G", "R", "R", "G", "G"]
    roles = [draw.COLOURS[{"G": "green", "A": "amber", "R": "red"}[letter]] for letter in letters]
    assert fills(svg, "rect") == [charts.colour(role) for role in roles]
    assert [text for text in words(svg) if text in ("Aug", "Sep", "Oct")] == ["Aug", "Sep", "Oct"]


def test_signals_are_diamonds_of_their_own_colour():
    rows = variation.xmr_rows(SHARES).assign(signal=[False, True, False] * 2)
    svg = drawn(draw.panels(rows, {"Ward 2": "The second"}, 0.92))
    assert [fill for fill in fills(svg, "symbol") if fill in (BLUE, RED)] == [BLUE, RED, BLUE]
    assert {"The second", "target"} <= set(words(svg)) and "Ward 1" not in words(svg)


# Three places in a league: only b moved far without a signal of its own.
PLACES = pd.DataFrame(
    {
        "best": [1, 2, 3],
        "worst": [3, 9, 12],
        "moved": [2, 7, 9],
        "signals": [0, 0, 1],
        "first": [1, 2, 3],
        "last": [3, 2, 12],
    },
    index=["a", "b", "c"],
)


def test_the_longest_bar_without_a_signal_is_named():
    (rows,) = data_of(draw.league(PLACES, near=5))
    assert [(row["unit"], row["kind"], row["named"]) for row in rows] == [
        ("b", "far", True), ("a", "other", False), ("c", "other", False),
    ]  # fmt: skip
    assert fills(drawn(draw.league(PLACES, near=5)), "rect") == [RED] + 2 * [charts.colour("neutral")]


def test_the_three_windows_of_the_heap():
    rows = next(rows for rows in data_of(draw.heap(load("synth_ae_minutes"))) if len(rows) > 1)
    windows = pd.DataFrame(rows).groupby("window")["minute"].agg(list)
    assert windows["the last minutes"] == list(range(235, 240))
    assert windows["their neighbours"] == [*range(230, 235), *range(240, 245)]
    assert (rows[0]["minute"], rows[-1]["minute"]) == (180, 299)


# --- the charts in words ----------------------------------------------------------------------------------------------


def test_the_words_of_the_sheet_are_its_letters():
    assert draw.say_sheet(SHARES, 0.92, 0.015) == (
        "A table of coloured tiles, month by month from August 2026 to October 2026; G is green, A amber, R red. "
        "Ward 1: G G R. Ward 2: R G G."
    )


def test_the_words_of_the_control_charts_are_their_limits_and_signals():
    rows = variation.xmr_rows(SHARES)
    assert draw.say_panels(rows, {"Ward 1": "First", "Ward 2": "Second"}, 0.92) == (
        "Two control charts by month, with a line for the target of 92%. First: limits 86.0% and 99.3%, mean 92.7%; last month "
        "90.0%; no signal in 3 months. Second: limits 86.7% and 100.0%, mean 93.3%; last month 95.0%; no signal in 3 months."
    )
    flagged = rows.assign(signal=[True, False, False] * 2)
    assert "1 of 3 months are signals" in draw.say_panels(flagged, {"Ward 1": "First"}, 0.92)
    said = draw.say_boards(rows, "Ward 1")
    assert said.startswith("A control chart of Ward 1, from August 2026 to October 2026. The mean is 92.7%")
    assert "The largest fall is of 3 points, in October 2026." in said


def test_the_words_of_the_flips_are_what_the_chart_writes():
    (written,) = [text for text in words(drawn(draw.flips(95, 1, 95, 1))) if "per year" in text]
    seen, expected = re.findall(r"\d+\.\d+", written)
    said = draw.say_flips(95, 1, 95, 1)
    assert (
        f"the colour changes {seen} times per year in this draw, and {expected} times are expected; 0.53 at 93" in said
    )


def test_the_words_of_the_funnel_are_its_points():
    table = pd.DataFrame({"unit": list("abcd"), "num": [83, 90, 129, 70], "den": [86, 93, 136, 82]})
    said = draw.say_funnel(table, unit="clinic", named=["b"])
    assert said == (
        "4 clinics by size and share, with curved limits round the common share of 93.7%. With limits for chance alone 1 lie "
        "outside; phi is 3.2, and with limits 1.8 times as wide 0 do. A menu changes the limits. Lowest: d, 85.4%; highest: b, "
        "96.8%. b 96.8%."
    )


def test_the_words_of_the_league_count_its_red_bars():
    assert "in the order of the last year, from b to c." in draw.say_league(PLACES, 5)
    assert (
        "1 of them span 5 places or more although the unit's own chart has no signal. Longest: b, from place 2 to 9."
        in (draw.say_league(PLACES, 5))
    )


def test_the_words_of_heap_and_effort_are_those_of_the_methods():
    minutes = pd.DataFrame({"minute": range(200, 280), "patients": [10] * 35 + [30] * 5 + [2] * 40})
    assert draw.say_heap(minutes) == (
        "A histogram of waits, by the minute. About 10 visits end in each minute half an hour before 240; they rise to 10, then "
        "30 in the last 5 minutes before it, and fall to 2 in the 5 after. The heaping index is 5.0."
    )
    said = draw.say_effort(1, 0.5, 0.4)
    assert "At b = 1, with m = 0.5 and γ = 0.4, they are 0.95 and 0.12." in said and "b = m / γ = 1.25" in said
