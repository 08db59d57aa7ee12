"""The teacher's edition: for each exercise a page with all that students do not see, and a sheet to mark by.

A page has the tasks with model answers, each test in the words that it says when it fails, the wrong answers of the bank
with what each shows, and sample papers with their marks and the reasons. It lies in ``classroom`` and not in
``bookbuild`` because it reads what is for instructors only: the source notebooks and the answer bank, which is loaded by
its path as ``classroom demo`` loads it (nothing imports ``tests``). Of the book it takes the style sheet, as a file.

What is shown here is what :func:`classroom.release.secrets_of` calls secret, so that the checks of the student edition
and of the published site would find any piece of these pages there.
"""

import ast
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from textwrap import dedent
from typing import Any

import mistune
import nbformat
from nbgrader.coursedir import CourseDirectory
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from classroom.course import home
from classroom.demo import Bank, bank_of, load_bank
from classroom.disk import writing
from classroom.leaks import Markers
from classroom.misconceptions import Seen, TestCell
from classroom.model import Trouble
from classroom.solutions import unfenced
from classroom.tasks import Criterion, first_heading, rubric

SIGN = ".teachers-edition"  # a file in the folder: it is ours, and may be made anew
HERE = Path(__file__).resolve().parent
# What kinds of wrong answers are called in the bank -> what such an answer shows.
KINDS = {
    "misconception": "the idea is mistaken",
    "boundary": "off by one, or on the wrong side of a limit",
    "edge": "a special case that the text names was missed",
    "mutates": "the input was changed",
    "constant": "the visible example was typed in",
}
ROWS = 24  # of the sheet for a class
WARNING = "Teacher’s edition: model answers, hidden tests and sample marks. Not for students, and not for publishing."


@dataclass
class Function:
    """One function of an exercise: its solution cell, and the test cells that follow it with their points."""

    name: str
    model: str
    tests: list[tuple[str, str, float]]  # (grade id, source, points)


@dataclass
class Part:
    """What stands below one heading of the exercise."""

    title: str
    text: str
    functions: list[Function]
    paper: str = ""  # the grade id of a written answer
    most: float = 0  # its points
    rubric: tuple[Criterion, ...] = ()


@dataclass
class Exercise:
    """An exercise as its source notebook and its answer bank (if there is one) have it together."""

    name: str
    title: str
    opening: str
    parts: list[Part]
    bank: Bank | None
    markers: Markers

    @property
    def points(self) -> float:
        return sum(part.most + sum(points for f in part.functions for *_, points in f.tests) for part in self.parts)


def read(course: CourseDirectory, name: str) -> list[Exercise]:
    """The exercises of an assignment, one a notebook. FileNotFoundError names those that there are."""
    source = home(course, "source")
    paths = sorted((source / name).glob("*.ipynb"))
    if not paths:
        known = sorted({path.parent.name for path in source.glob("*/*.ipynb")})
        raise FileNotFoundError(f"no assignment {name!r} in {source}; there are: {', '.join(known) or 'none'}")
    try:
        bank = load_bank(bank_of(Path(course.root), name))
    except Trouble:
        bank = None
    markers = Markers.of(course.config)
    return [_exercise(path, bank, markers) for path in paths]


