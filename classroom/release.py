"""The student edition: what students get, in one folder and one zip, with a proof that no answer is in it.

``make_student_edition`` has nbgrader generate the release, gathers it with the chapters, data and environment files
that ``[tool.classroom]`` of the course's ``pyproject.toml`` names, and then looks for every secret in every byte:

* each line of a model answer, of a hidden test and of a mark scheme in the instructor's notebooks,
* each line of the files that ``private`` names (sample answers, answer banks),
* a marker (``BEGIN SOLUTION``) that was left in a notebook.

It looks in file names, text, notebook cells, outputs and metadata, and inside zip, tar, gzip, bzip2, xz, zlib, base64,
percent and hexadecimal encodings, nested up to ``DEPTH``. White space is ignored: another indentation hides nothing.
"""

import ast
import base64
import binascii
import bz2
import contextlib
import fnmatch
import gzip
import html
import io
import json
import lzma
import os
import posixpath
import re
import shutil
import tarfile
import tempfile
import tomllib
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from classroom.assignment import course as open_course
from classroom.assignment import find_programs

Json = dict[str, Any]

# Characters without white space: shorter lines are common property, and an instructor's own files hold more of them.
SHORTEST, SHORTEST_PRIVATE = 16, 24
DEPTH = 5  # a secret in a zip in base64 in a notebook in a zip is found; deeper nesting is reported, not ignored
LARGEST = 512 * 2**20  # bytes that one container may unpack to
EPOCH = (1980, 1, 1, 0, 0, 0)  # the date of every entry of the zip, so that the same course gives the same bytes

INCLUDE = (
    "chapters/**/*.ipynb",
    "datasets/**/*.csv",
    "datasets/**/*.json",
    "requirements*.txt",
    "environment.y*ml",
    "LICENSE*",
)
PRIVATE = ("answers/**/*", "tests/answers/**/*", "solutions/**/*")
NEVER = ("__pycache__", ".ipynb_checkpoints", ".git", ".DS_Store", "Thumbs.db")


# ---------------------------------------------------------------------------------------------------------- the course


def folder(course: CourseDirectory, step: str, assignment: str, student: str = ".") -> Path:
    """Where nbgrader keeps an assignment in "source", "release", "submitted", "autograded" or "feedback"."""
    return Path(course.format_path(getattr(course, f"{step}_directory"), student, assignment))


# ----------------------------------------------------------------------------------------------------------- settings


@dataclass(frozen=True)
class Settings:
    """What goes into the student edition: ``[tool.classroom]`` in the course's ``pyproject.toml``.

    include   globs relative to the course; "FROM -> TO" puts one file elsewhere
    exclude   globs taken away from it again
    private   globs of files of which no line may get out
    published globs of files that everybody can read anyway, such as the course's library: their lines are no secrets
    public    regular expressions for lines that are no secrets either
    """

    include: tuple[str, ...] = INCLUDE
    exclude: tuple[str, ...] = ()
    private: tuple[str, ...] = PRIVATE
    published: tuple[str, ...] = ()
    public: tuple[str, ...] = ()

    @classmethod
    def of(cls, root: Path) -> "Settings":
        """The settings of the course in ``root``; ValueError names a key that is not known or not a list of strings."""
        path = root / "pyproject.toml"
        whole = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        table, known = whole.get("tool", {}).get("classroom", {}), ", ".join(cls.__dataclass_fields__)
        for key, value in table.items():
            if key not in cls.__dataclass_fields__:
                raise ValueError(f"pyproject.toml, [tool.classroom]: {key!r} is not one of {known}")
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise ValueError(f"pyproject.toml, [tool.classroom]: {key} must be a list of strings, not {value!r}")
        return cls(**{key: tuple(value) for key, value in table.items()})


# ------------------------------------------------------------------------------------------------------------ secrets


@dataclass(frozen=True)
class Secret:
    """One line that must not get out. ``text`` has no white space; ``label`` says which line, without showing it."""

    label: str
    text: str


