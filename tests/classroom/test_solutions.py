"""Model answers for students: not before the deadline, and nothing with them that stays the teacher's."""

import datetime
import json
from pathlib import Path

import pytest
import tiny

from classroom import cli, solutions
from classroom.course import open_course, open_gradebook
from classroom.model import Trouble
from classroom.release import Leaked

ROOT = Path(__file__).resolve().parents[2]
DAY = datetime.timedelta(days=1)


@pytest.fixture
def course(tmp_path):
    return tiny.make_course(tmp_path / "course")


def due(course, when: datetime.timedelta, extension: datetime.timedelta | None = None) -> None:
    """The due date of the assignment, from now on, and an extension for one student."""
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment(tiny.NAME, duedate=now + when)
        if extension:
            gradebook.update_or_create_student("amy")
            gradebook.update_or_create_submission(tiny.NAME, "amy")
            gradebook.grant_extension(tiny.NAME, "amy", days=extension.days)


def test_they_wait_for_the_due_date_and_the_longest_extension(course, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(Trouble, match=r"knows no due date of week1.*say --now"):
        solutions.release_solutions(course, tiny.NAME, out)
    due(course, DAY)
    with pytest.raises(Trouble, match=r"week1 can be handed in until \d\d \w+ \d{4}, \d\d:\d\d UTC: .*say --now"):
        solutions.release_solutions(course, tiny.NAME, out)
    due(course, -DAY, 3 * DAY)
    with pytest.raises(Trouble, match=r"more with the longest extension: .*say --now"):
        solutions.release_solutions(course, tiny.NAME, out)
    assert not out.exists()
    due(course, -4 * DAY)
    assert solutions.release_solutions(course, tiny.NAME, out) == [out / "tiny-solutions.ipynb"]


def test_they_are_the_model_answers_and_the_tests_that_students_had(course, tmp_path):
    (path,) = solutions.release_solutions(course, tiny.NAME, tmp_path, now=True)
    notebook = json.loads(path.read_text("utf-8"))
    sources = [cell["source"] for cell in notebook["cells"]]
    assert "def double(x):\n    return 2 * x" in sources and "total = double(3) + 1" in sources
    assert "assert double(2) == 4, 'twice 2 is 4'" in sources and solutions.WRITTEN in sources
    text = path.read_text("utf-8")
    for gone in ("double(-1)", "secret", "SOLUTION", "HIDDEN", "MARK SCHEME", "nbgrader", "grade_id"):
        assert gone not in text, gone


def test_nothing_is_written_if_a_hidden_test_would_get_out(course, tmp_path, monkeypatch):
    monkeypatch.setattr(solutions, "solution", lambda notebook, markers: notebook)
    with pytest.raises(Leaked, match="hidden test of week1"):
        solutions.release_solutions(course, tiny.NAME, tmp_path / "out", now=True)
    assert not (tmp_path / "out").exists()


def test_on_the_command_line(course, tmp_path, capsys):
    command = ["--course", str(course.root), "release", "--out", str(tmp_path / "dist"), "--solutions"]
    assert cli.main([*command, "week1"]) == 2 and "--now" in capsys.readouterr().err
    assert cli.main([*command, "week1", "--now"]) == 0
    assert "tiny-solutions.ipynb: model answers for students" in capsys.readouterr().out
    assert (tmp_path / "dist" / "solutions" / "tiny-solutions.ipynb").is_file()
    assert cli.main([*command, "week1", "week2"]) == 2 and "one assignment at a time" in capsys.readouterr().err
    assert cli.main([*command[:-1], "week1", "--now"]) == 2 and "goes with --solutions" in capsys.readouterr().err
    assert cli.main([*command, "week9", "--now"]) == 2 and "no assignment 'week9'" in capsys.readouterr().err


def test_an_exercise_of_this_course_can_be_released(tmp_path):
    (path,) = solutions.release_solutions(open_course(ROOT), "05_inequality", tmp_path, now=True)
    sources = ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]
    assert sum("def sii(" in source and "NotImplementedError" not in source for source in sources) == 1
    assert sum(source.startswith("def _sii_tests") for source in sources) == 1
