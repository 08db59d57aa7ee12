"""The method library is shut while a submission is graded, and only then."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import integrated_care
from integrated_care.guard import closed, refuse_while_grading


def python(code: str, **environment: str) -> subprocess.CompletedProcess:
    clean = {name: value for name, value in os.environ.items() if name != "NBGRADER_EXECUTION"}
    return subprocess.run([sys.executable, "-c", code], env=clean | environment, capture_output=True, text=True)


@pytest.mark.parametrize("mode", ["autograde", "validate"])
def test_it_refuses_in_both_of_nbgraders_modes(monkeypatch, mode):
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    with pytest.raises(
        ImportError, match=r"integrated_care\.some_chapter.*write it yourself; compare with the library"
    ):
        refuse_while_grading("integrated_care.some_chapter")


@pytest.mark.parametrize("value", [None, ""])
def test_it_lets_everyone_else_in(monkeypatch, value):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    if value is not None:
        monkeypatch.setenv("NBGRADER_EXECUTION", value)
    assert refuse_while_grading("integrated_care.some_chapter") is None


SPELLINGS = [
    "import integrated_care.inequality",
    "from integrated_care import inequality",
    "from integrated_care.inequality import slope_index",
]


def test_the_methods_of_chapter_5_are_shut_while_grading_and_the_data_are_not():
    code = f"""
import integrated_care
assert len(integrated_care.load("england_icb_profile")) == 42
for spelling in {SPELLINGS}:
    try:
        exec(spelling)
    except ImportError as error:
        assert "integrated_care.inequality is closed" in str(error), error
    else:
        raise AssertionError(spelling + " went through")
"""
    shut = python(code, NBGRADER_EXECUTION="autograde")
    assert shut.returncode == 0, shut.stderr


def test_the_methods_of_chapter_5_are_open_otherwise_but_come_only_when_asked_for():
    """A package that brought its methods along could not be imported by any notebook that is graded."""
    code = f"""
import sys, integrated_care
assert "integrated_care.inequality" not in sys.modules
for spelling in {SPELLINGS}:
    exec(spelling)
"""
    free = python(code)
    assert free.returncode == 0, free.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps what a process started with")
@pytest.mark.parametrize(
    "away", ["os.environ.pop('NBGRADER_EXECUTION')", "os.unsetenv('NBGRADER_EXECUTION'); os.environ.clear()"]
)
def test_taking_the_variable_away_opens_nothing(away):
    code = f"""
import os
{away}
try:
    from integrated_care.inequality import slope_index
except ImportError as error:
    assert "integrated_care.inequality is closed" in str(error), error
else:
    raise AssertionError("open")
"""
    shut = python(code, NBGRADER_EXECUTION="autograde")
    assert shut.returncode == 0, shut.stderr


def test_every_method_module_is_closed_in_the_sandbox_and_nothing_else():
    """The chapters' modules, named as their chapters are, by the very call that shuts them outside."""
    package = Path(integrated_care.__file__).parent
    chapters = {path.stem.partition("_")[2] for path in (package.parent / "chapters").glob("[0-9]*.ipynb")}
    texts = closed(package)
    assert {Path(path).stem for path in texts} == chapters
    for path, text in texts.items():
        with pytest.raises(ImportError, match=f"integrated_care.{Path(path).stem} is closed.*write it yourself"):
            exec(text)
