"""What the browser of the running page sent along: its cookies, its language, the address it is at."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import streamlit as st

from portal.messages import Messages, choose_language

LANGUAGE_COOKIE = "kb_lang"
SESSION_COOKIE = "kb_session"


def read_cookies() -> Mapping[str, str]:
    """The cookies as they were when this page's connection was opened; none in a test without a browser."""
    return st.context.cookies if isinstance(st.context.cookies, Mapping) else {}


def read_messages() -> Messages:
    """The reader's language: `?lang=` wins, then an earlier choice, then the browser's own languages."""
    return Messages(choose_language(st.query_params.get("lang"), read_cookies().get(LANGUAGE_COOKIE), st.context.locale))


def asked_path() -> str:
    """The path that the browser says it is at, such as /gaps; empty when it does not say."""
    return urlsplit(st.context.url or "").path


def asked_address() -> str:
    """The path with its parameters, such as /gap?id=3, to come back to."""
    parameters = urlencode(st.query_params.to_dict())
    return asked_path() + (f"?{parameters}" if parameters and asked_path() else "")
