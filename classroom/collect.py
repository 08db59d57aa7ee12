"""Submissions from a learning platform -> ``submitted/STUDENT/ASSIGNMENT/``.

``collect`` reads what Moodle ("Download all submissions") and Canvas ("Download Submissions") give, as a zip or
unpacked, and any folder or zip that has one folder or one file a student. Recognised names:

Moodle   ``Ada Lovelace_12345_assignsubmission_file_/shapes.ipynb``, or without folders
         ``Ada Lovelace_12345_assignsubmission_file_shapes.ipynb`` (the number is the participant's)
Canvas   ``lovelaceada_LATE_12345_67890_shapes-1.ipynb`` (the user, the upload; -1 after a resubmission)
plain    ``STUDENT/shapes.ipynb``, ``STUDENT/ASSIGNMENT/shapes.ipynb``, ``STUDENT.ipynb`` or ``STUDENT_shapes.ipynb``

Who is who is said by a roster: the students of the gradebook, and CSV files (see ``read_roster``). A name that fits
two students fits none. Nothing is guessed: what cannot be matched is reported.

A hostile archive gains nothing: no entry is written whose name leads elsewhere, that is a link or a device, that is
encrypted, stored twice or far larger than it seems. That student then needs a person's attention (``intake`` refuses
what has a part left out); the rest of the class is collected. Archives inside are kept, and never opened.

Of two submissions of a student the newer counts. What was collected before is replaced only by something newer, and
the report says so.
"""

import csv
import io
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path, PurePosixPath

from nbgrader.api import MissingEntry
from nbgrader.coursedir import CourseDirectory

from classroom.course import folder, open_gradebook
from classroom.disk import bring_back, lay_out, put_in_place
from classroom.model import Refused, Trouble
from classroom.submission import (
    DEPTH,
    FILE_BYTES,
    FILES,
    FOLDER_BYTES,
    LITTER,
    REFUSED_BY_COLLECT,
    TIMESTAMP,
    bad_path,
    obstacles,
    printable,
    read_folder,
    submitted_at,
)


@dataclass(frozen=True)
class Bounds:
    """How large a download may be. Sizes are in bytes, unpacked; a file's ratio is its size over its packed size."""

    file: int = FILE_BYTES
    submission: int = FOLDER_BYTES
    total: int = 8 * 10**9
    entries: int = 200_000
    ratio: float = 200.0
    ratio_from: int = 5_000_000  # smaller files may shrink as they like


