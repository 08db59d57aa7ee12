"""The teacher's page about a class: what to go through next, then each task with its errors, then what the marks can carry.

One HTML file without scripts, under a Content-Security-Policy that forbids them; its type and colours are the book's, its
faces too where the book's package is installed. Charts are drawings with a description, each with its numbers in a table.
"""

import base64
import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from classroom.book import Book
from classroom.disk import write_file, writing
from classroom.insight import FEW, WIDTH, Insight, Item, Kind, Met, Privacy, Written, apart, by_kind, coming_back
from classroom.itemanalysis import Estimate
from classroom.misconceptions import Error, Seen
from classroom.model import Fate

FACES = (
    ("Source Sans 3", 400, "source-sans-3-latin-400-normal"),
    ("Source Sans 3", 600, "source-sans-3-latin-600-normal"),
    ("Source Serif 4", 600, "source-serif-4-latin-600-normal"),
)
# What the drawings are made with -> the page's own colours, light and dark.
INK = {"#1d2430": "text", "#566070": "muted", "#d5dbe2": "grid", "#0072b2": "blue", "#b34700": "vermillion"}
TEXT, MUTED, GRID, BLUE, VERMILLION = INK
NO_BOOK = Book()
DASH = "–"  # for what is undefined
SENTENCES = 3  # on the first screen
LARGEST = 1000  # students; what takes more, no class has
RARE = 3  # errors of a few students that are in view; the others are folded away
SHORT = 160  # characters of an error in one of them


# ------------------------------------------------------------------------------------------------------------------ page


@cache
def style() -> str:
    """The style sheet, with the faces of the book if its package is here."""
    faces = ""
    spec = find_spec("bookbuild")
    for family, weight, name in FACES if spec and spec.origin else ():
        path = Path(spec.origin).parent / "assets" / "fonts" / f"{name}.woff2"
        if path.is_file():
            data = base64.b64encode(path.read_bytes()).decode()
            faces += f'@font-face {{ font-family: "{family}"; font-weight: {weight}; '
            faces += f'src: url("data:font/woff2;base64,{data}") format("woff2"); }}\n'
    return faces + Path(__file__).with_name("insight.css").read_text(encoding="utf-8").strip()


def _page(title: str, body: Iterable[str], lang: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    policy = f"default-src 'none'; font-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(lang)}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{style()}</style></head>\n<body><main>\n"
        + "\n".join(part for part in body if part)
        + "\n</main></body></html>\n"
    )


def write(into: Path, name: str, html: str, numbers: bytes) -> tuple[Path, Path]:
    """Write a page and its numbers, as ``NAME.html`` and ``NAME.csv``, for the instructor's eyes only."""
    paths = into / f"{name}.html", into / f"{name}.csv"
    with writing(into):
        into.mkdir(parents=True, exist_ok=True)
        for path, data in zip(paths, (html.encode("utf-8", "replace"), numbers), strict=True):
            write_file(path, data, 0o640)
    return paths


def page(one: Insight, privacy: Privacy, book: Book = NO_BOOK, lang: str = "en") -> str:
    """The page of an assignment."""
    n = len(one.students)
    counted = f"{n} students handed in. " if n != 1 else "One student handed in. "
    if privacy.named:
        counted += "Students are named: keep this page to yourself."
    else:
        counted += f"Numbers count students; nobody is named, and a number below {FEW} is not shown."
    body = [
        f'<p class="of">{escape(": ".join(filter(None, (one.name, one.title))))}</p>',
        "<h1>What the class did not understand</h1>",
        _first(headlines(one, privacy, book)),
        f'<p class="quiet">{counted}</p>',
        "<h2>Tasks at a glance</h2>",
        _charts(one, privacy),
        _glance(one, privacy),
        "<h2>The errors, task by task</h2>",
        _lost(one.lost, privacy),
        '<p class="quiet">The words are those of the tests. A student counts once for an error. A <em>hidden</em> test was not '
        "in the notebook that students had: do not show them this page as it is.</p>",
        *(_item(item, one, privacy, book) for item in one.items),
        *_people(one, privacy),
        "<h2>What the marks can carry</h2>",
        *_reliability(one),
        "<h2>What needed repair</h2>",
        *_repairs(one, privacy),
        "<h2>How this was counted</h2>",
        *_method(),
    ]
    return _page(f"{one.name}: what the class did not understand", body, lang)


