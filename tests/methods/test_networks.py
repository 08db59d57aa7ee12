"""The methods of chapter 2, held against published values, networkx itself and what must be true of them."""

import doctest
import re
from itertools import combinations, permutations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import integrated_care
from integrated_care import networks as methods
from integrated_care.networks import (
    add_clique,
    add_forum,
    betweenness,
    betweenness_by_chance,
    centralisations,
    centralisations_by_places,
    degree_centralisation,
    effective_size,
    ei_index,
    expand_places,
    global_efficiency,
    layer_overlap,
    overlaps,
    removal_impact,
    removals,
    rewired,
    scenario_graph,
    simple,
    swap_pvalue,
    top_brokers,
)

many = settings(max_examples=40, deadline=None, derandomize=True)


def close(value, **how):
    return pytest.approx(value, **({"rel": 1e-9, "abs": 1e-9} | how), nan_ok=True)


def test_the_examples_in_the_help():
    assert doctest.testmod(methods).failed == 0


# --- outside numbers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("graph", "value"),
    [(nx.star_graph(4), 1), (nx.star_graph(9), 1), (nx.cycle_graph(5), 0), (nx.complete_graph(5), 0), (nx.path_graph(4), 1 / 3)],
)  # fmt: skip
def test_freeman_gives_a_star_1_and_a_circle_and_a_complete_graph_0(graph, value):
    assert degree_centralisation(graph) == close(value)


def florence(families: int) -> nx.Graph:
    """Padgett's marriages: 15 families, and with the Pucci, who married nobody, 16."""
    G = nx.florentine_families_graph()
    if families == 16:
        G.add_node("Pucci")
    return G


def test_wasserman_and_faust_on_the_florentine_families():
    # Wasserman & Faust (1994), chapter 5: degrees of all 16 families, betweenness of the 15 that are joined.
    assert degree_centralisation(florence(16)) == pytest.approx(0.267, abs=5e-4)
    share = betweenness(florence(15))
    assert (share.max() - share).sum() / (len(share) - 1) == pytest.approx(0.437, abs=5e-4)


def test_jackson_on_the_florentine_families():
    share = betweenness(florence(15))
    assert share["Medici"] == pytest.approx(0.522, abs=5e-4)  # Jackson (2008), section 2.2.4
    assert share["Strozzi"] == pytest.approx(0.103, abs=5e-4)
    assert share["Guadagni"] == pytest.approx(0.255, abs=5e-4)
    assert top_brokers(florence(15), 1)[0][0] == "Medici"


def test_krackhardt_s_kite():
    # Krackhardt (1990): the tie between the cluster and the tail brokers most, the best connected does not.
    G = nx.relabel_nodes(nx.krackhardt_kite_graph(), dict(enumerate("ABCDEFGHIJ")))
    assert dict(top_brokers(G, 10)) == pytest.approx(
        {"H": 0.389, "F": 0.231, "G": 0.231, "I": 0.222, "D": 0.102, "A": 0.023, "B": 0.023, "C": 0, "E": 0, "J": 0},
        abs=5e-4,
    )
    assert [name for name, _ in top_brokers(G, 3)] == ["H", "F", "G"]
    assert max(G, key=G.degree) == "D"


BURT = [
    ("A", "B"),
    ("A", "E"),
    ("A", "F"),
    ("A", "G"),
    ("B", "D"),
    ("B", "G"),
    ("C", "G"),
    ("D", "G"),
    ("E", "G"),
    ("F", "G"),
]


def test_burt_s_example_as_borgatti_works_it():
    G = nx.Graph(BURT)
    assert effective_size(G, "G") == pytest.approx(4.67, abs=5e-3)  # Borgatti (1997), figure 1
    assert effective_size(G, "A") == close(2.5)
    assert effective_size(G, "C") == close(1)


def test_a_star_of_five_loses_what_the_course_says():
    star = nx.star_graph(["hub", *"abcd"])
    assert removal_impact(star, ["hub"])["loss"] == close(0.70)
    assert removal_impact(star, ["a"])["loss"] == close(0.25)
    assert nx.global_efficiency(star.subgraph(["hub", *"bcd"])) == close(0.75)  # what renormalising would give


