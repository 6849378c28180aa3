"""One SQLite file: a connection per operation, WAL, foreign keys, transactions that take the write lock at once, migrations, copies."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database, Migrations

from kb.database_faults import BUSY_SECONDS, named_faults
from kb.errors import DatabaseError
from kb.mounts import is_read_only_disk

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
    with named_faults(path):
        connection = connect(path)
        try:
            yield Database(connection, execute_plugins=False)
        finally:
            connection.close()


def connect(path: Path) -> sqlite3.Connection:
    """A plain connection in autocommit mode with the house settings. Close it; never share it between threads at once.

    On a disk that is read-only the file is read as it lies, so that customers go on finding answers.
    """
    if not path.is_file():
        raise DatabaseError(f"no database at {path}; run `kb index`")
    refuse_empty(path)
    place, by_address = (str(path), False) if os.access(path.parent, os.W_OK) else _unwritten(path)
    connection = sqlite3.connect(place, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=by_address)
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma synchronous = normal")
    return connection


def migrate(path: Path) -> None:
    """Create the file if needed and apply every registered migration not yet applied, under a file lock.

    Raises DatabaseError when the file comes from a newer kb: it holds a migration that this code does not know. Where nothing can be written
    and nothing is left to apply, it does nothing.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = open(path.with_suffix(".lock"), "w")
    except OSError as fault:
        if path.is_file() and is_read_only_disk(path.parent) and not pending_migrations(path):
            return
        raise DatabaseError(f"{path} cannot be written: {fault.strerror}; check free space, the folder and its permissions") from fault
    with lock, named_faults(path):
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            refuse_empty(path)
            _apply(path, path)
            return
        # Made beside, so that an empty file is never one that was begun: then it was cut short, and what people wrote is gone from it.
        beside = path.with_name(f".{path.name}-new")
        for begun in ("", "-wal", "-shm"):
            beside.with_name(beside.name + begun).unlink(missing_ok=True)
        _apply(beside, path)
        os.replace(beside, path)


def _apply(file: Path, path: Path) -> None:
    connection = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("pragma journal_mode = wal")
        database = Database(connection, execute_plugins=False)
        refuse_newer(database, path)
        MIGRATIONS.apply(database)
    finally:
        connection.close()


def refuse_empty(path: Path) -> None:
    """Raise DatabaseError when the file is there and holds nothing, which no kb leaves behind."""
    if path.is_file() and not path.stat().st_size:
        raise DatabaseError(f"{path} is empty, so it was cut short; restore a backup, or remove it and run `kb index`")


def applied_migrations(database: Database) -> tuple[str, ...]:
    """The names of the schema changes that this database has, in the order in which they were made."""
    return tuple(done.name for done in MIGRATIONS.applied(database))


def pending_migrations(path: Path) -> tuple[str, ...]:
    """The names of the schema changes that this database still lacks. Raises DatabaseError when it comes from a newer kb."""
    with read(path) as database:
        refuse_newer(database, path)
        return tuple(left.name for left in MIGRATIONS.pending(database))


def refuse_newer(database: Database, path: Path) -> None:
    """Raise DatabaseError when the database holds a schema change that this code does not know."""
    known = {registered.name for registered in MIGRATIONS._migrations}
    # A name starts with its floor; a tool that needs one floor only does not know the others' changes.
    floors = {name.split("_")[0] for name in known}
    newer = [name for name in applied_migrations(database) if name not in known and name.split("_")[0] in floors]
    if newer:
        raise DatabaseError(f"{path} was written by a newer kb (it has {', '.join(newer)}); upgrade kb")


def hold_open(path: Path) -> sqlite3.Connection:
    """A connection to keep for as long as the process answers readers: with it the small files through which readers and writers meet stay where they
    are, so that a disk that fills up takes no answer away. Do not use it. Raises DatabaseError."""
    with named_faults(path):
        connection = connect(path)
        connection.execute("select count(*) from sqlite_schema").fetchone()
        return connection


def copy_database(path: Path, to: Path) -> None:
    """Copy the database as it is at one moment into the new file `to`, whoever writes meanwhile; what was not yet folded in is in the copy."""
    with named_faults(path):
        source, target = connect(path), sqlite3.connect(to, isolation_level=None)
        try:
            # In one step: then it is one snapshot, and a busy portal cannot make it begin again.
            source.backup(target)
            # Alone in its file: no reader of the copy needs, or leaves, another beside it.
            target.execute("pragma journal_mode = delete")
        finally:
            target.close()
            source.close()


def fold_in(path: Path) -> None:
    """Bring what lies beside the database into its file, so that it can be moved alone. Raises DatabaseError when it is damaged."""
    with named_faults(path):
        connection = connect(path)
        try:
            connection.execute("pragma wal_checkpoint(truncate)")
        finally:
            # The last connection to close takes the files beside it away.
            connection.close()


def _unwritten(path: Path) -> tuple[str, bool]:
    """(what to open, whether it is an address) for a database in a folder that cannot be written to."""
    if not is_read_only_disk(path.parent):
        # Somebody else may be writing: then SQLite itself finds out whether it can be read.
        return str(path), False
    late = path.with_name(f"{path.name}-wal")
    if late.is_file() and late.stat().st_size:
        raise DatabaseError(f"{path} cannot be read: its last changes are still in {late.name}, and the disk is read-only; make it writable once")
    return f"{path.resolve().as_uri()}?immutable=1", True
