"""The pool: hands submissions to jailed workers and gives back what they saw, whatever the submissions do.

>>> with Pool(workers=2) as pool:                                    # doctest: +SKIP
...     for ran in pool.run(jobs):
...         print(ran.key, ran.ended, ran.tampering)

A job is done once. A worker that dies is replaced; a job whose *worker* died (not only its interpreter) is tried once
more, then given back as "died". A job that ran out of time beside others is run again alone, and that run counts.
"""

import base64
import contextlib
import itertools
import json
import os
import queue
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from . import sandbox
from .commands import (
    GRACE,
    OUTPUTS,
    PATIENCE,
    apart,
    halves,
    is_python,
    plan,
    read_frame,
    test_cells,
    without_surrogates,
    write_frame,
)
from .model import Job, Json, Limits, Ran
from .sandbox import Jail, SandboxUnavailable

__all__ = ["Jail", "Pool", "SandboxUnavailable"]

_MARGIN = 15.0  # seconds beyond a job's limit after which its worker is given up
_LOAD = 0.05  # of a cell's seconds: who waited for longer had neighbours that are no jobs of ours
_TIMEOUT = {
    "output_type": "error",
    "ename": "CellTimeoutError",
    "evalue": "",
    "traceback": ["\x1b[0;31mCellTimeoutError\x1b[0m: No reply from kernel before timeout"],
}


class WorkerDied(RuntimeError):
    """The worker itself is gone; what it wrote to its error stream."""


class _Worker:
    """One jailed worker process. Used by one thread at a time."""

    def __init__(self, walls: str, jail: Jail) -> None:
        self.walls = walls
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the worker)
        self.folder = tempfile.mkdtemp(prefix="classroom-") if walls == "none" else sandbox.SUBMISSION
        scratch = [self.folder] if walls == "none" else list(sandbox.SCRATCH)
        uid = sandbox.ORDINARY if os.geteuid() == 0 and (walls != "none" or jail.reachable()) else 0
        if walls == "none" and uid:
            os.chown(self.folder, uid, uid)
        settings = {
            "walls": walls,
            "warm": jail.warm,
            "watch": jail.own_packages(),
            "prime": jail.prime,
            "path": jail.import_folders(),
            "read": [*jail.paths(), "/etc/passwd", "/etc/group", "/etc/hosts"],
            "folder": self.folder,
            "scratch": scratch,
            "landlock": sandbox.survey()[1].get("landlocked", False),
            "uid": uid,
        }
        program = [sys.executable, "-I", "-c", _PROGRAM, json.dumps(settings)]
        command, descriptors = jail.command(program, walls)
        self.orders, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            pass_fds=descriptors,
            env=jail.environment(),
            cwd="/",
            start_new_session=True,
        )
        theirs.close()
        for descriptor in descriptors:
            os.close(descriptor)
        try:
            self.ready = self.event(time.monotonic() + 120)
        except BaseException:
            self.close()
            raise

    def event(self, deadline: float) -> Json:
        """The next event. Raises WorkerDied if there is none before ``deadline``."""
        descriptor = self.process.stdout.fileno()
        waiting = select.poll()  # not select(), which refuses descriptors above 1023
        waiting.register(descriptor, select.POLLIN)
        if not waiting.poll(1000 * max(0.0, deadline - time.monotonic())):
            raise WorkerDied("the worker said nothing for too long")
        message = read_frame(descriptor)
        if message is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
            self.errors.seek(0)
            said = self.errors.read().decode("utf-8", "replace").strip()
            raise WorkerDied(f"the worker ended (exit code {self.process.returncode}): {said[-2000:]}")
        event = json.loads(message)
        return without_surrogates(event) if b"\\ud" in message else event  # so JSON writes a surrogate

    def order(self, message: Json) -> None:
        """Tell the worker something. Raises WorkerDied."""
        try:
            write_frame(self.orders.fileno(), json.dumps(message).encode())
        except OSError as problem:
            raise WorkerDied(str(problem)) from None

    def run(self, job: Job, role: str = "", line: socket.socket | None = None, **more: Any) -> Iterator[Json]:
        """The events of one job. Raises WorkerDied.

        ``role`` is "student" or "examiner" where two processes work on it ("student, tests": some run there), ``line``
        what joins them.
        """
        deadline = time.monotonic() + PATIENCE * (job.limits.seconds + GRACE) + _MARGIN
        files = {name: base64.b64encode(data).decode() for name, data in job.files.items()}
        message = {"notebook": job.notebook, "files": files, "limits": asdict(job.limits), "asks": sorted(job.asks)}
        self.order({**message, "role": role, "apart": [], "exports": [], "mentions": [], **more})
        if line is not None:
            try:
                socket.send_fds(self.orders, [b"."], [line.fileno()])
            except OSError as problem:
                raise WorkerDied(str(problem)) from None
            line.close()
        return self._events(deadline)

    def _events(self, deadline: float) -> Iterator[Json]:
        while True:
            event = self.event(deadline)
            yield event
            if event["event"] == "done":
                return

    def close(self) -> None:
        """End it and all that it started."""
        for pipe in (self.orders, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.5)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.errors.close()
        if self.walls == "none":
            shutil.rmtree(self.folder, ignore_errors=True)


