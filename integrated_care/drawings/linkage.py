"""The charts of chapter 8. Each takes what :mod:`integrated_care.linkage` gives; end it with ``charts.finish``.

The charts with sliders and menus count with Vega-Lite transforms, so that they work in a built page without Python. A test
holds what they count against the methods.
"""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from .. import charts

SAME, OTHER = "one person", "two people"
STEP, LOWEST, HIGHEST = 2, -8, 52  # bits: the width of a bar, and where the first and the last begin
ANY = "any"  # a row of the dot matrix that does not hang on the menu


# --- who is lost ------------------------------------------------------------------------------------------------------


def missed(table: pd.DataFrame) -> alt.LayerChart:
    """Share of the true pairs that are not joined, group by group, for each way of joining.

    ``table``: ``group``, ``way`` and ``missed`` (a share), one row for each, in the order of the chart. The first way is drawn in
    front.
    """
    ways = list(dict.fromkeys(table["way"]))
    hues = [charts.colour(role) for role in ("vermillion", "blue", "green")[: len(ways)]]
    y = alt.Y("group:N", title=None, sort=list(dict.fromkeys(table["group"])), axis=alt.Axis(labelLimit=210))
    most = float(table["missed"].max())
    x = alt.X(
        "missed:Q",
        title="Patients whose two records are not joined",
        axis=alt.Axis(format="%", tickCount=6),
        scale=alt.Scale(domain=[0, np.ceil(most * 11) / 10]),
    )
    colour = alt.Color(
        "way:N",
        title=None,
        sort=ways,
        scale=alt.Scale(domain=ways, range=hues),
        legend=alt.Legend(labelLimit=0) if len(ways) > 1 else None,
    )
    tooltip = [
        alt.Tooltip("group:N", title="Group"),
        alt.Tooltip("way:N", title="Joined"),
        alt.Tooltip("missed:Q", title="Not joined", format=".1%"),
    ]
    base = alt.Chart(table).encode(y=y, x=x, color=colour, tooltip=tooltip)
    offset = alt.YOffset("way:N", sort=ways)
    return alt.layer(
        base.mark_bar(height=alt.RelativeBandSize(0.8)).encode(yOffset=offset),
        charts.label(base, "missed:Q", ".0%", align="left", dx=5).encode(yOffset=offset),
    ).properties(height=(18 + 16 * len(ways)) * table["group"].nunique())


def say_missed(table: pd.DataFrame) -> str:
    """The bars of :func:`missed`, in words."""
    said = []
    for way, rows in table.groupby("way", sort=False):
        shares = ", ".join(f"{group} {share:.1%}" for group, share in zip(rows["group"], rows["missed"], strict=True))
        said.append(f"Joined {way}: {shares}.")
    return f"Bars of the share of patients whose two records are not joined. {' '.join(said)}"


# --- m and u ----------------------------------------------------------------------------------------------------------


def chances(table: pd.DataFrame) -> alt.LayerChart:
    """How often each field agrees among records of one person and of two, with the bits that follow.

    ``table``: ``field`` (words), ``m``, ``u``, ``agree``, ``disagree``.
    """
    words = [f"{a:+.1f} / {d:+.1f}".replace("-", "−") for a, d in zip(table["agree"], table["disagree"], strict=True)]
    data = table.assign(words=words)
    y = alt.Y("field:N", title=None, sort=table["field"].tolist(), axis=alt.Axis(labelLimit=150))
    scale = alt.Scale(domain=[0, 1.32], nice=False)
    axis = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1], grid=False)
    title = "Pairs in which the field agrees"
    long = data.melt(["field", "agree", "disagree"], ["m", "u"], "which", "share")
    long["which"] = long["which"].map({"m": f"{SAME} (m)", "u": f"{OTHER} (u)"})
    colour = alt.Color(
        "which:N",
        title=None,
        scale=alt.Scale(domain=[f"{SAME} (m)", f"{OTHER} (u)"], range=[charts.colour("blue"), charts.colour("orange")]),
    )
    tooltip = [
        alt.Tooltip("field:N", title="Field"),
        alt.Tooltip("which:N", title="Records of"),
        alt.Tooltip("share:Q", title="Agrees in", format=".2%"),
        alt.Tooltip("agree:Q", title="Bits if it agrees", format=".1f"),
        alt.Tooltip("disagree:Q", title="Bits if not", format=".1f"),
    ]
    base = alt.Chart(data).encode(y=y)
    return alt.layer(
        base.mark_rule(strokeWidth=2, color=charts.colour("grid")).encode(
            x=alt.X("u:Q", title=title, scale=scale, axis=axis), x2="m:Q"
        ),
        alt.Chart(long)
        .mark_point(size=110, opacity=1)
        .encode(y=y, x=alt.X("share:Q", title=title, scale=scale, axis=axis), color=colour, tooltip=tooltip),
        charts.label(base, "words:N", align="left").encode(x=alt.datum(1.04, scale=scale)),
    ).properties(height=42 * len(table))


