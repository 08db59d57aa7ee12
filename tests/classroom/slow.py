"""For the tests of a cluster: what its workers import, which is little, so that they are soon there."""

import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from classroom.model import Job, Ran


class Slow(AbstractContextManager):
    """On a worker: takes a moment, and writes down who did it. A job called "poison" kills its worker each time."""

    def __exit__(self, *error: object) -> None:
        return None

    def run(self, jobs: Iterable[Job]) -> Iterator[Ran]:
        for job in jobs:
            log = Path(job.files["log"].decode())
            with log.open("a") as file:
                file.write(f"{job.key} {os.getpid()}\n")
            if job.key.startswith("poison"):
                os.kill(os.getpid(), signal.SIGKILL)
            if job.key.startswith("broken"):
                raise RuntimeError("no sandbox here")
            time.sleep(0.1)
            yield Ran(job.key, job.notebook, seconds=os.getpid())


def slow(*settings) -> Slow:
    return Slow()
