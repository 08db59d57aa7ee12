"""What hostile and broken submissions try, one test each: what comes of them, and that nobody else is the worse for it.

Every test runs on the same jailed worker. After each, an honest submission on that worker must have its full marks and
no sign of tampering, and no process of the attack may be left.
"""

import contextlib
import json
import os
import py_compile
import shutil
import socket
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import determine_grade

import integrated_care
from classroom import sandbox
from classroom.course import open_course
from classroom.execute import Jail, Pool
from classroom.model import Job, Limits
from classroom.preprocess import SandboxedExecute
from integrated_care.guard import closed

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(not os.path.exists("/proc/self/ns/user"), reason="the sandbox needs Linux"),
]
JAIL = Jail(warm=("numpy", "pandas"))
LIMITS = Limits(cell_seconds=1.5, seconds=20, memory=400 << 20, processes=24, file_size=8 << 20, output=100_000)
SETUP = "import math\nimport numpy as np\nimport pandas as pd"
HONEST = "def double(x):\n    return 2 * x"
TESTS = {
    "visible": "assert double(2) == 4, 'twice 2 is 4'\nassert np.isclose(double(0.1), 0.2)",
    "hidden": "assert double(21) == 42  # s3cret\nassert math.isclose(double(1.5), 3)\nassert abs(double(-3)) == 6",
    "score": "0.5 * (double(4) == 8) + 0.5 * (double(5) == 10)",
}


def notebook(*cells: str, tests: dict[str, str] = TESTS) -> nbformat.NotebookNode:
    """Setup, the student's cells, and three test cells of one point each."""
    flags = {"schema_version": 3, "solution": False, "task": False, "locked": True}
    locked = [("setup", SETUP, {"grade": False})] + [(n, s, {"grade": True, "points": 1}) for n, s in tests.items()]
    made = [new_code_cell(s, metadata={"nbgrader": {"grade_id": n, **flags, **more}}) for n, s, more in locked]
    students = [new_code_cell(textwrap.dedent(cell).strip()) for cell in cells]
    return new_notebook(
        cells=[made[0], *students, *made[1:]],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )


def marks(ran) -> dict[str, float]:
    graded = [cell for cell in ran.notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    return {cell.metadata.nbgrader.grade_id: determine_grade(cell)[0] for cell in graded}


def total(ran) -> float:
    return sum(marks(ran).values())


def text(ran) -> str:
    """All that the notebook's outputs say."""
    outputs = [output for cell in ran.notebook.cells for output in cell.get("outputs", ())]
    return "\n".join(str(dict(output)) for output in outputs)


def said(ran, *words: str) -> bool:
    """Whether one line of the evidence has all the words."""
    return any(all(word in line for word in words) for line in ran.tampering)


def processes() -> int:
    """Processes below the worker, itself included."""
    count, doomed = 0, [os.getpid()]
    while doomed:
        pid = doomed.pop()
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found = [int(child) for child in task.read_text().split()]
                count, doomed = count + len(found), doomed + found
    return count


@pytest.fixture(scope="module")
def pool():
    with Pool(1, jail=JAIL) as pool:
        pool.one(Job("first", notebook(HONEST), limits=LIMITS))
        yield pool


@pytest.fixture
def attack(pool):
    """Run a submission; afterwards the next student has full marks and nothing is left of it."""
    before = processes()

    def run(*cells: str, files=None, limits=LIMITS, tests=TESTS):
        return pool.one(Job("attacker", notebook(*cells, tests=tests), files or {}, limits))

    yield run
    honest = pool.one(Job("honest", notebook(HONEST, "import os; sorted(os.listdir('.'))"), {"a.txt": b"a"}, LIMITS))
    assert (honest.ended, honest.tampering, total(honest)) == ("finished", (), 3)
    assert "['a.txt']" in text(honest), "something of the attacker's files was left"
    assert processes() <= before, "a process was left"


def test_honest_work_has_full_marks_and_no_evidence(attack):
    ran = attack(HONEST)
    assert (ran.ended, ran.tampering, marks(ran)) == ("finished", (), {"visible": 1, "hidden": 1, "score": 1})


def test_wrong_work_loses_its_marks_and_leaves_no_evidence(attack):
    ran = attack("def double(x):\n    return 4")
    assert (ran.tampering, marks(ran)) == ((), {"visible": 0, "hidden": 0, "score": 0})


# -- reading ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/etc/shadow", "/etc/sudoers", "/root", "/home", "/var", "/boot", "/proc/1/environ", "/proc/1/mem"]
)
def test_reads_a_file_of_the_machine(attack, path):
    ran = attack(f"import os\n(os.listdir if os.path.isdir({path!r}) else open)({path!r})", HONEST)
    # Where this Python or this repository lies below it, its own folder may be seen there, and nothing else.
    ours = sorted({mine.split("/")[2] for mine in JAIL.paths() if mine.startswith(f"{path}/")})
    assert "FileNotFoundError" in text(ran) or "PermissionError" in text(ran) or (ours and str(ours) in text(ran))
    assert marks(ran)["hidden"] == 1


def test_looks_for_the_course_and_other_submissions(attack, tmp_path):
    (tmp_path / "gradebook.db").write_text("secret")
    repository = Path(__file__).resolve().parents[2]
    ran = attack(
        f"""
        import os
        found = [path for path in ({str(tmp_path / "gradebook.db")!r}, {str(repository / "exercises")!r}) if os.path.exists(path)]
        for folder, _, names in os.walk("/"):
            if not folder.startswith(("/proc", "/usr", "/dev")):
                found += [os.path.join(folder, name) for name in names if name.endswith((".ipynb", ".db"))]
        print("found", [name for name in found if "site-packages" not in name])
        """
    )
    assert "found []" in text(ran)


def test_sees_no_other_process(attack):
    ran = attack("import os\nprint('pids', len([p for p in os.listdir('/proc') if p.isdigit()]))")
    # Its own and its supervisor; under bubblewrap as root also the worker and bubblewrap.
    assert "pids 2" in text(ran) or (sandbox.survey()[0] == "bubblewrap" and "pids 4" in text(ran))


