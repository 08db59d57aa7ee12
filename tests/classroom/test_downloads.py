"""Downloads as the world sends them: other platforms, other alphabets, other clocks, and a person who says who is who."""

import csv
import io
import json
import struct
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
import tiny
from nbgrader.api import Gradebook
from test_roster import CLASS, WORKSHEETS

from classroom import cli
from classroom.collect import collect
from classroom.course import folder, open_course
from classroom.model import CannotCollect, Refused
from classroom.platforms import Platform, place_of, platform_of
from classroom.roster import Roster, Student
from classroom.submission import TYPED, read_folder

NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
MOODLE = "{}_{}_assignsubmission_file_/"
MORNING = (2026, 11, 20, 10, 0, 0)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    course = tiny.make_course(tmp_path_factory.mktemp("course"))
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for one in CLASS:
            first, last = one.names[0].split(" ")
            gradebook.add_student(
                one.id, first_name=first, last_name=last, email=one.keys[0], lms_user_id=one.keys[1].split()[1]
            )
    return course


@pytest.fixture
def course(made, tmp_path):
    return tiny.copy_course(made, tmp_path / "course")


def pack(tmp_path, entries, when=MORNING, name="download.zip"):
    """A zip of {name: bytes}; a name in bytes is written as it stands, in an encoding that the archive does not tell."""
    path = tmp_path / name
    raw = {}
    with zipfile.ZipFile(path, "w") as archive:
        for i, (entry, data) in enumerate(entries.items()):
            extra = b""
            if isinstance(entry, tuple):
                entry, extra = entry
            if isinstance(entry, bytes):
                stand_in = f"{i:04}".ljust(len(entry), "\x7f")
                raw[stand_in.encode()] = entry
                entry = stand_in
            info = zipfile.ZipInfo(entry, when)
            info.extra = extra
            archive.writestr(info, data)
    content = path.read_bytes()
    for stand_in, entry in raw.items():
        content = content.replace(stand_in, entry)
    path.write_bytes(content)
    return path


def files(course, student):
    """What was collected for a student, without the time."""
    found = read_folder(folder(course, "submitted", tiny.NAME, student))
    return (
        None if isinstance(found, Refused) else {path: data for path, data in found.items() if path != "timestamp.txt"}
    )


def stamp(course, student):
    return (folder(course, "submitted", tiny.NAME, student) / "timestamp.txt").read_text().strip()


def sources(course):
    lines = (Path(course.root) / "classroom-sources.jsonl").read_text().splitlines()
    return {row["student"]: row for row in map(json.loads, lines)}


