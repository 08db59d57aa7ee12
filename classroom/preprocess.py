"""Stock nbgrader, made fast and safe: a preprocessor that takes the place of ``nbgrader.preprocessors.Execute``.

In ``nbgrader_config.py``::

    from classroom.preprocess import SandboxedExecute
    from nbgrader.converters import Autograde
    from nbgrader.preprocessors import Execute

    steps = Autograde.autograde_preprocessors.default()
    steps[steps.index(Execute)] = SandboxedExecute
    c.Autograde.autograde_preprocessors = steps

``nbgrader autograde`` and the formgrader's button use it then. ``c.SandboxedExecute`` takes all that ``c.Execute`` takes
(what is set for ``c.Execute`` holds too) and the traits below.

Tests are judged in a process of their own, which no student code enters, but for those that :mod:`classroom.judging`
names. Two more things are then as in ``classroom grade``. A submission with a symbolic link in it (or a pipe, a device, a
second name of a file elsewhere) is refused before nbgrader copies it: the copy would be of what the link leads to. And
marks are held back ("needs manual grade") where there are signs of tampering, where a notebook was stopped early, or
where a cell is still as it was handed out and its answer may stand elsewhere: in another cell, file or notebook. Another
notebook that could be the one to grade is run too, and all marks are held if it earns more or has a text of its own.
"""

import atexit
import contextlib
import functools
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_solution
from traitlets import Bool, Float, Integer, Unicode
from traitlets import Dict as DictTrait
from traitlets import List as ListTrait
from traitlets.config import Config

from .assignment import AssignmentError, load
from .course import shown_path
from .decisions import Decisions
from .displaced import Handout, not_run, spare
from .execute import Pool
from .intake import intake
from .judging import judging
from .matching import asked_for
from .model import Accepted, Assignment, Found, Job, Limits, Ran, Refused
from .record import UNCARRIED, hold, rivals, which_of
from .sandbox import WARM, Jail
from .submission import printable, read_submission


