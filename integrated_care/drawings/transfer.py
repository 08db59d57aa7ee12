"""The charts of chapter 14. Each takes what :mod:`integrated_care.transfer` gives; end it with ``charts.finish``.

The charts with sliders, and the triangle that is dragged, carry the methods' closed forms as Vega-Lite expressions, so that they
work in a built page without Python. A test holds what they draw against the methods.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from statistics import NormalDist

import altair as alt
import numpy as np
import pandas as pd

from .. import charts
from .. import transfer as methods

ADVISED, HAPPENED = "advised", "happened"
KINDS = {
    "earlier v later": ("blue", "circle"),
    "later v earlier": ("vermillion", "diamond"),
    "treated v never": ("green", "square"),
}
FINE = 20  # parts into which a side of the triangle is divided
SIDE = 300  # pixels of it
ROW = 21  # pixels of a row of words
CELL = 34  # pixels of a cell of ranks
WIDE = 540  # pixels of a chart in two parts


# --- dates ------------------------------------------------------------------------------------------------------------


def plan(steps: pd.DataFrame) -> alt.LayerChart:
    """What was advised, as bars, above what happened, as points, on one axis of years.

    ``steps``: ``what`` ("advised" or "happened"), ``start`` and ``end`` (dates; the end of a point is its start) and ``words``,
    in the order in which they stand.
    """
    data = steps.assign(row=range(len(steps)))
    y = alt.Y("row:O", axis=None)
    x = alt.X("start:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", grid=True, labelOverlap=True))
    # In one layer only, and not in that of bars: vega holds the same dates of x and x2 for two domains, and complains.
    wide = x.scale(domain=["2025-01-01", "2036-07-01"])
    colour = alt.Color(
        "what:N",
        title=None,
        scale=alt.Scale(domain=[ADVISED, HAPPENED], range=[charts.colour("sky"), charts.colour("vermillion")]),
    )
    tooltip = [alt.Tooltip("words:N", title="Step"), alt.Tooltip("start:T", title="From", format="%-d %B %Y")]
    base = alt.Chart(data).encode(y=y, tooltip=tooltip)
    advised, happened = (base.transform_filter(f"datum.what == '{what}'") for what in (ADVISED, HAPPENED))
    return alt.layer(
        advised.mark_bar(height=14).encode(x=x, x2="end:T", color=colour),
        advised.mark_text(align="left", dx=4, fontSize=12).encode(x=x, text="words:N", color=alt.value("#10161f")),
        happened.mark_point(size=90).encode(x=wide, color=colour),
        happened.mark_text(align="left", dx=10).encode(x=x, text="words:N"),
    ).properties(height=(ROW + 5) * len(data))


def say_plan(steps: pd.DataFrame) -> str:
    """What :func:`plan` shows, in words."""
    said = []
    for what, rows in steps.groupby("what", sort=False):
        each = [
            f"{row.words} ({row.start:%B %Y}" + (f" to {row.end:%B %Y})" if row.end > row.start else ")")
            for row in rows.itertuples()
        ]
        said.append(f"{what.capitalize()}: {'; '.join(each)}.")
    return " ".join(said)


# --- staggered adoption -----------------------------------------------------------------------------------------------


def comparisons(parts: pd.DataFrame, slope: float, truth: float) -> alt.LayerChart:
    """Each comparison of two cohorts within a two-way regression, by its weight and what it finds.

    ``parts``: the table of :func:`transfer.bacon`. ``slope``: their weighted mean; ``truth``: the mean planted effect.
    """
    kinds = [kind for kind in KINDS if kind in set(parts["kind"])]
    scale = {
        "color": alt.Scale(domain=kinds, range=[charts.colour(KINDS[kind][0]) for kind in kinds]),
        "shape": alt.Scale(domain=kinds, range=[KINDS[kind][1] for kind in kinds]),
    }
    low, high = float(parts["estimate"].min()), float(parts["estimate"].max())
    y = alt.Y(
        "estimate:Q",
        title="Effect that the pair finds, points",
        scale=alt.Scale(domain=[min(low, 0) - 1, max(high, truth) + 1]),
    )
    top = float(parts["weight"].max()) * 1.15
    x = alt.X(
        "weight:Q",
        title="Weight in the regression",
        axis=alt.Axis(format="%"),
        scale=alt.Scale(domain=[0, top], nice=False),
    )
    points = (
        alt.Chart(parts[["treated", "control", "kind", "weight", "estimate"]])
        .mark_point(size=110)
        .encode(
            x=x,
            y=y,
            color=alt.Color("kind:N", title=None, scale=scale["color"]),
            shape=alt.Shape("kind:N", title=None, scale=scale["shape"]),
            tooltip=[
                alt.Tooltip("treated:Q", title="Started in month"),
                alt.Tooltip("control:Q", title="Compared with the start of month"),
                alt.Tooltip("weight:Q", title="Weight", format=".1%"),
                alt.Tooltip("estimate:Q", title="Finds, points", format=".2f"),
            ],
        )
    )
    rules = alt.Chart(
        pd.DataFrame({"estimate": [slope, truth], "words": [f"regression: {slope:.2f}", f"planted: {truth:.2f}"]})
    )
    return alt.layer(
        rules.mark_rule(strokeDash=[5, 4]).encode(y=y),
        charts.label(rules, "words:N", align="left", dx=4, dy=-8).encode(x=alt.value(0), y=y),
        points,
    )


def say_comparisons(parts: pd.DataFrame, slope: float, truth: float) -> str:
    """What :func:`comparisons` shows, in words."""
    said = [
        f"{kind}: {len(rows)} pairs with {rows['weight'].sum():.0%} of the weight, on average "
        f"{np.average(rows['estimate'], weights=rows['weight']):.2f} points."
        for kind, rows in parts.groupby("kind")
    ]
    return f"{' '.join(said)} Dashed lines: the regression finds {slope:.2f} points, and {truth:.2f} were planted."


def exposure(study: pd.DataFrame, truth: pd.DataFrame, slope: float) -> alt.LayerChart:
    """Effects by months since the start, beside those that were planted and the one number of the regression.

    ``study``: the table of :func:`transfer.event_study`; ``truth``: ``e`` and ``effect``.
    """
    seen = study.dropna(subset="est")
    x = alt.X("e:Q", title="Months since the region's start", axis=alt.Axis(grid=False, tickCount=8))
    y = alt.Y("value:Q", title="Points of completed referrals")
    found = alt.Chart(seen.rename(columns={"est": "value"})[["e", "value", "n_cohorts", "balanced"]])
    planted = alt.Chart(truth.rename(columns={"effect": "value"})[["e", "value"]].assign(words="planted"))
    flat = alt.Chart(pd.DataFrame({"value": [slope], "words": [f"two-way regression: {slope:.2f}"]}))
    return alt.layer(
        alt.Chart(pd.DataFrame({"e": [-0.5]})).mark_rule(color=charts.colour("neutral")).encode(x=x),
        flat.mark_rule(strokeDash=[5, 4], strokeWidth=2, color=charts.colour("vermillion")).encode(y=y),
        charts.label(flat, "words:N", align="left", dx=4, dy=-8, color=charts.colour("vermillion")).encode(
            x=alt.value(0), y=y
        ),
        planted.mark_line(color=charts.colour("neutral"), strokeWidth=4, opacity=0.6).encode(x=x, y=y),
        charts.label(
            planted.transform_filter(f"datum.e == {int(truth['e'].max()) - 4}"), "words:N", align="left", dy=16
        ).encode(x=x, y=y),
        found.mark_line(strokeWidth=1.5).encode(x=x, y=y),
        found.mark_point(size=45).encode(
            x=x,
            y=y,
            opacity=alt.condition("datum.balanced", alt.value(1), alt.value(0.45)),
            tooltip=[
                alt.Tooltip("e:Q", title="Months since the start"),
                alt.Tooltip("value:Q", title="Effect, points", format=".2f"),
                alt.Tooltip("n_cohorts:Q", title="Cohorts seen"),
            ],
        ),
    )


def say_exposure(study: pd.DataFrame, truth: pd.DataFrame, slope: float) -> str:
    """What :func:`exposure` shows, in words."""
    est, planted = study.set_index("e")["est"].dropna(), truth.set_index("e")["effect"]
    before = est[est.index < 0]
    after = [e for e in (0, 6, 12, int(est.index.max())) if e in est.index]
    points = "; ".join(f"month {e}: {est[e]:.1f}, planted {planted.get(e, 0):.1f}" for e in after)
    return (
        f"Before the start the points lie between {before.min():.1f} and {before.max():.1f}. After it they climb beside a grey "
        f"line of what was planted: {points}. A dashed line at {slope:.2f} is the one number of the two-way regression. Pale "
        "points miss some cohorts."
    )


# --- stepped wedge ----------------------------------------------------------------------------------------------------


def wedge(regions: int, n: int, icc: float, effect: float, steps: int) -> alt.VConcatChart:
    """Who starts when in a stepped wedge, and its power, by the number of steps; sliders for steps, effect and people."""
    sliders = [
        charts.slider("steps", "Steps", 1, regions, 1, steps),
        charts.slider("effect", "Effect, in standard deviations", 0, 0.3, 0.02, effect),
        charts.slider("people", "People measured per region and period", 50, 500, 50, n),
    ]
    cells = pd.DataFrame([(i, j) for i in range(regions) for j in range(regions + 1)], columns=["region", "period"])
    left, size = f"({regions} % steps)", f"floor({regions} / steps)"
    grid = (
        alt.Chart(cells)
        .transform_filter("datum.period <= steps")
        .transform_calculate(
            step=f"datum.region < {left} * ({size} + 1) ? floor(datum.region / ({size} + 1)) : "
            f"{left} + floor((datum.region - {left} * ({size} + 1)) / {size})"
        )
        .transform_calculate(live="datum.period > datum.step ? 'has started' : 'not yet'")
        .mark_rect(stroke=charts.colour("page"), strokeWidth=2)
        .encode(
            x=alt.X("period:O", title="Period", axis=alt.Axis(labelAngle=0, ticks=False, domain=False)),
            y=alt.Y("region:O", title="Region", axis=alt.Axis(labels=False, ticks=False, domain=False)),
            color=alt.Color(
                "live:N",
                title=None,
                scale=alt.Scale(
                    domain=["not yet", "has started"], range=[charts.colour("grid"), charts.colour("blue")]
                ),
            ),
        )
        .properties(width=WIDE, height=11 * regions)
    )
    base = alt.Chart(_sums(regions)).transform_calculate(sigma2=f"{1 - icc!r} / people")
    base = base.transform_calculate(
        below=f"datum.plain * datum.sigma2 + datum.between * {icc!r}",
        above=f"{regions} * datum.sigma2 * (datum.sigma2 + datum.periods * {icc!r})",
    )
    limit = NormalDist().inv_cdf(1 - methods.LEVEL / 2)
    power = f"cumulativeNormal(effect / sqrt(datum.above / datum.below) - {limit!r}, 0, 1)"
    base = base.transform_calculate(power=f"datum.below > 0 ? {power} : {methods.LEVEL / 2!r}")
    x = alt.X("count:O", title="Steps in which the regions start", axis=alt.Axis(labelAngle=0))
    y = alt.Y("power:Q", title="Power", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1.1], nice=False))
    here = base.transform_filter("datum.count == steps").transform_calculate(words="format(datum.power, '.0%')")
    usual = alt.Chart(pd.DataFrame({"power": [0.8]}))
    curve = alt.layer(
        usual.mark_rule(strokeDash=[4, 4]).encode(y=y),
        base.mark_bar(color=charts.colour("sky")).encode(
            x=x,
            y=y,
            tooltip=[alt.Tooltip("count:Q", title="Steps"), alt.Tooltip("power:Q", title="Power", format=".1%")],
        ),
        here.mark_bar().encode(x=x, y=y),
        charts.label(here, "words:N", dy=-9).encode(x=x, y=y),
    ).properties(width=WIDE, height=170)
    return alt.vconcat(grid, curve, spacing=14).add_params(*sliders)


def _sums(regions: int) -> pd.DataFrame:
    """The whole numbers of the designs with 1 to ``regions`` steps from which Hussey and Hughes compute the variance."""
    rows = []
    for count in range(1, regions + 1):
        x = methods.sw_design(regions, count)
        i, t = x.shape
        u, w, v = x.sum(), (x.sum(axis=0) ** 2).sum(), (x.sum(axis=1) ** 2).sum()
        rows.append((count, t, int(i * u - w), int(u**2 + i * t * u - t * w - i * v)))
    return pd.DataFrame(rows, columns=["count", "periods", "plain", "between"])


def say_wedge(regions: int, n: int, icc: float, effect: float, steps: int) -> str:
    """What :func:`wedge` shows at first, in words."""
    power = {count: methods.sw_power(regions, count, n, icc, effect).power for count in range(1, regions + 1)}
    shown = ", ".join(f"{count} {power[count]:.1%}" for count in sorted({1, 2, 3, steps, 6, regions}))
    sizes = methods.sw_design(regions, steps).sum(axis=1)
    groups = ", ".join(str(int((sizes == k).sum())) for k in range(steps, 0, -1))
    return (
        f"Above, a staircase: {regions} regions start in {steps} steps of {groups}, after one period in which none has started. "
        f"Below, a bar for each number of steps, its height the power; steps and power: {shown}. A dashed line marks 80%. "
        "Sliders change the steps, the effect and the people."
    )


# --- many criteria ----------------------------------------------------------------------------------------------------


def acceptability(shares: np.ndarray, titles: Sequence[str]) -> alt.LayerChart:
    """How often each practice takes each rank over all weights: a row a practice, by its mean rank, a column a rank."""
    order = np.argsort(shares @ np.arange(shares.shape[1]), kind="stable")
    rows = [
        (titles[a], r + 1, float(shares[a, r]), 100 * float(shares[a, r]))
        for a in order
        for r in range(shares.shape[1])
    ]
    data = pd.DataFrame(rows, columns=["title", "rank", "share", "pct"])
    base = alt.Chart(data).encode(
        x=alt.X("rank:O", title="Rank", axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("title:N", title=None, sort=[titles[a] for a in order], axis=alt.Axis(labelLimit=230)),
        tooltip=[
            alt.Tooltip("title:N", title="Practice"),
            alt.Tooltip("rank:O", title="Rank"),
            alt.Tooltip("share:Q", title="Share of the weights", format=".1%"),
        ],
    )
    ink = alt.condition("datum.share > 0.35", alt.value("#fefefe"), alt.value("#10161f"))
    return alt.layer(
        base.mark_rect(cornerRadius=2).encode(
            color=alt.Color(
                "share:Q", title=None, legend=None, scale=alt.Scale(range=charts.SEQUENTIAL, domain=[0, 0.75])
            )
        ),
        base.transform_filter("datum.share >= 0.095")
        .mark_text(fontSize=12)
        .encode(text=alt.Text("pct:Q", format=".0f"), color=ink),
    ).properties(width=CELL * shares.shape[1], height=26 * len(titles))


def say_acceptability(shares: np.ndarray, titles: Sequence[str]) -> str:
    """What :func:`acceptability` shows, in words."""
    order = np.argsort(shares @ np.arange(shares.shape[1]), kind="stable")
    first = "; ".join(f"{titles[a]} {shares[a, 0]:.1%}" for a in order if shares[a, 0] >= 0.005)
    last = order[-1]
    return (
        f"A table of {len(titles)} practices and ranks, the best mean rank on top. Share of all weights under which a practice "
        f"is first: {first}. At the foot: {titles[last]}, last under {shares[last, -1]:.0%}."
    )


def corner_scores(scores: pd.DataFrame, groups: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Mean scores of the practices (rows) over the criteria of each group (columns): what a corner of the triangle ranks by."""
    return pd.DataFrame({name: scores[list(criteria)].mean(axis=1) for name, criteria in groups.items()})


