"""A customer with a real browser who was not helped: says why, asks the team, follows the answer, leaves no trace if so wished."""

import json
import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from feedback.questions import Questions
from tests.portal.conftest import settle
from tests.portal.test_browser_safety import AXE

ARTICLE = "/article?id=en/billing/refund"
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.fixture
def stored(portal):
    def select(sql, *values):
        with closing(sqlite3.connect(portal.settings.database, timeout=10)) as connection:
            return connection.execute(sql, values).fetchall()

    return select


@pytest.fixture
def team(portal):
    return Questions(portal.settings.database)


def field(page, name):
    return page.locator(f".st-key-{name} :is(textarea, input)")


def pressed(page, name):
    return page.locator(f'.st-key-{name} [data-testid="stBaseButton-primary"]')


def settle_script(page):
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def wait_for(page, condition):
    """Until what the server stores beside the page is there."""
    for _ in range(100):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("never happened")


def assert_everyone_can_use(page):
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]] == []
    widths = page.evaluate("[document.documentElement, document.querySelector('[data-testid=stMain]')].map(e => e.scrollWidth)")
    assert max(widths) <= page.viewport_size["width"]


@pytest.mark.parametrize(("lang", "query"), [("en", "why is the moon cheese"), ("zh", "月亮为什么是奶酪做的")])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_from_a_failed_search_to_the_teams_answer(portal, visit, team, stored, lang, query, width, scheme):
    page = visit(f"{portal.url}/?lang={lang}&q={query}", width=width, scheme=scheme)
    page.locator(".kb-failed .kb-button-strong").click()
    expect(field(page, "ask_text")).to_have_value(query)
    expect(page.locator(".kb-trail li")).to_have_text(query)
    assert_everyone_can_use(page)
    field(page, "ask_text").fill(f"{query}\n{width}{scheme}, anna@example.com")
    field(page, "ask_contact").fill("anna@example.com")
    page.locator(".st-key-asking [data-testid=stFormSubmitButton] button").click()
    expect(page.locator(".kb-refused")).to_be_visible()
    expect(field(page, "ask_contact")).to_have_value("anna@example.com")
    assert_everyone_can_use(page)
    page.locator(".st-key-ask_consent label").click()
    page.locator(".st-key-asking [data-testid=stFormSubmitButton] button").click()
    reference = page.locator(".kb-ticket code").inner_text()
    assert re.fullmatch(r"Q-[0-9A-Z]{4}-[0-9A-Z]{4}", reference)
    assert_everyone_can_use(page)
    page.reload()
    settle(page)
    expect(page.locator(".kb-ticket code")).to_have_text(reference)
    page.locator(".kb-ticket .kb-button-strong").click()
    expect(page.locator(".kb-state-open")).to_be_visible()
    question = team.find(reference)
    assert question.text == f"{query}\n{width}{scheme}, [email]" and question.contact == "anna@example.com"
    assert [step.text for step in team.trail(question.id)] == [query]
    assert stored("select text from searches where id = ?", question.search_id) == [(query,)]
    team.reply(question.id, "It is not.\n\n<b>Look</b> closer.", account="mo")
    page.reload()
    settle(page)
    expect(page.locator(".kb-reply")).to_have_text("It is not.\n\n<b>Look</b> closer.")
    assert_everyone_can_use(page)
    page.locator(".st-key-solved_yes button").click()
    expect(page.locator(".kb-state-closed")).to_be_visible()
    assert team.find(reference).state == "closed"


def test_pressing_send_twice_asks_once(portal, visit, team):
    page = visit(f"{portal.url}/ask?q=pressed twice")
    page.locator(".st-key-asking [data-testid=stFormSubmitButton] button").dblclick()
    expect(page.locator(".kb-ticket")).to_be_visible()
    settle_script(page)
    assert [question.text for question in team.list(limit=1000).questions].count("pressed twice") == 1


def test_the_whole_form_works_by_keyboard(portal, visit, team):
    page = visit(f"{portal.url}/ask")
    field(page, "ask_text").focus()
    page.keyboard.type("asked without a mouse")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('[data-testid=stFormSubmitButton]') !== null"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".kb-ticket")).to_be_visible()
    assert "asked without a mouse" in [question.text for question in team.list(limit=1000).questions]