class SandboxedExecute(Execute):
    """Executes a submission in a jailed interpreter, forked from a warm one, with the outputs that a kernel gives."""

    unsafe = Bool(False, help="Execute even if this machine cannot hold student code back.").tag(config=True)
    warm = ListTrait(
        Unicode(),
        list(WARM),
        help="Modules that are imported once, before the first submission that names their package.",
    ).tag(config=True)
    read = ListTrait(
        Unicode(), [], help="Files and folders, besides Python itself, that student code may read. Not the course."
    ).tag(config=True)
    closed = DictTrait(
        help="Files in whose place student code sees other text, by path: methods that students are to write."
    ).tag(config=True)
    kernel = Bool(
        False, help="Execute in the notebook's own kernel. A notebook cannot ask for that itself: it is a student's."
    ).tag(config=True)
    apart = Bool(
        True,
        help="Run tests in a process of their own, which no student code enters; those that cannot are judged inside.",
    ).tag(config=True)
    prime = Unicode("", help="Python that runs once before them, for instance to fill caches.").tag(config=True)
    seconds = Float(Limits.seconds, help="The most that one notebook may take in all.").tag(config=True)
    memory = Integer(Limits.memory, help="Bytes of memory that one notebook may use.").tag(config=True)
    processes = Integer(Limits.processes, help="Processes and threads that one notebook may have.").tag(config=True)
    file_size = Integer(Limits.file_size, help="Bytes that one file may grow to.").tag(config=True)
    output = Integer(Limits.output, help="Bytes of output that are kept.").tag(config=True)

    @classmethod
    def settings(cls, config: Config) -> "tuple[Jail, Limits, bool]":
        """The jail, the limits and ``unsafe`` that a course's nbgrader configuration asks for."""
        step = cls(config=config)
        return step.jail(), step.limits(), step.unsafe

    @classmethod
    def judges_apart(cls, config: Config) -> bool:
        """Whether a course's nbgrader configuration wants tests in a process of their own."""
        return cls(config=config).apart

    def jail(self) -> Jail:
        """What the traits say about reading."""
        return Jail(tuple(self.warm), tuple(self.read), self.prime, tuple(sorted(self.closed.items())))

    def limits(self) -> Limits:
        """What the traits say about limits; ``timeout`` is nbgrader's name for the seconds of a cell."""
        return Limits(
            cell_seconds=float(self.timeout or self.seconds),
            seconds=self.seconds,
            memory=self.memory,
            processes=self.processes,
            file_size=self.file_size,
            output=self.output,
        )

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict | None = None, km: object = None
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Execute ``nb`` with the files beside it; its own copy of them, so that nothing that it writes stays."""
        resources = resources if resources is not None else ResourcesDict()
        folder = resources.get("metadata", {}).get("path") or os.getcwd()
        names = resources.get("nbgrader") or {}
        key = "/".join(str(names[name]) for name in ("student", "assignment", "notebook") if name in names)
        for answer in _ours_to_say(nb, self.kernel):
            self.log.warning("%s: the answer %r was tagged skip-execution; it is run all the same", key, answer)
        files = _files(Path(folder))
        place = names.get("db_url"), names.get("assignment"), names.get("student")
        name = str(names.get("notebook"))
        given, costs, pool = _given.get(place), set(), _pool(self.jail(), self.unsafe)
        found = given.found(name) if given else []
        told = [f"as handed out: {', '.join(one.answers)}; {one.where} may be the answer" for one in found]
        spared = _spare(nb, given.handout(name)) if given and given.handout(name) else {}
        for note in told:
            self.log.warning("Held back, %s: %s", key, note)
        costs.update(cost for one in found for cost in one.costs)
        _not_empty(nb, [answer for one in found for answer in one.answers])
        known = given.released.notebooks.get(name) if given and given.released else None
        job = Job(key or "notebook", nb, files, self.limits(), _asks(names))
        if self.apart and known:
            where = judging(given.course, given.released, self.limits(), lambda jobs: map(pool.one, jobs))
            job = where[name].of(job, given.released)
        elif self.apart:
            self.log.warning("%s: the released notebook is not there; tests run where the answers run", key)
        ran = pool.one(job)
        costs.update(ran.uncarried)
        told += (f"{test!r}: {UNCARRIED.format(', '.join(kinds))}" for test, kinds in ran.uncarried.items())
        if given:
            questions = [*given.questions(), *self._rivals(given, name, nb, ran, job, pool)]
            for question in questions:
                self.log.error("Held back, %s: %s", key, question)
            if questions:
                costs.add(ALL)
            told += questions
        self.nb, self.resources = _with_evidence(ran, told), resources
        for at, note in spared.items():
            self.log.warning("In %s: %s", ran.key, note)
            self.nb.cells[at].outputs = [NotebookNode(output_type="stream", name="stdout", text=f"{note}\n")]
        for line in ran.tampering:
            self.log.error("Held back, %s: %s", ran.key, line)
        if ran.ended != "finished":
            self.log.error("Execution of %s stopped early (%s)", ran.key, ran.ended)
        for line in ran.seen:
            self.log.info("%s: %s", ran.key, line)
        _ran[place][names.get("notebook")] = ran
        _costs[place][names.get("notebook")] = costs
        if given and isinstance(given.taken, Refused):  # nbgrader gives 0 for a notebook that is not there
            _costs[place].update((other, {ALL}) for other in given.released.notebooks)
        return self.nb, resources

    def _rivals(self, given: "Given", name: str, nb: NotebookNode, ran: Ran, job: Job, pool: Pool) -> list[str]:
        """Which other notebooks of the submission may be the one to grade; they are run, as ``classroom grade`` does."""
        taken = given.taken
        if not isinstance(taken, Accepted):
            return []
        others = {label: rival.notebook for label, rival in taken.rivals.items() if rival.name == name}
        theirs = {label: pool.one(replace(job, key=f"{job.key}?", notebook=other)) for label, other in others.items()}
        graded = nbformat.from_dict(ran.notebook)
        asked = rivals(taken, name, graded, theirs)
        _not_empty(ran.notebook, [text for one in asked for text in one.texts])
        if not asked:
            return []
        place = shown_path(given.folder)
        return [f"{which_of(taken, name, graded, asked)}; leave the one that counts in {place}, as {name}.ipynb"]


def _spare(nb: NotebookNode, handout: Handout) -> dict[int, str]:
    """Keeps a cell that is as it was handed out from undoing what the student wrote above it: {cell: a note}."""
    notes = {}
    for at, above in spare(nb.cells, handout).items():
        not_run(nb.cells, at)
        name = nb.cells[at].metadata.nbgrader.grade_id
        _not_empty(nb, [name])
        notes[at] = f"Not run: {name!r} is as it was handed out, and cell {above + 1} above it counts."
    return notes


def _not_empty(nb: NotebookNode, answers: Collection[str]) -> None:
    """Keeps nbgrader from taking cells for ones without a response, which it gives a 0 that nobody sees."""
    for cell in nb.cells:
        if is_solution(cell) and cell.metadata.nbgrader.grade_id in answers:
            cell.metadata.nbgrader.checksum = "0" * 32


def _ours_to_say(nb: NotebookNode, kernel: bool) -> list[str]:
    """What decides how a notebook runs is not left to the student who wrote its metadata: the answers that had a tag."""
    nb.metadata.pop("classroom", None)
    if kernel:
        nb.metadata["classroom"] = {"execute": "kernel"}
    answers = []
    for cell in nb.cells:
        mark = cell.metadata.get("nbgrader") or {}
        if mark.get("locked") or (mark.get("grade") and not mark.get("solution")):
            cell.metadata.pop("tags", None)  # "skip-execution" is one
        elif mark.get("solution") and "skip-execution" in cell.metadata.get("tags", ()):
            cell.metadata.tags = [tag for tag in cell.metadata.tags if tag != "skip-execution"]
            answers.append(mark.get("grade_id", ""))
    return answers


def _files(folder: Path) -> dict[str, bytes]:
    """The files beside the notebook. Links are passed over: they may lead out of the submission."""
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        inside = not any((folder / above).is_symlink() for above in [name, *name.parents])
        if inside and path.is_file() and path.suffix != ".ipynb":
            files[name.as_posix()] = path.read_bytes()
    return files


def _asks(names: dict[str, Any]) -> frozenset[str]:
    """The functions and classes that the assignment asks for, if nbgrader says which assignment this is."""
    if "db_url" not in names:
        return frozenset()
    with Gradebook(names["db_url"]) as gradebook, contextlib.suppress(MissingEntry):
        notebook = gradebook.find_notebook(names["notebook"], names["assignment"])
        answers = {cell.name for cell in notebook.solution_cells}
        return asked_for(cell.source for cell in notebook.source_cells if cell.name in answers)
    return frozenset()


def _with_evidence(ran: Ran, told: Collection[str] = ()) -> NotebookNode:
    """The notebook; why marks are held back stands in its first graded cell, for whoever sees the formgrader only."""
    notebook = ran.notebook
    if lines := [*ran.tampering, *told]:
        text = "".join(f"{line}\n" for line in ("For the instructor: held back until you have looked.", *lines))
        for cell in notebook.cells:
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
                cell.outputs.insert(0, NotebookNode(output_type="stream", name="stdout", text=text))
                break
    return notebook


# --- round nbgrader's Autograde -----------------------------------------------------------------------------------------

# What became of the notebooks of a submission, by gradebook, assignment and student, since nbgrader took it in.
_ran: defaultdict[tuple[Any, ...], dict[str, Ran]] = defaultdict(dict)
# The graded cells that may have lost points because an answer stands in another place, likewise; ALL of the notebook.
ALL = "*"
_costs: defaultdict[tuple[Any, ...], dict[str, set[str]]] = defaultdict(dict)


def _around(name: str) -> Callable[[Callable[..., Any]], None]:
    """Puts a generator round a method of nbgrader's Autograde: what is before its ``yield`` comes first."""

    def wrap(steps: Callable[..., Iterator[None]]) -> None:
        original = getattr(Autograde, name)

        @functools.wraps(original)
        def method(self: Autograde, *arguments: Any) -> Any:
            with contextlib.contextmanager(steps)(self, *arguments):
                return original(self, *arguments)

        setattr(Autograde, name, method)

    return wrap


