"""Exports: the columns that each platform imports, and never a mark where there is none."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
from nbgrader.api import Gradebook

from classroom import export
from classroom.disk import CannotWrite
from classroom.outcomes import OUTCOMES

FILES = {"moodle": export.MoodleExporter, "canvas": export.CanvasExporter, "csv": export.CsvExporter}
EVERYTHING = {"double_tests": 2.0, "roots_score": 2.0, "by_hand": 4.0, "essay": 5.0, "drawing": 3.0, "total_tests": 1.0}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return tiny.make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def course(made, tmp_path):
    """Six students: marked, a true zero, an essay unread, graded by nobody, nothing handed in, and one with a flag."""
    course = tiny.copy_course(made, tmp_path / "course")
    people = {
        "full": ("Zoë", "Ünal"), "zero": ("Sam", "Null"), "waits": ("Ida", "Wait"), "blank": ("Bo", "Blank"),
        "none": ("No", "One"), "flagged": ("=HYPERLINK(\"http://x\")", "+1"),
    }  # fmt: skip
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for number, (student, (first, last)) in enumerate(people.items()):
            mail = f"{student}@uni.example"
            gradebook.add_student(student, first_name=first, last_name=last, email=mail, lms_user_id=str(900 + number))
        for student in ("full", "zero", "waits", "blank", "flagged"):
            submission = gradebook.add_submission(tiny.NAME, student)
            for grade in submission.notebooks[0].grades:
                most = EVERYTHING[grade.name]
                grade.auto_score = {"zero": 0.0, "blank": None}.get(student, most)
                grade.needs_manual_grade = student == "waits" and grade.name == "essay"
                if grade.needs_manual_grade:
                    grade.auto_score = None
        gradebook.db.commit()
    note(course, "none", "missing")
    note(course, "flagged", "needs attention", tampering=["tests replaced"])
    note(course, "full", "graded", notes=[], inside=2.0)
    return course


def note(course, student: str, fate: str, **more) -> None:
    with open(Path(course.root, OUTCOMES), "a", encoding="utf-8") as file:
        row = {"assignment": tiny.NAME, "student": student, "fate": fate, "notes": ["a note"], "file": ""}
        file.write(json.dumps(row | {"tampering": []} | more) + "\n")


def written(course, to: str, tmp_path, **options) -> list[list[str]]:
    path = export.export(course, to, tmp_path / "out.csv", **options)
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf") and raw.endswith(b"\r\n")
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len({len(row) for row in rows}) == 1
    return rows


def test_moodle(course, tmp_path):
    head, *rows = written(course, "moodle", tmp_path)
    assert head == ["ID number", "Email address", "First name", "Last name", "week1"]
    assert {row[0]: row[4] for row in rows} == {
        "full": "17", "zero": "0", "waits": "", "blank": "", "none": "", "flagged": "",
    }  # fmt: skip
    assert ["full", "full@uni.example", "Zoë", "Ünal", "17"] in rows


def test_canvas(course, tmp_path):
    head, points, *rows = written(course, "canvas", tmp_path, assignment_ids={"week1": 77}, section="A")
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "week1 (77)"]
    assert points == ["    Points Possible", "", "", "", "", "17"]
    assert ["Ünal, Zoë", "900", "", "full", "A", "17"] in rows and ["Wait, Ida", "902", "", "waits", "A", ""] in rows
    assert [row[5] for row in rows].count("") == 4


def test_csv_says_why_a_mark_is_empty(course, tmp_path):
    head, *rows = written(course, "csv", tmp_path)
    assert head[:4] == ["assignment", "duedate", "timestamp", "student_id"] and head[-4:] == [
        "score",
        "max_score",
        "judged_inside",
        "status",
    ]
    why = {row[3]: (row[-4], row[-1]) for row in rows}
    assert {row[3]: row[-2] for row in rows if row[-2]} == {"full": "2"}  # of the others nothing is known
    assert why["full"] == ("17", "graded") and why["zero"] == ("0", "graded")
    assert why["none"] == ("", "missing; a note") and why["flagged"] == ("", "needs attention; a note")
    assert why["waits"] == ("", "waits for a person: essay") and why["blank"][1].startswith(
        "not marked: by_hand, double_tests"
    )


@pytest.mark.parametrize("to", FILES)
def test_no_cell_is_a_formula(course, tmp_path, to):
    cells = [cell for row in written(course, to, tmp_path) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.strip()[:1] in tuple("=+-@")]


@pytest.mark.parametrize("start", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "\n=1", "＝1", "\0=1"])
def test_formulas_of_every_kind(start):
    assert export.harmless(start)[0] == "'"


def test_no_formula_where_a_semicolon_separates_cells():
    """As spreadsheets in French or German read a table."""
    assert export.harmless("x;=HYPERLINK(A1)") == "x;'=HYPERLINK(A1)"
    assert export.harmless("a|-1") == "a|'-1"


def test_other_cells_stay_as_they_are():
    assert [export.harmless(v) for v in (None, 1.0, 2 / 3, "a-b@c.d", "", "Ö=x")] == [
        "",
        "1",
        "0.6666666667",
        "a-b@c.d",
        "",
        "Ö=x",
    ]


def test_marks_that_wait_come_out_when_asked_for(course, tmp_path):
    rows = written(course, "moodle", tmp_path, provisional=True)
    assert {row[0]: row[4] for row in rows}["waits"] == "12"
    assert {row[0]: row[4] for row in rows}["flagged"] == "", "a flag is another matter"
    rows = written(course, "moodle", tmp_path, reviewed=True)
    assert {row[0]: row[4] for row in rows}["flagged"] == "17" and {row[0]: row[4] for row in rows}["waits"] == ""


def test_late_marks_lose_their_penalty_and_never_fall_below_zero(course, tmp_path):
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for student in ("full", "zero"):
            gradebook.find_submission(tiny.NAME, student).notebooks[0].late_submission_penalty = 3
        gradebook.db.commit()
    marks = {row[0]: row[4] for row in written(course, "moodle", tmp_path)}
    assert (marks["full"], marks["zero"]) == ("14", "0")


def test_without_outcomes_or_with_damaged_ones(course, tmp_path):
    path = Path(course.root, OUTCOMES)
    note(course, "full", "needs attention")
    note(course, "full", "graded")  # the last line counts
    path.write_bytes(path.read_bytes() + b'\xff\xfe not json\n[1]\n{"assignment": "week1"}\n{"assignm')
    assert {row[0]: row[4] for row in written(course, "moodle", tmp_path)}["full"] == "17"
    path.unlink()
    marks = {row[0]: row[4] for row in written(course, "moodle", tmp_path)}
    assert (marks["none"], marks["flagged"], marks["full"]) == ("", "17", "17")


def test_only_what_was_asked_for(course, tmp_path):
    rows = written(course, "moodle", tmp_path, student=["zero"], assignments=["week1"])
    assert [row[0] for row in rows] == ["ID number", "zero"]
    with pytest.raises(ValueError, match="no assignment 'week2' in the gradebook; there are: week1"):
        export.export(course, "moodle", tmp_path / "x.csv", ["week2"])
    with pytest.raises(ValueError, match="no format called 'excel'; there are: moodle, canvas, csv"):
        export.export(course, "excel")
    assert not (tmp_path / "x.csv").exists()


def test_a_failed_export_leaves_the_old_file(course, tmp_path, monkeypatch):
    path = export.export(course, "moodle", tmp_path / "out.csv")
    before = path.read_bytes()
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(CannotWrite, match=r"out.csv cannot be written \(disk full\)"):
        export.export(course, "moodle", path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir() if p.is_file()] == ["out.csv"]


def test_stock_nbgrader_takes_them_as_plug_ins(course):
    command = [sys.executable, "-m", "nbgrader", "export", "--exporter=classroom.export.CanvasExporter", "--to=c.csv"]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert Path(course.root, "c.csv").read_bytes().startswith(b"Student,ID,SIS User ID,SIS Login ID,Section,week1\r\n")
    assert "week1: 1 left empty (waits for a person)" in done.stderr
