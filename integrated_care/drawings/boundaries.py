"""The charts of chapter 12. Each takes tables or what :mod:`integrated_care.boundaries` gives; end it with ``charts.finish``.

The charts with sliders carry the closed forms of the methods as Vega-Lite transforms, so that they work in a built page
without Python. A test holds what they draw against the methods.
"""

import textwrap
from collections.abc import Iterable, Mapping

import altair as alt
import numpy as np
import pandas as pd

from .. import boundaries, charts

FATES = {
    "dissolved": ("dissolved in 2026", "vermillion"),
    "enlarged": ("enlarged in 2026", "purple"),
    "shared": ("shares a team", "orange"),
    "alone": ("stands alone", "neutral"),
}
# Dark letters can be read on each; from the eighth unit of a map on they come again.
UNITS = ["sky", "orange", "green", "yellow", "purple", "vermillion", "neutral"]
SIZES = np.round(np.arange(0.3, 5.001, 0.05), 2)  # millions of people, at which `size` is drawn
MILLION = 1_000_000
# name -> (label of the slider, lowest, highest, step) of `regret`
WEIGHTS = {
    "redraw": ("Redrawing, £ million per bit", 0, 20, 0.5),
    "saving": ("Saving of a merger, £ million per year", 0, 20, 0.5),
    "reached": ("Share of it that a cluster reaches", 0, 1, 0.05),
    "setup": ("Setting a cluster up, £ million", 0, 20, 0.5),
}


# --- the boards of 2024 -----------------------------------------------------------------------------------------------


def fates(
    tiles: pd.DataFrame, teams: pd.DataFrame, parts: pd.DataFrame, borders: pd.DataFrame, first: str
) -> alt.LayerChart:
    """One tile a board of 2024, coloured by what became of it; a click or a menu tells its story and frames its team.

    The tables ``england_icb_tiles``, ``icb_leadership_teams_2025_26``, ``england_icb_2026`` and ``england_icb_borders``;
    ``first``: the board that is told of at first.
    """
    told = _fates(tiles, teams, parts, borders)
    # The field must not be called "name": a menu's own words are its "name", and Vega-Lite would take them for the menu.
    chosen = alt.selection_point(
        name="board_told",
        fields=["board"],
        value=[{"board": first}],
        on="click",
        clear=False,
        bind=alt.binding_select(options=sorted(told["board"]), name="Board: "),
    )
    rows = _steps(told["row"])
    below = [rows[-1] + i for i in range(1, ROOM + 1)]
    place = {
        "x": alt.X("col:O", axis=None, scale=alt.Scale(domain=_steps(told["col"]), paddingInner=0.08)),
        "y": alt.Y("row:O", axis=None, scale=alt.Scale(domain=rows + below, paddingInner=0.08)),
    }
    colours = alt.Scale(
        domain=[words for words, _ in FATES.values()], range=[charts.colour(role) for _, role in FATES.values()]
    )
    base = alt.Chart(told[["board", "label", "fate", "col", "row"]]).encode(**place)
    squares = base.mark_rect(cornerRadius=4, cursor="pointer").encode(
        color=alt.Color("fate:N", title=None, scale=colours, legend=alt.Legend(columns=2, labelLimit=230)),
        tooltip=[alt.Tooltip("board:N", title="Board"), alt.Tooltip("fate:N", title="What became of it")],
    )
    letters = charts.label(base, "label:N", fontSize=12).encode(color=alt.value("#10161f"))
    mates = told[["board", "team"]].merge(told[["team", "col", "row"]], on="team").drop(columns="team")
    frames = (
        alt.Chart(mates)
        .transform_filter(chosen)
        .mark_rect(cornerRadius=4, filled=False, stroke=charts.colour("text"), strokeWidth=3)
        .encode(**place)
    )
    lines = told[STORY].apply(lambda row: "|".join(line for said in row for line in textwrap.wrap(said, 56)), axis=1)
    story = (
        alt.Chart(pd.DataFrame({"board": told["board"], "words": lines, "row": below[0]}))
        .transform_filter(chosen)
        .mark_text(align="left", baseline="top", fontSize=13, lineHeight=17, lineBreak="|", dy=-TILE / 2 + 6)
        .encode(x=alt.value(0), y=place["y"], text="words:N", color=alt.value(charts.colour("text")))
    )
    width, height = TILE * told["col"].nunique(), TILE * (len(rows) + ROOM)
    return alt.layer(squares.add_params(chosen), letters, frames, story).properties(width=width, height=height)


