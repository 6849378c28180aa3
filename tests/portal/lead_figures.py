"""Figures as a lead's desk gives them, made up: every light, a week that is not over, and topics in the words of people who mean harm."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from feedback.article_figures import ArticleFigures
from feedback.costs import Cost
from feedback.coverage import Coverage, TopicFigures
from feedback.effects import Effect
from feedback.findability import Findability
from feedback.intervals import Share
from feedback.people_figures import PersonFigures
from feedback.periods import Period, Selection, last_days, last_week
from feedback.targets import Target
from feedback.topics import Topic
from feedback.trends import Trends, Week
from kb.accounts import Account
from kb.errors import StaffOnly
from kb.settings import Settings

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
HOSTILE = "<script>alert(1)</script> | [pay](https://evil.example) =1+1"
FORMULA = '=HYPERLINK("https://evil.example","x")'


def share_target(name: str, part: int, whole: int, light: str, **more: object) -> Target:
    share = Share(part, whole)
    return Target(name, more.pop("goal", 0.6), "share", True, share.value, part, whole, share.interval, light, **more)


TARGETS = (
    share_target("self_service", 650, 1000, "met", parts=(("confirmed", 400), ("implicit", 250), ("unknown", 200), ("unresolved", 150))),
    share_target("automated", 210, 1000, "close", goal=0.2),
    share_target("repeated", 40, 100, "missed", goal=0.9),
    Target("satisfaction", 4.5, "stars", True, 4.7, 28.2, 6, (4.1, 5.0), "few", "", (("handled", 8), ("handled_rated", 6), ("answer_rate", 0.75))),
    share_target("acknowledged", 5, 8, "few", goal=0.95, parts=(("within_minutes", 15), ("waiting", 1), ("median_minutes", 9.0)), pending=2),
    Target("answered", 0.95, "share", True, None, None, None, None, "unknown", "no_questions", (("within_minutes", 30), ("waiting", 0))),
    Target("resolution_time", 4.0, "hours", False, 3.25, 97.5, 30, (2.5, 3.9), "met", "", (("still_open", 3), ("oldest_open_hours", 50.0))),
    share_target("resolution_rate", 27, 30, "close", goal=0.95),
    Target("availability", 0.999, "share", True, 0.998996, 2_416_771, 2_419_200, None, "missed", "", (("outages", 1), ("down_seconds", 2429), ("watched_share", 1.0))),
)  # fmt: skip


def week(monday: date, *, requests: int = 40, is_whole: bool = True) -> Week:
    return Week(
        Period(monday, monday + 6 * DAY, ZONE), is_whole, requests + 12, requests, Share(requests // 5, requests), requests // 4, requests // 4, requests // 4,
        requests - 3 * (requests // 4), 3, 42.0 if requests else None, requests // 4, 2, 1, 0, 3.5 if requests else None,
    )  # fmt: skip


def topic(number: int, name: str, *, requests: int = 10, answered: int = 0, cost: float = 20.0) -> TopicFigures:
    key = f"g:{number}"
    return TopicFigures(
        Topic(key, (key,), (), (number,), (number,) if not answered else ()), {"en": name, "zh": name}, "", requests, answered, 0, answered, 0,
        requests - answered, 2, Share(0, 0), Cost(cost, cost / 2, 2 * cost, requests / 4, 0.3),
    )  # fmt: skip


def article(title: str, *flags: str) -> ArticleFigures:
    return ArticleFigures(
        "en/billing/refund", title, "en", "kb", "published", "support", date(2026, 9, 1), None, 30, 4, 25, 20, Share(2, 25), 40.0, Share(3, 12), Share(4, 9), 0, flags
    )


def effect(title: str, *, change: tuple[float, float, float] | None = (0.4, 0.1, 0.6)) -> Effect:
    return Effect("en/billing/refund", title, 3, datetime(2026, 11, 10, 20, tzinfo=UTC), 14, Share(20, 100), Share(60, 100), Share(700, 1000), Share(710, 1000), change)


WEEKS = tuple(week(date(2026, 9, 7) + 7 * number * DAY, is_whole=number < 11) for number in range(12))
FIGURES = {
    "targets": TARGETS,
    "coverage": Coverage((topic(9, "answered well", requests=90, answered=80), topic(1, HOSTILE), topic(2, FORMULA, cost=50.0), topic(3, "短信提醒怎么设置", cost=5.0)), 7, 2),
    "trends": Trends(WEEKS, (effect("Get a refund"), effect("**bold** title", change=None)), (Findability(datetime(2026, 11, 20, tzinfo=UTC), 12, 40, 36, 30, 0.83),)),
    "articles": (article("Get a refund", "voted_down", "overdue"), article("All is well")),
    "people": (PersonFigures("Mei <b>", 3, 4, 1),),
}  # fmt: skip
EMPTY = {
    "targets": tuple(replace(target, value=None, numerator=None, denominator=None, interval=None, light="unknown", why="no_requests", parts=()) for target in TARGETS),
    "coverage": Coverage((), 0, 0),
    "trends": Trends((), (), ()),
    "articles": (), "people": (),
}  # fmt: skip


@dataclass
class LeadFigures:
    """A lead's desk over made-up figures; it remembers the selections it was asked for."""

    figures: dict[str, object] = field(default_factory=lambda: dict(FIGURES))
    asked: list[tuple[str, Selection]] = field(default_factory=list)
    zone: ZoneInfo = ZONE

    def refresh(self) -> None:
        """Nothing happens meanwhile."""

    def today(self) -> date:
        return date(2026, 11, 25)

    def last_days(self, days: int) -> Period:
        return last_days(days, now=NOW, zone=ZONE)

    def last_week(self) -> Period:
        return last_week(now=NOW, zone=ZONE)

    def period(self, first: date, last: date) -> Period:
        return Period(first, last, ZONE)

    def products(self) -> tuple[str, ...]:
        return ("kb",)

    def __getattr__(self, name: str):
        if name not in FIGURES:
            raise AttributeError(name)

        def read(selection: Selection):
            self.asked.append((name, selection))
            return self.figures[name]

        return read


@dataclass
class LeadKnowledge:
    """What pages for leads ask of a knowledge base."""

    desk: LeadFigures = field(default_factory=LeadFigures)
    is_demonstration: bool = False
    settings: Settings = field(default_factory=lambda: Settings(title="Acme Help"))

    def lead_desk(self, account: Account | None) -> LeadFigures:
        if account is None or not account.may("lead"):
            raise StaffOnly("this needs a lead")
        return self.desk

    def titles(self, articles, *, reader):
        return {}

    def readiness(self):
        return SimpleNamespace(ready=True, parts={})
