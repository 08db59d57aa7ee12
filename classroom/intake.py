"""What a student handed in -> notebooks that can be graded, or the reason why a person must look.

``intake`` is pure: bytes in, values out. It opens no file, runs nothing, and never raises, whatever the bytes.
For honest work its notebooks equal those of nbgrader's own sanitising steps (ClearOutput, DeduplicateIds,
OverwriteKernelspec, OverwriteCells, CheckCellMetadata), so marks are the same. Where those steps would stop the batch
or lose the submission, it mends what is innocent and says so in ``Accepted.repairs``.

How a cell is recognised, in this order:

1. its nbgrader ``grade_id``, whatever the schema of the metadata around it. It is overruled only where it contradicts
   the rest: a cell that holds, word for word, another locked cell has had its id swapped, and so has an answer whose
   functions, or whose cell id and text, are another answer's;
2. its cell id, as released (Colab keeps it in ``metadata.id``);
3. its text, if that is as released, or at least half of it is, or if it defines the functions of the released stub;
4. its place: an answer without a name of its own, in the gap between two cells that were recognised.

Of several cells that claim to be the same one, those with the strongest sign count. Among them it is the last that
differs from the stub (for a locked cell: that equals the released text), else the last, as in nbgrader's
DeduplicateIds. The others stay in place as ordinary cells, unless they only repeat the released text.
"""

import codecs
import json
import math
import os
import re
import stat
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat

from classroom.assignment import graded
from classroom.model import Accepted, Assignment, Json, Notebook, Refused

# A submission is at most this large. nbgrader's own limit for a file (CourseDirectory.max_file_size) is 100 MB.
FILE_BYTES = 100_000_000
FOLDER_BYTES = 200_000_000
FILES = 1_000
DEPTH = 8
CELLS = 5_000
# Of JSON: a small file can unpack to a hundred times its size in memory if it is made of many tiny values.
VALUES = 5_000_000
# Of code and text in the cells, outputs and pasted pictures not counted.
TEXT_LENGTH = 20_000_000
REPAIRS = 50
# Metadata nested deeper than this is nobody's; it would only overflow the stack of whoever writes the notebook.
NESTING = 50

# What `classroom collect` writes into a submission of which it had to leave out a part (lines "file<TAB>reason").
REFUSED_BY_COLLECT = "refused-by-collect.txt"

# Folders and files that editors and systems leave behind.
LITTER = re.compile(
    r"(^|/)(\.ipynb_checkpoints|__pycache__|__MACOSX|\.git|\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)(/|$)"
)

# Below this share of its answer cells a notebook is not this assignment's, or too little of it to be marked unseen.
FEWEST_ANSWERS = 0.25
ALIKE = 0.5

# Metadata that nbformat drops when it writes, and the state of widgets, which belongs to the outputs.
TRANSIENT = ("orig_nbformat", "orig_nbformat_minor", "signature", "widgets")

UNFORESEEN = "it could not be taken in"

CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
SURROGATES = re.compile("[\ud800-\udfff]")
STRINGS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)  # never goes back, so needs no memory
DEFINES = re.compile(r"^(?:async +)?(?:def|class) +(\w+)", re.MULTILINE)


class Unfit(Exception):
    """Why a file cannot be graded. Stays inside this module."""


# ------------------------------------------------------------ the submission as a whole


def intake(assignment: Assignment, files: Mapping[str, bytes]) -> Accepted | Refused:
    """Takes a submission in: ``files`` maps paths relative to its folder (with ``/``) to bytes."""
    try:
        return take_in(assignment, files)
    except Exception as why:  # one submission must not end the batch; the tests hold that nothing known comes here
        return Refused(next(iter(sorted(files)), "."), f"{UNFORESEEN}: {type(why).__name__}")


def take_in(assignment: Assignment, files: Mapping[str, bytes]) -> Accepted | Refused:
    if REFUSED_BY_COLLECT in files:
        return refusal_of_collect(files[REFUSED_BY_COLLECT])
    for path in sorted(files):
        if reason := bad_path(path):
            return Refused(printable(path), reason)
    files = {path: data for path, data in files.items() if not LITTER.search(path)}
    chosen = choose(assignment.notebooks, files)
    if isinstance(chosen, Refused):
        return chosen
    notebooks, repairs = {}, []
    for name, path in chosen.items():
        try:
            notebook, notes = mend(assignment.notebooks[name], files[path])
        except Unfit as why:
            return Refused(printable(path), str(why))
        if path != f"{name}.ipynb":
            notes.insert(0, f"the file was called {path!r}")
        prefix = f"{name}: " if len(assignment.notebooks) > 1 else ""
        notebooks[name] = notebook
        repairs += [prefix + note for note in notes]
    used = set(chosen.values())
    repairs += [f"{path!r} was not graded" for path in sorted(files) if path not in used and is_notebook(path)]
    kept = {path: data for path, data in files.items() if path not in used and not is_notebook(path)}
    for path in obstacles(kept, [*assignment.files, *(f"{name}.ipynb" for name in notebooks)]):
        repairs.append(f"{path!r} was left out: another file's path goes through it")
        del kept[path]
    if len(repairs) > REPAIRS:
        repairs[REPAIRS:] = [f"and {len(repairs) - REPAIRS} more"]
    return Accepted(notebooks, {**kept, **assignment.files}, tuple(map(printable, repairs)))


