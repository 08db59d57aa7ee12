"""Methods of chapter 7, *The 30% that may not be there*: who is at risk, what would have happened anyway, and what does it save?

Conventions, the same in every function
---------------------------------------
* One value a person, in the same order in every argument. Counts are events per person in one year.
* Changes are fractions, negative for a fall: -0.3 is "30% fewer". A comparison of two groups is the **ratio of ratios** less 1:
  (after / before of the treated) / (after / before of the others) - 1. A mean change is a ratio of means, not a mean of ratios.
* A matched set of pairs is a table with the columns ``treated`` and ``control``, which hold ids.
* What is undefined is nan, never 0. A missing value is refused.
* Two numbers count as equal if they agree to twelve digits. Ties in a score stand by id, so the order of rows changes nothing.
* ``ValueError`` names the argument and the value at fault. Nothing that is passed in is changed.

scipy is not imported: in a browser it would be 19 MB more to fetch.
"""

from bisect import bisect_left
from math import erfc, exp, inf, nan, pi, sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .arguments import (
    NOISE,
    columns,
    finite,
    has_columns,
    plain,
    refuse,
    refuse_negative,
    refuse_rows,
    say,
    within,
)
from .guard import refuse_while_grading

refuse_while_grading(__name__)

__all__ = [
    "auc",
    "break_even_effect",
    "capture",
    "choose_by_benefit",
    "did",
    "expected_rtm",
    "fit_gamma_poisson",
    "match",
    "naive_change",
    "negative_control",
    "net_value",
    "posterior_rate",
    "robbins",
    "rtm_adjusted",
    "rtm_normal",
    "selection_score",
    "smd",
]


# --- who is at risk ---------------------------------------------------------------------------------------------------


def selection_score(use: ArrayLike, frailty: ArrayLike, weight: float) -> np.ndarray:
    """The rule of a team: ``weight * z(use) + (1 - weight) * z(frailty)``, z being population standard scores.

    Parameters
    ----------
    use, frailty
        Last year's events and a frailty index, one value a person.
    weight
        From 0 (frailty alone) to 1 (last year's use alone).

    Returns
    -------
    array
        One score a person, larger for those who are picked first. nan where ``use`` or ``frailty`` does not vary.

    Raises
    ------
    ValueError
        If ``weight`` is not from 0 to 1, a value is missing, or the columns differ in length.

    Examples
    --------
    >>> selection_score([0, 2], [0.1, 0.3], weight=0.5).round(6).tolist()
    [-1.0, 1.0]
    """
    within("weight", weight, 0, 1)
    use, frailty = _columns(use=use, frailty=frailty)
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = [(values - values.mean()) / values.std() for values in (use, frailty)]
    return weight * scores[0] + (1 - weight) * scores[1]


def capture(score: ArrayLike, y: ArrayLike, top: float) -> tuple[float, float]:
    """Share of all events that fall on the ``top`` share of people by a score, and how many times their own share that is.

    Parameters
    ----------
    score
        Predicted risk; larger = at higher risk.
    y
        Events, not negative.
    top
        Share of people, above 0 and at most 1.

    Returns
    -------
    (capture, lift)
        Fractions; lift = capture / top. People who tie with the last one taken are taken in part, each with the same share.
        nan where there is no event or nobody.

    Raises
    ------
    ValueError
        If ``top`` is not in its range, a value is missing, or an event count is negative.

    Examples
    --------
    >>> capture([4, 3, 2, 1], [3, 0, 1, 0], top=0.25)
    (0.75, 3.0)
    """
    within("top", top, 0, 1, open_low=True)
    score, y = _columns(score=score, y=y)
    refuse_negative(y=y)
    if not y.sum():
        return nan, nan
    sizes, events = _blocks(score, np.ones(len(y)), y)
    left = np.clip(top * len(y) - (np.cumsum(sizes) - sizes), 0, sizes)
    found = float((events * left / sizes).sum() / y.sum())
    return found, found / top


