"""For notebooks that need a real kernel (another language, widgets): nbgrader's own Execute, one kernel a submission.

In a worker it runs inside the walls, with the same limits, but without tamper evidence: the tests run where student code
runs, through whatever the kernel has become. On systems without fork it is all there is, and then there are no walls.
"""

import base64
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import Execute
from nbgrader.utils import setenv
from traitlets.config import Config

from .model import Job, Ran


class Telling(Execute):
    """Stock Execute that says what came of each cell as soon as it is known."""

    tell: Callable[[int, Any], None]

    def on_cell_executed(self, **details: Any) -> None:
        super().on_cell_executed(**details)
        self.tell(details["cell_index"], details["cell"])


def execute_notebook(notebook: Any, folder: str, seconds: float, tell: Callable[[int, Any], None], ipc: bool) -> None:
    """Execute in place, with ``folder`` as current directory and ``seconds`` for each cell.

    ``ipc`` talks to the kernel through files rather than ports: inside the walls there is no network, not even to
    oneself.
    """
    config = Config()
    if ipc:
        config.KernelManager.transport, config.KernelManager.ip = "ipc", "/tmp/kernel"
    name = notebook.metadata.get("kernelspec", {}).get("name", "python3")
    step = Telling(config=config, timeout=int(seconds) or 1, kernel_name=name)
    step.tell = tell
    with setenv(NBGRADER_EXECUTION="autograde"):
        step.preprocess(notebook, {"metadata": {"path": folder}})


def run(channel: Any, job: dict[str, Any], folder: str) -> None:
    """In a worker: execute and send each cell's outputs to the supervisor. Never returns."""
    notebook = nbformat.from_dict(job["notebook"])
    os.environ.update(JUPYTER_RUNTIME_DIR="/tmp/jupyter", IPYTHONDIR="/tmp/ipython")
    # As in classroom.cells.child: what lies beside the notebook is found after every library, not before.
    profile = Path("/tmp/ipython/profile_default")
    profile.mkdir(parents=True, exist_ok=True)
    last = f"__import__('sys').path.append({folder!r})"
    lines = f"c.InteractiveShellApp.ignore_cwd = True\nc.InteractiveShellApp.exec_lines = [{last!r}]\n"
    (profile / "ipython_kernel_config.py").write_text(f"c = get_config()\n{lines}")

    def tell(index: int, cell: Any) -> None:
        channel.send(json.dumps({"cell": index, "outputs": cell.outputs}).encode())

    try:
        execute_notebook(notebook, folder, job["limits"]["cell_seconds"], tell, ipc=True)
    except BaseException as problem:
        channel.send(json.dumps({"failed": f"{type(problem).__name__}: {problem}"}).encode())
    os._exit(0)


def execute(job: Job) -> Ran:
    """In the grader's own process, without any walls: for systems that cannot fork, when told to go on all the same."""
    started = time.monotonic()
    notebook = nbformat.from_dict(json.loads(json.dumps(job.notebook)))
    ended = "finished"
    with tempfile.TemporaryDirectory(prefix="classroom-") as folder:
        for name, data in job.files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(base64.b64decode(data) if isinstance(data, str) else data)
        try:
            execute_notebook(notebook, folder, job.limits.cell_seconds, lambda *_: None, ipc=False)
        except Exception:
            ended = "died"
    return Ran(job.key, notebook, ended, (), time.monotonic() - started)
