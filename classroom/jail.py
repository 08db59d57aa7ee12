"""The walls round a worker, in system calls: namespaces, a root folder made of allowed paths, no rights.

Standard library only, because this file is also the program that the grader starts when bubblewrap is not there:

    python -I -S jail.py SPEC        SPEC is JSON: read, links, files, closed, folders, uid, argv, env

``SPEC["read"]`` is all that there is to see inside; nothing else of the machine is mounted. :func:`nest` makes one more
set of namespaces for each submission, so that two submissions never share processes or a scratch folder.
"""

import contextlib
import ctypes
import errno
import json
import os
import signal
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

NEW_MOUNTS, NEW_CGROUP, NEW_UTS, NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEW_USER, NEW_PIDS, NEW_NET = 0x10000000, 0x20000000, 0x40000000
_NOSUID, _NODEV, _NOEXEC, _BIND, _REC, _PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
_DETACH = 2
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217}
_CLONE = {"x86_64": 56, "aarch64": 220, "riscv64": 220}
_MOUNT_SETATTR = 442
_DEATH_SIGNAL, _DUMPABLE, _SECCOMP, _DROP_BOUND, _SUBREAPER, _NO_NEW_PRIVS = 1, 4, 22, 24, 36, 38
# For each processor: how the kernel calls it, and the numbers of memfd_create, memfd_secret, shmget, msgget, semget.
_UNMAPPED = {
    "x86_64": (0xC000003E, (319, 447, 29, 68, 64)),
    "aarch64": (0xC00000B7, (279, 447, 194, 186, 190)),
    "riscv64": (0xC00000F3, (279, 447, 194, 186, 190)),
}
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
DEVICES = ("null", "zero", "full", "random", "urandom")

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def check(result: int, what: str) -> int:
    """Raise ``OSError`` if a C call said -1."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def prctl(option: int, value: int = 0) -> None:
    """One process control call with one argument."""
    check(_libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)), "prctl")


def unshare(flags: int) -> None:
    """Leave the named namespaces for new ones."""
    check(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """mount(2)."""
    encoded = [text.encode() if text is not None else None for text in (source, target, kind, options)]
    check(_libc.mount(*encoded[:3], ctypes.c_ulong(flags), encoded[3]), f"mount {target}")


def read_only(target: str, extra: int = _NOSUID | _NODEV) -> None:
    """Make a mount and all below it read-only, whatever flags it has already."""
    attributes = (ctypes.c_uint64 * 4)(1 | extra, 0, 0, 0)
    result = _libc.syscall(_MOUNT_SETATTR, -100, target.encode(), 0x8000, ctypes.byref(attributes), 32)
    check(result, f"read-only {target}")


def map_ids(uid: int, gid: int) -> None:
    """In a new user namespace: be the same ordinary user as outside, and nobody else."""
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def drop_capabilities() -> None:
    """Give up every right of the superuser, for good."""
    for capability in range(64):
        _libc.prctl(_DROP_BOUND, ctypes.c_ulong(capability), 0, 0, 0)  # fails where we may not: then we have none
    prctl(_NO_NEW_PRIVS, 1)
    header, empty = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    check(_libc.capset(header, empty), "capset")


def close_unmapped_memory() -> None:
    """From now on there is no memory but that of processes, which their limits count, and of files in scratch folders.

    A file that has no name (memfd) and what System V shares between processes belong to nobody's limit: such calls are
    answered as by a kernel that has none (a seccomp filter). Needs :func:`drop_capabilities` before it.

    Raises
    ------
    OSError
        The kernel takes no filter, or this processor's numbers are not known.
    """
    machine = os.uname().machine
    if machine not in _UNMAPPED:
        raise OSError(f"no filter for {machine}")
    kind, numbers = _UNMAPPED[machine]
    other = [(0x35, 0x40000000)] * (machine == "x86_64")  # jump if greater: calls of x32
    tests = [*other, *((0x15, number) for number in numbers)]  # jump if equal
    steps = [(0x20, 0, 0, 4), (0x15, 0, len(tests) + 2, kind), (0x20, 0, 0, 0)]  # another kind of calls: refused, too
    steps += [(code, len(tests) - place, 0, value) for place, (code, value) in enumerate(tests)]
    steps += [(0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x00050000 | errno.ENOSYS)]  # allowed; no such call
    filters = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxP" if struct.calcsize("P") == 8 else "HxxP", len(steps), ctypes.addressof(filters))
    check(
        _libc.prctl(_SECCOMP, ctypes.c_ulong(2), ctypes.c_char_p(program), ctypes.c_ulong(0), ctypes.c_ulong(0)),
        "seccomp",
    )


def drop_root(uid: int) -> None:
    """Become an ordinary user, if this is root."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def hide() -> None:
    """Let no process of the same user trace this one or read its memory."""
    prctl(_DUMPABLE, 0)


