"""A class to try things on: students with names, and submissions made from an answer bank.

An answer bank is a Python file, given by its path; it may import from the package that it lies in. It has these names:

``TASKS``    objects with ``function`` (the name that the answer defines), ``points`` (test cell -> points), ``right``
             and ``wrong``: answers with ``name`` and ``source`` (the whole solution cell), the wrong ones also with
             ``loses`` (the test cells that fail)
``SAMPLES``  optional: texts for the written answers, objects with ``text`` and perhaps ``total`` (a person's mark)

Nothing else is asked of it; other names are ignored. The marks of every honest submission are known beforehand.
"""

import copy
import csv
import importlib.util
import json
import random
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from nbgrader.coursedir import CourseDirectory

from classroom.course import KINDS_TABLE, folder, open_course, open_gradebook
from classroom.disk import writing
from classroom.model import Json, Trouble
from classroom.release import generate

KINDS = ("right", "mixed", "partial", "wrong", "empty")
# Of ten students, how many hand in what: a class that looks like one.
SHARES = {"right": 4, "mixed": 2, "partial": 2, "wrong": 1, "empty": 1}

FIRST = """
    Aïcha Amal Anjali Bilal Björn Caoimhe Chloe Daniel Driss Efua Emma Farid Fatima Grace Hamza Hannah Imane Ines Isaac
    Jack Jia Khadija Laila Łukasz Maëlle Mehdi Naïma Nora Olu Omar Priya Rachid Rosa Salma Samuel Siân Tariq
    Thomas Yusuf Zoë
"""
LAST = """
    Abdi Ahmed Alaoui Ali Bello Benali Bennani Berrada Carter Chaudhry Chen Clarke El-Amrani Evans Fassi García Green
    Haddad Hughes Idrissi Jones Kaur Khan Lahlou Lévy MacKay Mensah Müller Nguyen O'Brien Okafor Patel Şahin Santos
    Smith Taylor Tazi Williams Wójcik Ziani
"""


# --------------------------------------------------------------------------------------------------------------- bank


@dataclass(frozen=True)
class Bank:
    """An answer bank that has been looked over: every task has what the protocol asks for."""

    tasks: tuple[Any, ...]
    samples: tuple[Any, ...]


def load_bank(path: Path | str) -> Bank:
    """Load a bank by its path. ValueError names what the protocol misses; FileNotFoundError if there is no such file.

    The bank's code runs here, in this process: it is the instructor's.
    """
    path = Path(path).resolve()
    if not path.is_file():
        raise FileNotFoundError(f"no answer bank at {path}")
    module = _load(path)
    tasks, samples = tuple(getattr(module, "TASKS", ())), tuple(getattr(module, "SAMPLES", ()))
    if not tasks:
        raise ValueError(f"{path.name}: an answer bank needs TASKS, and this file has none")
    for number, task in enumerate(tasks):
        for name in ("function", "points", "right", "wrong"):
            if not hasattr(task, name):
                raise ValueError(f"{path.name}: TASKS[{number}] has no {name!r}")
        if not task.right:
            raise ValueError(f"{path.name}: {task.function} has no right answer")
        for answer in task.wrong:
            if unknown := set(answer.loses) - set(task.points):
                raise ValueError(
                    f"{path.name}: {task.function}, {answer.name!r} loses {sorted(unknown)}, not cells of the task"
                )
    return Bank(tasks, samples)


def bank_of(root: Path, name: str) -> Path:
    """The answer bank of an assignment: the Python file in an ``answers`` folder that has its name or says so."""
    plain = re.sub(r"^\d+_", "", name)  # "inequality.py" is the bank of "05_inequality"
    says = re.compile(rf"^ASSIGNMENT\s*(:.*)?=\s*[\"']{re.escape(name)}[\"']", re.MULTILINE)
    for path in sorted([*root.glob("answers/*.py"), *root.glob("tests/answers/*.py")]):
        if path.stem in (name, plain) or says.search(path.read_text(encoding="utf-8", errors="replace")):
            return path
    raise Trouble(f"no answer bank is called {plain}.py or says ASSIGNMENT = {name!r}; name one with --bank")


