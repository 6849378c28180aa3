"""A question to the team is taken once, kept without what nobody should read, answered, and found again by its reference."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from feedback.contacts import fold_contact, read_contact
from feedback.question_drafts import draft_markdown
from feedback.question_rows import QuestionError
from feedback.questions import Questions
from feedback.references import ALPHABET, new_reference, read_reference
from feedback.searches import SearchLog
from feedback.trails import TrailVote
from feedback.votes import Votes
from kb.articles import load_articles, parse_article
from kb.database import write


@pytest.fixture
def questions(database_path, clock):
    return Questions(database_path, now=clock)


@pytest.fixture
def ask(questions):
    def ask_one(text="The export stops", *, session="anna", lang="en", **given):
        return questions.ask(text=text, lang=lang, session=session, **given)

    return ask_one


# Asking


def test_a_question_is_stored_with_where_it_came_from(ask, questions, searched, clock):
    search = searched("export stops", "en/a", outcome="failed")
    asked = ask(article="en/a", search_id=search, product="kb")
    assert (asked.state, asked.text, asked.article, asked.search_id, asked.product) == ("open", "The export stops", "en/a", search, "kb")
    assert asked.created_at == clock.moment
    assert asked.session != "anna" and asked.contact == ""
    assert questions.find(asked.reference) == questions.get(asked.id) == asked


def test_personal_data_in_the_text_never_reaches_the_file(ask, database_path):
    asked = ask("Mail anna@example.com, password: hunter2!x, card 4111 1111 1111 1111")
    assert asked.text == "Mail [email], password: [secret] card [card]"
    written = b"".join(path.read_bytes() for path in database_path.parent.iterdir())
    assert b"anna@example.com" not in written and b"hunter2" not in written and b"4111 1111" not in written


def test_paragraphs_stay_and_a_long_text_is_cut(ask):
    assert ask("one\n\ntwo").text == "one\n\ntwo"
    assert len(ask("word " * 2000).text) <= 4000


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b"])
def test_a_question_needs_words(ask, questions, text):
    with pytest.raises(QuestionError) as refused:
        ask(text)
    assert refused.value.code == "empty"
    assert questions.list().questions == ()


@pytest.mark.parametrize(
    "contact", ["anna@example.com", "安娜@example.com", "+86 138 0013 8000", "13800138000", "(010) 6655-4433", "anna.b+kb@mail.example.co.uk"]
)
def test_a_contact_is_kept_with_consent_only(ask, questions, contact):
    assert ask("with", contact=f"  {contact} ", consent=True).contact == contact
    with pytest.raises(QuestionError) as refused:
        ask("without", contact=contact)
    assert refused.value.code == "consent"
    assert len(questions.list().questions) == 1


@pytest.mark.parametrize(
    "contact",
    ["anna", "anna@", "@example.com", "anna@example", "a b@example.com", "12345", "1" * 16, "call me", "anna@example.com, bo@example.com",
     "<script>@example.com", "a@" + "b" * 300 + ".com"],
)
def test_what_is_neither_mail_nor_telephone_is_no_contact(ask, questions, contact):
    with pytest.raises(QuestionError) as refused:
        ask(contact=contact, consent=True)
    assert refused.value.code == "contact"
    assert questions.list().questions == ()


def test_consent_without_a_contact_is_no_consent(ask):
    assert ask(consent=True).consent is False


def test_somebody_elses_search_is_not_tied_to_a_question(ask, searched):
    assert ask(search_id=searched("export", session="bo")).search_id is None


def test_the_product_is_the_searchs_unless_it_is_said(ask, searched, database_path):
    search = searched("export")
    with write(database_path) as database:
        database.execute("update searches set product = 'kb' where id = ?", [search])
    assert ask("one", search_id=search).product == "kb"
    assert ask("two", search_id=search, product="cloud").product == "cloud"


def test_what_the_search_came_to_is_judged_anew(ask, searched, stored, database_path):
    search, other = searched("export"), searched("export", session="bo")
    with write(database_path) as database:
        database.execute("update searches set settled_at = '2026-11-22'")
    ask(search_id=search)
    assert stored("select id, settled_at from searches order by id") == [(search, None), (other, "2026-11-22")]


def test_sending_twice_is_asking_once(ask, questions, clock):
    first = ask(contact="", consent=False)
    clock.go_on(minutes=5)
    again = ask(contact="anna@example.com", consent=True)
    assert (again.id, again.reference, again.contact) == (first.id, first.reference, "anna@example.com")
    assert len(questions.list().questions) == 1
    assert ask(session="bo").id != first.id


def test_sending_twice_at_once_is_asking_once(ask, questions):
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda _: ask().reference, range(8)))
    assert len(set(asked)) == 1
    assert len(questions.list().questions) == 1


def test_the_same_words_after_a_close_or_a_day_are_a_new_question(ask, questions, clock):
    first = ask()
    questions.close(first.id, account="lee")
    second = ask()
    clock.go_on(days=1, seconds=1)
    assert len({first.id, second.id, ask().id}) == 3


def test_one_session_asks_five_questions_an_hour(ask, clock):
    for number in range(5):
        ask(f"question {number}")
        clock.go_on(minutes=1)
    with pytest.raises(QuestionError) as refused:
        ask("one too many")
    assert refused.value.code == "too_many"
    assert refused.value.retry_at == clock.moment - timedelta(minutes=5) + timedelta(hours=1)
    assert ask("question 4").text == "question 4"
    ask("somebody else", session="bo")
    clock.moment = refused.value.retry_at
    ask("now")


def test_one_address_asks_twenty_questions_an_hour(ask, clock):
    for number in range(20):
        ask(session=f"visitor {number}", address="192.0.2.7")
    with pytest.raises(QuestionError) as refused:
        ask(session="one more", address="192.0.2.7")
    assert refused.value.retry_at == clock.moment + timedelta(hours=1)
    ask(session="one more", address="192.0.2.8")
    ask(session="another one", address="")


def test_the_team_may_try_it_as_often_as_it_likes_and_does_not_count_in_the_times(ask, questions, clock):
    for number in range(8):
        ask(f"try {number}", audience="staff")
    assert questions.counts()["open"] == 8
    assert questions.timings(clock.moment) == ()


def test_what_looks_like_a_program_is_listed_all_the_same_and_held_up_like_anybody(ask, questions):
    for number in range(5):
        ask(f"question {number}", audience="bot")
    with pytest.raises(QuestionError, match="5 questions within an hour"):
        ask("one too many", audience="bot")
    assert len(questions.list().questions) == 5


def test_the_address_is_stored_as_a_pseudonym(ask):
    asked = ask(address="192.0.2.7")
    assert asked.address and "192" not in asked.address


# References


def test_a_reference_is_random_and_has_no_sign_that_is_taken_for_another():
    references = {new_reference() for _ in range(500)}
    assert len(references) == 500
    assert all(re.fullmatch(rf"Q-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", reference) for reference in references)
    assert not set("ILOU") & set(ALPHABET)


@pytest.mark.parametrize("written", ["Q-7F3K-Q29M", "q-7f3k-q29m", " 7f3k q29m ", "Q7F3KQ29M", "Ｑ－７Ｆ３Ｋ－Ｑ２９Ｍ", "q—7f3k—q29m", "Q_7F3K.Q29M"])
def test_a_reference_is_read_however_it_is_written(written):
    assert read_reference(written) == "Q-7F3K-Q29M"


def test_signs_that_are_taken_for_others_are_read_as_those():
    assert read_reference("Q-OIL0-o1l0") == "Q-0110-0110"
    assert read_reference("Q-QQQQ-QQQQ") == read_reference("QQQQQQQQ") == "Q-QQQQ-QQQQ"


@pytest.mark.parametrize("written", ["", "Q-7F3K", "Q-7F3K-Q29U", "Q-7F3K-Q29M-1", "' or 1=1 --", "7F3K" * 1000])
def test_what_is_no_reference_finds_nothing(ask, questions, written):
    ask()
    assert read_reference(written) == ""
    assert questions.find(written) is None


# The trail


def test_the_trail_is_what_the_session_tried_in_the_two_hours_before(ask, questions, searched, database_path, clock):
    searched("long ago", "en/a")
    clock.go_on(hours=2, seconds=1)
    first = searched("export", "en/a", "en/b")
    SearchLog(database_path, now=clock).record_open("en/a", session="anna", search_id=first)
    votes = Votes(database_path, now=clock)
    votes.cast("en/a", False, session="anna", search_id=first)
    votes.explain("en/a", session="anna", search_id=first, reason="outdated")
    clock.go_on(minutes=1)
    second = searched("export stops at 4 GB", outcome="failed")
    searched("of somebody else", session="bo")
    clock.go_on(minutes=1)
    asked = ask(search_id=second)
    clock.go_on(minutes=1)
    searched("later", "en/a")
    trail = questions.trail(asked.id)
    assert [(step.text, step.outcome, step.opened, step.votes) for step in trail] == [
        ("export", "answered", ("en/a",), (TrailVote("en/a", False, "outdated"),)),
        ("export stops at 4 GB", "failed", (), ()),
    ]
    assert trail[1].searched_at == clock.moment - timedelta(minutes=2)


def test_before_asking_the_trail_can_be_looked_at(questions, searched):
    searched("export", "en/a")
    assert [step.text for step in questions.own_trail("anna")] == ["export"]
    assert questions.own_trail("bo") == ()


def test_a_trail_that_was_kept_back_is_not_given_out(ask, questions, searched):
    search = searched("a thing of my own")
    asked = ask(search_id=search, with_trail=False)
    assert asked.search_id is None
    assert questions.trail(asked.id) == ()
    assert [step.text for step in questions.own_trail("anna")] == ["a thing of my own"]


# The team's work


def test_a_question_goes_from_open_to_closed_and_every_step_is_written_down(ask, questions, clock):
    asked = ask()
    clock.go_on(minutes=3)
    assert questions.acknowledge(asked.id, account="lee").state == "acknowledged"
    questions.assign(asked.id, "mo", account="lee")
    clock.go_on(minutes=10)
    answered = questions.reply(asked.id, " Use the new exporter. \n", account="mo")
    assert (answered.state, answered.reply, answered.agent) == ("answered", "Use the new exporter.", "mo")
    assert (answered.acknowledged_at, answered.answered_at) == (clock.moment - timedelta(minutes=10), clock.moment)
    questions.note(asked.id, "knows it now", account="mo")
    closed = questions.close(asked.id, account="mo")
    assert (closed.state, closed.closed_at) == ("closed", clock.moment)
    assert [(step.action, step.detail, step.account) for step in questions.steps(asked.id)] == [
        ("ask", "", ""), ("acknowledge", "", "lee"), ("assign", "mo", "lee"), ("reply", "Use the new exporter.", "mo"),
        ("note", "knows it now", "mo"), ("close", "", "mo"),
    ]  # fmt: skip


def test_the_first_acknowledgement_counts_and_a_reply_is_one(ask, questions, clock):
    first = ask("one")
    at = clock.moment
    questions.acknowledge(first.id, account="lee")
    clock.go_on(minutes=1)
    questions.acknowledge(first.id, account="mo")
    assert questions.reply(first.id, "so", account="mo").acknowledged_at == at
    assert len(questions.steps(first.id)) == 3
    assert questions.reply(ask("two").id, "so", account="mo").acknowledged_at == clock.moment


def test_an_answered_question_is_not_acknowledged_again(ask, questions):
    asked = ask()
    questions.reply(asked.id, "so", account="mo")
    assert questions.acknowledge(asked.id, account="mo").state == "answered"


def test_a_reopened_question_keeps_its_reply_and_a_new_one_takes_its_place(ask, questions, clock):
    asked = ask()
    questions.reply(asked.id, "first", account="mo")
    questions.close(asked.id, account="mo")
    reopened = questions.reopen(asked.id, account="lee")
    assert (reopened.state, reopened.reply, reopened.closed_at) == ("open", "first", None)
    clock.go_on(minutes=5)
    assert questions.reply(asked.id, "second", account="mo").answered_at == clock.moment
    assert [step.detail for step in questions.steps(asked.id) if step.action == "reply"] == ["first", "second"]


def test_what_changes_nothing_is_not_written_down(ask, questions):
    asked = ask()
    questions.reopen(asked.id, account="lee")
    questions.assign(asked.id, "", account="lee")
    questions.close(asked.id, account="lee")
    questions.close(asked.id, account="lee")
    assert [step.action for step in questions.steps(asked.id)] == ["ask", "close"]


def test_a_reply_needs_words_and_a_question_that_is_gone_is_named(ask, questions):
    with pytest.raises(QuestionError, match="a reply without words"):
        questions.reply(ask().id, "  ", account="mo")
    with pytest.raises(QuestionError, match="no question 99"):
        questions.close(99, account="mo")


def test_the_customer_says_whether_the_reply_solved_it(ask, questions):
    asked = ask()
    assert questions.settle(asked.reference, solved=True).state == "open"
    questions.reply(asked.id, "so", account="mo")
    assert questions.settle(asked.reference, solved=False).state == "open"
    questions.reply(asked.id, "then so", account="mo")
    assert questions.settle(asked.reference.lower(), solved=True).state == "closed"
    assert [(step.action, step.account) for step in questions.steps(asked.id)][-1] == ("close", "")
    with pytest.raises(QuestionError) as refused:
        questions.settle("Q-0000-0000", solved=True)
    assert refused.value.code == "unknown"


def test_questions_are_listed_newest_first_by_state_with_counts(ask, questions, clock):
    for number in range(5):
        clock.go_on(minutes=1)
        ask(f"question {number}", session=f"visitor {number}")
    questions.close(questions.list().questions[0].id, account="mo")
    page = questions.list(limit=2, offset=1)
    assert [question.text for question in page.questions] == ["question 3", "question 2"]
    assert page.counts == questions.counts() == {"open": 4, "acknowledged": 0, "answered": 0, "closed": 1}
    assert [question.text for question in questions.list(state="closed").questions] == ["question 4"]


def test_how_long_questions_took_is_counted_from_asking_to_the_first_reply(ask, questions, clock):
    ask("before")
    clock.go_on(hours=1)
    since, asked = clock.moment, ask("after")
    for minutes, act in ((4, lambda: questions.acknowledge(asked.id, account="mo")), (16, lambda: questions.reply(asked.id, "so", account="mo")),
                         (40, lambda: questions.reply(asked.id, "or so", account="mo"))):
        clock.go_on(minutes=minutes)
        act()
    (timing,) = questions.timings(since)
    assert (timing.question_id, timing.acknowledged, timing.answered, timing.closed) == (asked.id, 240, 1200, None)


# From a reply to an article


def test_a_reply_becomes_a_draft_article(ask, questions):
    asked = ask("The export stops at 4 GB.\nThe log says E-4711! What now?", product="kb")
    answered = questions.reply(asked.id, "Split the table first.\n\n1. Open *Tables*.", account="mo")
    path, text = draft_markdown(answered)
    article = parse_article(text, id=path.removesuffix(".md"))
    assert path == "en/the-export-stops-at-4-gb.md"
    assert (article.title, article.lang, article.status, article.product) == ("The export stops at 4 GB.", "en", "draft", "kb")
    assert article.aliases == ("The log says E-4711!", "What now?")
    assert article.body.strip() == "Split the table first.\n\n1. Open *Tables*."
    assert article.extra == {"source": f"question {asked.id}"}
    assert asked.reference not in text


def test_a_chinese_question_becomes_a_chinese_draft(ask):
    path, text = draft_markdown(ask("导出失败怎么办？日志里写着：E-4711。", lang="zh"))
    article = parse_article(text, id=path.removesuffix(".md"))
    assert path.startswith("zh/导出失败怎么办")
    assert article.lang == "zh" and article.aliases == ("导出失败怎么办?", "日志里写着:E-4711。")


def test_a_draft_lies_beside_the_article_that_the_question_is_about(ask):
    assert draft_markdown(ask("Why?", article="en/billing/refund"))[0] == "en/billing/why.md"
    assert draft_markdown(ask("为什么？", lang="zh", article="en/billing/refund"))[0] == "zh/为什么.md"


@pytest.mark.parametrize("text", ["---\ntitle: x", "title: [a, b", "'quoted': \"too\" # not a comment", "- a list\n- of things", "!!python/object:os", "&a *a", "???", "#", "x" * 3000])
def test_whatever_is_asked_the_draft_can_be_read(ask, text):
    path, draft = draft_markdown(ask(text))
    article = parse_article(draft, id=path.removesuffix(".md"))
    assert article.status == "draft" and article.title and article.aliases
    assert all("/" not in part and part for part in path.split("/"))


def test_a_draft_is_written_once_and_remembered(ask, questions, tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    asked = ask()
    questions.reply(asked.id, "So.", account="mo")
    assert questions.to_draft(asked.id, account="mo", folder=folder) == "en/the-export-stops"
    assert questions.to_draft(asked.id, account="mo", folder=folder) == "en/the-export-stops"
    assert questions.get(asked.id).draft == "en/the-export-stops"
    assert [article.id for article in load_articles(folder).articles] == ["en/the-export-stops"]
    assert (questions.steps(asked.id)[-1].action, questions.steps(asked.id)[-1].detail) == ("draft", "en/the-export-stops")


# Contacts


def test_contacts_that_differ_only_in_how_they_are_written_are_one():
    assert fold_contact("Anna@Example.com ") == fold_contact("anna@example.COM")
    assert fold_contact("+86 138-0013-8000") == fold_contact("0086 13800138000") == fold_contact("138 0013 8000")
    assert fold_contact("+1 415 555 0100") != fold_contact("+1 415 555 0101")
    assert read_contact("anna\u200b@example.com") == "anna@example.com"
