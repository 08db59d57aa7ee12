"""Tests in a process that no student code enters: they see what they saw beside it, and what is done to them there is undone.

The attacks are those that earn full marks, or show a hidden test, where tests and answers share an interpreter.
"""

import csv
import os
import shutil
import textwrap
from dataclasses import replace
from pathlib import Path

import nbformat
import nbgrader as nbgrader_package
import pytest
import tiny
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.utils import determine_grade
from warm import nbgrader

from classroom.assignment import load
from classroom.commands import apart, exports, halves, inside
from classroom.course import open_gradebook
from classroom.execute import Jail, Pool
from classroom.export import exported
from classroom.grade import grade_assignment
from classroom.judging import JUDGING, in_words, judging, points
from classroom.model import Fate, Job, Limits
from classroom.outcomes import report
from classroom.release import generate

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(not os.path.exists("/proc/self/ns/user"), reason="the sandbox needs Linux"),
]
LIMITS = Limits(cell_seconds=2, seconds=30, memory=400 << 20, processes=24, file_size=8 << 20, output=100_000)
SETUP = "import math, sys\nimport numpy as np\nimport pandas as pd"
MARKER = "tests-" + "5ecret"
HIDDEN = f"assert double(21) == 42, 'hidden'  # {MARKER}\nassert double('ab') == 'abab'"
WRONG = "def double(x):\n    return 7"


ROLE = {"schema_version": 3, "solution": False, "task": False, "locked": True}


def locked(name, source, **metadata):
    return new_code_cell(
        source, metadata={"nbgrader": {**ROLE, "grade_id": name, "grade": True, "points": 1}, **metadata}
    )


def notebook(*cells, tests, **marks):
    setup = new_code_cell(SETUP, metadata={"nbgrader": {**ROLE, "grade_id": "setup", "grade": False}})
    students = [cell if isinstance(cell, dict) else new_code_cell(textwrap.dedent(cell).strip()) for cell in cells]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    made = [locked(name, source, **marks.get(name, {})) for name, source in tests.items()]
    return new_notebook(cells=[setup, *students, *made], metadata=spec)


@pytest.fixture(scope="module")
def pool():
    with Pool(1, jail=Jail(warm=("numpy", "pandas"))) as pool:
        yield pool


