"""A real Dask scheduler and two real workers on loopback: one is killed in mid-run, every result comes once."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
import tiny
from slow import slow

from classroom.cluster import ClusterPool
from classroom.course import CannotGrade
from classroom.grade import grade_assignment
from classroom.model import Fate, Job

Client = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed").Client
HERE = Path(__file__).parent


def process(stack: ExitStack, *words: str) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(HERE), "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s"}
    started = subprocess.Popen(
        [sys.executable, "-m", *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    stack.callback(started.wait)
    stack.callback(started.kill)
    return started


class Cluster:
    """A scheduler and its workers, as processes of their own."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.stack, self.file, self.workers, self.scheduler = stack, folder / "scheduler.json", [], None

    def start(self) -> None:
        self.file.unlink(missing_ok=True)
        where = ["--scheduler-file", str(self.file), "--host", "127.0.0.1"]
        self.scheduler = process(self.stack, "distributed.cli.dask_scheduler", *where, "--port", "0", "--no-dashboard")
        while not self.file.exists() or not self.file.read_text():
            assert self.scheduler.poll() is None
            time.sleep(0.05)
        self.address = json.loads(self.file.read_text())["address"]

    def mend(self, workers: int = 2) -> None:
        """A scheduler that runs, with so many workers that run and have come to it: those that are there stay."""
        if self.scheduler is None or self.scheduler.poll() is not None:
            while self.workers:  # those of another scheduler
                self.workers.pop().kill()
            self.start()
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < workers:
            self.add()
        while len(self.workers) > workers:
            self.workers.pop().kill()
        alive = {worker.pid for worker in self.workers}
        with Client(self.address) as client:  # else one of them may do all the work before the other has come
            for _ in range(600):
                if set(client.run(os.getpid, on_error="ignore").values()) == alive:
                    return
                time.sleep(0.1)
        raise AssertionError(f"the workers {alive} did not come within a minute")

    def add(self) -> None:
        words = ("distributed.cli.dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        self.workers.append(process(self.stack, *words, "--host", "127.0.0.1"))


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    with ExitStack() as stack:
        yield Cluster(stack, tmp_path_factory.mktemp("cluster"))


@pytest.fixture
def cluster(started):
    """Two workers: to start them takes longer than what the tests do with them, so only what was killed is started anew."""
    started.mend()
    return started


def jobs(log: Path, count: int, name: str = "s"):
    for number in range(count):
        yield Job(f"{name}{number}/tiny", {"cells": []}, {"log": str(log).encode()})


def test_a_worker_is_killed_and_every_result_comes_once(cluster, tmp_path):
    log, got = tmp_path / "log", []
    with ClusterPool(cluster.address, opener=slow) as pool:
        for ran in pool.run(jobs(log, 40)):
            got.append(ran)
            if len(got) == 10:
                assert len({one.seconds for one in got}) == 2
                known = {ran.key for ran in got}
                while not (running := [pid for key, pid in _started(log) if key not in known]):
                    time.sleep(0.01)
                os.kill(running[-1], signal.SIGKILL)  # a job, done or not, is lost with its worker
    assert Counter(ran.key for ran in got) == Counter(f"s{number}/tiny" for number in range(40))
    assert len(_started(log)) > 40  # something was lost on the way, and run again
    assert {int(ran.seconds) for ran in got} == {one.pid for one in cluster.workers}


def _started(log: Path) -> list[tuple[str, int]]:
    return [(key, int(pid)) for key, pid in map(str.split, log.read_text().splitlines())]


def test_jobs_are_taken_as_fast_as_they_are_done(cluster, tmp_path):
    taken, done = 0, 0

    def counted():
        nonlocal taken
        for job in jobs(tmp_path / "log", 30):
            taken += 1
            assert taken - done <= 2 * 2 + 1
            yield job

    with ClusterPool(cluster.address, opener=slow) as pool:
        for _ in pool.run(counted()):
            done += 1
    assert done == 30


def test_a_job_that_kills_its_workers_is_given_up_and_the_rest_goes_on(cluster, tmp_path):
    cluster.mend(workers=6)
    mixed = [*jobs(tmp_path / "log", 1, "poison"), *jobs(tmp_path / "log", 6)]
    with ClusterPool(cluster.address, opener=slow) as pool:
        got = {ran.key: ran.ended for ran in pool.run(mixed)}
    assert got.pop("poison0/tiny") == "died"
    assert set(got.values()) == {"finished"} and len(got) == 6


def test_marks_are_those_of_one_machine(cluster, tmp_path):
    """With the real sandbox on the workers."""
    course = tiny.make_course(tmp_path / "course")
    for student, answers in tiny.ANSWERS.items():
        tiny.submit(course, student, answers)
    alone = tiny.copy_course(course, tmp_path / "alone")
    grade_assignment(alone, tiny.NAME, pool=tiny.Plain(), progress=False)
    outcomes = grade_assignment(course, tiny.NAME, cluster=cluster.address, progress=False)
    assert {outcome.fate for outcome in outcomes} == {Fate.GRADED}
    assert tiny.rows(course) == tiny.rows(alone)


def test_what_is_wrong_with_a_cluster_is_said(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr("classroom.cluster.CONNECT", 1.0)
    with pytest.raises(CannotGrade, match="no sandbox here"), ClusterPool(cluster.address, opener=slow) as pool:
        list(pool.run(jobs(tmp_path / "log", 3, "broken")))
    for worker in cluster.workers:
        worker.kill()
    idle = ClusterPool(cluster.address, opener=slow, patience=1)
    with pytest.raises(CannotGrade, match="no worker"), idle as pool:
        list(pool.run(jobs(tmp_path / "log", 3)))
    cluster.scheduler.kill()
    cluster.scheduler.wait()
    with pytest.raises(CannotGrade, match="dask scheduler"), ClusterPool(cluster.address):
        pass


def test_a_scheduler_that_is_lost_in_mid_run_is_said(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr("classroom.cluster.CONNECT", 1.0)
    lost = pytest.raises(CannotGrade, match="run the same command again")
    with lost, ClusterPool(cluster.address, opener=slow) as pool:
        for number, _ in enumerate(pool.run(jobs(tmp_path / "log", 100))):
            if number == 3:
                cluster.scheduler.kill()


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CannotGrade, match="pip install"), ClusterPool("tcp://127.0.0.1:1"):
        pass