# --- networkx ---------------------------------------------------------------------------------------------------------


@st.composite
def graphs(draw, least: int = 1, most: int = 9) -> nx.Graph:
    """A graph with names for nodes, often in several pieces."""
    names = [f"n{i}" for i in range(draw(st.integers(least, most)))]
    pairs = list(combinations(names, 2))
    G = nx.Graph()
    G.add_nodes_from(draw(st.permutations(names)))
    if pairs:
        G.add_edges_from(draw(st.lists(st.sampled_from(pairs), max_size=16)))
    return G


@many
@given(graphs(least=2))
def test_measures_against_networkx(G):
    assert global_efficiency(G) == close(nx.global_efficiency(G))
    assert betweenness(G).to_dict() == close(nx.betweenness_centrality(G))
    theirs = nx.effective_size(G)
    for node in G:
        assert effective_size(G, node) == close(0 if G.degree(node) == 0 else theirs[node])


@many
@given(graphs(least=2), st.data())
def test_removal_against_networkx(G, data):
    gone = data.draw(st.lists(st.sampled_from(sorted(G)), max_size=4))
    H = G.copy()
    H.remove_nodes_from(gone)
    n, m = len(G), len(H)
    got = removal_impact(G, gone)
    assert got["loss"] == close(nx.global_efficiency(G) - nx.global_efficiency(H) * m * (m - 1) / (n * (n - 1)))
    assert got["loss"] >= -1e-12
    assert got["delta_components"] == nx.number_connected_components(H) - nx.number_connected_components(G)
    assert got["isolated"] == sorted(set(nx.isolates(H)) - set(nx.isolates(G)))


@many
@given(graphs(), st.data())
def test_the_ei_index_against_networkx_mixing(G, data):
    sector = {node: data.draw(st.sampled_from("xyz")) for node in G}
    nx.set_node_attributes(G, sector, "sector")
    inside = between = 0
    for (a, b), ties in (
        ((a, b), t) for a, row in nx.attribute_mixing_dict(G, "sector").items() for b, t in row.items()
    ):
        inside, between = inside + (a == b) * ties, between + (a != b) * ties
    assert ei_index(G, sector) == close((between - inside) / (between + inside) if G.size() else np.nan)


# --- what must be true ------------------------------------------------------------------------------------------------


def measures(G: nx.Graph, sector: dict) -> list:
    first = sorted(G)[0]
    impact = removal_impact(G, [first])
    return [
        degree_centralisation(G), ei_index(G, sector), global_efficiency(G), effective_size(G, first), impact["loss"],
        impact["delta_components"], *betweenness(G).tolist(),
    ]  # fmt: skip


@many
@given(graphs(), st.data())
def test_directions_repeats_and_self_loops_change_nothing(G, data):
    sector = {node: node[-1] in "024" for node in G}
    messy = nx.MultiDiGraph()
    messy.add_nodes_from(reversed(list(G)))
    for u, v in reversed(list(G.edges())):
        messy.add_edge(v, u)
        if data.draw(st.booleans()):
            messy.add_edge(u, v, weight=7)
    messy.add_edge(next(iter(G)), next(iter(G)))
    assert measures(messy, sector) == close(measures(G, sector))
    assert messy.number_of_edges() >= G.size() + 1


@many
@given(graphs())
def test_names_change_nothing_but_names(G):
    names = {node: f"m{node[1:]}" for node in G}  # the same order
    renamed = nx.relabel_nodes(G, names)
    assert measures(renamed, dict.fromkeys(renamed, 1)) == close(measures(G, dict.fromkeys(G, 1)))


@many
@given(graphs())
def test_ranges(G):
    central = degree_centralisation(G)
    assert np.isnan(central) if len(G) < 3 else 0 <= central <= 1
    assert 0 <= global_efficiency(G) <= 1
    assert all(0 <= share <= 1 for share in betweenness(G))
    for node in G:
        degree = simple(G).degree(node)
        assert effective_size(G, node) == 0 if degree == 0 else 1 - 1e-9 <= effective_size(G, node) <= degree


@many
@given(graphs(least=3))
def test_removing_more_never_costs_less(G):
    gone, losses = sorted(G), []
    for k in range(len(gone) + 1):
        losses.append(removal_impact(G, gone[:k])["loss"])
    assert losses[0] == close(0)
    assert losses == sorted(losses)
    assert losses[-1] == close(global_efficiency(G))


