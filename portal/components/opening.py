"""Which search led to the article, and that it was opened: counted once, however often the page runs."""

from __future__ import annotations

import logging
from collections.abc import Callable

import streamlit as st

from kb.errors import KnowledgeBaseError

LOG = logging.getLogger("kb.portal")


def searched_from(remembered: Callable[[], int | None] = lambda: None) -> int | None:
    """The id of the search whose result was followed, or None. Kept after the address no longer says it.

    After a reload nothing says it any more: then it is what is `remembered`, asked for once.
    """
    given = st.query_params.get("s", "")
    if given.isascii() and given.isdigit() and len(given) <= 18:
        st.session_state["search_id"] = int(given)
    if "search_id" not in st.session_state:
        try:
            st.session_state["search_id"] = remembered()
        except KnowledgeBaseError as fault:
            LOG.warning("the search behind an article could not be looked up: %s", fault)
            st.session_state["search_id"] = None
    return st.session_state["search_id"]


def record_open_once(article_id: str, record: Callable[[], None]) -> None:
    """Calls `record` on the first run of the article's page. A fault is logged: a full disk must not take the article away."""
    if st.session_state.get("opened") == article_id:
        return
    st.session_state["opened"] = article_id
    try:
        record()
    except KnowledgeBaseError as fault:
        LOG.warning("an opened article was not recorded: %s", fault)
