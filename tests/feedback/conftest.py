"""A real database and a clock that the test moves."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from feedback import schema  # noqa: F401 - registers the tables
from feedback.audience import Visit
from feedback.searches import SearchLog
from indexer.hits import Answer, Hit
from kb.database import migrate


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def go_on(self, **duration: float) -> None:
        self.moment += timedelta(**duration)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def database_path(tmp_path):
    path = tmp_path / "data" / "kb.sqlite"
    migrate(path)
    return path


@pytest.fixture
def answer():
    """Builds an answer whose hits are the named articles, 0.9 for the first and 0.1 less for each that follows."""

    def build(query: str, *articles: str, confidence: float = 0.8, outcome: str = "answered") -> Answer:
        hits = tuple(
            Hit(article=article, title=article, lang="en", score=0.9 - place / 10, passage="…") for place, article in enumerate(articles)
        )
        return Answer(query=query, lang="en", hits=hits, confidence=confidence, outcome=outcome, took_ms=12.34)

    return build


@pytest.fixture
def searched(database_path, clock, answer):
    """Records a search of the session and returns its id."""
    log = SearchLog(database_path, now=clock)

    def record(text: str, *articles: str, session: str = "anna", **answered: object) -> int:
        return log.record(text=text, lang="en", visit=Visit(session), source="portal", answer=answer(text, *articles, **answered))

    return record


@pytest.fixture
def stored(database_path):
    """Reads rows as they lie in the file: `stored("select …")`."""

    def select(sql: str, *values: object) -> list[tuple]:
        with closing(sqlite3.connect(database_path)) as connection:
            return connection.execute(sql, values).fetchall()

    return select
