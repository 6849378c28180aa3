"""Trends by calendar week of the company's zone, what each publication changed, and what the standing test found."""

import math
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feedback.days import count_stale_days
from feedback.effects import contrast
from feedback.evidence import judge_open_searches
from feedback.findability import record_run
from feedback.gaps import Gaps, insert_gap
from feedback.history import add_step
from feedback.intervals import Share, difference
from feedback.moments import stamp
from feedback.periods import Period, Selection
from feedback.searches import SearchLog
from feedback.standing import StandingTest
from feedback.trends import read_trends
from feedback.votes import Votes
from indexer.overlay import Found
from kb.database import read, write

SHANGHAI, BERLIN, UTC_ZONE = (ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "UTC"))
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def selected(first, last, *, zone=UTC_ZONE, **narrowed):
    return Selection(Period(date.fromisoformat(first), date.fromisoformat(last), zone), **narrowed)


@pytest.fixture
def trends(database_path):
    def look(first, last, *, now=NOW, **chosen):
        with read(database_path) as database:
            return read_trends(database, selected(first, last, **chosen), now=now)

    return look


@pytest.fixture
def counted(database_path):
    """Puts requests into the table of days, as they would have been counted."""

    def put(day, requests=1, *, topic="a:en/other", answered=True, lang="en", product="", outcome="answered", result="unknown", asked=False, searches=None):
        with write(database_path) as database:
            database.execute(
                "insert into day_requests values (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)",
                [str(day), lang, product, topic, outcome, result, answered, asked, requests, requests if searches is None else searches],
            )

    return put


@pytest.fixture
def waited(database_path):
    def put(day, seconds, requests=1, *, result="confirmed", lang="en"):
        with write(database_path) as database:
            database.execute("insert into day_waits values (?, ?, '', ?, ?, ?)", [day, lang, result, seconds, requests])

    return put


@pytest.fixture
def gap(database_path):
    """A new gap with these steps: `gap(opened="2026-10-01T10:00")`, in UTC; a step that comes twice is a list."""

    def make(**steps):
        with write(database_path) as database:
            number = insert_gap(database, at="2026-01-01T00:00:00.000+00:00")
            moments = [(moment, action) for action, when in steps.items() for moment in ([when] if isinstance(when, str) else when)]
            for moment, action in sorted(moments):
                add_step(database, "gap", number, action, at=stamp(datetime.fromisoformat(moment).replace(tzinfo=UTC)))
        return number

    return make


@pytest.fixture
def published(database_path):
    """A proof that was settled then, in UTC."""

    def put(article, at, *, gap=None, state="held"):
        settled = stamp(datetime.fromisoformat(at).replace(tzinfo=UTC))
        with write(database_path) as database:
            database["proofs"].insert(
                {"article": article, "gap": gap, "account": "ada", "at": settled, "verdict": "closes", "closes": 1, "confidence": 0.9, "own": 1,
                 "working": 1, "harmed": 0, "content_hash": "", "state": state, "settled_at": settled}
            )  # fmt: skip

    return put


def gap_counts(weeks):
    return [(week.gaps_opened, week.gaps_closed, week.gaps_reopened) for week in weeks]


# Weeks


def test_a_week_sums_up_what_requests_came_to(trends, counted):
    counted("2026-11-02", 5, outcome="failed", result="unresolved", answered=False, searches=9)
    counted("2026-11-02", 2, outcome="question", result="unresolved", answered=False, asked=True, searches=0)
    counted("2026-11-05", 3, result="confirmed")
    counted("2026-11-08", 4, result="implicit", searches=6)
    counted("2026-11-08", 1, outcome="failed")
    counted("2026-11-09", 100)
    week, _ = trends("2026-11-04", "2026-11-09").weeks
    assert (week.period.first, week.period.last) == (date(2026, 11, 2), date(2026, 11, 8))
    assert (week.searches, week.requests, week.failed) == (19, 15, Share(6, 13))
    assert (week.confirmed, week.implicit, week.unknown, week.unresolved, week.asked) == (3, 4, 1, 7, 2)


