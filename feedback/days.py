"""Count what happened by calendar day, so that a page over a year reads some thousand rows and not a million searches.

Triggers note the hours in which anything has changed (day_schema.py). Counting takes the days of those hours anew, each whole and in a
transaction of its own that also clears its hours: what changes meanwhile waits, and marks its hour again. A day whose texts have expired
keeps what was counted.
"""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from feedback import schema as schema
from feedback.day_counts import DAY_TABLES, count_day
from feedback.moments import read_stamp
from feedback.periods import day_of, days_of_hour
from kb.database import read, write


def count_stale_days(database_path: Path, *, zone: ZoneInfo, now: datetime, seconds: float | None = None) -> int:
    """Count every day anew in which something has changed since it was counted, the latest first; returns how many. With `seconds` it begins no
    second day after that time: what is left waits for the next call. Raises DatabaseError.
    """
    began = time.monotonic()
    with read(database_path) as database:
        known = _read_state(database, "time_zone")
    if known != zone.key:
        with write(database_path) as database:
            _change_zone(database, zone)
    with read(database_path) as database:
        hours = [hour for (hour,) in database.execute("select hour from stale_hours").fetchall()]
        kept = _read_state(database, "counted_until")
    marks: dict[date, list[tuple[str, set[date]]]] = defaultdict(list)
    for hour in hours:
        days = days_of_hour(hour, zone)
        marks[max(days)].append((hour, days))
    counted = 0
    for last in sorted(marks, reverse=True):
        if counted and seconds is not None and time.monotonic() - began > seconds:
            break
        counted += 1
        # Where days begin within a UTC hour, that hour belongs to two of them, which are counted together.
        days = sorted(set().union(*(days for _, days in marks[last])))
        with write(database_path) as database:
            database.conn.executemany("delete from stale_hours where hour = ?", [(hour,) for hour, _ in marks[last]])
            for day in days:
                if day.isoformat() > kept:
                    count_day(database, day, zone=zone, now=now)
    return counted


def keep_counted_days(database: Database, *, before: str, zone: ZoneInfo) -> None:
    """The days up to the stamp `before` are never counted anew: their texts go now, what was counted stays."""
    last = day_of(read_stamp(before), zone).isoformat()
    database.execute(
        "insert into feedback_state values ('counted_until', ?) on conflict (name) do update set value = max(value, excluded.value)", [last]
    )


def _change_zone(database: Database, zone: ZoneInfo) -> None:
    """Days begin at another time once the company's time zone has changed: all that still can be is counted anew."""
    database.execute("insert or replace into feedback_state values ('time_zone', ?)", [zone.key])
    for table in DAY_TABLES:
        database.execute(f"delete from {table} where day > ?", [_read_state(database, "counted_until")])
    for table, column in (("searches", "created_at"), ("opens", "opened_at"), ("votes", "cast_at"), ("questions", "created_at")):
        database.execute(f"insert or ignore into stale_hours select distinct substr({column}, 1, 13) from {table}")


def _read_state(database: Database, name: str) -> str:
    row = database.execute("select value from feedback_state where name = ?", [name]).fetchone()
    return row[0] if row else ""
