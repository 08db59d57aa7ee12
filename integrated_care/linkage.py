"""Methods of chapter 8, *Joining the records*: which records are one person, who is lost, and what the loss does to a finding.

Conventions, the same in every function
---------------------------------------
* A **pair** is a record of one table beside a record of another. A **pattern** has one value for each field of a pair: 1 the
  field agrees, 0 it does not, nan one side or both sides are missing. Missing is never disagreement, and keys that are
  missing never block together.
* Rows go **by position**: an index may repeat a label or be out of order. ``i`` and ``j`` are positions, from 0.
* ``m`` is the chance that a field agrees if the two records are one person, ``u`` if they are two. Weights are logarithms to
  the base 2 (bits), and those of fields add up.
* Shares and rates are fractions. Two groups come in the order (deprived, rich).
* What is undefined is nan, never 0. ``ValueError`` names the argument and the value at fault. Nothing that is passed in is
  changed.

scipy is not imported: in a browser it would be 19 MB more to fetch.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from itertools import groupby
from math import inf, nan

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .arguments import column, finite, has_columns, numbers, one_of, refuse, refuse_negative, within
from .guard import refuse_while_grading

refuse_while_grading(__name__)

__all__ = [
    "ARABIC",
    "blocking",
    "candidates",
    "compare",
    "count_patterns",
    "em_fs",
    "linkage_quality",
    "linked_ratio",
    "log_likelihood",
    "match_weights",
    "maturity",
    "normalise",
    "pair_weights",
    "patterns",
    "placebo_gaps",
    "placebo_p",
    "posterior",
    "skeleton",
    "synthetic_control",
]

SMALL = 1e-6  # m and u are kept this far from 0 and 1, from which they could never move again
# Latin letters, and the Arabic ones that Moroccan clerks tend to write so; one convention of several.
_LETTERS = {
    "a": "اأآىةع",
    "i": "إئي",
    "ou": "ؤو",
    "b": "ب",
    "t": "تثط",
    "j": "ج",
    "h": "حه",
    "kh": "خ",
    "d": "دذضظ",
    "r": "ر",
    "z": "ز",
    "s": "سص",
    "ch": "ش",
    "gh": "غ",
    "f": "ف",
    "k": "قك",
    "l": "ل",
    "m": "م",
    "n": "ن",
    "": "ء",  # a hamza alone
}
ARABIC: dict[str, str] = {letter: latin for latin, letters in _LETTERS.items() for letter in letters}
VOWELS = "aeiouyw"
TATWEEL = "\u0640"  # only stretches a word; Python takes it for a letter
NO_FIT = 1e-6  # an RMSPE below this part of a unit's largest outcome is 0 but for noise


# --- names ------------------------------------------------------------------------------------------------------------


def normalise(name: str | None, table: Mapping[str, str] = ARABIC) -> str:
    """A name in small Latin letters without accents, spaces, hyphens or apostrophes, and no letter twice in a row.

    Parameters
    ----------
    name
        In any script; None and nan give "".
    table
        Letter -> what it becomes. Its keys may carry marks, such as the hamza of أ: they are read as the name is.

    Returns
    -------
    str
        Letters and digits only. With a table of Arabic letters a second time changes nothing.

    Examples
    --------
    >>> normalise("Fatima-Zahra"), normalise("Mohammed"), normalise("محمد"), normalise(None)
    ('fatimazahra', 'mohamed', 'mhmd', '')

    In order: small letters and Unicode's compatibility decomposition (NFKD), which takes marks off their letters and Arabic
    ligatures apart; the table, longest keys first; marks, the stroke that stretches a word (tatweel) and whatever else is no
    letter or digit go; repeated letters go last, since a space between two of them would hide them.
    """
    if name is None or pd.isna(name):
        return ""
    text = unicodedata.normalize("NFKD", str(name).lower())
    keys = {unicodedata.normalize("NFKD", key.lower()): value for key, value in table.items()}
    for key in sorted(keys, key=len, reverse=True):
        text = text.replace(key, keys[key])
    return "".join(letter for letter, _ in groupby(x for x in text if x.isalnum() and x != TATWEEL))


def skeleton(name: str | None, table: Mapping[str, str] = ARABIC) -> str:
    """The consonants of a name, which Arabic writing keeps and which Latin spellings share; "" is missing.

    Arguments as in :func:`normalise`. The letters a, e, i, o, u, y and w go, then what is repeated.

    Examples
    --------
    >>> [skeleton(name) for name in ("Mohamed", "Mhamed", "محمد", "Fatma", "فاطمة")]
    ['mhmd', 'mhmd', 'mhmd', 'ftm', 'ftm']
    """
    return "".join(letter for letter, _ in groupby(x for x in normalise(name, table) if x not in VOWELS))


# --- pairs and patterns -----------------------------------------------------------------------------------------------


def patterns(pairs: pd.DataFrame, fields: Sequence[str]) -> np.ndarray:
    """Agreement of each field in each pair.

    Parameters
    ----------
    pairs
        One row a pair, with the columns ``f"{field}_a"`` and ``f"{field}_b"`` for each field.
    fields
        Names, in the order of the result.

    Returns
    -------
    array
        One row a pair, one column a field: 1.0, 0.0, or nan where either side is missing.

    Raises
    ------
    ValueError
        If a column is not there.

    Examples
    --------
    >>> pairs = pd.DataFrame({"sex_a": ["F", "F", None], "sex_b": ["F", "M", None]})
    >>> patterns(pairs, ["sex"]).ravel().tolist()
    [1.0, 0.0, nan]
    """
    has_columns("pairs", pairs, [f"{field}_{side}" for field in fields for side in "ab"])
    found = np.empty((len(pairs), len(fields)))
    for k, field in enumerate(fields):
        a, b = _codes(pairs[f"{field}_a"], pairs[f"{field}_b"])
        found[:, k] = np.where((a < 0) | (b < 0), nan, a == b)
    return found


def compare(a: pd.DataFrame, b: pd.DataFrame, fields: Sequence[str], i: ArrayLike, j: ArrayLike) -> np.ndarray:
    """As :func:`patterns`, for row ``i`` of table ``a`` beside row ``j`` of table ``b``.

    Raises
    ------
    ValueError
        If a table lacks a field, ``i`` and ``j`` are not of one length, or point to no row.

    Examples
    --------
    >>> a, b = pd.DataFrame({"sex": ["F", "M"]}), pd.DataFrame({"sex": ["M"]})
    >>> compare(a, b, ["sex"], i=[0, 1], j=[0, 0]).ravel().tolist()
    [0.0, 1.0]
    """
    i, j = _positions("i", i, len(a)), _positions("j", j, len(b))
    refuse("j", len(j), len(i) != len(j), f"pairs, but i has {len(i)}")
    found = np.empty((len(i), len(fields)))
    for k, (left, right) in enumerate(_coded(a, b, fields)):
        left, right = left[i], right[j]
        found[:, k] = np.where((left < 0) | (right < 0), nan, left == right)
    return found


def count_patterns(a: pd.DataFrame, b: pd.DataFrame, fields: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """How often each pattern occurs among **all** pairs of two tables, without writing the pairs down.

    Returns
    -------
    (patterns, counts)
        One row and one count for each pattern that occurs; the counts add up to ``len(a) * len(b)``.

    Raises
    ------
    ValueError
        If a table lacks a field.

    Examples
    --------
    >>> found, counts = count_patterns(pd.DataFrame({"sex": ["F", "M", None]}), pd.DataFrame({"sex": ["F", "F"]}), ["sex"])
    >>> found.ravel().tolist(), counts.tolist()
    ([0.0, 1.0, nan], [2, 2, 2])
    """
    coded = _coded(a, b, fields)
    size = 3 ** len(coded)
    counts = np.zeros(size, dtype=np.int64)
    rows = max(1, 2_000_000 // max(len(b), 1))  # a few megabytes at a time
    for start in range(0, len(a), rows):
        chunk = slice(start, start + rows)
        number = np.zeros((len(a[chunk]), len(b)), dtype=np.int32)
        for left, right in coded:
            left = left[chunk, None]
            missing = (left < 0) | (right < 0)
            number *= 3
            number += np.where(missing, 2, left == right)
        counts += np.bincount(number.ravel(), minlength=size)
    occur = np.flatnonzero(counts)
    digits = occur[:, None] // 3 ** np.arange(len(coded) - 1, -1, -1) % 3
    return np.where(digits == 2, nan, digits.astype(float)), counts[occur]


def candidates(a: pd.DataFrame, b: pd.DataFrame, rules: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
    """The pairs that agree on every column of at least one rule; a missing key joins with nothing.

    Parameters
    ----------
    a, b
        One row a record.
    rules
        Lists of columns, such as ``[["number"], ["year", "family"]]``.

    Returns
    -------
    (i, j)
        Positions in ``a`` and ``b``; each pair once, in order.

    Raises
    ------
    ValueError
        If there is no rule, a rule is empty, or a table lacks one of its columns.

    Examples
    --------
    >>> a, b = pd.DataFrame({"year": [1980, None]}), pd.DataFrame({"year": [None, 1980, 1980]})
    >>> [side.tolist() for side in candidates(a, b, [["year"]])]
    [[0, 0], [1, 2]]
    """
    if not len(rules) or not all(len(rule) for rule in rules):
        raise ValueError(f"rules: {list(rules)!r} has no column to block by")
    found = []
    for rule in rules:
        coded = _coded(a, b, rule)
        left, right = (pd.DataFrame({k: pair[side] for k, pair in enumerate(coded)}) for side in (0, 1))
        left, right = (t[(t >= 0).all(axis=1)].rename_axis(n).reset_index() for t, n in ((left, "i"), (right, "j")))
        both = left.merge(right, on=list(range(len(rule))))
        found.append(both["i"].to_numpy(dtype=np.int64) * len(b) + both["j"].to_numpy(dtype=np.int64))
    pair = np.unique(np.concatenate(found))
    return pair // max(len(b), 1), pair % max(len(b), 1)


def blocking(df_a: pd.DataFrame, df_b: pd.DataFrame, keys: Sequence[str], truth: ArrayLike) -> tuple[float, float]:
    """What a blocking rule saves, and what it loses.

    Parameters
    ----------
    df_a, df_b
        One row a record. A pair is a candidate if it agrees on **every** column of ``keys``, none of them missing.
    keys
        Columns of both tables.
    truth
        The true pairs: two columns of positions, in ``df_a`` and in ``df_b``.

    Returns
    -------
    (reduction ratio, pair completeness)
        1 - candidates / all pairs, and the share of the true pairs that are candidates; nan where there is nothing to divide by.

    Raises
    ------
    ValueError
        As :func:`candidates`, or if ``truth`` is no table of two columns that point to rows.

    Examples
    --------
    >>> a, b = pd.DataFrame({"year": [1980, 1990]}), pd.DataFrame({"year": [1980, 1991]})
    >>> blocking(a, b, ["year"], truth=[(0, 0), (1, 1)])
    (0.75, 0.5)
    """
    true = np.asarray(truth).reshape(-1, 2) if np.size(truth) else np.empty((0, 2), dtype=int)
    true_i, true_j = _positions("truth", true[:, 0], len(df_a)), _positions("truth", true[:, 1], len(df_b))
    i, j = candidates(df_a, df_b, [keys])
    every = len(df_a) * len(df_b)
    kept = np.isin(true_i * len(df_b) + true_j, i * len(df_b) + j)
    return 1 - len(i) / every if every else nan, float(kept.mean()) if len(kept) else nan


# --- weights ----------------------------------------------------------------------------------------------------------


def match_weights(m: ArrayLike, u: ArrayLike, fields: Sequence[str] | None = None) -> pd.DataFrame:
    """What a field says for and against one person, in bits.

    Parameters
    ----------
    m, u
        One chance a field. They are kept within 1e-6 of 0 and 1, so that no weight is infinite.
    fields
        Names for the rows; numbers from 0 if left out.

    Returns
    -------
    DataFrame
        ``agree``, log2(m / u), and ``disagree``, log2((1 - m) / (1 - u)).

    Raises
    ------
    ValueError
        If the lengths differ, or a value is missing or not from 0 to 1.

    Examples
    --------
    >>> match_weights([0.9], [0.025], ["year"]).round(3).to_numpy().tolist()
    [[5.17, -3.285]]

    Source: Fellegi & Sunter (1969), doi:10.1080/01621459.1969.10501049, in bits as in Winkler (1990) and Splink.
    """
    m, u = _chances(m, u)
    table = {"agree": np.log2(m / u), "disagree": np.log2((1 - m) / (1 - u))}
    return pd.DataFrame(table, index=None if fields is None else list(fields))


def pair_weights(patterns: ArrayLike, weights: pd.DataFrame) -> np.ndarray:
    """The weight of each pair: the sum over its fields, to which a missing field adds nothing.

    Parameters
    ----------
    patterns
        One row a pair, as :func:`patterns` gives them.
    weights
        One row a field, as :func:`match_weights` gives them, in the same order.

    Raises
    ------
    ValueError
        If the number of fields differs, or a value is neither 0, 1 nor missing.

    Examples
    --------
    >>> pair_weights([[1, 0], [1, np.nan]], match_weights([0.5, 0.5], [0.125, 0.25])).round(2).tolist()
    [1.42, 2.0]
    """
    agree, disagree = _split(patterns, len(weights))
    return agree @ weights["agree"].to_numpy() + disagree @ weights["disagree"].to_numpy()


def posterior(weight: ArrayLike, lam: float = 0.5) -> float | np.ndarray:
    """The chance that a pair is one person, from its weight and the share ``lam`` of pairs that are.

    Raises
    ------
    ValueError
        If ``lam`` is not from 0 to 1.

    Examples
    --------
    >>> posterior([0, 3, 7]).round(3).tolist(), round(posterior(20, lam=1e-4), 3)
    ([0.5, 0.889, 0.992], 0.991)
    """
    within("lam", lam, 0, 1)
    (weight,) = numbers(weight=weight)
    found = lam / (lam + (1 - lam) * np.exp2(-np.clip(weight, -1000, 1000)))
    return found if found.ndim else float(found)


def log_likelihood(patterns: ArrayLike, counts: ArrayLike | None, lam: float, m: ArrayLike, u: ArrayLike) -> float:
    """How well a share of matches and chances of agreement explain the patterns; natural logarithm, 0 is perfect.

    Arguments and errors as in :func:`em_fs`.

    Examples
    --------
    >>> round(log_likelihood([[1, 1, 1]], [1], 0.5, [0.5] * 3, [0.5] * 3), 4)
    -2.0794
    """
    m, u = _chances(m, u)
    within("lam", lam, 0, 1, open_low=True, open_high=True)
    agree, disagree = _split(patterns, len(m))
    both = _joint(agree, disagree, lam, m, u)
    return float(_counts(counts, len(agree)) @ np.logaddexp(*both))


def em_fs(
    patterns: ArrayLike,
    counts: ArrayLike | None = None,
    iters: int = 200,
    *,
    init: tuple[float, ArrayLike, ArrayLike],
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Chances of agreement without a single known match: Fellegi and Sunter's model, by expectation and maximisation.

    Parameters
    ----------
    patterns
        One row a pattern, one column a field; at least three fields, since two do not determine the answer. A missing field
        tells nothing about its pair.
    counts
        How many pairs have each pattern; 1 each if left out.
    iters
        Rounds, from 0 on; there is no early stop.
    init
        Where to start: (share of matches, m, u). ``m`` and ``u`` must differ in some field, or nothing would ever move.

    Returns
    -------
    (lam, m, u, path)
        Share of pairs that are matches; the chances of agreement, within 1e-6 of 0 and 1; and the log-likelihood at the start
        and after each round, which never falls. Matches are the class in which more fields agree (sum of ``m`` >= sum of
        ``u``): if it comes out the other way round, the two classes change names. A field that is never known keeps its start.

    Raises
    ------
    ValueError
        If there are fewer than three fields, ``m`` equals ``u`` in the start, ``lam`` is not between 0 and 1, a count is
        negative or all are 0, or ``iters`` is not a whole number from 0 on.

    Examples
    --------
    >>> eight = [[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    >>> seen = [1407, 408, 63, 522, 163, 172, 67, 1198]
    >>> lam, m, u, path = em_fs(eight, seen, init=(0.3, [0.8] * 3, [0.2] * 3))
    >>> round(lam, 3), m.round(3).tolist(), u.round(3).tolist()
    (0.5, [0.7, 0.9, 0.95], [0.1, 0.025, 0.2])

    Source: Fellegi & Sunter (1969) with the EM of Winkler (1988); fields agree or not independently of each other, given whether
    the pair is one person (a latent class model with two classes).
    """
    lam, m, u = init
    m, u = _chances(m, u)
    within("lam", lam, 0, 1, open_low=True, open_high=True)
    refuse("patterns", len(m), len(m) < 3, "fields do not determine the answer: at least three are needed")
    if np.array_equal(m, u):
        raise ValueError("init: m and u are equal in every field, and nothing would ever move")
    refuse("iters", iters, iters != int(iters) or iters < 0, "is not a whole number from 0 on")
    agree, disagree = _split(patterns, len(m))
    counts = _counts(counts, len(agree))
    path = np.empty(int(iters) + 1)
    for step in range(int(iters) + 1):
        match, other = _joint(agree, disagree, lam, m, u)
        every = np.logaddexp(match, other)
        path[step] = counts @ every
        if step == iters:
            break
        is_match = np.exp(match - every) * counts
        lam = float(is_match.sum() / counts.sum())
        lam = min(max(lam, np.finfo(float).tiny), 1 - 2**-53)
        m = _share_agreeing(is_match, agree, disagree, m)
        u = _share_agreeing(counts - is_match, agree, disagree, u)
    return (lam, m, u, path) if m.sum() >= u.sum() else (1 - lam, u, m, path)


