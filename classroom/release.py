"""The student edition: what students get, in one folder and one zip, with a proof that no answer is in it.

``make_student_edition`` has nbgrader generate the release, gathers it with the chapters, data and environment files
that ``[tool.classroom]`` of the course's ``pyproject.toml`` names, and then looks for every secret in every byte:

* each line of a model answer, of a hidden test and of a mark scheme in the instructor's notebooks,
* each line of the files that ``private`` names (sample answers, answer banks),
* a marker (``BEGIN SOLUTION``) that was left in a notebook.

:mod:`classroom.leaks` says how far it looks.
"""

import ast
import contextlib
import fnmatch
import json
import os
import posixpath
import re
import shutil
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

from classroom.course import find_programs, folder, home, open_course, open_gradebook, silent, unusable
from classroom.disk import bring_back, put_aside, sweep, writing
from classroom.leaks import SHORTEST, Leak, Markers, Secret, find_leaks, squeeze
from classroom.model import Json, Trouble
from classroom.needles import Needles

SHORTEST_PRIVATE = 24  # as SHORTEST: an instructor's own files hold more lines that are common property
EPOCH = (1980, 1, 1, 0, 0, 0)  # the date of every entry of the zip, so that the same course gives the same bytes

INCLUDE = (
    "chapters/**/*.ipynb",
    "datasets/**/*.csv",
    "datasets/**/*.json",
    "requirements*.txt",
    "environment.y*ml",
    "LICENSE*",
)
PRIVATE = ("answers/**/*", "tests/answers/**/*", "solutions/**/*")
NEVER = ("__pycache__", ".ipynb_checkpoints", ".git", ".DS_Store", "Thumbs.db")


# ----------------------------------------------------------------------------------------------------------- settings


@dataclass(frozen=True)
class Settings:
    """What goes into the student edition: ``[tool.classroom]`` in the course's ``pyproject.toml``.

    include   globs relative to the course; "FROM -> TO" puts one file elsewhere
    exclude   globs taken away from it again
    private   globs of files of which no line may get out
    published globs of files that everybody can read anyway, such as the course's library and its chapters: their lines
              (of a notebook those of its cells) are no secrets
    public    regular expressions for lines that are no secrets either
    """

    include: tuple[str, ...] = INCLUDE
    exclude: tuple[str, ...] = ()
    private: tuple[str, ...] = PRIVATE
    published: tuple[str, ...] = ()
    public: tuple[str, ...] = ()

    @classmethod
    def of(cls, root: Path) -> "Settings":
        """The settings of the course in ``root``; ValueError names a key that is not known or not a list of strings."""
        path = root / "pyproject.toml"
        whole = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        table, known = whole.get("tool", {}).get("classroom", {}), ", ".join(cls.__dataclass_fields__)
        for key, value in table.items():
            if key not in cls.__dataclass_fields__:
                raise ValueError(f"pyproject.toml, [tool.classroom]: {key!r} is not one of {known}")
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise ValueError(f"pyproject.toml, [tool.classroom]: {key} must be a list of strings, not {value!r}")
        return cls(**{key: tuple(value) for key, value in table.items()})


# ------------------------------------------------------------------------------------------------------------ secrets


class CannotGenerate(Trouble):
    """nbgrader could not make the release of an assignment; the message has its words."""


class Leaked(Trouble):
    """The student edition was not made, because it would have given something away."""

    def __init__(self, leaks: Sequence[Leak]) -> None:
        self.leaks = tuple(leaks)
        shown = [f"  {leak}" for leak in leaks[:20]]
        more = [f"  and {len(leaks) - 20} more"] if len(leaks) > 20 else []
        count = "a secret line" if len(leaks) == 1 else f"{len(leaks)} secret lines"
        hint = "a line that is no secret can be let out by a pattern in [tool.classroom] public"
        super().__init__("\n".join([f"the student edition would give away {count}:", *shown, *more, hint]))


def _cells(path: Path) -> list[Json]:
    """The cells of a notebook of the course, in any notebook format that nbformat reads."""
    import nbformat

    return nbformat.read(path, as_version=4).cells


