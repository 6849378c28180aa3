"""What changes with time as a person reads it: weeks, durations, differences of shares."""

from __future__ import annotations

from datetime import date

from feedback.intervals import Share
from feedback.trends import Week
from portal.figure_words import NOTHING, say_interval, say_share
from portal.messages import MONTHS, Messages


def say_day(t: Messages, day: date) -> str:
    """A day without its year, where that is plain: 16 Nov, or 11月16日."""
    return t("day_of_year", month=day.month, month_name=MONTHS[day.month - 1], day=day.day)


def say_week(t: Messages, week: Week) -> str:
    """First and last day; of the one that is not over, that it is not."""
    days = t("trends_week_days", first=say_day(t, week.period.first), last=say_day(t, week.period.last))
    return days if week.is_whole else t("trends_running", week=days)


def say_seconds(t: Messages, seconds: float | None) -> str:
    """In the unit that a person would take: 40 s, 12 min, 3.5 h, 2 d. A dash of none."""
    if seconds is None:
        return NOTHING
    if round(seconds) < 60:
        return t("figure_seconds", number=f"{seconds:.0f}")
    if round(seconds / 60) < 60:
        return t("figure_minutes", number=shorten_number(seconds / 60))
    if round(seconds / 3600) < 48:
        return t("figure_hours", number=shorten_number(seconds / 3600))
    return t("figure_days", number=shorten_number(seconds / 86_400))


def say_days(t: Messages, days: float | None) -> str:
    """3.5 d; a dash of none."""
    return NOTHING if days is None else t("figure_days", number=shorten_number(days))


def say_sure_share(t: Messages, share: Share) -> str:
    """The share with its interval of 95 %; of few cases their count alone."""
    return say_share(t, share) if share.is_few else t("figure_sure", figure=say_share(t, share), interval=say_interval(share))


def say_part_of(t: Messages, number: int, whole: int) -> str:
    """12 (24%); the number alone of nothing."""
    return t("figure_sure", figure=f"{number:,}", interval=f"{number / whole:.0%}") if whole else f"{number:,}"


def say_change(t: Messages, change: tuple[float, float, float] | None) -> str:
    """A difference of shares in percentage points with its bounds; a dash of none."""
    if change is None:
        return NOTHING
    # Nought has no sign.
    middle, low, high = (f"{100 * each:+.0f}".replace("-", "−") if round(100 * each) else "0" for each in change)
    return t("figure_points", middle=middle, low=low, high=high)


def shorten_number(number: float) -> str:
    """One decimal below ten, none above, and no .0."""
    return f"{number:.1f}".removesuffix(".0") if abs(number) < 9.95 else f"{number:.0f}"
