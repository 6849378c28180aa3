"""Accounts of customers and staff: who may sign in, who is behind a sign-in, and what they may read."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlite_utils import Database

import kb.account_schema  # noqa: F401  registers the migration of these tables
from kb.account_attempts import begin_attempt, forgive_attempts, stamp
from kb.account_audit import note_account, note_refused_sign_in
from kb.account_keys import derive_key, is_marked, make_mark
from kb.account_rules import LONGEST_PASSWORD, ROLES, check_groups, check_name, check_password, check_role, name_key, password_key
from kb.company_accounts import admit_subject
from kb.database import read, write
from kb.errors import AccountError, DatabaseError, SignInRefused
from kb.readers import STAFF, Reader, customer

__all__ = ["ROLES", "Account", "Accounts", "ListedAccount"]

LOG = logging.getLogger("kb")

IDLE_LIMIT = timedelta(hours=12)
ABSOLUTE_LIMIT = timedelta(days=7)
TOUCHED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Account:
    """A customer or a member of staff."""

    name: str
    role: str
    groups: tuple[str, ...] = ()
    """Of a customer: groups that restricted articles may be for."""
    products: tuple[str, ...] = ()
    """Of a customer: the only products of which more than the public is shown; empty for all."""
    by_company: bool = False
    """Whether a company's identity provider vouches for the account."""

    @property
    def is_staff(self) -> bool:
        return self.role != "reader"

    @property
    def reader(self) -> Reader:
        """What the account may read."""
        return STAFF if self.is_staff else customer(groups=self.groups, products=self.products)

    def may(self, role: str) -> bool:
        """Whether the account has at least this role."""
        return ROLES.index(self.role) >= ROLES.index(check_role(role))


@dataclass(frozen=True)
class ListedAccount(Account):
    """An account as administrators see it; `created_at` and `signed_in_at` (the last time, or None) are in UTC."""

    disabled: bool = False
    created_at: datetime = datetime.min.replace(tzinfo=UTC)
    signed_in_at: datetime | None = None


def utc_now() -> datetime:
    return datetime.now(UTC)


