"""Bits flip and files are cut short: in the vector file, its manifest and the database. What is shown is what was written, or nothing is."""

import os
import random
import sqlite3
from contextlib import closing
from datetime import date

import pytest

from indexer.checksums import find_damaged
from indexer.doctor import examine
from indexer.indexing import index_articles
from indexer.store import read_state
from indexer.vector_file import find_fault, manifest_path, read_manifest
from kb.database import read
from kb.errors import KnowledgeBaseError
from portal.doctoring import examine_base, repair_base
from tests.faults.conftest import copy_base, embedder_of, find_hits, levels


def flip(path, place, bit=0):
    """Turn one bit of the file over."""
    with open(path, "r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1 << bit]))


def fold_in(settings):
    """All of the database in its one file, as after the last process has ended."""
    with closing(sqlite3.connect(settings.database)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")


def vector_file(settings):
    return manifest_path(settings).with_name(read_manifest(settings).file)


@pytest.fixture(scope="module")
def sound_hits(sound_base):
    return find_hits(sound_base, staff=True)


@pytest.mark.parametrize("where", [0, 0.001, 0.5, 0.999])
def test_a_flipped_bit_in_the_vector_file_is_found_and_the_vectors_come_from_the_database(base, sound_hits, where):
    path = vector_file(base)
    flip(path, int(where * path.stat().st_size), bit=6)
    assert find_hits(base, staff=True) == sound_hits
    found = levels(examine(base, embedder_of(base.model), today=date(2026, 11, 25)))
    assert [message for message in found["warning"] if path.name in message and "not as it was written" in message]
    assert not found["fault"]


@pytest.mark.parametrize("length", [0, 1, 40, 1000])
def test_a_vector_file_cut_short_is_found_and_made_anew(base, sound_hits, length):
    os.truncate(vector_file(base), length)
    assert find_hits(base, staff=True) == sound_hits
    index_articles(base, embedder_of(base.model))
    with read(base.database) as database:
        assert find_fault(base, read_manifest(base), read_state(database)) == ""


def test_a_flipped_bit_anywhere_in_the_manifest_changes_no_answer(base, sound_hits):
    path, chance = manifest_path(base), random.Random(7)
    written = path.read_bytes()
    for place in chance.sample(range(len(written)), 40):
        path.write_bytes(written)
        flip(path, place, bit=chance.randrange(8))
        assert find_hits(base, staff=True)[:2] == sound_hits[:2], place


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"{}", b'{"file": 7}', b"\xff\xfe", b'{"file": "../kb.sqlite", "identity": ""}'])
def test_a_manifest_that_says_nonsense_is_made_anew(base, sound_hits, content):
    manifest_path(base).write_bytes(content)
    assert find_hits(base, staff=True) == sound_hits
    mended = repair_base(base)
    assert mended.done == ("made the vector file anew from the database; nothing was embedded",) and not mended.failed
    assert read_manifest(base) is not None and not levels(mended.findings)["warning"]


def answers(settings):
    """What the base finds, or the message of its refusal."""
    try:
        return find_hits(settings, staff=True)
    except KnowledgeBaseError as fault:
        return str(fault)


INDEX = ("articles", "passages", "vectors", "embeddings", "terms_data", "terms_content", "background", "index_state", "sqlite_schema")


def test_a_flipped_bit_anywhere_in_the_index_shows_nothing_that_was_not_written(base, sound_hits):
    fold_in(base)
    # Without the vector file, so that vectors come from the database too.
    manifest_path(base).unlink()
    with closing(sqlite3.connect(base.database)) as connection:
        pages = [page for (page,) in connection.execute(f"select pageno from dbstat where name in {INDEX} order by pageno")]
    written, chance = base.database.read_bytes(), random.Random(20261125)
    shown = {hit[:3] for hits in sound_hits for hit in hits}
    # Of each page its head and its first cells' places, where a bit does most, and as many places in what it holds.
    places = [(page - 1) * 4096 + (100 if page == 1 else 0) + chance.randrange(16) for page in pages]
    places += [(chance.choice(pages) - 1) * 4096 + chance.randrange(4096) for _ in pages]
    outcomes = []
    for place in places:
        base.database.write_bytes(written)
        flip(base.database, place, bit=chance.randrange(8))
        found = answers(base)
        # Ranks may move where the statistics of words are hurt; what is shown may not be other than it was written.
        assert isinstance(found, str) or {hit[:3] for hits in found for hit in hits} <= shown, place
        outcomes.append("refused" if isinstance(found, str) else "same" if found == sound_hits else "ranked otherwise")
        for name in ("-wal", "-shm"):
            base.database.with_name(base.database.name + name).unlink(missing_ok=True)
    assert outcomes.count("refused") > len(pages) // 3 and outcomes.count("ranked otherwise") <= len(places) // 20


