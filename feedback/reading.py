"""How long an opened article was read, and which search it was opened from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from feedback import schema as schema
from feedback.moments import stamp, utc_now
from feedback.sessions import pseudonym
from kb.database import read, write

MAX_SECONDS = 3600.0
"""Nobody reads one article longer: the page was left open."""
STILL_READING = timedelta(hours=2)
"""An article opened again within this time is still the same reading."""

_LATEST = "from opens where session = ? and article = ? order by opened_at desc, id desc limit 1"


class ReadingLog:
    """Adds to `opens`. Every method raises DatabaseError when the file cannot be read or written."""

    def __init__(self, database_path: Path, *, now: Callable[[], datetime] = utc_now) -> None:
        self._path, self._now = database_path, now

    def record_read(self, article: str, *, session: str, seconds: float) -> None:
        """Add the seconds to the session's latest open of the article, up to an hour in all; without one nothing happens."""
        seconds = min(max(seconds, 0.0), MAX_SECONDS)
        with write(self._path) as database:
            found = _latest_open(database, article, session=session)
            if found is None:
                return
            opened, search = found
            database.execute("update opens set read_seconds = min(read_seconds + ?, ?) where id = ?", [seconds, MAX_SECONDS, opened])
            database.execute("update searches set settled_at = null where id = ?", [search])

    def search_behind(self, article: str, *, session: str) -> int | None:
        """The search from which this session last opened the article, if that was within two hours: a reload does not name it again."""
        with read(self._path) as database:
            row = database.execute(f"select search_id, opened_at {_LATEST}", [pseudonym(database, session), article]).fetchone()
            return row[0] if row and row[1] >= stamp(self._now() - STILL_READING) else None


def _latest_open(database: Database, article: str, *, session: str) -> tuple[int, int | None] | None:
    return database.execute(f"select id, search_id {_LATEST}", [pseudonym(database, session), article]).fetchone()
