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
from kb.errors import AccountDisabled, AccountError, DatabaseError, SignInRefused, TooManyAttempts

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


@pytest.mark.parametrize(("times", "names"), [(5, ("Mei",)), (20, tuple(f"name {number}" for number in range(20)))])
def test_not_even_those_at_the_same_address_lock_a_colleague_out_of_a_browser_that_has_let_them_in_before(accounts, times, names):
    mark = accounts.mark_browser("mei")
    for name in names:
        guess(accounts, name, times=times // len(names))
    with pytest.raises(TooManyAttempts):
        accounts.sign_in("Mei", PASSWORD, address=HERE)
    assert accounts.sign_in("Mei", PASSWORD, address=HERE, mark=mark)


def test_in_such_a_browser_five_wrong_passwords_are_enough_as_well_wherever_it_is(accounts):
    mark = accounts.mark_browser("Mei")
    for address in (HERE, ELSEWHERE, HERE, ELSEWHERE, HERE):
        with pytest.raises(SignInRefused):
            accounts.sign_in("Mei", "wrong password", address=address, mark=mark)
    with pytest.raises(TooManyAttempts):
        accounts.sign_in("Mei", PASSWORD, address="192.0.2.1", mark=mark)
    assert accounts.sign_in("Mei", PASSWORD, address=HERE)


@pytest.mark.parametrize("forge", [lambda mark: "", lambda mark: "x.y", lambda mark: "other" + mark, lambda mark: mark[:-1], lambda mark: "é.é"])
def test_a_mark_that_was_made_up_or_for_another_account_is_none(accounts, forge):
    accounts.add("Kim", "agent", PASSWORD)
    guess(accounts, times=5)
    for mark in (forge(accounts.mark_browser("Mei")), accounts.mark_browser("Kim")):
        with pytest.raises(TooManyAttempts):
            accounts.sign_in("Mei", PASSWORD, address=HERE, mark=mark)


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


# Signed in through a company


def come_in(accounts, subject="https://login.example 7", *, name="Mei Lin", role="reader", groups=("gold",)):
    return accounts.account_of(accounts.sign_in_as(subject, name=name, role=role, groups=groups))


def test_whom_a_company_vouches_for_has_an_account_from_the_first_sign_in_on(accounts, clock):
    assert come_in(accounts) == Account("Mei Lin", "reader", ("gold",), by_company=True)
    clock.pass_by(hours=1)
    come_in(accounts)
    (listed,) = [one for one in accounts.list() if one.by_company]
    assert (listed.name, listed.created_at, listed.signed_in_at) == ("Mei Lin", clock.now - timedelta(hours=1), clock.now)


def test_role_and_groups_follow_what_the_company_says_at_each_sign_in_and_the_name_stays(accounts):
    earlier = accounts.sign_in_as("https://login.example 7", name="Mei Lin", role="lead", groups=("support",))
    assert accounts.account_of(earlier) == Account("Mei Lin", "lead", by_company=True)
    assert come_in(accounts, name="Mei Wang", groups=("silver", "gold", "gold")).groups == ("gold", "silver")
    assert accounts.account_of(earlier) == Account("Mei Lin", "reader", ("gold", "silver"), by_company=True)


def test_products_given_by_hand_are_kept(accounts):
    come_in(accounts)
    accounts.set_rights("Mei Lin", products=["shop"])
    assert come_in(accounts).products == ("shop",)


def test_somebody_elses_name_gets_a_number_and_nobodys_account(accounts):
    subjects = [f"https://login.example {number}" for number in range(3)] + ["https://other.example 0"]
    assert [come_in(accounts, subject, name=" ＭEI ").name for subject in subjects] == ["ＭEI 2", "ＭEI 3", "ＭEI 4", "ＭEI 5"]
    assert accounts.account_of(accounts.sign_in("Mei", PASSWORD, address=HERE)).role == "agent"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("小美", "小美"),
        ("Mei\u202e\u200b \n Lin", "Mei Lin"),
        ("", "account"),
        ("\0", "account"),
        ("m" * 80, "m" * 64),
        ("root (command)", "root"),
        ("(command) (command)", "account"),
        ("root (comma\u200bnd)", "root"),
        ("\ud800 Kim", "Kim"),
    ],
)
def test_a_name_from_outside_becomes_one_that_can_be_read(accounts, given, name):
    assert come_in(accounts, name=given).name == name


def test_a_long_name_that_is_taken_has_room_for_its_number(accounts):
    names = [come_in(accounts, f"https://login.example {number}", name="m" * 64).name for number in range(11)]
    assert names[:2] == ["m" * 64, "m" * 62 + " 2"] and names[-1] == "m" * 61 + " 11"


def test_no_name_may_look_like_the_machines_own_in_the_audit_log(accounts):
    with pytest.raises(AccountError, match="does not end with"):
        accounts.add("root (command)", "administrator", PASSWORD)


def test_a_disabled_account_stays_out_and_keeps_what_it_was(accounts):
    token = accounts.sign_in_as("https://login.example 7", name="Mei Lin", role="agent", groups=())
    accounts.disable("Mei Lin")
    assert accounts.account_of(token) is None
    with pytest.raises(AccountDisabled, match="'Mei Lin' is disabled"):
        come_in(accounts, role="lead")
    accounts.enable("Mei Lin")
    assert accounts.list()[-1].role == "agent" and accounts.account_of(token) is None


def test_an_account_of_a_company_has_no_password_and_guessing_one_costs_what_it_costs_for_nobody(accounts, monkeypatch):
    come_in(accounts)
    looked_at, verify = [], PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, hashed, password: (looked_at.append(hashed), verify(self, hashed, password))[1])
    for name in ("Mei Lin", "nobody"):
        for password in ("", "wrong password"):
            with pytest.raises(SignInRefused):
                accounts.sign_in(name, password, address=HERE)
    assert len(looked_at) == 4 and all(hashed.startswith("$argon2id$") for hashed in looked_at)


def test_signing_out_ends_what_a_company_vouched_for_too(accounts):
    token = accounts.sign_in_as("https://login.example 7", name="Mei", role="reader", groups=())
    accounts.sign_out(token)
    assert accounts.account_of(token) is None


def test_a_key_is_the_same_for_every_process_and_another_for_every_purpose_and_database(accounts, path, tmp_path):
    migrate(tmp_path / "other.sqlite")
    keys = [one.signing_key("company") for one in (accounts, Accounts(path), Accounts(tmp_path / "other.sqlite"))]
    assert keys[0] == keys[1] != keys[2] and keys[0] != accounts.signing_key("mark") and len(keys[0]) == 32


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