# --- what was lost ----------------------------------------------------------------------------------------------------


def linkage_quality(pred: ArrayLike, truth: ArrayLike, group: Sequence | None = None) -> pd.DataFrame:
    """How many links are right, and how many true pairs were linked, in each group.

    Parameters
    ----------
    pred, truth
        One row a pair: was it linked, and is it one person? True pairs that were no candidates must be among the rows.
    group
        Of each pair; everything is one group, "all", if left out.

    Returns
    -------
    DataFrame
        Indexed by group, in order: ``precision`` (right links over links), ``recall`` (right links over true pairs) and ``f1``,
        their harmonic mean, 2 TP / (2 TP + FP + FN). nan where nothing was linked, nothing was there to link, or neither.

    Raises
    ------
    ValueError
        If the lengths differ, or a value is missing or neither True nor False.

    Examples
    --------
    >>> linkage_quality([True, True, False], [True, False, True]).to_numpy().tolist()
    [[0.5, 0.5, 0.5]]
    """
    linked, same = (column(name, values) for name, values in {"pred": pred, "truth": truth}.items())
    for name, values in {"pred": linked, "truth": same}.items():
        refuse(name, values, ~np.isin(values, (0, 1)), "is neither True nor False")
    refuse("truth", len(same), len(same) != len(linked), f"rows, but pred has {len(linked)}")
    label = np.full(len(linked), "all", dtype=object) if group is None else np.asarray(group, dtype=object)
    refuse("group", len(label), len(label) != len(linked), f"rows, but pred has {len(linked)}")
    table = pd.DataFrame({"right": linked * same, "links": linked, "true": same}).groupby(label, sort=True).sum()
    if group is None and table.empty:
        table.loc["all"] = 0.0
    right, links, true = (table[name].to_numpy(dtype=float) for name in ("right", "links", "true"))
    with np.errstate(invalid="ignore", divide="ignore"):
        quality = {"precision": right / links, "recall": right / true, "f1": 2 * right / (links + true)}
    return pd.DataFrame(quality, index=table.index)


