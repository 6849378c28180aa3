"""Serve the images that lie beside the articles, and nothing else of that folder."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from kb.image_types import HEAD_BYTES, media_type

PREFIX = "/media/"
SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif")


class Access(Enum):
    """Who an image is for: everybody, some of whom is asking, or not whoever is asking."""

    EVERYBODY = "everybody"
    SOME = "some"
    NONE = "none"


def find_image(folder: Path, name: str) -> Path | None:
    """The image file that `name` means inside `folder`, or None: no other type, no hidden part, no way out by .. or a link."""
    parts = name.split("/")
    if "\0" in name or any(part in ("", ".", "..") or part.startswith(".") for part in parts):
        return None
    if Path(name).suffix.lower() not in SUFFIXES:
        return None
    try:
        root = folder.resolve(strict=True)
        path = root.joinpath(*parts).resolve(strict=True)
        regular = stat.S_ISREG(path.stat().st_mode)
    except (OSError, RuntimeError):  # missing, too long, or a loop of links
        return None
    return path if regular and path.is_relative_to(root) and path.suffix.lower() in SUFFIXES else None


def read_type(path: Path) -> str:
    """The media type that the file's first bytes have; '' when they are no image's, or cannot be read."""
    try:
        with path.open("rb") as file:
            return media_type(file.read(HEAD_BYTES))
    except OSError:
        return ""


class ArticleImages:
    """ASGI middleware for `/media/…`. Streamlit keeps that prefix for itself, so this answers before its routes do.

    An image is served to whoever may read an article that shows it, and to the team, which sees drafts too.
    """

    def __init__(self, app: ASGIApp, *, folder: Path, may_see: Callable[[str, Mapping[str, str]], Access]) -> None:
        self.app, self.folder, self.may_see = app, folder, may_see

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"].startswith(PREFIX)
        name = scope["path"].removeprefix(PREFIX) if wanted else ""
        if Path(name).suffix.lower() not in SUFFIXES:
            await self.app(scope, receive, send)
            return
        # First of all: to somebody whom it is not for, an image takes no longer than one that is not there.
        access = await run_in_threadpool(self.may_see, name, Request(scope).cookies)
        path = await run_in_threadpool(find_image, self.folder, name) if access is not Access.NONE else None
        kind = await run_in_threadpool(read_type, path) if path else ""
        if not path or not kind:
            await self.app(scope, receive, send)
            return
        headers = {"Cache-Control": "public, max-age=300" if access is Access.EVERYBODY else "private, no-store"}
        await FileResponse(path, media_type=kind, headers=headers)(scope, receive, send)
