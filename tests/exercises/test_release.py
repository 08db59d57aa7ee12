"""The student edition: it runs, its stubs fail where they should, and it holds nothing that gives an answer away."""

import json
import os
import re
import subprocess
import sys
from functools import cache

import kernels
import nbformat
import pytest
from course import release
from harness import NOTEBOOKS, ROOT, grade_id, hidden, solution, visible
from jupyter_client import KernelManager
from nbclient import NotebookClient

pytestmark = [pytest.mark.xdist_group("release"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module", params=NOTEBOOKS)
def course(request, tmp_path_factory):
    return release(tmp_path_factory.mktemp("release"), request.param)


def test_no_solution_hidden_test_or_sample_answer(course):
    raw = course.release.read_text(encoding="utf-8")
    secret, public = [], set()
    for cell in course.exercise.notebook.cells:
        secret += hidden(cell.source) + solution(cell.source)
        # A line may stand in a visible test and in a hidden one of the same cell: that one is no secret.
        public |= set(
            re.sub(r"### BEGIN SOLUTION.*?### END SOLUTION", "", visible(cell.source), flags=re.DOTALL).split("\n")
        )
    for sample in course.bank.SAMPLES:
        secret += re.split(r"(?<=[.:])\s+", sample.text)
        secret += [reason for _, reason in sample.marks.values()]
    public_text = "\n".join(public)
    secret = {line.strip() for line in secret if len(line.strip()) > 12 and line.strip() not in public_text}
    assert len(secret) > 200
    leaked = [line for line in secret if json.dumps(line, ensure_ascii=False)[1:-1] in raw]
    assert leaked == []
    assert not re.search(r"(BEGIN|END) (SOLUTION|HIDDEN|MARK)", raw)


def test_the_cells_of_the_release(course):
    source = course.exercise.notebook
    edition = nbformat.read(course.release, as_version=4)
    assert [cell.id for cell in edition.cells] == [cell.id for cell in source.cells]
    for before, cell in zip(source.cells, edition.cells, strict=True):
        role = before.metadata.get("nbgrader", {})
        assert not cell.get("outputs")
        if role.get("locked"):
            assert cell.metadata.editable is False and cell.metadata.deletable is False
        if role.get("solution") and not role.get("grade"):
            assert f'raise NotImplementedError("write {role["grade_id"]}() first")' in cell.source
            assert "{function}" not in cell.source
        elif role.get("grade") and not role.get("solution"):
            assert cell.source.count("assert ") >= 1, f"{cell.id}: no visible test is left"
        elif not role:
            assert cell.source == before.source


@pytest.fixture(scope="module")
def kernel():
    """One for all editions: to start it and import pandas and altair takes longer than an edition does."""
    kernels.warm()
    env = {key: value for key, value in os.environ.items() if not key.startswith("NBGRADER_")}
    env["PYTHONPATH"] = os.pathsep.join([str(ROOT), env.get("PYTHONPATH", "")])
    manager = KernelManager()
    manager.start_kernel(env=env)
    yield manager
    manager.shutdown_kernel(now=True)


def as_new(kernel, folder) -> None:
    """Gives the kernel another current folder, and takes every name out of it."""
    client = kernel.client()
    client.start_channels()
    client.wait_for_ready(timeout=120)
    said = client.execute_interactive(f"%reset -f\n%cd -q {folder}\nassert 'pd' not in globals()", timeout=120)
    client.stop_channels()
    assert said["content"]["status"] == "ok", said["content"]


def test_stubs_fail_where_they_should_and_nowhere_else(course, kernel, tmp_path):
    nb = nbformat.read(course.release, as_version=4)
    as_new(kernel, tmp_path)
    NotebookClient(nb, km=kernel, timeout=120, allow_errors=True).execute()
    expected = {cell: task.stub.says for task in course.bank.TASKS for cell in task.points}
    failed = {}
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", f"cell {cell.id} printed to stderr: {output.text}"
            if output.output_type == "error":
                failed[grade_id(cell) or cell.id] = f"{output.ename}: {output.evalue}"
    assert failed == {cell: f"NotImplementedError: {says}" for cell, says in expected.items()}


# One Python a setting tries all the modules: to start it takes a second.
IMPORTS = """
import importlib, json, sys
import integrated_care.datasets, integrated_care.charts, integrated_care.tables
said = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(f"integrated_care.{name}")
        said[name] = ""
    except ImportError as problem:
        said[name] = str(problem)
print(json.dumps(said))
"""


@cache
def refusals(doing: str) -> dict[str, str]:
    """Method module -> why it cannot be imported while nbgrader does this, or "" where it can."""
    env = {**os.environ, "NBGRADER_EXECUTION": doing, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", IMPORTS, *NOTEBOOKS], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", NOTEBOOKS)
@pytest.mark.parametrize("doing", ["autograde", "validate"])
def test_the_method_library_is_closed_while_grading(name, doing):
    assert refusals("")[name] == ""
    assert f"integrated_care.{name} is closed" in refusals(doing)[name]
    assert "write it yourself" in refusals(doing)[name]


def test_stubs_name_the_function_around_them():
    from nbformat.v4 import new_code_cell, new_notebook

    from classroom.stubs import NameStubs

    stub = 'raise NotImplementedError("write {function}() first")'
    metadata = {"nbgrader": {"solution": True, "grade": False}}
    nb = new_notebook(
        cells=[
            new_code_cell(f"def one(a):\n    {stub}\n\n\ndef two(\n    a,\n):\n    {stub}", metadata=metadata),
            new_code_cell("text = '{function}'"),
        ]
    )
    nb, _ = NameStubs().preprocess(nb, {})
    assert re.findall(r"write (\w+)\(\) first", nb.cells[0].source) == ["one", "two"]
    assert nb.cells[1].source == "text = '{function}'"
