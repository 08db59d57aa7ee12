"""The charts of chapter 13. Each takes what :mod:`integrated_care.investment` gives; end it with ``charts.finish``.

No browser runs the model of prevention: its charts carry the paths for each position of their sliders. The charts of the cap and
of the queue carry closed forms as Vega-Lite transforms. A test holds what all of them draw against the methods.
"""

from collections.abc import Mapping, Sequence
from math import inf

import altair as alt
import numpy as np
import pandas as pd

from .. import charts
from .. import investment as methods

NEVER = 300  # thousand pounds: a cap that no cost of the chart reaches
POUNDS, PER_CENT = "pounds per person", "per cent of the grant of 2015-16"
MARKED = (5, 10, 20, 30)  # horizons at which the best share is written
SHARES, DELAYS = np.round(np.arange(0, 0.41, 0.05), 2), np.arange(2, 11)


def grant(table: pd.DataFrame, names: Mapping[str, str]) -> alt.LayerChart:
    """One grant in several units, each as an index: a line for each, with its name and its last value at the end.

    ``table``: a row a financial year, a column a unit, the first year 100. ``names``: column -> what stands at the line's end.
    """
    long = table.rename_axis("year").reset_index().melt("year", var_name="unit", value_name="index")
    long["name"] = long["unit"].map(names)
    years = list(table.index)
    order, colours = list(names.values()), [charts.colour(c) for c in ("neutral", "orange", "blue")]
    base = alt.Chart(long).encode(
        x=alt.X(
            "year:O", title=None, axis=alt.Axis(labelAngle=0, values=years[::2]), scale=alt.Scale(paddingOuter=0.2)
        ),
        y=alt.Y("index:Q", title=f"{years[0]} = 100", scale=alt.Scale(domain=[70, 115], nice=False)),
        color=alt.Color("name:N", title=None, scale=alt.Scale(domain=order, range=colours)),
        tooltip=[
            alt.Tooltip("year:O", title="Financial year"),
            alt.Tooltip("name:N", title="Counted"),
            alt.Tooltip("index:Q", title="Index", format=".1f"),
        ],
    )
    last = base.transform_filter(alt.datum.year == years[-1])
    dots = base.mark_point(size=40, opacity=1)
    return alt.layer(base.mark_line(), dots, charts.label(last, "index:Q", ".0f", dy=-13)).properties(
        height=300, width=charts.WIDTH
    )


def say_grant(table: pd.DataFrame, names: Mapping[str, str]) -> str:
    """The lines of :func:`grant`, in words."""
    ends = [f"{names[unit]}: {table[unit].iloc[-1]:.0f}, lowest {table[unit].min():.0f}." for unit in names]
    return " ".join([f"Lines from {table.index[0]} to {table.index[-1]}; the first year is 100. At the end,", *ends])


def policies(today: float, years: int = 30) -> pd.DataFrame:
    """Every pair of :data:`SHARES` and :data:`DELAYS`, a row each: ``change`` by year (a list) and ``year`` of the crossing.

    The year, to a quarter, from which fewer people are ill for good than under today's share; inf if they are not by ``years``.
    """
    start = methods.steady_state(prevention_share=today)
    delay, share = (grid.ravel() for grid in np.meshgrid(DELAYS, SHARES, indexing="ij"))
    change = np.round(methods.ill_paths({**start, "delay": delay}, share, years) - start["I"], 6)
    year = [methods.better_from(np.arange(len(change)) / 4, path) for path in change.T]
    yearly = [path.round(3).tolist() for path in change[::4].T]
    return pd.DataFrame({"delay": delay, "share": share, "change": yearly, "year": year})


