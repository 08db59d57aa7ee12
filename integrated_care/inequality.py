"""Methods of chapter 5, *The most deprived fifth*: how unequal, for whom, and whom does a target reach?

Conventions, the same in every function
---------------------------------------
* A rank runs from 0 for the **most deprived** (poorest) person to 1 for the least. It ranks people, not areas: a group
  stands at the middle of the share of people that it fills, and groups that tie share one rank.
* ``deprivation``: larger = more deprived (pass ``-decile`` for an English IMD decile, where 1 is the most deprived).
  ``rank_var``: larger = better off (wealth, income). The two names say which way the numbers run.
* ``pop``, ``n`` and ``w`` count people (or weigh them) and are never negative. A row with nobody moves no result; the
  indices drop it, whatever its other columns hold.
* Variances and covariances are those of the population (divided by the number of people, not by one less).
* Shares are fractions. What is undefined is nan, and so is what a missing input leaves unknown. A yes-or-no answer
  cannot be nan, so :func:`core20` and :func:`targeting` refuse missing flags, scores and people instead.
* Columns (lists, arrays, Series) are matched by position. Series with different indexes are refused, because their rows
  may not be the same places. A result with one value a row is a Series if a Series came in, otherwise an array.
* ``ValueError`` names the argument and the value at fault: not a finite number, negative people, unequal lengths or
  indexes, and what each function adds. Nothing that is passed in is changed.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .arguments import NOISE, columns, like, one_of, refuse, refuse_negative, refuse_rows
from .guard import refuse_while_grading

refuse_while_grading(__name__)

__all__ = [
    "LEAST",
    "MOST",
    "concentration_curve",
    "concentration_index",
    "core20",
    "decompose_concentration",
    "erreygers_index",
    "gaps",
    "outer_fifths",
    "relative_index",
    "ridit_ranks",
    "shrink_rates",
    "slope_index",
    "targeting",
]

MOST, LEAST = "most deprived fifth", "least deprived fifth"


# --- two groups, two points in time -----------------------------------------------------------------------------------


def gaps(poor0: ArrayLike, rich0: ArrayLike, poor1: ArrayLike, rich1: ArrayLike) -> dict:
    """Absolute and relative gap between two groups at two times, and whether the two gaps moved apart.

    Parameters
    ----------
    poor0, rich0
        Rates of the poor and the rich group at the first time: numbers, or columns of one length. Not negative.
    poor1, rich1
        The same at the second time, in the same unit.

    Returns
    -------
    dict
        ``abs0``, ``abs1``: poor - rich, in the unit of the rates. ``ratio0``, ``ratio1``: poor / rich, nan where rich
        is 0. ``diverge``: True where one gap rose and the other fell; False where either stood still or is nan.
        Floats and a bool for numbers, columns for columns.

    Raises
    ------
    ValueError
        If a rate is negative.

    Examples
    --------
    >>> gaps(50, 20, 30, 10)
    {'abs0': 30.0, 'abs1': 20.0, 'ratio0': 2.5, 'ratio1': 3.0, 'diverge': True}

    Source: Mackenbach & Kunst (1997), doi:10.1016/S0277-9536(96)00073-1.
    """
    given = {"poor0": poor0, "rich0": rich0, "poor1": poor1, "rich1": rich1}
    scalar = all(np.ndim(value) == 0 for value in given.values())
    rates, index = columns({name: [value] for name, value in given.items()} if scalar else given)
    refuse_negative(**dict(zip(given, rates, strict=True)))
    p0, r0, p1, r1 = rates
    out = {"abs0": p0 - r0, "abs1": p1 - r1, "ratio0": _divide(p0, r0), "ratio1": _divide(p1, r1)}
    moves = np.round(out["abs1"] - out["abs0"], 12) * np.round(out["ratio1"] - out["ratio0"], 12)
    out["diverge"] = moves < 0
    return {name: value.item() if scalar else like(value, index, name) for name, value in out.items()}


def outer_fifths(
    measures: Mapping[str, pd.DataFrame], people: pd.DataFrame, deprivation: ArrayLike, years: Sequence[int]
) -> pd.DataFrame:
    """Follow the most and the least deprived fifth of people from one time to another, by areas ranked once.

    An area belongs to a fifth when its :func:`ridit_ranks` at the first time lies in it.

    Parameters
    ----------
    measures
        Name -> two columns, the level of a burden (larger = worse) in each area at the first and the second time.
    people
        Two columns: the people of each area at the first and the second time, its weight at that time.
    deprivation
        What the areas are ranked by at the first time (larger = more deprived). Rank by something other than the
        measures: an area chosen because its own rate was extreme would be expected to come back towards the rest.
    years
        The two times.

    Returns
    -------
    DataFrame
        One row for each ``measure``, ``group`` (:data:`MOST`, :data:`LEAST`) and ``year``, with the ``value``: the mean
        over people, in the measure's unit. nan where no area lies in a fifth, or a value of one that does is missing.

    Raises
    ------
    ValueError
        If ``people`` are negative, or the rows of a table are not those of the others.

    Examples
    --------
    >>> level = pd.DataFrame({"2014": [50, 40, 30, 20, 10], "2024": [30, 35, 20, 15, 4]})
    >>> people = pd.DataFrame({"2014": [100] * 5, "2024": [100] * 5})
    >>> outer_fifths({"no tap": level}, people, [5, 4, 3, 2, 1], [2014, 2024])["value"].tolist()
    [50.0, 30.0, 10.0, 4.0]
    """
    rank = np.asarray(ridit_ranks(people.iloc[:, 0], deprivation))
    rows = []
    for measure, levels in measures.items():
        for group, inside in {MOST: rank <= 0.2, LEAST: rank >= 0.8}.items():
            for i, year in enumerate(years):
                (level, weight), _ = columns({measure: levels.iloc[:, i], "people": people.iloc[:, i]})
                refuse_negative(people=weight)
                level, weight = _inhabited([level[inside], weight[inside]], weight[inside])
                rows.append((measure, year, group, _mean(level, weight)))
    return pd.DataFrame(rows, columns=["measure", "year", "group", "value"])


# --- a gradient through everybody -------------------------------------------------------------------------------------


def ridit_ranks(pop: ArrayLike, deprivation: ArrayLike) -> np.ndarray | pd.Series:
    """Rank of each group by deprivation, weighted by people: near 0 for the most deprived, near 1 for the least.

    The rank is the share of people who are more deprived, plus half the share of those who are equally deprived. Its
    mean over people is one half.

    Parameters
    ----------
    pop
        People in each group.
    deprivation
        Larger = more deprived.

    Returns
    -------
    array or Series of floats
        Between 0 and 1. All nan if a value is missing or there is nobody.

    Raises
    ------
    ValueError
        If ``pop`` is negative.

    Examples
    --------
    >>> ridit_ranks(pop=[100, 300, 100], deprivation=[3, 2, 1]).tolist()
    [0.1, 0.5, 0.9]

    Source: Mackenbach & Kunst (1997), doi:10.1016/S0277-9536(96)00073-1.
    """
    (people, deprived), index = columns({"pop": pop, "deprivation": deprivation})
    refuse_negative(pop=people)
    return like(_ranks(people, -deprived), index, "ridit_rank")


def slope_index(
    rate: ArrayLike,
    pop: ArrayLike,
    deprivation: ArrayLike,
    *,
    sign: str = "course",
    model: str = "linear",
    weights: ArrayLike | None = None,
) -> float:
    """Slope index of inequality: the predicted difference between the two ends of the whole population.

    A line is fitted to the rates over the ridit ranks, weighted by people, and read off at rank 0 and at rank 1.

    Parameters
    ----------
    rate
        Rate or mean of each group, in any unit; a share between 0 and 1 for ``model="logit"``.
    pop
        People in each group.
    deprivation
        Larger = more deprived.
    sign
        "course": most deprived end - least deprived end; negative where the deprived live shorter lives. "analyst":
        least - most, as England's analysts print the slope index of life expectancy.
    model
        "linear": weighted least squares. "logit": binomial regression with a logit link.
    weights
        Weights of the fit where they are not the people, such as 1 / standard error². Ranks always use ``pop``.

    Returns
    -------
    float
        In the unit of ``rate``. nan if a value is missing, all groups tie, or the logit fit has no finite solution.

    Raises
    ------
    ValueError
        If ``pop`` or ``weights`` is negative, ``sign`` or ``model`` is unknown, or a rate is not a share where the
        logit needs one.

    Examples
    --------
    >>> round(slope_index(rate=[50, 40, 30, 20, 10], pop=[1, 1, 1, 1, 1], deprivation=[5, 4, 3, 2, 1]), 9)
    50.0

    Source: Mackenbach & Kunst (1997), doi:10.1016/S0277-9536(96)00073-1.
    """
    most, least = _ends(rate, pop, deprivation, sign, model, weights)
    return most - least if sign == "course" else least - most


def relative_index(
    rate: ArrayLike,
    pop: ArrayLike,
    deprivation: ArrayLike,
    *,
    sign: str = "course",
    model: str = "linear",
    weights: ArrayLike | None = None,
) -> float:
    """Relative index of inequality: the ratio of the two predictions whose difference is the slope index.

    This is the index of Kunst and Mackenbach. Pamuk's, of the same name, is the slope index over the mean.

    Parameters
    ----------
    rate, pop, deprivation, model, weights
        As in :func:`slope_index`.
    sign
        "course": most deprived end / least deprived end. "analyst": least / most.

    Returns
    -------
    float
        A ratio; 1 = no gradient. nan where the slope index is nan, or where a prediction is 0 or less: the line has
        then left the range in which a ratio means anything.

    Raises
    ------
    ValueError
        As :func:`slope_index`.

    Examples
    --------
    >>> round(relative_index(rate=[50, 40, 30, 20, 10], pop=[1, 1, 1, 1, 1], deprivation=[5, 4, 3, 2, 1]), 9)
    11.0

    Source: Mackenbach & Kunst (1997), doi:10.1016/S0277-9536(96)00073-1.
    """
    most, least = _ends(rate, pop, deprivation, sign, model, weights)
    if not min(most, least) > NOISE * max(most, least):
        return np.nan
    return most / least if sign == "course" else least / most


def _ends(
    rate: ArrayLike, pop: ArrayLike, deprivation: ArrayLike, sign: str, model: str, weights: ArrayLike | None
) -> tuple[float, float]:
    """Predicted rate at the most deprived end (rank 0) and at the least deprived end (rank 1)."""
    one_of("sign", sign, ("course", "analyst"))
    one_of("model", model, ("linear", "logit"))
    named = {"rate": rate, "pop": pop, "deprivation": deprivation, "weights": pop if weights is None else weights}
    groups, _ = columns(named)
    y, people, deprived, fit = groups
    refuse_negative(pop=people, weights=fit)
    if model == "logit":
        outside = ((y < 0) | (y > 1)) & (people != 0)
        refuse_rows("rate", y, outside, "is not a share between 0 and 1, which the logit needs")
    y, people, deprived, fit = _inhabited(groups, people)
    start, slope = (_logit_line if model == "logit" else _line)(_ranks(people, -deprived), y, fit)
    most, least = start, start + slope
    return (float(_expit(most)), float(_expit(least))) if model == "logit" else (most, least)


def _line(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Intercept and slope of weighted least squares; nan if x does not vary."""
    used = x[weight > 0]
    if not len(used) or not np.ptp(used) > NOISE:
        return np.nan, np.nan
    x_mean, y_mean = _mean(x, weight), _mean(y, weight)
    slope = float(weight @ ((x - x_mean) * (y - y_mean)) / (weight @ (x - x_mean) ** 2))
    return y_mean - slope * x_mean, slope


