"""Source code as highlighted HTML: Pygments' CSS classes and no inline styles, so that the portal chooses the colours."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

# Highlighting is decoration; beyond this size it would cost more time than the rest of the page.
MAX_HIGHLIGHTED_CHARACTERS = 60_000
_INFO_WORD = re.compile(r"\{?\.?([\w+#-]+)")
_INFO_TITLE = re.compile(r"""(?:title|caption|filename)=(?:"([^"]*)"|'([^']*)'|(\S+))|\[([^\]]+)\]""")


def highlight_code(code: str, info: str = "") -> str:
    """A `<div class="highlight">` with the code; `info` is the text after the opening fence (language, title)."""
    word = _INFO_WORD.match(info)
    lexer = _lexer(word.group(1).lower()) if word and len(code) <= MAX_HIGHLIGHTED_CHARACTERS else None
    shown = highlight(code, lexer, _FORMATTER) if lexer else escape(code, quote=False)
    # One newline ends the code; without it the last line of a copied command would not run.
    shown = shown.removesuffix("\n") + "\n"
    title = _INFO_TITLE.search(info)
    caption = f'<div class="code-title">{escape(next(filter(None, title.groups()), ""))}</div>\n' if title else ""
    return f'<div class="highlight">{caption}<pre><code>{shown}</code></pre></div>'


_FORMATTER = HtmlFormatter(nowrap=True)


@lru_cache(maxsize=256)
def _lexer(name: str) -> Lexer | None:
    try:
        return get_lexer_by_name(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
