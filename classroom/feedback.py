"""Feedback pages that give nothing away and run nothing.

What a student handed in is hostile until shown otherwise, and what the grader ran knows the hidden tests. So:

* ``conceal`` takes the instructor's regions out of a graded notebook: hidden tests and mark schemes from the cells,
  each traceback (which would show them) down to its exception's name and message, output that repeats a hidden line.
* ``neutralise`` (see :mod:`classroom.neutral`) makes it safe to open in any viewer, nbgrader's formgrader too.
* ``page`` writes one self-contained HTML file without scripts, under a Content-Security-Policy that forbids them.

``classroom feedback`` does all three. So do nbgrader's own commands and the formgrader, if ``nbgrader_config.py`` says::

    c.HTMLExporter.preprocessors = ["classroom.feedback.Neutralise"]  # what the formgrader shows
    c.GenerateFeedback.exporter_class = "classroom.feedback.FeedbackExporter"
"""

import base64
import copy
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import Exporter
from nbformat.notebooknode import NotebookNode
from nbgrader.api import MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound
from sqlalchemy.exc import DBAPIError
from traitlets import default

from classroom.course import folder, home, open_course, open_gradebook
from classroom.disk import write_file, writing
from classroom.leaks import Markers, Search, Secret, squeeze
from classroom.model import Json, Trouble
from classroom.neutral import ANSI, LONGEST, RASTER, Patience, clean, neutralise, render, text_of
from classroom.neutral import Neutralise as Neutralise  # by this name it stands in instructors' configurations
from classroom.outcomes import Outcomes
from classroom.submission import SECRET, TIMESTAMP, is_stamp

# ---------------------------------------------------------------------------------------------------------- concealment

WITHHELD = "(not shown: this output repeats a hidden test)"
ECHO = 12  # characters without white space; a shorter line of output may equal a hidden one by chance
INSTEAD = "# (hidden tests ran here)"


def conceal(notebook: Json, markers: Markers) -> Json:
    """A copy of a graded notebook without what students may not see: hidden tests, mark schemes, and their echoes.

    An error keeps its name and message and loses its traceback. A line of output that holds a line of a hidden test
    goes; output that still holds one, packed or split, goes as a whole. (What student code has scrambled by a method of
    its own cannot be recognised; what helps there is a sandbox that shows it no test source.)
    """
    notebook = copy.deepcopy(notebook)
    secrets: dict[str, Secret] = {}
    for cell in notebook["cells"]:
        cell["source"] = text_of(cell["source"])
        public, fenced_off = markers.split(cell["source"])
        if not fenced_off:
            continue
        for what, _, line in fenced_off:
            text = squeeze(line)
            if len(text) >= ECHO:
                secrets[text] = Secret(what, text)
        note = [INSTEAD] if cell["cell_type"] == "code" else []
        cell["source"] = "\n".join([*public, *note]).rstrip("\n")
    # What stands in the open part of another cell is no secret.
    in_the_open = "\n".join(squeeze(line) for cell in notebook["cells"] for line in cell["source"].split("\n"))
    hidden = [secret for text, secret in secrets.items() if text not in in_the_open]
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [_concealed(output, hidden) for output in cell.get("outputs", [])]
    return notebook


def _leaks(text: str, hidden: Sequence[Secret]) -> bool:
    search = Search(hidden)
    search.file("", text.encode("utf-8", "surrogatepass"))
    return bool(search.leaks)


def _without(text: str, hidden: Sequence[Secret]) -> str:
    """Text without the lines that hold a hidden one; all of it withheld if that does not help."""

    def echoes(line: str) -> bool:
        squeezed = squeeze(line)
        return len(squeezed) >= ECHO and any(secret.text in squeezed for secret in hidden)

    left = "\n".join(line for line in text.split("\n") if not echoes(line))
    return WITHHELD if _leaks(left, hidden) else left


def _concealed(output: Json, hidden: Sequence[Secret]) -> Json:
    output = dict(output)
    kind = output.get("output_type")
    if kind == "error":
        name, message = (_without(text_of(output.get(part)), hidden) for part in ("ename", "evalue"))
        output |= {"ename": name, "evalue": message, "traceback": [f"{name}: {message}" if message else name]}
    elif kind == "stream":
        output["text"] = _without(text_of(output.get("text")), hidden)
    elif kind in ("display_data", "execute_result"):
        data = {}
        for mime, value in dict(output.get("data") or {}).items():
            plain = text_of(value) if isinstance(value, str | list) else repr(value)
            data[mime] = value if not hidden or not _leaks(plain, hidden) else None
        kept = {mime: value for mime, value in data.items() if value is not None}
        output["data"] = kept if len(kept) == len(data) else {"text/plain": WITHHELD}
    return output


