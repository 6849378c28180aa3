"""Pages of a Confluence space's HTML export, and what links in Confluence mean."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

import lxml.html

from kb.drafts import make_slug
from kb.errors import ArticleError
from kb.importing.incoming import Incoming, Picture, Target
from kb.importing.linking import absolute_address, follow_address, resolve_path
from kb.importing.markup import body_of, classes_of, parse_html, words_of
from kb.importing.tree import Tree

_FILE_NUMBER = re.compile(r"(?:^|_)(\d{3,})$")
_PAGE_ADDRESS = re.compile(r"/pages/(\d+)(?:/|$)")
_DISPLAY = re.compile(r"/display/[^/]+/([^/?#]+)$")
_DAY = re.compile(r"[A-Z][a-z]{2,8} \d{1,2}, \d{4}|\d{1,2} [A-Z][a-z]{2,8},? \d{4}|\d{4}[-/]\d{1,2}[-/]\d{1,2}")
_DAYS = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d %b, %Y", "%d %B, %Y", "%Y-%m-%d", "%Y/%m/%d")


def is_confluence_page(text: str) -> bool:
    """Whether the HTML is a page of a space export."""
    return 'id="main-content"' in text and ("wiki-content" in text or 'id="title-text"' in text)


def is_confluence_index(text: str, name: str) -> bool:
    """Whether the HTML is the table of contents of a space export, which is no article."""
    return PurePosixPath(name).name == "index.html" and "Space Details" in text and 'id="main-content"' in text


def read_confluence_page(text: str, name: str, tree: Tree) -> Incoming:
    """A page of an HTML export. Raises ArticleError when it is nested absurdly deep."""
    page = parse_html(text, name)
    stem = PurePosixPath(name).stem
    heading = words_of(page.get_element_by_id("title-text", None)) or words_of(page.find(".//title"))
    space = words_of(next(iter(page.xpath("//*[@id='breadcrumbs']//a")), None))
    title = heading.removeprefix(f"{space} : ") if space else heading.split(" : ", 1)[-1]
    number = _FILE_NUMBER.search(stem)
    source = f"confluence {number.group(1)}" if number else f"file {tree.path_of(name)}"
    metadata = next((element for element in page.iter("div") if "page-metadata" in classes_of(element)), None)
    labels = [words_of(label) for label in page.xpath("//ul[contains(@class,'label-list')]//a")]
    return Incoming(
        file=name, source=source, title=title or stem, body=text, pick=_main_of,
        follow=lambda href: follow_page(href, name), find_picture=lambda address: _find_exported(address, name, tree),
        name=make_slug(title) or make_slug(stem) or "page", keys=(f"file {name.casefold()}", *keys_of_page(number.group(1) if number else "", title)),
        tags=tuple(filter(None, labels)), updated=_read_metadata(words_of(metadata)), status="published",
    )  # fmt: skip


def keys_of_page(number: str, title: str) -> tuple[str, ...]:
    """How other pages name this one: by its number, and by its title."""
    named = f"confluence page {' '.join(title.split()).casefold()}"
    return (*([f"confluence {number}"] if number else []), *([named] if title else []))


def follow_page(href: str, name: str, base: str = "") -> Target:
    """What a link means in the page of this file, or in JSON whose pages lie below the web address `base`."""
    if href.startswith("kb-attachment:"):
        return Target()
    if href.startswith("kb-page:"):
        title, _, fragment = href.removeprefix("kb-page:").partition("#")
        return Target((f"confluence page {' '.join(unquote(title).split()).casefold()}",), fragment)
    try:
        parts = urlsplit(href)
        number = _PAGE_ADDRESS.search(parts.path) or re.fullmatch(r"(\d+)", (parse_qs(parts.query).get("pageId") or [""])[0])
        shown = _DISPLAY.search(parts.path)
    except ValueError:
        return Target()
    if number or shown:
        title = unquote(shown.group(1)).replace("+", " ") if shown else ""
        keys = keys_of_page(number.group(1) if number else "", title)
        absolute = href if parts.scheme in ("http", "https") else absolute_address(href, base)
        return Target(keys, parts.fragment, absolute)
    return follow_address(href, base=name) if name or parts.scheme else Target(address=absolute_address(href, base))


def _find_exported(address: str, name: str, tree: Tree) -> Picture:
    """An image of an HTML export, which lies in the export's own attachments folder."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return Picture(address)
    if parts.scheme or parts.netloc:
        return Picture(address, address=f"https:{address}" if not parts.scheme else address if parts.scheme in ("http", "https") else "")
    place = resolve_path(unquote(parts.path), base=name)
    return read_picture(place, address, tree)


def read_picture(place: str, shown: str, tree: Tree) -> Picture:
    """The image at that place of the source, or its name alone when there is none."""
    try:
        return Picture(PurePosixPath(place).name, tree.read(place)) if place else Picture(shown)
    except (KeyError, ArticleError):
        # A missing image is told with the article that shows it.
        return Picture(shown)


def _main_of(page: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    main = page.get_element_by_id("main-content", None)
    return body_of(page) if main is None else main


def _read_metadata(words: str) -> date | None:
    """The last day that the line under a page's title names: it is created first and modified later."""
    for written in reversed(_DAY.findall(words)):
        for form in _DAYS:
            try:
                return datetime.strptime(written, form).date()  # noqa: DTZ007  a day, as the page's own server counted it
            except ValueError:
                continue  # One of the other forms may fit; without any, the article has no date.
    return None