def linked_ratio(true_rates: ArrayLike, recall: ArrayLike) -> tuple[float, float]:
    """The ratio of two rates as a linked table shows it, and the part of the true ratio that is left.

    Parameters
    ----------
    true_rates
        (deprived, rich).
    recall
        Share of true pairs that were linked, in the same order.

    Returns
    -------
    (observed, attenuation)
        Observed = true ratio times recall of the deprived over recall of the rich; attenuation = observed / true. Both are nan
        if a recall or the rate of the rich is 0; attenuation also if the rate of the deprived is.

    Raises
    ------
    ValueError
        If there are not two of each, a rate is negative, or a recall is not from 0 to 1.

    Examples
    --------
    >>> [round(x, 4) for x in linked_ratio((20, 10), (0.80, 0.97))]
    [1.6495, 0.8247]

    False links are not in this formula: they add to both rates.
    """
    rates, found = (_two(name, values) for name, values in {"true_rates": true_rates, "recall": recall}.items())
    refuse_negative(true_rates=rates, recall=found)
    refuse("recall", found, found > 1, "is above 1")
    if (found == 0).any() or rates[1] == 0:
        return nan, nan
    ratio, kept = rates[0] / rates[1], found[0] / found[1]
    return float(ratio * kept), float(kept) if ratio else nan


