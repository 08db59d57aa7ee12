"""The recorder against stock nbgrader on the same class, and what it does with what stock nbgrader gets wrong."""

import datetime
import errno
import json
import resource
import stat
from dataclasses import replace
from pathlib import Path

import kernels
import nbformat
import pytest
import tiny
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateFeedback
from sqlalchemy.exc import OperationalError

from classroom import assignment as assignments
from classroom.course import CannotGrade, open_course
from classroom.disk import CannotWrite, append, lay_out, put_in_place, write_file
from classroom.intake import intake
from classroom.model import Accepted, Fate, Outcome, Ran, Refused
from classroom.outcomes import Outcomes, folded
from classroom.record import HELD, Doubtful, Recorder, graft
from classroom.submission import read_folder

LATE = "2026-03-02 12:00:00 UTC"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return tiny.make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def fresh(course, tmp_path):
    return tiny.copy_course(course, tmp_path / "course")


def grade(course, student="amy", change=lambda ran: ran, **more) -> Outcome:
    """What grade_assignment does, for one student."""
    assignment = assignments.load(course, tiny.NAME)
    files = read_folder(course.format_path(course.submitted_directory, student, tiny.NAME))
    accepted = intake(assignment, files)
    assert isinstance(accepted, Accepted)
    ran = {name: change(Ran(f"{student}/{name}", tiny.run_plainly(nb))) for name, nb in accepted.notebooks.items()}
    with Recorder(course, assignment) as recorder:
        return recorder.record(student, accepted, ran, **more)


def spoil(ran: Ran, cell: str, **parts) -> Ran:
    """What a worker saw, with one cell replaced in part."""
    notebook = json.loads(json.dumps(ran.notebook))
    at = next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == cell)
    at.update(parts)
    return replace(ran, notebook=notebook)


def result(text: str) -> list[dict]:
    return [{"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": 9}]


# --- the same as stock ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stock_and_ours(course, tmp_path_factory):
    """Two copies of one class: one graded by stock nbgrader with its kernels, one by us. Late work costs all marks."""
    kernels.warm()
    roots = [tmp_path_factory.mktemp("stock"), tmp_path_factory.mktemp("ours")]
    for root in roots:
        one = tiny.copy_course(course, root)
        with (root / "nbgrader_config.py").open("a") as config:
            config.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
        with Gradebook(one.db_url, one.course_id) as gradebook:
            gradebook.update_or_create_assignment(tiny.NAME, duedate=datetime.datetime(2026, 3, 1))
            gradebook.add_student("half", first_name="H", last_name="Alf")
        for student, answers in tiny.ANSWERS.items():
            tiny.submit(one, student, answers)
        tiny.submit(one, "late", tiny.ANSWERS["right"], LATE)
    stock, ours = (open_course(root) for root in roots)
    stock.assignment_id = tiny.NAME
    Autograde(coursedir=stock, parent=stock).start()
    outcomes = [grade(ours, student, timestamp=None) for student in tiny.ANSWERS]
    outcomes.append(grade(ours, "late", timestamp=datetime.datetime(2026, 3, 2, 12)))
    return stock, ours, outcomes


def test_rows_are_those_of_stock_nbgrader(stock_and_ours):
    stock, ours, outcomes = stock_and_ours
    assert tiny.rows(ours) == tiny.rows(stock)
    assert {outcome.fate for outcome in outcomes} == {Fate.GRADED}
    assert tiny.rows(ours)["late"]["penalty"] == [5.0]  # 2 + 2 + 1: what the tests gave
    assert tiny.rows(ours)["stub"]["comment", "essay"] == ("No response.", None)
    assert tiny.rows(ours)["half"]["grade", "roots_score"] == (1.0, None, None, False)


def test_files_are_those_of_stock_nbgrader(stock_and_ours):
    """The same files, writable by nobody, and the same notebooks but for what a kernel adds (timings, its version)."""
    stock, ours, _ = stock_and_ours
    theirs, mine = tiny.pages(stock), tiny.pages(ours)
    assert mine.keys() == theirs.keys()
    for path in mine:
        file = Path(ours.root) / "autograded" / path
        assert stat.S_IMODE(file.stat().st_mode) == 0o444
        if not path.endswith(".ipynb"):
            assert mine[path] == theirs[path]
            continue
        for a, b in zip(json.loads(mine[path])["cells"], json.loads(theirs[path])["cells"], strict=True):
            b["metadata"].pop("execution", None)
            assert {k: a[k] for k in ("id", "source", "metadata")} == {k: b[k] for k in ("id", "source", "metadata")}
            assert _kinds(a) == _kinds(b)
        assert mine[path].endswith(b"}\n")
        nbformat.validate(nbformat.reads(mine[path].decode(), as_version=4))


