"""One file, one connection per operation, one transaction per user action."""

import sqlite3
import threading

import pytest

from kb.database import migrate, read, write
from kb.errors import DatabaseError


@pytest.fixture
def path(tmp_path):
    import feedback.schema  # noqa: F401

    migrate(tmp_path / "kb.sqlite")
    return tmp_path / "kb.sqlite"


def test_a_failed_transaction_leaves_nothing(path):
    with pytest.raises(RuntimeError), write(path) as database:
        database["notes"].insert({"text": "half"})
        raise RuntimeError
    with read(path) as database:
        assert "notes" not in database.table_names()


def test_a_reader_sees_one_moment(path):
    with write(path) as database:
        database["notes"].insert({"text": "one"})
    with read(path) as reader:
        assert reader["notes"].count == 1
        with write(path) as database:
            database["notes"].insert({"text": "two"})
        assert reader["notes"].count == 1


def test_four_writers_who_read_first_lose_nothing(path):
    with write(path) as database:
        database["counter"].insert({"value": 0})

    def count_up():
        for _ in range(25):
            with write(path) as database:
                value = next(database["counter"].rows)["value"]
                database.execute("update counter set value = ?", [value + 1])

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with read(path) as database:
        assert next(database["counter"].rows)["value"] == 100


def test_a_missing_file_names_the_command_that_makes_it(tmp_path):
    with pytest.raises(DatabaseError, match="run `kb index`"), read(tmp_path / "kb.sqlite"):
        pass


def test_a_file_from_a_newer_version_is_refused(path):
    connection = sqlite3.connect(path)
    connection.execute("insert into _sqlite_migrations (migration_set, name, applied_at) values ('kb', 'feedback_9999_future', '')")
    connection.commit()
    connection.close()
    with pytest.raises(DatabaseError, match="feedback_9999_future.*upgrade kb"):
        migrate(path)


def test_a_damaged_file_is_named_with_its_remedy(path):
    path.write_bytes(b"not a database at all, not even close to one" * 100)
    with pytest.raises(DatabaseError, match="kb.sqlite is damaged.*restore a backup"), read(path) as database:
        database.table_names()


def test_migrating_twice_changes_nothing(path):
    with read(path) as database:
        before = database.schema
    migrate(path)
    with read(path) as database:
        assert database.schema == before
