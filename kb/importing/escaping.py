"""Words that stay words: plain text written so that no Markdown reader takes any of it for markup."""

from __future__ import annotations

import re
from urllib.parse import quote

from kb.literals import ATTRIBUTES

_ALWAYS = re.compile(r"[*<|\[\]]")
_ENTITY = re.compile(r"&(?=#?\w{1,40};)")
# Inside a word no reader takes an underscore for emphasis; at the edge of a text the word may go on in the next element.
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
# A backslash before a letter is a backslash: Windows paths stay readable.
_BACKSLASH = re.compile(r"\\(?![^\W_])")
_TEMPLATE = re.compile(r"\{(?=%)")
_STARTS = re.compile(r"#{1,6}(?:\s|$)|>|[-+](?:\s|$)|[-= ]+$|:|~{2,}|!{3}|\?{3}|\+{3}|@tab\b|\$\{")
_NUMBER = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_ADDRESS_SAFE = "/:?#@!$&'*+,;=%~-._"


def escape_text(text: str) -> str:
    """Text inside a line."""
    text = _UNDERSCORE.sub(r"\\_", _ALWAYS.sub(r"\\\g<0>", _BACKSLASH.sub(r"\\\\", text)))
    text = _TEMPLATE.sub("&#123;", _ENTITY.sub("&amp;", text).replace("~~", r"\~\~").replace("]:", r"]\:"))
    # kb looks for code before it looks for backslashes.
    text = text.replace("`", "&#96;")
    if "{" in text:
        text = ATTRIBUTES.sub(lambda match: "\\" + match.group(), text)
    return text


def guard_line(line: str) -> str:
    """A finished line of a paragraph that must not begin a heading, a list, a rule or a frame."""
    if _STARTS.match(line):
        return f"\\{line}"
    return _NUMBER.sub(r"\1\\\2", line, count=1) if _NUMBER.match(line) else line


def write_address(address: str) -> str:
    """An address for the round brackets of a link: without blanks, brackets and quotes."""
    readable = {sign for sign in address if ord(sign) > 127 and sign.isprintable() and not sign.isspace()}
    return quote(address, safe=_ADDRESS_SAFE + "".join(readable))


def fence_of(text: str, *, least: int) -> str:
    """Backticks that stand nowhere in the text in that number."""
    return "`" * max(least, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