def _kinds(cell: dict) -> list[str]:
    return sorted({output["output_type"] for output in cell.get("outputs", ())})


def test_stock_feedback_reads_what_we_wrote(stock_and_ours):
    _, ours, _ = stock_and_ours
    ours.assignment_id = tiny.NAME
    GenerateFeedback(coursedir=ours, parent=ours).start()
    page = Path(ours.root) / "feedback" / "stub" / tiny.NAME / f"{tiny.NOTEBOOK}.html"
    assert "No response." in page.read_text()


# --- grading again ----------------------------------------------------------------------------------------------------


def test_grading_again_changes_nothing(fresh):
    tiny.submit(fresh, "amy", tiny.ANSWERS["half"])
    first = grade(fresh), tiny.rows(fresh), tiny.pages(fresh)
    assert (grade(fresh), tiny.rows(fresh), tiny.pages(fresh)) == first


def test_manual_marks_and_comments_stay_and_ask_for_a_look(fresh):
    """As in stock nbgrader: a new run keeps what a person gave, and asks the person to look again."""
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    grade(fresh)
    with Gradebook(fresh.db_url, fresh.course_id) as gradebook:
        mark = gradebook.find_grade("essay", tiny.NOTEBOOK, tiny.NAME, "amy")
        mark.manual_score, mark.extra_credit, mark.needs_manual_grade = 3.5, 0.5, False
        gradebook.find_comment("double", tiny.NOTEBOOK, tiny.NAME, "amy").manual_comment = "Neat."
        gradebook.db.commit()
    tiny.submit(fresh, "amy", {**tiny.ANSWERS["right"], "double": "def double(x):\n    return 3"})
    grade(fresh)
    amy = tiny.rows(fresh)["amy"]
    assert amy["grade", "essay"] == (None, 3.5, 0.5, True)
    assert amy["comment", "double"] == (None, "Neat.")
    assert amy["grade", "double_tests"] == (0.0, None, None, False)


def test_a_new_submission_leaves_no_file_of_the_old_one(fresh):
    folder = tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    (folder / "old.txt").write_text("old")
    grade(fresh)
    assert "amy/week1/old.txt" in tiny.pages(fresh)
    (folder / "old.txt").unlink()
    grade(fresh)
    assert set(tiny.pages(fresh)) == {"amy/week1/data.csv", "amy/week1/tiny.ipynb"}


# --- what needs a person ----------------------------------------------------------------------------------------------


def test_what_was_seen_is_told_and_holds_nothing_back(fresh):
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    outcome = grade(fresh, change=lambda ran: replace(ran, seen=("a meaning of its own for max",)))
    assert outcome == Outcome("amy", Fate.GRADED, ("tiny: a meaning of its own for max",), inside=0)
    assert tiny.rows(fresh)["amy"]["grade", "double_tests"] == (2.0, None, None, False)


def test_tampering_keeps_the_scores_and_holds_them_back(fresh):
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    outcome = grade(fresh, change=lambda ran: replace(ran, tampering=("assert was replaced",)))
    amy = tiny.rows(fresh)["amy"]
    assert outcome == Outcome("amy", Fate.ATTENTION, (), "tiny.ipynb", ("tiny: assert was replaced",), inside=0)
    assert amy["grade", "double_tests"] == (2.0, None, None, True) and amy["needs"]
    assert amy["comment", "double"] == (HELD, None)
    assert grade(fresh).fate is Fate.GRADED  # an honest one is handed in
    assert tiny.rows(fresh)["amy"]["comment", "double"] == (None, None)
    assert not tiny.rows(fresh)["amy"]["grade", "double_tests"][3]


@pytest.mark.parametrize("text", ["nan", "2.5", "inf", "-1.0", "'all good'", "True", ""])
def test_a_value_that_is_no_score_does_not_count(fresh, text):
    """Stock nbgrader gives full marks for each of these, or stops."""
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    outcome = grade(fresh, change=lambda ran: spoil(ran, "roots_score", outputs=result(text)))
    amy = tiny.rows(fresh)["amy"]
    assert outcome.fate is Fate.ATTENTION and "roots_score" in outcome.notes[0]
    assert amy["grade", "roots_score"] == (None, None, None, True)
    assert amy["grade", "double_tests"] == (2.0, None, None, False)