def table(course):
    text = (Path(course.root) / "classroom-who-is-who.csv").read_text("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


# ---------------------------------------------------------------- Moodle


@pytest.mark.parametrize("language", ["fr", "ar", "ja"])
def test_moodle_with_a_worksheet_of_its_language(course, tmp_path, language):
    worksheet = tmp_path / "worksheet.csv"
    worksheet.write_text(WORKSHEETS[language].format("amina.berrada@students.example"), "utf-8-sig")
    download = pack(tmp_path, {MOODLE.format("Whatever Moodle calls her", 4101) + "tiny.ipynb": NOTEBOOK})
    report = collect(course, tiny.NAME, download, rosters=[worksheet])
    assert (report.new, report.unmatched) == (("amina.berrada",), ())


def test_blind_marking_by_the_number_of_the_participant(course, tmp_path):
    """Moodle calls everybody Participant then, in its language."""
    worksheet = tmp_path / "worksheet.csv"
    worksheet.write_text("Identifiant,Adresse de courriel\nParticipant 4101,amina.berrada@students.example\n")
    names = {f"{word}_{number}_assignsubmission_file_/tiny.ipynb": NOTEBOOK
             for word, number in (("Participant", 4101), ("Participant", 4102), ("Teilnehmerin", 4103))}  # fmt: skip
    report = collect(course, tiny.NAME, pack(tmp_path, names), rosters=[worksheet])
    assert report.new == ("amina.berrada",)
    assert ["worksheet as a roster tells by the number" in one.reason for one in report.unmatched] == [True, True]


def test_moodle_takes_characters_out_of_names_and_puts_the_surname_first(course, tmp_path):
    names = {MOODLE.format(name, number) + "tiny.ipynb": NOTEBOOK
             for number, name in enumerate(("Sinéad OBrien", "BERRADA Amina", "Martin Jean-Paul", "EL AMRANI Nora"))}  # fmt: skip
    report = collect(course, tiny.NAME, pack(tmp_path, names))
    assert report.new == ("amina.berrada", "jp.martin", "nora.el", "s.obrien")
    assert report.complete


def test_two_who_call_themselves_the_same_are_looked_at_by_a_person(course, tmp_path):
    """Moodle lets people choose their name: without a number nobody hands in for another unseen."""
    names = {}
    for number in (4101, 4199):
        extra = struct.pack("<HHBl", 0x5455, 5, 1, 1_795_000_000 + number)
        names[MOODLE.format("Amina Berrada", number) + "tiny.ipynb", extra] = str(number).encode()
    report = collect(course, tiny.NAME, pack(tmp_path, names))
    assert "no telling which is newer" in report.refused[0].reason


def test_what_leads_back_to_moodle_is_kept(course, tmp_path):
    names = {MOODLE.format("BERRADA Amina", 4101) + "tiny.ipynb": NOTEBOOK}
    collect(course, tiny.NAME, pack(tmp_path, names), zone="Africa/Casablanca")
    collect(course, tiny.NAME, pack(tmp_path, {"lmartinjeanpaul_502_9_tiny.ipynb": NOTEBOOK}), zone="Europe/Paris")
    kept = sources(course)
    assert kept["amina.berrada"] == {
        **{"assignment": tiny.NAME, "student": "amina.berrada", "platform": "Moodle", "name": "BERRADA Amina_4101"},
        **{"number": "4101", "zone": "Africa/Casablanca", "local": "2026-11-20 10:00:00"},
        "folder": "BERRADA Amina_4101_assignsubmission_file_",
    }
    assert (kept["jp.martin"]["platform"], kept["jp.martin"]["number"]) == ("Canvas", "502")


# ---------------------------------------------------------------- zips made on Windows


def test_backslashes_part_folders(course, tmp_path):
    report = collect(
        course,
        tiny.NAME,
        pack(
            tmp_path,
            {
                "Amina Berrada_4101_assignsubmission_file_\\data\\my.csv": b"1",
                "jp.martin\\tiny.ipynb": b"2",
                "nora.el\\..\\..\\evil": b"3",
                "C:\\evil": b"4",
                "..\\evil": b"5",
            },
        ),
    )
    assert report.new == ("amina.berrada", "jp.martin", "nora.el")
    assert files(course, "amina.berrada") == {"data/my.csv": b"1"}
    assert files(course, "jp.martin") == {"tiny.ipynb": b"2"}
    assert {one.reason for one in report.refused} == {"the path leads out of the folder", "the path is absolute"}


def test_one_name_with_two_kinds_of_slashes_is_there_twice(course, tmp_path):
    report = collect(course, tiny.NAME, pack(tmp_path, {"jp.martin\\tiny.ipynb": b"1", "jp.martin/tiny.ipynb": b"2"}))
    assert {one.reason for one in report.refused} == {"the archive has this name twice"}


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("cp437", "Sinéad OBrien"),
        ("cp850", "Ángel Muñoz"),
        ("cp1252", "Sinéad OBrien"),
        ("cp1256", "أمينة برادة"),
        ("cp720", "أمينة برادة"),
        ("cp866", "Амина Беррада"),
        ("cp1251", "Амина Беррада"),
        ("cp852", "Łukasz Gąsior"),
        ("cp1254", "Işıl Çağlar"),
        ("cp932", "王 小明"),
    ],
)
def test_names_in_code_pages_that_the_archive_does_not_tell(course, tmp_path, page, name):
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\n" + ("" if "Brien" in name else f"one,{name}\n") + "s.obrien,\n", "utf-8")
    raw = f"{name}_4103_assignsubmission_file_/tiny.ipynb".encode(page)
    report = collect(course, tiny.NAME, pack(tmp_path, {raw: NOTEBOOK, "nora.el/tiny.ipynb": b"2"}), rosters=[roster])
    assert report.new == (("nora.el", "s.obrien") if "Brien" in name else ("nora.el", "one"))
    assert not any("encoding" in doubt for doubt in report.doubts)


