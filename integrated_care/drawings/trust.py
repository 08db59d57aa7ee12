"""The charts of chapter 10. Each takes what :mod:`integrated_care.trust` gives; end it with ``charts.finish``.

The charts with sliders carry the methods' closed forms as Vega-Lite transforms, so that they work in a built page without
Python. A test holds what they draw against the methods.
"""

from collections.abc import Mapping, Sequence

import altair as alt
import networkx as nx
import numpy as np
import pandas as pd

from .. import charts
from .. import trust as methods
from ..arguments import one_of

# name -> (label of the slider, lowest, highest, step, value at first)
SLIDERS = {
    "hours": ("Paid hours a week", 8, 44, 2, 24),
    "papers": ("Share that goes into papers", 0, 0.6, 0.05, 0.25),
    "trip": ("Minutes of road for a trip to a village", 20, 240, 10, 120),
    "homes": ("Homes visited on a trip", 1, 12, 1, 4),
    "lam": ("What a month leaves of the evidence", 0.5, 1, 0.01, 0.9),
}
NOW, FIRST = "with your sliders", "at first"
PARTS = {"papers": "orange", "road": "vermillion", "visits": "blue", "too little for a visit": "neutral"}
INSIDE = "in a facility"
WITH, WITHOUT = "with workshops", "by letter only"
LEFT, WAIT = "left unseen", "mean wait of those seen"


def births(shares: Mapping[str, float]) -> alt.LayerChart:
    """A hundred dots for each place, one for each birth of a hundred: in a health facility, or elsewhere.

    ``shares``: place -> share of births in a facility.
    """
    rows = [
        {"place": place, "x": 12.5 * p + i % 10, "y": i // 10, "where": INSIDE if i < round(100 * share) else "elsewhere"}
        for p, (place, share) in enumerate(shares.items())
        for i in range(100)
    ]  # fmt: skip
    titles = [
        {"x": 12.5 * p - 0.4, "y": -1.2, "words": f"{place}: {round(100 * share)} of 100 in a facility"}
        for p, (place, share) in enumerate(shares.items())
    ]
    scale = alt.Scale(domain=[INSIDE, "elsewhere"], range=[charts.colour("blue"), charts.colour("vermillion")])
    span = 12.5 * (len(shares) - 1) + 9
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.5, span + 0.5], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[9.5, -1.8], nice=False))
    dots = (
        alt.Chart(pd.DataFrame(rows))
        .mark_point(size=190, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("where:N", title=None, scale=scale),
            tooltip=[alt.Tooltip("place:N", title="Place"), alt.Tooltip("where:N", title="Birth")],
        )
    )
    words = charts.label(alt.Chart(pd.DataFrame(titles)), "words:N", align="left").encode(x=x, y=y)
    return alt.layer(dots, words).properties(height=290)


def say_births(shares: Mapping[str, float]) -> str:
    """The dots of :func:`births`, in words."""
    said = " ".join(f"{place}: {round(100 * share)} in a facility." for place, share in shares.items())
    return f"{charts.in_words(len(shares)).capitalize()} squares of a hundred dots, one for each birth of a hundred. {said}"


def cascades(df: pd.DataFrame, steps: Mapping[str, str], groups: Mapping[str, pd.Series]) -> pd.DataFrame:
    """The cascade of each group of persons in long form, for :func:`cascade`.

    ``steps``: column -> its words, in order. ``groups``: name -> True for the rows that belong to it.
    """
    tables = []
    for group, rows in groups.items():
        found = methods.cascade(df[rows.to_numpy()], list(steps))
        table = found.table.reset_index().assign(group=group, start=int(rows.sum()))
        table["note"] = np.select(
            [table["step"] == found.most_lost, table["step"] == found.weakest],
            ["most are lost here", "weakest step"],
            "",
        )
        tables.append(table)
    return pd.concat(tables, ignore_index=True).assign(label=lambda t: t["step"].map(steps))


