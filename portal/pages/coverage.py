"""What customers ask about, against what the articles answer: a map, and its table."""

from __future__ import annotations

import streamlit as st

from feedback.coverage import TopicFigures
from kb.readers import STAFF
from portal.components.coverage_map import show_map
from portal.components.frame import name_tab, page_frame
from portal.components.selection import choose_selection, say_period, selection_address, show_lead_head
from portal.components.topic_table import show_topics
from portal.current import current_knowledge
from portal.drawing import draw
from portal.figure_words import say_interval, say_number, say_share
from portal.guard import need
from portal.topic_rows import total_cost
from portal.visitor import read_visitor


def link(topic: TopicFigures) -> str:
    return selection_address("topic", key=topic.key)


knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("lead_coverage") if visitor.is_staff else "")
with page_frame(visitor, page="coverage"):
    desk = knowledge.lead_desk(need("lead"))
    desk.refresh()
    show_lead_head(t, page="coverage", title=t("coverage_title"), lead=t("coverage_lead"))
    with st.container(key="gap_page"):
        selection = choose_selection(t, desk)
        coverage = desk.coverage(selection)
        if coverage.requests:
            said = t(
                "coverage_said", period=say_period(t, selection.period), requests=say_number(coverage.requests), share=say_share(t, coverage.answered),
                interval=say_interval(coverage.answered), cost=say_number(total_cost(coverage.topics)),
            )  # fmt: skip
            draw("coverage_totals", t=t, said=said)
            titles = {category.name: category.title for category in knowledge.categories(t.lang, reader=STAFF)}
            show_map(t, coverage, titles=titles, link=link, rest="#kb-topics", says=said)
            show_topics(t, coverage.topics)
        else:
            draw("gaps_note", text=t("coverage_none"))
