"""What became of each article: read, voted on, found, left; and what is to be done about it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlite_utils import Database

from feedback.intervals import Share, difference, wilson
from feedback.periods import Period, Selection, day_of
from feedback.topics import Topics

FLAGS = ("overdue", "unowned", "never_found", "left_at_once", "voted_down", "missing_translation", "decayed", "stale_pair")
"""overdue: its review date has passed. unowned: nobody owns it. never_found: no search of the period showed it. left_at_once: half of its views or more,
of at least five, were left within five seconds. voted_down: the upper bound of its helpful share is below one half. missing_translation: it is published in
one language only, while other articles are in another or customers asked for it in another. decayed: its helpful share or its views fell from the period
before by more than chance explains, views by half at least. stale_pair: its translation was updated later."""
LEAST_VIEWS = 5
"""Fewer views say nothing about how they end."""
LEAST_VIEWS_COMPARED = 20
"""In both periods together: fewer say nothing about a fall."""
_COUNTED = ("found", "shown_first", "views", "glances", "timed", "seconds", "helpful", "unhelpful")


@dataclass(frozen=True)
class ArticleFigures:
    """One article in a period. `flags` are of FLAGS, in their order."""

    id: str
    title: str
    lang: str
    product: str
    status: str
    owner: str
    updated: date | None
    review_by: date | None
    found: int
    """Searches that showed it among the first ten, and first of all."""
    shown_first: int
    views: int
    views_before: int
    """Of the period of equal length before."""
    glances: Share
    """Views that ended within five seconds."""
    mean_seconds: float | None
    """Mean time in view, of views that were not glances and whose time is known; None without any."""
    helpful: Share
    helpful_before: Share
    wanted_translation: int
    """Requests in the other language that belong to its topic, when it has no translation; else 0."""
    flags: tuple[str, ...]


def read_article_figures(database: Database, selection: Selection, *, now: datetime) -> tuple[ArticleFigures, ...]:
    """Every published article of the selection's product and language, those with most to do first: missing translations ranked by demand, then by flags and views.

    Category pages are left out: they lead to articles and answer nothing.
    """
    shelf = _read_published(database)
    counted, before = (_count(database, period, shelf) for period in (selection.period, selection.period.before()))
    demand, today = _Demand(database, selection.period), day_of(now, selection.period.zone)
    keeps_both, figures = len({article.lang for article in shelf.values()}) > 1, []
    for article in shelf.values():
        if not article.is_index and selection.product in ("", article.product) and selection.lang in ("", article.lang):
            twins = [shelf[id] for id in article.translations if id in shelf and shelf[id].lang != article.lang]
            wanted = 0 if twins else demand.in_other_languages(article)
            one = _describe(article, counted[article.id], before[article.id], wanted)
            flags = _judge(one, twins, missing=not twins and (keeps_both or wanted > 0), today=today)
            figures.append(replace(one, flags=tuple(flags)))
    return tuple(sorted(figures, key=lambda one: (not one.flags, -one.wanted_translation, -len(one.flags), -one.views, one.id)))


@dataclass(frozen=True)
class _Published:
    id: str
    title: str
    lang: str
    product: str
    status: str
    owner: str
    updated: date | None
    review_by: date | None
    translations: tuple[str, ...]

    @property
    def is_index(self) -> bool:
        return self.id.rpartition("/")[2] == "index"


class _Demand:
    """Requests of the period by topic and language."""

    def __init__(self, database: Database, period: Period) -> None:
        self._topics = Topics(database)
        self._requests: defaultdict[str, Counter] = defaultdict(Counter)
        rows = database.execute(
            "select topic, lang, sum(requests) from day_requests where day >= ? and day <= ? and topic != '' group by topic, lang", _bounds(period)
        ).fetchall()
        for topic, lang, requests in rows:
            self._requests[self._topics.key_of(topic)][lang] += requests

    def in_other_languages(self, article: _Published) -> int:
        asked = self._requests[self._topics.key_of(f"a:{article.id}")]
        return asked.total() - asked[article.lang]


def _read_published(database: Database) -> dict[str, _Published]:
    """Id -> article, of those that readers see."""
    rows = database.execute(
        "select id, title, lang, product, status, owner, updated, review_by, translations from articles where status = 'published'"
    ).fetchall()
    return {
        id: _Published(id, *row, _date(updated), _date(review_by), tuple(json.loads(translations)))
        for id, *row, updated, review_by, translations in rows
    }  # fmt: skip


def _count(database: Database, period: Period, shelf: Mapping[str, _Published]) -> defaultdict[str, Counter]:
    """Article -> its counts of all days; what was counted before an article moved is its own."""
    moved = dict(database.execute("select old, article from redirects").fetchall())
    rows = database.execute(
        f"select article, {', '.join(f'sum({name})' for name in _COUNTED)} from day_articles where day >= ? and day <= ? group by article", _bounds(period)
    ).fetchall()
    found: defaultdict[str, Counter] = defaultdict(Counter)
    for article, *counts in rows:
        found[article if article in shelf else moved.get(article, article)].update(dict(zip(_COUNTED, counts, strict=True)))
    return found


def _describe(article: _Published, counts: Counter, before: Counter, wanted: int) -> ArticleFigures:
    return ArticleFigures(
        article.id, article.title, article.lang, article.product, article.status, article.owner, article.updated, article.review_by,
        counts["found"], counts["shown_first"], counts["views"], before["views"], Share(counts["glances"], counts["views"]),
        counts["seconds"] / counts["timed"] if counts["timed"] else None, _helpful(counts), _helpful(before), wanted, (),
    )  # fmt: skip


def _judge(one: ArticleFigures, twins: Sequence[_Published], *, missing: bool, today: date) -> Iterator[str]:
    """The flags of an article, in the order of FLAGS."""
    fell = difference(one.helpful, one.helpful_before)
    holds = {
        "overdue": one.review_by is not None and one.review_by < today,
        "unowned": not one.owner,
        "never_found": not one.found,
        "left_at_once": one.views >= LEAST_VIEWS and 2 * one.glances.part >= one.views,
        "voted_down": one.helpful.whole > 0 and one.helpful.interval[1] < 0.5,
        "missing_translation": missing,
        "decayed": (fell is not None and fell[2] < 0) or _fell(one.views, one.views_before),
        "stale_pair": one.updated is not None and any(twin.updated is not None and twin.updated > one.updated for twin in twins),
    }  # fmt: skip
    return (flag for flag in FLAGS if holds[flag])


def _fell(views: int, before: int) -> bool:
    """Whether views fell by half or more, and by more than chance: of two counts in equal times the one is, given their sum, binomial with one half
    (Przyborowski and Wilenski 1940); its share is bounded as Wilson does."""
    together = views + before
    return together >= LEAST_VIEWS_COMPARED and 2 * views <= before and wilson(views, together)[1] < 0.5


def _helpful(counts: Counter) -> Share:
    return Share(counts["helpful"], counts["helpful"] + counts["unhelpful"])


def _bounds(period: Period) -> list[str]:
    return [period.first.isoformat(), period.last.isoformat()]


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
