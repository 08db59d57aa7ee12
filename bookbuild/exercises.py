"""The student edition of an exercise, to start from its chapter.

A chapter links to ``../release/05_inequality/05_inequality.ipynb``, where ``make release`` puts it. In the book the
link leads to the same file, made by stock nbgrader from ``exercises/05_inequality/`` while the book is built. In a chapter
a panel stands below the paragraph with the link: what the exercise asks, for how many points, and the three ways into it
(:mod:`ways`).

``BOOK_SOLUTIONS=yes`` in the environment (``make book SOLUTIONS=yes``) folds the model answers below each task. Such a
copy says on every page that it is not for publishing, and is refused an address.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError
from sphinx.transforms import SphinxTransform

from .chapter import Exercise, NotAnExercise, number_of, solutions
from .places import warn
from .ways import ways

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


def _points(exercise: Exercise) -> str:
    core = exercise.points("core")
    return f"{exercise.points()} points" + (f" (core: {core})" if core else "")


def panel(exercise: Exercise, links: str, answers: dict[str, list[str]] | None = None) -> list[nodes.Node]:
    """What the exercise asks, for how many points, in how long, and the ways into it.

    ``answers``: number of a task -> its model answers, which are folded below it.
    """
    facts = [f"{len(exercise.tasks)} tasks", _points(exercise)]
    facts += [f"about {exercise.time}"] if exercise.time else []
    title, answers = escape(exercise.title), answers or {}
    html = (
        f'<div class="ic-exercise" role="group" aria-label="{title}">'
        f'<p class="ic-exercise-title">{title}</p><p>{escape(", ".join(facts))}</p>'
        f'<p class="ic-ways">{links}</p><details{" open" if answers else ""}><summary>The tasks</summary><ul>'
    )
    out: list[nodes.Node] = []
    for task in exercise.tasks:
        told = ", ".join(filter(None, (f"{task.points} points", task.part)))
        html += f"<li><span>{escape(task.number)}</span> {escape(task.title)} <span>{told}</span>"
        if task.number in answers:
            html += f'<details class="ic-code"><summary>Solution of {escape(task.number)}</summary>'
            code = [nodes.literal_block(text, text, language="python") for text in answers[task.number]]
            out += [nodes.raw("", html, format="html"), *code]
            html = "</details>"
        html += "</li>"
    return [*out, nodes.raw("", f"{html}</ul></details></div>", format="html")]


class ExerciseLinks(SphinxTransform):
    """Links to ``release/…`` -> downloads, and the panel of the exercise below the first."""

    default_priority = 520

    def apply(self, **_: Any) -> None:
        shown: set[str] = set()
        for link in list(self.document.findall(addnodes.pending_xref)):
            match = _LINK.search(link.get("reftarget", ""))
            if not match:
                continue
            name, env = match["name"], self.env
            env.note_dependency(f"exercises/{name}/{name}.ipynb")
            try:
                made = student_edition(Path(env.srcdir), name, Path(env.doctreedir) / "exercises")
                exercise = Exercise.read(made)
            except (NoEdition, NotAnExercise) as error:
                warn(env, link, f"the link to the exercise {name!r} leads nowhere: {error}")
                continue
            editions(env)[name] = str(made)
            up = "../" * env.docname.count("/")
            file = f"{up}exercises/{name}.ipynb"
            paragraph = link
            while not isinstance(paragraph, nodes.paragraph):
                paragraph = paragraph.parent
            link.replace_self(nodes.reference("", "", *link.children, refuri=file, internal=True))
            if name not in shown and number_of(env.docname) is not None:
                shown.add(name)
                links = ways(env.config, f"exercises/{name}/{name}.ipynb", up, file)
                source = Path(env.srcdir) / "exercises" / name / f"{name}.ipynb"
                answers = solutions(source) if env.config.bookbuild_solutions else {}
                below = panel(exercise, " ".join(way.html(f"({exercise.title})") for way in links), answers)
                place = paragraph.parent.index(paragraph) + 1
                paragraph.parent.insert(place, below)


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


def _with_solutions(app: Sphinx, config: Config) -> None:
    """Whether this copy has the solutions; one that has them claims no address."""
    config.bookbuild_solutions = os.environ.get("BOOK_SOLUTIONS") == "yes"
    if config.bookbuild_solutions and (address := os.environ.get("BOOK_URL") or config.html_baseurl):
        raise ConfigError(f"a book with solutions is not for publishing: build it without the address {address}")


def _page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    context["with_solutions"] = app.config.bookbuild_solutions


def setup(app: Sphinx) -> None:
    app.add_config_value("bookbuild_solutions", False, "env", types=[bool])
    app.connect("config-inited", _with_solutions)
    app.connect("html-page-context", _page)
    app.add_transform(ExerciseLinks)
    app.connect("build-finished", _publish)
