"""Whether what was recorded fits the clock, and whether it has been counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from feedback import schema as schema
from feedback.moments import read_stamp, stamp
from kb.database import read
from kb.diagnosis import Finding

SUBJECT = "records"
_AHEAD = timedelta(minutes=2)
_UNCOUNTED = timedelta(days=1)
_MOMENTS = {
    "searches": "updated_at", "opens": "opened_at", "votes": "cast_at", "questions": "created_at", "history": "done_at", "health_spans": "seen_at",
}  # fmt: skip
"""Table -> the column that says when its newest row was written."""


def examine_records(database_path: Path, *, now: datetime) -> Iterator[Finding]:
    """What is wrong with times and counts. Raises DatabaseError."""
    if not database_path.is_file():
        return
    with read(database_path) as database:
        newest = {table: database.execute(f"select max({column}) from {table}").fetchone()[0] for table, column in _MOMENTS.items()}
        (waiting,) = database.execute("select count(distinct substr(hour, 1, 10)) from stale_hours where hour < ?", [stamp(now - _UNCOUNTED)[:13]]).fetchone()
    table, last = max(((table, at) for table, at in newest.items() if at), key=lambda one: one[1], default=("", ""))
    if last and last > stamp(now + _AHEAD):
        yield Finding(
            "warning", SUBJECT,
            f"the newest row of {table} is of {last} and the clock says {stamp(now)}: it went back, or was ahead; set it (`timedatectl`), figures of the"
            " hours between are by the wrong clock",
        )  # fmt: skip
    if waiting:
        yield Finding("warning", SUBJECT, f"{waiting} days have changed and were not counted anew for over a day; they can be", mend="days")
    told = f"the last is of {read_stamp(last):%Y-%m-%d %H:%M} UTC" if last else "none yet"
    yield Finding("ok", SUBJECT, told)
