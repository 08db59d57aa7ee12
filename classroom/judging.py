"""Which tests are judged apart from the answers, and which inside, where the answers run: the model answers say it.

A test that needs what only the student's process has (a figure, the shell, something patched) would fail every student
apart. So the instructor's model answers are run both ways, at release, or when an assignment is first graded, and a test
from which they earn less apart, or not all points anyway, is judged inside. What was found is kept in one file of the
course, and holds as long as the tests and the files beside them are as they were. ``"classroom": {"judged": "inside"}``
in a test's metadata decides it without them.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.coursedir import CourseDirectory

from .assignment import hashed, plain
from .commands import exports, imports, inside, is_python, test_cells
from .course import folder
from .disk import write_file
from .marks import earned
from .matching import asks
from .model import Assignment, Job, Json, Limits, Notebook, Ran

JUDGING = "classroom-judging.jsonl"
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
CHOSEN = "its metadata says so"
KERNEL = "the notebook runs in a kernel of its own"
UNKNOWN = "there are no model answers to try it with"
TOGETHER = "beside tests that are judged inside, the model answers earn less"

Run = Callable[[Iterable[Job]], Iterable[Ran]]  # what runs jobs; results in any order


@dataclass(frozen=True)
class Judging:
    """Where the tests of one notebook are judged.

    ``exports`` are the names that tests which are judged apart may ask the student's process for; ``inside`` the tests, by
    grade id, that are judged where the answers run, and why; ``imports`` what tests import for themselves.
    """

    exports: frozenset[str]
    inside: Mapping[str, str]
    imports: str = ""

    def of(self, job: Job, assignment: Assignment) -> Job:
        """A job with what it says; one process is enough where no test is judged apart."""
        if all(name in self.inside for name in _tests(job.notebook)):
            return job
        supplied = frozenset(assignment.files)
        where = {"exports": self.exports, "inside": frozenset(self.inside), "imports": self.imports}
        return replace(job, supplied=supplied, **where)


def judging(
    course: CourseDirectory, assignment: Assignment, limits: Limits, run: Run | None, *, anew: bool = False
) -> dict[str, Judging]:
    """For each notebook of an assignment, where its tests are judged.

    ``run`` tries it with the model answers, if that has not been done, or is to be done ``anew``. Without it, or without
    model answers, a notebook of which nothing is known is judged inside.
    """
    path = Path(course.root) / JUDGING
    rows, found, new = _read(path), {}, False
    for name, notebook in assignment.notebooks.items():
        key = assignment.name, name
        digest = _digest(notebook, assignment)
        known = rows.get(key, {})
        if known.get("digest") == digest and not anew:
            found[name] = Judging(frozenset(known["exports"]), known["inside"], known["imports"])
            continue
        solved = model(notebook, folder(course, "source", assignment.name) / f"{name}.ipynb")
        if not is_python(notebook.source):
            found[name] = Judging(frozenset(), dict.fromkeys(_tests(notebook.source), KERNEL))
        elif solved is None or run is None:
            found[name] = Judging(exports(notebook.source), dict.fromkeys(_tests(notebook.source), UNKNOWN))
        else:
            found[name] = tried(assignment, notebook, solved, limits, run)
            rows[key] = {
                **{"assignment": assignment.name, "notebook": name, "digest": digest},
                **{"exports": sorted(found[name].exports), "inside": dict(found[name].inside)},
                "points": [points(notebook.source, found[name].inside), sum(_worth(notebook.source).values())],
                "imports": found[name].imports,
            }
            new = True
    if new:
        write_file(path, b"".join(json.dumps(row).encode() + b"\n" for row in rows.values()))
    return found


def in_short(course: CourseDirectory) -> Iterator[str]:
    """For each notebook whose model answers have been tried, how much is judged inside."""
    for (assignment, name), row in sorted(_read(Path(course.root) / JUDGING).items()):
        within, every = row["points"]
        yield f"{assignment}/{name}: {within:g} of {every:g} points are judged inside, where the answers run"


def _read(path: Path) -> dict[tuple[str, str], Json]:
    rows = {}
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            row = json.loads(line)
            row |= {
                "exports": list(row["exports"]),
                "inside": dict(row["inside"]),
                "points": [*map(float, row["points"])],
                "imports": str(row["imports"]),
            }
            rows[row["assignment"], row["notebook"]] = row
    return rows


def _digest(notebook: Notebook, assignment: Assignment) -> str:
    """A digest of what the model answers were tried with: every cell as it was generated, and the files beside them."""
    return hashed(hashlib.sha256(json.dumps(notebook.source, sort_keys=True).encode()), assignment.files).hexdigest()


def model(notebook: Notebook, path: Path) -> Json | None:
    """A notebook as it was generated, tests and all, with the answers of the instructor's own; None if that is not there."""
    if not path.is_file():
        return None
    solved, answers = plain(notebook.source), {}
    for cell in nbformat.read(path, as_version=4).cells:
        if _role(cell).get("solution"):
            answers[_role(cell).get("grade_id")] = cell["source"]
    for cell in solved["cells"]:
        if _role(cell).get("solution"):
            cell["source"] = answers.get(_role(cell).get("grade_id"), cell["source"])
    return solved


