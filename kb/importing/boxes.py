"""Callouts, folds and panels of code as other systems mark them up, found by their classes."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import lxml.html

from kb.callouts import LOOKS
from kb.importing.markup import classes_of, words_of

_FRAMES = tuple(
    "callout admonition alert notice custom-block markdown-alert theme-admonition confluence-information-macro panel note".split()
)
_ALONE = frozenset("note warning caution danger tip important info hint".split())
"""Words that are enough as a class of their own."""
_TITLES = frozenset(
    "title admonition-title admonition-heading callout-title custom-block-title markdown-alert-title alert-title panelheader".split()
)
_SAME = {
    "alert": "warning", "attention": "warning", "notice": "note", "information": "info", "panel": "note", "callout": "note", "admonition": "note",
    "confluence-information-macro": "note", "custom-block": "note", "primary": "note", "secondary": "note",
    "hinweis": "note", "remark": "note", "warn": "warning", "critical": "danger",
}  # fmt: skip
_CARRIERS = ("div", "section", "aside", "p", "blockquote", "article")
_PARTS = {"panelcontent", "panelheader", "codecontent", "confluence-information-macro-body", "confluence-information-macro-icon"}
_CODE_TABLES, _GUTTERS = {"highlighttable", "rouge-table", "code-table"}, {"gutter", "linenos"}
_CODE_PANELS = {"code", "preformatted"}
_BRUSH = re.compile(r"brush:\s*([\w+#-]+)", re.IGNORECASE)
_LANGUAGE = re.compile(r"(?:language|lang|highlight-source|sourcecode|brush)[-:_]([\w+#-]+)", re.IGNORECASE)
_NO_LANGUAGE = {"none", "plain", "text", "plaintext", "nohighlight", "auto"}


@dataclass(frozen=True)
class Box:
    """A callout (`kind` is its look) or a fold (`kind` is 'details'); `title` is '' when it has none of its own."""

    kind: str
    title: str
    content: lxml.html.HtmlElement


def find_box(element: lxml.html.HtmlElement) -> Box | None:
    """The callout or fold that this element is, its title and icon taken out of the content; None when it is none."""
    if element.get("data-kb-box"):
        return Box(element.get("data-kb-box"), element.get("data-kb-title") or "", element)
    if element.tag == "details":
        return _fold(element, element.find("summary"))
    classes = classes_of(element)
    if "expand-container" in classes:
        return _fold(element, _first_of_class(element, {"expand-control"}))
    if element.tag not in _CARRIERS or classes & _PARTS or classes & _CODE_PANELS:
        return None
    kind = _kind_of(classes)
    if not kind:
        return None
    title = _first_of_class(element, _TITLES)
    words = words_of(title)
    if title is not None:
        title.drop_tree()
    for icon in [other for other in element.iter("span", "i") if not words_of(other) and not len(other)]:
        icon.drop_tree()
    return Box(kind, "" if words.casefold() == kind else words, element)


def find_code(element: lxml.html.HtmlElement) -> tuple[lxml.html.HtmlElement, str] | None:
    """(The `pre`, title) when this element is a panel or a table that only frames code, else None."""
    classes = classes_of(element)
    if element.tag == "div" and classes & _CODE_PANELS and "panel" in classes:
        pre = next(element.iter("pre"), None)
        return (pre, words_of(_first_of_class(element, {"codeheader", "panelheader"}))) if pre is not None else None
    if element.tag == "table" and (classes & _CODE_TABLES or _first_of_class(element, _GUTTERS) is not None):
        pres = [pre for pre in element.iter("pre") if not any(classes_of(parent) & _GUTTERS for parent in pre.iterancestors())]
        return (pres[0], "") if len(pres) == 1 else None
    return None


def code_language(pre: lxml.html.HtmlElement) -> str:
    """The language that a `pre`, its `code` or their frame names, in small letters; '' without one."""
    around = [pre, *pre.iter("code"), *list(pre.iterancestors("div"))[:2]]
    for element in around:
        found = element.get("data-kb-language") or element.get("data-language") or element.get("data-lang") or ""
        brush = _BRUSH.search(element.get("data-syntaxhighlighter-params") or element.get("class") or "")
        named = _LANGUAGE.search(element.get("class") or "")
        word = found or (brush and brush.group(1)) or (named and named.group(1)) or ""
        if re.fullmatch(r"[\w+#-]{1,30}", word):
            return "" if word.lower() in _NO_LANGUAGE else word.lower()
    return ""


def _kind_of(classes: set[str]) -> str:
    framed = False
    kinds = []
    for name in sorted(classes):
        for frame in _FRAMES:
            if name == frame:
                framed = True
            elif name.startswith(frame) and name[len(frame)] in "-_":
                # callout--warning, alert-info, confluence-information-macro-tip
                rest = name[len(frame) :].strip("-_")
                if _look(rest):
                    framed = True
                    kinds.append(_look(rest))
    if framed:
        # The look may stand beside the frame: class="admonition tip".
        kinds += [_look(name) for name in sorted(classes) if _look(name) and name not in _FRAMES]
        return kinds[0] if kinds else next(_look(name) or "note" for name in sorted(classes) if name.startswith(_FRAMES))
    return next((_look(name) for name in sorted(classes & _ALONE)), "")


def _look(word: str) -> str:
    word = _SAME.get(word, word)
    return word if word in LOOKS else ""


def _fold(element: lxml.html.HtmlElement, control: lxml.html.HtmlElement | None) -> Box:
    title = words_of(control)
    if control is not None:
        control.drop_tree()
    return Box("details", title, element)


def _first_of_class(element: lxml.html.HtmlElement, names: AbstractSet[str]) -> lxml.html.HtmlElement | None:
    return next((other for other in element.iterdescendants() if isinstance(other.tag, str) and classes_of(other) & names), None)
