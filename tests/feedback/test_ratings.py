"""How content a customer is with how a question was handled: asked once there is something to be content with, and the last word counts."""

import sqlite3

import pytest

from feedback.personal_data import PersonalData
from feedback.question_rows import QuestionError
from feedback.questions import Questions
from feedback.telling import Telling
from kb.database import write


@pytest.fixture
def questions(database_path, clock):
    return Questions(database_path, now=clock)


@pytest.fixture
def asked(questions):
    return questions.ask(text="The export stops", lang="en", session="anna", contact="anna@example.com", consent=True)


@pytest.fixture
def personal(database_path, clock):
    return PersonalData(database_path, represent=lambda vectors, langs: vectors, now=clock)


def test_a_question_has_no_rating_until_somebody_gives_one(asked):
    assert (asked.rating, asked.rated_at) == (None, None)


def test_a_rating_is_kept_with_its_time_and_found_by_a_reference_as_people_type_it(questions, asked, clock):
    questions.reply(asked.id, "so", account="mo")
    clock.go_on(hours=1)
    rated = questions.rate(asked.reference.lower().replace("-", " "), 4)
    assert (rated.rating, rated.rated_at) == (4, clock.moment)
    assert questions.get(asked.id) == rated


def test_another_rating_takes_the_place_of_the_first(questions, asked, clock):
    questions.reply(asked.id, "so", account="mo")
    questions.rate(asked.reference, 1)
    clock.go_on(days=1)
    rated = questions.rate(asked.reference, 5)
    assert (rated.rating, rated.rated_at) == (5, clock.moment)


@pytest.mark.parametrize("stars", [0, 6, -1, 4.5, 100])
def test_only_one_to_five_is_a_rating(questions, asked, stars):
    questions.reply(asked.id, "so", account="mo")
    with pytest.raises(QuestionError, match=f"{stars} is no rating; give 1 to 5") as refused:
        questions.rate(asked.reference, stars)
    assert refused.value.code == "rating" and questions.get(asked.id).rating is None


def test_the_table_holds_no_other_rating_either(database_path, asked):
    with pytest.raises(sqlite3.IntegrityError), write(database_path) as database:
        database["questions"].update(asked.id, {"rating": 6})


def test_what_waits_for_the_team_cannot_be_rated(questions, asked):
    for state in ("open", "acknowledged"):
        with pytest.raises(QuestionError, match=f"question {asked.reference} waits for the team") as refused:
            questions.rate(asked.reference, 5)
        assert refused.value.code == "rating" and questions.get(asked.id).state == state
        questions.acknowledge(asked.id, account="mo")


def test_what_was_closed_or_answered_by_an_article_can_be_rated_without_a_reply(questions, asked, database_path, clock):
    closed = questions.ask(text="Something else", lang="en", session="bo")
    questions.close(closed.id, account="mo")
    assert questions.rate(closed.reference, 2).rating == 2
    Telling(database_path, now=clock).told(asked.id, "en/export", account="mo")
    assert questions.rate(asked.reference, 5).rating == 5


def test_a_rating_stands_when_the_question_is_opened_again(questions, asked):
    questions.reply(asked.id, "so", account="mo")
    questions.rate(asked.reference, 2)
    assert questions.settle(asked.reference, solved=False).rating == 2


def test_an_unknown_reference_rates_nothing(questions, asked):
    questions.reply(asked.id, "so", account="mo")
    with pytest.raises(QuestionError) as refused:
        questions.rate("Q-0000-0000", 5)
    assert refused.value.code == "unknown" and questions.get(asked.id).rating is None


def test_rating_is_no_step_that_agents_read(questions, asked):
    questions.reply(asked.id, "so", account="mo")
    before = questions.steps(asked.id)
    questions.rate(asked.reference, 1)
    assert questions.steps(asked.id) == before


def test_a_rating_is_given_out_and_erased_with_its_person(questions, asked, personal, clock):
    questions.reply(asked.id, "so", account="mo")
    questions.rate(asked.reference, 3)
    (given,) = personal.export(session="anna")["questions"]
    assert (given["rating"], given["rated_at"]) == (3, clock.moment.isoformat(timespec="milliseconds"))
    personal.erase(reference=asked.reference)
    assert personal.export(session="anna")["questions"] == [] and questions.get(asked.id) is None
