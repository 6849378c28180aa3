"""What customers asked the team, and the answers."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kb.errors import KnowledgeBaseError
from portal.components.frame import name_tab, page_frame
from portal.components.gap_actions import FAULT
from portal.components.inbox import choose_state, show_question
from portal.components.moments import say_minutes
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import guarded, need
from portal.visitor import read_visitor

PAGE = 20


@guarded("agent")
def act(action: Callable, question: object) -> None:
    """Run an action in the name of whoever is signed in at this moment; a refusal is shown with the question."""
    try:
        action(current_knowledge().desk(need("agent")))
    except KnowledgeBaseError as fault:
        st.session_state[f"{FAULT} {question}"] = str(fault)


knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("staff_questions") if visitor.is_staff else "")
with page_frame(visitor, page="questions"):
    desk, settings = knowledge.desk(need("agent")), knowledge.settings
    lead = t("inbox_lead", acknowledge=say_minutes(t, settings.acknowledge_minutes), respond=say_minutes(t, settings.respond_minutes))
    draw("staff_lead", title=t("staff_questions"), lead=lead)
    with st.container(key="gap_page"):
        reference = st.query_params.get("ref", "")
        named = desk.find_question(reference) if reference else None
        if named:
            found = [named]
        else:
            counts = desk.questions(limit=0).counts
            state = choose_state(t, counts)
            total = sum(counts.values()) if state is None else counts.get(state, 0)
            pages = -(-total // PAGE)
            page = st.pagination(pages, key="page") if pages > 1 else 1
            found = desk.questions(state=state, limit=PAGE, offset=(page - 1) * PAGE).questions
        for question in found:
            show_question(t, question, desk.trail(question.id), settings, act=act)
        if not found:
            draw("gaps_note", text=t("inbox_none"))