def die_with_parent() -> None:
    """Be killed when the parent process ends."""
    prctl(_DEATH_SIGNAL, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of descendants whose parent ends, so that :func:`kill_descendants` finds them."""
    prctl(_SUBREAPER, 1)


def nest(scratch: dict[str, int], keep: Iterable[str] = ()) -> int:
    """Fork into new user, process, mount and IPC namespaces, with ``scratch`` folders (path -> bytes) of its own.

    ``keep`` are paths that can be read although they lie in a scratch folder, such as data sets below /tmp.

    Returns the child's number to the caller and 0 in the child, which is the first process of its namespace: when it
    ends, the kernel kills all that it started.

    Raises
    ------
    OSError
        This user may not make namespaces (in the caller), or not fill them (in the child).
    """
    uid, gid = os.getuid(), os.getgid()
    prctl(_DUMPABLE, 1)  # a process that changed its user may not write its own uid_map otherwise
    child = _fork_into(NEW_USER | NEW_PIDS | NEW_MOUNTS | NEW_IPC)
    if child:
        hide()
        return child
    map_ids(uid, gid)
    die_with_parent()
    hide()
    with contextlib.suppress(OSError):  # no further user namespaces: each opens more of the kernel to attack
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
    read_only("/")
    kept = {path: os.open(path, os.O_PATH) for path in keep if path.startswith(tuple(f"{name}/" for name in scratch))}
    for folder, size in scratch.items():
        mount("tmpfs", folder, "tmpfs", _NOSUID | _NODEV | _NOEXEC, f"size={size},nr_inodes=20000,mode=0700")
    for path, descriptor in kept.items():
        _bind(f"/proc/self/fd/{descriptor}", path)
        os.close(descriptor)
    with contextlib.suppress(OSError):  # bubblewrap as root refuses: the worker's /proc stays
        mount("proc", "/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    drop_capabilities()
    return 0


def _fork_into(kinds: int) -> int:
    """fork(2) whose child is in new namespaces: one system call, where unshare(2) would need a process in between."""
    number = _CLONE.get(os.uname().machine)
    if number is None:
        raise OSError(f"no namespaces on {os.uname().machine}")
    python = ctypes.PyDLL(None, use_errno=True)  # unlike CDLL it keeps the interpreter's lock, as os.fork does
    python.PyOS_BeforeFork()
    child = python.syscall(number, ctypes.c_ulong(kinds | signal.SIGCHLD), 0, 0, 0, 0)
    if child == 0:
        python.PyOS_AfterFork_Child()
    else:
        code = ctypes.get_errno()
        python.PyOS_AfterFork_Parent()
        if child < 0:
            raise OSError(code, f"clone: {os.strerror(code)}")
    return child


def neighbours() -> list[int]:
    """The processes of this one's own PID namespace, itself included, by their numbers in /proc.

    /proc may be that of the namespace around it, where a new one cannot be mounted: it then shows the outer ones, too.
    """

    def depth(entry: str) -> int:
        with contextlib.suppress(OSError, StopIteration), open(f"/proc/{entry}/status") as lines:
            return len(next(line for line in lines if line.startswith("NSpid:")).split())
        return 0

    mine = depth("self")
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and depth(entry) >= mine]


def descendants() -> list[int]:
    """The processes that this one started, and those that they started; needs a /proc."""
    parents: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int(Path(f"/proc/{int(entry)}/stat").read_text().rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(entry))
    todo, found = [os.getpid()], []
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    return found


def seen_as(child: int) -> int:
    """The number in /proc of a child of this process, which calls it ``child``; /proc may be that of a namespace around."""
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError, StopIteration), open(f"/proc/{entry}/status") as lines:
            facts = dict(line.rstrip().split(":\t", 1) for line in lines if line.startswith(("NSpid:", "PPid:")))
            if facts["NSpid"].split()[-1] == str(child) and facts["PPid"] == os.readlink("/proc/self"):
                return int(entry)
    return child


def spent(process: int) -> tuple[float, float]:
    """Seconds that a process and the children that it outlived had a processor, and that it could have used one in vain.

    The second number is that of the thread that waited most, 0 where the kernel does not keep it.
    """
    cpu, waited = 0.0, 0.0
    with contextlib.suppress(OSError, ValueError, IndexError):
        cpu = sum(map(int, Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:15])) / _TICKS
        for thread in os.listdir(f"/proc/{process}/task"):
            waited = max(waited, int(Path(f"/proc/{process}/task/{thread}/schedstat").read_text().split()[1]) / 1e9)
    return cpu, waited


def kill_descendants() -> None:
    """Kill every descendant of this process; needs :func:`adopt_orphans`. For where :func:`nest` cannot."""
    for _ in range(100):
        for pid in descendants():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return


def _build(spec: dict[str, Any]) -> None:
    """Make the new root from the allowed paths and step into it."""
    mount("none", "/", None, _REC | _PRIVATE)
    mount("tmpfs", "/tmp", "tmpfs", _NOSUID | _NODEV, "mode=0755,size=16m")
    old = Path("/tmp/.old")
    old.mkdir()
    number = _PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise OSError("pivot_root: unknown processor; install bubblewrap")
    check(_libc.syscall(number, b"/tmp", b"/tmp/.old"), "pivot_root")
    os.chdir("/")
    old = Path("/.old")
    for name, target in spec["links"].items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(target, name)
    for folder, size in spec["folders"].items():
        Path(folder).mkdir(parents=True, exist_ok=True)
        mount("tmpfs", folder, "tmpfs", _NOSUID | _NODEV, f"size={size},mode=1777")
    for source, target in spec["read"]:
        _bind(f"{old}{source}", target)
        read_only(target)
    for number, (name, text) in enumerate(spec["closed"].items()):
        instead = Path(f"/.closed/{number}")
        instead.parent.mkdir(exist_ok=True)
        instead.write_text(text)
        _bind(str(instead), name)
        read_only(name)
    for name in DEVICES:
        _bind(f"{old}/dev/{name}", f"/dev/{name}")
    for name, text in spec["files"].items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    Path("/proc").mkdir()
    mount("proc", "/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    check(_libc.umount2(b"/.old", _DETACH), "umount")
    old.rmdir()
    attributes = (ctypes.c_uint64 * 4)(1, 0, 0, 0)  # the root itself, not what is mounted on it
    check(_libc.syscall(_MOUNT_SETATTR, -100, b"/", 0, ctypes.byref(attributes), 32), "read-only /")


def _bind(source: str, target: str) -> None:
    if os.path.isdir(source):
        Path(target).mkdir(parents=True, exist_ok=True)
    elif not os.path.exists(target):
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        Path(target).touch()
    mount(source, target, None, _BIND | _REC)


def main(spec: dict[str, Any]) -> None:
    """Build the jail and become ``spec["argv"]`` in it; this first process stays outside and waits."""
    os.umask(0o022)  # the folders on the way to what can be read
    uid, gid = os.geteuid(), os.getegid()
    kinds = NEW_MOUNTS | NEW_PIDS | NEW_IPC | NEW_NET | NEW_UTS | NEW_CGROUP
    if uid == 0:
        unshare(kinds)
    else:
        unshare(kinds | NEW_USER)
        map_ids(uid, gid)
    if child := os.fork():
        for descriptor in (0, 1):  # else the grader would not see that the worker is gone
            os.close(descriptor)
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    _build(spec)
    drop_root(spec["uid"])
    drop_capabilities()
    die_with_parent()
    os.execve(spec["argv"][0], spec["argv"], spec["env"])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
