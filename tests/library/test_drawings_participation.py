import altair as alt
import numpy as np
import pandas as pd
import pytest

from integrated_care import charts, participation
from integrated_care.drawings import participation as draw


def data_of(chart: alt.TopLevelMixin) -> list[list[dict]]:
    return list(charts.render({**chart.to_dict(), "description": "d"})[charts.MIME]["datasets"].values())


def params_of(chart: alt.TopLevelMixin) -> dict[str, dict]:
    return {param["name"]: param for param in chart.to_dict()["params"] if "bind" in param}


def test_languages_are_those_of_each_place_and_a_table_may_lack_one():
    regions = pd.DataFrame({"name_fr": ["A", "B"], **{column: [1.0, 2.0] for column in draw.LANGUAGES.values()}})
    communes = pd.DataFrame({"name_fr": ["C"], "lang_tarifit_pct_2024": [90.0]})
    chart = draw.languages({"2 regions": regions, "1 commune": communes})
    (rows,) = data_of(chart)
    assert [(r["level"], r["place"], r["Tarifit"]) for r in rows] == [
        ("2 regions", "A", 1), ("2 regions", "B", 2), ("1 commune", "C", 90),
    ]  # fmt: skip
    assert rows[2]["Hassania"] is None
    assert all(0 <= row["spread"] < 1 for row in rows)
    assert params_of(chart)["language"]["bind"]["options"] == list(draw.LANGUAGES)
    assert params_of(chart)["language"]["value"] == "Tarifit"


def test_ratios_are_split_at_a_fair_share_and_the_scale_holds_them_all():
    chart = draw.ratios(pd.DataFrame({"group": ["few", "fair", "many"], "ratio": [0.1, 1.0, 3.0]}))
    rows = next(rows for rows in data_of(chart) if "group" in rows[0])
    assert [row["side"] for row in rows] == ["under", "over", "over"]
    scales = [
        layer["encoding"]["x"]["scale"]
        for layer in chart.to_dict()["layer"]
        if "scale" in layer["encoding"].get("x", {})
    ]
    assert scales and all(s["type"] == "log" and s["domain"][0] < 0.1 and s["domain"][1] > 3 for s in scales)


def test_estimates_say_which_intervals_hold_the_truth():
    table = pd.DataFrame(
        {
            "name": ["a", "b", "c"],
            "mean": [0.3, 0.2, 0.4],
            "low": [0.2, 0.1, 0.3],
            "high": [0.4, 0.29, 0.5],
            "words": list("xyz"),
        }
    )
    rows = next(rows for rows in data_of(draw.estimates(table, 0.3)) if "holds" in rows[0])
    assert [row["holds"] for row in rows] == ["holds", "misses", "holds"]


def crossing(rho: float, people: int, answers: int = 50_000, sd: float = 0.5) -> tuple[float, float]:
    """Error and worth of the volunteers as the chart's expressions give them."""
    odds = (people - answers) / answers
    return 100 * sd * rho * np.sqrt(odds), 1 / (rho**2 * odds * (1 - 1 / people) + 1 / people)


@pytest.mark.parametrize("rho, people", [(0.068, 200_000), (0.005, 200_000), (0.0018, 36_828_330)])
def test_the_lines_cross_at_the_effective_size(rho, people):
    error, worth = crossing(rho, people)
    assert worth == pytest.approx(participation.effective_size(50_000 / people, rho, people))
    assert 50 * np.sqrt((1 - worth / people) / worth / (1 - 1 / people)) == pytest.approx(
        error
    )  # a random sample of that size
    chart = draw.crossing(0.5, 50_000, {"here": 200_000, "there": 36_828_330}, rho=rho)
    spec = str(chart.to_dict())
    assert "whose == 'here' ? 200000 : 36828330" in spec
    assert "50.0 * rho * sqrt(datum.odds)" in spec
    assert "1 / (rho * rho * datum.odds * (1 - 1 / datum.people) + 1 / datum.people)" in spec
    assert params_of(chart)["rho"]["value"] == rho
    assert params_of(chart)["whose"]["bind"]["options"] == ["here", "there"]


def test_lorenz_has_a_dot_for_each_member_with_its_role():
    chart = draw.lorenz(
        pd.DataFrame({"minutes": [30, 0, 10, 0], "role": ["official", "resident", "doctor", "resident"]}), ["official"]
    )
    dots = next(rows for rows in data_of(chart) if "role" in rows[0])
    assert [(d["role"], d["members"], d["minutes"]) for d in dots] == [
        ("resident", 0.25, 0), ("resident", 0.5, 0), ("doctor", 0.75, 0.25), ("official", 1, 1),
    ]  # fmt: skip


def test_ladder_leaves_out_meetings_without_proposals_and_sets_twins_apart():
    df = pd.DataFrame(
        {
            "meeting": ["a", "b", "c", "d"], "rung": [4, 4, 6, 3],
            "proposer": ["x", "x", "x", None], "adopted": [0, 0, 1, np.nan],
        }
    )  # fmt: skip
    chart = draw.ladder(participation.meetings(df))
    rows = next(rows for rows in data_of(chart) if "meeting" in rows[0])
    assert [(r["meeting"], r["kind"], r["name"]) for r in rows] == [
        ("a", "for show", "consultation"), ("b", "for show", "consultation"), ("c", "other", "partnership"),
    ]  # fmt: skip
    assert rows[0]["x"] < 4 < rows[1]["x"]
    assert rows[2]["x"] == 6


