"""`kb backup` and `kb restore` as they are run: what they say, killed at every step, and while a portal serves."""

import json
import signal
import socket
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from feedback.votes import Votes
from indexer.store import read_state
from indexer.vector_file import find_fault, read_manifest
from kb.backup import verify_backup
from kb.database import read
from kb.folder_use import FolderBusy, alone
from portal.doctoring import examine_base
from tests.faults.conftest import find_hits, levels

SERVE_UNTIL = """
import os, threading, time
def wait():
    while not os.path.exists({stop!r}):
        time.sleep(0.05)
    os._exit(0)
threading.Thread(target=wait, daemon=True).start()
"""


@pytest.fixture
def backed_up(base, kb, tmp_path):
    """A base with one vote, and its backup; then a second vote and another article."""
    Votes(base.database).cast("en/billing/refunds", True, session="anna")
    told = kb(base, "backup", str(tmp_path / "kb.zip"))
    assert told.returncode == 0, told.stderr
    Votes(base.database).cast("en/billing/refunds", True, session="ben")
    (base.articles / "en" / "since.md").write_text("# Since the backup\n")
    return base, tmp_path / "kb.zip", told


def votes(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("select count(*) from votes").fetchone()[0]


def test_a_backup_says_what_it_holds_and_is_verified(backed_up, kb):
    base, file, told = backed_up
    assert told.stdout.startswith(f"{file}: ") and "6 files of articles, database and settings of" in told.stdout and told.stdout.endswith("; verified\n")
    described = json.loads(kb(base, "backup", "--verify", "--json", str(file)).stdout)
    assert (described["articles"], described["history"], described["left_out"]) == (6, False, [])
    with open(file, "r+b") as opened:
        opened.seek(2000)
        opened.write(b"\0\0\0\0")
    told = kb(base, "backup", "--verify", str(file))
    assert (told.returncode, told.stdout) == (1, "") and told.stderr.startswith("kb: ") and "use another" in told.stderr


def test_a_restored_base_answers_as_before_without_embedding_anything_and_is_sound(backed_up, kb, tmp_path, sound_base):
    base, file, _ = backed_up
    place = replace(base, articles=tmp_path / "new" / "articles", data=tmp_path / "new" / "data")
    told = kb(place, "restore", str(file))
    assert told.returncode == 0, told.stderr
    assert "restored" in told.stdout and "6 files" in told.stdout and "next: `kb index`, then `kb doctor`" in told.stdout
    with read(place.database) as database:
        assert find_fault(place, read_manifest(place), read_state(database)) == ""
    assert votes(place.database) == 1 and find_hits(place) == find_hits(sound_base)
    assert json.loads(kb(place, "index", "--json").stdout)["embedded"] == 0
    found = levels(examine_base(place))
    assert not found["fault"] and not found["warning"]


def test_what_is_there_is_refused_or_with_force_moved_aside(backed_up, kb):
    base, file, _ = backed_up
    told = kb(base, "restore", str(file))
    assert (told.returncode, told.stdout) == (1, "") and "pass --force to move them aside" in told.stderr and told.stderr.count("\n") == 1
    assert votes(base.database) == 2
    done = json.loads(kb(base, "restore", "--force", "--json", str(file)).stdout)
    assert votes(base.database) == 1 and votes(done["aside"][0]) == 2
    assert (Path(done["aside"][1]) / "en" / "since.md").is_file() and not (base.articles / "en" / "since.md").exists()


def test_a_backup_killed_at_any_step_leaves_a_whole_file_under_its_name_or_none(backed_up, kb, tmp_path):
    base, _, _ = backed_up
    target, step, status = tmp_path / "elsewhere" / "kb.zip", 0, -signal.SIGKILL
    target.parent.mkdir()
    while status == -signal.SIGKILL:
        step += 1
        status = kb(base, "backup", str(target), step=step).returncode
        assert target.exists() or status != 0
        if target.exists():
            assert len(verify_backup(target).articles) == 7
        if status:
            target.unlink(missing_ok=True)
    assert status == 0 and step > 8 and votes(base.database) == 2
    assert [file.name for file in target.parent.iterdir()] == ["kb.zip"]


def test_a_restore_killed_at_any_step_loses_nothing_and_can_be_run_again(backed_up, kb):
    base, file, _ = backed_up
    step, status = 0, -signal.SIGKILL
    while status == -signal.SIGKILL:
        step += 1 if step < 10 else 3
        status = kb(base, "restore", "--force", str(file), step=step).returncode
        assert status in (0, -signal.SIGKILL)
        # What was there before lies in its place, or aside; whatever stands in its place is whole.
        databases = [path for path in base.data.glob("kb.sqlite*") if path.suffix == ".sqlite" or "Z" in path.suffix]
        assert 2 in [votes(path) for path in databases]
        assert list(base.articles.parent.glob("articles*/en/since.md"))
        assert not base.database.exists() or votes(base.database) in (1, 2)
    assert status == 0 and step > 20 and votes(base.database) == 1
    assert not levels(examine_base(base))["fault"]
    assert not list(base.data.glob(".kb-restore-*")) and not list(base.articles.parent.glob(".kb-restore-*"))


def test_a_portal_that_serves_is_backed_up_and_not_restored_over(backed_up, kb, tmp_path):
    base, file, _ = backed_up
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stop = tmp_path / "stop"
    served = threading.Thread(target=lambda: kb(base, "serve", "--port", str(port), before=SERVE_UNTIL.format(stop=str(stop))))
    served.start()
    try:
        until = time.monotonic() + 60
        while not is_held(base.data) and time.monotonic() < until:
            time.sleep(0.05)
        from kb.backup import write_backup
        from kb.restore import restore_backup

        with pytest.raises(FolderBusy, match="a portal is serving from it; stop it, then try again"):
            restore_backup(file, base, force=True)
        assert votes(base.database) == 2
        assert len(write_backup(base, tmp_path / "served.zip").manifest.articles) == 7
    finally:
        stop.touch()
        served.join()
    assert not is_held(base.data)


def is_held(data):
    try:
        with alone(data):
            return False
    except FolderBusy:
        return True