def _exercise(path: Path, bank: Bank | None, markers: Markers) -> Exercise:
    made = Exercise(path.stem, path.stem, "", [], bank, markers)
    part, function = Part("", "", []), None
    for cell in nbformat.read(path, as_version=4).cells:
        role = cell.metadata.get("nbgrader", {})
        graded, solution, task = (bool(role.get(key)) for key in ("grade", "solution", "task"))
        if cell.cell_type == "markdown" and not solution:
            level, words = first_heading(cell.source) or (0, "")
            text = re.sub(r"\A\s*#{1,6}[^\n]*\n?", "", cell.source) if words else cell.source
            if level == 1 and not made.parts:
                made.title, made.opening = words, text
            elif not words and not made.parts:  # what holds for all tasks
                made.opening += f"\n\n{text}"
            elif words:
                part = Part(words, text, [])
                made.parts.append(part)
            else:
                part.text += f"\n\n{text}"
            part.rubric = part.rubric or rubric(part.text)
        if not role:
            continue
        if part not in made.parts:  # a notebook without headings
            made.parts.append(part)
        if task or (graded and solution):
            part.paper, part.most = role["grade_id"], part.most + role.get("points", 0)
            part.text += _scheme(cell.source, markers)
        if solution and cell.cell_type == "code":
            function = Function(role["grade_id"], unfenced(cell.source, markers), [])
            part.functions.append(function)
        elif graded and not solution and function is not None:
            function.tests.append((role["grade_id"], cell.source, role.get("points", 0)))
    made.parts = [part for part in made.parts if part.functions or part.paper]
    return made


def _scheme(source: str, markers: Markers) -> str:
    """What a mark scheme in a cell for answers says, as Markdown."""
    lines = [line for what, _, line in markers.split(source)[1] if what != "hidden test"]
    return "\n\n**Mark scheme**\n\n" + "\n".join(lines) if lines else ""


# ----------------------------------------------------------------------------------------------------------------- HTML


def _formula(renderer: Any, tex: str, block: bool = False) -> str:
    try:
        from latex2mathml.converter import convert  # it comes with what builds the book

        made = convert(tex.strip(), display="block" if block else "inline")
    except Exception:  # a formula that it does not know, or no such library: TeX is what the author wrote
        made = f"<code>{escape(tex)}</code>"
    return f'<div class="ic-math" tabindex="0">{made}</div>' if block else made


def _markdown(text: str, level: int = 3) -> str:
    """Markdown of the course's own, its headings from ``level`` on."""
    md = mistune.create_markdown(escape=False, plugins=["table", "math", "strikethrough"])
    md.renderer.register("inline_math", _formula)
    md.renderer.register("block_math", lambda renderer, tex: _formula(renderer, tex, block=True))
    html = md(text)
    html = re.sub(r"<(/?)h([1-6])", lambda m: f"<{m[1]}h{min(6, level + int(m[2]) - 1)}", html)
    html = re.sub(
        r"<a href=\"(?!https?:)[^\"]*\">(.*?)</a>", r"\1", html
    )  # what a notebook links to is not beside this page
    html = html.replace("<table>", '<div class="ic-table" tabindex="0" role="region" aria-label="Table"><table>')
    return html.replace("</table>", "</table></div>")


_PYTHON, _SPANS = PythonLexer(), HtmlFormatter(cssclass="highlight")


def _code(source: str) -> str:
    return highlight(source.strip("\n"), _PYTHON, _SPANS).replace("<pre>", '<pre tabindex="0">')


def _points(value: float) -> str:
    return f"{value:g} point" + ("" if value == 1 else "s")


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def _fold(words: str, body: str) -> str:
    return f"<details><summary>{words}</summary>{body}</details>"


@lru_cache(maxsize=256)
def _cell(source: str, markers: Markers) -> TestCell:
    """A test cell that is read once, however many answers fail it."""
    return TestCell(source, markers)


def _tests(function: Function, markers: Markers) -> Iterator[str]:
    """Each test cell: what each of its checks says when it fails, visible and hidden ones told apart; then its text."""
    for name, source, points in function.tests:
        cell, lines, items = _cell(source, markers), source.split("\n"), []
        for claim in cell.claims:
            where = f"Chapter {claim.error.chapter}, “{claim.error.section}”" if claim.error.chapter else ""
            hidden = claim.error.seen == Seen.HIDDEN
            badge = f'<span class="tag{" hidden-test" if hidden else ""}">{"hidden" if hidden else "visible"}</span>'
            check = _condition("\n".join(lines[claim.first - 1 : claim.last]))
            items.append(
                f"<li>{badge} {escape(claim.error.text)}"
                + (f' <span class="quiet">{escape(where)}</span>' if where else "")
                + (f" <br><code>{escape(check[:160])}{' …' if len(check) > 160 else ''}</code>" if check else "")
                + "</li>"
            )
        counts = [sum(c.error.seen == seen for c in cell.claims) for seen in (Seen.VISIBLE, Seen.HIDDEN)]
        yield f"<h4>Tests <code>{escape(name)}</code>: {_points(points)}, all or nothing</h4>"
        yield f"<p>{counts[0]} checks that students see, {counts[1]} hidden. A student who fails one reads:</p>"
        yield f'<ol class="checks">{"".join(items)}</ol>'
        yield _fold(f"The whole of <code>{escape(name)}</code>", _code(_marked(source, markers)))


