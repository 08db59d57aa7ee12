"""What a submission may see and do, how this machine can hold it to that, and what a missing protection exposes.

:class:`Jail` is the policy: an allow-list. :meth:`Jail.command` turns it into a command line, with bubblewrap if that is
installed, else with our own calls (:mod:`classroom.jail`). :func:`doctor` says which protections this machine has.
"""

import contextlib
import glob
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import jail
from .model import Trouble

SUBMISSION = "/submission"  # where a submission's files are while it runs: the only place it can write, with /tmp
SCRATCH = (SUBMISSION, "/tmp", "/dev/shm")
ORDINARY = 65520  # who root becomes: an id that systems leave unused
WARM = ("numpy", "pandas", "scipy.stats", "networkx", "altair", "matplotlib_inline.backend_inline")
_SYSTEM = (
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/lib",
    "/lib64",
    "/usr/share/zoneinfo",
    "/usr/share/fonts",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
)
_SHARED_PREFIXES = ("/", "/usr", "/usr/local")


class SandboxUnavailable(Trouble):
    """This machine lacks a protection that grading needs; the message says which and what to do."""


@dataclass(frozen=True)
class Protection:
    """One wall round student code: is it up, what does its absence expose, and how does one get it."""

    name: str
    active: bool
    exposes: str
    remedy: str
    needed: bool = True


@dataclass(frozen=True)
class Jail:
    """What a worker imports before the first submission, and what it may read besides the Python installation.

    ``warm`` are modules, imported once, before the first submission that names their package; one that is not installed
    is passed over. Packages among them that live outside the installation (``pip install --editable``) become readable:
    the package's own folder, not what lies beside it.
    ``read`` are further files and folders, such as a folder of data sets. Never put the course folder there.
    ``prime`` is Python that a worker runs once, at its start, for instance to fill the cache of a function that
    every notebook calls. Never put answers there: student code shares the memory.
    ``closed`` are files below those paths in whose place student code sees other text, as (path, text): a course's own
    methods, which students are to write themselves. Only walls can hold this: without them it counts for nothing.
    """

    warm: tuple[str, ...] = WARM
    read: tuple[str, ...] = ()
    prime: str = ""
    closed: tuple[tuple[str, str], ...] = ()

    def own_packages(self) -> list[str]:
        """The warm packages that are not part of the installation: a course's own, which its tests may rely upon."""
        inside = tuple(prefix + "/" for prefix in _python())
        outside = (name for name in self.warm if not all(path.startswith(inside) for path in _packages([name])))
        return sorted({name.partition(".")[0] for name in outside})

    def paths(self) -> list[str]:
        """All that can be read inside, shortest first, none below another."""
        wanted = [*_SYSTEM, *_python(), *map(str, (Path(path).absolute() for path in self.read))]
        wanted += _packages([*self.warm, __package__])
        kept: list[str] = []
        for path in sorted(set(wanted), key=lambda path: (path.count("/"), path)):
            if path == "/":
                raise ValueError("read: the whole machine ('/') is no allow-list")
            if os.path.exists(path) and not any(path.startswith(above + "/") for above in kept):
                kept.append(path)
        return kept

    def import_folders(self) -> list[str]:
        """Where Python must look for :meth:`own_packages`; of these folders only the packages can be seen inside."""
        return sorted({str(Path(path).parent) for path in _packages(self.own_packages())})

    def reachable(self) -> bool:
        """Whether an ordinary user can get at these paths without walls in which they are mounted anew."""
        parents = {parent for path in self.paths() for parent in Path(os.path.realpath(path)).parents}
        return all(parent.stat().st_mode & 0o001 for parent in parents)

    def environment(self) -> dict[str, str]:
        """The whole environment of a worker; nothing is inherited but the time zone."""
        return {
            "PATH": str(Path(sys.executable).parent),
            "HOME": "/tmp",
            "LANG": "C.UTF-8",
            "NBGRADER_EXECUTION": "autograde",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "PYTHONDONTWRITEBYTECODE": "1",
            # One thread a worker: the workers are the parallelism, and threads do not survive a fork.
            **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"),
            **{name: os.environ[name] for name in ("TZ",) if name in os.environ},
        }

    def command(self, program: Sequence[str], how: str) -> tuple[list[str], list[int]]:
        """The command that runs ``program`` inside, and file descriptors to pass to it and then close.

        ``how`` is "bubblewrap", "own" or "none" (no walls: only what the worker itself can set up).
        """
        if how == "none":
            return list(program), []
        links = {path: os.readlink(path) for path in ("/lib", "/lib64", "/lib32") if os.path.islink(path)}
        read = [(os.path.realpath(path), path) for path in self.paths() if path not in links]
        files = _small_files()
        closed = dict(self.instead())
        if how == "own":
            spec = {
                "links": links,
                "read": read,
                "files": files,
                "closed": closed,
                "folders": dict.fromkeys(SCRATCH, 64 * 2**20),
                "uid": ORDINARY,
                "argv": list(program),
                "env": self.environment(),
            }
            return [sys.executable, "-I", "-S", str(jail.__file__), json.dumps(spec)], []
        return _bubblewrap(links, read, files, closed, self.environment(), program)

    def instead(self) -> Iterable[tuple[str, str]]:
        """What stands in the place of which file, compiled copies among them."""
        seen = self.paths()
        for path, text in self.closed:
            if any(path.startswith(f"{above}/") for above in seen) and os.path.isfile(path):
                yield path, text
                for copy in Path(path).parent.glob(f"__pycache__/{glob.escape(Path(path).stem)}.*.pyc"):
                    yield str(copy), ""