@pytest.mark.parametrize(
    ("table", "column"),
    [("articles", "html"), ("articles", "title"), ("articles", "visibility"), ("passages", "units"), ("passages", "article"), ("embeddings", "vector"),
     ("embeddings", "tokens"), ("terms_content", "c2"), ("background", "mean"), ("vectors", "kind"), ("redirects", "article"), ("index_state", "value")],
)  # fmt: skip
def test_a_changed_value_of_the_index_is_found_and_made_anew_from_the_articles(base, sound_hits, table, column):
    with closing(sqlite3.connect(base.database)) as connection:
        connection.execute("insert into redirects values ('en/old', 'en/account/password')")
        where = "name = 'generation'" if table == "index_state" else f"rowid = (select max(rowid) from {table})"
        (value,) = connection.execute(f"select {column} from {table} where {where}").fetchone()
        changed = bytes([value[0] ^ 4]) + value[1:] if isinstance(value, bytes) else chr(ord(value[0]) ^ 64) + value[1:]
        connection.execute("pragma foreign_keys = off")
        connection.execute(f"update {table} set {column} = ? where {where}", [changed])
        connection.commit()
    assert any(finding.level == "fault" and finding.mend for finding in examine_base(base))
    mended = repair_base(base)
    assert not mended.failed and not levels(mended.findings)["fault"], mended
    assert find_hits(base, staff=True) == sound_hits
    with read(base.database) as database:
        assert not find_damaged(database)


def test_an_index_of_the_database_that_is_out_of_step_is_made_anew(base):
    with closing(sqlite3.connect(base.database)) as connection:
        connection.execute("pragma writable_schema = on")
        (sql,) = connection.execute("select sql from sqlite_schema where name = 'votes_once'").fetchone()
        connection.execute("insert into votes (article, session, search_id, helpful, cast_at) values ('en/a', 'anna', null, 1, '2026-11-25T09:00:00.000+00:00')")
        connection.execute("update sqlite_schema set sql = replace(sql, 'article', 'helpful') where name = 'votes_once'")
        connection.execute("pragma writable_schema = reset")
        connection.commit()
    found = levels(examine_base(base))["fault"]
    assert len(found) == 1 and "votes_once" in found[0]
    mended = repair_base(base)
    assert mended.done == ("made every index of the database anew from its table",), mended
    assert not levels(mended.findings)["fault"]


def test_damage_to_what_people_wrote_is_named_and_not_touched(base):
    with closing(sqlite3.connect(base.database)) as connection:
        connection.executemany(
            "insert into history (subject, subject_id, action, done_at) values ('gap', ?, 'opened', '2026-11-25T09:00:00.000+00:00')",
            [(str(number) * 40,) for number in range(2000)],
        )
        connection.commit()
        connection.execute("pragma wal_checkpoint(truncate)")
        (page,) = connection.execute("select pageno from dbstat where name = 'history' and pagetype = 'leaf' limit 1").fetchone()
    flip(base.database, (page - 1) * 4096, bit=7)
    before = base.database.read_bytes()
    mended = repair_base(base)
    assert mended.done == ()
    (fault,) = {message.split(":")[1].strip() for message in levels(mended.findings)["fault"]}
    assert fault == "table history" and "kb restore" in levels(mended.findings)["fault"][0]
    assert base.database.read_bytes() == before


@pytest.mark.parametrize("kept", [0, 50, 100, 4096, 40_000, 0.5, 0.9])
def test_a_database_cut_short_is_refused_or_answers_as_before(base, sound_hits, kept):
    fold_in(base)
    manifest_path(base).unlink()
    size = base.database.stat().st_size
    os.truncate(base.database, int(kept * size) if isinstance(kept, float) else kept)
    found = answers(base)
    assert found == sound_hits or (isinstance(found, str) and ("damaged" in found or "kb index" in found)), found
    assert levels(examine_base(base))["fault"]


def test_changes_that_were_cut_off_beside_the_database_leave_the_state_before_them(sound_base, tmp_path, sound_hits):
    """The last process was killed, and what it left beside the database is hurt: whole transactions are lost at most."""
    for number, cut in enumerate((1, 3000, 20_000)):
        base = copy_base(sound_base, tmp_path / str(number))
        fold_in(base)
        connection = sqlite3.connect(base.database)
        connection.execute("insert into votes (article, session, helpful, cast_at) values ('en/a', 'anna', 1, '')")
        connection.commit()
        connection.execute("update articles set title = 'Changed'")
        connection.commit()
        late = base.database.with_name("kb.sqlite-wal")
        content = bytearray(late.read_bytes())
        connection.close()
        content[-cut:] = b"" if number == 0 else content[-cut : -cut + 1].replace(content[-cut : -cut + 1], bytes([content[-cut] ^ 1])) + content[-cut + 1 :]
        copy = copy_base(sound_base, tmp_path / f"{number}-late")
        fold_in(copy)
        copy.database.with_name("kb.sqlite-wal").write_bytes(content)
        assert answers(copy) == sound_hits
