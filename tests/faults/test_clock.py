"""The clock goes back by a day while customers are served: nothing is lost or locked, everything is counted, and the doctor says so."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback.audience import Visit
from feedback.health import HealthRecord
from feedback.questions import QuestionError
from kb.accounts import Accounts
from kb.database import read
from kb.errors import SignInRefused, TooManyAttempts
from portal.doctoring import examine_base
from portal.knowledge import open_knowledge_base
from tests.faults.conftest import levels


class Clock:
    def __init__(self):
        self.moment = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)

    def __call__(self):
        return self.moment

    def go(self, **duration):
        self.moment += timedelta(**duration)


@pytest.fixture
def clock():
    return Clock()


def test_what_customers_do_before_and_after_is_recorded_judged_and_counted(base, clock):
    knowledge = open_knowledge_base(base, now=clock)
    visit = Visit("anna")
    first = knowledge.search("how do I get my money back", visit=visit).search_id
    knowledge.record_open("en/billing/refunds", session="anna", search_id=first)
    knowledge.vote("en/billing/refunds", True, session="anna", search_id=first)
    knowledge.update_gaps()
    clock.go(days=-1)
    second = knowledge.search("reset password", visit=visit).search_id
    knowledge.record_open("en/account/password", session="anna", search_id=second)
    knowledge.vote("en/billing/refunds", False, session="anna", search_id=first)
    question = knowledge.ask_team("Where is my parcel?", visit=visit)
    knowledge.update_gaps()
    assert first and second and second != first
    assert knowledge.question(question.reference, visit=visit).text == "Where is my parcel?"
    with read(base.database) as database:
        counted = dict(database.execute("select day, sum(searches) from day_requests where outcome != 'question' group by day").fetchall())
        assert counted == {"2026-11-24": 1, "2026-11-25": 1}
        # Whoever voted again has the last word, whatever the clock says of it.
        assert database.execute("select helpful from votes").fetchall() == [(0,)]
    clock.go(days=1, minutes=10)
    knowledge.update_gaps()
    assert not levels(examine_base(base, now=clock()))["fault"]


def test_the_doctor_says_that_records_are_ahead_of_the_clock(base, clock):
    knowledge = open_knowledge_base(base, now=clock)
    knowledge.search("refund", visit=Visit("anna"))
    assert not any("the clock says" in message for message in levels(examine_base(base, now=clock()))["warning"])
    clock.go(days=-1)
    (told,) = [message for message in levels(examine_base(base, now=clock()))["warning"] if "the clock says" in message]
    assert "2026-11-25T09:00" in told and "2026-11-24T09:00" in told and "timedatectl" in told


def test_nobody_is_signed_out_or_locked_out_for_longer_than_the_window(base, clock):
    accounts = Accounts(base.database, now=clock)
    accounts.add("mei", "agent", "four words of my own")
    token = accounts.sign_in("mei", "four words of my own", address="192.0.2.1")
    for _ in range(5):
        with pytest.raises(SignInRefused):
            accounts.sign_in("mei", "wrong wrong wrong", address="192.0.2.2")
    with pytest.raises(TooManyAttempts):
        accounts.sign_in("mei", "four words of my own", address="192.0.2.2")
    clock.go(days=-1)
    assert accounts.account_of(token).name == "mei"
    assert accounts.sign_in("mei", "four words of my own", address="192.0.2.2")


def test_nobody_waits_for_a_day_to_ask_or_counts_as_a_flood(base, clock):
    knowledge = open_knowledge_base(base, now=clock)
    visit = Visit("anna", address="192.0.2.1")
    for number in range(5):
        knowledge.ask_team(f"Where is parcel number {number}?", visit=visit)
    for number in range(60):
        knowledge.search(f"parcel number {number * 17} {'lost' if number % 2 else 'late'}", visit=visit)
    with pytest.raises(QuestionError):
        knowledge.ask_team("Where is my parcel?", visit=visit)
    clock.go(days=-1)
    assert knowledge.ask_team("Where is my parcel?", visit=visit).reference
    asked = knowledge.search("how do I get my money back", visit=visit).search_id
    with read(base.database) as database:
        assert database.execute("select audience from searches where id = ?", [asked]).fetchone() == ("customer",)


def test_the_health_record_begins_a_new_span(base, clock):
    record = HealthRecord(base.database, now=clock)
    record.beat(ok=True)
    clock.go(hours=-1)
    record.beat(ok=True)
    with read(base.database) as database:
        assert database.execute("select count(*), sum(began_at > seen_at) from health_spans").fetchone() == (2, 0)