# --- shared records ---------------------------------------------------------------------------------------------------


def maturity(df: pd.DataFrame, weights: Mapping[str, float], at_least: float = 0.5) -> tuple[pd.Series, float]:
    """How much the shared records of systems hold, and in how many of them a social worker finds everything.

    Parameters
    ----------
    df
        One row for each ``system``, ``organisation`` and ``content``, with its ``coverage`` from 0 to 1; missing = not reported.
    weights
        Organisation -> weight, not negative; one for each organisation of the table.
    at_least
        What every group of content must reach.

    Returns
    -------
    (coverage, share)
        Coverage of each system, by name: the mean of each organisation over what was reported, then the weighted mean over the
        organisations that reported anything (the others' weights drop out); nan where none did. And the share of systems in
        which **every** content of the table is reported for ``social_care`` and reaches ``at_least``; nan without any system.

    Raises
    ------
    ValueError
        If a column or a weight is not there, a weight is negative, or a coverage is not from 0 to 1.

    Examples
    --------
    >>> rows = [("A", "gp", "tests", 0.9), ("A", "social_care", "tests", 0.5), ("B", "gp", "tests", 0.8)]
    >>> df = pd.DataFrame(rows, columns=["system", "organisation", "content", "coverage"])
    >>> coverage, share = maturity(df, {"gp": 3, "social_care": 1})
    >>> coverage.round(3).to_dict(), share
    ({'A': 0.8, 'B': 0.8}, 0.5)
    """
    has_columns("df", df, ["system", "organisation", "content", "coverage"])
    for organisation in df["organisation"].unique():
        one_of("organisation", organisation, weights)
    worth = {name: float(value) for name, value in weights.items()}
    for name, value in worth.items():
        within(f"weights[{name!r}]", value, 0)
    rows = pd.DataFrame({name: df[name].to_numpy() for name in ("system", "organisation", "content")})
    rows["coverage"] = column("coverage", df["coverage"])
    refuse("coverage", rows["coverage"], (rows["coverage"] < 0) | (rows["coverage"] > 1), "is not from 0 to 1")
    mean = rows.groupby(["system", "organisation"])["coverage"].mean().unstack()
    weight = mean.notna() * np.array([worth[name] for name in mean.columns])
    total = weight.sum(axis=1)
    coverage = (mean.fillna(0) * weight).sum(axis=1) / total.where(total > 0)
    reached = rows[(rows["organisation"] == "social_care") & (rows["coverage"] >= at_least)]
    groups = reached.groupby("system")["content"].nunique().reindex(mean.index, fill_value=0)
    share = float((groups == rows["content"].nunique()).mean()) if len(mean) else nan
    return coverage.rename("coverage").rename_axis(None), share


