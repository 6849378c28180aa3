"""A backup is put back whole or not at all; what was there is moved aside and never lost; nobody is served meanwhile."""

import json
import os
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kb.backup import write_backup
from kb.backup_archive import BackupError
from kb.database import migrate, write
from kb.errors import DatabaseError
from kb.folder_use import FolderBusy, serving
from kb.restore import restore_backup
from kb.settings import Settings
from tests.kb.test_backup import notes, repack

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path):
    settings = Settings(articles=tmp_path / "old/articles", data=tmp_path / "old/data", title="Acme Help")
    for name, text in {"en/a.md": "# A\n", "zh/退款.md": "# 退款\n"}.items():
        (settings.articles / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.articles / name).write_text(text, encoding="utf-8")
    (settings.articles / "en/b.md").symlink_to("a.md")
    migrate(settings.database)
    with write(settings.database) as database:
        database["notes"].insert_all({"text": f"note {number}"} for number in range(100))
    return settings


@pytest.fixture
def backup(settings, tmp_path):
    return write_backup(settings, tmp_path / "kb.zip", now=lambda: NOW).file


@pytest.fixture
def place(tmp_path):
    return Settings(articles=tmp_path / "new/articles", data=tmp_path / "new/data", title="Other")


def add_note(settings):
    with write(settings.database) as database:
        database["notes"].insert({"text": "since the backup"})


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_everything_is_back_in_empty_folders(settings, backup, place):
    done = restore_backup(backup, place)
    assert files(place.articles) == files(settings.articles) and os.readlink(place.articles / "en/b.md") == "a.md"
    assert (place.articles / "en/a.md").stat().st_mtime == pytest.approx((settings.articles / "en/a.md").stat().st_mtime, abs=0.01)
    assert notes(place.database) == 100 and done.aside == () and done.left_out == ()
    assert done.differs == {"KB_TITLE": ("Acme Help", "Other")}
    assert "KB_TITLE=Acme Help\n" in (place.data / "settings-of-backup.env").read_text()
    assert not [path.name for path in (*place.data.iterdir(), *place.articles.parent.iterdir()) if path.name.startswith(".kb-")]


def test_what_is_there_is_not_replaced_without_force(settings, backup):
    add_note(settings)
    before = files(settings.articles)
    with pytest.raises(BackupError, match="kb.sqlite and .*articles would be replaced; .* or pass --force to move them aside"):
        restore_backup(backup, settings)
    assert notes(settings.database) == 101 and files(settings.articles) == before


def test_with_force_it_is_moved_aside_whole(settings, backup):
    add_note(settings)
    (settings.articles / "en/since.md").write_text("# Since the backup\n")
    stays = sqlite3.connect(settings.database)
    done = restore_backup(backup, settings, force=True, now=lambda: NOW)
    stays.close()
    database, articles = done.aside
    assert (database.name, articles.name) == ("kb.sqlite-before-restore-20261125T093000Z", "articles-before-restore-20261125T093000Z")
    assert notes(database) == 101 and (articles / "en/since.md").is_file()
    assert notes(settings.database) == 100 and not (settings.articles / "en/since.md").exists()
    # A second one in the same second has names of its own.
    again = restore_backup(backup, settings, force=True, now=lambda: NOW)
    assert not set(again.aside) & set(done.aside) and notes(database) == 101


def test_a_damaged_database_is_moved_aside_as_it_lies(settings, backup):
    settings.database.write_bytes(b"not a database" * 1000)
    done = restore_backup(backup, settings, force=True)
    assert done.aside[0].read_bytes() == b"not a database" * 1000 and notes(settings.database) == 100


def test_a_folder_that_cannot_be_renamed_is_replaced_from_within(settings, backup, tmp_path):
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    (mounted / "old.md").write_text("# Old\n")
    if subprocess.run(["mount", "--bind", str(mounted), str(mounted)], capture_output=True, check=False).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        done = restore_backup(backup, replace(settings, articles=mounted, data=tmp_path / "data"), force=True)
        assert files(mounted / "en") == files(settings.articles / "en")
        assert done.aside[-1].parent == mounted and done.aside[-1].name.startswith(".before-restore-")
        assert (done.aside[-1] / "old.md").read_text() == "# Old\n"
    finally:
        subprocess.run(["umount", str(mounted)], check=True)


