"""The command ``classroom``: reads like a manual, ends with an exit code, imports only what a command needs."""

import argparse
import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classroom.model import Fate, Limits, Trouble

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

DONE, ATTENTION, REFUSED, STOPPED = 0, 1, 2, 130

MANUAL = """
Grades a whole class that works with nbgrader: fast, in a sandbox, losing nothing.

It works on an nbgrader course, as it is: folders, gradebook, settings (nbgrader_config.py) and the formgrader stay
nbgrader's, and nbgrader's own commands go on working. Run it in the course's folder, or name that with --course.
"""

WORKFLOW = """
from start to end:
  classroom doctor                             which protections does this machine have?
  classroom release week1                      the student edition, as a zip; proved to hold no answer
  classroom collect downloads/week1.zip        put what students handed in where nbgrader wants it
  classroom grade week1                        grade what is new; run it as often as you like
  classroom resolve week1                      which of two notebooks counts? is that file an answer?
  jupyter lab                                  menu Nbgrader, Formgrader: mark the essays; look at what needs attention
  classroom feedback week1                     a page for each student
  classroom insight week1                      what the class did not understand, and what to go through next
  classroom export --to moodle                 the marks, as your platform imports them
  classroom release --solutions week1          model answers for students, once the deadline has passed

for the teacher alone:
  classroom teacher --out teacher              model answers, all tests, wrong answers, sample marks, marking sheets

to try it out first:
  classroom demo --students 60 --assignment X  a class of made-up students, in a folder of its own

exit codes:
  0  done; every submission that was handed in is graded
  1  done, but something needs a person's attention: it says what, in which file, and what to do
  2  not done: the command was not understood, or something stands in the way; it says what to do
  130  stopped by Ctrl-C; what was graded is kept
"""

RELEASE = """
Makes the student edition: the released notebooks of the assignments (all of the course, if none is named), with the
chapters, data and environment files that [tool.classroom] in pyproject.toml lists. Nothing is written if any byte of it
holds a line of a model answer, of a hidden test or of a rubric's sample answer, in zips and encodings too.

Then it runs the model answers both ways in which tests are judged: apart, in a process that no student code enters, and
inside, where the answers run. A test from which they earn less apart is judged inside; it says which, and why.

With --solutions it writes the model answers of one assignment instead, a notebook that students may have: without
hidden tests, mark schemes and sample papers. It waits for the due date that the gradebook has (set it in the
formgrader), with the longest extension that somebody was given; --now does not.
"""

TEACHER = """
Writes pages for the teacher alone: for each exercise the tasks with model answers, each test in the words that a
student reads, the wrong answers of the answer bank with what each shows, sample papers with their marks and the
reasons; and sheets to mark written answers by. They can be printed. --style takes the type and colours of a built book.
"""

COLLECT = """
Sorts submissions into submitted/STUDENT/ASSIGNMENT: from a Moodle "Download all submissions" zip, a Canvas "Download
Submissions" zip, an export of Gradescope, Blackboard, Brightspace or Sakai, or any folder or zip with a folder or a
file for each student. Archives with traps in them are disarmed.

Students are matched with the gradebook and with rosters: Moodle's grading worksheet, in its languages, Canvas's
gradebook, or a table of your own. A name that fits two fits none. Whoever could not be matched is written into
classroom-who-is-who.csv: fill in who it is, and run the command again.

Times are kept in UTC. Most archives store what a clock showed, without its zone: --zone, or c.Collect.zone in
nbgrader_config.py, says which that was.
"""

GRADE = """
Grades an assignment for the whole roster: everyone in the gradebook and everyone in submitted/.

Marks, comments and autograded notebooks are those of nbgrader autograde, for honest work. Innocent faults (a copied
or deleted test cell, stripped metadata, another encoding, a wrong file name) are mended. Each student ends with one
outcome, kept in classroom-outcomes.jsonl:

  graded               marks are in the gradebook
  graded after repair  the same, and what was mended
  needs attention      a person must look: why, and at which file. A submission that could not be read has no marks.
                       One that was tampered with, or stopped early, has marks that are held back ("needs manual grade"
                       in the formgrader) until a person has given them. So has one in which a cell is still as it was
                       handed out while its answer may stand elsewhere: in another cell, notebook or file.
  missing              nothing was handed in

Tests run apart from the answers, but for those that classroom release names.
If a test loses points over an answer of a kind that cannot be carried there, they are held back too.

A submission that did not change is not graded again. Marks and comments that people gave are kept. If the machine
goes down, run the command again: it goes on where it stopped, with the same marks.
"""

