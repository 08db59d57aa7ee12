import altair as alt
import networkx as nx
import pandas as pd
import pytest

from integrated_care import charts, load, networks
from integrated_care.drawings import networks as draw

ENGLAND = {"england_2019": "2019", "england_2022": "2022"}
LAYERS = ["funding", "accountability"]


def data_of(chart: alt.TopLevelMixin) -> list[list[dict]]:
    return list(charts.render({**chart.to_dict(), "description": "d"})[charts.MIME]["datasets"].values())


def params(chart: alt.TopLevelMixin) -> dict[str, dict]:
    return {p["name"]: p for p in chart.to_dict()["params"] if "bind" in p}


@pytest.fixture
def nodes() -> pd.DataFrame:
    return pd.DataFrame(
        [("England", "Top", "national", "government", 0, 1), ("England", "Mid", "regional", "health service", 1, 2),
         ("England", "Low body", "place", "voice", 2, 0), ("England", "Old", "place", "oversight", 2, 3)],
        columns=["country", "body", "tier", "sector", "draw_row", "draw_column"],
    ).assign(name=lambda table: "The " + table["body"])  # fmt: skip


@pytest.fixture
def edges() -> pd.DataFrame:
    rows = [
        ("england_2019", "accountability", "Mid", "Top", "formal"),
        ("england_2019", "accountability", "Old", "Mid", "assumed"),
        ("england_2022", "accountability", "Mid", "Top", "formal"),
        ("england_2022", "accountability", "Low body", "Mid", "assumed"),
        ("england_2022", "funding", "Mid", "Low body", "formal"),
    ]
    table = pd.DataFrame(rows, columns=["scenario", "layer", "source", "target", "status"])
    return table.assign(country="England", evidence="a law, s. 1")


def test_a_map_holds_the_ties_of_its_layer_and_looks_their_places_up(nodes, edges):
    chart = draw.tie_map(nodes, edges, ENGLAND, "accountability", first="england_2022")
    (ties,) = [rows for rows in data_of(chart) if "evidence" in rows[0]]
    assert [(r["scenario"], r["from"], r["to"], r["status"]) for r in ties] == [
        ("2019", "Mid", "Top", "formal"), ("2019", "Old", "Mid", "assumed"),
        ("2022", "Mid", "Top", "formal"), ("2022", "Low body", "Mid", "assumed"),
    ]  # fmt: skip
    assert set(ties[0]) == {"scenario", "from", "to", "status", "evidence"}  # the table that a reader opens
    bound = params(chart)
    assert bound["scenario_shown"]["value"] == "2022"
    assert bound["scenario_shown"]["bind"]["options"] == ["2019", "2022"]
    assert bound["ties_shown"]["bind"]["options"] == ["all ties", "formal ties only"]


def test_a_map_draws_a_body_only_where_it_exists_and_always_in_one_place(nodes, edges):
    (bodies,) = [r for r in data_of(draw.tie_map(nodes, edges, ENGLAND, "funding")) if "sector" in r[0]]
    assert {(r["scenario"], r["body"]) for r in bodies} == {
        ("2019", "Top"), ("2019", "Mid"), ("2019", "Old"), ("2022", "Top"), ("2022", "Mid"), ("2022", "Low body"),
    }  # fmt: skip
    assert {body["name"] for body in bodies} == {f"The {body['body']}" for body in bodies}  # spelt out in the tooltip
    places = pd.DataFrame(bodies).groupby("body")[["x", "y"]].nunique()
    assert (places == 1).all().all()
    assert {r["label"] for r in bodies} == {"Top", "Mid", "Old", "Low|body"}


def test_the_words_of_a_map_are_its_ties(edges):
    assert draw.say_tie_map(edges, ENGLAND, "accountability") == (
        "2019: Mid to Top, Old to Mid*. 2022: Mid to Top, Low body to Mid*. A star marks an assumed tie."
    )


def test_the_menu_of_the_abolition_chart_runs_from_the_largest_loss(nodes, edges):
    chart = draw.abolition(nodes, edges, "england_2022", "Top")
    bound = params(chart)
    assert bound["gone"]["bind"]["options"] == ["nobody", "Mid", "Low body", "Top"]
    assert bound["gone"]["value"] == "Top"
    (ties,) = [r for r in data_of(chart) if "layers" in r[0]]
    both = {frozenset((r["from"], r["to"])): (r["layers"], r["status"]) for r in ties}
    # One tie a pair, formal if any of its layers is.
    assert both[frozenset(("Mid", "Low body"))] == ("accountability, funding", "formal")
    assert len(ties) == 2


def test_a_removal_is_told_above_the_map(nodes, edges):
    (said,) = [r for r in data_of(draw.abolition(nodes, edges, "england_2022", "Top")) if "says" in r[0]]
    told = {(r["ties"], r["body"]): r for r in said}
    assert told["all ties", "Mid"]["isolated"] == "Low body, Top"
    assert (
        told["all ties", "Mid"]["says"]
        == "Without Mid:|efficiency from 0.83 to 0.00; pieces +1|left alone: Low body, Top"
    )
    assert "no new pieces" in told["all ties", "Top"]["says"]


