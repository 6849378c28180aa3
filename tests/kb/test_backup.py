"""A backup holds everything that cannot be made again, as it was at one moment, was read back, and trusts no other file of that name."""

import json
import os
import sqlite3
import stat
import subprocess
import threading
import zipfile
from contextlib import closing
from datetime import UTC, datetime

import pytest

from kb.backup import verify_backup, write_backup
from kb.backup_archive import BackupError
from kb.database import migrate, write
from kb.errors import DatabaseError
from kb.restore import restore_backup
from kb.settings import Settings

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path):
    settings = Settings(articles=tmp_path / "articles", data=tmp_path / "data", title="Acme Help")
    for name, text in {"en/a.md": "# A\n", "zh/退款.md": "# 退款\n", "en/images/a.png": "no image", "synonyms.yaml": "- [a, b]\n", ".gitignore": "x\n"}.items():
        (settings.articles / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.articles / name).write_text(text, encoding="utf-8")
    migrate(settings.database)
    with write(settings.database) as database:
        database["notes"].insert_all({"text": f"note {number}"} for number in range(100))
    return settings


@pytest.fixture
def written(settings, tmp_path):
    return write_backup(settings, tmp_path / "kb.zip", now=lambda: NOW)


def notes(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("select count(*) from notes").fetchone()[0]


def repack(file, to, change):
    """The backup once more, with its members changed: `change` takes and returns {name: bytes}."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in change(members).items():
            archive.writestr(name, content)
    return to


def test_it_holds_database_articles_and_settings_and_nothing_derived(settings, written):
    (settings.data / "index").mkdir()
    (settings.data / "index" / "vectors-1.faiss").write_text("derived")
    assert {member.name for member in written.manifest.members} == {
        "kb.sqlite", "settings.env", "articles/en/a.md", "articles/zh/退款.md", "articles/en/images/a.png", "articles/synonyms.yaml", "articles/.gitignore",
    }  # fmt: skip
    assert (written.manifest.made_at, written.manifest.settings["KB_TITLE"]) == ("2026-11-25T09:30:00+00:00", "Acme Help")
    assert "kb_0001_accounts" not in written.manifest.schema or written.manifest.schema
    assert written.left_out == () and verify_backup(written.file) == written.manifest


def test_only_its_owner_may_read_it(written):
    assert stat.S_IMODE(written.file.stat().st_mode) == 0o600


def test_it_is_of_one_moment_while_others_write(settings, tmp_path):
    stop, wrote = threading.Event(), []

    def work():
        while not stop.is_set():
            with write(settings.database) as database:
                database["notes"].insert({"text": "both"})
                database["twins"].insert({"text": "both"})
            wrote.append(1)

    with write(settings.database) as database:
        database["twins"].insert_all({"text": f"note {number}"} for number in range(100))
    writers = [threading.Thread(target=work) for _ in range(2)]
    for writer in writers:
        writer.start()
    while len(wrote) < 5:
        pass
    backup = write_backup(settings, tmp_path / "busy.zip")
    stop.set()
    for writer in writers:
        writer.join()
    restored = Settings(articles=tmp_path / "r/articles", data=tmp_path / "r/data")
    restore_backup(backup.file, restored)
    with closing(sqlite3.connect(restored.database)) as connection:
        counts = connection.execute("select (select count(*) from notes), (select count(*) from twins)").fetchone()
    assert counts[0] == counts[1] >= 105


def test_the_history_comes_as_a_bundle_without_settings_or_hooks(settings, tmp_path):
    git = ["git", "-c", "user.name=Mei", "-c", "user.email=mei@example.com"]
    for arguments in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "--message=First"], ["branch", "other"]):
        subprocess.run([*git, *arguments], cwd=settings.articles, check=True)
    (settings.articles / ".git" / "hooks" / "post-checkout").write_text("#!/bin/sh\nexit 1\n")
    subprocess.run([*git, "remote", "add", "origin", "https://token@example.com/kb.git"], cwd=settings.articles, check=True)
    (settings.articles / "en/a.md").write_text("# A, changed and not committed\n")
    written = write_backup(settings, tmp_path / "kb.zip")
    assert written.manifest.branch == "refs/heads/main"
    restored = Settings(articles=tmp_path / "r/articles", data=tmp_path / "r/data")
    restore_backup(written.file, restored)

    def told(*arguments):
        return subprocess.run([*git, *arguments], cwd=restored.articles, capture_output=True, text=True, check=True).stdout

    assert told("log", "--format=%s", "main").split() == ["First"] and "other" in told("branch", "--list")
    assert told("status", "--porcelain").split() == ["M", "en/a.md"]
    assert told("remote") == "" and not (restored.articles / ".git" / "hooks").exists()


def test_a_repository_around_the_articles_is_named_and_left_out(settings, tmp_path):
    subprocess.run(["git", "init", "--quiet"], cwd=settings.articles.parent, check=True)
    (told,) = write_backup(settings, tmp_path / "kb.zip").left_out
    assert "larger repository around the articles" in told


def test_links_that_lead_out_and_what_is_no_file_are_named_and_left_out(settings, tmp_path):
    secret = tmp_path / "secret.md"
    secret.write_text("# Not an article\n")
    (settings.articles / "en" / "inside.md").symlink_to("a.md")
    (settings.articles / "en" / "outside.md").symlink_to(secret)
    (settings.articles / "en" / "folder").symlink_to(tmp_path)
    (settings.articles / "en" / "lost.md").symlink_to("nothing.md")
    os.mkfifo(settings.articles / "en" / "pipe.md")
    written = write_backup(settings, tmp_path / "kb.zip")
    assert written.manifest.links == {"en/inside.md": "a.md"}
    assert sorted(fact.split(":")[0] for fact in written.left_out) == ["en/folder", "en/lost.md", "en/outside.md", "en/pipe.md"]
    with zipfile.ZipFile(written.file) as archive:
        assert not [name for name in archive.namelist() if b"Not an article" in archive.read(name)]


def test_no_file_is_replaced_and_none_lies_among_the_articles(settings, written, tmp_path):
    before = written.file.read_bytes()
    with pytest.raises(BackupError, match="is there already"):
        write_backup(settings, written.file)
    assert written.file.read_bytes() == before
    with pytest.raises(BackupError, match="would lie in the articles folder"):
        write_backup(settings, settings.articles / "kb.zip")
    with pytest.raises(BackupError, match="there is no folder"):
        write_backup(settings, tmp_path / "none" / "kb.zip")
    with pytest.raises(DatabaseError, match="no database at"):
        write_backup(Settings(articles=settings.articles, data=tmp_path / "none"), tmp_path / "other.zip")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["articles", "data", "kb.zip"]


def test_an_article_that_cannot_be_read_is_no_backup_without_it(settings, tmp_path, monkeypatch):
    real = os.open

    def refuse(path, *rest, **named):
        if str(path).endswith("a.md"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *rest, **named)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(BackupError, match="a.md cannot be read: Permission denied; check its permissions, nothing was backed up"):
        write_backup(settings, tmp_path / "kb.zip")
    assert not (tmp_path / "kb.zip").exists()


def test_a_damaged_database_makes_no_backup(settings, tmp_path):
    with closing(sqlite3.connect(settings.database)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
        (page,) = connection.execute("select pageno from dbstat where name = 'notes' limit 1").fetchone()
    with open(settings.database, "r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 64)
    with pytest.raises(BackupError, match=r"is damaged \(.*notes.*\), and so would be its backup; run `kb doctor`"):
        write_backup(settings, tmp_path / "kb.zip")


def test_a_flipped_bit_anywhere_in_it_is_found_or_changes_nothing(written):
    """A few bytes of a zip archive, such as times, say nothing that is restored."""
    content, refused = written.file.read_bytes(), 0
    places = range(5, len(content), len(content) // 60)
    for place in places:
        hurt = bytearray(content)
        hurt[place] ^= 16
        written.file.write_bytes(hurt)
        try:
            assert verify_backup(written.file) == written.manifest
        except BackupError as fault:
            refused += 1
            assert "use another" in str(fault) or "not restored" in str(fault) or "copy it again" in str(fault)
    assert refused > 0.8 * len(places)


@pytest.mark.parametrize("length", [0, 10, 0.5, 0.99])
def test_one_that_was_cut_short_is_refused(written, length):
    size = written.file.stat().st_size
    os.truncate(written.file, int(length * size) if isinstance(length, float) else length)
    with pytest.raises(BackupError, match="no whole backup; it may be cut short"):
        verify_backup(written.file)


def changed_manifest(**change):
    def edit(members):
        manifest = json.loads(members["manifest.json"])
        return members | {"manifest.json": json.dumps(manifest | change)}

    return edit


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (lambda members: {"readme.txt": b"hello"}, "no backup of kb"),
        (lambda members: {name: content for name, content in members.items() if name != "kb.sqlite"}, "does not hold what its manifest says"),
        (lambda members: members | {"articles/extra.md": b"# Extra"}, "does not hold what its manifest says"),
        (lambda members: members | {"articles/en/a.md": b"# Other"}, "another size|is not what was packed"),
        (lambda members: members | {"articles/en/a.md": b"# B\n"}, "is not what was packed"),
        (lambda members: members | {"manifest.json": b"{"}, "no backup of kb"),
        (lambda members: members | {"manifest.json": b"[]"}, "no backup of kb"),
        (changed_manifest(format="kb-backup/9"), "this kb reads kb-backup/1"),
        (changed_manifest(members=[]), "holds no database"),
        (changed_manifest(members=7), "no backup of kb"),
        (changed_manifest(links={"../../x": "a.md"}), "names a place where no article lies"),
    ],
)
def test_what_was_tampered_with_is_refused(written, tmp_path, change, fact):
    with pytest.raises(BackupError, match=fact):
        verify_backup(repack(written.file, tmp_path / "changed.zip", change))


@pytest.mark.parametrize(
    "name", ["articles/../../evil.md", "/etc/cron.d/evil", "articles//evil.md", "evil.sh", "articles/.git/hooks/post-checkout", "articles/en/.GIT/config", "articles/./x.md"]
)
def test_a_member_that_would_lie_elsewhere_is_refused_and_nothing_is_written(written, tmp_path, name):
    def smuggle(members):
        manifest = json.loads(members["manifest.json"])
        manifest["members"].append({"name": name, "size": 4, "sha256": "0" * 64, "modified": 0.0})
        return {**members, name: b"evil", "manifest.json": json.dumps(manifest)}

    changed = repack(written.file, tmp_path / "changed.zip", smuggle)
    restored = Settings(articles=tmp_path / "r/articles", data=tmp_path / "r/data")
    with pytest.raises(BackupError, match="names a place where no article lies"):
        restore_backup(changed, restored)
    assert not restored.database.exists() and not restored.articles.exists()


def test_links_and_bombs_in_it_are_refused(written, tmp_path):
    linked = tmp_path / "linked.zip"
    with zipfile.ZipFile(written.file) as archive, zipfile.ZipFile(linked, "w") as to:
        for info in archive.infolist():
            if info.filename == "articles/en/a.md":
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            to.writestr(info, archive.read(info.filename))
    with pytest.raises(BackupError, match="something other than plain files"):
        verify_backup(linked)

    def inflate(members):
        manifest = json.loads(members["manifest.json"])
        for one in manifest["members"]:
            if one["name"] == "articles/en/a.md":
                one["size"] = 50_000_000
        return members | {"articles/en/a.md": b"\0" * 50_000_000, "manifest.json": json.dumps(manifest)}

    with pytest.raises(BackupError, match="is not what was packed"):
        verify_backup(repack(written.file, tmp_path / "bomb.zip", inflate))


def test_what_a_killed_backup_has_left_goes_with_the_next_one(settings, tmp_path):
    dead = tmp_path / ".kb-backup-dead"
    dead.mkdir()
    (dead / "kb.sqlite").write_text("half a copy")
    write_backup(settings, tmp_path / "kb.zip")
    assert not dead.exists()
