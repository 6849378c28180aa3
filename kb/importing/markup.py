"""HTML as other systems write it, read into a tree that knows its lines."""

from __future__ import annotations

import re

import lxml.html
from lxml import etree

from kb.errors import ArticleError
from kb.source import drop_unfit

MAX_HTML_BYTES = 10_000_000
MAX_DEPTH = 200
MAX_ATTRIBUTES = 1_000
_ENDLESS_TAG = re.compile(rf"<[A-Za-z][^\s<>]*+(?:\s++[^\s<>]++){{{MAX_ATTRIBUTES}}}")
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
# Web pages that say one of these mean the larger set, as every browser does.
_MEANT = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252"}


def decode_html(content: bytes, file: str) -> str:
    """The text of an HTML file: UTF-8, or what it declares, or GB 18030. Raises ArticleError when it is none of them, or too large."""
    if len(content) > MAX_HTML_BYTES:
        raise ArticleError(file, None, f"is larger than {MAX_HTML_BYTES // 1_000_000} MB; split it into several pages")
    declared = _DECLARED.search(content[:4096])
    named = declared.group(1).decode().lower() if declared else ""
    tried = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", _MEANT.get(named, named), "gb18030"]
    for encoding in filter(None, tried):
        try:
            return clean_text(content.decode(encoding))
        except (UnicodeDecodeError, LookupError):
            continue  # The next one may fit; when none does, that is told below.
    raise ArticleError(file, None, "is neither UTF-8 nor in the encoding it declares; save it as UTF-8")


def clean_text(text: str) -> str:
    """The text without characters that no article can hold, its lines ended by \\n."""
    return drop_unfit(text.replace("\r\n", "\n").replace("\r", "\n"))


def parse_html(text: str, file: str, line: int | None = None, *, has_lines: bool = True) -> lxml.html.HtmlElement:
    """The `html` element of a page or a fragment, without comments. Raises ArticleError when it is nested absurdly deep, or a tag has no end."""
    text = clean_text(text)
    endless = _ENDLESS_TAG.search(text)
    if endless:
        # The parser compares each attribute of a tag with all others: a megabyte of them takes an hour.
        where = line if line is not None or not has_lines else text.count("\n", 0, endless.start()) + 1
        raise ArticleError(file, where, f"has a tag with more than {MAX_ATTRIBUTES} attributes; remove what no person has written")
    # Nothing is fetched and no entity is expanded: an HTML parser knows neither external entities nor schemas.
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True)
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8"), parser=parser)
    except etree.ParserError:
        tree = lxml.html.document_fromstring(b"<html><body></body></html>")
    refuse_deep(tree, file, line, has_lines=has_lines)
    return tree


def body_of(tree: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    """The `body`, or the page itself when it has none."""
    body = tree.find("body")
    return tree if body is None else body


def words_of(element: lxml.html.HtmlElement | None) -> str:
    """The words inside, on one line."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def classes_of(element: lxml.html.HtmlElement) -> set[str]:
    """Its classes in small letters."""
    return set((element.get("class") or "").lower().split())


def refuse_deep(tree: etree._Element, file: str, line: int | None, *, has_lines: bool = True) -> None:
    """Raises ArticleError when no person can have nested the elements that deep."""
    depth = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            where = line if line is not None or not has_lines else element.sourceline
            raise ArticleError(file, where, f"is nested more than {MAX_DEPTH} elements deep; make its markup flatter")
