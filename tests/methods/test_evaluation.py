"""The methods of chapter 7, held against outside numbers, other libraries and what must be true of them."""

import doctest
from math import inf, isnan, nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from integrated_care import evaluation as methods
from integrated_care.evaluation import (
    auc,
    break_even_effect,
    capture,
    choose_by_benefit,
    did,
    expected_rtm,
    fit_gamma_poisson,
    match,
    naive_change,
    negative_control,
    net_value,
    posterior_rate,
    robbins,
    rtm_adjusted,
    rtm_normal,
    selection_score,
    smd,
)

LALONDE = pd.read_csv(Path(__file__).parent / "fixtures" / "lalonde.csv")
# The same examples on every run; enough to find each fault that was planted, few enough to stay quick.
many = settings(max_examples=40, deadline=None, derandomize=True)
counts = st.lists(st.integers(0, 6), min_size=1, max_size=30)
HM_SCORE = np.repeat([1, 2, 3, 4, 5] * 2, [33, 6, 6, 11, 2, 3, 2, 2, 11, 33])
HM_Y = np.repeat([0, 1], [58, 51])
ROBBINS = np.repeat(np.arange(8), [7840, 1317, 239, 42, 14, 4, 4, 1])


def close(value, **how):
    return pytest.approx(value, **({"rel": 1e-9, "abs": 1e-9} | how), nan_ok=True)


def test_examples_in_the_docstrings():
    result = doctest.testmod(methods)
    assert result.attempted > 16 and result.failed == 0


# --- who is at risk ---------------------------------------------------------------------------------------------------


def test_auc_with_ties_of_hanley_and_mcneil():
    """Hanley and McNeil (1982), table I: .893; torchnet's test of AUCMeter has .8931711."""
    assert auc(HM_SCORE, HM_Y) == close(0.8931710615)


def test_auc_of_the_scikit_learn_manual_and_of_its_function():
    assert auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]) == 0.75
    draw = np.random.default_rng(7)
    score, y = draw.integers(0, 9, 300), draw.integers(0, 2, 300)
    assert auc(score, y) == close(roc_auc_score(y, score))


@many
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=25))
def test_auc_is_the_share_of_pairs_in_the_right_order(rows):
    yes, no = ([s for s, y in rows if y == kind] for kind in (True, False))
    pairs = [(a > b) + (a == b) / 2 for a in yes for b in no]
    assert auc(*zip(*rows, strict=True)) == close(np.mean(pairs) if pairs else nan)
    assert auc(*zip(*[(-s, y) for s, y in rows], strict=True)) == close(1 - np.mean(pairs) if pairs else nan)


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        (35 / 109, (0.647059, 2.015126)),
        (0.1, (0.201513, 2.015126)),
        (0.2, (0.403025, 2.015126)),
        (0.5, (0.838235, 1.676471)),
    ],
)
def test_capture_rises_linearly_inside_a_block_of_ties(top, expected):
    """Derived from the table of Hanley and McNeil: 35 people tie at the top, 33 of them with an event."""
    assert capture(HM_SCORE, HM_Y, top) == close(expected, abs=1e-6)
    order = np.random.default_rng(1).permutation(len(HM_Y))
    assert capture(HM_SCORE[order], HM_Y[order], top) == close(capture(HM_SCORE, HM_Y, top))


def test_capture_at_its_ends():
    assert capture([3, 2, 1], [1, 2, 3], 1) == close((1, 1))
    assert capture([5, 5, 5, 5], [4, 0, 0, 0], 0.25) == close((0.25, 1))
    assert all(isnan(value) for value in capture([1, 2], [0, 0], 0.5))
    assert all(isnan(value) for value in capture([], [], 0.5))
    assert isnan(auc([1, 2], [1, 1])) and isnan(auc([], []))


def test_selection_score_weighs_standard_scores():
    use, frailty = [0, 0, 0, 4], [0.1, 0.2, 0.1, 0.4]
    both = selection_score(use, frailty, 0.3)
    assert both == close(0.3 * selection_score(use, frailty, 1) + 0.7 * selection_score(use, frailty, 0))
    assert selection_score(use, frailty, 1).std() == close(1)
    assert np.isnan(selection_score([1, 1], [0.1, 0.2], 0.5)).all()


