"""The audit log: lines are only ever added, and whatever is done to them behind kb's back is found."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from kb.accounts import Accounts
from kb.audit import AuditCheck, holds_head, list_recorded, read_audit, record, role_of, verify
from kb.audited import Audited
from kb.database import migrate, read, write
from kb.errors import AccountError, DatabaseError, SignInRefused
from kb.workspace import Workspace

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PASSWORD = "four words of my own"
TRIGGERS = ("audit_keeps_rows", "audit_chain_keeps_rows", "audit_keeps_lines", "audit_grows_at_its_end", "audit_chain_is_one", "audit_chain_grows")


@pytest.fixture
def path(tmp_path):
    migrate(tmp_path / "kb.sqlite")
    return tmp_path / "kb.sqlite"


@pytest.fixture
def accounts(path):
    accounts = Accounts(path, now=lambda: NOON, hasher=PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    accounts.add("Mei", "agent", PASSWORD, by="root (command)")
    return accounts


def add(path, count=1, *, account="Mei", action="saved", subject="article", subject_id="en/x", at=NOON, detail=""):
    with write(path) as database:
        for _ in range(count):
            record(database, at=at.isoformat(), account=account, role="agent", action=action, subject=subject, subject_id=subject_id, detail=detail)


def lines(path, **wanted):
    with read(path) as database:
        return read_audit(database, **wanted)


def check(path) -> AuditCheck:
    with read(path) as database:
        return verify(database)


def tamper(path, *statements):
    """As somebody does it who can write to the file and knows what stands in the way."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for name in TRIGGERS:
            connection.execute(f"drop trigger {name}")
        for statement in statements:
            connection.execute(statement)


# The chain


def test_a_line_says_who_did_what_when_and_in_which_role(path):
    add(path, account="Mei", action="moved", subject="article", subject_id="en/退款", detail="draft -> review")
    [line] = lines(path)
    assert astuple(line)[:-1] == (1, NOON, "Mei", "agent", "moved", "article", "en/退款", "draft -> review")


def test_every_line_builds_on_the_one_before_and_the_first_on_what_no_other_database_begins_with(path, tmp_path):
    add(path, 3)
    migrate(tmp_path / "other.sqlite")
    with read(path) as database, read(tmp_path / "other.sqlite") as other:
        rows = database.execute("select previous, hash from audit order by id").fetchall()
        (genesis,) = database.execute("select genesis from audit_chain").fetchone()
        assert [previous for previous, _ in rows] == [genesis, *(hashed for _, hashed in rows[:-1])]
        assert other.execute("select genesis from audit_chain").fetchone() != (genesis,)
    assert check(path) == AuditCheck(3, True, None, rows[-1][1])


def test_an_empty_log_is_sound(path):
    found = check(path)
    assert (found.rows, found.sound, found.first_broken_id) == (0, True, None)


def test_what_fails_leaves_no_line(path):
    with pytest.raises(ZeroDivisionError), write(path) as database:
        record(database, at=NOON.isoformat(), account="Mei", role="agent", action="saved", subject="article")
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), Audited(path, "Mei").act() as line:
        line("saved", "article", "en/x")
        raise ZeroDivisionError
    assert lines(path) == () and check(path).sound


def test_texts_that_no_database_can_hold_and_long_ones_are_recorded_all_the_same(path):
    add(path, subject_id="half \ud83d of one", detail="x" * 9000)
    add(path, detail="\x00 \U0001f600 \u202e")
    assert (lines(path)[1].subject_id, len(lines(path)[1].detail)) == ("half ? of one", 500)
    assert check(path).sound


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set account = 'Bo' where id = 2",
        "update audit set id = 9 where id = 2",
        "delete from audit where id = 3",
        "delete from audit",
        "insert or replace into audit select * from audit where id = 2",
        "replace into audit select 3, at, 'Bo', role, action, subject, subject_id, detail, previous, hash from audit where id = 3",
        "insert into audit select 4, at, 'Bo', role, action, subject, subject_id, detail, previous, hash from audit where id = 3",
        "insert into audit select null, at, 'Bo', role, action, subject, subject_id, detail, previous, hash from audit where id = 3",
        "delete from audit_chain",
        "update audit_chain set rows = 2",
        "update audit_chain set rows = rows + 1, head = 'another'",
        "update audit_chain set genesis = 'another', rows = rows + 1",
        "insert or replace into audit_chain values (1, 'a', 0, 'a')",
    ],
)
def test_the_database_itself_refuses_to_change_what_is_recorded(path, statement):
    add(path, 3)
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
        connection.execute(statement)
    assert check(path) == AuditCheck(3, True, None, lines(path)[0].hash)