# Started with -I: the package is found without the environment or the current folder.
_PROGRAM = f"""
import json, sys
sys.path.append({str(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))!r})
from classroom.worker import main
main(json.loads(sys.argv[1]))
"""


class Pool:
    """Jailed workers that run jobs.

    Parameters
    ----------
    workers
        How many submissions run at a time; default: as many as this machine has processors.
    limits
        If given, replaces the limits of each job.
    unsafe
        Go on although a needed protection is missing (:func:`classroom.sandbox.doctor`).
    jail
        What workers import beforehand and may read.

    Raises
    ------
    SandboxUnavailable
        On entering, if this machine lacks a needed protection and ``unsafe`` is False.
    """

    def __init__(
        self, workers: int | None = None, limits: Limits | None = None, unsafe: bool = False, jail: Jail | None = None
    ) -> None:
        self.workers = workers or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else workers or 2
        self.limits, self.unsafe, self.jail = limits, unsafe, jail or Jail()
        # By what they may hold: one that has had a test never gets a student who is judged apart from it.
        self._idle: dict[str, queue.SimpleQueue[_Worker]] = defaultdict(queue.SimpleQueue)
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._walls = ""

    def __enter__(self) -> "Pool":
        self._walls = sandbox.require(self.unsafe)
        if sys.platform == "linux":
            try:
                self._idle["new"].put(self._new())  # the others start when there is work for them
            except WorkerDied as problem:
                raise SandboxUnavailable(f"no worker can start in the sandbox: {problem}") from None
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            workers, self._all = self._all, set()
        for worker in workers:
            worker.close()

    def _new(self) -> _Worker:
        worker = _Worker(self._walls, self.jail)
        with self._lock:
            self._all.add(worker)
        return worker

    def _worker(self, role: str) -> _Worker:
        for kind in (role, "new"):
            with contextlib.suppress(queue.Empty):
                return self._idle[kind].get_nowait()
        return self._new()

    def _discard(self, *workers: _Worker) -> None:
        for worker in workers:
            with self._lock:
                self._all.discard(worker)
            worker.close()

    def run(self, jobs: Iterable[Job]) -> Iterator[Ran]:
        """Run the jobs, several at a time; give each back once, as it ends.

        Jobs are drawn from the iterable only as workers become free, so a long class needs little memory.
        """
        source, drawing = iter(jobs), threading.Lock()
        results: queue.Queue[Ran | BaseException | None] = queue.Queue(maxsize=2 * self.workers)
        stop = threading.Event()

        def draw() -> Job | None:
            with drawing:
                return None if stop.is_set() else next(source, None)

        def work() -> None:
            try:
                while (job := draw()) is not None:
                    results.put(self.one(job))
            except BaseException as problem:
                stop.set()
                results.put(problem)
            finally:
                results.put(None)

        threads = [threading.Thread(target=work, daemon=True) for _ in range(self.workers)]
        for thread in threads:
            thread.start()
        running = len(threads)
        try:
            while running:
                result = results.get()
                if result is None:
                    running -= 1
                elif isinstance(result, BaseException):
                    raise result
                else:
                    yield result
        finally:
            stop.set()
            while running:  # let the threads that wait for room in the queue end
                running -= results.get() is None
            for thread in threads:
                thread.join()

    def one(self, job: Job) -> Ran:
        """Run one job and wait for it; safe to call from several threads."""
        if self.limits is not None:
            job = replace(job, limits=self.limits)
        if sys.platform != "linux":
            return replace(_without_fork(job), inside=_inside(job))
        with _turns.take() as turn:
            first, ran = self._run(job)
        if not first.late or not (turn.company or first.waited > _LOAD * job.limits.cell_seconds):
            return first.told(ran)
        with _turns.take(alone=True):
            second, again = self._run(job)
        signs = tuple(dict.fromkeys((*ran.tampering, *again.tampering)))
        return second.told(replace(again, tampering=signs, seconds=ran.seconds + again.seconds), first)

    def _run(self, job: Job) -> "tuple[Reading, Ran]":
        started = time.monotonic()
        for attempt in (1, 2):
            try:
                reading = Reading(job)
            except Exception:  # no notebook at all: intake lets none through
                empty = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}
                return Reading(replace(job, notebook=empty)), Ran(job.key, empty, "died")
            roles = [""] if job.exports is None or not is_python(job.notebook) else ["student", "examiner"]
            workers = [self._worker(role) for role in roles]
            try:
                if len(roles) == 1:
                    for event in workers[0].run(job):
                        reading.take(event)
                elif not _apart(job, reading, *workers, [name for name in self.jail.warm if _mentions(job, name)]):
                    self._discard(*workers)
                    roles = workers = []
            except WorkerDied as problem:
                self._discard(*workers)
                if attempt == 1 and not str(problem).endswith("too long"):
                    continue
                reading.stop("died", str(problem))
            except Exception as problem:
                self._discard(*workers)
                reading.stop("died", f"its results could not be read ({type(problem).__name__})")
            except BaseException:
                self._discard(*workers)
                raise
            else:
                for role, worker in zip(roles, workers, strict=True):
                    self._idle[role].put(worker)
            break
        try:
            return reading, reading.ran(time.monotonic() - started)
        except Exception:  # one notebook is no reason to leave a class ungraded
            return reading, Ran(job.key, reading.notebook, "died", (), time.monotonic() - started)


