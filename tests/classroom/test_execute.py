"""The pool gives what a kernel gives, keeps to the limits, and returns each job once."""

import json
import os
import re
import subprocess
import sys
import threading
import time
import types
from importlib._bootstrap_external import _code_to_hash_pyc
from importlib.util import source_hash

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.preprocessors import Execute

from classroom import sandbox, worker
from classroom.channel import Channel
from classroom.commands import OUTPUTS, is_python, plan
from classroom.evidence import canaries
from classroom.execute import Jail, Pool, Reading, _sound
from classroom.model import Job, Limits

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux"),
]
LIMITS = Limits(cell_seconds=10, seconds=60)


def book(*cells, **metadata):
    made = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook(cells=made, metadata={**spec, **metadata})


def locked(source, **flags):
    role = {"grade": True, "solution": False, "locked": True, "points": 1, "schema_version": 3, "task": False}
    return new_code_cell(source, metadata={"nbgrader": {**role, "grade_id": "t", **flags}})


@pytest.fixture(scope="module")
def pool():
    with Pool(2, jail=Jail(warm=("numpy", "pandas"))) as pool:
        yield pool


def outputs(ran):
    return [[dict(output) for output in cell.get("outputs", [])] for cell in ran.notebook.cells]


KERNEL = book(
    "import sys, warnings\nimport numpy as np\nimport pandas as pd",
    "print('a', end='')\nprint('b', file=sys.stderr)\nprint('c')",
    "from IPython.display import HTML, clear_output, display\ndisplay(HTML('<b>x</b>'))\nprint(3)\ndisplay({'a': 1})",
    "class A:\n    def _repr_html_(self): return '<i>'\n    def __repr__(self): return 'A'\nA()",
    "h = display('x', display_id='one')",
    "h.update('y')",
    "print(1)\nclear_output()\nprint(2)",
    "print(1)\nclear_output(wait=True)\nprint(2)",
    "def g():\n    return 1 / 0\ng()",
    "%who_ls int",
    "%nosuch",
    "raise SystemExit(3)",
    "pd.DataFrame({'a': [1, 2]})",
    "3;",
    "_, __name__, get_ipython().__class__.__name__",
    "async def q(): return 5\nawait q()",
    "import asyncio\nasyncio.run(q())",
    "np.float64(3)",
    "from dataclasses import dataclass\n@dataclass\nclass D:\n    a: int\nD(1)",
    "sys.stdout.write('y')",
    "%%timeit -n1 -r1 -q\n1",
    "%%capture out\nprint('captured')",
    "out.stdout",
    "   ",
    "raise KeyError('k') from ValueError('v')",
    "assert 1 == 2, 'a\\nb'",
    locked("def helper(x):\n    return x\nassert g() == 3, 'zero'"),
    locked("x = 1\nfor i in range(3):\n    assert helper(i) == i, f'bad {i}'\nassert helper(3) == 4, (\n  'multi')"),
    locked("def _t():\n    # its own names\n    x = g\n    assert helper(4) == 3, f'{helper(4)}'\n\n\n_t()"),
    locked("def _t():\n    return 0.5 * helper(1)\n\n\n_t()"),
    locked("print('x')\n'all good'"),
    locked("assert await q() == 5\n0.5"),
    locked("import sys; print('w', file=sys.stderr)"),
    locked("raise ValueError"),
    locked("%precision 2\nassert True"),
    new_markdown_cell("text"),
    locked("x = ", grade=False),
    "x",
)


def test_a_function_that_is_asked_for_is_the_students_own(pool):
    """Even where Python or a locked cell has one of that name."""
    given = locked("def area(r):\n    return 0", grade=False)
    test = locked("assert sum([1]) == 42 and area(1) == 3, sum([1])")
    notebook = book(given, "def sum(xs):\n    return 42\ndef area(r):\n    return 3", test)
    asked = pool.one(Job("a", notebook, limits=LIMITS, asks=frozenset({"sum", "area"})))
    assert (outputs(asked)[-1], asked.tampering, asked.seen) == ([], (), ())
    not_asked = pool.one(Job("b", notebook, limits=LIMITS))
    assert outputs(not_asked)[-1][0]["evalue"] == "1"
    assert (len(not_asked.seen), not_asked.tampering) == (1, ())


