"""The charts of chapter 9. Each takes what :mod:`integrated_care.participation` gives; end it with ``charts.finish``."""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from .. import charts, participation

LANGUAGES = {
    "Tarifit": "lang_tarifit_pct_2024",
    "Tachelhit": "lang_tachelhit_pct_2024",
    "Tamazight": "lang_tamazight_pct_2024",
    "Hassania": "lang_hassania_pct_2024",
    "Darija": "lang_darija_pct_2024",
}


def languages(levels: Mapping[str, pd.DataFrame]) -> alt.Chart:
    """The share of people who use a language, one dot a place, for places of several sizes. The reader picks the language.

    ``levels`` maps a name, such as "12 regions", to a table with ``name_fr`` and the census columns of
    :data:`LANGUAGES` (per cent; a table may lack some).
    """
    parts = []
    for level, places in levels.items():
        part = pd.DataFrame({"level": level, "place": places["name_fr"].to_numpy()})
        for language, column in LANGUAGES.items():
            part[language] = places[column].to_numpy() if column in places else np.nan
        part["spread"] = np.round((np.arange(len(part)) * 0.618034) % 1, 3)  # so that dots do not hide each other
        parts.append(part)
    data = pd.concat(parts, ignore_index=True)
    pick = charts.menu("language", "Language", list(LANGUAGES))
    return (
        alt.Chart(data)
        .transform_calculate(pct="datum[language]")
        .transform_filter("isValid(datum.pct)")
        .mark_circle(size=55, opacity=0.55)
        .encode(
            x=alt.X("pct:Q", title="Per cent of people who use it", scale=alt.Scale(domain=[0, 100])),
            y=alt.Y(
                "level:N", title=None, sort=list(levels), axis=alt.Axis(labelLimit=110), scale=alt.Scale(padding=0.25)
            ),
            yOffset=alt.YOffset("spread:Q"),
            color=alt.Color("level:N", sort=list(levels), legend=None),
            tooltip=[alt.Tooltip("place:N", title="Place"), alt.Tooltip("pct:Q", title="Per cent", format=".1f")],
        )
        .add_params(pick)
        .properties(width=charts.WIDTH, height=95 * len(levels))
    )


def say_languages(regions: pd.DataFrame, provinces: pd.DataFrame, communes: pd.DataFrame) -> str:
    """What :func:`languages` shows at first of the three levels of the census, in words."""
    language, column = next(iter(LANGUAGES.items()))
    region, province, commune = (f"{places[column].max():.0f}" for places in (regions, provinces, communes))
    there = communes[column]
    return (
        f"Three rows of dots on a scale from 0 to 100 per cent, one dot a place. As first drawn, for {language}: regions reach "
        f"{region} per cent, provinces {province}, communes of the pilot region {commune}. In {(there < 1).sum()} of the "
        f"{len(there)} communes fewer than 1 in 100 people use it, in {(there >= 50).sum()} at least half. Another language "
        "can be chosen."
    )


def ratios(table: pd.DataFrame) -> alt.LayerChart:
    """Representation ratios on a log scale, one dot a group, against the line of fair share.

    ``table`` has ``group`` (what to print) and ``ratio`` (above 0), in the order to show.
    """
    groups = list(table["group"])
    data = table[["group", "ratio"]].assign(side=np.where(table["ratio"] < 1, "under", "over"))
    low, high = min(0.2, 0.85 * float(table["ratio"].min())), max(2.0, 1.2 * float(table["ratio"].max()))
    ticks = [tick for tick in (0.125, 0.25, 0.5, 1, 2, 4) if low <= tick <= high]
    y = alt.Y("group:N", title=None, sort=groups, axis=alt.Axis(labelLimit=150))
    base = alt.Chart(data).encode(y=y)
    x = alt.X(
        "ratio:Q",
        title="Times its share of the population (log scale)",
        scale=alt.Scale(type="log", domain=[low, high]),
        axis=alt.Axis(values=ticks, format="~g"),
    )
    colours = alt.Scale(domain=["under", "over"], range=[charts.colour("vermillion"), charts.colour("blue")])
    colour = alt.Color("side:N", scale=colours, legend=None)
    fair = alt.Chart(pd.DataFrame({"one": [1.0]})).mark_rule(strokeDash=[4, 3]).encode(x="one:Q")
    stem = base.mark_rule(strokeWidth=2).encode(x=x, x2=alt.datum(1), color=colour)
    tooltip = [alt.Tooltip("group:N", title="Group"), alt.Tooltip("ratio:Q", title="Ratio", format=".2f")]
    dot = base.mark_point(size=110).encode(x=x, color=colour, tooltip=tooltip)
    left = base.transform_filter("datum.ratio < 1").mark_text(align="right", dx=-9)
    right = base.transform_filter("datum.ratio >= 1").mark_text(align="left", dx=9)
    text = alt.Text("ratio:Q", format=".2f")
    return alt.layer(fair, stem, dot, left.encode(x=x, text=text), right.encode(x=x, text=text)).properties(
        height=32 * len(groups)
    )


