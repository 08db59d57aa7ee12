"""Answers to exercise 11, *The price of reorganising*: right in many ways, and wrong in the ways of students."""

from . import Right, Sample, Task, Wrong

ASSIGNMENT = "11_reform"
POINTS, REFLECTION_POINTS = 57, 10

INTERVALS = Task(
    "intervals",
    {"intervals_tests": 2},
    right=(
        Right(
            "a loop over the sorted years",
            """
            def intervals(years):
                ordered, gaps = sorted(years), []
                for i in range(1, len(ordered)):
                    gaps.append(ordered[i] - ordered[i - 1])
                return gaps
            """,
        ),
        Right(
            "numpy differences",
            """
            def intervals(years):
                return np.diff(np.sort(np.array(years)))
            """,
        ),
        Right(
            "a pandas Series",
            """
            def intervals(years):
                return pd.Series(list(years), dtype=float).sort_values().diff().dropna().tolist()
            """,
        ),
    ),
    wrong=(
        Wrong(
            "takes the years as they come",
            "misconception",
            """
            def intervals(years):
                years = list(years)
                return [b - a for a, b in zip(years, years[1:])]
            """,
            ("intervals_tests",),
            "in the order given: sort them first",
        ),
        Wrong(
            "a gap before the first event",
            "boundary",
            """
            def intervals(years):
                ordered = sorted(years)
                return [b - a for a, b in zip([0] + ordered, ordered)]
            """,
            ("intervals_tests",),
            "two gaps between them, not three",
        ),
        Wrong(
            "drops events of the same year",
            "edge",
            """
            def intervals(years):
                ordered = sorted(set(years))
                return [b - a for a, b in zip(ordered, ordered[1:])]
            """,
            ("intervals_tests",),
            "are 0 years apart",
        ),
        Wrong(
            "sorts the list in place",
            "mutates",
            """
            def intervals(years):
                if isinstance(years, list):
                    years.sort()
                ordered = sorted(years)
                return [b - a for a, b in zip(ordered, ordered[1:])]
            """,
            ("intervals_tests",),
            "use sorted(), not .sort()",
        ),
        Wrong(
            "the worked example typed in",
            "constant",
            """
            def intervals(years):
                return [24, 16]
            """,
            ("intervals_tests",),
            "so [0, 10]",
        ),
    ),
)

RATE_CI = Task(
    "rate_ci",
    {"rate_ci_tests": 2, "rate_ci_edges_tests": 1},
    right=(
        Right(
            "the gamma distribution in place of the chi-square",
            """
            def rate_ci(n, years, level=0.95):
                from scipy.stats import gamma

                if n < 0:
                    raise ValueError(f"n = {n}")
                if not years > 0:
                    raise ValueError(f"years = {years}")
                tail = (1 - level) / 2
                low = gamma.ppf(tail, n) / years if n else 0
                return (low, gamma.ppf(1 - tail, n + 1) / years)
            """,
        ),
        Right(
            "the two rates at which so many or so few are rare",
            """
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
            """,
        ),
    ),
    wrong=(
        Wrong(
            "n plus or minus 1.96 standard errors",
            "misconception",
            """
            def rate_ci(n, years, level=0.95):
                from scipy.stats import norm

                if n < 0 or years <= 0:
                    raise ValueError("no")
                z = norm.ppf(1 - (1 - level) / 2)
                return (n - z * n**0.5) / years, (n + z * n**0.5) / years
            """,
            ("rate_ci_tests", "rate_ci_edges_tests"),
            "the interval is not symmetric",
        ),
        Wrong(
            "the interval of the count",
            "misconception",
            """
            def rate_ci(n, years, level=0.95):
                from scipy.stats import chi2

                if n < 0 or years <= 0:
                    raise ValueError("no")
                alpha = 1 - level
                low = chi2.ppf(alpha / 2, 2 * n) / 2 if n else 0.0
                return low, chi2.ppf(1 - alpha / 2, 2 * n + 2) / 2
            """,
            ("rate_ci_tests", "rate_ci_edges_tests"),
            "divide by the years",
        ),
        Wrong(
            "2n degrees of freedom at both ends",
            "boundary",
            """
            def rate_ci(n, years, level=0.95):
                from scipy.stats import chi2

                if n < 0 or years <= 0:
                    raise ValueError("no")
                alpha = 1 - level
                low = chi2.ppf(alpha / 2, 2 * n) / 2 / years if n else 0.0
                return low, chi2.ppf(1 - alpha / 2, 2 * n) / 2 / years
            """,
            ("rate_ci_tests", "rate_ci_edges_tests"),
            "2n + 2 degrees of freedom",
        ),
        Wrong(
            "nan where nothing was counted",
            "edge",
            """
            def rate_ci(n, years, level=0.95):
                from scipy.stats import chi2

                if n < 0 or years <= 0:
                    raise ValueError("no")
                alpha = 1 - level
                low = chi2.ppf(alpha / 2, 2 * n) / 2 / years if n else float("nan")
                return low, chi2.ppf(1 - alpha / 2, 2 * n + 2) / 2 / years
            """,
            ("rate_ci_edges_tests",),
            "low is 0, not nan",
        ),
        Wrong(
            "accepts no time at all",
            "edge",
            """
            def rate_ci(n, years, level=0.95):
                from scipy.stats import chi2

                alpha = 1 - level
                low = chi2.ppf(alpha / 2, 2 * n) / 2 / years if n else 0.0
                return low, chi2.ppf(1 - alpha / 2, 2 * n + 2) / 2 / years
            """,
            ("rate_ci_edges_tests",),
            "should raise ValueError",
        ),
        Wrong(
            "always 95%",
            "boundary",
            """
            def rate_ci(n, years, level=0.95):
                from scipy.stats import chi2

                if n < 0 or years <= 0:
                    raise ValueError("no")
                low = chi2.ppf(0.025, 2 * n) / 2 / years if n else 0.0
                return low, chi2.ppf(0.975, 2 * n + 2) / 2 / years
            """,
            ("rate_ci_tests", "rate_ci_edges_tests"),
            "alpha is 1 - level",
        ),
        Wrong(
            "the worked example typed in",
            "constant",
            """
            def rate_ci(n, years, level=0.95):
                return (0.0545, 0.5121)
            """,
            ("rate_ci_tests", "rate_ci_edges_tests"),
            "level=0.9",
        ),
    ),
)

