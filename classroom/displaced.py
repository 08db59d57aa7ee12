"""Work that stands in another place than the cell for it: what a person must see before an untouched cell earns its 0.

An answer cell is *open* while nothing stands in it but what was handed out; comments do not count, and neither does
``pass``. An open answer alone is an ordinary 0: the student left the task out. It takes a person if the submission also
holds something *new*, lines that were not handed out, that could be the answer:

    a function    code, in any cell, notebook or file, that defines it under its name, give or take a letter, a capital
                  or an underscore; a stub without a name wants a value that the tests read
    a text        a text cell or file with at least ``WORDS`` new words (right beside the cell for it, ``WORDS_BESIDE``);
                  prose of ``WORDS_IN_CODE`` words in a cell of code
    either        what only a person can read: a document, a picture, an archive, a notebook that is none, a link to where
                  people keep documents

The weakest sample paper of this course has 120 words, a sentence has about 20: a note to oneself stays below the line,
an answer in two sentences does not. In code, comments and strings are ordinary, so it takes twice as much. Scratch
cells, magics, charts and data files hold nothing that counts, however many there are. Neither does a file that the
notebook's own code writes, nor, where only functions are open, a print of the notebook (``NAME.pdf``).

Nothing of a student's is parsed as Python here: a parser can be brought down by what it is given, a regular expression
that never goes back over a line cannot.
"""

import builtins
import codecs
import html
import keyword
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from classroom.matching import DEFINES
from classroom.model import Json
from classroom.submission import TYPED, printable

WORDS = 20
WORDS_IN_CODE = 40
WORDS_BESIDE = 5
MOST = 20  # finds that are told of one submission
READ = 1_000_000  # characters of a file that are looked at
FIRST = 60  # characters that a message quotes

SKIP = "skip-execution"  # nbclient's tag for a cell that is not run

# Han, kana, Hangul and Thai write no spaces: each character counts as a word.
WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\d_]+")
NAME = re.compile(r"[^\W\d]\w*+")
FILLERS = frozenset({"pass", "...", "return", "return None"})
FUNCTION = re.compile(
    r"""^[ \t]*+(?:async[ \t]++)?(?:def|class)[ \t]++(\w++)
    |^[ \t]*+(\w++)[ \t]*+=[ \t]*+(?:lambda\b|(?:functools\.)?partial\(|np\.vectorize\(|[^\W\d][\w.]*+[ \t]*+$)
    |^[ \t]*+from[ \t]++[\w.]++[ \t]++import[ \t]++\(?([^\n#]*+)""",
    re.MULTILINE | re.VERBOSE,
)
VALUE = re.compile(r"^[ \t]*+(\w++)(?:[ \t]*+:[^=\n]*+)?[ \t]*+=(?!=)", re.MULTILINE)
UNSAID = re.compile(  # comments and strings
    r"""#[^\n]*+|("{3}|'{3}).*?\1|"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'""", re.DOTALL
)
TEXT_MAGIC = re.compile(r"%%(?:markdown|html|latex|writefile[^\n]*\.(?:md|txt|html?|tex))\b")
DOCSTRING = re.compile(r'(:[ \t]*\n[ \t]*+r?)("{3}|\'{3})')
# What prose has none of, and what lines of code begin with.
CODE = re.compile(r"[=\[\]{}_\\@<>|&^~]|(?<=[^\W\d]{2})\.(?=[^\W\d])|\w\(|[\"'],")
STATEMENT = re.compile(
    r"(?:for|while|if|elif|else|try|except|finally|with|return|yield|raise|assert|import|from|def|class|lambda|del|print)\b"
)
# Kinds of files. What is neither data nor readable as text is for a person's eyes.
_DATA = """
    cfg cff conf css csv db dbf dta dvc feather geojson gpkg h5 hdf5 ini js json jsonl lock log npy npz parquet pickle pkl
    prj rda rds sav shp shx sqlite tab toml tsv xml yaml yml
"""
DATA = frozenset(_DATA.split())
PRINTS = frozenset({"pdf", "html", "htm"})
WRITES = re.compile(r"sav|write|to_|open\([^\n]*[\"'][wax]")
# Files that only say where a document is, and where people keep those.
LINKS = frozenset({"gdoc", "gdocx", "gslides", "url", "webloc", "desktop", "lnk"})
ELSEWHERE = re.compile(
    r"https?://(?:[\w-]+\.)*(?:docs\.google\.com|drive\.google\.com|onedrive\.live\.com|1drv\.ms|sharepoint\.com|dropbox\.com"
    r"|icloud\.com|overleaf\.com|notion\.(?:so|site)|hackmd\.io|framapad\.org|youtu\.be|youtube\.com)/\S",
    re.IGNORECASE,
)
LINK = re.compile(r"https?://\S")
OPAQUE = (b"%PDF", b"{\\rtf", b"PK\x03\x04", b"\x89PNG", b"<svg", b"<?xml")


