"""The team in a real browser: customers' failed searches stand in the gap list, and what is done there stays done."""

import csv
import io
import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.portal.conftest import settle

WORDS = ("can I pay with seashells", "pay with seashells", "seashells as payment")


@pytest.fixture(scope="module")
def knowledge(portal):
    from portal.knowledge import open_knowledge_base

    return open_knowledge_base(portal.settings)


@pytest.fixture(scope="module")
def seashells(knowledge):
    """The number of a gap that three customers opened, one of whom asked the team."""
    from datetime import UTC, datetime, timedelta

    from feedback.audience import Visit
    from kb.accounts import Account
    from portal.knowledge import open_knowledge_base

    early = open_knowledge_base(knowledge.settings, now=lambda: datetime.now(UTC) - timedelta(minutes=40))
    for number, text in enumerate(WORDS):
        found = early.search(text, visit=Visit(f"customer {number}"))
        assert found.outcome != "answered"
    early.ask_team("=HYPERLINK(1) can I pay with seashells?", visit=Visit("customer 0"), search_id=None)
    knowledge.update_gaps()
    gaps = knowledge.desk(Account("test", "agent")).gaps()
    return next(gap.id for gap in gaps if "seashells" in gap.title_en)


def test_a_customer_sees_no_gap_and_is_sent_to_the_sign_in(portal, browser):
    page = browser.new_context().new_page()
    for path in ("/gaps", "/gap?id=1", "/questions", "/records"):
        page.goto(portal.url + path)
        assert "/sign-in" in page.url


@pytest.mark.parametrize(("locale", "width", "heading", "kind"), [("en-US", 1280, "Gaps", "missing"), ("zh-CN", 390, "缺口", "没有文章")])
def test_the_list_shows_what_customers_asked_and_what_it_costs(seashells, visit_as, locale, width, heading, kind):
    page = visit_as("agent", "/gaps", locale=locale, width=width)
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    gap = page.locator(".kb-gap", has_text="seashells").first
    expect(gap.locator(".kb-kind")).to_have_text(kind)
    expect(gap.locator(".kb-gap-cost")).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    serious = [found for found in Axe().run(page).response["violations"] if found["impact"] in ("serious", "critical")]
    assert [found["id"] for found in serious if all("st-key" in str(node["target"]) or "kb-" in str(node["target"]) for node in found["nodes"])] == []


def test_a_filter_narrows_the_list_and_lives_in_the_address(seashells, visit_as, portal):
    page = visit_as("agent", "/gaps?state=dismissed&kind=missing", locale="zh-CN")
    expect(page.get_by_text("没有符合筛选条件的缺口。")).to_be_visible()
    page = visit_as("agent", "/gaps")
    page.get_by_role("combobox").nth(1).click()
    page.get_by_role("option", name="dismissed").click()
    expect(page.get_by_text("No gap passes these filters.")).to_be_visible()
    expect(page).to_have_url(f"{portal.url}/gaps?state=dismissed")


def test_the_export_cannot_run_as_a_formula(seashells, visit_as):
    page = visit_as("agent", "/gaps")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert any("seashells" in row["title"] for row in rows)
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    assert {row["kind"] for row in json.loads(download.value.path().read_text(encoding="utf-8"))}


def test_an_agent_takes_notes_and_closes_a_gap_and_the_history_says_who(seashells, visit_as, staff):
    page = visit_as("agent", f"/gap?id={seashells}")
    for text in WORDS:
        expect(page.locator(".kb-wordings").get_by_text(text, exact=True)).to_be_visible()
    page.get_by_role("button", name="Take it").click()
    expect(page.locator(".kb-state-assigned")).to_be_visible()
    # The page that is drawn anew closes what was opened while it was under way.
    expect(page.get_by_role("button", name="Take it")).to_have_count(0)
    settle(page)
    page.locator(".st-key-gap_actions summary", has_text="Close").click()
    page.get_by_label("Which article answers it, and how did you check?").fill("en/billing/seashells; searched all three wordings")
    page.locator(".st-key-gap_actions").get_by_role("button", name="Close", exact=True).click()
    expect(page.locator(".kb-state-closed")).to_be_visible()
    page.reload()
    settle(page)
    expect(page.locator(".kb-history")).to_contain_text(staff["agent"])
    page.get_by_role("button", name="Reopen").click()
    expect(page.locator(".kb-state-reopened")).to_be_visible()


def test_a_refusal_is_told_beside_the_action(seashells, visit_as):
    page = visit_as("agent", f"/gap?id={seashells}")
    page.locator(".st-key-gap_actions summary", has_text="Merge").click()
    page.get_by_label("Number of the gap it belongs to").fill("99999")
    page.locator(".st-key-gap_actions").get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_text("no gap 99999")).to_be_visible()


def test_an_agent_answers_a_question_and_turns_the_reply_into_a_draft(seashells, visit_as, portal):
    page = visit_as("agent", "/questions")
    question = page.locator('[class*="st-key-asked_"]', has_text="seashells").first
    question.get_by_role("button", name="Acknowledge").click()
    expect(page.locator('[class*="st-key-asked_"]', has_text="seashells")).to_have_count(0)
    page = visit_as("agent", "/questions?in_state=acknowledged")
    question = page.locator('[class*="st-key-asked_"]', has_text="seashells").first
    question.get_by_role("textbox").fill("No. Cards and bank transfer only.")
    question.get_by_role("button", name="Send the reply").click()
    page = visit_as("agent", "/questions?in_state=answered")
    question = page.locator('[class*="st-key-asked_"]', has_text="seashells").first
    question.get_by_role("button", name="Make a draft article of it").click()
    expect(question.get_by_text("Draft:")).to_be_visible()
    [draft] = [path for path in portal.settings.articles.rglob("*.md") if "Cards and bank transfer only" in path.read_text(encoding="utf-8")]
    assert "status: draft" in draft.read_text(encoding="utf-8")
    draft.unlink()


def test_only_a_lead_changes_what_costs_rest_on(seashells, visit_as):
    page = visit_as("agent", "/gaps")
    page.get_by_text("What costs rest on").click()
    expect(page.get_by_label("Minutes of staff time for one contact")).to_be_disabled()
    page = visit_as("lead", "/gaps")
    before = page.locator(".kb-gap", has_text="seashells").first.locator(".kb-gap-cost strong").inner_text()
    page.get_by_text("What costs rest on").click()
    minutes = page.get_by_label("Minutes of staff time for one contact")
    minutes.click()
    minutes.fill("200")
    minutes.press("Enter")
    # The form has taken the number once it is written out in full.
    expect(minutes).to_have_value("200.00")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".kb-gap", has_text="seashells").first.locator(".kb-gap-cost strong")).not_to_have_text(before)


def test_a_persons_records_are_found_and_erased_by_a_lead_only(seashells, visit_as, knowledge):
    from feedback.audience import Visit

    asked = knowledge.ask_team("forget me please", visit=Visit("customer to forget"), contact="gone@example.com", consent=True)
    page = visit_as("agent", "/records")
    page.get_by_label("Contact (e-mail or phone)").fill("gone@example.com")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("1 questions")).to_be_visible()
    expect(page.get_by_role("button", name="Erase for good")).to_have_count(0)
    page = visit_as("lead", "/records")
    page.get_by_label("Contact (e-mail or phone)").fill("gone@example.com")
    page.get_by_role("button", name="Find").click()
    page.get_by_text("I know that this cannot be undone").click()
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_text("Erased.")).to_be_visible()
    assert knowledge.question(asked.reference, visit=Visit("customer to forget")) is None
