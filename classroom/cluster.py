"""The same unit of work on the machines of a Dask cluster: a :class:`Job` goes out, a :class:`Ran` comes back.

Every machine needs this package and Linux; each worker opens a sandboxed pool of its own. A worker that is lost costs
time only: what it was running is run again elsewhere, and each result is handed on once. Dask trusts whoever can reach
its ports: use it in a network of your own or with TLS (an address that starts with ``tls://``). Student code reaches
neither, because the sandbox has no network.
"""

import atexit
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Self

from classroom.execute import Jail, Pool
from classroom.model import CannotGrade, Job, Limits, Ran

CONNECT = 15.0  # seconds until a scheduler must answer
PATIENCE = 60.0  # seconds without any worker until the run gives up
AHEAD = 2  # jobs under way for each thread of the cluster: enough that none waits for this machine
MINUTE = "60s"

Opener = Callable[[Limits, bool, Jail], AbstractContextManager[Any]]


class ClusterPool:
    """Runs jobs on the cluster whose scheduler listens at ``address``, such as ``tcp://10.0.0.1:8786``.

    ``opener`` makes the pool that a worker uses (a function that workers can import); tests replace it.
    Raises CannotGrade if the cluster cannot be used, or is lost on the way.
    """

    def __init__(
        self,
        address: str,
        *,
        limits: Limits | None = None,
        unsafe: bool = False,
        jail: Jail | None = None,
        opener: Opener | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self.address, self.patience = address, patience
        self.kind = (opener or open_pool, limits or Limits(), unsafe, jail or Jail())
        self.client: Any = None

    def __enter__(self) -> Self:
        try:
            import distributed
        except ImportError:
            raise CannotGrade(
                "Grading on a cluster needs Dask. Run: pip install 'learning-from-reform[cluster]'"
            ) from None
        self._dask = distributed
        try:
            self.client = distributed.Client(self.address, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise CannotGrade(
                f"No Dask scheduler answers at {self.address} ({error}). Start one with: dask scheduler"
            ) from None
        return self

    def __exit__(self, *error: object) -> None:
        if self.client is not None:
            self.client.close(timeout=CONNECT)

    def run(self, jobs: Iterable[Job]) -> Iterator[Ran]:
        """Yields what came of each job, in any order, each once. Takes jobs only as fast as the cluster does them."""
        jobs, running = iter(jobs), {}
        seen_worker = time.monotonic()
        more = True
        try:
            while more or running:
                threads = self._threads()
                if threads:
                    seen_worker = time.monotonic()
                elif time.monotonic() - seen_worker > self.patience:
                    raise CannotGrade(
                        f"The cluster at {self.address} has had no worker for {self.patience:.0f} s. "
                        f"Start some with: dask worker {self.address}"
                    )
                while more and len(running) < max(1, AHEAD * threads):
                    job = next(jobs, None)
                    more = job is not None
                    if job:
                        future = self.client.submit(run_here, job, *self.kind, pure=False)
                        running[future] = job
                if not running:
                    break
                for future in self._finished(running):
                    yield self._result(future, running.pop(future))
                    future.release()
        finally:
            for future in running:
                future.cancel()

    def _threads(self) -> int:
        try:
            return sum(self.client.nthreads().values())
        except Exception as error:  # Dask raises many kinds when its connection is gone
            raise self._lost(error) from None

    def _finished(self, running: Iterable[Any]) -> list[Any]:
        try:
            with self.client.as_current():
                return list(self._dask.wait(list(running), timeout=1, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            return []
        except Exception as error:
            raise self._lost(error) from None

    def _result(self, future: Any, job: Job) -> Ran:
        try:
            return future.result(timeout=MINUTE)
        except self._dask.scheduler.KilledWorker:
            # it took several workers down, one after the other: a person must look at it
            return Ran(job.key, job.notebook, ended="died")
        except Exception as error:
            if future.status == "error":
                raise CannotGrade(
                    f"The workers of {self.address} cannot grade: {type(error).__name__}: {error}. Every machine of "
                    "the cluster needs this package, in this version, and a sandbox: run classroom doctor there."
                ) from error
            raise self._lost(error) from None

    def _lost(self, error: Exception) -> CannotGrade:
        return CannotGrade(
            f"The cluster at {self.address} was lost ({type(error).__name__}). What was graded is recorded; run the "
            "same command again, and it goes on from there."
        )


# --- what happens on a worker -----------------------------------------------------------------------------------------

_idle: dict[tuple, list[Any]] = {}
_lock = threading.Lock()
_open = ExitStack()
atexit.register(_open.close)


def open_pool(limits: Limits, unsafe: bool, jail: Jail) -> AbstractContextManager[Any]:
    """The pool that a worker uses for one job at a time."""
    return Pool(1, limits, unsafe, jail)


def run_here(job: Job, opener: Opener, limits: Limits, unsafe: bool, jail: Jail) -> Ran:
    """Runs one job on this worker, in a pool that stays warm for the next one."""
    kind = (opener, limits, unsafe, jail)
    with _lock:
        pools = _idle.setdefault(kind, [])
        pool = pools.pop() if pools else _open.enter_context(opener(limits, unsafe, jail))
    (ran,) = pool.run([job])
    with _lock:
        pools.append(pool)
    return ran
