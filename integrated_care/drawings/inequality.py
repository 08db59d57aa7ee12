"""The charts of chapter 5. Each takes what :mod:`integrated_care.inequality` gives; end it with ``charts.finish``."""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from .. import charts, inequality
from ..inequality import LEAST, MOST


def lives(tenth: Sequence[int], healthy: Sequence[float], total: Sequence[float]) -> alt.LayerChart:
    """Where good health ends and where life ends (years), one bar a tenth of areas."""
    data = pd.DataFrame({"tenth": list(tenth), "healthy": list(healthy), "total": list(total)})
    data["poorer"] = data["total"] - data["healthy"]
    tooltip = [
        alt.Tooltip("tenth:O", title="Tenth"),
        alt.Tooltip("healthy:Q", title="Years in good health", format=".1f"),
        alt.Tooltip("poorer:Q", title="Years in poorer health", format=".1f"),
    ]
    base = alt.Chart(data).encode(y=alt.Y("tenth:O", title="Tenth of areas, 1 = most deprived"), tooltip=tooltip)
    x = alt.X("healthy:Q", title="Age (years)", scale=alt.Scale(zero=False, padding=34))
    bar = base.mark_bar(height=13, color=charts.colour("sky")).encode(x=x, x2="total:Q")
    left = base.mark_text(align="right", dx=-6).encode(x=x, text=alt.Text("healthy:Q", format=".1f"))
    right = base.mark_text(align="left", dx=6).encode(x="total:Q", text=alt.Text("total:Q", format=".1f"))
    return alt.layer(bar, left, right).properties(height=30 * len(data))


def say_lives(tenth: Sequence[int], healthy: Sequence[float], total: Sequence[float]) -> str:
    """The two ends of each bar of :func:`lives`, in words."""
    rows = zip(tenth, healthy, total, strict=True)
    return " ".join(f"Tenth {one}: good health to {well:.1f}, life to {all_:.1f}." for one, well, all_ in rows)


def gap_change(change: pd.DataFrame, measures: list[str]) -> alt.LayerChart:
    """Both fifths at both times, with the absolute and the relative gap written at each.

    ``change`` is what ``inequality.outer_fifths`` gives; ``measures`` are those that the reader can choose from, the first one
    shown first.
    """
    wide = change.pivot_table(index=["measure", "year"], columns="group", values="value", observed=True).reset_index()
    wide["middle"] = (wide[MOST] + wide[LEAST]) / 2
    wide["gap"] = [f"{m - n:.1f} points|{m / n:.1f} times" for m, n in zip(wide[MOST], wide[LEAST], strict=True)]
    wide = wide.rename(columns={MOST: "high", LEAST: "low"})
    pick = charts.menu("measure_shown", "Measure", measures, field="measure")
    x = alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0, grid=False), scale=alt.Scale(padding=0.6))
    y = alt.Y("value:Q", title="Per cent", scale=alt.Scale(zero=True, padding=22))
    colours = alt.Scale(domain=[MOST, LEAST], range=[charts.colour("vermillion"), charts.colour("blue")])
    lines = alt.Chart(change).encode(x=x, y=y, color=alt.Color("group:N", scale=colours, legend=None))
    first = f"datum.year == {int(change['year'].min())}"
    before = lines.transform_filter(first)
    after = lines.transform_filter(f"!({first})").transform_calculate(
        words="format(datum.value, '.1f') + '  ' + datum.group"
    )
    words = [
        charts.label(before, "value:Q", ".1f", align="right", dx=-11),
        charts.label(after, "words:N", align="left", dx=11),
    ]
    both = alt.Chart(wide).encode(x=x)
    rule = both.mark_rule(strokeDash=[4, 3]).encode(y="low:Q", y2="high:Q")
    gap = both.mark_text(align="left", dx=9, lineBreak="|", lineHeight=17).encode(y="middle:Q", text="gap:N")
    layers = [rule, lines.mark_line(point=True), *words, gap]
    return (
        alt.layer(*(layer.transform_filter(pick) for layer in layers)).add_params(pick).properties(width=charts.WIDTH)
    )


