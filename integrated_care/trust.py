"""Methods of chapter 10, *Trust, health workers and discretion*: who is lost on the way, what a programme can do in its
hours, and what three small powers do.

Conventions, the same in every function
---------------------------------------
* A person, a ticket or a client is one row; rows go by position, never by label. Months, rounds and steps are in the order given.
* A step that is missing counts as not done. Shares, rates and probabilities are fractions (0.73, not 73).
* Times that tie: an event comes before a censoring. Two computed numbers count as equal if they agree to twelve digits.
* Among equals the earlier wins: the earlier step, the earlier arrival, then the earlier row.
* What is undefined is nan, never 0; a median that is never reached is infinite.
* ``ValueError`` names the argument and the value at fault. Nothing that is passed in is changed.

scipy is not imported: in a browser it would be 19 MB more to fetch.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from math import erfc, inf, isclose, nan, sqrt
from statistics import NormalDist
from typing import NamedTuple

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .arguments import (
    NOISE,
    column,
    columns,
    finite,
    has_columns,
    plain,
    refuse,
    refuse_negative,
    refuse_rows,
    say,
    within,
)
from .guard import refuse_while_grading

refuse_while_grading(__name__)

__all__ = [
    "Cascade",
    "basin",
    "cascade",
    "cascade_of_counts",
    "chws_needed",
    "did_interval",
    "did_staged",
    "discretion_gap",
    "km",
    "log_rank",
    "median_close",
    "serve",
    "simulate_hunt",
    "staged_effects",
    "still_open",
    "tipping_point",
    "trust_path",
    "villages_per_month",
    "weekly_contacts",
]

WEEKS_PER_MONTH = 52 / 12


# --- the cascade of care ----------------------------------------------------------------------------------------------


class Cascade(NamedTuple):
    """A cascade: its table, and its largest drop in two senses.

    ``table`` has one row a step: ``people`` still in the cascade, ``retained`` (of all), ``conditional`` (of those in it after
    the step before) and ``lost`` (people). ``most_lost`` is the step that loses most people, ``weakest`` the one with the lowest
    conditional share; ``None`` where no step has one.
    """

    table: pd.DataFrame
    most_lost: Hashable
    weakest: Hashable


def cascade(df: pd.DataFrame, steps: Sequence[Hashable]) -> Cascade:
    """Who is still in care after each step.

    Parameters
    ----------
    df
        One row a person.
    steps
        Columns of ``df``, in the order of care: 1 or True where the step was done, 0, False or missing where it was not.

    Returns
    -------
    Cascade
        A person is still in the cascade after a step if it *and every step before it* were done. Shares of nobody are nan.

    Raises
    ------
    ValueError
        If ``steps`` is empty or names a step twice, a column is missing, or a value is neither 0 nor 1.

    Examples
    --------
    >>> women = pd.DataFrame({"visit": [1, 1, 1, 0], "birth": [1, 0, None, 1]})
    >>> found = cascade(women, ["visit", "birth"])
    >>> found.table["people"].tolist(), found.table["conditional"].round(3).tolist(), found.weakest
    ([3, 1], [0.75, 0.333], 'birth')

    Source: Gardner et al. (2011), doi:10.1093/cid/ciq243, for the form.
    """
    steps = list(steps)
    if not steps:
        raise ValueError("steps: there is none")
    if len(set(steps)) < len(steps):
        raise ValueError(f"steps: {say(next(s for s in steps if steps.count(s) > 1))} stands there twice")
    has_columns("df", df, steps)
    still, people = np.ones(len(df), dtype=bool), [len(df)]
    for step in steps:
        done = column(f"df[{say(step)}]", df[step].astype("Float64").to_numpy(dtype=float, na_value=nan))
        refuse_rows(f"df[{say(step)}]", done, ~np.isin(done, (0, 1)) & ~np.isnan(done), "is neither 0 nor 1")
        still &= done == 1
        people.append(int(still.sum()))
    return cascade_of_counts(people, steps)


def cascade_of_counts(people: ArrayLike, steps: Sequence[Hashable]) -> Cascade:
    """The cascade of published counts: ``people`` at the start, then after each of ``steps``.

    Raises
    ------
    ValueError
        If there is not one count more than steps, or a count is negative or above the one before it.

    Examples
    --------
    >>> found = cascade_of_counts([100, 70, 60, 36], ["tested", "linked", "treated"])
    >>> found.table["retained"].tolist(), found.most_lost, found.weakest
    ([0.7, 0.6, 0.36], 'tested', 'treated')
    """
    people = column("people", people, len(steps) + 1)
    refuse_negative(people=people)
    refuse_rows("people", people[1:], people[1:] > people[:-1], "is more than there were before")
    if len(steps) == 0:
        raise ValueError("steps: there is none")
    with np.errstate(divide="ignore", invalid="ignore"):
        conditional = np.where(people[:-1] > 0, people[1:] / people[:-1], nan)
        retained = people[1:] / people[0] if people[0] > 0 else np.full(len(steps), nan)
    lost = people[:-1] - people[1:]
    whole = (people == people.round()).all()
    table = pd.DataFrame(
        {
            "people": people[1:].astype("int64") if whole else people[1:],
            "retained": retained,
            "conditional": conditional,
            "lost": lost.astype("int64") if whole else lost,
        },
        index=pd.Index(list(steps), name="step"),
    )
    if people[0] == 0:
        return Cascade(table, None, None)
    lowest = conditional <= np.nanmin(conditional) + NOISE
    return Cascade(table, list(steps)[int(np.argmax(lost))], list(steps)[int(np.argmax(lowest))])


# --- a programme and its hours ----------------------------------------------------------------------------------------


def weekly_contacts(
    hours: ArrayLike, admin: ArrayLike, visit_min: ArrayLike, travel_min: ArrayLike
) -> int | np.ndarray:
    """How many homes a worker can visit in a week: whole visits, each with its road.

    Parameters
    ----------
    hours
        Paid hours a week.
    admin
        Share of them that goes into papers and meetings. From 1 on nothing is left, and the answer is 0.
    visit_min, travel_min
        Minutes in a home, and on the road to it. Arrays are broadcast against each other.

    Returns
    -------
    int or array
        60 hours (1 - admin) / (visit_min + travel_min), rounded down.

    Raises
    ------
    ValueError
        If an argument is negative or missing, or a visit and its road take no time.

    Examples
    --------
    >>> weekly_contacts(hours=24, admin=0.25, visit_min=25, travel_min=35), weekly_contacts(24, 0.25, 25, 5)
    (18, 36)
    """
    named = dict(zip(("hours", "admin", "visit_min", "travel_min"), (hours, admin, visit_min, travel_min), strict=True))
    arrays = finite(**named)
    for name, values in zip(named, arrays, strict=True):
        refuse(name, values, values < 0, "is negative")
    hours, admin, visit, travel = np.broadcast_arrays(*arrays)
    refuse("visit_min", visit + travel, visit + travel == 0, "minutes for a visit and its road are none")
    # The grain keeps 405 / 45, which can come out as 8.999…, at 9.
    found = np.floor(60 * hours * np.clip(1 - admin, 0, None) / (visit + travel) + 1e-9).astype("int64")
    return found if found.ndim else int(found)


def villages_per_month(contacts: ArrayLike, per_trip: ArrayLike) -> float | np.ndarray:
    """Trips to a village in a month, if each trip serves ``per_trip`` of the ``contacts`` of a week.

    Raises
    ------
    ValueError
        If ``contacts`` is negative or ``per_trip`` is not above 0.

    Examples
    --------
    >>> villages_per_month(18, 6)
    13.0
    """
    contacts, per_trip = finite(contacts=contacts, per_trip=per_trip)
    refuse("contacts", contacts, contacts < 0, "is negative")
    refuse("per_trip", per_trip, per_trip <= 0, "is not above 0")
    return plain(contacts / per_trip * WEEKS_PER_MONTH)


def chws_needed(population: int, clients_per_chw: int) -> int:
    """How many workers serve a population: whole workers, and nobody is left over.

    Raises
    ------
    ValueError
        If ``population`` is not a whole number from 0 on, or ``clients_per_chw`` is not one from 1 on.

    Examples
    --------
    >>> chws_needed(285_000, 285), chws_needed(285_001, 285), chws_needed(0, 285)
    (1000, 1001, 0)
    """
    for name, value, least in (("population", population, 0), ("clients_per_chw", clients_per_chw, 1)):
        within(name, value, least)
        refuse(name, value, value != int(value), "is not a whole number")
    return -(-int(population) // int(clients_per_chw))


# --- a programme that comes in stages ---------------------------------------------------------------------------------


def staged_effects(df: pd.DataFrame) -> pd.DataFrame:
    """What a staged programme changed, start by start and time by time, beside those whom it had not reached yet.

    Parameters
    ----------
    df
        One row for each unit and time: ``unit``, ``time`` (a number), ``outcome``, and ``start``, the first time with the
        programme, missing where it does not come within the data. Units that have it from the first time on are left out,
        because nothing is known of them before.

    Returns
    -------
    DataFrame
        One row for each ``start`` and ``time`` from it on for which anybody is left to compare with: ``units`` that started
        then, ``controls`` (units that start later than ``time``) and ``effect``: the mean change since the last time before
        the start, less that of the controls.

    Raises
    ------
    ValueError
        If a column is missing, a unit lacks a time, has it twice or has two starts, an outcome is missing, or there is nobody
        to compare with: all started at once.

    Examples
    --------
    >>> rows = [("a", 1, 0.70, 2), ("a", 2, 0.80, 2), ("b", 1, 0.60, None), ("b", 2, 0.63, None)]
    >>> found = staged_effects(pd.DataFrame(rows, columns=["unit", "time", "outcome", "start"]))
    >>> found["effect"].round(3).tolist()
    [0.07]

    Source: Callaway and Sant'Anna (2021), doi:10.1016/j.jeconom.2020.12.001, controls not yet treated, no covariates.
    """
    panel, start = _panel(df)
    cells = _cells(panel, start)
    effect = _effects(panel.to_numpy(), start, cells, np.ones((1, len(panel))), panel.columns.to_numpy())[0]
    rows = {
        "start": [g for g, _, _ in cells],
        "time": [t for _, _, t in cells],
        "units": [int((start == g).sum()) for g, _, _ in cells],
        "controls": [int((start > t).sum()) for _, _, t in cells],
    }
    return pd.DataFrame(rows | {"effect": effect})


def did_staged(df: pd.DataFrame) -> float:
    """The mean effect of a staged programme on those who have it: :func:`staged_effects`, weighted by the units that started.

    Arguments and errors as in :func:`staged_effects`.
    """
    table = staged_effects(df)
    return float(np.average(table["effect"], weights=table["units"]))


def did_interval(df: pd.DataFrame, level: float = 0.95, draws: int = 999, seed: int = 0) -> tuple[float, float]:
    """Limits for :func:`did_staged` from drawing whole units with replacement (the cluster bootstrap, percentiles).

    A draw in which nobody is left to compare with, or nobody started, is set aside.

    Raises
    ------
    ValueError
        As :func:`staged_effects`; if ``level`` is not between 0 and 1, or ``draws`` is not a whole number from 1 on.

    Source: Efron and Tibshirani (1993), *An Introduction to the Bootstrap*, chapter 13, for the percentiles.
    """
    within("level", level, 0, 1, open_low=True, open_high=True)
    refuse("draws", draws, draws != int(draws) or draws < 1, "is not a whole number from 1 on")
    panel, start = _panel(df)
    cells = _cells(panel, start)
    n = len(panel)
    drawn = np.random.default_rng(seed).integers(0, n, (int(draws), n))
    times_drawn = np.zeros((int(draws), n))
    np.add.at(times_drawn, (np.arange(int(draws))[:, None], drawn), 1.0)
    effect = _effects(panel.to_numpy(), start, cells, times_drawn, panel.columns.to_numpy())
    size = np.stack([times_drawn[:, start == g].sum(axis=1) for g, _, _ in cells], axis=1)
    size = np.where(np.isnan(effect), 0.0, size)
    with np.errstate(invalid="ignore"):
        mean = (np.nan_to_num(effect) * size).sum(axis=1) / size.sum(axis=1)
    low, high = np.nanpercentile(mean, [50 * (1 - level), 50 * (1 + level)])
    return float(low), float(high)


# --- how long a question stays open -----------------------------------------------------------------------------------


def km(time: ArrayLike, event: ArrayLike, level: float = 0.95) -> pd.DataFrame:
    """The Kaplan-Meier curve: the share still open after each time at which something was closed.

    Parameters
    ----------
    time
        Time until it was closed, or until it was last seen open; from 0 on.
    event
        1 or True: closed then. 0 or False: still open then, which is called censored.
    level
        Of the confidence limits.

    Returns
    -------
    DataFrame
        One row for each ``time`` with an event, in order: ``at_risk`` (seen open just before; whoever is censored at that very
        time counts), ``closed``, ``open`` (the share), ``se`` (Greenwood), ``low`` and ``high`` (on the scale of log(-log),
        so that they stay within 0 and 1). The last three are nan where the share is 0. No row: nothing was closed.

    Raises
    ------
    ValueError
        If lengths differ, a time is negative or missing, or an event is neither 0 nor 1.

    Examples
    --------
    >>> km([2, 3, 3, 5], [1, 1, 0, 0])[["time", "at_risk", "closed", "open"]].to_numpy().tolist()
    [[2.0, 4.0, 1.0, 0.75], [3.0, 3.0, 1.0, 0.5]]

    Source: Kaplan and Meier (1958), doi:10.1080/01621459.1958.10501452.
    """
    within("level", level, 0, 1, open_low=True, open_high=True)
    times, at_risk, closed = _risk_table(time, event)
    open_ = np.cumprod(1 - closed / at_risk)
    open_ = np.where(closed == at_risk, 0.0, open_)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(closed / (at_risk * (at_risk - closed))))
        spread = np.where(open_ > 0, spread, nan)
        log = np.log(open_)
        half = NormalDist().inv_cdf(0.5 + level / 2) * spread / np.abs(log)
        low, high = np.exp(log * np.exp(half)), np.exp(log * np.exp(-half))
    rows = {"time": times, "at_risk": at_risk.astype("int64"), "closed": closed.astype("int64"), "open": open_}
    return pd.DataFrame(rows | {"se": open_ * spread, "low": low, "high": high})


def still_open(time: ArrayLike, event: ArrayLike, at: ArrayLike) -> float | np.ndarray:
    """The Kaplan-Meier share still open at some times: 1 before the first event, nan after the last time that was seen.

    Errors as in :func:`km`.

    Examples
    --------
    >>> still_open([2, 3, 3, 5], [1, 1, 0, 0], at=[1, 2, 4, 6]).tolist()
    [1.0, 0.75, 0.5, nan]
    """
    table = km(time, event)
    (at,) = finite(at=at)
    curve = np.append(1.0, table["open"].to_numpy())
    found = curve[np.searchsorted(table["time"].to_numpy(), at, side="right")]
    last = np.max(column("time", time), initial=-inf)
    return plain(np.where((at > last) & (curve[-1] > 0), nan, found))


def median_close(time: ArrayLike, event: ArrayLike) -> float:
    """The first time by which half are closed: where the Kaplan-Meier share is at most 0.5; infinite if it never is.

    Arguments and errors as in :func:`km`. Where the share is exactly a half until a later event, R's survival answers the
    middle of that stretch, and this function its beginning.

    Examples
    --------
    >>> median_close([2, 3, 3, 5], [1, 1, 0, 0]), median_close([2, 3], [0, 0])
    (3.0, inf)
    """
    table = km(time, event)
    reached = table.loc[table["open"] <= 0.5 + NOISE, "time"]
    return float(reached.iloc[0]) if len(reached) else inf


def log_rank(time: ArrayLike, event: ArrayLike, group: ArrayLike) -> tuple[float, float]:
    """The log-rank test of two groups: chi-squared with one degree of freedom, and its p-value.

    ``group`` holds two labels; the other arguments and the errors are those of :func:`km`. nan where nothing can differ.

    Examples
    --------
    >>> [round(x, 4) for x in log_rank([1, 2, 3, 4], [1, 1, 1, 1], ["a", "a", "b", "b"])]
    [2.8824, 0.0896]

    Source: Mantel (1966).
    """
    labels = pd.unique(np.asarray(group))
    if len(labels) != 2:
        raise ValueError(f"group: has {len(labels)} labels, where two are needed")
    first = np.asarray(group) == labels[0]
    times, at_risk, closed = _risk_table(time, event)
    if len(first) != len(column("time", time)):
        raise ValueError(f"group: has {len(first)} rows, but time has {len(column('time', time))}")
    own_time, own_event = np.asarray(time, dtype=float)[first], np.asarray(event, dtype=float)[first]
    own_risk = (own_time[:, None] >= times).sum(axis=0) if len(times) < 2000 else _at_risk(own_time, times)
    own_closed = np.bincount(np.searchsorted(times, own_time[own_event == 1]), minlength=len(times))[: len(times)]
    share = own_risk / at_risk
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(at_risk > 1, (at_risk - closed) / (at_risk - 1), 0.0)
    variance = (closed * share * (1 - share) * factor).sum()
    if variance <= 0:
        return nan, nan
    chi2 = float((own_closed - closed * share).sum() ** 2 / variance)
    return chi2, erfc(sqrt(chi2 / 2))


# --- trust ------------------------------------------------------------------------------------------------------------


def trust_path(events: pd.DataFrame | ArrayLike, lam: float, a0: float = 1, b0: float = 1) -> np.ndarray:
    """Trust after each month: promises kept and broken, of which the older ones fade.

    Parameters
    ----------
    events
        One row a month, in order: ``kept`` and ``broken``, counts of promises that fell due. A month without any is a row of two
        zeros. Also an array with these two columns.
    lam
        What a month leaves of the evidence before it, from 0 (only the last month counts) to 1 (nothing fades).
    a0, b0
        The expectation before any evidence, as promises kept and broken; above 0.

    Returns
    -------
    array
        (a0 + r) / (a0 + b0 + r + s) after each month, where r = lam r + kept and s = lam s + broken, both from 0. It fades to
        a0 / (a0 + b0), not to 0.

    Raises
    ------
    ValueError
        If a count is negative or missing, ``lam`` is not from 0 to 1, or ``a0`` or ``b0`` is not above 0.

    Examples
    --------
    >>> trust_path([(1, 0), (0, 0), (0, 0), (0, 0)], lam=0.9).round(3).tolist()
    [0.667, 0.655, 0.644, 0.634]

    Source: Jøsang and Ismail (2002), the beta reputation with forgetting.
    """
    within("lam", lam, 0, 1)
    within("a0", a0, 0, open_low=True)
    within("b0", b0, 0, open_low=True)
    if isinstance(events, pd.DataFrame):
        has_columns("events", events, ["kept", "broken"])
        pairs = {name: events[name].to_numpy() for name in ("kept", "broken")}
    else:
        (array,) = finite(events=events)
        if array.size and (array.ndim != 2 or array.shape[1] != 2):
            raise ValueError(f"events: needs two columns, kept and broken, but its shape is {array.shape}")
        array = array.reshape(-1, 2)
        pairs = {"kept": array[:, 0], "broken": array[:, 1]}
    (kept, broken), _ = columns(pairs)
    for name, values in {"kept": kept, "broken": broken}.items():
        refuse_rows(name, values, np.isnan(values), "is missing")
    refuse_negative(kept=kept, broken=broken)
    r = s = 0.0
    found = np.empty(len(kept))
    for i, (k, b) in enumerate(zip(kept, broken, strict=True)):
        r, s = lam * r + k, lam * s + b
        found[i] = (a0 + r) / (a0 + b0 + r + s)
    return found


# --- the stag hunt ----------------------------------------------------------------------------------------------------


def tipping_point(R: float, S: float, T: float, P: float) -> float:
    """The share of cooperators among those whom one meets from which cooperating pays: (P - S) / ((R - T) + (P - S)).

    Parameters
    ----------
    R, S
        What cooperating pays beside somebody who cooperates, and beside somebody who does not.
    T, P
        What holding back pays beside somebody who cooperates, and beside somebody who does not.

    Raises
    ------
    ValueError
        If the payoffs are no stag hunt, R > T >= P > S; it says which of the three fails. Other games with two stable ends,
        such as 4, 0, 2, 3, are refused on purpose: there, holding back pays more beside others who hold back.

    Examples
    --------
    >>> tipping_point(R=4, S=0, T=3, P=3)
    0.75

    Source: Skyrms (2004), *The Stag Hunt and the Evolution of Social Structure*.
    """
    for name, value in {"R": R, "S": S, "T": T, "P": P}.items():
        within(name, value)
    if not R > T:
        raise ValueError(f"R > T fails: {R:g} is not above {T:g}, so no stag hunt")
    if not T >= P:
        raise ValueError(f"T >= P fails: {T:g} is below {P:g}, so no stag hunt")
    if not P > S:
        raise ValueError(f"P > S fails: {P:g} is not above {S:g}, so no stag hunt")
    return float((P - S) / ((R - T) + (P - S)))


def simulate_hunt(
    G: nx.Graph, coop0: Collection, payoffs: Sequence[float], rounds: int, eps: float = 0.0, seed: int = 0
) -> np.ndarray:
    """The share that cooperates, round by round, when each looks at its neighbours and answers best.

    Parameters
    ----------
    G
        Who meets whom; taken as simple and undirected, without loops.
    coop0
        The nodes that cooperate at first.
    payoffs
        R, S, T, P, as in :func:`tipping_point`.
    rounds
        How often everybody, at once, looks at the round before: above the tipping point a share of neighbours makes one
        cooperate, below it hold back, and *on* it, or without neighbours, one stays as one is.
    eps
        Chance that a node then does the opposite: nodes whose number of ``rng.random(len(G))`` is below ``eps``, in the order of
        ``list(G)``, drawn anew in each round.
    seed
        Of ``numpy.random.default_rng``; used only if ``eps`` is above 0.

    Returns
    -------
    array
        ``rounds + 1`` shares, the first one before any round; nan for a graph without nodes.

    Raises
    ------
    ValueError
        If ``coop0`` names a stranger, ``rounds`` is not a whole number from 0 on, ``eps`` is not from 0 to 1, or the payoffs are
        no stag hunt.

    Examples
    --------
    >>> simulate_hunt(nx.cycle_graph(6), [2, 3], (3, 0, 1, 1), rounds=3).round(2).tolist()
    [0.33, 0.67, 1.0, 1.0]
    """
    p = tipping_point(*payoffs)
    refuse("rounds", rounds, rounds != int(rounds) or rounds < 0, "is not a whole number from 0 on")
    within("eps", eps, 0, 1)
    place, ends, degree = _edges(G)
    state = np.zeros(len(place))
    for node in coop0:
        if node not in place:
            raise ValueError(f"coop0: {say(node)} is no node of G")
        state[place[node]] = 1
    return _play(state, ends, degree, p, int(rounds), eps, seed)


def basin(
    G: nx.Graph, payoffs: Sequence[float], starts: ArrayLike, rounds: int = 50, draws: int = 20, seed: int = 0
) -> pd.DataFrame:
    """Where the hunt of :func:`simulate_hunt` ends if a given share, drawn at random, cooperates at first.

    Returns one row for each ``start`` and ``draw``: ``end``, the share that cooperates after ``rounds``. Draw by draw, a larger
    start holds all the nodes of a smaller one.

    Examples
    --------
    >>> basin(nx.complete_graph(10), (3, 0, 1, 1), [0.2, 0.9], draws=1)["end"].tolist()
    [0.0, 1.0]
    """
    p = tipping_point(*payoffs)
    (starts,) = finite(starts=starts)
    refuse("starts", starts, (starts < 0) | (starts > 1), "is not from 0 to 1")
    place, ends, degree = _edges(G)
    rng, rows = np.random.default_rng(seed), []
    for draw in range(draws):
        order = rng.permutation(len(place))
        for start in np.atleast_1d(starts):
            state = np.zeros(len(place))
            state[order[: round(float(start) * len(place))]] = 1
            rows.append((float(start), draw, _play(state, ends, degree, p, rounds, 0.0, 0)[-1]))
    return pd.DataFrame(rows, columns=["start", "draw", "end"])


# --- discretion -------------------------------------------------------------------------------------------------------


def serve(queue: pd.DataFrame, b: float, service: float = 10, leave: bool = False) -> np.ndarray:
    """How long each patient waits at one counter, when the clerk gives ``b`` points of severity to those who share a language.

    Parameters
    ----------
    queue
        One row a patient: ``arrival`` (minutes), ``severity`` (higher = more urgent), ``match`` (1 if they share the clerk's
        language). With ``leave`` also ``patience`` (minutes); with a column ``day`` each day is a queue of its own.
    b
        What a shared language adds to the severity in the clerk's eyes: below 0 those who do not share it come first.
    service
        Minutes that each patient takes, the same for all.
    leave
        True: whoever has waited longer than their patience is gone.

    Returns
    -------
    array
        Minutes from arrival until the clerk calls, in the order of the rows; nan for those who left. Whenever the clerk is free,
        the highest severity + b match among those who are there is called; of equals, who came earlier, then the
        earlier row. Nobody there: the clerk waits for the next arrival.

    Raises
    ------
    ValueError
        If a column is missing, a value is missing, a ``match`` is neither 0 nor 1, or ``service`` is not above 0.

    Examples
    --------
    >>> queue = pd.DataFrame({"arrival": [0, 1, 2], "severity": [1, 1, 2], "match": [0, 0, 1]})
    >>> serve(queue, b=0).tolist(), serve(queue, b=-2).tolist()
    ([0.0, 19.0, 8.0], [0.0, 9.0, 18.0])
    """
    within("b", b)
    within("service", service, 0, open_low=True)
    has_columns("queue", queue, ["arrival", "severity", "match", *(["patience"] if leave else [])])
    arrival, severity, match = (
        column(f"queue[{name!r}]", queue[name].to_numpy()) for name in ("arrival", "severity", "match")
    )
    patience = column("queue['patience']", queue["patience"].to_numpy()) if leave else np.full(len(queue), inf)
    for name, values in {"arrival": arrival, "severity": severity, "match": match, "patience": patience}.items():
        refuse_rows(f"queue[{name!r}]", values, np.isnan(values), "is missing")
    refuse_rows("queue['match']", match, ~np.isin(match, (0, 1)), "is neither 0 nor 1")
    score = severity + b * match
    waits = np.full(len(queue), nan)
    days = queue["day"].to_numpy() if "day" in queue else np.zeros(len(queue))
    for day in pd.unique(days):
        rows = np.flatnonzero(days == day)
        waits[rows] = _one_counter(arrival[rows], score[rows], patience[rows], service)
    return waits


def discretion_gap(queue: pd.DataFrame, b: float, service: float = 10) -> float:
    """How much longer those wait who do not share the clerk's language: their mean wait less that of the others.

    Arguments and errors as in :func:`serve`; nobody leaves. nan where one of the two groups is empty. With ``b = 0`` it need
    not be 0, because who comes when and how urgently may differ between the groups: what discretion did is the difference
    from that.

    Examples
    --------
    >>> queue = pd.DataFrame({"arrival": [0, 1, 1], "severity": [1, 1, 1], "match": [1, 0, 1]})
    >>> discretion_gap(queue, b=0), discretion_gap(queue, b=1)
    (-0.5, 14.5)
    """
    waits, match = serve(queue, b, service), queue["match"].to_numpy(dtype=float)
    other, own = waits[match == 0], waits[match == 1]
    return float(other.mean() - own.mean()) if len(other) and len(own) else nan


# --- shared -----------------------------------------------------------------------------------------------------------


def _panel(df: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Units down and times across, and the start of each unit (infinite: not within the data)."""
    has_columns("df", df, ["unit", "time", "outcome", "start"])
    flat = pd.DataFrame(
        {
            "unit": df["unit"].to_numpy(),
            "time": column("df['time']", df["time"].to_numpy()),
            "outcome": column("df['outcome']", df["outcome"].astype("Float64").to_numpy(dtype=float, na_value=nan)),
            "start": df["start"].astype("Float64").to_numpy(dtype=float, na_value=inf),
        }
    )
    refuse_rows("df['outcome']", flat["outcome"].to_numpy(), flat["outcome"].isna().to_numpy(), "is missing")
    twice = flat.duplicated(["unit", "time"])
    if twice.any():
        unit, time = flat.loc[twice, ["unit", "time"]].iloc[0]
        raise ValueError(f"df: unit {say(unit)} has time {time:g} twice")
    starts = flat.groupby("unit")["start"].nunique()
    if (starts > 1).any():
        raise ValueError(f"df['start']: unit {say(starts.idxmax())} has {starts.max()} starts")
    panel = flat.pivot(index="unit", columns="time", values="outcome")
    if panel.isna().to_numpy().any():
        unit, time = panel.isna().stack().idxmax()
        raise ValueError(f"df: unit {say(unit)} has no time {time:g}")
    start = flat.groupby("unit")["start"].first().reindex(panel.index).to_numpy()
    before = start > panel.columns.min()  # those with the programme from the first time on say nothing
    return panel[before], start[before]


