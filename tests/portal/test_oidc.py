"""Signing in through a company's identity provider: who is let in, as what, and everything for which nobody is."""

import re
import time
from random import Random
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
import pytest
from itsdangerous import TimestampSigner
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kb.accounts import Accounts
from kb.database import migrate, read
from kb.settings import Settings
from portal import provider
from portal.current import hold_knowledge
from portal.forms import form_token
from portal.shell import PAGE_ROUTES
from portal.sign_in import SIGN_IN_ROUTES
from tests.portal.fake_knowledge import FakeKnowledge
from tests.portal.identity_provider import CLIENT, SECRET, IdentityProvider

BASE = "http://help.example"
START = "/sign-in/company"
PASSWORD = "four words of my own"


@pytest.fixture(scope="module")
def served():
    identity = IdentityProvider()
    yield identity
    identity.close()


@pytest.fixture
def idp(served):
    served.reset()
    return served


@pytest.fixture
def portal(idp, tmp_path):
    """Makes the portal anew with other settings; once without any, to begin with."""

    def configure(**given):
        company = {
            "oidc_issuer": idp.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "oidc_name": "Acme",
            "oidc_roles": "support=agent,support-leads=lead",
        }  # fmt: skip
        settings = Settings(data=tmp_path, articles=tmp_path, **{**company, **given})
        migrate(settings.database)
        hold_knowledge(FakeKnowledge(settings=settings))
        return Accounts(settings.database)

    return configure


@pytest.fixture
def accounts(portal):
    return portal()


@pytest.fixture
def open_browser(accounts):
    app = Starlette(routes=[*SIGN_IN_ROUTES, *PAGE_ROUTES])

    def open_one():
        browser = TestClient(app, base_url=BASE, client=("203.0.113.7", 50_000), follow_redirects=False)
        browser.headers["Origin"] = BASE
        return browser

    return open_one


@pytest.fixture
def browser(open_browser):
    return open_browser()


def go_to_provider(browser, path=START):
    """Follow the button to the provider, which sends the browser back at once; the address it sends it to."""
    sent = browser.get(path)
    assert sent.status_code == 303, sent.text
    return httpx2.get(sent.headers["location"]).headers["location"]


def go_through(browser, path=START):
    return browser.get(go_to_provider(browser, path))


def account_in(browser, accounts):
    return accounts.account_of(browser.cookies.get("kb_staff", ""))


def refusal_on(page):
    return re.search(r'role="alert"[^>]*>([^<]*)<', page.text)[1]


# Let in


def test_whom_the_provider_vouches_for_is_signed_in_and_goes_where_they_were_going(browser, accounts):
    answer = go_through(browser, f"{START}?next=/article%3Fid%3Den/customers/refund")
    assert (answer.status_code, answer.headers["location"]) == (303, "/article?id=en/customers/refund")
    account = account_in(browser, accounts)
    assert (account.name, account.role, account.groups, account.by_company) == ("Mei Lin", "reader", ("gold",), True)


def test_the_provider_is_asked_for_a_code_with_a_challenge_and_numbers_that_nobody_can_guess(browser, idp):
    first, second = (browser.get(START).headers["location"] for _ in range(2))
    asked, again = ({name: value for name, (value,) in parse_qs(urlsplit(where).query).items()} for where in (first, second))
    assert first.startswith(f"{idp.issuer}/authorize?")
    assert (asked["response_type"], asked["client_id"], asked["scope"]) == ("code", CLIENT, "openid profile groups")
    assert (asked["code_challenge_method"], asked["redirect_uri"]) == ("S256", f"{BASE}{START}/back")
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name]) >= 43 and asked[name] != again[name]


def test_the_browser_keeps_the_numbers_out_of_reach_of_scripts_and_for_ten_minutes(browser):
    cookie = browser.get(START).headers["set-cookie"]
    assert cookie.startswith("kb_company=") and "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert f"Path={START}" in cookie and "Max-Age=600" in cookie
    browser.headers["X-Forwarded-Proto"] = "https"
    assert "Secure" in browser.get(START).headers["set-cookie"]