EVERY_KIND_OF_CODE = """
from functools import reduce
class Own(ValueError):
    'max'
    kinds: tuple = (int, float)
    def __init__(self, *parts):
        super().__init__(*parts)
def kind(x):
    match x:
        case [int(), *rest] if len(rest) == 1:
            return "pair"
        case {"a": value, **more}:
            return dict
    return "other"
try:
    raise Own("x")
except (KeyError, ValueError) as error:
    assert str(error) == "x" and isinstance(error, object)
assert [t in (int, float) for t in (int, str)] == [True, False] and {int: 1}[int] == 1 and int in {int, str}
assert (lambda a=max: a(1, 2))() == 2 and [max(x) for x in [(1, 2)]] == [2]
assert reduce(max, [1, 3, 2]) == 3
assert f"{len('ab')}" == "2" and Own.kinds[0] is int and Own.__doc__ == "max"
assert kind({"a": 1}) is dict and np.sum(pd.Series([1, 2])) == 3
round = 5
assert round == 5 and __name__ == "__main__"
max([1, 2])
"""


def test_names_of_a_locked_cell_keep_their_meaning_in_every_kind_of_code(pool):
    """Constants, patterns, scopes, annotations: what stands in the place of a name means what the name meant."""
    student = (
        "float = str = list = len = max = print = ValueError = dict = tuple = isinstance = object = 0\nnp = pd = 0"
    )
    setup = locked("import numpy as np\nimport pandas as pd", grade=False)
    ran = pool.one(Job("a", book(setup, student, locked(EVERY_KIND_OF_CODE), "round"), limits=LIMITS))
    sentence = "The test gave 2, which is not a score from 0 to 1."
    assert [output.get("evalue", output.get("data")) for output in outputs(ran)[2]] == [sentence]
    assert outputs(ran)[3][0]["data"] == {"text/plain": "5"}


def test_a_name_that_never_got_its_meaning_is_not_defined(pool):
    setup = locked("1 / 0\nimport math", grade=False)
    ran = pool.one(Job("a", book(setup, locked("assert abs(math.sqrt(4)) == 2"))))
    assert outputs(ran)[1][0]["evalue"] == "name 'math' is not defined"


def test_what_a_locked_cell_imports_without_naming_it_is_meant_by_the_tests(pool):
    setup = locked("from operator import *", grade=False)
    ran = pool.one(Job("a", book(setup, "abs = 5", locked("assert abs(-3) == 3"))))
    assert (outputs(ran)[2], ran.tampering) == ([], ())


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    notebook = nbformat.from_dict(json.loads(json.dumps(KERNEL)))
    folder = tmp_path_factory.mktemp("kernel")
    return Execute(timeout=10).preprocess(notebook, {"metadata": {"path": str(folder)}})[0]


def test_outputs_are_those_of_a_kernel(pool, kernel):
    ran = pool.one(Job("a", KERNEL, limits=LIMITS))
    assert (ran.ended, ran.tampering) == ("finished", ())
    for ours, theirs in zip(ran.notebook.cells, kernel.cells, strict=True):
        assert comparable(ours) == comparable(theirs), ours.source
    assert ran.notebook.metadata == kernel.metadata


def comparable(cell):
    """Outputs without what no two kernels share: names of temporary files, and how a stream was cut into pieces."""
    joined = []
    for output in cell.get("outputs", []):
        if joined and output.output_type == "stream" and joined[-1].get("name") == output.name:
            joined[-1]["text"] += output.text
        else:
            joined.append(json.loads(json.dumps(output)))
    text = re.sub(r"ipykernel_\d+/\d+\.py|\d{6,}\.py", "cell.py", json.dumps(joined))
    text = re.sub(r"[~/][\w./-]*?/lib/python3", "/lib/python3", text)  # a home folder is shortened to ~
    return cell.get("execution_count"), json.loads(text)