def test_weeks_without_anything_are_there_and_empty(trends, counted):
    counted("2026-11-16")
    weeks = trends("2026-11-02", "2026-11-22").weeks
    assert [week.requests for week in weeks] == [0, 0, 1]
    assert (weeks[0].failed, weeks[0].seconds_to_help, weeks[0].helped, weeks[0].days_to_close) == (Share(0, 0), None, 0, None)


@pytest.mark.parametrize(("zone", "is_whole"), [(SHANGHAI, True), (BERLIN, False)], ids=["Shanghai", "Berlin"])
def test_a_week_is_over_when_it_is_over_where_the_company_is(trends, zone, is_whole):
    # 17:00 UTC on Sunday is 01:00 on Monday in Shanghai.
    weeks = trends("2026-11-16", "2026-11-22", zone=zone, now=datetime(2026, 11, 22, 17, tzinfo=UTC)).weeks
    assert [week.is_whole for week in weeks] == [is_whole]


@pytest.mark.parametrize(
    ("zone", "moments"),
    [
        # Clocks go back in the night to Sunday: until then midnight is 22:00 UTC, from then on 23:00.
        (BERLIN, ("2026-10-18T22:00:00", "2026-10-25T22:59:59.999", "2026-10-25T23:00:00")),
        (SHANGHAI, ("2026-10-18T16:00:00", "2026-10-25T15:59:59.999", "2026-10-25T16:00:00")),
        (UTC_ZONE, ("2026-10-19T00:00:00", "2026-10-25T23:59:59.999", "2026-10-26T00:00:00")),
    ],
    ids=["Berlin", "Shanghai", "UTC"],
)
def test_weeks_begin_on_monday_where_the_company_is(trends, gap, zone, moments):
    for moment in moments:
        gap(opened=moment)
    weeks = trends("2026-10-19", "2026-10-27", zone=zone).weeks
    assert [week.period.first for week in weeks] == [date(2026, 10, 19), date(2026, 10, 26)]
    assert gap_counts(weeks) == [(2, 0, 0), (1, 0, 0)]


def test_the_time_to_help_is_the_median_of_those_who_said_so(trends, waited):
    waited("2026-11-02", 10, 2)
    waited("2026-11-08", 30, 1)
    waited("2026-11-08", 50, 1)
    waited("2026-11-04", 5000, 9, result="implicit")
    waited("2026-11-09", 7)
    first, second = trends("2026-11-02", "2026-11-09").weeks
    assert (first.seconds_to_help, first.helped) == (20.0, 4)
    assert (second.seconds_to_help, second.helped) == (7.0, 1)


def test_closing_is_counted_from_the_latest_opening_also_before_the_period(trends, gap):
    gap(opened="2026-09-01T00:00", closed="2026-11-03T12:00")
    gap(opened="2026-09-01T00:00", closed=["2026-09-05T00:00", "2026-11-04T00:00"], reopened="2026-11-02T00:00")
    gap(opened="2026-11-01T00:00", closed="2026-11-05T00:00")
    # Nobody knows when this one opened.
    gap(closed="2026-11-05T00:00")
    (week,) = trends("2026-11-02", "2026-11-08").weeks
    assert gap_counts([week]) == [(0, 4, 1)]
    assert week.days_to_close == 4.0  # of 63.5, 2 and 4


def test_a_gap_that_was_split_off_opened_then(trends, database_path, gap):
    whole, part = gap(opened="2026-10-01T00:00"), gap(closed="2026-11-05T00:00")
    with write(database_path) as database:
        add_step(database, "gap", whole, "split", detail=f"-> {part}", at="2026-11-03T00:00:00.000+00:00")
        add_step(database, "gap", part, "split", detail=f"<- {whole}", at="2026-11-03T00:00:00.000+00:00")
    (week,) = trends("2026-11-02", "2026-11-08").weeks
    assert (gap_counts([week]), week.days_to_close) == ([(1, 1, 0)], 2.0)


