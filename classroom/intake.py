"""What a student handed in -> notebooks that can be graded, or the reason why a person must look.

``intake`` is pure: bytes in, values out. It opens no file, runs nothing, and never raises, whatever the bytes.
For honest work its notebooks equal those of nbgrader's own sanitising steps (ClearOutput, DeduplicateIds,
OverwriteKernelspec, OverwriteCells, CheckCellMetadata), so marks are the same. Where those steps would stop the batch
or lose the submission, it mends what is innocent and says so in ``Accepted.repairs``.

Which cell is which is found in :mod:`classroom.matching`.
"""

import codecs
import json
import math
import re
from collections.abc import Mapping
from itertools import count
from pathlib import PurePosixPath
from typing import Any

import nbformat

from classroom.assignment import graded
from classroom.matching import Matching, Unfit, put_back
from classroom.model import Accepted, Assignment, Json, Notebook, Refused
from classroom.submission import FILE_BYTES, LITTER, REFUSED_BY_COLLECT, bad_path, obstacles, printable

CELLS = 5_000
# Of JSON: a small file can unpack to a hundred times its size in memory if it is made of many tiny values.
VALUES = 5_000_000
# Of code and text in the cells, outputs and pasted pictures not counted.
TEXT_LENGTH = 20_000_000
REPAIRS = 50
# Metadata nested deeper than this is nobody's; it would only overflow the stack of whoever writes the notebook.
NESTING = 50

# Metadata that nbformat drops when it writes, and the state of widgets, which belongs to the outputs.
TRANSIENT = ("orig_nbformat", "orig_nbformat_minor", "signature", "widgets")

UNFORESEEN = "it could not be taken in"

CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
SURROGATES = re.compile("[\ud800-\udfff]")
STRINGS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)  # never goes back, so needs no memory


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


# ------------------------------------------------------------ bytes -> a list of cells


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