def cascade(table: pd.DataFrame) -> alt.LayerChart:
    """Bars of those still in care after each step, with a menu of groups; ``table`` from :func:`cascades`."""
    labels = list(dict.fromkeys(table["label"]))
    data = table.assign(
        words=[f"{share:.0%}" for share in table["retained"]],
        lost_words=[
            f"{100 * lost / start:.0f} of 100 lost" + (f": {note}" if note == "most are lost here" else "")
            for lost, start, note in zip(table["lost"], table["start"], table["note"], strict=True)
        ],
        kept_words=[
            f"{share:.0%} of those before: {note}" if note == "weakest step" else ""
            for share, note in zip(table["conditional"], table["note"], strict=True)
        ],
    )
    who = charts.menu("who", "Women", list(dict.fromkeys(table["group"])))
    base = alt.Chart(data).transform_filter("datum.group == who")
    y = alt.Y("label:N", title=None, sort=labels, axis=alt.Axis(labelLimit=190, domain=False, ticks=False))
    x = alt.X(
        "retained:Q",
        title="Still in the cascade, of all pregnancies",
        axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]),
        scale=alt.Scale(domain=[0, 1.12], nice=False),
    )
    tooltip = [
        alt.Tooltip("label:N", title="Step"),
        alt.Tooltip("people:Q", title="Women", format=","),
        alt.Tooltip("retained:Q", title="Of all", format=".1%"),
        alt.Tooltip("conditional:Q", title="Of those before", format=".1%"),
        alt.Tooltip("lost:Q", title="Lost", format=","),
    ]
    dark = alt.condition("datum.note != ''", alt.value(charts.colour("vermillion")), alt.value(charts.colour("muted")))
    return (
        alt.layer(
            base.mark_bar(height=20, yOffset=-6).encode(y=y, x=x, tooltip=tooltip),
            charts.label(base, "words:N", align="left", dx=6, dy=-6).encode(y=y, x=x),
            # below the bar, where a phone has room for them
            base.mark_text(align="left", dx=3, dy=16).encode(y=y, x=alt.value(0), text="lost_words:N", color=dark),
            base.mark_text(align="left", dx=3, dy=31).encode(y=y, x=alt.value(0), text="kept_words:N", color=dark),
        )
        .properties(height=70 * len(labels))
        .add_params(who)
    )


def say_cascade(table: pd.DataFrame) -> str:
    """The bars of :func:`cascade` at first, and the last step of each group, in words."""
    first = table[table["group"] == table["group"].iloc[0]]
    bars = ", ".join(f"{label} {share:.0%}" for label, share in zip(first["label"], first["retained"], strict=True))
    notes = {row.note: row for row in first.itertuples() if row.note}
    lost, weak = notes["most are lost here"], notes.get("weakest step", notes["most are lost here"])
    ends = table.groupby("group", sort=False).last()["retained"]
    others = ", ".join(f"{group} {share:.0%}" for group, share in ends.items())
    return (
        f"Bars, one for each step: {bars}. Most are lost at {lost.label} ({lost.lost:,}); the weakest step is {weak.label}, "
        f"which {weak.conditional:.0%} of those before it reach. A menu changes the women; after the last step are left: "
        f"{others}."
    )


