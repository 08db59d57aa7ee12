"""Who is who: students, and how they are found by what platforms call them.

Platforms write names in their own ways. A name fits a student if the two are the same without accents, apostrophes,
hyphens, case and order; one that fits two students fits none. An id, an e-mail address or a platform's number decides
before any name.
"""

import contextlib
import html
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from urllib.parse import unquote

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from classroom.course import open_gradebook
from classroom.model import CannotCollect
from classroom.submission import bad_path, printable


@dataclass(frozen=True)
class Student:
    """A student on the roster. ``keys`` are other ids: e-mail, user name, "participant 12345", "canvas 12345"."""

    id: str
    names: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


def roster_of(course: CourseDirectory) -> list[Student]:
    """The students in the gradebook."""
    with open_gradebook(course) as gradebook:
        return students_in(gradebook)


def students_in(gradebook: Gradebook) -> list[Student]:
    """The students in an open gradebook."""
    return [
        Student(
            one.id,
            nonempty(" ".join(nonempty(one.first_name, one.last_name))),
            nonempty(one.email, one.lms_user_id and f"canvas {one.lms_user_id}"),
        )
        for one in gradebook.students
    ]


# ------------------------------------------------------------ names, compared

APOSTROPHES = "'’‘ʼ`´ʹ\"&<>|:\\/"  # Moodle takes all these out of the names of files
HYPHENS = "-‐‑‒–"
# Letters that Unicode does not take apart.
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ـ": ""})
# As those letters are written where there are none.
SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
# What a name in UTF-8 was taken for by a program that knows one code page only.
TAKEN_FOR = ("cp1252", "cp437", "cp850", "latin-1")
# Chinese, Japanese and Korean write a name without spaces, the family's first.
IDEOGRAPHS = re.compile("([\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af])")


def fold(name: str) -> str:
    """A name as compared: case, accents, spaces and the order of "Last, First" do not count."""
    if name.count(",") == 1:
        last, first = name.split(",")
        name = f"{first} {last}"
    plain = unicodedata.normalize("NFKD", name.casefold()).translate(PLAIN)
    return " ".join("".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Cf")).split())


def letters(name: str) -> str:
    """A folded name without anything but letters and digits."""
    return re.sub(r"[\W_]+", "", fold(name))


@lru_cache(100_000)
def forms(name: str) -> frozenset[str]:
    """What a name is looked up by: its words in alphabetical order, with what may part or join two words both ways."""
    spelled = unicodedata.normalize("NFC", name).casefold().translate(SPELLED)
    plains = {unicodedata.normalize("NFC", fold(one)) for one in (name, spelled)}
    found = set()
    for plain, apostrophe, hyphen in product(plains, ("", " "), ("", " ")):
        text = "".join(apostrophe if c in APOSTROPHES else hyphen if c in HYPHENS else c for c in plain)
        found.add(" ".join(sorted(re.sub(r"[\W_]+", " ", IDEOGRAPHS.sub(r" \1 ", text)).split())))
    return frozenset(found - {""})


def mended(name: str) -> Iterator[str]:
    """What a name was before it went through a program that wrote it otherwise: as in an address, in a web page, in
    another code page. Nothing if it did not.
    """
    if (text := html.unescape(unquote(name))) != name:
        yield text
    for page in TAKEN_FOR if not name.isascii() else ():
        with contextlib.suppress(UnicodeError):
            yield name.encode(page).decode()


def proper(identity: str) -> bool:
    """Whether a student's id can be a folder's name for nbgrader."""
    return bad_path(identity) is None and "/" not in identity and not identity.startswith(".")


def nonempty(*texts: str | None) -> tuple[str, ...]:
    """Those that are not empty, each once."""
    return tuple(dict.fromkeys(text for text in texts if text))


class Roster:
    """Finds students by what platforms call them: the ids of all who fit."""

    def __init__(self, students: Iterable[Student] = ()) -> None:
        self.students: dict[str, Student] = {}
        self._keys: dict[str, set[str]] = defaultdict(set)
        self._names: dict[str, set[str]] = defaultdict(set)
        self._sortable: dict[str, set[str]] = defaultdict(set)
        for student in students:
            self.add(student)

    @property
    def ids(self) -> set[str]:
        return set(self.students)

    def add(self, student: Student) -> None:
        """A new student, or more about one who is there. Raises CannotCollect."""
        if not proper(student.id):
            raise CannotCollect(f"the id {printable(student.id, 40)!r} cannot be the name of a folder")
        known = self.students.get(student.id, Student(student.id))
        self.students[student.id] = Student(
            student.id, nonempty(*known.names, *student.names), nonempty(*known.keys, *student.keys)
        )
        for key in (student.id, *student.keys):
            self._keys[fold(key)].add(student.id)
        for name in student.names:
            for form in forms(name):
                self._names[form].add(student.id)
            # Canvas puts the last name first, where that begins is not known ("van der Berg"); older ones drop letters
            # that are not English.
            for whole in (fold(name), unicodedata.normalize("NFC", name.casefold()).encode("ascii", "ignore").decode()):
                words = whole.split()
                for i in range(len(words)):
                    self._sortable[letters("".join(words[i:] + words[:i]))].add(student.id)
        self._sortable.pop("", None)

    def keyed(self, text: str) -> set[str]:
        """By an id, an e-mail address or a platform's number."""
        return self._keys.get(fold(text), set())

    def named(self, name: str) -> set[str]:
        """By a full name."""
        if len(name) > 500:  # nobody's
            return set()
        found = self._formed(name) or set().union(*map(self._formed, mended(name)))
        # "AminaBerrada": the letters of the whole name
        return found or (set() if " " in name else set(self._sortable.get(letters(name), ())))

    def _formed(self, name: str) -> set[str]:
        return set().union(*(self._names.get(form, ()) for form in forms(name)))

    def called(self, text: str) -> set[str]:
        """By an id or, if it is nobody's id, by a full name."""
        return self.keyed(text) or self.named(text)

    def moodle(self, name: str, number: str) -> set[str]:
        """By participant number and name, which must not contradict each other."""
        by_number = self.keyed(f"participant {number}")
        if not by_number:
            return self.called(name)
        # A group's name may stand in front: "Group A-Ada Lovelace". Without a number that would be a guess: Jean-Paul
        # Martin is not Paul Martin.
        parts = name.split("-")
        tries = (self.called("-".join(parts[i:])) for i in range(len(parts)))
        return _agree(by_number, next((found for found in tries if found), set()))

    def canvas(self, name: str, user: str) -> set[str]:
        """By Canvas' number of the user and sortable name, which must not contradict each other."""
        return _agree(self.keyed(f"canvas {user}"), self._sortable.get(letters(name), set()))

    def either(self, name: str, identity: str) -> set[str]:
        """By an id and a full name, which must not contradict each other."""
        return _agree(self.keyed(identity), self.named(name))


def _agree(one: set[str], other: set[str]) -> set[str]:
    """Who fits both; all of them if the two contradict each other."""
    return (one & other or one | other) if one and other else one or other