CAPABILITY = Task(
    "capability",
    {"capability_tests": 5, "capability_edges_tests": 4},
    right=(
        Right(
            "one pass over times and events together",
            """
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
            """,
        ),
        Right(
            "numpy: the level after each event, then all times at once",
            """
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
            """,
        ),
        Right(
            "what is missing, in place of what is there",
            """
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
            """,
        ),
    ),
    wrong=(
        Wrong(
            "no pause",
            "misconception",
            """
            def capability(times, events, delta, tau, D, c0=1):
                out = []
                for t in times:
                    last, level, pause = 0, c0, 0
                    for event in sorted(set(events)):
                        if event > t:
                            break
                        level = 1 - (1 - level) * np.exp(-max(event - last - pause, 0) / tau)
                        level = (1 - delta) * level
                        pause = 0
                        last = event
                    out.append(1 - (1 - level) * np.exp(-max(t - last - pause, 0) / tau))
                return out
            """,
            ("capability_tests", "capability_edges_tests"),
            "Nothing recovers during the pause",
        ),
        Wrong(
            "takes away a share of the whole",
            "misconception",
            """
            def capability(times, events, delta, tau, D, c0=1):
                out = []
                for t in times:
                    last, level, pause = 0, c0, 0
                    for event in sorted(set(events)):
                        if event > t:
                            break
                        level = 1 - (1 - level) * np.exp(-max(event - last - pause, 0) / tau)
                        level = level - delta
                        pause = D
                        last = event
                    out.append(1 - (1 - level) * np.exp(-max(t - last - pause, 0) / tau))
                return out
            """,
            ("capability_tests", "capability_edges_tests"),
            "not 0.35 of the whole",
        ),
        Wrong(
            "the value before the fall",
            "boundary",
            """
            def capability(times, events, delta, tau, D, c0=1):
                out = []
                for t in times:
                    last, level, pause = 0, c0, 0
                    for event in sorted(set(events)):
                        if event >= t:
                            break
                        level = 1 - (1 - level) * np.exp(-max(event - last - pause, 0) / tau)
                        level = (1 - delta) * level
                        pause = D
                        last = event
                    out.append(1 - (1 - level) * np.exp(-max(t - last - pause, 0) / tau))
                return out
            """,
            ("capability_tests", "capability_edges_tests"),
            "give the value after the fall",
        ),
        Wrong(
            "an event inside a pause is ignored",
            "misconception",
            """
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
            """,
            ("capability_tests", "capability_edges_tests"),
            "still takes its share",
        ),
        Wrong(
            "the first pause is not started anew",
            "misconception",
            """
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
            """,
            ("capability_tests", "capability_edges_tests"),
            "you let recovery start when the first pause ended",
        ),
        Wrong(
            "a pause before the first event",
            "edge",
            """
            def capability(times, events, delta, tau, D, c0=1):
                out = []
                for t in times:
                    last, level, pause = 0, c0, D
                    for event in sorted(set(events)):
                        if event > t:
                            break
                        level = 1 - (1 - level) * np.exp(-max(event - last - pause, 0) / tau)
                        level = (1 - delta) * level
                        pause = D
                        last = event
                    out.append(1 - (1 - level) * np.exp(-max(t - last - pause, 0) / tau))
                return out
            """,
            ("capability_edges_tests",),
            "the pause comes after an event only",
        ),
        Wrong(
            "events at one time count twice",
            "edge",
            """
            def capability(times, events, delta, tau, D, c0=1):
                out = []
                for t in times:
                    last, level, pause = 0, c0, 0
                    for event in sorted(events):
                        if event > t:
                            break
                        level = 1 - (1 - level) * np.exp(-max(event - last - pause, 0) / tau)
                        level = (1 - delta) * level
                        pause = D
                        last = event
                    out.append(1 - (1 - level) * np.exp(-max(t - last - pause, 0) / tau))
                return out
            """,
            ("capability_edges_tests",),
            "count as one",
        ),
        Wrong(
            "starts at 1 whatever c0 says",
            "edge",
            """
            def capability(times, events, delta, tau, D, c0=1):
                out = []
                for t in times:
                    last, level, pause = 0, 1, 0
                    for event in sorted(set(events)):
                        if event > t:
                            break
                        level = 1 - (1 - level) * np.exp(-max(event - last - pause, 0) / tau)
                        level = (1 - delta) * level
                        pause = D
                        last = event
                    out.append(1 - (1 - level) * np.exp(-max(t - last - pause, 0) / tau))
                return out
            """,
            ("capability_edges_tests",),
            "c0 = 0.4",
        ),
        Wrong(
            "sorts the events in place",
            "mutates",
            """
            def capability(times, events, delta, tau, D, c0=1):
                out = []
                if isinstance(events, list):
                    events.sort()
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
            """,
            ("capability_edges_tests",),
            "changed the list events",
        ),
        Wrong(
            "the worked example typed in",
            "constant",
            """
            def capability(times, events, delta, tau, D, c0=1):
                return [0.65, 0.4225, 0.4225, 0.6497]
            """,
            ("capability_tests", "capability_edges_tests"),
            "One event at year 2",
        ),
    ),
)

