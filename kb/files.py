"""Finding and reading article files without leaving the folder, hanging on a pipe or loading a giant."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.errors import ArticleError

MAX_ARTICLE_BYTES = 1_000_000
SUFFIXES = (".md", ".markdown")
_MAX_DEPTH = 40


@dataclass(frozen=True)
class Found:
    """A file that should be an article. `name` is its posix path below the folder; `fault` says why it is not opened."""

    name: str
    path: Path
    fault: str = ""


def find_files(folder: Path) -> Iterator[Found]:
    """Files with an article's suffix below `folder`, ordered by id, `.md` first; hidden names are skipped."""
    root = folder.resolve()
    found = _scan(folder, "", root, (root,))
    return iter(sorted(found, key=lambda file: (os.path.splitext(file.name)[0], not file.name.endswith(".md"), file.name)))


def _scan(folder: Path, prefix: str, root: Path, ancestors: tuple[Path, ...]) -> Iterator[Found]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Found(prefix.rstrip("/") or ".", folder, f"folder cannot be read: {error.strerror}; check its permissions")
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        name, path = prefix + entry.name, Path(entry.path)
        wanted = entry.name.lower().endswith(SUFFIXES)
        if entry.is_symlink():
            fault = _fault_of_link(path, root, ancestors)
            if fault:
                if wanted or path.is_dir() or "loop" in fault:
                    yield Found(name, path, fault)
                continue
        if entry.is_dir():
            if len(ancestors) >= _MAX_DEPTH:
                yield Found(name, path, f"is more than {_MAX_DEPTH} folders deep; move it up")
            else:
                yield from _scan(path, f"{name}/", root, (*ancestors, path.resolve()))
        elif wanted:
            yield Found(name, path)


def _fault_of_link(path: Path, root: Path, ancestors: tuple[Path, ...]) -> str:
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        looped = isinstance(error, RuntimeError) or getattr(error, "errno", None) == 40
        return "is a symlink loop; remove it" if looped else "is a symlink to nothing; remove it or mend its target"
    if not target.is_relative_to(root):
        return "is a symlink that leads out of the articles folder; copy the file in instead"
    return "is a symlink loop; remove it" if target in ancestors else ""


def read_text(found: Found) -> tuple[str, str]:
    """The text (no byte order mark, lines end with \\n) and the SHA-256 of the bytes. Raises ArticleError with the remedy."""
    shown = found.name.encode("utf-8", "backslashreplace").decode()
    if found.fault:
        raise ArticleError(shown, None, found.fault)
    if shown != found.name or not found.name.isprintable():
        raise ArticleError(ascii(found.name)[1:-1], None, "file name has characters that no address can carry; rename it")
    content = read_bytes(found, most=MAX_ARTICLE_BYTES, remedy="split it into several articles")
    text = decode_text(content, found.name)
    if not text.strip():
        raise ArticleError(found.name, None, "is empty; write the article or remove the file")
    return text, hashlib.sha256(content).hexdigest()


def decode_text(content: bytes, name: str) -> str:
    """The text (no byte order mark, lines end with \\n) that a file's bytes hold. Raises ArticleError naming the line and the remedy."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fact = f"is not UTF-8: byte 0x{content[error.start]:02X} at offset {error.start}; save the file as UTF-8"
        raise ArticleError(name, line, fact) from None
    if "\0" in text:
        raise ArticleError(name, text.count("\n", 0, text.index("\0")) + 1, "contains a NUL byte; save the file as UTF-8 text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_bytes(found: Found, *, most: int, remedy: str) -> bytes:
    """The bytes of a regular file, at most so many; `remedy` is for one that is larger. Raises ArticleError."""
    try:
        # Not blocking, so that a pipe put in place of a file cannot hold the indexer.
        descriptor = os.open(found.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise ArticleError(found.name, None, "is not a regular file; remove it")
            content = file.read(most + 1)
    except OSError as error:
        raise ArticleError(found.name, None, f"cannot be read: {error.strerror}; check its permissions") from None
    if len(content) > most:
        size = f"{most // 1_000_000} MB" if most >= 1_000_000 else f"{most // 1_000} kB"
        raise ArticleError(found.name, None, f"is larger than {size}; {remedy}")
    return content
