"""Who did what to which gap, question or setting: rows that are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from feedback.moments import read_stamp
from kb.audit import record, role_of


@dataclass(frozen=True)
class Step:
    """One thing that was done. `account` is '' when a customer or kb itself did it."""

    action: str
    detail: str
    account: str
    done_at: datetime


def add_step(
    database: Database, subject: str, subject_id: object, action: str, *, detail: str = "", account: str = "", at: str, audit: str | None = ""
) -> None:  # fmt: skip
    """Write down that `account` did `action` to the `subject` with that id at the stamp `at`.

    What an account did is a line of the audit log, too, with the detail `audit`: no words of customers, not even in the address of a draft
    that is called by them, and nothing that the team typed about them, for none of it could be erased.
    None writes no line: the step follows from another that has one, or from what the account did earlier.
    """
    database.execute(
        "insert into history (subject, subject_id, action, detail, account, done_at) values (?, ?, ?, ?, ?, ?)",
        [subject, str(subject_id), action, detail, account, at],
    )
    if account and audit is not None:
        record(database, at=at, account=account, role=role_of(database, account), action=action, subject=subject, subject_id=subject_id, detail=audit)


def read_steps(database: Database, subject: str, subject_id: object) -> tuple[Step, ...]:
    """What was done to it, first things first."""
    rows = database.execute(
        "select action, detail, account, done_at from history where subject = ? and subject_id = ? order by id", [subject, str(subject_id)]
    )
    return tuple(Step(action, detail, account, read_stamp(done_at)) for action, detail, account, done_at in rows.fetchall())
