"""Files and folders that are there whole or not at all, whenever the power goes.

What is new is written beside what is there, flushed to disk, and only then takes its place. A disk that is full or may
not be written to is no student's doing: it is told as :class:`CannotWrite`, which ends a command.
"""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from classroom.model import Trouble

# What is wrong with the name of a file, which may be a student's, and not with the place for it.
OF_THE_NAME = (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)


class CannotWrite(Trouble):
    """The disk takes nothing more, or may not be written to."""

    def __init__(self, path: Path, reason: str, todo: str) -> None:
        super().__init__(f"{path} cannot be written ({reason}): {todo}, then run the same command again")
        self.reason, self.todo = reason, todo


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Says in a sentence that ``path`` could not be written, and what to do. Other trouble with its name stays OSError.

    Of several round one another, the outermost says what it was: the folder of a class, not that of a student.
    """
    try:
        yield
    except CannotWrite as why:
        raise CannotWrite(path, why.reason, why.todo) from why
    except OSError as why:
        if why.errno in OF_THE_NAME:
            raise
        reason, kind = why.strerror or str(why), why.errno
        if isinstance(why, shutil.Error) and why.args and isinstance(why.args[0], list):
            reason = str(why.args[0][0][-1])  # the first of the files that could not be copied
            kind = next((code for code in (*FULL, *CLOSED) if os.strerror(code) in reason), None)
        todo = "make room on that disk" if kind in FULL else "allow that" if kind in CLOSED else "see to that folder"
        raise CannotWrite(path, reason, todo) from why


def write_file(path: Path, data: bytes, mode: int | None = None) -> None:
    """Writes a file with these permissions (None: what the umask leaves): whole, or not at all. Raises CannotWrite."""
    new = path.with_name(f".{path.name}.new")
    with writing(path):
        try:
            _remove(new)  # left by a run that was killed
            _write(new, data, mode)
            new.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
            raise


def append(path: Path, line: bytes) -> None:
    """Adds a line to a file: all of it, or nothing. Raises CannotWrite."""
    with writing(path), path.open("ab", buffering=0) as file:
        before = file.seek(0, os.SEEK_END)
        try:
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            file.truncate(before)
            raise


def _write(path: Path, data: bytes, mode: int | None) -> None:
    """Writes a new file, waits until it is on the disk, and never lets more people read it than ``mode`` does."""
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o666 if mode is None else mode)) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if mode is not None:
        path.chmod(mode)


def lay_out(folder: Path, files: Mapping[str, bytes], mode: int | None = None, shared: bool = False) -> None:
    """Writes ``files`` (relative path -> content, permissions ``mode``) beside ``folder``; put_in_place() swaps them in.

    Raises CannotWrite, and ValueError for a path that would leave the folder; nothing is left aside then.
    """
    new, _ = _aside(folder)
    with writing(folder):
        try:
            _remove(new)
            new.mkdir(parents=True)
            for name, data in files.items():
                parts = PurePosixPath(name).parts
                if not parts or parts[0] == "/" or ".." in parts or "\0" in name:
                    raise ValueError(f"a file of the submission has the path {name!r}")
                path = new.joinpath(*parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                _write(path, data, mode)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
    if shared:
        for path in (folder.parent, new, *(path for path in new.rglob("*") if path.is_dir())):
            with contextlib.suppress(PermissionError):
                path.chmod((path.stat().st_mode | 0o2770) & 0o2777)


def put_in_place(folder: Path) -> None:
    """Swaps in what was laid out: the folder is never half of one submission and half of another. Raises CannotWrite."""
    new, old = _aside(folder)
    with writing(folder):
        _remove(old)
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        elif folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            bring_back(folder)
            raise
    shutil.rmtree(old, ignore_errors=True)


def put_aside(folder: Path) -> None:
    """Moves a folder that is to be made anew out of the way: bring_back() undoes that, sweep() makes it final."""
    _, old = _aside(folder)
    with writing(folder):
        if os.path.lexists(folder):
            _remove(old)
            folder.rename(old)


def bring_back(folder: Path) -> None:
    """Puts back what was there before, if a run was killed between the two renames of put_in_place()."""
    _, old = _aside(folder)
    if not os.path.lexists(folder) and old.is_dir():
        old.rename(folder)


def sweep(folder: Path) -> None:
    """Removes what lay_out() made and nobody swapped in."""
    for aside in _aside(folder):
        _remove(aside)


def _aside(folder: Path) -> tuple[Path, Path]:
    return folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
