"""Random draws that give the same table on every machine and every numpy.

Only ``Generator.random`` is used (its stream is the one that numpy keeps); every other distribution is made from those
uniforms here, by inversion, and every table is rounded before it is written.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd

DATASETS = Path(__file__).resolve().parent.parent
_INVERSE_NORMAL = np.vectorize(NormalDist().inv_cdf, otypes=[float])


def uniforms(seed: int, *shape: int) -> np.ndarray:
    """Uniforms strictly between 0 and 1."""
    return np.clip(np.random.default_rng(seed).random(shape), 1e-12, 1 - 1e-12)


def normal(u: np.ndarray) -> np.ndarray:
    """Standard normal draws from uniforms ``u``."""
    return _INVERSE_NORMAL(u)


def logistic(u: np.ndarray) -> np.ndarray:
    """Standard logistic draws from uniforms ``u``."""
    return np.log(u / (1 - u))


def poisson(u: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Poisson counts with the given means (below about 700) from uniforms ``u``."""
    term = np.exp(-mean)
    below, count = term.copy(), np.zeros(u.shape, dtype="int64")
    for k in range(1, int(mean.max() + 12 * np.sqrt(mean.max()) + 30)):
        count += u > below
        term = term * mean / k
        below += term
    return count


def expit(x: np.ndarray) -> np.ndarray:
    """The inverse of the logit."""
    return 1 / (1 + np.exp(-x))


def solve(function: Callable[[float], float], target: float, low: float, high: float) -> float:
    """The x in [low, high] at which the increasing ``function`` reaches ``target`` (bisection)."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < target else (low, middle)
    return (low + high) / 2


def csv_bytes(table: pd.DataFrame) -> bytes:
    """The table as it stands in ``datasets/``: UTF-8, a line feed after each row, no index."""
    return table.to_csv(index=False, lineterminator="\n").encode("utf-8")


def write(make: Callable[[], pd.DataFrame], name: str) -> None:
    """Rewrite ``datasets/<name>.csv`` from its recipe."""
    path = DATASETS / f"{name}.csv"
    path.write_bytes(csv_bytes(make()))
    print(f"datasets/{name}.csv: {path.stat().st_size / 1000:.0f} kB", file=sys.stderr)