def bad_path(path: str, deepest: int = DEPTH) -> str | None:
    """Why a path must not be written anywhere, if it must not."""
    parts = path.split("/")
    if path.startswith("/") or re.match(r"[a-zA-Z]:", path):
        return "the path is absolute"
    if ".." in parts:
        return "the path leads out of the folder"
    if "\\" in path or any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in path):
        return "the name has characters that no file should have"
    if "" in parts or "." in parts:
        return "the path has an empty part"
    if len(parts) > deepest:
        return f"folders are nested more than {deepest} deep"
    if any(len(part.encode()) > 255 for part in parts):
        return "the name is too long"
    return None


def obstacles(files: Iterable[str], reserved: Iterable[str]) -> list[str]:
    """Those of the files that cannot lie in one folder with the rest: one's name is another's folder."""
    names = {*files, *reserved}
    folders = {str(parent) for path in names for parent in PurePosixPath(path).parents}
    held = set(reserved)
    inside = {path for path in files if any(str(parent) in held for parent in PurePosixPath(path).parents)}
    return sorted(inside | (set(files) & folders))


def refusal_of_collect(note: bytes) -> Refused:
    """The first of the refusals that `classroom collect` wrote down."""
    first = note.decode("utf-8", "replace").split("\n")[0]
    path, _, reason = first.partition("\t")
    return Refused(printable(path) or REFUSED_BY_COLLECT, printable(reason) or "a part of the submission was refused")


def is_notebook(path: str) -> bool:
    return path.lower().endswith(".ipynb")


def choose(names: Mapping[str, Notebook], files: Mapping[str, bytes]) -> dict[str, str] | Refused:
    """Which file is which notebook of the assignment: {name: path}. One in which nothing is graded may be absent.

    ``NAME.ipynb`` at the top is taken whatever else there is, as nbgrader does. Otherwise a file with that name in a
    folder, or with what browsers and editors make of it ("NAME (1).ipynb", "NAME-Copy1.ipynb", "name.ipynb.json"), or,
    if one notebook is wanted, the only one there is. Copies with the same bytes count as one.
    """
    chosen = {name: f"{name}.ipynb" for name in names if f"{name}.ipynb" in files}
    left = [path for path in sorted(files) if path not in chosen.values()]
    matter = {name for name, notebook in names.items() if any(map(graded, notebook.source["cells"]))}
    disguised = {path for path in left if re.search(r"\.(json|txt)$", path.lower()) and b'"nbformat"' in files[path]}
    for name in names:
        if name in chosen:
            continue
        found: list[str] = []
        for rule in (
            lambda path, name=name: PurePosixPath(path).name == f"{name}.ipynb",
            lambda path, name=name: is_notebook(path) and bare(path) == bare(name),
            lambda path, name=name: path in disguised and bare(path) == bare(name),
        ):
            found = distinct([path for path in left if rule(path)], files)
            if found:
                break
        if not found and matter - chosen.keys() == {name}:
            found = distinct([path for path in left if is_notebook(path)] or sorted(disguised), files)
        if len(found) > 1:
            return Refused(found[0], "more than one file could be the notebook: " + ", ".join(map(printable, found)))
        if not found and name not in matter:
            continue
        if not found:
            return Refused(f"{name}.ipynb", missing(name, files))
        chosen[name] = found[0]
        left.remove(found[0])
        disguised.discard(found[0])
    return chosen


def bare(path: str) -> str:
    """A file name without folder, endings, marks of a copy, case and punctuation."""
    stem = re.sub(r"\.ipynb.*$|\.json$", "", PurePosixPath(path).name.lower())
    stem = re.sub(r"^copy of |[ _-]*(-\s*)?\(?copy\)?[ _-]*\d*$|\s*\(\d+\)$|-\d+$", "", stem)
    return re.sub(r"[\W_]+", "", stem)


