"""A customer with a real browser finds, reads and shares an answer, by mouse, keyboard, input method and phone."""

import re
import urllib.parse

import pytest
from playwright.sync_api import expect


def box(page):
    return page.locator(".st-key-q input")


def path(page) -> str:
    return urllib.parse.unquote_plus(page.url.split("/", 3)[3])


def test_results_appear_while_typing_and_the_address_can_be_shared(portal, visit):
    page = visit(portal.url)
    box(page).press_sequentially("forgot my password", delay=20)
    first = page.locator(".kb-hit").first
    expect(first.locator("h3 a")).to_have_text("Reset your password")
    expect(first.locator(".kb-facts")).to_contain_text("Updated 2 Nov 2026")
    expect(page.locator(".kb-hit mark").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?q=forgot"))
    expect(page.get_by_role("status").filter(has_text="result")).to_be_visible()


def test_a_shared_question_opens_with_its_results(portal, visit):
    page = visit(f"{portal.url}/?q=忘记密码", locale="zh-CN")
    expect(box(page)).to_have_value("忘记密码")
    expect(page.locator(".kb-hit h3 a").first).to_have_text("忘记密码怎么办")


def test_an_input_method_composes_undisturbed_and_searches_when_the_words_are_chosen(portal, visit):
    page = visit(portal.url, locale="zh-CN")
    box(page).click()
    keyboard = page.context.new_cdp_session(page)
    for letters in ("t", "tui", "tuik", "tuikuan"):
        keyboard.send("Input.imeSetComposition", {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)})
    page.wait_for_timeout(700)
    assert page.locator(".kb-results").count() == 0
    assert "q=" not in page.url
    keyboard.send("Input.insertText", {"text": "退款"})
    expect(page.locator(".kb-hit h3 a").first).to_have_text("如何申请退款")
    expect(box(page)).to_have_value("退款")
    page.get_by_role("button", name="清空搜索框").click()
    expect(box(page)).to_have_value("")
    expect(page.get_by_role("heading", name="分类")).to_be_visible()


def test_back_returns_to_the_question_and_its_results(portal, visit):
    page = visit(portal.url)
    box(page).press_sequentially("password", delay=20)
    page.locator(".kb-hit h3 a").first.click()
    expect(page.locator("article h1")).to_have_text("Reset your password")
    page.go_back()
    expect(box(page)).to_have_value("password")
    expect(page.locator(".kb-hit h3 a").first).to_have_text("Reset your password")
    page.go_forward()
    expect(page.locator("article h1")).to_have_text("Reset your password")


def test_the_address_of_an_opened_result_does_not_tell_the_search(portal, visit):
    page = visit(portal.url)
    box(page).press_sequentially("money back", delay=20)
    page.locator(".kb-hit h3 a").first.click()
    expect(page.locator("article h1")).to_have_text("Get your money back")
    expect(page).to_have_url(f"{portal.url}/article?id=en/billing/refund")
    expect(page).to_have_title("Get your money back · Acme Help")


@pytest.mark.parametrize("anchor", ["if-no-message-arrives", "images"])
def test_a_link_to_a_section_opens_there(portal, visit, anchor):
    page = visit(f"{portal.url}/article?id=en/account/reset-password#{anchor}")
    expect(page.locator("article h2", has_text=anchor.replace("-", " ").capitalize())).to_be_in_viewport()
    assert page.locator("article h1").bounding_box()["y"] < 0


@pytest.mark.parametrize("section", ["If no message arrives", "Images"])
def test_the_table_of_contents_leads_to_its_section_and_stays_in_the_history(portal, visit, section):
    page = visit(f"{portal.url}/article?id=en/account/reset-password")
    page.locator(".kb-toc-wide").get_by_role("link", name=section).click()
    expect(page.locator("article h2", has_text=section)).to_be_in_viewport()
    assert page.locator("article h1").bounding_box()["y"] < 0
    page.go_back()
    expect(page.locator("article h1")).to_have_text("Reset your password")


def test_a_chinese_section_has_a_link_of_its_own_that_is_copied(portal, visit):
    page = visit(f"{portal.url}/article?id=zh/account/reset-password", locale="zh-CN", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name="复制“收不到邮件”一节的链接").click()
    expect(page.get_by_text("链接已复制")).to_be_visible()
    copied = urllib.parse.unquote(page.evaluate("navigator.clipboard.readText()"))
    assert copied == f"{portal.url}/article?id=zh/account/reset-password#收不到邮件"


