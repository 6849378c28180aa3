"""`kb audit` prints what was done, and exits 1 when the log is not whole."""

import json

import pytest

from kb.audited import Audited
from kb.database import migrate, read, write
from portal import knowledge as knowledge  # registers every table


@pytest.fixture
def kb(tmp_path, warm_kb):
    """Runs `kb` on a base in which Ada saved an article and somebody closed a gap."""
    database = tmp_path / "kb.sqlite"
    migrate(database)
    Audited(database, "Ada").note("saved", "article", "en/x", detail="text: 0123")
    Audited(database, "Lee").note("closed", "gap", 3)

    def run(*arguments, part="audit"):
        return warm_kb(part, *arguments, environment={"KB_ARTICLES": str(tmp_path), "KB_DATA": str(tmp_path)})

    run.database = database
    return run


def test_lines_are_printed_newest_first_and_no_more_than_are_wanted(kb):
    told = kb()
    assert (told.returncode, told.stderr) == (0, "")
    assert [line.split()[-3:] for line in told.stdout.splitlines()] == [["gap", "closed", "3"], ["en/x", "text:", "0123"]]
    assert len(kb("--limit", "1").stdout.splitlines()) == 1
    assert kb("--since", "2999-01-01").stdout == "nothing is recorded\n"
    [line] = json.loads(kb("--json", "--limit", "1").stdout)
    assert (line["id"], line["account"], line["subject_id"]) == (2, "Lee", "3")


def test_a_whole_log_tells_its_last_hash_and_takes_it_back_later(kb):
    told = kb("--verify")
    assert told.returncode == 0 and told.stdout.startswith("the log is whole: 2 lines")
    head = told.stdout.splitlines()[1]
    Audited(kb.database, "Ada").note("saved", "article", "en/x")
    assert kb("--verify", "--head", head.upper()).returncode == 0
    replaced = kb("--verify", "--head", "0" * 64)
    assert replaced.returncode == 1 and "does not hold the hash that was kept" in replaced.stdout
    assert json.loads(kb("--verify", "--json", "--head", "0" * 64).stdout)["holds_kept_head"] is False


def test_a_log_that_was_tampered_with_exits_1_and_names_the_line(kb):
    with write(kb.database) as database:
        database.execute("drop trigger audit_keeps_lines")
        database.execute("update audit set account = 'Bo' where id = 1")
    told = kb("--verify")
    assert told.returncode == 1 and "line 1 is changed, missing or out of place" in told.stdout
    found = json.loads(kb("--verify", "--json").stdout)
    assert (found["rows"], found["sound"], found["first_broken_id"]) == (2, False, 1)


def test_without_a_database_and_with_a_hash_to_no_purpose_the_remedy_is_named(kb, tmp_path):
    assert "add --verify" in kb("--head", "abc").stderr
    kb.database.unlink()
    told = kb()
    assert told.returncode == 1 and "run `kb index`" in told.stderr


def test_what_is_done_by_a_command_is_recorded_under_the_name_of_the_machines_user(kb):
    assert kb("enable", "nobody", part="user").returncode == 1
    assert kb("expire", part="gaps").returncode == 0
    [line] = json.loads(kb("--json", "--limit", "1").stdout)
    assert line["account"].endswith(" (command)") and (line["role"], line["subject"], line["action"]) == ("command", "texts", "expired")
    with read(kb.database) as database:
        assert database.execute("select count(*) from audit").fetchone() == (3,)
