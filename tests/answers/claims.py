"""Answers to exercise 1, *Reading a policy argument as data*: right in many ways, and wrong in the ways of students."""

import numpy as np
import pandas as pd

from . import BOUNDARY, CONSTANT, EDGE, MISCONCEPTION, MUTATES, Bank, Sample

BANK = Bank(__file__)

DENSITY = BANK.task("density_per_1000")


@DENSITY.right("a loop for columns, a division for numbers")
def density_per_1000(n, population):
    if np.ndim(n) == 0 and np.ndim(population) == 0:
        if population <= 0:
            raise ValueError("population must be above 0")
        return n / population * 1000
    length = max(np.size(n), np.size(population))
    counts = list(n) if np.ndim(n) else [n] * length
    people = list(population) if np.ndim(population) else [population] * length
    out = []
    for count, pop in zip(counts, people):
        if pop <= 0:
            raise ValueError("population must be above 0")
        out.append(count / pop * 1000)
    return np.array(out)


@DENSITY.right("a Series, its smallest population looked at")
def density_per_1000(n, population):
    people = pd.Series(population, dtype=float)
    if people.min() <= 0:
        raise ValueError("population must be above 0")
    if np.ndim(n) == 0 and np.ndim(population) == 0:
        return float(1000 * n / people.iloc[0])
    return 1000 * np.array(n) / np.array(population)


def is_number(x):
    return x is None or x is pd.NA or not hasattr(x, "__iter__")


def data(column, length):
    """a column as a list of floats; a number is repeated"""
    if is_number(column):
        column = [column] * length
    return [np.nan if pd.isna(x) else float(x) for x in column]


def check(population):
    for p in population:
        if p <= 0:
            raise ValueError("population must be above 0")


@DENSITY.right("helpers called is_number, data and check", using=[is_number, data, check])
def density_per_1000(n, population):
    if is_number(n) and is_number(population):
        rows = 1
    elif is_number(n):
        rows = len(population)
    else:
        rows = len(n)
    counts, people = data(n, rows), data(population, rows)
    if is_number(population):
        people_to_check = data(population, 1)
    else:
        people_to_check = people
    check(people_to_check)
    result = [1000 * c / p for c, p in zip(counts, people)]
    if is_number(n) and is_number(population):
        return result[0]
    return np.array(result, dtype=float)


@DENSITY.wrong("per 10,000", MISCONCEPTION, loses="tests", says="That is per 10,000")
def density_per_1000(n, population):
    n, population = np.asarray(n, float), np.asarray(population, float)
    if (population <= 0).any():
        raise ValueError("population")
    return 10_000 * n / population


@DENSITY.wrong("people for each doctor", MISCONCEPTION, says="turn the ratio round")
def density_per_1000(n, population):
    n, population = np.asarray(n, float), np.asarray(population, float)
    if (population <= 0).any():
        raise ValueError("population")
    return population / n


@DENSITY.wrong("a count of 0 refused as well", BOUNDARY, loses="edges", says="A count of 0 is allowed")
def density_per_1000(n, population):
    n, population = np.asarray(n, float), np.asarray(population, float)
    if (population <= 0).any() or (n <= 0).any():
        raise ValueError("not above 0")
    return 1000 * n / population


@DENSITY.wrong("a population of 0 let through", BOUNDARY, loses="edges", says="A population of 0 must raise ValueError")
def density_per_1000(n, population):
    n, population = np.asarray(n, float), np.asarray(population, float)
    if (population < 0).any():
        raise ValueError("negative")
    return 1000 * n / population


@DENSITY.wrong("nan instead of an error", EDGE, loses="edges", says="A population of 0 must raise ValueError")
def density_per_1000(n, population):
    n, population = np.asarray(n, float), np.asarray(population, float)
    return (
        np.where(population > 0, 1000 * n / population, np.nan)
        if population.ndim
        else (1000 * n / population if population > 0 else np.nan)
    )


@DENSITY.wrong("lists forgotten", EDGE, says="Two lists stopped it")
def density_per_1000(n, population):
    if np.min(population) <= 0:
        raise ValueError("population")
    return n / population * 1000


@DENSITY.wrong("multiplies the caller's array in place", MUTATES, loses="tests", says="changed its input")
def density_per_1000(n, population):
    if np.min(population) <= 0:
        raise ValueError("population")
    if isinstance(n, np.ndarray):
        n *= 1000
        return n / np.asarray(population)
    return 1000 * np.asarray(n) / np.asarray(population)


@DENSITY.wrong("the worked example typed in", CONSTANT, says="Two lists of two")
def density_per_1000(n, population):
    return 2.8


@DENSITY.wrong("a Series matched by its labels", EDGE, loses="tests", says="by position, whatever its labels")
def density_per_1000(n, population):
    if np.ndim(n) and np.ndim(population):
        n, population = pd.Series(n, dtype=float), pd.Series(population, dtype=float)
    else:
        n, population = np.asarray(n, float), np.asarray(population, float)
    if (population <= 0).any():
        raise ValueError("population")
    return 1000 * n / population


@DENSITY.wrong(
    "0 refused, negative let through", BOUNDARY, loses="edges", says="A negative population must raise ValueError"
)
def density_per_1000(n, population):
    def column(x):
        if np.ndim(x) == 0:
            return np.nan if pd.isna(x) else x
        return np.array([np.nan if pd.isna(v) else v for v in x], dtype=float)

    n, population = column(n), column(population)
    if np.any(population == 0):
        raise ValueError("nobody lives there")
    return n / population * 1000


def clean(x):
    if np.ndim(x) == 0:
        return np.nan if pd.isna(x) else float(x)
    return np.array([np.nan if pd.isna(v) else v for v in x], dtype=float)


@DENSITY.wrong(
    "a missing population taken for 0", EDGE, loses="edges", says="A missing population is not 0 or less", using=[clean]
)
def density_per_1000(n, population):
    n, population = clean(n), clean(population)
    if not np.all(population > 0):
        raise ValueError("population must be above 0")
    return n / population * 1000


RECONCILE = BANK.task("reconcile")


@RECONCILE.right("a loop")
def reconcile(parts, reported):
    total = 0.0
    for value in parts.values():
        total += float("nan") if pd.isna(value) else value
    diff = total - (np.nan if pd.isna(reported) else reported)
    if np.isnan(diff):
        return (np.nan, np.nan, np.nan)
    pct = np.nan
    if reported != 0:
        pct = diff / reported * 100
    return (total, diff, pct)


@RECONCILE.right("pandas, told not to skip what is missing")
def reconcile(parts, reported):
    total = pd.Series(parts, dtype="Float64").sum(skipna=False)
    diff = total - (np.nan if pd.isna(reported) else reported)
    if pd.isna(diff):
        return (np.nan,) * 3
    return total, diff, (np.nan if reported == 0 else 100 * (total / reported - 1))


def total(values):
    s = 0
    for v in values:
        if pd.isna(v):
            return float("nan")
        s = s + v
    return s


@RECONCILE.right("a helper called total", using=[total])
def reconcile(parts, reported):
    s = total(parts.values())
    r = total([reported])
    if s != s or r != r:  # nan is not equal to itself
        return (float("nan"),) * 3
    diff = s - r
    try:
        pct = 100 * float(diff) / float(r)
    except ZeroDivisionError:
        pct = float("nan")
    return s, diff, pct


@RECONCILE.wrong("divided by the sum", MISCONCEPTION, says="You divided by the sum")
def reconcile(parts, reported):
    total = sum(np.nan if pd.isna(value) else value for value in parts.values())
    diff = total - (np.nan if pd.isna(reported) else reported)
    if np.isnan(diff):
        return np.nan, np.nan, np.nan
    return total, diff, 100 * diff / total if reported and total else np.nan


@RECONCILE.wrong("printed minus sum", MISCONCEPTION, says="The sign is turned round")
def reconcile(parts, reported):
    total = sum(np.nan if pd.isna(value) else value for value in parts.values())
    diff = (np.nan if pd.isna(reported) else reported) - total
    if np.isnan(diff):
        return np.nan, np.nan, np.nan
    return total, diff, 100 * diff / reported if reported else np.nan


@RECONCILE.wrong("missing parts skipped", MISCONCEPTION, loses="edges", says="You skipped the missing part")
def reconcile(parts, reported):
    total = pd.Series(parts, dtype="Float64").sum()
    diff = total - (np.nan if pd.isna(reported) else reported)
    if pd.isna(diff):
        return np.nan, np.nan, np.nan
    return total, diff, 100 * diff / reported if reported else np.nan