RESOLVE = """
Keeps what a person decided about a submission that leaves a question open, in classroom-decisions.jsonl. Without a
student it lists the questions: which of two notebooks is to be graded, with what each would earn, and what was found
in another place than the cell for it. The next classroom grade goes by the decision, for as long as the student hands
in nothing else.
"""

FEEDBACK = """
Writes feedback/STUDENT/ASSIGNMENT/NOTEBOOK.html for each graded submission: the marks and what to do next, then task
by task what the tests and the person who marked it said, then the notebook. Hidden tests and their tracebacks are left
out, and nothing that a student wrote can run in the page. Where tests name sections of this course's chapters, --book
(or BOOK_URL) makes links of them. A comment goes by the rubric where its lines do: "ecological limit: 1 of 2. Why".

--to moodle also packs the pages as Moodle takes them back (Upload multiple feedback files in a zip): in the folders
that its download had. Upload the marks first.
"""

INSIGHT = """
Says what a class did not understand: insight/NAME.html, a page that opens with what to go through in the next class,
and insight/NAME.csv. For each task: who tried it, all points, mean, difficulty, the correlation with the other tasks,
and the errors that the failed tests name, with the number of students who met each. For the assignment: alpha or
KR-20, marks by line of the rubric, what needed repair.

Nobody is named, and numbers below five students are not shown, unless --students asks for both. The page holds words
of hidden tests: it is for those who teach. --all looks at all assignments that have marks, for what comes back; the
kinds of misconception are in kinds.csv, beside the assignments: assignment, task (its first cell), kind.
"""

EXPORT = """
Writes the marks in a form that the platform imports. A submission that was not graded, or of which a part waits for a
person, has an empty cell: never a zero that nobody gave.

For Moodle that is the grading worksheet of an assignment, with the participants' numbers that collect kept; for Canvas
the gradebook. --worksheet fills in the platform's own table, as downloaded: with its columns, in its language. The
plain CSV has a column more than nbgrader's, judged_inside: the points of tests that ran where the answers run.
"""

DEMO = """
Makes a course of its own with made-up students, to try things on. Their submissions are put together from an answer
bank: a Python file with TASKS (right and wrong answers) and SAMPLES. With --faults, some arrive damaged.
"""