def test_behind_a_proxy_the_browser_comes_back_to_the_public_address(portal, open_browser):
    portal(public_url="https://help.acme.example/")
    where = open_browser().get(START).headers["location"]
    assert parse_qs(urlsplit(where).query)["redirect_uri"] == ["https://help.acme.example/sign-in/company/back"]


def test_nothing_that_the_provider_gave_is_kept(browser, idp, tmp_path):
    answer = go_through(browser)
    files = b"".join(file.read_bytes() for file in tmp_path.glob("kb.sqlite*"))
    for secret in [*idp.given, SECRET]:
        assert secret.encode() not in files
        assert secret not in str(answer.headers) + str(dict(browser.cookies))
    assert "kb_company" not in browser.cookies


def test_what_the_provider_says_about_itself_is_asked_once(open_browser, idp):
    for _ in range(2):
        assert go_through(open_browser()).status_code == 303
    assert idp.asked.count("/.well-known/openid-configuration") == idp.asked.count("/jwks") == 1


def test_a_provider_may_change_its_key(open_browser, idp):
    go_through(open_browser())
    idp.key = idp.keys["two"]
    assert go_through(open_browser()).status_code == 303


def test_groups_that_the_token_lacks_come_from_the_userinfo_endpoint(browser, accounts, idp):
    idp.behaviour.claims = {"sub": "248289", "name": "Mei"}
    idp.behaviour.userinfo = {"sub": "248289", "groups": "support"}
    go_through(browser)
    assert account_in(browser, accounts).role == "agent"


def test_the_userinfo_endpoint_is_left_alone_when_the_token_has_them(browser, idp):
    go_through(browser)
    assert "/userinfo" not in idp.asked


@pytest.mark.parametrize(
    ("groups", "role", "kept"),
    [
        ([], "reader", ()),
        (["gold", "silver"], "reader", ("gold", "silver")),
        (["support", "gold"], "agent", ()),
        (["support", "support-leads"], "lead", ()),
        (["Support"], "reader", ("Support",)),
        (["a,b", "x" * 99, 7, "gold"], "reader", ("gold",)),
        ({"gold": True}, "reader", ()),
    ],
)
def test_groups_decide_the_role_and_what_a_customer_may_read(browser, accounts, idp, groups, role, kept):
    idp.behaviour.claims["groups"] = groups
    go_through(browser)
    account = account_in(browser, accounts)
    assert (account.role, account.groups) == (role, kept)


def test_another_claim_may_hold_the_groups(portal, open_browser, idp):
    accounts = portal(oidc_groups_claim="https://acme.example/teams")
    idp.behaviour.claims = {"sub": "1", "name": "Mei", "https://acme.example/teams": ["support"]}
    browser = open_browser()
    go_through(browser)
    assert account_in(browser, accounts).role == "agent"


def test_a_change_of_groups_holds_with_the_next_sign_in_in_every_tab(open_browser, accounts, idp):
    first, second = open_browser(), open_browser()
    idp.behaviour.claims["groups"] = ["support"]
    go_through(first)
    assert account_in(first, accounts).role == "agent"
    idp.behaviour.claims["groups"] = ["gold"]
    go_through(second)
    assert [(account.role, account.groups) for account in (account_in(one, accounts) for one in (first, second))] == [("reader", ("gold",))] * 2
    assert len(accounts.list()) == 1


def test_an_account_is_known_by_the_provider_and_its_number_and_by_no_name(open_browser, accounts, idp):
    accounts.add("Mei Lin", "administrator", PASSWORD)
    browser = open_browser()
    go_through(browser)
    account = account_in(browser, accounts)
    assert (account.name, account.role) == ("Mei Lin 2", "reader")
    idp.behaviour.claims["name"] = "Mei Wang"
    go_through(other := open_browser())
    assert account_in(other, accounts).name == "Mei Lin 2"


def test_the_team_begins_at_its_gaps_and_a_customer_is_led_to_no_page_of_the_team(open_browser, idp):
    assert go_through(open_browser(), f"{START}?next=/gaps").headers["location"] == "/"
    idp.behaviour.claims["groups"] = ["support"]
    assert go_through(open_browser()).headers["location"] == "/gaps"
    assert go_through(open_browser(), f"{START}?next=/gap%3Fid%3D3").headers["location"] == "/gap?id=3"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "/" + "x" * 3000])
