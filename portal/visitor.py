"""Who is at the page: the language the interface speaks to them, and the session their searches and votes belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from portal.messages import Messages, choose_language

LANGUAGE_COOKIE = "kb_lang"
SESSION_COOKIE = "kb_session"


@dataclass(frozen=True)
class Visitor:
    """One browser. `session` is random and known to this browser only; it is stored as a pseudonym."""

    t: Messages
    session: str

    @property
    def lang(self) -> str:
        return self.t.lang


def read_visitor() -> Visitor:
    """The visitor of the running page: `?lang=` wins, then an earlier choice, then the browser's own languages."""
    cookies = st.context.cookies if isinstance(st.context.cookies, Mapping) else {}
    lang = choose_language(st.query_params.get("lang"), cookies.get(LANGUAGE_COOKIE), st.context.locale)
    context = get_script_run_ctx()
    return Visitor(t=Messages(lang), session=cookies.get(SESSION_COOKIE) or (context.session_id if context else ""))
