"""Signing in and out over HTTP: what is refused, what is said, and what the browser is given."""

import re
import sqlite3
from contextlib import closing

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kb.accounts import Accounts
from kb.database import migrate
from kb.settings import Settings
from portal.client_address import client_address
from portal.current import hold_knowledge
from portal.forms import form_token, local_path
from portal.shell import PAGE_ROUTES
from portal.sign_in import SIGN_IN_ROUTES
from tests.portal.fake_knowledge import FakeKnowledge

PASSWORD = "four words of my own"
BASE = "http://help.example"


@pytest.fixture
def accounts(tmp_path):
    settings = Settings(data=tmp_path, articles=tmp_path, title="Acme <Help>")
    migrate(settings.database)
    accounts = Accounts(settings.database)
    accounts.add("mei", "agent", PASSWORD)
    hold_knowledge(FakeKnowledge(settings=settings))
    return accounts


@pytest.fixture
def browser_at(accounts):
    """A browser at a network address: keeps cookies, follows no redirect."""
    app = Starlette(routes=[*SIGN_IN_ROUTES, *PAGE_ROUTES])

    def open_browser(address="203.0.113.7"):
        browser = TestClient(app, base_url=BASE, client=(address, 50_000), follow_redirects=False)
        browser.headers["Origin"] = BASE
        return browser

    return open_browser


def token_of(browser, path="/sign-in"):
    return re.search(r'name="token" value="([0-9a-f]{64})"', browser.get(path).text)[1]


def sign_in(browser, name="mei", password=PASSWORD, **fields):
    return browser.post("/sign-in", data={"token": token_of(browser), "name": name, "password": password, **fields})


def sign_out(browser):
    # What the form in the head of every page carries.
    return browser.post("/sign-out", data={"token": form_token(browser.cookies)})


def test_the_form_is_in_the_readers_language_and_kept_by_no_cache(browser_at):
    browser = browser_at()
    english, chinese = (browser.get("/sign-in", headers={"Accept-Language": lang}) for lang in ("en", "zh-TW"))
    assert "<h1>Sign in</h1>" in english.text and "Acme &lt;Help&gt;" in english.text
    assert '<html lang="zh-CN">' in chinese.text and "<h1>登录</h1>" in chinese.text
    assert english.headers["cache-control"] == "no-store"


def test_a_language_chosen_on_the_form_is_kept_when_it_is_sent(browser_at):
    browser = browser_at()
    browser.get("/sign-in?lang=zh")
    assert "用户名或密码不正确。" in sign_in(browser, password="wrong").text


def test_the_right_password_leads_on_with_a_cookie_out_of_reach_of_scripts_and_other_sites(browser_at, accounts):
    browser = browser_at()
    answer = sign_in(browser, next="/gap?id=3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/gap?id=3")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("kb_staff=") and "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert "Secure" not in cookie
    assert accounts.account_of(browser.cookies["kb_staff"]).name == "mei"


def test_over_https_the_cookie_is_for_https_only(browser_at):
    browser = browser_at()
    browser.headers["X-Forwarded-Proto"] = "https"
    assert browser.get("/sign-in").headers["set-cookie"].count("Secure") == 2
    # This client speaks http itself and would not send those back.
    browser.cookies.set("kb_form", "secret")
    assert "Secure" in sign_in(browser).headers["set-cookie"]


def test_who_is_signed_in_already_goes_on_at_once(browser_at):
    browser = browser_at()
    sign_in(browser)
    assert browser.get("/sign-in?next=/questions").headers["location"] == "/questions"
    assert browser.get("/sign-in").headers["location"] == "/gaps"


@pytest.mark.parametrize("path", ["/gaps", "/gap?id=3", "/questions", "/records", "/explain?q=a&id=b"])
def test_a_staff_page_sends_strangers_to_the_sign_in_and_back(browser_at, path):
    browser = browser_at()
    sent = browser.get(path)
    assert sent.status_code == 303 and sent.headers["location"].startswith("/sign-in?next=/")
    assert sent.headers["cache-control"] == "no-store"
    assert f'name="next" value="{path.replace("&", "&amp;")}"' in browser.get(sent.headers["location"]).text
    sign_in(browser)
    assert browser.get(path).status_code == 200


def test_after_five_wrong_passwords_the_right_one_waits_but_not_at_another_address(browser_at):
    guesser = browser_at("203.0.113.7")
    assert [sign_in(guesser, password=f"wrong {number}").status_code for number in range(5)] == [401] * 5
    refused = sign_in(guesser)
    assert refused.status_code == 429 and 0 < int(refused.headers["retry-after"]) <= 900
    assert "Too many wrong passwords from here" in refused.text and "kb_staff" not in guesser.cookies
    assert sign_in(browser_at("198.51.100.9")).status_code == 303


def test_whoever_shares_an_address_keeps_nobody_out_of_a_browser_that_has_let_them_in_before(browser_at):
    mine, colleague = browser_at(), browser_at()
    cookie = next(cookie for cookie in sign_in(mine).headers.get_list("set-cookie") if cookie.startswith("kb_known="))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/sign-in" in cookie
    sign_out(mine)
    for number in range(5):
        sign_in(colleague, password=f"wrong {number}")
    assert sign_in(colleague).status_code == 429
    assert sign_in(mine).status_code == 303


def test_a_customer_is_led_to_no_page_of_the_team_and_told_so_there(browser_at, accounts):
    accounts.add("kim", "reader", PASSWORD)
    browser = browser_at()
    assert sign_in(browser, name="kim", next="/gap?id=3").headers["location"] == "/"
    assert browser.get("/sign-in?next=/gaps").headers["location"] == "/"
    assert browser.get("/sign-in?next=/browse").headers["location"] == "/browse"


