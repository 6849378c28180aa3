"""The log of searches and of the articles opened from them: redacted, under pseudonyms, one row per question."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from feedback import schema as schema
from feedback.keystrokes import continues, takes_back
from feedback.redaction import redact
from feedback.sessions import own_search, pseudonym
from indexer.hits import Answer
from kb.database import read, write

PAUSE = timedelta(seconds=30)
"""Keystrokes further apart than this are two searches."""
MAX_CHARACTERS = 1000
"""Of a longer text only the start is stored: nobody types this, but somebody pastes it."""
STORED_HITS = 10


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


class SearchLog:
    """Writes and reads `searches` and `opens`. Every method raises DatabaseError when the file cannot be read or written."""

    def __init__(self, database_path: Path, *, now: Callable[[], datetime] = utc_now) -> None:
        self._path, self._now = database_path, now

    def record(self, *, text: str, lang: str, session: str, source: str, answer: Answer) -> int:
        """Store one run of a query and return its search id.

        A search of the same session and source within 30 seconds that this text continues is updated and keeps its id, unless
        an article was opened or voted on from it: then it is finished and a new search begins. Emptying the box changes nothing:
        what was asked stays asked.
        """
        text = redact(text[: MAX_CHARACTERS * 2])[:MAX_CHARACTERS]
        moment = self._now()
        hits = [{"article": hit.article, "score": round(hit.score, 4)} for hit in answer.hits[:STORED_HITS]]
        row = {
            "text": text, "lang": lang, "hits": json.dumps(hits, ensure_ascii=False), "confidence": round(answer.confidence, 4),
            "outcome": answer.outcome, "took_ms": round(answer.took_ms, 1), "updated_at": _stamp(moment),
        }  # fmt: skip
        with write(self._path) as database:
            visitor = pseudonym(database, session)
            last = _last_unfinished(database, visitor=visitor, source=source, since=_stamp(moment - PAUSE))
            if last and continues(text, last["text"]):
                if takes_back(text, last["text"]):
                    return last["id"]
                database["searches"].update(last["id"], {**row, "keystrokes": last["keystrokes"] + 1})
                return last["id"]
            added = database["searches"].insert({**row, "session": visitor, "source": source, "created_at": _stamp(moment)})
            return added.last_pk

    def record_open(self, article: str, *, session: str, search_id: int | None) -> None:
        """Store that this session opened the article, from its own search if the id is one. Opening again moves the time."""
        with write(self._path) as database:
            visitor = pseudonym(database, session)
            database.execute(
                "insert into opens (article, session, search_id, opened_at) values (?, ?, ?, ?)"
                " on conflict (session, article, ifnull(search_id, 0)) do update set opened_at = excluded.opened_at",
                [article, visitor, own_search(database, search_id, visitor=visitor), _stamp(self._now())],
            )

    def popular(self, *, since_days: int = 30, limit: int) -> list[tuple[str, int]]:
        """(article id, number of sessions that opened it in the last `since_days`), most first, then by id."""
        with read(self._path) as database:
            rows = database.execute(
                "select article, count(distinct session) as visitors from opens where opened_at >= ?"
                " group by article order by visitors desc, article limit ?",
                [_stamp(self._now() - timedelta(days=since_days)), limit],
            )
            return [(article, visitors) for article, visitors in rows.fetchall()]


def _last_unfinished(database: Database, *, visitor: str, source: str, since: str) -> dict | None:
    rows = database.query(
        "select id, text, keystrokes from searches where session = ? and source = ? and updated_at >= ?"
        " and not exists (select 1 from opens where search_id = searches.id)"
        " and not exists (select 1 from votes where search_id = searches.id)"
        " order by updated_at desc, id desc limit 1",
        [visitor, source, since],
    )
    return next(iter(rows), None)


def _stamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: as text, earlier sorts first."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