def test_nothing_is_done_while_a_portal_serves_from_the_folder(settings, backup):
    add_note(settings)
    with serving(settings.data), serving(settings.data):
        with pytest.raises(FolderBusy, match="a portal is serving from it; stop it, then try again"):
            restore_backup(backup, settings, force=True)
        assert notes(settings.database) == 101
    restore_backup(backup, settings, force=True)
    assert notes(settings.database) == 100


def test_a_backup_of_a_newer_kb_is_refused_and_nothing_changes(settings, tmp_path, place):
    with closing(sqlite3.connect(settings.database)) as connection:
        connection.execute("insert into _sqlite_migrations (migration_set, name, applied_at) values ('kb', 'kb_9999_future', '')")
        connection.commit()
    import kb.account_schema  # noqa: F401  so that this floor's changes are known

    backup = write_backup(settings, tmp_path / "newer.zip").file
    with pytest.raises(DatabaseError, match="the database in .*newer.zip was written by a newer kb .*kb_9999_future.*; upgrade kb"):
        restore_backup(backup, place)
    assert not place.database.exists() and not place.articles.exists()


def test_a_disk_that_is_too_small_is_said_before_anything_is_written(backup, place, tmp_path):
    def enlarge(members):
        manifest = json.loads(members["manifest.json"])
        manifest["members"][0]["size"] = 10**15
        return members | {"manifest.json": json.dumps(manifest)}

    # Whoever lies about sizes is refused for that, who tells the truth for the room it would take.
    with pytest.raises(BackupError, match="in another size than its manifest says"):
        restore_backup(repack(backup, tmp_path / "lie.zip", enlarge), place)
    import shutil

    real = shutil.disk_usage
    try:
        shutil.disk_usage = lambda folder: real(folder)._replace(free=1000)
        with pytest.raises(BackupError, match="0 MB free and the backup needs"):
            restore_backup(backup, place)
    finally:
        shutil.disk_usage = real
    assert not place.database.exists() and not place.articles.exists()


@pytest.mark.parametrize(("path", "target"), [("en/evil.md", "../../../secret"), ("en/evil.md", "/etc/passwd"), ("en/evil.md", "..\0"), ("en", "zh")])
def test_a_link_that_would_lead_out_is_refused_and_nothing_changes(backup, place, tmp_path, path, target):
    def smuggle(members):
        manifest = json.loads(members["manifest.json"])
        return members | {"manifest.json": json.dumps(manifest | {"links": {path: target}})}

    with pytest.raises(BackupError):
        restore_backup(repack(backup, tmp_path / "evil.zip", smuggle), place)
    assert not place.database.exists() and not place.articles.exists()


def test_a_member_below_a_link_is_refused(backup, place, tmp_path):
    """A link first, then a file through it: links are made last, and never through another."""

    def smuggle(members):
        manifest = json.loads(members["manifest.json"])
        return members | {"manifest.json": json.dumps(manifest | {"links": {"zh": "en", "zh/x.md": "a.md"}})}

    with pytest.raises(BackupError):
        restore_backup(repack(backup, tmp_path / "evil.zip", smuggle), place)
    assert not place.articles.exists()


def test_a_history_that_is_no_bundle_is_named_and_all_else_is_restored(settings, backup, place, tmp_path):
    import hashlib

    def smuggle(members):
        manifest = json.loads(members["manifest.json"])
        content = b"# v2 git bundle\nnothing\n"
        manifest["members"].append({"name": "history.bundle", "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "modified": 0.0})
        return {**members, "history.bundle": content, "manifest.json": json.dumps(manifest | {"branch": "refs/heads/main"})}

    done = restore_backup(repack(backup, tmp_path / "odd.zip", smuggle), place)
    assert len(done.left_out) == 1 and done.left_out[0].startswith("the history: git fetch failed")
    assert files(place.articles) == files(settings.articles) and not (place.articles / ".git").exists()


def test_a_backup_is_an_ordinary_zip_archive(backup):
    with zipfile.ZipFile(backup) as archive:
        assert archive.testzip() is None and archive.read("articles/zh/退款.md").decode() == "# 退款\n"