def auc(score: ArrayLike, y: ArrayLike) -> float:
    """Chance that somebody with an event has the higher score than somebody without; a tie counts one half.

    Parameters
    ----------
    score
        Predicted risk.
    y
        0 or 1 (or False, True).

    Returns
    -------
    float
        From 0 to 1, where 0.5 is a coin; nan if only one kind of person is there.

    Raises
    ------
    ValueError
        If ``y`` is neither 0 nor 1, or a value is missing.

    Examples
    --------
    >>> auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75

    Source: Mann-Whitney with mid-ranks; Hanley and McNeil (1982), doi:10.1148/radiology.143.1.7063747.
    """
    score, y = _columns(score=score, y=y)
    refuse_rows("y", y, (y != 0) & (y != 1), "is neither 0 nor 1")
    with_event, without = y.sum(), (1 - y).sum()
    if not with_event or not without:
        return nan
    sizes, events = _blocks(score, np.ones(len(y)), y)
    none = sizes - events
    below = none.sum() - np.cumsum(none)  # blocks come from the highest score down
    return float((events * (below + none / 2)).sum() / (with_event * without))


def _blocks(score: np.ndarray, *columns: np.ndarray) -> list[np.ndarray]:
    """Sums of columns over blocks of people with one score (to twelve digits), the highest score first."""
    _, block = np.unique(-score.round(12), return_inverse=True)
    return [np.bincount(block.ravel(), weights=values) for values in columns]


# --- what would have happened anyway ----------------------------------------------------------------------------------


def fit_gamma_poisson(y: ArrayLike) -> tuple[float, float]:
    """Mean and shape of a gamma-Poisson law by moments: k = mean squared over (variance - mean).

    Returns
    -------
    (mu, k)
        k is infinite where counts vary no more than Poisson counts do. nan, nan for nobody.

    Raises
    ------
    ValueError
        If a count is negative or missing.

    Examples
    --------
    >>> fit_gamma_poisson([0, 0, 0, 4])
    (1.0, 0.5)
    """
    (y,) = _columns(y=y)
    refuse_negative(y=y)
    if not len(y):
        return nan, nan
    mean, extra = y.mean(), y.var() - y.mean()
    return float(mean), float(mean**2 / extra) if extra > NOISE else inf


def posterior_rate(y: ArrayLike, mu: float, k: float) -> float | np.ndarray:
    """Rate that is to be expected of somebody with ``y`` events last year: (k + y) / (k / mu + 1).

    Parameters
    ----------
    y
        Events in one year: a number, or one value a person.
    mu
        Mean rate of all people, events per person and year; above 0.
    k
        Shape of the gamma law of rates: small where people differ much. Above 0; infinite where they do not differ at all.

    Returns
    -------
    float or array
        In events per year, in the shape of ``y``.

    Raises
    ------
    ValueError
        If ``y`` is negative or missing, or ``mu`` or ``k`` is not above 0.

    Examples
    --------
    >>> round(posterior_rate(4, mu=0.45, k=0.6), 3)
    1.971

    Source: Robbins; Efron and Hastie (2016), *Computer Age Statistical Inference*, section 6.1. Their sigma is a scale:
    mu = k sigma.
    """
    (y,) = finite(y=y)
    refuse("y", y, y < 0, "is negative")
    within("mu", mu, 0, open_low=True)
    refuse("k", k, not k > 0, "is not above 0")
    weight = 1.0 if k == inf else (k / mu) / (k / mu + 1)  # of the mean of all people
    return plain(weight * mu + (1 - weight) * y)


def expected_rtm(y: ArrayLike, mu: float, k: float) -> float | np.ndarray:
    """Relative change that is to be expected without anybody's doing: posterior_rate(y) / y - 1; nan where ``y`` is 0.

    Arguments and errors as in :func:`posterior_rate`.

    Examples
    --------
    >>> expected_rtm([0, 1, 5], mu=0.45, k=0.6).round(3).tolist()
    [nan, -0.314, -0.52]
    """
    rate = np.asarray(posterior_rate(y, mu, k))
    y = np.asarray(y, dtype=float)
    return plain(np.divide(rate, y, out=np.full(rate.shape, nan), where=y > 0) - 1)


