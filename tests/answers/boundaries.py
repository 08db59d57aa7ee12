"""Answers to exercise 12, *Redrawing the map*: right in many ways, and wrong in the ways of students."""

import numpy as np
import pandas as pd

from . import BOUNDARY, CONSTANT, EDGE, MISCONCEPTION, MUTATES, Bank, Sample

BANK = Bank(__file__)

# --- 12.1 -------------------------------------------------------------------------------------------------------------

COTERMINOSITY = BANK.task("coterminosity")


@COTERMINOSITY.right("masks of an array")
def coterminosity(overlap, sliver=0.005):
    x = np.array(overlap, dtype=float)
    totals = x.sum(axis=1)[:, None]
    x = np.where(x < sliver * totals, 0, x)
    total = x.sum()
    if total == 0:
        return {"la_whole": float("nan"), "mutual": float("nan")}
    whole = (x > 0).sum(axis=1) == 1
    bad_board = (x[~whole] > 0).any(axis=0)
    return {"la_whole": x[whole].sum() / total, "mutual": x[whole][:, ~bad_board].sum() / total}


@COTERMINOSITY.right("rows of a DataFrame")
def coterminosity(overlap, sliver=0.005):
    t = pd.DataFrame(np.array(overlap, dtype=float))
    for i in t.index:
        small = t.loc[i] < sliver * t.loc[i].sum()
        t.loc[i, small] = 0.0
    everybody = t.to_numpy().sum()
    if everybody == 0:
        return dict(la_whole=np.nan, mutual=np.nan)
    whole = [i for i in t.index if (t.loc[i] > 0).sum() == 1]
    boards = [j for j in t.columns if all(i in whole for i in t.index[t[j] > 0])]
    a = sum(t.loc[i].sum() for i in whole)
    b = sum(t.loc[i, j] for i in whole for j in boards)
    return dict(la_whole=a / everybody, mutual=b / everybody)


def rows(overlap):
    return [[float(x) for x in row] for row in np.array(overlap).tolist()]


def share(part, total):
    return part / total if total > 0 else float("nan")


@COTERMINOSITY.right("the homes of each council", using=[rows, share])
def coterminosity(overlap, sliver=0.005):
    data = rows(overlap)
    kept = []
    for row in data:
        limit = sliver * sum(row)
        kept.append([0 if cell < limit else cell for cell in row])
    total = sum(sum(row) for row in kept)
    homes = [[j for j, cell in enumerate(row) if cell > 0] for row in kept]
    spoiled = set()
    for home in homes:
        if len(home) > 1:
            spoiled.update(home)
    la, mutual = 0, 0
    for row, home in zip(kept, homes):
        if len(home) == 1:
            la += row[home[0]]
            if home[0] not in spoiled:
                mutual += row[home[0]]
    return {"la_whole": share(la, total), "mutual": share(mutual, total)}


COTERMINOSITY.slip(
    "asks whether boards are whole",
    MISCONCEPTION,
    of="masks of an array",
    change={"x = np.array(overlap, dtype=float)": "x = np.array(overlap, dtype=float).T"},
    says="Councils are the rows",
)


@COTERMINOSITY.wrong("counts councils", MISCONCEPTION, says="You counted councils")
def coterminosity(overlap, sliver=0.005):
    x = np.array(overlap, dtype=float)
    x = np.where(x < sliver * x.sum(axis=1)[:, None], 0, x)
    if x.sum() == 0:
        return {"la_whole": np.nan, "mutual": np.nan}
    whole = (x > 0).sum(axis=1) == 1
    bad = (x[~whole] > 0).any(axis=0)
    some = (x.sum(axis=1) > 0).sum()
    return {"la_whole": whole.sum() / some, "mutual": (x[whole][:, ~bad] > 0).sum() / some}


COTERMINOSITY.slip(
    "exactly the sliver goes, too",
    BOUNDARY,
    of="masks of an array",
    change={"x < sliver * totals": "x <= sliver * totals"},
    loses="edges",
    says="exactly 0.5% and stay",
)
COTERMINOSITY.slip(
    "divides by all who came in",
    BOUNDARY,
    of="masks of an array",
    change={
        "    x = np.where(x < sliver * totals, 0, x)\n": "    total, x = x.sum(), np.where(x < sliver * totals, 0, x)\n",
        "    total = x.sum()\n": "",
    },
    says="divide by 1596",
)
COTERMINOSITY.slip(
    "slivers of all people",
    EDGE,
    of="masks of an array",
    change={"x.sum(axis=1)[:, None]": "x.sum()"},
    says="exactly 0.5% and stay",
    loses="edges",
)
COTERMINOSITY.slip(
    "slivers of the board",
    EDGE,
    of="masks of an array",
    change={"totals = x.sum(axis=1)[:, None]": "totals = x.sum(axis=0)[None, :]"},
    says="sliver",
    loses="edges",
)
COTERMINOSITY.slip(
    "slivers stay",
    EDGE,
    of="masks of an array",
    change={"    x = np.where(x < sliver * totals, 0, x)\n": ""},
    says="set it to 0 first",
)
COTERMINOSITY.slip(
    "half a per cent whatever is asked",
    EDGE,
    of="masks of an array",
    change={"x < sliver * totals": "x < 0.005 * totals"},
    says="use the argument",
    loses="edges",
)
COTERMINOSITY.slip(
    "0 for nobody",
    EDGE,
    of="masks of an array",
    change={'{"la_whole": float("nan"), "mutual": float("nan")}': '{"la_whole": 0.0, "mutual": 0.0}'},
    says="both are nan",
    loses="edges",
)
COTERMINOSITY.slip(
    "mutual is for boards with one council",
    MISCONCEPTION,
    of="masks of an array",
    change={"(x[~whole] > 0).any(axis=0)": "(x > 0).sum(axis=0) > 1"},
    says="both are 80 / 100",
)
COTERMINOSITY.slip(
    "a council without people cuts its boards",
    EDGE,
    of="rows of a DataFrame",
    change={"for i in t.index[t[j] > 0])]": "for i in t.index if t[j].sum() > 0)]"},
    says="mutual",
)


@COTERMINOSITY.wrong("slivers removed in place", MUTATES, loses="tests", says="work on a copy")
def coterminosity(overlap, sliver=0.005):
    x = np.asarray(overlap, dtype=float)
    if isinstance(overlap, pd.DataFrame):
        for i in range(len(overlap)):
            for j in range(overlap.shape[1]):
                if x[i, j] < sliver * x[i].sum():
                    overlap.iloc[i, j] = 0
    x = np.where(x < sliver * x.sum(axis=1)[:, None], 0, x)
    total = x.sum()
    if total == 0:
        return {"la_whole": np.nan, "mutual": np.nan}
    whole = (x > 0).sum(axis=1) == 1
    bad = (x[~whole] > 0).any(axis=0)
    return {"la_whole": x[whole].sum() / total, "mutual": x[whole][:, ~bad].sum() / total}


@COTERMINOSITY.wrong("the worked example typed in", CONSTANT, says="80 / 100")
def coterminosity(overlap, sliver=0.005):
    return {"la_whole": 0.5, "mutual": 0.0}


@COTERMINOSITY.wrong("slivers still live in a board", EDGE, says="before you ask who lives")
def coterminosity(overlap, sliver=0.005):
    table = np.array(overlap, dtype=float)
    kept = np.where(table < sliver * table.sum(axis=1, keepdims=True), 0, table)
    left = kept.sum()
    if left == 0:
        return {"la_whole": np.nan, "mutual": np.nan}
    whole = (kept > 0).sum(axis=1) == 1
    made = np.array([whole[table[:, j] > 0].all() for j in range(table.shape[1])])
    return {"la_whole": kept[whole].sum() / left, "mutual": kept[whole][:, made].sum() / left}


