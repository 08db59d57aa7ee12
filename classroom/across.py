"""Calls between the process of a student and that of the examiner: who asks what, and what stands for a function over there.

One question is open at a time; the side that answers may ask back meanwhile (the examiner's function that was passed to
a student's, the next value of an iterator). Every question has a number, and an answer with another one ends the run.

The examiner (:class:`Examiner`) asks for names, calls functions, takes the next value of a generator. What the student's
side (:class:`Students`) sends is read by :mod:`classroom.carry` alone. Only the examiner may send what means more than
data: names of library functions, and pickles.
"""

import builtins
import contextlib
import functools
import inspect
import itertools
import json
import os
import pickle
import random
import struct
import sys
import types
import warnings
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from .carry import FRAME, Broken, Conversation, NotCarried, Opaque, text, whole

WHOLE = 256 << 20  # bytes that one submission may send
_SHOWN = (
    "display_data",
    "update_display_data",
    "clear_output",
    "error",
)  # no result: nbgrader would take it for a score
_MOST = 10_000  # functions and iterators of one test cell


class Gone(BaseException):
    """The student's process is no longer there. Not an Exception, as :class:`classroom.carry.Broken`."""


class Uncarried(BaseException):
    """A value could not be carried at all; whoever wrote it is not to blame."""