def course_page(course: Sequence[Insight], privacy: Privacy, book: Book = NO_BOOK, lang: str = "en") -> str:
    """The page of several assignments: misconceptions that come back."""
    kinds, again = by_kind(course), coming_back(course)
    everybody = {student for one in course for student in one.students}
    body = [
        "<h1>What came back over the course</h1>",
        _first(course_headlines(course, kinds, privacy)),
        f'<p class="quiet">{len(course)} assignments, {len(everybody)} students. '
        + ("Students are not named here." if privacy.named else f"A number below {FEW} is not shown.")
        + "</p>",
        *_kinds(kinds, privacy),
        *_again(again, privacy),
        "<h2>The assignments</h2>",
        _assignments(course),
        "<h2>How this was counted</h2>",
        *_method(),
    ]
    return _page("What came back over the course", body, lang)


def _first(sentences: Iterable[str]) -> str:
    items = "".join(f"<li>{one}</li>" for one in sentences)
    return (
        f'<section class="first" aria-labelledby="next"><h2 id="next">For the next class</h2><ol>{items}</ol></section>'
    )


# ------------------------------------------------------------------------------------------------------------- sentences


def headlines(one: Insight, privacy: Privacy, book: Book = NO_BOOK) -> list[str]:
    """What to go through in the next class, in three sentences of HTML: the tasks at which most who tried got stuck."""
    ranked = sorted((item for item in one.items if item.known), key=lambda item: (-len(item.stuck), item.difficulty))
    said = []
    for item in ranked:
        tried, stuck, left = len(item.attempted), len(item.stuck), len(item.known) - len(item.attempted)
        if len(said) == SENTENCES or not (stuck or left) or privacy.few(stuck) or (not stuck and privacy.few(left)):
            continue
        begin = f"{('Begin with', 'Then take', 'Last comes')[len(said)]} <strong>{_task(item)}</strong>"
        if not stuck:
            said.append(f"{begin}: {privacy.count(left, len(item.known))} of the {len(item.known)} did not try it.")
            continue
        words = f"{privacy.count(stuck, tried)} of the {privacy.count(tried, len(item.known))} who tried it lost points"
        shown = apart(item.errors, privacy)[0]
        if named := next((met for met in shown if met.error.seen is not Seen.OWN), None):
            error = named.error
            words += f", {privacy.count(len(named.students), stuck)} of them by <q>{escape(_short(error.text))}</q>"
        else:
            error = _most_named(item)
            words += ", each in another way" if privacy.named else f", no {FEW} of them in the same way"
        said.append(f"{begin}: {words}{_go(error, book) if error else ''}.")
    if len(said) < SENTENCES:
        other = "No other task" if said else "No task"
        at_least = f"{FEW} students or more" if not privacy.named else "anybody"
        said.append(f"{other} stopped {at_least} who tried it.")
    if len(said) < SENTENCES:
        best = max(one.items, key=lambda item: item.difficulty if item.known else -1, default=None)
        if best and best.known and not math.isnan(privacy.mean(best.difficulty, len(best.known))):
            said.append(f"Best went {_task(best)}: on average {best.difficulty:.0%} of its points were earned.")
        else:
            said.append("No task has marks of all of its tests yet.")
    if len(said) < SENTENCES:
        written = sum(len(task.waiting) for task in one.written)
        said.append("Parts wait for a person’s marks." if written else "All parts have their marks.")
    return said


