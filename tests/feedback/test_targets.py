"""The published targets: each figure against a small history counted by hand, and what may be said about it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feedback.audience import Visit
from feedback.days import count_stale_days
from feedback.evidence import judge_open_searches
from feedback.health import HealthRecord
from feedback.moments import stamp
from feedback.periods import Period, Selection
from feedback.personal_data import PersonalData
from feedback.questions import Questions
from feedback.retention import expire
from feedback.searches import SearchLog
from feedback.target_figures import measure_targets
from feedback.targets import GOALS, LIGHTS, WHYS, judge_light
from feedback.telling import Telling
from feedback.votes import Votes
from kb.database import read, write

GREENWICH, SHANGHAI, BERLIN = ZoneInfo("UTC"), ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 22)


@pytest.fixture
def questions(database_path, clock):
    return Questions(database_path, now=clock)


@pytest.fixture
def ask(questions):
    """Asks as one more customer; the time is the clock's."""
    count = iter(range(1000))

    def ask_one(*, lang="en", **given):
        number = next(count)
        return questions.ask(text=f"Question {number}", lang=lang, session=f"customer {number}", **given)

    return ask_one


@pytest.fixture
def target(database_path, clock):
    """The target of that name, for one day or from one to another, as of now."""

    def measure(name, first=TODAY, last=None, *, zone=GREENWICH, product="", lang=""):
        selection = Selection(Period(first, last or first, zone), product, lang)
        with read(database_path) as database:
            figures = measure_targets(database, selection, now=clock.moment, acknowledge_minutes=15, respond_minutes=30)
        assert [figure.name for figure in figures] == list(GOALS)
        assert all(figure.light in LIGHTS and figure.why in ("", *WHYS) for figure in figures)
        assert all((figure.value is None) == (figure.light == "unknown") == bool(figure.why) for figure in figures)
        return next(figure for figure in figures if figure.name == name)

    return measure


@pytest.fixture
def count(database_path, clock):
    """Judges what customers did and counts their days."""

    def count_days(zone=GREENWICH):
        with write(database_path) as database:
            judge_open_searches(database, represent=lambda vectors, langs: vectors, now=clock.moment)
        count_stale_days(database_path, zone=zone, now=clock.moment)

    return count_days


@pytest.fixture
def requests(database_path):
    """Puts counted requests there: `requests(confirmed=3, unknown=1)`."""

    def insert(day="2026-11-22", lang="en", product="", **results):
        with write(database_path) as database:
            for result, number in results.items():
                database["day_requests"].insert(
                    {"day": day, "lang": lang, "product": product, "topic": "", "outcome": "answered", "result": result, "answered": 1, "opened": 1,
                     "asked": 0, "requests": number, "searches": number},
                )  # fmt: skip

    return insert


def parts(figure):
    return dict(figure.parts)


# Lights


@pytest.mark.parametrize(
    ("interval", "at_least", "light"),
    [((0.6, 0.7), True, "met"), ((0.59, 0.7), True, "close"), ((0.5, 0.6), True, "close"), ((0.5, 0.59), True, "missed"),
     ((0.5, 0.6), False, "met"), ((0.5, 0.61), False, "close"), ((0.6, 0.7), False, "close"), ((0.61, 0.7), False, "missed")],
)  # fmt: skip
def test_a_target_is_met_or_missed_when_the_whole_interval_says_so(interval, at_least, light):
    assert judge_light(0.6, goal=0.6, at_least=at_least, interval=interval, cases=100) == light


def test_few_cases_give_no_light_and_a_figure_that_is_no_sample_needs_no_interval():
    assert judge_light(1.0, goal=0.6, at_least=True, interval=(0.9, 1.0), cases=19) == "few"
    assert judge_light(1.0, goal=0.6, at_least=True, interval=(0.9, 1.0), cases=20) == "met"
    assert judge_light(None, goal=0.6, at_least=True) == "unknown"
    assert judge_light(0.999, goal=0.999, at_least=True) == "met"
    assert judge_light(0.9989, goal=0.999, at_least=True) == "missed"