TILE, ROOM = 46, 4  # pixels of a tile, and rows of tiles that the story below them takes
STORY = ["what", "team_line", "now_line", "cut_line", "border_line"]


def _steps(values: pd.Series) -> list[int]:
    return list(range(int(values.min()), int(values.max()) + 1))


def _fates(tiles: pd.DataFrame, teams: pd.DataFrame, parts: pd.DataFrame, borders: pd.DataFrame) -> pd.DataFrame:
    told = tiles.rename(columns={"icb_name": "board"}).merge(
        teams[["icb24_code", "leadership_team_2025_26"]].rename(columns={"leadership_team_2025_26": "team"}),
        on="icb24_code",
    )
    change = parts.groupby("icb24_code")["change"].first()
    shared = told["team"].map(told["team"].value_counts()) > 1
    kind = told["icb24_code"].map(change)
    kind = kind.where(kind != "unchanged", np.where(shared, "shared", "alone"))
    told["fate"] = kind.map({name: words for name, (words, _) in FATES.items()})
    known = told.set_index("icb24_code")
    largest = parts.sort_values("people").groupby("icb24_code")["icb26_name"].last()
    pieces = dict(list(parts.sort_values("people", ascending=False).groupby("icb24_code")))
    lines: dict[str, list[str]] = {name: [] for name in STORY}
    for code, name, team, fate in known[["board", "team", "fate"]].itertuples():
        mates = known["board"][(known["team"] == team) & (known["board"] != name)]
        here = pieces[code]
        cut = "; ".join(
            f"{part} {people / 1000:,.0f}" for part, people in zip(here["part"], here["people"], strict=True)
        )
        a, b = borders["icb24_code_a"], borders["icb24_code_b"]
        near = [*b[a == code], *a[b == code]]
        gone = sorted(known["board"][other] for other in near if largest[other] == largest[code])
        lines["what"].append(f"{name}: {fate}")
        lines["team_line"].append(f"Team of 2025/26: {'with ' + '; '.join(mates) if len(mates) else 'its own'}")
        lines["now_line"].append(f"Since 1 April 2026: {'; '.join(dict.fromkeys(here['icb26_name']))}")
        lines["cut_line"].append(
            f"Cut into, thousand people: {cut}" if len(here) > 1 else "Not cut: it moved as a whole"
        )
        lines["border_line"].append(f"Borders: {len(near)}, of which gone: {'; '.join(gone) or 'none'}")
    return told.assign(**lines)


def say_fates(tiles: pd.DataFrame, teams: pd.DataFrame, parts: pd.DataFrame, borders: pd.DataFrame, first: str) -> str:
    """How many tiles of :func:`fates` have each colour, and the story that stands there at first, in words."""
    told = _fates(tiles, teams, parts, borders)
    count = told["fate"].value_counts()
    some = "; ".join(f"{words}: {count.get(words, 0)}" for words, _ in FATES.values())
    row = told[told["board"] == first].iloc[0]
    story = ". ".join(row[list(STORY)])
    return (
        f"A tile for each of the {len(told)} boards of 2024. {some}. The story shown first: {story}. A menu tells of each "
        "board."
    )


# --- one region, several maps -----------------------------------------------------------------------------------------


