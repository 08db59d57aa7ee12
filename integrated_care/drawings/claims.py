"""The charts of chapter 1. Each takes what :mod:`integrated_care.claims` gives or a table of the book; end it with
``charts.finish``."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from .. import charts, claims

ROLE = dict(zip(claims.STORIES, ("neutral", "blue", "vermillion"), strict=True))
# verdict -> colour, shape: neither alone has to tell them apart
LOOK = {
    "confirmed": ("blue", "circle"),
    "holds with a definition": ("sky", "diamond"),
    "not confirmed": ("neutral", "triangle-down"),
    "differs from source": ("vermillion", "triangle-up"),
    "overtaken": ("orange", "square"),
    "argument": ("muted", "stroke"),
}


def grant(told: pd.DataFrame) -> alt.LayerChart:
    """What ``claims.stories`` gives, one line a story, with a choice of the start."""
    names = list(told["start"].unique())
    pick = charts.menu("start_shown", "Start from", names, field="start")
    years = sorted(told["year"].unique())
    shown = [years[0], years[len(years) // 2], years[-1]]
    x = alt.X("year:O", title="Financial year", axis=alt.Axis(values=shown, labelAngle=0), scale=alt.Scale(padding=0.3))
    y = alt.Y("index:Q", title="Start = 100", scale=alt.Scale(domain=[65, 115], zero=False))
    colours = alt.Scale(domain=list(ROLE), range=list(map(charts.colour, ROLE.values())))
    base = alt.Chart(told).encode(x=x, y=y, color=alt.Color("story:N", scale=colours, legend=alt.Legend(title=None)))
    lines = base.mark_line(point=alt.OverlayMarkDef(size=28)).encode(
        tooltip=[
            alt.Tooltip("year:O", title="Year"),
            alt.Tooltip("story:N", title="Told in"),
            alt.Tooltip("index:Q", title="Index", format=".1f"),
        ]
    )
    last = base.transform_filter(f"datum.year == '{years[-1]}'")
    lowest = f"datum.story == '{claims.STORIES[-1]}'"  # its number stands below the line, the others above
    above = charts.label(last.transform_filter(f"!({lowest})"), "index:Q", ".0f", dy=-13)
    below = charts.label(last.transform_filter(lowest), "index:Q", ".0f", dy=15)
    level = alt.Chart(pd.DataFrame({"index": [100]})).mark_rule(strokeDash=[4, 4]).encode(y=y)
    layers = [layer.transform_filter(pick) for layer in (lines, above, below)]
    return alt.layer(level, *layers).add_params(pick).properties(width=charts.WIDTH, height=300)


def say_grant(told: pd.DataFrame) -> str:
    """Where the lines of :func:`grant` end, in words."""
    index = told.set_index(["start", "year", "story"])["index"]
    first, last = told["year"].min(), told["year"].max()
    said = [f"Three lines from 100 in {first}."]
    for start in told["start"].unique():
        cash, real, person = (index[start, last, story] for story in claims.STORIES)
        said.append(
            f"Starting {start}: by {last} cash stands at {cash:.0f}, real terms at {real:.0f}, "
            f"real terms per person at {person:.0f}."
        )
    return " ".join(said)


def claim_map(rows: pd.DataFrame, *, across: int = 22) -> alt.Chart:
    """One mark a claim, in a block for each kind, the verdicts side by side; a choice of the paper.

    ``rows`` is the table ``claims``; ``across`` is how many marks stand in one line.
    """
    order = {verdict: i for i, verdict in enumerate(claims.VERDICTS)}
    data = rows[["id", "seed", "kind", "check_status", "paraphrase"]].copy()
    data = data.sort_values(
        ["kind", "check_status", "id"], key=lambda s: s.map(order) if s.name == "check_status" else s
    )
    place = data.groupby("kind").cumcount()
    data["col"], data["line"] = place % across, place // across
    tops, top = {}, 0.0
    for kind in claims.KINDS:
        tops[kind] = top
        top += 1.9 + data.loc[data["kind"] == kind, "line"].max()
    data["y"] = data["kind"].map(tops) + data["line"]
    papers = list(data["seed"].unique())
    pick = charts.menu("paper_shown", "Paper", papers, field="seed", every="both")
    domain = list(claims.VERDICTS)
    key = alt.Legend(title=None, columns=2, labelLimit=200, symbolSize=90)
    x = alt.X("col:Q", axis=None, scale=alt.Scale(domain=[-0.6, across - 0.4], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-1, top - 0.9], reverse=True, nice=False))
    dots = (
        alt.Chart(data)
        .mark_point(size=70, filled=False, strokeWidth=2)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "check_status:N",
                legend=key,
                scale=alt.Scale(domain=domain, range=[charts.colour(LOOK[v][0]) for v in domain]),
            ),
            shape=alt.Shape(
                "check_status:N", legend=key, scale=alt.Scale(domain=domain, range=[LOOK[v][1] for v in domain])
            ),
            opacity=alt.condition(pick, alt.value(1), alt.value(0.13)),
            tooltip=[
                alt.Tooltip("id:N", title="Claim"),
                alt.Tooltip("check_status:N", title="Our check"),
                alt.Tooltip("paraphrase:N", title="What it says"),
            ],
        )
        .add_params(pick)
    )
    counts = data["kind"].value_counts()
    names = pd.DataFrame({"kind": list(tops), "y": [tops[kind] - 0.85 for kind in tops]})
    names["words"] = [f"{kind} ({counts.get(kind, 0)})" for kind in names["kind"]]
    names["col"] = -0.4
    words = charts.label(alt.Chart(names), "words:N", align="left").encode(x=x, y=y)
    return alt.layer(dots, words).properties(height=24 * top)


def say_claim_map(rows: pd.DataFrame) -> str:
    """How many marks of each kind and verdict :func:`claim_map` holds, in words."""
    counts, _ = claims.status_table(rows)
    said = [f"{charts.in_words(len(counts))} blocks of marks, one mark a claim.".capitalize()]
    for kind, verdicts in counts.iterrows():
        found = ", ".join(f"{n} {verdict}" for verdict, n in verdicts.items() if n)
        said.append(f"{kind.capitalize()}, {verdicts.sum()}: {found}.")
    return " ".join(said)


def densities(published: pd.DataFrame, printed: Mapping[str, float]) -> alt.VConcatChart:
    """Doctors per 1,000 people by year, one panel a country, against the number that a paper printed.

    ``published`` has ``country`` (the panel), ``who`` (the publisher and whom it counts), ``year`` and
    ``doctors_per_1000``; ``printed`` maps each country to the number of the paper.
    """
    panels = []
    last = list(printed)[-1]
    years = [int(published["year"].min()), int(published["year"].max())]
    ticks = list(range(years[0], years[1] + 1, 3))
    for country, value in printed.items():
        rows = published[published["country"] == country]
        x = alt.X(
            "year:Q",
            title="Year" if country == last else None,
            scale=alt.Scale(domain=[years[0] - 0.5, years[1] + 0.5], nice=False),
            axis=alt.Axis(values=ticks, format="d", grid=False),
        )
        low, high = min(rows["doctors_per_1000"].min(), value), max(rows["doctors_per_1000"].max(), value)
        room = 0.22 * (high - low)
        y = alt.Y(
            "doctors_per_1000:Q",
            title="Per 1,000 people",
            scale=alt.Scale(domain=[low - room, high + room], nice=False, zero=False),
            axis=alt.Axis(tickCount=4),
        )
        who = list(rows["who"].unique())
        colours = [charts.colour(role) for role in ("blue", "orange", "green")][: len(who)]
        key = alt.Legend(title=country, columns=1, labelLimit=330)
        dots = (
            alt.Chart(rows)
            .mark_point(size=110)
            .encode(
                x=x,
                y=y,
                color=alt.Color(
                    "who:N",
                    sort=who,
                    scale=alt.Scale(domain=who, range=colours),
                    legend=key,
                ),
                shape=alt.Shape("who:N", sort=who, scale=alt.Scale(domain=who), legend=key),
                tooltip=[
                    alt.Tooltip("who:N", title="Who counts whom"),
                    alt.Tooltip("year:Q", title="Year", format="d"),
                    alt.Tooltip("doctors_per_1000:Q", title="Per 1,000", format=".3f"),
                ],
            )
        )
        words = f"the paper: {value:g}"
        line = alt.Chart(pd.DataFrame({"doctors_per_1000": [value], "words": [words], "year": [years[1] + 0.4]}))
        rule = line.mark_rule(strokeDash=[5, 4], color=charts.colour("vermillion"), strokeWidth=1.5).encode(y=y)
        word = charts.label(line, "words:N", align="right", dy=13).encode(x=x, y=y)
        panels.append(alt.layer(rule, dots, word).properties(height=170, width=charts.WIDTH))
    return alt.vconcat(*panels, spacing=18).resolve_scale(color="independent", shape="independent")


def say_densities(published: pd.DataFrame) -> str:
    """The points of :func:`densities`, panel by panel and year by year, in words."""
    said = [f"{charts.in_words(published['country'].nunique())} panels of points by year.".capitalize()]
    for country, rows in published.groupby("country", sort=False):
        points = [f"{r.year} {r.doctors_per_1000:.2f} ({r.who})" for r in rows.sort_values("year").itertuples()]
        said.append(f"{country}: {'; '.join(points)}.")
    return " ".join(said)


def candidates(found: pd.DataFrame, claimed: float, *, within: float = 0.5) -> alt.VConcatChart:
    """Every definition of a change as a dot, with a slider for the published percentage and a list of what hits it.

    ``found`` is what ``claims.definitions`` gives; ``claimed`` is the first published change, in per cent with its sign;
    a dot hits when it is less than ``within`` points away, so that it rounds to the same whole number.
    """
    data = found[["start", "end", "terms"]].assign(pct=100 * found["change"])
    data["words"] = [
        f"{100 * change:.1f}%: {terms}, {start}, to {end}".replace("-", "−", 1) if change < 0 else
        f"+{100 * change:.1f}%: {terms}, {start}, to {end}"
        for start, end, terms, change in zip(found["start"], found["end"], found["terms"], found["change"], strict=True)
    ]  # fmt: skip
    low, high = int(data["pct"].min()) - 2, int(data["pct"].max()) + 2
    published = charts.slider("published", "Published change, %", low, high, step=1, first=claimed)
    hit = f"abs(datum.pct - published) < {within}"
    starts = list(data["start"].unique())
    terms = list(data["terms"].unique())
    key = alt.Legend(title="Start", columns=1)
    x = alt.X("pct:Q", title="Change, per cent", scale=alt.Scale(domain=[low - 1, high + 1], nice=False))
    band = alt.Chart(pd.DataFrame({"one": [1]})).transform_calculate(
        lo=f"published - {within}", hi=f"published + {within}"
    )
    band = band.mark_rect(color=charts.colour("yellow"), opacity=0.55).encode(x=alt.X("lo:Q"), x2="hi:Q")
    dots = (
        alt.Chart(data)
        .mark_point(filled=True, opacity=0.9)
        .encode(
            x=x,
            y=alt.Y("terms:N", title=None, sort=terms),
            yOffset=alt.YOffset("start:N", sort=starts),
            color=alt.Color(
                "start:N",
                sort=starts,
                scale=alt.Scale(domain=starts, range=[charts.colour("blue"), charts.colour("vermillion")]),
                legend=key,
            ),
            shape=alt.Shape("start:N", sort=starts, scale=alt.Scale(domain=starts), legend=key),
            size=alt.condition(hit, alt.value(190), alt.value(60)),
            tooltip=[alt.Tooltip("words:N", title="Definition")],
        )
    )
    hits = alt.Chart(data).transform_filter(hit).transform_calculate(off="abs(datum.pct - published)")
    hits = hits.transform_window(rank="row_number()", sort=[alt.SortField("off")])
    said = hits.mark_text(align="left", fontSize=12).encode(
        x=alt.datum(low - 1, type="quantitative", axis=None, scale=alt.Scale(domain=[low - 1, high + 1], nice=False)),
        y=alt.Y("rank:O", axis=None, scale=alt.Scale(domain=[1, 2, 3, 4])),
        text="words:N",
    )
    top = alt.layer(band, dots).properties(height=230, width=charts.WIDTH).add_params(published)
    below = said.properties(
        height=92, width=charts.WIDTH, title=alt.TitleParams("What rounds to it", fontSize=13, anchor="start", offset=4)
    )
    return alt.vconcat(top, below, spacing=10)


def say_candidates(found: pd.DataFrame, claimed: float, *, within: float = 0.5) -> str:
    """The range of each row of :func:`candidates`, and the dots that round to the published change, in words."""
    terms, starts = list(found["terms"].unique()), found["start"].nunique()
    said = [
        f"Dots in {charts.in_words(len(terms))} rows, for {', '.join(terms[:-1])} and {terms[-1]}, "
        f"from {charts.in_words(starts)} starts."
    ]
    for name, rows in found.groupby("terms", sort=False):
        low, high = 100 * rows["change"].min(), 100 * rows["change"].max()
        said.append(f"{name.capitalize()}: from {low:.1f} to {high:.1f} per cent.")
    said.append(f"A band marks a {'fall' if claimed < 0 else 'rise'} of {abs(claimed):g} per cent.")
    near = found[(100 * found["change"] - claimed).abs() < within]
    hits = "; ".join(f"{r.terms}, {r.start}, to {r.end}, {100 * r.change:.2f}" for r in near.itertuples())
    return " ".join([*said, f"In it: {hits or 'none'}."])


def arrows(dated: pd.DataFrame) -> alt.LayerChart:
    """From the year of the newest cited work to the year of the event, one line a claim.

    ``dated`` is what ``claims.newest_cited`` gives.
    """
    data = dated[["id", "cited", "event"]].copy()
    later, fine = "the event is later than the work", "the work is as late as the event, or later"
    data["order"] = [later if c < e else fine for c, e in zip(data["cited"], data["event"], strict=True)]
    ids = list(data["id"])
    low, high = int(data[["cited", "event"]].min().min()), int(data[["cited", "event"]].max().max())
    x = alt.X(
        "cited:Q",
        title="Year",
        scale=alt.Scale(domain=[low - 0.5, high + 0.5], nice=False),
        axis=alt.Axis(format="d", values=list(range(low, high + 1, 2))),
    )
    colours = alt.Scale(domain=[later, fine], range=[charts.colour("vermillion"), charts.colour("blue")])
    base = alt.Chart(data).encode(
        y=alt.Y("id:N", title="Claim", sort=ids),
        color=alt.Color("order:N", scale=colours, legend=alt.Legend(title=None, columns=1, labelLimit=330)),
        tooltip=[
            alt.Tooltip("id:N", title="Claim"),
            alt.Tooltip("cited:Q", title="Newest cited work", format="d"),
            alt.Tooltip("event:Q", title="Event, last year", format="d"),
        ],
    )
    rule = base.mark_rule(strokeWidth=2.5).encode(x=x, x2="event:Q")
    work = base.mark_point(shape="circle", size=60).encode(x=x)
    right = base.transform_filter("datum.cited < datum.event").mark_point(shape="triangle-right", size=130, opacity=1)
    left = base.transform_filter("datum.cited > datum.event").mark_point(shape="triangle-left", size=130, opacity=1)
    heads = [head.encode(x="event:Q") for head in (right, left)]
    return alt.layer(rule, work, *heads).properties(height=26 * len(data))


def say_arrows(dated: pd.DataFrame) -> str:
    """The two years of each line of :func:`arrows`, in words."""
    said = [f"{r.id}: work {r.cited}, event {r.event}." for r in dated.itertuples()]
    return " ".join(["One line for each dated claim, from cited work to event.", *said])
