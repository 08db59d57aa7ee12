"""The policy of the jail, and what the doctor says about this machine."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from classroom import jail, landlock, sandbox
from classroom.execute import Pool
from classroom.sandbox import Jail, SandboxUnavailable

linux = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")


def inside(code: str, how: str = "own", walls: Jail | None = None) -> str:
    """What a program prints in the jail."""
    walls = walls or Jail(warm=())
    command, descriptors = walls.command([sys.executable, "-I", "-c", code], how)
    done = subprocess.run(command, pass_fds=descriptors, capture_output=True, text=True, env=walls.environment())
    for descriptor in descriptors:
        os.close(descriptor)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_allow_list_holds_python_and_nothing_of_the_home_folder():
    paths = Jail().paths()
    assert any(sys.base_prefix.startswith(path) or path.startswith(sys.base_prefix) for path in paths)
    for forbidden in ("/", "/etc", "/root", "/home", "/var", "/tmp", "/usr", "/usr/bin", str(Path.home()), os.getcwd()):
        assert forbidden not in paths
    assert not any(above != path and path.startswith(above + "/") for path in paths for above in paths)


def test_a_package_outside_the_installation_is_readable_and_its_neighbours_are_not(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "__init__.py").write_text("")
    (tmp_path / "solutions.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    walls = Jail(warm=("mine", "no_such_module"))
    assert str(tmp_path / "mine") in walls.paths()
    assert str(tmp_path) not in walls.paths()
    assert walls.own_packages() == ["mine"]
    assert walls.import_folders() == [str(tmp_path)]


def test_the_whole_machine_is_no_allow_list():
    with pytest.raises(ValueError, match="allow-list"):
        Jail(read=("/",)).paths()


def test_the_environment_is_made_anew(monkeypatch):
    monkeypatch.setenv("SECRET", "1")
    monkeypatch.setenv("TZ", "Africa/Casablanca")
    environment = Jail().environment()
    assert "SECRET" not in environment
    assert environment["TZ"] == "Africa/Casablanca"
    assert environment["NBGRADER_EXECUTION"] == "autograde"


@linux
@pytest.mark.parametrize("how", ["own", "bubblewrap"])
def test_the_walls(how, tmp_path):
    if how == "bubblewrap" and not shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed")
    (tmp_path / "data.csv").write_text("allowed")
    (tmp_path / "secret").write_text("forbidden")
    code = f"""
import os, json
print(json.dumps(dict(
    root=sorted(os.listdir("/")), etc=sorted(os.listdir("/etc")), data=open({str(tmp_path / "data.csv")!r}).read(),
    secret=os.path.exists({str(tmp_path / "secret")!r}), passwd=open("/etc/passwd").read(), pid=os.getpid(),
    env=sorted(os.environ), net=os.listdir("/sys/class/net") if os.path.exists("/sys") else [],
)))
"""
    seen = json.loads(inside(code, how, Jail(warm=(), read=(str(tmp_path / "data.csv"),))))
    ours = {path.split("/")[1] for path in Jail(warm=()).paths()}  # a course may lie below /home
    assert not {"home", "var", "boot", "sys", "srv"} - ours & set(seen["root"])
    assert "shadow" not in seen["etc"]
    assert seen["data"] == "allowed"
    assert not seen["secret"]
    assert seen["passwd"].startswith("student:")
    assert len(seen["passwd"].splitlines()) == 1
    assert seen["pid"] < 5
    assert set(seen["env"]) <= {*Jail().environment(), "LC_CTYPE", "PWD"}


@linux
def test_the_doctor_names_each_protection_and_what_its_absence_exposes():
    protections = sandbox.doctor(fresh=True)
    assert len({protection.name for protection in protections}) == len(protections) >= 7
    for protection in protections:
        assert protection.exposes
        assert protection.remedy
    needed = [protection for protection in protections if protection.needed]
    assert all(protection.active for protection in needed), "this machine cannot hold student code back"


def test_a_machine_without_walls_is_refused_unless_told_otherwise(monkeypatch):
    monkeypatch.setattr(sandbox, "_probe", lambda how: {})
    monkeypatch.setattr(sandbox, "_found", {})
    with pytest.raises(SandboxUnavailable, match="hidden tests, the gradebook") as refusal:
        sandbox.require(unsafe=False)
    assert "--unsafe" in str(refusal.value)
    assert sandbox.require(unsafe=True) == "none"
    with pytest.raises(SandboxUnavailable):
        Pool(1).__enter__()


def test_one_missing_wall_is_enough_to_refuse(monkeypatch):
    walls = {"user": True, "files": True, "processes": True, "network": False, "nested": True, "landlocked": True}
    monkeypatch.setattr(sandbox, "_probe", lambda how: walls)
    monkeypatch.setattr(sandbox, "_found", {})
    with pytest.raises(SandboxUnavailable, match="no network: missing"):
        sandbox.require(unsafe=False)


@linux
def test_bubblewrap_is_preferred_but_not_if_it_does_not_work(monkeypatch, tmp_path):
    good = dict.fromkeys(("user", "files", "processes", "network", "nested", "landlocked"), True)
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: "/usr/bin/bwrap")
    for works, best in ((True, "bubblewrap"), (False, "own")):
        monkeypatch.setattr(sandbox, "_found", {})
        monkeypatch.setattr(sandbox, "_probe", lambda how, works=works: good if works or how == "own" else {})
        assert sandbox.survey()[0] == best


@linux
@pytest.mark.skipif(landlock.abi() == 0, reason="this kernel has no Landlock")
def test_landlock_leaves_what_is_allowed(tmp_path):
    (tmp_path / "read").mkdir()
    (tmp_path / "write").mkdir()
    (tmp_path / "read" / "x").write_text("1")
    child = os.fork()
    if child == 0:
        status = 1
        try:
            jail.prctl(38, 1)
            landlock.restrict([str(tmp_path / "read"), str(tmp_path / "missing")], [str(tmp_path / "write")])
            (tmp_path / "write" / "x").write_text("2")
            assert (tmp_path / "read" / "x").read_text() == "1"
            for forbidden in (tmp_path / "read" / "y", tmp_path / "z"):
                try:
                    forbidden.write_text("")
                except PermissionError:
                    continue
                raise AssertionError(forbidden)
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
