"""Answers to exercise 11, *The price of reorganising*: right in many ways, and wrong in the ways of students."""

import numpy as np
import pandas as pd

from . import BOUNDARY, CONSTANT, EDGE, MISCONCEPTION, MUTATES, Bank, Sample

BANK = Bank(__file__)

INTERVALS = BANK.task("intervals")


@INTERVALS.right("a loop over the sorted years")
def intervals(years):
    ordered, gaps = sorted(years), []
    for i in range(1, len(ordered)):
        gaps.append(ordered[i] - ordered[i - 1])
    return gaps


@INTERVALS.right("numpy differences")
def intervals(years):
    return np.diff(np.sort(np.array(years)))


@INTERVALS.right("a pandas Series")
def intervals(years):
    return pd.Series(list(years), dtype=float).sort_values().diff().dropna().tolist()


@INTERVALS.wrong("takes the years as they come", MISCONCEPTION, says="gaps in the order given")
def intervals(years):
    years = list(years)
    return [b - a for a, b in zip(years, years[1:])]


@INTERVALS.wrong("a gap before the first event", BOUNDARY, says="two gaps between them, not three")
def intervals(years):
    ordered = sorted(years)
    return [b - a for a, b in zip([0] + ordered, ordered)]


@INTERVALS.wrong("drops events of the same year", EDGE, says="are 0 years apart")
def intervals(years):
    ordered = sorted(set(years))
    return [b - a for a, b in zip(ordered, ordered[1:])]


@INTERVALS.wrong("sorts the list in place", MUTATES, says="use sorted(), not .sort()")
def intervals(years):
    if isinstance(years, list):
        years.sort()
    ordered = sorted(years)
    return [b - a for a, b in zip(ordered, ordered[1:])]


@INTERVALS.wrong("the worked example typed in", CONSTANT, says="so [0, 10]")
def intervals(years):
    return [24, 16]


@INTERVALS.wrong("whole years only", EDGE, says="do not force whole numbers")
def intervals(years):
    ordered = sorted(int(year) for year in years)
    return [later - earlier for earlier, later in zip(ordered, ordered[1:])]


@INTERVALS.wrong("reads an event that is not there", EDGE, says="read no event that is not there")
def intervals(years):
    ordered = sorted(years)
    before = ordered[0]
    gaps = []
    for year in ordered[1:]:
        gaps.append(year - before)
        before = year
    return gaps


RATE_CI = BANK.task("rate_ci")


@RATE_CI.right("the gamma distribution in place of the chi-square")
def rate_ci(n, years, level=0.95):
    from scipy.stats import gamma

    if n < 0:
        raise ValueError(f"n = {n}")
    if not years > 0:
        raise ValueError(f"years = {years}")
    tail = (1 - level) / 2
    low = gamma.ppf(tail, n) / years if n else 0
    return (low, gamma.ppf(1 - tail, n + 1) / years)


@RATE_CI.right("the two rates at which so many or so few are rare")
def rate_ci(n, years, level=0.95):
    from scipy.optimize import brentq
    from scipy.stats import poisson

    if n < 0 or years <= 0:
        raise ValueError("not a count, or no time")
    tail = (1 - level) / 2
    far = 10 * n + 50
    high = brentq(lambda m: poisson.cdf(n, m) - tail, 0, far, xtol=1e-12)
    low = brentq(lambda m: poisson.sf(n - 1, m) - tail, 0, far, xtol=1e-12) if n > 0 else 0.0
    return low / years, high / years


@RATE_CI.wrong("n plus or minus 1.96 standard errors", MISCONCEPTION, says="the interval is not symmetric")
def rate_ci(n, years, level=0.95):
    from scipy.stats import norm

    if n < 0 or years <= 0:
        raise ValueError("no")
    z = norm.ppf(1 - (1 - level) / 2)
    return (n - z * n**0.5) / years, (n + z * n**0.5) / years


@RATE_CI.wrong("the interval of the count", MISCONCEPTION, says="divide by the years")
def rate_ci(n, years, level=0.95):
    from scipy.stats import chi2

    if n < 0 or years <= 0:
        raise ValueError("no")
    alpha = 1 - level
    low = chi2.ppf(alpha / 2, 2 * n) / 2 if n else 0.0
    return low, chi2.ppf(1 - alpha / 2, 2 * n + 2) / 2


@RATE_CI.wrong("2n degrees of freedom at both ends", BOUNDARY, says="2n + 2 degrees of freedom")
def rate_ci(n, years, level=0.95):
    from scipy.stats import chi2

    if n < 0 or years <= 0:
        raise ValueError("no")
    alpha = 1 - level
    low = chi2.ppf(alpha / 2, 2 * n) / 2 / years if n else 0.0
    return low, chi2.ppf(1 - alpha / 2, 2 * n) / 2 / years


@RATE_CI.wrong("nan where nothing was counted", EDGE, loses="edges", says="low is 0, not nan")
def rate_ci(n, years, level=0.95):
    from scipy.stats import chi2

    if n < 0 or years <= 0:
        raise ValueError("no")
    alpha = 1 - level
    low = chi2.ppf(alpha / 2, 2 * n) / 2 / years if n else float("nan")
    return low, chi2.ppf(1 - alpha / 2, 2 * n + 2) / 2 / years


@RATE_CI.wrong("accepts no time at all", EDGE, loses="edges", says="should raise ValueError")
def rate_ci(n, years, level=0.95):
    from scipy.stats import chi2

    alpha = 1 - level
    low = chi2.ppf(alpha / 2, 2 * n) / 2 / years if n else 0.0
    return low, chi2.ppf(1 - alpha / 2, 2 * n + 2) / 2 / years


@RATE_CI.wrong("always 95%", BOUNDARY, says="alpha is 1 - level")
def rate_ci(n, years, level=0.95):
    from scipy.stats import chi2

    if n < 0 or years <= 0:
        raise ValueError("no")
    low = chi2.ppf(0.025, 2 * n) / 2 / years if n else 0.0
    return low, chi2.ppf(0.975, 2 * n + 2) / 2 / years


@RATE_CI.wrong("the worked example typed in", CONSTANT, says="level=0.9")
def rate_ci(n, years, level=0.95):
    return (0.0545, 0.5121)


RATE_CI.slip(
    "the normal curve from thirty events on",
    BOUNDARY,
    of="the gamma distribution in place of the chi-square",
    change={
        "    tail =": "    if n >= 30:\n        return (n - 1.96 * n**0.5) / years, (n + 1.96 * n**0.5) / years\n    tail ="
    },
    loses="tests",
    says="no approximation",
)
RATE_CI.slip(
    "rounded to four decimals",
    BOUNDARY,
    of="the gamma distribution in place of the chi-square",
    change={
        "return (low, gamma.ppf(1 - tail, n + 1) / years)": "return round(low, 4), round(gamma.ppf(1 - tail, n + 1) / years, 4)"
    },
    loses="tests",
    says="no rounding",
)


RATE_CI.slip(
    "a count below 0 taken for none",
    EDGE,
    of="the gamma distribution in place of the chi-square",
    change={'    if n < 0:\n        raise ValueError(f"n = {n}")\n': "", "if n else 0": "if n > 0 else 0"},
    loses="edges",
    says="rate_ci(-1, 10) makes no sense",
)


CAPABILITY = BANK.task("capability")


@CAPABILITY.right("one pass over times and events together")
def capability(times, events, delta, tau, D, c0=1):
    def recover(level, years):
        return 1 - (1 - level) * np.exp(-max(years, 0) / tau)

    steps = sorted([(e, 0) for e in set(events)] + [(t, 1) for t in set(times)])
    clock, level, ready, found = 0, c0, 0, {}
    for moment, is_time in steps:
        now = recover(level, moment - max(clock, ready)) if moment > ready else level
        clock = moment
        level = now
        if is_time:
            found[moment] = now
        else:
            level, ready = now * (1 - delta), moment + D
    return [found[t] for t in times]