# --- what would have happened anyway ----------------------------------------------------------------------------------


def test_posterior_rates_of_the_insurance_table():
    """Efron and Hastie (2016), table 6.1, gamma prior: .164 .398 .633 .87 1.10 1.34 1.57, from k .702 and scale .306."""
    rate = posterior_rate(np.arange(7), mu=0.702 * 0.306, k=0.702)
    assert rate == pytest.approx([0.164, 0.398, 0.633, 0.87, 1.10, 1.34, 1.57], abs=5e-3)
    assert rate == close([0.1645, 0.3988, 0.6331, 0.8674, 1.1017, 1.3360, 1.5703], abs=6e-5)


def test_robbins_of_the_insurance_table():
    """The same table without a prior: .168 .363 .527 1.33 1.43 6.00 (the last printed value does not follow from the counts)."""
    assert robbins(ROBBINS).iloc[:6].tolist() == pytest.approx([0.168, 0.363, 0.527, 1.33, 1.43, 6.00], abs=5e-3)
    assert robbins(ROBBINS)[7] == 0 and robbins([0, 2])[1:].tolist() == close([nan, 0])


def test_expected_rtm_of_the_insurance_table():
    """Derived from the printed prior of the same table."""
    found = expected_rtm(np.arange(1, 6), mu=0.702 * 0.306, k=0.702)
    assert found == close([-0.6012, -0.6835, -0.7109, -0.7246, -0.7328], abs=6e-5)
    assert isnan(expected_rtm(0, 0.45, 0.6))


def test_course_values():
    assert posterior_rate(np.arange(6), 0.45, 0.6) == close([0.257, 0.686, 1.114, 1.543, 1.971, 2.4], abs=5e-4)
    assert expected_rtm([1, 5], 0.45, 0.6) == close([-0.314, -0.52], abs=5e-4)
    assert posterior_rate([0, 9], 0.45, inf) == close([0.45, 0.45])
    assert posterior_rate(9, 0.45, 1e12) == pytest.approx(0.45, abs=1e-9)


def test_the_gamma_poisson_world_behaves_as_the_formula_says():
    rng = np.random.default_rng(1)
    rate = rng.gamma(0.6, 0.45 / 0.6, 400_000)
    before, after = rng.poisson(rate), rng.poisson(rate)
    mu, k = fit_gamma_poisson(before)
    assert (mu, k) == (pytest.approx(0.45, rel=0.02), pytest.approx(0.6, rel=0.03))
    for y in range(5):
        assert after[before == y].mean() == pytest.approx(posterior_rate(y, 0.45, 0.6), rel=0.04)
    assert rtm_adjusted(before[before > 1], after[before > 1], mu, k) == pytest.approx(0, abs=0.02)
    assert fit_gamma_poisson([1, 1]) == (1, inf) and all(isnan(v) for v in fit_gamma_poisson([]))


@pytest.mark.parametrize(
    ("correlation", "rise"),
    [(0, 26.972), (0.2, 21.578), (0.4, 16.183), (0.5, 13.486), (0.6, 10.789), (0.8, 5.394), (1, 0)],
)
def test_the_normal_cousin(correlation, rise):
    """From the formula of Davis (1976) with the mean, SD and cut that Barnett et al. (2005) use."""
    assert rtm_normal(40, 60, 15, correlation) == close(rise, abs=6e-4)
    assert rtm_normal(80, 60, 15, correlation) == close(-rise, abs=6e-4)


def test_a_mean_of_several_measurements_regresses_less():
    """Gardner and Heady (1973); checked by a draw."""
    rng = np.random.default_rng(2)
    truth = rng.normal(60, 15 * np.sqrt(0.5), 400_000)
    seen = truth + rng.normal(0, 15 * np.sqrt(0.5) / np.sqrt(3), truth.size)
    picked = seen <= 40
    assert rtm_normal(40, 60, 15, 0.5, n=3) == pytest.approx((truth - seen)[picked].mean(), rel=0.02)
    assert 0 < rtm_normal(40, 60, 15, 0.5, n=3) < rtm_normal(40, 60, 15, 0.5)


