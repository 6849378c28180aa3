"""Staff accounts: who may sign in, what guessing costs, when a sign-in ends, and what the file gives away."""

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from kb.account_attempts import network
from kb.accounts import ABSOLUTE_LIMIT, IDLE_LIMIT, Account, Accounts
from kb.database import migrate
from kb.errors import AccountError, DatabaseError, SignInRefused, TooManyAttempts

PASSWORD = "four words of my own"
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 22, 9, tzinfo=UTC)

    def __call__(self):
        return self.now

    def pass_by(self, **time):
        self.now += timedelta(**time)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    migrate(tmp_path / "kb.sqlite")
    return tmp_path / "kb.sqlite"


@pytest.fixture
def accounts(path, clock):
    accounts = Accounts(path, now=clock, hasher=CHEAP)
    accounts.add("Mei", "agent", PASSWORD)
    return accounts


def guess(accounts, name="Mei", *, times=1, address=HERE):
    for number in range(times):
        with pytest.raises(SignInRefused):
            accounts.sign_in(name, f"wrong password {number}", address=address)


def test_the_right_password_gives_a_token_that_says_who_signed_in(accounts):
    token = accounts.sign_in("Mei", PASSWORD, address=HERE)
    assert len(token) >= 43
    assert accounts.account_of(token) == Account("Mei", "agent")


def test_a_name_is_one_account_however_it_is_typed(accounts):
    assert accounts.account_of(accounts.sign_in(" ＭEI ", PASSWORD, address=HERE)).name == "Mei"
    with pytest.raises(AccountError, match="already"):
        accounts.add("mei", "lead", PASSWORD)


def test_a_role_includes_those_before_it():
    assert [Account("x", "lead").may(role) for role in ("agent", "lead", "administrator")] == [True, True, False]
    with pytest.raises(AccountError, match="no role"):
        Account("x", "lead").may("owner")


def test_a_wrong_password_an_unknown_name_and_a_disabled_account_are_refused_in_the_same_words(accounts):
    accounts.add("Kim", "agent", PASSWORD)
    accounts.disable("Kim")
    said = set()
    for name, password in (("Mei", "wrong password"), ("nobody", PASSWORD), ("Kim", PASSWORD)):
        with pytest.raises(SignInRefused) as refusal:
            accounts.sign_in(name, password, address=HERE)
        said.add(str(refusal.value))
    assert len(said) == 1


def test_an_unknown_name_costs_one_check_of_a_hash_like_a_known_one(path, clock, monkeypatch):
    accounts = Accounts(path, now=clock, hasher=CHEAP)
    accounts.add("Mei", "agent", PASSWORD)
    work = []
    for name, real in (("hash", PasswordHasher.hash), ("verify", PasswordHasher.verify)):
        monkeypatch.setattr(PasswordHasher, name, lambda self, *given, name=name, real=real: (work.append(name), real(self, *given))[1])
    guess(accounts, "Mei")
    known, work[:] = list(work), []
    fresh = Accounts(path, now=clock, hasher=CHEAP)
    guess(fresh, "nobody")
    assert known == work == ["hash", "verify"]


def test_after_five_wrong_passwords_not_even_the_right_one_is_heard_from_there(accounts, clock):
    guess(accounts, times=5)
    clock.pass_by(minutes=5)
    with pytest.raises(TooManyAttempts) as refusal:
        accounts.sign_in("Mei", PASSWORD, address=HERE)
    assert refusal.value.retry_seconds == 600


def test_a_stranger_cannot_lock_a_colleague_out(accounts):
    guess(accounts, times=5, address=ELSEWHERE)
    assert accounts.sign_in("Mei", PASSWORD, address=HERE)


def test_waiting_is_enough_to_be_heard_again_though_one_kept_trying(accounts, clock):
    guess(accounts, times=5)
    for _ in range(14):
        clock.pass_by(minutes=1)
        with pytest.raises(TooManyAttempts):
            accounts.sign_in("Mei", PASSWORD, address=HERE)
    clock.pass_by(minutes=1)
    assert accounts.sign_in("Mei", PASSWORD, address=HERE)


