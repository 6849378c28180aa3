"""Where an article's links and images lead inside the portal."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif")
_PAGE_SUFFIX = re.compile(r"\.(?:md|markdown|html?)$", re.IGNORECASE)
_SAFE = ("http://", "https://", "mailto:", "tel:", "//")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


def resolve_link(href: str, article_id: str) -> str:
    """The portal's address for a link in `article_id`: `/article?id=...#anchor` for another article, '' for a scheme
    that is not for pages, else as written."""
    if _is_outside(href):
        return href if href.lower().replace("\\", "/").startswith(_SAFE) else ""
    if href.startswith(("#", "?")):
        return href
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    path = unquote(parts.path)
    stem, suffixed = _PAGE_SUFFIX.subn("", path)
    last = stem.rstrip("/").rsplit("/", 1)[-1]
    # Without a suffix it is a page of the portal ("/browse"), unless it is relative or has folders.
    names_article = bool(suffixed) or ("." not in last and (not path.startswith("/") or path.strip("/").count("/") >= 1))
    if path.lower().endswith(IMAGE_SUFFIXES):
        return resolve_image(href, article_id) or ""
    if not names_article or path.startswith(("/media/", "/article")):
        return href
    target = _below_folder(stem, article_id)
    if not target:
        return ""
    return f"/article?id={quote(target, safe='/')}" + (f"#{quote(unquote(parts.fragment))}" if parts.fragment else "")


def resolve_image(src: str, article_id: str) -> str | None:
    """The portal's address of an image in the articles folder; None for remote images, other files and paths out of it."""
    if _is_outside(src):
        return None
    try:
        path = unquote(urlsplit(src).path)
    except ValueError:
        return None
    if path.startswith("/media/"):
        path = path.removeprefix("/media")
    target = _below_folder(path, article_id)
    return f"/media/{quote(target, safe='/')}" if target and target.lower().endswith(IMAGE_SUFFIXES) else None


def is_external(href: str) -> bool:
    """Whether the link leaves the portal."""
    return _is_outside(href)


def _is_outside(address: str) -> bool:
    # Browsers drop control characters and read a backslash as a slash, so `/\host` is another host too.
    return bool(_SCHEME.match(re.sub(r"[\x00-\x20]", "", address).replace("\\", "/")))


def _below_folder(path: str, article_id: str) -> str | None:
    """`path` from the article's folder (or from the root with a leading slash), None when it climbs out."""
    parts = [] if path.startswith("/") else article_id.split("/")[:-1]
    for part in path.replace("\\", "/").split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    target = "/".join(parts)
    return target if target and target.isprintable() else None
