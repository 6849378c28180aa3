"""Signing in and out: plain pages beside Streamlit, whose scripts can set no cookie."""

from __future__ import annotations

import logging
import math

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kb.errors import DatabaseError, SignInRefused, TooManyAttempts
from portal.addresses import address
from portal.client_address import client_address
from portal.context import SESSION_COOKIE
from portal.current import current_accounts, current_knowledge
from portal.forms import STAFF_COOKIE, FormRefused, came_over_https, local_path, read_form
from portal.guard import account_behind
from portal.oidc import COMPANY_ROUTES
from portal.provider import provider_of
from portal.sign_in_page import begins_at, go, let_in, read_language, show_sign_in

LOG = logging.getLogger("kb.portal")
MARK_COOKIE = "kb_known"
HALF_A_YEAR = 180 * 24 * 3600

# Passwords are slow to check on purpose. However many come at once, they take no threads away from pages.
_checking = CapacityLimiter(4)


async def answer_sign_in(request: Request) -> Response:
    """The form; whoever is signed in already goes on to where they were going."""
    wanted = local_path(request.query_params.get("next"))
    account = await run_in_threadpool(account_behind, request.cookies)
    if account:
        return go(begins_at(account, wanted))
    return show_sign_in(request, wanted=wanted, way_out=_way_out() if "left" in request.query_params else "")


async def sign_in(request: Request) -> Response:
    """Sign in and go on. 401 for a wrong name or password, 429 after too many, 403 for a form that is not ours."""
    t = read_language(request)
    try:
        fields = await read_form(request)
    except FormRefused as fault:
        LOG.warning("a sign-in was refused: %s", fault)
        return show_sign_in(request, status=403, refusal=t("sign_in_stale"))
    name, wanted, mark = fields.get("name", ""), local_path(fields.get("next")), request.cookies.get(MARK_COOKIE, "")
    try:
        token = await to_thread.run_sync(_sign_in, name, fields.get("password", ""), _address_of(request), mark, limiter=_checking)
        mark = await run_in_threadpool(current_accounts().mark_browser, name)
    except SignInRefused:
        return show_sign_in(request, status=401, refusal=t("sign_in_wrong"), name=name, wanted=wanted)
    except TooManyAttempts as fault:
        refusal = t.counted("sign_in_wait", math.ceil(fault.retry_seconds / 60))
        response = show_sign_in(request, status=429, refusal=refusal, name=name, wanted=wanted)
        response.headers["Retry-After"] = str(fault.retry_seconds)
        return response
    except DatabaseError as fault:
        LOG.error("nobody can sign in: %s", fault)
        return show_sign_in(request, status=503, refusal=t("sign_in_fault"), name=name, wanted=wanted)
    response = await let_in(request, token, wanted)
    response.set_cookie(
        MARK_COOKIE, mark, max_age=HALF_A_YEAR, path=address("sign_in"), httponly=True, samesite="lax", secure=came_over_https(request)
    )
    return response


async def sign_out(request: Request) -> Response:
    """End this browser's sign-in on the server, in every tab, and go home. 403 for a form that is not ours."""
    t = read_language(request)
    try:
        await read_form(request)
    except FormRefused as fault:
        LOG.warning("a sign-out was refused: %s", fault)
        return show_sign_in(request, status=403, refusal=t("sign_in_stale"))
    account = await run_in_threadpool(account_behind, request.cookies)
    try:
        await run_in_threadpool(current_accounts().sign_out, request.cookies.get(STAFF_COOKIE, ""))
    except DatabaseError as fault:
        LOG.error("a sign-in could not be ended: %s", fault)
        return show_sign_in(request, status=503, refusal=t("sign_in_fault"))
    # Whoever came through the company is still signed in there, and a click on its button brings back whoever sits down next.
    response = go(address("sign_in", left="company") if account and account.by_company and _way_out() else address("home"))
    # With the session goes the way to what was searched and opened under it: the next at this browser is somebody else.
    for cookie in (STAFF_COOKIE, SESSION_COOKIE):
        response.delete_cookie(cookie, httponly=True, samesite="lax", secure=came_over_https(request))
    return response


def _sign_in(name: str, password: str, place: str, mark: str) -> str:
    return current_accounts().sign_in(name, password, address=place, mark=mark)


def _way_out() -> str:
    settings = current_knowledge().settings
    return provider_of(settings).way_out if settings.has_company else ""


def _address_of(request: Request) -> str:
    peer = request.client.host if request.client else ""
    return client_address(request.headers, peer, current_knowledge().settings.proxies)


SIGN_IN_ROUTES = [
    Route("/sign-in", answer_sign_in),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
    *COMPANY_ROUTES,
]