def _load(path: Path) -> ModuleType:
    """Import a file without touching ``sys.path``; its folder becomes a private package if it has ``__init__.py``."""
    package, start = "_classroom_bank", path.parent / "__init__.py"
    wanted = [(f"{package}.{path.stem}", path, None)]
    if start.is_file():
        wanted.insert(0, (package, start, [str(path.parent)]))
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]
    for name, file, folders in wanted:
        spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=folders)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return module


# ------------------------------------------------------------------------------------------------------------- faults


def _cells(notebook: Json, **role: Any) -> list[Json]:
    """The cells whose nbgrader metadata has these values."""
    wanted = role.items()
    return [cell for cell in notebook["cells"] if wanted <= cell["metadata"].get("nbgrader", {}).items()]


def _tests(notebook: Json) -> list[Json]:
    return [cell for cell in _cells(notebook, grade=True, solution=False) if cell["cell_type"] == "code"]


def _answers(notebook: Json) -> list[Json]:
    return [cell for cell in _cells(notebook, grade=False, solution=True) if cell["cell_type"] == "code"]


def _dump(notebook: Json) -> bytes:
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _read(path: Path) -> Json:
    """A notebook with every source as one string."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def _schema(version: int) -> Callable[[Json, str], dict[str, bytes]]:
    def fault(notebook: Json, name: str) -> dict[str, bytes]:
        for cell in notebook["cells"]:
            if "nbgrader" in cell["metadata"]:
                cell["metadata"]["nbgrader"]["schema_version"] = version
        return {name: _dump(notebook)}

    return fault


def _duplicated(notebook: Json, name: str) -> dict[str, bytes]:
    first = _tests(notebook)[0]
    notebook["cells"].insert(notebook["cells"].index(first) + 1, copy.deepcopy(first))
    return {name: _dump(notebook)}


def _deleted(notebook: Json, name: str) -> dict[str, bytes]:
    notebook["cells"].remove(_tests(notebook)[0])
    return {name: _dump(notebook)}


def _edited(notebook: Json, name: str) -> dict[str, bytes]:
    _tests(notebook)[0]["source"] = "pass"
    return {name: _dump(notebook)}


def _stripped(notebook: Json, name: str) -> dict[str, bytes]:
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    return {name: _dump(notebook)}


def _idless(notebook: Json, name: str) -> dict[str, bytes]:
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        cell.pop("id", None)
    return {name: _dump(notebook)}


def _old_format(notebook: Json, name: str) -> dict[str, bytes]:
    import nbformat

    return {
        name: nbformat.writes(nbformat.convert(nbformat.from_dict(notebook), 3), version=nbformat.NO_CONVERT).encode(
            "utf-8"
        )
    }


def _future_format(notebook: Json, name: str) -> dict[str, bytes]:
    return {name: _dump({**notebook, "nbformat": 9})}


def _colab(notebook: Json, name: str) -> dict[str, bytes]:
    """What a round trip through Colab leaves: its own metadata, no cell ids but its own, another kernel name."""
    notebook["nbformat_minor"] = 0
    notebook["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    for number, cell in enumerate(notebook["cells"]):
        cell.pop("id", None)
        cell["metadata"] |= {"id": f"c0{number:010d}"}
    return {name: _dump(notebook)}


def _truncated(notebook: Json, name: str) -> dict[str, bytes]:
    whole = _dump(notebook)
    return {name: whole[: len(whole) // 2]}


def _endless(notebook: Json, name: str) -> dict[str, bytes]:
    _answers(notebook)[0]["source"] = "while True:\n    pass"
    return {name: _dump(notebook)}


def _hostile(notebook: Json, name: str) -> dict[str, bytes]:
    """Scripts in text and outputs: for whoever opens the page."""
    script = "<img src=x onerror=\"window.hacked = 'image'\"><script>window.hacked = 'script'</script>"
    notebook["cells"].append({"cell_type": "markdown", "id": "hello", "metadata": {}, "source": script})
    show = f"from IPython.display import HTML\nHTML({script!r})"
    notebook["cells"].append(
        {"cell_type": "code", "id": "show", "metadata": {}, "source": show, "outputs": [], "execution_count": None}
    )
    return {name: _dump(notebook)}


@dataclass(frozen=True)
class Fault:
    """One way in which a submission arrives damaged: what it makes of the notebook, and whether the marks stay known.

    ``keeps`` says which marks a careful grader can still give: "all", all but the first task's ("rest"), or "none".
    """

    about: str
    make: Callable[[Json, str], dict[str, bytes]]
    keeps: str = "all"


FAULTS: Mapping[str, Fault] = {
    "duplicated cell": Fault("a test cell was copied and pasted", _duplicated),
    "old schema": Fault("nbgrader metadata of schema 1", _schema(1)),
    "future schema": Fault("nbgrader metadata of schema 99", _schema(99)),
    "deleted test": Fault("the first test cell was deleted", _deleted),
    "edited test": Fault("the first test cell was replaced by `pass`", _edited),
    "stripped metadata": Fault("an editor threw all cell metadata away", _stripped),
    "no cell ids": Fault("saved by an older Jupyter: no cell ids", _idless),
    "colab": Fault("a round trip through Colab", _colab),
    "notebook format 3": Fault("saved in the format of 2014", _old_format),
    "byte order mark": Fault("UTF-8 with a BOM", lambda nb, name: {name: b"\xef\xbb\xbf" + _dump(nb)}),
    "utf-16": Fault("saved as UTF-16", lambda nb, name: {name: _dump(nb).decode().encode("utf-16")}),
    "latin-1": Fault("saved as Latin-1", lambda nb, name: {name: _dump(nb).decode().encode("latin-1", "replace")}),
    "wrong name": Fault("the file has another name", lambda nb, name: {f"{name[:-6]} (1) final.ipynb": _dump(nb)}),
    "hostile text": Fault("scripts in text and outputs", _hostile),
    "endless loop": Fault("the first answer never ends", _endless, keeps="rest"),
    "future format": Fault("notebook format 9", _future_format, keeps="none"),
    "truncated": Fault("only the start of the file arrived", _truncated, keeps="none"),
    "empty file": Fault("a file of 0 bytes", lambda nb, name: {name: b""}, keeps="none"),
    "not a notebook": Fault("a letter with that name", lambda nb, name: {name: b"Dear professor,\n"}, keeps="none"),
    "no notebook": Fault("no notebook in the folder", lambda nb, name: {"notes.txt": b"see my e-mail\n"}, keeps="none"),
    "nothing handed in": Fault("no folder at all", lambda nb, name: {}, keeps="none"),
}


# -------------------------------------------------------------------------------------------------------------- class


@dataclass(frozen=True)
class Member:
    """A student of the demo class, what is in the submission, and the marks that it should get.

    marks    test cell -> points; None where a fault leaves nothing that a machine can mark
    written  what a person would give the written answer, or None if there is none
    """

    id: str
    first_name: str
    last_name: str
    email: str
    kind: str
    answers: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, float] | None = None
    written: float | None = None
    fault: str = ""


def members(count: int, rng: random.Random) -> Iterator[tuple[str, str, str, str]]:
    """``count`` students as (id, first name, last name, e-mail), no id twice; ids look like a university's."""
    numbers = rng.sample(range(100_000, 1_000_000), count)
    for number in numbers:
        first, last = rng.choice(FIRST.split()), rng.choice(LAST.split())
        plain = re.sub(r"[^a-z]", "", _ascii(last).lower())
        yield f"{_ascii(first)[0].lower()}{plain[0]}{number}", first, last, f"{plain}.{number}@students.example"


