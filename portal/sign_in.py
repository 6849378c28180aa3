"""Signing in and out: plain pages beside Streamlit, whose scripts can set no cookie."""

from __future__ import annotations

import logging
import math

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from kb.accounts import ABSOLUTE_LIMIT, Account
from kb.errors import DatabaseError, SignInRefused, TooManyAttempts
from kb.settings import LANGUAGES
from portal.addresses import address
from portal.client_address import client_address
from portal.context import LANGUAGE_COOKIE
from portal.current import current_accounts, current_knowledge, shows_demonstration
from portal.drawing import fill
from portal.forms import (
    FORM_COOKIE,
    STAFF_COOKIE,
    FormRefused,
    came_over_https,
    form_token,
    local_path,
    new_secret,
    read_form,
    remember_form,
)
from portal.guard import account_behind
from portal.messages import Messages, choose_language
from portal.shell import file_version, remember_choices

LOG = logging.getLogger("kb.portal")
NO_STORE = {"Cache-Control": "no-store"}

# Passwords are slow to check on purpose. However many come at once, they take no threads away from pages.
_checking = CapacityLimiter(4)


async def answer_sign_in(request: Request) -> Response:
    """The form; whoever is signed in already goes on to where they were going."""
    wanted = local_path(request.query_params.get("next"))
    account = await run_in_threadpool(account_behind, request.cookies)
    if account:
        return _go(wanted or _begins_at(account))
    return _form(request, wanted=wanted)


async def sign_in(request: Request) -> Response:
    """Sign in and go on. 401 for a wrong name or password, 429 after too many, 403 for a form that is not ours."""
    try:
        fields = await read_form(request)
    except FormRefused as fault:
        LOG.warning("a sign-in was refused: %s", fault)
        return _form(request, status=403, message="stale")
    name, wanted = fields.get("name", ""), local_path(fields.get("next"))
    try:
        token = await to_thread.run_sync(_sign_in, name, fields.get("password", ""), _address_of(request), limiter=_checking)
    except SignInRefused:
        return _form(request, status=401, message="wrong", name=name, wanted=wanted)
    except TooManyAttempts as fault:
        response = _form(request, status=429, message="wait", seconds=fault.retry_seconds, name=name, wanted=wanted)
        response.headers["Retry-After"] = str(fault.retry_seconds)
        return response
    except DatabaseError as fault:
        LOG.error("nobody can sign in: %s", fault)
        return _form(request, status=503, message="fault", name=name, wanted=wanted)
    account = await run_in_threadpool(account_behind, {STAFF_COOKIE: token})
    response = _go(wanted or _begins_at(account))
    secure = came_over_https(request)
    response.set_cookie(STAFF_COOKIE, token, max_age=int(ABSOLUTE_LIMIT.total_seconds()), httponly=True, samesite="lax", secure=secure)
    return response


async def sign_out(request: Request) -> Response:
    """End this browser's sign-in on the server, in every tab, and go home. 403 for a form that is not ours."""
    try:
        await read_form(request)
    except FormRefused as fault:
        LOG.warning("a sign-out was refused: %s", fault)
        return _form(request, status=403, message="stale")
    try:
        await run_in_threadpool(current_accounts().sign_out, request.cookies.get(STAFF_COOKIE, ""))
    except DatabaseError as fault:
        LOG.error("a sign-in could not be ended: %s", fault)
        return _form(request, status=503, message="fault")
    response = _go(address("home"))
    response.delete_cookie(STAFF_COOKIE, httponly=True, samesite="lax", secure=came_over_https(request))
    return response


def _sign_in(name: str, password: str, place: str) -> str:
    return current_accounts().sign_in(name, password, address=place)


def _begins_at(account: Account | None) -> str:
    """Where somebody goes who wanted nowhere in particular: the team to its gaps, customers home."""
    return address("gaps") if account and account.is_staff else address("home")


def _go(where: str) -> RedirectResponse:
    return RedirectResponse(where, status_code=303, headers=NO_STORE)


def _address_of(request: Request) -> str:
    peer = request.client.host if request.client else ""
    return client_address(request.headers, peer, current_knowledge().settings.proxies)


def _form(request: Request, *, status: int = 200, message: str = "", seconds: int = 0, name: str = "", wanted: str = "") -> HTMLResponse:
    t = Messages(
        choose_language(request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language"))
    )
    other = Messages(next(lang for lang in LANGUAGES if lang != t.lang))
    other_name = other.language(other.lang)
    cookies = dict(request.cookies)
    secret = "" if form_token(cookies) else new_secret()
    said = {"": "", "wrong": t("sign_in_wrong"), "stale": t("sign_in_stale"), "fault": t("sign_in_fault")}
    page = fill(
        "sign_in",
        t=t,
        site=current_knowledge().settings.title,
        demonstration=shows_demonstration(),
        style=file_version("portal.css"),
        other={"html_lang": other("html_lang"), "name": other_name, "switch": other("switch_language", language=other_name)},
        switch_address=address("sign_in", next=wanted, lang=other.lang),
        message=t.counted("sign_in_wait", math.ceil(seconds / 60)) if message == "wait" else said[message],
        token=form_token({FORM_COOKIE: secret} if secret else cookies),
        next=wanted,
        name=name[:64],
    )
    response = HTMLResponse(page, status_code=status, headers=NO_STORE)
    remember_choices(request, response, request.query_params.get("lang"))
    if secret:
        remember_form(request, response, secret)
    return response


SIGN_IN_ROUTES = [
    Route("/sign-in", answer_sign_in),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
]