def test_changes_are_ratios_of_means():
    assert naive_change([1, 4], [1, 1]) == close(-0.6)  # the mean of the ratios would be -0.375
    assert isnan(naive_change([0, 0], [1, 1])) and isnan(naive_change([], []))
    assert rtm_adjusted([4, 4], [2, 2], 0.45, 0.6) == close(2 / (4.6 / (0.6 / 0.45 + 1)) - 1)


# --- compared with whom -----------------------------------------------------------------------------------------------


def four(before_after_treated, before_after_others):
    """The four means as two persons in two practices."""
    (b1, a1), (b0, a0) = before_after_treated, before_after_others
    return did([b1, b0], [a1, a0], [1, 0], ["x", "y"], n_boot=1)["estimate"]


def test_did_of_card_and_krueger():
    """Card and Krueger (1994), table 3: NJ 20.44 -> 21.03, PA 23.33 -> 21.17; as a ratio of ratios less 1."""
    assert four((20.44, 21.03), (23.33, 21.17)) == close(0.133841, abs=1e-6)


def test_did_of_the_billboards():
    """Facure, Causal Inference for the Brave and True, chapter 15: controls 171.64 -> 206.16, treated 46.01 -> 87.06."""
    assert four((46.01, 87.06), (171.64, 206.16)) == close(0.575363, abs=1e-6)


def test_did_is_none_of_the_three_other_readings():
    assert four((2.0, 1.4), (1.0, 0.9)) == close(0.7 / 0.9 - 1)
    for other in (-0.2, -0.25, -0.263):
        assert four((2.0, 1.4), (1.0, 0.9)) != pytest.approx(other, abs=5e-3)


def made_up(seed=3, practices=40, people=400):
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, practices, people)
    treated = (cluster % 2).astype(int)
    rate = rng.gamma(2, 0.5, people) * np.exp(0.3 * rng.normal(size=practices))[cluster]
    return rng.poisson(rate), rng.poisson(0.8 * rate), treated, cluster


def test_did_is_the_interaction_of_a_poisson_regression():
    before, after, treated, cluster = made_up()
    data = pd.concat(
        [pd.DataFrame({"y": y, "post": post, "treated": treated}) for post, y in enumerate((before, after))]
    )
    fit = smf.poisson("y ~ post * treated", data).fit(disp=0)
    assert did(before, after, treated, cluster)["estimate"] == close(np.expm1(fit.params["post:treated"]), rel=1e-5)


def test_the_bootstrap_of_sums_is_the_bootstrap_of_rows():
    before, after, treated, cluster = made_up(people=120, practices=8)
    found = did(before, after, treated, cluster, n_boot=50, seed=5)
    table = pd.DataFrame({"b": before, "a": after, "t": treated, "c": cluster})
    labels = sorted(set(cluster))
    draws = []
    for pick in np.random.default_rng(5).integers(0, len(labels), (50, len(labels))):
        rows = pd.concat([table[table["c"] == labels[i]] for i in pick])
        sums = rows.groupby("t")[["a", "b"]].sum().reindex([0, 1], fill_value=0)
        if (sums > 0).all(axis=None):
            draws.append(sums.loc[1, "a"] / sums.loc[1, "b"] / (sums.loc[0, "a"] / sums.loc[0, "b"]) - 1)
    assert (found["low"], found["high"]) == close(tuple(np.quantile(draws, [0.025, 0.975])))
    assert found["se"] == close(np.std(draws))


def test_did_covers_the_truth_and_shared_luck_widens_its_interval():
    """Practices have a common shock: an interval that drew persons would be too narrow."""
    rng = np.random.default_rng(11)
    inside, by_practice, by_person = 0, [], []
    for seed in range(60):
        cluster = np.repeat(np.arange(40), 25)
        treated = cluster % 2
        shock = np.exp(0.3 * rng.normal(size=40))[cluster]
        before, after = rng.poisson(2, cluster.size), rng.poisson(2 * 0.8**treated * shock)
        found = did(before, after, treated, cluster, n_boot=200, seed=seed)
        inside += found["low"] <= -0.2 <= found["high"]
        by_practice.append(found["se"])
        by_person.append(did(before, after, treated, np.arange(cluster.size), n_boot=60, seed=seed)["se"])
    assert 50 <= inside <= 60
    assert np.mean(by_practice) > 1.5 * np.mean(by_person)


