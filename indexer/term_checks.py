"""Whether the words that searches match are those of the passages: FTS5 keeps them in tables that nothing else looks at."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from kb.database import read, write
from kb.errors import DatabaseError

TABLES = ("terms", "inner_terms")


def find_term_faults(path: Path) -> tuple[str, ...]:
    """What is wrong, in words; empty when nothing is. Raises DatabaseError when the database cannot be written: FTS5 checks itself by a statement that does."""
    with write(path) as database:
        faults = [f"{table} is damaged" for table in TABLES if not _is_whole(database, table)]
    try:
        with read(path) as database:
            if missing := unmatched_articles(database):
                faults.append(f"words of {len(missing)} articles are missing or left over")
    except DatabaseError:
        faults = faults or ["words cannot be read"]
    return tuple(faults)


def rebuild_terms(database: Database) -> None:
    """Make both tables anew from the words that are stored with them."""
    for table in TABLES:
        database.execute(f"insert into {table} ({table}) values ('rebuild')")


def unmatched_articles(database: Database) -> list[str]:
    """Ids of articles with a passage that has no words; '' stands for words of a passage that is not there."""
    rows = database.execute(
        "select distinct article from passages where id not in (select passage from passage_terms)"
        " union select '' where exists (select 1 from passage_terms where passage not in (select id from passages))"
    ).fetchall()
    return [article for (article,) in rows]


def drop_leftovers(database: Database) -> None:
    """Remove words of passages that are not there."""
    for table in TABLES:
        database.execute(f"delete from {table} where rowid not in (select id from passages)")


def _is_whole(database: Database, table: str) -> bool:
    try:
        database.execute(f"insert into {table} ({table}) values ('integrity-check')")
    except sqlite3.DatabaseError as fault:
        if isinstance(fault, sqlite3.OperationalError):
            raise
        return False
    return True
