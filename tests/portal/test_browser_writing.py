"""Writing in a real browser: two people at one article, text that outlives its tab, images, and customers who find it without a restart."""

import io
import shutil
import subprocess
import urllib.error
import urllib.request

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.portal.conftest import settle
from tests.portal.sample_articles import PAYLOADS
from tests.portal.test_browser_safety import AXE, misdeeds, watched  # noqa: F401  the fixture that tells of misdeeds

LABELS = """---
title: Print labels in landscape
status: draft
---

Open **Print** and choose *Landscape*.
"""
LIVE = "---\ntitle: Clean the printer head\nupdated: 2026-11-02\n---\n\nRun the cleaning cycle twice.\n"


@pytest.fixture(scope="module")
def folder(portal):
    """The folder of the articles, in Git, with a place for those of this module, which leave with it."""
    articles = portal.settings.articles
    subprocess.run(["git", "init", "--quiet"], cwd=articles, check=True)
    yield articles
    shutil.rmtree(articles / "en" / "printing", ignore_errors=True)
    portal.index()


@pytest.fixture
def write(portal, folder):
    def write(name, text=LABELS):
        portal.write(f"en/printing/{name}.md", text)
        return f"/edit?article=en/printing/{name}"

    return write


def body(page):
    return page.locator(".st-key-edit_text textarea").filter(visible=True)


def preview(page):
    return page.locator(".st-key-edit_preview")


def status(page):
    return page.locator(".kb-edit-status")


def type_at_end(page, text):
    body(page).press("Control+End")
    body(page).press_sequentially(text, delay=5)


def test_an_article_goes_from_its_first_word_to_customers_without_a_restart(portal, folder, visit, visit_as, staff):
    page = visit_as("agent", "/articles")
    page.get_by_text("New article").click()
    page.get_by_label("Title").fill("How do I print on purple envelopes?")
    page.get_by_label("Or a new folder").fill("printing")
    page.get_by_role("button", name="Begin writing").click()
    expect(preview(page).get_by_role("heading", level=1)).to_have_text("How do I print on purple envelopes?")
    body(page).press("Control+a")
    body(page).press_sequentially("Choose the paper type Envelope, purple. ", delay=5)
    expect(preview(page)).to_contain_text("Choose the paper type Envelope, purple.")
    body(page).press_sequentially("Lay the envelopes into the upper tray, the flap to the left, and print one of them first to see whether it is straight.")
    expect(status(page)).to_contain_text("not saved yet")
    body(page).press("Control+s")
    expect(status(page)).to_have_text("Saved.")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator(".kb-publish")).to_contain_text("Submitted.")
    colleague = visit_as("lead", "/edit?article=en/printing/how-do-i-print-on-purple-envelopes")
    colleague.get_by_role("button", name="Approve and publish").click()
    expect(colleague.locator(".kb-publish")).to_contain_text("Customers see it so from now on.")
    customer = visit(f"{portal.url}/?q=print+on+purple+envelopes")
    expect(customer.locator(".kb-hit").first).to_contain_text("How do I print on purple envelopes?")
    revisions = visit_as("agent", "/history?article=en/printing/how-do-i-print-on-purple-envelopes").locator(".kb-revisions li")
    expect(revisions).to_have_count(4)
    expect(revisions.first).to_contain_text(staff["lead"])


def test_two_people_at_one_article_lose_nothing(write, folder, visit_as, staff):
    address = write("labels")
    agent, lead = visit_as("agent", address), visit_as("lead", address, locale="zh-CN", width=390, scheme="dark")
    type_at_end(agent, "\nThe agent's line.")
    expect(status(agent)).to_contain_text("not saved yet")
    body(agent).press("Control+s")
    expect(status(agent)).to_have_text("Saved.")
    type_at_end(lead, "\n主管写的一行。")
    expect(status(lead)).to_contain_text("其他人在此期间保存过")
    lead.get_by_role("button", name="保存", exact=True).click()
    expect(lead.locator(".kb-differences")).to_contain_text("The agent's line.")
    expect(lead.get_by_text(f"您写作期间，{staff['agent']} 保存了这篇文章")).to_be_visible()
    file = folder / "en/printing/labels.md"
    assert "主管" not in file.read_text(encoding="utf-8")
    lead.get_by_role("button", name="手动合并").click()
    expect(lead.get_by_text("把要保留的补进来")).to_be_visible()
    type_at_end(lead, "\nThe agent's line.")
    expect(lead.locator(".kb-differences ins")).to_have_count(1)
    expect(lead.locator(".kb-differences del")).to_have_count(0)
    lead.get_by_role("button", name="保存", exact=True).click()
    expect(status(lead)).to_have_text("已保存。")
    text = file.read_text(encoding="utf-8")
    assert "主管写的一行。" in text and "The agent's line." in text
    log = subprocess.run(["git", "log", "--format=%an", "--", "en/printing/labels.md"], cwd=folder, check=True, capture_output=True, text=True)
    assert log.stdout.split("\n")[:2] == [staff["lead"], staff["agent"]]


