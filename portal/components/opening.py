"""Which search led to the article, and that it was opened: counted once, however often the page runs."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st


def searched_from() -> int | None:
    """The id of the search whose result was followed, or None. Kept after the address no longer says it."""
    given = st.query_params.get("s", "")
    if given.isascii() and given.isdigit() and len(given) <= 18:
        st.session_state["search_id"] = int(given)
    return st.session_state.get("search_id")


def record_open_once(article_id: str, record: Callable[[], None]) -> None:
    if st.session_state.get("opened") != article_id:
        record()
        st.session_state["opened"] = article_id