def test_with_nothing_recorded_every_target_says_why_it_is_unknown(target):
    assert {name: target(name).why for name in GOALS} == {
        "self_service": "no_requests", "automated": "no_requests", "repeated": "no_problems", "satisfaction": "no_ratings",
        "acknowledged": "no_questions", "answered": "no_questions", "resolution_time": "none_closed", "resolution_rate": "no_questions",
        "availability": "no_record",
    }  # fmt: skip


# Requests


def test_self_service_counts_what_customers_said_and_how_they_behaved_of_everything_that_was_asked(requests, target):
    requests(confirmed=30, implicit=40, unknown=20, unresolved=10)
    figure = target("self_service")
    assert (figure.numerator, figure.denominator, figure.value) == (70, 100, 0.7)
    # Wilson, 70 of 100: 0.6042 to 0.7811.
    assert figure.interval == pytest.approx((0.6042, 0.7811), abs=1e-4)
    assert figure.light == "met"
    assert parts(figure) == {"confirmed": 30, "implicit": 40, "unknown": 20, "unresolved": 10}


def test_automated_counts_only_what_customers_confirmed(requests, target):
    requests(confirmed=30, implicit=40, unknown=20, unresolved=10)
    figure = target("automated")
    assert (figure.numerator, figure.denominator, figure.value) == (30, 100, 0.3)
    # 30 of 100: 0.2189 to 0.3958, all above 0.20.
    assert figure.interval == pytest.approx((0.2189, 0.3958), abs=1e-4)
    assert figure.light == "met"


def test_requests_come_from_the_searches_votes_and_questions_of_customers(database_path, searched, answer, clock, questions, count, target):
    log, votes = SearchLog(database_path, now=clock), Votes(database_path, now=clock)
    for session in ("said yes", "read", "said no", "silent"):
        search = searched("refund", "en/refunds", session=session)
        if session != "silent":
            log.record_open("en/refunds", session=session, search_id=search)
        if session.startswith("said"):
            votes.cast("en/refunds", session == "said yes", session=session, search_id=search)
    questions.ask(text="Nobody searched for this", lang="en", session="asked")
    log.record(text="refund", lang="en", visit=Visit("staff", staff=True), source="portal", answer=answer("refund"))
    clock.go_on(hours=1)
    count()
    figure = target("self_service")
    assert parts(figure) == {"confirmed": 1, "implicit": 1, "unknown": 1, "unresolved": 2}
    assert (figure.numerator, figure.denominator, figure.light) == (2, 5, "few")
    assert target("automated").numerator == 1


def test_requests_are_those_of_the_chosen_days_product_and_language(requests, target):
    requests(confirmed=1)
    requests(day="2026-11-21", confirmed=10)
    requests(product="cloud", confirmed=100)
    requests(lang="zh", confirmed=1000)
    assert target("automated").denominator == 1101
    assert target("automated", date(2026, 11, 21), TODAY).denominator == 1111
    assert target("automated", product="cloud").denominator == 100
    assert target("automated", lang="zh").denominator == 1000


def test_repeated_problems_are_topics_that_were_asked_for_more_than_once(database_path, searched, clock, count, target):
    log = SearchLog(database_path, now=clock)
    for article, texts in {"en/refunds": ("refund", "money back"), "en/export": ("export",)}.items():
        for text in texts:
            log.record_open(article, session=text, search_id=searched(text, article, session=text))
    clock.go_on(hours=1)
    count()
    figure = target("repeated")
    assert (figure.numerator, figure.denominator, figure.light) == (1, 1, "few")


# Satisfaction


def rate_all(questions, ask, ratings, **given):
    for rating in ratings:
        question = ask(**given)
        questions.reply(question.id, "so", account="mo")
        questions.rate(question.reference, rating)


def test_satisfaction_is_the_mean_of_the_ratings_given_in_the_period(questions, ask, target):
    rate_all(questions, ask, [5] * 15 + [4] * 4 + [1])
    figure = target("satisfaction")
    # 92 stars of 20; deviation 0.9403, t(19) = 2.0930, so 0.4401 to either side, and nobody gives more than 5.
    assert (figure.numerator, figure.denominator, figure.value) == (92, 20, 4.6)
    assert figure.interval == pytest.approx((4.1599, 5.0), abs=1e-3)
    assert figure.light == "close"