@dataclass(frozen=True)
class Leak:
    """A secret in the open: the file, the place in it (cell, archive member, encoding) and which secret it is."""

    file: str
    place: str
    secret: str

    def __str__(self) -> str:
        return f"{self.file}{f', {self.place}' if self.place else ''}: {self.secret}"


class Leaked(RuntimeError):
    """The student edition was not made, because it would have given something away."""

    def __init__(self, leaks: Sequence[Leak]) -> None:
        self.leaks = tuple(leaks)
        shown = [f"  {leak}" for leak in leaks[:20]]
        more = [f"  and {len(leaks) - 20} more"] if len(leaks) > 20 else []
        count = "a secret line" if len(leaks) == 1 else f"{len(leaks)} secret lines"
        hint = "a line that is no secret can be let out by a pattern in [tool.classroom] public"
        super().__init__("\n".join([f"the student edition would give away {count}:", *shown, *more, hint]))


def squeeze(text: str) -> str:
    """``text`` without any white space: the form in which secrets are compared."""
    return "".join(text.split())


@dataclass(frozen=True)
class Markers:
    """The words that fence off what is the instructor's, as the course's configuration spells them."""

    regions: tuple[tuple[str, str, str], ...]  # (what, begin, end)

    @classmethod
    def of(cls, config: Config) -> "Markers":
        from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions

        answers, tests, schemes = (step(config=config) for step in (ClearSolutions, ClearHiddenTests, ClearMarkScheme))
        return cls(
            (
                ("model answer", answers.begin_solution_delimeter, answers.end_solution_delimeter),
                ("hidden test", tests.begin_test_delimeter, tests.end_test_delimeter),
                ("mark scheme", schemes.begin_mark_scheme_delimeter, schemes.end_mark_scheme_delimeter),
            )
        )

    def hidden(self) -> "Markers":
        """Only what stays hidden after grading; a student's own work is not the model answer."""
        return Markers(self.regions[1:])

    def split(self, source: str) -> tuple[list[str], list[tuple[str, int, str]]]:
        """The public lines of a cell, and its fenced ones as (what, line number from 1, text).

        A region that is not closed runs to the end of the cell; markers themselves are in neither.
        """
        public, fenced, inside = [], [], ""
        for number, line in enumerate(source.split("\n"), start=1):
            begun = next((what for what, begin, _ in self.regions if begin in line), "")
            ended = any(end in line for _, _, end in self.regions)
            if begun or ended:
                inside = begun
            elif inside:
                fenced.append((inside, number, line))
            else:
                public.append(line)
        return public, fenced


def _cells(path: Path) -> list[Json]:
    """The cells of a notebook of the course, in any notebook format that nbformat reads."""
    import nbformat

    return nbformat.read(path, as_version=4).cells


def _text(source: str | list[str]) -> str:
    return "".join(source) if isinstance(source, list) else source


def secrets_of(course: CourseDirectory, settings: Settings | None = None) -> list[Secret]:
    """Every line of the course that no student may see, each once.

    No secret is what also stands in the open part of a source notebook or in a published file, an import, a line of fewer
    than ``SHORTEST`` characters (``SHORTEST_PRIVATE`` in private files), or a line that ``settings.public`` matches.
    """
    settings = settings or Settings.of(Path(course.root))
    markers = Markers.of(course.config)
    source, root = folder(course, "source", "x").parent, Path(course.root)
    found: list[tuple[str, str, int]] = []
    open_lines: list[str] = []
    for path in sorted(source.glob("*/*.ipynb")):
        name = path.relative_to(source).as_posix()
        for cell in _cells(path):
            public, fenced = markers.split(cell.source)
            meta = cell.metadata.get("nbgrader", {})
            if meta.get("solution") and not any(what == "model answer" for what, _, _ in fenced):
                # Without a region, nbgrader replaces the whole cell: then all of it is the answer.
                public, fenced = [], [("model answer", n, t) for n, t in enumerate(cell.source.split("\n"), start=1)]
            open_lines += [squeeze(line) for line in public]
            cell_id = meta.get("grade_id") or cell.get("id", "?")
            found += [(f"{what} of {name}, cell {cell_id}, line {n}", line, SHORTEST) for what, n, line in fenced]
    for path in files_of(root, settings.private):
        name = path.relative_to(root).as_posix()
        found += [(f"private file {name}, line {n}", line, SHORTEST_PRIVATE) for n, line in _private_lines(path)]
    for path in files_of(root, settings.published):
        open_lines += map(squeeze, path.read_text(encoding="utf-8", errors="replace").splitlines())
    public = [re.compile(pattern) for pattern in settings.public]
    in_the_open = "\n".join(open_lines)
    secrets: dict[str, Secret] = {}
    for label, line, shortest in found:
        text = squeeze(line)
        common = len(text) < shortest or re.match(r"\s*(from\s+[\w.]+\s+)?import\s", line)
        if not common and text not in in_the_open and not any(pattern.search(line) for pattern in public):
            secrets.setdefault(text, Secret(label, text))
    return list(secrets.values())


