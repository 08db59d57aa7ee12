"""The methods of chapter 8, held against outside numbers and what must be true of them."""

import doctest
from itertools import pairwise, product
from math import isnan, nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize, nnls

from integrated_care import linkage as methods
from integrated_care import load
from integrated_care.linkage import (
    ARABIC,
    blocking,
    candidates,
    compare,
    count_patterns,
    em_fs,
    linkage_quality,
    linked_ratio,
    log_likelihood,
    match_weights,
    maturity,
    normalise,
    pair_weights,
    patterns,
    placebo_gaps,
    placebo_p,
    posterior,
    skeleton,
    synthetic_control,
)

many = settings(max_examples=40, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32 - 1)
EIGHT = list(product([0, 1], repeat=3))  # 000, 001, …, 111
# The data that Splink's tests make from known parameters (test_correctness_of_convergence.py).
SPLINK = [1407, 408, 63, 522, 163, 172, 67, 1198]
KNOWN = 0.5, [0.7, 0.9, 0.95], [0.1, 0.025, 0.2]
START = 0.3, [0.8] * 3, [0.2] * 3
PACKS = pd.read_csv(Path(__file__).parent / "fixtures" / "prop99_packs.csv", index_col="Year")


def close(value, **how):
    return pytest.approx(value, **({"rel": 1e-9, "abs": 1e-9} | how), nan_ok=True)


def test_examples_in_the_docstrings():
    result = doctest.testmod(methods)
    assert result.attempted > 25 and result.failed == 0


# --- names ------------------------------------------------------------------------------------------------------------


def test_accents_as_recordlinkage_strips_them():
    """recordlinkage, tests/test_preprocessing.py."""
    assert normalise("ősdfésdfë", {}) == "osdfesdfe"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Anna Amal", "anamal"),
        ("Mary-Ann O'Neil", "maryanoneil"),
        ("Søren", "søren"),  # a stroke is no mark
        ("محمــد", "mhmd"),  # tatweel
        ("مُحَمَّد", "mhmd"),  # vowel signs and shadda
        ("ﻻمع", "lama"),  # the ligature of lam and alif
        ("أحمد", "ahmd"),
        ("فاطمة", "fatma"),
        ("", ""),
        (None, ""),
        (nan, ""),
        (pd.NA, ""),
    ],
)
def test_normalise(name, expected):
    assert normalise(name) == expected


def test_a_table_whose_keys_carry_marks_is_read_as_the_name_is():
    """A key such as alif with hamza would never be found in a name that was taken apart."""
    assert normalise("أمل", {"أ": "x", "ا": "a", "م": "m", "ل": "l"}) == "xml"
    assert normalise("\u0627\u0654مل", {"أ": "x", "م": "m", "ل": "l"}) == "xml"  # typed as two signs


@many
@given(st.text(max_size=12) | st.sampled_from([*ARABIC, "عبد الله", "Anna  Amal", "O'o"]))
def test_normalising_twice_changes_nothing(name):
    once = normalise(name)
    assert normalise(once) == once and not any(a == b for a, b in pairwise(once))


def test_scripts_meet_in_the_consonants_and_not_always():
    for names in (("Mohammed", "Mhamed", "محمد"), ("Aïcha", "عائشة"), ("Driss", "إدريس"), ("Loubna", "Lubna", "لبنى")):
        assert len({skeleton(name) for name in names}) == 1
    assert skeleton("Fatima Zahra") != skeleton("فاطمة الزهراء")  # the article is written in Arabic and not in Latin
    assert skeleton(None) == ""


# --- pairs and patterns -----------------------------------------------------------------------------------------------


def test_missing_is_never_disagreement():
    pairs = pd.DataFrame({"x_a": ["1", None, None, "2"], "x_b": ["1", "1", None, "3"]}, index=[4, 4, 0, 1])
    assert patterns(pairs, ["x"]).ravel() == close([1, nan, nan, 0])
    whole = pairs.assign(x_a=pd.array([1, None, None, 2], "Int64"), x_b=pd.array([1, 1, None, 3], "Int64"))
    assert patterns(whole, ["x"]).ravel() == close([1, nan, nan, 0])


