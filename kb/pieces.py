"""Inline pieces of a page, each as (text a reader sees, HTML that shows it)."""

from __future__ import annotations

import re
from html import escape

from lxml import etree

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
CONTAINERS = frozenset(
    "address article aside blockquote caption center details dd div dl dt figcaption figure footer header li main nav ol p pre section"
    " summary table tbody td tfoot th thead tr ul hr".split()
) | HEADINGS
_SPACE = re.compile(r"[ \t\r\n\f]+")


def read_string(text: str | None) -> tuple[str, str]:
    """(text, HTML) of a string, white space as a browser shows it."""
    # Line breaks of the source are spaces on the page; the ones a reader sees come from <br>.
    shown = _SPACE.sub(" ", text or "")
    return shown, escape(shown, quote=False)


def read_inline(element: etree._Element) -> tuple[str, str]:
    """(text, HTML) of an inline element without its tail."""
    if element.tag == "br":
        return "\n", "<br>"
    if element.tag == "img":
        return "", _opening(element)
    if element.tag == "a" and "footnote-backref" in (element.get("class") or ""):
        return "", ""
    text, html = read_children(element)
    return text, f"{_opening(element)}{html}</{element.tag}>" if element.tag != "wbr" else "<wbr>"


def read_children(element: etree._Element) -> tuple[str, str]:
    """(text, HTML) of what stands inside an element."""
    if element.tag == "pre":
        return "".join(element.itertext()), inner_html(element)
    pieces = [read_string(element.text)]
    for child in element:
        if isinstance(child.tag, str):
            piece = read_inline(child)
            if child.tag in CONTAINERS:
                piece = (f"\n{piece[0]}\n", piece[1])
            pieces.append(piece)
        pieces.append(read_string(child.tail))
    return "".join(text for text, _ in pieces), "".join(html for _, html in pieces)


def inner_html(element: etree._Element) -> str:
    """The HTML inside an element, white space kept."""
    return escape(element.text or "", quote=False) + "".join(etree.tostring(child, encoding="unicode", method="html") for child in element)


def write_element(element: etree._Element) -> str:
    """The HTML of an element without its tail and without ids."""
    return f"{_opening(element)}{read_children(element)[1].strip()}</{element.tag}>"


def _opening(element: etree._Element) -> str:
    # An id may stand once in a page, and a block is shown beside others.
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in element.attrib.items() if name != "id")
    return f"<{element.tag}{attributes}>"


def holds_block(element: etree._Element) -> bool:
    """Whether an inline element has a paragraph, list or the like inside."""
    return any(isinstance(inner.tag, str) and inner.tag in CONTAINERS for inner in element.iterdescendants())


def holds_list_or_code(element: etree._Element) -> bool:
    """Whether a table's cell holds more than a cell's words."""
    return next(element.iter("ul", "ol", "pre", "table"), None) is not None


def one_line(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())


def seen_lines(text: str) -> str:
    """The lines that a reader sees, without blank ones and margins."""
    return "\n".join(filter(None, (line.strip() for line in re.sub(" {2,}", " ", text).split("\n"))))
