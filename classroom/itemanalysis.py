"""Classical item analysis: how hard a task is, how well it goes with the others, how far a sum of marks can be relied on.

``scores`` is everywhere an array of n students (rows) by k tasks (columns), in points, without missing values. What a class
is too small for, or what does not vary, is nan: never 0.

Formulas: alpha, Cronbach (1951), which for tasks of 0 or 1 is Kuder and Richardson's (1937) formula 20; its interval, Feldt,
Woodruff and Salih (1987), exact for normal scores; the students that an interval of some width takes, Bonett and Wright (2015);
the correlation of a task with the sum of the others, Henrysson (1963), with Fisher's interval.
"""

import math
from typing import NamedTuple

import numpy as np

LEVEL = 0.95  # of all intervals
NOISE = 1e-12  # a spread below it, in parts of the largest score, is that of decimals


class Estimate(NamedTuple):
    """A number with the ends of its interval; all three are nan where it is undefined, the ends alone where they are."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan

    @property
    def known(self) -> bool:
        return not math.isnan(self.value)

    @property
    def width(self) -> float:
        return self.high - self.low


def _scores(scores: object) -> np.ndarray:
    table = np.array(scores, dtype=float)
    if table.ndim != 2:
        raise ValueError(f"scores: {table.ndim} dimensions; give a table of students by tasks")
    if np.isnan(table).any():
        raise ValueError("scores: a value is missing; leave such students out")
    return table


def difficulty(scores: object, points: object) -> np.ndarray:
    """The share of its points that each task gave on average (k values from 0 to 1): the larger, the *easier*.

    ``points`` are the most that each task can give. For tasks of 0 or 1 this is the usual p, the share of right answers.
    """
    table, most = _scores(scores), np.array(points, dtype=float)
    if most.shape != table.shape[1:] or not (most > 0).all():
        raise ValueError("points: one number above 0 for each task")
    return table.mean(axis=0) / most if len(table) else np.full(len(most), math.nan)


def alpha(scores: object, level: float = LEVEL) -> Estimate:
    """Cronbach's alpha of the sum of all tasks (for tasks of 0 or 1: KR-20), with Feldt's interval."""
    table = _scores(scores)
    n, k = table.shape
    if n < 2 or k < 2:
        return Estimate()
    total = table.sum(axis=1).var(ddof=1)
    if not _varies(table.sum(axis=1)):
        return Estimate()
    value = k / (k - 1) * (1 - table.var(axis=0, ddof=1).sum() / total)
    return Estimate(value, *feldt(value, n, k, level))


def feldt(value: float, students: int, tasks: int, level: float = LEVEL) -> tuple[float, float]:
    """Both ends of the interval of an alpha that so many students and tasks gave."""
    from scipy.special import fdtri  # of scipy.stats, the import alone takes a second

    left, right = students - 1, (students - 1) * (tasks - 1)
    tail = (1 - level) / 2
    return 1 - (1 - value) * fdtri(left, right, 1 - tail), 1 - (1 - value) * fdtri(left, right, tail)


def item_total(scores: object, level: float = LEVEL) -> list[Estimate]:
    """For each task the correlation of its points with the sum of the *other* tasks (corrected), with Fisher's interval.

    The interval takes more than three students.
    """
    table = _scores(scores)
    n, k = table.shape
    total = table.sum(axis=1)
    found = []
    for column in table.T:
        rest = total - column
        if n < 3 or k < 2 or not (_varies(column) and _varies(rest)):
            found.append(Estimate())
            continue
        r = float(np.clip(np.corrcoef(column, rest)[0, 1], -1, 1))
        found.append(Estimate(r, *fisher(r, n, level)))
    return found


def fisher(r: float, students: int, level: float = LEVEL) -> tuple[float, float]:
    """Both ends of the interval of a correlation among so many students; nan for three or fewer."""
    from scipy.special import ndtri

    if students <= 3:
        return math.nan, math.nan
    if abs(r) >= 1:
        return r, r
    reach = ndtri((1 + level) / 2) / math.sqrt(students - 3)
    return math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach)


def students_for_alpha(value: float, tasks: int, width: float, level: float = LEVEL) -> int:
    """How many students it takes until the interval of such an alpha is no wider than ``width``, from end to end."""
    if tasks < 2 or not value < 1 or not width > 0:
        raise ValueError(
            f"value {value}, tasks {tasks}, width {width}: alpha below 1, two tasks or more, a width above 0"
        )

    def wide(students: int) -> bool:
        low, high = feldt(value, students, tasks, level)
        return high - low > width

    few, many = 2, 4
    while wide(many):
        few, many = many, 2 * many
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (middle, many) if wide(middle) else (few, middle)
    return many if wide(few) else few


def _varies(values: np.ndarray) -> bool:
    return float(np.ptp(values)) > NOISE * max(1.0, float(np.abs(values).max()))