def triangle(
    scores: pd.DataFrame,
    groups: Mapping[str, Sequence[str]],
    among: Mapping[str, Sequence[str]],
    first: Sequence[float],
) -> alt.VConcatChart:
    """A triangle of weights to drag in, coloured by the practice that ranks first there, and the ranks at the chosen point.

    ``scores``: a row a practice (its title), a column a criterion. ``groups``: three names of corners, and the criteria of each.
    The first two corners have a slider too; ``first``: their weights at the beginning. ``among``: what a menu calls each set of
    practices, and the titles in it, the first at the beginning.
    """
    corners = corner_scores(scores, groups)
    one, two, three = corners.columns
    grid = pd.concat([_winners(corners.loc[list(titles)]).assign(among=name) for name, titles in among.items()])
    leads = grid["title"].value_counts().index.tolist()
    chosen = alt.selection_point(
        name="weights",
        fields=["w1", "w2"],
        value=[{"w1": first[0], "w2": first[1]}],
        on="[pointerdown, window:pointerup] > pointermove, click",
        nearest=True,
        clear=False,
        toggle=False,
        bind={
            field: alt.binding_range(min=0, max=1, step=1 / FINE, name=f"Weight of “{name}”: ")
            for field, name in {"w1": one, "w2": two}.items()
        },
    )
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.05, 1.05], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.1, 0.97], nice=False))
    colour = alt.Color(
        "title:N",
        title=None,
        scale=alt.Scale(domain=leads, range=[charts.colour(role) for role in charts.CATEGORIES[: len(leads)]]),
        legend=alt.Legend(columns=2, labelLimit=260),
    )
    points = (
        alt.Chart(grid)
        .transform_filter("datum.among == practices")
        .mark_point(size=95, cursor="move")
        .encode(x=x, y=y, color=colour)
        .add_params(chosen)
    )
    at = {"w1": "weights.w1[0]", "w2": "min(weights.w2[0], 1 - weights.w1[0])"}
    ring = (
        alt.Chart(pd.DataFrame({"one": [1]}))
        .transform_calculate(**at)
        .transform_calculate(x="1 - datum.w1 / 2 - datum.w2", y=f"datum.w1 * {sqrt(3) / 2!r}")
        .mark_point(size=420, filled=False, strokeWidth=4, color=charts.colour("text"))
        .encode(x=x, y=y)
    )
    ends = {one: (0.5, sqrt(3) / 2, -16, "center"), two: (0, 0, 18, "left"), three: (1, 0, 18, "right")}
    said = [
        charts.label(
            alt.Chart(pd.DataFrame({"x": [x0], "y": [y0], "words": [name]})), "words:N", dy=dy, align=align
        ).encode(x=x, y=y)
        for name, (x0, y0, dy, align) in ends.items()
    ]
    above = alt.layer(points, ring, *said).properties(width=WIDE, height=SIDE)
    names = dict(zip(corners.columns, ("a", "b", "c"), strict=True))
    rows = pd.concat([corners.loc[list(titles)].assign(among=name) for name, titles in among.items()])
    bars = (
        alt.Chart(rows.rename(columns=names).rename_axis("title").reset_index())
        .transform_filter("datum.among == practices")
        .transform_calculate(**at)
        .transform_calculate(score="datum.w1 * datum.a + datum.w2 * datum.b + (1 - datum.w1 - datum.w2) * datum.c")
        .transform_window(
            rank="row_number()", sort=[alt.SortField("score", order="descending"), alt.SortField("title")]
        )
    )
    y = alt.Y("rank:O", title="Rank", axis=alt.Axis(ticks=False, domain=False))
    x = alt.X("score:Q", title="Score at these weights", scale=alt.Scale(domain=[0, 1], nice=False))
    tooltip = [alt.Tooltip("title:N", title="Practice"), alt.Tooltip("score:Q", title="Score", format=".2f")]
    below = alt.layer(
        bars.mark_bar(height=15, color=charts.colour("sky")).encode(x=x, y=y, tooltip=tooltip),
        bars.mark_text(align="left", dx=5, fontSize=12.5).encode(
            x=alt.value(0), y=y, text="title:N", color=alt.value("#10161f")
        ),
    ).properties(width=WIDE, height=ROW * len(corners))
    return alt.vconcat(above, below, spacing=10).add_params(charts.menu("practices", "Among", list(among)))