def _ascii(name: str) -> str:
    """A name in plain letters, as user names are made of."""
    import unicodedata

    replaced = name.translate({ord("Ł"): "L", ord("ø"): "o"})
    return unicodedata.normalize("NFKD", replaced).encode("ascii", "ignore").decode()


def choose(kind: str, bank: Bank, rng: random.Random) -> dict[str, Any]:
    """Function -> answer of one student; a function that is left out was not tried."""
    answers: dict[str, Any] = {}
    for number, task in enumerate(bank.tasks):
        wrong = [answer for answer in task.wrong if answer.loses] or list(task.right)
        if kind == "right" or (kind == "partial" and number < len(bank.tasks) / 2):
            answers[task.function] = rng.choice(list(task.right))
        elif kind == "wrong":
            answers[task.function] = rng.choice(wrong)
        elif kind == "mixed":
            answers[task.function] = rng.choice(list(task.right) if rng.random() < 0.6 else wrong)
    return answers


def fill(release: Json, bank: Bank, answers: Mapping[str, Any], written: str | None) -> Json:
    """A copy of a release notebook with the answers in its solution cells and a text in its written ones.

    ValueError if an answer's function is defined in no solution cell of the notebook.
    """
    notebook = copy.deepcopy(release)
    solutions = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("solution")]
    for function, answer in answers.items():
        home = re.compile(
            rf"^\s*(async\s+)?(def|class)\s+{re.escape(function)}\b|^{re.escape(function)}\s*=", re.MULTILINE
        )
        cell = next((cell for cell in solutions if cell["cell_type"] == "code" and home.search(cell["source"])), None)
        cell = cell or next((c for c in solutions if c["metadata"]["nbgrader"].get("grade_id") == function), None)
        if cell is None:
            raise ValueError(f"the notebook has no solution cell for {function}")
        cell["source"] = answer.source
    if written is not None:
        for cell in solutions:
            if cell["cell_type"] == "markdown":
                cell["source"] = written
    return notebook


