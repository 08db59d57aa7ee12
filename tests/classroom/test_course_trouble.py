"""A gradebook or a disk that cannot be used: one sentence about the course, exit code 2, nothing half-written.

No student is blamed for it, and the same command finishes the work once the trouble is over.
"""

import contextlib
import errno
import io
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import tiny
from test_cli import BANK

from classroom import cli, execute, grade
from classroom.course import open_course
from classroom.grade import grade_assignment
from classroom.judging import JUDGING
from classroom.record import LOCK

STUDENTS = ("amy", "bob", "cleo", "dan", "eve")
COMMANDS = {
    "grade": ("grade", "week1", "--quiet"),
    "feedback": ("feedback", "week1", "--quiet"),
    "export": ("export", "--to", "csv", "--output", "{root}/out/marks.csv"),
    "collect": ("collect", "{root}/in.zip"),
    "resolve": ("resolve", "week1", "bob", "--stands"),
    "release": ("release", "week1", "--out", "{root}/dist"),
    "demo": ("demo", "--students", "3", "--into", "{root}/class"),
}
OWN = ("demo",)  # has a gradebook of its own


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A course in which every command has something to do: graded work, new work, a broken one, a download."""
    course = tiny.make_course(tmp_path_factory.mktemp("made"))
    root = Path(course.root)
    tiny.submit(course, "amy", tiny.ANSWERS["right"])
    grade_assignment(course, tiny.NAME, pool=tiny.Plain(), progress=False)
    amy = tiny.submit(course, "amy", tiny.ANSWERS["half"])
    tiny.submit(course, "bob", tiny.ANSWERS["right"])
    tiny.submit(course, "dan", b'{"cells": [')
    with zipfile.ZipFile(root / "in.zip", "w") as archive:
        for student in ("cleo", "eve", "amy"):
            entry = zipfile.ZipInfo(f"{student}/tiny.ipynb", (2026, 3, 1, 10, 0, 0))
            archive.writestr(entry, (amy / "tiny.ipynb").read_bytes())
    (root / "out").mkdir()
    (root / "answers").mkdir()
    (root / "answers" / "week1.py").write_text(BANK)
    return course


def copy(made, root: Path):
    """A copy to be spoilt, whose gradebook does not wait five seconds for another program."""
    course = tiny.copy_course(made, root)
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = 'sqlite:///{course.root}/gradebook.db?timeout=0.05'\n")
    return open_course(course.root)


@pytest.fixture(autouse=True)
def plainly(monkeypatch):
    for room in ("grade", "execute"):  # where grading has its workers from, and where release has them
        monkeypatch.setattr(f"classroom.{room}.Pool", lambda *settings: tiny.Plain())
    monkeypatch.setattr("sys.dont_write_bytecode", True)  # beside the bank, with the time in it


def run(course, command: str) -> int:
    root = str(course.root)
    return cli.main(["--course", root, *(word.format(root=root) for word in COMMANDS[command])])


def state(course) -> tuple:
    """All that a command leaves behind, without random keys."""
    root, noise = Path(course.root), (LOCK, "nbgrader_config.py", "gradebook.db", "gradebook.db-journal")
    files = {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if path.name not in noise}
    return {name: path.read_bytes().replace(str(root).encode(), b"") for name, path in files.items() if path.is_file()}


def told(capsys, command: str) -> str:
    """What the command said: one sentence about the course."""
    said = capsys.readouterr()
    lines = said.err.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith(f"classroom {command}: "), said.err
    assert not any(student in said.err for student in STUDENTS)
    assert "run the same command again" in lines[0] and lines[0].count(". ") == 0
    return lines[0]


# ------------------------------------------------------------------------------------------------- the gradebook


def locked(path: Path):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    return other.close


def kept(path: Path):
    """Locked against writing only: a formgrader is about to write."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other.close


def spoilt(change):
    def spoil(path: Path):
        before = path.read_bytes()
        change(path)
        return lambda: path.write_bytes(before)

    return spoil


def cut(share: float):
    return spoilt(lambda path: path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)]))


def run_sql(*statements: str):
    def change(path: Path) -> None:
        with sqlite3.connect(path) as other:
            for statement in statements:
                other.execute(statement)
        other.close()

    return spoilt(change)


