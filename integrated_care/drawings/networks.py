"""The charts of chapter 2. Each takes coded ties or what :mod:`integrated_care.networks` gives; end it with ``charts.finish``."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from .. import charts, networks
from ..networks import ALL, FORMAL

SECTORS = {
    "government": "government", "health service": "health service", "oversight": "oversight", "insurance": "oversight",
    "local government": "local government", "social care": "care and other", "private": "care and other",
    "voice": "voice and public", "public": "voice and public",
}  # fmt: skip
COLOURS = {
    "government": "vermillion", "health service": "blue", "oversight": "purple", "local government": "green",
    "care and other": "neutral", "voice and public": "orange",
}  # fmt: skip
NONE = "nobody"


def _places(nodes: pd.DataFrame, country: str) -> pd.DataFrame:
    """Where each body of a country is drawn (y downwards), its label on one line a word, its sector and its full name."""
    here = nodes[nodes["country"] == country]
    return pd.DataFrame(
        {
            "body": here["body"].to_numpy(),
            "x": here["draw_column"].to_numpy(),
            "y": here["draw_row"].to_numpy(),
            "label": here["body"].str.replace(" ", "|").to_numpy(),
            "sector": here["sector"].map(SECTORS).to_numpy(),
            "name": here["name"].to_numpy(),
        }
    )


def _axes(places: pd.DataFrame, above: float = 0.3) -> dict:
    rows = float(places["y"].max())
    return {
        "x": alt.Scale(domain=[-0.4, 4.4], nice=False, zero=False),
        "y": alt.Scale(domain=[rows + 0.55, -above], nice=False, zero=False),
    }


def _ends(ties: alt.Chart, places: pd.DataFrame) -> alt.Chart:
    """Look the two ends of each tie up, so that the data of the chart are the ties and nothing else."""
    for end, names in {"from": ("x1", "y1"), "to": ("x2", "y2")}.items():
        position = places[["body", "x", "y"]].rename(columns={"x": names[0], "y": names[1]})
        ties = ties.transform_lookup(lookup=end, from_=alt.LookupData(data=position, key="body", fields=list(names)))
    return ties


def _lines(ties: alt.Chart, scale: Mapping[str, alt.Scale]) -> alt.Chart:
    return ties.mark_rule(strokeWidth=1.6).encode(
        x=alt.X("x1:Q", axis=None, scale=scale["x"]),
        y=alt.Y("y1:Q", axis=None, scale=scale["y"]),
        x2="x2:Q",
        y2="y2:Q",
        strokeDash=alt.StrokeDash(
            "status:N",
            title=None,
            scale=alt.Scale(domain=["formal", "assumed"], range=[[1, 0], [4, 4]]),
            legend=None,
        ),
    )


def _bodies(
    bodies: alt.Chart, scale: Mapping[str, alt.Scale], present: Sequence[str], *more: alt.Tooltip
) -> list[alt.Chart]:
    """A dot coloured by sector and, below it, the name, one word a line, on a ground of the page's colour.

    What is told of a dot is its short and its full name, and ``more``.
    """
    place = bodies.encode(x=alt.X("x:Q", axis=None, scale=scale["x"]), y=alt.Y("y:Q", axis=None, scale=scale["y"]))
    known = [sector for sector in COLOURS if sector in present]
    colours = alt.Scale(domain=known, range=[charts.colour(COLOURS[sector]) for sector in known])
    dots = place.mark_point(size=150, opacity=1).encode(
        color=alt.Color("sector:N", title=None, scale=colours, legend=alt.Legend(columns=2, labelLimit=150)),
        tooltip=[alt.Tooltip("body:N", title="Body"), alt.Tooltip("name:N", title="Name"), *more],
    )
    style = {"lineBreak": "|", "baseline": "top", "dy": 9, "fontSize": 12, "lineHeight": 13}
    ground = charts.label(place, "label:N", **style, stroke=charts.colour("page"), strokeWidth=4, strokeJoin="round")
    return [dots, ground, charts.label(place, "label:N", **style)]


def _height(places: pd.DataFrame) -> float:
    return 84 * (float(places["y"].max()) + 1)


def tie_map(
    nodes: pd.DataFrame, edges: pd.DataFrame, scenarios: Mapping[str, str], layer: str, first: str | None = None
) -> alt.LayerChart:
    """Bodies and ties of one layer on one fixed layout, with menus for the scenario and for formal ties only.

    Parameters
    ----------
    nodes, edges
        As ``governance_nodes`` and ``governance_edges``.
    scenarios
        Scenario -> what the menu calls it; all of one country.
    layer
        The layer to draw. A solid line is a formal tie, a dashed one an assumed tie; the small dot on a line stands near
        its target.
    first
        The scenario that is shown first; default the first one.
    """
    used = edges[edges["scenario"].isin(scenarios)]
    country = used["country"].iloc[0]
    places = _places(nodes, country)
    named = {scenario: networks.scenario_graph(edges, scenario).nodes for scenario in scenarios}
    here = pd.concat(
        [places[places["body"].isin(bodies)].assign(scenario=scenarios[s]) for s, bodies in named.items()],
        ignore_index=True,
    )
    ties = used[used["layer"] == layer].rename(columns={"source": "from", "target": "to"})
    ties = ties.assign(scenario=ties["scenario"].map(scenarios))[["scenario", "from", "to", "status", "evidence"]]
    names = list(scenarios.values())
    which = charts.menu("scenario_shown", "System", names, scenarios[first] if first else None)
    status = charts.menu("ties_shown", "Ties", [ALL, FORMAL])
    scale = _axes(places)
    chosen = _ends(
        alt.Chart(ties)
        .transform_filter("datum.scenario == scenario_shown")
        .transform_filter(f"ties_shown == '{ALL}' || datum.status == 'formal'"),
        places,
    )
    tips = [
        alt.Tooltip("scenario:N", title="System"),
        alt.Tooltip("from:N", title="From"),
        alt.Tooltip("to:N", title="To"),
        alt.Tooltip("status:N", title="Status"),
        alt.Tooltip("evidence:N", title="Evidence"),
    ]
    lines = _lines(chosen, scale).encode(color=alt.value(charts.colour("muted")), tooltip=tips)
    heads = (
        chosen.transform_calculate(
            hx="datum.x1 + 0.8 * (datum.x2 - datum.x1)", hy="datum.y1 + 0.8 * (datum.y2 - datum.y1)"
        )
        .mark_point(size=26, opacity=1, color=charts.colour("text"))
        .encode(x=alt.X("hx:Q", axis=None, scale=scale["x"]), y=alt.Y("hy:Q", axis=None, scale=scale["y"]))
    )
    bodies = alt.Chart(here).transform_filter("datum.scenario == scenario_shown")
    drawn = _bodies(
        bodies,
        scale,
        list(here["sector"]),
        alt.Tooltip("sector:N", title="Sector"),
    )
    return (
        alt.layer(lines, heads, *drawn).add_params(which, status).properties(width=charts.WIDTH, height=_height(places))
    )


def say_tie_map(edges: pd.DataFrame, scenarios: Mapping[str, str], layer: str) -> str:
    """The ties of a layer in words, system by system: the text alternative of :func:`tie_map`. Assumed ones have a star."""
    said = []
    for scenario, name in scenarios.items():
        rows = edges[(edges["scenario"] == scenario) & (edges["layer"] == layer)]
        pairs = [f"{r.source} to {r.target}{'' if r.status == 'formal' else '*'}" for r in rows.itertuples()]
        said.append(f"{name}: {', '.join(pairs)}.")
    return " ".join(said) + " A star marks an assumed tie."


def abolition(nodes: pd.DataFrame, edges: pd.DataFrame, scenario: str, first: str) -> alt.LayerChart:
    """Choose a body to abolish and see which ties go and what it costs. Everything is worked out beforehand.

    All layers count together. The menu, ordered by ``networks.removal_impact``, chooses the body; the map shows its ties
    as lost, and the words above it give what is left of efficiency, the pieces and the bodies left alone.
    """
    country = edges.loc[edges["scenario"] == scenario, "country"].iloc[0]
    places = _places(nodes, country)
    rows = edges[edges["scenario"] == scenario]
    pairs = {}
    for r in rows.itertuples():
        key = tuple(sorted((r.source, r.target)))
        pairs.setdefault(key, []).append((r.layer, r.status))
    ties = pd.DataFrame(
        [
            {
                "from": a,
                "to": b,
                "layers": ", ".join(layer for layer, _ in kinds),
                "status": "formal" if any(status == "formal" for _, status in kinds) else "assumed",
            }
            for (a, b), kinds in pairs.items()
        ]
    )
    table = _removals(networks.removals(edges, scenario))
    known = list(_by_loss(table[table["ties"] == ALL])["body"])
    gone = charts.menu("gone", "Abolish", [NONE, *known], first)
    status = charts.menu("counted", "Ties", [ALL, FORMAL])
    scale = _axes(places, above=1.0)
    seen = _ends(alt.Chart(ties).transform_filter(f"counted == '{ALL}' || datum.status == 'formal'"), places)
    lost = "datum.from == gone || datum.to == gone"
    tips = [
        alt.Tooltip("from:N", title="Between"),
        alt.Tooltip("to:N", title="and"),
        alt.Tooltip("layers:N", title="Layers"),
        alt.Tooltip("status:N", title="Status"),
    ]
    stay = _lines(seen.transform_filter(f"!({lost})"), scale).encode(
        color=alt.value(charts.colour("muted")), tooltip=tips
    )
    cut = _lines(seen.transform_filter(lost), scale).encode(color=alt.value(charts.colour("vermillion")), tooltip=tips)
    here = places[places["body"].isin(known)]
    bodies = alt.Chart(here)
    drawn = _bodies(bodies, scale, list(here["sector"]))
    cross = (
        bodies.transform_filter("datum.body == gone")
        .mark_point(shape="cross", angle=45, size=420, opacity=1, color=charts.colour("vermillion"))
        .encode(x=alt.X("x:Q", axis=None, scale=scale["x"]), y=alt.Y("y:Q", axis=None, scale=scale["y"]))
    )
    chosen = alt.Chart(table).transform_filter("datum.body == gone && datum.ties == counted")
    said = charts.label(chosen, "says:N", align="left", baseline="top", lineBreak="|", lineHeight=17).encode(
        x=alt.value(4),
        y=alt.value(0),
        tooltip=[
            alt.Tooltip("body:N", title="Without"),
            alt.Tooltip("ties:N", title="Ties counted"),
            alt.Tooltip("loss:Q", title="Loss of efficiency"),
            alt.Tooltip("pieces:Q", title="More pieces"),
            alt.Tooltip("isolated:N", title="Left alone"),
        ],
    )
    return (
        alt.layer(stay, cut, *drawn, cross, said)
        .add_params(gone, status)
        .properties(width=charts.WIDTH, height=_height(places) + 60)
    )


def say_abolition(removals: pd.DataFrame) -> str:
    """What ``networks.removals`` gives in words, from the largest loss to the smallest: what :func:`abolition` shows."""
    table = _removals(removals)
    formal = table[table["ties"] == FORMAL].set_index("body")["loss"]
    said = [
        f"{r.body} {r.loss:.3f} and {formal[r.body]:.3f}, left alone {r.isolated}."
        for r in _by_loss(table[table["ties"] == ALL]).itertuples()
    ]
    start = "A network of bodies with a menu to abolish one of them."
    return " ".join([start, "Loss of efficiency with all ties, and with formal ties only:", *said])


def _by_loss(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values(["loss", "body"], ascending=[False, True])


def _removals(table: pd.DataFrame) -> pd.DataFrame:
    """What ``networks.removals`` gives, as the chart tells it: ``says`` is a sentence with "|" for its line breaks."""
    said = []
    for r in table.itertuples():
        alone = ", ".join(r.isolated) or NONE
        pieces = f"pieces {r.pieces:+d}" if r.pieces else "no new pieces"
        change = f"efficiency from {r.before:.2f} to {r.before - r.loss:.2f}"
        said.append((round(r.loss, 6), alone, f"Without {r.body}:|{change}; {pieces}|left alone: {alone}"))
    loss, isolated, says = zip(*said, strict=True)
    return table[["body", "ties"]].assign(loss=loss, pieces=table["pieces"], isolated=isolated, says=says)


def centralisation(table: pd.DataFrame, first: str) -> alt.LayerChart:
    """What ``networks.centralisations`` gives: a row a scenario, a dot for all ties, a ring for formal ties, a menu of layers."""
    names = list(dict.fromkeys(table["scenario"]))
    layers = list(dict.fromkeys(table["layer"]))
    pick = charts.menu("layer_shown", "Layer", layers, first)
    base = alt.Chart(table).transform_filter("datum.layer == layer_shown")
    y = alt.Y("scenario:N", title=None, sort=names, axis=alt.Axis(labelLimit=170))
    x = alt.X("centralisation:Q", title="Degree centralisation (1 = a star)", scale=alt.Scale(domain=[0, 1]))
    line = base.mark_line(strokeWidth=3, color=charts.colour("grid")).encode(x=x, y=y, detail="scenario:N")
    dots = base.mark_point(size=130, strokeWidth=2.5, opacity=1).encode(
        x=x,
        y=y,
        color=alt.Color(
            "ties:N",
            title=None,
            scale=alt.Scale(domain=[ALL, FORMAL], range=[charts.colour("blue"), charts.colour("orange")]),
        ),
        shape=alt.Shape("ties:N", title=None, scale=alt.Scale(domain=[ALL, FORMAL], range=["circle", "diamond"])),
        tooltip=[
            alt.Tooltip("scenario:N", title="System"),
            alt.Tooltip("layer:N", title="Layer"),
            alt.Tooltip("ties:N", title="Ties counted"),
            alt.Tooltip("centralisation:Q", title="Centralisation", format=".2f"),
        ],
    )
    return alt.layer(line, dots).add_params(pick).properties(width=charts.WIDTH, height=44 * len(names))


def say_centralisation(table: pd.DataFrame) -> str:
    """The dots of :func:`centralisation`, system by system, in words."""
    value = table.set_index(["scenario", "layer", "ties"])["centralisation"]
    said = []
    for scenario, rows in table.groupby("scenario", sort=False):
        layers = [
            f"{layer} {value[scenario, layer, ALL]:.2f} with all ties, {value[scenario, layer, FORMAL]:.2f} with formal ties"
            for layer in rows["layer"].unique()
        ]
        said.append(f"{scenario}: {'; '.join(layers)}.")
    return " ".join(["A dot plot, one row a system.", *said])


def boundary(table: pd.DataFrame) -> alt.LayerChart:
    """What ``networks.centralisations_by_places`` gives: a row a scenario, a slider for the places, a menu for formal ties only.

    The pale line of a row runs from the lowest to the highest value that any number of places gives.
    """
    names = list(dict.fromkeys(table["scenario"]))
    most = int(table["places"].max())
    status = charts.menu("boundary_ties", "Ties", [ALL, FORMAL])
    places = charts.slider("places_shown", "Places", 1, most, step=1, first=1)
    base = alt.Chart(table).transform_filter("datum.ties == boundary_ties")
    y = alt.Y("scenario:N", title=None, sort=names, axis=alt.Axis(labelLimit=170))
    x = alt.X("centralisation:Q", title="Degree centralisation (1 = a star)", scale=alt.Scale(domain=[0, 0.6]))
    tooltip = [
        alt.Tooltip("scenario:N", title="System"),
        alt.Tooltip("places:Q", title="Places"),
        alt.Tooltip("ties:N", title="Ties counted"),
        alt.Tooltip("centralisation:Q", title="Centralisation", format=".2f"),
    ]
    line = base.mark_line(strokeWidth=6, opacity=0.6, color=charts.colour("sky")).encode(x=x, y=y, detail="scenario:N")
    now = base.transform_filter("datum.places == places_shown")
    dots = now.mark_point(size=130, opacity=1, color=charts.colour("blue")).encode(x=x, y=y, tooltip=tooltip)
    words = charts.label(now, "centralisation:Q", ".2f", align="left", dx=10).encode(x=x, y=y)
    return (
        alt.layer(line, dots, words).add_params(status, places).properties(width=charts.WIDTH, height=44 * len(names))
    )


def say_boundary(table: pd.DataFrame) -> str:
    """Some of what the slider of :func:`boundary` shows, system by system, in words."""
    value = table.set_index(["ties", "scenario", "places"])["centralisation"]
    most = int(table["places"].max())
    said = {ALL: [], FORMAL: []}
    for name in table["scenario"].unique():
        one, two, last = (f"{value[ALL, name, places]:.2f}" for places in (1, 2, most))
        said[ALL].append(f"{name}: {one} with one place, {two} with two, {last} with {charts.in_words(most)}.")
        one, last = (f"{value[FORMAL, name, places]:.2f}" for places in (1, most))
        said[FORMAL].append(f"{name}: {one} with one, {last} with {charts.in_words(most)}.")
    start = "A dot plot, one row a system, with a slider for the number of places."
    return " ".join([start, *said[ALL], "With formal ties only:", *said[FORMAL]])


def brokers(table: pd.DataFrame) -> alt.LayerChart:
    """What ``networks.betweenness_by_chance`` gives: a dot a body, on the band that its number of ties alone would give."""
    order = list(table["body"])
    y = alt.Y("body:N", title=None, sort=order)
    scale = alt.Scale(nice=True)
    tooltip = [
        alt.Tooltip("body:N", title="Body"),
        alt.Tooltip("betweenness:Q", title="Betweenness", format=".2f"),
        alt.Tooltip("low:Q", title="By chance, from", format=".2f"),
        alt.Tooltip("high:Q", title="By chance, to", format=".2f"),
    ]
    base = alt.Chart(table).encode(y=y, tooltip=tooltip)
    band = base.mark_bar(height=12, color=charts.colour("grid")).encode(
        x=alt.X("low:Q", title="Betweenness (share of shortest paths)", scale=scale), x2="high:Q"
    )
    dots = base.mark_point(size=110, opacity=1, color=charts.colour("blue")).encode(x="betweenness:Q")
    return alt.layer(band, dots).properties(width=charts.WIDTH, height=25 * len(order))


def say_brokers(table: pd.DataFrame) -> str:
    """The dot and the band of each body in :func:`brokers`, in words."""
    said = [f"{r.body} {r.betweenness:.2f}, by chance {r.low:.2f} to {r.high:.2f}." for r in table.itertuples()]
    return " ".join(["A dot for each body on a grey band of what chance gives.", *said])


def overlap(table: pd.DataFrame) -> alt.LayerChart:
    """What ``networks.overlaps`` gives as a heat map: pairs of layers by scenarios, with the number in each cell."""
    names, pairs = list(dict.fromkeys(table["scenario"])), list(dict.fromkeys(table["pair"]))
    table = table.assign(words=[f"{v:.0%}" for v in table["overlap"]])
    ink = alt.condition("datum.overlap > 0.3", alt.value("#fefefe"), alt.value("#10161f"))
    base = alt.Chart(table).encode(
        x=alt.X("scenario:N", title=None, sort=names, axis=alt.Axis(labelAngle=-40, labelLimit=130)),
        y=alt.Y(
            "pair:N", title=None, sort=pairs, axis=alt.Axis(labelExpr="split(datum.label, ' and ')", labelLineHeight=14)
        ),
        tooltip=[
            alt.Tooltip("scenario:N", title="System"),
            alt.Tooltip("pair:N", title="Layers"),
            alt.Tooltip("overlap:Q", title="Pairs tied on both", format=".0%"),
        ],
    )
    cells = base.mark_rect(cornerRadius=3).encode(
        color=alt.Color(
            "overlap:Q",
            title="Pairs tied on both",
            scale=alt.Scale(range=charts.SEQUENTIAL, domain=[0, 0.6]),
            legend=None,
        )
    )
    return alt.layer(cells, base.mark_text().encode(text="words:N", color=ink)).properties(
        width=charts.WIDTH - 130, height=48 * len(pairs)
    )


def say_overlap(table: pd.DataFrame) -> str:
    """The cells of :func:`overlap`, system by system, in words."""
    pairs, systems = (charts.in_words(table[column].nunique()) for column in ("pair", "scenario"))
    said = [f"A heat map of {pairs} pairs of layers by {systems} systems."]
    for scenario, rows in table.groupby("scenario", sort=False):
        said.append(f"{scenario}: {', '.join(f'{r.pair} {r.overlap:.0%}' for r in rows.itertuples())}.")
    return " ".join(said)
