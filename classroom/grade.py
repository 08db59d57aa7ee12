"""Grades an assignment for the whole roster: intake, a pool of workers, one recorder.

The steps meet only here, and only through the values of :mod:`classroom.model`. Notebooks are read while earlier ones
run, and are let go of as soon as they are recorded, so that memory does not grow with the class.
"""

import contextlib
import glob
import hashlib
import itertools
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Protocol

from nbgrader.coursedir import CourseDirectory
from tqdm import tqdm

from classroom.assignment import hashed, load
from classroom.course import CannotGrade, find_programs, home, open_course, shown_path
from classroom.decisions import Decisions
from classroom.execute import Jail, Pool
from classroom.intake import intake
from classroom.judging import Judging, judging
from classroom.matching import asks
from classroom.model import Accepted, Assignment, Decision, Fate, Job, Json, Limits, Outcome, Ran, Refused
from classroom.outcomes import Entry
from classroom.preprocess import SandboxedExecute
from classroom.record import Recorder
from classroom.roster import proper
from classroom.submission import LITTER, printable, read_submission, submitted_at


class Runner(Protocol):
    """What runs jobs: a pool on this machine or on a cluster. Results come in any order, each once."""

    def run(self, jobs: Iterable[Job]) -> Iterator[Ran]: ...


@dataclass
class UnderWay:
    """A submission on its way: what intake made of it, and what came back from the workers so far."""

    student: str
    taken: Accepted | Refused
    digest: str
    timestamp: datetime | None = None
    unsure: str = ""
    ran: dict[str, Ran] = field(default_factory=dict)

    @property
    def notebooks(self) -> dict[str, Json]:
        """What is run, by name: the notebooks, and those that may be the one to grade in their place."""
        rivals = {label: rival.notebook for label, rival in self.taken.rivals.items()}
        return {**self.taken.notebooks, **rivals}


def grade_assignment(
    course: CourseDirectory | Path | str,
    name: str,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    unsafe: bool = False,
    progress: bool = True,
    force: bool = False,
    students: Collection[str] | None = None,
    limits: Limits | None = None,
    pool: AbstractContextManager[Runner] | None = None,
) -> list[Outcome]:
    """Grades assignment ``name`` and returns one outcome for each student on the roster, sorted by student.

    The roster is everyone in the gradebook and everyone with a folder in ``submitted/`` (``students`` narrows it). A
    submission that has not changed since it was graded is skipped unless ``force``. ``workers`` defaults to the number
    of cores that this process may use, ``cluster`` is the address of a Dask scheduler, ``unsafe`` grades without a
    sandbox, and ``pool`` replaces both (tests do so). What the course's configuration says about ``SandboxedExecute``
    holds here too: what is warm, what can be read, the limits.

    Raises CannotGrade or AssignmentError, with a sentence on what to do, if the course stands in the way.
    """
    find_programs()
    if not isinstance(course, CourseDirectory):
        course = open_course(course)
    assignment = load(course, name)
    jail, configured, careless = SandboxedExecute.settings(course.config)
    limits, unsafe = limits or configured, unsafe or careless
    with Recorder(course, assignment) as recorder:
        folders, unseen = submitted(course, name), hidden(course, name)
        everyone = recorder.students() | folders.keys() | unseen.keys()
        wanted = sorted(everyone if students is None else everyone & set(students))
        if students is not None and (unknown := sorted(set(students) - everyone)):
            place = shown_path(home(course, "submitted"))
            raise CannotGrade(f"no such student: {printable(', '.join(unknown))}; see {place}")
        wanted = [student for student in wanted if _in_course(course, student)]
        outcomes: dict[str, Outcome] = {}
        bar = tqdm(total=len(wanted), desc=f"grading {name}", unit="student", disable=None if progress else True)

        def done(outcome: Outcome) -> None:
            outcomes[outcome.student] = outcome
            bar.set_postfix_str(f"{_attention(outcomes)} need attention", refresh=False)
            bar.update()

        with bar, contextlib.ExitStack() as opened:

            @cache
            def runner() -> Runner:  # opened for the model answers or the first job, and not for nothing
                return opened.enter_context(pool or _pool(workers, cluster, limits, unsafe, jail))

            present = [student for student in wanted if student in folders]
            try_it = None if pool else lambda jobs: runner().run(jobs)
            apart = SandboxedExecute.judges_apart(course.config) and bool(present)
            where = judging(course, assignment, limits, try_it) if apart else {}
            todo = _Todo(recorder, assignment, limits, folders, force, where)
            for student in wanted:
                if student in unseen:
                    done(_unseen(recorder, student, unseen[student]))
                elif student not in folders:
                    done(_absent(recorder, student, todo.before.get(student), student in todo.standing))
            jobs = todo.jobs(present)
            first = next(jobs, None)
            if first:
                for ran in runner().run(itertools.chain([first], jobs)):
                    for outcome in todo.take(ran):
                        done(outcome)
            for outcome in todo.rest():
                done(outcome)
    return [outcomes[student] for student in wanted]