def test_environment_holds_nothing_of_the_grader(attack, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "s3cret")
    ran = attack("import os\nprint(dict(os.environ))\nprint(open('/proc/self/environ').read())")
    assert "s3cret" not in text(ran).replace("# s3cret", "")
    assert "NBGRADER_EXECUTION" in text(ran)


def test_a_link_in_the_files_leads_nowhere(attack):
    ran = attack("import os\nos.symlink('/etc/shadow', 'mine')\nopen('mine')", HONEST)
    assert "FileNotFoundError" in text(ran)


def test_file_names_that_climb_out_are_left_out(attack):
    ran = attack("import os; print(os.path.exists('/evil'), os.listdir('.'))", files={"../evil": b"", "/evil": b""})
    assert "False []" in text(ran)


# -- writing and reaching out -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["/x", "/usr/x", "/etc/passwd", "/dev/x", "/proc/sys/kernel/hostname", os.__file__])
def test_writes_outside(attack, where):
    ran = attack(f"open({where!r}, 'a').write('x')", HONEST)
    assert "PermissionError" in text(ran) or "OSError" in text(ran) or "FileNotFoundError" in text(ran)
    assert total(ran) == 3


def test_writes_into_scratch(attack):
    ran = attack("open('x.csv', 'w').write('1')\nopen('/tmp/x', 'w').write('1')\nopen('x.csv').read()", HONEST)
    assert "'1'" in text(ran)
    assert total(ran) == 3


def test_uses_the_network(attack):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ran = attack(f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 1)", HONEST)
    assert "PermissionError" in text(ran) or "ConnectionRefused" in text(ran) or "OSError" in text(ran)
    assert total(ran) == 3


def test_runs_no_program_of_its_own(attack):
    ran = attack(
        """
        import os, subprocess
        open("run", "w").write("#!/usr/bin/python3")
        os.chmod("run", 0o755)
        subprocess.run(["./run"])
        """
    )
    assert "PermissionError" in text(ran)


