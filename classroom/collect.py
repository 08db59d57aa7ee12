"""Submissions from a learning platform -> ``submitted/STUDENT/ASSIGNMENT/``.

``collect`` reads what Moodle ("Download all submissions"), Canvas ("Download Submissions") and others give, as a zip or
unpacked, and any folder or zip that has one folder or one file a student (see ``classroom.platforms`` for the names).

Who is who is said by a roster: the students of the gradebook, and CSV files (see ``classroom.rostertable``). A name that fits
two students fits none. Nothing is guessed: what cannot be matched is reported, and a person can say who it is (see
``classroom.whoiswho``).

A hostile archive gains nothing (see ``classroom.download``): a student with a file that is not even tried needs a person's
attention (``intake`` refuses what has a part left out); the rest of the class is collected. Archives inside are kept,
and never opened.

Of two submissions of a student the newer counts. What was collected before is replaced only by something newer, and
the report says so. Times are kept in UTC; one that came without a zone is taken for this machine's, and that is said.
"""

import contextlib
import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from nbgrader.api import MissingEntry
from nbgrader.coursedir import CourseDirectory

from classroom.course import folder, home, open_gradebook
from classroom.disk import CannotWrite, bring_back, lay_out, put_in_place, writing
from classroom.download import EPOCH, Bounds, File, Refusal, foldered, opened, time_zone, zipped
from classroom.model import CannotCollect, Refused
from classroom.platforms import METADATA, Place, Platform, gradescope, place_of, platform_of
from classroom.roster import Roster, roster_of
from classroom.rostertable import read_roster
from classroom.sources import Source, Sources
from classroom.submission import (
    FILES,
    LITTER,
    REFUSED_BY_COLLECT,
    TIMESTAMP,
    TYPED,
    bad_path,
    obstacles,
    printable,
    read_folder,
    submitted_at,
)
from classroom.whoiswho import WhoIsWho, key


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
    typed: tuple[str, ...] = ()  # into the platform, beside files or in place of them
    doubts: tuple[str, ...] = ()  # what the download does not tell
    ask: str = ""  # how to say who is who, if that could not be told

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
            ("Typed into the platform, kept for whoever grades", self.typed),
            ("No submission", self.missing),
            ("In doubt", self.doubts),
        ):
            if entries:
                yield f"{title} ({len(entries)}):"
                yield from (f"  {entry}" for entry in entries)
        if self.ask:
            yield self.ask


# ------------------------------------------------------------ files -> submissions

AROUND = 3  # folders that may be around those of the students
ARCHIVE = re.compile(r"\.(zip|rar|7z|tar|tgz|gz|bz2|xz)$", re.IGNORECASE)


@dataclass
class HandedIn:
    """The files of a student, {path within the submission: file}, and what had to be left out."""

    source: Source
    files: dict[str, File] = field(default_factory=dict)
    uploads: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    late: bool = False
    archive: bool = False  # one was handed in

    @property
    def newest(self) -> File | None:
        """The file whose time is the submission's."""
        return max((file for file in self.files.values() if file.when), key=lambda file: file.when, default=None)

    @property
    def when(self) -> datetime | None:
        return self.newest.when if self.newest else None


