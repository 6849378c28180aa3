"""One article that came as HTML made into Markdown: its links led to their new places, its images stored, its sections kept."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

import lxml.html

from kb.errors import ArticleError
from kb.image_content import ImageError
from kb.importing.blocks import BlockReader
from kb.importing.cleaning import clean_tree
from kb.importing.incoming import Incoming, Picture, Target
from kb.importing.linking import make_anchor
from kb.importing.markup import MAX_HTML_BYTES, parse_html, words_of
from kb.importing.report import Changes
from kb.importing.runs import HEADINGS
from kb.importing.writing import write_markdown

MAX_NESTING = 25
MAX_SUMMARY_CHARACTERS = 160
_DATA = re.compile(r"data:([\w.+/-]*)((?:;[\w=.-]+)*),", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[。！？])|(?<=[.!?])\s")


@dataclass(frozen=True)
class Surroundings:
    """What converting an article asks of the import around it."""

    lead: Callable[[Target], str | None]
    """The relative link to an article of this import, None when the target is none of them."""
    store: Callable[[str, bytes], str]
    """Store an image under a name like this; its path from the article. Raises ImageError."""
    fragments: frozenset[str]
    """The anchors that any link of this import asks for."""


def convert_html(incoming: Incoming, around: Surroundings, changes: Changes) -> tuple[str, str]:
    """(Markdown without front matter, summary). Raises ArticleError when there is nothing to show, or too much of it."""
    if len(incoming.body) > MAX_HTML_BYTES:
        raise ArticleError(incoming.file, incoming.line, f"is larger than {MAX_HTML_BYTES // 1_000_000} MB; split it into several articles")
    tree = incoming.pick(parse_html(incoming.body, incoming.file, incoming.line, has_lines=incoming.has_lines))
    clean_tree(tree, changes)
    _mark_anchors(tree, around.fragments)
    _lead_links(tree, incoming, around, changes)
    place_images(tree, incoming.find_picture, around.store, changes)
    blocks = _place_headings(BlockReader(changes).read(tree), incoming.title, changes)
    if not blocks:
        raise ArticleError(incoming.file, incoming.line, "has no text; write its content or leave it out of the export")
    _refuse_deep(blocks, incoming)
    body = write_markdown("\n".join(lxml.html.tostring(block, encoding="unicode", with_tail=False) for block in blocks))
    return body, shorten(next((words_of(block) for block in blocks if block.tag == "p" and words_of(block)), ""))


def shorten(text: str) -> str:
    """The text as a summary: whole sentences as far as they fit, else words."""
    text = " ".join(text.split())
    if len(text) <= MAX_SUMMARY_CHARACTERS:
        return text
    ends = [match.start() for match in _SENTENCE_END.finditer(text, 0, MAX_SUMMARY_CHARACTERS)]
    if ends and ends[-1] >= MAX_SUMMARY_CHARACTERS // 3:
        return text[: ends[-1]].rstrip()
    cut = text[: MAX_SUMMARY_CHARACTERS - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[MAX_SUMMARY_CHARACTERS // 2 :] else cut).rstrip() + "…"


def place_images(tree: lxml.html.HtmlElement, find: Callable[[str], Picture], store: Callable[[str, bytes], str], changes: Changes) -> None:
    """Store each image of the tree and lead to it; one that cannot be kept becomes its description, and is told."""
    for image in list(tree.iter("img")):
        address, alt = (image.get("src") or "").strip(), " ".join((image.get("alt") or "").split())
        picture = _read_data(address, alt) if address[:5].lower() == "data:" else find(address)
        if picture.content is not None:
            try:
                image.set("src", store(picture.name or alt, picture.content))
                continue
            except ImageError as fault:
                changes.note(f"image left out: {fault}", image.sourceline)
        elif picture.address:
            # Fetching it would tell another server who imports what; the page shows a link to it.
            changes.note(f"image of another server left as a link: {_shown(picture.address)}", image.sourceline)
            image.set("src", picture.address)
            continue
        else:
            changes.note(f"image left out, it is not part of the source: {_shown(picture.name or address)}", image.sourceline)
        _replace_by_text(image, alt)


def _read_data(address: str, alt: str) -> Picture:
    head = _DATA.match(address)
    if not head:
        return Picture(alt or "data: image")
    content = unquote_to_bytes(address[head.end() :])
    if ";base64" in head.group(2).lower():
        try:
            content = base64.b64decode(re.sub(rb"\s", b"", content) + b"==", validate=False)
        except (binascii.Error, ValueError):
            return Picture(alt or "data: image")
    return Picture(alt or "image", content)


def _lead_links(tree: lxml.html.HtmlElement, incoming: Incoming, around: Surroundings, changes: Changes) -> None:
    for link in list(tree.iter("a", "area")):
        href = (link.get("href") or "").strip()
        if not href:
            continue
        if href.startswith("#"):
            anchor = make_anchor(href[1:])
            link.set("href", f"#{anchor}")
            if not anchor:
                del link.attrib["href"]
            continue
        target = incoming.follow(href)
        place = around.lead(target) or target.address
        if place:
            link.set("href", place)
        else:
            del link.attrib["href"]
            changes.note(f"link removed, it leads to nothing that is imported: {_shown(href)}", link.sourceline)


def _mark_anchors(tree: lxml.html.HtmlElement, fragments: frozenset[str]) -> None:
    """Give each section that a link asks for its old name, on the heading where there is one."""
    marked: set[str] = set()
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or element is tree:
            continue
        anchor = make_anchor(element.get("id") or (element.get("name") if element.tag == "a" else "") or "")
        if not anchor or anchor not in fragments or anchor in marked:
            continue
        marked.add(anchor)
        heading = _heading_of(element)
        if heading is not None and heading.get("data-kb-anchor") is None:
            heading.set("data-kb-anchor", anchor)
        elif element.tag not in ("table", "tbody", "thead", "tr", "ul", "ol", "dl", "pre", "img", "br", "hr"):
            mark = lxml.html.Element("a", {"data-kb-anchor": anchor})
            mark.tail, element.text = element.text, None
            element.insert(0, mark)


def _heading_of(element: lxml.html.HtmlElement) -> lxml.html.HtmlElement | None:
    """The heading that the element is, lies in, stands right before, or begins with."""
    if element.tag in HEADINGS:
        return element
    around = next((parent for parent in element.iterancestors() if parent.tag in HEADINGS), None)
    if around is not None:
        return around
    if words_of(element):
        first = next((inner for inner in element.iterdescendants(*HEADINGS)), None)
        return first if first is not None and words_of(element).startswith(words_of(first)) else None
    following = element.getnext()
    return following if following is not None and following.tag in HEADINGS and not (element.tail or "").strip() else None


def _place_headings(blocks: list[lxml.html.HtmlElement], title: str, changes: Changes) -> list[lxml.html.HtmlElement]:
    """The blocks without the title, which stands in front matter, and with no heading of the title's own level."""
    if blocks and blocks[0].tag in HEADINGS and _letters(words_of(blocks[0])) == _letters(title):
        blocks = blocks[1:]
    headings = [inner for block in blocks for inner in block.iter(*HEADINGS)]
    if any(heading.tag == "h1" for heading in headings):
        changes.note("headings moved one level down, because the first level is the article's title")
        for heading in headings:
            heading.tag = f"h{min(6, int(heading.tag[1]) + 1)}"
    return blocks


def _refuse_deep(blocks: list[lxml.html.HtmlElement], incoming: Incoming) -> None:
    for block in blocks:
        for element in block.iter("li", "blockquote"):
            if sum(1 for _ in element.iterancestors("li", "blockquote")) >= MAX_NESTING:
                fact = f"has lists, quotes or frames more than {MAX_NESTING} deep; make them flatter"
                raise ArticleError(incoming.file, incoming.line, fact)


def _replace_by_text(element: lxml.html.HtmlElement, text: str) -> None:
    stands_in = lxml.html.Element("span")
    stands_in.text, stands_in.tail = text, element.tail
    element.getparent().replace(element, stands_in)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _shown(address: str) -> str:
    return address if len(address) <= 120 else f"{address[:117]}…"