def test_gains_no_rights(attack):
    ran = attack(
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        print("unshare", libc.unshare(0x10000000), "mount", libc.mount(b"x", b"/tmp", b"tmpfs", 0, None))
        print("uid", os.getuid() == 0)
        try:
            os.setuid(0)
        except OSError:
            print("refused")
        """
    )
    assert "unshare -1 mount -1" in text(ran)
    assert "uid False" in text(ran)
    assert "refused" in text(ran)


def test_signals_the_grader(attack):
    ran = attack(
        """
        import os, signal
        os.kill(os.getppid(), signal.SIGKILL)
        for pid in (1, -1):
            try:
                os.kill(pid, signal.SIGTERM)
            except OSError as problem:
                print(problem)
        """,
        HONEST,
    )
    assert said(ran, "signal")
    assert ran.ended in ("finished", "died")


def test_traces_the_supervisor(attack):
    ran = attack("import ctypes\nprint('attached', ctypes.CDLL(None).ptrace(16, 1, 0, 0))", HONEST)
    assert "attached -1" in text(ran)
    assert said(ran, "ctypes")


# -- using up the machine ---------------------------------------------------------------------------------------------------


def test_infinite_loop_costs_its_own_cell(attack):
    ran = attack("while True:\n    pass", HONEST)
    assert (ran.ended, total(ran)) == ("finished", 3)
    assert [output.ename for output in ran.notebook.cells[1].outputs] == ["KeyboardInterrupt", "CellTimeoutError"]


def test_infinite_await_costs_its_own_cell(attack):
    ran = attack("import asyncio\nawait asyncio.sleep(1e6)", HONEST)
    assert (ran.ended, total(ran)) == ("finished", 3)
    assert "CellTimeoutError" in text(ran)


def test_infinite_loop_in_a_test(attack):
    ran = attack("def double(x):\n    while x == 21: pass\n    return 2 * x")
    assert (ran.ended, marks(ran)) == ("finished", {"visible": 1, "hidden": 0, "score": 1})


def test_ignores_the_interrupt(attack):
    ran = attack(
        "print('kept')",
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        HONEST,
    )
    assert (ran.ended, total(ran)) == ("time", 0)
    assert "kept" in text(ran)
    assert "CellNotRun" in text(ran)


def test_takes_too_long_in_all(attack):
    ran = attack(*["import time; time.sleep(0.5)"] * 6, limits=Limits(cell_seconds=5, seconds=1.2))
    assert ran.ended == "time"
    assert "more than 1.2 seconds in all" in text(ran)


def test_memory_bomb(attack):
    patient = Limits(cell_seconds=30, seconds=60, memory=400 << 20)
    ran = attack("data = []\nwhile True:\n    data.append(bytearray(40 << 20))", "del data", HONEST, limits=patient)
    assert (ran.ended, total(ran)) == ("finished", 3)
    assert "MemoryError" in text(ran)


def test_a_notebook_just_below_its_memory_is_left_alone(attack):
    """The sandbox's own processes, which /proc may show, are no part of it."""
    patient = Limits(cell_seconds=30, seconds=60, memory=400 << 20)
    ran = attack("import time\ndata = bytearray(385 << 20)\ntime.sleep(1.5)", "del data", HONEST, limits=patient)
    assert (ran.ended, total(ran)) == ("finished", 3)


def test_memory_bomb_of_many_processes(attack):
    ran = attack(
        """
        import os, time
        for _ in range(12):
            if os.fork() == 0:
                data = bytearray(os.urandom(1 << 20)) * 90
                time.sleep(30)
                os._exit(0)
        time.sleep(30)
        """,
        limits=Limits(cell_seconds=20, seconds=20, memory=400 << 20, processes=24),
    )
    assert ran.ended == "memory"


MEMFD = """
import os, time
kept = []
while True:
    kept.append(os.memfd_create("x"))
    os.write(kept[-1], bytes(6 << 20))
"""
SHARED = """
import ctypes, mmap
libc = ctypes.CDLL(None, use_errno=True)
print("shared", libc.shmget(0, 64 << 20, 0o1600), libc.msgget(0, 0o1600), libc.syscall({memfd_secret}, 0))
"""


@pytest.mark.parametrize("call", ["memfd", "System V"])
def test_memory_that_no_process_maps(attack, call):
    """It would be nobody's: no limit of a process counts it."""
    ran = attack(MEMFD if call == "memfd" else SHARED.format(memfd_secret=447), HONEST)
    assert (ran.ended, total(ran)) == ("finished", 3)
    assert ("Function not implemented" if call == "memfd" else "shared -1 -1 -1") in text(ran)


def test_files_in_memory_fill_their_folder_only(attack):
    ran = attack("for i in range(100):\n    open(f'/dev/shm/x{i}', 'wb').write(bytes(1 << 20))", HONEST)
    assert "No space left" in text(ran) and total(ran) == 3


def test_what_shares_memory_honestly_does_so(attack):
    ran = attack(
        """
        import ctypes, multiprocessing.shared_memory, numpy as np
        shared = multiprocessing.shared_memory.SharedMemory(create=True, size=8)
        np.ndarray(1, buffer=shared.buf)[0] = 7
        print(np.ndarray(1, buffer=shared.buf)[0], ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 5)())
        shared.unlink()
        """,
        HONEST,
    )
    assert "7.0 5" in text(ran) and total(ran) == 3


def test_fork_bomb(attack):
    ran = attack("import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass", HONEST)
    assert ran.ended in ("finished", "time", "died")


def test_three_hundred_forks_leave_no_orphan(attack):
    ran = attack(
        """
        import os, time
        made = 0
        for _ in range(300):
            try:
                if os.fork() == 0:
                    os.setsid()
                    time.sleep(600)
            except OSError:
                break
            made += 1
        print("made", made < 25)
        """,
        HONEST,
    )
    assert "made True" in text(ran)
    assert total(ran) == 3


def test_daemon_does_not_outlive_the_submission(attack):
    attack(
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(600)\n    os._exit(0)"
    )


def test_many_threads(attack):
    ran = attack(
        "import threading, time\nmade = 0\ntry:\n    for _ in range(500):\n        "
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n        made += 1\n"
        "except RuntimeError:\n    print('stopped', made < 30)",
        HONEST,
    )
    assert "stopped True" in text(ran)
    assert total(ran) == 3


def test_large_file(attack):
    ran = attack("open('x', 'wb').write(bytes(20 << 20))", HONEST)
    assert "File too large" in text(ran)
    assert total(ran) == 3


def test_many_files_fill_only_the_scratch_folder(attack):
    ran = attack("for i in range(100):\n    open(f'x{i}', 'wb').write(bytes(1 << 20))", HONEST)
    assert "No space left" in text(ran)


@pytest.mark.parametrize(
    "write", ["print('x' * (5 << 20))", "import os\nfor _ in range(500):\n    os.write(1, b'x' * (1 << 20))"]
)
def test_floods_stdout(attack, write):
    ran = attack(write, HONEST)
    assert (ran.ended, total(ran)) == ("finished", 3)
    assert "cut here" in text(ran)
    assert len(text(ran)) < 3 * LIMITS.output


def test_floods_displays_and_errors(attack):
    ran = attack(
        "from IPython.display import display, HTML\nfor _ in range(50):\n    display(HTML('x' * 50_000))",
        "raise ValueError('x' * (5 << 20))",
        HONEST,
    )
    assert total(ran) == 3
    assert "left out" in text(ran)
    assert len(text(ran)) < 3_000_000


# -- dying --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blow", "why"),
    [
        ("import os; os._exit(0)", "ended by itself"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("import os; os.abort()", "SIGABRT"),
        ("import os; os.closerange(3, 256)", ""),
    ],
)
def test_death_of_the_interpreter(attack, blow, why):
    ran = attack("print('kept')", blow, HONEST)
    assert (ran.ended, total(ran)) == ("died", 0)
    assert "kept" in text(ran)
    assert why in text(ran)
    assert ran.notebook.cells[2].outputs[-1].ename == "CellEnded"
    assert ran.notebook.cells[3].outputs[-1].ename == "CellNotRun"


def test_endless_recursion(attack):
    ran = attack("print('kept')", "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()", HONEST)
    assert ran.ended in ("died", "time", "memory", "finished")
    assert "kept" in text(ran)


def test_death_in_a_test_keeps_the_marks_before_it(attack):
    ran = attack("import os\ndef double(x):\n    return os._exit(0) if x == 21 else 2 * x")
    assert (ran.ended, marks(ran)) == ("died", {"visible": 1, "hidden": 0, "score": 0})


def test_exit_in_a_cell_and_in_a_test(attack):
    ran = attack("exit()", "import sys\nsys.exit()", "def double(x):\n    sys.exit(0)")
    assert (ran.ended, total(ran)) == ("finished", 0)


def test_atexit_and_finalisers_say_nothing(attack):
    ran = attack(
        """
        import atexit, os
        atexit.register(lambda: os.write(1, b"last word"))
        class Late:
            def __del__(self):
                os.write(1, b"last word")
        late = Late()
        """,
        HONEST,
    )
    assert total(ran) == 3
    assert "last word" not in text(ran)


# -- the channel ----------------------------------------------------------------------------------------------------------------

FORGE = """
import os, stat, struct
reply = b'{"cell": 2, "messages": [], "error": null, "before": ["AssertionError"], "after": ["AssertionError"]}'
def forge():
    for number in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode) or stat.S_ISFIFO(os.fstat(number).st_mode):
                os.write(number, reply)
                os.write(number, struct.pack("<I", len(reply)) + reply)
        except OSError:
            pass
"""


def test_forges_results(attack):
    ran = attack(FORGE + "forge()\ndef double(x):\n    forge()\n    return 3")
    assert total(ran) == 0
    assert said(ran, "channel")


def test_replays_what_it_reads(attack):
    ran = attack(
        """
        import os, stat, threading
        def steal():
            while True:
                for number in range(3, 256):
                    try:
                        if stat.S_ISSOCK(os.fstat(number).st_mode):
                            os.write(number, os.read(number, 65536))
                    except OSError:
                        pass
        threading.Thread(target=steal, daemon=True).start()
        def double(x):
            return 3
        """,
        limits=Limits(cell_seconds=1, seconds=3),
    )
    assert total(ran) == 0


def test_a_fork_that_goes_on_gives_no_second_answer(attack):
    ran = attack("import os\npid = os.fork()", HONEST)
    assert (ran.ended, total(ran)) == ("finished", 3)


def test_a_display_is_not_a_score(attack):
    ran = attack("def double(x):\n    get_ipython().displayhook(1.0)\n    return 0")
    assert total(ran) == 0
    assert said(ran, "displayed a result")


# -- the helpers of the tests --------------------------------------------------------------------------------------------------

BAD = "def double(x):\n    return 7\n"


@pytest.mark.parametrize(
    ("replace", "named"),
    [
        ("import builtins\nbuiltins.abs = lambda x: 6", "builtins.abs"),
        ("import builtins\nbuiltins.AssertionError = KeyError", "builtins.AssertionError"),
        ("import math\nmath.isclose = lambda *a, **k: True", "math.isclose"),
        ("import numpy\nnumpy.isclose = lambda *a, **k: True", "numpy.isclose"),
        ("import numpy\nnumpy._core.numeric.isclose = lambda *a, **k: True", "numpy._core.numeric.isclose"),
        ("import sys, types\nsys.modules['math'] = types.SimpleNamespace(isclose=lambda *a: True)", "math"),
        ("__builtins__ = dict(vars(__builtins__), abs=lambda x: 6)", "__builtins__"),
        ("pd.DataFrame.equals = lambda *a: True", "DataFrame.equals"),
        ("f = np.isclose.__wrapped__\nf.__code__ = (lambda *a, **k: True).__code__", "__code__"),
        ("import sys\nsys.settrace(lambda *a: None)", "settrace"),
        ("import unittest\nunittest.TestCase.assertEqual = lambda *a: None", "assertEqual"),
    ],
)
def test_replaced_helper_is_named(attack, replace, named):
    ran = attack(replace, BAD)
    assert total(ran) == 0 or ran.tampering
    assert said(ran, named), ran.tampering


@pytest.mark.parametrize(
    ("stand_in", "name"),
    [
        ("np = type('np', (), {'isclose': staticmethod(lambda *a: True)})", "np"),
        ("import unittest.mock\nnp = math = unittest.mock.MagicMock()", "math and np"),
        ("def abs(x):\n    return 6", "abs"),
        ("abs = 6", "abs"),
        ("class abs:\n    __new__ = lambda cls, x: 6", "abs"),
        ("globals()['abs'] = lambda x: 6", "abs"),
        ("from builtins import id as abs", "abs"),
    ],
)
def test_a_name_of_the_tests_that_means_something_else_gains_nothing(attack, stand_in, name):
    """Honest people do that too: see test_habits."""
    ran = attack(stand_in, BAD)
    assert (total(ran), ran.tampering) == (0, ())
    assert ran.seen == (f"the notebook has a meaning of its own for {name}; the tests went by the usual one",)
    ran = attack(stand_in, HONEST)
    assert (total(ran), ran.tampering) == (3, ())


def test_a_name_that_is_changed_while_a_test_runs_gains_nothing(attack):
    ran = attack("def double(x):\n    globals().update(np=None, math=None, abs=lambda x: 6)\n    return 7")
    assert (total(ran), ran.tampering) == (0, ())


LOCKED_HELPER = {
    "helper": "import operator\ndef same(a, b):\n    return operator.eq(a, b)\ndef close(a, b):\n    return abs(a - b) < 1\n1",
    "visible": "assert same(double(2), 4)",
    "hidden": "assert close(double(21), 42)",
}


def test_a_name_that_a_helper_of_the_tests_looks_up_for_itself_is_watched(attack):
    fake = "globals().update(operator=type('o', (), {'eq': lambda a, b: True}), abs=lambda x: 0)"
    ran = attack(f"def double(x):\n    {fake}\n    return 7", tests=LOCKED_HELPER)
    assert marks(ran) == {"helper": 1, "visible": 1, "hidden": 0}
    assert said(ran, "operator")
    assert not said(ran, "abs")
    ran = attack(BAD, fake, tests=LOCKED_HELPER)  # before the helper was made: it has an operator of its own
    assert (marks(ran), ran.tampering) == ({"helper": 1, "visible": 0, "hidden": 0}, ())


@pytest.mark.parametrize("helper", ["builtins.abs", "math.isclose", "numpy.isclose"])
def test_replaced_helper_is_put_back_before_the_tests(attack, helper):
    module, name = helper.split(".")
    ran = attack(f"import {module}\n{module}.{name} = lambda *a, **k: True", BAD)
    assert total(ran) == 0


@pytest.mark.parametrize(
    ("install", "named"),
    [
        (
            """
            import ast
            class Drop(ast.NodeTransformer):
                def visit_Assert(self, node):
                    return ast.Pass()
            get_ipython().ast_transformers.append(Drop())
            """,
            "AST transformer",
        ),
        (
            """
            shell = get_ipython()
            old = shell.run_cell_async
            async def run(raw, *a, **k):
                return await old("1", *a, **k)
            shell.run_cell_async = run
            """,
            "run_cell_async",
        ),
        ("type(get_ipython()).showtraceback = lambda *a, **k: None", ""),
        ("get_ipython().input_transformers_post.append(lambda lines: ['pass\\n'])", ""),
        ("get_ipython().events.register('pre_execute', lambda: 1 / 0)", ""),
        ("get_ipython().set_custom_exc((Exception,), lambda *a, **k: None)", ""),
        ("import asyncio\nasyncio.AbstractEventLoop.run_until_complete = lambda *a: None", ""),
    ],
)
def test_replaced_machinery_of_the_shell_does_not_reach_the_tests(attack, install, named):
    ran = attack(BAD, install)
    assert total(ran) == 0
    assert not named or said(ran, named)


def test_patches_during_the_test_and_puts_back(attack):
    ran = attack(
        """
        def double(x):
            real = math.isclose
            math.isclose = lambda *a: True
            return 7
        """
    )
    assert marks(ran)["visible"] == marks(ran)["score"] == 0
    assert said(ran, "math.isclose") or total(ran) == 0


def test_loosened_tolerance_shows_in_the_canaries(attack):
    ran = attack("np.isclose.__wrapped__.__defaults__ = (1e9, 1e9, False)", BAD)
    assert said(ran, "known-false assertion passed")
    assert said(ran, "__defaults__")


def test_each_of_the_two_walls_round_the_files_holds_alone(tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("s3cret")
    attack = (
        f"for path in ('/etc/shadow', {str(tmp_path / 'secret')!r}):\n    try:\n        print(open(path).read())\n    "
    )
    attack += "except OSError:\n        pass\nopen('/usr/x', 'w')"
    best = sandbox.survey()[1]
    for walls, found in (("none", best), (sandbox.survey()[0], {**best, "landlocked": False})):
        if walls == "none" and not best["landlocked"]:
            continue
        monkeypatch.setattr(sandbox, "_found", {"best": (walls, found)})
        with Pool(1, jail=JAIL, unsafe=True) as pool:
            ran = pool.one(Job("attacker", notebook(attack, HONEST), limits=LIMITS))
        assert (ran.ended, total(ran)) == ("finished", 3)
        assert "s3cret" not in text(ran)
        assert "root:" not in text(ran)
        assert "Error" in text(ran)


WAYS = [
    "from integrated_care import inequality as found",
    "os.environ.pop('NBGRADER_EXECUTION')\nfrom integrated_care import inequality as found",
    "os.unsetenv('NBGRADER_EXECUTION')\nfrom integrated_care import inequality as found",
    "os.environ['NBGRADER_EXECUTION'] = ''\nimportlib.reload(integrated_care)\n"
    "found = importlib.import_module('integrated_care.inequality')",
    "import integrated_care.guard as guard\nguard.refuse_while_grading = print\nfrom integrated_care import inequality as found",
    "found = types.SimpleNamespace(**runpy.run_path(path))",
    "found = types.SimpleNamespace(**runpy.run_module('integrated_care.inequality'))",
    "spec = importlib.util.spec_from_file_location('mine', path)\nfound = importlib.util.module_from_spec(spec)\n"
    "spec.loader.exec_module(found)",
    "found = types.ModuleType('integrated_care.mine')\nfound.__package__ = 'integrated_care'\n"
    "exec(open(path).read().replace('refuse_while_grading(__name__)', ''), vars(found))",
    "(copy,) = glob.glob(folder + '/__pycache__/inequality.*.pyc')\nfound = types.ModuleType('integrated_care.mine')\n"
    "exec(marshal.loads(open(copy, 'rb').read()[16:]), vars(found))",
    "done = subprocess.run([sys.executable, '-c', 'import runpy; print(*runpy.run_path(' + repr(path) + '))'], env={}, "
    "capture_output=True, text=True)\nprint(done.stderr)\nfound = types.SimpleNamespace(**dict.fromkeys(done.stdout.split()))",
]


@pytest.fixture(scope="module", params=["bubblewrap", "own"])
def methods(request):
    """A pool in the jail that this course configures, where the modules of the library have compiled copies."""
    if request.param == "bubblewrap" and not shutil.which("bwrap"):
        pytest.skip("no bubblewrap here")
    library = Path(integrated_care.__file__).parent
    for path in closed(library):
        py_compile.compile(path)
    jail = SandboxedExecute.settings(open_course(library.parent).config)[0]
    assert jail.closed and len(list(jail.instead())) >= 2 * len(jail.closed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sandbox._found, "best", (request.param, sandbox.survey()[1]))
        with Pool(1, jail=replace(jail, warm=("integrated_care.charts",), prime="")) as pool:
            yield pool


@pytest.mark.parametrize("way", WAYS, ids=range(len(WAYS)))
def test_the_methods_stay_closed(methods, way):
    """Whatever becomes of NBGRADER_EXECUTION: in the jail, their text is not there."""
    start = """
    import glob, importlib, importlib.util, marshal, os, runpy, subprocess, sys, types
    import integrated_care, integrated_care.charts
    folder = os.path.dirname(integrated_care.__file__)
    path = folder + "/inequality.py"
    """
    cells = start, way, "print('slope_index' in vars(found), 'found')", HONEST
    ran = methods.one(Job("a", notebook(*cells), limits=replace(LIMITS, cell_seconds=10)))
    assert "True found" not in text(ran)
    # Where a compiled copy is looked for, there is an empty one.
    assert "is closed while an exercise is graded" in text(ran) or "EOFError" in text(ran)
    assert marks(ran)["hidden"] == 1


@pytest.mark.parametrize("walls", ["bubblewrap", "own"])
def test_a_closed_file_may_lie_below_a_scratch_folder(tmp_path, monkeypatch, walls):
    """Each submission has a /tmp of its own, into which what can be read is put back: the text in its place, too."""
    if walls == "bubblewrap" and not shutil.which("bwrap"):
        pytest.skip("no bubblewrap here")
    for name in ("methods.py", "data.csv"):
        (tmp_path / name).write_text("what it says")
    tmp_path.chmod(0o755)
    monkeypatch.setitem(sandbox._found, "best", (walls, sandbox.survey()[1]))
    jail = Jail((), (str(tmp_path),), closed=((str(tmp_path / "methods.py"), "closed"),))
    with Pool(1, jail=jail) as pool:
        cell = f"[open({str(tmp_path)!r} + name).read() for name in ('/methods.py', '/data.csv')]"
        ran = pool.one(Job("a", new_notebook(cells=[new_code_cell(cell)])))
    assert "['closed', 'what it says']" in text(ran)


def test_a_file_with_the_name_of_the_library_is_not_taken_for_it(methods):
    cells = "import integrated_care.tables, importlib", "importlib.reload(integrated_care).tables.show", HONEST
    files = {"integrated_care.py": b"1 / 0", "integrated_care/__init__.py": b"1 / 0"}
    ran = methods.one(Job("a", notebook(*cells), files, limits=replace(LIMITS, cell_seconds=10)))
    assert "function" in text(ran) and "ZeroDivisionError" not in text(ran) and total(ran) == 3


def test_searches_the_objects_of_the_interpreter_for_the_tests(attack):
    ran = attack(
        """
        import gc, types
        hits = []
        for thing in gc.get_objects():
            for inner in gc.get_referents(thing):
                if isinstance(inner, (str, bytes)) and len(inner) > 20 and "double(21)" in str(inner):
                    hits.append(type(inner))
                if isinstance(inner, types.CodeType) and 42 in inner.co_consts and "double" in inner.co_names:
                    hits.append(inner)
        print("hits", [hit for hit in hits if hit is not str][:3])
        """,
        HONEST,
    )
    assert "hits []" in text(ran)
    assert said(ran, "gc.get_objects")


def test_walks_through_all_frames_for_the_tests(attack):
    ran = attack(
        """
        import sys, types
        seen, hits = set(), []
        def search(thing, depth=0):
            if id(thing) in seen or depth > 6:
                return
            seen.add(id(thing))
            if isinstance(thing, (str, bytes)) and len(thing) < 10**6:
                if "double(21)" in str(thing) and "import sys, types" not in str(thing):
                    hits.append(thing[:80])
            elif isinstance(thing, types.CodeType):
                if 42 in thing.co_consts and "double" in thing.co_names:
                    hits.append(thing)
            elif isinstance(thing, dict):
                for inner in list(thing.values()):
                    search(inner, depth + 1)
            elif isinstance(thing, (list, tuple, set)):
                for inner in list(thing):
                    search(inner, depth + 1)
            elif hasattr(thing, "__dict__") and not isinstance(thing, types.ModuleType):
                search(vars(thing), depth + 1)
        for frame in [sys._getframe(), *sys._current_frames().values()]:
            while frame is not None:
                search({name: value for name, value in frame.f_locals.items() if name not in ("In", "_ih")})
                frame = frame.f_back
        print("hits", hits)
        """,
        HONEST,
    )
    assert "hits []" in text(ran)
    assert said(ran, "looked into the stack")


@pytest.mark.parametrize(
    "look",
    [
        "import sys; frame = sys._getframe(1)",
        "import inspect; frame = inspect.currentframe().f_back",
        "import inspect; frame = inspect.stack()[1].frame",
        "try:\n        1 / 0\n    except ZeroDivisionError as e:\n        frame = e.__traceback__.tb_frame.f_back",
        "frame = (lambda g: (next(g), g.gi_frame)[1])(i for i in [1])",
    ],
)
def test_looks_into_the_stack_of_a_test(attack, look):
    ran = attack(f"def double(x):\n    {look}\n    return 2 * x")
    assert said(ran, "looked into the stack"), ran.tampering


@pytest.mark.parametrize(
    "look",
    [
        "import sys; frame = sys._getframe.__globals__['_real'](1)",
        "import sys; frame = [sys._getframe.__globals__['_real']() for _ in 'x'][0].f_back",
        "import sys; sys.audit = lambda *a: None; frame = sys._getframe(1)",
        "import sys; sys._getframe(9)",
        "import inspect; frame = inspect.stack()[1].frame.f_back",
        "import inspect; frame = inspect.currentframe().f_back.f_locals",
        "import sys; frame = getattr(sys._getframe(), 'f_' + 'back')",
        "import sys; code = sys._getframe(1).f_code",
        "import sys; code = sys._getframe(1).f_code.co_consts",
        "import bdb; bdb.Bdb().set_trace()",
        "import io, pdb; pdb.Pdb(stdin=io.StringIO('up\\ncontinue\\n')).set_trace()",
        "import trace; trace.Trace(trace=0).runfunc(abs, 1)",
    ],
)
def test_looks_past_its_own_frames(attack, look):
    ran = attack(f"def double(x):\n    try:\n        {look}\n    except Exception:\n        pass\n    return 2 * x")
    assert said(ran, "looked into the stack") or said(ran, "sys.settrace"), ran.tampering


def test_what_it_sees_of_the_stack_are_copies_of_its_own_frames(attack):
    """Whichever way it asks: no frame of the test, of a helper that called it, nor of what runs the cells."""
    ran = attack(
        """
        import gc, inspect, sys, traceback, types
        def double(x):
            entries = inspect.stack()
            frames = [entry[0] for entry in entries] + [frame for frame, _ in traceback.walk_stack(None)]
            frames += [sys._getframe(), inspect.currentframe(), measured(sys._getframe, 0)]
            frames += [vars(frame)["_back"] for frame in frames]
            secret = [frame for frame in frames if isinstance(frame, types.FrameType)]
            for f in filter(None, frames):
                name = f.f_code.co_name
                if name == "<module>" and (f.f_locals or f.f_code.co_consts != (None,)):
                    secret.append(f)
                elif name not in ("double", "<module>", "<genexpr>", "walk_stack"):
                    secret.append(f)
            print("seen", secret, [entry.function for entry in entries])
            return 2 * x
        """,
        tests={
            "helper": "def measured(f, x):\n    secret = 42\n    return f(x)\n1",
            "visible": "secret = 42\nassert measured(double, 21) == secret",
        },
    )
    assert "seen [] ['double', '<module>']" in text(ran)
    assert marks(ran)["visible"] == 1


def test_nothing_of_its_own_runs_while_it_is_shown_its_frames(attack):
    ran = attack(
        """
        import sys
        class Box(list):
            def append(self, item):
                print("unheard")
        class Depth(int):
            def __ge__(self, other):
                print("unheard")
        sys.audit("classroom.view", Box(), 0)
        sys.audit("classroom.view", [], Depth(0))
        seen = []
        sys.audit("classroom.view", seen, 0)
        print(len(seen), "frame")
        """,
        HONEST,
    )
    assert "unheard" not in text(ran)
    assert "0 frame" in text(ran)
    assert total(ran) == 3


@pytest.mark.parametrize(
    "cells",
    [
        """
        runner = type(get_ipython()).ask_exit.__globals__["Runner"]
        send = runner.send
        runner.send = lambda self, reply: send(self, {k: v for k, v in reply.items() if k != "error"})
        """,
        """
        import marshal
        loads = marshal.loads
        def without_tests(data):
            command = loads(data)
            if command and command["kind"] == "test":
                command["codes"] = []
            return command
        marshal.loads = without_tests
        """,
        """
        # async
        import signal
        kept = [cell.cell_contents for cell in signal.getsignal(signal.SIGINT).__closure__]
        runner = next(one for one in kept if hasattr(one, "channel"))
        send = runner.send
        runner.send = lambda reply: send({k: v for k, v in reply.items() if k != "error"})
        """,
    ],
)
def test_reaches_for_what_runs_the_cells(attack, cells):
    ran = attack(cells, "def double(x):\n    return 7")
    assert total(ran) == 0


def test_asks_asyncio_for_the_stack(attack):
    ran = attack("import asyncio\nframes = asyncio.current_task().get_stack()", HONEST)
    assert said(ran, "looked into the stack")


def test_finds_no_test_in_the_line_cache_nor_by_logging(attack):
    ran = attack(
        """
        import linecache, logging
        def double(x):
            lines = ["".join(entry[2]) for entry in linecache.cache.values() if len(entry) > 2]
            frame = logging.currentframe()
            while frame is not None:
                lines += [str(value) for value in frame.f_locals.values()]
                frame = frame.f_back
            hits = [line for line in lines if "double(2" + "1)" in line]
            print("hits", hits)
            return 2 * x
        """
    )
    assert total(ran) == 3
    assert text(ran).count("hits") == text(ran).count("hits []") > 5


IN_A_FUNCTION = {
    "visible": "def _visible():\n    assert double(2) == 4, 'twice 2 is 4'\n\n\n_visible()",
    "hidden": "def _hidden():\n    got = double(21)\n    assert got == 42, 's3cret'\n\n\n_hidden()",
    "score": "def _score():\n    return 0.5 * (double(4) == 8) + 0.5 * (double(5) == 10)\n\n\n_score()",
}


def test_a_test_in_a_function_judges_as_any_other(attack):
    right, wrong = (attack(f"def double(x):\n    return {it}", tests=IN_A_FUNCTION) for it in ("2 * x", "2 * x % 42"))
    assert (right.tampering, marks(right)) == ((), {"visible": 1, "hidden": 1, "score": 1})
    assert (wrong.tampering, marks(wrong)) == ((), {"visible": 1, "hidden": 0, "score": 1})
    assert "_hidden()" in text(wrong) and "s3cret" in text(wrong), "the instructor sees where it failed"


def test_reads_the_code_of_a_test_in_a_function(attack):
    """Neither while the test runs nor afterwards."""
    ran = attack(
        """
        def double(x):
            named = [name for name in ("_visible", "_hidden", "_score") if name in globals()]
            codes = [value.__code__ for value in globals().values() if hasattr(value, "__code__")]
            print(x, named, "terc3s"[::-1] in str([code.co_consts for code in codes]))
            return 2 * x
        """,
        tests=IN_A_FUNCTION,
    )
    assert (ran.tampering, total(ran)) == ((), 3)
    printed = "".join(output.get("text", "") for cell in ran.notebook.cells for output in cell.get("outputs", ()))
    assert printed.splitlines() == [f"{x} [] False" for x in (2, 21, 4, 5)]


def test_a_name_of_a_test_is_the_students_to_use(attack):
    """An honest helper called as the test's function is costs nothing; one that is meant to replace it gains nothing."""
    honest = attack("def _hidden(x):\n    return 2 * x", "def double(x):\n    return _hidden(x)", tests=IN_A_FUNCTION)
    assert (honest.tampering, total(honest)) == ((), 3)
    ran = attack(
        """
        def double(x):
            globals().update(dict.fromkeys(("_visible", "_hidden", "_score"), lambda: 1), got=42)
            return 7
        """,
        tests=IN_A_FUNCTION,
    )
    assert total(ran) == 0


def test_a_submission_that_lifts_its_own_limit_of_output_is_stopped(attack):
    ran = attack(
        """
        get_ipython().displayhook.session.outputs.left = 1 << 50
        for _ in range(100):
            print("x" * 1_000_000)
        """,
        HONEST,
    )
    assert ran.ended == "output"


def test_jumps_out_of_a_test_with_a_trace_function(attack):
    ran = attack(
        """
        import sys
        def double(x):
            frame = sys._getframe(1)
            def jump(frame, event, argument):
                frame.f_lineno = 3
                return jump
            frame.f_trace = jump
            sys.settrace(jump)
            return 7
        """
    )
    assert said(ran, "settrace")


def test_reads_its_own_memory(attack):
    ran = attack("open('/proc/self/mem', 'rb').close()", HONEST)
    assert said(ran, "/proc/self/mem") or "PermissionError" in text(ran)


# -- values that fool comparisons ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("def __eq__(self, other): return True\n    def __abs__(self): return self", "equal to everything"),
        (
            "def __array_function__(self, *a): return True\n    def __eq__(self, o): return isinstance(o, int)",
            "close to any number",
        ),
        ("def __gt__(self, o): return True\n    __lt__ = __ge__ = __le__ = __gt__", "both above and below"),
    ],
)
def test_value_that_fools_comparisons_is_named(attack, body, named):
    ran = attack(f"class Any:\n    {body}\ndef double(x):\n    return Any()")
    assert said(ran, named), ran.tampering


