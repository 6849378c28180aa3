"""What became of each article in a period, what is to be done about it, and who closed gaps."""

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from feedback.article_figures import FLAGS, read_article_figures
from feedback.days import count_stale_days
from feedback.gaps import Gaps, insert_gap
from feedback.history import add_step
from feedback.intervals import Share
from feedback.people_figures import PersonFigures, read_people
from feedback.periods import Period, Selection
from feedback.proofs import settle_proof
from feedback.reading import ReadingLog
from feedback.searches import SearchLog
from feedback.votes import Votes
from kb.database import read, write

UTC_ZONE, SHANGHAI, BERLIN = (ZoneInfo(name) for name in ("UTC", "Asia/Shanghai", "Europe/Berlin"))
NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 10))
"""Ten days; the period before is October 22 to 31."""


@pytest.fixture
def article(database_path):
    """Puts an article with nothing amiss on the shelf."""

    def put(id, *, lang="", translations=(), **fields):
        row = {
            "id": id, "title": id.title(), "lang": lang or id[:2], "product": "", "status": "published", "owner": "ada", "updated": "", "review_by": "",
            "translations": json.dumps(translations), **fields,
        }  # fmt: skip
        with write(database_path) as database:
            database["articles"].insert(row)

    return put


@pytest.fixture
def counted(database_path):
    """Puts what happened to an article into the table of days, as it would have been counted; without more, one search found it."""

    def put(id, day="2026-11-05", **counts):
        row = {"found": 1, "shown_first": 0, "views": 0, "glances": 0, "seconds": 0, "helpful": 0, "unhelpful": 0} | counts
        with write(database_path) as database:
            database.execute(f"insert into day_articles (day, article, {', '.join(row)}) values (?, ?{', ?' * len(row)})", [day, id, *row.values()])

    return put


@pytest.fixture
def asked(database_path):
    def put(topic, lang, requests, *, day="2026-11-05"):
        with write(database_path) as database:
            database.execute("insert into day_requests values (?, ?, '', ?, 'failed', 'unknown', 0, 0, 0, ?, ?)", [day, lang, topic, requests, requests])

    return put


@pytest.fixture
def figures(database_path):
    def look(first=NOVEMBER[0], last=NOVEMBER[1], *, now=NOW, zone=UTC_ZONE, **narrowed):
        with read(database_path) as database:
            return read_article_figures(database, Selection(Period(first, last, zone), **narrowed), now=now)

    return look


def flags_of(figures):
    return {one.id: one.flags for one in figures}


def test_an_article_is_described_by_what_happened_in_the_period_and_the_one_before(article, counted, figures):
    article("en/refunds", updated="2026-10-01", review_by="2027-01-31", product="shop")
    counted("en/refunds", "2026-11-01", found=9, shown_first=4, views=6, glances=1, timed=4, seconds=190, helpful=3, unhelpful=1)
    counted("en/refunds", "2026-11-10", found=1, shown_first=1, views=2, glances=1, timed=1, seconds=50, helpful=1)
    counted("en/refunds", "2026-10-22", found=50, views=7, helpful=1, unhelpful=2)
    for outside in ("2026-10-21", "2026-11-11"):
        counted("en/refunds", outside, found=1000, views=1000, glances=1000, helpful=1000)
    (one,) = figures()
    assert (one.title, one.lang, one.product, one.status, one.owner) == ("En/Refunds", "en", "shop", "published", "ada")
    assert (one.updated, one.review_by) == (date(2026, 10, 1), date(2027, 1, 31))
    assert (one.found, one.shown_first, one.views, one.views_before) == (10, 5, 8, 7)
    assert (one.glances, one.mean_seconds) == (Share(2, 8), 48.0)
    assert (one.helpful, one.helpful_before) == (Share(4, 5), Share(1, 3))
    assert (one.wanted_translation, one.flags) == (0, ())


def test_an_article_that_nothing_happened_to_is_listed_with_nothing(article, figures):
    article("en/refunds")
    (one,) = figures()
    assert (one.found, one.views, one.glances, one.mean_seconds, one.helpful, one.updated, one.review_by) == (0, 0, Share(0, 0), None, Share(0, 0), None, None)
    assert one.flags == ("never_found",)