class _Todo:
    """The submissions of a run: hands out jobs, and records a student when the last notebook is back."""

    def __init__(
        self,
        recorder: Recorder,
        assignment: Assignment,
        limits: Limits,
        folders: Mapping[str, Path],
        force: bool,
        where: Mapping[str, Judging],
    ) -> None:
        self.recorder, self.assignment, self.limits, self.folders = recorder, assignment, limits, folders
        self.before: dict[str, Entry] = recorder.outcomes.of(assignment.name)
        self.standing = recorder.standing()
        self.decisions = Decisions(Path(recorder.coursedir.root))
        self.force = force
        self._where = where
        self._basis = basis(assignment, limits, where)
        self._asks = {name: asks(notebook.release) for name, notebook in assignment.notebooks.items()}
        self._due = recorder.due()
        self._running: dict[str, UnderWay] = {}
        self._refused: list[UnderWay] = []
        self._same: list[str] = []

    def jobs(self, students: Iterable[str]) -> Iterator[Job]:
        """Reads submissions, one at a time, and yields their notebooks. Touches no database."""
        for student in students:
            one = self._read(student)
            if one is None:
                self._same.append(student)
            elif isinstance(one.taken, Refused):
                self._refused.append(one)
            else:
                files = {**one.taken.files, **self.assignment.files}
                self._running[student] = one
                for label, notebook in one.notebooks.items():
                    name = one.taken.rivals[label].name if label in one.taken.rivals else label
                    job = Job(f"{student}/{label}", notebook, files, self.limits, self._asks[name])
                    yield self._where[name].of(job, self.assignment) if name in self._where else job

    def _read(self, student: str) -> UnderWay | None:
        """A submission, or None when it was graded before and nothing about it changed."""
        try:
            files = read_submission(self.folders[student], student)
            if isinstance(files, Refused):
                return UnderWay(student, files, "")
            decided = self.decisions.of(self.assignment.name, student, files)
            word = repr(decided).encode() if decided != Decision() else b""
            key = digest(self._basis + word, self.standing.get(student, self._due), files)
            if not self.force and self._unchanged(student, key):
                return None
            taken = intake(self.assignment, files, decided)
            when, unsure = submitted_at(files)
        except Exception as error:
            return UnderWay(student, Refused("", f"it could not be read ({type(error).__name__}: {error})"), "")
        if isinstance(taken, Accepted) and not taken.notebooks:
            taken = Refused("", "there is no notebook in it")
        return UnderWay(student, taken, key, when, unsure)

    def _unchanged(self, student: str, key: str) -> bool:
        entry = self.before.get(student)
        return bool(
            entry and entry.digest == key and student in self.standing and self.recorder.folder(student).is_dir()
        )

    def take(self, ran: Ran) -> Iterator[Outcome]:
        """One notebook is back. Yields the outcomes that are known by now."""
        yield from self._settled()
        student, _, name = ran.key.rpartition("/")
        one = self._running.get(student)
        if one is None or name not in one.notebooks:
            return  # nobody asked for it, or it came twice
        one.ran[name] = ran
        if one.ran.keys() == one.notebooks.keys():
            del self._running[student]
            yield self.recorder.record(
                student, one.taken, one.ran, timestamp=one.timestamp, unsure=one.unsure, digest=one.digest
            )

    def rest(self) -> Iterator[Outcome]:
        """What is left when all workers are done."""
        yield from self._settled()
        for student in list(self._running):
            del self._running[student]
            lost = Refused("", "the grader lost it on the way; run the same command again")
            yield self.recorder.refuse(student, lost)

    def _settled(self) -> Iterator[Outcome]:
        while self._refused:
            one = self._refused.pop()
            yield self.recorder.refuse(one.student, one.taken, digest=one.digest)
        while self._same:
            yield self._as_before(self._same.pop())

    def _as_before(self, student: str) -> Outcome:
        entry = self.before[student]
        outcome = entry.outcome
        if outcome.fate is Fate.ATTENTION and self.recorder.reviewed(student):
            notes = (*outcome.notes, *outcome.tampering, "a person looked at it and gave the marks")
            return self.recorder.note(Outcome(student, Fate.GRADED, notes, inside=outcome.inside), entry.digest)
        return outcome


