"""Who did what to which gap, question or setting: rows that are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from feedback.moments import read_stamp


@dataclass(frozen=True)
class Step:
    """One thing that was done. `account` is '' when a customer or kb itself did it."""

    action: str
    detail: str
    account: str
    done_at: datetime


def add_step(database: Database, subject: str, subject_id: object, action: str, *, detail: str = "", account: str = "", at: str) -> None:
    """Write down that `account` did `action` to the `subject` with that id at the stamp `at`."""
    database.execute(
        "insert into history (subject, subject_id, action, detail, account, done_at) values (?, ?, ?, ?, ?, ?)",
        [subject, str(subject_id), action, detail, account, at],
    )


def read_steps(database: Database, subject: str, subject_id: object) -> tuple[Step, ...]:
    """What was done to it, first things first."""
    rows = database.execute(
        "select action, detail, account, done_at from history where subject = ? and subject_id = ? order by id", [subject, str(subject_id)]
    )
    return tuple(Step(action, detail, account, read_stamp(done_at)) for action, detail, account, done_at in rows.fetchall())
