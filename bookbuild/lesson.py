"""The class plan of a chapter: what its author wrote in ``pages/plans/NN_name.md``, joined with the chapter it is for.

What can be read of a chapter and of its exercise (titles, charts, questions, things to try, tasks, hours, needs) is not
written again: a plan names it, by the id of its cell, the words of its heading or the number of its task, and
:meth:`Lesson.problems` says what of that is not there. The plan is the YAML in the file's only block:

    ```{class-plan}
    open: {chart: deciles-chart, ask: Before you show it, …, then: Now show it. …}
    60:                                          # steps: minutes, kind, what it is about, what to do
    - [8, open]
    - [10, teach, "Measure: a gap has two sizes", Work the invented town on the board.]
    - [6, poll, flip]                            # the cell with the box *Check yourself*
    - [8, try, fifths-read]                      # the cell with the box *Try it*
    - [5, show, burden-chart, Whose curve bends most?]
    - [10, solve, "5.1", In pairs.]
    - [8, discuss]
    - [5, close, Read key point 1 aloud.]
    120: […]
    wrong:                                       # what students usually get wrong, task by task
    - ["5.1", They look at one of the two gaps only.]
    discuss: {question: …, sides: [[a position, its case], [another, its case]], end: …}
    home: One sentence on the homework.          # the lists of tasks follow by themselves
    ```

Nothing here knows Sphinx.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from . import chapter
from .chapter import Chapter, Exercise, Spots, Task

FOLDER = "pages/plans"
LENGTHS = (60, 120)  # minutes
KINDS = {
    "open": "Open",
    "teach": "Work through",
    "show": "Show",
    "poll": "Poll",
    "try": "Try it",
    "solve": "Solve",
    "discuss": "Discuss",
    "break": "Break.",
    "close": "Close",
}
ABOUT = {"teach", "show", "poll", "try", "solve"}  # kinds of steps that name a place or a task
WITHOUT_CHOICE = {"open", "discuss", "close"}  # each once in every plan
_BLOCK = re.compile(r"^```\{class-plan\}\n(.*?)^```\s*$", re.DOTALL | re.MULTILINE)


class NotALesson(ValueError):
    """A plan that cannot be read; the text says why."""


class Step(NamedTuple):
    """So many minutes for one thing. ``about`` is a cell, a heading or a task's number; ``say`` what to do with it."""

    minutes: int
    kind: str
    about: str
    say: str


class Opening(NamedTuple):
    """The chart that a class begins with: what to ask before it is shown, and what to do then."""

    chart: str
    ask: str
    then: str


class Debate(NamedTuple):
    """A question on which one can differ, the two positions with their cases, and how to end."""

    question: str
    sides: tuple[tuple[str, str], tuple[str, str]]
    end: str


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str | int | float) or not str(value).strip():
        raise NotALesson(f"{where} must be words, not {value!r}")
    return " ".join(str(value).split())


def _step(value: Any, length: int) -> Step:
    if not isinstance(value, list) or not 2 <= len(value) <= 4:
        raise NotALesson(f"a step of {length} must be [minutes, kind, about, say], not {value!r}")
    minutes, kind, *rest = value
    if not isinstance(minutes, int) or isinstance(minutes, bool) or minutes < 1 or kind not in KINDS:
        raise NotALesson(f"a step of {length} begins with minutes and one of {', '.join(KINDS)}, not {value!r}")
    words = [_text(part, f"a step of {length}") for part in rest]
    if kind not in ABOUT:
        words = ["", *words]
    if (kind in ABOUT and not words) or len(words) > 2:
        raise NotALesson(
            f"a step '{kind}' {'names what it is about' if kind in ABOUT else 'is about nothing else'}: {value!r}"
        )
    return Step(minutes, kind, *(words + [""] * 2)[:2])


def _keys(value: Any, names: set[str], where: str) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != names:
        got = ", ".join(map(str, value)) if isinstance(value, dict) else repr(value)
        raise NotALesson(f"{where} must have exactly {', '.join(sorted(map(str, names)))}; it has {got}")
    return value


