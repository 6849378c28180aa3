"""Targets, weeks, effects, articles and people as flat rows: what files hold. Shares are 0 to 1, and a cell without a figure is empty."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from feedback.article_figures import ArticleFigures
from feedback.effects import Effect
from feedback.findability import Findability
from feedback.intervals import Share
from feedback.people_figures import PersonFigures
from feedback.periods import day_of
from feedback.targets import Target
from feedback.trends import Week

TARGET_COLUMNS = (
    "target", "light", "why", "value", "unit", "goal", "goal_is", "numerator", "denominator", "low", "high", "pending", "value_before", "beside",
)  # fmt: skip
WEEK_COLUMNS = (
    "week", "last_day", "is_whole", "searches", "requests", "failed", "searched", "failed_share", "failed_low", "failed_high", "confirmed", "implicit",
    "unknown", "unresolved", "asked", "seconds_to_help", "helped", "gaps_opened", "gaps_closed", "gaps_reopened", "days_to_close",
)  # fmt: skip
EFFECT_COLUMNS = (
    "article", "title", "gap", "published_on", "days", "before_answered", "before_requests", "after_answered", "after_requests", "control_before_answered",
    "control_before_requests", "control_after_answered", "control_after_requests", "change", "change_low", "change_high",
)  # fmt: skip
FINDABILITY_COLUMNS = ("day", "generation", "searches", "found", "first", "mean_reciprocal_rank")
ARTICLE_COLUMNS = (
    "id", "title", "lang", "product", "status", "owner", "updated", "review_by", "flags", "found", "shown_first", "views", "views_before", "left_at_once",
    "mean_seconds", "helpful", "votes", "helpful_share", "helpful_low", "helpful_high", "helpful_before", "votes_before", "wanted_translation",
)  # fmt: skip
PERSON_COLUMNS = ("name", "closed_with_proof", "closed", "reopened")


def describe_target(target: Target, before: Target) -> dict[str, object]:
    """One target; `beside` holds its other figures as code=number."""
    low, high = target.interval or (None, None)
    return {
        "target": target.name, "light": target.light, "why": target.why, "value": _round(target.value), "unit": target.unit, "goal": target.goal,
        "goal_is": "at least" if target.at_least else "at most", "numerator": _round(target.numerator), "denominator": _round(target.denominator),
        "low": _round(low), "high": _round(high), "pending": target.pending, "value_before": _round(before.value),
        "beside": " ".join(f"{code}={_round(number):g}" for code, number in target.parts),
    }  # fmt: skip


def describe_week(week: Week) -> dict[str, object]:
    """One calendar week; `is_whole` is 0 for the one that is not over."""
    counts = {name: getattr(week, name) for name in ("searches", "requests", "confirmed", "implicit", "unknown", "unresolved", "asked", "helped")}
    return {
        "week": week.period.first, "last_day": week.period.last, "is_whole": int(week.is_whole), **counts, "failed": week.failed.part, "searched": week.failed.whole,
        **_describe_share("failed", week.failed), "seconds_to_help": _round(week.seconds_to_help), "gaps_opened": week.gaps_opened,
        "gaps_closed": week.gaps_closed, "gaps_reopened": week.gaps_reopened, "days_to_close": _round(week.days_to_close),
    }  # fmt: skip


def describe_effect(effect: Effect, *, zone: ZoneInfo) -> dict[str, object]:
    """One publication; `published_on` is a day of the zone."""
    shares = {"before": effect.before, "after": effect.after, "control_before": effect.control_before, "control_after": effect.control_after}
    counts = {f"{name}_{what}": number for name, share in shares.items() for what, number in (("answered", share.part), ("requests", share.whole))}
    change, low, high = effect.change or (None, None, None)
    return {
        "article": effect.article, "title": effect.title, "gap": effect.gap, "published_on": day_of(effect.published_at, zone), "days": effect.days, **counts,
        "change": _round(change), "change_low": _round(low), "change_high": _round(high),
    }  # fmt: skip


def describe_run(run: Findability, *, zone: ZoneInfo) -> dict[str, object]:
    """One run of the standing test."""
    return {
        "day": day_of(run.at, zone), "generation": run.generation, "searches": run.searches, "found": run.found, "first": run.first,
        "mean_reciprocal_rank": _round(run.reciprocal),
    }  # fmt: skip


def describe_article(each: ArticleFigures) -> dict[str, object]:
    """One article."""
    same = {name: getattr(each, name) for name in ("id", "title", "lang", "product", "status", "owner", "updated", "review_by", "found", "shown_first", "views")}
    return {
        **same, "flags": " ".join(each.flags), "views_before": each.views_before, "left_at_once": each.glances.part, "mean_seconds": _round(each.mean_seconds),
        "helpful": each.helpful.part, "votes": each.helpful.whole, **_describe_share("helpful", each.helpful), "helpful_before": each.helpful_before.part,
        "votes_before": each.helpful_before.whole, "wanted_translation": each.wanted_translation,
    }  # fmt: skip


def describe_person(each: PersonFigures) -> dict[str, object]:
    """One member of staff."""
    return {name: getattr(each, name) for name in PERSON_COLUMNS}


def _describe_share(name: str, share: Share) -> dict[str, float | None]:
    low, high = share.interval or (None, None)
    return {f"{name}_share": _round(share.value), f"{name}_low": _round(low), f"{name}_high": _round(high)}


def _round(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
