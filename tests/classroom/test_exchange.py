"""A course on JupyterHub: nbgrader's exchange from handing out to giving back, with its own commands, and ours between.

The exchange is a folder that teachers and students share; each of them types commands in a folder of their own. Here both
are the user who runs the tests.
"""

import getpass
import json

import pytest
import tiny
from jupyter_core.application import NoStart
from nbgrader.apps.nbgraderapp import NbGraderApp
from nbgrader.utils import get_username

from classroom.feedback import feedback
from classroom.grade import grade_assignment
from classroom.model import Fate
from classroom.submission import SECRET, TIMESTAMP, is_stamp

NAME, NOTEBOOK = tiny.NAME, f"{tiny.NOTEBOOK}.ipynb"


class Hub:
    """A teacher's and a student's folder, which share an exchange; each types nbgrader's commands in their own."""

    def __init__(self, tmp_path, monkeypatch) -> None:
        exchange, self.home, self.root = tmp_path / "exchange", tmp_path / "ada", tmp_path / "course"
        self.course, self.monkeypatch = tiny.make_course(self.root), monkeypatch
        exchange.mkdir()
        exchange.chmod(0o777)
        self.home.mkdir()
        monkeypatch.setenv("HOME", str(self.home))
        settings = f"\nc.Exchange.root = {str(exchange)!r}\nc.Exchange.cache = {str(tmp_path / 'cache')!r}\n"
        (self.root / "nbgrader_config.py").write_text(tiny.CONFIG + settings)
        (self.home / "nbgrader_config.py").write_text(tiny.CONFIG + settings)

    def _type(self, folder, words: tuple[str, ...]) -> None:
        # in this process: to import nbgrader again for each command would take two seconds
        NbGraderApp.clear_instance()
        self.monkeypatch.chdir(folder)
        app = NbGraderApp.instance()
        app.initialize(list(words))
        with pytest.raises(NoStart):  # how Jupyter says that the subcommand has run
            app.start()
        NbGraderApp.clear_instance()

    def teacher(self, *words: str) -> None:
        self._type(self.root, words)

    def student(self, *words: str) -> None:
        self._type(self.home, words)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    return Hub(tmp_path, monkeypatch)


def hand_in(hub, answers) -> None:
    path = hub.home / NAME / NOTEBOOK
    path.write_text(json.dumps(tiny.answered(json.loads(path.read_text()), answers)))
    hub.student("submit", NAME)


def grade(hub):
    """The one outcome of the class, and what of it is in the gradebook."""
    (outcome,) = grade_assignment(hub.course, NAME, pool=tiny.Plain(), progress=False)
    return outcome, tiny.rows(hub.course)[outcome.student]


def test_from_release_to_feedback_through_the_exchange(hub):
    hub.teacher("release_assignment", NAME)
    hub.student("fetch_assignment", NAME)
    handed_out = json.loads((hub.home / NAME / NOTEBOOK).read_text())
    assert "HIDDEN" not in json.dumps(handed_out) and "SOLUTION" not in json.dumps(handed_out)

    # an essay that is not written: what the exchange adds to a submission must not be taken for it
    hand_in(hub, {**tiny.ANSWERS["half"], "by_hand": "total = 7"})
    hub.teacher("collect", NAME)
    outcome, row = grade(hub)
    assert outcome.student == get_username() == getpass.getuser()
    assert (outcome.fate, outcome.found) == (Fate.GRADED, ()), outcome
    assert row["grade", "essay"][0] == 0  # nothing was written: no person has to look

    (page,) = feedback(hub.course, NAME)
    assert not page.problem
    assert {path.name for path in page.path.parent.iterdir()} == {page.path.name, TIMESTAMP, SECRET}
    hub.teacher("release_feedback", NAME)
    hub.student("fetch_feedback", NAME)
    (fetched,) = hub.home.glob(f"{NAME}/feedback/*/*.html")
    assert fetched.read_bytes() == page.path.read_bytes()

    # what is handed in again comes with the same command, and is graded anew
    hand_in(hub, tiny.ANSWERS["right"])
    hub.teacher("collect", NAME, "--update")
    again, better = grade(hub)
    assert again.fate is Fate.GRADED and better["score"] > row["score"]


def test_only_what_the_exchange_wrote_is_a_stamp():
    assert is_stamp(TIMESTAMP, b"anything")
    assert is_stamp(SECRET, b"0f" * 64 + b"\n")
    assert not is_stamp(SECRET, b"Two is the double of one.")
    assert not is_stamp(f"folder/{SECRET}", b"0f" * 64)
