"""The search: a box that answers while typing, one search per question, and what it found."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import streamlit as st

from kb.settings import LANGUAGES
from portal.components.busy import offer_full_search
from portal.drawing import draw
from portal.messages import Messages

if TYPE_CHECKING:
    from indexer.hits import Answer

MAX_QUERY_CHARACTERS = 200
ALL_LANGUAGES = "all"
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def ask_question(t: Messages) -> str:
    """The search box; returns what it holds. The browser sends nothing while an input method is composing."""
    return st.text_input(
        t("search_label"),
        type="search",
        live="250ms",
        key="q",
        bind="query-params",
        max_chars=MAX_QUERY_CHARACTERS,
        placeholder=t("search_placeholder"),
        label_visibility="collapsed",
    ).strip()


def is_searchable(text: str) -> bool:
    """One Chinese character says enough; of other scripts two."""
    return bool(CHINESE.search(text)) or len(text) >= 2


def choose_result_language(t: Messages) -> str | None:
    """The language that results are narrowed to, or None for all."""
    chosen = st.segmented_control(
        t("filter_language"),
        (ALL_LANGUAGES, *LANGUAGES),
        default=ALL_LANGUAGES,
        required=True,
        format_func=lambda lang: t("filter_all") if lang == ALL_LANGUAGES else t.language(lang),
        key="in",
        bind="query-params",
        label_visibility="collapsed",
    )
    return None if chosen == ALL_LANGUAGES else chosen


def answer_once(key: tuple[object, ...], search: Callable[[], Answer]) -> Answer:
    """The answer for `key`: searched when the question changes, not each time the page runs; and again after one that was less than it could be."""
    if st.session_state.get("answered_key") != key:
        st.session_state["answer"] = search()
        st.session_state["answered_key"] = None if st.session_state["answer"].degraded else key
    return st.session_state["answer"]


def show_answer(t: Messages, answer: Answer, *, category_titles: Mapping[str, str], contact: str, filtered: bool) -> None:
    """The count, read out to those who listen, then the results or an honest word that there are none, or that there may be better ones."""
    if answer.degraded:
        offer_full_search(t)
    nothing = answer.outcome == "failed" or not answer.hits
    text = t("failed_title", query=answer.query) if nothing else t.counted("results", len(answer.hits))
    draw("status", text=text, unseen=nothing)
    draw("results", t=t, answer=answer, failed=nothing, category_titles=category_titles, contact=contact, filtered=filtered)