@RECONCILE.wrong("the size of the difference only", BOUNDARY, says="expected 45, -5 and -10")
def reconcile(parts, reported):
    total = sum(np.nan if pd.isna(value) else value for value in parts.values())
    diff = abs(total - reported)
    if np.isnan(diff):
        return np.nan, np.nan, np.nan
    return total, diff, 100 * diff / reported if reported else np.nan


@RECONCILE.wrong("a total of 0 divides", EDGE, loses="edges", says="you divide by it; return nan for pct_diff")
def reconcile(parts, reported):
    total = sum(np.nan if pd.isna(value) else value for value in parts.values())
    diff = total - (np.nan if pd.isna(reported) else reported)
    if np.isnan(diff):
        return np.nan, np.nan, np.nan
    return total, diff, 100 * diff / reported


@RECONCILE.wrong("0 per cent where the total is 0", EDGE, loses="edges", says="pct_diff is undefined, nan")
def reconcile(parts, reported):
    total = sum(np.nan if pd.isna(value) else value for value in parts.values())
    diff = total - (np.nan if pd.isna(reported) else reported)
    if np.isnan(diff):
        return np.nan, np.nan, np.nan
    return total, diff, 100 * diff / reported if reported else 0.0


@RECONCILE.wrong(
    "the sum kept though the total is missing", EDGE, loses="edges", says="With a missing total all three are nan"
)
def reconcile(parts, reported):
    total = sum(np.nan if pd.isna(value) else value for value in parts.values())
    diff = total - (np.nan if pd.isna(reported) else reported)
    return total, diff, 100 * diff / reported if reported else np.nan


@RECONCILE.wrong("empties the dict", MUTATES, loses="tests", says="changed its parts")
def reconcile(parts, reported):
    total = 0
    while parts:
        value = parts.popitem()[1]
        total += np.nan if pd.isna(value) else value
    diff = total - (np.nan if pd.isna(reported) else reported)
    if np.isnan(diff):
        return np.nan, np.nan, np.nan
    return total, diff, 100 * diff / reported if reported else np.nan


@RECONCILE.wrong("the worked example typed in", CONSTANT, says="expected the sum 15,952")
def reconcile(parts, reported):
    return 105, 5, 5


@RECONCILE.wrong("a total of 0 asked first", EDGE, loses="edges", says="A part is missing, and the printed total is 0")
def reconcile(parts, reported):
    values = pd.Series(parts, dtype=object)
    total = values.dropna().sum()
    if not pd.isna(reported) and reported == 0:
        return total, total, float("nan")
    if values.isna().any() or pd.isna(reported):
        return float("nan"), float("nan"), float("nan")
    return total, total - reported, 100 * (total - reported) / reported


@RECONCILE.wrong("per cent to one decimal", BOUNDARY, loses="tests", says="expected 3.236 per cent")
def reconcile(parts, reported):
    nan = float("nan")
    if pd.isna(reported) or any(pd.isna(v) for v in parts.values()):
        return nan, nan, nan
    total = sum(parts.values())
    diff = total - reported
    return total, diff, (round(100 * diff / reported, 1) if reported else nan)


RECONCILE.wrong("a variable called sum", EDGE, says="it hides Python's sum()")("""
    def reconcile(parts, reported):
        if any(pd.isna(part) for part in [reported, *parts.values()]):
            return np.nan, np.nan, np.nan
        sum = sum(parts.values())
        return sum, sum - reported, 100 * (sum - reported) / reported if reported else np.nan
""")


@RECONCILE.wrong("None added like a number", EDGE, loses="edges", says="A missing part may be None: pd.isna sees it")
def reconcile(parts, reported):
    total = sum(parts.values())
    diff = total - reported
    if np.isnan(diff):
        return np.nan, np.nan, np.nan
    return total, diff, 100 * diff / reported if reported else np.nan


@RECONCILE.wrong("NA handed on", EDGE, loses="edges", says="all three are nan (np.nan), not (<NA>, <NA>, <NA>)")
def reconcile(parts, reported):
    parts = {name: np.nan if value is None else value for name, value in parts.items()}
    total = sum(parts.values())
    diff = total - reported
    if pd.isna(diff):
        return diff, diff, diff
    return total, diff, 100 * diff / reported if reported else np.nan


COMPARABILITY = BANK.task("comparability")


@COMPARABILITY.right("a table of two rows")
def comparability(a, b):
    fields = ["year", "geography", "sector", "unit", "headcount"]
    t = pd.DataFrame([a, b], dtype=object).reindex(columns=fields)
    same = [t[f].notna().all() and t[f].iloc[0] == t[f].iloc[1] for f in fields]
    return [f for f, equal in zip(fields, same) if not equal]


@COMPARABILITY.right("a helper that asks whether a field is known")
def comparability(a, b):
    def known(number, field):
        return field in number and not pd.isna(number[field])

    out = []
    for field in ("year", "geography", "sector", "unit", "headcount"):
        if not (known(a, field) and known(b, field)):
            out = out + [field]
        elif not a[field] == b[field]:
            out = out + [field]
    return out


@COMPARABILITY.wrong("only what both have", MISCONCEPTION, says="unknown counts as different")
def comparability(a, b):
    fields = ["year", "geography", "sector", "unit", "headcount"]
    return [f for f in fields if f in a and f in b and str(a[f]) != str(b[f])]


@COMPARABILITY.wrong("unknown in both taken for the same", MISCONCEPTION, says="Unknown in both counts as different")
def comparability(a, b):
    fields = ["year", "geography", "sector", "unit", "headcount"]
    return [f for f in fields if str(a.get(f)) != str(b.get(f))]


@COMPARABILITY.wrong("the values compared as well", MISCONCEPTION, says="You compared the values")
def comparability(a, b):
    fields = ["value", "year", "geography", "sector", "unit", "headcount"]
    out = [f for f in fields if pd.isna(a.get(f)) or pd.isna(b.get(f)) or a[f] != b[f]]
    return out


@COMPARABILITY.wrong("False taken for missing", EDGE, says="False is a known value")
def comparability(a, b):
    fields = ["year", "geography", "sector", "unit", "headcount"]
    bad = lambda x: pd.isna(x) or not x
    return [f for f in fields if bad(a.get(f)) or bad(b.get(f)) or a[f] != b[f]]


@COMPARABILITY.wrong("None seen, nan and NA not", EDGE, loses="edges", says="unknown differs from unknown")
def comparability(a, b):
    fields = ["year", "geography", "sector", "unit", "headcount"]
    one = lambda x: pd.Series([x], dtype=object)
    return [f for f in fields if a.get(f) is None or b.get(f) is None or not one(a[f]).equals(one(b[f]))]


@COMPARABILITY.wrong("in the order of the alphabet", BOUNDARY, loses="tests", says="Worked example: expected")
def comparability(a, b):
    fields = ["geography", "headcount", "sector", "unit", "year"]
    return [f for f in fields if pd.isna(a.get(f)) or pd.isna(b.get(f)) or a[f] != b[f]]


@COMPARABILITY.wrong("fills the gaps in the caller's dicts", MUTATES, loses="tests", says="changed its input")
def comparability(a, b):
    fields = ["year", "geography", "sector", "unit", "headcount"]
    for f in fields:
        a.setdefault(f, None)
        b.setdefault(f, None)
    b.pop("note", None)
    a.update(checked=True)
    return [f for f in fields if pd.isna(a[f]) or pd.isna(b[f]) or a[f] != b[f]]


@COMPARABILITY.wrong("the worked example typed in", CONSTANT, says="Sector and unit differ")
def comparability(a, b):
    return ["year", "sector", "headcount"]


@COMPARABILITY.wrong("compared as text", BOUNDARY, loses="edges", says="2021.0 and 2021 are the same year")
def comparability(a, b):
    differ = []
    for field in ["year", "geography", "sector", "unit", "headcount"]:
        x, y = a.get(field), b.get(field)
        if pd.isna(x) or pd.isna(y) or str(x) != str(y):
            differ.append(field)
    return differ


@COMPARABILITY.wrong("capital letters overlooked", BOUNDARY, loses="edges", says='"Public" is not "public"')
def comparability(a, b):
    def plain(x):
        return x.lower() if isinstance(x, str) else x

    differ = []
    for field in ["year", "geography", "sector", "unit", "headcount"]:
        x, y = plain(a.get(field)), plain(b.get(field))
        if pd.isna(x) or pd.isna(y) or x != y:
            differ.append(field)
    return differ


REAL_CHANGE = BANK.task("real_change")


