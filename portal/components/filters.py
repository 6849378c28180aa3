"""The filters that the address names, each removable by a tap."""

from __future__ import annotations

import streamlit as st

from portal.addresses import address
from portal.drawing import draw
from portal.messages import Messages


def show_active_filters(t: Messages, *, page: str, names: tuple[str, ...]) -> None:
    """A chip for each named parameter that the address has; its link is the same page without it."""
    here = st.query_params.to_dict()
    filters = [(here[name], address(page, **{**here, name: None})) for name in names if here.get(name)]
    if filters:
        draw("active_filters", t=t, filters=filters)