def _private_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of an instructor-only file; of a notebook, those of its cells; of Python, without its docstring."""
    if path.suffix == ".ipynb":
        for cell in _cells(path):
            yield from enumerate(cell.source.split("\n"), start=1)
        return
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    skip = 0
    if path.suffix == ".py":
        with contextlib.suppress(SyntaxError):
            body = ast.parse(text).body
            if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
                skip = body[0].end_lineno or 0
    for number, line in enumerate(text.split("\n"), start=1):
        if number > skip:
            yield number, line


def files_of(root: Path, globs: Iterable[str], exclude: Iterable[str] = ()) -> list[Path]:
    """The regular files below ``root`` that the globs match, sorted. No links, no hidden files, no caches."""
    found = set()
    for pattern in globs:
        for path in root.glob(pattern):
            inner = path.relative_to(root)
            if any(part in NEVER or part.startswith(".") for part in inner.parts):
                continue
            if any((root / Path(*inner.parts[: n + 1])).is_symlink() for n in range(len(inner.parts))):
                continue
            if path.is_file() and not any(fnmatch.fnmatch(inner.as_posix(), out) for out in exclude):
                found.add(path)
    return sorted(found)


# ------------------------------------------------------------------------------------------------------- finding leaks

MARKER = re.compile(r"\b(BEGIN|END)[ _]+(SOLUTION|HIDDEN[ _]+TESTS?|MARK[ _]+SCHEME)\b", re.IGNORECASE)
BASE64 = re.compile(rb"[A-Za-z0-9+/_-](?:[A-Za-z0-9+/_-]|\r?\n|\\n){30,}={0,2}")
HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){32,}")
ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


@dataclass
class Search:
    """Looks for secrets in bytes, through every encoding that a file of a course plausibly has."""

    secrets: Sequence[Secret]
    leaks: list[Leak] = field(default_factory=list)
    _named: set[tuple[str, str]] = field(default_factory=set)

    def file(self, name: str, data: bytes) -> None:
        """Search one file: its name and its content."""
        name = self._shown(name, name)
        if name.endswith(".ipynb"):
            self._notebook(name, data)
        self._bytes(name, "", data, DEPTH)

    def _shown(self, file: str, name: str) -> str:
        """A name as it may be printed; a secret in it is a leak."""
        suffix = PurePosixPath(name).suffix
        shown = f"member (with a secret name){suffix}" if name.startswith("member ") else f"(a secret name){suffix}"
        names = Search(self.secrets)
        names._text(shown if file == name else file, "name", name)
        self.leaks += names.leaks
        return shown if names.leaks else name

    def _report(self, file: str, place: str, label: str) -> None:
        # The cells of a notebook are searched before its bytes: a hit in the bytes then adds nothing.
        known = (file.partition("!")[0], label)
        if place.startswith(("cell ", "notebook ")):
            self._named.add(known)
        elif known in self._named:
            return
        leak = Leak(file, place, label)
        if leak not in self.leaks:
            self.leaks.append(leak)

    def _text(self, file: str, place: str, text: str) -> None:
        views = {squeeze(text)}
        if "\\" in text:  # a string inside a string: JSON in HTML, a Python repr
            plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
            views.add(squeeze(re.sub(r"\\[nrt]", " ", plain).replace("\\", "")))
        if "<" in text and ">" in text:  # highlighted code: a span around each word
            views.add(squeeze(html.unescape(re.sub(r"<[^<>]*>", "", text))))
        if "&" in text and ";" in text:
            views.add(squeeze(html.unescape(text)))
        if re.search(r"%[0-9A-Fa-f]{2}", text):
            views.add(squeeze(urllib.parse.unquote_plus(text)))
        for view in views:
            for secret in self.secrets:
                if secret.text in view:
                    self._report(file, place, secret.label)

    def _notebook(self, file: str, data: bytes) -> None:
        """Name the cell: source, outputs and metadata of each, and the metadata of the notebook."""
        try:
            notebook = json.loads(data.decode("utf-8-sig"))
            cells = notebook["cells"]
            for index, cell in enumerate(cells):
                name = f"cell {cell.get('id') or index}"
                source = _text(cell.get("source", ""))
                if MARKER.search(source):
                    self._report(file, f"{name}, source", "a marker of the instructor's edition was left in place")
                self._text(file, f"{name}, source", source)
                for part in ("outputs", "metadata", "attachments"):
                    for leaf in _strings(cell.get(part, "")):
                        self._text(file, f"{name}, {part}", leaf)
                        self._bytes(
                            file, f"{name}, {part}", leaf.encode("utf-8", "surrogatepass"), DEPTH - 1, plain=False
                        )
            for leaf in _strings({key: value for key, value in notebook.items() if key != "cells"}):
                self._text(file, "notebook metadata", leaf)
        except (ValueError, KeyError, TypeError, AttributeError):
            return  # not a notebook: its bytes are searched all the same

    def _bytes(self, file: str, place: str, data: bytes, depth: int, plain: bool = True) -> None:
        if not data:
            return
        if depth < 0:
            self._report(file, place, "nested too deeply to search")
            return
        if plain:
            for text in _decodings(data):
                self._text(file, place, text)
        for how, inner in _unpack(data):
            if how.startswith("member "):
                how = self._shown(file, how)
            inside = f"{place}, {how}" if place else how
            if inner is None:
                self._report(file, inside, "cannot be opened and searched")
            elif how.startswith("member"):
                member = how.removeprefix("member ")
                if member.endswith(".ipynb"):
                    self._notebook(f"{file}!{member}", inner)
                self._bytes(file, inside, inner, depth - 1)
            else:
                self._bytes(file, inside, inner, depth - 1)


def _strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value, keys too; a list of lines counts as one string."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            yield "".join(value)
        else:
            for item in value:
                yield from _strings(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _strings(item)


def _decodings(data: bytes) -> Iterator[str]:
    """The bytes as text: UTF-8 (what is not UTF-8 shows as itself), and UTF-16 or 32 where every other byte is 0."""
    yield data.decode("utf-8", "surrogateescape")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:4096].count(0) * 5 > len(data[:4096]):
        yield data.replace(b"\0", b"").decode("latin-1")


def _unpack(data: bytes) -> Iterator[tuple[str, bytes | None]]:
    """What is packed in ``data``: (how, content); content None where it is there but cannot be opened."""
    if b"PK\x03\x04" in data and zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield "comment of the zip", archive.comment
            total = 0
            for entry in archive.infolist():
                total += entry.file_size
                if entry.flag_bits & 1 or total > LARGEST:
                    yield f"member {entry.filename}", None
                    continue
                try:
                    yield f"member {entry.filename}", archive.read(entry)
                except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
                    yield f"member {entry.filename}", None
    if data[257:262] == b"ustar":
        try:
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                for member in archive:
                    if member.isfile() and (opened := archive.extractfile(member)):
                        yield f"member {member.name}", opened.read()
        except tarfile.TarError:
            yield "tar", None
    # The streams inflate up to LARGEST only: what is cut off there is called unsearchable by its missing end.
    packers = {
        "gzip": (b"\x1f\x8b\x08", gzip.open),
        "bzip2": (b"BZh", bz2.open),
        "xz": (b"\xfd7zXZ\x00", lzma.open),
    }
    for how, (magic, opened) in packers.items():
        if data.startswith(magic):
            try:
                with opened(io.BytesIO(data)) as stream:
                    inner = stream.read(LARGEST + 1)
                yield how, inner if len(inner) <= LARGEST else None
            except (OSError, EOFError, lzma.LZMAError, zlib.error):
                yield how, None
    if data.startswith(ZLIB):
        with contextlib.suppress(zlib.error):  # two bytes that only look like it
            yield "zlib", zlib.decompressobj().decompress(data, LARGEST)
    if data.startswith(b"\x89PNG"):
        yield from _png_texts(data)
    for match in BASE64.finditer(data):
        run = re.sub(rb"\s|\\n", b"", match[0]).rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        # Words of prose glued to the front shift the groups of four: try each.
        for shift in range(4):
            piece = run[shift:]
            try:
                inner = base64.b64decode(piece[: len(piece) - len(piece) % 4] + _rest(piece))
            except binascii.Error:
                continue
            if _worth_a_look(inner):
                yield "base64", inner
    for match in HEX.finditer(data):
        inner = binascii.unhexlify(match[0])
        if _worth_a_look(inner):
            yield "hexadecimal", inner


def _rest(piece: bytes) -> bytes:
    """The last, incomplete group of a base64 run with its padding; one stray character cannot be decoded."""
    last = len(piece) % 4
    return piece[len(piece) - last :] + b"=" * (4 - last) if last > 1 else b""


def _worth_a_look(inner: bytes) -> bool:
    """Decoded bytes are text, or start like something packed; random bytes are neither."""
    if inner.startswith((b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x89PNG", b"%PDF", *ZLIB)):
        return True
    head = inner[:2048]
    printable = sum(32 <= byte < 127 or byte in b"\n\r\t" for byte in head)
    return len(head) >= SHORTEST and (printable > 0.8 * len(head) or head.count(0) * 3 > len(head))


def _png_texts(data: bytes) -> Iterator[tuple[str, bytes | None]]:
    """The text chunks of a PNG, inflated where they are compressed."""
    at = 8
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        chunk = data[at + 8 : at + 8 + size]
        if kind in (b"zTXt", b"iTXt"):
            for start in [i for i in range(len(chunk) - 1) if chunk.startswith(ZLIB, i)][:4]:
                try:
                    yield "text in the picture", zlib.decompressobj().decompress(chunk[start:], LARGEST)
                except zlib.error:
                    continue
        at += 12 + size


def find_leaks(files: Mapping[str, bytes], secrets: Sequence[Secret]) -> list[Leak]:
    """Where any of the secrets is in any of the files (name -> content); see the module's text for how far it looks."""
    search = Search(secrets)
    for name, data in files.items():
        search.file(name, data)
    return search.leaks


