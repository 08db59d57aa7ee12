"""The charts of chapter 4. Each takes what :mod:`integrated_care.decision_space` gives; end it with ``charts.finish``.

The charts with sliders carry the methods' closed forms as Vega-Lite transforms, so that they work in a built page without
Python. A test holds what they draw against the methods.
"""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from .. import charts
from .. import decision_space as methods

LAW, PRACTICE = "in law", "in practice (assumed)"
PAID, WHOLE = "what they paid", "the whole bill of the same care"
FEE, CAPITATION, BLEND = "fee for each act", "capitation", "blend"


def out_of_pocket(series: pd.DataFrame, accounts: pd.DataFrame, country: str) -> alt.LayerChart:
    """Out-of-pocket shares over the years, one country in front and the others behind it.

    ``series``: ``country``, ``year``, ``value`` (%). ``accounts``: ``year`` and ``value`` of the country's own accounts, which
    count in another way and stand as points.
    """
    last = int(series["year"].max())
    x = alt.X(
        "year:Q",
        title=None,
        axis=alt.Axis(format="d", grid=False, values=[2000, 2005, 2010, 2015, 2020]),
        scale=alt.Scale(domain=[int(series["year"].min()), last + 7], nice=False),
    )
    title = "Share of health spending paid out of pocket, %"
    y = alt.Y("value:Q", title=title, scale=alt.Scale(domain=[0, 70], nice=False))
    tooltip = [
        alt.Tooltip("country:N", title="Country"),
        alt.Tooltip("year:Q", title="Year", format="d"),
        alt.Tooltip("value:Q", title="Out of pocket, %", format=".1f"),
    ]
    ours, others = (alt.Chart(series[(series["country"] == country) == own]) for own in (True, False))
    ends = f"datum.year == {last}"
    behind = others.encode(x=x, y=y, tooltip=tooltip)
    ahead = ours.encode(x=x, y=y, tooltip=tooltip)
    points = alt.Chart(accounts.assign(words=[f"ministry: {value:g}" for value in accounts["value"]])).encode(x=x, y=y)
    return alt.layer(
        behind.mark_line(color=charts.colour("neutral"), strokeWidth=1.5).encode(detail="country:N"),
        behind.transform_filter(ends)
        .mark_text(align="left", dx=6, color=charts.colour("muted"))
        .encode(text="country:N"),
        ahead.mark_line(strokeWidth=3),
        charts.label(ahead.transform_filter(ends), "country:N", align="left", dx=6, color=charts.colour("blue")),
        points.mark_point(shape="diamond", size=90, color=charts.colour("vermillion"), opacity=1),
        *(
            charts.label(points.transform_filter(where), "words:N", color=charts.colour("vermillion"), **place)
            for where, place in {
                f"datum.year < {last}": {"align": "right", "dx": -9, "dy": 10},
                ends: {"align": "left", "dx": 8, "dy": 6},
            }.items()
        ),
    )


def say_out_of_pocket(series: pd.DataFrame, accounts: pd.DataFrame, country: str) -> str:
    """The lines of :func:`out_of_pocket`, in words: the country's path, and where all of them end."""
    own = series[series["country"] == country].set_index("year")["value"]
    last = series[series["year"] == series["year"].max()].sort_values("value", ascending=False)
    ends = ", ".join(f"{name} {value:.1f}" for name, value in zip(last["country"], last["value"], strict=True))
    theirs = " and ".join(
        f"{value:g} in {year}" for year, value in zip(accounts["year"], accounts["value"], strict=True)
    )
    return (
        f"Lines from {own.index.min()} to {own.index.max()}, per cent. {country} starts at {own.iloc[0]:.1f}, is highest in "
        f"{own.idxmax()} with {own.max():.1f} and ends at {own.iloc[-1]:.1f}. At the end: {ends}. Two points mark the "
        f"ministry's own accounts: {theirs}."
    )