STEADY_CAPABILITY = Task(
    "steady_capability",
    {"steady_capability_tests": 3},
    right=(
        Right(
            "cycle after cycle, until it stands still",
            """
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
            """,
        ),
        Right(
            "what grows in a cycle over what is then kept",
            """
            def steady_capability(T, delta, tau, D):
                grown = -np.expm1(-np.clip(T - D, 0, None) / tau)
                return 1.0 if delta == 0 else float(grown / (delta + (1 - delta) * grown))
            """,
        ),
    ),
    wrong=(
        Wrong(
            "the level after the fall",
            "misconception",
            """
            def steady_capability(T, delta, tau, D):
                if delta == 0:
                    return 1.0
                e = np.exp(-max(T - D, 0) / tau)
                return (1 - delta) * (1 - e) / (1 - (1 - delta) * e)
            """,
            ("steady_capability_tests",),
            "just after the fall",
        ),
        Wrong(
            "no pause",
            "misconception",
            """
            def steady_capability(T, delta, tau, D):
                if delta == 0:
                    return 1.0
                e = np.exp(-T / tau)
                return (1 - e) / (1 - (1 - delta) * e)
            """,
            ("steady_capability_tests",),
            "You left out the pause",
        ),
        Wrong(
            "recovers for a negative time",
            "boundary",
            """
            def steady_capability(T, delta, tau, D):
                if delta == 0:
                    return 1.0
                e = np.exp(-(T - D) / tau)
                return (1 - e) / (1 - (1 - delta) * e)
            """,
            ("steady_capability_tests",),
            "With T below D nothing ever recovers",
        ),
        Wrong(
            "0 where nothing is lost and nothing recovers",
            "edge",
            """
            def steady_capability(T, delta, tau, D):
                if T <= D:
                    return 0.0
                e = np.exp(-(T - D) / tau)
                return (1 - e) / (1 - (1 - delta) * e)
            """,
            ("steady_capability_tests",),
            "nothing is ever lost, so 1",
        ),
        Wrong(
            "nan where nothing is lost and nothing recovers",
            "edge",
            """
            def steady_capability(T, delta, tau, D):
                e = np.exp(-max(T - D, 0) / tau)
                return np.float64(1 - e) / (1 - (1 - delta) * e)
            """,
            ("steady_capability_tests",),
            "is 0/0 in the formula",
        ),
        Wrong(
            "the worked example typed in",
            "constant",
            """
            def steady_capability(T, delta, tau, D):
                return 0.8634 if T > D else 0
            """,
            ("steady_capability_tests",),
            "c* should be 2/3",
        ),
    ),
)

MEAN_CAPABILITY = Task(
    "mean_capability",
    {"mean_capability_tests": 2, "mean_capability_edges_tests": 1},
    right=(
        Right(
            "the missing part, integrated",
            """
            def mean_capability(T, delta, tau, D):
                if delta == 0:
                    return 1.0
                if T <= D:
                    return 0.0
                grown = 1 - np.exp(-(T - D) / tau)
                lost = 1 - (1 - delta) * grown / (delta + (1 - delta) * grown)
                return 1 - lost * (D + tau * grown) / T
            """,
        ),
        Right(
            "integrated by scipy",
            """
            def mean_capability(T, delta, tau, D):
                from scipy.integrate import quad

                if delta == 0 or T <= D:
                    return 1.0 if delta == 0 else 0.0
                e = np.exp(-(T - D) / tau)
                low = (1 - delta) * (1 - e) / (1 - (1 - delta) * e)
                area, _ = quad(lambda t: 1 - (1 - low) * np.exp(-t / tau), 0, T - D)
                return (low * D + area) / T
            """,
        ),
    ),
    wrong=(
        Wrong(
            "halfway between top and bottom",
            "misconception",
            """
            def mean_capability(T, delta, tau, D):
                if delta == 0:
                    return 1.0
                e = np.exp(-max(T - D, 0) / tau)
                star = (1 - e) / (1 - (1 - delta) * e)
                return (star + (1 - delta) * star) / 2
            """,
            ("mean_capability_tests",),
            "That is halfway between the top and the bottom",
        ),
        Wrong(
            "the climb only",
            "misconception",
            """
            def mean_capability(T, delta, tau, D):
                if delta == 0:
                    return 1.0
                if T <= D:
                    return 0.0
                e = np.exp(-(T - D) / tau)
                c0 = (1 - delta) * (1 - e) / (1 - (1 - delta) * e)
                return ((T - D) - (1 - c0) * tau * (1 - e)) / (T - D)
            """,
            ("mean_capability_tests",),
            "the pause is a part of the cycle",
        ),
        Wrong(
            "the formula without its limit",
            "boundary",
            """
            def mean_capability(T, delta, tau, D):
                if delta == 0:
                    return 1.0
                e = np.exp(-max(T - D, 0) / tau)
                c0 = (1 - delta) * (1 - e) / (1 - (1 - delta) * e)
                return (c0 * D + (T - D) - (1 - c0) * tau * (1 - e)) / T
            """,
            ("mean_capability_edges_tests",),
            "nothing ever recovers, so return 0",
        ),
        Wrong(
            "0 where nothing is lost",
            "edge",
            """
            def mean_capability(T, delta, tau, D):
                if T <= D:
                    return 0.0
                e = np.exp(-(T - D) / tau)
                c0 = (1 - delta) * (1 - e) / (1 - (1 - delta) * e)
                return (c0 * D + (T - D) - (1 - c0) * tau * (1 - e)) / T
            """,
            ("mean_capability_edges_tests",),
            "nothing is ever lost, so 1",
        ),
        Wrong(
            "the worked example typed in",
            "constant",
            """
            def mean_capability(T, delta, tau, D):
                return 0.6871 if 0 < D < T else 0
            """,
            ("mean_capability_tests", "mean_capability_edges_tests"),
            "should leave more than one every 7",
        ),
    ),
)