def _winners(corners: pd.DataFrame) -> pd.DataFrame:
    """The mixes of weights (``w1``, ``w2``), their places in the triangle, and the practice that ranks first at each."""
    mix = np.array([(i, j, FINE - i - j) for i in range(FINE + 1) for j in range(FINE + 1 - i)]) / FINE
    value = sum(
        mix[:, [k]] * corners.to_numpy()[:, k] for k in range(3)
    )  # criterion by criterion: the same on each machine
    best = corners.index[np.argmax(value, axis=1)]
    x, y = mix[:, 2] + mix[:, 0] / 2, mix[:, 0] * sqrt(3) / 2
    return pd.DataFrame({"w1": mix[:, 0], "w2": mix[:, 1], "x": x, "y": y, "title": best})


def say_triangle(
    scores: pd.DataFrame,
    groups: Mapping[str, Sequence[str]],
    among: Mapping[str, Sequence[str]],
    first: Sequence[float],
) -> str:
    """What :func:`triangle` shows: the first three practices of each set at each corner, in the middle and at the ring."""
    corners = corner_scores(scores, groups)
    places = {f"all weight on “{name}”": [float(name == other) for other in groups] for name in groups}
    places |= {"a third each": [1 / 3] * 3, "at the ring": [*first, 1 - sum(first)]}
    said = []
    for name, titles in among.items():
        rows = corners.loc[list(titles)]
        for place, weights in places.items():
            order = (rows * weights).sum(axis=1).sort_values(ascending=False, kind="stable")
            said.append(f"{name}, {place}: {', '.join(order.index[:3])}.")
    return (
        f"A triangle of dots, each a mix of the weights of {', '.join(f'“{name}”' for name in groups)}, coloured by the practice "
        "that ranks first there, and a ring that can be dragged; below, the practices in the order of their scores. The first "
        f"three: {' '.join(said)} Two sliders move the ring, too, and a menu chooses the practices."
    )


