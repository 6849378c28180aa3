"""A rendered page cut into blocks: headings, paragraphs, list items, code, table rows, quotes, with the text a reader sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import lxml.html
from lxml import etree

from kb.pieces import (
    CONTAINERS,
    HEADINGS,
    holds_block,
    holds_list_or_code,
    inner_html,
    one_line,
    read_children,
    read_inline,
    read_string,
    seen_lines,
    write_element,
)


@dataclass(frozen=True)
class Block:
    """One piece of a page that is never cut."""

    kind: str
    """'heading', 'text', 'item', 'code', 'row' or 'quote'."""
    text: str
    """Plain text as seen: code keeps its lines, cells are joined by ' | ', an item carries indentation and marker."""
    html: str
    """Well-formed HTML of this block that can stand alone."""
    level: int = 0
    """Heading level, or nesting depth of a list item (from 1), else 0."""
    anchor: str = ""
    """Fragment of the section: the nearest heading above, '' before the first."""
    group: int = 0
    """Shared by the items of one list and the rows of one table, its own number for any other block."""


def split_blocks(html: str) -> tuple[Block, ...]:
    """The blocks of sanitised `html` in reading order. Together they hold every visible word of it, each once."""
    if not html.strip():
        return ()
    tree = lxml.html.fragment_fromstring(html, create_parent="div", parser=lxml.html.HTMLParser(huge_tree=True))
    splitter = _Splitter()
    splitter.read_flow(tree, _Place())
    return tuple(splitter.placed())


@dataclass(frozen=True)
class _Place:
    """Where in the page the splitter is: what kind a paragraph here is, and the marker that its first block carries."""

    kind: str = "text"
    depth: int = 0
    group: int | None = None
    marker: list[tuple[str, str]] = field(default_factory=list)
    """At most one (marker as text, opening tags of its list), consumed by the item's first paragraph."""


class _Splitter:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.groups = 0

    def placed(self) -> Iterator[Block]:
        """The blocks, each with the anchor of the heading above it."""
        anchor = ""
        for block in self.blocks:
            if block.kind == "heading":
                anchor = block.anchor or anchor
            yield replace(block, anchor=anchor)

    def new_group(self) -> int:
        self.groups += 1
        return self.groups

    def read_flow(self, element: etree._Element, place: _Place) -> None:
        """Reads the content of `element`: runs of inline content become paragraphs, blocks are read by their kind."""
        run: list[tuple[str, str]] = [read_string(element.text)]
        for child in element:
            if not isinstance(child.tag, str):
                run.append(read_string(child.tail))
                continue
            if child.tag in CONTAINERS or holds_block(child):
                self.add_run(run, place)
                self.read_block(child, place)
                run = [read_string(child.tail)]
            else:
                run += [read_inline(child), read_string(child.tail)]
        self.add_run(run, place)

    def read_block(self, element: etree._Element, place: _Place) -> None:
        tag = element.tag
        if tag in HEADINGS:
            self.read_heading(element, place)
        elif tag == "pre":
            self.read_code(element, place)
        elif tag in ("ol", "ul"):
            self.read_list(element, place)
        elif tag == "table":
            self.read_table(element, place)
        elif tag == "blockquote":
            self.read_flow(element, replace(place, kind="quote", group=None))
        elif tag == "hr":
            return
        else:
            self.read_flow(element, place)

    def read_heading(self, element: etree._Element, place: _Place) -> None:
        text, html = read_children(element)
        if text.strip():
            level = int(element.tag[1])
            anchor = element.get("id", "")
            shown = f"<h{level}>{html.strip()}</h{level}>"
            self.blocks.append(Block("heading", one_line(text), shown, level, anchor, self.new_group()))

    def read_code(self, element: etree._Element, place: _Place) -> None:
        text = "".join(element.itertext())
        if text.strip():
            html = f'<div class="highlight"><pre>{inner_html(element)}</pre></div>'
            # Code in a step belongs to the steps, so it carries their group.
            group = place.group if place.group is not None else self.new_group()
            self.blocks.append(Block("code", text.strip("\n"), html, 0, "", group))

    def read_list(self, element: etree._Element, place: _Place) -> None:
        group = place.group if place.kind == "item" and place.group is not None else self.new_group()
        number = _number(element.get("start"), 1)
        self.add_run([read_string(element.text)], place)
        for child in element:
            if child.tag != "li":
                # HTML foresees nothing but items here; a browser shows the rest all the same.
                self.read_stray(child, place)
                continue
            number = _number(child.get("value"), number)
            if element.tag == "ol":
                marker = (f"{number}. ", f'<ol start="{number}">')
            else:
                marker = ("- ", "<ul>")
            number += 1
            self.read_flow(child, _Place("item", place.depth + 1, group, [marker]))
            self.add_run([read_string(child.tail)], place)

    def read_stray(self, element: etree._Element, place: _Place) -> None:
        if isinstance(element.tag, str):
            if element.tag in CONTAINERS or holds_block(element):
                self.read_block(element, place)
            else:
                self.add_run([read_inline(element)], place)
        self.add_run([read_string(element.tail)], place)

    def read_table(self, element: etree._Element, place: _Place) -> None:
        group = self.new_group()
        for child in element.iter("caption", "tr"):
            if next(child.iterancestors("table")) is not element:
                continue
            if child.tag == "caption":
                self.read_flow(child, place)
            else:
                self.read_row(child, group, place)

    def read_row(self, row: etree._Element, group: int, place: _Place) -> None:
        cells = [cell for cell in row if isinstance(cell.tag, str)]
        if any(holds_list_or_code(cell) for cell in cells) and len(cells) == 1:
            # A table that only lays out the page.
            self.read_flow(cells[0], place)
            return
        texts = [one_line(read_children(cell)[0]) for cell in cells]
        if not any(texts):
            return
        html = "".join(write_element(cell) for cell in cells)
        self.blocks.append(Block("row", " | ".join(texts), f"<table><tbody><tr>{html}</tr></tbody></table>", 0, "", group))

    def add_run(self, run: list[tuple[str, str]], place: _Place) -> None:
        """Appends the paragraph that the inline pieces form, unless it shows nothing."""
        text = seen_lines("".join(piece for piece, _ in run))
        html = "".join(piece for _, piece in run).strip()
        if not text and "<img" not in html:
            return
        group = place.group if place.group is not None else self.new_group()
        if place.marker:
            marker, opening = place.marker.pop()
            shown = "  " * (place.depth - 1) + marker + text
            html = f"{opening}<li>{html}</li></{opening[1:3]}>"
            self.blocks.append(Block("item", shown, html, place.depth, "", group))
            return
        if place.kind == "quote":
            self.blocks.append(Block("quote", text, f"<blockquote><p>{html}</p></blockquote>", 0, "", group))
            return
        self.blocks.append(Block("text", text, f"<p>{html}</p>", 0, "", group))


def _number(text: str | None, default: int) -> int:
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text) else default