BREAKEVEN_YEARS = Task(
    "breakeven_years",
    {"breakeven_years_tests": 4, "breakeven_years_edges_tests": 3},
    right=(
        Right(
            "Lambert's W function",
            """
            def breakeven_years(g, delta, tau, D):
                from scipy.special import lambertw

                if g <= 0:
                    return np.inf
                if (1 + g) * (1 - delta) > 1 - 1e-12:
                    return 0.0
                a = ((1 + g) * delta * (tau + D) - g * D) / (g * tau)
                b = (1 + g) * delta / g
                return float(D + tau * (a + lambertw(-b * np.exp(-a)).real))
            """,
        ),
        Right(
            "bisection by hand",
            """
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
            """,
        ),
        Right(
            "Newton's steps from the right",
            """
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
            """,
        ),
    ),
    wrong=(
        Wrong(
            "when performance is back at 1",
            "misconception",
            """
            def breakeven_years(g, delta, tau, D):
                if g <= 0:
                    return np.inf
                if (1 + g) * (1 - delta) >= 1 - 1e-12:
                    return 0.0
                return D + tau * np.log((1 + g) * delta / g)
            """,
            ("breakeven_years_tests", "breakeven_years_edges_tests"),
            "That is when performance is back at 1",
        ),
        Wrong(
            "counted from the end of the pause",
            "boundary",
            """
            def breakeven_years(g, delta, tau, D):
                from scipy.optimize import brentq

                if g <= 0:
                    return np.inf
                if (1 + g) * (1 - delta) >= 1 - 1e-12:
                    return 0.0
                k = (1 + g) * delta
                f = lambda x: D * (g - k) + g * x - k * tau * (1 - np.exp(-x / tau))
                return brentq(f, tau * np.log(k / g), (k * tau + D) / g + 1)
            """,
            ("breakeven_years_tests", "breakeven_years_edges_tests"),
            "counted from the end of the pause: add D",
        ),
        Wrong(
            "the gain is added to capability",
            "misconception",
            """
            def breakeven_years(g, delta, tau, D):
                from scipy.optimize import brentq

                if g <= 0:
                    return np.inf
                if (1 + g) * (1 - delta) >= 1 - 1e-12:
                    return 0.0
                f = lambda x: D * (g - delta) + g * x - delta * tau * (1 - np.exp(-x / tau))
                return D + brentq(f, max(0, tau * np.log(delta / g)), (delta * tau + D) / g + 1)
            """,
            ("breakeven_years_tests", "breakeven_years_edges_tests"),
            "The gain is a share of what is left",
        ),
        Wrong(
            "the root at 0",
            "edge",
            """
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
            """,
            ("breakeven_years_edges_tests",),
            "that root does not count",
        ),
        Wrong(
            "never means 0",
            "edge",
            """
            def breakeven_years(g, delta, tau, D):
                from scipy.optimize import brentq

                if g <= 0 or (1 + g) * (1 - delta) >= 1 - 1e-12:
                    return 0.0
                k = (1 + g) * delta
                f = lambda x: D * (g - k) + g * x - k * tau * (1 - np.exp(-x / tau))
                return D + brentq(f, tau * np.log(k / g), (k * tau + D) / g + 1)
            """,
            ("breakeven_years_edges_tests",),
            "it never pays: return infinity",
        ),
        Wrong(
            "searches a hundred years only",
            "boundary",
            """
            def breakeven_years(g, delta, tau, D):
                if g <= 0:
                    return np.inf
                if (1 + g) * (1 - delta) >= 1 - 1e-12:
                    return 0.0
                k = (1 + g) * delta
                x = np.linspace(tau * np.log(k / g), 100, 2000001)
                total = D * (g - k) + g * x - k * tau * (1 - np.exp(-x / tau))
                return D + x[np.argmax(total >= 0)] if (total >= 0).any() else np.inf
            """,
            ("breakeven_years_tests", "breakeven_years_edges_tests"),
            "do not cut the search short",
        ),
        Wrong(
            "the worked examples typed in",
            "constant",
            """
            def breakeven_years(g, delta, tau, D):
                if g <= 0:
                    return np.inf
                return {0.1: 17.26 if D else 11.28, 0.2: 8.92}.get(g, 0.0)
            """,
            ("breakeven_years_tests", "breakeven_years_edges_tests"),
            "within the pause",
        ),
    ),
)

REDUNDANCY_PATH = Task(
    "redundancy_path",
    {"redundancy_path_tests": 4, "redundancy_path_edges_tests": 2},
    right=(
        Right(
            "numpy",
            """
            def redundancy_path(cost, saving, ramp, rehire, disc):
                share = np.array(ramp, dtype=float)
                if rehire < 0 or rehire > 1 or ((share < 0) | (share > 1)).any():
                    raise ValueError("a share is not between 0 and 1")
                return np.cumsum(saving * (1 - rehire) * share * (1 + disc) ** -np.arange(len(share), dtype=float)) - cost
            """,
        ),
        Right(
            "year by year, the whole sum each time",
            """
            def redundancy_path(cost, saving, ramp, rehire, disc):
                for share in [rehire, *ramp]:
                    if share < 0 or share > 1:
                        raise ValueError(share)
                kept = saving - saving * rehire
                return [-cost + sum(kept * ramp[k] / (1 + disc) ** k for k in range(t + 1)) for t in range(len(ramp))]
            """,
        ),
    ),
    wrong=(
        Wrong(
            "the saving starts in year 1",
            "misconception",
            """
            def redundancy_path(cost, saving, ramp, rehire, disc):
                if not 0 <= rehire <= 1 or any(not 0 <= s <= 1 for s in ramp):
                    raise ValueError("share")
                path, total = [], -cost
                for k, share in enumerate(ramp):
                    path.append(total)
                    total += saving * (1 - rehire) * share / (1 + disc) ** (k + 1)
                return path
            """,
            ("redundancy_path_tests", "redundancy_path_edges_tests"),
            "The first entry of ramp is year 0",
        ),
        Wrong(
            "discounts from the first year on",
            "boundary",
            """
            def redundancy_path(cost, saving, ramp, rehire, disc):
                if not 0 <= rehire <= 1 or any(not 0 <= s <= 1 for s in ramp):
                    raise ValueError("share")
                path, total = [], -cost
                for k, share in enumerate(ramp, start=1):
                    total += saving * (1 - rehire) * share / (1 + disc) ** k
                    path.append(total)
                return path
            """,
            ("redundancy_path_tests",),
            "Year 0 is not discounted",
        ),
        Wrong(
            "nobody is taken on again",
            "misconception",
            """
            def redundancy_path(cost, saving, ramp, rehire, disc):
                if not 0 <= rehire <= 1 or any(not 0 <= s <= 1 for s in ramp):
                    raise ValueError("share")
                path, total = [], -cost
                for k, share in enumerate(ramp):
                    total += saving * share / (1 + disc) ** k
                    path.append(total)
                return path
            """,
            ("redundancy_path_tests", "redundancy_path_edges_tests"),
            "lost to re-employment",
        ),
        Wrong(
            "not added up",
            "misconception",
            """
            def redundancy_path(cost, saving, ramp, rehire, disc):
                if not 0 <= rehire <= 1 or any(not 0 <= s <= 1 for s in ramp):
                    raise ValueError("share")
                return [saving * (1 - rehire) * s / (1 + disc) ** k - cost for k, s in enumerate(ramp)]
            """,
            ("redundancy_path_tests", "redundancy_path_edges_tests"),
            "add them up from year to year",
        ),
        Wrong(
            "takes any share",
            "edge",
            """
            def redundancy_path(cost, saving, ramp, rehire, disc):
                yearly = [saving * (1 - rehire) * s / (1 + disc) ** k for k, s in enumerate(ramp)]
                return list(np.cumsum(yearly) - cost)
            """,
            ("redundancy_path_edges_tests",),
            "should raise ValueError",
        ),
        Wrong(
            "fills the ramp up to five years in place",
            "mutates",
            """
            def redundancy_path(cost, saving, ramp, rehire, disc):
                if not 0 <= rehire <= 1 or any(not 0 <= s <= 1 for s in ramp):
                    raise ValueError("share")
                years = len(ramp)
                while len(ramp) < 5:
                    ramp.append(1)
                yearly = [saving * (1 - rehire) * s / (1 + disc) ** k for k, s in enumerate(ramp)]
                return list(np.cumsum(yearly) - cost)[:years]
            """,
            ("redundancy_path_edges_tests",),
            "changed the list ramp",
        ),
        Wrong(
            "the worked example typed in",
            "constant",
            """
            def redundancy_path(cost, saving, ramp, rehire, disc):
                return [-1.6, -0.96, -0.448]
            """,
            ("redundancy_path_tests", "redundancy_path_edges_tests"),
            "With rehire = 1 nothing is ever saved",
        ),
    ),
)