@CAPABILITY.right("numpy: the level after each event, then all times at once")
def capability(times, events, delta, tau, D, c0=1):
    times = np.array(times, dtype=float)
    starts = np.array([0.0, *np.unique(np.array(events, dtype=float))])
    after = [c0]
    for i in range(1, len(starts)):
        pause = D if i > 1 else 0
        gap = np.maximum(starts[i] - starts[i - 1] - pause, 0)
        after.append((1 - delta) * (1 - (1 - after[-1]) * np.exp(-gap / tau)))
    index = np.searchsorted(starts[1:], times, side="right")
    pause = np.where(index > 0, D, 0)
    gap = np.maximum(times - starts[index] - pause, 0)
    return 1 - (1 - np.array(after)[index]) * np.exp(-gap / tau)


@CAPABILITY.right("what is missing, in place of what is there")
def capability(times, events, delta, tau, D, c0=1):
    answer = []
    for t in times:
        past = sorted({e for e in events if e <= t})
        missing, free = 1 - c0, 0.0
        for until in [*past, None]:
            end = t if until is None else until
            missing *= np.exp(-max(end - free, 0) / tau)
            if until is not None:
                missing, free = delta + (1 - delta) * missing, until + D
        answer.append(1 - missing)
    return answer


@CAPABILITY.right("from event to event, with a pause")
def capability(times, events, delta, tau, D, c0=1):
    out = []
    for t in times:
        last, level, pause = 0, c0, 0
        for event in sorted(set(events)):
            if event > t:
                break
            level = 1 - (1 - level) * np.exp(-max(event - last - pause, 0) / tau)
            level = (1 - delta) * level
            pause = D
            last = event
        out.append(1 - (1 - level) * np.exp(-max(t - last - pause, 0) / tau))
    return out


CAPABILITY.slip(
    "no pause",
    MISCONCEPTION,
    of="from event to event, with a pause",
    change={"pause = D": "pause = 0"},
    says="Nothing recovers during the pause",
)

CAPABILITY.slip(
    "takes away a share of the whole",
    MISCONCEPTION,
    of="from event to event, with a pause",
    change={"(1 - delta) * level": "level - delta"},
    says="not 0.35 of the whole",
)

CAPABILITY.slip(
    "the value before the fall",
    BOUNDARY,
    of="from event to event, with a pause",
    change={"event > t": "event >= t"},
    says="give the value after the fall",
)


@CAPABILITY.wrong("an event inside a pause is ignored", MISCONCEPTION, says="still takes its share")
def capability(times, events, delta, tau, D, c0=1):
    kept = []
    for event in sorted(set(events)):
        if not kept or event >= kept[-1] + D:
            kept.append(event)
    out = []
    for t in times:
        last, level, pause = 0, c0, 0
        for event in kept:
            if event > t:
                break
            level = (1 - delta) * (1 - (1 - level) * np.exp(-max(event - last - pause, 0) / tau))
            last, pause = event, D
        out.append(1 - (1 - level) * np.exp(-max(t - last - pause, 0) / tau))
    return out


@CAPABILITY.wrong(
    "the first pause is not started anew", MISCONCEPTION, says="you let recovery start when the first pause ended"
)
def capability(times, events, delta, tau, D, c0=1):
    out = []
    for t in times:
        level, ready, clock = c0, 0, 0
        for event in sorted(set(events)):
            if event > t:
                break
            level = 1 - (1 - level) * np.exp(-max(event - max(ready, clock), 0) / tau)
            level = (1 - delta) * level
            ready = ready if ready > event else event + D
            clock = event
        out.append(1 - (1 - level) * np.exp(-max(t - max(ready, clock), 0) / tau))
    return out


CAPABILITY.slip(
    "a pause before the first event",
    EDGE,
    of="from event to event, with a pause",
    change={"last, level, pause = 0, c0, 0": "last, level, pause = 0, c0, D"},
    loses="edges",
    says="the pause comes after an event only",
)

CAPABILITY.slip(
    "events at one time count twice",
    EDGE,
    of="from event to event, with a pause",
    change={"sorted(set(events))": "sorted(events)"},
    loses="edges",
    says="count as one",
)

CAPABILITY.slip(
    "starts at 1 whatever c0 says",
    EDGE,
    of="from event to event, with a pause",
    change={"last, level, pause = 0, c0, 0": "last, level, pause = 0, 1, 0"},
    loses="edges",
    says="c0 = 0.4",
)

CAPABILITY.slip(
    "sorts the events in place",
    MUTATES,
    of="from event to event, with a pause",
    change={"for t in times:": "if isinstance(events, list):\n        events.sort()\n    for t in times:"},
    loses="edges",
    says="changed the list events",
)


@CAPABILITY.wrong("the worked example typed in", CONSTANT, says="One event at year 2")
def capability(times, events, delta, tau, D, c0=1):
    return [0.65, 0.4225, 0.4225, 0.6497]


@CAPABILITY.wrong(
    "a first pause wherever events follow", EDGE, loses="edges", says="recovers for two years before the event"
)
def capability(times, events, delta, tau, pause, c0=1):
    events = sorted(set(events))
    if len(events) == 0:
        return [1 - (1 - c0) * np.exp(-t / tau) for t in times]

    def recover(c, gone):
        return 1 - (1 - c) * np.exp(-max(gone - pause, 0) / tau)

    out = []
    for t in times:
        c, s = c0, 0
        for e in events:
            if e > t:
                break
            c = (1 - delta) * recover(c, e - s)
            s = e
        out.append(recover(c, t - s))
    return out


@CAPABILITY.wrong("near events merged into one", BOUNDARY, loses="edges", says="because their times are not equal")
def capability(times, events, delta, tau, pause, c0=1):
    distinct = []
    for e in sorted(events):
        if not distinct or not np.isclose(e, distinct[-1]):
            distinct.append(e)
    out = []
    for t in times:
        c, s, D = c0, 0, 0
        for e in distinct:
            if e <= t:
                c = (1 - delta) * (1 - (1 - c) * np.exp(-max(e - s - D, 0) / tau))
                s, D = e, pause
        out.append(1 - (1 - c) * np.exp(-max(t - s - D, 0) / tau))
    return out


STEADY_CAPABILITY = BANK.task("steady_capability")


@STEADY_CAPABILITY.right("cycle after cycle, until it stands still")
def steady_capability(T, delta, tau, D):
    if delta == 0:
        return 1.0
    if T <= D:
        return 0.0
    before = 1.0
    for _ in range(100000):
        new = 1 - (1 - (1 - delta) * before) * np.exp(-(T - D) / tau)
        if abs(new - before) < 1e-14:
            break
        before = new
    return before


@STEADY_CAPABILITY.right("what grows in a cycle over what is then kept")
def steady_capability(T, delta, tau, D):
    grown = -np.expm1(-np.clip(T - D, 0, None) / tau)
    return 1.0 if delta == 0 else float(grown / (delta + (1 - delta) * grown))


def level(before, delta):
    return (1 - delta) * before


def gap(years, tau):
    """What is still missing of a gap after so many years of recovery."""
    return np.exp(-max(years, 0) / tau)


@STEADY_CAPABILITY.right("helpers called level and gap", using=(level, gap))
def steady_capability(T, delta, tau, D):
    if delta == 0:
        return 1.0
    q = gap(T - D, tau)
    return (1 - q) / (1 - level(q, delta))


@STEADY_CAPABILITY.wrong("the level after the fall", MISCONCEPTION, says="just after the fall")
def steady_capability(T, delta, tau, D):
    if delta == 0:
        return 1.0
    e = np.exp(-max(T - D, 0) / tau)
    return (1 - delta) * (1 - e) / (1 - (1 - delta) * e)


@STEADY_CAPABILITY.wrong("no pause", MISCONCEPTION, says="You left out the pause")
def steady_capability(T, delta, tau, D):
    if delta == 0:
        return 1.0
    e = np.exp(-T / tau)
    return (1 - e) / (1 - (1 - delta) * e)


@STEADY_CAPABILITY.wrong(
    "recovers for a negative time", BOUNDARY, says="With an interval below the pause nothing ever recovers"
)
def steady_capability(T, delta, tau, D):
    if delta == 0:
        return 1.0
    e = np.exp(-(T - D) / tau)
    return (1 - e) / (1 - (1 - delta) * e)


@STEADY_CAPABILITY.wrong("0 where nothing is lost and nothing recovers", EDGE, says="nothing is ever lost, so 1")
def steady_capability(T, delta, tau, D):
    if T <= D:
        return 0.0
    e = np.exp(-(T - D) / tau)
    return (1 - e) / (1 - (1 - delta) * e)