def week(visit: float = 25, clients: int = 285, **at: float) -> alt.LayerChart:
    """A worker's hours as two bars, at first and with the sliders: papers, road, visits, and what is left over.

    ``visit``: minutes in a home. ``clients``: how many wait for a visit. ``at``: where the sliders start, such as ``trip=90``.
    """
    first = {name: SLIDERS[name][-1] for name in ("hours", "papers", "trip", "homes")}
    for name in at:
        one_of("at", name, first)
    first |= at
    data = pd.DataFrame(
        [{"bar": bar, "part": part, "order": i} for bar in (FIRST, NOW) for i, part in enumerate(PARTS)]
    )
    base = alt.Chart(data)
    for name, value in first.items():
        base = base.transform_calculate(**{f"h_{name}": f"datum.bar == '{FIRST}' ? {value} : {name}"})
    for name, formula in {
        "visits": f"floor(60 * datum.h_hours * max(0, 1 - datum.h_papers) / ({visit} + datum.h_trip / datum.h_homes) + 1e-9)",
        "papers_min": "60 * datum.h_hours * datum.h_papers",
        "road_min": "datum.visits * datum.h_trip / datum.h_homes",
        "visits_min": f"datum.visits * {visit}",
        "left_min": "max(0, 60 * datum.h_hours - datum.papers_min - datum.road_min - datum.visits_min)",
        "spent": "(datum.order == 0 ? datum.papers_min : datum.order == 1 ? datum.road_min : datum.order == 2 ? "
        "datum.visits_min : datum.left_min) / 60",
        "villages": f"datum.visits / datum.h_homes * {methods.WEEKS_PER_MONTH!r}",
        "words": "datum.bar + ': ' + datum.visits + ' visits per week'",
        "more": "format(datum.villages, '.0f') + ' villages per month, each client every ' + "
        f"(datum.visits > 0 ? format({clients} / datum.visits, '.0f') : '–') + ' weeks'",
    }.items():
        base = base.transform_calculate(**{name: formula})
    y = alt.Y("bar:N", axis=None, sort=[FIRST, NOW], scale=alt.Scale(paddingInner=0.55, paddingOuter=0.45))
    x = alt.X("spent:Q", title="Hours a week", stack="zero", scale=alt.Scale(domain=[0, 44], nice=False))
    hues = alt.Scale(domain=list(PARTS), range=[charts.colour(role) for role in PARTS.values()])
    tooltip = [alt.Tooltip("part:N", title="Goes into"), alt.Tooltip("spent:Q", title="Hours a week", format=".1f")]
    bars = base.mark_bar(height=38).encode(
        y=y,
        x=x,
        color=alt.Color("part:N", title=None, scale=hues, legend=alt.Legend(labelLimit=0)),
        order=alt.Order("order:Q"),
        tooltip=tooltip,
    )
    first_part = base.transform_filter("datum.order == 0")
    words = charts.label(first_part, "words:N", align="left", dy=-45).encode(y=y, x=alt.value(0))
    more = first_part.mark_text(align="left", dy=-29).encode(y=y, x=alt.value(0), text="more:N")
    return alt.layer(bars, words, more).properties(height=230).add_params(*charts.sliders(SLIDERS, first))


def say_week(visit: float = 25, clients: int = 285, **at: float) -> str:
    """What :func:`week` shows at first, and with a trip of half the time, in words."""
    first = {name: at.get(name, SLIDERS[name][-1]) for name in ("hours", "papers", "trip", "homes")}

    def contacts(trip: float) -> int:
        return methods.weekly_contacts(first["hours"], first["papers"], visit, trip / first["homes"])

    now, half = contacts(first["trip"]), contacts(first["trip"] / 2)
    return (
        f"Two bars of a week of {first['hours']:g} hours, alike at first: {first['hours'] * first['papers']:.0f} hours of "
        "papers, "
        f"{now * first['trip'] / first['homes'] / 60:.0f} on the road, {now * visit / 60:.1f} in homes. That is {now} visits per "
        f"week, {methods.villages_per_month(now, first['homes']):.0f} villages per month, and each of {clients} clients every "
        f"{clients / now:.0f} weeks. With half of the road it would be {half} visits. "
        "Four sliders change hours, papers, road and homes."
    )


def stages(panel: pd.DataFrame, never: str) -> alt.LayerChart:
    """One line for each start of a programme: the mean outcome by quarter, thick once the programme is there.

    ``panel``: ``unit``, ``time``, ``outcome``, ``start``. ``never``: the name of the line without a start.
    """
    start = panel["start"].astype("Float64")
    label = start.map(lambda s: f"workers from quarter {s:.0f}", na_action="ignore").fillna(never)
    data = panel.assign(label=label, on=(start <= panel["time"]).fillna(False).astype(bool))
    data = data.groupby(["label", "time", "on"], as_index=False)["outcome"].mean()
    last = int(data["time"].max())
    names = sorted(data["label"].unique(), key=lambda name: (name == never, name))
    hues = [charts.colour(role) for role in [*["blue", "green", "purple"][: len(names) - 1], "neutral"]]
    x = alt.X(
        "time:Q",
        title="Quarter",
        axis=alt.Axis(grid=False, values=list(range(1, last + 1, 2))),
        scale=alt.Scale(domain=[0.8, last + 3.1], nice=False),
    )
    y = alt.Y(
        "outcome:Q",
        title="Births in a facility",
        axis=alt.Axis(format="%"),
        scale=alt.Scale(zero=False, nice=True),
    )
    colour = alt.Color("label:N", legend=None, scale=alt.Scale(domain=names, range=hues))
    tooltip = [
        alt.Tooltip("label:N", title="Communes"),
        alt.Tooltip("time:Q", title="Quarter"),
        alt.Tooltip("outcome:Q", title="Births in a facility", format=".1%"),
    ]
    base = alt.Chart(data).encode(x=x, y=y, color=colour, tooltip=tooltip)
    on = base.transform_filter("datum.on")
    return alt.layer(
        base.mark_line(strokeWidth=1.5, strokeDash=[4, 3]),
        on.mark_line(strokeWidth=3.5),
        on.mark_point(size=50, opacity=1),
        charts.label(base.transform_filter(f"datum.time == {last}"), "label:N", align="left", dx=9),
    )


