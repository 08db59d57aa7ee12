"""Collecting: what Moodle, Canvas and people make of a class, and archives that mean harm."""

import io
import os
import stat
import struct
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbgrader.api import Gradebook

from classroom.assignment import load
from classroom.collect import collect
from classroom.course import folder
from classroom.download import Bounds
from classroom.intake import intake
from classroom.model import CannotCollect, Refused
from classroom.platforms import Place, Platform, place_of
from classroom.roster import Roster, Student
from classroom.rostertable import read_roster
from classroom.sources import SOURCES
from classroom.submission import REFUSED_BY_COLLECT, read_folder
from classroom.whoiswho import WHO_IS_WHO

sys.path.insert(0, str(Path(__file__).parent))
from test_assignment import make_course

STUDENTS = [
    {"id": "ada", "first_name": "Ada", "last_name": "Lovelace", "email": "ada@uni.test", "lms_user_id": "501"},
    {"id": "jose", "first_name": "José", "last_name": "van der Berg"},
    {"id": "ann", "first_name": "Anne-Marie", "last_name": "Doe", "lms_user_id": "503"},
    {"id": "tw1", "first_name": "Sam", "last_name": "Twin"},
    {"id": "tw2", "first_name": "Sam", "last_name": "Twin"},
    {"id": "12345", "first_name": "Nu", "last_name": "Mber"},
]
MOODLE_FOLDER = "{}_{}_assignsubmission_file_/"


@pytest.fixture
def course(tmp_path):
    course = make_course(tmp_path / "course")
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for student in STUDENTS:
            gradebook.add_student(student["id"], **{k: v for k, v in student.items() if k != "id"})
    return course


def pack(tmp_path, entries, name="download.zip", when=(2026, 1, 2, 10, 0, 0)):
    """A zip of {path: bytes} or of (ZipInfo, bytes)."""
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in entries.items() if isinstance(entries, dict) else entries:
            if isinstance(entry, str):
                entry = zipfile.ZipInfo(entry, when)
                entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return path


def there(course, student, assignment="ps1"):
    """What was collected for a student, without the time."""
    found = read_folder(folder(course, "submitted", assignment, student))
    if isinstance(found, Refused):
        return None
    return {path: data for path, data in found.items() if path != "timestamp.txt"}


def stamp(course, student):
    return (folder(course, "submitted", "ps1", student) / "timestamp.txt").read_text()


def nothing_else(course, tmp_path, *students):
    """No folder but those of the students, and nothing written beside the course."""
    submitted = Path(course.root) / "submitted"
    assert {path.name for path in submitted.iterdir()} == set(students) if submitted.exists() else not students
    assert {path.name for path in tmp_path.iterdir()} <= {"course", "download.zip", "download", "secret"}


# ---------------------------------------------------------------- platforms


def test_moodle_in_folders(course, tmp_path):
    report = collect(
        course,
        "ps1",
        pack(
            tmp_path,
            {
                MOODLE_FOLDER.format("Ada Lovelace", 9001) + "shapes.ipynb": b"ada's",
                MOODLE_FOLDER.format("Ada Lovelace", 9001) + "data/my.csv": b"1",
                MOODLE_FOLDER.format("JOSE van der Berg", 9002) + "shapes.ipynb": b"jose's",
                MOODLE_FOLDER.format("Group A-Anne-Marie Doe", 9003) + "shapes.ipynb": b"ann's",
                "Ada Lovelace_9001_assignsubmission_onlinetext_/onlinetext.html": b"<p>hello",
                MOODLE_FOLDER.format("No Body", 9004) + "shapes.ipynb": b"whose?",
                MOODLE_FOLDER.format("Sam Twin", 9005) + "shapes.ipynb": b"which?",
            },
        ),
    )
    assert report.new == ("ada", "jose")
    assert there(course, "ada") == {
        "shapes.ipynb": b"ada's",
        "data/my.csv": b"1",
        "typed-into-the-platform/onlinetext.html": b"<p>hello",
    }
    assert there(course, "jose") == {"shapes.ipynb": b"jose's"}
    assert [one.file.split("_")[0] for one in report.unmatched] == ["Group A-Anne-Marie Doe", "No Body", "Sam Twin"]
    assert "worksheet as a roster tells by the number" in report.unmatched[0].reason
    assert report.unmatched[2].reason == "it fits more than one student: tw1, tw2"
    assert any("time of the download" in doubt for doubt in report.doubts)
    assert report.typed == ("ada: typed-into-the-platform/onlinetext.html",)
    assert report.ignored == ()
    assert report.missing == ("12345", "ann", "tw1", "tw2")
    assert not report.complete
    nothing_else(course, tmp_path, "ada", "jose")


