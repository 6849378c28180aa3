"""What an address without a page answers when too many search at once: 503, and when to come back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse

from kb.errors import Busy


async def answer_busy(_: Request, fault: Busy) -> PlainTextResponse:
    """One line, with the seconds after which another try is worth while."""
    headers = {"Retry-After": str(fault.retry_seconds), "Cache-Control": "no-store"}
    return PlainTextResponse(f"{fault}\n", status_code=503, headers=headers)


BUSY_HANDLERS = {Busy: answer_busy}
