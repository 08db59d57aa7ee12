"""What became of each student, kept in one file of the course: who writes it, who reads it, and how people are told."""

import contextlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from classroom.course import folder, shown_path
from classroom.disk import append, write_file
from classroom.model import Fate, Outcome
from classroom.submission import printable

OUTCOMES = "classroom-outcomes.jsonl"
FLAGGED = (Fate.ATTENTION, Fate.MISSING)  # their marks are not exported unseen


@dataclass(frozen=True)
class Entry:
    """An outcome, and the digest of all that it depends on ("" when it must be found anew on the next run)."""

    outcome: Outcome
    digest: str = ""


class Outcomes:
    """The outcome of every student, as JSON lines in the course's folder; the last line about a student counts.

    A line is appended as soon as a student is done, so that an interrupted run goes on where it stopped. A line that
    was cut short is dropped. The file can be deleted: everything is then graded again, with the same marks.
    """

    def __init__(self, root: Path) -> None:
        self.path = root / OUTCOMES

    def of(self, assignment: str) -> dict[str, Entry]:
        """Outcomes of an assignment by student."""
        return {student: entry for (name, student), entry in self.read().items() if name == assignment}

    def add(self, assignment: str, outcome: Outcome, digest: str = "") -> None:
        """Appends one outcome."""
        append(self.path, _line(assignment, Entry(outcome, digest)))

    def tidy(self) -> None:
        """Keeps one line a student and drops a line that was cut short; all or nothing."""
        if not self.path.exists():
            return
        text = b"".join(_line(name, entry) for (name, _), entry in sorted(self.read().items()))
        if text != self.path.read_bytes():
            write_file(self.path, text)

    def read(self) -> dict[tuple[str, str], Entry]:
        """All of them, by assignment and student."""
        entries: dict[tuple[str, str], Entry] = {}
        if self.path.is_file():
            for line in self.path.read_bytes().splitlines():
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    row = json.loads(line)
                    lists = (tuple(row["notes"]), row["file"], tuple(row["tampering"]), tuple(row.get("found", ())))
                    outcome = Outcome(row["student"], Fate(row["fate"]), *lists, row.get("inside"))
                    entries[row["assignment"], row["student"]] = Entry(outcome, row.get("digest", ""))
        return entries


def _line(assignment: str, entry: Entry) -> bytes:
    outcome = entry.outcome
    row = {
        "assignment": assignment,
        "student": outcome.student,
        "fate": outcome.fate.value,
        "notes": outcome.notes,
        "file": outcome.file,
        "tampering": outcome.tampering,
        "found": outcome.found,
        "inside": outcome.inside,
        "digest": entry.digest,
    }
    return json.dumps(row).encode() + b"\n"


_OF_A_CELL = re.compile(r"('[^']+'): (.+)", re.DOTALL)


def folded(notes: Sequence[str]) -> list[str]:
    """Notes that say the same of several cells as one ("'a', 'b' and 19 more: …"), those of a single place first."""
    cells: dict[str, list[str]] = {}
    for note in notes:
        match = _OF_A_CELL.fullmatch(note)
        cells.setdefault(match[2] if match else note, []).extend([match[1]] if match else [])
    said = []
    for text, names in cells.items():
        some = ", ".join(names if len(names) <= 3 else names[:2])
        some += f" and {len(names) - 2} more" if len(names) > 3 else ""
        said.append((len(names) > 1, f"{some}: {text}" if names else text))
    return [note for _, note in sorted(said, key=lambda one: one[0])]


def report(outcomes: Sequence[Outcome], course: CourseDirectory, name: str) -> Iterator[str]:
    """The outcomes of a class, for people: those who need attention first, with what to do."""
    all_ = shown_path(Path(course.root) / OUTCOMES)
    for fate, title in ((Fate.REPAIRED, "Graded after repair"), (Fate.ATTENTION, "Needs attention")):
        some = [outcome for outcome in outcomes if outcome.fate is fate]
        if some:
            yield f"{title}:"
        for outcome in some:
            place = folder(course, "submitted", name, outcome.student) / outcome.file
            yield f"  {printable(outcome.student)}: {shown_path(place)}"
            notes = folded([*outcome.notes, *(f"tampering: {sign}" for sign in outcome.tampering)])
            if not os.path.lexists(place) and notes and outcome.file not in notes[0]:
                notes[0] = f"{outcome.file}: {notes[0]}"
            yield from (f"    {printable(note)}" for note in notes[:5])
            if len(notes) > 5:
                yield f"    and {len(notes) - 5} more ({all_} has all)"
            yield ""
    yield from _worth_knowing(outcomes, all_)
    yield from _judged_inside(outcomes)
    counts = Counter(outcome.fate for outcome in outcomes)
    parts = ", ".join(f"{counts[fate]} {fate.value}" for fate in Fate if counts[fate])
    yield f"{len(outcomes)} students: {parts or 'nobody is enrolled and nothing was handed in'}"
    if counts[Fate.ATTENTION]:
        yield ADVICE
    if any(outcome.found for outcome in outcomes):
        yield ADVICE_FOUND.format(name=name)


def _worth_knowing(outcomes: Sequence[Outcome], all_: str) -> Iterator[str]:
    """What is told about work that was graded as it came, each line once; ``all_`` is the file with all of them."""
    about: dict[str, list[str]] = {}
    for outcome in outcomes:
        for note in outcome.notes if outcome.fate is Fate.GRADED else ():
            about.setdefault(note, []).append(printable(outcome.student))
    if about:
        yield "Worth knowing (no mark is held for it):"
        for note, students in sorted(about.items())[:20]:
            more = f" and {len(students) - 5} more" if len(students) > 5 else ""
            yield f"  {printable(note)}: {', '.join(students[:5])}{more}"
        if len(about) > 20:
            yield f"  and {len(about) - 20} lines more ({all_} has all)"
        yield ""


def _judged_inside(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """How much of the marks rests on tests that answers could have reached."""
    counts = Counter(outcome.inside for outcome in outcomes if outcome.inside)
    for inside, students in sorted(counts.items()):
        whose = "1 student" if students == 1 else f"{students} students"
        yield f"{inside:g} points of {whose} come from tests that ran where the answers run ({WHY})"
    if counts:
        yield ""


WHY = "classroom doctor counts them, classroom release says why"
ADVICE = """\
What to do for each that needs attention: open the file. If the student can mend it, collect it again, and run the same
command. If it was graded and held back, give or confirm its marks in the formgrader. Until then no mark is exported."""

ADVICE_FOUND = """\
Where an answer may stand in another place: give its points in the formgrader, or, if it is none, let the marks stand:
classroom resolve {name} STUDENT --stands"""
