"""Tables that say more about students: CSV files as platforms and spreadsheets write them, in their languages."""

import codecs
import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from classroom.model import CannotCollect
from classroom.roster import Roster, Student, fold, forms, nonempty, proper
from classroom.submission import FILE_BYTES, printable

# Moodle's words in other languages are those of its language packs: recordid in assign.php; fullname, firstname, lastname
# and idnumber in moodle.php (github.com/projectestac/moodle-langpacks has them together); beside them stand
# everyday words for the same, as lists that people make have them. Canvas' are English in every language
# (gradebook_exporter.rb). The order counts: a new student gets the first id that is filled in.
HEADINGS = {
    "id": (
        *("id", "student_id", "student id", "nbgrader_id", "username", "user name", "sis login id", "id number", "sid"),
        *("OrgDefinedId", "SIS User ID", "ID-Nummer", "Número de ID", "Número de identificação", "IDナンバー", "学号"),
        *("Numéro d'identification", "Codice identificativo", "Индивидуальный номер", "رقم المُعرَّف"),
        # Of a university's own lists.
        *(
            "student number",
            "Code Apogée",
            "Apogée",
            "CNE",
            "Code Massar",
            "Matricule",
            "Numéro étudiant",
            "N° étudiant",
        ),
        *("Matrikelnummer", "Matr.-Nr.", "Studentnummer", "Número de matrícula", "Numero di matricola", "Matricola"),
        *("Nom d'utilisateur", "Benutzername", "Anmeldename", "Nombre de usuario", "Gebruikersnaam", "Nome utente"),
    ),
    "mail": (
        *("email address", "email", "e-mail", "e-mail address", "mail", "Adresse de courriel", "Courriel"),
        *("Adresse e-mail", "Adresse électronique", "E-Mail-Adresse", "E-mailadres", "Correo electrónico"),
        *("البريد الإلكتروني", "عنوان البريد الإلكتروني"),
    ),
    "name": (
        *("full name", "name", "student", "student name", "Nom complet", "Vollständiger Name", "Nombre completo"),
        *("Nome completo", "Volledige naam", "Полное имя", "الاسم كاملا", "全名", "フルネーム"),
    ),
    "first": (
        *("first_name", "first name", "firstname", "given name", "Prénom", "Prénom(s)", "Vorname", "Voornaam", "Imię"),
        *("Nombres", "Keresztnév", "Adı", "الاسم الأول", "الاسم الشخصي", "Имя", "名"),
    ),
    "last": (
        *("last_name", "last name", "lastname", "surname", "family name", "Nachname", "Apellido(s)", "Cognome"),
        *("Apellidos", "Apellido", "Apelido", "Apelidos", "Sobrenome", "Achternaam", "Familienname", "Nazwisko"),
        *("Nom de famille", "Nom d'usage", "Nom patronymique", "Vezetéknév", "Soyadı", "Soyad", "Фамилия", "姓"),
        *("الاسم العائلي", "اسم العائلة", "اللقب"),
    ),
    # The same word heads a first, a last or a full name, depending on what else there is.
    "any name": ("Nom", "Nombre", "Nome"),
    # Numbers mean nothing without the platform that gave them: another student's id may be the same number.
    "participant": (
        *("identifier", "participant", "participant number", "moodle id", "Identifiant", "Identificador", "标识符"),
        *("Identificativo", "Identificatie", "Идентификатор", "Tanımlayıcı", "المُعرَّف", "識別碼"),
    ),
    "canvas": ("lms_user_id", "canvas id", "canvas_id"),
}
KINDS = {fold(word): (rank, kind) for kind, words in HEADINGS.items() for rank, word in enumerate(words)}
WHAT = {"mail": "e-mail addresses", "name": "full names", "participant": "Moodle's participant numbers"}