def say_chances(table: pd.DataFrame) -> str:
    """The points of :func:`chances`, in words."""
    said = " ".join(
        f"{row.field}: {row.m:.1%} and {row.u:.2%}, {row.agree:+.1f} or {row.disagree:+.1f} bits."
        for row in table.itertuples()
    )
    return f"Two points for each field, the share of pairs in which it agrees if the records are of one person and of two. {said}"


# --- two thresholds ---------------------------------------------------------------------------------------------------


def bars(weight: Sequence[float]) -> np.ndarray:
    """The bar that a weight belongs to, by its lower end; a missing weight (never compared) is in the lowest."""
    low = np.floor(np.nan_to_num(np.asarray(weight, dtype=float), nan=LOWEST) / STEP) * STEP
    return np.clip(low, LOWEST, HIGHEST).astype(int)


def thresholds(pairs: pd.DataFrame, people: pd.DataFrame, lower: int, upper: int) -> alt.VConcatChart:
    """Pairs by their weight with two thresholds to move, and below it the rate of each group as the links show it.

    ``pairs``: ``weight`` (nan where a true pair was never compared) and ``same``, the truth. ``people``: one row a person of
    the register: ``group``, in the order of the chart, ``best`` (the weight of the best pair, nan where there is none) and
    ``stay``, the truth. Sliders move in steps of two bits; a pair at or above ``upper`` is a link, one below ``lower`` is none.
    """
    counted = pairs.assign(bar=bars(pairs["weight"]), of=np.where(pairs["same"], SAME, OTHER))
    counted = counted.groupby(["bar", "of"], as_index=False).size().rename(columns={"size": "n"})
    sliders = [
        charts.slider("upper", "A link from (bits)", -4, 40, STEP, first=upper),
        charts.slider("lower", "No link below (bits)", -4, 40, STEP, first=lower),
    ]
    base = alt.Chart(counted)
    base = base.transform_calculate(low="min(lower, upper)", end=f"datum.bar + {STEP}")
    base = base.transform_calculate(signed=f"datum.of == '{SAME}' ? datum.n : -datum.n")
    span = alt.Scale(domain=[LOWEST, HIGHEST + STEP], nice=False)
    x = alt.X("bar:Q", title="Weight of the pair, bits", scale=span, axis=alt.Axis(values=list(range(-8, 53, 4))))
    y = alt.Y(
        "signed:Q",
        title="Pairs (stretched scale)",
        scale=alt.Scale(type="symlog", constant=1, domain=[-5000, 5000], nice=False),
        axis=alt.Axis(values=[-1000, -100, -10, 0, 10, 100, 1000], labelExpr="format(abs(datum.value), ',')"),
    )
    colour = alt.Color(
        "of:N",
        title="Records of",
        scale=alt.Scale(domain=[SAME, OTHER], range=[charts.colour("blue"), charts.colour("orange")]),
    )
    tooltip = [
        alt.Tooltip("bar:Q", title="Bits from"),
        alt.Tooltip("of:N", title="Records of"),
        alt.Tooltip("n:Q", title="Pairs", format=","),
    ]
    edge = base.transform_filter(f"datum.bar == {LOWEST} && datum.of == '{OTHER}'")
    sums = {
        "links": "datum.bar >= upper ? datum.n : 0",
        "wrong": f"datum.bar >= upper && datum.of == '{OTHER}' ? datum.n : 0",
        "possible": "datum.bar < upper && datum.bar >= datum.low ? datum.n : 0",
        "lost": f"datum.bar < datum.low && datum.of == '{SAME}' ? datum.n : 0",
    }
    total = base
    for name, formula in sums.items():
        total = total.transform_calculate(**{name: formula})
    total = total.transform_aggregate(**{name: f"sum({name})" for name in sums})
    total = total.transform_calculate(
        right="format(datum.links, ',') + ' links, ' + format(datum.wrong, ',') + ' of them wrong'",
        middle="format(datum.possible, ',') + ' possible'",
        left="format(datum.lost, ',') + ' missed'",
    )
    rule = {"strokeDash": [5, 4], "strokeWidth": 2}
    top = alt.layer(
        base.mark_bar(stroke=charts.colour("page"), strokeWidth=0.5).encode(
            x=x, x2="end:Q", y=y, y2=alt.datum(0), color=colour, tooltip=tooltip
        ),
        edge.transform_calculate(at="upper").mark_rule(color=charts.colour("text"), **rule).encode(x="at:Q"),
        edge.mark_rule(color=charts.colour("muted"), **rule).encode(x="low:Q"),
        charts.label(total, "right:N", align="right").encode(x=alt.value("width"), y=alt.value(206)),
        charts.label(total, "middle:N", align="right").encode(x=alt.value("width"), y=alt.value(224)),
        charts.label(total, "left:N", align="right").encode(x=alt.value("width"), y=alt.value(242)),
    ).properties(height=260)

    # The rates of the groups, true and as linked.
    order = list(dict.fromkeys(people["group"]))
    known = people.groupby("group", sort=False).agg(size=("stay", "size"), true=("stay", "mean")).reset_index()
    best = people.dropna(subset=["best"])
    best = best.assign(bar=bars(best["best"])).groupby(["group", "bar"], as_index=False).size()
    best = best.rename(columns={"size": "n"}).merge(known, on="group")
    linked = (
        alt.Chart(best)
        .transform_calculate(hit="datum.bar >= upper ? datum.n : 0")
        .transform_aggregate(hits="sum(hit)", size="max(size)", true="max(true)", groupby=["group"])
        .transform_calculate(rate="datum.hits / datum.size")
    )
    rows = alt.Y("group:N", title=None, sort=order, axis=alt.Axis(labelLimit=190))
    most = float(known["true"].max())
    axis = alt.Axis(format="%", tickCount=6)
    rate = alt.X(
        "rate:Q", title="People of the register with a stay", axis=axis, scale=alt.Scale(domain=[0, most * 1.25])
    )
    seen = [
        alt.Tooltip("group:N", title="Group"),
        alt.Tooltip("rate:Q", title="As linked", format=".1%"),
        alt.Tooltip("true:Q", title="True", format=".1%"),
    ]
    first, last = order[0], order[-1]
    ends = linked.transform_calculate(
        deprived=f"datum.group == '{first}' ? datum.rate : 0",
        rich=f"datum.group == '{last}' ? datum.rate : 0",
        true_deprived=f"datum.group == '{first}' ? datum.true : 0",
        true_rich=f"datum.group == '{last}' ? datum.true : 0",
    ).transform_aggregate(deprived="sum(deprived)", rich="sum(rich)", td="sum(true_deprived)", tr="sum(true_rich)")
    ends = ends.transform_calculate(
        words="'ratio ' + (datum.rich > 0 ? format(datum.deprived / datum.rich, '.2f') : 'undefined')"
        " + ', true ' + format(datum.td / datum.tr, '.2f')"
    )
    below = alt.layer(
        linked.mark_bar(height=16).encode(y=rows, x=rate, tooltip=seen),
        linked.mark_tick(thickness=3, size=24, color=charts.colour("text")).encode(y=rows, x=alt.X("true:Q")),
        charts.label(ends, "words:N", align="right", baseline="bottom").encode(
            x=alt.value("width"), y=alt.value("height")
        ),
    ).properties(height=30 * len(order))
    return alt.vconcat(
        top.properties(width=charts.WIDTH - 60), below.properties(width=charts.WIDTH - 60), spacing=14
    ).add_params(*sliders)


