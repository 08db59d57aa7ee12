"""Keeps the method library shut while a submission is graded: the mark is for the student's own function.

Where the grader's sandbox runs (``nbgrader_config.py`` of this course), student code sees one sentence in the place of
each method module (:func:`closed`), however it asks: by import or reload, by path, in another process, with or without
the variable by which nbgrader says that it is grading. Without the sandbox the modules go by that variable, as it is and,
on Linux, as it was when the process started: a new process without it finds them open. Nothing keeps a student from
copying a module's source at home into the notebook; that is for whoever reads the answers to see.
"""

import os
from pathlib import Path

VARIABLE = "NBGRADER_EXECUTION"
_CALL = "refuse_while_grading(__name__)"


def refuse_while_grading(module: str) -> None:
    """Stop the import of ``module`` when nbgrader is running the notebook.

    Every method module calls it, as ``refuse_while_grading(__name__)``, before it defines anything. nbgrader sets the
    environment variable ``NBGRADER_EXECUTION`` to "autograde" or "validate" while it executes a notebook; data, charts
    and tables stay open then.

    Raises
    ------
    ImportError
        While ``NBGRADER_EXECUTION`` is set to anything but the empty string, or was when this process started.
    """
    if os.environ.get(VARIABLE) or _was_set():
        raise ImportError(_sentence(module))


def closed(package: Path) -> dict[str, str]:
    """What student code may see in the place of each method module of ``package`` (a folder): path -> source."""
    modules = (path for path in sorted(package.glob("*.py")) if f"\n{_CALL}\n" in path.read_text(encoding="utf-8"))
    return {str(path): f"raise ImportError({_sentence(f'{package.name}.{path.stem}')!r})\n" for path in modules}


def _was_set() -> bool:
    """Whether the process started with the variable, even if it was taken away since. Only Linux tells."""
    try:
        began = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    name = VARIABLE.encode() + b"="
    return any(line.startswith(name) and line != name for line in began)


def _sentence(module: str) -> str:
    return (
        f"{module} is closed while an exercise is graded: write it yourself; compare with the library afterwards. "
        "Take the import out of your notebook and use the functions that you wrote above."
    )
