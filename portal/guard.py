"""Staff pages stand behind a sign-in, and so does everything that they can run afterwards."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from typing import TypeVar

from streamlit.runtime.scriptrunner_utils.script_run_context import RunLocation, ThreadState

from kb.accounts import Account
from kb.errors import DatabaseError, KnowledgeBaseError
from kb.readers import PUBLIC, Reader
from portal.context import asked_address, read_cookies, read_messages
from portal.current import current_accounts, current_knowledge
from portal.drawing import draw
from portal.forms import STAFF_COOKIE
from portal.images import Access

LOG = logging.getLogger("kb.portal")

Result = TypeVar("Result")


class NotAllowed(Exception):
    """The page is not for who is looking at it. Carries `account`, None when nobody is signed in. Its frame says so."""

    def __init__(self, account: Account | None) -> None:
        self.account = account
        super().__init__("not signed in" if account is None else f"{account.role} is not enough")


def current_account() -> Account | None:
    """Who is signed in, looked up now: a sign-in that ended in another tab has ended here."""
    return account_behind(read_cookies())


def account_behind(cookies: Mapping[str, str]) -> Account | None:
    """Whose sign-in these cookies hold; None when nobody's, and when the database cannot say."""
    token = cookies.get(STAFF_COOKIE)
    if not token:
        return None
    try:
        return current_accounts().account_of(token)
    except DatabaseError as fault:
        LOG.error("nobody is signed in while accounts cannot be read: %s", fault)
        return None


def current_reader() -> Reader:
    """What whoever is at the page may read, looked up now: for callbacks, which run before the page finds out again."""
    account = current_account()
    return account.reader if account else PUBLIC


def image_access(path: str, cookies: Mapping[str, str]) -> Access:
    """Whether whoever has these cookies may see the image at this path below the articles folder."""
    knowledge = current_knowledge()
    try:
        if knowledge.may_see_image(path, reader=PUBLIC):
            return Access.EVERYBODY
        account = account_behind(cookies)
        if account and (account.is_staff or knowledge.may_see_image(path, reader=account.reader)):
            return Access.SOME
    except KnowledgeBaseError as fault:
        LOG.error("no image is shown while it cannot be told whose it is: %s", fault)
    return Access.NONE


def need(role: str) -> Account:
    """The signed-in account, which has at least this role. Stands inside `page_frame`, which says no and ends the page without one.

    Raises NotAllowed.
    """
    account = current_account()
    if account is None or not account.may(role):
        raise NotAllowed(account)
    return account


def need_later(role: str) -> Callable[[], Account]:
    """What `need` does, for what runs after the page and outside of it, such as the writing of a file that somebody asked for: called on the page,
    it gives what asks then."""
    cookies = dict(read_cookies())

    def ask() -> Account:
        account = account_behind(cookies)
        if account is None or not account.may(role):
            LOG.warning("a file was asked for without the role %s", role)
            raise NotAllowed(account)
        return account

    return ask


def guarded(role: str) -> Callable[[Callable[..., Result]], Callable[..., Result | None]]:
    """For callbacks and fragments, which run without the page's own check: each call asks again who is signed in.

    Without the role nothing of the function runs: a fragment shows the sign-in in its place, a callback returns None,
    and the page that runs after it speaks. Stands below `@st.fragment`.
    """

    def guard(function: Callable[..., Result]) -> Callable[..., Result | None]:
        @functools.wraps(function)
        def ask_first(*arguments: object, **named: object) -> Result | None:
            account = current_account()
            if account is not None and account.may(role):
                return function(*arguments, **named)
            LOG.warning("%s was asked for without the role %s", function.__name__, role)
            # What a callback draws would stand above the page's head.
            if ThreadState.get().run_location is not RunLocation.CALLBACK:
                say_no(account)
            return None

        return ask_first

    return guard


def say_no(account: Account | None) -> None:
    """Say that this is for staff, with the way to sign in; or that the role of who is signed in is not enough."""
    draw("sign_in_needed", t=read_messages(), account=account, here=asked_address())