# --- synthetic control ------------------------------------------------------------------------------------------------


def synthetic_control(Y: pd.DataFrame, treated: object, t0: object) -> tuple[pd.Series, pd.Series]:
    """The mix of untreated units that comes nearest to the treated one before treatment.

    Parameters
    ----------
    Y
        Outcomes: one row a period, in order, one column a unit. Every other column is a donor.
    treated
        The column of the treated unit.
    t0
        First period of treatment; the mix is chosen on the periods before it.

    Returns
    -------
    (weights, gap)
        Weights of the donors, none below 0, that add up to 1 and make the mean squared gap before ``t0`` as small as it can
        be; and the treated outcome minus the mix in every period. Where the treated path lies within the donors' reach, other
        weights fit as well.

    Raises
    ------
    ValueError
        If ``treated`` is no column, there is no donor, no period before ``t0`` or none from it on, or an outcome is missing.

    Examples
    --------
    >>> Y = pd.DataFrame({"a": [1.0, 2, 9], "b": [0.0, 0, 0], "c": [2.0, 4, 6]})
    >>> weights, gap = synthetic_control(Y, "a", t0=2)
    >>> weights.round(6).to_dict(), gap.round(6).tolist()
    ({'b': 0.5, 'c': 0.5}, [0.0, 0.0, 6.0])

    Source: Abadie, Diamond & Hainmueller (2010), doi:10.1198/jasa.2009.ap08746, with the outcomes before treatment as the only
    predictors. The minimum is exact: it is the point of the donors' hull nearest to the treated path (Lawson & Hanson 1974, least
    distance programming).
    """
    values, before = _panel(Y, treated, t0)
    at = Y.columns.get_loc(treated)
    donors = np.arange(values.shape[1]) != at
    weights = _nearest(values[before][:, donors] - values[before][:, [at]])
    gap = values[:, at] - values[:, donors] @ weights
    return pd.Series(weights, index=Y.columns[donors]), pd.Series(gap, index=Y.index)


