"""Rosters: the tables that platforms and spreadsheets write, in their languages, and names as people are called."""

import pytest

from classroom.model import CannotCollect
from classroom.roster import Roster, Student
from classroom.rostertable import read_roster

AMINA = Student("amina.berrada", ("Amina Berrada",), ("amina.berrada@students.example", "canvas 501"))
MARTIN = Student("jp.martin", ("Jean-Paul Martin",), ("jp.martin@students.example", "canvas 502"))
OBRIEN = Student("s.obrien", ("Sinéad O'Brien",), ("s.obrien@students.example", "canvas 503"))
NORA = Student("nora.el", ("Nora El-Amrani",), ("nora.el@students.example", "canvas 504"))
CLASS = [AMINA, MARTIN, OBRIEN, NORA]


def read(text, encoding="utf-8", known=CLASS):
    """What a table adds to the class: {id: new keys}, and what is said about it."""
    notes = []
    students = read_roster(text.encode(encoding) if isinstance(text, str) else text, known, notes)
    before = {one.id: one.keys for one in known}
    added = {one.id: set(one.keys) - set(before.get(one.id, ())) for one in students}
    return {student: keys for student, keys in added.items() if keys}, notes


# ---------------------------------------------------------------- worksheets of Moodle, as it writes them in each language

WORKSHEETS = {
    "fr": "Identifiant,Nom complet,Adresse de courriel,Statut,Note\nParticipant 4101,Amina Berrada,{},Remis,",
    "de": "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung\nTeilnehmer/in4101,Amina Berrada,{},Zur Bewertung,",
    "ar": "المُعرَّف,ًالاسم كاملا,عنوان البريد الإلكتروني,الحالة,العلامة\nمشارك 4101,أمينة برادة,{},سُلّم للتقييم,",
    "es": "Identificador,Nombre completo,Dirección de correo,Estado,Calificación\nParticipante4101,Amina Berrada,{},Enviado,",
    "it": "Identificativo,Nome,Cognome,Indirizzo email,Stato\nPartecipante 4101,Amina,Berrada,{},Consegnato,",
    "pt_br": "Identificador,Nome completo,Endereço de email,Status\nParticipante 4101,Amina Berrada,{},Enviado,",
    "nl": "Identificatie,Volledige naam,E-mailadres,Status,Cijfer\nDeelnemer 4101,Amina Berrada,{},Ingestuurd,",
    "tr": "Tanımlayıcı,Tam ad,E-posta adresi,Durum\nKatılımcı4101,Amina Berrada,{},Gönderildi,",
    "ru": "Идентификатор,Полное имя,Адрес электронной почты,Состояние\nУчастник4101,Амина Беррада,{},Отправлено,",
    "zh_cn": "标识符,全名,Email地址,状态,成绩\n参与者4101,Berrada Amina,{},已提交,",
    # Of these no heading is known: the columns are recognised by what they hold.
    "pl": "Identyfikator,Pełna nazwa,Adres e-mail,Status\nUczestnik4101,Amina Berrada,{},Przesłane,",
    "ja": "ID番号,氏名,メールアドレス,ステータス\n参加者4101,アミナ,{},提出済み,",
    "cy": "Dynodydd,Enw llawn,Cyfeiriad e-bost,Statws\nCyfranogwr 4101,Amina Berrada,{},Cyflwynwyd,",
}


@pytest.mark.parametrize("language", WORKSHEETS)
def test_a_worksheet_in_the_languages_of_moodle(language):
    found, _ = read(WORKSHEETS[language].format("amina.berrada@students.example"))
    assert "participant 4101" in found["amina.berrada"]
    assert set(found) == {"amina.berrada"}


def test_what_was_recognised_by_what_it_holds_is_said():
    _, notes = read(WORKSHEETS["pl"].format("amina.berrada@students.example"))
    assert notes == [
        "column 1 of the roster (Identyfikator) was taken for Moodle's participant numbers by what it holds",
        "column 2 of the roster (Pełna nazwa) was taken for full names by what it holds",
        "column 3 of the roster (Adres e-mail) was taken for e-mail addresses by what it holds",
    ]
    assert read(WORKSHEETS["fr"].format("amina.berrada@students.example"))[1] == []


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Numéro d'identification;Prénom;Nom\njp.martin;Jean-Paul;Martin", "cp1252"),
        (
            "sep=;\r\nIdentifiant;Nom complet;Adresse de courriel\r\nParticipant 7;;jp.martin@students.example",
            "utf-8-sig",
        ),
        ("\r\n\r\nIdentifiant\tAdresse\r\nParticipant 7\tjp.martin@students.example\r\n", "utf-16"),
        ("Username\tStudent ID\r\njp.martin\t7\r\n", "utf-16-le"),  # Blackboard
        ("OrgDefinedId,Username,End-of-Line Indicator\r\n#jp.martin,#martin,#\r\n", "utf-8"),  # Brightspace
        (
            "LastName,FirstName,ID,SIS Login ID,Section\n    Points Possible,,,,\nMartin,Jean-Paul,502,jp.martin,A\n",
            "utf-8",
        ),
    ],
)
def test_tables_as_other_programs_write_them(text, encoding):
    assert list(read(text, encoding)[0]) == ["jp.martin"]


