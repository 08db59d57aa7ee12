"""Answers to exercise 8, *Joining the records*: right in many ways, and wrong in the ways of students."""

import unicodedata

import numpy as np
import pandas as pd

from . import BOUNDARY, CONSTANT, EDGE, MISCONCEPTION, MUTATES, Bank, Sample

BANK = Bank(__file__)

NORMALISE = BANK.task("normalise")


@NORMALISE.right("a loop over the letters")
def normalise(name, table):
    if name is None or name is pd.NA or name != name:
        return ""
    text = unicodedata.normalize("NFKD", name.lower())
    keys = {unicodedata.normalize("NFKD", k): v for k, v in table.items()}
    for key in sorted(keys, key=len, reverse=True):
        text = text.replace(key, keys[key])
    text = [x for x in text if x.isalnum() and x != "\u0640"]
    out = []
    for x in text:
        if not out or out[-1] != x:
            out.append(x)
    return "".join(out)


@NORMALISE.right("regular expressions", using=["import re"])
def normalise(name, table):
    import re

    if pd.isna(name):
        return ""
    table = {unicodedata.normalize("NFKD", k): v for k, v in dict(table).items()}
    text = unicodedata.normalize("NFKD", str(name).lower())
    if table:
        longest = sorted(table, key=lambda k: -len(k))
        text = re.sub("|".join(map(re.escape, longest)), lambda found: table[found[0]], text)
    text = re.sub(r"[\W_\u0640]", "", text)
    return re.sub(r"(.)\1+", r"\1", text)


NORMALISE.slip(
    "runs of letters go before the spaces",
    MISCONCEPTION,
    of="regular expressions",
    change={'text = re.sub(r"[\\W_\\u0640]", "", text)': 'text = re.sub(r"(.)\\1+", r"\\1", text)',
            'return re.sub(r"(.)\\1+", r"\\1", text)': 'return re.sub(r"[\\W_\\u0640]", "", text)'},
    loses="tests",
    says="step 5 is the last",
)  # fmt: skip
NORMALISE.slip(
    "keys are not taken apart",
    BOUNDARY,
    of="a loop over the letters",
    change={'keys = {unicodedata.normalize("NFKD", k): v for k, v in table.items()}': "keys = table"},
    loses="tests",
    says="decompose the keys of the table",
)
NORMALISE.slip(
    "keys as they come",
    BOUNDARY,
    of="a loop over the letters",
    change={"sorted(keys, key=len, reverse=True)": "keys"},
    loses="tests",
    says="replace longer",
)
NORMALISE.slip(
    "the stroke stays",
    EDGE,
    of="a loop over the letters",
    change={' and x != "\\u0640"': ""},
    says="The stroke (tatweel) goes",
)
NORMALISE.slip(
    "repeated letters stay",
    MISCONCEPTION,
    of="a loop over the letters",
    change={"if not out or out[-1] != x:": "if True:"},
    says="one of each run",
)
NORMALISE.slip(
    "digits go as well",
    BOUNDARY,
    of="a loop over the letters",
    change={"x.isalnum()": "x.isalpha()"},
    loses="tests",
    says="should become mustafa2",
)
NORMALISE.slip(
    "what is missing becomes a word",
    EDGE,
    of="regular expressions",
    change={'    if pd.isna(name):\n        return ""\n': ""},
    loses="edges",
    says="turned what is missing into the word",
)


NORMALISE.slip(
    "a run of digits stays",
    EDGE,
    of="a loop over the letters",
    change={"if not out or out[-1] != x:": "if not out or out[-1] != x or x.isdigit():"},
    loses="tests",
    says="of digits as of letters",
)
NORMALISE.slip(
    "keys measured before they are decomposed",
    BOUNDARY,
    of="a loop over the letters",
    change={
        'keys = {unicodedata.normalize("NFKD", k): v for k, v in table.items()}': "keys = table",
        "text.replace(key, keys[key])": 'text.replace(unicodedata.normalize("NFKD", key), keys[key])',
    },
    loses="tests",
    says="measure the keys after decomposing",
)
NORMALISE.slip(
    "only a to z and digits",
    MISCONCEPTION,
    of="regular expressions",
    change={'re.sub(r"[\\W_\\u0640]", "", text)': 're.sub(r"[^a-z0-9]", "", text)'},
    loses="tests",
    says="Arabic letters that are not in the table are letters, too",
)
NORMALISE.slip(
    "spaces and hyphens go first",
    BOUNDARY,
    of="a loop over the letters",
    change={"name.lower())": """name.lower().replace(" ", "").replace("-", "").replace("'", ""))"""},
    loses="tests",
    says="The hyphen goes in step 4",
)


@NORMALISE.wrong("the words nan and none are taken for missing", EDGE, loses="edges", says="if it is a text")
def normalise(name, table):
    text = unicodedata.normalize("NFKD", "" if pd.isna(name) else str(name).lower())
    if text in ("nan", "none"):
        return ""
    keys = {unicodedata.normalize("NFKD", k): v for k, v in table.items()}
    for key in sorted(keys, key=len, reverse=True):
        text = text.replace(key, keys[key])
    out = ""
    for x in text:
        if x.isalnum() and x != "\u0640" and not out.endswith(x):
            out += x
    return out


@NORMALISE.wrong("the accents stay", MISCONCEPTION, loses="tests", says="The accent is still there")
def normalise(name, table):
    if pd.isna(name):
        return ""
    text = name.lower()
    for key in sorted(table, key=len, reverse=True):
        text = text.replace(key, table[key])
    out = ""
    for x in text:
        if x.isalnum() and x != "\u0640" and not out.endswith(x):
            out += x
    return out


@NORMALISE.wrong("writes the keys into the table that came in", MUTATES, loses="tests", says="changed the table")
def normalise(name, table):
    if pd.isna(name):
        return ""
    text = unicodedata.normalize("NFKD", name.lower())
    for key in list(table):
        table[unicodedata.normalize("NFKD", key)] = table[key]
    for key in sorted(table, key=len, reverse=True):
        text = text.replace(key, table[key])
    out = ""
    for x in text:
        if x.isalnum() and x != "\u0640" and not out.endswith(x):
            out += x
    return out


@NORMALISE.wrong("the worked example typed in", CONSTANT, says="should become aicha")
def normalise(name, table):
    return "maryan"


PATTERNS = BANK.task("patterns")


@PATTERNS.right("columns of booleans")
def patterns(pairs, fields):
    out = np.empty((len(pairs), len(fields)))
    for k, f in enumerate(fields):
        a, b = pairs[f + "_a"].reset_index(drop=True), pairs[f + "_b"].reset_index(drop=True)
        known = (a.notna() & b.notna()).to_numpy()
        same = (a.astype(object) == b.astype(object)).to_numpy(dtype=bool, na_value=False)
        out[:, k] = np.where(known, same, np.nan)
    return out


@PATTERNS.right("a list of rows")
def patterns(pairs, fields):
    rows = []
    for n in range(len(pairs)):
        row = []
        for f in fields:
            a, b = pairs[f"{f}_a"].iloc[n], pairs[f"{f}_b"].iloc[n]
            row.append(float("nan") if pd.isna(a) or pd.isna(b) else 1.0 if a == b else 0.0)
        rows.append(row)
    return np.array(rows, dtype=float).reshape(len(pairs), len(fields))


def compare(x, y):
    if pd.isna(x) or pd.isna(y):
        return np.nan
    return float(x == y)


@PATTERNS.right("a column for each field, by a helper called compare", using=[compare])
def patterns(pairs, fields):
    columns = [[compare(x, y) for x, y in zip(pairs[f + "_a"].array, pairs[f + "_b"].array)] for f in fields]
    result = np.empty((len(pairs), len(fields)), dtype=float)
    for n, column in enumerate(columns):
        result[:, n] = column
    return result


PATTERNS.slip(
    "missing is a disagreement",
    MISCONCEPTION,
    of="a list of rows",
    change={'float("nan") if pd.isna(a) or pd.isna(b)': "0.0 if pd.isna(a) or pd.isna(b)"},
    says="counted a missing value as a disagreement",
)
PATTERNS.slip(
    "two missing values agree",
    MISCONCEPTION,
    of="a list of rows",
    change={'float("nan") if pd.isna(a)': '1.0 if pd.isna(a) and pd.isna(b) else float("nan") if pd.isna(a)'},
    says="two missing values as an agreement",
)  # fmt: skip
PATTERNS.slip(
    "unknown only if both are missing",
    BOUNDARY,
    of="a list of rows",
    change={
        "pd.isna(a) or pd.isna(b)": "pd.isna(a) and pd.isna(b)",
        "a == b else": "pd.notna(a) and pd.notna(b) and a == b else",
    },
    says="it is unknown, so nan",
)  # fmt: skip
PATTERNS.slip(
    "an array that has lost its columns where there is no pair",
    EDGE,
    of="a list of rows",
    change={".reshape(len(pairs), len(fields))": ""},
    loses="edges",
    says="an array of shape (0, 2)",
)
PATTERNS.slip(
    "the columns by name",
    BOUNDARY,
    of="a list of rows",
    change={"for f in fields:": "for f in sorted(fields):"},
    says="Columns in the order of fields",
    loses="tests",
)