def a_folder(path: Path):
    aside = path.rename(path.parents[1] / "aside.db")
    path.mkdir()
    return lambda: (path.rmdir(), aside.rename(path))


NOTE = "another version of nbgrader made it"
SPOILT = {
    "locked": (locked, "database is locked): another program"),
    "cut in half": (cut(0.5), "malformed): it is damaged"),
    "the head is left": (cut(0.01), "it is damaged"),
    "empty": (cut(0), "the file is empty): put a backup"),
    "not a database": (
        spoilt(lambda path: path.write_text("Dear professor,\n" * 999)),
        "not a database): it is damaged",
    ),
    "a folder": (a_folder, "unable to open database file): it and its folder must be open"),
    "of a later version": (
        run_sql("UPDATE alembic_version SET version_num = 'f00'"),
        f"of version f00, not e43177bfe90b): {NOTE}",
    ),
    "without a column": (
        run_sql(
            *(
                f"ALTER TABLE {table} DROP COLUMN {column}"
                for table, column in (
                    ("grade", "extra_credit"),
                    ("submitted_assignment", "extension"),
                    ("student", "lms_user_id"),
                    ("source_cell", "source"),
                )
            )
        ),
        f"no such column: {{}}): {NOTE}",
    ),
}


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in OWN])
@pytest.mark.parametrize("trouble", SPOILT)
def test_a_gradebook_that_cannot_be_used(made, tmp_path, capsys, command, trouble):
    spoil, words = SPOILT[trouble]
    course, calm = copy(made, tmp_path / "course"), copy(made, tmp_path / "calm")
    assert run(calm, command) in (0, 1)
    capsys.readouterr()
    before = state(course)
    mend = spoil(Path(course.root) / "gradebook.db")
    try:
        assert run(course, command) == 2
        said = told(capsys, command)
        assert f"the gradebook {course.root}/gradebook.db cannot be used (" in said
        assert all(part in said for part in words.split("{}"))
        assert state(course) == before
    finally:
        mend()
    assert run(course, command) in (0, 1)
    assert state(course) == state(calm)
    assert tiny.rows(course) == tiny.rows(calm)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in OWN])
def test_a_gradebook_that_can_only_be_read(made, tmp_path, capsys, command):
    """Whoever only reads is not held up by a formgrader that is about to write, or by a gradebook without permission."""
    for kind in ("kept", "read-only"):
        course = copy(made, tmp_path / kind)
        mend = lambda: None  # noqa: E731
        if kind == "kept":
            mend = kept(Path(course.root) / "gradebook.db")
        else:
            with Path(course.root, "nbgrader_config.py").open("a") as config:
                config.write(
                    f"c.CourseDirectory.db_url = 'sqlite:///file:{course.root}/gradebook.db?mode=ro&uri=true'\n"
                )
        source = Path(course.root, "source", "week1", "tiny.ipynb")  # changed, so that the release is written anew
        source.write_text(source.read_text().replace('"points": 2', '"points": 3'))
        before = state(course)
        code = run(course, command)
        if command in ("grade", "release"):
            assert code == 2 and "database" in told(capsys, command)
            after = state(course)
            for one in (before, after):
                one.pop(JUDGING)  # what the model answers have shown holds whatever becomes of the gradebook
            assert after == before
        else:
            assert code in (0, 1)
        mend()


@pytest.mark.parametrize("words", [("release", "week1"), ("grade", "week1", "--quiet", "--unsafe")], ids=" ".join)
def test_nothing_but_the_sentence_reaches_the_screen(made, tmp_path, words):
    """As typed: nbgrader and SQLAlchemy would log a traceback first."""
    course = copy(made, tmp_path / "course")
    source = Path(course.root, "source", "week1", "tiny.ipynb")
    source.write_text(source.read_text().replace('"points": 2', '"points": 3'))
    mend = kept(Path(course.root) / "gradebook.db")
    done = subprocess.run([sys.executable, "-m", "classroom", *words], cwd=course.root, capture_output=True, text=True)
    mend()
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert "database is locked" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_server_that_cannot_be_reached(made, tmp_path, capsys, command):
    course = copy(made, tmp_path / "course")
    before = state(course)
    with Path(course.root, "nbgrader_config.py").open("a") as config:
        config.write("c.CourseDirectory.db_url = 'postgresql+psycopg://me:secret@127.0.0.1:1/marks'\n")
    assert run(course, command) == (0 if command in OWN else 2)
    if command in OWN:
        return
    said = told(capsys, command)
    assert "me:***@127.0.0.1:1/marks cannot be used (" in said and "secret" not in said
    assert state(course) == before