COST_DEFINITIONS = Task(
    "cost_definitions",
    {"cost_definitions_tests": 3, "cost_definitions_edges_tests": 2},
    right=(
        Right(
            "a dictionary of cells",
            """
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
            """,
        ),
        Right(
            "a merge",
            """
            def cost_definitions(df):
                plan = pd.DataFrame(
                    {
                        "name": ["attributed", "all_packages", "ex_ante", "later_2014", "later_2016"],
                        "period": [
                            "to 31 Mar 2013", "2010-11 to 2012-13", "ex ante 2011", "2010-11 to 2013-14", "2010-11 to 2015-16",
                        ],
                        "cost": [
                            "redundancy_attributed_to_reform", "exit_packages_cost", "impact_assessment_transition_cost",
                            "exit_packages_cost", "exit_packages_cost_later",
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
            """,
        ),
    ),
    wrong=(
        Wrong(
            "all packages over the people of one reform",
            "misconception",
            """
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
                            pick("redundancies_attributed_n", "to 31 Mar 2013"),
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
            """,
            ("cost_definitions_tests",),
            "cost and count must have the same scope and period",
        ),
        Wrong(
            "one count for both periods",
            "misconception",
            """
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
                            pick("exit_packages_n", "2010-11 to 2012-13"),
                            np.nan,
                        ],
                    },
                    index=["attributed", "all_packages", "ex_ante", "later_2014", "later_2016"],
                )
                t["gbp_per_head"] = 1e6 * t["cost_gbp_m"] / t["n"]
                t["share"] = t["cost_gbp_m"] / t.loc["all_packages", "cost_gbp_m"]
                t.loc["ex_ante", "share"] = np.nan
                return t
            """,
            ("cost_definitions_tests",),
            "each period has its own count",
        ),
        Wrong(
            "millions a head",
            "boundary",
            """
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
                t["gbp_per_head"] = t["cost_gbp_m"] / t["n"]
                t["share"] = t["cost_gbp_m"] / t.loc["all_packages", "cost_gbp_m"]
                t.loc["ex_ante", "share"] = np.nan
                return t
            """,
            ("cost_definitions_tests",),
            "times 1,000,000",
        ),
        Wrong(
            "a share of the forecast",
            "edge",
            """
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
                pass
                return t
            """,
            ("cost_definitions_edges_tests",),
            "its share should be nan",
        ),
        Wrong(
            "the last count is carried forward",
            "edge",
            """
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
                            pick("exit_packages_n", "2010-11 to 2013-14"),
                        ],
                    },
                    index=["attributed", "all_packages", "ex_ante", "later_2014", "later_2016"],
                )
                t["gbp_per_head"] = 1e6 * t["cost_gbp_m"] / t["n"]
                t["share"] = t["cost_gbp_m"] / t.loc["all_packages", "cost_gbp_m"]
                t.loc["ex_ante", "share"] = np.nan
                return t
            """,
            ("cost_definitions_tests", "cost_definitions_edges_tests"),
            "n should be nan",
        ),
        Wrong(
            "writes pounds into the table",
            "mutates",
            """
            def cost_definitions(df):
                df["pounds"] = df["value"] * 1e6

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
            """,
            ("cost_definitions_edges_tests",),
            "changed the table df",
        ),
        Wrong(
            "the numbers of the table typed in",
            "constant",
            """
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
            """,
            ("cost_definitions_tests",),
            "read them, do not type them",
        ),
    ),
)

ERLANG_C = Task(
    "erlang_c",
    {"erlang_c_tests": 3, "erlang_c_edges_tests": 1},
    right=(
        Right(
            "the formula, in logarithms",
            """
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
            """,
        ),
        Right(
            "terms one from the other",
            """
            def erlang_c(c, a):
                if not a < c:
                    return 1
                term, below = 1.0, 0.0
                for k in range(c):
                    below += term
                    term *= a / (k + 1)
                top = term * c / (c - a)
                return top / (below + top)
            """,
        ),
    ),
    wrong=(
        Wrong(
            "Erlang B",
            "misconception",
            """
            def erlang_c(c, a):
                if a >= c:
                    return 1.0
                b = 1.0
                for k in range(1, c + 1):
                    b = a * b / (k + a * b)
                return b
            """,
            ("erlang_c_tests", "erlang_c_edges_tests"),
            "That is Erlang B",
        ),
        Wrong(
            "how busy the clinicians are",
            "misconception",
            """
            def erlang_c(c, a):
                return min(a / c, 1.0)
            """,
            ("erlang_c_tests", "erlang_c_edges_tests"),
            "not the probability of waiting",
        ),
        Wrong(
            "one step too many",
            "boundary",
            """
            def erlang_c(c, a):
                if a >= c:
                    return 1.0
                b = 1.0
                for k in range(1, c + 2):
                    b = a * b / (k + a * b)
                return b / (1 - (a / c) * (1 - b))
            """,
            ("erlang_c_tests", "erlang_c_edges_tests"),
            "should be 1/3",
        ),
        Wrong(
            "the recursion beyond its limit",
            "edge",
            """
            def erlang_c(c, a):
                b = 1.0
                for k in range(1, c + 1):
                    b = a * b / (k + a * b)
                return b / (1 - (a / c) * (1 - b)) if a <= c else 0.0
            """,
            ("erlang_c_edges_tests",),
            "With a above c everybody waits",
        ),
        Wrong(
            "factorials that overflow",
            "edge",
            """
            def erlang_c(c, a):
                from math import factorial

                if a >= c:
                    return 1.0
                with np.errstate(all="ignore"):
                    top = np.float64(a) ** c / np.float64(factorial(min(c, 170))) * c / (c - a)
                    below = sum(np.float64(a) ** k / np.float64(factorial(min(k, 170))) for k in range(c))
                    return top / (below + top)
            """,
            ("erlang_c_edges_tests",),
            "powers and factorials overflow",
        ),
        Wrong(
            "the worked examples typed in",
            "constant",
            """
            def erlang_c(c, a):
                return {1: 0.7, 2: 1 / 3 if a < 2 else 1.0}.get(c, 1.0)
            """,
            ("erlang_c_tests", "erlang_c_edges_tests"),
            "should be 4/9",
        ),
    ),
)

