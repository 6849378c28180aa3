"""The article in hand as customers will see it: the page's own template, rendered with the same limits as when it is indexed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from indexer.catalogue import ArticleCard, ArticlePage
from kb.errors import ArticleError
from portal.components.editing_state import Editing
from portal.components.sections import equip_article
from portal.drawing import draw, fill
from portal.messages import Messages
from portal.writing import WritingDesk

KEY = "edit preview"
_LINK = re.compile(r'(<a\b[^>]*?\btarget=")_self"')


@dataclass(frozen=True)
class Preview:
    """The page of a text, or why it has none; then `page` is that of the last text that had one."""

    text: str
    page: ArticlePage | None
    fault: ArticleError | None = None


def show_preview(
    t: Messages, desk: WritingDesk, editing: Editing, *, translations: Sequence[ArticleCard], categories: Mapping[str, str]
) -> Preview:
    """Draw it. Rendered when the text has changed, not each time the page runs."""
    preview: Preview | None = st.session_state.get(KEY)
    if preview is None or preview.text != editing.text:
        preview = st.session_state[KEY] = _render(desk, editing, translations, before=preview)
    if preview.fault:
        line = t("edit_fault_line", line=preview.fault.line) if preview.fault.line else ""
        draw("edit_fault", title=t("edit_not_readable"), line=line, fact=preview.fault.fact)
    if preview.page:
        card = preview.page.card
        html = fill("article", t=t, page=preview.page, html=equip_article(preview.page.html, t), category_title=categories.get(card.category, ""), is_staff=False)
        # A look is no reading, and what is followed from here must not take the text away.
        st.html(_LINK.sub(r'\1_blank"', html.replace(' data-article="', ' data-preview="', 1)))
    return preview


def _render(desk: WritingDesk, editing: Editing, translations: Sequence[ArticleCard], *, before: Preview | None) -> Preview:
    try:
        article, rendered = desk.preview(editing.article, editing.text)
    except ArticleError as fault:
        return Preview(editing.text, before.page if before else None, fault)
    card = ArticleCard(article.id, article.title, article.lang, article.summary, article.category, article.updated, article.tags)
    return Preview(editing.text, ArticlePage(card, rendered.html, rendered.toc, tuple(translations)))
