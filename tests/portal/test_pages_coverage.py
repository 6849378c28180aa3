"""What a lead reads: the coverage map, one topic, articles and people."""

import json
import re
from datetime import date, timedelta

import pytest
import streamlit as st
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df

from feedback.audience import Visit
from indexer.hits import Answer
from kb.accounts import Account
from kb.database import migrate, write
from kb.settings import Settings
from portal import guard
from portal.current import hold_knowledge
from portal.forms import STAFF_COOKIE
from portal.knowledge import open_knowledge_base
from tests.portal.app_pages import open_page, words
from tests.portal.lead_base import HOSTILE, count_requests, put_articles, put_gaps, recently

LEAD, AGENT = Account("Lin", "lead"), Account("Ada", "agent")
PAGES = ("coverage", "topic", "performance")
PASSWORD = "a:en/account/reset-password"


@pytest.fixture
def knowledge(tmp_path, prepared_model, monkeypatch):
    """Nothing has happened, and a lead is at the page."""
    settings = Settings(articles=tmp_path / "articles", data=tmp_path / "data", model=str(prepared_model), title="Acme Help", time_zone="UTC")
    migrate(settings.database)
    real = open_knowledge_base(settings)
    real.lead_desk(LEAD).refresh()
    hold_knowledge(real)
    monkeypatch.setattr(type(st.context), "cookies", {STAFF_COOKIE: "a sign-in"})
    monkeypatch.setattr(guard, "current_account", lambda: LEAD)
    return real


@pytest.fixture
def asked(knowledge):
    """Customers have asked, nine days ago."""
    put_articles(knowledge.settings.database)
    put_gaps(knowledge.settings.database, recently())
    count_requests(knowledge.settings.database, recently())
    return knowledge


def pictures(page):
    return [json.loads(chart.proto.spec) for chart in page.get("vega_lite_chart")]


def tiles(page):
    """The tiles of the wide map, by name."""
    return {row["name"]: row for row in pictures(page)[0]["layer"][0]["data"]["values"]}


def rows(page):
    """The table's rows, as words without markup."""
    table = re.search(r"<tbody.*?</tbody>", words(page), re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in re.findall(r"<tr.*?</tr>", table[0], re.DOTALL)]


def test_an_agent_is_told_that_the_role_is_not_enough_and_sees_no_figure(asked, monkeypatch):
    monkeypatch.setattr(guard, "current_account", lambda: AGENT)
    for name in PAGES:
        page = open_page(name, key=PASSWORD)
        assert "Your account may not do this" in words(page)
        assert "forgot my password" not in words(page) and not pictures(page)


def test_an_empty_base_says_what_will_be_here_and_draws_no_picture(knowledge):
    for name, said in (("coverage", "a map of what they ask"), ("performance", "No article is published"), ("topic", "no such topic")):
        page = open_page(name)
        assert said in words(page)
        assert not pictures(page) and not page.get("download_button")
    assert "kb demo" in words(open_page("coverage", locale="zh-CN"))


def test_the_totals_stand_above_the_map_with_how_sure_they_are(asked):
    said = words(open_page("coverage"))
    assert "65 requests, 52% of them answered (95% interval 40–64%)" in said
    assert re.search(r"What is missing costs about \d+ a week", said)


@pytest.mark.parametrize(("locale", "name"), [("en-US", "forgot my password"), ("zh-CN", "忘记密码")])
def test_each_topic_is_a_tile_in_the_readers_language_that_leads_to_its_page_with_the_selection(asked, locale, name):
    found = tiles(open_page("coverage", locale=locale, days="90", product="shop"))
    assert found[name]["figures"] == "75% · 40"
    assert found[name]["href"] == "/topic?days=90&product=shop&key=a%3Aen/account/reset-password"


