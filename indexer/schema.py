"""The tables of the index. SQLite is the truth for passages and vectors; the FAISS file is made from `embeddings`."""

from __future__ import annotations

from sqlite_utils import Database

from indexer.visibility import IS_PUBLIC, find_image_paths
from kb.database import migration


@migration("indexer_0001_articles_passages_vectors")
def _create(database: Database) -> None:
    database["articles"].create(
        {
            "id": str, "title": str, "lang": str, "summary": str, "tags": str, "product": str, "visibility": str, "status": str,
            "owner": str, "review_by": str, "aliases": str, "translations": str, "redirect_from": str, "updated": str, "category": str,
            "extra": str, "source": str, "html": str, "toc": str, "content_hash": str,
        },
        pk="id",
    )  # fmt: skip
    # A text is embedded once per model: `key` is the hash of both, so a moved or repeated text costs nothing.
    # late_zh, late_en: how near its tokens are to questions at large, by their language.
    database["embeddings"].create(
        {"id": int, "key": str, "vector": bytes, "tokens": bytes, "late_zh": float, "late_en": float}, pk="id", not_null={"key", "vector"}
    )
    database["background"].create({"lang": str, "mean": bytes}, pk="lang")
    database["embeddings"].create_index(["key"], unique=True)
    # AUTOINCREMENT: an id is never used again, so an older index in memory can miss a passage but never mistake it.
    database.execute(
        "create table passages (id integer primary key autoincrement, article text not null references articles(id) on delete cascade,"
        " position integer not null, visibility text not null, status text not null, lang text not null, product text not null,"
        " headings text not null, anchor text not null, lead_tokens integer not null, units text not null, unique (article, position))"
    )
    database.execute(
        "create table vectors (id integer primary key autoincrement, article text not null references articles(id) on delete cascade,"
        " passage integer references passages(id) on delete cascade, kind text not null, embedding integer not null references embeddings(id))"
    )
    database.execute("create index vectors_article on vectors(article)")
    database.execute("create index vectors_passage on vectors(passage)")
    database.execute("create index vectors_embedding on vectors(embedding)")
    # Already segmented by kb.text: unicode61 has only spaces left to cut at. rowid is the passage's id.
    database.execute("create virtual table terms using fts5(title, headings, body, aliases, tokenize = 'unicode61 remove_diacritics 0')")
    database.execute("create virtual table terms_vocabulary using fts5vocab(terms, row)")
    database.execute("create table redirects (old text primary key, article text not null references articles(id) on delete cascade)")
    database.execute("create table index_state (name text primary key, value text not null)")


@migration("indexer_0002_token_means")
def _add_token_means(database: Database) -> None:
    # What questions at large have in common once more, for comparing them with each other: see feedback/query_vectors.py.
    database.execute("alter table background add column token_mean blob")


@migration("indexer_0003_synonyms")
def _create_synonyms(database: Database) -> None:
    # phrases: JSON, as people wrote them; in the order of the file.
    database.execute("create table synonyms (id integer primary key, phrases text not null)")


@migration("indexer_0004_rights")
def _add_groups(database: Database) -> None:
    for table in ("articles", "passages"):
        database.execute(f"alter table {table} add column groups text not null default '[]'")
    # Words of what is not for everybody lie apart: how rare a word is, and so every score, is the same for the public whatever is kept from it.
    database.execute("create virtual table inner_terms using fts5(title, headings, body, aliases, tokenize = 'unicode61 remove_diacritics 0')")
    moved = f"select id from passages where not ({IS_PUBLIC})"
    database.execute(
        "insert into inner_terms (rowid, title, headings, body, aliases) select rowid, title, headings, body, aliases from terms"
        f" where rowid in ({moved})"
    )
    database.execute(f"delete from terms where rowid in ({moved})")
    database.execute(
        "create view passage_terms as select rowid as passage, title, headings, body, aliases from terms"
        " union all select rowid, title, headings, body, aliases from inner_terms"
    )


@migration("indexer_0005_images")
def _add_images(database: Database) -> None:
    # An image is for whoever may read an article that shows it.
    database.execute(
        "create table article_images (path text not null, article text not null references articles(id) on delete cascade, primary key (path, article)) without rowid"
    )
    for article, html in database.execute("select id, html from articles").fetchall():
        database.conn.executemany("insert or ignore into article_images values (?, ?)", [(path, article) for path in find_image_paths(html)])
