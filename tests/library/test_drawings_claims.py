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
    return draw.stories(pd.Series({"2016-17": 104, "2017-18": 110}), STARTS, DEFLATOR, PEOPLE)


def test_one_grant_is_told_three_ways_from_each_start(told):
    index = told.set_index(["start", "story", "year"])["index"]
    assert len(told) == 2 * 3 * 3
    assert all(index[start, story, "2015-16"] == pytest.approx(100) for start in STARTS for story in draw.STORIES)
    assert index["low", "cash", "2017-18"] == pytest.approx(110)
    assert index["low", "real terms", "2017-18"] == pytest.approx(88)
    assert index["low", "real terms, per person", "2017-18"] == pytest.approx(80)
    assert index["high", "cash", "2017-18"] == pytest.approx(100)


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


def test_the_newest_work_of_each_dated_claim():
    rows = pd.DataFrame(
        {
            "id": ["a", "b", "c", "d"], "seed": ["P", "P", "P", "Q"], "cited_ref": ["1,2", None, "2", "(1)"],
            "event_year_end": [2021, 2021, None, 2020],
        }
    )  # fmt: skip
    refs = pd.DataFrame({"seed": ["P", "P", "Q"], "ref": [1, 2, 1], "ref_year": [2015, 2024, 2019]})
    assert draw.newest(rows, refs).to_dict("list") == {"id": ["a", "d"], "cited": [2024, 2019], "event": [2021, 2020]}


def test_arrows_that_point_forward_are_the_anachronisms():
    rows, refs = load("claims"), load("seed_references")
    dated = draw.newest(rows, refs)
    drawn = data_of(draw.arrows(dated))[0]
    later = [row["id"] for row in drawn if row["order"] == "the event is later than the work"]
    assert later == claims.anachronisms(rows, refs)
    assert [row["id"] for row in drawn] == list(dated["id"])
