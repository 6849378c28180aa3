"""The published targets: what each figure is made of, and whether it can be said that the target is met. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median

from feedback.health import Availability
from feedback.intervals import FEW, Share, mean_interval

GOALS = {
    "self_service": (0.60, "share", True), "automated": (0.20, "share", True), "repeated": (0.90, "share", True), "satisfaction": (4.5, "stars", True),
    # "Acknowledged within 15 minutes" and "answered within 30" are read as: 95 of 100 are.
    "acknowledged": (0.95, "share", True), "answered": (0.95, "share", True),
    "resolution_time": (4.0, "hours", False), "resolution_rate": (0.95, "share", True), "availability": (0.999, "share", True),
}  # fmt: skip
"""Code -> goal, unit, whether the figure is to be at least that (else at most). In the order in which they are shown."""
LIGHTS = ("met", "close", "missed", "few", "unknown")
LEAST_WATCHED = 3600
"""Seconds of record before availability is said: a start takes some seconds, and would be most of a minute."""
WHYS = ("no_requests", "no_problems", "no_ratings", "no_questions", "none_closed", "no_record", "period_too_short", "forgotten")
RESOLVE = timedelta(hours=4)
"""Questions younger than this that are not closed are not yet unresolved."""


@dataclass(frozen=True)
class Target:
    """One target and its figure. `interval` are bounds at 95 %, None where there are none; shares are 0 to 1.

    `light`: 'met' or 'missed' when the whole interval says so, else 'close'; 'few' below 20 cases; 'unknown' without a figure, and `why` says why.
    `parts` are figures that belong beside it, as code and number; `pending` counts cases that are left out because their time is not over.
    """

    name: str
    goal: float
    unit: str
    at_least: bool
    value: float | None
    numerator: float | None
    denominator: float | None
    interval: tuple[float, float] | None
    light: str
    why: str = ""
    parts: tuple[tuple[str, float], ...] = ()
    pending: int = 0


@dataclass(frozen=True)
class Case:
    """One question of a customer: when it was asked, first acted on by the team, first answered, closed (None while it is not), and rated."""

    asked_at: datetime
    state: str
    seen_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    rated_at: datetime | None = None
    rating: int | None = None


@dataclass(frozen=True)
class Window:
    """The moments of a period, [since, until), looked at from `now`."""

    since: datetime
    until: datetime
    now: datetime

    def holds(self, moment: datetime | None) -> bool:
        return moment is not None and self.since <= moment < self.until


def judge_light(value: float | None, *, goal: float, at_least: bool, interval: tuple[float, float] | None = None, cases: float | None = None) -> str:
    """The light of a figure counted on so many cases, None when it is no sample; without an interval the figure itself decides."""
    if value is None:
        return "unknown"
    if cases is not None and cases < FEW:
        return "few"
    low, high = interval or (value, value)
    # Turned round, so that more is better.
    worst, best, wanted = (low, high, goal) if at_least else (-high, -low, -goal)
    return "met" if worst >= wanted else "missed" if best < wanted else "close"


def share_target(name: str, share: Share, *, why: str, parts: Sequence[tuple[str, float]] = (), pending: int = 0) -> Target:
    """A target that is a share of cases; `why` it is unknown when there are none, unless some are pending."""
    goal, unit, at_least = GOALS[name]
    light = judge_light(share.value, goal=goal, at_least=at_least, interval=share.interval, cases=share.whole)
    reason = "" if share.whole else "period_too_short" if pending else why
    return Target(name, goal, unit, at_least, share.value, share.part, share.whole, share.interval, light, reason, tuple(parts), pending)


def mean_target(name: str, values: Sequence[float], *, within: tuple[float, float], why: str, parts: Sequence[tuple[str, float]] = ()) -> Target:
    """A target that is a mean of values that lie `within` these bounds; `why` it is unknown when there are none."""
    goal, unit, at_least = GOALS[name]
    value, interval = fmean(values) if values else None, mean_interval(values)
    if interval:
        interval = max(within[0], interval[0]), min(within[1], interval[1])
    light = judge_light(value, goal=goal, at_least=at_least, interval=interval, cases=len(values))
    return Target(name, goal, unit, at_least, value, math.fsum(values), len(values), interval, light, "" if values else why, tuple(parts))


def unknown_target(name: str, why: str, parts: Sequence[tuple[str, float]] = ()) -> Target:
    """A target whose figure cannot be told."""
    return Target(name, *GOALS[name], None, None, None, None, "unknown", why, tuple(parts))


def self_service(results: Mapping[str, int]) -> Target:
    """Requests after which customers said, or behaved as if, an article had helped, of all requests, by what they came to."""
    parts = [(result, results.get(result, 0)) for result in ("confirmed", "implicit", "unknown", "unresolved")]
    share = Share(results.get("confirmed", 0) + results.get("implicit", 0), sum(results.values()))
    return share_target("self_service", share, why="no_requests", parts=parts)


def automated(results: Mapping[str, int]) -> Target:
    """Requests after which customers said that an article had helped, of all requests."""
    return share_target("automated", Share(results.get("confirmed", 0), sum(results.values())), why="no_requests")


def satisfaction(cases: Sequence[Case], window: Window) -> Target:
    """The mean of the ratings given in the window. Beside it, of the questions first answered or closed in it, how many were ever rated."""
    handled = [case for case in cases if window.holds(min(filter(None, (case.answered_at, case.closed_at)), default=None))]
    rated = Share(sum(case.rating is not None for case in handled), len(handled))
    parts = [("handled", rated.whole), ("handled_rated", rated.part), *([("answer_rate", rated.value)] if handled else [])]
    ratings = [float(case.rating) for case in cases if case.rating is not None and window.holds(case.rated_at)]
    return mean_target("satisfaction", ratings, within=(1.0, 5.0), why="no_ratings", parts=parts)


def done_in_time(name: str, cases: Sequence[Case], window: Window, *, minutes: int, done: Callable[[Case], datetime | None]) -> Target:
    """Questions asked in the window of which that was done in so many minutes. One that still waits is late, or pending while it has time.

    Beside it the median and the slowest tenth of the minutes; what still waits enters with the time it has waited so far.
    """
    asked = [(done(case), _minutes(case.asked_at, done(case) or window.now)) for case in cases if window.holds(case.asked_at)]
    decided = [(at, waited) for at, waited in asked if at or waited >= minutes]
    waits = [waited for _, waited in decided]
    parts = [("within_minutes", minutes), ("waiting", sum(at is None for at, _ in decided)), *_spread(waits, "minutes")]
    share = Share(sum(at is not None and waited <= minutes for at, waited in decided), len(decided))
    return share_target(name, share, why="no_questions", parts=parts, pending=len(asked) - len(decided))


def resolution_time(cases: Sequence[Case], window: Window) -> Target:
    """Mean hours from asking to the close, of the questions closed in the window and not opened again.

    A mean of what is closed hides what is not: beside it stand the questions asked up to its end that are still open, those of them that have
    their answer, and how long the oldest of the others waits.
    """
    hours = [_minutes(case.asked_at, case.closed_at) / 60 for case in cases if case.closed_at and window.holds(case.closed_at)]
    open_ = [case for case in cases if case.closed_at is None and case.asked_at < window.until]
    waited = [_minutes(case.asked_at, window.now) / 60 for case in open_ if case.state != "answered"]
    parts = [*_spread(hours, "hours"), ("still_open", len(open_)), ("open_answered", len(open_) - len(waited)), ("oldest_open_hours", max(waited, default=0.0))]
    return mean_target("resolution_time", hours, within=(0.0, math.inf), why="none_closed", parts=parts)


def resolution_rate(cases: Sequence[Case], window: Window) -> Target:
    """Questions asked in the window that are closed by now, of all asked in it."""
    asked = [case for case in cases if window.holds(case.asked_at)]
    decided = [case for case in asked if case.closed_at or window.now - case.asked_at >= RESOLVE]
    share = Share(sum(case.closed_at is not None for case in decided), len(decided))
    return share_target("resolution_rate", share, why="no_questions", pending=len(asked) - len(decided))


def availability(measured: Availability, window: Window, *, has_record: bool) -> Target:
    """Seconds in which searches could be answered, of those for which there is a record: no sample, so no interval."""
    goal, unit, at_least = GOALS["availability"]
    elapsed = (min(window.until, window.now) - window.since).total_seconds()
    parts = [
        ("outages", len(measured.outages)), ("down_seconds", measured.seconds_watched - measured.seconds_up),
        ("longest_seconds", measured.outages[0].seconds if measured.outages else 0.0),
        ("watched_share", measured.seconds_watched / elapsed if elapsed > 0 else 0.0),
    ]  # fmt: skip
    if measured.value is None or measured.seconds_watched < LEAST_WATCHED:
        return unknown_target("availability", "period_too_short" if has_record else "no_record", parts)
    light = judge_light(measured.value, goal=goal, at_least=at_least)
    return Target("availability", goal, unit, at_least, measured.value, measured.seconds_up, measured.seconds_watched, None, light, "", tuple(parts))


def _minutes(began: datetime, ended: datetime) -> float:
    return (ended - began).total_seconds() / 60


def _spread(values: Sequence[float], unit: str) -> list[tuple[str, float]]:
    """The median, and the value that one in ten exceeds; nothing of nothing."""
    if not values:
        return []
    return [(f"median_{unit}", median(values)), (f"slowest_tenth_{unit}", sorted(values)[math.ceil(0.9 * len(values)) - 1])]