@COTERMINOSITY.wrong("the row total sinks with slivers", EDGE, loses="edges", says="the limit stays at 500")
def coterminosity(overlap, sliver=0.005):
    table = np.array(overlap, dtype=float)
    for row in table:
        for j in range(len(row)):
            if row[j] < sliver * row.sum():
                row[j] = 0
    left = table.sum()
    if left == 0:
        return {"la_whole": np.nan, "mutual": np.nan}
    whole = (table > 0).sum(axis=1) == 1
    made = np.array([whole[table[:, j] > 0].all() for j in range(table.shape[1])])
    return {"la_whole": table[whole].sum() / left, "mutual": table[whole][:, made].sum() / left}


COTERMINOSITY.slip(
    "people made whole",
    EDGE,
    of="masks of an array",
    change={"x = np.array(overlap, dtype=float)": "x = np.array(overlap).astype(int)"},
    says="do not make them whole",
    loses="edges",
)
COTERMINOSITY.slip(
    "only what a list can do",
    EDGE,
    of="masks of an array",
    change={"x = np.array(overlap, dtype=float)": "x = overlap"},
    says="a list of lists, an array or a DataFrame",
)


# --- 12.2 -------------------------------------------------------------------------------------------------------------

COND_ENTROPY = BANK.task("cond_entropy")


@COND_ENTROPY.right("the joint entropy less that of the rows")
def cond_entropy(overlap):
    p = np.array(overlap, dtype=float)
    if p.sum() == 0:
        return float("nan")
    p = p / p.sum()

    def bits(q):
        q = q[q > 0]
        return -(q * np.log2(q)).sum()

    return bits(p.ravel()) - bits(p.sum(axis=1))


@COND_ENTROPY.right("row by row, weighted")
def cond_entropy(overlap):
    rows = [list(map(float, row)) for row in np.asarray(overlap)]
    everybody = sum(map(sum, rows))
    if not everybody:
        return np.nan
    result = 0
    for row in rows:
        n = sum(row)
        for value in row:
            if value:
                result -= n / everybody * (value / n) * np.log2(value / n)
    return result


def entropy(values):
    total = sum(values)
    return -sum(x / total * np.log2(x / total) for x in values if x > 0)


def rows(overlap):
    if isinstance(overlap, pd.DataFrame):
        overlap = overlap.to_numpy()
    return [[float(x) for x in row] for row in overlap]


@COND_ENTROPY.right("the entropy of each row", using=[entropy, rows])
def cond_entropy(overlap):
    data = rows(overlap)
    total = sum(sum(row) for row in data)
    if total <= 0:
        return float("nan")
    # weight each row's own entropy by its share of all people
    return sum(sum(row) / total * entropy(row) for row in data if sum(row) > 0) + 0.0


COND_ENTROPY.slip(
    "the row given the column",
    MISCONCEPTION,
    of="the joint entropy less that of the rows",
    change={"p.sum(axis=1)": "p.sum(axis=0)"},
    says="H(row | column)",
    loses="tests edges",
)
COND_ENTROPY.slip(
    "nats",
    MISCONCEPTION,
    of="row by row, weighted",
    change={"np.log2": "np.log"},
    says="Those are nats",
)
COND_ENTROPY.slip(
    "the joint entropy",
    MISCONCEPTION,
    of="the joint entropy less that of the rows",
    change={" - bits(p.sum(axis=1))": ""},
    says="entropy of all cells together",
)
COND_ENTROPY.slip(
    "people for shares",
    BOUNDARY,
    of="row by row, weighted",
    change={"n / everybody * (value / n)": "value"},
    says="divide by all people first",
)
COND_ENTROPY.slip(
    "rows without weights",
    BOUNDARY,
    of="row by row, weighted",
    change={"n / everybody * (value / n)": "(value / n)"},
    says="weight each row",
)
COND_ENTROPY.slip(
    "0 without people",
    EDGE,
    of="row by row, weighted",
    change={"return np.nan": "return 0.0"},
    says="nan",
    loses="edges",
)


@COND_ENTROPY.wrong("nan from an empty cell", EDGE, says="does not make the sum nan")
def cond_entropy(overlap):
    p = np.array(overlap, dtype=float)
    p = p / p.sum()
    return (p * np.log2(p.sum(axis=1)[:, None] / p)).sum()


@COND_ENTROPY.wrong("only cells above a hundredth", EDGE, loses="edges", says="tiny numbers are numbers")
def cond_entropy(overlap):
    p = np.array(overlap, dtype=float)
    if p.sum() == 0:
        return np.nan
    rows = np.repeat(p.sum(axis=1)[:, None], p.shape[1], axis=1)
    some = p > 1e-6
    return float((p[some] * np.log2(rows[some] / p[some])).sum() / p.sum())


@COND_ENTROPY.wrong("divides in place", MUTATES, loses="tests", says="work on a copy")
def cond_entropy(overlap):
    p = overlap if isinstance(overlap, np.ndarray) and overlap.dtype == float else np.array(overlap, dtype=float)
    if p.sum() == 0:
        return np.nan
    p /= p.sum()
    rows = np.repeat(p.sum(axis=1)[:, None], p.shape[1], axis=1)
    some = p > 0
    return float((p[some] * np.log2(rows[some] / p[some])).sum())


@COND_ENTROPY.wrong("the worked example typed in", CONSTANT, says="0.5 bits")
def cond_entropy(overlap):
    return 0.4855


@COND_ENTROPY.wrong("columns by their names", EDGE, loses="tests", says="Take cells by position")
def cond_entropy(overlap):
    table = pd.DataFrame(overlap)
    total = table.to_numpy().sum()
    if total == 0:
        return np.nan
    rows = table.to_numpy().sum(axis=1) / total
    bits = 0
    for name in table.columns:
        p = table[name].to_numpy() / total
        if p.ndim == 1:
            p = p.reshape(-1, 1)
        for i in range(len(rows)):
            for cell in p[i]:
                if cell > 0:
                    bits += cell * np.log2(rows[i] / cell)
    return bits


@COND_ENTROPY.wrong("stops at the first empty row", EDGE, loses="edges", says="a council cut in halves")
def cond_entropy(overlap):
    table = np.array(overlap, dtype=float)
    if table.sum() == 0:
        return np.nan
    table = table / table.sum()
    bits = 0
    for row in table:
        if row.sum() == 0:
            break
        for p in row[row > 0]:
            bits += p * np.log2(row.sum() / p)
    return bits


COND_ENTROPY.slip(
    "without slivers",
    MISCONCEPTION,
    of="the joint entropy less that of the rows",
    change={
        "    p = p / p.sum()\n": "    p = np.where(p < 0.005 * p.sum(axis=1)[:, None], 0, p)\n    p = p / p.sum()\n"
    },
    says="without slivers",
    loses="tests",
)


# --- 12.3 -------------------------------------------------------------------------------------------------------------

COST_PER_HEAD = BANK.task("cost_per_head")


@COST_PER_HEAD.right("the total over the people")
def cost_per_head(N, F, v, theta):
    if not N > 0:
        raise ValueError(f"N is {N}")
    total = F + v * N + theta * N * N
    return total / N


@COST_PER_HEAD.right("a sum of three")
def cost_per_head(N, F, v, theta):
    if N <= 0:
        raise ValueError("nobody")
    return sum([F / N, v, theta * N])


COST_PER_HEAD.slip(
    "the cost of the board",
    MISCONCEPTION,
    of="the total over the people",
    change={"return total / N": "return total"},
    says="the result is per head",
)
COST_PER_HEAD.slip(
    "theta per person and head",
    MISCONCEPTION,
    of="a sum of three",
    change={"theta * N]": "theta]"},
    says="should be 14",
)
COST_PER_HEAD.slip(
    "0 is let through", BOUNDARY, of="a sum of three", change={"N <= 0": "N < 0"}, says="should raise ValueError"
)
COST_PER_HEAD.slip(
    "less than nobody is let through", EDGE, of="a sum of three", change={"N <= 0": "N == 0"}, says="N=-5 should raise"
)


