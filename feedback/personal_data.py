"""What is stored about one person, given out or erased: by browser session, by contact, or by the reference of a question."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from feedback import schema as schema
from feedback.contacts import fold_contact
from feedback.evidence import Represent
from feedback.groups import recount_groups
from feedback.history import add_step
from feedback.moments import stamp, utc_now
from feedback.proofs import drop_forgotten_searches
from feedback.references import read_reference
from feedback.sessions import pseudonym as pseudonym_of
from feedback.titles import retitle
from feedback.topic_names import forget_words
from kb.database import connect, read, write

_EXPORTED = {
    "searches": "id, session, created_at, updated_at, text, lang, source, scope, product, hits, confidence, outcome, degraded, result, keystrokes, repeats",
    "opens": "article, session, search_id, opened_at, read_seconds",
    "votes": "article, session, search_id, helpful, reason, comment, cast_at",
    "questions": "id, reference, session, created_at, lang, text, contact, consent, article, search_id, product, state, reply,"
    " acknowledged_at, answered_at, closed_at, rating, rated_at",
}  # fmt: skip
_JSON_COLUMNS = ("scope", "hits")
_FLAGS = ("helpful", "consent", "degraded")
_THEIRS = "session in (select value from json_each(?))"


class PersonalData:
    """Reads and deletes across the tables of what happened. Exactly one of session, pseudonym, contact and reference names the person."""

    def __init__(self, database_path: Path, *, represent: Represent, now: Callable[[], datetime] = utc_now) -> None:
        self._path, self._represent, self._now = database_path, represent, now

    def export(
        self, *, session: str | None = None, pseudonym: str | None = None, contact: str | None = None, reference: str | None = None
    ) -> dict[str, list]:
        """`sessions` (pseudonyms), `searches`, `opens`, `votes` and `questions` of the person, as values that JSON can hold.

        By contact or reference these are the sessions that asked such a question, with everything they did.
        """
        with read(self._path) as database:
            sessions = _sessions(database, session=session, pseudonym=pseudonym, contact=contact, reference=reference)
            names = [json.dumps(sessions)]
            return {"sessions": sessions} | {
                table: [_plain(row) for row in database.query(f"select {columns} from {table} where {_THEIRS} order by id", names)]
                for table, columns in _EXPORTED.items()
            }

    def erase(
        self, *, session: str | None = None, pseudonym: str | None = None, contact: str | None = None, reference: str | None = None,
        account: str = "",
    ) -> dict[str, int]:  # fmt: skip
        """Delete what `export` gives and what was derived from it; how many rows went from each table. One transaction.

        Gaps that it was part of are counted and named anew. That something was erased stays in the history, whose it was does not.
        The freed pages are overwritten.
        """
        with write(self._path) as database:
            database.execute("pragma secure_delete = on")
            sessions = _sessions(database, session=session, pseudonym=pseudonym, contact=contact, reference=reference)
            groups, gaps = _groups_of(database, json.dumps(sessions))
            counts = _erase(database, json.dumps(sessions))
            recount_groups(database, groups, represent=self._represent)
            retitle(database, gaps, represent=self._represent)
            if any(counts.values()):
                add_step(database, "erasure", "", "erase", detail=json.dumps(counts), account=account, at=stamp(self._now()), audit=_say(counts))
        self._empty_journal()
        return counts

    def _empty_journal(self) -> None:
        """The write-ahead log still holds what was deleted until it is taken over into the file."""
        connection = connect(self._path)
        try:
            connection.execute("pragma wal_checkpoint(truncate)")
        finally:
            connection.close()


def _say(counts: dict[str, int]) -> str:
    return ", ".join(f"{name}: {counts[name]}" for name in _EXPORTED if counts[name])


def _sessions(
    database: Database, *, session: str | None, pseudonym: str | None, contact: str | None, reference: str | None
) -> list[str]:
    given = [value for value in (session, pseudonym, contact, reference) if value is not None]
    if len(given) != 1:
        raise ValueError("want exactly one of session, pseudonym, contact and reference")
    if session is not None:
        return [pseudonym_of(database, session)]
    if pseudonym is not None:
        return [pseudonym.strip().lower()]
    if reference is not None:
        rows = database.execute("select distinct session from questions where reference = ?", [read_reference(reference)]).fetchall()
        return [row[0] for row in rows]
    wanted = fold_contact(contact or "")
    rows = database.execute("select session, contact from questions where contact != '' order by id").fetchall()
    return list(dict.fromkeys(asker for asker, stored in rows if wanted and fold_contact(stored) == wanted))


def _groups_of(database: Database, sessions: str) -> tuple[list[int], list[int]]:
    """The groups that hold something of theirs, and the gaps of those."""
    rows = database.execute(
        "select distinct m.grouped, g.gap from group_members m join groups g on g.id = m.grouped where"
        f" (m.source = 'search' and m.source_id in (select id from searches where {_THEIRS}))"
        f" or (m.source = 'question' and m.source_id in (select id from questions where {_THEIRS}))",
        [sessions, sessions],
    ).fetchall()
    return [group for group, _ in rows], sorted({gap for _, gap in rows if gap is not None})


def _erase(database: Database, sessions: str) -> dict[str, int]:
    keys = [
        key
        for table in ("searches", "questions")
        for (key,) in database.execute(f"select distinct vector_key from {table} where {_THEIRS} and vector_key != ''", [sessions]).fetchall()
    ]
    texts = [text for (text,) in database.execute(f"select distinct text from searches where {_THEIRS}", [sessions]).fetchall()]
    members = 0
    for source, table in (("search", "searches"), ("question", "questions")):
        members += database.execute(
            f"delete from group_members where source = ? and source_id in (select id from {table} where {_THEIRS})", [source, sessions]
        ).rowcount
    # The team's words about a question speak of whoever asked it; that and when they did something stays.
    database.execute(
        "update history set detail = '' where subject = 'question' and action != 'assign'"
        f" and subject_id in (select cast(id as text) from questions where {_THEIRS})",
        [sessions],
    )
    counts = {
        table: database.execute(f"delete from {table} where {_THEIRS}", [sessions]).rowcount for table in ("searches", "opens", "votes", "questions")
    }
    drop_forgotten_searches(database, erased=keys)
    forget_words(database, texts)
    vectors = database.execute(
        "delete from query_vectors where key in (select value from json_each(?)) and key not in (select vector_key from searches)"
        " and key not in (select vector_key from questions)",
        [json.dumps(keys)],
    ).rowcount
    return counts | {"query_vectors": vectors, "group_members": members}


def _plain(row: dict) -> dict[str, object]:
    parsed = {name: json.loads(row[name]) for name in _JSON_COLUMNS if name in row}
    return {**row, **parsed, **{name: bool(row[name]) for name in _FLAGS if name in row}}
