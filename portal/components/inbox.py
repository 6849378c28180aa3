"""Customers' questions as the team works through them: what was asked, what was tried before, the reply."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import streamlit as st

from feedback.moments import utc_now
from feedback.question_rows import STATES, Question
from feedback.trails import TrailStep
from kb.settings import Settings
from portal.components.choosing import choose
from portal.components.gap_actions import FAULT
from portal.components.moments import readers_zone, say_moment
from portal.drawing import draw
from portal.messages import Messages

ALL = "all"


def choose_state(t: Messages, counts: dict[str, int]) -> str | None:
    """The state to list; None for all. The count stands beside each."""
    names = {ALL: t("inbox_all"), **{state: f"{t(f'state_{state}')} ({counts.get(state, 0)})" for state in STATES}}
    chosen = choose(t("gaps_filter_state"), "in_state", names, default="open", row=True)
    return None if chosen == ALL else chosen


def is_late(question: Question, settings: Settings) -> bool:
    """Whether a promise of this question is broken: it waits longer than its next step was to take."""
    waited = utc_now() - question.created_at
    if question.state == "open":
        return waited > timedelta(minutes=settings.acknowledge_minutes)
    return question.state == "acknowledged" and waited > timedelta(minutes=settings.respond_minutes)


def show_question(t: Messages, question: Question, trail: Sequence[TrailStep], settings: Settings, *, act: Callable[[Callable], None]) -> None:
    """One question with its actions. `act` runs what it gets with a fresh desk of whoever is signed in then."""
    number = question.id
    asked = say_moment(t, question.created_at, zone=readers_zone(), now=utc_now())
    with st.container(key=f"asked_{number}", border=True):
        draw("inbox_item", t=t, question=question, trail=trail, late=is_late(question, settings), asked=asked)
        if fault := st.session_state.pop(f"{FAULT} {number}", ""):
            st.error(t("gap_not_done", fault=fault))
        with st.container(key=f"do_{number}", horizontal=True):
            if question.state == "open":
                _button(t("inbox_acknowledge"), f"acknowledge_{number}", act, lambda desk: desk.acknowledge(number), primary=True)
            if question.reply and not question.draft:
                _button(t("inbox_draft"), f"draft_{number}", act, lambda desk: desk.draft_question(number))
            if question.state != "closed":
                _button(t("inbox_close"), f"close_{number}", act, lambda desk: desk.close_question(number))
        if question.state != "closed":
            with st.expander(t("inbox_reply"), expanded=question.state == "acknowledged"), st.form(f"reply_{number}", border=False):
                st.text_area(t("inbox_reply"), value=question.reply, key=f"reply_text_{number}", label_visibility="collapsed", max_chars=10_000)
                st.form_submit_button(
                    t("inbox_send"),
                    type="primary",
                    on_click=act,
                    args=(lambda desk: desk.reply(number, st.session_state.get(f"reply_text_{number}", "")), number),
                )


def _button(words: str, key: str, act: Callable, action: Callable, *, primary: bool = False) -> None:
    st.button(words, key=key, type="primary" if primary else "secondary", on_click=act, args=(action, key.split("_")[-1]))