# ------------------------------------------------------------------------------------------------- what was handed out


@dataclass(frozen=True)
class Answer:
    """A cell that waits for an answer, as it was handed out."""

    grade_id: str
    code: bool
    lines: tuple[str, ...]
    names: frozenset[str]  # the functions that it is to define
    wanted: frozenset[str]  # if it names none: what the tests read and nothing handed out gives
    costs: tuple[str, ...]  # graded cells that get nothing without it
    person: bool  # a person marks it

    def untouched(self, source: str) -> bool:
        """Whether a cell says exactly what was handed out, comments and blank lines aside."""
        return _essence(source, self.code) == self.lines

    def open(self, source: str) -> bool:
        """Whether nothing of the student's stands in a cell."""
        return set(_essence(source, self.code)) <= {*self.lines, *(FILLERS if self.code else ())}


class Handout:
    """What students were given: its lines, and the cells for answers. Tests are those of ``source``, if there is one."""

    def __init__(self, release: Json, source: Json | None = None) -> None:
        cells = release["cells"]
        self.lines = frozenset(line.strip() for cell in cells for line in cell["source"].split("\n"))
        self.attached = {name for cell in cells for name in cell.get("attachments", ())}
        reads = {
            role["grade_id"]: _reads(cell["source"])
            for cell in (source or release)["cells"]
            if (role := _role(cell)).get("grade") and not role.get("solution") and cell["cell_type"] == "code"
        }
        text = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")
        given = _values(text) | functions(text) | set(dir(builtins)) | set(keyword.kwlist)
        wanted = frozenset().union(*reads.values()) - given
        self.answers: dict[str, Answer] = {}
        for cell in cells:
            role, code = _role(cell), cell["cell_type"] == "code"
            if not role.get("solution"):
                continue
            names = frozenset(DEFINES.findall(cell["source"])) if code else frozenset()
            about = names or (wanted if code else frozenset())
            own = [role["grade_id"]] if role.get("grade") else []
            costs = [name for name, read in reads.items() if about & read]
            self.answers[role["grade_id"]] = Answer(
                role["grade_id"],
                code,
                _essence(cell["source"], code),
                names,
                frozenset() if names or not code else wanted,
                (*own, *costs),
                bool(own),
            )


@lru_cache(maxsize=4096)
def _reads(test: str) -> frozenset[str]:
    """The names in the code of a test."""
    return frozenset(NAME.findall(UNSAID.sub("", test)))


def _role(cell: Json) -> Json:
    found = cell["metadata"].get("nbgrader")
    return found if isinstance(found, Mapping) else {}


def _essence(source: str, code: bool) -> tuple[str, ...]:
    """The lines of a cell without blank ones and, in code, comments."""
    lines = map(str.strip, source.split("\n"))
    return tuple(line for line in lines if line and not (code and line.startswith("#")))


def functions(source: str) -> set[str]:
    """The names that a piece of code gives to functions: by def, class, lambda, another name, or an import."""
    names = set()
    for match in FUNCTION.finditer(source):
        if match[3] is not None:
            names |= {part.split()[-1] for part in match[3].strip("() \t").split(",") if part.split()}
        else:
            names.add(match[1] or match[2])
    return names


def _values(source: str) -> set[str]:
    return set(VALUE.findall(source))


def near(one: str, other: str) -> bool:
    """Whether two names differ in capitals, underscores and at most one letter (of names of three letters or more)."""
    one, other = _folded(one), _folded(other)
    return one == other or _close(one, other)


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def _close(one: str, other: str) -> bool:
    short = min(len(one), len(other))
    if short < 3 or abs(len(one) - len(other)) > 1:
        return False
    i = next((i for i in range(short) if one[i] != other[i]), short)
    return one[i + 1 :] == other[i + 1 :] or one[i:] == other[i + 1 :] or one[i + 1 :] == other[i:]