def course_headlines(course: Sequence[Insight], kinds: Sequence[Kind], privacy: Privacy) -> list[str]:
    """The same over several assignments: the kinds of misconception that most students met, those that came back first."""
    many = [kind for kind in kinds if len(kind.assignments) > 1 and not privacy.few(len(kind.stuck)) and kind.stuck]
    rest = [kind for kind in kinds if kind not in many and not privacy.few(len(kind.stuck)) and kind.stuck]
    said = []
    for kind in [*many, *rest][:SENTENCES]:
        begin = ("Come back to", "Then to", "Last to")[len(said)]
        where = ", ".join(escape(name) for name in kind.assignments)
        said.append(
            f"{begin} <strong>{escape(kind.name)}</strong>: {len(kind.stuck)} students tried and lost points there, in {where}."
        )
    if len(said) < SENTENCES and not kinds:
        said.append(
            "The course gives its tasks no kinds (kinds.csv), so the errors are counted for each assignment only."
        )
    ranked = sorted(course, key=lambda one: _earned(one))
    while len(said) < SENTENCES:
        place = len(said) - SENTENCES + len(ranked)
        if ranked and place >= 0:
            one = ranked[min(place, len(ranked) - 1)]
            said.append(f"In {escape(one.name)}, {_percent(_earned(one))} of the points of its tests were earned.")
        else:
            said.append("There is nothing else to come back to.")
    return said


def _earned(one: Insight) -> float:
    known = [item for item in one.items if item.known]
    return sum(item.mean for item in known) / sum(item.task.points for item in known) if known else math.nan


def _most_named(item: Item) -> Error | None:
    """An error that names the section which most of a task's errors name."""
    named = [(met.error.chapter, met.error.section) for met in item.errors if met.error.chapter for _ in met.students]
    if not named:
        return None
    best = max(named, key=named.count)
    return next(met.error for met in item.errors if (met.error.chapter, met.error.section) == best)


def _task(item: Item) -> str:
    number = item.task.label
    if item.task.title.startswith(f"{number} ") or item.task.title.startswith(f"{number}. "):
        return f"task {escape(number)}, {escape(item.task.title[len(number) :].lstrip('. '))}"
    return escape(item.task.title)


def _short(text: str) -> str:
    """The beginning of an error, without the full stop that a quotation leaves out."""
    if len(text) > SHORT:
        ends = [match.start() for match in re.finditer(r"[.;:] ", text[:SHORT])]
        text = text[: ends[-1]] if ends and ends[-1] > 40 else text[:SHORT].rsplit(" ", 1)[0] + " …"
    return text.removesuffix(".")


def _go(error: Error, book: Book) -> str:
    section = _section(error, book)
    return f"; go back to {section}" if section else ""


def _section(error: Error, book: Book) -> str:
    """The section of the book that an error names, as a link if the book is to be had."""
    if not error.chapter:
        return ""
    words = f"Chapter {error.chapter}, <q>{escape(error.section)}</q>"
    place = book.find(error.chapter, error.section)
    return f'<a href="{escape(place)}">{words}</a>' if place else words


# ---------------------------------------------------------------------------------------------------------------- tables


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> str:
    """A table of HTML cells; the first ``words`` columns are text, the others numbers."""

    def cell(text: str, number: int) -> str:
        return f'<td class="num">{text}</td>' if number >= words else f"<td>{text}</td>"

    sides = ("" if number < words else ' class="num"' for number in range(len(heads)))
    head = "".join(f'<th scope="col"{side}>{text}</th>' for side, text in zip(sides, heads, strict=True))
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(cell(text, n) for n, text in enumerate(rest, start=1))}</tr>'
        for first, *rest in rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}"><table><caption>{escape(caption)}'
        f"</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _glance(one: Insight, privacy: Privacy) -> str:
    def row(item: Item) -> list[str]:
        of = len(item.known)
        mean, difficulty = privacy.mean(item.mean, of), privacy.mean(item.difficulty, of)
        return [
            escape(item.task.title),
            f"{escape(privacy.count(len(item.attempted), of))} of {of}",
            escape(privacy.count(len(item.full), of)),
            f"{_number(mean)} of {item.task.points:g}",
            _number(difficulty),
            _estimate(item.together),
        ]

    heads = ["Task", "Tried", "All points", "Mean points", "Difficulty", "Item–total correlation"]
    return _table("How each task went", heads, map(row, one.items)) + (
        '<p class="quiet">Difficulty is the share of the points that was earned, as item analysis has it: 1 is easy, 0 is hard. '
        "The correlation is that of the points in a task with those in all others, with its 95% interval; near 0 or below, "
        "the task asks for something else than the rest, or its tests go astray.</p>"
    )