def test_only_published_articles_are_listed_and_no_category_pages(article, figures):
    statuses = {"en/a": "published", "en/b": "draft", "en/c": "archived", "index": "published", "en/shop/index": "published", "en/myindex": "published"}
    for id, status in statuses.items():
        article(id, lang="en", status=status)
    assert [one.id for one in figures()] == ["en/a", "en/myindex"]


def test_the_selection_is_of_the_articles_own_product_and_language(article, figures):
    for id, product in (("en/a", "shop"), ("en/b", "till"), ("zh/a", "shop")):
        article(id, product=product)
    assert [one.id for one in figures(product="shop")] == ["en/a", "zh/a"]
    assert [one.id for one in figures(product="shop", lang="zh")] == ["zh/a"]


def test_what_was_counted_before_an_article_moved_is_its_own(article, counted, figures, database_path):
    article("en/refunds")
    with write(database_path) as database:
        database.execute("insert into redirects values ('en/old', 'en/refunds')")
    counted("en/old", found=2, views=3)
    counted("en/refunds", found=1, views=4)
    (one,) = figures()
    assert (one.found, one.views) == (3, 7)


@pytest.mark.parametrize(
    ("flag", "fields", "counts"),
    [
        ("overdue", {"review_by": "2026-11-14"}, {}),
        ("unowned", {"owner": ""}, {}),
        ("never_found", {}, {"found": 0}),
        ("left_at_once", {}, {"views": 6, "glances": 3}),
        # The upper bound of one in eight is 0.47.
        ("voted_down", {}, {"helpful": 1, "unhelpful": 7}),
    ],
)
def test_what_is_amiss_is_flagged(article, counted, figures, flag, fields, counts):
    article("en/refunds", **fields)
    counted("en/refunds", **counts)
    assert flags_of(figures()) == {"en/refunds": (flag,)}


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({"review_by": "2026-11-15"}, {}),
        ({}, {"views": 4, "glances": 4}),
        ({}, {"views": 9, "glances": 4}),
        # The upper bound of one in seven is 0.51.
        ({}, {"helpful": 1, "unhelpful": 6}),
    ],
    ids=["review today", "four views", "less than half left", "few votes"],
)
def test_what_may_be_chance_is_not_flagged(article, counted, figures, fields, counts):
    article("en/refunds", **fields)
    counted("en/refunds", **counts)
    assert flags_of(figures()) == {"en/refunds": ()}


def test_a_review_is_due_by_the_companys_day(article, counted, figures):
    article("en/refunds", review_by="2026-11-15")
    counted("en/refunds")
    # 17:00 UTC is the next day in Shanghai.
    evening = datetime(2026, 11, 15, 17, tzinfo=UTC)
    assert flags_of(figures(now=evening, zone=BERLIN)) == {"en/refunds": ()}
    assert flags_of(figures(now=evening, zone=SHANGHAI)) == {"en/refunds": ("overdue",)}


@pytest.mark.parametrize(
    ("before", "after", "decayed"),
    [
        ({"views": 40}, {"views": 20}, True),
        ({"views": 40}, {"views": 21}, False),
        ({"views": 14}, {"views": 5}, False),
        ({"views": 16}, {"views": 4}, True),
        ({"views": 12}, {"views": 6}, False),
        ({"helpful": 18, "unhelpful": 2}, {"helpful": 10, "unhelpful": 10}, True),
        ({"helpful": 9, "unhelpful": 1}, {"helpful": 7, "unhelpful": 3}, False),
        ({"helpful": 10, "unhelpful": 10}, {"helpful": 18, "unhelpful": 2}, False),
        ({}, {"helpful": 5, "unhelpful": 5}, False),
    ],
)
def test_an_article_decays_when_it_falls_by_more_than_chance(article, counted, figures, before, after, decayed):
    article("en/refunds")
    counted("en/refunds", "2026-10-25", **before)
    counted("en/refunds", "2026-11-05", **after)
    assert flags_of(figures()) == {"en/refunds": ("decayed",) if decayed else ()}


def test_a_pair_is_stale_where_the_other_language_was_updated_later(article, counted, figures):
    for id, other, updated in (("en/a", "zh/a", "2026-10-01"), ("zh/a", "en/a", "2026-11-01"), ("en/b", "zh/b", ""), ("zh/b", "en/b", "2026-11-01")):
        article(id, translations=[other], updated=updated)
        counted(id)
    assert flags_of(figures()) == {"en/a": ("stale_pair",), "en/b": (), "zh/a": (), "zh/b": ()}


