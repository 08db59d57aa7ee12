"""A whole class through grade_assignment: one outcome each, skipping, the roster, and what stands in the way."""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path

import kernels
import pytest
import tiny
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde

from classroom import assignment as assignments
from classroom import cli
from classroom.course import CannotGrade, open_course
from classroom.execute import Jail, Pool
from classroom.feedback import feedback
from classroom.grade import basis, cores, digest, grade_assignment, submitted
from classroom.insight import Privacy, as_csv, insight
from classroom.judging import Judging
from classroom.model import Fate, Limits, Outcome, Ran
from classroom.outcomes import OUTCOMES, Outcomes, report
from classroom.submission import submitted_at


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return tiny.make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def fresh(course, tmp_path):
    return tiny.copy_course(course, tmp_path / "course")


def run(course, *, pool=None, **options) -> dict[str, Outcome]:
    found = grade_assignment(course, tiny.NAME, pool=pool or tiny.Plain(), progress=False, **options)
    assert [outcome.student for outcome in found] == sorted(outcome.student for outcome in found)
    return {outcome.student: outcome for outcome in found}


def enrol(course, *students: str) -> None:
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for student in students:
            gradebook.update_or_create_student(student)


def test_every_student_has_one_outcome(fresh):
    enrol(fresh, "absent", "amy")
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    tiny.submit(fresh, "bob", tiny.ANSWERS["stub"])
    tiny.submit(fresh, "cut", b'{"cells": [')
    tiny.submit(fresh, "bom", b"\xef\xbb\xbf" + (tiny.submit(fresh, "bom", {}) / "tiny.ipynb").read_bytes())
    (tiny.submit(fresh, "link", {}) / "shadow").symlink_to("/etc/passwd")
    (Path(fresh.root) / "submitted" / "linked").mkdir()
    (Path(fresh.root) / "submitted" / "linked" / tiny.NAME).symlink_to(Path(fresh.root) / "source" / tiny.NAME)
    (Path(fresh.root) / "submitted" / "mirror").symlink_to(Path(fresh.root) / "submitted" / "amy")
    (Path(fresh.root) / "submitted" / "file").mkdir()
    (Path(fresh.root) / "submitted" / "file" / tiny.NAME).write_text("a file, not a folder")
    (Path(fresh.root) / "submitted" / "other" / "week2").mkdir(parents=True)
    os.mkfifo(tiny.submit(fresh, "pipe", {}) / "fifo")
    outcomes = run(fresh)
    fates = {student: outcome.fate.name for student, outcome in outcomes.items()}
    assert fates == {
        "absent": "MISSING",
        "amy": "GRADED",
        "bob": "GRADED",
        "bom": "REPAIRED",
        "cut": "ATTENTION",
        "file": "ATTENTION",
        "link": "ATTENTION",
        "linked": "ATTENTION",
        "mirror": "ATTENTION",
        "pipe": "ATTENTION",
    }
    assert all(outcome.notes for outcome in outcomes.values() if outcome.fate is Fate.ATTENTION)
    assert tiny.rows(fresh).keys() == {"amy", "bob", "bom"}  # nobody else has rows that could be read as zeros
    stored = Outcomes(Path(fresh.root)).of(tiny.NAME)
    assert {student: entry.outcome for student, entry in stored.items()} == outcomes