def test_everything_that_a_menu_shows_is_worked_out_beforehand():
    """No Python is there once the page is built: each choice has its row."""
    nodes, edges = load("governance_nodes"), load("governance_edges")
    chart = draw.abolition(nodes, edges, "england_2022", "NHS England")
    (said,) = [r for r in data_of(chart) if "says" in r[0]]
    options = set(params(chart)["gone"]["bind"]["options"]) - {"nobody"}
    assert {(r["body"], r["ties"]) for r in said} == {(b, t) for b in options for t in ("all ties", "formal ties only")}
    spread = networks.centralisations_by_places(edges, nodes, ENGLAND, "accountability", most=3)
    bound = params(draw.boundary(spread))
    assert {k: bound["places_shown"]["bind"][k] for k in ("min", "max", "step")} == {"min": 1, "max": 3, "step": 1}
    assert len(spread) == 2 * 3 * 2


def test_a_map_s_table_fits_what_the_book_shows():
    """The book prints the first 60 rows of a chart's data: all ties of a map must be among them."""
    edges = load("governance_edges")
    for country in ("England", "Morocco"):
        rows = edges[(edges["country"] == country) & (edges["layer"] == "accountability")]
        assert len(rows) <= 60
    assert networks.scenario_graph(edges, "england_2022").size() <= 60


def test_each_body_has_its_band():
    table = networks.betweenness_by_chance(nx.star_graph(["m", *"abc"]), n_sim=5, n_swaps=10, seed=1)
    assert draw.brokers(table).to_dict()["height"] == 100


def test_the_overlap_is_written_in_its_cell(edges):
    cells = data_of(draw.overlap(networks.overlaps(edges, ENGLAND, LAYERS)))[0]
    assert [c["words"] for c in cells] == ["0%", "50%"]


# --- the charts in words ----------------------------------------------------------------------------------------------


def test_the_words_of_abolition_run_from_the_largest_loss(edges):
    assert draw.say_abolition(networks.removals(edges, "england_2022")) == (
        "A network of bodies with a menu to abolish one of them. Loss of efficiency with all ties, and with formal ties only: "
        "Mid 0.833 and 0.833, left alone Low body, Top. Low body 0.500 and 0.500, left alone nobody. "
        "Top 0.500 and 0.500, left alone nobody."
    )


def test_the_words_of_centralisation_are_its_dots(edges):
    assert draw.say_centralisation(networks.centralisations(edges, ENGLAND, LAYERS)) == (
        "A dot plot, one row a system. "
        "2019: funding 0.00 with all ties, 0.00 with formal ties; accountability 1.00 with all ties, 0.50 with formal ties; "
        "all layers 1.00 with all ties, 0.50 with formal ties. "
        "2022: funding 0.50 with all ties, 0.50 with formal ties; accountability 1.00 with all ties, 0.50 with formal ties; "
        "all layers 1.00 with all ties, 1.00 with formal ties."
    )


def test_the_words_of_the_boundary_are_one_place_two_and_the_most():
    rows = [(name, places, ties, value + places / 10) for name, value in (("A", 0), ("B", 0.5)) for places in (1, 2, 3)
            for ties in ("all ties", "formal ties only")]  # fmt: skip
    table = pd.DataFrame(rows, columns=["scenario", "places", "ties", "centralisation"])
    table.loc[table["ties"] == "formal ties only", "centralisation"] /= 10
    assert draw.say_boundary(table) == (
        "A dot plot, one row a system, with a slider for the number of places. "
        "A: 0.10 with one place, 0.20 with two, 0.30 with three. B: 0.60 with one place, 0.70 with two, 0.80 with three. "
        "With formal ties only: A: 0.01 with one, 0.03 with three. B: 0.06 with one, 0.08 with three."
    )


def test_the_words_of_the_brokers_are_their_dots_and_bands():
    table = pd.DataFrame({"body": ["m", "a"], "betweenness": [0.5, 0], "low": [0.25, 0], "high": [0.75, 0.125]})
    assert draw.say_brokers(table) == (
        "A dot for each body on a grey band of what chance gives. "
        "m 0.50, by chance 0.25 to 0.75. a 0.00, by chance 0.00 to 0.12."
    )


def test_the_words_of_the_overlap_are_its_cells(edges):
    assert draw.say_overlap(networks.overlaps(edges, ENGLAND, [*LAYERS, "trust"])) == (
        "A heat map of three pairs of layers by two systems. "
        "2019: funding and accountability 0%, funding and trust nan%, accountability and trust 0%. "
        "2022: funding and accountability 50%, funding and trust 0%, accountability and trust 0%."
    )
