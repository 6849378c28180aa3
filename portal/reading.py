"""What a browser says when a reader leaves an article: how long it was in view. Nothing that it sends can be a fault."""

from __future__ import annotations

import json
import logging
import math

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kb.errors import KnowledgeBaseError
from portal.context import SESSION_COOKIE
from portal.current import current_knowledge
from portal.forms import came_from_our_page

LOG = logging.getLogger("kb.portal")

MOST_BYTES = 1024
MOST_SECONDS = 3600.0


async def take_reading(request: Request) -> Response:
    """204 for what was understood, 400 for anything else. A browser without our cookie has opened nothing."""
    reading = _understand(await _read_body(request)) if came_from_our_page(request) else None
    if reading is None:
        return Response(status_code=400)
    session = request.cookies.get(SESSION_COOKIE)
    if session:
        article, seconds = reading
        try:
            await run_in_threadpool(current_knowledge().record_read, article, session=session, seconds=seconds)
        except KnowledgeBaseError as fault:
            LOG.warning("how long an article was read was not recorded: %s", fault)
    return Response(status_code=204)


async def _read_body(request: Request) -> bytes:
    """The body; empty when it is larger than a reading can be."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return b""
    return body


def _understand(body: bytes) -> tuple[str, float] | None:
    """The article's id and the seconds, from 0 to an hour; None when the body does not say both."""
    try:
        said = json.loads(body)
        article, seconds = said["article"], said["seconds"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(article, str) or not article or isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    if isinstance(seconds, float) and math.isnan(seconds):
        return None
    return article, float(min(max(seconds, 0), MOST_SECONDS))


READ_ROUTES = [Route("/read", take_reading, methods=["POST"])]
