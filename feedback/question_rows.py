"""Questions as they lie in the table: one, a page of them, how many in each state, how long each took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from feedback.moments import read_stamp
from kb.errors import KnowledgeBaseError

STATES = ("open", "acknowledged", "answered", "closed")
_MOMENTS = ("created_at", "acknowledged_at", "answered_at", "closed_at", "told_at", "rated_at")


class QuestionError(KnowledgeBaseError):
    """A question that cannot be taken as it is. `code` says why: empty, contact, consent, too_many, rating or unknown; `retry_at` when to try again."""

    def __init__(self, code: str, fact: str, *, retry_at: datetime | None = None) -> None:
        self.code, self.retry_at = code, retry_at
        super().__init__(fact)


@dataclass(frozen=True)
class Question:
    """One question as stored: the text redacted, session and address as pseudonyms. Moments are aware, in UTC."""

    id: int
    reference: str
    session: str
    address: str
    audience: str
    lang: str
    text: str
    contact: str
    consent: bool
    article: str
    search_id: int | None
    product: str
    state: str
    agent: str
    reply: str
    draft: str
    vector_key: str
    created_at: datetime
    acknowledged_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    told_article: str = ""
    """The article that was published for it, of which whoever asked was told at `told_at` by the account `told_by`."""
    told_at: datetime | None = None
    told_by: str = ""
    rating: int | None = None
    """How content whoever asked is with how it was handled, 1 to 5, said last at `rated_at`."""
    rated_at: datetime | None = None

    @property
    def can_be_rated(self) -> bool:
        """Whether anything was done that one could be content with: a reply, an article, or the close."""
        return bool(self.reply or self.told_article or self.state == "closed")


@dataclass(frozen=True)
class QuestionList:
    """One page of questions, newest first, and how many there are in each state."""

    questions: tuple[Question, ...]
    counts: dict[str, int]


@dataclass(frozen=True)
class Timing:
    """Seconds from asking to the first acknowledgement, the first reply and the close; None for what has not happened."""

    question_id: int
    lang: str
    created_at: datetime
    acknowledged: float | None
    answered: float | None
    closed: float | None


def one_question(database: Database, condition: str, value: object) -> Question | None:
    """The question for which the SQL condition holds with the value, or None."""
    row = next(iter(database.query(f"select * from questions where {condition}", [value])), None)
    return read_question(row) if row else None


def read_question(row: dict) -> Question:
    """The row with its moments and flags read."""
    moments = {name: read_stamp(row[name]) if row[name] else None for name in _MOMENTS}
    return Question(**{**row, **moments, "consent": bool(row["consent"])})


def count_states(database: Database) -> dict[str, int]:
    """How many questions are in each state; every state is named."""
    rows = database.execute("select state, count(*) from questions group by state").fetchall()
    return {**dict.fromkeys(STATES, 0), **dict(rows)}


def read_timing(row: dict) -> Timing:
    """What a row with `first_reply_at` took."""
    asked = read_stamp(row["created_at"])

    def took(at: str | None) -> float | None:
        return (read_stamp(at) - asked).total_seconds() if at else None

    return Timing(
        row["id"], row["lang"], asked, took(row["acknowledged_at"]), took(row["first_reply_at"] or row["answered_at"]), took(row["closed_at"])
    )