WAIT_MINUTES = Task(
    "wait_minutes",
    {"wait_minutes_tests": 3},
    right=(
        Right(
            "the formula, with factorials",
            """
            def wait_minutes(c, mu, lam, admin):
                from math import factorial

                rate = mu * (1 - admin)
                if lam >= c * rate:
                    return np.inf
                a = lam / rate
                top = a**c / factorial(c) * c / (c - a)
                p = top / (sum(a**k / factorial(k) for k in range(c)) + top)
                return 60 * p / (c * rate - lam)
            """,
        ),
        Right(
            "the length of the queue first, then Little",
            """
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
            """,
        ),
    ),
    wrong=(
        Wrong(
            "in hours",
            "misconception",
            """
            def wait_minutes(c, mu, lam, admin):
                from math import factorial

                rate = mu * (1 - admin)
                if lam >= c * rate:
                    return np.inf
                a = lam / rate
                top = a**c / factorial(c) * c / (c - a)
                p = top / (sum(a**k / factorial(k) for k in range(c)) + top)
                return p / (c * rate - lam)
            """,
            ("wait_minutes_tests",),
            "That is in hours",
        ),
        Wrong(
            "the time in the clinic",
            "misconception",
            """
            def wait_minutes(c, mu, lam, admin):
                from math import factorial

                rate = mu * (1 - admin)
                if lam >= c * rate:
                    return np.inf
                a = lam / rate
                top = a**c / factorial(c) * c / (c - a)
                p = top / (sum(a**k / factorial(k) for k in range(c)) + top)
                return 60 * p / (c * rate - lam) + 60 / rate
            """,
            ("wait_minutes_tests",),
            "care included",
        ),
        Wrong(
            "no administration",
            "misconception",
            """
            def wait_minutes(c, mu, lam, admin):
                from math import factorial

                rate = mu
                if lam >= c * rate:
                    return np.inf
                a = lam / rate
                top = a**c / factorial(c) * c / (c - a)
                p = top / (sum(a**k / factorial(k) for k in range(c)) + top)
                return 60 * p / (c * rate - lam)
            """,
            ("wait_minutes_tests",),
            "You left out the administration",
        ),
        Wrong(
            "a negative wait",
            "boundary",
            """
            def wait_minutes(c, mu, lam, admin):
                from math import factorial

                rate = mu * (1 - admin)
                if lam == c * rate:
                    return np.inf
                a = lam / rate
                top = a**c / factorial(c) * c / (c - a)
                p = top / (sum(a**k / factorial(k) for k in range(c)) + top)
                return 60 * p / (c * rate - lam)
            """,
            ("wait_minutes_tests",),
            "A wait cannot be negative",
        ),
        Wrong(
            "0 where the queue never ends",
            "edge",
            """
            def wait_minutes(c, mu, lam, admin):
                from math import factorial

                rate = mu * (1 - admin)
                if lam >= c * rate:
                    return 0.0
                a = lam / rate
                top = a**c / factorial(c) * c / (c - a)
                p = top / (sum(a**k / factorial(k) for k in range(c)) + top)
                return 60 * p / (c * rate - lam)
            """,
            ("wait_minutes_tests",),
            "the wait is infinite",
        ),
        Wrong(
            "the worked example typed in",
            "constant",
            """
            def wait_minutes(c, mu, lam, admin):
                return 20 / 3 if lam < 8 else float("inf")
            """,
            ("wait_minutes_tests",),
            "2.48 minutes",
        ),
    ),
)