def test_the_selection_narrows_requests_and_waits(trends, counted, waited):
    counted("2026-11-02", 1, lang="en", product="shop")
    counted("2026-11-02", 2, lang="zh", product="shop")
    counted("2026-11-02", 4, lang="zh", product="till")
    waited("2026-11-02", 10, lang="en")
    waited("2026-11-02", 90, lang="zh")
    for narrowed, requests, seconds in (({"lang": "zh"}, 6, 90), ({"product": "shop"}, 3, None), ({"product": "shop", "lang": "zh"}, 2, None)):
        (week,) = trends("2026-11-02", "2026-11-08", **narrowed).weeks
        assert (week.requests, week.seconds_to_help) == (requests, seconds)


def test_the_selection_narrows_gaps_to_what_they_were_asked_in(trends, database_path, counted, gap):
    asked, counted_only, other, owned, merged = (gap(opened="2026-11-03T00:00") for _ in range(5))
    # Its texts have expired, what was counted under it stays.
    counted("2026-10-01", topic=f"g:{counted_only}", lang="zh", product="shop")
    with write(database_path) as database:
        for number, lang, product in ((asked, "zh", "shop"), (other, "en", "till")):
            group = database["groups"].insert({"gap": number, "centroid": b"", "size": 1}).last_pk
            search = database["searches"].insert(
                {"session": "anna", "text": "refund", "lang": lang, "product": product, "source": "portal", "hits": "[]", "confidence": 0, "outcome": "failed",
                 "took_ms": 1, "created_at": "2026-11-03T00:00:00.000+00:00", "updated_at": "2026-11-03T00:00:00.000+00:00"}
            ).last_pk  # fmt: skip
            database.execute("insert into group_members values ('search', ?, ?, '', '')", [search, group])
        database["gaps"].update(owned, {"product": "shop"})
        database["gaps"].update(merged, {"merged_into": asked})
    for narrowed, opened in (({}, 5), ({"lang": "zh"}, 3), ({"lang": "en"}, 1), ({"product": "shop"}, 4), ({"product": "till", "lang": "zh"}, 0)):
        (week,) = trends("2026-11-02", "2026-11-08", **narrowed).weeks
        assert week.gaps_opened == opened


def test_what_customers_and_the_team_do_appears_in_its_week(trends, database_path, searched, clock):
    search = searched("refund", "en/refunds")
    clock.go_on(seconds=40)
    SearchLog(database_path, now=clock).record_open("en/refunds", session="anna", search_id=search)
    Votes(database_path, now=clock).cast("en/refunds", True, session="anna", search_id=search)
    gaps = Gaps(database_path, represent=None, now=clock)
    with write(database_path) as database:
        number = insert_gap(database, at=stamp(clock()))
        add_step(database, "gap", number, "opened", at=stamp(clock()))
    clock.go_on(hours=12)
    gaps.close(number, "en/refunds", account="ada")
    clock.go_on(days=1)
    gaps.reopen(number, account="ada")
    with write(database_path) as database:
        judge_open_searches(database, represent=lambda vectors, langs: vectors, now=clock())
    count_stale_days(database_path, zone=UTC_ZONE, now=clock())
    first, second = trends("2026-11-22", "2026-11-23").weeks
    assert (first.requests, first.confirmed, first.seconds_to_help, gap_counts([first])) == (1, 1, 40.0, [(1, 1, 0)])
    assert first.days_to_close == 0.5
    assert gap_counts([second]) == [(0, 0, 1)]


# What publications changed


def test_the_change_is_the_difference_of_two_differences():
    change, low, high = contrast((0.3, 0.1, 0.6), (0.1, 0.05, 0.2))
    assert change == pytest.approx(0.2)
    assert low == pytest.approx(0.2 - math.hypot(0.2, 0.1))
    assert high == pytest.approx(0.2 + math.hypot(0.3, 0.05))


