"""Reading arguments and refusing those that make no sense: what a function does first, in one way for all of them.

A refusal is a ``ValueError`` that begins with the argument's name and the value at fault: ``w: -2 in row 1 is negative``.
Infinity is no number here. A missing value (nan, None, pandas' NA) is read as nan and goes through, where a function does
not say otherwise. Nothing that is passed in is changed.

No method is in here, so the module stays open while a submission is graded.
"""

from collections.abc import Iterable, Mapping
from math import inf, isfinite

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

# Sums of decimals carry noise in the sixteenth digit: values that agree to twelve count as equal.
NOISE = 1e-12


# --- reading ----------------------------------------------------------------------------------------------------------


def numbers(**named: ArrayLike) -> list[np.ndarray]:
    """Arguments as arrays of floats, each of the shape that it came in (a number has none).

    >>> people, shares = numbers(people=5, shares=[0.2, None])
    >>> people.item(), shares.tolist()
    (5.0, [0.2, nan])
    """
    arrays = [_floats(name, values, "a number or a column of numbers") for name, values in named.items()]
    for name, array in zip(named, arrays, strict=True):
        refuse(name, array, np.isinf(array), "is not finite")
    return arrays


def finite(**named: ArrayLike) -> list[np.ndarray]:
    """As :func:`numbers`, for arguments that must not be missing."""
    arrays = numbers(**named)
    for name, array in zip(named, arrays, strict=True):
        refuse(name, array, np.isnan(array), "is not finite")
    return arrays


def column(name: str, values: ArrayLike, rows: int | None = None) -> np.ndarray:
    """One value a row, as floats; ``rows`` of them if that is given."""
    array = _floats(name, values, "a column of numbers")
    if array.ndim != 1:
        raise ValueError(f"{name}: needs one value a row, but its shape is {array.shape}")
    if rows is not None and len(array) != rows:
        raise ValueError(f"{name}: has {len(array)} rows, where {rows} are needed")
    refuse_rows(name, array, np.isinf(array), "is not finite")
    return array


def columns(named: Mapping[str, ArrayLike]) -> tuple[list[np.ndarray], pd.Index | None]:
    """Columns (name -> values) as floats, all of one length, and the index that the Series among them share.

    >>> (rate, people), index = columns({"rate": pd.Series([1, 2], index=["a", "b"]), "people": [10, 20]})
    >>> rate.tolist(), list(index)
    ([1.0, 2.0], ['a', 'b'])
    """
    arrays = [column(name, values) for name, values in named.items()]
    for name, array in zip(named, arrays, strict=True):
        if len(array) != len(arrays[0]):
            raise ValueError(f"{name}: has {len(array)} rows, but {next(iter(named))} has {len(arrays[0])}")
    return arrays, shared_index(named)


def shared_index(named: Mapping[str, object]) -> pd.Index | None:
    """The index of the Series among the arguments, which must not differ: their rows would be paired by accident."""
    indexes = {name: values.index for name, values in named.items() if isinstance(values, pd.Series)}
    first = next(iter(indexes), None)
    for name, index in indexes.items():
        if not index.equals(indexes[first]):
            raise ValueError(f"{name}: its index is not that of {first}; align the two, or pass .to_numpy()")
    return indexes.get(first)


def like(values: np.ndarray, index: pd.Index | None, name: str | None = None) -> np.ndarray | pd.Series:
    """A result with one value a row: a Series if a Series came in (see :func:`columns`), otherwise the array."""
    return values if index is None else pd.Series(values, index=index, name=name)


def plain(values: np.ndarray) -> float | np.ndarray:
    """A float for a single value, and an array as it is."""
    return values if np.ndim(values) else float(values)


def _floats(name: str, values: ArrayLike, wanted: str) -> np.ndarray:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: not {wanted} ({error})") from None


# --- refusing ---------------------------------------------------------------------------------------------------------


def refuse(name: str, values: ArrayLike, bad: ArrayLike, because: str) -> None:
    """Refuse an argument, a number or an array, for the first of its values that is ``bad``.

    >>> refuse("k", -1, bad=True, because="is negative")
    Traceback (most recent call last):
    ValueError: k: -1 is negative
    """
    bad = np.asarray(bad)
    if bad.any():
        raise ValueError(f"{name}: {np.asarray(values)[bad].flat[0]:.15g} {because}")


def refuse_rows(name: str, values: np.ndarray, bad: np.ndarray, because: str) -> None:
    """Refuse a column for the first of its rows that is ``bad``, and say which row (from 0)."""
    if bad.any():
        refuse(name, values, bad, f"in row {int(np.argmax(bad))} {because}")


def refuse_negative(**named: np.ndarray) -> None:
    """Refuse a column that holds less than 0."""
    for name, values in named.items():
        refuse_rows(name, values, values < 0, "is negative")


def within(
    name: str, value: float, low: float = -inf, high: float = inf, *, open_low: bool = False, open_high: bool = False
) -> None:
    """Refuse one number that is missing, not finite or not between two limits; an open limit is itself outside.

    >>> within("level", 1, 0, 1, open_high=True)
    Traceback (most recent call last):
    ValueError: level: 1 is not a finite number at least 0 and below 1
    """
    inside = isfinite(value) and low <= value <= high
    if not inside or (open_low and value == low) or (open_high and value == high):
        limits = [f"{'above' if open_low else 'at least'} {low:g}"] if low > -inf else []
        limits += [f"{'below' if open_high else 'at most'} {high:g}"] if high < inf else []
        raise ValueError(f"{name}: {value:.15g} is not a finite number {' and '.join(limits)}".rstrip())


def one_of(name: str, value: object, known: Iterable) -> None:
    """Refuse what is not among the values that are known.

    >>> one_of("status", "informal", ["all", "formal"])
    Traceback (most recent call last):
    ValueError: status: 'informal' is none of 'all', 'formal'
    """
    known = list(known)
    if value not in set(known):
        raise ValueError(f"{name}: {say(value)} is none of {', '.join(map(say, known))}")


def has_columns(name: str, table: pd.DataFrame, wanted: Iterable) -> None:
    """Refuse a table that lacks a column."""
    for label in wanted:
        if label not in table:
            raise ValueError(f"{name}: there is no column {say(label)}")


def say(label: object) -> str:
    """A label as a person would type it: 1, not np.int64(1)."""
    return repr(label.item() if isinstance(label, np.generic) else label)
