"""From a platform and back: pages in the folders that Moodle knows, marks in its worksheet and in Canvas's gradebook.

The tables are as the platforms write them (mod/assign/gradingtable.php of Moodle, lib/gradebook_exporter.rb of Canvas);
what reads them back here does it as the platforms do.
"""

import csv
import io
import re
import zipfile
from pathlib import Path

import nbformat
import pytest
import tiny
from nbgrader.api import Gradebook

from classroom import cli, export, worksheet
from classroom import feedback as fb
from classroom.collect import collect
from classroom.grade import grade_assignment
from classroom.model import Trouble
from classroom.roster import Student
from classroom.sources import SOURCES, Source, Sources

PEOPLE = {
    "amina": ("Amina", "Berrada", 4101),
    "jp.martin": ("Jean-Paul", "Martin", 4102),
    "nora": ("Nora", "O'El", 4103),
    "zed": ("=1+1", "Zed", 4104),
}
FULL = {"double_tests": 2, "roots_score": 2, "by_hand": 4, "essay": 4.5, "drawing": 3, "total_tests": 1}
HEADINGS = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade)"
)
FRENCH = (
    "Identifiant;Nom complet;Adresse de courriel;Statut;Note;Note maximale;La note peut être modifiée;"
    "Dernière modification (travail remis);Texte en ligne;Dernière modification (note);Feedback par commentaires"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A class that was collected from Moodle's zip (one as newer Moodles name folders, one typed a text, too), and graded.

    "zed" has a name that is a formula, and handed in on paper.
    """
    root = tmp_path_factory.mktemp("moodle")
    course = tiny.make_course(root / "course")
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for student, (first, last, _) in PEOPLE.items():
            gradebook.add_student(student, first_name=first, last_name=last, email=f"{student}@uni.example")
    right = nbformat.writes(tiny.answered(tiny.released(course), tiny.ANSWERS["right"]))
    names = {
        "Amina Berrada_4101_assignsubmission_file/tiny.ipynb": right,
        "Jean-Paul Martin_4102_assignsubmission_onlinetext_/onlinetext.html": "<p>See the file.</p>",
        "Jean-Paul Martin_4102_assignsubmission_file_/tiny.ipynb": right,
        "Nora OEl_4103_assignsubmission_file_tiny.ipynb": right,
    }
    with zipfile.ZipFile(root / "all.zip", "w") as archive:
        for name, text in names.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 20, 9, 5, 0)), text)
    report = collect(course, tiny.NAME, root / "all.zip", zone="Africa/Casablanca")
    assert not report.unmatched and len(report.new) == 3
    tiny.submit(course, "zed", tiny.ANSWERS["right"])
    grade_assignment(course, tiny.NAME, pool=tiny.Plain(), progress=False)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for student in PEOPLE:
            for name, score in FULL.items():
                grade = gradebook.find_grade(name, tiny.NOTEBOOK, tiny.NAME, student)
                grade.manual_score, grade.needs_manual_grade = score, False
        gradebook.find_grade("essay", tiny.NOTEBOOK, tiny.NAME, "nora").needs_manual_grade = True
        gradebook.db.commit()
    return course


@pytest.fixture
def course(made, tmp_path):
    return tiny.copy_course(made, tmp_path / "course")


def sent(course, tmp_path, to="moodle", **options) -> list[list[str]]:
    path = export.export(course, to, tmp_path / "out.csv", outcomes_folder=str(course.root), **options)
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def as_moodle_finds(name: str) -> tuple[int, str]:
    """The participant and the file that Moodle makes of a path in the zip (importziplib.php, is_valid_filename_for_import)."""
    parts = name.split("/")
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) >= 4 and info[1].isdecimal() and info[2:4] == ["assignsubmission", "file"]:
            return int(info[1]), "/".join([*info[4:], *parts]).lstrip("/")
    raise AssertionError(f"Moodle finds nobody for {name}")


# ------------------------------------------------------------------------------------------------------------------ pages


def test_pages_go_back_into_the_folders_that_came(course, tmp_path):
    pages = list(fb.feedback(course, tiny.NAME))
    assert fb.pack(course, tiny.NAME, pages, tmp_path / "back.zip") == ["zed"]
    with zipfile.ZipFile(tmp_path / "back.zip") as archive:
        assert archive.namelist() == [
            "Amina Berrada_4101_assignsubmission_file/tiny.html",
            "Jean-Paul Martin_4102_assignsubmission_file_/tiny.html",
            "Nora OEl_4103_assignsubmission_file_/tiny.html",
        ]
        found = {as_moodle_finds(name): archive.read(name) for name in archive.namelist()}
    numbers = {student: number for student, (_, _, number) in PEOPLE.items()}
    assert found == {
        (numbers[one.student], "tiny.html"): one.path.read_bytes() for one in pages if one.student != "zed"
    }
    before = (tmp_path / "back.zip").read_bytes()
    fb.pack(course, tiny.NAME, pages, tmp_path / "back.zip")
    assert (tmp_path / "back.zip").read_bytes() == before and (tmp_path / "back.zip").stat().st_mode & 0o7 == 0


def test_a_worksheet_tells_the_numbers_that_no_download_told(course, tmp_path):
    sheet = tmp_path / "Grades.csv"
    sheet.write_text(f"\ufeff{HEADINGS}\nParticipant 4104,=1_1/ Zed,zed@uni.example,,,17.00,Yes,-,-\n")
    pages = list(fb.feedback(course, tiny.NAME))
    assert fb.pack(course, tiny.NAME, pages, tmp_path / "back.zip", sheet) == []
    with zipfile.ZipFile(tmp_path / "back.zip") as archive:
        assert archive.namelist()[-1] == "1 1 Zed_4104_assignsubmission_file_/tiny.html"
        assert as_moodle_finds(archive.namelist()[-1]) == (4104, "tiny.html")


def test_what_was_collected_before_folders_were_kept_finds_its_way(course, tmp_path):
    path = Path(course.root, SOURCES)
    path.write_text(re.sub(r', "folder": "[^"]*"', "", path.read_text()))
    old = Source("Moodle", "Amina Berrada_4101", "4101", "Africa/Casablanca", "2026-11-20 09:05:00")
    assert Sources(Path(course.root)).of(tiny.NAME)["amina"] == old
    fb.pack(course, tiny.NAME, list(fb.feedback(course, tiny.NAME, ["amina"])), tmp_path / "back.zip")
    with zipfile.ZipFile(tmp_path / "back.zip") as archive:
        assert as_moodle_finds(archive.namelist()[0]) == (4101, "tiny.html")


def test_without_any_number_there_is_a_sentence_and_no_zip(course, tmp_path):
    Path(course.root, SOURCES).unlink()
    with pytest.raises(Trouble, match="no participant's number of Moodle's is known"):
        fb.pack(course, tiny.NAME, list(fb.feedback(course, tiny.NAME)), tmp_path / "back.zip")
    with pytest.raises(Trouble, match=r"none.csv cannot be read"):
        fb.pack(course, tiny.NAME, [], tmp_path / "back.zip", tmp_path / "none.csv")
    assert not (tmp_path / "back.zip").exists()


def test_the_commands_say_what_goes_where(course, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    where = ["--course", str(course.root)]
    assert cli.main([*where, "feedback", tiny.NAME, "--to", "moodle", "--quiet"]) == 1
    said = capsys.readouterr().out
    assert "4 pages" in said and "week1-feedback-moodle.zip" in said and "participant's number (1): zed" in said
    assert cli.main([*where, "export", "--to", "moodle", "--assignment", tiny.NAME]) == 0
    assert "Upload grading worksheet" in capsys.readouterr().out and (tmp_path / "moodle.csv").exists()
    assert cli.main([*where, "feedback", tiny.NAME, "--student", "zed", "--to", "moodle", "--quiet"]) == 2
    assert "--worksheet" in capsys.readouterr().err


def test_before_anything_is_graded_feedback_says_so(tmp_path, capsys):
    course = tiny.make_course(tmp_path / "course")
    assert cli.main(["--course", str(course.root), "feedback", tiny.NAME, "--to", "moodle", "--quiet"]) == 0
    assert "Nobody's work has been graded yet" in capsys.readouterr().out


# ------------------------------------------------------------------------------------------------------------------ Moodle


ENGLISH = ("Identifier", "Grade", "Last modified (grade)", ".")


def as_moodle_reads(rows: list[list[str]], words=ENGLISH) -> dict[int, float]:
    """The grades that Moodle takes from a worksheet, whose words and decimal sign are those of the site
    (importgradeslib.php, and unformat_float): {participant: grade}.
    """
    head, (identifier, grade, dated, sign) = rows[0], words
    at, who = head.index(grade), head.index(identifier)
    assert dated in head, "Moodle refuses a worksheet without it"
    cut = len("Participant ")
    return {int(row[who][cut:]): float(row[at].replace(sign, ".")) for row in rows[1:] if row[at].strip()}


def test_a_worksheet_has_the_participants_numbers_and_no_comments(course, tmp_path):
    rows = sent(course, tmp_path)
    assert rows[0] == HEADINGS.split(",")
    assert as_moodle_reads(rows) == {4101: 16.5, 4102: 16.5}
    assert rows[1] == [
        *("Participant 4101", "Amina Berrada", "amina@uni.example", "Submitted for grading", "16.5", "17", "Yes"),
        *("Friday, 20 November 2026, 09:05 AM", "-"),
    ]
    assert rows[3][0] == "Participant 4103" and rows[3][4] == "", "a part waits"
    assert (tmp_path / "out.csv").read_bytes().startswith("\ufeff".encode())


def test_moodles_own_worksheet_keeps_its_columns_and_its_language(course, tmp_path):
    comment = '"<p>Très bien&nbsp;- <b>oui</b></p>"'
    sheet = tmp_path / "Notes.csv"
    sheet.write_text(
        f"{FRENCH}\n"
        "Participant 4103;Nora O'El;nora@uni.example;Remis;12,00;17,00;Oui;-;;-;\n"
        f"Participant 4101;Amina Berrada;amina@uni.example;Remis;;17,00;Oui;-;=1;-;{comment}\n"
        "Participant 4104;=1+1 Zed;zed@uni.example;-;;17,00;Oui;-;;-;\n"
        "Participant 4199;Somebody Else;else@uni.example;-;;17,00;Oui;-;;-;\n"
    )
    rows = sent(course, tmp_path, worksheet=str(sheet))
    assert rows[0] == FRENCH.split(";")
    found = as_moodle_reads(rows, ("Identifiant", "Note", "Dernière modification (note)", ","))
    assert found == {4103: 12, 4101: 16.5, 4104: 16.5}, "what a person gave stays where there is no mark"
    assert rows[2][8] == "'=1" and rows[3][1] == "'=1+1 Zed", "nothing is a formula"
    assert rows[2][10] == comment.strip('"'), "a teacher's words come back as they were"
    assert rows[1][10] == "" and rows[2][9] == "-"


@pytest.mark.parametrize(
    "head, row",
    [
        ("ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung", "Teilnehmer/in4101,x,{},Zur Bewertung,,17,"),
        ("المُعرَّف,ًالاسم كاملا,عنوان البريد الإلكتروني,الحالة,العلامة,العلامة العظمى", "مشارك 4101,أمينة برادة,{},سُلّم,,17.00"),
        ("Identyfikator,Pełna nazwa,Adres e-mail,Status,Punkty,Maksimum", "Uczestnik4101,Amina Berrada,{},Przesłane,,17.00"),
    ],
    ids=["de", "ar", "by what stands beside it"],
)  # fmt: skip
def test_the_column_of_grades_in_other_languages(course, tmp_path, head, row):
    (tmp_path / "w.csv").write_text(f"\ufeff{head}\n{row.format('amina@uni.example')}\n", encoding="utf-8")
    rows = sent(course, tmp_path, worksheet=str(tmp_path / "w.csv"))
    assert rows[0] == head.split(",") and rows[1][4:6] == ["16.5", rows[1][5]]


def test_another_maximum_another_assignment_or_no_column_is_refused(course, tmp_path):
    sheet = tmp_path / "w.csv"
    row = "Participant 4101,Amina Berrada,amina@uni.example,,{},{},Yes,-,-\n"
    for head, line, why in (
        (HEADINGS, row.format("", "100.00"), "Moodle gives at most 100 points, week1 has 17"),
        (HEADINGS.replace("Grade,Max", "Mine,Max"), row.format("", "-"), "Name it with --column, one of: Identifier"),
    ):
        sheet.write_text(f"{head}\n{line}")
        with pytest.raises(Trouble, match=why):
            sent(course, tmp_path, worksheet=str(sheet))
    with pytest.raises(Trouble, match="cannot be read"):
        sent(course, tmp_path, worksheet=str(tmp_path / "none.csv"))
    assert not (tmp_path / "out.csv").exists()
    assert sent(course, tmp_path, worksheet=str(sheet), column="Mine")[1][4] == "16.5"


def test_the_worksheet_of_another_assignment_gives_nobody_anothers_mark(course, tmp_path, caplog):
    """Moodle numbers participants anew for each assignment."""
    sheet = tmp_path / "w.csv"
    sheet.write_text(
        f"{HEADINGS}\nParticipant 4101,Jean-Paul Martin,jp.martin@uni.example,,,17,Yes,-,-\n"
        "Participant 4999,Amina Berrada,amina@uni.example,,,17,Yes,-,-\n"
    )
    rows = sent(course, tmp_path, worksheet=str(sheet))
    assert rows[1][4] == "" and rows[2][4] == "16.5", "number and name contradict each other; a new number does not"


def test_several_assignments_or_no_numbers_make_an_import_for_the_gradebook(course, tmp_path):
    Path(course.root, SOURCES).unlink()
    assert sent(course, tmp_path)[0] == ["ID number", "Email address", "First name", "Last name", "week1"]
    with Gradebook(course.db_url, course.course_id) as gradebook:
        gradebook.add_assignment("week2")
    (tmp_path / "w.csv").write_text(f"{HEADINGS}\n")
    with pytest.raises(Trouble, match="about one assignment: say which, with --assignment: week1, week2"):
        sent(course, tmp_path, worksheet=str(tmp_path / "w.csv"))


# ------------------------------------------------------------------------------------------------------------------ Canvas

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Quiz (11),Week1 (12),Current Score
    Manual Posting,,,,,,,
    Points Possible,,,,,10.0,17.0,(read only)
"Berrada, Amina",901,S-1,amina,A,9,,90
"Martin, Jean-Paul",902,S-2,jp.martin,B,3,12.5,30
"Student, Test",99,,f00,A,,,
"""


def as_canvas_reads(rows: list[list[str]]) -> tuple[dict[str, str], dict[str, str]]:
    """Points possible and grades that Canvas takes (gradebook_importer.rb): {assignment: points}, {id: grade}."""
    head = rows[0]
    assert "Student" in head[0] and "ID" in head[1] and "SIS User ID" in head[2] and "SIS Login ID" in head[3]
    assert "Section" in head[4], "the last column about students"
    (title,) = head[5:]
    students = [row for row in rows[1:] if "Points Possible" not in row[0] and "Manual Posting" not in row[0]]
    (possible,) = [row for row in rows if "Points Possible" in row[0]]
    return {title: possible[5]}, {row[1] or row[3]: row[5] for row in students}


def test_canvas_takes_its_own_numbers_from_the_download(course, tmp_path):
    sources = Sources(Path(course.root))
    sources.keep(tiny.NAME, {"amina": Source("Canvas", "berradaamina_901", "901")})
    rows = sent(course, tmp_path, "canvas", assignment_ids={"week1": 12})
    points, grades = as_canvas_reads(rows)
    assert points == {"week1 (12)": "17"}
    assert grades == {"901": "16.5", "jp.martin": "16.5", "nora": "", "zed": "16.5"}, (
        "no number of Moodle's is Canvas's"
    )


def test_canvas_own_gradebook_is_filled_in_and_no_other_mark_goes_back(course, tmp_path):
    (tmp_path / "g.csv").write_text(CANVAS)
    rows = sent(course, tmp_path, "canvas", worksheet=str(tmp_path / "g.csv"))
    points, grades = as_canvas_reads(rows)
    assert points == {"Week1 (12)": "17.0"} and grades == {"901": "16.5", "902": "16.5", "99": ""}
    assert not [cell for row in rows for cell in row if "Quiz" in cell or cell == "9"]
    (tmp_path / "g.csv").write_text(CANVAS.replace("Week1 (12)", "Homework (12)"))
    with pytest.raises(Trouble, match="which column of the worksheet takes the marks"):
        sent(course, tmp_path, "canvas", worksheet=str(tmp_path / "g.csv"))
    rows = sent(course, tmp_path, "canvas", worksheet=str(tmp_path / "g.csv"), column="Homework (12)")
    assert as_canvas_reads(rows)[1]["901"] == "16.5"


def test_canvas_with_other_points_is_refused(course, tmp_path):
    (tmp_path / "g.csv").write_text(CANVAS.replace("17.0", "100.0"))
    with pytest.raises(Trouble, match="Canvas gives at most 100 points, week1 has 17"):
        sent(course, tmp_path, "canvas", worksheet=str(tmp_path / "g.csv"))


# -------------------------------------------------------------------------------------------------------------- both of them


def test_a_mark_in_no_row_or_in_two_is_told():
    students = [Student("ada", ("Ada Lovelace",), ("participant 7",)), Student("bob", ("Bob B",), ("participant 8",))]
    data = f"{HEADINGS}\nParticipant 7,Ada Lovelace,,,,17,Yes,-,-\nParticipant 7,Ada Lovelace,,,,17,Yes,-,-\n".encode()
    sheet = worksheet.Worksheet.read(data, students, worksheet.Platform.MOODLE)
    assert sheet.without({"ada": 1.0, "bob": 2.0}) == ["ada", "bob"] and sheet.without({"ada": None, "bob": None}) == []
