"""The student's page: marks and what to do next, then task by task what went wrong, then the notebook.

One self-contained HTML file without scripts, under a Content-Security-Policy that forbids them. It opens with what a
tired reader on a phone needs: the total, where to go on, and for each task under its own title the words of the tests
that failed, with a link to the section of the book that they name. The notebook comes last, folded where all is well.
The type and the colours are the book's, in light and dark; its faces are taken from the machine, if they are there.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from classroom.book import Book
from classroom.leaks import Markers
from classroom.model import Json
from classroom.neutral import ANSI, LONGEST, RASTER, Patience, clean, render
from classroom.results import Result, Results
from classroom.tasks import Criterion, Outline, Task, by_criterion, first_heading, outline, plain

# Colours: integrated_care/charts.py and the book's style sheet.
LIGHT = """
  color-scheme: light; --text: #1d2430; --page: #ffffff; --soft: #f4f6f8; --line: #e2e6eb; --edge: #8b95a1; --quiet: #566070;
  --good: #0b6239; --bad: #b34700; --wait: #6b4500; --link: #00598c; --key: #7a1fa2; --string: #8a3a00; --number: #0b5a70;
""".strip()
DARK = """
  color-scheme: dark; --text: #e8eaed; --page: #14181d; --soft: #1b2027; --line: #333b45; --edge: #7f8a96; --quiet: #a9b2bd;
  --good: #35c79c; --bad: #ff9d62; --wait: #f5b83d; --link: #7cc4f0; --key: #d7a8f5; --string: #f0b48a; --number: #8fd3e6;
""".strip()
# The stand-ins have the metrics of the book's faces (bookbuild/assets/css/1-base.css).
STYLE = f"""
@font-face {{ font-family: "Sans stand-in"; font-weight: 400; src: local("Arial"), local("Liberation Sans"), local("Arimo"), local("Roboto"); size-adjust: 94.1%; }}
@font-face {{ font-family: "Sans stand-in"; font-weight: 600; src: local("Arial Bold"), local("Liberation Sans Bold"), local("Arimo Bold"), local("Roboto Bold"); size-adjust: 90%; }}
@font-face {{ font-family: "Serif stand-in"; font-weight: 600; src: local("Times New Roman Bold"), local("Liberation Serif Bold"), local("Tinos Bold"); size-adjust: 112.1%; }}
@font-face {{ font-family: "Sans stand-in, wide"; font-weight: 400; src: local("DejaVu Sans"), local("Verdana"); size-adjust: 81%; }}
@font-face {{ font-family: "Sans stand-in, wide"; font-weight: 600; src: local("DejaVu Sans Bold"), local("Verdana Bold"); size-adjust: 74.6%; }}
@font-face {{ font-family: "Serif stand-in, wide"; font-weight: 600; src: local("DejaVu Serif Bold"); size-adjust: 84.2%; }}
:root {{ {LIGHT}
  --sans: "Source Sans 3", "Sans stand-in", "Sans stand-in, wide", "Helvetica Neue", Arial, sans-serif;
  --serif: "Source Serif 4", "Serif stand-in", "Serif stand-in, wide", Georgia, "Times New Roman", serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "Segoe UI Mono", "Roboto Mono", Menlo, Consolas, "Liberation Mono", monospace; }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {DARK} }} }}
* {{ box-sizing: border-box; }}
html {{ font-size: 112.5%; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }}
@media (max-width: 600px) {{ html {{ font-size: 106.25%; }} }}
body {{ margin: 0; background: var(--page); color: var(--text); font: 400 1rem/1.55 var(--sans); overflow-wrap: break-word; }}
main {{ max-width: 42rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }}
h1, h2, h3, h4, h5, h6 {{ font-family: var(--serif); font-weight: 600; line-height: 1.2; margin: 1.6em 0 0.5em; hyphens: manual; text-wrap: balance; }}
h1 {{ font-size: 1.9rem; margin: 0 0 0.6rem; }} h2 {{ font-size: 1.45rem; margin-top: 2.4rem; }} h3 {{ font-size: 1.12rem; }}
h4, h5, h6 {{ font-size: 1rem; }}
p, ul, ol {{ margin: 0 0 0.8rem; }} ul, ol {{ padding-left: 1.25em; }} li {{ margin-bottom: 0.35em; }}
strong, b, th {{ font-weight: 600; }}
a {{ color: var(--link); text-underline-offset: 0.16em; }} :focus-visible {{ outline: 3px solid var(--link); outline-offset: 2px; }}
pre {{ margin: 0.5rem 0; padding: 0.6rem 0.8rem; background: var(--soft); border-radius: 0.3rem;
  font: 0.84rem/1.5 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }}
