"""Exercise 2: the model answers in the notebook against the library's methods, on random graphs.

Two implementations of each method, written apart: a slip in one of them does not pass for the truth.
"""

from itertools import combinations

import networkx as nx
import pandas as pd
import pytest
from harness import Exercise, same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrated_care import networks

function = Exercise("networks").function
models = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@st.composite
def graphs(draw, least: int = 0):
    """Graphs of every kind: directed or not, parallel edges, self-loops, isolates, several pieces."""
    kind = draw(st.sampled_from([nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph]))
    names = [f"n{i}" for i in range(draw(st.integers(least, 8)))]
    G = kind()
    G.add_nodes_from(draw(st.permutations(names)))
    if names:
        G.add_edges_from(draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=14)))
    return G


@models
@given(graphs())
def test_degree_centralisation(G):
    assert same(function("degree_centralisation")(G), networks.degree_centralisation(G))


@models
@given(graphs(), st.integers(0, 10))
def test_top_brokers(G, k):
    ours, theirs = function("top_brokers")(G, k), networks.top_brokers(G, k)
    assert [node for node, _ in ours] == [node for node, _ in theirs]
    assert same([value for _, value in ours], [value for _, value in theirs])


@models
@given(graphs(), st.data())
def test_ei_index(G, data):
    sector = {node: data.draw(st.sampled_from("xyz")) for node in G}
    assert same(function("ei_index")(G, sector), networks.ei_index(G, sector))


@models
@given(graphs(least=1))
def test_effective_size(G):
    for node in G:
        assert same(function("effective_size")(G, node), networks.effective_size(G, node))


@models
@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("abcd"), st.sampled_from("abcd")), max_size=15))
def test_layer_overlap(rows):
    edges = pd.DataFrame(rows, columns=["layer", "source", "target"])
    assert same(function("layer_overlap")(edges, "x", "y"), networks.layer_overlap(edges, "x", "y"))


@models
@given(graphs(), st.data())
def test_removal_impact(G, data):
    gone = data.draw(st.lists(st.sampled_from(sorted(G)), max_size=5)) if len(G) else []
    ours, theirs = function("removal_impact")(G, gone), networks.removal_impact(G, gone)
    assert same(ours["loss"], theirs["loss"])
    assert ours["delta_components"] == theirs["delta_components"]
    assert ours["isolated"] == theirs["isolated"]


@models
@given(graphs(), st.data())
def test_forum_and_clique(G, data):
    G = networks.simple(G)
    members = data.draw(st.lists(st.sampled_from(sorted(G)), max_size=6)) if len(G) else []
    for (ours, n), (theirs, m) in (
        (function("add_forum")(G, members, "forum"), networks.add_forum(G, members, "forum")),
        (function("add_clique")(G, members), networks.add_clique(G, members)),
    ):
        assert n == m
        assert nx.utils.graphs_equal(ours, theirs)


@pytest.mark.parametrize("stat", [nx.transitivity, nx.average_clustering, networks.degree_centralisation])
@pytest.mark.parametrize("seed", [1, 2])
def test_swap_pvalue(stat, seed):
    """Different streams of random numbers, so the same p only within what chance allows."""
    G = nx.gnm_random_graph(10, 16, seed=seed)
    ours = function("swap_pvalue")(G, stat, 60, 150, seed)
    assert abs(ours - networks.swap_pvalue(G, stat, 60, 150, seed)) < 0.17


@models
@given(graphs(least=2), st.integers(0, 99))
def test_swaps_keep_degrees(G, seed):
    start, seen = networks.simple(G), []
    function("swap_pvalue")(G, lambda H: seen.append(dict(H.degree())) or 0.0, 10, 3, seed)
    assert all(degrees == dict(start.degree()) for degrees in seen)


@pytest.mark.parametrize("twist", [0, 1])
def test_the_comparison_can_fail(twist):
    G = nx.Graph([*combinations("abc", 2), ("c", "d")])
    assert same(function("effective_size")(G, "c") + twist, networks.effective_size(G, "c")) == (twist == 0)
