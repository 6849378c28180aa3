"""What a lead can ask for: coverage, targets, trends, articles and people. Every method asks for the role, whoever calls it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from feedback.article_figures import ArticleFigures, read_article_figures
from feedback.coverage import Coverage, TopicDetail, list_products, read_coverage, read_topic
from feedback.moments import utc_now
from feedback.people_figures import PersonFigures, read_people
from feedback.periods import Period, Selection, day_of, last_days, last_week
from feedback.target_figures import measure_targets
from feedback.targets import Target
from feedback.trends import Trends, read_trends
from kb.accounts import Account
from kb.database import read
from kb.errors import StaffOnly
from kb.settings import Settings


class LeadDesk:
    """Figures for leads, as they were counted last. Raises StaffOnly when the account is no lead's."""

    def __init__(self, account: Account | None, settings: Settings, *, count_days: Callable[[], object], now: Callable[[], datetime] = utc_now) -> None:
        self._account, self._settings, self._count_days, self._now = account, settings, count_days, now
        self._need()

    def refresh(self) -> None:
        """Count what has happened up to now."""
        self._need()
        self._count_days()

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone: days and weeks begin by it."""
        return self._settings.zone

    def today(self) -> date:
        return day_of(self._now(), self.zone)

    def last_days(self, days: int) -> Period:
        return last_days(days, now=self._now(), zone=self.zone)

    def last_week(self) -> Period:
        return last_week(now=self._now(), zone=self.zone)

    def period(self, first: date, last: date) -> Period:
        return Period(first, last, self.zone)

    def products(self) -> tuple[str, ...]:
        """Products that a selection can name."""
        self._need()
        with read(self._settings.database) as database:
            return list_products(database)

    def coverage(self, selection: Selection) -> Coverage:
        self._need()
        with read(self._settings.database) as database:
            return read_coverage(database, selection, now=self._now())

    def topic(self, key: str, selection: Selection) -> TopicDetail:
        self._need()
        with read(self._settings.database) as database:
            return read_topic(database, key, selection, now=self._now())

    def targets(self, selection: Selection) -> tuple[Target, ...]:
        self._need()
        with read(self._settings.database) as database:
            return measure_targets(
                database, selection, now=self._now(), acknowledge_minutes=self._settings.acknowledge_minutes, respond_minutes=self._settings.respond_minutes
            )

    def trends(self, selection: Selection) -> Trends:
        self._need()
        with read(self._settings.database) as database:
            return read_trends(database, selection, now=self._now())

    def articles(self, selection: Selection) -> tuple[ArticleFigures, ...]:
        self._need()
        with read(self._settings.database) as database:
            return read_article_figures(database, selection, now=self._now())

    def people(self, selection: Selection) -> tuple[PersonFigures, ...]:
        self._need()
        with read(self._settings.database) as database:
            return read_people(database, selection)

    def _need(self) -> None:
        if self._account is None or not self._account.may("lead"):
            raise StaffOnly("this needs an account with the role lead; sign in with one")