# --------------------------------------------------------------------------------------------------------- the edition


def generate(course: CourseDirectory, name: str) -> Path:
    """Have nbgrader generate the release of one assignment; its folder. RuntimeError carries nbgrader's own words."""
    find_programs()
    source = folder(course, "source", name)
    if not source.is_dir():
        known = sorted(path.name for path in source.parent.glob("*") if any(path.glob("*.ipynb")))
        raise FileNotFoundError(f"no assignment {name!r} in {source.parent}; there are: {', '.join(known) or 'none'}")
    result = NbGraderAPI(course, config=course.config).generate_assignment(name, force=True, create=True)
    if not result["success"]:
        raise RuntimeError(f"nbgrader could not generate {name}:\n{result.get('log') or result.get('error')}")
    return folder(course, "release", name)


def gather(course: CourseDirectory, names: Sequence[str], settings: Settings) -> dict[str, bytes]:
    """The files of the edition, by their path in it: included files where they are, assignments below ``exercises/``.

    That folder is called like the course's source directory, so that links between notebooks still lead somewhere.
    """
    root = Path(course.root)
    files: dict[str, bytes] = {}
    for entry in settings.include:
        pattern, _, target = (part.strip() for part in entry.partition("->"))
        matched = files_of(root, [pattern], settings.exclude)
        if target and len(matched) != 1:
            raise ValueError(f"[tool.classroom] include: {entry!r} must match one file, but it matches {len(matched)}")
        for path in matched:
            files[target or path.relative_to(root).as_posix()] = path.read_bytes()
    home = PurePosixPath(course.source_directory).name or "exercises"
    for name in names:
        made = generate(course, name)
        for path in files_of(made, ["**/*"]):
            files[f"{home}/{name}/{path.relative_to(made).as_posix()}"] = path.read_bytes()
    for name in files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise ValueError(f"[tool.classroom] include: {name!r} is outside the edition")
    release = PurePosixPath(course.release_directory).name
    moved = {f"{release}/{name}/{name}.ipynb": f"{home}/{name}/{name}.ipynb" for name in names}
    for name in files:
        if name.endswith(".ipynb"):
            files[name] = mend_links(name, files[name], set(files), moved, os.environ.get("BOOK_URL", ""))
    return dict(sorted(files.items()))


