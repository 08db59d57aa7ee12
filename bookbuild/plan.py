"""The plan of the course, and what of it is written: parts, routes, the join of plan and tree.

The plan (``PARTS``, ``ROUTES``) names all fourteen chapters, written or not, with the question that each one asks. What
can be known from a chapter that is in the tree is read from it (:mod:`chapter`): its title, and the hours that its box
*In this chapter* states. So a chapter that lands, or leaves, changes the landing page and the contents by itself.
"""

import contextlib
import csv
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from sphinx.environment import BuildEnvironment

from . import chapter
from .chapter import Chapter


class Planned(NamedTuple):
    """A chapter of the plan; ``read`` and ``solve`` are hours, until the chapter itself says better."""

    title: str
    question: str
    read: float
    solve: float


PARTS: dict[str, dict[int, Planned]] = {
    "Orientation": {
        1: Planned(
            "Reading a policy argument as data",
            "Which sentences of a paper can be checked, and against what?",
            2,
            3,
        ),
    },
    "Governance": {
        2: Planned(
            "Who answers to whom?", "Who may direct, fund and inspect whom, and what if one of them goes?", 3, 3
        ),
        3: Planned("Assurance or improvement?", "Does this month’s number call for action, or for patience?", 3, 4),
        4: Planned("Who decides, who pays?", "What should a region decide by itself, and who bears the cost?", 3, 4),
    },
    "Population health": {
        5: Planned(
            "The most deprived fifth", "Which gap should a board act on, when each measure picks another?", 4, 4
        ),
        6: Planned("Ten kilometres", "How far away is care, and where should the next clinic open?", 3, 4),
        7: Planned(
            "The 30% that may not be there",
            "Did a programme keep people out of hospital, or would they have stayed out anyway?",
            4,
            4,
        ),
        8: Planned("Joining the records", "When are two records one person, and who is lost if we guess?", 3, 4),
    },
    "Co-production": {
        9: Planned("Whose voice?", "Who sits on the panel, who is missing, and can weights mend it?", 3, 4),
        10: Planned(
            "Trust, health workers and discretion",
            "What makes a health worker trusted, and what makes one stay?",
            3,
            4,
        ),
    },
    "Reform instability": {
        11: Planned("The price of reorganising", "What does a reorganisation cost, and when does it pay?", 4, 4),
        12: Planned("Redrawing the map", "What is gained, and what lost, when boards merge?", 3, 4),
        13: Planned("Sustained investment", "What does steady money buy that money in bursts does not?", 4, 4),
    },
    "Capstone": {
        14: Planned(
            "From pilot to nation, from England to Morocco",
            "What can be carried from one place to another, and what must be built anew?",
            4,
            6,
        ),
    },
}
PLAN = {number: chapter for chapters in PARTS.values() for number, chapter in chapters.items()}
PART_OF = {number: part for part, chapters in PARTS.items() for number in chapters}


class Route(NamedTuple):
    name: str
    whom: str
    chapters: list[int]
    leaves: str  # what it leaves out, and what its readers lose by that
    more: bool = False  # whether the reader adds chapters of their own choice


ROUTES = [
    Route(
        "Full course",
        "A term of twelve weeks: every chapter and the capstone.",
        list(PLAN),
        "Nothing. Where weeks are short, give the core tasks and leave those marked further to who wants them.",
    ),
    Route(
        "Health policy",
        "For those who write or read policy: governance, evidence, reform.",
        [1, 2, 4, 5, 7, 9, 11, 13, 14],
        "The workshop of measuring: signals on a ward, distances, records, people followed through time, and maps. What "
        "an argument about policy needs of these comes up again in the chapters that stay.",
    ),
    Route(
        "Short course",
        "One chapter of each part: the argument from end to end.",
        [1, 5, 7, 11, 14],
        "Governance and co-production, so say once in class that both papers give them as much room as inequality and "
        "reform; the claims of those parts are on the page of claims.",
    ),
    Route(
        "Morocco clinic",
        "For teams who build Morocco’s Territorial Health Groups.",
        [1, 2, 4, 6, 9, 10, 14],
        "Most of what happened in England. A team that is to judge a programme should add chapter 7, and one that joins "
        "registers chapter 8.",
    ),
    Route(
        "By yourself",
        "Chapter 1, then whichever question you have today: each chapter explains what it needs.",
        [1],
        "Whatever you like. In each chapter the box Solved task and the core tasks are the shortest way to a skill.",
        more=True,
    ),
]
COMPLETE = "The book is complete"


def standing(ready: Collection[int]) -> str:
    """How far the book has come, in one sentence, from the numbers of the chapters that are written."""
    missing = [number for number in PLAN if number not in ready]
    if not missing:
        return f"{COMPLETE}: {len(PLAN)} chapters of {len(PLAN)}, each with an exercise that marks itself."
    waiting = f"chapter {missing[0]} is" if len(missing) == 1 else f"{len(missing)} are"
    return f"{len(PLAN) - len(missing)} chapters of {len(PLAN)} are complete, each with its exercise; {waiting} still to come."


class Prerequisite(NamedTuple):
    """A row of ``datasets/prerequisites.csv``: ``chapter`` uses an ``idea`` that a ``section`` of ``needs`` explains."""

    chapter: int
    needs: int
    link: str  # "builds on" or "meets again"
    section: str
    idea: str
    through: str


def prerequisites(root: Path) -> list[Prerequisite]:
    """What chapters take from one another, in the order of the table; none in a book without one."""
    path = root / "datasets" / "prerequisites.csv"
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        rows = [Prerequisite(**row) for row in csv.DictReader(file)]
    return [row._replace(chapter=int(row.chapter), needs=int(row.needs)) for row in rows]


class Entry(NamedTuple):
    """A chapter as the plan and the tree know it together; ``docname`` is ``None`` while it is not written."""

    number: int
    part: str
    title: str
    question: str
    read: float  # hours
    solve: float
    docname: str | None
    core: float | None = None  # hours of the exercise's core tasks; ``None`` where nobody says


def written(env: BuildEnvironment) -> list[Chapter]:
    """The chapters that are in the tree, in order."""
    docnames = (docname for docname in env.found_docs if chapter.DOCNAME.search(docname))
    return sorted((chapter.read(Path(env.doc2path(d))) for d in docnames), key=lambda one: (one.number, one.name))


def entries(env: BuildEnvironment) -> dict[int, Entry]:
    """Number -> chapter, in order: all that are planned, and any other that is in the tree."""
    root = Path(env.srcdir)
    found = {n: Entry(n, PART_OF[n], *planned, None) for n, planned in PLAN.items()}
    for one in written(env):
        known = found.get(one.number) or Entry(one.number, "Further chapters", one.docname, "", 0, 0, None)
        read, solve = one.hours or (known.read, known.solve)
        core = None
        with contextlib.suppress(chapter.NotAnExercise, OSError):
            core = chapter.Exercise.read(root / "exercises" / one.name / f"{one.name}.ipynb").core
        found[one.number] = known._replace(
            title=one.title or known.title, read=read, solve=solve, docname=one.docname, core=core
        )
    return dict(sorted(found.items()))


def say(amount: float) -> str:
    """1.5 -> "1½ h"; 0.7 -> "40 min", to the nearest five."""
    if amount < 1:
        return f"{max(5, 5 * round(amount * 12))} min"
    half = round(amount * 2) / 2
    return f"{half:g} h" if half == int(half) else f"{int(half)}½ h"
