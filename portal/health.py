"""What a supervisor asks: is the process up, and can it answer a search."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from portal.current import current_knowledge


async def answer_health(_: Request) -> PlainTextResponse:
    return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})


async def answer_readiness(_: Request) -> JSONResponse:
    """200 when index, model and database are usable, else 503; either way what each of them says."""
    readiness = await run_in_threadpool(current_knowledge().readiness)
    body = {"ready": readiness.ready, "parts": dict(readiness.parts)}
    return JSONResponse(body, status_code=200 if readiness.ready else 503, headers={"Cache-Control": "no-store"})


HEALTH_ROUTES = [Route("/healthz", answer_health), Route("/readyz", answer_readiness)]
