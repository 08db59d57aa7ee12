"""The charts of chapter 6. Each takes a table, or what :mod:`integrated_care.access` gives; end it with ``charts.finish``.

Shares that a slider or a menu moves are computed by Vega-Lite transforms, so that they work in a built page without Python. A
test holds what they draw against the methods. Maps have no borders: the region is invented.
"""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from .. import access, charts

# How a way is measured -> the column of :func:`ways` that holds it, in km.
MEASURES = {
    "straight line": "straight",
    "by road, the world of 25%": "road_25",
    "by road, the world of 30%": "road_30",
    "on foot, at 5 km an hour": "on_foot",
}
PATH = 1.2  # km of path for each km of straight line
SLOWER = {1: 1.0, 2: 5 / 4, 3: 5 / 3}  # by terrain: on foot 5, 4 and 3 km an hour, as time on the flat


def ways(settlements: pd.DataFrame, facilities: pd.DataFrame) -> pd.DataFrame:
    """The settlements, with the way to the nearest of the facilities in four measures, in km.

    ``on_foot`` is the hours of walking, at 5, 4 or 3 km an hour by terrain, times the 5 km of an hour on the flat: 10 is two
    hours.
    """
    where = ["x_km", "y_km"]
    straight = access.pairwise_km(settlements[where], facilities[where]).min(axis=1)
    return settlements.assign(
        straight=straight,
        road_25=straight * settlements["detour_25"],
        road_30=straight * settlements["detour_30"],
        on_foot=PATH * straight * settlements["terrain"].map(SLOWER),
    )


# --- communes ---------------------------------------------------------------------------------------------------------


def communes(data: pd.DataFrame, cut: float) -> alt.LayerChart:
    """Communes by the mean and the median distance of their douars, with a slider for the distance that counts as far.

    ``data``: columns ``name``, ``province``, ``mean``, ``median`` (km) and ``people`` (rural).
    """
    slider = charts.slider("cut", "Far is beyond, km", 4, 16, 0.5, cut)
    top = float(np.ceil(data[["mean", "median"]].max(axis=None)))
    scale = alt.Scale(domain=[0, top], nice=False)
    base = (
        alt.Chart(data[["name", "province", "mean", "median", "people"]])
        .transform_calculate(far="datum.mean > cut ? datum.people : 0", half="datum.median > cut ? datum.people : 0")
        .transform_joinaggregate(all="sum(people)", sum_far="sum(far)", sum_half="sum(half)")
        .transform_calculate(
            edge="cut",
            kind="datum.mean > cut ? (datum.median > cut ? 'both' : 'mean') : datum.median > cut ? 'median' : 'near'",
            words="'Beyond ' + cut + ' km: mean ' + format(datum.sum_far / datum.all, '.1%') + "
            "', median ' + format(datum.sum_half / datum.all, '.1%')",
        )
    )
    roles = {"both": "vermillion", "mean": "orange", "median": "purple", "near": "blue"}
    x = alt.X("mean:Q", title="Mean distance of a commune's douars to a health centre, km", scale=scale)
    y = alt.Y("median:Q", title="Median distance, km", scale=scale)
    first = base.transform_filter(f"datum.name == {data['name'].iloc[0]!r}")
    dots = base.mark_point(opacity=0.85).encode(
        x=x,
        y=y,
        size=alt.Size("people:Q", scale=alt.Scale(range=[15, 420]), legend=None),
        color=alt.Color(
            "kind:N", scale=alt.Scale(domain=list(roles), range=[charts.colour(r) for r in roles.values()]), legend=None
        ),
        tooltip=[
            alt.Tooltip("name:N", title="Commune"),
            alt.Tooltip("province:N", title="Province"),
            alt.Tooltip("mean:Q", title="Mean, km", format=".1f"),
            alt.Tooltip("median:Q", title="Median, km", format=".1f"),
            alt.Tooltip("people:Q", title="Rural people", format=",.0f"),
        ],
    )
    return alt.layer(
        first.mark_rule(strokeDash=[4, 4]).encode(x=alt.X("edge:Q", scale=scale)),
        first.mark_rule(strokeDash=[4, 4]).encode(y=alt.Y("edge:Q", scale=scale)),
        dots,
        charts.label(first, "words:N", align="left").encode(x=alt.value(0), y=alt.value(-8)),
    ).add_params(slider)