@pytest.fixture
def judge(pool):
    """Run answers and tests, in two processes or in one: the marks, by test, and what came of the submission."""

    def run(*cells, tests, names=(), together=False, limits=LIMITS, within=()):
        book = notebook(*cells, tests=tests)
        asked = exports(book) | set(names)
        # As in a course: students' cells are not the instructor's, which say what may be asked for.
        job = Job("a", book, {}, limits, frozenset(names), None if together else asked, frozenset(within))
        ran = pool.one(job)
        graded = [cell for cell in ran.notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
        return {cell.metadata.nbgrader.grade_id: determine_grade(cell)[0] for cell in graded}, ran

    return run


def outputs(ran, name):
    return next(
        cell.outputs for cell in ran.notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name
    )


# -- what tests see --------------------------------------------------------------------------------------------------------

ALIKE = {
    "a name that is not there": ("g = 1", "f(1)"),
    "a number": ("def f(x):\n    return 2 * x", "assert f(2) == 5, f'got {f(2)}'"),
    "a table": (
        "def f(t):\n    t['y'] = 1\n    return t",
        "t = pd.DataFrame({'x': [1]})\nassert f(t) is t\nassert list(t) == ['x', 'y']\n1",
    ),
    "an argument that is changed": (
        "def f(x):\n    x.append(x)\n    raise ValueError('no', 3)",
        "a = [1]\ntry:\n    f(a)\nexcept ValueError as e:\n    assert e.args == ('no', 3)\nassert a[1] is a\n1",
    ),
    "a function that is passed": (
        "def f(g, x):\n    return [g(y) for y in x]",
        "assert f(lambda y: y + 1, (1, 2)) == [2, 3]\nassert f(math.sqrt, [4]) == [2]\nassert f(str, [4]) == ['4']\n1",
    ),
    "a function that comes back": (
        "def f(g=None):\n    return g or f",
        "h = lambda: 1\nassert f(h) is h and f() is f\n1",
    ),
    "a function that changes what it gets": (
        "def f(x, g):\n    x.append(1)\n    g(x)\n    return len(x)",
        "a = []\nassert f(a, lambda x: x.append(len(x))) == 2\nassert a == [1, 1]\n1",
    ),
    "an error of the test's function": (
        "def f(g):\n    return g()",
        "mine = KeyError('k')\ndef g():\n    raise mine\ntry:\n    f(g)\nexcept KeyError as e:\n    assert e is mine\n1",
    ),
    "an error": ("def f(x):\n    return 1 / x", "f(0)"),
    "an error of a library": (
        "def f():\n    return np.linalg.inv(np.zeros((2, 2)))",
        "try:\n    f()\nexcept np.linalg.LinAlgError as e:\n    assert False, repr(e)",
    ),
    "an error of the student's own": (
        "class Bad(KeyError):\n    pass\ndef f():\n    raise Bad('x')",
        "try:\n    f()\nexcept KeyError as e:\n    assert type(e).__name__ == 'Bad'\n    raise",
    ),
    "what is printed": (
        "def f():\n    print('hello')\n    return 1",
        "import io, contextlib as c\nwith c.redirect_stdout(io.StringIO()) as out:\n"
        "    f()\nassert out.getvalue() == 'hello\\n'\nf()",
    ),
    "what is printed to stderr": ("import sys\ndef f():\n    print('hm', file=sys.stderr)\n    return 1", "f()"),
    "a generator": (
        "def f():\n    n = 0\n    while True:\n        yield n\n        n += 1",
        "import itertools\nassert list(itertools.islice(f(), 3)) == [0, 1, 2]\n1",
    ),
    "an iterator that is passed": ("def f(x):\n    return next(x) + sum(x)", "assert f(iter([1, 2, 3])) == 6\n1"),
    "a variable": ("f = {'a': [1, 2]}", "assert f['a'][1] == 3, f"),
    "a variable that a call changes": (
        "f = [0]\ndef g():\n    global f\n    f = [f[0] + 1]",
        "g()\ng()\nassert f == [2], f\n1",
    ),
    "a name that the test deletes": (
        "def h(x):\n    return x\ndef f(x):\n    return h(x)",
        "h(1)\nkept = h\ndel h\ntry:\n    f(1)\nexcept NameError as e:\n    print(e)\n"
        "finally:\n    h = kept\nassert f(2) == 2\n1",
    ),
    "a name that the test sets": (
        "def h(x):\n    return x\ndef f(x):\n    return h(x)",
        "h = lambda x: 'mine'\nassert f(1) == 'mine'\n1",
    ),
    "a part of the points": ("def f(x):\n    return x", "0.5 * (f(1) == 1)"),
    "a score beyond the points": ("def f(x):\n    return x", "f(1) + 5"),
    "nothing": ("", "assert 1 == 1\n1"),
    "signature and doc": (
        "def f(a, *, b=2) -> int:\n    'Says.'",
        "import inspect\nassert str(inspect.signature(f))[:11] == '(a, *, b=2)' and f.__doc__ == 'Says.'\nf()",
    ),
    "a seed that the test sets": (
        "import random\ndef f():\n    return random.random(), float(np.random.rand())",
        "import random\nrandom.seed(5)\nnp.random.seed(5)\none = f()\nrandom.seed(5)\nnp.random.seed(5)\n"
        "assert one == f() and 0.22 < one[1] < 0.23 and 0.62 < one[0] < 0.63, one\n1",
    ),
    "what numpy and warnings are told to do": (
        "import warnings\ndef f(x):\n    warnings.warn('hm')\n    return np.float64(1) / np.float64(x)",
        "import warnings\nwith warnings.catch_warnings(), np.errstate(all='raise'):\n    warnings.simplefilter('ignore')\n"
        "    try:\n        f(0)\n        raise AssertionError\n    except FloatingPointError:\n        pass\n"
        "    warnings.simplefilter('error')\n"
        "    try:\n        f(1)\n        raise AssertionError\n    except UserWarning as e:\n        assert str(e) == 'hm'\n1",
    ),
    "a call without an end": (
        "def f(x):\n    return f(x)",
        "try:\n    f(1)\nexcept RecursionError as e:\n    print('deep')\n1",
    ),
}


def told(ran, name):
    """What a test gave; of an error that came while another was handled, what it says: the first is shown from one side."""
    given = [dict(output) for output in outputs(ran, name)]
    return [one if "During handling" not in str(one) else {**one, "traceback": one["traceback"][-1]} for one in given]


@pytest.fixture(scope="module")
def alike(pool):
    """All of them in one notebook, each answer before its test, in one process and in two."""
    cells = [cell for name, (answer, test) in ALIKE.items() for cell in (answer, locked(name, test))]
    job = Job("a", notebook(*cells, tests={}), {}, LIMITS, frozenset("fgh"))
    return pool.one(job), pool.one(replace(job, exports=frozenset("fgh")))


@pytest.mark.parametrize("name", ALIKE)
def test_a_test_sees_what_it_saw_beside_the_answer(alike, name):
    one, two = alike
    assert told(one, name) == told(two, name)
    assert (one.ended, one.tampering, two.uncarried) == (two.ended, two.tampering, {})
    if ALIKE[name][1].endswith("\n1"):
        assert "'1'" in str(told(two, name)), "the test did not come to its end"


def test_what_is_displayed_during_a_test_is_displayed(judge):
    _, ran = judge("def f():\n    display(pd.DataFrame({'x': [77]}))", tests={"t": "f()\n1"})
    assert "77" in str(outputs(ran, "t"))


def test_an_error_that_ends_a_loop_or_a_process_ends_neither(judge):
    errors = ["StopIteration", "SystemExit", "KeyboardInterrupt", "GeneratorExit", "StopAsyncIteration"]
    answer = "import builtins\ndef f(name):\n    raise getattr(builtins, name)"
    tests = {error: f"assert all(map(f, [{error!r}]))\nfor _ in map(f, [{error!r}]): pass\n1" for error in errors}
    marks, ran = judge(answer, tests={**tests, "next": "1"})
    assert marks == {**dict.fromkeys(errors, 0), "next": 1}
    assert [outputs(ran, error)[-1].ename for error in errors] == errors
    assert judge(answer, tests=tests, together=True)[0]["StopIteration"] == 1


def test_a_value_that_cannot_be_carried_is_told(judge):
    marks, ran = judge("import pathlib\ndef f():\n    return pathlib.Path('a')", tests={"t": "assert str(f()) == 'a'"})
    assert marks == {"t": 0} and ran.uncarried == {"t": ("PosixPath",)}
    marks, ran = judge("import pathlib\ndef f():\n    return pathlib.Path('a')", tests={"t": "f()\n1"})
    assert marks == {"t": 1} and not ran.uncarried


def test_a_cell_that_is_judged_inside_sees_what_the_others_do_not(judge):
    tests = {
        "a": "assert f() == 1",
        "b": "assert isinstance(f, type(lambda: 1)) and 'return 1' in In[2]",
        "c": "assert f() == 1",
    }
    marks, _ = judge("def f():\n    return 1", tests=tests, within=["b"])
    assert marks == {"a": 1, "b": 1, "c": 1}
    assert judge("def f():\n    return 1", tests=tests)[0]["b"] == 0


def test_the_examiner_sees_the_files_of_the_course_and_no_others(pool):
    book = notebook(
        "open('mine.csv').close(); open('made.csv', 'w').close()",
        tests={"t": "import os\nassert os.listdir() == ['ours.csv']"},
    )
    files = {"ours.csv": b"1", "mine.csv": b"2"}
    ran = pool.one(Job("a", book, files, LIMITS, exports=frozenset(), supplied=frozenset(["ours.csv"])))
    assert not outputs(ran, "t") and not ran.notebook.cells[1].outputs


def test_only_names_that_a_student_must_give_are_asked_for():
    tests = {
        "t": "hidden = f(3)\nassert total == len(str(hidden))",
        "u": "def check(a):\n    return a + helper\ncheck(1)",
    }
    book = notebook("def f(x):\n    pass", tests=tests)
    assert exports(book) == {"f", "total", "helper"}


def test_each_process_gets_its_half_of_the_notebook():
    book = notebook(WRONG, tests={"a": HIDDEN, "b": "assert 'inner'"}, b={"classroom": {"judged": "inside"}})
    within = inside(book)
    assert within == {"b"} and len(apart(book, within)) == 1
    student, examiner = (str(half) for half in halves(book, within))
    assert MARKER not in student and "return 7" in student and "inner" in student
    assert MARKER in examiner and "return 7" not in examiner and "inner" not in examiner


# -- what is tried ---------------------------------------------------------------------------------------------------------

SLY = """
class Sly:
    def __eq__(self, other):
        return type(other) in (int, str)
"""
# Each earns full marks, or shows the text of a hidden test, without a sign, where tests run beside the answers.
ATTACKS = {
    "a signal handler that is handed the runner's frame": """
        import signal, time
        def double(x):
            seen = []
            def handler(number, frame):
                while frame is not None:
                    command = frame.f_locals.get('command')
                    seen.append(command.get('source') if type(command) is dict else 0)
                    frame = frame.f_back
            signal.signal(signal.SIGALRM, handler)
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            end = time.monotonic() + 0.1
            while time.monotonic() < end:
                pass
            print(seen)
            return 7
        """,
    "code compiled under another file name": r"""
        source = (
            "import sys\ndef double(x):\n    frame = sys._getframe()\n    while frame is not None:\n"
            "        command = frame.f_locals.get('command')\n"
            "        print(command.get('source') if type(command) is dict else 0)\n        frame = frame.f_back\n    return 7"
        )
        space = {'__name__': 'json'}
        exec(compile(source, 'json.py', 'exec'), space)
        double = space['double']
        """,
    "a library that looks for the student": """
        import pandas.core.computation.scope as scope
        def double(x):
            for level in range(1, 40):
                try:
                    command = scope.Scope(level).scope.get('command')
                except ValueError:
                    break
                print(command.get('source') if type(command) is dict else 0)
            return 7
        """,
    "os.write that drops evidence": f"""{SLY}
import os
write = os.write
os.write = lambda descriptor, data: len(data) if b'evidence' in bytes(data) else write(descriptor, data)
def double(x):
    return Sly()
""",
    "an answer whose == forks": """
        import os
        class Fork:
            def __eq__(self, other):
                if type(other) in (int, str) and os.fork() == 0:
                    os._exit(0)
                return type(other) in (int, str)
        def double(x):
            return Fork()
        """,
    "an exception that reads the line cache": """
        import linecache
        class Leak(Exception):
            def __str__(self):
                return repr([entry[2] for name, entry in linecache.cache.items() if 'ipykernel' in str(name)])
        def double(x):
            raise Leak
        """,
    "os.read that keeps what it reads": """
        import os
        real, kept = os.read, []
        def read(*what):
            data = real(*what)
            kept.append(data)
            return data
        os.read = read
        def double(x):
            print(kept)
            return 7
        """,
    "uninitialised memory searched": """
        import numpy as np
        def double(x):
            needle = ('tests-' + '5ecre') + 't'
            for size in (*range(64, 8192, 64), *range(8192, 1 << 17, 4096)):
                some = [np.empty(size, 'u1') for _ in range(20)]
                print('found' * any(needle.encode() in one.tobytes() for one in some), end='')
            return 7
        """,
}
# Others, that leave a sign there, or came to nothing.
MORE = {
    "memory searched": """
        import re
        def double(x):
            needle = ('tests-' + '5ecre').encode() + b't'
            for line in open('/proc/self/maps'):
                low, high = (int(part, 16) for part in line.split()[0].split('-'))
                if 'rw' in line and high - low < 1 << 28:
                    with open('/proc/self/mem', 'rb') as memory:
                        memory.seek(low)
                        print('found' * (memory.read(high - low).count(needle) > 0))
            return 7
        """,
    "the helpers of numpy replaced": """
        import numpy as np
        np.isclose = np.allclose = lambda *_, **__: True
        def double(x):
            return 7
        """,
    "objects searched": """
        import gc
        def double(x):
            for thing in gc.get_objects():
                if isinstance(thing, dict) and 'codes' in thing:
                    print(thing.get('source'))
            return 7
        """,
    "a fork that goes on": "import os\ndef double(x):\n    os.fork()\n    return 7",
    "a result of its own": """
        import threading, time
        def show(text='1'):
            content = {'data': {'text/plain': text}, 'metadata': {}, 'execution_count': 1}
            get_ipython().displayhook.session.send(None, 'execute_result', content)
        def double(x):
            def again():
                while True:
                    show()
                    time.sleep(0.001)
            threading.Thread(target=again, daemon=True).start()
            show()
            return 7
        """,
    "the end of the process": "import os\ndef double(x):\n    os._exit(0)",
    "a stray answer": """
        import json, os, struct
        def double(x):
            for number in range(5, 9):
                text = json.dumps([[["ok", number, None], [[42]], []], [], []]).encode()
                frame = struct.pack('<II', len(text) + 4, len(text)) + text
                for descriptor in range(3, 64):
                    try:
                        os.write(descriptor, frame)
                    except OSError:
                        pass
            return 7
        """,
    "a flood": """
        import os
        def double(x):
            for descriptor in range(3, 64):
                try:
                    os.write(descriptor, b'\\xff' * 4096)
                except OSError:
                    pass
            return 7
        """,
    "the pieces of the runner replaced": """
        import gc
        for thing in gc.get_objects():
            if type(thing).__name__ in ('Students', 'Conversation', 'Runner'):
                for name, value in vars(type(thing)).items():
                    if callable(value) and not name.startswith('__'):
                        setattr(type(thing), name, lambda *_, **__: 42)
        def double(x):
            return 7
        """,
}


def shown(ran):
    """What tests and answers have said, without the tracebacks: in these a failed line itself may stand."""
    some = [output for cell in ran.notebook.cells for output in cell.get("outputs", ())]
    return "\n".join(str({**output, "traceback": ""}) for output in some)


@pytest.mark.parametrize("name", [*ATTACKS, *MORE])
def test_an_attack_earns_what_its_answer_earns_and_reads_nothing(judge, name):
    tests = {"visible": "assert double(2) == 4", "hidden": HIDDEN}
    marks, ran = judge({**ATTACKS, **MORE}[name], tests=tests, names=["double"])
    assert marks == {"visible": 0, "hidden": 0}
    assert MARKER not in shown(ran) and "found" not in shown(ran)


def test_after_all_that_an_honest_answer_has_its_marks(judge):
    marks, ran = judge("def double(x):\n    return 2 * x", tests={"visible": "assert double(2) == 4", "hidden": HIDDEN})
    assert marks == {"visible": 1, "hidden": 1} and (ran.ended, ran.tampering, ran.uncarried) == ("finished", (), {})


def test_a_function_that_does_not_end_costs_its_own_test_only(judge):
    answer = "import time\ndef double(x):\n    while x == 21:\n        time.sleep(0.1)\n    return 2 * x"
    tests = {"visible": "assert double(2) == 4", "hidden": HIDDEN, "after": "assert double(1) == 2"}
    marks, ran = judge(answer, tests=tests)
    assert marks == {"visible": 1, "hidden": 0, "after": 1}
    assert [output.ename for output in outputs(ran, "hidden")] == ["KeyboardInterrupt", "CellTimeoutError"]


def test_an_answer_on_which_the_examiner_chokes_costs_its_own_submission_only(judge):
    answer = """
        def double(x):
            made = [x]
            for _ in range(60 * (x == 21)):
                made = [made, made]
            return made
        """
    tests = {"before": "assert double(2) == [2]", "t": "str(double(21))", "after": "assert double(3) == [3]"}
    marks, _ = judge(answer, tests=tests)
    assert marks["before"] == 1 and marks["t"] == 0
    assert judge("def double(x):\n    return [x]", tests={"before": tests["before"]})[0] == {"before": 1}


def test_a_class_of_the_students_own_that_a_test_looks_into_is_no_silent_zero(judge):
    answer = "class Point:\n    size = 2\ndef f():\n    raise Mine\nclass Mine(ValueError):\n    pass"
    tests = {
        "looks": "assert Point.size == 2",
        "catches": "try:\n    f()\nexcept Mine:\n    pass",
        "calls": "Point()\n1",
        "function": "assert f() == 1",
    }
    marks, ran = judge(answer, tests=tests)
    assert marks == {"looks": 0, "catches": 0, "calls": 1, "function": 0}
    assert ran.uncarried == {"looks": ("class Point",), "catches": ("class Mine",)}


def test_an_error_of_any_size_costs_its_own_test_only(judge):
    answer = "def double(x):\n    if x == 21:\n        raise ValueError('x' * 50_000_000)\n    return 2 * x"
    marks, ran = judge(
        answer, tests={"visible": "assert double(2) == 4", "hidden": HIDDEN, "after": "assert double(1) == 2"}
    )
    assert marks == {"visible": 1, "hidden": 0, "after": 1}
    assert ran.ended == "finished" and outputs(ran, "hidden")[-1].ename == "ValueError"


def test_what_is_no_answer_is_told(judge):
    marks, ran = judge(MORE["a stray answer"], tests={"t": "assert double(2) == 4"}, names=["double"])
    assert marks == {"t": 0} and any("was no answer" in line for line in ran.tampering)


def test_a_process_that_ends_keeps_what_was_earned_before(judge):
    answer = "import os\ndef double(x):\n    return os._exit(3) if x == 21 else 2 * x"
    tests = {"visible": "assert double(2) == 4", "hidden": HIDDEN, "after": "assert double(1) == 2"}
    marks, ran = judge(answer, tests=tests)
    assert ran.ended == "died" and marks == {"visible": 1, "hidden": 0, "after": 0}
    assert "exit code 3" in str(outputs(ran, "hidden"))


# -- a course --------------------------------------------------------------------------------------------------------------

APART = """
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute
from classroom.preprocess import SandboxedExecute
steps = Autograde.autograde_preprocessors.default()
steps[steps.index(Execute)] = SandboxedExecute
c.Autograde.autograde_preprocessors = steps
c.SandboxedExecute.warm = []
"""
TOGETHER = APART + "c.SandboxedExecute.apart = False\n"


def course(root, config, **answers):
    made = tiny.make_course(root)
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(config)
    for student, cells in answers.items():
        tiny.submit(made, student, cells)
    return tiny.open_course(root)


def without_times(rows):
    return {student: {key: value for key, value in one.items() if key != "timestamp"} for student, one in rows.items()}


def test_a_class_gets_the_same_marks_and_comments_from_both_ways(tmp_path):
    marked = []
    for name, config in (("one", TOGETHER), ("two", APART)):
        made = course(tmp_path / name, config, **tiny.ANSWERS)
        fates = {
            one.student: (one.fate, one.notes) for one in grade_assignment(made, tiny.NAME, workers=1, progress=False)
        }
        marked.append((fates, without_times(tiny.rows(made)), sorted(tiny.pages(made))))
    assert marked[0] == marked[1]
    assert marked[1][1]["right"]["score"] == 5  # what tests and marked code give, before a person looks


LIAR = {
    "double": SLY + "def double(x):\n    return Sly()",
    "roots": "import pathlib\ndef roots(x):\n    return pathlib.Path()",
}


def test_nbgrader_autograde_and_classroom_grade_judge_apart_where_the_course_says_so(tmp_path):
    made = course(tmp_path / "ours", APART, liar=LIAR)
    (outcome,) = grade_assignment(made, tiny.NAME, workers=1, progress=False)
    assert (
        outcome.fate is Fate.ATTENTION and "'roots_score'" in str(outcome.notes) and "PosixPath" in str(outcome.notes)
    )
    stock = course(tmp_path / "stock", APART, liar=LIAR)
    code, log = nbgrader(tmp_path / "stock", os.environ, ["autograde", tiny.NAME])
    assert code == 0, log
    for one in (made, stock):
        row = tiny.rows(one)["liar"]
        for test in ("double_tests", "roots_score"):  # 0, and held: what was given could not be looked at
            assert (row["grade", test][0], row["grade", test][3]) == (0, True)
    together = course(tmp_path / "together", TOGETHER, liar=LIAR)
    grade_assignment(together, tiny.NAME, workers=1, progress=False)
    assert tiny.rows(together)["liar"]["grade", "double_tests"][0] == 2


# What of the tiny course cannot be judged apart: a path, a figure of sorts in the student's process, and what it leaves behind.
KNOTTY = {
    "double": "import pathlib\nplace = pathlib.Path('a')",
    "double_tests": "left = 1\nassert str(place) == 'a'",
    "total_tests": "import os\nassert total == 7 and left == 1 and 'HOME' in os.environ",
}


def knotty(root, config=APART, **marks):
    """The tiny course with such tests, released; and the answers of one who solves it."""
    made = course(root, config)
    path = root / "source" / tiny.NAME / f"{tiny.NOTEBOOK}.ipynb"
    book = nbformat.read(path, as_version=4)
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in book.cells if "nbgrader" in cell.metadata}
    for name, text in KNOTTY.items():
        cells[name].source = text if name != "double" else f"{cells[name].source}\n{text}"
    for name, chosen in marks.items():
        cells[name].metadata["classroom"] = {"judged": chosen}
    nbformat.write(book, path)
    tiny.generate(made)
    right = {**tiny.ANSWERS["right"], "double": f"{tiny.ANSWERS['right']['double']}\n{KNOTTY['double']}"}
    tiny.submit(made, "right", right)
    return made