# "Ada Lovelace <ada@uni.example>" and what else programs for mail make of an address.
MAIL = r"[^@\s<>:\"]{1,200}@[^@\s<>\"]{1,200}\.[^@\s<>.\"]+"
ADDRESS = re.compile(rf"\"?([^\"<>@]{{0,200}})\"?\s*<(?:mailto:)?({MAIL})>|(?:mailto:)?({MAIL})", re.IGNORECASE)
AND = re.compile(
    r"\s*[/&+,]\s*|\s+(?:and|et|und|y|e|en|i|ve|و)\s+"
)  # "First name / Last name" of Moodle's participants
ABOVE = 20  # lines that may stand above the headings
FULL_NAME = re.compile(
    r"(?=.{3,100}$)[^\W\d_]+(?:['’. ,-]{1,2}[^\W\d_]+)*[ ,]{1,2}[^\W\d_]+(?:['’. ,-]{1,2}[^\W\d_]+)*\.?"
)
NUMBERED = re.compile(r"(\D*)\d+")
# How Moodle calls participants (hiddenuser in assign.php), where a column is headed "ID" as one of nbgrader's is.
PARTICIPANT = "partici?p|partecip|teilnehm|deelnemer|uczestni|участник|katilimci|المشارك|مشارك|参加者|参与者"
NOBODY = ("points possible", "test student")  # who is who to Canvas


def read_roster(data: bytes, known: Sequence[Student] = (), notes: list[str] | None = None) -> list[Student]:
    """The ``known`` students and those of a CSV table.

    That is nbgrader's own (id, first_name, last_name, email, lms_user_id), Moodle's grading worksheet (Identifier, Full
    name, Email address) in its languages, Canvas' gradebook (Student, ID, SIS Login ID) or a mapping of your own, with
    any of these columns, separated by commas, semicolons, tabs or bars. A title may stand above the headings, or there may
    be none. A column with another heading is recognised by what it holds: e-mail addresses, "Participant 12345", names.

    A row that shares an id, e-mail or number with exactly one known student, or else the full name, adds to that one.
    Otherwise it is a new student, with the first id that is filled in, or the e-mail. A row about nobody is passed over.
    What was passed over, and what was recognised by what it holds, is told in ``notes``. Raises CannotCollect if no row
    can be used.
    """
    roster = Roster(known)
    table = Table(table_of(data, roster), roster)
    table.read()
    if notes is not None:
        notes += table.notes()
    return list(table.roster.students.values())


def digits(text: str) -> str:
    """12345 of "Participant 12345"."""
    return re.sub(r"\D+", "", text)


def is_mail(text: str) -> bool:
    """Whether this is an e-mail address, perhaps with a name."""
    return address(text) is not None


def address(text: str) -> tuple[str, str] | None:
    """The name ("" if there is none) and the e-mail address in a cell that has one and nothing else."""
    if len(text) > 500:
        return None
    found = ADDRESS.fullmatch(text)
    return ((found[1] or "").strip(), found[2] or found[3]) if found else None


def kind_of(heading: str) -> tuple[int, str]:
    """What a folded heading stands for, and its rank among the words for that; (0, "") if that is not known."""
    if heading in KINDS:
        return KINDS[heading]
    parts = {KINDS.get(part, (0, ""))[1] for part in AND.split(heading)}
    return (0, "name") if "first" in parts and parts & {"last", "any name"} else (0, "")


def most_common_word(values: Sequence[str]) -> str | None:
    """What stands in front of the number in most of these, which must not repeat: "Participant ", "", None if nothing."""
    words = Counter(found[1] for value in set(values) if (found := NUMBERED.fullmatch(value)))
    for word, count in words.most_common(1):
        if 2 * count > len(values):
            return word
    return None


