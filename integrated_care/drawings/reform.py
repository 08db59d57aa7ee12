"""The charts of chapter 11. Each takes what :mod:`integrated_care.reform` gives; end it with ``charts.finish``.

The three charts of the model carry its closed form as Vega-Lite transforms, so that their sliders work in a built page
without Python. A test holds what they draw against the methods.
"""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from .. import charts, reform
from ..arguments import one_of

# name -> (label of the slider, lowest, highest, step, value at first); the first three are the model's parameters
SLIDERS = {
    "loss": ("Loss at a reform", 0, 0.8, 0.025, 0.35),
    "recovery": ("Recovery time, years", 0.5, 10, 0.5, 3),
    "pause": ("Pause, years", 0, 4, 0.5, 1.5),
    "interval": ("Years between reforms", 2, 30, 1, 7),
    "gain": ("Permanent gain", 0.01, 0.4, 0.01, 0.1),
}
FIRST = {name: value for name, (*_, value) in SLIDERS.items()}
LOST, REACHED = 0.22, 0.25  # of a saving: to re-employment, and in year 0; where the sliders of `redundancies` start
NEWTON_STEPS = 10
MARKED = [0.1, 0.15, 0.2, 0.25, 0.3]  # shares of time at which `waits` writes the minutes


def _sliders(*names: str, start: Mapping[str, float]) -> list[alt.Parameter]:
    """Sliders of :data:`SLIDERS`, whose values the transforms read under their names."""
    return charts.sliders(SLIDERS, {name: start[name] for name in names})


def _start(at: Mapping[str, float]) -> dict[str, float]:
    """Where the sliders start: at the values that a chapter assumes, else at :data:`FIRST`."""
    for name in at:
        one_of("at", name, FIRST)
    return FIRST | dict(at)


def timeline(years: Sequence[int], names: Sequence[str]) -> alt.LayerChart:
    """One bar a reorganisation, with the years of peace between two of them written in the gap.

    ``years`` in order, the first being the founding, from which the first gap runs; ``names`` of what began then.
    """
    events = pd.DataFrame({"year": list(years), "name": list(names)})
    gaps = pd.DataFrame({"middle": (events["year"] + events["year"].shift(-1)) / 2, "gap": -events["year"].diff(-1)})
    x = alt.X(
        "year:Q", title=None, axis=alt.Axis(format="d", grid=False), scale=alt.Scale(domain=[1945, 2029], nice=False)
    )
    band = alt.Chart(events).encode(x=x)
    tooltip = [alt.Tooltip("year:Q", title="Year", format="d"), alt.Tooltip("name:N", title="What began")]
    founding = f"datum.year == {int(events['year'].min())}"
    colour = alt.condition(founding, alt.value(charts.colour("neutral")), alt.value(charts.colour("vermillion")))
    bars = band.mark_rule(strokeWidth=4).encode(y=alt.value(34), y2=alt.value(120), color=colour, tooltip=tooltip)
    words = charts.label(alt.Chart(gaps.dropna()), "gap:Q").encode(x="middle:Q", y=alt.value(16))
    return alt.layer(bars, words).properties(height=120)


def say_timeline(years: Sequence[int]) -> str:
    """The bars of :func:`timeline` and the gaps between them, in words."""
    founding, *reforms = years
    gaps = ", ".join(f"{gap:.0f}" for gap in reform.intervals(years))
    return (
        f"A time line from {founding} to {reforms[-1]}. The National Health Service begins in {founding}; reorganisations "
        f"follow in {', '.join(map(str, reforms))}. The gaps are {gaps} years."
    )