WAIT_OR_GO = Task(
    "wait_or_go",
    {"wait_or_go_tests": 4, "wait_or_go_edges_tests": 2},
    right=(
        Right(
            "both signals by name",
            """
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
            """,
        ),
        Right(
            "a table of four cases",
            """
            def wait_or_go(p, H, L, K, q, r):
                joint = pd.DataFrame({"good": [p * q, p * (1 - q)], "bad": [(1 - p) * (1 - q), (1 - p) * q]})
                gain = joint["good"] * (H - K) + joint["bad"] * (L - K)
                now = float(gain.sum())
                wait = float(gain.clip(lower=0).sum() / (1 + r))
                option = wait - max(now, 0.0)
                words = [(option > 1e-12, "wait"), (now > 1e-12, "now"), (True, "neither")]
                return {"now": now, "wait": wait, "better": next(w for yes, w in words if yes), "option_value": option}
            """,
        ),
    ),
    wrong=(
        Wrong(
            "reforms after a bad signal, too",
            "misconception",
            """
            def wait_or_go(p, H, L, K, q, r):
                now = p * H + (1 - p) * L - K
                good = p * q + (1 - p) * (1 - q)
                bad = 1 - good
                after_good = (p * q * H + (1 - p) * (1 - q) * L) / good - K if good > 1e-15 else 0
                after_bad = (p * (1 - q) * H + (1 - p) * q * L) / bad - K if bad > 1e-15 else 0
                wait = (good * after_good + bad * after_bad) / (1 + r)
                option = wait - max(now, 0)
                better = "wait" if option > 1e-12 else "now" if now > 1e-12 else "neither"
                return {"now": now, "wait": wait, "better": better, "option_value": option}
            """,
            ("wait_or_go_tests", "wait_or_go_edges_tests"),
            "to be able to say no",
        ),
        Wrong(
            "takes a negative now away",
            "misconception",
            """
            def wait_or_go(p, H, L, K, q, r):
                now = p * H + (1 - p) * L - K
                good = p * q + (1 - p) * (1 - q)
                bad = 1 - good
                after_good = (p * q * H + (1 - p) * (1 - q) * L) / good - K if good > 1e-15 else 0
                after_bad = (p * (1 - q) * H + (1 - p) * q * L) / bad - K if bad > 1e-15 else 0
                wait = (good * max(0, after_good) + bad * max(0, after_bad)) / (1 + r)
                option = wait - now
                better = "wait" if option > 1e-12 else "now" if now > 1e-12 else "neither"
                return {"now": now, "wait": wait, "better": better, "option_value": option}
            """,
            ("wait_or_go_tests", "wait_or_go_edges_tests"),
            "nobody has to reform now",
        ),
        Wrong(
            "does not weigh the signals",
            "misconception",
            """
            def wait_or_go(p, H, L, K, q, r):
                now = p * H + (1 - p) * L - K
                good = p * q + (1 - p) * (1 - q)
                bad = 1 - good
                after_good = (p * q * H + (1 - p) * (1 - q) * L) / good - K if good > 1e-15 else 0
                after_bad = (p * (1 - q) * H + (1 - p) * q * L) / bad - K if bad > 1e-15 else 0
                wait = (max(0, after_good) + max(0, after_bad)) / (1 + r)
                option = wait - max(now, 0)
                better = "wait" if option > 1e-12 else "now" if now > 1e-12 else "neither"
                return {"now": now, "wait": wait, "better": better, "option_value": option}
            """,
            ("wait_or_go_tests", "wait_or_go_edges_tests"),
            "Weigh each signal by its probability",
        ),
        Wrong(
            "no discount",
            "boundary",
            """
            def wait_or_go(p, H, L, K, q, r):
                now = p * H + (1 - p) * L - K
                good = p * q + (1 - p) * (1 - q)
                bad = 1 - good
                after_good = (p * q * H + (1 - p) * (1 - q) * L) / good - K if good > 1e-15 else 0
                after_bad = (p * (1 - q) * H + (1 - p) * q * L) / bad - K if bad > 1e-15 else 0
                wait = good * max(0, after_good) + bad * max(0, after_bad)
                option = wait - max(now, 0)
                better = "wait" if option > 1e-12 else "now" if now > 1e-12 else "neither"
                return {"now": now, "wait": wait, "better": better, "option_value": option}
            """,
            ("wait_or_go_tests", "wait_or_go_edges_tests"),
            "divided by 1 + r",
        ),
        Wrong(
            'never "neither"',
            "edge",
            """
            def wait_or_go(p, H, L, K, q, r):
                now = p * H + (1 - p) * L - K
                good = p * q + (1 - p) * (1 - q)
                bad = 1 - good
                after_good = (p * q * H + (1 - p) * (1 - q) * L) / good - K if good > 1e-15 else 0
                after_bad = (p * (1 - q) * H + (1 - p) * q * L) / bad - K if bad > 1e-15 else 0
                wait = (good * max(0, after_good) + bad * max(0, after_bad)) / (1 + r)
                option = wait - max(now, 0)
                better = "wait" if option > 1e-12 else "now"
                return {"now": now, "wait": wait, "better": better, "option_value": option}
            """,
            ("wait_or_go_edges_tests",),
            'better should be "neither"',
        ),
        Wrong(
            "divides by a signal that never comes",
            "edge",
            """
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
            """,
            ("wait_or_go_edges_tests",),
            "adds 0, not nan",
        ),
        Wrong(
            "a tie goes to the pilot",
            "boundary",
            """
            def wait_or_go(p, H, L, K, q, r):
                now = p * H + (1 - p) * L - K
                good = p * q + (1 - p) * (1 - q)
                bad = 1 - good
                after_good = (p * q * H + (1 - p) * (1 - q) * L) / good - K if good > 1e-15 else 0
                after_bad = (p * (1 - q) * H + (1 - p) * q * L) / bad - K if bad > 1e-15 else 0
                wait = (good * max(0, after_good) + bad * max(0, after_bad)) / (1 + r)
                option = wait - max(now, 0)
                better = "wait" if option >= 0 else "now" if now > 0 else "neither"
                return {"now": now, "wait": wait, "better": better, "option_value": option}
            """,
            ("wait_or_go_edges_tests",),
            "waiting gains nothing: better should be",
        ),
        Wrong(
            "the worked example typed in",
            "constant",
            """
            def wait_or_go(p, H, L, K, q, r):
                return {"now": 15, "wait": 30 / 1.05, "better": "wait", "option_value": 30 / 1.05 - 15}
            """,
            ("wait_or_go_tests", "wait_or_go_edges_tests"),
            "A signal that says nothing",
        ),
    ),
)

