"""Answers to exercise 2, *Who answers to whom?*: right in many ways, and wrong in the ways of students."""

import networkx as nx
import numpy as np
import pandas as pd

from integrated_care.networks import simple

from . import BOUNDARY, CONSTANT, EDGE, MISCONCEPTION, MUTATES, Bank, Sample

BANK = Bank(__file__)

CENTRALISATION = BANK.task("degree_centralisation")


@CENTRALISATION.right("a loop over sets of neighbours")
def degree_centralisation(G):
    friends = {node: set() for node in G}
    for u, v in G.edges():
        if u != v:
            friends[u].add(v)
            friends[v].add(u)
    n = len(friends)
    if n < 3:
        return float("nan")
    most = max(len(near) for near in friends.values())
    short = 0
    for near in friends.values():
        short += most - len(near)
    return short / ((n - 1) * (n - 2))


@CENTRALISATION.right("networkx's degree centrality, scaled")
def degree_centralisation(G):
    H = simple(G)
    n = H.number_of_nodes()
    if n <= 2:
        return np.nan
    c = pd.Series(nx.degree_centrality(H))
    return (c.max() - c).sum() / (n - 2)


@CENTRALISATION.right("a list of degrees")
def degree_centralisation(G):
    H = simple(G)
    n = len(H)
    if n < 3:
        return float("nan")
    d = [k for _, k in H.degree()]
    return sum(max(d) - k for k in d) / ((n - 1) * (n - 2))


@CENTRALISATION.wrong(
    "reciprocal and parallel edges count twice", MISCONCEPTION, loses="edges", says="Make the graph simple first"
)
def degree_centralisation(G):
    n = len(G)
    if n < 3:
        return float("nan")
    d = np.array([k for _, k in G.degree()])
    return float((d.max() - d).sum()) / ((n - 1) * (n - 2))


@CENTRALISATION.wrong("density taken for centralisation", MISCONCEPTION, says="That is the density")
def degree_centralisation(G):
    H = simple(G)
    return nx.density(H) if len(H) > 2 else float("nan")


CENTRALISATION.slip(
    "divided by n(n - 1)",
    MISCONCEPTION,
    of="a list of degrees",
    change={"(n - 1) * (n - 2)": "n * (n - 1)"},
    says="You divided by n(n - 1)",
)

CENTRALISATION.slip(
    "three nodes are thought too few",
    BOUNDARY,
    of="a list of degrees",
    change={"n < 3": "n <= 3"},
    loses="edges",
    says="expected 1, got nan",
)

CENTRALISATION.slip(
    "isolates are left out",
    EDGE,
    of="a list of degrees",
    change={"n = len(H)": "H.remove_nodes_from(list(nx.isolates(H)))\n    n = len(H)"},
    loses="edges",
    says="An isolate counts as a node",
)

CENTRALISATION.slip(
    "0 where there is no answer",
    EDGE,
    of="a list of degrees",
    change={'float("nan")': "0.0"},
    loses="edges",
    says="nan, not 0",
)

CENTRALISATION.slip(
    "the self-loops are taken out of the student's own graph",
    MUTATES,
    of="a list of degrees",
    change={"H = simple(G)": "G.remove_edges_from(list(nx.selfloop_edges(G)))\n    H = simple(G)"},
    loses="edges",
    says="changed the graph that was passed in",
)


@CENTRALISATION.wrong("the worked example typed in", CONSTANT, says="expected 7 / 12")
def degree_centralisation(G):
    return {4: 1 / 3}.get(len(G), float(nx.is_tree(simple(G))) if len(G) > 2 else float("nan"))


@CENTRALISATION.wrong("self-loops are kept", EDGE, loses="edges", says="a self-loop is a star")
def degree_centralisation(G):
    H = nx.Graph(G)
    n = len(H)
    if n < 3:
        return float("nan")
    degrees = np.array([d for _, d in H.degree()])
    return (degrees.max() - degrees).sum() / ((n - 1) * (n - 2))


@CENTRALISATION.wrong("max() of no degrees", EDGE, loses="edges", says="0 nodes stopped it")
def degree_centralisation(G):
    H = simple(G)
    n = len(H)
    most = max(d for _, d in H.degree())
    return sum(most - d for _, d in H.degree()) / ((n - 1) * (n - 2)) if n > 2 else float("nan")


BROKERS = BANK.task("top_brokers")


@BROKERS.right("sorted with a key of two parts")
def top_brokers(G, k):
    share = nx.betweenness_centrality(simple(G), normalized=True)
    pairs = [(node, round(value, 12)) for node, value in share.items()]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]


@BROKERS.right("shortest paths counted by hand")
def top_brokers(G, k):
    H = simple(G)
    n = len(H)
    score = dict.fromkeys(H, 0.0)
    names = sorted(H)
    for i, s in enumerate(names):
        for t in names[i + 1 :]:
            if nx.has_path(H, s, t):
                paths = list(nx.all_shortest_paths(H, s, t))
                for path in paths:
                    for node in path[1:-1]:
                        score[node] += 1 / len(paths)
    pairs = (n - 1) * (n - 2) / 2
    if n > 2:
        score = {node: round(value / pairs, 12) for node, value in score.items()}
    names.sort(key=lambda node: -score[node])
    return [(node, score[node]) for node in names[:k]]


def matrix(G):
    place = {node: i for i, node in enumerate(G)}
    A = np.zeros((len(place), len(place)))
    for u, v in G.edges():
        A[place[u], place[v]] = A[place[v], place[u]] = 1
    np.fill_diagonal(A, 0)
    return A


@BROKERS.right("distances and numbers of paths in matrices", using=[matrix])
def top_brokers(G, k):
    A = matrix(G)
    n = len(A)
    steps = np.full((n, n), np.inf)
    np.fill_diagonal(steps, 0)
    count = np.eye(n)
    walks = np.eye(n)
    for length in range(1, n):
        walks = walks @ A
        first = (walks > 0) & np.isinf(steps)  # reached now for the first time: these walks are shortest paths
        steps[first] = length
        count[first] = walks[first]
        walks = np.minimum(walks, 1e300) if first.any() else walks * 0
    total = []
    for v in range(n):
        through = steps[:, [v]] + steps[[v], :]
        on = (through == steps) & np.isfinite(steps)
        shares = np.where(on, count[:, [v]] * count[[v], :] / np.where(count > 0, count, 1), 0)
        shares = np.delete(np.delete(shares, v, axis=0), v, axis=1)
        np.fill_diagonal(shares, 0)
        total.append(shares.sum() / ((n - 1) * (n - 2)) if n > 2 else 0)
    table = pd.DataFrame({"node": list(G), "value": np.round(np.array(total, dtype=float), 12)})
    table = table.sort_values(["value", "node"], ascending=[False, True]).head(k)
    return [(node, float(value)) for node, value in zip(table["node"], table["value"])]


@BROKERS.wrong("the bodies with most ties", MISCONCEPTION, loses="tests", says="by degree?")
def top_brokers(G, k):
    H = simple(G)
    share = nx.betweenness_centrality(H)
    order = sorted(H, key=lambda node: (-H.degree(node), node))
    return [(node, round(share[node], 12)) for node in order[:k]]


@BROKERS.wrong("paths counted, not their share", MISCONCEPTION, says="take the share of paths")
def top_brokers(G, k):
    share = nx.betweenness_centrality(simple(G), normalized=False)
    pairs = [(node, round(value, 12)) for node, value in share.items()]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]


@BROKERS.wrong("ties in the order of the graph", BOUNDARY, says="so they stand by name")
def top_brokers(G, k):
    share = nx.betweenness_centrality(simple(G))
    pairs = [(node, round(value, 12)) for node, value in share.items()]
    return sorted(pairs, key=lambda pair: -pair[1])[:k]