# ------------------------------------------------------------------------------------------- a function above its stub


def spare(cells: Sequence[Json], handout: Handout) -> dict[int, int]:
    """The answer cells that would undo what the student wrote above them: {the cell: the one that defines it}.

    They are as they were handed out, and code of the student's higher up gives their function a meaning.
    """
    defined: dict[str, int] = {}
    spared = {}
    for at, cell in enumerate(cells):
        if cell["cell_type"] != "code":
            continue
        role = _role(cell)
        answer = handout.answers.get(role.get("grade_id", ""))
        if answer and role.get("solution") and answer.untouched(cell["source"]):
            above = [defined[name] for name in answer.names if name in defined]
            if above:
                spared[at] = max(above)
        elif to_write_in(cell) and _new(cell["source"], handout.lines, code=True):
            defined |= dict.fromkeys(functions(cell["source"]), at)
    return spared


def not_run(cells: Sequence[Json], at: int) -> None:
    """Tags a cell so that nothing runs it."""
    tags = cells[at]["metadata"].get("tags")
    kept = [tag for tag in tags if tag != SKIP] if isinstance(tags, list) else []
    cells[at]["metadata"]["tags"] = [*kept, SKIP]


def to_write_in(cell: Json) -> bool:
    """Whether a cell is the student's to write in."""
    role = _role(cell)
    return bool(role.get("solution")) or not (role.get("grade") or role.get("locked") or role.get("task"))


# ------------------------------------------------------------------------------------------------- what could be it


@dataclass(frozen=True)
class Piece:
    """A cell of a student's, as it was handed in: what it says, and which answer it is ("" for none)."""

    number: int
    code: bool
    source: str
    answer: str = ""
    attached: tuple[str, ...] = ()
    output: str = ""


@dataclass(frozen=True)
class Sheet:
    """A notebook of a student's, cell by cell. ``settled``: answers whose function counts although their cell is open."""

    path: str
    pieces: tuple[Piece, ...]
    settled: frozenset[str] = frozenset()

    def open(self, handout: Handout) -> list[Answer]:
        """The answers in which nothing of the student's stands."""
        return [
            answer
            for name, answer in handout.answers.items()
            if answer.open(self.written.get(name, "")) and (answer.person or name not in self.settled)
        ]

    def otherwise(self, other: "Sheet", handout: Handout) -> list[Answer]:
        """The answers that are written in the other notebook and read otherwise here."""
        return [
            answer
            for name, answer in handout.answers.items()
            if not answer.open(theirs := other.written.get(name, ""))
            and _essence(theirs, answer.code) != _essence(self.written.get(name, ""), answer.code)
        ]

    @property
    def written(self) -> dict[str, str]:
        """What stands in the cells for answers, by grade id."""
        return {piece.answer: piece.source for piece in self.pieces if piece.answer}

    @property
    def lines(self) -> set[str]:
        return {line.strip() for piece in self.pieces for line in piece.source.split("\n")}

    @property
    def code(self) -> str:
        return "\n".join(piece.source for piece in self.pieces if piece.code)


def sheet_of(
    path: str,
    cells: Sequence[Json],
    raw: Sequence[Any],
    answers: Mapping[int, str] | None = None,
    dropped: Collection[int] = (),
    settled: frozenset[str] = frozenset(),
) -> Sheet:
    """A submitted notebook as it was handed in: ``cells`` as intake reads them, ``raw`` as they are in the file.

    ``answers`` says which cells are which answers, by index; ``dropped``: cells that only repeat what was handed out.
    """
    pieces = []
    for i, cell in enumerate(cells):
        if i in dropped:
            continue
        answer = (answers or {}).get(i, "")
        code = cell["cell_type"] == "code"
        text = code and TEXT_MAGIC.match(cell["source"])
        output = _output(raw[i], cell["source"]) if code and not answer else ""
        attached = tuple(cell.get("attachments", ()))
        pieces.append(Piece(i + 1, code and not text, cell["source"], answer, attached, output))
    return Sheet(path, tuple(pieces), settled)