def test_did_does_not_depend_on_the_order_of_rows_or_on_the_names_of_clusters():
    before, after, treated, cluster = made_up()
    order = np.random.default_rng(0).permutation(len(before))
    first = did(before, after, treated, cluster, seed=4)
    assert did(before[order], after[order], treated[order], cluster[order], seed=4) == close(first)
    assert did(before, after, treated, [f"P{c:03}" for c in cluster], seed=4) == close(first)
    assert isnan(did([0, 1], [1, 1], [1, 0], ["a", "b"])["estimate"])


def test_match_of_the_lalonde_data_without_a_caliper():
    """MatchIt's vignette (nearest, glm): 185 pairs, whose controls have these means."""
    pairs = match(LALONDE["id"], LALONDE["ps"], LALONDE["treat"])
    assert len(pairs) == 185 and pairs["distance"].sum() == pytest.approx(39.692799, abs=1e-6)
    assert pairs.head(3)[["treated", "control"]].to_numpy().tolist() == [[178, 303], [95, 411], [176, 381]]
    controls = LALONDE.set_index("id").loc[pairs["control"], ["ps", "age", "educ", "black", "re75"]].mean()
    assert controls.tolist() == pytest.approx([0.3629, 25.3027, 10.6054, 0.4703, 1614.7451], abs=5e-5)


@pytest.mark.parametrize(
    ("caliper", "pairs", "distance"), [(0.2, 113, 3.775139), (0.1, 111, 1.908647), (0.05, 109, 0.846411)]
)
def test_match_of_the_lalonde_data_with_calipers(caliper, pairs, distance):
    """The distances are with the sample SD of the score over everybody; ours is the population SD, with as many pairs."""
    scores = LALONDE["id"], LALONDE["ps"], LALONDE["treat"]
    found = match(*scores, caliper * LALONDE["ps"].std() / LALONDE["ps"].std(ddof=0))
    assert (len(found), found["distance"].sum()) == (pairs, pytest.approx(distance, abs=1e-6))
    assert len(match(*scores, caliper)) == pairs


COVARIATES = LALONDE[["ps", "age", "educ", "black", "re75"]]


def test_smd_of_the_lalonde_data():
    """Pooled population SD of both groups before matching, derived; MatchIt divides by the SD of the treated (1.7941 for ps)."""
    before = smd(COVARIATES, LALONDE["treat"])
    assert before.tolist() == pytest.approx([1.7602, -0.2423, 0.0448, 1.6708, -0.2876], abs=5e-5)
    pairs = match(LALONDE["id"], LALONDE["ps"], LALONDE["treat"])
    after = smd(COVARIATES, LALONDE["treat"], LALONDE["id"], pairs)
    sample = np.array([1.7602, -0.2423, 0.0448, 1.6708, -0.2876]) / [1.7569, -0.2419, 0.0448, 1.6677, -0.2870]
    assert after.tolist() == pytest.approx(np.array([0.9537, 0.0561, -0.1051, 0.9712, -0.0254]) * sample, abs=3e-4)


def greedy(ids, score, treated, reach):
    """The rule, word by word."""
    free, pairs = [i for i, t in zip(ids, treated, strict=True) if not t], []
    of = dict(zip(ids, score, strict=True))
    for person in sorted((i for i, t in zip(ids, treated, strict=True) if t), key=lambda i: (-of[i], i)):
        near = sorted(free, key=lambda i: (abs(of[i] - of[person]), i))
        if near and abs(of[near[0]] - of[person]) <= reach:
            pairs.append((person, near[0]))
            free.remove(near[0])
    return pairs


@many
@given(
    st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=25),
    st.sampled_from([None, 0.5, 2]),
    st.randoms(),
)
def test_match_is_the_greedy_rule_in_any_order_of_rows(rows, caliper, random):
    ids, score, treated = list(range(len(rows))), [float(s) for s, _ in rows], [int(t) for _, t in rows]
    random.shuffle(ids)
    reach = inf if caliper is None else caliper * np.std(score) + 1e-12
    found = match(ids, score, treated, caliper)
    assert list(zip(found["treated"], found["control"], strict=True)) == greedy(ids, score, treated, reach)
    again = match(ids[::-1], score[::-1], treated[::-1], caliper)
    assert again[["treated", "control"]].equals(found[["treated", "control"]])