@BROKERS.wrong("compared before rounding", BOUNDARY, loses="edges", says="Round to 12 decimals before you compare")
def top_brokers(G, k):
    share = nx.betweenness_centrality(simple(G))
    order = sorted(share, key=lambda node: (-share[node], node))
    return [(node, round(share[node], 12)) for node in order[:k]]


@BROKERS.wrong("directions are obeyed", EDGE, loses="edges", says="Read as undirected")
def top_brokers(G, k):
    share = nx.betweenness_centrality(nx.DiGraph(G) if G.is_directed() else nx.Graph(G))
    pairs = [(node, round(value, 12)) for node, value in share.items()]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]


@BROKERS.wrong("only the largest piece", EDGE, loses="edges", says="Every node belongs in the list")
def top_brokers(G, k):
    H = simple(G)
    H = H.subgraph(max(nx.connected_components(H), key=len))
    share = nx.betweenness_centrality(H)
    pairs = [(node, round(value, 12)) for node, value in share.items()]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]


@BROKERS.wrong("k taken at its word", EDGE, loses="edges", says="return all of them")
def top_brokers(G, k):
    share = nx.betweenness_centrality(simple(G))
    pairs = [(node, round(value, 12)) for node, value in share.items()]
    pairs = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
    return [pairs[i] for i in range(k)]


@BROKERS.wrong("the worked example typed in", CONSTANT, says="b has only two ties")
def top_brokers(G, k):
    return [("province", 2 / 3), ("region", 2 / 3), ("clinic", 0.0), ("ministry", 0.0)][:k]


@BROKERS.wrong("isolates lost, for ties only", EDGE, loses="edges", says="Every node belongs in the list, isolates too")
def top_brokers(G, k):
    H = nx.Graph([(u, v) for u, v in G.edges() if u != v])
    between = {node: round(x, 12) for node, x in nx.betweenness_centrality(H).items()}
    order = sorted(between.items(), key=lambda pair: (-pair[1], pair[0]))
    return order[:k]


@BROKERS.wrong("the last 0 is everybody", BOUNDARY, loses="tests", says="k = 0: an empty list")
def top_brokers(G, k):
    between = nx.betweenness_centrality(simple(G))
    pairs = [(node, round(value, 12)) for node, value in between.items()]
    pairs.sort(key=lambda pair: pair[0], reverse=True)
    pairs.sort(key=lambda pair: pair[1])
    return pairs[-k:][::-1]


@BROKERS.wrong("nan for two nodes", EDGE, loses="edges", says="Two nodes stand between nobody")
def top_brokers(G, k):
    H = simple(G)
    share = nx.betweenness_centrality(H)
    pairs = [(node, round(value, 12) if len(H) > 2 else np.nan) for node, value in share.items()]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]


EI = BANK.task("ei_index")


@EI.right("the mean of a column of yes and no")
def ei_index(G, sector):
    if any(node not in sector for node in G):
        raise ValueError("a node has no sector")
    crosses = [sector[u] != sector[v] for u, v in simple(G).edges()]
    return 2 * np.mean(crosses) - 1 if crosses else np.nan


@EI.right("a matrix of same sectors")
def ei_index(G, sector):
    H = simple(G)
    names = list(H)
    try:
        home = np.array([str(sector[node]) for node in names])
    except KeyError as error:
        raise ValueError(f"no sector for {error}") from None
    tied = nx.to_numpy_array(H, nodelist=names) if names else np.zeros((0, 0))
    same = home[:, None] == home[None, :]
    inside, between = tied[same].sum(), tied[~same].sum()
    if inside + between == 0:
        return float("nan")
    return float((between - inside) / (between + inside))


def pairs(G):
    return list(simple(G).edges())


def inside(edges, sector):
    return sum(sector[u] == sector[v] for u, v in edges)


@EI.right("helpers called pairs and inside", using=(pairs, inside))
def ei_index(G, sector):
    if set(G) - set(sector):
        raise ValueError("a node has no sector")
    edges = pairs(G)
    kept = inside(edges, sector)
    return (len(edges) - 2 * kept) / len(edges) if edges else float("nan")


@EI.wrong("internal minus external", MISCONCEPTION, loses="tests", says="external minus internal")
def ei_index(G, sector):
    if any(node not in sector for node in G):
        raise ValueError("a node has no sector")
    crosses = [sector[u] != sector[v] for u, v in simple(G).edges()]
    return 1 - 2 * np.mean(crosses) if crosses else np.nan


@EI.wrong("the share of external ties", MISCONCEPTION, says="That is the share of external ties")
def ei_index(G, sector):
    if any(node not in sector for node in G):
        raise ValueError("a node has no sector")
    crosses = [sector[u] != sector[v] for u, v in simple(G).edges()]
    return np.mean(crosses) if crosses else np.nan


@EI.wrong("a reciprocal edge counts twice", BOUNDARY, loses="edges", says="are one tie")
def ei_index(G, sector):
    if any(node not in sector for node in G):
        raise ValueError("a node has no sector")
    crosses = [sector[u] != sector[v] for u, v in G.edges() if u != v]
    return 2 * np.mean(crosses) - 1 if crosses else np.nan


@EI.wrong("only tied nodes need a sector", EDGE, loses="edges", says="also where it has no ties")
def ei_index(G, sector):
    H = simple(G)
    if any(node not in sector for tie in H.edges() for node in tie):
        raise ValueError("a node has no sector")
    crosses = [sector[u] != sector[v] for u, v in H.edges()]
    return 2 * np.mean(crosses) - 1 if crosses else np.nan


@EI.wrong("a KeyError for a missing sector", EDGE, loses="edges", says="raise ValueError, not KeyError")
def ei_index(G, sector):
    kinds = [sector[node] for node in G]
    crosses = [sector[u] != sector[v] for u, v in simple(G).edges()]
    return 2 * np.mean(crosses) - 1 if crosses else np.nan


@EI.wrong("a division by 0", EDGE, loses="edges", says="you divide by 0")
def ei_index(G, sector):
    if any(node not in sector for node in G):
        raise ValueError("a node has no sector")
    E = sum(sector[u] != sector[v] for u, v in simple(G).edges())
    I = simple(G).number_of_edges() - E
    return (E - I) / (E + I)


@EI.wrong("sectors of other nodes thrown out of the dict", MUTATES, loses="edges", says="changed what was passed in")
def ei_index(G, sector):
    if any(node not in sector for node in G):
        raise ValueError("a node has no sector")
    for node in list(sector):
        if node not in G:
            del sector[node]
    crosses = [sector[u] != sector[v] for u, v in simple(G).edges()]
    return 2 * np.mean(crosses) - 1 if crosses else np.nan


@EI.wrong("the worked example typed in", CONSTANT, says="All ties inside one sector: -1")
def ei_index(G, sector):
    return 1 / 3


@EI.wrong("nan before sectors are looked at", EDGE, loses="edges", says="the error comes first, before nan")
def ei_index(G, sector):
    H = simple(G)
    if H.number_of_edges() == 0:
        return float("nan")
    if any(node not in sector for node in H):
        raise ValueError("a node has no sector")
    E = sum(sector[u] != sector[v] for u, v in H.edges())
    I = H.number_of_edges() - E
    return (E - I) / (E + I)


@EI.wrong("a self-loop is internal", EDGE, loses="edges", says="a self-loop is none")
def ei_index(G, sector):
    for node in G:
        if node not in sector:
            raise ValueError("a node has no sector")
    pairs = {tuple(sorted((u, v))) for u, v in G.edges()}
    if len(pairs) == 0:
        return float("nan")
    external = sum(1 for u, v in pairs if sector[u] != sector[v])
    internal = len(pairs) - external
    return (external - internal) / (external + internal)


