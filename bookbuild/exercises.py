"""The student edition of an exercise, to download from its chapter.

A chapter links to ``../release/05_inequality/05_inequality.ipynb``, where ``make release`` puts it. In the book the
link leads to the same file, made by stock nbgrader from ``exercises/05_inequality/`` while the book is built.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform

from .places import warn

_LINK = re.compile(r"(?:^|/)release/(?P<name>\w+)/(?P=name)(?:\.ipynb)?$")


class NoEdition(Exception):
    """The student edition could not be made; the text says why."""


def student_edition(root: Path, name: str, cache_folder: Path) -> Path:
    """The path of the student edition of an exercise, made anew only when its source or the settings changed."""
    source, settings = root / "exercises" / name / f"{name}.ipynb", root / "nbgrader_config.py"
    if not source.exists():
        raise NoEdition(f"there is no exercises/{name}/{name}.ipynb")
    digest = hashlib.sha256(source.read_bytes())
    for path in [settings, *sorted((root / "classroom").rglob("*.py"))]:
        if path.exists():
            digest.update(path.read_bytes())
    made = cache_folder / f"{name}-{digest.hexdigest()[:16]}.ipynb"
    if made.exists():
        return made
    releases = cache_folder / "release"
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", name, "--create", "--force", "--no-db"]
    command.append(f"--CourseDirectory.release_directory={releases}")
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    released = releases / name / source.name
    if done.returncode or not released.exists():
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise NoEdition(f"nbgrader could not make the student edition: {last}")
    shutil.copy2(released, made)
    shutil.rmtree(releases)
    return made


class ExerciseLinks(SphinxTransform):
    """Links to ``release/…`` -> downloads."""

    default_priority = 520

    def apply(self, **_: Any) -> None:
        for link in list(self.document.findall(addnodes.pending_xref)):
            match = _LINK.search(link.get("reftarget", ""))
            if not match:
                continue
            name, env = match["name"], self.env
            env.note_dependency(f"exercises/{name}/{name}.ipynb")
            try:
                made = student_edition(Path(env.srcdir), name, Path(env.doctreedir) / "exercises")
            except NoEdition as error:
                warn(env, link, f"the link to the exercise {name!r} leads nowhere: {error}")
                continue
            editions(env)[name] = str(made)
            up = "../" * env.docname.count("/")
            new = nodes.reference("", "", *link.children, refuri=f"{up}exercises/{name}.ipynb", internal=True)
            link.replace_self(new)


def editions(env: BuildEnvironment) -> dict[str, str]:
    """Name -> path of each student edition that the book links to."""
    if not hasattr(env, "bookbuild_editions"):
        env.bookbuild_editions = {}
    return env.bookbuild_editions


def _publish(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    for name, path in editions(app.env).items():
        target = Path(app.outdir) / "exercises" / f"{name}.ipynb"
        if not target.exists() or target.read_bytes() != Path(path).read_bytes():
            target.parent.mkdir(exist_ok=True)
            shutil.copy2(path, target)


def setup(app: Sphinx) -> None:
    app.add_transform(ExerciseLinks)
    app.connect("build-finished", _publish)
