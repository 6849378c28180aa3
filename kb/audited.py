"""What one account does, each act with its line in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from sqlite_utils import Database

from kb.account_attempts import stamp
from kb.accounts import utc_now
from kb.audit import find_end, record, role_of
from kb.database import write


class Line(Protocol):
    """Writes the line of an act."""

    def __call__(self, action: str, subject: str, subject_id: object = "", *, detail: str = "") -> None: ...


class Audited:
    """Acts of one account on one database, which has been migrated."""

    def __init__(self, database_path: Path, account: str, *, now: Callable[[], datetime] = utc_now) -> None:
        self._path, self._account, self._now = database_path, account, now

    @contextmanager
    def act(self) -> Iterator[Line]:
        """Around what is done to a file: the line that the block writes is there when the block ends, and there is none when it fails. Whoever else
        writes to the database waits meanwhile, so the block is short and opens no transaction. Raises DatabaseError before anything is done when the
        log cannot be written."""
        with write(self._path) as database:
            find_end(database)
            yield partial(self._record, database)

    def note(self, action: str, subject: str, subject_id: object = "", *, detail: str = "") -> None:
        """Write the line of something that has been done elsewhere."""
        with write(self._path) as database:
            self._record(database, action, subject, subject_id, detail=detail)

    def _record(self, database: Database, action: str, subject: str, subject_id: object = "", *, detail: str = "") -> None:
        record(
            database, at=stamp(self._now()), account=self._account, role=role_of(database, self._account), action=action, subject=subject,
            subject_id=subject_id, detail=detail,
        )  # fmt: skip