@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        (["update audit set account = 'Bo' where id = 2"], 2),
        (["update audit set detail = 'x' where id = 5"], 5),
        (["update audit set at = 'never' where id = 1"], 1),
        (["update audit set detail = x'ff' where id = 3"], 3),
        (["delete from audit where id = 1"], 1),
        (["delete from audit where id = 3"], 3),
        (["delete from audit where id = 5"], 5),
        (["delete from audit where id > 2"], 3),
        (["delete from audit"], 1),
        (["update audit set id = 99 where id = 2", "update audit set id = 2 where id = 3", "update audit set id = 3 where id = 99"], 2),
        (["insert into audit select 6, at, account, role, action, subject, subject_id, detail, previous, hash from audit where id = 5"], 6),
        (["update audit_chain set rows = 4"], 5),
        (["update audit_chain set head = genesis"], 5),
        (["update audit_chain set genesis = 'another'"], 1),
        (["delete from audit_chain"], 1),
    ],
)
def test_what_is_done_to_the_file_is_found_at_the_first_line_that_is_not_as_it_was(path, statements, broken):
    add(path, 5)
    tamper(path, *statements)
    found = check(path)
    assert (found.sound, found.first_broken_id) == (False, broken)


def test_a_log_that_was_tampered_with_can_still_be_read_and_goes_on(path):
    add(path, 3)
    tamper(path, "update audit set at = 'never' where id = 2", "delete from audit where id = 3")
    add(path, action="published")
    assert [(line.id, line.at) for line in lines(path)] == [(4, NOON), (2, None), (1, NOON)]
    assert check(path).first_broken_id == 2


def test_without_its_end_nothing_can_be_recorded_and_the_remedy_is_named(path):
    tamper(path, "delete from audit_chain")
    with pytest.raises(DatabaseError, match="restore a backup"):
        add(path)


def test_a_head_that_was_kept_elsewhere_finds_what_the_chain_alone_cannot(path, tmp_path):
    add(path, 2)
    older = check(path).head
    with closing(sqlite3.connect(tmp_path / "older.sqlite")) as copy, closing(sqlite3.connect(path)) as now:
        now.backup(copy)
    add(path, 2)
    kept = check(path).head
    with read(path) as database:
        assert holds_head(database, older) and holds_head(database, kept)
    # An older file put back is a sound log of its own; so would be one that was written anew from its beginning.
    assert check(tmp_path / "older.sqlite").sound
    with read(tmp_path / "older.sqlite") as database:
        assert holds_head(database, older) and not holds_head(database, kept)


# Several at once, and the end of a process

WRITER = """
import sys
from pathlib import Path
from kb.audit import record
from kb.database import write
for number in range(int(sys.argv[2])):
    with write(Path(sys.argv[1])) as database:
        record(database, at="2026-11-22T12:00:00.000+00:00", account=sys.argv[3], role="agent", action="saved", subject="article", subject_id=number)
"""
KILLED = """
import os, sys
from pathlib import Path
from kb.audited import Audited
with Audited(Path(sys.argv[1]), "Mei").act() as line:
    line("saved", "article", "en/x")
    os.kill(os.getpid(), 9)
"""


def run(script, *arguments):
    return subprocess.Popen([sys.executable, "-c", script, *map(str, arguments)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})


def test_four_processes_that_write_at_once_keep_one_chain(path):
    assert [process.wait(timeout=60) for process in [run(WRITER, path, 25, f"writer {number}") for number in range(4)]] == [0, 0, 0, 0]
    assert check(path) == AuditCheck(100, True, None, lines(path)[0].hash)
    for number in range(4):
        assert [line.subject_id for line in lines(path, account=f"writer {number}")] == [str(one) for one in reversed(range(25))]


def test_a_process_that_is_killed_in_the_middle_leaves_no_half_of_a_line(path):
    add(path, 2)
    assert run(KILLED, path).wait(timeout=60) == -signal.SIGKILL
    assert check(path) == AuditCheck(2, True, None, lines(path)[0].hash)
    add(path)
    assert check(path).rows == 3 and check(path).sound


# Reading


def test_lines_are_read_newest_first_by_account_action_subject_and_time(path):
    add(path, account="Mei", at=NOON)
    add(path, account="Bo", action="assigned", subject="gap", subject_id=3, at=NOON + timedelta(hours=1))
    add(path, account="Bo", action="closed", subject="gap", subject_id=3, at=NOON + timedelta(hours=2))
    assert [line.id for line in lines(path)] == [3, 2, 1]
    assert [line.id for line in lines(path, account="Bo")] == [3, 2]
    assert [line.id for line in lines(path, action="assigned")] == [2]
    assert [line.id for line in lines(path, subject="gap", action="saved")] == []
    assert [line.id for line in lines(path, since=NOON + timedelta(hours=1))] == [3, 2]
    assert [line.id for line in lines(path, until=NOON + timedelta(hours=1))] == [1]
    assert [line.id for line in lines(path, limit=2)] == [3, 2]
    assert [line.id for line in lines(path, limit=2, before_id=2)] == [1]
    assert len(lines(path, limit=None)) == 3


