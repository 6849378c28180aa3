"""Markdown source before it is read: without what nobody sees, tabs as spaces where they indent."""

from __future__ import annotations

import re

from kb.containers import FENCE

_RAW_LIQUID = re.compile(r"\{%-?[ ]*(?:raw|endraw)[ ]*-?%\}")
# Zero-width characters, and the two control characters that Python-Markdown marks its placeholders with.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\x02\x03]")
_CODE = re.compile(r"^[ ]*(`{3,}|~{3,}).*?^[ >]*\1[^\n]*$|(?<!`)(`+)(?!`)[^\n]*?(?<!`)\2(?!`)", re.MULTILINE | re.DOTALL)


def read_source(source: str) -> list[str]:
    """The lines of `source`, cleaned."""
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    return _expand_tabs(_RAW_LIQUID.sub("", _INVISIBLE.sub("", text)).split("\n"))


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