# -------------------------------------------------------------------------------------------------------------- results


@dataclass(frozen=True)
class Result:
    """What a graded cell earned. ``waits``: a person has still to mark it."""

    score: float | None = None
    points: float | None = None
    comment: str = ""
    waits: bool = False


@dataclass(frozen=True)
class Results:
    """What a notebook earned: total, late penalty, and its cells by grade id."""

    assignment: str
    notebook: str
    score: float
    points: float
    late_penalty: float = 0.0
    cells: Mapping[str, Result] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        return sum(cell.waits for cell in self.cells.values())


def results_of(submission: SubmittedAssignment, notebook: SubmittedNotebook) -> Results:
    """The results of one submitted notebook, from the gradebook."""
    cells: dict[str, Result] = {}
    comments = {comment.name: comment.comment or "" for comment in notebook.comments}
    for grade in notebook.grades:
        unmarked = grade.auto_score is None and grade.manual_score is None
        waits = bool(grade.needs_manual_grade or unmarked)
        score = None if unmarked else float(grade.score)
        cells[grade.name] = Result(score, float(grade.max_score), comments.pop(grade.name, ""), waits)
    for name, comment in comments.items():
        cells[name] = Result(comment=comment)
    return Results(
        submission.assignment.name,
        notebook.name,
        float(notebook.score or 0),
        float(notebook.max_score or 0),
        float(notebook.late_submission_penalty or 0),
        cells,
    )


# ----------------------------------------------------------------------------------------------------------------- page

STYLE = """
:root { color-scheme: light dark; --text: #1c1e21; --page: #fff; --soft: #f4f5f7; --line: #c4c8ce; --quiet: #50565e;
  --good: #0b6239; --bad: #a1230f; --wait: #6b4500; --link: #0a4fa3; --key: #7a1fa2; --string: #8a3a00;
  --number: #0b5a70; }
@media (prefers-color-scheme: dark) { :root { --text: #e8eaed; --page: #16181b; --soft: #212429; --line: #4a5058;
  --quiet: #b4bac2; --good: #7fd6a4; --bad: #ff9f8c; --wait: #f0c674; --link: #8ab8f5; --key: #d7a8f5;
  --string: #f0b48a;  --number: #8fd3e6; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
main { max-width: 48rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; } h2 { font-size: 1.3rem; } h3 { font-size: 1.1rem; }
a { color: var(--link); } :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
pre { margin: 0.5rem 0; padding: 0.6rem 0.8rem; background: var(--soft); border-radius: 0.3rem;
  font: 0.875rem/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
code { font-family: ui-monospace, monospace; } img { max-width: 100%; height: auto; background: #fff; }
table { border-collapse: collapse; margin: 0.5rem 0; } caption { text-align: left; font-weight: 600; }
th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.6rem; text-align: left; vertical-align: top; }
.num { text-align: right; } .wide { overflow-x: auto; } blockquote { margin: 0.5rem 0; padding-left: 1rem; border-left:
  4px solid var(--line); } .total { font-size: 1.25rem; font-weight: 600; }
.cell { margin: 1rem 0; } .marked { border: 1px solid var(--line); border-left-width: 6px; border-radius: 0.3rem;
  padding: 0.6rem 0.9rem; } .marked > h2 { margin: 0; font-size: 1.05rem; }
.all { border-left-color: var(--good); } .some { border-left-color: var(--bad); }
.waits { border-left-color: var(--wait); }
.message { margin: 0.5rem 0; padding: 0.5rem 0.8rem; border-left: 4px solid var(--bad); background: var(--soft);
  white-space: pre-wrap; } .comment { border-left: 4px solid var(--link); padding-left: 0.8rem; }
.quiet { color: var(--quiet); } summary { cursor: pointer; padding: 0.3rem 0; }
.k, .kn, .ow, .kc, .kd, .kr { color: var(--key); } .s, .s1, .s2, .sd, .sa, .si, .se { color: var(--string); }
.c, .c1, .cm { color: var(--quiet); } .m, .mi, .mf, .mh { color: var(--number); }
@media print { .cell { break-inside: avoid; } }
""".strip()
POLICY = (
    "default-src 'none'; img-src data:; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'"
)
PIECE = re.compile(r'<span class="(\w+)">([^<]*)</span>')
COLOURED = {
    "k",
    "kn",
    "ow",
    "kc",
    "kd",
    "kr",
    "s",
    "s1",
    "s2",
    "sd",
    "sa",
    "si",
    "se",
    "c",
    "c1",
    "cm",
    "m",
    "mi",
    "mf",
    "mh",
}


