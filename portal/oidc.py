"""Signing in through the company: the browser goes to its identity provider and comes back, and gets a sign-in of this portal's own."""

from __future__ import annotations

import hmac
import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from kb.company_settings import choose_role, map_roles
from kb.errors import AccountDisabled, DatabaseError
from portal.addresses import PATHS
from portal.company_cookie import begin, forget, keep, recall
from portal.current import current_accounts, current_knowledge
from portal.forms import came_over_https, local_path
from portal.guard import account_behind
from portal.provider import Person, ProviderFault, provider_of
from portal.sign_in_page import NO_STORE, begins_at, go, let_in, read_language, show_sign_in

LOG = logging.getLogger("kb.portal")

STATUSES = {"off": 404, "stale": 400, "refused": 403, "disabled": 403, "invalid": 502, "clock": 502, "down": 502, "slow": 504, "fault": 503}


async def send_to_company(request: Request) -> Response:
    """On to the provider. 404 where there is none, 502 and 504 when it cannot be asked or takes too long."""
    settings, wanted = current_knowledge().settings, local_path(request.query_params.get("next"))
    if not settings.has_company:
        return _refuse(request, "off")
    account = await run_in_threadpool(account_behind, request.cookies)
    if account:
        return go(begins_at(account, wanted))
    begun = begin(wanted)
    try:
        where = await provider_of(settings).send(back=_back(request), state=begun.state, nonce=begun.nonce, verifier=begun.verifier)
        response = RedirectResponse(where, status_code=303, headers=NO_STORE)
        await run_in_threadpool(keep, begun, request, response)
    except (ProviderFault, DatabaseError) as fault:
        return _tell(request, fault, wanted)
    return response


async def return_from_company(request: Request) -> Response:
    """Signed in, and on to where they were going. 400 for whoever did not set out from this browser within ten minutes, 403 when the provider or a
    disabled account says no, 502 and 504 as above, and for an identity that is not believed."""
    if not current_knowledge().settings.has_company:
        return _refuse(request, "off")
    try:
        begun = await run_in_threadpool(recall, request)
    except DatabaseError as fault:
        return _tell(request, fault, "")
    given = request.query_params
    if begun is None or not hmac.compare_digest(begun.state.encode(), given.get("state", "").encode("utf-8", "replace")):
        LOG.warning("somebody came back from the identity provider who had not set out from this browser, or over ten minutes ago")
        return _refuse(request, "stale")
    try:
        if "error" in given or not given.get("code"):
            raise ProviderFault("refused", f"the provider sent back {given.get('error', 'no code')[:100]!r} {given.get('error_description', '')[:300]!r}")
        person = await provider_of(current_knowledge().settings).receive(
            given["code"], issuer=given.get("iss", ""), back=_back(request), nonce=begun.nonce, verifier=begun.verifier
        )
        response: Response = await let_in(request, await run_in_threadpool(_sign_in, person), begun.wanted)
    except (ProviderFault, AccountDisabled, DatabaseError) as fault:
        response = _tell(request, fault, begun.wanted)
    forget(request, response)
    return response


def _sign_in(person: Person) -> str:
    role = choose_role(person.groups, map_roles(current_knowledge().settings.oidc_roles))
    return current_accounts().sign_in_as(person.subject, name=person.name, role=role, groups=person.groups)


def _back(request: Request) -> str:
    """Where the provider sends the browser to: the address that its administrators have entered there."""
    own = f"{'https' if came_over_https(request) else 'http'}://{request.headers.get('host', '')}"
    return (current_knowledge().settings.public_url.rstrip("/") or own) + PATHS["company_back"]


def _tell(request: Request, fault: Exception, wanted: str) -> HTMLResponse:
    why = fault.why if isinstance(fault, ProviderFault) else "disabled" if isinstance(fault, AccountDisabled) else "fault"
    LOG.log(logging.ERROR if STATUSES[why] >= 500 else logging.WARNING, "nobody was signed in through the company: %s", fault)
    return _refuse(request, why, wanted)


def _refuse(request: Request, why: str, wanted: str = "") -> HTMLResponse:
    t = read_language(request)
    said = {
        "off": t("company_off"),
        "stale": t("company_stale"),
        "refused": t("company_refused"),
        "disabled": t("company_disabled"),
        "invalid": t("company_invalid"),
        "clock": t("company_clock"),
        "down": t("company_down"),
        "slow": t("company_slow"),
        "fault": t("sign_in_fault"),
    }
    return show_sign_in(request, status=STATUSES[why], refusal=said[why], wanted=wanted)


COMPANY_ROUTES = [Route(PATHS["company"], send_to_company), Route(PATHS["company_back"], return_from_company)]