def say_communes(data: pd.DataFrame, cut: float) -> str:
    """What :func:`communes` shows at first, in words."""
    by = {name: access.share_beyond(data["people"], data[name], cut) for name in ("mean", "median")}
    last = data.loc[data["mean"].idxmax()]
    return (
        f"{len(data)} communes by the mean and the median distance of their douars to a health centre. {by['mean']:.1%} of rural "
        f"people live in communes whose mean is beyond {cut:g} km, {by['median']:.1%} in communes whose median is. Most "
        f"means are larger than the medians. The largest mean is {last['mean']:.1f} km, in {last['name']}, where the median is "
        f"{last['median']:.1f}. A slider moves the distance."
    )


# --- the region -------------------------------------------------------------------------------------------------------


def region(data: pd.DataFrame, facilities: pd.DataFrame, cut: float, first: str = "straight line") -> alt.LayerChart:
    """A map of the invented region: who lives beyond a distance, by a measure that a menu chooses; the reader moves the cut.

    ``data``: what :func:`ways` gives. ``facilities``: the health centres, drawn as crosses.
    """
    measure = charts.menu("measure", "Measured", list(MEASURES), first)
    slider = charts.slider("far", "Far is beyond, km", 2, 20, 1, cut)
    columns = ["settlement", "rural", "x_km", "y_km", "pop", *MEASURES.values()]
    choose = " : ".join(f"measure == '{words}' ? datum.{column}" for words, column in MEASURES.items())
    base = (
        alt.Chart(data[columns].round(2))
        .transform_calculate(km=f"{choose} : 0")
        .transform_calculate(
            lost="datum.rural && datum.km > far ? datum.pop : 0", country="datum.rural ? datum.pop : 0"
        )
        .transform_joinaggregate(all="sum(country)", beyond="sum(lost)")
        .transform_calculate(
            kind="!datum.rural ? 'town' : datum.km > far ? 'beyond' : 'within'",
            words="'Rural people beyond ' + far + ' km, ' + measure + ': ' + format(datum.beyond / datum.all, '.1%')",
        )
    )
    kinds = {"within": "blue", "beyond": "vermillion", "town": "neutral"}
    x, y = _place()
    dots = base.mark_circle(opacity=0.8).encode(
        x=x,
        y=y,
        size=alt.Size("pop:Q", scale=alt.Scale(type="pow", exponent=0.6, range=[6, 900]), legend=None),
        color=alt.Color(
            "kind:N",
            title=None,
            sort=list(kinds),
            scale=alt.Scale(domain=list(kinds), range=[charts.colour(role) for role in kinds.values()]),
            legend=alt.Legend(orient="bottom"),
        ),
        tooltip=[
            alt.Tooltip("settlement:N", title="Settlement"),
            alt.Tooltip("pop:Q", title="People", format=","),
            alt.Tooltip("km:Q", title="To the nearest health centre, km", format=".1f"),
        ],
    )
    crosses = (
        alt.Chart(facilities[["x_km", "y_km"]])
        .mark_point(shape="cross", size=26, filled=True, color=charts.colour("text"), opacity=1)
        .encode(x=x, y=y)
    )
    count = charts.label(
        base.transform_filter(f"datum.settlement == {data['settlement'].iloc[0]!r}"), "words:N", align="left"
    )
    return (
        alt.layer(dots, crosses, count.encode(x=alt.value(0), y=alt.value(-8)))
        .properties(height=charts.WIDTH * 11 // 14)
        .add_params(measure, slider)
    )


def say_region(data: pd.DataFrame, cuts: tuple[float, ...] = (5, 10)) -> str:
    """The shares that :func:`region` gives for some cuts, by each measure, in words."""
    rural = data[data["rural"]]
    said = []
    for words, column in MEASURES.items():
        shares = (f"{access.share_beyond(rural['pop'], rural[column], cut):.0%} beyond {cut:g} km" for cut in cuts)
        said.append(f"{words}: {', '.join(shares)}.")
    return (
        f"A map of {len(rural)} douars and {len(data) - len(rural)} towns, with crosses for health centres. The centres crowd "
        "in the west; the east, which is steep, has few, and there lie most douars that are far. Share of rural people, "
        f"{' '.join(said)} A menu changes the measure, a slider the distance."
    )


def _place() -> tuple[alt.X, alt.Y]:
    """Axes of a map: km of an invented region, without a name."""
    axis = alt.Axis(title=None, labels=False, ticks=False, domain=False, grid=False)
    return (
        alt.X("x_km:Q", scale=alt.Scale(domain=[0, 140], nice=False), axis=axis),
        alt.Y("y_km:Q", scale=alt.Scale(domain=[0, 110], nice=False), axis=axis),
    )


# --- who is within reach of how much ----------------------------------------------------------------------------------


def reach_rows(scores: Mapping[int, pd.Series], settlements: pd.DataFrame, top: float, step: float) -> pd.DataFrame:
    """The share of people with at most so many doctors for each 1,000, in town and country, for each catchment.

    ``scores``: catchment in km -> doctors for each 1,000 people, settlement by settlement. Columns ``d0``, ``area``, ``score``
    and ``share``.
    """
    grid = np.round(np.arange(0, top + step / 2, step), 6)
    rows = []
    for d0, score in scores.items():
        for area, here in {"rural": settlements["rural"], "urban": ~settlements["rural"]}.items():
            pop, value = settlements["pop"][here].to_numpy(), np.asarray(score)[here.to_numpy()]
            at_most = [float(pop[value <= at].sum() / pop.sum()) for at in grid]
            rows.append(pd.DataFrame({"d0": d0, "area": area, "score": grid, "share": at_most}))
    return pd.concat(rows, ignore_index=True)


def reach(rows: pd.DataFrame, mean: float, first: int) -> alt.LayerChart:
    """How many people have how few doctors within reach: one curve for the country and one for towns, at a chosen catchment.

    ``rows``: what :func:`reach_rows` gives. ``mean``: doctors for each 1,000 people of the whole region.
    """
    catchments = sorted(rows["d0"].unique())
    slider = charts.slider(
        "d0", "People go up to, km", int(catchments[0]), int(catchments[-1]), int(catchments[1] - catchments[0]), first
    )
    base = alt.Chart(rows.round(4)).transform_filter("datum.d0 == d0")
    top = float(rows["score"].max())
    x = alt.X(
        "score:Q", title="Doctors within reach for each 1,000 people", scale=alt.Scale(domain=[0, top], nice=False)
    )
    y = alt.Y(
        "share:Q",
        title="Share of people with at most so many",
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(format="%"),
    )
    roles = {"rural": "vermillion", "urban": "blue"}
    colour = alt.Color(
        "area:N", scale=alt.Scale(domain=list(roles), range=[charts.colour(r) for r in roles.values()]), legend=None
    )
    nobody = (
        base.transform_filter("datum.score == 0 && datum.area == 'rural'")
        .transform_calculate(
            words="'Rural people with no doctor within ' + datum.d0 + ' km: ' + format(datum.share, '.1%')"
        )
    )  # fmt: skip
    rule = alt.Chart(pd.DataFrame({"score": [round(mean, 4)], "words": [f"mean of the region, {mean:.2f}"]}))
    at = float(rows["score"].unique()[rows["score"].nunique() // 6])
    middle = base.transform_filter(f"datum.score == {at!r}")
    return alt.layer(
        rule.mark_rule(strokeDash=[4, 4]).encode(x=x),
        rule.mark_text(align="left", dx=5, color=charts.colour("muted")).encode(x=x, y=alt.value(330), text="words:N"),
        base.mark_line().encode(x=x, y=y, color=colour),
        charts.label(middle, "area:N", align="left", dx=6, dy=10).encode(x=x, y=y, color=colour),
        charts.label(nobody, "words:N", align="left").encode(x=alt.value(0), y=alt.value(-8)),
    ).add_params(slider)


def say_reach(rows: pd.DataFrame, mean: float, first: int) -> str:
    """What :func:`reach` shows at first, and at the other ends of its slider, in words."""
    none = rows[(rows["score"] == 0) & (rows["area"] == "rural")].set_index("d0")["share"]
    at = rows[rows["d0"] == first]
    near = at.iloc[(at["score"] - mean).abs().argsort(kind="stable")].drop_duplicates("area").set_index("area")["share"]
    return (
        f"Two rising curves, country and town, of the share of people with at most so many doctors within {first} km for each "
        f"1,000 people. {none[first]:.0%} of rural people have none. With no more than the mean of the region, {mean:.2f}, live "
        f"{near['rural']:.0%} of rural and {near['urban']:.0%} of urban people. A slider moves the catchment: at "
        f"{none.index.min()} km {none.iloc[0]:.0%} of rural people have none, at {none.index.max()} km {none.iloc[-1]:.0%}."
    )


# --- posts ------------------------------------------------------------------------------------------------------------


def posts(greedy: np.ndarray, exact: pd.DataFrame, random: np.ndarray, people: float, first: int) -> alt.LayerChart:
    """People covered by a number of posts: the best possible, one after the other, and by lot; a slider reads the curves.

    ``greedy``: covered after each post. ``exact``: columns ``posts`` and ``covered``. ``random``: one row for each draw.
    ``people``: all who could be covered.
    """
    data = _posts(greedy, random, people)
    best = exact.assign(best=exact["covered"] / people)
    slider = charts.slider("n", "Posts", 1, len(data), 1, first)
    x = alt.X("posts:Q", title="Mobile posts", scale=alt.Scale(domain=[0, len(data)], nice=False))
    y = alt.Y(
        "greedy:Q", title="Covered, of those beyond 10 km", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 0.7])
    )
    base = alt.Chart(data)
    read = base.transform_filter("datum.posts == n").transform_calculate(
        words="n + ' posts: ' + format(datum.greedy, '.1%') + ' one after the other, ' + format(datum.mean, '.1%') + ' by lot'"
    )
    dots = (
        alt.Chart(best)
        .mark_point(shape="diamond", size=70, color=charts.colour("text"), filled=False, opacity=1)
        .encode(
            x=x,
            y=alt.Y("best:Q"),
            tooltip=[
                alt.Tooltip("posts:Q", title="Posts"),
                alt.Tooltip("best:Q", title="At best", format=".2%"),
            ],
        )
    )
    near, end = (base.transform_filter(f"datum.posts == {at}") for at in (len(data) // 3, len(data) - 4))
    return alt.layer(
        base.mark_area(opacity=0.25, color=charts.colour("neutral")).encode(x=x, y=alt.Y("low:Q"), y2="high:Q"),
        base.mark_line(color=charts.colour("neutral")).encode(x=x, y=alt.Y("mean:Q")),
        base.mark_line(color=charts.colour("blue")).encode(x=x, y=y),
        dots,
        read.mark_rule(strokeDash=[4, 4]).encode(x=x),
        _word(near, "greedy", "chosen", charts.colour("blue"), align="left", dx=12, dy=10),
        _word(end, "mean", "by lot", charts.colour("muted"), align="right", dy=-34),
        charts.label(read, "words:N", align="left").encode(x=alt.value(0), y=alt.value(-8)),
    ).add_params(slider)


def _word(base: alt.Chart, field: str, words: str, colour: str, **style) -> alt.Chart:
    return base.mark_text(color=colour, fontWeight=600, **style).encode(
        x="posts:Q", y=alt.Y(f"{field}:Q"), text=alt.value(words)
    )


def _posts(greedy: np.ndarray, random: np.ndarray, people: float) -> pd.DataFrame:
    n = min(len(greedy), random.shape[1])
    low, high = np.quantile(random[:, :n], [0.05, 0.95], axis=0)
    shares = {"greedy": greedy[:n], "mean": random[:, :n].mean(axis=0), "low": low, "high": high}
    return pd.DataFrame({"posts": np.arange(1, n + 1), **{name: np.round(v / people, 5) for name, v in shares.items()}})


def say_posts(greedy: np.ndarray, exact: pd.DataFrame, random: np.ndarray, people: float, first: int) -> str:
    """The curves of :func:`posts`, in words."""
    row = _posts(greedy, random, people).set_index("posts").loc[first]
    best = exact.set_index("posts")["covered"] / people
    apart = max(best[n] - greedy[n - 1] / people for n in best.index)
    return (
        f"Curves of the share covered by 1 to {random.shape[1]} posts. {first} posts cover {row['greedy']:.1%} if they are "
        f"chosen one after the other, {best[first]:.1%} at best, and {row['mean']:.1%} by lot (nine draws in ten: "
        f"{row['low']:.1%} to {row['high']:.1%}). Each further post adds less than the one before."
        f" The best is never more than {100 * apart:.1f} "
        "points above the first curve. A slider reads the curves at each number of posts."
    )


# --- efficiency and equity --------------------------------------------------------------------------------------------


def frontier(plans: pd.DataFrame, sites: pd.DataFrame, far: pd.DataFrame, first: float) -> alt.VConcatChart:
    """Plans by how many people they cover and how many of the farthest; brush some, and the map shows their posts.

    ``plans``: what ``access.cover_frontier`` gives. ``sites``: the candidates, row by row, with ``x_km`` and ``y_km``. ``far``:
    the settlements that could be covered. ``first``: the power of the plan that is brushed at first.
    """
    data = plans[["power", "covered", "far_covered"]].round(4)
    chosen = data.loc[(data["power"] - first).abs().idxmin()]
    pad = 0.012 * float(np.ptp(data["covered"])), 0.012
    brush = alt.selection_interval(
        name="plans",
        value={
            axis: [float(chosen[field]) - gap, float(chosen[field]) + gap]
            for axis, field, gap in (("x", "covered", pad[0]), ("y", "far_covered", pad[1]))
        },
    )
    placed = [
        sites.iloc[row.sites][["x_km", "y_km"]].assign(
            covered=round(row.covered, 4), far_covered=round(row.far_covered, 4)
        )
        for row in plans.itertuples()
    ]
    dots = (
        alt.Chart(data)
        .mark_point(size=110, opacity=1)
        .encode(
            x=alt.X(
                "covered:Q",
                title="People covered",
                scale=alt.Scale(zero=False, padding=24),
                axis=alt.Axis(format=",.0f", tickCount=5),
            ),
            y=alt.Y(
                "far_covered:Q",
                title="Covered, of the farthest",
                scale=alt.Scale(zero=False, padding=24),
                axis=alt.Axis(format="%"),
            ),
            color=alt.condition(brush, alt.value(charts.colour("vermillion")), alt.value(charts.colour("neutral"))),
            tooltip=[
                alt.Tooltip("power:Q", title="Power of distance"),
                alt.Tooltip("covered:Q", title="People covered", format=",.0f"),
                alt.Tooltip("far_covered:Q", title="Of the farthest", format=".1%"),
            ],
        )
        .add_params(brush)
    )
    names = (
        alt.Chart(data[data["power"].isin([data["power"].min(), first, data["power"].max()])])
        .mark_text(align="left", dx=10, dy=-8)
        .encode(x="covered:Q", y="far_covered:Q", text=alt.Text("power:Q", format="~g"))
    )
    x, y = _place()
    ground = (
        alt.Chart(far[["x_km", "y_km", "pop"]])
        .mark_circle(color=charts.colour("neutral"), opacity=0.6)
        .encode(x=x, y=y, size=alt.Size("pop:Q", scale=alt.Scale(range=[4, 160]), legend=None))
    )
    marks = (
        alt.Chart(pd.concat(placed, ignore_index=True))
        .transform_filter(brush)
        .mark_point(shape="diamond", size=90, color=charts.colour("vermillion"), opacity=0.75)
        .encode(x=x, y=y)
    )
    width = charts.WIDTH - 60
    return alt.vconcat(
        alt.layer(dots, names).properties(width=width, height=200),
        alt.layer(ground, marks).properties(width=width, height=width * 11 // 14 - 60),
        spacing=18,
    )


def say_frontier(plans: pd.DataFrame, first: float) -> str:
    """The plans of :func:`frontier`, in words."""
    rows = [
        f"power {row.power:g}: {row.covered:,.0f} people, {row.far_covered:.0%} of the farthest"
        for row in plans.itertuples()
    ]
    return (
        f"{len(plans)} plans as dots, each by the people whom it covers and by the share that it covers of the farthest: "
        f"{'; '.join(rows)}. Below, a map of the settlements that could be covered, with the posts of the plans that are "
        f"brushed; at first those of power {first:g}."
    )


# --- the lists --------------------------------------------------------------------------------------------------------


def lists(data: pd.DataFrame, cut: float) -> alt.LayerChart:
    """Who did not come, by the way to the nearest health centre: one dot for each douar on the two lists.

    ``data``: columns ``settlement``, ``kept_by``, ``expected``, ``missed``, ``km`` and ``river``.
    """
    data = data.assign(
        share=(data["missed"] / data["expected"].where(data["expected"] > 0)).round(4),
        kind=np.where(data["river"], "behind the river", "other douars"),
        km=data["km"].round(2),
    ).dropna(subset=["share"])
    roles = {"other douars": "blue", "behind the river": "vermillion"}
    x = alt.X("km:Q", title="By road to the nearest health centre, km", scale=alt.Scale(domain=[0, 30], nice=False))
    dots = (
        alt.Chart(data[["settlement", "kept_by", "expected", "share", "km", "kind"]])
        .mark_point(opacity=0.85)
        .encode(
            x=x,
            y=alt.Y(
                "share:Q", title="Women who did not come", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])
            ),
            size=alt.Size("expected:Q", scale=alt.Scale(range=[20, 420]), legend=None),
            color=alt.Color(
                "kind:N",
                title=None,
                sort=list(roles),
                scale=alt.Scale(domain=list(roles), range=[charts.colour(r) for r in roles.values()]),
            ),
            shape=alt.Shape("kept_by:N", legend=None),
            tooltip=[
                alt.Tooltip("settlement:N", title="Douar"),
                alt.Tooltip("kept_by:N", title="List of the"),
                alt.Tooltip("km:Q", title="By road, km", format=".1f"),
                alt.Tooltip("expected:Q", title="Births expected"),
                alt.Tooltip("share:Q", title="Did not come", format=".0%"),
            ],
        )
    )
    rule = alt.Chart(pd.DataFrame({"km": [cut], "words": [f"{cut:g} km"]}))
    return alt.layer(
        rule.mark_rule(strokeDash=[4, 4]).encode(x=x),
        charts.label(rule, "words:N", align="left", dx=6).encode(x=x, y=alt.value(8)),
        dots,
    )


def say_lists(data: pd.DataFrame, cut: float) -> str:
    """The dots of :func:`lists`, in words."""
    far, river = data["km"] > cut, data["river"]

    def share(rows: pd.Series) -> float:
        return data["missed"][rows].sum() / data["expected"][rows].sum()

    return (
        f"{len(data)} douars by their way to a health centre and the share of women who did not come to give birth. Beyond "
        f"{cut:g} km by road it is {share(far):.0%} of {data['expected'][far].sum():,} women, within it {share(~far):.0%} of "
        f"{data['expected'][~far].sum():,}. {int(river.sum())} douars behind the river lie within {cut:g} km and stand far "
        f"above the others there: {share(river):.0%}."
    )
