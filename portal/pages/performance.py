"""What became of each article, and who closed gaps with proof."""

from __future__ import annotations

import streamlit as st

from portal.components.article_figures import show_articles, show_people, show_wanted
from portal.components.frame import name_tab, page_frame
from portal.components.helpful_picture import show_helpful
from portal.components.selection import choose_selection, show_lead_head
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import need
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("lead_performance") if visitor.is_staff else "")
with page_frame(visitor, page="performance"):
    desk = knowledge.lead_desk(need("lead"))
    desk.refresh()
    show_lead_head(t, page="performance", title=t("lead_performance"), lead=t("performance_lead"))
    with st.container(key="gap_page"):
        selection = choose_selection(t, desk)
        articles = desk.articles(selection)
        if articles:
            show_wanted(t, articles)
            show_helpful(t, articles)
            show_articles(t, articles)
        else:
            draw("gaps_note", text=t("performance_none"))
        show_people(t, desk.people(selection))