def test_the_notebook_is_valid_and_the_job_is_left_alone(pool):
    notebook = book("1", "1 / 0", "print(1)")
    before = json.dumps(notebook, sort_keys=True)
    ran = pool.one(Job("a", notebook, limits=LIMITS))
    nbformat.validate(ran.notebook)
    assert json.dumps(notebook, sort_keys=True) == before


def test_old_outputs_do_not_survive(pool):
    stale = new_code_cell("", outputs=[nbformat.v4.new_output("stream", text="stale")], execution_count=9)
    ran = pool.one(Job("a", book(stale, "1")))
    assert outputs(ran)[0] == []
    assert ran.notebook.cells[0].execution_count is None


def test_files_of_the_submission_are_there(pool):
    files = {"data/table.csv": b"a\n1\n", "helper.py": b"def one():\n    return 1\n"}
    ran = pool.one(
        Job("a", book("import helper, os\nhelper.one(), open('data/table.csv').read(), os.getcwd()"), files, LIMITS)
    )
    assert outputs(ran)[0][0]["data"]["text/plain"] == f"(1, 'a\\n1\\n', '{sandbox.SUBMISSION}')"


LIBRARIES = ("numpy", "random", "string", "statistics", "colorsys", "pygments", "decimal")


@pytest.mark.parametrize("classroom", [{}, {"execute": "kernel"}], ids=["forked", "in a kernel"])
def test_a_module_beside_the_notebook_stands_before_no_library(pool, classroom):
    """Neither for the tests nor for what shows an error; a helper of the student's own is found."""
    files = {f"{name}.py": b"raise RuntimeError('not the library')" for name in LIBRARIES}
    files |= {"mine.py": b"def one():\n    return 1", "ours/__init__.py": b"", "ours/two.py": b"two = 2"}
    student = "from mine import one\nimport ours.two, statistics\none() + ours.two.two"
    test = f"import {', '.join(LIBRARIES)}\nassert statistics.mean([one(), 3]) == 2 and colorsys and numpy.pi > 3"
    notebook = book(student, locked(test), locked("1 / 0"))
    notebook.metadata.classroom = classroom
    ran = pool.one(Job("a", notebook, files, Limits(cell_seconds=20, seconds=100)))
    shown, tested, failed = outputs(ran)
    assert (ran.ended, shown[0]["data"]["text/plain"], tested) == ("finished", "3", [])
    assert failed[0]["ename"] == "ZeroDivisionError"
    said = "statistics.py beside the notebook has the name of a library, which was imported in its place"
    assert (ran.tampering, ran.seen) == ((), (said,))


def test_nothing_stands_before_a_helper_of_the_tests(pool):
    """A folder of its name, or a copy of it that says that it was compiled from it."""
    ours, theirs = b"right = True", b"right = False"
    compiled = _code_to_hash_pyc(compile(theirs, "checks.py", "exec"), source_hash(ours), False)
    cache = f"__pycache__/checks.{sys.implementation.cache_tag}.pyc"
    files = {
        "checks.py": ours,
        "checks/__init__.py": theirs,
        cache: bytes(compiled),
        "own/__init__.py": b"",
        "own.py": b"1/0",
    }
    ran = pool.one(Job("a", book("import own", locked("import checks\nassert checks.right")), files, LIMITS))
    assert (outputs(ran), ran.tampering) == ([[], []], ())


def test_submissions_do_not_meet(pool):
    ran = pool.one(
        Job("a", book("import os\nopen('x', 'w').write('1')\nos.environ['X'] = '1'\nimport math\nmath.pi = 3"))
    )
    assert ran.ended == "finished"
    for _ in range(3):
        ran = pool.one(Job("b", book("import os, math\nos.listdir('.'), os.environ.get('X'), math.pi > 3.1")))
        assert outputs(ran)[0][0]["data"]["text/plain"] == "([], None, True)"


