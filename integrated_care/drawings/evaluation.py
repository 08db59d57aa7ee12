"""The charts of chapter 7. Each takes what :mod:`integrated_care.evaluation` gives or a table; end it with ``charts.finish``.

The charts with sliders carry their closed form, or the results for each step of the slider, so that they work in a built page
without Python. A test holds what they draw against the methods.
"""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from .. import charts, evaluation

YEARS = {
    "y_minus2": -2,
    "y_minus1": -1,
    "y0": 0,
    "y1": 1,
    "y2": 2,
}  # column -> year, 0 being the last one before the visits
BEFORE, AFTER = "last year", "first year of visits"
VISITED, OTHERS = "visited", "compared with"
WEIGHTS = np.round(np.arange(0, 1.01, 0.1), 1)  # of last year's use in a rule, at which `selection` is drawn
TITLE = "Events per person"


def _year_axis() -> alt.X:
    names = {-2: "2 years before", -1: "1 year before", 0: "last year", 1: "1st year", 2: "2nd year"}
    label = " : ".join(f"datum.value == {year} ? '{name}'" for year, name in names.items()) + " : ''"
    axis = alt.Axis(values=list(names), labelExpr=label, grid=False)
    return alt.X("year:Q", title=None, axis=axis, scale=alt.Scale(domain=[-2.3, 2.3], nice=False))


def _shapes(domain: list[str]) -> alt.Scale:
    return alt.Scale(domain=domain, range=["circle", "diamond"][: len(domain)])


# --- the sentence -----------------------------------------------------------------------------------------------------


def before_after(means: pd.DataFrame) -> alt.LayerChart:
    """Two bars a team: events per person in the last year and in the first year of visits; its row names the team."""
    data = _before_after(means)
    base = alt.Chart(data).encode(
        y=alt.Y("row:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=260)),
        x=alt.X("mean:Q", title=TITLE, scale=alt.Scale(domain=[0, 2.4], nice=False), axis=alt.Axis(tickCount=5)),
        tooltip=[alt.Tooltip("row:N", title="Who and when"), alt.Tooltip("mean:Q", title=TITLE, format=".2f")],
    )
    colours = alt.Scale(domain=[BEFORE, AFTER], range=[charts.colour("neutral"), charts.colour("blue")])
    bars = base.mark_bar(height=24).encode(color=alt.Color("when:N", scale=colours, legend=None))
    return alt.layer(bars, charts.label(base, "words:N", align="left", dx=6)).properties(height=46 * len(data))


def say_before_after(means: pd.DataFrame) -> str:
    """The bars of :func:`before_after`, in words."""
    said = [f"{row.row}: {row.words}." for row in _before_after(means).itertuples()]
    return f"{charts.in_words(len(said)).capitalize()} bars of events per person. {' '.join(said)}"


def _before_after(means: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for team, row in means.iterrows():
        fall = row["y1"] / row["y0"] - 1
        rows.append({"row": f"{team}, {BEFORE}", "when": BEFORE, "mean": row["y0"], "words": f"{row['y0']:.2f}"})
        rows.append(
            {
                "row": f"{team}, {AFTER}",
                "when": AFTER,
                "mean": row["y1"],
                "words": f"{row['y1']:.2f} ({100 * fall:+.0f}%)",
            }
        )
    return pd.DataFrame(rows).replace({"words": {"-": "−"}}, regex=True)


# --- regression to the mean -------------------------------------------------------------------------------------------


def regression(next_year: pd.Series, mu: float, k: float) -> alt.LayerChart:
    """Events of the next year against those of the last one: seen (dots), expected (line), and the line of no change.

    ``next_year``: count of last year -> mean of the next year. ``mu``, ``k``: of ``evaluation.posterior_rate``.
    """
    seen = pd.DataFrame({"y": next_year.index, "next": next_year.to_numpy()})
    most = int(seen["y"].max())
    grid = np.linspace(0, most, 41)
    line = pd.DataFrame({"y": grid, "next": evaluation.posterior_rate(grid, mu, k), "same": grid})
    x = alt.X("y:Q", title="Events last year", axis=alt.Axis(values=list(range(0, most + 1, 2)), grid=False))
    y = alt.Y("next:Q", title="Events next year, mean", scale=alt.Scale(domain=[0, most], nice=False))
    ends = pd.DataFrame(
        {
            "y": [0.7 * most, 0.98 * most],
            "next": [0.77 * most, evaluation.posterior_rate(0.98 * most, mu, k) - 0.27 * most],
            "words": ["if nothing changed", "expected by the formula"],
        }
    )
    base = alt.Chart(line)
    return alt.layer(
        base.mark_line(strokeDash=[5, 4], strokeWidth=1.5, color=charts.colour("muted")).encode(x=x, y=alt.Y("same:Q")),
        base.mark_line(color=charts.colour("blue")).encode(x=x, y=y),
        alt.Chart(seen)
        .mark_point(size=90, color=charts.colour("vermillion"), opacity=1)
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip("y:Q", title="Last year"),
                alt.Tooltip("next:Q", title="Next year, mean", format=".2f"),
            ],
        ),
        alt.Chart(ends).mark_text(align="right", dx=-8).encode(x=x, y=y, text="words:N"),
    )