PATTERNS.slip(
    "values compared as texts",
    BOUNDARY,
    of="a list of rows",
    change={"if a == b else": "if str(a) == str(b) else"},
    loses="tests",
    says="compare the values, not their texts",
)
PATTERNS.slip(
    "0 and an empty text are missing",
    EDGE,
    of="a list of rows",
    change={"pd.isna(a) or pd.isna(b) else": "pd.isna(a) or pd.isna(b) or not a or not b else"},
    loses="tests",
    says="they are values",
)
PATTERNS.slip(
    "texts are tidied before they are compared",
    MISCONCEPTION,
    of="a list of rows",
    change={
        "a, b = pairs": "tidy = lambda x: x.strip().lower() if isinstance(x, str) else x\n            a, b = pairs",
        "if a == b else": "if tidy(a) == tidy(b) else",
    },
    loses="tests",
    says="compare values as they stand",
)


@PATTERNS.wrong("asks whether missing values are equal", EDGE, says="== gives <NA>")
def patterns(pairs, fields):
    result = np.full((len(pairs), len(fields)), np.nan)
    for k, field in enumerate(fields):
        a, b = pairs[field + "_a"], pairs[field + "_b"]
        result[:, k] = np.where(a.isna() | b.isna(), np.nan, np.where(a == b, 1.0, 0.0))
    return result


@PATTERNS.wrong("fills the table that came in", MUTATES, loses="tests", says="changed the table that was passed in")
def patterns(pairs, fields):
    out = []
    for f in fields:
        pairs[f] = [
            np.nan if pd.isna(a) or pd.isna(b) else float(a == b) for a, b in zip(pairs[f + "_a"], pairs[f + "_b"])
        ]
        out.append(pairs[f].to_numpy(dtype=float))
    return np.array(out).T


@PATTERNS.wrong("the worked example typed in", CONSTANT, says="Columns in the order of fields")
def patterns(pairs, fields):
    if len(fields) == 1:
        return np.array([[1], [0], [np.nan], [np.nan]])
    return np.full((len(pairs), len(fields)), 1.0)


WEIGHTS = BANK.task("match_weights")


@WEIGHTS.right("a loop over the fields", using=["import math"])
def match_weights(m, u):
    import math

    agree, disagree = [], []
    for one, two in zip(list(m), list(u)):
        one, two = (min(max(float(x), 1e-6), 1 - 1e-6) for x in (one, two))
        agree.append(math.log2(one / two))
        disagree.append(math.log2((1 - one) / (1 - two)))
    return pd.DataFrame({"agree": agree, "disagree": disagree})


@WEIGHTS.right("arrays")
def match_weights(m, u):
    m, u = np.array(m, dtype=float), np.array(u, dtype=float)
    m = m.clip(1e-6, 1 - 1e-6)
    u = u.clip(1e-6, 1 - 1e-6)
    return pd.DataFrame(np.column_stack([np.log2(m / u), np.log2((1 - m) / (1 - u))]), columns=["agree", "disagree"])


WEIGHTS.slip(
    "natural logarithms",
    MISCONCEPTION,
    of="arrays",
    change={"np.log2(m / u)": "np.log(m / u)", "np.log2((1 - m) / (1 - u))": "np.log((1 - m) / (1 - u))"},
    says="You took the natural logarithm",
)
WEIGHTS.slip(
    "a disagreement is minus an agreement",
    MISCONCEPTION,
    of="arrays",
    change={"np.log2((1 - m) / (1 - u))": "-np.log2(m / u)"},
    loses="tests edges",
    says="A disagreement is not minus an agreement",
)
WEIGHTS.slip(
    "a disagreement without its sign",
    BOUNDARY,
    of="arrays",
    change={"np.log2((1 - m) / (1 - u))": "np.log2((1 - u) / (1 - m))"},
    says="its weight is below 0",
)
WEIGHTS.slip(
    "nothing is clipped",
    EDGE,
    of="arrays",
    change={"m = m.clip(1e-6, 1 - 1e-6)": "pass", "u = u.clip(1e-6, 1 - 1e-6)": "pass"},
    loses="edges",
    says="gave an infinite weight",
)
WEIGHTS.slip(
    "clipped at a thousandth",
    BOUNDARY,
    of="arrays",
    change={"m.clip(1e-6, 1 - 1e-6)": "m.clip(1e-3, 1 - 1e-3)", "u.clip(1e-6, 1 - 1e-6)": "u.clip(1e-3, 1 - 1e-3)"},
    loses="edges",
    says="the weights are 19.9316",
)  # fmt: skip


WEIGHTS.slip(
    "only exact 0 and 1 are brought in",
    EDGE,
    of="arrays",
    change={
        "m = m.clip(1e-6, 1 - 1e-6)": "m[m == 0], m[m == 1] = 1e-6, 1 - 1e-6",
        "u = u.clip(1e-6, 1 - 1e-6)": "u[u == 0], u[u == 1] = 1e-6, 1 - 1e-6",
    },
    loses="edges",
    says="not only 0 and 1",
)
WEIGHTS.slip(
    "rounded to four digits",
    BOUNDARY,
    of="arrays",
    change={'columns=["agree", "disagree"])': 'columns=["agree", "disagree"]).round(4)'},
    says="do not round",
)


@WEIGHTS.wrong(
    "clips the weights, not the chances", MISCONCEPTION, loses="edges", says="Bring in the chances, not the weights"
)
def match_weights(m, u):
    m, u = np.array(m, dtype=float), np.array(u, dtype=float)
    most = np.log2((1 - 1e-6) / 1e-6)
    with np.errstate(all="ignore"):
        agree = np.nan_to_num(np.log2(m / u), nan=0.0)
        disagree = np.nan_to_num(np.log2((1 - m) / (1 - u)), nan=0.0)
    return pd.DataFrame({"agree": np.clip(agree, -most, most), "disagree": np.clip(disagree, -most, most)})


@WEIGHTS.wrong("clips what came in", MUTATES, loses="edges", says="changed its inputs")
def match_weights(m, u):
    m, u = np.asarray(m, dtype=float), np.asarray(u, dtype=float)
    np.clip(m, 1e-6, 1 - 1e-6, out=m)
    np.clip(u, 1e-6, 1 - 1e-6, out=u)
    return pd.DataFrame({"agree": np.log2(m / u), "disagree": np.log2((1 - m) / (1 - u))})


@WEIGHTS.wrong("Series by label", EDGE, loses="edges", says="take them by position")
def match_weights(m, u):
    m, u = pd.Series(m, dtype=float).clip(1e-6, 1 - 1e-6), pd.Series(u, dtype=float).clip(1e-6, 1 - 1e-6)
    return pd.DataFrame({"agree": np.log2(m / u), "disagree": np.log2((1 - m) / (1 - u))})


@WEIGHTS.wrong("the worked example typed in", CONSTANT, says="the weights are 19.9316")
def match_weights(m, u):
    if list(m) == [1, 0]:
        return pd.DataFrame({"agree": [5.169925001442312, 0], "disagree": [-3.285402218862249, 0]})
    return pd.DataFrame({"agree": [5.169925001442312, 0], "disagree": [-3.285402218862249, 0]})


EM = BANK.task("em_fs")


@EM.right("a loop over patterns and fields", using=["import math"])
def em_fs(patterns, counts, iters, init):
    import math

    rows, counts = [list(map(float, row)) for row in patterns], [float(c) for c in counts]
    lam, m, u = float(init[0]), list(map(float, init[1])), list(map(float, init[2]))
    k = len(m)
    if k < 3:
        raise ValueError("fields")

    def clip(p):
        return min(max(p, 1e-6), 1 - 1e-6)

    m, u = [clip(p) for p in m], [clip(p) for p in u]
    if m == u:
        raise ValueError("start")

    def product(row, p):
        total = 1.0
        for x, q in zip(row, p):
            if x == 1:
                total *= q
            elif x == 0:
                total *= 1 - q
        return total

    def loglik():
        return sum(c * math.log(lam * product(r, m) + (1 - lam) * product(r, u)) for r, c in zip(rows, counts))

    path = [loglik()]
    for _ in range(iters):
        g = []
        for r in rows:
            a, b = lam * product(r, m), (1 - lam) * product(r, u)
            g.append(a / (a + b))
        lam = sum(c * w for c, w in zip(counts, g)) / sum(counts)
        for f in range(k):
            known = [n for n in range(len(rows)) if rows[n][f] == rows[n][f]]
            for p, weight in ((m, g), (u, [1 - w for w in g])):
                below = sum(counts[n] * weight[n] for n in known)
                if below > 0:
                    p[f] = clip(sum(counts[n] * weight[n] * rows[n][f] for n in known) / below)
        path.append(loglik())
    if sum(m) < sum(u):
        lam, m, u = 1 - lam, u, m
    return lam, np.array(m), np.array(u), np.array(path)