@pytest.mark.parametrize(
    ("page", "name", "heading"),
    [
        ("cp1256", "أمينة برادة", "الاسم كاملا"),
        ("cp1251", "Амина Беррада", "Полное имя"),
        ("cp1252", "Zoë Ünal", "Prénom"),
    ],
)
def test_an_old_code_page_is_the_one_in_which_the_words_say_something(page, name, heading):
    known = [Student("a", (name,))]
    assert read(f"{heading};E-mail\n{name};x@y.example\n", page, known) == ({"a": {"x@y.example"}}, [])


def test_user_names_are_no_participant_numbers():
    """ "Identifiant" heads both; "ID" is nbgrader's, and in German Moodle's."""
    assert read("Identifiant,E-mail\njp.martin,jpm@x.example\n")[0] == {"jp.martin": {"jpm@x.example", "jp.martin"}}
    assert read("Identifiant,E-mail\na12,jp.martin@students.example\nb13,nora.el@students.example\n")[0] == {
        "jp.martin": {"a12"},
        "nora.el": {"b13"},
    }
    assert "s1" in read("id,E-mail\ns1,x@y.example\ns2,z@y.example\n", known=[])[0]
    assert read("Group,E-mail\nTeam 12,nora.el@students.example\nTeam 12,jp.martin@students.example\n")[0] == {}


def test_one_odd_cell_does_not_hide_what_a_column_holds():
    rows = "".join(f"Deltaker {number},{one.keys[0]}\n" for number, one in enumerate(CLASS))
    found, notes = read(f"Nøkkel,E-post\n{rows}Sum,\n")
    assert [found[one.id] for one in CLASS] == [{f"participant {number}"} for number in range(4)]
    assert len(notes) == 3 and notes[-1].startswith("row 6 of the roster is about nobody")


@pytest.mark.timeout(60)
def test_a_cell_without_end_takes_no_long_time():
    """A worksheet can have what students typed."""
    cells = ",".join(["a@" + "." * 200_000 + " x", *(part * 100_000 for part in ("a@.", "1", "a1", "-", "é"))])
    found, _ = read(f"id,a,b,c,d,e,f\nnora.el,{cells}\nx@y.example,{cells}\n")
    assert "x@y.example" in found


NEW = [("Driss Alaoui", "d.alaoui@x.example"), ("Khadija Tazi", "k.tazi@x.example")]
LISTS = {
    # Moodle's list of participants, where one column has both names
    "participants": "First name / Last name,Email address,Roles\nDriss Alaoui,d.alaoui@x.example,Student\n"
    "Khadija Tazi,k.tazi@x.example,Student\n",
    "participants in French": "Prénom / Nom de famille;Adresse de courriel;Rôles\nDriss Alaoui;d.alaoui@x.example;Étudiant\n"
    "Khadija Tazi;k.tazi@x.example;Étudiant\n",
    # a university's list, with its title above the headings
    "with a title": "Université;;;\nFilière : Économie;;;\n\nCode Apogée;NOM;PRENOM;Email\n"
    "18001234;ALAOUI;Driss;d.alaoui@x.example\n18001235;TAZI;Khadija;k.tazi@x.example\n",
    "in Spanish": "Nombre;Apellidos;Correo electrónico\nDriss;Alaoui;d.alaoui@x.example\nKhadija;Tazi;k.tazi@x.example\n",
    "in Dutch": "Achternaam|Voornaam|E-mailadres\nAlaoui|Driss|d.alaoui@x.example\nTazi|Khadija|k.tazi@x.example\n",
    "in Arabic": "الاسم العائلي;الاسم الشخصي;البريد الإلكتروني\nAlaoui;Driss;d.alaoui@x.example\nTazi;Khadija;k.tazi@x.example\n",
    "in Vietnamese, which it does not know": "Họ và tên,Thư\nDriss Alaoui,d.alaoui@x.example\nKhadija Tazi,k.tazi@x.example\n",
    "of Google Classroom": "Last Name,First Name,Email Address,Week 1\nDate,,,2026-11-20\nPoints,,,62\n"
    "Alaoui,Driss,d.alaoui@x.example,\nTazi,Khadija,k.tazi@x.example,\n",
    "without headings": "Driss Alaoui;d.alaoui@x.example\nKhadija Tazi;k.tazi@x.example\n",
    "of addresses, as in a mail": "Driss Alaoui <d.alaoui@x.example>\nKhadija Tazi <k.tazi@x.example>\n",
    "of links": "Name,Email\nDriss Alaoui,mailto:d.alaoui@x.example\nKhadija Tazi,<k.tazi@x.example>\n",
    "of an old Mac": "Full name\tEmail\rDriss Alaoui\td.alaoui@x.example\rKhadija Tazi\tk.tazi@x.example\r",
}


