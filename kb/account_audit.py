"""Lines of the audit log about accounts. Customers' own sign-ins leave none, and a customer's account is known by its number alone."""

from __future__ import annotations

from sqlite_utils import Database

from kb.audit import record, role_of


def note_account(database: Database, account: int, action: str, *, by: str | None, at: str, change: str = "") -> None:
    """Write down what the account `by` did to the account with that number, or it to itself where `by` is None."""
    name, role = database.execute("select name, role from accounts where id = ?", [account]).fetchone()
    is_staff = role != "reader"
    if by is None and not is_staff:
        return
    actor, named = name if by is None else by, [name] if is_staff and by is not None else []
    record(
        database, at=at, account=actor, role=role_of(database, actor), action=action, subject="account", subject_id=account,
        detail=": ".join([*named, *([change] if change else [])]),
    )  # fmt: skip


def note_refused_sign_in(database: Database, name_key: str, *, at: str) -> None:
    """Write down that somebody gave a wrong password for a member of staff. As much is done for a name that is nobody's, and undone: how long it
    takes says nothing about who has an account."""
    database.execute("savepoint refused")
    row = database.execute("select id, name, role from accounts where name_key = ?", [name_key]).fetchone()
    id, name, role = row or ("", "", "reader")
    record(database, at=at, account=name, role=role, action="sign_in_refused", subject="account", subject_id=id)
    if role == "reader":
        database.execute("rollback to refused")
    database.execute("release refused")
