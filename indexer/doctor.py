"""Look for what is wrong with articles, database, model and index, and say what to do about it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from indexer.embedder import Embedder
from indexer.index_checks import DERIVED_TABLES, examine_index
from indexer.model import bundled_folder, is_as_prepared
from kb.articles import load_articles
from kb.database import migrate, pending_migrations
from kb.database_checks import find_damage, find_orphans, only_indexes
from kb.diagnosis import Finding, run_check
from kb.git_runs import has_git, run_git
from kb.settings import Settings
from kb.synonyms_file import read_synonyms

__all__ = ["Finding", "examine"]

_STALE_SECONDS = 600


def examine(settings: Settings, embedder: Embedder, *, today: date) -> tuple[Finding, ...]:
    """Every check, in the order in which a person would mend things. Changes nothing but pending migrations."""
    found = [*run_check("articles", lambda: _articles(settings, today)), *run_check("database", lambda: _database(settings))]
    damaged = any(finding.level == "fault" and finding.subject == "database" for finding in found)
    found += run_check("model", lambda: _model(settings, embedder))
    if not damaged:
        found += run_check("index", lambda: examine_index(settings, embedder))
    return tuple(found)


def _articles(settings: Settings, today: date) -> Iterator[Finding]:
    loaded = load_articles(settings.articles)
    for problem in (*loaded.problems, *read_synonyms(settings.articles).problems):
        yield Finding("fault", "articles", str(problem))
    for article in loaded.articles:
        if article.review_by and article.review_by < today and article.status == "published":
            who = f" (owner: {article.owner})" if article.owner else ""
            yield Finding("warning", "articles", f"{article.id}: review was due on {article.review_by}{who}; read it and move review_by")
    if lock := _stale_git_lock(settings.articles):
        yield Finding("warning", "articles", f"a git that was killed has left {lock}, so that saved articles are not in the history; remove it when no git is running")
    yield Finding("ok", "articles", f"{len(loaded.articles)} readable in {settings.articles}")


def _stale_git_lock(folder: Path) -> Path | None:
    if not has_git():
        return None
    asked = run_git(folder, ["rev-parse", "--git-path", "index.lock"])
    lock = folder / asked.stdout.decode("utf-8", "replace").strip()
    try:
        return lock if asked.returncode == 0 and time.time() - lock.stat().st_mtime > _STALE_SECONDS else None
    except OSError:
        return None  # There is none.


def _database(settings: Settings) -> Iterator[Finding]:
    path = settings.database
    if not path.is_file():
        yield Finding("fault", "database", f"no database at {path}; run `kb index`, or `kb restore` if there was one")
        return
    damage = find_damage(path)
    if only_indexes(damage):
        yield Finding("fault", "database", f"{path} is damaged: {damage[0]}; indexes can be made anew from their tables", mend="indexes")
        return
    for fault in damage:
        yield Finding("fault", "database", f"{path} is damaged: {fault}; restore a backup with `kb restore`, or move it away and run `kb index`")
    if damage:
        return
    if earlier := pending_migrations(path):
        migrate(path)
        yield Finding("ok", "database", f"it was of an earlier kb and has been brought up to date: {', '.join(earlier)}")
    if orphans := find_orphans(path):
        derived = all(table in DERIVED_TABLES for table, _ in orphans)
        remedy = "it can be made anew from the articles" if derived else "restore a backup with `kb restore`"
        yield Finding("fault", "database", f"{path} is damaged: {orphans[0][1]}; {remedy}", mend="rows" if derived else "")
        return
    yield Finding("ok", "database", f"{path}, {path.stat().st_size / 1e6:.1f} MB, sound")


def _model(settings: Settings, embedder: Embedder) -> Iterator[Finding]:
    if not settings.model:
        folder = bundled_folder(settings)
        if not folder.is_dir():
            yield Finding("warning", "model", f"the bundled model is not prepared in {folder}; the next command that needs it does so", mend="model")
            return
        if not is_as_prepared(folder):
            yield Finding("fault", "model", f"the bundled model in {folder} is damaged or not whole; it can be prepared anew", mend="model")
            return
    embedder.load()
    yield Finding("ok", "model", f"{embedder.name}, {embedder.dimension} dimensions, {embedder.max_tokens} tokens")