def _condition(statement: str) -> str:
    """What an assertion holds to be so, without its message; empty for what raises by itself."""
    try:
        (node,) = ast.parse(dedent(statement)).body
    except (SyntaxError, ValueError):
        return ""
    return ast.unparse(node.test) if isinstance(node, ast.Assert) else ""


def _marked(source: str, markers: Markers) -> str:
    """A test cell with its fences as comments that a reader understands."""
    words = {begin: f"# --- from here on hidden ({what}) ---" for what, begin, _ in markers.regions}
    words |= {end: "# --- seen again ---" for *_, end in markers.regions}
    out = []
    for line in source.split("\n"):
        fence = next((word for word in words if word in line), "")
        out.append(line[: len(line) - len(line.lstrip())] + words[fence] if fence else line)
    return "\n".join(out)


def _said(answer: Any, function: Function, markers: Markers) -> str:
    """What a student with a wrong answer reads: the whole message where it can be found, else the phrase of the bank."""
    says = getattr(answer, "says", "")
    cells = [_cell(source, markers) for name, source, _ in function.tests if name in answer.loses]
    whole = (claim.error.text for cell in cells for claim in cell.claims if says and says in claim.error.text)
    return next(whole, says)


def _answers(function: Function, bank: Bank | None, markers: Markers) -> Iterator[str]:
    """What the bank has for a function: wrong answers with what each shows, then other right ones."""
    task = next((task for task in bank.tasks if task.function == function.name), None) if bank else None
    if task is None:
        yield '<p class="quiet">The answer bank has nothing on this function.</p>'
        return
    most = {name: points for name, _, points in function.tests}
    yield "<h4>Wrong answers, and what each shows</h4>"
    for answer in task.wrong:
        lost, kind = sum(most.get(cell, 0) for cell in answer.loses), getattr(answer, "kind", "")
        said = _said(answer, function, markers)
        words = f"<strong>{escape(answer.name)}</strong>"
        words += f' <span class="quiet">loses {lost:g} of {_points(sum(most.values()))}</span>'
        shows = f"{kind.capitalize()}: {KINDS[kind]}. " if kind in KINDS else f"{kind.capitalize()}. " if kind else ""
        cells = ", ".join(f"<code>{escape(cell)}</code>" for cell in answer.loses)
        body = f"<p>{escape(shows)}Fails {cells}.</p>"
        body += f'<p class="says">The student reads: “{escape(said)}”</p>' if said else ""
        yield _fold(words, body + _code(answer.source))
    yield "<h4>Other right answers</h4>"
    yield from (_fold(escape(answer.name), _code(answer.source)) for answer in task.right)


def _samples(part: Part, bank: Bank | None) -> Iterator[str]:
    """The sample papers, each with its marks by the lines of the rubric and the reasons."""
    most = {one.name: one.points for one in part.rubric}
    mine = [one for one in bank.samples if set(getattr(one, "marks", ())) <= set(most)] if bank else []
    for sample in mine:
        total, marks = getattr(sample, "total", None), getattr(sample, "marks", {})
        name = getattr(sample, "name", "sample")
        got = f": {total:g} of {_points(part.most)}" if total is not None else ""
        yield f'<article class="sample"><h4>Sample paper, {escape(name)}{got}</h4>'
        yield f"<blockquote>{_markdown(sample.text, 5)}</blockquote>"
        if marks:
            rows = "".join(
                f'<tr><th scope="row">{escape(line)}</th><td class="num">{points:g}'
                f"{f' of {most[line]:g}' if line in most else ''}</td><td>{escape(reason)}</td></tr>"
                for line, (points, reason) in marks.items()
            )
            head = '<tr><th scope="col">Criterion</th><th scope="col">Points</th><th scope="col">Why</th></tr>'
            yield (
                f'<div class="ic-table" tabindex="0" role="region" aria-label="Marks of the {escape(name)} paper">'
                f"<table><thead>{head}</thead><tbody>{rows}</tbody></table></div>"
            )
        yield "</article>"


