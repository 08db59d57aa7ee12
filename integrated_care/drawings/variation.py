"""The charts of chapter 3. Each takes what :mod:`integrated_care.variation` gives or a table; end it with ``charts.finish``.

The charts with sliders carry the closed forms of the methods as Vega-Lite transforms, so that they work in a built page
without Python. A test holds what they draw against the methods.
"""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from .. import charts, variation

# Red, amber and green are drawn here because the chapter criticises them; a letter says each colour a second time.
COLOURS = {"green": "green", "amber": "orange", "red": "vermillion"}
LETTERS = {"green": "G", "amber": "A", "red": "R", "none": ""}
CHANCE, ALLOWED = "as if chance were all", "with the variation between places"
POWERS = np.round(np.arange(0, 2.01, 0.01), 2)  # of an incentive, at which `effort` is drawn


def _month(month: str, form: str = "%B %Y") -> str:
    return f"{pd.Timestamp(month):{form}}"


# --- the sheet --------------------------------------------------------------------------------------------------------


def sheet(shares: pd.DataFrame, target: float, tol: float) -> alt.LayerChart:
    """The board's sheet: one row a ward, one column a month (as "2026-10"), each tile with its colour and its letter."""
    data = _sheet(shares, target, tol)
    colours = alt.Scale(domain=list(COLOURS), range=[charts.colour(role) for role in COLOURS.values()])
    base = alt.Chart(data).encode(
        x=alt.X("short:N", sort=None, title=None, axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False)),
        y=alt.Y("ward:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False)),
        tooltip=[
            alt.Tooltip("ward:N", title="Ward"),
            alt.Tooltip("month:N", title="Month"),
            alt.Tooltip("share:Q", title="On time", format=".1%"),
            alt.Tooltip("colour:N", title="Colour"),
        ],
    )
    tiles = base.mark_rect(stroke=charts.colour("page"), strokeWidth=2).encode(
        color=alt.Color("colour:N", scale=colours, legend=None)
    )
    letters = charts.label(base, "letter:N").encode(color=alt.value("#10161f"))
    return alt.layer(tiles, letters).properties(width=44 * shares.shape[1], height=34 * len(shares))


def say_sheet(shares: pd.DataFrame, target: float, tol: float) -> str:
    """The rows of :func:`sheet`, letter by letter, in words."""
    data = _sheet(shares, target, tol)
    rows = (f"{ward}: {' '.join(letters)}." for ward, letters in data.groupby("ward", sort=False)["letter"])
    first, last = (_month(month) for month in (shares.columns[0], shares.columns[-1]))
    return f"A table of coloured tiles, month by month from {first} to {last}; G is green, A amber, R red. {' '.join(rows)}"


def _sheet(shares: pd.DataFrame, target: float, tol: float) -> pd.DataFrame:
    data = pd.DataFrame(
        {
            "ward": np.repeat(shares.index, shares.shape[1]),
            "month": np.tile(shares.columns, len(shares)),
            "share": shares.to_numpy().ravel(),
        }
    )
    data["colour"] = variation.rag(data["share"], target, tol)
    data["letter"] = data["colour"].map(LETTERS)
    return data.assign(short=[_month(month, "%b") for month in data["month"]])


# --- XmR charts -------------------------------------------------------------------------------------------------------


def panels(rows: pd.DataFrame, titles: Mapping[str, str], target: float) -> alt.VConcatChart:
    """XmR charts one above the other: of what ``variation.xmr_rows`` gives, the units that ``titles`` names.

    ``titles``: unit -> what stands above its chart. ``target``: the share at which the board's sheet turns green.
    """
    span = rows.loc[rows["unit"].isin(titles)]
    low, high = span[["value", "lcl"]].min(axis=None), span[["value", "ucl"]].max(axis=None)
    scale = alt.Scale(domain=[np.floor(50 * low) / 50, np.ceil(50 * high) / 50], nice=False)
    made = []
    for unit, title in titles.items():
        data = _dated(span[span["unit"] == unit])
        aim = alt.Chart(pd.DataFrame({"target": [target], "words": ["target"]}))
        aims = [
            aim.mark_rule(color=charts.colour("orange"), strokeWidth=1.5).encode(y=alt.Y("target:Q", scale=scale)),
            aim.mark_text(align="left", dx=3, color=charts.colour("muted")).encode(
                x=alt.value("width"), y=alt.Y("target:Q", scale=scale), text="words:N"
            ),
        ]
        chart = alt.layer(*aims, *_lines(alt.Chart(data), scale))
        made.append(chart.properties(width=charts.WIDTH - 60, height=170, title=alt.TitleParams(title, fontSize=14)))
    return alt.vconcat(*made, spacing=20)