# ------------------------------------------------------------------------------------------------- the disk


class Disk:
    """Fails what is written below ``root`` from call number ``fails`` on, with ``code``; 0: counts the calls only."""

    root, fails, code, calls = "", 0, 0, 0

    @classmethod
    def watch(cls, event: str, given: tuple) -> None:
        events = ("open", "os.mkdir") if cls.code == errno.ENOSPC else ("open", "os.mkdir", "os.rename")
        if not cls.root or event not in events:
            return
        path = given[0]
        if event == "open" and not given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
        if isinstance(path, str | os.PathLike) and os.fspath(path).startswith(cls.root):
            cls.calls += 1
            if cls.fails and cls.calls >= cls.fails:
                raise OSError(cls.code, os.strerror(cls.code), os.fspath(path))


sys.addaudithook(Disk.watch)  # sees every call of this process, and stays


@pytest.fixture
def disk():
    yield Disk
    Disk.root = ""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES], ids=errno.errorcode.get)
def test_a_disk_that_takes_nothing_more(made, tmp_path, capsys, disk, command, code):
    """Full: wherever that begins, from the first write to the last. Read-only: from the start."""
    calm = copy(made, tmp_path / "calm")
    before = state(calm)
    disk.root, disk.fails, disk.code, disk.calls = calm.root, 0, code, 0
    assert run(calm, command) in (0, 1)
    disk.root, count, after = "", disk.calls, state(calm)
    assert count
    many = sorted({1, 2, *range(3, count, max(1, count // 6)), count})
    for fails in many if code == errno.ENOSPC else [1]:
        course = copy(made, tmp_path / f"hurt{fails}")
        capsys.readouterr()
        disk.root, disk.fails, disk.calls = course.root, fails, 0
        result = run(course, command)
        disk.root = ""
        assert result == 2, fails
        assert os.strerror(code) in told(capsys, command)
        for name, data in state(course).items():
            whole = [some[name] for some in (before, after) if name in some]
            lines = {line for some in whole for line in some.splitlines()}
            assert data in whole or (name.endswith(".jsonl") and lines.issuperset(data.splitlines())), (fails, name)
        assert run(course, command) in (0, 1)
        assert state(course) == after
        assert tiny.rows(course) == tiny.rows(calm)


def on_a_small_disk(made: str, disk: str) -> None:
    """Runs each command where so many kilobytes are left, and again where there is room; what SQLite says counts too."""
    grade.Pool = execute.Pool = lambda *settings: tiny.Plain()
    course = open_course(made)
    for command in COMMANDS:
        failed = 0
        for left in (0, 8, 16, 32, 64):
            shutil.rmtree(f"{disk}/course", ignore_errors=True)
            small, fill = copy(course, Path(disk, "course")), Path(disk, "fill")
            status = os.statvfs(disk)
            fill.write_bytes(bytes(max(0, status.f_bavail * status.f_bsize - left * 1024)))
            said = io.StringIO()
            with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
                code = run(small, command)
                fill.unlink()
                assert run(small, command) in ((0, 1) if code == 2 else (0, 1, 2)), (command, left, code)
            if code == 2:
                failed += 1
                (line,) = said.getvalue().strip().splitlines()
                assert line.startswith(f"classroom {command}: ") and re.search("No space left|disk is full", line), line
                assert not any(student in line for student in STUDENTS)
        assert failed, command


@pytest.mark.timeout(300)
def test_a_disk_that_is_really_full(made, tmp_path):
    if not shutil.which("bwrap"):
        pytest.skip("bubblewrap makes the small disk, and is not installed")
    disk = tmp_path / "disk"
    disk.mkdir()
    small = ["bwrap", "--dev-bind", "/", "/", "--size", "3000000", "--tmpfs", str(disk)]
    if subprocess.run([*small, "true"], stderr=subprocess.DEVNULL).returncode:
        pytest.skip("bubblewrap may not make a small disk here")
    code = "import sys, test_course_trouble as t; t.on_a_small_disk(*sys.argv[1:])"
    done = subprocess.run(
        [*small, sys.executable, "-c", code, made.root, str(disk)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