def robbins(y: ArrayLike) -> pd.Series:
    """Expected rate of people with 0, 1, 2 … events, with no law assumed for the rates: (y + 1) N(y + 1) / N(y).

    ``y``: one whole count a person. The index is the count; nan where nobody has it.

    Raises
    ------
    ValueError
        If a count is negative, missing or not whole.

    Examples
    --------
    >>> robbins([0, 0, 0, 0, 1, 1, 2]).tolist()
    [0.5, 1.0, 0.0]
    """
    (y,) = _columns(y=y)
    refuse_rows("y", y, (y < 0) | (y != np.floor(y)), "is not a whole number from 0 on")
    people = np.bincount(y.astype(np.intp)).astype(float)
    above = np.append(people[1:], 0)
    counts = np.arange(len(people))
    rate = np.divide((counts + 1) * above, people, out=np.full(len(people), nan), where=people > 0)
    return pd.Series(rate, index=pd.RangeIndex(len(people), name="y"), name="rate")


def rtm_normal(cut: float, mean: float, sd: float, correlation: float, n: int = 1) -> float:
    """Expected change of a normal measure in people who were selected because it lay at or beyond a cut; for comparison.

    Parameters
    ----------
    cut
        Selected were those at or above it if it lies at or above ``mean``, otherwise those at or below it.
    mean, sd
        Of all people, ``sd`` above 0.
    correlation
        Of two measurements of one person, from 0 to 1.
    n
        How many measurements were averaged before the selection: the more, the less they regress.

    Returns
    -------
    float
        Back towards the mean: negative if the selected lay above it.

    Raises
    ------
    ValueError
        If ``sd`` is not above 0, ``correlation`` is not from 0 to 1, ``n`` is not a whole number from 1 on, or the selected
        would be rarer than one in a thousand million.

    Examples
    --------
    >>> round(rtm_normal(cut=40, mean=60, sd=15, correlation=0.5), 3)
    13.486

    Source: Davis (1976), doi:10.1093/oxfordjournals.aje.a112321; Gardner and Heady (1973) for ``n``; as in Barnett et al. (2005).
    """
    for name, value in {"cut": cut, "mean": mean}.items():
        within(name, value)
    within("sd", sd, 0, open_low=True)
    within("correlation", correlation, 0, 1)
    refuse("n", n, n != int(n) or n < 1, "is not a whole number from 1 on")
    chance = (1 - correlation) / n  # variance that comes by chance, in units of sd squared
    spread = sqrt(correlation + chance)
    if not spread:
        return 0.0
    z = abs(cut - mean) / (sd * spread)
    beyond = erfc(z / sqrt(2)) / 2
    refuse("cut", cut, beyond < 1e-9, "is so far from the mean that nobody is selected")
    pull = exp(-(z**2) / 2) / sqrt(2 * pi) / beyond
    return (-1 if cut >= mean else 1) * sd * chance / spread * pull


def naive_change(before: ArrayLike, after: ArrayLike) -> float:
    """Relative change of a group's mean from one year to the next, as press releases give it; nan where ``before`` is 0.

    Raises
    ------
    ValueError
        If a count is negative or missing, or the columns differ in length.

    Examples
    --------
    >>> naive_change([4, 2, 0], [1, 2, 1.5])
    -0.25
    """
    before, after = _columns(before=before, after=after)
    refuse_negative(before=before, after=after)
    return _ratio(after.sum(), before.sum()) - 1


def rtm_adjusted(before: ArrayLike, after: ArrayLike, mu: float, k: float) -> float:
    """The change that is left when each person's expected rate takes the place of last year's count.

    Sum of ``after`` over the sum of ``posterior_rate(before)``, less 1. It allows for a selection by last year's count, and only
    for that: people who were picked by frailty as well were at a higher rate than their count tells.

    Raises
    ------
    ValueError
        As :func:`naive_change` and :func:`posterior_rate`.

    Examples
    --------
    >>> round(rtm_adjusted([4, 4], [2, 2], mu=0.45, k=0.6), 3)
    0.014
    """
    before, after = _columns(before=before, after=after)
    refuse_negative(before=before, after=after)
    return _ratio(after.sum(), np.sum(posterior_rate(before, mu, k))) - 1