def test_a_file_name_that_imitates_moodle_is_its_owners(course, tmp_path):
    """Names of files are the students' own; names of people never hold an underscore there."""
    fake = "Ada Lovelace_9001_assignsubmission_file_x-JOSE van der Berg_9002_assignsubmission_file_shapes.ipynb"
    real = "JOSE van der Berg_9002_assignsubmission_file_shapes.ipynb"
    collect(course, "ps1", pack(tmp_path, {real: b"jose's", fake: b"ada's"}))
    assert there(course, "jose") == {"shapes.ipynb": b"jose's"}
    assert b"ada's" in there(course, "ada").values()


def test_part_of_a_name_is_no_name(course, tmp_path):
    report = collect(
        course, "ps1", pack(tmp_path, {MOODLE_FOLDER.format("Jean-Ada Lovelace", 7) + "shapes.ipynb": b"1"})
    )
    assert not report.new and report.unmatched


@pytest.mark.parametrize("name", ["timestamp.txt/x.txt", "refused-by-collect.txt/x.txt"])
def test_a_folder_with_the_name_of_a_file_of_ours_costs_its_owner_only(course, tmp_path, name):
    names = {MOODLE_FOLDER.format("Ada Lovelace", 9001) + file: b"1" for file in ("shapes.ipynb", name)}
    names[MOODLE_FOLDER.format("JOSE van der Berg", 9002) + "shapes.ipynb"] = b"jose's"
    report = collect(course, "ps1", pack(tmp_path, names))
    assert "jose" in report.new
    assert [one.reason for one in report.refused] == ["no file may have this name"]


def test_names_in_utf_8_that_the_archive_does_not_declare(course, tmp_path):
    path = pack(tmp_path, {MOODLE_FOLDER.format("José van der Berg", 1) + "été.ipynb": b"1"})
    content = bytearray(path.read_bytes())
    for marker, offset in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        content[content.index(marker) + offset] &= ~0x08
    path.write_bytes(bytes(content))
    assert collect(course, "ps1", path).new == ("jose",)
    assert there(course, "jose") == {"été.ipynb": b"1"}


def test_moodle_without_folders_and_in_a_folder_around_it_all(course, tmp_path):
    report = collect(
        course, "ps1", pack(tmp_path, {"PS1-2026/Ada Lovelace_9001_assignsubmission_file_my work.ipynb": b"1"})
    )
    assert report.new == ("ada",)
    assert there(course, "ada") == {"my work.ipynb": b"1"}


def test_moodle_participants_by_the_grading_worksheet(course, tmp_path):
    """Anonymous submissions, and twins: the worksheet has the numbers."""
    worksheet = tmp_path / "secret"
    worksheet.write_bytes(
        "\ufeffIdentifier,Full name,Email address,ID number,Grade\n"
        "Participant 9001,Ada Lovelace,ada@uni.test,,\n"
        "Participant 9005,Sam Twin,sam@uni.test,tw2,\n"
        "Participant 9009,New Comer,new@uni.test,,\n".encode()
    )
    names = {
        MOODLE_FOLDER.format("Participant 9001", 9001) + "shapes.ipynb": b"a",
        MOODLE_FOLDER.format("Sam Twin", 9005) + "shapes.ipynb": b"t",
        MOODLE_FOLDER.format("Group A-New Comer", 9009) + "shapes.ipynb": b"n",
        MOODLE_FOLDER.format("Participant 12345", 12345) + "shapes.ipynb": b"not the student 12345",
    }
    report = collect(course, "ps1", pack(tmp_path, names), rosters=[worksheet])
    assert report.new == ("ada", "new@uni.test", "tw2")
    assert [one.file[:17] for one in report.unmatched] == ["Participant 12345"]


