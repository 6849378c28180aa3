"""Ask the team: a question, where to answer if the customer wants, what was tried before; then its reference number."""

from __future__ import annotations

import streamlit as st

from portal.components import asking
from portal.components.frame import name_tab, page_frame
from portal.components.opening import searched_from
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import current_reader
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("ask_title"))
with page_frame(visitor, page="ask"), st.container(key="asking"):
    asked = asking.asked_before(lambda reference: knowledge.question(reference, visit=visitor.visit))
    if asked:
        draw("asked", t=t, question=asked, **asking.promise(t, knowledge.settings, asked))
    else:
        article, search_id = st.query_params.get("article", ""), searched_from()
        title = knowledge.titles([article], reader=visitor.reader).get(article, "") if article else ""
        draw("ask", t=t, title=title, article=article, **asking.promise(t, knowledge.settings))
        asking.ask_question(
            t,
            prefilled=st.query_params.get("q", ""),
            trail=knowledge.trail(visitor.session),
            on_send=lambda **given: knowledge.ask_team(
                visit=visitor.visit, article=article, search_id=search_id, reader=current_reader(), **given
            ),
        )