def test_random_numbers_differ_between_submissions(pool):
    source = "import random, numpy as np\nrandom.random(), np.random.rand()"
    assert outputs(pool.one(Job("a", book(source)))) != outputs(pool.one(Job("b", book(source))))


def test_while_grading_guards_hold_in_the_warm_interpreter_too(tmp_path, monkeypatch):
    (tmp_path / "guarded.py").write_text(
        "import os\nif os.environ.get('NBGRADER_EXECUTION'): raise ImportError('closed')"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with Pool(1, jail=Jail(warm=("guarded",))) as pool:
        ran = pool.one(Job("a", book("import guarded")))
    assert outputs(ran)[0][0]["evalue"] == "closed"


def test_a_module_is_made_warm_with_the_first_submission_that_names_it():
    with Pool(1, jail=Jail(warm=("colorsys",))) as pool:
        asked = ("import sys; 'color' + 'sys' in sys.modules", "import sys; 'colorsys' in sys.modules")
        said = [outputs(pool.one(Job(str(n), book(asked[n]))))[0][0]["data"]["text/plain"] for n in (0, 1, 0)]
    assert said == ["False", "True", "True"]


def test_prime_runs_once_and_shows_in_every_submission():
    with Pool(1, jail=Jail(warm=(), prime="import math\nmath.primed = 1")) as pool:
        ran = pool.one(Job("a", book("import math\nmath.primed")))
    assert outputs(ran)[0][0]["data"]["text/plain"] == "1"


def test_each_job_comes_back_once_and_few_are_held(pool):
    drawn, most, back = [], 0, []

    def jobs():
        for number in range(30):
            drawn.append(number)
            yield Job(str(number), book(str(number)))

    for ran in pool.run(jobs()):
        back.append(ran.key)
        most = max(most, len(drawn) - len(back))
    assert sorted(back, key=int) == [str(number) for number in range(30)]
    assert most <= 10


def test_an_error_among_the_jobs_is_raised_and_ends_the_run(pool):
    def jobs():
        yield Job("0", book("0"))
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        list(pool.run(jobs()))
    assert pool.one(Job("1", book("1"))).ended == "finished"


def test_a_run_can_be_left_early(pool):
    for ran in pool.run(Job(str(number), book("1")) for number in range(100)):
        assert ran.ended == "finished"
        break
    assert threading.active_count() < 20
    assert pool.one(Job("1", book("1"))).ended == "finished"


def test_a_notebook_that_is_none_is_given_back_as_died(pool):
    broken = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code", "source": "1"}]}
    assert pool.one(Job("a", broken)).ended == "died"
    assert pool.one(Job("b", book("1"))).ended == "finished"


def test_a_kernel_runs_inside_the_walls(pool):
    notebook = book(
        "import os\nos.path.exists('/etc/shadow'), os.getuid() == 0",
        "1 / 0",
        locked("float('nan')"),
        locked("'a message'"),
        locked("assert 1 == 2, 'no'"),
        classroom={"execute": "kernel"},
    )
    ran = pool.one(Job("a", notebook, limits=Limits(cell_seconds=20, seconds=100)))
    assert ran.ended == "finished"
    found = outputs(ran)
    assert found[0][0]["data"]["text/plain"] == "(False, False)"
    assert [cell[-1].get("ename") for cell in found[1:]] == ["ZeroDivisionError", "ScoreError", None, "AssertionError"]


# -- time ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("passed", "used", "before", "left"),
    [
        (4, {1: (4, 0)}, {}, 6),  # not looked at before the limit
        (10, {1: (10, 0)}, {}, 0),  # a loop without an end
        (10, {1: (0, 0)}, {}, 0),  # asleep
        (10, {1: (3, 7)}, {}, 7),  # has had three of its ten seconds
        (10, {1: (1, 2)}, {}, 2),  # asleep for the most part
        (10, {1: (13, 7)}, {1: (10, 0)}, 7),  # what was before the clock started does not count
        (29, {1: (3, 26)}, {}, 1),
        (30, {1: (3, 27)}, {}, 0),  # the bound
        (10, {1: (0, 0), 2: (4, 6), 3: (4, 6)}, {}, 2),  # programs that it started
        (10, dict.fromkeys(range(40), (0.5, 9.5)), {}, 0),  # stands in line behind itself
    ],
)
def test_the_clock_of_a_cell(monkeypatch, passed, used, before, left):
    now = 100.0
    monkeypatch.setattr(worker, "time", types.SimpleNamespace(monotonic=lambda: now))
    clock = worker.Clock(10, lambda everything: used if everything else before)
    now += passed
    assert clock.left() == pytest.approx(left)