def records(seed: int, rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    letters = np.array(["p", "q", "r", None], dtype=object)
    return pd.DataFrame({name: letters[rng.integers(0, 4, rows)] for name in "xyz"})


@many
@given(seeds, st.integers(0, 7), st.integers(1, 7))
def test_counted_patterns_are_those_of_every_pair(seed, rows_a, rows_b):
    a, b = records(seed, rows_a), records(seed + 1, rows_b)
    every = a.add_suffix("_a").merge(b.add_suffix("_b"), how="cross")
    one_by_one = [tuple(row) for row in np.nan_to_num(patterns(every, list("xyz")), nan=2)]
    found, counts = count_patterns(a, b, list("xyz"))
    expected = {row: one_by_one.count(row) for row in one_by_one}
    assert {tuple(row): n for row, n in zip(np.nan_to_num(found, nan=2), counts, strict=True)} == expected


@many
@given(seeds)
def test_candidates_are_the_pairs_that_agree_on_a_rule(seed):
    a, b = records(seed, 6), records(seed + 1, 5)
    i, j = np.divmod(np.arange(30), 5)
    same = compare(a, b, list("xyz"), i, j)
    wanted = (same[:, 0] == 1) | ((same[:, 1] == 1) & (same[:, 2] == 1))
    found = candidates(a.set_axis([7] * 6), b, [["x"], ["y", "z"]])
    assert found[0].tolist() == i[wanted].tolist() and found[1].tolist() == j[wanted].tolist()


# --- blocking ---------------------------------------------------------------------------------------------------------


def test_reduction_ratio_of_recordlinkage():
    """recordlinkage, tests/test_measures.py: 25 candidates among 10 x 10 records."""
    a = pd.DataFrame({"k": ["a"] * 5 + list("vwxyz")})
    b = pd.DataFrame({"k": ["a"] * 5 + list("VWXYZ")})
    assert blocking(a, b, ["k"], [(0, 0), (9, 9)]) == close((0.75, 0.5))


def test_missing_keys_never_block_together():
    a = pd.DataFrame({"k": [None, "1"], "l": ["x", None]})
    assert blocking(a, a, ["k"], [(0, 0), (1, 1)]) == close((0.75, 0.5))
    assert blocking(a, a, ["k", "l"], [(0, 0)]) == close((1, 0))
    ratio, complete = blocking(a, a.iloc[:0], ["k"], [])
    assert isnan(ratio) and isnan(complete)


# --- weights ----------------------------------------------------------------------------------------------------------


def test_weights_and_posteriors_of_splink():
    """Splink 5, known_params_comparison_vectors.csv: weights, their sums and the posterior at a prior of one half."""
    lam, m, u = KNOWN
    weights = match_weights(m, u)
    assert weights["agree"].tolist() == close([2.807354922057604, 5.169925001442312, 2.247927513443585])
    assert weights["disagree"].tolist() == close([-1.5849625007211563, -3.285402218862249, -4.0])
    sums = pair_weights(EIGHT, weights)
    printed = [-8.870365, -2.622437, -0.415037, 5.832890, -4.478047, 1.769880, 3.977280, 10.225207]
    assert sums == close(printed, abs=1e-6)
    shares = [0.0021322, 0.1397059, 0.4285714, 0.9827586, 0.0429448, 0.7732558, 0.9402985, 0.9991653]
    assert posterior(sums, lam) == close(shares, abs=1e-7)


def test_weight_to_probability_of_the_splink_guide():
    assert posterior([0, 2, 3, 4, 7]) == close([0.5, 0.8, 0.889, 0.941, 0.992], abs=5e-4)
    assert (
        posterior(5, lam=0) == 0
        and posterior(-2000, lam=1) == 1
        and posterior(2000) == 1
        and posterior(-2000) == close(0)
    )


def test_a_missing_field_adds_nothing_and_certainty_is_clipped():
    weights = match_weights([1, 0.5], [0, 0.5])
    assert weights.to_numpy() == close([[np.log2(1e6 - 1)] * 2, [0, 0]] * np.array([[1, -1], [1, 1]]))
    assert pair_weights([[nan, 1], [nan, nan]], weights).tolist() == [0, 0]
    assert match_weights([0.9], [0.1], ["year"]).index.tolist() == ["year"]


# --- EM ---------------------------------------------------------------------------------------------------------------


def test_em_recovers_the_parameters_of_splink():
    lam, m, u, path = em_fs(EIGHT, SPLINK, 200, init=START)
    assert lam == close(0.5, abs=1e-6) and m == close(KNOWN[1], abs=1e-6) and u == close(KNOWN[2], abs=1e-6)
    assert len(path) == 201 and path[0] == close(-7231.6350, abs=1e-4) and path[-1] == close(-6507.1575, abs=1e-4)


def test_em_of_three_readers_of_x_rays():
    """Dayton (1998), *Latent Class Scaling Analysis*, table 3.2, as fitted by LEM and Mplus."""
    seen = [1513, 23, 59, 12, 21, 19, 11, 34]
    lam, m, u, path = em_fs(EIGHT, seen, 2000, init=(0.2, [0.8] * 3, [0.1] * 3))
    assert lam == close(0.0545, abs=1e-4) and path[-1] == close(-891.14280, abs=1e-4)
    assert m == close([0.7490, 0.6434, 0.7650], abs=1.5e-4) and u == close([0.0100, 0.0354, 0.0109], abs=1e-4)


def test_em_of_four_questions_on_role_conflict():
    """Goodman (1974), on Stouffer & Toby (1951)."""
    seen = [42, 23, 6, 25, 6, 24, 7, 38, 1, 4, 1, 6, 2, 9, 2, 20]
    sixteen = [[1 - x for x in row] for row in product([0, 1], repeat=4)]
    lam, m, u, _ = em_fs(sixteen, seen, 2000, init=(0.5, [0.8] * 4, [0.3] * 4))
    assert lam == close(0.279, abs=5e-4) and m == close([0.993, 0.940, 0.927, 0.769], abs=5e-4)
    assert u == close([0.714, 0.330, 0.354, 0.132], abs=5e-4)


def test_pairs_of_which_nothing_is_known_tell_nothing():
    ours = em_fs(EIGHT, SPLINK, 400, init=START)
    more = em_fs([*EIGHT, [nan] * 3], [*SPLINK, 500], 400, init=START)
    for one, other in zip(ours[:3], more[:3], strict=True):
        assert other == close(one, abs=1e-6)
    assert more[3][-1] == close(ours[3][-1], abs=1e-6)
    wrong = em_fs([*EIGHT, [0, 0, 0]], [*SPLINK, 500], 2000, init=START)  # missing taken for disagreement
    assert wrong[0] == close(0.4492, abs=1e-4) and wrong[2] == close([0.0754, 0.0183, 0.1538], abs=1e-4)


@many
@given(seeds)
def test_the_log_likelihood_never_falls(seed):
    rng = np.random.default_rng(seed)
    seen = rng.choice([0, 1, nan], (30, 4), p=[0.4, 0.4, 0.2])
    counts = rng.integers(0, 50, 30) + (np.arange(30) == 0)
    lam, m, u, path = em_fs(seen, counts, 60, init=(rng.uniform(0.05, 0.95), rng.random(4), rng.random(4)))
    assert (np.diff(path) >= -1e-9 * abs(path[0])).all()
    assert m.sum() >= u.sum() and 0 < lam < 1
    assert path[-1] == close(log_likelihood(seen, counts, lam, m, u), rel=1e-9)


def test_a_start_the_other_way_round_changes_the_names_back():
    ours = em_fs(EIGHT, SPLINK, 300, init=START)
    other = em_fs(EIGHT, SPLINK, 300, init=(0.7, [0.2] * 3, [0.8] * 3))
    for one, two in zip(ours, other, strict=True):
        assert two == close(one, abs=1e-9)


def test_counts_are_pairs_and_a_field_never_known_keeps_its_start():
    long = np.repeat(EIGHT, SPLINK, axis=0)
    for one, two in zip(em_fs(EIGHT, SPLINK, 20, init=START), em_fs(long, None, 20, init=START), strict=True):
        assert two == close(one)
    four = np.column_stack([EIGHT, [nan] * 8])
    _, m, u, _ = em_fs(four, SPLINK, 20, init=(0.3, [0.8] * 4, [0.2] * 4))
    assert m[3] == 0.8 and u[3] == 0.2
    assert em_fs(EIGHT, SPLINK, 5, init=(0.3, [1, 0.8, 0.8], [0, 0.2, 0.2]))[1][0] < 1  # clipped, so it can move


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"init": (0.3, [0.5] * 3, [0.5] * 3)}, "nothing would ever move"),
        ({"init": (0.0, [0.8] * 3, [0.2] * 3)}, "lam: 0 is not"),
        ({"patterns": [[0, 1]], "counts": [1], "init": (0.3, [0.8] * 2, [0.2] * 2)}, "at least three"),
        ({"patterns": [[0, 1, 2]], "counts": [1]}, "patterns: 2 is neither 0, 1 nor missing"),
        ({"counts": [1]}, "counts: has 1 rows, where 8"),
        ({"counts": [0] * 8}, "there is no pair"),
        ({"counts": [-1] * 8}, "counts: -1 in row 0 is negative"),
        ({"iters": 2.5}, "iters: 2.5"),
        ({"init": (0.3, [0.8] * 3, [0.2, 0.2, 1.2])}, "u: 1.2 is not from 0 to 1"),
        ({"init": (0.3, [0.8] * 4, [0.2] * 4)}, "where 4 columns"),
    ],
)
def test_em_refuses(change, says):
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        em_fs(**({"patterns": EIGHT, "counts": SPLINK, "iters": 5, "init": START} | change))