@dataclass
class Collector:
    """Sorts the files of a download into submissions and writes these. Its lists become the report."""

    course: CourseDirectory
    assignment: str
    roster: Roster
    bounds: Bounds
    force: bool
    zone: str = ""  # of times that come without one; "" is this machine's
    told: dict[str, frozenset[str]] = field(default_factory=dict)  # whose a name in the download is, by its key
    submissions: dict[str, dict[str, HandedIn]] = field(default_factory=lambda: defaultdict(dict))
    sources: dict[str, Source] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    new: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    ignored: list[Refused] = field(default_factory=list)
    unmatched: dict[str, Refused] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    unsure: int = 0
    local: File | None = None  # a file whose time came without a zone
    moodle_times: list[datetime] = field(default_factory=list)

    def whose(self, path: str, notebooks: Iterable[str] = (), platform: Platform = Platform.PLAIN) -> Place:
        """Whose a file of the download is, by its name or by what was told of it."""
        place = place_of(path, self.roster, self.assignment, notebooks, platform)
        told = self.told.get(key(place.group)) if self.told else None
        return replace(place, students=told) if told else place

    def fits(self, path: str) -> bool:
        """Whether a name is about one student, with or without folders around it."""
        return any(len(self.whose(_inside(path, depth)).students) == 1 for depth in range(AROUND + 1))

    def sort(self, files: Iterable[File], notebooks: set[str]) -> None:
        """Finds the student of every file."""
        files = [file for file in files if not LITTER.search(file.path)]
        if not files:
            self.doubts.append("there is no file in the download")
        depth = self._around(
            [file.path for file in files], {one.path.split("/")[0] for one in files if not one.refused}
        )
        paths = [_inside(file.path, depth) for file in files]
        times = self._gradescope(dict(zip(paths, files, strict=True)))
        platform = platform_of(path for path in paths if path != METADATA)
        for path, file in zip(paths, files, strict=True):
            place = self.whose(path, notebooks, platform)
            if place.group in times:
                file = replace(file, when=times[place.group], local=None)
            if path != METADATA or not times:
                self._sort(file, place)

    def _around(self, paths: Sequence[str], tops: Collection[str]) -> int:
        """How many folders are around those of the students: one round it all, as in many archives, or one a group.

        What stands in several folders may be a student's own: it takes most of the files, and two students.
        """
        for depth in range(AROUND + 1):
            inside = [path for path in paths if path.count("/") >= depth]
            found = [students for path in inside if (students := self.whose(_inside(path, depth)).students)]
            several = len({tuple(path.split("/")[:depth]) for path in inside}) > 1
            if found and not (several and (2 * len(found) <= len(inside) or len(set(found)) < 2)):
                return depth
        return int(len(tops) == 1)

    def _gradescope(self, files: Mapping[str, File]) -> dict[str, datetime]:
        """Takes in what Gradescope says of its submissions; when they were handed in, by their folders."""
        times = {}
        if (file := files.get(METADATA)) and not file.refused:
            try:
                found = dict(gradescope(file.read().decode("utf-8", "replace")))
            except Refusal as why:
                self.refused.append(Refused(printable(file.path), str(why)))
                return {}
            for name, one in found.items():
                self.told.setdefault(key(name), frozenset(one.students(self.roster)))
                if one.when:
                    times[name] = one.when
        return times

    def _sort(self, file: File, found: Place) -> None:
        self.unsure += file.unsure
        if len(found.students) != 1:
            if file.refused:
                self.refused.append(Refused(printable(file.path), file.refused))
            else:
                self.unmatched.setdefault(found.group, Refused(printable(file.path), self._why(found)))
            return
        (student,) = found.students
        self.seen.add(student)
        if found.platform is Platform.MOODLE and file.when:
            self.moodle_times.append(file.when)
        self.local = self.local or (file if file.local else None)
        source = Source(found.platform.value, found.group, found.number, folder=found.folder)
        one = self.submissions[student].setdefault(found.group, HandedIn(source))
        one.late |= found.late
        path = f"{TYPED}/{found.path}" if found.typed else found.path
        if path == TIMESTAMP and found.platform is not Platform.PLAIN:
            self.ignored.append(Refused(printable(file.path), "a time that the student wrote does not count"))
            return
        reason = file.refused or bad_path(path) or ""
        if path.partition("/")[0] in (REFUSED_BY_COLLECT, TIMESTAMP) and path != TIMESTAMP:
            reason = "no file may have this name"
        if reason:
            self._refuse(one, file, path, reason)
            return
        if ARCHIVE.search(path):  # kept as it is: where a task has no answer, a person looks into it
            self.refused.append(Refused(printable(file.path), "an archive inside; it was not opened"))
            one.archive = True
        if path in one.files:
            older = file
            if (found.upload, file.when or EPOCH) > (one.uploads[path], one.files[path].when or EPOCH):
                older, one.files[path], one.uploads[path] = one.files[path], file, found.upload
            self.ignored.append(Refused(printable(older.path), f"an older {printable(path)} of {student}"))
        else:
            one.files[path], one.uploads[path] = file, found.upload
            if found.typed:
                self.typed.append(f"{student}: {printable(path)}")

    def _why(self, found: Place) -> str:
        """Why a file has no owner, and what could tell."""
        if found.students:
            return "it fits more than one student: " + ", ".join(sorted(found.students))
        reason = "nobody on the roster is called so"
        if ARCHIVE.search(found.path):
            reason += "; if it is a download itself, collect it by itself"
        if found.platform is Platform.MOODLE:
            group = "is a group's name in front? " if "-" in found.group else ""
            reason += f"; {group}Moodle's grading worksheet as a roster tells by the number"
        elif found.platform is Platform.CANVAS:
            reason += "; Canvas's gradebook as a roster tells by the number" if found.number else ": it is anonymous"
        elif found.platform is Platform.GRADESCOPE and key(found.group) not in self.told:
            reason += f"; {METADATA}, which Gradescope puts beside it, is not in the download"
        return reason

    def _refuse(self, one: HandedIn, file: File, path: str, reason: str) -> None:
        self.refused.append(Refused(printable(file.path), reason))
        one.refused.append(Refused(printable(path or file.path), reason))

    def write(self) -> None:
        """Writes the submissions, one student after the other, and where they came from."""
        sources = Sources(Path(self.course.root))
        known = sources.of(self.assignment)
        try:
            for student, several in sorted(self.submissions.items()):
                one = self._newest(student, several)
                if one.late:
                    self.late.append(student)
                self._write(student, one, self._read(one), known.get(student))
        except BaseException:
            with contextlib.suppress(CannotWrite):  # the first trouble is told
                sources.keep(self.assignment, self.sources)
            raise
        sources.keep(self.assignment, self.sources)

    def _newest(self, student: str, several: Mapping[str, HandedIn]) -> HandedIn:
        """The newest of the submissions of a student; refused if that cannot be told."""
        order = sorted(several, key=lambda group: (several[group].when or EPOCH, group))
        *older, newest = order
        one = several[newest]
        for group in older:
            self.ignored.append(Refused(printable(group), f"an older submission of {student}"))
        plain = one.source.platform == Platform.PLAIN
        if older and (not plain or (several[older[-1]].when or EPOCH) == (one.when or EPOCH)):
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

    def _timed(self, student: str, one: HandedIn, files: dict[str, bytes]) -> datetime | None:
        """When a submission came in. Its own word for that, which the student may have written, makes it only later."""
        when, said = one.when, _time(files)
        if files.pop(TIMESTAMP, None) is not None:
            if said and when and said > when:
                return said
            if said != when:
                reason = f"a time that {student} may have written does not count; the newest file is of {_show(when)}"
                self.ignored.append(Refused(printable(one.files[TIMESTAMP].path), reason))
        return when

    def _write(self, student: str, one: HandedIn, files: dict[str, bytes], known: Source | None) -> None:
        """Puts a submission into its folder, unless what is there is newer."""
        if one.refused:
            files[REFUSED_BY_COLLECT] = "".join(f"{bad.file}\t{bad.reason}\n" for bad in one.refused).encode()
        when = self._timed(student, one, files)
        if when:
            files[TIMESTAMP] = f"{when:%Y-%m-%d %H:%M:%S} UTC\n".encode()
        else:
            self.doubts.append(f"nothing tells when {student} handed in, so not whether that was late")
        source = one.source
        if one.newest and one.newest.local and when == one.newest.when:
            source = replace(
                source, zone=self.zone or _here(one.newest.local), local=one.newest.local.isoformat(sep=" ")
            )
        target = folder(self.course, "submitted", self.assignment, student)
        with writing(home(self.course, "submitted")):
            bring_back(target)
        if os.path.lexists(target):
            there = read_folder(target)
            if isinstance(there, Refused) and not self.force:
                self.kept.append(f"{student}: what is there is odd ({there.file}: {there.reason})")
                return
            there = {} if isinstance(there, Refused) else there
            before = _time(there)
            same = _content(there) == _content(files)
            # The same work with the same time on the clock, of which another zone is told now.
            moved = same and known and known.local and known.local == source.local and before and before != when
            if same and not moved:
                self.unchanged.append(student)
                self.sources[student] = replace(source, zone=known.zone, local=known.local) if known else source
                return
            of = f"{student}: of {_show(before)} by one of {_show(when)}"
            if moved:
                of = f"{student}: the same work, now of {_show(when)}, not of {_show(before)}"
            elif not self.force and not (before and when and before < when):
                self.kept.append(of.replace(" by one of ", ", not replaced by one of "))
                return
            self.replaced.append(of)
        else:
            self.new.append(student)
        with writing(home(self.course, "submitted")):
            lay_out(target, files)
            put_in_place(target)
        self.sources[student] = source

    def report(self, ask: str = "") -> Report:
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
            tuple(sorted(self.typed)),
            (*self.doubts, *self._doubts()),
            ask,
        )

    def _doubts(self) -> Iterator[str]:
        if self.unsure:
            yield (
                f"the names of {self.unsure} files are in an encoding that the archive does not tell, and no student's name "
                "tells either: some letters may be wrong"
            )
        if self.local and self.local.local and not self.zone:
            yield (
                f"the times in this archive have no zone: {self.local.local:%Y-%m-%d %H:%M} was taken for this machine's time "
                f"(UTC{_here(self.local.local)}), so for {_show(self.local.when)}. If the platform's clock shows another, say "
                "--zone, such as --zone Africa/Casablanca, or set c.Collect.zone in nbgrader_config.py"
            )
        times = self.moodle_times
        if len(times) > 1 and max(times) - min(times) < timedelta(hours=1):
            yield (
                f"all times in this Moodle archive lie between {_show(min(times))} and {_show(max(times))}: newer Moodles write "
                "the time of the download there. If lateness costs marks, compare it with Moodle's own grading table."
            )