def test_value_of_a_library_that_is_equal_to_everything(attack):
    assert said(attack("from unittest.mock import ANY\ndef double(x):\n    return ANY"), "equal to everything")


def test_value_hidden_in_containers(attack):
    ran = attack(
        "class Any:\n    def __eq__(self, other): return True\ndef answer():\n    return {'a': [Any()]}",
        tests={"visible": "assert answer()['a'][0] == 5"},
    )
    assert said(ran, "equal to everything")


def test_variable_that_is_equal_to_everything(attack):
    ran = attack(
        "class Any:\n    def __eq__(self, other): return True\nanswer = Any()", tests={"visible": "assert answer == 5"}
    )
    assert said(ran, "answer", "equal to everything")


def test_honest_classes_and_tables_are_no_sign(attack):
    ran = attack(
        """
        from dataclasses import dataclass
        from enum import Enum
        from fractions import Fraction
        @dataclass
        class Point:
            x: float
        class Colour(Enum):
            RED = 1
        def make(kind):
            return {"point": Point(1), "colour": Colour.RED, "table": pd.DataFrame({"x": [1, None], "y": ["a", "b"]}),
                    "array": np.array([1.0, np.nan]), "fraction": Fraction(1, 3), "set": {1, 2}}[kind]
        """,
        tests={
            "visible": "assert make('point').x == 1 and make('colour').value == 1 and make('table').shape == (2, 2)\n"
            "assert np.isnan(make('array')[1]) and make('fraction') < 1 and len(make('set')) == 2"
        },
    )
    assert (ran.tampering, total(ran)) == ((), 1)


