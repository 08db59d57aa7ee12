"""nbgrader's settings: the root of the repository is the course, its source directory is ``exercises/``.

Stock nbgrader does everything else; ``nbgrader --help-all`` explains each setting.
"""

from importlib.util import find_spec
from pathlib import Path
from runpy import run_path

from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import ClearSolutions, Execute

from classroom.preprocess import SandboxedExecute
from classroom.sandbox import WARM
from classroom.stubs import NameStubs

c = get_config()  # noqa: F821 (nbgrader puts get_config here)

c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "learning_from_reform"
c.CourseDirectory.source_directory = "exercises"

# The student edition: an unsolved task says which function is missing.
c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("write {function}() first")'}
c.ClearSolutions.text_stub = "*Write your answer here.*"
steps = GenerateAssignment.preprocessors.default()
steps.insert(steps.index(ClearSolutions) + 1, NameStubs)
c.GenerateAssignment.preprocessors = steps

# Students' code runs in a sandbox (`classroom doctor` says how good it is on this machine), forked from an interpreter
# that has imported what the exercises need. Method modules are not warmed: they refuse to load while grading.
graders = list(Autograde.autograde_preprocessors.default_args[0])
graders[graders.index(Execute)] = SandboxedExecute
c.Autograde.autograde_preprocessors = graders
c.SandboxedExecute.warm = [*WARM, "integrated_care.charts", "integrated_care.tables"]
# Found, not imported: the grader itself needs no pandas. The package itself may be read anyway, but for the methods.
package = Path(find_spec("integrated_care").origin).parent
c.SandboxedExecute.read = [str(package.parent / "datasets")]
c.SandboxedExecute.closed = run_path(str(package / "guard.py"))["closed"](package)
c.SandboxedExecute.prime = "import integrated_care as i; [i.load(name) for name in i.names()]"

# Grading: a cell that runs for ever costs its own points only; a test cell that a student deleted comes back.
c.Execute.kernel_name = "python3"
c.Execute.timeout = 30
c.Execute.interrupt_on_timeout = True
c.OverwriteCells.add_missing_cells = True

# Whatever a student wrote, the pages of formgrader and feedback run none of it.
c.HTMLExporter.preprocessors = ["classroom.feedback.Neutralise"]
c.GenerateFeedback.exporter_class = "classroom.feedback.FeedbackExporter"
