"""The one gate between authors' text and a reader's browser: which HTML may live."""

from __future__ import annotations

import re

import nh3

from kb.callouts import LOOKS
from kb.literals import BLOCK_TAGS, INLINE_TAGS

_REPLACED = {"font", "center", "big", "nobr", "tt", "strike"}
TAGS = set((INLINE_TAGS | BLOCK_TAGS) - _REPLACED)
_DROPPED_WITH_CONTENT = {"script", "style", "template", "noscript", "svg", "math", "object", "embed", "iframe", "textarea", "select"}
_REL = "noopener noreferrer nofollow"
_ID = re.compile(r"[^\s<>\"'`&]{1,200}")
_CLASSES = {"highlight", "code-title", "admonition", "admonition-title", "tab-title", "footnote", "footnote-ref", "footnote-backref"}
_TOKEN = re.compile(r"[a-z]{1,3}\d?")
_ATTRIBUTES = {
    "*": {"id", "class", "lang", "dir", "title"},
    "a": {"href", "target", "rel"},
    "img": {"src", "alt", "width", "height", "loading"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "td": {"colspan", "rowspan", "align", "headers"},
    "th": {"colspan", "rowspan", "align", "scope", "headers"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "time": {"datetime"},
    "data": {"value"},
    "q": {"cite"},
    "blockquote": {"cite"},
}


def sanitise(html: str) -> str:
    """Well-formed HTML with only tags, attributes, classes and addresses that cannot act."""
    return _CLEANER.clean(html)


def _filter(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        kept = [word for word in value.split() if word in _CLASSES or word in LOOKS or (tag == "span" and _TOKEN.fullmatch(word))]
        return " ".join(kept) or None
    if name == "id":
        return value if _ID.fullmatch(value) else None
    if name == "rel":
        return _REL
    if name == "target":
        return value if value in ("_blank", "_self") else None
    if name in ("width", "height", "colspan", "rowspan", "start", "span", "value") and tag != "data":
        return value if re.fullmatch(r"-?\d{1,4}", value) else None
    if name == "align":
        return value if value in ("left", "right", "center") else None
    return value


_CLEANER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=_DROPPED_WITH_CONTENT,
    attributes=_ATTRIBUTES,
    attribute_filter=_filter,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
    strip_comments=True,
)