def protection(
    table: pd.DataFrame, menus: Mapping[str, str], labels: Mapping[str, str], first: float
) -> alt.LayerChart:
    """Headcounts of groups of households, paid and in the whole bill, with a menu of groupings and a slider of the threshold.

    ``table``: what ``decision_space.headcounts`` gives. ``menus``: each grouping -> what the menu calls it, the first at first.
    ``labels``: group -> its name on the axis, in the order from top to bottom. ``first``: the threshold at first.
    """
    data = table.assign(label=table["group"].map(labels), menu=table["by"].map(menus))
    data["order"] = data["group"].map({group: i for i, group in enumerate(labels)})
    cuts = sorted(data["threshold"].unique())
    cut = charts.slider("cut", "Threshold", cuts[0], cuts[-1], step=round(cuts[1] - cuts[0], 6), first=first)
    by = charts.menu("by", "Group by", list(menus.values()))
    long = data.melt(
        ["menu", "label", "order", "threshold", "households"], ["paid", "whole_bill"], "which", "headcount"
    ).replace({"which": {"paid": PAID, "whole_bill": WHOLE}})
    chosen = "datum.menu == by && abs(datum.threshold - cut) < 0.001"
    y = alt.Y("label:N", title=None, sort=alt.EncodingSortField("order", op="min"), axis=alt.Axis(labelLimit=170))
    axis = alt.Axis(format="%", tickCount=6)
    x = alt.X(
        "headcount:Q", title="Households above the threshold", axis=axis, scale=alt.Scale(domain=[0, 0.6], clamp=True)
    )
    colour = alt.Color(
        "which:N",
        title=None,
        scale=alt.Scale(domain=[PAID, WHOLE], range=[charts.colour("blue"), charts.colour("orange")]),
        legend=alt.Legend(labelLimit=0),
    )
    # Where the two are equal, the smaller dot stands inside the larger one.
    size = alt.condition(f"datum.which == '{PAID}'", alt.value(80), alt.value(170))
    tooltip = [
        alt.Tooltip("label:N", title="Group"),
        alt.Tooltip("which:N", title="Counting"),
        alt.Tooltip("headcount:Q", title="Above the threshold", format=".1%"),
        alt.Tooltip("households:Q", title="Households", format=","),
    ]
    dots = alt.Chart(long).transform_filter(chosen).encode(y=y, x=x)
    joined = alt.Chart(data).transform_filter(chosen).encode(y=y)
    joined = joined.mark_rule(strokeWidth=2).encode(x=alt.X("paid:Q"), x2="whole_bill:Q")
    side = dots.transform_filter({"field": "which", "equal": PAID})
    return (
        alt.layer(
            joined,
            dots.mark_point(opacity=1).encode(
                color=colour, size=size, tooltip=tooltip, order=alt.Order("which:N", sort="descending")
            ),
            charts.label(side, "headcount:Q", ".0%", dy=-13),
        )
        .properties(height=300)
        .add_params(by, cut)
    )


def say_protection(table: pd.DataFrame, by: str, labels: Mapping[str, str], first: float) -> str:
    """What :func:`protection` shows at first, group by group, in words."""
    rows = table[(table["by"] == by) & np.isclose(table["threshold"], first)].set_index("group")
    said = [
        f"{labels[group]}: {rows.paid[group]:.0%} paid, {rows.whole_bill[group]:.0%} of the whole bill."
        for group in labels
        if group in rows.index
    ]
    return " ".join(
        [
            f"Two dots for each group: the share of households whose payments exceed {first:.0%} of consumption, and the share "
            "whose whole bill does.",
            *said,
            "A menu changes the groups, a slider the threshold.",
        ]
    )


