"""A choice that lives in the address under its own value, so that a shared link means the same in both languages."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from portal.messages import Messages

ANY = "any"


def choose(label: str, key: str, names: Mapping[str, str], *, default: str, row: bool = False) -> str:
    """One of the keys of `names`, shown as its value: in a box, or side by side in a row."""
    values = tuple(names)
    given = st.query_params.get(key, default)
    widget = f"choose {key}"

    def remember() -> None:
        chosen = st.session_state.get(widget)
        if chosen in (None, default):
            st.query_params.pop(key, None)
        else:
            st.query_params[key] = chosen

    start = given if given in values else default
    if row:
        chosen = st.segmented_control(
            label, values, default=start, required=True, key=widget, format_func=names.get, on_change=remember, label_visibility="collapsed"
        )
    else:
        chosen = st.selectbox(label, values, index=values.index(start), key=widget, format_func=names.get, on_change=remember)
    return chosen or default


def choose_any(t: Messages, label: str, key: str, names: Mapping[str, str]) -> str:
    """One of the names, or '' for all; nothing is drawn when there is nothing to choose from."""
    if not names:
        return ""
    chosen = choose(label, key, {ANY: t("gaps_any"), **names}, default=ANY)
    return "" if chosen == ANY else chosen