def test_twenty_wrong_passwords_from_one_address_are_enough_whatever_the_names(accounts):
    for number in range(20):
        guess(accounts, f"name {number}")
    with pytest.raises(TooManyAttempts):
        accounts.sign_in("Mei", PASSWORD, address=HERE)
    assert accounts.sign_in("Mei", PASSWORD, address=ELSEWHERE)


def test_slips_before_the_right_password_are_forgiven(accounts):
    for _ in range(6):
        guess(accounts, times=4)
        assert accounts.account_of(accounts.sign_in("Mei", PASSWORD, address=HERE)).name == "Mei"


def test_many_guesses_at_the_same_moment_are_counted_one_by_one(accounts):
    outcomes = []

    def try_once():
        try:
            accounts.sign_in("Mei", "wrong password", address=HERE)
        except (SignInRefused, TooManyAttempts) as refusal:
            outcomes.append(type(refusal).__name__)

    threads = [threading.Thread(target=try_once) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["SignInRefused"] * 5 + ["TooManyAttempts"] * 7


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_all_addresses_that_one_household_can_choose_from_count_as_one(address, counted):
    assert network(address) == counted


def test_a_sign_in_ends_when_it_was_not_used_for_long(accounts, clock):
    token = accounts.sign_in("Mei", PASSWORD, address=HERE)
    clock.pass_by(hours=11)
    assert accounts.account_of(token)
    clock.pass_by(hours=11)
    assert accounts.account_of(token)
    clock.now += IDLE_LIMIT
    assert accounts.account_of(token) is None


def test_a_sign_in_ends_after_a_week_however_busy(accounts, clock):
    token, until = accounts.sign_in("Mei", PASSWORD, address=HERE), clock.now + ABSOLUTE_LIMIT
    while clock.now + timedelta(hours=6) < until:
        clock.pass_by(hours=6)
        assert accounts.account_of(token)
    clock.now = until
    assert accounts.account_of(token) is None


def test_reading_pages_writes_at_most_once_a_minute(accounts, path, clock):
    token = accounts.sign_in("Mei", PASSWORD, address=HERE)
    with sqlite3.connect(path, isolation_level=None) as other:
        before = other.execute("pragma data_version").fetchone()
        for _ in range(59):
            clock.pass_by(seconds=1)
            accounts.account_of(token)
        assert other.execute("pragma data_version").fetchone() == before
        clock.pass_by(seconds=1)
        accounts.account_of(token)
        accounts.account_of(token)
        assert other.execute("select used_at from account_sessions").fetchall() == [(clock.now.isoformat(timespec="milliseconds"),)]


def test_a_disk_that_takes_no_more_does_not_end_a_sign_in(accounts, clock, monkeypatch):
    token = accounts.sign_in("Mei", PASSWORD, address=HERE)
    clock.pass_by(minutes=2)

    def full(_):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr("kb.accounts.write", full)
    assert accounts.account_of(token) == Account("Mei", "agent")


def test_signing_out_makes_the_token_worthless_and_no_other(accounts):
    one, other = (accounts.sign_in("Mei", PASSWORD, address=HERE) for _ in range(2))
    accounts.sign_out(one)
    accounts.sign_out("never given")
    assert accounts.account_of(one) is None and accounts.account_of(other)


def test_a_new_password_ends_every_sign_in_and_the_old_one_is_refused(accounts):
    token = accounts.sign_in("Mei", PASSWORD, address=HERE)
    accounts.set_password("mei", "another good sentence")
    assert accounts.account_of(token) is None
    with pytest.raises(SignInRefused):
        accounts.sign_in("Mei", PASSWORD, address=HERE)
    assert accounts.sign_in("Mei", "another good sentence", address=HERE)


def test_disabling_ends_every_sign_in_and_enabling_revives_none(accounts):
    token = accounts.sign_in("Mei", PASSWORD, address=HERE)
    accounts.disable("Mei")
    assert accounts.account_of(token) is None
    accounts.enable("Mei")
    assert accounts.account_of(token) is None
    assert accounts.sign_in("Mei", PASSWORD, address=HERE)


def test_another_role_holds_at_once_for_who_is_signed_in(accounts):
    token = accounts.sign_in("Mei", PASSWORD, address=HERE)
    accounts.set_role("Mei", "lead")
    assert accounts.account_of(token).role == "lead"


def test_whoever_reads_the_file_finds_no_token_no_password_and_no_address(accounts, path):
    token = accounts.sign_in("Mei", PASSWORD, address=HERE)
    guess(accounts, "my secret typed into the wrong field")
    files = b"".join(file.read_bytes() for file in path.parent.glob("kb.sqlite*"))
    for secret in (token, PASSWORD, "my secret", HERE, "wrong password"):
        assert secret.encode() not in files


def test_a_hash_made_with_older_parameters_is_renewed_at_the_next_sign_in(path, clock):
    Accounts(path, now=clock, hasher=CHEAP).add("Mei", "agent", PASSWORD)
    stronger = PasswordHasher(time_cost=2, memory_cost=128, parallelism=1)
    Accounts(path, now=clock, hasher=stronger).sign_in("Mei", PASSWORD, address=HERE)
    (hashed,) = sqlite3.connect(path).execute("select password_hash from accounts").fetchone()
    assert not stronger.check_needs_rehash(hashed)
    assert Accounts(path, now=clock, hasher=stronger).sign_in("Mei", PASSWORD, address=HERE)


@pytest.mark.parametrize(
    ("password", "fact"),
    [("elevenchars", "want at least 12"), ("a" * 30, "repeated"), ("MeiMeiMei 1234", "name"), ("x1" * 600, "longer than 1000")],
)
def test_a_password_that_is_easily_guessed_is_refused_with_advice(accounts, password, fact):
    with pytest.raises(AccountError, match=fact):
        accounts.set_password("Mei", password)


def test_a_password_may_be_chinese_and_typed_in_full_width(accounts):
    accounts.set_password("Mei", "我最喜欢的四个词语组成密码Ａ１")
    assert accounts.sign_in("Mei", "我最喜欢的四个词语组成密码A1", address=HERE)


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "a\nb", "a\u202eb", "a\0b"])
def test_a_name_that_cannot_be_read_is_refused(accounts, name):
    with pytest.raises(AccountError):
        accounts.add(name, "agent", PASSWORD)


