"""Grading a class: stock nbgrader, `classroom grade` and, if it is there, `otter run`, side by side in one run.

    python benchmarks/bench_grading.py                      60 students, as `make bench` runs it
    python benchmarks/bench_grading.py -n 600 --stock 0     how it grows: our grader only
    CLASSROOM_OTTER=/some/venv/bin/otter python benchmarks/bench_grading.py
    CLASSROOM_STOCK=/other/venv/bin/python python benchmarks/bench_grading.py

CLASSROOM_BENCH_EXERCISE names another exercise. CLASSROOM_STOCK is a Python in which nbgrader and jupyterlab were
installed without our pin of jsonschema, as most have it: a row of its own shows what the pin alone gives.

The class is the one that `classroom demo` makes. Time, processor time and memory are measured and printed, never
asserted: a slow machine fails nothing. Processor time is the whole machine's: let it do nothing else. Memory is the
most that all processes together held, each page counted once (PSS). The floor is what cannot be saved: a warm
interpreter forks, and the fork executes the cells.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
NAME = os.environ.get("CLASSROOM_BENCH_EXERCISE", "05_inequality")
STUDENTS = int(os.environ.get("CLASSROOM_BENCH_STUDENTS", "60"))
OTTER = os.environ.get("CLASSROOM_OTTER", "")
UNPINNED = os.environ.get("CLASSROOM_STOCK", "")

# Whatever the course configures, the stock grader is stock.
STOCK = "\nc.Autograde.pop('autograde_preprocessors', None)\n"


@dataclass
class Cost:
    """What grading ``students`` submissions took: seconds by the wall clock and of processors, bytes."""

    title: str
    students: int
    wall: float
    cpu: float
    memory: float = 0.0


def memory_of(process: psutil.Process) -> float:
    """Bytes that a process and all below it hold, shared pages counted once."""
    held = 0
    with contextlib.suppress(psutil.Error):
        for one in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                held += one.memory_full_info().pss
    return held


def busy() -> float:
    """Seconds that the machine's processors have worked: of processes in namespaces of their own nobody else keeps count."""
    times = psutil.cpu_times()
    return times.user + times.nice + times.system


def measure(title: str, students: int, command: list[str], done, **options) -> Cost:
    """Runs a command to its end; ``done()`` counts the students that are graded, for the progress bar."""
    with tempfile.TemporaryFile() as said, tqdm(total=students, desc=f"{title:<28}", unit="student") as bar:
        began, before = time.perf_counter(), busy()
        started = subprocess.Popen(command, stdout=said, stderr=said, **options)
        peak, over = 0.0, threading.Event()

        def watch() -> None:
            nonlocal peak
            process = psutil.Process(started.pid)
            while not over.wait(2):  # to add up memory is work that would be counted
                peak = max(peak, memory_of(process))
                bar.update(max(0, min(done(), students) - bar.n))

        watcher = threading.Thread(target=watch)
        watcher.start()
        _, status = os.waitpid(started.pid, 0)
        wall, cpu = time.perf_counter() - began, busy() - before
        over.set()
        watcher.join()
        started.returncode = os.waitstatus_to_exitcode(status)
        bar.update(students - bar.n)
        if started.returncode not in (0, 1):
            said.seek(0)
            raise SystemExit(f"{title} ended with code {started.returncode}:\n{said.read().decode()[-3000:]}")
    return Cost(title, students, wall, cpu, peak)


def make(folder: Path, students: int) -> Path:
    """The class, ungraded."""
    what = ["--students", str(students), "--assignment", NAME, "--into", folder]
    command = [sys.executable, "-m", "classroom", "--course", ROOT, "demo", *what]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder


def copied(made: Path, name: str, config: str, keep: int | None = None) -> Path:
    """A copy of the class with settings of its own and only the first ``keep`` students."""
    course = made.with_name(name)
    shutil.copytree(made, course)
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(config)
    for extra in sorted((course / "submitted").iterdir())[keep:] if keep is not None else ():
        shutil.rmtree(extra)
    return course


def graded(course: Path):
    return lambda: sum(1 for _ in (course / "autograded").glob(f"*/{NAME}/*.ipynb"))


def lines_graded(course: Path):
    """Our grader keeps a line a student."""
    path = course / "classroom-outcomes.jsonl"
    return lambda: path.read_bytes().count(b"\n") if path.exists() else 0