def test_few_ratings_are_marked_and_the_answer_rate_stands_beside_them(questions, ask, target, clock):
    rate_all(questions, ask, [5, 4, 5])
    for _ in range(2):
        questions.reply(ask().id, "so", account="mo")
    questions.close(ask().id, account="mo")
    ask()
    figure = target("satisfaction")
    assert (figure.light, figure.value) == ("few", pytest.approx(14 / 3))
    assert parts(figure) == {"handled": 6, "handled_rated": 3, "answer_rate": 0.5}


def test_a_rating_counts_when_it_was_given_and_an_answer_when_the_question_was_handled(questions, ask, target, clock):
    question = ask()
    questions.reply(question.id, "so", account="mo")
    clock.go_on(days=1)
    questions.rate(question.reference, 5)
    assert target("satisfaction").why == "no_ratings" and parts(target("satisfaction"))["answer_rate"] == 1
    tomorrow = target("satisfaction", TODAY + timedelta(days=1))
    assert (tomorrow.value, tomorrow.denominator, parts(tomorrow)) == (5, 1, {"handled": 0, "handled_rated": 0})


# Acknowledged and answered


def test_acknowledging_late_or_not_at_all_is_late_and_what_has_time_is_pending(questions, ask, target, clock):
    first, second, _ = ask(), ask(), ask()
    clock.go_on(minutes=10)
    questions.acknowledge(first.id, account="mo")
    clock.go_on(minutes=10)
    questions.acknowledge(second.id, account="mo")
    clock.go_on(minutes=20)
    ask()
    clock.go_on(minutes=14)
    figure = target("acknowledged")
    assert (figure.numerator, figure.denominator, figure.pending, figure.light) == (1, 3, 1, "few")
    # 10 and 20 minutes, and 54 so far.
    assert parts(figure) == {"within_minutes": 15, "waiting": 1, "median_minutes": 20, "slowest_tenth_minutes": 54}
    clock.go_on(minutes=1)
    assert (target("acknowledged").denominator, target("acknowledged").pending) == (4, 0)


def test_a_period_in_which_nothing_could_be_late_yet_has_no_figure(ask, target, clock):
    ask()
    clock.go_on(minutes=5)
    for name in ("acknowledged", "answered", "resolution_rate"):
        assert (target(name).why, target(name).pending) == ("period_too_short", 1)


def test_exactly_fifteen_minutes_is_in_time_and_a_millisecond_more_is_not(questions, ask, target, clock):
    first, second = ask(), ask()
    clock.go_on(minutes=15)
    questions.acknowledge(first.id, account="mo")
    clock.go_on(milliseconds=1)
    questions.acknowledge(second.id, account="mo")
    assert (target("acknowledged").numerator, target("acknowledged").denominator) == (1, 2)


def test_a_reply_acknowledges_too_and_the_first_reply_counts_whatever_follows(questions, ask, target, clock):
    question = ask()
    clock.go_on(minutes=12)
    questions.reply(question.id, "so", account="mo")
    clock.go_on(hours=2)
    questions.reopen(question.id)
    questions.reply(question.id, "or so", account="mo")
    assert (target("acknowledged").numerator, target("answered").numerator) == (1, 1)
    assert parts(target("answered"))["median_minutes"] == 12


def test_telling_of_an_article_is_an_answer(ask, database_path, target, clock):
    question = ask(contact="anna@example.com", consent=True)
    clock.go_on(minutes=20)
    Telling(database_path, now=clock).told(question.id, "en/export", account="mo")
    assert (target("acknowledged").numerator, target("answered").numerator, target("answered").denominator) == (0, 1, 1)


def test_closing_without_a_word_is_acting_on_a_question_but_no_answer(questions, ask, target, clock):
    question = ask()
    clock.go_on(minutes=5)
    questions.close(question.id, account="mo")
    clock.go_on(hours=1)
    assert (target("acknowledged").numerator, target("answered").numerator, target("answered").denominator) == (1, 0, 1)


def test_one_in_ten_took_longer_than_the_slowest_tenth(questions, ask, target, clock):
    asked = [ask() for _ in range(10)]
    for question in asked:
        clock.go_on(minutes=1)
        questions.acknowledge(question.id, account="mo")
    assert parts(target("acknowledged")) == {"within_minutes": 15, "waiting": 0, "median_minutes": 5.5, "slowest_tenth_minutes": 9}