def test_a_name_that_is_told_beside_the_name(course, tmp_path):
    """Info-ZIP's Unicode path, which 7-Zip and WinRAR write; it must belong to the name."""
    raw, told = b"nobody/tiny.ipynb", "Sinéad O'Brien/tiny.ipynb".encode()
    extra = b"\1" + zlib.crc32(raw).to_bytes(4, "little") + told
    stale = b"\1" + zlib.crc32(b"another").to_bytes(4, "little") + b"jp.martin/tiny.ipynb"
    report = collect(
        course,
        tiny.NAME,
        pack(
            tmp_path,
            {
                ("nobody/tiny.ipynb", struct.pack("<HH", 0x7075, len(extra)) + extra): b"1",
                ("nora.el/tiny.ipynb", struct.pack("<HH", 0x7075, len(stale)) + stale): b"2",
            },
        ),
    )
    assert report.new == ("nora.el", "s.obrien")


def test_an_encoding_that_no_name_tells_is_said(course, tmp_path):
    report = collect(
        course, tiny.NAME, pack(tmp_path, {b"nora.el/r\x82sum\x82.csv": b"1", b"nora.el/tiny.ipynb": b"2"})
    )
    assert set(files(course, "nora.el")) == {"résumé.csv", "tiny.ipynb"}
    report = collect(course, tiny.NAME, pack(tmp_path, {b"n\x82mo/r.csv": b"1", b"nora.el/tiny.ipynb": b"2"}))
    assert any("an encoding that the archive does not tell" in doubt for doubt in report.doubts)


# ---------------------------------------------------------------- Canvas


def test_canvas_as_it_is(course, tmp_path):
    """Underscores in a name, a name of no letters that Canvas keeps, typed text and links, late marks, resubmissions."""
    roster = tmp_path / "gradebook.csv"
    roster.write_text(
        "Student,ID,SIS Login ID,Section\n,,,Manual Posting\n    Points Possible,,,\n"
        '"برادة, أمينة",601,amina.ar,A\n"de_la_Cruz, Ana",602,ana,A\n"Student, Test",779,0f0f,\n',
        "utf-8",
    )
    names = {
        "obriensinad_503_9001_tiny.ipynb": b"an older Canvas drops the accent and the letter",
        "martinjeanpaul_LATE_502_9002_tiny-2.ipynb": b"late, again",
        "_601_9003_tiny.ipynb": b"no letter is left of the name",
        "de_la_cruzana_602_9004_my_own_1_2_name.ipynb": b"underscores",
        "elamraninora_LATE_504_text.html": b"<p>my essay",
        "berradaamina_501_link.html": b"<a href=x>",
        "anon_aB3xY_9005_tiny.ipynb": b"whose?",
    }
    report = collect(course, tiny.NAME, pack(tmp_path, names), rosters=[roster])
    assert report.new == ("amina.ar", "amina.berrada", "ana", "jp.martin", "nora.el", "s.obrien")
    assert report.late == ("jp.martin", "nora.el")
    assert set(files(course, "jp.martin")) == {"tiny.ipynb"}
    assert set(files(course, "ana")) == {"my_own_1_2_name.ipynb"}
    assert files(course, "nora.el") == {f"{TYPED}/text.html": b"<p>my essay"}
    assert report.typed == (f"amina.berrada: {TYPED}/link.html", f"nora.el: {TYPED}/text.html")
    assert [(one.file, one.reason) for one in report.unmatched] == [
        ("anon_aB3xY_9005_tiny.ipynb", "nobody on the roster is called so: it is anonymous")
    ]


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("amina.berrada_x_502_9_y.ipynb", {"amina.berrada"}),
        ("amina.berrada_502_9_y.ipynb", {"amina.berrada", "jp.martin"}),
        ("amina.berrada_502_text.html", {"amina.berrada"}),
        ("amina.berrada_jp.martin_attempt_2026-01-01-10-00-00_y.ipynb", {"amina.berrada"}),
    ],
)
def test_a_file_name_that_imitates_another_platform_is_its_owners_or_nobodys(name, fits):
    """Where files are called STUDENT_…, what follows is the student's own."""
    platform = platform_of([name, "nora.el_tiny.ipynb"])
    assert place_of(name, Roster(CLASS), "week1", platform=platform).students == fits


