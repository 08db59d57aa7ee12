"""Methods of chapter 2, *Who answers to whom?*: how centralised, who stands between, what breaks?

Conventions, the same in every function
---------------------------------------
* ``G`` may be any networkx graph. It is read as a **simple undirected graph** (:func:`simple`): each pair of nodes is
  tied or not, whatever the direction, number or weight of its edges; self-loops are dropped; nodes without ties stay.
* Nodes are compared by name, so they must sort (strings do). Ties go by name, ascending.
* Comparisons of centralities are made on values rounded to 12 decimals.
* What is undefined is nan, with one exception that the literature has settled: an isolate's effective size is 0.
* ``ValueError`` names the argument and the value at fault. Nothing that is passed in is changed.

Ties that a document creates are *formal* ties. They are not the ties that people act on, and where the circle of bodies
is drawn decides every number below.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import combinations

import networkx as nx
import numpy as np
import pandas as pd

from .arguments import NOISE, one_of, refuse
from .guard import refuse_while_grading

refuse_while_grading(__name__)

__all__ = [
    "ALL",
    "FORMAL",
    "add_clique",
    "add_forum",
    "betweenness",
    "betweenness_by_chance",
    "centralisations",
    "centralisations_by_places",
    "degree_centralisation",
    "effective_size",
    "ei_index",
    "expand_places",
    "global_efficiency",
    "layer_overlap",
    "overlaps",
    "removal_impact",
    "removals",
    "rewired",
    "scenario_graph",
    "simple",
    "swap_pvalue",
    "top_brokers",
]

ALL, FORMAL = "all ties", "formal ties only"
STATUS = {"all": ALL, "formal": FORMAL}  # status -> what a table with both calls it
LOCAL = ("place", "provider", "community")  # tiers of which an area has several


# --- from coded ties to a graph ---------------------------------------------------------------------------------------


def simple(G: nx.Graph) -> nx.Graph:
    """A simple undirected copy of a graph: one tie a pair, no self-loops, every node kept, attributes left behind.

    >>> simple(nx.DiGraph([("a", "b"), ("b", "a"), ("b", "b")])).size()
    1
    """
    H = nx.Graph()
    H.add_nodes_from(G)
    H.add_edges_from((u, v) for u, v in G.edges() if u != v)
    return H


def scenario_graph(
    edges: pd.DataFrame, scenario: str, layers: Iterable[str] | None = None, status: str = "all"
) -> nx.Graph:
    """The graph of one scenario: its bodies, and the pairs that are tied on any of the layers.

    Parameters
    ----------
    edges
        One coded tie a row, as in ``governance_edges``: columns scenario, layer, source, target, status.
    scenario
        The scenario to draw. **All its bodies are nodes**, also those without a tie on the chosen layers or status:
        two layers can be compared only if they hold the same bodies.
    layers
        Names of layers; default all of them.
    status
        "all" for every tie, "formal" for those that a document creates.

    Raises
    ------
    ValueError
        If the scenario, a layer or the status is unknown.
    """
    one_of("status", status, STATUS)
    one_of("scenario", scenario, edges["scenario"].unique())
    rows = edges[edges["scenario"] == scenario]
    G = nx.Graph()
    G.add_nodes_from(sorted({*rows["source"], *rows["target"]}))
    if layers is not None:
        if isinstance(layers, str):
            raise ValueError(f"layers: {layers!r} is one word: give a list of layers")
        layers = list(layers)
        for layer in layers:
            one_of("layers", layer, edges["layer"].unique())
        rows = rows[rows["layer"].isin(layers)]
    if status == "formal":
        rows = rows[rows["status"] == "formal"]
    G.add_edges_from(zip(rows["source"], rows["target"], strict=True))
    return G


def expand_places(edges: pd.DataFrame, nodes: pd.DataFrame, places: int) -> pd.DataFrame:
    """The coded ties of an area that holds several places, where the table codes one of each kind.

    Bodies of the tiers place, provider and community are copied ("Council 1", "Council 2", …); national and regional
    bodies are not. Two local bodies are tied within a place only.

    Parameters
    ----------
    edges, nodes
        As ``governance_edges`` and ``governance_nodes``.
    places
        How many places; at least 1.

    Returns
    -------
    DataFrame
        The columns of ``edges``, more rows.

    Raises
    ------
    ValueError
        If ``places`` is less than 1.
    """
    refuse("places", places, places < 1, "is less than 1")
    tier = nodes.set_index(["country", "body"])["tier"]
    local = {
        end: pd.MultiIndex.from_frame(edges[["country", end]]).map(tier).isin(LOCAL) for end in ("source", "target")
    }
    copies = []
    for place in range(1, places + 1):
        copy = edges.copy()
        for end, here in local.items():
            copy[end] = copy[end].where(~here, copy[end] + f" {place}")
        copies.append(copy)
    return pd.concat(copies, ignore_index=True).drop_duplicates(
        ["scenario", "layer", "source", "target"], ignore_index=True
    )


# --- one number for a whole graph -------------------------------------------------------------------------------------


def degree_centralisation(G: nx.Graph) -> float:
    """Degree centralisation: how far the graph is from a star round its most connected node.

    The sum of (largest degree - degree) over all nodes, divided by what a star of the same size gives,
    (n - 1)(n - 2).

    Returns
    -------
    float
        From 0 (all nodes have the same number of ties) to 1 (a star). nan with fewer than 3 nodes.

    Examples
    --------
    >>> degree_centralisation(nx.star_graph(9))
    1.0

    Source: Freeman (1978), doi:10.1016/0378-8733(78)90021-7.
    """
    H = simple(G)
    n = len(H)
    if n < 3:
        return np.nan
    degree = np.array([d for _, d in H.degree()])
    return float((degree.max() - degree).sum() / ((n - 1) * (n - 2)))


def centralisations(edges: pd.DataFrame, scenarios: Mapping[str, str], layers: Iterable[str]) -> pd.DataFrame:
    """Degree centralisation of several scenarios, on each layer and on all together, with all and with formal ties.

    Parameters
    ----------
    edges
        As in :func:`scenario_graph`.
    scenarios
        Scenario -> what the result calls it.
    layers
        Names of layers.

    Returns
    -------
    DataFrame
        One row for each ``scenario``, ``layer`` ("all layers" comes last) and ``ties`` (:data:`ALL`, :data:`FORMAL`),
        with its ``centralisation``.

    Raises
    ------
    ValueError
        As :func:`scenario_graph`.
    """
    layers = list(layers)
    rows = [
        (name, layer, shown, degree_centralisation(scenario_graph(edges, scenario, chosen, status)))
        for scenario, name in scenarios.items()
        for layer, chosen in [*((layer, [layer]) for layer in layers), ("all layers", layers)]
        for status, shown in STATUS.items()
    ]
    return pd.DataFrame(rows, columns=["scenario", "layer", "ties", "centralisation"])


def centralisations_by_places(
    edges: pd.DataFrame, nodes: pd.DataFrame, scenarios: Mapping[str, str], layer: str, most: int = 8
) -> pd.DataFrame:
    """Degree centralisation of one layer as the area holds more places, with all and with formal ties.

    Parameters
    ----------
    edges, nodes
        As in :func:`expand_places`.
    scenarios
        Scenario -> what the result calls it.
    layer
        Name of the layer.
    most
        The most places; at least 1.

    Returns
    -------
    DataFrame
        One row for each number of ``places`` from 1, ``scenario`` and ``ties`` (:data:`ALL`, :data:`FORMAL`), with its
        ``centralisation``.

    Raises
    ------
    ValueError
        If ``most`` is less than 1, or as :func:`scenario_graph`.
    """
    refuse("most", most, most < 1, "is less than 1")
    rows = []
    for places in range(1, most + 1):
        wide = expand_places(edges, nodes, places)
        for scenario, name in scenarios.items():
            for status, shown in STATUS.items():
                G = scenario_graph(wide, scenario, [layer], status)
                rows.append((name, places, shown, degree_centralisation(G)))
    return pd.DataFrame(rows, columns=["scenario", "places", "ties", "centralisation"])


def ei_index(G: nx.Graph, sector: Mapping[Hashable, Hashable]) -> float:
    """E–I index: do ties cross the borders between groups (external) or stay inside (internal)?

    Parameters
    ----------
    G
        The graph.
    sector
        Node -> group. Entries for other nodes are ignored.

    Returns
    -------
    float
        (E - I) / (E + I): from -1 (all ties inside groups) to 1 (all ties cross). nan without ties.

    Raises
    ------
    ValueError
        If a node of the graph has no group.

    Examples
    --------
    >>> ei_index(nx.Graph([("a", "b"), ("b", "c")]), {"a": "NHS", "b": "NHS", "c": "council"})
    0.0

    Source: Krackhardt & Stern (1988), doi:10.2307/2786835.
    """
    if lost := [node for node in G if pd.isna(sector.get(node))]:
        raise ValueError(f"sector: there is no entry for {lost[0]!r}")
    crossing = [sector[u] != sector[v] for u, v in simple(G).edges()]
    return float(2 * np.mean(crossing) - 1) if crossing else np.nan


def global_efficiency(G: nx.Graph, n: int | None = None) -> float:
    """Global efficiency: the mean, over all pairs of nodes, of one divided by their distance.

    A pair that no path joins counts 0. Removing a node changes the number of pairs; to compare before and after, give
    ``n``, the number of nodes to count pairs of.

    Returns
    -------
    float
        From 0 (no ties) to 1 (everybody tied to everybody). 0 with fewer than 2 nodes.

    Examples
    --------
    >>> round(global_efficiency(nx.star_graph(4)), 9)
    0.7

    Source: Latora & Marchiori (2001), doi:10.1103/PhysRevLett.87.198701.
    """
    H = simple(G)
    n = len(H) if n is None else n
    if n < 2:
        return 0.0
    near = sum(1 / d for _, reached in nx.all_pairs_shortest_path_length(H) for d in reached.values() if d)
    return float(near / (n * (n - 1)))


def layer_overlap(edges: pd.DataFrame, a: str, b: str) -> float:
    """Overlap of two layers: the share of the pairs tied on either layer that are tied on both (Jaccard).

    Parameters
    ----------
    edges
        Columns layer, source, target. (u, v) and (v, u) are one pair; repeats and self-pairs do not count.
    a, b
        Names of the layers; a name that does not occur is an empty layer.

    Returns
    -------
    float
        From 0 to 1. 0 if one layer is empty, nan if both are.

    Examples
    --------
    >>> ties = pd.DataFrame({"layer": ["pay", "ask"], "source": ["u", "v"], "target": ["v", "u"]})
    >>> layer_overlap(ties, "pay", "ask")
    1.0

    Source: Kivelä et al. (2014), doi:10.1093/comnet/cnu016.
    """
    one, two = (
        {frozenset(pair) for pair in zip(rows["source"], rows["target"], strict=True) if pair[0] != pair[1]}
        for rows in (edges[edges["layer"] == layer] for layer in (a, b))
    )
    return len(one & two) / len(one | two) if one | two else np.nan


def overlaps(
    edges: pd.DataFrame, scenarios: Mapping[str, str], layers: Sequence[str], status: str = "all"
) -> pd.DataFrame:
    """Overlap of each pair of layers in each scenario.

    Parameters
    ----------
    edges
        As in :func:`layer_overlap`, and the columns scenario and status.
    scenarios
        Scenario -> what the result calls it.
    layers
        Names of layers, at least two.
    status
        "all" for every tie, "formal" for those that a document creates.

    Returns
    -------
    DataFrame
        One row for each ``scenario`` and ``pair`` of layers ("funding and information"), with their ``overlap`` as
        :func:`layer_overlap` gives it.

    Raises
    ------
    ValueError
        If the status is unknown.
    """
    one_of("status", status, STATUS)
    kept = edges if status == "all" else edges[edges["status"] == "formal"]
    rows = [
        (name, f"{a} and {b}", layer_overlap(kept[kept["scenario"] == scenario], a, b))
        for scenario, name in scenarios.items()
        for a, b in combinations(layers, 2)
    ]
    return pd.DataFrame(rows, columns=["scenario", "pair", "overlap"])


# --- who stands between -----------------------------------------------------------------------------------------------


def betweenness(G: nx.Graph) -> pd.Series:
    """Betweenness of each node: the share of shortest paths between others that pass through it.

    Returns
    -------
    Series
        Node -> share, from 0 to 1, rounded to 12 decimals and ordered from high to low, then by name. A pair that
        no path joins adds 0, and is counted among the pairs. 0 with fewer than 3 nodes.

    Source: Freeman (1978), doi:10.1016/0378-8733(78)90021-7.
    """
    share = {node: round(value, 12) for node, value in nx.betweenness_centrality(simple(G)).items()}
    return pd.Series({node: share[node] for node in sorted(share, key=lambda node: (-share[node], node))}, dtype=float)


def top_brokers(G: nx.Graph, k: int) -> list[tuple[Hashable, float]]:
    """The ``k`` nodes with the highest :func:`betweenness` (all of them if there are fewer), ties by name.

    >>> top_brokers(nx.path_graph(["a", "b", "c"]), 2)
    [('b', 1.0), ('a', 0.0)]

    Raises
    ------
    ValueError
        If ``k`` is negative.
    """
    refuse("k", k, k < 0, "is negative")
    return list(betweenness(G).head(k).items())


def effective_size(G: nx.Graph, v: Hashable) -> float:
    """Effective size of a node's network: its contacts, less those that it could reach through another contact.

    n - 2t / n, with n contacts and t ties among them: Borgatti's form of Burt's measure for unweighted ties.

    Returns
    -------
    float
        In contacts: from 1 (all contacts know each other) to n (none do). An isolate has 0 (networkx says nan).

    Raises
    ------
    ValueError
        If ``v`` is not in the graph.

    Examples
    --------
    >>> effective_size(nx.star_graph(4), 0)
    4.0

    Source: Burt (1992), *Structural Holes*; Borgatti (1997), Connections 20(1), 35-38.
    """
    H = simple(G)
    if v not in H:
        raise ValueError(f"v: {v!r} is not in the graph")
    contacts = list(H[v])
    if not contacts:
        return 0.0
    return float(len(contacts) - 2 * H.subgraph(contacts).size() / len(contacts))


# --- what breaks, and what could be built -----------------------------------------------------------------------------


def removal_impact(G: nx.Graph, nodes: Iterable[Hashable]) -> dict:
    """What is lost when nodes are taken out with all their ties.

    Returns
    -------
    dict
        ``loss``: :func:`global_efficiency` before minus after, both over the pairs of the **original** nodes, so that
        it is never negative. ``delta_components``: separate pieces after minus before. ``isolated``: sorted list of
        the remaining nodes that had a tie before and have none now.

    Raises
    ------
    ValueError
        If a node is not in the graph.

    Examples
    --------
    >>> impact = removal_impact(nx.star_graph(4), [0])
    >>> round(impact["loss"], 9), impact["delta_components"], impact["isolated"]
    (0.7, 3, [1, 2, 3, 4])

    Source: efficiency of Latora & Marchiori (2001), doi:10.1103/PhysRevLett.87.198701.
    """
    before, gone = simple(G), set(nodes)
    if lost := sorted(gone - set(before), key=str):
        raise ValueError(f"nodes: {lost[0]!r} is not in the graph")
    after = before.subgraph(set(before) - gone)
    return {
        "loss": global_efficiency(before) - global_efficiency(after, n=len(before)),
        "delta_components": nx.number_connected_components(after) - nx.number_connected_components(before),
        "isolated": sorted(node for node in after if before.degree(node) and not after.degree(node)),
    }


def removals(edges: pd.DataFrame, scenario: str) -> pd.DataFrame:
    """What is lost when one body of a scenario is taken out: each in turn, with all and with formal ties.

    All layers count together; :func:`removal_impact` says what is measured.

    Parameters
    ----------
    edges, scenario
        As in :func:`scenario_graph`.

    Returns
    -------
    DataFrame
        One row for each ``body`` and ``ties`` (:data:`ALL`, :data:`FORMAL`): ``before``, the efficiency with the body;
        ``loss`` of it without (rounded to 12 decimals, so that bodies alike tie); ``pieces``, how many more there are;
        ``isolated``, the sorted list of those left alone.

    Raises
    ------
    ValueError
        If the scenario is unknown.
    """
    rows = []
    for status, shown in STATUS.items():
        G = scenario_graph(edges, scenario, status=status)
        before = global_efficiency(G)
        for body in G:
            impact = removal_impact(G, [body])
            rows.append(
                (body, shown, before, round(impact["loss"], 12), impact["delta_components"], impact["isolated"])
            )
    return pd.DataFrame(rows, columns=["body", "ties", "before", "loss", "pieces", "isolated"])


def add_forum(G: nx.Graph, members: Iterable[Hashable], name: Hashable) -> tuple[nx.Graph, int]:
    """Join the members through a new body in the middle.

    Returns
    -------
    (Graph, int)
        A new graph, and the ties that a forum of n members has to keep up: n.

    Raises
    ------
    ValueError
        If ``name`` is in the graph already, or a member is not.
    """
    H, members = simple(G), _members(G, members)
    if name in H:
        raise ValueError(f"name: {name!r} is in the graph already")
    H.add_edges_from((name, member) for member in members)
    H.add_node(name)
    return H, len(members)


def add_clique(G: nx.Graph, members: Iterable[Hashable]) -> tuple[nx.Graph, int]:
    """Join each member to each other.

    Returns
    -------
    (Graph, int)
        A new graph, and the ties that n members who all deal with each other have to keep up: n (n - 1) / 2, those that
        were there already included.

    Raises
    ------
    ValueError
        If a member is not in the graph.
    """
    H, members = simple(G), _members(G, members)
    H.add_edges_from(combinations(members, 2))
    return H, len(members) * (len(members) - 1) // 2


def _members(G: nx.Graph, members: Iterable[Hashable]) -> list[Hashable]:
    members = list(dict.fromkeys(members))
    for member in members:
        if member not in G:
            raise ValueError(f"members: {member!r} is not in the graph")
    return members


# --- what chance alone would give -------------------------------------------------------------------------------------


def rewired(G: nx.Graph, n_swaps: int, rng: np.random.Generator) -> nx.Graph:
    """A random graph in which every node keeps its number of ties.

    ``n_swaps`` times, two ties a-b and c-d are drawn, the second in a random direction, and become a-d and c-b; where
    that would make a self-loop or double a tie, the attempt leaves the graph as it is. Attempts are counted, not
    successes: a star or a complete graph has no legal swap and comes back unchanged.

    Source: Maslov & Sneppen (2002), doi:10.1126/science.1065103.
    """
    H = simple(G)
    ties = sorted(tuple(sorted(tie)) for tie in H.edges())
    if len(ties) < 2:
        return H
    for _ in range(n_swaps):
        i, j = rng.choice(len(ties), size=2, replace=False)
        (a, b), (c, d) = ties[i], ties[j]
        if rng.random() < 0.5:
            c, d = d, c
        if len({a, b, c, d}) < 4 or H.has_edge(a, d) or H.has_edge(c, b):
            continue
        H.remove_edges_from([(a, b), (c, d)])
        H.add_edges_from([(a, d), (c, b)])
        ties[i], ties[j] = (a, d), (c, b)
    return H


def betweenness_by_chance(G: nx.Graph, n_sim: int, n_swaps: int, seed: int) -> pd.DataFrame:
    """Betweenness of each node, and the middle 95% of what it has in random graphs with the same degrees.

    Parameters
    ----------
    G
        The graph.
    n_sim
        Simulated graphs.
    n_swaps
        Attempted swaps for each of them (see :func:`rewired`), each starting from ``G``.
    seed
        For ``numpy.random.default_rng``.

    Returns
    -------
    DataFrame
        ``body``, ``betweenness``, ``low`` and ``high`` (2.5% and 97.5% quantile), from the strongest broker to the weakest.

    Raises
    ------
    ValueError
        If ``n_swaps`` is negative or ``n_sim`` less than 1.

    Source: Maslov & Sneppen (2002), doi:10.1126/science.1065103.
    """
    refuse("n_swaps", n_swaps, n_swaps < 0, "is negative")
    refuse("n_sim", n_sim, n_sim < 1, "is less than 1")
    rng = np.random.default_rng(seed)
    seen = betweenness(G)
    drawn = pd.DataFrame([betweenness(rewired(G, n_swaps, rng)) for _ in range(n_sim)])[list(seen.index)]
    return pd.DataFrame(
        {
            "body": list(seen.index),
            "betweenness": seen.to_numpy(),
            "low": drawn.quantile(0.025).to_numpy(),
            "high": drawn.quantile(0.975).to_numpy(),
        }
    )


def swap_pvalue(
    G: nx.Graph, stat: Callable[[nx.Graph], float], n_swaps: int = 200, n_sim: int = 500, seed: int = 0
) -> float:
    """How often a random graph with the same degrees has a statistic as high as this graph's.

    It says whether the arrangement of the ties is more than the number of ties of each node would lead to expect. It
    can say nothing about degrees, which it holds fixed: degree centralisation has p = 1 in every graph. Nor does it
    compare two graphs.

    Parameters
    ----------
    stat
        A function of a graph that gives a number.
    n_swaps
        Attempted swaps for each simulated graph, each starting from ``G``.
    n_sim
        Simulated graphs.
    seed
        For ``numpy.random.default_rng``.

    Returns
    -------
    float
        (1 + number of simulated graphs with a statistic >= the observed one - 1e-12) / (1 + n_sim): one-sided, above 0
        and at most 1. nan if the observed statistic is nan; a simulated nan does not count as high.

    Raises
    ------
    ValueError
        If ``n_swaps`` is negative or ``n_sim`` less than 1.

    Source: Maslov & Sneppen (2002), doi:10.1126/science.1065103.
    """
    refuse("n_swaps", n_swaps, n_swaps < 0, "is negative")
    refuse("n_sim", n_sim, n_sim < 1, "is less than 1")
    rng = np.random.default_rng(seed)
    observed = stat(simple(G))
    if np.isnan(observed):
        return np.nan
    high = sum(stat(rewired(G, n_swaps, rng)) >= observed - NOISE for _ in range(n_sim))
    return (1 + high) / (1 + n_sim)