def test_moodle_number_and_name_that_contradict_each_other(course, tmp_path):
    worksheet = tmp_path / "secret"
    worksheet.write_text("Identifier,Email address\nParticipant 9001,ada@uni.test\n")
    names = {MOODLE_FOLDER.format("Anne-Marie Doe", 9001) + "shapes.ipynb": b"?"}
    report = collect(course, "ps1", pack(tmp_path, names), rosters=[worksheet])
    assert report.unmatched[0].reason == "it fits more than one student: ada, ann"


def test_canvas(course, tmp_path):
    report = collect(
        course,
        "ps1",
        pack(
            tmp_path,
            {
                "lovelaceada_501_70001_shapes.ipynb": b"old",
                "lovelaceada_501_70009_shapes-1.ipynb": b"new",
                "lovelaceada_501_70008_run-1.csv": b"kept as it is",
                "lovelaceada_501_70007_draft-2.ipynb": b"so is this",
                "vanderbergjose_LATE_502_70002_my_own_name.ipynb": b"jose's",
                "doeannemarie_503_70003_shapes.ipynb": b"ann's",
                "somebody_12345_70004_shapes.ipynb": b"not the student 12345",
                "twinsam_777_70005_shapes.ipynb": b"which?",
            },
        ),
    )
    assert report.new == ("ada", "ann", "jose")
    assert report.late == ("jose",)
    assert there(course, "ada") == {
        "shapes.ipynb": b"new",
        "run-1.csv": b"kept as it is",
        "draft-2.ipynb": b"so is this",
    }
    assert there(course, "jose") == {"my_own_name.ipynb": b"jose's"}
    assert [(one.file, one.reason) for one in report.ignored] == [
        ("lovelaceada_501_70001_shapes.ipynb", "an older shapes.ipynb of ada")
    ]
    assert [one.file.split("_")[0] for one in report.unmatched] == ["somebody", "twinsam"]


def test_canvas_gradebook_as_roster(course, tmp_path):
    roster = tmp_path / "secret"
    roster.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section\n"
        "    Points Possible,,,,\n"
        '"Twin, Sam",777,,tw2,one\n'
        '"Comer, New",778,,newcomer,one\n'
        '"Student, Test",779,,x,one\n'
    )
    names = {"twinsam_777_1_shapes.ipynb": b"t", "comernew_778_2_shapes.ipynb": b"n", "studenttest_779_3_s.ipynb": b""}
    report = collect(course, "ps1", pack(tmp_path, names), rosters=[roster])
    assert report.new == ("newcomer", "tw2")
    assert len(report.unmatched) == 1


@pytest.mark.parametrize("packed", [True, False])
def test_plain_folders_and_files(course, tmp_path, packed):
    names = {
        "ada/shapes.ipynb": b"1",
        "ann/ps1/shapes.ipynb": b"2",
        "ann/ps1/timestamp.txt": b"2025-05-05 05:05:05 UTC",
        "jose.ipynb": b"3",
        "tw1_shapes.ipynb": b"4",
        "12345_a_b.ipynb": b"5",
        "readme.txt": b"x",
        "ada/.ipynb_checkpoints/shapes-checkpoint.ipynb": b"x",
    }
    if packed:
        download = pack(tmp_path, names)
    else:
        download = tmp_path / "download"
        for name, data in names.items():
            (download / name).parent.mkdir(parents=True, exist_ok=True)
            (download / name).write_bytes(data)
    report = collect(course, "ps1", download)
    assert report.new == ("12345", "ada", "ann", "jose", "tw1")
    assert [there(course, student) for student in report.new] == [
        {"a_b.ipynb": b"5"},
        {"shapes.ipynb": b"1"},
        {"shapes.ipynb": b"2"},
        {"jose.ipynb": b"3"},
        {"shapes.ipynb": b"4"},
    ]
    assert not stamp(course, "ann").startswith("2025")  # the student may have written it
    assert [one.file for one in report.ignored] == ["ann/ps1/timestamp.txt"]
    assert [one.file for one in report.unmatched] == ["readme.txt"]