def say_regression(next_year: pd.Series, mu: float, k: float) -> str:
    """The dots and the line of :func:`regression`, in words."""
    said = (
        f"{count} last year, {mean:.2f} next year (expected {evaluation.posterior_rate(count, mu, k):.2f})"
        for count, mean in next_year.items()
    )
    below = "All but the first lie below the line of no change."
    return f"Mean events next year by events last year, in people whom nobody visited: {'; '.join(said)}. {below}"


def selection(people: pd.DataFrame, n: int, first: float) -> alt.VConcatChart:
    """What a rule does that picks ``n`` people by last year's use and frailty, with a slider for the weight of the use.

    Above: the mean events of those picked, year by year. Below: the change from year 0 to year 1 at each weight. ``first``: where
    the slider starts, a step of :data:`WEIGHTS`.
    """
    rows = selection_rows(people, n)
    slider = charts.slider("weight", "Weight on last year's use", 0, 1, 0.1, first)
    means = rows.melt(id_vars="weight", value_vars=list(YEARS), var_name="column", value_name="mean")
    means = means.assign(year=means["column"].map(YEARS), mean=means["mean"].round(4)).drop(columns="column")
    top = float(np.ceil(2 * means["mean"].max()) / 2)
    y = alt.Y("mean:Q", title=TITLE, scale=alt.Scale(domain=[0, top], nice=False))
    now = alt.Chart(means).transform_filter("abs(datum.weight - weight) < 0.05")
    path = alt.layer(
        now.mark_line().encode(x=_year_axis(), y=y),
        now.mark_point(size=80, opacity=1).encode(x=_year_axis(), y=y),
        charts.label(now, "mean:Q", ".2f", dy=-16).encode(x=_year_axis(), y=y),
    ).properties(height=200, width=charts.WIDTH)
    falls = rows[["weight", "change"]].round(4)
    x = alt.X(
        "weight:Q", title="Weight on last year's use", axis=alt.Axis(format="%", values=[0, 0.2, 0.4, 0.6, 0.8, 1])
    )
    change = alt.Y(
        "change:Q",
        title="Change in the next year",
        axis=alt.Axis(format="%"),
        scale=alt.Scale(domain=[-0.6, 0.1], nice=False),
    )
    base = alt.Chart(falls)
    here = base.transform_filter("abs(datum.weight - weight) < 0.05")
    truth = alt.Chart(pd.DataFrame({"change": [0.0], "words": ["the true effect: nobody was visited"]}))
    curve = alt.layer(
        truth.mark_rule(strokeDash=[4, 4], color=charts.colour("vermillion")).encode(y=change),
        truth.mark_text(align="right", dy=-9).encode(x=alt.value("width"), y=change, text="words:N"),
        base.mark_line(color=charts.colour("neutral")).encode(x=x, y=change),
        here.mark_point(size=110, opacity=1).encode(x=x, y=change),
        charts.label(here, "change:Q", ".0%", dy=20).encode(x=x, y=change),
    ).properties(height=170, width=charts.WIDTH)
    return alt.vconcat(path, curve, spacing=24).add_params(slider)


