"""Runs the cells of one submission in a forked interpreter, as a kernel would, and the tests apart from what students can change.

A student's cell goes through IPython's own shell (ipykernel's, without its sockets), so that magics, displays, top-level
``await`` and tracebacks are those of a kernel. A locked cell does not: it arrives compiled by the supervisor, which
never ran student code, and is executed by ``exec`` alone. Whether it failed is decided here, not by the shell.

This module is loaded with builtins of its own (see :func:`classroom.worker.own_builtins`).
"""

import asyncio
import builtins
import contextlib
import functools
import getpass
import inspect
import io
import json
import linecache
import logging
import math
import os
import random
import signal
import sys
import threading
import types
import zlib
from collections.abc import Callable, Iterator
from marshal import loads as _loads
from operator import is_
from time import sleep as _sleep
from typing import Any

from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.compilerop import CachingCompiler
from IPython.core.error import StdinNotImplementedError
from jupyter_client.session import Session
from traitlets.config import Config

from .across import Broken, Examiner, Gone, Students
from .channel import Channel
from .commands import OUTPUTS
from .evidence import CELLS, Suspect, Watch, listen

_DATA = {int, float, bool, str, bytes, complex, type(None), list, tuple, dict, set, frozenset}  # nothing to be called
_LONGEST = 20_000  # characters of one traceback or one error message
_LEAST = 200  # characters that an output counts for, however small: it is as much to store and to show
_encode = json.encoder.c_make_encoder(
    None, None, json.encoder.c_encode_basestring_ascii, None, ": ", ", ", False, False, True
)


class Outputs:
    """What the running cell gives, as messages of the Jupyter protocol: so many characters for all cells, so many outputs each.

    As on a page that is open, what a cell clears is gone, and of the updates of one display the last one counts. Neither
    is kept, so that a bar of progress uses up nothing.
    """

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.limit = limit
        self.room = OUTPUTS
        self.messages: list[tuple[str, Any, int] | None] = []  # kind, content, size; None: made up for by a later one
        self._text = {"stdout": [], "stderr": []}
        self._updates: dict[str, int] = {}  # by display: where its last update is among the messages
        self._clear = False  # what there is goes when the next output comes
        self.muted = False
        self._lock = threading.RLock()

    def write(self, name: str, text: str) -> None:
        """Add text to a stream."""
        with self._lock:
            if self.muted or not text:
                return
            if self._clear:
                self._forget()
            if self.left <= 0:
                return
            if len(text) > self.left:
                text = f"{text[: self.left]}\n[cut here: a submission may write {self.limit:,} characters]\n"
            self.left -= len(text)
            self._text[name].append(text)

    def flush(self) -> None:
        """End the current pieces of the two streams, as a kernel does before a display."""
        with self._lock:
            for name, pieces in self._text.items():
                if pieces:
                    text = "".join(pieces)
                    self.messages.append(("stream", {"name": name, "text": text}, len(text)))
                    pieces.clear()

    def add(self, kind: str, content: dict[str, Any]) -> None:
        """Add a message other than a stream's."""
        with self._lock:
            if self.muted:
                return
            if kind == "clear_output":
                self._clear = True
                if not content.get("wait"):
                    self._forget()
                return
            update = kind == "update_display_data"
            if self._clear and not update:
                self._forget()
            name = _display(content)
            if name in self._updates:
                self._drop(self._updates.pop(name))
            if self.left <= 0:
                return
            if not update:
                self.flush()
            if self.room <= 0:
                if self.room == 0:
                    self.room = -1
                    self.write("stdout", f"[cut here: a cell may show {OUTPUTS:,} outputs]\n")
                return
            if kind == "error":
                content = {key: _short(plain(value)) for key, value in content.items()}
            size = len("".join(_encode(plain(content), 0)))
            if size > self.left and kind != "error":
                content = dict(content, data={"text/plain": f"[left out: {size:,} characters]"}, metadata={})
                size = 0
            self._keep(kind, content, max(size, _LEAST))
            if update and name:
                self._updates[name] = len(self.messages) - 1

    def _keep(self, kind: str, content: dict[str, Any], size: int) -> None:
        self.left -= size
        self.room -= 1
        self.messages.append((kind, content, size))
        if len(self.messages) > 8 * OUTPUTS:  # most of them are None
            kept = [(place, message) for place, message in enumerate(self.messages) if message]
            moved = {old: new for new, (old, _) in enumerate(kept)}
            self._updates = {name: moved[place] for name, place in self._updates.items()}
            self.messages = [message for _, message in kept]

    def _drop(self, place: int) -> None:
        self.left += self.messages[place][2]
        self.room = max(self.room, 0) + 1
        self.messages[place] = None

    def _forget(self) -> None:
        """Clear. What was shown under a display's name still changes what earlier cells show under it."""
        self._clear = False
        self.flush()
        messages, self.messages, self._updates = self.messages, [], {}
        named = {}
        for message in filter(None, messages):
            self.left += message[2]
            if message[0] != "stream":
                self.room = max(self.room, 0) + 1
                named[_display(message[1])] = message
        named.pop("", None)
        for name, (_, content, size) in named.items():
            self._updates[name] = len(self.messages)
            self._keep("update_display_data", content, size)

    def take(self) -> list[list[Any]]:
        """The messages of the cell, and start anew."""
        with self._lock:
            self.flush()
            messages = [[kind, content] for kind, content, _ in filter(None, self.messages)]
            self.messages, self._updates, self._clear, self.room = [], {}, False, OUTPUTS
            return messages


