"""What students write: right and wrong answers to every task, and marked papers for the reflection.

One module an exercise: ``answers/inequality.py`` has the answers to ``exercises/05_inequality``. What the notebook says is
not said again: a task's test cells and their points are read from there. An answer is a plain function below a decorator::

    BANK = Bank(__file__)
    SII = BANK.task("sii")


    @SII.right("a sum over the groups")
    def sii(rate, pop, deprivation): ...


    @SII.wrong("each group ranked at its end", BOUNDARY, loses="edges", says="at the middle of its share")
    def sii(rate, pop, deprivation): ...


    SII.slip("0 for one group", EDGE, of="a sum over the groups", change={"np.nan": "0"}, says="nan, not 0")

    TASKS = BANK.tasks
    SAMPLES = (Sample("weak", …), Sample("adequate", …), Sample("strong", …))

The functions are never called here: the suite runs their text in the place of the notebook's solution cell.
Nothing of it reaches the student edition.
"""

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import nbformat

ROOT = Path(__file__).resolve().parents[2]
# Every exercise by its name: "inequality" -> exercises/05_inequality/05_inequality.ipynb
NOTEBOOKS = {
    folder.name[3:]: folder / f"{folder.name}.ipynb"
    for folder in sorted((ROOT / "exercises").glob("[0-9][0-9]_*"))
    if folder.is_dir()
}

# Why an answer is wrong. Each task has a wrong answer of every kind but, perhaps, MUTATES.
STUB = "stub"  # nothing was written
MISCONCEPTION = "misconception"  # the idea is mistaken
BOUNDARY = "boundary"  # off by one, or on the wrong side of a limit
EDGE = "edge"  # a special case that the text names was missed
MUTATES = "mutates"  # the input was changed
CONSTANT = "constant"  # the visible example was typed in
KINDS = (STUB, MISCONCEPTION, BOUNDARY, EDGE, MUTATES, CONSTANT)


@dataclass(frozen=True)
class Right:
    """An answer that earns every point of its task. ``source`` is the whole solution cell."""

    name: str
    source: str


@dataclass(frozen=True)
class Wrong:
    """An answer that loses points.

    ``loses`` names the test cells that fail; the other test cells of the task pass. ``says`` is a phrase that a student
    must find in the message of at least one of the cells that fail.
    """

    name: str
    kind: str
    source: str
    loses: tuple[str, ...]
    says: str


@dataclass(frozen=True)
class Task:
    """One function of an exercise; ``points`` maps its test cells to their points."""

    function: str
    points: Mapping[str, int]
    right: tuple[Right, ...]
    wrong: tuple[Wrong, ...]

    @property
    def answers(self) -> tuple[Right | Wrong, ...]:
        return (*self.right, self.stub, *self.wrong)

    @property
    def stub(self) -> Wrong:
        """What a student who does nothing hands in."""
        says = f"write {self.function}() first"
        source = f"def {self.function}(*inputs, **named):\n    raise NotImplementedError({says!r})"
        return Wrong("nothing written", STUB, source, tuple(self.points), says)


