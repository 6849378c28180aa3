"""Rows of the index in SQLite: articles, passages, embeddings, terms. Every function takes a database inside a transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlite_utils import Database

import indexer.checksum_schema  # noqa: F401  with indexer.schema below it: registers the migrations of these tables
from indexer.background import Background
from indexer.passages import Passage
from indexer.visibility import find_image_paths
from kb.articles import Article
from kb.errors import IndexDamaged
from kb.readers import PUBLIC, VISIBILITIES
from kb.rendering import Rendered
from kb.synonyms import Synonyms


@dataclass(frozen=True)
class PreparedPassage:
    """A passage with the segmented text of its fields and the keys of the texts embedded for it."""

    passage: Passage
    terms: tuple[str, str, str, str]
    """title, headings, body, aliases"""
    keys: tuple[str, ...]
    lead_tokens: int
    """Length of the title and headings that were embedded in front of the passage."""


@dataclass(frozen=True)
class PreparedArticle:
    """Everything the index stores about one article; `keys` name its own vectors as (kind, embedding key)."""

    article: Article
    rendered: Rendered
    passages: tuple[PreparedPassage, ...]
    keys: tuple[tuple[str, str], ...]


def read_state(database: Database) -> dict[str, str]:
    """Named facts about the index: generation, model, layout. Raises IndexDamaged when the generation is no number."""
    state = dict(database.execute("select name, value from index_state").fetchall())
    if not state.get("generation", "0").isdecimal():
        raise IndexDamaged("the facts of the index are damaged; `kb doctor --repair` makes it anew from the articles")
    return state


def write_state(database: Database, **values: object) -> None:
    database["index_state"].upsert_all([{"name": name, "value": str(value)} for name, value in values.items()], pk="name")


def content_hashes(database: Database) -> dict[str, str]:
    """Article id -> content hash of what is indexed."""
    return dict(database.execute("select id, content_hash from articles").fetchall())


def known_keys(database: Database, keys: Iterable[str]) -> set[str]:
    """Those of the keys whose texts are embedded already."""
    wanted = json.dumps(list(keys))
    return {key for (key,) in database.execute("select key from embeddings where key in (select value from json_each(?))", [wanted])}


def insert_embeddings(database: Database, rows: Iterable[tuple[str, np.ndarray, bytes, Mapping[str, float]]]) -> None:
    """(key, unit vector float32 (dimension,), packed tokens, late background by language): kept from the moment they are made, so an
    interrupted run resumes."""
    database.conn.executemany(
        "insert into embeddings (key, vector, tokens, late_zh, late_en) values (?, ?, ?, ?, ?) on conflict (key) do update"
        " set vector = excluded.vector, tokens = excluded.tokens, late_zh = excluded.late_zh, late_en = excluded.late_en",
        [(key, vector.astype("<f2").tobytes(), tokens, late["zh"], late["en"]) for key, vector, tokens, late in rows],
    )


def write_background(database: Database, background: Background) -> None:
    rows = [
        {"lang": lang, "mean": mean.astype("<f4").tobytes(), "token_mean": background.token_means[lang].astype("<f4").tobytes()}
        for lang, mean in background.means.items()
    ]
    database["background"].upsert_all(rows, pk="lang")


def read_background(database: Database) -> dict[str, np.ndarray]:
    """Mean question vectors, float32 (dimension,), by language."""
    return {lang: np.frombuffer(mean, "<f4") for lang, mean in database.execute("select lang, mean from background").fetchall()}


def read_token_background(database: Database) -> dict[str, np.ndarray]:
    """Mean of the questions' token means, float32 (dimension,), by language; empty before `indexing.complete_background`."""
    rows = database.execute("select lang, token_mean from background where token_mean is not null").fetchall()
    return {lang: np.frombuffer(mean, "<f4") for lang, mean in rows}


def delete_articles(database: Database, ids: Iterable[str]) -> None:
    for article in ids:
        rows = [(rowid,) for (rowid,) in database.execute("select id from passages where article = ?", [article]).fetchall()]
        for table in ("terms", "inner_terms"):
            database.conn.executemany(f"delete from {table} where rowid = ?", rows)
        database.execute("delete from articles where id = ?", [article])


