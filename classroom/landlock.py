"""Landlock, the kernel's allow-list for files, ports and signals, in the few calls that a worker needs.

A process that has called :func:`restrict` can no longer open anything outside the given folders, connect or bind a TCP
port, or (from ABI 6) signal a process or reach an abstract socket outside. It cannot be undone, and children inherit
it. See ``landlock(7)``.
"""

import ctypes
import os
import sys
from collections.abc import Iterable

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same number on every architecture
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_FOR_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | 1 << 14 | 1 << 15  # 14 truncate, 15 ioctl on a device
_FS_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # ABI -> how many rights over files it knows
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The version of Landlock that this kernel offers; 0 if none."""
    return max(0, _libc.syscall(_CREATE, None, 0, 1)) if _libc else 0


def restrict(read: Iterable[str], write: Iterable[str]) -> int:
    """Leave this process and its children only ``read`` (read, list, execute) and ``write`` (everything but execute).

    Paths that do not exist are passed over. Needs ``no_new_privs``. Returns the ABI in force.

    Raises
    ------
    OSError
        The kernel has no Landlock, or refuses.
    """
    version = abi()
    everything = (1 << _FS_BITS.get(version, 16)) - 1
    attributes = _Ruleset(everything, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = _call(_CREATE, ctypes.byref(attributes), size, 0)
    try:
        for paths, rights in ((read, _READ), (write, everything & ~_EXECUTE)):
            for path in paths:
                _allow(rules, path, rights & everything)
        _call(_RESTRICT, rules, 0)
    finally:
        os.close(rules)
    return version


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            rights &= _FOR_FILES
        _call(_ADD, rules, _PATH_BENEATH, ctypes.byref(_PathBeneath(rights, parent)), 0)
    finally:
        os.close(parent)


def _call(number: int, *arguments: object) -> int:
    result = _libc.syscall(number, *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return result
