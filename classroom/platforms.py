"""What platforms call files -> whose they are.

Moodle       ``Ada Lovelace_12345_assignsubmission_file_/shapes.ipynb``, or without folders
             ``Ada Lovelace_12345_assignsubmission_file_shapes.ipynb`` (the number is the participant's; in blind marking
             the name is "Participant", in Moodle's language)
Canvas       ``lovelaceada_LATE_12345_67890_shapes-1.ipynb`` (the user, the upload; -1 after a resubmission)
Gradescope   ``submission_12345/shapes.ipynb``, and ``submission_metadata.yml`` beside it
Blackboard   ``Week 1_ada_attempt_2026-01-31-10-00-00_shapes.ipynb``
Brightspace  ``12345-67890 - Ada Lovelace - Jan 31, 2026 1000 AM/shapes.ipynb``, or `` - `` in place of ``/``
Sakai        ``Lovelace, Ada(ada)/Submission attachment(s)/shapes.ipynb``
plain        ``STUDENT/shapes.ipynb``, ``STUDENT/ASSIGNMENT/shapes.ipynb``, ``STUDENT.ipynb``, ``STUDENT_shapes.ipynb``,
             or ``STUDENT - shapes.ipynb`` as in Google Classroom; also ``shapes_STUDENT.ipynb``, with a number of the
             university's before or after the name, or with the mark of a copy ("(1)")
"""

import contextlib
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from classroom.roster import Roster, letters, proper


class Platform(StrEnum):
    """Where a file comes from, as its name tells."""

    PLAIN = "plain"
    MOODLE = "Moodle"
    CANVAS = "Canvas"
    GRADESCOPE = "Gradescope"
    BLACKBOARD = "Blackboard"
    BRIGHTSPACE = "Brightspace"
    SAKAI = "Sakai"


MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<number>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_(?P<file>.*))?")
# The first two numbers are Canvas' own, whatever follows. In front of them stands what it leaves of a name, which may be
# nothing. (lib/content_zipper.rb of canvas-lms)
CANVAS = re.compile(
    r"(?P<name>[^/]*?)(?:_(?P<late>LATE|late))?_(?P<user>\d{1,20})_(?P<upload>\d{1,20})_(?P<file>[^/]+)"
)
CANVAS_TYPED = re.compile(
    r"(?P<name>[^/]*?)(?:_(?P<late>LATE|late))?_(?P<user>\d{1,20})_(?P<typed>(?:text|link)\.html)"
)
CANVAS_BLIND = re.compile(
    r"(?:(?P<late>LATE)_)?(?P<name>anon_[a-zA-Z0-9]{5})_(?:(?P<upload>\d{1,20})_(?P<file>[^/]+)|(?P<typed>(?:text|link)\.html))"
)
GRADESCOPE = re.compile(r"submission_\d+")
METADATA = "submission_metadata.yml"
BLACKBOARD = re.compile(
    r"[^/]+?_(?P<user>[^_/]+)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<file>[^/]+)|(?P<typed>\.txt))"
)
BRIGHTSPACE = re.compile(
    r"\d+-\d+ - (?P<name>[^/]{1,200}?) - [^/]{1,40}?\d{4} \d{3,4} ?[AP]M(?: - |/)(?P<file>.+)", re.IGNORECASE
)
SAKAI = re.compile(r"(?P<name>[^/]+?) ?\((?P<id>[^()/]+)\)/(?:Submission attachment\(s\)/)?(?P<file>.+)")

# No name has more parts or letters: what is longer costs no time.
PARTS, LETTERS = 12, 200


@dataclass(frozen=True)
class Place:
    """Whose a file is: exactly one student, or it is nobody's."""

    students: frozenset[str]
    path: str  # within the submission
    group: str  # the files of one submission share it
    platform: Platform = Platform.PLAIN
    number: str = ""  # the platform's, for the student or the participant
    late: bool = False
    upload: int = 0  # larger is newer; 0 is unknown
    typed: bool = False  # into the platform, no file
    folder: str = ""  # of Moodle's, for the files of this participant


