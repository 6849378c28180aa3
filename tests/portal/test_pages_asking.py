"""A customer says why an article did not help, asks the team, follows the answer, and sees and erases what is stored."""

import json
import logging

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from feedback.audience import Visit
from feedback.searches import SearchLog
from feedback.votes import REASONS, Vote, Votes
from indexer.hits import Answer
from kb.database import migrate, write
from kb.errors import DatabaseError
from kb.settings import Settings
from portal.context import SESSION_COOKIE
from portal.current import hold_knowledge
from portal.knowledge import open_knowledge_base
from tests.portal.app_pages import open_page, words
from tests.portal.fake_knowledge import FakeKnowledge

SESSION = "anna"


@pytest.fixture(autouse=True)
def browser_of_anna(monkeypatch):
    """Without a browser Streamlit's test pages have no cookies to read."""
    monkeypatch.setattr(type(st.context), "cookies", {SESSION_COOKIE: SESSION})


@pytest.fixture
def knowledge(tmp_path, prepared_model):
    """The real one, with nothing indexed: asking works before anything else does."""
    settings = Settings(articles=tmp_path / "articles", data=tmp_path / "data", model=str(prepared_model), title="Acme Help", respond_minutes=120)
    real = open_knowledge_base(settings)
    migrate(settings.database)
    hold_knowledge(real)
    return real


@pytest.fixture
def searched(knowledge):
    """Records a search of this visit, as if the page had run it."""

    def search(text):
        answer = Answer(query=text, lang="en", hits=(), confidence=0.1, outcome="failed", took_ms=1.0)
        return knowledge._searches.record(text=text, lang="en", visit=Visit(SESSION), source="portal", answer=answer)

    return search


@pytest.fixture
def team(knowledge):
    return knowledge._questions


def send(page: AppTest) -> AppTest:
    page.button[0].click().run()
    assert not page.exception
    return page


# Votes


@pytest.fixture
def voting():
    fake = FakeKnowledge()
    hold_knowledge(fake)
    return fake


def test_only_a_no_is_asked_why(voting):
    page = open_page("article", id="en/customers/refund")
    assert not page.get("button_group") and not page.text_area
    page.button(key="vote_yes").click().run()
    assert not page.get("button_group")
    page.button(key="vote_no").click().run()
    assert page.get("button_group")[0].options == [
        "Not what I was looking for", "Out of date", "Hard to follow", "The steps did not work", "A detail is missing"
    ]  # fmt: skip
    page.button(key="vote_no").click().run()
    assert not page.get("button_group")


def test_a_reason_is_stored_at_one_tap_and_taken_back_by_the_same(voting):
    page = open_page("article", id="en/customers/refund")
    page.button(key="vote_no").click().run()
    pills = page.get("button_group")[0]
    pills.set_value("outdated").run()
    page.get("button_group")[0].set_value(None).run()
    assert voting.explained == [("outdated", None), ("", None)]


def test_a_comment_is_sent_when_it_is_finished_and_thanked_for(voting):
    page = open_page("article", locale="zh-CN", id="zh/customers/refund")
    page.button(key="vote_no").click().run()
    page.text_area[0].set_value("  菜单改名了  ")
    next(button for button in page.button if button.label == "提交说明").click().run()
    assert voting.explained == [(None, "菜单改名了")]
    assert "您的说明已转给团队" in words(page)


def test_a_reason_that_was_not_stored_is_not_thanked_for_and_the_comment_stays_in_its_box(voting):
    page = open_page("article", id="en/customers/refund")
    page.button(key="vote_no").click().run()
    voting.disk_full = True
    page.text_area[0].set_value("The menu moved")
    next(button for button in page.button if button.label == "Send comment").click().run()
    assert "could not be stored" in words(page) and "Your comment is with" not in words(page)
    assert page.text_area[0].value == "The menu moved"


@pytest.mark.parametrize("reason", REASONS)
def test_a_reload_shows_the_standing_vote_with_reason_and_comment(voting, reason):
    voting.vote_on = lambda article, *, session, search_id: Vote(False, reason, "The menu moved")
    page = open_page("article", id="en/customers/refund")
    assert page.get("button_group")[0].value == reason
    assert page.text_area[0].value == "The menu moved"
    page.button(key="vote_no").click().run()
    assert [helpful for _, helpful in voting.votes] == [None]


def test_a_vote_that_cannot_be_looked_up_takes_no_article_away(voting, caplog):
    def fail(article, *, session, search_id=None):
        raise DatabaseError("locked")

    voting.vote_on = voting.search_behind = fail
    with caplog.at_level(logging.WARNING):
        page = open_page("article", id="en/customers/refund")
    assert "Ask within 14 days." in words(page) and caplog.text.count("locked") == 2


def test_after_a_reload_a_vote_still_belongs_to_the_search_that_led_there(voting):
    voting.search_behind = lambda article, *, session: 7
    page = open_page("article", id="en/customers/refund")
    assert voting.opens == [("en/customers/refund", 7)]
    assert 'href="/ask?article=en/customers/refund&amp;s=7"' in words(page)


