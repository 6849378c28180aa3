"""The disk is full, or read-only: what customers read goes on, what cannot be written is said by name, and nothing that was there is lost."""

import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace

import pytest

from feedback.audience import Visit
from indexer.indexing import index_articles
from kb.backup import write_backup
from kb.backup_archive import BackupError
from kb.database import hold_open
from kb.errors import DatabaseError
from tests.faults.conftest import ORDINARY_USER, QUERIES, copy_base, embedder_of, find_hits, levels, write_articles


def fill_up(place, *, but=0):
    """Leave so many bytes free on the disk."""
    with open(place / "ballast", "wb", buffering=0) as ballast:
        piece = b"\0" * 4096
        try:
            while ballast.write(piece) == len(piece):
                pass
        except OSError:
            pass  # Full, as it should be.
        ballast.truncate(max(0, ballast.tell() - but))


def count(settings, table):
    with closing(sqlite3.connect(settings.database)) as connection:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]


@pytest.fixture
def cramped(sound_base, small_disk, tmp_path):
    """A base whose data lies on a disk of 8 MB."""
    base = copy_base(sound_base, tmp_path / "base")
    subprocess.run(["cp", "-r", str(base.data), str(small_disk / "data")], check=True)
    return replace(base, data=small_disk / "data")


def test_on_a_full_disk_customers_are_answered_and_what_is_not_recorded_is_said(cramped, small_disk, sound_base):
    from portal.knowledge import open_knowledge_base

    knowledge = open_knowledge_base(cramped)
    knowledge.warm_up()
    visit = Visit("anna")
    first = knowledge.search(QUERIES[0], visit=visit)
    assert first.search_id
    fill_up(small_disk)
    answer = knowledge.search(QUERIES[0], visit=Visit("ben"))
    assert [hit.article for hit in answer.hits] == [hit.article for hit in first.hits] and answer.search_id is None
    with pytest.raises(DatabaseError, match="disk that holds .* is full; free some space, nothing was lost"):
        knowledge.vote("en/billing/refunds", True, session="ben")
    found = levels(knowledge.doctor())
    assert any("is full" in message for message in found["fault"])

    (small_disk / "ballast").unlink()
    assert count(cramped, "searches") == 1 and find_hits(cramped) == find_hits(sound_base)
    knowledge.vote("en/billing/refunds", True, session="ben")
    assert count(cramped, "votes") == 1


@pytest.mark.parametrize("left", [0, 40_000, 120_000, 250_000])
def test_an_index_that_does_not_fit_is_not_begun_or_undone_and_the_old_one_answers(cramped, small_disk, sound_base, left):
    before, served = find_hits(cramped), hold_open(cramped.database)
    write_articles(cramped.articles, {f"en/new/{number}.md": f"# New {number}\n\n" + f"Something about number {number}. " * 200 for number in range(12)})
    fill_up(small_disk, but=left)
    with pytest.raises(DatabaseError, match="full|No space left|could not write|error writing"):
        index_articles(cramped, embedder_of(cramped.model))
    # Nothing half-made takes the room that is left.
    assert not list(cramped.data.glob("index/*.new")) and len(list(cramped.data.glob("index/*.faiss"))) == 1
    assert [[hit for hit in hits if not hit[0].startswith("en/new/")] for hits in find_hits(cramped)] == before

    (small_disk / "ballast").unlink()
    served.close()
    assert index_articles(cramped, embedder_of(cramped.model)).articles == 18
    assert not levels(replace_doctor(cramped))["fault"]


def replace_doctor(settings):
    from portal.doctoring import examine_base

    return examine_base(settings)


def test_a_first_index_on_a_full_disk_is_one_line(sound_base, small_disk, kb):
    fill_up(small_disk)
    told = kb(replace(sound_base, data=small_disk / "data"), "index")
    assert told.returncode == 1 and told.stderr.startswith("kb: ") and told.stderr.count("\n") == 1, told.stderr
    assert "fault of kb itself" not in told.stderr and ("full" in told.stderr or "space" in told.stderr)


def test_a_backup_that_does_not_fit_is_refused_before_it_begins(base, small_disk):
    fill_up(small_disk, but=300_000)
    with pytest.raises(BackupError, match="0 MB free and the backup may need"):
        write_backup(base, small_disk / "kb.zip")
    assert [file.name for file in small_disk.iterdir()] == ["ballast"]


def test_on_a_read_only_disk_customers_are_answered_and_nothing_else_is_promised(cramped, small_disk, kb, sound_base):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    told = kb(cramped, "search", QUERIES[0])
    assert told.returncode == 0 and "How do I get my money back?" in told.stdout, told.stderr
    told = kb(cramped, "index")
    assert told.returncode == 1 and "cannot be written: Read-only file system" in told.stderr and told.stderr.count("\n") == 1
    told = kb(cramped, "doctor")
    assert told.returncode == 1 and "is read-only; searches are answered" in told.stdout
    assert find_hits(cramped) == find_hits(sound_base)


def test_in_a_folder_of_somebody_else_every_command_says_whose_it_is(base, kb):
    for path in (base.data, *base.data.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        for arguments in (("index",), ("gaps", "update")):
            told = kb(base, *arguments, before=ORDINARY_USER)
            assert told.returncode == 1 and "cannot be written: Permission denied" in told.stderr and told.stderr.count("\n") == 1, told.stderr
        told = kb(base, "doctor", before=ORDINARY_USER)
        assert told.returncode == 1 and "it belongs to" in told.stdout and "change the owner" in told.stdout
        told = kb(base, "doctor", "--repair", before=ORDINARY_USER)
        assert told.returncode == 1 and "Traceback" not in told.stderr
    finally:
        for path in (base.data, *base.data.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
