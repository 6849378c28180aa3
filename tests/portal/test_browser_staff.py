"""Staff pages in a real browser: they open after signing in only, and nothing of them runs after signing out."""

import os
import socket
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from kb.accounts import Accounts
from kb.database import migrate
from tests.portal.conftest import ROOT, STAFF_PASSWORD, settle
from tests.portal.test_browser_safety import AXE

NEEDED = "This page is for the support team"


def sign_in(page, name, password=STAFF_PASSWORD):
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_colleague_signs_in_where_they_were_going_and_signs_out(portal, visit, staff):
    page = visit(portal.url)
    page.goto(f"{portal.url}/gaps")
    assert page.url == f"{portal.url}/sign-in?next=/gaps"
    sign_in(page, staff["agent"], "not the password")
    expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")
    sign_in(page, staff["agent"])
    page.wait_for_url(f"{portal.url}/gaps")
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Gaps")
    expect(page.locator(".kb-account")).to_have_text(staff["agent"])
    old = next(cookie for cookie in page.context.cookies() if cookie["name"] == "kb_staff")
    assert old["httpOnly"] and old["sameSite"] == "Lax"
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{portal.url}/")
    settle(page)
    expect(page.locator(".kb-staff")).to_have_count(0)
    page.context.add_cookies([old])
    page.goto(f"{portal.url}/gaps")
    assert page.url == f"{portal.url}/sign-in?next=/gaps"


def test_a_customer_finds_the_way_in_only_at_the_foot(portal, visit):
    page = visit(portal.url)
    expect(page.locator(".kb-header")).not_to_contain_text("Gaps")
    page.locator(".kb-footer").get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_each_role_sees_its_own_name_at_the_same_time(visit_as, staff):
    for page, role in [(visit_as(role), role) for role in ("agent", "lead")]:
        expect(page.locator(".kb-account")).to_have_text(staff[role])


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("path", ["/gaps", "/questions", "/sign-in"])
def test_head_and_form_are_not_wider_than_a_phone(portal, visit, visit_as, path, lang):
    if path == "/sign-in":
        page = visit(portal.url, width=390)
        page.goto(f"{portal.url}/sign-in?lang={lang}")
    else:
        page = visit_as("administrator", f"{path}?lang={lang}", width=390)
    assert page.evaluate("Math.max(...[...document.querySelectorAll('*')].map(one => one.getBoundingClientRect().right))") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/sign-in", "/gaps"])
def test_everyone_can_use_the_form_and_the_head(portal, visit, visit_as, path, scheme):
    if path == "/sign-in":
        page = visit(portal.url, scheme=scheme)
        page.goto(f"{portal.url}/sign-in")
        sign_in(page, "nobody", "wrong password")
        expect(page.get_by_role("alert")).to_be_visible()
    else:
        page = visit_as("agent", path, scheme=scheme)
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}})
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]] == []


@pytest.fixture
def everything_sent_to(portal):
    """All that a websocket without any cookie is sent when it asks for a page, as text of the messages."""

    def ask(page_name="", url=""):
        address = portal.url.replace("http://", "ws://") + "/_stcore/stream"
        with connect(address, origin=portal.url, subprotocols=["streamlit"], max_size=20_000_000) as websocket:
            question = BackMsg()
            question.rerun_script.page_name = page_name
            question.rerun_script.context_info.url = url
            question.rerun_script.context_info.locale = "en-US"
            websocket.send(question.SerializeToString())
            said = ""
            while True:
                message = ForwardMsg.FromString(websocket.recv(timeout=30))
                said += str(message)
                if message.WhichOneof("type") == "script_finished":
                    return said

    return ask