def test_numbers_without_end_are_no_numbers():
    assert not place_of(f"x_{'1' * 9999}_{'1' * 9999}_y.ipynb", Roster(CLASS), "week1").students


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "part", ["_", " - ", "1_", "a_attempt_2026-01-01-10-00-00_", "1-1 - a - ", "(a)", "submission_1/", "é"]
)
def test_names_without_end_take_no_long_time(part):
    roster = Roster(CLASS)
    for i in range(50):
        path = (part * 65_000)[: 65_000 - i]
        assert not place_of(path, roster, "week1", platform=platform_of([path])).students


# ---------------------------------------------------------------- other platforms


@pytest.mark.parametrize(
    ("path", "student", "within"),
    [
        ("Amina Berrada - tiny.ipynb", "amina.berrada", "tiny.ipynb"),  # Google Classroom
        ("Jean-Paul Martin - Copy of tiny.ipynb", "jp.martin", "Copy of tiny.ipynb"),
        ("MARTIN Jean-Paul - Week 1 - tiny.ipynb", "jp.martin", "Week 1 - tiny.ipynb"),
        ("Nora El-Amrani/week1/Version 2/tiny.ipynb", "nora.el", "Version 2/tiny.ipynb"),  # Teams
        ("El-Amrani_Nora_nora.el_98765/tiny.ipynb", "nora.el", "tiny.ipynb"),  # ILIAS
        ("O'Brien, Sinéad(s.obrien)/Submission attachment(s)/tiny.ipynb", "s.obrien", "tiny.ipynb"),  # Sakai
        ("O'Brien, Sinéad (s.obrien)/tiny.ipynb", "s.obrien", "tiny.ipynb"),
        ("123-456 - Sinéad O'Brien - Nov 20, 2026 1130 PM/tiny.ipynb", "s.obrien", "tiny.ipynb"),  # Brightspace
        ("123-456 - Jean-Paul Martin - 20 November, 2026 930 AM - tiny.ipynb", "jp.martin", "tiny.ipynb"),
        ("amina_berrada_shapes_1.ipynb", "amina.berrada", "shapes_1.ipynb"),
        ("someone else - tiny.ipynb", None, "someone else - tiny.ipynb"),
        # As people call their files: what it is about in front or behind, a copy, a number of the university's.
        ("week1_amina.berrada.ipynb", "amina.berrada", "week1_amina.berrada.ipynb"),
        ("TINY - BERRADA Amina.ipynb", "amina.berrada", "TINY - BERRADA Amina.ipynb"),
        ("Week 1 - Amina Berrada - tiny.ipynb", "amina.berrada", "Week 1 - Amina Berrada - tiny.ipynb"),
        ("tiny (Amina Berrada).ipynb", "amina.berrada", "tiny (Amina Berrada).ipynb"),
        ("nora.el-tiny.ipynb", "nora.el", "nora.el-tiny.ipynb"),
        ("week1-nora.el/tiny.ipynb", "nora.el", "tiny.ipynb"),
        ("Amina Berrada (1).ipynb", "amina.berrada", "Amina Berrada (1).ipynb"),
        ("Copie de Amina Berrada.ipynb", "amina.berrada", "Copie de Amina Berrada.ipynb"),
        ("20231234 - Amina Berrada/tiny.ipynb", "amina.berrada", "tiny.ipynb"),
        ("Amina Berrada 20231234/tiny.ipynb", "amina.berrada", "tiny.ipynb"),
        ("nora.el.ipynb.json", "nora.el", "nora.el.ipynb.json"),
        ("Amina%20Berrada/tiny.ipynb", "amina.berrada", "tiny.ipynb"),
        ("week1_someone.ipynb", None, "week1_someone.ipynb"),
        ("my week1_amina.berrada.ipynb", None, "my week1_amina.berrada.ipynb"),
        ("week1_amina.berrada_jp.martin.ipynb", None, "week1_amina.berrada_jp.martin.ipynb"),
        ("jp.martin_week1_amina.berrada.ipynb", "jp.martin", "week1_amina.berrada.ipynb"),
        ("501/tiny.ipynb", None, "tiny.ipynb"),
    ],
)
def test_names_of_other_platforms(path, student, within):
    place = place_of(path, Roster(CLASS), "week1", ["tiny"], platform=platform_of([path]))
    assert (set(place.students), place.path) == ({student} if student else set(), within)


