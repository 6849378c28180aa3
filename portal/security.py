"""What every response carries: the content policy and its companions. And what strangers may not ask for."""

from __future__ import annotations

import base64
import hashlib
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Session counts, the agent interface, uploads and sign-ins of Streamlit's own are of use to nobody here.
CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/upload_file", "/_stcore/script-health-check", "/auth/", "/oauth2callback", "/app/static")
FILES = "/media/"
FILES_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""For images and downloads: whatever one of them is, opened as a page it can run, load and send nothing."""


def content_policy(page: str) -> str:
    """The policy for pages made from `page`: own files only, plus exactly the inline scripts that it holds, by hash."""
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in re.findall(r"<script>(.*?)</script>", page, re.DOTALL))
    rules = {
        "default-src": "'self'",
        "script-src": f"'self' {hashes}".strip(),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "frame-ancestors": "'self'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "object-src": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


class SecurityHeaders:
    """ASGI middleware: adds the headers to every answer, refuses the closed addresses with 404 and other sites' websockets with 403."""

    def __init__(self, app: ASGIApp, *, policy: str) -> None:
        self.app = app
        self.headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and _is_foreign(scope):
            # Before Streamlit sees it: to decide on a foreign origin it would ask an outside service for this machine's address.
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers[name] = value
                if scope["path"].startswith(FILES):
                    headers["Content-Security-Policy"] = FILES_POLICY
                    # What somebody takes along is theirs alone. An image that everybody may see says so itself.
                    headers.setdefault("Cache-Control", "private, no-store")
            await send(message)

        if scope["path"].startswith(CLOSED):
            await PlainTextResponse("not found", status_code=404)(scope, receive, send_with_headers)
            return
        await self.app(scope, receive, send_with_headers)


def _is_foreign(scope: Scope) -> bool:
    """Whether a page of another site opened this websocket: its Origin is not the host it was opened on. No Origin: no browser."""
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    # To the letter, as Streamlit compares them: of what it takes for foreign it would ask outside.
    return origin is not None and named_host(origin) != headers.get("host")


def named_host(address: str) -> str | None:
    """The host and port that an address names, as written; None when it is no address."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return None


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