def test_a_translation_is_missing_until_it_is_published(article, counted, figures):
    article("en/a", translations=["zh/a"])
    article("zh/a", translations=["en/a"], status="draft")
    article("en/b", translations=["zh/b"])
    article("zh/b", translations=["en/b"])
    for id in ("en/a", "en/b", "zh/b"):
        counted(id)
    assert flags_of(figures()) == {"en/a": ("missing_translation",), "en/b": (), "zh/b": ()}


def test_a_base_in_one_language_misses_only_what_customers_ask_for_in_another(article, counted, asked, figures):
    for id in ("en/a", "en/b"):
        article(id)
        counted(id)
    asked("a:en/a", "en", 50)
    asked("a:en/a", "zh", 3)
    assert flags_of(figures()) == {"en/a": ("missing_translation",), "en/b": ()}


def test_missing_translations_come_first_by_how_often_they_are_wanted(article, counted, asked, figures, database_path):
    for id in ("en/rare", "en/often", "zh/alone", "en/never"):
        article(id)
        counted(id)
    article("en/pair", translations=["zh/pair"])
    article("zh/pair", translations=["en/pair"])
    # A gap that is about an article belongs to its topic.
    with write(database_path) as database:
        gap = insert_gap(database, at="2026-11-01T00:00:00.000+00:00")
        database["gaps"].update(gap, {"kind": "wrong_language", "reason": json.dumps({"article": "en/often"})})
    asked("a:en/rare", "zh", 2)
    asked(f"g:{gap}", "zh", 5)
    asked("a:en/often", "zh", 1)
    asked("a:en/often", "en", 100)
    asked("a:en/often", "zh", 100, day="2026-10-31")
    asked("a:en/pair", "zh", 70)
    ranked = figures()
    assert [(one.id, one.wanted_translation) for one in ranked][:2] == [("en/often", 6), ("en/rare", 2)]
    assert {one.wanted_translation for one in ranked[2:]} == {0}


def test_then_come_those_with_most_flags_and_then_those_most_read(article, counted, figures):
    article("en/quiet"), counted("en/quiet", views=1)
    article("en/busy"), counted("en/busy", views=9)
    article("en/lone", owner=""), counted("en/lone", views=2)
    article("en/read", owner=""), counted("en/read", views=4)
    article("en/both", owner="", review_by="2026-01-01"), counted("en/both")
    assert [one.id for one in figures()] == ["en/both", "en/read", "en/lone", "en/busy", "en/quiet"]
    assert all(list(one.flags) == [flag for flag in FLAGS if flag in one.flags] for one in figures())


def test_what_customers_do_appears_with_the_article(article, figures, database_path, clock, searched):
    article("en/refunds")
    log, reading, votes = SearchLog(database_path, now=clock), ReadingLog(database_path, now=clock), Votes(database_path, now=clock)
    for session, seconds in (("anna", 60), ("bo", 2), ("cy", 30)):
        search = searched("refund", "en/refunds", session=session)
        log.record_open("en/refunds", session=session, search_id=search)
        reading.record_read("en/refunds", session=session, seconds=seconds)
    votes.cast("en/refunds", True, session="anna", search_id=search)
    count_stale_days(database_path, zone=UTC_ZONE, now=clock())
    (one,) = figures(date(2026, 11, 22), date(2026, 11, 22), now=clock())
    assert (one.found, one.shown_first, one.views, one.glances, one.helpful) == (3, 3, 3, Share(1, 3), Share(1, 1))
    assert one.mean_seconds == pytest.approx(45, abs=1.5)


# People


@pytest.fixture
def gaps(database_path, clock):
    """The service that closes gaps, at the time of the clock: 2026-11-22 09:00 UTC."""
    return Gaps(database_path, represent=None, now=clock)


@pytest.fixture
def opened(database_path):
    def open_gap(owner="", **columns):
        with write(database_path) as database:
            gap = insert_gap(database, at="2026-11-01T00:00:00.000+00:00")
            add_step(database, "gap", gap, "opened", at="2026-11-01T00:00:00.000+00:00")
            database["gaps"].update(gap, {"owner": owner, **columns})
        return gap

    return open_gap


