import doctest
import json

import altair as alt
import pandas as pd
import pytest

from integrated_care import charts

SAY = {
    "title": "Bars rise",
    "source": "ONS 2018",
    "description": "Three bars that rise from one to three, left to right.",
}


@pytest.fixture
def bars() -> alt.Chart:
    data = pd.DataFrame({"place": ["a", "b", "c"], "rate": [1.0, 2.0, 1 / 3]})
    return alt.Chart(data).mark_bar().encode(x="place:N", y="rate:Q")


def bundle(chart: alt.TopLevelMixin) -> dict:
    result = chart._repr_mimebundle_()
    return result[0] if isinstance(result, tuple) else result


def test_a_chart_is_one_spec_and_its_description(bars):
    data = bundle(charts.finish(bars, **SAY))
    assert set(data) == {charts.MIME, "text/plain"}
    assert data["text/plain"] == SAY["description"] == data[charts.MIME]["description"]


def test_equal_charts_are_equal_bytes_and_last_bits_do_not_matter(bars):
    again = alt.Chart(pd.DataFrame({"place": ["a", "b", "c"], "rate": [1.0, 2.0, 1 / 3 + 1e-12]}))
    again = again.mark_bar().encode(x="place:N", y="rate:Q")
    one, two = (json.dumps(bundle(charts.finish(c, **SAY))[charts.MIME], sort_keys=True) for c in (bars, again))
    assert one == two
    assert '"data-0"' in one and "0.333333" in one


def test_a_chart_without_description_is_refused(bars):
    with pytest.raises(ValueError, match="'Bars' has no description"):
        charts.render(bars.properties(title="Bars").to_dict())


@pytest.mark.parametrize("field, value", [("title", " "), ("source", ""), ("description", "Bars.")])
def test_finish_names_what_is_missing(bars, field, value):
    with pytest.raises(ValueError, match=f"^{field}: "):
        charts.finish(bars, **{**SAY, field: value})


def test_finish_leaves_its_input_alone_and_says_what_is_synthetic(bars):
    before = bars.to_dict()
    done = charts.finish(bars, **SAY, subtitle="Rates", synthetic=True).to_dict()
    assert bars.to_dict() == before
    assert done["usermeta"] == {
        "title": "Bars rise", "subtitle": "Synthetic data. Rates", "source": "ONS 2018", "synthetic": True,
    }  # fmt: skip
    assert done["title"]["subtitle"] == ["Synthetic data. Rates", "Source: ONS 2018"]


def luminance(hex_colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(hex_colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_ink_meets_wcag_contrast(mode):
    page = charts.colour("page", mode)
    for role in ("text", "muted"):
        assert contrast(charts.colour(role, mode), page) >= 4.5, role
    for role in ("blue", "vermillion", "green", "neutral"):  # marks need 3:1
        assert contrast(charts.colour(role, mode), page) >= 3, role


def test_each_colour_of_a_mode_has_one_role():
    for mode in (0, 1):
        hexes = [pair[mode] for pair in charts.COLOURS.values()]
        assert len(set(hexes)) == len(hexes)


def test_unknown_colour_and_mode_are_named():
    with pytest.raises(ValueError, match=r"^role: 'pink'"):
        charts.colour("pink")
    with pytest.raises(ValueError, match=r"^mode: 'dusk'"):
        charts.colour("blue", "dusk")


def test_the_theme_is_on_and_changes_with_the_page(bars):
    try:
        charts.use_theme("dark")
        assert bars.to_dict()["config"]["background"] == charts.colour("page", "dark")
    finally:
        charts.use_theme()
    assert bars.to_dict()["config"]["title"]["color"] == charts.colour("text")


def test_tiles_draw_one_tile_an_area_and_name_a_missing_column():
    grid = pd.DataFrame({"col": [0, 2], "row": [0, 1], "rate": [1.0, 3.0], "label": ["A", "B"], "name": ["Ay", "Bee"]})
    spec = charts.tiles(grid, "rate", "label", name="name", legend="Rate").to_dict()
    assert (spec["width"], spec["height"]) == (3 * 56, 2 * 56)
    assert spec["layer"][0]["mark"]["type"] == "rect"
    assert spec["layer"][0]["encoding"]["tooltip"][0]["field"] == "name"
    with pytest.raises(ValueError, match="column 'letters' is not in the data"):
        charts.tiles(grid, "rate", "letters", name="name", legend="Rate")


def test_a_menu_is_a_value_or_a_selection_of_rows():
    value, rows, all_rows = (
        alt.Chart().mark_point().add_params(param).to_dict()["params"][0]
        for param in (
            charts.menu("which", "System", ["a", "b"], "b"),
            charts.menu("picked", "Paper", ["a", "b"], field="paper"),
            charts.menu("shown", "Paper", ["a", "b"], field="paper", every="both"),
        )
    )
    assert value == {
        "name": "which",
        "value": "b",
        "bind": {"input": "select", "name": "System: ", "options": ["a", "b"]},
    }
    assert rows["select"] == {"type": "point", "fields": ["paper"]} and rows["value"] == [{"paper": "a"}]
    assert rows["bind"] == {"input": "select", "name": "Paper: ", "options": ["a", "b"]}
    assert all_rows["select"] == rows["select"] and "value" not in all_rows
    assert all_rows["bind"]["options"] == [None, "a", "b"] and all_rows["bind"]["labels"] == ["both", "a", "b"]


def test_a_slider_has_its_range_and_starts_where_it_is_told():
    (slider,) = (
        alt.Chart()
        .mark_point()
        .add_params(charts.slider("rho", "Defect", 0, 1, step=0.1, first=0.3))
        .to_dict()["params"]
    )
    assert slider["name"] == "rho" and slider["value"] == 0.3
    assert slider["bind"] == {"input": "range", "name": "Defect: ", "min": 0, "max": 1, "step": 0.1}


def test_a_label_is_bold_and_formats_its_number(bars):
    words = charts.label(bars, "place:N", align="left", dx=5).to_dict()
    assert words["mark"] == {"type": "text", "align": "left", "dx": 5, "fontWeight": 600}
    assert (
        words["encoding"]["text"] == {"field": "place", "type": "nominal"}
        and words["encoding"]["x"]["field"] == "place"
    )
    number = charts.label(bars, "rate:Q", ".1f").to_dict()["encoding"]["text"]
    assert number == {"field": "rate", "type": "quantitative", "format": ".1f"}


def test_the_words_of_tiles_are_the_highest_and_the_lowest():
    grid = pd.DataFrame({"rate": [1.0, 3.26, 2.0, 2.0], "name": ["Ay", "Bee", "Cee", "Dee"]})
    assert charts.say_tiles(grid, "rate", name="name", most=2) == "Highest: Bee 3, Cee 2. Lowest: Ay 1, Cee 2."
    assert charts.say_tiles(grid, "rate", name="name", format=".1f", most=1) == "Highest: Bee 3.3. Lowest: Ay 1.0."


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(charts)
    assert result.attempted >= 1 and result.failed == 0


def test_counts_are_words_up_to_twelve():
    assert [charts.in_words(count) for count in (0, 1, 12, 13)] == ["no", "one", "twelve", "13"]
