"""The charts of chapter 10; above all, that sliders and menus draw what the methods compute (read back by :mod:`svg`)."""

import re

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from svg import data_of, drawn, fills, lines, words

from integrated_care import charts, load, trust
from integrated_care.drawings import trust as draw

WIDTH, HEIGHT = charts.WIDTH, charts.HEIGHT
BLUE, RED = charts.colour("blue"), charts.colour("vermillion")


# --- births -----------------------------------------------------------------------------------------------------------


def test_a_dot_is_one_birth_of_a_hundred():
    shares = {"Rural": 0.734, "Urban": 0.96}
    svg = drawn(draw.births(shares))
    dots = fills(svg, "symbol")
    assert dots.count(BLUE) - 1 == 73 + 96 and dots.count(RED) - 1 == 27 + 4  # one of each in the legend
    assert {"Rural: 73 of 100 in a facility", "Urban: 96 of 100 in a facility"} <= set(words(svg))
    assert draw.say_births(shares) == (
        "Two squares of a hundred dots, one for each birth of a hundred. Rural: 73 in a facility. Urban: 96 in a facility."
    )


# --- the cascade ------------------------------------------------------------------------------------------------------

WOMEN = pd.DataFrame(
    {
        "near": [1, 1, 1, 1, 0, 0],
        "visit": [1, 1, 1, 1, 1, 0],
        "birth": [1, 1, 0, 0, 0, 1],
        "after": [1, 0, 1, 1, 1, 1],
    },
    index=[3, 3, 1, 1, 0, 0],
)
STEPS = {"visit": "a visit", "birth": "a birth in a facility", "after": "seen after"}


def table_of_women() -> pd.DataFrame:
    return draw.cascades(WOMEN, STEPS, {"all": WOMEN["near"] >= 0, "far": WOMEN["near"] == 0})


@pytest.mark.parametrize(
    ("who", "shown", "lost"),
    [
        ("all", ["83%", "33%", "17%"], ["17 of 100 lost", "50 of 100 lost: most are lost here", "17 of 100 lost"]),
        ("far", ["50%", "0%", "0%"], ["50 of 100 lost: most are lost here", "50 of 100 lost", "0 of 100 lost"]),
    ],
)
def test_the_menu_chooses_the_cascade(who, shown, lost):
    texts = words(drawn(draw.cascade(table_of_women()), who=who))
    assert [t for t in texts if re.fullmatch(r"\d+%", t) and t in shown][-3:] == shown
    assert [t for t in texts if "lost" in t] == lost


def test_the_cascade_says_both_kinds_of_largest_drop():
    women, steps = load("synth_pregnancies"), ["anc1", "anc4", "facility_birth", "pnc"]
    table = draw.cascades(women, dict(zip(steps, steps, strict=True)), {"all": women["km"] > 0})
    found = trust.cascade(women, steps)
    assert dict(zip(table["note"], table["step"], strict=True))["most are lost here"] == found.most_lost
    said = draw.say_cascade(table)
    assert f"Most are lost at {found.most_lost} ({found.table['lost'].max():,})" in said
    assert f"the weakest step is {found.weakest}, which {found.table['conditional'].min():.0%}" in said


# --- a week -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "papers", "trip", "homes"),
    [(24, 0.25, 120, 4), (40, 0, 20, 10), (8, 0.6, 240, 1), (20, 0.55, 90, 6), (44, 0.3, 60, 2)],
)
def test_a_week_is_that_of_the_method(hours, papers, trip, homes):
    svg = drawn(draw.week(25, 285), hours=hours, papers=papers, trip=trip, homes=homes)
    visits = trust.weekly_contacts(hours, papers, 25, trip / homes)
    every = f"{285 / visits:.0f}" if visits else "–"
    texts = words(svg)
    assert f"with your sliders: {visits} visits per week" in texts
    assert f"at first: {trust.weekly_contacts(24, 0.25, 25, 30)} visits per week" in texts
    villages = trust.villages_per_month(visits, homes)
    assert f"{villages:.0f} villages per month, each client every {every} weeks" in texts


