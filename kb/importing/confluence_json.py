"""Pages of Confluence as JSON of its content API, with the attachments that lie beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from kb.drafts import make_slug
from kb.errors import ArticleError
from kb.importing.confluence import follow_page, keys_of_page, read_picture
from kb.importing.fields import Record, line_at, read_day, records_of, text_at, texts_at
from kb.importing.incoming import Incoming, Picture
from kb.importing.linking import absolute_address
from kb.importing.storage import storage_to_html
from kb.importing.tree import Tree

Attachments = dict[str, list[str]]
"""The places of files by their names in small letters."""
_LEFT_OUT_TYPES = ("comment", "attachment")


def is_confluence_json(value: object) -> bool:
    """Whether the JSON is content of the API: pages with a body in one of its representations."""
    entries = records_of(value, "results") or (value if isinstance(value, list) else [value])
    return any(isinstance(entry, dict) and isinstance(entry.get("body"), dict) for entry in entries)


def read_confluence_json(value: object, name: str, lines: dict[str, int], tree: Tree) -> Iterator[Incoming | ArticleError]:
    """The pages of one JSON file; an ArticleError in the place of one that cannot be used."""
    entries = records_of(value, "results") or (value if isinstance(value, list) else [value])
    base = line_at(value, "_links", "base")
    attachments: Attachments = {}
    for place in tree.names:
        attachments.setdefault(PurePosixPath(place).name.casefold(), []).append(place)
    for entry in entries:
        if not isinstance(entry, dict) or line_at(entry, "type") in _LEFT_OUT_TYPES:
            continue
        number = line_at(entry, "id")
        try:
            yield _read_content(entry, number, name, lines.get(number), base, tree, attachments)
        except ArticleError as fault:
            yield fault


def _read_content(entry: Record, number: str, name: str, line: int | None, base: str, tree: Tree, attachments: Attachments) -> Incoming:
    title = line_at(entry, "title")
    changes: list[str] = []
    if not re.fullmatch(r"[\w-]{1,64}", number):
        raise ArticleError(name, line, f"page {title!r} has no id; export it again")
    body = next((text for kind in ("export_view", "view", "styled_view") if (text := text_at(entry, "body", kind, "value"))), "")
    storage = text_at(entry, "body", "storage", "value")
    # Storage format says which macro and which attachment is meant; the views have that worked out for a browser.
    html = storage_to_html(storage, name, line, changes.append) if storage.strip() else body
    if not html.strip():
        raise ArticleError(name, line, f"page {number} ({title}) has no text; ask the API for it with expand=body.storage")
    base = line_at(entry, "_links", "base") or base
    if _is_restricted(entry):
        changes.append("only some people could see it, so its visibility is internal; change that when others may read it")
    status = line_at(entry, "status") or "current"
    return Incoming(
        file=name, line=line, has_lines=False, source=f"confluence {number}", title=title or f"page {number}", body=html,
        follow=lambda href: follow_page(href, "", base), find_picture=lambda address: _find_attachment(address, number, base, tree, attachments),
        name=make_slug(title) or f"page-{make_slug(number)}", keys=keys_of_page(number, title), tags=texts_at(entry, "metadata", "labels", "results"),
        updated=read_day(
            line_at(entry, "version", "when"), line_at(entry, "version", "createdAt"), line_at(entry, "history", "lastUpdated", "when"),
            line_at(entry, "history", "createdDate"), line_at(entry, "createdAt"),
        ),
        status={"current": "published", "archived": "archived"}.get(status, "draft"),
        visibility="internal" if _is_restricted(entry) else "", changes=tuple(changes),
    )  # fmt: skip


def _is_restricted(entry: Record) -> bool:
    kinds = ("user", "group")
    found = entry.get("restrictions")
    read = found.get("read") if isinstance(found, dict) else None
    held = read.get("restrictions") if isinstance(read, dict) else None
    return any(records_of(held.get(kind), "results") for kind in kinds) if isinstance(held, dict) else False


def _find_attachment(address: str, page: str, base: str, tree: Tree, attachments: Attachments) -> Picture:
    """An attachment of a page that came as JSON: beside it as attachments/<page>/<name>, <page>/<name>, or anywhere under its name."""
    named = address.removeprefix("kb-attachment:") if address.startswith("kb-attachment:") else ""
    try:
        path = urlsplit(address).path
    except ValueError:
        return Picture(address)
    inside = re.search(r"/(?:download|wiki/download)/(?:attachments|thumbnails)/(\d+)/([^/?#]+)$", path)
    file = unquote(named or (inside.group(2) if inside else ""))
    if file and "/" not in file:
        owner = inside.group(1) if inside else page
        found = _nearest(attachments.get(file.casefold(), []), owner)
        if found:
            return read_picture(found, file, tree)
    absolute = address if address.lower().startswith(("http://", "https://")) else absolute_address(address, base)
    return Picture(file or address, address="" if named else absolute)


def _nearest(places: list[str], owner: str) -> str:
    """Of several files of one name, the one in the page's own folder; '' when none is, and there is more than one."""
    own = [place for place in places if PurePosixPath(place).parent.name == owner]
    return own[0] if own else places[0] if len(places) == 1 else ""