@pytest.fixture
def neighbours():
    """Three programs that never rest share one processor with the workers that are started meanwhile."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    burn = [sys.executable, "-c", "while True: pass"]
    burning = [subprocess.Popen(burn, start_new_session=True) for _ in range(3)]  # else they share one turn
    yield
    os.sched_setaffinity(0, before)
    for one in burning:
        one.kill()
        one.wait()


def test_a_neighbours_load_costs_nobody_marks(neighbours):
    """0.8 seconds of work take more than 2 on the clock, which is the limit; who sleeps ends there all the same."""
    work = "while time.thread_time() - start < 0.8: pass"
    cells = (
        "import time\nstart = time.thread_time()\nbegan = time.time()",
        work,
        "time.time() - began > 2",
        "time.sleep(60)",
    )
    with Pool(1, jail=Jail(warm=())) as pool:
        ran = pool.one(Job("a", book(*cells, locked("assert began")), limits=Limits(cell_seconds=2, seconds=9)))
    _, busy, long, asleep, _ = outputs(ran)
    assert (ran.ended, busy, long[0]["data"]["text/plain"]) == ("finished", [], "True")
    assert asleep[-1]["ename"] == "CellTimeoutError" and ran.seconds < 60


def test_what_ran_out_of_time_beside_others_runs_again_alone(pool):
    """And nothing else runs meanwhile. The cell sleeps until a certain time, which has come by the second run."""
    now = "import time\nbegan = time.time()"
    late = "time.sleep(0 if time.time() > {} else 60)"
    end = "began, time.time()"
    limits = Limits(cell_seconds=2, seconds=30)
    list(pool.run(Job(str(number), book("import time; time.sleep(1)")) for number in range(2)))  # both are there now
    jobs = [Job("late", book(now, late.format(time.time() + 2), locked("assert began"), end), limits=limits)]
    jobs += [Job(str(number), book(now, "time.sleep(0.5)", end), limits=limits) for number in range(8)]
    back = {ran.key: ran for ran in pool.run(jobs)}
    ran = back.pop("late")
    assert (ran.ended, outputs(ran)[2], ran.tampering) == ("finished", [], ())
    assert ran.seen == (
        "cell 2 ran for more than 2 seconds and was stopped; run again with nothing beside it, it ended in time, "
        "and that run counts",
    )
    (began, ended), *others = (
        json.loads(outputs(one)[-1][0]["data"]["text/plain"].replace("(", "[").replace(")", "]"))
        for one in (ran, *back.values())
    )
    assert len(others) == 8 and all(end < began or ended < start for start, end in others)


def test_what_runs_out_of_time_twice_is_told(pool):
    limits = Limits(cell_seconds=0.5, seconds=2)
    loops = Job("a", book("1", "while True: pass", locked("while True: pass")), limits=limits)
    stuck = Job("b", book(*["import time; time.sleep(0.4)"] * 9), limits=limits)
    a, b = sorted(pool.run([loops, stuck]), key=lambda ran: ran.key)
    assert a.ended == "finished" and a.seen == tuple(
        f"{name} ran for more than 0.5 seconds and was stopped, also when it ran alone" for name in ("cell 2", "'t'")
    )
    assert b.ended == "time" and len(b.seen) == 1 and b.seen[0].startswith("the submission ran for more than 2 seconds")


@pytest.mark.parametrize(
    ("metadata", "python"),
    [
        ({}, True),
        ({"kernelspec": {"name": "python3"}}, True),
        ({"kernelspec": {"name": "python"}}, True),  # JupyterLite
        ({"kernelspec": {"name": "mine", "language": "python"}}, True),
        ({"kernelspec": {"name": "ir", "language": "R"}}, False),
        ({"kernelspec": {"name": "bash"}}, False),
        ({"kernelspec": {"name": "xeus"}, "language_info": {"name": "C++"}}, False),
        ({"kernelspec": {"name": "python3"}, "classroom": {"execute": "kernel"}}, False),
    ],
)
def test_which_notebooks_need_a_kernel(metadata, python):
    assert is_python({"metadata": metadata, "cells": []}) is python


def test_plan_passes_over_what_a_kernel_passes_over():
    skipped = new_code_cell("1", metadata={"tags": ["skip-execution"]})
    solution = locked("1", solution=True)
    cells = [new_markdown_cell("x"), new_code_cell(" \n"), skipped, new_code_cell("1"), locked("1"), solution]
    setup = locked("1", grade=False)
    kinds = [(index, kind) for index, kind, _ in plan(book(*cells, setup))]
    assert kinds == [(3, "student"), (4, "test"), (5, "student"), (6, "locked")]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {"name": "stdin", "text": "x"}),
        ("stream", {"name": "stdout", "text": 1}),
        ("stream", "x"),
        ("display_data", {"data": {"text/html": ["x"]}}),
        ("display_data", {"data": "x"}),
        ("error", {"ename": "x", "evalue": 1, "traceback": []}),
        ("comm_open", {}),
    ],
)
def test_messages_of_a_wrong_form_are_dropped(kind, content):
    assert _sound(kind, content, 1) is None


HALF = """
import os
from IPython.display import display
half = "a" + chr(0xD83D)
print(half)
os.write(2, b"b\\xed\\xa0\\xbd\\n")
display({"text/plain": half, half: half}, raw=True, metadata={half: {"alt": half}})
class Half:
    def __repr__(self): return half