# --- what was lost ----------------------------------------------------------------------------------------------------


def test_quality_of_recordlinkage():
    """recordlinkage, tests/test_measures.py: three true links, four predicted, one right, of nine pairs."""
    pairs = list(product((1, 2, 3), repeat=2))
    pred = [pair in {(1, 1), (2, 1), (3, 1), (1, 2)} for pair in pairs]
    truth = [a == b for a, b in pairs]
    assert linkage_quality(pred, truth).loc["all"].tolist() == close([1 / 4, 1 / 3, 2 / 7])


def test_quality_by_group_and_where_nothing_is_linked():
    found = linkage_quality([1, 0, 0, 0], [True, False, True, False], ["b", "b", "a", "c"])
    assert found.index.tolist() == ["a", "b", "c"]
    assert found.to_numpy().ravel().tolist() == close([nan, 0, 0, 1, 1, 1, nan, nan, nan])
    assert linkage_quality([], []).loc["all"].tolist() == close([nan, nan, nan])


def test_the_ratio_that_the_loss_leaves():
    assert linked_ratio((20, 10), (0.80, 0.97)) == close((16 / 9.7, 0.80 / 0.97))
    assert linked_ratio((3, 2), (1, 1)) == close((1.5, 1))
    for rates, recall in (((1, 1), (0, 1)), ((1, 1), (1, 0)), ((1, 0), (1, 1))):
        assert all(map(isnan, linked_ratio(rates, recall)))
    observed, attenuation = linked_ratio((0, 1), (0.5, 1))
    assert observed == 0 and isnan(attenuation)