def _display(content: dict[str, Any]) -> str:
    """The name of the display that a message is about; "" for none."""
    transient = content.get("transient")
    name = transient.get("display_id") if isinstance(transient, dict) else None
    return name if type(name) is str else ""


class Stream(io.TextIOBase):
    """sys.stdout and sys.stderr, as ipykernel's: text only, not a terminal."""

    encoding = "UTF-8"
    errors = "strict"

    def __init__(self, name: str, descriptor: int, outputs: Outputs) -> None:
        self._name, self._descriptor, self._outputs = name, descriptor, outputs

    @property
    def name(self) -> str:
        return f"<{self._name}>"

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        self._outputs.write(self._name, text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)


class Wire(Session):
    """ipykernel's session without a socket: what would be sent is kept."""

    outputs: Any = None

    def msg(self, msg_type: str, content: Any = None, parent: Any = None, **_: Any) -> dict[str, Any]:
        return {"header": {"msg_type": msg_type}, "msg_type": msg_type, "content": content or {}}

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *_: Any, **__: Any) -> None:
        kind = msg_or_type if isinstance(msg_or_type, str) else msg_or_type["msg_type"]
        content = content if isinstance(msg_or_type, str) else msg_or_type["content"]
        if self.outputs is not None and kind in _KINDS:
            self.outputs.add(kind, content)


_KINDS = ("display_data", "update_display_data", "execute_result", "error", "clear_output")


class Names(CachingCompiler):
    """Names the code of cells like ipykernel, whose tracebacks are shorter for files that do not exist."""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        name = f"{CELLS}{zlib.crc32(raw_code.encode())}.py"
        # No module has this file. Told so, inspect does not ask all of sys.modules, half a dozen times a traceback.
        inspect.modulesbyfile[name] = ""
        return name


class Shell(ZMQInteractiveShell):
    """ipykernel's shell without a kernel."""

    def enable_gui(self, gui: Any = None) -> None:
        """There is no event loop of a window; ``%matplotlib inline`` asks all the same."""

    def ask_exit(self) -> None:
        """``exit()`` in a cell: the next cell runs."""


Shell.__name__ = Shell.__qualname__ = "ZMQInteractiveShell"  # libraries ask for this name