def say_thresholds(pairs: pd.DataFrame, people: pd.DataFrame, lower: int, uppers: Sequence[int]) -> str:
    """What :func:`thresholds` counts at some upper thresholds, in words; the first is that of the chart at first."""
    bar, same = bars(pairs["weight"]), pairs["same"].to_numpy(dtype=bool)
    groups = people.groupby("group", sort=False)
    true = groups["stay"].mean()
    said = []
    for upper in uppers:
        low = min(lower, upper)
        linked = (people["best"] >= upper).groupby(people["group"], sort=False).mean()
        ratio = f"{linked.iloc[0] / linked.iloc[-1]:.2f}" if linked.iloc[-1] else "undefined"
        said.append(
            f"With links from {upper} bits: {(bar >= upper).sum():,} links, {((bar >= upper) & ~same).sum():,} of them wrong, "
            f"{((bar < upper) & (bar >= low)).sum():,} possible from {low} bits on, {((bar < low) & same).sum():,} missed; "
            f"ratio of the first group to the last {ratio}."
        )
    return (
        "Bars of pairs by weight: records of one person stand above the line, most of them at high weights, and records of two "
        f"people below it, at low weights. Below, the rate of each group as linked. {' '.join(said)} "
        f"The true ratio is {true.iloc[0] / true.iloc[-1]:.2f}. Two sliders move the thresholds."
    )