def test_without_any_roster_folders_are_ids(tmp_path):
    course = make_course(tmp_path / "course")
    report = collect(course, "ps1", pack(tmp_path, {"zoe/shapes.ipynb": b"", "max/shapes.ipynb": b"", "x.ipynb": b""}))
    assert report.new == ("max", "zoe")
    assert [one.file for one in report.unmatched] == ["x.ipynb"]


def test_an_unknown_assignment_is_refused(course, tmp_path):
    with pytest.raises(CannotCollect, match="no assignment called 'ps9'"):
        collect(course, "ps9", pack(tmp_path, {}))


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04broken", b"{}"])
def test_what_is_no_archive_is_refused(course, tmp_path, content):
    path = tmp_path / "download.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CannotCollect, match=r"download.zip"):
        collect(course, "ps1", path)


def test_what_was_collected_is_taken_in(course, tmp_path):
    ps1 = load(course, "ps1")
    released = (Path(course.root) / "release" / "ps1" / "shapes.ipynb").read_bytes()
    link = zipfile.ZipInfo("ada/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    collect(
        course,
        "ps1",
        pack(tmp_path, [("ada/shapes.ipynb", released), (link, "/etc/passwd"), ("ann/a.ipynb", released)]),
    )
    assert intake(ps1, read_folder(folder(course, "submitted", "ps1", "ann"))).repairs == (
        "the file was called 'a.ipynb'",
    )
    assert intake(ps1, read_folder(folder(course, "submitted", "ps1", "ada"))) == Refused(
        "link", "this is a symbolic link"
    )


# ---------------------------------------------------------------- which of several submissions counts


def test_the_time_of_the_newest_file_is_the_submissions(course, tmp_path):
    one = zipfile.ZipInfo("ada/shapes.ipynb", (1980, 1, 1, 0, 0, 0))
    moment = int(datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC).timestamp())
    one.extra = struct.pack("<HHBl", 0x5455, 5, 1, moment)
    collect(course, "ps1", pack(tmp_path, [(one, b"1"), (zipfile.ZipInfo("ada/b.csv", (1980, 1, 1, 0, 0, 0)), b"2")]))
    assert stamp(course, "ada") == "2026-03-04 05:06:07 UTC\n"
    old = collect(course, "ps1", pack(tmp_path, {"ada/shapes.ipynb": b"x"}, when=(2026, 3, 1, 0, 0, 0)))
    new = collect(course, "ps1", pack(tmp_path, {"ada/shapes.ipynb": b"y"}, when=(2026, 3, 9, 0, 0, 0)))
    same = collect(course, "ps1", pack(tmp_path, {"ada/shapes.ipynb": b"y"}, when=(2026, 3, 10, 0, 0, 0)))
    assert (old.new, old.replaced, len(old.kept)) == ((), (), 1)
    assert old.kept[0].startswith("ada: of 2026-03-04 05:06 UTC, not replaced by one of 2026-0")
    assert not old.complete
    assert new.replaced[0].startswith("ada: of 2026-03-04 05:06 UTC by one of 2026-03-0")
    assert same.unchanged == ("ada",)
    assert there(course, "ada") == {"shapes.ipynb": b"y"}  # and what it had before is gone


def test_an_archive_without_times(course, tmp_path):
    collect(course, "ps1", pack(tmp_path, {"ada/shapes.ipynb": b"1"}, when=(1980, 1, 1, 0, 0, 0)))
    assert set(read_folder(folder(course, "submitted", "ps1", "ada"))) == {"shapes.ipynb"}


