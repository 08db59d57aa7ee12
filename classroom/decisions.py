"""What people decided about submissions that leave a question open: kept in one file of the course, for good.

A decision is about a submission as it was handed in, files and all. It is void as soon as the student hands in anything
else, and counts again if the same files come back.
"""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from classroom.disk import write_file
from classroom.model import Decision
from classroom.submission import LITTER, is_stamp

DECISIONS = "classroom-decisions.jsonl"


def fingerprint(files: Mapping[str, bytes]) -> str:
    """A digest of what a student handed in; when it came in does not count, nor what editors leave behind."""
    found = hashlib.sha256()
    for path, data in sorted(files.items()):
        if not is_stamp(path, data) and not LITTER.search(path):
            found.update(json.dumps([path, len(data)]).encode() + data)
    return found.hexdigest()


class Decisions:
    """The decisions of a course, as JSON lines in its folder; the last line about a submission counts."""

    def __init__(self, root: Path) -> None:
        self.path = root / DECISIONS
        self._all: dict[tuple[str, str, str], Decision] = {}
        if self.path.is_file():
            for line in self.path.read_bytes().splitlines():
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    row = json.loads(line)
                    key = row["assignment"], row["student"], row["files"]
                    self._all[key] = Decision(dict(row["notebooks"]), row["stands"] is True)

    def of(self, assignment: str, student: str, files: Mapping[str, bytes]) -> Decision:
        """What was decided about a submission; an empty decision if nothing was."""
        about = [key for key in self._all if key[:2] == (assignment, student)]
        return self._all.get((assignment, student, fingerprint(files)), Decision()) if about else Decision()

    def add(self, assignment: str, student: str, files: Mapping[str, bytes], decision: Decision) -> None:
        """Keeps a decision: whole, or not at all."""
        row = {
            "assignment": assignment,
            "student": student,
            "files": fingerprint(files),
            "notebooks": dict(decision.notebooks),
            "stands": decision.stands,
        }
        lines = self.path.read_bytes().splitlines() if self.path.is_file() else []
        text = b"\n".join([*lines, json.dumps(row).encode(), b""])
        write_file(self.path, text, 0o640)  # names are personal
        self._all[assignment, student, row["files"]] = decision
