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
    assert draw.say_ties(edges, ENGLAND, "accountability") == (
        "2019: Mid to Top, Old to Mid*. 2022: Mid to Top, Low body to Mid*. A star marks an assumed tie."
    )


def test_removals_are_the_method_s_own(edges):
    table = draw.removals(edges, "england_2022").set_index(["ties", "body"])
    G = networks.scenario_graph(edges, "england_2022")
    for body in G:
        impact = networks.removal_impact(G, [body])
        assert table.loc[("all ties", body), "loss"] == pytest.approx(impact["loss"], abs=1e-6)
        assert table.loc[("all ties", body), "pieces"] == impact["delta_components"]
    assert table.loc[("all ties", "Mid"), "isolated"] == "Low body, Top"
    assert "left alone: Low body, Top" in table.loc[("all ties", "Mid"), "says"]
    assert "no new pieces" in table.loc[("all ties", "Top"), "says"]


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


def test_everything_that_a_menu_shows_is_worked_out_beforehand():
    """No Python is there once the page is built: each choice has its row."""
    nodes, edges = load("governance_nodes"), load("governance_edges")
    chart = draw.abolition(nodes, edges, "england_2022", "NHS England")
    (said,) = [r for r in data_of(chart) if "says" in r[0]]
    options = set(params(chart)["gone"]["bind"]["options"]) - {"nobody"}
    assert {(r["body"], r["ties"]) for r in said} == {(b, t) for b in options for t in ("all ties", "formal ties only")}
    spread = draw.by_places(edges, nodes, ENGLAND, "accountability", most=3)
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


def test_centralisations_name_layer_status_and_all_layers(edges):
    table = draw.centralisations(edges, ENGLAND, LAYERS).set_index(["scenario", "layer", "ties"])["centralisation"]
    assert table["2022", "all layers", "all ties"] == 1  # Top – Mid – Low body
    assert table["2022", "funding", "all ties"] == pytest.approx(0.5)  # one tie and a body without
    assert table["2019", "accountability", "formal ties only"] == pytest.approx(0.5)
    assert table["2019", "accountability", "all ties"] == 1


def test_places_change_the_number():
    edges, nodes = load("governance_edges"), load("governance_nodes")
    table = draw.by_places(edges, nodes, {"england_2019": "2019"}, "accountability", most=2)
    one, two = table[table["ties"] == "all ties"]["centralisation"]
    wide = networks.expand_places(edges, nodes, 2)
    assert two == networks.degree_centralisation(networks.scenario_graph(wide, "england_2019", ["accountability"]))
    assert one != pytest.approx(two)


def test_the_band_of_chance_holds_what_a_fixed_graph_gives():
    table = draw.chance(nx.star_graph(["m", *"abc"]), n_sim=5, n_swaps=10, seed=1)
    assert table["body"].tolist() == ["m", "a", "b", "c"]
    assert table[["betweenness", "low", "high"]].to_numpy().tolist() == [[1, 1, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert draw.brokers(table).to_dict()["height"] == 100


def test_overlaps_of_each_pair_of_layers(edges):
    table = draw.overlaps(edges, ENGLAND, LAYERS)
    assert table.to_dict("records")[1] == {"scenario": "2022", "pair": "funding and accountability", "overlap": 0.5}
    formal = draw.overlaps(edges, ENGLAND, LAYERS, status="formal")["overlap"].tolist()
    assert formal == [0, 0]
    cells = data_of(draw.overlap(table))[0]
    assert [c["words"] for c in cells] == ["0%", "50%"]
