"""The methods of chapter 1, held against outside numbers, other libraries and what must be true of them."""

import doctest
import math
import os
import subprocess
import sys

import mpmath
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats.contingency import crosstab

from integrated_care import claims as methods
from integrated_care import load
from integrated_care.claims import (
    STORIES,
    anachronisms,
    attribution_share,
    comparability,
    definitions,
    density_per_1000,
    explain_claim,
    implied_package,
    interval_product,
    newest_cited,
    people_beyond,
    real_change,
    reconcile,
    status_table,
    stories,
)

many = settings(max_examples=60, deadline=None, derandomize=True)
amounts = st.floats(0.5, 5000)


@pytest.fixture(scope="module")
def grant() -> pd.Series:
    return load("england_public_health_grant").set_index("label")["grant_gbp_million"]


@pytest.fixture(scope="module")
def prices() -> pd.DataFrame:
    return load("uk_gdp_deflator_financial_year").set_index("financial_year")


@pytest.fixture(scope="module")
def people() -> pd.Series:
    return load("england_population_mid_year").query("not superseded").set_index("mid_year")["population"]


# --- outside numbers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "published", "digits"),
    [
        ("2024-25", "2025-26", 5.4, 1),  # DHSC and LGA, February 2025
        ("2015-16 after the cut", "2016-17", -2.2, 1),  # Nursing Times, 12 February 2016
        ("2016-17", "2017-18", -2.5, 1),  # DH circular LAC(DH)(2016)3
        ("2015-16 with half a year of 0-5", "2015-16 received", -6.2, 1),  # DH, response of 4 November 2015
    ],
)
def test_published_changes_in_cash(grant, start, end, published, digits):
    assert round(100 * real_change(grant[start], grant[end], 1, 1), digits) == published


# A second hand computed these independently: per cent, total and per person, with each vintage of the deflator.
SECOND_HAND = {
    ("2015-16 after the cut", "2025-26"): (11.3, -19.1, -24.6, -19.3, -24.8),
    ("2015-16 after the cut", "2024-25"): (5.6, -21.0, -26.1, -21.2, -26.3),
    ("2015-16 after the cut", "2024-25 original"): (4.0, -22.2, -27.3, -22.4, -27.5),
    ("2015-16 before the cut", "2025-26"): (5.3, -23.5, -28.7, -23.7, -28.9),
    ("2015-16 before the cut", "2024-25"): (-0.1, -25.3, -30.1, -25.5, -30.4),
    ("2015-16 before the cut", "2024-25 original"): (-1.7, -26.5, -31.2, -26.7, -31.4),
    ("2016-17", "2025-26"): (13.9, -15.6, -20.7, -15.8, -20.9),
}


@pytest.mark.parametrize(("start", "end"), SECOND_HAND)
def test_the_grant_by_every_definition(grant, prices, people, start, end):
    year0, year1 = start[:7], end[:7]
    cash = grant[start], grant[end]
    got = [real_change(*cash, 1, 1)]
    for vintage in ("obr_index", "hmt_index"):
        index = prices.loc[[year0, year1], vintage]
        got += [real_change(*cash, *index), real_change(*cash, *index, people[int(year0[:4])], people[int(year1[:4])])]
    assert 100 * np.array(got) == pytest.approx(SECOND_HAND[start, end], abs=0.051)


def test_the_uplift_in_real_terms(grant, prices, people):
    cash, index = (grant["2024-25"], grant["2025-26"]), prices.loc[["2024-25", "2025-26"], "obr_index"]
    assert 100 * real_change(*cash, *index) == pytest.approx(2.4, abs=0.05)
    assert 100 * real_change(*cash, *index, people[2024], people[2025]) == pytest.approx(2.0, abs=0.05)


def test_less_than_70_pounds_a_person(grant, people):
    """The King's Fund, February 2025: less than £70 per person."""
    assert 60 < grant["2025-26"] * 1e6 / people[2025] < 70


