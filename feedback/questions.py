"""Questions to the team: asked by customers, acknowledged and answered by agents, found again by their reference number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from feedback import schema as schema
from feedback.contacts import read_contact
from feedback.history import Step, add_step, read_steps
from feedback.moments import SKEW, read_stamp, stamp, utc_now
from feedback.question_drafts import draft_markdown
from feedback.question_rows import (
    STATES,
    Question,
    QuestionError,
    QuestionList,
    Timing,
    count_states,
    one_question,
    read_question,
    read_timing,
)
from feedback.redaction import redact
from feedback.references import new_reference, read_reference
from feedback.sessions import address_pseudonym, own_search, pseudonym
from feedback.trails import TrailStep, read_trail
from kb.database import read, write
from kb.drafts import write_draft

__all__ = ["STATES", "Question", "QuestionError", "QuestionList", "Questions", "Timing"]

MAX_CHARACTERS = 4000
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PER_SESSION = 5
PER_ADDRESS = 20
"""So many questions an hour; a whole company may stand behind one address."""
WITHOUT_TRAIL = "without trail"


class Questions:
    """Writes and reads `questions`. Every method raises DatabaseError when the file cannot be read or written."""

    def __init__(self, database_path: Path, *, now: Callable[[], datetime] = utc_now) -> None:
        self._path, self._now = database_path, now

    # A customer's side

    def ask(
        self, *, text: str, lang: str, session: str, contact: str = "", consent: bool = False, article: str = "", search_id: int | None = None,
        product: str = "", audience: str = "customer", address: str = "", with_trail: bool = True,
    ) -> Question:  # fmt: skip
        """Store the question, redacted, and return it. Raises QuestionError and stores nothing when it cannot be taken.

        The contact is kept only with consent. The same words of the same session within a day are one question, however often
        they are sent. Without trail neither the search nor what was tried before is tied to it.
        """
        words = redact(text[: MAX_CHARACTERS * 2])[:MAX_CHARACTERS].strip()
        if not words:
            raise QuestionError("empty", "a question without words; say what does not work")
        kept = read_contact(contact)
        if contact.strip() and not kept:
            raise QuestionError("contact", f"no e-mail address or telephone number: {contact.strip()[:60]!r}; mend it or leave it out")
        if kept and not consent:
            raise QuestionError("consent", "a contact is stored only with consent; give it, or leave the contact out")
        now = self._now()
        with write(self._path) as database:
            visitor, where = pseudonym(database, session), address_pseudonym(database, address, now)
            sent = _sent_before(database, visitor=visitor, text=words, article=article, since=stamp(now - DAY))
            if sent:
                if kept:
                    database["questions"].update(sent, {"contact": kept, "consent": 1})
                return _by_id(database, sent)
            if audience != "staff":
                _refuse_floods(database, visitor=visitor, address=where, now=now)
            search = own_search(database, search_id, visitor=visitor) if with_trail else None
            added = database["questions"].insert({
                "reference": _unused_reference(database), "session": visitor, "address": where, "audience": audience, "lang": lang,
                "text": words, "contact": kept, "consent": int(bool(kept)), "article": article, "search_id": search,
                "product": product or _product_of(database, search), "created_at": stamp(now),
            }).last_pk  # fmt: skip
            add_step(database, "question", added, "ask", detail="" if with_trail else WITHOUT_TRAIL, at=stamp(now))
            database.execute("update searches set settled_at = null where id = ?", [search])
            return _by_id(database, added)

    def find(self, reference: str) -> Question | None:
        """The question with that reference, in whatever case and with whatever blanks and dashes; None when there is none."""
        with read(self._path) as database:
            return one_question(database, "reference = ?", read_reference(reference))

    def own(self, session: str) -> tuple[Question, ...]:
        """What this session asked, newest first."""
        with read(self._path) as database:
            rows = database.query("select * from questions where session = ? order by id desc", [pseudonym(database, session)])
            return tuple(read_question(row) for row in rows)

    def own_trail(self, session: str) -> tuple[TrailStep, ...]:
        """What a question of this session would carry if it were asked now."""
        with read(self._path) as database:
            return read_trail(database, visitor=pseudonym(database, session), until=self._now())

    def settle(self, reference: str, *, solved: bool) -> Question:
        """A customer's word on the reply: it solved the problem and the question is closed, or it did not and it is open again."""
        found = self.find(reference)
        if found is None:
            raise QuestionError("unknown", "no question has this reference")
        if not found.reply and not found.told_article:
            return found
        return self.close(found.id) if solved else self.reopen(found.id)

    def rate(self, reference: str, stars: int) -> Question:
        """A customer's word on how it was handled, 1 (not at all content) to 5 (very); the last word counts. Raises QuestionError."""
        if stars not in range(1, 6):
            raise QuestionError("rating", f"{stars} is no rating; give 1 to 5")
        with write(self._path) as database:
            found = one_question(database, "reference = ?", read_reference(reference))
            if found is None:
                raise QuestionError("unknown", "no question has this reference")
            if not found.can_be_rated:
                raise QuestionError("rating", f"question {found.reference} waits for the team; rate it after the reply")
            # No step of its history: agents read that, and do not see who gave which rating.
            database["questions"].update(found.id, {"rating": stars, "rated_at": stamp(self._now())})
            return _by_id(database, found.id)

    # The team's side

    def get(self, question_id: int) -> Question | None:
        """The question with that id, or None."""
        with read(self._path) as database:
            return one_question(database, "id = ?", question_id)

    def list(self, *, state: str | None = None, limit: int = 50, offset: int = 0) -> QuestionList:
        """Questions in one state or in all, newest first, those that wait longest first, and how many are in each.

        Also those of staff who try it out and of what looks like a program: a customer's browser may call itself anything.
        """
        with read(self._path) as database:
            rows = database.query(
                "select * from questions where ? is null or state = ? order by"
                " case when ? in ('open', 'acknowledged') then created_at end, created_at desc, id desc limit ? offset ?",
                [state, state, state, limit, offset],
            )
            return QuestionList(tuple(read_question(row) for row in rows), count_states(database))

    def counts(self) -> dict[str, int]:
        """How many questions are in each state; every state is named."""
        with read(self._path) as database:
            return count_states(database)

    def trail(self, question_id: int) -> tuple[TrailStep, ...]:
        """The session's searches from the two hours before it asked, first things first; nothing when the customer kept them back."""
        with read(self._path) as database:
            question = one_question(database, "id = ?", question_id)
            if question is None or any(step.detail == WITHOUT_TRAIL for step in read_steps(database, "question", question_id)[:1]):
                return ()
            return read_trail(database, visitor=question.session, until=question.created_at)

    def steps(self, question_id: int) -> tuple[Step, ...]:
        """Who did what to it, first things first."""
        with read(self._path) as database:
            return read_steps(database, "question", question_id)

    def timings(self, since: datetime) -> tuple[Timing, ...]:
        """How long customers' questions asked since then took, in the order of asking. A later reply does not count as the first."""
        with read(self._path) as database:
            rows = database.query(
                "select q.*, (select min(done_at) from history where subject = 'question' and subject_id = cast(q.id as text)"
                " and action = 'reply') as first_reply_at from questions q where audience = 'customer' and created_at >= ? order by created_at, id",
                [stamp(since)],
            )
            return tuple(read_timing(row) for row in rows)

    def acknowledge(self, question_id: int, *, account: str) -> Question:
        """Somebody has seen it. Once acknowledged it stays so at its first time."""
        return self._change(
            question_id, "acknowledge", account=account,
            change=lambda known, now: {"state": "acknowledged", "acknowledged_at": _first(known.acknowledged_at, now)} if known.state == "open" else None,
        )  # fmt: skip

    def reply(self, question_id: int, text: str, *, account: str) -> Question:
        """Answer it; a later reply takes the place of the earlier one, which the steps keep. Raises QuestionError without words."""
        words = text.strip()
        if not words:
            raise QuestionError("empty", "a reply without words; write the answer")
        return self._change(
            question_id, "reply", account=account, detail=words,
            change=lambda known, now: {
                "state": "answered", "reply": words, "answered_at": now, "acknowledged_at": _first(known.acknowledged_at, now), "closed_at": None,
            },
        )  # fmt: skip

    def close(self, question_id: int, *, account: str = "") -> Question:
        """Nothing more is to be done. Without account it was the customer who said so."""
        return self._change(
            question_id, "close", account=account,
            change=lambda known, now: {"state": "closed", "closed_at": now} if known.state != "closed" else None,
        )  # fmt: skip

    def reopen(self, question_id: int, *, account: str = "") -> Question:
        """It waits for the team again; what was replied stays."""
        return self._change(
            question_id, "reopen", account=account,
            change=lambda known, now: {"state": "open", "closed_at": None} if known.state in ("answered", "closed") else None,
        )  # fmt: skip

    def assign(self, question_id: int, agent: str, *, account: str) -> Question:
        """Who answers it; '' is nobody."""
        return self._change(
            question_id, "assign", account=account, detail=agent, audit=agent or "-",
            change=lambda known, now: {"agent": agent} if known.agent != agent else None,
        )  # fmt: skip

    def note(self, question_id: int, text: str, *, account: str) -> Question:
        """A word among the team, which the customer never sees."""
        return self._change(question_id, "note", account=account, detail=text.strip(), change=lambda known, now: {})

    def to_draft(self, question_id: int, *, account: str, folder: Path) -> str:
        """Write question and reply as a draft article below `folder` and return its id; the one that was written before, if it was."""
        with write(self._path) as database:
            question = _by_id(database, question_id)
            if question.draft:
                return question.draft
            path, text = draft_markdown(question, gap=_gap_of(database, question_id))
            article = write_draft(folder, path, text)
            database["questions"].update(question_id, {"draft": article})
            add_step(database, "question", question_id, "draft", detail=article, account=account, at=stamp(self._now()))
            return article

    def _change(
        self, question_id: int, action: str, *, account: str, change: Callable[[Question, str], dict | None], detail: str = "", audit: str = ""
    ) -> Question:
        """Apply what `change` makes of the question and the present stamp, and write it down; None is nothing to do."""
        now = stamp(self._now())
        with write(self._path) as database:
            changed = change(_by_id(database, question_id), now)
            if changed is not None:
                if changed:
                    database["questions"].update(question_id, changed)
                add_step(database, "question", question_id, action, detail=detail, account=account, at=now, audit=audit)
            return _by_id(database, question_id)