@REAL_CHANGE.right("both amounts in the prices of the end, then per person")
def real_change(cash0, cash1, deflator0, deflator1, pop0=None, pop1=None):
    given = [pop0, pop1]
    if given.count(None) == 1:
        raise ValueError("one population is missing")
    if given.count(None) == 2:
        pop0 = pop1 = 1
    if min(cash0, deflator0, deflator1, pop0, pop1) <= 0:
        raise ValueError("must be above 0")
    first = cash0 * deflator1 / deflator0 / pop0
    last = cash1 / pop1
    return (last - first) / first


@REAL_CHANGE.right("logarithms of the ratios")
def real_change(cash0, cash1, deflator0, deflator1, pop0=None, pop1=None):
    if (pop0 is None) ^ (pop1 is None):
        raise ValueError("both populations or neither")
    bottom = np.array([cash0, deflator0, deflator1] + [p for p in (pop0, pop1) if p is not None], dtype=float)
    if np.any(bottom <= 0):
        raise ValueError("must be above 0")
    if cash1 == 0:
        return -1.0
    people = 0.0 if pop0 is None else np.log(pop1 / pop0)
    return np.exp(np.log(cash1 / cash0) - np.log(deflator1 / deflator0) - people) - 1


@REAL_CHANGE.right("growth over prices over people, in one line")
def real_change(cash0, cash1, deflator0, deflator1, pop0=None, pop1=None):
    if (pop0 is None) != (pop1 is None):
        raise ValueError("both or neither")
    people = [] if pop0 is None else [pop0, pop1]
    if min([cash0, deflator0, deflator1, *people]) <= 0:
        raise ValueError("above 0")
    people = 1 if pop0 is None else pop1 / pop0
    return cash1 / cash0 / (deflator1 / deflator0) / people - 1


def check(*values):
    for value in values:
        if value <= 0:
            raise ValueError(f"{value} must be above 0")


def ratio(start, end):
    return end / start


@REAL_CHANGE.right("helpers called check and ratio", using=[check, ratio])
def real_change(cash0, cash1, deflator0, deflator1, pop0=None, pop1=None):
    check(cash0, deflator0, deflator1)
    people = [p for p in (pop0, pop1) if p is not None]
    if len(people) == 1:
        raise ValueError("one population without the other")
    check(*people)
    growth = ratio(deflator0, deflator1)
    if len(people) == 2:
        growth *= ratio(*people)
    return ratio(cash0, cash1) / growth - 1


@REAL_CHANGE.wrong("inflation subtracted", MISCONCEPTION, says="You subtracted inflation")
def real_change(cash0, cash1, deflator0, deflator1, pop0=None, pop1=None):
    if (pop0 is None) != (pop1 is None):
        raise ValueError("both or neither")
    people = [] if pop0 is None else [pop0, pop1]
    if min([cash0, deflator0, deflator1, *people]) <= 0:
        raise ValueError("above 0")
    growth = cash1 / cash0 - deflator1 / deflator0
    return growth if pop0 is None else growth - (pop1 / pop0 - 1)


REAL_CHANGE.slip(
    "the index taken for 100 at the start",
    MISCONCEPTION,
    of="growth over prices over people, in one line",
    change={"cash1 / cash0": "cash1", "(deflator1 / deflator0)": "(deflator1 / 100) / cash0"},
    loses="tests",
    says="You took the base of the index for 100",
)

REAL_CHANGE.slip(
    "people multiplied, not divided",
    MISCONCEPTION,
    of="growth over prices over people, in one line",
    change={"/ people": "* people"},
    loses="tests",
    says="You multiplied by the growth in people",
)

REAL_CHANGE.slip(
    "in per cent",
    MISCONCEPTION,
    of="growth over prices over people, in one line",
    change={
        "cash1 / cash0 / (deflator1 / deflator0) / people - 1": (
            "100 * (cash1 / cash0 / (deflator1 / deflator0) / people - 1)"
        )
    },
    says="Return a fraction",
)


@REAL_CHANGE.wrong("one population alone is ignored", EDGE, loses="edges", says="A population for one year only")
def real_change(cash0, cash1, deflator0, deflator1, pop0=None, pop1=None):
    if pop0 is None or pop1 is None:
        pop0 = pop1 = 1
    if min(cash0, deflator0, deflator1, pop0, pop1) <= 0:
        raise ValueError("above 0")
    return cash1 / cash0 / (deflator1 / deflator0) / (pop1 / pop0) - 1


REAL_CHANGE.slip(
    "0 let through, negative refused",
    BOUNDARY,
    of="growth over prices over people, in one line",
    change={"<= 0": "< 0", '"above 0"': '"negative"'},
    loses="edges",
    says="A deflator of 0 must raise ValueError",
)

REAL_CHANGE.slip(
    "the end amount refused at 0",
    BOUNDARY,
    of="growth over prices over people, in one line",
    change={"cash0, deflator0": "cash0, cash1, deflator0"},
    loses="edges",
    says="cash1 = 0 is allowed",
)


@REAL_CHANGE.wrong(
    "the populations never used", MISCONCEPTION, loses="tests", says="The populations made no difference"
)
def real_change(cash0, cash1, deflator0, deflator1, pop0=None, pop1=None):
    if (pop0 is None) != (pop1 is None):
        raise ValueError("both or neither")
    people = [] if pop0 is None else [pop0, pop1]
    if min([cash0, deflator0, deflator1, *people]) <= 0:
        raise ValueError("above 0")
    return cash1 / cash0 / (deflator1 / deflator0) - 1


@REAL_CHANGE.wrong("the worked example typed in", CONSTANT, says="expected 0")
def real_change(cash0, cash1, deflator0, deflator1, pop0=None, pop1=None):
    return -0.12 if pop0 is None else -0.2


@REAL_CHANGE.wrong(
    "two populations of 0 taken for none", BOUNDARY, loses="edges", says="Two populations of 0 are given"
)
def real_change(cash0, cash1, deflator0, deflator1, pop0=None, pop1=None):
    if bool(pop0) != bool(pop1):
        raise ValueError("both populations or neither")
    if cash0 <= 0 or deflator0 <= 0 or deflator1 <= 0:
        raise ValueError("must be above 0")
    change = (cash1 / cash0) / (deflator1 / deflator0)
    if pop0 and pop1:
        if pop0 < 0 or pop1 < 0:
            raise ValueError("must be above 0")
        change /= pop1 / pop0
    return change - 1


@REAL_CHANGE.wrong(
    "only a missing second population noticed", EDGE, loses="edges", says="A population for the end only"
)
def real_change(cash0, cash1, deflator0, deflator1, pop0=None, pop1=None):
    if min(cash0, deflator0, deflator1) <= 0:
        raise ValueError("must be above 0")
    change = (cash1 / cash0) / (deflator1 / deflator0)
    if pop0 is not None:
        if pop1 is None:
            raise ValueError("the second population is missing")
        if pop0 <= 0 or pop1 <= 0:
            raise ValueError("must be above 0")
        change = change / (pop1 / pop0)
    return change - 1


@REAL_CHANGE.wrong("ratios checked, not numbers", BOUNDARY, loses="edges", says="are both negative")
def real_change(cash0, cash1, deflator0, deflator1, pop0=None, pop1=None):
    if (pop0 is None) != (pop1 is None):
        raise ValueError("both populations or neither")
    try:
        cash = cash1 / cash0
        prices = deflator1 / deflator0
        people = 1 if pop0 is None else pop1 / pop0
    except ZeroDivisionError as error:
        raise ValueError("must be above 0") from error
    if cash < 0 or prices <= 0 or people <= 0:
        raise ValueError("must be above 0")
    return cash / (prices * people) - 1


EXPLAIN_CLAIM = BANK.task("explain_claim")


@EXPLAIN_CLAIM.right("a Series of distances, sorted twice")
def explain_claim(claimed, candidates, tol=0.01):
    far = {}
    for name, (c0, c1, d0, d1, p0, p1) in candidates.items():
        people = 1 if p0 is None else p1 / p0
        far[name] = abs(c1 / c0 / (d1 / d0 * people) - 1 - claimed)
    far = pd.Series(far, dtype=float).round(12).sort_index()
    far = far[far <= tol + 1e-12].sort_values(kind="stable")
    return list(far.index)


@EXPLAIN_CLAIM.right("a helper for the change, and a sort key")
def explain_claim(claimed, candidates, tol=0.01):
    def change(c0, c1, d0, d1, p0, p1):
        before = c0 / d0 / (p0 or 1)
        after = c1 / d1 / (p1 or 1)
        return after / before - 1

    distance = lambda name: round(abs(change(*candidates[name]) - claimed), 12)
    names = sorted(candidates)
    names.sort(key=distance)
    return [name for name in names if distance(name) - tol <= 1e-12]