def say_selection(people: pd.DataFrame, n: int, first: float) -> str:
    """What :func:`selection` shows, in words."""
    rows = selection_rows(people, n).set_index("weight")
    years = ", ".join(f"{rows.loc[first, name]:.2f}" for name in YEARS)
    falls = ", ".join(f"{rows.loc[w, 'change']:.0%} at a weight of {w:.0%}" for w in (0.0, 0.2, 0.5, 1.0))
    return (
        f"Two charts of the {n:,} people whom a rule picks where no team works. Above, their events per person in five years, "
        f"at a weight of {first:.0%} on last year's use: {years}; the third is the year by which they were picked. Below, the "
        f"change from that year to the next: {falls}. A slider changes the weight."
    )


def selection_rows(people: pd.DataFrame, n: int, weights: Sequence[float] = WEIGHTS) -> pd.DataFrame:
    """One row a weight: the mean events of the ``n`` people picked (ties by the order of rows), year by year, and ``change``."""
    rows = []
    for weight in weights:
        score = evaluation.selection_score(people["y0"].to_numpy(), people["efi"].to_numpy(), float(weight)).round(12)
        picked = people.iloc[np.argsort(-score, kind="stable")[:n]]
        change = evaluation.naive_change(picked["y0"], picked["y1"])
        rows.append({"weight": float(weight), **picked[list(YEARS)].mean(), "change": change})
    return pd.DataFrame(rows)


# --- compared with whom -----------------------------------------------------------------------------------------------


def comparisons(found: pd.DataFrame) -> alt.LayerChart:
    """One line a comparison and team: ``estimate`` and, where known, ``low`` and ``high``, with a rule at 0."""
    teams = sorted(found["team"].unique())
    colours = alt.Scale(domain=teams, range=[charts.colour("blue"), charts.colour("vermillion")][: len(teams)])
    base = alt.Chart(found).encode(
        y=alt.Y(
            "comparison:N",
            sort=list(dict.fromkeys(found["comparison"])),
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelLimit=220),
        ),
        yOffset=alt.YOffset("team:N", scale=alt.Scale(paddingOuter=0.6)),
        color=alt.Color("team:N", title=None, scale=colours),
    )
    x = alt.X(
        "estimate:Q",
        title="Relative change that would be put down to the team",
        axis=alt.Axis(format="%", values=[-0.4, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]),
        scale=alt.Scale(domain=[-0.45, 0.35], nice=False),
    )
    tooltip = [
        alt.Tooltip("team:N", title="Team"),
        alt.Tooltip("estimate:Q", title="Estimate", format=".1%"),
        alt.Tooltip("low:Q", title="From", format=".1%"),
        alt.Tooltip("high:Q", title="To", format=".1%"),
    ]
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(strokeDash=[4, 4]).encode(x="zero:Q")
    spans = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=3).encode(x="low:Q", x2="high:Q")
    dots = base.mark_point(size=100, opacity=1).encode(
        x=x, tooltip=tooltip, shape=alt.Shape("team:N", title=None, scale=_shapes(teams))
    )
    return alt.layer(zero, spans, dots).properties(height=58 * found["comparison"].nunique())


def say_comparisons(found: pd.DataFrame) -> str:
    """The lines of :func:`comparisons`, in words."""
    said = []
    for row in found.itertuples():
        span = f" ({row.low:.1%} to {row.high:.1%})" if row.low == row.low else ""
        said.append(f"{row.team}, {row.comparison}: {row.estimate:.1%}{span}.")
    return f"Estimates with 95% intervals, by team and comparison. {' '.join(said)}"


