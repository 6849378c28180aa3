"""What is wrong with a database file: which tables are damaged, which indexes are out of step, which rows have lost what they belong to."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from sqlite_utils import Database

from kb.database import read, write
from kb.errors import DatabaseError

_MOST = 5
"""So many messages of each table: they say where the damage is, not all of it."""
_OUT_OF_STEP = re.compile(r"missing from index|wrong # of entries in index|non-unique entry in index")
_SHADOW = re.compile(r"_(data|idx|content|docsize|config)$")


def find_damage(path: Path) -> tuple[str, ...]:
    """What SQLite finds wrong with the file, table by table: 'table searches: …'; empty when it is sound. Never raises for damage."""
    try:
        with read(path) as database:
            # Of the whole file first: it also finds pages that belong to two tables, or to none.
            whole = _check(database, "")
            found = [f"table {_named(table)}: {fault}" for table in _tables(database) for fault in _check(database, table)] if whole else []
            return tuple(found or whole)
    except (DatabaseError, sqlite3.Error) as fault:
        return (str(fault.__cause__ or fault),)


def find_orphans(path: Path) -> tuple[tuple[str, str], ...]:
    """(table, what is wrong) for rows whose owner is not there, at most a few of each table. Raises DatabaseError."""
    found: dict[str, list[str]] = {}
    with read(path) as database:
        for table, row, owner, _ in database.execute("pragma foreign_key_check").fetchall():
            found.setdefault(table, []).append(f"row {row} of table {table} belongs to a row of {owner} that is not there")
    return tuple((table, fault) for table, faults in found.items() for fault in faults[:_MOST])


def only_indexes(damage: tuple[str, ...]) -> bool:
    """Whether nothing but indexes is out of step with their tables: those `rebuild_indexes` makes anew."""
    return bool(damage) and all(_OUT_OF_STEP.search(fault) for fault in damage)


def rebuild_indexes(path: Path) -> None:
    """Make every index anew from its table. Raises DatabaseError when a table cannot be read."""
    with write(path) as database:
        database.execute("reindex")


def _check(database: Database, table: str) -> list[str]:
    try:
        quoted = '"' + table.replace('"', '""') + '"'
        rows = database.execute(f"pragma integrity_check({quoted if table else _MOST})").fetchall()
    except sqlite3.DatabaseError as fault:
        return [str(fault)]
    return [" ".join(row[0].split()) for row in rows if row[0] != "ok"][:_MOST]


def _tables(database: Database) -> list[str]:
    return [name for (name,) in database.execute("select name from sqlite_schema where type = 'table' and sql not like 'create virtual%' order by name")]


def _named(table: str) -> str:
    """A table of SQLite's own, such as terms_data, under the name of the one that it serves."""
    return _SHADOW.sub("", table)
