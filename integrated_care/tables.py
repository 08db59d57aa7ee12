"""Tables that read well aloud, on paper and on a phone: captioned, with header cells that say what they head.

The HTML is one line (JupyterLite shows stray commas above multi-line tables) and depends on nothing but the values, so
the same table gives the same bytes everywhere.
"""

import html
import re
from collections.abc import Callable, Mapping

import pandas as pd

from .datasets import load

Format = str | Callable[[object], str]
MISSING = "–"
_ARABIC = re.compile("[\u0600-\u06ff](?:[\u0600-\u06ff ]*[\u0600-\u06ff])?")


class Table:
    """A formatted table; make it with :func:`show`."""

    def __init__(self, head: list[str], rows: list[list[str]], numeric: list[bool], caption: str, foot: str):
        self.head, self.rows, self.numeric, self.caption, self.foot = head, rows, numeric, caption, foot

    def _repr_html_(self) -> str:
        def cell(tag: str, text: str, number: bool, extra: str = "") -> str:
            kind = ' class="num"' if number else ""
            return f"<{tag}{extra}{kind}>{_marked(text)}</{tag}>"

        head = "".join(cell("th", text, n, ' scope="col"') for text, n in zip(self.head, self.numeric, strict=True))
        body = "".join(
            "<tr>"
            + cell("th", row[0], self.numeric[0], ' scope="row"')
            + "".join(cell("td", text, n) for text, n in zip(row[1:], self.numeric[1:], strict=True))
            + "</tr>"
            for row in self.rows
        )
        foot = f'<p class="ic-source">{html.escape(self.foot)}</p>' if self.foot else ""
        return (
            f'<div class="ic-table"><table class="dataframe"><caption>{html.escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}</div>"
        )

    def __repr__(self) -> str:
        widths = [max(len(line[i]) for line in [self.head, *self.rows]) for i in range(len(self.head))]
        lines = [
            "  ".join(
                text.rjust(width) if number else text.ljust(width)
                for text, width, number in zip(line, widths, self.numeric, strict=True)
            ).rstrip()
            for line in [self.head, *self.rows]
        ]
        return "\n".join([self.caption, "", *lines, *([self.foot] if self.foot else [])])


def _marked(text: str) -> str:
    """HTML of a cell's text; Arabic in it reads from the right, apart from what stands beside it, with an Arabic voice."""
    return _ARABIC.sub(lambda found: f'<bdi lang="ar" dir="rtl">{found[0]}</bdi>', html.escape(text))


def _format(value: object, how: Format | None) -> str:
    if pd.isna(value):
        return MISSING
    if callable(how):
        return how(value)
    if how:
        return how.format(value)
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.2f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def show(
    data: pd.DataFrame | pd.Series,
    caption: str,
    formats: Mapping[str, Format] | None = None,
    *,
    names: Mapping[str, str] | None = None,
    source: str = "",
    synthetic: bool = False,
) -> Table:
    """A table to look at, its first column heading the rows.

    Parameters
    ----------
    data
        The rows to show, all of them: pass ``df.head()`` for a few. A named index becomes the first column; an unnamed
        one is left out. A Series becomes two columns.
    caption
        What the table says.
    formats
        Column -> a format string such as ``"{:.1%}"`` or a function of the value. Default: integers with thousands
        separators, other numbers with two decimals. A missing value is shown as "–".
    names
        Column -> the heading a reader sees, with its unit.
    source, synthetic
        As in :func:`integrated_care.charts.finish`, printed below the table.

    Raises
    ------
    ValueError
        If ``caption`` is empty, or ``formats`` or ``names`` speaks of a column that is not there.
    """
    if not caption.strip():
        raise ValueError(f"caption: {caption!r} is empty; every table needs one")
    frame = data.to_frame() if isinstance(data, pd.Series) else data
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    columns = [str(column) for column in frame.columns]
    formats, names = dict(formats or {}), dict(names or {})
    for argument, mapping in {"formats": formats, "names": names}.items():
        for column in mapping:
            if column not in columns:
                raise ValueError(f"{argument}: column {column!r} is not in the table (columns: {', '.join(columns)})")
    series = [frame.iloc[:, i] for i in range(len(columns))]
    numeric = [pd.api.types.is_numeric_dtype(s) and not pd.api.types.is_bool_dtype(s) for s in series]
    cells = [[_format(v, formats.get(c)) for v in s.tolist()] for c, s in zip(columns, series, strict=True)]
    foot = ("Synthetic data. " if synthetic else "") + (f"Source: {source}" if source else "")
    return Table(
        [names.get(c, c) for c in columns],
        [list(row) for row in zip(*cells, strict=True)],
        numeric,
        caption,
        foot.strip(),
    )


def _of_chapter(name: str, chapter: int, what: str) -> tuple[pd.DataFrame, str]:
    """The rows of a table whose column ``chapters`` names a chapter, and the day of the latest check."""
    table = load(name)
    ours = table[table["chapters"].str.split(";").map(lambda chapters: f"ch{chapter:02}" in chapters)]
    if ours.empty:
        raise ValueError(f"chapter: no {what} of the table {name!r} names chapter {chapter}")
    day = pd.Timestamp(ours["checked"].max())
    return ours, f"{day.day} {day:%B %Y}"


def checked(chapter: int) -> Table:
    """The claims of the two papers that a chapter works with, and what our check of each one found, by which day.

    Raises
    ------
    ValueError
        If no claim names the chapter (column ``chapters`` of the table ``claims``).
    """
    ours, day = _of_chapter("claims", chapter, "claim")
    return show(
        ours[["id", "paraphrase", "check_status", "confidence"]],
        f"The claims of this chapter, as checked by {day}",
        names={
            "id": "Claim",
            "paraphrase": "What the paper says, in short",
            "check_status": "Our check",
            "confidence": "Confidence",
        },
        source="datasets/claims.csv; the Claims page has the notes and sources",
    )


def world(chapter: int) -> Table:
    """What happened since the papers, as far as it touches a chapter: when, what, and how surely we know it.

    Raises
    ------
    ValueError
        If no row names the chapter (column ``chapters`` of the table ``world``).
    """
    ours, day = _of_chapter("world", chapter, "row")
    read = ours["publisher"] + " (" + ours["how_known"] + ")"
    return show(
        pd.DataFrame(
            {
                "when": ours["date"].map(_spelt),
                "event": ours["event"],
                "source": read.where(ours["publisher"].notna(), ours["how_known"]),
            }
        ),
        f"What happened since the papers, as far as we could read by {day}",
        names={"when": "When", "event": "What happened", "source": "Where we read it"},
        source="datasets/world.csv, with titles and addresses",
    )


def _spelt(date: str) -> str:
    """ "2026-04-01" -> "1 April 2026"; "2026-09" -> "September 2026"; "2026" as it is."""
    parts = date.split("-")
    day = pd.Timestamp(date)
    return " ".join([str(day.day), f"{day:%B}", str(day.year)][3 - len(parts) :])
