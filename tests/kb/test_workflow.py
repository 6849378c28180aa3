"""An article goes from draft to archive step by step, a second person looks at it, and its front matter says who did what when."""

from datetime import date

import pytest

from kb.articles import parse_article
from kb.readers import STATUSES
from kb.workflow import TRANSITIONS, WorkflowError, move_article

DAY, NEXT_DAY = date(2026, 11, 22), date(2026, 11, 23)
DRAFT = "---\ntitle: Export fails  # short\nstatus: draft\nowner: Li\n---\n\nTry again.\n"


@pytest.fixture
def submitted():
    return move_article(DRAFT, "review", account="Mei", on=DAY)


@pytest.fixture
def published(submitted):
    return move_article(submitted, "published", account="张伟", on=NEXT_DAY)


def fields_of(text):
    article = parse_article(text, id="en/x")
    return {"status": article.status, **article.extra}


def refused(text, status, account="Mei", **rights):
    with pytest.raises(WorkflowError) as caught:
        move_article(text, status, account=account, on=NEXT_DAY, **rights)
    return caught.value


def test_submitting_says_who_and_when_and_changes_nothing_else(submitted):
    assert submitted == (
        "---\ntitle: Export fails  # short\nstatus: review\nowner: Li\nsubmitted_by: Mei\nsubmitted_on: 2026-11-22\n---\n\nTry again.\n"
    )


def test_another_person_publishes_and_stands_as_reviewer(published):
    assert fields_of(published) == {
        "status": "published", "submitted_by": "Mei", "submitted_on": "2026-11-22", "reviewed_by": "张伟", "reviewed_on": "2026-11-23",
        "published_by": "张伟", "published_on": "2026-11-23",
    }  # fmt: skip


@pytest.mark.parametrize("spelling", ["Mei", "mei", " ＭＥＩ "])
def test_nobody_reviews_their_own_submission_however_they_spell_their_name(submitted, spelling):
    fault = refused(submitted, "published", account=spelling)
    assert (fault.code, fault.values) == ("second_person", {"account": "Mei"})
    assert str(fault) == "Mei submitted this article; another person has to review it"


def test_who_may_publish_alone_stands_in_both_fields(submitted):
    fields = fields_of(move_article(submitted, "published", account="Mei", on=NEXT_DAY, alone=True))
    assert (fields["submitted_by"], fields["reviewed_by"]) == ("Mei", "Mei")


def test_a_review_that_nobody_asked_for_is_not_published_unless_alone():
    by_hand = "---\nstatus: review\n---\nx\n"
    assert refused(by_hand, "published").code == "not_submitted"
    assert fields_of(move_article(by_hand, "published", account="Mei", on=DAY, alone=True))["status"] == "published"


def test_going_back_to_draft_takes_every_stamp_off(published):
    back = move_article(published, "draft", account="Mei", on=NEXT_DAY)
    assert fields_of(back) == {"status": "draft"}
    assert back == DRAFT


def test_archiving_keeps_how_the_article_came_to_be_published(published):
    fields = fields_of(move_article(published, "archived", account="Mei", on=NEXT_DAY))
    assert (fields["status"], fields["published_by"]) == ("archived", "张伟")
    assert (fields["archived_by"], fields["archived_on"]) == ("Mei", "2026-11-23")


def test_an_article_without_a_status_is_published_and_can_be_archived():
    assert fields_of(move_article("# Old\n", "archived", account="Mei", on=DAY))["status"] == "archived"


@pytest.mark.parametrize(("now", "wanted"), [(now, wanted) for now in STATUSES for wanted in STATUSES if wanted not in TRANSITIONS[now]])
def test_no_step_is_left_out(now, wanted):
    fault = refused(f"---\nstatus: {now}\n---\nx\n", wanted, alone=True)
    assert (fault.code, fault.values) == ("no_such_step", {"now": now, "wanted": wanted})


def test_a_status_that_does_not_exist_is_named_with_those_that_do():
    fault = refused(DRAFT, "finished")
    assert fault.code == "unknown_status"
    assert "want one of draft, review, published, archived" in str(fault)


def test_a_name_that_yaml_would_take_for_something_else_stays_a_name(published):
    text = move_article(DRAFT, "review", account="no", on=DAY)
    assert fields_of(text)["submitted_by"] == "no"
    assert refused(text, "published", account="NO").code == "second_person"