# --- compared with whom -----------------------------------------------------------------------------------------------


def did(
    before: ArrayLike,
    after: ArrayLike,
    treated: ArrayLike,
    cluster: ArrayLike,
    n_boot: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> dict[str, float]:
    """Difference-in-differences on the relative scale, with a percentile interval from a bootstrap of whole clusters.

    Parameters
    ----------
    before, after
        Events, one value a person.
    treated
        1 for the treated and 0 for the others.
    cluster
        Label of the practice (or other unit) whose people share what happens; not missing.
    n_boot
        Draws. Each takes as many clusters as there are, with replacement, and all of their people.
    seed
        Of ``numpy.random.default_rng``.
    level
        Of the interval.

    Returns
    -------
    dict
        ``estimate``: (after / before of the treated) / (after / before of the others) - 1. ``low`` and ``high``: the quantiles of
        the draws. ``se``: their standard deviation. Draws in which a ratio is undefined are left out. nan where a sum is 0.

    Raises
    ------
    ValueError
        If there are fewer than two clusters, ``treated`` is neither 0 nor 1 or of one kind only, a value is missing or negative,
        or ``n_boot`` is not a whole number from 1 on.

    Examples
    --------
    >>> found = did([2, 2, 1, 1], [1.4, 1.4, 0.9, 0.9], [1, 1, 0, 0], ["a", "b", "a", "b"], n_boot=20)
    >>> round(found["estimate"], 3)
    -0.222

    The bootstrap draws sums per cluster, not rows. The order of rows does not matter: clusters stand in the order of their
    labels.
    """
    before, after, treated = _columns(before=before, after=after, treated=treated)
    refuse_negative(before=before, after=after)
    _both_kinds(treated)
    within("level", level, 0, 1, open_low=True, open_high=True)
    refuse("n_boot", n_boot, n_boot != int(n_boot) or n_boot < 1, "is not a whole number from 1 on")
    code, labels = pd.factorize(pd.Series(np.asarray(cluster)), sort=True)
    if len(code) != len(before):
        raise ValueError(f"cluster: has {len(code)} rows, but before has {len(before)}")
    refuse_rows("cluster", code, code < 0, "is a missing label")
    if len(labels) < 2:
        raise ValueError(f"cluster: {len(labels)} cluster; at least 2 are needed to see how they differ")
    sums = np.stack(
        [
            np.bincount(code, weights=values * group, minlength=len(labels))
            for group in (treated, 1 - treated)
            for values in (after, before)
        ]
    )
    picks = np.random.default_rng(seed).integers(0, len(labels), (int(n_boot), len(labels)))
    weights = np.zeros((int(n_boot), len(labels)))
    np.add.at(weights, (np.arange(int(n_boot))[:, None], picks), 1)
    draws = _ratio_of_ratios(sums @ weights.T)
    draws = draws[~np.isnan(draws)]
    tail = (1 - level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail]) if len(draws) else (nan, nan)
    return {
        "estimate": float(_ratio_of_ratios(sums.sum(axis=1))),
        "low": float(low),
        "high": float(high),
        "se": float(draws.std()) if len(draws) else nan,
    }