def test_two_files_of_a_student_are_one_submission_however_they_are_called(course, tmp_path):
    names = {f"week1_{name}": name.encode() for name in ("nora.el.ipynb", "nora.el.pdf")}
    report = collect(
        course, tiny.NAME, pack(tmp_path, names | {"Jean-Paul Martin.ipynb": b"1", "Jean-Paul Martin (1).ipynb": b"2"})
    )
    assert report.new == ("jp.martin", "nora.el") and report.complete
    assert set(files(course, "nora.el")) == {"week1_nora.el.ipynb", "week1_nora.el.pdf"}
    assert set(files(course, "jp.martin")) == {"Jean-Paul Martin.ipynb", "Jean-Paul Martin (1).ipynb"}


def test_blackboard(course, tmp_path):
    names = {
        "Week 1_jp.martin_attempt_2026-11-20-10-00-00_tiny.ipynb": b"old",
        "Week 1_jp.martin_attempt_2026-11-21-10-00-00_tiny.ipynb": b"new",
        "Week 1_jp.martin_attempt_2026-11-21-10-00-00.txt": b"Name: Jean-Paul Martin",
        "Week 1_nobody_attempt_2026-11-21-10-00-00_a_b.ipynb": b"?",
    }
    report = collect(course, tiny.NAME, pack(tmp_path, names))
    assert report.new == ("jp.martin",)
    assert files(course, "jp.martin") == {"tiny.ipynb": b"new", f"{TYPED}/attempt.txt": b"Name: Jean-Paul Martin"}
    assert [one.file.split("_")[1] for one in report.unmatched] == ["nobody"]


METADATA = """\
---
submission_11:
  :submitters:
  - :name: Amina B.
    :sid: ''
    :email: amina.berrada@students.example
  :created_at: 2026-11-20 22:30:15.123456000 Z
  :score: 1.0
  :results:
    :tests:
    - :output: |-
        submission_12:
          :submitters:
          - :email: nora.el@students.example
submission_12:
  :submitters:
  - :name: "Sin\\u00e9ad O'Brien"
    :sid:
    :email: sinead@elsewhere.example
  :created_at: 2026-11-21 08:00:00.000000000 Z
submission_13:
  :submitters:
  - :name: 'Jean-Paul Martin'
    :sid: '502'
  - :name: Nora El-Amrani
  :created_at: 2026-11-21 08:00:00.000000000 Z
"""


def test_gradescope(course, tmp_path):
    names = {f"assignment_9_export/submission_{number}/tiny.ipynb": str(number).encode() for number in (11, 12, 13, 14)}
    download = pack(tmp_path, {"assignment_9_export/submission_metadata.yml": METADATA.encode(), **names})
    report = collect(course, tiny.NAME, download)
    assert report.new == ("amina.berrada", "s.obrien")
    assert files(course, "s.obrien") == {"tiny.ipynb": b"12"}
    assert stamp(course, "amina.berrada") == "2026-11-20 22:30:15 UTC"
    assert not any("no zone" in doubt for doubt in report.doubts)
    assert [one.reason.split(";")[0] for one in report.unmatched] == [
        "it fits more than one student: jp.martin, nora.el",
        "nobody on the roster is called so",
    ]


def test_gradescope_without_its_metadata_says_what_is_wanting(course, tmp_path):
    report = collect(
        course, tiny.NAME, pack(tmp_path, {"e/submission_11/tiny.ipynb": b"", "e/submission_12/a.ipynb": b""})
    )
    assert all("submission_metadata.yml" in one.reason for one in report.unmatched)


# ---------------------------------------------------------------- what is around it all


