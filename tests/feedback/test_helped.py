"""What customers did, beside what they said, decides whether there is a gap and of which kind it is."""

from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from feedback.gap_kinds import classify
from feedback.gap_readings import Candidate, Reading
from feedback.gap_said import Said
from feedback.helped import HELPED_EACH, does_its_work
from feedback.query_vectors import read_vectors
from feedback.reading import ReadingLog
from feedback.replay_searches import read_helped_searches
from feedback.retention import expire
from feedback.searches import SearchLog
from kb.database import read
from tests.feedback.test_gaps import background, base, embedder, fail, keeper, listed  # noqa: F401 - fixtures

TEXT = "where do I download my invoice"


@pytest.fixture
def help_with(base, clock, fail):  # noqa: F811
    """A visit that searches, reads an article for a minute, and does not come back."""
    log, reading = SearchLog(base, now=clock), ReadingLog(base, now=clock)

    def run(text, session):
        search = fail(text, session)
        log.record_open("en/invoices", session=session, search_id=search)
        clock.go_on(minutes=1)
        reading.record_read("en/invoices", session=session, seconds=60)
        clock.go_on(minutes=31)

    return run


def test_two_who_looked_away_make_no_gap_of_what_most_people_find(fail, help_with, keeper, clock, listed):  # noqa: F811
    for number in range(2 * HELPED_EACH + 1):
        help_with(TEXT, f"helped {number}")
    for number in range(2):
        fail(TEXT, f"failed {number}")
    clock.go_on(minutes=31)
    keeper.update()
    assert listed() == ()
    fail(TEXT, "failed, too")
    clock.go_on(minutes=31)
    keeper.update()
    [gap] = listed()
    assert (gap.demand.people, gap.helped) == (3, 5)


def test_a_gap_that_nobody_took_up_is_listed_no_more_once_most_people_are_helped(fail, help_with, keeper, clock, listed):  # noqa: F811
    for number in range(2):
        fail(TEXT, f"failed {number}")
    clock.go_on(minutes=31)
    keeper.update()
    [gap] = listed()
    for number in range(2 * HELPED_EACH + 1):
        help_with(TEXT, f"helped {number}")
    keeper.update()
    assert listed() == ()
    assert [each.id for each in listed(state="all")] == [gap.id]


def test_two_are_helped_for_each_that_is_not_before_an_article_does_its_work():
    assert not does_its_work(helped=2, failed=1)
    assert does_its_work(helped=3, failed=1)


def readings(*, confidence=0.9, lang="en", article_lang="en", public=True):
    found = (Candidate("x", "x", article_lang, 5.0, public, ()), Candidate("y", "y", "en", 3.0, True, ()))
    return [Reading("a", lang, 3, confidence, found, confidence if public else 0.8)] * 2


def said(**did):
    return Said(Counter(), Counter(did.pop("unhelpful", {})), did.pop("reasons", {}), **{"visits": 6, **did})


@pytest.mark.parametrize(
    ("searched", "did", "kind"),
    [
        (readings(confidence=0.7), said(), "unfindable"),
        # Six saw it among the first three, and nobody read it: it is not the answer.
        (readings(confidence=0.7), said(shown={"x": 6}), "missing"),
        (readings(confidence=0.7), said(shown={"x": 6}, used={"x": 6}), "unfindable"),
        # Nobody reads what is in another language, so that says nothing.
        (readings(lang="zh"), said(shown={"x": 6}), "wrong_language"),
        (readings(), said(shown={"x": 6}, in_vain={"x": 4}), "unhelpful"),
        (readings(), said(shown={"x": 6}, in_vain={"x": 2}, unhelpful={"x": 1}, reasons={"x": Counter(outdated=1)}), "unhelpful"),
        (readings(), said(shown={"x": 6}, in_vain={"x": 2}, unhelpful={"x": 1}, reasons={"x": Counter(not_it=1)}), "unhelpful"),
        # It ranks first, so nobody has to find it: shown to most and read by nobody, it is about something else.
        (readings(), said(shown={"x": 4}), "missing"),
        (readings(), said(shown={"x": 4}, in_vain={"x": 1}), "unhelpful"),
        # Two of nine: the others had another problem.
        (readings(confidence=0.05), said(unhelpful={"z": 2}, reasons={"z": Counter(outdated=2)}, visits=9), "missing"),
    ],
)
def test_the_kind_follows_from_what_readers_were_shown_and_read(searched, did, kind):
    assert classify(searched, did).kind == kind


def test_what_helped_somebody_keeps_its_vector_for_replays(base, help_with, keeper, clock):  # noqa: F811
    help_with(TEXT, "helped")
    keeper.update()
    clock.go_on(days=10)
    expire(base, days=180, represent=keeper.represent, zone=ZoneInfo("UTC"), now=clock)
    with read(base) as database:
        [helped] = read_helped_searches(database)
        assert helped.vector_key in read_vectors(database, [helped.vector_key])