def test_doctors_for_each_thousand_people():
    table = load("morocco_physician_density").set_index(["year", "source_type"])
    hcp = table.xs(2022).loc["HCP Maroc en chiffres 2023 (press)"]
    assert density_per_1000(hcp["doctors_total_reported"], hcp["population_used"]) == pytest.approx(0.789, abs=5e-4)
    ratios = density_per_1000(1.0, table["inhabitants_per_doctor_reported"].dropna().astype(float))
    assert ratios.round(3).tolist() == [0.705, 0.762, 0.797, 0.865]
    printed = load("doctor_density_published").set_index(["geography", "year", "publisher"])["doctors_per_1000"]
    assert printed["Morocco", 2021, "World Bank (WHO)"] == 0.74  # claim A24
    assert printed["England", 2021, "British Medical Association"] == 2.8  # claim A25


def test_the_average_payout_that_the_audit_office_printed():
    """NAO 2013: £435m for 10,094 people, on average £43,095."""
    record = load("nhs_exit_packages").set_index(["measure", "period"])["value"]
    until = "to 31 Mar 2013"
    mean = implied_package(
        record["redundancy_attributed_to_reform", until] * 1e6, record["redundancies_attributed_n", until]
    )
    assert mean == pytest.approx(record["average_payout", until], abs=0.5)


def test_the_printed_doctors_of_2023_add_up_and_those_of_2024_do_not():
    supply = load("morocco_national_health_supply").pivot_table(index="indicator", columns="year", values="value")
    corps = ["public_gps", "public_specialists", "public_dentists", "public_pharmacists"]
    got = {
        year: reconcile(supply.loc[corps, year].to_dict(), supply.loc["public_medical_corps", year])
        for year in (2023, 2024)
    }
    assert got[2023] == (15_249, 0, 0)
    assert got[2024] == (15_952, 500, pytest.approx(100 * 500 / 15_452))


def test_people_who_live_far_away():
    rural = load("morocco_legal_population").query("year == 2024 and area == 'rural'")["population"].item()
    assert people_beyond(rural, (0.25, 0.30)) == pytest.approx((3_429_555.5, 4_115_466.6))


def test_the_claims_of_the_two_papers():
    rows = load("claims")
    assert anachronisms(rows, load("seed_references")) == ["A46", "B35", "B39"]
    counts, _ = status_table(rows)
    assert counts.loc["figure"].tolist() == [3, 9, 3, 1, 0, 0]  # as counted by hand when they were checked
    assert counts.sum().tolist() == [41, 33, 8, 1, 4, 52]
    assert counts.to_numpy().sum() == 139


# --- another library --------------------------------------------------------------------------------------------------


ends = st.integers(-9, 9) | st.floats(-9, 9).map(lambda x: round(x, 2))
intervals = st.tuples(ends, ends).map(sorted).map(tuple)


@many
@given(st.lists(intervals, min_size=1, max_size=5))
def test_intervals_as_mpmath_has_them(pairs):
    theirs = mpmath.iv.mpf(1)
    for pair in pairs:
        theirs *= mpmath.iv.mpf(pair)
    assert interval_product(*pairs) == pytest.approx((float(theirs.a), float(theirs.b)), rel=1e-9, abs=1e-9)


@many
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=30))
def test_counts_as_scipy_has_them(pairs):
    kinds, statuses = ["c", "a", "d", "b"], ["z", "x", "w", "y"]
    table = pd.DataFrame(pairs, columns=["kind", "check_status"])
    counts, shares = status_table(table, kinds, statuses)
    assert list(counts.index) == kinds and list(shares.columns) == statuses
    if pairs:
        theirs = crosstab(table["kind"].to_list(), table["check_status"].to_list(), levels=(kinds, statuses)).count
        assert (counts.to_numpy() == theirs).all()
    for kind in kinds:
        mine = table[table["kind"] == kind]
        if len(mine):
            assert shares.loc[kind].sum() == pytest.approx(1)
            assert shares.loc[kind].tolist() == pytest.approx([(mine["check_status"] == s).mean() for s in statuses])
        else:
            assert shares.loc[kind].isna().all() and not counts.loc[kind].any()