@EI.wrong("sectors of other nodes refused", EDGE, says="An entry for another node does not matter")
def ei_index(G, sector):
    H = simple(G)
    if set(H) != set(sector):
        raise ValueError("sectors and nodes do not go together")
    crosses = [sector[u] != sector[v] for u, v in H.edges()]
    if not crosses:
        return float("nan")
    return 2 * np.mean(crosses) - 1


EFFECTIVE = BANK.task("effective_size")


@EFFECTIVE.right("every couple of contacts")
def effective_size(G, v):
    from itertools import combinations

    if v not in G.nodes:
        raise ValueError(f"{v!r} is not in the graph")
    H = simple(G)
    contacts = list(H[v])
    n = len(contacts)
    t = sum(H.has_edge(a, b) for a, b in combinations(contacts, 2))
    return n - 2 * t / n if n else 0


@EFFECTIVE.right("a subgraph")
def effective_size(G, v):
    H = simple(G)
    if not H.has_node(v):
        raise ValueError("no such node")
    ego = H.subgraph(H[v])
    n = ego.number_of_nodes()
    if n == 0:
        return 0.0
    return n - 2 * ego.number_of_edges() / n


@EFFECTIVE.right("Burt's own sum, with networkx on the simple graph")
def effective_size(G, v):
    H = simple(G)
    if v not in H:
        raise ValueError("no such node")
    if H.degree(v) == 0:
        return 0.0
    return nx.effective_size(H, nodes=[v])[v]


@EFFECTIVE.right("a row of the matrix on both sides")
def effective_size(G, v):
    names = sorted(G.nodes)
    if v not in names:
        raise ValueError(f"no such node: {v}")
    data = pd.DataFrame(0, index=names, columns=names)
    for pair in G.edges():
        data.loc[pair[0], pair[1]] = 1
        data.loc[pair[1], pair[0]] = 1
    A = data.to_numpy() - np.diag(np.diag(data.to_numpy()))
    mine = A[names.index(v)]
    n = mine.sum()
    if n == 0:
        return 0.0
    return float(n - mine @ A @ mine / n)


@EFFECTIVE.wrong("the number of contacts", MISCONCEPTION, says="That is the number of contacts")
def effective_size(G, v):
    if v not in G:
        raise ValueError("no such node")
    return float(simple(G).degree(v))


@EFFECTIVE.wrong("each tie among contacts counts half", MISCONCEPTION, says="You took t / n")
def effective_size(G, v):
    H = simple(G)
    if v not in H:
        raise ValueError("no such node")
    n = H.degree(v)
    return n - H.subgraph(H[v]).size() / n if n else 0.0


@EFFECTIVE.wrong("ties to the node itself count, too", BOUNDARY, says="You counted the ties to v in t as well")
def effective_size(G, v):
    H = simple(G)
    if v not in H:
        raise ValueError("no such node")
    n = H.degree(v)
    return n - 2 * H.subgraph([v, *H[v]]).size() / n if n else 0.0


@EFFECTIVE.wrong("networkx trusted with an isolate", EDGE, loses="edges", says="networkx says nan")
def effective_size(G, v):
    H = simple(G)
    if v not in H:
        raise ValueError("no such node")
    return nx.effective_size(H, nodes=[v])[v]


@EFFECTIVE.wrong("self-loops of contacts count", EDGE, loses="edges", says="Self-loops do not count")
def effective_size(G, v):
    if v not in G:
        raise ValueError("no such node")
    H = nx.Graph(G)
    contacts = set(H[v]) - {v}
    n = len(contacts)
    return n - 2 * H.subgraph(contacts).size() / n if n else 0.0


@EFFECTIVE.wrong("only those whom v points at are contacts", EDGE, loses="edges", says="Whoever points at whom")
def effective_size(G, v):
    if v not in G:
        raise ValueError("no such node")
    contacts = set(G[v]) - {v}
    n = len(contacts)
    return n - 2 * simple(G).subgraph(contacts).size() / n if n else 0.0


@EFFECTIVE.wrong("a KeyError for an unknown node", EDGE, loses="edges", says="raise ValueError")
def effective_size(G, v):
    H = simple(G)
    n = len(H[v])
    return n - 2 * H.subgraph(H[v]).size() / n if n else 0.0


@EFFECTIVE.wrong(
    "the self-loops are taken out of the student's own graph",
    MUTATES,
    loses="edges",
    says="changed the graph that was passed in",
)
def effective_size(G, v):
    if v not in G:
        raise ValueError("no such node")
    G.remove_edges_from(list(nx.selfloop_edges(G)))
    H = simple(G)
    n = H.degree(v)
    return n - 2 * H.subgraph(H[v]).size() / n if n else 0.0


@EFFECTIVE.wrong("the worked example typed in", CONSTANT, says="Five contacts who do not know each other")
def effective_size(G, v):
    return 3


@EFFECTIVE.wrong("a contact of its own", EDGE, loses="edges", says="Self-loops do not count")
def effective_size(G, v):
    from itertools import combinations

    if v not in G:
        raise ValueError("v is not in the graph")
    H = nx.Graph(G)
    contacts = list(H.neighbors(v))
    n = len(contacts)
    if n == 0:
        return 0.0
    t = sum(H.has_edge(x, y) for x, y in combinations(contacts, 2))
    return n - 2 * t / n


@EFFECTIVE.wrong("an unknown node is an isolate", EDGE, loses="edges", says="The node is not in the graph")
def effective_size(G, v):
    H = simple(G)
    if v not in H or H.degree(v) == 0:
        return 0.0
    contacts = set(H[v])
    n = len(contacts)
    twice_t = sum(len(set(H[x]) & contacts) for x in contacts)
    return n - twice_t / n


OVERLAP = BANK.task("layer_overlap")


@OVERLAP.right("sets of sorted tuples, in a loop")
def layer_overlap(edges, a, b):
    pairs = {a: set(), b: set()}
    for row in edges.itertuples():
        if row.layer in pairs and row.source != row.target:
            pairs[row.layer].add(tuple(sorted([row.source, row.target])))
    either = pairs[a] | pairs[b]
    return len(pairs[a] & pairs[b]) / len(either) if either else float("nan")


@OVERLAP.right("two graphs")
def layer_overlap(edges, a, b):
    graphs = []
    for layer in (a, b):
        rows = edges[(edges["layer"] == layer) & (edges["source"] != edges["target"])]
        graphs.append(nx.Graph(list(zip(rows["source"], rows["target"]))))
    G, H = graphs
    both = sum(H.has_edge(u, v) for u, v in G.edges())
    either = G.size() + H.size() - both
    return both / either if either else np.nan


@OVERLAP.right("layers counted for each pair")
def layer_overlap(edges, a, b):
    data = edges.loc[
        edges["layer"].isin([a, b]) & (edges["source"] != edges["target"]), ["layer", "source", "target"]
    ].reset_index(drop=True)
    swap = data["source"] > data["target"]
    data["lo"] = data["source"].where(~swap, data["target"])
    data["hi"] = data["target"].where(~swap, data["source"])
    layers = data.groupby(["lo", "hi"])["layer"].nunique()
    if len(layers) == 0:
        return np.nan
    return float((layers == 2).mean())


@OVERLAP.wrong("directed pairs", MISCONCEPTION, says="You compared directed pairs")
def layer_overlap(edges, a, b):
    x, y = (
        {(u, v) for u, v in zip(rows["source"], rows["target"]) if u != v}
        for rows in (edges[edges["layer"] == layer] for layer in (a, b))
    )
    return len(x & y) / len(x | y) if x | y else float("nan")