@EM.right("logarithms and matrices")
def em_fs(patterns, counts, iters, init):
    x = np.array(patterns, dtype=float)
    c = np.array(counts, dtype=float)
    yes, no = (x == 1) * 1.0, (x == 0) * 1.0
    lam = init[0]
    m = np.array(init[1], dtype=float).clip(1e-6, 1 - 1e-6)
    u = np.array(init[2], dtype=float).clip(1e-6, 1 - 1e-6)
    if len(m) < 3 or np.array_equal(m, u):
        raise ValueError("init")
    path = []
    for step in range(iters + 1):
        one = np.log(lam) + yes @ np.log(m) + no @ np.log(1 - m)
        two = np.log(1 - lam) + yes @ np.log(u) + no @ np.log(1 - u)
        both = np.logaddexp(one, two)
        path.append((c * both).sum())
        if step == iters:
            break
        g = np.exp(one - both)
        lam = (c * g).sum() / c.sum()
        below_m, below_u = (c * g) @ (yes + no), (c * (1 - g)) @ (yes + no)
        new_m = np.divide((c * g) @ yes, below_m, out=m.copy(), where=below_m > 0)
        new_u = np.divide((c * (1 - g)) @ yes, below_u, out=u.copy(), where=below_u > 0)
        m, u = new_m.clip(1e-6, 1 - 1e-6), new_u.clip(1e-6, 1 - 1e-6)
    if m.sum() < u.sum():
        return 1 - lam, u, m, np.array(path)
    return lam, m, u, np.array(path)


def logs(X, K, p):
    return (X * K) @ np.log(p) + ((1 - X) * K) @ np.log(1 - p)


@EM.right("known fields as a matrix of weights", using=[logs])
def em_fs(patterns, counts, iters, init):
    P = np.asarray(patterns, dtype=float)
    K = (~np.isnan(P)).astype(float)
    X = np.nan_to_num(P, nan=0.0)
    c = np.asarray(counts, dtype=float)
    lam, m, u = init[0], np.asarray(init[1], dtype=float), np.asarray(init[2], dtype=float)
    m, u = m.clip(1e-6, 1 - 1e-6), u.clip(1e-6, 1 - 1e-6)
    if m.size < 3:
        raise ValueError("em_fs needs three fields or more")
    if np.array_equal(m, u):
        raise ValueError("em_fs cannot start where m equals u")

    def expect(lam, m, u):
        A, B = np.log(lam) + logs(X, K, m), np.log1p(-lam) + logs(X, K, u)
        both = np.logaddexp(A, B)
        return np.exp(A - both), np.exp(B - both), float(c @ both)

    g, h, ll = expect(lam, m, u)
    path = [ll]
    for i in range(iters):
        lam = min(float(c @ g / c.sum()), 1.0)
        top, bottom = (c * g) @ X, (c * g) @ K
        m = np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1), m).clip(1e-6, 1 - 1e-6)
        top, bottom = (c * h) @ X, (c * h) @ K
        u = np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1), u).clip(1e-6, 1 - 1e-6)
        g, h, ll = expect(lam, m, u)
        path.append(ll)
    if m.sum() < u.sum():
        return 1 - lam, u, m, np.array(path)
    return lam, m, u, np.array(path)


EM.slip(
    "missing is a disagreement",
    MISCONCEPTION,
    of="logarithms and matrices",
    change={"(x == 0) * 1.0": "(x != 1) * 1.0"},
    loses="missing",
    says="You counted the missing field as a disagreement",
)
EM.slip(
    "every pattern counts once",
    MISCONCEPTION,
    of="logarithms and matrices",
    change={"c = np.array(counts, dtype=float)": "c = np.ones(len(x))"},
    says="lam is the mean of g over pairs",
)
EM.slip(
    "divided by all patterns",
    MISCONCEPTION,
    of="logarithms and matrices",
    change={
        "(c * g) @ (yes + no)": "(c * g) @ np.ones_like(yes)",
        "(c * (1 - g)) @ (yes + no)": "(c * (1 - g)) @ np.ones_like(yes)",
    },
    loses="missing",
    says="in which that field is known",
)
EM.slip(
    "a log-likelihood in bits",
    BOUNDARY,
    of="logarithms and matrices",
    change={"(c * both).sum())": "(c * both).sum() / np.log(2))"},
    loses="tests missing",
    says="natural logarithms",
)
EM.slip(
    "one number too few in the path",
    BOUNDARY,
    of="logarithms and matrices",
    change={
        "        path.append((c * both).sum())\n": "",
        "            break\n": "            break\n        path.append((c * both).sum())\n",
    },
    says="path has two numbers",
    loses="tests",
)  # fmt: skip
EM.slip(
    "classes stay as they come",
    EDGE,
    of="logarithms and matrices",
    change={"if m.sum() < u.sum():": "if False:"},
    loses="edges",
    says="m and u have changed places",
)
EM.slip(
    "lam is not turned with them",
    EDGE,
    of="logarithms and matrices",
    change={"return 1 - lam, u, m": "return lam, u, m"},
    loses="edges",
    says="but lam was not",
)
EM.slip(
    "each field decides for itself",
    EDGE,
    of="logarithms and matrices",
    change={"if m.sum() < u.sum():": "if (m < u).any():"},
    says="although one field is lower",
    loses="tests edges",
)  # fmt: skip
EM.slip(
    "two fields are enough",
    EDGE,
    of="logarithms and matrices",
    change={"len(m) < 3 or ": ""},
    loses="edges",
    says="A start with two fields",
)
EM.slip(
    "a start that never moves",
    EDGE,
    of="logarithms and matrices",
    change={" or np.array_equal(m, u)": ""},
    loses="edges",
    says="m equal to u in every field",
)
EM.slip(
    "one equal field is refused",
    EDGE,
    of="logarithms and matrices",
    change={"np.array_equal(m, u)": "(m == u).any()"},
    loses="edges",
    says="in one field only is a fair start",
)
EM.slip(
    "the start is not clipped",
    EDGE,
    of="logarithms and matrices",
    change={
        "np.array(init[1], dtype=float).clip(1e-6, 1 - 1e-6)": "np.array(init[1], dtype=float)",
        "np.array(init[2], dtype=float).clip(1e-6, 1 - 1e-6)": "np.array(init[2], dtype=float)",
    },
    loses="edges",
    says="clip m and u",
)
EM.slip(
    "a field that is never known becomes 0",
    EDGE,
    of="logarithms and matrices",
    change={"out=m.copy()": "out=np.zeros_like(m)", "out=u.copy()": "out=np.zeros_like(u)"},
    loses="missing",
    says="keeps its m and u",
)


EM.slip(
    "u is divided by all patterns",
    MISCONCEPTION,
    of="logarithms and matrices",
    change={"(c * (1 - g)) @ (yes + no)": "(c * (1 - g)) @ np.ones_like(yes)"},
    loses="missing",
    says="u of the third field, as its m, is divided",
)
EM.slip(
    "path over the complete patterns",
    EDGE,
    of="logarithms and matrices",
    change={"path.append((c * both).sum())": "path.append((c * both)[(yes + no).all(axis=1)].sum())"},
    loses="missing",
    says="the log-likelihood is over all patterns",
)
EM.slip(
    "lists for m and u",
    EDGE,
    of="a loop over patterns and fields",
    change={"np.array(m), np.array(u), np.array(path)": "m, u, np.array(path)"},
    loses="tests",
    says="must be numpy arrays",
)
EM.slip(
    "no round is made",
    BOUNDARY,
    of="logarithms and matrices",
    change={
        "        m, u = new_m.clip(1e-6, 1 - 1e-6), new_u.clip(1e-6, 1 - 1e-6)\n": "",
        "lam = (c * g).sum() / c.sum()": "pass",
    },
    says="Either no round was made",
)