class Accounts:
    """The accounts in one database, which has been migrated. What changes one takes `by`, the name of whoever does it, for the audit log."""

    def __init__(self, database_path: Path, *, now: Callable[[], datetime] = utc_now, hasher: PasswordHasher | None = None) -> None:
        self._path, self._now = database_path, now
        self._hasher = hasher or PasswordHasher()
        # A hash takes 64 MiB while it is computed: many attempts at once wait here instead of filling the memory.
        self._turns = threading.BoundedSemaphore(2)

    def add(self, name: str, role: str, password: str, *, groups: Iterable[str] = (), products: Iterable[str] = (), by: str = "") -> Account:
        """Make an account. Raises AccountError when the name is taken or name, role, password, groups or products will not do."""
        name, rights = check_name(name), _check_rights(role, groups, products)
        check_role(role)
        check_password(password, name=name)
        hashed = self._hash(password)
        with write(self._path) as database:
            if database.execute("select 1 from accounts where name_key = ?", [name_key(name)]).fetchone():
                raise AccountError(f"there is an account {name!r} already; `kb user list` shows all")
            at = stamp(self._now())
            added = database.execute(
                "insert into accounts (name, name_key, role, password_hash, created_at, groups, products) values (?, ?, ?, ?, ?, ?, ?)",
                [name, name_key(name), role, hashed, at, *map(json.dumps, rights)],
            ).lastrowid
            note_account(database, added, "added", by=by, at=at, change=", ".join((role, *rights[0], *rights[1])))
        return Account(name, role, *rights)

    def set_password(self, name: str, password: str, *, by: str = "") -> None:
        """Give the account a new password; every sign-in of it ends. Raises AccountError."""
        check_password(password, name=name)
        self._change(name, "password_hash", self._hash(password), action="password_set", by=by, ends_sessions=True)

    def disable(self, name: str, *, by: str = "") -> None:
        """The account can no longer sign in, and every sign-in of it ends. Raises AccountError."""
        self._change(name, "disabled", 1, action="disabled", by=by, ends_sessions=True)

    def enable(self, name: str, *, by: str = "") -> None:
        """The account can sign in again. Raises AccountError."""
        self._change(name, "disabled", 0, action="enabled", by=by)

    def set_rights(self, name: str, *, groups: Iterable[str] | None = None, products: Iterable[str] | None = None, by: str = "") -> None:
        """What a customer may read from now on, at once; None leaves it as it is. Raises AccountError."""
        for column, wanted in (("groups", groups), ("products", products)):
            if wanted is not None:
                self._change(name, column, json.dumps(check_groups(wanted), ensure_ascii=False), action=f"{column}_set", by=by)

    def set_role(self, name: str, role: str, *, by: str = "") -> None:
        """Takes effect at once, for those who are signed in too. Raises AccountError."""
        self._change(name, "role", check_role(role), action="role_set", by=by)

    def list(self) -> tuple[ListedAccount, ...]:
        """Every account, by name."""
        with read(self._path) as database:
            rows = database.execute(
                "select name, role, groups, products, subject is not null, disabled, created_at, signed_in_at from accounts order by name_key"
            ).fetchall()
        return tuple(
            ListedAccount(
                *_read_account(row), disabled=bool(disabled), created_at=datetime.fromisoformat(created),
                signed_in_at=datetime.fromisoformat(signed_in) if signed_in else None,
            )
            for *row, disabled, created, signed_in in rows
        )  # fmt: skip

    def sign_in(self, name: str, password: str, *, address: str, mark: str = "") -> str:
        """A token of 256 random bits for whoever gives the right password; `address` is the client's network address, `mark` what `mark_browser`
        gave the browser before.

        Raises SignInRefused, after the same work whether or not there is such an account, and TooManyAttempts.
        """
        # Made before anything else, so that not even the first unknown name takes longer than a known one.
        nobodys_hash = self._nobodys_hash
        key, now = name_key(name), self._now()
        with write(self._path) as database:
            place = mark if is_marked(database, mark, key) else address
            begin_attempt(database, key, place, now=now)
            # An account of the company has no password: it is as unknown here as a name that is nobody's.
            row = database.execute(
                "select id, password_hash from accounts where name_key = ? and not disabled and password_hash != ''", [key]
            ).fetchone()
        account, hashed = row or (None, nobodys_hash)
        if not self._verify(hashed, password) or account is None:
            with write(self._path) as database:
                note_refused_sign_in(database, key, at=stamp(now))
            raise SignInRefused
        anew = self._hash(password) if self._hasher.check_needs_rehash(hashed) else hashed
        with write(self._path) as database:
            # Only if nobody disabled the account or changed its password in the meantime.
            changed = database.execute(
                "update accounts set password_hash = ? where id = ? and password_hash = ? and not disabled", [anew, account, hashed]
            ).rowcount
            if not changed:
                raise SignInRefused
            forgive_attempts(database, key, place)
            return _begin_session(database, account, now)

    def sign_in_as(self, subject: str, *, name: str, role: str, groups: Iterable[str]) -> str:
        """A token for somebody for whom the company's identity provider vouches, with the role and groups that follow from what it says.

        `subject` is the provider's address and its own unchanging name for the person. With the first sign-in the account comes into being, without
        a password and called as close to `name` as is free. Raises AccountDisabled.
        """
        now = self._now()
        with write(self._path) as database:
            return _begin_session(database, admit_subject(database, subject, name=name, role=role, groups=groups, at=stamp(now)), now)

    def mark_browser(self, name: str) -> str:
        """What a browser in which the account has signed in keeps, so that wrong passwords from elsewhere do not keep it out of there."""
        with read(self._path) as database:
            return make_mark(database, name_key(name))

    def signing_key(self, purpose: str) -> bytes:
        """A key for what this portal gives a browser and takes back, the same in every process that serves this database."""
        with read(self._path) as database:
            return derive_key(database, purpose)

    def account_of(self, token: str) -> Account | None:
        """Who signed in with this token; None when that was too long ago, has ended, or never was."""
        now = self._now()
        with read(self._path) as database:
            row = database.execute(
                "select accounts.name, accounts.role, accounts.groups, accounts.products, accounts.subject is not null, account_sessions.used_at"
                " from account_sessions join accounts on accounts.id = account_sessions.account where token_hash = ? and not disabled"
                " and account_sessions.used_at > ? and account_sessions.created_at > ?",
                [_digest(token), stamp(now - IDLE_LIMIT), stamp(now - ABSOLUTE_LIMIT)],
            ).fetchone()
        if row is None:
            return None
        # Not at every page: reading should not write.
        *account, used_at = row
        if used_at <= stamp(now - TOUCHED_EVERY):
            self._touch(token, now)
        return Account(*_read_account(account))

    def sign_out(self, token: str) -> None:
        """The token is worth nothing from now on, in every tab. Nothing happens when it is worth nothing already."""
        with write(self._path) as database:
            row = database.execute("select account from account_sessions where token_hash = ?", [_digest(token)]).fetchone()
            if row:
                database.execute("delete from account_sessions where token_hash = ?", [_digest(token)])
                note_account(database, row[0], "signed_out", by=None, at=stamp(self._now()))

    def _touch(self, token: str, now: datetime) -> None:
        try:
            with write(self._path) as database:
                database.execute("update account_sessions set used_at = max(used_at, ?) where token_hash = ?", [stamp(now), _digest(token)])
        except DatabaseError as fault:
            # A full disk ends the sign-in earlier; it must not end it now.
            LOG.warning("the use of a sign-in was not recorded: %s", fault)

    def _change(self, name: str, column: str, value: object, *, action: str, by: str, ends_sessions: bool = False) -> None:
        with write(self._path) as database:
            row = database.execute(f"select id, {column} from accounts where name_key = ?", [name_key(name)]).fetchone()
            if row is None:
                raise AccountError(f"no account {name!r}; `kb user list` shows all")
            account, old = row
            database.execute(f"update accounts set {column} = ? where id = ?", [value, account])
            if ends_sessions:
                database.execute("delete from account_sessions where account = ?", [account])
            if old != value:
                change = f"{old} -> {value}" if column in ("role", "groups", "products") else ""
                note_account(database, account, action, by=by, at=stamp(self._now()), change=change)

    @cached_property
    def _nobodys_hash(self) -> str:
        return self._hash(secrets.token_urlsafe(32))

    def _hash(self, password: str) -> str:
        with self._turns:
            return self._hasher.hash(password_key(password))

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            with self._turns:
                return self._hasher.verify(hashed, password_key(password[:LONGEST_PASSWORD]))
        except (VerificationError, InvalidHashError):
            return False


def _begin_session(database: Database, account: int, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    database.execute("update accounts set signed_in_at = ? where id = ?", [stamp(now), account])
    database.execute("delete from account_sessions where used_at <= ? or created_at <= ?", [stamp(now - IDLE_LIMIT), stamp(now - ABSOLUTE_LIMIT)])
    database.execute("insert into account_sessions values (?, ?, ?, ?)", [_digest(token), account, stamp(now), stamp(now)])
    note_account(database, account, "signed_in", by=None, at=stamp(now))
    return token


def _read_account(row: Sequence) -> tuple[str, str, tuple[str, ...], tuple[str, ...], bool]:
    name, role, groups, products, by_company = row
    return name, role, tuple(json.loads(groups)), tuple(json.loads(products)), bool(by_company)


def _check_rights(role: str, groups: Iterable[str], products: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    rights = check_groups(groups), check_groups(products)
    if any(rights) and role != "reader":
        raise AccountError(f"groups and products are for readers; a {role} reads everything")
    return rights


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