@pytest.mark.parametrize("shape", LISTS)
def test_lists_of_new_students_in_other_shapes_and_languages(shape):
    """Names and addresses are found, whatever is around them."""
    roster = Roster(read_roster(LISTS[shape].encode(), CLASS))
    for name, mail in NEW:
        (student,) = roster.named(name)
        assert roster.keyed(mail) == {student} and student in (mail, "18001234", "18001235")
    assert len(roster.ids) == len(CLASS) + len(NEW)


def test_what_was_told_of_a_list_without_headings_or_with_a_title():
    assert read(LISTS["without headings"])[1] == [
        "the roster has no headings: what its columns are was told by what they hold",
        "column 1 of the roster was taken for full names by what it holds",
        "column 2 of the roster was taken for e-mail addresses by what it holds",
    ]
    assert read(LISTS["with a title"])[1] == ["what stands above the headings in row 4 of the roster was passed over"]


def test_a_row_is_not_taken_for_the_headings():
    """Headings that are not known stay the first row, whatever words the rows below have."""
    found, _ = read("Nøkkel,Rolle,Grunn,E-post\nDeltaker 1,Student,Name,nora.el@students.example\n")
    assert found == {"nora.el": {"participant 1"}}


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old workbook"),
        (b"%PDF-1.7", "a PDF"),
        (b"\xef\xbb\xbf\n<html><table>", "a web page"),
        (b'[{"id": "x"}]', "JSON"),
        (b" \r\n", "empty"),
    ],
)
def test_what_is_no_table_is_told_as_what_it_is(data, what):
    with pytest.raises(CannotCollect, match=f"the roster is {what}"):
        read_roster(data, CLASS)


# ---------------------------------------------------------------- rows


def test_a_row_about_nobody_or_more_than_one_is_passed_over_and_told():
    found, notes = read(
        "Identifier,Full name,Email address,ID number\n"
        "Participant 1,Amina Berrada,amina.berrada@students.example,\n"
        ",,,\n"
        "Participant 2,Who Knows,,\n"
        "Participant 3,,jp.martin@students.example,nora.el\n"
        "Participant 4,Hidden,,../../etc\n"
        "Participant 5,Nora El Amrani,,\n"
    )
    assert found == {"amina.berrada": {"participant 1"}, "nora.el": {"participant 5"}}
    assert notes == [
        "row 5 of the roster was passed over: it fits more than one student (jp.martin, nora.el)",
        "row 6 of the roster was passed over: '../../etc' cannot be the name of a folder",
        "row 4 of the roster is about nobody known and has neither an id nor an e-mail address",
    ]


def test_many_rows_about_nobody_are_told_in_one_sentence():
    rows = "\n".join(f"Participant {i},Nobody {i}," for i in range(20))
    _, notes = read(f"Identifier,Full name,Email address\n{rows}\nParticipant 99,Amina Berrada,\n")
    assert notes == [
        "rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 … of the roster are about nobody known and have neither an id nor an "
        "e-mail address"
    ]


def test_two_people_of_one_name_stay_two():
    """In the table: neither gets the other's number, not even if one of them is known."""
    twice = (
        "Identifier,Full name,Email address\nParticipant 1,Sam Twin,s1@x.example\nParticipant 2,Sam Twin,s2@x.example\n"
    )
    assert [keys - {student} for student, keys in read(twice)[0].items()] == [{"participant 1"}, {"participant 2"}]
    assert "sam" not in read(twice, known=[Student("sam", ("Sam Twin",))])[0]


def test_a_quotation_mark_that_nobody_closed_costs_one_row():
    found, _ = read(
        'Identifier,Full name,Email address\nParticipant 1,"Amina Berrada,amina.berrada@students.example\n'
        "Participant 2,Jean-Paul Martin,jp.martin@students.example\n"
    )
    assert found["jp.martin"] == {"participant 2"}


