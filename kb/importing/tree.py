"""The files of a source, wherever they lie: here of one file or a folder, in `kb.importing.archive` of a zip archive."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kb.errors import ArticleError, KnowledgeBaseError

MAX_FILES = 50_000
MAX_FILE_BYTES = 300_000_000
_MAX_DEPTH = 40


class SourceError(KnowledgeBaseError):
    """A source that cannot be imported at all. The message names the file and the remedy."""


class Tree(Protocol):
    """Files by their posix path below one root."""

    label: str
    """What the folder or archive is called; '' when the source is one file."""
    names: tuple[str, ...]
    """The paths of its files, ordered."""
    faults: tuple[tuple[str, str], ...]
    """(path, fact) of what lies there and cannot be opened."""

    def path_of(self, name: str) -> str:
        """The file's path led by the label, by which it is known when it comes again."""

    def read(self, name: str) -> bytes:
        """The content of a file. Raises ArticleError when it is unreadable or too large, KeyError when there is none."""


@dataclass(frozen=True)
class FolderTree:
    """The files of a folder; hidden ones and links are left alone."""

    root: Path
    label: str
    names: tuple[str, ...]
    faults: tuple[tuple[str, str], ...] = ()

    def path_of(self, name: str) -> str:
        return f"{self.label}/{name}" if self.label else name

    def read(self, name: str) -> bytes:
        path = self.root.joinpath(*name.split("/"))
        if not self._is_inside(path):
            raise KeyError(name)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            with open(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise KeyError(name)
                content = file.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            raise KeyError(name) from None
        except OSError as fault:
            raise ArticleError(name, None, f"cannot be read: {fault.strerror}; check its permissions") from None
        return bounded(content, name)

    def _is_inside(self, path: Path) -> bool:
        """Whether it is there, below the root, and behind no link."""
        root = self.root.resolve()
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            return False
        return real.is_relative_to(root) and real == root / path.relative_to(self.root)


@contextmanager
def open_folder(root: Path) -> Iterator[FolderTree]:
    """The files below the folder. Raises SourceError when there are too many of them."""
    names, faults = [], []
    for name, fault in _walk(root, "", 0):
        if fault:
            faults.append((name, fault))
        else:
            names.append(name)
        if len(names) > MAX_FILES:
            raise SourceError(f"{root} holds more than {MAX_FILES} files; import its folders one by one")
    yield FolderTree(root, root.resolve().name or "folder", tuple(sorted(names)), tuple(faults))


def bounded(content: bytes, name: str) -> bytes:
    """The content. Raises ArticleError when there is more of it than any export holds."""
    if len(content) > MAX_FILE_BYTES:
        raise ArticleError(name, None, f"is larger than {MAX_FILE_BYTES // 1_000_000} MB; split it")
    return content


def _walk(folder: Path, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as fault:
        yield prefix.rstrip("/") or folder.name, f"folder cannot be read: {fault.strerror}; check its permissions"
        return
    for entry in entries:
        name = prefix + entry.name.encode("utf-8", "backslashreplace").decode()
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            yield name, "is a symbolic link, which is not followed; copy the file in instead"
        elif entry.is_dir():
            if depth >= _MAX_DEPTH:
                yield name, f"is more than {_MAX_DEPTH} folders deep; move it up"
            else:
                yield from _walk(Path(entry.path), f"{name}/", depth + 1)
        elif name != prefix + entry.name:
            yield name, "file name is not UTF-8; rename it"
        elif entry.is_file():
            yield name, ""