def points(value: float) -> str:
    return f"{round(value, 2):g}"


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
    """Cleaned HTML with every heading one level down (the page has its own first one), and no styles of its own."""
    html = html.replace(' style="text-align:right"', ' class="num"').replace(' style="text-align:left"', "")
    return re.sub(r"<(/?)h([1-5])\b", lambda match: f"<{match[1]}h{int(match[2]) + 1}", html)


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


def _shown(output: Json, failed: bool, patience: Patience) -> str:
    """One neutral output as HTML. ``failed``: it belongs to a test, so an error is a message to the student."""
    if output["output_type"] == "stream":
        text = ANSI.sub("", output["text"]).strip("\n")
        return f"<pre>{escape(text)}</pre>" if text else ""
    if output["output_type"] == "error":
        name, message = (ANSI.sub("", output[part]).strip() for part in ("ename", "evalue"))
        plain = failed and name == "AssertionError" and message
        said = (
            escape(message) if plain else f"<strong>{escape(name)}</strong>{': ' if message else ''}{escape(message)}"
        )
        return f'<p class="message">{said}</p>'
    data = output["data"]
    if "text/html" in data:
        inner = patience(lambda: _demoted(clean(data["text/html"])))
        inner = inner if inner is not None else _as_it_is(data["text/html"])
        return f'<div class="wide" tabindex="0" role="region" aria-label="Output">{inner}</div>'
    for kind in RASTER:
        if kind in data:
            alt = escape(data.get("text/plain", "") or "A picture without a description")
            return f'<p><img src="data:{kind};base64,{escape(data[kind])}" alt="{alt}"></p>'
    if "text/markdown" in data:
        return _prose(data["text/markdown"], patience)
    text = ANSI.sub("", data.get("text/plain") or data.get("text/latex") or "").strip("\n")
    return f"<pre>{escape(text)}</pre>" if text else ""


def _verdict(result: Result) -> tuple[str, str]:
    """The style and the words for what a cell earned; the words alone say it all."""
    if result.waits or result.score is None:
        return "waits", f"to be marked by a person ({points(result.points or 0)} points)"
    earned = f"{points(result.score)} of {points(result.points or 0)} points"
    return ("all", earned) if result.score >= (result.points or 0) else ("some", earned)


def _block(cell: Json, result: Result | None, anchor: str, language: str, patience: Patience) -> str:
    """One cell as HTML: instructions, the student's work, or a test with what it says."""
    role = cell["metadata"].get("nbgrader", {})
    code = cell["cell_type"] == "code"
    test = code and role.get("grade") and not role.get("solution")
    source = cell["source"]
    if code:
        coloured = patience(_code, source, "text" if test else language) if len(source) <= LONGEST else None
        body = coloured if coloured is not None else _as_it_is(source)
    else:
        body = _prose(source, patience, cell.get("attachments"))
    outputs = "".join(_shown(output, bool(test), patience) for output in cell.get("outputs", []))
    comment = (
        f'<div class="comment"><strong>Comment</strong>{_prose(result.comment, patience)}</div>'
        if result and result.comment
        else ""
    )
    if test:
        body = f"{outputs}<details><summary>The test</summary>{body}</details>"
    else:
        body += outputs
    if result is None or result.points is None:
        return f'<div class="cell">{body}{comment}</div>'
    style, words = _verdict(result)
    title = "Test" if test else "Your answer" if role.get("solution") else "Task"
    name = escape(role["grade_id"])
    return (
        f'<section class="cell marked {style}" id="{anchor}" aria-labelledby="{anchor}-title">'
        f'<h2 id="{anchor}-title">{title} <code>{name}</code>: {words}</h2>{body}{comment}</section>'
    )


def _notice(found: Sequence[str]) -> str:
    """What was found in another place than the cell for it, and that a person looks at it."""
    if not found:
        return ""
    items = "".join(f"<li>{escape(words)}</li>" for words in found)
    return (
        '<section class="cell marked waits" aria-labelledby="found"><h2 id="found">A person is looking at more of your '
        f"work</h2><ul>{items}</ul><p>Until then the points that it could give are open, not lost.</p></section>"
    )


