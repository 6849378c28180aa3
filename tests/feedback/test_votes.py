"""A vote is one person's word on one article, and can be taken back."""

import pytest

from feedback.searches import SearchLog
from feedback.votes import VoteCount, Votes


@pytest.fixture
def votes(database_path, clock):
    return Votes(database_path, now=clock)


def test_votes_are_counted_per_article(votes):
    votes.cast("en/a", True, session="anna")
    votes.cast("en/a", False, session="bo")
    votes.cast("en/b", True, session="anna")
    assert votes.count("en/a") == VoteCount(helpful=1, unhelpful=1)
    assert votes.count("en/b") == VoteCount(helpful=1, unhelpful=0)
    assert votes.count("en/none") == VoteCount(helpful=0, unhelpful=0)


def test_changing_a_vote_replaces_it(votes):
    votes.cast("en/a", True, session="anna")
    votes.cast("en/a", False, session="anna")
    assert votes.count("en/a") == VoteCount(helpful=0, unhelpful=1)
    assert votes.current("en/a", session="anna") is False


def test_none_takes_the_vote_back(votes):
    votes.cast("en/a", True, session="anna")
    votes.cast("en/a", None, session="anna")
    assert votes.count("en/a") == VoteCount(helpful=0, unhelpful=0)
    assert votes.current("en/a", session="anna") is None


def test_taking_back_a_vote_never_cast_changes_nothing(votes):
    votes.cast("en/a", True, session="anna")
    votes.cast("en/a", None, session="bo")
    assert votes.count("en/a") == VoteCount(helpful=1, unhelpful=0)


def test_a_session_counts_once_by_its_latest_vote_however_many_searches_led_there(votes, database_path, answer, clock):
    log = SearchLog(database_path, now=clock)
    first = log.record(text="refund", lang="en", session="anna", source="portal", answer=answer("refund", "en/a"))
    votes.cast("en/a", True, session="anna", search_id=first)
    clock.go_on(minutes=1)
    second = log.record(text="money back", lang="en", session="anna", source="portal", answer=answer("money back", "en/a"))
    votes.cast("en/a", False, session="anna", search_id=second)
    assert votes.current("en/a", session="anna", search_id=first) is True
    assert votes.current("en/a", session="anna", search_id=second) is False
    assert votes.count("en/a") == VoteCount(helpful=0, unhelpful=1)


def test_a_vote_tied_to_somebody_elses_search_counts_without_it(votes, database_path, answer, clock):
    log = SearchLog(database_path, now=clock)
    of_bo = log.record(text="refund", lang="en", session="bo", source="portal", answer=answer("refund", "en/a"))
    votes.cast("en/a", True, session="anna", search_id=of_bo)
    assert votes.current("en/a", session="anna") is True
