"""What students write: right and wrong answers to every task, and marked papers for the reflection.

One module a chapter, ``answers/NAME.py``, with these names:

``ASSIGNMENT``   the folder in ``exercises/``, such as "05_inequality"
``TASKS``        a :class:`Task` for each function of the exercise
``POINTS``, ``REFLECTION_POINTS``   what the tests and the reflection carry
``CRITERIA``     the rubric of the reflection: criterion -> points
``SAMPLES``      a weak, an adequate and a strong :class:`Sample`, marked

Nothing of it reaches the student edition. The suite marks every answer through the real test cells of the notebook.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent

# Why an answer is wrong. Each task shows the stub and at least three others.
KINDS = {
    "stub": "nothing was written",
    "misconception": "the idea is mistaken",
    "boundary": "off by one, or on the wrong side of a limit",
    "edge": "a special case that the text names was missed",
    "mutates": "the input was changed",
    "constant": "the visible example was typed in",
}


@dataclass(frozen=True)
class Right:
    """An answer that earns every point of its task. ``source`` is the whole solution cell."""

    name: str
    source: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "source", dedent(self.source).strip())


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

    def __post_init__(self) -> None:
        object.__setattr__(self, "source", dedent(self.source).strip())
        if self.kind not in KINDS:
            raise ValueError(f"{self.name}: kind {self.kind!r} is not one of {', '.join(KINDS)}")


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
        return Wrong("nothing written", "stub", source, tuple(self.points), says)


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