def _inside(job: Job) -> tuple[str, ...]:
    """The tests, by grade id, that run where the answers run."""
    together = sys.platform != "linux" or job.exports is None or not is_python(job.notebook)
    alone = frozenset() if together else apart(job.notebook, job.inside)
    return tuple(name for index, name in test_cells(job.notebook) if index not in alone)


def _mentions(job: Job, module: str) -> bool:
    return any(module.partition(".")[0] in cell["source"] for _, _, cell in plan(job.notebook))


def _apart(job: Job, reading: "Reading", student: _Worker, examiner: _Worker, mentions: list[str]) -> bool:
    """One job in two processes: cells in the notebook's order, each test when the student's process is ready for it.

    False if the examiner had to be ended over what the student's process gave it: both workers are then done with.
    """
    theirs, tests = halves(job.notebook, job.inside, job.imports)
    where = sorted(apart(job.notebook, job.inside))
    shared = {"apart": where, "exports": sorted(job.exports or ()), "mentions": mentions}
    left, right = socket.socketpair()
    # The student's side has the limits; those of the examiner, which works or waits for it, end what is left.
    cell, whole = job.limits.cell_seconds + 2 * GRACE, PATIENCE * (job.limits.seconds + GRACE)
    limits = replace(job.limits, cell_seconds=cell, seconds=whole)
    role = "student, tests" if any(index not in where for index, _ in test_cells(job.notebook)) else "student"
    with left, right:
        events = student.run(replace(job, notebook=theirs), role, left, **shared)
        own = {name: data for name, data in job.files.items() if name in job.supplied}
        verdicts = examiner.run(replace(job, notebook=tests, files=own, limits=limits), "examiner", right, **shared)
    verdict: Json = {}
    for event in events:
        if event["event"] == "ready":
            examiner.order({"go": event["cell"]})
            verdict = next(verdicts)
            if verdict["event"] == "end":
                why = f"the test did not come to an end: {verdict['why']}"
                reading.take({**verdict, "cell": event["cell"], "why": why})
                return False
            if verdict["event"] != "cell":
                raise WorkerDied(f"the examiner ended: {verdict.get('why')}")
        elif event["event"] == "cell" and event["kind"] == "apart":
            # Of the student's side only what was printed past its calls: nbgrader would take a result for a score.
            printed = [message for message in event["messages"] if message[0] == "stream"]
            late = verdict["timed_out"] or event["timed_out"]
            reading.take({**verdict, "messages": [*verdict["messages"], *printed], "timed_out": late})
        else:
            reading.take(event)
    examiner.order({"go": None})
    for event in verdicts:
        if event["event"] == "end":
            reading.tampering += event["evidence"]
    return True


