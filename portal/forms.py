"""Forms of plain pages: only those that this browser got from this portal are acted on."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from portal.security import named_host

FORM_COOKIE = "kb_form"
STAFF_COOKIE = "kb_staff"
TOKEN_FIELD = "token"  # noqa: S105  the name of a field
MOST_BYTES = 16_384


class FormRefused(Exception):
    """The form is too large, or did not come from a page of this portal."""


def form_token(cookies: Mapping[str, str]) -> str:
    """What a form shown to this browser carries: made from a cookie that no other site can read or set; empty without one."""
    secret = cookies.get(STAFF_COOKIE) or cookies.get(FORM_COOKIE)
    return hmac.new(secret.encode("utf-8", "replace"), b"form", hashlib.sha256).hexdigest() if secret else ""


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form that one of our own pages sent. Raises FormRefused."""
    if not came_from_our_page(request):
        raise FormRefused("another site sent it")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise FormRefused("it is too large")
    try:
        fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        raise FormRefused("it has too many fields") from None
    token = form_token(request.cookies)
    if not token or not hmac.compare_digest(token.encode(), fields.get(TOKEN_FIELD, "").encode("utf-8", "replace")):
        raise FormRefused("its token is missing or old")
    return fields


def local_path(given: str | None) -> str:
    """`given` when it is an address inside this portal; else empty, so that no link leads a reader elsewhere after a form."""
    given = given or ""
    # Browsers read a backslash as a slash and drop tabs and line ends: any of them could make it another site's address.
    if not re.fullmatch(r"/(?!/)[^\\\s\x00-\x20\x7f]*", given) or len(given) > 2000:
        return ""
    parts = urlsplit(given)
    return "" if parts.scheme or parts.netloc else given


def remember_form(request: Request, response: Response, secret: str) -> None:
    """Give the browser the secret that its next form's token is made from."""
    response.set_cookie(FORM_COOKIE, secret, httponly=True, samesite="lax", secure=came_over_https(request))


def new_secret() -> str:
    return secrets.token_urlsafe(24)


def came_over_https(request: Request) -> bool:
    """Whether the browser speaks https, to us or to the proxy in front of us."""
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))


def came_from_our_page(request: Request) -> bool:
    """Whether the browser says that the form stood on a page of this host: by Origin, or where it sends none, by Referer."""
    said = request.headers.get("origin") or request.headers.get("referer") or ""
    host = named_host(said) if said else None
    return host is not None and host.lower() == request.headers.get("host", "").lower()
