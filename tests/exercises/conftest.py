"""Makes the answer bank importable, whatever folder pytest was started in."""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
for folder in (TESTS, TESTS / "exercises"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