def secrets_of(course: CourseDirectory, settings: Settings | None = None) -> list[Secret]:
    """Every line of the course that no student may see, each once.

    No secret is what also stands in the open part of a source notebook or in a published file, an import, a line of fewer
    than ``SHORTEST`` characters (``SHORTEST_PRIVATE`` in private files), or a line that ``settings.public`` matches.
    """
    settings = settings or Settings.of(Path(course.root))
    markers = Markers.of(course.config)
    source, root = home(course, "source"), Path(course.root)
    found: list[tuple[str, str, int]] = []
    open_lines: list[str] = []
    for path in sorted(source.glob("*/*.ipynb")):
        name = path.relative_to(source).as_posix()
        for cell in _cells(path):
            public, fenced = markers.split(cell.source)
            meta = cell.metadata.get("nbgrader", {})
            if meta.get("solution") and not any(what == "model answer" for what, _, _ in fenced):
                # Without a region, nbgrader replaces the whole cell: then all of it is the answer.
                public, fenced = [], [("model answer", n, t) for n, t in enumerate(cell.source.split("\n"), start=1)]
            open_lines += [squeeze(line) for line in public]
            cell_id = meta.get("grade_id") or cell.get("id", "?")
            found += [(f"{what} of {name}, cell {cell_id}, line {n}", line, SHORTEST) for what, n, line in fenced]
    for path in files_of(root, settings.private):
        name = path.relative_to(root).as_posix()
        found += [(f"private file {name}, line {n}", line, SHORTEST_PRIVATE) for n, line in _private_lines(path)]
    for path in files_of(root, settings.published):
        if path.suffix == ".ipynb":
            lines = [line for cell in _cells(path) for line in cell.source.split("\n")]
        else:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        open_lines += map(squeeze, lines)
    public = [re.compile(pattern) for pattern in settings.public]
    secrets: dict[str, Secret] = {}
    for label, line, shortest in found:
        text = squeeze(line)
        common = len(text) < shortest or re.match(r"\s*(from\s+[\w.]+\s+)?import\s", line)
        if not common and not any(pattern.search(line) for pattern in public):
            secrets.setdefault(text, Secret(label, text))
    candidates = list(secrets.values())
    in_the_open = set(Needles(list(secrets)).within("\n".join(open_lines)))
    return [secret for number, secret in enumerate(candidates) if number not in in_the_open]