@dataclass(frozen=True)
class Sample:
    """A paper for the reflection, and what it deserves: ``marks`` is criterion -> (points, reason)."""

    name: str
    text: str
    marks: Mapping[str, tuple[int, str]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", dedent(self.text).strip())

    @property
    def total(self) -> int:
        return sum(points for points, _ in self.marks.values())


@dataclass(frozen=True)
class Block:
    """One function of an exercise as the notebook has it: its solution cell and the test cells that follow it."""

    function: str
    model: str
    tests: dict[str, str]
    points: dict[str, int]


def blocks(cells: Iterable[nbformat.NotebookNode]) -> dict[str, Block]:
    """The functions of an exercise, in their order."""
    found: dict[str, Block] = {}
    for cell in cells:
        role = cell.metadata.get("nbgrader", {})
        if role.get("solution") and not role.grade:
            block = found[role.grade_id] = Block(role.grade_id, cell.source, {}, {})
        elif role.get("grade") and not role.solution:
            block.tests[role.grade_id], block.points[role.grade_id] = cell.source, role.points
    return found


class Bank:
    """Collects the answers to one exercise. ``file``: the bank's own path; its name says which exercise that is."""

    def __init__(self, file: str) -> None:
        name = Path(file).stem
        if name not in NOTEBOOKS:
            raise ValueError(f"{Path(file).name}: there is no exercises/NN_{name}")
        self._blocks = blocks(nbformat.read(NOTEBOOKS[name], as_version=4).cells)
        self._answers: list[Answers] = []

    def task(self, function: str) -> "Answers":
        """What collects the answers to one function of the exercise."""
        self._answers.append(Answers(function, self._blocks[function].points))
        return self._answers[-1]

    @property
    def tasks(self) -> tuple[Task, ...]:
        return tuple(answers.task for answers in self._answers)


class Answers:
    """Collects the answers to one function, in the order in which the bank adds them.

    A wrong answer ``loses`` its points in test cells that are named by what they add to the function's name: "tests" is
    ``sii_tests``, "edges" ``sii_edges_tests``, "tests edges" both. If nothing is said, it loses them in all cells.
    """

    def __init__(self, function: str, points: Mapping[str, int]) -> None:
        self.function, self.points = function, points
        self._right: list[Right] = []
        self._wrong: list[Wrong] = []
        self._written: dict[str, str] = {}

    @property
    def task(self) -> Task:
        return Task(self.function, self.points, tuple(self._right), tuple(self._wrong))

    def right(self, name: str, *, using: Iterable[str | Callable] = ()) -> Callable:
        """Decorates an answer that earns every point.

        ``using``: what stands above it in its cell, helper functions or texts such as "LEVEL = 0.95".
        A cell that does not end in a function is given as a text: ``SII.right("a lambda")("sii = lambda rate, …")``.
        """

        def add(part: Callable | str) -> Callable | str:
            self._right.append(Right(name, self._write(name, using, part)))
            return part

        return add

    def wrong(
        self, name: str, kind: str, *, says: str, loses: str = "", using: Iterable[str | Callable] = ()
    ) -> Callable:
        """Decorates an answer that loses points; ``using`` as in :meth:`right`."""

        def add(part: Callable | str) -> Callable | str:
            self._wrong.append(Wrong(name, kind, self._write(name, using, part), self._cells(name, loses), says))
            return part

        return add

    def slip(self, name: str, kind: str, *, of: str, change: Mapping[str, str], says: str, loses: str = "") -> None:
        """Adds a wrong answer that differs by a few texts, old -> new, from one that is written out above.

        Each old text stands exactly once in that other answer, which ``of`` names.
        """
        where = f"{self.function}, {name!r}"
        if of not in self._written:
            raise ValueError(f"{where}: no answer called {of!r} is written out above")
        source = self._written[of]
        for old in change:
            if (times := source.count(old)) != 1:
                raise ValueError(f"{where}: {old!r} stands {times} times in {of!r}, and should once")
        changed, times = re.subn("|".join(map(re.escape, change)), lambda found: change[found[0]], source)
        if times != len(change):
            raise ValueError(f"{where}: two of the texts to change overlap in {of!r}")
        self._wrong.append(Wrong(name, kind, changed, self._cells(name, loses), says))

    def _write(self, name: str, using: Iterable[str | Callable], part: str | Callable) -> str:
        self._written[name] = "\n\n\n".join(map(source_of, (*using, part)))
        return self._written[name]

    def _cells(self, name: str, loses: str) -> tuple[str, ...]:
        """The test cells that ``loses`` speaks of, in the notebook's order."""
        short = {cell: cell.removeprefix(f"{self.function}_").removesuffix("_tests") for cell in self.points}
        if unknown := set(loses.split()) - set(short.values()):
            raise ValueError(
                f"{self.function}, {name!r} loses {min(unknown)!r}, not one of {', '.join(short.values())}"
            )
        return tuple(cell for cell in short if not loses or short[cell] in loses.split())


def source_of(part: str | Callable) -> str:
    """The text of a function without its decorators; a text is taken as it is."""
    if isinstance(part, str):
        return dedent(part).strip()
    text = dedent(inspect.getsource(part))
    (definition,) = ast.parse(text).body
    return "\n".join(text.split("\n")[definition.lineno - 1 :]).strip()