# Ways to the team


def test_a_failed_search_and_a_weak_one_lead_to_the_team_with_what_was_asked(voting):
    page = open_page("home")
    page.text_input[0].set_value("teleport").run()
    assert 'class="kb-button kb-button-strong" href="/ask?s=1&amp;q=teleport"' in words(page)
    page.text_input[0].set_value("perhaps").run()
    assert 'href="/ask?s=2&amp;q=perhaps"' in words(page)


def test_every_page_leads_to_the_team_and_to_what_is_stored(voting):
    for name in ("home", "browse", "article"):
        said = words(open_page(name))
        assert 'href="/ask"' in said and 'href="/my-data"' in said


# Asking


def test_what_was_searched_for_is_in_the_form_already(knowledge):
    assert open_page("ask", q="export stops").text_area[0].value == "export stops"
    assert len(open_page("ask", q="x" * 9000).text_area[0].value) == 4000


def test_the_promise_is_said_before_and_after(knowledge):
    page = open_page("ask", q="export stops")
    assert "We acknowledge your question within 15 minutes and answer within 2 hours." in words(page)
    said = words(send(page))
    assert "We have your question" in said and "today" in said


def test_a_sent_question_has_a_reference_that_leads_to_its_state(knowledge, team):
    page = send(open_page("ask", q="export stops"))
    (question,) = team.list().questions
    assert f"<code>{question.reference}</code>" in words(page)
    assert f'href="/question?ref={question.reference}"' in words(page)
    assert page.query_params["ref"] == question.reference


def test_a_reload_of_the_confirmation_confirms_and_asks_nothing(knowledge, team):
    send(open_page("ask", q="export stops"))
    (question,) = team.list().questions
    assert "We have your question" in words(open_page("ask", ref=question.reference))
    assert len(team.list().questions) == 1


def test_sending_the_same_form_again_asks_nothing(knowledge, team):
    send(open_page("ask", q="export stops"))
    send(open_page("ask", q="export stops"))
    assert len(team.list().questions) == 1


@pytest.mark.parametrize(
    ("text", "contact", "consent", "complaint"),
    [
        ("", "", False, "Please describe what is wrong."),
        ("export stops", "call me", True, "neither an e-mail address nor a phone number"),
        ("export stops", "anna@example.com", False, "Please tick that we may use your contact"),
    ],
)
def test_a_question_that_cannot_be_taken_says_why_and_keeps_what_was_typed(knowledge, team, text, contact, consent, complaint):
    page = open_page("ask")
    page.text_area[0].set_value(text)
    page.text_input[0].set_value(contact)
    page.checkbox[0].set_value(consent)
    send(page)
    assert complaint in words(page) and team.list().questions == ()
    assert (page.text_area[0].value, page.text_input[0].value, page.checkbox[0].value) == (text, contact, consent)


def test_a_question_that_could_not_be_stored_says_so_and_keeps_what_was_typed(knowledge, monkeypatch):
    page = open_page("ask", q="export stops")

    def refuse(**given):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(knowledge._questions, "ask", refuse)
    send(page)
    assert "could not be stored" in words(page) and "disk" not in words(page)
    assert page.text_area[0].value == "export stops"


def test_too_many_questions_are_refused_with_the_time_to_try_again(knowledge, team):
    for number in range(5):
        send(open_page("ask", q=f"question {number}"))
    page = send(open_page("ask", q="one more"))
    assert "many questions within an hour. Please try again at " in words(page)
    assert page.text_area[0].value == "one more" and len(team.list().questions) == 5


def test_a_contact_is_stored_with_consent(knowledge, team):
    page = open_page("ask", q="export stops")
    page.text_input[0].set_value("anna@example.com")
    page.checkbox[0].set_value(True)
    assert "We may also answer to anna@example.com." in words(send(page))
    assert team.list().questions[0].contact == "anna@example.com"


def test_the_searches_that_go_along_are_shown_and_can_be_kept_back(knowledge, team, searched):
    search = searched("export <b>stops</b>")
    page = open_page("ask", q="export stops", s=str(search))
    assert "export &lt;b&gt;stops&lt;/b&gt;" in words(page) and "We also send what you searched for" in words(page)
    send(page)
    page = open_page("ask", q="something private", s=str(search))
    next(box for box in page.checkbox if "Send these searches" in box.label).uncheck()
    send(page)
    private, plain = team.list().questions
    assert (plain.search_id, [step.text for step in team.trail(plain.id)]) == (search, ["export <b>stops</b>"])
    assert (private.search_id, team.trail(private.id)) == (None, ())


def test_without_searches_nothing_is_said_about_them(knowledge):
    page = open_page("ask")
    assert "We also send" not in words(page) and len(page.checkbox) == 1


def test_a_question_is_in_the_language_it_is_asked_in(knowledge, team):
    send(open_page("ask", q="导出失败怎么办"))
    assert team.list().questions[0].lang == "zh"