def region(areas: pd.DataFrame, maps: Mapping[str, str], lines: str, colours: str) -> alt.LayerChart:
    """An invented region on a grid: thick lines show one map, colours and letters another; above stands how far apart they are.

    ``maps``: column of ``areas`` -> what the menus call the map; ``lines`` and ``colours``: the columns that are shown at first.
    """
    names = list(maps.values())
    menus = [
        charts.menu("map_lines", "Thick lines", names, maps[lines]),
        charts.menu("map_colours", "Colours and letters", names, maps[colours]),
    ]
    cells, edges, apart = _cells(areas, maps), _edges(areas, maps), _apart(areas, maps)
    width, height = int(areas["col"].max()), int(areas["row"].max())
    x = alt.Scale(domain=[0, width], nice=False, zero=False)
    y = alt.Scale(domain=[height, -0.9], nice=False, zero=False)
    base = (
        alt.Chart(cells)
        .transform_filter("datum.map == map_colours")
        .transform_calculate(
            left="datum.col - 1", top="datum.row - 1", middle="datum.col - 0.5", centre="datum.row - 0.5"
        )
    )
    tooltip = [
        alt.Tooltip("unit:N", title="Unit"),
        alt.Tooltip("people:Q", title="People here", format=","),
    ]
    rects = base.mark_rect(stroke=charts.colour("page"), strokeWidth=1).encode(
        x=alt.X("left:Q", axis=None, scale=x),
        x2="col:Q",
        y=alt.Y("top:Q", axis=None, scale=y),
        y2="row:Q",
        color=alt.Color(
            "colour:N",
            legend=None,
            scale=alt.Scale(domain=list(range(len(UNITS))), range=[charts.colour(role) for role in UNITS]),
        ),
        tooltip=tooltip,
    )
    letters = charts.label(base, "letters:N", fontSize=12).encode(
        x=alt.X("middle:Q", scale=x), y=alt.Y("centre:Q", scale=y), color=alt.value("#10161f")
    )
    rules = (
        alt.Chart(edges)
        .transform_filter("datum.map == map_lines")
        .mark_rule(strokeWidth=5, strokeCap="round", color=charts.colour("text"))
        .encode(x=alt.X("x1:Q", scale=x), x2="x2:Q", y=alt.Y("y1:Q", scale=y), y2="y2:Q")
    )
    said = alt.Chart(apart).transform_filter("datum.lines == map_lines && datum.colours == map_colours")
    style = {"align": "left", "baseline": "top", "lineBreak": "|", "lineHeight": 17}
    words = charts.label(said, "words:N", **style).encode(x=alt.value(2), y=alt.value(2))
    return (
        alt.layer(rects, letters, rules, words)
        .add_params(*menus)
        .properties(width=66 * width, height=48 * (height + 0.9))
    )


def _letters(unit: str) -> str:
    return "".join(word[0].upper() for word in unit.replace("-", " ").split() if word != "and")


def _cells(areas: pd.DataFrame, maps: Mapping[str, str]) -> pd.DataFrame:
    """A row for each area on each map: its unit, the letters of the unit, and the number of its colour."""
    made = []
    for by, name in maps.items():
        units = sorted(areas[by].unique())
        cells = areas[["col", "row", "people"]].assign(map=name, unit=areas[by], letters=areas[by].map(_letters))
        made.append(cells.assign(colour=areas[by].map(units.index) % len(UNITS)))
    return pd.concat(made, ignore_index=True)


def _edges(areas: pd.DataFrame, maps: Mapping[str, str]) -> pd.DataFrame:
    """A rule for each side of a cell on whose two sides the units differ, and for the edge of the region."""
    made = []
    for by, name in maps.items():
        unit = dict(zip(zip(areas["col"], areas["row"], strict=True), areas[by], strict=True))
        for (col, row), here in unit.items():
            sides = {
                (col + 1, row): (col, col, row - 1, row),
                (col - 1, row): (col - 1, col - 1, row - 1, row),
                (col, row + 1): (col - 1, col, row, row),
                (col, row - 1): (col - 1, col, row - 1, row - 1),
            }
            for there, (x1, x2, y1, y2) in sides.items():
                seen = there in unit and there < (col, row)  # the neighbour has drawn this side
                if not seen and unit.get(there) != here:
                    made.append((name, x1, x2, y1, y2))
    return pd.DataFrame(made, columns=["map", "x1", "x2", "y1", "y2"])


def _apart(areas: pd.DataFrame, maps: Mapping[str, str]) -> pd.DataFrame:
    rows = []
    for a, first in maps.items():
        for b, second in maps.items():
            table = boundaries.overlap(areas[a], areas[b], areas["people"])
            cut, back = boundaries.cond_entropy(table), boundaries.cond_entropy(table.T)
            known = f"Colours if the lines are known: {cut:.2f} bits."
            words = f"{known}|Lines if the colours are: {back:.2f}. Sum: {cut + back:.2f}."
            rows.append((first, second, words))
    return pd.DataFrame(rows, columns=["lines", "colours", "words"])