DOCTOR = """
Says which protections against student code this machine has, what each missing one exposes, and how to get it. Grading
refuses to start while a needed one is missing (--unsafe grades all the same). In a course it also says where tests run.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        with _known_trouble():
            return options.run(options)
    except Trouble as trouble:
        print(f"classroom {options.command}: {trouble}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("\nStopped. What was done is kept; the same command goes on from there.", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:  # classroom ... | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return STOPPED


@contextlib.contextmanager
def _known_trouble() -> Iterator[None]:
    """Turns what the steps raise on purpose into Trouble; anything else is a fault of ours and keeps its traceback."""
    try:
        yield
    except (Trouble, KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:
        plain = isinstance(error, FileNotFoundError | FileExistsError | PermissionError)
        if plain and error.filename is not None:  # of the system's, not of ours
            raise Trouble(f"{error.filename}: {error.strerror}") from error
        if plain or type(error) in (ValueError, LookupError):
            raise Trouble(str(error)) from error
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO):
            where = f"{error.filename}: " if error.filename else ""
            raise Trouble(f"{where}{error.strerror}; see to the disk, then run the same command again") from error
        raise


# --- the command line -------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    shape = {"formatter_class": argparse.RawDescriptionHelpFormatter}
    parser = argparse.ArgumentParser("classroom", description=MANUAL.strip(), epilog=WORKFLOW.strip(), **shape)
    parser.add_argument("--course", type=Path, default=Path(), metavar="DIR", help="the course's folder (here)")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(run: Callable[[Any], int], summary: str, manual: str, *examples: str) -> argparse.ArgumentParser:
        name = run.__name__.removeprefix("_")
        epilog = "\n".join(["examples:", *(f"  classroom {name} {example}".rstrip() for example in examples)])
        one = commands.add_parser(name, help=summary, description=manual.strip(), epilog=epilog, **shape)
        # also after the command; SUPPRESS keeps what was said before it
        one.add_argument("--course", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="the course's folder")
        one.set_defaults(run=run)
        return one

    one = command(_release, "make the student edition", RELEASE, "week1", "week1 week2 --out dist", "--solutions week1")
    one.add_argument("names", nargs="*", metavar="NAME", help="assignments (all)")
    one.add_argument("--out", type=Path, default=Path("dist"), metavar="DIR", help="where to write it (dist)")
    one.add_argument("--solutions", action="store_true", help="the model answers of one assignment, after its due date")
    one.add_argument("--now", action="store_true", help="solutions though the due date has not passed, or is not known")

    one = command(
        _teacher,
        "write the teacher's edition",
        TEACHER,
        "--out teacher",
        "week1 --out teacher --style _build/html/_static",
    )
    one.add_argument("names", nargs="*", metavar="NAME", help="assignments (all)")
    one.add_argument("--out", type=Path, default=Path("teacher"), metavar="DIR", help="a folder of its own (teacher)")
    one.add_argument("--style", type=Path, metavar="DIR", help="a folder with the book.css of a built book")

    one = command(
        _collect,
        "sort submissions into the course",
        COLLECT,
        "downloads/week1.zip",
        "downloads/week1.zip --assignment week1 --roster participants.csv",
    )
    one.add_argument("path", type=Path, metavar="PATH", help="the zip or folder that was downloaded")
    one.add_argument("--assignment", metavar="NAME", help="which assignment (the only one of the course)")
    one.add_argument("--roster", type=Path, action="append", default=[], metavar="CSV", help="more about who is who")
    one.add_argument("--zone", default="", help="of times that have none: Africa/Casablanca, UTC (this machine's)")
    one.add_argument("--force", action="store_true", help="replace what was collected before, even if it is newer")

    one = command(
        _grade,
        "grade an assignment",
        GRADE,
        "week1",
        "week1 --workers 8",
        "week1 --student ada --student bob --force",
        "week1 --cluster tcp://10.0.0.1:8786",
    )
    one.add_argument("name", metavar="NAME", help="the assignment")
    one.add_argument("--workers", type=_count, metavar="N", help="submissions at a time (as many as there are cores)")
    one.add_argument("--cluster", metavar="ADDRESS", help="run them on a Dask cluster: the address of its scheduler")
    one.add_argument("--student", action="append", metavar="ID", help="only this student; may be given again")
    one.add_argument("--force", action="store_true", help="also grade what did not change")
    one.add_argument("--unsafe", action="store_true", help="grade without a sandbox: student code can do what you can")
    one.add_argument("--quiet", action="store_true", help="no progress bar")
    limits = one.add_argument_group("limits for each submission")
    limits.add_argument("--cell-seconds", type=float, metavar="S", help="time for a cell (Execute.timeout, or 30)")
    limits.add_argument("--seconds", type=float, metavar="S", help=f"time for all cells ({Limits.seconds:.0f})")
    limits.add_argument("--memory", type=float, metavar="GB", help=f"memory ({Limits.memory / 2**30:.0f})")

    one = command(
        _resolve,
        "decide what a submission leaves open",
        RESOLVE,
        "week1",
        "week1 ada --notebook 'week1 (1).ipynb'",
        "week1 ada --stands",
    )
    one.add_argument("name", metavar="NAME", help="the assignment")
    one.add_argument("student", nargs="?", metavar="STUDENT", help="whose submission")
    how = one.add_mutually_exclusive_group()
    how.add_argument("--notebook", metavar="FILE", help="grade this file of the submission")
    how.add_argument("--stands", action="store_true", help="what else was found is no answer: the marks stand")
    how.add_argument("--undo", action="store_true", help="forget what was decided")

    one = command(
        _feedback,
        "write a page for each student",
        FEEDBACK,
        "week1",
        "week1 --student ada --lang de",
        "week1 --to moodle",
    )
    one.add_argument("name", metavar="NAME", help="the assignment")
    one.add_argument("--student", action="append", default=[], metavar="ID", help="only this student")
    one.add_argument("--lang", default="en", metavar="CODE", help="language of the course, for screen readers (en)")
    one.add_argument("--book", default="", metavar="URL", help="where the book of the course is published (BOOK_URL)")
    one.add_argument("--to", choices=("moodle",), help="also pack the pages for this platform")
    one.add_argument("--output", type=Path, metavar="FILE", help="the zip to write (NAME-feedback-moodle.zip)")
    one.add_argument("--worksheet", type=Path, metavar="CSV", help="Moodle's grading worksheet, for more numbers")
    one.add_argument("--quiet", action="store_true", help="no progress bar")

    one = command(
        _insight,
        "say what the class did not understand",
        INSIGHT,
        "week1",
        "week1 --examples --book https://example.org/book/",
        "--all",
    )
    one.add_argument("name", nargs="?", metavar="NAME", help="the assignment")
    one.add_argument("--all", action="store_true", help="all assignments that have marks, together")
    one.add_argument("--students", action="store_true", help="name the students, and show numbers below five")
    one.add_argument("--examples", action="store_true", help="with a typical answer to each error, without a name")
    one.add_argument("--book", default="", metavar="ADDRESS", help="where the book is published (BOOK_URL)")
    one.add_argument("--out", type=Path, metavar="DIR", help="where to write it (insight, in the course)")
    one.add_argument("--lang", default="en", metavar="CODE", help="language of the course, for screen readers (en)")

    one = command(
        _export,
        "write the marks for a platform",
        EXPORT,
        "--to moodle",
        "--to canvas --assignment week1 --output marks.csv",
        "--to moodle --assignment week1 --worksheet Grades-week1.csv",
        "--to csv --provisional",
    )
    one.add_argument("--to", required=True, choices=("moodle", "canvas", "csv"), help="which platform")
    one.add_argument("--assignment", action="append", default=[], metavar="NAME", help="only this assignment")
    one.add_argument("--output", default="", metavar="FILE", help="the file to write")
    one.add_argument("--worksheet", default="", metavar="CSV", help="the platform's own table, to be filled in")
    one.add_argument("--column", default="", metavar="HEADING", help="its column for marks (found by itself)")
    one.add_argument("--provisional", action="store_true", help="also marks of which a part waits for a person")
    one.add_argument("--reviewed", action="store_true", help="also marks that were flagged, if no part waits any more")

    one = command(
        _demo,
        "make a class to try things on",
        DEMO,
        "--students 60 --assignment 05_inequality",
        "--students 60 --assignment 05_inequality --bank tests/answers/inequality.py --into /tmp/class",
        "--students 30 --assignment 05_inequality --faults all",
    )
    one.add_argument("--students", type=_count, required=True, metavar="N", help="how many")
    one.add_argument("--assignment", metavar="NAME", help="which assignment (the only one of the course)")
    one.add_argument("--bank", type=Path, metavar="FILE", help="the answer bank (found by its name or its ASSIGNMENT)")
    one.add_argument("--into", type=Path, default=Path("demo-class"), metavar="DIR", help="a new folder (demo-class)")
    one.add_argument("--faults", default="", metavar="LIST", help='"all", or kinds of damage, separated by commas')
    one.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed gives the same class (0)")

    one = command(_doctor, "say which protections this machine has", DOCTOR, "")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


# --- commands ---------------------------------------------------------------------------------------------------------


def _course(options: Any) -> "CourseDirectory":
    from classroom.course import find_programs, open_course

    find_programs()
    if not options.course.is_dir():
        raise Trouble(f"{options.course} is not a folder. Name the course's folder with --course.")
    course = open_course(options.course)
    if not any((Path(course.root) / name).exists() for name in ("nbgrader_config.py", course.source_directory)):
        raise Trouble(
            f"{course.root} does not look like an nbgrader course: it has neither nbgrader_config.py nor "
            f"{course.source_directory}/. Name the course's folder with --course."
        )
    return course


def _named(course: "CourseDirectory", names: list[str]) -> list[str]:
    """The assignments that were named, or all of them."""
    if not (found := names or _assignments(course)):
        raise Trouble(f"there is no assignment in {course.source_directory}/")
    return found


def _only(course: "CourseDirectory", name: str | None) -> str:
    """The assignment that was named, or the only one."""
    names = [name] if name else _assignments(course)
    if len(names) != 1:
        raise Trouble(f"say which assignment, with --assignment: {', '.join(names) or 'the course has none'}")
    return names[0]


def _assignments(course: "CourseDirectory") -> list[str]:
    source = Path(course.format_path(course.source_directory, ".", "."))
    return sorted(path.name for path in source.glob("*") if path.is_dir() and any(path.glob("*.ipynb")))


def _release(options: Any) -> int:
    from classroom.release import make_student_edition

    course = _course(options)
    if options.solutions:
        return _solutions(course, options)
    if options.now:
        raise Trouble("--now goes with --solutions; the student edition waits for nothing")
    names = _named(course, options.names)
    edition = make_student_edition(course, names, options.out)
    print(
        f"{edition} ({edition.stat().st_size / 2**20:.1f} MB): {', '.join(names)}; no answer and no hidden test in it"
    )
    _say_where_tests_run(course, names)
    return DONE


def _say_where_tests_run(course: "CourseDirectory", names: Sequence[str]) -> None:
    """Where a course has its tests judged apart: which of them can be, as the model answers show now."""
    from classroom.assignment import load
    from classroom.execute import Pool
    from classroom.judging import in_words, judging
    from classroom.preprocess import SandboxedExecute
    from classroom.sandbox import SandboxUnavailable

    if not SandboxedExecute.judges_apart(course.config):
        return
    jail, limits, unsafe = SandboxedExecute.settings(course.config)
    try:
        with Pool(1, limits, unsafe, jail) as pool:
            for name in names:
                assignment = load(course, name)
                found = judging(course, assignment, limits, lambda jobs: map(pool.one, jobs), anew=True)
                for notebook in assignment.notebooks.values():
                    print(*in_words(notebook, found[notebook.name]), sep="\n")
    except SandboxUnavailable as problem:
        print(f"nobody has looked which tests can be judged apart from the answers: {problem}")


def _solutions(course: "CourseDirectory", options: Any) -> int:
    from classroom.solutions import release_solutions

    if len(options.names) > 1:
        raise Trouble("--solutions releases those of one assignment at a time: name one")
    name = _only(course, options.names[0] if options.names else None)
    for path in release_solutions(course, name, options.out / "solutions", now=options.now):
        print(f"{path}: model answers for students; no hidden test and no mark scheme in it")
    return DONE


def _teacher(options: Any) -> int:
    from classroom.teacher import make

    course = _course(options)
    made = make(course, _named(course, options.names), options.out, options.style)
    print(f"{made[0]}: {len(made)} pages for the teacher alone; give them to nobody and publish them nowhere")
    return DONE


def _collect(options: Any) -> int:
    from classroom.collect import collect

    course = _course(options)
    name = _only(course, options.assignment)
    report = collect(course, name, options.path, rosters=options.roster, force=options.force, zone=options.zone)
    print(*report.lines(), sep="\n")
    return DONE if report.complete else ATTENTION


def _grade(options: Any) -> int:
    from dataclasses import replace

    from classroom.grade import grade_assignment
    from classroom.outcomes import report
    from classroom.preprocess import SandboxedExecute

    course = _course(options)
    given = {"cell_seconds": options.cell_seconds, "seconds": options.seconds}
    given["memory"] = options.memory and int(options.memory * 2**30)
    if any(value is not None and value <= 0 for value in given.values()):
        raise Trouble("a limit must be more than 0")
    limits = replace(
        SandboxedExecute.settings(course.config)[1],
        **{name: value for name, value in given.items() if value is not None},
    )
    outcomes = grade_assignment(
        course,
        options.name,
        workers=options.workers,
        cluster=options.cluster,
        unsafe=options.unsafe,
        progress=not options.quiet,
        force=options.force,
        students=options.student,
        limits=limits,
    )
    print(*report(outcomes, course, options.name), sep="\n")
    return ATTENTION if any(outcome.fate is Fate.ATTENTION for outcome in outcomes) else DONE


def _resolve(options: Any) -> int:
    from classroom.resolve import decide, questions

    course = _course(options)
    if not options.student or not (options.notebook or options.stands or options.undo):
        lines = list(questions(course, options.name, options.student))
        print(*lines or ["nothing is open"], sep="\n")
        return ATTENTION if lines else DONE
    how = {"notebook": options.notebook, "stands": options.stands}
    print(decide(course, options.name, options.student, **how))
    return DONE


def _feedback(options: Any) -> int:
    from tqdm import tqdm

    from classroom.course import home, shown_path
    from classroom.feedback import feedback, pack
    from classroom.submission import printable

    course = _course(options)
    each = feedback(course, options.name, students=options.student, lang=options.lang, book=options.book)
    made = list(tqdm(each, desc="feedback", unit="page", disable=True if options.quiet else None))
    problems = [f"  {page.student}: {page.problem}" for page in made if page.problem]
    print(f"{len(made) - len(problems)} pages in {shown_path(home(course, 'feedback'))}")
    if not made:
        print("Nobody's work has been graded yet: run classroom grade first.")
    if problems:
        print(f"Without a page ({len(problems)}); see what classroom grade said about them:", *problems, sep="\n")
    left = []
    if options.to and made:
        target = options.output or Path(f"{options.name}-feedback-moodle.zip")
        left = pack(course, options.name, made, target, options.worksheet)
        print(f"{target}: upload it in the assignment (Upload multiple feedback files in a zip), after the marks.")
    if left:
        print(f"Not in it, for want of a participant's number ({len(left)}): {printable(', '.join(left))}")
        print("Moodle's grading worksheet knows it: give that with --worksheet.")
    return ATTENTION if problems or left else DONE


def _insight(options: Any) -> int:
    from classroom.book import Book
    from classroom.course import shown_path
    from classroom.insight import Privacy, as_csv, insight, of_all
    from classroom.insightpage import course_page, page, write

    course = _course(options)
    if bool(options.name) == options.all:
        raise Trouble("name one assignment, or say --all")
    privacy, book = Privacy(options.students), Book.of(Path(course.root), options.book)
    if options.all:
        found, left = of_all(course, students=options.students)
        name, html = "all", course_page(found, privacy, book, options.lang)
    else:
        found, left = [insight(course, options.name, options.students, options.examples)], {}
        name, html = options.name, page(found[0], privacy, book, options.lang)
    for path in write(options.out or Path(course.root) / "insight", name, html, as_csv(found, privacy)):
        print(shown_path(path))
    if left:
        print("Left out:", *(f"  {one}: {why}" for one, why in left.items()), sep="\n")
    return DONE


def _export(options: Any) -> int:
    from classroom.export import exported

    course = _course(options)
    table = {"worksheet": options.worksheet, "column": options.column} if options.to != "csv" else {}
    path, advice = exported(
        course,
        options.to,
        options.output,
        options.assignment,
        provisional=options.provisional,
        reviewed=options.reviewed,
        outcomes_folder=str(course.root),
        **table,
    )
    print(f"{path}: marks for {options.to}. An empty cell is a submission without a mark.")
    if advice:
        print(advice)
    return DONE


def _demo(options: Any) -> int:
    from classroom.demo import FAULTS, bank_of, load_bank, new_class

    course = _course(options)
    name = _only(course, options.assignment)
    faults = list(FAULTS) if options.faults == "all" else [kind.strip() for kind in options.faults.split(",") if kind]
    if options.into.exists() and any(options.into.iterdir()):
        raise Trouble(f"{options.into} is not empty. Name a new folder with --into.")
    bank = load_bank(options.bank or bank_of(Path(course.root), name))
    made = new_class(course, name, options.into, bank, options.students, options.seed, faults)
    print(f"{len(made)} students in {options.into}. Try: classroom --course {options.into} grade {name}")
    return DONE


def _where_tests_run(root: Path) -> Iterator[str]:
    """What a course's settings, and its model answers, say about where its tests run; nothing where there is no course."""
    if not (root / "nbgrader_config.py").is_file():
        return
    from classroom.course import open_course
    from classroom.judging import in_short
    from classroom.preprocess import SandboxedExecute

    course = open_course(root)
    if SandboxedExecute.judges_apart(course.config):
        yield "In this course tests are judged apart from the answers, but for those that classroom release names."
        yield from (f"         {line}" for line in in_short(course))
    else:
        yield "In this course all tests are judged where the answers run: c.SandboxedExecute.apart is False."


def _doctor(options: Any) -> int:
    from classroom.sandbox import doctor

    walls = doctor(fresh=True)
    for wall in walls:
        mark = "active " if wall.active else "MISSING" if wall.needed else "absent "
        print(f"{mark}  {wall.name}")
        if not wall.active:
            print(f"         without it {wall.exposes}", f"         to get it: {wall.remedy}", sep="\n")
    print(*_where_tests_run(options.course), sep="\n")
    lost = [wall for wall in walls if wall.needed and not wall.active]
    print("Grading refuses to start here, unless told --unsafe." if lost else "Grading is safe here.")
    return REFUSED if lost else DONE