@EM.wrong("stops when little changes", BOUNDARY, loses="tests", says="never stop earlier")
def em_fs(patterns, counts, iters, init):
    x, c = np.array(patterns, dtype=float), np.array(counts, dtype=float)
    yes, no = (x == 1) * 1.0, (x == 0) * 1.0
    lam = init[0]
    m, u = (np.array(p, dtype=float).clip(1e-6, 1 - 1e-6) for p in init[1:])
    if len(m) < 3 or np.array_equal(m, u):
        raise ValueError("init")
    path = []
    for step in range(iters + 1):
        one = np.log(lam) + yes @ np.log(m) + no @ np.log(1 - m)
        two = np.log(1 - lam) + yes @ np.log(u) + no @ np.log(1 - u)
        both = np.logaddexp(one, two)
        path.append((c * both).sum())
        if step == iters or (step > 5 and abs(path[-1] - path[-2]) < 1e-9 * abs(path[-1])):
            break
        g = np.exp(one - both)
        lam = (c * g).sum() / c.sum()
        for p, w in ((m, c * g), (u, c * (1 - g))):
            below = w @ (yes + no)
            p[below > 0] = ((w @ yes)[below > 0] / below[below > 0]).clip(1e-6, 1 - 1e-6)
    if m.sum() < u.sum():
        lam, m, u = 1 - lam, u, m
    return lam, m, u, np.array(path)


@EM.wrong("works in the lists that came in", MUTATES, loses="tests", says="changed its inputs")
def em_fs(patterns, counts, iters, init):
    x, c = np.array(patterns, dtype=float), np.array(counts, dtype=float)
    yes, no = (x == 1) * 1.0, (x == 0) * 1.0
    lam = init[0]
    m, u = np.asarray(init[1], dtype=float), np.asarray(init[2], dtype=float)
    np.clip(m, 1e-6, 1 - 1e-6, out=m)
    np.clip(u, 1e-6, 1 - 1e-6, out=u)
    if len(m) < 3 or np.array_equal(m, u):
        raise ValueError("init")
    path = []
    for step in range(iters + 1):
        one = np.log(lam) + yes @ np.log(m) + no @ np.log(1 - m)
        two = np.log(1 - lam) + yes @ np.log(u) + no @ np.log(1 - u)
        both = np.logaddexp(one, two)
        path.append((c * both).sum())
        if step == iters:
            break
        g = np.exp(one - both)
        lam = (c * g).sum() / c.sum()
        for p, w in ((m, c * g), (u, c * (1 - g))):
            below = w @ (yes + no)
            p[below > 0] = ((w @ yes)[below > 0] / below[below > 0]).clip(1e-6, 1 - 1e-6)
    if m.sum() < u.sum():
        lam, m, u = 1 - lam, u, m
    return lam, m, u, np.array(path)


@EM.wrong("the worked example typed in", CONSTANT, says="you")
def em_fs(patterns, counts, iters, init):
    return 0.2576923, np.full(3, 0.9552239), np.full(3, 0.0051813), np.array([4 * np.log(0.26), -2.0])


MATURITY = BANK.task("maturity")


@MATURITY.right("two group-bys")
def maturity(df, weights):
    rows = pd.DataFrame({name: df[name].to_numpy() for name in ("system", "organisation", "content", "coverage")})
    rows["coverage"] = rows["coverage"].astype(float)
    mean = rows.groupby(["system", "organisation"])["coverage"].mean().dropna().reset_index()
    mean["w"] = mean["organisation"].map(weights).astype(float)
    mean["wx"] = mean["w"] * mean["coverage"]
    sums = mean.groupby("system")[["w", "wx"]].sum()
    systems = sorted(rows["system"].unique())
    coverage = (sums["wx"] / sums["w"].where(sums["w"] > 0)).reindex(systems).astype(float)
    contents = rows["content"].nunique()
    good = rows[(rows["organisation"] == "social_care") & (rows["coverage"] >= 0.5)]
    full = good.groupby("system")["content"].nunique().reindex(systems).fillna(0) == contents
    return coverage, float(full.mean()) if len(systems) else float("nan")


@MATURITY.right("loops and dictionaries")
def maturity(df, weights):
    cells = list(zip(df["system"], df["organisation"], df["content"], df["coverage"]))
    contents = {cell[2] for cell in cells}
    coverage, held = {}, 0
    for s in sorted({cell[0] for cell in cells}):
        own = [cell for cell in cells if cell[0] == s and not pd.isna(cell[3])]
        top = bottom = 0
        for o in {cell[1] for cell in own}:
            values = [cell[3] for cell in own if cell[1] == o]
            top += weights[o] * sum(values) / len(values)
            bottom += weights[o]
        coverage[s] = top / bottom if bottom > 0 else np.nan
        held += {cell[2] for cell in own if cell[1] == "social_care" and cell[3] >= 0.5} == contents
    return pd.Series(coverage, dtype=float), held / len(coverage) if coverage else np.nan


MATURITY.slip(
    "what was not reported is 0",
    MISCONCEPTION,
    of="loops and dictionaries",
    change={
        'df["content"], df["coverage"]))': 'df["content"], df["coverage"].fillna(0)))',
    },
    says="You counted what was not reported as 0",
)
MATURITY.slip(
    "the mean of all cells",
    MISCONCEPTION,
    of="loops and dictionaries",
    change={"sum(values) / len(values)": "sum(values)", "bottom += weights[o]": "bottom += weights[o] * len(values)"},
    loses="tests",
    says="take the mean of each organisation first",
)
MATURITY.slip(
    "the weights are forgotten",
    BOUNDARY,
    of="loops and dictionaries",
    change={"top += weights[o] * ": "top += ", "bottom += weights[o]": "bottom += 1"},
    says="The weights have no effect",
)
MATURITY.slip(
    "divided by all weights",
    MISCONCEPTION,
    of="loops and dictionaries",
    change={"top / bottom if bottom > 0": "top / sum(weights.values()) if bottom > 0"},
    says="its weight drops out",
    loses="tests",
)
MATURITY.slip(
    "half is not enough",
    BOUNDARY,
    of="loops and dictionaries",
    change={"cell[3] >= 0.5": "cell[3] > 0.5"},
    loses="tests",
    says="Exactly 0.5 is at least 0.5",
)
MATURITY.slip(
    "0 where nothing was reported",
    EDGE,
    of="loops and dictionaries",
    change={"if bottom > 0 else np.nan": "if bottom > 0 else 0.0"},
    loses="edges",
    says="nan, not 0",
)
MATURITY.slip(
    "only contents that were reported",
    EDGE,
    of="loops and dictionaries",
    change={"contents = {cell[2] for cell in cells}": "contents = {cell[2] for cell in cells if not pd.isna(cell[3])}"},
    loses="edges",
    says="still is a content of the table",
)
MATURITY.slip(
    "the share of systems with social care",
    EDGE,
    of="two group-bys",
    change={".reindex(systems).fillna(0) == contents": " == contents"},
    says="of all systems of the table",
    loses="tests edges",
)
MATURITY.slip(
    "a coverage of 0 is taken for missing",
    EDGE,
    of="loops and dictionaries",
    change={"and not pd.isna(cell[3])]": "and not pd.isna(cell[3]) and cell[3]]"},
    loses="edges",
    says="Social care reported 0 in B",
)


MATURITY.slip(
    "only contents of social care",
    EDGE,
    of="loops and dictionaries",
    change={
        "contents = {cell[2] for cell in cells}": 'contents = {cell[2] for cell in cells if cell[1] == "social_care"}'
    },
    loses="edges",
    says="have no row for it",
)
MATURITY.slip(
    "only contents of that system",
    MISCONCEPTION,
    of="loops and dictionaries",
    change={"== contents": "== {cell[2] for cell in cells if cell[0] == s}"},
    loses="edges",
    says="is a content of the table",
)


@MATURITY.wrong("fills the table that came in", MUTATES, loses="tests", says="changed what was passed in")
def maturity(df, weights):
    df["w"] = [weights[o] for o in df["organisation"]]
    cells = list(zip(df["system"], df["organisation"], df["content"], df["coverage"]))
    contents = {cell[2] for cell in cells}
    coverage, held = {}, 0
    for s in sorted({cell[0] for cell in cells}):
        own = [cell for cell in cells if cell[0] == s and not pd.isna(cell[3])]
        top = bottom = 0
        for o in {cell[1] for cell in own}:
            values = [cell[3] for cell in own if cell[1] == o]
            top += weights[o] * sum(values) / len(values)
            bottom += weights[o]
        coverage[s] = top / bottom if bottom > 0 else np.nan
        held += {cell[2] for cell in own if cell[1] == "social_care" and cell[3] >= 0.5} == contents
    return pd.Series(coverage, dtype=float), held / len(coverage) if coverage else np.nan


@MATURITY.wrong("the worked example typed in", CONSTANT, says="Every system of the table")
def maturity(df, weights):
    return pd.Series({"A": 0.725, "B": 0.7}), 0.5


QUALITY = BANK.task("linkage_quality")