def match(id: ArrayLike, score: ArrayLike, treated: ArrayLike, caliper: float | None = None) -> pd.DataFrame:
    """Pairs: for each treated person the nearest control that is still free, one to one and without replacement.

    Parameters
    ----------
    id
        Labels, each once.
    score
        What is matched on.
    treated
        1 for the treated and 0 for those who may be controls.
    caliper
        Largest distance of a pair, in population standard deviations of ``score`` over everybody; none if it is left out. A pair
        exactly at the caliper counts.

    Returns
    -------
    DataFrame
        ``treated``, ``control`` (ids) and ``distance`` (in the unit of ``score``), in the order in which they were made: from the
        highest score down, ties by id. Of two controls at one distance the lower id is taken. A treated person with nobody
        within reach has no row.

    Raises
    ------
    ValueError
        If an id stands twice, a value is missing, ``treated`` is neither 0 nor 1, or ``caliper`` is negative.

    Examples
    --------
    >>> match([1, 2, 3, 4], [0.9, 0.5, 0.85, 0.1], [1, 1, 0, 0]).round(2).to_numpy().tolist()
    [[1.0, 3.0, 0.05], [2.0, 4.0, 0.4]]
    """
    score, treated = _columns(score=score, treated=treated)
    refuse_rows("treated", treated, (treated != 0) & (treated != 1), "is neither 0 nor 1")
    ids = pd.Index(np.asarray(id))
    if len(ids) != len(score):
        raise ValueError(f"id: has {len(ids)} rows, but score has {len(score)}")
    if ids.has_duplicates:
        raise ValueError(f"id: {say(ids[ids.duplicated()][0])} stands twice")
    reach = inf
    if caliper is not None:
        within("caliper", caliper, 0)
        reach = caliper * score.std() if len(score) else inf
    ids_of, score_of = ids.to_numpy(), score.round(12).tolist()
    order = np.lexsort((pd.factorize(ids, sort=True)[0], score.round(12)))  # by score, ties by id
    free = [i for i in order if treated[i] == 0]
    levels = [score_of[i] for i in free]
    down = np.lexsort((pd.factorize(ids, sort=True)[0], -score.round(12)))
    made = []
    for person in down[treated[down] == 1]:
        if not free:
            break
        place, distance = _nearest(levels, score_of[person], free, ids_of)
        if distance <= reach + NOISE:
            made.append((ids_of[person], ids_of[free[place]], distance))
            del free[place], levels[place]
    return pd.DataFrame(made, columns=["treated", "control", "distance"])


def _nearest(levels: list[float], score: float, free: list[int], ids: np.ndarray) -> tuple[int, float]:
    """Place in sorted ``levels`` of the one nearest to ``score``, and its distance; at one distance the lower id."""
    above = bisect_left(levels, score)
    places = [above] if above < len(levels) else []
    if above:
        places.append(bisect_left(levels, levels[above - 1]))  # of those who tie below, the lowest id
    distances = [round(abs(levels[place] - score), 12) for place in places]
    least = min(distances)
    best = min((p for p, d in zip(places, distances, strict=True) if d == least), key=lambda place: ids[free[place]])
    return best, least


def smd(
    covariates: pd.DataFrame, treated: ArrayLike, id: ArrayLike | None = None, pairs: pd.DataFrame | None = None
) -> pd.Series:
    """Standardised mean differences, treated less controls: how unlike two groups are, in standard deviations.

    Parameters
    ----------
    covariates
        One row a person, one numeric column a covariate.
    treated
        1 for the treated and 0 for the others.
    id, pairs
        Labels of the rows, and what :func:`match` gave: the means are then those of the pairs. Left out: of everybody.

    Returns
    -------
    Series
        One value a covariate. The denominator is sqrt((s1**2 + s0**2) / 2), with population variances of both whole groups
        **before** matching, also after it: otherwise balance could improve because a spread grew. nan where neither group varies,
        or where there is no pair.

    Raises
    ------
    ValueError
        If a value is missing, only one group is there, or a pair names an id that is not in ``id``.

    Examples
    --------
    >>> smd(pd.DataFrame({"age": [80, 90, 70, 80]}), [1, 1, 0, 0]).tolist()
    [2.0]

    Source: Stuart (2010), doi:10.1214/09-STS313.
    """
    (treated,) = _columns(treated=treated)
    _both_kinds(treated)
    if len(covariates) != len(treated):
        raise ValueError(f"covariates: has {len(covariates)} rows, but treated has {len(treated)}")
    values = np.column_stack([_columns(**{str(name): covariates[name].to_numpy()})[0] for name in covariates])
    groups = values[treated == 1], values[treated == 0]
    spread = np.sqrt((groups[0].var(axis=0) + groups[1].var(axis=0)) / 2)
    if pairs is not None:
        has_columns("pairs", pairs, ["treated", "control"])
        if id is None:
            raise ValueError("id: None, but pairs name people by id")
        rows = pd.Index(np.asarray(id))
        found = [rows.get_indexer(pairs[name]) for name in ("treated", "control")]
        for name, place in zip(("treated", "control"), found, strict=True):
            if (place < 0).any():
                raise ValueError(f"pairs: {say(pairs[name].iloc[int(np.argmax(place < 0))])} is not among the ids")
        groups = values[found[0]], values[found[1]]
    if not len(groups[0]):
        return pd.Series(nan, index=covariates.columns, name="smd")
    apart = groups[0].mean(axis=0) - groups[1].mean(axis=0)
    ratio = np.divide(apart, spread, out=np.full(len(spread), nan), where=spread > NOISE)
    return pd.Series(ratio, index=covariates.columns, name="smd")