def say_panels(rows: pd.DataFrame, titles: Mapping[str, str], target: float) -> str:
    """The charts of :func:`panels`, in words."""
    said = []
    for unit, title in titles.items():
        data = rows[rows["unit"] == unit]
        limits = "limits {lcl:.1%} and {ucl:.1%}, mean {cl:.1%}".format(**data.iloc[0][["cl", "lcl", "ucl"]])
        said.append(f"{title}: {limits}; last month {data['value'].iloc[-1]:.1%}; {_say_signals(data)}.")
    count = charts.in_words(len(titles)).capitalize()
    return f"{count} control charts by month, with a line for the target of {target:.0%}. {' '.join(said)}"


def boards(rows: pd.DataFrame, first: str) -> alt.LayerChart:
    """The XmR chart of one unit, which a menu chooses; it starts at ``first``. ``rows``: what ``variation.xmr_rows`` gives."""
    units = sorted(rows["unit"].unique())
    menu = charts.menu("board", "Board", units, first)
    limits = rows.groupby("unit")[["cl", "lcl", "ucl"]].first().round(4).reset_index()
    limits["i"] = limits["unit"].map(units.index)
    start = pd.Timestamp(rows["month"].min())
    when = pd.to_datetime(rows["month"])
    points = pd.DataFrame(
        {
            "i": rows["unit"].map(units.index),
            "t": 12 * (when.dt.year - start.year) + when.dt.month - start.month,
            "value": rows["value"].round(4),
            "signal": rows["signal"].astype(int),
        }
    )
    look = alt.LookupData(data=limits, key="i", fields=["unit", "cl", "lcl", "ucl"])
    chosen = (
        alt.Chart(points)
        .transform_lookup(lookup="i", from_=look)
        .transform_filter("datum.unit == board")
        .transform_calculate(date=f"datetime({start.year}, {start.month - 1} + datum.t, 1)")
    )
    # Filtered rows do not move the axes: the reader compares boards by choosing one after the other.
    scale = alt.Scale(domain=[0.5, 1], nice=False)
    return alt.layer(*_lines(chosen, scale)).add_params(menu)


def say_boards(rows: pd.DataFrame, first: str) -> str:
    """What :func:`boards` shows at first, in words."""
    data = rows[rows["unit"] == first]
    limits = "The mean is {cl:.1%}, the limits are {lcl:.1%} and {ucl:.1%}".format(**data.iloc[0][["cl", "lcl", "ucl"]])
    falls = data["value"].diff()
    fall = falls.idxmin()
    return (
        f"A control chart of {first}, from {_month(data['month'].iloc[0])} to {_month(data['month'].iloc[-1])}. {limits}; "
        f"{_say_signals(data)}. The largest fall is of {-100 * falls[fall]:.0f} points, in {_month(data['month'][fall])}. "
        "A menu shows each other board."
    )