def test_a_folder_that_begins_with_a_dot_has_an_outcome(fresh, capsys):
    """nbgrader passes it over without a word; what editors and systems leave behind is nobody's."""
    root = Path(fresh.root) / "submitted"
    enrol(fresh, "bob")
    for student in ("amy", "bob", "cleo", "dan", "eve"):
        tiny.submit(fresh, student, tiny.ANSWERS["right"])
    run(fresh, students=["eve"])
    (root / "amy").rename(root / ".amy")
    for student in ("bob", "eve"):
        (root / student / tiny.NAME).rename(root / student / f".{tiny.NAME}")
    (root / "cleo" / tiny.NAME).rename(root / "cleo" / f".{tiny.NAME}")
    (root / "cleo").rename(root / ".cleo")
    for litter in (".ipynb_checkpoints", ".git", ".DS_Store", "__MACOSX"):
        (root / litter / tiny.NAME).mkdir(parents=True)
        (root / "dan" / litter).mkdir()
    (root / ".Trash-1000" / "files").mkdir(parents=True)
    inside = root / "dan" / tiny.NAME
    (inside / ".mine").mkdir()
    (inside / "tiny.ipynb").rename(inside / ".mine" / "tiny.ipynb")
    outcomes = run(fresh)
    assert outcomes.keys() == {".amy", "bob", ".cleo", "dan", "eve"}
    assert outcomes["dan"].fate is Fate.REPAIRED and tiny.rows(fresh)["dan"]["score"] == 5.0
    for student, dotted in ((".amy", ".amy"), ("bob", ".week1"), (".cleo", ".week1"), ("eve", ".week1")):
        assert outcomes[student].fate is Fate.ATTENTION
        assert outcomes[student].notes[0].startswith(f"the name of the folder {dotted!r} begins with a dot")
    assert all(
        row[3] for key, row in tiny.rows(fresh)["eve"].items() if key[0] == "grade"
    )  # marks of another submission
    assert tiny.rows(fresh).keys() == {"dan", "eve"}
    with Gradebook(fresh.db_url, fresh.course_id) as gradebook:
        assert {student.id for student in gradebook.students} == {"bob", "dan", "eve"}
    assert run(fresh, students=[".amy"])[".amy"] == outcomes[".amy"]
    (root / ".amy").rename(root / "amy")
    (root / "bob" / f".{tiny.NAME}").rename(root / "bob" / tiny.NAME)
    assert [run(fresh)[student].fate for student in ("amy", "bob")] == [Fate.GRADED, Fate.GRADED]


def test_only_what_changed_is_graded_again(fresh):
    for student in ("amy", "bob"):
        tiny.submit(fresh, student, tiny.ANSWERS["right"])
    first = run(fresh)
    assert run(fresh, pool=(again := tiny.Plain())) == first and again.ran == []
    tiny.submit(fresh, "bob", tiny.ANSWERS["half"])
    run(fresh, pool=(again := tiny.Plain()))
    assert again.ran == ["bob/tiny"] and tiny.rows(fresh)["bob"]["score"] == 1.0
    run(fresh, pool=(again := tiny.Plain()), force=True)
    assert again.ran == ["amy/tiny", "bob/tiny"]
    run(fresh, pool=(again := tiny.Plain()), force=True, students=["amy"])
    assert again.ran == ["amy/tiny"]


