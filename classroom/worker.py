"""The program inside the jail: imports what a course needs once, then forks for each submission.

    worker (warm, never runs student code)
      └─ supervisor, one for each submission, first process of its own namespaces; never runs student code
           └─ interpreter in which the cells run; it and all that it starts die with the supervisor

The supervisor compiles the locked cells, hands out one cell at a time, measures time, memory and output, and writes what
came of each cell to the grader as soon as it is known: if the interpreter dies, the earlier cells keep their results.

Jobs come as JSON on standard input, one length (4 bytes) and text each; events go to standard output the same way.
"""

import base64
import builtins
import contextlib
import gc
import importlib
import importlib.util
import json
import marshal
import math
import os
import re
import resource
import select
import signal
import socket
import sys
import time
import types
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from . import carry
from .commands import GRACE, PATIENCE, Compiler, is_python, plan, read_frame, write_frame

PRISTINE = ("classroom.channel", "classroom.evidence", "classroom.cells")


def own_builtins(names: tuple[str, ...]) -> list[types.ModuleType]:
    """Load modules with a private copy of the builtins, so that a replaced ``len`` or ``isinstance`` does not reach them."""
    modules = []
    for name in names:
        spec = importlib.util.find_spec(name)
        module = importlib.util.module_from_spec(spec)
        module.__dict__["__builtins__"] = dict(vars(builtins))
        sys.modules[name] = module
        exec(spec.loader.get_code(name), module.__dict__)
        modules.append(module)
    return modules


# -- one submission ------------------------------------------------------------------------------------------------------


class Stop(Exception):
    """The submission ends here: why, in one word of ``Ran.ended``, and in a sentence for its student."""

    def __init__(self, ended: str, sentence: str) -> None:
        super().__init__(sentence)
        self.ended = ended


class Clock:
    """How much longer student code may go on: for ``seconds`` of its own, be it at work or asleep.

    The time that it stands in line for a processor which others hold is not its own. It ends when the clock has passed
    the limit and it has used a processor for as long, or has not waited for one; in any case at PATIENCE times the limit.
    ``usage`` gives what its processes have used and waited (:func:`classroom.jail.spent`), by number: of the interpreter
    alone when a clock starts, of all when it has run out.
    """

    def __init__(self, seconds: float, usage: Callable[[bool], dict[int, tuple[float, float]]]) -> None:
        self.seconds, self.usage = seconds, usage
        self.began, self.before = time.monotonic(), usage(False)
        self.waited = 0.0

    def left(self) -> float:
        """Seconds until it is worth asking again; 0 or less: they are over."""
        passed = time.monotonic() - self.began
        if passed < self.seconds:
            return self.seconds - passed
        used = 0.0
        for process, (cpu, waited) in self.usage(True).items():
            first = self.before.get(process, (0.0, 0.0))
            used += cpu - first[0]
            self.waited = max(self.waited, waited - first[1])
        end = PATIENCE * self.seconds - passed
        if min(end, self.seconds - max(used, passed - self.waited)) <= 0:
            return 0.0
        return max(0.05, min(end, self.seconds - max(used, passed - self.waited)))