def _number(value: float, places: int = 2) -> str:
    return DASH if math.isnan(value) else f"{value:.{places}f}".replace("-", "−")


def _percent(value: float) -> str:
    return DASH if math.isnan(value) else f"{value:.0%}"


def _estimate(one: Estimate) -> str:
    if not one.known:
        return DASH
    return _number(one.value) + ("" if math.isnan(one.low) else f" ({_number(one.low)} to {_number(one.high)})")


# ---------------------------------------------------------------------------------------------------------------- errors


def _item(item: Item, one: Insight, privacy: Privacy, book: Book) -> str:
    shown, rest = apart(item.errors, privacy)
    kind = f' <span class="quiet">({escape(item.task.kind)})</span>' if item.task.kind else ""
    rows = [_met(met, len(item.known), one, privacy, book) for met in shown]
    if rest:
        number = escape(privacy.count(len(rest)))
        rare = [met for met in item.errors if met not in shown]
        first, more = (_texts(some) for some in (rare[:RARE], rare[RARE:]))
        what = "other errors, each" if shown else "errors, each"
        rows.append(
            f'<li><div class="count">{number}</div><div><p>met {what} of fewer than {FEW} students:</p>{first}'
            + (f"<details><summary>{len(rare) - RARE} more</summary>{more}</details>" if more else "")
            + "</div></li>"
        )
    title = f"<h3>{escape(item.task.title)}{kind}</h3>"
    if not rows:
        lost = len(item.stuck)
        said = "No error was met." if not lost else "Points were lost, but the graded notebooks say no errors."
        return f'{title}<p class="quiet">{said if item.known else "No student has marks of all of its tests yet."}</p>'
    return f'{title}<ul class="errors">{"".join(rows)}</ul>'


def _texts(some: Sequence[Met]) -> str:
    items = "".join(f"<li>{escape(met.error.text)}</li>" for met in some)
    return f"<ul>{items}</ul>" if items else ""


def _met(met: Met, of: int, one: Insight, privacy: Privacy, book: Book) -> str:
    error = met.error
    about = [f"{error.seen.value}" if error.seen is not Seen.OWN else "no message of a test"]
    if section := _section(error, book):
        about.append(section)
    who = ""
    if privacy.named:
        names = (
            f"{escape(one.students.get(s, ''))} ({escape(s)})" if one.students.get(s) else escape(s)
            for s in met.students
        )
        who = f'<p class="quiet">{", ".join(names)}</p>'
    example = (
        f'<details open><summary>A typical answer</summary><pre tabindex="0"><code>{escape(met.example)}</code></pre></details>'
        if met.example
        else ""
    )
    count = escape(privacy.count(len(met.students), of))
    return (
        f'<li><div class="count">{count} <small>of {of}</small></div><div><p>{escape(error.text)}</p>'
        f'<p class="quiet">{" · ".join(about)}</p>{who}{example}</div></li>'
    )


# ------------------------------------------------------------------------------------------------ by hand, repairs, worth


def _people(one: Insight, privacy: Privacy) -> Iterable[str]:
    if not one.written:
        return
    yield "<h2>What a person marks</h2>"
    for task in one.written:
        yield f"<h3>{escape(task.task.title)}</h3>{_marked(task, len(one.students), privacy)}"


