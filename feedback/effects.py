"""What each publication changed: its topic's answered share before and after, against all topics about which nothing was published meanwhile."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from sqlite_utils import Database

from feedback.coverage import narrow
from feedback.intervals import Share, difference
from feedback.moments import read_stamp
from feedback.periods import DAY, Period, Selection, day_of
from feedback.topics import Topics

WINDOW_DAYS = 28
"""Days that are compared on each side of a publication, at most."""
LEAST_DAYS = 3
"""An effect is shown once so many days after the publication are over."""
SAME_PUBLICATION = timedelta(days=7)
"""Of an article's publications that follow each other within less, the latest counts: the others were corrected."""


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
    """Days on each side; fewer than WINDOW_DAYS when the publication is recent, or the article was published again."""
    before: Share
    after: Share
    control_before: Share
    control_after: Share
    change: tuple[float, float, float] | None


def read_effects(database: Database, selection: Selection, *, now: datetime) -> tuple[Effect, ...]:
    """The effects of what was published on the days of the period, newest first, in requests of the selection's product and language.

    With a product or language, publications whose topic nobody asked about in it are left out.
    """
    publications = _read_publications(database, selection.period)
    windows = _choose_windows(publications, today=day_of(now, selection.period.zone))
    windows = [(each, days) for each, days in windows if selection.period.first <= each.day <= selection.period.last]
    if not windows:
        return ()
    counts, titles = _Counts(database, selection, windows, keys=frozenset().union(*(each.topics for each in publications))), _read_titles(database)
    effects = [_measure(each, days, publications, counts, title=titles.get(each.article, each.article)) for each, days in windows]
    return tuple(effect for effect in effects if not (selection.product or selection.lang) or effect.before.whole or effect.after.whole)


def contrast(own: tuple[float, float, float], control: tuple[float, float, float]) -> tuple[float, float, float]:
    """`own` - `control`, each a difference with its bounds, with bounds of 95 % by the square-and-add rule, MOVER (Zou and Donner 2008)."""
    (change, low, high), (other, other_low, other_high) = own, control
    value = change - other
    return value, value - math.hypot(change - low, other_high - other), value + math.hypot(high - change, other - other_low)


@dataclass(frozen=True)
class _Publication:
    """`topics` are the keys of the topics that it is about."""

    article: str
    gap: int | None
    at: datetime
    day: date
    topics: frozenset[str]


def _read_publications(database: Database, period: Period) -> list[_Publication]:
    """Everything that was published with a proof and has reached the index, oldest first."""
    topics = Topics(database)
    rows = database.execute(
        "select article, gap, ifnull(settled_at, at) as live_at from proofs where state in ('held', 'failed') order by live_at, id"
    ).fetchall()
    found = []
    for article, gap, at in rows:
        own = {topics.key_of(f"a:{article}")}
        # What customers still ask without an answer is part of it: else only those whom the article reached would count.
        if gap is not None and (key := topics.key_of(f"g:{gap}")).startswith("g:"):
            own.add(key)
        found.append(_Publication(article, gap, read_stamp(at), day_of(read_stamp(at), period.zone), frozenset(own)))
    return found


def _choose_windows(publications: Sequence[_Publication], *, today: date) -> list[tuple[_Publication, int]]:
    """Each publication that counts with the days to compare on each side of it, newest first. Days that are not over do not count."""
    kept: defaultdict[str, list[_Publication]] = defaultdict(list)
    for each in reversed(publications):
        own = kept[each.article]
        if not own or own[-1].at - each.at >= SAME_PUBLICATION:
            own.append(each)
    windows = []
    for own in kept.values():
        for later, each, earlier in zip([None, *own], own, [*own[1:], None], strict=False):
            days = min(WINDOW_DAYS, ((later.day if later else today) - each.day) // DAY - 1)
            if earlier:
                days = min(days, (each.day - earlier.day) // DAY - 1)
            if days >= LEAST_DAYS:
                windows.append((each, days))
    return sorted(windows, key=lambda window: (window[0].at, window[0].article), reverse=True)


class _Counts:
    """Requests, and answered ones, of all topics together and of those with these keys, on every day of the windows."""

    def __init__(self, database: Database, selection: Selection, windows: Sequence[tuple[_Publication, int]], *, keys: frozenset[str]) -> None:
        self._first = min(each.day - days * DAY for each, days in windows)
        span = Period(self._first, max(each.day + days * DAY for each, days in windows), selection.period.zone)
        condition, values = narrow(Selection(span, selection.product, selection.lang))
        counted = "sum(requests * answered), sum(requests) from day_requests where " + condition
        raws = self._find(database, keys, condition, values)
        rows = database.execute(f"select '', day, {counted} and topic != '' group by day", values).fetchall()
        rows += database.execute(
            f"select topic, day, {counted} and topic in (select value from json_each(?)) group by topic, day", [*values, json.dumps(list(raws))]
        ).fetchall()
        # Summed up to the end of each day, so that a window is one subtraction.
        self._sums = {key: np.zeros((span.days + 1, 2), np.int64) for key in (*keys, "")}
        for raw, day, answered, requests in rows:
            self._sums[raws.get(raw, "")][(date.fromisoformat(day) - self._first) // DAY + 1] += (answered, requests)
        for sums in self._sums.values():
            np.cumsum(sums, axis=0, out=sums)

    def of(self, keys: Iterable[str], first: date, days: int) -> Share:
        """The answered share of the topics with these keys, in so many days."""
        return Share(*map(int, self._within(keys, first, days)))

    def without(self, keys: Iterable[str], first: date, days: int) -> Share:
        """The answered share of all other topics."""
        return Share(*map(int, self._within([""], first, days) - self._within(keys, first, days)))

    def _within(self, keys: Iterable[str], first: date, days: int) -> np.ndarray:
        """int64 (answered, requests)."""
        begin = (first - self._first) // DAY
        return sum((self._sums[key][begin + days] - self._sums[key][begin] for key in keys), np.zeros(2, np.int64))

    @staticmethod
    def _find(database: Database, keys: frozenset[str], condition: str, values: list[str]) -> dict[str, str]:
        """Counted key -> key of its topic, of these topics."""
        topics = Topics(database)
        rows = database.execute(f"select distinct topic from day_requests where {condition}", values).fetchall()
        return {raw: key for (raw,) in rows if (key := topics.key_of(raw)) in keys}


def _measure(published: _Publication, days: int, publications: Sequence[_Publication], counts: _Counts, *, title: str) -> Effect:
    earlier, later = published.day - days * DAY, published.day + DAY
    touched = published.topics.union(*(each.topics for each in publications if earlier <= each.day < later + days * DAY))
    before, after = (counts.of(published.topics, first, days) for first in (earlier, later))
    control_before, control_after = (counts.without(touched, first, days) for first in (earlier, later))
    own, control = difference(after, before), difference(control_after, control_before)
    change = contrast(own, control) if own and control else None
    return Effect(published.article, title, published.gap, published.at, days, before, after, control_before, control_after, change)


def _read_titles(database: Database) -> dict[str, str]:
    moved = database.execute("select r.old, a.title from redirects r join articles a on a.id = r.article").fetchall()
    return dict(moved) | dict(database.execute("select id, title from articles").fetchall())