@COST_PER_HEAD.wrong("the worked example typed in", CONSTANT, says="N may be a fraction")
def cost_per_head(N, F, v, theta):
    if N <= 0:
        raise ValueError("N")
    return 14.0


COST_PER_HEAD.slip(
    "less than one is refused", EDGE, of="a sum of three", change={"N <= 0": "N < 1"}, says="N may be a fraction"
)
COST_PER_HEAD.slip(
    "nothing may be 0", EDGE, of="a sum of three", change={"N <= 0": "min(N, F, v, theta) <= 0"}, says="is refused"
)


BEST_SIZE = BANK.task("best_size")


@BEST_SIZE.right("numpy's square root")
def best_size(F, theta):
    if theta > 0:
        return np.sqrt(F / theta)
    return float("inf") if F > 0 else float("nan")


@BEST_SIZE.right("the cases one by one")
def best_size(F, theta):
    if F == 0 and theta == 0:
        return float("nan")
    elif theta == 0:
        return float("inf")
    elif F == 0:
        return 0.0
    else:
        return F**0.5 / theta**0.5


BEST_SIZE.slip(
    "no root", MISCONCEPTION, of="numpy's square root", change={"np.sqrt(F / theta)": "F / theta"}, says="square root"
)
BEST_SIZE.slip(
    "the order quantity's two",
    MISCONCEPTION,
    of="numpy's square root",
    change={"F / theta": "2 * F / theta"},
    says="There is no 2",
)
BEST_SIZE.slip(
    "rounds to people",
    BOUNDARY,
    of="numpy's square root",
    change={"np.sqrt(F / theta)": "round(np.sqrt(F / theta))"},
    says="do not round",
)
BEST_SIZE.slip(
    "inf if both are 0",
    EDGE,
    of="numpy's square root",
    change={'float("inf") if F > 0 else float("nan")': 'float("inf")'},
    says="any size costs the same",
)
BEST_SIZE.slip(
    "nan without a fixed cost",
    EDGE,
    of="the cases one by one",
    change={"return 0.0": 'return float("nan")'},
    says="smallest board is cheapest",
)
BEST_SIZE.slip(
    "nan if larger is always cheaper",
    EDGE,
    of="the cases one by one",
    change={'return float("inf")': 'return float("nan")'},
    says="larger is always cheaper",
)


@BEST_SIZE.wrong("the worked example typed in", CONSTANT, says="smallest board is cheapest")
def best_size(F, theta):
    return 2e6 if theta else float("inf")


REQUIRED_CUT = BANK.task("required_cut")


@REQUIRED_CUT.right("at least nothing")
def required_cut(current, target=18.76):
    return max(0, 1 - target / current)


@REQUIRED_CUT.right("numpy clips")
def required_cut(current, target=18.76):
    return float(np.clip((current - target) / current, 0, None))


REQUIRED_CUT.slip(
    "a share of the target",
    MISCONCEPTION,
    of="numpy clips",
    change={"/ current": "/ target"},
    says="share of the present cost",
)
REQUIRED_CUT.slip(
    "what is left",
    MISCONCEPTION,
    of="at least nothing",
    change={"1 - target / current": "target / current"},
    says="is what is left",
)
REQUIRED_CUT.slip(
    "per cent",
    MISCONCEPTION,
    of="at least nothing",
    change={"1 - target / current": "100 * (1 - target / current)"},
    says="A cut is a fraction",
)
REQUIRED_CUT.slip(
    "a rise for those below",
    BOUNDARY,
    of="at least nothing",
    change={"max(0, 1 - target / current)": "1 - target / current"},
    says="need not cut",
)
REQUIRED_CUT.slip(
    "one target for all",
    EDGE,
    of="at least nothing",
    change={"1 - target": "1 - 18.76"},
    says="use the target that is given",
)
REQUIRED_CUT.slip(
    "the size of the gap",
    EDGE,
    of="at least nothing",
    change={"max(0, 1 - target / current)": "abs(1 - target / current)"},
    says="need not cut",
)


@REQUIRED_CUT.wrong("the worked example typed in", CONSTANT, says="need not cut")
def required_cut(current, target=18.76):
    return 0.617


@REQUIRED_CUT.wrong("rounded as in the example", BOUNDARY, says="Do not round")
def required_cut(current, target=18.76):
    return round(max(0, (current - target) / current), 3)


@REQUIRED_CUT.wrong("only the target of the press is compared", EDGE, says="above the target of 15")
def required_cut(current, target=18.76):
    if current <= 18.76:
        return 0
    return (current - target) / current


@REQUIRED_CUT.wrong("within a pound is at the target", BOUNDARY, says="if only by pence")
def required_cut(current, target=18.76):
    if current - target < 1:
        return 0
    return (current - target) / current


# --- 12.4 -------------------------------------------------------------------------------------------------------------

FEASIBLE = BANK.task("feasible")


@FEASIBLE.right("grows until nothing is new")
def feasible(group, people, neighbours, min_people=1_000_000):
    names = sorted(set(group))
    if len(names) == 0:
        return (False, "empty")
    seen = {names[0]}
    size = 0
    while len(seen) != size:
        size = len(seen)
        for name in names:
            if any(other in seen for other in neighbours[name]):
                seen = seen | {name}
    if len(seen) < len(names):
        return (False, "in pieces")
    if sum([people[name] for name in names]) >= min_people:
        return (True, "ok")
    return (False, "too small")


@FEASIBLE.right("a graph of networkx")
def feasible(group, people, neighbours, min_people=1_000_000):
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(group)
    graph.add_edges_from((a, b) for a in group for b in neighbours[a] if b in group)
    if graph.number_of_nodes() == 0:
        return False, "empty"
    if not nx.is_connected(graph):
        return False, "in pieces"
    if sum(people[name] for name in graph) < min_people:
        return False, "too small"
    return True, "ok"


@FEASIBLE.right("calls itself")
def feasible(group, people, neighbours, min_people=1_000_000):
    inside = set(group)
    if not inside:
        return False, "empty"
    reached = set()

    def visit(name):
        reached.add(name)
        for other in neighbours[name]:
            if other in inside and other not in reached:
                visit(other)

    visit(min(inside))
    if reached != inside:
        return False, "in pieces"
    enough = sum(people[name] for name in inside) >= min_people
    return (enough, "ok" if enough else "too small")


def total(people, names):
    return sum([people[n] for n in names])


@FEASIBLE.right("wave after wave", using=[total])
def feasible(group, people, neighbours, min_people=1_000_000):
    names = list(dict.fromkeys(group))
    if len(names) == 0:
        return (False, "empty")
    missing = set(names[1:])
    frontier = {names[0]}
    while frontier:
        nxt = set()
        for n in frontier:
            nxt |= missing & set(neighbours.get(n, []))
        missing -= nxt
        frontier = nxt
    if missing:
        return (False, "in pieces")
    return (True, "ok") if total(people, names) >= min_people else (False, "too small")


FEASIBLE.slip(
    "goes over boards outside the group",
    MISCONCEPTION,
    of="calls itself",
    change={
        "if other in inside and other not in reached": "if other not in reached",
        "if reached != inside": "if not inside <= reached",
    },
    says="only boards of the group count",
)


@FEASIBLE.wrong("each has a neighbour in the group", MISCONCEPTION, loses="tests", says="two pieces")
def feasible(group, people, neighbours, min_people=1_000_000):
    names = set(group)
    if not names:
        return False, "empty"
    if len(names) > 1 and any(not names & set(neighbours[name]) for name in names):
        return False, "in pieces"
    if sum(people[name] for name in names) < min_people:
        return False, "too small"
    return True, "ok"


@FEASIBLE.wrong(
    "each borders the one before it", MISCONCEPTION, says="whatever the order of the names", loses="tests edges"
)
def feasible(group, people, neighbours, min_people=1_000_000):
    if not group:
        return False, "empty"
    for a, b in zip(group, group[1:]):
        if b not in neighbours[a]:
            return False, "in pieces"
    if sum(people[name] for name in group) < min_people:
        return False, "too small"
    return True, "ok"