def test_nobody_is_led_to_another_site_afterwards(browser, elsewhere):
    assert go_through(browser, f"{START}?next={elsewhere}").headers["location"] == "/"


def test_an_address_too_long_for_a_cookie_is_forgotten_and_not_the_sign_in(browser):
    drawn = Random(7)
    long = "/article?id=" + "".join(chr(drawn.randrange(0x4E00, 0x9FFF)) for _ in range(1900))
    answer = go_through(browser, f"{START}?next={quote(long)}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_who_is_signed_in_already_goes_on_without_the_provider(browser, idp):
    go_through(browser)
    idp.asked.clear()
    assert browser.get(f"{START}?next=/browse").headers["location"] == "/browse"
    assert idp.asked == []


def test_coming_back_ends_what_this_browser_was_signed_in_as_before(open_browser, accounts, idp):
    browser = open_browser()
    back = go_to_provider(browser)
    accounts.add("Ada", "agent", PASSWORD)
    earlier = accounts.sign_in("Ada", PASSWORD, address="203.0.113.7")
    browser.cookies.set("kb_staff", earlier)
    browser.get(back)
    assert accounts.account_of(earlier) is None


def test_no_password_opens_the_account_of_somebody_from_the_company(browser, open_browser):
    go_through(browser)
    form = open_browser()
    token = re.search(r'name="token" value="(\w+)"', form.get("/sign-in").text)[1]
    for password in ("", PASSWORD):
        assert form.post("/sign-in", data={"token": token, "name": "Mei Lin", "password": password}).status_code == 401


# Let out


def test_signing_out_ends_it_in_a_second_tab_too(browser, open_browser, accounts):
    go_through(browser)
    second = open_browser()
    second.cookies.set("kb_staff", browser.cookies["kb_staff"])
    answer = browser.post("/sign-out", data={"token": form_token(browser.cookies)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert account_in(second, accounts) is None


def test_a_provider_that_can_be_left_is_offered_to_be_left_as_well(browser, idp):
    idp.behaviour.description = {"end_session_endpoint": f"{idp.issuer}/leave?realm=acme"}
    go_through(browser)
    answer = browser.post("/sign-out", data={"token": form_token(browser.cookies)})
    page = browser.get(answer.headers["location"]).text
    assert f'href="{idp.issuer}/leave?realm=acme&amp;client_id=kb"' in page and "You are signed out here." in page
    assert "You are signed out here." not in browser.get("/sign-in").text


# Kept out


def test_whoever_comes_back_with_another_state_is_not_signed_in(browser, accounts):
    back = go_to_provider(browser)
    answer = browser.get(re.sub(r"state=[^&]+", "state=made-up", back))
    assert answer.status_code == 400 and "begun in another browser" in refusal_on(answer)
    assert account_in(browser, accounts) is None and accounts.list() == ()


def test_nobody_is_signed_in_by_an_address_that_somebody_else_brought_back(browser, open_browser, accounts, idp):
    back = go_to_provider(browser)
    for victim in (open_browser(), open_browser()):
        victim.get(START)
        assert victim.get(back).status_code == 400
    assert "/token" not in idp.asked and accounts.list() == ()


def test_nobody_comes_back_twice(browser, idp, accounts):
    sent = browser.get(START)
    kept = browser.cookies["kb_company"]
    back = httpx2.get(sent.headers["location"]).headers["location"]
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 400
    browser.cookies.set("kb_company", kept, path=START)
    browser.cookies.delete("kb_staff")
    answer = browser.get(back)
    assert answer.status_code == 403 and account_in(browser, accounts) is None


def test_whoever_comes_back_after_ten_minutes_starts_again(browser, monkeypatch):
    back = go_to_provider(browser)
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: int(time.time()) + 601)
    assert browser.get(back).status_code == 400


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"nonce": "another"}, "cannot be trusted"),
        ({"nonce": None}, "cannot be trusted"),
        ({"aud": "another portal"}, "cannot be trusted"),
        ({"aud": ["another portal"]}, "cannot be trusted"),
        ({"aud": "another portal", "azp": CLIENT}, "cannot be trusted"),
        ({"aud": [CLIENT, "another portal"], "azp": "another portal"}, "cannot be trusted"),
        ({"iss": "https://evil.example"}, "cannot be trusted"),
        ({"sub": None}, "cannot be trusted"),
        ({"sub": 7}, "cannot be trusted"),
        ({"sub": "248289\u202e"}, "cannot be trusted"),
        ({"exp": None}, "cannot be trusted"),
        ({"exp": 1}, "clocks"),
        ({"iat": 9_999_999_999, "exp": 9_999_999_999}, "clocks"),
    ],
)
def test_a_token_for_somebody_else_or_some_other_time_is_not_believed(browser, accounts, idp, claims, why):
    idp.behaviour.claims |= claims
    answer = go_through(browser)
    assert answer.status_code == 502 and why in refusal_on(answer)
    assert account_in(browser, accounts) is None and accounts.list() == ()


