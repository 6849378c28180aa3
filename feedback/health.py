"""The product's own health record: when it could answer searches, when it could not, and when nobody was there to say."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from feedback import schema as schema
from feedback.moments import read_stamp, stamp, utc_now
from feedback.periods import Period
from kb.database import write

EVERY = timedelta(seconds=15)
MOST_BEATS_MISSED = 3
"""A process that was not heard of for longer than so many beats was not there."""
MAX_FAULT_CHARACTERS = 300
KEPT_DAYS = 400


class HealthRecord:
    """Writes `health_spans` for one process: `process` names it, by default by its number and when this was built."""

    def __init__(self, database_path: Path, *, every: timedelta = EVERY, now: Callable[[], datetime] = utc_now, process: str = "") -> None:
        self._path, self._every, self._now = database_path, every, now
        # Numbers of processes come again, in a container at each start.
        self._process = process or f"{os.getpid()}@{stamp(now())}"

    def beat(self, *, ok: bool, fault: str = "") -> None:
        """Say that the process works now, or what is wrong with it. Raises DatabaseError.

        The same state as at the last beat goes on, unless that was too long ago or, by a clock that was set back, is still to come.
        """
        now, fault = self._now(), "" if ok else fault[:MAX_FAULT_CHARACTERS]
        with write(self._path) as database:
            last = database.execute(
                "select id, ok, fault, seen_at from health_spans where process = ? order by id desc limit 1", [self._process]
            ).fetchone()
            if last and last[1:3] == (ok, fault) and timedelta() <= now - read_stamp(last[3]) <= MOST_BEATS_MISSED * self._every:
                database["health_spans"].update(last[0], {"seen_at": stamp(now)})
            else:
                database["health_spans"].insert(
                    {"process": self._process, "began_at": stamp(now), "seen_at": stamp(now), "ok": int(ok), "fault": fault}
                )


@dataclass(frozen=True)
class Outage:
    """Time in which no process could answer. `fault` is what filled most of it, '' when nothing was heard."""

    began_at: datetime
    ended_at: datetime
    fault: str

    @property
    def seconds(self) -> float:
        return (self.ended_at - self.began_at).total_seconds()


@dataclass(frozen=True)
class Availability:
    """How long customers' searches could be answered, of how long there is a record; outages, the longest first."""

    seconds_up: float
    seconds_watched: float
    outages: tuple[Outage, ...]

    @property
    def value(self) -> float | None:
        """0 to 1; None when nothing was watched."""
        return self.seconds_up / self.seconds_watched if self.seconds_watched else None


def measure_availability(database: Database, period: Period, *, now: datetime, every: timedelta = EVERY) -> Availability:
    """What the record says of the period, from the first beat ever on and up to now. It was up when any process was.

    Since the last beat it counts neither way until enough beats are missed to call it an outage.
    """
    spans = _read_spans(database, period)
    first = database.execute("select min(began_at) from health_spans").fetchone()[0]
    since = max(read_stamp(period.since), read_stamp(first)) if first else now
    until = _last_certain(spans, min(read_stamp(period.until), now), now=now, pause=MOST_BEATS_MISSED * every)
    if since >= until:
        return Availability(0.0, 0.0, ())
    gaps = _find_gaps([span for span in spans if span.ok], since, until)
    outages = [Outage(began, ended, _main_fault(spans, began, ended, every)) for began, ended in gaps]
    watched = (until - since).total_seconds()
    up = watched - sum(outage.seconds for outage in outages)
    return Availability(up, watched, tuple(sorted(outages, key=lambda outage: (-outage.seconds, outage.began_at))))


def drop_old_spans(database: Database, *, now: datetime) -> int:
    """Delete what lies more than 400 days back; how many spans."""
    return database.execute("delete from health_spans where seen_at < ?", [stamp(now - timedelta(days=KEPT_DAYS))]).rowcount


@dataclass(frozen=True)
class _Span:
    process: str
    began_at: datetime
    seen_at: datetime
    ok: bool
    fault: str


def _read_spans(database: Database, period: Period) -> list[_Span]:
    rows = database.execute(
        "select process, began_at, seen_at, ok, fault from health_spans where seen_at >= ? and began_at < ? order by id", [period.since, period.until]
    )
    return [_Span(process, read_stamp(began), read_stamp(seen), bool(ok), fault) for process, began, seen, ok, fault in rows.fetchall()]


def _last_certain(spans: Sequence[_Span], until: datetime, *, now: datetime, pause: timedelta) -> datetime:
    """The moment up to which it is known how it was: a process that was well at its last beat, a little while ago, may be well still."""
    latest = {span.process: span for span in spans}
    fresh = [span for span in latest.values() if now - span.seen_at < pause]
    undecided = [span for span in fresh if span.ok] or fresh
    return min(until, max((span.seen_at for span in undecided), default=until))


def _find_gaps(up: Sequence[_Span], since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    gaps, covered = [], since
    for span in sorted(up, key=lambda span: span.began_at):
        # A process that beat but once was up for no time.
        if span.seen_at <= max(span.began_at, covered) or span.began_at >= until:
            continue
        if span.began_at > covered:
            gaps.append((covered, span.began_at))
        covered = span.seen_at
    return [*gaps, (covered, until)] if covered < until else gaps


def _main_fault(spans: Sequence[_Span], began: datetime, ended: datetime, every: timedelta) -> str:
    """The fault that filled most of the time. A beat stands for the time before and after it, as no other was heard there."""
    seconds: Counter[str] = Counter()
    for span in spans:
        overlap = min(span.seen_at + every, ended) - max(span.began_at - every, began)
        if not span.ok and overlap > timedelta():
            seconds[span.fault] += overlap.total_seconds()
    seconds[""] += max(0.0, (ended - began).total_seconds() - seconds.total())
    return seconds.most_common(1)[0][0]
