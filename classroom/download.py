"""A download -> its files, and what is wrong with each, before anybody asks whose they are.

A hostile archive gains nothing: a file is not even tried whose name leads elsewhere, that is a link or a device, that is
encrypted, stored twice or far larger than it seems.
"""

import os
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from classroom.model import CannotCollect
from classroom.submission import DEPTH, FILE_BYTES, FOLDER_BYTES, LITTER, bad_path, printable


@dataclass(frozen=True)
class Bounds:
    """How large a download may be. Sizes are in bytes, unpacked; a file's ratio is its size over its packed size."""

    file: int = FILE_BYTES
    submission: int = FOLDER_BYTES
    total: int = 8 * 10**9
    entries: int = 200_000
    ratio: float = 200.0
    ratio_from: int = 5_000_000  # smaller files may shrink as they like


class Refusal(Exception):
    """Why a file is not read. Stays inside this module."""


@dataclass
class File:
    """A file of the download. ``read`` gives its bytes or raises Refusal; ``refused`` is why it is not even tried."""

    path: str
    read: Callable[[], bytes]
    size: int = 0
    when: datetime | None = None
    refused: str = ""
    local: datetime | None = None  # the same as a clock showed it, if nothing said in which zone
    unsure: bool = False  # nothing said in which encoding its name is


def opened(download: Path) -> zipfile.ZipFile:
    """A zip archive. Raises CannotCollect."""
    try:
        if what := _otherwise(download):
            raise CannotCollect(f"{download.name} is {what}")
        return zipfile.ZipFile(download)
    except OSError as why:
        raise CannotCollect(f"{download} cannot be read: {why.strerror}") from None
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error) as why:
        reason = printable(str(why), 80)
        if _begins(download).startswith(b"PK\x03\x04") and isinstance(why, zipfile.BadZipFile):
            reason = "it breaks off; download it again"
        raise CannotCollect(f"{download.name} is neither a folder nor a sound zip archive: {reason}") from None


# What a download that is no zip is, by how it begins.
_UNPACK = "not a zip archive: unpack it, and name its folder"
OTHERWISE = {
    b"7z\xbc\xaf\x27\x1c": f"a 7z archive, {_UNPACK}",
    b"Rar!": f"a RAR archive, {_UNPACK}",
    b"\x1f\x8b": f"a gzip (or tar.gz) archive, {_UNPACK}",
    b"BZh": f"a bzip2 (or tar.bz2) archive, {_UNPACK}",
    b"\xfd7zXZ": f"an xz (or tar.xz) archive, {_UNPACK}",
    b"<": "a web page, not a zip archive: log in, and download it again",
    b"{": "a single file, not a zip archive: put it into a folder that is called like the student, and name the one around",
}


def _begins(download: Path) -> bytes:
    with download.open("rb") as file:
        return file.read(512)


def _otherwise(download: Path) -> str:
    """What a download is, if it is something known that is no zip archive."""
    head = _begins(download)
    if head[257:262] == b"ustar":
        return f"a tar archive, {_UNPACK}"
    return next((what for magic, what in OTHERWISE.items() if head.lstrip().startswith(magic)), "")