def test_an_article_that_is_not_there_is_not_tied_to_the_question(knowledge, team):
    send(open_page("ask", q="export stops", article="en/nowhere"))
    assert team.list().questions[0].article == ""


# Following


def test_the_state_of_a_question_is_told_in_the_readers_words(knowledge, team):
    question = knowledge.ask_team("导出 <b>失败</b>", visit=Visit("bo"))
    said = words(open_page("question", locale="zh-CN", ref=question.reference))
    assert "已收到" in said and "导出 &lt;b&gt;失败&lt;/b&gt;" in said and "今天" in said
    team.acknowledge(question.id, account="mo")
    assert "处理中" in words(open_page("question", locale="zh-CN", ref=question.reference))
    team.reply(question.id, "<script>x</script>\n\nSecond paragraph", account="mo")
    said = words(open_page("question", locale="zh-CN", ref=question.reference))
    assert "已答复" in said and "&lt;script&gt;x&lt;/script&gt;\n\nSecond paragraph" in said


def test_neither_contact_nor_notes_are_shown_to_who_knows_the_reference(knowledge, team):
    question = knowledge.ask_team("export", visit=Visit("bo"), contact="bo@example.com", consent=True)
    team.note(question.id, "a note among us", account="mo")
    said = words(open_page("question", ref=question.reference))
    assert "bo@example.com" not in said and "among us" not in said


def test_a_late_answer_is_admitted(knowledge, team):
    question = knowledge.ask_team("export", visit=Visit("bo"))
    with write(knowledge.settings.database) as database:
        database.execute("update questions set created_at = '2020-01-01T00:00:00.000+00:00'")
    assert "longer than we promised" in words(open_page("question", ref=question.reference))


def test_yes_closes_the_question_and_no_opens_it_again(knowledge, team):
    question = knowledge.ask_team("export", visit=Visit("bo"))
    page = open_page("question", ref=question.reference)
    assert not page.button
    team.reply(question.id, "so", account="mo")
    page = open_page("question", ref=question.reference)
    page.button(key="solved_yes").click().run()
    assert team.get(question.id).state == "closed" and "This question is closed." in words(page)
    page.button(key="solved_no").click().run()
    assert team.get(question.id).state == "open" and "The team looks at it again." in words(page)
    assert not page.button


def test_an_unknown_reference_is_told_politely_and_another_can_be_entered(knowledge):
    said = words(open_page("question", ref='Q-0000-0000"><b>'))
    assert "No question has this reference number." in said and 'name="ref"' in said and "<b>" not in said
    said = words(open_page("question"))
    assert "No question has" not in said and 'name="ref"' in said


def test_guessing_references_is_stopped(knowledge, team):
    question = knowledge.ask_team("export", visit=Visit("bo"))
    for number in range(10):
        open_page("question", ref=f"Q-0000-000{number}")
    said = words(open_page("question", ref=question.reference))
    assert "Too many wrong reference numbers" in said and "export" not in said


# What is stored


def test_what_is_stored_is_listed_and_given_out_as_a_file(knowledge, searched):
    searched("export <b>stops</b>")
    # Opened and voted on while it was there.
    SearchLog(knowledge.settings.database).record_open("en/gone", session=SESSION, search_id=None)
    knowledge.record_read("en/gone", session=SESSION, seconds=120)
    votes = Votes(knowledge.settings.database)
    votes.cast("en/gone", False, session=SESSION)
    votes.explain("en/gone", session=SESSION, reason="unclear", comment="why <i>?")
    question = knowledge.ask_team("my question", visit=Visit(SESSION))
    knowledge.ask_team("of somebody else", visit=Visit("bo"))
    page = open_page("my_data")
    said = words(page)
    for shown in ("export &lt;b&gt;stops&lt;/b&gt;", "read for 2 minutes", "did not help · Hard to follow · why &lt;i&gt;?", question.reference, "my question"):
        assert shown in said
    assert "of somebody else" not in said
    assert json.loads(json.dumps(knowledge.export_person(session=SESSION)))["questions"][0]["text"] == "my question"


def test_erasing_asks_once_more_and_then_leaves_nothing(knowledge, searched):
    searched("export stops")
    knowledge.ask_team("my question", visit=Visit(SESSION))
    page = open_page("my_data")
    page.button(key="erase_ask").click().run()
    page.button(key="erase_no").click().run()
    assert "export stops" in words(page)
    page.button(key="erase_ask").click().run()
    page.button(key="erase_yes").click().run()
    assert "Erased: 2 entries." in words(page) and "export stops" not in words(page)
    assert not page.button
    assert knowledge.export_person(session=SESSION)["searches"] == []


def test_an_erasure_that_failed_is_not_reported_as_done(knowledge, searched, monkeypatch):
    searched("export stops")
    page = open_page("my_data")

    def refuse(**who):
        raise DatabaseError("locked")

    monkeypatch.setattr(knowledge._personal, "erase", refuse)
    page.button(key="erase_ask").click().run()
    page.button(key="erase_yes").click().run()
    assert "Nothing could be erased" in words(page) and "Erased:" not in words(page) and "export stops" in words(page)