@dataclass(frozen=True)
class Student:
    """A student on the roster. ``keys`` are other ids: e-mail, user name, "participant 12345", "canvas 12345"."""

    id: str
    names: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What became of a download. All lists are sorted; paths are those inside the download."""

    new: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()  # "ada: of 2026-01-02 10:00 UTC by one of 2026-01-03 09:00 UTC"
    unchanged: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()  # what was there is newer, or it cannot be told: nothing was written
    late: tuple[str, ...] = ()  # by the platform's own mark
    refused: tuple[Refused, ...] = ()
    ignored: tuple[Refused, ...] = ()  # left out without harm
    unmatched: tuple[Refused, ...] = ()
    missing: tuple[str, ...] = ()  # on the roster, not in the download, and nothing collected before
    doubts: tuple[str, ...] = ()  # what the download does not tell

    @property
    def complete(self) -> bool:
        """Whether nobody need look at anything."""
        return not (self.refused or self.unmatched or self.kept)

    def lines(self) -> Iterator[str]:
        """The report for people."""
        yield f"{len(self.new)} new, {len(self.replaced)} replaced, {len(self.unchanged)} unchanged"
        for title, entries in (
            ("Replaced by a newer submission", self.replaced),
            ("Not replaced", self.kept),
            ("Marked late by the platform", self.late),
            ("Refused", [f"{one.file}: {one.reason}" for one in self.refused]),
            ("Left out", [f"{one.file}: {one.reason}" for one in self.ignored]),
            ("Could not be matched to a student", [f"{one.file}: {one.reason}" for one in self.unmatched]),
            ("No submission", self.missing),
            ("In doubt", self.doubts),
        ):
            if entries:
                yield f"{title} ({len(entries)}):"
                yield from (f"  {entry}" for entry in entries)


class CannotCollect(Trouble):
    """The download as a whole, or the roster, cannot be used; the message says why."""


# ------------------------------------------------------------ the roster

ID = ("id", "student_id", "student id", "nbgrader_id", "username", "user name", "sis login id", "id number")
MAIL = ("email address", "email", "e-mail", "e-mail address")
NAME = ("full name", "name", "student", "student name")
FIRST = ("first_name", "first name", "firstname", "given name")
LAST = ("last_name", "last name", "lastname", "surname", "family name")
# Numbers mean nothing without the platform that gave them: another student's id may be the same number.
PARTICIPANT = ("identifier", "participant", "participant number", "moodle id")
CANVAS_USER = ("lms_user_id", "canvas id", "canvas_id")


def roster_of(course: CourseDirectory) -> list[Student]:
    """The students in the gradebook."""
    with open_gradebook(course) as gradebook:
        return [
            Student(
                one.id,
                _some(" ".join(_some(one.first_name, one.last_name))),
                _some(one.email, one.lms_user_id and f"canvas {one.lms_user_id}"),
            )
            for one in gradebook.students
        ]


def read_roster(data: bytes, known: Sequence[Student] = ()) -> list[Student]:
    """The ``known`` students and those of a CSV table.

    That is nbgrader's own (id, first_name, last_name, email, lms_user_id), Moodle's grading worksheet (Identifier, Full
    name, Email address), Canvas' gradebook (Student, ID, SIS Login ID) or a mapping of your own, with any of these
    columns, separated by commas, semicolons or tabs.

    A row that shares an id, e-mail or number with exactly one known student, or else the full name, adds to that one.
    Otherwise it is a new student, with the first id that is filled in, or the e-mail. Raises CannotCollect.
    """
    rows = _table(data)
    columns = [name.strip().lower() for name in rows[0]] if rows else []
    canvas = "sis login id" in columns or ("student" in columns and "section" in columns)
    students = {student.id: student for student in known}
    for number, row in enumerate(rows[1:], 2):
        cells = {name: value.strip() for name, value in zip(columns, row, strict=False) if value.strip()}
        if not cells or (canvas and cells.get("student", "").startswith(("Points Possible", "Student, Test"))):
            continue
        if canvas and "id" in cells:
            cells["canvas id"] = cells.pop("id")
        first, last = (next((cells[name] for name in among if name in cells), "") for among in (FIRST, LAST))
        names = _some(*(cells.get(name) for name in NAME), f"{first} {last}".strip())
        ids = [cells[name] for name in (*ID, *MAIL) if name in cells]
        numbers = [f"participant {digits(cells[name])}" for name in PARTICIPANT if name in cells]
        numbers += [f"canvas {digits(cells[name])}" for name in CANVAS_USER if name in cells]
        one = _known(students.values(), names, [*ids, *numbers]) or next((Student(identity) for identity in ids), None)
        if one is None:
            raise CannotCollect(
                f"row {number} of the roster is about nobody known and has no column id or Email address"
            )
        if not proper(one.id):
            raise CannotCollect(f"row {number} of the roster: {printable(one.id, 40)!r} cannot be the name of a folder")
        one = students.get(one.id, one)
        students[one.id] = Student(one.id, _some(*one.names, *names), _some(*one.keys, *ids, *numbers))
    return list(students.values())


def _table(data: bytes) -> list[list[str]]:
    """A CSV table in the encodings and with the separators that spreadsheets use."""
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=text.split("\n")[0].count)))
    except csv.Error as why:
        raise CannotCollect(f"the roster is not a CSV table: {why}") from None


def _some(*texts: str | None) -> tuple[str, ...]:
    """Those that are not empty, each once."""
    return tuple(dict.fromkeys(text for text in texts if text))


def digits(text: str) -> str:
    """12345 of "Participant 12345"."""
    return re.sub(r"\D+", "", text)


def _known(students: Iterable[Student], names: Sequence[str], keys: Sequence[str]) -> Student | None:
    """The one student whom a row of a roster is about, if it is one that we know."""
    students = list(students)
    wanted = {fold(key) for key in keys}
    if found := [one for one in students if wanted & {fold(key) for key in (one.id, *one.keys)}]:
        return found[0] if len(found) == 1 else None
    wanted = {fold(name) for name in names}
    found = [one for one in students if wanted & {fold(name) for name in one.names}]
    return found[0] if len(found) == 1 else None


def proper(identity: str) -> bool:
    """Whether a student's id can be a folder's name for nbgrader."""
    return bad_path(identity) is None and "/" not in identity and not identity.startswith(".")


def fold(name: str) -> str:
    """A name as compared: case, accents, spaces and the order of "Last, First" do not count."""
    if name.count(",") == 1:
        last, first = name.split(",")
        name = f"{first} {last}"
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def letters(name: str) -> str:
    """A folded name without anything but letters and digits."""
    return re.sub(r"[\W_]+", "", fold(name))


class Roster:
    """Finds students by what platforms call them: the ids of all who fit."""

    def __init__(self, students: Iterable[Student]) -> None:
        self.ids: set[str] = set()
        self._keys: dict[str, set[str]] = defaultdict(set)
        self._names: dict[str, set[str]] = defaultdict(set)
        self._sortable: dict[str, set[str]] = defaultdict(set)
        for student in students:
            if not proper(student.id):
                raise CannotCollect(f"the id {printable(student.id, 40)!r} cannot be the name of a folder")
            self.ids.add(student.id)
            for key in (student.id, *student.keys):
                self._keys[fold(key)].add(student.id)
            for name in student.names:
                self._names[fold(name)].add(student.id)
                words = fold(name).split()
                # Canvas puts the last name first; where that begins is not known ("van der Berg").
                for i in range(len(words)):
                    self._sortable[letters("".join(words[i:] + words[:i]))].add(student.id)

    def called(self, text: str) -> set[str]:
        """By an id or, if it is nobody's id, by a full name."""
        return self._keys.get(fold(text)) or self._names.get(fold(text), set())

    def moodle(self, name: str, number: str) -> set[str]:
        """By participant number and name, which must not contradict each other."""
        by_number = self._keys.get(f"participant {number}", set())
        if not by_number:
            return self.called(name)
        # A group's name may stand in front: "Group A-Ada Lovelace". Without a number that would be a guess: Jean-Paul
        # Martin is not Paul Martin.
        parts = name.split("-")
        tries = (self.called("-".join(parts[i:])) for i in range(len(parts)))
        return _agree(by_number, next((found for found in tries if found), set()))

    def canvas(self, name: str, user: str) -> set[str]:
        """By Canvas' number of the user and sortable name, which must not contradict each other."""
        return _agree(self._keys.get(f"canvas {user}", set()), self._sortable.get(letters(name), set()))