def test_a_comment_of_any_length_is_no_hindrance():
    long = "x" * 200_000
    found, _ = read(
        f'Identifier,Email address,Feedback comments\nParticipant 1,nora.el@students.example,"{long}\n{long}"\n'
    )
    assert found == {"nora.el": {"participant 1"}}


def test_rows_of_canvas_that_are_about_no_student():
    found, notes = read(
        "Student,ID,SIS User ID,SIS Login ID,Section,05 inequality (88)\n"
        ",,,,,Manual Posting\n"
        "    Points Possible,,,,,62\n"
        '"Berrada, Amina",501,A1,amina.berrada,A,\n'
        '"Student, Test",779,,0f0f,,\n'
    )
    assert (found, notes) == ({"amina.berrada": {"amina.berrada", "A1"}}, [])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04 a workbook", "save it as CSV first"),
        (b"Statut,Note\nRemis,12\n", r"no column of the roster says who is who \(Statut, Note\)"),
        (b"Full name\nNobody\nNo One\n", "rows 2, 3 of the roster are about nobody known"),
    ],
)
def test_a_table_of_which_no_row_can_be_used_is_refused(data, words):
    with pytest.raises(CannotCollect, match=words):
        read_roster(data, CLASS)


@pytest.mark.timeout(60)
def test_a_large_roster_takes_no_long_time():
    rows = "".join(f"Participant {i},Given{i} Family{i},s{i}@x.example\n" for i in range(5_000))
    known = [Student(f"s{i}", (f"Given{i} Family{i}",), (f"s{i}@x.example",)) for i in range(5_000)]
    found, _ = read("Identifier,Full name,Email address\n" + rows, known=known)
    assert len(found) == 5_000 and found["s77"] == {"participant 77"}


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("Sinéad OBrien", "s.obrien"),
        ("SINEAD O’BRIEN", "s.obrien"),
        ("O Brien Sinead", "s.obrien"),
        ("BERRADA Amina", "amina.berrada"),
        ("Martin Jean-Paul", "jp.martin"),
        ("Martin, Jean Paul", "jp.martin"),
        ("jeanpaul martin", "jp.martin"),
        ("El Amrani Nora", "nora.el"),
        ("ELAMRANI_Nora", "nora.el"),
        ("\u200fNora El\u2011Amrani\u200f", "nora.el"),
        ("Paul Martin", None),
        ("Jean Martin", None),
        ("Group A-Amina Berrada", None),
        ("", None),
        ("'", None),
    ],
)
def test_names_as_platforms_write_them(name, student):
    assert Roster(CLASS).named(name) == ({student} if student else set())


@pytest.mark.parametrize(
    ("known", "written"),
    [
        ("小明 王", "王小明"),
        ("민수 김", "김민수"),
        ("Işıl Çağlar", "ISIL CAGLAR"),
        ("Łukasz Gąsior", "Gasior Lukasz"),
        ("Søren Ærø", "Soren Aero"),
        ("أمينة بَرَّادة", "برادة امينة"),
        ("Nguyễn Văn An", "an nguyen van"),
        ("Zoë D’Arcy-Ng", "DArcy Ng Zoe"),
        ("Günter Müller", "Mueller Guenter"),
        ("Søren Ærø", "Soeren Aeroe"),
        ("Åse Bjørk", "Aase Bjoerk"),
        ("Sinéad O'Brien", "SinÃ©ad O'Brien"),  # UTF-8, taken for cp1252
        ("Sinéad O'Brien", "Sin├⌐ad O'Brien"),  # and for cp437
        ("Sinéad O'Brien", "O&#39;Brien%20Sin%C3%A9ad"),
        ("Sinéad O'Brien", "SineadOBrien"),
        ("أمينة بَرَّادة", "%D8%A3%D9%85%D9%8A%D9%86%D8%A9 برادة"),
    ],
)
def test_names_of_other_alphabets(known, written):
    assert Roster([Student("one", (known,)), AMINA]).named(written) == {"one"}


def test_a_name_that_could_be_two_is_neither():
    roster = Roster([Student("a", ("Sinéad O'Brien",)), Student("b", ("Sinead OBrien",)), Student("c", ("Paul Martin",)),
                     Student("d", ("Martin Paul",))])  # fmt: skip
    assert roster.named("Sinéad OBrien") == {"a", "b"}
    assert roster.named("Martin Paul") == {"c", "d"}


def test_a_number_decides_between_two_of_one_name():
    roster = Roster([Student("a", ("Sam Twin",), ("participant 1",)), Student("b", ("Sam Twin",), ("participant 2",))])
    assert [roster.moodle("Sam Twin", number) for number in "123"] == [{"a"}, {"b"}, {"a", "b"}]
