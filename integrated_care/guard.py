"""Keeps the method library shut while a submission is graded: the mark is for the student's own function."""

import os


def refuse_while_grading(module: str) -> None:
    """Stop the import of ``module`` when nbgrader is running the notebook.

    Every method module calls it, as ``refuse_while_grading(__name__)``, before it defines anything. nbgrader sets the
    environment variable ``NBGRADER_EXECUTION`` to "autograde" or "validate" while it executes a notebook; data, charts
    and tables stay open then.

    Raises
    ------
    ImportError
        While ``NBGRADER_EXECUTION`` is set to anything but the empty string.
    """
    if os.environ.get("NBGRADER_EXECUTION"):
        raise ImportError(
            f"{module} is closed while an exercise is graded: write it yourself; compare with the library afterwards. "
            "Take the import out of your notebook and use the functions that you wrote above."
        )
