"""Reference numbers can be mistyped, but not guessed."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback.question_rows import QuestionError
from portal.lookups import PER_ADDRESS, PER_SESSION, WrongReferences


@pytest.fixture
def time():
    return [datetime(2026, 11, 22, 9, 0, tzinfo=UTC)]


@pytest.fixture
def wrong(time):
    return WrongReferences(now=lambda: time[0])


def test_a_visit_that_is_wrong_ten_times_in_an_hour_waits_for_the_first_to_be_an_hour_old(wrong, time):
    for _ in range(PER_SESSION):
        wrong.refuse_guessing("anna", "192.0.2.1")
        wrong.count("anna", "192.0.2.1")
        time[0] += timedelta(minutes=1)
    with pytest.raises(QuestionError) as refused:
        wrong.refuse_guessing("anna", "192.0.2.1")
    assert (refused.value.code, refused.value.retry_at) == ("too_many", time[0] + timedelta(minutes=50))
    wrong.refuse_guessing("bo", "192.0.2.1")
    time[0] += timedelta(minutes=50)
    wrong.refuse_guessing("anna", "192.0.2.1")


def test_new_visits_from_one_address_do_not_help(wrong):
    for number in range(PER_ADDRESS):
        wrong.count(f"visit {number}", "192.0.2.1")
    with pytest.raises(QuestionError):
        wrong.refuse_guessing("yet another", "192.0.2.1")
    wrong.refuse_guessing("yet another", "192.0.2.2")


def test_who_is_unknown_is_not_taken_for_everybody_else_unknown(wrong):
    for _ in range(100):
        wrong.count("", "")
    wrong.refuse_guessing("", "")
    assert wrong._tried == {}


def test_what_is_an_hour_old_takes_no_memory(wrong, time):
    for number in range(10_000):
        wrong.count(f"visit {number}", "")
    time[0] += timedelta(hours=2)
    wrong.count("late", "")
    assert list(wrong._tried) == ["session late"]
