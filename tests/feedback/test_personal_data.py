"""One person's data can be given out whole and erased without a trace, and nobody else's with it."""

import json

import numpy as np
import pytest

from feedback.personal_data import PersonalData
from feedback.query_vectors import store_vectors
from feedback.questions import Questions
from feedback.reading import ReadingLog
from feedback.searches import SearchLog
from feedback.votes import Votes
from kb.database import write


@pytest.fixture
def personal(database_path, clock):
    return PersonalData(database_path, represent=lambda vectors, langs: vectors, now=clock)


@pytest.fixture
def live(database_path, clock, searched):
    """A session searches, opens, reads, votes and asks; returns its question."""

    def visit(session, *, text="export stops", **asked):
        search = searched(text, "en/a", session=session)
        SearchLog(database_path, now=clock).record_open("en/a", session=session, search_id=search)
        ReadingLog(database_path, now=clock).record_read("en/a", session=session, seconds=40)
        votes = Votes(database_path, now=clock)
        votes.cast("en/a", False, session=session, search_id=search)
        votes.explain("en/a", session=session, search_id=search, reason="unclear", comment=f"words of {session}")
        return Questions(database_path, now=clock).ask(text=f"{text} for {session}", lang="en", session=session, search_id=search, **asked)

    return visit


def test_everything_a_session_left_is_given_out_as_plain_json(personal, live):
    question = live("anna", contact="anna@example.com", consent=True)
    live("bo")
    given = personal.export(session="anna")
    assert json.loads(json.dumps(given)) == given
    assert given["sessions"] == [question.session]
    (search,), (opened,), (vote,), (asked,) = (given[name] for name in ("searches", "opens", "votes", "questions"))
    assert (search["text"], search["hits"]) == ("export stops", [{"article": "en/a", "score": 0.9}])
    assert (opened["article"], opened["search_id"], opened["read_seconds"]) == ("en/a", search["id"], 40)
    assert (vote["helpful"], vote["reason"], vote["comment"]) == (False, "unclear", "words of anna")
    assert (asked["text"], asked["contact"], asked["consent"]) == ("export stops for anna", "anna@example.com", True)
    assert "bo" not in json.dumps(given).split('"words of anna"')[1]


def test_the_same_is_given_out_by_pseudonym_by_contact_and_by_reference(personal, live):
    question = live("anna", contact="+86 138 0013 8000", consent=True)
    live("bo", contact="bo@example.com", consent=True)
    given = personal.export(session="anna")
    assert personal.export(pseudonym=question.session) == given
    assert personal.export(contact="13800138000") == given
    assert personal.export(reference=question.reference.lower().replace("-", "")) == given


def test_a_contact_leads_to_every_session_that_gave_it(personal, live):
    live("anna at work", contact="anna@example.com", consent=True)
    live("anna at home", contact="Anna@Example.com", consent=True)
    live("bo", contact="bo@example.com", consent=True)
    given = personal.export(contact="anna@example.com")
    assert [question["text"] for question in given["questions"]] == ["export stops for anna at work", "export stops for anna at home"]
    assert len(given["sessions"]) == len(given["searches"]) == 2


@pytest.mark.parametrize("who", [{"session": "nobody"}, {"pseudonym": "00"}, {"contact": ""}, {"contact": "x@example.com"}, {"reference": "Q-0000-0000"}, {"reference": ""}])
def test_nothing_is_stored_about_a_stranger(personal, live, who):
    live("anna")
    given = personal.export(**who)
    assert [given[name] for name in ("searches", "opens", "votes", "questions")] == [[], [], [], []]
    assert set(personal.erase(**who).values()) == {0}
    assert len(personal.export(session="anna")["questions"]) == 1


@pytest.mark.parametrize("who", [{}, {"session": "anna", "contact": "anna@example.com"}])
def test_a_person_is_named_in_exactly_one_way(personal, who):
    with pytest.raises(ValueError, match="exactly one"):
        personal.export(**who)
    with pytest.raises(ValueError, match="exactly one"):
        personal.erase(**who)


def test_erasing_deletes_one_person_and_says_how_much_it_was(personal, live):
    live("anna")
    live("bo")
    kept = personal.export(session="bo")
    counts = personal.erase(session="anna")
    assert {name: counts[name] for name in ("searches", "opens", "votes", "questions")} == {"searches": 1, "opens": 1, "votes": 1, "questions": 1}
    assert [rows for name, rows in personal.export(session="anna").items() if name != "sessions"] == [[], [], [], []]
    assert personal.export(session="bo") == kept
    assert set(personal.erase(session="anna").values()) == {0}