def _agree(one: set[str], other: set[str]) -> set[str]:
    """Who fits both; all of them if the two contradict each other."""
    return (one & other or one | other) if one and other else one or other


# ------------------------------------------------------------ names -> students

MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<number>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_(?P<file>.*))?")
CANVAS = re.compile(r"(?P<name>[^_/]+)(?:_(?P<late>LATE|late))?_(?P<user>\d+)_(?P<upload>\d+)_(?P<file>[^/]+)")


@dataclass(frozen=True)
class Place:
    """Whose a file is: exactly one student, or it is nobody's."""

    students: frozenset[str]
    path: str  # within the submission
    group: str  # the files of one submission share it
    late: bool = False
    upload: int = 0  # larger is newer; 0 is unknown
    typed: bool = False  # into the platform, no file
    plain: bool = False  # from no platform
    moodle: bool = False


def place_of(path: str, roster: Roster, assignment: str, notebooks: Iterable[str] = ()) -> Place:
    """Whose the file at ``path`` of the download is. ``notebooks`` are names in the assignment."""
    first, _, rest = path.partition("/")
    if found := MOODLE.fullmatch(first):
        students = frozenset(roster.moodle(found["name"], found["number"]))
        group = f"{found['name']}_{found['number']}"
        typed = found["kind"] == "onlinetext"
        return Place(students, rest or found["file"] or "", group, typed=typed, moodle=True)
    if found := CANVAS.fullmatch(path):
        students = frozenset(roster.canvas(found["name"], found["user"]))
        resubmitted = re.fullmatch(r"(.+)-\d+(\.ipynb)", found["file"])
        file = "".join(resubmitted.groups()) if resubmitted and resubmitted[1] in notebooks else found["file"]
        group = f"{found['name']}_{found['user']}"
        return Place(students, file, group, bool(found["late"]), int(found["upload"]))
    if rest:
        students = roster.called(first)
        if not roster.ids and proper(first):
            students = {first}
        return Place(frozenset(students), rest.removeprefix(f"{assignment}/"), first, plain=True)
    ending = PurePosixPath(path).suffix
    stem = path.removesuffix(ending)
    if students := roster.called(stem):
        return Place(frozenset(students), path, stem, plain=True)
    for i in [i for i in range(len(stem) - 1, 0, -1) if stem[i] == "_"]:
        if students := roster.called(stem[:i]):
            return Place(frozenset(students), stem[i + 1 :] + ending, stem[:i], plain=True)
    return Place(frozenset(), path, path, plain=True)


