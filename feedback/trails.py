"""What a visitor tried before asking: searches with what each found, what was opened from it, and how that was voted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from feedback.moments import read_stamp, stamp

REACH = timedelta(hours=2)
"""How far back a trail goes."""


@dataclass(frozen=True)
class TrailVote:
    """A vote that was cast from a search."""

    article: str
    helpful: bool
    reason: str


@dataclass(frozen=True)
class TrailStep:
    """One search; `opened` are article ids in the order of opening."""

    search_id: int
    searched_at: datetime
    text: str
    lang: str
    outcome: str
    opened: tuple[str, ...] = ()
    votes: tuple[TrailVote, ...] = ()


def read_trail(database: Database, *, visitor: str, until: datetime) -> tuple[TrailStep, ...]:
    """The searches of the pseudonym in the two hours before `until`, first things first."""
    searches = database.execute(
        "select id, created_at, text, lang, outcome from searches where session = ? and created_at between ? and ? order by created_at, id",
        [visitor, stamp(until - REACH), stamp(until)],
    ).fetchall()
    opened = database.execute("select search_id, article from opens where session = ? order by opened_at, id", [visitor]).fetchall()
    votes = database.execute("select search_id, article, helpful, reason from votes where session = ? order by id", [visitor]).fetchall()
    return tuple(
        TrailStep(
            search, read_stamp(created_at), text, lang, outcome,
            opened=tuple(article for source, article in opened if source == search),
            votes=tuple(TrailVote(article, bool(helpful), reason) for source, article, helpful, reason in votes if source == search),
        )
        for search, created_at, text, lang, outcome in searches
    )  # fmt: skip
