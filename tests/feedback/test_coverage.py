"""The coverage map: what customers ask about, against what the articles answer."""

import json
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from feedback.coverage import read_coverage, read_topic, repeated_problems
from feedback.intervals import Share, difference, mean_interval
from feedback.periods import Period, Selection
from feedback.topic_names import choose_name
from kb.database import read, write

NOVEMBER = Selection(Period(date(2026, 11, 1), date(2026, 11, 30), ZoneInfo("UTC")))


@pytest.fixture
def base(database_path):
    """Two articles of which one has a translation, a gap of each sort, and ten days of requests."""
    with write(database_path) as database:
        for id, lang, others, product in (("en/pay", "en", ["zh/pay"], "shop"), ("zh/pay", "zh", ["en/pay"], "shop"), ("en/print", "en", [], "desk")):
            database["articles"].insert({
                "id": id, "title": f"Title of {id}", "lang": lang, "summary": "", "tags": "[]", "product": product, "visibility": "public", "status": "published",
                "owner": "", "review_by": "", "aliases": "[]", "translations": json.dumps(others), "redirect_from": "[]", "updated": "", "category": id.split("/")[1],
                "extra": "{}", "source": "", "html": "", "toc": "[]", "content_hash": id,
            })  # fmt: skip
        stamp = "2026-11-01T00:00:00.000+00:00"
        for id, kind, state, article, merged in ((1, "missing", "open", "", None), (2, "unhelpful", "open", "en/print", None), (3, "missing", "closed", "", None), (4, "missing", "open", "", 1)):
            database["gaps"].insert({
                "id": id, "title_en": f"gap {id}", "kind": kind, "state": state, "reason": json.dumps({"article": article}), "merged_into": merged,
                "created_at": stamp, "updated_at": stamp,
            })  # fmt: skip
        database["proofs"].insert({
            "article": "zh/pay", "gap": 3, "account": "bo", "at": stamp, "verdict": "closes", "closes": 1, "confidence": 0.9, "own": 2, "working": 0, "harmed": 0,
            "content_hash": "x", "state": "held",
        })  # fmt: skip
        database.execute("insert into topics values ('a:en/pay', 'pay by card', '', 1, ?), ('a:zh/pay', '', '怎么付款', 1, ?)", [stamp, stamp])
        for day, lang, product, topic, outcome, result, answered, asked, count in (
            ("2026-11-02", "en", "shop", "a:en/pay", "answered", "confirmed", 1, 0, 4), ("2026-11-03", "zh", "shop", "a:zh/pay", "answered", "unknown", 1, 0, 3),
            ("2026-11-03", "zh", "", "g:3", "failed", "unresolved", 0, 1, 2), ("2026-11-04", "en", "", "g:1", "failed", "unknown", 0, 0, 5),
            ("2026-11-05", "en", "", "g:4", "failed", "unresolved", 0, 1, 1), ("2026-11-05", "en", "desk", "a:en/print", "answered", "implicit", 1, 0, 2),
            ("2026-11-06", "en", "", "g:2", "answered", "unresolved", 0, 0, 3), ("2026-11-06", "en", "", "", "failed", "unknown", 0, 0, 2),
            ("2026-10-31", "en", "shop", "a:en/pay", "answered", "confirmed", 1, 0, 100),
        ):  # fmt: skip
            database.execute("insert into day_requests values (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)", [day, lang, product, topic, outcome, result, answered, asked, count, count])
        database.execute("insert into day_articles (day, article, helpful, unhelpful) values ('2026-11-02', 'en/pay', 3, 1), ('2026-11-03', 'zh/pay', 1, 0)")
    return database_path


