"""The article's way to customers and back, and what its reviewers say."""

from __future__ import annotations

import streamlit as st

from feedback.moments import utc_now
from feedback.proofs import ReplayRefused
from kb.account_rules import name_key
from kb.accounts import Account
from kb.workspace import LONGEST_COMMENT
from portal.components.editing_acts import Act, act, say, settle, take_said, tell_public, tell_saved, typed_message
from portal.components.editing_state import Editing, front_of, status_of
from portal.components.moments import readers_zone, say_moment
from portal.components.replaying import remember, typed_reason
from portal.components.writing_words import name_statuses
from portal.drawing import draw
from portal.messages import Messages
from portal.writing import WritingDesk

PLACE = "publish"
COMMENT = "edit_comment"


def show_publishing(t: Messages, editing: Editing, *, account: Account, gap: int | None) -> None:
    """The steps that the article can take from where it is, for this account."""
    status, front = status_of(editing), front_of(editing.text)
    submitted_by = str(front.get("submitted_by") or "")
    is_own = bool(submitted_by) and name_key(submitted_by) == name_key(account.name)
    steps: list[tuple[str, str, Act, bool]] = []
    if status == "draft":
        steps.append(("edit_submit", t("edit_submit"), _move("review", t("edit_submitted")), True))
    elif status == "review":
        if not is_own:
            steps.append(("edit_approve", t("edit_approve"), _publish(gap, alone=False), True))
        steps.append(("edit_send_back", t("edit_send_back"), _move("draft", t("edit_sent_back")), False))
    elif status == "published":
        steps.append(("edit_publish_changes", t("edit_publish_changes"), _publish(gap, alone=False), True))
        steps.append(("edit_archive", t("edit_archive"), _archive, False))
    else:
        steps.append(("edit_restore", t("edit_restore"), _move("draft", t("edit_restored")), True))
    may_alone = account.may("lead") and (status == "draft" or (status == "review" and is_own))
    if may_alone:
        steps.append(("edit_publish_alone", t("edit_publish_alone"), _publish(gap, alone=True), False))
    draw(
        "edit_publish", t=t, status=name_statuses(t)[status], front=front, lead=_explain(t, status, is_own=is_own, may_alone=may_alone),
        said=take_said(PLACE), changed=editing.is_changed,
    )  # fmt: skip
    with st.container(key="edit_steps", horizontal=True):
        for key, words, step, first in steps:
            st.button(words, key=key, type="primary" if first else "secondary", on_click=act, args=(step, PLACE))


def show_comments(t: Messages, desk: WritingDesk, article: str) -> None:
    """What reviewers said, the open remarks first, and room for another."""
    comments = desk.comments(article)
    draw("edit_comments", t=t, count=sum(1 for comment in comments if comment.resolved_at is None))
    for comment in sorted(comments, key=lambda one: (one.resolved_at is not None, one.id)):
        when = say_moment(t, comment.at, zone=readers_zone(), now=utc_now())
        with st.container(key=f"edit_said_{comment.id}", horizontal=True):
            draw("edit_comment", t=t, comment=comment, when=when)
            if comment.resolved_at is None:
                st.button(t("edit_resolve"), key=f"edit_resolve_{comment.id}", on_click=act, args=(_resolve(comment.id), "comments"))
    draw("edit_said", t=t, said=take_said("comments"))
    with st.form("comment", border=False, clear_on_submit=True, enter_to_submit=False):
        st.text_area(t("edit_comment"), key=COMMENT, height=96, max_chars=LONGEST_COMMENT)
        st.form_submit_button(t("edit_comment_add"), on_click=act, args=(_comment, "comments"))


def _explain(t: Messages, status: str, *, is_own: bool, may_alone: bool) -> str:
    words = {
        "draft": t("edit_lead_draft"), "review": t("edit_lead_own") if is_own else t("edit_lead_review"), "published": t("edit_lead_published"),
        "archived": t("edit_lead_archived"),
    }  # fmt: skip
    return f"{words[status]} {t('edit_lead_alone')}" if may_alone else words[status]


def _move(status: str, done: str) -> Act:
    def move(t: Messages, desk: WritingDesk, editing: Editing) -> None:
        saved = desk.move(editing.article, editing.text, status, version=editing.version, message=typed_message())
        settle(editing, saved)
        tell_saved(t, saved, done, PLACE)

    return move


def _publish(gap: int | None, *, alone: bool) -> Act:
    def publish(t: Messages, desk: WritingDesk, editing: Editing) -> None:
        if status_of(editing) == "published" and not editing.is_changed:
            say("good", t("edit_nothing_to_publish"), PLACE)
            return
        try:
            saved = desk.publish(
                editing.article, editing.text, version=editing.version, alone=alone, gap=gap, replay_reason=typed_reason(), message=typed_message()
            )
        except ReplayRefused as refusal:
            remember(editing.text, gap, refusal.replay)
            say("bad", t("replay_refused"), PLACE)
            return
        settle(editing, saved)
        tell_public(t, saved, t("edit_published"), PLACE, readable=(front_of(saved.file.text).get("visibility") or "public") == "public")

    return publish


def _archive(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    saved = desk.move(editing.article, editing.text, "archived", version=editing.version, message=typed_message())
    settle(editing, saved)
    tell_public(t, saved, t("edit_archived"), PLACE, readable=False)


def _comment(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    desk.comment(editing.article, str(st.session_state.get(COMMENT) or ""))


def _resolve(comment: int) -> Act:
    def resolve(t: Messages, desk: WritingDesk, editing: Editing) -> None:
        desk.resolve(comment)

    return resolve