@OVERLAP.wrong("divided by the smaller layer", MISCONCEPTION, says="divide by the pairs on at least one")
def layer_overlap(edges, a, b):
    x, y = (
        {frozenset(t) for t in zip(rows["source"], rows["target"]) if t[0] != t[1]}
        for rows in (edges[edges["layer"] == layer] for layer in (a, b))
    )
    if not x | y:
        return float("nan")
    return len(x & y) / min(len(x), len(y)) if x and y else 0.0


@OVERLAP.wrong("bodies compared, not pairs", MISCONCEPTION, says="compare pairs of bodies")
def layer_overlap(edges, a, b):
    x, y = ({*rows["source"], *rows["target"]} for rows in (edges[edges["layer"] == layer] for layer in (a, b)))
    return len(x & y) / len(x | y) if x | y else float("nan")


@OVERLAP.wrong("the common pairs counted twice below the line", BOUNDARY, says="counts the common pairs twice")
def layer_overlap(edges, a, b):
    x, y = (
        {frozenset(t) for t in zip(rows["source"], rows["target"]) if t[0] != t[1]}
        for rows in (edges[edges["layer"] == layer] for layer in (a, b))
    )
    return len(x & y) / (len(x) + len(y)) if x or y else float("nan")


@OVERLAP.wrong("self-pairs are pairs", EDGE, loses="edges", says="A body tied to itself is no pair")
def layer_overlap(edges, a, b):
    x, y = (
        {frozenset(t) for t in zip(rows["source"], rows["target"])}
        for rows in (edges[edges["layer"] == layer] for layer in (a, b))
    )
    return len(x & y) / len(x | y) if x | y else float("nan")


@OVERLAP.wrong("0 where neither layer has pairs", EDGE, loses="edges", says="Neither layer has a pair: nan")
def layer_overlap(edges, a, b):
    x, y = (
        {frozenset(t) for t in zip(rows["source"], rows["target"]) if t[0] != t[1]}
        for rows in (edges[edges["layer"] == layer] for layer in (a, b))
    )
    return len(x & y) / max(len(x | y), 1)


@OVERLAP.wrong(
    "source and target sorted in the table that was passed in",
    MUTATES,
    loses="edges",
    says="changed the table that was passed in",
)
def layer_overlap(edges, a, b):
    low = edges[["source", "target"]].min(axis=1)
    high = edges[["source", "target"]].max(axis=1)
    edges["source"], edges["target"] = low, high
    x, y = (
        {t for t in zip(rows["source"], rows["target"]) if t[0] != t[1]}
        for rows in (edges[edges["layer"] == layer] for layer in (a, b))
    )
    return len(x & y) / len(x | y) if x | y else float("nan")


@OVERLAP.wrong("the worked example typed in", CONSTANT, says="share one pair of four")
def layer_overlap(edges, a, b):
    return 0.5


@OVERLAP.wrong("rows counted above the line", BOUNDARY, loses="edges", says="A pair that stands twice counts once")
def layer_overlap(edges, a, b):
    rows_a = edges[edges["layer"] == a]
    rows_b = edges[edges["layer"] == b]
    pairs_a = [frozenset(p) for p in zip(rows_a["source"], rows_a["target"]) if p[0] != p[1]]
    pairs_b = [frozenset(p) for p in zip(rows_b["source"], rows_b["target"]) if p[0] != p[1]]
    either = set(pairs_a + pairs_b)
    if not either:
        return float("nan")
    both = [pair for pair in pairs_a if pair in pairs_b]
    return len(both) / len(either)


@OVERLAP.wrong("two names run together", BOUNDARY, loses="edges", says="Keep the two names apart")
def layer_overlap(edges, a, b):
    edges = edges[edges["source"] != edges["target"]]
    pair = np.array(["".join(sorted([u, v])) for u, v in zip(edges["source"], edges["target"])], dtype=object)
    first = set(pair[(edges["layer"] == a).to_numpy()])
    second = set(pair[(edges["layer"] == b).to_numpy()])
    if not first and not second:
        return float("nan")
    return len(first & second) / len(first | second)


@OVERLAP.wrong("rows asked, not pairs", EDGE, loses="edges", says="Only self-pairs on both layers: nan")
def layer_overlap(edges, a, b):
    rows_a = edges[edges["layer"] == a]
    rows_b = edges[edges["layer"] == b]
    if len(rows_a) == 0 and len(rows_b) == 0:
        return float("nan")
    pairs_a = {frozenset([u, v]) for u, v in zip(rows_a["source"], rows_a["target"]) if u != v}
    pairs_b = {frozenset([u, v]) for u, v in zip(rows_b["source"], rows_b["target"]) if u != v}
    if not pairs_a or not pairs_b:
        return 0.0
    return len(pairs_a & pairs_b) / len(pairs_a | pairs_b)


REMOVAL = BANK.task("removal_impact")


@REMOVAL.right("networkx's efficiency, put right")
def removal_impact(G, nodes):
    H = simple(G)
    for node in nodes:
        if node not in H:
            raise ValueError(f"{node} is not in the graph")
    K = H.subgraph([node for node in H if node not in nodes]).copy()
    n, m = len(H), len(K)
    before = nx.global_efficiency(H) if n > 1 else 0.0
    after = nx.global_efficiency(K) * m * (m - 1) / (n * (n - 1)) if m > 1 else 0.0
    return {
        "loss": before - after,
        "delta_components": nx.number_connected_components(K) - nx.number_connected_components(H),
        "isolated": sorted(set(nx.isolates(K)) - set(nx.isolates(H))),
    }


@REMOVAL.right("breadth first, with nothing but sets")
def removal_impact(G, nodes):
    friends = {node: set() for node in G}
    for u, v in G.edges():
        if u != v:
            friends[u].add(v)
            friends[v].add(u)
    if not set(nodes) <= set(friends):
        raise ValueError("unknown node")
    n = len(friends)

    def walk(near):
        total, pieces, seen = 0.0, 0, set()
        for start in near:
            pieces += start not in seen
            reached, ring, far = {start}, {start}, 0
            while ring:
                far += 1
                ring = set().union(*(near[node] for node in ring)) - reached
                reached |= ring
                total += len(ring) / far
            seen |= reached
        return (total / (n * (n - 1)) if n > 1 else 0.0), pieces

    left = {node: near - set(nodes) for node, near in friends.items() if node not in set(nodes)}
    (e0, p0), (e1, p1) = walk(friends), walk(left)
    alone = [node for node in sorted(left) if friends[node] and not left[node]]
    return {"loss": e0 - e1, "delta_components": p1 - p0, "isolated": alone}


def matrix(G, names):
    place = {node: i for i, node in enumerate(names)}
    A = np.zeros((len(names), len(names)))
    for u, v in G.edges():
        if u in place and v in place and u != v:
            A[place[u], place[v]] = A[place[v], place[u]] = 1
    return A


def closeness(A):
    if len(A) == 0:
        return 0.0
    from scipy.sparse.csgraph import shortest_path

    steps = shortest_path(A, unweighted=True, directed=False)
    np.fill_diagonal(steps, np.inf)
    return (1 / steps).sum()


def pieces(A):
    from scipy.sparse.csgraph import connected_components

    return int(connected_components(A, directed=False)[0]) if len(A) else 0


@REMOVAL.right(
    "shortest paths by scipy",
    using=[matrix, closeness, pieces],
)
def removal_impact(G, nodes):
    for node in nodes:
        if not G.has_node(node):
            raise ValueError("unknown node")
    names = sorted(G)
    rest = [name for name in names if name not in nodes]
    A, B = matrix(G, names), matrix(G, rest)
    n = len(names)
    before = pd.Series(A.sum(axis=1), index=names)
    after = pd.Series(B.sum(axis=1), index=rest)
    lonely = after.index[(after == 0) & (before.reindex(rest) > 0)].tolist()
    loss = (closeness(A) - closeness(B)) / (n * (n - 1)) if n > 1 else 0.0
    return {"loss": float(loss), "delta_components": pieces(B) - pieces(A), "isolated": lonely}