def say_region(areas: pd.DataFrame, maps: Mapping[str, str], lines: str, colours: str) -> str:
    """What :func:`region` shows at first, in words: the units of one map, and which of them the other cuts."""
    table = boundaries.overlap(areas[colours], areas[lines], areas["people"])
    cut = []
    for unit, row in table.iterrows():
        in_several = row[row > 0]
        if len(in_several) > 1:
            shares = ", ".join(f"{name} {share:.1%}" for name, share in (in_several / in_several.sum()).items())
            cut.append(f"{unit} ({shares})")
    apart = _apart(areas, {lines: maps[lines], colours: maps[colours]})
    words = apart.loc[(apart["lines"] == maps[lines]) & (apart["colours"] == maps[colours]), "words"].iloc[0]
    several = f"Cut by the lines: {'; '.join(cut)}." if cut else "The lines cut none of them."
    return (
        f"A grid of {len(areas)} areas. Thick lines: {maps[lines]}, {table.shape[1]} units. Colours and letters: "
        f"{maps[colours]}, {table.shape[0]} units. {several} {words.replace('|', ' ')} Two menus choose other maps."
    )


# --- what a size costs ------------------------------------------------------------------------------------------------


def size(F: float, v: float, theta: float, allowances: pd.DataFrame | None = None) -> alt.LayerChart:
    """Cost per head against size, with sliders for its three parts and the best size marked; dots are real allowances.

    ``F`` in £ million, ``v`` in £ per head, ``theta`` in £ per head for each million people: where the sliders start.
    ``allowances``: ``name``, ``million`` people and ``pounds`` per head.
    """
    sliders = [
        charts.slider("fixed", "F, £ million for any board", 0, 10, 0.25, F),
        charts.slider("each", "v, £ per head", 0, 20, 0.5, v),
        charts.slider("layers", "θ, £ per head per million people", 0, 4, 0.1, theta),
    ]
    across = alt.Scale(domain=[0, 5], nice=False)
    x = alt.X("million:Q", title="People, million", scale=across, axis=alt.Axis(grid=False))
    y = alt.Y("pounds:Q", title="£ per head", scale=alt.Scale(domain=[0, 30], nice=False, clamp=True))
    base = alt.Chart(pd.DataFrame({"million": SIZES})).transform_calculate(
        pounds="fixed / datum.million + each + layers * datum.million"
    )
    curve = base.mark_line(clip=True).encode(x=x, y=y)
    one = alt.Chart(pd.DataFrame({"one": [1]})).transform_calculate(
        best="layers > 0 ? sqrt(fixed / layers) : 99",
        lowest="2 * sqrt(fixed * layers) + each",
        words="layers == 0 ? (fixed == 0 ? 'any size costs the same' : 'the larger the cheaper: no best size') : "
        "'N* = ' + format(datum.best, '.2f') + ' million, £' + format(datum.lowest, '.2f') + ' per head'",
    )
    inside = one.transform_filter("datum.best <= 5 && datum.best > 0")
    rule = inside.mark_rule(strokeDash=[4, 4], color=charts.colour("vermillion")).encode(
        x=alt.X("best:Q", scale=across)
    )
    words = charts.label(one, "words:N", align="right").encode(x=alt.value("width"), y=alt.value(8))
    layers = [curve, rule, words]
    if allowances is not None:
        tooltip = [
            alt.Tooltip("name:N", title="Board"),
            alt.Tooltip("million:Q", title="People, million", format=".2f"),
            alt.Tooltip("pounds:Q", title="Allowance per head, £", format=".2f"),
        ]
        dots = alt.Chart(allowances[["name", "million", "pounds"]]).mark_point(size=50, color=charts.colour("neutral"))
        layers.insert(0, dots.encode(x=x, y=y, tooltip=tooltip))
    return alt.layer(*layers).add_params(*sliders)


