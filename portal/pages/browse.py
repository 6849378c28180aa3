"""Every article, by category; narrowed by category, tag or product as the address says."""

from __future__ import annotations

import streamlit as st

from kb.readers import Scope
from portal.components.browsing import Section, group_by_category
from portal.components.filters import show_active_filters
from portal.components.frame import name_tab, page_frame
from portal.current import current_knowledge
from portal.drawing import draw
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("browse_title"))
with page_frame(visitor, page="browse"):
    chosen = st.query_params.get("category", "")
    scope = Scope(reader=visitor.reader, lang=visitor.lang, product=st.query_params.get("product"), tag=st.query_params.get("tag"))
    categories = knowledge.categories(visitor.lang, reader=visitor.reader)
    category = next((category for category in categories if category.name == chosen), None)
    cards = knowledge.browse(scope, category=chosen or None)
    if chosen:
        # The category already heads the page, so its articles need no second title.
        sections = [Section("", cards)] if cards else []
    else:
        sections = group_by_category(cards, categories, other=t("other_articles"))
    show_active_filters(t, page="browse", names=("tag", "product"))
    draw(
        "browse",
        t=t,
        heading=category.title if category else t("browse_title"),
        lead=category.summary if category else t("browse_lead"),
        categories=categories,
        chosen=chosen,
        tags=knowledge.tags(visitor.lang, reader=visitor.reader),
        sections=sections,
        kept={name: value for name, value in st.query_params.items() if name in ("tag", "product")},
    )