def test_a_test_that_did_not_run_earns_nothing(fresh):
    """Stock nbgrader gives full marks to a test cell without outputs, whether it ran or not."""
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    outcome = grade(fresh, change=lambda ran: spoil(ran, "double_tests", execution_count=None, outputs=[]))
    assert outcome.fate is Fate.ATTENTION and "was not run" in outcome.notes[0]
    assert tiny.rows(fresh)["amy"]["grade", "double_tests"] == (None, None, None, True)


def test_what_was_lost_when_a_notebook_was_stopped_is_held_back(fresh):
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    died = [{"output_type": "error", "ename": "Stopped", "evalue": "memory", "traceback": []}]
    outcome = grade(fresh, change=lambda ran: replace(spoil(ran, "total_tests", outputs=died), ended="memory"))
    amy = tiny.rows(fresh)["amy"]
    assert outcome.fate is Fate.ATTENTION and "ran out of memory" in outcome.notes[0]
    assert amy["grade", "total_tests"] == (0.0, None, None, True)
    assert amy["grade", "double_tests"] == (2.0, None, None, False)


@pytest.mark.parametrize(
    "change",
    [
        lambda ran: spoil(ran, "double_tests", source="pass"),
        lambda ran: spoil(ran, "double_tests", cell_type="markdown"),
        lambda ran: spoil(ran, "double_tests", outputs=[{"output_type": "magic"}]),
        lambda ran: spoil(ran, "double_tests", outputs=None),
        lambda ran: replace(ran, notebook={**ran.notebook, "cells": ran.notebook["cells"][:-1]}),
        lambda ran: replace(ran, notebook={"cells": "none"}),
        lambda ran: replace(ran, notebook={**ran.notebook, "cells": [None] * len(ran.notebook["cells"])}),
    ],
)
def test_a_worker_can_send_back_outputs_and_nothing_else(fresh, change):
    """What comes back otherwise is not guessed at: no rows, one outcome."""
    tiny.submit(fresh, "amy", tiny.ANSWERS["stub"])
    outcome = grade(fresh, change=change)
    assert outcome.fate is Fate.ATTENTION and outcome.tampering
    assert tiny.rows(fresh) == {}


def test_metadata_from_a_worker_is_ignored(fresh):
    """Points and checksums are those of intake, not those that came back."""
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    rich = {"nbgrader": {"grade": True, "grade_id": "double_tests", "points": 99, "solution": False, "locked": True}}
    grade(fresh, change=lambda ran: spoil(ran, "double_tests", metadata=rich))
    assert tiny.rows(fresh)["amy"]["grade", "double_tests"] == (2.0, None, None, False)


def test_graft_reads_sources_stored_as_lines():
    before = {"cells": [{"cell_type": "code", "id": "a", "source": "a\nb", "metadata": {}, "outputs": []}]}
    before |= {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}
    after = json.loads(json.dumps(before))
    after["cells"][0] |= {"source": ["a\n", "b"], "execution_count": 1}
    assert graft(before, after).cells[0].execution_count == 1
    after["cells"][0]["source"] = ["a\n", "c"]
    with pytest.raises(Doubtful):
        graft(before, after)


def test_a_refused_submission_has_no_rows_and_holds_earlier_marks_back(fresh):
    refused = Refused("tiny.ipynb", "not a notebook")
    with Recorder(fresh, assignments.load(fresh, tiny.NAME)) as recorder:
        first = recorder.refuse("amy", refused)
        assert recorder.students() == {"amy"}
    assert first == Outcome("amy", Fate.ATTENTION, ("not a notebook",), "tiny.ipynb")
    assert tiny.rows(fresh) == {}
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    grade(fresh)
    with Recorder(fresh, assignments.load(fresh, tiny.NAME)) as recorder:
        assert "earlier submission" in recorder.refuse("amy", refused).notes[1]
    amy = tiny.rows(fresh)["amy"]
    assert amy["grade", "double_tests"] == (2.0, None, None, True) and amy["score"] == 5.0