# --- the floor --------------------------------------------------------------------------------------------------------


def floor(course: Path, workers: int) -> tuple[float, float]:
    """Seconds (wall, processors) to fork and execute the cells of every graded notebook, ``workers`` at a time."""
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    import gc
    import io

    import altair  # noqa: F401
    import numpy  # noqa: F401
    import pandas  # noqa: F401
    import scipy.stats  # noqa: F401

    from integrated_care import charts, datasets, tables  # noqa: F401

    notebooks = [json.loads(path.read_text()) for path in sorted((course / "autograded").glob(f"*/{NAME}/*.ipynb"))]
    codes = [[c["source"] for c in nb["cells"] if c["cell_type"] == "code"] for nb in notebooks]
    gc.collect()
    gc.freeze()
    began, before, running = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN), 0
    for cells in codes:
        if running == workers:
            os.wait()
            running -= 1
        if not os.fork():
            sys.stdout = sys.stderr = io.StringIO()
            names = {"__name__": "__main__"}
            for cell in cells:
                with contextlib.suppress(BaseException):
                    exec("".join(cell), names)
            os._exit(0)
        running += 1
    while running:
        os.wait()
        running -= 1
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, cpu


# --- otter ------------------------------------------------------------------------------------------------------------

OTTER_TEST = """
from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points!r}

@test_case(points={points!r}, hidden=False)
def test_all(env):
    exec({source!r}, env)
"""


