"""The HTML that a browser gets before any script runs: right language, title and status, and the article for readers without script."""

from __future__ import annotations

import hashlib
import re
import secrets
from functools import cache
from pathlib import Path

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from kb.errors import ArticleNotFound, KnowledgeBaseError
from kb.readers import PUBLIC, Reader, Scope
from portal.addresses import FORMS, PATHS, STAFF_PAGES, address
from portal.context import LANGUAGE_COOKIE, SESSION_COOKIE
from portal.current import current_knowledge, shows_demonstration
from portal.drawing import fill
from portal.forms import came_over_https
from portal.guard import account_behind
from portal.messages import Messages, choose_language

STATIC = Path(__file__).parent / "static"
YEAR = 365 * 24 * 3600


@cache
def read_streamlit_page() -> str:
    """Streamlit's own index.html, as installed."""
    return (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")


@cache
def file_version(name: str) -> str:
    """What changes in the address of a file of portal/static when its content does."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def build_shell(head: str, *, lang: str, noscript: str) -> str:
    """Streamlit's page in `lang` with our head and our words for browsers without script.

    The look is linked in the head, so nothing is painted without it; the font that Streamlit preloads is not used.
    """
    page = read_streamlit_page()
    replacements = (
        (r'<html lang="en">', f'<html lang="{lang}">'),
        (r"<title>.*?</title>", head),
        (r'<link rel="shortcut icon"[^>]*>', ""),
        (r'<link\s+rel="preload"[^>]*as="font"[^>]*>', ""),
        (r'<link rel="service-desc"[^>]*>', ""),
        (r"<noscript>.*?</noscript>", f"<noscript>{noscript}</noscript>"),
    )
    for pattern, text in replacements:
        page = re.sub(pattern, lambda _, text=text: text, page, count=1, flags=re.DOTALL)
    return page


async def answer_page(request: Request) -> HTMLResponse:
    """The shell of a page; 404 for an article that is not there, so that crawlers forget it."""
    chosen = request.query_params.get("lang")
    lang = choose_language(chosen, request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language"))
    account = await run_in_threadpool(account_behind, request.cookies)
    reader = account.reader if account else PUBLIC
    status, values = await run_in_threadpool(_gather, request.url.path, request.query_params.get("id", ""), lang, reader)
    t = Messages(lang)
    common = {"t": t, "site": current_knowledge().settings.title, "demonstration": shows_demonstration(), **values}
    # On every page of the team: from one to the next the browser keeps the shell that it has.
    editor = file_version("editor.js") if request.url.path.strip("/") in STAFF_PAGES else ""
    head = fill("shell_head", style=file_version("portal.css"), script=file_version("portal.js"), editor=editor, **common)
    page = build_shell(head, lang=t("html_lang"), noscript=fill("shell_noscript", **common))
    response = HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-store"})
    remember_choices(request, response, chosen)
    return response


async def answer_staff_page(request: Request) -> Response:
    """The shell of a staff page; 403 with it for whoever is signed in without the role, to whom the page says so. The sign-in for everyone else."""
    account = await run_in_threadpool(account_behind, request.cookies)
    if account:
        response = await answer_page(request)
        if not account.may(STAFF_PAGES[request.url.path.strip("/")]):
            response.status_code = 403
        return response
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(address("sign_in", next=here), status_code=303, headers={"Cache-Control": "no-store"})


async def answer_lost(request: Request) -> HTMLResponse:
    """404 for an address that is no page, where Streamlit would answer 200 with its own words."""
    t = Messages(choose_language(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language")))
    page = fill("lost", t=t, site=current_knowledge().settings.title, demonstration=shows_demonstration(), style=file_version("portal.css"))
    return HTMLResponse(page, status_code=404)


def _gather(path: str, article_id: str, lang: str, reader: Reader) -> tuple[int, dict[str, object]]:
    """Status, and what the shell says without script: the article on its page, the list of all articles on theirs."""
    knowledge = current_knowledge()
    try:
        if path == PATHS["article"]:
            return 200, {"page": knowledge.article(article_id, reader=reader), "cards": ()}
        if path == PATHS["browse"]:
            return 200, {"page": None, "cards": knowledge.browse(Scope(reader=reader, lang=lang))}
        return 200, {"page": None, "cards": ()}
    except ArticleNotFound:
        return 404, {"page": None, "cards": ()}
    except KnowledgeBaseError:
        # Nothing is indexed yet, or not readable: the page itself says so, in words.
        return 200, {"page": None, "cards": ()}


def remember_choices(request: Request, response: HTMLResponse, chosen: str | None) -> None:
    """Two cookies: the session (gone with the browser) and, once chosen, the interface language."""
    secure = came_over_https(request)
    if SESSION_COOKIE not in request.cookies:
        response.set_cookie(SESSION_COOKIE, secrets.token_urlsafe(18), httponly=True, samesite="lax", secure=secure)
    if chosen:
        lang = choose_language(chosen)
        response.set_cookie(LANGUAGE_COOKIE, lang, max_age=YEAR, httponly=True, samesite="lax", secure=secure)


PAGE_ROUTES = [
    *(Route(path, answer_staff_page if name in STAFF_PAGES else answer_page) for name, path in PATHS.items() if name not in FORMS),
    Mount("/look", StaticFiles(directory=STATIC)),
    Route("/{lost}", answer_lost),
]