# --- shared records ---------------------------------------------------------------------------------------------------


def test_maturity_leaves_out_what_was_not_reported():
    rows = [
        ("B", "gp", "t", 0.8), ("B", "gp", "p", None), ("B", "social_care", "t", 0.5), ("B", "social_care", "p", 0.5),
        ("A", "gp", "t", 1.0), ("A", "gp", "p", 0.6), ("A", "social_care", "t", 0.9), ("A", "social_care", "p", None),
        ("C", "gp", "t", None), ("C", "gp", "p", None),
    ]  # fmt: skip
    df = pd.DataFrame(rows, columns=["system", "organisation", "content", "coverage"])
    coverage, share = maturity(df, {"gp": 3, "social_care": 1})
    assert coverage.to_dict() == close({"A": (3 * 0.8 + 0.9) / 4, "B": (3 * 0.8 + 0.5) / 4, "C": nan})
    assert share == close(1 / 3)  # A lacks one group, which was not reported
    assert maturity(df, {"gp": 0, "social_care": 1})[0]["C"] == close(nan)
    assert maturity(df, {"gp": 1, "social_care": 1}, at_least=0.51)[1] == 0
    assert isnan(maturity(df.iloc[:0], {})[1])


def test_maturity_of_the_table_counted_by_hand():
    table = load("synth_shcr_maturity")
    coverage, share = maturity(table, dict.fromkeys(table["organisation"].unique(), 1))
    assert len(coverage) == 42
    useful = sum(
        all(c >= 0.5 for c in rows["coverage"])
        for _, rows in table[table["organisation"] == "social_care"].groupby("system")
    )
    assert share == close(useful / 42)


