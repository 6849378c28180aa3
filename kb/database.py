"""One SQLite file: a connection per operation, WAL, foreign keys, transactions that take the write lock at once, migrations."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database, Migrations

from kb.errors import DatabaseError

BUSY_SECONDS = 10.0

MIGRATIONS = Migrations("kb")


def migration(name: str) -> Callable[[Callable[[Database], None]], Callable[[Database], None]]:
    """Register a schema change under a name that is never used again. Changes apply in the order of registration."""
    return MIGRATIONS(name=name)


@contextmanager
def read(path: Path) -> Iterator[Database]:
    """A connection for reading: one consistent snapshot from the first statement to the end."""
    with _connected(path) as database:
        database.conn.execute("begin")
        try:
            yield database
        finally:
            database.conn.execute("rollback")


@contextmanager
def write(path: Path) -> Iterator[Database]:
    """One transaction that holds the write lock from its first statement; committed at the end, rolled back on any error.

    A deferred transaction that reads and then writes fails under several writers ("database is locked"), an immediate one waits.
    """
    with _connected(path) as database:
        database.conn.execute("begin immediate")
        try:
            yield database
        except BaseException:
            database.conn.execute("rollback")
            raise
        database.conn.execute("commit")


@contextmanager
def _connected(path: Path) -> Iterator[Database]:
    with _named_faults(path):
        connection = connect(path)
        try:
            yield Database(connection, execute_plugins=False)
        finally:
            connection.close()


def connect(path: Path) -> sqlite3.Connection:
    """A plain connection in autocommit mode with the house settings. Close it; never share it between threads at once."""
    if not path.is_file():
        raise DatabaseError(f"no database at {path}; run `kb index`")
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma synchronous = normal")
    return connection


def migrate(path: Path) -> None:
    """Create the file if needed and apply every registered migration not yet applied, under a file lock.

    Raises DatabaseError when the file comes from a newer kb: it holds a migration that this code does not know.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = open(path.with_suffix(".lock"), "w")
    except OSError as fault:
        raise DatabaseError(f"{path} cannot be written: {fault.strerror}; check the folder and its permissions") from fault
    with lock, _named_faults(path):
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("pragma journal_mode = wal")
            database = Database(connection, execute_plugins=False)
            known = {registered.name for registered in MIGRATIONS._migrations}
            # A name starts with its floor; a tool that needs one floor only does not know the others' changes.
            floors = {name.split("_")[0] for name in known}
            newer = [done.name for done in MIGRATIONS.applied(database) if done.name not in known and done.name.split("_")[0] in floors]
            if newer:
                raise DatabaseError(f"{path} was written by a newer kb (it has {', '.join(newer)}); upgrade kb")
            MIGRATIONS.apply(database)
        finally:
            connection.close()


@contextmanager
def _named_faults(path: Path) -> Iterator[None]:
    """SQLite's own faults as one DatabaseError that names the file and the remedy."""
    try:
        yield
    except sqlite3.OperationalError as fault:
        if "locked" in str(fault) or "busy" in str(fault):
            raise DatabaseError(f"{path} is locked by another process for over {BUSY_SECONDS:.0f} s; try again") from fault
        if "full" in str(fault):
            raise DatabaseError(f"the disk that holds {path} is full; free some space, nothing was lost") from fault
        if "readonly" in str(fault) or "unable to open" in str(fault):
            raise DatabaseError(f"{path} cannot be written ({fault}); check its owner and permissions") from fault
        raise DatabaseError(f"{path}: {fault}") from fault
    except sqlite3.DatabaseError as fault:
        if isinstance(fault, sqlite3.IntegrityError):
            raise
        raise DatabaseError(f"{path} is damaged ({fault}); restore a backup, or move it away and run `kb index`") from fault
