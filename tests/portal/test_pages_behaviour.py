"""What the pages ask of the knowledge base, and what they say to whom."""


import pytest
from streamlit.testing.v1 import AppTest

from kb.readers import PUBLIC
from portal.components.browsing import group_by_category
from portal.current import hold_knowledge
from tests.portal.app_pages import open_page, words
from tests.portal.fake_knowledge import FakeKnowledge, card


@pytest.fixture
def knowledge():
    fake = FakeKnowledge()
    hold_knowledge(fake)
    return fake


def test_without_a_question_home_shows_what_others_read_and_searches_nothing(knowledge):
    page = open_page("home")
    assert "Popular articles" in words(page) and "Get a refund" in words(page)
    assert knowledge.searches == []


def test_one_letter_is_too_little_but_one_chinese_character_is_enough(knowledge):
    page = open_page("home")
    page.text_input[0].set_value("r").run()
    assert "two letters are enough" in words(page) and knowledge.searches == []
    page.text_input[0].set_value("退").run()
    assert knowledge.searches == ["退"] and "如何申请退款" in words(page)


def test_a_question_is_searched_once_however_often_the_page_runs(knowledge):
    page = open_page("home")
    page.text_input[0].set_value("refund").run()
    page.run()
    page.run()
    assert knowledge.searches == ["refund"]


def test_a_result_leads_to_its_section_and_says_which_search_found_it(knowledge):
    page = open_page("home")
    page.text_input[0].set_value("refund").run()
    assert 'href="/article?id=en/customers/refund&amp;s=1#when"' in words(page)


def test_a_hit_in_the_other_language_is_labelled_and_one_in_the_readers_is_not(knowledge):
    page = open_page("home")
    page.text_input[0].set_value("退款").run()
    assert '<span class="kb-badge" lang="zh">中文</span>' in words(page)
    page.text_input[0].set_value("refund").run()
    assert "kb-badge" not in words(page)


def test_narrowing_to_a_language_searches_only_that_language(knowledge):
    page = open_page("home")
    page.text_input[0].set_value("re").run()
    page.get("button_group")[0].set_value("zh").run()
    assert knowledge.searches == ["re", "re"]
    assert "Nothing matches" in words(page) and "Search in all languages and without filters." in words(page)


def test_weak_results_are_said_to_be_unsure(knowledge):
    page = open_page("home")
    page.text_input[0].set_value("perhaps").run()
    assert "We are not sure that these answer your question" in words(page)


def test_a_failed_search_says_so_offers_next_steps_and_keeps_the_closest_apart(knowledge):
    page = open_page("home")
    page.text_input[0].set_value("teleport").run()
    said = words(page)
    assert "Nothing matches “teleport”" in said
    assert 'href="mailto:help@acme.example"' in said and 'href="/browse"' in said
    assert said.index("Nothing matches") < said.index("Closest articles") < said.index("When we answer")


def test_a_fault_is_shown_as_one_and_keeps_its_details_to_itself(knowledge):
    knowledge.broken = True
    page = open_page("home")
    page.text_input[0].set_value("refund").run()
    assert "cannot answer right now" in words(page) and "secret" not in words(page)


def test_what_no_page_expected_is_logged_and_told_in_the_readers_language(caplog):
    def page():
        from portal.server import show_script_error

        show_script_error(ValueError("secret"))

    shown = AppTest.from_function(page)
    shown.context["locale"] = "zh-CN"
    said = words(shown.run())
    assert "帮助中心暂时无法回答" in said and "secret" not in said
    assert "ValueError: secret" in caplog.text


@pytest.mark.parametrize(
    ("locale", "asked", "title"),
    [
        ("en-GB", "", "How can we help?"),
        ("zh-TW", "", "有什么可以帮您？"),
        ("fr-FR", "", "How can we help?"),
        ("en-US", "zh", "有什么可以帮您？"),
        ("zh-CN", "en", "How can we help?"),
        ("zh-CN", "tlh", "有什么可以帮您？"),
    ],
)
def test_the_interface_speaks_the_browsers_language_unless_the_address_names_one(knowledge, locale, asked, title):
    page = open_page("home", locale=locale, **({"lang": asked} if asked else {}))
    assert title in words(page)


