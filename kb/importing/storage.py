"""Confluence's storage format, XML with macros, as the HTML that the rest of an import reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.entities import html5
from urllib.parse import quote

from lxml import etree

from kb.errors import ArticleError
from kb.importing.markup import clean_text, refuse_deep
from kb.importing.storage_tree import (
    AC,
    RI,
    become,
    drop,
    inside_reference,
    move_inside,
    parameter_of,
    put_box,
    put_words,
    reference_of,
    swap,
    unwrap,
)

# Depth is bounded by us, with a message; the parser's own bound would cut the text off silently.
_PARSING = dict(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=True)
# Tags that HTML does not close, outside of code.
_VOID = re.compile(r"(?P<code><!\[CDATA\[.*?\]\]>)|<(?P<name>br|hr|img|col|wbr)\b(?P<rest>[^<>]*?)/?>", re.DOTALL)
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_XML_ENTITIES = ("amp", "lt", "gt", "quot", "apos")
_BOXES = {"info": "info", "note": "note", "tip": "tip", "warning": "warning", "panel": "note", "error": "error", "success": "success"}
_FRAMELESS = ("section", "column", "excerpt", "details", "div", "span", "unmigrated-wiki-markup", "page-properties", "hidden-data")
_DROPPED_SILENTLY = ("toc", "toc-zone", "anchor", "pagetree", "children", "recently-updated", "livesearch", "space-details")


def storage_to_html(source: str, file: str, line: int | None, note: Callable[[str], None]) -> str:
    """HTML of a page's storage format. Macros that have no counterpart are told by `note`. Raises ArticleError when it is no XML at all."""
    text = clean_text(_ENTITY.sub(_write_entity, source))
    wrapped = f'<kb xmlns:ac="{AC}" xmlns:ri="{RI}">{text}</kb>'.encode()
    # A document type inside an element is a fault of syntax, so nobody can declare entities; none are resolved either.
    try:
        root = etree.fromstring(wrapped, etree.XMLParser(**_PARSING))
    except etree.XMLSyntaxError:
        mended = _VOID.sub(lambda match: match.group("code") or f"<{match.group('name')}{match.group('rest')}/>", wrapped.decode())
        root = etree.fromstring(mended.encode(), etree.XMLParser(recover=True, **_PARSING))
        if root is None:
            raise ArticleError(file, line, "has a body that is no Confluence storage format; export it again") from None
        note("storage format is not well-formed; what could be read of it was taken")
    refuse_deep(root, file, line, has_lines=False)
    _Writer(note).rewrite(root)
    return etree.tostring(root, encoding="unicode", method="html")


def _write_entity(match: re.Match[str]) -> str:
    name = match.group(1)
    return match.group() if name in _XML_ENTITIES else html5.get(f"{name};", match.group().replace("&", "&amp;"))


