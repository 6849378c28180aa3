"""Which language a text is in: Chinese and English, as equals."""

from __future__ import annotations

import re

_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’_-][A-Za-z\u00c0-\u024f]+)*")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_FOLDER = re.compile(r"(zh|en)(?:[-_](?:[A-Za-z]{2}|hans|hant))*", re.IGNORECASE)

# A Chinese word averages about 1.7 characters; a text is Chinese when a fifth of its words are, because Chinese support
# questions quote English product names and commands, while English ones hardly ever quote Chinese.
_CHARACTERS_PER_WORD = 1.7
_CHINESE_SHARE = 0.2


def detect_language(text: str) -> str:
    """'zh' when a meaningful share of the words is Chinese, else 'en' (also for text without any words)."""
    chinese = len(_CJK.findall(text)) / _CHARACTERS_PER_WORD
    latin = len(_LATIN_WORD.findall(text))
    return "zh" if chinese and chinese / (chinese + latin) >= _CHINESE_SHARE else "en"


def primary_language(tag: str) -> str | None:
    """The primary subtag in lower case ('zh-Hant' and 'zh_CN' -> 'zh'), or None when `tag` is no language tag."""
    tag = tag.strip()
    return re.split("[-_]", tag)[0].lower() if _TAG.fullmatch(tag) else None


def language_of_folder(name: str) -> str | None:
    """'zh' or 'en' for a folder named after the language (zh, zh-CN, zh_Hans, en-us), else None."""
    match = _FOLDER.fullmatch(name)
    return match.group(1).lower() if match else None
