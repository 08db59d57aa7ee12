"""What a student handed in -> notebooks that can be graded, or the reason why a person must look.

``intake`` is pure: bytes in, values out. It opens no file, runs nothing, and never raises, whatever the bytes.
For honest work its notebooks equal those of nbgrader's own sanitising steps (ClearOutput, DeduplicateIds,
OverwriteKernelspec, OverwriteCells, CheckCellMetadata), so marks are the same. Where those steps would stop the batch
or lose the submission, it mends what is innocent and says so in ``Accepted.repairs``.

Which cell is which is found in :mod:`classroom.matching`; what may be an answer in another place than the cell for it,
in :mod:`classroom.displaced`.
"""

import codecs
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import PurePosixPath
from typing import Any

import nbformat

from classroom.assignment import graded
from classroom.commands import SURROGATES
from classroom.displaced import Handout, Sheet, in_cells, in_file, not_run, settle, sheet_of, spare
from classroom.matching import Matching, Unfit, put_back
from classroom.model import Accepted, Assignment, Decision, Found, Json, Notebook, Refused, Rival
from classroom.submission import FILE_BYTES, LITTER, REFUSED_BY_COLLECT, bad_path, is_stamp, obstacles, printable

CELLS = 5_000
# Of JSON: a small file can unpack to a hundred times its size in memory if it is made of many tiny values.
VALUES = 5_000_000
# Of code and text in the cells, outputs and pasted pictures not counted.
TEXT_LENGTH = 20_000_000
REPAIRS = 50
FOUND = 20
# Other notebooks of a submission that are looked into (and run, if one of them could be the one to grade), and their size.
OTHERS = 5
OTHERS_BYTES = 50_000_000
# Metadata nested deeper than this is nobody's; it would only overflow the stack of whoever writes the notebook.
NESTING = 50

# Metadata that nbformat drops when it writes, and the state of widgets, which belongs to the outputs.
TRANSIENT = ("orig_nbformat", "orig_nbformat_minor", "signature", "widgets")

UNFORESEEN = "it could not be taken in"

CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
STRINGS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)  # never goes back, so needs no memory


# ------------------------------------------------------------ the submission as a whole


def intake(assignment: Assignment, files: Mapping[str, bytes], decided: Decision | None = None) -> Accepted | Refused:
    """Takes a submission in: ``files`` maps paths relative to its folder (with ``/``) to bytes.

    ``decided`` is what a person said about this submission.
    """
    try:
        return take_in(assignment, files, decided or Decision())
    except Exception as why:  # one submission must not end the batch; the tests hold that nothing known comes here
        return Refused(next(iter(sorted(files)), "."), f"{UNFORESEEN}: {type(why).__name__}")


def take_in(assignment: Assignment, files: Mapping[str, bytes], decided: Decision) -> Accepted | Refused:
    if REFUSED_BY_COLLECT in files:
        return refusal_of_collect(files[REFUSED_BY_COLLECT])
    for path in sorted(files):
        if reason := bad_path(path):
            return Refused(printable(path), reason)
    files = {path: data for path, data in files.items() if not LITTER.search(path)}
    chosen = choose(assignment.notebooks, files, decided.notebooks)
    if isinstance(chosen, Refused):
        return chosen
    taken: dict[str, Mended] = {}
    level: dict[str, list[Mended]] = {}
    repairs: list[str] = []
    for name, paths in chosen.items():
        fit, unfit = fitting(assignment.notebooks[name], paths, files)
        if not fit:
            several = "more than one file could be the notebook: " + ", ".join(map(printable, paths))
            others = [path for path in sorted(files) if path not in paths and is_notebook(path)]
            sound = fitting(assignment.notebooks[name], others[:OTHERS], files)[0]
            hint = f"; {sound[0].sheet.path!r} could be graded in its place (classroom resolve)" if sound else ""
            return Refused(printable(paths[0]), (several if len(paths) > 1 else unfit[paths[0]]) + printable(hint))
        taken[name], *level[name] = fit
        notes = list(taken[name].notes)
        if (path := taken[name].sheet.path) != f"{name}.ipynb":
            notes.insert(0, f"the file was called {path!r}")
        prefix = f"{name}: " if len(assignment.notebooks) > 1 else ""
        repairs += [prefix + note for note in notes]
    used = {mended.sheet.path for mended in taken.values()}
    repairs += [f"{path!r} was not graded" for path in sorted(files) if path not in used and is_notebook(path)]
    kept = {path: data for path, data in files.items() if path not in used and not is_notebook(path)}
    found, rivals = ((), {}) if decided.stands else look_elsewhere(assignment, files, taken, level, decided)
    if decided.stands:
        repairs.append("a person looked at what else was handed in: the marks stand")
    for path in obstacles(kept, [*assignment.files, *(f"{name}.ipynb" for name in taken)]):
        repairs.append(f"{path!r} was left out: another file's path goes through it")
        del kept[path]
    if len(repairs) > REPAIRS:
        repairs[REPAIRS:] = [f"and {len(repairs) - REPAIRS} more"]
    return Accepted(
        {name: mended.notebook for name, mended in taken.items()},
        {**kept, **assignment.files},
        tuple(map(printable, repairs)),
        {name: mended.sheet.path for name, mended in taken.items()},
        found,
        rivals,
    )