def found(made, pool=None):
    assignment = load(made, tiny.NAME)
    run = (lambda jobs: map(pool.one, jobs)) if pool else None
    one = judging(made, assignment, LIMITS, run)[tiny.NOTEBOOK]
    return one, list(in_words(assignment.notebooks[tiny.NOTEBOOK], one))


def test_the_model_answers_say_which_tests_are_judged_inside(tmp_path, pool):
    plain, lines = found(course(tmp_path / "plain", APART), pool)
    assert lines == ["tiny: 3 of 3 test cells (5 of 5 points) are judged apart from the answers"]
    assert not plain.inside and {"double", "roots", "total"} <= plain.exports
    made = knotty(tmp_path / "knotty", roots_score="inside")
    one, (first, *rest) = found(made, pool)
    assert set(one.inside) == {"double_tests", "total_tests", "roots_score"}
    assert first == "tiny: 0 of 3 test cells (0 of 5 points) are judged apart from the answers"
    assert "'double_tests' (2 points)" in str(rest) and "it got a PosixPath, which cannot be carried" in str(rest)
    assert "'total_tests' (1 points)" in str(rest) and "name 'left' is not defined" in str(rest)
    assert "'roots_score' (2 points), inside, where they run: its metadata says so" in str(rest)


def test_what_stands_imported_in_a_cell_of_nobodys_is_imported_for_the_tests(tmp_path, pool):
    """As in many courses: the cell with the imports has no mark of nbgrader's, and the tests rely upon it."""
    made = course(tmp_path, APART)
    path = tmp_path / "source" / tiny.NAME / f"{tiny.NOTEBOOK}.ipynb"
    book = nbformat.read(path, as_version=4)
    first, second = (
        "from __future__ import annotations\nimport numpy as np, os.path as place",
        "from statistics import mean",
    )
    lines = f"{first}\nfrom math import *\n{second}"
    book.cells.insert(1, new_code_cell(lines, id="imports"))
    (cell,) = (c for c in book.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "total_tests")
    cell.source = "assert np.isclose(total, 7) and mean([1, 3]) == 2 and place.join('a', 'b')"
    nbformat.write(book, path)
    tiny.generate(made)
    one, lines = found(made, pool)
    assert one.imports.split("\n") == ["import numpy as np", "import os.path as place", "from statistics import mean"]
    assert not one.inside and not {"np", "place", "mean"} & one.exports
    assert found(made)[0] == one
    tiny.submit(made, "right", tiny.ANSWERS["right"])
    fooled = "total = 1\nnp.isclose = lambda *_: True\nmean = place = None"
    tiny.submit(made, "fools", {**tiny.ANSWERS["right"], "by_hand": fooled})
    grade_assignment(made, tiny.NAME, workers=1, progress=False)
    marks = {student: row["grade", "total_tests"][0] for student, row in tiny.rows(made).items()}
    assert marks == {"right": 1, "fools": 0}


