"""Wrong passwords are counted by who is named and from where, so that guessing ends and no stranger locks a colleague out.

Where is a network address; or a browser in which the account has signed in before, by its mark, so that not even those who share the address
use up what it may try.
"""

from __future__ import annotations

import ipaddress
import math
from datetime import datetime, timedelta
from hashlib import blake2b

from sqlite_utils import Database

from kb.errors import TooManyAttempts

WINDOW = timedelta(minutes=15)
_SKEW = timedelta(minutes=1)
"""Two at once take their time before their turn: one may count what the other, by its clock, has yet to try."""
MOST_FOR_ACCOUNT = 5
"""Wrong passwords for one account from one address within the window."""
MOST_FROM_ADDRESS = 20
"""Wrong passwords for any account from one address within the window."""


def begin_attempt(database: Database, name_key: str, address: str, *, now: datetime) -> int:
    """Count an attempt as wrong before its password is looked at, so that many at once cannot slip through; returns its number.

    Raises TooManyAttempts, and then counts nothing: waiting is enough to be heard again.
    """
    pair, place = _pseudonyms(database, name_key, address)
    # What is still to come was tried before the clock was set back: nobody waits for a day because of that.
    database.execute("delete from account_attempts where tried_at <= ? or tried_at > ?", [stamp(now - WINDOW), stamp(now + _SKEW)])
    for column, value, most in (("pair", pair, MOST_FOR_ACCOUNT), ("address", place, MOST_FROM_ADDRESS)):
        found = database.execute(f"select tried_at from account_attempts where {column} = ? order by tried_at desc limit ?", [value, most])
        tried = [row[0] for row in found]
        if len(tried) == most:
            wait = datetime.fromisoformat(tried[-1]) + WINDOW - now
            raise TooManyAttempts(max(1, math.ceil(wait.total_seconds())))
    return database.execute("insert into account_attempts (pair, address, tried_at) values (?, ?, ?)", [pair, place, stamp(now)]).lastrowid


def forgive_attempts(database: Database, name_key: str, address: str) -> None:
    """The password was right: earlier slips of this account from this address no longer count."""
    database.execute("delete from account_attempts where pair = ?", [_pseudonyms(database, name_key, address)[0]])


def stamp(moment: datetime) -> str:
    """A moment in UTC as these tables hold it; later moments sort after earlier ones."""
    return moment.isoformat(timespec="milliseconds")


def network(address: str) -> str:
    """What one client can choose from: the address itself, and of IPv6 the first 64 bits, which one household holds entirely."""
    try:
        given = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return address
    if given.version == 4:
        return str(given)
    if given.ipv4_mapped:
        return str(given.ipv4_mapped)
    return str(ipaddress.ip_network((given, 64), strict=False))


def _pseudonyms(database: Database, name_key: str, address: str) -> tuple[str, str]:
    (key,) = database.execute("select value from account_keys where name = 'attempts'").fetchone()
    place = network(address)
    return tuple(blake2b(text.encode("utf-8", "replace"), key=key, digest_size=16).hexdigest() for text in (f"{place}\n{name_key}", place))