@STEADY_CAPABILITY.wrong("nan where nothing is lost and nothing recovers", EDGE, says="is 0/0 in the formula")
def steady_capability(T, delta, tau, D):
    e = np.exp(-max(T - D, 0) / tau)
    return np.float64(1 - e) / (1 - (1 - delta) * e)


@STEADY_CAPABILITY.wrong("the worked example typed in", CONSTANT, says="round nothing on the way")
def steady_capability(T, delta, tau, D):
    return 0.8633 if T > D else 0


STEADY_CAPABILITY.slip(
    "rounded on the way",
    BOUNDARY,
    of="what grows in a cycle over what is then kept",
    change={
        "grown = -np.expm1(-np.clip(T - D, 0, None) / tau)": "grown = round(-np.expm1(-np.clip(T - D, 0, None) / tau), 4)"
    },
    says="round nothing on the way",
)


@STEADY_CAPABILITY.wrong("fifty reforms, not the long run", BOUNDARY, says="do not follow a number of reforms")
def steady_capability(interval, delta, tau, pause):
    c = 1.0
    for _ in range(50):
        c = (1 - delta) * c
        c = 1 - (1 - c) * np.exp(-max(interval - pause, 0) / tau)
    return c


@STEADY_CAPABILITY.wrong("0 where all is lost", EDGE, says="delta = 1: all is lost and regrown")
def steady_capability(interval, delta, tau, pause):
    if delta == 0:
        return 1.0
    if delta == 1:
        return 0.0
    e = np.exp(-max(interval - pause, 0) / tau)
    return (1 - e) / (1 - (1 - delta) * e)


MEAN_CAPABILITY = BANK.task("mean_capability")


@MEAN_CAPABILITY.right("the missing part, integrated")
def mean_capability(T, delta, tau, D):
    if delta == 0:
        return 1.0
    if T <= D:
        return 0.0
    grown = 1 - np.exp(-(T - D) / tau)
    lost = 1 - (1 - delta) * grown / (delta + (1 - delta) * grown)
    return 1 - lost * (D + tau * grown) / T


@MEAN_CAPABILITY.right("integrated by scipy")
def mean_capability(T, delta, tau, D):
    from scipy.integrate import quad

    if delta == 0 or T <= D:
        return 1.0 if delta == 0 else 0.0
    e = np.exp(-(T - D) / tau)
    low = (1 - delta) * (1 - e) / (1 - (1 - delta) * e)
    area, _ = quad(lambda t: 1 - (1 - low) * np.exp(-t / tau), 0, T - D)
    return (low * D + area) / T


@MEAN_CAPABILITY.wrong(
    "halfway between top and bottom",
    MISCONCEPTION,
    says="That is halfway between the top and the bottom",
)
def mean_capability(T, delta, tau, D):
    if delta == 0:
        return 1.0
    e = np.exp(-max(T - D, 0) / tau)
    star = (1 - e) / (1 - (1 - delta) * e)
    return (star + (1 - delta) * star) / 2


@MEAN_CAPABILITY.wrong("the climb only", MISCONCEPTION, says="the pause is a part of the cycle")
def mean_capability(T, delta, tau, D):
    if delta == 0:
        return 1.0
    if T <= D:
        return 0.0
    e = np.exp(-(T - D) / tau)
    c0 = (1 - delta) * (1 - e) / (1 - (1 - delta) * e)
    return ((T - D) - (1 - c0) * tau * (1 - e)) / (T - D)


@MEAN_CAPABILITY.wrong(
    "the formula without its limit", BOUNDARY, loses="edges", says="nothing ever recovers, so return 0"
)
def mean_capability(T, delta, tau, D):
    if delta == 0:
        return 1.0
    e = np.exp(-max(T - D, 0) / tau)
    c0 = (1 - delta) * (1 - e) / (1 - (1 - delta) * e)
    return (c0 * D + (T - D) - (1 - c0) * tau * (1 - e)) / T


@MEAN_CAPABILITY.wrong("0 where nothing is lost", EDGE, loses="edges", says="nothing is ever lost, so 1")
def mean_capability(T, delta, tau, D):
    if T <= D:
        return 0.0
    e = np.exp(-(T - D) / tau)
    c0 = (1 - delta) * (1 - e) / (1 - (1 - delta) * e)
    return (c0 * D + (T - D) - (1 - c0) * tau * (1 - e)) / T


@MEAN_CAPABILITY.wrong("the worked example typed in", CONSTANT, says="should leave more than one every 7")
def mean_capability(T, delta, tau, D):
    return 0.6870 if 0 < D < T else 0


MEAN_CAPABILITY.slip(
    "rounded on the way",
    BOUNDARY,
    of="the missing part, integrated",
    change={"grown = 1 - np.exp(-(T - D) / tau)": "grown = round(1 - np.exp(-(T - D) / tau), 4)"},
    loses="tests",
    says="round nothing on the way",
)

MEAN_CAPABILITY.slip(
    "whole years only",
    EDGE,
    of="the missing part, integrated",
    change={"    if delta == 0:": "    T = int(T)\n    if delta == 0:"},
    loses="tests",
    says="let years be fractions",
)


MEAN_CAPABILITY.slip(
    "0 where all is lost",
    EDGE,
    of="the missing part, integrated",
    change={"if T <= D:": "if T <= D or delta == 1:"},
    loses="edges",
    says="it comes back until the next",
)


@MEAN_CAPABILITY.wrong("the mean of whole months", BOUNDARY, says="round nothing on the way")
def mean_capability(interval, delta, tau, pause):
    if delta == 0:
        return 1.0
    if interval <= pause:
        return 0.0
    e = np.exp(-(interval - pause) / tau)
    c0 = (1 - delta) * (1 - e) / (1 - (1 - delta) * e)
    months = max(int(interval * 12), 1)
    t = (np.arange(months) + 0.5) / 12
    C = 1 - (1 - c0) * np.exp(-np.maximum(t - pause, 0) / tau)
    return C.mean()


BREAKEVEN_YEARS = BANK.task("breakeven_years")


@BREAKEVEN_YEARS.right("Lambert's W function")
def breakeven_years(g, delta, tau, D):
    from scipy.special import lambertw

    if g <= 0:
        return np.inf
    if (1 + g) * (1 - delta) > 1 - 1e-12:
        return 0.0
    a = ((1 + g) * delta * (tau + D) - g * D) / (g * tau)
    b = (1 + g) * delta / g
    return float(D + tau * (a + lambertw(-b * np.exp(-a)).real))


@BREAKEVEN_YEARS.right("bisection by hand")
def breakeven_years(g, delta, tau, D):
    if g <= 0:
        return float("inf")
    if g - delta - g * delta >= -1e-12:
        return 0.0
    left = tau * np.log((1 + g) * delta / g)
    right = ((1 + g) * delta * tau + D) / g
    for _ in range(200):
        x = (left + right) / 2
        balance = D * ((1 + g) * (1 - delta) - 1) + g * x - (1 + g) * delta * tau * (1 - np.exp(-x / tau))
        left, right = (x, right) if balance < 0 else (left, x)
    return D + right


@BREAKEVEN_YEARS.right("Newton's steps from the right")
def breakeven_years(g, delta, tau, D):
    if not g > 0:
        return np.inf
    fall = D * ((1 + g) * (1 - delta) - 1)
    if (1 + g) * (1 - delta) >= 1 - 1e-12:
        return 0.0
    x = ((1 + g) * delta * tau + D) / g
    for _ in range(200):
        decay = np.exp(-x / tau)
        x = x - (fall + g * x - (1 + g) * delta * tau * (1 - decay)) / (g - (1 + g) * delta * decay)
    return D + x


@BREAKEVEN_YEARS.wrong("when performance is back at 1", MISCONCEPTION, says="That is when performance is back at 1")
def breakeven_years(g, delta, tau, D):
    if g <= 0:
        return np.inf
    if (1 + g) * (1 - delta) >= 1 - 1e-12:
        return 0.0
    return D + tau * np.log((1 + g) * delta / g)