def test_honest_habits_are_no_sign(attack):
    ran = attack(
        """
        import logging, traceback, warnings, collections, inspect
        import numpy as np, pandas as pd
        logging.warning("hello")
        sum = 0
        list = [1]
        Pair = collections.namedtuple("Pair", "a b")
        inspect.signature(len), inspect.getsource(collections.OrderedDict)
        pd.DataFrame({"a": [1, 2]}).groupby("a").size()
        try:
            1 / 0
        except ZeroDivisionError:
            traceback.print_exc()
        %timeit -n1 -r1 1
        %precision 3
        pd.options.display.max_rows = 5
        @pd.api.extensions.register_dataframe_accessor("mine")
        class Mine:
            def __init__(self, table): pass
        """,
        HONEST,
    )
    assert (ran.tampering, total(ran)) == ((), 3)


# -- scores ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", ["float('nan')", "float('inf')", "2", "-1", "True", "'full marks'", "1 + 0j", "np.nan", "[1]", "object()"]
)
def test_value_that_is_no_score_never_counts(attack, value):
    ran = attack(f"def answer():\n    return {value}", tests={"score": "answer()"})
    assert marks(ran) == {"score": 0}
    assert said(ran, "as its score")


@pytest.mark.parametrize(("value", "points"), [("0.25", 0.25), ("1", 1), ("0", 0), ("np.float64(0.5)", 0.5)])
def test_partial_credit(attack, value, points):
    ran = attack(f"def answer():\n    return {value}", tests={"score": "answer()"})
    assert (marks(ran), ran.tampering) == ({"score": points}, ())


