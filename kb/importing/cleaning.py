"""A page's tree without what an article cannot carry: scripts, frames, controls, colours. What a reader misses is told."""

from __future__ import annotations

import re
from collections.abc import Iterator

import lxml.html

from kb.importing.markup import words_of
from kb.importing.report import Changes

_UNSEEN = ("script", "style", "template", "noscript", "head", "link", "meta", "base", "title", "param", "source", "track", "colgroup")
_FRAMES = ("iframe", "frame", "video", "audio", "embed", "object")
_CONTROLS = ("button", "input", "select", "textarea")
_DRAWINGS = ("svg", "math", "canvas")
_CJK = "\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef"
# A line break of the source between Chinese signs is no space.
_CJK_BREAK = re.compile(rf"(?<=[{_CJK}])[ \t]*\n[ \t\n]*(?=[{_CJK}])")
_COLOUR = re.compile(r"(?:^|;)\s*(?:background(?:-color)?|color)\s*:", re.IGNORECASE)
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_WEB = re.compile(r"https?://[^\s<>\"]+|//[\w.-]+/[^\s<>\"]*", re.IGNORECASE)


def clean_tree(tree: lxml.html.HtmlElement, changes: Changes) -> None:
    """Remove from the tree what no article carries. The address of a frame or a film stays as a link."""
    for element in list(_below(tree, *_UNSEEN)):
        element.drop_tree()
    for element in list(_below(tree, *_FRAMES)):
        _replace_frame(element, changes)
    for element in list(_below(tree, *_DRAWINGS)):
        changes.note(f"{element.tag} drawing removed; add it as a PNG image", element.sourceline)
        element.drop_tree()
    for element in list(_below(tree, *_CONTROLS)):
        _remove_control(element, changes)
    for element in tree.iter():
        if isinstance(element.tag, str):
            _note_colour(element, changes)
    _smooth_texts(tree)


def _below(tree: lxml.html.HtmlElement, *tags: str) -> Iterator[lxml.html.HtmlElement]:
    return (element for element in tree.iter(*tags) if element is not tree and element.getparent() is not None)


def _replace_frame(element: lxml.html.HtmlElement, changes: Changes) -> None:
    inner = [other for other in element.iter() if isinstance(other.tag, str)]
    addresses = (other.get(name) or "" for other in inner for name in ("src", "data"))
    address = next((found.strip() for found in addresses if _WEB.fullmatch(found.strip())), "")
    kept = "; its address stays as a link" if address else ""
    changes.note(f"{element.tag} removed{kept}", element.sourceline)
    if not address:
        element.drop_tree()
        return
    address = f"https:{address}" if address.startswith("//") else address
    link = lxml.html.Element("a", href=address)
    link.text = words_of(element) or element.get("title") or address
    _put_instead(element, link)


def _remove_control(element: lxml.html.HtmlElement, changes: Changes) -> None:
    if element.tag == "input" and (element.get("type") or "").lower() == "checkbox":
        item = next(element.iterancestors("li"), None)
        if item is not None and item.get("data-kb-task") is None:
            item.set("data-kb-task", "done" if element.get("checked") is not None else "open")
    elif element.tag == "button":
        # Its words may be what a step refers to.
        element.drop_tag()
        return
    elif (element.get("type") or "").lower() != "hidden":
        changes.note(f"form field ({element.tag}) removed", element.sourceline)
    element.drop_tree()


def _note_colour(element: lxml.html.HtmlElement, changes: Changes) -> None:
    styled = _COLOUR.search(element.get("style") or "") or element.get("bgcolor") or (element.tag == "font" and element.get("color"))
    if styled or "wysiwyg-color" in (element.get("class") or ""):
        changes.note("colour dropped", element.sourceline)


def _smooth_texts(tree: lxml.html.HtmlElement) -> None:
    for element in tree.iter():
        preformatted = element.tag == "pre" or next(element.iterancestors("pre"), None) is not None
        if element.text and not preformatted:
            element.text = _smooth(element.text)
        if element.tail and next(element.iterancestors("pre"), None) is None:
            element.tail = _smooth(element.tail)


def _smooth(text: str) -> str:
    return re.sub(r"[ \t\n\f\u00a0\u2028\u2029\x85]+", " ", _CJK_BREAK.sub("", _INVISIBLE.sub("", text)))


def _put_instead(element: lxml.html.HtmlElement, other: lxml.html.HtmlElement) -> None:
    other.tail = element.tail
    element.getparent().replace(element, other)