@pytest.mark.parametrize(
    ("page_name", "path"), [("", "/"), ("gaps", "/gaps"), ("gaps", "/"), ("questions", "/records"), ("explain", "/explain")]
)
def test_a_stranger_who_asks_over_a_websocket_learns_no_name_of_a_staff_page(portal, everything_sent_to, page_name, path):
    said = everything_sent_to(page_name, portal.url + path)
    names = ("gaps", "questions", "records", "explain", "coverage", "topic", "performance")
    named = {name for name in names if f'url_pathname: "{name}"' in said or f"{name}.py" in said}
    assert named <= {path.strip("/"), page_name}
    assert "Sign out" not in said
    if page_name == path.strip("/") != "":
        assert NEEDED in said and f"/sign-in?next={path}" in said


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A portal of one staff page that notes what its callbacks did."""
    folder = tmp_path_factory.mktemp("guarded")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    migrate(folder / "kb.sqlite")
    accounts = Accounts(folder / "kb.sqlite")
    accounts.add("Ada", "agent", STAFF_PASSWORD)
    done = folder / "done.txt"

    def has_done(what, *, seconds=20):
        until = time.monotonic() + seconds
        while done.read_text() != what and time.monotonic() < until:
            time.sleep(0.05)
        return done.read_text() == what

    process = subprocess.Popen(
        [sys.executable, "-m", "tests.portal.guarded_portal"], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "KB_DATA": str(folder), "KB_PORT": str(port), "DONE": str(done)},
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "serving\n"
        yield SimpleNamespace(url=f"http://127.0.0.1:{port}", accounts=accounts, done=done, has_done=has_done)
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def open_tab(guarded, visit):
    """The guarded page in a tab that is signed in; nothing has been done yet."""
    guarded.done.write_text("")
    token = guarded.accounts.sign_in("Ada", STAFF_PASSWORD, address="127.0.0.1")
    page = visit(f"{guarded.url}/", cookies=[{"name": "kb_staff", "value": token, "url": guarded.url}])
    expect(page.locator(".inbox")).to_be_visible()
    return page


def sign_out_in_another_tab(page):
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Sign out").click()
    expect(other.locator(".kb-footer").get_by_role("link", name="Sign in")).to_be_visible()


def test_whoever_is_signed_in_can_act(guarded, open_tab):
    open_tab.get_by_role("button", name="Publish").click()
    assert guarded.has_done("published an article\n")


def test_a_tab_that_stayed_open_cannot_act_after_signing_out_elsewhere(guarded, open_tab):
    sign_out_in_another_tab(open_tab)
    open_tab.get_by_role("button", name="Publish").click()
    expect(open_tab.get_by_role("alert")).to_contain_text(NEEDED)
    settle(open_tab)
    expect(open_tab.locator(".inbox")).to_have_count(0)
    assert guarded.done.read_text() == ""


def test_a_fragment_of_a_tab_that_stayed_open_shows_nothing_more_after_signing_out_elsewhere(open_tab):
    sign_out_in_another_tab(open_tab)
    open_tab.get_by_role("button", name="Look again").click()
    expect(open_tab.get_by_role("alert")).to_contain_text(NEEDED)
    expect(open_tab.locator(".inbox")).to_have_count(0)
    assert open_tab.get_by_role("alert").get_by_role("link", name="Sign in").get_attribute("href") == "/sign-in"


def test_an_account_disabled_meanwhile_cannot_act_either(guarded, open_tab):
    guarded.accounts.disable("Ada")
    open_tab.get_by_role("button", name="Publish").click()
    expect(open_tab.get_by_role("alert")).to_contain_text(NEEDED)
    assert guarded.done.read_text() == ""
    guarded.accounts.enable("Ada")


def test_a_role_too_low_does_nothing(guarded, open_tab):
    open_tab.get_by_role("button", name="Set targets").click()
    settle(open_tab)
    open_tab.get_by_role("button", name="Publish").click()
    assert guarded.has_done("published an article\n")
    guarded.accounts.set_role("Ada", "lead")
    open_tab.get_by_role("button", name="Set targets").click()
    assert guarded.has_done("published an article\ntargets set\n")
    guarded.accounts.set_role("Ada", "agent")