FEASIBLE.slip(
    "more than enough is wanted",
    BOUNDARY,
    of="grows until nothing is new",
    change={">= min_people": "> min_people"},
    says="enough",
    loses="tests edges",
)
FEASIBLE.slip(
    "too small comes first",
    EDGE,
    of="calls itself",
    change={
        "    reached = set()\n": (
            "    reached = set()\n"
            "    if sum(people[name] for name in inside) < min_people:\n"
            '        return False, "too small"\n'
        )
    },
    says="the first reason of the list counts",
    loses="edges",
)
FEASIBLE.slip(
    "a name counts as often as it stands",
    EDGE,
    of="calls itself",
    change={"people[name] for name in inside": "people[name] for name in group"},
    says="counts once",
    loses="edges",
)
FEASIBLE.slip(
    "nobody is too small",
    EDGE,
    of="calls itself",
    change={'return False, "empty"': 'return False, "too small"'},
    says="is empty",
    loses="edges",
)


@FEASIBLE.wrong("two steps only", EDGE, loses="tests", says="hangs together")
def feasible(group, people, neighbours, min_people=1_000_000):
    names = set(group)
    if not names:
        return False, "empty"
    start = group[0]
    near = {start} | set(neighbours[start]) & names
    far = near | {other for name in near for other in neighbours[name] if other in names}
    if far != names:
        return False, "in pieces"
    if sum(people[name] for name in names) < min_people:
        return False, "too small"
    return True, "ok"


@FEASIBLE.wrong("takes the names out of the list", MUTATES, loses="tests", says="work on copies")
def feasible(group, people, neighbours, min_people=1_000_000):
    if not group:
        return False, "empty"
    names = set(group)
    todo, reached = [group.pop()], set()
    while todo:
        name = todo.pop()
        reached.add(name)
        todo += [other for other in neighbours[name] if other in names and other not in reached]
    if reached != names:
        return False, "in pieces"
    if sum(people[name] for name in names) < min_people:
        return False, "too small"
    return True, "ok"


@FEASIBLE.wrong("the worked examples typed in", CONSTANT, says="hang together over b")
def feasible(group, people, neighbours, min_people=1_000_000):
    return (True, "ok") if list(group) == ["a", "b"] else (False, "in pieces")


@FEASIBLE.wrong("counts borders", MISCONCEPTION, loses="tests", says="three borders for four boards")
def feasible(group, people, neighbours, min_people=1_000_000):
    group = set(group)
    if not group:
        return False, "empty"
    borders = {tuple(sorted((a, b))) for a in group for b in neighbours[a] if b in group}
    if len(borders) < len(group) - 1:
        return False, "in pieces"
    if sum(people[b] for b in group) < min_people:
        return False, "too small"
    return True, "ok"


@FEASIBLE.wrong("one pass by name", EDGE, loses="tests", says="One pass over the names")
def feasible(group, people, neighbours, min_people=1_000_000):
    names = sorted(set(group))
    if not names:
        return False, "empty"
    reached = {names[0]}
    for name in names:
        if name in reached:
            reached |= {n for n in neighbours[name] if n in names}
    if len(reached) < len(names):
        return False, "in pieces"
    if sum(people[b] for b in names) < min_people:
        return False, "too small"
    return True, "ok"


@FEASIBLE.wrong("calls itself without a memory", EDGE, loses="tests", says="calls itself without end")
def feasible(group, people, neighbours, min_people=1_000_000):
    inside = set(group)
    if not inside:
        return False, "empty"

    def around(board):
        found = {board}
        for other in neighbours[board]:
            if other in inside:
                found |= around(other)
        return found

    if around(min(inside)) != inside:
        return False, "in pieces"
    if sum(people[name] for name in inside) < min_people:
        return False, "too small"
    return True, "ok"


# --- 12.5 -------------------------------------------------------------------------------------------------------------

GREEDY_MERGE = BANK.task("greedy_merge")


@GREEDY_MERGE.right("the least of a list of triples")
def greedy_merge(people, neighbours, k, cost, min_people=0):
    n = len(people)
    if not 1 <= k <= n:
        raise ValueError(f"k={k}")
    groups = {name: (name,) for name in people}
    while len(groups) > k:
        choices = []
        for a in groups:
            around = {b for name in groups[a] for b in neighbours[name]}
            for b in groups:
                if a < b and around & set(groups[b]):
                    both = tuple(sorted(groups[a] + groups[b]))
                    choices.append((cost(both) - cost(groups[a]) - cost(groups[b]), a, b))
        if not choices:
            raise ValueError("pieces")
        _, a, b = min(choices)
        groups[a] = tuple(sorted(groups[a] + groups.pop(b)))
    for group in groups.values():
        if sum(people[name] for name in group) < min_people:
            raise ValueError("too small")
    return sorted(groups.values())


@GREEDY_MERGE.right("labels in an array")
def greedy_merge(people, neighbours, k, cost, min_people=0):
    names = sorted(people)
    if k < 1 or k > len(names):
        raise ValueError("k")
    label = list(range(len(names)))
    pairs = {(names.index(a), names.index(b)) for a in names for b in neighbours[a]}

    def members(g):
        return tuple(n for n, l in zip(names, label) if l == g)

    while len(set(label)) > k:
        touching = sorted({tuple(sorted((label[i], label[j]))) for i, j in pairs if label[i] != label[j]})
        if not touching:
            raise ValueError("nothing left to join")
        added = [
            cost(tuple(sorted(members(a) + members(b)))) - cost(members(a)) - cost(members(b)) for a, b in touching
        ]
        a, b = touching[int(np.argmin(added))]
        label = [a if l == b else l for l in label]
    made = [members(g) for g in sorted(set(label))]
    if min(sum(people[n] for n in group) for group in made) < min_people:
        raise ValueError("small")
    return made


def ends(groups, neighbours):
    where = {name: first for first, group in groups.items() for name in group}
    pairs = set()
    for name in where:
        for other in neighbours.get(name, []):
            if other in where and where[other] != where[name]:
                pairs.add(tuple(sorted((where[name], where[other]))))
    return pairs


@GREEDY_MERGE.right("pairs from the ends of borders", using=[ends])
def greedy_merge(people, neighbours, k, cost, min_people=0):
    groups = {name: (name,) for name in people}
    if not 1 <= k <= len(groups):
        raise ValueError("no such k")
    while len(groups) > k:
        pairs = ends(groups, neighbours)
        if not pairs:
            raise ValueError("nothing borders")

        def rank(pair):
            x, y = groups[pair[0]], groups[pair[1]]
            return (cost(tuple(sorted(x + y))) - cost(x) - cost(y), pair[0], pair[1])

        one, two = min(pairs, key=rank)
        groups[one] = tuple(sorted(groups[one] + groups.pop(two)))
    if min(sum(people[n] for n in g) for g in groups.values()) < min_people:
        raise ValueError("too small")
    return sorted(groups.values())