@dataclass
class Given:
    """A submission as it was handed in, for the questions that ``classroom grade`` asks of it too."""

    course: CourseDirectory
    assignment: str
    student: str
    files: Mapping[str, bytes]
    folder: Path

    @functools.cached_property
    def released(self) -> Assignment | None:
        """What students were given, if it is still there."""
        with contextlib.suppress(AssignmentError):
            return load(self.course, self.assignment)
        return None

    @functools.cached_property
    def taken(self) -> Accepted | Refused | None:
        """What ``classroom grade`` would take in."""
        if not self.released:
            return None
        decided = Decisions(Path(self.course.root)).of(self.assignment, self.student, self.files)
        return intake(self.released, self.files, decided)

    def handout(self, name: str) -> Handout | None:
        """A notebook as it was handed out."""
        known = self.released.notebooks.get(name) if self.released else None
        return Handout(known.release, known.source) if known else None

    def found(self, name: str) -> list[Found]:
        """What may be the answer to cells that are as they were handed out."""
        return [one for one in self.taken.found if one.notebook == name] if isinstance(self.taken, Accepted) else []

    def questions(self) -> Iterator[str]:
        """Why none of the marks is to be believed before a person has looked."""
        if isinstance(self.taken, Refused):
            yield f"{self.taken.file}: {self.taken.reason}"
        elif self.taken:
            for name, path in self.taken.paths.items():
                if path != f"{name}.ipynb":
                    yield f"{path!r} was chosen as {name}.ipynb, which nbgrader autograde cannot know: run classroom grade"


