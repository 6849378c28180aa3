"""The revisions of one article: listed, compared two at a time, restored."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Sequence

import streamlit as st

from feedback.moments import utc_now
from kb.article_files import EditConflict
from kb.article_history import Revision
from kb.articles import parse_article
from kb.errors import ArticleError, ArticleNotFound, KnowledgeBaseError
from portal.components.editing_acts import say, take_said, tell_public
from portal.components.editing_conflict import show_differences
from portal.components.moments import readers_zone, say_moment
from portal.components.writing_words import explain_refusal
from portal.context import read_messages
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import guarded, need
from portal.messages import Messages
from portal.writing import WritingDesk

LOG = logging.getLogger("kb.portal")

PLACE = "history"
NOTHING = "nothing"


@guarded("agent")
def restore(article: str, revision: Revision, version: str) -> None:
    """For callbacks: save the text of that revision anew, in the name of whoever is signed in at this moment."""
    t, desk = read_messages(), current_knowledge().writing_desk(need("agent"))
    try:
        saved = desk.restore(article, revision, version=version)
    except EditConflict:
        say("bad", t("history_overtaken"), PLACE)
    except KnowledgeBaseError as fault:
        LOG.warning("a revision was not restored: %s", fault)
        say("bad", explain_refusal(t, fault), PLACE)
    else:
        st.query_params.from_dict({"article": article})
        tell_public(t, saved, t("history_restored"), PLACE, readable=False)


def show_history(t: Messages, desk: WritingDesk, article: str, *, folder: str) -> None:
    """The list, and below it what lies between the two revisions that the address names. Raises ArticleNotFound."""
    file = desk.on_disk(article)
    if file is None:
        raise ArticleNotFound(article)
    revisions = desk.revisions(article)
    commands = "\n".join((f"cd {shlex.quote(folder)}", "git init", "git add .", f"git commit -m {shlex.quote(t('history_first'))}"))
    draw(
        "history_head", t=t, article=article, title=_title(article, file.text), commands=commands, available=desk.has_history, revisions=revisions
    )
    draw("edit_said", t=t, said=take_said(PLACE))
    if not revisions:
        return
    named = st.query_params.get("to", "")
    to = next((revision for revision in revisions if revision.id == named), revisions[0])
    with st.container(key="history"):
        with st.container(key="history_list"):
            zone, now = readers_zone(), utc_now()
            listed = [(each, say_moment(t, each.at, zone=zone, now=now)) for each in revisions]
            draw("history_list", t=t, article=article, chosen=to.id, revisions=listed)
        with st.container(key="history_view"):
            _compare(t, desk, revisions, to)
            if desk.text_at(to) != file.text:
                st.button(t("history_restore"), key="history_restore", type="primary", on_click=restore, args=(article, to, file.version))
                draw("edit_hint", text=t("history_restore_hint"))


def _compare(t: Messages, desk: WritingDesk, revisions: Sequence[Revision], to: Revision) -> None:
    """What is different in that revision from the one before it, or from another that is chosen."""
    names = {revision.id: _name(t, revision) for revision in revisions if revision is not to}
    options = (*names, NOTHING)
    # Named after the revision: another one is first compared with what it changed.
    since = st.selectbox(
        t("history_from"), options, index=options.index(_parent(revisions, to)), key=f"from {to.id}", placeholder="",
        format_func=lambda revision: names.get(revision) or t("history_nothing"),
    )  # fmt: skip
    old = next((revision for revision in revisions if revision.id == since), None)
    show_differences(t, desk.text_at(old) if old else "", desk.text_at(to))


def _parent(revisions: Sequence[Revision], revision: Revision) -> str:
    """The id of the revision before that one; NOTHING before the first."""
    place = revisions.index(revision) + 1
    return revisions[place].id if place < len(revisions) else NOTHING


def _name(t: Messages, revision: Revision) -> str:
    when = say_moment(t, revision.at, zone=readers_zone(), now=utc_now())
    return f"{when} · {revision.author} · {revision.message.splitlines()[0] if revision.message else revision.id[:8]}"


def _title(article: str, text: str) -> str:
    try:
        return parse_article(text, id=article).title
    except ArticleError:
        return article