def test_the_parts_of_a_week_fill_its_hours():
    svg = drawn(draw.week(), hours=30, papers=0.2, trip=60, homes=4)
    paths = [path for g in svg.iter() if "mark-rect" in g.get("class", "") for path in g.iter() if path.get("d")]
    pixels = {hue: [] for hue in (charts.colour(role) for role in draw.PARTS.values())}
    for path in paths:
        if path.get("fill") in pixels and path.get("aria-roledescription") == "bar":
            pixels[path.get("fill")].append(float(re.search(r"h([\d.]+)", path.get("d"))[1]))
    visits = trust.weekly_contacts(30, 0.2, 25, 15)
    hours = [bars[1] / WIDTH * 44 for bars in pixels.values()]
    assert hours == pytest.approx([6, visits * 15 / 60, visits * 25 / 60, 24 - visits * 40 / 60], abs=0.01)


def test_the_words_of_a_week_are_the_methods():
    said = draw.say_week(25, 285, trip=100)
    first, half = (trust.weekly_contacts(24, 0.25, 25, road) for road in (25, 12.5))
    assert f"That is {first} visits per week" in said and f"it would be {half} visits" in said
    with pytest.raises(ValueError, match="at: 'road' is none of"):
        draw.week(road=3)


# --- in stages --------------------------------------------------------------------------------------------------------

PANEL = pd.DataFrame(
    [("a", 1, 0.7, 2), ("a", 2, 0.8, 2), ("b", 1, 0.6, 2), ("b", 2, 0.9, 2), ("c", 1, 0.5, None), ("c", 2, 0.5, None)],
    columns=["unit", "time", "outcome", "start"],
)


def test_a_line_is_the_mean_of_those_who_start_together():
    (rows,) = data_of(draw.stages(PANEL, "not yet"))
    seen = {(row["label"], row["time"]): (row["outcome"], row["on"]) for row in rows}
    assert seen == {
        ("workers from quarter 2", 1): (0.65, False),
        ("workers from quarter 2", 2): (0.85, True),
        ("not yet", 1): (0.5, False),
        ("not yet", 2): (0.5, False),
    }
    assert {"workers from quarter 2", "not yet"} <= set(words(drawn(draw.stages(PANEL, "not yet"))))
    assert draw.say_stages(PANEL, "not yet") == (
        "Lines over 2 quarters, dashed before the workers come. not yet: 50% to 50%. workers from quarter 2: 65% to 85%."
    )


# --- open questions ---------------------------------------------------------------------------------------------------

LABELS = {"worker": "health worker", "phone": "phone", "counter": "counter", "box": "box"}


def table_of_tickets() -> pd.DataFrame:
    tickets = load("synth_tickets")
    return draw.curves(tickets, "channel", {"all": tickets["days"] > 0, "other": tickets["language"] == "other"})


@pytest.mark.parametrize("which", ["all", "other"])
def test_the_curves_end_at_the_medians_of_the_method(which):
    tickets, table = load("synth_tickets"), table_of_tickets()
    if which == "other":
        tickets = tickets[tickets["language"] == "other"]
    svg = drawn(draw.closing(table, LABELS, 240), which=which)
    texts = words(svg)
    for channel, words_ in LABELS.items():
        rows = tickets[tickets["channel"] == channel]
        median = trust.median_close(rows["days"], rows["closed"])
        assert f"{words_}: " + ("half are never closed" if np.isinf(median) else f"median {median:.0f} days") in texts
    ends = sorted(round(1 - line[-1, 1] / HEIGHT, 3) for line in lines(svg))
    expected = [trust.still_open(rows["days"], rows["closed"], 240) for _, rows in tickets.groupby("channel")]
    assert ends == pytest.approx(sorted(expected), abs=2e-3)


def test_the_words_of_the_curves_are_their_medians():
    said = draw.say_closing(table_of_tickets(), LABELS, 240)
    rows = load("synth_tickets").query("channel == 'worker'")
    assert f"health worker: median {trust.median_close(rows['days'], rows['closed']):.0f} days, " in said
    assert "box: half are never closed, 65% open after 240 days." in said


# --- promises ---------------------------------------------------------------------------------------------------------

TWO = {"P2": "kept", "P5": "broken"}


