"""A whole term in one sitting: a class for every exercise of the course, graded, given feedback and exported.

    python benchmarks/term.py                60 students
    python benchmarks/term.py -n 10          fewer

It says what each exercise took (seconds by the clock, processor seconds of the whole machine, the most memory that all
processes together held), what stands in the folder that nobody asked for, and where the marks of the term are, in the
forms that Moodle and Canvas import. Nothing is asserted: a slow machine fails nothing. Let it do nothing else.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_grading import ROOT, Cost, measure

from classroom import demo
from classroom.course import open_course

# What a course that was made, graded and exported consists of.
EXPECTED = {
    "autograded", "chapters", "classroom-judging.jsonl", "classroom-outcomes.jsonl", "exercises", "feedback",
    "gradebook.db", "nbgrader_config.py", "release", "students.csv", "submitted", ".classroom.lock",
}  # fmt: skip


def make(into: Path, names: list[str], students: int) -> None:
    """One course with the same students in every exercise."""
    course = open_course(ROOT)
    for name in names:
        demo.copy_course(course, name, into)
        demo.make_class(into, name, demo.bank_of(ROOT, name), students)


def done(course: Path, name: str):
    """How many submissions of an exercise have been graded."""
    return lambda: sum(1 for _ in (course / "autograded").glob(f"*/{name}/*.ipynb"))


def run(course: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "classroom", "--course", str(course), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=course)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", "--students", type=int, default=60, help="in the class (60)")
    options = parser.parse_args()
    names = sorted(path.name for path in (ROOT / "exercises").iterdir() if (path / f"{path.name}.ipynb").exists())
    with tempfile.TemporaryDirectory(prefix="term-") as folder:
        course = Path(folder, "course")
        course.mkdir()
        make(course, names, options.students)
        scratch = Path(folder, "scratch")  # what a run leaves in its folder for temporary files shows
        scratch.mkdir()
        own = os.environ | {"TMPDIR": str(scratch)}
        costs: list[Cost] = []
        for name in names:
            command = [sys.executable, "-m", "classroom", "--course", str(course), "grade", name, "--quiet"]
            costs.append(measure(name, options.students, command, done(course, name), cwd=course, env=own))
        print(f"\n{'exercise':<22}{'wall s':>8}{'CPU s':>8}{'GB':>6}")
        for cost in costs:
            print(f"{cost.title:<22}{cost.wall:8.1f}{cost.cpu:8.1f}{cost.memory / 2**30:6.2f}")
        wall, cpu, most = sum(c.wall for c in costs), sum(c.cpu for c in costs), max(c.memory for c in costs)
        print(f"{'the term':<22}{wall:8.1f}{cpu:8.1f}{most / 2**30:6.2f}")
        print(f"{len(names)} exercises of {options.students} students in {wall / 60:.1f} minutes")
        for name in names:
            run(course, "feedback", name)
        for to in ("moodle", "canvas"):
            out = Path(folder, f"{to}.csv")
            run(course, "export", "--to", to, "--provisional", "--output", str(out))
            with out.open(newline="", encoding="utf-8-sig") as file:
                rows = list(csv.reader(file))
            print(f"{to}: {len(rows)} rows of {len(rows[0])} columns")
        stray = sorted(path.name for path in course.iterdir() if path.name not in EXPECTED)
        left = sorted(path.name for path in scratch.iterdir())
        print(
            f"beside what was asked for, in the course: {stray or 'nothing'}; among temporary files: {left or 'nothing'}"
        )


if __name__ == "__main__":
    main()
