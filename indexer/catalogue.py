"""Read articles for showing rather than searching: one page, cards of many, categories, tags. Only what the reader may see."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlite_utils import Database

from indexer.checksums import verify_article
from indexer.visibility import scope_condition
from kb.errors import ArticleNotFound
from kb.readers import Reader, Scope
from kb.rendering import TocEntry

_COLUMNS = "id, title, lang, summary, category, updated, tags"


@dataclass(frozen=True)
class ArticleCard:
    """What a list shows of an article."""

    id: str
    title: str
    lang: str
    summary: str
    category: str
    updated: date | None
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Category:
    """The articles of one top folder in one language: named by that folder's `index.md`, if there is one."""

    name: str
    title: str
    summary: str
    count: int


@dataclass(frozen=True)
class ArticlePage:
    """An article as its page shows it. `html` is sanitised."""

    card: ArticleCard
    html: str
    toc: tuple[TocEntry, ...]
    translations: tuple[ArticleCard, ...]
    related: tuple[ArticleCard, ...] = ()

    def with_related(self, cards: Sequence[ArticleCard]) -> ArticlePage:
        return replace(self, related=tuple(cards))


def read_page(database: Database, article: str, reader: Reader) -> ArticlePage:
    """The article, found under its id or an old one. Raises ArticleNotFound, also for one this reader may not see, and IndexDamaged."""
    condition, values = _visible(Scope(reader))
    # An article that is kept from the reader is not in the way of another that was at its address before.
    here, moved = f"(select id from articles where id = ? and {condition})", "(select article from redirects where old = ?)"
    row = database.execute(
        f"select {_COLUMNS}, html, toc, translations from articles where id = coalesce({here}, {moved}) and {condition}",
        [article, *values, article, *values],
    ).fetchone()
    if row is None:
        raise ArticleNotFound(article)
    verify_article(database, row[0])
    *card, html, toc, others = row
    return ArticlePage(_card(card), html, tuple(TocEntry(*entry) for entry in json.loads(toc)), read_cards(database, json.loads(others), reader))


def read_source(database: Database, article: str, reader: Reader) -> str:
    """The article's Markdown below its front matter, as indexed. Raises ArticleNotFound, also for one this reader may not see."""
    condition, values = _visible(Scope(reader))
    row = database.execute(f"select source from articles where id = ? and {condition}", [article, *values]).fetchone()
    if row is None:
        raise ArticleNotFound(article)
    return row[0]


def read_cards(database: Database, ids: Sequence[str], reader: Reader, *, lang: str | None = None) -> tuple[ArticleCard, ...]:
    """The cards of those of these articles that the reader may see, in the given order."""
    condition, values = _visible(Scope(reader, lang))
    marks = ", ".join("?" * len(ids))
    rows = database.execute(f"select {_COLUMNS} from articles where id in ({marks}) and {condition}", [*ids, *values]).fetchall()
    found = {row[0]: _card(row) for row in rows}
    return tuple(found[id] for id in ids if id in found)


def list_cards(database: Database, scope: Scope, *, category: str | None = None, newest_first: bool = False, limit: int = -1) -> tuple[ArticleCard, ...]:
    """Cards in scope by title, or by date of update; category pages (`index.md`) are left out."""
    condition, values = _visible(scope)
    if category is not None:
        condition, values = f"{condition} and category = ?", [*values, category]
    order = "updated desc, title" if newest_first else "title collate nocase"
    rows = database.execute(
        f"select {_COLUMNS} from articles where {condition} and not {_IS_INDEX} order by {order} limit ?", [*values, limit]
    ).fetchall()
    return tuple(_card(row) for row in rows)


def list_categories(database: Database, scope: Scope) -> tuple[Category, ...]:
    """Categories in scope that have articles, largest first."""
    condition, values = _visible(scope)
    counts = database.execute(
        f"select category, count(*) from articles where {condition} and category != '' and not {_IS_INDEX} group by category", values
    ).fetchall()
    named = {
        category: (title, summary)
        for category, title, summary in database.execute(
            f"select category, title, summary from articles where {condition} and {_IS_INDEX} order by length(id) desc", values
        ).fetchall()
    }
    found = [Category(name, *named.get(name, (_readable(name), "")), count) for name, count in counts]
    return tuple(sorted(found, key=lambda category: (-category.count, category.name)))


def list_tags(database: Database, scope: Scope) -> tuple[tuple[str, int], ...]:
    """(tag, articles in scope), most used first."""
    condition, values = _visible(scope)
    rows = database.execute(
        f"select value, count(*) as uses from articles, json_each(articles.tags) where {condition} group by value order by uses desc, value",
        values,
    ).fetchall()
    return tuple((tag, uses) for tag, uses in rows)


_IS_INDEX = "(articles.id = 'index' or articles.id like '%/index')"


def _visible(scope: Scope) -> tuple[str, list[str]]:
    condition, values = scope_condition(scope, "articles")
    if scope.tag is not None:
        condition += " and exists (select 1 from json_each(articles.tags) t where t.value = ?)"
        values.append(scope.tag)
    return condition, values


def _card(row: Sequence) -> ArticleCard:
    id, title, lang, summary, category, updated, tags = row
    return ArticleCard(id, title, lang, summary, category, date.fromisoformat(updated) if updated else None, tuple(json.loads(tags)))


def _readable(folder: str) -> str:
    return folder.replace("-", " ").replace("_", " ").capitalize()
