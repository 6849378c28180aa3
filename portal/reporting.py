"""What a lead reports on: everything that the figures say about one period, gathered once and written in several ways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import dropwhile
from typing import TYPE_CHECKING

from feedback.article_figures import ArticleFigures
from feedback.coverage import Coverage, TopicFigures
from feedback.effects import Effect
from feedback.findability import Findability
from feedback.people_figures import PersonFigures
from feedback.periods import Period, Selection, day_of
from feedback.targets import Target
from feedback.trends import Trends, Week

if TYPE_CHECKING:
    from portal.lead import LeadDesk

WEEKS_SHOWN = 12
"""So many weeks at least stand in a picture of a development, also when the period is shorter."""


@dataclass(frozen=True)
class Report:
    """The figures of one selection. `simulated`: of a demonstration, which every way of writing it says first."""

    site: str
    simulated: bool
    made_on: date
    selection: Selection
    targets: tuple[Target, ...]
    targets_before: tuple[Target, ...]
    """Of the period of equal length before."""
    coverage: Coverage
    trends: Trends
    """Of at least `WEEKS_SHOWN` weeks that end with the period, if there have been so many."""
    articles: tuple[ArticleFigures, ...]
    people: tuple[PersonFigures, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nobody has searched or asked, in this period and in the weeks before it."""
        return not self.coverage.requests and not any(week.requests or week.searches for week in self.trends.weeks)

    @property
    def missing(self) -> tuple[TopicFigures, ...]:
        """Topics without an answer, the dearest first: a gap of theirs waits, or less than half of their requests were answered."""
        found = [topic for topic in self.coverage.topics if topic.requests > topic.answered and (topic.topic.waiting or 2 * topic.answered < topic.requests)]
        return tuple(sorted(found, key=lambda topic: (-topic.cost.expected, topic.key)))

    @property
    def weeks(self) -> tuple[Week, ...]:
        """The weeks that the period has a part in."""
        period = self.selection.period
        return tuple(week for week in self.trends.weeks if week.period.first <= period.last and week.period.last >= period.first)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Of publications in the period."""
        period = self.selection.period
        return tuple(effect for effect in self.trends.effects if period.first <= day_of(effect.published_at, period.zone) <= period.last)

    @property
    def findability(self) -> tuple[Findability, ...]:
        """Runs of the standing test in the period."""
        period = self.selection.period
        return tuple(run for run in self.trends.findability if period.first <= day_of(run.at, period.zone) <= period.last)

    @property
    def flagged(self) -> tuple[ArticleFigures, ...]:
        """Articles that want looking at."""
        return tuple(article for article in self.articles if article.flags)


def gather_report(desk: LeadDesk, selection: Selection, *, site: str, simulated: bool) -> Report:
    """The report on the selection, as counted last. Raises StaffOnly."""
    return Report(
        site, simulated, desk.today(), selection, desk.targets(selection), desk.targets(selection.before()), desk.coverage(selection),
        read_trends(desk, selection), desk.articles(selection), desk.people(selection),
    )  # fmt: skip


def read_trends(desk: LeadDesk, selection: Selection) -> Trends:
    """The trends of at least `WEEKS_SHOWN` weeks that end with the selection, without those before anything had ever happened. Raises StaffOnly."""
    trends = desk.trends(stretch(selection))
    return replace(trends, weeks=tuple(dropwhile(_is_empty, trends.weeks)))


def name_file(report: Report, kind: str) -> str:
    """kb-report-2026-W47.md for a calendar week, else kb-report-2026-11-01-2026-11-28.md."""
    period = report.selection.period
    if period.first.weekday() == 0 and period.days == 7:
        year, week, _ = period.first.isocalendar()
        return f"kb-report-{year}-W{week:02}.{kind}"
    return f"kb-report-{period.first}-{period.last}.{kind}"


def stretch(selection: Selection, *, weeks: int = WEEKS_SHOWN) -> Selection:
    """The same, begun early enough to have a part in so many calendar weeks."""
    period = selection.period
    monday = period.last - timedelta(days=period.last.weekday())
    first = min(period.first, monday - timedelta(weeks=weeks - 1))
    return Selection(Period(first, period.last, period.zone), selection.product, selection.lang)


def _is_empty(week: Week) -> bool:
    return not (week.searches or week.requests or week.gaps_opened or week.gaps_closed or week.gaps_reopened)
