"""The page on which people sign in, whatever it has to say; and what a browser is given once they have."""

from __future__ import annotations

import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from kb.accounts import ABSOLUTE_LIMIT, Account
from kb.errors import DatabaseError
from kb.settings import LANGUAGES
from portal.addresses import PATHS, STAFF_PAGES, address
from portal.context import LANGUAGE_COOKIE
from portal.current import current_accounts, current_knowledge, shows_demonstration
from portal.drawing import fill
from portal.forms import FORM_COOKIE, STAFF_COOKIE, came_over_https, form_token, new_secret, remember_form
from portal.guard import account_behind
from portal.messages import Messages, choose_language
from portal.shell import file_version, remember_choices

LOG = logging.getLogger("kb.portal")
NO_STORE = {"Cache-Control": "no-store"}


def read_language(request: Request) -> Messages:
    """The language that whoever is at a plain page reads."""
    wishes = request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language")
    return Messages(choose_language(*wishes))


def show_sign_in(request: Request, *, status: int = 200, refusal: str = "", name: str = "", wanted: str = "", way_out: str = "") -> HTMLResponse:
    """The page. `refusal` is why the last try was none, `wanted` where to go afterwards, `way_out` where to leave the company's provider, too."""
    t = read_language(request)
    other = Messages(next(lang for lang in LANGUAGES if lang != t.lang))
    other_name = other.language(other.lang)
    cookies, settings = dict(request.cookies), current_knowledge().settings
    secret = "" if form_token(cookies) else new_secret()
    page = fill(
        "sign_in",
        t=t,
        site=settings.title,
        demonstration=shows_demonstration(),
        style=file_version("portal.css"),
        other={"html_lang": other("html_lang"), "name": other_name, "switch": other("switch_language", language=other_name)},
        switch_address=address("sign_in", next=wanted, lang=other.lang),
        company_address=address("company", next=wanted) if settings.has_company else "",
        company=settings.oidc_name,
        way_out=way_out,
        refusal=refusal,
        token=form_token({FORM_COOKIE: secret} if secret else cookies),
        next=wanted,
        name=name[:64],
    )
    response = HTMLResponse(page, status_code=status, headers=NO_STORE)
    remember_choices(request, response, request.query_params.get("lang"))
    if secret:
        remember_form(request, response, secret)
    return response


async def let_in(request: Request, token: str, wanted: str) -> RedirectResponse:
    """Give the browser the sign-in and send it on; one that it had before ends."""
    if earlier := request.cookies.get(STAFF_COOKIE):
        try:
            await run_in_threadpool(current_accounts().sign_out, earlier)
        except DatabaseError as fault:
            LOG.warning("an earlier sign-in of this browser ends later: %s", fault)
    account = await run_in_threadpool(account_behind, {STAFF_COOKIE: token})
    response = go(begins_at(account, wanted))
    response.set_cookie(
        STAFF_COOKIE, token, max_age=int(ABSOLUTE_LIMIT.total_seconds()), httponly=True, samesite="lax", secure=came_over_https(request)
    )
    return response


def begins_at(account: Account | None, wanted: str) -> str:
    """Where somebody goes who has signed in: where they wanted to, if it is for them; else the team to its gaps, customers home."""
    if account and account.is_staff:
        return wanted or address("gaps")
    staff_only = {PATHS[name] for name in STAFF_PAGES}
    return address("home") if wanted.partition("?")[0] in staff_only else wanted or address("home")


def go(where: str) -> RedirectResponse:
    """On to an address of this portal."""
    return RedirectResponse(where, status_code=303, headers=NO_STORE)
