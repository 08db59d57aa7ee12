"""Signs that student code has tampered with the tests that run beside it.

Tests and student code share one interpreter, so nothing here *prevents* anything. Four kinds of evidence make it show:

* :class:`Watch` remembers what the tests rely upon (builtins, the functions and classes of numpy, pandas, unittest and
  the like, down to their code) before student code runs, compares before and after each test, and puts it back;
* :func:`canaries` are known-false assertions through the helpers that a test uses; each must fail;
* :class:`Suspect` finds values that are equal to everything;
* :func:`listen` hears, through Python's audit hooks, which cannot be taken off again, when student code reaches for
  stack frames, the garbage collector's list of objects, tracing, foreign function calls or the memory of processes, and
  sends word out of the process before the attempt goes on.

What this cannot see: a student who patches memory with out-of-bounds array strides; one who undoes a replaced helper,
without any of the above, in the moment before it is compared; a text or number of a class of the student's own that is
equal to any other text or number, but not to everything; and an object of the runner that is reached by a way which is
not in the list. The tests of attacks hold the ways that are known.
"""

import ast
import builtins
import random
import sys
import types
from collections.abc import Callable, Collection, Iterable
from dis import opmap
from itertools import chain
from operator import is_
from sys import _getframe
from typing import Any

# Modules whose functions and classes tests rely upon. Additions are no sign; replacements are.
CELLS = "/tmp/ipykernel_1/"  # where the code of cells seems to be; see classroom.cells.Names
HELPERS = ("math", "statistics", "unittest", "numpy.testing", "pandas.testing")  # loaded, if there, to be watched
WATCHED = ("builtins", "math", "cmath", "operator", "numbers", "statistics", "unittest", "numpy", "pandas")
_SHELL = ("IPython.core.interactiveshell", "asyncio.base_events", "asyncio.events")
_VOLATILE = {
    "_",
    "__",
    "___",
    "__doc__",
    "__annotations__",
    "__abstractmethods__",
    "_abc_impl",
    "__warningregistry__",
    "display",
    "get_ipython",
    "__build_class__",
    "__spec__",
    "__loader__",
}
# What tests call directly, compared before and after each test; the rest once before the first test and at the end.
_CLOSE = {"builtins", "math", "operator", "numpy", "numpy.testing", "numpy.testing._private.utils", "pandas"}
_CLOSE |= {"pandas.testing", "pandas._testing", "pandas._testing.asserters", "numpy._core.numeric", *_SHELL}
_CLOSE_CLASSES = {"DataFrame", "Series", "Index", "NDFrame", "IndexOpsMixin", "TestCase", "InteractiveShell"}