GREEDY_MERGE.slip(
    "what a pair costs, not what it adds",
    MISCONCEPTION,
    of="the least of a list of triples",
    change={"cost(both) - cost(groups[a]) - cost(groups[b])": "cost(both)"},
    says="to join them adds -80",
    loses="tests",
)
GREEDY_MERGE.slip(
    "whoever is cheap, near or far",
    MISCONCEPTION,
    of="the least of a list of triples",
    change={"if a < b and around & set(groups[b])": "if a < b"},
    says="Two pieces of land",
    loses="tests edges",
)
GREEDY_MERGE.slip(
    "one group too many",
    BOUNDARY,
    of="the least of a list of triples",
    change={"while len(groups) > k": "while len(groups) > k + 1"},
    says="Two groups are wanted",
)
GREEDY_MERGE.slip(
    "more than enough is wanted",
    BOUNDARY,
    of="the least of a list of triples",
    change={"for name in group) < min_people": "for name in group) <= min_people"},
    says="5 people are enough",
    loses="edges",
)
GREEDY_MERGE.slip(
    "the last of equal results",
    BOUNDARY,
    of="the least of a list of triples",
    change={"_, a, b = min(choices)": "a, b = max((-c, a, b) for c, a, b in choices)[1:]"},
    says="adds the same",
    loses="tests edges",
)
GREEDY_MERGE.slip(
    "equal results as the dict has them",
    EDGE,
    of="the least of a list of triples",
    change={"min(choices)": "min(choices, key=lambda choice: choice[0])"},
    says="whatever the order of the dict",
    loses="tests edges",
)
GREEDY_MERGE.slip(
    "a group borders what its first board borders",
    EDGE,
    of="the least of a list of triples",
    change={"for name in groups[a] for b": "for name in groups[a][:1] for b"},
    says="compare what a pair adds",
    loses="tests edges",
)
GREEDY_MERGE.slip(
    "stops where nothing borders",
    EDGE,
    of="the least of a list of triples",
    change={'raise ValueError("pieces")': "break"},
    says="cannot become one group",
    loses="edges",
)
GREEDY_MERGE.slip(
    "any k will do",
    EDGE,
    of="the least of a list of triples",
    change={"if not 1 <= k <= n": "if k < 1"},
    says="k=5 for four boards",
    loses="edges",
)
GREEDY_MERGE.slip(
    "k=0 gives one group",
    EDGE,
    of="the least of a list of triples",
    change={
        "if not 1 <= k <= n:": "if k > n:",
        "groups = {name: (name,) for name in people}": "k, groups = max(k, 1), {name: (name,) for name in people}",
    },
    says="k=0: raise ValueError",
    loses="edges",
)
GREEDY_MERGE.slip(
    "small groups pass",
    EDGE,
    of="the least of a list of triples",
    change={'raise ValueError("too small")': "pass"},
    says="6 are wanted",
    loses="edges",
)
GREEDY_MERGE.slip(
    "only joins what makes a large group",
    EDGE,
    of="the least of a list of triples",
    change={
        "                    choices.append(": (
            "                    if sum(people[m] for m in both) >= min_people:\n"
            "                        choices.append("
        )
    },
    says="min_people",
    loses="edges",
)
GREEDY_MERGE.slip(
    "names as they were joined",
    EDGE,
    of="the least of a list of triples",
    change={"tuple(sorted(groups[a] + groups[b]))": "groups[a] + groups[b]"},
    says="in order",
    loses="tests",
)


@GREEDY_MERGE.wrong(
    "the best map of all",
    MISCONCEPTION,
    loses="tests edges",
    says="not the best of all maps",
)
def greedy_merge(people, neighbours, k, cost, min_people=0):
    from itertools import product

    names = sorted(people)
    if k < 1 or k > len(names):
        raise ValueError("k")
    best = None
    for labels in product(range(k), repeat=len(names)):
        if len(set(labels)) < k or labels[0] != 0:
            continue
        groups = sorted(tuple(n for n, g in zip(names, labels) if g == j) for j in range(k))
        ok = True
        for group in groups:
            seen = {group[0]}
            for _ in group:
                seen |= {b for a in seen for b in neighbours[a] if b in group}
            ok = ok and len(seen) == len(group) and sum(people[n] for n in group) >= min_people
        if ok and (best is None or sum(map(cost, groups)) < best[0]):
            best = (sum(map(cost, groups)), groups)
    if best is None:
        raise ValueError("no map")
    return best[1]


@GREEDY_MERGE.wrong("joins the lists of neighbours in place", MUTATES, loses="tests", says="work on copies")
def greedy_merge(people, neighbours, k, cost, min_people=0):
    if not 1 <= k <= len(people):
        raise ValueError("k")
    groups = {name: (name,) for name in sorted(people)}
    kept = {name: list(neighbours[name]) for name in neighbours}
    while len(groups) > k:
        choices = []
        for a in groups:
            for b in groups:
                if a < b and any(m in neighbours[n] for n in groups[a] for m in groups[b]):
                    both = tuple(sorted(groups[a] + groups[b]))
                    choices.append((cost(both) - cost(groups[a]) - cost(groups[b]), a, b))
        if not choices:
            raise ValueError("pieces")
        _, a, b = min(choices)
        groups[a] = tuple(sorted(groups[a] + groups.pop(b)))
    if min(sum(people[n] for n in group) for group in groups.values()) < min_people:
        raise ValueError("small")
    for others in neighbours.values():
        others.reverse()
    return sorted(groups.values())


@GREEDY_MERGE.wrong("the worked example typed in", CONSTANT, says="With k=4 nothing is joined")
def greedy_merge(people, neighbours, k, cost, min_people=0):
    return [("a", "b", "c"), ("d",)]


@GREEDY_MERGE.wrong("what is joined stands last", BOUNDARY, loses="tests edges", says="stays first in order")
def greedy_merge(people, neighbours, k, cost, min_people=0):
    groups = [(name,) for name in sorted(people)]
    if k < 1 or k > len(groups):
        raise ValueError("k")
    while len(groups) > k:
        best = None
        for i, one in enumerate(groups):
            for other in groups[i + 1 :]:
                if any(b in neighbours[a] for a in one for b in other):
                    both = tuple(sorted(one + other))
                    adds = cost(both) - cost(one) - cost(other)
                    if best is None or adds < best[0]:
                        best = (adds, one, other, both)
        if best is None:
            raise ValueError("no borders")
        groups.remove(best[1])
        groups.remove(best[2])
        groups.append(best[3])
    for group in groups:
        if sum(people[n] for n in group) < min_people:
            raise ValueError("too small")
    return sorted(tuple(sorted(g)) for g in groups)


@GREEDY_MERGE.wrong("nothing to join and nothing to check", EDGE, loses="edges", says="With k=4 nothing is joined, but")
def greedy_merge(people, neighbours, k, cost, min_people=0):
    groups = [(name,) for name in sorted(people)]
    if k < 1 or k > len(groups):
        raise ValueError("k")
    if k == len(groups):
        return groups  # nothing is joined
    while len(groups) > k:
        best = None
        for i, one in enumerate(groups):
            for other in groups[i + 1 :]:
                if any(b in neighbours[a] for a in one for b in other):
                    both = tuple(sorted(one + other))
                    adds = cost(both) - cost(one) - cost(other)
                    if best is None or adds < best[0]:
                        best = (adds, one, other, both)
        if best is None:
            raise ValueError("no borders")
        groups.remove(best[1])
        groups.remove(best[2])
        groups.append(best[3])
        groups.sort()
    for group in groups:
        if sum(people[n] for n in group) < min_people:
            raise ValueError("too small")
    return sorted(tuple(sorted(g)) for g in groups)


# --- 12.6 -------------------------------------------------------------------------------------------------------------

VI = BANK.task("variation_of_information")


@VI.right("cells added up in a table")
def variation_of_information(a, b, people=None):
    a, b = list(a), list(b)
    if len(a) != len(b):
        raise ValueError("lengths")
    n = [1.0] * len(a) if people is None else [float(x) for x in people]
    if sum(n) == 0:
        return float("nan")
    codes_a, _ = pd.factorize(np.array(a, dtype=object))
    codes_b, _ = pd.factorize(np.array(b, dtype=object))
    p = np.zeros((codes_a.max() + 1, codes_b.max() + 1))
    np.add.at(p, (codes_a, codes_b), n)
    p = p / p.sum()
    rows, cols = np.meshgrid(p.sum(axis=1), p.sum(axis=0), indexing="ij")
    some = p > 0
    return float((p[some] * np.log2(rows[some] * cols[some] / p[some] ** 2)).sum())


