"""Whether a database is a demonstration: filled by `kb demo` with simulated customers, and labelled so for good."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from feedback import schema as schema
from feedback.moments import stamp
from kb.database import migrate, read, write

_NAME = "demo"


def mark_demonstration(database_path: Path, at: datetime) -> None:
    """Say of the database, made if it is not there, that it is a demonstration from `at` on; nothing takes that back."""
    migrate(database_path)
    with write(database_path) as database:
        database.execute("insert or ignore into feedback_state values (?, ?)", [_NAME, stamp(at)])


def is_demonstration(database_path: Path) -> bool:
    """Whether the database says so. One that is not there yet, or has no tables yet, is none. Raises DatabaseError."""
    if not database_path.is_file():
        return False
    with read(database_path) as database:
        return "feedback_state" in database.table_names() and bool(
            database.execute("select 1 from feedback_state where name = ?", [_NAME]).fetchone()
        )
