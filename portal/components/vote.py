"""Did this help: one tap to vote, the same tap again to take it back."""

from __future__ import annotations

import logging
from collections.abc import Callable

import streamlit as st

from kb.errors import KnowledgeBaseError
from portal.drawing import draw
from portal.messages import Messages

LOG = logging.getLogger("kb.portal")


def ask_for_vote(t: Messages, *, key: str, on_vote: Callable[[bool | None], None]) -> None:
    """Two buttons; `on_vote` gets True, False, or None for a vote taken back, and is called once per press."""
    state = f"vote {key}"

    def press(helpful: bool) -> None:
        vote = None if st.session_state.get(state) is helpful else helpful
        try:
            on_vote(vote)
        except KnowledgeBaseError as fault:
            LOG.error("a vote was not stored: %s", fault)
            st.session_state[f"{state} failed"] = True
        else:
            st.session_state[state] = vote

    vote = st.session_state.get(state)
    failed = st.session_state.pop(f"{state} failed", False)
    with st.container(key="vote"):
        draw("vote_question", t=t)
        with st.container(key="vote_buttons", horizontal=True):
            for helpful, name, icon in ((True, "vote_yes", "thumb_up"), (False, "vote_no", "thumb_down")):
                st.button(
                    t(name),
                    key=name,
                    icon=f":material/{icon}:",
                    type="primary" if vote is helpful else "secondary",
                    on_click=press,
                    args=(helpful,),
                )
        thanks = {True: t("vote_thanks_yes"), False: t("vote_thanks_no"), None: ""}[vote]
        draw("vote_thanks", text=t("vote_failed") if failed else thanks)
