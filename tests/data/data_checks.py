"""What must be true of the data room, as functions that return sentences naming file, row and field.

The tests run them on ``datasets/`` (no sentence may come back) and on damaged copies (the right sentence must).
A row number is the one a spreadsheet shows: the header is row 1.
"""

import csv
import importlib
import json
import sys
from collections import defaultdict
from pathlib import Path
from types import ModuleType

import numpy as np
from frictionless import Error, Package, system

ROOT = Path(__file__).resolve().parents[2]
DATASETS = ROOT / "datasets"
sys.path.insert(0, str(DATASETS / "recipes"))  # recipes are scripts beside each other, not a package


def recipe(name: str) -> ModuleType:
    """A recipe as a module. It leaves no cache in ``datasets/``, which goes into the wheel; the tests that follow keep theirs."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        return importlib.import_module(name)
    finally:
        sys.dont_write_bytecode = before


fingerprints = recipe("fingerprints")


def package(folder: Path = DATASETS) -> dict[str, dict]:
    """The tables that ``datapackage.json`` declares, by name."""
    declared = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return {table["name"]: table for table in declared["resources"]}


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of a table as text."""
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


MEANING = {
    "type-error": "does not have the declared type",
    "constraint-error": "breaks a constraint",
    "unique-error": "must be unique",
    "missing-cell": "the row ends before this field",
    "extra-cell": "the row goes on after this, its last field",
    "blank-row": "the row is empty",
    "incorrect-label": "the header does not have this name here",
    "missing-label": "the header does not have this field",
    "extra-label": "the header goes on after its last field",
    "primary-key": "repeats a primary key",
    "foreign-key": "has no counterpart",
}


def sentence(table: dict, error: Error) -> str:
    """A frictionless error as ``datasets/x.csv, row 12, field "pop_2024": ...``."""
    schema = table["schema"]
    row = getattr(error, "row_number", None) or (1 if error.type.endswith("-label") else None)
    field = getattr(error, "field_name", None)
    if error.type == "primary-key":
        field = ", ".join(schema["primaryKey"])
    elif error.type == "foreign-key":
        field = ", ".join(error.field_names)
    elif error.type in ("extra-cell", "extra-label"):
        field = schema["fields"][-1]["name"]
    where = f"datasets/{table['path']}" + (f", row {row}" if row else "") + (f', field "{field}"' if field else "")
    cell = getattr(error, "cell", "")
    value = "" if cell in ("", "None") or error.type == "extra-cell" else f'"{cell}" '
    return f"{where}: {value}{MEANING.get(error.type, error.type)}" + (f" ({error.note})" if error.note else "")


def schema_problems(folder: Path = DATASETS) -> list[str]:
    """Types, ranges, patterns, missing values, primary and foreign keys: what the frictionless library finds."""
    tables = package(folder)
    with system.use_context(trusted=True):  # a temporary copy may lie anywhere
        report = Package(str(folder / "datapackage.json")).validate()
    found = [f"datasets/datapackage.json: {error.note}" for error in report.errors]
    return found + [sentence(tables[task.name], error) for task in report.tasks for error in task.errors]


def sum_problems(folder: Path = DATASETS) -> list[str]:
    """Counts of rows and sums of columns against the published figures that the descriptor names."""
    found, tables = [], package(folder)
    for name, table in tables.items():
        where, records = f"datasets/{table['path']}", rows(folder, name)
        key = table["schema"].get("primaryKey", [table["schema"]["fields"][0]["name"]])[0]
        count = table.get("row_count")
        if count and len(records) != count["expected"]:
            found.append(
                f'{where}, row {len(records) + 1}, field "{key}": the file ends here with {len(records)} rows; '
                f"{count['expected']} expected ({count['source']})"
            )
        for check in table.get("sums", []):
            field, last = check["field"], len(records) + 1
            values = [float(row[field] or 0) for row in records]
            if "by" in check:
                groups = defaultdict(list)
                for number, (row, value) in enumerate(zip(records, values, strict=True), start=2):
                    groups[row[check["by"]]].append((number, value))
                other = check["equals"]
                for row in rows(folder, other["resource"]):
                    members = groups.get(row[other["key"]])
                    if members and (total := sum(v for _, v in members)) != float(row[other["field"]]):
                        found.append(
                            f'{where}, rows {members[0][0]} to {members[-1][0]}, field "{field}": {check["by"]} '
                            f"{row[other['key']]} adds to {total:,.0f}; {other['resource']} has {row[other['field']]}"
                        )
                continue
            kind, total = "adds to", sum(values)
            if "weight" in check:
                weights = [float(row[check["weight"]]) for row in records]
                kind, total = "has the weighted mean", float(np.average(values, weights=weights))
            if abs(total - check["expected"]) > check.get("tolerance", 0):
                found.append(
                    f'{where}, rows 2 to {last}, field "{field}": {kind} {total:,.10g}; '
                    f"{check['expected']:,} expected ({check['source']})"
                )
    return found


def fingerprint_problems(folder: Path = DATASETS) -> list[str]:
    """Cells of real tables that are no longer what was recorded."""
    recorded = json.loads((DATASETS / "fingerprints.json").read_text(encoding="utf-8"))
    real = [table for table in package(folder).values() if not table["synthetic"]]
    found = [f"datasets/{t['path']}: no fingerprint; run `make data`" for t in real if t["name"] not in recorded]
    for table in real:
        if table["name"] in recorded:
            found += fingerprints.changes(folder / table["path"], recorded[table["name"]])
    return found


def recipe_problems(name: str, folder: Path = DATASETS) -> list[str]:
    """Where a synthetic table is not, byte for byte, what its recipe makes."""
    draws, made_by = recipe("draws"), recipe(name)
    made = draws.csv_bytes(made_by.make())
    stored = (folder / f"{name}.csv").read_bytes()
    if made == stored:
        return []
    where = f"datasets/{name}.csv"
    new, old = (list(csv.reader(text.decode("utf-8").splitlines())) for text in (made, stored))
    for number, (is_made, is_stored) in enumerate(zip(new, old, strict=False), start=1):
        for field, a, b in zip(new[0], is_made, [*is_stored, *[""] * len(is_made)], strict=False):
            if a != b:
                return [f'{where}, row {number}, field "{field}": the file has "{b}", the recipe makes "{a}"']
    if len(new) != len(old):
        short = min(len(new), len(old))
        return [f'{where}, row {short + 1}, field "{new[0][0]}": {len(old) - 1} rows, the recipe makes {len(new) - 1}']
    return [f"{where}, row 1: the bytes differ though the cells do not (line ends, quotes or encoding)"]


def problems(folder: Path = DATASETS) -> list[str]:
    """Everything above, recipes apart; sums only of tables that are valid."""
    invalid = schema_problems(folder)
    return invalid + fingerprint_problems(folder) + ([] if invalid else sum_problems(folder))
