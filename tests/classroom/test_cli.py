"""The command: what it says, its exit codes, and that a course in trouble gets a sentence instead of a traceback."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import tiny

from classroom import cli
from classroom.course import open_course
from classroom.judging import JUDGING
from classroom.model import Fate, Outcome, Ran
from classroom.outcomes import Outcomes, report

COMMANDS = ("release", "teacher", "collect", "grade", "feedback", "insight", "export", "demo", "doctor")
BANK = """
from types import SimpleNamespace as N
ASSIGNMENT = "week1"
TASKS = (
    N(function="double", points={"double_tests": 2}, right=(N(name="sum", source="def double(x):\\n    return x + x"),),
      wrong=(N(name="four", source="def double(x):\\n    return 4", loses=("double_tests",)),)),
)
SAMPLES = (N(name="short", text="Two.", total=1),)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return tiny.make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def course(made, tmp_path):
    return tiny.copy_course(made, tmp_path / "course")


def run(course, *words: str) -> int:
    return cli.main(["--course", str(course.root), *words])


@pytest.fixture
def plainly(monkeypatch):
    """No sandbox: the workers are this process."""
    monkeypatch.setattr("classroom.grade.Pool", lambda *settings: tiny.Plain())


def test_help_reads_like_a_manual(capsys):
    for words in ([], *([name] for name in COMMANDS)):
        with pytest.raises(SystemExit) as ended:
            cli.main([*words, "--help"])
        said = capsys.readouterr().out
        assert ended.value.code == 0 and "classroom" in said
        assert "examples:" in said or "exit codes:" in said
        assert max(map(len, said.splitlines())) <= 120
        if not words:
            assert all(f"classroom {name}" in said for name in COMMANDS)


def test_help_and_usage_need_no_heavy_import():
    """Help comes at once: not even nbgrader is imported."""
    code = "import sys; from classroom import cli\ntry: cli.main(['grade', '--help'])\nexcept SystemExit: pass\n"
    heavy = "sys.exit([name for name in ('nbgrader', 'nbformat', 'sqlalchemy', 'numpy') if name in sys.modules] != [])"
    assert subprocess.run([sys.executable, "-c", code + heavy], stdout=subprocess.DEVNULL).returncode == 0