@REMOVAL.wrong("divided by the new number of pairs", MISCONCEPTION, says="you divided by the new number of pairs")
def removal_impact(G, nodes):
    H = simple(G)
    if any(node not in H for node in nodes):
        raise ValueError("unknown node")
    K = H.copy()
    K.remove_nodes_from(set(nodes))
    return {
        "loss": nx.global_efficiency(H) - nx.global_efficiency(K),
        "delta_components": nx.number_connected_components(K) - nx.number_connected_components(H),
        "isolated": sorted(set(nx.isolates(K)) - set(nx.isolates(H))),
    }


@REMOVAL.wrong("the loss as a share of what there was", MISCONCEPTION, says="as a share of the efficiency before")
def removal_impact(G, nodes):
    H = simple(G)
    if any(node not in H for node in nodes):
        raise ValueError("unknown node")
    K = H.subgraph(set(H) - set(nodes))
    n, m = len(H), len(K)
    before = nx.global_efficiency(H)
    after = nx.global_efficiency(K) * m * (m - 1) / (n * (n - 1)) if n > 1 else 0.0
    return {
        "loss": 1 - after / before if before else 0.0,
        "delta_components": nx.number_connected_components(K) - nx.number_connected_components(H),
        "isolated": sorted(set(nx.isolates(K)) - set(nx.isolates(H))),
    }


@REMOVAL.wrong("pieces after, not the change", BOUNDARY, loses="edges", says="That is the number of pieces after")
def removal_impact(G, nodes):
    H = simple(G)
    if any(node not in H for node in nodes):
        raise ValueError("unknown node")
    K = H.subgraph(set(H) - set(nodes))
    n, m = len(H), len(K)
    after = nx.global_efficiency(K) * m * (m - 1) / (n * (n - 1)) if n > 1 else 0.0
    return {
        "loss": nx.global_efficiency(H) - after,
        "delta_components": nx.number_connected_components(K),
        "isolated": sorted(set(nx.isolates(K)) - set(nx.isolates(H))),
    }


@REMOVAL.wrong("whoever is alone afterwards counts as newly isolated", EDGE, loses="edges", says="z had no tie before")
def removal_impact(G, nodes):
    H = simple(G)
    if any(node not in H for node in nodes):
        raise ValueError("unknown node")
    K = H.subgraph(set(H) - set(nodes))
    n, m = len(H), len(K)
    after = nx.global_efficiency(K) * m * (m - 1) / (n * (n - 1)) if n > 1 else 0.0
    return {
        "loss": nx.global_efficiency(H) - after,
        "delta_components": nx.number_connected_components(K) - nx.number_connected_components(H),
        "isolated": sorted(nx.isolates(K)),
    }


@REMOVAL.wrong("a node that is not there is passed over", EDGE, loses="edges", says="networkx removes it in silence")
def removal_impact(G, nodes):
    H = simple(G)
    K = H.subgraph(set(H) - set(nodes))
    n, m = len(H), len(K)
    after = nx.global_efficiency(K) * m * (m - 1) / (n * (n - 1)) if n > 1 else 0.0
    return {
        "loss": nx.global_efficiency(H) - after,
        "delta_components": nx.number_connected_components(K) - nx.number_connected_components(H),
        "isolated": sorted(set(nx.isolates(K)) - set(nx.isolates(H))),
    }


@REMOVAL.wrong("taken out of the student's own graph", MUTATES, says="changed the graph that was passed in")
def removal_impact(G, nodes):
    H = simple(G)
    if any(node not in H for node in nodes):
        raise ValueError("unknown node")
    n = len(H)
    G.remove_nodes_from(set(nodes))
    K = simple(G)
    m = len(K)
    after = nx.global_efficiency(K) * m * (m - 1) / (n * (n - 1)) if n > 1 else 0.0
    return {
        "loss": nx.global_efficiency(H) - after,
        "delta_components": nx.number_connected_components(K) - nx.number_connected_components(H),
        "isolated": sorted(set(nx.isolates(K)) - set(nx.isolates(H))),
    }


@REMOVAL.wrong("the worked example typed in", CONSTANT, says="Chain of four without b")
def removal_impact(G, nodes):
    if nodes == ["hub"]:
        return {"loss": 0.7, "delta_components": 3, "isolated": ["a", "b", "c", "d"]}
    return {"loss": 0.25, "delta_components": 0, "isolated": []}


@REMOVAL.wrong("a node named twice is unknown", BOUNDARY, loses="edges", says="named twice is taken out once")
def removal_impact(G, nodes):
    if len([v for v in G if v in nodes]) != len(nodes):
        raise ValueError("a node is not in the graph")
    H = simple(G)
    rest = H.subgraph([v for v in H if v not in nodes]).copy()
    n = len(H)

    def total(K):
        return sum(1 / d for u, steps in nx.all_pairs_shortest_path_length(K) for d in steps.values() if d > 0)

    return {
        "loss": (total(H) - total(rest)) / (n * (n - 1)) if n > 1 else 0.0,
        "delta_components": len(list(nx.connected_components(rest))) - len(list(nx.connected_components(H))),
        "isolated": sorted(v for v in nx.isolates(rest) if H.degree(v) > 0),
    }


@REMOVAL.wrong("a self-loop was a tie before", EDGE, loses="edges", says="z had none before, so only a is newly alone")
def removal_impact(G, nodes):
    for v in nodes:
        if v not in G:
            raise ValueError("not in the graph")
    H = simple(G)
    n = len(H)
    left = H.copy()
    left.remove_nodes_from(list(nodes))

    def efficiency(K):
        if n < 2:
            return 0.0
        steps = dict(nx.all_pairs_shortest_path_length(K))
        return sum(1 / d for u in steps for v, d in steps[u].items() if u != v) / (n * (n - 1))

    return {
        "loss": efficiency(H) - efficiency(left),
        "delta_components": nx.number_connected_components(left) - nx.number_connected_components(H),
        "isolated": sorted(v for v in left if left.degree(v) == 0 and G.degree(v) > 0),
    }


@REMOVAL.wrong("one node divides by 0", EDGE, loses="edges", says="1 of 1 nodes are taken out, and that stopped it")
def removal_impact(G, nodes):
    H = simple(G)
    if not set(nodes) <= set(H):
        raise ValueError("not in the graph")
    K = H.subgraph(set(H) - set(nodes))
    n, m = len(H), len(K)
    after = nx.global_efficiency(K) * m * (m - 1) / (n * (n - 1))
    return {
        "loss": nx.global_efficiency(H) - after,
        "delta_components": nx.number_connected_components(K) - nx.number_connected_components(H),
        "isolated": sorted(v for v in K if K.degree(v) == 0 and H.degree(v) > 0),
    }


FORUM = BANK.task("add_forum")


@FORUM.right("edges from a star")
def add_forum(G, members, name):
    chosen = list(dict.fromkeys(members))
    if G.has_node(name):
        raise ValueError(f"{name} is taken")
    for member in chosen:
        if not G.has_node(member):
            raise ValueError(f"{member} is unknown")
    H = nx.Graph(G)
    nx.add_star(H, [name, *chosen])
    return H, len(chosen)


