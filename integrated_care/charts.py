"""One look for every chart: theme, colours, renderer, source line, and a description that a chart cannot do without.

Importing this module switches the theme and the renderer on. A chart is ended with :func:`finish`:

    charts.finish(chart, title="…", source="ONS 2018", description="…")

**What the renderer emits.** Two keys: the Vega-Lite spec under ``application/vnd.vegalite.v5+json`` (the one key that
JupyterLab, JupyterLite and the book all draw, whatever the version of the spec) and the description as ``text/plain``.
The same chart gives the same bytes: floats are cut to six significant digits and data sets are named by their order.

**What the book does with it.** ``spec["usermeta"]`` holds ``title``, ``subtitle``, ``source`` and ``synthetic`` as plain
text; the book prints them as HTML round the drawing, where they wrap on a phone, and takes ``spec["title"]`` out.
"""

import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from .arguments import one_of

# role -> (on a light page, on a dark page). The eight hues are Okabe and Ito's, lightened for dark pages.
# No hex stands twice in a column: the book maps them back to roles.
COLOURS: dict[str, tuple[str, str]] = {
    "text": ("#1d2430", "#e8eaed"),
    "muted": ("#566070", "#a9b2bd"),
    "grid": ("#e2e6eb", "#333b45"),
    "page": ("#ffffff", "#14181d"),
    "neutral": ("#8b95a1", "#7f8a96"),
    "blue": ("#0072b2", "#5ab0e6"),
    "vermillion": ("#d55e00", "#ff8a45"),
    "green": ("#009e73", "#35c79c"),
    "orange": ("#e69f00", "#f5b83d"),
    "sky": ("#56b4e9", "#8fd0f5"),
    "purple": ("#cc79a7", "#e3a3c6"),
    "yellow": ("#f0e442", "#f6ee7e"),
}
CATEGORIES = ["blue", "vermillion", "green", "orange", "purple", "sky"]
SEQUENTIAL = ["#e8f1f8", "#9cc7e3", "#3d91c4", "#005e96", "#002f52"]
FONT = "'Source Sans 3', Helvetica, Arial, sans-serif"  # without the quotes, the 3 makes the list invalid CSS
WIDTH, HEIGHT = 620, 340
MIME = "application/vnd.vegalite.v5+json"


def colour(role: str, mode: str = "light") -> str:
    """The hex of a role in :data:`COLOURS`, for ``mode`` "light" or "dark"."""
    one_of("role", role, COLOURS)
    one_of("mode", mode, ("light", "dark"))
    return COLOURS[role][mode == "dark"]


def theme(mode: str = "light") -> dict[str, Any]:
    """The Vega-Lite ``config`` of our charts on a light or a dark page."""
    text, muted, grid, page = (colour(role, mode) for role in ("text", "muted", "grid", "page"))
    return {
        "background": page,
        "font": FONT,
        "view": {"continuousWidth": WIDTH, "continuousHeight": HEIGHT, "stroke": None},
        "title": {
            "anchor": "start",
            "frame": "group",
            "offset": 14,
            "fontSize": 17,
            "fontWeight": 600,
            "color": text,
            "subtitleFontSize": 13,
            "subtitleColor": muted,
            "subtitlePadding": 6,
            "lineHeight": 22,
            "subtitleLineHeight": 18,
        },
        "axis": {
            "labelFontSize": 13,
            "titleFontSize": 13,
            "labelColor": muted,
            "titleColor": text,
            "titleFontWeight": 400,
            "grid": True,
            "gridColor": grid,
            "domainColor": grid,
            "tickColor": grid,
            "titlePadding": 8,
            "labelPadding": 5,
            "tickCount": 6,
        },
        "axisBand": {"grid": False},
        "legend": {
            "labelFontSize": 13,
            "titleFontSize": 13,
            "labelColor": text,
            "titleColor": text,
            "titleFontWeight": 400,
            "orient": "top",
            "direction": "horizontal",
            "offset": 8,
            "symbolStrokeWidth": 2,
        },
        "header": {"labelFontSize": 13, "labelColor": text, "titleColor": text},
        "text": {"fontSize": 13, "color": text},
        "mark": {"color": colour("blue", mode)},
        "rule": {"color": muted},
        "line": {"strokeWidth": 2.5},
        "point": {"size": 70, "filled": True, "opacity": 0.9},
        "range": {
            "category": [colour(role, mode) for role in CATEGORIES],
            "ramp": SEQUENTIAL,
            "heatmap": SEQUENTIAL,
            "ordinal": SEQUENTIAL,
        },
    }


