"""A process is killed while it changes the tables of a database: each change is made whole or not at all, and the next start goes on."""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from kb.database import MIGRATIONS, migrate, pending_migrations
from tests.faults.earlier import build_earlier, history, schema_modules

ROOT = Path(__file__).parents[2]
CHILD = """
import importlib, os, signal, sys
from pathlib import Path
from kb.database import MIGRATIONS, migrate

for module in sys.argv[3].split(","):
    importlib.import_module(module)
at = int(sys.argv[2])
done = 0
for registered in MIGRATIONS._migrations:
    def counted(database, change=registered.fn):
        def count(statement):
            global done
            done += 1
            if done == at:
                os.kill(os.getpid(), signal.SIGKILL)
        database.conn.set_trace_callback(count)
        change(database)
    registered.fn = counted
migrate(Path(sys.argv[1]))
print(done)
"""
"""Applies all changes; killed before statement number `at` of them, counted over all."""


def start(path, at):
    return subprocess.Popen([sys.executable, "-c", CHILD, str(path), str(at), ",".join(schema_modules())], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def schema_of(path):
    """Tables, indexes and triggers, as SQL."""
    with closing(sqlite3.connect(path)) as connection:
        return set(connection.execute("select type, name, sql from sqlite_schema where name not like 'sqlite_%'").fetchall())


def applied(path):
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("select name from _sqlite_migrations order by id")]


def test_a_change_killed_between_two_statements_is_not_made_at_all(tmp_path):
    started = tmp_path / "first.sqlite"
    build_earlier(started, history()[:2])
    whole = tmp_path / "whole.sqlite"
    whole.write_bytes(started.read_bytes())
    statements = int(start(whole, 0).communicate(timeout=60)[0])
    chance = random.Random(20261125)
    places = sorted(chance.sample(range(1, statements), 8))
    files = [tmp_path / f"killed-{place}.sqlite" for place in places]
    for two in range(0, len(files), 2):
        running = []
        for file, place in zip(files[two : two + 2], places[two : two + 2], strict=True):
            file.write_bytes(started.read_bytes())
            running.append(start(file, place))
        assert [process.wait(timeout=60) for process in running] == [-signal.SIGKILL] * 2
    for file in files:
        # Some changes in the order of today, each with everything that it does.
        names = applied(file)
        again = tmp_path / "again.sqlite"
        again.unlink(missing_ok=True)
        build_earlier(again, names)
        assert schema_of(file) == schema_of(again)
        migrate(file)
        assert not pending_migrations(file) and schema_of(file) == schema_of(whole)


def test_rows_that_a_change_takes_over_are_there_before_and_after(tmp_path):
    """The change with the most work, killed at random moments while it counts a hundred thousand searches."""
    path = tmp_path / "kb.sqlite"
    build_earlier(path, history()[: history().index("feedback_0006_days")])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "with recursive n (i) as (values (0) union all select i + 1 from n where i < 99999) insert into searches (session, text, lang, source, hits,"
            " confidence, outcome, took_ms, created_at, updated_at) select 's' || i, 'text ' || i, 'en', 'portal', '[]', 0.5, 'weak', 1.0,"
            " strftime('%Y-%m-%dT%H:%M:%S.000+00:00', '2026-01-01', i || ' minutes'), '2026-01-01T00:00:00.000+00:00' from n"
        )
        connection.commit()
    chance, killed = random.Random(7), 0
    for _ in range(4):
        copy = tmp_path / "copy.sqlite"
        for name in ("", "-wal", "-shm"):
            copy.with_name(copy.name + name).unlink(missing_ok=True)
        copy.write_bytes(path.read_bytes())
        process = start(copy, 0)
        time.sleep(chance.uniform(0.25, 0.9))
        process.kill()
        killed += process.wait() != 0
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("select count(*), count(distinct text) from searches").fetchone() == (100_000, 100_000)
            assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        migrate(copy)
        assert set(applied(copy)) == {registered.name for registered in MIGRATIONS._migrations}
    assert killed


def test_a_first_start_that_is_killed_leaves_no_empty_database(tmp_path):
    path = tmp_path / "kb.sqlite"
    assert start(path, 40).wait(timeout=60) == -signal.SIGKILL
    assert not path.exists()
    migrate(path)
    assert not pending_migrations(path)
    assert sorted(file.name for file in tmp_path.iterdir() if "new" in file.name) == []
