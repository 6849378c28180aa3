"""The form in which a customer asks the team: nothing typed is lost, nothing is sent twice, nothing goes along unseen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from feedback.contacts import MAX_CHARACTERS as MAX_CONTACT_CHARACTERS
from feedback.moments import utc_now
from feedback.question_rows import Question, QuestionError
from feedback.questions import MAX_CHARACTERS
from kb.errors import KnowledgeBaseError
from portal.components.moments import readers_zone, say_minutes, say_moment
from portal.drawing import draw
from portal.messages import Messages

if TYPE_CHECKING:
    from feedback.trails import TrailStep
    from kb.settings import Settings

LOG = logging.getLogger("kb.portal")

SHOWN_STEPS = 6


def asked_before(find: Callable[[str], Question | None]) -> Question | None:
    """The question whose reference the address names: a reload of the confirmation confirms again and asks nothing."""
    reference = st.query_params.get("ref", "")
    try:
        return find(reference) if reference else None
    except QuestionError:
        return None


def promise(t: Messages, settings: Settings, question: Question | None = None) -> dict[str, str]:
    """How soon the team acknowledges and answers: as durations, and with a question also as moments."""
    durations = {"acknowledge": say_minutes(t, settings.acknowledge_minutes), "respond": say_minutes(t, settings.respond_minutes)}
    if question is None:
        return durations
    return durations | {
        "acknowledge_by": _say_after(t, question.created_at, settings.acknowledge_minutes),
        "respond_by": _say_after(t, question.created_at, settings.respond_minutes),
    }


def ask_question(t: Messages, *, prefilled: str, trail: Sequence[TrailStep], on_send: Callable[..., Question]) -> None:
    """The form. `on_send` gets text, contact, consent and with_trail; when it takes the question the address names its reference."""

    def send() -> None:
        given = st.session_state
        try:
            question = on_send(
                text=given["ask_text"], contact=given["ask_contact"], consent=given["ask_consent"], with_trail=given.get("ask_trail", False)
            )
        except QuestionError as refused:
            given["ask_refused"] = (refused.code, refused.retry_at)
        except KnowledgeBaseError as fault:
            LOG.error("a question was not stored: %s", fault)
            given["ask_refused"] = ("storage", None)
        else:
            kept = {"lang": st.query_params["lang"]} if "lang" in st.query_params else {}
            st.query_params.from_dict({"ref": question.reference, **kept})

    refused = st.session_state.pop("ask_refused", None)
    with st.form(key="ask", border=False, enter_to_submit=False):
        st.text_area(
            t("ask_text"), value=prefilled[:MAX_CHARACTERS], max_chars=MAX_CHARACTERS, height=168, key="ask_text", placeholder=t("ask_placeholder")
        )
        draw("ask_hint", text=t("ask_masked"))
        st.text_input(t("ask_contact"), max_chars=MAX_CONTACT_CHARACTERS, key="ask_contact", autocomplete="email")
        st.checkbox(t("ask_consent"), key="ask_consent")
        draw("ask_hint", text=t("ask_without_contact"))
        if trail:
            draw("ask_trail", t=t, steps=trail[-SHOWN_STEPS:], more=max(len(trail) - SHOWN_STEPS, 0))
            st.checkbox(t("ask_with_trail"), value=True, key="ask_trail")
        draw("ask_refused", text=_explain(t, *refused) if refused else "")
        st.form_submit_button(t("ask_send"), type="primary", on_click=send)


def _explain(t: Messages, code: str, retry_at: datetime | None) -> str:
    if code == "too_many" and retry_at:
        return t("ask_too_many", moment=say_moment(t, retry_at, zone=readers_zone(), now=utc_now()))
    return {"empty": t("ask_empty"), "contact": t("ask_contact_unread"), "consent": t("ask_consent_missing")}.get(code, t("ask_not_stored"))


def _say_after(t: Messages, moment: datetime, minutes: int) -> str:
    return say_moment(t, moment + timedelta(minutes=minutes), zone=readers_zone(), now=utc_now())
