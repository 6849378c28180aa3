"""What a browser keeps while its reader is at the identity provider, so that only this browser can come back, once and soon."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from portal.addresses import address
from portal.current import current_accounts
from portal.forms import came_over_https, local_path

COMPANY_COOKIE = "kb_company"
MINUTES = 10
LONGEST = 3500
"""Browsers keep no cookie of more than some 4000 characters."""


@dataclass(frozen=True)
class Begun:
    """One sign-in under way. `state` comes back in the address, `nonce` in what the provider signs, `verifier` is shown to the provider alone;
    `wanted` is where the reader was going."""

    state: str
    nonce: str
    verifier: str
    wanted: str


def begin(wanted: str) -> Begun:
    """A new sign-in, with numbers that nobody can guess."""
    return Begun(*(secrets.token_urlsafe(48) for _ in range(3)), wanted)


def keep(begun: Begun, request: Request, response: Response) -> None:
    """Give it to the browser, for ten minutes, out of reach of scripts and of requests that other sites make. Raises DatabaseError."""
    value = _signer().dumps(asdict(begun))
    if len(value) > LONGEST:
        value = _signer().dumps({**asdict(begun), "wanted": ""})
    response.set_cookie(COMPANY_COOKIE, value, max_age=MINUTES * 60, **_attributes(request))


def recall(request: Request) -> Begun | None:
    """What this browser began less than ten minutes ago; None when nothing. Raises DatabaseError."""
    try:
        begun = Begun(**_signer().loads(request.cookies.get(COMPANY_COOKIE, ""), max_age=MINUTES * 60))
    except (BadData, TypeError):
        return None
    return Begun(begun.state, begun.nonce, begun.verifier, local_path(begun.wanted))


def forget(request: Request, response: Response) -> None:
    """Let the browser drop it: nobody comes back twice."""
    response.delete_cookie(COMPANY_COOKIE, **_attributes(request))


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_accounts().signing_key("company"), salt=COMPANY_COOKIE)


def _attributes(request: Request) -> dict[str, object]:
    return {"path": address("company"), "httponly": True, "samesite": "lax", "secure": came_over_https(request)}
