from datetime import date
from html.parser import HTMLParser

import pandas as pd
import pytest

from integrated_care import load, tables


class Cells(HTMLParser):
    def __init__(self, html: str):
        super().__init__()
        self.rows, self.heads, self.caption, self._tag = [], [], "", ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self._tag = tag
        if tag == "tr":
            self.rows.append([])
        if tag == "th":
            self.heads.append(dict(attributes)["scope"])

    def handle_data(self, data):
        if self._tag in ("th", "td"):
            self.rows[-1].append(data)
        elif self._tag == "caption":
            self.caption += data


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame({"place": ["A & B", "C"], "people": [12345, 6], "share": [0.25, float("nan")]})


def test_html_is_one_line_captioned_escaped_and_headed(frame):
    html = tables.show(frame, "Who <lives> where", {"share": "{:.0%}"}, source="census")._repr_html_()
    seen = Cells(html)
    assert "\n" not in html
    assert seen.caption == "Who <lives> where"
    assert seen.rows == [["place", "people", "share"], ["A & B", "12,345", "25%"], ["C", "6", "–"]]
    assert seen.heads == ["col"] * 3 + ["row"] * 2
    assert "Source: census" in html


def test_arabic_reads_from_the_right_apart_from_its_neighbours():
    table = tables.show(pd.DataFrame({"name": ["فاطمة الزهراء", "Fatima & فاطمة, 2"], "year": [1987, 1978]}), "Names")
    html = table._repr_html_()
    assert '<th scope="row"><bdi lang="ar" dir="rtl">فاطمة الزهراء</bdi></th>' in html
    assert '>Fatima &amp; <bdi lang="ar" dir="rtl">فاطمة</bdi>, 2</th>' in html
    assert html.count("bdi") == 4 and "bdi" not in repr(table)


def test_text_says_the_same(frame):
    lines = repr(tables.show(frame, "Caption", {"share": "{:.0%}"}, synthetic=True)).splitlines()
    assert lines == [
        "Caption", "",
        "place  people  share",
        "A & B  12,345    25%",
        "C           6      –",
        "Synthetic data.",
    ]  # fmt: skip


def test_a_named_index_heads_the_rows_and_an_unnamed_one_is_left_out(frame):
    assert tables.show(frame.set_index("place")["people"], "c").head == ["place", "people"]
    assert tables.show(frame, "c").head == ["place", "people", "share"]


def test_formats_may_be_functions_and_names_are_what_the_reader_sees(frame):
    table = tables.show(frame, "c", {"people": lambda n: f"{n} souls"}, names={"people": "People"})
    assert table.head[1] == "People"
    assert table.rows[1][1] == "6 souls"


def test_integers_stay_integers_beside_floats(frame):
    assert tables.show(frame[["people", "share"]], "c").rows[0][0] == "12,345"


@pytest.mark.parametrize("argument", ["formats", "names"])
def test_an_unknown_column_is_named(frame, argument):
    with pytest.raises(ValueError, match=f"{argument}: column 'sahre' is not in the table"):
        tables.show(frame, "c", **{argument: {"sahre": "x"}})


def test_a_table_without_caption_is_refused(frame):
    with pytest.raises(ValueError, match=r"^caption: "):
        tables.show(frame, " ")


def test_the_input_is_left_alone(frame):
    before = frame.copy()
    tables.show(frame, "c", {"share": "{:.0%}"})
    pd.testing.assert_frame_equal(frame, before)


def test_the_claims_of_a_chapter_are_read_from_their_table():
    table = tables.checked(11)
    claims = load("claims")
    ours = claims[claims["chapters"].str.contains("ch11")]
    assert [row[0] for row in table.rows] == ours["id"].tolist()
    last = max(date.fromisoformat(day) for day in ours["checked"])
    assert table.caption == f"The claims of this chapter, as checked by {last.day} {last:%B} {last.year}"
    with pytest.raises(ValueError, match=r"chapter: no claim .* names chapter 15"):
        tables.checked(15)


def test_what_happened_since_the_papers_is_dated_and_says_how_surely_it_is_known():
    table, world = tables.world(11), load("world")
    ours = world[world["chapters"].str.contains("ch11")]
    assert [row[1] for row in table.rows] == ours["event"].tolist()
    assert [row[0] for row in table.rows][1::2] == ["1 April 2026", "September 2026"]
    for row, (_, said) in zip(table.rows, ours.iterrows(), strict=True):
        assert said["how_known"] in row[2] and (pd.isna(said["publisher"]) or said["publisher"] in row[2])
    assert tables.world(1).rows[0][0] == "2026"
    with pytest.raises(ValueError, match=r"chapter: no row of the table 'world' names chapter 15"):
        tables.world(15)
