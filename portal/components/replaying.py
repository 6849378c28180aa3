"""Between preview and publishing: what customers' past searches say about the text, before anybody else sees it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import streamlit as st

from feedback.replay import Replay, count_people
from kb.errors import KnowledgeBaseError
from kb.readers import STAFF
from portal.components.editing_state import held
from portal.context import read_messages
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import guarded, need
from portal.messages import Messages
from portal.writing import WritingDesk

KEY, FAULT = "replay", "replay fault"
REASON = "replay_reason"
SHOWN = 12


@dataclass(frozen=True)
class Shown:
    """A replay that was made on this page, and of which text."""

    of: str
    replay: Replay


def show_replay(t: Messages, desk: WritingDesk, article: str, text: str, gap: int | None) -> None:
    """The replay of the text: on demand, and once publishing was refused for it."""
    try:
        gap = desk.gap_of(article, text, gap)
    except KnowledgeBaseError:
        # The preview says what is wrong with the text.
        gap = None
    shown: Shown | None = st.session_state.get(KEY)
    if shown and shown.replay.article != article:
        shown = None
    fault = st.session_state.pop(FAULT, "")
    replay = shown.replay if shown else None
    draw(
        "replay", t=t, gap=gap, replay=replay, fault=fault, outdated=bool(shown) and shown.of != digest(text, gap), shown=SHOWN,
        advice=[explain_advice(t, advice.code, advice.values) for advice in replay.advice] if replay else (),
        titles=current_knowledge().titles([each.article for each in replay.harmed + replay.moved], reader=STAFF) if replay else {},
        people=count_people,
    )  # fmt: skip
    with st.container(key="replay_do", horizontal=True):
        st.button(t("replay_again") if shown else t("replay_now"), key="replay_now", on_click=run_replay, args=(gap,))
    if replay and not replay.may_publish:
        st.text_area(t("replay_reason"), key=REASON, max_chars=1000, height=80, help=t("replay_reason_hint"))


@guarded("agent")
def run_replay(gap: int | None) -> None:
    """For the button: replay what is typed at this moment."""
    editing, desk = held(), current_knowledge().writing_desk(need("agent"))
    try:
        remember(editing.text, gap, desk.replay(editing.article, editing.text, gap=gap))
    except KnowledgeBaseError as fault:
        t = read_messages()
        st.session_state[FAULT] = t("replay_not_done", fault=fault)


def remember(text: str, gap: int | None, replay: Replay) -> None:
    """Show this replay of the text when the page runs next."""
    st.session_state[KEY] = Shown(digest(text, gap), replay)


def typed_reason() -> str:
    """Why the text is to be published although its replay advises against it; '' when nothing is written."""
    return str(st.session_state.get(REASON) or "").strip()


def digest(text: str, gap: int | None) -> str:
    return hashlib.sha256(f"{gap}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()


def explain_advice(t: Messages, code: str, values: tuple[str, ...]) -> str:
    """One piece of advice as a sentence."""
    if code == "words":
        return t("replay_advice_words", words=t("list_comma").join(values))
    if code == "placeholders":
        return t("replay_advice_placeholders", lines=" · ".join(values))
    if code == "competitor":
        article, people = values
        return t("replay_advice_competitor", article=article, people=t.counted("gaps_people", int(people)))
    if code == "long_passage":
        return t("replay_advice_long_passage", place=values[0], tokens=values[1])
    plain = {"visibility": t("replay_advice_visibility"), "filters": t("replay_advice_filters"), "already_first": t("replay_advice_already_first")}
    return plain[code]