@QUALITY.right("a loop over the groups")
def linkage_quality(pred, truth, group=None):
    pred, truth = [bool(x) for x in pred], [bool(x) for x in truth]
    labels = ["all"] * len(pred) if group is None else list(group)
    rows = []
    names = sorted(set(labels))
    for name in names:
        tp = fp = fn = 0
        for p, t, g in zip(pred, truth, labels):
            if g == name:
                tp += p and t
                fp += p and not t
                fn += t and not p
        precision = tp / (tp + fp) if tp + fp else np.nan
        recall = tp / (tp + fn) if tp + fn else np.nan
        f1 = 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else np.nan
        rows.append([precision, recall, f1])
    return pd.DataFrame(rows, index=names, columns=["precision", "recall", "f1"])


@QUALITY.right("a group-by")
def linkage_quality(pred, truth, group=None):
    table = pd.DataFrame({"p": np.asarray(pred, dtype=float), "t": np.asarray(truth, dtype=float)})
    table["tp"] = table["p"] * table["t"]
    label = np.array(["all"] * len(table)) if group is None else np.array(list(group))
    sums = table.groupby(label).sum()
    return pd.DataFrame(
        {
            "precision": sums["tp"] / sums["p"],
            "recall": sums["tp"] / sums["t"],
            "f1": 2 * sums["tp"] / (sums["p"] + sums["t"]),
        }
    )


def share(top, bottom):
    out = np.full(len(top), np.nan)
    np.divide(top, bottom, out=out, where=bottom > 0)
    return out


@QUALITY.right("a matrix of groups, and a helper called share", using=[share])
def linkage_quality(pred, truth, group=None):
    p = np.array(list(pred)).astype(float)
    t = np.array(list(truth)).astype(float)
    if group is None:
        group = np.repeat("all", len(p))
    names, where = np.unique(np.array(list(group)), return_inverse=True)
    one = np.eye(len(names))[where]
    tp, fp, fn = (p * t) @ one, (p * (1 - t)) @ one, ((1 - p) * t) @ one
    data = {"precision": share(tp, tp + fp), "recall": share(tp, tp + fn), "f1": share(2 * tp, 2 * tp + fp + fn)}
    return pd.DataFrame(data, index=names)


QUALITY.slip(
    "accuracy for precision",
    MISCONCEPTION,
    of="a group-by",
    change={'sums["tp"] / sums["p"],': 'table.assign(r=table["p"] == table["t"]).groupby(label)["r"].mean(),'},
    says="That is the accuracy",
)
QUALITY.slip(
    "precision and recall change places",
    MISCONCEPTION,
    of="a group-by",
    change={'sums["tp"] / sums["p"],': 'sums["tp"] / sums["t"],', 'sums["tp"] / sums["t"],': 'sums["tp"] / sums["p"],'},
    says="have changed places",
)
QUALITY.slip(
    "the plain mean for F1",
    MISCONCEPTION,
    of="a loop over the groups",
    change={"f1 = 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else np.nan": "f1 = (precision + recall) / 2"},
    says="F1 is the harmonic mean",
)
QUALITY.slip(
    "0 where nothing was linked",
    EDGE,
    of="a loop over the groups",
    change={"tp / (tp + fp) if tp + fp else np.nan": "tp / (tp + fp) if tp + fp else 0.0"},
    loses="edges",
    says="precision is nan, not 0",
)
QUALITY.slip(
    "F1 from precision and recall",
    EDGE,
    of="a loop over the groups",
    change={
        "2 * tp / (2 * tp + fp + fn)": "2 * precision * recall / (precision + recall)",
        "if tp + fp + fn else": "if precision + recall > 0 else",
    },
    says="F1",
)
QUALITY.slip(
    "groups as they come",
    BOUNDARY,
    of="a loop over the groups",
    change={"sorted(set(labels))": "list(dict.fromkeys(labels))"},
    loses="tests",
    says="The groups stand by name",
)
QUALITY.slip(
    "groups without links are dropped",
    BOUNDARY,
    of="a loop over the groups",
    change={"names = sorted(set(labels))": "names = sorted({g for g, p, t in zip(labels, pred, truth) if p or t})"},
    loses="edges",
    says="Each group has a row",
)


QUALITY.slip(
    "F1 is nan wherever recall is",
    EDGE,
    of="a loop over the groups",
    change={"if tp + fp + fn else np.nan": "if tp + fn else np.nan"},
    loses="edges",
    says="although recall is nan",
)
QUALITY.slip(
    "groups in the order of texts",
    BOUNDARY,
    of="a loop over the groups",
    change={"else list(group)": "else [str(x) for x in group]"},
    loses="tests",
    says="Groups that are numbers stay numbers",
)


@QUALITY.wrong("truth and group meet by label", BOUNDARY, loses="tests", says="take each Series by position")
def linkage_quality(pred, truth, group=None):
    df = pd.DataFrame({"p": np.array(pred), "t": truth, "g": "all" if group is None else group})
    result = {}
    for name, part in df.groupby("g"):
        tp = ((part["p"] == 1) & (part["t"] == 1)).sum()
        fp = ((part["p"] == 1) & (part["t"] == 0)).sum()
        fn = ((part["p"] == 0) & (part["t"] == 1)).sum()
        result[name] = [
            tp / (tp + fp) if tp + fp else np.nan,
            tp / (tp + fn) if tp + fn else np.nan,
            2 * tp / (2 * tp + fp + fn) if tp + fp + fn else np.nan,
        ]
    return pd.DataFrame.from_dict(result, orient="index", columns=["precision", "recall", "f1"])


@QUALITY.wrong("Series by label", BOUNDARY, loses="tests", says="take Series by position")
def linkage_quality(pred, truth, group=None):
    pred, truth = pd.Series(pred).astype(bool), pd.Series(truth).astype(bool)
    pred.index = pred.index - pred.index.min()
    pred = pred.sort_index()
    label = pd.Series(["all"] * len(pred)) if group is None else pd.Series(list(group))
    rows = {}
    for name in sorted(set(label)):
        p, t = pred[label == name], truth[label == name]
        tp, fp, fn = (p & t).sum(), (p & ~t).sum(), (~p & t).sum()
        rows[name] = [
            tp / (tp + fp) if tp + fp else np.nan,
            tp / (tp + fn) if tp + fn else np.nan,
            2 * tp / (2 * tp + fp + fn) if tp + fp + fn else np.nan,
        ]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["precision", "recall", "f1"])


@QUALITY.wrong("sets what is not true in the list that came in", MUTATES, loses="tests", says="changed its inputs")
def linkage_quality(pred, truth, group=None):
    links = pred if isinstance(pred, np.ndarray) else np.array(pred)
    table = pd.DataFrame({"p": links.astype(float), "t": np.array(truth, dtype=float)})
    links &= np.array(truth, dtype=links.dtype)
    table["tp"] = links.astype(float)
    label = np.array(["all"] * len(table)) if group is None else np.array(list(group))
    sums = table.groupby(label).sum()
    f1 = 2 * sums["tp"] / (sums["p"] + sums["t"])
    return pd.DataFrame({"precision": sums["tp"] / sums["p"], "recall": sums["tp"] / sums["t"], "f1": f1})


@QUALITY.wrong("the worked example typed in", CONSTANT, says="The groups stand by name")
def linkage_quality(pred, truth, group=None):
    index = ["all"] if group is None else ["all", "all", "all"]
    return pd.DataFrame([[0.25, 1 / 3, 2 / 7]] * len(index), index=index, columns=["precision", "recall", "f1"]).pipe(
        lambda t: t.rename({"all": "rest"}) if len(t) > 1 else t
    )


RATIO = BANK.task("linked_ratio")


@RATIO.right("ratio times ratio")
def linked_ratio(true_rates, recall):
    a, b = np.array(true_rates, dtype=float)
    r, s = np.array(recall, dtype=float)
    if r == 0 or s == 0 or b == 0:
        return np.nan, np.nan
    left = r / s
    return (a / b) * left, left if a > 0 else np.nan


@RATIO.right("products, then a division")
def linked_ratio(true_rates, recall):
    rates, found = list(true_rates), list(recall)
    if 0 in found or rates[1] == 0:
        return (float("nan"), float("nan"))
    seen = [rate * share for rate, share in zip(rates, found)]
    observed = float(seen[0]) / float(seen[1])
    if rates[0] == 0:
        return (observed, float("nan"))
    return (observed, observed / (rates[0] / rates[1]))