@pytest.mark.parametrize(
    "names",
    [
        ["./nora.el/tiny.ipynb", "./jp.martin/tiny.ipynb"],
        ["week1/submissions/nora.el/tiny.ipynb", "week1/submissions/jp.martin/tiny.ipynb"],
        [
            "a/b/c/nora.el/tiny.ipynb",
            "a/b/c/jp.martin/tiny.ipynb",
            "__MACOSX/a/b/c/nora.el/._tiny.ipynb",
            "a/.DS_Store",
        ],
        ["LISEZMOI.txt", "week1/nora.el/tiny.ipynb", "week1/jp.martin/tiny.ipynb"],
        ["Groupe A/nora.el/tiny.ipynb", "Groupe B/jp.martin/tiny.ipynb"],
        ["Groupe A/nora.el_tiny.ipynb", "Groupe B/week1_jp.martin.ipynb"],
        ["nora.el/tiny.ipynb", "nora.el/.venv/lib/os.py", "nora.el/~$essay.docx", "jp.martin/tiny.ipynb"],
    ],
)
@pytest.mark.parametrize("packed", [True, False])
def test_folders_around_the_students(course, tmp_path, names, packed):
    download = pack(tmp_path, dict.fromkeys(names, NOTEBOOK))
    if not packed:
        with zipfile.ZipFile(download) as archive:
            download = tmp_path / "unpacked"
            archive.extractall(download)
    report = collect(course, tiny.NAME, download)
    assert report.new == ("jp.martin", "nora.el")
    assert set(files(course, "nora.el")) == {"tiny.ipynb"}
    assert [one.file for one in report.unmatched] == [name for name in names if name.startswith("LISEZMOI")]


def test_a_folder_in_somebodys_submission_is_not_another_students(course, tmp_path):
    """Who is not on the roster does not hand in for one who is."""
    names = {f"stranger{i}/{name}": b"1" for i in range(3) for name in ("tiny.ipynb", "data.csv")}
    report = collect(
        course, tiny.NAME, pack(tmp_path, {**names, "eve/nora.el/tiny.ipynb": b"2", "eve/jp.martin.ipynb": b"3"})
    )
    assert report.new == () and {one.file.split("/")[0] for one in report.unmatched} >= {"eve", "stranger0"}


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive, not a zip archive: unpack it, and name its folder"),
        (b"Rar!\x1a\7", "a RAR archive"),
        (b"\x1f\x8b\x08", "a gzip"),
        (b"x" * 257 + b"ustar", "a tar archive"),
        (b"<!DOCTYPE html>", "a web page, not a zip archive: log in"),
        (NOTEBOOK, "a single file, not a zip archive: put it into a folder"),
        (b"PK\3\4" + b"x" * 400, "it breaks off; download it again"),
    ],
)
def test_a_download_that_is_no_zip_archive_is_told_as_what_it_is(course, tmp_path, capsys, head, words):
    download = tmp_path / "week1.zip"
    download.write_bytes(head + b"\0" * 300)
    assert cli.main(["--course", str(course.root), "collect", str(download)]) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1


def test_a_download_with_nothing_or_another_download_in_it_says_so(course, tmp_path):
    assert "there is no file in the download" in collect(course, tiny.NAME, pack(tmp_path, {})).doubts
    report = collect(course, tiny.NAME, pack(tmp_path, {"week1-download.zip": b"PK\3\4"}))
    assert report.unmatched[0].reason.endswith("if it is a download itself, collect it by itself")


def test_an_entry_that_python_cannot_unpack_is_not_called_damaged(course, tmp_path):
    """Windows packs what is larger than 2 GB by deflate64."""
    path = pack(tmp_path, {"nora.el/tiny.ipynb": NOTEBOOK})
    content = bytearray(path.read_bytes())
    for marker, offset in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        content[content.index(marker) + offset] = 9
    path.write_bytes(bytes(content))
    assert "packed in a way that Python does not know" in collect(course, tiny.NAME, path).refused[0].reason


# ---------------------------------------------------------------- who is who