def page(notebook: Json, results: Results, lang: str = "en", found: Sequence[str] = ()) -> str:
    """The feedback page of a notebook that went through :func:`conceal` and :func:`neutralise`: one HTML file.

    ``found`` is what a person is still looking at.
    """
    language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    blocks, summary, patience = [], [], Patience()
    for number, cell in enumerate(notebook["cells"]):
        role = cell["metadata"].get("nbgrader", {})
        result = results.cells.get(role.get("grade_id", ""))
        anchor = f"part-{number}"
        blocks.append(_block(cell, result, anchor, language, patience))
        if result and result.points is not None:
            words = _verdict(result)[1]
            link = f'<a href="#{anchor}">{escape(role["grade_id"])}</a>'
            summary.append(
                f'<tr><th scope="row">{link}</th><td>{words}{", with a comment" if result.comment else ""}</td></tr>'
            )
    title = escape(f"Feedback: {results.assignment}")
    if results.notebook != results.assignment:
        title += escape(f", {results.notebook}")
    total = f"{points(max(0.0, results.score - results.late_penalty))} of {points(results.points)} points"
    if results.waiting:
        total += f" so far; {results.waiting} {'part waits' if results.waiting == 1 else 'parts wait'} for a person"
    late = f"<p>{points(results.late_penalty)} points were taken off for lateness.</p>" if results.late_penalty else ""
    table = f"<table><caption>Points</caption><tbody>{''.join(summary)}</tbody></table>" if summary else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(lang)}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style></head>\n"
        f'<body><main><h1>{title}</h1>\n<p class="total">{total}</p>{late}{_notice(found)}{table}\n'
        + "\n".join(blocks)
        + "\n"
        "</main></body></html>\n"
    )


class FeedbackExporter(Exporter):
    """The page for stock ``nbgrader generate_feedback``, which has put scores and comments into the notebook."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        given = resources.get("nbgrader", {})
        cells = {}
        for cell in nb.cells:
            role = cell.metadata.get("nbgrader", {})
            if "score" in role or role.get("comment"):
                score, most = role.get("score"), role.get("points") if "score" in role else None
                cells[role["grade_id"]] = Result(score, most, role.get("comment") or "")
        results = Results(
            given.get("assignment", ""),
            given.get("notebook", ""),
            given.get("score", 0.0) + given.get("late_penalty", 0.0),  # GetGrades has taken it off
            given.get("max_score", 0.0),
            given.get("late_penalty", 0.0),
            cells,
        )
        return page(neutralise(conceal(nb, Markers.of(self.config).hidden())), results), resources


# -------------------------------------------------------------------------------------------------------------- command


@dataclass(frozen=True)
class Feedback:
    """One page that was written, or why it was not (``problem``)."""

    student: str
    notebook: str
    path: Path | None = None
    problem: str = ""


def _stamp(graded: Path, pages: Path) -> None:
    """What nbgrader's exchange asks for beside the pages, to release them to whoever handed in (nbgrader release_feedback)."""
    stamps = [graded / TIMESTAMP, graded / SECRET]
    if all(path.is_file() and not path.is_symlink() and is_stamp(path.name, path.read_bytes()) for path in stamps):
        for path in stamps:
            write_file(pages / path.name, path.read_bytes(), 0o644)


def feedback(
    course: CourseDirectory | Path | str, name: str, students: Iterable[str] = (), lang: str = "en"
) -> Iterator[Feedback]:
    """Write ``feedback/STUDENT/NAME/NOTEBOOK.html`` for each submission in the gradebook, or for ``students`` only.

    Yields as it goes, one item a notebook. A page that cannot be made becomes a problem of that student's and leaves
    the others alone. LookupError if the gradebook has no such assignment, Trouble if it or the disk cannot be used.
    """
    course = course if isinstance(course, CourseDirectory) else open_course(course)
    markers, wanted = Markers.of(course.config).hidden(), set(students)
    outcomes = Outcomes(Path(course.root)).of(name)
    with open_gradebook(course) as gradebook:
        try:
            gradebook.find_assignment(name)
        except MissingEntry:
            raise LookupError(f"the gradebook has no assignment {name!r}") from None
        for submission in sorted(gradebook.assignment_submissions(name), key=lambda one: one.student_id):
            if wanted and submission.student_id not in wanted:
                continue
            for notebook in submission.notebooks:
                student = submission.student_id
                source = folder(course, "autograded", name, student) / f"{notebook.name}.ipynb"
                target = folder(course, "feedback", name, student) / f"{notebook.name}.html"
                if not source.is_file() or source.is_symlink():
                    yield Feedback(student, notebook.name, problem=f"{notebook.name}.ipynb was not graded")
                    continue
                try:
                    graded = nbformat.read(source, as_version=4)
                    results, found = results_of(submission, notebook), ()
                    if student in outcomes and submission.needs_manual_grade:
                        found = outcomes[student].outcome.found
                    html = page(neutralise(conceal(graded, markers)), results, lang, found)
                    with writing(home(course, "feedback")):
                        target.parent.mkdir(parents=True, exist_ok=True)
                        write_file(target, html.encode("utf-8", "replace"), 0o644)
                        _stamp(source.parent, target.parent)
                except (Trouble, DBAPIError):  # of the course, not of a student's
                    raise
                except Exception as why:
                    yield Feedback(student, notebook.name, problem=f"{type(why).__name__}: {why}")
                else:
                    yield Feedback(student, notebook.name, target)