def test_match_at_its_edges():
    assert match([1, 2, 3], [0, 1, 2], [1, 0, 0], caliper=0).empty
    assert match([1, 2], [1, 1], [1, 1]).empty and match([], [], []).empty
    exact = match([1, 2], [0.0, 2.0], [1, 0], caliper=2)  # population SD 1: the pair lies on the caliper
    assert exact[["treated", "control"]].to_numpy().tolist() == [[1, 2]]
    assert isnan(smd(pd.DataFrame({"x": [1, 1]}), [1, 0])["x"])
    assert isnan(
        smd(pd.DataFrame({"x": [1, 2, 3]}), [1, 0, 0], [1, 2, 3], match([1, 2, 3], [0, 1, 2], [1, 0, 0], 0))["x"]
    )


def test_negative_control_verdict():
    before, after, treated, cluster = made_up()
    between = 0
    for factor in np.arange(0.6, 2.2, 0.1):
        changed = np.where(treated == 1, factor * after, after)
        found = did(before, changed, treated, cluster, n_boot=200, seed=9)
        said = negative_control(before, changed, treated, cluster, n_boot=200, seed=9)
        assert (said["estimate"], said["se"]) == (found["estimate"], found["se"])
        away = abs(found["estimate"]) / found["se"]
        assert said["passes"] == (away < 2)
        between += 2 <= away < 3  # an alarm that a rule of three standard errors would miss
    assert between
    assert isnan(negative_control([1] * 4, [1] * 4, [1, 1, 0, 0], list("abab"))["passes"])


# --- what it saves, and for whom --------------------------------------------------------------------------------------


@many
@given(st.integers(1, 5000), st.floats(0.1, 5), st.floats(100, 5000), st.floats(0, 1e7))
def test_break_even_is_where_the_value_is_nothing(n, base, unit_cost, team_cost):
    effect = break_even_effect(n, base, unit_cost, team_cost)
    if effect <= 1:
        assert net_value(n, base, effect, unit_cost, team_cost) == pytest.approx(0, abs=1e-6 * (1 + team_cost))
    assert break_even_effect(2 * n, base, unit_cost, 2 * team_cost) == close(effect)
    assert net_value(n, base, 0, unit_cost, team_cost) == -team_cost


def test_break_even_at_its_edges():
    assert break_even_effect(100, 0, 500, 10) == inf and break_even_effect(100, 0, 500, 0) == 0
    assert break_even_effect(100, [1, 2], 500, 10_000).tolist() == [0.2, 0.1]
    assert net_value(100, 1, -0.1, 500, 0) == -5000


@many
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(-4, 8)), min_size=1, max_size=15), st.integers(0, 16))
def test_ranking_by_benefit_never_averts_less(rows, n):
    risk, benefit = [r / 2 for r, _ in rows], [b / 8 for _, b in rows]
    found = choose_by_benefit(range(len(rows)), risk, benefit, n)
    averted = np.multiply(risk, benefit)
    assert found["averted"] >= found["averted_by_risk"] - 1e-12
    assert found["averted"] == close(sum(sorted(averted[averted > 0], reverse=True)[:n]))
    assert len(found["by_risk"]) == min(n, len(rows)) and (averted[found["ids"]] > 0).all()


def test_ties_stand_by_id():
    found = choose_by_benefit(["c", "a", "b"], [2, 2, 2], [0.5, 0.5, 0.5], 2)
    assert found["ids"] == found["by_risk"] == ["a", "b"]


# --- bad input --------------------------------------------------------------------------------------------------------

