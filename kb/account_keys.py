"""Keys of this database for what only it can have signed, made from the one that came into being with its accounts."""

from __future__ import annotations

import hmac
import secrets
from hashlib import blake2b

from sqlite_utils import Database


def derive_key(database: Database, purpose: str) -> bytes:
    """32 bytes for one purpose: the same in every process that has this database, and of no use for another purpose."""
    (key,) = database.execute("select value from account_keys where name = 'attempts'").fetchone()
    return blake2b(purpose.encode(), key=key, digest_size=32).digest()


def make_mark(database: Database, name_key: str) -> str:
    """What a browser keeps in which this account has signed in: made for that browser, and good for this account alone."""
    drawn = secrets.token_urlsafe(16)
    return f"{drawn}.{_seal(database, drawn, name_key)}"


def is_marked(database: Database, mark: str, name_key: str) -> bool:
    """Whether `make_mark` made this mark for the account."""
    drawn, _, seal = mark.partition(".")
    return hmac.compare_digest(seal.encode("utf-8", "replace"), _seal(database, drawn, name_key).encode())


def _seal(database: Database, drawn: str, name_key: str) -> str:
    text = f"{drawn}\n{name_key}".encode("utf-8", "replace")
    return blake2b(text, key=derive_key(database, "mark"), digest_size=24).hexdigest()