def test_text_outlives_its_tab(write, visit_as):
    address = write("kept")
    page = visit_as("agent", address)
    type_at_end(page, " Half a sent")
    expect(status(page)).to_contain_text("not saved yet")
    page.context.close()
    page = visit_as("agent", address)
    expect(body(page)).to_have_value(LABELS.split("---\n\n")[1] + " Half a sent")
    expect(page.get_by_text("This is your text from before")).to_be_visible()
    page.get_by_role("button", name="Discard it").click()
    expect(body(page)).to_have_value(LABELS.split("---\n\n")[1])
    page.reload()
    settle(page)
    expect(status(page)).to_have_text("Everything is saved")


def test_nothing_moves_under_the_writers_hands(write, visit_as):
    page = visit_as("agent", write("steady", LABELS + "\n\nA paragraph.\n" * 80))
    preview(page).get_by_text("A paragraph.").last.scroll_into_view_if_needed()
    body(page).press("Control+Home")
    before = body(page).bounding_box(), preview(page).evaluate("e => e.scrollTop")
    body(page).press_sequentially("Typed ", delay=30)
    expect(preview(page)).to_contain_text("Typed Open")
    expect(status(page)).to_contain_text("not saved yet")
    after = body(page).bounding_box(), preview(page).evaluate("e => e.scrollTop")
    assert after[0] == before[0]
    assert body(page).evaluate("e => [e.selectionStart, document.activeElement === e]") == [len("Typed "), True]
    type_at_end(page, "x")
    expect(preview(page)).to_contain_text("x")


def test_nothing_is_sent_while_an_input_method_composes(write, visit_as):
    page = visit_as("agent", write("composed"), locale="zh-CN")
    body(page).press("Control+End")
    keyboard = page.context.new_cdp_session(page)
    keyboard.send("Input.imeSetComposition", {"text": "da'yin", "selectionStart": 6, "selectionEnd": 6})
    page.wait_for_timeout(800)
    expect(preview(page)).not_to_contain_text("yin")
    keyboard.send("Input.insertText", {"text": "打印"})
    expect(preview(page)).to_contain_text("打印")


def test_formatting_is_one_key_away_and_can_be_undone(write, visit_as):
    page = visit_as("agent", write("formatted"))
    text = LABELS.split("---\n\n")[1]
    body(page).press("Control+Home")
    body(page).press("Control+Shift+ArrowRight")
    body(page).press("Control+b")
    expect(preview(page).locator("strong").first).to_contain_text("Open")
    body(page).press("Control+z")
    expect(body(page)).to_have_value(text)
    body(page).press("Control+End")
    page.get_by_role("button", name="List", exact=True).click()
    body(page).press_sequentially("one")
    body(page).press("Enter")
    body(page).press_sequentially("two")
    body(page).press("Enter")
    body(page).press("Enter")
    expect(body(page)).to_have_value(text + "- one\n- two\n")
    expect(preview(page).get_by_role("listitem")).to_have_count(2)


def picture():
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "#4650c8").save(file, "PNG")
    return file.getvalue()