def years(rows: pd.DataFrame, estimates: Mapping[str, float], first: str) -> alt.LayerChart:
    """Events per person of the visited and of those they are compared with, year by year; a menu chooses the comparison.

    ``rows``: ``comparison``, ``group`` ("visited" or "compared with") and a column for each of :data:`YEARS`. ``estimates``:
    comparison -> difference-in-differences. ``first``: what the menu starts with.
    """
    menu = charts.menu("against", "Compared with", list(estimates), first)
    long = rows.melt(["comparison", "group"], list(YEARS), "column", "mean")
    long = long.assign(year=long["column"].map(YEARS), mean=long["mean"].round(4)).drop(columns="column")
    top = float(np.ceil(2 * long["mean"].max() + 0.3) / 2)
    y = alt.Y("mean:Q", title=TITLE, scale=alt.Scale(domain=[0, top], nice=False))
    colours = alt.Scale(domain=[VISITED, OTHERS], range=[charts.colour("vermillion"), charts.colour("blue")])
    base = alt.Chart(long).transform_filter("datum.comparison == against").encode(x=_year_axis(), y=y)
    shaded = base.encode(color=alt.Color("group:N", scale=colours, title=None))
    said = pd.DataFrame({"comparison": list(estimates), "estimate": list(estimates.values())})
    words = (
        alt.Chart(said)
        .transform_filter("datum.comparison == against")
        .transform_calculate(words="'difference-in-differences: ' + format(datum.estimate, '+.0%')")
    )
    start = alt.Chart(pd.DataFrame({"at": [0.5], "words": ["visits begin"]}))
    at = alt.X("at:Q", scale=alt.Scale(domain=[-2.3, 2.3], nice=False))
    tooltip = [alt.Tooltip("group:N", title="Group"), alt.Tooltip("mean:Q", title=TITLE, format=".2f")]
    return alt.layer(
        start.mark_rule(strokeDash=[4, 4]).encode(x=at),
        start.mark_text(align="left", dx=5).encode(x=at, y=alt.value(charts.HEIGHT - 10), text="words:N"),
        shaded.mark_line(),
        shaded.mark_point(size=80, opacity=1).encode(
            tooltip=tooltip, shape=alt.Shape("group:N", title=None, scale=_shapes([VISITED, OTHERS]))
        ),
        charts.label(words, "words:N", align="left").encode(x=alt.value(6), y=alt.value(8)),
    ).add_params(menu)


def say_years(rows: pd.DataFrame, estimates: Mapping[str, float], first: str) -> str:
    """What :func:`years` shows at first, and the result of each other comparison, in words."""
    said = []
    for _, row in rows[rows["comparison"] == first].iterrows():
        said.append(f"{row['group'].capitalize()}: {', '.join(f'{row[name]:.2f}' for name in YEARS)}.")
    results = "; ".join(f"{name}: {estimate:+.0%}" for name, estimate in estimates.items())
    return (
        "Events per person in five years, of which the third is the last before the visits. Compared with "
        f"{first}. {' '.join(said)} Difference-in-differences by what the visited are compared with: {results}. A menu chooses."
    )


# --- for whom, and what it is worth -----------------------------------------------------------------------------------


def places(people: pd.DataFrame, n: int, first: float) -> alt.LayerChart:
    """Risk and benefit of each person, those chosen in colour; a slider moves from a ranking by risk to one by benefit.

    ``people``: ``risk`` (events per year) and ``benefit`` (share averted). At a slider of t people are ranked by
    ``risk * ((1 - t) * mean benefit + t * benefit)``. Written above: the events averted per year in the ``n`` chosen.
    """
    usual = float(people["benefit"].mean())
    data = people[["risk", "benefit"]].round(4).reset_index(drop=True).rename_axis("row").reset_index()
    slider = charts.slider("counts", "How much a person's own benefit counts", 0, 1, 0.05, first)
    base = (
        alt.Chart(data)
        .transform_calculate(score=f"datum.risk * ((1 - counts) * {usual} + counts * datum.benefit)")
        .transform_window(
            place="row_number()",
            sort=[{"field": "score", "order": "descending"}, {"field": "row", "order": "ascending"}],
        )
        .transform_calculate(
            chosen=f"datum.place <= {n} && datum.score > 0 ? 'chosen' : 'not chosen'",
            gain="datum.chosen == 'chosen' ? datum.risk * datum.benefit : 0",
        )
    )
    colours = alt.Scale(domain=["chosen", "not chosen"], range=[charts.colour("vermillion"), charts.colour("neutral")])
    x = alt.X("risk:Q", title="Risk: events per year without a visit", scale=alt.Scale(zero=True))
    y = alt.Y("benefit:Q", title="Benefit: share of them averted", axis=alt.Axis(format="%"))
    tooltip = [
        alt.Tooltip("risk:Q", title="Risk", format=".2f"),
        alt.Tooltip("benefit:Q", title="Benefit", format=".0%"),
    ]
    dots = base.mark_point(size=46, opacity=0.9).encode(
        x=x,
        y=y,
        tooltip=tooltip,
        color=alt.Color("chosen:N", title=None, scale=colours),
        shape=alt.Shape("chosen:N", title=None, scale=_shapes(["chosen", "not chosen"])),
    )
    words = base.transform_aggregate(averted="sum(gain)").transform_calculate(
        words="'events averted per year: ' + format(datum.averted, '.1f')"
    )
    said = charts.label(words, "words:N", align="right").encode(x=alt.value("width"), y=alt.value(8))
    return alt.layer(dots, said).add_params(slider)


