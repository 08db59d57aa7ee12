import altair as alt
import pandas as pd
import pytest

from integrated_care import charts, claims, load
from integrated_care.drawings import claims as draw


def data_of(chart: alt.TopLevelMixin) -> list[list[dict]]:
    return list(charts.render({**chart.to_dict(), "description": "d"})[charts.MIME]["datasets"].values())


DEFLATOR = pd.Series({"2015-16": 80.0, "2016-17": 90.0, "2017-18": 100.0})
PEOPLE = pd.Series({2015: 50, 2016: 52, 2017: 55})
STARTS = {"low": ("2015-16", 100), "high": ("2015-16", 110)}


@pytest.fixture
def told() -> pd.DataFrame:
    return claims.stories(pd.Series({"2016-17": 104, "2017-18": 110}), STARTS, DEFLATOR, PEOPLE)


def test_the_reader_can_choose_every_start_and_the_first_is_shown(told):
    spec = draw.grant(told).to_dict()
    (pick,) = [p for p in spec["params"] if p["name"] == "start_shown"]
    assert pick["bind"]["options"] == list(STARTS) and pick["value"] == [{"start": "low"}]


def test_each_claim_has_one_mark_and_no_two_share_a_place():
    rows = load("claims")
    marks = next(rows for rows in data_of(draw.claim_map(rows)) if "check_status" in rows[0])
    assert sorted(mark["id"] for mark in marks) == sorted(rows["id"])
    assert len({(mark["col"], mark["y"]) for mark in marks}) == len(rows)
    verdicts = [m["check_status"] for m in sorted(marks, key=lambda m: (m["y"], m["col"])) if m["kind"] == "figure"]
    assert verdicts == sorted(verdicts, key=list(claims.VERDICTS).index)


def test_every_verdict_has_a_colour_and_a_shape_of_its_own():
    assert set(draw.LOOK) == set(claims.VERDICTS)
    assert len({colour for colour, _ in draw.LOOK.values()}) == len({shape for _, shape in draw.LOOK.values()}) == 6


def test_the_line_of_each_panel_is_the_printed_number():
    published = pd.DataFrame(
        {
            "country": ["A", "A", "B"],
            "who": ["x", "y", "x"],
            "year": [2020, 2021, 2021],
            "doctors_per_1000": [0.7, 0.8, 3],
        }
    )
    chart = draw.densities(published, {"A": 0.74, "B": 2.8})
    lines = [rows[0] for rows in data_of(chart) if "words" in rows[0]]
    assert [(line["doctors_per_1000"], line["words"]) for line in lines] == [
        (0.74, "the paper: 0.74"), (2.8, "the paper: 2.8"),
    ]  # fmt: skip
    assert len(chart.to_dict()["vconcat"]) == 2


def test_every_definition_is_a_dot_that_says_its_number():
    found = claims.definitions(STARTS, {"2017-18": ("2017-18", 110)}, DEFLATOR, PEOPLE)
    chart = draw.candidates(found, -12)
    rows = next(rows for rows in data_of(chart) if "words" in rows[0])
    assert len(rows) == 8
    words = {(row["start"], row["terms"]): row["words"] for row in rows}
    assert words["low", "real"] == "−12.0%: real, low, to 2017-18"
    assert words["low", "cash"] == "+10.0%: cash, low, to 2017-18"
    (slider,) = [p for p in chart.to_dict()["params"] if p["name"] == "published"]
    low, high = min(row["pct"] for row in rows), max(row["pct"] for row in rows)
    assert slider["value"] == -12 and slider["bind"]["min"] <= low and slider["bind"]["max"] >= high


def test_arrows_that_point_forward_are_the_anachronisms():
    rows, refs = load("claims"), load("seed_references")
    dated = claims.newest_cited(rows, refs)
    drawn = data_of(draw.arrows(dated))[0]
    later = [row["id"] for row in drawn if row["order"] == "the event is later than the work"]
    assert later == claims.anachronisms(rows, refs)
    assert [row["id"] for row in drawn] == list(dated["id"])


# --- the charts in words ----------------------------------------------------------------------------------------------


def test_the_words_of_the_grant_are_where_its_lines_end(told):
    assert draw.say_grant(told) == (
        "Three lines from 100 in 2015-16. "
        "Starting low: by 2017-18 cash stands at 110, real terms at 88, real terms per person at 80. "
        "Starting high: by 2017-18 cash stands at 100, real terms at 80, real terms per person at 73."
    )


def test_the_words_of_the_claims_are_their_counts():
    rows = pd.DataFrame(
        {
            "kind": ["fact", "fact", "fact", "figure"],
            "check_status": ["overtaken", "confirmed", "overtaken", "confirmed"],
        }
    )
    said = draw.say_claim_map(rows)
    assert said.startswith("Five blocks of marks, one mark a claim. Figure, 1: 1 confirmed. ")
    assert "Fact, 3: 1 confirmed, 2 overtaken." in said


def test_the_words_of_the_densities_are_their_points_in_order():
    published = pd.DataFrame(
        {
            "country": ["B", "A", "B"],
            "who": ["x", "y", "z"],
            "year": [2021, 2020, 2017],
            "doctors_per_1000": [2.8, 0.744, 3],
        }
    )
    assert draw.say_densities(published) == (
        "Two panels of points by year. B: 2017 3.00 (z); 2021 2.80 (x). A: 2020 0.74 (y)."
    )


def test_the_words_of_the_candidates_name_what_rounds_to_the_claim():
    found = claims.definitions(STARTS, {"2017-18": ("2017-18", 110)}, DEFLATOR, PEOPLE)
    assert draw.say_candidates(found, -12) == (
        "Dots in four rows, for cash, cash per person, real and real per person, from two starts. "
        "Cash: from 0.0 to 10.0 per cent. Cash per person: from -9.1 to 0.0 per cent. Real: from -20.0 to -12.0 per cent. "
        "Real per person: from -27.3 to -20.0 per cent. A band marks a fall of 12 per cent. "
        "In it: real, low, to 2017-18, -12.00."
    )
    assert draw.say_candidates(found, 10).endswith(
        "A band marks a rise of 10 per cent. In it: cash, low, to 2017-18, 10.00."
    )
    assert draw.say_candidates(found, 50).endswith("In it: none.")


def test_the_words_of_the_arrows_are_their_years():
    dated = pd.DataFrame({"id": ["A1", "B2"], "cited": [2015, 2020], "event": [2021, 2019]})
    assert draw.say_arrows(dated) == (
        "One line for each dated claim, from cited work to event. A1: work 2015, event 2021. B2: work 2020, event 2019."
    )