def _logit_line(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Intercept and slope of a binomial regression with a logit link; nan if it has no finite solution."""
    # Iteratively reweighted least squares: refit a line to the linearised logits until they stand still.
    p = (weight * y + 0.5) / (weight + 1)
    logit = np.log(p / (1 - p))
    with np.errstate(all="ignore"):  # a fit that runs off to infinity ends as nan
        for _ in range(50):
            variance = p * (1 - p)
            start, slope = _line(x, logit + (y - p) / variance, weight * variance)
            before, logit = logit, start + slope * x
            p = _expit(logit)
            if np.max(np.abs(logit - before), initial=0) < 1e-10:
                return start, slope
    return np.nan, np.nan


# --- one index for a whole distribution -------------------------------------------------------------------------------


def concentration_index(y: ArrayLike, rank_var: ArrayLike, w: ArrayLike | None = None) -> float:
    """Concentration index: twice the covariance of outcome and rank, over the mean outcome.

    Negative where the outcome piles up among the poor, positive among the rich, 0 where it is spread evenly. Ranked by
    itself, an outcome's concentration index is its Gini coefficient. Wagstaff's normalisation is not applied.

    Parameters
    ----------
    y
        Outcome of each person or group; any unit with a true zero.
    rank_var
        Larger = better off. Those who tie share one rank.
    w
        Sampling weights, or people in each group; default 1.

    Returns
    -------
    float
        Between -1 and 1 if no outcome is negative. nan if a value is missing, the mean is 0, or there is nobody.

    Raises
    ------
    ValueError
        If ``w`` is negative.

    Examples
    --------
    >>> round(concentration_index(y=[50, 40, 30, 20, 10], rank_var=[1, 2, 3, 4, 5]), 4)
    -0.2667

    Source: Wagstaff, Paci & van Doorslaer (1991), doi:10.1016/0277-9536(91)90212-U; weighted as in O'Donnell et al.
    (2008), doi:10.1596/978-0-8213-6933-3.
    """
    outcome, better_off, weight = _persons(y, rank_var, w)
    return 2 * _covariance(outcome, _ranks(weight, better_off), weight) / _nonzero_mean(outcome, weight)


def erreygers_index(y: ArrayLike, lo: float, hi: float, rank_var: ArrayLike, w: ArrayLike | None = None) -> float:
    """Erreygers' corrected concentration index, for an outcome with a lowest and a highest possible value.

    Four times the mean times the concentration index, over the range. To count the well instead of the ill
    (lo + hi - y in place of y) changes its sign and nothing else; the concentration index lacks that property.

    Parameters
    ----------
    y
        Outcome of each person or group, from ``lo`` to ``hi`` (0 and 1 for yes or no).
    lo, hi
        Lowest and highest possible outcome: not the lowest and highest seen.
    rank_var, w
        As in :func:`concentration_index`.

    Returns
    -------
    float
        Between -1 and 1; 0 where all have the same outcome, be it 0. nan if a value is missing or there is nobody.

    Raises
    ------
    ValueError
        If ``hi`` is not above ``lo``, an outcome lies outside [lo, hi], or ``w`` is negative.

    Examples
    --------
    >>> round(erreygers_index(y=[1, 1, 0, 0], lo=0, hi=1, rank_var=[1, 2, 3, 4]), 9)
    -1.0

    Source: Erreygers (2009), doi:10.1016/j.jhealeco.2008.02.003.
    """
    lo, hi = (float(bound[0]) for bound in columns({"lo": [lo], "hi": [hi]})[0])
    refuse("hi", hi, not hi > lo, f"is not above lo = {lo:.15g}")
    outcome, better_off, weight = _persons(y, rank_var, w, lo, hi)
    return 8 * _covariance(outcome, _ranks(weight, better_off), weight) / (hi - lo)


def concentration_curve(y: ArrayLike, rank_var: ArrayLike, w: ArrayLike | None = None) -> pd.DataFrame:
    """Concentration curve: the share of the outcome that falls to the poorest share of people.

    Above the diagonal where the outcome piles up among the poor. The concentration index is one minus twice the area
    below the curve.

    Parameters
    ----------
    y, rank_var, w
        As in :func:`concentration_index`.

    Returns
    -------
    DataFrame
        ``population_share`` and ``outcome_share``, poorest first: (0, 0), one point after each group of ties, the last
        being (1, 1). (0, 0) and a point of nan where the concentration index is nan.

    Raises
    ------
    ValueError
        If ``w`` is negative.

    Examples
    --------
    >>> concentration_curve(y=[3, 1], rank_var=[1, 2])
       population_share  outcome_share
    0               0.0           0.00
    1               0.5           0.75
    2               1.0           1.00

    Source: Wagstaff, Paci & van Doorslaer (1991), doi:10.1016/0277-9536(91)90212-U; O'Donnell et al. (2008),
    doi:10.1596/978-0-8213-6933-3.
    """
    outcome, better_off, weight = _persons(y, rank_var, w)
    if np.isnan([_nonzero_mean(outcome, weight), better_off.sum()]).any():
        people = total = np.array([np.nan])
    else:
        by, last = _ties(better_off)
        people, total = np.cumsum(weight[by])[last], np.cumsum((weight * outcome)[by])[last]
    return pd.DataFrame(
        {
            "population_share": np.concatenate([[0.0], people / people[-1]]),
            "outcome_share": np.concatenate([[0.0], total / total[-1]]),
        }
    )


def decompose_concentration(
    df: pd.DataFrame, y: str, factors: Sequence[str], rank_var: str, w: str | None = None
) -> pd.DataFrame:
    """Share the concentration index of an outcome out among the factors that go with it.

    The outcome is regressed on the factors (weighted least squares). A factor contributes as far as it moves the
    outcome and is itself unequally spread; what the factors leave unexplained is the residual. The contributions add
    up to the concentration index. They describe; they do not show causes.

    Parameters
    ----------
    df
        A row for each person or group.
    y, rank_var, w
        Names of its columns for the outcome, the rank (larger = better off) and, if any, the weights.
    factors
        Names of its columns for the factors; numbers, or yes and no.

    Returns
    -------
    DataFrame
        A row for each factor, in the order given, and a last row "residual". ``beta``: coefficient, units of y per
        unit of the factor. ``mean``: mean of the factor. ``ci_k``: its concentration index. ``contribution``: beta *
        mean * ci_k / mean of y, but computed so that a mean of 0 does no harm. ``pct``: per cent of the concentration
        index (nan where that is 0). A constant factor has beta nan, ci_k 0 and contribution 0. All nan if a value is
        missing; contributions are nan where the mean of y is 0.

    Raises
    ------
    ValueError
        If a name is no column of ``df``, a factor is named twice or is a linear combination of those before it, or
        weights are negative.

    Source: Wagstaff, van Doorslaer & Watanabe (2003), doi:10.1016/S0304-4076(02)00161-6; the covariances as in
    Kakwani, Wagstaff & van Doorslaer (1997), doi:10.1016/S0304-4076(96)01807-6.
    """
    if isinstance(factors, str):
        raise ValueError(f"factors: {factors!r} is one name; pass a list of names")
    factors = list(factors)
    asked = [("y", y), ("rank_var", rank_var), *(("factors", name) for name in factors)]
    for argument, name in [*asked, *([] if w is None else [("w", w)])]:
        if name not in df.columns:
            raise ValueError(f"{argument}: {name!r} is not a column of df")
        if argument == "factors" and [*factors, "residual"].count(name) > 1:
            raise ValueError(f"factors: {name!r} would name two rows of the result")

    given = {name: df[name] for _, name in asked} | ({} if w is None else {w: df[w]})
    given = dict(zip(given, columns(given)[0], strict=True))
    weight = np.ones(len(df)) if w is None else given[w]
    refuse_negative(**{f"w, column {w!r}": weight})
    rows = _inhabited([given[name] for _, name in asked] + [weight], weight)
    outcome, better_off, weight = rows[0], rows[1], rows[-1]
    x = np.array(rows[2:-1]).reshape(len(factors), len(outcome))

    index = pd.Index([*factors, "residual"], name="factor")
    people = weight.sum()
    if not people > 0 or np.isnan(np.vstack(rows)).any():
        return pd.DataFrame(np.nan, index, ["beta", "mean", "ci_k", "contribution", "pct"])
    rank, size = _ranks(weight, better_off), np.abs(x).max(axis=1)
    mean = x @ weight / people
    apart = x - mean[:, None]
    varies = np.abs(apart).max(axis=1) > NOISE * size
    own = np.where(np.abs(mean) > NOISE * size, mean, 0)
    beta = np.full(len(factors), np.nan)
    beta[varies] = _coefficients(apart[varies], outcome, weight, np.array(factors)[varies])
    moves = np.where(varies, beta, 0)  # a constant factor moves nothing
    spread = np.where(varies, 2 * (apart @ (weight * (rank - 0.5))) / people, 0)
    residual = 2 * _covariance(outcome - moves @ apart, rank, weight)
    contribution = np.append(moves * spread, residual) / _nonzero_mean(outcome, weight)
    total = concentration_index(outcome, better_off, weight)
    return pd.DataFrame(
        {
            "beta": np.append(beta, np.nan),
            "mean": np.append(mean, np.nan),
            "ci_k": np.append(np.where(varies, _divide(spread, own), 0), np.nan),
            "contribution": contribution,
            "pct": 100 * contribution / total if abs(total) > NOISE else np.nan,
        },
        index,
    )


def _coefficients(apart: np.ndarray, y: np.ndarray, weight: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Weighted least squares of y on centred factors (a row each), which need no intercept."""
    size = np.sqrt(apart**2 @ weight)
    root = np.sqrt(weight)
    design = (apart / size[:, None] * root).T
    solution, _, rank, _ = np.linalg.lstsq(design, root * (y - _mean(y, weight)), rcond=None)
    if rank < len(names):
        k = next(k for k in range(len(names)) if np.linalg.matrix_rank(design[:, : k + 1]) <= k)
        raise ValueError(f"factors: {str(names[k])!r} is a linear combination of those before it")
    return solution / size


# --- a target and whom it reaches -------------------------------------------------------------------------------------


def core20(pop: ArrayLike, imd_score: ArrayLike, *, share: float = 0.20) -> np.ndarray | pd.Series:
    """Flag the most deprived areas that hold a fifth of the people: the policy's wording taken literally.

    Areas are taken from the most deprived on, all of the country together. An area is in if the person in its middle
    is: if the people before it and half of its own are no more than ``share`` of all. (In use, Core20 is the two most
    deprived deciles: a fifth of the *areas*.)

    Parameters
    ----------
    pop
        People in each area.
    imd_score
        Larger = more deprived. Areas that tie go by index label, ascending; without Series, by position.
    share
        Share of the people to reach, 0 to 1.

    Returns
    -------
    array or Series of bools
        True = in. The people in flagged areas miss ``share`` by no more than half of the area on the edge.

    Raises
    ------
    ValueError
        If ``pop`` is negative, adds up to 0 or has missing values, ``imd_score`` has missing values, or ``share`` is
        outside [0, 1].

    Examples
    --------
    >>> core20(pop=[10, 10, 80], imd_score=[70, 60, 5]).tolist()
    [True, True, False]
    """
    refuse("share", share, not 0 <= share <= 1, "is not between 0 and 1")
    (people, score), index = columns({"pop": pop, "imd_score": imd_score})
    refuse_negative(pop=people)
    refuse_rows("pop", people, np.isnan(people), "is missing: no area can be placed")
    refuse_rows("imd_score", score, np.isnan(score), "is missing: that area has no place in the order")
    if len(people) and not people.sum() > 0:
        raise ValueError(f"pop: adds up to {people.sum():g}, so there is no share of it")
    by = np.arange(len(people)) if index is None else np.argsort(index.to_numpy(), kind="stable")
    by = by[np.argsort(-score[by], kind="stable")]
    middle = (np.cumsum(people[by]) - people[by] / 2) / people.sum()
    inside = np.empty(len(people), dtype=bool)
    inside[by] = middle <= share + NOISE
    return like(inside, index, "core20")


def targeting(flag: ArrayLike, deprived: ArrayLike, w: ArrayLike | None = None) -> dict[str, float]:
    """How well a flag, such as living in a Core20 area, finds the people it is meant for.

    Parameters
    ----------
    flag
        True or 1: this row is reached by the target.
    deprived
        True or 1: this row is meant to be reached.
    w
        Sampling weights, or people in each row; default 1.

    Returns
    -------
    dict of floats
        ``sensitivity``: share of the deprived who are flagged. ``ppv``: share of the flagged who are deprived.
        ``leakage``: 1 - ppv. ``undercoverage``: 1 - sensitivity. Shares of nobody (none deprived, none flagged) are
        nan, and so are all if a weight is missing.

    Raises
    ------
    ValueError
        If a flag is missing or neither yes nor no, or ``w`` is negative.

    Examples
    --------
    >>> targeting(flag=[1, 1, 0, 0], deprived=[1, 0, 1, 1])["ppv"]
    0.5

    Source: O'Donnell et al. (2008), doi:10.1596/978-0-8213-6933-3.
    """
    (flagged, meant, weight), _ = columns(
        {"flag": flag, "deprived": deprived, "w": _ones_like(flag) if w is None else w}
    )
    for name, values in (("flag", flagged), ("deprived", meant)):
        refuse_rows(name, values, ~np.isin(values, (0, 1)), "is neither True (1) nor False (0)")
    refuse_negative(w=weight)
    reached = weight @ (flagged * meant)
    sensitivity, ppv = float(_divide(reached, weight @ meant)), float(_divide(reached, weight @ flagged))
    return {"sensitivity": sensitivity, "ppv": ppv, "leakage": 1 - ppv, "undercoverage": 1 - sensitivity}


# --- small areas ------------------------------------------------------------------------------------------------------


def shrink_rates(obs: ArrayLike, n: ArrayLike, *, details: bool = False) -> np.ndarray | pd.Series | pd.DataFrame:
    """Empirical Bayes rates: each area's rate drawn towards the overall rate, the more so the fewer its people.

    Marshall's global estimator: weight on an area's own rate = A / (A + m / n), where m is the overall rate and A the
    variance between areas that chance does not explain (0 at the least, and then every area gets m).

    Parameters
    ----------
    obs
        Events in each area.
    n
        People (or person-years) in each area.
    details
        True: a table of how each rate came about.

    Returns
    -------
    array or Series of floats, or DataFrame
        Shrunk rates, in events a person. With ``details``, the columns ``raw`` (obs / n), ``mean`` (m), ``weight`` and
        ``shrunk``. An area with n = 0 takes no part in m and A: its raw rate is nan, its weight 0, its shrunk rate m.
        All nan if a value is missing or there is nobody.

    Raises
    ------
    ValueError
        If ``obs`` or ``n`` is negative, or there are events where there is nobody.

    Examples
    --------
    >>> shrink_rates(obs=[2, 0, 8, 5], n=[100, 50, 1000, 200]).round(6).tolist()
    [0.012058, 0.010486, 0.009419, 0.013786]

    Source: Marshall (1991), doi:10.2307/2347593.
    """
    (events, people), index = columns({"obs": obs, "n": n})
    refuse_negative(obs=events, n=people)
    refuse_rows("obs", events, (events > 0) & (people == 0), "happened where n is 0")
    raw, seen = _divide(events, people), people != 0
    m = float(_divide(events[seen].sum(), people.sum()))
    chance = _divide(m, people)
    variance = _divide(people[seen] @ (raw[seen] - m) ** 2, people.sum()) - _divide(m * seen.sum(), people.sum())
    between = np.maximum(0, variance)
    weight = np.zeros(len(people)) if between == 0 else np.where(seen, between / (between + chance), 0)
    shrunk = np.where(seen, m + weight * (raw - m), m)
    if not details:
        return like(shrunk, index, "shrunk")
    return pd.DataFrame({"raw": raw, "mean": m, "weight": weight, "shrunk": shrunk}, index=index)


# --- shared arithmetic ------------------------------------------------------------------------------------------------


def _ties(order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions from the lowest value to the highest, and where in them each group of equal values ends."""
    by = np.argsort(order)
    ordered = order[by]
    return by, np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))


def _ranks(weight: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Weighted mid-rank of each row, 0 at the lowest ``order``; all nan if a value is missing or nothing has weight."""
    people = weight.sum()
    if np.isnan(order).any() or not people > 0:
        return np.full(len(order), np.nan)
    by, last = _ties(order)
    upto = weight[by]
    np.cumsum(upto, out=upto)
    upto = upto[last]
    middle = upto / (2 * people)
    middle[1:] += upto[:-1] / (2 * people)
    ranks = np.empty(len(order))
    ranks[by] = np.repeat(middle, np.diff(last, prepend=-1)) if len(last) < len(by) else middle
    return ranks


def _mean(x: np.ndarray, weight: np.ndarray) -> float:
    people = weight.sum()
    return float(weight @ x / people) if people > 0 else np.nan


def _nonzero_mean(x: np.ndarray, weight: np.ndarray) -> float:
    """The mean, for dividing by: nan where positive and negative values cancel but for noise."""
    mean = _mean(x, weight)
    return mean if abs(mean) > NOISE * max(x.max(initial=0), -x.min(initial=0)) else np.nan


def _covariance(x: np.ndarray, rank: np.ndarray, weight: np.ndarray) -> float:
    """Population covariance of x and a rank."""
    apart = x - _mean(x, weight)
    apart *= weight  # in place, for the sake of ten million rows; sums to 0, so the rank needs no centring
    return float(apart @ rank / weight.sum()) if len(apart) else np.nan


def _divide(top: ArrayLike, bottom: ArrayLike) -> np.ndarray:
    """top / bottom, nan where bottom is 0."""
    top, bottom = np.broadcast_arrays(np.asarray(top, dtype=float), bottom)
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)


def _expit(x: np.ndarray | float) -> np.ndarray | float:
    return 1 / (1 + np.exp(-x))


# --- rows that stand for somebody -------------------------------------------------------------------------------------


def _persons(
    y: ArrayLike, rank_var: ArrayLike, w: ArrayLike | None, lo: float = -np.inf, hi: float = np.inf
) -> list[np.ndarray]:
    """Outcome (between lo and hi), rank variable and weight of the rows that stand for somebody."""
    persons, _ = columns({"y": y, "rank_var": rank_var, "w": _ones_like(y) if w is None else w})
    outcome, _, weight = persons
    refuse_negative(w=weight)
    refuse_rows(
        "y", outcome, ((outcome < lo) | (outcome > hi)) & (weight != 0), f"is outside [lo, hi] = [{lo:.15g}, {hi:.15g}]"
    )
    return _inhabited(persons, weight)


def _ones_like(column: ArrayLike) -> np.ndarray:
    return np.ones(np.shape(column))


def _inhabited(given: list[np.ndarray], weight: np.ndarray) -> list[np.ndarray]:
    """The columns without the rows of weight 0."""
    keep = weight != 0
    return given if keep.all() else [column[keep] for column in given]
