"""An article as its source has it: read, named and dated, but not yet converted and without a place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from lxml.html import HtmlElement

from kb.importing.markup import body_of


@dataclass(frozen=True)
class Target:
    """Where a link leads: to the article with one of these `keys`, else to `address`; '' when that is nowhere."""

    keys: tuple[str, ...] = ()
    fragment: str = ""
    address: str = ""


@dataclass(frozen=True)
class Picture:
    """An image that a page shows: its content, or the address of another server's; neither when it is missing."""

    name: str
    content: bytes | None = None
    address: str = ""


@dataclass(frozen=True)
class Incoming:
    """One article on its way in. `body` is HTML, or Markdown with its front matter when `form` says so."""

    file: str
    """How reports name where it comes from."""
    source: str
    """What it is called over there, kept in front matter so that it comes in once only."""
    title: str
    body: str
    follow: Callable[[str], Target]
    """What a link's address in the body means."""
    find_picture: Callable[[str], Picture]
    """What an image's address in the body means."""
    pick: Callable[[HtmlElement], HtmlElement] = body_of
    """Of the page that `body` is, the element that holds the article."""
    form: str = "html"
    lang: str = ""
    """The language that the source names, '' when it names none."""
    folders: tuple[str, ...] = ()
    """Folders below the language folder."""
    name: str = ""
    """The wanted file name without suffix; '' for one made from the title."""
    group: str = ""
    """What translations of one article have in common; '' when it is the source."""
    keys: tuple[str, ...] = ()
    """Under which links of other articles name this one."""
    tags: tuple[str, ...] = ()
    updated: date | None = None
    status: str = "draft"
    """What the source says: 'published', 'draft' or 'archived'."""
    visibility: str = ""
    line: int | None = None
    """Line of the file on which the article begins."""
    has_lines: bool = True
    """Whether lines of `body` are lines of the file."""
    changes: tuple[str, ...] = ()
    """What reading it has changed already."""