def say_ratios(table: pd.DataFrame) -> str:
    """The dots of :func:`ratios`, in words; ``table`` from the lowest ratio to the highest."""
    said = "; ".join(f"{r.group} {r.ratio:.2f}" for r in table.itertuples())
    return f"Ratios of share in the panel to share in the population, from lowest to highest: {said}."


def estimates(table: pd.DataFrame, truth: float) -> alt.LayerChart:
    """Estimates of one share with their intervals, against the truth; those that miss it in their own colour.

    ``table`` has ``name``, ``mean``, ``low``, ``high`` (fractions) and ``words`` (to print above), in the order to show.
    """
    data = table[["name", "mean", "low", "high", "words"]].assign(
        holds=np.where((table["low"] <= truth) & (truth <= table["high"]), "holds", "misses")
    )
    y = alt.Y("name:N", title=None, sort=list(data["name"]), axis=alt.Axis(labelLimit=130))
    colours = alt.Scale(domain=["holds", "misses"], range=[charts.colour("blue"), charts.colour("vermillion")])
    colour = alt.Color("holds:N", scale=colours, legend=None)
    x = alt.X(
        "low:Q", title="Share with unmet need", axis=alt.Axis(format="%"), scale=alt.Scale(zero=False, padding=12)
    )
    tooltip = [
        alt.Tooltip("mean:Q", title="Estimate", format=".1%"),
        alt.Tooltip("low:Q", title="Low", format=".1%"),
        alt.Tooltip("high:Q", title="High", format=".1%"),
    ]
    base = alt.Chart(data).encode(y=y, color=colour, tooltip=tooltip)
    line = base.mark_rule(strokeWidth=5, opacity=0.55).encode(x=x, x2="high:Q")
    dot = base.mark_point(size=90).encode(x="mean:Q")
    words = alt.Chart(data).mark_text(dy=-15).encode(y=y, x="mean:Q", text="words:N")
    true = alt.Chart(pd.DataFrame({"truth": [truth]})).mark_rule(strokeDash=[5, 4], strokeWidth=2).encode(x="truth:Q")
    return alt.layer(true, line, dot, words).properties(height=52 * len(data))


def say_estimates(table: pd.DataFrame, truth: float) -> str:
    """The intervals of :func:`estimates`, in words."""
    start = f"{charts.in_words(len(table)).capitalize()} horizontal intervals against the true share of {truth:.1%}."
    rows = table[["name", "mean", "low", "high"]].itertuples(index=False)
    return " ".join([start, *(f"{name}: {mean:.1%}, from {low:.1%} to {high:.1%}." for name, mean, low, high in rows)])


def crossing(sd: float, answers: int, populations: Mapping[str, int], *, rho: float) -> alt.LayerChart:
    """The error of a random sample against its size, and that of many volunteers, with a slider for their defect.

    ``sd`` is the standard deviation of the outcome (fraction), ``answers`` the number of volunteers, ``populations`` maps
    what the reader can choose to a number of persons. Both errors are root mean squares, in points; for the volunteers it
    is what :func:`participation.effective_size` compares.
    """
    names = list(populations)
    defect = charts.slider("rho", "Data-defect correlation", 0.001, 0.1, step=0.001, first=rho)
    whose = charts.menu("whose", "Population", names)
    size = (
        " : ".join(f"whose == {name!r} ? {populations[name]}" for name in names[:-1]) + f" : {populations[names[-1]]}"
    )
    low, high = 10, 100_000
    sizes = np.unique(np.round(np.geomspace(low, high, 45)).astype(int))
    x = alt.X(
        "n:Q", title="Persons in the sample (log scale)", scale=alt.Scale(type="log", domain=[low, high]),
        axis=alt.Axis(values=[10, 100, 1000, 10_000, 100_000], format="~s"),
    )  # fmt: skip
    top = 100 * sd / np.sqrt(low)
    y = alt.Y("error:Q", title="Typical error (points)", scale=alt.Scale(domain=[0, round(top, 0)], clamp=True))
    random = (
        alt.Chart(pd.DataFrame({"n": sizes}))
        .transform_calculate(people=size)
        .transform_calculate(
            error=f"{100 * sd} * sqrt((1 - datum.n / datum.people) / datum.n / (1 - 1 / datum.people))"
        )
        .mark_line(color=charts.colour("blue"))
        .encode(x=x, y=y)
    )
    volunteers = (
        alt.Chart(pd.DataFrame({"answers": [answers]}))
        .transform_calculate(people=size)
        .transform_calculate(odds="(datum.people - datum.answers) / datum.answers")
        .transform_calculate(
            error=f"{100 * sd} * rho * sqrt(datum.odds)",
            worth="1 / (rho * rho * datum.odds * (1 - 1 / datum.people) + 1 / datum.people)",
        )
        .transform_calculate(
            n=f"min({high}, max({low}, datum.worth))",
            words="'worth ' + format(datum.worth, ',.0f') + ' at random'",
            side="datum.n > 900 ? 'left' : 'right'",
        )
    )
    red = charts.colour("vermillion")
    level = volunteers.mark_rule(color=red, strokeWidth=2.5).encode(y=y)
    dot = volunteers.mark_point(size=130, color=red, opacity=1).encode(x=x, y=y)
    right, left = (
        charts.label(volunteers.transform_filter(f"datum.side == '{side}'"), "words:N", align=align, dx=dx, dy=-13)
        for side, align, dx in (("right", "left", 10), ("left", "right", 6))
    )
    words = [right.encode(x=x, y=y), left.encode(x=x, y=y)]
    return alt.layer(random, level, dot, *words).add_params(defect, whose)