def test_a_publication_is_compared_with_topics_that_nothing_was_published_on(trends, counted, published):
    published("en/refunds", "2026-10-15T10:00")
    published("en/seats", "2026-11-10T10:00")
    for day, answered, not_answered in (("2026-10-14", 1, 9), ("2026-09-17", 1, 9), ("2026-10-16", 8, 2), ("2026-11-12", 6, 4)):
        for topic in ("a:en/refunds", "a:en/seats"):
            counted(day, answered, topic=topic)
            counted(day, not_answered, topic=topic, answered=False)
    # The day itself and days outside the 28 on each side do not count, and what belongs to no topic neither.
    for day in ("2026-10-15", "2026-09-16", "2026-11-13"):
        counted(day, 1000, topic="a:en/refunds")
    for day, answered in (("2026-09-20", 50), ("2026-11-01", 60)):
        counted(day, answered)
        counted(day, 100 - answered, answered=False)
        counted(day, 1000, topic="", answered=False)
    (effect,) = trends("2026-10-01", "2026-10-31").effects
    assert (effect.article, effect.gap, effect.published_at, effect.days) == ("en/refunds", None, datetime(2026, 10, 15, 10, tzinfo=UTC), 28)
    assert (effect.before, effect.after) == (Share(2, 20), Share(14, 20))
    assert (effect.control_before, effect.control_after) == (Share(50, 100), Share(60, 100))
    assert effect.change == contrast(difference(Share(14, 20), Share(2, 20)), difference(Share(60, 100), Share(50, 100)))
    assert effect.change[0] == pytest.approx(0.5)


def test_the_day_of_a_publication_is_that_of_the_companys_zone(trends, counted, published):
    # 23:30 UTC on Saturday is 01:30 on Sunday in Berlin, whose 25 hours are left out.
    published("en/refunds", "2026-10-24T23:30")
    for day, requests in (("2026-10-24", 1), ("2026-10-25", 2), ("2026-10-26", 4)):
        counted(day, requests, topic="a:en/refunds")
    (effect,) = trends("2026-10-25", "2026-10-25", zone=BERLIN).effects
    assert (effect.before.whole, effect.after.whole) == (1, 4)
    assert trends("2026-10-24", "2026-10-24", zone=BERLIN).effects == ()
    (effect,) = trends("2026-10-24", "2026-10-24", zone=UTC_ZONE).effects
    assert (effect.before.whole, effect.after.whole) == (0, 6)


@pytest.mark.parametrize(("today", "days"), [(18, None), (19, 3), (25, 9)])
def test_a_recent_publication_is_compared_over_days_that_are_over(trends, counted, published, today, days):
    published("en/refunds", "2026-11-15T10:00")
    for day in range(1, 30):
        counted(f"2026-11-{day:02}", topic="a:en/refunds")
        counted(f"2026-11-{day:02}")
    effects = trends("2026-11-01", "2026-11-30", now=datetime(2026, 11, today, 9, tzinfo=UTC)).effects
    assert [(effect.days, effect.before, effect.after) for effect in effects] == ([] if days is None else [(days, Share(days, days), Share(days, days))])


def test_nothing_is_concluded_where_nobody_asked(trends, counted, published):
    published("en/refunds", "2026-10-15T10:00")
    counted("2026-10-14")
    counted("2026-10-16")
    (effect,) = trends("2026-10-01", "2026-10-31").effects
    assert (effect.before, effect.after, effect.change) == (Share(0, 0), Share(0, 0), None)


def test_of_publications_within_a_week_the_latest_counts_and_newest_come_first(trends, published):
    for at in ("2026-10-01T10:00", "2026-10-10T10:00", "2026-10-12T10:00"):
        published("en/refunds", at)
    published("en/seats", "2026-10-11T10:00")
    effects = trends("2026-10-01", "2026-10-31").effects
    # Between two publications of one article lie ten whole days.
    assert [(effect.article, effect.published_at.day, effect.days) for effect in effects] == [("en/refunds", 12, 10), ("en/seats", 11, 28), ("en/refunds", 1, 10)]


def test_what_is_pending_or_was_replaced_has_no_effect(trends, published):
    published("en/refunds", "2026-10-10T10:00", state="pending")
    published("en/seats", "2026-10-10T10:00", state="replaced")
    published("en/export", "2026-10-10T10:00", state="failed")
    assert [effect.article for effect in trends("2026-10-01", "2026-10-31").effects] == ["en/export"]