# --- carrying an effect -----------------------------------------------------------------------------------------------


def carried(places: pd.DataFrame, here: float) -> alt.LayerChart:
    """The effect that an estimate from elsewhere would have in places that are more and less rural, beside the effect there.

    ``places``: ``rural`` (a share), ``effect``, ``low``, ``high`` (points), a row a place. None is named: it was not measured.
    """
    data = places[["rural", "effect", "low", "high"]]
    x = alt.X(
        "rural:Q", title="People in villages", axis=alt.Axis(format="%", grid=False), scale=alt.Scale(domain=[0, 0.7])
    )
    y = alt.Y("effect:Q", title="Effect, points of completed referrals")
    base = alt.Chart(data).encode(x=x)
    rule = alt.Chart(pd.DataFrame({"effect": [here], "words": [f"measured: {here:.1f}"]}))
    tooltip = [
        alt.Tooltip("rural:Q", title="In villages", format=".0%"),
        alt.Tooltip("effect:Q", title="Effect, points", format=".1f"),
        alt.Tooltip("low:Q", title="From", format=".1f"),
        alt.Tooltip("high:Q", title="To", format=".1f"),
    ]
    return alt.layer(
        alt.Chart(pd.DataFrame({"effect": [0]})).mark_rule().encode(y=y),
        rule.mark_rule(strokeDash=[5, 4], color=charts.colour("vermillion"), strokeWidth=2).encode(y=y),
        charts.label(rule, "words:N", align="left", dy=-9, color=charts.colour("vermillion")).encode(
            x=alt.value(105), y=y
        ),
        base.mark_rule(strokeWidth=3, color=charts.colour("sky")).encode(y=alt.Y("low:Q"), y2="high:Q"),
        base.mark_point(size=90).encode(y=y, tooltip=tooltip),
    )