def test_number_that_prints_as_another(attack):
    ran = attack(
        "class Much(float):\n    def __repr__(self): return '1.0'\n    __str__ = __format__ = __repr__\n"
        "def answer():\n    return Much(0)",
        tests={"score": "answer()"},
    )
    assert marks(ran) == {"score": 0}
    assert ran.tampering


def test_formatter_that_prints_more(attack):
    ran = attack(
        "get_ipython().display_formatter.formatters['text/plain'].for_type(float, lambda v, p, c: p.text('1.0'))\n"
        "def answer():\n    return 0.0",
        tests={"score": "answer()"},
    )
    assert marks(ran) == {"score": 0}


def test_a_message_of_the_tests_is_no_score(attack):
    ran = attack(HONEST, tests={"visible": "assert double(1) == 2\n'All tests passed'"})
    assert (marks(ran), ran.tampering) == ({"visible": 1}, ())


def test_a_thread_left_running(attack):
    ran = attack(
        "import threading\ndef loop():\n    while True:\n        math.isclose = lambda *a: True\n"
        "threading.Thread(target=loop, daemon=True).start()",
        BAD,
    )
    assert said(ran, "thread")


def test_evidence_reaches_the_instructor_even_if_the_interpreter_dies(attack):
    ran = attack("import gc, os\ngc.get_objects()\nos._exit(0)")
    assert ran.ended == "died"
    assert said(ran, "gc.get_objects")