class Table:
    """A table about students, and the roster that it adds to."""

    def __init__(self, rows: list[list[str]], roster: Roster) -> None:
        filled = [
            (number, [cell.strip() for cell in row]) for number, row in enumerate(rows, 1) if any(map(str.strip, row))
        ]
        at = _headings_at([row for _, row in filled])
        self.shown = filled[at][1] if filled and at >= 0 else [""] * max((len(row) for _, row in filled), default=0)
        self.headings = list(map(fold, self.shown))
        self.rows = filled[at + 1 :]
        self.roster = roster
        self.canvas = "sis login id" in self.headings or {"student", "section"} <= set(self.headings)
        self.columns: dict[int, tuple[int, str]] = {}  # rank and kind
        self.said: list[str] = []
        if at > 0:
            self.said.append(f"what stands above the headings in row {filled[at][0]} of the roster was passed over")
        elif filled and at < 0:
            self.said.append("the roster has no headings: what its columns are was told by what they hold")
        self.nobody: list[int] = []

    def read(self) -> None:
        """Adds every row that is about somebody. Raises CannotCollect if there is none."""
        self.recognise()
        if self.rows and not self.columns:
            words = printable(", ".join(self.shown), 200)
            raise CannotCollect(
                f"no column of the roster says who is who ({words}): call one id, Email address or Full name"
            )
        before = Roster(self.roster.students.values())
        cells = [(number, self.cells(row)) for number, row in self.rows]
        times = Counter(form for _, row in cells for form in set().union(*map(forms, self.names(row))))
        used = sum(self.add(number, row, before, times) for number, row in cells if not self.of_canvas(row))
        if not used and (self.said or self.nobody):
            raise CannotCollect(next(iter([*self.about_nobody(), *self.said])))

    def notes(self) -> list[str]:
        """What a person should know."""
        return [*self.said, *self.about_nobody()]

    def about_nobody(self) -> Iterator[str]:
        if self.nobody:
            many = len(self.nobody) > 1
            numbers = ", ".join(map(str, self.nobody[:10])) + (" …" if len(self.nobody) > 10 else "")
            yield (
                f"row{'s' if many else ''} {numbers} of the roster {'are' if many else 'is'} about nobody known and "
                f"{'have' if many else 'has'} neither an id nor an e-mail address"
            )

    # --- columns

    def recognise(self) -> None:
        """Finds what each column holds, by its heading or, failing that, by itself."""
        for column, heading in enumerate(self.headings):
            rank, kind = kind_of(heading)
            values = [row[column] for _, row in self.rows if column < len(row) and row[column]]
            if kind == "participant" and not re.search("participant|moodle", heading) and self.are_ids(values):
                kind = "id"
            elif self.canvas and heading == "id":
                kind = "canvas"
            elif heading == "id" and self.are_participants(values, PARTICIPANT):
                kind = "participant"
            if kind:
                self.columns[column] = rank, kind
        kinds = {kind for _, kind in self.columns.values()}
        known_as = "last" if "first" in kinds else "first" if "last" in kinds else "name"
        self.columns = {i: (rank, known_as if kind == "any name" else kind) for i, (rank, kind) in self.columns.items()}
        for column, heading in enumerate(self.shown):
            values = [row[column] for _, row in self.rows if column < len(row) and row[column]]
            if column in self.columns or not values:
                continue
            kind = ""
            if "mail" not in kinds and 2 * sum(map(is_mail, values)) > len(values):
                kind = "mail"
            elif not column and "participant" not in kinds and self.are_participants(values, r"\w{3}"):
                kind = "participant"
            elif not kinds & {"name", "first", "last", "any name"} and self.are_names(values):
                kind = "name"
            if kind:
                kinds.add(kind)
                self.columns[column] = 0, kind
                called = f" ({printable(heading, 40)})" if heading else ""
                self.said.append(
                    f"column {column + 1} of the roster{called} was taken for {WHAT[kind]} by what it holds"
                )

    def are_ids(self, values: Sequence[str]) -> bool:
        """Whether a column holds ids of students: in some languages one word heads these and Moodle's numbers."""
        word = most_common_word(values)
        return word is None or len(fold(word)) in (1, 2) or self.are_known(values)

    def are_participants(self, values: Sequence[str], word: str) -> bool:
        """Whether a column holds Moodle's "Participant 12345", where ``word`` is a pattern for the word."""
        found = most_common_word(values)
        return found is not None and bool(re.match(word, fold(found))) and not self.are_known(values)

    def are_known(self, values: Sequence[str]) -> bool:
        """Whether most are ids that are on the roster."""
        return 2 * sum(map(bool, map(self.roster.keyed, values))) > len(values)

    def are_names(self, values: Sequence[str]) -> bool:
        """Whether at least half are names of known students, or all look like names and no two are the same."""
        known = 2 * sum(len(self.roster.named(value)) == 1 for value in values) >= len(values)
        return known or (len(set(values)) == len(values) > 1 and all(map(FULL_NAME.fullmatch, values)))

    # --- rows

    def cells(self, row: Sequence[str]) -> dict[str, list[str]]:
        """The filled cells of a row by kind."""
        found: dict[str, list[str]] = {}
        for column, (_, kind) in sorted(self.columns.items(), key=lambda item: item[1]):
            if column < len(row) and row[column]:
                text = row[column]
                if kind == "id":
                    text = text.removeprefix("#")  # Brightspace puts it in front of ids
                elif kind == "mail" and (both := address(text)):
                    name, text = both
                    if name:
                        found.setdefault("name", []).append(name)
                found.setdefault(kind, []).append(text)
        return found

    def names(self, row: dict[str, list[str]]) -> tuple[str, ...]:
        """The full names in a row."""
        parts = [row[kind][0] for kind in ("first", "last") if kind in row]
        return nonempty(*row.get("name", ()), " ".join(parts))

    def of_canvas(self, row: dict[str, list[str]]) -> bool:
        """Whether Canvas put this row among the students: points, how grades are posted, its test student."""
        names = self.names(row)
        return self.canvas and (not row or any(fold(name).startswith(NOBODY) for name in names))

    def ids(self, row: dict[str, list[str]]) -> list[str]:
        return [*row.get("id", ()), *row.get("mail", ())]

    def add(self, number: int, row: dict[str, list[str]], before: Roster, times: Counter[str]) -> bool:
        """Adds a row to the student whom it is about; whether there is one."""
        names, ids = self.names(row), self.ids(row)
        numbers = [
            f"{kind} {digits(value)}"
            for kind in ("participant", "canvas")
            for value in row.get(kind, ())
            if digits(value)
        ]
        found = set().union(*map(self.roster.keyed, [*ids, *numbers]))
        if not found:
            # By name, one who was known before: two rows of this table with the same name are two people.
            found = set().union(
                *(before.named(name) for name in names if all(times[form] == 1 for form in forms(name)))
            )
        if len(found) > 1:
            some = ", ".join(sorted(found))
            self.said.append(f"row {number} of the roster was passed over: it fits more than one student ({some})")
            return False
        identity = next(iter(found or ids), "")
        if not identity:
            self.nobody.append(number)
            return False
        if not proper(identity):
            self.said.append(
                f"row {number} of the roster was passed over: {printable(identity, 40)!r} cannot be the name of a folder"
            )
            return False
        self.roster.add(Student(identity, names, nonempty(*ids, *numbers)))
        return True