RATIO.slip(
    "rich over deprived",
    MISCONCEPTION,
    of="products, then a division",
    change={"float(seen[0]) / float(seen[1])": "float(seen[1]) / float(seen[0]) if seen[0] else 0.0"},
    loses="tests",
    says="deprived over rich, not rich over deprived",
)
RATIO.slip(
    "divides by recall",
    MISCONCEPTION,
    of="products, then a division",
    change={"rate * share": "rate / share"},
    loses="tests",
    says="You divided by recall",
)
RATIO.slip(
    "true over observed",
    BOUNDARY,
    of="products, then a division",
    change={"observed / (rates[0] / rates[1])": "(rates[0] / rates[1]) / observed"},
    loses="tests",
    says="not true over observed",
)
RATIO.slip(
    "what is lost",
    MISCONCEPTION,
    of="products, then a division",
    change={"observed / (rates[0] / rates[1])": "1 - observed / (rates[0] / rates[1])"},
    loses="tests",
    says="That is what is lost",
)
RATIO.slip(
    "a recall of 0 gives 0",
    EDGE,
    of="products, then a division",
    change={"if 0 in found or rates[1] == 0:": "if found[1] == 0 or rates[1] == 0:"},
    loses="edges",
    says="nan, not 0",
)
RATIO.slip(
    "the attenuation of nothing is 1",
    EDGE,
    of="ratio times ratio",
    change={"left if a > 0 else np.nan": "left"},
    loses="edges",
    says="observed 0 and attenuation nan",
)
RATIO.slip(
    "nan for a rate of 0 among the deprived",
    EDGE,
    of="products, then a division",
    change={'return (observed, float("nan"))': 'return (float("nan"), float("nan"))'},
    loses="edges",
    says="observed 0 and attenuation nan",
)


RATIO.slip(
    "a rate of 0 before a recall of 0",
    BOUNDARY,
    of="products, then a division",
    change={
        "    if 0 in found or rates[1] == 0:": "    if rates[0] == 0 and rates[1] > 0:\n"
        '        return (0.0, float("nan"))\n    if 0 in found or rates[1] == 0:'
    },
    loses="edges",
    says="whatever the other numbers are",
)
RATIO.slip(
    "two rates of 0 give 0",
    EDGE,
    of="products, then a division",
    change={
        "if 0 in found or rates[1] == 0:": "if 0 in found or rates[1] == 0 < rates[0]:",
        "observed = float(seen[0]) / float(seen[1])": "observed = float(seen[0]) / float(seen[1]) if seen[1] else 0.0",
    },
    loses="edges",
    says="whatever the other numbers are",
)


@RATIO.wrong("multiplies in place", MUTATES, loses="edges", says="changed its inputs")
def linked_ratio(true_rates, recall):
    rates, found = np.asarray(true_rates, dtype=float), np.asarray(recall, dtype=float)
    if (found == 0).any() or rates[1] == 0:
        return np.nan, np.nan
    true = rates[0] / rates[1]
    rates *= found
    observed = rates[0] / rates[1]
    return observed, observed / true if true else np.nan


@RATIO.wrong("a Series by label", BOUNDARY, loses="tests", says="You took the Series by its labels")
def linked_ratio(true_rates, recall):
    r, s = recall[0], recall[1]
    a, b = true_rates[0], true_rates[1]
    if r == 0 or s == 0 or b == 0:
        return np.nan, np.nan
    return a * r / (b * s), (r / s if a else np.nan)


@RATIO.wrong("the worked example typed in", CONSTANT, says="Equal recalls")
def linked_ratio(true_rates, recall):
    return 1.6494845, 0.8247423


BLOCKING = BANK.task("blocking")


@BLOCKING.right("every pair in a loop over groups")
def blocking(df_a, df_b, keys, truth):
    def records(df):
        found = {}
        for n in range(len(df)):
            key = tuple(df[k].iloc[n] for k in keys)
            if not any(pd.isna(x) for x in key):
                found.setdefault(key, []).append(n)
        return found

    a, b = records(df_a), records(df_b)
    candidates = {(i, j) for key in a for i in a[key] for j in b.get(key, [])}
    total = len(df_a) * len(df_b)
    pairs = [tuple(pair) for pair in truth]
    ratio = 1 - len(candidates) / total if total else np.nan
    complete = np.mean([pair in candidates for pair in pairs]) if pairs else np.nan
    return ratio, complete


@BLOCKING.right("one tuple for all keys, then a merge")
def blocking(df_a, df_b, keys, truth):
    sides = []
    for df in (df_a, df_b):
        known = df[keys].notna().all(axis=1).to_numpy()
        key = [tuple(row) for row in df[keys].to_numpy(dtype=object)]
        table = pd.DataFrame({"key": pd.Series(key, dtype=object), "n": np.arange(len(df))})
        sides.append(table[known] if len(df) else table)
    both = sides[0].merge(sides[1], on="key")
    found = set(zip(both["n_x"], both["n_y"]))
    size = len(df_a) * len(df_b)
    truth = [(i, j) for i, j in truth]
    return (
        1 - len(both) / size if size else float("nan"),
        sum(p in found for p in truth) / len(truth) if truth else float("nan"),
    )


@BLOCKING.right("a matrix of all pairs")
def blocking(df_a, df_b, keys, truth):
    n, k = len(df_a), len(df_b)
    match = np.ones((n, k), dtype=bool)
    for key in keys:
        left = df_a[key].astype(object).to_numpy()
        right = df_b[key].astype(object).to_numpy()
        for i in range(n):
            for j in range(k):
                if pd.isna(left[i]) or pd.isna(right[j]) or left[i] != right[j]:
                    match[i, j] = False
    rr = float("nan") if n * k == 0 else 1 - match.sum() / (n * k)
    if len(truth) == 0:
        return rr, float("nan")
    total = 0
    for pair in np.asarray(truth):
        total += match[pair[0], pair[1]]
    return rr, total / len(truth)


BLOCKING.slip(
    "missing keys block together",
    MISCONCEPTION,
    of="every pair in a loop over groups",
    change={
        "key = tuple(df[k].iloc[n] for k in keys)": "key = tuple(str(df[k].iloc[n]) for k in keys)",
        "if not any(pd.isna(x) for x in key):": "if True:",
    },
    says="keys that are missing never block together",
)
BLOCKING.slip(
    "the share of pairs that are left",
    MISCONCEPTION,
    of="every pair in a loop over groups",
    change={"1 - len(candidates) / total": "len(candidates) / total"},
    says="the reduction ratio is 1 minus it",
)
BLOCKING.slip(
    "one key is enough",
    BOUNDARY,
    of="every pair in a loop over groups",
    change={"tuple(df[k].iloc[n] for k in keys)": "tuple(df[k].iloc[n] for k in keys[:1])"},
    says="every key must agree",
    loses="tests edges",
)
BLOCKING.slip(
    "positions by label",
    BOUNDARY,
    of="every pair in a loop over groups",
    change={".append(n)": ".append(df.index[n])"},
    loses="tests",
    says="one of two true pairs",
)
BLOCKING.slip(
    "1 where there is no true pair",
    EDGE,
    of="every pair in a loop over groups",
    change={"if pairs else np.nan": "if pairs else 1.0"},
    loses="edges",
    says="nan",
)
BLOCKING.slip(
    "0 for an empty table",
    EDGE,
    of="every pair in a loop over groups",
    change={"if total else np.nan": "if total else 0.0"},
    loses="edges",
    says="both nan",
)


BLOCKING.slip(
    "keys glued into one text",
    BOUNDARY,
    of="one tuple for all keys, then a merge",
    change={"key = [tuple(row) for row in": 'key = ["".join(str(x) for x in row) for row in'},
    loses="tests",
    says="although they read alike when glued together",
)
BLOCKING.slip(
    "keys compared as texts",
    BOUNDARY,
    of="one tuple for all keys, then a merge",
    change={"key = [tuple(row) for row in": 'key = ["|".join(str(x) for x in row) for row in'},
    loses="tests",
    says="compare values, not texts",
)


@BLOCKING.wrong(
    "positions counted after the drop",
    MISCONCEPTION,
    loses="tests",
    says="count them first, in the tables as they came",
)
def blocking(df_a, df_b, keys, truth):
    a = df_a[keys].dropna().reset_index(drop=True)
    b = df_b[keys].dropna().reset_index(drop=True)
    a["place_a"], b["place_b"] = range(len(a)), range(len(b))
    pairs = a.merge(b, on=keys)
    total = len(df_a) * len(df_b)
    found = set(zip(pairs["place_a"], pairs["place_b"]))
    hits = [(i, j) in found for i, j in truth]
    return (1 - len(pairs) / total if total else np.nan), (sum(hits) / len(hits) if hits else np.nan)


