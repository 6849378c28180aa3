"""The tables of the audit log: its lines, which nothing changes or removes, and how far their chain reaches."""

from __future__ import annotations

import secrets

from sqlite_utils import Database

from kb.database import migration


@migration("kb_0004_audit")
def _create(database: Database) -> None:
    database.execute(
        "create table audit (id integer primary key autoincrement, at text not null, account text not null, role text not null, action text not null,"
        " subject text not null, subject_id text not null, detail text not null, previous text not null, hash text not null)"
    )
    database["audit"].create_index(["account"])
    # One row: what the first line builds on, how many lines there are, and the hash of the last. Without it a line removed at the end leaves no trace.
    database.execute("create table audit_chain (one integer primary key check (one = 1), genesis text not null, rows integer not null, head text not null)")
    genesis = secrets.token_hex(32)
    database.execute("insert into audit_chain values (1, ?, 0, ?)", [genesis, genesis])
    refuse = "begin select raise(abort, 'the audit log is only ever added to'); end"
    for table in ("audit", "audit_chain"):
        database.execute(f"create trigger {table}_keeps_rows before delete on {table} {refuse}")
    database.execute(f"create trigger audit_keeps_lines before update on audit {refuse}")
    # "insert or replace" removes a row without asking the triggers above.
    database.execute(
        "create trigger audit_grows_at_its_end before insert on audit when new.id is null or new.id <= (select ifnull(max(id), 0) from audit)"
        f" or new.previous is not (select head from audit_chain) {refuse}"
    )
    database.execute(f"create trigger audit_chain_is_one before insert on audit_chain {refuse}")
    database.execute(
        "create trigger audit_chain_grows before update on audit_chain when new.one is not old.one or new.genesis is not old.genesis"
        f" or new.rows is not old.rows + 1 or new.head is not (select hash from audit order by id desc limit 1) {refuse}"
    )
