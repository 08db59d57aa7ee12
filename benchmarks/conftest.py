"""`pytest benchmarks` collects bench_*.py; plain `pytest` keeps looking for test_*.py only."""

from pathlib import Path

import pytest


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    asked_for_by_name = parent.session.isinitpath(file_path)  # pytest then collects it itself
    if file_path.match("bench_*.py") and not asked_for_by_name:
        return pytest.Module.from_parent(parent, path=file_path)
    return None