def test_an_enter_in_the_contact_field_sends_nothing_early(portal, visit):
    page = visit(f"{portal.url}/ask?q=not yet")
    field(page, "ask_contact").fill("anna@example.com")
    field(page, "ask_contact").press("Enter")
    page.wait_for_timeout(300)
    assert page.locator(".kb-ticket, .kb-refused").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_no_with_reason_and_comment_survives_a_reload_and_is_taken_back(portal, visit, stored, width, scheme):
    page = visit(portal.url, width=width, scheme=scheme)
    page.locator(".st-key-q input").press_sequentially("money back", delay=20)
    page.locator(".kb-hit h3 a").first.click()
    page.locator(".st-key-vote_no button").click()
    outdated, comment = page.get_by_role("radio", name="Out of date"), page.get_by_label("Tell us more (optional)")
    comment.fill("Orders are now called purchases.")
    outdated.click()
    expect(outdated).to_be_checked()
    page.get_by_role("button", name="Send comment").click()
    expect(page.locator(".kb-vote-thanks")).to_have_text("Thank you. Your comment is with the team.")
    assert_everyone_can_use(page)
    page.reload()
    settle(page)
    expect(pressed(page, "vote_no")).to_be_visible()
    expect(comment).to_have_value("Orders are now called purchases.")
    expect(outdated).to_be_checked()
    vote = stored("select helpful, reason, comment, search_id is not null from votes order by id desc limit 1")
    assert vote == [(0, "outdated", "Orders are now called purchases.", 1)]
    (count,) = stored("select count(*) from votes")[0]
    page.locator(".st-key-vote_no button").click()
    expect(page.locator(".st-key-vote_why")).to_have_count(0)
    assert stored("select count(*) from votes")[0] == (count - 1,)


def test_a_vote_by_one_tap_survives_a_reload(portal, visit):
    page = visit(portal.url + ARTICLE)
    page.locator(".st-key-vote_yes button").click()
    expect(pressed(page, "vote_yes")).to_be_visible()
    page.reload()
    settle(page)
    expect(pressed(page, "vote_yes")).to_be_visible()
    expect(page.locator(".st-key-vote_why")).to_have_count(0)


def test_an_article_leads_to_the_team_and_is_named_there(portal, visit, team):
    page = visit(portal.url + ARTICLE)
    page.locator(".kb-vote-ask").get_by_role("link", name="Ask the team").click()
    expect(page.locator(".kb-about")).to_contain_text("Get your money back")
    field(page, "ask_text").fill("The button is gone")
    page.locator(".st-key-asking [data-testid=stFormSubmitButton] button").click()
    assert team.find(page.locator(".kb-ticket code").inner_text()).article == "en/billing/refund"


def test_how_long_an_article_was_in_view_is_added_to_its_open(portal, visit, stored):
    page = visit(portal.url + ARTICLE)
    expect(page.locator("article h1")).to_have_text("Get your money back")
    (number,) = stored("select max(id) from opens")[0]
    assert stored("select read_seconds from opens where id = ?", number) == [(0,)]
    page.wait_for_timeout(1500)
    page.goto(f"{portal.url}/browse")
    settle(page)
    wait_for(page, lambda: stored("select read_seconds from opens where id = ?", number)[0][0] > 0)
    (seconds,) = stored("select read_seconds from opens where id = ?", number)[0]
    assert 1 <= seconds < 30


def test_time_in_another_tab_does_not_count(portal, visit):
    page = visit(portal.url + ARTICLE)
    told = []
    page.on("request", lambda request: request.url.endswith("/read") and told.append(json.loads(request.post_data)))
    hide = "state => { Object.defineProperty(document, 'visibilityState', {value: state, configurable: true}); document.dispatchEvent(new Event('visibilitychange')) }"
    page.wait_for_timeout(1200)
    page.evaluate(hide, "hidden")
    page.wait_for_timeout(2500)
    page.evaluate(hide, "visible")
    page.wait_for_timeout(1200)
    page.evaluate(hide, "hidden")
    wait_for(page, lambda: len(told) == 2)
    assert [reading["article"] for reading in told] == ["en/billing/refund"] * 2
    assert told[1]["seconds"] < 2.5


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1280, "light", "en-US"), (390, "dark", "zh-CN")])
def test_what_is_stored_can_be_downloaded_and_erased(portal, visit, stored, width, scheme, locale):
    page = visit(f"{portal.url}/?q=forgotten password {scheme}", width=width, scheme=scheme, locale=locale)
    expect(page.locator(".kb-hit, .kb-failed").first).to_be_visible()
    page.locator(".kb-footer").get_by_role("link", name=re.compile("stored about me|关于我")).click()
    expect(page.locator(".kb-rows")).to_contain_text(f"forgotten password {scheme}")
    assert_everyone_can_use(page)
    with page.expect_download() as download:
        page.locator('[data-testid="stDownloadButton"] button').click()
    with open(download.value.path(), encoding="utf-8") as file:
        given = json.load(file)
    assert [search["text"] for search in given["searches"]] == [f"forgotten password {scheme}"]
    page.locator(".st-key-erase_ask button").click()
    page.locator(".st-key-erase_yes button").click()
    expect(page.locator(".kb-done")).to_be_visible()
    expect(page.locator(".kb-rows")).to_have_count(0)
    assert_everyone_can_use(page)
    assert stored("select count(*) from searches where text = ?", f"forgotten password {scheme}") == [(0,)]


@pytest.mark.parametrize("address", ["/ask?q=<img src=x onerror=window.__pwned=1>", "/question?ref=\"><img src=x onerror=window.__pwned=1>"])
def test_no_address_of_these_pages_runs(portal, visit, address):
    page = visit(portal.url + address)
    page.wait_for_timeout(300)
    assert page.evaluate("!window.__pwned") and page.locator("img").count() == 0
    assert_everyone_can_use(page)
