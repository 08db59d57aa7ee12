"""nbgrader's own commands, each in a fork of one process that has imported nbgrader and numbered a gradebook.

Each is a process of its own, with its own environment, folder and exit code, as when it is typed; but to import nbgrader
takes two seconds, and to ask alembic for the version of a new gradebook as long again. SQLite does not wait for the disk
after each of the 500 commits of a class, and the sandbox's workers last from one command to the next. The tests of
``classroom`` type some of the commands, too.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any


def nbgrader(root: Path, environment: Mapping[str, str], arguments: Iterable[str]) -> tuple[int, str]:
    """The exit code of a command that runs in the folder ``root``, and what it printed."""
    server = _server()
    with tempfile.NamedTemporaryFile("r", encoding="utf-8", errors="replace", prefix="nbgrader-") as log:
        job = {"root": str(root), "environment": dict(environment), "arguments": [*arguments], "log": log.name}
        server.stdin.write(json.dumps(job) + "\n")
        server.stdin.flush()
        if not (code := server.stdout.readline()):
            raise RuntimeError(f"the process that runs nbgrader's commands ended with {server.wait()}")
        return int(code), log.read()


@cache
def _server() -> subprocess.Popen:
    server = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(server.communicate)  # its input ends, and with that the process
    return server


def _serve() -> None:
    """Fork for each line of standard input, and answer with the exit code."""
    from nbgrader import api
    from once import once
    from sqlalchemy import Engine, event

    sys.path[0] = str(Path(__file__).resolve().parents[2])  # as for a command; until here, the folder of this file
    import classroom.feedback  # noqa: F401
    from classroom import preprocess  # what a course's settings load

    once()
    api.get_alembic_version()
    event.listen(Engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    pools: dict[tuple[Any, ...], Any] = {}
    while line := sys.stdin.readline():
        job = json.loads(line)
        if "autograde" in job["arguments"] and not pools:
            pools.update(_pools())
        child = os.fork()
        if not child:
            preprocess._open.update({(*settings, os.getpid()): pool for settings, pool in pools.items()})
            return _become(job)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        while pools and code:  # whatever it left behind is not for the next one
            pools.popitem()[1].__exit__()
        print(code, flush=True)
    return None


def _pools() -> dict[tuple[Any, ...], Any]:
    """This course's settings, and a pool for them that outlasts a command as a formgrader's does: what workers import and
    read beforehand takes three seconds. A command that has other settings starts workers of its own.

    Each command gets the pool as it is now, so each worker has one role for good.
    """
    from classroom.course import open_course
    from classroom.execute import Pool
    from classroom.preprocess import SandboxedExecute

    config = open_course(Path(__file__).resolve().parents[2]).config
    jail, _, unsafe = SandboxedExecute.settings(config)
    pool = Pool(1, unsafe=unsafe, jail=jail).__enter__()
    if SandboxedExecute.judges_apart(config):
        pool._idle["student"].put(pool._idle["new"].get())
        pool._idle["examiner"].put(pool._new())
    return {(jail, unsafe): pool}


def _become(job: Mapping[str, Any]) -> None:
    """Be the command: its output goes into the log, and Python ends as it would."""
    from nbgrader.apps.nbgraderapp import main

    for path, how, numbers in (
        (os.devnull, os.O_RDONLY, (0,)),
        (job["log"], os.O_WRONLY | os.O_APPEND, (1, 2)),
    ):
        opened = os.open(path, how)
        for number in numbers:
            os.dup2(opened, number)
        os.close(opened)
    os.chdir(job["root"])
    os.environ.clear()
    os.environ.update(job["environment"])
    sys.argv = ["nbgrader", *job["arguments"]]
    main()


if __name__ == "__main__":
    _serve()
