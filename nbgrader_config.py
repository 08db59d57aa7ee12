"""nbgrader's settings: the root of the repository is the course, its source directory is ``exercises/``.

Stock nbgrader does everything else; ``nbgrader --help-all`` explains each setting.
"""

from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearSolutions

from classroom.stubs import NameStubs

c = get_config()  # noqa: F821 (nbgrader puts get_config here)

c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "learning_from_reform"
c.CourseDirectory.source_directory = "exercises"

# The student edition: an unsolved task says which function is missing.
c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("write {function}() first")'}
c.ClearSolutions.text_stub = "*Write your answer here, about 400 words.*"
steps = GenerateAssignment.preprocessors.default()
steps.insert(steps.index(ClearSolutions) + 1, NameStubs)
c.GenerateAssignment.preprocessors = steps

# Grading: a cell that runs for ever costs its own points only; a test cell that a student deleted comes back.
c.Execute.kernel_name = "python3"
c.Execute.timeout = 30
c.Execute.interrupt_on_timeout = True
c.OverwriteCells.add_missing_cells = True
