"""One topic of the coverage map: its figures, customers' words, articles and gaps."""

from __future__ import annotations

import streamlit as st

from portal.components.frame import name_tab, page_frame
from portal.components.selection import choose_selection
from portal.components.topic import is_key, is_known, show_topic, show_topic_head
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import need
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("topic_title") if visitor.is_staff else "")
with page_frame(visitor, page="topic"):
    desk = knowledge.lead_desk(need("lead"))
    desk.refresh()
    # What the topic is called stands above what is selected, and is known after it.
    head = st.container()
    key = st.query_params.get("key", "")
    with st.container(key="gap_page"):
        selection = choose_selection(t, desk)
        detail = desk.topic(key, selection) if is_key(key) else None
        known = detail is not None and is_known(detail)
        with head:
            show_topic_head(t, detail if known else None)
        if known:
            show_topic(t, detail, zone=desk.zone)
        else:
            draw("gaps_note", text=t("topic_unknown"))
