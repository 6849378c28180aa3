"""The editor: text and fields on one side, the page that customers will see on the other, and what can be done with it below."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from kb.errors import KnowledgeBaseError
from kb.readers import PUBLIC, STAFF
from portal.components.editing_acts import MESSAGE, act, say, settle, take_said, take_typed, tell_saved, typed_message
from portal.components.editing_conflict import show_conflict
from portal.components.editing_fields import show_fields
from portal.components.editing_findings import show_findings
from portal.components.editing_preview import KEY as PREVIEW
from portal.components.editing_preview import show_preview
from portal.components.editing_review import show_comments, show_publishing
from portal.components.editing_state import Editing, begin, front_of, held, hold, status_of, widget
from portal.components.moments import readers_zone
from portal.components.replaying import show_replay
from portal.components.writing_words import name_statuses, name_visibilities
from portal.context import read_cookies, read_messages
from portal.current import current_knowledge
from portal.drawing import draw
from portal.forms import form_token
from portal.guard import guarded, need
from portal.messages import Messages
from portal.writing import WritingDesk

TRANSLATIONS = "edit translations"
VIEW = "edit_view"


def open_article(desk: WritingDesk, article: str) -> Editing:
    """The article in hand, opened if it is another one. Raises ArticleNotFound, ArticleError."""
    editing = held()
    if editing is None or editing.article != article:
        # Widgets of the article before must not be taken for this one's.
        editing = hold(replace(begin(article, desk.open(article)), round=editing.round + 1 if editing else 0))
        st.session_state.pop(PREVIEW, None)
        try:
            st.session_state[TRANSLATIONS] = current_knowledge().article(article, reader=STAFF).translations
        except KnowledgeBaseError:
            # Not in the index yet, or nobody may read it there: it has no translations to show.
            st.session_state[TRANSLATIONS] = ()
    return editing


@st.fragment
@guarded("agent")
def edit(gap: int | None) -> None:
    """The whole editor; what is typed runs this again and nothing else of the page."""
    t, account, knowledge = read_messages(), need("agent"), current_knowledge()
    desk, editing = knowledge.writing_desk(account), held()
    head = st.container(key="edit_head")
    with st.container(key="edit_bar", horizontal=True):
        _choose_view(t)
        status = st.container(key="edit_status")
        st.text_input(t("edit_message"), key=MESSAGE, max_chars=200, placeholder=t("edit_message"), label_visibility="collapsed", autocomplete="off")
        finish = st.container(key="edit_finish")
    notices = st.container(key="edit_notices")
    with st.container(key="edit_panes"):
        with st.container(key="edit_text"):
            draw("edit_tools", t=t, article=editing.article, token=form_token(read_cookies()), whole=editing.whole)
            st.text_area(t("edit_text"), value=editing.body, height=480, key=widget("body", editing), label_visibility="collapsed")
        with st.container(key="edit_details"):
            with st.container(key=widget("fields", editing)):
                show_fields(t, editing)
            _offer_more(t, editing)
        page = st.container(key="edit_preview")
    editing = _take(t, desk)
    with page:
        categories = {category.name: category.title for category in knowledge.categories(t.lang, reader=PUBLIC)}
        preview = show_preview(t, desk, editing, translations=st.session_state.get(TRANSLATIONS, ()), categories=categories)
    with head:
        _show_head(t, editing, preview.page.card.title if preview.page else editing.article)
    with status:
        _show_status(t, editing)
    with finish:
        _offer_to_save(t, editing)
    with notices:
        show_conflict(t, desk, editing)
    with st.container(key="edit_below"):
        show_findings(t, editing.article, editing.text)
        show_replay(t, desk, editing.article, editing.text, gap)
        show_publishing(t, editing, account=account, gap=gap)
        show_comments(t, desk, editing.article)


def _take(t: Messages, desk: WritingDesk) -> Editing:
    try:
        return take_typed(desk)
    except KnowledgeBaseError as fault:
        say("bad", t("edit_not_kept", fault=fault), "bar")
        return held()


def _choose_view(t: Messages) -> None:
    """On a phone one of the three is shown; where there is room, the preview stands beside the others."""
    names = {"text": t("edit_view_text"), "details": t("edit_view_details"), "preview": t("edit_view_preview")}
    st.segmented_control(
        t("edit_view"), tuple(names), default="text", required=True, format_func=names.get, key=VIEW, on_change="ignore", label_visibility="collapsed"
    )


def _show_head(t: Messages, editing: Editing, title: str) -> None:
    front, status = front_of(editing.text), status_of(editing)
    visibility = str(front.get("visibility") or "public")
    draw(
        "edit_head", t=t, article=editing.article, title=title, status=status, status_word=name_statuses(t)[status],
        hidden=name_visibilities(t)[visibility] if visibility != "public" else "", owner=str(front.get("owner") or ""),
        is_public=bool(current_knowledge().titles([editing.article], reader=PUBLIC)),
    )  # fmt: skip


def _show_status(t: Messages, editing: Editing) -> None:
    said = take_said("bar")
    kept = editing.kept_at.astimezone(readers_zone()) if editing.kept_at else None
    draw("edit_status", t=t, editing=editing, said=said, kept=f"{kept:%H:%M}" if kept else "")


def _offer_to_save(t: Messages, editing: Editing) -> None:
    """To save what is public is to publish it: then the way leads to where that is done."""
    if front_of(editing.text) and status_of(editing) == "published":
        draw("edit_to_publish", t=t)
    else:
        st.button(t("edit_save"), key="edit_save", type="primary", on_click=act, args=(_save, "bar"))


def _save(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    if not editing.is_changed:
        say("good", t("edit_nothing_to_save"), "bar")
        return
    saved = desk.save(editing.article, editing.text, version=editing.version, message=typed_message())
    settle(editing, saved)
    tell_saved(t, saved, t("edit_saved"), "bar")


def _offer_more(t: Messages, editing: Editing) -> None:
    """The file as it is, and its address."""
    words = t("edit_as_fields") if editing.whole else t("edit_whole")
    st.button(words, key="edit_whole", on_click=act, args=(_switch_whole, "details"))
    with st.expander(t("edit_move")), st.form("move", border=False, enter_to_submit=False):
        draw("edit_hint", text=t("edit_move_hint"))
        st.text_input(t("edit_new_address"), value=editing.article, key=f"edit_address_{editing.article}", max_chars=300)
        st.form_submit_button(t("edit_move_button"), on_click=act, args=(_rename, "details"))
    draw("edit_said", said=take_said("details"), t=t)


def _switch_whole(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    hold(editing.with_text(editing.text, whole=not editing.whole))
    if editing.whole and held().whole:
        say("bad", t("edit_still_broken"), "details")


def _rename(t: Messages, desk: WritingDesk, editing: Editing) -> None:
    if editing.is_changed:
        say("bad", t("edit_save_first"), "details")
        return
    saved = desk.rename(editing.article, st.session_state[f"edit_address_{editing.article}"], version=editing.version)
    settle(editing, saved)
    st.query_params["article"] = saved.file.id
    tell_saved(t, saved, t("edit_moved", article=saved.file.id), "details")
