"""How support develops from week to week, and what each published article changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from feedback.intervals import Share
from feedback.periods import Period, Selection


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
    gaps_closed: int
    gaps_reopened: int
    days_to_close: float | None
    """Median days from a gap's opening to its closing, of those closed in the week."""


@dataclass(frozen=True)
class Effect:
    """What one publication changed: the answered share of its topic's requests in the days before and after, and of all other topics' as a control.

    `change` is (after - before) - (control_after - control_before) with bounds of 95 %, None when one of the four counts nothing.
    """

    article: str
    title: str
    gap: int | None
    published_at: datetime
    days: int
    """Days on each side; fewer than asked for when the publication is recent."""
    before: Share
    after: Share
    control_before: Share
    control_after: Share
    change: tuple[float, float, float] | None


@dataclass(frozen=True)
class Findability:
    """One run of the standing test after a change of the index: the team's own labelled searches (helpful votes and closed gaps). `first` and `found` are
    searches whose article came first, and on the first page; `reciprocal` is the mean reciprocal rank."""

    at: datetime
    generation: int
    searches: int
    found: int
    first: int
    reciprocal: float


@dataclass(frozen=True)
class Trends:
    """Everything that changes with time, oldest first; effects newest first."""

    weeks: tuple[Week, ...]
    effects: tuple[Effect, ...]
    findability: tuple[Findability, ...]


def read_trends(database: Database, selection: Selection, *, now: datetime) -> Trends:
    """The trends of the selection. Gap counts follow its product and language too; the standing test is of the whole base."""
    raise NotImplementedError