def _bubblewrap(
    links: dict[str, str],
    read: list[tuple[str, str]],
    files: dict[str, str],
    closed: dict[str, str],
    environment: dict[str, str],
    program: Sequence[str],
) -> tuple[list[str], list[int]]:
    command = [str(shutil.which("bwrap")), "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    if os.geteuid() == 0:  # the worker drops root itself: inside a user namespace it would stay root outside
        command += [
            "--cap-drop",
            "ALL",
            "--cap-add",
            "CAP_SETUID",
            "--cap-add",
            "CAP_SETGID",
            "--cap-add",
            "CAP_SETPCAP",
        ]
    else:
        command += ["--unshare-user"]
    command += ["--unshare-cgroup-try", "--hostname", "grader", "--clearenv"] if os.geteuid() else ["--clearenv"]
    for name, value in environment.items():
        command += ["--setenv", name, value]
    command += ["--perms", "0755", "--dir", "/etc"]
    for name, target in links.items():
        command += ["--symlink", target, name]
    command += ["--dev", "/dev", "--proc", "/proc"]
    for folder in SCRATCH:
        command += ["--perms", "1777", "--size", str(64 * 2**20), "--tmpfs", folder]
    for source, target in read:
        for parent in reversed(Path(target).parents[:-1]):
            command += ["--perms", "0755", "--dir", str(parent)]  # else only root could pass
        command += ["--ro-bind", source, target]
    descriptors = []
    for name, text in [*files.items(), *closed.items()]:
        reading, writing = os.pipe()
        os.write(writing, text.encode())
        os.close(writing)
        descriptors.append(reading)
        command += ["--perms", "0644", "--ro-bind-data" if name in closed else "--file", str(reading), name]
    return [*command, "--remount-ro", "/", "--chdir", "/", "--", *program], descriptors


def _small_files() -> dict[str, str]:
    uid = os.geteuid() or ORDINARY
    return {
        "/etc/passwd": f"student:x:{uid}:{uid}:student:/tmp:/usr/sbin/nologin\n",
        "/etc/group": f"student:x:{uid}:\n",
        "/etc/hosts": "127.0.0.1 localhost\n",
    }


def _python() -> Iterable[str]:
    """The folders of this Python installation and its virtual environment."""
    for prefix in {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}:
        if prefix not in _SHARED_PREFIXES:
            yield prefix
    yield from {*sysconfig.get_paths().values()} - {*_SHARED_PREFIXES, *_data_folders()}
    yield from {sys.executable, os.path.realpath(sys.executable)}
    with contextlib.suppress(OSError):  # a chain of links, as in bin/python -> python3 -> /usr/bin/python3.11
        link = sys.executable
        while os.path.islink(link):
            link = os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link)))
            yield link