@pytest.fixture
def proved(database_path, clock):
    """Publishes an article for the gap, and lets the live index hold it to that, or not."""

    def prove(gap, *, account, held=True):
        at = clock().isoformat(timespec="milliseconds")
        with write(database_path) as database:
            proof = database["proofs"].insert(
                {"article": "en/refunds", "gap": gap, "account": account, "at": at, "verdict": "closes", "closes": 1, "confidence": 0.9, "own": 1, "working": 1,
                 "harmed": 0, "content_hash": ""}
            ).last_pk  # fmt: skip
            settle_proof(database, proof, searches=[], found=1, people=1, held=held, at=at)

    return prove


@pytest.fixture
def people(database_path):
    def look(first=date(2026, 11, 22), last=date(2026, 11, 22), *, zone=UTC_ZONE, **narrowed):
        with read(database_path) as database:
            return read_people(database, Selection(Period(first, last, zone), **narrowed))

    return look


def test_gaps_closed_with_proof_are_counted_by_owner(gaps, opened, proved, people):
    for _ in range(2):
        proved(opened("ada"), account="ada")
    gaps.close(opened("ada"), "told on the phone", account="ada")
    for _ in range(4):
        gaps.close(opened("bo"), "told on the phone", account="ada")
    opened("cy")
    assert people() == (PersonFigures("ada", 2, 3, 0), PersonFigures("bo", 0, 4, 0))


def test_a_gap_without_owner_is_of_whoever_closed_it(gaps, opened, people):
    gaps.close(opened(), "told on the phone", account="cy")
    assert people() == (PersonFigures("cy", 0, 1, 0),)


def test_what_kb_closed_itself_is_of_the_owner_or_of_whoever_published(opened, proved, people, database_path, clock):
    proved(opened("ada"), account="")
    # Nobody is named for an article that came in another way.
    proved(opened(), account="")
    by_proof = opened()
    proved(by_proof, account="bo")
    with write(database_path) as database:
        database.execute("update history set account = '' where action = 'closed'")
    assert people() == (PersonFigures("ada", 1, 1, 0), PersonFigures("bo", 1, 1, 0))


def test_a_proof_that_failed_or_came_after_the_closing_proves_nothing(gaps, opened, proved, people, clock):
    failed, later = opened("ada"), opened("ada")
    proved(failed, account="ada", held=False)
    gaps.close(failed, "told on the phone", account="ada")
    gaps.close(later, "told on the phone", account="ada")
    clock.go_on(minutes=1)
    proved(later, account="ada")
    assert people() == (PersonFigures("ada", 0, 2, 0),)


def test_a_gap_that_reopened_is_counted_as_such_until_it_is_closed_again(gaps, opened, proved, people, clock):
    gap = opened("ada")
    proved(gap, account="ada")
    clock.go_on(minutes=1)
    gaps.reopen(gap, account="bo")
    assert people() == (PersonFigures("ada", 1, 1, 1),)
    clock.go_on(minutes=1)
    gaps.close(gap, "told on the phone", account="ada")
    assert people() == (PersonFigures("ada", 1, 1, 0),)


def test_a_closed_gap_counts_on_the_day_that_it_was_closed_where_the_company_is(gaps, opened, people, clock):
    clock.moment = datetime(2026, 10, 25, 22, 30, tzinfo=UTC)
    gaps.close(opened("ada"), "told on the phone", account="ada")
    # 23:30 on Sunday in Berlin, whose clocks went back that night; 06:30 on Monday in Shanghai.
    sunday, monday = date(2026, 10, 25), date(2026, 10, 26)
    assert len(people(sunday, sunday, zone=BERLIN)) == 1 and not people(monday, monday, zone=BERLIN)
    assert len(people(monday, monday, zone=SHANGHAI)) == 1 and not people(sunday, sunday, zone=SHANGHAI)


def test_the_selection_narrows_to_gaps_of_a_product(gaps, opened, people):
    gaps.close(opened("ada", product="shop"), "told on the phone", account="ada")
    gaps.close(opened("bo", product="till"), "told on the phone", account="bo")
    assert [person.name for person in people(product="shop")] == ["ada"]


def test_a_proof_stays_with_a_gap_that_was_merged(gaps, opened, proved, people, clock):
    gap, into = opened("ada"), opened("bo")
    proved(gap, account="ada")
    clock.go_on(minutes=1)
    gaps.merge(gap, into, account="bo")
    assert people() == (PersonFigures("ada", 1, 1, 0),)