def refusal_of_collect(note: bytes) -> Refused:
    """The first of the refusals that `classroom collect` wrote down."""
    first = note.decode("utf-8", "replace").split("\n")[0]
    path, _, reason = first.partition("\t")
    return Refused(printable(path) or REFUSED_BY_COLLECT, printable(reason) or "a part of the submission was refused")


def is_notebook(path: str) -> bool:
    return path.lower().endswith(".ipynb")


def choose(
    names: Mapping[str, Notebook], files: Mapping[str, bytes], decided: Mapping[str, str]
) -> dict[str, list[str]] | Refused:
    """Which file is which notebook of the assignment: {name: paths}. One in which nothing is graded may be absent.

    What a person ``decided`` holds. Else ``NAME.ipynb`` at the top is taken whatever else there is, as nbgrader does.
    Otherwise a file with that name in a folder, or with what browsers and editors make of it ("NAME (1).ipynb",
    "NAME-Copy1.ipynb", "name.ipynb.json"), or, if one notebook is wanted, the only one there is. Copies with the same
    bytes count as one. More than one path: nothing says which.
    """
    chosen = {name: [f"{name}.ipynb"] for name in names if f"{name}.ipynb" in files}
    chosen |= {name: [path] for name, path in decided.items() if name in names and path in files}
    left = [path for path in sorted(files) if [path] not in chosen.values()]
    matter = {name for name, notebook in names.items() if any(map(graded, notebook.source["cells"]))}
    disguised = {path for path in left if is_disguised(path, files[path])}
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
        if len(found) > OTHERS:
            return Refused(found[0], "more than one file could be the notebook: " + ", ".join(map(printable, found)))
        if not found and name not in matter:
            continue
        if not found:
            return Refused(f"{name}.ipynb", missing(name, files))
        chosen[name] = found
        left = [path for path in left if path not in found]
        disguised.difference_update(found)
    return chosen


def is_disguised(path: str, data: bytes) -> bool:
    """Whether a file is a notebook under another ending."""
    return bool(re.search(r"\.(json|txt)$", path.lower())) and b'"nbformat"' in data


def fitting(
    notebook: Notebook, paths: Iterable[str], files: Mapping[str, bytes]
) -> tuple[list["Mended"], dict[str, str]]:
    """Those of the files that can be graded as the notebook, and why the others cannot."""
    fit, unfit = [], {}
    for path in paths:
        try:
            fit.append(mend(notebook, files[path], path))
        except Unfit as why:
            unfit[path] = str(why)
    return fit, unfit


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


# ------------------------------------------------------------ what stands elsewhere