def test_what_the_marks_depend_on_makes_them_be_found_again(fresh):
    """A timestamp, the due date, an extension, the tests, the limits, a lost gradebook or a lost notebook."""
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    run(fresh)

    def ran(**options) -> bool:
        run(fresh, pool=(again := tiny.Plain()), **options)
        settled = tiny.Plain()
        run(fresh, pool=settled, **options)
        assert not settled.ran
        return bool(again.ran)

    assert not ran()
    with Gradebook(fresh.db_url, fresh.course_id) as gradebook:
        gradebook.remove_submission(tiny.NAME, "amy")
    assert ran()
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"], "2026-03-02 12:00:00 UTC")
    assert ran()
    with Gradebook(fresh.db_url, fresh.course_id) as gradebook:
        gradebook.update_or_create_assignment(tiny.NAME, duedate="2026-03-01")
    assert ran()
    with Gradebook(fresh.db_url, fresh.course_id) as gradebook:
        gradebook.grant_extension(tiny.NAME, "amy", days=3)
    assert ran()
    assert ran(limits=Limits(memory=2**30))
    assert ran()
    for path in sorted((Path(fresh.root) / "autograded").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert ran()
    assert tiny.rows(fresh)["amy"]["score"] == 5.0


@pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux")
def test_half_a_character_in_an_output_stops_nobody(fresh):
    """A lone surrogate can be printed; no file, gradebook or page takes one."""
    half = "half = 'half ' + chr(0xD83D)\nprint(half)\nclass Half:\n    def __repr__(self): return half\n"
    double = half + "def double(x):\n    print(half)\n    raise ValueError(half)\nHalf()"
    tiny.submit(fresh, "amy", {**tiny.ANSWERS["right"], "double": double})
    outcome = run(fresh, pool=Pool(1, jail=Jail(warm=())))["amy"]
    assert (outcome.fate, outcome.notes) == (Fate.GRADED, ())
    assert tiny.rows(fresh)["amy"]["grade", "roots_score"][0] == 2
    (page,) = feedback(fresh, tiny.NAME)
    html = page.path.read_text(encoding="utf-8")
    assert html.count("half \ufffd") == 5, "what was printed, and the error in the task and in the notebook"


@pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux")
def test_a_loop_without_an_end_is_told_and_costs_its_own_points(fresh):
    for student in ("amy", "bob"):
        tiny.submit(fresh, student, {**tiny.ANSWERS["right"], "double": "def double(x):\n    while True: pass"})
    outcomes = run(fresh, pool=Pool(2, Limits(cell_seconds=1, seconds=20), jail=Jail(warm=())))
    for student, outcome in outcomes.items():
        assert outcome.fate is Fate.GRADED and len(outcome.notes) == 1
        assert outcome.notes[0].startswith("tiny: 'double_tests' ran for more than 1 seconds and was stopped")
        row = tiny.rows(fresh)[student]
        assert [row["grade", name][0] for name in ("double_tests", "roots_score", "total_tests")] == [0, 2, 1]
    assert "Worth knowing" in "\n".join(report(list(outcomes.values()), fresh, tiny.NAME))


def test_a_digest_sees_where_one_file_ends(fresh):
    parts = [{"ab": b"c"}, {"a": b"bc"}, {"a": b"b", "c": b""}, {"a": b"", "b": b"c"}, {}]
    seen = {digest(b"", "", files) for files in parts} | {digest(b"", "x", {}), digest(b"x", "", {})}
    assert len(seen) == 7
    one = assignments.load(fresh, tiny.NAME)
    where = [{}, {"tiny": Judging(frozenset(), {})}, {"tiny": Judging(frozenset(), {"double_tests": "for a reason"})}]
    assert len({basis(one, Limits(seconds=seconds), some) for seconds in (1, 2) for some in where}) == 6


def test_a_student_whose_folder_is_gone_keeps_the_marks(fresh):
    folder = tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    first = run(fresh)
    (folder / "tiny.ipynb").unlink()
    folder.rmdir()
    assert run(fresh) == first
    (Path(fresh.root) / OUTCOMES).unlink()
    assert run(fresh)["amy"].fate is Fate.GRADED
    assert tiny.rows(fresh)["amy"]["score"] == 5.0


def test_a_held_submission_is_done_when_a_person_looked(fresh):
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    tampered = tiny.Plain(lambda ran: Ran(ran.key, ran.notebook, tampering=("assert was replaced",)))
    assert run(fresh, pool=tampered)["amy"].fate is Fate.ATTENTION
    assert run(fresh)["amy"].fate is Fate.ATTENTION  # not graded again: nothing changed
    with Gradebook(fresh.db_url, fresh.course_id) as gradebook:
        for notebook in gradebook.find_submission(tiny.NAME, "amy").notebooks:
            for mark in notebook.grades:
                mark.manual_score, mark.needs_manual_grade = 1.0, False
        gradebook.db.commit()
    outcome = run(fresh)["amy"]
    assert outcome.fate is Fate.GRADED and outcome.notes[0] == "tiny: assert was replaced" and not outcome.tampering
    assert run(fresh)["amy"] == outcome == Outcomes(Path(fresh.root)).of(tiny.NAME)["amy"].outcome


def test_a_pool_that_loses_repeats_or_invents_results(fresh):
    for student in ("amy", "bob", "cleo"):
        tiny.submit(fresh, student, tiny.ANSWERS["right"])

    class Odd(tiny.Plain):
        def run(self, jobs):
            for ran in super().run(jobs):
                if ran.key != "bob/tiny":
                    yield ran
                    yield ran
            yield Ran("nobody/tiny", {})
            yield Ran("", {})

    outcomes = run(fresh, pool=Odd())
    assert [outcome.fate for outcome in outcomes.values()] == [Fate.GRADED, Fate.ATTENTION, Fate.GRADED]
    assert "run the same command again" in outcomes["bob"].notes[0]
    run(fresh, pool=(again := tiny.Plain()))
    assert again.ran == ["bob/tiny"]


def test_an_odd_timestamp_holds_the_marks_back(fresh):
    """Otherwise anyone could be in time by handing in a timestamp that nobody can read."""
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"], "the day before yesterday")
    outcome = run(fresh)["amy"]
    assert outcome.fate is Fate.ATTENTION and "timestamp.txt" in outcome.notes[0]
    assert tiny.rows(fresh)["amy"]["grade", "double_tests"] == (2.0, None, None, True)
    assert str(submitted_at({"timestamp.txt": b"2026-03-02 12:00:00 UTC\n"})[0]) == "2026-03-02 12:00:00"
    assert submitted_at({"timestamp.txt": b"\n"}) == submitted_at({}) == (None, "")
    assert submitted_at({"timestamp.txt": b"\xff\xfe"})[1]


def test_nbgraders_own_choice_of_students_holds(fresh):
    for student in ("amy", "bob", "ann"):
        tiny.submit(fresh, student, tiny.ANSWERS["stub"])
    fresh.student_id, fresh.student_id_exclude = "a*", "ann"
    assert run(fresh).keys() == {"amy"}


def test_other_folder_names_and_layouts(fresh, tmp_path):
    """Everything about places comes from nbgrader's configuration, glob characters and all."""
    root = tiny.copy_course(fresh, tmp_path / "cour[s]e *").root
    (Path(root) / "gradebook.db").rename(Path(root) / "marks.db")
    with (Path(root) / "nbgrader_config.py").open("a") as config:
        config.write("c.CourseDirectory.submitted_directory = 'in'\nc.CourseDirectory.autograded_directory = 'out'\n")
        config.write(f"c.CourseDirectory.db_url = {'sqlite:///' + root + '/marks.db'!r}\n")
    course = open_course(root)
    tiny.submit(course, "a.b+c", tiny.ANSWERS["right"])
    assert submitted(course, tiny.NAME) == {"a.b+c": Path(root) / "in" / "a.b+c" / tiny.NAME}
    assert grade_assignment(root, tiny.NAME, pool=tiny.Plain(), progress=False)[0].fate is Fate.GRADED
    assert (Path(root) / "out" / "a.b+c" / tiny.NAME / "tiny.ipynb").exists()


def test_what_stands_in_the_way_is_said(fresh):
    with pytest.raises(assignments.AssignmentError, match="generate_assignment week7"):
        grade_assignment(fresh, "week7", pool=tiny.Plain(), progress=False)
    with pytest.raises(CannotGrade, match="zoe"):
        run(fresh, students=["zoe"])
    assert run(fresh) == {}


def test_the_pool_is_not_opened_for_nothing(fresh):
    class Closed(tiny.Plain):
        def __enter__(self):
            raise AssertionError("opened")

    tiny.submit(fresh, "cut", b"{")
    assert run(fresh, pool=Closed())["cut"].fate is Fate.ATTENTION


def test_a_job_names_what_the_assignment_asks_for(fresh):
    tiny.submit(fresh, "amy", {"double": "def double(x):\n    return 2 * x\ndef max(x):\n    return x"})

    class Asked(tiny.Plain):
        def run(self, jobs):
            jobs = list(jobs)
            assert [job.asks for job in jobs] == [{"double", "roots"}]
            return super().run(jobs)

    assert run(fresh, pool=Asked())["amy"].fate is Fate.GRADED


def test_notebooks_are_read_and_let_go_one_at_a_time(fresh):
    """Memory is that of the submissions under way, not of the class."""
    text = {**tiny.ANSWERS["right"], "essay": "x" * 1_000_000}
    for number in range(12):
        tiny.submit(fresh, f"s{number:02}", text)

    peak = []

    class Watched(tiny.Plain):
        def run(self, jobs):
            for ran in super().run(jobs):
                yield ran
                peak.append(tracemalloc.get_traced_memory()[0])

    tracemalloc.start()
    try:
        run(fresh, pool=Watched())
    finally:
        tracemalloc.stop()
    assert peak[-1] - peak[1] < 4_000_000


def test_a_class_from_the_answer_bank_is_marked_as_by_stock_nbgrader(tmp_path):
    """The real exercise, the real pool in its sandbox, the real nbgrader: every row of every table is the same."""
    kernels.warm()
    root = Path(__file__).parents[2]
    name = "05_inequality"  # its bank is found by its name, too
    command = ["--course", str(root), "demo", "--students", "5", "--assignment", name]
    assert cli.main([*command, "--into", str(tmp_path / "stock")]) == 0
    ours = tiny.copy_course(open_course(tmp_path / "stock"), tmp_path / "ours")
    with (tmp_path / "stock" / "nbgrader_config.py").open("a") as config:
        config.write("c.Autograde.pop('autograde_preprocessors', None)\n")
    stock = open_course(tmp_path / "stock")
    stock.assignment_id = name
    Autograde(coursedir=stock, parent=stock).start()
    outcomes = grade_assignment(ours, name, workers=2, progress=False)
    assert {outcome.fate for outcome in outcomes} == {Fate.GRADED} and len(outcomes) == 5
    expected = tiny.rows(stock, name)
    assert tiny.rows(ours, name) == expected
    scores = [one["score"] for one in expected.values()]
    assert min(scores) < 5 and max(scores) > 40  # the class is not all alike


@pytest.fixture
def postgres(tmp_path_factory):
    """The URL of an empty PostgreSQL database of our own."""
    pytest.importorskip("psycopg", reason="the driver for PostgreSQL is not installed")
    initdb = next(iter([shutil.which("initdb"), *glob.glob("/usr/lib/postgresql/*/bin/initdb")]), None)
    if not initdb:
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    user = {}
    if os.geteuid() == 0:  # it refuses to run as root
        user = {"user": 65534, "group": 65534, "extra_groups": []}
        os.chown(folder, 65534, 65534)
    said = {"stdout": subprocess.DEVNULL, "cwd": folder, **user}
    subprocess.run([initdb, "-D", folder / "data", "-U", "me", "-A", "trust"], check=True, **said)
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
    control = [Path(initdb).with_name("pg_ctl"), "-D", folder / "data", "-w", "-l", folder / "log"]
    subprocess.run([*control, "-o", options, "start"], check=True, **said)
    yield f"postgresql+psycopg://me@/postgres?host={folder}"
    subprocess.run([*control, "-m", "immediate", "stop"], check=True, **said)
    shutil.rmtree(folder)


def test_a_gradebook_in_postgresql_has_the_same_rows(fresh, tmp_path, postgres):
    with (Path(fresh.root) / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = {postgres!r}\n")
    course, there = tiny.make_course(tmp_path / "sqlite"), open_course(fresh.root)
    tiny.generate(there)
    for student, answers in tiny.ANSWERS.items():
        tiny.submit(there, student, answers)
        tiny.submit(course, student, answers)
    assert run(there) == run(course)
    assert tiny.rows(there) == tiny.rows(course) != {}
    assert run(there, pool=(again := tiny.Plain())) and again.ran == []
    mine, theirs = (as_csv([insight(one, tiny.NAME, students=True)], Privacy(True)) for one in (course, there))
    assert mine == theirs and b"assert double(-1) == -2,hidden test" in mine


def test_the_courses_limits_hold(fresh):
    """``Execute.timeout`` and what is set for ``SandboxedExecute`` reach the workers."""
    with (Path(fresh.root) / "nbgrader_config.py").open("a") as config:
        config.write("c.SandboxedExecute.memory = 2**29\n")
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"])

    class Watched(tiny.Plain):
        def run(self, jobs):
            jobs = list(jobs)
            assert jobs[0].limits == Limits(cell_seconds=20.0, memory=2**29)
            return super().run(jobs)

    assert run(open_course(fresh.root), pool=Watched())["amy"].fate is Fate.GRADED
    assert cores() >= 1


def test_what_a_person_decided_about_a_refused_file_stands_until_the_file_changes(fresh):
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    run(fresh)
    tiny.submit(fresh, "amy", b'{"cells": [')
    assert run(fresh)["amy"].fate is Fate.ATTENTION
    assert tiny.rows(fresh)["amy"]["needs"]
    with Gradebook(fresh.db_url, fresh.course_id) as gradebook:
        for notebook in gradebook.find_submission(tiny.NAME, "amy").notebooks:
            for grade in notebook.grades:
                grade.needs_manual_grade = False
        gradebook.db.commit()
    run(fresh)
    assert not tiny.rows(fresh)["amy"]["needs"]
    tiny.submit(fresh, "amy", b'{"cells": [{')
    run(fresh)
    assert tiny.rows(fresh)["amy"]["needs"]
