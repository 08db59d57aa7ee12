"""What a test cell that ran earns: nbgrader's rule, but that what is no score earns nothing by itself."""

import math

from nbformat.notebooknode import NotebookNode
from nbgrader import utils


def no_score(cell: NotebookNode) -> str | None:
    """Why a test cell's outputs earn no score without a person; None when nbgrader's rule may be applied.

    nbgrader gives full marks to a test cell that never ran, and to one whose value is no number, is nan or is negative.
    """
    if cell.cell_type != "code" or not utils.is_grade(cell) or utils.is_solution(cell):
        return None
    if cell.execution_count is None and not cell.outputs and cell.source.strip():
        return "was not run"
    for output in cell.outputs:  # the first output that decides, as in nbgrader.utils.determine_grade
        if output.output_type == "error" or (output.output_type == "stream" and output.name == "stderr"):
            return None
        if output.output_type == "execute_result":
            value = output.data.get("text/plain", "")
            try:
                score = float(value)
            except (TypeError, ValueError):
                score = math.nan
            if 0 <= score <= float(cell.metadata.nbgrader["points"]):
                return None
            return f"ended in {str(value)[:40]!r}, which is not a score"
    return None


def earned(cell: NotebookNode) -> float:
    """What a test cell that ran gives; nothing where a person must decide."""
    return 0.0 if no_score(cell) else float(utils.determine_grade(cell)[0] or 0)
