"""What is stored about a visitor, as lists; the file of it; and the button that erases it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from feedback.moments import read_stamp, utc_now
from kb.errors import KnowledgeBaseError
from portal.addresses import address
from portal.components.moments import readers_zone, say_moment
from portal.drawing import draw
from portal.messages import Messages

LOG = logging.getLogger("kb.portal")

SHOWN = 20
ERASED = ("searches", "opens", "votes", "questions")


@dataclass(frozen=True)
class Row:
    """One thing that is stored: its words, where it leads, what was said about it, and when."""

    text: str
    moment: str
    address: str = ""
    said: str = ""


@dataclass(frozen=True)
class Part:
    """One kind of thing: the latest of it, and how much there is."""

    title: str
    rows: list[Row]
    count: int


def show_stored(t: Messages, stored: Mapping[str, list[dict]], *, titles: Mapping[str, str], days: int) -> None:
    """Searches, opened articles, votes and questions, the latest first."""
    zone, now = readers_zone(), utc_now()

    def part(title: str, name: str, time: str, row: Callable[[dict, str], Row]) -> Part:
        latest = sorted(stored[name], key=lambda one: one[time], reverse=True)[:SHOWN]
        return Part(title, [row(one, say_moment(t, read_stamp(one[time]), zone=zone, now=now)) for one in latest], len(stored[name]))

    def article(one: dict, moment: str, said: str) -> Row:
        title = titles.get(one["article"])
        return Row(title or t("my_data_unnamed"), moment, address("article", id=one["article"]) if title else "", said)

    parts = [
        part(t("my_data_searches"), "searches", "created_at", lambda one, moment: Row(one["text"], moment)),
        part(t("my_data_opens"), "opens", "opened_at", lambda one, moment: article(one, moment, _say_read(t, one["read_seconds"]))),
        part(t("my_data_votes"), "votes", "cast_at", lambda one, moment: article(one, moment, _say_vote(t, one))),
        part(
            t("my_data_questions"), "questions", "created_at",
            lambda one, moment: Row(one["reference"], moment, address("question", ref=one["reference"]), one["text"][:200]),
        ),
    ]  # fmt: skip
    draw("my_data", t=t, parts=parts, days=days, erased=_say_erased(t))


def offer_download(t: Messages, stored: Mapping[str, list]) -> None:
    """All of it, whole, as a JSON file."""
    whole = json.dumps(stored, ensure_ascii=False, indent=2)
    st.download_button(t("my_data_download"), whole, file_name="my-data.json", mime="application/json", icon=":material/download:", on_click="ignore")


def offer_erasure(t: Messages, stored: Mapping[str, list], *, on_erase: Callable[[], Mapping[str, int]]) -> None:
    """A button that asks once more before it erases."""
    state = st.session_state

    def erase() -> None:
        state["erasing"] = False
        try:
            counts = on_erase()
        except KnowledgeBaseError as fault:
            LOG.error("personal data was not erased: %s", fault)
            state["erased"] = None
        else:
            state["erased"] = sum(counts[name] for name in ERASED)

    if not any(stored[name] for name in ERASED):
        return
    draw("my_data_erase", t=t)
    with st.container(key="erase", horizontal=True):
        if state.get("erasing"):
            st.button(t("my_data_erase_yes"), key="erase_yes", type="primary", icon=":material/delete_forever:", on_click=erase)
            st.button(t("my_data_erase_no"), key="erase_no", on_click=lambda: state.update(erasing=False))
        else:
            st.button(t("my_data_erase_button"), key="erase_ask", icon=":material/delete:", on_click=lambda: state.update(erasing=True))


def _say_erased(t: Messages) -> str:
    if "erased" not in st.session_state:
        return ""
    count = st.session_state.pop("erased")
    return t("my_data_not_erased") if count is None else t.counted("my_data_erased", count)


def _say_read(t: Messages, seconds: float) -> str:
    if seconds < 1:
        return ""
    return t.counted("read_seconds", round(seconds)) if seconds < 90 else t.counted("read_minutes", round(seconds / 60))


def _say_vote(t: Messages, vote: Mapping[str, object]) -> str:
    words = [t("my_data_helpful") if vote["helpful"] else t("my_data_unhelpful")]
    if vote["reason"]:
        words.append(t(f"vote_reason_{vote['reason']}"))
    return " · ".join([*words, str(vote["comment"])] if vote["comment"] else words)