def costs(table: pd.DataFrame, labels: Mapping[str, str]) -> alt.LayerChart:
    """What ``reform.cost_definitions`` gives, as bars: each definition in words above its bar."""
    data = table.reset_index().assign(label=lambda t: t["definition"].map(labels))
    base = alt.Chart(data).encode(
        y=alt.Y("label:N", sort=None, axis=None, scale=alt.Scale(paddingInner=0.5)),
        x=alt.X(
            "cost_gbp_m:Q",
            title="£ million",
            scale=alt.Scale(domain=[0, 2300], nice=False),
            axis=alt.Axis(values=[0, 500, 1000, 1500, 2000]),
        ),
        tooltip=[
            alt.Tooltip("label:N", title="Definition"),
            alt.Tooltip("cost_gbp_m:Q", title="£ million", format=",.0f"),
            alt.Tooltip("n:Q", title="People or packages", format=","),
        ],
    )
    colour = alt.condition(
        "datum.definition == 'attributed'", alt.value(charts.colour("vermillion")), alt.value(charts.colour("sky"))
    )
    bars = base.mark_bar(height=18).encode(color=colour)
    name = base.mark_text(align="left", dx=1, dy=-19).encode(x=alt.value(0), text="label:N")
    value = charts.label(base, "cost_gbp_m:Q", ",.0f", align="left", dx=5)
    return alt.layer(bars, name, value).properties(height=54 * len(data))