@EXPLAIN_CLAIM.right("pairs of distance and name, sorted")
def explain_claim(claimed, candidates, tol=0.01):
    near = []
    for name, (c0, c1, d0, d1, p0, p1) in candidates.items():
        change = c1 / c0 / (d1 / d0) / (1 if p0 is None else p1 / p0) - 1
        distance = round(abs(change - claimed), 12)
        if distance <= tol:
            near.append((distance, name))
    return [name for _, name in sorted(near)]


def change(cash0, cash1, deflator0, deflator1, pop0, pop1):
    real0 = cash0 / deflator0
    real1 = cash1 / deflator1
    if pop0 is not None:
        real0 /= pop0
        real1 /= pop1
    return real1 / real0 - 1


def distance(claimed, values):
    return round(abs(claimed - change(*values)), 12)


@EXPLAIN_CLAIM.right("helpers called change and distance", using=[change, distance])
def explain_claim(claimed, candidates, tol=0.01):
    names = sorted(candidates)  # alphabetical first ...
    names = [name for name in names if distance(claimed, candidates[name]) <= tol + 1e-12]
    names.sort(
        key=lambda name: distance(claimed, candidates[name])
    )  # ... then by distance: sort keeps the order of ties
    return names


EXPLAIN_CLAIM.slip(
    "the signs dropped",
    MISCONCEPTION,
    of="pairs of distance and name, sorted",
    change={"change - claimed": "abs(change) - abs(claimed)"},
    loses="tests",
    says="keep the signs",
)


@EXPLAIN_CLAIM.wrong("people never counted", MISCONCEPTION, loses="tests", says="divide by the growth in people")
def explain_claim(claimed, candidates, tol=0.01):
    near = []
    for name, (c0, c1, d0, d1, p0, p1) in candidates.items():
        distance = round(abs(c1 / c0 / (d1 / d0) - 1 - claimed), 12)
        if distance <= tol + 1e-12:
            near.append((distance, name))
    return [name for _, name in sorted(near)]


@EXPLAIN_CLAIM.wrong("in the order of the alphabet", MISCONCEPTION, says="The nearest comes first")
def explain_claim(claimed, candidates, tol=0.01):
    near = []
    for name, (c0, c1, d0, d1, p0, p1) in candidates.items():
        change = c1 / c0 / (d1 / d0) / (1 if p0 is None else p1 / p0) - 1
        if abs(change - claimed) <= tol + 1e-12:
            near.append(name)
    return sorted(near)


EXPLAIN_CLAIM.slip(
    "nearer than tol, the edge left out",
    BOUNDARY,
    of="pairs of distance and name, sorted",
    change={"<= tol": "< tol"},
    loses="edges",
    says="A distance of exactly tol counts",
)


@EXPLAIN_CLAIM.wrong(
    "noise in the last digit decides",
    BOUNDARY,
    loses="edges",
    says="round each distance to 12 decimals before you compare",
)
def explain_claim(claimed, candidates, tol=0.01):
    near = []
    for name, (c0, c1, d0, d1, p0, p1) in candidates.items():
        change = c1 / c0 / (d1 / d0) / (1 if p0 is None else p1 / p0) - 1
        if abs(change - claimed) <= tol:
            near.append((abs(change - claimed), name))
    return [name for _, name in sorted(near)]


EXPLAIN_CLAIM.slip(
    "equal distances in the order of the dict",
    EDGE,
    of="pairs of distance and name, sorted",
    change={
        "return [name for _, name in sorted(near)]": (
            "near.sort(key=lambda pair: pair[0])\n    return [name for _, name in near]"
        )
    },
    loses="edges",
    says="Equal distances stand in alphabetical order",
)

EXPLAIN_CLAIM.slip(
    "None for nothing found",
    EDGE,
    of="pairs of distance and name, sorted",
    change={"sorted(near)]": "sorted(near)] or None"},
    loses="edges",
    says="expected an empty list",
)


@EXPLAIN_CLAIM.wrong("takes what it used out of the dict", MUTATES, says="changed its candidates")
def explain_claim(claimed, candidates, tol=0.01):
    near = []
    for name in list(candidates):
        c0, c1, d0, d1, p0, p1 = candidates[name]
        change = c1 / c0 / (d1 / d0) / (1 if p0 is None else p1 / p0) - 1
        distance = round(abs(change - claimed), 12)
        if distance <= tol + 1e-12:
            near.append((distance, name))
    candidates["checked"] = candidates.pop(near[0][1]) if near else None
    candidates.clear()
    return [name for _, name in sorted(near)]


@EXPLAIN_CLAIM.wrong("the worked example typed in", CONSTANT, says="keep the signs")
def explain_claim(claimed, candidates, tol=0.01):
    return ["real", "other prices"]


EXPLAIN_CLAIM.slip(
    "equal distances by the change",
    EDGE,
    of="pairs of distance and name, sorted",
    change={
        "near.append((distance, name))": "near.append((distance, change, name))",
        "for _, name in": "for _, _, name in",
    },
    loses="edges",
    says="not by the change",
)
EXPLAIN_CLAIM.slip(
    "distances rounded to four decimals",
    BOUNDARY,
    of="pairs of distance and name, sorted",
    change={", 12)": ", 4)"},
    loses="edges",
    says="round to 12 decimals, no further",
)
EXPLAIN_CLAIM.slip(
    "amounts forced to whole numbers",
    EDGE,
    of="pairs of distance and name, sorted",
    change={"change = c1 / c0": "change = int(c1) / int(c0)"},
    loses="edges",
    says="need not be whole numbers",
)


@EXPLAIN_CLAIM.wrong("a dict keyed by the change", EDGE, loses="edges", says="A dict keyed by the change")
def explain_claim(claimed, candidates, tol=0.01):
    name_of = {}
    for name, (c0, c1, d0, d1, p0, p1) in candidates.items():
        change = (c1 / c0) / (d1 / d0) / (1 if p0 is None else p1 / p0) - 1
        name_of[change] = name
    found = []
    for change, name in name_of.items():
        distance = round(abs(change - claimed), 12)
        if distance <= tol + 1e-12:
            found.append((distance, name))
    return [name for _, name in sorted(found)]


INTERVAL_PRODUCT = BANK.task("interval_product")


@INTERVAL_PRODUCT.right("every corner at once")
def interval_product(*intervals):
    from itertools import product

    if any(pair[0] > pair[1] for pair in intervals):
        raise ValueError("upside down")
    corners = [np.prod(corner) for corner in product(*intervals)]
    return min(corners), max(corners)


@INTERVAL_PRODUCT.right("two at a time, with arrays")
def interval_product(*intervals):
    result = np.array([1.0, 1.0])
    for interval in intervals:
        ends = np.array(interval, dtype=float)
        if ends[0] > ends[1]:
            raise ValueError("lo is above hi")
        corners = np.outer(result, ends)
        result = np.array([corners.min(), corners.max()])
    return tuple(result)


def ends(interval):
    lo, hi = interval
    if lo > hi:
        raise ValueError("an interval begins above its end")
    return [lo, hi]


@INTERVAL_PRODUCT.right("the list of corners grows with each interval", using=[ends])
def interval_product(*intervals):
    corners = [1]
    for interval in [ends(i) for i in intervals]:
        corners = [corner * end for corner in corners for end in interval]
    return min(corners), max(corners)


@INTERVAL_PRODUCT.wrong("lower by lower, upper by upper", MISCONCEPTION, says="try all four corners")
def interval_product(*intervals):
    low = high = 1
    for lo, hi in intervals:
        if lo > hi:
            raise ValueError("upside down")
        low, high = low * lo, high * hi
    return low, high


INTERVAL_PRODUCT.slip(
    "the two ends sorted afterwards",
    MISCONCEPTION,
    of="lower by lower, upper by upper",
    change={"low * lo, high * hi": "sorted([low * lo, high * hi])"},
    says="try all four corners",
)


@INTERVAL_PRODUCT.wrong("only the first two intervals", EDGE, says="Three intervals")
def interval_product(*intervals):
    for lo, hi in intervals:
        if lo > hi:
            raise ValueError("upside down")
    if len(intervals) == 1:
        return intervals[0]
    (a, b), (c, d) = intervals[:2]
    corners = [a * c, a * d, b * c, b * d]
    return min(corners), max(corners)


@INTERVAL_PRODUCT.wrong("a number known exactly is refused", BOUNDARY, says="lo == hi is allowed")
def interval_product(*intervals):
    low = high = 1
    for lo, hi in intervals:
        if lo >= hi:
            raise ValueError("upside down")
        corners = [low * lo, low * hi, high * lo, high * hi]
        low, high = min(corners), max(corners)
    return low, high