def test_the_picture_has_a_name_and_is_there_for_a_phone_too(asked):
    page = open_page("coverage")
    wide, narrow = page.get("vega_lite_chart")
    assert wide.proto.alt == narrow.proto.alt and "65 requests" in wide.proto.alt
    assert [spec["height"] for spec in pictures(page)] == [560, 760]
    assert {row["fill"] for row in tiles(page).values()} >= {"#86b8de", "#a34a04", "#9aa1b0"}


def test_the_table_says_of_each_topic_what_the_map_shows_and_more(asked):
    first, second, third = rows(open_page("coverage"))
    assert first.startswith("forgot my password 忘记密码 40 75% 60–86% 12% 10 ")
    assert second.startswith("rent a hovercraft 12 0 of 12 0–24% – 0 ") and second.endswith("#9001")
    assert third.startswith("&lt;img src=x onerror=alert(1)&gt; 怎么退款 10 4 of 10 17–69% 5 of 6 6 ")


def test_the_table_stands_in_the_order_that_the_address_asks_for(asked):
    page = open_page("coverage", sort="share")
    assert [row.split()[0] for row in rows(page)] == ["forgot", "rent", "&lt;img"]
    assert 'aria-sort="ascending"' in words(page)
    assert [row.split()[0] for row in rows(open_page("coverage", sort="contacts"))][0] == "forgot"
    assert [row.split()[0] for row in rows(open_page("coverage", sort="waiting"))][0] == "rent"
    assert [row.split()[0] for row in rows(open_page("coverage", sort="drop table"))][0] == "forgot"


def test_names_that_customers_gave_are_words_and_no_markup(asked):
    for name in PAGES:
        assert HOSTILE not in words(open_page(name, key="a:en/billing/refund"))


def test_more_than_fifty_topics_are_turned_page_by_page(asked):
    with write(asked.settings.database) as database:
        for number in range(60):
            row = [recently().isoformat(), f"a:en/more/{number}"]
            database.execute("insert into day_requests values (?, 'en', '', ?, 'answered', 'unknown', 1, 0, 0, 1, 1)", row)
    page = open_page("coverage")
    assert len(rows(page)) == 50
    page.get("pagination")[0].set_value(2).run()
    assert len(rows(page)) == 13


# What is selected


def test_a_selection_narrows_the_figures_and_the_links_between_the_pages_keep_it(asked):
    page = open_page("coverage", days="90", product="desk", asked="zh", sort="cost")
    assert "10 requests, 4 of 10 of them answered" in words(page)
    assert 'href="/performance?days=90&amp;product=desk&amp;asked=zh"' in words(page)


def test_what_is_chosen_goes_into_the_address(asked):
    page = open_page("coverage")
    page.selectbox(key="choose days").set_value("365").run()
    page.selectbox(key="choose product").set_value("shop").run()
    assert page.query_params == {"days": "365", "product": "shop"}
    page.selectbox(key="choose days").set_value("28").run()
    assert page.query_params == {"product": "shop"}


def test_two_dates_are_a_period_and_the_first_ones_are_those_that_were_shown(asked):
    page = open_page("coverage", days="7")
    assert "Nobody has asked anything in this selection" in words(page)
    page.selectbox(key="choose days").set_value("between").run()
    today = date.today()
    assert (page.date_input(key="select_from").value, page.date_input(key="select_to").value) == (today - timedelta(days=6), today)
    page.date_input(key="select_from").set_value(recently()).run()
    assert "65 requests" in words(page)
    assert page.query_params == {"from": recently().isoformat(), "to": today.isoformat()}


@pytest.mark.parametrize(
    "dates", [{"from": "yesterday", "to": "2026-01-01"}, {"from": "2026-01-01"}, {"days": "9999999999999999999999"}, {"days": "²"}, {"days": "-7"}, {"product": "nothing"}]
)
def test_what_the_address_misspells_is_not_selected(asked, dates):
    assert "65 requests" in words(open_page("coverage", **dates))


def test_dates_outside_what_can_be_chosen_end_where_it_ends_and_may_stand_in_any_order(asked):
    assert "65 requests" in words(open_page("coverage", **{"from": "9999-12-31", "to": "0001-01-01"}))