def test_one_bad_record_is_one_outcome(fresh):
    """A path that leaves the folder, or a name that the database does not take, concerns one student."""
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    assignment = assignments.load(fresh, tiny.NAME)
    accepted = intake(assignment, read_folder(Path(fresh.root) / "submitted" / "amy" / tiny.NAME))
    ran = {tiny.NOTEBOOK: Ran("", tiny.run_plainly(accepted.notebooks[tiny.NOTEBOOK]))}
    with Recorder(fresh, assignment) as recorder:
        bad = replace(accepted, files={"../../escape": b""})
        assert recorder.record("amy", bad, ran).fate is Fate.ATTENTION
        assert recorder.record("b\udcff", accepted, ran).fate is Fate.ATTENTION
        assert recorder.record("cleo", accepted, ran).fate is Fate.GRADED
    assert not list(Path(fresh.root).rglob("escape"))
    assert {student: one["score"] for student, one in tiny.rows(fresh).items()} == {"cleo": 5.0}
    assert [path.name for path in (Path(fresh.root) / "autograded").glob("*/*")] == [tiny.NAME]  # nothing left aside


def test_a_student_who_may_not_be_created_is_one_outcome(fresh):
    with (Path(fresh.root) / "nbgrader_config.py").open("a") as config:
        config.write("c.Autograde.create_student = False\n")
    strict = open_course(fresh.root)
    tiny.submit(strict, "amy", tiny.ANSWERS["right"])
    outcome = grade(strict)
    assert outcome.fate is Fate.ATTENTION and "not in the gradebook" in outcome.notes[0]
    assert tiny.rows(strict) == {}


def test_configured_steps_run(fresh):
    """IgnorePattern, LimitOutput and a step of the instructor's own see the notebook, in nbgrader's order."""
    with (Path(fresh.root) / "nbgrader_config.py").open("a") as config:
        config.write("c.IgnorePattern.enabled = True\nc.IgnorePattern.pattern = 'thinking'\n")
    kind = open_course(fresh.root)
    tiny.submit(kind, "amy", tiny.ANSWERS["noisy"])
    grade(kind)
    assert tiny.rows(kind)["amy"]["grade", "double_tests"] == (2.0, None, None, False)


# --- the course in the way --------------------------------------------------------------------------------------------


def test_two_graders_do_not_mix(fresh):
    assignment = assignments.load(fresh, tiny.NAME)
    with Recorder(fresh, assignment), pytest.raises(CannotGrade, match="Another grader"), Recorder(fresh, assignment):
        pass
    with Recorder(fresh, assignment):
        pass


def test_a_gradebook_that_is_busy_for_a_moment_is_waited_for(fresh, monkeypatch):
    tiny.submit(fresh, "amy", tiny.ANSWERS["right"])
    real, calls = Recorder._lay_out, []

    def busy(self, *args):
        calls.append(1)
        if len(calls) < patience:
            raise OperationalError("commit", {}, Exception("database is locked"))
        return real(self, *args)

    monkeypatch.setattr(Recorder, "_lay_out", busy)
    patience = 3
    assert grade(fresh).fate is Fate.GRADED
    assert tiny.rows(fresh)["amy"]["score"] == 5.0
    tiny.submit(fresh, "bob", tiny.ANSWERS["right"])
    patience = 99
    with pytest.raises(CannotGrade, match="locked"):
        grade(fresh, "bob")
    assert tiny.rows(fresh).keys() == {"amy"}


def test_an_unknown_assignment_says_what_to_do(fresh):
    other = replace(assignments.load(fresh, tiny.NAME), name="week9")
    with pytest.raises(CannotGrade, match="nbgrader generate_assignment week9"), Recorder(fresh, other):
        pass


def test_a_broken_gradebook_says_what_to_do_and_no_password(fresh):
    fresh.db_url = "sqlite:////nowhere/at/all.db"
    with (
        pytest.raises(CannotGrade, match=r"at/all.db cannot be used .* must be open to"),
        Recorder(fresh, assignments.Assignment("a", {})),
    ):
        pass
    fresh.db_url = "nosuch://me:secret@host/db"
    with pytest.raises(CannotGrade) as caught, Recorder(fresh, assignments.Assignment("a", {})):
        pass
    assert "secret" not in str(caught.value)


# --- outcomes and folders ---------------------------------------------------------------------------------------------


