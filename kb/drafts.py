"""Writing a new article's file: under a safe name, inside the articles folder, never over one that is there."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

from kb.articles import parse_article
from kb.errors import ArticleError
from kb.files import MAX_ARTICLE_BYTES, SUFFIXES

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
    stem, parts = path.removesuffix(".md"), path.split("/")
    if any(part in ("", ".", "..") or part.startswith(".") or "\\" in part or not part.isprintable() for part in parts):
        raise ArticleError(path, None, "is no path of an article; want folders and a name, such as en/billing/refund.md")
    parse_article(text, id=stem, path=path)
    content = text.encode("utf-8")
    if len(content) > MAX_ARTICLE_BYTES:
        raise ArticleError(path, None, f"would be larger than {MAX_ARTICLE_BYTES // 1_000_000} MB; shorten it")
    try:
        parent = _make_parent(folder, parts[:-1], path)
        for name in _names(stem.rsplit("/", 1)[-1]):
            if not _is_taken(parent, name) and _write_new(parent / f"{name}.md", content):
                return "/".join([*parts[:-1], name])
    except OSError as fault:
        raise ArticleError(path, None, f"cannot be written: {fault.strerror}; check the articles folder and its permissions") from fault
    raise ArticleError(path, None, f"and {_TRIES - 1} names like it are taken; rename or remove some of them")


def _names(name: str) -> list[str]:
    return [name, *(f"{name}-{number}" for number in range(2, _TRIES + 1))]


def _make_parent(folder: Path, parts: list[str], path: str) -> Path:
    """The folder that the file goes into, made where it is missing. No link on the way may lead out of the articles folder."""
    root = folder.resolve(strict=True)
    here = root
    for part in parts:
        here = here / part
        here.mkdir(exist_ok=True)
        if not here.resolve(strict=True).is_relative_to(root):
            raise ArticleError(path, None, "leads out of the articles folder by a link; choose another folder")
    return here


def _is_taken(parent: Path, name: str) -> bool:
    """Whether an article of that name is there, also one whose name differs only in case or ending: all are one id."""
    wanted = {(name + suffix).casefold() for suffix in SUFFIXES}
    return any(entry.name.casefold() in wanted for entry in os.scandir(parent))


def _write_new(path: Path, content: bytes) -> bool:
    """Write the file unless there is one; whether it was written. A file that could not be finished is removed."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        return False
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return True


def _without_accents(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