def use_theme(mode: str = "light") -> None:
    """Draw the charts that follow for a light or a dark page."""
    config = theme(mode)
    if hasattr(getattr(alt, "theme", None), "register"):  # altair >= 5.5
        alt.theme.register("integrated_care", enable=True)(lambda: alt.theme.ThemeConfig({"config": config}))
    else:
        alt.themes.register("integrated_care", lambda: {"config": config})
        alt.themes.enable("integrated_care")


def _settle(node: Any, names: dict[str, str]) -> Any:
    """Cut floats to six significant digits and rename data sets, so that equal charts are equal bytes everywhere."""
    if isinstance(node, dict):
        return {names.get(key, key): _settle(value, names) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_settle(value, names) for value in node]
    if isinstance(node, float):
        short = float(f"{node:.6g}")
        return int(short) if short.is_integer() and abs(short) < 1e15 else short
    if isinstance(node, str):
        return names.get(node, node)
    return node


def render(spec: dict[str, Any], **_: Any) -> dict[str, Any]:
    """The MIME bundle of a chart. Raises ``ValueError`` when it has no description."""
    description = str(spec.get("description") or "").strip()
    if not description:
        title = (spec.get("usermeta") or {}).get("title") or spec.get("title") or "without a title"
        raise ValueError(
            f"chart {title!r} has no description: a reader who cannot see it needs one; use charts.finish()"
        )
    names = {name: f"data-{i}" for i, name in enumerate(spec.get("datasets", {}))}
    return {MIME: _settle(spec, names), "text/plain": description}


def finish(
    chart: alt.TopLevelMixin,
    *,
    title: str,
    source: str,
    description: str,
    subtitle: str = "",
    synthetic: bool = False,
) -> alt.TopLevelMixin:
    """A copy of ``chart`` with what every chart of the course must carry.

    Parameters
    ----------
    title
        The finding, as a sentence.
    source
        Who published the data and when; printed below the subtitle as "Source: …".
    description
        The text alternative: what a reader who cannot see the chart needs in order to use it. At least 40 characters.
    subtitle
        What is drawn, with units.
    synthetic
        True when any of the data are invented; the subtitle then says so.

    Raises
    ------
    ValueError
        If ``title`` or ``source`` is empty, or ``description`` is too short to stand for the chart.
    """
    for name, value in {"title": title, "source": source}.items():
        if not value.strip():
            raise ValueError(f"{name}: {value!r} is empty; every chart needs one")
    if len(description.strip()) < 40:
        raise ValueError(f"description: {description!r} is too short to stand for the chart (40 characters at least)")
    if synthetic:
        subtitle = f"Synthetic data. {subtitle}".strip()
    lines = textwrap.wrap(subtitle, 92) + textwrap.wrap(f"Source: {source}", 92)
    return chart.properties(
        title=alt.TitleParams(text=textwrap.wrap(title, 72), subtitle=lines),
        description=" ".join(description.split()),
        usermeta={"title": title, "subtitle": subtitle, "source": source, "synthetic": synthetic},
    )


def menu(
    name: str,
    words: str,
    options: Sequence[str],
    first: str | None = None,
    *,
    field: str | None = None,
    every: str | None = None,
) -> alt.Parameter:
    """A menu below a chart, to be added with ``add_params``.

    Parameters
    ----------
    name
        What the choice is called in the chart's expressions; no two on a page alike.
    words
        What stands before the menu.
    options
        What can be chosen.
    first
        What is chosen at first; default the first option.
    field
        A column: the menu then selects the rows that hold the choice in it. Without, the choice is a value to compare.
    every
        With ``field``: what the menu calls the choice of all rows, which is then the first.
    """
    bind = alt.binding_select(options=list(options), name=f"{words}: ")
    if every is not None:
        bind = alt.binding_select(options=[None, *options], labels=[every, *options], name=f"{words}: ")
        return alt.selection_point(name=name, fields=[field], bind=bind)
    first = options[0] if first is None else first
    if field is not None:
        return alt.selection_point(name=name, fields=[field], bind=bind, value=[{field: first}])
    return alt.param(name=name, value=first, bind=bind)