def _inside(path: str, depth: int) -> str:
    """A path without so many folders around it; as it is, if it is in fewer."""
    return path.split("/", depth)[-1] if path.count("/") >= depth else path


def _here(local: datetime) -> str:
    """What this machine's clock was ahead of UTC at a time that it showed: "+01:00"."""
    return local.astimezone().isoformat()[-6:]


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
    zone: str = "",
    bounds: Bounds | None = None,
) -> Report:
    """Puts the submissions of a download (a zip or a folder) where nbgrader grades them, and reports on each.

    The roster is the gradebook's students and those of the CSV files ``rosters``; with neither, the folders of a plain
    download are taken for ids. Times that come without a zone are those of ``zone`` ("Africa/Casablanca"), or else of
    ``c.Collect.zone`` in the course's configuration, or else of this machine. ``force`` also replaces what is newer or of
    unknown age. Raises CannotCollect, with nothing written, if the download or a roster cannot be used at all.
    """
    bounds = bounds or Bounds()
    download, root = Path(download), Path(course.root)
    zone = zone or str(course.config.Collect.get("zone", ""))
    clock: tzinfo | None = time_zone(zone) if zone else None
    students, notebooks, notes = roster_of(course), set(), []
    with open_gradebook(course) as gradebook:
        try:
            notebooks = {notebook.name for notebook in gradebook.find_assignment(assignment).notebooks}
        except MissingEntry:
            raise CannotCollect(f"the gradebook has no assignment called {assignment!r}") from None
    for path in map(Path, rosters):
        try:
            told: list[str] = []
            students = read_roster(path.read_bytes(), students, told)
        except OSError as why:
            raise CannotCollect(f"the roster {path} cannot be read: {why.strerror}") from None
        except CannotCollect as why:
            raise CannotCollect(f"{path.name}: {why}") from None
        notes += [f"{printable(path.name)}: {note}" for note in told]
    roster = Roster(students)
    who = WhoIsWho(root, assignment, roster)
    answers, wrong = who.answers()
    collector = Collector(course, assignment, roster, bounds, force, zone, answers, doubts=[*notes, *wrong])
    if download.is_dir():
        collector.sort(foldered(download, bounds), notebooks)
        collector.write()
    else:
        with opened(download) as archive:
            collector.sort(zipped(archive, bounds, clock, collector.fits), notebooks)
            collector.write()
    return collector.report(who.ask(collector.unmatched))
