"""The SQL that the help centre tells leads and administrators to run is SQL that runs."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from feedback.audience import Visit
from feedback.searches import SearchLog
from feedback.votes import Votes

ARTICLES = Path(__file__).parents[2] / "articles"
QUERY = re.compile(r'^sqlite(?:-utils|3)\b[^"\n]*\S*kb\.sqlite "(.*?)"', re.M | re.S)
SHOWN = [
    (path.relative_to(ARTICLES).as_posix(), statement)
    for path in sorted(ARTICLES.rglob("*.md"))
    for statement in QUERY.findall(path.read_text(encoding="utf-8"))
    if re.search(r"\b(?:searches|opens|votes)\b", statement)
]


@pytest.fixture
def filled(database_path, clock, answer):
    """Two visits: one failed search, and one that led by two searches to the same article and a vote from each."""
    log, votes = SearchLog(database_path, now=clock), Votes(database_path, now=clock)
    log.record(text="nothing", lang="en", visit=Visit("bo"), source="portal", answer=answer("nothing", outcome="failed"))
    for text in ("refund", "money back"):
        number = log.record(text=text, lang="en", visit=Visit("anna"), source="portal", answer=answer(text, "en/refunds"))
        log.record_open("en/refunds", session="anna", search_id=number)
        votes.cast("en/refunds", False, session="anna", search_id=number)
        clock.go_on(minutes=1)
    return database_path


def test_both_languages_show_such_queries():
    assert {path.split("/")[0] for path, _ in SHOWN} == {"en", "zh"}


@pytest.mark.parametrize(("path", "statement"), SHOWN, ids=[f"{path}-{number}" for number, (path, _) in enumerate(SHOWN)])
def test_a_query_of_the_help_centre_runs(path, statement, filled):
    with closing(sqlite3.connect(filled)) as connection:
        connection.executescript(statement)
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)


def test_old_searches_can_be_deleted_and_the_votes_stay(filled):
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("pragma foreign_keys = on")
        connection.execute("delete from searches")
    assert Votes(filled).count("en/refunds").unhelpful == 1