def slider(name: str, words: str, low: float, high: float, step: float, first: float) -> alt.Parameter:
    """A slider below a chart, from ``low`` to ``high``; ``name``, ``words`` and ``first`` as in :func:`menu`."""
    return alt.param(name=name, value=first, bind=alt.binding_range(min=low, max=high, step=step, name=f"{words}: "))


def sliders(table: Mapping[str, tuple], first: Mapping[str, float]) -> list[alt.Parameter]:
    """Sliders of a ``table`` (name -> words, low, high, step, and what a module puts behind), which start at ``first``."""
    return [slider(name, *table[name][:4], first=value) for name, value in first.items()]


def label(chart: alt.Chart, text: str, format: str | None = None, **style: Any) -> alt.Chart:
    """Bold words in place of a chart's marks: the field ``text`` (with the ``format`` of a number), ``style`` as altair's."""
    said = alt.Text(text, format=format) if format else alt.Text(text)
    return chart.mark_text(fontWeight=600, **style).encode(text=said)


def in_words(count: int) -> str:
    """A count as a sentence has it: "three", and from 13 on "13".

    >>> in_words(3), in_words(146)
    ('three', '146')
    """
    words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    return words[count] if count < len(words) else str(count)


def tiles(
    data: pd.DataFrame,
    value: str,
    letters: str,
    *,
    name: str,
    legend: str,
    format: str = ".0f",
    size: int = 56,
    switch: float | None = None,
) -> alt.LayerChart:
    """A tile-grid map: one equal tile a region or board, at its integer ``col`` and ``row`` (row 0 on top).

    ``value`` is coloured and printed, ``letters`` (a few) name the tile, ``name`` is the full name in the
    tooltip, ``legend`` says what the colour means. ``switch`` is the value above which the ink turns white (default: the
    middle of the range). No borders are drawn: tiles state no position on any frontier.
    """
    for column in ("col", "row", value, letters, name):
        if column not in data:
            raise ValueError(f"column {column!r} is not in the data (columns: {', '.join(map(str, data.columns))})")
    data = data[["col", "row", value, letters, name]]
    switch = float((data[value].min() + data[value].max()) / 2) if switch is None else switch
    columns, rows = (int(data[axis].max() - data[axis].min()) + 1 for axis in ("col", "row"))
    place = {
        "x": alt.X("col:O", axis=None, scale=alt.Scale(paddingInner=0.06)),
        "y": alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0.06)),
    }
    tooltip = [alt.Tooltip(f"{name}:N", title="Area"), alt.Tooltip(f"{value}:Q", title=legend, format=format)]
    ink = alt.condition(f"datum[{value!r}] > {switch!r}", alt.value("#fefefe"), alt.value("#10161f"))
    base = alt.Chart(data).encode(**place, tooltip=tooltip)
    tile = base.mark_rect(cornerRadius=4).encode(
        color=alt.Color(f"{value}:Q", title=legend, scale=alt.Scale(range=SEQUENTIAL), legend=alt.Legend(format=format))
    )
    short = label(base, f"{letters}:N", dy=-8, fontSize=12).encode(color=ink)
    number = base.mark_text(dy=9, fontSize=12).encode(text=alt.Text(f"{value}:Q", format=format), color=ink)
    return alt.layer(tile, short, number).properties(width=columns * size, height=rows * size)


def say_tiles(data: pd.DataFrame, value: str, *, name: str, format: str = ".0f", most: int = 5) -> str:
    """The highest and the lowest of the :func:`tiles`, in words."""
    said = []
    for which, rows in (("Highest", data.nlargest(most, value)), ("Lowest", data.nsmallest(most, value))):
        areas = (f"{area} {number:{format}}" for area, number in zip(rows[name], rows[value], strict=True))
        said.append(f"{which}: {', '.join(areas)}.")
    return " ".join(said)


alt.renderers.register("integrated_care", render)
alt.renderers.enable("html" if "google.colab" in sys.modules else "integrated_care")  # Colab draws nothing else
use_theme()
