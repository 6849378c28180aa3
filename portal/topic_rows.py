"""A topic of the coverage map as one flat row: what its files hold, and the orders in which the table can stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from feedback.coverage import TopicFigures
from feedback.intervals import Share

COLUMNS = (
    "key", "name_en", "name_zh", "category", "requests", "answered", "answered_share", "answered_low", "answered_high", "confirmed", "implicit",
    "unknown", "unresolved", "contacts", "helpful", "votes", "helpful_share", "cost_per_week", "cost_low", "cost_high", "gaps_waiting", "articles",
)  # fmt: skip

ORDERS: dict[str, Callable[[TopicFigures], object]] = {
    "requests": lambda topic: -topic.requests,
    "share": lambda topic: _least(topic.answered_share),
    "helpful": lambda topic: _least(topic.helpful),
    "contacts": lambda topic: -topic.asked,
    "cost": lambda topic: -topic.cost.expected if is_missing(topic) else 0.0,
    "waiting": lambda topic: -len(topic.topic.waiting),
}
"""Name -> what comes first: the most requests, the least answered, and so on."""


def is_missing(topic: TopicFigures) -> bool:
    """Whether a request of it was not answered. Without one it costs nothing that was counted."""
    return topic.answered < topic.requests


def order_topics(topics: Sequence[TopicFigures], order: str) -> list[TopicFigures]:
    """The topics in one of ORDERS; those that are equal as they were."""
    return sorted(topics, key=ORDERS[order])


def total_cost(topics: Sequence[TopicFigures]) -> float:
    """What the unanswered requests of these topics are expected to cost a week."""
    return sum(topic.cost.expected for topic in topics if is_missing(topic))


def describe_topic(topic: TopicFigures) -> dict[str, object]:
    """The topic's columns: shares from 0 to 1 with the ends of their 95 % interval, costs a week with those of the 80 % interval."""
    low, high = topic.answered_share.interval or ("", "")
    cost = topic.cost
    return {
        "key": topic.key, "name_en": topic.names["en"], "name_zh": topic.names["zh"], "category": topic.category, "requests": topic.requests,
        "answered": topic.answered, "answered_share": _round(topic.answered_share.value), "answered_low": _round(low), "answered_high": _round(high),
        "confirmed": topic.confirmed, "implicit": topic.implicit, "unknown": topic.unknown, "unresolved": topic.unresolved, "contacts": topic.asked,
        "helpful": topic.helpful.part, "votes": topic.helpful.whole, "helpful_share": _round(topic.helpful.value),
        "cost_per_week": _cost(topic, cost.expected), "cost_low": _cost(topic, cost.low), "cost_high": _cost(topic, cost.high),
        "gaps_waiting": len(topic.topic.waiting), "articles": " ".join(topic.topic.articles),
    }  # fmt: skip


def _least(share: Share) -> tuple[bool, float]:
    """Small shares first; those of few cases, which are shown as counts, behind them."""
    return share.is_few, share.value if share.whole else 2.0


def _round(share: float | str | None) -> float | str:
    return round(share, 4) if isinstance(share, float) else ""


def _cost(topic: TopicFigures, cost: float) -> float:
    return round(cost, 2) if is_missing(topic) else 0.0