def test_an_unknown_name_is_answered_like_a_wrong_password(browser_at):
    wrong, unknown = sign_in(browser_at(), password="wrong"), sign_in(browser_at(), name="nobody")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    plain = [re.sub(r'value="[^"]*"', "", page.text) for page in (wrong, unknown)]
    assert plain[0] == plain[1] and "Name or password is wrong." in plain[0]


def test_a_disabled_account_is_answered_like_a_wrong_password(browser_at, accounts):
    accounts.disable("mei")
    answer = sign_in(browser_at())
    assert answer.status_code == 401 and "Name or password is wrong." in answer.text


def test_what_was_typed_is_escaped_and_the_password_is_not_sent_back(browser_at):
    answer = sign_in(browser_at(), name='"><script>alert(1)</script>', password="my wrong password")
    assert "<script>alert" not in answer.text and "my wrong password" not in answer.text


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_form_without_our_token_is_refused(browser_at, token):
    browser = browser_at()
    browser.get("/sign-in")
    answer = browser.post("/sign-in", data={"token": token, "name": "mei", "password": PASSWORD})
    assert answer.status_code == 403 and "kb_staff" not in browser.cookies


def test_a_token_made_for_another_browser_is_refused(browser_at):
    stolen, browser = token_of(browser_at()), browser_at()
    browser.get("/sign-in")
    assert browser.post("/sign-in", data={"token": stolen, "name": "mei", "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://help.example.evil.example"},
        {"Origin": "https://evil.example", "Referer": f"{BASE}/sign-in"},
        {"Referer": "https://evil.example/help.example"},
        {},
    ],
)
def test_a_form_from_another_site_is_refused_even_with_our_token(browser_at, headers):
    browser = browser_at()
    token = token_of(browser)
    del browser.headers["Origin"]
    answer = browser.post("/sign-in", data={"token": token, "name": "mei", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403


def test_a_browser_that_sends_no_origin_is_known_by_its_referer(browser_at):
    browser = browser_at()
    token = token_of(browser)
    del browser.headers["Origin"]
    answer = browser.post("/sign-in", data={"token": token, "name": "mei", "password": PASSWORD}, headers={"Referer": f"{BASE}/sign-in"})
    assert answer.status_code == 303


def test_a_form_too_large_to_be_one_of_ours_is_refused(browser_at):
    assert sign_in(browser_at(), password="x" * 100_000).status_code == 403


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "gaps", "/" + "x" * 3000, ""],
)
def test_nobody_is_led_to_another_site_after_signing_in(browser_at, elsewhere):
    assert local_path(elsewhere) == ""
    assert sign_in(browser_at(), next=elsewhere).headers["location"] == "/gaps"


def test_the_file_holds_the_token_only_as_a_hash(browser_at, tmp_path):
    browser = browser_at()
    sign_in(browser)
    files = b"".join(file.read_bytes() for file in tmp_path.glob("kb.sqlite*"))
    assert browser.cookies["kb_staff"].encode() not in files
    with closing(sqlite3.connect(tmp_path / "kb.sqlite")) as database:
        assert database.execute("select count(*) from account_sessions where length(token_hash) = 64").fetchone() == (1,)


def test_signing_out_ends_the_sign_in_in_every_tab_and_the_copied_cookie_too(browser_at, accounts):
    browser, thief = browser_at(), browser_at("198.51.100.9")
    sign_in(browser)
    copied = browser.cookies["kb_staff"]
    thief.cookies.set("kb_staff", copied)
    assert thief.get("/gaps").status_code == 200
    answer = sign_out(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "kb_staff" not in browser.cookies
    assert accounts.account_of(copied) is None
    assert thief.get("/gaps").status_code == 303


def test_another_site_cannot_sign_anyone_out(browser_at, accounts):
    browser = browser_at()
    sign_in(browser)
    assert browser.post("/sign-out").status_code == 403
    browser.headers["Origin"] = "https://evil.example"
    assert sign_out(browser).status_code == 403
    assert accounts.account_of(browser.cookies["kb_staff"])


def test_a_new_password_ends_the_sign_in(browser_at, accounts):
    browser = browser_at()
    sign_in(browser)
    accounts.set_password("mei", "another good sentence")
    assert browser.get("/gaps").status_code == 303


def test_signing_out_is_no_page_to_be_visited(browser_at):
    assert browser_at().get("/sign-out").status_code == 404


def test_without_a_database_nobody_is_signed_in_and_the_form_says_so(browser_at, tmp_path):
    browser = browser_at()
    sign_in(browser)
    for file in tmp_path.glob("kb.sqlite*"):
        file.unlink()
    assert browser.get("/gaps").status_code == 303
    answer = sign_in(browser)
    assert answer.status_code == 503 and "Nobody can sign in right now." in answer.text


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "1.1.1.1", "192.0.2.1"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "9.9.9.9, 1.1.1.1", "1.1.1.1"),
        (2, "9.9.9.9, 1.1.1.1, 10.0.0.1", "1.1.1.1"),
        (2, "1.1.1.1", "192.0.2.1"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "1.1.1.1:4711", "1.1.1.1"),
        (1, "unknown", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, None, "192.0.2.1"),
    ],
)
def test_the_clients_address_is_what_our_own_proxies_say_and_never_what_the_client_does(proxies, forwarded, address):
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert client_address(headers, "192.0.2.1", proxies) == address
