"""A lead's figures in a real browser: the map, a topic behind each tile, articles and people; by hand, by finger, in both languages."""

import csv
import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.portal.conftest import STAFF_PASSWORD, settle
from tests.portal.lead_base import HOSTILE, count_requests
from tests.portal.test_browser_safety import AXE

DAY = date.today() - timedelta(days=400)
THEN = f"from={DAY.isoformat()}&to={DAY.isoformat()}"
BEFORE = f"from={(DAY - timedelta(days=30)).isoformat()}&to={(DAY - timedelta(days=20)).isoformat()}"
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
WIDTHS = {"wide": 1280, "phone": 390}
READERS = {"wide": {"locale": "en-US", "color_scheme": "light"}, "phone": {"locale": "zh-CN", "color_scheme": "dark", "has_touch": True}}


@pytest.fixture(scope="module")
def cookie(portal, staff):
    """A lead's sign-in, in whose figures there is one day, more than a year ago, on which nothing else was counted."""
    from kb.accounts import Account, Accounts
    from portal.knowledge import open_knowledge_base

    open_knowledge_base(portal.settings).lead_desk(Account("test", "lead")).refresh()
    count_requests(portal.settings.database, DAY)
    token = Accounts(portal.settings.database).sign_in(staff["lead"], STAFF_PASSWORD, address="127.0.0.1")
    return {"name": "kb_staff", "value": token, "url": portal.url}


@pytest.fixture
def look(cookie, portal, browser):
    """Opens a page of figures, and notes whatever runs, is asked of other hosts, or is refused by the content policy."""
    contexts = []

    def open_page(path, reader="wide"):
        context = browser.new_context(viewport={"width": WIDTHS[reader], "height": 900}, **READERS[reader])
        contexts.append(context)
        context.add_cookies([cookie])
        page = context.new_page()
        page.misdeeds = []
        page.on("dialog", lambda dialog: (page.misdeeds.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: request.url.startswith((portal.url, "data:", "blob:", "ws:")) or page.misdeeds.append(request.url))
        page.on("console", lambda line: "Content Security Policy" in line.text and page.misdeeds.append(line.text))
        page.goto(portal.url + path)
        settle(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


def check(page, reader):
    """Nothing is wider than the window, everyone can use it, and nothing was done that should not be."""
    assert page.evaluate("Math.max(...[...document.querySelectorAll('*')].map(one => one.getBoundingClientRect().right))") <= WIDTHS[reader]
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []
    assert page.misdeeds == []


@pytest.mark.parametrize(("reader", "heading", "tile"), [("wide", "What customers ask, and what is answered", "forgot my password"), ("phone", "客户问了什么，答上了多少", "忘记密码")])
def test_the_map_fits_the_window_and_a_tile_leads_to_its_topic_and_back(look, reader, heading, tile):
    page = look(f"/coverage?{THEN}", reader)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.locator("svg.marks:visible")).to_have_count(1)
    found = page.locator(f'svg.marks:visible path[aria-label^="{tile}"]')
    expect(found).to_be_visible()
    check(page, reader)
    found.tap() if reader == "phone" else found.click()
    page.wait_for_url("**/topic?**")
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(tile)
    expect(page.locator(".kb-topic .kb-numbers").first).to_contain_text("75%")
    check(page, reader)
    page.locator(".kb-breadcrumb a").click()
    settle(page)
    assert page.url.endswith(f"/coverage?{THEN}")


@pytest.mark.parametrize("reader", READERS)
def test_articles_and_people_fit_the_window_and_can_be_used_by_everyone(look, reader):
    page = look(f"/performance?{THEN}", reader)
    expect(page.locator("svg.marks:visible")).to_have_count(1)
    check(page, reader)
    page.locator(".kb-chip", has_text={"wide": "voted down", "phone": "差评居多"}[reader]).click()
    settle(page)
    assert "flag=voted_down" in page.url and THEN in page.url
    expect(page.locator(".kb-article-figures tbody tr")).to_have_count(1)


@pytest.mark.parametrize("reader", READERS)
def test_where_nothing_was_asked_a_sentence_says_so_and_no_picture_is_drawn(look, reader):
    page = look(f"/coverage?{BEFORE}", reader)
    expect(page.get_by_role("status").filter(has_text="kb demo")).to_be_visible()
    expect(page.locator("svg.marks")).to_have_count(0)
    check(page, reader)


def test_what_customers_typed_is_text_in_map_and_table(look):
    page = look(f"/coverage?{THEN}")
    expect(page.locator(".kb-figures").get_by_text(HOSTILE)).to_be_visible()
    page.locator('svg.marks:visible path[aria-label^="<img"]').hover()
    expect(page.locator("#vg-tooltip-element")).to_contain_text(HOSTILE)
    assert page.locator("main img").count() == 0 and page.misdeeds == []


def test_the_table_is_taken_along_as_csv_and_as_a_workbook(look):
    page = look(f"/coverage?{THEN}")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert [(row["name_en"], row["requests"]) for row in rows] == [("forgot my password", "40"), ("rent a hovercraft", "12"), (HOSTILE, "10")]
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel").click()
    sheet = load_workbook(io.BytesIO(download.value.path().read_bytes())).active
    assert [row[4].value for row in sheet.iter_rows()] == ["requests", 40, 12, 10]
