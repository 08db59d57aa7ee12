"""Binder: the student edition, the Dockerfile that repo2docker makes of it, and every notebook in such an environment.

repo2docker renders without Docker. In place of its image stands a fresh virtual environment with the requirements installed as
its Dockerfile installs them, and a real Jupyter server; each notebook runs over the server's REST and websocket API.
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
import uuid
import venv
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from compat.seen import seen

from bookbuild.lite.make import ROOT
from classroom.course import open_course
from classroom.release import make_student_edition

pytestmark = pytest.mark.timeout(1500)
CHAPTERS = [f"chapters/{path.name}" for path in sorted(ROOT.glob("chapters/*.ipynb"))]
EXERCISES = [
    f"exercises/{p.stem}/{p.name}" for p in sorted(ROOT.glob("exercises/*/*.ipynb")) if p.stem == p.parent.name
]


@pytest.fixture(scope="module")
def edition(tmp_path_factory) -> Path:
    """The folder that a workflow publishes as the branch ``student``. Making it proves that no answer is in it."""
    course = open_course(ROOT)
    course.release_directory = str(tmp_path_factory.mktemp("release"))
    course.db_url = f"sqlite:///{tmp_path_factory.mktemp('gradebook') / 'gradebook.db'}"
    packed = make_student_edition(course, [Path(name).stem for name in EXERCISES], tmp_path_factory.mktemp("dist"))
    return packed.with_suffix("")


def test_it_is_whole_and_for_students_only(edition):
    there = {path.relative_to(edition).as_posix() for path in edition.rglob("*") if path.is_file()}
    assert {*CHAPTERS, *EXERCISES, "requirements.txt", "runtime.txt", "pyproject.toml", "README.md"} <= there
    assert ".devcontainer/devcontainer.json" in there and "datasets/datapackage.json" in there
    assert not [name for name in there if re.match(r"(classroom|bookbuild|tests|benchmarks)/", name)]


def test_every_link_within_it_leads_somewhere(edition):
    for path in edition.rglob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                for target in re.findall(r"(?<!\$)\]\(([^)\s:#]+)[)#]", cell.source):
                    assert (path.parent / target).exists(), f"{path.relative_to(edition)}, cell {cell.id!r}: {target}"


def test_the_students_lock_agrees_with_the_courses():
    ours, theirs = (
        {line.split(";")[0].strip() for line in (ROOT / path).read_text(encoding="utf-8").splitlines()}
        for path in ("requirements.txt", "student/requirements.txt")
    )
    assert theirs - {"."} and theirs - {"."} <= ours, "run make lock"
    assert "." in theirs, "the edition's own library is not installed"


def test_repo2docker_renders_its_dockerfile(edition):
    program = Path(sys.executable).with_name("jupyter-repo2docker")
    done = subprocess.run([program, "--no-build", "--debug", "."], cwd=edition, capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-2000:]
    assert re.search(r"environment-2epy-2d3-2e12", said), "runtime.txt was not understood"
    # The requirements name the folder itself, so all of it must be there before they are installed.
    whole, installed = (
        re.search(pattern, said) for pattern in (r"COPY .* src/ ", r"pip install .*-r \"?requirements\.txt")
    )
    assert whole and installed and whole.start() < installed.start()


class Server:
    """A Jupyter server in the edition's folder, and the little of its API that runs a notebook."""

    def __init__(self, folder: Path, python: Path, port: int, token: str):
        self.folder, self.base, self.token = folder, f"127.0.0.1:{port}", token
        command = [
            str(python),
            "-m",
            "jupyter_server",
            "--no-browser",
            f"--ServerApp.port={port}",
            f"--IdentityProvider.token={token}",
        ]
        command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={folder}", "--allow-root"]
        env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "NBGRADER", "JUPYTER"))}
        self.process = subprocess.Popen(
            command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(600):
            try:
                self.ask("GET", "api/status")
                return
            except OSError:
                assert self.process.poll() is None, "the Jupyter server ended by itself"
                time.sleep(0.2)
        raise TimeoutError("the Jupyter server did not answer within two minutes")

    def ask(self, method: str, path: str, body: dict | None = None):
        request = urllib.request.Request(f"http://{self.base}/{path}", method=method)
        request.add_header("Authorization", f"token {self.token}")
        data = json.dumps(body).encode() if body else None
        with urllib.request.urlopen(request, data, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def run(self, notebook: str) -> Iterator[tuple[nbformat.NotebookNode, list[dict]]]:
        """Each code cell of a notebook with what it gives."""
        import websocket

        content = nbformat.from_dict(self.ask("GET", f"api/contents/{notebook}")["content"])
        body = {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"}}
        session = self.ask("POST", "api/sessions", body)
        address = f"ws://{self.base}/api/kernels/{session['kernel']['id']}/channels?token={self.token}"
        socket = websocket.create_connection(address, timeout=180)
        try:
            for cell in content.cells:
                if cell.cell_type == "code":
                    yield cell, list(self._execute(socket, cell.source))
        finally:
            socket.close()
            self.ask("DELETE", f"api/sessions/{session['id']}")

    @staticmethod
    def _execute(socket, code: str) -> Iterator[dict]:
        name = uuid.uuid4().hex
        header = {
            "msg_id": name,
            "msg_type": "execute_request",
            "session": name,
            "username": "",
            "version": "5.3",
            "date": "",
        }
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        socket.send(
            json.dumps(
                {
                    "header": header,
                    "parent_header": {},
                    "metadata": {},
                    "content": content,
                    "channel": "shell",
                    "buffers": [],
                }
            )
        )
        streams: dict[str, dict] = {}
        while True:
            message = json.loads(socket.recv())
            if message["parent_header"].get("msg_id") != name:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return
            if kind == "stream" and content["name"] in streams:
                streams[content["name"]]["text"] += content["text"]
            elif kind in ("stream", "display_data", "execute_result", "error"):
                output = {"output_type": kind, **content}
                if kind == "stream":
                    streams[content["name"]] = output
                yield output


@pytest.fixture(scope="module")
def server(edition, tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("binder") / "env"
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # The base of repo2docker's image, then the requirements, in the edition's folder, as its Dockerfile does.
    for command in (
        [*quiet, "jupyter_server", "ipykernel"],
        [*quiet, "-r", "requirements.txt"],
        ["-m", "pip", "check"],
    ):
        done = subprocess.run([python, *command], cwd=edition, capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = Server(edition, python, port, uuid.uuid4().hex)
    yield running
    running.process.terminate()
    running.process.wait(30)


@pytest.mark.parametrize("notebook", CHAPTERS)
def test_a_chapter_gives_on_binder_what_the_book_shows(server, notebook):
    ran = 0
    for cell, outputs in server.run(notebook):
        assert [seen(output) for output in outputs] == [seen(output) for output in cell.outputs], f"cell {cell.id!r}"
        ran += 1
    assert ran > 5


@pytest.mark.parametrize("notebook", EXERCISES)
def test_a_released_exercise_runs_on_binder_and_only_its_stubs_fail(server, notebook):
    failed = 0
    for cell, outputs in server.run(notebook):
        errors = [output for output in outputs if output["output_type"] == "error"]
        assert all(error["ename"] == "NotImplementedError" for error in errors), f"cell {cell.id!r}: {errors}"
        failed += bool(errors)
    assert failed > 5