@INTERVAL_PRODUCT.wrong(
    "upside-down intervals turned over", EDGE, says="An interval with lo > hi must raise ValueError"
)
def interval_product(*intervals):
    low = high = 1
    for lo, hi in intervals:
        corners = [low * lo, low * hi, high * lo, high * hi]
        low, high = min(corners), max(corners)
    return low, high


@INTERVAL_PRODUCT.wrong("reads the ends out of the caller's lists", MUTATES, says="changed its intervals")
def interval_product(*intervals):
    low = high = 1
    for interval in intervals:
        if interval[0] > interval[1]:
            raise ValueError("upside down")
        lo, hi = interval
        if isinstance(interval, list):
            interval.clear()
        corners = [low * lo, low * hi, high * lo, high * hi]
        low, high = min(corners), max(corners)
    return low, high


@INTERVAL_PRODUCT.wrong("the worked example typed in", CONSTANT, says="expected (-3, 12)")
def interval_product(*intervals):
    return (8, 15)


@INTERVAL_PRODUCT.wrong("the first interval alone unchecked", EDGE, says="One interval alone with lo > hi")
def interval_product(*intervals):
    lo, hi = intervals[0]
    for lo2, hi2 in intervals[1:]:
        if lo > hi or lo2 > hi2:
            raise ValueError("lo > hi")
        corners = [lo * lo2, lo * hi2, hi * lo2, hi * hi2]
        lo, hi = min(corners), max(corners)
    return lo, hi


@INTERVAL_PRODUCT.wrong("some corners of three only", EDGE, says="Two low ends and a high one")
def interval_product(*intervals):
    for lo, hi in intervals:
        if lo > hi:
            raise ValueError("lo > hi")
    lows = [lo for lo, hi in intervals]
    highs = [hi for lo, hi in intervals]
    corners = [np.prod(lows), np.prod(highs)]
    for i in range(len(intervals)):
        mixed = list(highs)
        mixed[i] = lows[i]
        corners.append(np.prod(mixed))
    return min(corners), max(corners)


PEOPLE_BEYOND = BANK.task("people_beyond")


@PEOPLE_BEYOND.right("one test after another")
def people_beyond(pop, share):
    if pop < 0:
        raise ValueError("nobody can be fewer than none")
    for end in share:
        if end < 0 or end > 1:
            raise ValueError("a share lies between 0 and 1")
    if share[0] > share[1]:
        raise ValueError("upside down")
    return (pop * share[0], pop * share[1])


@PEOPLE_BEYOND.right("an array")
def people_beyond(pop, share):
    ends = np.array([0, *share, 1], dtype=float)
    if pop < 0 or np.any(np.diff(ends) < 0):
        raise ValueError("0 <= lo <= hi <= 1")
    return tuple(pop * ends[1:3])


@PEOPLE_BEYOND.wrong("per cent accepted", MISCONCEPTION, says="is in per cent")
def people_beyond(pop, share):
    lo, hi = share
    if pop < 0 or lo > hi or lo < 0:
        raise ValueError("no")
    if hi > 1:
        lo, hi = lo / 100, hi / 100
    return pop * lo, pop * hi


@PEOPLE_BEYOND.wrong("whole people only", MISCONCEPTION, says="Do not round")
def people_beyond(pop, share):
    lo, hi = share
    if pop < 0 or not 0 <= lo <= hi <= 1:
        raise ValueError("no")
    return round(pop * lo), round(pop * hi)


@PEOPLE_BEYOND.wrong("0 and 1 refused", BOUNDARY, says="A share from 0 to 1 is allowed")
def people_beyond(pop, share):
    lo, hi = share
    if pop < 0 or not 0 < lo <= hi < 1:
        raise ValueError("no")
    return pop * lo, pop * hi


@PEOPLE_BEYOND.wrong("an interval upside down accepted", EDGE, says="must raise ValueError")
def people_beyond(pop, share):
    lo, hi = min(share), max(share)
    if pop < 0 or lo < 0 or hi > 1:
        raise ValueError("no")
    return pop * lo, pop * hi


@PEOPLE_BEYOND.wrong("negative people accepted", EDGE, says="A negative population must raise ValueError")
def people_beyond(pop, share):
    lo, hi = share
    if not 0 <= lo <= hi <= 1:
        raise ValueError("no")
    return pop * lo, pop * hi


@PEOPLE_BEYOND.wrong("turns the caller's list into people", MUTATES, says="changed its share")
def people_beyond(pop, share):
    if pop < 0 or not 0 <= share[0] <= share[1] <= 1:
        raise ValueError("no")
    share = share if isinstance(share, list) else list(share)
    share[0], share[1] = pop * share[0], pop * share[1]
    return tuple(share)


@PEOPLE_BEYOND.wrong("the worked example typed in", CONSTANT, says="a quarter of 10 is 2.5")
def people_beyond(pop, share):
    return (500, 600)


@PEOPLE_BEYOND.wrong("a share below 0 accepted", BOUNDARY, says="The share (-0.1, 0.2) must raise ValueError")
def people_beyond(pop, share):
    lo, hi = share
    if pop < 0 or lo > hi or hi > 1:
        raise ValueError("a share is a fraction")
    return pop * lo, pop * hi


@PEOPLE_BEYOND.wrong("nobody refused", BOUNDARY, says="A population of 0 is not negative")
def people_beyond(pop, share):
    lo, hi = share
    if pop <= 0:
        raise ValueError("there must be people")
    if lo < 0 or hi > 1 or lo > hi:
        raise ValueError("a share is a fraction, lo <= hi")
    return pop * lo, pop * hi


ANACHRONISMS = BANK.task("anachronisms")


@ANACHRONISMS.right("a loop with regular expressions and a dict")
def anachronisms(claims, refs):
    import re

    years = {}
    for seed, ref, year in zip(refs["seed"], refs["ref"], refs["ref_year"]):
        if pd.notna(year) and re.fullmatch(r"[0-9]+([.]0)?", str(year)):
            years[seed, int(ref)] = float(year)
    flagged = []
    for row in claims.to_dict("records"):
        if pd.isna(row["cited_ref"]) or pd.isna(row["event_year_end"]):
            continue
        numbers = re.findall("[0-9]+", row["cited_ref"])
        found = [years[row["seed"], int(n)] for n in numbers if (row["seed"], int(n)) in years]
        if found and max(found) < row["event_year_end"]:
            flagged.append(row["id"])
    return flagged


@ANACHRONISMS.right("brackets and blanks taken off, then split and apply")
def anachronisms(claims, refs):
    works = refs.copy()
    works["ref_year"] = pd.to_numeric(works["ref_year"], errors="coerce")
    works = works[works["ref_year"].notna()]

    def is_flagged(claim):
        cited, event = claim["cited_ref"], claim["event_year_end"]
        if pd.isna(cited) or pd.isna(event):
            return False
        for mark in "() ":
            cited = cited.replace(mark, "")
        numbers = {int(number) for number in cited.split(",") if number}
        mine = works[(works["seed"] == claim["seed"]) & works["ref"].astype(int).isin(numbers)]
        return len(mine) > 0 and bool(mine["ref_year"].max() < event)

    return [claim["id"] for _, claim in claims.iterrows() if is_flagged(claim)]


@ANACHRONISMS.right("a dict without the works in press")
def anachronisms(claims, refs):
    import re

    years = pd.to_numeric(refs["ref_year"], errors="coerce")
    years = {(s, int(r)): y for s, r, y in zip(refs["seed"], refs["ref"], years) if pd.notna(y)}
    out = []
    for claim in claims.itertuples():
        if pd.isna(claim.cited_ref) or pd.isna(claim.event_year_end):
            continue
        numbers = [(claim.seed, int(n)) for n in re.findall("[0-9]+", claim.cited_ref)]
        found = [years[n] for n in numbers if n in years]
        if found and max(found) < claim.event_year_end:
            out.append(claim.id)
    return out


def numbers(text):
    """the numbers in a text such as "(16, 17)", without re"""
    if pd.isna(text):
        return []
    clean = "".join(c if c.isdigit() else " " for c in str(text))
    return [int(word) for word in clean.split()]


def year(value):
    """a year as a number, or None"""
    if pd.isna(value):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def newest(refs, seed, cited):
    best = None
    for _, row in refs.iterrows():
        if row["seed"] == seed and row["ref"] in cited:
            y = year(row["ref_year"])
            if y is not None and (best is None or y > best):
                best = y
    return best