@pytest.mark.parametrize("signed_with", ["unpublished", "other kid", "none", "HS256 secret", "HS256 key"])
def test_a_token_that_not_only_the_provider_can_have_signed_is_not_believed(browser, accounts, idp, signed_with):
    idp.behaviour.signed_with = signed_with
    answer = go_through(browser)
    assert answer.status_code == 502 and "cannot be trusted" in refusal_on(answer)
    assert accounts.list() == ()


def test_a_clock_may_be_a_minute_out(browser, idp):
    now = int(time.time())
    idp.behaviour.claims |= {"iat": now + 50, "exp": now - 50}
    assert go_through(browser).status_code == 303


def test_userinfo_about_somebody_else_is_not_believed(browser, accounts, idp):
    idp.behaviour.claims = {"sub": "248289", "name": "Mei"}
    idp.behaviour.userinfo = {"sub": "1", "groups": ["support-leads"]}
    assert go_through(browser).status_code == 502 and accounts.list() == ()


def test_an_answer_that_names_another_provider_is_not_taken_to_ours(browser, idp):
    back = go_to_provider(browser)
    assert browser.get(f"{back}&iss=https://evil.example").status_code == 502
    assert "/token" not in idp.asked


def test_a_disabled_account_stays_out_whatever_the_provider_says(browser, open_browser, accounts):
    go_through(browser)
    accounts.disable("Mei Lin")
    assert account_in(browser, accounts) is None
    again = open_browser()
    answer = go_through(again)
    assert answer.status_code == 403 and "disabled" in refusal_on(answer) and "kb_staff" not in again.cookies
    accounts.enable("Mei Lin")
    assert go_through(open_browser()).status_code == 303


def test_when_the_provider_says_no_it_is_said_in_the_readers_language(browser, idp):
    idp.behaviour.refuses = "access_denied"
    assert "Your company&#39;s sign-in refused" in refusal_on(go_through(browser))
    browser.headers["Accept-Language"] = "zh-CN"
    answer = go_through(browser)
    assert answer.status_code == 403 and refusal_on(answer) == "公司的登录服务拒绝了这次登录。如有疑问，请联系管理员。"


@pytest.mark.parametrize(
    ("path", "broken"),
    [
        ("/.well-known/openid-configuration", (500, "")),
        ("/.well-known/openid-configuration", (200, "<html>")),
        ("/.well-known/openid-configuration", (200, "[]")),
        ("/.well-known/openid-configuration", (200, "{}")),
        ("/token", (503, "busy")),
        ("/token", (200, "<html>")),
        ("/token", (200, "{}")),
        ("/jwks", (404, "")),
        ("/jwks", (200, '{"keys": []}')),
        ("/jwks", (200, '{"keys": [{"kty": "RSA", "n": "!", "e": 3}]}')),
    ],
)
def test_a_provider_that_answers_nonsense_lets_nobody_in(browser, accounts, idp, path, broken):
    idp.behaviour.broken = {path: broken}
    sent = browser.get(START)
    answer = sent if sent.status_code != 303 else browser.get(httpx2.get(sent.headers["location"]).headers["location"])
    assert answer.status_code == 502 and accounts.list() == ()


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks"])
def test_a_provider_that_takes_too_long_is_not_waited_for(browser, idp, path, monkeypatch):
    monkeypatch.setattr(provider, "PATIENCE_SECONDS", 0.3)
    idp.behaviour.slow = path
    sent = browser.get(START)
    answer = sent if sent.status_code != 303 else browser.get(httpx2.get(sent.headers["location"]).headers["location"])
    assert answer.status_code == 504 and "took too long" in refusal_on(answer)


