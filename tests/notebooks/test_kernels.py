"""A kernel that is forked is to a notebook what one that was started is, and ends when that would."""

import os
import time

import kernels
import psutil
import pytest
from jupyter_client import KernelManager


class Kernel:
    """One kernel, and what its cells print."""

    def __init__(self, folder, **environment: str):
        self.manager = KernelManager()
        self.manager.start_kernel(cwd=str(folder), env={**os.environ, **environment})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str, **options) -> str:
        said = []
        self.client.execute_interactive(
            code, output_hook=lambda message: said.append(message["content"].get("text", "")), **options
        )
        return "".join(said).strip()


@pytest.fixture(scope="module", autouse=True)
def warm():
    kernels.warm()


@pytest.fixture
def kernel(tmp_path):
    made = Kernel(tmp_path, TERM_OF="spring", PYTHONPATH=str(tmp_path))
    yield made
    made.manager.shutdown_kernel(now=True)


def test_it_has_its_folder_its_environment_and_nothing_of_this_repository(kernel, tmp_path):
    assert kernel.run("import os, sys; print(os.getcwd(), os.environ['TERM_OF'])") == f"{tmp_path} spring"
    assert kernel.run("print('pandas' in sys.modules, 'pandas' in globals())") == "True False"  # or it was started
    assert kernel.run("print([name for name in sys.modules if name.startswith('integrated_care')])") == "[]"
    assert kernel.run("print(sys.path[0])") == str(tmp_path)
    # pandas looks once, when it is imported, whether it is in a notebook.
    assert kernel.run("import pandas; print(pandas.get_option('display.max_columns'))") == "20"


def test_two_know_nothing_of_each_other(kernel, tmp_path):
    other = Kernel(tmp_path)
    try:
        kernel.run("import pandas; pandas.set_option('display.max_rows', 3); mine = 1")
        assert (
            other.run("import pandas; print(pandas.get_option('display.max_rows'), 'mine' in globals())") == "60 False"
        )
    finally:
        other.manager.shutdown_kernel(now=True)


def test_it_can_be_interrupted(kernel):
    def interrupt(message) -> None:
        if message["msg_type"] == "stream":
            kernel.manager.interrupt_kernel()

    work = "import time; print('at work', flush=True); time.sleep(600)"
    reply = kernel.client.execute_interactive(work, output_hook=interrupt, timeout=60)
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert kernel.run("print('here')") == "here"


@pytest.mark.parametrize("now", [True, False], ids=["killed", "asked to end"])
def test_nothing_is_left_of_it(tmp_path, now):
    kernel = Kernel(tmp_path)
    process = psutil.Process(int(kernel.run("import os; print(os.getpid())")))
    assert kernel.manager.is_alive() and process.ppid() != os.getpid()
    kernel.manager.shutdown_kernel(now=now)
    end = time.monotonic() + 30
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:  # one that nobody has asked about yet
        assert time.monotonic() < end, "the kernel goes on"
        time.sleep(0.05)


def test_its_end_is_seen(kernel):
    kernel.client.execute("import os; os._exit(3)")
    kernel.manager.provisioner.process.wait(30)
    assert not kernel.manager.is_alive()
