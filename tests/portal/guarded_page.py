"""A staff page with what pages are made of: a button with a callback, and a fragment that runs without the rest of the page."""

import os
from pathlib import Path

import streamlit as st

from portal.components.frame import page_frame
from portal.guard import guarded, need
from portal.visitor import read_visitor

DONE = Path(os.environ["DONE"])


@guarded("agent")
def publish(what):
    DONE.write_text(DONE.read_text() + f"published {what}\n")


@guarded("lead")
def set_targets():
    DONE.write_text(DONE.read_text() + "targets set\n")


@st.fragment
@guarded("agent")
def show_inbox():
    st.html('<p class="inbox">What customers wrote</p>')
    st.button("Look again")


with page_frame(read_visitor(), page="gaps"):
    need("agent")
    st.button("Publish", on_click=publish, args=("an article",))
    st.button("Set targets", on_click=set_targets)
    show_inbox()