def make_shell() -> ZMQInteractiveShell:
    """The shell in which students' cells run; made once, before the fork."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    shell = Shell.instance(config=config, kernel=None, compiler_class=Names)
    wire = Wire(config=config, key=b"")
    shell.displayhook.session = shell.display_pub.session = wire
    shell.builtin_trap.__enter__()  # display and get_ipython stay between cells, for the tests
    _colour_once()
    exercise(shell)
    builtins.input, getpass.getpass = _nobody("raw_input"), _nobody("getpass")
    asyncio.get_event_loop_policy()  # made when first asked for; later it would look like a change of asyncio
    return shell


def _colour_once() -> None:
    """IPython works out the colours of the terminal anew for each traceback, which takes longer than all the rest of it."""
    import stack_data
    from pygments.formatters.terminal256 import Terminal256Formatter

    known: dict[Any, dict[str, Any]] = {}
    init = Terminal256Formatter.__init__

    def remember(self: Any, **options: Any) -> None:
        key = tuple(sorted(options)), options.get("style")
        if key not in known or key[0] != ("style",):
            init(self, **options)
            known[key] = dict(vars(self))
        vars(self).update(known[key])

    Terminal256Formatter.__init__ = remember
    stack_data.style_with_executing_node = functools.cache(stack_data.style_with_executing_node)


_WARM_UP = {
    "builtins": ("_ = 1\n_", "def broken():\n    return 1 / 0\nbroken()", "%time 1"),
    "pandas": ("import pandas\npandas.DataFrame({'x': [1.0], 'y': ['a']})",),
    "altair": (
        "import altair, pandas\n"
        "_ = altair.Chart(pandas.DataFrame({'x': [1.0], 'y': ['a']})).mark_point().encode(x='x', y='y:N')\n"
        "altair.layer(_, _)",
    ),
}


def exercise(shell: ZMQInteractiveShell) -> None:
    """Run a cell, displays and an error once, so that what they import and set up is there in every fork."""
    for module in [module for module in _WARM_UP if module in sys.modules]:
        for cell in _WARM_UP.pop(module):
            with contextlib.redirect_stdout(io.StringIO()):
                shell.run_cell(cell)
    shell.reset(new_session=True)
    shell.execution_count = 1
    shell.history_manager.reset(new_session=True)
    linecache.clearcache()


def plain(value: Any) -> Any:
    """Only exact JSON types: what student code put into a message is not trusted to be what it says."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is float:
        return value if math.isfinite(value) else None
    if issubclass(kind, str):
        return str.__str__(value)
    if issubclass(kind, dict):
        return {str(key): plain(item) for key, item in dict.items(value)}
    if kind is list or kind is tuple:
        return [plain(item) for item in value]
    return str(value)


def _short(value: Any) -> Any:
    if isinstance(value, list):
        return [_short(line) for line in value[:200]]
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]} […]"


def _text(value: Any) -> str:
    try:
        return _short(plain(str(value)))
    except BaseException as problem:
        return f"<{type(problem).__name__} while making this text>"


