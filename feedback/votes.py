"""Votes: whether an article helped, and if not why; one per session, article and the search that led there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from feedback import schema as schema
from feedback.moments import stamp, utc_now
from feedback.redaction import redact
from feedback.sessions import own_search, pseudonym
from kb.database import read, write

REASONS = ("not_it", "outdated", "unclear", "steps_failed", "missing_detail")
"""Why an article did not help: it is about something else, out of date, hard to follow, its steps failed, or it says too little."""
MAX_COMMENT_CHARACTERS = 500

_MINE = "session = ? and article = ? and ifnull(search_id, 0) = ifnull(?, 0)"


@dataclass(frozen=True)
class Vote:
    """One visitor's word on an article. `reason` is one of REASONS or '', `comment` is redacted; both only with an unhelpful vote."""

    helpful: bool
    reason: str = ""
    comment: str = ""


@dataclass(frozen=True)
class VoteCount:
    """How many sessions found an article helpful, and how many did not; a session counts once, by its latest vote."""

    helpful: int
    unhelpful: int


class Votes:
    """Writes and reads `votes`. Every method raises DatabaseError when the file cannot be read or written."""

    def __init__(self, database_path: Path, *, now: Callable[[], datetime] = utc_now) -> None:
        self._path, self._now = database_path, now

    def cast(self, article: str, helpful: bool | None, *, session: str, search_id: int | None = None) -> None:
        """Store the session's vote on the article, in place of its earlier one for the same search; None takes it back.

        A vote that turns helpful, or is taken back, loses its reason and comment.
        """
        with write(self._path) as database:
            mine = _mine(database, article, session=session, search_id=search_id)
            if helpful is None:
                database.execute(f"delete from votes where {_MINE}", mine)
            else:
                visitor, _, search = mine
                database.execute(
                    "insert into votes (article, session, search_id, helpful, cast_at) values (?, ?, ?, ?, ?)"
                    " on conflict (session, article, ifnull(search_id, 0)) do update set helpful = excluded.helpful,"
                    " cast_at = excluded.cast_at, reason = iif(excluded.helpful, '', reason), comment = iif(excluded.helpful, '', comment)",
                    [article, visitor, search, int(helpful), stamp(self._now())],
                )
            _judge_anew(database, mine)

    def explain(
        self, article: str, *, session: str, search_id: int | None = None, reason: str | None = None, comment: str | None = None
    ) -> bool:
        """Add why the article did not help to the session's standing unhelpful vote; whether there was one.

        None leaves what is stored, '' takes it back. Raises ValueError for a reason that is not one of REASONS.
        """
        if reason and reason not in REASONS:
            raise ValueError(f"no such reason: {reason!r} (want one of {', '.join(REASONS)})")
        words = None if comment is None else redact(comment[: MAX_COMMENT_CHARACTERS * 2])[:MAX_COMMENT_CHARACTERS]
        with write(self._path) as database:
            mine = _mine(database, article, session=session, search_id=search_id)
            changed = database.execute(
                f"update votes set reason = ifnull(?, reason), comment = ifnull(?, comment) where helpful = 0 and {_MINE}",
                [reason, words, *mine],
            ).rowcount
            _judge_anew(database, mine)
            return changed > 0

    def count(self, article: str) -> VoteCount:
        """The votes that stand for the article."""
        with read(self._path) as database:
            helpful, total = database.execute(
                "select ifnull(sum(helpful), 0), count(*) from (select helpful, row_number() over"
                " (partition by session order by cast_at desc, id desc) as place from votes where article = ?) where place = 1",
                [article],
            ).fetchone()
            return VoteCount(helpful, total - helpful)

    def current(self, article: str, *, session: str, search_id: int | None = None) -> Vote | None:
        """The vote of this session for the article and search, or None when it has cast none."""
        with read(self._path) as database:
            mine = _mine(database, article, session=session, search_id=search_id)
            row = database.execute(f"select helpful, reason, comment from votes where {_MINE}", mine).fetchone()
            return Vote(bool(row[0]), row[1], row[2]) if row else None


def _mine(database: Database, article: str, *, session: str, search_id: int | None) -> list:
    visitor = pseudonym(database, session)
    return [visitor, article, own_search(database, search_id, visitor=visitor)]


def _judge_anew(database: Database, mine: list) -> None:
    """What the search came to is open again."""
    database.execute("update searches set settled_at = null where id = ?", mine[2:])
