"""Why an article ranks where it does for a question: for whoever writes articles. It explains only what the public may see."""

from __future__ import annotations

import streamlit as st

from kb.errors import ArticleNotFound
from kb.readers import PUBLIC
from portal.components.frame import name_tab, page_frame
from portal.current import current_knowledge
from portal.drawing import draw
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("explain_title"))
with page_frame(visitor, page="explain"):
    text, article = st.query_params.get("q", "")[:1000], st.query_params.get("id", "").strip("/").removesuffix(".md")
    found, missing = None, False
    if text.strip() and article:
        try:
            found = knowledge.explain(text, article, reader=PUBLIC)
        except ArticleNotFound:
            missing = True
    draw("explain", t=t, text=text, article=article, found=found, missing=missing)