@FORUM.right("a new graph from a list of ties")
def add_forum(G, members, name):
    assert_known = set(members) - set(G)
    if assert_known or name in set(G):
        raise ValueError("a name does not fit")
    H = nx.Graph()
    H.add_nodes_from([*G, name])
    H.add_edges_from([*G.edges(), *((name, member) for member in set(members))])
    return (H, H.degree(name))


@FORUM.wrong("a mesh as well as a forum", MISCONCEPTION, says="You tied the members to each other as well")
def add_forum(G, members, name):
    chosen = list(dict.fromkeys(members))
    if name in G or any(member not in G for member in chosen):
        raise ValueError("a name does not fit")
    H = G.copy()
    H.add_node(name)
    everybody = [name, *chosen]
    H.add_edges_from((u, v) for u in everybody for v in everybody if u < v)
    return H, len(chosen)


@FORUM.wrong("all ties of the new graph counted", MISCONCEPTION, says="3 ties to keep up")
def add_forum(G, members, name):
    chosen = list(dict.fromkeys(members))
    if name in G or any(member not in G for member in chosen):
        raise ValueError("a name does not fit")
    H = G.copy()
    H.add_node(name)
    H.add_edges_from((name, member) for member in chosen)
    return H, H.number_of_edges()


@FORUM.wrong("a member named twice counts twice", BOUNDARY, says="named twice counts once")
def add_forum(G, members, name):
    if name in G or any(member not in G for member in members):
        raise ValueError("a name does not fit")
    H = G.copy()
    H.add_node(name)
    H.add_edges_from((name, member) for member in members)
    return H, len(members)


@FORUM.wrong("a name that is taken is used again", EDGE, says="is in the graph already")
def add_forum(G, members, name):
    if any(member not in G for member in members):
        raise ValueError("unknown member")
    H = G.copy()
    H.add_node(name)
    H.add_edges_from((name, member) for member in members)
    return H, len(set(members))


@FORUM.wrong("unknown members are let in", EDGE, says="networkx would add it in silence")
def add_forum(G, members, name):
    if name in G:
        raise ValueError("the name is taken")
    H = G.copy()
    H.add_node(name)
    H.add_edges_from((name, member) for member in members)
    return H, len(set(members))


@FORUM.wrong("without members there is no forum", EDGE, says="the forum stands alone")
def add_forum(G, members, name):
    if name in G or any(member not in G for member in members):
        raise ValueError("a name does not fit")
    H = G.copy()
    H.add_edges_from((name, member) for member in members)
    return H, len(set(members))


@FORUM.wrong("built into the student's own graph", MUTATES, says="work on G.copy()")
def add_forum(G, members, name):
    if name in G or any(member not in G for member in members):
        raise ValueError("a name does not fit")
    G.add_node(name)
    G.add_edges_from((name, member) for member in members)
    return G, len(set(members))


@FORUM.wrong("the worked example typed in", CONSTANT, says="raise ValueError")
def add_forum(G, members, name):
    H = nx.path_graph(["a", "b", "c", "d"])
    H.add_edges_from((name, member) for member in "abc")
    return H, 3


@FORUM.wrong("ties outside the members are lost", MISCONCEPTION, says="what is tied outside the members stays")
def add_forum(G, members, name):
    wanted = set(members)
    if name in G or not wanted <= set(G):
        raise ValueError("name or member")
    H = nx.Graph()
    H.add_nodes_from(G)
    H.add_node(name)
    H.add_edges_from(G.subgraph(wanted).edges())
    H.add_edges_from((name, member) for member in wanted)
    return H, len(wanted)


@FORUM.wrong("name looked for among members only", EDGE, says="though b is no member")
def add_forum(G, members, name):
    members = list(dict.fromkeys(members))
    if name in members:
        raise ValueError("the name is taken")
    for member in members:
        if member not in G:
            raise ValueError("unknown member")
    H = G.copy()
    H.add_node(name)
    H.add_edges_from([(name, member) for member in members])
    return H, len(members)


@FORUM.wrong("bodies without ties are lost", EDGE, says="A node without ties is lost")
def add_forum(G, members, name):
    members = set(members)
    if name in G or members - set(G):
        raise ValueError("a name does not fit")
    H = nx.Graph(list(G.edges()) + [(name, member) for member in members])
    H.add_node(name)
    return H, len(members)


CLIQUE = BANK.task("add_clique")


@CLIQUE.right("combinations")
def add_clique(G, members):
    from itertools import combinations

    chosen = list(dict.fromkeys(members))
    if any(member not in G for member in chosen):
        raise ValueError("unknown member")
    H = G.copy()
    couples = list(combinations(chosen, 2))
    H.add_edges_from(couples)
    return H, len(couples)


@CLIQUE.right("composed with a complete graph")
def add_clique(G, members):
    chosen = sorted(set(members))
    strangers = [member for member in chosen if not G.has_node(member)]
    if strangers:
        raise ValueError(str(strangers))
    mesh = nx.complete_graph(chosen)
    return nx.compose(G, mesh), mesh.number_of_edges()


@CLIQUE.wrong("only the new ties counted", MISCONCEPTION, says="You counted the new ties only")
def add_clique(G, members):
    chosen = sorted(set(members))
    if any(member not in G for member in chosen):
        raise ValueError("unknown member")
    H = G.copy()
    H.add_edges_from((u, v) for u in chosen for v in chosen if u < v)
    return H, H.number_of_edges() - G.number_of_edges()


CLIQUE.slip(
    "each pair counted twice",
    MISCONCEPTION,
    of="only the new ties counted",
    change={"H.number_of_edges() - G.number_of_edges()": "len(chosen) * (len(chosen) - 1)"},
    says="You counted each pair twice",
)


@CLIQUE.wrong("members tied to themselves", BOUNDARY, says="A member is not tied to itself")
def add_clique(G, members):
    chosen = sorted(set(members))
    if any(member not in G for member in chosen):
        raise ValueError("unknown member")
    H = G.copy()
    H.add_edges_from((u, v) for u in chosen for v in chosen if u <= v)
    return H, len(chosen) * (len(chosen) - 1) // 2


@CLIQUE.wrong("a member named twice counts twice", BOUNDARY, says="named twice counts once")
def add_clique(G, members):
    if any(member not in G for member in members):
        raise ValueError("unknown member")
    H = G.copy()
    H.add_edges_from((u, v) for u in members for v in members if u != v)
    return H, len(members) * (len(members) - 1) // 2


@CLIQUE.wrong("unknown members are let in", EDGE, says="networkx would add it in silence")
def add_clique(G, members):
    chosen = sorted(set(members))
    H = G.copy()
    H.add_edges_from((u, v) for u in chosen for v in chosen if u < v)
    return H, len(chosen) * (len(chosen) - 1) // 2


@CLIQUE.wrong("built into the student's own graph", MUTATES, says="work on G.copy()")
def add_clique(G, members):
    chosen = sorted(set(members))
    if any(member not in G for member in chosen):
        raise ValueError("unknown member")
    G.add_edges_from((u, v) for u in chosen for v in chosen if u < v)
    return G, len(chosen) * (len(chosen) - 1) // 2


@CLIQUE.wrong("the worked example typed in", CONSTANT, says="named twice counts once")
def add_clique(G, members):
    return nx.Graph(["ab", "bc", "cd", "ac"]), 3 if len(members) == 3 else 28


@CLIQUE.wrong("all ties of the new graph counted", MISCONCEPTION, says="You counted all ties of the new graph")
def add_clique(G, members):
    if not set(members) <= set(G):
        raise ValueError("unknown member")
    H = G.copy()
    H.add_edges_from((u, v) for u in members for v in members if u != v)
    return H, H.number_of_edges()


