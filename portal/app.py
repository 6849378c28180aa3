"""The Streamlit script: which pages there are, for this visitor."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from portal.addresses import STAFF_PAGES
from portal.context import asked_path
from portal.guard import current_account

PAGES = Path(__file__).parent / "pages"

pages = [
    st.Page(PAGES / "home.py", default=True),
    st.Page(PAGES / "article.py", url_path="article"),
    st.Page(PAGES / "browse.py", url_path="browse"),
    st.Page(PAGES / "ask.py", url_path="ask"),
    st.Page(PAGES / "question.py", url_path="question"),
    st.Page(PAGES / "my_data.py", url_path="my-data"),
]
account, asked = current_account(), asked_path().strip("/")
open_to_them = [name for name, role in STAFF_PAGES.items() if account is not None and account.may(role)]
pages += [st.Page(PAGES / f"{name}.py", url_path=name) for name in open_to_them]
if asked in STAFF_PAGES and asked not in open_to_them:
    # Under the name that the browser asked for itself; it learns no other.
    pages.append(st.Page(PAGES / "staff.py", url_path=asked))

st.navigation(pages, position="hidden").run()
