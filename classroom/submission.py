"""What a student handed in, before anybody looks inside: which files there may be, and how they are read."""

import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath

from nbgrader.utils import parse_utc

from classroom.model import Refused

# A submission is at most this large. nbgrader's own limit for a file (CourseDirectory.max_file_size) is 100 MB.
FILE_BYTES = 100_000_000
FOLDER_BYTES = 200_000_000
FILES = 1_000
DEPTH = 8

# What `classroom collect` writes into a submission of which it had to leave out a part (lines "file<TAB>reason").
REFUSED_BY_COLLECT = "refused-by-collect.txt"
# The folder in which it puts what a student typed into the platform, which is no file of theirs.
TYPED = "typed-into-the-platform"

# Folders and files that editors and systems leave behind.
LITTER = re.compile(
    r"(^|/)(\.ipynb_checkpoints|__pycache__|__MACOSX|\.git|\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*|~\$[^/]*"
    r"|\.venv|node_modules|\.idea|\.vscode|\.(?:mypy|pytest|ruff)_cache|\.virtual_documents)(/|$)"
)

# When it came in, as nbgrader reads it; and what nbgrader's exchange writes beside it, to find the student's feedback by.
TIMESTAMP, SECRET = "timestamp.txt", "submission_secret.txt"


def is_stamp(path: str, data: bytes) -> bool:
    """Whether a file of a submission only says when and how it came in, and so is nobody's work."""
    return path == TIMESTAMP or (path == SECRET and re.fullmatch(rb"[0-9a-f]{64,}\s*", data) is not None)


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


def printable(text: str, most: int = 300) -> str:
    """Text of a student that goes into a message: one line, nothing invisible, not endless."""
    text = "".join(c if c.isprintable() else "�" for c in text)
    return text if len(text) <= most else text[: most - 1] + "…"


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


def read_submission(folder: Path, student: str) -> Mapping[str, bytes] | Refused:
    """The files of a submission in its place in the course."""
    for part in (folder, folder.parent):
        if part.is_symlink() and (part == folder or part.name == student):
            return Refused(part.name, "a link stands in place of the submission's folder")
    return read_folder(folder)


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


def submitted_at(files: Mapping[str, bytes]) -> tuple[datetime | None, str]:
    """When a submission came in (UTC, without a zone, as nbgrader stores it), and why that is not known for sure."""
    text = files.get(TIMESTAMP, b"").strip()
    if not text:
        return None, ""
    try:
        return parse_utc(text.decode()), ""
    except Exception:  # dateutil raises many kinds
        return None, f"{TIMESTAMP} is not a date: whether the submission was late is not known"