def test_funding_prints_the_first_and_the_last_year():
    table = pd.DataFrame(
        {"year": [2013, 2014, 2022], "millions": [40.5, 34.4, 25.4], "kind": ["published", "derived", "published"]}
    )
    spec = draw.funding(table).to_dict()
    assert "datum.year == 2013 || datum.year == 2022" in str(spec)
    assert len(next(rows for rows in data_of(draw.funding(table)))) == 3


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_chart_survives_finish(mode):
    charts.use_theme(mode)
    try:
        table = pd.DataFrame({"year": [2013, 2022], "millions": [40.5, 25.4], "kind": ["published", "derived"]})
        finished = charts.finish(
            draw.funding(table),
            title="Money fell",
            source="test",
            description="A line that falls from 40.5 to 25.4 in nine years.",
        )
        assert charts.render(finished.to_dict())["text/plain"].startswith("A line")
    finally:
        charts.use_theme("light")


# --- the charts in words ----------------------------------------------------------------------------------------------


def test_the_words_of_the_languages_are_of_the_one_shown_first():
    name = draw.LANGUAGES["Tarifit"]
    places = [pd.DataFrame({name: values}) for values in ([4.2, 1.0], [70.6, 0], [0.4, 95.4, 50.0, 0.9])]
    assert draw.say_languages(*places) == (
        "Three rows of dots on a scale from 0 to 100 per cent, one dot a place. As first drawn, for Tarifit: regions reach "
        "4 per cent, provinces 71, communes of the pilot region 95. In 2 of the 4 communes fewer than 1 in 100 people use it, "
        "in 2 at least half. Another language can be chosen."
    )


def test_the_words_of_the_ratios_are_its_dots():
    assert draw.say_ratios(pd.DataFrame({"group": ["few", "many"], "ratio": [0.104, 3.0]})) == (
        "Ratios of share in the panel to share in the population, from lowest to highest: few 0.10; many 3.00."
    )


def test_the_words_of_the_estimates_are_their_intervals():
    table = pd.DataFrame(
        {"name": ["a", "b"], "mean": [0.3, 0.2], "low": [0.2, 0.1], "high": [0.4, 0.295], "words": ["", ""]}
    )
    assert draw.say_estimates(table, 0.3) == (
        "Two horizontal intervals against the true share of 30.0%. a: 30.0%, from 20.0% to 40.0%. b: 20.0%, from 10.0% to 29.5%."
    )


@pytest.mark.parametrize("rho", [-0.068, 0.005])
def test_the_words_of_the_crossing_are_what_the_chart_shows_first(rho):
    error, worth = crossing(abs(rho), 200_000)
    assert draw.say_crossing(0.5, 50_000, 200_000, rho=rho) == (
        "A curve falls from 16 points of error for 10 random persons to below 1 point for 10,000. A level line shows the "
        f"error of 50,000 volunteers, {error:.1f} points at a data-defect correlation of {abs(rho)} in a population of "
        f"200,000; it meets the curve at {worth:.0f} persons. A slider changes the correlation, a list the population."
    )


def test_the_words_of_lorenz_are_the_shares_of_the_roles():
    members = pd.DataFrame({"minutes": [30, 0, 10, 0], "role": ["official", "resident", "doctor", "resident"]})
    assert draw.say_lorenz(members, "resident") == (
        "A Lorenz curve of 4 members, far below the diagonal; Gini 0.62. The first 2 dots or so are residents. "
        "Shares of members and of time: doctor 25% and 25%; official 25% and 75%; resident 50% and 0%."
    )
    assert "4 members, below the diagonal" in draw.say_lorenz(members.assign(minutes=[20, 10, 20, 10]), "resident")


def test_the_words_of_the_ladder_are_where_its_dots_stand():
    df = pd.DataFrame(
        {"meeting": list("abcd"), "rung": [4, 5, 7, 3], "proposer": ["x", "x", "x", None], "adopted": [0, 1, 1, np.nan]}
    )
    said = (
        "3 meetings with proposals, by rung (4 to 7) and share of proposals adopted. 1 meetings on rungs 3 to 5 adopt less "
        "than a tenth{}. On rung 6 and above, 1 meetings adopt 100% on average. 1 meetings without proposals are not drawn."
    )
    assert draw.say_ladder(participation.meetings(df)) == said.format(", all of them none")
    few = pd.concat([df, df.iloc[[0] * 10], df.iloc[[0]].assign(adopted=1)])
    assert draw.say_ladder(participation.meetings(few)) == said.format("")


@pytest.mark.parametrize("millions, way", [([40.5, 34.4, 25.4], "falling"), ([25.4, 34.4, 40.5], "rising")])
def test_the_words_of_the_funding_are_its_points(millions, way):
    said = draw.say_funding(pd.DataFrame({"year": [2013, 2014, 2022], "millions": millions}))
    assert said.startswith(
        f"A {way} line from 2013 to 2022, in millions of pounds: 2013 {millions[0]}, 2014 34.4, 2022 "
    )