def _first(known: datetime | None, now: str) -> str:
    return stamp(known) if known else now


def _sent_before(database: Database, *, visitor: str, text: str, article: str, since: str) -> int | None:
    row = database.execute(
        "select id from questions where session = ? and text = ? and article = ? and created_at >= ? and state != 'closed' order by id desc",
        [visitor, text, article, since],
    ).fetchone()
    return row[0] if row else None


def _refuse_floods(database: Database, *, visitor: str, address: str, now: datetime) -> None:
    for column, who, most in (("session", visitor, PER_SESSION), ("address", address, PER_ADDRESS)):
        if not who:
            continue
        asked = database.execute(
            f"select created_at from questions where {column} = ? and created_at > ? and created_at <= ? order by created_at desc limit ?",
            [who, stamp(now - HOUR), stamp(now + SKEW), most],
        ).fetchall()
        if len(asked) == most:
            retry_at = read_stamp(asked[-1][0]) + HOUR
            raise QuestionError("too_many", f"{most} questions within an hour; try again at {retry_at:%H:%M} UTC", retry_at=retry_at)


def _unused_reference(database: Database) -> str:
    while True:
        reference = new_reference()
        if not database.execute("select 1 from questions where reference = ?", [reference]).fetchone():
            return reference


def _product_of(database: Database, search: int | None) -> str:
    row = database.execute("select product from searches where id = ?", [search]).fetchone()
    return row[0] if row else ""


def _gap_of(database: Database, question_id: int) -> int | None:
    row = database.execute(
        "select g.gap from group_members m join groups g on g.id = m.grouped where m.source = 'question' and m.source_id = ? and g.gap is not null",
        [question_id],
    ).fetchone()
    return row[0] if row else None


def _by_id(database: Database, question_id: int) -> Question:
    question = one_question(database, "id = ?", question_id)
    if question is None:
        raise QuestionError("unknown", f"no question {question_id}; it may have been erased")
    return question
