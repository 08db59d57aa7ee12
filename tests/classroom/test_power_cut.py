"""Power cut: the grader is killed at random moments; graded again, the class has the marks of an undisturbed run."""

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest
import tiny
from nbgrader.api import Gradebook

from classroom.grade import grade_assignment
from classroom.outcomes import Outcomes
from classroom.record import LOCK

KILLS = 20
fork = multiprocessing.get_context("fork")  # a warm copy of this process: imports take longer than grading a tiny class


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Honest, late, refused and tampered submissions, and one that was graded and marked by hand before."""
    course = tiny.make_course(tmp_path_factory.mktemp("course"))
    with Gradebook(course.db_url, course.course_id) as gradebook:
        gradebook.update_or_create_assignment(tiny.NAME, duedate="2026-03-01")
        gradebook.add_student("absent")
    tiny.submit(course, "manual", tiny.ANSWERS["half"])
    grade(course)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        gradebook.find_grade("essay", tiny.NOTEBOOK, tiny.NAME, "manual").manual_score = 4.0
        gradebook.find_comment("double", tiny.NOTEBOOK, tiny.NAME, "manual").manual_comment = "Better."
        gradebook.db.commit()
    for student, answers in tiny.ANSWERS.items():
        tiny.submit(course, student, answers)
    tiny.submit(course, "late", tiny.ANSWERS["right"], "2026-03-02 12:00:00 UTC")
    tiny.submit(course, "manual", tiny.ANSWERS["right"])
    tiny.submit(course, "tamper", tiny.ANSWERS["right"])
    tiny.submit(course, "zcut", b"{")
    return course


def grade(course) -> None:
    def change(ran):
        return tiny.Ran(ran.key, ran.notebook, tampering=("a sign",) * ran.key.startswith("tamper"))

    grade_assignment(course, tiny.NAME, pool=tiny.Plain(change), progress=False)


def start(course):
    process = fork.Process(target=grade, args=(course,))
    process.start()
    return process


def state(course) -> tuple:
    """All that grading leaves behind, without random keys."""
    outcomes = Outcomes(Path(course.root)).of(tiny.NAME)
    left = sorted(path.relative_to(course.root).as_posix() for path in Path(course.root).rglob("*"))
    noise = (LOCK, "gradebook.db", "gradebook.db-journal")
    return tiny.rows(course), tiny.pages(course), outcomes, [path for path in left if path not in noise]


def test_killed_at_random_moments_nothing_is_lost(course, tmp_path):
    calm = tiny.copy_course(course, tmp_path / "calm")
    process, began = start(calm), time.monotonic()
    process.join()
    length = time.monotonic() - began
    assert process.exitcode == 0
    expected = state(calm)
    assert len(expected[0]) == 7 and len(expected[2]) == 9

    rng, cut = random.Random(20), []
    for attempt in range(5 * KILLS):
        hurt = tiny.copy_course(course, tmp_path / f"hurt{attempt}")
        before = written(hurt)
        process, done = start(hurt), rng.randrange(len(expected[2]))
        # the speed of the machine varies: so many students into the run, then any moment
        while process.is_alive() and written(hurt) - before < done:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, length / 5))
        process.kill()
        process.join()
        if process.exitcode != -signal.SIGKILL:
            continue  # it was over already
        cut.append(len(Outcomes(Path(hurt.root)).of(tiny.NAME)))
        process = start(hurt)
        process.join()
        assert process.exitcode == 0
        assert state(hurt) == expected, f"attempt {attempt}, after {cut[-1]} outcomes"
        if len(cut) == KILLS:
            break
    assert len(cut) == KILLS and len(set(cut)) > 3, cut


def written(course) -> int:
    """How many outcomes were written so far."""
    return Outcomes(Path(course.root)).path.read_bytes().count(b"\n")


STEPS = ("os.fsync", "pathlib.Path.rename", "pathlib.Path.replace", "shutil.rmtree", "sqlalchemy.orm.Session.commit")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_each_step_that_lasts(course, tmp_path, step, when):
    """Not left to chance: killed right before and right after the first, third and last call that changes the disk."""
    calm = tiny.copy_course(course, tmp_path / "calm")
    (calls := start_counting(calm, step, 0, when)).join()
    count = int((Path(calm.root) / "count").read_text())
    assert calls.exitcode == 0 and count
    (Path(calm.root) / "count").unlink()
    expected = state(calm)
    for number in sorted({1, min(3, count), count}):
        hurt = tiny.copy_course(course, tmp_path / f"hurt{number}")
        process = start_counting(hurt, step, number, when)
        process.join()
        assert process.exitcode == -signal.SIGKILL
        process = start(hurt)
        process.join()
        assert process.exitcode == 0
        assert state(hurt) == expected


def start_counting(course, step: str, deadly: int, when: str):
    """Starts a grader that dies at call number ``deadly`` of ``step``; 0 counts the calls into the file ``count``."""

    def target() -> None:
        module, _, name = step.rpartition(".")
        owner = __import__(module.split(".")[0])
        for part in module.split(".")[1:]:
            __import__(owner.__name__ + "." + part) if not hasattr(owner, part) else None
            owner = getattr(owner, part)
        real, calls = getattr(owner, name), 0

        def fatal(*args, **options):
            nonlocal calls
            calls += 1
            if calls == deadly and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            result = real(*args, **options)
            if calls == deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        setattr(owner, name, fatal)
        grade(course)
        if not deadly:
            Path(course.root, "count").write_text(str(calls))

    process = fork.Process(target=target)
    process.start()
    return process
