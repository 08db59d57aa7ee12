"""Files and folders that are there whole or not at all, whenever the power goes.

What is new is written beside what is there, flushed to disk, and only then takes its place.
"""

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath


def write_file(path: Path, data: bytes, mode: int | None = None) -> None:
    """Writes a file with these permissions (None: what the umask leaves): whole, or not at all."""
    new = path.with_name(f".{path.name}.new")
    _remove(new)  # left by a run that was killed
    try:
        _write(new, data, mode)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
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

    Raises ValueError for a path that would leave the folder.
    """
    new, _ = _aside(folder)
    _remove(new)
    new.mkdir(parents=True)
    for name, data in files.items():
        parts = PurePosixPath(name).parts
        if not parts or parts[0] == "/" or ".." in parts or "\0" in name:
            raise ValueError(f"a file of the submission has the path {name!r}")
        path = new.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, data, mode)
    if shared:
        for path in (folder.parent, new, *(path for path in new.rglob("*") if path.is_dir())):
            with contextlib.suppress(PermissionError):
                path.chmod((path.stat().st_mode | 0o2770) & 0o2777)


def put_in_place(folder: Path) -> None:
    """Swaps in what was laid out: the folder is never half of one submission and half of another."""
    new, old = _aside(folder)
    _remove(old)
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


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