class Watch:
    """What the tests rely upon, as it was before student code ran: each function and class by identity.

    ``packages`` are the top-level modules to watch, with all their loaded submodules and classes. The code inside a
    function is not compared: :func:`listen` hears when it is replaced.
    """

    def __init__(self, packages: Iterable[str] = WATCHED) -> None:
        names = set(packages)
        owners: dict[int, tuple[str, Any]] = {}
        for name, module in list(sys.modules.items()):
            if module is not None and (name.partition(".")[0] in names or name in _SHELL):
                owners[id(module)] = (name, module)
                for key, value in list(vars(module).items()):
                    if (
                        isinstance(value, type)
                        and value.__module__.partition(".")[0] in names
                        and id(value) not in owners
                    ):
                        owners[id(value)] = (f"{name}.{key}", value)
        everything, near = [], []
        for name, owner in owners.values():
            attributes = vars(owner) if isinstance(owner, type) else owner.__dict__
            close = name in _CLOSE or (isinstance(owner, type) and owner.__name__ in _CLOSE_CLASSES)
            everything.append((name, owner, attributes, list(attributes.items())))
            near += everything[-1:] * close
        self._all, self._close = (
            (owners, [len(before) for *_, before in owners], [value for *_, before in owners for _, value in before])
            for owners in (everything, near)
        )
        self._modules = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in names}
        self._sys = (sys.gettrace, sys.getprofile, sys.settrace, sys.setprofile, sys.modules)

    def check(self, thorough: bool) -> list[str]:
        """What was changed since the beginning, in words; it is put back as it was.

        ``thorough`` looks at everything (some milliseconds), else at what tests call directly.
        """
        found: list[str] = []
        owners, sizes, values = self._all if thorough else self._close
        # All in one go, since hardly ever is anything changed: this runs with each test of each student.
        now = chain.from_iterable([attributes.values() for _, _, attributes, _ in owners])
        if [len(attributes) for _, _, attributes, _ in owners] != sizes or not all(map(is_, now, values)):
            for name, owner, attributes, before in owners:
                if len(attributes) != len(before) or not all(attributes.get(k, _MISSING) is v for k, v in before):
                    found += self._differences(name, owner, attributes, before)
        gettrace, getprofile, settrace, setprofile, loaded = self._sys
        for name, module in self._modules.items() if thorough else ():
            if loaded.get(name) is not module:
                found.append(f"the module {name} was replaced")
                loaded[name] = module
        if gettrace() is not None:
            found.append("a trace function was set (sys.settrace)")
            settrace(None)
        if getprofile() is not None:
            found.append("a profile function was set (sys.setprofile)")
            setprofile(None)
        return found

    @staticmethod
    def _differences(name: str, owner: Any, attributes: dict[str, Any], before: list[tuple[str, Any]]) -> list[str]:
        found = []
        for key, value in before:
            now = attributes.get(key, _MISSING)
            if now is not value and key not in _VOLATILE and _relied_upon(value) and (name, key) not in _FOR_PEOPLE:
                setattr(owner, key, value)
                if not _means_the_same(key, value, now) and not (name in _SHELL and _of_nest_asyncio(now)):
                    found.append(f"{name}.{key} was replaced")
        known = {key for key, _ in before}
        hidden = [vars(base) for base in owner.__mro__[1:]] if isinstance(owner, type) else [vars(builtins)]
        for key in [key for key in attributes if key not in known]:
            if key in _VOLATILE or owner is builtins or not any(_relied_upon(names.get(key)) for names in hidden):
                continue
            if not (name == "numpy" and _is_plain_type(attributes[key])):  # np.float = float, for code of the old days
                found.append(f"{name}.{key} was replaced")  # a new name that stands before an inherited or built-in one
                delattr(owner, key)
        return found


_FOR_PEOPLE = {("builtins", "input"), ("builtins", "print")}  # no test relies upon what these do


def _means_the_same(key: str, value: Any, now: Any) -> bool:
    """Whether a replaced function is the same one, loaded anew, or Python's own in its place (``np.bool = bool``).

    Nothing of ``now`` is asked whether it is equal to anything: it may be the student's.
    """
    if now is vars(builtins).get(key, _MISSING):
        return True
    if type(now) is type(value) is types.FunctionType:
        facts = ("__defaults__", "__kwdefaults__", "__closure__")
        return now.__code__ == value.__code__ and all(getattr(now, fact) is getattr(value, fact) for fact in facts)
    if type(now) is type(value) and type(value).__module__ == "numpy._pytesttester":
        return all(type(text) is str for text in vars(now).values()) and vars(now) == vars(value)
    return False


def _of_nest_asyncio(now: Any) -> bool:
    """Whether this is a function of the package that lets a notebook call ``asyncio.run``."""
    return type(now) is types.FunctionType and type(now.__module__) is str and now.__module__.startswith("nest_asyncio")


def _is_plain_type(value: Any) -> bool:
    """Whether this is a type of Python's or numpy's."""
    if type(value) is not type:
        return False
    return vars(builtins).get(value.__name__) is value or issubclass(value, sys.modules["numpy"].generic)


def _relied_upon(value: Any) -> bool:
    return callable(value) or isinstance(value, (types.ModuleType, property, classmethod, staticmethod))


_MISSING = object()

