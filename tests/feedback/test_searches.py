"""What a search leaves behind, and what it does not."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from feedback.audience import Visit
from feedback.searches import SearchLog
from feedback.votes import Votes
from kb import database
from kb.errors import DatabaseError


@pytest.fixture
def log(database_path, clock):
    return SearchLog(database_path, now=clock)


@pytest.fixture
def search(log, answer):
    def run(text, *articles, session="anna", source="portal", lang="en", **answered):
        found = answer(text, *articles, **answered)
        return log.record(text=text, lang=lang, visit=Visit(session), source=source, answer=found)

    return run


@pytest.fixture
def rows(database_path):
    def read(table="searches"):
        with closing(sqlite3.connect(database_path)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(f"select * from {table} order by id")]

    return read


def test_a_search_is_stored_with_its_hits_and_what_kb_thought_of_them(search, rows):
    number = search("reset password", "en/a", "en/b", confidence=0.81234, outcome="answered")
    [row] = rows()
    assert row["id"] == number
    assert json.loads(row["hits"]) == [{"article": "en/a", "score": 0.9}, {"article": "en/b", "score": 0.8}]
    assert {name: row[name] for name in ("text", "lang", "source", "confidence", "outcome", "took_ms", "created_at")} == {
        "text": "reset password", "lang": "en", "source": "portal", "confidence": 0.8123, "outcome": "answered", "took_ms": 12.3,
        "created_at": "2026-11-22T09:00:00.000+00:00",
    }  # fmt: skip


def test_personal_data_never_reaches_the_file(search, rows, database_path):
    search("手机13800138000收不到 anna@example.com")
    assert rows()[0]["text"] == "手机[phone]收不到 [email]"
    written = b"".join(path.read_bytes() for path in database_path.parent.iterdir())
    assert b"13800138000" not in written and b"anna@example.com" not in written


def test_the_session_itself_is_never_stored(search, rows):
    search("refund", session="session-of-anna")
    assert rows()[0]["session"] != "session-of-anna"
    assert len(rows()[0]["session"]) == 32


def test_two_databases_give_one_session_two_pseudonyms(tmp_path, answer, clock):
    pseudonyms = set()
    for name in ("one", "two"):
        path = tmp_path / name / "kb.sqlite"
        database.migrate(path)
        SearchLog(path, now=clock).record(text="refund", lang="en", visit=Visit("anna"), source="portal", answer=answer("refund"))
        with database.read(path) as opened:
            pseudonyms.add(opened.execute("select session from searches").fetchone()[0])
    assert len(pseudonyms) == 2


def test_the_keystrokes_of_one_question_become_one_search(search, rows, clock):
    numbers = set()
    for text in ("re", "reset", "reset pas", "reset password"):
        numbers.add(search(text))
        clock.go_on(seconds=2)
    assert len(numbers) == 1
    assert [(row["text"], row["keystrokes"]) for row in rows()] == [("reset password", 4)]


def test_chinese_keystrokes_merge_too(search, rows, clock):
    for text in ("怎么", "怎么修改", "怎么修改密码"):
        search(text, lang="zh")
        clock.go_on(seconds=1)
    assert [row["text"] for row in rows()] == ["怎么修改密码"]


def test_a_corrected_slip_is_the_same_search(search):
    assert search("reset passwrod") == search("reset password")


@pytest.mark.parametrize(
    ("one", "other"),
    [("error 403", "error 404"), ("0x80070005", "0x80070057"), ("如何退款", "如何付款"), ("reset password", "cancel subscription")],
)
def test_two_questions_are_two_searches(search, one, other):
    assert search(one) != search(other)


def test_after_thirty_seconds_the_same_words_are_a_new_search(search, clock):
    first = search("reset password")
    clock.go_on(seconds=31)
    assert search("reset password") != first


def test_two_sessions_never_share_a_search(search):
    assert search("refund", session="anna") != search("refund", session="bo")


def test_a_search_that_led_to_an_article_is_finished(search, log):
    first = search("refund", "en/refunds")
    log.record_open("en/refunds", session="anna", search_id=first)
    assert search("refund policy", "en/refunds") != first


def test_a_search_that_led_to_a_vote_is_finished(search, database_path):
    first = search("refund", "en/refunds")
    Votes(database_path).cast("en/refunds", True, session="anna", search_id=first)
    assert search("refund policy", "en/refunds") != first


def test_emptying_the_box_does_not_shorten_what_was_asked(search, rows):
    for text in ("reset password", "reset pass", "reset", "re"):
        search(text)
    assert [row["text"] for row in rows()] == ["reset password"]


def test_the_first_digits_of_a_number_do_not_stay_behind(search, rows):
    for text in ("no code on 138", "no code on 1380013800", "no code on 13800138000", "no code on 13800138000 today"):
        search(text)
    assert [row["text"] for row in rows()] == ["no code on [phone] today"]


def test_the_start_of_an_address_does_not_stay_behind(search, rows):
    for text in ("anna@exa", "anna@example.com"):
        search(text)
    assert [row["text"] for row in rows()] == ["[email]"]


def test_a_pasted_page_is_cut(search, rows):
    search("word " * 5000)
    assert len(rows()[0]["text"]) <= 1000


def test_popular_counts_sessions_and_not_clicks(log):
    for session, article in (("anna", "en/a"), ("anna", "en/a"), ("bo", "en/b"), ("cy", "en/b"), ("anna", "en/c"), ("bo", "en/a")):
        log.record_open(article, session=session, search_id=None)
    assert log.popular(limit=2) == [("en/a", 2), ("en/b", 2)]
    assert log.popular(limit=9)[2] == ("en/c", 1)


def test_what_was_popular_long_ago_is_not_popular(log, clock):
    log.record_open("en/old", session="anna", search_id=None)
    clock.go_on(days=31)
    log.record_open("en/new", session="anna", search_id=None)
    assert log.popular(limit=9) == [("en/new", 1)]
    assert log.popular(since_days=90, limit=9) == [("en/new", 1), ("en/old", 1)]


def test_an_open_is_tied_only_to_a_search_of_the_same_session(search, log, rows):
    number = search("refund", session="bo")
    log.record_open("en/refunds", session="anna", search_id=number)
    log.record_open("en/refunds", session="bo", search_id=number)
    log.record_open("en/refunds", session="cy", search_id=999_999)
    assert [row["search_id"] for row in rows("opens")] == [None, number, None]


def test_a_log_that_cannot_be_written_says_so(search, database_path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(database_path, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(DatabaseError, match="locked by another process"):
            search("refund")


def test_a_missing_database_is_named_with_its_remedy(tmp_path, answer):
    with pytest.raises(DatabaseError, match="run `kb index`"):
        SearchLog(tmp_path / "no.sqlite").record(text="x", lang="en", visit=Visit("a"), source="portal", answer=answer("x"))


def test_many_visitors_at_once_lose_nothing(database_path, answer, rows):
    def visit(visitor):
        log = SearchLog(database_path)
        for question in ("refund", "invoice", "delivery", "password"):
            log.record(text=question, lang="en", visit=Visit(str(visitor)), source="portal", answer=answer(question))

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(visit, range(16)))
    assert len(rows()) == 16 * 4
