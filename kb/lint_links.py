"""Links, section addresses and images that lead nowhere, resolved as a page resolves them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from kb.articles import Article
from kb.errors import ArticleError
from kb.links import IMAGE_SUFFIXES, is_external, resolve_image, resolve_link
from kb.lint_findings import Base, Finding, make_finding
from kb.lint_pages import Pages
from kb.lint_source import Source, SourceLink, read_source
from kb.readers import VISIBILITIES

LINK_RULES = ("dead-link", "dead-section", "dead-image")
_HOST = re.compile(r"(?:www\.|[\w-]+\.)+(?:com|org|net|io|cn|dev|app|edu|gov|info)(?:[/:?#]|$)", re.IGNORECASE)
_PARTLY_DEAD = ("dead-link.status", "dead-link.visibility", "dead-section", "dead-section.near")
"""Some readers get somewhere: those who may see the target, or to the top of the right page."""

Found = tuple[str, dict[str, object]]
"""A finding's code, and the values of its words besides the link."""


def check_links(article: Article, source: Source, base: Base, pages: Pages) -> Iterator[Finding]:
    """A finding for each address in the article that a reader cannot follow. Raises ArticleError when the page cannot be rendered.

    Other sites are not visited.
    """
    for link in source.links:
        shown = link.address if len(link.address) <= 80 else f"{link.address[:79]}…"
        found = _judge(link, article, source, base, pages)
        if found and _is_on_page(link, article, pages):
            code, values = found
            level = "warning" if code in _PARTLY_DEAD else "error"
            yield make_finding(base.path(article.id), link.line, code, level, link=shown, **values)


def _judge(link: SourceLink, article: Article, source: Source, base: Base, pages: Pages) -> Found | None:
    if not link.address or (is_external(link.address) and resolve_link(link.address, article.id)):
        return None
    path = urlsplit(link.address).path if _can_split(link.address) else ""
    if link.kind == "image" or path.lower().endswith(IMAGE_SUFFIXES):
        return _judge_image(link.address, article, base)
    target = resolve_link(link.address, article.id)
    if not target:
        return ("dead-link.scheme" if is_external(link.address) else "dead-link.outside"), {}
    if target.startswith("#"):
        return _judge_section(unquote(target[1:]), article, source.anchors, lambda: pages.facts(article).anchors)
    if target.startswith("/article?"):
        found = _judge_article(target, article, base, pages)
        return ("dead-link.host", {}) if found and found[0] == "dead-link.article" and _HOST.match(path) else found
    # Left as written: a page of the portal when it begins with a slash; else no door of the portal leads there.
    if target.startswith(("/", "?")):
        return None
    return ("dead-link.host" if _HOST.match(path) else "dead-link.nowhere"), {}


def _judge_article(target: str, article: Article, base: Base, pages: Pages) -> Found | None:
    parts = urlsplit(target)
    id = parse_qs(parts.query).get("id", [""])[0]
    found = base.articles.get(id) or base.articles.get(base.redirects.get(id, ""))
    if found is None:
        # A file that cannot be read is a finding of its own; or it was saved after the base was read.
        return None if base.has_file(id) else _missing(id, base)
    if found.status == "archived" or (found.status != "published" and article.status == "published"):
        return "dead-link.status", {"id": found.id, "status": found.status}
    if VISIBILITIES.index(found.visibility) > VISIBILITIES.index(article.visibility):
        return "dead-link.visibility", {"id": found.id, "visibility": found.visibility}
    return _judge_section(unquote(parts.fragment), found, read_source(found.body).anchors, lambda: _anchors_of(found, pages))


def _missing(id: str, base: Base) -> Found:
    if f"{id}/index" in base.articles:
        return "dead-link.moved", {"id": id, "near": f"{id}/index"}
    same_name = base.by_name.get(id.rsplit("/", 1)[-1].lower(), [])
    # The nearest folder first: the article was moved, or is named in other letter case.
    nearest = max(same_name, key=lambda other: len(set(other.split("/")) & set(id.split("/"))), default="")
    return ("dead-link.moved", {"id": id, "near": nearest}) if nearest else ("dead-link.article", {"id": id})


def _judge_section(anchor: str, target: Article, promised: frozenset[str], read_page: Callable[[], frozenset[str] | None]) -> Found | None:
    """`promised` are the places that the target's source tells of; `read_page` gives those of its page, None when it has none."""
    if anchor in ("", "top") or anchor in promised:
        return None
    anchors = read_page()
    if anchors is None or anchor in anchors:
        return None
    near = get_close_matches(anchor, sorted(anchors), 1, 0.5)
    return ("dead-section.near", {"id": target.id, "near": near[0]}) if near else ("dead-section", {"id": target.id})


def _anchors_of(target: Article, pages: Pages) -> frozenset[str] | None:
    """The places of another article's page; None when it cannot be rendered, which is a finding of that article."""
    try:
        return pages.facts(target).anchors
    except ArticleError:
        return None


def _judge_image(address: str, article: Article, base: Base) -> Found | None:
    if is_external(address):
        return None  # Shown as a link to where it lies.
    resolved = resolve_image(address, article.id)
    if resolved is None:
        return "dead-image.kind", {"kinds": ", ".join(suffix[1:] for suffix in IMAGE_SUFFIXES)}
    name = unquote(resolved.removeprefix("/media/"))
    return None if _is_shown(base.folder, name) else ("dead-image.missing", {"place": name})


def _is_shown(folder: Path, name: str) -> bool:
    """Whether the portal serves this image: a regular file inside the folder, no part of its path hidden."""
    if any(part.startswith(".") for part in name.split("/")):
        return False
    path = os.path.realpath(folder / name)
    return os.path.isfile(path) and Path(path).is_relative_to(folder.resolve())


def _is_on_page(link: SourceLink, article: Article, pages: Pages) -> bool:
    """Whether the rendered page has this address: what looks like a link may stand in code that only the page's reader knows for code."""
    addresses = pages.facts(article).addresses
    as_link = resolve_link(link.address, article.id) if link.kind != "image" else ""
    as_image = resolve_image(link.address, article.id) if link.kind != "link" else ""
    wanted = {as_link, as_image or ""} - {""}
    # What a page drops it cannot show.
    return not wanted or any(unquote(address) in addresses for address in wanted)


def _can_split(address: str) -> bool:
    try:
        urlsplit(address)
    except ValueError:
        return False
    return True
