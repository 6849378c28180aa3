"""Write one article: its text and fields, the page that customers will see, and the steps that lead it to them."""

from __future__ import annotations

import streamlit as st

from kb.errors import ArticleError, ArticleNotFound
from portal.components.editing import edit, open_article
from portal.components.frame import name_tab, page_frame
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import need
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("staff_edit") if visitor.is_staff else "")
with page_frame(visitor, page="edit"):
    desk = knowledge.writing_desk(need("agent"))
    article, gap = st.query_params.get("article", "").strip("/"), st.query_params.get("gap", "")
    with st.container(key="edit_page"):
        try:
            open_article(desk, article)
        except ArticleNotFound:
            draw("edit_missing", t=t, fact="")
        except ArticleError as fault:
            draw("edit_missing", t=t, fact=str(fault))
        else:
            edit(int(gap) if gap.isascii() and gap.isdigit() and len(gap) < 15 else None)