def placebo_gaps(Y: pd.DataFrame, treated: object, t0: object) -> pd.DataFrame:
    """The gap of every unit, each in its turn treated as the treated one; that one is never a donor of the others.

    Arguments and errors as in :func:`synthetic_control`; at least two donors are needed.

    Examples
    --------
    >>> Y = pd.DataFrame({"a": [1.0, 2, 9], "b": [0.0, 0, 0], "c": [2.0, 4, 6]})
    >>> placebo_gaps(Y, "a", t0=2).round(6).to_numpy().tolist()
    [[0.0, -2.0, 2.0], [0.0, -4.0, 4.0], [6.0, -6.0, 6.0]]
    """
    gaps = {treated: synthetic_control(Y, treated, t0)[1]}
    others = Y.drop(columns=[treated])
    refuse("Y", Y.shape[1], Y.shape[1] < 3, "units: a placebo needs a donor besides the treated unit")
    for unit in others.columns:
        gaps[unit] = synthetic_control(others, unit, t0)[1]
    return pd.DataFrame(gaps)[list(Y.columns)]


def placebo_p(Y: pd.DataFrame, treated: object, t0: object) -> float:
    """The share of units whose gap grows at ``t0`` at least as much as that of the treated one, itself among them.

    The growth is the root mean squared gap from ``t0`` on, over that before it. A gap before that is at most a millionth of
    the unit's largest outcome counts as none, and the growth is then infinite.
    Arguments and errors as in :func:`placebo_gaps`.

    Examples
    --------
    >>> Y = pd.DataFrame({"a": [1.0, 2, 9], "b": [0.0, 0, 0], "c": [2.0, 4, 6]})
    >>> round(placebo_p(Y, "a", t0=2), 4)
    0.3333

    Source: Abadie, Diamond & Hainmueller (2010), section 3.4.
    """
    gaps = placebo_gaps(Y, treated, t0)
    squares = gaps.to_numpy() ** 2
    before = np.asarray(gaps.index < t0)
    early, late = (np.sqrt(squares[rows].mean(axis=0)) for rows in (before, ~before))
    size = np.abs(Y.to_numpy(dtype=float)).max(axis=0)
    fits = early <= NO_FIT * np.maximum(size, np.finfo(float).tiny)
    ratio = np.where(fits, inf, late / np.where(fits, 1, early))
    return float((ratio >= ratio[gaps.columns.get_loc(treated)]).mean())


