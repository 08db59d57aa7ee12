"""Methods of chapter 9, *Whose voice?*: who answered, what weights can mend, and who was heard.

Conventions, the same in every function
---------------------------------------
* Shares are fractions. Variances and correlations are those of a population (divided by the number of rows or by the
  sum of the weights), except the standard error of :func:`weighted_interval`, which says so.
* Weights are never negative. A row of weight 0 is not in the sample: it is left out, and not counted in *n*.
* Groups, cells and categories are matched by label, rows by position. A label that one side has and the other lacks is
  an error or a 0, as each function says; it is never dropped in silence.
* What is undefined is nan. ``ValueError`` names the argument and the value at fault. Nothing that is passed in is changed.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .arguments import column, has_columns, one_of, refuse, refuse_negative, refuse_rows, say
from .guard import refuse_while_grading

refuse_while_grading(__name__)

__all__ = [
    "PARTNERSHIP",
    "RUNGS",
    "data_defect_correlation",
    "effective_size",
    "kappa",
    "kish",
    "lorenz_curve",
    "meetings",
    "poststratify",
    "rake",
    "representation",
    "tokenism",
    "voice_gini",
    "weighted_interval",
]

# Arnstein (1969), from the bottom of the ladder to the top.
RUNGS = {
    1: "manipulation",
    2: "therapy",
    3: "informing",
    4: "consultation",
    5: "placation",
    6: "partnership",
    7: "delegated power",
    8: "citizen control",
}
PARTNERSHIP = 6  # from this rung on, the public shares in the decision
WINDOW_DRESSING = (3, 5)  # the rungs that Arnstein calls degrees of tokenism
FEW = 0.10  # a meeting on those rungs that adopts a smaller share of its proposals counts as tokenistic


# --- who answered -----------------------------------------------------------------------------------------------------


def representation(sample: ArrayLike, pop: Mapping | pd.Series) -> pd.DataFrame:
    """How many times its share of the population each group has in a sample.

    Parameters
    ----------
    sample
        The group of each respondent, one label a respondent.
    pop
        Group -> people, or share of people.

    Returns
    -------
    DataFrame
        One row a group, in the order of ``pop``: ``sample_share`` and ``population_share`` (fractions), ``ratio`` of the
        two (1 = represented in proportion) and ``log2`` of the ratio (-1 = half, +1 = twice its share). A group that
        nobody answered for has ratio 0 and log2 -inf; a group of nobody has nan. All nan in an empty sample.

    Raises
    ------
    ValueError
        If a respondent's group is missing or not in ``pop`` or holds no people there, or ``pop`` is negative, empty or
        names a group twice.

    Examples
    --------
    >>> representation(["urban"] * 9 + ["rural"], {"urban": 60, "rural": 40})["ratio"].tolist()
    [1.5, 0.25]
    """
    people = _totals("pop", pop)
    labels = pd.Series(list(sample), dtype=object)
    _refuse_strangers("sample", labels, people.index, "pop")
    counts = labels.value_counts().reindex(people.index, fill_value=0)
    if (nobody := (people == 0) & (counts > 0)).any():
        raise ValueError(f"sample: group {say(people.index[nobody][0])} holds nobody in pop")
    share = _divide(counts, counts.sum())
    of_all = people.to_numpy() / people.sum()
    ratio = _divide(share, of_all)
    with np.errstate(divide="ignore"):
        log2 = np.log2(ratio)
    return pd.DataFrame(
        {"sample_share": share, "population_share": of_all, "ratio": ratio, "log2": log2}, index=people.index
    )


# --- weights ----------------------------------------------------------------------------------------------------------


def poststratify(
    df: pd.DataFrame, cells: Sequence[str], totals: Mapping | pd.Series, y: str
) -> tuple[float, pd.Series]:
    """Post-stratified mean: each cell's own mean, weighted by the people whom the cell stands for.

    Parameters
    ----------
    df
        One row a respondent.
    cells
        Names of the columns whose combinations are the cells.
    totals
        Cell -> people in the population. The label is a value where ``cells`` names one column, a tuple of values in the
        order of ``cells`` where it names more.
    y
        Name of the outcome.

    Returns
    -------
    tuple
        The mean, in the unit of ``y``, and the weights N_h / n_h (a Series with the index of ``df``): how many people
        each respondent stands for, 0 in a cell that holds nobody. They add to the total population.

    Raises
    ------
    ValueError
        If a cell with people has no respondent (it names the cell), a respondent's cell is not in ``totals``, a value is
        missing, or ``totals`` is negative, empty or names a cell twice.

    Examples
    --------
    >>> df = pd.DataFrame({"area": ["urban", "urban", "urban", "rural"], "unmet": [0, 1, 0, 1]})
    >>> mean, weights = poststratify(df, ["area"], {"urban": 60, "rural": 40}, "unmet")
    >>> round(mean, 9), weights.tolist()
    (0.6, [20.0, 20.0, 20.0, 40.0])

    Source: Holt & Smith (1979), doi:10.2307/2344652.
    """
    if isinstance(cells, str):
        raise ValueError(f"cells: {cells!r} is a text; pass a list of column names, such as [{cells!r}]")
    people = _totals("totals", totals)
    _refuse_missing(df, [*cells, y])
    labels = _labels(df, cells)
    _refuse_strangers("df", labels, people.index, "totals")
    counts = labels.value_counts().reindex(people.index, fill_value=0)
    if (empty := (people > 0) & (counts == 0)).any():
        raise ValueError(f"df: nobody answered in cell {say(people.index[empty][0])}, which totals needs; merge cells")
    per_cell = people[counts > 0] / counts[counts > 0]
    weights = pd.Series(labels.map(per_cell.to_dict()).to_numpy(dtype=float), index=df.index, name="weight")
    return float(weights.to_numpy() @ df[y].to_numpy(dtype=float) / people.sum()), weights


def rake(
    df: pd.DataFrame,
    margins: Mapping[str, Mapping | pd.Series],
    tol: float = 1e-8,
    maxit: int = 500,
    *,
    start: ArrayLike | None = None,
) -> tuple[pd.Series, int]:
    """Raking: weights that give a sample the margins of the population, one margin after the other until all agree.

    Iterative proportional fitting. Each step multiplies the weights of every category of one margin so that its share is
    right, which disturbs the others a little; a cycle goes once through all margins. Of all weights with those margins,
    the result is the nearest to the starting weights (in the sense of least information added). It is the same for any
    order of the margins.

    The respondents are counted by combination first, so a cycle costs as much as there are different combinations:
    200,000 persons on four margins take well under a second.

    Parameters
    ----------
    df
        One row a respondent.
    margins
        Column -> (category -> share, or people). Either each margin adds to 1 (within 1e-6), or all add to the same count.
    tol
        Stop when, after a full cycle, no category's share is further than this from its target.
    maxit
        The most cycles.
    start
        Weights to start from, such as those of the sampling design; default 1.

    Returns
    -------
    tuple
        The weights (a Series with the index of ``df``, mean 1) and the number of full cycles.

    Raises
    ------
    ValueError
        If the margins contradict each other in total, are negative or empty; a respondent's category is missing or not
        in its margin; a category with a target has no respondent; or the weights have not settled after ``maxit``
        cycles, as when no weights can have these margins.

    Examples
    --------
    >>> df = pd.DataFrame({"area": ["u", "u", "u", "r"], "reads": ["yes", "yes", "no", "no"]})
    >>> weights, _ = rake(df, {"area": {"u": 0.6, "r": 0.4}, "reads": {"yes": 0.5, "no": 0.5}})
    >>> [round(weight, 6) for weight in weights]
    [1.0, 1.0, 0.4, 1.6]

    Source: Deming & Stephan (1940), doi:10.1214/aoms/1177731829.
    """
    targets = {name: _totals(f"margins[{name!r}]", margin) for name, margin in margins.items()}
    if not targets:
        raise ValueError("margins: there is none")
    _refuse_unequal_totals(targets)
    _refuse_missing(df, list(targets))
    codes, goals = [], []
    for name, target in targets.items():
        code = target.index.get_indexer(df[name])
        if (code < 0).any():
            stranger = df[name].iloc[int(np.argmax(code < 0))]
            raise ValueError(f"df: {name} {say(stranger)} is not in margins[{name!r}]")
        codes.append(code)
        goals.append(target.to_numpy() / target.sum())
    refuse("maxit", maxit, maxit < 1, "allows no cycle")
    first = np.ones(len(df)) if start is None else column("start", start, len(df))
    refuse_negative(start=first)

    # One row for each combination that occurs, with the starting weight of all who share it.
    at, row = np.unique(np.array(codes, dtype=np.intp), axis=1, return_inverse=True)
    row, present = row.ravel(), at.shape[1]  # numpy 2.0 gives the inverse another shape
    before = np.bincount(row, weights=first, minlength=present)
    table = before / before.sum() if before.sum() > 0 else before

    for cycle in range(1, maxit + 1):
        for name, where, goal in zip(targets, at, goals, strict=True):
            achieved = np.bincount(where, weights=table, minlength=len(goal))
            if ((achieved == 0) & (goal > 0)).any():
                category = targets[name].index[(achieved == 0) & (goal > 0)][0]
                raise ValueError(f"df: nobody (left) in {name} {say(category)}, which margins needs")
            table = table * _divide(goal, achieved, 0.0)[where]
        away = max(
            np.abs(np.bincount(where, weights=table, minlength=len(goal)) - goal).max()
            for where, goal in zip(at, goals, strict=True)
        )
        if away <= tol:
            factor = _divide(table, before, 0.0)[row]
            weights = first * factor * len(df) / (first @ factor)
            return pd.Series(weights, index=df.index, name="weight"), cycle
    raise ValueError(f"margins: not met after {maxit} cycles (a share is still {away:.2g} away); they may contradict")


def kish(w: ArrayLike) -> tuple[float, float]:
    """Kish's design effect of unequal weights, and the effective sample size.

    How many times larger the variance of a mean is than with equal weights, where the outcome has nothing to do with the
    weights: deff = n Σw² / (Σw)² = 1 + the squared coefficient of variation of the weights. n_eff = n / deff.

    Parameters
    ----------
    w
        Weights, on any scale. Rows of weight 0 are not counted in n.

    Returns
    -------
    tuple
        ``deff`` (1 or more) and ``n_eff`` (n or less). (nan, nan) if nobody has a weight or a weight is missing.

    Raises
    ------
    ValueError
        If a weight is negative.

    Examples
    --------
    >>> kish([1, 1, 1, 3])
    (1.3333333333333333, 3.0)

    Source: Kish (1965), Survey Sampling, section 11.7.
    """
    weight = _weights(w)
    if not len(weight) or np.isnan(weight).any():
        return np.nan, np.nan
    n_eff = float(weight.sum() ** 2 / (weight @ weight))
    return len(weight) / n_eff, n_eff


def weighted_interval(y: ArrayLike, w: ArrayLike, z: float = 1.96) -> tuple[float, float, float]:
    """Weighted mean and its interval, by linearisation (with-replacement sampling of persons).

    var = n / (n - 1) · Σ w² (y - mean)² / (Σ w)². The weights are taken as fixed: that they were fitted to the margins is
    not used, which makes the interval a little too wide for outcomes that the margins explain.

    Parameters
    ----------
    y
        Outcome of each respondent.
    w
        Weights, on any scale; rows of weight 0 are left out.
    z
        Half width in standard errors.

    Returns
    -------
    tuple
        mean, low, high, in the unit of ``y``. low and high are nan with fewer than two respondents; all nan with none, or
        if a value is missing.

    Raises
    ------
    ValueError
        If a weight is negative or the lengths differ.

    Examples
    --------
    >>> [round(value, 3) for value in weighted_interval([1, 0, 1, 1], [1, 2, 1, 1])]
    [0.6, -0.027, 1.227]

    Source: Kish (1965); Lumley (2004), doi:10.18637/jss.v009.i08.
    """
    weight = column("w", w)
    outcome = column("y", y, len(weight))
    refuse_negative(w=weight)
    outcome, weight = outcome[weight != 0], weight[weight != 0]
    n, total = len(weight), weight.sum()
    if not n or np.isnan(total):
        return np.nan, np.nan, np.nan
    mean = float(weight @ outcome / total)
    if n < 2:
        return mean, np.nan, np.nan
    error = float(np.sqrt(n / (n - 1) * np.sum((weight * (outcome - mean)) ** 2)) / total)
    return mean, mean - z * error, mean + z * error


# --- the price of not being random --------------------------------------------------------------------------------------


def data_defect_correlation(r: ArrayLike, y: ArrayLike, people: ArrayLike | None = None) -> float:
    """Correlation, over the whole population, between answering and what would be answered.

    With f the share who answered and sd the standard deviation of y in the population (divided by N), the error of the
    mean of those who answered is exactly ρ · sqrt((1 - f) / f) · sd.

    Parameters
    ----------
    r
        1 = answered, 0 = did not (or True and False), for everybody.
    y
        What each would answer.
    people
        How many persons each row stands for; default 1.

    Returns
    -------
    float
        Between -1 and 1. nan if r or y does not vary, or a value is missing.

    Raises
    ------
    ValueError
        If ``r`` is neither 0 nor 1, ``people`` is negative, or the lengths differ.

    Examples
    --------
    >>> round(data_defect_correlation([1, 1, 0, 0], [1, 0, 0, 0]), 4)
    0.5774

    Source: Meng (2018), doi:10.1214/18-AOAS1161SF.
    """
    answered = column("r", r)
    outcome = column("y", y, len(answered))
    count = np.ones(len(answered)) if people is None else column("people", people, len(answered))
    refuse_negative(people=count)
    refuse_rows("r", answered, ~np.isin(answered, (0, 1)) & ~np.isnan(answered), "is neither 0 nor 1")
    answered, outcome, count = answered[count != 0], outcome[count != 0], count[count != 0]
    if not len(count) or np.ptp(answered) == 0 or np.ptp(outcome) == 0:
        return np.nan
    x = answered - np.average(answered, weights=count)
    v = outcome - np.average(outcome, weights=count)
    return float((count * x) @ v / np.sqrt((count * x) @ x * ((count * v) @ v)))


def effective_size(f: float, rho: float, people: float | None = None) -> float:
    """Size of the simple random sample whose mean has the same expected squared error.

    Parameters
    ----------
    f
        Share of the population that answered.
    rho
        Data-defect correlation.
    people
        Size of the population. Without it, Meng's approximation f / (1 - f) / ρ²; with it, the exact size of a sample
        drawn without replacement, which is never more than the population. (Of such a sample ρ² is 1 / (N - 1) in
        the mean, and it is worth just what it is.)

    Returns
    -------
    float
        inf if everybody answered or ρ is 0 (``people``, if it is given). nan if a value is missing.

    Raises
    ------
    ValueError
        If ``f`` is not in (0, 1], ``rho`` is not in [-1, 1], or ``people`` is not above 0.

    Examples
    --------
    >>> round(effective_size(0.01, 0.005))
    404

    Source: Meng (2018), doi:10.1214/18-AOAS1161SF.
    """
    if np.isnan([f, rho]).any():
        return np.nan
    refuse("f", f, not 0 < f <= 1, "is not above 0 and at most 1")
    refuse("rho", rho, not -1 <= rho <= 1, "is not between -1 and 1")
    refuse("people", people, people is not None and not people > 0, "is not above 0")
    inverse = rho**2 * (1 - f) / f
    if people is not None:
        inverse = inverse * (1 - 1 / people) + 1 / people
    return 1 / inverse if inverse > 0 else np.inf


# --- who was heard ----------------------------------------------------------------------------------------------------


def voice_gini(minutes: ArrayLike, role: ArrayLike) -> tuple[float, pd.DataFrame]:
    """How unequally the members of a committee speak, and which roles speak more than their share.

    Parameters
    ----------
    minutes
        Speaking time of each *member*, one row a member. Those who said nothing are there with 0.
    role
        Role of each member.

    Returns
    -------
    tuple
        The Gini coefficient ΣΣ|xi - xj| / (2 n² mean), without the factor n / (n - 1): 0 = all speak as long, near 1 = one
        speaks. And a table, one row a role in alphabetical order, with ``members`` and ``minutes``: the role's shares of
        the members and of the speaking time. Gini and shares of time are nan if nobody spoke.

    Raises
    ------
    ValueError
        If a time is negative, a role is missing, or the lengths differ.

    Examples
    --------
    >>> gini, table = voice_gini([0, 0, 10, 30], ["resident", "resident", "doctor", "official"])
    >>> gini, table["minutes"].to_dict()
    (0.625, {'doctor': 0.25, 'official': 0.75, 'resident': 0.0})
    """
    time = column("minutes", minutes)
    refuse_negative(minutes=time)
    roles = pd.Series(list(role), dtype=object)
    if len(roles) != len(time):
        raise ValueError(f"role: has {len(roles)} rows, but minutes has {len(time)}")
    if roles.isna().any():
        raise ValueError(f"role: missing in row {int(np.argmax(roles.isna()))}")
    n, total = len(time), time.sum()
    if n and total > 0:
        place = np.arange(1, n + 1)
        gini = float((2 * place - n - 1) @ np.sort(time) / (n * total))
    else:
        gini = np.nan
    grouped = pd.DataFrame({"role": roles, "minutes": time}).groupby("role")["minutes"]
    table = pd.DataFrame({"members": grouped.size() / max(n, 1), "minutes": _divide(grouped.sum(), total)})
    return gini, table


def lorenz_curve(minutes: ArrayLike) -> pd.DataFrame:
    """Lorenz curve of speaking time: the share of the time that falls to the quietest share of members.

    Parameters
    ----------
    minutes
        As in :func:`voice_gini`.

    Returns
    -------
    DataFrame
        ``members`` and ``minutes`` (cumulative shares, quietest first), from (0, 0) to (1, 1). The Gini coefficient is one
        minus twice the area below it.

    Raises
    ------
    ValueError
        If a time is negative.

    Examples
    --------
    >>> lorenz_curve([30, 0, 10, 0])["minutes"].tolist()
    [0.0, 0.0, 0.0, 0.25, 1.0]
    """
    time = column("minutes", minutes)
    refuse_negative(minutes=time)
    time, n = np.sort(time), len(time)
    return pd.DataFrame(
        {
            "members": np.arange(n + 1) / max(n, 1),
            "minutes": np.concatenate([[0.0], _divide(np.cumsum(time), time.sum())]),
        }
    )


def meetings(df: pd.DataFrame) -> pd.DataFrame:
    """One row a meeting: its rung on Arnstein's ladder, and what became of the proposals made in it.

    Parameters
    ----------
    df
        One row a proposal, with the columns ``meeting``, ``rung`` (1 to 8), ``proposer`` (a role) and ``adopted`` (0 or 1).
        A meeting without proposals has one row, in which ``proposer`` and ``adopted`` are missing.

    Returns
    -------
    DataFrame
        Indexed by meeting, ascending: ``rung``, ``made`` (proposals), ``adoption`` (share adopted, nan without proposals)
        and ``tokenistic`` (rung 3 to 5, and adoption below 0.10).

    Raises
    ------
    ValueError
        If a meeting is missing, a rung is not a whole number from 1 to 8 or differs within a meeting, or ``adopted`` is
        neither 0, 1 nor missing.

    Source: the rungs, Arnstein (1969), doi:10.1080/01944366908977225; the threshold is ours.
    """
    if df["meeting"].isna().any():
        raise ValueError("df: a row does not say which meeting it belongs to")
    if (bad := ~df["rung"].isin(list(RUNGS))).any():
        raise ValueError(f"df: rung {say(df['rung'][bad].iloc[0])} is not a whole number from 1 to 8")
    adopted = pd.to_numeric(df["adopted"], errors="coerce").astype(float)
    if (bad := ~(adopted.isin([0, 1]) | df["adopted"].isna())).any():
        raise ValueError(f"df: adopted {say(df['adopted'][bad].iloc[0])} is neither 0 nor 1")
    grouped = df.assign(adopted=adopted).groupby("meeting")
    if (mixed := grouped["rung"].nunique() > 1).any():
        raise ValueError(f"df: meeting {say(mixed.index[mixed][0])} has more than one rung")
    out = pd.DataFrame(
        {
            "rung": grouped["rung"].first().astype(int),
            "made": grouped["adopted"].count(),
            "adoption": grouped["adopted"].mean(),
        }
    )
    out["tokenistic"] = out["rung"].between(*WINDOW_DRESSING) & (out["adoption"] < FEW)
    return out


def tokenism(df: pd.DataFrame) -> dict:
    """How far up the ladder meetings stand, whose proposals are adopted, and how many meetings are for show.

    Parameters
    ----------
    df
        As in :func:`meetings`.

    Returns
    -------
    dict
        ``partnership``: share of meetings on rung 6 (partnership) or higher. ``tokenistic``: share of meetings on rung 3 to
        5 that adopted less than a tenth of their proposals; a meeting without proposals is not one of them, but counts
        among the meetings. ``adoption``: proposer -> share of its proposals that was adopted (a Series, alphabetical).
        Both shares are nan without meetings.

    Raises
    ------
    ValueError
        As :func:`meetings`.
    """
    by_meeting = meetings(df)
    made = df[df["adopted"].notna()]
    adoption = made["adopted"].astype(float).groupby(made["proposer"]).mean().rename("adoption")
    return {
        "partnership": float((by_meeting["rung"] >= PARTNERSHIP).mean()) if len(by_meeting) else np.nan,
        "tokenistic": float(by_meeting["tokenistic"].mean()) if len(by_meeting) else np.nan,
        "adoption": adoption,
    }


def kappa(
    a: ArrayLike, b: ArrayLike, weights: str | ArrayLike | None = None, categories: Sequence | None = None
) -> float:
    """Cohen's kappa: how far two coders agree beyond what their own habits would give by chance.

    1 - (disagreement seen) / (disagreement expected if each coder kept to its own shares and coded at random).

    Parameters
    ----------
    a, b
        The code that each coder gave to each item.
    weights
        How much a disagreement counts. None: all alike. "linear", "quadratic": |i - j| / (k - 1), or its square, for
        codes in places i and j of k ordered categories. Or a k × k table of disagreement weights, 0 on the diagonal.
    categories
        The whole ordered scale, *also the codes that nobody used*: weighted kappa depends on it. Default: the codes that
        occur, sorted.

    Returns
    -------
    float
        1 = full agreement, 0 = no more than by chance, below 0 = less. nan where chance alone gives full agreement (both
        coders used one and the same category) and without items.

    Raises
    ------
    ValueError
        If the lengths differ, a code is missing or not in ``categories``, ``categories`` repeats one, or ``weights`` is
        unknown.

    Examples
    --------
    >>> round(kappa([1, 1, 0, 0], [1, 0, 0, 0]), 9)
    0.5

    Source: Cohen (1960), doi:10.1177/001316446002000104; Cohen (1968), doi:10.1037/h0026256.
    """
    first, second = pd.Series(list(a), dtype=object), pd.Series(list(b), dtype=object)
    if len(first) != len(second):
        raise ValueError(f"b: has {len(second)} codes, but a has {len(first)}")
    for name, codes in (("a", first), ("b", second)):
        if codes.isna().any():
            raise ValueError(f"{name}: code missing in row {int(np.argmax(codes.isna()))}")
    scale = pd.Index(sorted(set(first) | set(second)) if categories is None else list(categories))
    if not scale.is_unique:
        raise ValueError(f"categories: {say(scale[scale.duplicated()][0])} stands there twice")
    for name, codes in (("a", first), ("b", second)):
        _refuse_strangers(name, codes, scale, "categories")
    k = len(scale)
    apart = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / max(k - 1, 1)
    if weights is None:
        cost = (apart > 0).astype(float)
    elif isinstance(weights, str):
        one_of("weights", weights, (None, "linear", "quadratic"))
        cost = apart if weights == "linear" else apart**2
    else:
        cost = np.asarray(weights, dtype=float)
        if cost.shape != (k, k):
            raise ValueError(f"weights: its shape is {cost.shape}, but there are {k} categories")
    if not len(first):
        return np.nan
    seen = np.zeros((k, k))
    np.add.at(seen, (scale.get_indexer(first), scale.get_indexer(second)), 1 / len(first))
    expected = float(np.sum(cost * np.outer(seen.sum(axis=1), seen.sum(axis=0))))
    return 1 - float(np.sum(cost * seen)) / expected if expected > 0 else np.nan


# --- what goes in -----------------------------------------------------------------------------------------------------


def _divide(top: ArrayLike, bottom: ArrayLike, otherwise: float = np.nan) -> np.ndarray:
    """top / bottom, ``otherwise`` where bottom is 0."""
    top, bottom = np.broadcast_arrays(np.asarray(top, dtype=float), np.asarray(bottom, dtype=float))
    return np.divide(top, bottom, out=np.full(top.shape, otherwise), where=bottom != 0)


def _totals(name: str, given: Mapping | pd.Series) -> pd.Series:
    """Label -> people (or share) as a Series of floats."""
    if isinstance(given, pd.Series):
        totals = given.astype(float)
    else:
        labels = list(given)
        index = pd.MultiIndex.from_tuples(labels) if labels and isinstance(labels[0], tuple) else pd.Index(labels)
        totals = pd.Series([given[label] for label in labels], index=index, dtype=float)
    if not totals.index.is_unique:
        raise ValueError(f"{name}: {say(totals.index[totals.index.duplicated()][0])} stands there twice")
    if (bad := ~(totals >= 0)).any():
        raise ValueError(f"{name}: {totals[bad].iloc[0]:.15g} for {say(totals.index[bad][0])} is not 0 or more")
    if not 0 < totals.sum() < np.inf:
        raise ValueError(f"{name}: adds to {totals.sum():.15g}; it must hold somebody")
    return totals


def _labels(df: pd.DataFrame, cells: Sequence[str]) -> pd.Series:
    """The cell of each row: the value of one column, or a tuple of the values of several."""
    if len(cells) == 1:
        return pd.Series(df[cells[0]].to_numpy(), dtype=object)
    rows = list(zip(*(df[name] for name in cells), strict=True))
    return pd.Series(rows, index=range(len(rows)), dtype=object)


def _refuse_missing(df: pd.DataFrame, columns: Sequence[str]) -> None:
    has_columns("df", df, columns)
    for name in columns:
        if df[name].isna().any():
            raise ValueError(f"df: {name} is missing in row {int(np.argmax(df[name].isna()))}")


def _refuse_strangers(name: str, labels: pd.Series, known: pd.Index, where: str) -> None:
    if (strange := ~labels.isin(list(known))).any():
        raise ValueError(f"{name}: {say(labels[strange].iloc[0])} is not in {where}")


def _refuse_unequal_totals(targets: Mapping[str, pd.Series]) -> None:
    sums = {name: float(target.sum()) for name, target in targets.items()}
    if all(abs(total - 1) <= 1e-6 for total in sums.values()):
        return
    first = next(iter(sums.values()))
    for name, total in sums.items():
        if abs(total - first) > 1e-6 * max(first, total):
            raise ValueError(
                f"margins: {name!r} adds to {total:.15g} and {next(iter(sums))!r} to {first:.15g}; all must add to 1, or "
                "to the same number of people"
            )


def _weights(w: ArrayLike) -> np.ndarray:
    """The weights that are not 0."""
    weight = column("w", w)
    refuse_negative(w=weight)
    return weight[weight != 0]