# --- synthetic control ------------------------------------------------------------------------------------------------


def test_california_by_outcomes_alone():
    """Abadie, Diamond & Hainmueller's data (as in synthdid); -19.6 is printed in Arkhangelsky et al. (2021)."""
    weights, gap = synthetic_control(PACKS, "California", 1989)
    before = gap.index < 1989
    assert np.sqrt((gap[before] ** 2).mean()) == close(1.656400, abs=1e-6)
    main = {"Utah": 0.393908, "Montana": 0.231840, "Nevada": 0.204923, "Connecticut": 0.109090}
    assert weights[list(main)].to_dict() == close(main, abs=1e-5)
    assert (weights >= 0).all() and weights.sum() == close(1)
    assert gap[~before].mean() == close(-19.5136, abs=1e-4) and gap[2000] == close(-26.60, abs=0.005)
    assert gap[~before].mean() == close(-19.6, abs=0.12)
    assert placebo_p(PACKS, "California", 1989) == close(3 / 39)


def test_a_solver_that_reports_success_without_it():
    """SLSQP on the raw sum of squares, told its slope, stops where it began, at equal weights, and says that it succeeded."""
    early = PACKS[PACKS.index < 1989]
    target, donors = early["California"].to_numpy(), early.drop(columns="California").to_numpy()
    found = minimize(
        lambda w: ((target - donors @ w) ** 2).sum(),
        np.full(38, 1 / 38),
        jac=lambda w: -2 * donors.T @ (target - donors @ w),
        method="SLSQP",
        bounds=[(0, 1)] * 38,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
    )
    assert found.success and np.sqrt(found.fun / 19) == close(16.04, abs=0.01)


@many
@given(seeds, st.integers(2, 9), st.integers(1, 6))
def test_no_mix_comes_nearer(seed, donors, periods):
    rng = np.random.default_rng(seed)
    Y = pd.DataFrame(rng.normal(10, 3, (periods + 2, donors + 1)), columns=list("tabcdefghi")[: donors + 1])
    weights, gap = synthetic_control(Y, "t", periods)
    assert (weights >= 0).all() and weights.sum() == close(1)
    fit = (gap[:periods] ** 2).sum()
    heavy = 1e4
    system = np.vstack([Y.iloc[:periods, 1:], np.full(donors, heavy)])
    other, _ = nnls(system, np.append(Y["t"][:periods], heavy))
    theirs = ((Y["t"][:periods] - Y.iloc[:periods, 1:] @ (other / other.sum())) ** 2).sum()
    assert fit <= theirs + 1e-8
    for point in rng.dirichlet(np.ones(donors), 20):
        assert fit <= ((Y["t"][:periods] - Y.iloc[:periods, 1:] @ point) ** 2).sum() + 1e-9


