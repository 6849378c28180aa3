"""Serve the images that lie beside the articles, and nothing else of that folder."""

from __future__ import annotations

import stat
from pathlib import Path

from starlette.responses import FileResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/media/"
TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
}


def find_image(folder: Path, name: str) -> Path | None:
    """The image file that `name` means inside `folder`, or None: no other type, no hidden part, no way out by .. or a link."""
    parts = name.split("/")
    if "\0" in name or any(part in ("", ".", "..") or part.startswith(".") for part in parts):
        return None
    if Path(name).suffix.lower() not in TYPES:
        return None
    try:
        root = folder.resolve(strict=True)
        path = root.joinpath(*parts).resolve(strict=True)
        regular = stat.S_ISREG(path.stat().st_mode)
    except (OSError, RuntimeError):  # missing, too long, or a loop of links
        return None
    return path if regular and path.is_relative_to(root) and path.suffix.lower() in TYPES else None


class ArticleImages:
    """ASGI middleware for `/media/…`. Streamlit keeps that prefix for itself, so this answers before its routes do."""

    def __init__(self, app: ASGIApp, *, folder: Path) -> None:
        self.app, self.folder = app, folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"].startswith(PREFIX)
        path = find_image(self.folder, scope["path"].removeprefix(PREFIX)) if wanted else None
        if path is None:
            await self.app(scope, receive, send)
            return
        headers = {"Cache-Control": "public, max-age=300"}
        await FileResponse(path, media_type=TYPES[path.suffix.lower()], headers=headers)(scope, receive, send)
