"""Marks and pages on their way back to the platform: its own table, filled in, and the folders that it knows students by.

What leads back was kept by ``collect`` (see :mod:`classroom.sources`): the participant's number, the folder in Moodle's
download. What it could not know, such as the number of somebody who handed in on paper, the platform's own table tells.

Moodle   *Download grading worksheet* gives a CSV with ``Identifier`` ("Participant 4101"), ``Grade``, ``Maximum grade``
         and, last, the teachers' comments. *Upload grading worksheet* finds ``Identifier``, ``Grade`` and ``Last modified
         (grade)`` by exactly these words, in the language of the site, and cuts the number out of the identifier. It
         passes over a row that was graded in Moodle since, and a grade beyond the maximum. A column of comments that is
         there replaces those in Moodle, empty ones too. (mod/assign/gradingtable.php,
         mod/assign/feedback/offline/importgradeslib.php and locallib.php of github.com/moodle/moodle)
         *Upload multiple feedback files in a zip* finds a participant by the folder ``NAME_NUMBER_assignsubmission_file``,
         before Moodle 4.1 with one more underscore at its end, which newer ones take, too.
         (mod/assign/feedback/file/importziplib.php)
Canvas   *Import* in the gradebook wants ``Student``, ``ID``, then ``SIS User ID`` and ``SIS Login ID``, ``Section``, and
         one column an assignment, which it knows by the number in brackets; a row "Points Possible" may come first. A
         student is found by ``ID``, then by SIS id, by login, by name. (lib/gradebook_importer.rb of
         github.com/instructure/canvas-lms)
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from classroom.model import Trouble
from classroom.platforms import Platform
from classroom.roster import Roster, Student, fold, letters, nonempty
from classroom.rostertable import Table, digits, table_of
from classroom.sources import Source
from classroom.submission import printable

# What Moodle calls a grade (moodle.php of its language packs: grade).
GRADE = frozenset(
    map(
        fold,
        (
            *(
                "Grade",
                "Note",
                "Bewertung",
                "Calificación",
                "Calificaciones",
                "Valutazione",
                "Nota",
                "Cijfer",
                "Beoordeling",
            ),
            *("Ocena", "Оценка", "Оцінка", "العلامة", "الدرجة", "成绩", "評点", "Not", "Karakter", "Betyg", "Gradd"),
        ),
    )
)
POINTS_POSSIBLE = "points possible"


class Kept(str):
    """A cell that stays as the platform wrote it: the words of whoever teaches, which no student can have put there."""


def known_as(students: Sequence[Student], sources: Mapping[str, Source]) -> list[Student]:
    """The students, each with the platform's number under which ``collect`` found the submission."""
    kinds = {Platform.MOODLE.value: "participant", Platform.CANVAS.value: "canvas"}
    return [
        Student(one.id, one.names, nonempty(*one.keys, f"{kinds[source.platform]} {source.number}"))
        if (source := sources.get(one.id)) and source.number and source.platform in kinds
        else one
        for one in students
    ]


@dataclass
class Worksheet:
    """The table of a platform: its rows, the student each is about (None: nobody known), and the column for marks.

    ``maximum`` is what the platform gives at most, None if it does not say.
    """

    rows: list[list[str]]
    head: int  # row of the headings
    about: list[str | None]  # by row
    column: int
    maximum: float | None
    platform: Platform
    numbers: dict[str, str]  # the platform's number of each student
    names: dict[str, str]
    first: int  # the first column of the teachers' comments

    @classmethod
    def read(
        cls, data: bytes, students: Sequence[Student], platform: Platform, assignment: str = "", column: str = ""
    ) -> "Worksheet":
        """A worksheet as it was downloaded, whatever a spreadsheet made of its encoding and separators.

        ``column`` is the heading of the column for marks, if that is not to be found by itself. Raises Trouble.
        """
        kind = "canvas" if platform is Platform.CANVAS else "participant"
        numbered = {key: one.id for one in students for key in one.keys if key.startswith(f"{kind} ")}
        # Without these numbers, a column of them is not taken for one of ids.
        everyone = Roster(Student(one.id, one.names, _without(one.keys)) for one in students)
        rows = table_of(data, everyone)
        table = Table(rows, everyone)
        table.recognise()
        here = {number - 1 for number, _ in table.rows}
        head = min(here, default=1) - 1
        about: list[str | None] = [None] * len(rows)
        numbers, names = {}, {}
        for number, row in table.rows:
            cells = table.cells(row)
            if table.of_canvas(cells):
                continue
            found = _whose(table, cells, kind, numbered)
            if len(found) == 1:
                (student,) = found
                about[number - 1] = student
                numbers[student] = next(map(digits, cells.get(kind, ())), "")
                names[student] = next(iter(table.names(cells)), student)
        at = _column(table, platform, assignment, column)
        maximum = _maximum(table, at, platform)
        ending = f"({fold(table.shown[at])})"
        dated = [i for i, heading in enumerate(table.headings) if heading.endswith(ending)]
        first = dated[-1] + 1 if dated else len(table.headings)
        return cls(rows, head, about, at, maximum, platform, numbers, names, first)

    def filled(self, marks: Mapping[str, float | None]) -> Iterator[list[str | float | None]]:
        """The rows with the marks of students in their column; where there is none, the cell stays as it is."""
        width = len(self.rows[self.head])
        for number, row in enumerate(self.rows):
            if number < self.head or not any(map(str.strip, row)):
                continue
            cells: list[str | float | None] = [*row, *[""] * (width - len(row))][:width]
            cells[self.first :] = [Kept(cell) for cell in cells[self.first :]]
            student = self.about[number]
            if student is not None and marks.get(student) is not None:
                cells[self.column] = marks[student]
            yield cells

    def without(self, marks: Mapping[str, float | None]) -> list[str]:
        """The students with a mark who are in no row, or in more than one."""
        return sorted(student for student, mark in marks.items() if mark is not None and self.about.count(student) != 1)


