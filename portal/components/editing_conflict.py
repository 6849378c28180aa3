"""Somebody else saved first, or text was kept from before: what the writer has to know, and the ways on. Nothing is written over unseen."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from feedback.moments import utc_now
from kb.article_history import unified_diff
from kb.front_fields import set_fields
from portal.components.editing_acts import Act, act, keep, say, settle, tell_saved, typed_message
from portal.components.editing_state import Editing, hold, let_go, status_of
from portal.components.moments import readers_zone, say_moment
from portal.drawing import draw
from portal.messages import Messages
from portal.saving import WORKFLOW_FIELDS, with_state_of
from portal.writing import WritingDesk

SAVED_BY = "edit saved by"
ANCHOR = "kb-conflict"


def show_conflict(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    """One notice at most, the gravest; nothing while there is nothing to know."""
    if editing.gone:
        _notice("edit_notice", t("edit_gone"), grave=True)
        _buttons(("edit_write_again", t("edit_write_again"), _write_again), ("edit_give_up", t("edit_give_up"), _take_theirs))
    elif editing.theirs:
        _show_theirs(t, desk, editing)
    elif editing.comparing:
        _notice("edit_merging", t("edit_merging"))
        show_differences(t, editing.saved, editing.text)
        _buttons(("edit_merged", t("edit_merged"), _stop_comparing))
    elif editing.found_at:
        when = say_moment(t, editing.found_at, zone=readers_zone(), now=utc_now())
        _notice("edit_found", t("edit_found", moment=when))
        _buttons(("edit_go_on", t("edit_go_on"), _go_on), ("edit_discard", t("edit_discard"), _discard))
    elif editing.set_aside:
        _notice("edit_set_aside", t("edit_set_aside"))
        _buttons(("edit_bring_back", t("edit_bring_back"), _bring_back), ("edit_forget", t("edit_forget"), _forget))


def show_differences(t: Messages, old: str, new: str) -> None:
    """What `new` changes in `old`, line by line."""
    draw("differences", t=t, lines=unified_diff(old, new))


def _show_theirs(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    who = _saved_by(desk, editing)
    if not editing.is_changed:
        _notice("edit_theirs", t("edit_theirs_newer_by", account=who) if who else t("edit_theirs_newer"), grave=True)
        _buttons(("edit_take_theirs", t("edit_load_theirs"), _take_theirs))
        return
    _notice("edit_theirs", t("edit_theirs_by", account=who) if who else t("edit_theirs"), grave=True)
    if not editing.comparing:
        _buttons(("edit_compare", t("edit_compare"), _compare))
        return
    show_differences(t, editing.theirs.text, editing.text)
    draw("edit_hint", text=t("edit_ways"))
    _buttons(
        ("edit_merge", t("edit_merge"), _merge), ("edit_keep_mine", t("edit_keep_mine"), _keep_mine), ("edit_take_theirs", t("edit_take_theirs"), _take_theirs),
    )  # fmt: skip


def _saved_by(desk: WritingDesk, editing: Editing) -> str:
    """Who saved their version, asked of the history once; '' without history."""
    known = st.session_state.get(SAVED_BY)
    if known is None or known[0] != editing.theirs.version:
        latest = desk.revisions(editing.article)[:1]
        known = st.session_state[SAVED_BY] = (editing.theirs.version, latest[0].author if latest else "")
    return known[1]


def _notice(name: str, text: str, *, grave: bool = False) -> None:
    draw("edit_notice", text=text, grave=grave, anchor=ANCHOR if grave or name == "edit_merging" else "")


def _buttons(*offered: tuple[str, str, Act]) -> None:
    with st.container(key="edit_ways", horizontal=True):
        for key, words, what in offered:
            st.button(words, key=key, on_click=act, args=(what, "bar"))


def _compare(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    hold(replace(editing, comparing=True))


def _stop_comparing(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    hold(replace(editing, comparing=False))


def _merge(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    """Mine goes on from theirs, which stays in view."""
    if editing.theirs:
        keep(desk, replace(_on_top(editing), comparing=True))


def _keep_mine(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    """Mine as a new save on top of theirs, which the writer has seen and the history keeps. What is public waits to be published."""
    if editing.theirs is None:
        return
    mine = keep(desk, replace(_on_top(editing), comparing=False))
    if status_of(mine) == "published":
        say("good", t("edit_publish_mine"), "bar")
    else:
        _save(t, desk, mine)


def _write_again(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    """The file that is gone, as a draft: nothing comes back to customers by itself."""
    draft = set_fields(editing.text, {name: None for name in WORKFLOW_FIELDS} | {"status": "draft"})
    _save(t, desk, keep(desk, replace(editing.with_steps(draft), version=None, saved="", gone=False)))


def _on_top(editing: Editing) -> Editing:
    """The same text in the state in which they left the article."""
    return editing.with_steps(with_state_of(editing.theirs.text, editing.text)).based_on(editing.theirs)


def _save(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    saved = desk.save(editing.article, editing.text, version=editing.version, message=typed_message())
    settle(editing, saved)
    tell_saved(t, saved, t("edit_saved"), "bar")


def _take_theirs(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    """Theirs; mine can be brought back until the page is left."""
    desk.discard(editing.article)
    if editing.theirs is None:
        let_go()
        return
    mine = editing.text if editing.is_changed else ""
    hold(replace(editing.based_on(editing.theirs).with_text(editing.theirs.text, whole=False), comparing=False, kept_at=None, found_at=None, set_aside=mine))


def _discard(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    """The file's text; what was kept can be brought back until the page is left."""
    desk.discard(editing.article)
    hold(replace(editing.with_text(editing.saved, whole=False), kept_at=None, found_at=None, set_aside=editing.text))


def _bring_back(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    keep(desk, replace(editing.with_text(editing.set_aside), set_aside=""))


def _go_on(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    hold(replace(editing, found_at=None))


def _forget(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    hold(replace(editing, set_aside=""))
