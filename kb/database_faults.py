"""SQLite's own faults in the words of kb: what is wrong with which file, and what to do about it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.errors import DatabaseError

BUSY_SECONDS = 10.0
"""So long a connection waits for its turn to write."""
_LEAST_FREE = 65_536
"""With fewer bytes SQLite cannot even make the files beside the database, and says so in other words."""


@contextmanager
def named_faults(path: Path) -> Iterator[None]:
    """SQLite's own faults as one DatabaseError that names the file and the remedy."""
    try:
        yield
    except UnicodeDecodeError as fault:
        # SQLite quotes what it cannot read, and what it quotes is no text any more.
        raise DatabaseError(f"{path} is damaged ({fault}); restore a backup, or move it away and run `kb index`") from fault
    except sqlite3.OperationalError as fault:
        if "locked" in str(fault) or "busy" in str(fault):
            raise DatabaseError(f"{path} is locked by another process for over {BUSY_SECONDS:.0f} s; try again") from fault
        if "full" in str(fault) or (("I/O" in str(fault) or "unable to open" in str(fault)) and _is_full(path.parent)):
            raise DatabaseError(f"the disk that holds {path} is full; free some space, nothing was lost") from fault
        if "readonly" in str(fault) or "unable to open" in str(fault):
            raise DatabaseError(f"{path} cannot be written ({fault}); check its owner and permissions") from fault
        if "decode to UTF-8" in str(fault):
            raise DatabaseError(f"{path} is damaged ({fault}); `kb doctor` says where") from fault
        raise DatabaseError(f"{path}: {fault}") from fault
    except sqlite3.DatabaseError as fault:
        if isinstance(fault, sqlite3.IntegrityError):
            raise
        raise DatabaseError(f"{path} is damaged ({fault}); restore a backup, or move it away and run `kb index`") from fault


def _is_full(folder: Path) -> bool:
    return shutil.disk_usage(folder).free < _LEAST_FREE
