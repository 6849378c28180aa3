"""Turning a browser session or a network address into a pseudonym that joins one visitor's actions and leads back to nobody."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b

from sqlite_utils import Database


def pseudonym(database: Database, session: str) -> str:
    """32 hexadecimal digits: BLAKE2b of the session, keyed with random bytes that only this database holds."""
    return blake2b(session.encode("utf-8"), key=_key(database), digest_size=16).hexdigest()


def address_pseudonym(database: Database, address: str, day: datetime) -> str:
    """16 hexadecimal digits that join what comes from one network address within one UTC day, and no longer; '' without an address.

    Addresses are few enough to try them all, so the day is part of the key and the pseudonyms of past days say nothing together.
    """
    if not address:
        return ""
    return blake2b(address.encode("utf-8"), key=_key(database), person=day.strftime("%Y-%m-%d").encode(), digest_size=8).hexdigest()


def own_search(database: Database, search_id: int | None, *, visitor: str) -> int | None:
    """The search id when that search is this visitor's own, else None: the number comes from an address that anyone can edit."""
    if search_id is None:
        return None
    found = database.execute("select id from searches where id = ? and session = ?", [search_id, visitor]).fetchone()
    return found[0] if found else None


def _key(database: Database) -> bytes:
    (key,) = database.execute("select value from feedback_keys where name = 'session'").fetchone()
    return key