def test_not_a_byte_of_it_stays_in_the_files(personal, live, database_path):
    live("zebedee", text="quagga crossing", contact="zebedee@example.com", consent=True)
    live("bo")

    def read_files():
        return b"".join(path.read_bytes() for path in database_path.parent.iterdir())

    assert b"quagga" in read_files()
    personal.erase(session="zebedee")
    assert not any(word in read_files() for word in (b"quagga", b"zebedee"))
    assert b"export stops for bo" in read_files()


def test_what_was_derived_from_it_goes_unless_others_said_the_same(personal, live, searched, stored, database_path):
    question = live("anna")
    shared = searched("shared words", session="bo")
    own = question.search_id
    with write(database_path) as database:
        store_vectors(database, [(name, np.eye(4, dtype=np.float32)[place]) for place, name in enumerate(("own", "shared", "question", "unrelated"))])
        also = database["searches"].insert({
            "session": question.session, "text": "shared words", "lang": "en", "source": "portal", "hits": "[]", "confidence": 0, "outcome": "failed",
            "took_ms": 1, "created_at": "2026", "updated_at": "2026", "vector_key": "shared", "evidence": "failed",
        }).last_pk  # fmt: skip
        database["searches"].update(own, {"vector_key": "own", "evidence": "failed"})
        database["searches"].update(shared, {"vector_key": "shared", "evidence": "failed"})
        database["questions"].update(question.id, {"vector_key": "question"})
        database.execute("insert into gaps (id, title_en, created_at, updated_at) values (1, 'export stops for anna', '2026', '2026')")
        database.execute("insert into groups (id, gap, centroid, size) values (1, 1, x'00', 3)")
        for source, source_id in (("search", own), ("search", also), ("question", question.id), ("search", shared)):
            database["group_members"].insert({"source": source, "source_id": source_id, "grouped": 1, "joined_at": "2026"})
    counts = personal.erase(session="anna")
    assert (counts["query_vectors"], counts["group_members"]) == (2, 3)
    assert stored("select key from query_vectors order by key") == [("shared",), ("unrelated",)]
    assert stored("select source, source_id from group_members") == [("search", shared)]
    assert stored("select size from groups") == [(1,)]
    assert stored("select title_en from gaps") == [("shared words",)]


def test_no_topic_stays_called_what_an_erased_person_said(personal, live, stored, database_path):
    live("anna", text="quagga crossing\nat night")
    with write(database_path) as database:
        database["topics"].insert_all([
            {"key": "a:en/a", "name_en": "quagga crossing at night", "name_zh": "", "requests": 1, "named_at": "2026"},
            {"key": "a:en/b", "name_en": "export stops", "name_zh": "导出停了", "requests": 9, "named_at": "2026"},
        ])  # fmt: skip
    personal.erase(session="anna")
    assert stored("select key from topics") == [("a:en/b",)]


def test_that_something_was_erased_is_remembered_but_not_whose_it_was(personal, live, stored, database_path, clock):
    question = live("anna", contact="anna@example.com", consent=True)
    team = Questions(database_path, now=clock)
    team.assign(question.id, "mo", account="lee")
    team.note(question.id, "Anna from Acme, met at the fair", account="mo")
    team.reply(question.id, "Dear Anna", account="mo")
    personal.erase(contact="anna@example.com", account="root")
    assert stored("select action, account, detail from history where subject = 'question' order by id") == [
        ("ask", "", ""), ("assign", "lee", "mo"), ("note", "mo", ""), ("reply", "mo", ""),
    ]  # fmt: skip
    ((subject_id, action, detail, account),) = stored("select subject_id, action, detail, account from history where subject = 'erasure'")
    assert (subject_id, action, account) == ("", "erase", "root")
    assert json.loads(detail)["questions"] == 1
    assert "anna" not in detail.lower() and question.session not in detail


def test_an_erasure_that_fails_half_way_erases_nothing(personal, live, database_path, stored):
    live("anna")
    with write(database_path) as database:
        database.execute("create trigger refuse before delete on questions begin select raise(abort, 'no'); end")
    before = personal.export(session="anna")
    with pytest.raises(Exception, match="no"):
        personal.erase(session="anna")
    assert personal.export(session="anna") == before
    assert stored("select count(*) from history where subject = 'erasure'") == [(0,)]
