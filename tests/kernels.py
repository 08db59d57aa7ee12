"""Jupyter kernels for the tests, each a fork of one process that has imported what notebooks import.

A kernel is a process of its own, with its own folder, environment and output, as ever; but to start Python, ipykernel, pandas
and Altair takes two seconds of processor, and the tests start some forty. Nothing of this repository is imported beforehand.

What Jupyter starts, interrupts and kills is a small process that asks for the fork, hands signals on and ends with it.
"""

import atexit
import builtins
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import warnings
from functools import cache
from types import SimpleNamespace

BEFORE = ("ipykernel.kernelapp", "ipykernel.zmqshell", "numpy", "pandas", "altair", "networkx", "scipy.stats")
# Started with -S and without a package of anybody's: it is there in a hundredth of a second.
ASK = """
import json, os, signal, socket, sys
_, place, *words = sys.argv
with socket.socket(socket.AF_UNIX) as line:
    line.connect(place)
    here = {"words": words, "folder": os.getcwd(), "environment": dict(os.environ)}
    socket.send_fds(line, [b"."], [0, 1, 2])
    line.sendall(json.dumps(here).encode() + b"\\n")
    kernel = int(line.recv(20))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: os.kill(kernel, number))
    line.recv(1)
"""


@cache
def warm() -> None:
    """From here on, in this process and those that it starts: ``python3`` is such a kernel."""
    from ipykernel.kernelspec import get_kernel_dict
    from lasting import lasting

    root = lasting("kernels-")
    place, folder = str(root / "line"), root / "kernels" / "python3"
    server = subprocess.Popen([sys.executable, __file__, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(server.communicate)  # its input ends, and with that the process
    if not server.stdout.readline():
        raise RuntimeError(f"the process that forks kernels ended with {server.wait()}")
    folder.mkdir(parents=True)
    argv = [sys.executable, "-I", "-S", "-c", ASK, place, "-f", "{connection_file}"]
    (folder / "kernel.json").write_text(json.dumps(get_kernel_dict() | {"argv": argv}))
    os.environ["JUPYTER_PATH"] = os.pathsep.join([str(root), *filter(None, [os.environ.get("JUPYTER_PATH")])])


def _serve(place: str) -> None:
    """Fork a kernel for each that asks, until standard input ends."""
    builtins.get_ipython = lambda: SimpleNamespace(kernel=None)  # pandas shows as many columns as in a notebook
    for name in BEFORE:
        importlib.import_module(name)
    del builtins.get_ipython
    gc.collect()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(place)
    listener.listen()
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.flush()
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        line = listener.accept()[0]
        _, outlets, _, _ = socket.recv_fds(line, 1, 3)
        with line.makefile("rb") as told:
            said = told.readline()
        if len(outlets) < 3 or not said.endswith(b"\n"):  # killed while it asked
            line.close()
            continue
        with warnings.catch_warnings():  # numpy's threads are not for what is forked, as numpy knows
            warnings.simplefilter("ignore", DeprecationWarning)
            kernel = os.fork()
        if not kernel:
            listener.close()
            return _become(line, outlets, json.loads(said))
        with contextlib.suppress(OSError):
            line.sendall(str(kernel).encode())
        for outlet in outlets:
            os.close(outlet)
        line.close()
        while os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG):  # those that ended meanwhile
            pass


def _become(line: socket.socket, outlets: list[int], here: dict) -> None:
    """Be the kernel, for as long as whoever asked is there."""
    from ipykernel.kernelapp import IPKernelApp

    for number, outlet in enumerate(outlets):
        os.dup2(outlet, number)
        os.close(outlet)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(here["folder"])
    os.environ.clear()
    os.environ.update(here["environment"])
    ahead = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [path for path in ahead if path and path not in sys.path]
    threading.Thread(target=lambda: (line.recv(1), os._exit(0)), daemon=True).start()
    sys.argv = ["ipykernel_launcher", *here["words"]]
    IPKernelApp.launch_instance(parent_handle=os.getppid())


if __name__ == "__main__":
    del sys.path[0]
    _serve(sys.argv[1])
