"""What the cost of a gap rests on: seen by all of the team, changed by leads."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from feedback.costs import LIMITS, Assumptions
from kb.errors import KnowledgeBaseError
from portal.drawing import draw
from portal.messages import Messages


def show_assumptions(t: Messages, assumptions: Assumptions, *, may_change: bool, save: Callable[[str, float], None]) -> None:
    """A form of the five numbers; `save` is called for each that was changed."""
    with st.expander(t("assumptions_title")), st.form("assumptions", border=False):
        draw("gaps_note", text=t("assumptions_lead"))
        given = {
            name: st.number_input(
                t(f"assumption_{name}"), min_value=low, max_value=high, value=float(getattr(assumptions, name)), disabled=not may_change, key=f"assume_{name}"
            )
            for name, (low, high) in LIMITS.items()
        }
        if st.form_submit_button(t("assumptions_save"), disabled=not may_change):
            try:
                for name, value in given.items():
                    if value != getattr(assumptions, name):
                        save(name, float(value))
            except KnowledgeBaseError as fault:
                st.error(t("gap_not_done", fault=fault))
            else:
                st.rerun()