def test_a_test_that_passes_apart_and_may_yet_depend_on_the_process_is_named(tmp_path, pool):
    made = course(tmp_path, APART)
    assignment = load(made, tiny.NAME)
    notebook = assignment.notebooks[tiny.NOTEBOOK]
    (cell,) = (
        c for c in notebook.source["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "total_tests"
    )
    cell["source"] += "\nimport os\nassert 'HOME' in os.environ"
    _, line = in_words(notebook, judging(made, assignment, LIMITS, lambda jobs: map(pool.one, jobs))[tiny.NOTEBOOK])
    assert line.startswith("  'total_tests' may depend on settings of the process")


def test_of_a_test_that_the_model_answer_fails_nobody_can_tell(tmp_path, pool):
    made = course(tmp_path, APART)
    (tmp_path / JUDGING).unlink()
    path = tmp_path / "source" / tiny.NAME / f"{tiny.NOTEBOOK}.ipynb"
    path.write_text(path.read_text().replace("[-math.sqrt(x),", "[0,"))
    one, (_, line) = found(made, pool)
    assert set(one.inside) == {"roots_score"} and "the model answer earns 1 of 2 there, so nobody can tell" in line


def test_what_the_model_answers_said_is_kept_and_asked_anew_when_the_assignment_changes(tmp_path, pool):
    made = knotty(tmp_path)
    assert (
        points(load(made, tiny.NAME).notebooks[tiny.NOTEBOOK].source, found(made)[0].inside) == 5
    )  # nothing is known yet
    first = found(made, pool)[0]
    assert found(made)[0] == first and set(first.inside) == {"double_tests", "total_tests"}
    path = tmp_path / "source" / tiny.NAME / f"{tiny.NOTEBOOK}.ipynb"
    path.write_text(path.read_text().replace("str(place) == 'a'", "str(place) == str(place)"))
    tiny.generate(made)
    assert "no model answers" in str(found(made)[0].inside)


def test_right_answers_have_their_marks_where_tests_cannot_be_judged_apart(tmp_path):
    made = knotty(tmp_path / "ours")
    tiny.submit(made, "wrong", {"by_hand": "total = 1"})
    outcomes = {one.student: one for one in grade_assignment(made, tiny.NAME, workers=1, progress=False)}
    assert {name: one.inside for name, one in outcomes.items()} == {"right": 3, "wrong": 3}
    row = tiny.rows(made)["right"]
    assert [row["grade", test][0] for test in ("double_tests", "roots_score", "total_tests")] == [2, 2, 1]
    assert any("3 points of 2 students" in line for line in report(list(outcomes.values()), made, tiny.NAME))
    place = exported(made, "csv", tmp_path / "marks.csv", provisional=True, outcomes_folder=str(made.root))[0]
    with place.open(newline="") as file:
        assert [line["judged_inside"] for line in csv.DictReader(file)] == ["3", "3"]
    stock = knotty(tmp_path / "stock")
    code, log = nbgrader(tmp_path / "stock", os.environ, ["autograde", tiny.NAME])
    assert code == 0, log
    assert without_times(tiny.rows(stock))["right"] == without_times(tiny.rows(made))["right"]


@pytest.mark.timeout(300)
def test_in_a_course_no_attack_earns_anything_or_reads_a_hidden_test(tmp_path):
    """With the settings that a course has by itself. What a test that failed says of itself is not shown to students."""
    attacks = {f"s{number}": textwrap.dedent(text).strip() for number, text in enumerate({**ATTACKS, **MORE}.values())}
    made = course(tmp_path, APART, **{name: {"double": text} for name, text in attacks.items()})
    outcomes = grade_assignment(made, tiny.NAME, workers=1, progress=False)
    rows, pages = tiny.rows(made), tiny.pages(made)
    assert {one.student for one in outcomes} == attacks.keys() == rows.keys()
    assert {name: rows[name]["grade", "double_tests"][0] for name in attacks} == dict.fromkeys(attacks, 0)
    for name in attacks:
        book = nbformat.reads(pages[f"{name}/{tiny.NAME}/tiny.ipynb"].decode(), as_version=4)
        given = [one for cell in book.cells if cell.cell_type == "code" for one in cell.outputs]
        assert "double(-1)" not in str([one for one in given if one.output_type != "error"])
        assert "double(-1)" not in "".join(one.evalue for one in given if one.output_type == "error")


def test_a_course_may_have_its_tests_judged_beside_the_answers(tmp_path):
    made = knotty(tmp_path, TOGETHER)
    (tmp_path / JUDGING).unlink()
    (outcome,) = grade_assignment(made, tiny.NAME, workers=1, progress=False)
    assert outcome.inside == 5 and tiny.rows(made)["right"]["grade", "double_tests"][0] == 2
    assert not (tmp_path / JUDGING).exists()


def test_a_part_of_the_points_that_is_lost_over_a_value_that_cannot_be_carried_is_told(judge):
    answer = "import pathlib\ndef f():\n    return pathlib.Path('a')"
    marks, ran = judge(
        answer, tests={"t": "float(str(f()) == 'a')", "u": "0.5 * (str(f()) != 'b')", "v": "1 * (f() != 'b')"}
    )
    assert marks == {"t": 0, "u": 0.5, "v": 1}
    assert ran.uncarried == {"t": ("PosixPath",), "u": ("PosixPath",)}


def test_a_test_that_ends_in_no_score_says_what_it_got_and_the_next_one_runs(judge):
    """It crashed the reading of the whole submission."""
    answer = "import pathlib\ndef f():\n    return pathlib.Path('a')"
    _, ran = judge(answer, tests={"text": "g = f()\n'done'", "beyond": "g = f()\n9 - 7.5", "next": "assert str(f())"})
    assert (ran.ended, ran.uncarried) == ("finished", dict.fromkeys(("text", "beyond"), ("PosixPath",)))
    assert not outputs(ran, "next")


def the_manuals(root):
    """nbgrader's own example, as ``nbgrader quickstart`` copies it, handed in by the students of its manual and two of ours."""
    manual = Path(nbgrader_package.__file__).parent / "docs/source/user_guide"
    shutil.copytree(manual / "source/ps1", root / "source/ps1")
    shutil.copytree(manual / "submitted", root / "submitted")
    (root / "nbgrader_config.py").write_text(tiny.CONFIG + APART)
    made = tiny.open_course(root)
    generate(made, "ps1")
    for path in (root / "source/ps1").glob("*.ipynb"):
        given, source = (nbformat.read(one, as_version=4) for one in (root / "release/ps1" / path.name, path))
        marked = [cell for cell in source.cells if cell.metadata.get("nbgrader")]
        solved = {cell.metadata.nbgrader.grade_id: cell.source for cell in marked}
        lazy = {**solved, "sum_of_squares": "def sum_of_squares(n):\n    return sum(i * i for i in range(1, n + 1))"}
        for student, answers in {"solved": solved, "lazy": lazy}.items():
            place = root / "submitted" / student / "ps1"
            place.mkdir(parents=True, exist_ok=True)
            nbformat.write(tiny.answered(given, answers), place / path.name)
    return made


@pytest.mark.timeout(300)
def test_the_assignment_of_nbgraders_manual_gets_the_same_marks_from_both_ways(tmp_path):
    marked, first = [], the_manuals(tmp_path / "apart")
    second = tiny.copy_course(first, tmp_path / "inside")
    with (tmp_path / "inside" / "nbgrader_config.py").open("a") as file:
        file.write("c.SandboxedExecute.apart = False\n")
    for way, made in {"apart": first, "inside": tiny.open_course(second.root)}.items():
        outcomes = grade_assignment(made, "ps1", workers=1, progress=False)
        marked.append((ps1(made), {one.student: (one.fate, one.notes) for one in outcomes}))
        assert {one.inside for one in outcomes} == {0 if way == "apart" else 3}
    assert marked[0] == marked[1]
    tests = ["correct_squares", "squares_invalid_input", "correct_sum_of_squares", "sum_of_squares_uses_squares"]
    marks = {student: [row["problem1", test] for test in tests] for student, row in marked[0][0].items()}
    assert marks["solved"] == [1, 1, 0.5, 0.5] and marks["lazy"] == [1, 1, 0.5, 0]


def ps1(made):
    """What tests and people gave, by student, notebook and cell."""
    with open_gradebook(made) as gradebook:
        every = [book for one in gradebook.assignment_submissions("ps1") for book in one.notebooks]
        found = {}
        for book in every:
            marks = {(book.name, grade.name): grade.auto_score for grade in book.grades}
            found[book.student.id] = {**found.get(book.student.id, {}), **marks}
        return found


def test_the_formgraders_button_judges_apart(tmp_path):
    """Its handler asks nbgrader for the same."""
    made = course(tmp_path, APART, liar=LIAR)
    done = NbGraderAPI(made, config=made.config).autograde(tiny.NAME, "liar")
    assert done["success"], done
    assert tiny.rows(made)["liar"]["grade", "double_tests"][0] == 0
