"""The parts of bookbuild by themselves: drawing, data tables, formulas, anchors, colours."""

import copy
import re

import pytest

from bookbuild import chartdata, charts, drawing, glossary, maths, theme
from integrated_care.charts import COLOURS

ROWS = [
    {"year": year, "place": place, "value": 10.123456 + year + 5 * (place == "B")}
    for year in range(4)
    for place in "AB"
]
SPEC = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "description": "Two lines <that> rise & rise, to try the drawing with.",
    "usermeta": {
        "title": "A & B rise",
        "subtitle": "Synthetic data. Units a year.",
        "source": "Nobody",
        "synthetic": True,
    },
    "title": "A & B rise",
    "config": {"view": {"continuousWidth": 620}, "axis": {"labelColor": COLOURS["muted"][0]}},
    "datasets": {"data-0": ROWS, "label": [{"x": 1, "y": 2, "t": "here"}]},
    "layer": [
        {
            "data": {"name": "data-0"},
            "mark": {"type": "line", "clip": True},
            "encoding": {
                "x": {"field": "year", "type": "quantitative", "title": "Year"},
                "y": {"field": "value", "type": "quantitative", "axis": {"title": "Units"}},
                "color": {
                    "field": "place",
                    "type": "nominal",
                    "scale": {"range": [COLOURS["blue"][0], COLOURS["vermillion"][0]]},
                    "legend": {"orient": "top", "title": None},
                },
            },
        },
        {
            "data": {"name": "label"},
            "mark": {"type": "text", "color": COLOURS["text"][0]},
            "encoding": {
                "x": {"field": "x", "type": "quantitative"},
                "y": {"field": "y", "type": "quantitative"},
                "text": {"field": "t"},
            },
        },
    ],
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("charts")


def drawn(spec, cache):
    return drawing.draw(drawing.prepare(spec), cache)


# ---- drawing


def test_a_chart_is_drawn_for_the_column_and_for_a_phone(cache):
    wide, narrow = drawn(SPEC, cache)
    assert drawing.size(wide)[0] == pytest.approx(drawing.WIDE, abs=2)
    assert drawing.size(narrow)[0] == pytest.approx(drawing.NARROW, abs=2)


def test_a_label_that_hangs_over_the_edge_is_drawn_inside(cache):
    """The label moves by half of what the plot gives up, so one step of the search is not enough."""
    spec = copy.deepcopy(SPEC)
    spec["layer"][1]["mark"] |= {"align": "left", "dx": 8}
    spec["layer"][1]["encoding"]["x"]["scale"] = {"domain": [0, 2]}
    words = "a label much longer than the room that is left for it in this chart"
    spec["datasets"]["label"] = [{"x": 1, "y": 2, "t": words}]
    wide, narrow = drawn(spec, cache)
    assert drawing.size(wide)[0] == pytest.approx(drawing.WIDE, abs=2)
    assert drawing.size(narrow)[0] <= drawing.NARROW + 70  # the smallest plot, and the label


def test_a_legend_that_is_the_widest_part_does_not_squeeze_the_plot(cache):
    spec = copy.deepcopy(SPEC)
    long = "a place whose name fills the whole width of a telephone and then as much again, twice over"
    spec["datasets"]["data-0"] = [{**row, "place": f"{row['place']} {long}"} for row in ROWS]
    spec["layer"][0]["encoding"]["color"]["legend"]["labelLimit"] = 0
    ready = drawing.narrow(drawing.prepare(spec))
    plots = re.findall(r'class="background"[^>]*?d="M[\d.]+,[\d.]+h([\d.]+)', drawing.fit(ready, 350))
    assert max(map(float, plots)) > 200


def test_the_colours_are_left_to_the_style_sheet(cache):
    wide = drawn(SPEC, cache)[0]
    assert "var(--c-blue)" in wide and "var(--c-muted)" in wide and "var(--c-text)" in wide
    assert not set(re.findall(r"#[0-9a-f]{6}", wide)) & {light for light, _ in COLOURS.values()}


