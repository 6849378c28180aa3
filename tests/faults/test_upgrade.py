"""A database of every earlier version is opened by today's code: nothing in it is lost, it is searched, judged, counted and found sound."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from kb.database import pending_migrations
from tests.faults.conftest import QUERIES, copy_base, find_hits, levels
from tests.faults.earlier import build_earlier, history

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AT = "2026-11-24T09:{:02}:00.000+00:00"
STAGES = [number for number in range(1, len(history()) + 1)]


def fill(path):
    """Rows as a customer and the team had left them, in whatever tables there are."""
    with closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("select name from sqlite_schema where type = 'table'")}
        if "searches" in tables:
            for number, visitor in enumerate(("anna", "ben", "cleo")):
                connection.execute(
                    "insert into searches (session, text, lang, source, hits, confidence, outcome, took_ms, created_at, updated_at)"
                    " values (?, 'pay with seashells', 'en', 'portal', '[{\"article\": \"en/billing/refunds\", \"score\": 0.4}]', 0.1, 'failed', 9.0, ?, ?)",
                    [visitor, AT.format(number), AT.format(number)],
                )
            connection.execute("insert into opens (article, session, search_id, opened_at) values ('en/billing/refunds', 'anna', 1, ?)", [AT.format(10)])
            connection.execute("insert into votes (article, session, search_id, helpful, cast_at) values ('en/billing/refunds', 'anna', 1, 0, ?)", [AT.format(11)])
        if "questions" in tables:
            connection.execute(
                "insert into questions (reference, session, lang, text, created_at) values ('Q-7F3K-Q29M', 'anna', 'en', 'may I pay with seashells?', ?)", [AT.format(12)]
            )  # fmt: skip
            connection.execute("insert into gaps (title_en, state, created_at, updated_at) values ('seashells', 'open', ?, ?)", [AT.format(13), AT.format(13)])
        if "accounts" in tables:
            connection.execute("insert into accounts (name, name_key, role, password_hash, created_at) values ('Mei', 'mei', 'lead', 'x', ?)", [AT.format(0)])
        if "kept_texts" in tables:
            connection.execute("insert into kept_texts values ('mei', 'en/x', 'half a sentence', null, ?)", [AT.format(14)])
        connection.commit()


def fill_index(path, sound):
    """The index as an earlier version had it: with the columns that there were, and all words in one table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("attach ? as sound", [str(sound)])
        tables = {name for (name,) in connection.execute("select name from main.sqlite_schema where type in ('table', 'view')")}
        if "articles" not in tables:
            return False
        for table in ("articles", "embeddings", "background", "passages", "vectors", "synonyms", "article_images", "index_state"):
            if table in tables:
                columns = ", ".join(row[1] for row in connection.execute(f"pragma main.table_info({table})"))
                connection.execute(f"insert or replace into main.{table} ({columns}) select {columns} from sound.{table}")
        connection.execute("delete from index_state where name like 'crc32%'")
        words = "rowid, title, headings, body, aliases"
        for table in ("terms", "inner_terms"):
            into = table if "inner_terms" in tables else "terms"
            connection.execute(f"insert into main.{into} ({words}) select {words} from sound.{table}")
        connection.commit()
        return True


def people_wrote(path):
    """What no upgrade may lose."""
    with closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("select name from sqlite_schema where type = 'table'")}
        columns = {"searches": "id, session, text, hits, created_at", "opens": "article, session, search_id", "votes": "article, session, search_id, helpful",
                   "questions": "reference, text", "accounts": "name, role", "kept_texts": "account, article, text"}  # fmt: skip
        return {table: connection.execute(f"select {shown} from {table} order by 1, 2").fetchall() for table, shown in columns.items() if table in tables}


@pytest.mark.parametrize("stage", STAGES, ids=[history()[stage - 1] for stage in STAGES])
def test_a_database_of_an_earlier_version_is_taken_over_whole(sound_base, tmp_path, stage):
    from portal.knowledge import open_knowledge_base

    base = copy_base(sound_base, tmp_path / "base")
    for file in base.data.glob("kb.sqlite*"):
        file.unlink()
    build_earlier(base.database, history()[:stage])
    fill(base.database)
    wrote, was_indexed = people_wrote(base.database), fill_index(base.database, sound_base.database)

    knowledge = open_knowledge_base(base, now=lambda: NOW)
    assert not pending_migrations(base.database)
    if was_indexed:
        assert find_hits(base) == find_hits(sound_base)
    report = knowledge.index()
    assert (report.embedded == 0) == was_indexed
    knowledge.search(QUERIES[0])
    knowledge.update_gaps()
    now = people_wrote(base.database)
    assert {table: now[table] for table in wrote} == wrote
    assert find_hits(base) == find_hits(sound_base)
    if "searches" in wrote:
        # Three visits that failed alike are a gap, and the day is counted.
        with closing(sqlite3.connect(base.database)) as connection:
            assert connection.execute("select sum(searches) from day_requests where day = '2026-11-24'").fetchone() == (3,)
            assert connection.execute("select count(*) from gaps where title_en = 'pay with seashells'").fetchone()[0] >= 1
    assert not levels(knowledge.doctor())["fault"]


def test_an_index_of_an_earlier_version_goes_on_answering_and_is_sealed(sound_base, tmp_path):
    """As it was before checksums were kept: the upgrade takes what is there for right, and knows it from then on."""
    base = copy_base(sound_base, tmp_path / "base")
    with closing(sqlite3.connect(base.database)) as connection:
        for table in ("article_checksums", "passage_checksums"):
            connection.execute(f"drop table {table}")
        connection.execute("delete from index_state where name like 'crc32%'")
        connection.execute("delete from _sqlite_migrations where name = 'indexer_0006_checksums'")
        connection.commit()
    from portal.knowledge import open_knowledge_base

    knowledge = open_knowledge_base(base)
    assert find_hits(base) == find_hits(sound_base)
    with closing(sqlite3.connect(base.database)) as connection:
        assert connection.execute("select (select count(*) from article_checksums) = (select count(*) from articles)").fetchone() == (1,)
    assert not levels(knowledge.doctor())["fault"]


def test_a_database_of_a_later_version_is_refused_by_every_command_and_left_alone(base, kb):
    with closing(sqlite3.connect(base.database)) as connection:
        connection.execute("insert into _sqlite_migrations (migration_set, name, applied_at) values ('kb', 'feedback_9999_future', '')")
        connection.commit()
        connection.execute("pragma wal_checkpoint(truncate)")
    before = base.database.read_bytes()
    for arguments in (("index",), ("search", "refund"), ("gaps",)):
        told = kb(base, *arguments)
        assert told.returncode == 1 and "feedback_9999_future" in told.stderr and "upgrade kb" in told.stderr
    told = kb(base, "doctor")
    assert told.returncode == 1 and "upgrade kb" in told.stdout
    assert base.database.read_bytes() == before