def say_size(F: float, v: float, theta: float, allowances: pd.DataFrame | None = None) -> str:
    """What :func:`size` shows at first, in words."""
    per_million = theta / MILLION
    best = boundaries.best_size(F * MILLION, per_million)
    at = [0.5, 1, 5]
    costs = [boundaries.cost_per_head(n * MILLION, F * MILLION, v, per_million) for n in (*at, best / MILLION)]
    some = ", ".join(f"{cost:.2f} pounds at {n:g} million" for cost, n in zip(costs, at, strict=False))
    real = ""
    if allowances is not None:
        low, high = allowances["pounds"].min(), allowances["pounds"].max()
        real = f"{len(allowances)} dots, the real allowances, lie between {low:.2f} and {high:.2f} pounds whatever the size. "
    return (
        f"A curve of cost per head against people, a shallow bowl: {some}; lowest at {best / MILLION:.2f} million people with "
        f"{costs[-1]:.2f} pounds. {real}Three sliders change the fixed cost, the cost per head and the cost of layers."
    )


# --- every way to merge -----------------------------------------------------------------------------------------------


def ways(table: pd.DataFrame) -> alt.LayerChart:
    """Every way to merge: cost per head against the share of people whose council lies in one board.

    ``table``: a row a way, with ``groups`` (how many), ``names``, ``pounds`` per head, ``whole`` (a share), ``smallest`` (people
    in its smallest board), ``step`` (its place in the greedy walk, or nan) and ``mark`` (words beside it, or ""). A slider
    drops ways with a board that is too small.
    """
    floor = charts.slider("floor", "Smallest board, million people", 0, 1.6, 0.1, 1.0)
    columns = ["groups", "names", "pounds", "whole", "smallest", "step", "mark"]
    base = alt.Chart(table[columns].assign(smallest=table["smallest"] / MILLION))
    roomy = alt.Scale(zero=False, padding=20)
    x = alt.X("whole:Q", title="People whose council lies in one board", axis=alt.Axis(format="%"), scale=roomy)
    y = alt.Y("pounds:Q", title="£ per head", scale=roomy)
    counts = sorted(table["groups"].unique())
    colours = alt.Scale(domain=counts, range=[charts.colour(role) for role in charts.CATEGORIES[: len(counts)]])
    dots = base.mark_point(size=90).encode(
        x=x,
        y=y,
        color=alt.Color("groups:N", title="Boards left", scale=colours),
        opacity=alt.condition("datum.smallest >= floor - 1e-9", alt.value(1), alt.value(0.18)),
        tooltip=[
            alt.Tooltip("names:N", title="Boards"),
            alt.Tooltip("pounds:Q", title="£ per head", format=".2f"),
            alt.Tooltip("whole:Q", title="Council in one board", format=".0%"),
            alt.Tooltip("smallest:Q", title="Smallest board, million", format=".2f"),
        ],
    )
    walk = (
        base.transform_filter("isValid(datum.step)")
        .mark_line(strokeWidth=1.5, color=charts.colour("muted"), strokeDash=[4, 3])
        .encode(x=x, y=y, order="step:Q")
    )
    words = charts.label(base.transform_filter("datum.mark != ''"), "mark:N", align="left", dx=9, dy=-9).encode(
        x=x, y=y
    )
    return alt.layer(walk, dots, words).add_params(floor)


def say_ways(table: pd.DataFrame) -> str:
    """The points of :func:`ways` in words: how many, the cheapest, the one with most whole councils, and the marked ones."""
    fits = table[table["smallest"] >= MILLION]
    cheap, whole = fits.loc[fits["pounds"].idxmin()], fits.loc[fits["whole"].idxmax()]
    marked = "; ".join(
        f"{row.mark}: {row.pounds:.2f} pounds, {row.whole:.0%}" for row in table[table["mark"] != ""].itertuples()
    )
    return (
        f"{len(table)} points, one for each way to merge, {len(fits)} of them with at least a million people in each board. Of "
        f"these the cheapest costs {cheap['pounds']:.2f} pounds per head and leaves {cheap['whole']:.0%} of people in a council "
        f"within one board; the one with most whole councils reaches {whole['whole']:.0%} at {whole['pounds']:.2f} pounds. "
        f"Marked: {marked}. A slider sets the smallest board that is allowed."
    )


# --- when to merge ----------------------------------------------------------------------------------------------------


def regret_costs(
    bits: Mapping[str, float], years: float, redraw: float, saving: float, reached: float, setup: float
) -> pd.DataFrame:
    """What each action costs under each later map, in £ million, beyond what all of them pay.

    ``bits``: later map -> how far it is from the boards that a merger now would make. To merge now costs a redrawing for each
    bit, to cluster its setting up and what it does not save until the map is known, to wait the whole saving of these years.
    """
    late = {"merge now": [redraw * apart for apart in bits.values()]}
    late["cluster"] = [setup + years * saving * (1 - reached)] * len(bits)
    late["wait"] = [years * saving] * len(bits)
    return pd.DataFrame(late, index=list(bits)).T


