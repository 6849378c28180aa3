"""How much a gap is asked for, counted so that one noisy person or one script cannot raise it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback.moments import read_stamp

PEOPLE_PER_ADDRESS = 5
"""So many visits count from one network address on one day; more are one person with many windows, or a script."""
TREND = timedelta(days=7)
WEEKS_SHOWN = 8


@dataclass(frozen=True)
class Ask:
    """One piece of evidence as it is counted: who, from where, when, why, and whether the team was asked in the same need."""

    session: str
    address: str
    created_at: str
    evidence: str
    contacted: bool
    searches: int = 1


@dataclass(frozen=True)
class Demand:
    """Counts of one gap within a period. A person counts once a day, whatever they did that day."""

    person_days: int
    people: int
    contacts: int
    """Person-days on which the team was asked."""
    searches: int
    recent: int
    """Person-days of the last seven days, and of the seven before them."""
    before: int
    weekly: tuple[int, ...]
    """Person-days of the last eight weeks, oldest first."""
    first_at: str
    last_at: str


NOTHING = Demand(0, 0, 0, 0, 0, 0, (0,) * WEEKS_SHOWN, "", "")


def count_demand(asks: Sequence[Ask], *, now: datetime) -> Demand:
    """The demand that these asks add up to."""
    if not asks:
        return NOTHING
    days = _person_days(asks)
    ages = [(now.date() - datetime.fromisoformat(day).date()).days for day, _, _ in days]
    weekly = [0] * WEEKS_SHOWN
    for age in ages:
        if 0 <= age // 7 < WEEKS_SHOWN:
            weekly[WEEKS_SHOWN - 1 - age // 7] += 1
    times = [ask.created_at for ask in asks]
    return Demand(
        len(days), len({session for _, session, _ in days}), sum(contacted for _, _, contacted in days), sum(ask.searches for ask in asks),
        weekly[-1], weekly[-2], tuple(weekly), min(times), max(times),
    )  # fmt: skip


def _person_days(asks: Sequence[Ask]) -> list[tuple[str, str, bool]]:
    """(day, session, whether the team was asked), at most `PEOPLE_PER_ADDRESS` of one address and day, those who asked first."""
    found: dict[tuple[str, str], list[bool | str]] = {}
    for ask in asks:
        entry = found.setdefault((ask.created_at[:10], ask.session), [False, ask.address])
        entry[0] = entry[0] or ask.contacted
    per_address: dict[tuple[str, str], int] = defaultdict(int)
    days = []
    for (day, session), (contacted, address) in sorted(found.items(), key=lambda item: (not item[1][0], item[0])):
        if address:
            per_address[day, address] += 1
            if per_address[day, address] > PEOPLE_PER_ADDRESS:
                continue
        days.append((day, session, bool(contacted)))
    return days


def observed_weeks(first_search_at: str, *, period: timedelta, now: datetime) -> float:
    """Weeks within the period for which searches are recorded at all; at least one, so that a new base is not extrapolated."""
    recorded = now - read_stamp(first_search_at) if first_search_at else timedelta()
    return max(min(period, recorded) / timedelta(weeks=1), 1.0)
