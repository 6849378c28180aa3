"""The indexed articles as articles again: what a text that is not saved yet is linted beside, without reading every file for it."""

from __future__ import annotations

import json
from datetime import date

from sqlite_utils import Database

from kb.articles import Article

_COLUMNS = "id, title, lang, summary, product, visibility, status, review_by, translations, redirect_from, updated, source, content_hash"


def read_indexed_articles(database: Database) -> list[Article]:
    """Every indexed article, with the fields that rules look at. Their bodies begin on line 1, wherever they begin in the file."""
    rows = database.execute(f"select {_COLUMNS} from articles order by id").fetchall()
    return [
        Article(
            id=id, title=title, lang=lang, summary=summary, product=product, visibility=visibility, status=status, review_by=_date(review_by),
            translation_of=next(iter(json.loads(translations)), ""), redirect_from=tuple(json.loads(redirect_from)), updated=_date(updated),
            body=source, content_hash=content_hash,
        )
        for id, title, lang, summary, product, visibility, status, review_by, translations, redirect_from, updated, source, content_hash in rows
    ]  # fmt: skip


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
