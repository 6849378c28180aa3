"""One gap: its evidence, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from feedback.gaps import GapError
from portal.components.frame import name_tab, page_frame
from portal.components.gap_actions import run_action, show_actions
from portal.components.gap_closing import show_proofs, show_waiting, show_writing
from portal.current import current_knowledge
from portal.drawing import draw
from portal.gap_rows import explain_kind
from portal.guard import guarded, need
from portal.visitor import read_visitor


@guarded("agent")
def act(action: Callable) -> None:
    """Run an action in the name of whoever is signed in at this moment."""
    run_action(current_knowledge().desk(need("agent")), action)


knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("staff_gap") if visitor.is_staff else "")
with page_frame(visitor, page="gap"):
    account = need("agent")
    desk = knowledge.desk(account)
    number = st.query_params.get("id", "")
    try:
        detail = desk.gap(int(number) if number.isascii() and number.isdigit() and len(number) < 15 else 0)
    except GapError:
        draw("gaps_note", text=t("gap_unknown"))
    else:
        with st.container(key="gap_page"):
            draw("gap_head", t=t, detail=detail, why=explain_kind(detail.gap, t))
            show_writing(t, detail)
            draw("gap", t=t, detail=detail)
            show_proofs(t, desk.proofs(detail.gap.id))
            show_waiting(t, desk.waiting(detail.gap.id), title=knowledge.settings.title, act=act)
            with st.container(key="gap_actions"):
                show_actions(t, detail, account=account, act=act)