@ANACHRONISMS.right("helpers called numbers, year and newest", using=[numbers, year, newest])
def anachronisms(claims, refs):
    ids = []
    for _, row in claims.iterrows():
        event = year(row["event_year_end"])
        young = newest(refs, row["seed"], numbers(row["cited_ref"]))
        if event is None or young is None:
            continue
        if young < event:
            ids.append(row["id"])
    return ids


@ANACHRONISMS.wrong("looked up by number alone", MISCONCEPTION, says="look up by paper and number")
def anachronisms(claims, refs):
    import re

    years = pd.to_numeric(refs["ref_year"], errors="coerce")
    years = {int(r): y for r, y in zip(refs["ref"], years) if pd.notna(y)}
    out = []
    for claim in claims.itertuples():
        if pd.isna(claim.cited_ref) or pd.isna(claim.event_year_end):
            continue
        found = [years[int(n)] for n in re.findall("[0-9]+", claim.cited_ref) if int(n) in years]
        if found and max(found) < claim.event_year_end:
            out.append(claim.id)
    return out


@ANACHRONISMS.wrong("any work that is too old is a flag", MISCONCEPTION, loses="tests", says="the newest work counts")
def anachronisms(claims, refs):
    import re

    years = pd.to_numeric(refs["ref_year"], errors="coerce")
    years = {(s, int(r)): y for s, r, y in zip(refs["seed"], refs["ref"], years) if pd.notna(y)}
    out = []
    for claim in claims.itertuples():
        if pd.isna(claim.cited_ref) or pd.isna(claim.event_year_end):
            continue
        numbers = [(claim.seed, int(n)) for n in re.findall("[0-9]+", claim.cited_ref)]
        if any(years[n] < claim.event_year_end for n in numbers if n in years):
            out.append(claim.id)
    return out


ANACHRONISMS.slip(
    "equal years are flagged",
    BOUNDARY,
    of="a dict without the works in press",
    change={"max(found) < claim": "max(found) <= claim"},
    loses="tests",
    says="Work and event of the same year are fine",
)

ANACHRONISMS.slip(
    "one digit at a time",
    BOUNDARY,
    of="a dict without the works in press",
    change={'"[0-9]+"': '"[0-9]"'},
    loses="tests",
    says="not 1 and 2",
)

ANACHRONISMS.slip(
    "a work in press counted as the year 0",
    EDGE,
    of="a dict without the works in press",
    change={'errors="coerce")': 'errors="coerce").fillna(0)', " if pd.notna(y)": ""},
    loses="edges",
    says="cites only a work without a year",
)

ANACHRONISMS.slip(
    "a work in press clears a claim",
    EDGE,
    of="a dict without the works in press",
    change={'errors="coerce")': 'errors="coerce").fillna(9999)', " if pd.notna(y)": ""},
    loses="edges",
    says="cites a work of 2015 and one in press",
)

ANACHRONISMS.slip(
    "sorted by id",
    EDGE,
    of="a dict without the works in press",
    change={"return out": "return sorted(out)"},
    loses="tests",
    says="in the order of claims",
)


@ANACHRONISMS.wrong("cleans the caller's columns", MUTATES, says='expected ["y"], got []')
def anachronisms(claims, refs):
    import re

    refs["ref_year"] = pd.to_numeric(refs["ref_year"], errors="coerce")
    claims["cited_ref"] = [re.findall("[0-9]+", c) if isinstance(c, str) else [] for c in claims["cited_ref"]]
    years = {(s, int(r)): y for s, r, y in zip(refs["seed"], refs["ref"], refs["ref_year"]) if pd.notna(y)}
    out = []
    for claim in claims.itertuples():
        found = [years[claim.seed, int(n)] for n in claim.cited_ref if (claim.seed, int(n)) in years]
        if found and pd.notna(claim.event_year_end) and max(found) < claim.event_year_end:
            out.append(claim.id)
    return out


@ANACHRONISMS.wrong("the worked example typed in", CONSTANT, says="look up by paper and number")
def anachronisms(claims, refs):
    return ["y"]


@ANACHRONISMS.wrong("numbers looked for in the text", MISCONCEPTION, loses="tests", says="not 1 and 2")
def anachronisms(claims, refs):
    year = pd.to_numeric(refs["ref_year"], errors="coerce")
    flagged = []
    for _, claim in claims.iterrows():
        text = claim["cited_ref"]
        if pd.isna(text) or pd.isna(claim["event_year_end"]):
            continue
        years = [
            y
            for seed, ref, y in zip(refs["seed"], refs["ref"], year)
            if seed == claim["seed"] and str(ref) in text and not pd.isna(y)
        ]
        if years and max(years) < claim["event_year_end"]:
            flagged.append(claim["id"])
    return flagged


@ANACHRONISMS.wrong("one unknown number clears a claim", EDGE, loses="edges", says="Numbers outside the list")
def anachronisms(claims, refs):
    import re

    years = pd.to_numeric(refs["ref_year"], errors="coerce")
    year_of = {(seed, ref): year for seed, ref, year in zip(refs["seed"], refs["ref"], years)}
    flagged = []
    for _, claim in claims.iterrows():
        if pd.isna(claim["cited_ref"]) or pd.isna(claim["event_year_end"]):
            continue
        try:
            cited = [year_of[claim["seed"], int(number)] for number in re.findall(r"\d+", claim["cited_ref"])]
        except KeyError:
            continue
        cited = [year for year in cited if not pd.isna(year)]
        if cited and max(cited) < claim["event_year_end"]:
            flagged.append(claim["id"])
    return flagged


@ANACHRONISMS.wrong("brackets left on the numbers", EDGE, loses="tests", says="pick out the numbers")
def anachronisms(claims, refs):
    years = pd.to_numeric(refs["ref_year"], errors="coerce")
    years = {(s, int(r)): y for s, r, y in zip(refs["seed"], refs["ref"], years) if pd.notna(y)}
    out = []
    for claim in claims.itertuples():
        if pd.isna(claim.cited_ref) or claim.cited_ref == "" or pd.isna(claim.event_year_end):
            continue
        numbers = [(claim.seed, int(n)) for n in claim.cited_ref.split(",")]
        found = [years[n] for n in numbers if n in years]
        if found and max(found) < claim.event_year_end:
            out.append(claim.id)
    return out


@ANACHRONISMS.wrong("unknown numbers looked up", EDGE, loses="edges", says="it leads to no work")
def anachronisms(claims, refs):
    import re

    years = pd.to_numeric(refs["ref_year"], errors="coerce")
    years = {(s, int(r)): y for s, r, y in zip(refs["seed"], refs["ref"], years)}
    out = []
    for claim in claims.itertuples():
        if pd.isna(claim.cited_ref) or pd.isna(claim.event_year_end):
            continue
        found = [years[claim.seed, int(n)] for n in re.findall("[0-9]+", claim.cited_ref)]
        found = [year for year in found if pd.notna(year)]
        if found and max(found) < claim.event_year_end:
            out.append(claim.id)
    return out


ANACHRONISMS.slip(
    "compared before asking what is missing",
    EDGE,
    of="a dict without the works in press",
    change={" or pd.isna(claim.event_year_end)": ""},
    says="The tables of the course stopped it",
)


IMPLIED_PACKAGE = BANK.task("implied_package")


@IMPLIED_PACKAGE.right("a truth test")
def implied_package(total, n):
    return np.nan if pd.isna(total) or pd.isna(n) or not n else total / n


@IMPLIED_PACKAGE.right("numpy's nan comes by itself")
def implied_package(total, n):
    total, number = (np.nan if pd.isna(x) else float(x) for x in (total, n))
    return total * (np.nan if number == 0 else 1 / number)


@IMPLIED_PACKAGE.right("pandas turns both into numbers")
def implied_package(total, n):
    total, n = (
        pd.to_numeric(pd.Series([total, n], dtype=object), errors="coerce")
        .astype("Float64")
        .to_numpy(dtype=float, na_value=np.nan)
    )
    n = np.nan if n == 0 else n
    return total / n


@IMPLIED_PACKAGE.wrong("people for each pound", MISCONCEPTION, says="turn the ratio round")
def implied_package(total, n):
    return float("nan") if pd.isna(n) or n == 0 else n / total


@IMPLIED_PACKAGE.wrong("in thousands", MISCONCEPTION, says="25,000, not 25")
def implied_package(total, n):
    return float("nan") if pd.isna(n) or n == 0 else total / n / 1000


IMPLIED_PACKAGE.slip("whole pounds", BOUNDARY, of="in thousands", change={"/ n / 1000": "// n"}, says="Do not round")


