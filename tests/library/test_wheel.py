"""What is installed from the wheel works without the repository: data included, tests and course left out."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(out),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (path,) = out.glob("*.whl")
    return path


def test_the_wheel_loads_data_from_any_folder(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "import integrated_care; assert 'site' in integrated_care.__file__, integrated_care.__file__; "
        "print(integrated_care.load('england_icb_profile').shape[0])"
    )
    # -S would lose pandas; the unpacked wheel goes first on the path instead.
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); {code}"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.strip() == "42", done.stderr


def test_the_wheel_holds_no_exercise_and_no_test(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "integrated_care/_datasets/claims.csv" in names
    assert not [name for name in names if name.startswith(("tests", "exercises")) or name.endswith(".ipynb")]