@BREAKEVEN_YEARS.wrong(
    "counted from the end of the pause", BOUNDARY, says="counted from the end of the pause: add the pause"
)
def breakeven_years(g, delta, tau, D):
    from scipy.optimize import brentq

    if g <= 0:
        return np.inf
    if (1 + g) * (1 - delta) >= 1 - 1e-12:
        return 0.0
    k = (1 + g) * delta
    f = lambda x: D * (g - k) + g * x - k * tau * (1 - np.exp(-x / tau))
    return brentq(f, tau * np.log(k / g), (k * tau + D) / g + 1)


@BREAKEVEN_YEARS.wrong("the gain is added to capability", MISCONCEPTION, says="The gain is a share of what is left")
def breakeven_years(g, delta, tau, D):
    from scipy.optimize import brentq

    if g <= 0:
        return np.inf
    if (1 + g) * (1 - delta) >= 1 - 1e-12:
        return 0.0
    f = lambda x: D * (g - delta) + g * x - delta * tau * (1 - np.exp(-x / tau))
    return D + brentq(f, max(0, tau * np.log(delta / g)), (delta * tau + D) / g + 1)


@BREAKEVEN_YEARS.wrong("the root at 0", EDGE, loses="edges", says="that root does not count")
def breakeven_years(g, delta, tau, D):
    from scipy.optimize import brentq

    if g <= 0:
        return np.inf
    if (1 + g) * (1 - delta) >= 1 - 1e-12:
        return 0.0
    k = (1 + g) * delta
    f = lambda x: D * (g - k) + g * x - k * tau * (1 - np.exp(-x / tau))
    if f(0) == 0:
        return D + 0.0
    return D + brentq(f, 0, (k * tau + D) / g + 1)


@BREAKEVEN_YEARS.wrong("never means 0", EDGE, loses="edges", says="it never pays: return infinity")
def breakeven_years(g, delta, tau, D):
    from scipy.optimize import brentq

    if g <= 0 or (1 + g) * (1 - delta) >= 1 - 1e-12:
        return 0.0
    k = (1 + g) * delta
    f = lambda x: D * (g - k) + g * x - k * tau * (1 - np.exp(-x / tau))
    return D + brentq(f, tau * np.log(k / g), (k * tau + D) / g + 1)


@BREAKEVEN_YEARS.wrong("searches a hundred years only", BOUNDARY, says="do not cut the search short")
def breakeven_years(g, delta, tau, D):
    if g <= 0:
        return np.inf
    if (1 + g) * (1 - delta) >= 1 - 1e-12:
        return 0.0
    k = (1 + g) * delta
    x = np.linspace(tau * np.log(k / g), 100, 2000001)
    total = D * (g - k) + g * x - k * tau * (1 - np.exp(-x / tau))
    return D + x[np.argmax(total >= 0)] if (total >= 0).any() else np.inf


@BREAKEVEN_YEARS.wrong("the worked examples typed in", CONSTANT, says="within the pause")
def breakeven_years(g, delta, tau, D):
    if g <= 0:
        return np.inf
    return {0.1: 17.26 if D else 11.28, 0.2: 8.92}.get(g, 0.0)


BREAKEVEN_YEARS.slip(
    "the limit itself does not pay at once",
    BOUNDARY,
    of="never means 0",
    change={
        "if g <= 0 or (1 + g) * (1 - delta) >= 1 - 1e-12:\n        return 0.0": (
            "if g <= 0:\n        return np.inf\n    if (1 + g) * (1 - delta) > 1:\n        return 0.0"
        )
    },
    loses="edges",
    says="it pays from the first day, so 0.0",
)

BREAKEVEN_YEARS.slip(
    "the second rule asked first",
    EDGE,
    of="never means 0",
    change={
        "if g <= 0 or (1 + g) * (1 - delta) >= 1 - 1e-12:\n        return 0.0": (
            "if (1 + g) * (1 - delta) >= 1 - 1e-12:\n        return 0.0\n    if g <= 0:\n        return np.inf"
        )
    },
    loses="edges",
    says="the first rule decides",
)


REDUNDANCY_PATH = BANK.task("redundancy_path")


@REDUNDANCY_PATH.right("numpy")
def redundancy_path(cost, saving, ramp, rehire, disc):
    share = np.array(ramp, dtype=float)
    if rehire < 0 or rehire > 1 or ((share < 0) | (share > 1)).any():
        raise ValueError("a share is not between 0 and 1")
    return np.cumsum(saving * (1 - rehire) * share * (1 + disc) ** -np.arange(len(share), dtype=float)) - cost


@REDUNDANCY_PATH.right("year by year, the whole sum each time")
def redundancy_path(cost, saving, ramp, rehire, disc):
    for share in [rehire, *ramp]:
        if share < 0 or share > 1:
            raise ValueError(share)
    kept = saving - saving * rehire
    return [-cost + sum(kept * ramp[k] / (1 + disc) ** k for k in range(t + 1)) for t in range(len(ramp))]


@REDUNDANCY_PATH.wrong("the saving starts in year 1", MISCONCEPTION, says="The first entry of ramp is year 0")
def redundancy_path(cost, saving, ramp, rehire, disc):
    if not 0 <= rehire <= 1 or any(not 0 <= s <= 1 for s in ramp):
        raise ValueError("share")
    path, total = [], -cost
    for k, share in enumerate(ramp):
        path.append(total)
        total += saving * (1 - rehire) * share / (1 + disc) ** (k + 1)
    return path


@REDUNDANCY_PATH.wrong("discounts from the first year on", BOUNDARY, loses="tests", says="Year 0 is not discounted")
def redundancy_path(cost, saving, ramp, rehire, disc):
    if not 0 <= rehire <= 1 or any(not 0 <= s <= 1 for s in ramp):
        raise ValueError("share")
    path, total = [], -cost
    for k, share in enumerate(ramp, start=1):
        total += saving * (1 - rehire) * share / (1 + disc) ** k
        path.append(total)
    return path


@REDUNDANCY_PATH.wrong("nobody is taken on again", MISCONCEPTION, says="lost to re-employment")
def redundancy_path(cost, saving, ramp, rehire, disc):
    if not 0 <= rehire <= 1 or any(not 0 <= s <= 1 for s in ramp):
        raise ValueError("share")
    path, total = [], -cost
    for k, share in enumerate(ramp):
        total += saving * share / (1 + disc) ** k
        path.append(total)
    return path


@REDUNDANCY_PATH.wrong("not added up", MISCONCEPTION, says="add them up from year to year")
def redundancy_path(cost, saving, ramp, rehire, disc):
    if not 0 <= rehire <= 1 or any(not 0 <= s <= 1 for s in ramp):
        raise ValueError("share")
    return [saving * (1 - rehire) * s / (1 + disc) ** k - cost for k, s in enumerate(ramp)]


@REDUNDANCY_PATH.wrong("takes any share", EDGE, loses="edges", says="should raise ValueError")
def redundancy_path(cost, saving, ramp, rehire, disc):
    yearly = [saving * (1 - rehire) * s / (1 + disc) ** k for k, s in enumerate(ramp)]
    return list(np.cumsum(yearly) - cost)


@REDUNDANCY_PATH.wrong("fills the ramp up to five years in place", MUTATES, loses="edges", says="changed the list ramp")
def redundancy_path(cost, saving, ramp, rehire, disc):
    if not 0 <= rehire <= 1 or any(not 0 <= s <= 1 for s in ramp):
        raise ValueError("share")
    years = len(ramp)
    while len(ramp) < 5:
        ramp.append(1)
    yearly = [saving * (1 - rehire) * s / (1 + disc) ** k for k, s in enumerate(ramp)]
    return list(np.cumsum(yearly) - cost)[:years]


@REDUNDANCY_PATH.wrong("the worked example typed in", CONSTANT, says="With rehire = 1 nothing is ever saved")
def redundancy_path(cost, saving, ramp, rehire, disc):
    return [-1.6, -0.96, -0.448]


REDUNDANCY_PATH.slip(
    "the ramp is not looked at",
    EDGE,
    of="nobody is taken on again",
    change={" or any(not 0 <= s <= 1 for s in ramp)": "", "saving * share": "saving * (1 - rehire) * share"},
    loses="edges",
    says="ramp = [0.5, 1.1] with rehire = 0.2 should raise",
)

REDUNDANCY_PATH.slip(
    "shares below 0 go through",
    EDGE,
    of="nobody is taken on again",
    change={
        "not 0 <= rehire <= 1 or any(not 0 <= s <= 1": "rehire > 1 or any(s > 1",
        "saving * share": "saving * (1 - rehire) * share",
    },
    loses="edges",
    says="ramp = [-0.1, 1] with rehire = 0.2 should raise",
)


