"""The list of all articles: what it is narrowed to lives in the address, and a new article begins here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from kb.article_templates import TEMPLATES
from kb.errors import KnowledgeBaseError
from kb.language import language_of_folder
from kb.settings import LANGUAGES
from portal.article_list import ORDERS, REVIEWS, ArticleFilter, ListedArticle, Shelf
from portal.components.choosing import ANY, choose, choose_any
from portal.components.writing_words import explain_refusal, name_statuses, name_templates, name_visibilities
from portal.drawing import draw
from portal.messages import Messages

PAGE = 50
MOST_CHARACTERS = 100


def choose_filter(t: Messages, shelf: Shelf, *, counts: Callable[[ArticleFilter], Mapping[str, int]]) -> ArticleFilter:
    """The filter that is chosen. `counts` says how many articles are in each state under a filter; the counts stand beside the states."""
    owners = sorted({one.owner for one in shelf.articles} - {""}, key=str.casefold)
    langs = sorted({one.lang for one in shelf.articles} | set(LANGUAGES))
    reviews = {"overdue": t("articles_overdue"), "soon": t("articles_soon"), "none": t("articles_no_review")}
    orders = {"review": t("articles_by_review"), "changed": t("articles_by_change"), "title": t("articles_by_title")}
    states = st.container(key="articles_states")
    with st.container(key="gap_filters", horizontal=True):
        text = st.text_input(
            t("articles_find"), key="text", bind="query-params", live="300ms", max_chars=MOST_CHARACTERS, placeholder=t("articles_find_hint"), autocomplete="off"
        )
        owner = choose_any(t, t("gaps_filter_owner"), "owner", {name: name for name in owners})
        review = choose_any(t, t("articles_review"), "review", {name: reviews[name] for name in REVIEWS})
        lang = choose_any(t, t("gaps_filter_lang"), "written", {name: t.language(name) for name in langs})
        order = choose(t("articles_order"), "order", {name: orders[name] for name in ORDERS}, default="review")
    chosen = ArticleFilter(owner=owner, lang=lang, review=review, text=text, order=order)
    found = counts(chosen)
    names = {ANY: f"{t('gaps_any')} ({sum(found.values())})", **{name: f"{word} ({found[name]})" for name, word in name_statuses(t).items()}}
    with states:
        status = choose(t("gaps_filter_state"), "state", names, default=ANY, row=True)
    return chosen if status == ANY else replace(chosen, status=status)


def show_list(t: Messages, articles: Sequence[ListedArticle], *, order: str, today: date) -> None:
    """The articles, a page of them at a time."""
    draw("gaps_note", text=t.counted("articles", len(articles)) if articles else t("articles_none"))
    pages = -(-len(articles) // PAGE)
    # Named after how many there are: another filter begins at its first page.
    rows = st.container()
    page = st.pagination(pages, key=f"page_{pages}") if pages > 1 else 1
    shown = articles[(page - 1) * PAGE : page * PAGE]
    if shown:
        with rows:
            draw("article_rows", t=t, articles=shown, today=today, order=order, statuses=name_statuses(t), visibilities=name_visibilities(t))


def begin_article(t: Messages, shelf: Shelf, *, create: Callable[..., str]) -> str:
    """The form of a new article; the id of the draft when one was begun, else ''. `create` is what `WritingDesk.create` is."""
    asked = st.query_params.get("new", "")
    with st.expander(t("articles_new"), expanded=bool(asked), icon=":material/add:"), st.form("new_article", border=False):
        title = st.text_input(t("edit_title"), value=st.query_params.get("title", "")[:200], key="new_title", max_chars=200, autocomplete="off")
        kinds = name_templates(t)
        kind = st.selectbox(t("articles_kind"), TEMPLATES, format_func=kinds.get, key="new_kind", placeholder="")
        with st.container(key="new_place", horizontal=True):
            lang = st.selectbox(t("edit_lang"), sorted(LANGUAGES, key=lambda lang: lang != t.lang), format_func=t.language, key="new_lang", placeholder="")
            folder = st.selectbox(t("articles_folder"), _folders(shelf), format_func=lambda name: name or t("articles_folder_none"), key="new_folder", placeholder="")
            other = st.text_input(t("articles_folder_new"), key="new_folder_name", max_chars=200, autocomplete="off")
        pressed = st.form_submit_button(t("articles_begin"), type="primary")
    if not pressed:
        return ""
    if not title.strip():
        st.error(t("articles_title_missing"))
        return ""
    try:
        return create(kind, lang, title=title, folder=_in_language(other.strip() or folder, lang, shelf))
    except KnowledgeBaseError as fault:
        st.error(explain_refusal(t, fault))
        return ""


def _folders(shelf: Shelf) -> list[str]:
    """Folders without the language that they begin with, which is chosen beside them; '' is no folder of its own."""
    return ["", *sorted({_without_language(folder) for folder in shelf.folders} - {""})]


def _without_language(folder: str) -> str:
    first, _, rest = folder.partition("/")
    return rest if language_of_folder(first) else folder


def _in_language(folder: str, lang: str, shelf: Shelf) -> str:
    """The folder below that of the language, as this base names it; the folder itself where languages have none."""
    folder = folder.strip().strip("/")
    if language_of_folder(folder.partition("/")[0]):
        return folder
    tops = Counter(one.rpartition("/")[0].partition("/")[0] for one in (article.id for article in shelf.articles))
    named = [top for top, _ in tops.most_common() if language_of_folder(top) == lang]
    if not named and shelf.articles and not any(language_of_folder(top) for top in tops):
        return folder
    return f"{named[0] if named else lang}/{folder}".rstrip("/")