def space(grid: pd.DataFrame, functions: Mapping[str, str], tiers: Mapping[str, str]) -> alt.LayerChart:
    """A coded grid as coloured cells, functions down and tiers across, with a menu for law or practice.

    ``functions`` and ``tiers``: short name -> words, in the order of the chart. A cell that was not read holds a question mark.
    """
    data = pd.DataFrame(
        {
            "function": grid["function"].map(functions),
            "tier": grid["tier"].map(tiers),
            "law": grid["de_jure"].astype(float),
            "practice": grid["de_facto"].astype(float),
            "why_law": (grid["document"] + ", art. " + grid["article"].astype("string") + ": ").fillna("")
            + grid["reading"],
            "why_practice": grid["practice"].fillna("Nothing is assumed"),
        }
    )
    which = charts.menu("which", "Show", [LAW, PRACTICE])
    base = alt.Chart(data)
    for name, formula in {
        "level": f"which == '{LAW}' ? datum.law : datum.practice",
        "kind": "isValid(datum.level) ? format(datum.level, '.0f') : 'not read'",
        "words": "isValid(datum.level) ? format(datum.level, '.0f') : '?'",
        "why": f"which == '{LAW}' ? datum.why_law : datum.why_practice",
    }.items():
        base = base.transform_calculate(**{name: formula})
    x = alt.X(
        "tier:N",
        title=None,
        sort=list(tiers.values()),
        axis=alt.Axis(orient="top", labelAngle=0, labelLimit=110, domain=False, ticks=False),
    )
    y = alt.Y(
        "function:N",
        title=None,
        sort=list(functions.values()),
        axis=alt.Axis(labelLimit=220, domain=False, ticks=False),
    )
    colours = alt.Scale(
        domain=["not read", "0", "1", "2"],
        range=[charts.colour("page"), charts.colour("grid"), charts.colour("sky"), charts.colour("blue")],
    )
    tooltip = [
        alt.Tooltip("function:N", title="Function"),
        alt.Tooltip("tier:N", title="Tier"),
        alt.Tooltip("words:N", title="Level"),
        alt.Tooltip("why:N", title="Evidence"),
    ]
    cells = base.mark_rect(stroke=charts.colour("neutral"), strokeWidth=0.6, cornerRadius=3).encode(
        x=x,
        y=y,
        tooltip=tooltip,
        color=alt.Color("kind:N", title="Choice", scale=colours, sort=["not read", "0", "1", "2"]),
    )
    # A cell that is dark on a light page is light on a dark one, and the other way round; level 1 is light on both.
    ink = {"'2'": charts.colour("page"), "'0'": charts.colour("text"), "'1'": "#10161f"}
    words = [
        charts.label(base.transform_filter(f"datum.words == {level}"), "words:N", color=colour).encode(x=x, y=y)
        for level, colour in ink.items()
    ]
    unread = base.transform_filter("datum.words == '?'").mark_text(color=charts.colour("muted")).encode(x=x, y=y)
    return (
        alt.layer(cells, *words, unread.encode(text="words:N"))
        .properties(width=420, height=36 * len(functions))
        .add_params(which)
    )


def say_space(grid: pd.DataFrame, functions: Mapping[str, str], tiers: Mapping[str, str]) -> str:
    """What :func:`space` shows at first, tier by tier, in words."""
    said = []
    for tier, words in tiers.items():
        rows = grid[(grid["tier"] == tier) & grid["de_jure"].notna()]
        levels = [
            f"{functions[f].lower()} {level:.0f}" for f, level in zip(rows["function"], rows["de_jure"], strict=True)
        ]
        said.append(f"{words}: {', '.join(levels) if levels else 'no cell could be read'}.")
    unread = int(grid["de_jure"].isna().sum())
    return (
        f"A grid of {len(functions)} functions and {len(tiers)} tiers, choice in law from 0 (none) to 2 (own). {' '.join(said)} "
        f"The other {unread} of {len(grid)} cells hold a question mark. A menu changes to practice, which is assumed."
    )


# name -> (label of the slider, lowest, highest, step, value at first)
SLIDERS = {
    "kappa": ("Error of a region without capacity", 0, 4, 0.1, 2.0),
    "spill": ("Spillover", 0, 4, 0.1, 0.5),
    "spread": ("Spread of needs, times the real one", 0, 2, 0.1, 1.0),
    "fee": ("Fee for each act", 4, 8, 0.25, 6.0),
    "belief": ("Weight on patients that the purchaser believes in", 0.2, 1, 0.05, 0.5),
    "really": ("Risk that the partner really bears", 0, 1, 0.05, 1.0),
}


def threshold(theta: Sequence[float], kappa: float, spill: float) -> alt.LayerChart:
    """Loss of the mean region under the centre and under the regions, by their capacity; the threshold C* is marked.

    Sliders for kappa, the spillover and the spread of needs, which start at ``kappa``, ``spill`` and 1.
    """
    need = np.asarray(theta, dtype=float)
    variance = float(need.var())
    data = pd.DataFrame({"capacity": np.round(np.arange(0, 101) / 100, 2)})
    base = alt.Chart(data)
    left = f"(pow(spread, 2) * {variance!r} - spill)"
    for name, formula in {
        "centre": f"-pow(spread, 2) * {variance!r}",
        "regions": "-pow(kappa * (1 - datum.capacity), 2) - spill",
        "star": f"{left} <= 1e-12 ? 1 : kappa == 0 ? 0 : max(0, min(1, 1 - sqrt({left}) / kappa))",
        "words": "datum.star >= 1 ? 'the centre, always' : datum.star <= 0 ? 'the regions, always' : "
        "'C* = ' + format(datum.star, '.2f')",
    }.items():
        base = base.transform_calculate(**{name: formula})
    x = alt.X("capacity:Q", title="Capacity of the regions", scale=alt.Scale(domain=[0, 1], nice=False))
    title = "Welfare of the mean region (0 = no loss)"
    limits = alt.Scale(domain=[-6, 0], clamp=True, nice=False)
    star = base.transform_filter("datum.capacity == 0")
    left_end, right_end = (base.transform_filter(f"datum.capacity == {c}") for c in (0, 1))
    return alt.layer(
        base.mark_line(color=charts.colour("neutral")).encode(x=x, y=alt.Y("centre:Q", title=title, scale=limits)),
        base.mark_line().encode(x=x, y=alt.Y("regions:Q", title=title, scale=limits)),
        star.mark_rule(strokeDash=[4, 4], color=charts.colour("vermillion"), strokeWidth=2).encode(x="star:Q"),
        charts.label(star, "words:N", color=charts.colour("vermillion"), baseline="bottom").encode(
            x="star:Q", y=alt.value(-6)
        ),
        left_end.mark_text(align="left", dx=5, dy=-9).encode(
            x=x, y=alt.Y("centre:Q", scale=limits), text=alt.value("the centre decides")
        ),
        right_end.mark_text(align="right", dx=-4, dy=22, color=charts.colour("blue")).encode(
            x=x, y=alt.Y("regions:Q", scale=limits), text=alt.value("regions decide")
        ),
    ).add_params(*charts.sliders(SLIDERS, {"kappa": kappa, "spill": spill, "spread": 1.0}))


