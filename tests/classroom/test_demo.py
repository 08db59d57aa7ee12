"""The demo class: made from an answer bank, the same for the same seed, with marks that really come out."""

import csv
import json
from pathlib import Path

import nbformat
import pytest
import tiny
from nbgrader.api import Gradebook

from classroom import demo
from classroom.course import open_course
from classroom.grade import grade_assignment

ROOT = Path(__file__).resolve().parents[2]
BANK = """
from dataclasses import dataclass

from . import Answer

@dataclass
class Task:
    function: str
    points: dict
    right: tuple
    wrong: tuple

@dataclass
class Sample:
    text: str
    total: float

TASKS = (
    Task("double", {"double_tests": 2},
         (Answer("sum", "def double(x):\\n    return x + x"), Answer("product", "def double(x):\\n    return 2 * x")),
         (Answer("example", "def double(x):\\n    return 4", ("double_tests",)),)),
)
SAMPLES = (Sample("A short essay – with a dash.", 3),)
"""
ANSWER = """
from dataclasses import dataclass

@dataclass
class Answer:
    name: str
    source: str
    loses: tuple = ()
"""


@pytest.fixture
def bank(tmp_path) -> Path:
    folder = tmp_path / "bank"
    folder.mkdir()
    (folder / "__init__.py").write_text(ANSWER)
    (folder / "week1.py").write_text(BANK)
    return folder / "week1.py"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return tiny.make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def course(made, tmp_path):
    return tiny.copy_course(made, tmp_path / "course")


def handed_in(course) -> dict[str, bytes]:
    root = Path(course.root, "submitted")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_the_marks_that_it_promises_come_out(course, bank):
    members = demo.make_class(course, tiny.NAME, bank, 12, seed=3)
    assert [member.kind for member in members[:5]] == list(demo.KINDS)
    grade_assignment(course, tiny.NAME, pool=tiny.Plain(), progress=False)
    rows = tiny.rows(course)
    for member in members:
        assert rows[member.id]["grade", "double_tests"][0] == member.marks["double_tests"], member
    assert {member.marks["double_tests"] for member in members} == {0.0, 2.0}


def test_the_same_seed_gives_the_same_class(made, bank, tmp_path):
    courses = [tiny.copy_course(made, tmp_path / name) for name in "abc"]
    classes = [demo.make_class(one, tiny.NAME, bank, 9, seed) for one, seed in zip(courses, (1, 1, 2), strict=True)]
    assert classes[0] == classes[1] != classes[2]
    assert handed_in(courses[0]) == handed_in(courses[1])


def test_students_look_like_students_and_are_enrolled(course, bank):
    members = demo.make_class(course, tiny.NAME, bank, 200, enrol=True)
    assert len({member.id for member in members}) == 200 and all(member.id.isascii() for member in members)
    assert any(not member.last_name.isascii() for member in members)
    assert all(member.email.endswith(".example") for member in members), "nobody real gets mail"
    with Gradebook(course.db_url, course.course_id) as gradebook:
        stored = {(s.id, s.first_name, s.last_name, s.email) for s in gradebook.students}
    assert stored == {(m.id, m.first_name, m.last_name, m.email) for m in members}
    with open(Path(course.root, "students.csv"), encoding="utf-8", newline="") as file:
        assert {tuple(row.values()) for row in csv.DictReader(file)} == stored


def test_answers_and_texts_are_where_they_belong(course, bank):
    right, *_, empty = demo.make_class(course, tiny.NAME, bank, 5)

    def cells(member):
        path = Path(course.root, "submitted", member.id, tiny.NAME, f"{tiny.NOTEBOOK}.ipynb")
        return {c.metadata.nbgrader.grade_id: c.source for c in nbformat.read(path, as_version=4).cells[1:]}

    assert cells(right)["double"] in ("def double(x):\n    return x + x", "def double(x):\n    return 2 * x")
    assert cells(right)["essay"] == "A short essay – with a dash." and right.written == 3
    released = {c.metadata.nbgrader.grade_id: c.source for c in tiny.released(course).cells[1:]}
    assert cells(empty) == released and empty.marks == {"double_tests": 0.0} and empty.written is None


