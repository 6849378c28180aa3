"""Accounts of people for whom a company's identity provider vouches: known by its word alone, never by what they are called."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable

from sqlite_utils import Database

from kb.account_audit import note_account
from kb.account_rules import COMMAND_ENDING, INVISIBLE, LONGEST_NAME, check_groups, check_role, name_key
from kb.errors import AccountDisabled, AccountError

BY_PROVIDER = "(identity provider)"
NAMELESS = "account"


def admit_subject(database: Database, subject: str, *, name: str, role: str, groups: Iterable[str], at: str) -> int:
    """The number of the account of this subject, made if there is none, with exactly this role and, of a reader, these groups.

    The name is given once, at the beginning: what the account did is known by it. Raises AccountDisabled, and then changes nothing.
    """
    check_role(role)
    held = json.dumps(keep_groups(groups) if role == "reader" else (), ensure_ascii=False)
    row = database.execute("select id, name, role, disabled from accounts where subject = ?", [subject]).fetchone()
    if row is None:
        return _add(database, subject, name=_unused(database, readable_name(name)), role=role, groups=held, at=at)
    account, known_as, old, disabled = row
    if disabled:
        raise AccountDisabled(known_as)
    told = {"by": None, "at": at, "change": f"{old} -> {role} {BY_PROVIDER}"}
    # Whoever leaves the team was on it when that happened; whoever joins it is afterwards.
    if old not in (role, "reader"):
        note_account(database, account, "role_set", **told)
    database.execute("update accounts set role = ?, groups = ? where id = ?", [role, held, account])
    if old == "reader" != role:
        note_account(database, account, "role_set", **told)
    return account


def readable_name(given: str) -> str:
    """A name that an account may have, as close to the given one as can be."""
    seen = "".join(sign for sign in unicodedata.normalize("NFC", given) if sign.isspace() or unicodedata.category(sign) not in INVISIBLE)
    name = " ".join(seen.split())
    while name.endswith(COMMAND_ENDING):
        name = name.removesuffix(COMMAND_ENDING).rstrip()
    return name[:LONGEST_NAME].rstrip() or NAMELESS


def keep_groups(groups: Iterable[str]) -> tuple[str, ...]:
    """The groups that articles could name, in order, each once; no article can be for the others."""
    kept: list[str] = []
    for group in groups:
        try:
            kept += check_groups([group])
        except AccountError:
            continue
    return check_groups(kept)


def _add(database: Database, subject: str, *, name: str, role: str, groups: str, at: str) -> int:
    # No password: nothing that can be typed has an empty hash.
    account = database.execute(
        "insert into accounts (name, name_key, role, password_hash, created_at, groups, subject) values (?, ?, ?, '', ?, ?, ?)",
        [name, name_key(name), role, at, groups, subject],
    ).lastrowid
    note_account(database, account, "added", by=None, at=at, change=f"{role} {BY_PROVIDER}")
    return account


def _unused(database: Database, name: str) -> str:
    """The name, or with the first number behind it that makes it nobody else's: a name from outside takes over no account."""
    number, free = 1, name
    while database.execute("select 1 from accounts where name_key = ?", [name_key(free)]).fetchone():
        number += 1
        ending = f" {number}"
        free = name[: LONGEST_NAME - len(ending)].rstrip() + ending
    return free