def test_a_provider_that_is_down_is_said_to_be_and_asked_again_by_the_next(portal, open_browser):
    portal(oidc_issuer="http://127.0.0.1:1")
    answer = open_browser().get(f"{START}?next=/browse")
    assert answer.status_code == 502 and "cannot be reached" in refusal_on(answer)
    assert 'href="/sign-in/company?next=/browse"' in answer.text


def test_a_provider_that_calls_itself_something_else_is_not_ours(browser, idp):
    idp.behaviour.description = {"issuer": idp.issuer + "/"}
    assert browser.get(START).status_code == 502


def test_without_a_database_nobody_is_signed_in_and_the_page_says_so(browser, tmp_path):
    back = go_to_provider(browser)
    for file in tmp_path.glob("kb.sqlite*"):
        file.unlink()
    for path in (back, START):
        answer = browser.get(path)
        assert answer.status_code == 503 and "Nobody can sign in right now." in refusal_on(answer)


def test_what_is_logged_holds_no_secret(browser, portal, open_browser, idp, caplog):
    kept = [go_to_provider(browser)]
    idp.codes.clear()
    browser.get(kept[0])
    portal(oidc_client_secret="a wrong secret")
    other = open_browser()
    kept.append(go_to_provider(other))
    other.get(kept[1])
    assert "invalid_grant" in caplog.text and "invalid_client" in caplog.text
    codes = [parse_qs(urlsplit(back).query)["code"][0] for back in kept]
    for secret in [*codes, SECRET, "a wrong secret"]:
        assert secret not in caplog.text


# The page


def test_the_sign_in_page_offers_the_company_in_both_languages(browser):
    english, chinese = (browser.get(f"/sign-in?next=/gaps&lang={lang}").text for lang in ("en", "zh"))
    assert 'href="/sign-in/company?next=/gaps">Sign in with Acme</a>' in english and "or with name and password" in english
    assert ">使用 Acme 账号登录</a>" in chinese


def test_a_company_without_a_name_is_called_the_readers_company(portal, open_browser):
    portal(oidc_name="")
    assert "Sign in with your company account" in open_browser().get("/sign-in").text


def test_without_a_provider_there_is_no_button_and_nothing_is_asked_of_any_other_machine(portal, open_browser, monkeypatch):
    portal(oidc_issuer="", oidc_client_id="", oidc_client_secret="")

    def refuse(*_, **__):
        raise AssertionError("asked another machine")

    browser = open_browser()
    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", refuse)
    assert START not in browser.get("/sign-in").text
    for path in (START, f"{START}/back?code=x&state=y"):
        answer = browser.get(path)
        assert answer.status_code == 404 and "not set up here" in refusal_on(answer)


# What is recorded


def test_the_audit_log_tells_who_joined_and_left_the_team_and_nothing_of_customers(open_browser, accounts, idp, tmp_path):
    for groups in (["gold"], ["support"], ["support-leads"], ["gold"]):
        idp.behaviour.claims["groups"] = groups
        go_through(open_browser())
    with read(tmp_path / "kb.sqlite") as database:
        lines = database.execute("select account, role, action, detail from audit order by id").fetchall()
    assert lines == [
        ("Mei Lin", "agent", "role_set", "reader -> agent (identity provider)"),
        ("Mei Lin", "agent", "signed_in", ""),
        ("Mei Lin", "agent", "role_set", "agent -> lead (identity provider)"),
        ("Mei Lin", "lead", "signed_in", ""),
        ("Mei Lin", "lead", "role_set", "lead -> reader (identity provider)"),
    ]
