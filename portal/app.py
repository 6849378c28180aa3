"""The Streamlit script: which pages there are."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

PAGES = Path(__file__).parent / "pages"

st.navigation(
    [
        st.Page(PAGES / "home.py", default=True),
        st.Page(PAGES / "article.py", url_path="article"),
        st.Page(PAGES / "browse.py", url_path="browse"),
        st.Page(PAGES / "explain.py", url_path="explain"),
    ],
    position="hidden",
).run()
