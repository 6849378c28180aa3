"""Every article of the team, whatever its state: found, filtered, begun."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import streamlit as st

from portal.article_list import count_states, select
from portal.components.frame import name_tab, page_frame
from portal.components.workspace import begin_article, choose_filter, show_list
from portal.current import current_knowledge
from portal.drawing import draw
from portal.gap_writing import create_for
from portal.guard import need
from portal.visitor import read_visitor

EDITOR = Path(__file__).parent / "edit.py"

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("staff_articles") if visitor.is_staff else "")
with page_frame(visitor, page="articles"):
    account = need("agent")
    desk = knowledge.writing_desk(account)
    shelf, today = desk.shelf(), date.today()
    draw("staff_lead", title=t("staff_articles"), lead=t("articles_lead"))
    with st.container(key="gap_page"), st.container(key="articles_page"):
        gap = st.query_params.get("gap", "")
        if begun := begin_article(t, shelf, create=create_for(gap, knowledge, account) or desk.create):
            st.switch_page(EDITOR, query_params={"article": begun, **({"gap": gap} if gap else {})})
        chosen = choose_filter(t, shelf, counts=lambda others: count_states(select(shelf.articles, others, today=today)))
        show_list(t, select(shelf.articles, chosen, today=today), order=chosen.order, today=today)
        if shelf.broken:
            draw("articles_broken", t=t, problems=shelf.broken)
