"""Points in time as they are stored: UTC, ISO 8601, sortable as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SKEW = timedelta(minutes=1)
"""What is further ahead of the clock was written before the clock was set back, and is not of the last minutes or hours."""


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: as text, earlier sorts first."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def read_stamp(text: str) -> datetime:
    """The moment that `stamp` wrote, aware, in UTC."""
    return datetime.fromisoformat(text)
