"""Did this help: one tap to vote, the same tap again to take it back; and after a no, why not."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from feedback.votes import MAX_COMMENT_CHARACTERS, REASONS, Vote
from kb.errors import KnowledgeBaseError
from portal.drawing import draw
from portal.messages import Messages

LOG = logging.getLogger("kb.portal")


def ask_for_vote(
    t: Messages, *, key: str, ask_address: str, current: Callable[[], Vote | None], on_vote: Callable[[bool | None], object],
    on_explain: Callable[[str | None, str | None], object],
) -> None:  # fmt: skip
    """Two buttons in the state of the `current` vote, asked for once; after a no also reasons, a comment and the way to the team.

    `on_vote` gets True, False, or None for a vote taken back; `on_explain` gets a reason or a comment, '' for one taken back,
    None for the other. Each is called once per press.
    """
    state = f"vote {key}"
    if state not in st.session_state:
        st.session_state[state] = _look_up(current)
    vote: Vote | None = st.session_state[state]
    said = st.session_state.pop(f"{state} said", "")

    def press(helpful: bool) -> None:
        taken_back = vote is not None and vote.helpful is helpful
        if _store(state, lambda: on_vote(None if taken_back else helpful)):
            st.session_state[state] = None if taken_back else Vote(helpful)

    with st.container(key="vote"):
        draw("vote_question", t=t)
        with st.container(key="vote_buttons", horizontal=True):
            for helpful, name, icon in ((True, "vote_yes", "thumb_up"), (False, "vote_no", "thumb_down")):
                st.button(
                    t(name),
                    key=name,
                    icon=f":material/{icon}:",
                    type="primary" if vote and vote.helpful is helpful else "secondary",
                    on_click=press,
                    args=(helpful,),
                )
        words = {"": _thank(t, vote), "failed": t("vote_failed"), "comment": t("vote_comment_thanks")}
        draw("vote_thanks", text=words[said])
        if vote and not vote.helpful:
            _ask_why(t, state, vote, on_explain)
        draw("vote_ask", t=t, ask_address=ask_address, strong=bool(vote and not vote.helpful))


def _ask_why(t: Messages, state: str, vote: Vote, on_explain: Callable[[str | None, str | None], object]) -> None:
    reason_key, comment_key = f"{state} reason", f"{state} comment"

    def choose() -> None:
        reason = st.session_state[reason_key] or ""
        if _store(state, lambda: on_explain(reason, None)):
            st.session_state[state] = replace(vote, reason=reason)

    def send() -> None:
        comment = st.session_state[comment_key].strip()
        if _store(state, lambda: on_explain(None, comment)):
            st.session_state[state] = replace(vote, comment=comment)
            st.session_state[f"{state} said"] = "comment" if comment else ""

    with st.container(key="vote_why"):
        st.pills(
            t("vote_reasons"),
            REASONS,
            format_func=lambda reason: t(f"vote_reason_{reason}"),
            default=vote.reason or None,
            key=reason_key,
            on_change=choose,
        )
        with st.form(key="vote_comment", border=False):
            st.text_area(t("vote_comment"), value=vote.comment, max_chars=MAX_COMMENT_CHARACTERS, height=96, key=comment_key)
            st.form_submit_button(t("vote_comment_send"), on_click=send)


def _look_up(current: Callable[[], Vote | None]) -> Vote | None:
    try:
        return current()
    except KnowledgeBaseError as fault:
        LOG.warning("a vote could not be looked up: %s", fault)
        return None


def _store(state: str, act: Callable[[], object]) -> bool:
    """Whether it was stored; else it is logged, and the page says so."""
    try:
        act()
    except KnowledgeBaseError as fault:
        LOG.error("a vote was not stored: %s", fault)
        st.session_state[f"{state} said"] = "failed"
        return False
    return True


def _thank(t: Messages, vote: Vote | None) -> str:
    if vote is None:
        return ""
    return t("vote_thanks_yes") if vote.helpful else t("vote_thanks_no")
