"""What student code sees when it looks at the stack: its own frames, copied, and nothing of what called it.

People ask for the stack for the name of a function or the number of a line (``inspect.stack()``,
``sys._getframe().f_code.co_name``, ``traceback.print_stack()``), which is no sign of anything. From a real frame, though,
``f_back`` leads to the test and to what runs the cells, unseen. So student code is given stand-ins, whose last one knows
no caller. Which frames these are is decided where student code cannot reach (:func:`classroom.evidence.listen`): nothing
here holds anything but copies, and who takes this module apart finds the real ``sys._getframe``, whose calls are heard.
"""

import _lsprof
import cProfile
import inspect
import pdb
import sys
import types
from typing import Any

from IPython.core import debugger
from IPython.core.error import StdinNotImplementedError

VIEW, REACH = "classroom.view", "classroom.reach"  # what the audit hook is asked for, and told
FIELDS = ("f_code", "f_lineno", "f_lasti", "f_globals", "f_locals", "f_builtins")

_real = sys._getframe
_NOWHERE = compile("", "<grader>", "exec")


class Frame:
    """A copy of a frame. ``f_back`` is another one, or the end of what there is to see."""

    f_trace = None
    f_trace_lines, f_trace_opcodes = True, False

    def __init__(self, fields: tuple[Any, ...], back: "Frame | None") -> None:
        self.__dict__.update(zip(FIELDS, fields, strict=True))
        self._back = back

    @property
    def f_back(self) -> "Frame | None":
        if self._back is not None and self._back._back is None:
            sys.audit(REACH, "f_back")
        return self._back

    def clear(self) -> None:
        """As a real frame's."""

    def __repr__(self) -> str:
        return f"<frame, file {self.f_code.co_filename!r}, line {self.f_lineno}, code {self.f_code.co_name}>"


class FrameInfo(inspect.FrameInfo):
    """An entry of ``inspect.stack()``."""

    @property
    def frame(self) -> Any:
        if isinstance(self[0], Frame) and self[0]._back is None:
            sys.audit(REACH, "inspect.stack")
        return self[0]


def _getframe(depth: int = 0, /) -> Any:
    """``sys._getframe``: for student code, and what looks on its behalf, a stand-in."""
    seen: list[tuple[Any, ...]] = []
    sys.audit(VIEW, seen, depth)
    if not seen:
        return _real(depth + 1)
    frame = Frame((_NOWHERE, 1, 0, {}, {}, {}), None)
    frames = [frame]
    for fields in reversed(seen):
        frames.append(frame := Frame(fields, frame))
    if depth >= len(frames):
        raise ValueError("call stack is not deep enough")
    return frames[-1 - depth]


def _set_trace(*_: Any, **__: Any) -> None:
    """A debugger left behind: it asks for a command, and nobody is there."""
    raise StdinNotImplementedError("a debugger was started, but this frontend does not support input requests.")


def _enable(self: Any, subcalls: bool = True, builtins: bool = True) -> None:
    _lsprof.Profiler.enable(self, subcalls, builtins)


def _disable(self: Any) -> None:
    _lsprof.Profiler.disable(self)


def install() -> None:
    """From now on, in this process and its forks. Without :func:`classroom.evidence.listen` all is as ever."""
    sys._getframe = _getframe
    inspect.FrameInfo = FrameInfo
    inspect.isframe = lambda thing: isinstance(thing, types.FrameType | Frame)
    pdb.set_trace = debugger.set_trace = _set_trace
    # In the name of cProfile, which is not listened to: a profiler in C hands out no frames and calls nobody.
    cProfile.Profile.enable = types.FunctionType(_enable.__code__, vars(cProfile), "enable", _enable.__defaults__)
    cProfile.Profile.disable = types.FunctionType(_disable.__code__, vars(cProfile), "disable")
