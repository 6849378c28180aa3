"""What happens when in the demonstration: its office hours, when customers come, and one event after the other."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from portal.simulated_customers import Clock

OPENS, CLOSES = 7, 18
"""Office hours, UTC: from Shanghai's afternoon to Berlin's evening."""
WEEKDAYS = (1.0, 1.15, 1.1, 1.0, 0.85, 0.18, 0.14)
HOURS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.5, 6, 9, 10, 10, 8, 6, 8, 9, 8, 6, 3, 1, 0.6, 0.4, 0.3, 0.2, 0.2)
"""How many customers come on a day of the week, from Monday on, and at an hour of the day (UTC), in proportion."""
GROWTH = 0.35
"""So much more is asked at the end than at the start."""
RELEASE_AT, RELEASE = 0.62, (4.0, 2.5, 1.6)
"""On the day of a release and the two after it so many times as many come."""
TODAY = timedelta(hours=3)
"""However early in the day the run ends, a few have come just before."""


class Agenda:
    """Events in the order of their time; the clock stands at an event's time when it happens."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._events, self._order = clock, [], itertools.count()

    def at(self, moment: datetime, act: Callable[[], None]) -> None:
        """Have it happen at that moment, or at once if that is over."""
        heapq.heappush(self._events, (moment, next(self._order), act))

    def run(self, until: datetime, *, progress: Callable[[datetime], None]) -> None:
        """Let everything happen that is to happen before that moment, then set the clock to it."""
        while self._events and self._events[0][0] < until:
            moment, _, act = heapq.heappop(self._events)
            # A visit takes minutes of its own, so that the next event may come before it ends.
            self._clock.moment = moment
            act()
            progress(moment)
        self._clock.moment = until


def in_office(moment: datetime) -> datetime:
    """The moment, or the next morning on which the team works."""
    if moment.hour < OPENS:
        moment = moment.replace(hour=OPENS)
    elif moment.hour >= CLOSES:
        moment = (moment + timedelta(days=1)).replace(hour=OPENS)
    while moment.weekday() >= 5:
        moment = (moment + timedelta(days=1)).replace(hour=OPENS)
    return moment


def some_time(moment: datetime, generator: random.Random) -> datetime:
    """That day, or the next on which the team works, at no round time of the office hours."""
    return in_office(moment.replace(hour=generator.randrange(8, 16), minute=generator.randrange(60), second=generator.randrange(60)))


def plan_visits(begin: datetime, end: datetime, *, count: int, generator: random.Random) -> list[datetime]:
    """When `count` customers come between the two moments, first come first; the last few shortly before the end."""
    hours = [begin + timedelta(hours=n) for n in range(int((end - begin) / timedelta(hours=1)))]
    release = begin + (end - begin) * RELEASE_AT
    weights = [HOURS[hour.hour] * WEEKDAYS[hour.weekday()] * (1 + GROWTH * n / len(hours)) * _burst(hour, release) for n, hour in enumerate(hours)]
    last = min(6, count)
    moments = [hour + timedelta(seconds=generator.uniform(0, 3600)) for hour in generator.choices(hours, weights, k=count - last)]
    moments += [end - timedelta(minutes=20) - generator.random() * TODAY for _ in range(last)]
    return sorted(moments)


def _burst(hour: datetime, release: datetime) -> float:
    days = (hour.date() - in_office(release).date()).days
    return RELEASE[days] if 0 <= days < len(RELEASE) else 1.0
