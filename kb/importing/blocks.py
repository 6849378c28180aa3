"""A cleaned page as the few blocks that Markdown has: each run of words in a paragraph, each container one that is known.

Blocks are plain elements: p, h1-h6, ul, ol, dl, blockquote, pre, table, hr. What HTML cannot say in them stands in attributes:
`data-kb-box` and `data-kb-title` on a blockquote (callout or fold), `data-kb-language` on a pre, `data-kb-tight` on a list,
`data-kb-task` on an item, `data-kb-anchor` on a heading."""

from __future__ import annotations

import lxml.html

from kb.importing.boxes import code_language, find_box, find_code
from kb.importing.markup import classes_of, words_of
from kb.importing.report import Changes
from kb.importing.runs import HEADINGS, Run, carry, fill, is_block, join_blocks, paragraphs_of, pieces_of, strong_paragraph
from kb.importing.tables import read_table

_CARRIED = ("a", "b", "strong", "i", "em", "del", "s", "strike")
"""Inline elements that authors wrap around whole blocks; they are put around the words inside instead."""


class BlockReader:
    """Reads a tree, which is used up by it."""

    def __init__(self, changes: Changes) -> None:
        self.changes = changes

    def read(self, container: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
        """The blocks inside the container, in order."""
        blocks: list[lxml.html.HtmlElement] = []
        run: Run = []
        for piece in pieces_of(container):
            if isinstance(piece, str) or not is_block(piece):
                run.append(piece)
                continue
            blocks += paragraphs_of(run)
            run = []
            blocks += self._read_block(piece)
        return blocks + paragraphs_of(run)

    def _read_block(self, element: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
        code = find_code(element)
        if code:
            return [*([strong_paragraph(code[1])] if code[1] else []), *self._code(code[0])]
        box = find_box(element)
        if box:
            return self._box(box.kind, box.title, self.read(box.content))
        if element.tag in ("ul", "ol", "dir", "menu"):
            return self._list(element)
        if element.tag in HEADINGS:
            return self._heading(element)
        if element.tag == "pre":
            return self._code(element)
        if element.tag == "hr":
            return [lxml.html.Element("hr")]
        if element.tag == "blockquote":
            return self._box("", "", self.read(element))
        if element.tag == "table":
            return read_table(element, self.read, self.changes)
        if element.tag == "dl":
            return self._terms(element)
        inner = self.read(element)
        return [carry(block, lxml.html.Element(element.tag, dict(element.attrib))) for block in inner] if element.tag in _CARRIED else inner

    def _box(self, kind: str, title: str, inner: list[lxml.html.HtmlElement]) -> list[lxml.html.HtmlElement]:
        if not inner and not title:
            return []
        box = lxml.html.Element("blockquote")
        if kind:
            box.set("data-kb-box", kind)
            box.set("data-kb-title", title)
        box.extend(inner)
        return [box]

    def _heading(self, element: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
        heading = lxml.html.Element(element.tag)
        if element.get("data-kb-anchor"):
            heading.set("data-kb-anchor", element.get("data-kb-anchor"))
        fill(heading, join_blocks(self.read(element), " "))
        return [heading] if words_of(heading) or heading.find(".//img") is not None else []

    def _code(self, element: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
        code = lxml.html.Element("pre")
        language = code_language(element)
        for line_break in list(element.iter("br")):
            line_break.tail = "\n" + (line_break.tail or "")
            line_break.drop_tree()
        code.text = "".join(element.itertext()).replace("\u00a0", " ").strip("\n").rstrip()
        if language:
            code.set("data-kb-language", language)
        return [code] if code.text.strip() else []

    def _list(self, element: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
        made = lxml.html.Element("ol" if element.tag == "ol" else "ul")
        if element.tag == "ol":
            if (element.get("type") or "1") in "aAiI":
                self.changes.note("list with letters or Roman numbers is numbered 1, 2, 3", element.sourceline)
            start = (element.get("start") or "").strip()
            if start.isascii() and start.isdigit() and len(start) <= 6:
                made.set("start", str(int(start)))
        tasks = "inline-task-list" in classes_of(element)
        for piece in pieces_of(element):
            if tasks and not isinstance(piece, str):
                piece.set("data-kb-task", "done" if "checked" in classes_of(piece) else "open")
            self._add_item(made, piece)
        for item in made:
            # An item of one paragraph, with or without lists below it, is written in one line.
            if sum(child.tag not in ("ul", "ol") for child in item) > 1 or (len(item) and item[0].tag != "p"):
                break
        else:
            made.set("data-kb-tight", "yes")
        return [made] if len(made) else []

    def _add_item(self, made: lxml.html.HtmlElement, piece: str | lxml.html.HtmlElement) -> None:
        if isinstance(piece, str):
            inner = paragraphs_of([piece])
        else:
            inner = self.read(piece) if piece.tag == "li" or not is_block(piece) else self._read_block(piece)
        if not inner:
            return
        if len(made) and not isinstance(piece, str) and piece.tag in ("ul", "ol"):
            # A list directly inside a list belongs to the item above it.
            made[-1].extend(inner)
            return
        item = lxml.html.Element("li")
        if not isinstance(piece, str) and piece.get("data-kb-task"):
            item.set("data-kb-task", piece.get("data-kb-task"))
        item.extend(inner)
        made.append(item)

    def _terms(self, element: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
        """Terms in bold with their definitions below: Markdown's own notation holds one line a definition."""
        blocks: list[lxml.html.HtmlElement] = []
        for piece in pieces_of(element):
            if isinstance(piece, str):
                blocks += paragraphs_of([piece])
            elif piece.tag == "dt":
                term = lxml.html.Element("p")
                fill(term, join_blocks(self.read(piece), " "))
                blocks += [carry(term, lxml.html.Element("strong"))] if words_of(term) else []
            elif piece.tag == "dl":
                blocks += self._terms(piece)
            else:
                blocks += self.read(piece) if piece.tag in ("dd", "div") and piece.find("dt") is None else self._terms(piece)
        return blocks