def platform_of(paths: Iterable[str]) -> Platform:
    """The platform that gave all of these files their names, if that matters.

    Where a name of Canvas' or Blackboard's begins is not known. In a download of files called ``STUDENT_…`` a student
    could imitate it, so it is read so only if all files are.
    """
    paths = list(paths)
    for platform, patterns in (
        (Platform.CANVAS, (CANVAS, CANVAS_TYPED, CANVAS_BLIND)),
        (Platform.BLACKBOARD, (BLACKBOARD,)),
    ):
        if paths and all(any(pattern.fullmatch(path) for pattern in patterns) for path in paths):
            return platform
    return Platform.PLAIN


def place_of(
    path: str,
    roster: Roster,
    assignment: str,
    notebooks: Iterable[str] = (),
    platform: Platform = Platform.PLAIN,
) -> Place:
    """Whose the file at ``path`` is, of a download from ``platform``. ``notebooks`` are names in the assignment."""
    return (
        _moodle(path, roster)
        or _canvas(path, roster, notebooks, platform)
        or (_blackboard(path, roster) if platform is Platform.BLACKBOARD else None)
        or _others(path, roster)
        or _plain(path, roster, assignment, notebooks)
    )


def _moodle(path: str, roster: Roster) -> Place | None:
    first, _, rest = path.partition("/")
    if not (found := MOODLE.fullmatch(first)):
        return None
    students = frozenset(roster.moodle(found["name"], found["number"]))
    group = f"{found['name']}_{found['number']}"
    typed = found["kind"] == "onlinetext"
    place = Place(students, rest or found["file"] or "", group, Platform.MOODLE, found["number"], typed=typed)
    return replace(place, folder=first if rest and not typed else f"{group}_assignsubmission_file_")


def _canvas(path: str, roster: Roster, notebooks: Iterable[str], platform: Platform) -> Place | None:
    if found := CANVAS_BLIND.fullmatch(path):
        group, students = found["name"], frozenset()
    elif found := CANVAS.fullmatch(path) or (platform is Platform.CANVAS and CANVAS_TYPED.fullmatch(path)):
        group, students = f"{found['name']}_{found['user']}", frozenset(roster.canvas(found["name"], found["user"]))
        if platform is not Platform.CANVAS:
            if "_" in found["name"] or not found["name"]:
                return None
            students |= _plain(path, roster, "").students
    else:
        return None
    parts = found.groupdict()
    if typed := parts.get("typed") or "":
        return Place(students, typed, group, Platform.CANVAS, parts.get("user", ""), bool(parts["late"]), typed=True)
    resubmitted = re.fullmatch(r"(.+)-\d+(\.ipynb)", parts["file"])
    file = "".join(resubmitted.groups()) if resubmitted and resubmitted[1] in notebooks else parts["file"]
    return Place(
        students, file, group, Platform.CANVAS, parts.get("user", ""), bool(parts["late"]), int(parts["upload"])
    )


def _blackboard(path: str, roster: Roster) -> Place | None:
    if not (found := BLACKBOARD.fullmatch(path)):
        return None
    students = frozenset(roster.keyed(found["user"]))
    when = int(found["when"].replace("-", ""))
    path, typed = found["file"] or "attempt.txt", bool(found["typed"])
    return Place(students, path, found["user"], Platform.BLACKBOARD, upload=when, typed=typed)


def _others(path: str, roster: Roster) -> Place | None:
    first, _, rest = path.partition("/")
    if rest and GRADESCOPE.fullmatch(first):
        return Place(frozenset(), rest, first, Platform.GRADESCOPE)
    if found := BRIGHTSPACE.fullmatch(path):
        return Place(frozenset(roster.named(found["name"])), found["file"], found["name"], Platform.BRIGHTSPACE)
    if (found := SAKAI.fullmatch(path)) and (students := frozenset(roster.either(found["name"], found["id"]))):
        return Place(students, found["file"], first, Platform.SAKAI)
    return None


def _plain(path: str, roster: Roster, assignment: str, notebooks: Iterable[str] = ()) -> Place:
    about = {letters(name) for name in (assignment, *notebooks)} - {""}
    first, _, rest = path.partition("/")
    if rest:
        students = _beginning(first, roster)[0] or _within(first, roster, about)[0]
        if not roster.students and proper(first):
            students = {first}
        return Place(frozenset(students), rest.removeprefix(f"{assignment}/"), first)
    ending = ENDING.search(path)[0]
    stem = path.removesuffix(ending)
    students, length = _beginning(stem, roster)
    if not students:
        students, name = _within(stem, roster, about)
        return Place(frozenset(students), path, name if students else path)
    file = re.sub(r"^(_| - )", "", stem[length:])
    return Place(frozenset(students), file + ending if file else path, stem[:length])