def test_an_image_is_pasted_where_the_writer_is_and_seen_at_once(write, folder, visit_as):
    page = visit_as("agent", write("pictured"))
    page.locator(".kb-tools input[type=file]").set_input_files({"name": "Printer Menu.png", "mimeType": "image/png", "buffer": picture()})
    expect(page.locator(".kb-tool-said")).to_have_text("Inserted: ![what the image shows](images/printer-menu.png)")
    expect(body(page)).to_have_value(LABELS.split("---\n\n")[1] + "![what the image shows](images/printer-menu.png)")
    page.keyboard.type("The printer's menu")
    expect(preview(page).get_by_role("img", name="The printer's menu")).to_be_visible()
    page.wait_for_function("document.querySelector('.st-key-edit_preview img').naturalWidth === 40")
    assert (folder / "en/printing/images/printer-menu.png").is_file()
    page.locator(".kb-tools input[type=file]").set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"no image"})
    expect(page.locator(".kb-tool-said")).to_have_text("This is no PNG, JPEG, GIF or WebP image.")


def test_strangers_and_other_sites_put_no_image_here(portal, write, visit_as, folder):
    page = visit_as("agent", write("guarded"))
    [staff_cookie] = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "kb_staff"]
    token = page.locator(".kb-tools").get_attribute("data-token")
    address = f"{portal.url}/add-image?article=en/printing/guarded&name=stray.png"

    def send(*, cookie=staff_cookie, given=token, origin=portal.url):
        headers = {"X-Form-Token": given, "Origin": origin, "Cookie": f"kb_staff={cookie}", "Content-Type": "image/png"}
        try:
            with urllib.request.urlopen(urllib.request.Request(address, picture(), headers), timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as refusal:
            return refusal.code

    assert send(cookie="") == send(given="") == send(origin="https://elsewhere.example") == 403
    assert not (folder / "en/printing/images/stray.png").exists()
    assert send() == 200


def test_an_edit_made_outside_the_portal_reaches_customers_by_itself(portal, write, visit):
    write("head", LIVE)
    page = visit(f"{portal.url}/?q=clean+the+printer+head")
    for _ in range(20):
        if page.locator(".kb-hit", has_text="Clean the printer head").count():
            break
        page.wait_for_timeout(1000)
        page.reload()
        settle(page)
    expect(page.locator(".kb-hit").first).to_contain_text("Clean the printer head")


def test_nothing_typed_runs_in_the_writers_browser_either(portal, write, watched):  # noqa: F811
    page = watched(portal.url + write("hostile"), role="agent")
    for payload in PAYLOADS[::3]:
        body(page).fill(f"{payload}\n\n# {payload}\n")
        body(page).press("Control+Enter")
        expect(status(page)).to_contain_text("not saved yet")
        settle(page)
        assert misdeeds(page) == [], payload
        assert preview(page).locator("script, iframe, object, embed, form, style, svg").count() == 0, payload


def test_a_tab_that_stayed_open_writes_nothing_after_signing_out_elsewhere(write, folder, visit_as):
    page = visit_as("agent", write("signed-out"))
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Sign out").click()
    expect(other.locator(".kb-footer").get_by_role("link", name="Sign in")).to_be_visible()
    type_at_end(page, "too late")
    expect(page.get_by_role("alert")).to_contain_text("This page is for the support team")
    assert (folder / "en/printing/signed-out.md").read_text(encoding="utf-8") == LABELS


@pytest.mark.parametrize(("lang", "width", "scheme"), [("en-US", 1280, "light"), ("zh-CN", 390, "dark")])
@pytest.mark.parametrize("page_name", ["articles", "edit", "history"])
def test_everyone_can_write_on_every_screen(write, visit_as, page_name, lang, width, scheme):
    address = write("everyone")
    page = visit_as("agent", {"articles": "/articles?new=1", "edit": address, "history": address.replace("edit", "history")}[page_name], locale=lang, width=width, scheme=scheme)
    views = page.locator(".st-key-edit_view button").all() or [None]
    for view in views:
        if view and view.is_visible():
            view.click()
            settle(page)
        page.evaluate(AXE)
        found = page.evaluate("rules => axe.run(document, rules)", {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}})
        assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]] == []
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        small = "e => e.offsetParent && e.getBoundingClientRect().height > 0 && e.getBoundingClientRect().height < 44 && !e.closest('[role=group]')"
        buttons = f"[...document.querySelectorAll('[class*=st-key-edit_] button, .st-key-articles_page button')].filter({small}).map(e => e.outerHTML.slice(0, 200))"
        assert [html for html in page.evaluate(buttons) if "pagination" not in html.lower()] == []
