"""Who a search comes from: customers are evidence; staff, programs and floods are marked and kept out of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from feedback.moments import SKEW, stamp

AUDIENCES = ("customer", "staff", "bot", "flood")

WINDOW = timedelta(minutes=10)
SEARCHES_PER_SESSION = 30
"""More recorded searches of one visit within the window are a flood: nobody words twenty problems in ten minutes."""
SEARCHES_PER_ADDRESS = 300
"""The same for one network address; a whole company may stand behind one."""
SESSIONS_PER_TEXT = 5
"""So many visits from one address may ask the same words within a day; more are one person with a script or many windows."""

BOT = re.compile(
    r"bot\b|crawl|spider|slurp|headless|phantom|preview|monitor|uptime|pingdom|lighthouse|scrap|fetch\b|"
    r"^(?:curl|wget|python|java|go-http|okhttp|libwww|ruby|perl|axios|node)",
    re.I,
)


@dataclass(frozen=True)
class Visit:
    """Where an action comes from. `session` and `address` are stored only as pseudonyms; `staff` is whether somebody of the team is signed in."""

    session: str
    address: str = ""
    staff: bool = False
    user_agent: str = ""


def is_bot(user_agent: str) -> bool:
    """Whether a program says of itself that it is one. Those that do not are caught by their pace."""
    return bool(BOT.search(user_agent))


def judge_audience(database: Database, visit: Visit, *, visitor: str, address: str, text: str, now: datetime) -> str:
    """One of AUDIENCES for a search about to be stored; `visitor` and `address` are the pseudonyms."""
    if visit.staff:
        return "staff"
    if is_bot(visit.user_agent):
        return "bot"
    since, until = stamp(now - WINDOW), stamp(now + SKEW)
    (own,) = database.execute("select count(*) from searches where session = ? and updated_at >= ? and updated_at <= ?", [visitor, since, until]).fetchone()
    if own >= SEARCHES_PER_SESSION:
        return "flood"
    if not address:
        return "customer"
    (near,) = database.execute("select count(*) from searches where address = ? and created_at >= ? and created_at <= ?", [address, since, until]).fetchone()
    if near >= SEARCHES_PER_ADDRESS:
        return "flood"
    (alike,) = database.execute(
        "select count(distinct session) from searches where address = ? and created_at >= ? and created_at <= ? and text = ? and session != ?",
        [address, stamp(now - timedelta(days=1)), until, text, visitor],
    ).fetchone()
    return "flood" if alike >= SESSIONS_PER_TEXT else "customer"