@CLIQUE.wrong("a single stranger is not seen", EDGE, says="whatever the number of members")
def add_clique(G, members):
    from itertools import combinations

    H = G.copy()
    ties = 0
    for u, v in combinations(sorted(set(members)), 2):
        if u not in G or v not in G:
            raise ValueError("unknown member")
        H.add_edge(u, v)
        ties += 1
    return H, ties


@CLIQUE.wrong("bodies without ties are lost", EDGE, says="A node without ties is lost")
def add_clique(G, members):
    from itertools import combinations

    members = set(members)
    if members - set(G):
        raise ValueError("unknown member")
    H = nx.Graph(list(G.edges()) + list(combinations(members, 2)))
    return H, len(members) * (len(members) - 1) // 2


SWAP = BANK.task("swap_pvalue")


def _shuffle(H, n_swaps, rng):
    ties = [tuple(tie) for tie in H.edges()]
    K = H.copy()
    for _ in range(n_swaps):
        if len(ties) < 2:
            break
        i, j = rng.choice(len(ties), size=2, replace=False)
        a, b = ties[i]
        c, d = ties[j]
        if rng.random() < 0.5:
            c, d = d, c
        if a == d or c == b or K.has_edge(a, d) or K.has_edge(c, b):
            continue
        K.remove_edges_from([(a, b), (c, d)])
        K.add_edges_from([(a, d), (c, b)])
        ties[i], ties[j] = (a, d), (c, b)
    return K


@SWAP.right("a helper that shuffles one graph", using=[_shuffle])
def swap_pvalue(G, stat, n_swaps, n_sim, seed):
    rng = np.random.default_rng(seed)
    H = simple(G)
    seen = stat(H)
    high = sum(stat(_shuffle(H, n_swaps, rng)) >= seen - 1e-12 for _ in range(n_sim))
    return (1 + high) / (1 + n_sim)


@SWAP.right("networkx swaps, one at a time, whatever it says")
def swap_pvalue(G, stat, n_swaps, n_sim, seed):
    import random

    source = random.Random(seed)
    H = simple(G)
    seen = stat(H)
    high = 0
    for _ in range(n_sim):
        K = H.copy()
        for _ in range(n_swaps):
            try:
                nx.double_edge_swap(K, nswap=1, max_tries=1, seed=source.randrange(10**9))
            except nx.NetworkXException:
                pass
        high += stat(K) >= seen - 1e-12
    return (1 + high) / (1 + n_sim)


@SWAP.right("a matrix, swapped in place")
def swap_pvalue(G, stat, n_swaps, n_sim, seed):
    rng = np.random.default_rng(seed)
    H = simple(G)
    names = list(H)
    first = nx.to_numpy_array(H, nodelist=names) if names else np.zeros((0, 0))
    seen, values = stat(H), []
    for _ in range(n_sim):
        m = first.copy()
        for _ in range(n_swaps):
            rows, columns = np.nonzero(np.triu(m))
            if len(rows) < 2:
                break
            i, j = rng.permutation(len(rows))[:2]
            a, b, c, d = rows[i], columns[i], rows[j], columns[j]
            if rng.integers(2):
                c, d = d, c
            if len({a, b, c, d}) < 4 or m[a, d] or m[c, b]:
                continue
            for x, y, tied in ((a, b, 0), (c, d, 0), (a, d, 1), (c, b, 1)):
                m[x, y] = m[y, x] = tied
        K = nx.relabel_nodes(nx.from_numpy_array(m), dict(enumerate(names)))
        values.append(stat(K))
    return (1 + int(np.sum(np.array(values) >= seen - 1e-12))) / (1 + n_sim)


def pairs(G):
    return {frozenset(tie) for tie in G.edges() if len(set(tie)) == 2}


def graph(nodes, ties):
    H = nx.Graph()
    H.add_nodes_from(nodes)
    H.add_edges_from(tuple(tie) for tie in ties)
    return H


def swap(ties, rank, dice):
    """one attempt: rank is the list of ties, ties the same as a set"""
    i, j = dice.sample(range(len(rank)), 2)
    a, b = sorted(rank[i])
    c, d = dice.choice([sorted(rank[j]), sorted(rank[j], reverse=True)])
    one, two = frozenset({a, d}), frozenset({c, b})
    if len(one) == 1 or len(two) == 1 or one in ties or two in ties or one == two:
        return
    ties -= {rank[i], rank[j]}
    ties |= {one, two}
    rank[i], rank[j] = one, two


@SWAP.right("frozensets and helpers called pairs, graph and swap", using=[pairs, graph, swap])
def swap_pvalue(G, stat, n_swaps, n_sim, seed):
    import random

    dice = random.Random(seed)
    nodes = list(G)
    start = sorted(pairs(G), key=sorted)
    observed = stat(graph(nodes, start))
    high = 1
    for _ in range(n_sim):
        rank, ties = list(start), set(start)
        for _ in range(n_swaps if len(rank) > 1 else 0):
            swap(ties, rank, dice)
        high += stat(graph(nodes, rank)) >= observed - 1e-12
    return high / (n_sim + 1)


SWAP.slip(
    "a p of 0 is possible",
    MISCONCEPTION,
    of="a helper that shuffles one graph",
    change={"(1 + high) / (1 + n_sim)": "high / n_sim"},
    loses="tests",
    says="p is never 0",
)


def _shuffle(H, n_swaps, rng):
    names = sorted(H)
    couples = [(u, v) for i, u in enumerate(names) for v in names[:i]]
    if n_swaps == 0 or H.size() < 2:
        return H.copy()
    K = nx.Graph()
    K.add_nodes_from(H)
    K.add_edges_from(couples[i] for i in rng.choice(len(couples), size=H.size(), replace=False))
    return K


@SWAP.wrong(
    "ties dealt out anew, whatever the degrees",
    MISCONCEPTION,
    loses="chance",
    says="must leave each node with its number of ties",
    using=[_shuffle],
)
def swap_pvalue(G, stat, n_swaps, n_sim, seed):
    rng = np.random.default_rng(seed)
    H = simple(G)
    seen = stat(H)
    high = sum(stat(_shuffle(H, n_swaps, rng)) >= seen - 1e-12 for _ in range(n_sim))
    return (1 + high) / (1 + n_sim)


SWAP.slip(
    "only what is higher counts",
    BOUNDARY,
    of="a helper that shuffles one graph",
    change={">= seen - 1e-12": "> seen"},
    says=">=, not >",
)

SWAP.slip(
    "noise counts as a difference",
    BOUNDARY,
    of="a helper that shuffles one graph",
    change={"seen - 1e-12": "seen"},
    loses="tests",
    says="differ by less than 1e-12 are equal",
)

SWAP.slip(
    "low values counted",
    MISCONCEPTION,
    of="a helper that shuffles one graph",
    change={">= seen - 1e-12": "<= seen + 1e-12"},
    loses="tests chance",
    says="you counted the random graphs that are lower",
)

SWAP.slip(
    "the second tie is never turned round",
    EDGE,
    of="a helper that shuffles one graph",
    change={
        "K = H.copy()": "K = H.copy()\n    ties = sorted(map(tuple, map(sorted, ties)))",
        "rng.random() < 0.5": "c > d",
        "= (a, d), (c, b)": "= tuple(sorted((a, d))), tuple(sorted((c, b)))",
    },
    loses="chance",
    says="turn the second tie round half of the time",
)

SWAP.slip(
    "each random graph starts from the one before",
    EDGE,
    of="a helper that shuffles one graph",
    change={
        "seen = stat(H)": "seen, high, K = stat(H), 0, H",
        "high = sum(stat(_shuffle(H, n_swaps, rng)) >= seen - 1e-12 for _ in range(n_sim))": (
            "for _ in range(n_sim):\n        K = _shuffle(K, n_swaps, rng)\n        high += stat(K) >= seen - 1e-12"
        ),
    },
    loses="chance",
    says="start each random graph from G again",
)


