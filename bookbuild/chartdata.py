"""The data behind a chart as plain tables, taken from its own spec."""

import html
import math
from collections.abc import Iterator
from typing import Any

from .drawing import Spec

MOST_ROWS = 60
MOST_TABLES = 3
Row = dict[str, Any]


def _title_of(channel: dict[str, Any]) -> str | None:
    for holder in (channel, channel.get("axis"), channel.get("legend"), channel.get("header")):
        if isinstance(holder, dict) and holder.get("title"):
            title = holder["title"]
            return " ".join(title) if isinstance(title, list) else str(title)
    return None


def _channels(encoding: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for channel in encoding.values():
        for item in channel if isinstance(channel, list) else [channel]:
            if isinstance(item, dict):
                yield item
                conditions = item.get("condition")
                conditions = conditions if isinstance(conditions, list) else [conditions]
                yield from (condition for condition in conditions if isinstance(condition, dict))


def _rows(data: dict[str, Any] | None, sets: dict[str, list[Row]]) -> list[Row]:
    if not isinstance(data, dict):
        return []
    values = sets.get(data.get("name", ""), data.get("values"))
    return values if isinstance(values, list) and values and isinstance(values[0], dict) else []


def _uses(spec: Spec, data: dict[str, Any] | None = None, above: dict[str, Any] | None = None) -> Iterator[tuple]:
    """Each view with marks: the data and the encoding that hold in it, inherited ones included."""
    data = spec.get("data", data)
    encoding = {**(above or {}), **spec.get("encoding", {})}
    children = [*(spec.get("layer") or spec.get("vconcat") or spec.get("hconcat") or spec.get("concat") or [])]
    if isinstance(spec.get("spec"), dict):
        children.append(spec["spec"])
        encoding |= {k: v for k, v in (spec.get("facet") or {}).items() if isinstance(v, dict)}
    if not children:
        yield data, encoding
    for child in children:
        yield from _uses(child, data, encoding)


def tables(spec: Spec) -> list[tuple[dict[str, str], list[Row]]]:
    """(column -> heading, rows) for each data set that a spec draws, at most three.

    A column is shown when the chart uses it; its heading is the axis, legend or tooltip title. Data sets of a single
    row are labels that the author placed, and are left out where there is a larger one.
    """
    sets = spec.get("datasets", {})
    found: dict[int, tuple[list[Row], dict[str, str]]] = {}
    for data, encoding in _uses(spec):
        rows = _rows(data, sets)
        if not rows:
            continue
        headings = found.setdefault(id(rows), (rows, {}))[1]
        for channel in _channels(encoding):
            field = channel.get("field")
            if isinstance(field, str) and field in rows[0]:
                title = _title_of(channel)
                if title or field not in headings:
                    headings[field] = title or headings.get(field) or field.replace("_", " ")
    kept = [(columns or {name: name.replace("_", " ") for name in rows[0]}, rows) for rows, columns in found.values()]
    several = [table for table in kept if len(table[1]) > 1]
    return (several or kept)[:MOST_TABLES]


def _decimals(values: list[Any]) -> int:
    """How many decimals a column shows: four digits of its largest number, none where all are whole."""
    numbers = [abs(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)]
    if not numbers or all(float(n).is_integer() for n in numbers):
        return 0
    return min(4, max(0, 3 - math.floor(math.log10(max(numbers)))))


def _text(value: Any, decimals: int) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        # Years stay years: no separator below ten thousand.
        return f"{value:,.{decimals}f}" if abs(value) >= 10_000 else f"{value:.{decimals}f}"
    return str(value)


def as_html(spec: Spec, title: str) -> str:
    """The tables of a chart, each at most 60 rows long; empty when the spec carries no data of its own."""
    out = []
    for columns, rows in tables(spec):
        numeric = {name: all(isinstance(row.get(name), int | float | None) for row in rows) for name in columns}
        shown = rows[:MOST_ROWS]
        decimals = {name: _decimals([row.get(name) for row in shown]) for name in columns}
        cell = {name: ' class="num"' if numeric[name] else "" for name in columns}
        head = "".join(f'<th scope="col"{cell[name]}>{html.escape(text)}</th>' for name, text in columns.items())
        texts = [{name: html.escape(_text(row.get(name), decimals[name])) for name in columns} for row in shown]
        lines = ("".join(f"<td{cell[name]}>{text}</td>" for name, text in row.items()) for row in texts)
        body = "".join(f"<tr>{line}</tr>" for line in lines)
        note = ""
        if len(rows) > MOST_ROWS:
            note = f'<p class="ic-source">The first {MOST_ROWS} of {len(rows):,} rows.</p>'
        out.append(
            f'<div class="ic-table"><table><caption>{html.escape(title)}: the data</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}</div>"
        )
    return "".join(out)