@REDUNDANCY_PATH.wrong("a first year that is not there", EDGE, loses="edges", says="read no year that is not there")
def redundancy_path(cost, saving, ramp, rehire, discount):
    if not 0 <= rehire <= 1 or any(r < 0 or r > 1 for r in ramp):
        raise ValueError("shares must lie between 0 and 1")
    flow = [saving * (1 - rehire) * r / (1 + discount) ** k for k, r in enumerate(ramp)]
    path = [flow[0] - cost]
    for f in flow[1:]:
        path.append(path[-1] + f)
    return path


COST_DEFINITIONS = BANK.task("cost_definitions")


@COST_DEFINITIONS.right("a dictionary of cells")
def cost_definitions(df):
    cells = {(m, p): v for m, p, v in zip(df["measure"], df["period"], df["value"])}
    plan = [
        ("attributed", "redundancy_attributed_to_reform", "redundancies_attributed_n", "to 31 Mar 2013"),
        ("all_packages", "exit_packages_cost", "exit_packages_n", "2010-11 to 2012-13"),
        ("ex_ante", "impact_assessment_transition_cost", None, "ex ante 2011"),
        ("later_2014", "exit_packages_cost", "exit_packages_n", "2010-11 to 2013-14"),
        ("later_2016", "exit_packages_cost_later", None, "2010-11 to 2015-16"),
    ]
    whole = cells["exit_packages_cost", "2010-11 to 2012-13"]
    out = {}
    for name, cost, count, period in plan:
        pounds, people = cells[cost, period], cells.get((count, period), np.nan)
        share = np.nan if name == "ex_ante" else pounds / whole
        out[name] = {"cost_gbp_m": pounds, "n": people, "gbp_per_head": pounds * 1e6 / people, "share": share}
    return pd.DataFrame(out).T


@COST_DEFINITIONS.right("a merge")
def cost_definitions(df):
    plan = pd.DataFrame(
        {
            "name": ["attributed", "all_packages", "ex_ante", "later_2014", "later_2016"],
            "period": [
                "to 31 Mar 2013",
                "2010-11 to 2012-13",
                "ex ante 2011",
                "2010-11 to 2013-14",
                "2010-11 to 2015-16",
            ],
            "cost": [
                "redundancy_attributed_to_reform",
                "exit_packages_cost",
                "impact_assessment_transition_cost",
                "exit_packages_cost",
                "exit_packages_cost_later",
            ],
            "count": ["redundancies_attributed_n", "exit_packages_n", "-", "exit_packages_n", "-"],
        }
    )
    values = df[["measure", "period", "value"]]
    for role, column in (("cost", "cost_gbp_m"), ("count", "n")):
        side = values.rename(columns={"measure": role, "value": column})
        plan = plan.merge(side, on=[role, "period"], how="left")
    plan = plan.set_index("name")
    plan["gbp_per_head"] = plan["cost_gbp_m"] * 1_000_000 / plan["n"]
    plan["share"] = plan["cost_gbp_m"] / plan["cost_gbp_m"]["all_packages"]
    plan.loc["ex_ante", "share"] = np.nan
    return plan[["cost_gbp_m", "n", "gbp_per_head", "share"]]


@COST_DEFINITIONS.right("a table filled column by column")
def cost_definitions(df):
    def pick(measure, period):
        rows = df[(df["measure"] == measure) & (df["period"] == period)]
        return float(rows["value"].iloc[0])

    t = pd.DataFrame(
        {
            "cost_gbp_m": [
                pick("redundancy_attributed_to_reform", "to 31 Mar 2013"),
                pick("exit_packages_cost", "2010-11 to 2012-13"),
                pick("impact_assessment_transition_cost", "ex ante 2011"),
                pick("exit_packages_cost", "2010-11 to 2013-14"),
                pick("exit_packages_cost_later", "2010-11 to 2015-16"),
            ],
            "n": [
                pick("redundancies_attributed_n", "to 31 Mar 2013"),
                pick("exit_packages_n", "2010-11 to 2012-13"),
                np.nan,
                pick("exit_packages_n", "2010-11 to 2013-14"),
                np.nan,
            ],
        },
        index=["attributed", "all_packages", "ex_ante", "later_2014", "later_2016"],
    )
    t["gbp_per_head"] = 1e6 * t["cost_gbp_m"] / t["n"]
    t["share"] = t["cost_gbp_m"] / t.loc["all_packages", "cost_gbp_m"]
    t.loc["ex_ante", "share"] = np.nan
    return t


COST_DEFINITIONS.slip(
    "all packages over the people of one reform",
    MISCONCEPTION,
    of="a table filled column by column",
    change={'"exit_packages_n", "2010-11 to 2012-13"': '"redundancies_attributed_n", "to 31 Mar 2013"'},
    loses="tests",
    says="cost and count must have the same scope and period",
)

COST_DEFINITIONS.slip(
    "one count for both periods",
    MISCONCEPTION,
    of="a table filled column by column",
    change={'"exit_packages_n", "2010-11 to 2013-14"': '"exit_packages_n", "2010-11 to 2012-13"'},
    loses="tests",
    says="each period has its own count",
)

COST_DEFINITIONS.slip(
    "millions a head",
    BOUNDARY,
    of="a table filled column by column",
    change={'1e6 * t["cost_gbp_m"]': 't["cost_gbp_m"]'},
    loses="tests",
    says="times 1,000,000",
)

COST_DEFINITIONS.slip(
    "a share of the forecast",
    EDGE,
    of="a table filled column by column",
    change={'t.loc["ex_ante", "share"] = np.nan': "pass"},
    loses="edges",
    says="its share should be nan",
)

COST_DEFINITIONS.slip(
    "the last count is carried forward",
    EDGE,
    of="a table filled column by column",
    change={"np.nan,\n            ]": 'pick("exit_packages_n", "2010-11 to 2013-14"),\n            ]'},
    says="n should be nan",
)


COST_DEFINITIONS.slip(
    "writes pounds into the table",
    MUTATES,
    of="a table filled column by column",
    change={"def pick(measure, period):": 'df["pounds"] = df["value"] * 1e6\n\n    def pick(measure, period):'},
    loses="edges",
    says="changed the table that was passed in",
)


@COST_DEFINITIONS.wrong(
    "the numbers of the table typed in", CONSTANT, loses="tests", says="read them, do not type them"
)
def cost_definitions(df):
    return pd.DataFrame(
        {
            "cost_gbp_m": [435.0, 1391, 1400, 1588, 1950],
            "n": [10094, 32089, np.nan, 38419, np.nan],
            "gbp_per_head": [43095, 43348, np.nan, 41334, np.nan],
            "share": [435 / 1391, 1, np.nan, 1588 / 1391, 1950 / 1391],
        },
        index=["attributed", "all_packages", "ex_ante", "later_2014", "later_2016"],
    )


COST_DEFINITIONS.slip(
    "no count, no share",
    EDGE,
    of="a table filled column by column",
    change={'t.loc["ex_ante", "share"] = np.nan': 't["share"] = t["share"].where(t["n"].notna())'},
    loses="edges",
    says="over the 1,391 of all_packages",
)


@COST_DEFINITIONS.wrong(
    "rows of the table by their place", EDGE, loses="tests", says="find each row by measure and period"
)
def cost_definitions(table):
    v = table["value"].to_numpy(dtype=float)
    rows = {
        "attributed": (v[6], v[7]),
        "all_packages": (v[4], v[5]),
        "ex_ante": (v[18], np.nan),
        "later_2014": (v[0], v[1]),
        "later_2016": (v[23], np.nan),
    }
    out = pd.DataFrame(rows, index=["cost_gbp_m", "n"]).T
    out["gbp_per_head"] = out["cost_gbp_m"] * 1_000_000 / out["n"]
    out["share"] = out["cost_gbp_m"] / v[4]
    out.loc["ex_ante", "share"] = np.nan
    return out


COST_DEFINITIONS.slip(
    "the largest count of a measure",
    BOUNDARY,
    of="a table filled column by column",
    change={
        'pick("exit_packages_n", "2010-11 to 2012-13")': 'df["value"][df["measure"] == "exit_packages_n"].max()',
    },
    loses="tests",
    says="Column n: expected",
)