def say_costs(table: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """The bars of :func:`costs`, in words."""
    start = f"{charts.in_words(len(table)).capitalize()} bars, in millions of pounds."
    return " ".join([start, *(f"{labels[name]}: {cost:,.0f}." for name, cost in table["cost_gbp_m"].items())])


def redundancies(
    cost: float, saving: float, discount: float, years: int = 5, rehire: float = LOST, first_year: float = REACHED
) -> alt.LayerChart:
    """Cumulative net cash of a redundancy programme, with sliders for what is lost to re-employment and to delay.

    ``cost`` and ``saving`` (a year) in £ billion. Thin lines: a saving of which 0, 10 … 40% are lost to re-employment.
    The sliders start at ``rehire`` and ``first_year``, shares of the saving.
    """
    first, lost = "first_year", "rehire"
    sliders = [
        charts.slider(lost, "Lost to re-employment", 0, 1, step=0.01, first=rehire),
        charts.slider(first, "Reached in year 0", 0, 1, step=0.05, first=first_year),
    ]
    rows = [{"year": t, "share": s} for s in (0.0, 0.1, 0.2, 0.3, 0.4) for t in range(years + 1)]
    axis = alt.X(
        "year:Q",
        title="Years after the start",
        axis=alt.Axis(grid=False, values=list(range(years + 1))),
        scale=alt.Scale(domain=[-0.2, years + 0.5], nice=False),
    )
    y = alt.Y(
        "npv:Q", title="Cumulative net cash, £ billion", scale=alt.Scale(domain=[-1.2, 4.6], clamp=True, nice=False)
    )

    def path(data: pd.DataFrame, share: str) -> alt.Chart:
        yearly = f"{saving} * (1 - {share}) * (datum.year == 0 ? {first} : 1) / pow(1 + {discount}, datum.year)"
        return (
            alt.Chart(data)
            .transform_calculate(yearly=yearly)
            .transform_window(total="sum(yearly)", sort=[{"field": "year"}], groupby=["share"])
            .transform_calculate(npv=f"datum.total - {cost}")
            .encode(x=axis, y=y)
        )

    fan = path(pd.DataFrame(rows), "datum.share").encode(detail="share:N")
    ends = fan.transform_filter(f"datum.year == {years}").encode(text="words:N")
    ends = ends.transform_calculate(words="format(datum.share, '.0%') + ' lost'")
    most, least = ends.transform_filter("datum.share == 0"), ends.transform_filter("datum.share == 0.4")
    chosen = path(pd.DataFrame({"year": range(years + 1), "share": 1.0}), lost)
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule().encode(y="zero:Q")
    return alt.layer(
        zero,
        fan.mark_line(color=charts.colour("neutral"), strokeWidth=1.5, strokeDash=[4, 3]),
        most.mark_text(align="right", dx=-4, dy=-12, color=charts.colour("muted")),
        least.mark_text(align="right", dy=18, color=charts.colour("muted")),
        chosen.mark_line(point=True),
        charts.label(chosen, "npv:Q", ".2f", align="left", dx=7, dy=11),
    ).add_params(*sliders)


def _share(share: float) -> str:
    return {0.25: "a quarter", 0.5: "half"}.get(share, f"{100 * share:.0f} per cent")


def say_redundancies(
    cost: float, saving: float, discount: float, years: int = 5, rehire: float = LOST, first_year: float = REACHED
) -> str:
    """The line that :func:`redundancies` shows at first, year by year, in words."""
    path = reform.redundancy_path(cost, saving, [first_year] + [1] * years, rehire, discount)
    each = ", ".join(f"year {year} {value:.2f}" for year, value in enumerate(path))
    return (
        f"Cumulative net cash by year after the start. With {100 * rehire:.0f} per cent of the saving lost to re-employment and "
        f"{_share(first_year)} reached in year 0: {each} billion pounds. Two sliders change the share lost and the "
        "share reached in year 0."
    )


def sawtooth(years: int = 50, step: float = 0.1, **at: float) -> alt.LayerChart:
    """Capability under reforms at equal intervals, the first in year 0, with a slider for each assumption.

    The grey line keeps the assumptions that the sliders start with: ``at``, such as ``loss=0.35``, else :data:`FIRST`.
    """
    start = _start(at)
    times = np.round(np.arange(0, years + step / 2, step), 10)
    events = np.arange(0, years + 1, start["interval"])
    first = reform.capability(times, events, start["loss"], start["recovery"], start["pause"])
    data = pd.DataFrame({"year": times, "first": first})
    # c_n, just before the n-th reform, is c* + (1 - c*) ((1 - loss) e)^n; since then, the pause and the recovery
    steps = {
        "e": "exp(-max(interval - pause, 0) / recovery)",
        "steady": "loss == 0 ? 1 : (1 - datum.e) / (1 - (1 - loss) * datum.e)",
        "n": "floor(datum.year / interval + 1e-9)",
        "low": "(1 - loss) * (datum.steady + (1 - datum.steady) * pow((1 - loss) * datum.e, datum.n))",
        "now": "1 - (1 - datum.low) * exp(-max(datum.year - datum.n * interval - pause, 0) / recovery)",
        "level": "(1 - loss) * datum.steady",
        "rest": "max(interval - pause, 0)",
        "area": "datum.level * (interval - datum.rest) + datum.rest - (1 - datum.level) * recovery * (1 - datum.e)",
        "mean": "loss == 0 ? 1 : datum.area / interval",
        "words": "'mean, in the long run: ' + format(datum.mean, '.2f')",
    }
    base = alt.Chart(data)
    for name, formula in steps.items():
        base = base.transform_calculate(**{name: formula})
    x = alt.X("year:Q", title="Years since the first reform", scale=alt.Scale(domain=[0, years], nice=False))
    y = alt.Y(
        "now:Q",
        title="Capability (1 = all of it)",
        scale=alt.Scale(domain=[0, 1.1]),
        axis=alt.Axis(values=[0, 0.2, 0.4, 0.6, 0.8, 1]),
    )
    tooltip = [
        alt.Tooltip("year:Q", title="Year", format=".1f"),
        alt.Tooltip("now:Q", title="Capability", format=".2f"),
    ]
    ghost = alt.Chart(data).mark_line(color=charts.colour("neutral"), strokeWidth=1.2, opacity=0.7)
    last = base.transform_filter(f"datum.year == {years}")
    return alt.layer(
        ghost.encode(x=x, y=alt.Y("first:Q", title="Capability (1 = all of it)")),
        base.mark_line().encode(x=x, y=y, tooltip=tooltip),
        last.mark_rule(strokeDash=[4, 4], color=charts.colour("vermillion")).encode(y="mean:Q"),
        charts.label(last, "words:N", align="right").encode(x=alt.value("width"), y=alt.value(8)),
    ).add_params(*_sliders("interval", "loss", "recovery", "pause", start=start))


def _say_start(start: Mapping[str, float], *names: str) -> str:
    """Where some sliders start, in words."""
    words = {
        "loss": f"a loss of {100 * start['loss']:.0f} per cent",
        "recovery": f"a recovery time of {start['recovery']} years",
        "pause": f"a pause of {start['pause']} years",
        "interval": f"a reform every {start['interval']} years",
    }
    *most, last = (words[name] for name in names)
    return f"{', '.join(most)} and {last}"


def say_sawtooth(years: int = 50, **at: float) -> str:
    """What :func:`sawtooth` shows at first, and its mean at other intervals, in words."""
    start = _start(at)
    model = [start[name] for name in ("loss", "recovery", "pause")]
    high = reform.steady_capability(start["interval"], *model)
    now, often, seldom = (f"{reform.mean_capability(every, *model):.2f}" for every in (start["interval"], 3, 17))
    return (
        f"A saw-tooth over {years} years. With {_say_start(start, 'loss', 'recovery', 'pause', 'interval')}, capability climbs "
        f"to {high:.2f} before each reform and falls to {(1 - start['loss']) * high:.2f}; its mean is {now}. With a reform "
        f"every 3 years the mean is {often}, every 17 years {seldom}. Four sliders change the assumptions."
    )


def _breakeven(chart: alt.Chart) -> alt.Chart:
    """The chart with ``years``, the break-even of ``reform.breakeven_years``, by Newton's steps from the right."""
    gain, loss, recovery = "datum.gain_of", "loss", "recovery"
    fall = f"(pause * ((1 + {gain}) * (1 - {loss}) - 1))"
    depth = f"((1 + {gain}) * {loss} * {recovery})"
    chart = chart.transform_calculate(a=f"({depth} - {fall}) / ({gain} * {recovery})")
    chart = chart.transform_calculate(b=f"{depth} / ({gain} * {recovery})", u0="datum.a")
    for i in range(NEWTON_STEPS):
        u = f"datum.u{i}"
        newton = f"{u} - ({u} - datum.a + datum.b * exp(-{u})) / (1 - datum.b * exp(-{u}))"
        chart = chart.transform_calculate(**{f"u{i + 1}": newton})
    at_once = f"(1 + {gain}) * (1 - {loss}) >= 1 - 1e-12"
    return chart.transform_calculate(years=f"{at_once} ? 0 : pause + {recovery} * datum.u{NEWTON_STEPS}")


def breakeven(interval: float, longest: int = 40, **at: float) -> alt.LayerChart:
    """Years until one reform has paid, against its permanent gain, with sliders for gain, loss, recovery and pause.

    ``interval``: the years that reforms have had so far, drawn as a line. ``longest``: where the axis ends. ``at``: where
    the sliders start, as in :func:`sawtooth`.
    """
    gains = np.round(np.arange(1, 41) / 100, 2)
    start = _start(at)
    first = reform.breakeven_years(gains, start["loss"], start["recovery"], start["pause"])
    data = pd.DataFrame({"gain_of": gains, "first": first})
    curve = _breakeven(alt.Chart(data))
    x = alt.X(
        "gain_of:Q",
        title="Permanent gain in performance",
        axis=alt.Axis(format="%", values=[0, 0.1, 0.2, 0.3, 0.4]),
        scale=alt.Scale(domain=[0, 0.4]),
    )
    title = "Years until it has paid"
    y = alt.Y("years:Q", title=title, scale=alt.Scale(domain=[0, longest]))
    here = curve.transform_filter("abs(datum.gain_of - gain) < 0.005")
    here = here.transform_calculate(shown=f"min(datum.years, {longest})").transform_calculate(
        words=f"(datum.years > {longest} ? 'more than {longest}' : format(datum.years, '.1f')) + ' years'"
    )
    known = alt.Chart(pd.DataFrame({"years": [interval], "words": [f"{interval:g} years: median so far"]}))
    faint = alt.Chart(data).transform_filter(f"datum.first <= {longest}").encode(x=x, y=alt.Y("first:Q", title=title))
    return alt.layer(
        known.mark_rule(strokeDash=[4, 4], color=charts.colour("vermillion")).encode(y=y),
        known.mark_text(align="right", dy=-9).encode(x=alt.value("width"), y=y, text="words:N"),
        faint.mark_line(color=charts.colour("neutral"), strokeWidth=1.2, opacity=0.7),
        curve.transform_filter(f"datum.years <= {longest}").mark_line().encode(x=x, y=y),
        here.mark_point(size=110, opacity=1).encode(x=x, y="shown:Q"),
        charts.label(here, "words:N", align="left", dx=9, dy=-13).encode(x=x, y="shown:Q"),
    ).add_params(*_sliders("gain", "loss", "recovery", "pause", start=start))


def say_breakeven(interval: float, gains: Sequence[float], **at: float) -> str:
    """The curve that :func:`breakeven` shows at first, at some gains, in words."""
    first = _start(at)
    years = reform.breakeven_years(gains, first["loss"], first["recovery"], first["pause"])
    said = [f"Gain {gain:.0%}: {year:.1f} years." for gain, year in zip(gains, years, strict=True)]
    start = (
        f"A falling curve of the years until a reform has paid, at {_say_start(first, 'loss', 'recovery', 'pause')}."
    )
    end = f"A dashed line marks the median of {interval:g} years. Four sliders change gain, loss, recovery and pause."
    return " ".join([start, *said, end])


def waits(servers: int, mu: float, lam: float) -> alt.LayerChart:
    """Mean wait against the share of clinicians' time that goes on administration (``reform.wait_minutes``)."""
    share = np.round(np.arange(0, 32.25, 0.25) / 100, 4)
    data = pd.DataFrame({"share": share, "minutes": reform.wait_minutes(servers, mu, lam, share)})
    x = alt.X(
        "share:Q",
        title="Clinicians' time on administration",
        axis=alt.Axis(format="%", tickCount=7),
        scale=alt.Scale(domain=[0, 0.34], nice=False),
    )
    y = alt.Y("minutes:Q", title="Mean wait, minutes", scale=alt.Scale(nice=True))
    tooltip = [
        alt.Tooltip("share:Q", title="Administration", format=".1%"),
        alt.Tooltip("minutes:Q", title="Minutes", format=".1f"),
    ]
    base = alt.Chart(data).encode(x=x, y=y, tooltip=tooltip)
    marked = base.transform_filter(f"indexof({MARKED}, datum.share) >= 0")
    words = charts.label(marked, "minutes:Q", ".1f", align="right", dx=-9, dy=-8)
    return alt.layer(base.mark_line(), marked.mark_point(), words)  # fmt: skip


def say_waits(servers: int, mu: float, lam: float) -> str:
    """The marked points of :func:`waits`, in words."""
    minutes = reform.wait_minutes(servers, mu, lam, MARKED)
    said = [f"{s:.0%} of time on administration: {m:.1f} minutes." for s, m in zip(MARKED, minutes, strict=True)]
    return " ".join(["A curve that is flat at first and then turns up like a hockey stick.", *said])


def waiting_list(series: pd.DataFrame, jumps: Sequence[float], marks: Mapping[str, str]) -> alt.VConcatChart:
    """The waiting list with the dates of reforms, and below it the jump that a before-and-after test finds at each date.

    ``series``: ``month`` (as "2013-04"), ``million``, ``reported`` (True where the press reported it). ``jumps``: what
    ``reform.level_changes`` gives for it. ``marks``: month -> short name.
    """
    data = series.assign(jump=np.asarray(jumps, float), date=pd.to_datetime(series["month"]).dt.strftime("%Y-%m-%d"))
    data["name"] = data["month"].map(marks)
    years = alt.Axis(format="%Y", tickCount=5, grid=False)
    span = alt.Scale(domain=[{"year": 2007, "month": 7}, {"year": 2026, "month": 7}])
    x = alt.X("date:T", title=None, axis=years, scale=span)
    tooltip = [
        alt.Tooltip("month:N", title="Month"),
        alt.Tooltip("million:Q", title="Waiting, millions", format=".2f"),
        alt.Tooltip("jump:Q", title="Jump, millions", format=".2f"),
    ]
    marked = data.dropna(subset=["name"])
    rule = (
        alt.Chart(marked)
        .mark_rule(color=charts.colour("vermillion"), strokeWidth=1.5)
        .encode(x=x, tooltip=[*tooltip[:1], alt.Tooltip("name:N", title="Reform")])
    )
    third = data["month"].iloc[len(data) // 3]
    last = marked["month"].iloc[-1]
    names = alt.Chart(marked).encode(x=x)
    early = names.transform_filter(f"datum.month < '{third}'")
    late = names.transform_filter(f"datum.month >= '{third}' && datum.month != '{last}'")
    words = [
        charts.label(early, "name:N", align="left", dx=5).encode(y=alt.value(8)),
        charts.label(late, "name:N", align="right", dx=-5).encode(y=alt.value(28)),
        names.transform_filter(f"datum.month == '{last}'")
        .mark_text(align="right", dx=-5)
        .encode(text="name:N", y=alt.value(222)),
    ]
    dash = alt.StrokeDash("reported:N", legend=None, scale=alt.Scale(domain=[False, True], range=[[1, 0], [2, 2]]))
    line = (
        alt.Chart(data)
        .mark_line()
        .encode(
            x=x,
            y=alt.Y("million:Q", title="Waiting, millions", scale=alt.Scale(domain=[0, 9])),
            strokeDash=dash,
            tooltip=tooltip,
        )
    )
    top = alt.layer(rule, line, *words).properties(height=230, width=charts.WIDTH)
    known = data.dropna(subset=["jump"])
    y = alt.Y("jump:Q", title="Jump, millions")
    bars = alt.Chart(known).mark_bar(size=2, color=charts.colour("neutral")).encode(x=x, y=y, tooltip=tooltip)
    ours = alt.Chart(known.dropna(subset=["name"])).encode(x=x, y=y, tooltip=tooltip)
    dots = ours.mark_point(size=90, opacity=1, color=charts.colour("vermillion"))
    value = charts.label(ours, "jump:Q", "+.2f", dy=-13)
    below = alt.layer(bars, dots, value).properties(height=130, width=charts.WIDTH)
    return alt.vconcat(top, below, spacing=18)  # fmt: skip


def say_waiting_list(series: pd.DataFrame, jumps: pd.Series, marks: Mapping[str, str], judged: Sequence[str]) -> str:
    """The course of the list in :func:`waiting_list`, and its jumps at some months beside all others, in words.

    ``jumps`` by month, as in "2013-04"; ``judged``: the months whose jumps are told.
    """
    million, month = series["million"].to_numpy(), series["month"].tolist()
    size = jumps.dropna().abs()
    lowest = int(million[:72].argmin())  # before the long rise
    at = [f"{jumps[m]:+.2f} million at {_say_month(m)}" for m in judged]
    larger = [f"{(size >= size[m]).mean():.0%}" for m in judged]
    *most, last = map(_say_month, marks)
    return (
        f"The list falls from {million[0]:.1f} million in {_say_month(month[0])} to about {million[lowest]:.1f} million, rises "
        f"from {month[lowest][:4]} to {million[month.index('2020-02')]:.1f} million in February 2020, dips in the first months "
        f"of the pandemic, rises to {million.max():.1f} million and ends at {million[-1]:.2f} million in "
        f"{_say_month(month[-1])}. Lines mark {', '.join(most)} and {last}. The jump is {' and '.join(at)}; "
        f"{' and '.join(larger)} of all months have a jump as large or larger."
    )


def _say_month(month: str) -> str:
    return f"{pd.Timestamp(month):%B %Y}"