@BLOCKING.wrong("drops rows from the tables that came in", MUTATES, loses="tests", says="changed what was passed in")
def blocking(df_a, df_b, keys, truth):
    size = len(df_a) * len(df_b)
    for df in (df_a, df_b):
        df["n"] = np.arange(len(df))
    left, right = df_a.dropna(subset=keys), df_b.dropna(subset=keys)
    both = left[[*keys, "n"]].astype(object).merge(right[[*keys, "n"]].astype(object), on=keys)
    found = set(zip(both["n_x"], both["n_y"]))
    truth = [tuple(p) for p in truth]
    return 1 - len(both) / size if size else np.nan, (sum(p in found for p in truth) / len(truth) if truth else np.nan)


@BLOCKING.wrong("counts keys and not pairs", BOUNDARY, loses="tests", says="nine candidates")
def blocking(df_a, df_b, keys, truth):
    def rows(df):
        out = {}
        for n in range(len(df)):
            key = tuple(df[k].iloc[n] for k in keys)
            if not any(pd.isna(x) for x in key):
                out[n] = key
        return out

    a, b = rows(df_a), rows(df_b)
    shared = set(a.values()) & set(b.values())
    size = len(df_a) * len(df_b)
    truth = [tuple(p) for p in truth]
    good = [a.get(i) is not None and a.get(i) == b.get(j) for i, j in truth]
    return 1 - len(shared) / size if size else np.nan, np.mean(good) if truth else np.nan


@BLOCKING.wrong("the worked example typed in", CONSTANT, says="By sex alone")
def blocking(df_a, df_b, keys, truth):
    return 13 / 15, 0.5


CONTROL = BANK.task("synthetic_control")


@CONTROL.right("the mean square, by SLSQP")
def synthetic_control(Y, treated, t0):
    from scipy.optimize import minimize

    names = [c for c in Y.columns if c != treated]
    if not names:
        raise ValueError("no donor")
    X, y = Y[names].to_numpy(dtype=float), Y[treated].to_numpy(dtype=float)
    early = np.array(Y.index < t0)
    A, b = X[early], y[early]
    scale = max(np.abs(A).max(), np.abs(b).max())
    A, b = A / scale, b / scale
    found = minimize(
        lambda w: ((A @ w - b) ** 2).mean(),
        np.full(len(names), 1 / len(names)),
        jac=lambda w: 2 * A.T @ (A @ w - b) / len(b),
        method="SLSQP",
        bounds=[(0, 1)] * len(names),
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"ftol": 1e-15, "maxiter": 2000},
    )
    w = np.clip(found.x, 0, None)
    w = w / w.sum()
    return pd.Series(w, index=names), pd.Series(y - X @ w, index=Y.index)


@CONTROL.right("nnls with a row of ones, which needs no large number")
def synthetic_control(Y, treated, t0):
    from scipy.optimize import nnls

    donors = Y.loc[:, Y.columns != treated]
    if donors.shape[1] == 0:
        raise ValueError("no donor")
    early = Y.index < t0
    away = donors[early].to_numpy(dtype=float) - Y.loc[early, [treated]].to_numpy(dtype=float)
    scale = np.abs(away).max() or 1.0
    w, _ = nnls(np.vstack([away / scale, np.ones(donors.shape[1])]), np.append(np.zeros(early.sum()), 1.0))
    w = w / w.sum()
    return pd.Series(w, index=donors.columns), Y[treated] - donors @ w


CONTROL.slip(
    "mix minus treated",
    MISCONCEPTION,
    of="nnls with a row of ones, which needs no large number",
    change={"Y[treated] - donors @ w": "donors @ w - Y[treated]"},
    says="treated minus mix, not mix minus treated",
)
CONTROL.slip(
    "all periods count for the fit",
    MISCONCEPTION,
    of="nnls with a row of ones, which needs no large number",
    change={"early = Y.index < t0": "early = Y.index < np.inf"},
    loses="tests edges",
    says="only periods before t0 count",
)
CONTROL.slip(
    "t0 counts for the fit",
    BOUNDARY,
    of="nnls with a row of ones, which needs no large number",
    change={"early = Y.index < t0": "early = Y.index <= t0"},
    loses="tests edges",
    says="only periods before t0 count",
)
CONTROL.slip(
    "any number as a weight",
    MISCONCEPTION,
    of="nnls with a row of ones, which needs no large number",
    change={
        "w, _ = nnls(": "w, *_ = np.linalg.lstsq(",
    },
    loses="tests",
    says="No weight below 0",
)
CONTROL.slip(
    "no donor gives nan",
    EDGE,
    of="nnls with a row of ones, which needs no large number",
    change={'raise ValueError("no donor")': "return pd.Series(dtype=float), Y[treated] * np.nan"},
    loses="edges",
    says="There is no donor",
)


CONTROL.slip(
    "periods before by subtracting 1",
    BOUNDARY,
    of="nnls with a row of ones, which needs no large number",
    change={"early = Y.index < t0": "early = Y.index <= t0 - 1"},
    loses="tests",
    says="2020.5 lies before 2021",
)


@CONTROL.wrong("a large number that is fixed", EDGE, loses="tests", says="must be large beside the outcomes")
def synthetic_control(Y, treated, t0):
    from scipy.optimize import nnls

    donors = Y.drop(columns=treated)
    if donors.shape[1] == 0:
        raise ValueError("no donor")
    before = Y.index < t0
    A = np.vstack([donors[before].to_numpy(float), np.full(donors.shape[1], 10000.0)])
    b = np.append(Y[treated][before].to_numpy(float), 10000.0)
    w = nnls(A, b)[0]
    w = pd.Series(w / w.sum(), index=donors.columns)
    return w, Y[treated] - donors @ w


@CONTROL.wrong("minimize that stops where it began", EDGE, loses="tests", says="minimize may stop where it began")
def synthetic_control(Y, treated, t0):
    from scipy.optimize import minimize

    donors = [c for c in Y.columns if c != treated]
    if len(donors) == 0:
        raise ValueError("no donor")
    early = Y[Y.index < t0]

    def fit(w):
        return ((early[treated] - early[donors] @ w) ** 2).mean()

    start = np.ones(len(donors)) / len(donors)
    found = minimize(
        fit, start, bounds=[(0, 1)] * len(donors), constraints={"type": "eq", "fun": lambda w: w.sum() - 1}
    )
    weights = pd.Series(found.x, index=donors)
    return weights, Y[treated] - Y[donors] @ weights


@CONTROL.wrong("equal weights", BOUNDARY, loses="tests", says="The nearest mix is e alone")
def synthetic_control(Y, treated, t0):
    donors = Y.drop(columns=treated)
    if donors.shape[1] == 0:
        raise ValueError("no donor")
    w = pd.Series(1 / donors.shape[1], index=donors.columns)
    return w, Y[treated] - donors.mean(axis=1)


@CONTROL.wrong("drops the treated unit from the table that came in", MUTATES, says="changed the table")
def synthetic_control(Y, treated, t0):
    from scipy.optimize import nnls

    if Y.shape[1] < 2:
        raise ValueError("no donor")
    own = Y.pop(treated)
    early = np.asarray(Y.index < t0)
    away = Y[early].to_numpy(dtype=float) - own[early].to_numpy(dtype=float)[:, None]
    w, _ = nnls(
        np.vstack([away / (np.abs(away).max() or 1), np.ones(Y.shape[1])]), np.append(np.zeros(early.sum()), 1.0)
    )
    w = w / w.sum()
    return pd.Series(w, index=Y.columns), own - Y @ w


@CONTROL.wrong("the worked example typed in", CONSTANT, says="No weight below 0")
def synthetic_control(Y, treated, t0):
    names = [c for c in Y.columns if c != treated]
    gap = [0.0, 0.0, 6.0] if list(Y.index) == [0, 1, 2] else [0.0] * len(Y)
    weights = [0.5] * len(names) if len(names) == 2 and list(Y.index) == [0, 1, 2] else [-1.0] * len(names)
    return pd.Series(weights, index=names, dtype=float), pd.Series(gap, index=Y.index)


PLACEBO = BANK.task("placebo_p")


def fit(Y, treated, t0):
    from scipy.optimize import nnls

    donors = Y.loc[:, Y.columns != treated]
    early = np.asarray(Y.index < t0)
    away = donors[early].to_numpy(dtype=float) - Y.loc[early, [treated]].to_numpy(dtype=float)
    scale = np.abs(away).max() or 1.0
    w, _ = nnls(np.vstack([away / scale, np.ones(donors.shape[1])]), np.append(np.zeros(early.sum()), 1.0))
    return (Y[treated] - donors @ (w / w.sum())).to_numpy()


@PLACEBO.right("a Series of growths", using=[fit])
def placebo_p(Y, treated, t0):
    early = np.asarray(Y.index < t0)
    growth = {}
    for unit in Y.columns:
        table = Y if unit == treated else Y.drop(columns=treated)
        gap = fit(table, unit, t0)
        before, after = np.sqrt((gap[early] ** 2).mean()), np.sqrt((gap[~early] ** 2).mean())
        growth[unit] = np.inf if before < 1e-6 * max(Y[unit][early].abs().max(), 1e-12) else after / before
    growth = pd.Series(growth)
    return (growth >= growth[treated]).mean()