code, kbd {{ font-family: var(--mono); font-size: 0.88em; }} pre code {{ font-size: 1em; }}
img {{ max-width: 100%; height: auto; background: #fff; }}
.wide {{ overflow-x: auto; }} table {{ border-collapse: collapse; margin: 0.5rem 0; font-size: 0.92em; }}
caption {{ text-align: left; font-weight: 600; }}
th, td {{ border-bottom: 1px solid var(--line); padding: 0.3rem 0.8rem 0.3rem 0; text-align: left; vertical-align: top; overflow-wrap: normal; }}
.num {{ text-align: right; white-space: nowrap; }}
blockquote {{ margin: 0.5rem 0; padding-left: 1rem; border-left: 3px solid var(--line); }}
.of {{ color: var(--quiet); margin: 0 0 0.2rem; }} .total {{ font-size: 1.3rem; line-height: 1.3; font-weight: 600; margin: 0 0 0.4rem; }}
.next {{ background: var(--soft); border-left: 5px solid var(--link); border-radius: 0.3rem; padding: 1rem 1.1rem 0.4rem; margin: 1.4rem 0; }}
.next h2 {{ margin: 0 0 0.6rem; }} .next.waits {{ border-left-color: var(--wait); }}
.task {{ border-top: 1px solid var(--line); padding: 0.7rem 0 0.5rem; }}
.task h3 {{ margin: 0; display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.1rem 1rem; }}
.marks {{ font: 600 0.95rem/1.5 var(--sans); white-space: nowrap; }}
.all .marks {{ color: var(--good); }} .some .marks {{ color: var(--bad); }} .waits .marks {{ color: var(--wait); }}
.left .marks {{ color: var(--quiet); }} .task:is(.all, .left) > h3 {{ font-weight: 400; font-family: var(--sans); font-size: 1rem; }}
.message {{ margin: 0.6rem 0; padding: 0.5rem 0.9rem; border-left: 4px solid var(--bad); background: var(--soft); white-space: pre-wrap; }}
.comment {{ border-left: 4px solid var(--link); padding-left: 0.9rem; margin: 0.6rem 0; }}
.quiet {{ color: var(--quiet); }} .small {{ font-size: 0.92em; }}
summary {{ cursor: pointer; padding: 0.35rem 0; min-height: 1.8rem; }}
.fold {{ border-top: 1px solid var(--line); }} .fold > summary {{ font-weight: 600; }} .fold > summary .marks {{ white-space: normal; }}
.cell {{ margin: 0.8rem 0; }} .marked {{ border-left: 4px solid var(--edge); padding-left: 0.9rem; }} .marked > h3 {{ margin: 0; font-size: 1rem; font-family: var(--sans); }}
.marked.all {{ border-left-color: var(--good); }} .marked.some {{ border-left-color: var(--bad); }} .marked.waits {{ border-left-color: var(--wait); }}
.k, .kn, .ow, .kc, .kd, .kr {{ color: var(--key); }} .s, .s1, .s2, .sd, .sa, .si, .se {{ color: var(--string); }}
.c, .c1, .cm {{ color: var(--quiet); }} .m, .mi, .mf, .mh {{ color: var(--number); }}
.paper {{ display: none; }}
@media print {{ html {{ font-size: 10.5pt; }} main {{ max-width: none; padding: 0; }} .paper {{ display: block; }} .screen {{ display: none; }}
  details:not([open]) {{ display: none; }} a {{ color: inherit; }} h2, h3, h4, summary {{ break-after: avoid; }}
  .message, .comment, .next, tr, img {{ break-inside: avoid; }} .message, .next, pre {{ background: none; border: 1px solid var(--line); border-left-width: 4px; }} }}
""".strip()  # noqa: E501
POLICY = (
    "default-src 'none'; img-src data:; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'"
)
PIECE = re.compile(r'<span class="(\w+)">([^<]*)</span>')
COLOURED = frozenset(re.findall(r"\w+", "k kn ow kc kd kr s s1 s2 sd sa si se c c1 cm m mi mf mh"))
LEVELS = {"1": 3, "2": 3, "3": 4, "4": 5, "5": 6, "6": 6}  # of headings in a notebook, below the page's own
SAID = 1_200  # characters of a message that the list of tasks repeats; the notebook below has all of it
FIRST = 3  # tasks that are named to go on with
UNWRITTEN = "NotImplementedError"  # what an untouched stub of nbgrader's raises
NOTHING = "No response."  # what nbgrader says of an untouched answer


def points(value: float) -> str:
    return f"{round(value, 2):g}"


def _of_points(value: float, most: float) -> str:
    return f"{points(value)} of {points(most)} points"


def _count(number: float, one: str, more: str = "") -> str:
    return f"{points(number)} {one if number == 1 else more or f'{one}s'}"


# ------------------------------------------------------------------------------------------------------ texts and outputs


def _as_it_is(text: str) -> str:
    return f'<pre tabindex="0"><code>{escape(text)}</code></pre>'


@lru_cache(maxsize=2048)
def _code(source: str, language: str) -> str:
    """Code as HTML; pygments escapes it."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        lexer = TextLexer(stripnl=False)
    html = highlight(source, lexer, HtmlFormatter(nowrap=True)).rstrip()
    # Words without a colour need no tag: a third of the page.
    html = PIECE.sub(lambda match: match[0] if match[1] in COLOURED else match[2], html)
    return f"<pre><code>{html}</code></pre>"


def _demoted(html: str) -> str:
    """Cleaned HTML with every heading below the page's own, tables that scroll in their place, and no styles."""
    html = html.replace(' style="text-align:right"', ' class="num"').replace(' style="text-align:left"', "")
    html = re.sub(r"<table\b", '<div class="wide" tabindex="0" role="group" aria-label="Table"><table', html)
    html = html.replace("</table>", "</table></div>")
    return re.sub(r"<(/?)h([1-6])\b", lambda match: f"<{match[1]}h{LEVELS[match[2]]}", html)


@lru_cache(maxsize=2048)
def _markdown(text: str) -> str:
    return _demoted(clean(render(text, tables_everywhere=True)))


def _with_pictures(text: str, attachments: Mapping[str, Any]) -> str:
    return _demoted(clean(render(text, attachments, tables_everywhere=True)))


def _prose(text: str, patience: Patience, attachments: Mapping[str, Any] | None = None) -> str:
    if len(text) > LONGEST:
        return _as_it_is(text)
    made = patience(_with_pictures, text, attachments) if attachments else patience(_markdown, text)
    return made if made is not None else _as_it_is(text)


def _source(cell: Json, language: str, patience: Patience) -> str:
    """What stands in a cell, code in colours."""
    source = cell["source"]
    if cell["cell_type"] != "code":
        return _prose(source, patience, cell.get("attachments"))
    coloured = patience(_code, source, language) if len(source) <= LONGEST else None
    return coloured if coloured is not None else _as_it_is(source)


def _error(output: Json) -> tuple[str, str]:
    """Name and message of an error."""
    name, message = (ANSI.sub("", output[part]).strip() for part in ("ename", "evalue"))
    return name, message


def _said(name: str, message: str, test: bool, book: Book) -> str:
    """An error as a message to the student: a test speaks for itself; any other error has a name."""
    if test and name == "AssertionError" and message:
        return _linked(message, book)
    return f"<strong>{escape(name)}</strong>{': ' if message else ''}{_linked(message, book)}"


def _linked(text: str, book: Book) -> str:
    """A message with links to the sections of the book that it names."""
    return "".join(
        f'<a href="{escape(place)}">{escape(words)}</a>' if place else escape(words)
        for words, place in book.pieces(text)
    )


def _shown(output: Json, test: bool, patience: Patience, book: Book) -> str:
    """One neutral output as HTML. ``test``: it belongs to a test, so an error is a message to the student."""
    if output["output_type"] == "stream":
        text = ANSI.sub("", output["text"]).strip("\n")
        return f"<pre>{escape(text)}</pre>" if text else ""
    if output["output_type"] == "error":
        return f'<p class="message">{_said(*_error(output), test, book)}</p>'
    data = output["data"]
    if "text/html" in data:
        inner = patience(lambda: _demoted(clean(data["text/html"])))
        inner = inner if inner is not None else _as_it_is(data["text/html"])
        return f'<div class="wide" tabindex="0" role="group" aria-label="Output">{inner}</div>'
    for kind in RASTER:
        if kind in data:
            alt = escape(data.get("text/plain", "") or "A picture without a description")
            return f'<p><img src="data:{kind};base64,{escape(data[kind])}" alt="{alt}"></p>'
    if "text/markdown" in data:
        return _prose(data["text/markdown"], patience)
    text = ANSI.sub("", data.get("text/plain") or data.get("text/latex") or "").strip("\n")
    return f"<pre>{escape(text)}</pre>" if text else ""


# ------------------------------------------------------------------------------------------------------ what became of a task


def _verdict(result: Result) -> tuple[str, str]:
    """The style and the words for what a cell earned; the words alone say it all."""
    if result.open:
        return "waits", f"to be marked by a person ({points(result.points or 0)} points)"
    earned = _of_points(result.score or 0, result.points or 0)
    return ("some" if result.lost else "all"), earned


def _role(cell: Json) -> Mapping[str, Any]:
    return cell["metadata"].get("nbgrader", {})


def _is_test(cell: Json) -> bool:
    role = _role(cell)
    return cell["cell_type"] == "code" and bool(role.get("grade")) and not role.get("solution")


@dataclass
class Part:
    """A cell of a task: the cell, what it earned (None: it earns nothing), and the errors in it."""

    cell: Json
    result: Result | None = None

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [_error(one) for one in self.cell.get("outputs", ()) if one["output_type"] == "error"]


@dataclass
class Done:
    """What became of a task: its graded and answer cells in the notebook that was handed in."""

    number: int
    task: Task
    parts: list[Part] = field(default_factory=list)

    @property
    def graded(self) -> list[Part]:
        return [part for part in self.parts if part.result and part.result.points is not None]

    @property
    def lost(self) -> float:
        return sum(part.result.lost for part in self.graded if part.result)

    @property
    def open(self) -> float:
        """Points that a person has still to give or not."""
        return sum(part.result.points or 0 for part in self.graded if part.result and part.result.open)

    @property
    def commented(self) -> bool:
        return any(part.result and part.result.comment not in ("", NOTHING) for part in self.parts)

    @property
    def style(self) -> str:
        if self.lost:
            return "some" if self.begun else "left"
        return "waits" if self.open else "all"

    @property
    def begun(self) -> bool:
        """Whether anything of it was written: not if all that failed is the stub that was handed out."""
        failed = [part for part in self.graded if part.result and part.result.lost]
        return not failed or any(
            any(name != UNWRITTEN for name, _ in part.errors)
            or not (part.errors or (part.result and part.result.comment == NOTHING))
            for part in failed
        )

    @property
    def words(self) -> str:
        """What it earned."""
        results = [part.result for part in self.graded if part.result]
        more = "" if self.begun else ", not begun"
        more += ", with a comment" if self.commented else ""
        if len(results) == 1:
            return _verdict(results[0])[1] + more
        earned = sum(one.score or 0 for one in results if not one.open)
        said = _of_points(earned, sum(one.points or 0 for one in results))
        said += f", {points(self.open)} to be marked by a person" if self.open else ""
        return said + more

    def failed(self) -> list[tuple[Part, str, str]]:
        """The errors that cost it points, each once: in the tests, and before them where the code itself stopped."""
        found: dict[tuple[str, str], Part] = {}
        for part in self.parts if self.lost else ():
            own = part.result is None or part.result.points is None
            for error in part.errors if own or (part.result and part.result.lost) else ():
                found.setdefault(error, part)
        return [(part, name, message) for (name, message), part in found.items()]


def _done(notebook: Json, results: Results, tasks: Outline) -> list[Done]:
    """The tasks that the notebook has something of, with what became of them."""
    done = [Done(number, task) for number, task in enumerate(tasks.tasks)]
    for cell in notebook["cells"]:
        name = _role(cell).get("grade_id", "")
        result = results.cells.get(name)
        if name in tasks.of and (result or _role(cell).get("solution")):
            done[tasks.of[name]].parts.append(Part(cell, result))
    return [one for one in done if one.graded or one.commented]


# ------------------------------------------------------------------------------------------------------------ what to do next


def _next(done: Sequence[Done], results: Results, found: Sequence[str], book: Book) -> str:
    """What to do now, the most useful first; no line of it says what is not known."""
    begun = [one for one in done if one.lost and one.begun]
    begun.sort(key=lambda one: (one.task.further, -one.lost, one.number))
    lines = [_go_on(one, book) for one in begun[:FIRST]]
    if rest := begun[FIRST:]:
        worth, after = _count(sum(one.lost for one in rest), "point"), sorted(rest, key=lambda one: one.number)
        lines.append(f"Then ({worth} more): {_list(after)}")
    if left := [one for one in done if one.lost and not one.begun]:
        worth = _count(sum(one.lost for one in left), "point")
        lines.append(f"Not begun yet ({worth}): {_list(left)}")
    if said := [one for one in done if one.commented and not one.lost]:
        lines.append(f"Read the comment on {_list(said)}")
    if results.waiting:
        waiting = ", ".join(_to(one) for one in done if one.open) or _count(results.waiting, "part")
        worth = sum(one.points or 0 for one in results.cells.values() if one.open)
        lines.append(f"A person has still to mark {waiting} ({_count(worth, 'point')}): you need do nothing.")
    if not lines and done:
        lines.append("Nothing: every point is yours." if results.points else "Nothing: no part of this gives points.")
    if not lines:
        lines.append(
            "No part of this notebook has been graded, so there is nothing to go by. Ask the person who teaches the course."
        )
    more = ""
    if found:
        items = "".join(f"<li>{escape(words)}</li>" for words in found)
        more = (
            '<section class="next waits" aria-labelledby="found"><h2 id="found">A person is looking at more of your '
            f"work</h2><ul>{items}</ul><p>Until then the points that it could give are open, not lost.</p></section>"
        )
    items = "".join(f"<li>{line}</li>" for line in lines)
    body = f"<ol>{items}</ol>" if len(lines) > 1 else f"<p>{lines[0]}</p>"
    return f'<section class="next" aria-labelledby="next"><h2 id="next">What to do next</h2>{body}</section>{more}'


def _to(one: Done) -> str:
    return f'<a href="#task-{one.number}">{escape(one.task.title)}</a>'


def _list(some: Sequence[Done]) -> str:
    """Tasks at the end of a sentence."""
    end = "" if some[-1].task.title.endswith((".", "?", "!")) else "."
    return ", ".join(map(_to, some)) + end


def _go_on(one: Done, book: Book) -> str:
    """A task to go on with, what it can still give, and how to begin."""
    line = f"{_to(one)}: {_count(one.lost, 'point')} lost."
    failed = one.failed()
    stopped = next((name for part, name, _ in failed if name in ("SyntaxError", "IndentationError", "TabError")), "")
    if stopped:
        return f"{line} Python cannot read the code ({escape(stopped)}), so begin there."
    for part, _, message in failed:
        if _is_test(part.cell):
            for words, place in book.pieces(message):
                if place:
                    return f'{line} Read <a href="{escape(place)}">{escape(words)}</a>, then what the test says below.'
    if failed:
        return f"{line} Begin with what the test says below."
    return f"{line} Read the comment below." if one.commented else line


# ----------------------------------------------------------------------------------------------------------- task by task


def _task(one: Done, patience: Patience, book: Book) -> str:
    """A task with what went wrong in it, in the words of the tests and of whoever marked it."""
    title = (
        f'<h3 id="task-{one.number}-title"><span>{escape(one.task.title)}</span> '
        f'<span class="marks">{one.words}</span></h3>'
    )
    said = []
    for part, name, message in one.failed() if one.begun else ():
        cut = message if len(message) <= SAID else f"{message[:SAID]} … (all of it stands in the notebook below)"
        said.append(f'<p class="message">{_said(name, cut, _is_test(part.cell), book)}</p>')
    for part in one.parts:
        said += _marking(part, one.task.rubric, patience)
    if one.lost and one.begun:
        said.append(f'<p class="screen"><a href="#work-{one.number}">Your work on this task</a></p>')
    return (
        f'<section class="task {one.style}" id="task-{one.number}" aria-labelledby="task-{one.number}-title">'
        f"{title}{''.join(said)}</section>"
    )


def _marking(part: Part, lines: Sequence[Criterion], patience: Patience) -> Iterator[str]:
    """What a person said of a cell, by the lines of the rubric if the comment goes by them."""
    result = part.result
    if result is None or result.comment == NOTHING or (_is_test(part.cell) and not result.comment):
        return
    if sum(line.points for line in lines) != result.points or not (_role(part.cell).get("solution") and lines):
        lines = ()
    marks, rest = by_criterion(result.comment, lines)
    if marks:
        yield _rubric(lines, marks)
    if rest:
        yield f'<div class="comment"><strong>Comment</strong>{_prose(rest, patience)}</div>'
    if lines and not marks:
        yield f'<details class="small"><summary>By what it is marked</summary>{_rubric(lines, {})}</details>'


def _rubric(lines: Sequence[Criterion], marks: Mapping[str, tuple[float, str]]) -> str:
    rows = []
    for line in lines:
        if line.name in marks:
            mark, reason = marks[line.name]
            cells = f'<td class="num">{points(mark)} of {points(line.points)}</td><td>{escape(reason)}</td>'
        elif marks:
            cells = (
                f'<td class="num">– of {points(line.points)}</td><td class="quiet">nothing was said of this line</td>'
            )
        else:
            cells = f'<td class="num">{points(line.points)}</td><td>{escape(line.wanted)}</td>'
        rows.append(f'<tr><th scope="row">{escape(line.name)}</th>{cells}</tr>')
    last = "Why" if marks else "Full marks for"
    head = f'<tr><th scope="col">Criterion</th><th scope="col" class="num">Points</th><th scope="col">{last}</th></tr>'
    table = f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"
    return f'<div class="wide" tabindex="0" role="group" aria-label="Marks by criterion">{table}</div>'


# ----------------------------------------------------------------------------------------------------------- the notebook


def _block(cell: Json, result: Result | None, language: str, patience: Patience, tasks: Outline, book: Book) -> str:
    """One cell as HTML: instructions, the student's work, or a test with what it says."""
    role, test = _role(cell), _is_test(cell)
    body = _source(cell, "text" if test else language, patience)
    outputs = "".join(_shown(output, test, patience, book) for output in cell.get("outputs", []))
    comment = (
        f'<div class="comment"><strong>Comment</strong>{_prose(result.comment, patience)}</div>'
        if result and result.comment
        else ""
    )
    if test:
        body = f"{outputs}<details><summary>The test</summary>{body}</details>"
    elif not role.get("solution") and tasks.was_given(cell["source"]):
        name = "The text of the task" if cell["cell_type"] == "markdown" else "Code that was handed out"
        body = f'<details><summary class="quiet">{name}</summary>{body}</details>{outputs}'
    else:
        body += outputs
    if result is None or result.points is None:
        return f'<div class="cell">{body}{comment}</div>'
    style, words = _verdict(result)
    title = "Test" if test else "Your answer" if role.get("solution") else "Task"
    name = escape(role["grade_id"])
    return f'<div class="cell marked {style}" data-cell="{name}"><h3>{title}: {words}</h3>{body}{comment}</div>'


def _notebook(
    notebook: Json, results: Results, tasks: Outline, done: Sequence[Done], patience: Patience, book: Book
) -> str:
    """The notebook, task by task: open where something went wrong, folded where all is well or nothing was written."""
    language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    groups: list[tuple[int | None, list[str]]] = []
    now: int | None = None
    for cell in notebook["cells"]:
        role = _role(cell)
        if role.get("grade_id") in tasks.of:
            now = tasks.of[role["grade_id"]]
        elif cell["cell_type"] == "markdown" and (heading := first_heading(cell["source"])):
            now = tasks.headings.get(plain(heading[1]), now)
        if not groups or groups[-1][0] != now:
            groups.append((now, []))
        result = results.cells.get(role.get("grade_id", ""))
        groups[-1][1].append(_block(cell, result, language, patience, tasks, book))
    known = {one.number: one for one in done}
    folds, seen = [], set()
    for place, (number, blocks) in enumerate(groups):
        one = known.get(number) if number is not None else None
        if one is None:
            title, style = ("Before the tasks" if place == 0 else "More of the notebook"), ""
            failed = len(groups) == 1
        else:
            marks = f'<span class="marks">{one.words}</span>'
            title, style = f"{escape(one.task.title)}: {marks}", f" {one.style}"
            failed = bool(one.lost and one.begun)
        anchor = f' id="work-{number}"' if one and number not in seen else ""
        seen.add(number)
        opened = " open" if failed else ""
        folds.append(
            f'<details class="fold{style}"{anchor}{opened}><summary>{title}</summary>{"".join(blocks)}</details>'
        )
    return "\n".join(folds)


# --------------------------------------------------------------------------------------------------------------- the page


def page(
    notebook: Json,
    results: Results,
    lang: str = "en",
    found: Sequence[str] = (),
    tasks: Outline | None = None,
    book: Book | None = None,
) -> str:
    """The feedback page of a notebook that went through ``conceal`` and ``neutralise``: one HTML file.

    ``found`` is what a person is still looking at. ``tasks`` is the outline of the instructor's notebook; without it the
    notebook's own headings are taken. ``book``: where sections are to be read that messages name.
    """
    book, patience = book or Book(), Patience()
    tasks = tasks or outline(notebook["cells"], Markers(()))
    done = _done(notebook, results, tasks)
    title = escape(f"Feedback: {results.assignment}")
    if results.notebook != results.assignment:
        title += escape(f", {results.notebook}")
    total = _of_points(max(0.0, results.score - results.late_penalty), results.points)
    if results.waiting:
        total += f" so far; {results.waiting} {'part waits' if results.waiting == 1 else 'parts wait'} for a person"
    late = f"<p>{points(results.late_penalty)} points were taken off for lateness.</p>" if results.late_penalty else ""
    by_task = "".join(_task(one, patience, book) for one in done)
    by_task = f"<h2>Task by task</h2>\n{by_task}" if by_task else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(lang)}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style></head>\n"
        f'<body><main><p class="of">Feedback</p><h1>{escape(tasks.title) or title}</h1>\n'
        f'<p class="total">{total}</p>{late}{_next(done, results, found, book)}\n{by_task}\n'
        "<h2>Your notebook</h2>\n"
        '<p class="quiet screen">Open where points were lost; folded where all is well.</p>'
        '<p class="quiet paper">Printed where points were lost; what is folded on the screen is left out.</p>\n'
        f"{_notebook(notebook, results, tasks, done, patience, book)}\n</main></body></html>\n"
    )