@pytest.mark.parametrize("state", ["closed", "reopened"])
def test_requests_of_the_gap_belong_to_the_topic_also_when_it_reopened(trends, database_path, counted, gap, published, state):
    number = gap(opened="2026-10-01T00:00")
    with write(database_path) as database:
        database["gaps"].update(number, {"state": state})
    published("en/refunds", "2026-10-15T10:00", gap=number)
    counted("2026-10-10", 9, topic=f"g:{number}", answered=False)
    counted("2026-10-20", 3, topic="a:en/refunds")
    counted("2026-10-20", 1, topic=f"g:{number}", answered=False)
    (effect,) = trends("2026-10-01", "2026-10-31").effects
    assert (effect.gap, effect.before, effect.after) == (number, Share(0, 9), Share(3, 4))


def test_the_selection_narrows_effects_to_its_requests(trends, counted, published):
    published("en/refunds", "2026-10-15T10:00")
    published("en/seats", "2026-10-15T10:00")
    counted("2026-10-14", 4, topic="a:en/refunds", lang="zh", answered=False)
    counted("2026-10-16", 5, topic="a:en/refunds", lang="zh")
    counted("2026-10-16", 7, topic="a:en/seats", lang="en")
    (effect,) = trends("2026-10-01", "2026-10-31", lang="zh").effects
    assert (effect.article, effect.before, effect.after) == ("en/refunds", Share(0, 4), Share(5, 5))


# The standing test


class Index:
    """Stands in for the overlay: every query finds these articles, best first."""

    def __init__(self, *articles, confidence=0.9):
        self.found = Found(tuple((article,) for article in articles), confidence)

    def find(self, queries):
        return [self.found for _ in queries]


@pytest.fixture
def tested(database_path, clock, searched):
    """A base in which one customer was helped by each of five articles."""
    for number in range(5):
        search = searched(f"question {number}", f"en/{number}", session=f"{number}")
        Votes(database_path, now=clock).cast(f"en/{number}", True, session=f"{number}", search_id=search)
    with write(database_path) as database:
        judge_open_searches(database, represent=lambda vectors, langs: vectors, now=clock())
        database.execute("insert into index_state values ('generation', '7')")

    return lambda *articles: StandingTest(database_path, Index(*articles), now=clock).run()


def test_each_run_of_the_standing_test_keeps_what_it_found(trends, tested, clock):
    report = tested("en/0", "en/1", "en/9", "en/2")
    (run,) = trends("2026-11-22", "2026-11-22").findability
    # First, second, fourth, and two nowhere.
    assert (run.at, run.generation, run.searches, run.found, run.first) == (clock(), 7, 5, 2, 1)
    assert run.found == report.found
    assert run.reciprocal == pytest.approx((1 + 1 / 2 + 1 / 4) / 5)


def test_the_latest_run_of_each_day_of_the_zone_counts(trends, database_path):
    with write(database_path) as database:
        for at, places in (("10-24T21:59", [1]), ("10-24T22:00", [1, 1]), ("10-25T22:59", [1, 2, 0]), ("10-25T23:00", [3, 4]), ("10-26T08:00", [])):
            record_run(database, places, generation=1, at=f"2026-{at}:00.000+00:00")
    runs = trends("2026-10-25", "2026-10-26", zone=BERLIN).findability
    assert [(run.at.astimezone(BERLIN).day, run.searches, run.found, run.first) for run in runs] == [(25, 3, 2, 1), (26, 2, 1, 0)]
    assert trends("2026-10-27", "2026-10-27", zone=BERLIN).findability == ()


def test_reading_a_period_that_nothing_is_known_of_is_no_fault(trends):
    found = trends("2026-01-01", "2026-12-31")
    assert (len(found.weeks), found.effects, found.findability) == (53, (), ())
    assert found.weeks[-1].period.last - found.weeks[0].period.first == timedelta(days=53 * 7 - 1)