# --- what must be true ------------------------------------------------------------------------------------------------


@many
@given(amounts, amounts, amounts, amounts, amounts, amounts, st.floats(0.01, 100))
def test_units_and_bases_do_not_matter(c0, c1, d0, d1, p0, p1, unit):
    change = real_change(c0, c1, d0, d1, p0, p1)
    assert real_change(unit * c0, unit * c1, d0, d1, p0, p1) == pytest.approx(change, abs=1e-9)
    assert real_change(c0, c1, unit * d0, unit * d1, p0, p1) == pytest.approx(change, abs=1e-9)
    assert real_change(c0, c1, d0, d1, unit * p0, unit * p1) == pytest.approx(change, abs=1e-9)


@many
@given(amounts, amounts, amounts, amounts, amounts, amounts)
def test_two_steps_multiply(c0, c1, c2, d0, d1, d2):
    steps = (1 + real_change(c0, c1, d0, d1)) * (1 + real_change(c1, c2, d1, d2))
    assert steps == pytest.approx(1 + real_change(c0, c2, d0, d2))


@many
@given(amounts, amounts, amounts, amounts, amounts)
def test_per_person_means_the_same_for_cash_and_for_people(c0, c1, d0, d1, grow):
    assert real_change(c0, c1 * grow, d0, d1, 1, grow) == pytest.approx(real_change(c0, c1, d0, d1))
    assert real_change(c0, c1, d0, d0 * grow) == pytest.approx(real_change(c0, c1, d0, d0, 1, grow))


def test_columns_of_change():
    got = real_change([100, 200], [110, 100], [100, 1], [125, 1])
    assert got == pytest.approx([-0.12, -0.5]) and isinstance(got, np.ndarray)
    assert real_change([100], [110], 100, 125).shape == (1,)
    assert isinstance(real_change(100, 110, 100, 125), float)


@many
@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=8), st.floats(-0.9, 2), st.floats(0, 1))
def test_what_explains_a_claim_is_near_and_sorted(pairs, claimed, tol):
    options = {f"option {i}": (c0, c1, 1, 1, None, None) for i, (c0, c1) in enumerate(pairs)}
    got = explain_claim(claimed, options, tol)
    far = {name: abs(real_change(*given) - claimed) for name, given in options.items()}
    assert [far[name] for name in got] == pytest.approx(sorted(far[name] for name in got), abs=1e-11)
    assert all(far[name] <= tol + 2e-12 for name in got)
    assert all(far[name] > tol - 1e-9 for name in set(options) - set(got))
    assert explain_claim(claimed, dict(reversed(options.items())), tol) == got


def test_a_distance_of_exactly_the_tolerance_counts():
    edge = {"b": (100, 106, 1, 1), "a": (100, 104, 1, 1)}
    assert explain_claim(0.05, edge, 0.01) == ["a", "b"]
    assert explain_claim(0.05, edge, 0.0099) == []


def test_the_search_of_the_chapter_depends_on_the_vintage(grant, prices, people):
    starts = {s: ("2015-16", grant[f"2015-16 {s} the cut"]) for s in ("after", "before")}
    ends = {e: (e[:7], grant[e]) for e in ("2024-25", "2024-25 original", "2025-26")}
    found = {}
    for vintage in ("obr_index", "hmt_index"):
        rows = definitions(starts, ends, prices[vintage], people)
        options = {(r.start, r.end, r.terms): tuple(r[5:]) for r in rows.itertuples() if "real" in r.terms}
        found[vintage] = explain_claim(-0.26, {" ".join(key): given for key, given in options.items()})
    first, second, third = (
        "after 2024-25 real per person", "before 2024-25 original real", "before 2024-25 real",
    )  # fmt: skip
    assert found == {"obr_index": [first, second, third], "hmt_index": [first, third, second]}