_given: dict[tuple[Any, ...], Given] = {}  # the submission that is being graded


@_around("init_assignment")
def _refuse_links(self: Autograde, assignment: str, student: str) -> Iterator[None]:
    """Before nbgrader copies a submission: the copy of a link would be of what it leads to, wherever that is."""
    folder = Path(self._format_source(assignment, student))
    files = read_submission(folder, student)
    if isinstance(files, Refused):
        place = folder / files.file if os.path.lexists(folder / files.file) else folder
        raise ValueError(f"{printable(str(place))}: {files.reason}. Take it out, or collect the submission again.")
    place = self.coursedir.db_url, assignment, student
    for kept in (_ran, _costs):
        kept.pop(place, None)
    _given.clear()
    _given[place] = Given(self.coursedir, assignment, student, files, folder)
    yield


@_around("convert_single_notebook")
def _hold_back(self: Autograde, path: str) -> Iterator[None]:
    """After nbgrader wrote the marks of a notebook: some need a person first, as in :mod:`classroom.record`."""
    yield
    names = self.init_single_notebook_resources(path)["nbgrader"]
    place = names["db_url"], names["assignment"], names["student"]
    ran, costs = _ran[place], _costs[place]
    with Gradebook(names["db_url"]) as gradebook:
        submission = gradebook.find_submission(names["assignment"], names["student"])
        for notebook in submission.notebooks if any(one.tampering for one in ran.values()) else ():
            hold(notebook.grades, notebook.comments)
        for notebook in submission.notebooks:
            if notebook.name in ran and ran[notebook.name].ended != "finished":
                hold(grade for grade in notebook.grades if grade.auto_score != grade.max_score)
            lost = [grade for grade in notebook.grades if grade.name in costs.get(notebook.name, ())]
            hold(grade for grade in lost if grade.auto_score != grade.max_score)
            if ALL in costs.get(notebook.name, ()):
                hold(notebook.grades)
        gradebook.db.commit()


_open: dict[tuple[Jail, bool, int], Pool] = {}


def _pool(jail: Jail, unsafe: bool) -> Pool:
    """A pool with one worker that lasts as long as the process: nbgrader makes a new preprocessor for each notebook."""
    key = jail, unsafe, os.getpid()  # a fork of this process may not use its pipes
    if key not in _open:
        pool = Pool(1, unsafe=unsafe, jail=jail)
        pool.__enter__()
        atexit.register(pool.__exit__)
        _open[key] = pool
    return _open[key]