def tried(assignment: Assignment, notebook: Notebook, solved: Json, limits: Limits, run: Run) -> Judging:
    """Runs the model answers beside the tests, then apart from them, until they earn the same."""
    files, asked, tests = dict(assignment.files), asks(notebook.release), _tests(solved)
    own = {name: line for name, line in imports(notebook.source).items() if name not in asked}
    names, lines = exports(solved) - own.keys(), "\n".join(dict.fromkeys(own.values()))
    job = Job(f"{assignment.name}/{notebook.name}", solved, files, limits, asked)
    within = {name: CHOSEN for name in tests if name in inside(solved)}
    (beside,) = run([job])
    for name, most in _worth(solved).items():
        if (mark := _mark(beside, tests[name])) < most:
            within.setdefault(name, f"the model answer earns {mark:g} of {most:g} there, so nobody can tell")
    while not all(name in within for name in tests):
        (alone,) = run([Judging(names, within, lines).of(job, assignment)])
        lost = [name for name, place in tests.items() if _mark(beside, place) > _mark(alone, place)]
        new = [name for name in lost if name not in within]
        if lost and not new:  # a test that is judged inside misses what one that is judged apart leaves behind
            within |= {name: TOGETHER for name in tests if name not in within}
        if not new:
            break
        for name in new if alone.ended == "finished" else new[:1]:
            less = f"{_mark(alone, tests[name]):g} in place of {_mark(beside, tests[name]):g}"
            within[name] = f"apart, the model answer earns {less} ({_why(alone, name, tests[name])})"
    return Judging(names, within, lines)


def in_words(notebook: Notebook, found: Judging) -> Iterator[str]:
    """In words for the instructor: how many tests are judged apart, which are not and why, and which to look at."""
    tests, cells = _tests(notebook.source), notebook.source["cells"]
    worth = _worth(notebook.source)
    alone = [name for name in tests if name not in found.inside]
    yield (
        f"{notebook.name}: {len(alone)} of {len(tests)} test cells ({sum(worth[name] for name in alone):g} of "
        f"{sum(worth.values()):g} points) are judged apart from the answers"
    )
    for why in dict.fromkeys(found.inside[name] for name in tests if name in found.inside):
        names = [name for name in tests if found.inside.get(name) == why]
        few = ", ".join(map(repr, names[:3])) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        yield f"  {few} ({sum(worth[name] for name in names):g} points), inside, where they run: {why}"
    for name in alone:
        for pattern, what in _THERE.items():
            if re.search(pattern, cells[tests[name]]["source"], re.MULTILINE):
                yield f"  {name!r} may depend on {what}, which is not the student's where it runs: look, and if so, {WISH}"


def points(notebook: Json, names: Iterable[str]) -> float:
    """What these test cells of a notebook are worth, by grade id."""
    return sum(points for name, points in _worth(notebook).items() if name in set(names))


def _role(cell: Json) -> Json:
    return cell["metadata"].get("nbgrader") or {}


def _tests(notebook: Json) -> dict[str, int]:
    """Where the test cells are, by grade id."""
    return {name: index for index, name in test_cells(notebook)}


def _worth(notebook: Json) -> dict[str, float]:
    """What the test cells are worth, by grade id."""
    return {name: _role(notebook["cells"][index]).get("points") or 0 for name, index in _tests(notebook).items()}


def _mark(ran: Ran, index: int) -> float:
    return earned(nbformat.from_dict(ran.notebook["cells"][index]))


def _why(ran: Ran, name: str, index: int) -> str:
    if kinds := ran.uncarried.get(name):
        return f"it got a {', '.join(kinds)}, which cannot be carried"
    outputs: list[Any] = ran.notebook["cells"][index]["outputs"]
    errors = [output for output in outputs if output["output_type"] == "error"]
    return f"{errors[-1]['ename']}: {errors[-1]['evalue']}"[:300] if errors else "it says nothing"
