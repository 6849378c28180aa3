"""Words that mean the same, for the whole base: found for a gap's article, and added to the synonyms file one group at a time."""

from __future__ import annotations

import streamlit as st

from kb.errors import KnowledgeBaseError
from portal.components.gap_actions import FAULT
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import guarded, need
from portal.messages import Messages
from portal.publishing import publish_changes

SUGGESTED, ADDED = "synonyms suggested", "synonyms added"


def offer_synonyms(t: Messages, gap: int) -> None:
    """The button that looks for them."""
    st.button(t("synonyms_find"), key="synonyms_find", on_click=_find, args=(gap,))


def show_synonyms(t: Messages, gap: int) -> None:
    """What was found for this gap, each group with a button that adds it; or what was added."""
    added = st.session_state.pop(ADDED, ())
    of, found = st.session_state.get(SUGGESTED, (None, ()))
    if added or of == gap:
        draw("synonyms", t=t, found=found, added=added)
    if added or of != gap:
        return
    for place, one in enumerate(found):
        with st.container(key=f"synonym_{place}", horizontal=True):
            draw("synonym", t=t, one=one)
            st.button(t("synonyms_add"), key=f"synonyms_add_{place}", on_click=_add, args=(one.phrases,))


@guarded("agent")
def _find(gap: int) -> None:
    try:
        st.session_state[SUGGESTED] = (gap, current_knowledge().desk(need("agent")).suggest_synonyms(gap))
    except KnowledgeBaseError as fault:
        st.session_state[FAULT] = str(fault)


@guarded("agent")
def _add(phrases: tuple[str, ...]) -> None:
    # The others were tried without this one: they are looked for again.
    st.session_state.pop(SUGGESTED, None)
    knowledge = current_knowledge()
    try:
        knowledge.desk(need("agent")).add_synonyms(phrases)
    except KnowledgeBaseError as fault:
        st.session_state[FAULT] = str(fault)
    else:
        publish_changes(knowledge)
        st.session_state[ADDED] = phrases