def say_crossing(sd: float, answers: int, people: int, *, rho: float) -> str:
    """What :func:`crossing` shows at first, in words, for a population of ``people``."""
    f = answers / people
    level, worth = 100 * abs(rho) * np.sqrt((1 - f) / f) * sd, participation.effective_size(f, rho, people)
    return (
        f"A curve falls from {100 * sd / np.sqrt(10):.0f} points of error for 10 random persons to below 1 point for 10,000. "
        f"A level line shows the error of {answers:,} volunteers, {level:.1f} points at a data-defect correlation of "
        f"{abs(rho):.3f} in a population of {people:,}; it meets the curve at {worth:.0f} persons. A slider changes the "
        "correlation, a list the population."
    )


def lorenz(members: pd.DataFrame, roles: Sequence[str]) -> alt.LayerChart:
    """Lorenz curve of speaking time with a dot a member, coloured by role.

    ``members`` has ``minutes`` and ``role``, one row a member; ``roles`` is the order of the legend.
    """
    ordered = members.sort_values("minutes", kind="stable")
    curve = participation.lorenz_curve(ordered["minutes"])
    dots = curve.iloc[1:].assign(role=ordered["role"].to_numpy(), spoke=ordered["minutes"].to_numpy())
    axis, unit = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]), alt.Scale(domain=[0, 1])
    x = alt.X("members:Q", title="Members, quietest first", axis=axis, scale=unit)
    y = alt.Y("minutes:Q", title="Share of all speaking time", axis=axis, scale=unit)
    equal = alt.Chart(pd.DataFrame({"p": [0, 1]})).mark_line(strokeDash=[4, 4], strokeWidth=1.5)
    equal = equal.encode(x="p:Q", y="p:Q", color=alt.value(charts.colour("neutral")))
    line = alt.Chart(curve).mark_line(strokeWidth=1.5, color=charts.colour("neutral")).encode(x=x, y=y)
    points = alt.Chart(dots).mark_point(size=80).encode(
        x=x, y=y,
        color=alt.Color("role:N", title=None, sort=list(roles), legend=alt.Legend(columns=3)),
        tooltip=[alt.Tooltip("role:N", title="Role"), alt.Tooltip("spoke:Q", title="Minutes", format=".0f")],
    )  # fmt: skip
    return alt.layer(equal, line, points).properties(height=380)


def say_lorenz(members: pd.DataFrame, quietest: str) -> str:
    """The curve of :func:`lorenz`, and who speaks how much of the time, in words; ``quietest`` is the role of the first dots."""
    gini, shares = participation.voice_gini(members["minutes"], members["role"])
    each = "; ".join(f"{role} {row.members:.0%} and {row.minutes:.0%}" for role, row in shares.iterrows())
    return (
        f"A Lorenz curve of {len(members)} members, {'far ' if gini > 0.4 else ''}below the diagonal; Gini {gini:.2f}. "
        f"The first {(members['role'] == quietest).sum()} dots or so are {quietest}s. Shares of members and of time: {each}."
    )


