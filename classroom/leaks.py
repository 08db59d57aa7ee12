"""Lines that must not get out, and whether any of them is in a file, however it is packed.

It looks in file names, text, notebook cells, outputs and metadata, and inside zip, tar, gzip, bzip2, xz, zlib, base64,
percent and hexadecimal encodings, nested up to ``DEPTH``. White space is ignored: another indentation hides nothing.
"""

import base64
import binascii
import bz2
import contextlib
import gzip
import html
import io
import json
import lzma
import re
import tarfile
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from traitlets.config import Config

from classroom.needles import Needles

SHORTEST = 16  # characters without white space: shorter lines are common property
DEPTH = 5  # a secret in a zip in base64 in a notebook in a zip is found; deeper nesting is reported, not ignored
LARGEST = 512 * 2**20  # bytes that one container may unpack to


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
    _needles: Needles | None = None

    def __post_init__(self) -> None:
        self._needles = self._needles or Needles([secret.text for secret in self.secrets])

    @cached_property  # a file's name is a search of its own, and there are many
    def _least(self) -> int:
        return min((len(secret.text) for secret in self.secrets), default=0)

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
        names = Search(self.secrets, _needles=self._needles)
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
            for number in self._needles.within(view):
                self._report(file, place, self.secrets[number].label)

    def _notebook(self, file: str, data: bytes) -> None:
        """Name the cell: source, outputs and metadata of each, and the metadata of the notebook."""
        try:
            notebook = json.loads(data.decode("utf-8-sig"))
            cells = notebook["cells"]
            for index, cell in enumerate(cells):
                name = f"cell {cell.get('id') or index}"
                source = "".join(cell.get("source", ""))
                if MARKER.search(source):
                    self._report(file, f"{name}, source", "a marker of the instructor's edition was left in place")
                self._text(file, f"{name}, source", source)
                for part in ("outputs", "metadata", "attachments"):
                    for leaf in _strings(cell.get(part, "")):
                        if len(leaf) < self._least:
                            continue  # most are numbers of a chart; no encoding makes a line shorter than it is
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