def _data_folders() -> set[str]:
    paths = sysconfig.get_paths()
    return {paths[name] for name in ("scripts", "data", "include", "platinclude") if name in paths}


def _packages(names: Iterable[str]) -> Iterable[str]:
    """The folders of packages (the files of single modules), wherever they were installed."""
    for name in {name.partition(".")[0] for name in names}:
        spec = importlib.util.find_spec(name)
        if spec is None:
            continue
        if spec.submodule_search_locations:
            yield from spec.submodule_search_locations
        elif spec.origin and os.path.isabs(spec.origin):
            yield spec.origin


# What the doctor runs inside, to see for itself rather than believe.
_PROBE = """
import ctypes, json, os, socket, sys
uid, outside = {uid}, {outside!r}
sys.path.insert(0, {parent!r})
from classroom import jail, landlock
jail.drop_root(uid)
def fails(action):
    try:
        action()
    except OSError:
        return True
    return False
def connect():
    with socket.socket() as s:
        s.settimeout(0.2)
        s.connect(("127.0.0.1", {port}))
seen = dict(
    user=os.geteuid() != 0,
    files=not os.path.exists(outside) and not os.path.exists("/etc/shadow")
    and set(os.listdir("/home") if os.path.isdir("/home") else []) <= set({home!r}),
    processes=len([p for p in os.listdir("/proc") if p.isdigit()]) < 5,
    network=fails(connect),
    landlock=landlock.abi(),
)
try:
    if child := jail.nest(dict.fromkeys({scratch!r}, 2**20)):
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    seen["nested"] = True
except OSError:
    seen["nested"] = False
try:
    jail.drop_capabilities()
    landlock.restrict(["/"], [])
    seen["landlocked"] = True
except OSError:
    seen["landlocked"] = False
try:
    jail.close_unmapped_memory()
    seen["memory"] = fails(lambda: os.memfd_create("x"))
except OSError:
    seen["memory"] = False
print(json.dumps(seen), flush=True)
"""


def _probe(how: str) -> dict[str, Any]:
    """What the walls of this kind hold back here; empty if they cannot be put up at all."""
    import socket

    with tempfile.NamedTemporaryFile() as outside, socket.create_server(("127.0.0.1", 0)) as server:
        walls = Jail(warm=())
        code = _PROBE.format(
            uid=ORDINARY,
            # A course or a Python that lies below /home brings its own folder there into view, and nothing else.
            home=sorted({path.split("/")[2] for path in walls.paths() if path.startswith("/home/")}),
            outside=outside.name,
            port=server.getsockname()[1],
            parent=str(Path(__file__).resolve().parent.parent),
            scratch=SCRATCH,
        )
        try:
            command, descriptors = walls.command([sys.executable, "-I", "-c", code], how)
        except (OSError, ValueError):
            return {}
        try:
            done = subprocess.run(
                command,
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=30,
                env=walls.environment(),
                check=False,
            )
            return json.loads(done.stdout)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return {}
        finally:
            for descriptor in descriptors:
                os.close(descriptor)


_WALLS = ("user", "files", "processes", "network")
_found: dict[str, tuple[str, dict[str, Any]]] = {}


