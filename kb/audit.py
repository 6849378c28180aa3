"""The audit log: who did what and when, one line an action, each line chained to the one before by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from kb import schema as schema
from kb.account_rules import name_key
from kb.errors import DatabaseError

COMMAND = "command"
"""The role of whoever runs `kb` on the machine itself, as the account '<user> (command)'."""
LONGEST_DETAIL = 500
_COLUMNS = "id, at, account, role, action, subject, subject_id, detail"
_NAMES = tuple(_COLUMNS.split(", "))
# Keys in the order of the alphabet and no spaces: the same line is always the same text.
_LINE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=repr)
_BATCH = 1000


@dataclass(frozen=True)
class AuditLine:
    """One action. `account` did `action` to the `subject` with that id; `role` is what the account was then, '' when kb knows no such account.

    `at` is None when somebody has put something there that is no time.
    """

    id: int
    at: datetime | None
    account: str
    role: str
    action: str
    subject: str
    subject_id: str
    detail: str
    hash: str


@dataclass(frozen=True)
class AuditCheck:
    """How many lines there are, whether all are as they were written, the first that is changed, missing or out of place, and the last one's hash."""

    rows: int
    sound: bool
    first_broken_id: int | None
    head: str


def record(database: Database, *, at: str, account: str, role: str, action: str, subject: str, subject_id: object = "", detail: str = "") -> None:
    """Add a line in the caller's transaction: action and line stand or fall together.

    `detail` holds no words of customers and no secrets: what has to be erased one day must not stand in a chain that cannot change.
    Raises DatabaseError when the chain's end is gone.
    """
    previous, id = find_end(database)
    texts = [_storable(text) for text in (at, account, role, action, subject, str(subject_id), detail[:LONGEST_DETAIL])]
    head = _hash(previous, (id, *texts))
    database.execute(f"insert into audit ({_COLUMNS}, previous, hash) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [id, *texts, previous, head])
    database.execute("update audit_chain set rows = rows + 1, head = ?", [head])


def find_end(database: Database) -> tuple[str, int]:
    """(hash, number) that the next line builds on and has. Raises DatabaseError when that is gone, so that nothing can be recorded."""
    row = database.execute("select head, max(rows, (select ifnull(max(id), 0) from audit)) + 1 from audit_chain").fetchone()
    if row is None:
        raise DatabaseError("the audit log has lost its end, so nothing can be recorded in it; restore a backup")
    return row


def role_of(database: Database, account: str) -> str:
    """The role that the account has now; COMMAND for whoever runs a command, '' for a name that is no account's."""
    row = database.execute("select role from accounts where name_key = ?", [name_key(account)]).fetchone()
    return row[0] if row else COMMAND if account.endswith(f"({COMMAND})") else ""


def verify(database: Database) -> AuditCheck:
    """Follow the chain from its beginning. Lines that were changed, removed (at the end, too), put in or put into another order are found.

    Whoever can write to the file and knows how hashes are made can write a whole new chain, or put back an older file: that shows only against
    a head that was kept elsewhere, see `holds_head`.
    """
    chain = database.execute("select genesis, rows, head from audit_chain").fetchone()
    previous, rows, head = chain or ("", 0, "")
    found, broken = 0, None if chain else 1
    for id, *rest, before, hashed in _lines(database):
        found += 1
        if broken is None and (id != found or before != previous or hashed != _hash(previous, (id, *rest))):
            broken = found
        previous = hashed
    if broken is None and (found != rows or previous != head):
        # Lines after the counted ones were put in, and missing ones were removed; else the last is not the one that was counted.
        broken = min(found, rows) + 1 if found != rows else max(found, 1)
    return AuditCheck(found, broken is None, broken, head)


def holds_head(database: Database, head: str) -> bool:
    """Whether the log has a line with this hash, or begins with it: in a sound log, then everything up to it is what it was when the head was kept."""
    return database.execute("select 1 from audit where hash = ? union select 1 from audit_chain where genesis = ?", [head, head]).fetchone() is not None


def read_audit(
    database: Database, *, account: str = "", action: str = "", subject: str = "", since: datetime | None = None, until: datetime | None = None,
    limit: int | None = 100, before_id: int | None = None,
) -> tuple[AuditLine, ...]:  # fmt: skip
    """The lines that pass every filter, the newest first: at most `limit`, of those with smaller numbers than `before_id`."""
    wanted: list[tuple[str, object]] = [(f"{name} = ?", value) for name, value in (("account", account), ("action", action), ("subject", subject)) if value]
    # As moments, not as texts: a line keeps the form in which its action gave the time.
    wanted += [(f"julianday(at) {sign} julianday(?)", moment.isoformat()) for sign, moment in ((">=", since), ("<", until)) if moment]
    wanted += [("id < ?", before_id)] if before_id is not None else []
    rows = database.execute(
        f"select {_COLUMNS}, hash from audit{' where ' if wanted else ''}{' and '.join(condition for condition, _ in wanted)} order by id desc limit ?",
        [*(value for _, value in wanted), -1 if limit is None else limit],
    )
    return tuple(AuditLine(id, _moment(at), *rest) for id, at, *rest in rows.fetchall())


def list_recorded(database: Database) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """(accounts, pairs of subject and action) that the log holds, in the order of the alphabet: what a filter can name."""
    accounts = database.execute("select distinct account from audit order by account").fetchall()
    actions = database.execute("select distinct subject, action from audit order by subject, action").fetchall()
    return tuple(account for (account,) in accounts), tuple(actions)


def _lines(database: Database) -> Iterator[Sequence]:
    cursor = database.execute(f"select {_COLUMNS}, previous, hash from audit order by id")
    while batch := cursor.fetchmany(_BATCH):
        yield from batch


def _hash(previous: str, values: Sequence[object]) -> str:
    """SHA-256 over the hash of the line before, a line feed, and the line as JSON, in UTF-8."""
    return hashlib.sha256(f"{previous}\n{_LINE.encode(dict(zip(_NAMES, values, strict=True)))}".encode("utf-8", "surrogatepass")).hexdigest()


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def _storable(text: str) -> str:
    # Half of a character comes from broken input, and no database can hold it.
    return text.encode("utf-8", "replace").decode("utf-8")
