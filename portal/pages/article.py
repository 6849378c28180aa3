"""One article: read it, find the section, vote, say why it did not help, go on to a related one."""

from __future__ import annotations

import streamlit as st

from kb.errors import ArticleNotFound
from portal.addresses import address
from portal.components.frame import name_tab, page_frame
from portal.components.opening import record_open_once, searched_from
from portal.components.sections import equip_article
from portal.components.vote import ask_for_vote
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import current_reader
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title)
with page_frame(visitor, page="article"):
    try:
        page = knowledge.article(st.query_params.get("id", ""), reader=visitor.reader)
    except ArticleNotFound:
        name_tab(knowledge.settings.title, title=t("not_found_title"))
        draw("not_found", t=t, title=t("not_found_title"))
    else:
        name_tab(knowledge.settings.title, title=page.card.title)
        search_id = searched_from(lambda: knowledge.search_behind(page.card.id, session=visitor.session))
        mine = {"session": visitor.session, "search_id": search_id}
        if not visitor.is_staff:
            # Who reads to mend it is no reader of the figures.
            record_open_once(page.card.id, lambda: knowledge.record_open(page.card.id, reader=visitor.reader, **mine))
        titles = {category.name: category.title for category in knowledge.categories(visitor.lang, reader=visitor.reader)}
        html = equip_article(page.html, t)
        draw("article", t=t, page=page, html=html, category_title=titles.get(page.card.category, ""), is_staff=visitor.is_staff)
        ask_for_vote(
            t,
            key=page.card.id,
            ask_address=address("ask", article=page.card.id, s=search_id),
            current=lambda: knowledge.vote_on(page.card.id, **mine),
            # Pressed before the page finds out again who is at it.
            on_vote=lambda helpful: knowledge.vote(page.card.id, helpful, reader=current_reader(), **mine),
            on_explain=lambda reason, comment: knowledge.explain_vote(
                page.card.id, reason=reason, comment=comment, reader=current_reader(), **mine
            ),
        )
        if page.related:
            draw("related", t=t, cards=page.related)