def test_a_forum_and_a_mesh_of_eight():
    G = nx.path_graph([f"n{i}" for i in range(8)])
    forum, few = add_forum(G, list(G), "forum")
    mesh, many_ties = add_clique(G, list(G))
    assert (few, many_ties) == (8, 28)
    assert (forum.size(), mesh.size(), G.size()) == (15, 28, 7)
    assert add_forum(G, ["n1", "n1"], "f")[1] == 1
    assert add_clique(G, [])[1] == 0
    assert "f" in add_forum(G, [], "f")[0]


def test_layers():
    ties = pd.DataFrame(
        [("x", "a", "b"), ("x", "b", "a"), ("x", "b", "c"), ("y", "c", "b"), ("y", "c", "c"), ("y", "c", "d")],
        columns=["layer", "source", "target"],
    )
    assert layer_overlap(ties, "x", "y") == close(1 / 3)
    assert layer_overlap(ties, "x", "none") == 0
    assert np.isnan(layer_overlap(ties, "none", "nor this"))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: ei_index(nx.path_graph("ab"), {"a": 1}), "sector: there is no entry for 'b'"),
        (lambda: effective_size(nx.path_graph("ab"), "z"), "v: 'z' is not in the graph"),
        (lambda: removal_impact(nx.path_graph("ab"), ["z"]), "nodes: 'z' is not in the graph"),
        (lambda: add_forum(nx.path_graph("ab"), ["a"], "b"), "name: 'b' is in the graph already"),
        (lambda: add_forum(nx.path_graph("ab"), ["z"], "f"), "members: 'z' is not in the graph"),
        (lambda: add_clique(nx.path_graph("ab"), ["z"]), "members: 'z' is not in the graph"),
        (lambda: top_brokers(nx.path_graph("ab"), -1), "k: -1 is negative"),
        (lambda: swap_pvalue(nx.path_graph("ab"), nx.density, n_swaps=-1), "n_swaps: -1 is negative"),
        (lambda: swap_pvalue(nx.path_graph("ab"), nx.density, n_sim=0), "n_sim: 0 is less than 1"),
    ],
)
def test_what_makes_no_sense_is_refused(call, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        call()


# --- chance -----------------------------------------------------------------------------------------------------------


@many
@given(graphs(least=2), st.integers(0, 99))
def test_rewiring_keeps_degrees_nodes_and_simplicity(G, seed):
    H = rewired(G, 20, np.random.default_rng(seed))
    assert dict(H.degree()) == dict(G.degree())
    assert list(H) == list(G)
    assert all(u != v for u, v in H.edges()) and not H.is_directed()


@pytest.mark.parametrize("degrees", [(1, 2, 2, 1), (2, 2, 2, 1, 1), (2, 2, 2, 2, 2), (3, 2, 2, 2, 1)])
def test_rewiring_reaches_each_graph_with_these_degrees_about_equally_often(degrees):
    """All graphs with given degrees, listed by trying every set of ties: an exact answer for small graphs."""
    nodes = [f"n{i}" for i in range(len(degrees))]
    wanted = dict(zip(nodes, degrees, strict=True))
    every = []
    for ties in combinations(combinations(nodes, 2), sum(degrees) // 2):
        G = nx.Graph()
        G.add_nodes_from(nodes)
        G.add_edges_from(ties)
        if dict(G.degree()) == wanted:
            every.append(frozenset(map(frozenset, ties)))
    start = nx.Graph([tuple(tie) for tie in every[0]])
    rng = np.random.default_rng(1)
    n = 400 * len(every)
    found = pd.Series([frozenset(map(frozenset, rewired(start, 25, rng).edges())) for _ in range(n)]).value_counts()
    assert set(found.index) == set(every)
    assert found.min() > 0.7 * 400 and found.max() < 1.35 * 400


def test_p_against_networkx_swaps():
    G = nx.barbell_graph(5, 1)
    ours = swap_pvalue(G, nx.transitivity, 150, 150, 1)
    draws = [nx.double_edge_swap(G.copy(), nswap=60, max_tries=10**5, seed=i) for i in range(150)]
    theirs = (1 + sum(nx.transitivity(H) >= nx.transitivity(G) for H in draws)) / 151
    assert ours < 0.05 and theirs < 0.05
    ring = nx.cycle_graph(8)
    ours = swap_pvalue(ring, nx.number_connected_components, 100, 200, 1)
    assert ours == 1  # a ring is in one piece: no graph has fewer


def test_p_by_hand():
    ring = nx.cycle_graph([f"n{i:02d}" for i in range(12)])
    ties = {frozenset(tie) for tie in ring.edges()}

    def same(H):
        return float({frozenset(tie) for tie in H.edges()} == ties)

    assert swap_pvalue(ring, same, 60, 19, 3) == close(1 / 20)
    assert swap_pvalue(ring, same, 0, 19, 3) == 1
    assert swap_pvalue(ring, lambda H: same(H) - 1e-14 * H.size(), 60, 19, 3) == close(1 / 20)
    assert swap_pvalue(ring, lambda H: 1.0, 60, 19, 3) == 1
    assert np.isnan(swap_pvalue(ring, lambda H: np.nan, 5, 5, 3))


@many
@given(graphs(least=3), st.integers(0, 9))
def test_no_test_that_keeps_degrees_can_see_degrees(G, seed):
    assert swap_pvalue(G, degree_centralisation, 15, 10, seed) == 1


@pytest.mark.parametrize("G", [nx.star_graph(5), nx.complete_graph(5), nx.path_graph(2), nx.empty_graph(4)])
def test_a_graph_without_a_legal_swap_comes_back_unchanged(G):
    assert nx.utils.graphs_equal(rewired(G, 30, np.random.default_rng(0)), simple(G))


# --- the coded table --------------------------------------------------------------------------------------------------

EDGES, NODES = integrated_care.load("governance_edges"), integrated_care.load("governance_nodes")
LATER = [("england_2019", "england_2022"), ("england_2022", "england_after"), ("morocco_before", "morocco_gst")]


def test_a_formal_tie_names_document_and_place():
    formal = EDGES[EDGES["status"] == "formal"]
    place = re.compile(r"\b(?:s|ss|art|reg|para|Sch|ch)\. ?\d|\b(?:Sch|Part)\.? \d")
    bare = formal.loc[~formal["evidence"].str.contains(place), "evidence"].unique()
    assert list(bare) == []


def test_no_pair_is_coded_twice_on_a_layer():
    pairs = EDGES.assign(pair=[frozenset(p) for p in zip(EDGES["source"], EDGES["target"], strict=True)])
    assert not pairs.duplicated(["scenario", "layer", "pair"]).any()
    assert (EDGES["source"] != EDGES["target"]).all()


def test_what_is_planned_is_assumed():
    """No formal tie of the proposed system rests on the bill, and the bodies to be abolished are gone."""
    after = EDGES[EDGES["scenario"] == "england_after"]
    assert not after.loc[after["status"] == "formal", "evidence"].str.contains("Bill|plans").any()
    assert not set(after["source"]) & {"NHS England", "HWE", "Healthwatch", "ICP"}
    assert not set(after["target"]) & {"NHS England", "HWE", "Healthwatch", "ICP"}


def test_a_scenario_has_the_same_bodies_on_every_layer():
    whole = scenario_graph(EDGES, "england_2022")
    thin = scenario_graph(EDGES, "england_2022", ["funding"], "formal")
    assert set(thin) == set(whole) and thin.size() < whole.size()
    with pytest.raises(ValueError, match="layers: 'trust'"):
        scenario_graph(EDGES, "england_2022", ["trust"])
    with pytest.raises(ValueError, match="scenario: 'wales'"):
        scenario_graph(EDGES, "wales")
    with pytest.raises(ValueError, match="status: 'informal'"):
        scenario_graph(EDGES, "england_2022", status="informal")


def test_places_are_copied_and_the_nation_is_not():
    wide = expand_places(EDGES, NODES, 3)
    G, H = scenario_graph(EDGES, "england_2022"), scenario_graph(wide, "england_2022")
    local = {body for body in G if f"{body} 1" in H}
    assert {"Council", "NHS trust", "Residents"} <= local and not {"ICB", "DHSC", "CQC"} & local
    assert len(H) == len(G) + 2 * len(local)
    assert not any(a[:-2] in local and b[:-2] in local and a[-1] != b[-1] for a, b in H.edges())
    one = scenario_graph(expand_places(EDGES, NODES, 1), "england_2022")
    assert degree_centralisation(one) == close(degree_centralisation(G))
    with pytest.raises(ValueError, match="places: 0"):
        expand_places(EDGES, NODES, 0)


@pytest.mark.parametrize("places", range(1, 9))
def test_the_chapter_s_finding_holds_at_every_boundary_it_tries(places):
    """Within each country the later system is the more centralised on accountability, with all and with formal ties."""
    wide = expand_places(EDGES, NODES, places)
    for before, after in LATER:
        for status in ("all", "formal"):
            then, now = (
                degree_centralisation(scenario_graph(wide, s, ["accountability"], status)) for s in (before, after)
            )
            assert now > then, (before, after, status)


def test_the_curriculum_s_calibration_targets_are_not_what_documents_give():
    """0.35, 0.45, 0.85 and 0.70 (each ± 0.05) were planned for a synthetic table; the coded one is not bent to them."""
    got = {
        s: degree_centralisation(scenario_graph(EDGES, s, ["accountability"]))
        for s in ("england_2019", "england_2022", "morocco_before", "morocco_gst")
    }
    assert got == pytest.approx(
        {"england_2019": 0.329, "england_2022": 0.382, "morocco_before": 0.295, "morocco_gst": 0.381}, abs=5e-4
    )


# --- tables of several graphs -----------------------------------------------------------------------------------------


@pytest.fixture
def coded() -> pd.DataFrame:
    rows = [
        ("england_2019", "accountability", "Mid", "Top", "formal"),
        ("england_2019", "accountability", "Old", "Mid", "assumed"),
        ("england_2022", "accountability", "Mid", "Top", "formal"),
        ("england_2022", "accountability", "Low body", "Mid", "assumed"),
        ("england_2022", "funding", "Mid", "Low body", "formal"),
    ]
    return pd.DataFrame(rows, columns=["scenario", "layer", "source", "target", "status"])


ENGLAND = {"england_2019": "2019", "england_2022": "2022"}
LAYERS = ["funding", "accountability"]


def test_centralisations_name_layer_status_and_all_layers(coded):
    table = centralisations(coded, ENGLAND, LAYERS).set_index(["scenario", "layer", "ties"])["centralisation"]
    assert table["2022", "all layers", "all ties"] == 1  # Top – Mid – Low body
    assert table["2022", "funding", "all ties"] == pytest.approx(0.5)  # one tie and a body without
    assert table["2019", "accountability", "formal ties only"] == pytest.approx(0.5)
    assert table["2019", "accountability", "all ties"] == 1


def test_places_change_the_number():
    table = centralisations_by_places(EDGES, NODES, {"england_2019": "2019"}, "accountability", most=2)
    one, two = table[table["ties"] == "all ties"]["centralisation"]
    wide = expand_places(EDGES, NODES, 2)
    assert two == degree_centralisation(scenario_graph(wide, "england_2019", ["accountability"]))
    assert one != pytest.approx(two)


def test_places_are_counted_up_to_the_most():
    table = centralisations_by_places(EDGES, NODES, {"england_2019": "2019"}, "accountability", most=3)
    assert table.groupby(["places", "ties"]).size().to_dict() == {
        (places, ties): 1 for places in (1, 2, 3) for ties in ("all ties", "formal ties only")
    }
    with pytest.raises(ValueError, match=r"^most: 0 is less than 1"):
        centralisations_by_places(EDGES, NODES, ENGLAND, "accountability", most=0)


def test_removals_are_those_of_each_body_in_turn(coded):
    table = removals(coded, "england_2022").set_index(["ties", "body"])
    G = scenario_graph(coded, "england_2022")
    for body in G:
        impact = removal_impact(G, [body])
        assert table.loc[("all ties", body), "loss"] == pytest.approx(impact["loss"], abs=1e-6)
        assert table.loc[("all ties", body), "pieces"] == impact["delta_components"]
        assert table.loc[("all ties", body), "before"] == global_efficiency(G)
    assert table.loc[("all ties", "Mid"), "isolated"] == ["Low body", "Top"]
    formal = scenario_graph(coded, "england_2022", status="formal")
    assert table.loc[("formal ties only", "Top"), "loss"] == close(removal_impact(formal, ["Top"])["loss"])


def test_bodies_alike_tie_in_what_their_removal_costs():
    """Sums in another order differ in the last digit; a menu ordered by loss must not."""
    table = removals(EDGES, "england_2022")
    near = table.groupby("ties")["loss"].transform(lambda loss: loss.round(9))
    assert table.groupby(["ties", near])["loss"].nunique().eq(1).all()


def test_the_band_of_chance_holds_what_a_fixed_graph_gives():
    table = betweenness_by_chance(nx.star_graph(["m", *"abc"]), n_sim=5, n_swaps=10, seed=1)
    assert table["body"].tolist() == ["m", "a", "b", "c"]
    assert table[["betweenness", "low", "high"]].to_numpy().tolist() == [[1, 1, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_the_band_of_chance_is_that_of_random_graphs():
    G = nx.gnm_random_graph(10, 16, seed=5)
    rng = np.random.default_rng(3)
    drawn = pd.DataFrame([dict(betweenness(rewired(G, 20, rng))) for _ in range(30)])
    for row in betweenness_by_chance(G, n_sim=30, n_swaps=20, seed=3).itertuples():
        assert row.betweenness == betweenness(G)[row.body]
        assert (row.low, row.high) == close(tuple(np.quantile(drawn[row.body], [0.025, 0.975])))
    with pytest.raises(ValueError, match=r"^n_sim: 0 is less than 1"):
        betweenness_by_chance(G, n_sim=0, n_swaps=1, seed=1)
    with pytest.raises(ValueError, match=r"^n_swaps: -1 is negative"):
        betweenness_by_chance(G, n_sim=1, n_swaps=-1, seed=1)


def test_overlaps_of_each_pair_of_layers(coded):
    table = overlaps(coded, ENGLAND, LAYERS)
    assert table.to_dict("records")[1] == {"scenario": "2022", "pair": "funding and accountability", "overlap": 0.5}
    formal = overlaps(coded, ENGLAND, LAYERS, status="formal")["overlap"].tolist()
    assert formal == [0, 0]
    assert overlaps(coded, ENGLAND, [*LAYERS, "trust"])["pair"].tolist()[:3] == [
        "funding and accountability", "funding and trust", "accountability and trust",
    ]  # fmt: skip
    with pytest.raises(ValueError, match=r"^status: 'informal' is none of 'all', 'formal'"):
        overlaps(coded, ENGLAND, LAYERS, status="informal")


def test_nothing_that_is_passed_in_is_changed():
    G = nx.MultiDiGraph([("a", "b"), ("b", "a"), ("b", "c"), ("c", "c"), ("c", "d")])
    before, edges = nx.MultiDiGraph(G), EDGES.copy()
    measures(G, dict.fromkeys(G, 1))
    add_forum(G, ["a"], "f"), add_clique(G, ["a", "d"]), swap_pvalue(G, nx.density, 5, 5, 1)
    (
        layer_overlap(edges, "funding", "information"),
        expand_places(edges, NODES, 2),
        scenario_graph(edges, "england_2022"),
    )
    assert nx.utils.graphs_equal(G, before)
    assert edges.equals(EDGES)


def test_brute_force_betweenness_of_a_small_graph():
    """Betweenness counted path by path, without networkx's algorithm."""
    G = nx.Graph([("a", "b"), ("b", "c"), ("c", "d"), ("d", "a"), ("d", "e")])
    share = dict.fromkeys(G, 0.0)
    for s, t in combinations(G, 2):
        inner = [node for node in G if node not in (s, t)]
        for length in range(len(inner) + 1):
            paths = [
                p
                for p in permutations(inner, length)
                if all(G.has_edge(u, v) for u, v in zip((s, *p), (*p, t), strict=True))
            ]
            for node in [node for path in paths for node in path]:
                share[node] += 1 / len(paths)
            if paths:
                break
    assert betweenness(G).to_dict() == close({node: value / 6 for node, value in share.items()})