def test_what_a_filter_can_name_is_what_was_recorded(path):
    add(path, account="Mei")
    add(path, account="Bo", action="assigned", subject="gap")
    with read(path) as database:
        assert list_recorded(database) == (("Bo", "Mei"), (("article", "saved"), ("gap", "assigned")))


# Accounts


def told(path):
    return [(line.account, line.role, line.action, line.subject_id, line.detail) for line in lines(path)]


def test_the_role_is_the_one_that_the_account_has(path, accounts):
    with read(path) as database:
        assert [role_of(database, name) for name in ("ｍｅｉ", "root (command)", "nobody")] == ["agent", "command", ""]


def test_whatever_is_done_to_an_account_is_recorded_with_who_did_it_and_never_a_password(path, accounts):
    accounts.set_role("Mei", "lead", by="Root")
    accounts.set_password("mei", "another good sentence", by="Root")
    accounts.disable("Mei", by="Root")
    accounts.disable("Mei", by="Root")
    accounts.enable("Mei", by="Root")
    assert told(path) == [
        ("Root", "", "enabled", "1", "Mei"), ("Root", "", "disabled", "1", "Mei"), ("Root", "", "password_set", "1", "Mei"),
        ("Root", "", "role_set", "1", "Mei: agent -> lead"), ("root (command)", "command", "added", "1", "Mei: agent"),
    ]  # fmt: skip


def test_what_is_refused_is_not_recorded_as_done(path, accounts):
    for refused in (lambda: accounts.set_role("Bo", "lead"), lambda: accounts.add("mei", "lead", PASSWORD), lambda: accounts.set_password("Mei", "short")):
        with pytest.raises(AccountError):
            refused()
    assert len(lines(path)) == 1


def test_sign_ins_and_sign_outs_of_the_team_are_recorded_once_each(path, accounts):
    token = accounts.sign_in("mei", PASSWORD, address="203.0.113.7")
    accounts.account_of(token)
    accounts.sign_out(token)
    accounts.sign_out(token)
    assert told(path)[:-1] == [("Mei", "agent", "signed_out", "1", ""), ("Mei", "agent", "signed_in", "1", "")]


def test_a_refused_sign_in_is_recorded_of_whoever_has_an_account_and_nothing_else_that_was_typed(path, accounts):
    accounts.disable("Mei")
    for name in ("Mei", "secret typed into the wrong field"):
        with pytest.raises(SignInRefused):
            accounts.sign_in(name, "a wrong password", address="203.0.113.7")
    assert told(path)[:-2] == [("Mei", "agent", "sign_in_refused", "1", "")]
    assert check(path).sound


def test_customers_sign_ins_are_not_recorded_and_their_accounts_are_numbers(path, accounts):
    accounts.add("anna@example.com", "reader", PASSWORD, groups=["gold"], by="Mei")
    accounts.set_rights("anna@example.com", groups=["gold", "silver"], by="Mei")
    accounts.sign_out(accounts.sign_in("anna@example.com", PASSWORD, address="203.0.113.7"))
    with pytest.raises(SignInRefused):
        accounts.sign_in("anna@example.com", "wrong", address="203.0.113.7")
    assert told(path)[:-1] == [("Mei", "agent", "groups_set", "2", '["gold"] -> ["gold", "silver"]'), ("Mei", "agent", "added", "2", "reader, gold")]


# Comments and unsaved texts


def test_comments_are_recorded_without_their_words_and_what_nothing_happens_to_is_not(path, accounts):
    workspace = Workspace(path, now=lambda: NOON)
    comment = workspace.comment("en/x", "Anna Smith says it is wrong", account="Mei")
    workspace.resolve(comment.id, account="Mei")
    workspace.resolve(comment.id, account="Bo")
    workspace.discard("en/x", account="Mei")
    workspace.keep("en/x", "typed", base_version=None, account="Mei")
    workspace.drop("en/x", account="Mei")
    workspace.keep("en/x", "typed", base_version=None, account="Mei")
    workspace.discard("en/x", account="Mei")
    assert [(line.action, line.subject_id, line.detail) for line in lines(path)[:-1]] == [
        ("discarded", "en/x", ""), ("comment_resolved", "en/x", ""), ("commented", "en/x", ""),
    ]  # fmt: skip