def test_a_topic_is_an_article_with_its_translation_and_the_gaps_about_it(base, clock):
    with read(base) as database:
        coverage = read_coverage(database, NOVEMBER, now=clock())
    figures = {topic.key: (topic.requests, topic.answered, topic.asked, topic.topic.gaps, topic.topic.waiting) for topic in coverage.topics}
    assert figures == {
        # Gap 3 was closed by zh/pay, gap 4 was merged into gap 1, gap 2 is about en/print.
        "a:en/pay": (9, 7, 2, (3,), ()), "g:1": (6, 0, 1, (1,), (1,)), "a:en/print": (5, 2, 0, (2,), (2,)),
    }  # fmt: skip
    assert [topic.key for topic in coverage.topics] == ["a:en/pay", "g:1", "a:en/print"]
    assert (coverage.requests, coverage.unplaced, coverage.answered) == (22, 2, Share(9, 22))


def test_a_topic_is_called_what_customers_call_it_in_each_language(base, clock):
    with read(base) as database:
        topics = {topic.key: topic for topic in read_coverage(database, NOVEMBER, now=clock()).topics}
    assert (topics["a:en/pay"].name("en"), topics["a:en/pay"].name("zh")) == ("pay by card", "怎么付款")
    assert (topics["g:1"].name("en"), topics["g:1"].name("zh")) == ("gap 1", "gap 1")
    assert topics["a:en/print"].name("en") == "gap 2"


def test_what_was_not_answered_costs_and_what_was_does_not_count(base, clock):
    with read(base) as database:
        topics = {topic.key: topic for topic in read_coverage(database, NOVEMBER, now=clock()).topics}
    assert topics["g:1"].cost.expected > topics["a:en/print"].cost.expected > 0
    assert topics["a:en/pay"].helpful == Share(4, 5)


@pytest.mark.parametrize(("selection", "found"), [
    (Selection(NOVEMBER.period, product="shop"), {"a:en/pay": 7}), (Selection(NOVEMBER.period, lang="zh"), {"a:en/pay": 5}),
    (Selection(Period(date(2026, 10, 31), date(2026, 10, 31), ZoneInfo("UTC"))), {"a:en/pay": 100}),
])  # fmt: skip
def test_a_selection_narrows_the_map(base, clock, selection, found):
    with read(base) as database:
        assert {topic.key: topic.requests for topic in read_coverage(database, selection, now=clock()).topics} == found


def test_a_repeated_problem_is_solved_when_half_were_answered_and_no_gap_waits(base, clock):
    with read(base) as database:
        assert repeated_problems(database, NOVEMBER, now=clock()) == Share(1, 3)


def test_the_address_of_a_gap_leads_to_the_topic_that_took_it_over(base, clock):
    with read(base) as database:
        for key in ("g:3", "a:zh/pay", "a:en/pay"):
            detail = read_topic(database, key, NOVEMBER, now=clock())
            assert detail.figures.key == "a:en/pay"
            assert [id for id, *_ in detail.articles] == ["en/pay", "zh/pay"]
            assert [id for id, *_ in detail.gaps] == [3]


def test_an_empty_base_has_an_empty_map(database_path, clock):
    with read(database_path) as database:
        coverage = read_coverage(database, NOVEMBER, now=clock())
        assert (coverage.topics, coverage.requests, coverage.answered.value) == ((), 0, None)
        assert repeated_problems(database, NOVEMBER, now=clock()) == Share(0, 0)


def test_a_name_is_the_text_that_has_most_in_common_with_the_others():
    assert choose_name([("invoice", 1), ("download my invoice", 1), ("where do I download an invoice as a file please", 1), ("printer", 1)]) == "download my invoice"
    assert choose_name([]) == ""


def test_intervals_are_those_of_the_literature():
    # Newcombe (1998), table II: 56/70 against 48/80, method 10.
    assert difference(Share(56, 70), Share(48, 80)) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    # Newcombe (1998), table I: 15 of 148, Wilson.
    assert Share(15, 148).interval == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert Share(0, 9).interval[0] == 0 and Share(9, 9).interval[1] == 1
    assert mean_interval([4, 5, 5, 3]) == pytest.approx((2.7265, 5.7735), abs=1e-3)
    assert mean_interval([4]) is None and Share(0, 0).interval is None