def paths(today: float, share: float, delay: float, election: int, years: int = 30) -> alt.LayerChart:
    """More or fewer people ill after a change of policy, by year, with sliders for the share of prevention and its delay.

    ``today``: the share from whose steady state the change starts. ``election``: years until the next one.
    """
    table = policies(today, years)
    table["words"] = [
        "nothing changes" if row.share == today else _say_crossing(row.year) for row in table.itertuples()
    ]
    table["year"] = table["year"].where(np.isfinite(table["year"]))
    sliders = [
        charts.slider("prevent", "Share of prevention", SHARES[0], SHARES[-1], step=0.05, first=share),
        charts.slider("wait", "Its delay, years", int(DELAYS[0]), int(DELAYS[-1]), step=1, first=delay),
    ]
    met = alt.Chart(table).transform_filter("abs(datum.share - prevent) < 0.001 && datum.delay == wait")
    title = "More or fewer people ill, per 1,000"
    x = alt.X(
        "t:Q", title="Years after the change", scale=alt.Scale(domain=[0, years], nice=False), axis=alt.Axis(grid=False)
    )
    y = alt.Y("change:Q", title=title, scale=alt.Scale(domain=[-6, 6], clamp=True))
    line = (
        met.transform_flatten(["change"])
        .transform_window(n="row_number()")
        .transform_calculate(t="datum.n - 1", more="max(datum.change, 0)", fewer="min(datum.change, 0)")
        .encode(x=x)
    )
    tooltip = [
        alt.Tooltip("t:Q", title="Year"),
        alt.Tooltip("change:Q", title="Ill per 1,000, beside today's policy", format="+.1f"),
    ]
    areas = [
        line.mark_area(opacity=0.25, color=charts.colour(colour)).encode(y=alt.Y(f"{part}:Q", title=title))
        for part, colour in (("more", "vermillion"), ("fewer", "blue"))
    ]
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule().encode(y="zero:Q")
    vote = alt.Chart(pd.DataFrame({"t": [election], "words": ["election"]})).encode(x=x)
    return alt.layer(
        *areas,
        zero,
        vote.mark_rule(strokeDash=[5, 4]),
        charts.label(vote, "words:N", align="left", dx=5).encode(y=alt.value(10)),
        line.mark_line().encode(y=y, tooltip=tooltip),
        met.mark_point(size=110, opacity=1, color=charts.colour("blue")).encode(x=alt.X("year:Q"), y=alt.datum(0)),
        charts.label(met, "words:N", align="right").encode(x=alt.datum(years), y=alt.value(30)),
    ).add_params(*sliders)


def _say_crossing(year: float) -> str:
    return f"fewer ill from year {year:g} on" if np.isfinite(year) else "more ill in all of these years"


def say_paths(today: float, share: float, delay: float, election: int, years: int = 30) -> str:
    """What :func:`paths` shows at first, in words."""
    table = policies(today, years)
    (row,) = table[np.isclose(table["share"], share) & (table["delay"] == delay)].itertuples()
    each = ", ".join(f"year {t} {row.change[t]:+.1f}" for t in (1, 2, election, 10, 20, years))
    return (
        f"A curve of people ill per 1,000, compared with today's policy, when the share of prevention goes from {today:.0%} to "
        f"{share:.0%} and prevention takes {delay:g} years to work: {each}. There are {_say_crossing(row.year)}. A dashed line "
        f"marks an election in year {election}. Two sliders change the share and the delay."
    )


def best_by_horizon(today: float, strengths: Sequence[float], years: int = 30) -> pd.DataFrame:
    """The best share of prevention for each horizon and each strength of prevention: ``psi``, ``horizon``, ``share``."""
    found = []
    for psi in strengths:
        start = {"psi": psi, **methods.steady_state({"psi": psi}, today)}
        best = methods.best_shares(np.arange(1, years + 1), start)
        found.append(best.rename("share").reset_index().assign(psi=psi))
    return pd.concat(found, ignore_index=True)