def expected(bank: Bank, answers: Mapping[str, Any]) -> dict[str, float]:
    """Test cell -> points that these answers earn; a task that was not tried earns nothing."""
    points: dict[str, float] = {}
    for task in bank.tasks:
        answer = answers.get(task.function)
        lost = tuple(task.points) if answer is None else getattr(answer, "loses", ())
        points |= {cell: 0.0 if cell in lost else float(most) for cell, most in task.points.items()}
    return points


def copy_course(course: CourseDirectory, name: str, into: Path) -> None:
    """Lay out a course of its own in the folder ``into``: one assignment's source, the course's settings, and the chapters
    to which feedback leads, if it has any.

    A setting that would lead back to the course itself, to its place or its gradebook, is replaced.
    """
    into = into.resolve()
    source = folder(course, "source", name)
    if not source.is_dir():
        raise Trouble(f"there is no assignment {name!r}: {source} does not exist")
    shutil.copytree(source, into / source.relative_to(course.root))
    kinds = source.parent / KINDS_TABLE
    if kinds.is_file():
        shutil.copy(kinds, into / kinds.relative_to(course.root))
    config = Path(course.root) / "nbgrader_config.py"
    if config.exists():
        shutil.copy(config, into)
    chapters = into / "chapters"
    for path in Path(course.root).glob("chapters/*.ipynb"):
        chapters.mkdir(exist_ok=True)
        shutil.copy(path, chapters)
    copied = open_course(into)
    own = {}
    if Path(copied.config.CourseDirectory.get("root", into)).resolve() != into:
        own["root"] = str(into)
    if copied.db_url == course.db_url:
        own["db_url"] = f"sqlite:///{into / 'gradebook.db'}"
    if own:
        with open(into / "nbgrader_config.py", "a", encoding="utf-8") as file:
            file.writelines(f"\nget_config().CourseDirectory.{name} = {value!r}\n" for name, value in own.items())


def new_class(
    course: CourseDirectory,
    name: str,
    into: Path,
    bank: Bank | Path | str,
    students: int,
    seed: int = 0,
    faults: Sequence[str] = (),
) -> list[Member]:
    """A course of its own in the new folder ``into``, with a class (see :func:`make_class`): all of it, or nothing."""
    with writing(into):
        try:
            copy_course(course, name, into)
            return make_class(open_course(into), name, bank, students, seed, faults)
        except BaseException:
            shutil.rmtree(into, ignore_errors=True)
            raise