def test_force_replaces_what_is_newer(course, tmp_path):
    collect(course, "ps1", pack(tmp_path, {"ada/shapes.ipynb": b"new"}, when=(2026, 3, 9, 0, 0, 0)))
    older = pack(tmp_path, {"ada/shapes.ipynb": b"old"}, when=(2026, 3, 1, 0, 0, 0))
    assert len(collect(course, "ps1", older, force=True).replaced) == 1
    assert there(course, "ada") == {"shapes.ipynb": b"old"}


@pytest.mark.parametrize("before", ["", "nonsense", "99999999999999999999"])
def test_what_is_of_unknown_age_is_kept(course, tmp_path, before):
    home = folder(course, "submitted", "ps1", "ada")
    home.mkdir(parents=True)
    (home / "shapes.ipynb").write_bytes(b"by hand")
    (home / "timestamp.txt").write_text(before)
    report = collect(course, "ps1", pack(tmp_path, {"ada/shapes.ipynb": b"new"}))
    assert there(course, "ada") == {"shapes.ipynb": b"by hand"}
    assert report.kept[0].startswith("ada: of unknown age, not replaced")


def test_a_link_in_place_of_a_submission_is_left_alone(course, tmp_path):
    home = folder(course, "submitted", "ps1", "ada")
    home.parent.mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "x").write_text("x")
    home.symlink_to(tmp_path / "secret")
    download = pack(tmp_path, {"ada/shapes.ipynb": b"new"})
    assert "what is there is odd" in collect(course, "ps1", download).kept[0]
    assert len(collect(course, "ps1", download, force=True).replaced) == 1
    assert (tmp_path / "secret" / "x").exists() and not home.is_symlink()


def test_of_two_submissions_of_a_student_the_newer_counts(course, tmp_path):
    first, second = (
        zipfile.ZipInfo(f"{name}/shapes.ipynb", (2026, 1, day, 0, 0, 0))
        for name, day in (("ada", 1), ("Ada Lovelace", 2))
    )
    report = collect(course, "ps1", pack(tmp_path, [(second, b"2"), (first, b"1")]))
    assert there(course, "ada") == {"shapes.ipynb": b"2"}
    assert report.ignored == (Refused("ada", "an older submission of ada"),)


def test_two_submissions_of_the_same_age_need_a_person(course, tmp_path):
    report = collect(course, "ps1", pack(tmp_path, {"ada/shapes.ipynb": b"1", "Ada Lovelace/shapes.ipynb": b"2"}))
    assert "no telling which is newer" in report.refused[0].reason
    assert REFUSED_BY_COLLECT in there(course, "ada")


def test_a_time_that_a_student_wrote_does_not_count(course, tmp_path):
    folder = MOODLE_FOLDER.format("Ada Lovelace", 1)
    collect(
        course,
        "ps1",
        pack(tmp_path, {f"{folder}shapes.ipynb": b"", f"{folder}timestamp.txt": b"1999-01-01 00:00:00 UTC"}),
    )
    assert stamp(course, "ada").startswith("2026-01-0")


def test_a_run_that_was_killed_leaves_a_whole_submission(course, tmp_path, monkeypatch):
    """Whichever of the two renames is the last, the next run has the old one or the new one."""
    old = pack(tmp_path, {"ada/shapes.ipynb": b"old"}, when=(2026, 1, 1, 0, 0, 0))
    collect(course, "ps1", old)
    new = pack(tmp_path, {"ada/shapes.ipynb": b"new"}, when=(2026, 1, 9, 0, 0, 0))
    rename, calls = Path.rename, []

    def dying(self, target):
        if calls:
            raise KeyboardInterrupt
        calls.append(target)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", dying)
    with pytest.raises(KeyboardInterrupt):
        collect(course, "ps1", new)
    monkeypatch.undo()
    assert there(course, "ada") is None
    # An old download, which must not win over what was there.
    report = collect(course, "ps1", pack(tmp_path, {"ada/shapes.ipynb": b"older"}, when=(2025, 1, 1, 0, 0, 0)))
    assert there(course, "ada") == {"shapes.ipynb": b"old"} and len(report.kept) == 1
    assert [
        path.name for path in folder(course, "submitted", "ps1", "ada").parent.iterdir() if "old" in path.name
    ] == []