class Supervisor:
    """Runs one job: hands cells to the interpreter, holds it to the limits, tells the grader what came of each cell."""

    def __init__(
        self,
        job: dict[str, Any],
        commands: list[dict[str, Any]],
        grader: int,
        tools: "Tools",
        orders: int = -1,
        line: int = -1,
    ) -> None:
        self.job, self.commands, self.grader, self.tools = job, commands, grader, tools
        self.orders, self.line = orders, line  # for two processes: where the grader says go on, and what joins them
        self.limits = job["limits"]
        self.text: dict[str, bytearray] = {}
        self.read = self.heard = 0
        self.evidence: list[str] = []
        self.shadowed: set[str] = set()
        self.cell = -1
        self.waited = 0.0

    def run(self) -> None:
        """The whole job."""
        folder = self.tools.folder
        ours = _imported(self.job["notebook"], "locked", "test")
        for name, data in self.job["files"].items():
            path = Path(folder, name)
            first, inner, _ = name.partition("/")
            if inner and first in ours and f"{first}.py" in self.job["files"]:
                continue  # Python would take a folder for the module of that name that the tests mean
            if not path.resolve().is_relative_to(Path(folder).resolve()) or "__pycache__" in path.parts:
                continue  # Python would take what was compiled for what it was compiled from, if that asks it to
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(base64.b64decode(data))
        os.chdir(folder)
        kernel = not is_python(self.job["notebook"])
        self.cells = plan(self.job["notebook"])
        self.points = {index: (cell["metadata"].get("nbgrader") or {}).get("points") for index, _, cell in self.cells}
        ended, why = "finished", ""
        self._start(kernel)
        self.clock = Clock(self.limits["seconds"], self._usage)
        try:
            if kernel:
                self._kernel()
            for command in self.commands if self.job["role"] != "examiner" else self._ordered():
                self._one(command)
            if not kernel:
                self.channel.send(marshal.dumps(None))
        except Stop as stop:
            ended, why = stop.ended, str(stop)
        if not select.select([self.pidfd], [], [], 0 if ended != "finished" else 1)[0]:
            os.kill(self.child, signal.SIGKILL)
        if ended != "died":
            os.waitpid(self.child, 0)
        if self.channel.forged:
            self._note("something else than the grader wrote to the channel on which results travel")
        end = {"ended": ended, "why": why, "cell": self.cell, "evidence": self.evidence, "seen": self._seen()}
        self._tell(event="end", waited=self.waited, **end)

    def _ordered(self) -> Iterator[dict[str, Any]]:
        """The commands, as the grader lets them come: a test when the student's process is ready for it."""
        for command in self.commands:
            while command["kind"] == "test" and (cell := self._order()) != command["cell"]:
                if cell is None:
                    return
            yield command

    def _order(self) -> int | None:
        """The next cell to judge; None: no more."""
        if (message := read_frame(self.orders)) is None:
            os._exit(3)
        return json.loads(message)["go"]

    def _seen(self) -> list[str]:
        """What an instructor may want to know although it is no sign of anything."""
        hidden = _hidden(self.job["files"], self.job["notebook"])
        seen = [
            f"{path} beside the notebook has the name of a library, which was imported in its place" for path in hidden
        ]
        if self.shadowed:
            *names, last = sorted(self.shadowed)
            what = f"{', '.join(names)} and {last}" if names else last
            seen.append(f"the notebook has a meaning of its own for {what}; the tests went by the usual one")
        return seen

    def _tell(self, **event: Any) -> None:
        write_frame(self.grader, json.dumps(event).encode())

    def _note(self, line: str) -> None:
        if line not in self.evidence and len(self.evidence) < 50:
            self.evidence.append(line[:500])

    def _start(self, kernel: bool) -> None:
        """Fork the interpreter."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pipes = {name: os.pipe() for name in ("stdout", "stderr")}
        key = os.urandom(32)
        before, self.role = _resident("self"), self.job["role"]
        self.child = os.fork()
        if self.child == 0:
            try:
                os.close(self.grader)
                if self.orders >= 0:
                    os.close(self.orders)
                ours.close()
                os.dup2(pipes["stdout"][1], 1)
                os.dup2(pipes["stderr"][1], 2)
                for pipe in pipes.values():
                    os.close(pipe[0])
                    os.close(pipe[1])
                self.tools.confine(self.limits)
                job = dict(self.job) if kernel else None
                for memory in (self.job, self.commands, self.cells):  # the hidden tests: each comes when it is to run
                    memory.clear()
                self.tools.enter(theirs.detach(), key, self.limits, job, self.role, self.line)
            except BaseException as problem:
                with contextlib.suppress(BaseException):
                    os.write(2, repr(problem).encode())
            finally:
                os._exit(70)
        theirs.close()
        if self.line >= 0:
            os.close(self.line)
        self.base = before
        self.interpreter = self.tools.jail.seen_as(self.child) if self.tools.nested else self.child
        self.pidfd = os.pidfd_open(self.child)
        self.channel = self.tools.channel(ours.detach(), key)
        self.pipes = {}
        self.poll = select.poll()
        for name, (reading, writing) in pipes.items():
            os.close(writing)
            os.set_blocking(reading, False)
            self.pipes[reading] = name
            self.poll.register(reading, select.POLLIN)
        self.poll.register(self.channel.descriptor, select.POLLIN)
        self.poll.register(self.pidfd, select.POLLIN)
        self.poll.register(self.grader, 0)  # an error here: the grader is gone

    def _one(self, command: dict[str, Any]) -> None:
        """Run a cell and report it."""
        self.cell = command["cell"]
        self.text = {"stdout": bytearray(), "stderr": bytearray()}
        self._whole()
        if command["kind"] == "apart":
            self._tell(event="ready", cell=self.cell)
        self.channel.send(marshal.dumps(command))
        reply, timed_out = self._wait()
        if reply.get("cell") != self.cell:
            raise Stop("died", "the results came in a wrong order")
        self._drain()
        messages = reply.get("messages", [])
        for name, data in self.text.items():
            if data:
                messages.append(["stream", {"name": name, "text": data.decode("utf-8", "replace")}])
        test = command["kind"] == "test"
        event = {
            "event": "cell",
            "cell": self.cell,
            "number": command["number"],
            "kind": command["kind"],
            "messages": messages,
            "error": reply.get("error"),
            "value": reply.get("value"),
            "timed_out": timed_out,
        }
        if self.role == "examiner":
            if not test:
                return
            event["strange"] = [str(name) for name in reply.get("strange", [])]
            if "broken" in reply:
                self._note(f"what the student's process sent to the tests was no answer ({reply['broken']})")
            self._judge(event, self.points[self.cell])
        elif test:
            where = "before", "after"
            for moment in where:
                if len(reply.get(moment, [])) != len(command["canaries"]) or not all(reply[moment]):
                    self._note(f"a known-false assertion passed {moment} a test: the tests' helpers cannot be trusted")
            self.shadowed |= {*command["names"], *command["exposed"]} & set(reply.get("shadowed", []))
            self._judge(event, self.points[self.cell])
        self._tell(**event)

    def _judge(self, event: dict[str, Any], points: float | None) -> None:
        """A test's value counts only if it is a number from 0 to the cell's points."""
        results = [message for message in event["messages"] if message[0] == "execute_result"]
        if results:
            event["messages"] = [message for message in event["messages"] if message[0] != "execute_result"]
            self._note("student code displayed a result of its own during a test; it was left out")
        value = event["value"]
        if value is None or "data" in value or event["error"]:
            return
        score = value.get("score")
        try:
            number = float(score) if score is not None else math.nan
        except (TypeError, ValueError):
            number = math.nan
        if number >= 0 and (points is None or number <= points):
            event["value"] = {"data": {"text/plain": score}, "metadata": {}}
            return
        what = str(score)[:80] if score is not None else f"a value of type {value.get('type')}"
        sentence = f"The test gave {what}, which is not a score from 0 to {points:g}."
        self._note(f"a test gave {what} as its score; it was not counted")
        event["value"] = None
        event["error"] = {"ename": "ScoreError", "evalue": sentence, "traceback": [f"ScoreError: {sentence}"]}

    def _wait(self) -> tuple[dict[str, Any], bool]:
        """The interpreter's answer, and whether it had to be interrupted."""
        clock, interrupted = Clock(self.limits["cell_seconds"], self._usage), False
        last_look = 0.0
        while True:
            whole = math.inf if interrupted else self._whole()
            if (left := clock.left()) <= 0:
                self.waited = max(self.waited, clock.waited)
                if interrupted:
                    raise Stop("time", "a cell ran for too long and did not let itself be interrupted")
                clock, interrupted, left = Clock(GRACE, self._usage), True, GRACE
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.child, signal.SIGINT)
            if (reply := self._listen(min(left, whole, 0.25))) is not None:
                return reply, interrupted
            if time.monotonic() - last_look > 0.2:
                last_look = time.monotonic()
                self._memory()

    def _whole(self) -> float:
        """Seconds that are left for the submission as a whole. Raises Stop."""
        left = self.clock.left()
        if left <= 0:
            self.waited = max(self.waited, self.clock.waited)
            raise Stop("time", f"the submission ran for more than {self.limits['seconds']:g} seconds in all")
        return left

    def _usage(self, everything: bool) -> dict[int, tuple[float, float]]:
        """What the interpreter and, if asked, all that it started have used and waited for, by number."""
        processes = {self.interpreter, *(self._processes() if everything else ())}
        return {process: self.tools.jail.spent(process) for process in processes - {int(os.readlink("/proc/self"))}}

    def _processes(self) -> list[int]:
        """The numbers, in /proc, of what student code runs in; this process may be among them."""
        return self.tools.neighbours() if self.tools.nested else self.tools.descendants()

    def _listen(self, patience: float) -> dict[str, Any] | None:
        """Wait for something to happen; the reply if there is one."""
        ready = dict(self.poll.poll(max(1, patience * 1000)))
        if self.grader in ready:
            os._exit(3)
        self._drain(ready)
        if self.channel.descriptor in ready:
            try:
                for message in self.channel.receive():
                    # The limit of what is kept lies within the student's reach, this one does not.
                    self.heard += len(message)
                    if self.heard > 8 * self.limits["output"] + (64 << 20):
                        raise Stop("output", "it sent more than a submission may write")
                    reply = json.loads(message)
                    if "evidence" not in reply:
                        return reply
                    self._note(f"{reply['evidence']} (while cell {self.cell + 1} ran)")
            except (EOFError, OSError):
                raise Stop("died", self._death()) from None
        elif self.pidfd in ready:
            raise Stop("died", self._death())
        return None

    def _death(self) -> str:
        if not select.select([self.pidfd], [], [], 1)[0]:
            return "the interpreter closed the channel on which its results travel"
        _, status = os.waitpid(self.child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            with contextlib.suppress(ValueError):
                return f"the interpreter was ended by signal {-code} ({signal.Signals(-code).name})"
        return f"the interpreter ended by itself (exit code {code})"

    def _drain(self, ready: dict[int, int] | None = None) -> None:
        """Take what was written past Python's sys.stdout: by C code or by programs that the cell started."""
        for descriptor, name in list(self.pipes.items()):
            if ready is not None and descriptor not in ready:
                continue
            for _ in range(64):
                try:
                    data = os.read(descriptor, 1 << 16)
                except BlockingIOError:
                    break
                if not data:
                    self.poll.unregister(descriptor)
                    del self.pipes[descriptor]
                    break
                room = self.limits["output"] - self.read
                self.read += len(data)
                if room > 0:
                    self.text.setdefault(name, bytearray()).extend(data[:room])
                    if len(data) > room:
                        self.text[name] += b"\n[cut here: a submission may write %d bytes]\n" % self.limits["output"]

    def _memory(self) -> None:
        """The interpreter is held by its address space; with processes of its own, by what all of them use."""
        processes = self._processes()
        if len(processes) <= (2 if self.tools.nested else 1):  # in namespaces of its own, with this process
            return
        used = sum(max(0, _resident(str(entry)) - self.base) for entry in processes)
        if used > self.limits["memory"]:
            raise Stop("memory", f"all processes together used more than {self.limits['memory'] >> 20} MB")

    def _kernel(self) -> None:
        """The notebook runs in a kernel of its own, inside the same walls; without tamper evidence."""
        for number, (index, kind, cell) in enumerate(self.cells, 1):
            self.cell = index
            while (reply := self._listen(0.25)) is None:
                self._whole()
                self._memory()
            if "failed" in reply:
                raise Stop("died", str(reply["failed"])[:500])
            if kind == "test":
                self._judge_kernel(reply["outputs"], cell)
            self._tell(event="cell", cell=index, number=number, kind=kind, kernel=reply)

    def _judge_kernel(self, outputs: list[dict[str, Any]], cell: dict[str, Any]) -> None:
        """As :meth:`_judge`, from a kernel's outputs. A message that stands in the test's last line is no score."""
        for place, output in enumerate(outputs):
            if output["output_type"] != "execute_result":
                continue
            text = str(output["data"].get("text/plain", ""))
            if text[:1] in "'\"" and text[1:-1] in cell["source"].rstrip().rpartition("\n")[2]:
                continue
            event = {"messages": [], "error": None, "value": {"score": text}}
            self._judge(event, cell["metadata"]["nbgrader"].get("points"))
            if event["error"]:
                outputs[place] = {"output_type": "error", **event["error"]}


def _imported(notebook: dict[str, Any], *kinds: str) -> set[str]:
    """What cells of these kinds import, as far as a look at the text can tell."""
    text = "\n".join(cell["source"] for _, kind, cell in plan(notebook) if kind in kinds)
    found = set()
    for word, names in re.findall(r"^\s*(import|from)[ \t]+(\w[\w., \t]*)", text, re.MULTILINE):
        some = names.split(",") if word == "import" else [names]
        found |= {name.split()[0].partition(".")[0] for name in some if name.split()}
    return found


def _hidden(files: Iterable[str], notebook: dict[str, Any]) -> list[str]:
    """The modules beside the notebook that it seems to import and cannot, because a library has their name."""
    asked, found = _imported(notebook, "student"), []
    for path in sorted(files):
        name = path.removesuffix("/__init__.py").removesuffix(".py")
        if path.endswith(".py") and name in asked:
            with contextlib.suppress(ImportError, ValueError):
                found += [path] * (importlib.util.find_spec(name) is not None)
    return found


def _resident(process: str) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return 0


# -- the worker ----------------------------------------------------------------------------------------------------------


class Tools:
    """What was made warm: the shell, the watch, the modules with builtins of their own, and the walls."""

    def __init__(self, settings: dict[str, Any], nested: bool) -> None:
        from . import frames, jail, landlock

        self.settings, self.jail, self.landlock, self.nested = settings, jail, landlock, nested
        self.descendants, self.neighbours = jail.descendants, jail.neighbours
        self.folder = settings["folder"]
        sys.path.extend(folder for folder in settings["path"] if folder not in sys.path)
        # Processes are counted for a user: without walls, and not as root, that is all of the grader's own.
        self.own_user = settings["walls"] != "none" or bool(settings["uid"])
        self.later = list(settings["warm"])
        frames.install()
        exec(settings["prime"], {"__name__": "prime"})
        channel, self._evidence, self.cells = own_builtins(PRISTINE)
        self._channel, self._canaries = channel.Channel, self._evidence.canaries
        self._compiled: dict[Any, dict[str, Any]] = {}
        (self.front,) = own_builtins(PRISTINE[2:])  # see cells.Runner
        for name in ("Runner", "Channel", "Watch", "Suspect", "listen", "child"):
            del vars(self.front)[name]
        self.shell = self.front.make_shell()
        self.watch = self._watch()

    def warm(self, job: dict[str, Any]) -> None:
        """Import what this submission names and no earlier one did. scipy alone takes a second, and few exercises use it."""
        text = "\n".join([*(cell["source"] for _, _, cell in plan(job["notebook"])), *job["mentions"]])
        wanted = [name for name in self.later if name.partition(".")[0] in text]
        if not wanted:
            return
        self.later = [name for name in self.later if name not in wanted]
        for name in wanted:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        self.front.exercise(self.shell)
        if job["role"]:
            carry.exercise()
        self.watch = self._watch()
        gc.collect()

    def _watch(self) -> Any:
        for name in self._evidence.HELPERS:
            if "." not in name or name.partition(".")[0] in sys.modules:
                importlib.import_module(name)
        return self._evidence.Watch({*self._evidence.WATCHED, *self.settings["watch"]})

    def channel(self, descriptor: int, key: bytes) -> Any:
        return self._channel(descriptor, key, b"A")

    def commands(self, job: dict[str, Any]) -> list[dict[str, Any]]:
        """What to send to the interpreter, cell by cell; locked cells are compiled once, not once a student."""
        if not is_python(job["notebook"]):
            return []
        examines, exported = job["role"] == "examiner", frozenset(job["exports"])
        compiler = Compiler(
            self.shell, self._canaries, self._compiled, frozenset(job["asks"]) | (exported if examines else frozenset())
        )
        commands, loads = [], set()
        for number, (index, kind, cell) in enumerate(plan(job["notebook"]), 1):
            if index in job["apart"] and not examines:
                commands.append({"cell": index, "number": number, "kind": "apart"})
            elif not examines or kind == "locked" or index in job["apart"]:
                command = compiler.command(index, number, kind, cell)
                if examines:
                    loads |= set(command.get("mentions", ()))
                    command = {**command, "fetch": sorted(loads & exported), "canaries": []}
                commands.append(command)
        tests = [command for command in commands if command["kind"] == "test"]
        return [
            {**command, "first": command is tests[0], "last": command is tests[-1]}
            if command["kind"] == "test"
            else command
            for command in commands
        ]

    def confine(self, limits: dict[str, Any]) -> None:
        """In the interpreter, before student code: no rights, few files, few processes, little memory."""
        space = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        for kind, most in (
            (resource.RLIMIT_AS, space + limits["memory"]),
            (resource.RLIMIT_FSIZE, limits["file_size"]),
            (resource.RLIMIT_NOFILE, 256),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_CPU, math.ceil(limits["seconds"]) + 5),
            *self.own_user * ((resource.RLIMIT_NPROC, limits["processes"]),),
        ):
            hard = resource.getrlimit(kind)[1]
            most = int(most) if hard == resource.RLIM_INFINITY else min(int(most), hard)
            resource.setrlimit(kind, (most, most))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that is too large is an OSError, not the end
        self.jail.drop_capabilities()
        with contextlib.suppress(OSError):
            self.jail.close_unmapped_memory()
        if self.settings["landlock"]:
            devices = [f"/dev/{name}" for name in self.jail.DEVICES]
            self.landlock.restrict([*self.settings["read"], "/proc"], [*self.settings["scratch"], *devices])

    def enter(
        self, descriptor: int, key: bytes, limits: dict[str, Any], kernel: dict[str, Any] | None, role: str, line: int
    ) -> None:
        """Become the interpreter of a submission."""
        if kernel is not None:
            from .kernel import run

            run(self._channel(descriptor, key, b"B"), kernel, self.folder)
            return
        cells, shell, watch, output, folder = self.cells, self.shell, self.watch, limits["output"], self.folder
        self._compiled.clear()  # the hidden tests: each comes when its turn has come
        for name in [name for name in sys.modules if name.partition(".")[0] == "classroom"]:
            del sys.modules[name]
        cells.child(descriptor, key, shell, watch, output, folder, self.front, role, line)


