"""The tables of what staff have in hand: text typed and not yet saved, and what reviewers remark on an article."""

from __future__ import annotations

from sqlite_utils import Database

from kb.database import migration


@migration("kb_0002_workspace")
def _create(database: Database) -> None:
    # Accounts are named as in the articles' own front matter and history, which know no numbers.
    database.execute(
        "create table kept_texts (account text not null, article text not null, text text not null, base_version text,"
        " kept_at text not null, primary key (account, article)) without rowid"
    )
    database.execute(
        "create table review_comments (id integer primary key autoincrement, article text not null, account text not null,"
        " text text not null, at text not null, resolved_by text, resolved_at text, check ((resolved_by is null) = (resolved_at is null)))"
    )
    database["review_comments"].create_index(["article"])