# ---------------------------------------------------------------- archives that mean harm


def special(name, mode):
    entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    entry.create_system = 3
    entry.external_attr = (mode | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../evil", "leads out of the folder"),
        ("ada/../../evil", "leads out of the folder"),
        ("/tmp/evil", "is absolute"),
        ("C:/evil", "is absolute"),
        ("ada/..\\..\\evil", "characters that no file should have"),
        ("ada/evil\nname", "characters that no file should have"),
        ("ada//evil", "empty part"),
        ("ada/./evil", "empty part"),
        ("ada/" + "d/" * 20 + "evil", "nested"),
        ("ada/" + "e" * 256, "too long"),
        ("ada/" + REFUSED_BY_COLLECT, "no file may have this name"),
    ],
)
def test_zip_slip(course, tmp_path, name, reason):
    report = collect(course, "ps1", pack(tmp_path, {name: b"evil", "ann/shapes.ipynb": b"honest"}))
    assert [reason in one.reason for one in report.refused] == [True], report.refused
    assert there(course, "ann") == {"shapes.ipynb": b"honest"}
    if name.startswith("ada"):
        assert list(there(course, "ada")) == [REFUSED_BY_COLLECT]  # not missing: a person must look
        nothing_else(course, tmp_path, "ada", "ann")
    else:
        nothing_else(course, tmp_path, "ann")
    assert not (tmp_path / "evil").exists() and not Path("/tmp/evil").exists()


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        (stat.S_IFLNK, "symbolic link"),
        (stat.S_IFIFO, "not a file"),
        (stat.S_IFCHR, "not a file"),
        (stat.S_IFSOCK, "not a file"),
    ],
)
@pytest.mark.parametrize("name", ["ada/odd", "ada/odd/"])
def test_links_and_devices(course, tmp_path, mode, reason, name):
    report = collect(course, "ps1", pack(tmp_path, [(special(name, mode), b"/etc/passwd"), ("ada/shapes.ipynb", b"1")]))
    assert reason in report.refused[0].reason and report.refused[0].file == name
    assert set(there(course, "ada")) == {"shapes.ipynb", REFUSED_BY_COLLECT}


def test_a_bomb_by_ratio_costs_its_owner_only(course, tmp_path):
    report = collect(course, "ps1", pack(tmp_path, {"ada/shapes.ipynb": b"\0" * 50_000_000, "ann/shapes.ipynb": b"1"}))
    assert report.refused == (Refused("ada/shapes.ipynb", "it unpacks to more than 200 times its size"),)
    assert list(there(course, "ada")) == [REFUSED_BY_COLLECT]
    assert there(course, "ann") == {"shapes.ipynb": b"1"}


def test_a_bomb_by_size_of_a_file_and_of_a_submission(course, tmp_path):
    download = pack(tmp_path, {"ada/a.ipynb": b"x" * 60, "ann/a": b"x" * 40, "ann/b": b"x" * 40, "tw1/a": b"x" * 40})
    report = collect(course, "ps1", download, bounds=Bounds(file=50, submission=70))
    assert [(one.file, one.reason) for one in report.refused] == [
        ("ada/a.ipynb", "it is larger than 0 MB"),
        ("ann/a", "the submission has more than 1000 files or 0 MB"),
    ]
    assert [list(there(course, who)) for who in ("ada", "ann", "tw1")] == [
        [REFUSED_BY_COLLECT],
        [REFUSED_BY_COLLECT],
        ["a"],
    ]


@pytest.mark.parametrize("bounds", [Bounds(total=100), Bounds(entries=1)])
def test_a_bomb_as_a_whole_writes_nothing(course, tmp_path, bounds):
    with pytest.raises(CannotCollect, match="more than"):
        collect(course, "ps1", pack(tmp_path, {"ada/a": b"x" * 60, "ann/a": b"x" * 60}), bounds=bounds)
    nothing_else(course, tmp_path)


