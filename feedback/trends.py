"""How support develops from week to week, and what each published article changed."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlite_utils import Database

from feedback.coverage import narrow
from feedback.effects import Effect, read_effects
from feedback.findability import Findability, read_findability
from feedback.gap_steps import GapStep, read_gap_steps
from feedback.intervals import Share
from feedback.moments import read_stamp
from feedback.outcomes import RESULTS
from feedback.periods import DAY, Period, Selection, day_of


@dataclass(frozen=True)
class Week:
    """One calendar week. Weeks at the ends of a period are whole weeks; `is_whole` is False for the one that is not over."""

    period: Period
    is_whole: bool
    searches: int
    requests: int
    failed: Share
    """Requests whose last search failed, of those with a search."""
    confirmed: int
    implicit: int
    unknown: int
    unresolved: int
    asked: int
    seconds_to_help: float | None
    """Median seconds from the first search to opening the article that the customer then called helpful; None when none was."""
    helped: int
    """Requests that this median is of."""
    gaps_opened: int
    """Opened, closed and reopened as it was then: a gap that was merged into another since stays counted."""
    gaps_closed: int
    gaps_reopened: int
    days_to_close: float | None
    """Median days from a gap's latest opening to its closing, of those closed in the week."""


@dataclass(frozen=True)
class Trends:
    """Everything that changes with time, oldest first; effects newest first."""

    weeks: tuple[Week, ...]
    effects: tuple[Effect, ...]
    findability: tuple[Findability, ...]


def read_trends(database: Database, selection: Selection, *, now: datetime) -> Trends:
    """The trends of the selection. Gap counts follow its product and language too; the standing test is of the whole base."""
    return Trends(
        _read_weeks(database, selection, now=now), read_effects(database, selection, now=now), read_findability(database, selection.period)
    )


def _read_weeks(database: Database, selection: Selection, *, now: datetime) -> tuple[Week, ...]:
    weeks = selection.period.weeks()
    whole = Selection(Period(weeks[0].first, weeks[-1].last, selection.period.zone), selection.product, selection.lang)
    counts, waits, steps = _read_requests(database, whole), _read_waits(database, whole), defaultdict(list)
    for step in read_gap_steps(database, whole):
        steps[_monday(day_of(step.done_at, whole.period.zone))].append(step)
    return tuple(_describe(week, counts[week.first], waits[week.first], steps[week.first], now=now) for week in weeks)


def _describe(week: Period, counts: Counter, waits: Counter, steps: list[GapStep], *, now: datetime) -> Week:
    actions = Counter(step.action for step in steps)
    days = [step.days for step in steps if step.days is not None]
    return Week(
        week, read_stamp(week.until) <= now, counts["searches"], counts["requests"], Share(counts["failed"], counts["searched"]),
        counts["confirmed"], counts["implicit"], counts["unknown"], counts["unresolved"], counts["asked"],
        float(statistics.median(waits.elements())) if waits else None, waits.total(),
        actions["opened"], actions["closed"], actions["reopened"], statistics.median(days) if days else None,
    )  # fmt: skip


def _read_requests(database: Database, selection: Selection) -> defaultdict[date, Counter]:
    """Monday -> what the requests of that week came to."""
    condition, values = narrow(selection)
    counted = {"searches": "searches", "requests": "requests", "asked": "requests * asked", "failed": "requests * (outcome = 'failed')",
               "searched": "requests * (outcome != 'question')"}  # fmt: skip
    counted |= {result: f"requests * (result = '{result}')" for result in RESULTS}
    # By day alone, in which order the rows lie: nothing has to be sorted.
    rows = database.execute(
        f"select day, {', '.join(f'sum({each})' for each in counted.values())} from day_requests where {condition} group by day", values
    ).fetchall()
    found: defaultdict[date, Counter] = defaultdict(Counter)
    for day, *sums in rows:
        found[_monday(date.fromisoformat(day))].update(dict(zip(counted, sums, strict=True)))
    return found


def _read_waits(database: Database, selection: Selection) -> defaultdict[date, Counter]:
    """Monday -> seconds -> requests that customers said they were helped in after so long."""
    condition, values = narrow(selection)
    rows = database.execute(
        f"select day, seconds, sum(requests) from day_waits where result = 'confirmed' and {condition} group by day, seconds", values
    ).fetchall()
    found: defaultdict[date, Counter] = defaultdict(Counter)
    for day, seconds, requests in rows:
        found[_monday(date.fromisoformat(day))][seconds] += requests
    return found


def _monday(day: date) -> date:
    return day - day.weekday() * DAY