def test_questions_are_those_of_customers_of_the_chosen_product_and_language(ask, target, clock):
    ask()
    ask(lang="zh", product="cloud")
    ask(audience="staff")
    clock.go_on(hours=1)
    assert target("acknowledged").denominator == 2
    assert target("acknowledged", lang="zh").denominator == target("acknowledged", product="cloud").denominator == 1
    assert target("acknowledged", lang="zh", product="other").why == "no_questions"


@pytest.mark.parametrize(
    ("zone", "day", "moments"),
    # Two of four are of that day, which has 23 hours in Berlin in March and 25 in October; Shanghai's days begin at 16:00 UTC.
    [
        (BERLIN, date(2026, 3, 29), ("2026-03-28T22:59:59", "2026-03-28T23:00:00", "2026-03-29T21:59:59", "2026-03-29T22:00:00")),
        (BERLIN, date(2026, 10, 25), ("2026-10-24T21:59:59", "2026-10-24T22:00:00", "2026-10-25T22:59:59", "2026-10-25T23:00:00")),
        (SHANGHAI, date(2026, 3, 29), ("2026-03-28T15:59:59", "2026-03-28T16:00:00", "2026-03-29T15:59:59", "2026-03-29T16:00:00")),
    ],
)
def test_a_question_is_of_the_day_that_it_was_in_the_companys_zone(questions, ask, target, clock, zone, day, moments):
    for moment in moments:
        clock.moment = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        question = ask()
        questions.reply(question.id, "so", account="mo")
        questions.close(question.id)
        questions.rate(question.reference, 4)
    clock.go_on(days=1)
    for name in ("satisfaction", "acknowledged", "answered", "resolution_time", "resolution_rate"):
        assert (name, target(name, day, zone=zone).denominator) == (name, 2)


# Resolution


def test_the_time_to_resolution_runs_from_asking_to_the_close_over_a_clock_change(questions, ask, target, clock):
    # In Berlin from 01:30 to 03:30 by the clock on the wall, which was one hour.
    clock.moment = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    question = ask()
    clock.go_on(hours=1)
    questions.reply(question.id, "so", account="mo")
    questions.close(question.id)
    assert target("resolution_time", date(2026, 3, 29), zone=BERLIN).value == 1


def test_a_mean_of_what_is_closed_stands_beside_what_is_still_open(questions, ask, target, clock):
    asked = [ask() for _ in range(5)]
    for hours, question in zip((1, 1, 4), asked[:3], strict=True):
        clock.go_on(hours=hours)
        questions.reply(question.id, "so", account="mo")
        questions.close(question.id)
    questions.reply(asked[3].id, "so", account="mo")
    clock.go_on(hours=2)
    figure = target("resolution_time")
    # Closed after 1, 2 and 6 hours; one has its answer, one waits for 8 hours.
    assert (figure.value, figure.numerator, figure.denominator, figure.light) == (3, 9, 3, "few")
    assert parts(figure) == {"median_hours": 2, "slowest_tenth_hours": 6, "still_open": 2, "open_answered": 1, "oldest_open_hours": 8}
    # t(2) = 4.3027, deviation 2.6458: 6.57 to either side, and nothing takes less than no time.
    assert figure.interval == pytest.approx((0, 9.572), abs=1e-2)


def test_what_is_opened_again_is_not_closed(questions, ask, target, clock):
    question = ask()
    questions.reply(question.id, "so", account="mo")
    questions.close(question.id)
    clock.go_on(hours=5)
    assert (target("resolution_time").denominator, target("resolution_rate").numerator) == (1, 1)
    questions.reopen(question.id)
    figure = target("resolution_time")
    assert (figure.why, target("resolution_rate").numerator, target("resolution_rate").denominator) == ("none_closed", 0, 1)
    assert parts(figure) == {"still_open": 1, "open_answered": 0, "oldest_open_hours": 5}


def test_twenty_quick_closes_meet_four_hours_and_twenty_slow_ones_miss_them(questions, ask, target, clock):
    for day, hours in ((TODAY, 2), (TODAY + timedelta(days=1), 6)):
        clock.moment = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        asked = [ask() for _ in range(20)]
        clock.go_on(hours=hours)
        for question in asked:
            questions.close(question.id, account="mo")
    assert [target("resolution_time", TODAY + timedelta(days=days)).light for days in (0, 1)] == ["met", "missed"]