def horizons(table: pd.DataFrame, psi: float, election: int) -> alt.LayerChart:
    """The best share by horizon, with the election marked and a slider for how strongly prevention works.

    ``table``: what :func:`best_by_horizon` gives. ``psi``: the strength at first.
    """
    values = sorted(table["psi"].unique())
    step = round(values[1] - values[0], 6)
    strength = charts.slider("psi", "How strongly prevention works", values[0], values[-1], step=step, first=psi)
    last = int(table["horizon"].max())
    x = alt.X(
        "horizon:Q",
        title="Years that count",
        scale=alt.Scale(domain=[0, last + 1], nice=False),
        axis=alt.Axis(grid=False),
    )
    y = alt.Y("share:Q", title="Best share of prevention", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 0.62]))
    line = alt.Chart(table).transform_filter("abs(datum.psi - psi) < 0.001").encode(x=x, y=y)
    tooltip = [
        alt.Tooltip("horizon:Q", title="Years that count"),
        alt.Tooltip("share:Q", title="Best share", format=".0%"),
    ]
    marked = line.transform_filter({"field": "horizon", "oneOf": list(MARKED)})
    vote = alt.Chart(pd.DataFrame({"horizon": [election], "words": ["next election"]})).encode(x=x)
    return alt.layer(
        vote.mark_rule(strokeDash=[5, 4]),
        charts.label(vote, "words:N", align="left", dx=6).encode(y=alt.value(10)),
        line.mark_line(interpolate="step-after").encode(tooltip=tooltip),
        marked.mark_point(opacity=1, size=90).encode(tooltip=tooltip),
        charts.label(marked, "share:Q", ".0%", dy=-14),
    ).add_params(strength)


def say_horizons(table: pd.DataFrame, psi: float, election: int) -> str:
    """What :func:`horizons` shows at first, in words."""
    best = table[np.isclose(table["psi"], psi)].set_index("horizon")["share"]
    each = " ".join(f"{h} years: {best[h]:.0%}." for h in MARKED)
    return (
        f"A rising curve of the best share of prevention by the years that count, at a strength of {psi:g}. {each} A dashed line "
        f"marks the next election, after {election} years. A slider changes the strength."
    )


def cuts(areas: pd.DataFrame) -> alt.LayerChart:
    """What each area lost, by deprivation, with a menu: in pounds per person, or as a share of what it had.

    ``areas``: ``area``, ``imd_score``, ``population``, ``pounds`` and ``share`` (a fraction).
    """
    how = charts.menu("how", "Count the loss in", [POUNDS, PER_CENT])
    value = f"how == '{POUNDS}' ? datum.pounds : 100 * datum.share"
    ends = []
    for unit in ("pounds", "share"):
        slope = methods.regressivity(areas[unit], areas["imd_score"], areas["population"])["slope"]
        middle = np.average(areas["imd_score"], weights=areas["population"])
        level = np.average(areas[unit], weights=areas["population"])
        span = np.array([areas["imd_score"].min(), areas["imd_score"].max()])
        ends.append(level + slope * (span - middle))
    line = pd.DataFrame({"imd_score": span, "pounds": ends[0], "share": ends[1]})
    x = alt.X("imd_score:Q", title="Deprivation (larger = more deprived)", scale=alt.Scale(zero=False))
    y = alt.Y("loss:Q", title="Loss, in pounds or per cent", scale=alt.Scale(domain=[0, 50]))
    dots = alt.Chart(areas).transform_calculate(loss=value)
    tooltip = [
        alt.Tooltip("area:N", title="Area"),
        alt.Tooltip("pounds:Q", title="Pounds per person", format=".0f"),
        alt.Tooltip("share:Q", title="Share of its grant", format=".0%"),
    ]
    fit = alt.Chart(line).transform_calculate(loss=value).mark_line(color=charts.colour("vermillion"))
    size = alt.Size("population:Q", legend=None, scale=alt.Scale(range=[20, 220]))
    return alt.layer(
        dots.mark_point(opacity=0.55).encode(x=x, y=y, size=size, tooltip=tooltip), fit.encode(x=x, y=y)
    ).add_params(how)


def say_cuts(areas: pd.DataFrame) -> str:
    """What both views of :func:`cuts` show, in words."""
    said = []
    for unit, scale, words in (("pounds", 1, "pounds per person"), ("share", 100, "per cent of its grant")):
        got = methods.regressivity(areas[unit], areas["imd_score"], areas["population"])
        said.append(
            f"Counted as {words}, an area loses {scale * got['slope']:+.2f} for each point of deprivation, with a concentration "
            f"index of {got['index']:+.2f}."
        )
    return " ".join(
        [
            f"{len(areas)} areas as dots, by deprivation and loss, with a line through them.",
            *said,
            "A menu changes the count.",
        ]
    )