def make_class(
    course: CourseDirectory | Path | str,
    name: str,
    bank: Bank | Path | str,
    students: int,
    seed: int = 0,
    faults: Sequence[str] = (),
    enrol: bool = True,
) -> list[Member]:
    """Write ``submitted/STUDENT/NAME/`` for a class, enrol it in the gradebook, and say what each student should get.

    The release is generated if it is not there. The first students are honest, one of each of ``KINDS``; then come the
    faults in their order, one student each, on a submission whose answers are all right; the rest is drawn by
    ``SHARES``. The same seed gives the same class. Students who are there already stay; a folder that is in the way
    raises FileExistsError. The roster is also written to ``students.csv`` (for ``nbgrader db student import``).
    """
    course = course if isinstance(course, CourseDirectory) else open_course(course)
    bank = bank if isinstance(bank, Bank) else load_bank(bank)
    if unknown := [fault for fault in faults if fault not in FAULTS]:
        raise ValueError(f"no fault called {unknown[0]!r}; there are: {', '.join(FAULTS)}")
    if students < len(faults) or students < 1:
        raise ValueError(f"{students} students are too few for {len(faults)} faults")
    released = folder(course, "release", name)
    if not any(released.glob("*.ipynb")):
        released = generate(course, name)
    release = {path.name: _read(path) for path in sorted(released.glob("*.ipynb"))}
    rng = random.Random(seed)
    people = list(members(students, rng))
    honest = students - len(faults)
    drawn = rng.choices(list(SHARES), list(SHARES.values()), k=students)
    kinds = [*[(kind, "") for kind in KINDS[:honest]], *[("right", fault) for fault in faults]]
    kinds += [(kind, "") for kind in drawn[len(kinds) :]]
    made = []
    for (student, first, last, email), (kind, fault) in zip(people, kinds, strict=True):
        answers = choose(kind, bank, rng)
        sample = rng.choice(bank.samples) if bank.samples and kind != "empty" else None
        home = folder(course, "submitted", name, student)
        if home.exists():
            raise FileExistsError(f"{home} is there already; a demo class does not overwrite work")
        for file, notebook in release.items():
            own = {
                function: answer
                for function, answer in answers.items()
                if len(release) == 1 or _defines(notebook, function)
            }
            filled = fill(notebook, bank, own, sample.text if sample else None)
            for path, data in (FAULTS[fault].make(filled, file) if fault else {file: _dump(filled)}).items():
                home.mkdir(parents=True, exist_ok=True)
                (home / path).write_bytes(data)
        if fault == "no notebook":
            home.mkdir(parents=True, exist_ok=True)
        known = FAULTS[fault].keeps if fault else "all"
        counted = {task: answer for task, answer in answers.items() if known == "all" or task != bank.tasks[0].function}
        made.append(
            Member(
                student,
                first,
                last,
                email,
                kind,
                {function: answer.name for function, answer in answers.items()},
                expected(bank, counted) if known != "none" else None,
                getattr(sample, "total", None) if known != "none" else None,
                fault,
            )
        )
    with open(Path(course.root, "students.csv"), "w", encoding="utf-8", newline="") as roster:
        rows = csv.writer(roster)
        rows.writerow(["id", "first_name", "last_name", "email"])
        rows.writerows([m.id, m.first_name, m.last_name, m.email] for m in made)
    if enrol:
        enrol_in(course, made)
    return made


def _defines(notebook: Json, function: str) -> bool:
    return any(re.search(rf"\b{re.escape(function)}\b", cell["source"]) for cell in _cells(notebook, solution=True))


def enrol_in(course: CourseDirectory, made: Sequence[Member]) -> None:
    """Put the students on the course's roster, in its gradebook, in one commit."""
    from nbgrader.api import Student

    with open_gradebook(course) as gradebook:
        known = {student.id for student in gradebook.students}
        for m in made:
            if m.id not in known:
                student = Student(id=m.id, first_name=m.first_name, last_name=m.last_name, email=m.email)
                gradebook.db.add(student)
        gradebook.db.commit()