def _absent(recorder: Recorder, student: str, before: Entry | None, standing: bool) -> Outcome:
    """The outcome of a student without a folder in ``submitted/``."""
    if standing:
        if before and before.outcome.fate is not Fate.MISSING:
            return before.outcome
        outcome = Outcome(student, Fate.GRADED, ("graded earlier; the submission is not in its folder any more",))
    else:
        outcome = Outcome(student, Fate.MISSING)
    return outcome if before and before.outcome == outcome else recorder.note(outcome)


def _unseen(recorder: Recorder, student: str, folder: Path) -> Outcome:
    """The outcome of a student whose submission is in a folder that nbgrader passes over."""
    dotted = folder if folder.name.startswith(".") else folder.parent
    reason = f"the name of the folder {printable(dotted.name)!r} begins with a dot: nbgrader does not look into it; rename it"
    if proper(student):
        return recorder.refuse(student, Refused("", reason))
    return recorder.note(Outcome(student, Fate.ATTENTION, (reason,)))


def _attention(outcomes: Mapping[str, Outcome]) -> int:
    return sum(outcome.fate is Fate.ATTENTION for outcome in outcomes.values())


def _pool(
    workers: int | None, cluster: str | None, limits: Limits, unsafe: bool, jail: Jail
) -> AbstractContextManager[Runner]:
    if cluster:
        from classroom.cluster import ClusterPool

        return ClusterPool(cluster, limits=limits, unsafe=unsafe, jail=jail)
    return Pool(workers or cores(), limits, unsafe, jail)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# --- submissions on disk ----------------------------------------------------------------------------------------------


def submitted(course: CourseDirectory, name: str) -> dict[str, Path]:
    """The folder of each student who handed ``name`` in. A link or a file in its place counts, and is refused."""
    return _folders(course, name)


def hidden(course: CourseDirectory, name: str) -> dict[str, Path]:
    """Likewise where a name that begins with a dot hides the folder (``.ada/week1``, ``ada/.week1``): nbgrader's ``*``
    passes it over.
    """
    found = {**_folders(course, f".{name}", True), **_folders(course, name, True)}
    seen = submitted(course, name)
    return {student: path for student, path in found.items() if student not in seen}


def _folders(course: CourseDirectory, name: str, dotted: bool = False) -> dict[str, Path]:
    """What is at the place for a submission, by student; ``dotted``: also of students whose name begins with a dot.

    What editors and systems leave behind is nobody's.
    """
    pattern = course.format_path(course.submitted_directory, "(?P<student_id>[^/]*)", re.escape(name), escape=True)
    star = "\0"  # glob.escape() would take the star too
    place = glob.escape(course.format_path(course.submitted_directory, star, name)).replace(star, "*")
    found = glob.glob(place, include_hidden=dotted)
    matches = ((re.fullmatch(pattern, path), path) for path in found)
    return {
        match["student_id"]: Path(path) for match, path in matches if match and not LITTER.search(match["student_id"])
    }


def _in_course(course: CourseDirectory, student: str) -> bool:
    """Whether nbgrader's own settings (``student_id`` and ``student_id_exclude``) let the student in."""
    return fnmatchcase(student, course.student_id) and student not in course.student_id_exclude.split(",")


def basis(assignment: Assignment, limits: Limits, where: Mapping[str, Judging]) -> bytes:
    """A digest of all that the marks of a whole class depend on."""
    found = hashlib.sha256(repr(limits).encode())
    for name, one in sorted(where.items()):
        found.update(json.dumps([name, sorted(one.exports), sorted(one.inside), one.imports]).encode())
    for name, notebook in sorted(assignment.notebooks.items()):
        found.update(json.dumps([name, notebook.source], sort_keys=True).encode())
    return hashed(found, assignment.files).digest()


def digest(basis: bytes, due: str, files: Mapping[str, bytes]) -> str:
    """A digest of all that the marks of one student depend on."""
    return hashed(hashlib.sha256(basis + b"\0" + due.encode() + b"\0"), files).hexdigest()
