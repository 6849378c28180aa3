"""Whether the index is whole, is that of this model, and holds what the articles say; what of it can be made anew."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from indexer import store
from indexer.checksums import find_damaged
from indexer.embedder import Embedder
from indexer.indexing import synonyms_are_indexed
from indexer.term_checks import find_term_faults
from indexer.vector_file import find_fault, index_folder, read_manifest
from kb.articles import load_articles
from kb.database import read
from kb.diagnosis import Finding
from kb.dictionary import CACHE_FILE, is_sound
from kb.errors import IndexDamaged
from kb.settings import Settings
from kb.synonyms_file import SYNONYMS_FILE

DERIVED_TABLES = ("article_checksums", "article_images", "passage_checksums", "passages", "redirects", "vectors")
"""Tables of the index whose rows belong to rows of others."""
_OLD_SECONDS = 3600


def examine_index(settings: Settings, embedder: Embedder) -> Iterator[Finding]:
    """Each of these. The database is there and readable."""
    if not settings.database.is_file():
        return
    yield from _caches(settings)
    try:
        with read(settings.database) as database:
            state, indexed, damage = store.read_state(database), store.content_hashes(database), find_damaged(database)
    except IndexDamaged as fault:
        yield Finding("fault", "index", str(fault), mend="rows")
        return
    if "generation" not in state:
        if indexed:
            yield Finding("fault", "index", "the facts of the index are lost; it can be made anew from the articles", mend="rows")
        else:
            yield Finding("fault", "index", f"nothing is indexed in {settings.data}; run `kb index`")
        return
    if damage:
        what = ", ".join(damage.articles[:5]) + (f" and {len(damage.articles) - 5} more" if len(damage.articles) > 5 else "")
        told = f"what is stored of {what or 'links, synonyms or vectors'} is not what was written, and is not shown"
        yield Finding("fault", "index", f"{told}; it can be made anew from the articles", mend="rows")
    yield from _words(settings)
    yield from _model(settings, state, embedder)
    if fault := find_fault(settings, read_manifest(settings), state):
        yield Finding("warning", "index", f"the vector file cannot be used: {fault}; searches make it in memory, from the database", mend="vectors")
    yield from _behind(settings, indexed)
    yield Finding("ok", "index", f"generation {state['generation']}, {len(indexed)} articles")


def _words(settings: Settings) -> Iterator[Finding]:
    # FTS5 checks itself by a statement that writes.
    if os.access(settings.data, os.W_OK) and (faults := find_term_faults(settings.database)):
        yield Finding("fault", "index", f"the words that searches match are out of step: {'; '.join(faults)}; they can be made anew", mend="terms")


def _model(settings: Settings, state: dict[str, str], embedder: Embedder) -> Iterator[Finding]:
    if state.get("model") != embedder.name:
        yield Finding(
            "fault", "index", f"index was built with {state.get('model')}, settings say {embedder.name}; set KB_MODEL back, or run `kb index` to embed all anew"
        )  # fmt: skip
        return
    if not embedder.loaded:
        return
    with read(settings.database) as database:
        row = database.execute("select length(e.vector) / 2 from vectors v join embeddings e on e.id = v.embedding limit 1").fetchone()
    if row and row[0] != embedder.dimension:
        yield Finding(
            "fault", "index",
            f"index was built with {row[0]} dimensions, the model of that name has {embedder.dimension}: its files were changed; put them back, or run `kb index --full`",
        )  # fmt: skip


def _behind(settings: Settings, indexed: dict[str, str]) -> Iterator[Finding]:
    files = {article.id: article.content_hash for article in load_articles(settings.articles).articles}
    if not synonyms_are_indexed(settings):
        yield Finding("warning", "index", f"{SYNONYMS_FILE} changed since it was indexed; run `kb index`")
    if behind := sum(indexed.get(id) != content_hash for id, content_hash in files.items()):
        yield Finding("warning", "index", f"{behind} articles changed since they were indexed; run `kb index`")
    if gone := len([id for id in indexed if id not in files and not _has_file(settings.articles, id)]):
        yield Finding("warning", "index", f"{gone} indexed articles have no file any more; run `kb index`")


def _has_file(folder: Path, article: str) -> bool:
    return any((folder / f"{article}{suffix}").exists() for suffix in (".md", ".markdown"))


def _caches(settings: Settings) -> Iterator[Finding]:
    if left := find_leftovers(settings):
        yield Finding("warning", "index", f"{len(left)} files or folders were left by killed runs, such as {left[0]}; they can go", mend="leftovers")
    if not is_sound(settings.data / "cache"):
        yield Finding(
            "warning", "index", f"the compiled dictionary {settings.data / 'cache' / CACHE_FILE} is not the installed one; it can be made anew", mend="dictionary"
        )  # fmt: skip


def find_leftovers(settings: Settings) -> list[Path]:
    """What runs that were killed have left of derived files, older than an hour: half a model, vectors that no manifest names."""
    manifest, folder = read_manifest(settings), index_folder(settings)
    vectors = sorted(folder.glob("vectors-*.faiss"), key=lambda file: file.stat().st_mtime)
    named = manifest.file if manifest else ""
    # The newest two stay: a searcher may still read the one before.
    found = [*settings.data.glob("models/.preparing-*"), *(file for file in vectors[:-2] if file.name != named), *folder.glob("*.new")]
    found += settings.data.glob("cache/tmp*")
    return [path for path in found if time.time() - path.stat().st_mtime > _OLD_SECONDS]