def test_every_fault_is_made_and_known_by_name(course, bank):
    faults = list(demo.FAULTS)
    members = demo.make_class(course, tiny.NAME, bank, len(faults) + 5, faults=faults)
    by_fault = {member.fault: member for member in members if member.fault}
    assert list(by_fault) == faults
    files = {name: {path.partition("/")[2]: data for path, data in handed_in(course).items() if path.startswith(m.id)}
             for name, m in by_fault.items()}  # fmt: skip
    standard = f"{tiny.NAME}/{tiny.NOTEBOOK}.ipynb"
    assert files["nothing handed in"] == {} and list(files["no notebook"]) == [f"{tiny.NAME}/notes.txt"]
    assert files["empty file"] == {standard: b""} and standard not in files["wrong name"]
    assert len({data for one in files.values() for data in one.values()}) == len(faults) - 1, "all faults differ"
    for name in ("duplicated cell", "deleted test"):
        ids = [c["metadata"].get("nbgrader", {}).get("grade_id") for c in json.loads(files[name][standard])["cells"]]
        assert ids.count("double_tests") == {"duplicated cell": 2, "deleted test": 0}[name]
    unknown = {name for name, member in by_fault.items() if member.marks is None}
    assert unknown == {name for name, fault in demo.FAULTS.items() if fault.keeps == "none"}
    assert by_fault["endless loop"].marks == {"double_tests": 0.0}


def test_work_is_not_overwritten(course, bank):
    demo.make_class(course, tiny.NAME, bank, 3)
    before = handed_in(course)
    with pytest.raises(FileExistsError, match="does not overwrite"):
        demo.make_class(course, tiny.NAME, bank, 3)
    assert handed_in(course) == before


def test_a_demo_class_is_never_entered_in_the_courses_own_gradebook(course, bank, tmp_path):
    """Whatever the settings name: they are copied, and would lead back."""
    with Path(course.root, "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = 'sqlite:///{course.root}/gradebook.db'\n")
        config.write(f"c.CourseDirectory.root = {course.root!r}\n")
    made = demo.new_class(open_course(course.root), tiny.NAME, tmp_path / "class", bank, 3)
    copied = open_course(tmp_path / "class")
    assert copied.db_url == f"sqlite:///{tmp_path}/class/gradebook.db"
    assert copied.config.CourseDirectory.root == str(tmp_path / "class")
    with Gradebook(course.db_url, course.course_id) as gradebook:
        assert not gradebook.students
    with Gradebook(copied.db_url, copied.course_id) as gradebook:
        assert {student.id for student in gradebook.students} == {member.id for member in made}


def test_the_kinds_of_misconception_come_along(course, tmp_path):
    table = Path(course.root, "source", "kinds.csv")
    table.write_text("assignment,task,kind\nweek1,double,denominators\n")
    demo.copy_course(course, tiny.NAME, tmp_path / "new")
    assert (tmp_path / "new" / "source" / "kinds.csv").read_bytes() == table.read_bytes()


def test_bad_banks_and_requests_are_named(course, bank, tmp_path):
    with pytest.raises(FileNotFoundError, match="no answer bank"):
        demo.load_bank(tmp_path / "none.py")
    bank.with_name("empty.py").write_text("")
    with pytest.raises(ValueError, match=r"empty\.py: an answer bank needs TASKS"):
        demo.load_bank(bank.with_name("empty.py"))
    bank.write_text(BANK.replace('("double_tests",)', '("dbl",)'))
    with pytest.raises(ValueError, match=r"'example' loses \['dbl'\], not cells of the task"):
        demo.load_bank(bank)
    bank.write_text(BANK.replace('Task("double"', 'Task("triple"'))
    with pytest.raises(ValueError, match="no solution cell for triple"):
        demo.make_class(course, tiny.NAME, bank, 3)
    bank.write_text(BANK)
    with pytest.raises(ValueError, match="no fault called 'typo'; there are: duplicated cell"):
        demo.make_class(course, tiny.NAME, bank, 3, faults=["typo"])
    with pytest.raises(ValueError, match="too few for 2 faults"):
        demo.make_class(course, tiny.NAME, bank, 1, faults=list(demo.FAULTS)[:2])


def test_the_banks_of_this_course_keep_the_protocol():
    banks = [path for path in (ROOT / "tests" / "answers").glob("*.py") if path.stem != "__init__"]
    assert banks
    for path in banks:
        bank = demo.load_bank(path)
        assert all(task.right and task.wrong for task in bank.tasks)
        assert set(demo.expected(bank, {})) == {cell for task in bank.tasks for cell in task.points}