def negative_control(
    before: ArrayLike, after: ArrayLike, treated: ArrayLike, cluster: ArrayLike, n_boot: int = 1000, seed: int = 0
) -> dict[str, float | bool]:
    """:func:`did` on an outcome that the programme cannot change, and a verdict.

    Returns
    -------
    dict
        ``estimate``, ``se``, and ``passes``: True if the estimate is less than two standard errors from 0, False if not; nan
        where the standard error is 0 or undefined. An alarm says that the comparison is unfair; silence does not say that
        it is fair.

    Raises
    ------
    ValueError
        As :func:`did`.

    Examples
    --------
    >>> negative_control([1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 0, 0], ["a", "b", "a", "b"])["passes"]
    nan

    Source: Lipsitch, Tchetgen Tchetgen and Cohen (2010), doi:10.1097/EDE.0b013e3181d61eeb.
    """
    found = did(before, after, treated, cluster, n_boot, seed)
    passes = abs(found["estimate"]) < 2 * found["se"] if found["se"] > NOISE else nan
    return {"estimate": found["estimate"], "se": found["se"], "passes": passes}


# --- what it saves, and for whom --------------------------------------------------------------------------------------


def net_value(
    n: float, base: ArrayLike, effect: ArrayLike, unit_cost: ArrayLike, team_cost: ArrayLike
) -> float | np.ndarray:
    """What a team saves in a year less what it costs: n * base * effect * unit_cost - team_cost.

    Parameters
    ----------
    n
        People visited.
    base
        Events per person and year that would have happened without the team, **not** last year's.
    effect
        Share of them that is averted: 0.05 for 5%. Negative where a team causes events.
    unit_cost
        What one event costs that is really saved if it does not happen.
    team_cost
        Of a year, in the same money. Arrays are broadcast against each other.

    Raises
    ------
    ValueError
        If ``n``, ``base``, ``unit_cost`` or ``team_cost`` is negative, ``effect`` is above 1, or a value is missing.

    Examples
    --------
    >>> net_value(n=100, base=2, effect=0.1, unit_cost=500, team_cost=12_000)
    -2000.0
    """
    n, base, effect, unit_cost, team_cost = finite(
        n=n, base=base, effect=effect, unit_cost=unit_cost, team_cost=team_cost
    )
    _not_negative(n=n, base=base, unit_cost=unit_cost, team_cost=team_cost)
    refuse("effect", effect, effect > 1, "is above 1: more than all events cannot be averted")
    return plain(n * base * effect * unit_cost - team_cost)


def break_even_effect(n: ArrayLike, base: ArrayLike, unit_cost: ArrayLike, team_cost: ArrayLike) -> float | np.ndarray:
    """The effect at which :func:`net_value` is 0: team_cost / (n * base * unit_cost).

    Above 1 no effect can pay. Infinite where nothing can be averted (``n``, ``base`` or ``unit_cost`` is 0) and the team costs
    something; 0 where the team costs nothing.

    Raises
    ------
    ValueError
        If an argument is negative or missing.

    Examples
    --------
    >>> break_even_effect(n=100, base=2, unit_cost=500, team_cost=12_000)
    0.12
    """
    n, base, unit_cost, team_cost = finite(n=n, base=base, unit_cost=unit_cost, team_cost=team_cost)
    _not_negative(n=n, base=base, unit_cost=unit_cost, team_cost=team_cost)
    at_stake, team_cost = np.broadcast_arrays(n * base * unit_cost, team_cost)
    nothing = np.where(team_cost > 0, inf, 0.0)
    return plain(np.divide(team_cost, at_stake, out=nothing, where=at_stake > 0))