def test_a_person_says_who_is_who(course, tmp_path):
    download = pack(tmp_path, {"IMG 2031.ipynb": b"1", "homework (final)/a/tiny.ipynb": b"2", "=cmd|x.ipynb": b"3"})
    report = collect(course, tiny.NAME, download)
    assert len(report.unmatched) == 3
    assert list(report.lines())[-1] == (
        f"To say who is who, fill in the column student id of {course.root}/classroom-who-is-who.csv, and run the same "
        "command again."
    )
    rows = table(course)
    assert [row["name in the download"] for row in rows] == ["IMG 2031.ipynb", "homework (final)", "'=cmd|x.ipynb"]
    answers = {"IMG 2031.ipynb": "nora.el", "homework (final)": "Martin, Jean-Paul", "'=cmd|x.ipynb": "nobody"}
    for row in rows:
        row["student id"] = answers[row["name in the download"]]
    rows.append({**rows[0], "assignment": "week2", "student id": "s.obrien"})
    write(course, rows, ";", "cp1252")  # as a spreadsheet may save it
    report = collect(course, tiny.NAME, download)
    assert report.new == ("jp.martin", "nora.el")
    assert files(course, "jp.martin") == {"a/tiny.ipynb": b"2"}
    assert "classroom-who-is-who.csv: nobody on the roster is called 'nobody'" in report.doubts
    assert [(row["assignment"], row["student id"]) for row in table(course)] == [
        ("week2", "s.obrien"),
        (tiny.NAME, "nora.el"),
        (tiny.NAME, "Martin, Jean-Paul"),
        (tiny.NAME, "nobody"),
    ]


def write(course, rows, delimiter, encoding):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    (Path(course.root) / "classroom-who-is-who.csv").write_bytes(text.getvalue().encode(encoding))


def test_nothing_is_asked_when_all_are_known(course, tmp_path):
    report = collect(course, tiny.NAME, pack(tmp_path, {"nora.el/tiny.ipynb": b"1"}))
    assert report.ask == "" and not (Path(course.root) / "classroom-who-is-who.csv").exists()


# ---------------------------------------------------------------- clocks


def late(course, tmp_path, **options):
    names = {MOODLE.format("Amina Berrada", 4101) + "tiny.ipynb": NOTEBOOK}
    return collect(course, tiny.NAME, pack(tmp_path, names, (2026, 11, 20, 23, 30, 0)), **options)


def test_the_zone_that_was_assumed_is_said(course, tmp_path):
    (doubt,) = late(course, tmp_path).doubts
    assert "2026-11-20 23:30 was taken for this machine's time (UTC" in doubt and "--zone Africa/Casablanca" in doubt


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        ("Africa/Casablanca", "2026-11-20 22:30:00 UTC"),
        ("UTC", "2026-11-20 23:30:00 UTC"),
        ("America/New_York", "2026-11-21 04:30:00 UTC"),
        ("+05:30", "2026-11-20 18:00:00 UTC"),
        ("-0330", "2026-11-21 03:00:00 UTC"),
    ],
)
def test_the_zone_can_be_told(course, tmp_path, zone, utc):
    assert late(course, tmp_path, zone=zone).doubts == ()
    assert stamp(course, "amina.berrada") == utc


def test_the_zone_can_stand_in_the_courses_configuration(course, tmp_path):
    with (Path(course.root) / "nbgrader_config.py").open("a") as file:
        file.write("c.Collect.zone = 'Africa/Casablanca'\n")
    assert late(open_course(course.root), tmp_path).doubts == ()
    assert stamp(course, "amina.berrada") == "2026-11-20 22:30:00 UTC"


def test_a_zone_told_later_corrects_the_time(course, tmp_path):
    late(course, tmp_path, zone="UTC")
    report = late(course, tmp_path, zone="Africa/Casablanca")
    assert report.replaced == (
        "amina.berrada: the same work, now of 2026-11-20 22:30 UTC, not of 2026-11-20 23:30 UTC",
    )
    assert stamp(course, "amina.berrada") == "2026-11-20 22:30:00 UTC"
    assert late(course, tmp_path, zone="Africa/Casablanca").unchanged == ("amina.berrada",)


@pytest.mark.parametrize("zone", ["Marocco", "../../etc/passwd", "+25:00", "\0"])
def test_a_zone_that_does_not_exist(course, tmp_path, zone):
    with pytest.raises(CannotCollect, match="there is no time zone called"):
        late(course, tmp_path, zone=zone)


def test_a_zone_on_the_command_line(course, tmp_path, capsys):
    download = pack(tmp_path, {MOODLE.format("Amina Berrada", 4101) + "tiny.ipynb": NOTEBOOK})
    assert cli.main(["--course", str(course.root), "collect", str(download), "--zone", "Africa/Casablanca"]) == 0
    assert stamp(course, "amina.berrada") == "2026-11-20 09:00:00 UTC"
    assert cli.main(["--course", str(course.root), "collect", str(download), "--zone", "Nowhere"]) == 2
    assert "no time zone called 'Nowhere'" in capsys.readouterr().err


