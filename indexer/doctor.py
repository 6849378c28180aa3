"""Look for what is wrong with articles, database, index and model, and say what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from indexer import store
from indexer.embedder import Embedder
from indexer.indexing import synonyms_are_indexed
from indexer.vector_file import is_sound, read_manifest
from kb.articles import load_articles
from kb.database import migrate, read
from kb.errors import KnowledgeBaseError
from kb.settings import Settings
from kb.synonyms_file import SYNONYMS_FILE, read_synonyms


@dataclass(frozen=True)
class Finding:
    """`level` is 'ok', 'warning' (works, but somebody should look) or 'fault' (something does not work)."""

    level: str
    subject: str
    message: str


def examine(settings: Settings, embedder: Embedder, *, today: date) -> tuple[Finding, ...]:
    """Every check, in the order in which a person would mend things. Changes nothing but pending migrations."""
    checks = (lambda: _articles(settings, today), lambda: _database(settings), lambda: _model(embedder), lambda: _index(settings, embedder))
    findings: list[Finding] = []
    for subject, check in zip(("articles", "database", "model", "index"), checks, strict=True):
        try:
            found = list(check())
        except KnowledgeBaseError as fault:
            found = [Finding("fault", subject, str(fault))]
        findings += found
    return tuple(findings)


def _articles(settings: Settings, today: date) -> Iterator[Finding]:
    loaded = load_articles(settings.articles)
    for problem in (*loaded.problems, *read_synonyms(settings.articles).problems):
        yield Finding("fault", "articles", str(problem))
    for article in loaded.articles:
        if article.review_by and article.review_by < today and article.status == "published":
            who = f" (owner: {article.owner})" if article.owner else ""
            yield Finding("warning", "articles", f"{article.id}: review was due on {article.review_by}{who}; read it and move review_by")
    yield Finding("ok", "articles", f"{len(loaded.articles)} readable in {settings.articles}")


def _database(settings: Settings) -> Iterator[Finding]:
    path = settings.database
    if not path.is_file():
        yield Finding("fault", "database", f"no database at {path}; run `kb index`")
        return
    migrate(path)
    with read(path) as database:
        faults = [row[0] for row in database.execute("pragma integrity_check(5)").fetchall()]
        broken = database.execute("pragma foreign_key_check").fetchone()
    if faults != ["ok"] or broken:
        yield Finding("fault", "database", f"{path} is damaged ({faults[0]}); restore a backup, or move it away and run `kb index`")
    else:
        yield Finding("ok", "database", f"{path}, {path.stat().st_size / 1e6:.1f} MB, sound")


def _model(embedder: Embedder) -> Iterator[Finding]:
    embedder.load()
    yield Finding("ok", "model", f"{embedder.name}, {embedder.dimension} dimensions, {embedder.max_tokens} tokens")


def _index(settings: Settings, embedder: Embedder) -> Iterator[Finding]:
    if not settings.database.is_file():
        yield Finding("fault", "index", f"nothing is indexed in {settings.data}; run `kb index`")
        return
    with read(settings.database) as database:
        state, indexed = store.read_state(database), store.content_hashes(database)
    if "generation" not in state:
        yield Finding("fault", "index", f"nothing is indexed in {settings.data}; run `kb index`")
        return
    if state["model"] != embedder.name:
        yield Finding("fault", "index", f"index was built with {state['model']}, settings say {embedder.name}; run `kb index`")
    generation = int(state["generation"])
    if not is_sound(settings, read_manifest(settings), state):
        yield Finding("warning", "index", "the vector file is missing, damaged or older than the database; searches rebuild it in memory, `kb index` on disk")
    files = {article.id: article.content_hash for article in load_articles(settings.articles).articles}
    behind = sum(indexed.get(id) != content_hash for id, content_hash in files.items())
    if not synonyms_are_indexed(settings):
        yield Finding("warning", "index", f"{SYNONYMS_FILE} changed since it was indexed; run `kb index`")
    if behind:
        yield Finding("warning", "index", f"{behind} articles changed since they were indexed; run `kb index`")
    if gone := len([id for id in indexed if id not in files and not _has_file(settings.articles, id)]):
        yield Finding("warning", "index", f"{gone} indexed articles have no file any more; run `kb index`")
    yield Finding("ok", "index", f"generation {generation}, {len(indexed)} articles")


def _has_file(folder: Path, article: str) -> bool:
    return any((folder / f"{article}{suffix}").exists() for suffix in (".md", ".markdown"))