def regret(bits: Mapping[str, float], years: float, **start: float) -> alt.LayerChart:
    """The regret of merging now, clustering and waiting, against each later map, with sliders for what each thing costs.

    ``bits`` and ``years`` as in :func:`regret_costs`; ``start``: its four other arguments, where the sliders begin.
    """
    sliders = [charts.slider(name, *WEIGHTS[name], first=start[name]) for name in WEIGHTS]
    actions = ["merge now", "cluster", "wait"]
    data = pd.DataFrame(
        [(action, later, apart) for action in actions for later, apart in bits.items()],
        columns=["action", "later", "bits"],
    )
    cost = (
        "datum.action == 'merge now' ? redraw * datum.bits : datum.action == 'cluster' ? "
        f"setup + {years} * saving * (1 - reached) : {years} * saving"
    )
    regrets = (
        alt.Chart(data)
        .transform_calculate(cost=cost)
        .transform_joinaggregate(least="min(cost)", groupby=["later"])
        .transform_calculate(regret="datum.cost - datum.least")
    )
    names = [*bits, "worst"]
    plain = {"ticks": False, "domain": False}
    across = alt.Axis(orient="top", labelAngle=0, labelLimit=130, **plain)
    x = alt.X("later:N", sort=names, title=None, scale=alt.Scale(domain=names), axis=across)
    y = alt.Y("action:N", sort=actions, title=None, scale=alt.Scale(domain=actions), axis=alt.Axis(**plain))
    high = "datum.regret > 12"
    cell = regrets.encode(x=x, y=y)
    rects = cell.mark_rect(stroke=charts.colour("page"), strokeWidth=3).encode(
        color=alt.Color("regret:Q", scale=alt.Scale(domain=[0, 24], range=charts.SEQUENTIAL, clamp=True), legend=None),
        tooltip=[
            alt.Tooltip("action:N", title="Action"),
            alt.Tooltip("later:N", title="Later map"),
            alt.Tooltip("cost:Q", title="Cost, £ million", format=".1f"),
            alt.Tooltip("regret:Q", title="Regret, £ million", format=".1f"),
        ],
    )
    ink = alt.condition(high, alt.value("#fefefe"), alt.value("#10161f"))
    numbers = charts.label(cell, "regret:Q", ".1f", fontSize=15, dy=-7).encode(color=ink)
    small = cell.transform_calculate(words="'costs ' + format(datum.cost, '.1f')")
    small = small.mark_text(fontSize=12, dy=12).encode(text="words:N", color=ink)
    worst = (
        regrets.transform_aggregate(worst="max(regret)", groupby=["action"])
        .transform_joinaggregate(smallest="min(worst)")
        .transform_calculate(
            later="'worst'", words="format(datum.worst, '.1f') + (datum.worst <= datum.smallest ? '|smallest' : '')"
        )
        .encode(x=x, y=y)
    )
    last = charts.label(worst, "words:N", fontSize=15, lineBreak="|", lineHeight=17)
    return alt.layer(rects, numbers, small, last).add_params(*sliders).properties(width=130 * len(names), height=210)


def say_regret(bits: Mapping[str, float], years: float, **start: float) -> str:
    """The table of :func:`regret` at first, in words."""
    action, table = boundaries.minimax_regret(regret_costs(bits, years, **start))
    rows = "; ".join(
        f"{name}: "
        + ", ".join(f"{value:.1f} under {later}" for later, value in row.items())
        + f", worst {row.max():.1f}"
        for name, row in table.iterrows()
    )
    return (
        f"A table of regrets in million pounds. {rows[0].upper() + rows[1:]}. The smallest worst regret is that of: {action}. "
        "Four sliders change what each thing costs."
    )


def way(partition: Iterable[Iterable[str]]) -> str:
    """A partition in one line.

    >>> way([("a", "c"), ("b",)])
    'a + c | b'
    """
    return " | ".join(" + ".join(group) for group in partition)