class Runner:
    """Runs cells on command. Everything it needs later is bound before student code runs.

    ``front`` is a second copy of this module, without this class: what students can reach (the shell, its outputs, the
    streams) comes from there, so that its globals do not lead here.
    """

    def __init__(
        self,
        channel: Channel,
        shell: ZMQInteractiveShell,
        watch: Watch,
        output: int,
        folder: str,
        front: Any,
        role: str = "",
        line: int = -1,
    ) -> None:
        self.channel, self.shell, self.watch = channel, shell, watch
        self.outputs = front.Outputs(output)
        self.process = os.getpid()
        self.found: list[str] = []
        self.running: asyncio.Task[Any] | None = None
        self.suspect = Suspect()
        self.shadowed: set[str] = set()
        self.ran = True
        shell.displayhook.session.outputs = self.outputs
        Stream = front.Stream
        sys.stdout = sys.__stdout__ = Stream("stdout", 1, self.outputs)
        sys.stderr = sys.__stderr__ = Stream("stderr", 2, self.outputs)
        self.namespace = shell.user_ns
        # What a name means to the tests: IPython's own get_ipython and open, then what locked cells define.
        self.bound = {name: value for name, value in self.namespace.items() if hasattr(builtins, name)}
        self.real = dict(vars(builtins))
        self.builtins = self.namespace.get("__builtins__", builtins)
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self.threads = {threading.get_ident()}
        self.locked_codes: dict[
            int, types.CodeType
        ] = {}  # kept: a number stands for one object only as long as it lives
        self.examiner = Examiner(line, self.namespace, self.outputs.add) if role == "examiner" else None
        self.students_end = Students(line, self.namespace, self.taken) if role.startswith("student") else None
        if self.students_end:
            self.students_end.lines = lambda problem: self.describe(problem, problem.__traceback__)["traceback"][2:-1]
        if role not in ("student", "examiner"):  # there are tests in this process
            listen(self.namespace, folder, self.say, self.locked_codes.keys())

    def taken(self) -> list[list[Any]]:
        """What the cell has given so far."""
        return [[kind, plain(content)] for kind, content in self.outputs.take()]

    def say(self, line: str) -> None:
        """Send evidence now: what comes next may be the end of this process."""
        self.send({"evidence": line})

    def send(self, message: dict[str, Any]) -> None:
        self.channel.send("".join(_encode(message, 0)).encode())

    def serve(self) -> None:
        """Obey until told to stop."""
        while (command := _loads(self.channel.next())) is not None:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            reply: dict[str, Any] = {"cell": command["cell"]}
            run = {"student": self.students, "apart": self.apart}.get(command["kind"], self.locked)
            if self.loop.is_closed():
                self.loop = asyncio.new_event_loop()
                asyncio.set_event_loop(self.loop)
            try:
                self.loop.run_until_complete(run(command, reply))
            except BaseException as problem:
                reply["error"] = self.describe(problem, None)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            if os.getpid() != self.process:  # a copy of this process that student code made with os.fork
                os._exit(0)
            reply["messages"] = self.taken()
            self.send(reply)
        os._exit(0)  # no atexit, no __del__: the last word is spoken

    # -- students' cells ------------------------------------------------------------------------------------------

    async def students(self, command: dict[str, Any], reply: dict[str, Any]) -> None:
        """Run a cell as a kernel does (ipykernel.ipkernel.IPythonKernel.do_execute)."""
        shell, source = self.shell, command["source"]
        self.ran = True
        shell.execution_count = command["number"]
        shell._last_traceback = None
        trouble = None
        try:
            transformed = shell.transform_cell(source)
        except Exception:
            transformed, trouble = source, sys.exc_info()
        running = shell.run_cell_async(
            source, store_history=True, transformed_cell=transformed, preprocessing_exc_tuple=trouble
        )
        if "await" in source or "async" in source:  # an interrupt must end the coroutine, not the event loop
            running = asyncio.ensure_future(running)
            signal.signal(signal.SIGINT, _canceller(self.loop, running))
        result = None
        try:
            result = await running
        finally:
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)
        problem = result.error_before_exec if result.error_before_exec is not None else result.error_in_exec
        if problem is not None:
            lines = shell._last_traceback or ["ERROR: An error occurred while showtraceback was disabled"]
            reply["error"] = {
                "ename": _text(type(problem).__name__),
                "evalue": _text(problem),
                "traceback": _short([_text(line) for line in lines]),
            }

    async def apart(self, command: dict[str, Any], reply: dict[str, Any]) -> None:
        """In the place of a test that runs in another process: answer its questions."""
        self.shell.execution_count = command["number"] + 1
        self.shell.history_manager.store_inputs(command["number"], "")
        signal.signal(signal.SIGINT, self.students_end.interrupt)
        with contextlib.suppress(Broken, Gone):
            self.students_end.serve()

    # -- locked cells ---------------------------------------------------------------------------------------------

    async def locked(self, command: dict[str, Any], reply: dict[str, Any]) -> None:
        """Run a cell that the supervisor compiled: setup or test. ``reply`` gets error, value and canaries."""
        shell, namespace = self.shell, self.namespace
        graded = command["kind"] == "test"
        shell.execution_count = command["number"] + 1
        shell.history_manager.store_inputs(command["number"], "" if graded else command["source"])
        shell._last_traceback = None
        if graded and not self.examiner:
            self.look(command)
            reply["before"] = self.canaries(command)
        cached = command["source"], command["number"], command["raw"]
        name = shell.compile.get_code_name(command["raw"], command["source"], command["number"])
        if not graded:  # a test's text comes into the line cache, which students can read, only when it has failed
            shell.compile.cache(*cached)
        self.event("pre_execute")
        try:
            value, final = None, command["final"]
            if self.examiner:
                self.examiner.fetch(command["fetch"], command["mentions"])
            hooks = self.hooks(command)
            codes = command["codes" if hooks else "bare"]
            # A function in which a test stands holds its hidden lines: no name that students can see leads to it.
            own: dict[str, Any] = {}
            shared = len(codes) - command["own"]
            for place, code in enumerate(codes):
                code = with_hooks(code, hooks or {command["mark"]: self.give})
                self.locked_codes |= {id(one): one for one in _with_inner(code)}
                value = await self.execute(code, namespace, namespace if place < shared else own)
            if final and value is not None:
                reply["value"] = self.value(value, command)
        except BaseException as problem:
            shell.compile.cache(*cached)
            reply["error"] = self.describe(problem, problem.__traceback__)
        finally:
            self.event("post_execute")
        if self.examiner:
            reply["strange"] = self.examiner.strange
            if isinstance(self.examiner.lost, Broken):
                reply["broken"] = str(self.examiner.lost)[:200]
            if graded:
                with contextlib.suppress(Gone):
                    self.examiner.end()
        elif graded:
            reply["after"] = self.canaries(command)
            self.checks(thorough=command["last"])
            self.meanings(command)
            linecache.cache.pop(name, None)  # hidden tests are not left lying about
            reply["shadowed"] = sorted(self.shadowed)
        for name in [*command["binds"], *self.starred(command)]:
            if name in namespace:
                self.bound[name] = namespace[name]

    def hooks(self, command: dict[str, Any]) -> dict[str, Any] | None:
        """What stands in the code of a locked cell for each of its marks; None if a name never got its meaning."""
        meanings = {**self.real, **self.bound}
        if any(name not in meanings for name in command["given"]):
            return None
        return {
            command["mark"]: _same if self.examiner else self.give,
            **{command["given_as"] + name: meanings[name] for name in command["given"]},
        }

    def starred(self, command: dict[str, Any]) -> list[str]:
        """The names that a locked cell imported without naming them."""
        found = []
        for star in command["stars"]:
            if module := sys.modules.get(star):
                found += vars(module).get("__all__") or [name for name in vars(module) if name[:1] != "_"]
        return found

    async def execute(self, code: types.CodeType, namespace: dict[str, Any], names: dict[str, Any]) -> Any:
        if code.co_flags & inspect.CO_COROUTINE:
            return await eval(code, namespace, names)
        return eval(code, namespace, names)  # gives the value of an expression, None for statements

    def event(self, name: str) -> None:
        try:
            self.shell.events.trigger(name)
        except BaseException:
            self.report("the shell's events were replaced")

    def value(self, value: Any, command: dict[str, Any]) -> dict[str, Any]:
        """What the last line of a locked cell gave: for a test a number, as exact text; else a display."""
        kind = type(value)
        if command["kind"] == "test" and not command["message"]:
            if kind is int or kind is float:
                return {"score": repr(value)}
            numpy = sys.modules.get("numpy")
            real = (numpy.integer, numpy.floating) if numpy is not None else ()
            if numpy is not None and kind in set(numpy.sctypeDict.values()) and issubclass(kind, real):
                return {"score": repr(float(value))}
            return {"type": _text(type.__getattribute__(kind, "__name__"))}
        data, metadata = self.shell.display_formatter.format(value)
        self.shell.displayhook.update_user_ns(value)
        return {"data": plain(data), "metadata": plain(metadata)}

    def describe(self, problem: BaseException, traceback: Any) -> dict[str, Any]:
        """An error as a kernel shows it, whatever became of the shell."""
        if traceback is not None:  # without our own frames
            while traceback is not None and traceback.tb_frame.f_globals is globals():
                traceback = traceback.tb_next
            traceback = _without_calls(traceback)
            other = problem.__cause__ or problem.__context__
            while self.examiner and other is not None:  # what the test was about to handle
                other.__traceback__ = _without_calls(other.__traceback__)
                other = other.__cause__ or other.__context__
        kind, lines = type(problem), None
        name = _text(type.__getattribute__(kind, "__name__"))
        try:
            if isinstance(problem, SyntaxError):
                lines = self.shell.SyntaxTB.structured_traceback(kind, problem, [])
            else:
                lines = self.shell.InteractiveTB.structured_traceback(kind, problem, traceback, tb_offset=0)
            lines = list(lines)
            if self.examiner:
                lines[-1:-1] = self.examiner.lines(problem)
            lines = _short(plain(lines))
        except BaseException:
            lines = None
        return {"ename": name, "evalue": _text(problem), "traceback": lines or [f"{name}: {_text(problem)}"]}

    # -- evidence -------------------------------------------------------------------------------------------------

    def report(self, line: str) -> None:
        if line not in self.found:
            self.found.append(line)
            self.say(line)

    def checks(self, thorough: bool) -> None:
        """What was replaced since the beginning is reported and put back."""
        for line in self.watch.check(thorough):
            self.report(line)
        if self.namespace.get("__builtins__") not in (self.builtins, vars(builtins)):
            self.report("__builtins__ was replaced")
            self.namespace["__builtins__"] = self.builtins
        shell = self.shell
        if shell.ast_transformers:
            self.report("an AST transformer was installed")
        own = vars(shell)
        for name in ("run_cell", "run_cell_async", "run_code", "run_ast_nodes", "showtraceback", "transform_cell"):
            if name in own:
                self.report(f"get_ipython().{name} was replaced")

    def look(self, command: dict[str, Any]) -> None:
        """Before a test: what the names that it uses stand for."""
        if command["first"] or self.ran:  # else nothing of the student's ran since the last test was looked after
            self.checks(thorough=command["first"])
        self.ran = False
        for name in self.meanings(command):
            if odd := self.quietly(self.suspect, self.namespace[name]):
                self.report(f"{name}: {odd}")
        patience = 20
        while (running := self.other_threads()) and patience:  # it may be about to end
            patience -= 1
            _sleep(0.05)
        if running:
            self.threads |= running
            self.report("a thread of the student's code was still running when a test began")

    def other_threads(self) -> set[int]:
        """The threads in which student code runs beside this one, if they are not known yet."""
        running = set()
        for ident, frame in sys._current_frames().items():
            while ident not in self.threads and ident not in running and frame is not None:
                if frame.f_globals is self.namespace:
                    running.add(ident)
                frame = frame.f_back
        return running

    def meanings(self, command: dict[str, Any]) -> list[str]:
        """The names of a test that mean what student code says, after a look at those that should not.

        A name whose meaning is part of the test's code (see :class:`classroom.commands.Compiler`) may stand for
        anything else in the notebook: that is told, and no sign of anything. It is one where a locked function looks
        the name up for itself.
        """
        namespace, own = self.namespace, []
        for name in {*command["names"], *command["exposed"]}:
            if name not in namespace:
                continue
            value = namespace[name]
            if name not in self.bound and name not in self.real:
                own.append(name)
            elif value is self.bound.get(name, self.real.get(name)):
                continue
            elif name not in command["exposed"] or type(value) in _DATA:
                self.shadowed.add(name)
            elif name in self.bound or callable(value):
                what = "name" if name in self.bound else "builtin"
                self.report(f"the {what} {name}, which the tests rely upon, was given another meaning")
        return sorted(set(own) & set(command["names"]))

    def quietly(self, ask: Callable[..., Any], *arguments: Any) -> Any:
        self.outputs.muted = True
        try:
            return ask(*arguments)
        except Exception:
            return None
        finally:
            self.outputs.muted = False

    def give(self, value: Any) -> Any:
        """Stands round each call of a student's function in a test: looks at what it gave."""
        if odd := self.quietly(self.suspect, value):
            self.report(odd)
        return value

    def canaries(self, command: dict[str, Any]) -> list[str]:
        """What came of the known-false assertions: the name of the exception, or "" if none was raised."""
        outcomes = []
        hooks = self.hooks(command) or {}
        for code in command["canaries"]:
            self.outputs.muted = True
            try:
                exec(with_hooks(code, hooks), self.namespace)
                outcomes.append("")
            except BaseException as problem:
                outcomes.append(type.__getattribute__(type(problem), "__name__"))
            finally:
                self.outputs.muted = False
        return outcomes