# One topic


def test_a_topic_shows_its_figures_articles_and_gaps(asked):
    page = open_page("topic", key="g:9001", days="90")
    said = words(page)
    assert "<h1>rent a hovercraft</h1>" in said and 'href="/gap?id=9001"' in said
    assert 'href="/coverage?days=90"' in said
    said = words(open_page("topic", key="a:en/billing/refund", locale="zh-CN"))
    assert "<h1>怎么退款</h1>" in said
    assert 'href="/article?id=zh/billing/refund"' in said and 'href="/edit?article=en/billing/refund"' in said


def test_a_topic_shows_the_words_of_customers_in_both_languages(asked):
    for number, (text, lang) in enumerate((("lost my password", "en"), ("lost my password", "en"), ("密码忘了", "zh"))):
        answer = Answer(query=text, lang=lang, hits=(), confidence=0.1, outcome="answered", took_ms=1.0)
        asked._searches.record(text=text, lang=lang, visit=Visit(f"visit {number}"), source="portal", answer=answer)
    with write(asked.settings.database) as database:
        database.execute("update searches set topic = ?", [PASSWORD])
        database.execute("delete from stale_hours")
    assert [row.split(" 2 ")[0].split(" 1 ")[0] for row in rows(open_page("topic", key=PASSWORD))] == ["lost my password English", "密码忘了 中文"]


@pytest.mark.parametrize("key", ["", "g:", "g:abc", "g:99999999999999999999", "x:1", "a:", "g:4711", "a:en/no/such", "g:１２"])
def test_a_topic_that_does_not_exist_is_told_so(asked, key):
    assert "There is no such topic" in words(open_page("topic", key=key))


# Articles and people


def test_articles_can_be_narrowed_to_what_is_wrong_with_them_and_it_is_explained(asked):
    page = open_page("performance")
    assert "one language only 1" in words(page).replace("\n", " ")
    page = open_page("performance", flag="unowned", days="90")
    assert len(rows(page)) == 1 and rows(page)[0].startswith("Reset your password")
    assert "Nobody is named as its owner." in words(page)
    assert 'href="/performance?days=90&amp;flag=voted_down"' in words(page)
    assert len(rows(open_page("performance", flag="no such flag"))) == 3


def test_an_article_leads_to_reading_editing_and_its_history(asked):
    said = words(open_page("performance"))
    for link in ("/article?id=zh/billing/refund", "/edit?article=zh/billing/refund", "/history?article=zh/billing/refund"):
        assert f'href="{link}"' in said


def test_translations_that_customers_want_stand_first(asked):
    with write(asked.settings.database) as database:
        row = [recently().isoformat(), PASSWORD]
        database.execute("insert into day_requests values (?, 'zh', '', ?, 'answered', 'unknown', 1, 0, 0, 7, 7)", row)
    said = words(open_page("performance"))
    assert said.index("Translations that are wanted") < said.index("7 requests in 中文") < said.index("What the marks mean")


def test_the_picture_marks_the_article_that_is_voted_down_by_shape_too(asked):
    page = open_page("performance")
    [chart] = page.get("vega_lite_chart")
    drawn = convert_arrow_bytes_to_pandas_df(chart.proto.data.data).to_dict("records")
    assert [(row["title"], row["is_bad"], row["votes"]) for row in drawn] == [("Reset your password", True, "3 of 25"), ("如何申请退款", False, "5 of 6")]
    assert "Reset your password, 12%" in chart.proto.alt


def test_people_are_shown_by_the_gaps_they_closed_and_nothing_else_about_them(asked):
    said = words(open_page("performance"))
    assert re.search(r'rowheader">bo</th>\s*<td[^>]*>1</td>\s*<td[^>]*>1</td>\s*<td[^>]*>0</td>', said)
    assert "Nothing is shown here of what anybody reads" in said
    assert "这里不显示任何人读了什么" in words(open_page("performance", locale="zh-CN"))
