"""Home: ask, and get the answer while typing; without a question, what others read."""

from __future__ import annotations

import streamlit as st

from kb.readers import Scope
from portal.components import filters, search
from portal.components.frame import name_tab, page_frame
from portal.current import current_knowledge
from portal.drawing import draw
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title)
with page_frame(visitor, page="home", with_search=False):
    with st.container(key="hero"):
        draw("hero", t=t)
        query = search.ask_question(t)
    if search.is_searchable(query):
        with st.container(key="filters"):
            lang = search.choose_result_language(t)
        product, tag = st.query_params.get("product"), st.query_params.get("tag")
        filters.show_active_filters(t, page="home", names=("product", "tag"))
        scope = Scope(reader=visitor.reader, lang=lang, product=product, tag=tag)
        answer = search.answer_once(
            (query, scope, visitor.lang),
            lambda: knowledge.search(query, scope=scope, prefer=visitor.lang, visit=visitor.visit),
        )
        titles = {category.name: category.title for category in knowledge.categories(visitor.lang, reader=visitor.reader)}
        narrowed = bool(lang or product or tag)
        search.show_answer(t, answer, category_titles=titles, contact=knowledge.settings.contact, filtered=narrowed)
    else:
        draw("status", text=t("keep_typing") if query else "", unseen=not query)
        draw(
            "welcome",
            t=t,
            popular=knowledge.popular(visitor.lang, reader=visitor.reader),
            categories=knowledge.categories(visitor.lang, reader=visitor.reader),
            recent=knowledge.recent(visitor.lang, reader=visitor.reader),
        )