@SWAP.wrong("networkx left to raise its errors", EDGE, loses="chance edges", says="A star has no legal swap")
def swap_pvalue(G, stat, n_swaps, n_sim, seed):
    H = simple(G)
    seen, high = stat(H), 0
    for i in range(n_sim):
        K = nx.double_edge_swap(H.copy(), nswap=n_swaps, max_tries=10000, seed=seed * 1000 + i)
        high += stat(K) >= seen - 1e-12
    return (1 + high) / (1 + n_sim)


SWAP.slip(
    "the seed is not used",
    EDGE,
    of="a helper that shuffles one graph",
    change={"default_rng(seed)": "default_rng()"},
    loses="edges",
    says="The same seed must give the same p",
)

SWAP.slip(
    "the reciprocal edges are taken out of the student's own graph",
    MUTATES,
    of="a helper that shuffles one graph",
    change={
        "H = simple(G)": (
            "for u, v in list(G.edges()):\n        if u == v:\n            G.remove_edge(u, v)\n    H = simple(G)"
        )
    },
    loses="edges",
    says="changed the graph that was passed in",
)


@SWAP.wrong("the worked example typed in", CONSTANT, says="it was asked 1 times")
def swap_pvalue(G, stat, n_swaps, n_sim, seed):
    return 1 / (1 + n_sim) if stat(simple(G)) == 1 else 1.0


SWAP.slip(
    "the same random numbers for each graph",
    MISCONCEPTION,
    of="a helper that shuffles one graph",
    change={"_shuffle(H, n_swaps, rng)) >=": "_shuffle(H, n_swaps, np.random.default_rng(seed))) >="},
    loses="chance",
    says="The random graphs hardly change",
)


@SWAP.wrong("one tie is enough to draw two", EDGE, loses="edges", says="A graph that cannot change (one tie)")
def swap_pvalue(G, stat, n_swaps, n_sim, seed):
    rng = np.random.default_rng(seed)
    H = simple(G)
    observed = stat(H.copy())
    if H.number_of_edges() == 0:
        return 1.0
    high = 0
    for _ in range(n_sim):
        R = H.copy()
        for _ in range(n_swaps):
            ties = list(R.edges())
            first, second = rng.choice(len(ties), size=2, replace=False)
            a, b = ties[first]
            c, d = ties[second]
            if rng.random() < 0.5:
                c, d = d, c
            if a in (c, d) or b in (c, d) or R.has_edge(a, d) or R.has_edge(c, b):
                continue
            R.remove_edges_from([(a, b), (c, d)])
            R.add_edges_from([(a, d), (c, b)])
        high += stat(R) >= observed - 1e-12
    return (1 + high) / (1 + n_sim)


TASKS = BANK.tasks

# Numbers as the model answers compute them in the cells above the reflection.
SAMPLES = (
    Sample(
        "weak",
        """
        The GST decentralises the health system of Morocco. The law gives it legal personality and financial
        autonomy, so decisions will now be taken in the region and not in Rabat any more. This is proved by the
        network, because the centralisation of accountability is 0.38, which is a low number and far from 1.

        The hub is now the GST and everybody works together with it, which will improve coordination, trust and
        quality for the population. To make it even better, more ties should be created between all the
        stakeholders, because the more ties there are, the better the collaboration. Regular meetings and a
        culture of partnership will be key to success. The network shows all of this very clearly.
        """,
        {
            "metrics chosen and interpreted": (
                1,
                "one metric on one layer, and 0.38 read without the 0.30 it came from",
            ),
            "formal and enacted, region and nation": (0, "takes the text of a law for what people will do"),
            "another design proposed and tested": (
                0,
                "no design that could be built; more ties are taken to be better",
            ),
            "limits": (0, "says that the network shows everything"),
        },
    ),
    Sample(
        "adequate",
        """
        I used degree centralisation and the E–I index on accountability and on improvement. On accountability,
        centralisation goes from 0.30 before the GST to 0.38 with it, and from 0.22 to 0.25 if only formal ties
        are counted. On improvement it goes from 0.26 to 0.50 (formal: 0.07 to 0.20). So by this measure the
        system is more centralised than before, not less. The E–I index on accountability falls from 0.65 to
        0.50: ties cross sectors a little less, since hospitals and centres answer to a body of their own sector
        and not to a ministry.

        But one must look at the level. Before, the hub of accountability was the ministry; with the GST, it is
        the GST, which is regional. So the hub moved from the nation to the region. I would call this
        deconcentration of the hub rather than decentralisation, because the GST stays under State oversight.

        As another design I tested a regional forum with the GST, the regional council, an association, a
        hospital and the health centres. It needs 5 ties. The centralisation of improvement stays at 0.50. So it
        does not change much, but the regional council and the association would have a place to speak.

        The network does not show whether the people in these bodies trust each other, because it was coded from
        documents.
        """,
        {
            "metrics chosen and interpreted": (
                3,
                "two metrics on two layers, with and without assumed ties, read correctly",
            ),
            "formal and enacted, region and nation": (
                2,
                "says where the hub stands; says little of what is formal only",
            ),
            "another design proposed and tested": (
                2,
                "built and measured, but what it costs, and whom, is not weighed",
            ),
            "limits": (1, "names trust, and why documents miss it"),
        },
    ),
    Sample(
        "strong",
        """
        It depends on where you stand, and the graph can say exactly how.

        *Seen from the nation*, something let go. Before, the hub of accountability is the ministry; with the
        GST, it is the GST, and the ministry keeps one line. *Seen from the region*, something closed. Degree
        centralisation of accountability rises from 0.30 to 0.38 (formal ties only: 0.22 to 0.25), and on
        improvement from 0.26 to 0.50 (formal: 0.07 to 0.20). A star with another body in its middle is still a
        star. The E–I index agrees: on accountability ties cross sectors less, 0.65 to 0.50, because a hospital
        now answers inside the health service; with formal ties, 1.00 to 0.57.

        How much of this is law? The rise on accountability is, in sign: articles 2 and 3 of law 08-22 carry it
        alone. The size on improvement is not: of 0.50, only 0.20 is left without ties that we assumed, such as
        the regional quality committee, which nobody could confirm. And even the formal part is formal. A
        director who telephones the ministry before each decision would leave the graph as it is.

        So I would say: the law delegates to a regional body; it does not devolve to an elected one. The
        elected council has no formal tie to the GST on any layer.

        *Another design.* I built a forum of five on the improvement layer: GST, regional council, association,
        hospital, health centres. It costs 5 ties to keep up; a mesh of the same five would cost 10.
        Centralisation hardly moves (0.505 to 0.504), so the forum does not break the hub. What it changes is
        robustness: without the GST, the loss of efficiency falls from 0.158 to 0.129, because council,
        association and hospital can still reach each other. Its price is a new middle. If the GST convenes it,
        the forum is the same star under another name; I would let the regional council convene it.

        *What the network cannot show.* Money of 10 million and of 10 dirhams is one tie each, since ties have no
        weight here: whether the GST's budget is its own decides more about autonomy than any line in this
        graph. And one body stands for each kind; with eight provinces in place of one, the numbers would
        differ.
        """,
        {
            "metrics chosen and interpreted": (
                3,
                "two metrics on two layers, all and formal, each read for what it measures",
            ),
            "formal and enacted, region and nation": (
                3,
                "keeps law, assumption and practice apart, and both levels in view",
            ),
            "another design proposed and tested": (
                3,
                "built, measured against a mesh, with its gain, its price and its convener",
            ),
            "limits": (1, "weights, and why they matter for this question; the boundary as well"),
        },
    ),
)