def choose_by_benefit(id: ArrayLike, risk: ArrayLike, benefit: ArrayLike, n: int) -> dict[str, object]:
    """The ``n`` people for whom a team would avert most events, beside the ``n`` at the highest risk.

    Parameters
    ----------
    id
        Labels, each once.
    risk
        Events expected per person and year without the team; not negative.
    benefit
        Share of them that the team would avert in this person; negative where it would do harm.
    n
        Places.

    Returns
    -------
    dict
        ``ids``: those chosen by ``risk * benefit``, the largest first, ties by id; nobody with 0 or less, so there may be fewer
        than ``n``. ``averted``: the events averted in them. ``by_risk``: the ``n`` at the highest risk, ties by id.
        ``averted_by_risk``: in those.

    Raises
    ------
    ValueError
        If an id stands twice, ``risk`` is negative, ``benefit`` is above 1, a value is missing, or ``n`` is not a whole number
        from 0 on.

    Examples
    --------
    >>> found = choose_by_benefit(["p", "q", "r"], [4, 2, 1], [0.0, 0.3, 0.2], n=1)
    >>> found["ids"], found["averted"], found["by_risk"], found["averted_by_risk"]
    (['q'], 0.6, ['p'], 0.0)

    The idea is that of Lewis (2010), doi:10.1111/j.1468-0009.2010.00597.x.
    """
    risk, benefit = _columns(risk=risk, benefit=benefit)
    refuse_negative(risk=risk)
    refuse_rows("benefit", benefit, benefit > 1, "is above 1: more than all events cannot be averted")
    refuse("n", n, n != int(n) or n < 0, "is not a whole number from 0 on")
    ids = pd.Index(np.asarray(id))
    if len(ids) != len(risk):
        raise ValueError(f"id: has {len(ids)} rows, but risk has {len(risk)}")
    if ids.has_duplicates:
        raise ValueError(f"id: {say(ids[ids.duplicated()][0])} stands twice")
    averted = risk * benefit
    label = pd.factorize(ids, sort=True)[0]
    best = np.lexsort((label, -averted.round(12)))
    best = best[averted[best].round(12) > 0][: int(n)]
    highest = np.lexsort((label, -risk.round(12)))[: int(n)]
    return {
        "ids": ids[best].tolist(),
        "averted": float(averted[best].sum()),
        "by_risk": ids[highest].tolist(),
        "averted_by_risk": float(averted[highest].sum()),
    }


# --- small helpers ----------------------------------------------------------------------------------------------------


def _columns(**named: ArrayLike) -> list[np.ndarray]:
    """Columns of one length (:func:`columns`) without missing values."""
    arrays, _ = columns(named)
    for name, array in zip(named, arrays, strict=True):
        refuse_rows(name, array, np.isnan(array), "is missing")
    return arrays


def _both_kinds(treated: np.ndarray) -> None:
    refuse_rows("treated", treated, (treated != 0) & (treated != 1), "is neither 0 nor 1")
    if len(np.unique(treated)) < 2:
        kind = f"only {treated[0]:g}" if len(treated) else "nobody"
        raise ValueError(f"treated: {kind}; both the treated (1) and others (0) are needed")


def _not_negative(**named: np.ndarray) -> None:
    for name, values in named.items():
        refuse(name, values, values < 0, "is negative")


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below else nan


def _ratio_of_ratios(sums: np.ndarray) -> np.ndarray:
    """Of the rows (after and before of the treated, after and before of the others), less 1; nan where one to divide by is 0."""
    above, below = sums[0] * sums[3], sums[1] * sums[2]
    return np.divide(above, below, out=np.full(np.shape(above), nan), where=(below > 0) & (sums[3] > 0)) - 1
