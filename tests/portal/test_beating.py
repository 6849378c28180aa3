"""A portal writes down whether it can answer searches, says once what keeps it from doing so, and never stops trying."""

import logging
import sqlite3
from contextlib import closing

import pytest

from kb.database import migrate
from kb.errors import DatabaseError
from kb.settings import Settings
from portal.beating import beat
from portal.knowledge import Readiness, open_knowledge_base


@pytest.fixture
def knowledge(tmp_path, prepared_model):
    settings = Settings(articles=tmp_path / "articles", data=tmp_path / "data", model=str(prepared_model))
    real = open_knowledge_base(settings)
    migrate(settings.database)
    return real


def recorded(knowledge):
    with closing(sqlite3.connect(knowledge.settings.database)) as connection:
        return connection.execute("select ok, fault from health_spans order by id").fetchall()


def test_a_portal_that_has_no_model_or_index_yet_is_recorded_as_down_with_what_is_missing(knowledge, monkeypatch):
    parts = {"model": "the model is still loading", "database": "ok", "index": "waits for the model"}
    monkeypatch.setattr(knowledge, "readiness", lambda: Readiness(False, parts))
    assert beat(knowledge) == ""
    assert recorded(knowledge) == [(0, "model: the model is still loading; index: waits for the model")]


def test_it_is_recorded_as_up_once_a_search_can_be_answered(knowledge):
    file = knowledge.settings.articles / "en" / "refund.md"
    file.parent.mkdir(parents=True)
    file.write_text("---\ntitle: Refunds\n---\n\nAsk within 14 days.\n", encoding="utf-8")
    knowledge.index()
    knowledge.warm_up()
    beat(knowledge)
    assert recorded(knowledge) == [(1, "")]


def test_a_fault_is_said_once_while_it_lasts_and_again_when_it_is_another(knowledge, monkeypatch, caplog):
    faults = iter([DatabaseError("disk full"), DatabaseError("disk full"), RuntimeError("odd"), RuntimeError("odd"), None, DatabaseError("disk full")])

    def fail():
        if (fault := next(faults)) is not None:
            raise fault

    monkeypatch.setattr(knowledge, "beat", fail)
    said = ""
    with caplog.at_level(logging.WARNING, logger="kb.portal"):
        for _ in range(6):
            said = beat(knowledge, said=said)
    assert [(entry.levelname, entry.getMessage()) for entry in caplog.records] == [
        ("WARNING", "health was not recorded: disk full"), ("ERROR", "health was not recorded"), ("WARNING", "health was not recorded: disk full"),
    ]  # fmt: skip


def test_a_database_that_is_not_there_yet_keeps_no_portal_from_starting(tmp_path, prepared_model):
    settings = Settings(articles=tmp_path / "articles", data=tmp_path / "data", model=str(prepared_model))
    assert "no database" in beat(open_knowledge_base(settings))


def test_a_serving_portal_begins_its_record_before_its_model_is_loaded(portal):
    with closing(sqlite3.connect(portal.settings.database)) as connection:
        (first,) = connection.execute("select fault from health_spans order by id limit 1").fetchone()
    assert first.startswith("model: the model is still loading")