class _Writer:
    """Replaces the elements of storage format in a tree, from the inside out."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self.note = note

    def rewrite(self, root: etree._Element) -> None:
        for element in reversed(list(root.iter())):
            if not isinstance(element.tag, str):
                drop(element)
                continue
            name = etree.QName(element)
            if name.namespace == AC:
                self._replace(element, name.localname)
            elif name.namespace == RI and not inside_reference(element):
                drop(element)

    def _replace(self, element: etree._Element, name: str) -> None:
        if name in ("structured-macro", "macro"):
            self._macro(element, element.get(f"{{{AC}}}name") or "")
        elif name == "image":
            self._image(element)
        elif name == "link":
            self._link(element)
        elif name == "task-list":
            element.tag = "ul"
        elif name == "task":
            self._task(element)
        elif name in ("placeholder", "emoticon", "task-id", "task-uuid"):
            put_words(element, element.get(f"{{{AC}}}emoji-fallback") or "")
        elif name == "adf-extension":
            fallback = next(iter(element.iter(f"{{{AC}}}adf-fallback", "kb-fallback")), None)
            become(element, fallback if fallback is not None else element)
        elif name == "adf-fallback":
            element.tag = "kb-fallback"
        elif name in ("layout", "layout-section", "layout-cell"):
            element.tag = "div"
        elif name not in _PARTS:
            unwrap(element)

    def _macro(self, element: etree._Element, name: str) -> None:
        body, plain = element.find(f"{{{AC}}}rich-text-body"), element.find(f"{{{AC}}}plain-text-body")
        title = parameter_of(element, "title")
        if name in ("code", "noformat") or (plain is not None and name not in ("html", "style", "markdown")):
            self._code(element, plain, name, title)
        elif name in _BOXES and body is not None:
            put_box(element, body, _BOXES[name], title)
        elif name == "expand" and body is not None:
            put_box(element, body, "details", title)
        elif name == "status":
            put_words(element, title, "strong")
        elif name == "anchor":
            # Its only parameter has no name.
            put_words(element, "", "a", id=parameter_of(element, ""))
        elif name in ("jira", "jiraissues"):
            put_words(element, parameter_of(element, "key"))
        elif name in ("widget", "iframe") and (
            address := reference_of(element) or parameter_of(element, "url") or parameter_of(element, "src")
        ):
            self.note(f"macro {name} removed; its address stays as a link")
            put_words(element, address, "a", href=address)
        elif name in ("include", "excerpt-include") and (link := element.find(".//a")) is not None:
            self.note(f"macro {name} removed; a link to the page stays")
            swap(element, link)
        elif body is not None:
            if name not in _FRAMELESS:
                self.note(f"macro {name} removed; the text inside it stays")
            become(element, body)
        else:
            if name not in _DROPPED_SILENTLY:
                self.note(f"macro {name or 'without a name'} removed")
            drop(element)

    def _code(self, element: etree._Element, plain: etree._Element | None, name: str, title: str) -> None:
        if name not in ("code", "noformat"):
            self.note(f"macro {name} removed; the text inside it stays as code")
        frame = etree.Element("div")
        if title:
            etree.SubElement(etree.SubElement(frame, "p"), "strong").text = title
        code = etree.SubElement(frame, "pre")
        code.text = "".join(plain.itertext()) if plain is not None else ""
        language = parameter_of(element, "language")
        if language:
            code.set("data-kb-language", language)
        swap(element, frame)

    def _image(self, element: etree._Element) -> None:
        alt = element.get(f"{{{AC}}}alt") or element.get(f"{{{AC}}}title") or ""
        put_words(element, "", "img", src=reference_of(element), alt=alt)

    def _link(self, element: etree._Element) -> None:
        body = next(iter([*element.findall(f"{{{AC}}}link-body"), *element.findall(f"{{{AC}}}plain-text-link-body")]), None)
        page = element.find(f"{{{RI}}}page")
        words = "".join(body.itertext()) if body is not None else ""
        words = words or (page.get(f"{{{RI}}}content-title") if page is not None else "") or reference_of(element, shown=True)
        anchor = element.get(f"{{{AC}}}anchor") or ""
        href = reference_of(element) + (f"#{quote(anchor)}" if anchor else "")
        link = etree.Element("a", href=href) if href else etree.Element("span")
        if body is not None and len(body):
            move_inside(body, link)
        else:
            link.text = words
        swap(element, link)

    def _task(self, element: etree._Element) -> None:
        done = "".join(element.findtext(f"{{{AC}}}task-status") or "").strip() == "complete"
        body = element.find(f"{{{AC}}}task-body")
        item = etree.Element("li", {"data-kb-task": "done" if done else "open"})
        if body is not None:
            move_inside(body, item)
        swap(element, item)


_PARTS = (
    "parameter", "rich-text-body", "plain-text-body", "link-body", "plain-text-link-body", "task-status", "task-body", "adf-node", "adf-attribute",
    "adf-content",
)  # fmt: skip
"""Elements that the one around them reads."""
