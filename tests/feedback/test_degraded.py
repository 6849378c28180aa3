"""What the machine was too busy to look for in full says nothing about what is missing."""

from dataclasses import replace

import pytest

from feedback.audience import Visit
from feedback.evidence import judge_open_searches
from feedback.groups import EVIDENCE_ITEMS
from feedback.personal_data import PersonalData
from feedback.questions import Questions
from feedback.requests import Search, judge_request
from feedback.searches import SearchLog
from feedback.votes import Votes
from kb.database import read, write


@pytest.fixture
def search(database_path, clock, answer):
    log = SearchLog(database_path, now=clock)

    def run(text, *articles, degraded=True, session="anna", outcome="failed"):
        found = replace(answer(text, *articles, outcome=outcome), degraded=degraded)
        return log.record(text=text, lang="en", visit=Visit(session), source="portal", answer=found)

    return run


@pytest.fixture
def evidence(database_path, clock):
    """All evidence once everybody has left: (source, why)."""

    def judge():
        clock.go_on(hours=2)
        with write(database_path) as database:
            judge_open_searches(database, represent=lambda vectors, langs: vectors, now=clock())
        with read(database_path) as database:
            return database.execute(f"select source, evidence from ({EVIDENCE_ITEMS}) order by 1, 2").fetchall()

    return judge


@pytest.mark.parametrize("outcome", ["failed", "weak"])
def test_a_search_by_words_alone_is_no_evidence_of_a_gap_and_the_same_search_in_full_is(search, evidence, outcome):
    search("teleport", outcome=outcome, session="anna")
    assert evidence() == []
    search("teleport", outcome=outcome, session="ben", degraded=False)
    assert [source for source, _ in evidence()] == ["search"]


def test_rewording_it_or_voting_what_it_found_down_is_none_either(database_path, clock, search, evidence):
    number = search("teleport", "en/a", outcome="weak")
    Votes(database_path, now=clock).cast("en/a", False, session="anna", search_id=number)
    clock.go_on(minutes=1)
    search("beam me up", outcome="weak")
    assert evidence() == []


def test_a_question_that_it_led_to_counts_by_itself(database_path, clock, search, evidence):
    number = search("teleport")
    Questions(database_path, now=clock).ask(text="How do I teleport?", lang="en", session="anna", search_id=number)
    assert evidence() == [("question", "question")]


def test_the_same_search_answered_in_full_a_moment_later_is_one_full_search(stored, clock, search, evidence):
    first = search("teleport")
    clock.go_on(seconds=5)
    assert search("teleport", degraded=False) == first
    assert stored("select degraded, repeats from searches") == [(0, 2)]
    assert evidence() == [("search", "failed")]


def test_a_request_whose_last_word_was_a_no_is_never_counted_as_answered():
    last = Search(1, "2026-11-22T09:00:00.000+00:00", "en", "", "answered", "unresolved", "", "en/a")
    assert not judge_request([last], products={}).answered


def test_a_person_is_told_which_of_their_searches_were_answered_by_words_alone(database_path, clock, search):
    search("teleport")
    search("beam me up", session="anna", degraded=False)
    clock.go_on(minutes=1)
    told = PersonalData(database_path, represent=lambda vectors, langs: vectors, now=clock).export(session="anna")
    assert [(one["text"], one["degraded"]) for one in told["searches"]] == [("teleport", True), ("beam me up", False)]