def distinct(paths: list[str], files: Mapping[str, bytes]) -> list[str]:
    """The paths without those that repeat the bytes of an earlier one."""
    first: dict[bytes, str] = {}
    for path in paths:
        first.setdefault(files[path], path)
    return list(first.values())


def missing(name: str, files: Mapping[str, bytes]) -> str:
    """Why there is no notebook, in words."""
    if not files:
        return "the submission is empty"
    if packed := [path for path in sorted(files) if re.search(r"\.(zip|rar|7z|tar|t?gz)$", path.lower())]:
        return f"there is no notebook, only an archive that was not opened: {printable(packed[0])}"
    return f"there is no notebook called {name}.ipynb; there is: " + printable(", ".join(sorted(files)[:5]))


def printable(text: str, most: int = 300) -> str:
    """Text of a student that goes into a message: one line, nothing invisible, not endless."""
    text = "".join(c if c.isprintable() else "�" for c in text)
    return text if len(text) <= most else text[: most - 1] + "…"


# ------------------------------------------------------------ bytes -> a list of cells


def put_back(metadata: Json, due: Json, *names: str) -> None:
    """Give ``metadata`` these entries of ``due``, and none of them where ``due`` has none."""
    for name in names:
        metadata.pop(name, None)
        if name in due:
            metadata[name] = due[name]