@VI.right("three entropies")
def variation_of_information(a, b, people=None):
    a, b = list(a), list(b)
    if len(a) != len(b):
        raise ValueError("not the same length")
    people = np.ones(len(a)) if people is None else np.asarray(people, dtype=float)

    def bits(labels):
        count = {}
        for label, n in zip(labels, people):
            count[label] = count.get(label, 0) + n
        p = np.array([n for n in count.values() if n > 0]) / people.sum()
        return -(p * np.log2(p)).sum()

    if people.sum() == 0:
        return np.nan
    return 2 * bits(zip(a, b)) - bits(a) - bits(b)


@VI.right("factorised names", using=[])
def variation_of_information(a, b, people=None):
    one = pd.Series(list(a), dtype=object).factorize()[0]
    two = pd.Series(list(b), dtype=object).factorize()[0]
    if len(one) != len(two):
        raise ValueError("a and b have different lengths")
    weights = np.ones(len(one)) if people is None else np.array(list(people), dtype=float)
    if weights.sum() == 0:
        return np.nan
    data = pd.DataFrame({"a": one, "b": two, "p": weights / weights.sum()})
    data = data.groupby(["a", "b"], as_index=False)["p"].sum()
    data["pa"] = data.groupby("a")["p"].transform("sum")
    data["pb"] = data.groupby("b")["p"].transform("sum")
    data = data[data["p"] > 0]
    return (data["p"] * np.log2(data["pa"] * data["pb"] / data["p"] ** 2)).sum()


VI.slip(
    "nats",
    MISCONCEPTION,
    of="three entropies",
    change={"np.log2(p)": "np.log(p)"},
    says="Those are nats",
    loses="tests edges",
)
VI.slip(
    "only what the second map splits",
    MISCONCEPTION,
    of="three entropies",
    change={"2 * bits(zip(a, b)) - bits(a) - bits(b)": "bits(zip(a, b)) - bits(a)"},
    says="only what the second map splits",
    loses="tests edges",
)
VI.slip(
    "the mean of both parts",
    MISCONCEPTION,
    of="three entropies",
    change={"2 * bits(zip(a, b)) - bits(a) - bits(b)": "bits(zip(a, b)) - (bits(a) + bits(b)) / 2"},
    says="is the mean of the two parts",
    loses="tests edges",
)
VI.slip(
    "mutual information",
    MISCONCEPTION,
    of="three entropies",
    change={"2 * bits(zip(a, b)) - bits(a) - bits(b)": "bits(a) + bits(b) - bits(zip(a, b))"},
    says="about 1.0897",
    loses="tests edges",
)
VI.slip(
    "areas for people",
    BOUNDARY,
    of="three entropies",
    change={"np.ones(len(a)) if people is None else np.asarray(people, dtype=float)": "np.ones(len(a))"},
    says="You counted areas",
    loses="tests edges",
)
VI.slip(
    "by the labels of the Series",
    BOUNDARY,
    of="cells added up in a table",
    change={
        "    a, b = list(a), list(b)\n": (
            "    if isinstance(a, pd.Series):\n"
            "        people = [people[i] if i in people.index else 0 for i in a.index]\n"
            "    a, b = list(a), list(b)\n"
        )
    },
    says="take them by position",
    loses="tests",
)
VI.slip(
    "the shorter map decides",
    EDGE,
    of="three entropies",
    change={'raise ValueError("not the same length")': "a, b = a[:min(len(a), len(b))], b[:min(len(a), len(b))]"},
    says="different lengths",
    loses="edges",
)
VI.slip(
    "0 without people", EDGE, of="three entropies", change={"return np.nan": "return 0.0"}, says="nan", loses="edges"
)


@VI.wrong("areas whose names differ", MISCONCEPTION, says="Names are names", loses="tests edges")
def variation_of_information(a, b, people=None):
    a, b = list(a), list(b)
    if len(a) != len(b):
        raise ValueError("lengths")
    people = [1] * len(a) if people is None else list(people)
    if sum(people) == 0:
        return np.nan
    return sum(n for i, j, n in zip(a, b, people) if i != j) / sum(people)


@VI.wrong("nan from an empty area", EDGE, loses="edges", says="adds 0")
def variation_of_information(a, b, people=None):
    a, b = list(a), list(b)
    if len(a) != len(b):
        raise ValueError("lengths")
    people = np.ones(len(a)) if people is None else np.asarray(people, dtype=float)
    if len(a) == 0:
        return np.nan

    def bits(labels):
        count = {}
        for label, n in zip(labels, people):
            count[label] = count.get(label, 0) + n
        p = np.array(list(count.values())) / people.sum()
        return -(p * np.log2(p)).sum()

    return 2 * bits(zip(a, b)) - bits(a) - bits(b)


@VI.wrong("names as texts", EDGE, loses="edges", says="two")
def variation_of_information(a, b, people=None):
    a, b = list(a), list(b)
    if len(a) != len(b):
        raise ValueError("lengths")
    if not a:
        return np.nan
    n = [1] * len(a) if people is None else list(people)
    cells = pd.Series(n).groupby([[str(x) for x in a], [str(x) for x in b]]).sum()
    if cells.sum() == 0:
        return 0.0
    p = cells[cells > 0] / cells.sum()
    return float(
        sum(v * np.log2(p.groupby(level=0).sum()[i] * p.groupby(level=1).sum()[j] / v**2) for (i, j), v in p.items())
    )


@VI.wrong("sorts the maps in place", MUTATES, loses="tests", says="work on copies")
def variation_of_information(a, b, people=None):
    if len(list(a)) != len(list(b)):
        raise ValueError("lengths")
    n = [1] * len(a) if people is None else list(people)
    if sum(n) == 0:
        return np.nan
    cell, first, second = {}, {}, {}
    for i, j, m in zip(a, b, n):
        cell[i, j] = cell.get((i, j), 0) + m / sum(n)
        first[i] = first.get(i, 0) + m / sum(n)
        second[j] = second.get(j, 0) + m / sum(n)
    if isinstance(people, list):
        people.sort()
    return sum(p * np.log2(first[i] * second[j] / p**2) for (i, j), p in cell.items() if p)


@VI.wrong("the worked example typed in", CONSTANT, says="about 1.0897", loses="tests edges")
def variation_of_information(a, b, people=None):
    return 1.0


@VI.wrong("two names as one text", EDGE, loses="edges", says="as a pair")
def variation_of_information(a, b, people=None):
    a, b = list(a), list(b)
    if len(a) != len(b):
        raise ValueError("lengths")
    n = np.ones(len(a)) if people is None else np.array(people, dtype=float)
    if n.sum() == 0:
        return np.nan
    p = n / n.sum()
    both = [str(i) + str(j) for i, j in zip(a, b)]

    def H(names):
        q = pd.Series(p).groupby(names).sum()
        q = q[q > 0]
        return -(q * np.log2(q)).sum()

    return 2 * H(both) - H(a) - H(b)


@VI.wrong("only missing areas are undefined", EDGE, loses="edges", says="Without people")
def variation_of_information(a, b, people=None):
    if len(a) != len(b):
        raise ValueError("lengths")
    if len(a) == 0:
        return np.nan
    if people is None:
        people = [1] * len(a)
    t = pd.DataFrame({"a": list(a), "b": list(b), "n": list(people)})
    t = t[t["n"] > 0].groupby(["a", "b"], as_index=False)["n"].sum()
    p = t["n"] / t["n"].sum()
    pi = t.groupby("a")["n"].transform("sum") / t["n"].sum()
    pj = t.groupby("b")["n"].transform("sum") / t["n"].sum()
    return (p * (np.log2(pi / p) + np.log2(pj / p))).sum()


@VI.wrong("a DataFrame joins the Series by label", EDGE, loses="tests", says="labels mean nothing")
def variation_of_information(a, b, people=None):
    if len(a) != len(b):
        raise ValueError("lengths")
    t = pd.DataFrame({"a": a, "b": b, "n": 1 if people is None else people})
    if t["n"].sum() == 0:
        return np.nan
    t["n"] = t["n"] / t["n"].sum()
    x = t.pivot_table(index="a", columns="b", values="n", aggfunc="sum", fill_value=0).to_numpy()
    i, j = x.nonzero()
    p = x[i, j]
    return (p * (np.log2(x.sum(axis=1)[i] / p) + np.log2(x.sum(axis=0)[j] / p))).sum()


