"""Figures as tables that a person reads: every cell is a text in the reader's language. Pages, reports and the terminal show the same ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from feedback.article_figures import ArticleFigures
from feedback.coverage import TopicFigures
from feedback.effects import Effect
from feedback.findability import Findability
from feedback.intervals import Share
from feedback.people_figures import PersonFigures
from feedback.periods import day_of
from feedback.targets import LIGHTS, Target
from feedback.trends import Week
from portal import target_words
from portal.figure_words import NOTHING, say_cost, say_number, say_share
from portal.messages import Messages
from portal.trend_words import say_change, say_days, say_part_of, say_seconds, say_sure_share, say_week

MARKS = {"met": "✓", "close": "≈", "missed": "✕", "few": "…", "unknown": "?"}
"""The sign of each light, so that no colour is needed."""


@dataclass(frozen=True)
class Table:
    """`head` names the columns; the first of them says what each row is about. `empty` is said instead when there are no rows."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = ""


def tabulate_targets(t: Messages, targets: Sequence[Target], before: Sequence[Target]) -> Table:
    """Each target with its light in words, and what its value was in the period before. Without a figure it says why instead."""
    earlier = {target.name: target for target in before}
    rows = tuple(
        (
            target_words.say_name(t, target), f"{MARKS[target.light]} {t(f'light_{target.light}')}", target_words.say_value(t, target), target_words.say_goal(t, target),
            target_words.say_bounds(t, target), target_words.say_why(t, target) if target.why else target_words.say_counted(t, target),
            target_words.say_value(t, earlier[target.name]) if target.name in earlier else NOTHING,
        )
        for target in targets
    )  # fmt: skip
    head = (t("target_head"), t("target_light"), t("target_value"), t("target_goal"), t("coverage_interval"), t("target_counted"), t("target_before"))
    return Table(t("lead_targets"), head, rows)


def say_lights(t: Messages, targets: Sequence[Target]) -> str:
    """How many of the targets show which light."""
    counted = Counter(target.light for target in targets)
    lights = [t("targets_light_count", count=counted[light], light=t(f"light_{light}")) for light in LIGHTS if counted[light]]
    return t("targets_said", lights=t("list_comma").join(lights))


def tabulate_topics(t: Messages, topics: Sequence[TopicFigures]) -> Table:
    """Topics without an answer, with what they cost a week."""
    rows = tuple(
        (topic.name(t.lang), say_number(topic.requests), say_share(t, topic.answered_share), say_number(topic.asked), say_cost(t, topic.cost)) for topic in topics
    )
    head = (t("coverage_topic"), t("coverage_requests"), t("coverage_answered"), t("coverage_contacts"), t("report_cost"))
    return Table(t("report_missing"), head, rows, empty=t("report_missing_none"))


WEEK_COLUMNS: dict[str, tuple[Callable[[Messages], str], Callable[[Messages, Week], str]]] = {
    "searches": (lambda t: t("trends_searches"), lambda t, week: say_number(week.searches)),
    "requests": (lambda t: t("trends_requests"), lambda t, week: say_number(week.requests)),
    "failed": (lambda t: t("trends_failed"), lambda t, week: say_sure_share(t, week.failed)),
    "confirmed": (lambda t: t("gaps_confirmed"), lambda t, week: say_part_of(t, week.confirmed, week.requests)),
    "implicit": (lambda t: t("gaps_implicit"), lambda t, week: say_part_of(t, week.implicit, week.requests)),
    "unknown": (lambda t: t("gaps_unknown"), lambda t, week: say_part_of(t, week.unknown, week.requests)),
    "unresolved": (lambda t: t("gaps_unresolved"), lambda t, week: say_part_of(t, week.unresolved, week.requests)),
    "wait": (lambda t: t("trends_wait"), lambda t, week: say_seconds(t, week.seconds_to_help)),
    "helped": (lambda t: t("trends_helped"), lambda t, week: say_number(week.helped)),
    "opened": (lambda t: t("trends_opened"), lambda t, week: f"{week.gaps_opened}"),
    "closed": (lambda t: t("trends_closed"), lambda t, week: f"{week.gaps_closed}"),
    "reopened": (lambda t: t("trends_reopened"), lambda t, week: f"{week.gaps_reopened}"),
    "days": (lambda t: t("trends_days_to_close"), lambda t, week: say_days(t, week.days_to_close)),
    # Narrow ones, for a table that holds everything.
    "confirmed_count": (lambda t: t("report_confirmed"), lambda t, week: say_number(week.confirmed)),
    "implicit_count": (lambda t: t("report_implicit"), lambda t, week: say_number(week.implicit)),
    "unknown_count": (lambda t: t("report_unknown"), lambda t, week: say_number(week.unknown)),
    "unresolved_count": (lambda t: t("report_unresolved"), lambda t, week: say_number(week.unresolved)),
    "gaps": (lambda t: t("report_gap_steps"), lambda t, week: f"{week.gaps_opened} / {week.gaps_closed} / {week.gaps_reopened}"),
}
"""Column -> what it is called, and what it says of a week."""