def test_a_picture_loses_bytes_that_nobody_sees():
    dot = (
        '<path transform="translate(8.757857,117.36699)" d="M1.25,0A1.25,1.25,0,1,1,-1.25,0A1.25,1.25,0,1,1,1.25,0" '
        'fill="red" stroke-width="2"/>'
    )
    assert drawing.lightened(dot) == '<circle cx="8.8" cy="117.4" r="1.2" fill="red"/>'
    assert drawing.lightened(dot * (drawing.CROWD + 1)).startswith('<circle cx="9" cy="117.5"')
    line = '<path transform="translate(0.5,0.5)" d="M0.123,-0.04L10,2.06" stroke="red" stroke-width="2"/>'
    assert drawing.lightened(line) == line.replace("M0.123,-0.04L10,2.06", "M0.1,0L10,2.1")
    turned = '<g transform="scale(0.1234)"/>'
    assert drawing.lightened(turned) == turned


def test_a_colour_with_which_vega_computes_stays_a_colour():
    channel = {"field": "v", "type": "quantitative", "scale": {"range": [COLOURS["blue"][0], COLOURS["page"][0]]}}
    spec = {"description": "x", "mark": "rect", "encoding": {"color": channel, "fill": {"value": COLOURS["blue"][0]}}}
    ready = drawing.prepare(spec)
    assert ready["encoding"]["color"] == channel
    assert ready["encoding"]["fill"]["value"] == "var(--c-blue)"


def test_data_are_never_repainted():
    spec = {"datasets": {"d": [{"hex": COLOURS["blue"][0]}]}, "data": {"values": [{"hex": COLOURS["blue"][0]}]}}
    assert drawing.prepare(spec)["datasets"] == spec["datasets"]
    assert drawing.prepare(spec)["data"] == spec["data"]


def test_preparing_leaves_the_spec_as_it_was():
    before = copy.deepcopy(SPEC)
    drawing.prepare(SPEC)
    assert before == SPEC


def test_a_drawing_is_taken_from_the_cache_the_second_time(cache, monkeypatch):
    first = drawn(SPEC, cache)
    monkeypatch.setattr(drawing, "_draw", lambda spec: pytest.fail("it was drawn again"))
    assert drawn(SPEC, cache) == first


def test_text_is_measured_with_the_font_of_the_page(cache):
    from fontTools.ttLib import TTFont

    words = "The most deprived fifth of the people of the country"
    font = TTFont(drawing.FONTS / "source-sans-3-latin-400-normal.woff2")
    widths, letters = font["hmtx"], font.getBestCmap()
    measure = 20 * sum(widths[letters[ord(letter)]][0] for letter in words) / font["head"].unitsPerEm
    spec = {
        "data": {"values": [{"x": 0}]},
        "mark": {"type": "text", "text": words, "align": "left", "fontSize": 20},
        "encoding": {"x": {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [0, 1]}}},
        "width": 10,
    }
    drawing.use_fonts(cache / "fonts")
    assert drawing.size(drawing._draw(drawing.prepare(spec)))[0] == pytest.approx(measure, rel=0.03)


def test_stacked_views_change_together_and_neighbours_share():
    view = {"width": 300, "mark": "point", "encoding": {"x": {"field": "a", "type": "quantitative"}}}
    stack = {"vconcat": [copy.deepcopy(view), copy.deepcopy(view)]}
    assert drawing.widen(stack, -100) and [v["width"] for v in stack["vconcat"]] == [200, 200]
    row = {"hconcat": [copy.deepcopy(view), copy.deepcopy(view)]}
    assert drawing.widen(row, -100) and [v["width"] for v in row["hconcat"]] == [250, 250]
    banded = {"mark": "bar", "encoding": {"x": {"field": "a", "type": "nominal"}}}
    assert not drawing.widen(banded, -100) and "width" not in banded


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"params": [{"name": "p", "value": 1, "bind": {"input": "range"}}]}, (True, 1)),
        ({"params": [{"name": "s", "select": "point", "bind": "legend"}]}, (True, 0)),
        ({"encoding": {"tooltip": {"field": "a"}}}, (True, 0)),
        ({"mark": {"type": "point", "tooltip": True}}, (True, 0)),
        ({"mark": "point"}, (False, 0)),
    ],
)
def test_what_a_reader_can_explore_is_known(part, expected):
    spec = {"layer": [{"mark": "point"}, part]}
    assert (drawing.is_interactive(spec), drawing.controls(spec)) == expected


# ---- figure


def test_a_figure_says_all_that_a_reader_needs(cache):
    page = charts.figure(SPEC, "fig-x", "Figure 5.1", cache)
    assert page.count('aria-label="Two lines &lt;that&gt; rise &amp; rise, to try the drawing with."') == 2
    assert "Figure 5.1</span> A &amp; B rise" in page
    assert "Source: Nobody" in page
    assert "synthetic data</span> Units a year." in page
    assert "ic-spec" not in page, "a chart with nothing to explore needs no script"


