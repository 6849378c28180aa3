"""What this browser session has left here: to be seen, downloaded and erased by whoever left it."""

from __future__ import annotations

import streamlit as st

from portal.components import personal
from portal.components.frame import name_tab, page_frame
from portal.current import current_knowledge
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("my_data_title"))
with page_frame(visitor, page="my_data"), st.container(key="asking"):
    stored = knowledge.own_data(visitor.session, reader=visitor.reader)
    titles = knowledge.titles({row["article"] for row in (*stored["opens"], *stored["votes"])}, reader=visitor.reader)
    personal.show_stored(t, stored, titles=titles, days=knowledge.settings.retention_days)
    personal.offer_download(t, stored)
    personal.offer_erasure(t, stored, on_erase=lambda: knowledge.erase_person(session=visitor.session))
