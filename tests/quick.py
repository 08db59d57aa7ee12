"""What the author of a chapter needs while writing: ``make quick NAME=05_inequality`` checks that chapter in less than a minute.

Form and typed numbers, what the chapter lacks in any room, methods, charts, model answers, the answer bank, and nbval on the
chapter and its exercise. No book is built and no browser starts: that is what ``make test`` does.
"""

import os
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CHOSEN = "QUICK_CHAPTER"  # in the environment: the chapter whose tests run
# What serves all chapters; of it runs what names this one, or none.
SHARED = [
    "tests/notebooks/test_form.py",
    "tests/exercises/test_bank.py",
    "tests/exercises/test_exercise.py",
    "tests/exercises/test_names.py",
    "tests/test_house.py",
]


def selected(name: str, root: Path = ROOT) -> list[str]:
    """What pytest runs for a chapter: the files that are there yet. ``ValueError`` for a name that no chapter has."""
    chapters = sorted(path.stem for path in root.glob("chapters/*.ipynb"))
    if name not in chapters:
        raise ValueError(f"NAME={name}: there is no chapters/{name}.ipynb; the chapters are {', '.join(chapters)}")
    idea = name[3:]
    wanted = [
        f"chapters/{name}.ipynb",
        f"exercises/{name}/{name}.ipynb",
        f"tests/methods/test_{idea}.py",
        f"tests/library/test_drawings_{idea}.py",
        f"tests/exercises/test_models_{idea}.py",
    ]
    return [path for path in wanted if (root / path).exists()]


def main(name: str) -> int:
    try:
        files = selected(name)
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 2
    os.environ[CHOSEN] = name
    # The plug-in is named, not passed: pytest's workers load it, too.
    options = ["-q", "-n", "2", "--dist", "worksteal", "--nbval", "-p", "no:cacheprovider", "-p", "tests.quick"]
    return pytest.main([*options, *files, *SHARED])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves out, of the files that serve all chapters, what is about another one."""
    name = os.environ[CHOSEN]
    others = {path.stem for path in ROOT.glob("chapters/*.ipynb")} - {name}
    about = re.compile("|".join(sorted(others | {other[3:] for other in others})))
    items[:] = [item for item in items if not _leave_out(item.nodeid, about)]


def _leave_out(nodeid: str, about: re.Pattern[str]) -> bool:
    file, _, test = nodeid.partition("::")
    return file in SHARED and about.search(test) is not None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