def test_switching_the_language_keeps_page_and_question_but_not_the_search_id(knowledge):
    page = open_page("article", id="en/customers/refund", s="7", lang="en")
    assert 'href="/article?id=en/customers/refund&amp;lang=zh"' in words(page)


def test_an_opened_article_is_counted_once_with_the_search_that_led_there(knowledge):
    page = open_page("article", id="en/customers/refund", s="7")
    page.run()
    assert knowledge.opens == [("en/customers/refund", 7)]


@pytest.mark.parametrize("given", ["", "-1", "1.5", "٣", "9" * 40, "x'--"])
def test_a_search_id_that_is_no_number_is_ignored(knowledge, given):
    open_page("article", id="en/customers/refund", s=given)
    assert knowledge.opens == [("en/customers/refund", None)]


def test_a_vote_counts_at_one_tap_changes_at_another_and_is_taken_back_by_the_same(knowledge):
    page = open_page("article", id="en/customers/refund")
    for name in ("vote_yes", "vote_no", "vote_no"):
        page.button(key=name).click().run()
    assert [helpful for _, helpful in knowledge.votes] == [True, False, None]
    assert knowledge.opens == [("en/customers/refund", None)]


def test_a_vote_is_thanked_for(knowledge):
    page = open_page("article", locale="zh-CN", id="zh/customers/refund")
    page.button(key="vote_yes").click().run()
    assert "谢谢您的反馈" in words(page)


def test_a_full_disk_takes_no_article_away_and_a_vote_that_was_not_stored_is_not_thanked_for(knowledge):
    knowledge.disk_full = True
    page = open_page("article", id="en/customers/refund")
    assert "Ask within 14 days." in words(page)
    page.button(key="vote_yes").click().run()
    assert "Your vote could not be stored." in words(page) and "Thank you" not in words(page)
    knowledge.disk_full = False
    page.button(key="vote_yes").click().run()
    assert knowledge.votes == [("en/customers/refund", True)] and "Thank you" in words(page)


def test_an_article_links_to_its_sections_its_category_and_its_other_language(knowledge):
    said = words(open_page("article", id="en/customers/refund"))
    assert 'href="#when"' in said and "Copy the link to the section “When it arrives”" in said
    assert 'href="/browse?category=customers"' in said
    assert 'href="/article?id=zh/customers/refund"' in said and "Read this in 中文" in said
    assert "Updated 22 Nov 2026" in said


def test_a_date_is_written_the_readers_way(knowledge):
    assert "更新于 2026年11月22日" in words(open_page("article", locale="zh-CN", id="zh/customers/refund"))


def test_an_unknown_article_is_not_found_and_offers_a_search(knowledge):
    said = words(open_page("article", id="en/customers/<b>nope</b>"))
    assert "There is no such article" in said and 'role="search"' in said and "<b>" not in said
    assert knowledge.opens == []


def test_browsing_narrows_by_category_and_tag_and_says_how_to_undo_it(knowledge):
    said = words(open_page("browse", category="customers", tag="money"))
    assert "Get a refund" in said and "When we answer" not in said
    assert 'href="/browse?category=customers"' in said and "Remove the filter money" in said


def test_browsing_lists_articles_without_a_category_last(knowledge):
    said = words(open_page("browse"))
    assert said.index("Get a refund") < said.index("More articles") < said.index("When we answer")


def test_a_long_category_shows_its_first_articles_and_the_way_to_all(knowledge):
    cards = [card(f"en/customers/{number:02}", f"Article {number:02}") for number in range(9)]
    (section,) = group_by_category(cards, knowledge.categories("en", reader=PUBLIC), other="")
    assert [one.title for one in section.cards] == [f"Article {number:02}" for number in range(8)]
    assert (section.name, section.count) == ("customers", 9)
    (section,) = group_by_category(cards[:8], knowledge.categories("en", reader=PUBLIC), other="")
    assert (len(section.cards), section.name) == (8, "")


def test_browsing_an_empty_corner_says_so(knowledge):
    assert "No article matches these filters." in words(open_page("browse", tag="nothing"))