def page(exercise: Exercise) -> str:
    """The page of an exercise."""
    papers = [part for part in exercise.parts if part.paper]
    links = "".join(
        f'<li><a href="#{_slug(part.title) or "all"}">{_inline(part.title or "The functions")}</a></li>'
        for part in exercise.parts
    )
    body = [f"<h1>{_inline(exercise.title)}</h1>", f"<p>{_points(exercise.points)} in all.</p>"]
    if papers:
        body.append(f'<p><a href="{exercise.name}-marking.html">Sheets to mark the written answer by</a></p>')
    body.append(f'<nav aria-label="Tasks"><ul>{links}</ul></nav>')
    body.append(_fold("What the exercise says at its start", _markdown(exercise.opening)))
    if exercise.bank is None:
        body.append('<p class="quiet">There is no answer bank, so there are no wrong answers and no sample papers.</p>')
    for part in exercise.parts:
        body.append(f'<section id="{_slug(part.title) or "all"}"><h2>{_inline(part.title or "The functions")}</h2>')
        body.append(_markdown(part.text))
        for function in part.functions:
            body += [f"<h3><code>{escape(function.name)}</code></h3>", "<h4>Model answer</h4>", _code(function.model)]
            body += _tests(function, exercise.markers)
            body += _answers(function, exercise.bank, exercise.markers)
        if part.paper:
            body += _samples(part, exercise.bank)
        body.append("</section>")
    return _frame(exercise.title, "".join(body))


def sheet(exercise: Exercise) -> str:
    """Sheets to print: for each written answer one a paper, and one for a class."""
    body = []
    for part in (part for part in exercise.parts if part.paper):
        title = _inline(part.title or part.paper)
        lines = part.rubric or (Criterion("the whole answer", part.most),)
        fields = "".join(
            f"<span>{name}</span>" for name in ("Student", "Marked by", "Date", f"Points of {part.most:g}")
        )
        rows = "".join(
            f'<tr><th scope="row">{escape(one.name)} <br><span class="quiet">{escape(one.wanted)}</span></th>'
            f'<td class="boxes">{_boxes(one.points)}</td><td class="room"></td></tr>' + _anchors(one, exercise.bank)
            for one in lines
        )
        head = '<tr><th scope="col">Criterion</th><th scope="col">Points</th><th scope="col">Why</th></tr>'
        body.append(
            f'<section class="sheet"><h1>{_inline(exercise.title)}</h1><h2>{title}</h2><p class="fields">{fields}</p>'
            f"<table><thead>{head}</thead><tbody>{rows}</tbody></table><p>A word to the student:</p>"
            '<div class="room tall"></div></section>'
        )
        names = "".join(f'<th scope="col">{escape(one.name)} ({one.points:g})</th>' for one in lines)
        empty = "<tr>" + "<td></td>" * (len(lines) + 3) + "</tr>"
        body.append(
            f'<section class="sheet"><h2>{title}: the class</h2>'
            f'<div class="ic-table" tabindex="0" role="region" aria-label="Marks of the class"><table class="class">'
            f'<thead><tr><th scope="col">Student</th>{names}<th scope="col">Total ({part.most:g})</th>'
            f'<th scope="col">To talk about</th></tr></thead><tbody>{empty * ROWS}</tbody></table></div></section>'
        )
    return _frame(f"Marking: {exercise.title}", "".join(body), "marking")


