"""What became of each article: read, voted on, found, left; and who closed gaps with proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlite_utils import Database

from feedback.intervals import Share
from feedback.periods import Selection

FLAGS = ("overdue", "unowned", "never_found", "left_at_once", "voted_down", "missing_translation", "decayed", "stale_pair")
"""overdue: its review date has passed. unowned: nobody owns it. never_found: no search of the period showed it. left_at_once: half of its views or more, of at least five,
were left within five seconds. voted_down: the upper bound of its helpful share is below one half. missing_translation: it is only in one language. decayed: its helpful share
or its views fell from the period before by more than chance explains. stale_pair: its translation was updated later."""


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


@dataclass(frozen=True)
class PersonFigures:
    """Gaps that one member of staff owned and that were closed in the period: with a proof that held, and in all; and those of them that have reopened."""

    name: str
    closed_with_proof: int
    closed: int
    reopened: int


def read_article_figures(database: Database, selection: Selection, *, now: datetime) -> tuple[ArticleFigures, ...]:
    """Every published article of the selection's product and language, those with most to do first: missing translations ranked by demand, then by flags and views."""
    raise NotImplementedError


def read_people(database: Database, selection: Selection) -> tuple[PersonFigures, ...]:
    """By owner, most gaps closed with proof first. Only what was closed: nothing of what anybody reads or when they work."""
    raise NotImplementedError
