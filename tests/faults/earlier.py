"""Databases as earlier versions of kb left them: their schema changes in the order in which they came into being."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

import portal.knowledge  # noqa: F401  every table is known to it
from kb.database import MIGRATIONS

# As they came, floor by floor mixed; the order of registration is another one. What came later follows by itself.
_CAME = (
    "feedback_0001_searches_opens_votes", "indexer_0001_articles_passages_vectors", "feedback_0002_evidence", "kb_0001_accounts",
    "feedback_0003_questions_gaps", "feedback_0004_words", "indexer_0002_token_means", "feedback_0005_proofs", "kb_0002_workspace",
    "indexer_0003_synonyms", "feedback_0006_days", "feedback_0007_health", "feedback_0008_ratings",
)  # fmt: skip


def history() -> list[str]:
    """The names of all schema changes, the oldest first."""
    known = [registered.name for registered in MIGRATIONS._migrations]
    return [*_CAME, *(name for name in known if name not in _CAME)]


def build_earlier(path: Path, names: list[str]) -> None:
    """A new database that has these changes, in this order, and no others."""
    registered = {one.name: one for one in MIGRATIONS._migrations}
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        database = Database(connection, execute_plugins=False)
        MIGRATIONS.ensure_migrations_table(database)
        for name in names:
            with database.atomic():
                registered[name].fn(database)
                MIGRATIONS._record_applied(database, name)


def schema_modules() -> list[str]:
    """The modules that register them, in that order."""
    return list(dict.fromkeys(one.fn.__module__ for one in MIGRATIONS._migrations))