def test_the_resolution_rate_leaves_out_what_is_open_and_young(questions, ask, target, clock):
    old, young_closed, _ = ask(), ask(), ask()
    questions.close(old.id)
    clock.go_on(hours=3, minutes=59)
    questions.close(young_closed.id)
    figure = target("resolution_rate")
    assert (figure.numerator, figure.denominator, figure.pending) == (2, 2, 1)
    clock.go_on(minutes=1)
    figure = target("resolution_rate")
    assert (figure.numerator, figure.denominator, figure.pending) == (2, 3, 0)


def test_a_question_counts_in_the_rate_when_it_was_asked_and_in_the_time_when_it_was_closed(questions, ask, target, clock):
    question = ask()
    clock.go_on(days=1)
    questions.close(question.id, account="mo")
    tomorrow = TODAY + timedelta(days=1)
    assert (target("resolution_rate").value, target("resolution_rate", tomorrow).why) == (1, "no_questions")
    assert (target("resolution_time").why, target("resolution_time", tomorrow).value) == ("none_closed", 24)


# Availability


def test_availability_is_the_seconds_up_of_the_seconds_watched_and_is_no_sample(database_path, target, clock):
    with write(database_path) as database:
        for began, ended in ((0, 43_200), (43_243, 86_400)):
            moments = [stamp(datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=seconds)) for seconds in (began, ended)]
            database["health_spans"].insert({"process": "1", "began_at": moments[0], "seen_at": moments[1], "ok": 1, "fault": ""})
    figure = target("availability", date(2026, 11, 21))
    assert (figure.numerator, figure.denominator, figure.interval, figure.light) == (86_357, 86_400, None, "met")
    assert parts(figure) == {"outages": 1, "down_seconds": 43, "longest_seconds": 43, "watched_share": 1}
    with write(database_path) as database:
        database.execute("update health_spans set began_at = '2026-11-21T12:02:00.000+00:00' where id = 2")
    assert (target("availability", date(2026, 11, 21)).numerator, target("availability", date(2026, 11, 21)).light) == (86_280, "missed")


def test_availability_says_how_much_of_the_period_was_watched_and_whose_product_or_language_it_is_does_not_matter(database_path, target, clock):
    record = HealthRecord(database_path, now=clock)
    record.beat(ok=True)
    clock.go_on(seconds=10)
    assert target("availability").why == "period_too_short" and target("availability", date(2026, 11, 21)).why == "no_record"
    for _ in range(133):
        clock.go_on(seconds=30)
        record.beat(ok=True)
    figure = target("availability", product="cloud", lang="zh")
    # Nobody watched before nine: 4,000 seconds of 9 hours and 4,000 seconds.
    assert (figure.value, parts(figure)["watched_share"]) == (1, pytest.approx(4_000 / 36_400))


# What is there no more


def test_questions_that_are_forgotten_leave_no_figure_of_those_that_still_wait(questions, ask, target, clock, database_path):
    for _ in range(3):
        questions.close(ask().id, account="mo")
    waits = ask()
    clock.go_on(days=200)
    expire(database_path, days=180, represent=lambda vectors, langs: vectors, zone=GREENWICH, now=clock)
    assert [question.id for question in questions.list().questions] == [waits.id]
    for name in ("satisfaction", "acknowledged", "answered", "resolution_time", "resolution_rate"):
        figure = target(name)
        assert (figure.value, figure.light, figure.why, parts(figure)["forgotten"]) == (None, "unknown", "forgotten", 3)


def test_a_question_that_was_erased_is_missed_and_the_others_still_count(questions, ask, target, clock, database_path):
    kept, erased = ask(), ask()
    questions.acknowledge(kept.id, account="mo")
    PersonalData(database_path, represent=lambda vectors, langs: vectors, now=clock).erase(reference=erased.reference)
    clock.go_on(hours=1)
    figure = target("acknowledged")
    assert (figure.value, figure.denominator, parts(figure)["forgotten"]) == (1, 1, 1)
