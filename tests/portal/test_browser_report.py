"""Targets, trends and the report in a real browser: readable at both widths, in both languages and themes, and one sheet of paper."""

from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from feedback.article_figures import FLAGS
from feedback.coverage import Coverage
from feedback.periods import Selection
from feedback.trends import Trends
from portal.drawing import fill
from portal.messages import Messages
from portal.report_html import STYLE, describe_report
from portal.report_sections import ONE_PAGE
from portal.reporting import gather_report
from tests.portal.conftest import settle
from tests.portal.lead_figures import WEEKS, LeadFigures, article, effect, topic
from tests.portal.test_browser_safety import AXE

READERS = [("en-US", 1280, "light"), ("zh-CN", 390, "dark")]


@pytest.fixture(scope="module")
def busy(portal):
    """Customers of the last three weeks: some were helped and said so, some found nothing, one asked the team."""
    from feedback.audience import Visit
    from portal.knowledge import open_knowledge_base

    clock = [datetime.now(UTC)]
    knowledge = open_knowledge_base(portal.settings, now=lambda: clock[0])
    for number in range(18):
        clock[0] = datetime.now(UTC) - timedelta(days=20 - number, hours=3)
        visit = Visit(f"report {number}", f"10.9.0.{number}")
        found = knowledge.search("reset my password" if number % 3 else "ride a unicycle on the moon", visit=visit)
        if number % 3:
            clock[0] += timedelta(seconds=20)
            knowledge.record_open(found.hits[0].article, session=visit.session, search_id=found.search_id)
            knowledge.vote(found.hits[0].article, True, session=visit.session, search_id=found.search_id)
    knowledge.ask_team("How do I ride a unicycle on the moon?", visit=visit)
    clock[0] = datetime.now(UTC)
    knowledge.update_gaps()


def look_at(page, *, width):
    """Nothing is wider than the window, and whoever cannot see or use a mouse can use it."""
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}})
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]] == []


def count_pages(pdf: bytes) -> int:
    return pdf.count(b"/Type /Page") - pdf.count(b"/Type /Pages")


@pytest.mark.parametrize(("locale", "width", "scheme"), READERS)
def test_a_lead_reads_targets_and_trends(busy, visit_as, locale, width, scheme):
    t = Messages(locale[:2])
    page = visit_as("lead", "/targets", locale=locale, width=width, scheme=scheme)
    expect(page.locator(".kb-target")).to_have_count(9)
    expect(page.locator(".kb-target").first).to_contain_text(t("target_self_service"))
    look_at(page, width=width)
    page.locator(".kb-lead-pages").get_by_role("link", name=t("lead_trends")).click()
    expect(page.get_by_role("heading", level=1, name=t("lead_trends"))).to_be_visible()
    settle(page)
    expect(page.locator(".st-key-trend_demand canvas, .st-key-trend_demand svg.marks").first).to_be_visible()
    page.locator(".st-key-trend_results summary").click()
    expect(page.locator(".st-key-trend_results table")).to_be_visible()
    look_at(page, width=width)


@pytest.mark.parametrize(("locale", "width", "scheme"), READERS)
def test_a_lead_prints_the_report_on_one_sheet(busy, visit_as, locale, width, scheme):
    t = Messages(locale[:2])
    page = visit_as("lead", "/report", locale=locale, width=width, scheme=scheme)
    expect(page.locator(".kb-report h1")).to_contain_text("Acme Help")
    expect(page.locator(".kb-report")).to_contain_text("unicycle")
    look_at(page, width=width)
    page.evaluate("() => { window.printed = 0; window.print = () => { window.printed += 1; }; }")
    page.get_by_role("button", name=t("report_print")).click()
    assert page.evaluate("window.printed") == 1
    page.emulate_media(media="print", color_scheme=scheme)
    for hidden in (".kb-header", ".kb-lead-head", ".st-key-selection", ".st-key-report_files", ".kb-footer"):
        expect(page.locator(hidden)).to_be_hidden()
    assert page.locator(".kb-report h1").evaluate("each => getComputedStyle(each).color") == "rgb(27, 31, 42)"
    assert count_pages(page.pdf(prefer_css_page_size=True)) == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_report_that_is_full_to_the_brim_is_still_one_sheet_of_a4(browser, lang):
    long = "为什么导出文件时总是提示权限不足，换了浏览器也一样，该怎么处理？" * 3 if lang == "zh" else "why does the export of our whole help centre stop half way through " * 2
    desk = LeadFigures()
    desk.figures["coverage"] = Coverage(tuple(topic(number, long[:120]) for number in range(1, 30)), 0, 0)
    desk.figures["articles"] = tuple(article(long[:120], *FLAGS) for _ in range(30))
    desk.figures["trends"] = Trends(WEEKS, tuple(effect(long[:120]) for _ in range(30)), ())
    report = gather_report(desk, Selection(desk.period(date(2026, 11, 1), date(2026, 11, 25))), site="Acme Help", simulated=True)
    file = fill("report_file", style=STYLE.read_text(encoding="utf-8"), **describe_report(Messages(lang), report, tables=ONE_PAGE))
    page = browser.new_page()
    page.set_content(file)
    rows = page.locator("tbody tr").count()
    pdf = page.pdf(prefer_css_page_size=True)
    page.close()
    assert rows == 9 + 10 + 6 + 6
    assert count_pages(pdf) == 1 and b"/MediaBox [0 0 594.9" in pdf