@IMPLIED_PACKAGE.wrong("one payment taken for too few", BOUNDARY, says="One payment is its own mean")
def implied_package(total, n):
    return float("nan") if pd.isna(n) or n <= 1 else total / n


@IMPLIED_PACKAGE.wrong("0 for nobody", EDGE, says="the mean is undefined, nan")
def implied_package(total, n):
    return 0 if pd.isna(n) or n == 0 else total / n


@IMPLIED_PACKAGE.wrong("a division by 0", EDGE, says="you divide by it; return nan")
def implied_package(total, n):
    return float("nan") if pd.isna(n) else float(total) / int(n)


@IMPLIED_PACKAGE.wrong("the worked example typed in", CONSTANT, says="10 for 4 is 2.5")
def implied_package(total, n):
    return 25_000


@IMPLIED_PACKAGE.wrong("a total of 0 taken for missing", BOUNDARY, says="A total of 0 for 5 people is known")
def implied_package(total, n):
    if pd.isna(total) or pd.isna(n) or not total or not n:
        return float("nan")
    return total / n


@IMPLIED_PACKAGE.wrong("rounded to pence", BOUNDARY, says="not even to pence")
def implied_package(total, n):
    if pd.isna(total) or pd.isna(n) or n == 0:
        return float("nan")
    return round(total / n, 2)


@IMPLIED_PACKAGE.wrong("None and nan seen, NA not", EDGE, says="n = <NA> stopped it")
def implied_package(total, n):
    if total is None or n is None or n == 0 or n != n or total != total:
        return float("nan")
    return total / n


@IMPLIED_PACKAGE.wrong("a missing total not seen", EDGE, says="total = None stopped it")
def implied_package(total, n):
    if pd.isna(n) or n == 0:
        return float("nan")
    return total / n


@IMPLIED_PACKAGE.wrong("missing stays as it came", EDGE, says="undefined, nan (np.nan), not None")
def implied_package(total, n):
    if pd.isna(total):
        return total
    if pd.isna(n):
        return n
    return total / n if n else np.nan


ATTRIBUTION_SHARE = BANK.task("attribution_share")


@ATTRIBUTION_SHARE.right("refuse first, then divide")
def attribution_share(part, whole, nested=True):
    if nested and part > whole:
        raise ValueError("too large")
    if whole == 0 or not nested:
        return np.nan
    return part / whole


@ATTRIBUTION_SHARE.right("numpy's division")
def attribution_share(part, whole, nested=True):
    if nested is False:
        return float("nan")
    rest = whole - part
    if rest < 0:
        raise ValueError("the part exceeds its whole")
    return float(np.divide(part, whole)) if whole else float("nan")


def share(part, whole):
    return part / whole if whole else np.nan


@ATTRIBUTION_SHARE.right("a helper called share", using=(share,))
def attribution_share(part, whole, nested=True):
    if not nested:
        return np.nan
    if part > whole:
        raise ValueError("a part is at most its whole")
    return share(part, whole)


@ATTRIBUTION_SHARE.wrong("the scopes ignored", MISCONCEPTION, says="The scopes are not nested")
def attribution_share(part, whole, nested=True):
    if nested and part > whole:
        raise ValueError("too large")
    return part / whole if whole else float("nan")


@ATTRIBUTION_SHARE.wrong("in per cent", MISCONCEPTION, says="Return a fraction")
def attribution_share(part, whole, nested=True):
    if not nested:
        return float("nan")
    if part > whole:
        raise ValueError("too large")
    return 100 * part / whole if whole else float("nan")


@ATTRIBUTION_SHARE.wrong("a part equal to its whole refused", BOUNDARY, says="A part equal to its whole is allowed")
def attribution_share(part, whole, nested=True):
    if not nested:
        return float("nan")
    if whole == 0:
        return float("nan")
    if part >= whole:
        raise ValueError("too large")
    return part / whole


@ATTRIBUTION_SHARE.wrong("more than all", EDGE, says="cannot lie in a whole of 120")
def attribution_share(part, whole, nested=True):
    return part / whole if nested and whole else float("nan")


@ATTRIBUTION_SHARE.wrong("nothing of nothing is 0", EDGE, says="Nothing of nothing: undefined")
def attribution_share(part, whole, nested=True):
    if not nested:
        return float("nan")
    if part > whole:
        raise ValueError("too large")
    return part / whole if whole else 0.0


@ATTRIBUTION_SHARE.wrong(
    "refused although the scopes are not nested", EDGE, says="with nested=False: no share, no error"
)
def attribution_share(part, whole, nested=True):
    if part > whole:
        raise ValueError("too large")
    return part / whole if nested and whole else float("nan")


@ATTRIBUTION_SHARE.wrong("the worked example typed in", CONSTANT, says="raise ValueError")
def attribution_share(part, whole, nested=True):
    return 0.25 if nested else float("nan")


@ATTRIBUTION_SHARE.wrong("a whole of 0 asked first", EDGE, says="cannot lie in a whole of 0")
def attribution_share(part, whole, nested=True):
    if not nested or whole == 0:
        return float("nan")
    if part > whole:
        raise ValueError("too large")
    return part / whole


@ATTRIBUTION_SHARE.wrong("a division by 0", EDGE, says="you divide by it; return nan")
def attribution_share(part, whole, nested=True):
    if not nested:
        return np.nan
    if part > whole:
        raise ValueError("too large")
    return part / whole


STATUS_TABLE = BANK.task("status_table")


@STATUS_TABLE.right("a crosstab, filled up")
def status_table(claims, kinds, statuses):
    counts = pd.crosstab(claims["kind"], claims["check_status"])
    counts = counts.reindex(index=kinds, columns=statuses).fillna(0).astype(int)
    sums = counts.sum(axis=1)
    shares = counts.astype(float).div(sums, axis=0)
    return counts, shares.where(sums > 0, np.nan)


@STATUS_TABLE.right("a count for every cell")
def status_table(claims, kinds, statuses):
    table = [[int(((claims["kind"] == k) & (claims["check_status"] == s)).sum()) for s in statuses] for k in kinds]
    counts = pd.DataFrame(table, index=kinds, columns=statuses)
    shares = pd.DataFrame(np.nan, index=kinds, columns=statuses)
    for k in kinds:
        if counts.loc[k].sum():
            shares.loc[k] = counts.loc[k] / counts.loc[k].sum()
    return counts, shares


@STATUS_TABLE.right("categories and a groupby")
def status_table(claims, kinds, statuses):
    k = pd.Categorical(claims["kind"], categories=kinds, ordered=True)
    s = pd.Categorical(claims["check_status"], categories=statuses, ordered=True)
    codes = pd.DataFrame({"k": k.codes, "s": s.codes})
    grid = np.zeros((len(kinds), len(statuses)), dtype=int)
    for (i, j), n in codes.groupby(["k", "s"]).size().items():
        grid[i, j] = n
    row = grid.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        part = np.where(row > 0, grid / np.where(row > 0, row, 1), np.nan)
    return pd.DataFrame(grid, kinds, statuses), pd.DataFrame(part, kinds, statuses)


@STATUS_TABLE.right("one added at each place of a matrix")
def status_table(claims, kinds, statuses):
    row = pd.Categorical(claims["kind"], categories=kinds).codes
    col = pd.Categorical(claims["check_status"], categories=statuses).codes
    matrix = np.zeros((len(kinds), len(statuses)), dtype=int)
    np.add.at(matrix, (row, col), 1)
    counts = pd.DataFrame(matrix, index=kinds, columns=statuses)
    weights = counts.sum(axis="columns").replace(0, np.nan)
    shares = counts.divide(weights, axis="index")
    return counts, shares


@STATUS_TABLE.wrong("shares of all claims", MISCONCEPTION, loses="tests", says="You divided by all claims")
def status_table(claims, kinds, statuses):
    counts = pd.crosstab(claims["kind"], claims["check_status"])
    counts = counts.reindex(index=kinds, columns=statuses).fillna(0).astype(int)
    shares = counts / counts.to_numpy().sum() if len(claims) else counts.astype(float).replace(0, np.nan)
    return counts, shares.where(counts.sum(axis=1) > 0, np.nan)


@STATUS_TABLE.wrong("shares of each verdict", MISCONCEPTION, says="You divided by the columns")
def status_table(claims, kinds, statuses):
    counts = pd.crosstab(claims["kind"], claims["check_status"])
    counts = counts.reindex(index=kinds, columns=statuses).fillna(0).astype(int)
    return counts, counts / counts.sum()


