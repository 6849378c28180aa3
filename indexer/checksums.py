"""A checksum of every article and passage in the index, so that a bit that has flipped in the file is refused and never shown.

CRC-32 (ISO 3309), as it finds every single flipped bit and every burst of up to 32. Every function takes a database inside a transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from zlib import crc32

from sqlite_utils import Database

from kb.errors import IndexDamaged

_ARTICLE = (
    "id", "title", "lang", "summary", "tags", "product", "visibility", "status", "groups", "owner", "review_by", "aliases", "redirect_from",
    "updated", "category", "extra", "source", "html", "toc",
)  # fmt: skip
_PASSAGE = ("article", "visibility", "status", "lang", "product", "groups", "headings", "anchor", "units")
_TERMS = ("title", "headings", "body", "aliases")
BASE, VECTORS = "crc32_base", "crc32_vectors"
"""Facts of the index: checksums of what belongs to no single article, and of all vectors in their order."""


@dataclass(frozen=True)
class Damage:
    """What the index holds otherwise than it was written: articles by id, and whether something that belongs to no article is hurt."""

    articles: tuple[str, ...]
    base: bool

    def __bool__(self) -> bool:
        return bool(self.articles) or self.base


def seal_articles(database: Database, articles: Iterable[str]) -> None:
    """Note the checksums of these articles, which were just written, and of what belongs to no single one."""
    wanted = list(articles)
    own = database.execute("select id from passages where article in (select value from json_each(?))", [json.dumps(wanted)]).fetchall()
    _note(database, _article_sums(database, wanted), _passage_sums(database, [passage for (passage,) in own]))


def seal_all(database: Database) -> None:
    """Note the checksums of everything, taking what is there for right. Does nothing before the first index."""
    if _noted(database, "generation") is None:
        return
    _note(database, _article_sums(database, None), _passage_sums(database, None))


def seal_base(database: Database) -> None:
    """Note the checksums of what belongs to no single article: links, synonyms, background, whose which image and vector is."""
    sums = [(BASE, str(_base_sum(database))), (VECTORS, str(_vectors_sum(database)))]
    database.conn.executemany("insert into index_state (name, value) values (?, ?) on conflict (name) do update set value = excluded.value", sums)


def verify_article(database: Database, article: str) -> None:
    """Raise IndexDamaged when the article is not as it was written. One that was never sealed passes."""
    noted = dict(database.execute("select article, crc32 from article_checksums where article = ?", [article]).fetchall())
    if noted and _article_sums(database, [article]) != noted:
        raise _damaged(article)


def verify_passages(database: Database, passages: Sequence[int]) -> None:
    """The same for passages: their text, their words and their vectors."""
    wanted = json.dumps(list(passages))
    noted = dict(database.execute("select passage, crc32 from passage_checksums where passage in (select value from json_each(?))", [wanted]).fetchall())
    found = _passage_sums(database, list(noted))
    for passage, crc in noted.items():
        if found.get(passage) != crc:
            (article,) = database.execute("select article from passages where id = ?", [passage]).fetchone() or ("an article",)
            raise _damaged(article)


def verify_base(database: Database) -> None:
    """The same for what belongs to no single article."""
    if _noted(database, BASE) not in (None, str(_base_sum(database))):
        raise _damaged("all articles")


def verify_vectors(database: Database, joined: bytes) -> None:
    """The same for all vectors in their order, as bytes."""
    if _noted(database, VECTORS) not in (None, str(crc32(joined))):
        raise _damaged("all articles")


def find_damaged(database: Database) -> Damage:
    """Everything that is not as it was written. Reads the whole index."""
    noted = dict(database.execute("select passage, crc32 from passage_checksums").fetchall())
    found = _passage_sums(database, None)
    hurt = [passage for passage in noted | found if noted and noted.get(passage) != found.get(passage)]
    owners = database.execute("select distinct article from passages where id in (select value from json_each(?))", [json.dumps(hurt)]).fetchall()
    noted = dict(database.execute("select article, crc32 from article_checksums").fetchall())
    found = _article_sums(database, None)
    ids = {article for article in noted | found if noted and noted.get(article) != found.get(article)}
    base = _noted(database, BASE) not in (None, str(_base_sum(database))) or _noted(database, VECTORS) not in (None, str(_vectors_sum(database)))
    return Damage(tuple(sorted(ids | {article for (article,) in owners})), base)


@contextmanager
def named_damage(database: Database) -> Iterator[None]:
    """Values that cannot be read become IndexDamaged when it is the index that is damaged."""
    try:
        yield
    except (ValueError, LookupError, TypeError) as fault:
        if damage := find_damaged(database):
            raise _damaged(", ".join(damage.articles[:3]) or "all articles") from fault
        raise


def _damaged(what: str) -> IndexDamaged:
    return IndexDamaged(f"the index of {what} is damaged, so it is not shown; `kb doctor --repair` makes it anew from the articles")


def _note(database: Database, articles: dict[str, int], passages: dict[int, int]) -> None:
    for table, key, sums in (("article_checksums", "article", articles), ("passage_checksums", "passage", passages)):
        database.conn.executemany(f"insert or replace into {table} ({key}, crc32) values (?, ?)", list(sums.items()))
    seal_base(database)


def _noted(database: Database, name: str) -> str | None:
    row = database.execute("select value from index_state where name = ?", [name]).fetchone()
    return row[0] if row else None


def _article_sums(database: Database, articles: Sequence[str] | None) -> dict[str, int]:
    condition, values = _among("a.id", articles)
    rows = database.execute(f"select cast(a.id as blob), {_blobs('a', _ARTICLE)} from articles a where {condition}", values).fetchall()
    sums = {row[0]: _sum(row[1:]) for row in rows}
    own = database.execute(
        "select cast(a.id as blob), cast(v.kind as blob), cast(e.key as blob), e.vector from articles a join vectors v on v.article = a.id and v.passage is null"
        f" join embeddings e on e.id = v.embedding where {condition} order by v.id",
        values,
    )
    for article, *row in own.fetchall():
        sums[article] = _sum(row, sums[article])
    return {article.decode("utf-8", "replace"): crc for article, crc in sums.items()}


def _passage_sums(database: Database, passages: Sequence[int] | None) -> dict[int, int]:
    condition, values = _among("p.id", passages)
    rows = database.execute(f"select p.id, p.position, p.lead_tokens, {_blobs('p', _PASSAGE)} from passages p where {condition}", values).fetchall()
    sums = {passage: _sum(row) for passage, *row in rows}
    condition, values = _among("t.passage", passages)
    words = database.execute(f"select t.passage, {_blobs('t', _TERMS)} from passage_terms t where {condition}", values).fetchall()
    condition, values = _among("v.passage", passages)
    vectors = database.execute(
        "select v.passage, cast(v.kind as blob), cast(e.key as blob), e.vector, e.tokens, e.late_zh, e.late_en from vectors v join embeddings e on e.id = v.embedding"
        f" where v.passage is not null and {condition} order by v.id",
        values,
    )
    for passage, *row in (*words, *vectors.fetchall()):
        sums[passage] = _sum(row, sums.get(passage, 0))
    return sums


def _base_sum(database: Database) -> int:
    crc = 0
    for select in (
        "select cast(lang as blob), mean, token_mean from background order by lang", "select id, cast(phrases as blob) from synonyms order by id",
        "select cast(id as blob), cast(translations as blob) from articles order by id",
        "select cast(old as blob), cast(article as blob) from redirects order by old",
        "select id, cast(article as blob), passage, cast(kind as blob), embedding from vectors order by id",
        "select cast(path as blob), cast(article as blob) from article_images order by path, article",
    ):  # fmt: skip
        for row in database.execute(select).fetchall():
            crc = _sum(row, crc)
    return crc


def _vectors_sum(database: Database) -> int:
    crc = 0
    for (vector,) in database.execute("select e.vector from vectors v join embeddings e on e.id = v.embedding order by v.id"):
        crc = crc32(vector, crc)
    return crc


def _sum(row: Sequence, crc: int = 0) -> int:
    for value in row:
        crc = crc32(value if isinstance(value, bytes) else repr(value).encode(), crc)
        crc = crc32(b"\x1f", crc)
    return crc


def _blobs(table: str, columns: Sequence[str]) -> str:
    """As bytes: text in which a bit has flipped may be no text any more."""
    return ", ".join(f"cast({table}.{column} as blob)" for column in columns)


def _among(column: str, wanted: Sequence | None) -> tuple[str, list[str]]:
    return ("1", []) if wanted is None else (f"{column} in (select value from json_each(?))", [json.dumps(wanted)])