def zipped(
    archive: zipfile.ZipFile, bounds: Bounds, zone: tzinfo | None = None, fits: Callable[[str], bool] = bool
) -> Iterator[File]:
    """The files of a zip. Raises CannotCollect if it is a bomb as a whole.

    Times without a zone are taken for those of ``zone`` (None: this machine's). ``fits`` tells whether a path is about
    somebody known: names in an encoding that nothing tells are read in the one in which most of them are.
    """
    entries = archive.infolist()
    if len(entries) > bounds.entries:
        raise CannotCollect(f"the archive has {len(entries)} entries, more than {bounds.entries}")
    total = sum(entry.file_size for entry in entries)
    if total > bounds.total:
        raise CannotCollect(f"the archive unpacks to {total / 1e9:.1f} GB, more than {bounds.total / 1e9:.1f} GB")
    named = [_told_name(entry) for entry in entries]
    page, unsure = _page([_raw_name(entry) for entry, name in zip(entries, named, strict=True) if name is None], fits)
    names = [
        slashes(_raw_name(one).decode(page) if name is None else name) for one, name in zip(entries, named, strict=True)
    ]
    times = Counter(names)
    for entry, name, told in zip(entries, names, named, strict=True):
        kind = stat.S_IFMT(entry.external_attr >> 16)
        folder = name.endswith("/") and kind in (0, stat.S_IFDIR)
        packed = max(entry.compress_size, 1)
        reason = bad_path(name.removesuffix("/") if folder else name, DEPTH + 3) or ""
        if kind == stat.S_IFLNK:
            reason = "this is a symbolic link"
        elif not folder and kind not in (0, stat.S_IFREG):
            reason = "this is not a file"
        elif entry.flag_bits & 1:
            reason = "it is encrypted"
        elif times[name] > 1 and not folder:
            reason = "the archive has this name twice"
        elif entry.file_size > bounds.file:
            reason = f"it is larger than {bounds.file // 1_000_000} MB"
        elif entry.file_size > bounds.ratio_from and entry.file_size > bounds.ratio * packed:
            reason = f"it unpacks to more than {bounds.ratio:.0f} times its size"
        if reason or not folder:
            when, local = _zip_time(entry, zone)
            read = partial(_unzip, archive, entry)
            yield File(name, read, entry.file_size, when, reason, local, unsure and told is None)