def otter_course(course: Path, folder: Path, students: int) -> tuple[Path, list[Path]]:
    """The same exercise for otter: its autograder zip, and submissions without test cells."""
    (folder / "tests").mkdir(parents=True)
    source = json.loads((course / "exercises" / NAME / f"{NAME}.ipynb").read_text())
    for cell in source["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        if about.get("grade") and not about.get("solution"):
            text = OTTER_TEST.format(name=about["grade_id"], points=about["points"], source="".join(cell["source"]))
            (folder / "tests" / f"{about['grade_id']}.py").write_text(text)
    zipped = folder / "autograder.zip"
    command = [OTTER, "generate", "-t", folder / "tests", "-o", zipped]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    submissions = []
    for path in sorted((course / "submitted").glob(f"*/{NAME}/*.ipynb"))[:students]:
        notebook = json.loads(path.read_text())
        notebook["cells"] = [
            cell for cell in notebook["cells"] if not cell["metadata"].get("nbgrader", {}).get("grade")
        ]
        target = folder / "in" / path.parts[-3] / path.name
        target.parent.mkdir(parents=True)
        target.write_text(json.dumps(notebook))
        submissions.append(target)
    return zipped, submissions


def otter(made: Path, folder: Path, students: int) -> Cost:
    """`otter run` on one submission after the other."""
    zipped, submissions = otter_course(made, folder, students)
    script = (
        f"for s in in/*/; do mkdir -p out/$s; {OTTER} run ${{s}}{NAME}.ipynb -a {zipped} -o out/$s >> log 2>&1; done"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = lambda: sum(1 for _ in (folder / "out").glob("in/*/results.json"))  # noqa: E731
    cost = measure("otter run", len(submissions), ["sh", "-c", script], done, cwd=folder, env=environment)
    if done() < len(submissions):
        print(f"otter graded {done()} of {len(submissions)}: {(folder / 'log').read_text()[-500:]}")
    return cost


# --- all of it --------------------------------------------------------------------------------------------------------


def imports(python: str) -> str:
    """Seconds of the import that every kernel and every grader pays, at best of three."""
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run([python, "-c", "import altair, nbformat, jsonschema"], check=True)
        seconds.append(time.perf_counter() - began)
    return f"{min(seconds):.2f} s"


def same_marks(one: Path, other: Path) -> str:
    """How many grades and comments differ between two graded copies of a class."""
    import sqlite3

    query = (
        "select s.student_id, c.name, t.{0} from {1} t join base_cell c on c.id = t.cell_id "
        "join submitted_notebook n on n.id = t.notebook_id join submitted_assignment s on s.id = n.assignment_id"
    )
    rows = []
    for course in (one, other):
        with sqlite3.connect(course / "gradebook.db") as database:
            found = {}
            for what, table in (("auto_score", "grade"), ("needs_manual_grade", "grade"), ("auto_comment", "comment")):
                found |= {(what, *row[:2]): row[2] for row in database.execute(query.format(what, table))}
            rows.append(found)
    shared = rows[0].keys() & rows[1].keys()
    differ = sum(rows[0][key] != rows[1][key] for key in shared)
    return f"{differ} of {len(shared)} scores, flags and comments differ from stock nbgrader's"


def compare(students: int, stock: int, workers: int) -> list[Cost]:
    """Runs everything and prints the table. ``stock`` is how many of the class the slow graders get."""
    autograde = ["-m", "nbgrader", "autograde", NAME, "--quiet"]
    with tempfile.TemporaryDirectory(prefix="bench-grading-") as work:
        print(f"making a class of {students} ...", file=sys.stderr)
        made, costs = make(Path(work) / "made", students), []
        notes = [f"import altair, nbformat: {imports(sys.executable)}"]
        rows = [("nbgrader autograde", "stock", STOCK, sys.executable)]
        if UNPINNED:
            rows.insert(0, ("nbgrader autograde, no pin", "unpinned", STOCK, UNPINNED))
            notes[0] += f"; without the pin of jsonschema: {imports(UNPINNED)}"
        rows.append(("  with SandboxedExecute", "sandboxed", "", sys.executable))  # as the course configures it
        for title, name, config, python in rows if stock else ():
            course = copied(made, name, config, stock)
            path = os.pathsep.join([str(Path(python).parent), os.environ["PATH"]])
            place = {"cwd": course, "env": {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}}
            costs.append(measure(title, stock, [python, *autograde], graded(course), **place))
        if OTTER and stock:
            costs.append(otter(made, Path(work) / "otter", stock))
        for way in ("inside", "apart"):  # tests beside the answers, and in a process of their own
            ours = copied(made, f"ours-{way}", f"\nc.SandboxedExecute.apart = {way == 'apart'}\n")
            command = [
                sys.executable,
                "-m",
                "classroom",
                "--course",
                str(ours),
                "grade",
                NAME,
                "--workers",
                str(workers),
            ]
            costs.append(measure(f"classroom grade, {way}, {workers} at once", students, command, lines_graded(ours)))
            if stock:
                notes.append(f"{way}: {same_marks(ours, made.with_name('stock'))}")
        again = [*command, "--quiet"]
        costs.append(measure("  again, nothing changed", students, again, lines_graded(ours)))
        line = [sys.executable, __file__, "--floor", str(ours), "--workers", str(workers)]
        wall, cpu = json.loads(subprocess.run(line, check=True, capture_output=True, text=True).stdout)
        costs.append(Cost("floor: fork and exec", students, wall, cpu))
    show(costs, notes)
    return costs


def show(costs: list[Cost], notes: list[str]) -> None:
    """The table: per student, and how many times faster than the first line."""
    print(
        f"\n{'':30}{'students':>9}{'wall s':>9}{'s each':>9}{'CPU s each':>12}{'peak MB':>9}{'× wall':>8}{'× CPU':>8}"
    )
    first = costs[0]
    for cost in costs:
        each, cpu = cost.wall / cost.students, cost.cpu / cost.students
        memory = f"{cost.memory / 1e6:.0f}" if cost.memory else ""
        print(
            f"{cost.title:30}{cost.students:>9}{cost.wall:>9.1f}{each:>9.3f}{cpu:>12.3f}{memory:>9}"
            f"{first.wall / first.students / each:>8.1f}{first.cpu / first.students / cpu:>8.1f}"
        )
    print(*notes, f"load of the machine before and during the run: {os.getloadavg()}", sep="\n")


def test_grading_a_class() -> None:
    """Under `make bench`; asserts nothing."""
    compare(STUDENTS, STUDENTS, len(os.sched_getaffinity(0)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", "--students", type=int, default=STUDENTS, help="how large a class (60)")
    parser.add_argument("--stock", type=int, help="how many of them the slow graders get; 0 leaves them out (all)")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)), help="as many as there are cores")
    parser.add_argument("--floor", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.floor:
        print(json.dumps(floor(options.floor, options.workers)))
    else:
        compare(options.students, options.students if options.stock is None else options.stock, options.workers)
