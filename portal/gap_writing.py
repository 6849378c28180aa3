"""From a gap to the article that is to close it: a draft that begins with what its customers said, or the article that has to change."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from feedback.alias_suggestions import Suggestion
from feedback.gap_drafts import draft_gap, suggest_titles
from feedback.gap_list import GapDetail
from kb.accounts import Account
from kb.drafts import make_slug
from kb.front_fields import set_fields
from kb.language import language_of_folder
from kb.settings import LANGUAGES
from portal.desk import Desk
from portal.saving import Saved
from portal.writing import WritingDesk

if TYPE_CHECKING:
    from portal.knowledge import KnowledgeBase

DEFAULT_KIND = "how_to"


def language_to_write(detail: GapDetail) -> str:
    """The language in which most people asked, of those that kb writes in."""
    return next((lang for lang in detail.gap.langs if lang in LANGUAGES), LANGUAGES[-1])


def begin_article(desk: Desk, writing: WritingDesk, gap: int, *, kind: str = DEFAULT_KIND, lang: str = "", title: str = "", folder: str = "") -> str:
    """Write a draft for the gap and return its id; the gap is then being drafted. Without a title it has the words of most customers. Raises GapError,
    ArticleError."""
    detail = desk.gap(gap)
    lang = lang or language_to_write(detail)
    title = title.strip() or next(iter(suggest_titles(detail, lang)), "") or f"#{detail.gap.id}"
    folder = folder.strip().strip("/") or _folder_of_nearest(detail, lang)
    path = f"{folder}/{make_slug(title) or f'gap-{detail.gap.id}'}"
    text = draft_gap(detail, kind=kind, lang=lang, title=title, article=path, reply=desk.gap_reply(detail.gap.id, lang))
    article = writing.begin(path, text)
    desk.draft_gap(detail.gap.id, article)
    return article


def create_for(gap: str, knowledge: KnowledgeBase, account: Account) -> Callable[..., str] | None:
    """What creates a draft for the gap that an address names, as `WritingDesk.create` does; None when it names none."""
    if not (gap.isascii() and gap.isdigit() and len(gap) < 10):
        return None
    desk, writing = knowledge.desk(account), knowledge.writing_desk(account)

    def create(kind: str, lang: str, *, title: str, folder: str) -> str:
        return begin_article(desk, writing, int(gap), kind=kind, lang=lang, title=title, folder=folder)

    return create


def begin_translation(desk: Desk, writing: WritingDesk, gap: int) -> str:
    """A draft of the gap's article in the language that was asked in, with the text that is to be translated. Raises GapError, ArticleError."""
    detail = desk.gap(gap)
    lang, source = language_to_write(detail), detail.gap.reason.article
    text = writing.read(source).text
    fields = {"lang": lang, "status": "draft", "translation_of": source, "gap": str(detail.gap.id), "redirect_from": None, "updated": None}
    article = writing.begin(_twin(source, lang), set_fields(text, fields))
    desk.draft_gap(detail.gap.id, article)
    return article


def add_aliases(writing: WritingDesk, suggestion: Suggestion, *, gap: int) -> Saved:
    """Publish the article with the suggested aliases; they stand in its front matter, where anybody can take them out again. Raises as
    `WritingDesk.publish` does."""
    file = writing.read(suggestion.article)
    text = set_fields(file.text, {"aliases": list(suggestion.after_aliases)})
    return writing.publish(suggestion.article, text, version=file.version, gap=gap, message="aliases")


def _folder_of_nearest(detail: GapDetail, lang: str) -> str:
    """The folder of the nearest article in this language, else the language's own."""
    for id, _, _ in detail.gap.reason.nearest:
        folder = posixpath.dirname(id)
        if language_of_folder(folder.split("/")[0]) == lang:
            return folder
    return lang


def _twin(article: str, lang: str) -> str:
    """The same path below the other language's folder."""
    folders = article.split("/")
    place = next((place for place, name in enumerate(folders[:-1]) if language_of_folder(name)), None)
    return "/".join([*folders[:place], lang, *folders[place + 1 :]]) if place is not None else f"{lang}/{article}"