# --- 12.7 -------------------------------------------------------------------------------------------------------------

VOICE = BANK.task("voice")


@VOICE.right("sets and sums")
def voice(people, seats, dyads, partition, new_seats):
    total = sum(people.values())
    old = sum(seats[b] for b in people)
    new = sum(new_seats[b] for b in set(partition[b] for b in people))
    joined = [b for b in people if sum(partition[o] == partition[b] for o in people) > 1]
    ties = set(dyads)
    cut = len([t for t in ties if t[1] in joined]) / len(ties) if ties else float("nan")
    return {
        "before": total / old if old > 0 else float("inf"),
        "after": total / new if new > 0 else float("inf"),
        "cut": cut,
    }


@VOICE.right("a DataFrame of boards")
def voice(people, seats, dyads, partition, new_seats):
    boards = pd.DataFrame({"people": pd.Series(people, dtype=float)})
    boards["seats"] = [seats[b] for b in boards.index]
    boards["new"] = [partition[b] for b in boards.index]
    boards["joined"] = boards["new"].duplicated(keep=False)
    later = sum(new_seats[b] for b in boards["new"].unique())
    ties = pd.DataFrame(list(dyads), columns=["council", "board"]).drop_duplicates()
    n = boards["people"].sum()
    return {
        "before": n / boards["seats"].sum() if boards["seats"].sum() else np.inf,
        "after": n / later if later else np.inf,
        "cut": ties["board"].map(boards["joined"]).astype(float).mean() if len(ties) else np.nan,
    }


def share(a, b, empty):
    return a / b if b != 0 else empty


@VOICE.right("members of each new board", using=[share])
def voice(people, seats, dyads, partition, new_seats):
    members = {}
    for old, new in partition.items():
        members.setdefault(new, []).append(old)
    joined = [old for olds in members.values() if len(olds) > 1 for old in olds]
    ties = []
    for council, board in dyads:
        if (council, board) not in ties:
            ties.append((council, board))
    total = sum(people[b] for b in people)
    return {
        "before": share(total, sum(seats[b] for b in seats), float("inf")),
        "after": share(total, sum(new_seats[n] for n in members), float("inf")),
        "cut": share(sum(board in joined for _, board in ties), len(ties), float("nan")),
    }


VOICE.slip(
    "seats of a new board counted for each old one",
    MISCONCEPTION,
    of="sets and sums",
    change={"in set(partition[b] for b in people)": "in [partition[b] for b in people]"},
    says="count once",
    loses="tests edges",
)


@VOICE.wrong("the mean of the boards", MISCONCEPTION, loses="tests edges", says="all people over all seats")
def voice(people, seats, dyads, partition, new_seats):
    joined = [b for b in people if sum(partition[o] == partition[b] for o in people) > 1]
    ties = set(dyads)
    new = {}
    for b in people:
        new[partition[b]] = new.get(partition[b], 0) + people[b]
    return {
        "before": np.mean([people[b] / seats[b] if seats[b] else np.inf for b in people]),
        "after": np.mean([new[b] / new_seats[b] if new_seats[b] else np.inf for b in new]),
        "cut": np.mean([t[1] in joined for t in ties]) if ties else np.nan,
    }


VOICE.slip(
    "all seats that are offered",
    BOUNDARY,
    of="sets and sums",
    change={"sum(new_seats[b] for b in set(partition[b] for b in people))": "sum(new_seats.values())"},
    says="nobody becomes does not count",
    loses="tests",
)
VOICE.slip(
    "a tie as often as it stands",
    BOUNDARY,
    of="sets and sums",
    change={"ties = set(dyads)": "ties = list(dyads)"},
    says="counts once",
    loses="tests",
)
VOICE.slip(
    "a new name cuts",
    MISCONCEPTION,
    of="sets and sums",
    change={"sum(partition[o] == partition[b] for o in people) > 1": "partition[b] != b"},
    says="only changes its name",
    loses="tests edges",
)
VOICE.slip(
    "councils for ties",
    MISCONCEPTION,
    of="sets and sums",
    change={
        "len([t for t in ties if t[1] in joined])": "len({t[0] for t in ties if t[1] in joined})",
        "/ len(ties) if": "/ len({t[0] for t in ties}) if",
    },
    says="cut",
    loses="tests",
)
VOICE.slip(
    "0 without ties",
    EDGE,
    of="sets and sums",
    change={'if ties else float("nan")': "if ties else 0.0"},
    says="Without ties",
    loses="edges",
)
VOICE.slip(
    "nan without a seat",
    EDGE,
    of="sets and sums",
    change={'total / old if old > 0 else float("inf")': 'total / old if old > 0 else float("nan")'},
    says="before is inf",
    loses="edges",
)
VOICE.slip(
    "stops at no seat to come",
    EDGE,
    of="sets and sums",
    change={'total / new if new > 0 else float("inf")': "total / new"},
    says="stopped with ZeroDivisionError",
    loses="edges",
)
VOICE.slip(
    "the new name decides, and whoever had it keeps its ties",
    EDGE,
    of="sets and sums",
    change={"> 1]": "> 1 and partition[b] != b or partition[b] != b and partition[b] in people]"},
    says="so 0.5",
    loses="tests",
)


@VOICE.wrong("writes the sum beside the seats", MUTATES, loses="tests", says="work on copies")
def voice(people, seats, dyads, partition, new_seats):
    total, old = sum(people.values()), sum(seats[b] for b in people)
    new = sum(new_seats[b] for b in set(partition.values()))
    becomes = list(partition.values())
    ties = set(dyads)
    cut = np.mean([becomes.count(partition[t[1]]) > 1 for t in ties]) if ties else np.nan
    seats["all"] = old
    return {"before": total / old if old else np.inf, "after": total / new if new else np.inf, "cut": cut}


@VOICE.wrong("the worked example typed in", CONSTANT, says="before is inf", loses="tests edges")
def voice(people, seats, dyads, partition, new_seats):
    return {"before": 100, "after": 1000 / 6, "cut": 2 / 3}


@VOICE.wrong("exactly two are joined", EDGE, loses="tests", says="All three boards become n")
def voice(people, seats, dyads, partition, new_seats):
    n = sum(people.values())
    now, later = sum(seats.values()), sum(new_seats[b] for b in set(partition.values()))
    ties = set(dyads)
    new = list(partition.values())
    cut = sum(new.count(partition[b]) == 2 for c, b in ties) / len(ties) if ties else np.nan
    return {"before": n / now if now else np.inf, "after": n / later if later else np.inf, "cut": cut}


@VOICE.wrong("equal numbers of seats count once", MISCONCEPTION, loses="tests", says="not each number")
def voice(people, seats, dyads, partition, new_seats):
    n = sum(people.values())
    now = sum(seats.values())
    later = sum({new_seats[b] for b in partition.values()})
    ties = set(dyads)
    new = list(partition.values())
    cut = sum(new.count(partition[b]) > 1 for c, b in ties) / len(ties) if ties else np.nan
    return {"before": n / now if now else np.inf, "after": n / later if later else np.inf, "cut": cut}


# --- 12.8 -------------------------------------------------------------------------------------------------------------

REGRET = BANK.task("minimax_regret")


@REGRET.right("an array of columns")
def minimax_regret(costs):
    x = costs.to_numpy(dtype=float)
    r = x - x.min(axis=0)
    return costs.index[r.max(axis=1).argmin()], pd.DataFrame(r, index=costs.index, columns=costs.columns)


