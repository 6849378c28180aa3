"""A vote is one person's word on one article, and can be taken back."""

import pytest

from feedback.votes import REASONS, Vote, VoteCount, Votes
from kb.database import write


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
    assert votes.current("en/a", session="anna") == Vote(helpful=False)


def test_none_takes_the_vote_back(votes):
    votes.cast("en/a", True, session="anna")
    votes.cast("en/a", None, session="anna")
    assert votes.count("en/a") == VoteCount(helpful=0, unhelpful=0)
    assert votes.current("en/a", session="anna") is None


def test_taking_back_a_vote_never_cast_changes_nothing(votes):
    votes.cast("en/a", True, session="anna")
    votes.cast("en/a", None, session="bo")
    assert votes.count("en/a") == VoteCount(helpful=1, unhelpful=0)


def test_a_session_counts_once_by_its_latest_vote_however_many_searches_led_there(votes, searched, clock):
    first = searched("refund", "en/a")
    votes.cast("en/a", True, session="anna", search_id=first)
    clock.go_on(minutes=1)
    second = searched("money back", "en/a")
    votes.cast("en/a", False, session="anna", search_id=second)
    assert votes.current("en/a", session="anna", search_id=first) == Vote(helpful=True)
    assert votes.current("en/a", session="anna", search_id=second) == Vote(helpful=False)
    assert votes.count("en/a") == VoteCount(helpful=0, unhelpful=1)


def test_a_vote_tied_to_somebody_elses_search_counts_without_it(votes, searched):
    of_bo = searched("refund", "en/a", session="bo")
    votes.cast("en/a", True, session="anna", search_id=of_bo)
    assert votes.current("en/a", session="anna") == Vote(helpful=True)


@pytest.mark.parametrize("reason", REASONS)
def test_an_unhelpful_vote_can_say_why(votes, reason):
    votes.cast("en/a", False, session="anna")
    assert votes.explain("en/a", session="anna", reason=reason)
    assert votes.current("en/a", session="anna") == Vote(helpful=False, reason=reason)


def test_reason_and_comment_are_given_one_by_one_and_taken_back_one_by_one(votes):
    votes.cast("en/a", False, session="anna")
    votes.explain("en/a", session="anna", reason="outdated")
    votes.explain("en/a", session="anna", comment="The menu moved.")
    assert votes.current("en/a", session="anna") == Vote(helpful=False, reason="outdated", comment="The menu moved.")
    votes.explain("en/a", session="anna", reason="")
    assert votes.current("en/a", session="anna") == Vote(helpful=False, reason="", comment="The menu moved.")


def test_a_reason_that_nobody_offers_is_refused(votes):
    votes.cast("en/a", False, session="anna")
    with pytest.raises(ValueError, match="no such reason: 'boring' .want one of not_it, outdated"):
        votes.explain("en/a", session="anna", reason="boring")


@pytest.mark.parametrize("vote", [True, None])
def test_only_a_standing_unhelpful_vote_is_explained(votes, vote):
    votes.cast("en/a", False, session="bo")
    votes.cast("en/a", vote, session="anna")
    assert not votes.explain("en/a", session="anna", reason="unclear", comment="why?")
    assert votes.current("en/a", session="bo") == Vote(helpful=False)


@pytest.mark.parametrize("turned", [True, None])
def test_a_vote_that_no_longer_stands_leaves_no_reason_behind(votes, turned):
    votes.cast("en/a", False, session="anna")
    votes.explain("en/a", session="anna", reason="unclear", comment="why?")
    votes.cast("en/a", turned, session="anna")
    votes.cast("en/a", False, session="anna")
    assert votes.current("en/a", session="anna") == Vote(helpful=False)


def test_a_comment_is_redacted_before_it_is_stored_and_cut_at_500_characters(votes, database_path):
    votes.cast("en/a", False, session="anna")
    votes.explain("en/a", session="anna", comment="write to anna@example.com " + "x " * 600)
    comment = votes.current("en/a", session="anna").comment
    assert comment.startswith("write to [email] x") and len(comment) == 500
    assert b"anna@example.com" not in b"".join(path.read_bytes() for path in database_path.parent.iterdir())


@pytest.mark.parametrize("vote", [True, False, None])
def test_what_a_search_came_to_is_judged_anew_after_a_vote(votes, searched, stored, database_path, vote):
    mine, other = searched("refund", "en/a"), searched("refund", "en/a", session="bo")
    with write(database_path) as database:
        database.execute("update searches set settled_at = '2026-11-22'")
    votes.cast("en/a", vote, session="anna", search_id=mine)
    assert stored("select id, settled_at from searches order by id") == [(mine, None), (other, "2026-11-22")]