def test_definitions_are_what_real_change_gives(people):
    deflator = pd.Series({"2015-16": 80.0, "2020-21": 100.0})
    rows = definitions({"s": ("2015-16", 100)}, {"e": ("2020-21", 110)}, deflator, people)
    change = rows.set_index("terms")["change"]
    growth = people[2020] / people[2015]
    assert change["cash"] == pytest.approx(0.1) and change["real"] == pytest.approx(-0.12)
    assert change["cash per person"] == pytest.approx(1.1 / growth - 1)
    assert change["real per person"] == pytest.approx(0.88 / growth - 1)
    again = [real_change(*row[5:]) for row in rows.itertuples()]
    assert again == pytest.approx(rows["change"].tolist())
    with pytest.raises(KeyError):
        definitions({"s": ("1999-00", 100)}, {"e": ("2020-21", 110)}, deflator, people)


@many
@given(st.dictionaries(st.text(max_size=3), st.floats(-1e6, 1e6), min_size=1), st.floats(-1e6, 1e6))
def test_sum_and_difference(parts, reported):
    total, diff, pct = reconcile(parts, reported)
    assert total == pytest.approx(math.fsum(parts.values()))
    assert diff == pytest.approx(total - reported)
    assert math.isnan(pct) if reported == 0 else pct == pytest.approx(100 * diff / reported)


@pytest.mark.parametrize("gap", [None, float("nan"), pd.NA])
def test_a_missing_part_leaves_nothing_known(gap):
    assert all(math.isnan(value) for value in reconcile({"a": 1, "b": gap}, 2))
    assert all(math.isnan(value) for value in reconcile({"a": 1}, gap))
    assert math.isnan(reconcile({"a": 1}, 0).pct_diff) and reconcile({"a": 1}, 0).diff == 1


FULL = {"year": 2021, "geography": "Fes", "sector": "public", "unit": "per 1,000", "headcount": False}


@many
@given(st.sets(st.sampled_from(methods.FIELDS)), st.sets(st.sampled_from(methods.FIELDS)))
def test_fields_differ_where_they_differ_or_are_unknown(changed, dropped):
    other = {name: "other" if name in changed else value for name, value in FULL.items() if name not in dropped}
    expected = [name for name in methods.FIELDS if name in changed | dropped]
    assert comparability(FULL, other) == comparability(other, FULL) == expected
    assert comparability(other, other) == [name for name in methods.FIELDS if name in dropped]


@pytest.mark.parametrize("unknown", [None, float("nan"), pd.NA])
def test_unknown_differs_from_unknown(unknown):
    assert comparability(FULL | {"year": unknown}, FULL | {"year": unknown}) == ["year"]
    assert comparability(FULL, FULL | {"value": 3}) == []


REFS = pd.DataFrame({"seed": ["P", "P", "P", "Q"], "ref": [1, 2, 3, 1], "ref_year": [2015, 2024, None, 2022]})


def flags(cited, event, seed="P", refs=REFS):
    claims = pd.DataFrame({"id": ["x"], "seed": [seed], "cited_ref": [cited], "event_year_end": [event]})
    return bool(anachronisms(claims, refs))


def test_which_claims_are_flagged():
    assert flags("1", 2021) and flags(" (1) ", 2016) and not flags("1", 2015)
    assert not flags("1,2", 2021) and flags("1, 2", 2025)
    assert flags("1", 2021) and not flags("1", 2021, seed="Q")  # each paper has its own number 1
    assert not flags("3", 2021) and flags("1,3", 2021)  # a work without a year is left out
    assert not flags("9", 2021) and flags("9,1", 2021)
    assert not any(flags(nothing, 2021) for nothing in (None, float("nan"), pd.NA, ""))
    assert not flags("1", None) and not flags("1", pd.NA)
    assert flags("1,2", 2021, refs=REFS.astype({"ref_year": object}).replace({2024: "in press"}))


@many
@given(st.lists(st.integers(1, 3), max_size=4), st.integers(2010, 2030), st.randoms())
def test_flags_do_not_depend_on_the_order_of_anything(numbers, event, shuffle):
    mixed = numbers.copy()
    shuffle.shuffle(mixed)
    first, second = (",".join(map(str, some)) for some in (numbers, mixed))
    assert flags(first, event) == flags(second, event, refs=REFS.iloc[::-1])