def test_times_that_carry_their_zone_need_none(course, tmp_path):
    """Info-ZIP's and Windows' extra fields are in UTC."""
    moment = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
    unix = struct.pack("<HHBl", 0x5455, 5, 1, int(moment.timestamp()))
    ticks = (int(moment.timestamp()) + 11_644_473_600) * 10**7
    windows = struct.pack("<HHLHHQQQ", 0x000A, 32, 0, 1, 24, ticks, ticks, ticks)
    names = {("nora.el/tiny.ipynb", unix): b"1", ("jp.martin/tiny.ipynb", windows): b"2"}
    report = collect(course, tiny.NAME, pack(tmp_path, names), zone="Asia/Tokyo")
    assert {stamp(course, student) for student in ("nora.el", "jp.martin")} == {"2026-11-20 22:30:00 UTC"}
    assert report.doubts == ()


def test_a_time_that_nothing_tells_is_said(course, tmp_path):
    report = collect(course, tiny.NAME, pack(tmp_path, {"nora.el/tiny.ipynb": b"1"}, (1980, 1, 1, 0, 0, 0)))
    assert report.doubts == ("nothing tells when nora.el handed in, so not whether that was late",)


@pytest.mark.parametrize(
    ("written", "when", "stored"),
    [
        (b"1999-01-01 00:00:00 UTC", MORNING, "2026-11-20 10:00:00 UTC"),
        (b"2026-11-21 00:00:00 UTC", MORNING, "2026-11-21 00:00:00 UTC"),  # nbgrader's own: never before the files
        (b"1999-01-01 00:00:00 UTC", (1980, 1, 1, 0, 0, 0), None),
        (b"nonsense", MORNING, "2026-11-20 10:00:00 UTC"),
    ],
)
@pytest.mark.parametrize("inside", ["nora.el/", f"nora.el/{tiny.NAME}/", "nora.el_"])
def test_a_time_that_the_student_may_have_written_makes_nothing_earlier(
    course, tmp_path, inside, written, when, stored
):
    names = {f"{inside}tiny.ipynb": b"1", f"{inside}timestamp.txt": written}
    report = collect(course, tiny.NAME, pack(tmp_path, names, when), zone="UTC")
    assert ("timestamp.txt" in read_folder(folder(course, "submitted", tiny.NAME, "nora.el"))) == bool(stored)
    if stored:
        assert stamp(course, "nora.el") == stored
    if stored is None or not stored.startswith("2026-11-21"):
        assert "may have written does not count" in report.ignored[0].reason


# ---------------------------------------------------------------- rosters that cannot be read


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read"),
        (b"PK\x03\x04", "roster.csv: the roster is a workbook"),
        (b"Statut\nx\n", "roster.csv: no column of the roster says who is who"),
    ],
)
def test_a_roster_that_cannot_be_used_is_named(course, tmp_path, content, words):
    roster = tmp_path / "roster.csv"
    if content is not None:
        roster.write_bytes(content)
    with pytest.raises(CannotCollect, match=words):
        collect(course, tiny.NAME, pack(tmp_path, {}), rosters=[roster])


def test_a_bad_row_is_told_and_the_class_collected(course, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "Identifier,Full name,Email address\nParticipant 7,,\nParticipant 4101,,nora.el@students.example\n"
    )
    download = pack(tmp_path, {MOODLE.format("X", 4101) + "tiny.ipynb": NOTEBOOK})
    report = collect(course, tiny.NAME, download, rosters=[roster], zone="UTC")
    assert report.new == ("nora.el",)
    assert report.doubts == (
        "roster.csv: row 2 of the roster is about nobody known and has neither an id nor an e-mail address",
    )


def test_platforms_have_one_word():
    roster = Roster([*CLASS, Student("x", (), ("participant 9",))])
    found = [
        place_of(path, roster, "week1", platform=platform_of([path])).platform
        for path in (
            "x/a",
            "A_9_assignsubmission_file_/a",
            "a_501_1_b",
            "submission_1/a",
            "1_x_attempt_2026-01-01-01-01-01_a",
        )
    ]
    assert found == [Platform.PLAIN, Platform.MOODLE, Platform.CANVAS, Platform.GRADESCOPE, Platform.BLACKBOARD]