def _output(raw: Any, source: str) -> str:
    """The text that stands in the outputs of a cell as Markdown or, where there is no code that made it, at all."""
    kinds = ("text/markdown",) if source.strip() else ("text/markdown", "text/plain", "text/html")
    found = []
    for output in outputs if isinstance(outputs := raw.get("outputs"), list) else ():
        if isinstance(output, dict):
            data = output["data"] if isinstance(output.get("data"), dict) else {}
            texts = [data[kind] for kind in kinds if kind in data][:1]
            texts += [output.get("text")] if len(kinds) > 1 and "text" in output else []
            for text in texts:
                lines = text if isinstance(text, list) else [text]
                found.append("".join(line for line in lines if isinstance(line, str)))
    return _visible("\n".join(found)[:READ])


def settle(cells: Sequence[Json], handout: Handout, spared: Collection[int]) -> frozenset[str]:
    """The answers whose function the student defines elsewhere, in time for their tests and with nothing to undo it."""
    settled = set()
    where = {_role(cell).get("grade_id"): at for at, cell in enumerate(cells)}
    definers = [
        (at, functions(cell["source"]))
        for at, cell in enumerate(cells)
        if cell["cell_type"] == "code" and to_write_in(cell) and _new(cell["source"], handout.lines, code=True)
    ]
    for name, answer in handout.answers.items():
        tests = [where[cost] for cost in answer.costs if cost in where and cost != name]
        stub = where.get(name, -1)
        undone = -1 if stub in spared else stub
        if answer.names and any(
            undone < at < min(tests, default=len(cells)) and answer.names & names for at, names in definers
        ):
            settled.add(name)
    return frozenset(settled)


def _new(text: str, known: Collection[str], code: bool = False) -> list[str]:
    """The lines of a text that were not there before; in code, without comments."""
    lines = (line.strip() for line in text.split("\n"))
    return [line for line in lines if line and line not in known and not (code and line.startswith("#"))]


def _words(text: str) -> int:
    return sum(1 for _ in WORD.finditer(text))


def _prose(source: str, known: Collection[str]) -> str:
    """The lines of a piece of code that are sentences: in comments and strings, docstrings aside."""
    found = []
    for line in _new(_without_docstrings(source), known):
        line = line.lstrip("#").strip().strip("\"'")
        spoken = re.sub(r"^(?:print|display|Markdown|HTML)\(|^\w++[ \t]*+=[ \t]*+[rfRF]?(?=[\"'])", "", line).strip(
            "()\"', "
        )
        if _words(spoken) >= 5 and not CODE.search(spoken) and not STATEMENT.match(spoken):
            found.append(spoken)
    return "\n".join(found)


def _without_docstrings(source: str) -> str:
    kept, at = [], 0
    for match in DOCSTRING.finditer(source):
        if match.start() >= at:
            end = source.find(match[2], match.end())
            kept.append(source[at : match.end(1)])
            at = len(source) if end < 0 else end + 3
    return "".join([*kept, source[at:]])


def _could_be(
    answers: Iterable[Answer],
    handout: Handout,
    text: str,
    code: bool,
    known: Collection[str],
    beside: Collection[str] = (),
) -> list[Answer]:
    """Those of the answers that a text, or a piece of code, could be; ``beside``: whose cell is right beside it."""
    fresh = _new(text, known, code)
    if not fresh and not code:
        return []
    taken = {_folded(name) for answer in handout.answers.values() for name in answer.names}
    named = {_folded(name) for name in functions(text)} if fresh else set()
    said = "\n".join(fresh)
    words = _words(said)

    def fits(answer: Answer) -> bool:
        if not answer.code:
            if ELSEWHERE.search(said):
                return True
            return words >= (WORDS_BESIDE if answer.grade_id in beside else WORDS)
        if answer.names:
            own = {_folded(name) for name in answer.names}
            return bool(own & named) or any(_close(mine, name) for name in own for mine in named - taken)
        if answer.wanted:
            return bool(fresh) and bool(
                {_folded(name) for name in answer.wanted} & {_folded(name) for name in _values(text)}
            )
        return code and words >= WORDS

    prose = _words(_prose(text, known)) if code else 0
    return [answer for answer in answers if (prose >= WORDS_IN_CODE if code and not answer.code else fits(answer))]


