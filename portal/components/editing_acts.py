"""What is done with the article in hand: each act takes what is typed first, asks again who is signed in, and tells what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import TimeoutError as StillIndexing
from dataclasses import dataclass, replace

import streamlit as st

from feedback.moments import utc_now
from kb.article_files import ArticleFile, EditConflict
from kb.errors import KnowledgeBaseError
from portal.components.editing_fields import take_fields
from portal.components.editing_state import Editing, held, hold, widget
from portal.components.writing_words import explain_refusal
from portal.context import read_messages
from portal.current import current_knowledge
from portal.guard import guarded, need
from portal.messages import Messages
from portal.saving import Saved
from portal.writing import WritingDesk

LOG = logging.getLogger("kb.portal")

SAID = "edit said"
MESSAGE = "edit_message"
# So long the page waits to say that customers find it; on a large base that takes longer.
INDEX_SECONDS = 4.0

Act = Callable[[Messages, WritingDesk, Editing], None]


@dataclass(frozen=True)
class Said:
    """What came of an act: `tone` is 'good' or 'bad', `place` where on the page it is told."""

    tone: str
    text: str
    place: str
    # The article that customers find now.
    article: str = ""


@guarded("agent")
def act(what: Act, place: str) -> None:
    """For callbacks: do it in the name of whoever is signed in at this moment; a refusal is told at that place."""
    t, desk = read_messages(), current_knowledge().writing_desk(need("agent"))
    try:
        what(t, desk, take_typed(desk))
    except EditConflict as conflict:
        hold(overtaken(held(), conflict.theirs, comparing=True))
        say("bad", t("edit_overtaken_refused"), place)
    except KnowledgeBaseError as fault:
        LOG.warning("an act on an article was refused: %s", fault)
        say("bad", explain_refusal(t, fault), place)


def say(tone: str, text: str, place: str, *, article: str = "") -> None:
    st.session_state[SAID] = Said(tone, text, place, article)


def take_said(place: str) -> Said | None:
    """What is to be told at that place, once."""
    said: Said | None = st.session_state.get(SAID)
    return st.session_state.pop(SAID) if said and said.place == place else None


def take_typed(desk: WritingDesk) -> Editing:
    """The article with what stands in its widgets now; what has changed is kept, so that a closed tab loses nothing.

    Raises KnowledgeBaseError when it cannot be kept: the page still has it.
    """
    before = held()
    typed = replace(take_fields(before), body=st.session_state.get(widget("body", before), before.body))
    if typed.text == before.text:
        return before
    return keep(desk, typed)


def keep(desk: WritingDesk, editing: Editing) -> Editing:
    """Keep the text, and look whether somebody else saved meanwhile."""
    hold(editing)
    if editing.is_changed:
        desk.keep(editing.article, editing.text, base_version=editing.version)
        editing = replace(editing, kept_at=utc_now())
    else:
        desk.discard(editing.article)
        editing = replace(editing, kept_at=None, found_at=None)
    file = desk.on_disk(editing.article)
    if (file and file.version) != editing.version:
        return hold(overtaken(editing, file))
    return hold(replace(editing, theirs=None, gone=False))


def overtaken(editing: Editing, theirs: ArticleFile | None, *, comparing: bool = False) -> Editing:
    return replace(editing, theirs=theirs, gone=theirs is None and editing.version is not None, comparing=comparing or editing.comparing)


def settle(editing: Editing, saved: Saved) -> Editing:
    """The article after it was saved: what the widgets show stays where it is unless the file says something else."""
    st.session_state[MESSAGE] = ""
    settled = editing.with_steps(saved.file.text).based_on(saved.file)
    return hold(replace(settled, article=saved.file.id, kept_at=None, found_at=None, comparing=False, set_aside=""))


def tell_saved(t: Messages, saved: Saved, text: str, place: str) -> None:
    if saved.fault:
        say("bad", t("edit_saved_no_history", fault=saved.fault), place)
    else:
        say("good", text, place)


def tell_public(t: Messages, saved: Saved, text: str, place: str, *, readable: bool) -> None:
    """Say it once customers find it so, or that they soon will, or why they will not."""
    if saved.fault:
        say("bad", t("edit_saved_no_history", fault=saved.fault), place)
        return
    try:
        report = saved.indexing.result(timeout=INDEX_SECONDS)
    except StillIndexing:
        say("good", t("edit_soon", done=text), place)
        return
    problem = next((problem for problem in report.problems if problem.path == saved.file.path), None)
    if problem:
        say("bad", t("edit_not_indexed", fault=problem), place)
    else:
        say("good", t("edit_now", done=text), place, article=saved.file.id if readable else "")


def typed_message() -> str:
    """What the author says about the change; '' when nothing."""
    return str(st.session_state.get(MESSAGE) or "").strip()
