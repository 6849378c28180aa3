"""Days and periods as a lead means them: calendar days of the company's time zone, 23 or 25 hours long where clocks change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from feedback.moments import read_stamp, stamp

DAY = timedelta(days=1)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an aware moment in the zone."""
    return moment.astimezone(zone).date()


def day_bounds(day: date, zone: ZoneInfo) -> tuple[str, str]:
    """Stamps of the day's first moment and of the next day's, in UTC: what was stored on that day lies in [first, second)."""
    return _midnight(day, zone), _midnight(day + DAY, zone)


def days_of_hour(hour: str, zone: ZoneInfo) -> set[date]:
    """The days that a UTC hour 'YYYY-MM-DDTHH' has a part in: two where the zone is not whole hours from UTC."""
    begin = read_stamp(f"{hour}:00:00.000+00:00")
    return {day_of(begin, zone), day_of(begin + timedelta(minutes=59, seconds=59), zone)}


@dataclass(frozen=True)
class Period:
    """Calendar days from `first` to `last`, both included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def days(self) -> int:
        return (self.last - self.first) // DAY + 1

    @property
    def since(self) -> str:
        """Stamp, in UTC, of its first moment."""
        return _midnight(self.first, self.zone)

    @property
    def until(self) -> str:
        """Stamp, in UTC, of the first moment after it."""
        return _midnight(self.last + DAY, self.zone)

    def before(self) -> Period:
        """The period of the same length that ends the day before this one begins."""
        return Period(self.first - self.days * DAY, self.first - DAY, self.zone)

    def weeks(self) -> tuple[Period, ...]:
        """The calendar weeks, from Monday, that the period has a part in, whole, oldest first."""
        monday = self.first - self.first.weekday() * DAY
        return tuple(Period(begin, begin + 6 * DAY, self.zone) for begin in _every(monday, self.last, 7))


def last_days(days: int, *, now: datetime, zone: ZoneInfo) -> Period:
    """The period of so many days that ends today."""
    today = day_of(now, zone)
    return Period(today - (days - 1) * DAY, today, zone)


def last_week(*, now: datetime, zone: ZoneInfo) -> Period:
    """The latest calendar week, Monday to Sunday, that is over."""
    today = day_of(now, zone)
    monday = today - (today.weekday() + 7) * DAY
    return Period(monday, monday + 6 * DAY, zone)


@dataclass(frozen=True)
class Selection:
    """What a lead looks at: a period, and of it one product and one language of the question, '' for all."""

    period: Period
    product: str = ""
    lang: str = ""

    def before(self) -> Selection:
        """The same for the period of equal length before."""
        return Selection(self.period.before(), self.product, self.lang)


def _midnight(day: date, zone: ZoneInfo) -> str:
    # Where clocks go forward at midnight there is no 00:00; zoneinfo then counts with the offset before, which is that same moment.
    return stamp(datetime.combine(day, time(), zone).astimezone(UTC))


def _every(first: date, last: date, step: int) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += step * DAY