def _unzip(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The bytes of an entry, no more than it says it has. Raises Refusal."""
    try:
        with archive.open(entry) as file:
            data = file.read(entry.file_size + 1)
    except NotImplementedError:  # deflate64, which Windows uses for what is larger than 2 GB
        raise Refusal("it is packed in a way that Python does not know; pack the download again") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as why:
        raise Refusal(f"it is damaged: {printable(str(why), 80)}") from None
    if len(data) != entry.file_size:
        raise Refusal("its size is not what it says")
    return data


# What Windows and old programs write names in: for America, Western Europe (DOS, Windows), Arabic (Windows, DOS),
# Cyrillic (Windows, DOS), Central Europe, Turkish, Greek, Hebrew, Japanese, Chinese, Korean.
PAGES = ("cp437", "cp850", "cp1252", "cp1256", "cp720", "cp1251", "cp866", "cp1250", "cp852", "cp1254", "cp857")
PAGES += ("cp1253", "cp737", "cp1255", "cp862", "cp932", "gbk", "big5", "cp949")
SAMPLE = 500


def _raw_name(entry: zipfile.ZipInfo) -> bytes:
    """The bytes of a name that is not marked as UTF-8, which Python takes for cp437; .filename would stop at a NUL."""
    return entry.orig_filename.encode("cp437")


def _told_name(entry: zipfile.ZipInfo) -> str | None:
    """The name of an entry, if the archive says in which encoding. Those that do not are still mostly in UTF-8."""
    if entry.flag_bits & 0x800:
        return entry.orig_filename
    raw = _raw_name(entry)
    unicode_path = _extra(entry).get(0x7075, b"")  # of Info-ZIP: a version, a check sum of the other name, the name
    try:
        if unicode_path[:5] == b"\1" + zlib.crc32(raw).to_bytes(4, "little"):
            return unicode_path[5:].decode()
        return raw.decode()
    except UnicodeDecodeError:
        return None


def _page(names: Sequence[bytes], fits: Callable[[str], bool]) -> tuple[str, bool]:
    """The code page in which most of these names are about somebody, and whether that is still a guess."""
    if not names:
        return "cp437", False
    sample = list(dict.fromkeys(names))[:SAMPLE]
    known = {}
    for page in PAGES:
        try:
            known[page] = sum(fits(slashes(name.decode(page))) for name in sample)
        except UnicodeDecodeError:
            continue
    best = max(known, key=lambda page: known[page])  # the first of equals; cp437 takes any bytes
    try:
        for name in names:
            name.decode(best)
    except UnicodeDecodeError:
        return "cp437", True
    return best, not known[best]


def slashes(name: str) -> str:
    """A path with /, if it was made on Windows by a program that writes \\ alone, as unzip and 7-Zip read it; without the
    ./ that some programs put in front.
    """
    name = name if "/" in name else name.replace("\\", "/")
    while name.startswith("./") and len(name) > 2:
        name = name[2:]
    return name


def _extra(entry: zipfile.ZipInfo) -> dict[int, bytes]:
    """The extra fields of an entry by their tag."""
    found, extra = {}, entry.extra
    while len(extra) >= 4:
        tag, size = struct.unpack("<HH", extra[:4])
        found.setdefault(tag, extra[4 : 4 + size])
        extra = extra[4 + size :]
    return found


def _zip_time(entry: zipfile.ZipInfo, zone: tzinfo | None) -> tuple[datetime | None, datetime | None]:
    """When an entry was changed in UTC, and the time as it stands there if the archive does not say in which zone."""
    extra = _extra(entry)
    unix, windows = extra.get(0x5455, b""), extra.get(0x000A, b"")
    if len(unix) >= 5 and unix[0] & 1:
        return EPOCH + timedelta(seconds=int.from_bytes(unix[1:5], "little", signed=True)), None
    if len(windows) >= 16 and windows[4:6] == b"\1\0":
        ticks = int.from_bytes(windows[8:16], "little")
        if 0 < ticks < 2**59:  # later than the year 3400 is nobody's
            return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10), None
    try:
        local = datetime(*entry.date_time)  # of no zone
    except ValueError:
        return None, None
    if local.year <= 1980:
        return None, None
    return (local.replace(tzinfo=zone) if zone else local).astimezone(UTC), local


EPOCH = datetime.fromtimestamp(0, UTC)


def time_zone(name: str) -> tzinfo:
    """The time zone called "Africa/Casablanca", "UTC" or "+01:00". Raises CannotCollect."""
    if found := re.fullmatch(r"([+-])(\d\d):?(\d\d)", name):
        ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
        if ahead < timedelta(hours=24):
            return timezone(ahead if found[1] == "+" else -ahead)
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        raise CannotCollect(
            f"there is no time zone called {printable(name, 40)!r}: write one such as Africa/Casablanca, UTC or +01:00"
        ) from None


def foldered(top: Path, bounds: Bounds) -> Iterator[File]:
    """The files of a folder; links are not followed. Raises CannotCollect if there are too many."""
    total = count = 0
    for here, folders, files in os.walk(top):
        for name in sorted(files) + [name for name in folders if os.path.islink(os.path.join(here, name))]:
            path = Path(here, name)
            status = path.lstat()
            relative = slashes(path.relative_to(top).as_posix())
            count, total = count + 1, total + status.st_size
            if count > bounds.entries:
                raise CannotCollect(f"the folder has more than {bounds.entries} files")
            reason = bad_path(relative, DEPTH + 3) or ""
            if stat.S_ISLNK(status.st_mode):
                reason = "this is a symbolic link"
            elif not stat.S_ISREG(status.st_mode):
                reason = "this is not a file"
            elif status.st_nlink > 1:
                reason = "this is a hard link: the same file has another name elsewhere"
            elif status.st_size > bounds.file:
                reason = f"it is larger than {bounds.file // 1_000_000} MB"
            when = datetime.fromtimestamp(status.st_mtime, UTC)
            yield File(relative, partial(_open, path, status.st_size), status.st_size, when, reason)
        folders[:] = sorted(name for name in folders if not LITTER.search(name))
    if total > bounds.total:
        raise CannotCollect(f"the folder holds {total / 1e9:.1f} GB, more than {bounds.total / 1e9:.1f} GB")


def _open(path: Path, size: int) -> bytes:
    """The bytes of a file that was found to be an ordinary one of that size. Raises Refusal."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            data = file.read(size + 1)
    except OSError as why:
        raise Refusal(f"it cannot be read: {why.strerror}") from None
    if len(data) != size:
        raise Refusal("it changed while it was read")
    return data