def look_elsewhere(
    assignment: Assignment,
    files: Mapping[str, bytes],
    taken: Mapping[str, "Mended"],
    level: Mapping[str, list["Mended"]],
    decided: Decision,
) -> tuple[tuple[Found, ...], dict[str, Rival]]:
    """What a person must look at: what may be the answer to an open cell, and notebooks that may be the one to grade."""
    found: list[Found] = []
    rivals: dict[str, Rival] = {}
    used = sorted(mended.sheet.path for mended in taken.values())
    papers = [path for path in sorted(files) if path not in used and not is_stamp(path, files[path])]
    papers = [path for path in papers if files[path] != assignment.files.get(path)]
    others = [path for path in papers if is_notebook(path) or is_disguised(path, files[path])]
    others, papers = distinct([*used, *others], files)[len(used) :], [path for path in papers if path not in others]
    for name, mended in taken.items():
        handout, sheet = mended.handout, mended.sheet
        answers = sheet.open(handout)
        known = handout.lines | sheet.lines
        hits = list(in_cells(sheet, answers, handout, handout.lines, own=True))
        for path, other in looked_into(assignment.notebooks[name], others, files, level[name]):
            if name in decided.notebooks:
                break
            left = answers
            if isinstance(other, Mended) and (differ := sheet.otherwise(other.sheet, handout)):
                texts = tuple(answer.grade_id for answer in differ if not answer.code)
                label = next(label for n in count(1) if (label := f"{name}?{n}") not in {*taken, *rivals})
                rivals[label] = Rival(name, path, other.notebook, texts, any(other is one for one in level[name]))
                left = [answer for answer in answers if answer not in differ]
            if other:
                there = other.sheet if isinstance(other, Mended) else other
                hits += in_cells(there, left, handout, known, own=False)
            elif files[path].strip():
                hits.append((answers, repr(printable(path))))
        for path in papers if answers else ():
            if hit := in_file(path, files[path], name, sheet, answers, handout, known):
                hits.append(hit)
        for these, where in hits:
            costs = dict.fromkeys(cost for answer in these for cost in answer.costs)
            if these:
                found.append(Found(name, tuple(answer.grade_id for answer in these), tuple(costs), where))
    return tuple(found[:FOUND]), rivals


def looked_into(
    notebook: Notebook, paths: Iterable[str], files: Mapping[str, bytes], level: Iterable["Mended"]
) -> Iterator[tuple[str, "Mended | Sheet | None"]]:
    """The other notebooks of a submission: each as one that could be graded, else as its cells, else None."""
    known = {mended.sheet.path: mended for mended in level}
    room = OTHERS_BYTES
    for number, path in enumerate(paths):
        room -= len(files[path])
        yield (
            path,
            known.get(path) or (look_into(notebook, path, files[path]) if number < OTHERS and room >= 0 else None),
        )


def look_into(notebook: Notebook, path: str, data: bytes) -> "Mended | Sheet | None":
    """Another notebook of a submission: as one that could be graded, else as cells, else not at all."""
    try:
        return mend(notebook, data, path)
    except Unfit:
        pass
    try:
        raw = parse(data, [])
        return Sheet(path, ()) if raw.get("cells") == [] else sheet_of(path, *read_cells(raw, []))
    except Unfit:
        return None


# ------------------------------------------------------------ bytes -> a list of cells


@dataclass(frozen=True)
class Mended:
    """One submitted notebook, restored, with what was mended, and as it was handed in."""

    notebook: Json
    notes: tuple[str, ...]
    sheet: Sheet
    handout: Handout = field(compare=False)


def mend(notebook: Notebook, data: bytes, path: str = "") -> Mended:
    """Restores a submitted notebook. Raises Unfit."""
    notes: list[str] = []
    raw = parse(data, notes)
    cells, there = read_cells(raw, notes)
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
    handout = Handout(notebook.release, notebook.source)
    spared = spare(mended, handout)
    for at, above in spared.items():
        not_run(mended, at)
        stub = mended[at]["metadata"]["nbgrader"]["grade_id"]
        notes.append(
            f"{stub!r} is as it was handed out: it was not run, cell {matching.numbers[above]} above it counts"
        )
    answers = {i: claim.slot.grade_id for i, claim in matching.slot_of.items() if claim.slot.answer}
    sheet = sheet_of(path, cells, there, answers, matching.dropped, settle(mended, handout, spared))
    return Mended(whole, tuple(notes), sheet, handout)


def read_cells(raw: Json, notes: list[str]) -> tuple[list[Json], list[Any]]:
    """The cells of a notebook, in format 4.5 and as found. Raises Unfit."""
    there = cells_of(raw, notes)
    cells = [cell_of(cell, i, notes) for i, cell in enumerate(there)]
    if sum(len(cell["source"]) for cell in cells) > TEXT_LENGTH:
        raise Unfit(f"the cells hold more than {TEXT_LENGTH // 1_000_000} million characters")
    return cells, there


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
