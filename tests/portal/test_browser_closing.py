"""A gap's whole way in a real browser: a draft refused, repaired and published; the customer finds it without a restart; archived, the gap is back."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.portal.conftest import settle

ASKED = ("frobnicator beeps at night", "my frobnicator beeps", "why does the frobnicator beep all night", "frobnicator 晚上一直响")
ANSWER = "The frobnicator beeps at night when its battery is low. 电池电量低时，frobnicator 晚上会一直响。\n\n1. Open the lid of the frobnicator.\n2. Change the battery.\n"


@pytest.fixture(scope="module")
def beeping(portal):
    """The number of a gap that four customers opened, one of whom asked the team and agreed to hear from it; the gap's article leaves with the module."""
    from feedback.audience import Visit
    from kb.accounts import Account
    from portal.knowledge import open_knowledge_base

    early = open_knowledge_base(portal.settings, now=lambda: datetime.now(UTC) - timedelta(hours=2))
    for number, text in enumerate(ASKED):
        early.search(text, visit=Visit(f"beeping {number}", f"10.9.0.{number}"))
    early.ask_team("The frobnicator beeps at night, what can I do?", visit=Visit("beeping 0"), contact="nora@example.com", consent=True)
    knowledge = open_knowledge_base(portal.settings)
    knowledge.update_gaps()
    gaps = [gap for gap in knowledge.desk(Account("test", "agent")).gaps() if "frobnicator" in gap.title_en + gap.title_zh]
    yield knowledge, max(gaps, key=lambda gap: gap.demand.people).id
    for file in portal.settings.articles.rglob("*frobnicator*.md"):
        file.unlink()
    portal.index()


def gap_state(knowledge, gap, wanted, *, seconds=90):
    """The gap's state once it is what is wanted: the portal tests the index in the background."""
    from kb.accounts import Account

    until = time.monotonic() + seconds
    while (state := knowledge.desk(Account("test", "agent")).gap(gap).gap.state) != wanted and time.monotonic() < until:
        time.sleep(0.5)
    return state


def serious(page):
    found = Axe().run(page).response["violations"]
    return [each["id"] for each in found if each["impact"] in ("serious", "critical") and any("kb-" in str(node["target"]) for node in each["nodes"])]


def test_a_draft_is_refused_repaired_and_published_and_the_gap_comes_back_when_it_is_archived(beeping, portal, visit, visit_as):
    knowledge, gap = beeping
    page = visit_as("lead", f"/gap?id={gap}")
    page.get_by_role("button", name="Write the article").click()
    page.wait_for_url("**/edit?article=*")
    settle(page)
    page.get_by_role("button", name="Publish without review").click()
    replay = page.locator(".kb-replay")
    expect(replay.locator(".kb-verdict-bad")).to_contain_text("not written yet")
    expect(page.locator(".kb-publish")).to_contain_text("Not published")

    body = page.locator(".st-key-edit_text textarea").filter(visible=True)
    body.fill(ANSWER)
    body.press("Control+Enter")
    expect(page.locator(".st-key-edit_preview")).to_contain_text("Change the battery")
    page.get_by_role("button", name="Replay again").click()
    expect(replay.locator(".kb-verdict-good")).to_contain_text("May be published")
    expect(replay.locator(".kb-places.kb-first").first).to_have_text("– → 1")
    page.get_by_role("button", name="Publish without review").click()
    expect(page.locator(".kb-publish")).to_contain_text("Published.")
    assert gap_state(knowledge, gap, "closed") == "closed"

    customer = visit(f"{portal.url}/?q=my frobnicator beeps")
    expect(customer.locator(".kb-hit").first).to_contain_text("frobnicator", ignore_case=True)

    told = visit_as("agent", f"/gap?id={gap}")
    expect(told.locator("#kb-proofs")).to_be_visible()
    expect(told.locator(".kb-tell")).to_contain_text("nora@example.com")
    told.get_by_role("button", name="I told them").click()
    expect(told.locator(".kb-tell")).to_contain_text("told on")

    page.get_by_role("button", name="Archive").click()
    expect(page.locator(".kb-publish")).to_contain_text("Archived.")
    assert gap_state(knowledge, gap, "reopened") == "reopened"


@pytest.mark.parametrize(("locale", "width", "words"), [("en-US", 1280, "Close it"), ("zh-CN", 390, "补上它")])
def test_the_gap_page_begins_with_closing_it(beeping, visit_as, locale, width, words):
    _, gap = beeping
    page = visit_as("agent", f"/gap?id={gap}", locale=locale, width=width)
    expect(page.get_by_role("heading", name=words, exact=True)).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert serious(page) == []
