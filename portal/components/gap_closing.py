"""What closes a gap: the article to write or to change, words under which it is found, the proof, and the customers who are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

import streamlit as st

from feedback.alias_suggestions import Suggestion
from feedback.gap_drafts import suggest_titles
from feedback.gap_list import GapDetail
from feedback.gaps import ACTIVE
from feedback.proofs import Proof
from feedback.telling import Waiting
from kb.errors import KnowledgeBaseError
from portal.addresses import address
from portal.components.gap_actions import FAULT
from portal.components.gap_synonyms import offer_synonyms, show_synonyms
from portal.components.writing_words import explain_refusal
from portal.current import current_knowledge
from portal.drawing import draw
from portal.gap_writing import add_aliases, begin_article, begin_translation, language_to_write
from portal.guard import guarded, need
from portal.messages import Messages

EDITOR = Path(__file__).parents[1] / "pages" / "edit.py"
SUGGESTED, ADDED = "aliases suggested", "aliases added"


def show_writing(t: Messages, detail: GapDetail) -> None:
    """The way to the article: a draft that begins with the customers' words, a translation, or the article that has to change."""
    gap = detail.gap
    if gap.state not in ACTIVE:
        return
    lang = language_to_write(detail)
    about = gap.reason.article if gap.kind != "missing" else ""
    drafted = next((step.detail for step in detail.history if step.action == "drafted"), "") if gap.state == "drafted" else ""
    with st.container(key="gap_write"):
        draw("gap_write", t=t, detail=detail, about=about, drafted=drafted, titles=suggest_titles(detail, lang) if not drafted else (), lang=lang)
        with st.container(key="gap_write_do", horizontal=True):
            if gap.kind == "wrong_language" and not drafted:
                _begin(t("gap_translate"), "gap_translate", lambda desk, writing: begin_translation(desk, writing, gap.id), gap.id)
            elif not drafted:
                _begin(t("gap_write_now"), "gap_write_now", lambda desk, writing: begin_article(desk, writing, gap.id), gap.id, primary=not about)
            if gap.kind == "unfindable" and about:
                st.button(t("aliases_find"), key="aliases_find", on_click=_find_aliases, args=(gap.id,))
                offer_synonyms(t, gap.id)
        _show_aliases(t, gap.id)
        show_synonyms(t, gap.id)


def _begin(words: str, key: str, begin: Callable, gap: int, *, primary: bool = True) -> None:
    """A button that begins a draft and leads to its editor."""
    if not st.button(words, key=key, type="primary" if primary else "secondary"):
        return
    account, knowledge = need("agent"), current_knowledge()
    try:
        article = begin(knowledge.desk(account), knowledge.writing_desk(account))
    except KnowledgeBaseError as fault:
        st.error(str(fault))
    else:
        st.switch_page(EDITOR, query_params={"article": article, "gap": str(gap)})


@guarded("agent")
def _find_aliases(gap: int) -> None:
    try:
        st.session_state[SUGGESTED] = (gap, current_knowledge().desk(need("agent")).suggest_aliases(gap))
    except KnowledgeBaseError as fault:
        st.session_state[FAULT] = str(fault)


@guarded("agent")
def _add_aliases(t: Messages, suggestion: Suggestion, gap: int) -> None:
    st.session_state.pop(SUGGESTED, None)
    try:
        add_aliases(current_knowledge().writing_desk(need("agent")), suggestion, gap=gap)
    except KnowledgeBaseError as fault:
        st.session_state[FAULT] = explain_refusal(t, fault)
    else:
        st.session_state[ADDED] = suggestion.article


def _show_aliases(t: Messages, gap: int) -> None:
    added = st.session_state.pop(ADDED, "")
    of, suggestion = st.session_state.get(SUGGESTED, (None, None))
    if added:
        draw("aliases", t=t, suggestion=None, added=added)
    elif of == gap:
        draw("aliases", t=t, suggestion=suggestion, added="")
        if suggestion and suggestion.aliases and suggestion.after.may_publish:
            st.button(t("aliases_add"), key="aliases_add", type="primary", on_click=_add_aliases, args=(t, suggestion, gap))


def show_proofs(t: Messages, proofs: tuple[Proof, ...]) -> None:
    if proofs:
        draw("gap_proofs", t=t, proofs=proofs)


def show_waiting(t: Messages, waiting: tuple[Waiting, ...], *, title: str, act: Callable[[Callable], None]) -> None:
    """Customers to tell, each with a message ready to send. `act` runs what it gets with a fresh desk of whoever is signed in then."""
    if not waiting:
        return
    draw("gap_waiting", t=t, waiting=waiting)
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(st.context.url or ""))
    for one in waiting:
        with st.container(key=f"tell_{one.question}", horizontal=True):
            draw("gap_tell", t=t, one=one, mail=_mail(t, one, title=title, origin=origin))
            if one.article and not one.told_at:
                st.button(t("tell_done"), key=f"told_{one.question}", on_click=act, args=(lambda desk, one=one: desk.tell(one.question, one.article),))


def _mail(t: Messages, one: Waiting, *, title: str, origin: str) -> str:
    """A mailto: address with the message written; '' when the contact is no e-mail address, or nothing answers yet."""
    if "@" not in one.contact or not one.article:
        return ""
    other = Messages(one.lang if one.lang in ("zh", "en") else t.lang)
    body = other("tell_body", question=one.text, link=origin + address("question", ref=one.reference), site=title)
    return f"mailto:{quote(one.contact, safe='@+')}?subject={quote(other('tell_subject', reference=one.reference))}&body={quote(body)}"