# --- shared records ---------------------------------------------------------------------------------------------------


def holds(
    df: pd.DataFrame,
    organisations: Mapping[str, str],
    contents: Mapping[str, str],
    needs: Sequence[tuple[str, str]],
    first: float,
) -> alt.LayerChart:
    """A dot for each system and content: filled where the shared record holds it for enough people.

    ``df`` as the table ``synth_shcr_maturity``. ``organisations`` and ``contents``: short name -> words; the menu begins with
    the first organisation. ``needs``: (organisation, content), all that a paramedic needs. ``first``: the coverage that is
    enough, at first.
    """
    data, rows = _held(df, organisations, contents, needs)
    enough = charts.slider("enough", "Enough is a coverage of", 0.1, 0.9, 0.1, first=first)
    whose = charts.menu("whose", "What comes from", list(organisations.values()))
    base = (
        alt.Chart(data)
        .transform_filter(f"datum.of == whose || datum.of == '{ANY}'")
        .transform_calculate(full="isValid(datum.coverage) && datum.coverage >= enough - 1e-9 ? 1 : 0")
    )
    y = alt.Y("row:N", title=None, sort=rows, axis=alt.Axis(labelLimit=220, domain=False, ticks=False, grid=False))
    x = alt.X(
        "place:O",
        title="42 systems, those with the fullest social care first",
        axis=alt.Axis(labels=False, ticks=False, grid=False),
    )
    tooltip = [
        alt.Tooltip("system:N", title="System"),
        alt.Tooltip("row:N", title="Holds"),
        alt.Tooltip("coverage:Q", title="Coverage", format=".0%"),
    ]
    filled = base.transform_filter("datum.full == 1")
    counts = base.transform_aggregate(filled="sum(full)", groupby=["row"])
    return (
        alt.layer(
            base.mark_point(size=44, filled=False, strokeWidth=1.2, color=charts.colour("neutral")).encode(
                x=x, y=y, tooltip=tooltip
            ),
            filled.mark_point(size=52, opacity=1).encode(x=x, y=y, tooltip=tooltip),
            charts.label(counts, "filled:Q", align="left", dx=8).encode(y=y, x=alt.value("width")),
        )
        .properties(width=charts.WIDTH - 200, height=30 * len(rows))
        .add_params(whose, enough)
    )


def _held(
    df: pd.DataFrame,
    organisations: Mapping[str, str],
    contents: Mapping[str, str],
    needs: Sequence[tuple[str, str]],
) -> tuple[pd.DataFrame, list[str]]:
    """The rows of the dot matrix, with the coverage that decides each dot: of several contents it is the least."""
    wide = df.pivot(index="system", columns=["organisation", "content"], values="coverage")
    every, paramedic = "All five", "What a paramedic needs"
    rows = ["Has a shared record", *contents.values(), every, paramedic]
    least = {
        ANY: {rows[0]: (wide.max(axis=1) > 0).astype(float), paramedic: wide[list(needs)].min(axis=1, skipna=False)}
    }
    for organisation, words in organisations.items():
        own = wide[organisation][list(contents)]
        least[words] = {contents[name]: own[name] for name in contents} | {every: own.min(axis=1, skipna=False)}
    place = least[next(iter(organisations.values()))][every].fillna(0).rank(ascending=False, method="first").astype(int)
    parts = [
        pd.DataFrame({"system": wide.index, "place": place, "of": of, "row": row, "coverage": values})
        for of, some in least.items()
        for row, values in some.items()
    ]
    return pd.concat(parts, ignore_index=True), rows


