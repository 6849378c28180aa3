"""How long an article was read is added to the open that it belongs to."""

import pytest

from feedback.reading import ReadingLog
from feedback.searches import SearchLog
from kb.database import write


@pytest.fixture
def opened(database_path, clock):
    log = SearchLog(database_path, now=clock)

    def open_article(article, *, session="anna", search_id=None):
        log.record_open(article, session=session, search_id=search_id)

    return open_article


@pytest.fixture
def reading(database_path, clock):
    return ReadingLog(database_path, now=clock)


def test_seconds_add_up_on_the_latest_open_of_that_session(reading, opened, searched, stored, clock):
    search = searched("refund", "en/a")
    opened("en/a")
    opened("en/a", session="bo")
    clock.go_on(minutes=1)
    opened("en/a", search_id=search)
    reading.record_read("en/a", session="anna", seconds=12.5)
    reading.record_read("en/a", session="anna", seconds=7)
    assert stored("select search_id, read_seconds from opens order by id") == [(None, 0), (None, 0), (search, 19.5)]


def test_what_was_never_opened_was_not_read(reading, opened, stored):
    opened("en/a")
    reading.record_read("en/b", session="anna", seconds=12)
    reading.record_read("en/a", session="bo", seconds=12)
    assert stored("select article, read_seconds from opens") == [("en/a", 0)]


@pytest.mark.parametrize(("seconds", "kept"), [(-5, 0), (9e9, 3600), (3599.5, 3599.5)])
def test_seconds_stay_between_nothing_and_an_hour(reading, opened, stored, seconds, kept):
    opened("en/a")
    reading.record_read("en/a", session="anna", seconds=seconds)
    assert stored("select read_seconds from opens") == [(kept,)]


def test_a_page_left_open_again_and_again_is_read_an_hour_at_most(reading, opened, stored):
    opened("en/a")
    for _ in range(3):
        reading.record_read("en/a", session="anna", seconds=3000)
    assert stored("select read_seconds from opens") == [(3600,)]


def test_what_the_search_came_to_is_judged_anew(reading, opened, searched, stored, database_path):
    mine, other = searched("refund", "en/a"), searched("refund", "en/a", session="bo")
    opened("en/a", search_id=mine)
    with write(database_path) as database:
        database.execute("update searches set settled_at = '2026-11-22'")
    reading.record_read("en/a", session="anna", seconds=30)
    assert stored("select id, settled_at from searches order by id") == [(mine, None), (other, "2026-11-22")]


def test_a_reload_finds_the_search_that_led_there_for_two_hours(reading, opened, searched, clock):
    search = searched("refund", "en/a")
    assert reading.search_behind("en/a", session="anna") is None
    opened("en/a", search_id=search)
    clock.go_on(hours=2)
    assert reading.search_behind("en/a", session="anna") == search
    assert reading.search_behind("en/a", session="bo") is None
    clock.go_on(minutes=1)
    assert reading.search_behind("en/a", session="anna") is None
