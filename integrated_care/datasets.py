"""The data room: every table of the book by name, with the types that ``datapackage.json`` declares.

>>> from integrated_care import load
>>> load("morocco_regions_census")["region_code"].iloc[0]
'01'

Codes and labels are strings, whole numbers are integers, everything else that is a number is a float. Only what a
table declares as missing is missing: the text ``n/a`` stays text. Works from any directory, from a source tree, from a
wheel and in the browser (standard library and pandas only).
"""

import copy
import csv
import difflib
import functools
import json
from pathlib import Path
from typing import Any

import pandas as pd

_HERE = Path(__file__).resolve().parent
_FOLDERS = (_HERE / "_datasets", _HERE.parent / "datasets")  # in a wheel; in a source tree

# Data Package types -> pandas types, when the field must have a value and when it may be missing.
# A string is `str` to pandas 3 and `object` to pandas 2; comparisons, isna() and groupby() are the same in both.
_DTYPES = {
    "string": (str, str),
    "integer": ("int64", "Int64"),
    "number": ("float64", "float64"),
    "boolean": (bool, "boolean"),
}
_TRUE, _FALSE = ["true", "True", "TRUE", "1"], ["false", "False", "FALSE", "0"]


class UnknownDataset(KeyError):
    """No table has this name; the message suggests the nearest one."""

    def __str__(self) -> str:  # a KeyError would print its message in quotes
        return str(self.args[0])


def names() -> list[str]:
    """The names of all tables, in the order of the data dictionary."""
    return list(_tables(_folder()))


def describe(name: str) -> dict[str, Any]:
    """Everything that is declared about a table: title, row_is, description, sources, licenses, fields with units.

    Raises
    ------
    UnknownDataset
        A ``KeyError`` that suggests the nearest name.
    """
    return copy.deepcopy(_table(name))


def is_synthetic(name: str) -> bool:
    """True when the table was made by a recipe and holds no real person or place.

    Raises
    ------
    UnknownDataset
        A ``KeyError`` that suggests the nearest name.
    """
    return bool(_table(name)["synthetic"])


def load(name: str) -> pd.DataFrame:
    """A table as a DataFrame of your own: change it as you like, the next call starts afresh.

    Parameters
    ----------
    name
        As in :func:`names`, for example ``"england_icb_profile"``.

    Returns
    -------
    DataFrame
        One column a field, in the declared order. ``string`` gives text, ``integer`` int64 (Int64 where values may
        be missing), ``number`` float64, ``boolean`` bool.

    Raises
    ------
    UnknownDataset
        A ``KeyError`` that suggests the nearest name.
    ValueError
        The file does not hold what is declared; the message names file, row (the header is row 1) and field.
    """
    table = _table(name)
    path = _folder() / table["path"]
    return _parse(path, path.stat().st_mtime_ns, table["name"]).copy()


def _folder() -> Path:
    for folder in _FOLDERS:
        if (folder / "datapackage.json").is_file():
            return folder
    raise FileNotFoundError(
        "the tables of integrated_care are not there (no datapackage.json): install the package again"
    )


@functools.lru_cache(maxsize=4)
def _tables(folder: Path) -> dict[str, dict[str, Any]]:
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return {table["name"]: table for table in package["resources"]}


def _table(name: str) -> dict[str, Any]:
    tables = _tables(_folder())
    if name in tables:
        return tables[name]
    asked = str(name).strip().lower().removesuffix(".csv")
    near = [asked] if asked in tables else difflib.get_close_matches(asked, tables, n=1, cutoff=0.5)
    near = near or [table for table in tables if asked and asked in table][:1]
    hint = f' Did you mean "{near[0]}"?' if near else ""
    raise UnknownDataset(f'no dataset is called "{name}".{hint} There are: {", ".join(tables)}.')


@functools.lru_cache(maxsize=64)  # keyed by the file's time too: an edited file is read again
def _parse(path: Path, _modified: int, name: str) -> pd.DataFrame:
    schema = _tables(path.parent)[name]["schema"]
    fields = {field["name"]: field for field in schema["fields"]}
    missing = schema.get("missingValues", [""])
    with open(path, encoding="utf-8", newline="") as file:
        header = file.readline().rstrip("\r\n").split(",")
    if header != list(fields):
        wrong = next((i for i, name in enumerate(fields) if header[i : i + 1] != [name]), len(fields))
        found = f'"{header[wrong]}"' if wrong < len(header) else "nothing"
        wanted = f'field "{list(fields)[wrong]}"' if wrong < len(fields) else "no more fields"
        raise ValueError(f"datasets/{path.name}, row 1: {wanted} expected as column {wrong + 1}, found {found}")
    options = {
        "encoding": "utf-8",
        "keep_default_na": False,
        "na_values": missing,
        "true_values": _TRUE,
        "false_values": _FALSE,
    }
    dtypes = {name: _DTYPES[field["type"]][not _required(field)] for name, field in fields.items()}
    try:
        frame = pd.read_csv(path, dtype=dtypes, index_col=False, **options)
    except (ValueError, TypeError) as error:
        raise ValueError(_first_fault(path, fields, missing) or f"datasets/{path.name}: {error}") from error
    if frame[[name for name, field in fields.items() if _required(field)]].isna().any(axis=None):
        raise ValueError(_first_fault(path, fields, missing))
    return frame


def _required(field: dict[str, Any]) -> bool:
    return bool(field.get("constraints", {}).get("required"))


def _first_fault(path: Path, fields: dict[str, dict[str, Any]], missing: list[str]) -> str:
    """Where the file departs from the declared types: file, row, field and value of the first such cell."""
    readers = {"integer": int, "number": float, "boolean": (_TRUE + _FALSE).index, "string": str}
    with open(path, encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file), start=1):
            if number > 1 and len(row) != len(fields):
                short = list(fields)[min(len(row), len(fields) - 1)]
                cells = f"{len(row)} cells where {len(fields)} are declared"
                return f'datasets/{path.name}, row {number}, field "{short}": {cells}'
            for value, (name, field) in zip(row, fields.items(), strict=False):
                where = f'datasets/{path.name}, row {number}, field "{name}"'
                if number > 1 and value in missing:
                    if _required(field):
                        return f"{where}: no value where one is required"
                elif number > 1:
                    try:
                        readers[field["type"]](value)
                    except ValueError:
                        return f'{where}: "{value}" is not of type {field["type"]}'
    return ""