def lives(people: pd.DataFrame, owned: int = 4, costs: int = 25) -> pd.DataFrame:
    """A few lives that stand for many: for each tenth of wealth some levels of it, each with all levels of cost.

    ``people``: ``wealth_gbp_k``, ``cost_gbp_k``. Returns ``tenth``, ``wealth``, ``cost`` (thousand pounds), each row as likely.
    """
    n = len(people)
    wealth, cost = (np.sort(people[name].to_numpy(float)) for name in ("wealth_gbp_k", "cost_gbp_k"))
    own = [part.mean() for part in np.array_split(wealth, 10 * owned)]
    bill = cost[((np.arange(costs) + 0.5) / costs * n).astype(int)]
    rows = [(i // owned + 1, round(w, 1), x) for i, w in enumerate(own) for x in bill]
    return pd.DataFrame(rows, columns=["tenth", "wealth", "cost"])


def care_shares(people: pd.DataFrame, rule: Mapping[str, float], hotel: float = 0.0, taper: float = 0.4) -> pd.Series:
    """What the bars of :func:`care` show for a rule (``cap``, ``lower``, ``upper``): tenth -> share of assets spent on care."""
    data = lives(people)
    cap = inf if rule["cap"] >= NEVER else rule["cap"]
    paid = methods.private_cost(data["cost"], data["wealth"], cap, rule["lower"], rule["upper"], hotel, taper)
    sums = data.assign(paid=paid).groupby("tenth")[["paid", "wealth"]].sum()
    return (sums["paid"] / sums["wealth"].where(sums["wealth"] > 0)).rename("share")


def care(
    people: pd.DataFrame, first: Mapping[str, float], today: Mapping[str, float], hotel: float = 0.0, taper: float = 0.4
) -> alt.LayerChart:
    """The share of its assets that each tenth of wealth spends on care, with sliders for the cap and the two capital limits.

    ``people``: as for :func:`lives`. ``first`` and ``today``: ``cap``, ``lower`` and ``upper`` in thousand pounds, where the
    sliders start and where the ticks stand for comparison; a cap of inf is none.
    """
    data = lives(people)
    now = care_shares(people, today, hotel, taper).dropna().reset_index()
    sliders = [
        charts.slider("cap", f"Cap, £000 ({NEVER}: none)", 20, NEVER, step=2, first=min(first["cap"], NEVER)),
        charts.slider("lower", "Lower limit, £000", 10, 50, step=1, first=first["lower"]),
        charts.slider("upper", "Upper limit, £000", 20, 200, step=5, first=first["upper"]),
    ]
    rule = {
        "most": "max(upper, lower)",
        "counted": f"max(datum.wealth - datum.most, 0) + {taper} * max(min(datum.wealth, datum.most) - lower, 0)",
        "asked": f"(cap >= {NEVER} ? datum.cost : min(datum.cost, cap)) + (datum.cost > 0 ? {hotel} : 0)",
        "paid": "min(datum.asked, datum.counted)",
    }
    bars = alt.Chart(data)
    for name, formula in rule.items():
        bars = bars.transform_calculate(**{name: formula})
    bars = (
        bars.transform_aggregate(spent="sum(paid)", owned="sum(wealth)", groupby=["tenth"])
        .transform_filter("datum.owned > 0")
        .transform_calculate(share="datum.spent / datum.owned")
    )
    x = alt.X("tenth:O", title="Tenth of people, by what they own (10 = richest)", axis=alt.Axis(labelAngle=0))
    y = alt.Y(
        "share:Q",
        title="Share of assets spent on care",
        axis=alt.Axis(format="%"),
        scale=alt.Scale(domain=[0, 0.6], clamp=True),
    )
    tooltip = [alt.Tooltip("tenth:O", title="Tenth"), alt.Tooltip("share:Q", title="Spent", format=".1%")]
    bars = bars.encode(x=x, y=y, tooltip=tooltip)
    ticks = alt.Chart(now).mark_tick(thickness=3, size=38, color=charts.colour("vermillion"))
    return (
        alt.layer(
            bars.mark_bar(color=charts.colour("sky"), size=34),
            charts.label(bars, "share:Q", ".0%", dy=9, baseline="top"),
            ticks.encode(x=x, y=y, tooltip=tooltip),
        )
        .properties(width=charts.WIDTH)
        .add_params(*sliders)
    )


def say_care(
    people: pd.DataFrame, first: Mapping[str, float], today: Mapping[str, float], hotel: float = 0.0, taper: float = 0.4
) -> str:
    """What :func:`care` shows at first, tenth by tenth, in words."""
    shares = [care_shares(people, rule, hotel, taper) for rule in (first, today)]
    each = " ".join(
        f"Tenth {t}: {a:.0%}, ticks {b:.0%}." for t, a, b in zip(shares[0].index, *shares, strict=True) if a == a
    )
    return (
        "Bars of the share of its assets that each tenth of people spends on care, from the poorest that own anything to the "
        f"richest; ticks for the rules in force. {each} Sliders change the cap and both capital limits."
    )


def queue(ready: float, places: float, most: float = 14.0) -> alt.LayerChart:
    """Beds held by people who are ready to leave, by the places that open each day, with sliders for both flows.

    The mean number in a queue with one server and chance in both flows, ready / (places - ready).
    """
    sliders = [
        charts.slider("ready", "Ready, per day", 4, 12, step=0.5, first=ready),
        charts.slider("open", "Places, per day", 4, most, step=0.1, first=places),
    ]
    high = 40
    data = pd.DataFrame({"places": np.round(np.arange(4, most + 0.01, 0.05), 2)})
    x = alt.X("places:Q", title="Places that open, a day", scale=alt.Scale(domain=[4, most], nice=False))
    y = alt.Y("beds:Q", title="Beds held", scale=alt.Scale(domain=[0, high], clamp=True, nice=False))
    curve = (
        alt.Chart(data)
        .transform_filter("datum.places > ready + 1e-9")
        .transform_calculate(beds="ready / (datum.places - ready)")
        .transform_filter(f"datum.beds <= {high}")
        .encode(x=x, y=y)
    )
    tooltip = [alt.Tooltip("places:Q", title="Places, a day"), alt.Tooltip("beds:Q", title="Beds held", format=".1f")]
    here = (
        alt.Chart(pd.DataFrame({"one": [1]}))
        .transform_calculate(
            places="open",
            beds=f"open > ready + 1e-9 ? ready / (open - ready) : {high}",
            words="open > ready + 1e-9 ? format(ready / (open - ready), '.1f') + ' beds, ' + format(1 / (open - ready), '.1f')"
            " + ' days each' : 'grows without end'",
        )
        .encode(x=x, y=y)
    )
    wall = alt.Chart(pd.DataFrame({"one": [1]})).transform_calculate(places="ready").encode(x=x)
    return alt.layer(
        wall.mark_rule(strokeDash=[5, 4]),
        curve.mark_line().encode(tooltip=tooltip),
        here.mark_point(size=110, opacity=1, color=charts.colour("vermillion")),
        charts.label(here, "words:N", align="right").encode(x=alt.datum(most), y=alt.value(12)),
    ).add_params(*sliders)  # fmt: skip


def say_queue(ready: float, places: float) -> str:
    """What :func:`queue` shows at first, in words."""
    more = [places, *(round(ready * factor, 1) for factor in (1.1, 1.25, 1.5))]
    each = ", ".join(
        f"{c:g} places {methods.beds_blocked(ready, methods.time_in_system(ready, c)):.1f} beds" for c in more
    )
    return (
        f"A curve that falls steeply from a wall at {ready:g} places a day, as many as people become ready, and then flattens: "
        f"{each}. Two sliders change the people who become ready and the places that open."
    )
