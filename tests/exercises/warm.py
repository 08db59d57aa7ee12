"""nbgrader's own commands, each in a fork of one process that has imported nbgrader and numbered a gradebook.

Each is a process of its own, with its own environment, folder and exit code, as when it is typed; but to import nbgrader
takes two seconds, and to ask alembic for the version of a new gradebook as long again. SQLite does not wait for the disk
after each of the 500 commits of a class. The tests of ``classroom`` type some of the commands, too.
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
    import classroom.feedback
    import classroom.preprocess  # noqa: F401 (what a course's settings load)

    once()
    api.get_alembic_version()
    event.listen(Engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    while line := sys.stdin.readline():
        child = os.fork()
        if not child:
            return _become(json.loads(line))
        status = os.waitpid(child, 0)[1]
        print(os.waitstatus_to_exitcode(status), flush=True)
    return None


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
