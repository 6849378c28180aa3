"""What happened is counted by calendar day of the company's time zone, and counted anew when it changes."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlite_utils import Database

from feedback.audience import Visit
from feedback.days import count_stale_days, keep_counted_days
from feedback.evidence import judge_open_searches
from feedback.periods import Period, day_bounds, last_days, last_week
from feedback.questions import Questions
from feedback.reading import ReadingLog
from feedback.searches import SearchLog
from feedback.votes import Votes
from kb.database import MIGRATIONS, migrate, write

SHANGHAI, BERLIN, KOLKATA, KATHMANDU, UTC_ZONE = (ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "UTC"))


@pytest.fixture
def counted(database_path, clock, stored):
    """Judges what happened, counts, and reads a day table."""

    def read(columns: str, table: str = "day_requests", *, zone: ZoneInfo = UTC_ZONE):
        with write(database_path) as database:
            judge_open_searches(database, represent=lambda vectors, langs: vectors, now=clock())
        count_stale_days(database_path, zone=zone, now=clock())
        return stored(f"select {columns} from {table} order by 1, 2")

    return read


def test_days_where_clocks_change_have_23_and_25_hours():
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 10, 26), 24)):
        since, until = (datetime.fromisoformat(bound) for bound in day_bounds(day, BERLIN))
        assert until - since == timedelta(hours=hours)


def test_a_period_is_whole_days_of_the_zone_up_to_today():
    # 22:30 in Berlin is already tomorrow in Shanghai.
    now = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)
    assert (last_days(7, now=now, zone=BERLIN).first, last_days(7, now=now, zone=BERLIN).last) == (date(2026, 11, 16), date(2026, 11, 22))
    period = last_days(7, now=now, zone=SHANGHAI)
    assert (period.first, period.last, period.days) == (date(2026, 11, 17), date(2026, 11, 23), 7)
    assert (period.since, period.until) == ("2026-11-16T16:00:00.000+00:00", "2026-11-23T16:00:00.000+00:00")
    assert period.before() == Period(date(2026, 11, 10), date(2026, 11, 16), SHANGHAI)


def test_the_last_week_is_the_one_that_is_over():
    sunday = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert (last_week(now=sunday, zone=UTC_ZONE).first, last_week(now=sunday, zone=UTC_ZONE).last) == (date(2026, 11, 9), date(2026, 11, 15))
    assert last_week(now=sunday + timedelta(days=1), zone=UTC_ZONE).last == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("zone", "days"),
    [(UTC_ZONE, ["2026-11-22", "2026-11-22"]), (SHANGHAI, ["2026-11-22", "2026-11-23"]), (KOLKATA, ["2026-11-22", "2026-11-23"])],
    ids=["UTC", "Shanghai", "Kolkata"],
)
def test_a_request_counts_on_the_day_that_it_was_in_the_companys_zone(searched, clock, counted, zone, days):
    for moment in (datetime(2026, 11, 22, 15, 59, tzinfo=UTC), datetime(2026, 11, 22, 18, 31, tzinfo=UTC)):
        clock.moment = moment
        searched("refund", "en/refunds", session=f"{moment}")
    clock.go_on(hours=1)
    assert [day for day, requests in counted("day, requests", zone=zone) for _ in range(requests)] == days


def test_a_zone_that_is_not_whole_hours_from_utc_loses_nothing_at_midnight(searched, clock, counted):
    # Midnight in Kathmandu is 18:15 UTC: both searches lie in one hour of UTC and on two days.
    for minute in (10, 20):
        clock.moment = datetime(2026, 11, 22, 18, minute, tzinfo=UTC)
        searched("refund", "en/refunds", session=f"{minute}")
        assert counted("day, sum(requests)", "(select day, requests from day_requests)", zone=KATHMANDU)
    assert counted("day, requests", zone=KATHMANDU) == [("2026-11-22", 1), ("2026-11-23", 1)]


def test_both_hours_between_two_and_three_count_when_clocks_go_back(searched, clock, counted):
    for utc_hour in (0, 1):
        clock.moment = datetime(2026, 10, 25, utc_hour, 30, tzinfo=UTC)
        assert clock().astimezone(BERLIN).hour == 2
        searched("refund", "en/refunds", session=f"{utc_hour}")
    assert counted("day, requests", zone=BERLIN) == [("2026-10-25", 2)]


def test_searches_of_one_need_are_one_request_with_the_topic_of_what_helped(database_path, searched, clock, counted, stored):
    first = searched("money back", outcome="failed", confidence=0.1)
    clock.go_on(minutes=1)
    second = searched("money back please", "en/refunds", "en/other")
    SearchLog(database_path, now=clock).record_open("en/refunds", session="anna", search_id=second)
    clock.go_on(seconds=90)
    Votes(database_path, now=clock).cast("en/refunds", True, session="anna", search_id=second)
    clock.go_on(hours=1)
    # Nothing compares the two texts here: they are one need because somebody says so.
    with write(database_path) as database:
        database.execute("update searches set need = ?, result = 'confirmed', settled_at = '2026-11-22T12:00:00.000+00:00'", [first])
    assert counted("topic, result, answered, opened, asked, requests, searches") == [("a:en/refunds", "confirmed", 1, 1, 0, 1, 2)]
    assert counted("seconds, requests", "day_waits") == [(60, 1)]
    assert stored("select topic from searches") == [("a:en/refunds",)] * 2


def test_a_search_with_an_answer_that_nobody_opened_is_answered_and_not_helped(searched, clock, counted):
    searched("refund", "en/refunds")
    clock.go_on(hours=1)
    assert counted("topic, result, answered, opened") == [("a:en/refunds", "unknown", 1, 0)]


@pytest.mark.parametrize("after", ["down", "asked"])
def test_what_a_customer_complains_of_is_not_answered(database_path, searched, clock, counted, after):
    search = searched("refund", "en/refunds")
    if after == "down":
        Votes(database_path, now=clock).cast("en/refunds", False, session="anna", search_id=search)
    else:
        Questions(database_path, now=clock).ask(text="refund?", lang="en", session="anna", search_id=search)
    clock.go_on(hours=1)
    assert counted("result, answered, asked, requests") == [("unresolved", 0, int(after == "asked"), 1)]


def test_a_question_that_no_search_led_to_is_a_request_of_its_own(database_path, clock, counted):
    Questions(database_path, now=clock).ask(text="refund?", lang="zh", session="anna", product="shop")
    assert counted("outcome, lang, product, asked, requests, searches") == [("question", "zh", "shop", 1, 1, 0)]


def test_staff_programs_and_floods_are_counted_apart(database_path, clock, counted, answer):
    log = SearchLog(database_path, now=clock)
    log.record(text="refund", lang="en", visit=Visit("boss", staff=True), source="portal", answer=answer("refund", "en/refunds"))
    log.record(text="refund", lang="en", visit=Visit("crawler", user_agent="ExampleBot/1.0 (+https://bot.example)"), source="portal", answer=answer("refund", "en/refunds"))
    assert counted("audience, searches", "day_excluded") == [("bot", 1), ("staff", 1)]
    assert counted("day, requests") == [] and counted("article, found", "day_articles") == []


def test_articles_are_counted_as_found_first_read_glanced_at_and_voted_on(database_path, searched, clock, counted):
    log, reading, votes = SearchLog(database_path, now=clock), ReadingLog(database_path, now=clock), Votes(database_path, now=clock)
    for session, seconds, helpful in (("anna", 60, True), ("bo", 2, None), ("cy", 30, False)):
        search = searched("refund", "en/refunds", "en/other", session=session)
        log.record_open("en/refunds", session=session, search_id=search)
        reading.record_read("en/refunds", session=session, seconds=seconds)
        if helpful is not None:
            votes.cast("en/refunds", helpful, session=session, search_id=search)
    assert counted("article, found, shown_first, views, glances, seconds, helpful, unhelpful", "day_articles") == [
        ("en/other", 3, 0, 0, 0, 0.0, 0, 0), ("en/refunds", 3, 3, 3, 1, 90.0, 1, 1)
    ]  # fmt: skip


def test_a_vote_days_later_changes_the_day_of_the_search(database_path, searched, clock, counted):
    search = searched("refund", "en/refunds")
    SearchLog(database_path, now=clock).record_open("en/refunds", session="anna", search_id=search)
    clock.go_on(hours=3)
    assert counted("day, result, requests") == [("2026-11-22", "implicit", 1)]
    clock.go_on(days=2)
    Votes(database_path, now=clock).cast("en/refunds", True, session="anna", search_id=search)
    assert counted("day, result, requests") == [("2026-11-22", "confirmed", 1)]
    assert counted("day, helpful", "day_articles")[-1] == ("2026-11-24", 1)


def test_nothing_is_counted_again_while_nothing_changes(database_path, searched, clock, counted):
    searched("refund", "en/refunds")
    clock.go_on(hours=1)
    counted("1, 1")
    assert count_stale_days(database_path, zone=UTC_ZONE, now=clock()) == 0


def test_another_time_zone_counts_everything_anew(searched, clock, counted):
    clock.moment = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
    searched("refund", "en/refunds")
    clock.go_on(hours=1)
    assert counted("day, requests") == [("2026-11-22", 1)]
    assert counted("day, requests", zone=SHANGHAI) == [("2026-11-23", 1)]


def test_days_whose_texts_have_expired_stay_counted(database_path, searched, clock, counted):
    searched("refund", "en/refunds")
    clock.go_on(hours=1)
    counted("1, 1")
    with write(database_path) as database:
        keep_counted_days(database, before="2026-11-22T12:00:00.000+00:00", zone=UTC_ZONE)
        database.execute("delete from searches")
    assert counted("day, requests") == [("2026-11-22", 1)]


def test_erasing_a_person_takes_them_out_of_the_counts(database_path, searched, clock, counted):
    searched("refund", "en/refunds", session="anna")
    searched("refund", "en/refunds", session="bo")
    clock.go_on(hours=1)
    assert counted("day, requests") == [("2026-11-22", 2)]
    with write(database_path) as database:
        database.execute("delete from searches where id = 1")
    assert counted("day, requests") == [("2026-11-22", 1)]


def test_an_earlier_database_keeps_the_totals_of_expired_days_and_counts_the_rest(tmp_path, clock):
    path = tmp_path / "kb.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        MIGRATIONS.apply(Database(connection), stop_before="feedback_0006_days")
        connection.execute("insert into daily_totals values ('2026-05-01', 'en', 'portal', 'customer', 'answered', 'confirmed', 7, 5, 4)")
        connection.execute("insert into daily_totals values ('2026-05-01', 'en', 'portal', 'staff', 'answered', 'unknown', 2, 2, 1)")
        connection.execute(
            "insert into searches (session, text, lang, source, hits, confidence, outcome, took_ms, created_at, updated_at)"
            " values ('s', 'refund', 'en', 'portal', '[]', 0.9, 'answered', 3, '2026-11-21T09:00:00.000+00:00', '2026-11-21T09:00:00.000+00:00')"
        )
        connection.commit()
    migrate(path)
    count_stale_days(path, zone=UTC_ZONE, now=clock())
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select day, result, answered, requests, searches from day_requests order by day").fetchall() == [
            ("2026-05-01", "confirmed", 1, 5, 7), ("2026-11-21", "unknown", 1, 1, 1)
        ]  # fmt: skip
        assert connection.execute("select day, audience, searches from day_excluded").fetchall() == [("2026-05-01", "staff", 2)]


def test_a_page_that_cannot_wait_gets_the_latest_days_first(database_path, searched, clock, stored):
    for _ in range(3):
        searched("refund", "en/refunds", session=f"{clock()}")
        clock.go_on(days=1)
    assert count_stale_days(database_path, zone=UTC_ZONE, now=clock(), seconds=0) == 1
    assert stored("select day from day_requests") == [("2026-11-24",)]
    assert count_stale_days(database_path, zone=UTC_ZONE, now=clock()) == 2