def test_two_figures_share_no_id(cache):
    pages = [charts.figure(SPEC, name, "Figure", cache) for name in ("one", "two")]
    ids = [i for page in pages for i in re.findall(r'\bid="([^"]+)"', page)]
    assert len(ids) == len(set(ids)) >= 4
    assert all(f'id="{target}"' in pages[0] for target in re.findall(r"url\(#([^)]+)\)", pages[0]))


def test_a_spec_cannot_end_its_script_element(cache):
    spec = copy.deepcopy(SPEC) | {"params": [{"name": "p", "value": "</script><b>", "bind": {"input": "text"}}]}
    page = charts.figure(spec, "fig-y", "Figure 5.2", cache)
    assert page.count("</script>") == 1
    assert "<\\/script>" in page
    assert 'class="ic-inputs"' in page


# ---- data table


def test_the_table_holds_the_columns_that_the_chart_uses_with_its_titles():
    ((columns, rows),) = chartdata.tables(SPEC)
    assert columns == {"year": "Year", "value": "Units", "place": "place"}
    assert len(rows) == 8


def test_a_long_table_is_cut_and_says_so():
    spec = copy.deepcopy(SPEC)
    spec["datasets"]["data-0"] = ROWS * 20
    page = chartdata.as_html(spec, "Lines")
    assert page.count("<tr>") == 1 + chartdata.MOST_ROWS
    assert "The first 60 of 160 rows." in page


def test_table_cells_are_plain_numbers_and_escaped_text():
    rows = [{"a": "<b>", "n": 1234567, "x": 17.1}, {"a": None, "n": 2014, "x": 0.123456}]
    page = chartdata.as_html({"data": {"values": rows}, "mark": "point"}, "T")
    for cell in ("&lt;b&gt;", "1,234,567", ">2014<", ">17.10<", ">0.12<", "–"):
        assert cell in page


def test_a_chart_without_data_of_its_own_has_no_table():
    assert chartdata.as_html({"mark": "rule", "data": {"sequence": {"start": 0, "stop": 9}}}, "T") == ""


# ---- formulas


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{2}{\mu}\,\mathrm{cov}(y, r)",
        r"\sum_{k=1}^n \beta_k x_k",
        r"\hat\theta_i = m + w_i (r_i - m)",
        r"a < b",
        r"\text{rate} \times 100",
        r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
    ],
)
def test_a_formula_becomes_mathml(tex):
    out = maths.mathml(tex, "block")
    assert out.startswith("<math") and out.endswith("</math>") and 'display="block"' in out
    assert "\\" not in re.sub(r"<[^>]+>", "", out)


def test_a_less_than_sign_is_not_taken_for_a_tag():
    assert "<mo>&" in maths.mathml("a < b")


@pytest.mark.parametrize("tex", [r"\frac{1}{2", r"a}", r"\nosuchthing x", r"\left( x"])
def test_a_bad_formula_is_refused(tex):
    with pytest.raises(maths.BadFormula):
        maths.mathml(tex)


# ---- other


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("Integrated care board (ICB)", ["integrated-care-board", "icb"]),
        ("Slope index of inequality", ["slope-index-of-inequality"]),
        ("Core20PLUS5", ["core20plus5"]),
    ],
)
def test_a_term_has_its_anchors(term, expected):
    assert glossary.anchors(term) == expected


def _luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_words_stand_out_from_the_page(mode):
    page = _luminance(COLOURS["page"][mode])
    for role in ("text", "muted"):
        word = _luminance(COLOURS[role][mode])
        assert (max(word, page) + 0.05) / (min(word, page) + 0.05) >= 4.5, role


def test_the_style_sheet_has_each_colour_in_light_and_dark():
    css = theme.style_sheet()
    for role, (light, dark) in COLOURS.items():
        assert f"--c-{role}: {light};" in css
        assert css.count(f"--c-{role}: {dark};") >= 2  # turned dark by the reader, and by the system


def test_every_font_that_the_style_sheet_names_is_there():
    for name in re.findall(r'url\("fonts/([^"]+)"\)', theme.style_sheet()):
        assert (drawing.FONTS / name).exists()
    assert all((drawing.FONTS / name).exists() for name in theme.FACES)
    assert (drawing.FONTS / "OFL.txt").exists()
