"""Counted figures as the reader says them: shares with how sure they are, numbers, costs."""

from __future__ import annotations

from feedback.costs import Cost
from feedback.intervals import Share
from portal.messages import Messages

NOTHING = "–"
"""Stands where there is nothing to count."""


def say_number(number: float) -> str:
    """A whole number, thousands apart."""
    return f"{number:,.0f}"


def say_share(t: Messages, share: Share) -> str:
    """62%; of fewer cases than say anything as a percentage the count, 3 of 4; a dash of none."""
    if not share.whole:
        return NOTHING
    return t("figure_few", part=share.part, whole=share.whole) if share.is_few else f"{share.value:.0%}"


def say_interval(share: Share) -> str:
    """The bounds at 95 %, 58–66%; a dash of nothing."""
    if not share.whole:
        return NOTHING
    low, high = share.interval
    return f"{100 * low:.0f}–{100 * high:.0f}%"


def say_cost(t: Messages, cost: Cost) -> str:
    """What is expected a week, and the bounds at 80 %."""
    return t("figure_cost", expected=say_number(cost.expected), low=say_number(cost.low), high=say_number(cost.high))