def _private_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of an instructor-only file; of a notebook, those of its cells; of Python, without its docstring."""
    if path.suffix == ".ipynb":
        for cell in _cells(path):
            yield from enumerate(cell.source.split("\n"), start=1)
        return
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    skip = 0
    if path.suffix == ".py":
        with contextlib.suppress(SyntaxError):
            body = ast.parse(text).body
            if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
                skip = body[0].end_lineno or 0
    for number, line in enumerate(text.split("\n"), start=1):
        if number > skip:
            yield number, line


def files_of(root: Path, globs: Iterable[str], exclude: Iterable[str] = ()) -> list[Path]:
    """The regular files below ``root`` that the globs match, sorted. No links, no hidden files, no caches."""
    found = set()
    for pattern in globs:
        for path in root.glob(pattern):
            inner = path.relative_to(root)
            if any(part in NEVER or part.startswith(".") for part in inner.parts):
                continue
            if any((root / Path(*inner.parts[: n + 1])).is_symlink() for n in range(len(inner.parts))):
                continue
            if path.is_file() and not any(fnmatch.fnmatch(inner.as_posix(), out) for out in exclude):
                found.add(path)
    return sorted(found)


# --------------------------------------------------------------------------------------------------------- the edition


def generate(course: CourseDirectory, name: str) -> Path:
    """Have nbgrader generate the release of one assignment; its folder. Raises CannotGenerate: the earlier one stays."""
    find_programs()
    source, release = folder(course, "source", name), folder(course, "release", name)
    if not source.is_dir():
        known = sorted(path.name for path in source.parent.glob("*") if any(path.glob("*.ipynb")))
        raise FileNotFoundError(f"no assignment {name!r} in {source.parent}; there are: {', '.join(known) or 'none'}")
    with open_gradebook(course):
        pass  # what is wrong with it is said better here
    bring_back(release)
    put_aside(release)
    try:
        with silent():
            result = NbGraderAPI(course, config=course.config).generate_assignment(name, force=True, create=True)
        if not result["success"]:
            raise _not_generated(course, name, f"{result.get('log', '')}\n{result.get('error', '')}")
    except BaseException:
        shutil.rmtree(release, ignore_errors=True)
        with contextlib.suppress(OSError):
            bring_back(release)
        raise
    sweep(release)
    return release


# The last line of a traceback: the exception and what it says.
EXCEPTION = re.compile(r"^\s*(?:\w+\.)*(\w*(?:Error|Exception|Entry|Invalid\w*)): (.+)$", re.MULTILINE)


def _not_generated(course: CourseDirectory, name: str, log: str) -> Trouble:
    """Why nbgrader could not generate an assignment, in a sentence, from what it logged."""
    if found := re.search(r"\((?:\w+\.)*\w*Error\) (.+)", log):  # of the database's
        return unusable(course.db_url, found[1])
    raised = [f"{kind}: {words}" for kind, words in EXCEPTION.findall(log) if kind != "NbGraderException"]
    logged = re.findall(r"^\[(?:ERROR|CRITICAL)\] (?!Traceback)(.+)$", log, re.MULTILINE)
    reason = [*raised, *logged, *(line for line in log.splitlines()[::-1] if line.strip()), "it did not say why"][0]
    source = folder(course, "source", name)
    return CannotGenerate(
        f"nbgrader could not generate {name} from {source} ({reason.strip()}): put that right, then run the same command "
        "again"
    )


def gather(course: CourseDirectory, names: Sequence[str], settings: Settings) -> dict[str, bytes]:
    """The files of the edition, by their path in it: included files where they are, assignments below ``exercises/``.

    That folder is called like the course's source directory, so that links between notebooks still lead somewhere.
    """
    root = Path(course.root)
    files: dict[str, bytes] = {}
    for entry in settings.include:
        pattern, _, target = (part.strip() for part in entry.partition("->"))
        matched = files_of(root, [pattern], settings.exclude)
        if target and len(matched) != 1:
            raise ValueError(f"[tool.classroom] include: {entry!r} must match one file, but it matches {len(matched)}")
        for path in matched:
            files[target or path.relative_to(root).as_posix()] = path.read_bytes()
    home = PurePosixPath(course.source_directory).name or "exercises"
    for name in names:
        made = generate(course, name)
        for path in files_of(made, ["**/*"]):
            files[f"{home}/{name}/{path.relative_to(made).as_posix()}"] = path.read_bytes()
    for name in files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise ValueError(f"[tool.classroom] include: {name!r} is outside the edition")
    release = PurePosixPath(course.release_directory).name
    moved = {f"{release}/{name}/{name}.ipynb": f"{home}/{name}/{name}.ipynb" for name in names}
    for name in files:
        if name.endswith(".ipynb"):
            files[name] = mend_links(name, files[name], set(files), moved, os.environ.get("BOOK_URL", ""))
    return dict(sorted(files.items()))


_LINK = re.compile(r"(?<![!$])\[(?P<words>[^\]\[]+)\]\((?P<target>[^)\s:#]+)(?P<anchor>#[^)\s]*)?\)")


def mend_links(name: str, data: bytes, files: set[str], moved: Mapping[str, str], book: str) -> bytes:
    """A notebook whose links all lead somewhere in the edition.

    A link to what the edition has elsewhere (``moved``) leads there. One to a page of the book leads to ``book``, the
    address where it is published; where that is empty the words stay and the link goes. The rest is left byte for byte.
    """
    folder = posixpath.dirname(name)

    def mend(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, link["target"]))
        if target in files:
            return link[0]
        if target in moved:
            return f"[{link['words']}]({posixpath.relpath(moved[target], folder)}{link['anchor'] or ''})"
        if not book:
            return link["words"]
        page = re.sub(r"\.(md|ipynb)$", ".html", target)
        return f"[{link['words']}]({book.rstrip('/')}/{page}{(link['anchor'] or '').split(',')[0]})"

    notebook, changed = json.loads(data), False
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and (mended := _LINK.sub(mend, text)) != text:
            cell["source"], changed = mended.splitlines(keepends=True), True
    if not changed:
        return data
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def write_zip(files: Mapping[str, bytes], path: Path, top: str) -> None:
    """A zip of ``files`` below the folder ``top``; the same files give the same bytes on any day and machine."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{top}/{name}", EPOCH)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o100644 << 16, 3
            archive.writestr(entry, files[name], compresslevel=9)


def make_student_edition(
    course: CourseDirectory | Path | str, names: Sequence[str], out: Path | str, settings: Settings | None = None
) -> Path:
    """Make ``out/NAME-student.zip`` and the same files in ``out/NAME-student/``; the path of the zip.

    NAME is the course's. Nothing is written to ``out`` unless the leak check passes: it raises :class:`Leaked`, whose
    ``leaks`` name each file, cell and secret, without printing the secret.
    """
    course = course if isinstance(course, CourseDirectory) else open_course(course)
    settings = settings or Settings.of(Path(course.root))
    out, top = Path(out).resolve(), f"{course.course_id or Path(course.root).name}-student"
    files = gather(course, names, settings)
    secrets = secrets_of(course, settings)
    if leaks := find_leaks(files, secrets):
        raise Leaked(leaks)
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    with writing(out), tempfile.TemporaryDirectory(dir=out, prefix=".student-") as work:
        packed = Path(work, "edition.zip")
        write_zip(files, packed, top)
        # Once more over the very bytes that students get.
        if leaks := find_leaks({packed.name: packed.read_bytes()}, secrets):
            raise Leaked(leaks)
        for name, data in files.items():
            path = Path(work, top, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        shutil.rmtree(out / top, ignore_errors=True)
        os.replace(Path(work, top), out / top)
        os.replace(packed, out / f"{top}.zip")
    return out / f"{top}.zip"
