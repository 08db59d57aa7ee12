"""What grading is made of: an assignment, a job for a worker, what the worker saw, and what became of a student.

Grading is three steps that share nothing but these values:

    intake (parent)      bytes of a submission        -> Accepted notebooks, or Refused
    execute (worker)     Job                          -> Ran           pure, sandboxed
    record (parent)      Accepted + Ran               -> gradebook, one Outcome a student

Notebooks travel as plain JSON (nbformat 4.5 dictionaries), so that a job is the same on this machine and on another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = dict[str, Any]


class Trouble(Exception):
    """What stands in an instructor's way, in words that say what to do. A command prints it and ends."""


class CannotGrade(Trouble):
    """The course, not a submission, stands in the way: says what to do about it."""


class CannotCollect(Trouble):
    """A download as a whole, or a roster, cannot be used; the message says why."""


@dataclass(frozen=True)
class Notebook:
    """One notebook of an assignment, in the instructor's and in the student's edition.

    ``source`` holds the tests, hidden ones too, as nbgrader stores them when it generates the assignment; ``release`` is
    what students were given.
    """

    name: str
    source: Json
    release: Json


@dataclass(frozen=True)
class Assignment:
    """A released assignment: its notebooks by name (file name without ``.ipynb``) and the other files of its release."""

    name: str
    notebooks: Mapping[str, Notebook]
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """What a person decided about a submission as it was handed in.

    ``notebooks`` says which file is which notebook, by name; ``stands``: what else is in it is no answer, the marks stand.
    """

    notebooks: Mapping[str, str] = field(default_factory=dict)
    stands: bool = False


@dataclass(frozen=True)
class Found:
    """Something new of a student's that may be the answer to cells which are still as they were handed out.

    ``answers`` are those cells, ``costs`` the graded cells that they may have cost points (themselves and their tests),
    both by grade id; ``where`` says where it stands and how it begins.
    """

    notebook: str
    answers: tuple[str, ...]
    costs: tuple[str, ...]
    where: str


@dataclass(frozen=True)
class Rival:
    """Another notebook of the submission that could be the one to grade, ready to be run.

    ``texts`` are the answers for a person that read otherwise than in the chosen one; ``level``: the names of the two
    files do not say which one counts.
    """

    name: str
    path: str
    notebook: Json
    texts: tuple[str, ...] = ()
    level: bool = False


@dataclass(frozen=True)
class Accepted:
    """A submission that can be graded: notebooks with every locked cell restored, and what had to be mended.

    ``paths`` are the files that the notebooks were, by name of the notebook; ``found`` and ``rivals`` (by a name that
    no notebook has) are what a person must look at before a cell without an answer earns its 0.
    """

    notebooks: Mapping[str, Json]
    files: Mapping[str, bytes] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()
    paths: Mapping[str, str] = field(default_factory=dict)
    found: tuple[Found, ...] = ()
    rivals: Mapping[str, Rival] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """A submission that a person must look at: the file, and why, in words that a student may read."""

    file: str
    reason: str


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Sizes are in bytes, seconds are those of the clock in which it ran or slept.

    While it stands in line for a processor that others hold, its time does not pass: a cell then gets up to
    ``classroom.commands.PATIENCE`` times its seconds, and what runs out of time all the same is run again alone, once.
    """

    cell_seconds: float = 30.0
    seconds: float = 120.0
    memory: int = 2 * 2**30
    processes: int = 64
    file_size: int = 64 * 2**20
    output: int = 2 * 2**20


@dataclass(frozen=True)
class Job:
    """All that a worker gets. ``key`` names the submission in messages and results ("student/notebook").

    ``asks`` are the functions and classes that the student was asked to write: where the assignment's own cells or
    Python have something of that name, the tests mean the student's.

    With ``exports`` the tests run in a process of their own, the examiner's, which asks the student's for these names and
    no others; but for the tests named in ``inside`` (grade ids), which run as all do without it. The files named in
    ``supplied`` are the course's own: the examiner sees these and no others. ``imports`` is what it imports beforehand.
    """

    key: str
    notebook: Json
    files: Mapping[str, bytes] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    asks: frozenset[str] = frozenset()
    exports: frozenset[str] | None = None
    inside: frozenset[str] = frozenset()
    supplied: frozenset[str] = frozenset()
    imports: str = ""


@dataclass(frozen=True)
class Ran:
    """What a worker saw: the notebook with its outputs, how it ended, and signs of tampering.

    ``ended`` is "finished", or why execution stopped early ("time", "memory", "output", "processes", "died"): cells after
    that point carry no outputs but an error that says so, and cells before it keep theirs. ``seen`` is what else a
    person may want to know: no sign of anything, and no reason to hold a mark. ``uncarried``: the tests, by grade id, that
    lost points after an answer gave them what the examiner could not be given, and the names of the classes of that.
    ``inside``: the tests that ran where the answers ran, by grade id.
    """

    key: str
    notebook: Json
    ended: str = "finished"
    tampering: tuple[str, ...] = ()
    seconds: float = 0.0
    seen: tuple[str, ...] = ()
    uncarried: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inside: tuple[str, ...] = ()


class Fate(StrEnum):
    """The one outcome of a student on the roster."""

    GRADED = "graded"
    REPAIRED = "graded after repair"
    ATTENTION = "needs attention"
    MISSING = "missing"


@dataclass(frozen=True)
class Outcome:
    """A student's fate: what was repaired or why a person must look, which file, and signs of tampering.

    ``found`` says, for the student, what was found in another place than the cell for it and is being looked at.
    ``inside``: the points of tests that ran where the answers ran; None if nothing was run.
    """

    student: str
    fate: Fate
    notes: tuple[str, ...] = ()
    file: str = ""
    tampering: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    inside: float | None = None