def survey(fresh: bool = False) -> tuple[str, dict[str, Any]]:
    """The best way to make walls on this machine ("bubblewrap", "own" or "none"), and what a probe inside saw.

    Probed once a process, in about 0.2 s, unless ``fresh``.
    """
    if fresh or "best" not in _found:
        best: tuple[str, dict[str, Any]] = ("none", {})
        if sys.platform == "linux":
            for how in (["bubblewrap"] if shutil.which("bwrap") else []) + ["own", "none"]:
                seen = _probe(how)
                if all(seen.get(wall) for wall in _WALLS) or how == "none":
                    best = (how, seen)
                    break
        _found["best"] = best
    return _found["best"]


def doctor(fresh: bool = False) -> list[Protection]:
    """Every protection: whether it is active on this machine, what its absence exposes, and how to get it."""
    how, seen = survey(fresh)
    walls = (
        "apt install bubblewrap, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1; on Ubuntu "
        "kernel.apparmor_restrict_unprivileged_userns=0); in Docker run with --security-opt seccomp=unconfined"
    )
    linux = "grade on Linux (5.13 or newer), for example in a virtual machine"
    if sys.platform != "linux":
        walls = linux
    names = {
        "bubblewrap": "bubblewrap makes the walls",
        "own": "bubblewrap makes the walls (not installed or not usable: classroom's own calls do)",
        "none": "bubblewrap makes the walls",
    }
    return [
        Protection(
            "student code reads only Python and its own submission",
            bool(seen.get("files")),
            "hidden tests, the gradebook, other submissions and your home folder can be read and written",
            walls,
        ),
        Protection(
            "student code sees no other process",
            bool(seen.get("processes")),
            "the grader can be killed, and what a submission starts goes on after it",
            walls,
        ),
        Protection(
            "no network",
            bool(seen.get("network")),
            "answers can be fetched and hidden tests sent away while grading",
            walls,
        ),
        Protection(
            "student code runs as an ordinary user",
            bool(seen.get("user")),
            "student code runs as root",
            "run the grader as an ordinary user",
        ),
        Protection(
            "limits on time, memory, processes, files and output",
            sys.platform == "linux",
            "one submission can use up the machine",
            linux,
        ),
        Protection(
            "tests run in a process of their own, which no student code enters",
            bool(seen.get("processes")),
            "answers can read and fool the tests; signs of that are looked for, which do not show everything",
            walls,
            needed=False,
        ),
        Protection(
            "each submission has namespaces of its own",
            bool(seen.get("nested")),
            "submissions that one worker runs, one after the other, are kept apart by cleaning up only, and processes "
            "are counted for the user as a whole",
            "allow user namespaces inside the sandbox (sysctl user.max_user_namespaces above 0)",
            needed=False,
        ),
        Protection(
            f"Landlock (ABI {seen.get('landlock', 0)})",
            bool(seen.get("landlocked")),
            "one wall round the files instead of two",
            "Linux 5.13 or newer, with landlock in /sys/kernel/security/lsm",
            needed=False,
        ),
        Protection(
            "no memory beside that of processes (seccomp)",
            bool(seen.get("memory")),
            "memory that no process maps (memfd) is not counted",
            "Linux 3.17 or newer with seccomp, on x86_64, aarch64 or riscv64",
            needed=False,
        ),
        Protection(
            names[how],
            how == "bubblewrap",
            "nothing by itself; bubblewrap is the better tested program",
            "apt install bubblewrap",
            needed=False,
        ),
    ]


def require(unsafe: bool) -> str:
    """The way to make walls, if grading may go on.

    Raises
    ------
    SandboxUnavailable
        A needed protection is missing and ``unsafe`` is False.
    """
    missing = [protection for protection in doctor() if protection.needed and not protection.active]
    if missing and not unsafe:
        lines = [f"* {wall.name}: missing. Without it {wall.exposes}. {wall.remedy}." for wall in missing]
        raise SandboxUnavailable(
            "\n".join(["this machine cannot hold student code back (--unsafe grades all the same):", *lines])
        )
    return survey()[0]
