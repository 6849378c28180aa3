"""What a reader is told when too many search at once: an honest word, and a button that searches again."""

from __future__ import annotations

import streamlit as st

from portal.drawing import draw
from portal.messages import Messages


def offer_another_try(t: Messages) -> None:
    """For a search that was turned away. Pressing the button runs the page again, and so the search."""
    with st.container(key="busy"):
        draw("busy", t=t)
        st.button(t("busy_again"), key="busy_again", type="primary")


def offer_full_search(t: Messages) -> None:
    """For an answer from the terms arm alone, to stand above it."""
    with st.container(key="degraded"):
        draw("degraded", t=t)
        st.button(t("degraded_again"), key="degraded_again")