def say_threshold(theta: Sequence[float], kappa: float, spill: float) -> str:
    """What :func:`threshold` shows at first, and with other needs, in words."""
    need = np.asarray(theta, dtype=float)
    star = methods.capacity_threshold(need, kappa, spill)
    half, double = (methods.capacity_threshold(need * m, kappa, spill) for m in (0.5, 2))
    low, high = (-((kappa * (1 - c)) ** 2) - spill for c in (0, 1))
    return (
        f"A flat line for the centre at {-need.var():.2f}, and a rising curve for the regions from {low:.2f} without capacity to "
        f"{high:.2f} with all of it. They cross at a capacity of {star:.2f}. With half of the spread of needs the crossing is at "
        f"{half:.2f}, with twice the spread at {double:.2f}. Three sliders change error, spillover and spread."
    )


def payment(a: float, b: float, c: float, fee: float, belief: float) -> alt.LayerChart:
    """Acts under three ways of paying, by the weight that a provider gives to patients; the efficient number is dashed.

    Sliders for the fee and for the weight that the purchaser believes in, from which the blend's price follows.
    """
    weights = np.round(np.arange(10, 101) / 100, 2)
    data = pd.DataFrame({"beta": np.tile(weights, 3), "way": np.repeat([FEE, CAPITATION, BLEND], len(weights))})
    price = f"datum.way == '{FEE}' ? fee : datum.way == '{CAPITATION}' ? 0 : {c} * (1 - belief)"
    base = (
        alt.Chart(data)
        .transform_calculate(price=price)
        .transform_calculate(acts=f"max(0, ({a} + (datum.price - {c}) / datum.beta) / {b})")
    )
    x = alt.X(
        "beta:Q", title="Weight that the provider gives to patients", scale=alt.Scale(domain=[0.1, 1.25], nice=False),
        axis=alt.Axis(values=[0.2, 0.4, 0.6, 0.8, 1]),
    )  # fmt: skip
    y = alt.Y("acts:Q", title="Acts", scale=alt.Scale(domain=[0, 20], clamp=True, nice=False))
    hues = [charts.colour(role) for role in ("vermillion", "orange", "blue")]
    colour = alt.Color("way:N", legend=None, scale=alt.Scale(domain=[FEE, CAPITATION, BLEND], range=hues))
    tooltip = [
        alt.Tooltip("way:N", title="Paid by"),
        alt.Tooltip("beta:Q", title="Weight on patients", format=".2f"),
        alt.Tooltip("acts:Q", title="Acts", format=".1f"),
    ]
    best = methods.efficient_activity(a, b, c)
    efficient = alt.Chart(pd.DataFrame({"acts": [best], "words": [f"efficient: {best:g}"]}))
    ends = base.transform_filter("datum.beta == 1").transform_calculate(short="split(datum.way, ' ')[0]")
    return alt.layer(
        efficient.mark_rule(strokeDash=[4, 4]).encode(y=y),
        efficient.mark_text(align="left", dx=6, dy=11).encode(x=alt.value(0), y=y, text="words:N"),
        base.mark_line().encode(x=x, y=y, color=colour, tooltip=tooltip),
        *(
            charts.label(
                ends.transform_filter(f"datum.way {test} '{CAPITATION}'"), "short:N", align="left", dx=6, dy=dy
            ).encode(x=x, y=y, color=colour)
            for test, dy in {"!=": 0, "==": 13}.items()  # which ends on the efficient number
        ),
    ).add_params(*charts.sliders(SLIDERS, {"fee": fee, "belief": belief}))


