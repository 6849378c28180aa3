"""What the author should change, found by the rules of writing, on demand: some rules look at all other articles."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from kb.errors import KnowledgeBaseError
from kb.lint_findings import Finding
from portal.components.editing_acts import say
from portal.components.editing_state import held
from portal.context import read_messages
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import guarded
from portal.linting import describe_finding
from portal.messages import Messages

KEY, PLACE = "findings", "findings"


@dataclass(frozen=True)
class Checked:
    """What was found in a text of an article."""

    article: str
    text: str
    findings: tuple[Finding, ...]


def show_findings(t: Messages, article: str, text: str) -> None:
    """The findings of the last check, errors first, and the way to another."""
    checked: Checked | None = st.session_state.get(KEY)
    if checked and checked.article != article:
        checked = None
    levels = {"error": t("edit_level_error"), "warning": t("edit_level_warning"), "note": t("edit_level_note")}
    order = list(levels)
    ordered = sorted(checked.findings, key=lambda one: (order.index(one.level), one.line or 0)) if checked else []
    draw(
        "edit_findings", t=t, findings=[(one, *describe_finding(one, t)) for one in ordered], levels=levels, checked=checked is not None,
        outdated=checked is not None and checked.text != text,
    )  # fmt: skip
    with st.container(key="edit_check", horizontal=True):
        st.button(t("edit_check_again") if checked else t("edit_check"), key="edit_check_now", on_click=_check)


@guarded("agent")
def _check() -> None:
    editing = held()
    try:
        findings = current_knowledge().lint_text(editing.text, editing.article)
    except KnowledgeBaseError as fault:
        t = read_messages()
        say("bad", t("writing_not_done", fault=fault), PLACE)
    else:
        st.session_state[KEY] = Checked(editing.article, editing.text, tuple(findings))
