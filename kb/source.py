"""Markdown source before it is read: without what nobody sees, tabs as spaces where they indent."""

from __future__ import annotations

import re

from kb.containers import FENCE

_RAW_LIQUID = re.compile(r"\{%-?[ ]*(?:raw|endraw)[ ]*-?%\}")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BREAKS = {"\x0b": " ", "\x0c": " "}
_CODE = re.compile(r"^[ ]*(`{3,}|~{3,}).*?^[ >]*\1[^\n]*$|(?<!`)(`+)(?!`)[^\n]*?(?<!`)\2(?!`)", re.MULTILINE | re.DOTALL)


def read_source(source: str) -> list[str]:
    """The lines of `source`, cleaned."""
    text = drop_unfit(source.replace("\r\n", "\n").replace("\r", "\n"))
    return _expand_tabs(_RAW_LIQUID.sub("", _INVISIBLE.sub("", text)).split("\n"))


def drop_unfit(text: str) -> str:
    """The text without what no page can carry: control characters (those that break a page become a space), halves of characters,
    non-characters. Terminals, old editors and PDF files leave them in texts that are copied."""
    return _UNFIT.sub(lambda found: _BREAKS.get(found[0], ""), text)


def without_code(lines: list[str]) -> str:
    """The source with fenced and inline code cut out, about as a viewer would."""
    return _CODE.sub("", "\n".join(lines))


def _expand_tabs(lines: list[str]) -> list[str]:
    """Tabs become spaces, except in fenced code at the margin: a Makefile copied from an article has to keep them."""
    expanded: list[str] = []
    fence = ""
    for line in lines:
        opening = FENCE.match(line) if not fence else None
        closing = bool(fence) and len(line.strip()) >= len(fence) and not line.strip().strip(fence[0])
        expanded.append(line if fence and not closing else line.expandtabs(4))
        if opening and not opening.group(1):
            fence = opening.group(2)
        elif closing:
            fence = ""
    return expanded