def in_cells(
    sheet: Sheet, answers: Sequence[Answer], handout: Handout, known: Collection[str], own: bool
) -> Iterator[tuple[list[Answer], str]]:
    """The answers that cells of a notebook could be, and where; ``own``: it is the one that is graded."""
    of = "" if own else f" of {sheet.path!r}"
    room = 2 * READ
    for at, piece in enumerate(sheet.pieces if answers else ()):
        place = f"cell {piece.number}{of}"
        room -= len(piece.source) + len(piece.output)
        if room < 0:
            yield list(answers), f"what stands in {place} and below, too long to be looked through,"
            return
        others = [answer for answer in answers if answer.grade_id != piece.answer]
        if piece.answer:  # what else stands in it: two functions in one cell, a function below a text, a text in code
            others = [answer for answer in others if answer.names or (piece.code and not answer.code)]
        beside = {one.answer for one in sheet.pieces[max(0, at - 1) : at + 2]}
        if found := _could_be(others, handout, piece.source, piece.code, known, beside):
            yield found, f"{place} ({_begins(_new(piece.source, known))})"
            continue
        mine = [answer for answer in answers if answer.grade_id == piece.answer]
        if any(name not in handout.attached for name in piece.attached) and (mine or not piece.answer):
            yield mine or list(answers), f"a picture in {place}"
        elif piece.output and (found := _could_be(others, handout, piece.output, False, known)):
            yield found, f"the output of {place} ({_begins(_new(piece.output, known))})"
        elif mine and piece.code and _could_be(mine, handout, commented := _comments(piece.source), True, known):
            yield mine, f"what is commented out in {place} ({_begins(_new(commented, known))})"


def _comments(source: str) -> str:
    """What would stand in a cell if its comments were code, and nothing else did."""
    return "\n".join(re.sub(r"^#+ ?", "", line) for line in map(str.strip, source.split("\n")) if line.startswith("#"))


def _begins(lines: Iterable[str]) -> str:
    return f"“{printable(' '.join(' '.join(lines).split()), FIRST)}”"


# ------------------------------------------------------------------------------------------------------------- files


def in_file(
    path: str, data: bytes, name: str, sheet: Sheet, answers: Sequence[Answer], handout: Handout, known: Collection[str]
) -> tuple[list[Answer], str] | None:
    """The answers that a file of the submission, no notebook, could be, and where they stand; ``name``: the notebook's."""
    file = PurePosixPath(path)
    ending = file.suffix.lower().lstrip(".")
    if not data.strip() or ending in DATA or _writes(sheet.code, file.name):
        return None
    text = None if ending in LINKS else _text(data, ending)
    if text is not None and path.startswith(f"{TYPED}/") and LINK.search(text):
        text = None  # a link was handed in
    printed = ending in PRINTS and file.stem.lower().startswith(name.lower())
    if text is None or printed:
        if printed and not any(not answer.code for answer in answers) and len(answers) < len(handout.answers):
            return None
        return list(answers), repr(printable(path))
    code = ending in ("py", "r", "jl", "ipy")
    if ending in PRINTS:
        text = _visible(text)
    found = _could_be(answers, handout, text, code, known)
    return (found, f"{printable(path)!r} ({_begins(_new(text, known))})") if found else None


def _writes(code: str, name: str) -> bool:
    """Whether a line of code writes a file of this name."""
    quoted = f'{name}"', f"{name}'"
    return any(WRITES.search(line) and any(map(line.__contains__, quoted)) for line in code.split("\n"))


def _text(data: bytes, ending: str) -> str | None:
    """The text of a file; None if it is none, or one that only a person can read."""
    if data.lstrip()[:8].startswith(OPAQUE):
        return None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data[: 2 * READ].decode("utf-16", "replace")
    if b"\0" in data[:4096]:
        return None
    return data[:READ].decode("utf-8-sig", "replace")


def _visible(text: str) -> str:
    """What a web page says, near enough: without tags, styles and scripts."""
    head, *rest = re.split(r"<(?:script|style)\b", text, flags=re.IGNORECASE)
    text = head + " ".join(part.partition("</")[2].partition(">")[2] for part in rest)
    return html.unescape(re.sub(r"<[^<>]*>", "\n", text))
