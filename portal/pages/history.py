"""What became of one article: who saved it when, what that changed, and the way back to an older text."""

from __future__ import annotations

import streamlit as st

from kb.errors import ArticleNotFound
from portal.components.frame import name_tab, page_frame
from portal.components.revisions import show_history
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import need
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("staff_history") if visitor.is_staff else "")
with page_frame(visitor, page="history"):
    desk = knowledge.writing_desk(need("agent"))
    with st.container(key="edit_page"):
        try:
            show_history(t, desk, st.query_params.get("article", "").strip("/"), folder=str(knowledge.settings.articles.resolve()))
        except ArticleNotFound:
            draw("edit_missing", t=t, fact="")