@dataclass
class _Turn:
    company: bool = False  # whether another job ran at the same time


class _Turns:
    """Lets jobs of this process run beside each other, or one alone."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._running: list[_Turn] = []
        self._alone = 0  # those that want to be alone, or are

    @contextlib.contextmanager
    def take(self, alone: bool = False) -> Iterator[_Turn]:
        turn = _Turn()
        with self._change:
            self._alone += alone
        try:
            with self._change:
                self._change.wait_for(lambda: not (self._running if alone else self._alone))
                self._running.append(turn)
                if len(self._running) > 1:
                    for one in self._running:
                        one.company = True
            yield turn
        finally:
            with self._change:
                self._running = [one for one in self._running if one is not turn]
                self._alone -= alone
                self._change.notify_all()


_turns = _Turns()


class Reading:
    """Turns a worker's events into a notebook with outputs. What the events hold came from student code: only its shape
    is trusted to be that of the Jupyter protocol after :func:`_sound` has seen to it."""

    def __init__(self, job: Job) -> None:
        import nbformat
        from nbclient import NotebookClient

        self.job = job
        self.notebook = nbformat.from_dict(job.notebook)  # makes new dictionaries and lists all the way down
        for cell in self.notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        self.client = NotebookClient(self.notebook)
        self.left = [index for index, _, _ in plan(job.notebook)]
        self.ended, self.why, self.where = "died", "the supervisor ended", -1
        self.room = 20 * OUTPUTS  # the interpreter keeps to fewer, unless student code has changed that
        self.tampering: list[str] = []
        self.seen: list[str] = []
        self.late: list[str] = []  # what ran out of time, in words
        self.uncarried: dict[str, tuple[str, ...]] = {}
        self.waited = 0.0  # seconds that it stood in line for a processor until then

    def take(self, event: Json) -> None:
        """One event."""
        if event["event"] == "cell":
            self._cell(event)
            if event.get("strange"):
                self._not_carried(self.notebook.cells[event["cell"]], event["strange"])
        elif event["event"] == "end":
            self.ended, self.why, self.where = event["ended"], event["why"], event["cell"]
            self.tampering += event["evidence"]
            self.seen += event["seen"]
            self.waited = event["waited"]
            if self.ended == "time":
                self.late.append(f"{self.why} ({_called(self.notebook, self.where)})")
        elif event["event"] == "broken":
            self.stop("died", event["why"])

    def stop(self, ended: str, why: str) -> None:
        """The rest will not come."""
        self.ended, self.why = ended, why

    def _cell(self, event: Json) -> None:
        index, cell = event["cell"], self.notebook.cells[event["cell"]]
        self.left.remove(index)
        cell.execution_count = event["number"]
        if "kernel" in event:
            cell.outputs = _nodes(self._few(_joined(event["kernel"]["outputs"])))
            if any(output.get("ename") == _TIMEOUT["ename"] for output in cell.outputs):
                self._ran_out(index)
            return
        self.client.clear_before_next_output = False
        for kind, content in self._few(_pieced_together(event["messages"], event["number"])):
            message = {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": {}, "content": content}
            self.client.process_message(message, cell, index)
        cell.execution_count = event["number"]
        outputs = _joined(cell.outputs)
        if value := event["value"]:
            outputs.append({"output_type": "execute_result", "execution_count": event["number"], **value})
        if event["error"]:
            error = {"output_type": "error", **event["error"]}
            known = [output for output in outputs if output["output_type"] == "error"]
            if event["kind"] != "student" or not any(output["ename"] == error["ename"] for output in known):
                outputs.append(error)
        if event["timed_out"]:
            outputs.append(_TIMEOUT)
            self._ran_out(index)
        cell.outputs = _nodes(outputs)

    def _not_carried(self, test: Any, kinds: list[str]) -> None:
        """A test got what could not be carried: that is told if it did not give all of its points."""
        from .marks import earned

        if earned(test) < test.metadata.nbgrader["points"]:
            self.uncarried[test.metadata.nbgrader.grade_id] = tuple(dict.fromkeys(kinds))

    def _ran_out(self, index: int) -> None:
        seconds = f"{self.job.limits.cell_seconds:g} seconds"
        self.late.append(f"{_called(self.notebook, index)} ran for more than {seconds} and was stopped")

    def told(self, ran: Ran, first: "Reading | None" = None) -> Ran:
        """``ran`` with what ran out of time among the things to know; ``first``: it had run before, not alone."""
        late = [f"{line}, also when it ran alone" if first else line for line in self.late]
        if first and not late:
            late = [f"{'; '.join(first.late)}; run again with nothing beside it, it ended in time, and that run counts"]
        return replace(ran, seen=(*ran.seen, *late))

    def _few(self, outputs: Iterable[Any]) -> list[Any]:
        few = list(itertools.islice(outputs, max(0, self.room)))
        self.room -= len(few)
        return few

    def ran(self, seconds: float) -> Ran:
        """The result; cells that did not run say so."""
        for index in self.left:
            here = index == self.where
            text = f"This cell was {'ended' if here else 'not run'}: {self.why}."
            name = "CellEnded" if here else "CellNotRun"
            error = {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}
            self.notebook.cells[index].outputs = _nodes([error])
        if is_python(self.job.notebook):
            self.notebook.metadata["language_info"] = _language()
        tampering, seen = (tuple(dict.fromkeys(lines)) for lines in (self.tampering, self.seen))
        return Ran(self.job.key, self.notebook, self.ended, tampering, seconds, seen, self.uncarried, _inside(self.job))


def _called(notebook: Any, index: int) -> str:
    """What a message calls a cell."""
    name = (notebook.cells[index].metadata.get("nbgrader") or {}).get("grade_id")
    return repr(name) if isinstance(name, str) else f"cell {index + 1}"


def _nodes(outputs: list[Json]) -> list[Any]:
    import nbformat

    return [nbformat.from_dict(output) for output in outputs]


def _joined(outputs: list[Json]) -> list[Json]:
    """Neighbouring pieces of one stream as one output."""
    joined: list[Json] = []
    for name, group in itertools.groupby(outputs, lambda one: one["output_type"] == "stream" and one["name"]):
        some = list(group)
        joined += [{**some[0], "text": "".join(output["text"] for output in some)}] if name else some
    return joined


def _pieced_together(messages: Iterable[Any], number: int) -> Iterator[tuple[str, Json]]:
    """The messages that are sound, neighbouring pieces of one stream as one. They can be many: in linear time."""
    name, pieces = "", []
    for kind, content in messages:
        if (content := _sound(kind, content, number)) is None:
            continue
        if kind == "stream" and content["name"] == name:
            pieces.append(content["text"])
            continue
        if pieces:
            yield "stream", {"name": name, "text": "".join(pieces)}
        name, pieces = (content["name"], [content["text"]]) if kind == "stream" else ("", [])
        if kind != "stream":
            yield kind, content
    if pieces:
        yield "stream", {"name": name, "text": "".join(pieces)}


def _sound(kind: str, content: Any, number: int) -> Json | None:
    """The content of a message if it has the protocol's form, with nothing more; else None."""
    if not isinstance(content, dict):
        return None
    if kind == "stream":
        name, text = content.get("name"), content.get("text")
        return {"name": name, "text": text} if name in ("stdout", "stderr") and isinstance(text, str) else None
    if kind in ("display_data", "update_display_data", "execute_result"):
        data, metadata = content.get("data"), content.get("metadata") or {}
        if not isinstance(data, dict) or not isinstance(metadata, dict):
            return None
        for mime, value in data.items():
            if not isinstance(value, str) and not mime.endswith("json"):
                return None
        sound = {"data": data, "metadata": metadata}
        display = (content.get("transient") or {}).get("display_id") if kind != "execute_result" else None
        if isinstance(display, str):
            sound["transient"] = {"display_id": display}
        return {**sound, "execution_count": number} if kind == "execute_result" else sound
    if kind == "error":
        name, value, lines = content.get("ename"), content.get("evalue"), content.get("traceback")
        if isinstance(name, str) and isinstance(value, str) and isinstance(lines, list):
            return {"ename": name, "evalue": value, "traceback": [str(line) for line in lines]}
        return None
    return {"wait": bool(content.get("wait"))} if kind == "clear_output" else None


def _language() -> Json:
    """What ipykernel says about its language (``IPythonKernel.language_info``)."""
    from ipykernel.ipkernel import IPythonKernel

    return dict(IPythonKernel.language_info)


def _without_fork(job: Job) -> Ran:
    """A kernel as stock nbgrader starts it: no walls, no limits but time. Only reached with ``unsafe``."""
    import nbformat

    from .kernel import execute

    ran = execute(job)
    return replace(ran, notebook=nbformat.from_dict(without_surrogates(ran.notebook)))
