"""After a reply a customer says in one tap how content they are with it; the team's inbox does not show who said what."""

import pytest
import streamlit as st
from playwright.sync_api import expect

from feedback.audience import Visit
from feedback.question_rows import QuestionError
from feedback.questions import Questions
from kb.database import migrate
from kb.errors import DatabaseError
from kb.settings import Settings
from portal.context import SESSION_COOKIE
from portal.current import hold_knowledge
from portal.knowledge import open_knowledge_base
from tests.portal.app_pages import open_page, words
from tests.portal.conftest import settle
from tests.portal.test_browser_asking import assert_everyone_can_use

ANNA = Visit("anna")


@pytest.fixture
def knowledge(tmp_path, prepared_model, monkeypatch):
    monkeypatch.setattr(type(st.context), "cookies", {SESSION_COOKIE: "anna"})
    settings = Settings(articles=tmp_path / "articles", data=tmp_path / "data", model=str(prepared_model), title="Acme Help")
    real = open_knowledge_base(settings)
    migrate(settings.database)
    hold_knowledge(real)
    return real


@pytest.fixture
def team(knowledge):
    return Questions(knowledge.settings.database)


@pytest.fixture
def question(knowledge):
    return knowledge.ask_team("The export stops", visit=ANNA)


def choices(page):
    groups = page.get("button_group")
    return groups[0] if groups else None


def test_how_content_a_customer_is_is_asked_after_the_reply_and_not_before(knowledge, team, question):
    assert choices(open_page("question", ref=question.reference)) is None
    team.reply(question.id, "so", account="mo")
    asked = choices(open_page("question", ref=question.reference))
    assert (asked.label, asked.value) == ("How content are you with the way this was handled?", None)
    assert asked.options == ["1 not at all", "2", "3", "4", "5 very"]


def test_who_opened_the_question_again_is_not_asked_until_the_next_reply(knowledge, team, question):
    team.reply(question.id, "so", account="mo")
    team.reopen(question.id)
    assert choices(open_page("question", ref=question.reference)) is None


def test_one_tap_is_stored_thanked_for_and_still_there_after_a_reload(knowledge, team, question):
    team.reply(question.id, "so", account="mo")
    page = open_page("question", locale="zh-CN", ref=question.reference)
    assert choices(page).options == ["1 很不满意", "2", "3", "4", "5 很满意"]
    choices(page).set_value(4).run()
    assert "谢谢您的评分。" in words(page) and team.get(question.id).rating == 4
    page = open_page("question", ref=question.reference)
    assert choices(page).value == 4 and "Thank you." not in words(page)
    choices(page).set_value(2).run()
    assert team.get(question.id).rating == 2


def test_a_rating_that_could_not_be_stored_is_not_thanked_for_and_not_shown_as_given(knowledge, team, question, monkeypatch):
    team.reply(question.id, "so", account="mo")
    team.rate(question.reference, 3)
    page = open_page("question", ref=question.reference)

    def refuse(reference, stars):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(knowledge._questions, "rate", refuse)
    choices(page).set_value(5).run()
    assert not page.exception and "could not be stored" in words(page) and "Thank you." not in words(page)
    assert choices(page).value == 3 and team.get(question.id).rating == 3


def test_who_guesses_references_may_not_rate(knowledge, team, question):
    team.reply(question.id, "so", account="mo")
    for number in range(10):
        with pytest.raises(QuestionError, match="no question has this reference"):
            knowledge.rate_question(f"Q-0000-000{number}", 1, visit=ANNA)
    with pytest.raises(QuestionError) as refused:
        knowledge.rate_question(question.reference, 1, visit=ANNA)
    assert refused.value.code == "too_many" and team.get(question.id).rating is None


def test_agents_read_no_rating_in_their_inbox_nor_among_the_steps(knowledge, team, question):
    team.reply(question.id, "so", account="mo")
    shown = {"steps": team.steps(question.id)}
    knowledge.rate_question(question.reference, 1, visit=ANNA)
    assert team.steps(question.id) == shown["steps"]


@pytest.mark.parametrize(("locale", "very", "thanks"), [("en-US", "5 very", "Thank you."), ("zh-CN", "5 很满意", "谢谢您的评分。")])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_five_can_be_read_reached_by_keyboard_and_fit_a_phone(portal, visit, locale, very, thanks, width, scheme):
    team = Questions(portal.settings.database)
    question = team.ask(text=f"rated {locale} {width}", lang="en", session=f"rater {locale} {width}")
    team.reply(question.id, "Look closer.", account="mo")
    page = visit(f"{portal.url}/question?ref={question.reference}", locale=locale, width=width, scheme=scheme)
    five = page.locator(".st-key-rating").get_by_role("radio")
    expect(five).to_have_count(5)
    rows = {round(five.nth(place).bounding_box()["y"]) for place in range(5)}
    assert len(rows) == 1, "all five stand in one line"
    assert_everyone_can_use(page)
    page.locator(".st-key-solved_no button").focus()
    page.keyboard.press("Tab")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name=very)).to_be_checked()
    expect(page.locator(".st-key-rating .kb-vote-thanks")).to_have_text(thanks)
    assert_everyone_can_use(page)
    assert team.get(question.id).rating == 5
    page.reload()
    settle(page)
    expect(page.get_by_role("radio", name=very)).to_be_checked()
