"""`kb user`: the first account is made on the command line, and a password is never an argument."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from kb.accounts import Accounts

ROOT = Path(__file__).parents[2]
PASSWORD = "four words of my own"


@pytest.fixture
def kb(tmp_path):
    def run(*arguments, typed=""):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KB_")} | {"KB_DATA": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "-m", "portal.command", "user", *arguments],
            cwd=ROOT, env=environment, input=typed, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    return run


def test_the_first_administrator_is_made_before_anything_is_indexed(kb, tmp_path):
    told = kb("add", "mei", "--role", "administrator", "--password-stdin", typed=PASSWORD + "\n")
    assert (told.returncode, told.stdout, told.stderr) == (0, "mei may sign in as administrator\n", "")
    accounts = Accounts(tmp_path / "kb.sqlite")
    assert accounts.account_of(accounts.sign_in("mei", PASSWORD, address="127.0.0.1")).role == "administrator"


def test_a_fresh_folder_holds_no_account_and_the_list_says_how_to_make_one(kb):
    assert kb("list", "--json").stdout == "[]\n"
    assert "kb user add" in kb("list").stdout


def test_an_account_is_listed_changed_disabled_and_enabled(kb):
    kb("add", "小美", "--role", "agent", "--password-stdin", typed=PASSWORD)
    assert kb("role", "小美", "lead").returncode == 0
    assert kb("disable", "小美").returncode == 0
    (listed,) = json.loads(kb("list", "--json").stdout)
    assert (listed["name"], listed["role"], listed["disabled"], listed["signed_in_at"]) == ("小美", "lead", True, None)
    assert "小美" in kb("list").stdout and "disabled" in kb("list").stdout
    assert kb("enable", "小美").returncode == 0
    assert "disabled" not in kb("list").stdout


def test_the_list_tells_whom_a_company_vouches_for(kb, tmp_path):
    kb("add", "mei", "--role", "agent", "--password-stdin", typed=PASSWORD)
    Accounts(tmp_path / "kb.sqlite").sign_in_as("https://login.example 7", name="Li Wei", role="reader", groups=("gold",))
    assert [(one["name"], one["by_company"], one["groups"]) for one in json.loads(kb("list", "--json").stdout)] == [("Li Wei", True, ["gold"]), ("mei", False, [])]
    assert [line for line in kb("list").stdout.splitlines() if "by the company" in line][0].startswith("Li Wei")


def test_a_new_password_replaces_the_old_one(kb, tmp_path):
    kb("add", "mei", "--role", "agent", "--password-stdin", typed=PASSWORD)
    assert kb("password", "mei", "--password-stdin", typed="another good sentence").returncode == 0
    assert Accounts(tmp_path / "kb.sqlite").sign_in("mei", "another good sentence", address="127.0.0.1")


@pytest.mark.parametrize(
    ("arguments", "typed", "fact"),
    [
        (("add", "mei", "--role", "agent", "--password-stdin"), "short\n", "want at least 12"),
        (("add", "", "--role", "agent", "--password-stdin"), PASSWORD, "1 to 64 characters"),
        (("add", "mei", "--role", "agent"), "", "--password-stdin"),
        (("disable", "nobody"), "", "no account 'nobody'"),
        (("role", "nobody", "lead"), "", "no account 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_one_line_with_the_remedy(kb, arguments, typed, fact):
    told = kb(*arguments, typed=typed)
    assert told.returncode == 1 and told.stdout == ""
    assert told.stderr.startswith("kb: ") and told.stderr.count("\n") == 1 and fact in told.stderr


@pytest.mark.parametrize(
    "arguments", [("add", "mei"), ("add", "mei", "--role", "owner"), ("add", "mei", PASSWORD, "--role", "agent"), ("role", "mei", "owner")]
)
def test_wrong_usage_exits_2(kb, arguments):
    assert kb(*arguments).returncode == 2


def test_a_name_cannot_be_taken_twice(kb):
    kb("add", "mei", "--role", "agent", "--password-stdin", typed=PASSWORD)
    again = kb("add", "MEI", "--role", "administrator", "--password-stdin", typed=PASSWORD)
    assert again.returncode == 1 and "already" in again.stderr


def test_on_a_terminal_the_password_is_asked_for_twice_and_not_shown(tmp_path):
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.environ["KB_DATA"] = str(tmp_path)
        os.execv(sys.executable, [sys.executable, "-m", "portal.command", "user", "add", "mei", "--role", "lead"])
    shown = b""
    for question in (b"Password", b"again"):
        while question not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, PASSWORD.encode() + b"\n")
    try:
        while piece := os.read(terminal, 1024):
            shown += piece
    except OSError:  # the terminal is closed: the command has ended
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert b"mei may sign in as lead" in shown and PASSWORD.encode() not in shown


def test_it_loads_neither_the_model_nor_the_portal(tmp_path):
    code = "import sys; from portal.command import command; command.main(['user', 'list'], standalone_mode=False); print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "KB_DATA": str(tmp_path)}, capture_output=True, text=True, timeout=60
    )
    assert not {"torch", "streamlit", "faiss", "sentence_transformers"} & set(told.stdout.split())