_LINK = re.compile(r"(?<![!$])\[(?P<words>[^\]\[]+)\]\((?P<target>[^)\s:#]+)(?P<anchor>#[^)\s]*)?\)")


def mend_links(name: str, data: bytes, files: set[str], moved: Mapping[str, str], book: str) -> bytes:
    """A notebook whose links all lead somewhere in the edition.

    A link to what the edition has elsewhere (``moved``) leads there. One to a page of the book leads to ``book``, the
    address where it is published; where that is empty the words stay and the link goes. The rest is left byte for byte.
    """
    folder = posixpath.dirname(name)

    def mend(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, link["target"]))
        if target in files:
            return link[0]
        if target in moved:
            return f"[{link['words']}]({posixpath.relpath(moved[target], folder)}{link['anchor'] or ''})"
        if not book:
            return link["words"]
        page = re.sub(r"\.(md|ipynb)$", ".html", target)
        return f"[{link['words']}]({book.rstrip('/')}/{page}{(link['anchor'] or '').split(',')[0]})"

    notebook, changed = json.loads(data), False
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and (mended := _LINK.sub(mend, text)) != text:
            cell["source"], changed = mended.splitlines(keepends=True), True
    if not changed:
        return data
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def write_zip(files: Mapping[str, bytes], path: Path, top: str) -> None:
    """A zip of ``files`` below the folder ``top``; the same files give the same bytes on any day and machine."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{top}/{name}", EPOCH)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o100644 << 16, 3
            archive.writestr(entry, files[name], compresslevel=9)


def make_student_edition(
    course: CourseDirectory | Path | str, names: Sequence[str], out: Path | str, settings: Settings | None = None
) -> Path:
    """Make ``out/NAME-student.zip`` and the same files in ``out/NAME-student/``; the path of the zip.

    NAME is the course's. Nothing is written to ``out`` unless the leak check passes: it raises :class:`Leaked`, whose
    ``leaks`` name each file, cell and secret, without printing the secret.
    """
    course = course if isinstance(course, CourseDirectory) else open_course(course)
    settings = settings or Settings.of(Path(course.root))
    out, top = Path(out).resolve(), f"{course.course_id or Path(course.root).name}-student"
    files = gather(course, names, settings)
    secrets = secrets_of(course, settings)
    if leaks := find_leaks(files, secrets):
        raise Leaked(leaks)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".student-") as work:
        packed = Path(work, "edition.zip")
        write_zip(files, packed, top)
        # Once more over the very bytes that students get.
        if leaks := find_leaks({packed.name: packed.read_bytes()}, secrets):
            raise Leaked(leaks)
        for name, data in files.items():
            path = Path(work, top, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        shutil.rmtree(out / top, ignore_errors=True)
        os.replace(Path(work, top), out / top)
        os.replace(packed, out / f"{top}.zip")
    return out / f"{top}.zip"