def insert_article(database: Database, prepared: PreparedArticle) -> None:
    """Insert an article that is not there; `delete_articles` first when it is."""
    article = prepared.article
    database["articles"].insert(_article_row(article, prepared.rendered))
    # Copied onto each passage: the terms arm filters on them for every row it matches.
    scoped = (article.visibility, article.status, article.lang, article.product, _json(article.groups))
    terms = "terms" if PUBLIC.may_see(article.visibility, article.status) else "inner_terms"
    for each in prepared.passages:
        units = [[unit.kind, unit.text, unit.html, unit.group, unit.tokens] for unit in each.passage.units]
        (passage,) = database.execute(
            "insert into passages (article, position, visibility, status, lang, product, groups, headings, anchor, lead_tokens, units)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id",
            [prepared.article.id, each.passage.position, *scoped, _json(each.passage.headings), each.passage.anchor, each.lead_tokens, _json(units)],
        ).fetchone()
        database.execute(f"insert into {terms} (rowid, title, headings, body, aliases) values (?, ?, ?, ?, ?)", [passage, *each.terms])
        _insert_vectors(database, prepared.article.id, passage, [("passage", key) for key in each.keys])
    _insert_vectors(database, prepared.article.id, None, prepared.keys)
    database.conn.executemany(
        "insert into article_images values (?, ?)", [(path, article.id) for path in find_image_paths(prepared.rendered.html)]
    )


def write_links(database: Database, translations: Mapping[str, Sequence[str]], articles: Iterable[Article]) -> None:
    """Links between articles, all of them anew: one changed file can change another's."""
    database.execute("update articles set translations = '[]' where translations != '[]'")
    database.conn.executemany("update articles set translations = ? where id = ?", [(_json(others), id) for id, others in translations.items()])
    database.execute("delete from redirects")
    known = content_hashes(database)
    # Of two articles that name one address it leads to the one for most readers: the other must not be in its way.
    moved = sorted((article for article in articles if article.id in known), key=lambda one: (one.status != "published", VISIBILITIES.index(one.visibility)))
    rows = [(old.strip("/").removesuffix(".md"), article.id) for article in moved for old in article.redirect_from]
    database.conn.executemany("insert or ignore into redirects (old, article) values (?, ?)", rows)


def read_synonyms(database: Database) -> Synonyms:
    """The synonyms that were indexed last."""
    return Synonyms(tuple(tuple(json.loads(phrases)) for (phrases,) in database.execute("select phrases from synonyms order by id").fetchall()))


def write_synonyms(database: Database, synonyms: Synonyms) -> None:
    database.execute("delete from synonyms")
    database.conn.executemany("insert into synonyms (phrases) values (?)", [(_json(group),) for group in synonyms.groups])


def drop_unused_embeddings(database: Database) -> None:
    database.execute("delete from embeddings where id not in (select embedding from vectors)")


def _insert_vectors(database: Database, article: str, passage: int | None, kinds: Iterable[tuple[str, str]]) -> None:
    database.conn.executemany(
        "insert into vectors (article, passage, kind, embedding) select ?, ?, ?, id from embeddings where key = ?",
        [(article, passage, kind, key) for kind, key in kinds],
    )


def _article_row(article: Article, rendered: Rendered) -> dict[str, object]:
    return {
        "id": article.id, "title": article.title, "lang": article.lang, "summary": article.summary, "tags": _json(article.tags),
        "product": article.product, "visibility": article.visibility, "status": article.status, "owner": article.owner,
        "groups": _json(article.groups), "review_by": _date(article.review_by), "aliases": _json(article.aliases), "translations": "[]",
        "redirect_from": _json(article.redirect_from), "updated": _date(article.updated), "category": article.category,
        "extra": _json(article.extra), "source": article.body, "html": rendered.html,
        "toc": _json([[entry.level, entry.anchor, entry.text] for entry in rendered.toc]), "content_hash": article.content_hash,
    }  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(dict(value) if isinstance(value, Mapping) else value, ensure_ascii=False, default=str)


def _date(value: object) -> str:
    return value.isoformat() if value else ""