def _beginning(text: str, roster: Roster) -> tuple[set[str], int]:
    """Who is called as a text begins, up to an underscore or a dash between spaces, and how much of it that is."""
    ends = [found.start() for found in re.finditer(r"_| - |\Z", text[: LETTERS + 1])]
    ends = sorted({i for i in ends[:PARTS] + ends[-1:] if i <= LETTERS}, reverse=True)
    by_id = next(((found, i) for i in ends if (found := roster.keyed(text[:i]))), (set(), 0))
    by_name = next(((found, i) for i in ends if (found := roster.named(text[:i]))), (set(), 0))
    students = by_id[0] & by_name[0] or by_id[0] | by_name[0]
    return students, max(by_id[1], by_name[1])


# What stands round a name in a download that people made: marks of a copy, numbers of a university's.
ROUND = re.compile(
    r"^(?:copy of|copie de|kopie von|copia de|copia di|cópia de|نسخة من) | ?-? ?(?:copy|copie|kopie|copia)? ?\(\d{1,3}\)$"
    r"|^\d{3,20}[ _-]+|[ _-]+\d{3,20}$",
    re.IGNORECASE,
)
BETWEEN = re.compile(r"[ _(-]+|\)$")
# With what a browser adds to a notebook: "ada.ipynb.json".
ENDING = re.compile(r"(?:\.ipynb(?=\.))?(?:\.[^./]*)?$", re.IGNORECASE)


def _within(text: str, roster: Roster, about: Collection[str]) -> tuple[set[str], str]:
    """Who is called as a text without what may stand round a name, and that name; ``about``: the letters of what was
    handed in.
    """
    if len(text) > LETTERS:
        return set(), ""
    for _ in range(3):
        text = _without(ROUND.sub("", text), about)
    return roster.called(text), text


def _without(text: str, about: Collection[str]) -> str:
    """A text without the name of the assignment or the notebook, in front or behind."""
    cuts = list(BETWEEN.finditer(text))[:PARTS]
    for cut in cuts[::-1]:
        if letters(text[: cut.start()]) in about:
            return text[cut.end() :].removesuffix(")")
    for cut in cuts:
        if letters(text[cut.end() :]) in about:
            return text[: cut.start()]
    return text


# ------------------------------------------------------------ what Gradescope says of its submissions


@dataclass
class Submission:
    """Who handed in a folder of Gradescope's, by what it knows of them, and when."""

    submitters: list[dict[str, str]] = field(default_factory=list)
    when: datetime | None = None

    def students(self, roster: Roster) -> set[str]:
        """The ids of all who fit."""
        found = set()
        for one in self.submitters:
            keyed = set().union(*(roster.keyed(one[key]) for key in ("sid", "email") if one.get(key)))
            found |= keyed or roster.named(one.get("name", ""))
        return found


def gradescope(text: str) -> Iterator[tuple[str, Submission]]:
    """The submissions that ``submission_metadata.yml`` is about, by their folders.

    It is YAML as Ruby writes it: two spaces a level, names as symbols. What a student's program printed is further in.
    """
    folder, one, within = "", Submission(), ""
    for line in text.splitlines():
        if found := re.fullmatch(r"(\S+):\s*", line):
            if folder:
                yield folder, one
            folder, one, within = found[1], Submission(), ""
        elif found := re.fullmatch(r"  :(\w+): *(.*)", line):
            within = found[1]
            if within == "created_at":
                with contextlib.suppress(ValueError):
                    one.when = datetime.fromisoformat(_scalar(found[2])[:19]).replace(tzinfo=UTC)
        elif within == "submitters" and (found := re.fullmatch(r" {2,4}(- | {2}):(name|sid|email): *(.*)", line)):
            if found[1] == "- " or not one.submitters:
                one.submitters.append({})
            one.submitters[-1][found[2]] = _scalar(found[3])
    if folder:
        yield folder, one


def _scalar(text: str) -> str:
    """A string of YAML on one line."""
    text = text.strip()
    if text.startswith('"'):
        with contextlib.suppress(ValueError):
            return str(json.loads(text))
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    return text