def say_stages(panel: pd.DataFrame, never: str) -> str:
    """Where each line of :func:`stages` begins and ends, in words."""
    start = panel["start"].astype("Float64").fillna(0)
    said = []
    for s, rows in panel.groupby(start.to_numpy(dtype=float)):
        mean = rows.groupby("time")["outcome"].mean()
        name = never if s == 0 else f"workers from quarter {s:.0f}"
        said.append(f"{name}: {mean.iloc[0]:.0%} to {mean.iloc[-1]:.0%}.")
    return f"Lines over {panel['time'].nunique()} quarters, dashed before the workers come. {' '.join(said)}"


def curves(df: pd.DataFrame, by: str, groups: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Kaplan-Meier curves and medians of each value of ``by`` in each group of tickets, for :func:`closing`.

    ``groups``: name -> True for the rows that belong to it. Columns ``days`` and ``closed`` are read.
    """
    tables = []
    for group, rows in groups.items():
        for value, part in df[rows.to_numpy()].groupby(by):
            table = methods.km(part["days"], part["closed"])
            begin = pd.DataFrame({"time": [0.0], "open": [1.0], "low": [1.0], "high": [1.0]})
            # The curve stands until the last day that was seen.
            end = table.tail(1).assign(time=float(part["days"].max()))
            table = pd.concat([begin, table[["time", "open", "low", "high"]], end[["time", "open", "low", "high"]]])
            median = methods.median_close(part["days"], part["closed"])
            tables.append(table.assign(group=group, value=value, median=median))
    return pd.concat(tables, ignore_index=True)


def closing(table: pd.DataFrame, labels: Mapping[str, str], until: float) -> alt.LayerChart:
    """Curves of what is still open, with their medians where they cross a half, and a menu of groups; from :func:`curves`.

    ``labels``: value -> its words. ``until``: where the axis of days ends.
    """
    data = table[table["time"] <= until].assign(label=lambda t: t["value"].map(labels))
    # Each curve reaches the end of the axis, where its name stands.
    ends = data.groupby(["group", "label"], as_index=False).last().assign(time=until)
    ends["words"] = [
        label + (": median " + f"{median:.0f} days" if np.isfinite(median) else ": half are never closed")
        for label, median in zip(ends["label"], ends["median"], strict=True)
    ]
    data = pd.concat([data, ends[data.columns]], ignore_index=True)
    which = charts.menu("which", "Language", list(dict.fromkeys(table["group"])))
    x = alt.X(
        "time:Q",
        title="Days since the question came",
        scale=alt.Scale(domain=[0, 1.62 * until], nice=False),
        axis=alt.Axis(values=list(range(0, int(until) + 1, 60)), grid=False),
    )
    y = alt.Y("open:Q", title="Still open", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1], nice=False))
    names = list(labels.values())
    hues = [charts.colour(role) for role in charts.CATEGORIES[: len(names)]]
    colour = alt.Color("label:N", legend=None, scale=alt.Scale(domain=names, range=hues))
    tooltip = [
        alt.Tooltip("label:N", title="Came by"),
        alt.Tooltip("time:Q", title="Days", format=".0f"),
        alt.Tooltip("open:Q", title="Still open", format=".0%"),
        alt.Tooltip("low:Q", title="Limits from", format=".0%"),
        alt.Tooltip("high:Q", title="to", format=".0%"),
    ]
    chosen = "datum.group == which"
    line = alt.Chart(data).transform_filter(chosen).encode(x=x, y=y, color=colour)
    half = alt.Chart(pd.DataFrame({"open": [0.5], "time": [0.0], "end": [until]}))
    crossed = alt.Chart(ends[np.isfinite(ends["median"])].assign(half=0.5)).transform_filter(chosen)
    return alt.layer(
        half.mark_rule(strokeDash=[4, 4]).encode(x=alt.X("time:Q"), x2="end:Q", y=y),
        line.mark_line(interpolate="step-after").encode(tooltip=tooltip),
        crossed.mark_point(size=70, opacity=1).encode(x=alt.X("median:Q"), y=alt.Y("half:Q"), color=colour),
        charts.label(alt.Chart(ends).transform_filter(chosen), "words:N", align="left", dx=6).encode(x=x, y=y, color=colour),
    ).add_params(which)  # fmt: skip


def say_closing(table: pd.DataFrame, labels: Mapping[str, str], until: float) -> str:
    """The medians of :func:`closing` at first, and what is open at the end of the axis, in words."""
    first = table[(table["group"] == table["group"].iloc[0]) & (table["time"] <= until)]
    said = []
    for value, words in labels.items():
        last = first[first["value"] == value].iloc[-1]
        median = f"median {last['median']:.0f} days" if np.isfinite(last["median"]) else "half are never closed"
        said.append(f"{words}: {median}, {last['open']:.0%} open after {until:g} days.")
    return f"Falling stairs, one for each channel, from 100% open. {' '.join(said)} A menu chooses the language of the question."


def promises(events: pd.DataFrame, labels: Mapping[str, str], lam: float, last_workshop: int) -> alt.LayerChart:
    """Trust of some provinces month by month, with a slider for what a month leaves and a menu for the workshops.

    ``events`` as the table ``synth_workshops``. ``labels``: province -> its words. Expectation before: one kept, one broken.
    """
    rows = events[events["province"].isin(labels)]
    months = sorted(rows["month"].unique())
    pairs = [
        {"t": t, "i": row.month, "label": labels[row.province], "way": row.way, "kept": row.kept, "broken": row.broken}
        for t in map(int, months)
        for row in rows[rows["month"] <= t].itertuples(index=False)
    ]
    ways = charts.menu("ways", "Promises", [WITH, WITHOUT])
    base = (
        alt.Chart(pd.DataFrame(pairs))
        .transform_filter(f"ways == '{WITH}' || datum.way == 'letter'")
        .transform_calculate(weight="pow(lam, datum.t - datum.i)")
        .transform_calculate(
            r="datum.weight * datum.kept",
            s="datum.weight * datum.broken",
            now_kept="datum.i == datum.t ? datum.kept : 0",
            now_broken="datum.i == datum.t ? datum.broken : 0",
        )
        .transform_aggregate(
            r="sum(r)", s="sum(s)", now_kept="sum(now_kept)", now_broken="sum(now_broken)", groupby=["t", "label"]
        )
        .transform_calculate(trust="(1 + datum.r) / (2 + datum.r + datum.s)")
    )
    end = int(months[-1])
    x = alt.X(
        "t:Q",
        title="Month",
        axis=alt.Axis(grid=False, values=[1, 6, 12, 18]),
        scale=alt.Scale(domain=[0.7, end + 7.5], nice=False),
    )
    y = alt.Y("trust:Q", title="Trust in the region's promises", scale=alt.Scale(domain=[0, 1], nice=False))
    names = list(labels.values())
    hues = [charts.colour(role) for role in ("blue", "vermillion", "green")][: len(names)]
    colour = alt.Color("label:N", legend=None, scale=alt.Scale(domain=names, range=hues))
    tooltip = [
        alt.Tooltip("label:N", title="Province"),
        alt.Tooltip("t:Q", title="Month"),
        alt.Tooltip("trust:Q", title="Trust", format=".2f"),
        alt.Tooltip("now_kept:Q", title="Kept in the month"),
        alt.Tooltip("now_broken:Q", title="Broken in the month"),
    ]
    before = alt.Chart(pd.DataFrame({"trust": [0.5], "month": [last_workshop + 0.5], "words": ["last workshop"]}))
    shown = before.transform_filter(f"ways == '{WITH}'")
    line = base.encode(x=x, y=y, color=colour, tooltip=tooltip)
    finish = line.transform_filter(f"datum.t == {end}").transform_calculate(
        words="datum.label + ' ' + format(datum.trust, '.2f')"
    )
    return alt.layer(
        before.mark_rule(strokeDash=[4, 4]).encode(y=y),
        shown.mark_rule(color=charts.colour("neutral")).encode(x=alt.X("month:Q")),
        shown.mark_text(align="left", dx=5, color=charts.colour("muted")).encode(
            x=alt.X("month:Q"), y=alt.value(10), text="words:N"
        ),
        line.mark_line(point=True),
        charts.label(finish, "words:N", align="left", dx=9),
    ).add_params(charts.slider("lam", *SLIDERS["lam"][:-1], first=lam), ways)


def trust_of(
    events: pd.DataFrame, province: str, lam: float, ways: Sequence[str] = ("letter", "workshop")
) -> np.ndarray:
    """Trust of one province after each month of a table such as ``synth_workshops``, from promises made in some ways."""
    rows = events[(events["province"] == province) & events["way"].isin(ways)]
    return methods.trust_path(rows.groupby("month")[["kept", "broken"]].sum(), lam)


def say_promises(events: pd.DataFrame, labels: Mapping[str, str], lam: float, last_workshop: int) -> str:
    """Where the lines of :func:`promises` stand at the last workshop and at the end, with and without, in words."""
    said = []
    for province, words in labels.items():
        path, alone = trust_of(events, province, lam), trust_of(events, province, lam, ["letter"])
        said.append(
            f"{words}: {path[last_workshop - 1]:.2f} at the last workshop, {path[-1]:.2f} at the end; by letter only "
            f"{alone[last_workshop - 1]:.2f} and {alone[-1]:.2f}."
        )
    return (
        f"Lines of trust over {events['month'].max()} months, with {lam:g} of the evidence left after a month. {' '.join(said)} "
        "A slider changes what a month leaves, a menu takes the workshops away."
    )


def hunts(
    G: nx.Graph, games: Mapping[str, Sequence[float]], starts: Sequence[float], rounds: int, draws: int, seed: int
) -> pd.DataFrame:
    """Where hunts end, start by start and game by game, for :func:`tipping`; ``games``: name -> R, S, T, P."""
    tables = [
        methods.basin(G, payoffs, starts, rounds, draws, seed).assign(game=name, tip=methods.tipping_point(*payoffs))
        for name, payoffs in games.items()
    ]
    return pd.concat(tables, ignore_index=True)


def tipping(table: pd.DataFrame, first: str) -> alt.LayerChart:
    """The share that cooperates in the end against the share at first, with the tipping point and a menu of games.

    ``table`` from :func:`hunts`. Dots are single runs, the line is their mean.
    """
    game = charts.menu("game", "Holding back together pays", list(dict.fromkeys(table["game"])), first)
    chosen = "datum.game == game"
    title = "Share that cooperates at first"
    x = alt.X(
        "start:Q", title=title, axis=alt.Axis(format="%", grid=False), scale=alt.Scale(domain=[-0.01, 1.01], nice=False)
    )
    y = alt.Y("end:Q", title="In the end", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[-0.02, 1.02], nice=False))
    mean = table.groupby(["game", "start", "tip"], as_index=False)["end"].mean()
    runs = table.groupby(["game", "start", "end"], as_index=False).size()
    tips = table.drop_duplicates("game")[["game", "tip"]]
    tips = tips.assign(words=[f"p* = {tip:.2f}" for tip in tips["tip"]])
    red = charts.colour("vermillion")
    mark = alt.Chart(tips).transform_filter(chosen)
    return alt.layer(
        mark.mark_rule(strokeDash=[4, 4], strokeWidth=2, color=red).encode(x=alt.X("tip:Q")),
        alt.Chart(runs).transform_filter(chosen).mark_point(size=28, opacity=0.45, color=charts.colour("neutral"))
        .encode(x=x, y=y, tooltip=[alt.Tooltip("start:Q", title="At first", format=".0%"),
                                   alt.Tooltip("end:Q", title="In the end", format=".0%"),
                                   alt.Tooltip("size:Q", title="Runs")]),
        alt.Chart(mean).transform_filter(chosen).mark_line().encode(x=x, y=y),
        charts.label(mark, "words:N", color=red, baseline="bottom").encode(x=alt.X("tip:Q"), y=alt.value(-6)),
    ).add_params(game)  # fmt: skip


def say_tipping(table: pd.DataFrame, first: str) -> str:
    """Where the mean of :func:`tipping` turns, game by game, in words."""
    said = []
    for game, rows in table.groupby("game", sort=False):
        mean = rows.groupby("start")["end"].mean()
        up, down = mean.index[mean > 0.9], mean.index[mean < 0.1]
        said.append(
            f"Holding back pays {game}: the tipping point is {rows['tip'].iloc[0]:.2f}; up to a start of {down.max():.0%} nearly "
            f"nobody cooperates in the end, from {up.min():.0%} on nearly everybody."
        )
    return f"An S-shaped line of the share at the end against the share at first. {' '.join(said)} At first: {first}."


def counters(queue: pd.DataFrame, worth: Sequence[float], service: float) -> pd.DataFrame:
    """What each value of a shared language does at the counter, by language, for :func:`discretion`.

    One row for each ``b`` and ``language`` ("shared", "not shared", "all"): ``left`` (share) and ``wait`` (mean of those seen).
    """
    rows, groups = [], {"shared": queue["match"] == 1, "not shared": queue["match"] == 0, "all": queue["match"] >= 0}
    for b in worth:
        waits = methods.serve(queue, b, service, leave=True)
        for name, where in groups.items():
            part = waits[where.to_numpy()]
            rows.append({"b": b, "language": name, "left": np.isnan(part).mean(), "wait": np.nanmean(part)})
    return pd.DataFrame(rows)


def discretion(table: pd.DataFrame, marks: Mapping[float, str]) -> alt.LayerChart:
    """Who leaves unseen, or waits, by language, against what the clerk gives for a shared one; a menu chooses which.

    ``table`` from :func:`counters`. ``marks``: value of b -> words for the rule, written above the chart.
    """
    measure = charts.menu("measure", "Show", [LEFT, WAIT])
    names = {"not shared": "language not shared", "shared": "language shared", "all": "all"}
    long = pd.concat(
        [
            table.assign(value=table["left"] * 100, kind=LEFT, unit="%"),
            table.assign(value=table["wait"], kind=WAIT, unit=" min"),
        ]
    ).assign(label=lambda t: t["language"].map(names))[["b", "label", "value", "kind", "unit"]]
    hues = [charts.colour(role) for role in ("vermillion", "blue", "neutral")]
    colour = alt.Color("label:N", legend=None, scale=alt.Scale(domain=list(names.values()), range=hues))
    most = float(table["b"].max())
    low = float(table["b"].min())
    x = alt.X(
        "b:Q",
        title="Points of severity that the clerk gives for a shared language (b)",
        axis=alt.Axis(values=[b for b in sorted(table["b"].unique()) if b == round(b)], grid=False, format="~f"),
        scale=alt.Scale(domain=[low - 0.1, most + 0.45 * (most - low)], nice=False),
    )
    y = alt.Y("value:Q", title="% who left unseen, or minutes", scale=alt.Scale(zero=True))
    base = alt.Chart(long).transform_filter("datum.kind == measure").encode(x=x, y=y, color=colour)
    tooltip = [
        alt.Tooltip("label:N", title="Patients"),
        alt.Tooltip("b:Q", title="b", format="+.1f"),
        alt.Tooltip("value:Q", title="% or minutes", format=".1f"),
    ]
    ends = base.transform_filter(f"datum.b == {most}").transform_calculate(
        words="datum.label + ': ' + format(datum.value, '.0f') + datum.unit"
    )
    rules = alt.Chart(pd.DataFrame({"b": list(marks), "words": list(marks.values()), "place": range(len(marks))}))
    return alt.layer(
        rules.mark_rule(strokeDash=[4, 4]).encode(x=alt.X("b:Q")),
        *(
            rules.transform_filter(f"datum.place == {i}")
            .mark_text(baseline="bottom", dy=-6 - 15 * (i % 2))
            .encode(x=alt.X("b:Q"), y=alt.value(0), text="words:N")
            for i in range(len(marks))  # every second one higher, since they stand close to each other on a phone
        ),
        base.mark_line(point=True).encode(tooltip=tooltip),
        charts.label(ends, "words:N", align="left", dx=9),
    ).add_params(measure)


def say_discretion(table: pd.DataFrame, marks: Mapping[float, str]) -> str:
    """Who leaves unseen under each of the marked rules of :func:`discretion`, in words."""
    said = []
    for b, words in marks.items():
        at = table[table["b"] == b].set_index("language")["left"]
        said.append(
            f"{words.capitalize()} ({b:+g}): {at['not shared']:.0%} of those who do not share the language, "
            f"{at['shared']:.0%} of those who do, {at['all']:.1%} of all."
        )
    return (
        f"Two lines that cross near 0, and a flatter one for all: the share who leave unseen. {' '.join(said)} A menu shows "
        "waits."
    )
