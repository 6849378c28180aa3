"""Make anew what is derived: the model's folder, indexes, words, damaged rows, the vector file. What people wrote is never touched."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator

from sqlite_utils import Database

from indexer import store
from indexer.background import embed_background
from indexer.checksums import find_damaged, seal_base
from indexer.embedder import Embedder
from indexer.embeddings import token_codec
from indexer.index_checks import DERIVED_TABLES, find_leftovers
from indexer.indexing import index_articles, only_indexer
from indexer.model import bundled_folder, prepare_bundled_model
from indexer.term_checks import drop_leftovers, find_term_faults, rebuild_terms, unmatched_articles
from indexer.vector_file import write_vector_file
from kb.database import write
from kb.database_checks import rebuild_indexes
from kb.dictionary import forget
from kb.settings import Settings

_IN = "article in (select value from json_each(?))"


def mend_index(settings: Settings, embedder: Embedder, names: Collection[str]) -> Iterator[str]:
    """Mend what these names stand for, as findings name it; says what was done. Raises KnowledgeBaseError."""
    if "leftovers" in names:
        left = find_leftovers(settings)
        for path in left:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        yield f"removed {len(left)} leftovers of killed runs"
    if "dictionary" in names:
        forget(settings.data / "cache")
        yield "removed the compiled dictionary; the next start makes it anew"
    if "model" in names:
        prepare_bundled_model(bundled_folder(settings))
        yield f"prepared the bundled model in {bundled_folder(settings)}"
    if "indexes" in names:
        rebuild_indexes(settings.database)
        yield "made every index of the database anew from its table"
    if "terms" in names:
        yield from _mend_terms(settings, embedder)
    if "rows" in names:
        yield _mend_rows(settings, embedder)
    if "vectors" in names:
        with only_indexer(settings.data):
            write_vector_file(settings)
        yield "made the vector file anew from the database; nothing was embedded"


def _mend_terms(settings: Settings, embedder: Embedder) -> Iterator[str]:
    with write(settings.database) as database:
        rebuild_terms(database)
        drop_leftovers(database)
        without = unmatched_articles(database)
        _mark(database, without)
    yield "made the words that searches match anew"
    if without:
        index_articles(settings, embedder)
        yield f"indexed {len(without)} articles again whose words were missing"
    if find_term_faults(settings.database):
        yield "words are still out of step; restore a backup with `kb restore`, or move the database away and run `kb index`"


def _mend_rows(settings: Settings, embedder: Embedder) -> str:
    """Index damaged articles anew. Those of their vectors that are damaged are embedded again, all others are kept."""
    with write(settings.database) as database:
        damage = find_damaged(database)
        lost = _drop_orphans(database)
        everything = damage.base or lost or "generation" not in _facts(database)
        hurt = list(damage.articles)
        # A vector may be shared, and its other owners are written anew with it.
        shared = f"embedding in (select embedding from vectors where {_IN})"
        owners = [article for (article,) in database.execute(f"select distinct article from vectors where {shared}", [json.dumps(hurt)]).fetchall()]
        known = store.content_hashes(database)
        _mark(database, [id for id in known if everything or id in owners or id in hurt])
        database.execute(f"update embeddings set key = 'damaged ' || id where id in (select embedding from vectors where {_IN})", [json.dumps(hurt)])
        database.execute("delete from index_state where name = 'generation' and (not value glob '[0-9]*' or value glob '*[^0-9]*')")
        if everything:
            store.write_background(database, embed_background(embedder, token_codec(embedder.name, embedder.dimension)))
            seal_base(database)
    report = index_articles(settings, embedder)
    with write(settings.database) as database:
        # Whose file has a problem kept its rows; a damaged one must not stay, and comes back when the file is mended.
        left = find_damaged(database).articles
        store.delete_articles(database, left)
        if left:
            store.write_state(database, generation=int(store.read_state(database)["generation"]) + 1)
            seal_base(database)
    if left:
        with only_indexer(settings.data):
            write_vector_file(settings)
    withdrawn = f"; withdrew {', '.join(left)} until their files are mended" if left else ""
    return f"indexed {report.changed} articles again, {report.embedded} texts embedded{withdrawn}"


def _mark(database: Database, articles: list[str]) -> None:
    """Have the next run of the indexer read these articles again."""
    database.execute("update articles set content_hash = '' where id in (select value from json_each(?))", [json.dumps(articles)])


def _drop_orphans(database: Database) -> int:
    """Remove rows of the index whose owner is not there; how many."""
    gone = "article not in (select id from articles)"
    conditions = {
        "vectors": f"{gone} or passage not in (select id from passages) or embedding not in (select id from embeddings)",
        "passage_checksums": "passage not in (select id from passages)",
    }
    lost = sum(database.execute(f"delete from {table} where {conditions.get(table, gone)}").rowcount for table in DERIVED_TABLES)
    drop_leftovers(database)
    return lost


def _facts(database: Database) -> dict[str, str]:
    return dict(database.execute("select name, value from index_state").fetchall())


