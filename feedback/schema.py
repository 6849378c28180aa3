"""The tables of what happened: searches, opened articles, votes, and the key that turns a session into a pseudonym."""

from __future__ import annotations

import secrets

from sqlite_utils import Database

from kb.database import migration


@migration("feedback_0001_searches_opens_votes")
def _create(database: Database) -> None:
    # Articles are named, not referenced: what was searched and opened stays true after an article is gone.
    database.execute(
        "create table searches (id integer primary key autoincrement, session text not null, text text not null, lang text not null,"
        " source text not null, hits text not null, confidence real not null, outcome text not null, took_ms real not null,"
        " keystrokes integer not null default 1, created_at text not null, updated_at text not null)"
    )
    database["searches"].create_index(["session", "updated_at"])
    database["searches"].create_index(["created_at"])
    # No foreign key on purpose: searches are deleted when they are old, and an open or a vote then keeps its number, which
    # autoincrement never gives away again. Setting it to null would make two votes from two searches one and the same.
    database.execute(
        "create table opens (id integer primary key, article text not null, session text not null,"
        " search_id integer, opened_at text not null)"
    )
    # SQLite holds null values apart in a unique index, so an open without a search counts as search 0.
    database.execute("create unique index opens_once on opens(session, article, ifnull(search_id, 0))")
    database["opens"].create_index(["opened_at", "article"])
    database["opens"].create_index(["search_id"])
    database.execute(
        "create table votes (id integer primary key, article text not null, session text not null,"
        " search_id integer, helpful integer not null check (helpful in (0, 1)),"
        " cast_at text not null)"
    )
    database.execute("create unique index votes_once on votes(session, article, ifnull(search_id, 0))")
    database["votes"].create_index(["article"])
    database["votes"].create_index(["search_id"])
    database.execute("create table feedback_keys (name text primary key, value blob not null)")
    database.execute("insert into feedback_keys values ('session', ?)", [secrets.token_bytes(32)])
