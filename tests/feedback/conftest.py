"""A real database and a clock that the test moves."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback import schema  # noqa: F401 - registers the tables
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
