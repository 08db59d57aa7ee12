"""For every test: programs of the environment that runs the tests are found (nbgrader calls alembic by name)."""

import os
import sys
from pathlib import Path

os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", "")