ERLANG_C = BANK.task("erlang_c")


@ERLANG_C.right("the formula, in logarithms")
def erlang_c(c, a):
    from scipy.special import gammaln, logsumexp

    if a >= c:
        return 1.0
    if a == 0:
        return 0.0
    k = np.arange(c)
    top = c * np.log(a) - gammaln(c + 1) + np.log(c / (c - a))
    below = logsumexp(k * np.log(a) - gammaln(k + 1))
    return float(np.exp(top - np.logaddexp(below, top)))


@ERLANG_C.right("terms one from the other")
def erlang_c(c, a):
    if not a < c:
        return 1
    term, below = 1.0, 0.0
    for k in range(c):
        below += term
        term *= a / (k + 1)
    top = term * c / (c - a)
    return top / (below + top)


@ERLANG_C.wrong("Erlang B", MISCONCEPTION, says="That is Erlang B")
def erlang_c(c, a):
    if a >= c:
        return 1.0
    b = 1.0
    for k in range(1, c + 1):
        b = a * b / (k + a * b)
    return b


@ERLANG_C.wrong("how busy the clinicians are", MISCONCEPTION, says="not the probability of waiting")
def erlang_c(c, a):
    return min(a / c, 1.0)


@ERLANG_C.wrong("one step too many", BOUNDARY, says="should be 1/3")
def erlang_c(c, a):
    if a >= c:
        return 1.0
    b = 1.0
    for k in range(1, c + 2):
        b = a * b / (k + a * b)
    return b / (1 - (a / c) * (1 - b))


@ERLANG_C.wrong("the recursion beyond its limit", EDGE, loses="edges", says="With a load above servers everybody waits")
def erlang_c(c, a):
    b = 1.0
    for k in range(1, c + 1):
        b = a * b / (k + a * b)
    return b / (1 - (a / c) * (1 - b)) if a <= c else 0.0


@ERLANG_C.wrong("factorials that overflow", EDGE, loses="edges", says="powers and factorials overflow")
def erlang_c(c, a):
    from math import factorial

    if a >= c:
        return 1.0
    with np.errstate(all="ignore"):
        top = np.float64(a) ** c / np.float64(factorial(min(c, 170))) * c / (c - a)
        below = sum(np.float64(a) ** k / np.float64(factorial(min(k, 170))) for k in range(c))
        return top / (below + top)


@ERLANG_C.wrong("the worked examples typed in", CONSTANT, says="should be 4/9")
def erlang_c(c, a):
    return {1: 0.7, 2: 1 / 3 if a < 2 else 1.0}.get(c, 1.0)


ERLANG_C.slip(
    "the logarithm of no load",
    EDGE,
    of="the formula, in logarithms",
    change={
        "    if a == 0:\n        return 0.0\n": "",
        "c * np.log(a)": "c * math.log(a)",
        "    from scipy": "    import math\n\n    from scipy",
    },
    loses="edges",
    says="before you take a logarithm",
)


WAIT_MINUTES = BANK.task("wait_minutes")


@WAIT_MINUTES.right("the formula, with factorials")
def wait_minutes(c, mu, lam, admin):
    from math import factorial

    rate = mu * (1 - admin)
    if lam >= c * rate:
        return np.inf
    a = lam / rate
    top = a**c / factorial(c) * c / (c - a)
    p = top / (sum(a**k / factorial(k) for k in range(c)) + top)
    return 60 * p / (c * rate - lam)


@WAIT_MINUTES.right("the length of the queue first, then Little")
def wait_minutes(c, mu, lam, admin):
    rate = mu - mu * admin
    if lam == 0:
        return 0.0
    a = lam / rate
    if a >= c:
        return float("inf")
    term, below = 1.0, 0.0
    for k in range(c):
        below += term
        term *= a / (k + 1)
    top = term * c / (c - a)
    in_queue = top / (below + top) * a / (c - a)
    return in_queue / lam * 60


WAIT_MINUTES.slip(
    "in hours",
    MISCONCEPTION,
    of="the formula, with factorials",
    change={"return 60 * p": "return p"},
    says="That is in hours",
)

WAIT_MINUTES.slip(
    "the time in the clinic",
    MISCONCEPTION,
    of="the formula, with factorials",
    change={"(c * rate - lam)": "(c * rate - lam) + 60 / rate"},
    says="care included",
)

WAIT_MINUTES.slip(
    "no administration",
    MISCONCEPTION,
    of="the formula, with factorials",
    change={"mu * (1 - admin)": "mu"},
    says="You left out the administration",
)

WAIT_MINUTES.slip(
    "a negative wait",
    BOUNDARY,
    of="the formula, with factorials",
    change={"lam >= c": "lam == c"},
    says="A wait cannot be negative",
)

WAIT_MINUTES.slip(
    "0 where the queue never ends",
    EDGE,
    of="the formula, with factorials",
    change={"np.inf": "0.0"},
    says="the wait is infinite",
)


@WAIT_MINUTES.wrong("the worked example typed in", CONSTANT, says="2.48 minutes")
def wait_minutes(c, mu, lam, admin):
    return 20 / 3 if lam < 8 else float("inf")


@WAIT_MINUTES.wrong("only more than there is room for", BOUNDARY, says="you divide by 0; the wait is infinite")
def wait_minutes(servers, mu, lam, admin):
    m = mu * (1 - admin)
    if lam > servers * m:
        return np.inf
    a = lam / m
    B = 1
    for k in range(1, servers + 1):
        B = a * B / (k + a * B)
    P = B / (1 - (a / servers) * (1 - B))
    return 60 * P / (servers * m - lam)


@WAIT_MINUTES.wrong("room compared to the last digit", BOUNDARY, says="The room is computed with noise")
def wait_minutes(servers, mu, lam, admin):
    capacity = servers * mu * (1 - admin)
    if lam >= capacity:
        return float("inf")
    a = lam / (mu * (1 - admin))
    B = 1.0
    for k in range(1, servers + 1):
        B = a * B / (k + a * B)
    P = B / (1 - (a / servers) * (1 - B))
    return 60 * P / (capacity - lam)


WAIT_MINUTES.slip(
    "the wider tolerance of np.isclose",
    BOUNDARY,
    of="room compared to the last digit",
    change={"if lam >= capacity": "if lam > capacity or np.isclose(lam, capacity)"},
    says="np.isclose has a wider one",
)


WAIT_OR_GO = BANK.task("wait_or_go")


@WAIT_OR_GO.right("both signals by name")
def wait_or_go(p, H, L, K, q, r):
    now = p * H + (1 - p) * L - K
    good = p * q + (1 - p) * (1 - q)
    bad = 1 - good
    after_good = (p * q * H + (1 - p) * (1 - q) * L) / good - K if good > 1e-15 else 0
    after_bad = (p * (1 - q) * H + (1 - p) * q * L) / bad - K if bad > 1e-15 else 0
    wait = (good * max(0, after_good) + bad * max(0, after_bad)) / (1 + r)
    option = wait - max(now, 0)
    better = "wait" if option > 1e-12 else "now" if now > 1e-12 else "neither"
    return {"now": now, "wait": wait, "better": better, "option_value": option}


@WAIT_OR_GO.right("a table of four cases")
def wait_or_go(p, H, L, K, q, r):
    joint = pd.DataFrame({"good": [p * q, p * (1 - q)], "bad": [(1 - p) * (1 - q), (1 - p) * q]})
    gain = joint["good"] * (H - K) + joint["bad"] * (L - K)
    now = float(gain.sum())
    wait = float(gain.clip(lower=0).sum() / (1 + r))
    option = wait - max(now, 0.0)
    words = [(option > 1e-12, "wait"), (now > 1e-12, "now"), (True, "neither")]
    return {"now": now, "wait": wait, "better": next(w for yes, w in words if yes), "option_value": option}


WAIT_OR_GO.slip(
    "reforms after a bad signal, too",
    MISCONCEPTION,
    of="both signals by name",
    change={"max(0, after_good) + bad * max(0, after_bad)": "after_good + bad * after_bad"},
    says="to be able to say no",
)

WAIT_OR_GO.slip(
    "takes a negative now away",
    MISCONCEPTION,
    of="both signals by name",
    change={"max(now, 0)": "now"},
    says="nobody has to reform now",
)

