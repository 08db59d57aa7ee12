"""Item analysis, held against what others printed for data that they also printed."""

import csv
import io
import math

import numpy as np
import pytest

from classroom import itemanalysis as ia

# Section 6 of the Law School Admission Test, five questions, 1,000 persons: how many gave each pattern of answers. Bock and
# Lieberman (1970), Psychometrika 35, 179–197; the data set LSAT6 of the R package mirt, by Thissen (1982).
LSAT = """
00000 3 00001 6 00010 2 00011 11 00100 1 00101 1 00110 3 00111 4 01000 1 01001 8 01011 16 01101 3 01110 2 01111 15
10000 10 10001 29 10010 14 10011 81 10100 3 10101 28 10110 15 10111 80 11000 16 11001 56 11010 21 11011 173 11100 11
11101 61 11110 28 11111 298
"""
# Eleven questions, twelve persons, empty where nothing was answered: the data set cronbach_wide_missing of pingouin.
PINGOUIN = """
1,1,1,1,1,1,1,1,1,1,1
1,1,1,1,1,1,1,1,0,1,0
,0,1,1,,1,1,1,1,0,0
1,1,1,0,1,1,0,1,1,0,0
1,1,1,1,1,0,0,0,1,0,0
0,1,,0,1,1,1,1,0,0,0
1,1,1,1,0,0,1,0,0,0,0
1,1,1,1,1,0,0,0,0,0,0
0,1,0,1,1,0,0,0,0,1,0
1,0,0,1,0,1,0,0,,0,0
1,1,1,0,0,0,0,0,0,0,0
1,0,0,1,0,0,0,0,0,0,0
""".strip()


@pytest.fixture(scope="module")
def lsat():
    told = LSAT.split()
    many = zip(told[::2], told[1::2], strict=True)
    rows = [[int(one) for one in pattern] for pattern, n in many for _ in range(int(n))]
    assert len(rows) == 1000
    return np.array(rows)


@pytest.fixture(scope="module")
def answers():
    return np.array([[float(one or "nan") for one in row] for row in csv.reader(io.StringIO(PINGOUIN))])


@pytest.fixture(scope="module")
def complete(answers):
    return answers[~np.isnan(answers).any(axis=1)]


def test_the_law_school_test_as_mirt_prints_it(lsat):
    """``itemstats(expand.table(LSAT6))``: mean, total.r_if_rm, alpha_if_rm and alpha, to three places."""
    assert ia.difficulty(lsat, [1] * 5) == pytest.approx([0.924, 0.709, 0.553, 0.763, 0.870], abs=1e-12)
    assert [one.value for one in ia.item_total(lsat)] == pytest.approx([0.113, 0.153, 0.173, 0.144, 0.122], abs=5e-4)
    assert ia.alpha(lsat).value == pytest.approx(0.295, abs=5e-4)
    without = [ia.alpha(np.delete(lsat, item, axis=1)).value for item in range(5)]
    assert without == pytest.approx([0.275, 0.238, 0.217, 0.246, 0.266], abs=5e-4)


def test_alpha_and_feldts_interval_as_pingouin_prints_them(answers, complete):
    """``pg.cronbach_alpha`` of the persons without a gap, and of all, each gap filled with the median of its question.

    Its interval of the first counts those who were left out (12, not 9 persons), so only the second is held to.
    """
    assert ia.alpha(complete).value == pytest.approx(0.8016949152542373, abs=1e-12)
    filled = ia.alpha(np.where(np.isnan(answers), np.nanmedian(answers, axis=0), answers))
    assert filled.value == pytest.approx(0.7380191693290734, abs=1e-12)
    assert (round(filled.low, 3), round(filled.high, 3)) == (0.447, 0.911)


@pytest.mark.parametrize(("value", "tasks", "width", "printed"), [(0.85, 5, 0.1, 89), (0.75, 5, 0.15, 109)])
def test_the_class_that_an_interval_takes_as_statpsych_prints_it(value, tasks, width, printed):
    """``size.ci.cronbach(.05, …)``, Bonett and Wright (2015): an approximation, so here within one student."""
    found = ia.students_for_alpha(value, tasks, width)
    assert abs(found - printed) <= 1
    assert np.diff(ia.feldt(value, found, tasks)) <= width < np.diff(ia.feldt(value, found - 1, tasks))


def test_kr20_is_alpha_of_right_and_wrong(lsat):
    """Kuder and Richardson's own form, p (1 - p), with the variance of all as they have it."""
    k, p = lsat.shape[1], lsat.mean(axis=0)
    kr20 = k / (k - 1) * (1 - (p * (1 - p)).sum() / lsat.sum(axis=1).var())
    assert ia.alpha(lsat).value == pytest.approx(kr20, abs=1e-12)


def test_fishers_interval_as_scipy_has_it(lsat):
    from scipy.stats import pearsonr

    for item, found in enumerate(ia.item_total(lsat[:80])):
        rest = np.delete(lsat[:80], item, axis=1).sum(axis=1)
        if not found.known:
            assert len(set(lsat[:80, item])) == 1
            continue
        other = pearsonr(lsat[:80, item], rest)
        assert (found.value, found.low, found.high) == pytest.approx((other[0], *other.confidence_interval()), abs=1e-9)


def test_points_change_nothing_but_the_scale(complete):
    tenfold = 10 * complete
    assert ia.alpha(tenfold) == pytest.approx(ia.alpha(complete))
    assert ia.difficulty(tenfold, [10] * 11) == pytest.approx(ia.difficulty(complete, [1] * 11))
    assert [one.value for one in ia.item_total(tenfold)] == pytest.approx(
        [one.value for one in ia.item_total(complete)]
    )


def test_what_is_undefined_is_nan():
    assert not ia.alpha([[1, 0]]).known  # a class of one
    assert not ia.alpha([[1], [0]]).known  # one task
    assert not ia.alpha([[0.1 + 0.2, 0], [0.3, 0]]).known  # only noise varies
    everybody, somebody = ia.item_total([[1, 0, 1], [1, 1, 0], [1, 1, 1], [1, 0, 0]])[:2]
    assert not everybody.known and somebody.known
    assert all(map(math.isnan, ia.fisher(0.5, 3)))
    assert ia.fisher(1.0, 10) == (1.0, 1.0)
    assert all(map(math.isnan, ia.difficulty(np.empty((0, 2)), [1, 1])))


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="missing"):
        ia.alpha([[1, math.nan], [0, 1]])
    with pytest.raises(ValueError, match="dimensions"):
        ia.alpha([1, 0])
    with pytest.raises(ValueError, match="points"):
        ia.difficulty([[1, 0]], [1, 0])
    with pytest.raises(ValueError, match="alpha below 1"):
        ia.students_for_alpha(1.0, 5, 0.1)