def _without(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(key for key in keys if not re.fullmatch(r"(participant|canvas) \d+", key))


def _whose(table: Table, cells: dict[str, list[str]], kind: str, numbered: Mapping[str, str]) -> set[str]:
    """The students whom a row is about: by the platform's number, an id or an address, and the name.

    Those that say something must agree: a number is another student's in the worksheet of another assignment.
    """
    keys = [f"{kind} {digits(value)}" for value in cells.get(kind, ())]
    by_number = {numbered[key] for key in keys if key in numbered}
    by_id = set().union(*map(table.roster.keyed, table.ids(cells)))
    by_name = set().union(*map(table.roster.named, table.names(cells)))
    said = [found for found in (by_number, by_id, by_name) if found]
    return set.intersection(*said) if said else set()


def _column(table: Table, platform: Platform, assignment: str, wanted: str) -> int:
    """The column that takes the marks."""
    if wanted:
        found = [i for i, heading in enumerate(table.headings) if heading == fold(wanted)]
    elif platform is Platform.CANVAS:
        section = table.headings.index("section") if "section" in table.headings else -1
        numbered = [i for i in range(section + 1, len(table.shown)) if re.search(r"\(\d+\)$", table.shown[i])]
        named = [i for i in numbered if letters(re.sub(r"\(\d+\)$", "", table.shown[i])) == letters(assignment)]
        found = named or numbered
    else:
        found = [i for i, heading in enumerate(table.headings) if heading in GRADE]
        found = found or [i for i in range(len(table.shown) - 1) if _same(table, i + 1) is not None]
    if len(found) != 1:
        words = printable(", ".join(table.shown), 400)
        raise Trouble(f"which column of the worksheet takes the marks? Name it with --column, one of: {words}")
    return found[0]


def _maximum(table: Table, column: int, platform: Platform) -> float | None:
    """What the platform gives at most: Moodle says it in the next column, Canvas in its row "Points Possible"."""
    if platform is Platform.CANVAS:
        possible = [row for _, row in table.rows if row and fold(row[0]).startswith(POINTS_POSSIBLE)]
        return _number(possible[0][column]) if possible and column < len(possible[0]) else None
    return _same(table, column + 1)


def _same(table: Table, column: int) -> float | None:
    """The one number that stands in every row of a column."""
    values = {_number(row[column]) if column < len(row) else None for _, row in table.rows}
    return values.pop() if len(values) == 1 else None


def _number(text: str) -> float | None:
    found = re.fullmatch(r"\s*(\d{1,9})(?:[.,](\d{1,9}))?\s*", text)
    return float(f"{found[1]}.{found[2] or 0}") if found else None


# ------------------------------------------------------------------------------------------------------- Moodle's folders


def moodle_folders(
    students: Iterable[str], sources: Mapping[str, Source], worksheet: Worksheet | None
) -> dict[str, str]:
    """The folder in which Moodle takes a page for each of the students, where their number is known.

    The one of the download, if the submission came from Moodle; else by name and number of the worksheet.
    """
    found = {}
    for student in students:
        source = sources.get(student)
        if source and source.platform == Platform.MOODLE.value and source.number:
            found[student] = source.folder or f"{source.name}_assignsubmission_file_"
        elif worksheet and worksheet.numbers.get(student):
            name = " ".join(re.sub(r"[\W_]+", " ", worksheet.names[student]).split()) or "Participant"
            found[student] = f"{name}_{worksheet.numbers[student]}_assignsubmission_file_"
    return found
