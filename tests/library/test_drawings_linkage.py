"""The charts of chapter 8; above all, that sliders and menus count what the methods count (read back by :mod:`svg`)."""

import numpy as np
import pandas as pd
import pytest
from svg import data_of, drawn, fills, lines, words

from integrated_care import charts, linkage, load
from integrated_care.drawings import linkage as draw

BLUE = charts.colour("blue")


def records(seed: int, rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {name: rng.integers(0, size, rows).astype(str) for name, size in {"x": 9, "y": 40, "z": 200}.items()}
    )


@pytest.fixture(scope="module")
def linked() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs with their weights and the truth, and the people of a register of 100 in two groups; one pair was never compared."""
    a, b = records(1, 100), records(2, 40)
    b.iloc[:30] = a.iloc[:30].where(np.random.default_rng(3).random((30, 3)) < 0.75, b.iloc[:30])
    i, j = linkage.candidates(a, b, [["x"], ["y"], ["z"]])
    weights = linkage.match_weights([0.8, 0.8, 0.8], [1 / 9, 1 / 40, 1 / 200])
    pairs = pd.DataFrame({"i": i, "j": j, "same": (i == j) & (i < 30)})
    pairs["weight"] = linkage.pair_weights(linkage.compare(a, b, list("xyz"), i, j), weights) + 4
    people = pd.DataFrame({"group": ["poor"] * 20 + ["rich"] * 80, "stay": np.arange(100) < 30})
    people["best"] = pairs.groupby("i")["weight"].max().reindex(range(100))
    never = pd.DataFrame({"weight": [np.nan], "same": [True]})
    return pd.concat([pairs, never], ignore_index=True), people


# --- two thresholds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lower", "upper"), [(4, 12), (0, 0), (-4, 20), (16, 8), (2, 40)])
def test_links_and_rates_are_those_that_the_thresholds_give(linked, lower, upper):
    pairs, people = linked
    said = words(drawn(draw.thresholds(pairs, people, 0, 6), lower=lower, upper=upper))
    link = pairs["weight"] >= upper
    low = min(lower, upper)
    between = (pairs["weight"] >= low) & ~link
    below = ~(pairs["weight"] >= low) & pairs["same"]
    assert f"{link.sum()} links, {(link & ~pairs['same']).sum()} of them wrong" in said
    assert f"{between.sum()} possible" in said and f"{below.sum()} missed" in said
    quality = linkage.linkage_quality(link, pairs["same"]).loc["all"]
    if link.any():
        assert quality["precision"] == pytest.approx(1 - (link & ~pairs["same"]).sum() / link.sum())
    rate = (people["best"] >= upper).groupby(people["group"]).mean()
    ratio = f"{rate['poor'] / rate['rich']:.2f}" if rate["rich"] else "undefined"
    assert f"ratio {ratio}, true {1 / (10 / 80):.2f}" in said


def test_the_bars_hold_every_pair_and_end_on_the_thresholds_steps(linked):
    pairs, people = linked
    tables = data_of(draw.thresholds(pairs, people, 0, 6))
    (counted,) = (rows for rows in tables if rows and "of" in rows[0])
    assert sum(row["n"] for row in counted) == len(pairs)
    assert {row["bar"] % draw.STEP for row in counted} == {0}
    assert draw.bars([-30, -8, -0.1, 0, 1.99, 2, 99, np.nan]).tolist() == [-8, -8, -2, 0, 0, 2, 52, -8]


def test_the_words_of_the_thresholds_count_what_the_chart_counts(linked):
    pairs, people = linked
    said = draw.say_thresholds(pairs, people, 4, [12])
    shown = words(drawn(draw.thresholds(pairs, people, 4, 12)))
    for start in ("links", "possible", "missed"):
        (count,) = [text.split()[0] for text in shown if start in text]
        assert f"{count} {start}" in said
    assert "true ratio is 8.00" in said


# --- shared records ---------------------------------------------------------------------------------------------------

ORGANISATIONS = {"social_care": "Social care", "gp": "General practice"}
CONTENTS = {
    "medications_allergies": "Medications and allergies",
    "diagnoses": "Diagnoses",
    "tests": "Tests",
    "care_plans": "Care plans",
    "discharge_summaries": "Discharge summaries",
}
NEEDS = [("gp", "medications_allergies"), ("social_care", "care_plans")]


@pytest.mark.parametrize(("whose", "enough"), [("Social care", 0.5), ("General practice", 0.9), ("Social care", 0.3)])
def test_the_dots_are_filled_where_the_record_holds_enough(whose, enough):
    df = load("synth_shcr_maturity")
    svg = drawn(draw.holds(df, ORGANISATIONS, CONTENTS, NEEDS, 0.5), whose=whose, enough=enough)
    wide = df.pivot(index="system", columns=["organisation", "content"], values="coverage")
    key = {words: name for name, words in ORGANISATIONS.items()}[whose]
    held = [int((wide[key][name] >= enough).sum()) for name in CONTENTS]
    share = linkage.maturity(df.assign(organisation=df["organisation"].replace({key: "social_care", "social_care": key})),
                             dict.fromkeys(df["organisation"], 1), enough)[1]  # fmt: skip
    paramedic = int(
        ((wide["gp"]["medications_allergies"] >= enough) & (wide["social_care"]["care_plans"] >= enough)).sum()
    )
    expected = [42, *held, round(share * 42), paramedic]
    assert sorted(int(text) for text in words(svg) if text.isdigit()) == sorted(expected)
    assert sum(fill == BLUE for fill in fills(svg, "symbol")) == sum(expected)


def test_the_words_of_the_dots():
    said = draw.say_holds(load("synth_shcr_maturity"), ORGANISATIONS, CONTENTS, NEEDS, 0.5)
    shown = words(drawn(draw.holds(load("synth_shcr_maturity"), ORGANISATIONS, CONTENTS, NEEDS, 0.5)))
    counts = [text for text in shown if text.isdigit()]
    assert "Has a shared record 42" in said and all(f" {count}" in said for count in counts)


def test_a_content_that_was_not_reported_is_not_held():
    df = load("synth_shcr_maturity")
    hole = df.copy()
    first = (hole["organisation"] == "social_care") & (hole["coverage"] >= 0.5)
    hole.loc[first[first].index[0], "coverage"] = np.nan
    before, after = (
        fills(drawn(draw.holds(t, ORGANISATIONS, CONTENTS, NEEDS, 0.5)), "symbol").count(BLUE) for t in (df, hole)
    )
    assert after < before


# --- synthetic control ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pool", ["a", "b"])
def test_the_fan_has_a_line_for_each_unit_and_the_mean_of_the_treated(pool):
    rng = np.random.default_rng(5)
    Y = pd.DataFrame(rng.normal(0, 1, (9, 6)), columns=list("tuvwxy"), index=range(1, 10))
    gaps = {"a": linkage.placebo_gaps(Y, "t", 6), "b": linkage.placebo_gaps(Y.drop(columns="u"), "t", 6)}
    svg = drawn(draw.fan(gaps, "t", 6), pool=pool)
    table = gaps[pool]
    drawn_lines = lines(svg)
    assert len(drawn_lines) == table.shape[1]
    own = -(drawn_lines[-1][:, 1] / charts.HEIGHT - 0.5) * 10
    assert own == pytest.approx(np.clip(table["t"], -5, 5), abs=6e-3)
    mean = table["t"][table.index >= 6].mean()
    assert f"mean {mean:.2f}".replace("-", "−") in words(svg)
    assert f"a mean of {mean:.2f} after" in draw.say_fan(gaps, "t", 6)


# --- who is lost, m and u ---------------------------------------------------------------------------------------------


def test_bars_of_who_is_missed():
    table = pd.DataFrame(
        {"group": ["poor", "rich"] * 2, "way": ["by number"] * 2 + ["by weights"] * 2, "missed": [0.2, 0.1, 0.05, 0]}
    )
    svg = drawn(draw.missed(table))
    assert {"20%", "10%", "5%", "0%"} <= set(words(svg)) and {"by number", "by weights"} <= set(words(svg))
    assert draw.say_missed(table).endswith(
        "Joined by number: poor 20.0%, rich 10.0%. Joined by weights: poor 5.0%, rich 0.0%."
    )
    alone = words(drawn(draw.missed(table[:2])))
    assert "by number" not in alone and "poor" in alone


def test_points_of_m_and_u():
    bits = linkage.match_weights([0.9, 0.5], [0.025, 0.5])
    table = pd.DataFrame({"field": ["Year", "Sex"], "m": [0.9, 0.5], "u": [0.025, 0.5]}).assign(
        agree=bits["agree"], disagree=bits["disagree"]
    )
    shown = words(drawn(draw.chances(table)))
    assert "+5.2 / −3.3" in shown and "+0.0 / +0.0" in shown
    assert "Year: 90.0% and 2.50%, +5.2 or -3.3 bits." in draw.say_chances(table)