@PLACEBO.right("counts in a loop", using=[fit])
def placebo_p(Y, treated, t0):
    early = np.asarray(Y.index < t0)

    def growth(unit):
        columns = [c for c in Y.columns if c == unit or c != treated]
        gap = fit(Y[columns], unit, t0)
        largest = np.abs(Y.loc[early, unit].to_numpy(dtype=float)).max()
        before = (gap[early] ** 2).mean() ** 0.5
        if before == 0 or before < largest / 1e6:
            return float("inf")
        return (gap[~early] ** 2).mean() ** 0.5 / before

    own, count = growth(treated), 0
    for unit in Y.columns:
        if growth(unit) >= own:
            count += 1
    return count / len(Y.columns)


PLACEBO.slip(
    "the treated unit does not count",
    BOUNDARY,
    of="counts in a loop",
    change={"for unit in Y.columns:": "for unit in Y.columns.drop(treated):", "len(Y.columns)": "(len(Y.columns) - 1)"},
    says="the share is never 0",
)
PLACEBO.slip(
    "the treated unit is a donor of the placebos",
    MISCONCEPTION,
    of="counts in a loop",
    change={"[c for c in Y.columns if c == unit or c != treated]": "list(Y.columns)"},
    says="stood among the donors",
    loses="tests",
)
PLACEBO.slip(
    "larger, not at least",
    BOUNDARY,
    of="counts in a loop",
    change={"if growth(unit) >= own:": "if growth(unit) > own or unit == treated:"},
    loses="edges",
    says="infinite is at least infinite",
)
PLACEBO.slip(
    "after the treatment only",
    MISCONCEPTION,
    of="counts in a loop",
    change={
        '        if before == 0 or before < largest / 1e6:\n            return float("inf")\n': "",
        "(gap[~early] ** 2).mean() ** 0.5 / before": "(gap[~early] ** 2).mean() ** 0.5",
    },
    says="",
)
PLACEBO.slip(
    "a perfect fit is nan",
    EDGE,
    of="counts in a loop",
    change={'return float("inf")': 'return float("nan")', "len(Y.columns)": "len(Y.columns) if count else np.nan"},
    says="",
)  # fmt: skip


PLACEBO.slip(
    "a limit for perfect that is fixed",
    EDGE,
    of="counts in a loop",
    change={"before == 0 or before < largest / 1e6": "before < 1e-6"},
    loses="tests",
    says="not below a fixed number",
)
PLACEBO.slip(
    "the mean gap without its sign",
    MISCONCEPTION,
    of="counts in a loop",
    change={
        "before = (gap[early] ** 2).mean() ** 0.5": "before = np.abs(gap[early]).mean()",
        "(gap[~early] ** 2).mean() ** 0.5 / before": "np.abs(gap[~early]).mean() / before",
    },
    loses="tests",
    says="Square the gaps, take the mean and then the root",
)


@PLACEBO.wrong(
    "drops the treated unit from the table that came in", MUTATES, loses="tests", says="changed the table", using=[fit]
)
def placebo_p(Y, treated, t0):
    early = np.asarray(Y.index < t0)

    def growth(table, unit):
        gap = fit(table, unit, t0)
        before, after = np.sqrt((gap[early] ** 2).mean()), np.sqrt((gap[~early] ** 2).mean())
        return np.inf if before < 1e-6 * max(table[unit][early].abs().max(), 1e-12) else after / before

    own, size = growth(Y, treated), Y.shape[1]
    Y.pop(treated)
    return (1 + sum(growth(Y, unit) >= own for unit in Y.columns)) / size


@PLACEBO.wrong("the worked example typed in", CONSTANT, says="eleven trusts")
def placebo_p(Y, treated, t0):
    return 1 / 3


TASKS = BANK.tasks

SAMPLES = (
    Sample(
        "weak",
        """
        The Territorial Health Group should have one shared record for everybody, with all data that the hospitals and health
        centres have, because more information is always better for patients. It holds the complete file of every visit, the
        free notes, the income of the household and the religion, since one never knows what will be useful.

        Records are joined by the national number. This is exact, so there are no errors. In the tables 96% of the rich are
        found by number, which is a very good result. People without a number must apply for one.

        The record is on a central server and health centres connect to it over the internet. Everybody agrees to it by coming
        to the hospital, so no further law is needed.
        """,
        {
            "proportional content": (0, "everything is in and nothing is left out; nobody is named who needs an item"),
            "bias monitoring by group": (
                1,
                "one number of its own, for the rich only; nothing on groups or on a ratio",
            ),
            "lawful basis and the CNDP": (0, "coming to the hospital is no consent; neither law 09-08 nor the CNDP"),
            "offline and primary care": (0, "needs a connection; who has no number is sent away"),
        },
    ),
    Sample(
        "adequate",
        """
        *Content.* The record holds identity (the name as written, in its own script, the sex, the date of birth, the commune, the
        number or why there is none), allergies and medicines (the emergency doctor needs both), diagnoses and the care plan
        (the nurse of the health centre). Free notes stay where they are.

        *Joining.* By number where both records have one, else by birthday and commune; what is doubtful goes to a clerk. In the
        invented data recall by number is 77% in the most deprived fifth and 96% in the least, and 88% and 99% with the second
        rule. So a true ratio of 2 looks like 1.60 by number alone. The group publishes recall by fifth each year.

        *Law.* Data on health are sensitive under law 09-08, so the group asks the CNDP for an authorisation. For care the
        patient's consent is asked at the desk.

        *Offline.* A health centre keeps a copy of the records of its own patients and sends changes in the evening.
        """,
        {
            "proportional content": (
                2,
                "most items have somebody who needs them; one thing is left out, without its reason",
            ),
            "bias monitoring by group": (
                2,
                "own recalls by fifth and what they do to a ratio; no limit, and nothing happens above one",
            ),
            "lawful basis and the CNDP": (
                1,
                "CNDP and consent are named, but not what holds for statistics; nothing is left open",
            ),
            "offline and primary care": (
                1,
                "a copy for the health centre; nothing on a person without a number who stands there",
            ),
        },
    ),
    Sample(
        "strong",
        """
        *For whom.* Four people read this record: the doctor in an emergency (allergies, medicines, last discharge),
        the nurse of the health centre (care plan, vaccinations, the next appointment), the midwife (blood group, this
        pregnancy), and the clerk who must find it (names in the script in which they were written, birthday, commune,
        number, and *why* a number is missing). Each sees the part that is named here. Left out on purpose: free
        notes, since a neighbour may work at the desk; income and religion, which no item above needs; psychiatric
        detail and HIV, which the treating doctor shares case by case.

        *Joining and who is missed.* Numbers that agree make a link; otherwise names without vowels, birthday and
        commune are weighed, and a clerk reads what lies between two lines, at most forty pairs a week. In the
        invented data recall by number is 77% in the most deprived fifth, 96% in the least, and 69% among rural women;
        birthday and commune lift the first to 88%. A true ratio of 2 would show as 1.60, and still as about 1.78. The
        group's statistician publishes recall by fifth, sex and area each March, on a hand-checked sample of 300
        pairs, beside every indicator by deprivation. If two groups differ by more than 3 points, the indicator
        appears as a range only, and the clerk's lines are moved before the next report. Our own figures come from
        invented people: the first task is to measure real ones.

        *Ground.* Law 09-08 counts data on health as sensitive, and joining files as an act of its own. For care: the
        person's consent, asked in Arabic or Tamazight and written down, and a leave of the CNDP for the record as a
        whole. For statistics: a separate request, with names removed after linkage and a key that only two people
        hold. We do not know whether the law that creates the groups is ground enough by itself, and whether a minor's
        consent is the mother's; both go to a lawyer.

        *Without a line, without a number.* A health centre holds its own patients' records on a locked tablet that
        works for a week without a connection; entries carry their time, and where two differ both are kept for the
        nurse. Nobody is turned away for want of a number: the centre gives a temporary one and writes the name as the
        woman says it, in Arabic, and as her booklet spells it.
        """,
        {
            "proportional content": (3, "each item has a reader; three things are left out, each with its reason"),
            "bias monitoring by group": (
                3,
                "own recalls for three groups, the ratio, who publishes when, and what follows above 3 points",
            ),
            "lawful basis and the CNDP": (
                2,
                "consent and leave for care, a separate ground for statistics, and two open questions",
            ),
            "offline and primary care": (2, "a week without a line, a temporary number, both scripts"),
        },
    ),
)
