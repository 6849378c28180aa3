"""Steps on a tree of Confluence's storage format: what its elements refer to, and one element put in the place of another."""

from __future__ import annotations

from urllib.parse import quote

from lxml import etree

AC, RI = "http://atlassian.com/content", "http://atlassian.com/resource/identifier"


def inside_reference(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and isinstance(parent.tag, str) and etree.QName(parent).namespace in (AC, RI)


def parameter_of(macro: etree._Element, name: str) -> str:
    found = (part for part in macro.findall(f"{{{AC}}}parameter") if (part.get(f"{{{AC}}}name") or "") == name)
    return " ".join("".join(next(found, etree.Element("none")).itertext()).split())


def reference_of(element: etree._Element, *, shown: bool = False) -> str:
    """The address of what an element refers to: `kb-attachment:name`, `kb-page:title` or a web address."""
    for other in element.iter():
        if not isinstance(other.tag, str) or etree.QName(other).namespace != RI:
            continue
        kind, get = etree.QName(other).localname, lambda name, other=other: other.get(f"{{{RI}}}{name}") or ""
        if kind == "attachment":
            return get("filename") if shown else f"kb-attachment:{quote(get('filename'))}"
        if kind == "page" and get("content-title"):
            return get("content-title") if shown else f"kb-page:{quote(get('content-title'), safe='')}"
        if kind == "url":
            return get("value")
    return ""


def put_box(element: etree._Element, body: etree._Element, kind: str, title: str) -> None:
    frame = etree.Element("div", {"data-kb-box": kind, "data-kb-title": title})
    move_inside(body, frame)
    swap(element, frame)


def become(element: etree._Element, body: etree._Element) -> None:
    frame = etree.Element("div")
    move_inside(body, frame)
    swap(element, frame)


def put_words(element: etree._Element, words: str, tag: str = "span", **attributes: str) -> None:
    made = etree.Element(tag, {name: value for name, value in attributes.items() if value})
    made.text = words
    swap(element, made)


def move_inside(source: etree._Element, into: etree._Element) -> None:
    into.text = source.text
    into.extend(list(source))


def swap(element: etree._Element, other: etree._Element) -> None:
    other.tail = element.tail
    element.getparent().replace(element, other)


def unwrap(element: etree._Element) -> None:
    made = etree.Element("span")
    move_inside(element, made)
    swap(element, made)


def drop(element: etree._Element) -> None:
    put_words(element, "") if element.getparent() is not None else None