display(Half(), display_id=half)
raise type(half, (ValueError,), {})(half)
"""


@pytest.mark.parametrize("classroom", [{}, {"execute": "kernel"}], ids=["forked", "in a kernel"])
def test_half_a_character_is_replaced(pool, classroom):
    """A lone surrogate can be printed; no file, gradebook or page takes one."""
    notebook = book(HALF, locked(f"{HALF.splitlines()[3]}\nraise ValueError(half)"), "chr(0xD83D) + chr(0xDE00)")
    notebook.metadata.classroom = classroom
    ran = pool.one(Job("a", notebook, limits=Limits(cell_seconds=20, seconds=100)))
    text = json.dumps(ran.notebook, ensure_ascii=False)
    assert ran.ended == "finished" and text.encode()
    nbformat.validate(ran.notebook)
    if not classroom:  # a kernel of its own loses some of them on the way
        assert text.count("a\ufffd") >= 6 and ran.notebook.cells[1].outputs[-1].evalue == "a\ufffd"


@pytest.mark.parametrize(
    "messages",
    [
        "print(i, flush=True)",
        "print(i, file=sys.stderr); print(i)",
        "display(i)",
        "h.update(i)",
        "clear_output(wait=True); print(i)",
        "clear_output(); display(i)",
        "print(i); h.update(i)",
    ],
)
def test_thousands_of_small_messages_are_joined(pool, messages):
    """And what is kept of them can be shown; what comes last is among it, unless it is too much."""
    start = "import sys\nfrom IPython.display import clear_output, display\nh = display('start', display_id='h')"
    last = "for i in range(20_000):\n    " + messages
    ran = pool.one(Job("a", book(start, last, "print('after')", "h.update('end')"), limits=LIMITS))
    assert ran.ended == "finished"
    shown = outputs(ran)
    assert len(shown[1]) <= OUTPUTS + 1 and shown[0][0]["data"]["text/plain"] == "'end'"
    cut = messages == "display(i)"
    assert ("1,000 outputs" if cut else "19999") in json.dumps(shown[:2]) or messages[:2] == "h."
    assert shown[2][0]["text"] == "after\n"


def test_what_a_cell_clears_uses_up_nothing(pool):
    start = "from IPython.display import clear_output, display\n_ = display('a', display_id='x')"
    bar = "for i in range(1_200):\n    clear_output(wait=i % 2)\n    print('=' * 90)\n    display(i)"
    again = "_ = display('b', display_id='x')\nclear_output()\ndisplay('c')"
    ran = pool.one(Job("a", book(start, bar, bar, again, "print(1)\nclear_output()"), limits=Limits(output=2_000)))
    values = [[output.get("text") or output["data"]["text/plain"] for output in cell] for cell in outputs(ran)]
    assert values == [["'b'"], *[["=" * 90 + "\n", "1199"]] * 2, ["'c'"], []]


def test_messages_by_the_hundred_thousand_are_read_in_linear_time():
    """The interpreter's own bound lies within student code's reach; whoever reads what it sends has another."""
    messages = [
        ["stream", {"name": name, "text": "x"}] for name in ["stdout"] * 100_000 + ["stdout", "stderr"] * 20_000
    ]
    messages += [["display_data", {"data": {"text/plain": "x"}, "transient": {"display_id": "x"}}]] * 40_000
    event = {"event": "cell", "cell": 0, "number": 1, "kind": "student", "messages": messages}
    reading = Reading(Job("a", book("1")))
    before = time.process_time()
    reading.take({**event, "error": None, "value": None, "timed_out": False})
    assert time.process_time() - before < 5
    found = reading.notebook.cells[0].outputs
    assert len(found) <= 20 * OUTPUTS and found[0].text == "x" * 100_001


def test_channel_knows_what_it_did_not_send():
    import socket

    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    key = os.urandom(32)
    one, other = Channel(left.fileno(), key, b"A"), Channel(right.fileno(), key, b"B")
    message = os.urandom(200_000)
    sender = threading.Thread(target=one.send, args=(message,))
    sender.start()
    assert other.next() == message
    sender.join()
    left.send(b"forged")
    one.send(b"x")
    packet = right.recv(1000)
    assert packet == b"forged"
    packet = right.recv(1000)
    left.send(packet)
    assert list(other.receive()) == [b"x"]
    left.send(packet)
    assert list(other.receive()) == []
    right.send(packet)
    assert list(one.receive()) == []
    assert (other.forged, one.forged) == (1, 1)
    left.close()
    with pytest.raises(EOFError):
        list(other.receive())


@pytest.mark.parametrize(
    "test",
    [
        "assert np.isclose(f(1), 2)",
        "assert math.isclose(f(1), 2)",
        "assert abs(f(1)) == round(2.2) and len([1]) and isinstance(f(2), int) and all([1]) and any([1])",
        "np.testing.assert_allclose(f(1), 2)\nnp.testing.assert_array_equal(f(1), 2)",
        "pd.testing.assert_frame_equal(f(1), 2)\npd.testing.assert_series_equal(f(1), 2)",
        "assert sum([1]) == max(1, 2) == min([1]) and sorted([1]) and set([1]) and float(1) and str(1) and int(1)",
        "assert np.isnan(f(1)) and np.isinf(2) and np.ndim(2) == 0 and pd.isna(f(2)) and np.allclose(1, 2)",
    ],
)
def test_canaries_fail_when_nothing_was_tampered_with(test):
    import ast
    import math

    import numpy as np
    import pandas as pd

    sources = canaries(ast.parse(test))
    assert len(sources) >= 2
    for source in sources:
        with pytest.raises(AssertionError):
            exec(source, {"np": np, "pd": pd, "math": math})