def say_gap_change(change: pd.DataFrame) -> str:
    """Both fifths and both gaps of :func:`gap_change`, measure by measure, in words."""
    first, last = change["year"].min(), change["year"].max()
    said = []
    for measure, rows in change.groupby("measure", sort=False):
        level = rows.set_index(["group", "year"])["value"]
        most, least = level[MOST], level[LEAST]
        size = inequality.gaps(most[first], least[first], most[last], least[last])
        said.append(
            f"{measure}: {MOST} from {most[first]:.1f} to {most[last]:.1f} per cent, {LEAST} from "
            f"{least[first]:.1f} to {least[last]:.1f}; the gap goes from {size['abs0']:.1f} to {size['abs1']:.1f} points, "
            f"the ratio from {size['ratio0']:.1f} to {size['ratio1']:.1f}."
        )
    return " ".join(said)


def slope(rate: Sequence[float], pop: Sequence[float], deprivation: Sequence[float], *, unit: str) -> alt.LayerChart:
    """The slope index as a picture: each group as wide as its share of people, and the line whose ends it compares.

    Arguments as in ``inequality.slope_index``; ``unit`` is the title of the vertical axis.
    """
    rate, pop = np.asarray(rate, float), np.asarray(pop, float)
    order = np.argsort(-np.asarray(deprivation, float), kind="stable")
    share = pop[order] / pop.sum()
    right = np.cumsum(share)
    steps = pd.DataFrame({"left": right - share, "right": right, "rate": rate[order]})
    slope = inequality.slope_index(rate, pop, deprivation)  # most deprived end minus least deprived end
    top = np.average(rate, weights=pop) + slope / 2
    line = pd.DataFrame({"rank": [0.0, 1.0], "fit": [top, top - slope], "align": ["most", "least"]})
    x_axis = alt.Axis(format="%", values=[0, 0.2, 0.4, 0.6, 0.8, 1])
    x = alt.X("left:Q", title="People, from most to least deprived", axis=x_axis, scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("rate:Q", title=unit, scale=alt.Scale(zero=False, nice=True))
    tooltip = [alt.Tooltip("rate:Q", title=unit, format=".1f")]
    groups = (
        alt.Chart(steps)
        .mark_rule(strokeWidth=7, color=charts.colour("blue"))
        .encode(x=x, x2="right:Q", y=y, tooltip=tooltip)
    )
    fit = alt.Chart(line).encode(x="rank:Q", y="fit:Q")
    drawn = fit.mark_line(color=charts.colour("vermillion"))
    most, least = (fit.transform_filter(f"datum.align == '{end}'") for end in ("most", "least"))
    left = charts.label(most, "fit:Q", ".1f", align="left", dx=4, dy=-14)
    far = charts.label(least, "fit:Q", ".1f", align="right", dx=-4, dy=-14)
    return alt.layer(groups, drawn, left, far)


def say_slope(
    rate: Sequence[float], pop: Sequence[float], deprivation: Sequence[float], *, unit: str, group: str
) -> str:
    """The two outer groups of :func:`slope` and the line through all of them, in words.

    ``unit`` is that of the rate ("years"), ``group`` what a group is called ("tenth").
    """
    ordered = np.asarray(rate, float)[np.argsort(-np.asarray(deprivation, float), kind="stable")]
    change = -inequality.slope_index(rate, pop, deprivation)  # from the most deprived end to the least
    bars, line = ("rise" if change > 0 else "fall" for change in (ordered[-1] - ordered[0], change))
    return (
        f"{charts.in_words(len(ordered)).capitalize()} short bars {bars} from {ordered[0]:.1f} {unit} in the most deprived "
        f"{group} to {ordered[-1]:.1f} in the least deprived. A straight line fitted through them {line}s by "
        f"{abs(change):.1f} {unit}."
    )


def curves(curves: Mapping[str, pd.DataFrame], *, people: str, outcome: str) -> alt.LayerChart:
    """Concentration curves, one for each named outcome, against the diagonal of equality.

    ``curves`` maps a name to what ``inequality.concentration_curve`` gives; ``people`` and ``outcome`` are the axis titles.
    The reader can show one curve at a time.
    """
    data = pd.concat([curve.assign(outcome=name) for name, curve in curves.items()], ignore_index=True)
    data.columns = ["population", "share", "outcome"]
    names = list(curves)
    pick = charts.menu("curve_shown", "Outcome", names, field="outcome", every="all")
    axis = alt.Axis(format="%", values=[0, 0.2, 0.4, 0.6, 0.8, 1])
    unit = alt.Scale(domain=[0, 1])
    lines = (
        alt.Chart(data)
        .mark_line()
        .encode(
            x=alt.X("population:Q", title=people, axis=axis, scale=unit),
            y=alt.Y("share:Q", title=outcome, axis=axis, scale=unit),
            color=alt.Color("outcome:N", title=None, sort=names),
            opacity=alt.condition(pick, alt.value(1), alt.value(0.12)),
            order="population:Q",
        )
    )
    equal = alt.Chart(pd.DataFrame({"p": [0, 1]})).mark_line(strokeDash=[4, 4], strokeWidth=1.5)
    equal = equal.encode(x="p:Q", y="p:Q", color=alt.value(charts.colour("neutral")))
    return alt.layer(equal, lines.add_params(pick)).properties(height=400)


def say_curves(curves: Mapping[str, pd.DataFrame], share: float = 0.2) -> str:
    """Where each of the :func:`curves` stands at a ``share`` of the people, in words."""
    at = {name: np.interp(share, curve.iloc[:, 0], curve.iloc[:, 1]) for name, curve in curves.items()}
    return "; ".join(f"{name.lower()}, {value:.0%}" for name, value in at.items()) + "."


def contributions(parts: pd.DataFrame, labels: Mapping[str, str]) -> alt.LayerChart:
    """What ``inequality.decompose_concentration`` gives, as bars: the per cent of the index that goes with each factor."""
    data = pd.DataFrame({"factor": [labels[name] for name in parts.index], "pct": parts["pct"].to_numpy()})
    base = alt.Chart(data).encode(
        y=alt.Y("factor:N", title=None, sort=None, axis=alt.Axis(labelLimit=240)),
        x=alt.X("pct:Q", title="Per cent of the concentration index", scale=alt.Scale(padding=30)),
    )
    bars = base.mark_bar(height=22)
    right = base.transform_filter("datum.pct >= 0").mark_text(align="left", dx=5)
    left = base.transform_filter("datum.pct < 0").mark_text(align="right", dx=-5)
    text = alt.Text("pct:Q", format=".0f")
    return alt.layer(bars, right.encode(text=text), left.encode(text=text)).properties(height=44 * len(data))


def say_contributions(parts: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """The bars of :func:`contributions`, in words."""
    said = "; ".join(f"{labels[name]} {value:.0f}" for name, value in parts["pct"].items())
    return f"Horizontal bars, per cent of the concentration index: {said}."


def targeting(table: pd.DataFrame) -> alt.LayerChart:
    """Reach against precision as the target grows, with a slider for the target.

    ``table`` has one row for each ``share`` (fraction of the population in the target areas) with the fractions
    ``sensitivity`` and ``ppv`` of ``inequality.targeting``.
    """
    reach, aim = "of deprived people live in the target areas", "of people in the target areas are deprived"
    long = table.melt("share", ["sensitivity", "ppv"], "measure", "value")
    long["measure"] = long["measure"].map({"sensitivity": reach, "ppv": aim})
    step = round(float(table["share"].diff().median()), 4)
    low, high = float(table["share"].min()), float(table["share"].max())
    share = charts.slider("target", "Share targeted", low, high, step, first=0.2)
    percent = alt.Axis(format="%")
    colours = alt.Scale(domain=[reach, aim], range=[charts.colour("blue"), charts.colour("vermillion")])
    lines = alt.Chart(long).encode(
        x=alt.X("share:Q", title="Share of the population in the target areas", axis=percent),
        y=alt.Y("value:Q", title="Share", axis=percent, scale=alt.Scale(domain=[0, 1])),
        color=alt.Color(
            "measure:N", title=None, scale=colours, sort=[reach, aim], legend=alt.Legend(columns=1, labelLimit=400)
        ),
    )
    here = lines.transform_filter(f"abs(datum.share - target) < {step / 2}")
    rule = alt.Chart(table[["share"]]).transform_filter(f"abs(datum.share - target) < {step / 2}")
    rule = rule.mark_rule(strokeDash=[4, 3]).encode(x="share:Q")
    dots = here.mark_point(size=110, opacity=1)
    words = charts.label(here, "value:Q", ".0%", align="left", dx=10, dy=-12)
    return alt.layer(rule, lines.mark_line(), dots, words).add_params(share)


def say_targeting(table: pd.DataFrame) -> str:
    """Both lines of :func:`targeting` at the shares of a table, in words: pass some of its rows."""
    said = [
        f"At {r.share:.0%}: {r.sensitivity:.0%} of deprived people reached, {r.ppv:.0%} of people in the target deprived."
        for r in table.itertuples()
    ]
    return " ".join(["Two lines against the share of the population in the target areas.", *said])


def shrinkage(obs: Sequence[float], n: Sequence[float], *, unit: str, per: float = 1000) -> alt.LayerChart:
    """Small-area rates before and after ``inequality.shrink_rates``, with a slider that pulls one to the other.

    ``unit`` titles the vertical axis, whose values are rates times ``per``.
    """
    obs, n = np.asarray(obs, float), np.asarray(n, float)
    data = pd.DataFrame(
        {"n": n, "raw": per * obs / n, "shrunk": per * np.asarray(inequality.shrink_rates(obs, n), float)}
    )
    mean = pd.DataFrame({"mean": [per * obs.sum() / n.sum()]})
    pull = charts.slider("pull", "Raw to shrunk", 0, 1, step=0.05, first=1)
    x = alt.X("n:Q", title="People in the area", scale=alt.Scale(zero=False))
    moved = alt.Chart(data).transform_calculate(now="datum.raw + pull * (datum.shrunk - datum.raw)")
    trail = moved.mark_rule(color=charts.colour("neutral"), opacity=0.5).encode(
        x=x, y=alt.Y("raw:Q", title=unit), y2="now:Q"
    )
    start = moved.mark_point(filled=False, size=30, color=charts.colour("neutral")).encode(x=x, y="raw:Q")
    end = moved.mark_point(size=45).encode(
        x=x,
        y="now:Q",
        tooltip=[
            alt.Tooltip("n:Q", title="People", format=","),
            alt.Tooltip("raw:Q", title="Raw rate", format=".2f"),
            alt.Tooltip("shrunk:Q", title="Shrunk rate", format=".2f"),
        ],
    )
    line = alt.Chart(mean).mark_rule(strokeDash=[4, 4], color=charts.colour("vermillion")).encode(y="mean:Q")
    return alt.layer(trail, start, line, end).add_params(pull)


def say_shrinkage(obs: Sequence[float], n: Sequence[float], *, events: str, per: float = 1000) -> str:
    """The ranges of the points of :func:`shrinkage`, raw and smoothed, in words; ``events`` is what was counted."""
    obs, n = np.asarray(obs, float), np.asarray(n, float)
    raw, smooth, mean = per * obs / n, per * np.asarray(inequality.shrink_rates(obs, n)), per * obs.sum() / n.sum()
    return (
        f"{len(n)} points, one an area. Raw rates run from {raw.min():.1f} to {raw.max():.1f} {events} per {per:,}. "
        f"Smoothed, all are pulled towards the mean of {mean:.1f} and run from {smooth.min():.1f} to {smooth.max():.1f}."
    )