def test_the_language_switch_keeps_the_question_and_is_remembered(portal, visit):
    page = visit(f"{portal.url}/?q=password")
    page.get_by_role("link", name="切换到中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(box(page)).to_have_value("password")
    expect(page.get_by_role("link", name="Switch the language to English")).to_be_visible()
    assert path(page) == "?q=password&lang=zh"
    page.get_by_role("link", name="全部文章").click()
    expect(page.locator("h1")).to_have_text("全部文章")


def test_an_article_offers_its_other_language(portal, visit):
    page = visit(f"{portal.url}/article?id=en/account/reset-password")
    page.get_by_role("link", name="Read this in 中文").click()
    expect(page.locator("article h1")).to_have_text("忘记密码怎么办")
    expect(page.locator("article")).to_have_attribute("lang", "zh")


def test_a_search_that_finds_nothing_says_so_and_offers_a_way_on(portal, visit):
    page = visit(f"{portal.url}/?q=password&product=nobody-has-this")
    expect(page.get_by_role("heading", name="Nothing matches “password”")).to_be_visible()
    expect(page.locator(".kb-failed").get_by_role("link", name="Ask the team")).to_be_visible()
    expect(page.locator(".kb-failed").get_by_role("link", name="Write to us directly")).to_have_attribute("href", "mailto:help@acme.example")
    page.get_by_role("link", name="Search in all languages and without filters.").click()
    expect(page.locator(".kb-hit h3 a").first).to_have_text("Reset your password")


def test_the_whole_way_works_by_keyboard(portal, visit):
    page = visit(portal.url)
    expect(box(page)).to_be_visible()
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    page.keyboard.type("money back", delay=20)
    expect(page.locator(".kb-hit h3 a").first).to_have_text("Get your money back")
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("!!document.activeElement.closest('.kb-hit h3')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("article h1")).to_have_text("Get your money back")
    page.get_by_role("button", name="Yes").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Thank you. Press again to take your vote back.")).to_be_visible()


def test_a_vote_is_taken_back_by_the_same_tap(portal, visit):
    page = visit(f"{portal.url}/article?id=zh/billing/refund", locale="zh-CN")
    page.get_by_role("button", name="没有").click()
    expect(page.locator(".kb-vote-thanks")).to_contain_text("再按一次可以撤回")
    page.get_by_role("button", name="没有").click()
    expect(page.locator(".kb-vote-thanks")).to_have_text("")


def test_an_article_that_is_gone_leads_to_a_search(portal, visit):
    page = visit(f"{portal.url}/article?id=en/gone")
    field = page.locator(".kb-big-search input")
    field.fill("refund")
    field.press("Enter")
    expect(page.locator(".kb-hit h3 a").first).to_have_text("Get your money back")
    assert path(page).startswith("?q=refund")


@pytest.mark.parametrize(("lang", "heading"), [("en", "Why does an article rank where it does?"), ("zh", "文章为什么排在这个位置？")])
def test_an_author_sees_why_an_article_ranks_where_it_does(portal, visit_as, lang, heading):
    page = visit_as("agent", f"/explain?q=forgot my password&id=en/account/reset-password&lang={lang}")
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.locator(".kb-explain tbody tr")).to_have_count(5 + 8)
    page.goto(f"{portal.url}/explain?q=x&id=<img src=x onerror=alert(1)>")
    expect(page.locator(".kb-explain code")).to_have_text("<img src=x onerror=alert(1)>")


def test_a_newly_indexed_article_is_found_without_a_restart(portal, visit):
    page = visit(portal.url)
    portal.write("en/account/close.md", "---\ntitle: Close your account for good\n---\nWrite to us and we delete the account.\n")
    portal.index()
    box(page).press_sequentially("close my account for good", delay=10)
    expect(page.locator(".kb-hit h3 a").first).to_have_text("Close your account for good")


@pytest.mark.parametrize(
    "address",
    ["/", "/?q=password", "/?q=" + "x" * 190, "/article?id=en/account/reset-password", "/article?id=" + "y" * 300, "/browse",
     "/explain?q=password&id=en/account/reset-password"],
    ids=lambda address: address[:12],
)
def test_nothing_is_wider_than_a_phone(portal, visit, visit_as, address):
    page = visit_as("agent", address, width=390) if address.startswith("/explain") else visit(portal.url + address, width=390)
    widths = page.evaluate("[document.documentElement, document.querySelector('[data-testid=stMain]')].map(e => e.scrollWidth)")
    assert max(widths) <= 390
