"""Which tests can be judged apart from the answers: the instructor's model answers, run both ways, say it at release."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import determine_grade

from .assignment import plain, supplements
from .commands import exports, inside, plan
from .course import folder
from .execute import Pool
from .matching import asked_for
from .model import Job, Json, Ran
from .preprocess import SandboxedExecute

# What a test reads or changes in the student's process and does not find, or does in vain, in its own.
_THERE = {
    r"\bplt\.|\bpyplot\b|\bgc[af]\(": "the current figure",
    r"\bmock\b|\bmonkeypatch\b": "what a patch replaces",
    r"\bget_ipython\b|\bIn\[|\bOut\[|^\s*[%!]": "the shell or its history",
    r"\bglobals\(\)|\.__code__\b|\.__globals__\b": "the inside of a function",
    r"\bos\.environ\b|\bset_option\b|\bset_printoptions\b|\bchdir\(": "settings of the process",
    r"\brandom\.seed\(|\bseterr\(|\bsimplefilter\(|\bcatch_warnings\(": "the state of random numbers or warnings",
}
WISH = 'set "classroom": {"judged": "inside"} in its metadata, or let it compare plain values'


def check(course: CourseDirectory, name: str) -> Iterator[str]:
    """For each notebook of an assignment, in words: how many of its tests are judged apart, and which of them should not be."""
    jail, limits, unsafe = SandboxedExecute.settings(course.config)
    files = supplements(course, name)
    with Pool(1, limits, unsafe, jail) as pool:
        for path in sorted(folder(course, "source", name).glob("*.ipynb")):
            source = plain(nbformat.read(path, as_version=4))
            answers = [cell["source"] for _, kind, cell in plan(source) if kind == "student"]
            where = exports(source), inside(source), frozenset(files)
            job = Job(f"{name}/{path.stem}", source, files, limits, asked_for(answers), *where)
            yield from _told(path, source, pool.one(replace(job, exports=None)), pool.one(job))


def _told(path: Path, source: Json, one: Ran, two: Ran) -> Iterator[str]:
    within, tests = inside(source), {}
    for index, kind, cell in plan(source):
        if kind == "test":
            tests[index] = cell
    points = {index: cell["metadata"]["nbgrader"].get("points") or 0 for index, cell in tests.items()}
    apart = [index for index, cell in tests.items() if _name(cell) not in within]
    there = "".join(f"; {_name(cell)!r} is judged inside" for cell in tests.values() if _name(cell) in within)
    earned = sum(points[index] for index in apart)
    yield (
        f"{path.stem}: {len(apart)} of {len(tests)} test cells ({earned:g} of {sum(points.values()):g} points) are judged "
        f"apart from the answers{there}"
    )
    for index in apart:
        name, (beside, alone) = _name(tests[index]), (_mark(ran, index) for ran in (one, two))
        if beside != alone:
            kinds = two.uncarried.get(name)
            why = f"it got a {', '.join(kinds)}, which cannot be carried" if kinds else _last(two, index)
            yield f"  {name!r}: the model answer earns {beside:g} beside it and {alone:g} apart ({why}): {WISH}"
            continue
        reasons = [what for pattern, what in _THERE.items() if re.search(pattern, tests[index]["source"], re.MULTILINE)]
        for what in reasons:
            yield f"  {name!r} may depend on {what}, which is not the student's where it runs: look, and if so, {WISH}"


def _name(cell: Json) -> str:
    return str(cell["metadata"]["nbgrader"].get("grade_id"))


def _mark(ran: Ran, index: int) -> float:
    return float(determine_grade(nbformat.from_dict(ran.notebook["cells"][index]))[0] or 0)


def _last(ran: Ran, index: int) -> str:
    errors: list[Any] = [
        output for output in ran.notebook["cells"][index]["outputs"] if output["output_type"] == "error"
    ]
    return f"{errors[-1]['ename']}: {errors[-1]['evalue']}"[:300] if errors else "it says nothing"