# name of a helper -> an assertion about it that is false
_FALSE = {
    "isclose": "{f}({a}, {b})",
    "allclose": "{f}([{a}, 1], [{b}, 1])",
    "array_equal": "{f}([{a}], [{b}])",
    "isnan": "{f}({a})",
    "isna": "{f}({a})",
    "isinf": "{f}({a})",
    "ndim": "{f}({a}) == 1",
    "abs": "{f}(-{a}) == -{a}",
    "round": "{f}({a}.4) == {b}",
    "len": "{f}([1, 2]) == {a}",
    "sum": "{f}([{a}, 1]) == {a}",
    "max": "{f}([{a}, {b}]) == {a}",
    "min": "{f}([{a}, {b}]) == {b}",
    "all": "{f}([True, False])",
    "any": "{f}([False, False])",
    "isinstance": "{f}({a}, str)",
    "issubclass": "{f}(int, str)",
    "sorted": "{f}([{b}, {a}]) == [{b}, {a}]",
    "set": "{f}([{a}]) == {{{b}}}",
    "callable": "{f}({a})",
    "float": "{f}({a}) == {b}",
    "int": "{f}({a}) == {b}",
    "str": "{f}({a}) == '{b}'",
    "assert_allclose": "{f}([{a}], [{b}]) or True",
    "assert_almost_equal": "{f}({a}, {b}) or True",
    "assert_approx_equal": "{f}({a}, {b}) or True",
    "assert_array_equal": "{f}([{a}], [{b}]) or True",
    "assert_array_almost_equal": "{f}([{a}], [{b}]) or True",
    "assert_equal": "{f}({a}, {b}) or True",
}
_FRAMES = {"assert_frame_equal": "DataFrame", "assert_series_equal": "Series", "assert_index_equal": "Index"}


def canaries(tree: ast.AST) -> list[str]:
    """Source of assertions that must fail, through the helpers that this test calls, as this test calls them.

    The numbers differ each time: a replaced helper cannot know a canary by them.
    """
    a, b = random.randint(11, 49), random.randint(51, 99)
    sources = {f"assert {a} == {b}"}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            name = node.func.id
        elif isinstance(node.func, ast.Attribute) and _dotted(node.func):
            name = node.func.attr
        else:
            continue
        helper = ast.unparse(node.func)
        if name in _FALSE and (isinstance(node.func, ast.Attribute) or name in vars(builtins) or "assert" in name):
            sources.add("assert " + _FALSE[name].format(f=helper, a=a, b=b))
        elif name in _FRAMES:
            kind, columns = _FRAMES[name], "{'x': [%d]}" if name == "assert_frame_equal" else "[%d]"
            made = [f"__import__('pandas').{kind}({columns % number})" for number in (a, b)]
            sources.add(f"assert {helper}({', '.join(made)}) or True")
    return sorted(sources)