def test_kill_the_worker_from_outside_costs_nobody_anything():
    with Pool(1, jail=JAIL) as pool:
        pool.one(Job("first", notebook(HONEST), limits=LIMITS))
        for worker in list(pool._all):
            worker.process.kill()
            worker.process.wait()
        ran = pool.one(Job("second", notebook(HONEST), limits=LIMITS))
        assert (ran.ended, total(ran)) == ("finished", 3)


def test_nothing_is_left_after_the_pool():
    before = processes()
    with Pool(2, jail=JAIL) as pool:
        attack = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)"
        assert len(list(pool.run(Job(str(i), notebook(attack), limits=LIMITS) for i in range(3)))) == 3
    deadline = time.monotonic() + 5
    while processes() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes() <= before
    assert not list(Path("/tmp").glob("classroom-*")) or sandbox.survey()[0] == "none"


@pytest.mark.parametrize("busy", [True, False])
def test_nothing_is_left_when_the_grader_is_killed(busy, tmp_path):
    mark = f"mark_{os.getpid()}_{busy}"  # a module that does not exist: it names the workers' command lines
    source = "import time, os\nos.fork()\ntime.sleep(600)" if busy else "1"
    code = f"""
import json, sys, time
sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r})
from classroom.execute import Jail, Pool
from classroom.model import Job, Limits
with Pool(1, jail=Jail(warm=({mark!r},))) as pool:
    print("ready", flush=True)
    pool.one(Job("a", json.loads({json.dumps(notebook(source))!r}), limits=Limits(cell_seconds=600, seconds=600)))
    time.sleep(600)
"""
    grader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert grader.stdout.readline() == b"ready\n"
    time.sleep(1)
    assert len(marked(mark)) >= 2
    grader.kill()
    grader.wait()
    deadline = time.monotonic() + 20
    while marked(mark, but=grader.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert marked(mark, but=grader.pid) == []


def marked(text, but=0):
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if text.encode() in path.read_bytes() and int(path.parent.name) != but:
                found.append(int(path.parent.name))
    return found
