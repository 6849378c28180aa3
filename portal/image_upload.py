"""Images that authors choose, paste or drop in the editor: taken outside Streamlit, whose own upload is closed here."""

from __future__ import annotations

import hmac
import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kb.accounts import Account
from kb.article_images import MAX_IMAGE_BYTES
from kb.errors import KnowledgeBaseError
from portal.addresses import PATHS
from portal.components.writing_words import explain_refusal
from portal.context import LANGUAGE_COOKIE
from portal.current import current_knowledge
from portal.forms import came_from_our_page, form_token
from portal.guard import account_behind
from portal.messages import Messages, choose_language

LOG = logging.getLogger("kb.portal")

TOKEN_HEADER = "X-Form-Token"  # noqa: S105  the name of a header


async def take_image(request: Request) -> Response:
    """The body is the image, `article` and `name` say whose and what it is called. Answers its path for Markdown, or why it was not taken.

    403 for whoever is no member of staff, or comes from elsewhere than a page of ours.
    """
    account = await run_in_threadpool(account_behind, request.cookies)
    if account is None or not account.is_staff or not _came_from_editor(request):
        return Response(status_code=403)
    t = Messages(choose_language(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language")))
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > MAX_IMAGE_BYTES:
            return _refuse(t("writing_image_too_large"))
    return await run_in_threadpool(_store, t, account, request.query_params.get("article", ""), request.query_params.get("name", ""), content)


def _store(t: Messages, account: Account, article: str, name: str, content: bytes) -> Response:
    try:
        path = current_knowledge().writing_desk(account).add_image(article, name, content)
    except KnowledgeBaseError as fault:
        LOG.warning("an image was refused: %s", fault)
        return _refuse(explain_refusal(t, fault))
    return JSONResponse({"path": path})


def _came_from_editor(request: Request) -> bool:
    token, given = form_token(request.cookies), request.headers.get(TOKEN_HEADER, "")
    return bool(token) and came_from_our_page(request) and hmac.compare_digest(token.encode(), given.encode("utf-8", "replace"))


def _refuse(words: str) -> Response:
    return JSONResponse({"fault": words}, status_code=422)


IMAGE_ROUTES = [Route(PATHS["add_image"], take_image, methods=["POST"])]
