"""Who is who, asked of a person: a table of what could not be matched, to be filled in and read by the next run."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from classroom.course import shown_path
from classroom.disk import write_file, writing
from classroom.export import harmless
from classroom.model import Refused
from classroom.roster import Roster, fold
from classroom.rostertable import table_of
from classroom.submission import printable

WHO_IS_WHO = "classroom-who-is-who.csv"
COLUMNS = ("assignment", "name in the download", "student id", "a file", "why")
MOST = 5_000


def shown(name: str) -> str:
    """A name of the download as the table shows it."""
    return harmless(printable(name))


def key(name: str) -> str:
    """What a name of the download is compared by, after a spreadsheet had it."""
    return fold(shown(name))


class WhoIsWho:
    """The table of one assignment in the course's folder; what it says of others is left as it is."""

    def __init__(self, root: Path, assignment: str, roster: Roster) -> None:
        self.path, self.assignment, self.roster = root / WHO_IS_WHO, assignment, roster
        self.rows: list[dict[str, str]] = []
        if self.path.is_file() and self.path.stat().st_size:
            headings, *rows = table_of(self.path.read_bytes(), roster) or [[]]
            names = [fold(heading) for heading in headings]
            self.rows = [dict(zip(names, map(str.strip, row), strict=False)) for row in rows if any(row)]

    def _mine(self, row: Mapping[str, str]) -> bool:
        return row.get("assignment") == shown(self.assignment)

    def answers(self) -> tuple[dict[str, frozenset[str]], list[str]]:
        """Who the names are, by their ``key``, and what is wrong with the other answers."""
        found, wrong = {}, []
        for row in self.rows:
            answer = row.get("student id", "")
            if not answer or not self._mine(row):
                continue
            students = self.roster.called(answer)
            if len(students) == 1:
                found[fold(row.get("name in the download", ""))] = frozenset(students)
            else:
                many = "more than one student is" if students else "nobody on the roster is"
                wrong.append(f"{WHO_IS_WHO}: {many} called {printable(answer, 40)!r}")
        return found, wrong

    def ask(self, unmatched: Mapping[str, Refused]) -> str:
        """Writes down what is still to be said: {name in the download: a file and why}. A sentence about it, or ""."""
        mine = {fold(row.get("name in the download", "")): row for row in self.rows if self._mine(row)}
        asked = {key(name): (name, about) for name, about in list(unmatched.items())[:MOST]}
        rows = [row for row in self.rows if not self._mine(row)]
        rows += [row for name, row in mine.items() if row.get("student id") and name not in asked]
        rows += [
            {
                "assignment": shown(self.assignment),
                "name in the download": shown(name),
                "student id": mine.get(wanted, {}).get("student id", ""),
                "a file": shown(about.file),
                "why": shown(about.reason),
            }
            for wanted, (name, about) in asked.items()
        ]
        if rows:
            table = io.StringIO(newline="")
            csv.DictWriter(table, COLUMNS, extrasaction="ignore").writeheader()
            csv.DictWriter(table, COLUMNS, "", extrasaction="ignore").writerows(rows)
            write_file(self.path, table.getvalue().encode("utf-8-sig"), 0o640)  # with a mark, for Excel; it is personal
        elif self.rows:
            with writing(self.path):
                self.path.unlink(missing_ok=True)
        if not unmatched:
            return ""
        return f"To say who is who, fill in the column student id of {shown_path(self.path)}, and run the same command again."
