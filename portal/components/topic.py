"""One topic on its page."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from feedback.coverage import TopicDetail
from feedback.moments import read_stamp
from feedback.periods import day_of
from portal.components.selection import show_lead_head
from portal.components.writing_words import name_statuses
from portal.drawing import draw
from portal.figure_words import NOTHING, say_cost, say_interval, say_number, say_share
from portal.messages import Messages
from portal.topic_rows import is_missing

_KEY = re.compile(r"a:.{1,500}|g:[0-9]{1,15}", re.DOTALL)


def is_key(text: str) -> bool:
    """Whether it can be the key of a topic."""
    return bool(_KEY.fullmatch(text))


def is_known(detail: TopicDetail) -> bool:
    """Whether there is such a topic, in this selection or at all."""
    return bool(detail.figures.requests or detail.articles or detail.gaps or any(detail.figures.names.values()))


def show_topic_head(t: Messages, detail: TopicDetail | None) -> None:
    """What the topic is called, in the reader's language and the other; and the way back to the map."""
    names = detail.figures.names if detail else {}
    title = detail.figures.name(t.lang) if detail else t("topic_title")
    lang, other = next(((lang, name) for lang, name in names.items() if lang != t.lang and name and name != title), ("", ""))
    show_lead_head(t, page="coverage", title=title, lead=other, lead_lang=lang, is_below=True)


def show_topic(t: Messages, detail: TopicDetail, *, zone: ZoneInfo) -> None:
    """Its figures, gaps, articles, and the words in which customers asked."""
    figures = detail.figures
    numbers = (
        (t("coverage_requests"), say_number(figures.requests), ""),
        (t("coverage_answered"), say_share(t, figures.answered_share), say_interval(figures.answered_share) if figures.requests else ""),
        (t("coverage_helpful"), say_share(t, figures.helpful), say_interval(figures.helpful) if figures.helpful.whole else ""),
        (t("coverage_contacts"), say_number(figures.asked), ""),
        (t("coverage_cost"), say_cost(t, figures.cost) if is_missing(figures) else NOTHING, ""),
    )
    draw(
        "topic", t=t, detail=detail, figures=figures, numbers=numbers, statuses=name_statuses(t), say_number=say_number,
        day_of=lambda at: t.day(day_of(read_stamp(at), zone)),
    )  # fmt: skip
