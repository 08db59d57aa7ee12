"""Fingerprints of the real tables, so that a silently edited cell is named even where its new value is plausible.

``python datasets/recipes/fingerprints.py`` rewrites ``datasets/fingerprints.json``: for each real table a short hash of
every row and of every field. Run it only after a change that you meant, and say in the commit what changed and why.
Synthetic tables need none: their recipes make them again byte for byte.
"""

import csv
import hashlib
import json
from pathlib import Path

DATASETS = Path(__file__).resolve().parent.parent


def short_hash(cells: list[str]) -> str:
    """Eight hexadecimal digits of the SHA-256 of the cells (joined by a character that no cell holds)."""
    return hashlib.sha256("\x1f".join(cells).encode("utf-8")).hexdigest()[:8]


def read(path: Path) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV file, as text."""
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def fingerprint(path: Path) -> dict:
    """``{"fields": {name: hash}, "rows": [hash, ...]}`` of one table."""
    header, rows = read(path)
    columns = [[row[i] if i < len(row) else "" for row in rows] for i in range(len(header))]
    return {
        "fields": {name: short_hash(column) for name, column in zip(header, columns, strict=True)},
        "rows": [short_hash(row) for row in rows],
    }


def changes(path: Path, recorded: dict) -> list[str]:
    """What differs from the recorded fingerprint, a sentence a cell: file, row (the header is row 1), field."""
    now, where = fingerprint(path), f"datasets/{path.name}"
    if list(now["fields"]) != list(recorded["fields"]):
        pairs = zip(now["fields"], recorded["fields"], strict=False)
        number = next(
            (i for i, (new, old) in enumerate(pairs) if new != old), min(len(now["fields"]), len(recorded["fields"]))
        )
        name = (list(recorded["fields"]) + list(now["fields"])[number:])[number]
        return [f'{where}, row 1, field "{name}": the header is not the recorded one']
    if len(now["rows"]) != len(recorded["rows"]):
        first = next(
            (i for i, pair in enumerate(zip(now["rows"], recorded["rows"], strict=False)) if pair[0] != pair[1]),
            min(len(now["rows"]), len(recorded["rows"])),
        )
        count = f"{len(now['rows'])} rows, {len(recorded['rows'])} recorded"
        key = next(iter(recorded["fields"]))
        return [f'{where}, row {first + 2}, field "{key}": the file has {count}; this is the first that differs']
    rows = [i + 2 for i, pair in enumerate(zip(now["rows"], recorded["rows"], strict=True)) if pair[0] != pair[1]]
    fields = [name for name, value in now["fields"].items() if value != recorded["fields"][name]]
    if rows and not fields:  # same columns, another row: cells after the last field, or rows that changed places
        fields = [next(reversed(now["fields"]))]
    return [f'{where}, row {row}, field "{name}": not the recorded value' for row in rows for name in fields]


def main() -> None:
    """Rewrite ``datasets/fingerprints.json``."""
    package = json.loads((DATASETS / "datapackage.json").read_text(encoding="utf-8"))
    prints = {t["name"]: fingerprint(DATASETS / t["path"]) for t in package["resources"] if not t["synthetic"]}
    text = json.dumps(prints, indent=1, ensure_ascii=False) + "\n"
    (DATASETS / "fingerprints.json").write_text(text, encoding="utf-8", newline="\n")
    print(f"datasets/fingerprints.json: {len(prints)} tables")


if __name__ == "__main__":
    main()