def mend(notebook: Notebook, data: bytes) -> tuple[Json, list[str]]:
    """One submitted notebook, restored, and what was mended. Raises Unfit."""
    notes: list[str] = []
    raw = parse(data, notes)
    cells = [cell_of(cell, i, notes) for i, cell in enumerate(cells_of(raw, notes))]
    if sum(len(cell["source"]) for cell in cells) > TEXT_LENGTH:
        raise Unfit(f"the cells hold more than {TEXT_LENGTH // 1_000_000} million characters")
    matching = Matching(notebook, cells)
    matching.run()
    mended = matching.rebuild()
    notes += matching.notes
    metadata = clean(raw.get("metadata"))
    metadata = metadata if isinstance(metadata, dict) else {}
    for passing in TRANSIENT:
        metadata.pop(passing, None)
    if kernelspec := notebook.source["metadata"].get("kernelspec"):
        metadata["kernelspec"] = kernelspec
    # How a notebook runs is the instructor's to say: by this word, and by the language where the kernel names none.
    spec = metadata.get("kernelspec")
    named = isinstance(spec, dict) and spec.get("language")
    put_back(metadata, notebook.source["metadata"], *(("classroom",) if named else ("classroom", "language_info")))
    name_cells(mended, notebook.release)
    whole = {"cells": mended, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    if not valid(whole):
        # Only metadata can be at fault; of those, grading needs what was released.
        notes.append("metadata that no notebook may have was removed")
        released = {cell["id"]: cell["metadata"] for cell in notebook.release["cells"]}
        for cell in mended:
            nbgrader = {key: value for key, value in cell["metadata"].items() if key == "nbgrader"}
            cell["metadata"] = {**released.get(cell["id"], {}), **nbgrader} if nbgrader else {}
        whole["metadata"] = notebook.source["metadata"]
        if not valid(whole):
            raise Unfit("it is not a valid notebook")
    return whole, notes


def valid(notebook: Json) -> bool:
    try:
        nbformat.validate(notebook, version=4, version_minor=5)
    except nbformat.ValidationError:
        return False
    return True


def parse(data: bytes, notes: list[str]) -> Json:
    """The JSON object in a file, whatever its encoding. Raises Unfit."""
    if len(data) > FILE_BYTES:
        raise Unfit(f"the file is larger than {FILE_BYTES // 1_000_000} MB")
    for magic, what in SIGNATURES.items():
        if data.lstrip(codecs.BOM_UTF8).lstrip()[:16].lower().startswith(magic):
            raise Unfit(f"this is {what}, not a notebook")
    text = decode(data, notes)
    if not text.strip("\0 \t\r\n"):
        raise Unfit("the file is empty")
    if too_many_values(text):
        raise Unfit(f"the file holds more than {VALUES // 1_000_000} million values")
    try:
        raw = json.loads(text)
    except RecursionError:
        raise Unfit("it is nested too deeply to be a notebook") from None
    except json.JSONDecodeError as why:
        if why.msg.startswith("Unterminated") or not text[why.pos :].strip():
            raise Unfit(f"the file breaks off in line {why.lineno}: it was not saved or uploaded completely") from None
        raise Unfit(f"it is not JSON, as notebooks are: line {why.lineno}: {why.msg}") from None
    except ValueError:
        raise Unfit("it is not JSON, as notebooks are: a number in it has thousands of digits") from None
    if not isinstance(raw, dict):
        raise Unfit("it is JSON, but not a notebook")
    return raw


def too_many_values(text: str) -> bool:
    """Whether JSON would fill the memory. What stands in strings does not count, but they take time to cut out."""
    if sum(map(text.count, "[{,")) <= VALUES:
        return False
    return text.count('"') > 4 * VALUES or sum(map(STRINGS.sub("", text).count, "[{,")) > VALUES


SIGNATURES = {
    b"pk\x03\x04": "a zip archive (or an office document)",
    b"%pdf": "a PDF",
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"\x1f\x8b": "a gzip archive",
    b"{\\rtf": "a text document",
}


def decode(data: bytes, notes: list[str]) -> str:
    """Text in UTF-8, with or without byte order mark, UTF-16, UTF-32 or, failing those, a Western 8-bit encoding."""
    encoding = json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if encoding not in ("utf-8", "utf-8-sig"):
            raise Unfit(f"it claims to be {encoding.upper()} but is not") from None
        encoding, data = "cp1252", data.removeprefix(codecs.BOM_UTF8)
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            encoding = "latin-1"
            text = data.decode(encoding)
    if encoding != "utf-8":
        named = {"utf-8-sig": "UTF-8 with a byte order mark", "cp1252": "Windows-1252", "latin-1": "Latin-1"}
        notes.append(f"the file was written in {named.get(encoding, encoding.upper())}, not in UTF-8")
    return text


def cells_of(raw: Json, notes: list[str]) -> list[Any]:
    """The cells of a notebook in format 3 or 4, as found. Raises Unfit."""
    major = raw.get("nbformat")
    if major is None and isinstance(raw.get("cells"), list):
        notes.append("the version of the notebook format was missing")
        major = 4
    if major == 3:
        raw = upgrade(raw)
        notes.append("the notebook was in the old format 3")
    elif major != 4:
        if not isinstance(major, int | float | str):
            raise Unfit("it is JSON, but not a notebook")
        raise Unfit(f"notebook format {printable(str(major), 20)} is not known")
    cells = raw.get("cells")
    if not isinstance(cells, list):
        raise Unfit("the notebook has no list of cells")
    if not cells:
        raise Unfit("the notebook has no cells")
    if len(cells) > CELLS:
        raise Unfit(f"the notebook has {len(cells)} cells, more than {CELLS}")
    return cells


def upgrade(raw: Json) -> Json:
    """A notebook of format 3 in format 4, without outputs."""
    try:
        sheets = [
            {"cells": [{**cell, "outputs": []} if "outputs" in cell else dict(cell) for cell in sheet["cells"]]}
            for sheet in raw["worksheets"]
        ]
        if sum(len(sheet["cells"]) for sheet in sheets) > CELLS:
            raise Unfit(f"the notebook has more than {CELLS} cells")
        cells = []
        for cell in (cell for sheet in sheets for cell in sheet["cells"]):
            if cell.get("cell_type") == "code":
                cells.append({**cell, "source": cell.get("input", "")})
            elif cell.get("cell_type") == "heading":
                title = " ".join(string(cell.get("source", "")).splitlines())
                level = "#" * min(int(cell.get("level", 1)), 6)
                cells.append({**cell, "cell_type": "markdown", "source": f"{level} {title}"})
            else:
                cells.append({**cell, "cell_type": "raw" if cell.get("cell_type") == "raw" else "markdown"})
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise Unfit("the notebook, in the old format 3, is damaged") from None
    return {"cells": cells}


def string(source: Any) -> str:
    """The text of a cell, stored as a string or as a list of strings. Raises ValueError."""
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise ValueError("not a text")
    return SURROGATES.sub("�", source)


def cell_of(raw: Any, index: int, notes: list[str]) -> Json:
    """One cell in format 4.5 without outputs; ``id`` is there only if it may be one. Raises Unfit."""
    kind = raw.get("cell_type") if isinstance(raw, dict) else None
    if kind not in ("code", "markdown", "raw"):
        raise Unfit(f"cell {index + 1} is neither code nor text")
    try:
        source = string(raw.get("source", ""))
    except ValueError:
        raise Unfit(f"the text of cell {index + 1} cannot be read") from None
    if "\r" in source:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
        if (note := "line ends of another system were replaced") not in notes:
            notes.append(note)
    metadata = clean(raw.get("metadata"))
    metadata = metadata if isinstance(metadata, dict) else {}
    metadata.pop("trusted", None)
    cell: Json = {"cell_type": kind, "metadata": metadata, "source": source}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
        for about_output in ("collapsed", "scrolled"):
            metadata.pop(about_output, None)
    elif isinstance(attachments := clean(raw.get("attachments")), dict) and all(
        isinstance(bundle, dict) for bundle in attachments.values()
    ):
        cell["attachments"] = attachments
    if isinstance(raw.get("id"), str) and CELL_ID.fullmatch(raw["id"]):
        cell["id"] = raw["id"]
    return cell


def clean(value: Any, depth: int = 0) -> Any:
    """JSON that can be written as UTF-8 again: no lone surrogates, no infinity or nan, no abyss of nesting."""
    if isinstance(value, str):
        return SURROGATES.sub("�", value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if depth > NESTING:
        return None
    if isinstance(value, dict):
        return {SURROGATES.sub("�", key): clean(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [clean(item, depth + 1) for item in value]
    return value


def name_cells(cells: list[Json], release: Json) -> None:
    """Gives an id to every cell that has none, or another's: counted, so that the same bytes give the same ids."""
    taken = {cell["id"] for cell in release["cells"]} | {cell.get("id") for cell in cells}
    fresh = (name for i in count(1) if (name := f"cell-{i}") not in taken)
    seen = set()
    for cell in cells:
        if cell.get("id") in seen or "id" not in cell:
            cell["id"] = next(fresh)
        seen.add(cell["id"])


# ------------------------------------------------------------ which cell is which


def normal(text: str) -> str:
    """Text as compared: without blanks at the ends of lines and of the cell."""
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def lines(text: str) -> frozenset[str]:
    return frozenset(stripped for line in text.split("\n") if (stripped := line.strip()))


@dataclass(frozen=True)
class Slot:
    """A released cell: where submitted cells are to find their place."""

    index: int
    source: Json
    release: Json
    held: bool  # nbgrader has a hold on it
    text: str = field(init=False)
    lines: frozenset[str] = field(init=False)
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", normal(self.release["source"]))
        object.__setattr__(self, "lines", lines(self.release["source"]))
        code = self.release["cell_type"] == "code"
        object.__setattr__(self, "names", frozenset(DEFINES.findall(self.release["source"])) if code else frozenset())

    @property
    def nbgrader(self) -> Json:
        return self.source["metadata"].get("nbgrader", {})

    @property
    def grade_id(self) -> str:
        return self.nbgrader.get("grade_id", "")

    @property
    def answer(self) -> bool:
        """Whether the student is to write here."""
        return self.held and bool(self.nbgrader.get("solution"))

    @property
    def locked(self) -> bool:
        return self.held and not self.answer


@dataclass(frozen=True)
class Claim:
    """That a submitted cell is a released one; ``by`` how: smaller is stronger."""

    slot: Slot
    by: int


ID, CELL, TEXT, PLACE = range(4)


class Matching:
    """Finds the released cell behind each submitted one, then puts the notebook together as it should be."""

    def __init__(self, notebook: Notebook, cells: list[Json]) -> None:
        self.cells = cells
        self.texts = [normal(cell["source"]) for cell in cells]
        self.slots = [
            Slot(i, source, release, graded(source))
            for i, (source, release) in enumerate(zip(notebook.source["cells"], notebook.release["cells"], strict=True))
        ]
        self.by_grade_id = {slot.grade_id: slot for slot in self.slots if slot.grade_id}
        self.by_cell_id = {slot.release["id"]: slot for slot in self.slots}
        texts = Counter(slot.text for slot in self.slots)
        self.by_text = {slot.text: slot for slot in self.slots if slot.text and texts[slot.text] == 1}
        self.slot_of: dict[int, Claim] = {}  # submitted cell -> released one
        self.cell_of: dict[int, int] = {}  # released cell -> submitted one
        self.dropped: set[int] = set()
        self._defined: dict[int, frozenset[str]] = {}
        self.notes: list[str] = []

    def run(self) -> None:
        """Fills ``slot_of`` and ``cell_of``. Raises Unfit if this is not the assignment's notebook."""
        self.settle(self.claims())
        if any(slot.held and slot.index not in self.cell_of for slot in self.slots):
            self.by_likeness()
            self.by_place()
        self.say_how()
        answers = [slot for slot in self.slots if slot.answer]
        found = [slot for slot in answers if slot.index in self.cell_of]
        if answers and len(found) < max(1, FEWEST_ANSWERS * len(answers)):
            share = f"{len(found)} of the {len(answers)} cells for answers in this assignment"
            raise Unfit(f"the notebook has {share}: is it the right one?")
        if any(slot.held for slot in self.slots) and not any(self.slots[index].held for index in self.cell_of):
            raise Unfit("the notebook has no cell of this assignment: is it the right one?")

    # -- strong signs

    def nbgrader(self, i: int) -> Json:
        found = self.cells[i]["metadata"].get("nbgrader")
        return found if isinstance(found, dict) else {}

    def claims(self) -> Iterator[tuple[int, Claim]]:
        for i, cell in enumerate(self.cells):
            grade_id = self.nbgrader(i).get("grade_id")
            named = self.by_grade_id.get(grade_id) if isinstance(grade_id, str) else None
            cell_id = cell.get("id", cell["metadata"].get("id"))
            same_id = self.by_cell_id.get(cell_id) if isinstance(cell_id, str) else None
            same_text = self.by_text.get(self.texts[i])
            if named and named.held:
                other = self.swapped(i, named, same_id, same_text)
                if other:
                    self.notes.append(f"the cell with the id {named.grade_id!r} is {other.grade_id!r}: ids swapped")
                yield i, Claim(other or named, ID)
            elif same_text:
                yield i, Claim(same_text, CELL if same_text is same_id else TEXT)
            elif same_id:
                yield i, Claim(same_id, CELL)

    def swapped(self, i: int, named: Slot, same_id: Slot | None, same_text: Slot | None) -> Slot | None:
        """The slot that this cell really is, if its grade_id contradicts everything else."""
        if named.locked:
            other = same_text if same_text and same_text.locked else None
            return other if other not in (None, named) and same_id is not named else None
        others = [slot for slot in self.slots if slot.answer and slot.names and slot is not named]
        defined = self.defined(i)
        others = [slot for slot in others if slot.names <= defined]
        if named.names and not named.names & defined and len(others) == 1 and same_id is not named:
            return others[0]
        if same_id and same_id.answer and same_id is not named and self.alike(i, same_id) > self.alike(i, named):
            return same_id
        return None

    def settle(self, claims: Iterable[tuple[int, Claim]]) -> None:
        """Gives every slot to one of its claimants."""
        claimants: dict[int, list[tuple[int, Claim]]] = defaultdict(list)
        for i, claim in claims:
            claimants[claim.slot.index].append((i, claim))
        for index, several in claimants.items():
            slot = self.slots[index]
            strongest = min(claim.by for _, claim in several)
            equals = [i for i, claim in several if claim.by == strongest]
            as_released = [i for i in equals if self.texts[i] == slot.text]
            preferred = [i for i in equals if i not in as_released] if slot.answer else as_released
            kept = (preferred or equals)[-1]
            self.take(kept, Claim(slot, strongest))
            if slot.held and len(equals) > 1:
                self.dropped |= set(as_released) - {kept}
                only = "the one that was worked on" if slot.answer else "the one that is as released"
                which = only if len(preferred) == 1 else "the last"
                self.notes.append(f"{len(equals)} cells were {slot.grade_id!r}: {which} counts")

    def take(self, i: int, claim: Claim) -> None:
        self.slot_of[i] = claim
        self.cell_of[claim.slot.index] = i

    # -- weak signs, for what is still open

    def open(self) -> tuple[list[int], list[Slot]]:
        free = [i for i in range(len(self.cells)) if i not in self.slot_of and i not in self.dropped and self.texts[i]]
        return free, [slot for slot in self.slots if slot.held and slot.index not in self.cell_of]

    def defined(self, i: int) -> frozenset[str]:
        """The functions and classes that a submitted cell defines."""
        if i not in self._defined:
            code = self.cells[i]["cell_type"] == "code"
            self._defined[i] = frozenset(DEFINES.findall(self.cells[i]["source"])) if code else frozenset()
        return self._defined[i]

    def alike(self, i: int, slot: Slot, mine: frozenset[str] | None = None) -> float:
        """0 to 1: for an answer the share of the stub that is left in it, for a locked cell of lines in common."""
        if self.cells[i]["cell_type"] != slot.release["cell_type"] or not slot.lines:
            return 0.0
        mine = lines(self.cells[i]["source"]) if mine is None else mine
        common = len(mine & slot.lines)
        if slot.locked:
            return 2 * common / (len(mine) + len(slot.lines))
        return max(common / len(slot.lines), 0.9 if slot.names and slot.names <= self.defined(i) else 0.0)

    def by_likeness(self) -> None:
        free, slots = self.open()
        pairs = []
        for i in free:
            mine = lines(self.cells[i]["source"])  # cut once a cell, not once a slot
            for slot in slots:
                if (share := self.alike(i, slot, mine)) >= ALIKE:
                    pairs.append((-share, abs(i - slot.index), i, slot.index))
        for _, _, i, index in sorted(pairs):
            if i not in self.slot_of and index not in self.cell_of:
                self.take(i, Claim(self.slots[index], TEXT))

    def by_place(self) -> None:
        """An answer whose stub had no words of its own is the cell between its recognised neighbours."""
        free, slots = self.open()
        for slot in (slot for slot in slots if slot.answer):
            neighbours = [k for k in (slot.index - 1, slot.index + 1) if k in self.cell_of]
            if not neighbours:
                continue
            before = max((self.cell_of[k] for k in self.cell_of if k < slot.index), default=-1)
            after = min((self.cell_of[k] for k in self.cell_of if k > slot.index), default=len(self.cells))
            for i in free:
                if (
                    before < i < after
                    and i not in self.slot_of
                    and self.cells[i]["cell_type"] == slot.release["cell_type"]
                    and (not slot.names or slot.names & self.defined(i))
                ):
                    self.take(i, Claim(slot, PLACE))
                    break

    # -- what to tell

    def say_how(self) -> None:
        """Notes on metadata that were lost, old or changed."""
        ways: Counter[int] = Counter()
        schemas: Counter[str] = Counter()
        for i, claim in sorted(self.slot_of.items()):
            if not claim.slot.held:
                continue
            found, due = self.nbgrader(i), claim.slot.nbgrader
            if claim.by != ID:
                ways[claim.by] += 1
                continue
            if found.get("grade_id") != claim.slot.grade_id:
                continue  # swapped: said already
            schema = found.get("schema_version", 0)
            if schema != due.get("schema_version") or isinstance(schema, bool):
                schemas[printable(str(schema), 20)] += 1
                continue
            changed = [
                key
                for key in ("grade", "locked", "points", "solution", "task")
                if (found.get(key) or False) != (due.get(key) or False)
            ]
            if changed:
                self.notes.append(f"{claim.slot.grade_id!r}: settings put back: {', '.join(changed)}")
        if ways:
            words = {CELL: "cell id", TEXT: "text", PLACE: "place"}
            how = ", ".join(f"{n} by {words[way]}" for way, n in sorted(ways.items()))
            self.notes.append(f"nbgrader metadata was missing; cells were recognised: {how}")
        for schema, n in sorted(schemas.items()):
            self.notes.append(f"nbgrader metadata of schema {schema} was replaced in {n} cells")

    # -- the notebook as it should be

    def rebuild(self) -> list[Json]:
        """The cells in the student's order, those that nbgrader holds restored, those deleted put back."""
        placed: list[tuple[Json, int]] = []  # cell, index of its slot or -1
        for i in range(len(self.cells)):
            if i in self.dropped:
                continue
            claim = self.slot_of.get(i)
            if claim and claim.slot.held:
                placed.append((self.restore(i, claim.slot), claim.slot.index))
            else:
                placed.append((self.ordinary(i), claim.slot.index if claim else -1))
        for slot in self.slots:
            if slot.held and slot.index not in self.cell_of and not self.elsewhere(slot):
                placed.insert(self.gap(placed, slot), (json.loads(json.dumps(slot.source)), slot.index))
                what = "put back, unanswered" if slot.answer else "put back"
                self.notes.append(f"the cell {slot.grade_id!r} was deleted: {what}")
        return [cell for cell, _ in placed]

    def restore(self, i: int, slot: Slot) -> Json:
        """A cell as nbgrader's OverwriteCells leaves it: type, settings and, if locked, text from the source."""
        cell, due = self.cells[i], slot.source
        if cell["cell_type"] != due["cell_type"]:
            self.notes.append(f"{slot.grade_id!r}: made {due['cell_type']} again, from {cell['cell_type']}")
        metadata = dict(cell["metadata"])
        if "nbgrader" not in metadata:
            metadata = {**slot.release["metadata"], **metadata}
        metadata["nbgrader"] = dict(slot.nbgrader)
        if slot.locked:  # a tag can say that a cell is not to be run
            put_back(metadata, due["metadata"], "tags")
        if slot.locked and self.texts[i] != slot.text:
            self.notes.append(f"{slot.grade_id!r}: a locked cell was edited; its text was put back")
        restored = {"cell_type": due["cell_type"], "metadata": metadata}
        restored["source"] = due["source"] if slot.locked else cell["source"]
        restored |= {"id": cell["id"]} if "id" in cell else {"id": slot.release["id"]}
        if due["cell_type"] == "code":
            restored |= {"execution_count": None, "outputs": []}
        elif "attachments" in cell:
            restored["attachments"] = cell["attachments"]
        return restored

    def ordinary(self, i: int) -> Json:
        """A cell that nbgrader has no hold on: without nbgrader's metadata, unless it was released with some."""
        cell = dict(self.cells[i])
        if "nbgrader" in cell["metadata"]:
            grade_id = self.nbgrader(i).get("grade_id")
            slot = self.by_grade_id.get(grade_id) if isinstance(grade_id, str) else None
            metadata = {key: value for key, value in cell["metadata"].items() if key != "nbgrader"}
            if slot and not slot.held:
                # As nbgrader does with a cell that is not in the gradebook.
                metadata["nbgrader"] = {key: value for key, value in slot.nbgrader.items() if key != "grade_id"}
            elif slot is None and grade_id is not None:
                self.notes.append(f"the id {printable(str(grade_id), 60)!r} is not in this assignment: not graded")
            cell["metadata"] = metadata
        return cell

    def elsewhere(self, slot: Slot) -> bool:
        """Whether the student wrote this answer into another cell: a stub put back would undo it."""
        if not slot.answer or not slot.names or slot.nbgrader.get("grade"):
            return False
        for i in range(len(self.cells)):
            claim = self.slot_of.get(i)
            if i not in self.dropped and not (claim and claim.slot.locked) and slot.names & self.defined(i):
                self.notes.append(f"the cell {slot.grade_id!r} was deleted; cell {i + 1} has its answer")
                return True
        return False

    def gap(self, placed: list[tuple[Json, int]], slot: Slot) -> int:
        """Where a deleted cell goes: after the nearest released cell above it, else before the nearest below."""
        where = {index: position for position, (_, index) in enumerate(placed) if index >= 0}
        if earlier := [index for index in where if index < slot.index]:
            return where[max(earlier)] + 1
        if later := [index for index in where if index > slot.index]:
            return where[min(later)]
        return len(placed)


# ------------------------------------------------------------ a folder -> bytes


def read_folder(path: Path | str) -> Mapping[str, bytes] | Refused:
    """The files of one submission, or the first thing in it that is not an ordinary file of ordinary size.

    Nothing is followed: every name is opened relative to the folder it was found in, without following links, and what
    is open is looked at again, so that a swap in between gains nothing.
    """
    top = Path(path)
    try:
        descriptor = os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return Refused(printable(top.name), "this is not a folder that can be read (links are not followed)")
    reader = Reader()
    try:
        reader.walk(descriptor, "")
    except Odd as why:
        return Refused(printable(why.path), why.reason)
    finally:
        os.close(descriptor)
    return reader.files


class Odd(Exception):
    """Something in a folder that is not read. Stays inside this module."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason


class Reader:
    """Reads a folder within limits."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.entries = 0
        self.bytes = 0

    def walk(self, folder: int, prefix: str) -> None:
        """Reads the open folder, called ``prefix`` within the submission. Raises Odd."""
        for name in self.names(folder, prefix):
            path = prefix + name
            if LITTER.search(path):
                continue
            if reason := bad_path(path):
                raise Odd(path, reason)
            try:
                mode = os.lstat(name, dir_fd=folder).st_mode
                if kind := next((what for test, what in ODD if test(mode)), None):
                    raise Odd(path, f"this is {kind}, not a file; it was not opened")
                if stat.S_ISDIR(mode):
                    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                    try:
                        self.walk(inner, path + "/")
                    finally:
                        os.close(inner)
                else:
                    self.files[path] = self.read(name, folder, path)
            except OSError as why:
                raise Odd(path, f"it cannot be read: {why.strerror}") from None

    def names(self, folder: int, prefix: str) -> list[str]:
        found = []
        with os.scandir(folder) as entries:
            for entry in entries:
                found.append(entry.name)
                self.entries += 1
                if self.entries > FILES:
                    raise Odd(prefix or ".", f"there are more than {FILES} files")
        return sorted(found)

    def read(self, name: str, folder: int, path: str) -> bytes:
        """The bytes of a regular file. Raises OSError, Odd."""
        # O_NONBLOCK: should a pipe have taken the file's place, opening it does not wait.
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise Odd(path, "this is not a file")
            if status.st_nlink > 1:
                raise Odd(path, "this is a hard link: the same file has another name elsewhere")
            most = min(FILE_BYTES, FOLDER_BYTES - self.bytes)
            data = b"" if status.st_size > most else file.read(most + 1)
            if status.st_size > most or len(data) > most:
                limit, what = (FILE_BYTES, "file") if most == FILE_BYTES else (FOLDER_BYTES, "submission")
                raise Odd(path, f"the {what} is larger than {limit // 1_000_000} MB")
        self.bytes += len(data)
        return data


ODD = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)