def test_outcomes_survive_a_line_that_was_cut_short(tmp_path):
    outcomes = Outcomes(tmp_path)
    amy = Outcome("amy", Fate.REPAIRED, ("cell restored",))
    odd = Outcome("b\udcff\n", Fate.ATTENTION, ("no",), "x.ipynb", ("sign",))
    outcomes.add("week1", Outcome("amy", Fate.MISSING))
    outcomes.add("week1", amy, "abc")
    outcomes.add("week2", odd)
    with outcomes.path.open("ab") as file:
        file.write(b'{"assignment": "week1", "student": "cl')
    assert outcomes.of("week1")["amy"].outcome == amy and outcomes.of("week1")["amy"].digest == "abc"
    outcomes.tidy()
    assert len(outcomes.path.read_bytes().splitlines()) == 2
    outcomes.add("week1", Outcome("cleo", Fate.GRADED))
    assert outcomes.of("week1").keys() == {"amy", "cleo"}
    assert outcomes.of("week2")[odd.student].outcome == odd


def swap(folder: Path, files: dict[str, bytes]) -> None:
    lay_out(folder, files)
    put_in_place(folder)


def test_a_folder_is_swapped_whole(tmp_path):
    folder = tmp_path / "week1"
    swap(folder, {"a/b.txt": b"1", "c.txt": b"2"})
    (tmp_path / ".week1.new").mkdir()  # left by a run that was killed
    (tmp_path / ".week1.old").write_text("")
    swap(folder, {"c.txt": b"3"})
    assert [path.name for path in tmp_path.iterdir()] == ["week1"]
    assert [path.name for path in folder.iterdir()] == ["c.txt"]
    assert (folder / "c.txt").read_bytes() == b"3"
    for bad in ("/etc/x", "../x", "a/../../x", ""):
        with pytest.raises(ValueError):
            lay_out(folder, {bad: b""})
    assert (folder / "c.txt").read_bytes() == b"3"


def test_a_file_is_on_the_disk_before_it_takes_its_place(tmp_path, monkeypatch):
    path, steps = tmp_path / "marks.csv", []
    path.write_bytes(b"old")
    monkeypatch.setattr("os.fsync", lambda _: steps.append(path.read_bytes()))
    write_file(path, b"new", 0o640)
    assert steps == [b"old"] and path.read_bytes() == b"new" and stat.S_IMODE(path.stat().st_mode) == 0o640

    def full(_):
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CannotWrite, match=r"marks.csv cannot be written \(disk full\)"):
        write_file(path, b"newer")
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]


def test_a_line_is_added_whole_or_not_at_all(tmp_path):
    path = tmp_path / "outcomes.jsonl"
    append(path, b"old\n")
    soft, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (9, most))  # a disk that takes half of the line
    try:
        with pytest.raises(CannotWrite, match="make room on that disk"):
            append(path, b"a longer line\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, most))
    assert path.read_bytes() == b"old\n"
    append(path, b"new\n")
    assert path.read_bytes() == b"old\nnew\n"


def test_a_folder_that_cannot_be_swapped_in_leaves_the_old_one(tmp_path, monkeypatch):
    swap(tmp_path / "week1", {"a.txt": b"old"})
    lay_out(tmp_path / "week1", {"a.txt": b"new"})
    rename = Path.rename

    def refused(self, target):
        if self.name.endswith(".new"):
            raise OSError(errno.EACCES, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(CannotWrite, match=r"week1 cannot be written \(Permission denied\): allow that, then"):
        put_in_place(tmp_path / "week1")
    assert (tmp_path / "week1" / "a.txt").read_bytes() == b"old"


def test_a_link_in_the_place_of_a_folder_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "keep.txt").write_text("keep")
    (tmp_path / "week1").symlink_to(tmp_path / "elsewhere")
    swap(tmp_path / "week1", {"a.txt": b"1"})
    assert (tmp_path / "elsewhere" / "keep.txt").exists() and not (tmp_path / "elsewhere" / "a.txt").exists()


def test_notes_that_say_the_same_of_many_cells_are_one_and_come_last():
    edited = "a locked cell was edited; its text was put back"
    notes = [*(f"'cell_{i}': {edited}" for i in range(5)), "'f': cell 3 above it counts", "x.ipynb: late"]
    assert folded(notes) == ["'f': cell 3 above it counts", "x.ipynb: late", f"'cell_0', 'cell_1' and 3 more: {edited}"]
    assert folded(notes[:3]) == [f"'cell_0', 'cell_1', 'cell_2': {edited}"]
    assert folded([]) == []