def _cells(panel: pd.DataFrame, start: np.ndarray) -> list[tuple[float, float, float]]:
    """(start, last time before it, time) for which somebody starts later than the time."""
    times = panel.columns.to_numpy(dtype=float)
    cells = [
        (g, times[times < g].max(), t)
        for g in np.unique(start[np.isfinite(start)])
        for t in times[times >= g]
        if (start > t).any()
    ]
    if not cells:
        raise ValueError("df['start']: nobody is left to compare with, since all started at once or nobody did")
    return cells


def _effects(y: np.ndarray, start: np.ndarray, cells: list[tuple], weight: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The effect in each cell (across) for each row of weights of the units (down); nan where a group weighs nothing."""
    at = {float(t): i for i, t in enumerate(times)}
    found = np.empty((len(weight), len(cells)))
    for c, (g, base, t) in enumerate(cells):
        change = y[:, at[t]] - y[:, at[base]]
        means = []
        for rows in (start == g, start > t):
            total = weight[:, rows].sum(axis=1)
            with np.errstate(invalid="ignore", divide="ignore"):
                means.append(np.where(total > 0, weight[:, rows] @ change[rows] / total, nan))
        found[:, c] = means[0] - means[1]
    return found


def _risk_table(time: ArrayLike, event: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times with an event, how many were seen open just before, and how many were closed."""
    (time, event), _ = columns({"time": _raw(time), "event": _raw(event)})
    refuse_rows("time", time, np.isnan(time), "is missing")
    refuse_negative(time=time)
    refuse_rows("event", event, ~np.isin(event, (0, 1)), "is neither 0 nor 1")
    times, which = np.unique(time, return_inverse=True)
    all_at = np.bincount(which, minlength=len(times)).astype(float)
    closed = np.bincount(which, weights=event, minlength=len(times))
    at_risk = np.cumsum(all_at[::-1])[::-1]
    some = closed > 0
    return times[some], at_risk[some], closed[some]


def _raw(values: ArrayLike) -> np.ndarray:
    return values.to_numpy() if isinstance(values, pd.Series) else values


def _at_risk(time: np.ndarray, times: np.ndarray) -> np.ndarray:
    return len(time) - np.searchsorted(np.sort(time), times, side="left")


def _edges(G: nx.Graph) -> tuple[Mapping[Hashable, int], tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Place of each node, both ends of each tie (each tie twice), and neighbours of each node."""
    place = {node: i for i, node in enumerate(G)}
    pairs = {tuple(sorted((place[u], place[v]))) for u, v in G.edges() if u != v}
    pairs = np.array(sorted(pairs), dtype=np.intp).reshape(-1, 2)
    here, there = np.concatenate([pairs[:, 0], pairs[:, 1]]), np.concatenate([pairs[:, 1], pairs[:, 0]])
    return place, (here, there), np.bincount(here, minlength=len(place))


def _play(
    state: np.ndarray,
    ends: tuple[np.ndarray, np.ndarray],
    degree: np.ndarray,
    p: float,
    rounds: int,
    eps: float,
    seed: int,
) -> np.ndarray:
    if not len(state):
        return np.full(rounds + 1, nan)
    here, there = ends
    rng, shares = np.random.default_rng(seed), [state.mean()]
    line = p * degree
    for _ in range(rounds):
        beside = np.bincount(here, weights=state[there], minlength=len(state))
        gap = beside - line
        state = np.where(np.abs(gap) <= NOISE * np.maximum(degree, 1), state, (gap > 0).astype(float))
        if eps > 0:
            state = np.where(rng.random(len(state)) < eps, 1 - state, state)
        shares.append(state.mean())
    return np.array(shares)


def _one_counter(arrival: np.ndarray, score: np.ndarray, patience: np.ndarray, service: float) -> np.ndarray:
    waits = np.full(len(arrival), nan)
    left = list(np.lexsort((np.arange(len(arrival)), arrival)))
    now = -inf
    while left:
        left = [i for i in left if now - arrival[i] <= patience[i]]
        if not left:
            break
        now = max(now, arrival[left[0]])
        here = [i for i in left if arrival[i] <= now]
        # ``left`` is in the order of arrival, so of equals the first is who came earlier.
        best = max(score[i] for i in here)
        called = next(i for i in here if isclose(score[i], best, rel_tol=NOISE, abs_tol=NOISE))
        waits[called] = now - arrival[called]
        left.remove(called)
        now += service
    return waits