def _boxes(most: float) -> str:
    return "".join(f"<span>{points}</span>" for points in range(int(most) + 1))


def _anchors(one: Criterion, bank: Bank | None) -> str:
    """How a line of the rubric was marked in the sample papers, to mark by."""
    told = []
    for sample in bank.samples if bank else ():
        if mark := getattr(sample, "marks", {}).get(one.name):
            told.append(f"{escape(getattr(sample, 'name', 'sample'))} {mark[0]:g}: {escape(mark[1])}")
    return f'<tr class="anchors"><td colspan="3">{". ".join(told)}.</td></tr>' if told else ""


def _inline(words: str) -> str:
    return re.sub(r"\A<p>|</p>\s*\Z", "", _markdown(words))


def _frame(title: str, body: str, css: str = "") -> str:
    plain = escape(re.sub(r"[*`$]", "", title))
    return (
        '<!DOCTYPE html>\n<html lang="en" class="ic-faces"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<meta name="color-scheme" content="light dark"><title>{plain} · Teacher’s edition</title>'
        '<link rel="stylesheet" href="_static/book.css"><link rel="stylesheet" href="_static/teacher.css"></head>'
        f'<body class="teacher {css}"><p class="warning">{WARNING}</p><main>{body}</main></body></html>\n'
    )


def _index(exercises: Sequence[Exercise]) -> str:
    rows = "".join(
        f'<li><a href="{one.name}.html">{_inline(one.title)}</a> <span class="quiet">{_points(one.points)}</span>'
        + (f' <a href="{one.name}-marking.html">marking sheets</a>' if any(part.paper for part in one.parts) else "")
        + "</li>"
        for one in exercises
    )
    lead = (
        "<p>For each exercise: model answers, every test in the words that a student reads, the wrong answers of the bank "
        "with what each shows, sample papers with their marks, and sheets to mark by. Every page can be printed.</p>"
    )
    return _frame("Exercises", f"<h1>Teacher’s edition</h1>{lead}<ul>{rows}</ul>")


# --------------------------------------------------------------------------------------------------------------- folder


def make(course: CourseDirectory, names: Sequence[str], out: Path, style: Path | None = None) -> list[Path]:
    """Write the edition into ``out``, made anew; the paths of its pages.

    ``style`` is a folder with the book's ``book.css`` and fonts (``_build/html/_static``). Trouble for a folder that
    goes to students, or that holds something else.
    """
    out = out.resolve()
    for step in ("source", "release", "submitted", "autograded", "feedback"):
        if out.is_relative_to(home(course, step)):
            raise Trouble(f"{out} is in a folder of nbgrader's: give the teacher's edition one of its own with --out")
    if out.is_dir() and any(out.iterdir()) and not (out / SIGN).exists():
        raise Trouble(f"{out} holds something else: give the teacher's edition a folder of its own with --out")
    if style is not None and not (style / "book.css").is_file():
        raise Trouble(f"{style} holds no book.css: build the book first (make book), or leave --style out")
    exercises = [exercise for name in names for exercise in read(course, name)]
    made = []
    with writing(out):
        shutil.rmtree(out, ignore_errors=True)
        (out / "_static").mkdir(parents=True)
        (out / SIGN).write_text(f"{WARNING}\n", encoding="utf-8")
        shutil.copy2(HERE / "teacher.css", out / "_static")
        if style is not None:
            shutil.copy2(style / "book.css", out / "_static")
            shutil.copytree(style / "fonts", out / "_static" / "fonts", dirs_exist_ok=True)
        else:
            (out / "_static" / "book.css").write_text("/* no book */\n", encoding="utf-8")
        pages = {"index": _index(exercises)}
        for one in exercises:
            pages[one.name] = page(one)
            if any(part.paper for part in one.parts):
                pages[f"{one.name}-marking"] = sheet(one)
        for name, text in pages.items():
            made.append(out / f"{name}.html")
            made[-1].write_text(text, encoding="utf-8")
    return made
