"""Runs of words between blocks: taken apart, gathered into paragraphs, and put back together."""

from __future__ import annotations

from collections.abc import Iterator

import lxml.html

from kb.importing.markup import words_of
from kb.literals import BLOCK_TAGS

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = BLOCK_TAGS | {"hr", "body", "html", "center", "fieldset", "legend", "form", "dir", "menu", "hgroup", "search", "optgroup"}
_MERGED = ("b", "strong", "i", "em", "del", "s", "code")
Run = list["str | lxml.html.HtmlElement"]


def join_blocks(blocks: list[lxml.html.HtmlElement], between: str | None) -> Run:
    """The words of the blocks in one line, with `between` or, for None, a line break between them."""
    run: Run = []
    for number, block in enumerate(blocks):
        if number:
            run.append(between if between is not None else lxml.html.Element("br"))
        run += pieces_of(block) if block.tag in ("p", *HEADINGS) else [words_of(block)]
    return run


def pieces_of(container: lxml.html.HtmlElement) -> Iterator[str | lxml.html.HtmlElement]:
    """Texts and elements inside, in order, each element parted from the text behind it."""
    children = list(container)
    if container.text:
        yield container.text
    for child in children:
        tail, child.tail = child.tail, None
        if isinstance(child.tag, str):
            yield child
        if tail:
            yield tail


def is_block(element: lxml.html.HtmlElement) -> bool:
    """Whether the element is a block or holds one."""
    return element.tag in _BLOCKS or any(inner.tag in _BLOCKS for inner in element.iterdescendants() if isinstance(inner.tag, str))


def paragraphs_of(run: Run) -> list[lxml.html.HtmlElement]:
    """The run as paragraphs: two line breaks or more part it. Nothing for a run that shows nothing."""
    parts: list[Run] = [[]]
    breaks = 0
    for piece in run:
        if not isinstance(piece, str) and piece.tag == "br":
            breaks += 1
            continue
        if isinstance(piece, str) and not piece.strip() and breaks:
            continue
        if breaks > 1 and parts[-1]:
            parts.append([])
        elif breaks == 1 and parts[-1]:
            parts[-1].append(lxml.html.Element("br"))
        breaks = 0
        parts[-1].append(piece)
    made = []
    for part in parts:
        paragraph = lxml.html.Element("p")
        fill(paragraph, part)
        shown = words_of(paragraph) or any(True for _ in paragraph.iter("img")) or paragraph.find(".//*[@data-kb-anchor]") is not None
        made += [paragraph] if shown else []
    return made


def fill(element: lxml.html.HtmlElement, run: Run) -> None:
    """Append the pieces to the element; emphasis that goes on from the last piece becomes one."""
    for piece in run:
        last = element[-1] if len(element) else None
        if not isinstance(piece, str):
            if last is not None and not last.tail and last.tag == piece.tag and piece.tag in _MERGED:
                # Word cuts one bold word into several; Markdown would see the signs between them.
                fill(last, list(pieces_of(piece)))
            else:
                element.append(piece)
        elif len(element):
            element[-1].tail = (element[-1].tail or "") + piece
        else:
            element.text = (element.text or "") + piece


def carry(block: lxml.html.HtmlElement, carried: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    """The block with the inline element around its words, where it has words of its own."""
    if block.tag not in ("p", *HEADINGS):
        return block
    fill(carried, list(pieces_of(block)))
    block.text = None
    for child in list(block):
        block.remove(child)
    block.append(carried)
    return block


def strong_paragraph(words: str) -> lxml.html.HtmlElement:
    """A paragraph of these words in bold."""
    paragraph = lxml.html.Element("p")
    strong = lxml.html.Element("strong")
    strong.text = words
    paragraph.append(strong)
    return paragraph