WAIT_OR_GO.slip(
    "does not weigh the signals",
    MISCONCEPTION,
    of="both signals by name",
    change={"good * max(0, after_good)": "max(0, after_good)", "bad * max(0, after_bad)": "max(0, after_bad)"},
    says="Weigh each signal by its probability",
)

WAIT_OR_GO.slip(
    "no discount",
    BOUNDARY,
    of="both signals by name",
    change={
        "(good * max(0, after_good) + bad * max(0, after_bad)) / (1 + r)": (
            "good * max(0, after_good) + bad * max(0, after_bad)"
        )
    },
    says="divided by 1 + discount",
)

WAIT_OR_GO.slip(
    'never "neither"',
    EDGE,
    of="both signals by name",
    change={'"now" if now > 1e-12 else "neither"': '"now"'},
    says='better should be "neither"',
)


@WAIT_OR_GO.wrong("divides by a signal that never comes", EDGE, loses="edges", says="adds 0, not nan")
def wait_or_go(p, H, L, K, q, r):
    now = p * H + (1 - p) * L - K
    good = p * q + (1 - p) * (1 - q)
    bad = 1 - good
    after_good = (p * q * H + (1 - p) * (1 - q) * L) / good - K
    after_bad = (p * (1 - q) * H + (1 - p) * q * L) / np.float64(bad) - K
    wait = (good * max(0, after_good) + bad * np.maximum(0, after_bad)) / (1 + r)
    option = wait - max(now, 0)
    better = "wait" if option > 1e-12 else "now" if now > 1e-12 else "neither"
    return {"now": now, "wait": wait, "better": better, "option_value": option}


WAIT_OR_GO.slip(
    "a tie goes to the pilot",
    BOUNDARY,
    of="both signals by name",
    change={"option > 1e-12": "option >= 0", "now > 1e-12": "now > 0"},
    says="waiting gains nothing: better should be",
)


@WAIT_OR_GO.wrong("the worked example typed in", CONSTANT, says="A signal that says nothing")
def wait_or_go(p, H, L, K, q, r):
    return {"now": 15, "wait": 30 / 1.05, "better": "wait", "option_value": 30 / 1.05 - 15}


@WAIT_OR_GO.wrong("the accuracy in place of Bayes", MISCONCEPTION, loses="tests", says="use Bayes' rule")
def wait_or_go(p, high, low, cost, accuracy, discount):
    q = accuracy
    now = p * high + (1 - p) * low - cost
    p_good = p * q + (1 - p) * (1 - q)
    after_good = q * high + (1 - q) * low - cost
    after_bad = (1 - q) * high + q * low - cost
    wait = (p_good * max(0, after_good) + (1 - p_good) * max(0, after_bad)) / (1 + discount)
    option = wait - max(now, 0)
    better = "wait" if option > 1e-12 else ("now" if now > 1e-12 else "neither")
    return {"now": now, "wait": wait, "option_value": option, "better": better}


WAIT_OR_GO.slip(
    "an option worth 0 at least",
    EDGE,
    of="both signals by name",
    change={"option = wait - max(now, 0)": "option = max(0, wait - max(now, 0))"},
    loses="edges",
    says="option_value is -0.714, below 0",
)


@WAIT_OR_GO.wrong("stops at a signal that never comes", EDGE, loses="edges", says="do not divide by it; it adds 0")
def wait_or_go(p, high, low, cost, accuracy, discount):
    q = accuracy
    now = p * high + (1 - p) * low - cost
    p_good = p * q + (1 - p) * (1 - q)
    p_bad = p * (1 - q) + (1 - p) * q
    g, b = p * q / p_good, p * (1 - q) / p_bad
    good, bad = max(0, g * high + (1 - g) * low - cost), max(0, b * high + (1 - b) * low - cost)
    wait = (p_good * good + p_bad * bad) / (1 + discount)
    option = wait - max(now, 0)
    better = "wait" if option > 1e-12 else ("now" if now > 1e-12 else "neither")
    return {"now": now, "wait": wait, "option_value": option, "better": better}


WITHIN = BANK.task("within")


@WITHIN.right("means swept out by turns")
def within(df, y, x, unit, time):
    rows = df[df[unit].map(df[unit].value_counts()) > 1]
    n, g = len(rows), rows[unit].nunique()
    times = rows[time].nunique()
    left = rows[[y, x]].astype(float)
    for _ in range(5000):
        before = left.copy()
        left = left - left.groupby(rows[unit]).transform("mean")
        left = left - left.groupby(rows[time]).transform("mean")
        if (left - before).abs().to_numpy().max(initial=0) < 1e-13:
            break
    size = float((left[x] ** 2).sum())
    if size < 1e-12:
        return {"slope": np.nan, "se": np.nan, "n": n, "units": g}
    slope = float((left[x] * left[y]).sum() / size)
    score = left[x] * (left[y] - slope * left[x])
    score = score.groupby(rows[unit]).sum()
    se = float(np.sqrt(g / (g - 1) * (n - 1) / (n - 1 - times) * (score**2).sum()) / size)
    return {"slope": slope, "se": se, "n": n, "units": g}


@WITHIN.right("one regression on all dummies, and the sandwich")
def within(df, y, x, unit, time):
    count = df.groupby(unit).size()
    rows = df[df[unit].isin(count.index[count >= 2])].reset_index(drop=True)
    if rows.empty:
        return {"slope": np.nan, "se": np.nan, "n": 0, "units": 0}
    u, names = pd.factorize(rows[unit])
    t, when = pd.factorize(rows[time])
    dummies = np.hstack([np.eye(len(names))[u], np.eye(len(when))[t][:, 1:]])
    out = {"slope": np.nan, "se": np.nan, "n": len(rows), "units": len(names)}
    X = np.column_stack([rows[x].to_numpy(dtype=float), dummies])
    if np.linalg.matrix_rank(X) < X.shape[1] - (np.linalg.matrix_rank(dummies) < dummies.shape[1]):
        return out
    bread = np.linalg.pinv(X.T @ X)
    Y = rows[y].to_numpy(dtype=float)
    beta = bread @ X.T @ Y
    e = Y - X @ beta
    meat = sum(np.outer(s, s) for s in (X[u == i].T @ e[u == i] for i in range(len(names))))
    N, G, k = len(rows), len(names), 1 + len(when)
    out["slope"] = beta[0]
    out["se"] = np.sqrt((bread @ meat @ bread)[0, 0] * G / (G - 1) * (N - 1) / (N - k))
    return out


@WITHIN.wrong("units taken out, times left in", MISCONCEPTION, says="with all dummies")
def within(df, y, x, unit, time):
    rows = df[df[unit].map(df[unit].value_counts()) > 1]
    n, g = len(rows), rows[unit].nunique()
    times = rows[time].nunique()
    left = rows[[y, x]].astype(float)
    left = left - left.groupby(rows[unit]).transform("mean")
    size = float((left[x] ** 2).sum())
    if size < 1e-12:
        return {"slope": np.nan, "se": np.nan, "n": n, "units": g}
    slope = float((left[x] * left[y]).sum() / size)
    score = left[x] * (left[y] - slope * left[x])
    score = score.groupby(rows[unit]).sum()
    se = float(np.sqrt(g / (g - 1) * (n - 1) / (n - 1 - times) * (score**2).sum()) / size)
    return {"slope": slope, "se": se, "n": n, "units": g}


WITHIN.slip(
    "means subtracted once",
    MISCONCEPTION,
    of="units taken out, times left in",
    change={'transform("mean")': 'transform("mean") - left.groupby(rows[time]).transform("mean") + left.mean()'},
    loses="tests",
    says="right only where no row is missing",
)

WITHIN.slip(
    "the unit that stands once is kept",
    BOUNDARY,
    of="means swept out by turns",
    change={"df[df[unit].map(df[unit].value_counts()) > 1]": "df"},
    loses="tests",
    says="should be dropped",
)

WITHIN.slip(
    "rows taken for independent",
    MISCONCEPTION,
    of="means swept out by turns",
    change={"score = score.groupby(rows[unit]).sum()": "pass"},
    loses="se",
    says="takes all rows for independent",
)