def say_payment(a: float, b: float, c: float, fee: float, belief: float) -> str:
    """What :func:`payment` shows at first, at three weights on patients, in words."""
    prices = {FEE: fee, CAPITATION: 0, BLEND: methods.optimal_price(c, belief)}
    said = []
    for way, price in prices.items():
        acts = ", ".join(f"{methods.activity(a, b, c, beta, price):.1f} at {beta:g}" for beta in (0.3, 0.5, 1))
        said.append(f"{way.capitalize()}: {acts}.")
    return (
        f"Three curves of acts against the weight on patients; the efficient number, {methods.efficient_activity(a, b, c):g}, is "
        f"dashed. {' '.join(said)} The blend meets the efficient number at {belief:g}, the weight that the purchaser believes in."
        " Two sliders change the fee and that belief."
    )


def partners(projects: pd.DataFrame, rate: float, really: float) -> alt.LayerChart:
    """What a partner saves on each project, as a share of the public cost, with a slider for the risk that it really bears.

    ``projects`` as the table ``synth_ppp_projects``. A tick marks the saving if the risk is transferred as the contract says.
    """
    table = savings(projects, rate)
    data = table.loc[(table["base"] + table["risk"]).sort_values(ascending=False).index]
    base = alt.Chart(data).transform_calculate(
        saving="datum.base + datum.risk * really", stated="datum.base + datum.risk * datum.transferred_stated"
    )
    base = base.transform_calculate(cheaper="datum.saving > 0 ? 'partner cheaper' : 'State cheaper'")
    y = alt.Y("project:N", title=None, sort=data["project"].tolist(), axis=None)
    x = alt.X(
        "saving:Q",
        title="Saved by the partnership, of the public cost",
        axis=alt.Axis(format="%", tickCount=7),
        scale=alt.Scale(domain=[-0.2, 0.35], clamp=True, nice=False),
    )
    colour = alt.Color(
        "cheaper:N",
        title=None,
        scale=alt.Scale(
            domain=["partner cheaper", "State cheaper"], range=[charts.colour("blue"), charts.colour("vermillion")]
        ),
    )
    tooltip = [
        alt.Tooltip("project:N", title="Project"),
        alt.Tooltip("saving:Q", title="Saved", format=".1%"),
        alt.Tooltip("stated:Q", title="Saved, as the contract says", format=".1%"),
    ]
    count = (
        base.transform_calculate(one="datum.saving > 0 ? 1 : 0")
        .transform_aggregate(cheap="sum(one)", all="count()")
        .transform_calculate(words="'partner cheaper in ' + datum.cheap + ' of ' + datum.all")
    )
    return (
        alt.layer(
            base.mark_bar(height=8).encode(y=y, x=x, color=colour, tooltip=tooltip),
            base.mark_tick(thickness=2, size=11, color=charts.colour("text")).encode(y=y, x=alt.X("stated:Q")),
            charts.label(count, "words:N", align="right", baseline="bottom").encode(
                x=alt.value("width"), y=alt.value("height")
            ),
        )
        .properties(height=12 * len(data))
        .add_params(*charts.sliders(SLIDERS, {"really": really}))
    )


def savings(projects: pd.DataFrame, rate: float) -> pd.DataFrame:
    """Each project's saving without any transfer (``base``) and the worth of all of the risk (``risk``), of the public cost."""
    wide = {name: projects.pivot(index="project", columns="year", values=name) for name in ("public", "ppp")}
    terms = projects.groupby("project")[["p_overrun", "overrun", "transferred_stated"]].first()
    own, partner = (methods.npv(wide[name], rate) for name in ("public", "ppp"))
    terms = terms.assign(base=(own - partner) / own, risk=terms["p_overrun"] * terms["overrun"])
    return terms[["base", "risk", "transferred_stated"]].reset_index()


def say_partners(projects: pd.DataFrame, rate: float, shares: Sequence[float]) -> str:
    """In how many projects the partner of :func:`partners` is cheaper, at some shares of the risk, in words."""
    table = savings(projects, rate)
    said = [f"{share:.0%} of the risk: {int((table['base'] + table['risk'] * share > 0).sum())}." for share in shares]
    return (
        f"{len(table)} bars, one for each project, right of 0 where the partner is the cheaper way. The number right of 0, if "
        f"the partner really bears this share: {' '.join(said)} A slider moves the share."
    )