def ladder(meetings: pd.DataFrame) -> alt.LayerChart:
    """Meetings by rung and by the share of proposals adopted; those for show in their own colour.

    ``meetings`` is what ``participation.meetings`` gives; meetings without proposals are left out.
    """
    data = meetings[meetings["made"] > 0].reset_index()
    kinds = ["for show", "other"]
    data["kind"] = np.where(data["tokenistic"], *kinds)
    data["name"] = data["rung"].map(participation.RUNGS)
    # Meetings of one rung that adopted the same share stand side by side, in the order of their names.
    twins = data.groupby(["rung", "adoption"])
    data["x"] = data["rung"] + 0.14 * (twins.cumcount() - (twins["meeting"].transform("size") - 1) / 2)
    x = alt.X(
        "x:Q", title="Rung of the ladder", scale=alt.Scale(domain=[0.5, 8.5]),
        axis=alt.Axis(values=list(participation.RUNGS), tickCount=8, format="d", grid=False),  # the theme's 6 would thin them
    )  # fmt: skip
    y = alt.Y("adoption:Q", title="Proposals adopted", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[-0.05, 1]))
    middle = pd.DataFrame(
        {"from": [participation.WINDOW_DRESSING[0] - 0.5], "to": [participation.WINDOW_DRESSING[1] + 0.5]}
    )
    band = alt.Chart(middle).mark_rect(opacity=0.18, color=charts.colour("neutral")).encode(x="from:Q", x2="to:Q")
    line = alt.Chart(pd.DataFrame({"few": [participation.FEW]})).mark_rule(strokeDash=[4, 3]).encode(y="few:Q")
    colours = alt.Scale(domain=kinds, range=[charts.colour("vermillion"), charts.colour("blue")])
    points = alt.Chart(data).mark_point(size=75).encode(
        x=x, y=y, color=alt.Color("kind:N", title=None, scale=colours),
        tooltip=[
            alt.Tooltip("meeting:N", title="Meeting"),
            alt.Tooltip("name:N", title="Rung"),
            alt.Tooltip("made:Q", title="Proposals"),
            alt.Tooltip("adoption:Q", title="Adopted", format=".0%"),
        ],
    )  # fmt: skip
    return alt.layer(band, line, points)


def say_ladder(meetings: pd.DataFrame) -> str:
    """Where the dots of :func:`ladder` stand, in words."""
    made, show = meetings[meetings["made"] > 0], meetings[meetings["tokenistic"]]
    up = meetings[meetings["rung"] >= participation.PARTNERSHIP]
    low, high = participation.WINDOW_DRESSING
    return (
        f"{len(made)} meetings with proposals, by rung ({made['rung'].min()} to {made['rung'].max()}) and share of proposals "
        f"adopted. {len(show)} meetings on rungs {low} to {high} adopt less than a tenth"
        f"{', all of them none' if (show['adoption'] == 0).all() else ''}. On rung {participation.PARTNERSHIP} and above, "
        f"{len(up)} meetings adopt {up['adoption'].mean():.0%} on average. {len(meetings) - len(made)} meetings without "
        "proposals are not drawn."
    )


def funding(table: pd.DataFrame) -> alt.LayerChart:
    """Money a year, in millions, published or derived.

    ``table`` has ``year`` (the year in which the financial year starts), ``millions`` and ``kind`` ("published" or
    "derived").
    """
    kinds = ["published", "derived"]
    x = alt.X(
        "year:Q", title="Financial year that starts in", axis=alt.Axis(format="d", tickMinStep=2),
        scale=alt.Scale(zero=False, padding=22),
    )  # fmt: skip
    y = alt.Y("millions:Q", title="£ million, cash", scale=alt.Scale(zero=True))
    base = alt.Chart(table).encode(x=x, y=y)
    line = base.mark_line(strokeWidth=1.5, color=charts.colour("neutral"))
    dots = base.mark_point(size=85).encode(
        color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds)),
        shape=alt.Shape("kind:N", title=None, scale=alt.Scale(domain=kinds, range=["circle", "triangle-up"])),
        tooltip=[alt.Tooltip("year:Q", title="From April", format="d"), alt.Tooltip("millions:Q", format=".1f")],
    )
    ends = base.transform_filter(
        f"datum.year == {int(table['year'].min())} || datum.year == {int(table['year'].max())}"
    )
    words = charts.label(ends, "millions:Q", ".1f", dy=-15)
    return alt.layer(line, dots, words).properties(height=300)


def say_funding(table: pd.DataFrame) -> str:
    """The points of :func:`funding`, year by year, in words."""
    first, *_, last = table.itertuples()
    way = "falling" if last.millions < first.millions else "rising"
    each = ", ".join(f"{r.year} {r.millions:.1f}" for r in table.itertuples())
    return f"A {way} line from {first.year} to {last.year}, in millions of pounds: {each}."