def test_placebos_leave_the_treated_unit_out_and_a_perfect_fit_is_infinite():
    Y = pd.DataFrame({"a": [1.0, 2, 9], "b": [0.0, 0, 0], "c": [2.0, 4, 6], "d": [1.0, 2, 2]})
    gaps = placebo_gaps(Y, "a", 2)
    assert gaps["d"].tolist() == close([0, 0, -1])  # from b and c; with a as a donor it could be another mix
    # a and d fit without any gap: both infinite, and a is no more unusual than d
    assert placebo_p(Y, "a", 2) == close(0.5)
    # A perfect fit but for the noise of floats: two growths that are infinite, and so equal.
    for seed in range(8):
        b, c = np.random.default_rng(seed).normal(10, 2, (2, 8))
        Y = pd.DataFrame({"a": 0.3 * b + 0.7 * c, "b": b, "c": c, "d": 0.6 * b + 0.4 * c})
        Y.loc[6:, ["a", "d"]] += np.array([[1, 5], [1, 5]])
        assert placebo_p(Y, "a", 6) == placebo_p(Y, "d", 6) == close(0.5)
    scaled = placebo_p(PACKS * 100 + 5, "California", 1989)
    assert scaled == close(3 / 39)


def test_synthetic_control_refuses():
    Y = pd.DataFrame({"a": [1.0, 2], "b": [0.0, 1]})
    for change, says in {
        "no column": ({"treated": "z"}, "treated: 'z'"),
        "no donor": ({"Y": Y[["a"]]}, "no donor"),
        "nothing before": ({"t0": 0}, "no period before it"),
        "nothing after": ({"t0": 5}, "no period from it on"),
        "a hole": ({"Y": Y.replace(0.0, nan)}, "is missing"),
    }.values():
        with pytest.raises(ValueError, match=says):
            synthetic_control(**({"Y": Y, "treated": "a", "t0": 1} | change))
    with pytest.raises(ValueError, match="besides the treated"):
        placebo_p(Y, "a", 1)


# --- all of them ------------------------------------------------------------------------------------------------------


def test_nothing_that_is_passed_in_is_changed():
    a, b = records(1, 5), records(2, 6)
    Y, df = PACKS.copy(), load("synth_shcr_maturity")
    seen, counts, m, u = np.array(EIGHT, dtype=float), np.array(SPLINK, dtype=float), np.full(3, 0.8), np.full(3, 0.2)
    before = [x.copy() for x in (a, b, Y, df, seen, counts, m, u)]
    candidates(a, b, [["x"]]), count_patterns(a, b, ["x", "y"]), blocking(a, b, ["x"], [(0, 0)])
    em_fs(seen, counts, 5, init=(0.3, m, u)), match_weights(m, u), pair_weights(seen, match_weights(m, u))
    synthetic_control(Y, "California", 1989), maturity(df, dict.fromkeys(df["organisation"], 1))
    for now, then in zip((a, b, Y, df, seen, counts, m, u), before, strict=True):
        assert now.equals(then) if hasattr(now, "equals") else np.array_equal(now, then)


def test_bad_input_is_refused_with_its_name():
    a = pd.DataFrame({"x": [1]})
    for call, says in [
        (lambda: patterns(a, ["x"]), "pairs: there is no column 'x_a'"),
        (lambda: compare(a, a, ["x"], [0, 0], [0]), "j: 1 pairs, but i has 2"),
        (lambda: compare(a, a, ["x"], [1], [0]), "i: 1 is no position among 1 rows"),
        (lambda: candidates(a, a, []), "rules"),
        (lambda: candidates(a, a, [["y"]]), "a: there is no column 'y'"),
        (lambda: blocking(a, a, ["x"], [(0, 3)]), "truth: 3 is no position"),
        (lambda: match_weights([0.5], [0.5, 0.5]), "u: its shape"),
        (lambda: match_weights([1.5], [0.5]), "m: 1.5 is not from 0 to 1"),
        (lambda: pair_weights([[1, 1]], match_weights([0.5], [0.5])), "patterns: its shape"),
        (lambda: linkage_quality([True], [True, False]), "truth: 2 rows, but pred has 1"),
        (lambda: linkage_quality([2], [1]), "pred: 2 is neither"),
        (lambda: linked_ratio((1, 2), (1.2, 1)), "recall: 1.2 is above 1"),
        (lambda: linked_ratio((1, 2, 3), (1, 1)), "true_rates: has 3 rows"),
        (lambda: maturity(load("synth_shcr_maturity"), {"gp": 1}), "organisation: 'acute' is none of 'gp'"),
    ]:
        with pytest.raises(ValueError) as caught:
            call()
        assert str(caught.value).startswith(says)