# --- shared -----------------------------------------------------------------------------------------------------------


def _codes(a: pd.Series, b: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Equal values of two columns as equal numbers from 0 on; -1 where missing."""
    both = pd.concat([pd.Series(a.to_numpy(), dtype=object), pd.Series(b.to_numpy(), dtype=object)])
    codes = pd.factorize(both)[0]
    return codes[: len(a)], codes[len(a) :]


def _coded(a: pd.DataFrame, b: pd.DataFrame, fields: Sequence[str]) -> list[tuple[np.ndarray, np.ndarray]]:
    for name, table in {"a": a, "b": b}.items():
        has_columns(name, table, fields)
    return [_codes(a[field], b[field]) for field in fields]


def _positions(name: str, values: ArrayLike, rows: int) -> np.ndarray:
    array = np.asarray(values)
    array = array.astype(np.int64) if not len(array) else array
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name}: needs positions, which are whole numbers, not {array.dtype}")
    refuse(name, array, (array < 0) | (array >= rows), f"is no position among {rows} rows")
    return array.astype(np.int64)


def _chances(m: ArrayLike, u: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    m, u = (np.atleast_1d(values) for values in finite(m=m, u=u))
    if m.ndim != 1 or m.shape != u.shape:
        raise ValueError(f"u: its shape {u.shape} is not that of m, {m.shape}, one value a field")
    for name, values in {"m": m, "u": u}.items():
        refuse(name, values, (values < 0) | (values > 1), "is not from 0 to 1")
    return np.clip(m, SMALL, 1 - SMALL), np.clip(u, SMALL, 1 - SMALL)


def _split(patterns: ArrayLike, fields: int) -> tuple[np.ndarray, np.ndarray]:
    """1 where a field agrees, and 1 where it disagrees; both 0 where it is missing."""
    (seen,) = numbers(patterns=patterns)
    if seen.ndim != 2 or seen.shape[1] != fields:
        raise ValueError(f"patterns: its shape is {seen.shape}, where {fields} columns are needed")
    refuse("patterns", seen, ~np.isin(seen, (0, 1)) & ~np.isnan(seen), "is neither 0, 1 nor missing")
    return (seen == 1).astype(float), (seen == 0).astype(float)


def _counts(counts: ArrayLike | None, rows: int) -> np.ndarray:
    if counts is None:
        return np.ones(rows)
    found = column("counts", counts, rows)
    refuse_negative(counts=found)
    refuse("counts", found, np.isnan(found), "is missing")
    if not found.sum() > 0:
        raise ValueError("counts: there is no pair")
    return found


def _joint(agree: np.ndarray, disagree: np.ndarray, lam: float, m: np.ndarray, u: np.ndarray) -> list[np.ndarray]:
    """Logarithm of the chance of a pattern and of being a match, and of the pattern and of being none."""
    return [
        np.log(share) + agree @ np.log(chance) + disagree @ np.log1p(-chance)
        for share, chance in ((lam, m), (1 - lam, u))
    ]


def _share_agreeing(weight: np.ndarray, agree: np.ndarray, disagree: np.ndarray, before: np.ndarray) -> np.ndarray:
    yes, no = weight @ agree, weight @ disagree
    known = yes + no > 0
    return np.where(known, np.clip(yes / np.where(known, yes + no, 1), SMALL, 1 - SMALL), before)


def _two(name: str, values: ArrayLike) -> np.ndarray:
    found = column(name, values, 2)
    refuse(name, found, np.isnan(found), "is missing")
    return found


def _panel(Y: pd.DataFrame, treated: object, t0: object) -> tuple[np.ndarray, np.ndarray]:
    one_of("treated", treated, Y.columns)
    (values,) = numbers(Y=Y)
    refuse("Y", values, np.isnan(values), "is missing: every period of every unit is needed")
    refuse("Y", values.shape[1], values.shape[1] < 2, "unit: there is no donor")
    before = np.asarray(Y.index < t0)
    if not before.any() or before.all():
        raise ValueError(f"t0: {t0!r} leaves no period {'before it' if not before.any() else 'from it on'}")
    return values, before


def _nearest(points: np.ndarray) -> np.ndarray:
    """Weights of the point nearest to 0 in the hull of the columns of ``points``.

    With one more row of ones, and (0, ..., 0, 1) to come near to, non-negative least squares gives those weights up to
    their sum: for weights of sum s, the best s leaves an error that grows with the distance.
    """
    scale = np.abs(points).max()
    system = np.vstack([points / (scale if scale else 1), np.ones(points.shape[1])])
    weights = _non_negative(system, np.r_[np.zeros(len(points)), 1.0])
    return weights / weights.sum()


def _non_negative(system: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """Least squares without negative values, by Lawson and Hanson's active set."""
    size = system.shape[1]
    x, free = np.zeros(size), np.zeros(size, dtype=bool)
    for _ in range(30 * size):
        slope = system.T @ (goal - system @ x)
        slope[free] = -inf
        enters = int(np.argmax(slope))
        if slope[enters] <= 1e-12:
            break
        free[enters] = True
        while True:
            trial = np.zeros(size)
            trial[free] = np.linalg.lstsq(system[:, free], goal, rcond=None)[0]
            if trial[free].min() > 0:
                break
            falls = free & (trial <= 0)
            step = (x[falls] / np.maximum(x[falls] - trial[falls], np.finfo(float).tiny)).min()
            x = x + step * (trial - x)
            free &= x > 1e-14
            x[~free] = 0
            if not free.any():
                trial = x
                break
        x = trial
    return x