def say_holds(
    df: pd.DataFrame,
    organisations: Mapping[str, str],
    contents: Mapping[str, str],
    needs: Sequence[tuple[str, str]],
    first: float,
) -> str:
    """The counts of :func:`holds` at first, and under two other limits, in words."""
    data, rows = _held(df, organisations, contents, needs)
    words = next(iter(organisations.values()))
    shown = data[data["of"].isin([ANY, words])]

    def count(limit: float) -> dict[str, int]:
        return (shown["coverage"] >= limit - 1e-9).groupby(shown["row"]).sum().to_dict()

    at = count(first)
    others = " ".join(
        f"At {limit:.0%} a paramedic has what is needed in {count(limit)[rows[-1]]}." for limit in (0.3, 0.7)
    )
    return (
        f"A matrix of 42 systems and {len(rows)} rows; a dot is filled where the coverage is at least {first:.0%}, for what "
        f"comes from {words.lower()}. Filled: {', '.join(f'{row} {at[row]}' for row in rows)}. {others} A menu changes the "
        "organisation, a slider the limit."
    )


# --- synthetic control ------------------------------------------------------------------------------------------------


def fan(gaps: Mapping[str, pd.DataFrame], treated: str, t0: int) -> alt.LayerChart:
    """The gap of the treated unit and of each placebo, with a menu of donor pools; treatment begins at the dashed line.

    ``gaps``: what the menu calls a pool of donors -> what ``linkage.placebo_gaps`` gives; the first is shown at first.
    """
    parts = []
    for pool, table in gaps.items():
        long = table.rename_axis("period").reset_index().melt("period", var_name="unit", value_name="gap")
        parts.append(long.assign(pool=pool))
    data = pd.concat(parts, ignore_index=True)
    data["gap"] = data["gap"].round(3)
    pool = charts.menu("pool", "Donors", list(gaps))
    base = alt.Chart(data).transform_filter("datum.pool == pool")
    first, last = int(data["period"].min()), int(data["period"].max())
    x = alt.X(
        "period:Q", title="Quarter", scale=alt.Scale(domain=[first, last + 3], nice=False), axis=alt.Axis(grid=False)
    )
    title = "Breaches minus those of the mix, points"
    y = alt.Y("gap:Q", title=title, scale=alt.Scale(domain=[-5, 5], clamp=True, nice=False))
    others = base.transform_filter(f"datum.unit != '{treated}'")
    own = base.transform_filter(f"datum.unit == '{treated}'")
    after = own.transform_filter(f"datum.period >= {t0}").transform_aggregate(mean="mean(gap)")
    after = after.transform_calculate(words="'mean ' + replace(format(datum.mean, '.2f'), '-', '−')")
    start = alt.Chart(pd.DataFrame({"at": [t0 - 0.5], "words": ["sharing begins"]}))
    return alt.layer(
        others.mark_line(strokeWidth=1, color=charts.colour("neutral"), opacity=0.45).encode(
            x=x, y=y, detail="unit:N", tooltip=[alt.Tooltip("unit:N", title="Placebo")]
        ),
        start.mark_rule(strokeDash=[4, 4]).encode(x="at:Q"),
        start.mark_text(align="right", dx=-6, baseline="top").encode(x="at:Q", y=alt.value(2), text="words:N"),
        own.mark_line(strokeWidth=3).encode(x=x, y=y),
        charts.label(after, "words:N", align="right", color=charts.colour("blue")).encode(
            x=alt.value("width"), y=alt.value(320)
        ),
    ).add_params(pool)


def say_fan(gaps: Mapping[str, pd.DataFrame], treated: str, t0: int) -> str:
    """The gaps of :func:`fan` before and after, for each pool, in words."""
    said = []
    for pool, table in gaps.items():
        own, others = table[treated], table.drop(columns=treated)
        after = table.index >= t0
        said.append(
            f"Donors {pool}: the treated unit's gap has a root mean square of {np.sqrt((own[~after] ** 2).mean()):.2f} before "
            f"and a mean of {own[after].mean():.2f} after; the placebos' means after run from {others[after].mean().min():.2f} "
            f"to {others[after].mean().max():.2f}."
        )
    return f"A line for each unit, its gap to its own mix of the others. {' '.join(said)} A menu changes the donors."