@STATUS_TABLE.wrong("only what occurs", MISCONCEPTION, says="a verdict that no claim has stays")
def status_table(claims, kinds, statuses):
    counts = pd.crosstab(claims["kind"], claims["check_status"])
    counts = counts.loc[[k for k in kinds if k in counts.index], [s for s in statuses if s in counts.columns]]
    return counts, counts.div(counts.sum(axis=1), axis=0)


@STATUS_TABLE.wrong("in the order of the alphabet", BOUNDARY, says="in another order than the list")
def status_table(claims, kinds, statuses):
    counts = pd.crosstab(claims["kind"], claims["check_status"])
    counts = counts.reindex(index=sorted(kinds), columns=sorted(statuses)).fillna(0).astype(int)
    sums = counts.sum(axis=1)
    return counts, counts.div(sums.where(sums > 0), axis=0)


@STATUS_TABLE.wrong("holes in the counts", EDGE, loses="edges", says="A count that nobody has is 0")
def status_table(claims, kinds, statuses):
    counts = pd.crosstab(claims["kind"], claims["check_status"]).reindex(columns=statuses).fillna(0)
    counts = counts.reindex(index=kinds)
    return counts, counts.div(counts.sum(axis=1), axis=0)


@STATUS_TABLE.wrong("0 for a kind without claims", EDGE, loses="edges", says="nan, not 0")
def status_table(claims, kinds, statuses):
    counts = pd.crosstab(claims["kind"], claims["check_status"])
    counts = counts.reindex(index=kinds, columns=statuses).fillna(0).astype(int)
    return counts, counts.div(counts.sum(axis=1), axis=0).fillna(0)


@STATUS_TABLE.wrong("orders the caller's claims", MUTATES, loses="tests", says="changed the claims")
def status_table(claims, kinds, statuses):
    claims["kind"] = pd.Categorical(claims["kind"], categories=kinds)
    claims["check_status"] = pd.Categorical(claims["check_status"], categories=statuses)
    counts = claims.groupby(["kind", "check_status"], observed=False).size().unstack(fill_value=0)
    counts = counts.reindex(index=kinds, columns=statuses, fill_value=0)
    return counts, counts.div(counts.sum(axis=1), axis=0)


@STATUS_TABLE.wrong("the worked example typed in", CONSTANT, says="the counts must double")
def status_table(claims, kinds, statuses):
    names = {"index": ["figure", "fact"], "columns": ["confirmed", "not confirmed", "overtaken"]}
    return (
        pd.DataFrame([[1, 1, 0], [1, 0, 0]], **names),
        pd.DataFrame([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]], **names),
    )


@STATUS_TABLE.wrong(
    "kinds without claims at the end of the shares", EDGE, loses="edges", says="keeps its place in the list"
)
def status_table(claims, kinds, statuses):
    counts = pd.crosstab(claims["kind"], claims["check_status"])
    counts = counts.reindex(index=kinds, columns=statuses).fillna(0).astype(int)
    sums = counts.sum(axis=1)
    shares = counts[sums > 0].div(sums[sums > 0], axis=0)
    return counts, shares.reindex([*shares.index, *counts.index[sums == 0]])


@STATUS_TABLE.wrong("shares to three decimals", BOUNDARY, loses="tests", says="expected the share")
def status_table(claims, kinds, statuses):
    counts = pd.crosstab(claims["kind"], claims["check_status"]).reindex(index=kinds, columns=statuses, fill_value=0)
    shares = counts.div(counts.sum(axis=1), axis=0).round(3)
    return counts, shares


@STATUS_TABLE.wrong("shares of 0 without claims", EDGE, loses="edges", says="Without claims no share is defined")
def status_table(claims, kinds, statuses):
    counts = pd.DataFrame(0, index=kinds, columns=statuses)
    if len(claims) == 0:
        return counts, counts.astype(float)
    for kind, status in zip(claims["kind"], claims["check_status"]):
        counts.loc[kind, status] += 1
    shares = counts.div(counts.sum(axis=1), axis=0)
    return counts, shares


@STATUS_TABLE.wrong("a division by 0", EDGE, loses="edges", says="A kind that no claim has stopped it")
def status_table(claims, kinds, statuses):
    counts, shares = [], []
    for kind in kinds:
        verdicts = [s for k, s in zip(claims["kind"], claims["check_status"]) if k == kind]
        row = [verdicts.count(status) for status in statuses]
        counts.append(row)
        shares.append([n / len(verdicts) for n in row])
    return pd.DataFrame(counts, kinds, statuses), pd.DataFrame(shares, kinds, statuses)


TASKS = BANK.tasks

# Numbers as the model answers compute them in the cells above the reflection.
SAMPLES = (
    Sample(
        "weak",
        """
        I choose claim B50. The authors say that public health funding fell by 26% in real terms. This is false.
        I calculated the number with the function and I got 21.0%, so the authors exaggerated by five points.
        They also added the 5.4% increase, and 26 minus 5.4 is 20.6, which is nearly my number, so I think this is
        where the mistake comes from.

        A correct sentence would be: "Public health funding fell a lot, but less than the authors claim."

        Because the number is not right, the whole paragraph about prevention cannot be trusted. The authors
        should have checked their sources more carefully before publishing in a journal. In general, many numbers in
        policy papers are not reliable and readers must always be critical, as this chapter shows very well.
        """,
        {
            "source read accurately": (
                1,
                "computes one definition correctly, but takes it for the only one; no place, no years",
            ),
            "corrected sentence": (0, "no number, no years, no scope: nothing that could be quoted"),
            "consequence for the argument": (
                1,
                "names the paragraph, but a smaller fall is still a fall, and no reason is given",
            ),
            "tone": (0, "a gotcha, and it does not look for the definition under which the sentence holds"),
        },
    ),
    Sample(
        "adequate",
        """
        Claim A24: Morocco has 0.74 doctors per 1,000 inhabitants.

        What was measured. The paper cites a report of the statistical office that the course could not open. The
        World Bank has 0.740 for 2021, and the Ministry of Health printed between 1,418 inhabitants for each
        doctor in 2020 (0.71 per 1,000) and 1,156 in 2024 (0.87). These count persons, not full-time posts, in the
        public and the private sector together.

        More precise sentence. "In 2021 Morocco had 0.74 doctors per 1,000 inhabitants (public and private, counted
        as persons)."

        Does the argument need it? The paper uses the ratio to say that the workforce is short compared with
        England, which it gives as 2.8. With the ratio of 2024 the gap is smaller, but England still has more than
        three times as many. So the argument is the same. The authors could have given the year, and then
        everybody could check the number; with the year 2021 their sentence is right.
        """,
        {
            "source read accurately": (3, "who, what, when, unit and scope, and says what could not be read"),
            "corrected sentence": (3, "number, unit, year, place and scope: ready to quote"),
            "consequence for the argument": (
                1,
                "the conclusion and a reason, but two definitions of the gap are mixed without a word",
            ),
            "tone": (1, "says under which year the sentence holds"),
        },
    ),
    Sample(
        "strong",
        """
        *Claim B15: the reforms of the Coalition Government resulted in an estimated £1.4 billion spent on
        redundancies.*

        What was measured. The paper cites a blog of 2018 of which our check could read only the opening; I have
        not read more. The published records hold three sums. All exit packages of the NHS in England came to
        £1,391 million for 32,089 packages from April 2010 to March 2013 (a difference of two published totals).
        The National Audit Office attributed £435 million, for 10,094 people, to the 2012 Act by 31 March 2013.
        And the government's advance estimate of the *whole transition*, of which redundancy was a part, was
        £1,400 million.

        The sentence that I would quote. "From 2010-11 to 2012-13 the NHS in England spent about £1.4 billion on
        exit packages of every kind, of which auditors attributed £435 million (31%) to the 2012 reforms."

        Does the argument depend on it? The paper concludes that reform with large redundancies is costly and that
        a new round will be, too. That stands: £435 million is a cost, people left and some were hired again, and
        the sum stops in March 2013. It weakens in size. A reader who sets £1.4 billion against the billion
        planned in 2025 would think that this time is cheaper; set against £435 million, and before allowing for
        eleven years of prices, the new plan is about twice the old one. So the precise sentence makes the authors'
        warning sharper, not blunter.

        What must be true for the printed sentence to hold: that one counts every exit package of the period, as
        the Opposition did at the time. Then the number is right and "resulted in" is the word to change.
        """,
        {
            "source read accurately": (3, "three scopes kept apart, with years and numbers, and what was not read"),
            "corrected sentence": (3, "number, unit, years, place and scope in one sentence"),
            "consequence for the argument": (3, "what stands, what weakens, and a comparison that the change reverses"),
            "tone": (1, "names the condition under which the printed sentence holds"),
        },
    ),
)
