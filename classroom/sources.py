"""Where each submission came from: what the platform calls it, kept so that marks and pages can find the way back."""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from classroom.disk import write_file

SOURCES = "classroom-sources.jsonl"


@dataclass(frozen=True)
class Source:
    """Where a submission came from.

    ``name`` begins the names of its files in the download, as the platform wrote it ("Ada Lovelace_12345" of Moodle);
    ``number`` is the platform's for the participant or user ("" if it gave none). ``local`` is the time of hand-in as a
    clock showed it, if the download did not say in which ``zone``, and then ``zone`` is the one that was assumed.
    ``folder`` is the one of Moodle's download, in which it takes a page back.
    """

    platform: str
    name: str
    number: str = ""
    zone: str = ""
    local: str = ""
    folder: str = ""


class Sources:
    """The source of every submission, as JSON lines in the course's folder. A line that is damaged is dropped."""

    def __init__(self, root: Path) -> None:
        self.path = root / SOURCES
        self._all: dict[tuple[str, str], Source] = {}
        if self.path.is_file():
            for line in self.path.read_bytes().splitlines():
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    row = json.loads(line)
                    about = row.pop("assignment"), row.pop("student")
                    self._all[about] = Source(**row)

    def of(self, assignment: str) -> dict[str, Source]:
        """The sources of an assignment's submissions by student."""
        return {student: source for (name, student), source in self._all.items() if name == assignment}

    def keep(self, assignment: str, sources: dict[str, Source]) -> None:
        """Writes these down, in place of what was known of the same students: all, or nothing."""
        if not sources:
            return
        self._all |= {(assignment, student): source for student, source in sources.items()}
        lines = (
            json.dumps({"assignment": name, "student": student, **asdict(source)})
            for (name, student), source in sorted(self._all.items())
        )
        write_file(self.path, "".join(f"{line}\n" for line in lines).encode(), 0o640)  # names are personal