def _marked(task: Written, of: int, privacy: Privacy) -> str:
    marked = len(task.marks)
    count = privacy.count(marked, of) if marked else "none"
    said = f"{count[0].upper() + count[1:]} of {of} have a person’s marks"
    mean = privacy.mean(task.mean, marked)
    said += "." if math.isnan(mean) else f"; their mean is {_number(mean)} of {task.points:g} points."
    if task.waiting:
        said += (
            f" {privacy.count(len(task.waiting), of)} wait: give the marks in the formgrader, and make this page again."
        )
    if task.empty:
        said += f" {privacy.count(len(task.empty), of)} left it empty."
    said = f"<p>{re.sub(r'(?<=[.] )[a-z]', lambda one: one[0].upper(), escape(said))}</p>"
    if not marked:
        return said
    if not task.lines:
        return said
    if not any(task.lines.values()):
        first = next(iter(task.lines))
        return (
            f"{said}<p>By line of the rubric nothing is known: begin lines of your comment in the formgrader with the criterion "
            f"and its points, such as <q>{escape(first.name)}: {first.points:g}</q>.</p>"
        )

    def row(line: Any, marks: dict[str, float]) -> list[str]:
        mean = privacy.mean(sum(marks.values()) / len(marks), len(marks)) if marks else math.nan
        share = DASH if math.isnan(mean) else f"{mean / line.points:.0%}" if line.points else DASH
        return [escape(line.name), escape(privacy.count(len(marks), of)), f"{_number(mean)} of {line.points:g}", share]

    rows = (row(line, marks) for line, marks in task.lines.items())
    return said + _table("By line of the rubric", ["Criterion", "Students", "Mean points", "Share"], rows)


def _lost(number: int, privacy: Privacy) -> str:
    """That graded notebooks are missing, so that their errors cannot be counted."""
    if not number:
        return ""
    count = privacy.count(number)
    what = "graded notebook is" if number == 1 and privacy.named else "graded notebooks are"
    count = escape(count[0].upper() + count[1:])
    return f"<p>{count} {what} not in autograded/, or cannot be read: marks count, errors do not.</p>"


def _reliability(one: Insight) -> Iterable[str]:
    measure = "KR-20" if one.right_or_wrong else "Cronbach’s alpha"
    if not one.reliability.known:
        yield (
            f"<p>{measure} is not defined here: it takes two students with marks of every test, two tasks, and marks that "
            f"differ. There {'is' if one.complete == 1 else 'are'} {one.complete}.</p>"
        )
        return
    yield (
        f"<p>{measure} of the {len(one.items)} tasks with tests is <strong>{_estimate(one.reliability)}</strong>, from "
        f"{one.complete} students of whom every test has marks. It says how far the sum of marks would come out the same with "
        "other tasks of this kind; it does not say that the tasks ask for the right thing.</p>"
    )
    if one.enough > LARGEST:
        yield f"<p>So low a value is uncertain in any class: {one.enough} students would still leave it {WIDTH:g} wide.</p>"
    elif one.enough:
        now = f"it is {_number(one.reliability.width)} wide with your {one.complete}"
        there = "so this number means something." if one.complete >= one.enough else "so read it as a hint."
        yield (
            f"<p>Its interval is narrower than {WIDTH:g} from about {one.enough} students on; {now}, {there} A correlation needs "
            "more: its interval is ±0.2 with about 80 students, and ±0.3 with about 40.</p>"
        )


def _repairs(one: Insight, privacy: Privacy) -> Iterable[str]:
    if not one.fates:
        yield (
            "<p>There is no record of outcomes in this course (classroom-outcomes.jsonl): it was graded by nbgrader itself, or "
            "the file was deleted.</p>"
        )
        return
    said = [f"{escape(privacy.count(one.fates[fate]))} {fate.value}" for fate in Fate if one.fates[fate]]
    yield f"<p>{', '.join(said)}.</p>"
    shown = {note: students for note, students in one.repairs.items() if not privacy.few(len(students))}
    if shown:
        rows = ([escape(note), str(len(students))] for note, students in shown.items())
        yield _table("Mended before grading", ["What", "Students"], rows)
    rare = [note for note in one.repairs if note not in shown]
    if rare:
        texts = "".join(f"<li>{escape(note)}</li>" for note in rare)
        yield f"<details><summary>Repairs that fewer than {FEW} students needed</summary><ul>{texts}</ul></details>"