@dataclass(frozen=True)
class Lesson:
    """A class plan as its author wrote it."""

    opening: Opening
    steps: dict[int, tuple[Step, ...]]  # 60 and 120 minutes
    wrong: tuple[tuple[str, str], ...]  # (number of a task, what goes wrong)
    debate: Debate
    home: str

    @classmethod
    def of(cls, written: str) -> "Lesson":
        """From the YAML of a plan; NotALesson says what is missing or of the wrong form."""
        try:
            data = yaml.safe_load(written)
        except yaml.YAMLError as error:
            raise NotALesson(f"the plan is no YAML: {' '.join(str(error).split())}") from error
        data = _keys(data, {"open", *LENGTHS, "wrong", "discuss", "home"}, "a class plan")
        opening = _keys(data["open"], {"chart", "ask", "then"}, "open")
        debate = _keys(data["discuss"], {"question", "sides", "end"}, "discuss")
        for key, pairs in (("wrong", data["wrong"]), ("sides", debate["sides"])):
            if not isinstance(pairs, list) or any(not isinstance(pair, list) or len(pair) != 2 for pair in pairs):
                raise NotALesson(f"{key} must be a list of pairs")
        if len(debate["sides"]) != 2:
            raise NotALesson(f"a discussion has two sides, not {len(debate['sides'])}")
        pairs = {
            key: tuple((_text(a, key), _text(b, key)) for a, b in value)
            for key, value in (("wrong", data["wrong"]), ("sides", debate["sides"]))
        }
        return cls(
            Opening(*(_text(opening[key], f"open: {key}") for key in Opening._fields)),
            {length: tuple(_step(step, length) for step in data[length] or []) for length in LENGTHS},
            pairs["wrong"],
            Debate(_text(debate["question"], "discuss"), pairs["sides"], _text(debate["end"], "discuss")),
            _text(data["home"], "home"),
        )

    def problems(self, room: "Room") -> Iterator[str]:
        """What this plan names and its chapter lacks; and minutes that do not add up."""
        tasks = {task.number for task in room.exercise.tasks}
        known = {
            "teach": ("section", set(room.spots.sections)),
            "show": ("chart", set(room.spots.charts)),
            "poll": ("box 'Check yourself' in the cell", set(room.spots.checks)),
            "try": ("box 'Try it' in the cell", set(room.spots.tries)),
            "solve": ("task", tasks),
        }
        if self.opening.chart not in room.spots.charts:
            yield f"open: the chapter has no chart {self.opening.chart!r}; it has {', '.join(room.spots.charts)}"
        for length, steps in self.steps.items():
            total = sum(step.minutes for step in steps)
            if total != length:
                yield f"the steps of {length} minutes add up to {total}"
            kinds = [step.kind for step in steps]
            for kind in sorted(WITHOUT_CHOICE):
                if kinds.count(kind) != 1:
                    yield f"the plan of {length} minutes has '{kind}' {kinds.count(kind)} times, not once"
            for kind in ("poll", "try"):
                if kind not in kinds:
                    yield f"the plan of {length} minutes has no '{kind}'"
            for step in steps:
                if step.kind in known and step.about not in known[step.kind][1]:
                    what, names = known[step.kind]
                    yield f"{length} minutes: there is no {what} {step.about!r}; there are {', '.join(sorted(names))}"
        if not self.wrong:
            yield "wrong: a plan says what students usually get wrong"
        for number, _ in self.wrong:
            if number not in tasks:
                yield f"wrong: the exercise has no task {number}"

    @property
    def words(self) -> list[str]:
        """Every text that its author wrote, one after the other."""
        steps = [step.say for steps in self.steps.values() for step in steps]
        sides = [words for side in self.debate.sides for words in side]
        wrong = [words for _, words in self.wrong]
        return [*self.opening[1:], *steps, *wrong, self.debate.question, *sides, self.debate.end, self.home]


class Room(NamedTuple):
    """A chapter with what a class plan needs of it."""

    chapter: Chapter
    spots: Spots
    exercise: Exercise

    @property
    def title(self) -> str:
        return f"Class plan {self.chapter.number} · {self.chapter.title}"

    def tasks(self, part: str) -> list[Task]:
        """The tasks of the part "core" or "further"."""
        return [task for task in self.exercise.tasks if task.part == part]

    def solve(self, part: str) -> float | None:
        """Hours for the part "core" or "further" of the exercise; ``None`` where it does not say."""
        return self.exercise.hours.get(part)


def room(root: Path, name: str) -> Room:
    """The chapter NN_name of a book and its exercise. FileNotFoundError where one of them is not there."""
    path = root / "chapters" / f"{name}.ipynb"
    return Room(chapter.read(path), chapter.spots(path), Exercise.read(root / "exercises" / name / f"{name}.ipynb"))


def read(root: Path, name: str) -> Lesson:
    """The class plan of the chapter NN_name."""
    path = root / FOLDER / f"{name}.md"
    blocks = _BLOCK.findall(path.read_text(encoding="utf-8"))
    if len(blocks) != 1:
        raise NotALesson(f"{path.name} must hold one block {{class-plan}}, not {len(blocks)}")
    return Lesson.of(blocks[0])
