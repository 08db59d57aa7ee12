"""What a graded notebook earned, cell by cell, as the gradebook has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbgrader.api import SubmittedAssignment, SubmittedNotebook


@dataclass(frozen=True)
class Result:
    """What a graded cell earned. ``waits``: a person has still to mark it."""

    score: float | None = None
    points: float | None = None
    comment: str = ""
    waits: bool = False

    @property
    def open(self) -> bool:
        """Whether a person has still to say what it earned."""
        return self.points is not None and (self.waits or self.score is None)

    @property
    def lost(self) -> float:
        """Points that it did not earn; 0 while a person has still to mark it."""
        return 0.0 if self.open or self.points is None else max(0.0, self.points - (self.score or 0.0))


@dataclass(frozen=True)
class Results:
    """What a notebook earned: total, late penalty, and its cells by grade id."""

    assignment: str
    notebook: str
    score: float
    points: float
    late_penalty: float = 0.0
    cells: Mapping[str, Result] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        return sum(cell.waits for cell in self.cells.values())


def results_of(submission: SubmittedAssignment, notebook: SubmittedNotebook) -> Results:
    """The results of one submitted notebook, from the gradebook."""
    cells: dict[str, Result] = {}
    comments = {comment.name: comment.comment or "" for comment in notebook.comments}
    for grade in notebook.grades:
        unmarked = grade.auto_score is None and grade.manual_score is None
        waits = bool(grade.needs_manual_grade or unmarked)
        score = None if unmarked else float(grade.score)
        cells[grade.name] = Result(score, float(grade.max_score), comments.pop(grade.name, ""), waits)
    for name, comment in comments.items():
        cells[name] = Result(comment=comment)
    return Results(
        submission.assignment.name,
        notebook.name,
        float(notebook.score or 0),
        float(notebook.max_score or 0),
        float(notebook.late_submission_penalty or 0),
        cells,
    )