def test_shares_only_of_what_is_nested():
    assert attribution_share(435, 1391) == pytest.approx(0.313, abs=5e-4)
    assert math.isnan(attribution_share(1400, 1391, nested=False)) and math.isnan(attribution_share(0, 0))
    assert attribution_share(7, 7) == 1


def test_an_implied_payment_needs_somebody():
    assert math.isnan(implied_package(5, 0)) and math.isnan(implied_package(5, float("nan")))
    assert implied_package(0, 5) == 0


def test_one_grant_is_told_three_ways_from_each_start():
    deflator = pd.Series({"2015-16": 80.0, "2016-17": 90.0, "2017-18": 100.0})
    people = pd.Series({2015: 50, 2016: 52, 2017: 55})
    starts = {"low": ("2015-16", 100), "high": ("2015-16", 110)}
    told = stories(pd.Series({"2014-15": 90, "2016-17": 104, "2017-18": 110}), starts, deflator, people)
    index = told.set_index(["start", "story", "year"])["index"]
    assert len(told) == 2 * 3 * 3
    assert all(index[start, story, "2015-16"] == pytest.approx(100) for start in starts for story in STORIES)
    assert index["low", "cash", "2017-18"] == pytest.approx(110)
    assert index["low", "real terms", "2017-18"] == pytest.approx(88)
    assert index["low", "real terms, per person", "2017-18"] == pytest.approx(80)
    assert index["high", "cash", "2017-18"] == pytest.approx(100)


def test_the_newest_work_of_each_dated_claim():
    rows = pd.DataFrame(
        {
            "id": ["a", "b", "c", "d"], "seed": ["P", "P", "P", "Q"], "cited_ref": ["1,2", None, "2", "(1)"],
            "event_year_end": [2021, 2021, None, 2020],
        }
    )  # fmt: skip
    refs = pd.DataFrame({"seed": ["P", "P", "Q"], "ref": [1, 2, 1], "ref_year": [2015, 2024, 2019]})
    assert newest_cited(rows, refs).to_dict("list") == {"id": ["a", "d"], "cited": [2024, 2019], "event": [2021, 2020]}


@pytest.mark.parametrize("cited_ref", [None, "3", "(2)"])
def test_a_claim_whose_works_have_no_year_has_no_newest(cited_ref):
    rows = pd.DataFrame({"id": ["a"], "seed": ["P"], "cited_ref": [cited_ref], "event_year_end": [2021]})
    refs = pd.DataFrame({"seed": ["P", "P", "Q"], "ref": [1, 2, 3], "ref_year": ["2015", "in press", "2019"]})
    assert newest_cited(rows, refs).empty and anachronisms(rows, refs) == []


# --- refusals ---------------------------------------------------------------------------------------------------------


REFUSED = {
    "population: 0 is not above 0": lambda: density_per_1000(1, 0),
    "population: -2 is not above 0": lambda: density_per_1000([1, 1], [3, -2]),
    "n: -1 is negative": lambda: density_per_1000(-1, 10),
    "parts: there is none to add": lambda: reconcile({}, 3),
    "pop1: None; give both populations or neither": lambda: real_change(1, 1, 1, 1, 5),
    "cash0: 0 is not above 0": lambda: real_change(0, 1, 1, 1),
    "cash1: -1 is negative": lambda: real_change(1, -1, 1, 1),
    "deflator1: -3 is not above 0": lambda: real_change(1, 1, 1, -3),
    "pop0: 0 is not above 0": lambda: real_change(1, 1, 1, 1, 0, 1),
    "tol: -1 is negative": lambda: explain_claim(0.1, {}, -1),
    "intervals: there is none": lambda: interval_product(),
    "intervals: (3, 2) has a lower end": lambda: interval_product((1, 2), (3, 2)),
    "share: (25, 30) is not an interval of fractions": lambda: people_beyond(10, (25, 30)),
    "share: (0.3, 0.2) is not": lambda: people_beyond(10, (0.3, 0.2)),
    "pop: -1 is negative": lambda: people_beyond(-1, (0, 1)),
    "part: 8 exceeds whole = 7": lambda: attribution_share(8, 7),
    "whole: -7 is negative": lambda: attribution_share(1, -7),
    "total: -1 is negative": lambda: implied_package(-1, 2),
    "kind: 'rumour' is none of": lambda: status_table(
        pd.DataFrame({"kind": ["rumour"], "check_status": ["confirmed"]})
    ),
}