def say_places(people: pd.DataFrame, n: int) -> str:
    """What :func:`places` shows at both ends of its slider, in words."""
    found = evaluation.choose_by_benefit(range(len(people)), people["risk"].to_numpy(), people["benefit"].to_numpy(), n)
    both = len(set(found["ids"]) & set(found["by_risk"]))
    return (
        f"{len(people)} invented people by risk and benefit, of whom {n} are chosen. Ranked by risk they avert "
        f"{found['averted_by_risk']:.1f} events per year, ranked by what a visit averts {found['averted']:.1f}; {both} people "
        "are chosen both times. A slider moves between the two."
    )


def worth(n: int, base: float, unit_cost: float, team_cost: float, marked: Mapping[str, float]) -> alt.LayerChart:
    """Net value of a team against its true effect, with sliders for what an event and the team cost.

    ``n``, ``base``, ``unit_cost`` and ``team_cost`` as in ``evaluation.net_value``; the last two are where the sliders start.
    ``marked``: words -> an effect that is drawn as a line.
    """
    sliders = [
        charts.slider("unit", "Really saved per event, £", 250, 4000, 50, unit_cost),
        charts.slider("team", "Team per year, £ million", 0.5, 4, 0.1, team_cost / 1e6),
    ]
    effects = pd.DataFrame({"effect": np.round(np.arange(0, 0.41, 0.01), 2)})
    x = alt.X(
        "effect:Q",
        title="Share of events that the team averts",
        axis=alt.Axis(format="%"),
        scale=alt.Scale(domain=[0, 0.4]),
    )
    y = alt.Y("value:Q", title="Net value per year, £ million", scale=alt.Scale(domain=[-4, 4], clamp=True, nice=False))
    line = alt.Chart(effects).transform_calculate(value=f"{n} * {base} * datum.effect * unit / 1e6 - team")
    zero = alt.Chart(pd.DataFrame({"value": [0]})).mark_rule().encode(y=y)
    known = alt.Chart(pd.DataFrame({"words": list(marked), "effect": list(marked.values())}))
    even = (
        alt.Chart(pd.DataFrame({"value": [0]}))
        .transform_calculate(exact=f"team * 1e6 / ({n} * {base} * unit)")
        .transform_calculate(
            effect="min(datum.exact, 0.4)",
            words="'pays from ' + (datum.exact > 1 ? 'never' : format(datum.exact, '.0%'))",
        )
    )
    return alt.layer(
        zero,
        known.mark_rule(strokeDash=[4, 4], color=charts.colour("muted")).encode(x=x),
        known.mark_text(align="left", dx=5).encode(x=x, y=alt.value(10), text="words:N"),
        line.mark_line().encode(x=x, y=y),
        even.mark_point(size=110, opacity=1, color=charts.colour("vermillion")).encode(x=x, y=y),
        charts.label(even, "words:N", align="right", dx=-8, dy=-14).encode(x=x, y=y),
    ).add_params(*sliders)


def say_worth(n: int, base: float, unit_cost: float, team_cost: float, marked: Mapping[str, float]) -> str:
    """The line of :func:`worth` at first, in words."""
    even = evaluation.break_even_effect(n, base, unit_cost, team_cost)
    values = "; ".join(
        f"{words} ({effect:.0%}): {evaluation.net_value(n, base, effect, unit_cost, team_cost) / 1e6:.1f}"
        for words, effect in marked.items()
    )
    return (
        "A rising line of net value per year in million pounds against the true effect. With "
        f"£{unit_cost:,.0f} saved per event and a team of £{team_cost / 1e6:.1f} million it pays from "
        f"{even:.0%} on; {values}. Two sliders change the two costs."
    )
