"""Who is at the page: the language the interface speaks to them, the session their searches belong to, who is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from feedback.audience import Visit
from kb.accounts import Account
from kb.readers import PUBLIC, Reader
from portal import guard
from portal.client_address import client_address
from portal.context import SESSION_COOKIE, read_cookies, read_messages
from portal.current import current_knowledge
from portal.messages import Messages

LOCAL = "127.0.0.1"


@dataclass(frozen=True)
class Visitor:
    """One browser. `session` is random and known to this browser only; it is stored as a pseudonym.

    `account` is who is signed in, customer or staff, for showing: whatever acts asks the guard again. `address` is the network address.
    """

    t: Messages
    session: str
    account: Account | None = None
    address: str = LOCAL
    user_agent: str = ""

    @property
    def lang(self) -> str:
        return self.t.lang

    @property
    def is_staff(self) -> bool:
        return self.account is not None and self.account.is_staff

    @property
    def reader(self) -> Reader:
        """What this visitor may read: asked in every run of a page, so that rights that were taken away have gone."""
        return self.account.reader if self.account else PUBLIC

    @property
    def visit(self) -> Visit:
        """Where this visitor's searches come from, as the search log wants to know it."""
        return Visit(self.session, self.address, staff=self.is_staff, user_agent=self.user_agent)


def read_visitor() -> Visitor:
    """The visitor of the running page."""
    cookies, context = read_cookies(), get_script_run_ctx()
    headers = st.context.headers if isinstance(st.context.headers, Mapping) else {}
    # Streamlit tells no address of a browser on this machine.
    peer = st.context.ip_address if isinstance(st.context.ip_address, str) else LOCAL
    return Visitor(
        t=read_messages(),
        session=cookies.get(SESSION_COOKIE) or (context.session_id if context else ""),
        account=guard.current_account(),
        address=client_address(headers, peer, current_knowledge().settings.proxies),
        user_agent=headers.get("User-Agent", "")[:500],
    )
