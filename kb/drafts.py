"""Writing a new article's file: under a safe name, inside the articles folder, never over one that is there."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from kb.article_paths import is_taken, make_parent, split_path
from kb.articles import parse_article
from kb.durable_files import write_new
from kb.errors import ArticleError
from kb.files import MAX_ARTICLE_BYTES

MAX_SLUG_CHARACTERS = 60
MAX_SLUG_BYTES = 180
"""File systems end a name at 255 bytes; a Chinese sign takes three."""
_TRIES = 100


def make_slug(title: str) -> str:
    """The title as part of a file name and an address: small letters, digits and Chinese signs with dashes between; '' without any."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    words = re.findall(r"[a-z0-9\u3400-\u9fff\uf900-\ufaff]+", unicodedata.normalize("NFC", _without_accents(folded)))
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word
        if len(longer) > MAX_SLUG_CHARACTERS or len(longer.encode()) > MAX_SLUG_BYTES:
            break
        slug = longer
    return slug or "".join(words[:1])[: MAX_SLUG_CHARACTERS // 2]


def write_draft(folder: Path, path: str, text: str) -> str:
    """Write `text` as a new file at `path` below `folder`, or at path-2, path-3, … when that is taken; the article's id.

    Raises ArticleError when the text is no article, the path leads out of the folder, or the file cannot be written.
    """
    stem, parts = path.removesuffix(".md"), split_path(path)
    parse_article(text, id=stem, path=path)
    content = text.encode("utf-8")
    if len(content) > MAX_ARTICLE_BYTES:
        raise ArticleError(path, None, f"would be larger than {MAX_ARTICLE_BYTES // 1_000_000} MB; shorten it")
    try:
        parent = make_parent(folder, parts[:-1], path)
        for name in _names(stem.rsplit("/", 1)[-1]):
            if not is_taken(parent, name) and write_new(parent / f"{name}.md", content):
                return "/".join([*parts[:-1], name])
    except OSError as fault:
        raise ArticleError(path, None, f"cannot be written: {fault.strerror}; check the articles folder and its permissions") from fault
    raise ArticleError(path, None, f"and {_TRIES - 1} names like it are taken; rename or remove some of them")


def _names(name: str) -> list[str]:
    return [name, *(f"{name}-{number}" for number in range(2, _TRIES + 1))]


def _without_accents(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