def test_an_unknown_account_cannot_be_changed(accounts):
    for change in (accounts.disable, accounts.enable):
        with pytest.raises(AccountError, match="no account 'nobody'"):
            change("nobody")


def test_the_list_shows_who_can_sign_in_and_when_they_last_did(accounts, clock):
    accounts.add("Ada", "administrator", PASSWORD)
    accounts.sign_in("Mei", PASSWORD, address=HERE)
    accounts.disable("Mei")
    ada, mei = accounts.list()
    assert (ada.name, ada.role, ada.disabled, ada.signed_in_at) == ("Ada", "administrator", False, None)
    assert (mei.name, mei.disabled, mei.created_at, mei.signed_in_at) == ("Mei", True, clock.now, clock.now)


ACCOUNTS_FIRST = "import kb.account_schema; from kb.database import migrate; migrate(path)"
ALL_FLOORS = "import indexer.schema, feedback.schema, kb.account_schema; from kb.database import migrate; migrate(path)"
WITHOUT_ACCOUNTS = "import indexer.schema, feedback.schema; from kb.database import migrate; migrate(path)"


@pytest.mark.parametrize(
    "order",
    [
        (ACCOUNTS_FIRST, ALL_FLOORS),
        (ALL_FLOORS, ACCOUNTS_FIRST),
        (WITHOUT_ACCOUNTS, ACCOUNTS_FIRST, WITHOUT_ACCOUNTS),
        (ACCOUNTS_FIRST, WITHOUT_ACCOUNTS),
    ],
)
def test_accounts_and_index_can_be_made_in_either_order(tmp_path, order):
    path = tmp_path / "kb.sqlite"
    for code in order:
        done = subprocess.run(
            [sys.executable, "-c", f"from pathlib import Path; path = Path({str(path)!r}); {code}"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
    tables = {name for (name,) in sqlite3.connect(path).execute("select name from sqlite_master")}
    assert {"accounts", "account_sessions", "articles", "searches"} <= tables