def tabulate_weeks(t: Messages, weeks: Sequence[Week], columns: Sequence[str], *, title: str) -> Table:
    """The weeks, oldest first, in these of `WEEK_COLUMNS`."""
    chosen = [WEEK_COLUMNS[name] for name in columns]
    rows = tuple((say_week(t, week), *(say(t, week) for _, say in chosen)) for week in weeks)
    return Table(title, (t("trends_week"), *(name(t) for name, _ in chosen)), rows)


def tabulate_effects(t: Messages, effects: Sequence[Effect], *, zone: ZoneInfo) -> Table:
    """Publications, newest first, with the answered share of their topic and of all others before and after."""
    rows = tuple(
        (
            effect.title, t.day(day_of(effect.published_at, zone)), _say_both(t, effect.before, effect.after), _say_both(t, effect.control_before, effect.control_after),
            say_change(t, effect.change), f"{effect.days}",
        )
        for effect in effects
    )  # fmt: skip
    head = (t("trends_article"), t("trends_published"), t("trends_own"), t("trends_control"), t("trends_change"), t("trends_window"))
    return Table(t("trends_effects"), head, rows, empty=t("trends_effects_none"))


def tabulate_findability(t: Messages, runs: Sequence[Findability], *, zone: ZoneInfo) -> Table:
    """Runs of the standing test, oldest first."""
    rows = tuple(
        (
            t.day(day_of(run.at, zone)), f"{run.generation}", say_number(run.searches), say_part_of(t, run.first, run.searches),
            say_part_of(t, run.found, run.searches), f"{run.reciprocal:.2f}",
        )
        for run in runs
    )  # fmt: skip
    head = (t("trends_day"), t("trends_generation"), t("trends_standing"), t("trends_first"), t("trends_found"), t("trends_reciprocal"))
    return Table(t("trends_findability"), head, rows, empty=t("trends_findability_none"))


def tabulate_articles(t: Messages, articles: Sequence[ArticleFigures]) -> Table:
    """Articles that want looking at, and why."""
    rows = tuple(
        (each.title, t("list_comma").join(t(f"flag_{flag}") for flag in each.flags), say_number(each.views), say_share(t, each.helpful), each.owner or NOTHING)
        for each in articles
    )
    head = (t("trends_article"), t("report_flags"), t("report_views"), t("coverage_helpful"), t("gaps_filter_owner"))
    return Table(t("report_articles"), head, rows, empty=t("report_articles_none"))


def tabulate_people(t: Messages, people: Sequence[PersonFigures]) -> Table:
    """Who closed gaps, and with what proof."""
    rows = tuple((each.name or NOTHING, f"{each.closed_with_proof}", f"{each.closed}", f"{each.reopened}") for each in people)
    head = (t("gaps_filter_owner"), t("report_with_proof"), t("trends_closed"), t("trends_reopened"))
    return Table(t("report_people"), head, rows, empty=t("report_people_none"))


def _say_both(t: Messages, before: Share, after: Share) -> str:
    return t("trends_arrow", before=say_share(t, before), after=say_share(t, after))
