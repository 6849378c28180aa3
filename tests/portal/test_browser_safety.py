"""Nothing that an author or a customer writes runs in a reader's browser, and everyone can use the pages."""

import re
import urllib.parse
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import expect

from tests.portal.conftest import settle
from tests.portal.sample_articles import PAYLOADS

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
FORBIDDEN = "script, iframe, object, embed, form, input, style, base, meta, svg"


@pytest.fixture
def watched(portal, visit, visit_as):
    """Visits a page that tells of everything it should not do."""

    def watch(address, *, role="", **options):
        page = visit_as(role, "/", **options) if role else visit(portal.url, **options)
        page.misdeeds = []
        page.on("dialog", lambda dialog: (page.misdeeds.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on(
            "request",
            lambda request: request.url.startswith((portal.url, "data:", "blob:", "ws://127.0.0.1")) or page.misdeeds.append(request.url),
        )
        page.on("console", lambda line: "Content Security Policy" in line.text and page.misdeeds.append(line.text))
        page.on("popup", lambda popup: page.misdeeds.append(f"popup {popup.url}"))
        page.goto(address)
        settle(page)
        return page

    return watch


def misdeeds(page) -> list[str]:
    return page.misdeeds + (["script ran"] if page.evaluate("!!window.__pwned") else [])


def test_there_are_at_least_thirty_payloads():
    assert len(set(PAYLOADS)) >= 30


def test_no_article_text_title_heading_or_tag_runs(portal, watched):
    page = watched(f"{portal.url}/browse?category=hostile")
    for number in range(len(PAYLOADS)):
        page.goto(f"{portal.url}/article?id=en/hostile/payload-{number:02}")
        settle(page)
        expect(page.locator("article h1")).to_contain_text(f"Hostile {number:02}")
        for link in page.locator("article .kb-prose").get_by_text("press me", exact=True).all():
            link.click(timeout=2000, no_wait_after=True)
        assert misdeeds(page) == [], PAYLOADS[number]
        assert page.locator(f"article :is({FORBIDDEN})").count() == 0, PAYLOADS[number]


def test_no_hostile_title_summary_or_passage_runs_among_results(portal, watched):
    page = watched(f"{portal.url}/?q=hostilities")
    expect(page.locator(".kb-hit").first).to_be_visible()
    assert misdeeds(page) == []
    page.goto(f"{portal.url}/browse")
    settle(page)
    assert misdeeds(page) == []


def test_no_typed_question_runs(portal, watched):
    page = watched(portal.url)
    box = page.locator(".st-key-q input")
    for payload in PAYLOADS:
        box.fill(payload)
        expect(page.locator(".kb-hit, .kb-failed").first).to_be_visible()
        page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    assert misdeeds(page) == []


@pytest.mark.parametrize(
    "parameter", ["/?q=", "/article?id=", "/browse?category=", "/browse?tag=", "/?q=ab&lang=", "/?q=ab&in=", "/?q=ab&product=",
     "/explain?id=en/guide/colours&q=", "/explain?q=colours&id="]
)
def test_no_address_runs(portal, watched, parameter):
    page = watched(portal.url, role="agent" if parameter.startswith("/explain") else "")
    for payload in (PAYLOADS[0], PAYLOADS[4], PAYLOADS[8], PAYLOADS[27]):
        page.goto(portal.url + parameter + urllib.parse.quote(payload))
        page.locator(".kb-footer").wait_for()
        assert misdeeds(page) == [], payload


def test_an_author_cannot_cover_the_page(portal, visit):
    number = next(number for number, payload in enumerate(PAYLOADS) if "position:fixed" in payload)
    page = visit(f"{portal.url}/article?id=en/hostile/payload-{number:02}")
    assert page.locator("article [style]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize(
    "address",
    ["/", "/?q=colours&lang=zh", "/?q=colours&product=nothing", "/article?id=en/guide/colours", "/article?id=gone", "/browse?tag=look",
     "/explain?q=colours&id=en/guide/colours"],
)
def test_everyone_can_use_the_page(portal, visit, visit_as, address, width, scheme):
    options = {"width": width, "scheme": scheme}
    page = visit_as("agent", address, **options) if address.startswith("/explain") else visit(portal.url + address, **options)
    if page.locator(".st-key-vote").count():
        page.get_by_role("button", name="Yes").click()
        expect(page.locator(".kb-vote-thanks")).to_have_text(re.compile("Thank you"))
    page.evaluate(AXE)
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
    found = page.evaluate("rules => axe.run(document, rules)", rules)
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]] == []