def _same(value: Any) -> Any:
    return value


def _without_calls(traceback: Any) -> Any:
    """A traceback without the frames that call across to the other process, or are called from there."""
    if traceback is None:
        return None
    rest = _without_calls(traceback.tb_next)
    if traceback.tb_frame.f_globals.get("__name__") in ("classroom.across", "classroom.carry"):
        return rest
    return types.TracebackType(rest, traceback.tb_frame, traceback.tb_lasti, traceback.tb_lineno)


def _canceller(loop: Any, running: Any) -> Callable[..., None]:
    """A signal handler whose closure, which students can read, holds nothing else."""
    return lambda *_: loop.call_soon_threadsafe(running.cancel)


def _nobody(name: str) -> Callable[..., str]:
    def ask(*_: Any, **__: Any) -> str:
        raise StdinNotImplementedError(f"{name} was called, but this frontend does not support input requests.")

    return ask


def with_hooks(constant: Any, hooks: dict[str, Any]) -> Any:
    """A code object with objects in the place of the constants that are marks for them: no name leads to these."""
    kind = type(constant)
    if kind is str:
        return hooks.get(constant, constant)
    if kind is tuple or kind is frozenset:
        changed = [with_hooks(item, hooks) for item in constant]
        return kind(changed) if not all(map(is_, changed, constant)) else constant
    if kind is types.CodeType:
        constants = with_hooks(constant.co_consts, hooks)
        return constant.replace(co_consts=constants) if constants is not constant.co_consts else constant
    return constant


def _with_inner(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if type(constant) is types.CodeType:
            yield from _with_inner(constant)


def child(
    descriptor: int, key: bytes, shell: Any, watch: Watch, output: int, folder: str, front: Any, role: str, line: int
) -> None:
    """All that the forked interpreter does; never returns."""
    random.seed()
    logging.currentframe = lambda: None  # it hands out frames, and no audit event tells whose
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    sys.path.append(folder)  # last: what lies beside the notebook is found, and stands before no library
    Runner(Channel(descriptor, key, b"B"), shell, watch, output, folder, front, role, line).serve()
