"""The topics of the coverage map as a table: sorted by the address, a page at a time, and as files."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from feedback.coverage import TopicFigures
from portal.components.downloads import offer_files
from portal.components.selection import selection_address
from portal.coverage_map import colours_of
from portal.drawing import draw
from portal.figure_words import say_cost, say_interval, say_number, say_share
from portal.messages import Messages
from portal.topic_rows import COLUMNS, ORDERS, describe_topic, is_missing, order_topics

PAGE = 50


def show_topics(t: Messages, topics: Sequence[TopicFigures]) -> None:
    """The topics in the order that the address asks for."""
    asked = st.query_params.get("sort", "")
    order = asked if asked in ORDERS else "requests"
    rows = order_topics(topics, order)
    table = st.container()
    pages = -(-len(rows) // PAGE)
    # Named after how many there are: another selection begins at its first page.
    page = st.pagination(pages, key=f"page_{pages}") if pages > 1 else 1
    with table:
        draw(
            "coverage_table", t=t, topics=rows[(page - 1) * PAGE : page * PAGE], order=order, columns=_name_columns(t), keep=selection_address,
            colour=colours_of, say_number=say_number, say_share=say_share, say_interval=say_interval, say_cost=say_cost, is_missing=is_missing,
        )  # fmt: skip
    offer_files(t, [describe_topic(topic) for topic in rows], COLUMNS, name="coverage", title=t("lead_coverage"))


def _name_columns(t: Messages) -> dict[str, str]:
    """What each order's column is called."""
    return {
        "requests": t("coverage_requests"), "share": t("coverage_answered"), "helpful": t("coverage_helpful"), "contacts": t("coverage_contacts"),
        "cost": t("coverage_cost"), "waiting": t("coverage_waiting"),
    }  # fmt: skip