@pytest.mark.parametrize("size", [0, 10, 2000])
def test_an_entry_that_lies_about_its_size(course, tmp_path, size):
    path = pack(tmp_path, {"ada/shapes.ipynb": b"x" * 1000, "ann/shapes.ipynb": b"1"})
    content = path.read_bytes()
    directory = content.index(b"PK\x01\x02")
    path.write_bytes(content[: directory + 24] + struct.pack("<L", size) + content[directory + 28 :])
    report = collect(course, "ps1", path)
    assert "damaged" in report.refused[0].reason or "size" in report.refused[0].reason
    assert list(there(course, "ada")) == [REFUSED_BY_COLLECT]
    assert there(course, "ann") == {"shapes.ipynb": b"1"}


def test_a_damaged_entry_and_an_encrypted_one(course, tmp_path):
    path = pack(tmp_path, {"ada/shapes.ipynb": os.urandom(500), "ann/shapes.ipynb": b"1", "tw1/shapes.ipynb": b"2"})
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    for marker, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        for _ in range(2):
            start = content.index(marker, start + 1)
        if marker == b"PK\x01\x02":
            start = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
        else:
            start = content.index(b"PK\x03\x04", 1)
        content[start + offset] |= 1
    path.write_bytes(bytes(content))
    report = collect(course, "ps1", path)
    assert [(one.file, one.reason.split(":")[0]) for one in report.refused] == [
        ("ada/shapes.ipynb", "it is damaged"),
        ("ann/shapes.ipynb", "it is encrypted"),
    ]
    assert there(course, "tw1") == {"shapes.ipynb": b"2"}


def test_a_name_that_is_there_twice(course, tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        download = pack(tmp_path, [("ada/shapes.ipynb", b"seen"), ("ada/shapes.ipynb", b"graded")])
    report = collect(course, "ps1", download)
    assert {one.reason for one in report.refused} == {"the archive has this name twice"}
    assert list(there(course, "ada")) == [REFUSED_BY_COLLECT]


def test_a_file_whose_name_is_another_ones_folder(course, tmp_path):
    report = collect(course, "ps1", pack(tmp_path, {"ada/x": b"", "ada/x/shapes.ipynb": b""}))
    assert report.refused == (Refused("ada/x", "another file's path goes through it"),)


@pytest.mark.parametrize("ending", ["zip", "tar.gz", "7z", "RAR"])
def test_archives_inside_are_not_opened(course, tmp_path, ending):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("../evil", b"")
    names = {f"ada/more.{ending}": inner.getvalue(), "ada/shapes.ipynb": b"1", f"ann/all.{ending}": inner.getvalue()}
    report = collect(course, "ps1", pack(tmp_path, names))
    assert [one.file for one in report.refused] == [f"ada/more.{ending}", f"ann/all.{ending}"]
    assert there(course, "ada") == {"shapes.ipynb": b"1", f"more.{ending}": inner.getvalue()}  # for whoever grades
    assert intake(load(course, "ps1"), there(course, "ann")) == Refused(
        "*", "an archive was handed in, not a notebook; it was not opened"
    )


def test_tricks_in_a_folder(course, tmp_path):
    download = tmp_path / "download"
    for student in ("ada", "ann", "tw1", "tw2"):
        (download / student).mkdir(parents=True)
        (download / student / "shapes.ipynb").write_bytes(b"1")
    (download / "ada" / "link").symlink_to("/etc/passwd")
    (download / "jose").symlink_to("/etc")
    os.mkfifo(download / "ann" / "pipe")
    (tmp_path / "secret").write_text("x")
    os.link(tmp_path / "secret", download / "tw1" / "hard")
    report = collect(course, "ps1", download)
    assert [(one.file, one.reason.split(":")[0]) for one in report.refused] == [
        ("ada/link", "this is a symbolic link"),
        ("ann/pipe", "this is not a file"),
        ("jose", "this is a symbolic link"),
        ("tw1/hard", "this is a hard link"),
    ]
    assert all(REFUSED_BY_COLLECT in there(course, student) for student in ("ada", "ann", "tw1"))
    assert there(course, "tw2") == {"shapes.ipynb": b"1"}


# ---------------------------------------------------------------- rosters


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("comma", [",", ";", "\t"])
def test_rosters_as_spreadsheets_write_them(encoding, comma):
    text = (
        comma.join(["ID", "First name", "Surname", "Email"]) + "\r\n" + comma.join(["z1", "Zoë", "Ng", "z@x"]) + "\r\n"
    )
    assert read_roster(text.encode(encoding)) == [Student("z1", ("Zoë Ng",), ("z1", "z@x"))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Full name\nAda\n", "row 2 of the roster is about nobody known"),
        ("id\n../x\n", "cannot be the name of a folder"),
        ("id\n.x\n", "cannot be the name of a folder"),
        ("id\na/b\n", "cannot be the name of a folder"),
        ("id\na\\b\n", "cannot be the name of a folder"),
    ],
)
def test_rosters_that_cannot_be_used(text, words):
    with pytest.raises(CannotCollect, match=words):
        read_roster(text.encode())