def _dated(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with a date that Vega reads, without missing months: a line is broken by leaving its value out."""
    return rows.assign(date=pd.to_datetime(rows["month"]).dt.strftime("%Y-%m-%d"))


def _lines(base: alt.Chart, scale: alt.Scale) -> list[alt.Chart]:
    """Limits, centre, series and signals of a control chart."""
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%b %y", tickCount=6, grid=False))
    y = alt.Y("value:Q", title=None, scale=scale, axis=alt.Axis(format="%", tickCount=5))
    muted = charts.colour("muted")
    edges = [
        base.mark_line(strokeWidth=1.2, strokeDash=[5, 4], color=muted).encode(x=x, y=alt.Y(f"{limit}:Q", scale=scale))
        for limit in ("lcl", "ucl")
    ]
    centre = base.mark_line(strokeWidth=1.2, color=muted).encode(x=x, y=alt.Y("cl:Q", scale=scale))
    tooltip = [
        alt.Tooltip("date:T", title="Month", format="%B %Y"),
        alt.Tooltip("value:Q", title="Share", format=".1%"),
        alt.Tooltip("signal:N", title="Signal"),
    ]
    line = base.mark_line(strokeWidth=1.6).encode(x=x, y=y)
    dots = (
        base.transform_filter("isValid(datum.value)")
        .mark_point(size=46, opacity=1)
        .encode(
            x=x,
            y=y,
            tooltip=tooltip,
            color=alt.condition(
                "datum.signal", alt.value(charts.colour("vermillion")), alt.value(charts.colour("blue"))
            ),
            shape=alt.condition("datum.signal", alt.value("diamond"), alt.value("circle")),
        )
    )
    return [*edges, centre, line, dots]


def _say_signals(data: pd.DataFrame) -> str:
    months = int(data["value"].notna().sum())
    found = int(data["signal"].sum())
    return f"no signal in {months} months" if not found else f"{found} of {months} months are signals"


# --- colours that flip ------------------------------------------------------------------------------------------------


def flips(mu: float, sd: float, target: float, tol: float, *, months: int = 48, seed: int = 3) -> alt.LayerChart:
    """A process that never changes, month by month, with its colours, and sliders for target and tolerance.

    ``target`` and ``tol``: where the sliders start. Above stand the changes of colour per year, in this draw and expected.
    """
    draws = np.random.default_rng(seed).normal(mu, sd, months).round(3)
    data = pd.DataFrame({"month": np.arange(1, months + 1), "value": draws})
    sliders = [
        charts.slider("target", "Target, %", mu - 5 * sd, mu + 5 * sd, sd / 4, target),
        charts.slider("tol", "Amber down to, points below", 0, 3 * sd, sd / 4, tol),
    ]
    below, under = (f"cumulativeNormal({edge}, {mu}, {sd})" for edge in ("target", "target - tol"))
    expected = f"12 * (1 - pow(1 - {below}, 2) - pow({below} - {under}, 2) - pow({under}, 2))"
    base = (
        alt.Chart(data)
        .transform_calculate(
            letter="datum.value >= target ? 'G' : datum.value >= target - tol ? 'A' : 'R'",
            aim="target",
            edge="target - tol",
        )
        .transform_window(before="lag(letter)", sort=[{"field": "month"}])
        .transform_calculate(flip="isValid(datum.before) && datum.before != datum.letter ? 1 : 0")
        .transform_joinaggregate(all="sum(flip)")
        .transform_calculate(
            words=f"'Flips per year: ' + format(12 * datum.all / {months - 1}, '.1f') + ', expected ' + format({expected}, '.2f')"
        )
    )
    x = alt.X("month:Q", title="Month", axis=alt.Axis(grid=False), scale=alt.Scale(domain=[0, months + 1], nice=False))
    span = alt.Scale(domain=[mu - 5 * sd, mu + 5 * sd], nice=False)
    y = alt.Y("value:Q", title="Share, %", scale=span)
    last = base.transform_filter(f"datum.month == {months}")
    colour = alt.Color(
        "letter:N",
        legend=None,
        scale=alt.Scale(domain=["G", "A", "R"], range=[charts.colour(role) for role in COLOURS.values()]),
    )
    return alt.layer(
        last.mark_rule(color=charts.colour("green"), strokeWidth=1.5).encode(y=alt.Y("aim:Q", scale=span)),
        last.mark_rule(color=charts.colour("vermillion"), strokeWidth=1.5, strokeDash=[4, 4]).encode(
            y=alt.Y("edge:Q", scale=span)
        ),
        base.mark_line(color=charts.colour("neutral"), strokeWidth=1).encode(x=x, y=y),
        base.mark_point(size=210, opacity=1, fill=charts.colour("page"), stroke=None).encode(x=x, y=y),
        charts.label(base, "letter:N").encode(x=x, y=y, color=colour),
        charts.label(last, "words:N", align="left").encode(x=alt.value(0), y=alt.value(-8)),
    ).add_params(*sliders)


def say_flips(mu: float, sd: float, target: float, tol: float, *, months: int = 48, seed: int = 3) -> str:
    """What :func:`flips` shows at first, and at other targets, in words."""
    draws = np.random.default_rng(seed).normal(mu, sd, months).round(3)
    seen = 12 * variation.rag_flips(draws, target, tol) / (months - 1)
    far = ", ".join(f"{variation.expected_flips(mu, sd, at, tol):.2f} at {at:g}" for at in (mu - 2 * sd, mu + 3 * sd))
    return (
        f"{months} months of a process with mean {mu:g} and standard deviation {sd:g} that never changes, each month a letter: "
        f"G, A or R. At a target of {target:g} and a tolerance of {tol:g} the colour changes {seen:.1f} times per year in this "
        f"draw, and {variation.expected_flips(mu, sd, target, tol):.2f} times are expected; {far}. Two sliders move the target "
        "and the tolerance."
    )


# --- many places ------------------------------------------------------------------------------------------------------


def league(table: pd.DataFrame, near: int) -> alt.LayerChart:
    """From which to which place each unit moved over the years: one bar a unit, of what ``variation.league`` gives.

    Bars of ``near`` places or more are red where the unit's own chart has no signal.
    """
    data = _league(table, near)
    y = alt.Y("unit:N", sort=None, title=None, axis=None, scale=alt.Scale(paddingInner=0.35))
    place = alt.Scale(domain=[0, len(table) + 1], nice=False)
    tooltip = [
        alt.Tooltip("unit:N", title="Board"),
        alt.Tooltip("best:Q", title="Best place"),
        alt.Tooltip("worst:Q", title="Worst place"),
        alt.Tooltip("signals:Q", title="Years beyond its limits"),
    ]
    base = alt.Chart(data).encode(y=y, tooltip=tooltip)
    colours = alt.Scale(domain=["far", "other"], range=[charts.colour("vermillion"), charts.colour("neutral")])
    x = alt.X(
        "from:Q", title="Place in the table, 1 = highest score", scale=place, axis=alt.Axis(values=[1, 10, 20, 30, 42])
    )
    bars = base.mark_bar(height=7, cornerRadius=3).encode(
        x=x, x2="to:Q", color=alt.Color("kind:N", scale=colours, legend=None)
    )
    ends = base.transform_filter("datum.named").mark_text(align="left", dx=8).encode(x="to:Q", text="unit:N")
    return alt.layer(bars, ends).properties(height=13 * len(data))


def _league(table: pd.DataFrame, near: int) -> pd.DataFrame:
    data = table.rename_axis("unit").reset_index().sort_values(["last", "unit"])
    far = (data["moved"] >= near) & (data["signals"] == 0)
    widest = data.loc[far, "moved"].max() if far.any() else np.inf
    return data.assign(
        **{"from": data["best"] - 0.35, "to": data["worst"] + 0.35},
        kind=np.where(far, "far", "other"),
        named=far & (data["moved"] == widest),
    )


def say_league(table: pd.DataFrame, near: int) -> str:
    """The bars of :func:`league`, in words."""
    data = _league(table, near)
    far, named = data[data["kind"] == "far"], data[data["named"]]
    most = " and ".join(f"{r.unit}, from place {r.best:.0f} to {r.worst:.0f}" for r in named.itertuples())
    ends = data.iloc[[0, -1]]["unit"].tolist()
    return (
        f"{len(data)} bars, each from the best to the worst place of one unit, in the order of the last year, from {ends[0]} "
        f"to {ends[1]}. The bars are short at both ends and long in the middle. {len(far)} of them span {near} places or more "
        f"although the unit's own chart has no signal. Longest: {most}."
    )


def funnel(table: pd.DataFrame, *, unit: str, among: str, share: str, named: Sequence[str] = ()) -> alt.LayerChart:
    """A funnel plot whose limits the reader widens by a menu, from chance alone to the variation between places.

    ``table``: columns ``unit``, ``num``, ``den``. ``unit``, ``among`` and ``share`` name a unit, the x-axis and the y-axis;
    ``named`` are the units whose names are written.
    """
    found = variation.funnel(table["num"], table["den"])
    data = pd.DataFrame({"unit": table["unit"], "den": table["den"], "p": found["p"], "z": found["z"]})
    data["named"] = data["unit"].isin(named)
    menu = charts.menu("limits", "Limits", [CHANCE, ALLOWED])
    cl, factor = float(found["cl"]), float(np.sqrt(max(found["phi"], 1)))
    wider = f"(limits == '{ALLOWED}' ? {factor!r} : 1)"
    low, high = 0.8 * data["den"].min(), 1.25 * data["den"].max()
    edge = pd.DataFrame({"den": np.geomspace(low, high, 80).round(2)})
    half = f"3 * {wider} * sqrt({cl * (1 - cl)!r} / datum.den)"
    curves = alt.Chart(edge).transform_calculate(
        ucl=f"min(1, {cl!r} + {half})", lcl=f"max(0, {cl!r} - {half})", cl=f"{cl!r}"
    )
    # The axis holds the points and, where the limits are wider than they, the limits as they start.
    reach = [data["p"].min(), data["p"].max(), *(found[f"{end}_phi"][np.argmin(data["den"])] for end in ("lcl", "ucl"))]
    span = alt.Scale(domain=[max(0, min(reach) - 0.02), min(1, max(reach) + 0.02)], nice=False, clamp=True)
    x = alt.X(
        "den:Q", title=among, scale=alt.Scale(type="log", domain=[low, high], nice=False), axis=alt.Axis(tickCount=5)
    )
    y = alt.Y("p:Q", title=share, scale=span, axis=alt.Axis(format="%"))
    muted = charts.colour("muted")
    lines = [
        curves.mark_line(strokeWidth=1.4, strokeDash=dash, color=muted).encode(x=x, y=alt.Y(f"{name}:Q", scale=span))
        for name, dash in {"lcl": [5, 4], "cl": [1, 0], "ucl": [5, 4]}.items()
    ]
    points = (
        alt.Chart(data)
        .transform_calculate(outside=f"abs(datum.z) > 3 * {wider} ? 1 : 0")
        .transform_joinaggregate(out="sum(outside)", all="count()")
        .transform_calculate(words=f"datum.out + ' of ' + datum.all + ' {unit}s outside the limits'")
    )
    tooltip = [
        alt.Tooltip("unit:N", title=unit.capitalize()),
        alt.Tooltip("p:Q", title=share, format=".1%"),
        alt.Tooltip("den:Q", title=among, format=","),
        alt.Tooltip("z:Q", title="Standard deviations from the centre", format=".1f"),
    ]
    dots = points.mark_point(opacity=1).encode(
        x=x,
        y=y,
        tooltip=tooltip,
        color=alt.condition("datum.outside", alt.value(charts.colour("vermillion")), alt.value(charts.colour("blue"))),
        shape=alt.condition("datum.outside", alt.value("diamond"), alt.value("circle")),
    )
    names = points.transform_filter("datum.named").mark_text(align="left", dx=9).encode(x=x, y=y, text="unit:N")
    count = charts.label(points.transform_filter(f"datum.unit == {data['unit'].iloc[0]!r}"), "words:N", align="right")
    return alt.layer(*lines, dots, names, count.encode(x=alt.value("width"), y=alt.value(-8))).add_params(menu)


def say_funnel(table: pd.DataFrame, *, unit: str, named: Sequence[str] = ()) -> str:
    """The points and limits of :func:`funnel` with both choices of its menu, in words."""
    found = variation.funnel(table["num"], table["den"])
    p = pd.Series(found["p"], index=table["unit"].to_numpy())
    told = " ".join(f"{name} {p[name]:.1%}." for name in named)
    return (
        f"{len(table)} {unit}s by size and share, with curved limits round the common share of {found['cl']:.1%}. With limits "
        f"for chance alone {int(found['outside'].sum())} lie outside; phi is {found['phi']:,.1f}, and with limits "
        f"{np.sqrt(max(found['phi'], 1)):.1f} times as wide {int(found['outside_phi'].sum())} do. A menu changes the limits. "
        f"Lowest: {p.idxmin()}, {p.min():.1%}; highest: {p.idxmax()}, {p.max():.1%}. {told}".strip()
    )


# --- what a target rewards --------------------------------------------------------------------------------------------


def heap(minutes: pd.DataFrame, cut: int = 240, w: int = 5, low: int = 180, high: int = 300) -> alt.LayerChart:
    """Waits round a target, one bar a minute (columns ``minute``, ``patients``), with the three windows of the index."""
    data = minutes[minutes["minute"].between(low, high - 1)]
    data = data.assign(
        window=np.select(
            [data["minute"].between(cut - w, cut - 1), data["minute"].between(cut - 2 * w, cut + w - 1)],
            ["the last minutes", "their neighbours"],
            "other",
        ),
        to=data["minute"] + 1,
    )
    kinds = {"the last minutes": "vermillion", "their neighbours": "blue", "other": "neutral"}
    colour = alt.Color(
        "window:N",
        title=None,
        sort=list(kinds),
        scale=alt.Scale(domain=list(kinds), range=[charts.colour(role) for role in kinds.values()]),
    )
    x = alt.X(
        "minute:Q",
        title="Minutes from arrival to leaving",
        scale=alt.Scale(domain=[low, high], nice=False),
        axis=alt.Axis(values=list(range(low, high + 1, 20)), grid=False),
    )
    bars = (
        alt.Chart(data)
        .mark_bar(stroke=None)
        .encode(
            x=x,
            x2="to:Q",
            y=alt.Y("patients:Q", title="Visits"),
            y2=alt.datum(0),
            color=colour,
            tooltip=[alt.Tooltip("minute:Q", title="Minute"), alt.Tooltip("patients:Q", title="Visits", format=",")],
        )
    )
    rule = alt.Chart(pd.DataFrame({"minute": [cut], "words": ["four hours"]}))
    return alt.layer(
        bars,
        rule.mark_rule(strokeDash=[4, 4]).encode(x="minute:Q"),
        charts.label(rule, "words:N", align="left", dx=6).encode(x="minute:Q", y=alt.value(8)),
    )


def say_heap(minutes: pd.DataFrame, cut: int = 240, w: int = 5) -> str:
    """The heap of :func:`heap`, in words."""
    count = minutes.set_index("minute")["patients"]
    means = [count.loc[cut + i * w : cut + (i + 1) * w - 1].mean() for i in (-6, -2, -1, 0)]
    index = variation.heaping_index(np.repeat(minutes["minute"], minutes["patients"]), cut, w)
    return (
        f"A histogram of waits, by the minute. About {means[0]:.0f} visits end in each minute half an hour before {cut}; they "
        f"rise to {means[1]:.0f}, then {means[2]:.0f} in the last {w} minutes before it, and fall to {means[3]:.0f} in the {w} "
        f"after. The heaping index is {index:.1f}."
    )


def effort(b: float, m: float, gamma: float) -> alt.LayerChart:
    """Measured and unmeasured effort as the power of the incentive rises, with sliders that start at the arguments.

    The corner, at which unmeasured effort ends, is marked at b = m / gamma.
    """
    sliders = [
        charts.slider("power", "Incentive power, b", 0, 2, 0.05, b),
        charts.slider("rival", "Rivalry of the efforts, γ", 0, 0.8, 0.05, gamma),
        charts.slider("cares", "Worth of the unmeasured, m", 0.2, 1, 0.05, m),
    ]
    b_, m_ = "datum.b", "cares"
    inside = ("({own} - rival * {other}) / (1 - rival * rival)").format
    e1, e2 = inside(own=b_, other=m_), inside(own=m_, other=b_)
    steps = {
        "measured": f"{e2} <= 0 ? {b_} : max({e1}, 0)",
        "unmeasured": f"{e1} <= 0 ? {m_} : max({e2}, 0)",
    }
    data = pd.DataFrame({"b": POWERS})
    base = alt.Chart(data).transform_calculate(**steps).transform_fold(list(steps), as_=["kind", "effort"])
    span = alt.Scale(domain=[0, 2.35], nice=False)
    x = alt.X("b:Q", title="Power of the incentive, b", scale=span, axis=alt.Axis(values=[0, 0.5, 1, 1.5, 2]))
    y = alt.Y("effort:Q", title="Effort", scale=alt.Scale(domain=[0, 2.2], nice=False), axis=alt.Axis(tickCount=5))
    colours = alt.Scale(domain=list(steps), range=[charts.colour("blue"), charts.colour("vermillion")])
    kind = alt.Color("kind:N", scale=colours, legend=None)
    ends = base.transform_filter("datum.b == 2")
    here = base.transform_filter("abs(datum.b - power) < 0.001")
    corner = alt.Chart(pd.DataFrame({"one": [1]})).transform_calculate(
        b="rival > 0 ? cares / rival : 99", words="'corner: b = m / γ = ' + format(cares / rival, '.2f')"
    )
    corner = corner.transform_filter("datum.b <= 2")
    return alt.layer(
        corner.mark_rule(strokeDash=[4, 4]).encode(x=x),
        charts.label(corner, "words:N", align="center").encode(x=x, y=alt.value(-8)),
        base.mark_line().encode(x=x, y=y, color=kind),
        ends.mark_text(align="left", dx=5).encode(x=x, y=y, text="kind:N", color=kind),
        here.mark_point(size=100, opacity=1).encode(x=x, y=y, color=kind),
        charts.label(here, "effort:Q", ".2f", align="left", dx=8, dy=-9).encode(x=x, y=y),
    ).add_params(*sliders)


def say_effort(b: float, m: float, gamma: float) -> str:
    """What :func:`effort` shows at first, in words."""
    e1, e2 = variation.multitask(b, m, gamma)
    more = variation.multitask(m / gamma, m, gamma)
    return (
        f"Two lines against the power of the incentive, b. Measured effort rises and unmeasured effort falls. At b = {b:g}, with "
        f"m = {m:g} and γ = {gamma:g}, they are {e1:.2f} and {e2:.2f}. A dashed line marks the corner at b = m / γ = "
        f"{m / gamma:.2f}, from which unmeasured effort is {more[1]:.0f}. Three sliders change b, γ and m."
    )
