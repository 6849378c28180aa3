"""Turning a browser session into a pseudonym that joins one visitor's actions and leads back to nobody."""

from __future__ import annotations

from hashlib import blake2b

from sqlite_utils import Database


def pseudonym(database: Database, session: str) -> str:
    """32 hexadecimal digits: BLAKE2b of the session, keyed with random bytes that only this database holds."""
    (key,) = database.execute("select value from feedback_keys where name = 'session'").fetchone()
    return blake2b(session.encode("utf-8"), key=key, digest_size=16).hexdigest()


def own_search(database: Database, search_id: int | None, *, visitor: str) -> int | None:
    """The search id when that search is this visitor's own, else None: the number comes from an address that anyone can edit."""
    if search_id is None:
        return None
    found = database.execute("select id from searches where id = ? and session = ?", [search_id, visitor]).fetchone()
    return found[0] if found else None
