"""What became of a question, in the words of whoever asked it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from feedback.moments import utc_now
from feedback.question_rows import Question, QuestionError
from kb.errors import KnowledgeBaseError
from portal.components.moments import readers_zone, say_moment
from portal.drawing import draw
from portal.messages import Messages

if TYPE_CHECKING:
    from kb.settings import Settings

LOG = logging.getLogger("kb.portal")


def show_search(t: Messages, *, reference: str, refused: QuestionError | None = None) -> None:
    """A box for the reference, with a word on the one that was given: it leads to nothing, or no more are looked up for now."""
    text = t("question_unknown") if reference.strip() else ""
    if refused and refused.retry_at:
        text = t("question_too_many", moment=say_moment(t, refused.retry_at, zone=readers_zone(), now=utc_now()))
    draw("question_search", t=t, reference=reference[:40], text=text)


def show_question(t: Messages, settings: Settings, question: Question, *, article: str = "") -> None:
    """State, text and reply, with their times by the reader's clock; `article` is the title of the one that answers, if the reader may see one."""
    zone, now = readers_zone(), utc_now()
    asked_at = say_moment(t, question.created_at, zone=zone, now=now)
    answered_at = say_moment(t, question.answered_at, zone=zone, now=now) if question.answered_at else ""
    word = _say_what_next(t, settings, question)
    draw("question", t=t, question=question, state=t(f"state_{question.state}"), word=word, asked_at=asked_at, answered_at=answered_at, article=article)


def ask_whether_solved(t: Messages, question: Question, *, on_answer: Callable[[bool], object]) -> None:
    """Yes and no below a reply; `on_answer` gets which. After a yes there is still a no: a tap can be a slip."""

    def press(solved: bool) -> None:
        try:
            on_answer(solved)
        except KnowledgeBaseError as fault:
            LOG.error("whether a reply solved it was not stored: %s", fault)
            st.session_state["settling_failed"] = True

    failed = st.session_state.pop("settling_failed", False)
    if (question.reply or question.told_article) and question.state in ("answered", "closed"):
        draw("question_solved", t=t)
        with st.container(key="vote_buttons", horizontal=True):
            if question.state == "answered":
                st.button(t("question_yes"), key="solved_yes", icon=":material/check:", on_click=press, args=(True,))
            st.button(t("question_no"), key="solved_no", icon=":material/replay:", on_click=press, args=(False,))
    draw("vote_thanks", text=t("vote_failed") if failed else "")


def ask_for_rating(t: Messages, question: Question, *, on_rate: Callable[[int], object]) -> None:
    """One to five once the team has done something about it; `on_rate` gets what was chosen. Another choice takes the place of the first."""
    if question.state not in ("answered", "closed") or not question.can_be_rated:
        return

    state = f"rating {question.reference}"

    def choose() -> None:
        try:
            on_rate(st.session_state[state])
            st.session_state["rating_said"] = t("rating_thanks")
        except KnowledgeBaseError as fault:
            LOG.error("a rating was not stored: %s", fault)
            st.session_state[state], st.session_state["rating_said"] = question.rating, t("rating_failed")

    st.session_state.setdefault(state, question.rating)
    names = {1: t("rating_lowest"), 5: t("rating_highest")}
    with st.container(key="rating"):
        # st.feedback has stars, but reads them out in English only.
        st.segmented_control(
            t("rating_question"), range(1, 6), required=True, key=state, format_func=lambda stars: names.get(stars, str(stars)), on_change=choose
        )
        draw("vote_thanks", text=st.session_state.pop("rating_said", ""))


def _say_what_next(t: Messages, settings: Settings, question: Question) -> str:
    minutes = settings.acknowledge_minutes if question.state == "open" else settings.respond_minutes
    due, now = question.created_at + timedelta(minutes=minutes), utc_now()
    moment = say_moment(t, due, zone=readers_zone(), now=now)
    if question.state == "open" and question.reply:
        return t("question_again")
    if question.state in ("open", "acknowledged") and now > due:
        return t("question_late")
    return {
        "open": t("question_open", moment=moment), "acknowledged": t("question_acknowledged", moment=moment),
        "answered": t("question_answered"), "closed": t("question_closed"),
    }[question.state]  # fmt: skip