@pytest.mark.parametrize(
    "words", [[], ["grade"], ["grade", "week1", "--workers", "0"], ["export", "--to", "paper"], ["publish"]]
)
def test_usage_is_exit_code_2(words, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2 and "usage:" in capsys.readouterr().err


def test_exit_code_0_when_all_is_graded_and_1_when_a_person_must_look(course, plainly, capsys):
    tiny.submit(course, "amy", tiny.ANSWERS["right"])
    assert run(course, "grade", "week1", "--quiet") == 0
    assert capsys.readouterr().out == "1 students: 1 graded\n"
    tiny.submit(course, "bob\x1b[31m", b'{"cells": [')
    assert run(course, "grade", "week1", "--quiet") == 1
    said = capsys.readouterr().out
    assert "Needs attention:" in said and "1 graded, 1 needs attention" in said and "What to do" in said
    assert "submitted/bob" in said and "tiny.ipynb" in said
    assert "\x1b" not in said  # nothing of a student's reaches the terminal raw


def test_the_report_names_repairs_and_cuts_long_lists(course):
    (tiny.submit(course, "amy", {}) / "x.ipynb").write_text("")
    many = Outcome("amy", Fate.ATTENTION, tuple(f"note {n}" for n in range(9)), "x.ipynb", ("a sign",))
    lines = "\n".join(report([many, Outcome("bob", Fate.REPAIRED, ("restored\x1b[2J",))], course, "week1"))
    assert "note 4" in lines and "note 5" not in lines and "and 5 more" in lines
    assert "restored" in lines and "\x1b" not in lines and "submitted/amy/week1/x.ipynb" in lines
    assert list(report([], course, "week1")) == ["0 students: nobody is enrolled and nothing was handed in"]


def test_the_report_tells_what_was_seen_once_for_all(course):
    outcomes = [Outcome(f"s{n}", Fate.GRADED, ("max\x1b has another meaning",)) for n in range(9)]
    lines = list(report(outcomes, course, "week1"))
    assert lines[:2] == [
        "Worth knowing (no mark is held for it):",
        "  max\ufffd has another meaning: s0, s1, s2, s3, s4 and 4 more",
    ]
    many = [Outcome("amy", Fate.GRADED, tuple(f"note {n}" for n in range(99)))]
    assert len(list(report(many, course, "week1"))) == 24


def test_only_some_students(course, plainly, capsys):
    for student in ("amy", "bob"):
        tiny.submit(course, student, tiny.ANSWERS["right"])
    assert run(course, "grade", "week1", "--student", "amy", "--quiet") == 0
    assert tiny.rows(course).keys() == {"amy"}
    assert run(course, "grade", "week1", "--student", "zoe", "--quiet") == 2
    assert "zoe" in capsys.readouterr().err


def test_limits_on_the_command_line(course, monkeypatch):
    seen = {}
    monkeypatch.setattr("classroom.grade.grade_assignment", lambda course, name, **options: seen.update(options) or [])
    assert run(course, "grade", "week1", "--memory", "0.5", "--seconds", "9", "--unsafe", "--workers", "3") == 0
    assert (seen["limits"].memory, seen["limits"].seconds, seen["limits"].cell_seconds) == (2**29, 9.0, 20.0)
    assert seen["unsafe"] and seen["workers"] == 3 and seen["progress"]
    assert run(course, "grade", "week1", "--seconds", "0") == 2


def test_trouble_is_a_sentence_and_exit_code_2(course, tmp_path, capsys):
    empty = tmp_path / "empty"
    empty.mkdir()
    for words, word in (
        (["--course", str(tmp_path / "nowhere"), "grade", "week1"], "not a folder"),
        (["--course", str(empty), "grade", "week1"], "does not look like an nbgrader course"),
        (["grade", "week9", "--course", str(course.root)], "generate_assignment"),
        (["--course", str(course.root), "collect", str(tmp_path / "none.zip")], "none.zip"),
        (["--course", str(course.root), "demo", "--students", "3", "--into", str(course.root)], "not empty"),
        (["--course", str(course.root), "demo", "--students", "3", "--into", str(tmp_path / "d")], "--bank"),
        (["--course", str(course.root), "export", "--to", "csv", "--assignment", "week9"], "week9"),
        (["--course", str(course.root), "feedback", "week9"], "week9"),
        (["--course", str(course.root), "grade", "week1", "--cluster", "nonsense://x"], "scheduler"),
    ):
        if "--cluster" in words:
            tiny.submit(course, "amy", tiny.ANSWERS["right"])
        assert cli.main(words) == 2, words
        said = capsys.readouterr().err
        assert word in said and said.startswith("classroom ") and "Traceback" not in said, said


def test_a_fault_of_ours_keeps_its_traceback(course, monkeypatch):
    def broken(*args, **options):
        raise KeyError("a bug")

    monkeypatch.setattr("classroom.grade.grade_assignment", broken)
    with pytest.raises(KeyError):
        run(course, "grade", "week1")


def test_ctrl_c_is_said(course, monkeypatch, capsys):
    def stopped(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("classroom.grade.grade_assignment", stopped)
    assert run(course, "grade", "week1") == 130
    assert "goes on from there" in capsys.readouterr().err


def test_missing_protection_refuses(course, monkeypatch, capsys):
    """Without walls grading does not start, and says how to get them or how to do without."""
    from classroom import sandbox

    bare = [sandbox.Protection("walls", False, "all can be read", "install walls")]
    monkeypatch.setattr(sandbox, "doctor", lambda fresh=False: bare)
    tiny.submit(course, "amy", tiny.ANSWERS["right"])
    assert run(course, "grade", "week1", "--quiet") == 2
    said = capsys.readouterr().err
    assert "--unsafe" in said and "install walls" in said
    assert tiny.rows(course) == {}
    assert run(course, "doctor") == 2
    assert "MISSING" in capsys.readouterr().out


def test_from_a_download_to_marks(course, tmp_path, capsys):
    """collect, grade (in the real sandbox), feedback and export, as an instructor types them."""
    amy = tiny.submit(course, "amy", tiny.ANSWERS["right"]) / "tiny.ipynb"
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("bob/tiny.ipynb", amy.read_bytes())
    amy.unlink()
    amy.parent.rmdir()
    amy.parent.parent.rmdir()
    assert run(course, "collect", str(tmp_path / "all.zip")) in (0, 1)
    assert "1 new" in capsys.readouterr().out
    assert run(course, "grade", "week1", "--quiet") == 0
    assert tiny.rows(course)["bob"]["score"] == 5.0
    assert run(course, "feedback", "week1", "--quiet") == 0
    assert (Path(course.root) / "feedback" / "bob" / "week1" / "tiny.html").exists()
    out = tmp_path / "marks.csv"
    assert run(course, "export", "--to", "csv", "--output", str(out)) == 0
    assert "bob" in out.read_text()


@pytest.mark.parametrize("file, text", [("doubling.py", BANK), ("week1.py", BANK.replace('ASSIGNMENT = "week1"', ""))])
def test_a_demo_class_finds_its_bank(course, tmp_path, plainly, capsys, file, text):
    (Path(course.root) / "answers").mkdir()
    (Path(course.root) / "answers" / file).write_text(text)
    words = ("demo", "--students", "7", "--faults", "empty file", "--into", str(tmp_path / "class"))
    assert run(course, *words) == 0
    assert "7 students" in capsys.readouterr().out
    assert not (Path(course.root) / "submitted").exists()
    assert cli.main(["--course", str(tmp_path / "class"), "grade", "week1", "--quiet"]) == 1
    assert "6 graded, 1 needs attention" in capsys.readouterr().out


PATH = re.compile(r"(?<![\w.])/?(?:[\w.()'*-]+/)+[\w.()*-]*")


def paths_in(text: str) -> set[str]:
    """The words of a message that look like a path: those with a slash in them."""
    return {found[0].rstrip(".") for found in PATH.finditer(text) if not found[0].startswith(("http", "//"))}


@pytest.mark.parametrize("inside", [True, False], ids=["in the course", "from elsewhere"])
def test_every_path_that_a_message_shows_exists(course, tmp_path, plainly, capsys, monkeypatch, inside):
    """Of each outcome of a class with every fault, and of the reports of each command."""
    root = Path(course.root)
    (root / "answers").mkdir()
    (root / "answers" / "week1.py").write_text(BANK)
    there = tmp_path / "class"
    assert run(course, "demo", "--students", "30", "--faults", "all", "--into", str(there)) == 0
    put = there / "submitted" / "zoe" / "week1"
    put.mkdir(parents=True)
    (put / "refused-by-collect.txt").write_text("data/link\tthis is a symbolic link\n")
    (there / "submitted" / "max" / ".week1").mkdir(parents=True)
    named = tiny.submit(open_course(there), "eve", tiny.ANSWERS["right"])
    (named / "tiny.ipynb").rename(named / "tiny(1).ipynb")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("nobody-at-all/tiny.ipynb", b"")

    class Odd(tiny.Plain):
        """Finds a sign of tampering, and stops what never ends."""

        def run(self, jobs):
            for job in jobs:
                if "while True" in str(job.notebook):
                    yield Ran(job.key, job.notebook, ended="time")
                else:
                    (ran,) = super().run([job])
                    yield Ran(ran.key, ran.notebook, tampering=("a sign",) * ("eve" in ran.key))

    monkeypatch.setattr("classroom.grade.Pool", lambda *settings: Odd())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(there if inside else elsewhere)
    capsys.readouterr()
    told = []
    for words in (
        ["grade", "week1", "--quiet"],
        ["grade", "week1", "--quiet", "--student", "nobody"],
        ["resolve", "week1"],
        ["resolve", "week1", "nobody", "--stands"],
        ["feedback", "week1", "--quiet"],
        ["export", "--to", "moodle"],
        ["collect", str(tmp_path / "all.zip")],
        ["release", "week1"],
    ):
        assert cli.main([*words] if inside else ["--course", str(there), *words]) in (0, 1, 2)
        said = capsys.readouterr()
        told.append(said.out + said.err)
    shown = set().union(*map(paths_in, told))
    assert len([path for path in shown if "submitted" in path]) > 15
    missing = {path for path in shown if not Path(path).exists()}
    assert missing == {"data/link", "nobody-at-all/tiny.ipynb"}  # in what was handed in, and in the download
    text = "".join(told)
    assert "submitted/eve/week1/tiny(1).ipynb\n" in text
    for outcome in (entry.outcome for entry in Outcomes(there).of("week1").values()):
        place = there / "submitted" / outcome.student / "week1" / outcome.file
        assert place.exists() or outcome.fate is Fate.MISSING or outcome.file in text


def test_doctor_and_module(capsys):
    done = subprocess.run([sys.executable, "-m", "classroom", "doctor"], capture_output=True, text=True)
    assert done.returncode in (0, 2) and "network" in done.stdout


def test_release_and_doctor_say_where_the_tests_of_a_course_run(course, tmp_path, capsys):
    Path(course.root, JUDGING).unlink()
    assert run(course, "doctor") in (0, 2)
    said = capsys.readouterr().out
    assert "In this course tests are judged apart" in said and "week1/tiny" not in said
    assert run(course, "release", "week1", "--out", str(tmp_path / "out")) == 0
    assert "\ntiny: 3 of 3 test cells (5 of 5 points) are judged apart from the answers\n" in capsys.readouterr().out
    run(course, "doctor")
    assert "week1/tiny: 0 of 5 points are judged inside" in capsys.readouterr().out
    with Path(course.root, "nbgrader_config.py").open("a") as config:
        config.write("c.SandboxedExecute.apart = False\n")
    run(course, "doctor")
    assert "all tests are judged where the answers run" in capsys.readouterr().out
    assert run(course, "release", "week1", "--out", str(tmp_path / "out")) == 0
    assert "judged" not in capsys.readouterr().out