@pytest.mark.parametrize("says", REFUSED)
def test_refusals_name_the_argument_and_the_value(says):
    with pytest.raises(ValueError) as refused:
        REFUSED[says]()
    assert says in str(refused.value)


def test_nan_goes_through():
    assert math.isnan(density_per_1000(float("nan"), 10)) and math.isnan(density_per_1000(1, float("nan")))
    assert math.isnan(real_change(float("nan"), 1, 1, 1))


def test_nothing_that_is_passed_in_is_changed():
    claims, refs = load("claims"), load("seed_references")
    copies = claims.copy(), refs.copy()
    anachronisms(claims, refs)
    status_table(claims)
    assert claims.equals(copies[0]) and refs.equals(copies[1])
    counts, options = np.array([1.0, 2.0]), {"a": (1, 2, 1, 1, None, None)}
    density_per_1000(counts, [10, 10])
    explain_claim(1, options)
    assert counts.tolist() == [1, 2] and options == {"a": (1, 2, 1, 1, None, None)}


def test_the_series_keeps_its_index():
    got = density_per_1000(pd.Series([1, 3], index=["a", "b"]), pd.Series([1000, 2000], index=["a", "b"]))
    assert got.to_dict() == {"a": 1, "b": 1.5}


@many
@given(st.lists(ends, min_size=1, max_size=3), st.integers(1, 5))
def test_a_number_known_exactly_is_an_interval_of_no_width(values, times):
    assume(all(value != 0 for value in values))
    low, high = interval_product(*[(value, value) for value in values])
    assert low == high == pytest.approx(math.prod(values))
    assert people_beyond(times, (0, 1)) == (0, times)


def test_the_examples_in_the_help_are_right():
    assert doctest.testmod(methods).failed == 0


@pytest.mark.parametrize("spelling", ["import integrated_care.claims", "from integrated_care import claims"])
def test_the_methods_are_shut_while_grading_and_the_tables_are_not(spelling):
    code = f"from integrated_care import load\nassert len(load('claims')) == 139\n{spelling}"
    for mode, shut in (("autograde", True), ("", False)):
        env = {**os.environ, "NBGRADER_EXECUTION": mode}
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
        assert (done.returncode != 0) == shut, done.stderr
        assert ("integrated_care.claims is closed" in done.stderr) == shut


def test_a_density_of_whole_numbers_and_lists_is_that_of_floats():
    """Small whole numbers overflow when multiplied by 1,000, and a list times 1,000 is a long list."""
    for kind in ("int8", "int16", "int32"):
        counts, people = (
            pd.Series([74, 100], dtype=kind, index=["a", "b"]),
            pd.Series([100, 120], dtype=kind, index=["a", "b"]),
        )
        got = density_per_1000(counts, people)
        assert got.tolist() == pytest.approx([740, 2500 / 3]) and list(got.index) == ["a", "b"]
    assert density_per_1000([1, 2], pd.Series([1000, 2000])).tolist() == [1, 1]
    with pytest.raises(ValueError, match=r"^population: its index is not that of n"):
        density_per_1000(pd.Series([1], index=["a"]), pd.Series([1], index=["b"]))


@pytest.mark.parametrize("unknown", [None, float("nan"), pd.NA])
def test_a_missing_payment_or_number_leaves_the_mean_unknown(unknown):
    assert np.isnan(implied_package(unknown, 5)) and np.isnan(implied_package(5, unknown))