WITHIN = Task(
    "within",
    {"within_tests": 4, "within_se_tests": 2},
    right=(
        Right(
            "means swept out by turns",
            """
            def within(df, y, x, unit, time):
                rows = df[df[unit].map(df[unit].value_counts()) > 1]
                n, g = len(rows), rows[unit].nunique()
                times = rows[time].nunique()
                left = rows[[y, x]].astype(float)
                for _ in range(5000):
                    before = left.copy()
                    left = left - left.groupby(rows[unit]).transform("mean")
                    left = left - left.groupby(rows[time]).transform("mean")
                    if (left - before).abs().to_numpy().max() < 1e-13:
                        break
                size = float((left[x] ** 2).sum())
                if size < 1e-12:
                    return {"slope": np.nan, "se": np.nan, "n": n, "units": g}
                slope = float((left[x] * left[y]).sum() / size)
                score = left[x] * (left[y] - slope * left[x])
                score = score.groupby(rows[unit]).sum()
                se = float(np.sqrt(g / (g - 1) * (n - 1) / (n - 1 - times) * (score**2).sum()) / size)
                return {"slope": slope, "se": se, "n": n, "units": g}
            """,
        ),
        Right(
            "one regression on all dummies, and the sandwich",
            """
            def within(df, y, x, unit, time):
                count = df.groupby(unit).size()
                rows = df[df[unit].isin(count.index[count >= 2])].reset_index(drop=True)
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
            """,
        ),
    ),
    wrong=(
        Wrong(
            "units taken out, times left in",
            "misconception",
            """
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
            """,
            ("within_tests", "within_se_tests"),
            "take out both",
        ),
        Wrong(
            "means subtracted once",
            "misconception",
            """
            def within(df, y, x, unit, time):
                rows = df[df[unit].map(df[unit].value_counts()) > 1]
                n, g = len(rows), rows[unit].nunique()
                times = rows[time].nunique()
                left = rows[[y, x]].astype(float)
                left = (
                    left
                    - left.groupby(rows[unit]).transform("mean")
                    - left.groupby(rows[time]).transform("mean")
                    + left.mean()
                )
                size = float((left[x] ** 2).sum())
                if size < 1e-12:
                    return {"slope": np.nan, "se": np.nan, "n": n, "units": g}
                slope = float((left[x] * left[y]).sum() / size)
                score = left[x] * (left[y] - slope * left[x])
                score = score.groupby(rows[unit]).sum()
                se = float(np.sqrt(g / (g - 1) * (n - 1) / (n - 1 - times) * (score**2).sum()) / size)
                return {"slope": slope, "se": se, "n": n, "units": g}
            """,
            ("within_tests",),
            "right only where no row is missing",
        ),
        Wrong(
            "the unit that stands once is kept",
            "boundary",
            """
            def within(df, y, x, unit, time):
                rows = df
                n, g = len(rows), rows[unit].nunique()
                times = rows[time].nunique()
                left = rows[[y, x]].astype(float)
                for _ in range(5000):
                    before = left.copy()
                    left = left - left.groupby(rows[unit]).transform("mean")
                    left = left - left.groupby(rows[time]).transform("mean")
                    if (left - before).abs().to_numpy().max() < 1e-13:
                        break
                size = float((left[x] ** 2).sum())
                if size < 1e-12:
                    return {"slope": np.nan, "se": np.nan, "n": n, "units": g}
                slope = float((left[x] * left[y]).sum() / size)
                score = left[x] * (left[y] - slope * left[x])
                score = score.groupby(rows[unit]).sum()
                se = float(np.sqrt(g / (g - 1) * (n - 1) / (n - 1 - times) * (score**2).sum()) / size)
                return {"slope": slope, "se": se, "n": n, "units": g}
            """,
            ("within_tests",),
            "should be dropped",
        ),
        Wrong(
            "rows taken for independent",
            "misconception",
            """
            def within(df, y, x, unit, time):
                rows = df[df[unit].map(df[unit].value_counts()) > 1]
                n, g = len(rows), rows[unit].nunique()
                times = rows[time].nunique()
                left = rows[[y, x]].astype(float)
                for _ in range(5000):
                    before = left.copy()
                    left = left - left.groupby(rows[unit]).transform("mean")
                    left = left - left.groupby(rows[time]).transform("mean")
                    if (left - before).abs().to_numpy().max() < 1e-13:
                        break
                size = float((left[x] ** 2).sum())
                if size < 1e-12:
                    return {"slope": np.nan, "se": np.nan, "n": n, "units": g}
                slope = float((left[x] * left[y]).sum() / size)
                score = left[x] * (left[y] - slope * left[x])
                pass
                se = float(np.sqrt(g / (g - 1) * (n - 1) / (n - 1 - times) * (score**2).sum()) / size)
                return {"slope": slope, "se": se, "n": n, "units": g}
            """,
            ("within_se_tests",),
            "takes all rows for independent",
        ),
        Wrong(
            "0 where x does not vary",
            "edge",
            """
            def within(df, y, x, unit, time):
                rows = df[df[unit].map(df[unit].value_counts()) > 1]
                n, g = len(rows), rows[unit].nunique()
                times = rows[time].nunique()
                left = rows[[y, x]].astype(float)
                for _ in range(5000):
                    before = left.copy()
                    left = left - left.groupby(rows[unit]).transform("mean")
                    left = left - left.groupby(rows[time]).transform("mean")
                    if (left - before).abs().to_numpy().max() < 1e-13:
                        break
                size = float((left[x] ** 2).sum())
                if size < 1e-12:
                    return {"slope": 0.0, "se": 0.0, "n": n, "units": g}
                slope = float((left[x] * left[y]).sum() / size)
                score = left[x] * (left[y] - slope * left[x])
                score = score.groupby(rows[unit]).sum()
                se = float(np.sqrt(g / (g - 1) * (n - 1) / (n - 1 - times) * (score**2).sum()) / size)
                return {"slope": slope, "se": se, "n": n, "units": g}
            """,
            ("within_tests", "within_se_tests"),
            "the slope should be nan",
        ),
        Wrong(
            "sorts the table in place",
            "mutates",
            """
            def within(df, y, x, unit, time):
                df.sort_values([time, unit], ascending=False, inplace=True)
                rows = df[df[unit].map(df[unit].value_counts()) > 1]
                n, g = len(rows), rows[unit].nunique()
                times = rows[time].nunique()
                left = rows[[y, x]].astype(float)
                for _ in range(5000):
                    before = left.copy()
                    left = left - left.groupby(rows[unit]).transform("mean")
                    left = left - left.groupby(rows[time]).transform("mean")
                    if (left - before).abs().to_numpy().max() < 1e-13:
                        break
                size = float((left[x] ** 2).sum())
                if size < 1e-12:
                    return {"slope": np.nan, "se": np.nan, "n": n, "units": g}
                slope = float((left[x] * left[y]).sum() / size)
                score = left[x] * (left[y] - slope * left[x])
                score = score.groupby(rows[unit]).sum()
                se = float(np.sqrt(g / (g - 1) * (n - 1) / (n - 1 - times) * (score**2).sum()) / size)
                return {"slope": slope, "se": se, "n": n, "units": g}
            """,
            ("within_tests",),
            "changed the table df",
        ),
        Wrong(
            "the worked example typed in",
            "constant",
            """
            def within(df, y, x, unit, time):
                return {"slope": 2.0, "se": 0.0, "n": len(df), "units": df[unit].nunique()}
            """,
            ("within_tests", "within_se_tests"),
            "should be dropped",
        ),
    ),
)

TASKS = (
    INTERVALS,
    RATE_CI,
    CAPABILITY,
    STEADY_CAPABILITY,
    MEAN_CAPABILITY,
    BREAKEVEN_YEARS,
    REDUNDANCY_PATH,
    COST_DEFINITIONS,
    ERLANG_C,
    WAIT_MINUTES,
    WAIT_OR_GO,
    WITHIN,
)

CRITERIA = {
    "model with stated ranges": 3,
    "classes of cost kept apart": 3,
    "commitment in advance": 3,
    "fair to reformers": 1,
}

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