@pytest.mark.parametrize("lam", [0.5, 0.85, 0.9, 1])
@pytest.mark.parametrize("ways", [draw.WITH, draw.WITHOUT])
def test_trust_is_that_of_the_method(lam, ways):
    events = load("synth_workshops")
    svg = drawn(draw.promises(events, TWO, 0.9, 12), lam=lam, ways=ways)
    taken = ["letter", "workshop"] if ways == draw.WITH else ["letter"]
    drawn_lines = [1 - line[:, 1] / HEIGHT for line in lines(svg)]
    expected = [draw.trust_of(events, province, lam, taken) for province in TWO]
    assert len(drawn_lines) == 2
    for line in drawn_lines:
        assert min(abs(line - path).max() for path in expected) < 1e-3
    ends = {f"{words_} {path[-1]:.2f}" for words_, path in zip(TWO.values(), expected, strict=True)}
    assert ends <= set(words(svg)) and ("last workshop" in words(svg)) == (ways == draw.WITH)


def test_the_words_of_the_promises_are_the_methods():
    events = load("synth_workshops")
    said = draw.say_promises(events, TWO, 0.9, 12)
    path, alone = (
        trust.trust_path(
            events.query(f"province == 'P5' and way in {w}").groupby("month")[["kept", "broken"]].sum(), 0.9
        )
        for w in (["letter", "workshop"], ["letter"])
    )
    assert (
        f"broken: {path[11]:.2f} at the last workshop, {path[17]:.2f} at the end; by letter only {alone[11]:.2f}"
        in said
    )


# --- the hunt ---------------------------------------------------------------------------------------------------------

GAMES = {"1": (4, 0, 3, 1), "3": (4, 0, 3, 3)}


def table_of_hunts() -> pd.DataFrame:
    return draw.hunts(nx.complete_graph(21), GAMES, [0, 0.4, 0.6, 0.8, 1], rounds=10, draws=3, seed=1)


@pytest.mark.parametrize(("game", "turns"), [("1", 0.5), ("3", 0.75)])
def test_the_menu_moves_the_tipping_point(game, turns):
    svg = drawn(draw.tipping(table_of_hunts(), "1"), game=game)
    assert f"p* = {turns:.2f}" in words(svg)
    (line,) = lines(svg)
    start, end = line[:, 0] / WIDTH * 1.02 - 0.01, (1 - line[:, 1] / HEIGHT) * 1.04 - 0.02
    # Everybody meets everybody: below the point nobody is left, above it all cooperate.
    assert start == pytest.approx([0, 0.4, 0.6, 0.8, 1], abs=1e-3)
    assert end == pytest.approx([float(s > turns) for s in start], abs=2e-3)


def test_the_words_of_the_hunt_are_its_line():
    said = draw.say_tipping(table_of_hunts(), "1")
    assert "Holding back pays 3: the tipping point is 0.75; up to a start of 60% nearly nobody cooperates" in said
    assert "from 80% on nearly everybody" in said


# --- the counter ------------------------------------------------------------------------------------------------------

RULES = {-1: "help first", 0: "the rule on the wall", 2: "favour"}


def table_of_counters() -> pd.DataFrame:
    return draw.counters(load("synth_queue"), [-1, 0, 2], service=8)


@pytest.mark.parametrize(("measure", "column"), [(draw.LEFT, "left"), (draw.WAIT, "wait")])
def test_the_lines_of_the_counter_are_those_of_the_method(measure, column):
    queue = load("synth_queue")
    svg = drawn(draw.discretion(table_of_counters(), RULES), measure=measure)
    waits = trust.serve(queue, 2, 8, leave=True)
    for match, name in ((0, "language not shared"), (1, "language shared")):
        part = waits[queue["match"] == match]
        end = f"{100 * np.isnan(part).mean():.0f}%" if column == "left" else f"{np.nanmean(part):.0f} min"
        assert f"{name}: {end}" in words(svg)
    assert set(RULES.values()) <= set(words(svg)) and len(lines(svg)) == 3


def test_the_words_of_the_counter_are_its_lines():
    at = table_of_counters().set_index(["b", "language"])["left"]
    said = draw.say_discretion(table_of_counters(), RULES)
    assert (
        f"Favour (+2): {at[2, 'not shared']:.0%} of those who do not share the language, {at[2, 'shared']:.0%}" in said
    )
    assert f"Help first (-1): {at[-1, 'not shared']:.0%}" in said


def test_every_slider_starts_inside_its_range():
    for chart in (draw.week(), draw.promises(load("synth_workshops"), TWO, 0.9, 12)):
        sliders = [p for p in chart.to_dict()["params"] if "min" in p.get("bind", {})]
        assert sliders and all(p["bind"]["min"] <= p["value"] <= p["bind"]["max"] for p in sliders)