def _method() -> Iterable[str]:
    yield (
        "<p>Marks are those of the gradebook; a test whose marks wait for a person counts as unknown. A test stops at its first "
        "failure, so a number of students says how many met an error <em>at least</em>. Errors that differ in numbers only are "
        "one; values that a message was filled with are left out (…). An error counts as the course’s if one of its own cells "
        "raised it: what students raise themselves does not.</p>"
    )
    yield (
        '<p class="quiet">Alpha: Cronbach (1951), for right or wrong answers the formula 20 of Kuder and Richardson (1937); its '
        "interval: Feldt, Woodruff and Salih (1987). Correlations: Henrysson (1963), with Fisher’s interval.</p>"
    )


# ------------------------------------------------------------------------------------------------------ several assignments


def _kinds(kinds: Sequence[Kind], privacy: Privacy) -> Iterable[str]:
    if not kinds:
        return
    yield "<h2>Kinds of misconception</h2>"
    shown = [kind for kind in kinds if kind.stuck and not privacy.few(len(kind.stuck))]
    if shown:
        values = [{"kind": kind.name, "students": len(kind.stuck)} for kind in shown]
        said = "; ".join(f"{kind.name} {len(kind.stuck)}" for kind in shown)
        title = "Students who tried and lost points"
        yield _figure(
            title, f"{title}, by kind of misconception: {said}.", _bars(values, "kind", "students", title, None)
        )

    def row(kind: Kind) -> list[str]:
        tasks = ", ".join(f"{name}: {item.task.label}" for name, item in kind.items)
        return [escape(kind.name), escape(tasks), escape(privacy.count(len(kind.stuck))), _percent(kind.earned)]

    yield _table(
        "Each task has one kind", ["Kind", "Tasks", "Tried and lost points", "Points earned"], map(row, kinds), words=2
    )


def _again(again: Sequence[tuple[str, list[str], list[str]]], privacy: Privacy) -> Iterable[str]:
    shown = [(text, tasks, who) for text, tasks, who in again if not privacy.few(len(who))]
    if shown:
        yield "<h2>Errors that more than one task names</h2>"
        rows = ([escape(text), escape(", ".join(tasks)), str(len(who))] for text, tasks, who in shown)
        yield _table("The same words in several tasks", ["Error", "Tasks", "Students"], rows, words=2)


def _assignments(course: Sequence[Insight]) -> str:
    rows = (
        [escape(one.name), str(len(one.students)), _percent(_earned(one)), _estimate(one.reliability)] for one in course
    )
    return _table("All that have marks", ["Assignment", "Students", "Points earned", "Alpha or KR-20"], rows)


# ---------------------------------------------------------------------------------------------------------------- charts


def _charts(one: Insight, privacy: Privacy) -> str:
    named = {}
    for item in one.items:  # two tasks may have titles that begin alike
        label = item.task.label
        named[id(item)] = label if label not in named.values() else f"{label} ({len(named) + 1})"
    earned = [
        {"task": named[id(item)], "value": item.difficulty}
        for item in one.items
        if not math.isnan(privacy.mean(item.difficulty, len(item.known)))
    ]
    together = [
        {"task": named[id(item)], "value": item.together.value, "low": item.together.low, "high": item.together.high}
        for item in one.items
        if item.together.known and not math.isnan(item.together.low)
    ]
    drawn = ""
    if earned:
        said = "; ".join(f"{one['task']} {one['value']:.0%}" for one in earned)
        title = "Share of the points that was earned"
        drawn += _figure(title, f"{title}, by task: {said}.", _bars(earned, "task", "value", title, "%"))
    if together:
        said = "; ".join(
            f"{one['task']} {one['value']:.2f} ({one['low']:.2f} to {one['high']:.2f})" for one in together
        )
        title = "Item–total correlation, with its interval"
        drawn += _figure(title, f"{title}, by task: {said}.", _intervals(together, title))
    return f'<div class="charts">{drawn}</div>' if drawn else ""


