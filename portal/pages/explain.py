"""Why an article ranks where it does for a question: for whoever writes articles."""

from __future__ import annotations

import streamlit as st

from kb.errors import ArticleNotFound
from kb.readers import PUBLIC, STAFF
from portal.components.frame import name_tab, page_frame
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import need
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("explain_title") if visitor.is_staff else "")
with page_frame(visitor, page="explain"):
    need("agent")
    text, article = st.query_params.get("q", "")[:1000], st.query_params.get("id", "").strip("/").removesuffix(".md")
    found, missing = None, False
    if text.strip() and article:
        # As customers find it; an article that they cannot see, among all that staff can.
        for reader in (PUBLIC, STAFF):
            try:
                found = knowledge.explain(text, article, reader=reader)
                break
            except ArticleNotFound:
                missing = reader is STAFF
    draw("explain", t=t, text=text, article=article, found=found, missing=missing)