def test_a_mapping_of_ones_own_adds_to_the_gradebook():
    known = [Student("ada", ("Ada Lovelace",), ("ada@uni.test",))]
    found = read_roster(b"email,participant\nada@uni.test,9001\n", known)
    assert found == [Student("ada", ("Ada Lovelace",), ("ada@uni.test", "participant 9001"))]


def test_names_that_fit():
    roster = Roster([Student("a", ("José  VAN der Berg",)), Student("b", ("Berg, Ana",), ("b@x", "canvas 7"))])
    found = {
        path: place_of(path, roster, "ps1")
        for path in (
            "JOSE van der berg/x",
            "vanderbergjose_1_2_x",
            "berg-ana_LATE_7_9_x_y.ipynb",
            "B@X/ps1/x",
            "nobody/x",
        )
    }
    assert [sorted(one.students) for one in found.values()] == [["a"], ["a"], ["b"], ["b"], []]
    assert found["berg-ana_LATE_7_9_x_y.ipynb"] == Place(
        frozenset("b"), "x_y.ipynb", "berg-ana_7", Platform.CANVAS, "7", late=True, upload=9
    )
    assert found["B@X/ps1/x"].path == "x"


# ---------------------------------------------------------------- whatever the archive


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    names=st.lists(
        st.sampled_from(["ada/", "ann/", "../", "/", "ada/../", "", "Ada Lovelace_1_assignsubmission_file_/"]).flatmap(
            lambda head: st.text("ab./\\_é\x00\n:", max_size=6).map(lambda tail: head + tail)
        ),
        max_size=4,
        unique=True,
    ),
    mode=st.sampled_from([0, stat.S_IFREG, stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO]),
    damage=st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=3),
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_any_archive_is_collected_or_refused_and_nothing_lands_elsewhere(tmp_path_factory, names, mode, damage):
    tmp_path = tmp_path_factory.mktemp("any")
    course = make_course(tmp_path / "course")
    before = {path for path in tmp_path.rglob("*") if "submitted" not in path.parts}
    path = pack(tmp_path, [*((special(name, mode), b"x") for name in names), ("ada/shapes.ipynb", b"1")])
    content = bytearray(path.read_bytes())
    for position, byte in damage:
        content[position % len(content)] = byte
    path.write_bytes(bytes(content))
    roster = tmp_path / "roster.csv"
    roster.write_text("id,first_name,last_name\nada,Ada,Lovelace\nann,Anne-Marie,Doe\n")
    try:
        report = collect(course, "ps1", path, rosters=[roster])
    except CannotCollect:
        report = None
    after = {path for path in tmp_path.rglob("*") if "submitted" not in path.parts}
    assert after - before <= {path, roster, *(Path(course.root) / name for name in (SOURCES, WHO_IS_WHO))}
    submitted = Path(course.root) / "submitted"
    assert not submitted.exists() or {one.name for one in submitted.iterdir()} <= {"ada", "ann"}
    assert not any(one.is_symlink() for one in submitted.rglob("*"))
    if report:
        assert "\n".join(report.lines())
