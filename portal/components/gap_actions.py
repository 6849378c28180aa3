"""What can be done with a gap: each action is checked again when it runs, and a refusal is told beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st

from feedback.gap_list import GapDetail
from feedback.gaps import ACTIVE, DISMISSALS, GAP_KINDS
from kb.accounts import Account
from kb.errors import KnowledgeBaseError
from portal.drawing import draw
from portal.messages import Messages

FAULT = "gap fault"


def show_actions(t: Messages, detail: GapDetail, *, account: Account, act: Callable[[Callable], None]) -> None:
    """Draw the actions that the gap's state allows. `act` gets a function of a fresh desk and runs it for whoever is signed in then."""
    gap = detail.gap
    draw("gap_do", t=t)
    if fault := st.session_state.pop(FAULT, ""):
        st.error(t("gap_not_done", fault=fault))
    if gap.state in ACTIVE:
        _assign(t, detail, account, act)
        _close_or_dismiss(t, detail, act)
    else:
        st.button(t("gap_reopen"), on_click=act, args=(lambda desk: desk.reopen_gap(gap.id),), key="reopen")
    _note(t, detail, act)
    _change(t, detail, act)
    _split(t, detail, act)


def run_action(desk, action: Callable) -> None:
    """Run the action; what it refuses is shown when the page runs next."""
    try:
        action(desk)
    except KnowledgeBaseError as fault:
        st.session_state[FAULT] = str(fault)


def _state(key: str, default: object = "") -> object:
    return st.session_state.get(key, default)


def _assign(t: Messages, detail: GapDetail, account: Account, act) -> None:
    gap = detail.gap
    if gap.owner != account.name:
        st.button(t("gap_take"), type="primary", on_click=act, args=(lambda desk: desk.assign(gap.id, account.name, due=gap.due),), key="take")
    with st.expander(t("gap_assign")), st.form("assign", border=False):
        st.text_input(t("gap_owner"), value=gap.owner, key="owner")
        st.date_input(t("gap_due_date"), value=date.fromisoformat(gap.due) if gap.due else None, key="due", format="YYYY-MM-DD")

        def assign(desk) -> None:
            due = _state("due", None)
            desk.assign(gap.id, str(_state("owner")).strip(), due=due.isoformat() if due else "")

        st.form_submit_button(t("gap_assign"), on_click=act, args=(assign,))


def _close_or_dismiss(t: Messages, detail: GapDetail, act) -> None:
    gap = detail.gap
    with st.expander(t("gap_close")), st.form("close", border=False):
        st.text_area(t("gap_close_evidence"), key="evidence", max_chars=1000)
        st.form_submit_button(t("gap_close"), on_click=act, args=(lambda desk: desk.close(gap.id, str(_state("evidence"))),))
    with st.expander(t("gap_dismiss")), st.form("dismiss", border=False):
        st.selectbox(t("gap_dismiss_reason"), DISMISSALS, format_func=lambda reason: t(f"dismissal_{reason}"), key="dismissal")
        st.text_input(t("gap_note"), key="dismissal_note", max_chars=500)
        st.form_submit_button(
            t("gap_dismiss"), on_click=act, args=(lambda desk: desk.dismiss(gap.id, str(_state("dismissal")), note=str(_state("dismissal_note"))),)
        )


def _note(t: Messages, detail: GapDetail, act) -> None:
    with st.expander(t("gap_note")), st.form("note", border=False, clear_on_submit=True):
        st.text_area(t("gap_note"), key="note_text", max_chars=2000)
        st.form_submit_button(t("gap_add_note"), on_click=act, args=(lambda desk: desk.note_gap(detail.gap.id, str(_state("note_text"))),))


def _change(t: Messages, detail: GapDetail, act) -> None:
    gap = detail.gap
    with st.expander(t("gap_rename")), st.form("rename", border=False):
        st.text_input(t("gap_new_title"), value=gap.title(t.lang), key="new_title", max_chars=200)
        st.form_submit_button(t("gap_rename"), on_click=act, args=(lambda desk: desk.rename(gap.id, str(_state("new_title"))),))
    with st.expander(t("gap_classify")), st.form("classify", border=False):
        kinds = ("", *GAP_KINDS)
        st.selectbox(
            t("gaps_filter_kind"), kinds, index=kinds.index(gap.kind) if gap.kind_by else 0, key="new_kind",
            format_func=lambda kind: t(f"kind_{kind}") if kind else t("gap_kind_by_search"),
        )  # fmt: skip
        st.form_submit_button(t("gap_classify"), on_click=act, args=(lambda desk: desk.classify(gap.id, str(_state("new_kind"))),))
    with st.expander(t("gap_merge")), st.form("merge", border=False):
        st.number_input(t("gap_merge_into"), min_value=1, value=None, step=1, key="merge_into")
        st.form_submit_button(t("gap_merge"), on_click=act, args=(lambda desk: desk.merge(gap.id, int(_state("merge_into") or 0)),))


def _split(t: Messages, detail: GapDetail, act) -> None:
    if len(detail.wordings) < 2:
        return
    items = {wording.text: wording.items for wording in detail.wordings}
    with st.expander(t("gap_split")), st.form("split", border=False):
        draw("gaps_note", text=t("gap_split_lead"))
        st.multiselect(t("gap_split_choose"), list(items), key="split_texts", placeholder="")
        st.form_submit_button(
            t("gap_split"),
            on_click=act,
            args=(lambda desk: desk.split(detail.gap.id, [item for text in _state("split_texts", []) for item in items[text]]),),
        )
