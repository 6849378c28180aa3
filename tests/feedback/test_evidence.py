"""What customers did becomes evidence and results, and silence never becomes success."""

from zoneinfo import ZoneInfo

import pytest

from feedback.audience import SEARCHES_PER_SESSION, SESSIONS_PER_TEXT, Visit
from feedback.days import count_stale_days
from feedback.evidence import judge_open_searches
from feedback.outcomes import Facts, Opened, judge_need
from feedback.periods import last_days
from feedback.searches import SearchLog
from feedback.self_service import count_self_service
from feedback.votes import Votes
from kb.database import read, write


@pytest.fixture
def log(database_path, clock):
    return SearchLog(database_path, now=clock)


@pytest.fixture
def search(log, answer):
    def run(text, *articles, session="anna", outcome="answered", vector=None, **visit):
        found = answer(text, *articles, outcome=outcome)
        return log.record(text=text, lang="en", visit=Visit(session, **visit), source="portal", answer=found, vector=vector)

    return run


@pytest.fixture
def votes(database_path, clock):
    return Votes(database_path, now=clock)


@pytest.fixture
def judge(database_path, clock):
    """Judges now, and gives (result, evidence) by search id."""

    def run():
        with write(database_path) as database:
            judge_open_searches(database, represent=lambda vectors, langs: vectors, now=clock())
            return {id: (result, evidence) for id, result, evidence in database.execute("select id, result, evidence from searches").fetchall()}

    return run


def test_a_failed_search_is_evidence_once_it_is_typed_to_its_end(search, judge, clock):
    number = search("teleport", outcome="failed")
    clock.go_on(seconds=20)
    assert judge()[number] == ("unknown", "")
    clock.go_on(seconds=60)
    assert judge()[number] == ("unknown", "failed")


def test_silence_after_an_answer_is_unknown_and_no_evidence(search, judge, clock):
    number = search("refund", "en/refund")
    clock.go_on(hours=2)
    assert judge()[number] == ("unknown", "")


def test_an_opened_answer_without_return_is_implicit_and_only_after_the_visit(search, log, judge, clock):
    number = search("refund", "en/refund")
    clock.go_on(seconds=5)
    log.record_open("en/refund", session="anna", search_id=number)
    clock.go_on(minutes=5)
    assert judge()[number] == ("unknown", "")
    clock.go_on(minutes=30)
    assert judge()[number] == ("implicit", "")


def test_a_helpful_vote_confirms_even_a_failed_search(search, votes, judge, clock):
    number = search("teleport", "en/closest", outcome="failed")
    votes.cast("en/closest", True, session="anna", search_id=number)
    clock.go_on(hours=1)
    assert judge()[number] == ("confirmed", "")


def test_a_vote_down_is_unresolved_and_taking_it_back_is_not(search, votes, judge, clock):
    number = search("refund", "en/refund")
    votes.cast("en/refund", False, session="anna", search_id=number)
    clock.go_on(hours=1)
    assert judge()[number] == ("unresolved", "voted_down")
    votes.cast("en/refund", None, session="anna", search_id=number)
    clock.go_on(hours=1)
    assert judge()[number] == ("unknown", "")


def test_weak_hits_that_nobody_opened_are_abandoned_when_the_visitor_has_left(search, judge, clock):
    number = search("perhaps", "en/a", outcome="weak")
    clock.go_on(minutes=10)
    assert judge()[number][1] == ""
    clock.go_on(minutes=25)
    assert judge()[number][1] == "abandoned"


def test_other_words_for_the_same_thing_are_one_need_and_evidence_for_the_first_words(database_path, search, votes, judge, clock):
    first = search("my money", "en/refund")
    clock.go_on(minutes=1)
    second = search("my money back please now", "en/refund")
    clock.go_on(minutes=1)
    unrelated = search("printer on fire", "en/printer", session="bo")
    with write(database_path) as database:
        for number, key in ((first, "a"), (second, "b")):
            database.execute("update searches set vector_key = ? where id = ?", [key, number])
            database.execute("insert into query_vectors values (?, ?)", [key, b"\x00\x3c\x00\x00\x00\x00"])
    votes.cast("en/refund", True, session="anna", search_id=second)
    found = judge()
    assert found[first] == ("confirmed", "reformulated") and found[second] == ("confirmed", "")
    with read(database_path) as database:
        needs = dict(database.execute("select id, need from searches").fetchall())
    assert needs == {first: first, second: first, unrelated: unrelated}


def test_staff_and_programs_are_marked_and_never_evidence(database_path, search, judge, clock):
    search("teleport", session="agent", outcome="failed", staff=True)
    search("teleport", session="robot", outcome="failed", user_agent="Googlebot/2.1")
    clock.go_on(hours=1)
    assert {evidence for _, evidence in judge().values()} == {""}
    with read(database_path) as database:
        assert [row[0] for row in database.execute("select audience from searches order by id")] == ["staff", "bot"]


def test_a_flood_from_one_visit_stops_counting(database_path, search, clock):
    for number in range(SEARCHES_PER_SESSION + 5):
        search(f"question number {number}", outcome="failed")
        clock.go_on(seconds=2)
    with read(database_path) as database:
        counts = dict(database.execute("select audience, count(*) from searches group by audience").fetchall())
    assert counts == {"customer": SEARCHES_PER_SESSION, "flood": 5}


def test_the_same_words_from_one_address_count_a_few_times_only(database_path, search):
    for number in range(SESSIONS_PER_TEXT + 20):
        search("buy cheap watches", session=f"window {number}", outcome="failed", address="203.0.113.9")
    with read(database_path) as database:
        counts = dict(database.execute("select audience, count(*) from searches group by audience").fetchall())
    assert counts == {"customer": SESSIONS_PER_TEXT, "flood": 20}


def test_an_address_is_stored_as_a_pseudonym_of_one_day(database_path, search, clock):
    search("one", address="203.0.113.9")
    clock.go_on(days=1)
    search("two", address="203.0.113.9")
    with read(database_path) as database:
        found = [row[0] for row in database.execute("select address from searches order by id")]
    assert len(set(found)) == 2 and not any("203" in address and "." in address for address in found)


def test_confirmed_implicit_and_unknown_are_counted_apart(database_path, search, log, votes, judge, clock):
    confirmed = search("one", "en/a", session="a")
    votes.cast("en/a", True, session="a", search_id=confirmed)
    implicit = search("two", "en/b", session="b")
    log.record_open("en/b", session="b", search_id=implicit)
    search("three", "en/c", session="c")
    down = search("four", "en/d", session="d")
    votes.cast("en/d", False, session="d", search_id=down)
    search("five", session="e", staff=True)
    clock.go_on(hours=1)
    judge()
    zone = ZoneInfo("UTC")
    count_stale_days(database_path, zone=zone, now=clock())
    with read(database_path) as database:
        counted = count_self_service(database, last_days(1, now=clock(), zone=zone))
    assert (counted.needs, counted.confirmed, counted.implicit, counted.unknown, counted.unresolved) == (4, 1, 1, 1, 1)
    assert counted.excluded == (("staff", 1),)


def test_an_article_left_at_once_is_no_implicit_success(clock):
    began = clock()
    clock.go_on(hours=1)
    search = Facts(1, "refund", "answered", began, (Opened("en/refund", began, 2.0),))
    assert [judged.result for judged in judge_need([search], last_sign=began, now=clock())] == ["unknown"]
