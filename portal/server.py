"""One process for pages, images and health: `serve(settings)` runs it until it is told to stop."""

from __future__ import annotations

import contextlib
import gc
import logging
import resource
import socket
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web import bootstrap

from kb.errors import KnowledgeBaseError, SettingsError
from kb.folder_use import serving
from kb.settings import Settings, read_settings
from portal.busy import BUSY_HANDLERS
from portal.context import read_messages
from portal.current import current_knowledge, hold_knowledge
from portal.drawing import draw
from portal.guard import NotAllowed, image_access, say_no
from portal.health import HEALTH_ROUTES
from portal.image_upload import IMAGE_ROUTES
from portal.images import ArticleImages
from portal.reading import READ_ROUTES
from portal.security import SecurityHeaders, content_policy
from portal.shell import PAGE_ROUTES, read_streamlit_page
from portal.sign_in import SIGN_IN_ROUTES
from portal.theme import theme_options

LOG = logging.getLogger("kb.portal")

OPTIONS: dict[str, object] = {
    # Collecting garbage after each keystroke walks every object of torch; `warm` freezes them instead.
    "runner.postScriptGC": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": 1,
    "server.maxMessageSize": 20,
    "server.disconnectedSessionTTL": 60,
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "client.showSidebarNavigation": False,
    "client.disableDataExport": True,
}

OPEN_FILES = 16_384


def serve(settings: Settings) -> None:
    """Serve the portal; returns when stopped by a signal. Raises SettingsError when the address cannot be had, SystemExit when it cannot begin."""
    listener = listen(settings)
    allow_open_files()
    # Only now: what it imports takes seconds, and a port in use should be said at once.
    from portal.knowledge import open_knowledge_base

    with listener, serving(settings.data):
        bootstrap.load_config_options({**OPTIONS, **theme_options(), "server.address": settings.host, "server.port": settings.port})
        hold_knowledge(open_knowledge_base(settings))
        # Whose word on the client's address counts is KB_PROXIES' business (portal/client_address.py), not uvicorn's.
        server = _AnnouncingServer(
            # lifespan: a portal that could not begin must end, where uvicorn would go on without a model, a health record and upkeep.
            uvicorn.Config(build_app(settings), access_log=False, log_level="warning", ws_max_size=20_000_000, proxy_headers=False, lifespan="on")
        )
        server.address = f"http://{_printable_host(settings.host)}:{settings.port}"
        # uvicorn closes everything on Ctrl-C and then raises it again.
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


def allow_open_files() -> None:
    """Let this process hold as many files open as the system lets it: each open page takes four, and many systems begin with room for 250 pages."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def listen(settings: Settings) -> socket.socket:
    """A socket that already takes connections, so that a browser opened early waits instead of failing."""
    listener = None
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen(256)
        listener.setblocking(False)
        return listener
    except OSError as fault:
        if listener is not None:
            listener.close()
        raise SettingsError(
            f"cannot serve on {settings.host}:{settings.port}: {fault.strerror or fault}; "
            "choose another with KB_PORT or --port (and KB_HOST or --host)"
        ) from fault


def build_app(settings: Settings) -> st.App:
    """The ASGI application: pages, health and images around Streamlit's own routes."""
    # Else Streamlit offers every file of the folder `pages` to its first visitors, until app.py has said which of them are theirs.
    PagesManager.uses_pages_directory = False
    return st.App(
        Path(__file__).parent / "app.py",
        lifespan=_warm_in_background,
        routes=[*HEALTH_ROUTES, *READ_ROUTES, *SIGN_IN_ROUTES, *IMAGE_ROUTES, *PAGE_ROUTES],
        middleware=[
            Middleware(SecurityHeaders, policy=content_policy(read_streamlit_page())),
            Middleware(ArticleImages, folder=settings.articles, may_see=image_access),
        ],
        on_script_error=show_script_error,
        exception_handlers=BUSY_HANDLERS,
    )


@contextlib.asynccontextmanager
async def _warm_in_background(_: st.App) -> AsyncIterator[None]:
    # In a thread, so that the port answers at once: /healthz says up and /readyz says what is still loading.
    threading.Thread(target=warm, name="warm-up", daemon=True).start()
    yield


def warm() -> None:
    """Load model and index once, then keep them out of every later garbage collection, and start what is done beside serving."""
    # Only now, as in `serve`: it imports what takes seconds.
    from portal.beating import start_beating
    from portal.upkeep import start_upkeep
    from portal.watching import start_watching

    # Before anything is loaded: until then no customer is answered, and the record says so.
    start_beating(current_knowledge())
    try:
        current_knowledge().warm_up()
        start_upkeep(current_knowledge())
        start_watching(current_knowledge())
    except KnowledgeBaseError as fault:
        LOG.error("not ready: %s", fault)
    finally:
        gc.collect()
        gc.freeze()


def show_script_error(fault: Exception) -> bool:
    """Log what no page expected, and tell the visitor in their language instead of Streamlit's. True: it has been shown."""
    if isinstance(fault, NotAllowed):
        say_no(fault.account)
        return True
    LOG.error("a page failed", exc_info=fault)
    draw("fault", t=read_messages())
    return True


def _printable_host(host: str) -> str:
    if host in ("0.0.0.0", "::", ""):  # noqa: S104  compared, not bound
        return "localhost"
    return f"[{host}]" if ":" in host else host


class _AnnouncingServer(uvicorn.Server):
    """Says where it serves once it does."""

    address = ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(f"kb is serving {self.address}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    serve(read_settings())