# Of Windows: for Western Europe, Arabic, Cyrillic, Central Europe, Turkish, Greek and Hebrew.
PAGES = ("cp1252", "cp1256", "cp1251", "cp1250", "cp1254", "cp1253", "cp1255")


def _headings_at(rows: Sequence[Sequence[str]]) -> int:
    """Which row has the headings: the first, unless a title stands above them; -1 if there are none.

    A row with an e-mail address in it is about somebody.
    """
    known = [0 if any(map(is_mail, row)) else sum(bool(kind_of(fold(cell))[1]) for cell in row) for row in rows[:ABOVE]]
    if not rows or known[0]:
        return 0
    if found := [at for at, count in enumerate(known) if count > 1]:
        return found[0]
    return -1 if any(map(is_mail, rows[0])) else 0


# What is no table, by how it begins.
OTHERWISE = {
    b"PK\x03\x04": "a workbook (.xlsx or .ods)",
    b"\xd0\xcf\x11\xe0": "an old workbook (.xls)",
    b"%PDF": "a PDF",
    b"<": "a web page, whatever its name",
    b"{": "JSON",
    b"[": "JSON",
}


SEPARATORS = ",;\t|"


def table_of(data: bytes, roster: Roster) -> list[list[str]]:
    """A CSV table in the encodings and with the separators that spreadsheets use. Raises CannotCollect."""
    if not data.strip():
        raise CannotCollect("the roster is empty")
    for magic, what in OTHERWISE.items():
        if data.removeprefix(codecs.BOM_UTF8).lstrip().startswith(magic):
            raise CannotCollect(f"the roster is {what}, not a CSV table: save it as CSV first")
    try:
        text = data.decode(json.detect_encoding(data))  # by the byte order mark, or by where the zeros are
    except UnicodeDecodeError:

        def known(page: str) -> int:
            """How many words of the table's beginning say something in this code page."""
            cells = re.split(r"[,;\t\r\n\"]+", data[:20_000].decode(page, "replace"))
            return sum(fold(cell) in KINDS or bool(roster.named(cell)) for cell in cells)

        text = data.decode(max(PAGES, key=known), "replace")
    named, _, rest = text.partition("\n")
    text = rest if re.fullmatch(r"sep=.\s*", named) else text  # a line for Excel
    lines = text.lstrip().splitlines()[:ABOVE]
    first = next((line for line in lines if any(map(line.count, SEPARATORS))), "")
    separator = max(SEPARATORS, key=first.count)
    before = csv.field_size_limit(FILE_BYTES)  # comments on a submission are of any length
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:  # a quotation mark that nobody closed costs its line only
        return [next(csv.reader([line], delimiter=separator), []) for line in text.splitlines()]
    finally:
        csv.field_size_limit(before)