def _figure(title: str, description: str, chart: Any) -> str:
    return f"<figure><figcaption>{escape(title)}</figcaption>{_drawn(chart, description)}</figure>"


def _bars(values: list[dict[str, Any]], name: str, value: str, title: str, form: str | None) -> Any:
    import altair as alt

    # A share has the whole for its scale, and no line of the grid between whole students.
    x = alt.X(
        f"{value}:Q",
        title=None,
        scale=alt.Scale(domain=[0, 1]) if form else alt.Scale(zero=True, nice=True),
        axis=alt.Axis(format=form, tickCount=5) if form else alt.Axis(format="d", tickMinStep=1, tickCount=5),
    )
    chart = alt.Chart(alt.Data(values=values), title=title, width=270, height=alt.Step(26))
    base = chart.encode(y=alt.Y(f"{name}:N", sort=None, title=None), x=x)
    text = alt.Text(f"{value}:Q", format=f".0{form}" if form else "d")
    return base.mark_bar(color=BLUE, height=14) + base.mark_text(align="left", dx=4, color=TEXT).encode(text=text)


def _intervals(values: list[dict[str, Any]], title: str) -> Any:
    import altair as alt

    low = min(0.0, *(one["low"] for one in values))
    scale = alt.Scale(domain=[math.floor(low * 5) / 5, 1])
    chart = alt.Chart(alt.Data(values=values), title=title, width=290, height=alt.Step(26))
    base = chart.encode(y=alt.Y("task:N", sort=None, title=None))
    x = alt.X("low:Q", scale=scale, title=None, axis=alt.Axis(tickCount=5))
    rule = base.mark_rule(color=BLUE, strokeWidth=2).encode(x=x, x2="high:Q")
    point = base.mark_point(color=BLUE, filled=True, size=60, opacity=1).encode(
        x=alt.X("value:Q", scale=scale, title=None)
    )
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=VERMILLION, strokeDash=[4, 3]).encode(x="zero:Q")
    return zero + rule + point


def _drawn(chart: Any, description: str) -> str:
    """A chart as SVG in the page's colours: one image with one description."""
    import vl_convert

    axis = {"labelFontSize": 13, "labelColor": MUTED, "gridColor": GRID, "domainColor": GRID, "tickColor": GRID}
    spec = chart.to_dict()
    spec.pop("title", None)
    for layer in spec.get("layer", ()):
        layer.pop("title", None)
    spec["config"] = {
        "background": None,
        "aria": False,
        "view": {"stroke": None},
        "axis": axis | {"labelLimit": 230, "labelPadding": 6},
        "axisY": {"labelColor": TEXT, "grid": False, "ticks": False, "domain": False},
        "text": {"fontSize": 13},
        "font": "sans-serif",
    }
    svg = vl_convert.vegalite_to_svg(spec, vl_version=_grammar(spec["$schema"]), allowed_base_urls=[])
    size = re.search(r'<svg[^>]*?\bwidth="([\d.]+)"[^>]*?\bheight="([\d.]+)"', svg)
    inner = svg[svg.index(">", svg.index("<svg")) + 1 :].replace(' font-family="sans-serif"', "")
    inner = re.sub(r' (?:role="graphics-[a-z-]+"|aria-[a-z]+="[^"]*")', "", inner)
    for colour, name in INK.items():
        inner = inner.replace(colour, f"var(--{name})")
    width, height = size[1], size[2]
    return (
        f'<svg role="img" aria-label="{escape(description)}" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" xmlns="http://www.w3.org/2000/svg">{inner}'
    )


def _grammar(schema: str) -> str:
    """The newest grammar of the chart's own major version that vl-convert has."""
    import vl_convert

    major = re.search(r"/v(\d+)", schema)[1]
    mine = [tuple(map(int, v.split("."))) for v in vl_convert.get_vegalite_versions() if v.split(".")[0] == major]
    return ".".join(map(str, max(mine)))