@REGRET.right("a loop over the states")
def minimax_regret(costs):
    regret = costs.copy()
    for state in costs.columns:
        regret[state] = costs[state] - costs[state].min()
    best = None
    for action in regret.index:
        worst = regret.loc[action].max()
        if best is None or worst < best[1]:
            best = (action, worst)
    return best[0], regret


REGRET.slip(
    "the lowest cost of each row",
    MISCONCEPTION,
    of="an array of columns",
    change={"x - x.min(axis=0)": "x - x.min(axis=1)[:, None]"},
    says="lowest of each column",
    loses="tests edges",
)
REGRET.slip(
    "the smallest worst cost",
    MISCONCEPTION,
    of="an array of columns",
    change={"costs.index[r.max(axis=1).argmin()]": "costs.index[x.max(axis=1).argmin()]"},
    says="smallest worst cost",
    loses="tests edges",
)
REGRET.slip(
    "the sum of regrets",
    BOUNDARY,
    of="an array of columns",
    change={"r.max(axis=1)": "r.sum(axis=1)"},
    says="smallest sum of regrets",
    loses="tests edges",
)
REGRET.slip(
    "the last of equal actions",
    BOUNDARY,
    of="a loop over the states",
    change={"worst < best[1]": "worst <= best[1]"},
    says="the one that stands first wins",
    loses="tests edges",
)
REGRET.slip(
    "equal actions by name",
    EDGE,
    of="a loop over the states",
    change={"in regret.index": "in sorted(regret.index)"},
    says="the one that stands first wins",
    loses="tests edges",
)
REGRET.slip(
    "the row's number",
    EDGE,
    of="an array of columns",
    change={"costs.index[r.max(axis=1).argmin()]": "int(r.max(axis=1).argmin())"},
    says="not its position",
    loses="tests edges",
)
REGRET.slip(
    "gains are clipped",
    EDGE,
    of="an array of columns",
    change={"costs.to_numpy(dtype=float)": "costs.to_numpy(dtype=float).clip(0)"},
    says="Gains are negative costs",
    loses="tests",
)
REGRET.slip(
    "labels are lost",
    EDGE,
    of="an array of columns",
    change={"pd.DataFrame(r, index=costs.index, columns=costs.columns)": "pd.DataFrame(r)"},
    says="keep the labels",
    loses="tests",
)


@REGRET.wrong("subtracts in place", MUTATES, loses="tests", says="work on a copy")
def minimax_regret(costs):
    for state in costs.columns:
        costs[state] = costs[state] - costs[state].min()
    return costs.index[costs.max(axis=1).to_numpy().argmin()], costs.copy()


@REGRET.wrong("the worked example typed in", CONSTANT, says="z and a share", loses="tests edges")
def minimax_regret(costs):
    return "stay", pd.DataFrame({"calm": [0, 5], "storm": [2, 0]}, index=["stay", "move"])


@REGRET.wrong("sorts, and ties are shuffled", BOUNDARY, loses="edges", says="does not keep equal values in order")
def minimax_regret(costs):
    regret = costs - costs.min()
    worst = regret.max(axis=1)
    return worst.sort_values().index[0], regret


TASKS = BANK.tasks

SAMPLES = (
    Sample(
        "weak",
        """
        I support the proposal to merge in pairs, because it is obviously the most efficient. Larger boards have economies of
        scale and the government wants fewer of them. The cost falls to 14.71 per head, which is a big saving, and people in
        whole councils are at 100%. Co-terminosity means that health and social care will finally be coordinated, so
        patients will notice the difference.

        Some people are afraid that boards will be further away. This is understandable, but modern boards can use digital
        tools and surveys to hear residents, and a communication plan will be important. Stakeholders should be involved
        throughout the process and their views should be taken into account. With good leadership, culture will follow.

        We should move quickly, since uncertainty is bad for staff. Other regions have already merged and we do not want to
        be the last. In the long run the new boards will find their place, whatever the devolution map looks like. The council
        leader and the patients' group can be reassured that nothing will change for them, because only the administration is
        merged. I recommend to approve the proposal at today's meeting and to ask the chief executives to implement it as soon
        as possible, with a review after two years.
        """,
        {
            "two quantitative criteria in conflict": (
                1,
                "two numbers that point the same way; no conflict, no weighing",
            ),
            "a remedy for engagement": (0, "digital tools and a plan, but nobody does anything by any date"),
            "timing and devolution": (0, "says that the later map will not matter; the table says that it does"),
            "clarity": (1, "the first sentence says what is proposed"),
        },
    ),
    Sample(
        "adequate",
        """
        I defend the merger in pairs, but with conditions. In its favour, every council would lie in one board: 100% of
        people, where north and south reaches only 55%. Against it, residents per seat double from 111,037 to 222,073, so each
        person who speaks for residents speaks for twice as many. I weigh the first higher, because a council leader who
        needs two boards for each discharge agreement loses time every week, whereas seats can be added.

        That is the remedy that I propose: the new boards should have ten seats and not five, which brings residents per seat
        back to where they are. In addition each old board's area should keep a local committee. The chair of the new board
        should be responsible for this.

        On cost, pairs give 14.71 pounds per head in the model and north and south 14.07, so the pairs are dearer by
        64 pence. Since the three parts of that model are invented, I would not decide on it.

        On timing: the distance of the pairs from later map A is 0.01 bits, but from map B 2.54. So if the strategic
        authorities follow map B we would have to redraw a good deal. It would be better to know the map first, but the
        order does not wait. The board should therefore go ahead and hope that map A is chosen, and should tell the
        ministry which map fits.

        The proposal above 1.5 million people should be rejected, since only 76% of people would be in whole councils and it
        has the second-largest number of residents per seat.
        """,
        {
            "two quantitative criteria in conflict": (
                3,
                "whole councils against residents per seat, and says why the first weighs more",
            ),
            "a remedy for engagement": (2, "ten seats restore the number, and the chair answers for it; no date"),
            "timing and devolution": (2, "reads the distances, but nothing follows except hope; regret is not named"),
            "clarity": (1, "the first sentence says what is proposed"),
        },
    ),
    Sample(
        "strong",
        """
        **Merge in pairs, share a team first, and sign the merger when the authorities' map is known or on the last day that
        the order leaves us.**

        *What we gain and lose.* Today 55% of people live in a council within one board. In pairs it is 100%, and nothing
        remains open about anybody's board (0 bits), because the county and the two smaller councils that are cut become
        whole. The price is voice: 222,073 residents per seat, twice as many as today. I weigh this as follows. A cut council
        costs two meetings for each decision, for ever. A lost seat can be given back. So I take the pairs, if the seats come
        with them. North and south is 64 pence per head cheaper, but leaves 45% of people in cut councils, with 333,110
        residents per seat: it loses on both.

        *What we do about voice.* By 31 January the two chairs of each pair write ten seats into the constitution of the new
        board, five for each old area, and name who fills them. By 1 April each old area has a committee to which the board
        must answer in public within 30 days. The patients' group and the council leader each check one of the two, and report
        to this meeting in June. If answers are late twice, the area's seats gain a veto on moving services.

        *Time.* The pairs lie 0.01 bits from later map A, 1.23 from map C and 2.54 from map B. Under A we would regret each
        month of waiting, under B a merger signed too soon. A shared team gives us a part of the saving now and leaves the
        line where it is, so its worst regret is the smaller one unless redrawing is cheap (in the chapter's model, below about
        6 million pounds per bit). If we are ordered to sign before the map is drawn, the minutes should say who pays for
        redrawing.

        *What I do not know.* The cost model is invented, and no table shows who knows whom. I would change my mind if the
        councils said that seats are not what they miss.
        """,
        {
            "two quantitative criteria in conflict": (
                3,
                "whole councils against residents per seat, with a weighing that is argued",
            ),
            "a remedy for engagement": (3, "seats and committees, who, by when, and what happens if not"),
            "timing and devolution": (3, "distances turned into regrets, and a choice that follows from them"),
            "clarity": (1, "one bold sentence says it"),
        },
    ),
)