PAIR = pd.DataFrame({"treated": [1], "control": [9]})


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: selection_score([1, 2], [1, 2], 1.5), "weight: 1.5"),
        (lambda: selection_score([1, nan], [1, 2], 0.5), "use: nan in row 1 is missing"),
        (lambda: capture([1], [1], 0), "top: 0"),
        (lambda: capture([1], [-1], 0.5), "y: -1 in row 0 is negative"),
        (lambda: capture([1, 2], [1], 0.5), "y: has 1 rows"),
        (lambda: auc([1, 2], [0, 2]), "y: 2 in row 1 is neither"),
        (lambda: auc(["low", "high"], [0, 1]), "score: not a column of numbers"),
        (lambda: fit_gamma_poisson([-1]), "y: -1"),
        (lambda: posterior_rate(-1, 0.4, 0.6), "y: -1 is negative"),
        (lambda: posterior_rate(1, 0, 0.6), "mu: 0"),
        (lambda: posterior_rate(1, 0.4, 0), "k: 0 is not above 0"),
        (lambda: posterior_rate(1, 0.4, nan), "k: nan"),
        (lambda: robbins([0.5]), "y: 0.5"),
        (lambda: rtm_normal(40, 60, 0, 0.5), "sd: 0"),
        (lambda: rtm_normal(40, 60, 15, 1.5), "correlation: 1.5"),
        (lambda: rtm_normal(40, 60, 15, 0.5, n=0), "n: 0"),
        (lambda: rtm_normal(-400, 60, 15, 0.5), "cut: -400"),
        (lambda: naive_change([1], [-1]), "after: -1"),
        (lambda: naive_change(pd.Series([1], index=[1]), pd.Series([1], index=[2])), "after: its index"),
        (lambda: did([1, 1], [1, 1], [1, 0], ["a", "a"]), "cluster: 1 cluster"),
        (lambda: did([1, 1], [1, 1], [1, 1], ["a", "b"]), "treated: only 1"),
        (lambda: did([1, 1], [1, 1], [1, 2], ["a", "b"]), "treated: 2"),
        (lambda: did([1, 1], [1, 1], [1, 0], ["a", None]), "cluster: -1 in row 1 is a missing label"),
        (lambda: did([1, 1], [1, 1], [1, 0], ["a"]), "cluster: has 1 rows"),
        (lambda: did([1, 1], [1, 1], [1, 0], ["a", "b"], n_boot=0), "n_boot: 0"),
        (lambda: match([1, 1], [1, 2], [1, 0]), "id: 1 stands twice"),
        (lambda: match([1], [1, 2], [1, 0]), "id: has 1 rows"),
        (lambda: match([1, 2], [1, 2], [1, 0], -1), "caliper: -1"),
        (lambda: smd(pd.DataFrame({"x": [1.0, 2]}), [1, 1]), "treated: only 1"),
        (lambda: smd(pd.DataFrame({"x": [1.0]}), [1, 0]), "covariates: has 1 rows"),
        (lambda: smd(pd.DataFrame({"x": [1.0, 2]}), [1, 0], [1, 2], PAIR), "pairs: 9 is not among the ids"),
        (lambda: smd(pd.DataFrame({"x": [1.0, 2]}), [1, 0], pairs=PAIR), "id: None"),
        (lambda: net_value(1, 1, 1.5, 1, 1), "effect: 1.5"),
        (lambda: net_value(-1, 1, 0.5, 1, 1), "n: -1"),
        (lambda: break_even_effect(1, 1, 1, nan), "team_cost: nan"),
        (lambda: choose_by_benefit([1, 1], [1, 2], [0, 0], 1), "id: 1 stands twice"),
        (lambda: choose_by_benefit([1], [-1], [0], 1), "risk: -1"),
        (lambda: choose_by_benefit([1], [1], [2], 1), "benefit: 2"),
        (lambda: choose_by_benefit([1], [1], [0.5], 0.5), "n: 0.5"),
        (lambda: choose_by_benefit([1, 2], [1], [0.5], 1), "id: has 2 rows"),
    ],
)
def test_refused(call, words):
    with pytest.raises(ValueError, match=words.replace("(", r"\(").replace(".", r"\.")):
        call()


def test_what_is_passed_in_stays_as_it_was():
    before, after, treated, cluster = made_up()
    table = pd.DataFrame({"b": before, "a": after, "t": treated, "c": cluster, "id": range(len(before))})
    copy = table.copy()
    did(table["b"], table["a"], table["t"], table["c"], n_boot=5)
    pairs = match(table["id"], table["a"], table["t"], 0.5)
    kept = pairs.copy()
    smd(table[["a", "b"]], table["t"], table["id"], pairs)
    choose_by_benefit(table["id"], table["a"], table["b"] / 100, 5)
    capture(table["a"], table["b"], 0.1)
    robbins(table["b"])
    assert table.equals(copy) and pairs.equals(kept)