def say_carried(places: pd.DataFrame, here: float) -> str:
    """What :func:`carried` shows, in words."""
    said = "; ".join(
        f"{row.rural:.0%} in villages: {row.effect:.1f} ({row.low:.1f} to {row.high:.1f})"
        for row in places.sort_values("rural").itertuples(index=False)
    )
    return f"A dashed line marks the effect where it was measured, {here:.1f} points. A dot with its interval a place. {said}."


# --- shocks -----------------------------------------------------------------------------------------------------------


def survivors(
    worth: pd.DataFrame, kept: pd.DataFrame, words: Mapping[str, str], first: tuple[str, str, float]
) -> alt.LayerChart:
    """What each practice is worth on average, by how likely a shock is; a slider for that, and menus for shock and weights.

    ``worth``: a row a practice (its title), a column a way of weighing. ``kept``: a row a practice, a column a shock. ``words``:
    what the menu calls each shock. ``first``: shock, way of weighing and probability at the beginning.
    """
    rows = [
        (title, way, words[shock], worth.loc[title, way], kept.loc[title, shock])
        for title in worth.index for way in worth for shock in words
    ]  # fmt: skip
    data = pd.DataFrame(rows, columns=["title", "way", "shock", "worth", "kept"])
    params = [
        charts.menu("shock", "What may happen", list(words.values()), words[first[0]]),
        charts.menu("weighing", "What counts", list(worth), first[1]),
        charts.slider("chance", "How likely it is", 0, 1, 0.05, first[2]),
    ]
    chosen = alt.Chart(data).transform_filter("datum.shock == shock && datum.way == weighing")
    chosen = chosen.transform_calculate(now="datum.worth * (1 - chance + chance * datum.kept)")
    chosen = chosen.transform_window(
        rank="row_number()", sort=[alt.SortField("now", order="descending"), alt.SortField("title")]
    )
    ends = chosen.transform_calculate(ends="[0, 1]").transform_flatten(["ends"], ["p"])
    ends = ends.transform_calculate(value="datum.worth * (1 - datum.p + datum.p * datum.kept)")
    x = alt.X(
        "p:Q", title="Probability of the shock", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1], nice=False)
    )
    y = alt.Y(
        "value:Q", title="Worth on average (1 = best on all that counts)", scale=alt.Scale(domain=[0, 0.9], nice=False)
    )
    best = chosen.transform_filter("datum.rank == 1").transform_calculate(p="chance", value="datum.now")
    best = best.transform_calculate(words="'first: ' + datum.title + ', ' + format(datum.now, '.2f')")
    return alt.layer(
        ends.mark_line(color=charts.colour("neutral"), strokeWidth=1.2, opacity=0.7).encode(x=x, y=y, detail="title:N"),
        ends.transform_filter("datum.rank == 1").mark_line(strokeWidth=4).encode(x=x, y=y, detail="title:N"),
        best.mark_rule(strokeDash=[4, 4]).encode(x=x, y=alt.value(26), y2=alt.value(charts.HEIGHT)),
        best.mark_point(size=150).encode(x=x, y=y),
        charts.label(best, "words:N", align="left", dx=6, baseline="top", dy=6, color=charts.colour("blue")).encode(
            x=alt.value(0), y=alt.value(0)
        ),
    ).add_params(*params)


def say_survivors(
    worth: pd.DataFrame, kept: pd.DataFrame, words: Mapping[str, str], first: tuple[str, str, float]
) -> str:
    """Which practice of :func:`survivors` comes first at no, even and certain probability of each shock, in words."""
    said = []
    for way in worth:
        for shock, what in words.items():
            leads = [(worth[way] * (1 - p + p * kept[shock])).sort_index().idxmax() for p in (0, 0.5, 1)]
            said.append(f"{way}, {what}: {', '.join(leads)}.")
    return (
        f"{len(worth)} falling lines, one for each practice; the first at the chosen probability is thick. First at a "
        f"probability of 0, one half and 1, by what counts and what happens: {' '.join(said)}"
    )