WITHIN.slip(
    "0 where x does not vary",
    EDGE,
    of="means swept out by turns",
    change={'np.nan, "se": np.nan': '0.0, "se": 0.0'},
    says="the slope should be nan",
)

WITHIN.slip(
    "sorts the table in place",
    MUTATES,
    of="means swept out by turns",
    change={"rows = df": "df.sort_values([time, unit], ascending=False, inplace=True)\n    rows = df"},
    loses="tests",
    says="changed the table that was passed in",
)


@WITHIN.wrong("the worked example typed in", CONSTANT, says="should be dropped")
def within(df, y, x, unit, time):
    return {"slope": 2.0, "se": 0.0, "n": len(df), "units": df[unit].nunique()}


WITHIN.slip(
    "a column written into the table",
    MUTATES,
    of="means swept out by turns",
    change={"rows = df[df": 'df["rows"] = 1\n    rows = df[df'},
    loses="tests",
    says="changed the table that was passed in",
)

WITHIN.slip(
    "times that stand once are dropped as well",
    BOUNDARY,
    of="means swept out by turns",
    change={
        "value_counts()) > 1]": "value_counts()) > 1]\n    rows = rows[rows[time].map(rows[time].value_counts()) > 1]"
    },
    loses="tests",
    says="only units that stand once are dropped",
)

WITHIN.slip(
    "rows with a gap in another column are dropped",
    EDGE,
    of="means swept out by turns",
    change={"    rows = df[df": "    df = df.dropna()\n    rows = df[df"},
    loses="tests",
    says="Without unit E nine rows are left",
)

WITHIN.slip(
    "stops where no row is left",
    EDGE,
    of="means swept out by turns",
    change={"max(initial=0)": "max()"},
    loses="tests",
    says="no row is left",
)


@WITHIN.wrong("x that moves by noise alone", BOUNDARY, says="the slope should be nan")
def within(table, y, x, unit, time):
    d = table[table.groupby(unit)[unit].transform("size") > 1].copy()
    if len(d) == 0:
        return {"slope": np.nan, "se": np.nan, "n": 0, "units": 0}
    D = pd.concat([pd.get_dummies(d[unit]), pd.get_dummies(d[time])], axis=1).to_numpy(float)
    res = lambda v: v - D @ np.linalg.lstsq(D, v, rcond=None)[0]
    xt, yt = res(d[x].to_numpy(float)), res(d[y].to_numpy(float))
    sxx = (xt**2).sum()
    N, G, k = len(d), d[unit].nunique(), 1 + d[time].nunique()
    if sxx == 0:
        return {"slope": np.nan, "se": np.nan, "n": N, "units": G}
    slope = (xt * yt).sum() / sxx
    s = pd.Series(xt * (yt - slope * xt)).groupby(d[unit].to_numpy()).sum()
    se = np.sqrt(G / (G - 1) * (N - 1) / (N - k) * (s**2).sum()) / sxx
    return {"slope": slope, "se": se, "n": N, "units": G}


WITHIN.slip(
    "no factors for few units",
    BOUNDARY,
    of="means swept out by turns",
    change={"g / (g - 1) * (n - 1) / (n - 1 - times) * ": ""},
    loses="se",
    says="with few units the factors",
)

WITHIN.slip(
    "scores added up by label",
    EDGE,
    of="means swept out by turns",
    change={"score = score.groupby(rows[unit]).sum()": "score = pd.Series(score.to_numpy()).groupby(rows[unit]).sum()"},
    loses="se",
    says="The trusts of the course, with rows missing: se should be",
)


TASKS = BANK.tasks

SAMPLES = (
    Sample(
        "weak",
        """
        Dear Minister, England shows that reorganising is very expensive and never works. The reforms of 2012
        cost £1.4 billion in redundancies for 10,094 people, which is £137,800 for each of them, and many came
        straight back. With 22% of them re-employed, most of the money was wasted.

        Every reform takes away 35% of the capability of the system, and it needs 17 years to pay back. Since the
        English reorganise every seven years, they have never earned anything from any reform. Morocco should
        therefore not change its structures any more once the Territorial Health Groups are in place.

        I recommend that the government promises to keep the groups stable for a long time and to look after the
        staff, because experienced people are the most important resource. It should also evaluate the reform
        carefully and listen to the regions.
        """,
        {
            "model with stated ranges": (1, "quotes the model at one setting, and takes its assumptions for findings"),
            "classes of cost kept apart": (0, "divides all exit packages by the people of one reform"),
            "commitment in advance": (1, "names stability and evaluation, with no date, nobody in charge and no test"),
            "fair to reformers": (0, "says that reform never works"),
        },
    ),
    Sample(
        "adequate",
        """
        Minister, you asked what churn has cost in England. Three kinds of cost should be kept apart.

        First, money. The auditor attributed £435 million to the reforms of 2012, for 10,094 redundancies, or
        £43,095 a head. All exit packages of the NHS in the same years came to £1,391 million; they include people
        who would have left anyway. The two must not be mixed. The £1,400 million that one also reads was a forecast
        of the whole transition, made before it began.

        Second, capability. In the course's model, with a loss of 35%, a recovery of 3 years and a pause of 1.5
        years, a reform every seven years leaves a mean capability of 0.78. A reform with a gain of 10% has paid
        after 17.3 years, and one with a gain of 25% after 7.1. These are assumptions and not measurements; with
        smaller losses the reform pays much sooner.

        Third, attention: while structures change, nobody improves care.

        I would commit to two things. Each Territorial Health Group should be evaluated after three years by
        somebody outside the ministry, and no region should be reorganised again before that report is published.
        Key staff, such as those who run information systems, should keep their posts for two years after a merger.

        A reform may still be right: if fragmented services cost more each year than the disruption, waiting is
        expensive as well.
        """,
        {
            "model with stated ranges": (2, "own results, said to be assumptions; but one set of values, no range"),
            "classes of cost kept apart": (3, "attributed, all and forecast, each with scope, years and its own count"),
            "commitment in advance": (2, "two commitments, one with a date; nothing would show that they failed"),
            "fair to reformers": (1, "says when waiting costs more"),
        },
    ),
    Sample(
        "strong",
        """
        Minister, you should expect three costs of churn, of which only the first is paid in money.

        *Money, counted three ways.* The auditor attributed £435 million to England's reforms of 2012, for 10,094
        redundancies to March 2013: £43,095 a head. All exit packages of the NHS from 2010 to 2013, whatever the
        reason, came to £1,391 million for 32,089 packages, £43,348 a head; the attributed sum is 0.31 of it. The
        forecast of 2011, £1,400 million, was for the whole transition and has no count of people, so no cost a
        head. An opponent will quote the second, a defender the first. Both are right about different things.

        *Capability, which is an assumption.* I took a loss of 20 to 50%, a recovery of 2 to 5 years and a pause of
        0.5 to 2.5. A gain of 10% has then paid after 5.1 years at the low end and after 41.2 at the high end; a
        gain of 25%, from the first day and after 18.2 years. With a reform every seven years, the English median,
        mean capability is 0.93 at the one end and 0.51 at the other. Nobody has measured which end is ours. The
        model says this much: a small gain needs long peace, and a second reform within that time starts the bill
        anew.

        *The wait to know.* England's structures of 2022 were changed again in 2026: four years are too
        few to learn from.

        Commit now, before the twelve groups are complete. (1) The Court of Accounts reports in October 2028 on the
        first group, against waits and staff turnover measured this year; the Government Council answers within
        three months. Until then no boundary and no board is changed. The commitment has failed if a decree does so
        first. (2) Each group keeps a list of fifty posts, from information systems to purchasing, that no
        reorganisation may abolish for two years; the regional director reports each January how many holders have
        left. Above a fifth, the commitment has failed, and the transfer of further services stops.

        What would make me wrong: if duplication between hospitals and ministry wastes more than a tenth of our
        effort and groups end it at once, the low end of the range holds, and delay costs more than disruption.
        Stability is no virtue in a structure that does harm.
        """,
        {
            "model with stated ranges": (3, "both ends of stated ranges, own numbers, called assumptions"),
            "classes of cost kept apart": (
                3,
                "three sums with scope, years and their own counts; no count, no cost a head",
            ),
            "commitment in advance": (3, "two, each with who, when and a test of failure"),
            "fair to reformers": (1, "says at what waste the reform pays, and that stability can do harm"),
        },
    ),
)