class End:
    """What both ends have in common."""

    answered: type[BaseException] = Exception  # what a call may raise that is an answer

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.left = WHOLE
        self._numbers = itertools.count(1)
        self.talk: Conversation | None = None
        self.forget()

    def forget(self) -> None:
        """A new test cell: no number means anything any more."""
        self.mine: list[Any] = []  # functions and iterators of this side, by number
        self._mine: dict[int, int] = {}
        self.theirs: dict[tuple[str, int], Any] = {}  # what stands for those of the other side
        self._theirs: dict[int, int] = {}

    # -- bytes

    def send(self, message: bytes) -> None:
        data = memoryview(struct.pack("<I", len(message)) + message)
        try:
            while data:
                data = data[os.write(self.descriptor, data) :]
        except OSError:
            raise Gone from None

    def receive(self) -> bytes:
        size = struct.unpack("<I", self._read(4))[0]
        self.left -= size
        if size > FRAME or self.left < 0:
            raise Broken(f"{size:,} bytes")
        return self._read(size)

    def _read(self, size: int) -> bytes:
        pieces = []
        while size:
            try:
                piece = os.read(self.descriptor, min(size, 1 << 20))
            except OSError:
                piece = b""
            if not piece:
                raise Gone
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    # -- questions

    def ask(self, kind: str, *facts: Any, values: Iterable[Any] = ()) -> list[Any]:
        """Ask, and answer what is asked meanwhile: the values of the answer. Raises what was raised over there."""
        top, talk = self.talk is None, self.talk or Conversation(self.write, self.read)
        size, number, self.talk = len(talk.objects), next(self._numbers), talk
        changes = talk.changes
        try:
            try:
                message = talk.pack(kind, number, self.said(), *facts, values=values)
            except NotCarried as problem:
                raise Uncarried(str(problem)) from None
            self.send(message)
            while True:
                before, was = len(talk.objects), talk.changes
                (kind, answered, said, *facts), values = self._unpacked(talk)
                self.hear(said)
                if kind in ("ok", "error"):
                    if answered != number:
                        raise Broken("an answer to another question")
                    if kind == "error":
                        raise self.error(values, *facts)
                    self.heard(values, *facts)
                    return values
                self.answer(talk, kind, answered, facts, values)
                if talk.changes == was:
                    talk.back_to(before)
        finally:
            if top:
                self.talk = None
                self.noticed(talk)
            elif talk.changes == changes:
                talk.back_to(size)

    def _unpacked(self, talk: Conversation) -> tuple[list[Any], list[Any]]:
        head, values = talk.unpack(self.receive())
        if len(head) < 3:
            raise Broken("a message without a number")
        return head, values

    def answer(self, talk: Conversation, kind: Any, number: Any, facts: list[Any], values: list[Any]) -> None:
        """Do what is asked, and say what came of it."""
        facts_, before = (), len(talk.objects)
        try:
            given = self.do(kind, facts, values)
            facts_, more = self.after()
            message = talk.pack("ok", number, self.said(), *facts_, values=[*given, *more])
        except (Broken, Gone, Uncarried):
            raise
        except NotCarried as problem:
            talk.back_to(before)
            message = talk.pack("error", number, self.said(), "", str(problem), [], 0)
        except self.answered as problem:
            said, facts_ = self.said(), self.raised(problem)
            try:
                message = talk.pack("error", number, said, *facts_, values=[self._arguments(problem)])
            except NotCarried:  # what it says is cut, what it holds is not
                message = talk.pack("error", number, said, *facts_, values=[()])
        self.send(message)

    @staticmethod
    def _arguments(problem: BaseException) -> tuple[Any, ...]:
        return problem.args if type(problem.args) is tuple else ()

    def do(self, kind: Any, facts: list[Any], values: list[Any]) -> list[Any]:
        """What both sides do for each other."""
        if kind == "call":
            function, arguments, named = values
            return [self.mine[self._number(function)](*arguments, **named)]
        if kind == "next":
            for value in self.mine[self._number(values[0])]:
                return [True, value]
            return [False, None]
        raise Broken("a question of no kind")

    def _number(self, value: Any) -> int:
        return whole(value, 0, len(self.mine) - 1)

    def call(self, number: int, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Call a function of the other side."""
        return self.ask("call", values=[number, arguments, named])[0]

    # -- what stands for what

    def write(self, value: Any) -> list[Any] | None:
        if id(value) in self._theirs:
            return ["mine", self._theirs[id(value)]]
        if not callable(value) and not hasattr(type(value), "__next__"):
            return None
        if id(value) not in self._mine:
            if len(self.mine) >= _MOST:
                raise NotCarried
            self._mine[id(value)] = len(self.mine)
            self.mine.append(value)
        number = self._mine[id(value)]
        if not callable(value):
            return ["iterator", number]
        own = isinstance(value, type) and value.__module__ == "__main__"
        return ["class" if own else "function", number, *_facts(value)]

    def read(self, node: list[Any]) -> Any:
        tag, number, *facts = node
        if tag == "mine":
            return self.mine[self._number(number)]
        if tag not in ("function", "class", "iterator"):
            raise Broken("a node of no kind")
        if tag == "class" and self.talk:  # it can be called, and stands for nothing else that a class is
            self.talk.strange.append(f"class {text(facts[0])[:80]}")
        if (tag, whole(number, 0, _MOST)) not in self.theirs:
            made = self._iterator(number) if tag == "iterator" else self._function(number, *facts)
            self.theirs[tag, number] = made
            self._theirs[id(made)] = number
        return self.theirs[tag, number]

    def _function(self, number: int, name: Any, said: Any, parameters: Any) -> Callable[..., Any]:
        def function(*arguments: Any, **named: Any) -> Any:
            return self.call(number, arguments, named)

        function.__name__ = function.__qualname__ = text(name, ".{0,200}")
        function.__doc__ = None if said is None else text(said)
        function.__module__ = "__main__"
        if parameters is not None:
            made = [
                inspect.Parameter(
                    text(one), whole(kind, 0, 4), default=inspect.Parameter.empty if bare else self._plain(value)
                )
                for one, kind, bare, value in parameters
            ]
            function.__signature__ = inspect.Signature(made)
        return function

    @staticmethod
    def _plain(value: Any) -> Any:
        return value if type(value) in (str, int, float, bool, type(None)) else ...

    def _iterator(self, number: int) -> Any:
        while True:
            more, value = self.ask("next", values=[number])
            if more is not True:
                return
            yield value

    # -- what the two sides do each in their way

    def said(self) -> str | None:
        """What was printed since the last message."""

    def hear(self, said: Any) -> None:
        """What the other side printed."""

    def heard(self, values: list[Any], *facts: Any) -> None:
        """What else an answer says."""

    def after(self) -> tuple[Iterable[Any], list[Any]]:
        """What else to say in an answer: facts and values."""
        return (), []

    def noticed(self, talk: Conversation) -> None:
        """A question of the examiner has been answered."""

    def raised(self, problem: BaseException) -> list[Any]:
        """An exception: what it says, its classes, and a number by which it is known here."""
        raise NotImplementedError

    def error(self, values: list[Any], *facts: Any) -> BaseException:
        """The exception that stands for one of the other side."""
        raise NotImplementedError


def _facts(value: Any) -> list[Any]:
    name, said = getattr(value, "__name__", type(value).__name__), getattr(value, "__doc__", None)
    parameters = None
    if isinstance(value, types.FunctionType):
        try:
            signature = inspect.signature(value).parameters.values()
        except Exception:
            signature = ()
        plain = [(one, one.default is one.empty) for one in signature]
        parameters = [[one.name, int(one.kind), bare, None if bare else End._plain(one.default)] for one, bare in plain]
        parameters = [[*row[:3], str(row[3]) if row[3] is ... else row[3]] for row in parameters]
    return [str(name)[:200], said if isinstance(said, str) and len(said) < 20_000 else None, parameters]


# -- exceptions ------------------------------------------------------------------------------------------------------------

_BUILTIN = {
    name: kind for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)
}
_NEVER = (StopIteration, StopAsyncIteration)  # they end loops over calls, which nobody raises them for
_LIBRARIES = ("numpy", "pandas", "networkx")  # whose exceptions a test may expect


def _classes(problem: BaseException) -> list[list[str]]:
    """Module and name of the classes of an exception, nearest first."""
    return [[str(one.__module__)[:200], str(one.__qualname__)[:200]] for one in type(problem).__mro__[:20]]


def _said(problem: BaseException) -> str:
    try:
        return str(problem)[:100_000]
    except BaseException as other:
        return f"<exception str() failed: {type(other).__name__}>"


def stand_in(said: str, classes: Any, arguments: Any) -> BaseException:
    """An exception that says the same and is caught by the same ``except``: of a builtin class, or an heir without code.

    One that would end a process, or a loop, is neither: an heir of BaseException or Exception that has its name.
    """
    names = [(text(module), text(name)) for module, name in classes]
    arguments = arguments if type(arguments) is tuple else ()
    name = names[0][1].rpartition(".")[2] if names else "Exception"
    name = name if name.isidentifier() else "Exception"
    base: type[BaseException] = BaseException
    for module, known in names:
        kind = _BUILTIN.get(known) if module == "builtins" else None
        if kind is None and module.partition(".")[0] in _LIBRARIES:
            found = vars(sys.modules[module]).get(known) if module in sys.modules else None
            kind = found if isinstance(found, type) and issubclass(found, Exception) else None
        if kind is not None:
            base = Exception if issubclass(kind, _NEVER) else kind if issubclass(kind, Exception) else BaseException
            break
    if base in _BUILTIN.values() and names[0] == ("builtins", base.__name__) and base is not BaseException:
        try:
            made = base(*arguments)
            if str(made) == said:
                return made
        except Exception:
            pass
    heir = type(
        name, (base,), {"__module__": "builtins", "__init__": lambda self, *_: None, "__str__": lambda self: said}
    )
    native = next(one for one in base.__mro__ if _BUILTIN.get(one.__name__) is one)
    made = native.__new__(heir)
    made.args = arguments
    return made


# -- what a test sets for the calls that follow ------------------------------------------------------------------------------


_seeds = [0]  # how often random numbers were seeded; counted since the same seed twice leaves them as they were


def count_seeds() -> None:
    """From now on, in the examiner's process."""
    for module in (random, getattr(sys.modules.get("numpy"), "random", None)):
        if module is not None and not hasattr(module.seed, "__wrapped__"):

            @functools.wraps(module.seed)
            def seed(*arguments: Any, _real: Any = module.seed, **named: Any) -> None:
                _seeds[0] += 1
                _real(*arguments, **named)

            module.seed = seed


def settings() -> list[Any]:
    """What holds now, to be compared with later: seeds, which warnings are told, what numpy does about a division by zero."""
    numpy = sys.modules.get("numpy")
    return [_seeds[0], [*warnings.filters], numpy and numpy.geterr()]


def packed_settings() -> str:
    """The same and where random numbers stand, for :func:`set_settings`. Raises what pickle raises."""
    numpy = sys.modules.get("numpy")
    own = (numpy.geterr(), numpy.random.get_state()) if numpy else ()
    return pickle.dumps((random.getstate(), [*warnings.filters], own)).hex()


def set_settings(packed: str) -> None:
    """Make them hold here too."""
    state, filters, own = pickle.loads(bytes.fromhex(packed))
    random.setstate(state)
    warnings.filters[:] = filters
    warnings._filters_mutated()
    if own:
        sys.modules["numpy"].seterr(**own[0])
        sys.modules["numpy"].random.set_state(own[1])


# -- the two ends ----------------------------------------------------------------------------------------------------------


class Students(End):
    """In the student's process: does what the examiner asks, as long as a test cell lasts."""

    answered = BaseException

    def __init__(self, descriptor: int, namespace: dict[str, Any], take: Callable[[], list[Any]]) -> None:
        super().__init__(descriptor)
        self.namespace, self._take = namespace, take
        self.running, self.interrupted, self.process = False, False, os.getpid()
        self.watched: dict[str, Any] = {}
        self.errors: deque[BaseException] = deque(maxlen=4)
        self.lines: Callable[[BaseException], list[str]] = lambda problem: []

    def interrupt(self, *_: Any) -> None:
        """The time of the cell is over: end the call that runs, or the next one."""
        self.interrupted = True
        if self.running:
            self.running = False
            raise KeyboardInterrupt

    def send(self, message: bytes) -> None:
        if os.getpid() != self.process:  # a copy of this process that student code made with os.fork
            os._exit(0)
        super().send(message)

    def serve(self) -> None:
        """Until the examiner says that the test has ended."""
        self.forget()
        self.watched, self.interrupted = {}, False
        self.errors.clear()
        while True:
            talk = self.talk = Conversation(self.write, self.read)
            (kind, number, _, *facts), values = self._unpacked(talk)
            if kind == "end":
                break
            self.answer(talk, kind, number, facts, values)
        self.talk = None
        self.forget()

    def do(self, kind: Any, facts: list[Any], values: list[Any]) -> list[Any]:
        if kind == "names":
            found = [self.namespace.get(name, self) for name in facts]
            self.watched = {name: value for name, value in zip(facts, found, strict=True) if not callable(value)}
            self._seen = self._written()
            return [[value is not self, None if value is self else value] for value in found]
        if kind == "bind":
            for name in facts:
                self.namespace.pop(name, None)
            self.namespace.update(values[0])
            self._seen = self._written()
            return []
        if kind == "settings":
            set_settings(*facts)
            return []
        if kind == "lines":
            problem = next((one for one in self.errors if id(one) == facts[0]), None)
            return [self.lines(problem) if problem is not None else []]
        if self.interrupted:
            raise KeyboardInterrupt
        self.running = True
        try:
            return super().do(kind, facts, values)
        finally:
            self.running = False

    def ask(self, *question: Any, **values: Any) -> list[Any]:
        self.running = False  # an interrupt must not cut a message in two
        try:
            return super().ask(*question, **values)
        finally:
            if self.interrupted:
                raise KeyboardInterrupt
            self.running = True

    def _written(self) -> dict[str, bytes]:
        """What the variables that a test looks at are now, to be compared with later."""
        found = {}
        for name in self.watched:
            talk = Conversation(self.write, None)
            try:
                found[name] = talk.pack(values=[self.namespace[name]]) if name in self.namespace else b""
            except NotCarried:
                found[name] = b""
        return found

    def after(self) -> tuple[Iterable[Any], list[Any]]:
        if not self.watched:
            return (), []
        now = self._written()
        changed = [name for name in now if now[name] != self._seen[name] and name in self.namespace]
        self._seen = now
        return changed, [self.namespace[name] for name in changed]

    def said(self) -> str | None:
        messages = self._take()
        return json.dumps(messages) if messages else None

    def raised(self, problem: BaseException) -> list[Any]:
        self.errors.append(problem)
        number = vars(problem).get("_of_the_test", 0)
        return [_said(problem), id(problem), _classes(problem), number if type(number) is int else 0]

    def error(self, values: list[Any], said: str, _: Any, classes: Any, number: int) -> BaseException:
        made = stand_in(said, classes, values[0] if values else ())
        vars(made)["_of_the_test"] = number
        return made

    def read(self, node: list[Any]) -> Any:
        if node[0] == "library":
            found: Any = sys.modules[node[1]]
            for name in node[2].split("."):
                found = getattr(found, name)
            return found
        return pickle.loads(bytes.fromhex(node[1])) if node[0] == "pickle" else super().read(node)


class Examiner(End):
    """Beside the tests: gets the names that they mention, and stands in for the functions behind them."""

    def __init__(self, descriptor: int, namespace: dict[str, Any], add: Callable[[str, Any], None]) -> None:
        super().__init__(descriptor)
        self.namespace, self._add = namespace, add
        self.fetched: dict[str, Any] = {}
        self.strange: list[str] = []
        self.lost: BaseException | None = None
        self.settings = settings()

    def fetch(self, names: Iterable[str], mentions: Iterable[str] = ()) -> None:
        """At the beginning of a test that mentions these names itself: what all these mean to the student."""
        self.forget()
        count_seeds()
        self.errors: list[BaseException] = []
        self.fetched, self.strange = {}, []
        names = sorted(names)
        if not names:
            return
        for name, (found, value) in zip(names, self.ask("names", *names), strict=True):
            self.namespace.pop(name, None)
            if found is True:
                self.namespace[name] = self.fetched[name] = value
        # A class that only helpers of earlier cells know is no reason to hold this test.
        self.strange = [one for one in self.strange if one[:6] != "class " or one[6:] in mentions]

    def end(self) -> None:
        """At the end of a test."""
        talk = Conversation(self.write, self.read)
        self.send(talk.pack("end", next(self._numbers), None))
        for name, value in self.fetched.items():
            if self.namespace.get(name, self) is value:
                del self.namespace[name]

    def ask(self, *question: Any, **values: Any) -> list[Any]:
        if self.lost is not None:
            raise self.lost
        try:
            if self.talk is None and question[0] != "names":
                self._bind()
            return super().ask(*question, **values)
        except (Broken, Gone, Uncarried) as problem:
            if isinstance(problem, Uncarried):
                self.strange.append("value that is too large")
            else:
                self.lost = problem  # no word that comes after it can be trusted to be in its place
            raise

    def _bind(self) -> None:
        """Tell what the test has made of the names that it got."""
        changed = {
            name: self.namespace[name]
            for name, was in self.fetched.items()
            if self.namespace.get(name, self) is not was and name in self.namespace
        }
        gone = [name for name, was in self.fetched.items() if was is not self and name not in self.namespace]
        if changed or gone:
            self.fetched |= {**changed, **dict.fromkeys(gone, self)}
            super().ask("bind", *gone, values=[changed])
        if (now := settings()) != self.settings:
            self.settings = now
            with contextlib.suppress(pickle.PicklingError, AttributeError, TypeError):
                super().ask("settings", packed_settings())

    def heard(self, values: list[Any], *facts: Any) -> None:
        names = [text(name) for name in facts]
        for name, value in zip(reversed(names), reversed(values), strict=False):
            if name in self.fetched:
                self.namespace[name] = self.fetched[name] = value

    def noticed(self, talk: Conversation) -> None:
        self.strange += talk.strange

    def hear(self, said: Any) -> None:
        if said is None:
            return
        try:
            messages = json.loads(text(said))
            for kind, content in messages:
                if kind == "stream" and content["name"] in ("stdout", "stderr"):
                    getattr(sys, content["name"]).write(text(content["text"]))
                elif kind in _SHOWN and type(content) is dict:
                    self._add(kind, content)
        except Exception as problem:
            raise Broken(f"an output: {type(problem).__name__}") from None

    def raised(self, problem: BaseException) -> list[Any]:
        self.errors.append(problem)
        return [_said(problem), 0, _classes(problem), len(self.errors)]

    def error(self, values: list[Any], *facts: Any) -> BaseException:
        try:
            said, known, classes, number = facts
            if not classes:
                return Uncarried(
                    f"a student's function gave {text(said) or text(known)}, which is too large to be carried"
                )
            if whole(number):
                return self.errors[whole(number, 1, len(self.errors)) - 1]
            made = stand_in(text(said), classes, values[0] if values else ())
            vars(made)["_of_the_student"] = whole(known)
            return made
        except Exception as problem:
            raise Broken(f"an error: {type(problem).__name__}: {problem}") from None

    def lines(self, problem: BaseException) -> list[str]:
        """The part of an exception's traceback that lies in the student's cells, as text; "" where there is none."""
        known = vars(problem).get("_of_the_student")
        if type(known) is not int:
            return []
        try:
            (lines,) = self.ask("lines", known)
            return [text(line)[:20_000] for line in lines[:200]]
        except BaseException:
            return []

    def write(self, value: Any) -> list[Any] | None:
        if isinstance(value, Opaque):
            return None
        if callable(value) and id(value) not in self._theirs:
            module, name = (
                getattr(value, "__module__", None),
                getattr(value, "__qualname__", None) or getattr(value, "__name__", None),
            )
            if (
                type(module) is str
                and type(name) is str
                and module in sys.modules
                and "<" not in name
                and module != "__main__"
            ):
                found: Any = sys.modules[module]
                for part in name.split("."):
                    found = getattr(found, part, None)
                if found is value:
                    return ["library", module, name]
        if (node := super().write(value)) is not None:
            return node
        try:
            return ["pickle", pickle.dumps(value).hex()]
        except Exception:
            return None