def _can_nest(jail: Any, scratch: dict[str, int]) -> bool:
    try:
        if (child := jail.nest(scratch)) == 0:
            os._exit(0)
    except OSError:
        if os.getpid() == 1:
            os._exit(1)
        return False
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def main(settings: dict[str, Any]) -> None:
    """Be a worker until standard input ends."""
    from . import jail

    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open("/dev/null", os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    if settings["uid"]:
        jail.drop_root(settings["uid"])
    jail.drop_capabilities()
    jail.hide()
    os.umask(0o077)
    nested = settings["walls"] != "none" and _can_nest(jail, dict.fromkeys(settings["scratch"], 1 << 20))
    if not nested:
        jail.adopt_orphans()
    os.environ["NBGRADER_EXECUTION"] = "autograde"  # modules that refuse to load while grading must refuse now
    tools = Tools(settings, nested)
    gc.collect()
    gc.freeze()
    write_frame(outgoing, json.dumps({"event": "ready", "nested": nested, "pid": os.getpid()}).encode())
    while (message := read_frame(incoming)) is not None:
        before = _cpu()
        job, message = json.loads(message), b""
        if "go" in job:  # for an examiner that has ended
            continue
        line = _passed(incoming) if job["role"] else -1
        tools.warm(job)
        commands = tools.commands(job)
        gc.freeze()
        try:
            room = max(job["limits"]["file_size"], 1 << 20) + sum(map(len, job["files"].values()))
            sizes = dict.fromkeys(settings["scratch"], room)
            child = jail.nest(sizes, settings["read"]) if nested else os.fork()
            if child == 0:
                orders = incoming if job["role"] == "examiner" else -1
                if orders < 0:
                    os.close(incoming)
                if not nested:
                    jail.adopt_orphans()
                Supervisor(job, commands, outgoing, tools, orders, line).run()
                if not nested:
                    jail.kill_descendants()
                os._exit(0)
        except BaseException as problem:
            with contextlib.suppress(BaseException):
                text = f"{type(problem).__name__}: {problem}"
                write_frame(outgoing, json.dumps({"event": "broken", "why": text}).encode())
            os._exit(1)  # the grader starts another worker
        if line >= 0:
            os.close(line)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if not nested:
            jail.kill_descendants()
            _sweep(settings["scratch"])
        write_frame(
            outgoing,
            json.dumps(
                {
                    "event": "done",
                    "status": status,
                    "cpu": _cpu() - before,
                    "faults": resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt,
                }
            ).encode(),
        )
    os._exit(0)  # at once: to take a large interpreter apart takes longer than the grader waits


def _passed(incoming: int) -> int:
    """A descriptor that the grader passes after a job."""
    with socket.socket(fileno=os.dup(incoming)) as sender:
        return socket.recv_fds(sender, 1, 1)[1][0]


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _sweep(folders: list[str]) -> None:
    """Empty the scratch folders, where they are not thrown away with a submission's namespaces."""
    import shutil

    for folder in folders:
        for entry in os.scandir(folder):
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    os.unlink(entry.path)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
