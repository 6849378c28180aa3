"""Customers who were not helped and left a contact: once an article answers, they are told, and asked whether it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from feedback.history import add_step
from feedback.moments import stamp, utc_now
from feedback.question_rows import QuestionError
from kb.database import write


@dataclass(frozen=True)
class Waiting:
    """One customer to tell: the question, how to reach them, the article that answers now, and whether they were told ('' or a stamp) and said that
    it answered (None while they have not)."""

    question: int
    reference: str
    lang: str
    text: str
    contact: str
    article: str
    told_at: str
    solved: bool | None


def list_waiting(database: Database, gap: int) -> tuple[Waiting, ...]:
    """The gap's customers who agreed to be contacted, first the ones to tell; the article is the one that closed the gap, '' while it is open."""
    rows = database.execute(
        "select q.id, q.reference, q.lang, q.text, q.contact, case when q.told_article != '' then q.told_article else ifnull((select p.article from proofs p"
        " where p.gap = ? and p.state = 'held' order by p.id desc limit 1), '') end, ifnull(q.told_at, ''), q.state, q.told_at is not null and exists"
        " (select 1 from history h where h.subject = 'question' and h.subject_id = cast(q.id as text) and h.action = 'reopen' and h.done_at > q.told_at)"
        " from group_members m join groups g on g.id = m.grouped join questions q on m.source = 'question' and q.id = m.source_id"
        " where g.gap = ? and q.consent = 1 and q.contact != '' and q.audience = 'customer' order by q.told_at is not null, q.created_at",
        [gap, gap],
    )
    return tuple(
        Waiting(*row[:7], solved=False if again else True if row[6] and state == "closed" else None)
        for *row, state, again in rows.fetchall()
    )


class Telling:
    """Writes down who was told."""

    def __init__(self, database_path: Path, *, now: Callable[[], datetime] = utc_now) -> None:
        self._path, self._now = database_path, now

    def told(self, question: int, article: str, *, account: str) -> None:
        """The customer was told that the article answers: the question's page leads to it and asks whether it did. Raises QuestionError."""
        at = stamp(self._now())
        with write(self._path) as database:
            row = database.execute("select state, consent, contact from questions where id = ?", [question]).fetchone()
            if row is None or not row[1] or not row[2]:
                raise QuestionError("unknown", f"question {question} has no contact with consent; nobody can be told")
            changes = {"told_article": article, "told_at": at, "told_by": account}
            if row[0] != "answered":
                # Waiting for the customer's word, as after a reply.
                changes |= {"state": "answered", "closed_at": None}
            database["questions"].update(question, changes)
            database.execute("update questions set answered_at = ifnull(answered_at, ?), acknowledged_at = ifnull(acknowledged_at, ?) where id = ?", [at, at, question])
            add_step(database, "question", question, "told", detail=article, account=account, at=at, audit=article)
