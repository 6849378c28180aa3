"""The tables of staff accounts: who they are, their sign-ins that still hold, and wrong passwords of the last minutes."""

from __future__ import annotations

import secrets

from sqlite_utils import Database

from kb.database import migration


@migration("kb_0001_accounts")
def _create(database: Database) -> None:
    # name_key is the name without case and width, so that "Mei" and "mei" cannot be two people.
    database.execute(
        "create table accounts (id integer primary key autoincrement, name text not null, name_key text not null unique,"
        " role text not null check (role in ('agent', 'lead', 'administrator')), password_hash text not null,"
        " disabled integer not null default 0 check (disabled in (0, 1)), created_at text not null, signed_in_at text)"
    )
    # A sign-in is known by the SHA-256 of its token: whoever reads this file cannot act as anyone.
    database.execute(
        "create table account_sessions (token_hash text primary key, account integer not null references accounts(id) on delete cascade,"
        " created_at text not null, used_at text not null) without rowid"
    )
    database["account_sessions"].create_index(["account"])
    # Keyed hashes of (name, address) and of the address: a password typed into the name's field is not kept readable.
    database.execute(
        "create table account_attempts (id integer primary key, pair text not null, address text not null, tried_at text not null)"
    )
    database["account_attempts"].create_index(["pair", "tried_at"])
    database["account_attempts"].create_index(["address", "tried_at"])
    database.execute("create table account_keys (name text primary key, value blob not null)")
    database.execute("insert into account_keys values ('attempts', ?)", [secrets.token_bytes(32)])


@migration("kb_0003_readers")
def _add_readers(database: Database) -> None:
    # Customers may sign in, too: what they may see of what is not public goes by their groups and products, JSON lists.
    database.execute(
        "create table accounts_new (id integer primary key autoincrement, name text not null, name_key text not null unique,"
        " role text not null check (role in ('reader', 'agent', 'lead', 'administrator')), password_hash text not null,"
        " disabled integer not null default 0 check (disabled in (0, 1)), created_at text not null, signed_in_at text,"
        " groups text not null default '[]', products text not null default '[]', subject text unique)"
    )
    kept = "id, name, name_key, role, password_hash, disabled, created_at, signed_in_at"
    database.execute(f"insert into accounts_new ({kept}) select {kept} from accounts")
    database.execute("drop table accounts")
    database.execute("alter table accounts_new rename to accounts")