# ------------------------------------------------------------ a download -> files


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


def opened(download: Path) -> zipfile.ZipFile:
    """A zip archive. Raises CannotCollect."""
    try:
        return zipfile.ZipFile(download)
    except OSError as why:
        raise CannotCollect(f"{download} cannot be read: {why.strerror}") from None
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error) as why:
        reason = printable(str(why), 80)
        raise CannotCollect(f"{download.name} is neither a folder nor a sound zip archive: {reason}") from None


def zipped(archive: zipfile.ZipFile, bounds: Bounds) -> Iterator[File]:
    """The files of a zip. Raises CannotCollect if it is a bomb as a whole."""
    entries = archive.infolist()
    if len(entries) > bounds.entries:
        raise CannotCollect(f"the archive has {len(entries)} entries, more than {bounds.entries}")
    total = sum(entry.file_size for entry in entries)
    if total > bounds.total:
        raise CannotCollect(f"the archive unpacks to {total / 1e9:.1f} GB, more than {bounds.total / 1e9:.1f} GB")
    times = Counter(_name(entry) for entry in entries)
    for entry in entries:
        name = _name(entry)
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
            yield File(name, partial(_unzip, archive, entry), entry.file_size, _zip_time(entry), reason)


def _unzip(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The bytes of an entry, no more than it says it has. Raises Refusal."""
    try:
        with archive.open(entry) as file:
            data = file.read(entry.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as why:
        raise Refusal(f"it is damaged: {printable(str(why), 80)}") from None
    if len(data) != entry.file_size:
        raise Refusal("its size is not what it says")
    return data


def _name(entry: zipfile.ZipInfo) -> str:
    """The name of an entry as it stands there. Archives that do not say so are still mostly in UTF-8."""
    name = entry.orig_filename  # .filename stops at a NUL
    if not entry.flag_bits & 0x800:
        try:
            return name.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return name


def _zip_time(entry: zipfile.ZipInfo) -> datetime | None:
    """When an entry was changed: in UTC if the archive has it so, else by this machine's clock."""
    extra = entry.extra
    while len(extra) >= 9:
        tag, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        if tag == 0x5455 and size >= 5 and extra[4] & 1:
            return datetime.fromtimestamp(int.from_bytes(extra[5:9], "little", signed=True), UTC)
        extra = extra[4 + size :]
    try:
        when = datetime(*entry.date_time)  # of no zone
    except ValueError:
        return None
    return when.astimezone(UTC) if when.year > 1980 else None


def foldered(top: Path, bounds: Bounds) -> Iterator[File]:
    """The files of a folder; links are not followed. Raises CannotCollect if there are too many."""
    total = count = 0
    for here, folders, files in os.walk(top):
        for name in sorted(files) + [name for name in folders if os.path.islink(os.path.join(here, name))]:
            path = Path(here, name)
            status = path.lstat()
            relative = path.relative_to(top).as_posix()
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


# ------------------------------------------------------------ files -> submissions

ARCHIVE = re.compile(r"\.(zip|rar|7z|tar|tgz|gz|bz2|xz)$", re.IGNORECASE)


@dataclass
class HandedIn:
    """The files of a student, {path within the submission: file}, and what had to be left out."""

    files: dict[str, File] = field(default_factory=dict)
    uploads: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    late: bool = False
    plain: bool = False
    archive: bool = False  # one was handed in

    @property
    def when(self) -> datetime | None:
        return max((file.when for file in self.files.values() if file.when), default=None)


@dataclass
class Collector:
    """Sorts the files of a download into submissions and writes these. Its lists become the report."""

    course: CourseDirectory
    assignment: str
    roster: Roster
    bounds: Bounds
    force: bool
    submissions: dict[str, dict[str, HandedIn]] = field(default_factory=lambda: defaultdict(dict))
    seen: set[str] = field(default_factory=set)
    new: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    ignored: list[Refused] = field(default_factory=list)
    unmatched: dict[str, Refused] = field(default_factory=dict)
    moodle_times: list[datetime] = field(default_factory=list)

    def sort(self, files: Iterable[File], notebooks: set[str]) -> None:
        """Finds the student of every file."""
        files = [file for file in files if not LITTER.search(file.path)]
        whose = partial(place_of, roster=self.roster, assignment=self.assignment, notebooks=notebooks)
        prefix = ""
        around = {file.path.partition("/")[0] for file in files if not file.refused}
        if len(around) == 1 and not any(whose(file.path).students for file in files):
            prefix = next(iter(around)) + "/"  # as in many archives: one folder around it all
        for file in files:
            self._sort(file, whose(file.path.removeprefix(prefix)))

    def _sort(self, file: File, found: Place) -> None:
        if len(found.students) != 1:
            if file.refused:
                self.refused.append(Refused(printable(file.path), file.refused))
            else:
                reason = "nobody on the roster is called so"
                if found.moodle and "-" in found.group:
                    reason += "; is a group's name in front? Moodle's grading worksheet as a roster tells by the number"
                if found.students:
                    reason = "it fits more than one student: " + ", ".join(sorted(found.students))
                self.unmatched.setdefault(found.group, Refused(printable(file.path), reason))
            return
        (student,) = found.students
        self.seen.add(student)
        if found.moodle and file.when:
            self.moodle_times.append(file.when)
        if found.typed:
            self.ignored.append(Refused(printable(file.path), "text typed into the platform, not a file"))
            return
        one = self.submissions[student].setdefault(found.group, HandedIn())
        one.late |= found.late
        one.plain |= found.plain
        if found.path == TIMESTAMP and not found.plain:
            self.ignored.append(Refused(printable(file.path), "a time that the student wrote does not count"))
            return
        reason = file.refused or bad_path(found.path) or ""
        if found.path.partition("/")[0] in (REFUSED_BY_COLLECT, TIMESTAMP) and found.path != TIMESTAMP:
            reason = "no file may have this name"
        if reason:
            self._refuse(one, file, found.path, reason)
            return
        if ARCHIVE.search(found.path):  # kept as it is: where a task has no answer, a person looks into it
            self.refused.append(Refused(printable(file.path), "an archive inside; it was not opened"))
            one.archive = True
        if found.path in one.files:
            older = file
            if (found.upload, file.when or EPOCH) > (one.uploads[found.path], one.files[found.path].when or EPOCH):
                older, one.files[found.path], one.uploads[found.path] = one.files[found.path], file, found.upload
            self.ignored.append(Refused(printable(older.path), f"an older {printable(found.path)} of {student}"))
        else:
            one.files[found.path], one.uploads[found.path] = file, found.upload

    def _refuse(self, one: HandedIn, file: File, path: str, reason: str) -> None:
        self.refused.append(Refused(printable(file.path), reason))
        one.refused.append(Refused(printable(path or file.path), reason))

    def write(self) -> None:
        """Writes the submissions, one student after the other."""
        for student, several in sorted(self.submissions.items()):
            one = self._newest(student, several)
            if one.late:
                self.late.append(student)
            self._write(student, one, self._read(one))

    def _newest(self, student: str, several: Mapping[str, HandedIn]) -> HandedIn:
        """The newest of the submissions of a student; refused if that cannot be told."""
        order = sorted(several, key=lambda group: (several[group].when or EPOCH, group))
        *older, newest = order
        one = several[newest]
        for group in older:
            self.ignored.append(Refused(printable(group), f"an older submission of {student}"))
        if older and (not one.plain or (several[older[-1]].when or EPOCH) == (one.when or EPOCH)):
            reason = f"two submissions of {student}, and no telling which is newer: {', '.join(sorted(several))}"
            one.refused.append(Refused(printable(newest), printable(reason)))
            self.refused.append(one.refused[-1])
        return one

    def _read(self, one: HandedIn) -> dict[str, bytes]:
        """The bytes of a submission; what cannot be read is refused."""
        if len(one.files) > FILES or sum(file.size for file in one.files.values()) > self.bounds.submission:
            path, file = next(iter(one.files.items()))
            limit = f"{FILES} files or {self.bounds.submission // 1_000_000} MB"
            self._refuse(one, file, path, f"the submission has more than {limit}")
            return {}
        for path in obstacles(one.files, ()):
            self._refuse(one, one.files.pop(path), path, "another file's path goes through it")
        data = {}
        for path, file in one.files.items():
            try:
                data[path] = file.read()
            except Refusal as why:
                self._refuse(one, file, path, str(why))
        if one.archive and not any(".ipynb" in path.lower() for path in data):
            one.refused.append(Refused("*", "an archive was handed in, not a notebook; it was not opened"))
        return data

    def _write(self, student: str, one: HandedIn, files: dict[str, bytes]) -> None:
        """Puts a submission into its folder, unless what is there is newer."""
        if one.refused:
            files[REFUSED_BY_COLLECT] = "".join(f"{bad.file}\t{bad.reason}\n" for bad in one.refused).encode()
        when = one.when
        if TIMESTAMP in files:
            when = _time(files) or when
        if when:
            files[TIMESTAMP] = f"{when:%Y-%m-%d %H:%M:%S} UTC\n".encode()
        target = folder(self.course, "submitted", self.assignment, student)
        bring_back(target)
        if os.path.lexists(target):
            there = read_folder(target)
            if isinstance(there, Refused) and not self.force:
                self.kept.append(f"{student}: what is there is odd ({there.file}: {there.reason})")
                return
            there = {} if isinstance(there, Refused) else there
            before = _time(there)
            if _content(there) == _content(files):
                self.unchanged.append(student)
                return
            of = f"{student}: of {_show(before)} by one of {_show(when)}"
            if not self.force and not (before and when and before < when):
                self.kept.append(of.replace(" by one of ", ", not replaced by one of "))
                return
            self.replaced.append(of)
        else:
            self.new.append(student)
        lay_out(target, files)
        put_in_place(target)

    def report(self) -> Report:
        everyone = self.roster.ids - self.seen
        missing = [
            name for name in everyone if not os.path.lexists(folder(self.course, "submitted", self.assignment, name))
        ]
        by_file = sorted(self.refused, key=lambda one: one.file)
        return Report(
            tuple(self.new),
            tuple(self.replaced),
            tuple(self.unchanged),
            tuple(self.kept),
            tuple(self.late),
            tuple(by_file),
            tuple(sorted(self.ignored, key=lambda one: one.file)),
            tuple(sorted(self.unmatched.values(), key=lambda one: one.file)),
            tuple(sorted(missing)),
            tuple(self._doubts()),
        )

    def _doubts(self) -> Iterator[str]:
        times = self.moodle_times
        if len(times) > 1 and max(times) - min(times) < timedelta(hours=1):
            yield (
                f"all times in this Moodle archive lie between {_show(min(times))} and {_show(max(times))}: newer Moodles write "
                "the time of the download there. If lateness costs marks, compare it with Moodle's own grading table."
            )


EPOCH = datetime.fromtimestamp(0, UTC)


def _content(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What makes two submissions the same: all but the time."""
    return {path: data for path, data in files.items() if path != TIMESTAMP and not LITTER.search(path)}


def _time(files: Mapping[str, bytes]) -> datetime | None:
    """The time that stands in a submission."""
    when, _ = submitted_at(files)
    return when.replace(tzinfo=UTC) if when else None


def _show(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC" if when else "unknown age"


def collect(
    course: CourseDirectory,
    assignment: str,
    download: Path | str,
    *,
    rosters: Iterable[Path | str] = (),
    force: bool = False,
    bounds: Bounds | None = None,
) -> Report:
    """Puts the submissions of a download (a zip or a folder) where nbgrader grades them, and reports on each.

    The roster is the gradebook's students and those of the CSV files ``rosters``; with neither, the folders of a plain
    download are taken for ids. ``force`` also replaces what is newer or of unknown age. Raises CannotCollect, with
    nothing written, if the download or a roster cannot be used at all.
    """
    bounds = bounds or Bounds()
    download = Path(download)
    students, notebooks = roster_of(course), set()
    with open_gradebook(course) as gradebook:
        try:
            notebooks = {notebook.name for notebook in gradebook.find_assignment(assignment).notebooks}
        except MissingEntry:
            raise CannotCollect(f"the gradebook has no assignment called {assignment!r}") from None
    for path in rosters:
        students = read_roster(Path(path).read_bytes(), students)
    collector = Collector(course, assignment, Roster(students), bounds, force)
    if download.is_dir():
        collector.sort(foldered(download, bounds), notebooks)
        collector.write()
    else:
        with opened(download) as archive:
            collector.sort(zipped(archive, bounds), notebooks)
            collector.write()
    return collector.report()
