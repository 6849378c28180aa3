"""Votes: whether an article helped, one per session, article and the search that led there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from feedback import schema as schema
from feedback.searches import utc_now
from feedback.sessions import own_search, pseudonym
from kb.database import read, write


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
        """Store the session's vote on the article, in place of its earlier one for the same search; None takes it back."""
        with write(self._path) as database:
            visitor = pseudonym(database, session)
            search = own_search(database, search_id, visitor=visitor)
            if helpful is None:
                database.execute(
                    "delete from votes where session = ? and article = ? and ifnull(search_id, 0) = ifnull(?, 0)",
                    [visitor, article, search],
                )
                return
            moment = self._now().astimezone(UTC).isoformat(timespec="milliseconds")
            database.execute(
                "insert into votes (article, session, search_id, helpful, cast_at) values (?, ?, ?, ?, ?)"
                " on conflict (session, article, ifnull(search_id, 0))"
                " do update set helpful = excluded.helpful, cast_at = excluded.cast_at",
                [article, visitor, search, int(helpful), moment],
            )

    def count(self, article: str) -> VoteCount:
        """The votes that stand for the article."""
        with read(self._path) as database:
            helpful, total = database.execute(
                "select ifnull(sum(helpful), 0), count(*) from (select helpful, row_number() over"
                " (partition by session order by cast_at desc, id desc) as place from votes where article = ?) where place = 1",
                [article],
            ).fetchone()
            return VoteCount(helpful, total - helpful)

    def current(self, article: str, *, session: str, search_id: int | None = None) -> bool | None:
        """The vote of this session for the article and search, or None when it has cast none."""
        with read(self._path) as database:
            visitor = pseudonym(database, session)
            row = database.execute(
                "select helpful from votes where session = ? and article = ? and ifnull(search_id, 0) = ifnull(?, 0)",
                [visitor, article, own_search(database, search_id, visitor=visitor)],
            ).fetchone()
            return bool(row[0]) if row else None