def _dotted(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


_PLAIN = {str, bytes, int, float, bool, complex, type(None), range, slice, type}
_PLAIN |= {types.FunctionType, types.BuiltinFunctionType, types.ModuleType, types.MethodType, types.CodeType}
_CONTAINERS = {list, tuple, set, frozenset}


class Suspect:
    """Says what is odd about a value that student code gives to a test."""

    def __init__(self) -> None:
        numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
        self._plain = _PLAIN | (set(numpy.sctypeDict.values()) - {numpy.object_} if numpy else set())
        self._array, self._isclose = (numpy.ndarray, numpy.isclose) if numpy else (None, None)
        self._tables = {pandas.Series, pandas.DataFrame} if pandas else set()

    def __call__(self, value: Any, depth: int = 0) -> str:
        """What is odd, in words, or "".

        Every value, and the first elements of containers and of arrays of objects, is asked: are you equal to an object
        that nobody has seen before, close to any number, both below and above one? Plain numbers and text are not asked.
        """
        kind = type(value)
        if kind in self._plain:
            return ""
        if kind in _CONTAINERS or kind is dict or kind is self._array or kind in self._tables:
            if depth < 2:
                for element in self._elements(value, kind):
                    if found := self(element, depth + 1):
                        return found
            return ""
        number, close = random.randint(1000, 9999), self._isclose
        for answer, question in (
            (lambda: value == object(), "equal to everything"),
            (lambda: close and close(value, number) and close(value, number + 7), "close to any number"),
            (lambda: value > number and value < number, "both above and below a number"),
        ):
            try:
                if answer():
                    return f"a value of type {type.__getattribute__(kind, '__name__')} says that it is {question}"
            except Exception:
                continue
        return ""

    def _elements(self, value: Any, kind: type) -> list[Any]:
        if kind in _CONTAINERS:
            return list(value)[:50]
        if kind is dict:
            return list(value.values())[:50]
        if kind in self._tables:
            value = value.to_numpy()
        return list(value.ravel()[:50]) if value.dtype.kind == "O" else []


_REACH = {
    "sys._getframe": "looked into the stack (sys._getframe)",
    "sys._current_frames": "looked into the stack (sys._current_frames)",
    "gc.get_objects": "searched all objects of the interpreter (gc.get_objects)",
    "gc.get_referrers": "searched who refers to an object (gc.get_referrers)",
    "gc.get_referents": "searched what an object refers to (gc.get_referents)",
    "sys.settrace": "set a trace function (sys.settrace)",
    "sys.setprofile": "set a profile function (sys.setprofile)",
    "sys.monitoring.register_callback": "set a monitoring function (sys.monitoring)",
    "sys.addaudithook": "added an audit hook",
    "ctypes.dlopen": "opened a library (ctypes)",
    "ctypes.dlsym": "called into a library (ctypes)",
    "ctypes.dlsym/handle": "called into a library (ctypes)",
    "ctypes.call_function": "called into a library (ctypes)",
    "ctypes.cdata": "read memory (ctypes)",
    "ctypes.cdata/buffer": "read memory (ctypes)",
    "ctypes.string_at": "read memory (ctypes)",
    "ctypes.wstring_at": "read memory (ctypes)",
    "ctypes.get_errno": "called into a library (ctypes)",
    "code.__new__": "made code objects by hand",
    "os.kill": "sent a signal to a process",
}
_FRAME_ATTRIBUTES = {"tb_frame", "gi_frame", "cr_frame", "ag_frame"}
# modules that look on the caller's behalf
_GUIDES = {"inspect", "traceback", "ctypes", "ctypes.util", "asyncio.base_tasks", "asyncio.tasks", "classroom.frames"}
_GUIDES |= {"pdb", "bdb", "cmd", "code", "trace", "IPython.core.debugger"}
_RUNNER = "classroom.cells"


def listen(user_globals: dict[str, Any], folder: str, say: Callable[[str], None], locked: Collection[int]) -> None:
    """From now on, ``say`` what student code reaches for. For ever: an audit hook cannot be removed.

    Student code is what runs with ``user_globals``, comes from a cell or a string, or from a file below ``folder``, and
    is not one of the code objects of locked cells, whose numbers (``id``) are in ``locked``.

    It also says to :mod:`classroom.frames` which frames student code may see: its own, up to the first of a locked cell
    or of what runs the cells. What lies beyond is worth a word only when student code reaches for it.
    """
    busy: list[int] = []
    own = folder.rstrip("/") + "/"

    def theirs(frame: Any) -> bool:
        if id(frame.f_code) in locked:
            return False
        name = frame.f_code.co_filename
        return frame.f_globals is user_globals or name.startswith((CELLS, own)) or name == "<string>"

    def students(frame: Any, guided: bool) -> bool:
        while frame is not None:
            if theirs(frame):
                return True
            by_proxy = id(frame.f_code) in locked or (guided and frame.f_globals.get("__name__") in _GUIDES)
            if not by_proxy:
                return False
            frame = frame.f_back
        return False

    def visible(frame: Any) -> list[Any]:
        frames, last = [], 0
        while frame is not None and id(frame.f_code) not in locked and frame.f_globals.get("__name__") != _RUNNER:
            frames.append(frame)
            last = len(frames) if theirs(frame) else last
            frame = frame.f_back
        return frames[:last]

    def view(seen: Any, depth: Any) -> str | None:
        """Fills in what :mod:`classroom.frames` may show; what student code reached for, if that lies beyond."""
        asker = _getframe(3)
        if type(seen) is not list or type(depth) is not int or not students(asker, True):
            return None
        frames = visible(asker)
        for frame in frames:
            space = frame.f_locals if frame.f_locals is frame.f_globals else dict(frame.f_locals)
            numbers = frame.f_lineno, frame.f_lasti
            seen.append((frame.f_code, *numbers, frame.f_globals, space, frame.f_builtins))
        if not frames:
            seen.append((_EMPTY, 1, 0, {}, {}, {}))
        beyond = theirs(asker) and depth >= len(frames) and not asked_for_a_name(asker)
        return "looked into the stack (sys._getframe)" if beyond else None

    def found(event: str, arguments: tuple[Any, ...]) -> str | None:
        """What student code reaches for, in words."""
        what, guided = _REACH.get(event), True
        if event == "object.__getattr__" and arguments[1] in _FRAME_ATTRIBUTES:
            what, guided = f"looked into the stack ({arguments[1]})", arguments[1] == "cr_frame"
            if theirs(asker := _getframe(2)) and asked_for_a_name(asker):
                return None
        elif event == "object.__setattr__" and arguments[1] in ("__code__", "__defaults__", "__kwdefaults__"):
            what, guided = f"replaced the {arguments[1]} of a function", False
        elif event == "open" and str(arguments[0]).startswith("/proc/"):
            path = str(arguments[0])
            if path.endswith(("/mem", "/environ", "/maps", "/cmdline")):
                what, guided = f"opened {path[:80]}", False
        elif event == "classroom.reach":
            asker = _getframe(3)
            return f"looked into the stack ({arguments[0]})" if theirs(asker) and not asked_for_a_name(asker) else None
        return what if what and students(_getframe(2), guided) else None

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if busy or event not in _HEARD:
            return
        busy.append(1)
        try:
            if what := view(*arguments) if event == "classroom.view" else found(event, arguments):
                say(f"student code {what}")
        finally:
            busy.clear()

    sys.addaudithook(hook)


_HEARD = {*_REACH, "object.__getattr__", "object.__setattr__", "open", "classroom.reach", "classroom.view"}
_EMPTY = compile("", "<grader>", "exec")
_LOAD_ATTR, _EXTENDED_ARG, _CACHE = opmap["LOAD_ATTR"], opmap["EXTENDED_ARG"], opmap["CACHE"]
_AFTER_CALL = {opmap[name] for name in ("CALL", "PRECALL") if name in opmap}
_NAMES = {"co_name", "co_qualname", "co_filename", "co_firstlineno"}
_SHIFT = sys.version_info >= (3, 12)  # since then the lowest bit of the argument says something else


def asked_for_a_name(frame: Any) -> bool:
    """Whether the frame object that is being fetched here is asked for a name or a line, and kept by nobody.

    As in ``error.__traceback__.tb_frame.f_code.co_filename``: what comes next in the code are these attributes.
    """
    code, asked, argument = frame.f_code.co_code, [], 0
    for place in range(frame.f_lasti + 2, len(code), 2):
        operation = code[place]
        argument = argument << 8 | code[place + 1]
        if operation in (_EXTENDED_ARG, _CACHE) or (operation in _AFTER_CALL and not asked):
            argument *= operation == _EXTENDED_ARG
            continue
        if operation != _LOAD_ATTR:
            break
        name, argument = frame.f_code.co_names[argument >> _SHIFT], 0
        if name != "f_back" or asked:
            asked.append(name)
    return asked[:1] == ["f_lineno"] or (asked[:1] == ["f_code"] and asked[1:2] != [] and asked[1] in _NAMES)
